// enumerate, zip, map, filter, reversed, and the iterators behind iter(sequence) and iter(callable,
// sentinel).
#include "builtins/callable.h"
#include "builtins/int_internal.h"
#include "builtins/iterators.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/call_one.h"
#include "object/names.h"

namespace krait {
namespace {

// Objects that consist of owned Values behind the header: one dealloc and traverse for all.
template <int N>
struct ValueFields {
    PyObject ob_base;
    Value f[N];
    static void dealloc(Thread& t, PyObject* o) {
        gc_untrack(t, o);
        for (Value v : reinterpret_cast<ValueFields*>(o)->f) xdecref(v);
        free_object(t, o);
    }
    static void traverse(PyObject* o, Visitor& v) {
        for (Value x : reinterpret_cast<ValueFields*>(o)->f) v.visit(x);
    }
};

// Iterators over iterators may be nested as deeply as memory allows.
inline Ref next_of(Thread& t, Value it) {
    if (Ref item = next_at_hand(it)) return item;
    if (stack_is_low(t)) [[unlikely]]
        return with_more_stack<next_of, kSomeMoreStack>(t, " while iterating", it);
    UnaryFn next = ext(type_of(it))->slots.iternext;
    if (!next) [[unlikely]]  // it was one, but __class__ was set
        return raise(t, PyExc_TypeError, "'%T' object is not an iterator", it);
    return next(t, it);
}

// --- enumerate ---

struct EnumObject {
    ValueFields<3> fields;  // iterator, next index (int), last pair
};
constexpr int kIterator = 0, kIndex = 1, kPair = 2;

// The type itself, unlike its subclasses, takes its arguments apart in its own way, with its own words.
Status bind_enumerate(Thread& t, const Value* args, size_t nargs, Value kwnames, Value* out) {
    size_t nkw = kwnames ? tuple_size(kwnames) : 0;
    auto expect = [&](size_t k, const char* name) -> Status {
        if (str_equal(tuple_get(kwnames, k), name)) return Status::ok();
        return raise(t, PyExc_TypeError, "'%.200S' is an invalid keyword argument for enumerate()",
                     tuple_get(kwnames, k));
    };
    if (nargs + nkw > 2 && nargs)
        return raise(t, PyExc_TypeError, "enumerate() takes at most 2 arguments (%zu given)", nargs + nkw);
    if (nargs + nkw == 0 || nkw > 2)
        return raise(t, PyExc_TypeError, "enumerate() missing required argument 'iterable'");
    bool swapped = nkw == 2 && !str_equal(tuple_get(kwnames, 0), "iterable");
    const char* const names[] = {"iterable", "start"};
    for (size_t k = 0; k < nkw; k++) TRY(expect(k, names[swapped ? 1 - k : nargs + k]));
    out[0] = args[swapped];
    if (nargs + nkw == 2) out[1] = args[!swapped];
    return Status::ok();
}

Ref enum_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    Value p[2];
    Ref keep;
    if (type == &PyEnum_Type)
        TRY(bind_enumerate(t, args, nargs, kwnames, p));
    else
        TRY(bind_args(t, "enumerate", "(iterable, start=0)", args, nargs, kwnames, p, keep));
    Ref start = p[1] ? index(t, p[1]) : Ref::from_int(0);
    if (!start) return {};
    Ref it = TRY(iter(t, p[0]));
    Ref self = TRY(alloc(t, type));
    auto* f = self.as<EnumObject>()->fields.f;
    f[kIterator] = it.release();
    f[kIndex] = start.release();
    return self;
}

// A pair of owned values; the last one handed out is used again when nobody kept it.
Ref recycled_pair(Thread& t, Value& slot, Value a, Value b) {
    Value last = slot;
    if (last && last.ptr()->ob_refcnt == 1 && !(preheader(last.ptr())->flags & kExposed)) {
        Value* items = tuple_items(last);
        Value old_a = items[0], old_b = items[1];
        items[0] = a;
        items[1] = b;
        last.as<PyTupleObject>()->ob_hash = -1;
        if (!is_tracked(last.ptr())) gc_track(t, last.ptr());
        Ref r = Ref::share(last);
        decref(old_a);
        decref(old_b);
        return r;
    }
    Ref pair = tuple_pair(t, Ref::steal(a), Ref::steal(b));
    if (!pair) return {};
    slot = pair.share().release();
    xdecref(last);
    return pair;
}

// The next item and its number.
bool enum_step(Thread& t, Value self, Value out[2]) {
    auto* f = self.as<EnumObject>()->fields.f;
    Ref item = next_of(t, f[kIterator]);
    if (!item) return false;
    Value i = f[kIndex];
    if (i.is_int() && i.as_int() < Value::kIntMax)
        f[kIndex] = Value::from_int(i.as_int() + 1);
    else
        f[kIndex] = TRY(int_add(t, i, Value::from_int(1))).release();
    out[0] = i;
    out[1] = item.release();
    return true;
}
Ref enum_next(Thread& t, Value self) {
    Value pair[2];
    if (!enum_step(t, self, pair)) return {};
    return recycled_pair(t, self.as<EnumObject>()->fields.f[kPair], pair[0], pair[1]);
}
Ref enum_reduce(Thread& t, Value self) {
    auto* f = self.as<EnumObject>()->fields.f;
    Ref args = TRY(tuple_of(t, {f[kIterator], f[kIndex]}));
    return tuple_of(t, {Value(type_of(self)), args});
}
const NativeDef enum_methods[] = {
    def<enum_reduce>("__reduce__", "()", "State for pickling."),
    def<class_getitem>("__class_getitem__", "(object, /)", "See PEP 585.", kMethClass),
    {},
};

// --- zip and map: a tuple of iterators, a function or the last result, strictness ---

struct ZipObject {
    ValueFields<2> fields;  // iterators, last tuple
    bool strict;
};
struct MapObject {
    ValueFields<2> fields;  // iterators, function
    bool strict;
};

Ref iterators_of(Thread& t, const Value* args, size_t n) {
    Ref its = TRY(tuple_new(t, static_cast<int64_t>(n)));
    for (size_t i = 0; i < n; i++) tuple_items(its)[i] = TRY(iter(t, args[i])).release();
    return its;
}

Result<bool> strict_keyword(Thread& t, const char* name, const Value* args, size_t nargs, Value kwnames) {
    Value strict;
    Ref keep;
    TRY(bind_args(t, name, "(*, strict=False)", args + nargs, 0, kwnames, &strict, keep));
    return strict ? is_true(t, strict) : Result<bool>(false);
}

// After iterator `done` of a strict zip or map ended: all others must end too. Always leaves empty.
Ref check_strict(Thread& t, const char* name, Value its, int64_t done) {
    if (occurred(t) && !clear_if(t, PyExc_StopIteration)) return {};
    auto plural = [](int64_t i) { return i == 1 ? " " : "s 1-"; };
    if (done)
        return raise(t, PyExc_ValueError, "%s() argument %zd is shorter than argument%s%zd", name, done + 1,
                     plural(done), done);
    for (int64_t i = 1; i < tuple_size(its); i++) {
        Ref extra = iter_next(t, tuple_get(its, i));
        if (extra)
            return raise(t, PyExc_ValueError, "%s() argument %zd is longer than argument%s%zd", name, i + 1,
                         plural(i), i);
        if (occurred(t)) return {};
    }
    return {};
}

Ref zip_new(Thread& t, PyTypeObject* type, const Value* args, size_t n, Value kwnames) {
    bool strict = TRY(strict_keyword(t, "zip", args, n, kwnames));
    Ref its = TRY(iterators_of(t, args, n));
    Ref self = TRY(alloc(t, type));
    auto* z = self.as<ZipObject>();
    z->fields.f[0] = its.release();
    z->strict = strict;
    return self;
}

bool zip_step(Thread& t, Value self, Value out[2]);
// The row that was handed out last; it is used again if nobody keeps it.
Ref keep_row(Value& place, Ref row) {
    Value last = place;
    place = row.share().release();
    xdecref(last);
    return row;
}

Ref zip_next(Thread& t, Value self) {
    auto* z = self.as<ZipObject>();
    Value its = z->fields.f[0];
    int64_t n = tuple_size(its);
    if (n == 0) return {};
    Value last = z->fields.f[1];
    Ref row;
    if (last && last.ptr()->ob_refcnt > 1 && n == 2) {  // kept by somebody
        Value pair[2];
        if (!zip_step(t, self, pair)) return {};
        return keep_row(z->fields.f[1], tuple_pair(t, Ref::steal(pair[0]), Ref::steal(pair[1])));
    }
    if (last && last.ptr()->ob_refcnt == 1 && !(preheader(last.ptr())->flags & kExposed)) {
        row = Ref::share(last);
        last.as<PyTupleObject>()->ob_hash = -1;
        if (!is_tracked(last.ptr())) gc_track(t, last.ptr());
    } else {
        row = TRY(tuple_new(t, n));
        z->fields.f[1] = row.share().release();
        xdecref(last);
    }
    for (int64_t i = 0; i < n; i++) {
        Value it = tuple_get(its, i);
        Ref item = next_of(t, it);
        if (!item) {
            // A half-filled row must not be seen again.
            Value half = z->fields.f[1];
            if (half == row) {
                z->fields.f[1] = Value();
                decref(half);
            }
            return z->strict ? check_strict(t, "zip", its, i) : Ref();
        }
        Value& place = tuple_items(row)[i];
        Value old = place;
        place = item.release();
        xdecref(old);
    }
    return row;
}
bool zip_step(Thread& t, Value self, Value out[2]) {
    auto* z = self.as<ZipObject>();
    Value its = z->fields.f[0];
    for (int64_t i = 0; i < 2; i++) {
        Value it = tuple_get(its, i);
        Ref item = next_of(t, it);
        if (!item) {
            if (i) decref(out[0]);
            if (z->strict) (void)check_strict(t, "zip", its, i);
            return false;
        }
        out[i] = item.release();
    }
    return true;
}
Ref zip_reduce(Thread& t, Value self) {
    auto* z = self.as<ZipObject>();
    if (z->strict) return tuple_of(t, {Value(type_of(self)), z->fields.f[0], boolean(true)});
    return tuple_of(t, {Value(type_of(self)), z->fields.f[0]});
}
Ref zip_setstate(Thread& t, Value self, Value state) {
    bool strict = TRY(is_true(t, state));
    self.as<ZipObject>()->strict = strict;
    return none_ref();
}
const NativeDef zip_methods[] = {
    def<zip_reduce>("__reduce__", "()", "State for pickling."),
    def<zip_setstate>("__setstate__", "(object, /)", "Restore the strictness."),
    {},
};

Ref map_new(Thread& t, PyTypeObject* type, const Value* args, size_t n, Value kwnames) {
    bool strict = TRY(strict_keyword(t, "map", args, n, kwnames));
    if (n < 2) return raise(t, PyExc_TypeError, "map() must have at least two arguments.");
    Ref its = TRY(iterators_of(t, args + 1, n - 1));
    Ref self = TRY(alloc(t, type));
    auto* m = self.as<MapObject>();
    m->fields.f[0] = its.release();
    m->fields.f[1] = Ref::share(args[0]).release();
    m->strict = strict;
    return self;
}
Ref map_next(Thread& t, Value self) {
    auto* m = self.as<MapObject>();
    Value its = m->fields.f[0];
    int64_t n = tuple_size(its);
    Value small[8];
    Value* items = n <= 8 ? small : static_cast<Value*>(mem_alloc(8 * n));
    if (!items) return raise_no_memory(t);
    int64_t have = 0;
    Ref r;
    for (; have < n; have++) {
        Value it = tuple_get(its, have);
        Ref item = next_of(t, it);
        if (!item) break;
        items[have] = item.release();
    }
    if (have == n && n == 1)
        r = call_one(t, m->fields.f[1], items[0]);
    else if (have == n)
        r = call(t, m->fields.f[1], items, n);
    else if (m->strict)
        r = check_strict(t, "map", its, have);
    for (int64_t i = 0; i < have; i++) decref(items[i]);
    if (items != small) mem_free(items);
    return r;
}
Ref map_reduce(Thread& t, Value self) {
    auto* m = self.as<MapObject>();
    int64_t n = tuple_size(m->fields.f[0]);
    Ref args = TRY(tuple_new(t, n + 1));
    tuple_items(args)[0] = Ref::share(m->fields.f[1]).release();
    for (int64_t i = 0; i < n; i++)
        tuple_items(args)[i + 1] = Ref::share(tuple_get(m->fields.f[0], i)).release();
    if (m->strict) return tuple_of(t, {Value(type_of(self)), args, boolean(true)});
    return tuple_of(t, {Value(type_of(self)), args});
}
Ref map_setstate(Thread& t, Value self, Value state) {
    bool strict = TRY(is_true(t, state));
    self.as<MapObject>()->strict = strict;
    return none_ref();
}
const NativeDef map_methods[] = {
    def<map_reduce>("__reduce__", "()", "State for pickling."),
    def<map_setstate>("__setstate__", "(object, /)", "Restore the strictness."),
    {},
};

// --- filter ---

struct FilterObject {
    ValueFields<2> fields;  // iterator, function
};
Ref filter_new(Thread& t, PyTypeObject* type, const Value* args, size_t n, Value kwnames) {
    if (type == &PyFilter_Type || ext(type)->slots.init == ext(&PyBaseObject_Type)->slots.init)
        TRY(no_kwargs(t, "filter", kwnames));
    if (n != 2) return raise(t, PyExc_TypeError, "filter expected 2 arguments, got %zu", n);
    Ref it = TRY(iter(t, args[1]));
    Ref self = TRY(alloc(t, type));
    auto* f = self.as<FilterObject>()->fields.f;
    f[0] = it.release();
    f[1] = Ref::share(args[0]).release();
    return self;
}
Ref filter_next(Thread& t, Value self) {
    auto* f = self.as<FilterObject>()->fields.f;
    bool plain_truth = is_none(f[1]) || f[1] == Value(&PyBool_Type);
    for (;;) {
        Ref item = next_of(t, f[0]);
        if (!item) return {};
        bool good;
        if (plain_truth) {
            good = TRY(is_true(t, item));
        } else {
            Ref verdict = TRY(call_one(t, f[1], item));
            good = TRY(is_true(t, verdict));
        }
        if (good) return item;
    }
}
Ref filter_reduce(Thread& t, Value self) {
    auto* f = self.as<FilterObject>()->fields.f;
    Ref args = TRY(tuple_of(t, {f[1], f[0]}));
    return tuple_of(t, {Value(type_of(self)), args});
}
const NativeDef filter_methods[] = {def<filter_reduce>("__reduce__", "()", "State for pickling."), {}};

// --- reversed ---

Ref reversed_new(Thread& t, PyTypeObject* type, const Value* args, size_t n, Value kwnames) {
    if (type == &PyReversed_Type || ext(type)->slots.init == ext(&PyBaseObject_Type)->slots.init)
        TRY(no_kwargs(t, "reversed", kwnames));
    if (n != 1) return raise(t, PyExc_TypeError, "reversed expected 1 argument, got %zu", n);
    Ref method = TRY(lookup_special(t, args[0], ID(__reversed__)));
    if (method && is_none(method)) return raise(t, PyExc_TypeError, "'%T' object is not reversible", args[0]);
    if (method) return call(t, method);
    if (!is_sequence(args[0])) return raise(t, PyExc_TypeError, "'%T' object is not reversible", args[0]);
    int64_t size = TRY(length(t, args[0]));
    Ref self = TRY(alloc(t, type));
    auto* it = self.as<IndexIterObject>();
    it->seq = Ref::share(args[0]).release();
    it->index = size - 1;
    return self;
}
void end(IndexIterObject* it) {
    Value seq = it->seq;
    it->seq = Value();
    xdecref(seq);
}
Ref reversed_next(Thread& t, Value self) {
    auto* it = self.as<IndexIterObject>();
    if (it->index >= 0 && it->seq) {
        Ref item = get_item(t, it->seq, it->index);
        if (item) {
            it->index--;
            return item;
        }
        if (!clear_if(t, PyExc_IndexError) && !clear_if(t, PyExc_StopIteration)) return {};
    }
    it->index = -1;
    end(it);
    return {};
}
Ref reversed_hint(Thread& t, Value self) {
    auto* it = self.as<IndexIterObject>();
    if (!it->seq) return Ref::from_int(0);
    int64_t n = TRY(length(t, it->seq));
    return int_from(t, n < it->index + 1 ? 0 : it->index + 1);
}
Ref reversed_reduce(Thread& t, Value self) {
    auto* it = self.as<IndexIterObject>();
    Ref args = it->seq ? tuple_of(t, {it->seq}) : tuple_of(t, {empty_tuple()});
    if (!args) return {};
    if (it->seq) return tuple_of(t, {Value(type_of(self)), args, Value::from_int(it->index)});
    return tuple_of(t, {Value(type_of(self)), args});
}
Ref reversed_setstate(Thread& t, Value self, Value state) {
    auto* it = self.as<IndexIterObject>();
    int64_t i = TRY(as_int64(t, state));
    if (!it->seq) return none_ref();
    int64_t n = TRY(length(t, it->seq));
    it->index = i < -1 ? -1 : i > n - 1 ? n - 1 : i;
    return none_ref();
}
const NativeDef reversed_methods[] = {
    def<reversed_hint>("__length_hint__", "()", "How many items are left."),
    def<reversed_reduce>("__reduce__", "()", "State for pickling."),
    def<reversed_setstate>("__setstate__", "(object, /)", "Set the position from a pickled state."),
    {},
};

// --- iter(sequence) and iter(callable, sentinel) ---

Ref seq_next(Thread& t, Value self) {
    auto* it = self.as<IndexIterObject>();
    if (!it->seq) return {};
    if (it->index == INT64_MAX) return raise(t, PyExc_OverflowError, "iter index too large");
    Ref keep = Ref::share(it->seq);
    // The usual case of get_item(), of which an index from 0 on needs no more.
    IndexFn fn = ext(type_of(keep))->slots.sq_item;
    Ref item = fn ? fn(t, keep, it->index) : get_item(t, keep, it->index);
    if (item) {
        it->index++;
        return item;
    }
    if (clear_if(t, PyExc_IndexError) || clear_if(t, PyExc_StopIteration)) end(it);
    return {};
}
Ref seq_hint(Thread& t, Value self) {
    auto* it = self.as<IndexIterObject>();
    if (!it->seq) return Ref::from_int(0);
    const Slots& s = ext(type_of(it->seq))->slots;
    if (!s.sq_length && !s.mp_length) return not_implemented_ref();
    int64_t n = TRY(length(t, it->seq));
    return int_from(t, n > it->index ? n - it->index : 0);
}
Ref seq_reduce(Thread& t, Value self) {
    auto* it = self.as<IndexIterObject>();
    return reduce_as_iter(t, it->seq, it->index);
}
Ref seq_setstate(Thread& t, Value self, Value state) {
    int64_t i = TRY(as_int64(t, state));
    auto* it = self.as<IndexIterObject>();
    if (it->seq) it->index = i < 0 ? 0 : i;
    return none_ref();
}
const NativeDef seq_methods[] = {
    def<seq_hint>("__length_hint__", "()", "How many items are left."),
    def<seq_reduce>("__reduce__", "()", "State for pickling."),
    def<seq_setstate>("__setstate__", "(object, /)", "Set the position from a pickled state."),
    {},
};

using CallIterObject = ValueFields<2>;  // callable (empty when exhausted), sentinel

Ref call_iter_next(Thread& t, Value self) {
    auto* it = self.as<CallIterObject>();
    auto finish = [&]() {
        for (Value& f : it->f) {
            Value old = f;
            f = Value();
            xdecref(old);
        }
    };
    if (!it->f[0]) return {};
    Ref callable = Ref::share(it->f[0]);
    Ref item = call(t, callable);
    if (!item) {
        if (clear_if(t, PyExc_StopIteration)) finish();
        return {};
    }
    if (!it->f[1]) return {};  // ended by the call itself
    Ref sentinel = Ref::share(it->f[1]);
    bool same = TRY(equal(t, sentinel, item));
    if (!same) return item;
    finish();
    return {};
}
Ref call_iter_reduce(Thread& t, Value self) {
    auto* it = self.as<CallIterObject>();
    // Before looking at the iterator: it may run code that exhausts it.
    Ref fn = TRY(builtin_of_frame(t, ID(iter)));
    Ref keep0 = Ref::share(it->f[0]), keep1 = Ref::share(it->f[1]);
    if (!keep0 || !keep1) return reduce_as_iter(t, Value(), 0);
    Ref args = TRY(tuple_of(t, {keep0, keep1}));
    return tuple_of(t, {fn, args});
}
const NativeDef call_iter_methods[] = {def<call_iter_reduce>("__reduce__", "()", "State for pickling."), {}};

struct Row {
    Type* type;
    const char* name;
    int64_t size;
    NewFn new_fn;
    UnaryFn next;
    DeallocFn dealloc;
    TraverseFn traverse;
    const NativeDef* methods;
    const char* doc;
    const char* signature = nullptr;
};

}  // namespace

bool enum_next_pair(Thread& t, Value it, Value out[2]) { return enum_step(t, it, out); }
bool zip_is_of_pairs(Value it) { return tuple_size(it.as<ZipObject>()->fields.f[0]) == 2; }
bool zip_next_pair(Thread& t, Value it, Value out[2]) { return zip_step(t, it, out); }

Ref seq_iter_new(Thread& t, Value sequence) { return index_iter_alloc(t, &PySeqIter_Type, sequence, 0); }

Ref call_iter_new(Thread& t, Value callable, Value sentinel) {
    PyObject* o = alloc_raw(t, &PyCallIter_Type, sizeof(CallIterObject));
    if (!o) return {};
    auto* it = reinterpret_cast<CallIterObject*>(o);
    it->f[0] = Ref::share(callable).release();
    it->f[1] = Ref::share(sentinel).release();
    gc_track(t, o);
    return Ref::steal(Value(o));
}

Status init_builtin_iterator_types(Thread& t) {
    using V1 = ValueFields<2>;
    using V3 = ValueFields<3>;
    static const Row rows[] = {
        {&PyEnum_Type, "enumerate", sizeof(EnumObject), enum_new, enum_next, V3::dealloc, V3::traverse,
         enum_methods, "Pairs of a running number, from start, and the items of the iterable.",
         "(iterable, start=0)"},
        {&PyZip_Type, "zip", sizeof(ZipObject), zip_new, zip_next, V1::dealloc, V1::traverse, zip_methods,
         "Tuples of one item of each iterable, until the shortest ends; strict=True wants equal lengths.\n\n"
         "   >>> list(zip('ab', range(2)))\n   [('a', 0), ('b', 1)]",
         "(*iterables, strict=False)"},
        {&PyMap_Type, "map", sizeof(MapObject), map_new, map_next, V1::dealloc, V1::traverse, map_methods,
         "The results of a function for the items of the iterables.",
         "(function, iterable, /, *iterables, strict=False)"},
        {&PyFilter_Type, "filter", sizeof(FilterObject), filter_new, filter_next, V1::dealloc, V1::traverse,
         filter_methods, "The items for which a function, or their own truth, is true.",
         "(function, iterable, /)"},
        {&PyReversed_Type, "reversed", sizeof(IndexIterObject), reversed_new, reversed_next,
         index_iter_dealloc, index_iter_traverse, reversed_methods, "The items of a sequence, last first.",
         "(sequence, /)"},
        {&PySeqIter_Type, "iterator", sizeof(IndexIterObject), nullptr, seq_next, index_iter_dealloc,
         index_iter_traverse, seq_methods, nullptr},
        {&PyCallIter_Type, "callable_iterator", sizeof(CallIterObject), nullptr, call_iter_next,
         CallIterObject::dealloc, CallIterObject::traverse, call_iter_methods, nullptr},
    };
    for (const Row& r : rows) {
        auto* decl = new TypeDecl{
            .name = r.name,
            .basicsize = r.size,
            .flags = kTpDefault | kTpHaveGC | (r.new_fn ? kTpBaseType : kTpDisallowInstantiation),
            .slots = {.dealloc = r.dealloc,
                      .traverse = r.traverse,
                      .iter = iter_self,
                      .iternext = r.next,
                      .new_ = r.new_fn},
            .spec = {.methods = r.methods, .doc = r.doc, .text_signature = r.signature},
        };
        init_static_type(*r.type, *decl);
        TRY(ready_type(t, r.type));
    }
    return Status::ok();
}

}  // namespace krait

krait::Type PyEnum_Type, PyReversed_Type, PyZip_Type, PyMap_Type, PyFilter_Type, PySeqIter_Type,
    PyCallIter_Type;
