#include "gc/huge.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <mutex>

namespace krait {
namespace {

constexpr size_t kPage = 4096;
constexpr size_t pages(size_t n) { return (n + kPage - 1) & ~(kPage - 1); }

// Open addressing by page number, linear probing; few blocks are ever this large.
struct Table {
    struct Entry {
        void* p;
        size_t size;
    };
    std::mutex mutex;
    Entry* entries = nullptr;
    size_t mask = 0, used = 0;

    size_t home(void* p) const {
        return (reinterpret_cast<uintptr_t>(p) / kPage * 0x9E3779B97F4A7C15u >> 20) & mask;
    }
    Entry* find(void* p) {
        if (!entries) return nullptr;
        for (size_t i = home(p); entries[i].p; i = (i + 1) & mask)
            if (entries[i].p == p) return &entries[i];
        return nullptr;
    }
    bool add(void* p, size_t size) {
        if (!entries || (used + 1) * 2 > mask + 1) {
            size_t old_n = entries ? mask + 1 : 0, n = old_n ? old_n * 2 : 64;
            auto* fresh = static_cast<Entry*>(calloc(n, sizeof(Entry)));
            if (!fresh) return false;
            Entry* old = entries;
            entries = fresh;
            mask = n - 1;
            for (size_t i = 0; i < old_n; i++)
                if (old[i].p) place(old[i]);
            free(old);
        }
        place({p, size});
        used++;
        return true;
    }
    void place(Entry e) {
        size_t i = home(e.p);
        while (entries[i].p) i = (i + 1) & mask;
        entries[i] = e;
    }
    void remove(Entry* e) {
        // The entries that follow move up, so that no probe ends too early.
        size_t hole = static_cast<size_t>(e - entries);
        for (size_t i = (hole + 1) & mask; entries[i].p; i = (i + 1) & mask) {
            size_t from = home(entries[i].p);
            if (((i - from) & mask) < ((i - hole) & mask)) continue;
            entries[hole] = entries[i];
            hole = i;
        }
        entries[hole] = {};
        used--;
    }
};

// Freed blocks that are kept: mapping and touching fresh pages would cost more than most programs do with
// them.
struct Kept {
    static constexpr int kMax = 8;
    static constexpr size_t kMaxBytes = size_t{2} << 20;
    Table::Entry entries[kMax];
    int count = 0;
    size_t bytes = 0;

    // A block of at least `size` bytes but not much more; p null: none.
    Table::Entry take(size_t size) {
        for (int i = count; i-- > 0;) {
            Table::Entry e = entries[i];
            if (e.size < size || e.size / 8 > size) continue;
            entries[i] = entries[--count];
            bytes -= e.size;
            return e;
        }
        return {};
    }
    bool keep(void* p, size_t size) {
        if (count == kMax || bytes + size > kMaxBytes) return false;
        entries[count++] = {p, size};
        bytes += size;
        return true;
    }
};
Table g_table;
Kept g_kept;

bool starts_page(void* p) { return (reinterpret_cast<uintptr_t>(p) & (kPage - 1)) == 0; }

}  // namespace

void* huge_alloc(size_t n) {
    if (n > SIZE_MAX / 2) return nullptr;
    size_t size = pages(n);
    std::lock_guard<std::mutex> lock(g_table.mutex);
    if (Table::Entry e = g_kept.take(size); e.p) {
        if (g_table.add(e.p, e.size)) return e.p;
        munmap(e.p, e.size);
        return nullptr;
    }
    void* p = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) return nullptr;
    if (g_table.add(p, size)) return p;
    munmap(p, size);
    return nullptr;
}

size_t huge_size(void* p) {
    if (!starts_page(p)) return 0;
    std::lock_guard<std::mutex> lock(g_table.mutex);
    Table::Entry* e = g_table.find(p);
    return e ? e->size : 0;
}

bool huge_free(void* p, size_t* freed) {
    if (!starts_page(p)) return false;
    size_t size;
    {
        std::lock_guard<std::mutex> lock(g_table.mutex);
        Table::Entry* e = g_table.find(p);
        if (!e) return false;
        *freed = size = e->size;
        g_table.remove(e);
        if (g_kept.keep(p, size)) return true;
    }
    munmap(p, size);
    return true;
}

void* huge_realloc(void* p, size_t old, size_t n) {
    if (n > SIZE_MAX / 2) return nullptr;
    size_t size = pages(n);
    if (size == old) return p;
    std::lock_guard<std::mutex> lock(g_table.mutex);
    void* q = mremap(p, old, size, MREMAP_MAYMOVE);
    if (q == MAP_FAILED) return nullptr;
    // As many entries as before: adding cannot fail.
    g_table.remove(g_table.find(p));
    g_table.add(q, size);
    return q;
}

}  // namespace krait
