// Marking ahead of a whole collection.
//
// Looking at every object of a large heap at once would stop the program for long. So when a whole collection
// is due and the oldest generation is large, what can be reached from modules and frames is marked first,
// some thousand objects at each collection of a younger generation. The collection itself then only looks at
// what is not marked: mostly what came meanwhile, and garbage. A mark means "alive when it was seen", no
// more: what becomes garbage afterwards is found next time. Nothing has to be told of changes in between,
// because whether an object that is not marked is garbage is decided by its count, as always, and everything
// that is not looked at counts as holding it.
//
// A mark is a bit for a place in the generation's array. So nothing points to objects that may be gone, and
// where another object comes to a place that is marked, it counts as alive until the next time.
#pragma once

#include "gc/state.h"

namespace krait {

// What the program holds besides what objects hold: visits it. Set by the interpreter.
using RootsFn = void (*)(Thread& t, Visitor& v);
extern RootsFn g_gc_roots;

// Is the heap so large that it pays?
bool marking_pays(const GcState& gc);
// Goes on, or begins. True: everything that can be reached is marked.
bool marking_step(Thread& t);
// Which of the 64 places from 64 * word on have an object that can be reached.
uint64_t marking_of(uint32_t word);
// Places of the oldest generation are about to change their meaning, or the marks were used.
void marking_cancel();
bool marking_done();

// --- looking at objects ---

// How far ahead objects are fetched: looking at one is waiting for memory, mostly.
inline constexpr size_t kAhead = 16;
inline void fetch(const PyObject* o) { __builtin_prefetch(preheader(o)); }

// Objects that were found but not looked at yet, so that memory has the time to come.
struct Waiting {
    PyObject* ring[kAhead] = {};
    size_t next = 0;
    // Takes `o` and gives back who waited longest; null: nobody.
    PyObject* exchange(PyObject* o) {
        PyObject*& place = ring[next++ % kAhead];
        PyObject* out = place;
        place = o;
        return out;
    }
};

inline void traverse_object(PyObject* o, Visitor& v) {
    PyTypeObject* type = o->ob_type;
    if (TraverseFn fn = ext(type)->slots.traverse) fn(o, v);
    if (type->tp_flags & kTpHeapType) v.visit(&type->ob_base.ob_base);
}

}  // namespace krait
