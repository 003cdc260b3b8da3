// collections.deque: a ring buffer of Values, and its two iterators.
#include <algorithm>
#include <cstring>

#include "builtins/callable.h"
#include "builtins/iterators.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/sequence.h"
#include "builtins/str.h"
#include "builtins/str_same.h"
#include "builtins/tuple.h"
#include "modules/collections/collections.h"
#include "modules/fields.h"
#include "object/convert.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait {
namespace {

Type deque_type, iterator_type, reverse_iterator_type;

struct DequeObject {
    PyObject ob_base;
    Value* items;  // `capacity` places, a power of two; null while nothing was stored
    int64_t capacity, head, size;
    int64_t maxlen;      // -1: none
    uint64_t state;      // changes with every insertion and removal
    char reserved[144];  // the size that sys.getsizeof shows is that of CPython
    PyObject* weaklist;

    Value& at(int64_t i) { return items[(head + i) & (capacity - 1)]; }
};
DequeObject* as_deque(Value v) { return v.as<DequeObject>(); }
bool is_deque(Value v) { return is_instance_exact_or_sub(v, &deque_type); }

Status set_capacity(Thread& t, DequeObject* d, int64_t capacity) {
    auto* items = static_cast<Value*>(mem_alloc(static_cast<size_t>(capacity) * sizeof(Value)));
    if (!items) return raise_no_memory(t);
    if (d->size) {
        int64_t first = std::min(d->size, d->capacity - d->head);
        memcpy(static_cast<void*>(items), d->items + d->head, first * sizeof(Value));
        memcpy(static_cast<void*>(items + first), d->items, (d->size - first) * sizeof(Value));
    }
    mem_free(d->items);
    d->items = items;
    d->capacity = capacity;
    d->head = 0;
    return Status::ok();
}
Status grow(Thread& t, DequeObject* d) {
    if (d->size < d->capacity) return Status::ok();
    return set_capacity(t, d, d->capacity ? d->capacity * 2 : 16);
}
Status reserve(Thread& t, DequeObject* d, int64_t n) {
    int64_t capacity = 16;
    while (capacity < n) capacity *= 2;
    return capacity > d->capacity ? set_capacity(t, d, capacity) : Status::ok();
}

Ref take_first(DequeObject* d) {
    Value v = d->at(0);
    d->head = (d->head + 1) & (d->capacity - 1);
    d->size--;
    d->state++;
    return Ref::steal(v);
}
Ref take_last(DequeObject* d) {
    d->size--;
    d->state++;
    return Ref::steal(d->at(d->size));
}
Status push_last(Thread& t, DequeObject* d, Value v) {
    Ref dropped;
    if (d->maxlen >= 0 && d->size >= d->maxlen) {
        if (d->maxlen == 0) return Status::ok();
        dropped = take_first(d);
    }
    TRY(grow(t, d));
    incref(v);
    d->at(d->size++) = v;
    d->state++;
    return Status::ok();
}
Status push_first(Thread& t, DequeObject* d, Value v) {
    Ref dropped;
    if (d->maxlen >= 0 && d->size >= d->maxlen) {
        if (d->maxlen == 0) return Status::ok();
        dropped = take_last(d);
    }
    TRY(grow(t, d));
    incref(v);
    d->head = (d->head - 1) & (d->capacity - 1);
    d->size++;
    d->at(0) = v;
    d->state++;
    return Status::ok();
}
void clear_items(DequeObject* d) {
    Value* items = d->items;
    int64_t capacity = d->capacity, head = d->head, size = d->size;
    if (!items) return;
    d->items = nullptr;
    d->capacity = d->head = d->size = 0;
    d->state++;
    for (int64_t i = 0; i < size; i++) decref(items[(head + i) & (capacity - 1)]);
    mem_free(items);
}
// Turns by n places to the right.
void turn(DequeObject* d, int64_t n) {
    if (d->size <= 1) return;
    n %= d->size;
    if (n > d->size / 2) n -= d->size;
    if (n < -(d->size / 2)) n += d->size;
    if (d->size == d->capacity) {  // no gap: only the head moves
        d->head = (d->head - n) & (d->capacity - 1);
        d->state++;
        return;
    }
    for (; n > 0; n--) {
        Value v = d->at(d->size - 1);
        d->head = (d->head - 1) & (d->capacity - 1);
        d->at(0) = v;
    }
    for (; n < 0; n++) {
        Value v = d->at(0);
        d->head = (d->head + 1) & (d->capacity - 1);
        d->at(d->size - 1) = v;
    }
    d->state++;
}
Ref remove_at(DequeObject* d, int64_t i) {
    Value v = d->at(i);
    if (i < d->size / 2) {
        for (; i > 0; i--) d->at(i) = d->at(i - 1);
        d->head = (d->head + 1) & (d->capacity - 1);
    } else {
        for (; i + 1 < d->size; i++) d->at(i) = d->at(i + 1);
    }
    d->size--;
    d->state++;
    return Ref::steal(v);
}

// --- life ---

void deque_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    weakrefs_clear(t, o);
    clear_items(reinterpret_cast<DequeObject*>(o));
    free_object(t, o);
}
void deque_traverse(PyObject* o, Visitor& v) {
    auto* d = reinterpret_cast<DequeObject*>(o);
    for (int64_t i = 0; i < d->size; i++) v.visit(d->at(i));
}
void deque_gc_clear(Thread&, PyObject* o) { clear_items(reinterpret_cast<DequeObject*>(o)); }

Ref deque_new(Thread& t, PyTypeObject* type, const Value*, size_t, Value) {
    Ref self = TRY(alloc(t, type));
    as_deque(self)->maxlen = -1;
    return self;
}
// The items of a list or tuple into an empty deque; no code runs.
Status fill(Thread& t, DequeObject* d, Value source) {
    bool list = is_list_exact(source);
    const Value* from = list ? list_items(source) : tuple_items(source);
    int64_t n = list ? list_size(source) : tuple_size(source);
    TRY(reserve(t, d, n));
    d->head = 0;
    for (int64_t i = 0; i < n; i++) {
        incref(from[i]);
        d->items[i] = from[i];
    }
    d->size = n;
    d->state += static_cast<decltype(d->state)>(n);
    return Status::ok();
}
Status extend_with(Thread& t, Value self, Value iterable, bool left) {
    auto* d = as_deque(self);
    Ref source = Ref::share(iterable);
    if (iterable == self) source = TRY(to_list(t, iterable));
    bool plain = is_list_exact(source) || is_tuple_exact(source);
    if (plain && !left && d->maxlen < 0 && d->size == 0) return fill(t, d, source);
    Ref it = TRY(iter(t, source));
    while (Ref item = iter_next(t, it)) TRY(left ? push_first(t, d, item) : push_last(t, d, item));
    if (occurred(t)) return {};
    return Status::ok();
}
Status deque_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Value p[2] = {};
    Ref keep;
    if (nargs > 2 && !(kwnames && tuple_size(kwnames)))
        return raise(t, PyExc_TypeError, "deque() takes at most 2 arguments (%zu given)", nargs);
    TRY(bind_args(t, "deque", "(iterable=None, maxlen=None)", args, nargs, kwnames, p, keep));
    int64_t maxlen = -1;
    if (p[1] && !is_none(p[1])) {
        if (!is_long(p[1])) return raise(t, PyExc_TypeError, "an integer is required");
        maxlen = TRY(as_ssize(t, p[1]));
        if (maxlen < 0) return raise(t, PyExc_ValueError, "maxlen must be non-negative");
    }
    auto* d = as_deque(self);
    d->maxlen = maxlen;
    clear_items(d);
    return p[0] ? extend_with(t, self, p[0], false) : Status::ok();
}

// A new deque of the same kind and bound, through the class when it is a subclass.
Ref deque_copy(Thread& t, Value self) {
    auto* d = as_deque(self);
    if (has_type(self, &deque_type)) {
        Ref made = TRY(deque_new(t, &deque_type, nullptr, 0, Value()));
        as_deque(made)->maxlen = d->maxlen;
        for (int64_t i = 0; i < d->size; i++) TRY(push_last(t, as_deque(made), d->at(i)));
        return made;
    }
    Ref made;
    if (d->maxlen < 0) {
        made = TRY(call(t, Value(type_of(self)), {self}));
    } else {
        Ref bound = TRY(int_from(t, d->maxlen));
        made = TRY(call(t, Value(type_of(self)), {self, bound}));
    }
    if (!is_deque(made))
        return raise(t, PyExc_TypeError, "%.200s() must return a deque, not %.200s", type_of(self)->tp_name,
                     type_of(made)->tp_name);
    return made;
}

// --- methods ---

Ref append(Thread& t, Value self, Value v) {
    TRY(push_last(t, as_deque(self), v));
    return none_ref();
}
Ref appendleft(Thread& t, Value self, Value v) {
    TRY(push_first(t, as_deque(self), v));
    return none_ref();
}
Ref pop(Thread& t, Value self) {
    if (!as_deque(self)->size) return raise(t, PyExc_IndexError, "pop from an empty deque");
    return take_last(as_deque(self));
}
Ref popleft(Thread& t, Value self) {
    if (!as_deque(self)->size) return raise(t, PyExc_IndexError, "pop from an empty deque");
    return take_first(as_deque(self));
}
Ref clear(Thread&, Value self) {
    clear_items(as_deque(self));
    return none_ref();
}
Ref extend(Thread& t, Value self, Value v) {
    TRY(extend_with(t, self, v, false));
    return none_ref();
}
Ref extendleft(Thread& t, Value self, Value v) {
    TRY(extend_with(t, self, v, true));
    return none_ref();
}
Ref rotate(Thread& t, Value self, const Value* a, size_t n) {
    turn(as_deque(self), n ? TRY(as_ssize(t, a[0])) : 1);
    return none_ref();
}
Ref reverse(Thread&, Value self) {
    auto* d = as_deque(self);
    for (int64_t i = 0, j = d->size - 1; i < j; i++, j--) std::swap(d->at(i), d->at(j));
    return none_ref();
}
Raised raise_mutated(Thread& t, PyTypeObject* type = PyExc_RuntimeError) {
    return raise(t, type, "deque mutated during iteration");
}
Ref count(Thread& t, Value self, Value v) {
    auto* d = as_deque(self);
    uint64_t state = d->state;
    int64_t n = 0, size = d->size;
    for (int64_t i = 0; i < size; i++) {
        Ref item = Ref::share(d->at(i));
        n += TRY(equal(t, item, v));
        if (d->state != state) return raise_mutated(t);
    }
    return int_from(t, n);
}
// Place of `v` in [start, stop), -1 when it is not there.
Result<int64_t> find(Thread& t, Value self, Value v, int64_t start, int64_t stop, PyTypeObject* mutated) {
    auto* d = as_deque(self);
    uint64_t state = d->state;
    for (int64_t i = start; i < stop; i++) {
        Sameness plain = plain_sameness(d->at(i), v);
        if (plain == Sameness::Yes) return i;
        if (plain == Sameness::No) continue;
        Ref item = Ref::share(d->at(i));
        bool same = TRY(equal(t, item, v));
        if (d->state != state) return raise_mutated(t, mutated);
        if (same) return i;
    }
    return -1;
}
Ref index_method(Thread& t, Value self, const Value* a, size_t n) {
    int64_t start = n > 1 ? TRY(slice_index(t, a[1], 0)) : 0;
    int64_t stop = n > 2 ? TRY(slice_index(t, a[2], INT64_MAX)) : INT64_MAX;
    int64_t size = as_deque(self)->size;
    if (start < 0) start = start + size < 0 ? 0 : start + size;
    if (stop < 0) stop = stop + size < 0 ? 0 : stop + size;
    if (stop > size) stop = size;
    int64_t at = TRY(find(t, self, a[0], start, stop, PyExc_RuntimeError));
    if (at < 0) return raise(t, PyExc_ValueError, "deque.index(x): x not in deque");
    return int_from(t, at);
}
Ref remove_method(Thread& t, Value self, Value v) {
    int64_t at = TRY(find(t, self, v, 0, as_deque(self)->size, PyExc_IndexError));
    if (at < 0) return raise(t, PyExc_ValueError, "deque.remove(x): x not in deque");
    Ref gone = remove_at(as_deque(self), at);
    return none_ref();
}
Ref insert(Thread& t, Value self, const Value* a, size_t) {
    auto* d = as_deque(self);
    int64_t at = TRY(as_ssize(t, a[0]));
    if (d->maxlen >= 0 && d->size >= d->maxlen)
        return raise(t, PyExc_IndexError, "deque already at its maximum size");
    if (at < 0) at = std::max<int64_t>(0, at + d->size);
    if (at > d->size) at = d->size;
    if (at < d->size / 2) {
        TRY(push_first(t, d, a[1]));
        Value v = d->at(0);
        for (int64_t i = 0; i < at; i++) d->at(i) = d->at(i + 1);
        d->at(at) = v;
    } else {
        TRY(push_last(t, d, a[1]));
        Value v = d->at(d->size - 1);
        for (int64_t i = d->size - 1; i > at; i--) d->at(i) = d->at(i - 1);
        d->at(at) = v;
    }
    return none_ref();
}
Ref reduce(Thread& t, Value self) {
    Ref state = TRY(call_method(t, self, ID(__getstate__)));
    Ref it = TRY(iter(t, self));
    Ref args;
    if (as_deque(self)->maxlen < 0) {
        args = Ref::share(empty_tuple());
    } else {
        Ref bound = TRY(int_from(t, as_deque(self)->maxlen));
        args = TRY(tuple_of(t, {empty_tuple(), bound}));
    }
    return tuple_of(t, {Value(type_of(self)), args, state, it});
}
Ref size_of(Thread& t, Value self) {
    // As if the items were in blocks of 64 with two links each.
    int64_t blocks = (as_deque(self)->size + 64) / 64;
    return int_from(t, type_of(self)->tp_basicsize + blocks * 66 * static_cast<int64_t>(sizeof(Value)));
}
Ref get_maxlen(Thread& t, Value self, void*) {
    return as_deque(self)->maxlen < 0 ? none_ref() : int_from(t, as_deque(self)->maxlen);
}

// --- slots ---

Result<int64_t> deque_length(Thread&, Value self) { return as_deque(self)->size; }
Result<bool> deque_contains(Thread& t, Value self, Value v) {
    return TRY(find(t, self, v, 0, as_deque(self)->size, PyExc_RuntimeError)) >= 0;
}
Ref deque_item(Thread& t, Value self, int64_t i) {
    auto* d = as_deque(self);
    if (i < 0 || i >= d->size) return raise(t, PyExc_IndexError, "deque index out of range");
    return Ref::share(d->at(i));
}
Status deque_set_item(Thread& t, Value self, int64_t i, Value v) {
    auto* d = as_deque(self);
    if (i < 0 || i >= d->size) return raise(t, PyExc_IndexError, "deque index out of range");
    if (!v) {
        Ref gone = remove_at(d, i);
        return Status::ok();
    }
    put_owned(d->at(i), Ref::share(v));
    return Status::ok();
}
Status repeat_in_place(Thread& t, Value self, int64_t n) {
    auto* d = as_deque(self);
    if (d->size == 0 || n == 1) return Status::ok();
    if (n <= 0) {
        clear_items(d);
        return Status::ok();
    }
    int64_t size = d->size;
    if (d->maxlen < 0 && size > INT64_MAX / 16 / n) return raise_no_memory(t);
    Ref items = TRY(to_list(t, self));
    // With a bound only the last rounds remain.
    if (d->maxlen >= 0 && n > d->maxlen / size + 2) n = d->maxlen / size + 2;
    for (int64_t k = 1; k < n; k++)
        for (int64_t i = 0; i < size; i++) TRY(push_last(t, d, list_get(items, i)));
    return Status::ok();
}
Ref deque_repeat(Thread& t, Value self, int64_t n) {
    Ref copy = TRY(deque_copy(t, self));
    TRY(repeat_in_place(t, copy, n));
    return copy;
}
Ref deque_inplace_repeat(Thread& t, Value self, int64_t n) {
    TRY(repeat_in_place(t, self, n));
    return Ref::share(self);
}
Ref deque_concat(Thread& t, Value self, Value other) {
    if (!is_deque(other))
        return raise(t, PyExc_TypeError, "can only concatenate deque (not \"%.200s\") to deque",
                     type_of(other)->tp_name);
    Ref copy = TRY(deque_copy(t, self));
    TRY(extend_with(t, copy, other, false));
    return copy;
}
Ref deque_inplace_concat(Thread& t, Value self, Value other) {
    TRY(extend_with(t, self, other, false));
    return Ref::share(self);
}
Ref deque_compare(Thread& t, Value a, Value b, CompareOp op) {
    if (!is_deque(a) || !is_deque(b)) return not_implemented_ref();
    if (a == b && (op == kEq || op == kNe)) return bool_ref(op == kEq);
    if ((op == kEq || op == kNe) && as_deque(a)->size != as_deque(b)->size) return bool_ref(op == kNe);
    Ref left = TRY(iter(t, a)), right = TRY(iter(t, b));
    for (;;) {
        Ref x = iter_next(t, left);
        if (!x && occurred(t)) return {};
        Ref y = iter_next(t, right);
        if (!y && occurred(t)) return {};
        if (!x || !y) {
            int order = x ? 1 : y ? -1 : 0;
            return bool_ref(holds(op, order));
        }
        if (!TRY(equal(t, x, y))) return op == kEq ? bool_ref(false) : compare(t, x, y, op);
    }
}
Ref deque_repr(Thread& t, Value self) {
    if (TRY(repr_enter(t, self))) return str_from(t, "[...]");
    Ref list = to_list(t, self), r;
    const char* full = type_of(self)->tp_name;
    const char* dot = strrchr(full, '.');
    const char* name = dot ? dot + 1 : full;
    if (list)
        r = as_deque(self)->maxlen >= 0
                ? str_format(t, "%s(%R, maxlen=%zd)", name, list.get(), as_deque(self)->maxlen)
                : str_format(t, "%s(%R)", name, list.get());
    repr_leave(t, self);
    return r;
}

// --- iterators ---

struct IterObject {
    Fields<1> fields;  // the deque
    int64_t index, left;
    uint64_t state;
};

Ref make_iter(Thread& t, Value self, bool reversed) {
    auto* d = as_deque(self);
    Ref it = TRY(alloc(t, reversed ? &reverse_iterator_type : &iterator_type));
    auto* i = it.as<IterObject>();
    i->fields.f[0] = Ref::share(self).release();
    i->index = reversed ? d->size - 1 : 0;
    i->left = d->size;
    i->state = d->state;
    return it;
}
Ref deque_iter(Thread& t, Value self) { return make_iter(t, self, false); }
Ref deque_reversed(Thread& t, Value self) { return make_iter(t, self, true); }
template <int Step>
Ref iter_step(Thread& t, Value self) {
    auto* it = self.as<IterObject>();
    auto* d = as_deque(it->fields.f[0]);
    if (d->state != it->state) {
        it->left = 0;
        return raise_mutated(t);
    }
    if (it->left == 0) return {};
    it->left--;
    Value v = d->at(it->index);
    it->index += Step;
    return Ref::share(v);
}
Ref iter_length_hint(Thread& t, Value self) { return int_from(t, self.as<IterObject>()->left); }
Ref iter_reduce(Thread& t, Value self) {
    auto* it = self.as<IterObject>();
    Ref index = TRY(int_from(t, as_deque(it->fields.f[0])->size - it->left));
    Ref args = TRY(tuple_of(t, {it->fields.f[0], index}));
    return tuple_of(t, {Value(type_of(self)), args});
}
template <bool Reversed>
Ref iter_new(Thread& t, PyTypeObject*, const Value* args, size_t nargs, Value kwnames) {
    TRY(no_kwargs(t, Reversed ? "_deque_reverse_iterator" : "_deque_iterator", kwnames));
    if (nargs < 1) return raise(t, PyExc_TypeError, "function takes at least 1 argument (0 given)");
    if (nargs > 2) return raise(t, PyExc_TypeError, "function takes at most 2 arguments (%zu given)", nargs);
    if (!is_deque(args[0]))
        return raise(t, PyExc_TypeError, "argument 1 must be collections.deque, not %K", args[0]);
    int64_t skip = nargs > 1 ? TRY(as_ssize(t, args[1])) : 0;
    Ref it = TRY(make_iter(t, args[0], Reversed));
    auto* i = it.as<IterObject>();
    skip = std::clamp<int64_t>(skip, 0, i->left);
    i->left -= skip;
    i->index += Reversed ? -skip : skip;
    return it;
}

const NativeDef methods[] = {
    def<append>("append", "(item, /)", "Add an element to the right side of the deque."),
    def<appendleft>("appendleft", "(item, /)", "Add an element to the left side of the deque."),
    def<clear>("clear", "()", "Remove all elements from the deque."),
    def<deque_copy>("__copy__", "()", "Return a shallow copy of a deque."),
    def<deque_copy>("copy", "()", "Return a shallow copy of a deque."),
    def<count>("count", "(value, /)", "Return number of occurrences of value."),
    def<extend>("extend", "(iterable, /)",
                "Extend the right side of the deque with elements from the iterable."),
    def<extendleft>("extendleft", "(iterable, /)",
                    "Extend the left side of the deque with elements from the iterable."),
    def<index_method>("index", "($self, value, [start, [stop]])", "Return first index of value."),
    def<insert>("insert", "(index, value, /)", "Insert value before index."),
    def<pop>("pop", "()", "Remove and return the rightmost element."),
    def<popleft>("popleft", "()", "Remove and return the leftmost element."),
    def<reduce>("__reduce__", "()", "State for pickling."),
    def<remove_method>("remove", "(value, /)", "Remove first occurrence of value."),
    def<deque_reversed>("__reversed__", "()", "Return a reverse iterator over the deque."),
    def<reverse>("reverse", "()", "Reverse *IN PLACE*."),
    def<rotate>("rotate", "(n=1, /)", "Rotate the deque n steps to the right."),
    def<size_of>("__sizeof__", "()", "Bytes in memory."),
    def<class_getitem>("__class_getitem__", "(object, /)", "See PEP 585", kMethClass),
    {}};
const GetSetDef deque_getset[] = {
    getset("maxlen", get_maxlen, nullptr, "maximum size of a deque or None if unbounded"), {}};
const NativeDef iter_methods[] = {def<iter_length_hint>("__length_hint__", "()", "How many items are left."),
                                  def<iter_reduce>("__reduce__", "()", "State for pickling."),
                                  {}};

}  // namespace

Status init_deque(Thread& t, Value module) {
    static const TypeDecl decl{
        .name = "collections.deque",
        .basicsize = sizeof(DequeObject),
        .flags = kTpDefault | kTpHaveGC | kTpBaseType | kTpSequence | kTpImmutableType,
        .slots = {.dealloc = deque_dealloc,
                  .traverse = deque_traverse,
                  .clear = deque_gc_clear,
                  .repr = deque_repr,
                  .hash = hash_not_implemented,
                  .richcompare = deque_compare,
                  .getattr = generic_get_attr,
                  .iter = deque_iter,
                  .init = deque_init,
                  .new_ = deque_new,
                  .sq_length = deque_length,
                  .sq_concat = deque_concat,
                  .sq_repeat = deque_repeat,
                  .sq_item = deque_item,
                  .sq_ass_item = deque_set_item,
                  .sq_contains = deque_contains,
                  .sq_inplace_concat = deque_inplace_concat,
                  .sq_inplace_repeat = deque_inplace_repeat},
        .spec = {.methods = methods,
                 .getset = deque_getset,
                 .doc = "A list-like sequence optimized for data accesses near its endpoints.",
                 .text_signature = "([iterable[, maxlen]])"},
        .weaklistoffset = offsetof(DequeObject, weaklist)};
    static const TypeDecl forward{.name = "collections._deque_iterator",
                                  .basicsize = sizeof(IterObject),
                                  .flags = kTpDefault | kTpHaveGC | kTpImmutableType,
                                  .slots = {.dealloc = Fields<1>::dealloc,
                                            .traverse = Fields<1>::traverse,
                                            .getattr = generic_get_attr,
                                            .iter = iter_self,
                                            .iternext = iter_step<1>,
                                            .new_ = iter_new<false>},
                                  .spec = {.methods = iter_methods}};
    static const TypeDecl backward{.name = "collections._deque_reverse_iterator",
                                   .basicsize = sizeof(IterObject),
                                   .flags = kTpDefault | kTpHaveGC | kTpImmutableType,
                                   .slots = {.dealloc = Fields<1>::dealloc,
                                             .traverse = Fields<1>::traverse,
                                             .getattr = generic_get_attr,
                                             .iter = iter_self,
                                             .iternext = iter_step<-1>,
                                             .new_ = iter_new<true>},
                                   .spec = {.methods = iter_methods}};
    TRY(add_static_type(t, module, deque_type, decl));
    TRY(add_static_type(t, module, iterator_type, forward));
    return add_static_type(t, module, reverse_iterator_type, backward);
}

}  // namespace krait
