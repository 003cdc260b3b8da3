// The cycle collector. Each generation is an array of tracked objects; PreHeader::gc_index is an object's
// place in its array, so tracking, untracking and freeing are O(1) and no list runs through the heap. A young
// collection costs what its survivors cost.
#pragma once

#include <span>

#include "object/thread.h"

namespace krait {

struct Visitor {
    void (*fn)(Visitor&, PyObject*);
    void (*immediate_fn)(Visitor&, Value) = nullptr;  // for who wants numbers too
    void visit(Value v) {
        if (!v.is_ptr()) {
            if (immediate_fn) [[unlikely]]
                immediate_fn(*this, v);
        } else if (v) {
            fn(*this, v.ptr());
        }
    }
    void visit(const PyObject* o) {
        if (o) fn(*this, const_cast<PyObject*>(o));
    }
};

inline bool is_tracked(const PyObject* o) { return has_preheader(o) && (preheader(o)->flags & kGcTracked); }
void gc_track_slow(Thread& t, PyObject* o);
void gc_untrack(Thread& t, PyObject* o);  // no-op when not tracked
// Starts tracking a fully built object; may schedule a collection (run at the next eval-breaker check, never
// here).
inline void gc_track(Thread& t, PyObject* o) { gc_track_slow(t, o); }
// Collects `generation` (0-2) and younger; returns unreachable objects found (collected + uncollectable).
int64_t gc_collect(Thread& t, int generation);
bool gc_is_enabled(Thread& t);
void gc_run_scheduled(Thread& t);  // from handle_pending
void gc_init(Interpreter& interp);
void gc_finalize(Thread& t);  // at exit
// Ends the start of the interpreter: what it made is old and is not looked at again until a full collection.
// Until then none is scheduled.
void gc_started(Thread& t);
// At the end of the program: true when nobody could tell whether all that is left was destroyed, so that it
// may stay. `exempt`: objects with finalizers that have nothing to do any more (borrowed).
bool gc_quiet_end(Thread& t, std::span<const Value> exempt);
// Whoever makes objects whose destruction a program can see, and which the collector need not track, says so.
void gc_note_finalizer(Thread& t);

// Memory. All object memory comes from here; sizes in bytes; null when out of memory (the caller raises).
void* mem_alloc(size_t n);
void* mem_alloc_zeroed(size_t n);
void* mem_realloc(void* p, size_t n);
void mem_free(void* p);
int64_t mem_allocated_blocks();  // in use, of all threads; the caller holds the GIL
size_t mem_usable_size(void* p);
void mem_thread_exit();  // a thread ends: its free blocks go to the others
// For objects of variable size without GC (str, bytes, int), counted from the object's address: the bytes the
// block has room for, and moving the object to a block for `size` bytes (null when out of memory, nothing
// raised: the old one stays valid). The caller is the only owner.
size_t object_capacity(const PyObject* o);
PyObject* object_resize(PyObject* o, size_t size);

}  // namespace krait
