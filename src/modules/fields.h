// Small building blocks for the types of native modules.
#pragma once

#include "gc/gc.h"
#include "object/type.h"

namespace krait {

// Objects that begin with N owned Values behind the header: one dealloc, traverse and clear for all.
template <int N>
struct Fields {
    PyObject ob_base;
    Value f[N];
    static void release(PyObject* o) {
        for (Value& place : reinterpret_cast<Fields*>(o)->f) {
            Value old = place;
            place = Value();
            xdecref(old);
        }
    }
    static void dealloc(Thread& t, PyObject* o) {
        gc_untrack(t, o);
        release(o);
        free_object(t, o);
    }
    static void traverse(PyObject* o, Visitor& v) {
        for (Value x : reinterpret_cast<Fields*>(o)->f) v.visit(x);
    }
    static void clear(Thread&, PyObject* o) { release(o); }
};

// Replaces an owned place.
inline void put_owned(Value& place, Ref value) {
    Value old = place;
    place = value.release();
    xdecref(old);
}

}  // namespace krait
