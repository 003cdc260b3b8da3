// The small-block allocator: blocks of up to kSmallMax bytes come from 16 KiB pages of one reserved range of
// addresses, one size class per page, through free lists that belong to the thread. Blocks whose size is a
// multiple of 16 are aligned to 16 bytes, which plain memory is always rounded up to; objects, which need 8,
// have the classes between as well. Larger blocks are the system's. Needs no lock but for fresh pages; a
// block freed by another thread joins that thread's list.
#pragma once

#include <cstddef>
#include <cstdint>

#include "gc/gc.h"
#include "support/panic.h"

// Under sanitizers every block is the system's own, so that they see it.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define KRAIT_PLAIN_MALLOC 1
#endif
#endif

namespace krait {

inline constexpr size_t kSmallMax = 496, kSmallStep = 8, kSmallClasses = kSmallMax / kSmallStep + 1;
inline constexpr int kPageShift = 14;
// In PreHeader::lock: the size class of the object's block, 0: look it up.
inline constexpr uint8_t kSizeClassMask = 0x3f;
inline constexpr uint64_t kFreeMark = 0xdeadf4eedeadf4ee;
inline constexpr int kFreshByte = 0xcd, kFreedByte = 0xdd;  // what builds with checks fill blocks with

struct SmallClass {
    void* free = nullptr;  // list through the first word of each block
    char *bump = nullptr, *end = nullptr;
    void* hidden = nullptr;  // stands for `free` while allocations are traced
};
extern constinit thread_local SmallClass t_small[kSmallClasses];

// The reserved range, and the class of each of its pages. While allocations are traced or asked about,
// `limit` is `base`: no block looks small, every free takes the slow path.
struct SmallArena {
    char* base = nullptr;
    char* limit = nullptr;
    uint8_t* page_class = nullptr;
};
extern SmallArena g_small_arena;

// Who traces allocations (null: nobody). The fast paths below do not know of it: tracing keeps the free lists
// empty. Called with or without the GIL; `size` of a block for an object is what CPython would ask for.
struct MemHooks {
    void (*alloc)(void* p, size_t size) = nullptr;
    void (*resize)(void* p, size_t size) = nullptr;  // it kept its place
    void (*free)(void* p) = nullptr;
};
// Extensions may make objects in memory of their own (from malloc, say), which has no room for a pre-header.
// What Krait gives C code carries this in the padding before the header (kWidePrefix), so that PyObject_Init
// can tell which it is.
inline uint64_t block_stamp(const void* object) {
    return reinterpret_cast<uint64_t>(object) ^ 0x6b726169742d6f62;
}
// Objects of types without GC may lie in such memory even without PyObject_Init (orjson's fragments do), so
// what the collector keeps in the header counts for the others only.
inline bool has_gc_header(const PyObject* o) {
    return (o->ob_type->tp_flags & kTpHaveGC) && has_preheader(o);
}
void mem_set_hooks(MemHooks hooks);  // the caller holds the GIL
// Asked before each allocation (null: nobody), for an object or plain memory; false: there is no memory. It
// may allocate: what it calls is not asked about. The same slow paths as for tracing, so nothing is paid
// without.
using MemPermit = bool (*)(size_t size, bool object);
// While set, all making of objects takes the ways that tell of it (Runtime::ref_tracer).
void mem_set_slow(bool slow);
void mem_set_permit(MemPermit permit);  // the caller holds the GIL, or nothing runs yet
// While one lives, the thread's allocations are granted without asking.
extern constinit thread_local bool t_mem_granted;
class MemGranted {
  public:
    MemGranted() : before_(t_mem_granted) { t_mem_granted = true; }
    ~MemGranted() { t_mem_granted = before_; }
    MemGranted(const MemGranted&) = delete;

  private:
    bool before_;
};
void* object_block(PyObject* o);  // the address that the hooks see

// `type`: of the object that the block is for, or null.
void* small_refill(size_t size_class, size_t n, const PyTypeObject* type);
// Pages of small blocks that hold nothing any more can serve other sizes again; most go back to the system.
// Costs a walk over this thread's free blocks.
void mem_trim();
void* mem_alloc_large(size_t n, const PyTypeObject* type);
void mem_free_large(void* p);
void mem_free_scratch(void* p);  // of a block that held nothing: no reason to look for empty pages

// Builds with checks can be told which allocations fail (sys._set_nomemory, KRAIT_NOMEMORY=FIRST[,END]).
#ifdef KRAIT_CHECKS
struct FailingAllocations {
    int64_t count = 0;  // allocations since the range was set
    int64_t first = INT64_MAX, end = INT64_MAX;
};
extern FailingAllocations g_failing;
inline bool allocation_fails() {
    int64_t n = ++g_failing.count;
    return n >= g_failing.first && n < g_failing.end;
}
#else
constexpr bool allocation_fails() { return false; }
#endif

// Builds with checks: nobody relies on what was in a block, and the mark of a free one goes.
inline void* fill_fresh(void* p, [[maybe_unused]] size_t size_class) {
#ifdef KRAIT_CHECKS
    __builtin_memset(p, kFreshByte, size_class * kSmallStep);
#endif
    return p;
}

// A block of the class; n: the bytes that were asked for.
inline void* small_alloc(size_t size_class, size_t n, const PyTypeObject* type) {
#ifdef KRAIT_PLAIN_MALLOC
    return mem_alloc_large(n, type);
#endif
    if (allocation_fails()) return nullptr;
    SmallClass& c = t_small[size_class];
    if (void* p = c.free) [[likely]] {
        c.free = *static_cast<void**>(p);
        return fill_fresh(p, size_class);
    }
    void* p = small_refill(size_class, n, type);
    return p ? fill_fresh(p, size_class) : nullptr;
}

// A block that lies ready. Null: small_alloc has to find one. For who would keep no registers without its
// slow path.
inline void* small_take(size_t size_class) {
#if defined(KRAIT_PLAIN_MALLOC) || defined(KRAIT_CHECKS)
    return nullptr;
#endif
    SmallClass& c = t_small[size_class];
    void* p = c.free;
    if (p) c.free = *static_cast<void**>(p);
    return p;
}

// For objects: n > 8, aligned to 8 bytes.
inline void* mem_alloc_fast(size_t n, const PyTypeObject* type) {
    if (n > kSmallMax) [[unlikely]]
        return mem_alloc_large(n, type);
    return small_alloc((n + kSmallStep - 1) / kSmallStep, n, type);
}

// The class of the block at `p`, 0: not small.
uint8_t mem_class_of(void* p);
// While allocations are traced every free takes the slow path.
inline bool mem_is_traced() { return g_small_arena.limit == g_small_arena.base; }

// Gives a block of class k back. Precondition: k is not 0, nothing is traced.
inline void mem_free_class(void* p, size_t k) {
    SmallClass& c = t_small[k];
#ifdef KRAIT_CHECKS
    // The second word of a free block is a mark: freeing twice shows at once.
    uint64_t& mark = static_cast<uint64_t*>(p)[1];
    KRAIT_ASSERT(mark != kFreeMark);
    __builtin_memset(p, kFreedByte, k * kSmallStep);
    mark = kFreeMark;
#endif
    *static_cast<void**>(p) = c.free;
    c.free = p;
}

inline void mem_free_fast(void* p) {
    auto offset = static_cast<size_t>(static_cast<char*>(p) - g_small_arena.base);
    if (offset >= static_cast<size_t>(g_small_arena.limit - g_small_arena.base)) [[unlikely]]
        return mem_free_large(p);
    mem_free_class(p, g_small_arena.page_class[offset >> kPageShift]);
}

}  // namespace krait
