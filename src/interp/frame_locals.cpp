#include "interp/frame_locals.h"

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "bytecode/opcodes.h"
#include "gc/gc.h"
#include "interp/internal.h"
#include "object/names.h"
#include "object/protocol.h"

extern "C" __attribute__((visibility("default"))) krait::Type PyFrameLocalsProxy_Type;
krait::Type PyFrameLocalsProxy_Type;

namespace krait {
namespace {

struct ProxyObject {
    PyObject ob_base;
    PyFrameObject* frame;  // owned
};
Type& proxy_type = PyFrameLocalsProxy_Type;

bool is_proxy(Value v) { return has_type(v, &proxy_type); }
PyFrameObject* frame_of(Value proxy) { return proxy.as<ProxyObject>()->frame; }

int kind_of(PyCodeObject* co, int i) {
    return static_cast<unsigned char>(bytes_data(co->co_localspluskinds)[i]);
}

// Free variables are put into place by COPY_FREE_VARS and cells by MAKE_CELL, in the prologue: before that
// there is nothing to see in them.
bool cell_is_made(Frame* f, int i) {
    Value v = f->localsplus[i].get();
    return v && has_type(v, &PyCell_Type);
}

struct Found {
    int index;  // -1: no such variable
};
// Index of the variable `name`: of the first that is set, for reading; of the visible one, for writing.
Result<int> find_variable(Thread& t, Frame* f, Value name, bool for_read) {
    PyCodeObject* co = f->co();
    int n = co->co_nlocalsplus;
    auto good = [&](int i) {
        return for_read ? static_cast<bool>(frame_variable(f, i)) : !(kind_of(co, i) & kLocalHidden);
    };
    if (is_str_exact(name)) {
        for (int i = 0; i < n; i++)
            if (str_equal(tuple_get(co->co_localsplusnames, i), name) && good(i)) return i;
        return -1;
    }
    TRY(hash(t, name));
    for (int i = 0; i < n; i++) {
        bool same = TRY(equal(t, tuple_get(co->co_localsplusnames, i), name));
        if (same && good(i)) return i;
    }
    return -1;
}

// Keeps what a store replaces: the frame's stack may have borrowed it.
Status keep_overwritten(Thread& t, PyFrameObject* o, Value old) {
    if (!o->overwritten_locals) o->overwritten_locals = TRY(list_new(t)).release();
    return list_append(t, o->overwritten_locals, old);
}

Status store_variable(Thread& t, PyFrameObject* o, int i, Value v) {
    Frame* f = o->frame;
    Slot& slot = f->localsplus[i];
    Value old = slot.get();
    if (cell_is_made(f, i) && (kind_of(f->co(), i) & (kLocalCell | kLocalFree))) {
        auto* cell = old.as<PyCellObject>();
        incref(v);
        Value previous = cell->ob_ref;
        cell->ob_ref = v;
        xdecref(previous);
        return Status::ok();
    }
    if (old == v) return Status::ok();
    if (old && old.is_ptr()) TRY(keep_overwritten(t, o, old));
    incref(v);
    slot = owned(v);
    xdecref(old);
    return Status::ok();
}

Maybe proxy_lookup(Thread& t, PyFrameObject* o, Value key) {
    int i = TRY(find_variable(t, o->frame, key, true));
    if (i >= 0) return Maybe::found(Ref::share(frame_variable(o->frame, i)));
    if (o->extra_locals) return dict_get(t, o->extra_locals, key);
    return Maybe::absent();
}

Ref key_error(Thread& t, Value key) {
    return raise(t, PyExc_KeyError, "local variable '%R' is not defined", key);
}

Ref proxy_getitem(Thread& t, Value self, Value key) {
    Ref v = TRY(proxy_lookup(t, frame_of(self), key));
    if (!v) return key_error(t, key);
    return v;
}

Status proxy_setitem(Thread& t, Value self, Value key, Value value) {
    PyFrameObject* o = frame_of(self);
    int i = TRY(find_variable(t, o->frame, key, false));
    if (i >= 0) {
        if (!value) return raise(t, PyExc_ValueError, "cannot remove local variables from FrameLocalsProxy");
        return store_variable(t, o, i, value);
    }
    if (!o->extra_locals) {
        if (!value) return raise_key_error(t, key);
        o->extra_locals = TRY(dict_new(t)).release();
    }
    if (value) return dict_set(t, o->extra_locals, key, value);
    bool there = TRY(dict_delete(t, o->extra_locals, key));
    if (!there) return raise_key_error(t, key);
    return Status::ok();
}

// Calls fn(name, value) for each bound variable and extra name, until it fails.
template <class Fn>
Status for_each(Thread& t, PyFrameObject* o, Fn&& fn) {
    PyCodeObject* co = o->frame->co();
    for (int i = 0; i < co->co_nlocalsplus; i++) {
        Ref v = Ref::share(frame_variable(o->frame, i));
        if (v) TRY(fn(tuple_get(co->co_localsplusnames, i), v));
    }
    if (o->extra_locals) {
        int64_t pos = 0;
        Value k, v;
        while (dict_next(o->extra_locals, pos, k, v)) TRY(fn(k, v));
    }
    return Status::ok();
}

Result<int64_t> proxy_length(Thread& t, Value self) {
    int64_t n = 0;
    Status ok = for_each(t, frame_of(self), [&](Value, Value) {
        n++;
        return Status::ok();
    });
    if (!ok) return {};
    return n;
}

Ref proxy_copy(Thread& t, Value self) {
    Ref dict = TRY(dict_new(t));
    TRY(for_each(t, frame_of(self), [&](Value k, Value v) { return dict_set(t, dict, k, v); }));
    return dict;
}
Ref proxy_keys(Thread& t, Value self) {
    Ref list = TRY(list_new(t));
    TRY(for_each(t, frame_of(self), [&](Value k, Value) { return list_append(t, list, k); }));
    return list;
}
Ref proxy_values(Thread& t, Value self) {
    Ref list = TRY(list_new(t));
    TRY(for_each(t, frame_of(self), [&](Value, Value v) { return list_append(t, list, v); }));
    return list;
}
Ref proxy_items(Thread& t, Value self) {
    Ref list = TRY(list_new(t));
    TRY(for_each(t, frame_of(self), [&](Value k, Value v) -> Status {
        return list_append_owned(t, list, TRY(tuple_of(t, {k, v})));
    }));
    return list;
}
Ref proxy_iter(Thread& t, Value self) {
    Ref keys = TRY(proxy_keys(t, self));
    return iter(t, keys);
}
Ref proxy_reversed(Thread& t, Value self) {
    Ref keys = TRY(proxy_keys(t, self));
    TRY_DISCARD(call_method(t, keys, ID(reverse)));
    return keys;
}
Result<bool> proxy_contains(Thread& t, Value self, Value key) {
    PyFrameObject* o = frame_of(self);
    int i = TRY(find_variable(t, o->frame, key, true));
    if (i >= 0) return true;
    if (o->extra_locals) return dict_contains(t, o->extra_locals, key);
    return false;
}
Ref proxy_contains_method(Thread& t, Value self, Value key) {
    bool there = TRY(proxy_contains(t, self, key));
    return bool_ref(there);
}

Ref proxy_get(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(no_kwargs(t, "FrameLocalsProxy.get", kwnames));
    if (nargs < 1 || nargs > 2) return raise(t, PyExc_TypeError, "get expected 1 or 2 arguments");
    Ref v = TRY(proxy_lookup(t, frame_of(self), args[0]));
    if (v) return v;
    return nargs == 2 ? Ref::share(args[1]) : none_ref();
}
Ref proxy_setdefault(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(no_kwargs(t, "FrameLocalsProxy.setdefault", kwnames));
    if (nargs < 1 || nargs > 2) return raise(t, PyExc_TypeError, "setdefault expected 1 or 2 arguments");
    Ref v = TRY(proxy_lookup(t, frame_of(self), args[0]));
    if (v) return v;
    Value fallback = nargs == 2 ? args[1] : none();
    TRY(proxy_setitem(t, self, args[0], fallback));
    return Ref::share(fallback);
}
Ref proxy_pop(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(no_kwargs(t, "FrameLocalsProxy.pop", kwnames));
    if (nargs < 1 || nargs > 2) return raise(t, PyExc_TypeError, "pop expected 1 or 2 arguments");
    PyFrameObject* o = frame_of(self);
    int i = TRY(find_variable(t, o->frame, args[0], false));
    if (i >= 0) return raise(t, PyExc_ValueError, "cannot remove local variables from FrameLocalsProxy");
    if (o->extra_locals) {
        Ref v = TRY(dict_pop(t, o->extra_locals, args[0]));
        if (v) return v;
    }
    if (nargs == 2) return Ref::share(args[1]);
    return raise_key_error(t, args[0]);
}

Status update_from(Thread& t, Value self, Value other) {
    Ref items = is_proxy(other) ? proxy_items(t, other) : dict_items_list(t, other);
    if (!items) return {};
    for (int64_t i = 0; i < list_size(items); i++) {
        Value pair = list_get(items, i);
        TRY(proxy_setitem(t, self, tuple_get(pair, 0), tuple_get(pair, 1)));
    }
    return Status::ok();
}
Ref proxy_update(Thread& t, Value self, Value other) {
    if (!is_proxy(other) && !is_dict(other))
        return raise(t, PyExc_TypeError, "update() argument must be dict or another FrameLocalsProxy");
    TRY(update_from(t, self, other));
    return none_ref();
}
Ref proxy_or(Thread& t, Value a, Value b) {
    if (!(is_dict(a) || is_proxy(a)) || !(is_dict(b) || is_proxy(b))) return not_implemented_ref();
    Ref dict = is_proxy(a) ? proxy_copy(t, a) : dict_copy(t, a);
    if (!dict) return {};
    Ref other = is_proxy(b) ? proxy_copy(t, b) : Ref::share(b);
    if (!other) return {};
    TRY(dict_update(t, dict, other));
    return dict;
}
Ref proxy_inplace_or(Thread& t, Value a, Value b) {
    if (!is_dict(b) && !is_proxy(b)) return not_implemented_ref();
    TRY(update_from(t, a, b));
    return Ref::share(a);
}
Ref proxy_compare(Thread& t, Value a, Value b, CompareOp op) {
    if (op != kEq && op != kNe) return not_implemented_ref();
    if (is_proxy(b)) return bool_ref((frame_of(a) == frame_of(b)) == (op == kEq));
    if (!is_dict(b)) return not_implemented_ref();
    Ref dict = TRY(proxy_copy(t, a));
    return compare(t, dict, b, op);
}
Ref proxy_repr(Thread& t, Value self) {
    bool inside = TRY(repr_enter(t, self));
    if (inside) return str_from(t, "{...}");
    Ref dict = proxy_copy(t, self);
    Ref text = dict ? repr(t, dict) : Ref();
    repr_leave(t, self);
    return text;
}
Ref proxy_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    if (nargs != 1) return raise(t, PyExc_TypeError, "FrameLocalsProxy expected 1 argument, got %zu", nargs);
    if (!has_type(args[0], &PyFrame_Type)) return raise(t, PyExc_TypeError, "expect frame, not %#T", args[0]);
    if (kwnames && tuple_size(kwnames))
        return raise(t, PyExc_TypeError, "FrameLocalsProxy takes no keyword arguments");
    return frame_locals_proxy_new(t, as_frame_object(args[0]));
}
void proxy_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    decref(&reinterpret_cast<ProxyObject*>(o)->frame->ob_base);
    free_object(t, o);
}
void proxy_traverse(PyObject* o, Visitor& v) { v.visit(&reinterpret_cast<ProxyObject*>(o)->frame->ob_base); }

const NativeDef proxy_methods[] = {
    def<proxy_contains_method>("__contains__", "(object, /)", nullptr, kMethCoexist),
    def<proxy_getitem>("__getitem__", "(object, /)", nullptr, kMethCoexist),
    def<proxy_update>("update", "(object, /)", nullptr),
    def<proxy_reversed>("__reversed__", "()", nullptr),
    def<proxy_copy>("copy", "()", nullptr),
    def<proxy_keys>("keys", "()", nullptr),
    def<proxy_values>("values", "()", nullptr),
    def<proxy_items>("items", "()", nullptr),
    def<proxy_get>("get", nullptr, nullptr, kMethNoSignature),
    def<proxy_pop>("pop", nullptr, nullptr, kMethNoSignature),
    def<proxy_setdefault>("setdefault", nullptr, nullptr, kMethNoSignature),
    {},
};

}  // namespace

Value frame_variable(Frame* f, int i) {
    Value v = f->localsplus[i].get();
    if (!v) return v;
    if ((kind_of(f->co(), i) & (kLocalCell | kLocalFree)) && cell_is_made(f, i))
        return v.as<PyCellObject>()->ob_ref;
    return v;
}
bool frame_variable_hidden(Frame* f, int i) { return kind_of(f->co(), i) & kLocalHidden; }

Ref frame_locals_proxy_new(Thread& t, PyFrameObject* frame) {
    PyObject* o = alloc_raw(t, &proxy_type, sizeof(ProxyObject));
    if (!o) return {};
    incref(&frame->ob_base);
    reinterpret_cast<ProxyObject*>(o)->frame = frame;
    gc_track(t, o);
    return Ref::steal(Value(o));
}

// A frame in which hidden variables (of a comprehension inlined into a module or class body) are live, too.
static bool has_hidden_locals(Frame* f) {
    PyCodeObject* co = f->co();
    for (int i = 0; i < co->co_nlocalsplus; i++)
        if ((kind_of(co, i) & kLocalHidden) && frame_variable(f, i)) return true;
    return false;
}

Ref frame_locals(Thread& t, Frame* f) {
    if (!(f->co()->co_flags & kCodeOptimized) && !has_hidden_locals(f)) {
        if (!f->locals) return Ref::share(f->globals);
        return Ref::share(f->locals);
    }
    PyFrameObject* o = frame_object(t, f);
    if (!o) return {};
    return frame_locals_proxy_new(t, o);
}

Ref frame_locals_snapshot(Thread& t, Frame* f) {
    if (!(f->co()->co_flags & kCodeOptimized) && !has_hidden_locals(f))
        return Ref::share(f->locals ? f->locals : f->globals);
    // Of a function, or of a comprehension in the body of a module or class: what the proxy has.
    Ref dict = TRY(dict_new(t));
    PyCodeObject* co = f->co();
    for (int i = 0; i < co->co_nlocalsplus; i++) {
        Value v = frame_variable(f, i);
        if (v) TRY(dict_set(t, dict, tuple_get(co->co_localsplusnames, i), v));
    }
    if (f->frame_obj && f->frame_obj->extra_locals) TRY(dict_update(t, dict, f->frame_obj->extra_locals));
    return dict;
}

Status init_frame_locals_proxy(Thread& t) {
    static const TypeDecl decl = {
        .name = "FrameLocalsProxy",
        .basicsize = sizeof(ProxyObject),
        .flags = kTpDefault | kTpHaveGC | kTpMapping,
        .slots = {.dealloc = proxy_dealloc,
                  .traverse = proxy_traverse,
                  .repr = proxy_repr,
                  .hash = hash_not_implemented,
                  .richcompare = proxy_compare,
                  .iter = proxy_iter,
                  .new_ = proxy_new,
                  .nb_or = proxy_or,
                  .nb_inplace_or = proxy_inplace_or,
                  .mp_length = proxy_length,
                  .mp_subscript = proxy_getitem,
                  .mp_ass_subscript = proxy_setitem,
                  .sq_contains = proxy_contains},
        .spec = {.methods = proxy_methods},
    };
    init_static_type(proxy_type, decl);
    return ready_type(t, &proxy_type);
}

}  // namespace krait
