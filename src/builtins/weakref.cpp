// Weak references and proxies. The references to an object form a list from its weaklist word: the canonical
// reference and proxy without callback first, then the others, youngest first.
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "bytecode/opcodes.h"
#include "gc/state.h"
#include "object/errors.h"
#include "object/instance.h"
#include "object/internal.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait {

namespace {

using Weak = PyWeakReference;
Weak* as_weak(Value v) { return v.as<Weak>(); }
Weak* first(PyObject** list) { return reinterpret_cast<Weak*>(*list); }

bool is_proxy_type(const PyTypeObject* type) {
    return type == &_PyWeakref_ProxyType || type == &_PyWeakref_CallableProxyType;
}

void insert_head(Weak* w, PyObject** list) {
    w->wr_prev = nullptr;
    w->wr_next = first(list);
    if (w->wr_next) w->wr_next->wr_prev = w;
    *list = &w->ob_base;
}
void insert_after(Weak* w, Weak* prev) {
    w->wr_prev = prev;
    w->wr_next = prev->wr_next;
    if (w->wr_next) w->wr_next->wr_prev = w;
    prev->wr_next = w;
}

struct Canonical {
    Weak *ref = nullptr, *proxy = nullptr;
};
Canonical canonical(PyObject** list) {
    Canonical c;
    Weak* w = first(list);
    if (w && w->ob_base.ob_type == &_PyWeakref_RefType && !w->wr_callback) {
        c.ref = w;
        w = w->wr_next;
    }
    if (w && is_proxy_type(w->ob_base.ob_type) && !w->wr_callback) c.proxy = w;
    return c;
}

// Static types are shared by the interpreters, references to them are not.
Weak* own_plain(Thread& t, PyObject** list, PyTypeObject* type) {
    for (Weak* w = first(list); w; w = w->wr_next)
        if (w->ob_base.ob_type == type && !w->wr_callback && gc_owns(t, &w->ob_base)) return w;
    return nullptr;
}

// Takes a reference out of its list; it is dead afterwards. The callback stays.
void unlink(Weak* w) {
    if (w->wr_object == &_Py_NoneStruct) return;
    PyObject** list = weaklist_slot(w->wr_object);
    if (w->wr_prev)
        w->wr_prev->wr_next = w->wr_next;
    else if (list)
        *list = reinterpret_cast<PyObject*>(w->wr_next);
    if (w->wr_next) w->wr_next->wr_prev = w->wr_prev;
    w->wr_prev = w->wr_next = nullptr;
    w->wr_object = &_Py_NoneStruct;
}

// A reference whose object is being destroyed already counts as dead.
Value referent(const Weak* w) {
    PyObject* o = w->wr_object;
    if (o == &_Py_NoneStruct || o->ob_refcnt == 0) return none();
    return Value(o);
}

// Makes or finds a reference of `type` to obj.
Ref make(Thread& t, PyTypeObject* type, Value obj, Value callback) {
    PyObject** list = obj.is_ptr() && has_preheader(obj.ptr()) ? weaklist_slot(obj.ptr()) : nullptr;
    if (!list && obj.is_ptr() && is_type(obj)) list = weaklist_slot(obj.ptr());
    if (!list)
        return raise(t, PyExc_TypeError, "cannot create weak reference to '%s' object",
                     type_of(obj)->tp_name);
    if (callback && is_none(callback)) callback = Value();
    bool exact_ref = type == &_PyWeakref_RefType, proxy = is_proxy_type(type);
    if (!callback && (exact_ref || proxy)) {
        Canonical c = canonical(list);
        Weak* w = exact_ref ? c.ref : c.proxy;
        if (w && !has_preheader(obj.ptr())) w = own_plain(t, list, w->ob_base.ob_type);
        if (w) return Ref::share(Value(&w->ob_base));
    }
    Ref r = TRY(alloc(t, type));  // may collect: look at the list again afterwards
    auto* w = as_weak(r);
    w->wr_object = obj.ptr();
    w->wr_callback = Ref::share(callback).release();
    w->hash = -1;
    Canonical c = canonical(list);
    if (!callback && exact_ref && !c.ref)
        insert_head(w, list);
    else if (!callback && proxy && !c.proxy && c.ref)
        insert_after(w, c.ref);
    else if (!callback && proxy && !c.proxy)
        insert_head(w, list);
    else if (Weak* prev = c.proxy ? c.proxy : c.ref)
        insert_after(w, prev);
    else
        insert_head(w, list);
    return r;
}

void run_callback(Thread& t, Weak* w, Value callback) {
    Ref r = call(t, callback, {Value(&w->ob_base)});
    if (!r) write_unraisable_in(t, "while calling weakref callback", callback);
}

// --- weakref.ref ---

void weak_traverse(PyObject* o, Visitor& v) { v.visit(as_weak(Value(o))->wr_callback); }
void weak_clear(Thread&, PyObject* o) {
    auto* w = as_weak(Value(o));
    unlink(w);
    Value cb = w->wr_callback;
    w->wr_callback = Value();
    xdecref(cb);
}
void weak_dealloc(Thread& t, PyObject* o) {
    weak_clear(t, o);
    free_object(t, o);
}

Ref ref_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    if (nargs < 1 || nargs > 2)
        return raise(t, PyExc_TypeError, "__new__ expected at %s %d argument%s, got %zu",
                     nargs < 1 ? "least" : "most", nargs < 1 ? 1 : 2, nargs < 1 ? "" : "s", nargs);
    return make(t, type, args[0], nargs > 1 ? args[1] : Value());
}
Status ref_init(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    TRY(no_kwargs(t, "ref", kwnames));
    if (nargs < 1 || nargs > 2)
        return raise(t, PyExc_TypeError, "__init__ expected at %s %d argument%s, got %zu",
                     nargs < 1 ? "least" : "most", nargs < 1 ? 1 : 2, nargs < 1 ? "" : "s", nargs);
    return Status::ok();
}
Ref ref_call(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    if (kwnames && tuple_size(kwnames))
        return raise(t, PyExc_TypeError, "weakref() takes no keyword arguments");
    if (nargs) return raise(t, PyExc_TypeError, "weakref expected 0 arguments, got %zu", nargs);
    return Ref::share(referent(as_weak(self)));
}
Ref describe(Thread& t, Value self, const char* what) {
    Value obj = referent(as_weak(self));
    if (is_none(obj)) return str_format(t, "<%s at %p; dead>", what, self.ptr());
    Ref keep = Ref::share(obj);
    Ref name = TRY(lookup_special(t, obj, ID(__name__)));
    if (name && is_str(name))
        return str_format(t, "<%s at %p; to '%#T' at %p (%U)>", what, self.ptr(), obj, obj.ptr(), name.get());
    return str_format(t, "<%s at %p; to '%#T' at %p>", what, self.ptr(), obj, obj.ptr());
}
Ref ref_repr(Thread& t, Value self) { return describe(t, self, "weakref"); }
Result<int64_t> ref_hash(Thread& t, Value self) {
    auto* w = as_weak(self);
    if (w->hash != -1) return w->hash;
    Ref obj = Ref::share(referent(w));
    if (is_none(obj)) return raise(t, PyExc_TypeError, "weak object has gone away");
    w->hash = TRY(hash(t, obj));
    return w->hash;
}
Ref ref_compare(Thread& t, Value a, Value b, CompareOp op) {
    auto is_ref = [](Value v) {
        return has_type(v, &_PyWeakref_RefType) || is_instance_exact_or_sub(v, &_PyWeakref_RefType);
    };
    if ((op != kEq && op != kNe) || !is_ref(a) || !is_ref(b)) return not_implemented_ref();
    // Classes, mostly: they are equal when they are the same.
    Value same = referent(as_weak(a));
    if (same == referent(as_weak(b)) && !is_none(same) &&
        ext(type_of(same))->slots.richcompare == ext(&PyBaseObject_Type)->slots.richcompare)
        return bool_ref(op == kEq);
    Ref x = Ref::share(referent(as_weak(a))), y = Ref::share(referent(as_weak(b)));
    if (is_none(x) || is_none(y)) return bool_ref((a == b) == (op == kEq));
    return compare(t, x, y, op);
}
Ref get_callback(Thread&, Value self, void*) {
    auto* w = as_weak(self);
    return w->wr_callback && w->wr_object != &_Py_NoneStruct ? Ref::share(w->wr_callback) : none_ref();
}

const NativeDef ref_methods[] = {
    def<class_getitem>("__class_getitem__", "(object, /)", "See PEP 585.", kMethClass), {}};
const GetSetDef ref_getset[] = {getset("__callback__", get_callback, nullptr, nullptr), {}};

// --- proxies: every slot asks the object ---

bool is_proxy(Value v) { return v.is_ptr() && is_proxy_type(v.heap_type()); }

// The object behind a proxy, or the value itself; empty with ReferenceError when it is gone.
Ref unwrap(Thread& t, Value v) {
    if (!is_proxy(v)) return Ref::share(v);
    Value obj = referent(as_weak(v));
    if (is_none(obj)) return raise(t, PyExc_ReferenceError, "weakly-referenced object no longer exists");
    return Ref::share(obj);
}

template <Ref (*Fn)(Thread&, Value)>
Ref proxy_unary(Thread& t, Value a) {
    Ref x = TRY(unwrap(t, a));
    return Fn(t, x);
}
template <BinaryOp Op>
Ref proxy_binary(Thread& t, Value a, Value b) {
    Ref x = TRY(unwrap(t, a)), y = TRY(unwrap(t, b));
    return binary_op(t, x, y, Op);
}
Ref proxy_divmod(Thread& t, Value a, Value b) {
    Ref x = TRY(unwrap(t, a)), y = TRY(unwrap(t, b));
    return divmod(t, x, y);
}
Ref proxy_power(Thread& t, Value a, Value b, Value m) {
    Ref x = TRY(unwrap(t, a)), y = TRY(unwrap(t, b)), z = TRY(unwrap(t, m));
    return power(t, x, y, z);
}
Ref proxy_ipower(Thread& t, Value a, Value b, Value) {
    Ref x = TRY(unwrap(t, a)), y = TRY(unwrap(t, b));
    return binary_op(t, x, y, BinaryOp::NB_INPLACE_POWER);
}
Result<bool> proxy_bool(Thread& t, Value a) {
    Ref x = TRY(unwrap(t, a));
    return is_true(t, x);
}
Result<int64_t> proxy_length(Thread& t, Value a) {
    Ref x = TRY(unwrap(t, a));
    return length(t, x);
}
Ref proxy_subscript(Thread& t, Value a, Value key) {
    Ref x = TRY(unwrap(t, a));
    return get_item(t, x, key);
}
Status proxy_ass_subscript(Thread& t, Value a, Value key, Value value) {
    Ref x = TRY(unwrap(t, a));
    return set_item(t, x, key, value);
}
Result<bool> proxy_contains(Thread& t, Value a, Value item) {
    Ref x = TRY(unwrap(t, a));
    return contains(t, x, item);
}
Ref proxy_iter(Thread& t, Value a) {
    Ref x = TRY(unwrap(t, a));
    return iter(t, x);
}
Ref proxy_iternext(Thread& t, Value a) {
    Ref x = TRY(unwrap(t, a));
    if (!is_iterator(x))
        return raise(t, PyExc_TypeError, "Weakref proxy referenced a non-iterator '%.200s' object",
                     type_of(x)->tp_name);
    return iter_next(t, x);
}
Ref proxy_getattr(Thread& t, Value a, Value name) {
    Ref x = TRY(unwrap(t, a));
    return get_attr(t, x, name);
}
Status proxy_setattr(Thread& t, Value a, Value name, Value value) {
    Ref x = TRY(unwrap(t, a));
    return set_attr(t, x, name, value);
}
Ref proxy_str(Thread& t, Value a) {
    Ref x = TRY(unwrap(t, a));
    return str(t, x);
}
Ref proxy_repr(Thread& t, Value a) { return describe(t, a, "weakproxy"); }
Ref proxy_compare(Thread& t, Value a, Value b, CompareOp op) {
    Ref x = TRY(unwrap(t, a)), y = TRY(unwrap(t, b));
    return compare(t, x, y, op);
}
Ref proxy_call(Thread& t, Value a, const Value* args, size_t nargs, Value kwnames) {
    Ref x = TRY(unwrap(t, a));
    return call(t, x, args, nargs, kwnames);
}
Ref proxy_bytes(Thread& t, Value a) {
    Ref x = TRY(unwrap(t, a));
    return call_method(t, x, ID(__bytes__));
}
Ref proxy_reversed(Thread& t, Value a) {
    Ref x = TRY(unwrap(t, a));
    return call_method(t, x, ID(__reversed__));
}

const NativeDef proxy_methods[] = {
    def<proxy_bytes>("__bytes__", "()", nullptr), def<proxy_reversed>("__reversed__", "()", nullptr), {}};

Slots proxy_slots() {
    Slots s;
    s.dealloc = weak_dealloc;
    s.traverse = weak_traverse;
    s.clear = weak_clear;
    s.repr = proxy_repr;
    s.str = proxy_str;
    s.hash = hash_not_implemented;
    s.richcompare = proxy_compare;
    s.getattr = proxy_getattr;
    s.setattr = proxy_setattr;
    s.iter = proxy_iter;
    s.iternext = proxy_iternext;
    s.nb_add = proxy_binary<BinaryOp::NB_ADD>;
    s.nb_subtract = proxy_binary<BinaryOp::NB_SUBTRACT>;
    s.nb_multiply = proxy_binary<BinaryOp::NB_MULTIPLY>;
    s.nb_remainder = proxy_binary<BinaryOp::NB_REMAINDER>;
    s.nb_divmod = proxy_divmod;
    s.nb_power = proxy_power;
    s.nb_negative = proxy_unary<negative>;
    s.nb_positive = proxy_unary<positive>;
    s.nb_absolute = proxy_unary<absolute>;
    s.nb_bool = proxy_bool;
    s.nb_invert = proxy_unary<invert>;
    s.nb_lshift = proxy_binary<BinaryOp::NB_LSHIFT>;
    s.nb_rshift = proxy_binary<BinaryOp::NB_RSHIFT>;
    s.nb_and = proxy_binary<BinaryOp::NB_AND>;
    s.nb_xor = proxy_binary<BinaryOp::NB_XOR>;
    s.nb_or = proxy_binary<BinaryOp::NB_OR>;
    s.nb_int = proxy_unary<to_int>;
    s.nb_float = proxy_unary<to_float>;
    s.nb_index = proxy_unary<index>;
    s.nb_floor_divide = proxy_binary<BinaryOp::NB_FLOOR_DIVIDE>;
    s.nb_true_divide = proxy_binary<BinaryOp::NB_TRUE_DIVIDE>;
    s.nb_matrix_multiply = proxy_binary<BinaryOp::NB_MATRIX_MULTIPLY>;
    s.nb_inplace_add = proxy_binary<BinaryOp::NB_INPLACE_ADD>;
    s.nb_inplace_subtract = proxy_binary<BinaryOp::NB_INPLACE_SUBTRACT>;
    s.nb_inplace_multiply = proxy_binary<BinaryOp::NB_INPLACE_MULTIPLY>;
    s.nb_inplace_remainder = proxy_binary<BinaryOp::NB_INPLACE_REMAINDER>;
    s.nb_inplace_power = proxy_ipower;
    s.nb_inplace_lshift = proxy_binary<BinaryOp::NB_INPLACE_LSHIFT>;
    s.nb_inplace_rshift = proxy_binary<BinaryOp::NB_INPLACE_RSHIFT>;
    s.nb_inplace_and = proxy_binary<BinaryOp::NB_INPLACE_AND>;
    s.nb_inplace_xor = proxy_binary<BinaryOp::NB_INPLACE_XOR>;
    s.nb_inplace_or = proxy_binary<BinaryOp::NB_INPLACE_OR>;
    s.nb_inplace_floor_divide = proxy_binary<BinaryOp::NB_INPLACE_FLOOR_DIVIDE>;
    s.nb_inplace_true_divide = proxy_binary<BinaryOp::NB_INPLACE_TRUE_DIVIDE>;
    s.nb_inplace_matrix_multiply = proxy_binary<BinaryOp::NB_INPLACE_MATRIX_MULTIPLY>;
    s.mp_length = proxy_length;
    s.mp_subscript = proxy_subscript;
    s.mp_ass_subscript = proxy_ass_subscript;
    s.sq_length = proxy_length;
    s.sq_contains = proxy_contains;
    return s;
}

}  // namespace

Ref weakref_new(Thread& t, Value obj, Value callback) { return make(t, &_PyWeakref_RefType, obj, callback); }

Ref weakref_proxy_new(Thread& t, Value obj, Value callback) {
    return make(t, is_callable(obj) ? &_PyWeakref_CallableProxyType : &_PyWeakref_ProxyType, obj, callback);
}

Value weakref_get(Value ref) { return referent(as_weak(ref)); }

void weakrefs_clear(Thread& t, PyObject* o) {
    PyObject** list = weaklist_slot(o);
    if (!list || !*list) return;
    // Those without a callback first: nothing can run while they are taken off.
    PodVector<Weak*> to_call;
    while (Weak* w = first(list)) {
        Value cb = w->wr_callback;
        bool dying = w->ob_base.ob_refcnt == 0;
        if (cb && !dying && to_call.push(w)) incref(&w->ob_base);
        unlink(w);
    }
    if (!to_call.size) return;
    SavedError saved(t);
    for (Weak* w : to_call) {
        Ref cb = Ref::steal(w->wr_callback);
        w->wr_callback = Value();
        run_callback(t, w, cb);
        decref(&w->ob_base);
    }
}

Status init_builtin_weakref(Thread& t) {
    static const TypeDecl ref{.name = "weakref.ReferenceType",
                              .basicsize = sizeof(Weak),
                              .flags = kTpDefault | kTpHaveVectorcall | kTpBaseType | kTpHaveGC,
                              .slots = {.dealloc = weak_dealloc,
                                        .traverse = weak_traverse,
                                        .clear = weak_clear,
                                        .repr = ref_repr,
                                        .hash = ref_hash,
                                        .richcompare = ref_compare,
                                        .call = ref_call,
                                        .init = ref_init,
                                        .new_ = ref_new},
                              .spec = {.methods = ref_methods, .getset = ref_getset}};
    static TypeDecl proxy{.name = "weakref.ProxyType",
                          .basicsize = sizeof(Weak),
                          .flags = kTpDefault | kTpHaveGC | kTpDisallowInstantiation,
                          .slots = proxy_slots(),
                          .spec = {.methods = proxy_methods}};
    static TypeDecl callable = proxy;
    callable.name = "weakref.CallableProxyType";
    callable.slots.call = proxy_call;
    init_static_type(_PyWeakref_RefType, ref);
    init_static_type(_PyWeakref_ProxyType, proxy);
    init_static_type(_PyWeakref_CallableProxyType, callable);
    for (Type* type : {&_PyWeakref_RefType, &_PyWeakref_ProxyType, &_PyWeakref_CallableProxyType})
        TRY(ready_type(t, type));
    return Status::ok();
}

}  // namespace krait

krait::Type _PyWeakref_RefType, _PyWeakref_ProxyType, _PyWeakref_CallableProxyType;
