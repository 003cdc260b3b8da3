#include "gc/memory.h"

#include <mimalloc.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>

#include <atomic>
#include <cstring>
#include <mutex>

#include "gc/huge.h"

namespace krait {

constinit thread_local SmallClass t_small[kSmallClasses];
SmallArena g_small_arena;

namespace {

constexpr size_t kPageSize = size_t{1} << kPageShift;
constexpr size_t kCommitStep = size_t{4} << 20;

// What is left of the range, and what dead threads gave back.
struct Arena {
    std::mutex mutex;
    bool tried = false;
    char *next = nullptr, *committed = nullptr;
    void* orphans[kSmallClasses] = {};
};
Arena g_arena;

// Under sanitizers every block is the system's own, so that they see it.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define KRAIT_PLAIN_MALLOC 1
#endif
#endif

// mimalloc maps without reserving, so the kernel would grant a block larger than memory and swap
// together and kill the process while it is being filled. Refused here, it is a MemoryError.
bool beyond_machine(size_t n) {
    if (n < size_t{1} << 30) return false;
    static const size_t limit = [] {
        struct sysinfo info;
        if (sysinfo(&info) != 0) return SIZE_MAX;
        return (static_cast<size_t>(info.totalram) + info.totalswap) * info.mem_unit;
    }();
    return n > limit;
}

void reserve() {
    g_arena.tried = true;
#ifndef KRAIT_PLAIN_MALLOC
    for (size_t size = size_t{64} << 30; size >= size_t{256} << 20; size /= 4) {
        void* p = mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (p == MAP_FAILED) continue;
        void* classes = mmap(nullptr, size >> kPageShift, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (classes == MAP_FAILED) {
            munmap(p, size);
            continue;
        }
        char* base = static_cast<char*>(p);
        g_small_arena.page_class = static_cast<uint8_t*>(classes);
        g_small_arena.base = base;
        g_small_arena.limit = base + size;
        g_arena.next = g_arena.committed = base;
        return;
    }
#endif
}

// A fresh page for the class; null when the range is used up.
char* take_page(size_t size_class) {
    if (!g_arena.tried) reserve();
    if (!g_arena.next || g_arena.next + kPageSize > g_small_arena.limit) return nullptr;
    if (g_arena.next == g_arena.committed) {
        size_t step = static_cast<size_t>(g_small_arena.limit - g_arena.committed);
        if (step > kCommitStep) step = kCommitStep;
        if (mprotect(g_arena.committed, step, PROT_READ | PROT_WRITE) != 0) return nullptr;
        g_arena.committed += step;
    }
    char* page = g_arena.next;
    g_arena.next += kPageSize;
    g_small_arena.page_class[(page - g_small_arena.base) >> kPageShift] = static_cast<uint8_t>(size_class);
    return page;
}

bool is_small(void* p) {
    return static_cast<char*>(p) >= g_small_arena.base && static_cast<char*>(p) < g_small_arena.limit;
}
size_t small_size(void* p) {
    return size_t{g_small_arena.page_class[(static_cast<char*>(p) - g_small_arena.base) >> kPageShift]} *
           kSmallStep;
}

}  // namespace

void* small_refill(size_t k) {
    if (k == 0) k = 1;
    SmallClass& c = t_small[k];
    if (void* p = c.free) {  // only for k 0: class 1 may have some
        c.free = *static_cast<void**>(p);
        return p;
    }
    size_t size = k * kSmallStep;
    if (c.bump + size > c.end || !c.bump) {
        std::lock_guard<std::mutex> lock(g_arena.mutex);
        if (void* p = g_arena.orphans[k]) {
            g_arena.orphans[k] = nullptr;
            c.free = *static_cast<void**>(p);
            return p;
        }
        char* page = take_page(k);
        if (!page) return mi_malloc(size);
        c.bump = page;
        c.end = page + kPageSize;
    }
    // A few at a time: the list keeps the fast path to one branch.
    char* first = c.bump;
    char* last = first;
    for (int i = 0; i < 16 && last + 2 * size <= c.end; i++) {
        *reinterpret_cast<void**>(last) = last + size;
        last += size;
    }
    *reinterpret_cast<void**>(last) = nullptr;
    c.bump = last + size;
    c.free = *reinterpret_cast<void**>(first);
    return first;
}

void mem_thread_exit() {
    std::lock_guard<std::mutex> lock(g_arena.mutex);
    for (size_t k = 1; k < kSmallClasses; k++) {
        SmallClass& c = t_small[k];
        size_t size = k * kSmallStep;
        for (; c.bump && c.bump + size <= c.end; c.bump += size) {
            *reinterpret_cast<void**>(c.bump) = c.free;
            c.free = c.bump;
        }
        if (void* head = c.free) {
            void* tail = head;
            while (*static_cast<void**>(tail)) tail = *static_cast<void**>(tail);
            *static_cast<void**>(tail) = g_arena.orphans[k];
            g_arena.orphans[k] = head;
        }
        c = SmallClass{};
    }
}

#ifdef KRAIT_PLAIN_MALLOC
constexpr bool kUseHuge = false;
#else
constexpr bool kUseHuge = true;
#endif

void* mem_alloc_large(size_t n) { return beyond_machine(n) ? nullptr : mi_malloc(n); }
void mem_free_large(void* p) {
    if (!p || !huge_free(p)) mi_free(p);
}

void* mem_alloc(size_t n) { return mem_alloc_fast(n); }
void mem_free(void* p) { mem_free_fast(p); }

void* mem_alloc_zeroed(size_t n) {
    if (n > kSmallMax) return beyond_machine(n) ? nullptr : mi_zalloc(n);
    void* p = mem_alloc_fast(n);
    if (p) memset(p, 0, n);
    return p;
}

void* mem_realloc(void* p, size_t n) {
    if (!is_small(p) && beyond_machine(n)) return nullptr;
    if (!p) return kUseHuge && n >= 8 * kHugeMin ? huge_alloc(n) : mem_alloc(n);
    if (!is_small(p)) {
        size_t huge = huge_size(p), old = huge ? huge : mi_usable_size(p);
        bool to_huge = kUseHuge && n >= kHugeMin && (huge || n > old);
        if (huge && to_huge) return huge_realloc(p, huge, n);
        if (!huge && !to_huge) return mi_realloc(p, n);
        void* q = to_huge ? huge_alloc(n) : mem_alloc(n);
        if (!q) return nullptr;
        memcpy(q, p, n < old ? n : old);
        mem_free_large(p);
        return q;
    }
    size_t old = small_size(p);
    if (n <= old && n * 2 > old) return p;
    void* q = mem_alloc(n);
    if (!q) return n <= old ? p : nullptr;
    memcpy(q, p, n < old ? n : old);
    mem_free(p);
    return q;
}

int64_t mem_allocated_blocks() {
    int64_t count = 0;
    mi_heap_visit_blocks(
        mi_heap_get_default(), false,
        [](const mi_heap_t*, const mi_heap_area_t* area, void*, size_t, void* arg) {
            *static_cast<int64_t*>(arg) += static_cast<int64_t>(area->used);
            return true;
        },
        &count);
    // Small blocks: what the pages hold less what lies in free lists.
    size_t pages = static_cast<size_t>(g_arena.next - g_small_arena.base) >> kPageShift;
    for (size_t i = 0; i < pages; i++)
        count += static_cast<int64_t>(kPageSize / (g_small_arena.page_class[i] * kSmallStep));
    for (size_t k = 1; k < kSmallClasses; k++) {
        const SmallClass& c = t_small[k];
        count -= (c.end - c.bump) / static_cast<int64_t>(k * kSmallStep);
        for (void* p : {c.free, g_arena.orphans[k]})
            for (; p; p = *static_cast<void**>(p)) count--;
    }
    return count;
}

size_t mem_usable_size(void* p) {
    if (is_small(p)) return small_size(p);
    size_t huge = huge_size(p);
    return huge ? huge : mi_usable_size(p);
}

}  // namespace krait
