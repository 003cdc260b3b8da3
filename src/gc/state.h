// What the collector knows of one interpreter.
#pragma once

#include "gc/memory.h"

namespace krait {

// A growable array of plain values; push fails (false) when memory is out.
template <class T>
struct PodVector {
    T* items = nullptr;
    size_t size = 0, capacity = 0;

    PodVector() = default;
    PodVector(const PodVector&) = delete;
    ~PodVector() { mem_free_scratch(items); }
    bool reserve(size_t n) {
        if (n <= capacity) return true;
        size_t wanted = capacity * 2 > n ? capacity * 2 : n;
        auto* p = static_cast<T*>(mem_realloc(items, wanted * sizeof(T)));
        if (!p) return false;
        items = p;
        capacity = wanted;
        return true;
    }
    bool push(T v) {
        if (size == capacity && !reserve(size + 16)) return false;
        items[size++] = v;
        return true;
    }
    T& operator[](size_t i) { return items[i]; }
    T* begin() { return items; }
    T* end() { return items + size; }
};

// Tracked objects in the order in which they came. Holes (null) are squeezed out when the array is full.
struct Generation {
    PyObject** items = nullptr;
    uint32_t size = 0, capacity = 0, holes = 0;
    int threshold = 0;
    int count = 0;  // generation 0: allocations minus deallocations; else: collections of the one below
    int64_t collections = 0, collected = 0, uncollectable = 0;

    uint32_t live() const { return size - holes; }
};

enum GcDebug { kGcDebugStats = 1, kGcDebugCollectable = 2, kGcDebugUncollectable = 4, kGcDebugSaveall = 32 };

struct GcState {
    static constexpr int kPermanent = 3;
    Generation gens[4];
    bool enabled = true;
    bool collecting = false;
    bool started = false;               // see gc_started
    bool modules_die = false;           // the program is over: nobody is told of collections any more
    bool untracked_finalizers = false;  // see gc_note_finalizer
    int debug = 0;
    Value garbage, callbacks;  // owned lists, empty until the gc module is imported
    int64_t long_lived_total = 0, long_lived_pending = 0;
    FinalizeFn finalize_streams = nullptr;  // set by _io: see finalize_garbage
};

inline int generation_of(const PyObject* o) { return (preheader(o)->flags >> 3) & 3; }
inline void set_generation(PyObject* o, int gen) {
    uint8_t& f = preheader(o)->flags;
    f = static_cast<uint8_t>((f & ~(kGcOld1 | kGcOld2)) | (gen << 3));
}
void gc_add(Generation& g, int gen, PyObject* o);
// Precondition: it is tracked. False: by another interpreter, for gc_untrack().
inline bool gc_untrack_here(Thread& t, PyObject* o) {
    PreHeader* h = preheader(o);
    Generation& g = t.gc->gens[generation_of(o)];
    uint32_t i = h->gc_index;
    if (i >= g.size || g.items[i] != o) [[unlikely]]
        return false;
    h->flags &= ~(kGcTracked | kGcOld1 | kGcOld2);
    if (i + 1 == g.size) {
        g.size--;
    } else {
        g.items[i] = nullptr;
        g.holes++;
    }
    return true;
}
inline void gc_untrack_tracked(Thread& t, PyObject* o) {
    if (!gc_untrack_here(t, o)) [[unlikely]]
        gc_untrack(t, o);
}
void gc_freeze(Thread& t);
void gc_unfreeze(Thread& t);
bool type_is_gc(const PyTypeObject* type);
bool gc_owns(Thread& t, PyObject* o);  // tracked, and made by the interpreter of `t`

}  // namespace krait
