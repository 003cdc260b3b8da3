// Making, tracking and freeing objects of built-in types in line: what programs full of small objects do
// most. Whatever is not simple takes the calls of object/type.h and gc/gc.h, which do the same for any type.
#pragma once

#include <bit>

#include "gc/state.h"

namespace krait {

inline constexpr size_t kPlainPrefix = sizeof(PreHeader);
static_assert(kSmallClasses - 1 <= kSizeClassMask);

// The header of a new block of n bytes; it tells the block's class, so that freeing needs no look-up.
inline PreHeader fresh_header(size_t n) {
#ifdef KRAIT_PLAIN_MALLOC
    uint64_t k = 0;
#else
    uint64_t k = n <= kSmallMax ? (n + kSmallStep - 1) / kSmallStep : 0;
#endif
    // One store instead of five.
    return std::bit_cast<PreHeader>(k << (8 * offsetof(PreHeader, lock)));
}
inline void init_header(PyObject* o, PyTypeObject* type) {
    o->ob_refcnt = 1;
    KRAIT_COUNT_REFS(1);
    o->ob_upper = 0;
    o->ob_type = type;
}

// alloc_raw for a static type of ours without managed words.
inline PyObject* alloc_plain(Thread& t, PyTypeObject* type, size_t size) {
#if defined(KRAIT_PLAIN_MALLOC) || defined(KRAIT_CHECKS)
    return alloc_raw(t, type, size);
#else
    size_t n = size + kPlainPrefix;
    if (n > kSmallMax) [[unlikely]]
        return alloc_raw(t, type, size);
    SmallClass& c = t_small[(n + kSmallStep - 1) / kSmallStep];
    auto* head = static_cast<PreHeader*>(c.free);
    if (!head) [[unlikely]]
        return alloc_raw(t, type, size);
    c.free = *reinterpret_cast<void**>(head);
    *head = fresh_header(n);
    auto* o = reinterpret_cast<PyObject*>(head + 1);
    init_header(o, type);
    return o;
#endif
}

// The same for plain text, which has no pre-header, and the other way round.
inline PyObject* alloc_text(Thread& t, size_t size) {
    auto* type = reinterpret_cast<PyTypeObject*>(&PyUnicode_Type);
#if defined(KRAIT_PLAIN_MALLOC) || defined(KRAIT_CHECKS)
    return alloc_raw(t, type, size);
#else
    void* block = size <= kSmallMax ? small_take((size + kSmallStep - 1) / kSmallStep) : nullptr;
    if (!block) [[unlikely]]
        return alloc_raw(t, type, size);
    auto* o = static_cast<PyObject*>(block);
    init_header(o, type);
    return o;
#endif
}
inline void free_text(PyObject* o) { mem_free_fast(o); }

// Gives back an object whose memory is all there is to it (kDeallocMemory). False: its block is not an
// ordinary one, or somebody traces memory or references (both keep to the slow paths, mem_set_slow).
inline bool free_at_once(PyObject* o) {
    PreHeader* head = preheader(o);
    // Nothing lies before the header, unless C allocated it (kWidePrefix).
    size_t k = head->lock;
    if (k - 1 >= kSizeClassMask || mem_is_traced()) [[unlikely]]
        return false;
    mem_free_class(head, k);
    return true;
}

// gc_track for an object that was just made.
inline void gc_track_new(Thread& t, PyObject* o) {
    Generation& young = t.gc->gens[0];
    if (young.size == young.capacity || young.count >= young.threshold) [[unlikely]]
        return gc_track(t, o);
    young.count++;
    PreHeader* h = preheader(o);
    h->gc_index = young.size;
    h->flags |= kGcTracked;
    young.items[young.size++] = o;
}

// free_object where `o` is mostly an untracked instance of the static type `exact` itself.
inline void free_plain(Thread& t, PyObject* o, const PyTypeObject* exact, bool has_gc) {
    PreHeader* head = preheader(o);
    size_t k = head->lock;
    if (o->ob_type != exact || (head->flags & (kGcTracked | kHasManagedDict)) || k - 1 >= kSizeClassMask ||
        mem_is_traced()) [[unlikely]]
        return free_object(t, o);
    if (has_gc) {
        Generation& young = t.gc->gens[0];
        if (young.count > 0) young.count--;
    }
    mem_free_class(head, k);
}

}  // namespace krait
