#include "builtins/tuple.h"

#include <cstring>

#include "builtins/callable.h"
#include "builtins/iterators.h"
#include "builtins/list.h"
#include "builtins/sequence.h"
#include "builtins/slice.h"
#include "builtins/str.h"
#include "gc/alloc.h"
#include "object/names.h"
#include "object/protocol.h"
#include "object/values.h"

namespace krait {

Type tuple_iterator_type;

namespace {

constexpr int64_t kItemsOffset = offsetof(PyTupleObject, ob_item);
constexpr int64_t kMaxItems = (INT64_MAX - 64) / 8;

// The one empty tuple: static and immortal, so that it exists before any allocation.
PyTupleObject g_empty_tuple = {{{kImmortalRefcnt, kStaticUpper, &PyTuple_Type}, 0}, -1, {}};

PyTupleObject* tuple_raw(Thread& t, int64_t n) {
    if (n > kMaxItems) {
        raise_no_memory(t);
        return nullptr;
    }
    PyObject* o = alloc_plain(t, &PyTuple_Type, kItemsOffset + 8 * n);
    if (!o) return nullptr;
    auto* tup = reinterpret_cast<PyTupleObject*>(o);
    tup->ob_base.ob_size = n;
    tup->ob_hash = -1;
    return tup;
}

PyTupleObject* as_tuple(Value v) { return v.as<PyTupleObject>(); }

void tuple_dealloc(Thread& t, PyObject* o) {
    auto* tup = reinterpret_cast<PyTupleObject*>(o);
    release_values(tup->ob_item, tup->ob_base.ob_size);
    free_plain(t, o, &PyTuple_Type, true);
}

void tuple_traverse(PyObject* o, Visitor& v) {
    auto* tup = reinterpret_cast<PyTupleObject*>(o);
    for (int64_t i = tup->ob_base.ob_size; i-- > 0;) v.visit(tup->ob_item[i]);
}

Ref tuple_tp_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    if (type == &PyTuple_Type || ext(type)->slots.init == ext(&PyBaseObject_Type)->slots.init)
        TRY(no_kwargs(t, "tuple", kwnames));
    if (nargs > 1) return raise(t, PyExc_TypeError, "tuple expected at most 1 argument, got %zu", nargs);
    Ref items = nargs ? to_tuple(t, args[0]) : Ref::share(empty_tuple());
    if (!items || type == &PyTuple_Type) return items;
    int64_t n = tuple_size(items);
    Ref r = TRY(alloc(t, type, n));
    auto* tup = as_tuple(r);
    tup->ob_hash = -1;
    for (int64_t i = 0; i < n; i++) {
        Value item = tuple_get(items, i);
        incref(item);
        tup->ob_item[i] = item;
    }
    return r;
}

// xxHash-based mixing of the item hashes: CPython's tuple hash, which programs can observe.
Result<int64_t> tuple_hash(Thread& t, Value self) {
    auto* tup = as_tuple(self);
    if (tup->ob_hash != -1) return tup->ob_hash;
    if (stack_is_low(t)) [[unlikely]]
        return with_more_stack<tuple_hash>(t, " while hashing a tuple", self);
    constexpr uint64_t p1 = 11400714785074694791u, p2 = 14029467366897019727u, p5 = 2870177450012600261u;
    uint64_t acc = p5;
    int64_t n = tup->ob_base.ob_size;
    for (int64_t i = 0; i < n; i++) {
        Value item = tup->ob_item[i];
        int64_t lane;
        if (item.is_int() && item.as_int() >= 0 && item.as_int() <= INT32_MAX)
            lane = item.as_int();
        else if (is_str_exact(item))
            lane = str_hash(item);
        else
            lane = TRY(hash(t, item));
        acc += static_cast<uint64_t>(lane) * p2;
        acc = (acc << 31) | (acc >> 33);
        acc *= p1;
    }
    acc += static_cast<uint64_t>(n) ^ (p5 ^ 3527539u);
    if (acc == UINT64_MAX) acc = 1546275796;
    tup->ob_hash = static_cast<int64_t>(acc);
    return tup->ob_hash;
}

Ref tuple_repr(Thread& t, Value self) {
    if (tuple_size(self) == 0) return str_from(t, "()");
    return items_repr(t, self, "(", tuple_size(self) == 1 ? ",)" : ")", "(...)");
}

Ref tuple_compare(Thread& t, Value a, Value b, CompareOp op) {
    if (!is_tuple(a) || !is_tuple(b)) return not_implemented_ref();
    return items_compare(t, a, b, op);
}

Result<int64_t> tuple_length(Thread&, Value self) { return tuple_size(self); }

Ref tuple_item(Thread& t, Value self, int64_t i) {
    if (i < 0 || i >= tuple_size(self)) return raise(t, PyExc_IndexError, "tuple index out of range");
    return Ref::share(tuple_get(self, i));
}

Ref tuple_subscript(Thread& t, Value self, Value key) {
    if (key.is_int() || is_index(key)) {
        int64_t i = TRY(as_index(t, key, PyExc_IndexError));
        if (i < 0) i += tuple_size(self);
        return tuple_item(t, self, i);
    }
    if (has_type(key, &PySlice_Type)) {
        int64_t start, stop, step;
        TRY(slice_unpack(t, key, &start, &stop, &step));
        int64_t n = slice_adjust(tuple_size(self), &start, &stop, step);
        if (n <= 0) return Ref::share(empty_tuple());
        if (step == 1) return tuple_slice(t, self, start, start + n);
        Ref r = TRY(tuple_new(t, n));
        for (int64_t i = 0, from = start; i < n; i++, from += step) {
            Value item = tuple_get(self, from);
            incref(item);
            tuple_items(r)[i] = item;
        }
        return r;
    }
    return raise(t, PyExc_TypeError, "tuple indices must be integers or slices, not %T", key);
}

Ref tuple_concat(Thread& t, Value a, Value b) {
    if (!is_tuple(b)) return raise(t, PyExc_TypeError, "can only concatenate tuple (not \"%T\") to tuple", b);
    int64_t n = tuple_size(a), m = tuple_size(b);
    if (n == 0 && is_tuple_exact(b)) return Ref::share(b);
    if (m == 0 && is_tuple_exact(a)) return Ref::share(a);
    if (n > kMaxItems - m) return raise_no_memory(t);
    PyTupleObject* r = tuple_raw(t, n + m);
    if (!r) return {};
    share_values(r->ob_item, tuple_items(a), n);
    share_values(r->ob_item + n, tuple_items(b), m);
    gc_track_new(t, &r->ob_base.ob_base);
    return Ref::steal(Value(&r->ob_base.ob_base));
}

Ref tuple_repeat(Thread& t, Value self, int64_t count) {
    int64_t n = tuple_size(self);
    if (count < 0) count = 0;
    if ((n == 0 || count == 1) && is_tuple_exact(self)) return Ref::share(self);
    if (n == 0 || count == 0) return Ref::share(empty_tuple());
    if (n > kMaxItems / count) return raise_no_memory(t);
    Ref r = TRY(tuple_new(t, n * count));
    Value* out = tuple_items(r);
    for (int64_t i = 0; i < n * count; i++) incref(out[i] = tuple_get(self, i % n));
    return r;
}

Ref tuple_iter(Thread& t, Value self) { return tuple_iter_new(t, self); }

Ref tuple_index(Thread& t, Value self, const Value* args, size_t nargs) {
    int64_t i = TRY(items_index(t, self, args, nargs));
    if (i < 0) return raise(t, PyExc_ValueError, "tuple.index(x): x not in tuple");
    return Ref::from_int(i);
}

Ref tuple_count(Thread& t, Value self, Value item) {
    int64_t n = TRY(items_count(t, self, item));
    return Ref::from_int(n);
}

Ref tuple_getnewargs(Thread& t, Value self) {
    Ref copy = TRY(tuple_slice(t, self, 0, tuple_size(self)));
    return tuple_of(t, {copy});
}

const NativeDef tuple_methods[] = {
    def<tuple_getnewargs>("__getnewargs__", "()", nullptr),
    def<tuple_index>("index", "(value, start=0, stop=sys.maxsize, /)",
                     "First index of value; ValueError if it is not there."),
    def<tuple_count>("count", "(value, /)", "How often value occurs."),
    def<class_getitem>("__class_getitem__", "(object, /)", "See PEP 585.", kMethClass),
    {},
};

// --- iterator ---

Ref tuple_iter_next(Thread&, Value self) {
    auto* it = self.as<IndexIterObject>();
    if (!it->seq) return {};
    if (it->index < tuple_size(it->seq)) return Ref::share(tuple_get(it->seq, it->index++));
    Value seq = it->seq;
    it->seq = Value();
    decref(seq);
    return {};
}

Ref tuple_iter_length_hint(Thread&, Value self) {
    auto* it = self.as<IndexIterObject>();
    return Ref::from_int(it->seq ? tuple_size(it->seq) - it->index : 0);
}

Ref tuple_iter_reduce(Thread& t, Value self) {
    auto* it = self.as<IndexIterObject>();
    return reduce_as_iter(t, it->seq, it->index);
}

Ref tuple_iter_setstate(Thread& t, Value self, Value state) {
    auto* it = self.as<IndexIterObject>();
    if (!is_long(state)) return raise(t, PyExc_TypeError, "an integer is required");
    int64_t i = TRY(as_int64(t, state));
    if (it->seq) {
        int64_t n = tuple_size(it->seq);
        it->index = i < 0 ? 0 : i > n ? n : i;
    }
    return none_ref();
}

const NativeDef tuple_iter_methods[] = {
    def<tuple_iter_length_hint>("__length_hint__", "()", "How many items are left."),
    def<tuple_iter_reduce>("__reduce__", "()", "State for pickling."),
    def<tuple_iter_setstate>("__setstate__", "(object, /)", "Set the position from a pickled state."),
    {},
};

}  // namespace

Value empty_tuple() { return Value(reinterpret_cast<PyObject*>(&g_empty_tuple)); }

Ref tuple_new(Thread& t, int64_t n) {
    if (n == 0) return Ref::share(empty_tuple());
    PyTupleObject* tup = tuple_raw(t, n);
    if (!tup) return {};
    memset(tup->ob_item, 0, 8 * n);
    gc_track_new(t, &tup->ob_base.ob_base);
    return Ref::steal(Value(&tup->ob_base.ob_base));
}

namespace {
// Whether a tuple with this item has to be known to the collector; one of plain data is no part of a cycle.
inline bool may_be_in_cycle(Value v) {
    if (!v.is_ptr() || !v) return false;
    // The type alone decides, also for an inner tuple of plain data: the collector looks closer, later.
    return v.heap_type()->tp_flags & kTpHaveGC;
}
// An untracked one counts as allocated all the same: its end will be counted.
inline void track_or_count(Thread& t, PyTupleObject* tup, bool track) {
    if (track)
        gc_track_new(t, &tup->ob_base.ob_base);
    else
        t.gc->gens[0].count++;
}
}  // namespace

Ref tuple_unfilled(Thread& t, int64_t n) {
    if (n == 0) return Ref::share(empty_tuple());
    PyTupleObject* tup = tuple_raw(t, n);
    if (!tup) return {};
    memset(tup->ob_item, 0, 8 * n);
    return Ref::steal(Value(&tup->ob_base.ob_base));
}

void tuple_filled(Thread& t, Value tuple) {
    int64_t n = tuple_size(tuple);
    if (n == 0) return;
    bool track = false;
    for (int64_t i = 0; i < n && !track; i++) track = may_be_in_cycle(tuple_items(tuple)[i]);
    track_or_count(t, tuple.as<PyTupleObject>(), track);
}

Ref tuple_from_owned(Thread& t, Value* items, int64_t n) {
    if (n == 0) return Ref::share(empty_tuple());
    PyTupleObject* tup = tuple_raw(t, n);
    if (!tup) {
        for (int64_t i = 0; i < n; i++) xdecref(items[i]);
        return {};
    }
    bool track = false;
    for (int64_t i = 0; i < n; i++) {
        tup->ob_item[i] = items[i];
        track = track || may_be_in_cycle(items[i]);
    }
    track_or_count(t, tup, track);
    return Ref::steal(Value(&tup->ob_base.ob_base));
}

Ref tuple_pair(Thread& t, Ref a, Ref b) {
    PyTupleObject* tup = tuple_raw(t, 2);
    if (!tup) return {};
    bool track = may_be_in_cycle(a) || may_be_in_cycle(b);
    tup->ob_item[0] = a.release();
    tup->ob_item[1] = b.release();
    track_or_count(t, tup, track);
    return Ref::steal(Value(&tup->ob_base.ob_base));
}

Ref tuple_from(Thread& t, const Value* items, int64_t n) {
    if (n == 0) return Ref::share(empty_tuple());
    PyTupleObject* tup = tuple_raw(t, n);
    if (!tup) return {};
    bool track = false;
    for (int64_t i = 0; i < n; i++) {
        incref(items[i]);
        tup->ob_item[i] = items[i];
        track = track || may_be_in_cycle(items[i]);
    }
    track_or_count(t, tup, track);
    return Ref::steal(Value(&tup->ob_base.ob_base));
}

Ref tuple_slice(Thread& t, Value tuple, int64_t start, int64_t stop) {
    int64_t n = tuple_size(tuple);
    if (start < 0) start = 0;
    if (stop > n) stop = n;
    if (start >= stop) return Ref::share(empty_tuple());
    if (start == 0 && stop == n && is_tuple_exact(tuple)) return Ref::share(tuple);
    return tuple_from(t, tuple_items(tuple) + start, stop - start);
}

Ref tuple_iter_new(Thread& t, Value tuple) { return index_iter_alloc(t, &tuple_iterator_type, tuple, 0); }

Status init_builtin_tuple(Thread& t) {
    static const TypeDecl decl = {
        .name = "tuple",
        .basicsize = kItemsOffset,
        .itemsize = 8,
        .flags = kTpDefault | kTpBaseType | kTpHaveGC | kTpTupleSubclass | kTpMatchSelf | kTpSequence,
        .slots = {.dealloc = tuple_dealloc,
                  .traverse = tuple_traverse,
                  .repr = tuple_repr,
                  .hash = tuple_hash,
                  .richcompare = tuple_compare,
                  .iter = tuple_iter,
                  .new_ = tuple_tp_new,
                  .mp_length = tuple_length,
                  .mp_subscript = tuple_subscript,
                  .sq_length = tuple_length,
                  .sq_concat = tuple_concat,
                  .sq_repeat = tuple_repeat,
                  .sq_item = tuple_item,
                  .sq_contains = items_contains},
        .spec = {.methods = tuple_methods,
                 .doc = "A sequence that cannot change.\n\nWithout an argument: the empty tuple; otherwise "
                        "the items of "
                        "the iterable. A tuple is returned as it is.",
                 .text_signature = "(iterable=(), /)"},
    };
    init_static_type(PyTuple_Type, decl);
    TRY(ready_type(t, &PyTuple_Type));
    static const TypeDecl iter_decl = {
        .name = "tuple_iterator",
        .basicsize = sizeof(IndexIterObject),
        .flags = kTpDefault | kTpHaveGC | kTpDisallowInstantiation,
        .slots = {.dealloc = index_iter_dealloc,
                  .traverse = index_iter_traverse,
                  .iter = iter_self,
                  .iternext = tuple_iter_next},
        .spec = {.methods = tuple_iter_methods},
    };
    init_static_type(tuple_iterator_type, iter_decl);
    return ready_type(t, &tuple_iterator_type);
}

}  // namespace krait

krait::Type PyTuple_Type;

// What C code calls it.
extern "C" __attribute__((visibility("default"),
                          alias("_ZN5krait19tuple_iterator_typeE"))) krait::Type PyTupleIter_Type;
