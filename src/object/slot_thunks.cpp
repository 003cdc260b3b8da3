// The slot functions of Python classes. Each finds its dunder on the type and calls it.
#include <string>

#include "builtins/callable.h"
#include "builtins/memoryview.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/errors.h"
#include "object/internal.h"
#include "object/names.h"
#include "object/operators.h"
#include "object/protocol.h"

namespace krait {

bool is_generic_getattribute(Value found) {
    return !found ||
           (has_type(found, &PyWrapperDescr_Type) &&
            found.as<PyWrapperDescrObject>()->d_wrapped == reinterpret_cast<void*>(&generic_get_attr));
}

namespace {

// A special method ready to be called: the plain function with `self` to be put first, or something bound.
struct Method {
    Ref callable;
    bool unbound = false;
};

// False: absent, or failed with an exception.
bool find_method(Thread& t, Value self, Value name, Method& m) {
    PyTypeObject* type = type_of(self);
    Value found = type_lookup(type, name);
    if (!found) return false;
    m.callable = Ref::share(found);
    PyTypeObject* kind = type_of(found);
    m.unbound = kind->tp_flags & kTpMethodDescriptor;
    if (m.unbound) return true;
    if (DescrGetFn get = ext(kind)->slots.descr_get) {
        m.callable = get(t, m.callable, self, Value(type));
        return static_cast<bool>(m.callable);
    }
    return true;
}

// For operations that can do without the method: one whose descriptor raises AttributeError counts as absent.
bool find_optional(Thread& t, Value self, Value name, Method& m) {
    if (find_method(t, self, name, m)) return true;
    if (t.has_exception()) (void)clear_if(t, PyExc_AttributeError);
    return false;
}

template <class... Args>
Ref invoke(Thread& t, const Method& m, Value self, Args... args) {
    Value all[] = {self, args...};
    return m.unbound ? call(t, m.callable, all, 1 + sizeof...(args))
                     : call(t, m.callable, all + 1, sizeof...(args));
}

// AttributeError with the name when the dunder is gone (deleted while the slot was used).
template <class... Args>
Ref call_dunder(Thread& t, Value self, Value name, Args... args) {
    Method m;
    if (!find_method(t, self, name, m)) {
        if (!t.has_exception()) (void)static_cast<Status>(raise_value(t, PyExc_AttributeError, name));
        return {};
    }
    return invoke(t, m, self, args...);
}

// NotImplemented when absent.
template <class... Args>
Ref call_maybe(Thread& t, Value self, Value name, Args... args) {
    Method m;
    if (!find_optional(t, self, name, m)) return t.has_exception() ? Ref() : not_implemented_ref();
    return invoke(t, m, self, args...);
}

Status status_of(Ref r) { return r ? Status::ok() : Status(); }

// --- plain ones ---

Ref slot_repr(Thread& t, Value self) {
    Method m;
    if (find_optional(t, self, ID(__repr__), m)) return invoke(t, m, self);
    if (t.has_exception()) return {};
    return str_format(t, "<%s object at %p>", type_of(self)->tp_name, reinterpret_cast<void*>(self.bits));
}
Ref slot_str(Thread& t, Value self) { return call_dunder(t, self, ID(__str__)); }

Result<int64_t> slot_hash(Thread& t, Value self) {
    Method m;
    if (!find_optional(t, self, ID(__hash__), m)) {
        if (t.has_exception()) return {};
        return hash_not_implemented(t, self);
    }
    if (is_none(m.callable)) return hash_not_implemented(t, self);
    Ref r = TRY(invoke(t, m, self));
    if (r.get().is_int()) {
        int64_t h = r.get().as_int();
        return h == -1 ? -2 : h;
    }
    if (!is_long(r)) return raise(t, PyExc_TypeError, "__hash__ method should return an integer");
    int64_t h;
    if (!int_to_i64(r, &h)) h = int_hash(r);  // what does not fit is hashed as a number
    return h == -1 ? -2 : h;
}

Ref slot_call(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Method m;
    if (!find_method(t, self, ID(__call__), m)) {
        if (!t.has_exception()) (void)static_cast<Status>(raise_value(t, PyExc_AttributeError, ID(__call__)));
        return {};
    }
    // A __call__ that is itself an instance with __call__ and so on recurses here, in C++.
    RecursionGuard guard(t, " in __call__");
    if (!guard) return {};
    if (!m.unbound) return call(t, m.callable, args, nargs, kwnames);
    size_t total = nargs + (kwnames ? tuple_size(kwnames) : 0);
    constexpr size_t kSmall = 8;
    Value small[kSmall + 1];
    Value* all = small;
    if (total > kSmall) {
        all = static_cast<Value*>(mem_alloc((total + 1) * sizeof(Value)));
        if (!all) return raise_no_memory(t);
    }
    all[0] = self;
    for (size_t i = 0; i < total; i++) all[i + 1] = args[i];
    Ref r = call(t, m.callable, all, nargs + 1, kwnames);
    if (all != small) mem_free(all);
    return r;
}

// __getattribute__, then __getattr__ when that raised AttributeError.
Ref slot_getattr(Thread& t, Value self, Value name) {
    PyTypeObject* type = type_of(self);
    Value hook = type_lookup(type, ID(__getattr__));
    bool generic = is_generic_getattribute(type_lookup(type, ID(__getattribute__)));
    if (!hook) {
        if (generic) return generic_get_attr(t, self, name);
        return call_dunder(t, self, ID(__getattribute__), name);
    }
    Ref keep = Ref::share(hook);
    if (generic) {
        Ref found = TRY(generic_lookup_attr(t, self, name));
        if (found) return found;
    } else {
        Ref r = call_dunder(t, self, ID(__getattribute__), name);
        if (r || !clear_if(t, PyExc_AttributeError)) return r;
    }
    PyTypeObject* kind = type_of(hook);
    if (kind->tp_flags & kTpMethodDescriptor) return call(t, keep, {self, name});
    if (DescrGetFn get = ext(kind)->slots.descr_get) keep = TRY(get(t, keep, self, Value(type)));
    return call(t, keep, {name});
}
Status slot_setattr(Thread& t, Value self, Value name, Value value) {
    if (!value) return status_of(call_dunder(t, self, ID(__delattr__), name));
    return status_of(call_dunder(t, self, ID(__setattr__), name, value));
}

Ref slot_richcompare(Thread& t, Value self, Value other, CompareOp op) {
    Value name;
    switch (op) {
        case kLt:
            name = ID(__lt__);
            break;
        case kLe:
            name = ID(__le__);
            break;
        case kEq:
            name = ID(__eq__);
            break;
        case kNe:
            name = ID(__ne__);
            break;
        case kGt:
            name = ID(__gt__);
            break;
        default:
            name = ID(__ge__);
            break;
    }
    return call_maybe(t, self, name, other);
}

Ref slot_iter(Thread& t, Value self) {
    Value raw = type_lookup(type_of(self), ID(__iter__));
    if (raw && is_none(raw)) return raise(t, PyExc_TypeError, "'%T' object is not iterable", self);
    Method m;
    if (raw && find_optional(t, self, ID(__iter__), m)) return invoke(t, m, self);
    if (t.has_exception()) return {};
    if (!type_lookup(type_of(self), ID(__getitem__)))
        return raise(t, PyExc_TypeError, "'%T' object is not iterable", self);
    return seq_iter_new(t, self);
}
// The contract of iternext wants "no exception" at the end; iter_next swallows StopIteration for callers that
// go through it, but others test the slot's result directly.
Ref slot_iternext(Thread& t, Value self) { return call_dunder(t, self, ID(__next__)); }

Ref slot_descr_get(Thread& t, Value self, Value obj, Value type) {
    Value found = type_lookup(type_of(self), ID(__get__));
    if (!found) return Ref::share(self);
    if (!obj) obj = none();
    if (!type) type = none();
    Ref get = Ref::share(found);  // as it stands in the class: not bound, so it is handed self too
    return call(t, get, {self, obj, type});
}
Status slot_descr_set(Thread& t, Value self, Value obj, Value value) {
    if (!value) return status_of(call_dunder(t, self, ID(__delete__), obj));
    return status_of(call_dunder(t, self, ID(__set__), obj, value));
}

Ref call_with_first(Thread& t, Value callable, Value first, const Value* args, size_t nargs, Value kwnames) {
    size_t total = nargs + (kwnames ? tuple_size(kwnames) : 0);
    Value small[9];
    Value* all = small;
    if (total > 8) {
        all = static_cast<Value*>(mem_alloc((total + 1) * sizeof(Value)));
        if (!all) return raise_no_memory(t);
    }
    all[0] = first;
    for (size_t i = 0; i < total; i++) all[i + 1] = args[i];
    Ref r = call(t, callable, all, nargs + 1, kwnames);
    if (all != small) mem_free(all);
    return r;
}

Status slot_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Method m;
    if (!find_method(t, self, ID(__init__), m)) {
        if (!t.has_exception()) (void)static_cast<Status>(raise_value(t, PyExc_AttributeError, ID(__init__)));
        return {};
    }
    Ref r = m.unbound ? call_with_first(t, m.callable, self, args, nargs, kwnames)
                      : call(t, m.callable, args, nargs, kwnames);
    if (!r) return {};
    if (!is_none(r)) return raise(t, PyExc_TypeError, "__init__() should return None, not '%T'", r.get());
    return Status::ok();
}

Ref slot_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    Ref fn = TRY(get_attr(t, Value(type), ID(__new__)));
    return call_with_first(t, fn, Value(type), args, nargs, kwnames);
}

void slot_finalize(Thread& t, PyObject* o) {
    SavedError saved(t);
    Method m;
    if (!find_method(t, Value(o), ID(__del__), m)) {
        if (t.has_exception()) write_unraisable(t, nullptr, Value(o));
        return;
    }
    Ref r = invoke(t, m, Value(o));
    if (!r) write_unraisable_in(t, "while calling deallocator", m.callable);
}

// --- numbers ---

bool overrides(Thread& t, Value left, Value right, Value name) {
    // The right operand's reflected method counts as overridden unless it is the very one the left type has.
    Value r = type_lookup(type_of(right), name);
    if (!r) return false;
    Value l = type_lookup(type_of(left), name);
    if (!l) return true;
    if (l == r) return false;
    Ref a = Ref::share(l), b = Ref::share(r);
    auto same = compare_bool(t, a, b, kEq);
    if (!same) {
        clear_error(t);
        return false;
    }
    return !same.value();
}

using AnyBinary = Ref (*)(Thread&, Value, Value);

template <class Fn>
Ref binary_dunder(Thread& t, Value self, Value other, Value name, Value rname, Fn Slots::* member, Fn thunk) {
    PyTypeObject *a = type_of(self), *b = type_of(other);
    bool do_other = a != b && ext(b)->slots.*member == thunk;
    if (ext(a)->slots.*member == thunk) {
        if (do_other && is_subtype(b, a) && overrides(t, self, other, rname)) {
            Ref r = call_maybe(t, other, rname, self);
            if (!r || r.get() != not_implemented()) return r;
            do_other = false;
        }
        Ref r = call_maybe(t, self, name, other);
        if (!r || r.get() != not_implemented() || a == b) return r;
    }
    if (do_other) return call_maybe(t, other, rname, self);
    return not_implemented_ref();
}

#define BINARY(slot, l, r)                                                                \
    Ref slot_##slot(Thread& t, Value a, Value b) {                                        \
        return binary_dunder(t, a, b, ID(l), ID(r), &Slots::slot, BinaryFn(slot_##slot)); \
    }
BINARY(nb_add, __add__, __radd__)
BINARY(nb_subtract, __sub__, __rsub__)
BINARY(nb_multiply, __mul__, __rmul__)
BINARY(nb_remainder, __mod__, __rmod__)
BINARY(nb_divmod, __divmod__, __rdivmod__)
BINARY(nb_lshift, __lshift__, __rlshift__)
BINARY(nb_rshift, __rshift__, __rrshift__)
BINARY(nb_and, __and__, __rand__)
BINARY(nb_xor, __xor__, __rxor__)
BINARY(nb_or, __or__, __ror__)
BINARY(nb_floor_divide, __floordiv__, __rfloordiv__)
BINARY(nb_true_divide, __truediv__, __rtruediv__)
BINARY(nb_matrix_multiply, __matmul__, __rmatmul__)
#undef BINARY

Ref slot_nb_power(Thread& t, Value a, Value b, Value mod) {
    if (is_none(mod))
        return binary_dunder(t, a, b, ID(__pow__), ID(__rpow__), &Slots::nb_power, TernaryFn(slot_nb_power));
    // With a modulus __rpow__ is asked too, in the same order.
    PyTypeObject *ta = type_of(a), *tb = type_of(b);
    bool do_other = ta != tb && ext(tb)->slots.nb_power == slot_nb_power;
    if (ext(ta)->slots.nb_power == slot_nb_power) {
        if (do_other && is_subtype(tb, ta) && overrides(t, a, b, ID(__rpow__))) {
            Ref r = call_maybe(t, b, ID(__rpow__), a, mod);
            if (!r || r.get() != not_implemented()) return r;
            do_other = false;
        }
        Ref r = call_maybe(t, a, ID(__pow__), b, mod);
        if (!r || r.get() != not_implemented() || ta == tb) return r;
    }
    if (do_other) return call_maybe(t, b, ID(__rpow__), a, mod);
    return not_implemented_ref();
}

#define UNARY(slot, name) \
    Ref slot_##slot(Thread& t, Value self) { return call_dunder(t, self, ID(name)); }
UNARY(nb_negative, __neg__)
UNARY(nb_positive, __pos__)
UNARY(nb_absolute, __abs__)
UNARY(nb_invert, __invert__)
UNARY(nb_int, __int__)
UNARY(nb_float, __float__)
UNARY(nb_index, __index__)
#undef UNARY

#define ASYNC(slot, name)                                                                    \
    Ref slot_##slot(Thread& t, Value self) {                                                 \
        Method m;                                                                            \
        if (find_optional(t, self, ID(name), m)) return invoke(t, m, self);                  \
        if (t.has_exception()) return {};                                                    \
        return raise(t, PyExc_AttributeError, "object %.50s does not have " #name " method", \
                     type_of(self)->tp_name);                                                \
    }
ASYNC(am_await, __await__)
ASYNC(am_aiter, __aiter__)
ASYNC(am_anext, __anext__)
#undef ASYNC

#define INPLACE(slot, name) \
    Ref slot_##slot(Thread& t, Value a, Value b) { return call_dunder(t, a, ID(name), b); }
INPLACE(nb_inplace_add, __iadd__)
INPLACE(nb_inplace_subtract, __isub__)
INPLACE(nb_inplace_multiply, __imul__)
INPLACE(nb_inplace_remainder, __imod__)
INPLACE(nb_inplace_lshift, __ilshift__)
INPLACE(nb_inplace_rshift, __irshift__)
INPLACE(nb_inplace_and, __iand__)
INPLACE(nb_inplace_xor, __ixor__)
INPLACE(nb_inplace_or, __ior__)
INPLACE(nb_inplace_floor_divide, __ifloordiv__)
INPLACE(nb_inplace_true_divide, __itruediv__)
INPLACE(nb_inplace_matrix_multiply, __imatmul__)
#undef INPLACE
Ref slot_nb_inplace_power(Thread& t, Value a, Value b, Value) { return call_dunder(t, a, ID(__ipow__), b); }

// __bool__, or __len__ for classes that only have that.
Result<bool> slot_nb_bool(Thread& t, Value self) {
    Method m;
    bool by_len = false;
    if (!find_optional(t, self, ID(__bool__), m)) {
        if (t.has_exception()) return {};
        if (!find_optional(t, self, ID(__len__), m)) {
            if (t.has_exception()) return {};
            return true;
        }
        by_len = true;
    } else if (is_none(m.callable)) {
        return raise(t, PyExc_TypeError, "'%T' cannot be interpreted as a boolean", self);
    }
    Ref r = TRY(invoke(t, m, self));
    if (by_len) return is_true(t, r);
    if (!is_bool(r)) return raise(t, PyExc_TypeError, "__bool__ should return bool, returned %T", r.get());
    return r.get() == boolean(true);
}

// --- containers ---

Result<int64_t> slot_length(Thread& t, Value self) {
    Ref r = TRY(call_dunder(t, self, ID(__len__)));
    if (!r.get().is_int()) r = TRY(index(t, r));
    if (int_sign(r) < 0) return raise(t, PyExc_ValueError, "__len__() should return >= 0");
    return as_index(t, r, PyExc_OverflowError);
}
Ref slot_mp_subscript(Thread& t, Value self, Value key) { return call_dunder(t, self, ID(__getitem__), key); }
Status slot_mp_ass_subscript(Thread& t, Value self, Value key, Value value) {
    if (!value) return status_of(call_dunder(t, self, ID(__delitem__), key));
    return status_of(call_dunder(t, self, ID(__setitem__), key, value));
}
Ref slot_sq_item(Thread& t, Value self, int64_t i) {
    Ref n = TRY(int_from(t, i));
    return call_dunder(t, self, ID(__getitem__), n.get());
}
Status slot_sq_ass_item(Thread& t, Value self, int64_t i, Value value) {
    Ref n = TRY(int_from(t, i));
    return slot_mp_ass_subscript(t, self, n, value);
}
Result<bool> slot_sq_contains(Thread& t, Value self, Value item) {
    Value raw = type_lookup(type_of(self), ID(__contains__));
    if (raw && is_none(raw)) return raise(t, PyExc_TypeError, "'%T' object is not a container", self);
    Method m;
    if (raw && find_optional(t, self, ID(__contains__), m)) {
        Ref r = TRY(invoke(t, m, self, item));
        return is_true(t, r);
    }
    if (t.has_exception()) return {};
    return sequence_contains_by_iteration(t, self, item);
}

// --- buffers ---

// The memoryview that __buffer__ returned, held for as long as somebody uses the buffer.
struct BufferHolder {
    PyObject ob_base;
    Py_buffer view;  // of the memoryview
    Value source;    // whose __buffer__ made it
    Value mview;
};
Type g_buffer_holder_type;

Status slot_getbuffer(Thread& t, Value self, Py_buffer* out, int flags) {
    Ref r = TRY(call_dunder(t, self, ID(__buffer__), Value::from_int(flags)));
    if (!has_type(r, &PyMemoryView_Type))
        return raise(t, PyExc_TypeError, "__buffer__ returned non-memoryview object");
    Ref holder = TRY(alloc(t, &g_buffer_holder_type));
    auto* h = holder.as<BufferHolder>();
    TRY(get_buffer(t, r, &h->view, flags));
    h->source = Ref::share(self).release();
    h->mview = r.release();
    *out = h->view;
    out->obj = holder.release().ptr();
    return Status::ok();
}

// The unraisable exception with a message that ends with the name of the type.
void report_of_type(Thread& t, const char* what, Value self) {
    std::string message = what;
    std::string_view name = type_of(self)->tp_name;
    message += name.substr(name.rfind('.') + 1);
    write_unraisable(t, message.c_str(), {});
}

// Python code gets the very view that its __buffer__ returned, or, where a built-in base exported the buffer,
// one that cannot be kept.
void call_release_buffer(Thread& t, Value self, Value mview, const Py_buffer* view) {
    SavedError saved(t);
    Ref restricted = mview ? Ref() : memoryview_restricted(t, view);
    Value mv = mview ? mview : restricted.get();
    Ref r = mv ? call_maybe(t, self, ID(__release_buffer__), mv) : Ref();
    if (!r) report_of_type(t, "Exception ignored in __release_buffer__ of ", self);
    if (!restricted) return;
    Ref released = call_method(t, restricted, "release");
    if (!released) report_of_type(t, "Exception ignored in bf_releasebuffer of ", self);
}

void slot_releasebuffer(Thread& t, Value self, Py_buffer* view) {
    call_release_buffer(t, self, Value(), view);
    // Python code is not trusted to pass the release on: the next built-in base hears of it in any case.
    Value mro = type_of(self)->tp_mro;
    for (int64_t i = 1; i < tuple_size(mro); i++) {
        ReleaseBufferFn fn = ext(tuple_get(mro, i).as<PyTypeObject>())->slots.releasebuffer;
        if (fn && fn != slot_releasebuffer) return fn(t, self, view);
    }
}

Status holder_getbuffer(Thread& t, Value, Py_buffer*, int) {
    return raise(t, PyExc_BufferError, "object cannot export a buffer");
}
void holder_release(Thread& t, Value self, Py_buffer*) {
    auto* h = self.as<BufferHolder>();
    if (!h->mview) return;
    Py_buffer view = h->view;
    // The view is given back first, so that __release_buffer__ can release it.
    if (h->view.obj) release_buffer(t, &h->view);
    Ref source = Ref::steal(std::exchange(h->source, Value()));
    Ref mview = Ref::steal(std::exchange(h->mview, Value()));
    bool own = Value(mview.as<PyMemoryViewObject>()->view.obj) == source;
    if (!own && ext(type_of(source))->slots.releasebuffer == slot_releasebuffer)
        call_release_buffer(t, source, mview, &view);
}
void holder_dealloc(Thread& t, PyObject* o) {
    auto* h = Value(o).as<BufferHolder>();
    if (h->view.obj) release_buffer(t, &h->view);
    xdecref(h->source);
    xdecref(h->mview);
    free_object(t, o);
}

}  // namespace

Status init_slot_thunks(Thread& t) {
    static const TypeDecl decl{
        .name = "_buffer_wrapper",
        .basicsize = sizeof(BufferHolder),
        .flags = kTpDefault | kTpDisallowInstantiation,
        .slots = {.dealloc = holder_dealloc, .getbuffer = holder_getbuffer, .releasebuffer = holder_release}};
    init_static_type(g_buffer_holder_type, decl);
    return ready_type(t, &g_buffer_holder_type);
}

const Slots kPythonSlots = {
    .finalize = slot_finalize,
    .repr = slot_repr,
    .str = slot_str,
    .hash = slot_hash,
    .richcompare = slot_richcompare,
    .call = slot_call,
    .getattr = slot_getattr,
    .setattr = slot_setattr,
    .iter = slot_iter,
    .iternext = slot_iternext,
    .descr_get = slot_descr_get,
    .descr_set = slot_descr_set,
    .init = slot_init,
    .new_ = slot_new,
    .nb_add = slot_nb_add,
    .nb_subtract = slot_nb_subtract,
    .nb_multiply = slot_nb_multiply,
    .nb_remainder = slot_nb_remainder,
    .nb_divmod = slot_nb_divmod,
    .nb_power = slot_nb_power,
    .nb_negative = slot_nb_negative,
    .nb_positive = slot_nb_positive,
    .nb_absolute = slot_nb_absolute,
    .nb_bool = slot_nb_bool,
    .nb_invert = slot_nb_invert,
    .nb_lshift = slot_nb_lshift,
    .nb_rshift = slot_nb_rshift,
    .nb_and = slot_nb_and,
    .nb_xor = slot_nb_xor,
    .nb_or = slot_nb_or,
    .nb_int = slot_nb_int,
    .nb_float = slot_nb_float,
    .nb_index = slot_nb_index,
    .nb_floor_divide = slot_nb_floor_divide,
    .nb_true_divide = slot_nb_true_divide,
    .nb_matrix_multiply = slot_nb_matrix_multiply,
    .nb_inplace_add = slot_nb_inplace_add,
    .nb_inplace_subtract = slot_nb_inplace_subtract,
    .nb_inplace_multiply = slot_nb_inplace_multiply,
    .nb_inplace_remainder = slot_nb_inplace_remainder,
    .nb_inplace_power = slot_nb_inplace_power,
    .nb_inplace_lshift = slot_nb_inplace_lshift,
    .nb_inplace_rshift = slot_nb_inplace_rshift,
    .nb_inplace_and = slot_nb_inplace_and,
    .nb_inplace_xor = slot_nb_inplace_xor,
    .nb_inplace_or = slot_nb_inplace_or,
    .nb_inplace_floor_divide = slot_nb_inplace_floor_divide,
    .nb_inplace_true_divide = slot_nb_inplace_true_divide,
    .nb_inplace_matrix_multiply = slot_nb_inplace_matrix_multiply,
    .mp_length = slot_length,
    .mp_subscript = slot_mp_subscript,
    .mp_ass_subscript = slot_mp_ass_subscript,
    .sq_length = slot_length,
    .sq_item = slot_sq_item,
    .sq_ass_item = slot_sq_ass_item,
    .sq_contains = slot_sq_contains,
    .am_await = slot_am_await,
    .am_aiter = slot_am_aiter,
    .am_anext = slot_am_anext,
    .getbuffer = slot_getbuffer,
    .releasebuffer = slot_releasebuffer,
};

Ref call_or_decline(Thread& t, Value self, Value name, Value arg) { return call_maybe(t, self, name, arg); }

}  // namespace krait
