#include "gc/memory.h"

#include <fcntl.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/single_threaded.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <mutex>

#include "gc/huge.h"
#include "gc/memory_stats.h"
#include "support/reserve.h"

namespace krait {

constinit thread_local SmallClass t_small[kSmallClasses];
constinit thread_local bool t_mem_granted = false;
SmallArena g_small_arena;
#ifdef KRAIT_CHECKS
FailingAllocations g_failing = [] {
    FailingAllocations f;
    if (const char* range = getenv("KRAIT_NOMEMORY")) {
        char* end = nullptr;
        f.first = strtoll(range, &end, 10);
        if (*end == ',') f.end = strtoll(end + 1, nullptr, 10);
    }
    return f;
}();
#endif

namespace {

constexpr size_t kPageSize = size_t{1} << kPageShift;
constexpr size_t kSystemPage = 4096;
constexpr int kMaxThreads = 1024;  // more are traced late
constexpr size_t kCommitStep = size_t{4} << 20;
constexpr size_t kKeptPages = 32;              // free pages that stay with the process
constexpr size_t kTrimStep = size_t{2} << 20;  // growth after which empty pages are looked for
// With a block this large go the many objects that it held: then the pages they lay in are looked through.
constexpr size_t kTrimAfter = size_t{1} << 20;
constexpr int kMapFrom = 4 << 20;  // larger blocks are mappings of their own at first
constexpr size_t kMostExpected = size_t{32} << 20;
constexpr uint32_t kNoPage = UINT32_MAX;
constexpr size_t kPopulateMin = 4 * kPageSize, kPopulateMax = size_t{1} << 20;

// What is left of the range, and what dead threads gave back.
struct Arena {
    std::mutex mutex;
    bool tried = false;
    char *next = nullptr, *committed = nullptr;
    char* populated = nullptr;  // up to here the system was asked for memory in one go
    void* orphans[kSmallClasses] = {};
    char* limit = nullptr;                  // the range's true end
    SmallClass* threads[kMaxThreads] = {};  // the lists of the threads that have some
    int n_threads = 0;
    uint32_t* page_info = nullptr;  // of a free page the next one, while pages are searched its free blocks
    uint32_t free_page = kNoPage;
    bool has_strays = false;       // the system's blocks may be in the lists: where there was no page
    char* trim_at = nullptr;       // when `next` gets here, empty pages are looked for first
    int patience = 0, waited = 0;  // how many large blocks may go before the next search, after vain ones
};
Arena g_arena;
MemHooks g_hooks;
MemPermit g_permit;
bool g_slow = false;
thread_local bool t_known;  // this thread's lists are in `threads`

// All addresses of the process, in bytes; 0: unknown.
size_t addresses_in_use() {
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    char text[32] = {};
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    return n > 0 ? strtoull(text, nullptr, 10) * kSystemPage : 0;
}

// A limit on addresses (RLIMIT_AS) that the program gives itself counts the whole range. Where it leaves no
// room for n bytes more, what lies beyond it is given back, and of the rest half: small blocks end somewhere,
// and others find room. The caller holds the mutex. False: nothing was given back.
bool fit_to_limit(size_t n) {
    auto unused = static_cast<size_t>(g_arena.limit - g_arena.committed);
    rlimit limit;
    if (unused == 0 || getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return false;
    size_t all = addresses_in_use();
    if (all < unused || all + n <= limit.rlim_cur) return false;
    size_t used = all - unused;
    if (used + n <= limit.rlim_cur) used += n;  // else it is too much in any case
    size_t left = limit.rlim_cur > used ? (limit.rlim_cur - used) / 2 / kPageSize * kPageSize : 0;
    if (left >= unused || munmap(g_arena.committed + left, unused - left) != 0) return false;
    g_arena.limit = g_arena.committed + left;
    if (g_small_arena.limit != g_small_arena.base) g_small_arena.limit = g_arena.limit;
    return true;
}
bool give_addresses_back(size_t n) {
    std::lock_guard<std::mutex> lock(g_arena.mutex);
    return n < SIZE_MAX / 4 && fit_to_limit(n);
}
// What `get` gives; when it gives nothing, what it gives after more addresses are to be had.
template <class Get>
void* insist(size_t n, Get get) {
    void* p = get();
    return p || !give_addresses_back(n) ? p : get();
}

// What is not small. Precondition: the mutex is free.
void* raw_alloc(size_t n) {
    return insist(n, [n] { return malloc(n); });
}
void* raw_alloc_zeroed(size_t n) {
    return insist(n, [n] { return calloc(1, n); });
}
void* block_realloc(void* p, size_t n) {
    return insist(n, [p, n] { return realloc(p, n ? n : 1); });
}
void* huge_block(size_t n) {
    return insist(n, [n] { return huge_alloc(n); });
}
void raw_free(void* p) { free(p); }
size_t block_size(void* p) { return malloc_usable_size(p); }

// A block of this size was given up: the next one comes from memory that the process keeps, as tables that
// grow and go do over and over. malloc() would adapt itself so, had it not been told where to begin.
void expect_again(size_t size) {
    static std::atomic<size_t> expected;
    if (size <= expected.load(std::memory_order_relaxed) || size > kMostExpected) return;
    expected.store(size, std::memory_order_relaxed);
    mallopt(M_TRIM_THRESHOLD, static_cast<int>(2 * size));
    if (size >= kMapFrom) mallopt(M_MMAP_THRESHOLD, static_cast<int>(size + kPageSize));
}

// How many blocks that are not small are in use, of all threads.
std::atomic<int64_t> g_large_blocks;
// A locked instruction takes as long as the rest of malloc(): not while there is one thread.
void count_large(int64_t n) {
    if (__libc_single_threaded)
        g_large_blocks.store(g_large_blocks.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
    else
        g_large_blocks.fetch_add(n, std::memory_order_relaxed);
}
void* counted(void* p) {
    if (p) count_large(1);
    return p;
}
void* block_alloc(size_t n) { return counted(raw_alloc(n)); }
void* block_alloc_zeroed(size_t n) { return counted(raw_alloc_zeroed(n)); }

// The kernel may grant a block larger than memory and swap together and kill the process while it is being
// filled. Refused here, it is a MemoryError.
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
        void* info = mmap(nullptr, (size >> kPageShift) * sizeof(uint32_t), PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (info == MAP_FAILED) {
            munmap(p, size);
            munmap(classes, size >> kPageShift);
            continue;
        }
        g_arena.page_info = static_cast<uint32_t*>(info);
        char* base = static_cast<char*>(p);
        g_small_arena.page_class = static_cast<uint8_t*>(classes);
        g_small_arena.base = base;
        g_arena.limit = base + size;
        g_small_arena.limit = g_hooks.alloc || g_permit || g_slow ? base : base + size;
        g_arena.next = g_arena.committed = base;
        g_arena.trim_at = base + 2 * kTrimStep;
        g_give_addresses_back = give_addresses_back;
        // What programs build and drop again and again does not go to the system and back each time; see
        // expect_again.
        mallopt(M_MMAP_THRESHOLD, kMapFrom);
        mallopt(M_TRIM_THRESHOLD, 1 << 20);
        // One, so that every thread comes by what is given up for it when memory is short. Threads hardly
        // ever ask at the same time: they have the GIL.
        mallopt(M_ARENA_MAX, 1);
        return;
    }
#endif
}

bool is_small(void* p) {
    return static_cast<char*>(p) >= g_small_arena.base && static_cast<char*>(p) < g_arena.limit;
}
uint8_t& class_of_page(const void* p) {
    return g_small_arena.page_class[(static_cast<const char*>(p) - g_small_arena.base) >> kPageShift];
}
uint32_t& info_of_page(const void* p) {
    return g_arena.page_info[(static_cast<const char*>(p) - g_small_arena.base) >> kPageShift];
}

// Gives pages to the system but a few, in runs that lie together. They read as zeros afterwards.
void release_pages() {
    size_t kept = 0, pages = static_cast<size_t>(g_arena.next - g_small_arena.base) >> kPageShift;
    uint32_t* last = &g_arena.free_page;
    *last = kNoPage;
    for (size_t i = 0; i < pages;) {
        if (g_small_arena.page_class[i]) {
            i++;
            continue;
        }
        size_t end = i;
        while (end < pages && !g_small_arena.page_class[end]) end++;
        size_t give = i;
        for (; give < end && kept < kKeptPages; give++) kept++;
        if (give < end)
            madvise(g_small_arena.base + (give << kPageShift), (end - give) << kPageShift, MADV_DONTNEED);
        for (; i < end; i++) {
            *last = static_cast<uint32_t>(i);
            last = &g_arena.page_info[i];
            *last = kNoPage;
        }
    }
}

// Gives what lies in no page back to the system.
void drop_strays(void*& list) {
    void** last = &list;
    while (void* p = *last) {
        if (is_small(p)) {
            last = static_cast<void**>(p);
            continue;
        }
        *last = *static_cast<void**>(p);
        count_large(-1);
        raw_free(p);
    }
}

// The caller holds the mutex. False: hardly any page was empty.
bool trim_locked() {
    if (!g_arena.next || g_hooks.alloc) return true;
    size_t pages = static_cast<size_t>(g_arena.next - g_small_arena.base) >> kPageShift;
    size_t found = 0;
    for (size_t k = 1; k < kSmallClasses; k++) {
        void*& list = t_small[k].free;
        if (g_arena.has_strays) drop_strays(list);
        if (!list) continue;
        auto full = static_cast<uint32_t>(kPageSize / (k * kSmallStep));
        for (void* p = list; p; p = *static_cast<void**>(p)) info_of_page(p) = 0;
        bool any = false;
        for (void* p = list; p; p = *static_cast<void**>(p)) any |= ++info_of_page(p) == full;
        if (!any) continue;
        void** last = &list;
        for (void* p = list; p;) {
            void* next = *static_cast<void**>(p);
            if (info_of_page(p) == full) {
                if (class_of_page(p)) found++;
                class_of_page(p) = 0;
            } else {
                *last = p;
                last = static_cast<void**>(p);
            }
            p = next;
        }
        *last = nullptr;
    }
    if (found) release_pages();
    // Where little is to be had, the next search can wait.
    size_t used = pages << kPageShift;
    size_t wait = found * 8 > pages ? kTrimStep : used / 2;
    g_arena.trim_at = g_arena.next + (wait > kTrimStep ? wait : kTrimStep);
    return found * 16 > pages;
}

void trim_after_large() {
    std::lock_guard<std::mutex> lock(g_arena.mutex);
    if (g_arena.waited++ < g_arena.patience) return;
    g_arena.waited = 0;
    if (trim_locked())
        g_arena.patience = 0;
    else if (g_arena.patience < 1000)
        g_arena.patience = g_arena.patience * 2 + 4;
}

// Makes memory of the next pages, a thirty-second of what is in use: cheaper than a fault for each 4 KiB of
// them while a heap grows, and hardly any of it stays unused.
void populate_ahead() {
    auto used = static_cast<size_t>(g_arena.next - g_small_arena.base);
    size_t n = used / 32 < kPopulateMax ? used / 32 : kPopulateMax;
    auto left = static_cast<size_t>(g_arena.committed - g_arena.next);
    n = (n < left ? n : left) & ~(kPageSize - 1);
    if (n < kPopulateMin) n = kPageSize;  // not worth it
#ifdef MADV_POPULATE_WRITE
    if (n > kPageSize) madvise(g_arena.next, n, MADV_POPULATE_WRITE);  // if it fails: nothing is lost
#endif
    g_arena.populated = g_arena.next + n;
}

// A fresh page for the class; null when the range is used up.
char* take_page(size_t size_class) {
    if (!g_arena.tried) reserve();
    if (g_arena.free_page == kNoPage && g_arena.next && g_arena.next >= g_arena.trim_at) trim_locked();
    if (g_arena.free_page != kNoPage) {
        size_t i = g_arena.free_page;
        g_arena.free_page = g_arena.page_info[i];
        g_small_arena.page_class[i] = static_cast<uint8_t>(size_class);
        return g_small_arena.base + (i << kPageShift);
    }
    if (!g_arena.next) return nullptr;
    if (g_arena.next == g_arena.committed) {
        fit_to_limit(0);
        if (g_arena.next == g_arena.limit) return nullptr;
        size_t step = static_cast<size_t>(g_arena.limit - g_arena.committed);
        if (step > kCommitStep) step = kCommitStep;
        if (mprotect(g_arena.committed, step, PROT_READ | PROT_WRITE) != 0) return nullptr;
        g_arena.committed += step;
    }
    if (g_arena.next >= g_arena.populated) populate_ahead();
    char* page = g_arena.next;
    g_arena.next += kPageSize;
    g_small_arena.page_class[(page - g_small_arena.base) >> kPageShift] = static_cast<uint8_t>(size_class);
    return page;
}

size_t small_size(void* p) {
    return size_t{g_small_arena.page_class[(static_cast<char*>(p) - g_small_arena.base) >> kPageShift]} *
           kSmallStep;
}

}  // namespace

namespace {

// A block of class k that no list has; null: out of memory. The rest of what was made goes to `list`.
void* fresh_block(SmallClass& c, size_t k, void*& list) {
    size_t size = k * kSmallStep;
    if (c.bump + size > c.end || !c.bump) {
        std::lock_guard<std::mutex> lock(g_arena.mutex);
        if (!t_known && g_arena.n_threads < kMaxThreads) {
            g_arena.threads[g_arena.n_threads++] = t_small;
            t_known = true;
        }
        if (void* p = g_arena.orphans[k]) {
            g_arena.orphans[k] = nullptr;
            list = *static_cast<void**>(p);
            return p;
        }
        if (!reserve_allows(size)) [[unlikely]]
            return nullptr;
        char* page = take_page(k);
        if (!page) {
            g_arena.has_strays = true;
            return counted(malloc(size));
        }
        c.bump = page;
        c.end = page + kPageSize;
    }
    // A few at a time: the list keeps the fast path to one branch. None that would touch the system's next
    // page.
    char* first = c.bump;
    char* last = first;
    auto touched = reinterpret_cast<uintptr_t>(first + size + kSystemPage - 1) & ~(kSystemPage - 1);
    char* limit = std::min(c.end, reinterpret_cast<char*>(touched));
    for (int i = 0; i < 16 && last + 2 * size <= limit; i++) {
        *reinterpret_cast<void**>(last) = last + size;
        last += size;
    }
    *reinterpret_cast<void**>(last) = nullptr;
    c.bump = last + size;
    list = *reinterpret_cast<void**>(first);
    return first;
}

// What CPython's allocator would be asked for: with its collector's header, and its words for dict and weak
// references, in place of ours.
size_t reported_size(size_t n, const PyTypeObject* type) {
    if (!type || is_plain_text(type)) return n;
    bool managed = type->tp_flags & (kTpManagedDict | kTpManagedWeakref);
    n -= sizeof(PreHeader) + (managed ? 16 : 0) + (ext(type)->is_c_type ? sizeof(PreHeader) : 0);
    return n + (type->tp_flags & kTpHaveGC ? 16 : 0) + (managed ? 16 : 0);
}

// Whether the allocation has to fail.
bool refused(size_t n, const PyTypeObject* type) {
    if (allocation_fails() || (!reserve_allows(n) && !(give_addresses_back(n) && reserve_allows(n))))
        return true;
    if (!g_permit || t_mem_granted) [[likely]]
        return false;
    MemGranted granted;
    return !g_permit(reported_size(n, type), type != nullptr);
}

void* traced_small(size_t k, size_t n, const PyTypeObject* type) {
    if (g_permit && refused(n, type)) return nullptr;
    SmallClass& c = t_small[k];
    // What the fast path still had when tracing began in another thread.
    void* p = c.hidden;
    if (p)
        c.hidden = *static_cast<void**>(p);
    else
        p = fresh_block(c, k, c.hidden);
    if (p && g_hooks.alloc) g_hooks.alloc(p, reported_size(n, type));
    return p;
}

void append_list(void*& list, void* more) {
    if (!list) {
        list = more;
        return;
    }
    void* tail = list;
    while (*static_cast<void**>(tail)) tail = *static_cast<void**>(tail);
    *static_cast<void**>(tail) = more;
}

}  // namespace

void* small_refill(size_t k, size_t n, const PyTypeObject* type) {
    if (g_hooks.alloc || g_permit || g_slow) [[unlikely]]
        return traced_small(k, n, type);
    SmallClass& c = t_small[k];
    if (void* p = c.hidden) {
        c.free = *static_cast<void**>(p);
        c.hidden = nullptr;
        return p;
    }
    return fresh_block(c, k, c.free);
}

namespace {

// After a change of g_hooks, g_permit or g_slow; the arena is locked.
void set_paths() {
    if (!g_hooks.alloc && !g_permit && !g_slow) {
        g_small_arena.limit = g_arena.limit;
        return;
    }
    g_small_arena.limit = g_small_arena.base;
    // The fast paths find nothing any more.
    for (int i = 0; i < g_arena.n_threads; i++)
        for (size_t k = 1; k < kSmallClasses; k++) {
            SmallClass& c = g_arena.threads[i][k];
            append_list(c.hidden, c.free);
            c.free = nullptr;
        }
}

}  // namespace

void mem_set_hooks(MemHooks hooks) {
    std::lock_guard<std::mutex> lock(g_arena.mutex);
    g_hooks = hooks;
    set_paths();
}
void mem_set_permit(MemPermit permit) {
    std::lock_guard<std::mutex> lock(g_arena.mutex);
    g_permit = permit;
    set_paths();
}
void mem_set_slow(bool slow) {
    std::lock_guard<std::mutex> lock(g_arena.mutex);
    g_slow = slow;
    set_paths();
}
void mem_trim() {
    std::lock_guard<std::mutex> lock(g_arena.mutex);
    trim_locked();
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
        append_list(c.free, c.hidden);
        if (void* head = c.free) {
            void* tail = head;
            while (*static_cast<void**>(tail)) tail = *static_cast<void**>(tail);
            *static_cast<void**>(tail) = g_arena.orphans[k];
            g_arena.orphans[k] = head;
        }
        c = SmallClass{};
    }
    for (int i = 0; i < g_arena.n_threads; i++)
        if (g_arena.threads[i] == t_small) g_arena.threads[i] = g_arena.threads[--g_arena.n_threads];
    t_known = false;
}

#ifdef KRAIT_PLAIN_MALLOC
constexpr bool kUseHuge = false;
#else
constexpr bool kUseHuge = true;
#endif

void* mem_alloc_large(size_t n, const PyTypeObject* type) {
    void* p = refused(n, type) || beyond_machine(n) ? nullptr : block_alloc(n);
    if (p && g_hooks.alloc) [[unlikely]]
        g_hooks.alloc(p, reported_size(n, type));
    return p;
}
namespace {
void free_block(void* p, bool held_objects) {
    if (!p) return;
    if (g_hooks.free) [[unlikely]]
        g_hooks.free(p);
    if (!is_small(p)) {
        count_large(-1);
        size_t size = 0;
        if (!huge_free(p, &size)) {
            size = block_size(p);
            raw_free(p);
            if (size >= kTrimAfter) expect_again(size);
        }
        if (size >= kTrimAfter && held_objects) trim_after_large();
        return;
    }
    // Only while allocations are traced.
    SmallClass& c = t_small[small_size(p) / kSmallStep];
    *static_cast<void**>(p) = c.hidden;
    c.hidden = p;
}
}  // namespace

void mem_free_large(void* p) { free_block(p, true); }
void mem_free_scratch(void* p) {
    if (p && is_small(p)) return mem_free(p);
    free_block(p, false);
}

void* mem_alloc(size_t n) {
    if (n > kSmallMax) return mem_alloc_large(n, nullptr);
    size_t rounded = n ? (n + 15) & ~size_t{15} : 16;
    return small_alloc(rounded / kSmallStep, n, nullptr);
}
void mem_free(void* p) { mem_free_fast(p); }

void* mem_alloc_zeroed(size_t n) {
    if (n > kSmallMax) {
        if (refused(n, nullptr)) return nullptr;
        void* large = beyond_machine(n) ? nullptr : block_alloc_zeroed(n);
        if (large && g_hooks.alloc) [[unlikely]]
            g_hooks.alloc(large, n);
        return large;
    }
    void* p = mem_alloc(n);
    if (p) memset(p, 0, n);
    return p;
}

static void* realloc_large(void* p, size_t n) {
    size_t huge = huge_size(p), old = huge ? huge : block_size(p);
    bool to_huge = kUseHuge && n >= kHugeMin && (huge || n > old);
    if (huge && to_huge) {
        bool in_room = n <= huge && huge <= size_t{512} << 10;
        size_t room = n > huge ? huge_room(n) : n;
        return in_room ? p : insist(room, [&] { return huge_realloc(p, huge, room); });
    }
    if (!huge && !to_huge) return block_realloc(p, n);
    void* q = to_huge ? counted(huge_block(huge_room(n))) : mem_alloc(n);
    if (!q && to_huge) q = mem_alloc(n);  // no more mappings to be had
    if (!q) return nullptr;
    memcpy(q, p, n < old ? n : old);
    mem_free_large(p);
    return q;
}

void* mem_realloc(void* p, size_t n) {
    if (p && refused(n, nullptr)) return nullptr;
    if (!is_small(p) && beyond_machine(n)) return nullptr;
    if (!p) {
        if (!kUseHuge || n < kHugeFirst) return mem_alloc(n);
        if (refused(n, nullptr)) return nullptr;
        void* q = counted(huge_block(n));
        if (q && g_hooks.alloc) [[unlikely]]
            g_hooks.alloc(q, n);
        return q;
    }
    if (!is_small(p)) {
        void* q = realloc_large(p, n);
        if (q && g_hooks.alloc) [[unlikely]] {
            if (q != p) g_hooks.free(p);
            g_hooks.alloc(q, n);
        }
        return q;
    }
    size_t old = small_size(p);
    if (n <= old && n * 2 > old) {
        if (g_hooks.resize) [[unlikely]]
            g_hooks.resize(p, n);
        return p;
    }
    void* q = mem_alloc(n);
    if (!q) return n <= old ? p : nullptr;
    memcpy(q, p, n < old ? n : old);
    mem_free(p);
    return q;
}

MemoryUse memory_use() {
    MemoryUse use;
    use.large_blocks = g_large_blocks.load(std::memory_order_relaxed);
    std::lock_guard<std::mutex> lock(g_arena.mutex);
    size_t pages = static_cast<size_t>(g_arena.next - g_small_arena.base) >> kPageShift;
    for (size_t i = 0; i < pages; i++) {
        size_t k = g_small_arena.page_class[i];
        (k ? use.small[k].pages : use.unused_pages)++;
    }
    for (size_t k = 1; k < kSmallClasses; k++) {
        auto count = [n = &use.small[k].free_blocks](void* p) {
            for (; p; p = *static_cast<void**>(p)) ++*n;
        };
        count(g_arena.orphans[k]);
        for (int i = 0; i < g_arena.n_threads; i++) {
            const SmallClass& c = g_arena.threads[i][k];
            use.small[k].free_blocks += (c.end - c.bump) / static_cast<int64_t>(k * kSmallStep);
            count(c.free);
            count(c.hidden);
        }
    }
    return use;
}

int64_t mem_allocated_blocks() {
    MemoryUse use = memory_use();
    int64_t count = use.large_blocks;
    for (size_t k = 1; k < kSmallClasses; k++)
        count += use.small[k].pages * blocks_of_page(k) - use.small[k].free_blocks;
    return count;
}

uint8_t mem_class_of(void* p) { return is_small(p) ? static_cast<uint8_t>(small_size(p) / kSmallStep) : 0; }

size_t mem_usable_size(void* p) {
    if (is_small(p)) return small_size(p);
    size_t huge = huge_size(p);
    return huge ? huge : block_size(p);
}

}  // namespace krait
