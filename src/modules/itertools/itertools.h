// Between the files of module itertools: iterators that are a header and a few owned Values.
#pragma once

#include "builtins/callable.h"
#include "builtins/int_internal.h"
#include "builtins/iterators.h"
#include "builtins/list.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait::itertools {

// Every type of this module: `f` are owned (empty: nothing), `n` are plain numbers.
struct Iter {
    PyObject ob_base;
    Value f[4];
    int64_t n[6];
    int64_t* indices;  // owned array or null
};
inline Iter* as_iter(Value v) { return v.as<Iter>(); }
void iter_dealloc(Thread& t, PyObject* o);
void iter_traverse(PyObject* o, Visitor& v);

inline void put(Value& field, Ref v) {
    Value old = field;
    field = v.release();
    xdecref(old);
}
inline void drop(Value& field) { put(field, Ref()); }
// Iterators over iterators may be nested as deeply as memory allows. `it` may be empty: used up.
inline Ref next_of(Thread& t, Value it) {
    if (!it) return {};
    if (Ref item = next_at_hand(it)) return item;
    RecursionGuard guard(t, " while iterating");
    if (!guard) return {};
    UnaryFn next = ext(type_of(it))->slots.iternext;
    if (!next) [[unlikely]]  // it was one, but __class__ was set
        return raise(t, PyExc_TypeError, "'%T' object is not an iterator", it);
    Ref keep = Ref::share(it);  // what runs now may use the outer iterator up, which then lets go of this one
    return next(t, it);
}

// Keywords are refused for the type itself (subclasses with an __init__ of their own may take them).
Status plain_kwargs(Thread& t, PyTypeObject* type, const char* name, Value kwnames);
Status add_type(Thread& t, Value module, Type& type, const char* name, NewFn new_fn, UnaryFn next,
                const NativeDef* methods, const char* doc, UnaryFn repr = nullptr);

Status add_simple(Thread& t, Value module);        // chain, count, cycle, repeat, starmap, ...
Status add_combinatoric(Thread& t, Value module);  // product, permutations, combinations ...
Status add_grouping(Thread& t, Value module);      // groupby, tee, batched, pairwise, islice, zip_longest

}  // namespace krait::itertools
