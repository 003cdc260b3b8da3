// slice and range.
#include "builtins/callable.h"
#include "builtins/int_internal.h"
#include "builtins/iterators.h"
#include "builtins/sequence.h"
#include "builtins/slice.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/alloc.h"
#include "object/names.h"

namespace krait {

Type range_iterator_type, longrange_iterator_type;

// --- slice ---

namespace {

PySliceObject* as_slice(Value v) { return v.as<PySliceObject>(); }

Result<int64_t> slice_bound(Thread& t, Value v) {
    if (v.is_int()) return v.as_int();
    if (!is_index(v))
        return raise(t, PyExc_TypeError,
                     "slice indices must be integers or None or have an __index__ method");
    return as_index(t, v, nullptr);
}

}  // namespace

Ref slice_new(Thread& t, Value start, Value stop, Value step) {
    PyObject* o = alloc_plain(t, &PySlice_Type, sizeof(PySliceObject));
    if (!o) return {};
    auto* s = reinterpret_cast<PySliceObject*>(o);
    s->start = start ? start : none();
    s->stop = stop ? stop : none();
    s->step = step ? step : none();
    incref(s->start);
    incref(s->stop);
    incref(s->step);
    gc_track_new(t, o);
    return Ref::steal(Value(o));
}

Status slice_unpack(Thread& t, Value slice, int64_t* start, int64_t* stop, int64_t* step) {
    auto* s = as_slice(slice);
    *step = 1;
    if (!is_none(s->step)) {
        *step = TRY(slice_bound(t, s->step));
        if (*step == 0) return raise(t, PyExc_ValueError, "slice step cannot be zero");
        if (*step < -INT64_MAX) *step = -INT64_MAX;
    }
    *start = *step < 0 ? INT64_MAX : 0;
    *stop = *step < 0 ? INT64_MIN : INT64_MAX;
    if (!is_none(s->start)) *start = TRY(slice_bound(t, s->start));
    if (!is_none(s->stop)) *stop = TRY(slice_bound(t, s->stop));
    return Status::ok();
}

int64_t slice_adjust(int64_t length, int64_t* start, int64_t* stop, int64_t step) {
    for (int64_t* p : {start, stop}) {
        if (*p < 0) {
            *p += length;
            if (*p < 0) *p = step < 0 ? -1 : 0;
        } else if (*p >= length) {
            *p = step < 0 ? length - 1 : length;
        }
    }
    if (step < 0) return *stop < *start ? (*start - *stop - 1) / -step + 1 : 0;
    return *start < *stop ? (*stop - *start - 1) / step + 1 : 0;
}

namespace {

void slice_dealloc(Thread& t, PyObject* o) {
    auto* s = reinterpret_cast<PySliceObject*>(o);
    decref(s->start);
    decref(s->stop);
    decref(s->step);
    free_plain(t, o, &PySlice_Type, true);
}
void slice_traverse(PyObject* o, Visitor& v) {
    auto* s = reinterpret_cast<PySliceObject*>(o);
    v.visit(s->start);
    v.visit(s->stop);
    v.visit(s->step);
}
Ref slice_tp_new(Thread& t, PyTypeObject*, const Value* args, size_t n, Value kwnames) {
    TRY(no_kwargs(t, "slice", kwnames));
    if (n < 1) return raise(t, PyExc_TypeError, "slice expected at least 1 argument, got 0");
    if (n > 3) return raise(t, PyExc_TypeError, "slice expected at most 3 arguments, got %zu", n);
    if (n == 1) return slice_new(t, Value(), args[0], Value());
    return slice_new(t, args[0], args[1], n > 2 ? args[2] : Value());
}
Ref slice_repr(Thread& t, Value self) {
    auto* s = as_slice(self);
    return str_format(t, "slice(%R, %R, %R)", s->start, s->stop, s->step);
}
Ref slice_tuple(Thread& t, Value self) {
    auto* s = as_slice(self);
    return tuple_of(t, {s->start, s->stop, s->step});
}
Ref slice_compare(Thread& t, Value a, Value b, CompareOp op) {
    if (!has_type(b, &PySlice_Type)) return not_implemented_ref();
    if (a == b) return bool_ref(op == kEq || op == kLe || op == kGe);
    Ref x = TRY(slice_tuple(t, a)), y = TRY(slice_tuple(t, b));
    return compare(t, x, y, op);
}
Result<int64_t> slice_hash(Thread& t, Value self) {
    Ref items = TRY(slice_tuple(t, self));
    // As a tuple's, without the mixing-in of the length.
    constexpr uint64_t p1 = 11400714785074694791u, p2 = 14029467366897019727u, p5 = 2870177450012600261u;
    uint64_t acc = p5;
    for (int i = 0; i < 3; i++) {
        int64_t lane = TRY(hash(t, tuple_get(items, i)));
        acc += static_cast<uint64_t>(lane) * p2;
        acc = (acc << 31) | (acc >> 33);
        acc *= p1;
    }
    return acc == UINT64_MAX ? 1546275796 : static_cast<int64_t>(acc);
}

// The three numbers for a sequence of `length`, for ints of any size.
Status slice_indices_exact(Thread& t, Value self, Value length, Ref out[3]) {
    auto* s = as_slice(self);
    auto evaluate = [&](Value v) -> Ref {
        if (!is_index(v))
            return raise(t, PyExc_TypeError,
                         "slice indices must be integers or None or have an __index__ method");
        return index(t, v);
    };
    Ref step = is_none(s->step) ? Ref::from_int(1) : evaluate(s->step);
    if (!step) return {};
    int sign = int_sign(step);
    if (sign == 0) return raise(t, PyExc_ValueError, "slice step cannot be zero");
    bool down = sign < 0;
    Ref lower = down ? Ref::from_int(-1) : Ref::from_int(0);
    Ref upper = down ? int_sub(t, length, Value::from_int(1)) : Ref::share(length);
    if (!upper) return {};
    auto clip = [&](Value bound, Value when_none) -> Ref {
        if (is_none(bound)) return Ref::share(when_none);
        Ref v = TRY(evaluate(bound));
        if (int_sign(v) < 0) {
            v = TRY(int_add(t, v, length));
            return int_compare(v, lower) < 0 ? lower.share() : std::move(v);
        }
        return int_compare(v, upper) > 0 ? upper.share() : std::move(v);
    };
    out[0] = TRY(clip(s->start, down ? upper : lower));
    out[1] = TRY(clip(s->stop, down ? lower : upper));
    out[2] = std::move(step);
    return Status::ok();
}

Ref slice_indices(Thread& t, Value self, Value arg) {
    Ref n = TRY(index(t, arg));
    if (int_sign(n) < 0) return raise(t, PyExc_ValueError, "length should not be negative");
    Ref r[3];
    TRY(slice_indices_exact(t, self, n, r));
    return tuple_of(t, {r[0], r[1], r[2]});
}
Ref slice_reduce(Thread& t, Value self) {
    Ref args = TRY(slice_tuple(t, self));
    return tuple_of(t, {Value(&PySlice_Type), args});
}

const NativeDef slice_methods[] = {
    def<slice_indices>("indices", "(object, /)", "(start, stop, step) for a sequence of the given length."),
    def<slice_reduce>("__reduce__", "()", "State for pickling."),
    {},
};
const MemberDef slice_members[] = {
    member("start", MemberKind::Object, offsetof(PySliceObject, start), kReadonly, nullptr),
    member("stop", MemberKind::Object, offsetof(PySliceObject, stop), kReadonly, nullptr),
    member("step", MemberKind::Object, offsetof(PySliceObject, step), kReadonly, nullptr),
    {},
};

// --- range ---

RangeObject* as_range(Value v) { return v.as<RangeObject>(); }

Ref range_length_of(Thread& t, Value start, Value stop, Value step) {
    // Differences of immediates fit an int64_t, and quotients of them an immediate but for the widest of all.
    if (start.is_int() && stop.is_int() && step.is_int()) {
        int64_t by = step.as_int();
        int64_t distance = by > 0 ? stop.as_int() - start.as_int() : start.as_int() - stop.as_int();
        if (distance <= 0) return Ref::from_int(0);
        int64_t n = by == 1 ? distance : (distance - 1) / (by < 0 ? -by : by) + 1;
        return int_from(t, n);
    }
    Value lo = start, hi = stop;
    Ref magnitude = Ref::share(step);
    if (int_sign(step) < 0) {
        std::swap(lo, hi);
        magnitude = TRY(int_neg(t, step));
    }
    if (int_compare(lo, hi) >= 0) return Ref::from_int(0);
    Ref d = TRY(int_sub(t, hi, lo));
    if (Value(magnitude).is_int() && Value(magnitude).as_int() == 1) return d;
    d = TRY(int_sub(t, d, Value::from_int(1)));
    d = TRY(int_floor_div(t, d, magnitude));
    return int_add(t, d, Value::from_int(1));
}

}  // namespace

Ref range_new(Thread& t, Value start, Value stop, Value step) {
    Ref length = TRY(range_length_of(t, start, stop, step));
    PyObject* o = alloc_plain(t, &PyRange_Type, sizeof(RangeObject));
    if (!o) return {};
    auto* r = reinterpret_cast<RangeObject*>(o);
    r->start = Ref::share(start).release();
    r->stop = Ref::share(stop).release();
    r->step = Ref::share(step).release();
    r->length = length.release();
    return Ref::steal(Value(o));
}

namespace {

void range_dealloc(Thread& t, PyObject* o) {
    auto* r = reinterpret_cast<RangeObject*>(o);
    decref(r->start);
    decref(r->stop);
    decref(r->step);
    decref(r->length);
    free_plain(t, o, &PyRange_Type, false);
}

Ref range_tp_new(Thread& t, PyTypeObject*, const Value* args, size_t n, Value kwnames) {
    if (n == 1 && !kwnames && args[0].is_int()) [[likely]]
        return range_new(t, Value::from_int(0), args[0], Value::from_int(1));
    TRY(no_kwargs(t, "range", kwnames));
    if (n < 1) return raise(t, PyExc_TypeError, "range expected at least 1 argument, got 0");
    if (n > 3) return raise(t, PyExc_TypeError, "range expected at most 3 arguments, got %zu", n);
    Ref a = TRY(index(t, args[0]));
    if (n == 1) return range_new(t, Value::from_int(0), a, Value::from_int(1));
    Ref b = TRY(index(t, args[1]));
    if (n == 2) return range_new(t, a, b, Value::from_int(1));
    Ref c = TRY(index(t, args[2]));
    if (int_sign(c) == 0) return raise(t, PyExc_ValueError, "range() arg 3 must not be zero");
    return range_new(t, a, b, c);
}

Ref range_repr(Thread& t, Value self) {
    auto* r = as_range(self);
    if (r->step == Value::from_int(1)) return str_format(t, "range(%R, %R)", r->start, r->stop);
    return str_format(t, "range(%R, %R, %R)", r->start, r->stop, r->step);
}

Result<int64_t> range_length(Thread& t, Value self) {
    int64_t n;
    if (!int_to_i64(as_range(self)->length, &n))
        return raise(t, PyExc_OverflowError, "Python int too large to convert to C ssize_t");
    return n;
}
Result<bool> range_bool(Thread&, Value self) { return int_sign(as_range(self)->length) != 0; }

Ref item_at(Thread& t, RangeObject* r, Value i) {
    Ref product = TRY(int_mul(t, i, r->step));
    return int_add(t, r->start, product);
}
Ref item_checked(Thread& t, Value self, Value i) {
    auto* r = as_range(self);
    Ref at = int_sign(i) < 0 ? int_add(t, i, r->length) : Ref::share(i);
    if (!at) return {};
    if (int_sign(at) < 0 || int_compare(at, r->length) >= 0)
        return raise(t, PyExc_IndexError, "range object index out of range");
    return item_at(t, r, at);
}
Ref range_item(Thread& t, Value self, int64_t i) {
    Ref n = TRY(int_from(t, i));
    return item_checked(t, self, n);
}
Ref range_subscript(Thread& t, Value self, Value key) {
    if (is_index(key)) {
        Ref i = TRY(index(t, key));
        return item_checked(t, self, i);
    }
    if (has_type(key, &PySlice_Type)) {
        auto* r = as_range(self);
        Ref b[3];
        TRY(slice_indices_exact(t, key, r->length, b));
        Ref start = TRY(item_at(t, r, b[0])), stop = TRY(item_at(t, r, b[1])),
            step = TRY(int_mul(t, r->step, b[2]));
        return range_new(t, start, stop, step);
    }
    return raise(t, PyExc_TypeError, "range indices must be integers or slices, not %T", key);
}

Result<bool> contains_int(Thread& t, RangeObject* r, Value v) {
    bool up = int_sign(r->step) > 0;
    if (up ? int_compare(v, r->start) < 0 || int_compare(v, r->stop) >= 0
           : int_compare(v, r->start) > 0 || int_compare(v, r->stop) <= 0)
        return false;
    Ref d = TRY(int_sub(t, v, r->start));
    d = TRY(int_mod(t, d, r->step));
    return int_sign(d) == 0;
}
bool is_plain_int(Value v) { return is_long_exact(v) || is_bool(v); }

Result<bool> range_contains(Thread& t, Value self, Value v) {
    if (is_plain_int(v)) return contains_int(t, as_range(self), v);
    return sequence_contains_by_iteration(t, self, v);
}

bool ranges_equal(RangeObject* a, RangeObject* b) {
    if (!int_equal(a->length, b->length)) return false;
    if (int_sign(a->length) == 0) return true;
    if (!int_equal(a->start, b->start)) return false;
    if (int_equal(a->length, Value::from_int(1))) return true;
    return int_equal(a->step, b->step);
}
Ref range_compare(Thread&, Value a, Value b, CompareOp op) {
    if (!has_type(b, &PyRange_Type) || (op != kEq && op != kNe)) return not_implemented_ref();
    return bool_ref(ranges_equal(as_range(a), as_range(b)) == (op == kEq));
}
Result<int64_t> range_hash(Thread& t, Value self) {
    auto* r = as_range(self);
    bool empty = int_sign(r->length) == 0, one = int_equal(r->length, Value::from_int(1));
    Ref key = TRY(tuple_of(t, {r->length, empty ? none() : r->start, empty || one ? none() : r->step}));
    return hash(t, key);
}

Ref range_count(Thread& t, Value self, Value v) {
    if (is_plain_int(v)) {
        bool in = TRY(contains_int(t, as_range(self), v));
        return Ref::from_int(in);
    }
    Ref it = TRY(iter(t, self));
    int64_t n = 0;
    for (;;) {
        Ref item = iter_next(t, it);
        if (!item) break;
        bool same = TRY(equal(t, item, v));
        n += same;
    }
    if (occurred(t)) return {};
    return Ref::from_int(n);
}
Ref range_index(Thread& t, Value self, Value v) {
    auto* r = as_range(self);
    if (!is_plain_int(v)) {
        Ref it = TRY(iter(t, self));
        for (int64_t i = 0;; i++) {
            Ref item = iter_next(t, it);
            if (!item) break;
            bool same = TRY(equal(t, item, v));
            if (same) return int_from(t, i);
        }
        if (occurred(t)) return {};
        return raise(t, PyExc_ValueError, "sequence.index(x): x not in sequence");
    }
    bool in = TRY(contains_int(t, r, v));
    if (!in) return raise(t, PyExc_ValueError, "range.index(x): x not in range");
    Ref d = TRY(int_sub(t, v, r->start));
    return int_floor_div(t, d, r->step);
}
Ref range_reduce(Thread& t, Value self) {
    auto* r = as_range(self);
    Ref args = TRY(tuple_of(t, {r->start, r->stop, r->step}));
    return tuple_of(t, {Value(&PyRange_Type), args});
}

// --- iterators ---

struct LongRangeIterObject {
    PyObject ob_base;
    Value start, step, length;  // what is left, as ints
};

Ref make_short_iter(Thread& t, int64_t start, int64_t step, int64_t length) {
    PyObject* o = alloc_plain(t, &range_iterator_type, sizeof(RangeIterObject));
    if (!o) return {};
    auto* it = reinterpret_cast<RangeIterObject*>(o);
    it->next = start;
    it->step = step;
    it->left = length;
    return Ref::steal(Value(o));
}

Ref make_iter(Thread& t, Value start, Value step, Value length) {
    // The sum of two immediates fits.
    if (start.is_int() && step == Value::from_int(1) && length.is_int()) [[likely]]
        return make_short_iter(t, start.as_int(), 1, length.as_int());
    int64_t s, d, n;
    bool fits = int_to_i64(start, &s) && int_to_i64(step, &d) && int_to_i64(length, &n);
    int64_t end;
    fits = fits && !__builtin_mul_overflow(d, n, &end) && !__builtin_add_overflow(end, s, &end);
    if (fits) return make_short_iter(t, s, d, n);
    PyObject* o = alloc_plain(t, &longrange_iterator_type, sizeof(LongRangeIterObject));
    if (!o) return {};
    auto* it = reinterpret_cast<LongRangeIterObject*>(o);
    it->start = Ref::share(start).release();
    it->step = Ref::share(step).release();
    it->length = Ref::share(length).release();
    return Ref::steal(Value(o));
}

Ref range_reversed(Thread& t, Value self) {
    auto* r = as_range(self);
    Ref last = TRY(int_sub(t, r->length, Value::from_int(1)));
    last = TRY(item_at(t, r, last));
    Ref step = TRY(int_neg(t, r->step));
    return make_iter(t, last, step, r->length);
}

const NativeDef range_methods[] = {
    def<range_reversed>("__reversed__", "()", "An iterator over the numbers, last first."),
    def<range_reduce>("__reduce__", "()", nullptr),
    def<range_count>("count", "(object, /)", "How often value occurs."),
    def<range_index>("index", "(object, /)", "Index of value; ValueError if it is not there."),
    {},
};
const MemberDef range_members[] = {
    member("start", MemberKind::Object, offsetof(RangeObject, start), kReadonly, nullptr),
    member("stop", MemberKind::Object, offsetof(RangeObject, stop), kReadonly, nullptr),
    member("step", MemberKind::Object, offsetof(RangeObject, step), kReadonly, nullptr),
    {},
};

Ref short_next(Thread& t, Value self) {
    auto* it = self.as<RangeIterObject>();
    if (it->left <= 0) return {};
    int64_t v = it->next;
    it->left--;
    it->next = static_cast<int64_t>(static_cast<uint64_t>(v) + static_cast<uint64_t>(it->step));
    return int_from(t, v);
}
Ref long_next(Thread& t, Value self) {
    auto* it = self.as<LongRangeIterObject>();
    if (int_sign(it->length) <= 0) return {};
    Ref length = TRY(int_sub(t, it->length, Value::from_int(1)));
    Ref next = TRY(int_add(t, it->start, it->step));
    Ref v = Ref::steal(it->start);
    it->start = next.release();
    decref(it->length);
    it->length = length.release();
    return v;
}
Ref short_hint(Thread& t, Value self) {
    int64_t n = self.as<RangeIterObject>()->left;
    return int_from(t, n < 0 ? 0 : n);
}
Ref long_hint(Thread&, Value self) { return Ref::share(self.as<LongRangeIterObject>()->length); }
Ref reduce_rest(Thread& t, Value start, Value step, Value length) {
    Ref span = TRY(int_mul(t, step, length));
    Ref stop = TRY(int_add(t, start, span));
    Ref rest = TRY(range_new(t, start, stop, step));
    Ref fn = TRY(builtin_of_frame(t, ID(iter)));
    Ref args = TRY(tuple_of(t, {rest}));
    return tuple_of(t, {fn, args, none()});
}
Ref short_reduce(Thread& t, Value self) {
    auto* it = self.as<RangeIterObject>();
    Ref a = TRY(int_from(t, it->next)), b = TRY(int_from(t, it->step)), n = TRY(int_from(t, it->left));
    return reduce_rest(t, a, b, n);
}
Ref long_reduce(Thread& t, Value self) {
    auto* it = self.as<LongRangeIterObject>();
    return reduce_rest(t, it->start, it->step, it->length);
}
Ref short_setstate(Thread& t, Value self, Value state) {
    auto* it = self.as<RangeIterObject>();
    int64_t n = TRY(as_int64(t, state));
    n = n < 0 ? 0 : n > it->left ? it->left : n;
    it->next += n * it->step;
    it->left -= n;
    return none_ref();
}
Ref long_setstate(Thread& t, Value self, Value state) {
    auto* it = self.as<LongRangeIterObject>();
    if (!is_long(state)) return raise(t, PyExc_TypeError, "state must be an int, not %#T", state);
    Value n = int_sign(state) < 0                  ? Value::from_int(0)
              : int_compare(state, it->length) > 0 ? it->length
                                                   : state;
    Ref moved = TRY(int_mul(t, n, it->step));
    Ref start = TRY(int_add(t, it->start, moved)), length = TRY(int_sub(t, it->length, n));
    decref(it->start);
    it->start = start.release();
    decref(it->length);
    it->length = length.release();
    return none_ref();
}
void short_dealloc(Thread& t, PyObject* o) { free_plain(t, o, &range_iterator_type, false); }
void long_dealloc(Thread& t, PyObject* o) {
    auto* it = reinterpret_cast<LongRangeIterObject*>(o);
    decref(it->start);
    decref(it->step);
    decref(it->length);
    free_object(t, o);
}
const NativeDef short_methods[] = {
    def<short_hint>("__length_hint__", "()", "How many numbers are left."),
    def<short_reduce>("__reduce__", "()", nullptr),
    def<short_setstate>("__setstate__", "(object, /)", "Skip as many numbers as a pickled state says."),
    {},
};
const NativeDef long_methods[] = {
    def<long_hint>("__length_hint__", "()", "How many numbers are left."),
    def<long_reduce>("__reduce__", "()", nullptr),
    def<long_setstate>("__setstate__", "(object, /)", "Skip as many numbers as a pickled state says."),
    {},
};

}  // namespace

Ref range_iter(Thread& t, Value self) {
    auto* r = as_range(self);
    return make_iter(t, r->start, r->step, r->length);
}

Status init_builtin_range_slice(Thread& t) {
    static const TypeDecl slice_decl = {
        .name = "slice",
        .basicsize = sizeof(PySliceObject),
        .flags = kTpDefault | kTpHaveGC,
        .slots = {.dealloc = slice_dealloc,
                  .traverse = slice_traverse,
                  .repr = slice_repr,
                  .hash = slice_hash,
                  .richcompare = slice_compare,
                  .new_ = slice_tp_new},
        .spec = {.methods = slice_methods,
                 .members = slice_members,
                 .doc = "The bounds of a subscript start:stop:step."},
    };
    init_static_type(PySlice_Type, slice_decl);
    TRY(ready_type(t, &PySlice_Type));
    static const TypeDecl range_decl = {
        .name = "range",
        .basicsize = sizeof(RangeObject),
        .flags = kTpDefault | kTpSequence,
        .slots = {.dealloc = range_dealloc,
                  .repr = range_repr,
                  .hash = range_hash,
                  .richcompare = range_compare,
                  .iter = range_iter,
                  .new_ = range_tp_new,
                  .nb_bool = range_bool,
                  .mp_length = range_length,
                  .mp_subscript = range_subscript,
                  .sq_length = range_length,
                  .sq_item = range_item,
                  .sq_contains = range_contains},
        .spec = {.methods = range_methods,
                 .members = range_members,
                 .doc =
                     "The numbers from start (0 by default) up to but not including stop, in steps of step."},
    };
    init_static_type(PyRange_Type, range_decl);
    TRY(ready_type(t, &PyRange_Type));
    static const TypeDecl short_decl = {
        .name = "range_iterator",
        .basicsize = sizeof(RangeIterObject),
        .flags = kTpDefault | kTpDisallowInstantiation,
        .slots = {.dealloc = short_dealloc, .iter = iter_self, .iternext = short_next},
        .spec = {.methods = short_methods},
    };
    init_static_type(range_iterator_type, short_decl);
    TRY(ready_type(t, &range_iterator_type));
    static const TypeDecl long_decl = {
        .name = "longrange_iterator",
        .basicsize = sizeof(LongRangeIterObject),
        .flags = kTpDefault | kTpDisallowInstantiation,
        .slots = {.dealloc = long_dealloc, .iter = iter_self, .iternext = long_next},
        .spec = {.methods = long_methods},
    };
    init_static_type(longrange_iterator_type, long_decl);
    return ready_type(t, &longrange_iterator_type);
}

}  // namespace krait

krait::Type PySlice_Type, PyRange_Type;

// What C code calls them.
extern "C" __attribute__((visibility("default"),
                          alias("_ZN5krait19range_iterator_typeE"))) krait::Type PyRangeIter_Type;
extern "C" __attribute__((visibility("default"),
                          alias("_ZN5krait23longrange_iterator_typeE"))) krait::Type PyLongRangeIter_Type;
