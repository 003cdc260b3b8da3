// mappingproxy and types.SimpleNamespace.
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "bytecode/opcodes.h"
#include "gc/gc.h"
#include "object/errors.h"
#include "object/instance.h"
#include "object/internal.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait {

namespace {

// --- mappingproxy ---

struct Proxy {
    PyObject ob_base;
    Value mapping;
};
Value inner(Value v) { return v.as<Proxy>()->mapping; }
bool is_proxy(Value v) { return has_type(v, &PyDictProxy_Type); }

void proxy_traverse(PyObject* o, Visitor& v) { v.visit(inner(Value(o))); }
void proxy_dealloc(Thread& t, PyObject* o) {
    Value m = inner(Value(o));
    free_object(t, o);
    xdecref(m);
}
Ref proxy_repr(Thread& t, Value self) { return str_format(t, "mappingproxy(%R)", inner(self)); }
Ref proxy_str(Thread& t, Value self) { return str(t, inner(self)); }
Result<int64_t> proxy_hash(Thread& t, Value self) { return hash(t, inner(self)); }
Ref proxy_compare(Thread& t, Value a, Value b, CompareOp op) { return compare(t, inner(a), b, op); }
Ref proxy_iter(Thread& t, Value self) { return iter(t, inner(self)); }
Result<int64_t> proxy_length(Thread& t, Value self) { return length(t, inner(self)); }
Ref proxy_subscript(Thread& t, Value self, Value key) { return get_item(t, inner(self), key); }
Result<bool> proxy_contains(Thread& t, Value self, Value key) {
    return is_dict_exact(inner(self)) ? dict_contains(t, inner(self), key) : contains(t, inner(self), key);
}
Ref proxy_or(Thread& t, Value a, Value b) {
    return binary_op(t, is_proxy(a) ? inner(a) : a, is_proxy(b) ? inner(b) : b, BinaryOp::NB_OR);
}
Ref proxy_ior(Thread& t, Value a, Value) {
    return raise(t, PyExc_TypeError, "'|=' is not supported by %s; use '|' instead", type_of(a)->tp_name);
}

Ref proxy_get(Thread& t, Value self, const Value* a) {
    return call_method(t, inner(self), ID(get), {a[0], a[1] ? a[1] : none()});
}
Ref proxy_keys(Thread& t, Value self) { return call_method(t, inner(self), ID(keys)); }
Ref proxy_values(Thread& t, Value self) { return call_method(t, inner(self), ID(values)); }
Ref proxy_items(Thread& t, Value self) { return call_method(t, inner(self), ID(items)); }
Ref proxy_copy(Thread& t, Value self) { return call_method(t, inner(self), ID(copy)); }
Ref proxy_reversed(Thread& t, Value self) { return call_method(t, inner(self), ID(__reversed__)); }

const NativeDef proxy_methods[] = {
    def<proxy_get>("get", "(key, default=None, /)", "The value for key, or default when key is not there."),
    def<proxy_keys>("keys", "()", "A view of the keys."),
    def<proxy_values>("values", "()", "A view of the values."),
    def<proxy_items>("items", "()", "A view of the (key, value) pairs."),
    def<proxy_copy>("copy", "()", "A shallow copy of the mapping."),
    def<class_getitem>("__class_getitem__", "(object, /)", "See PEP 585.", kMethClass),
    def<proxy_reversed>("__reversed__", "()", "A reverse iterator over the keys."),
    {}};

Ref proxy_make(Thread& t, PyTypeObject*, const Value* args, size_t nargs, Value kwnames) {
    Value a[1];
    Ref keep;
    TRY(bind_args(t, "mappingproxy", "(mapping)", args, nargs, kwnames, a, keep));
    if (!is_mapping(a[0]) || is_list(a[0]) || is_tuple(a[0]))
        return raise(t, PyExc_TypeError, "mappingproxy() argument must be a mapping, not %s",
                     type_of(a[0])->tp_name);
    return dict_proxy_new(t, a[0]);
}

// --- SimpleNamespace ---

struct Namespace {
    PyObject ob_base;
    Value dict;
};
Value dict_of(Value v) { return v.as<Namespace>()->dict; }

void namespace_traverse(PyObject* o, Visitor& v) { v.visit(dict_of(Value(o))); }
void namespace_clear(Thread&, PyObject* o) {
    Value d = dict_of(Value(o));
    Value(o).as<Namespace>()->dict = Value();
    xdecref(d);
}
void namespace_dealloc(Thread& t, PyObject* o) {
    Value d = dict_of(Value(o));
    free_object(t, o);
    xdecref(d);
}

Ref namespace_make(Thread& t, PyTypeObject* type, const Value*, size_t, Value) {
    Ref r = TRY(alloc(t, type));
    r.as<Namespace>()->dict = TRY(dict_new(t)).release();
    return r;
}

Status check_names(Thread& t, Value dict) {
    int64_t pos = 0;
    Value key, value;
    while (dict_next(dict, pos, key, value))
        if (!is_str(key)) return raise(t, PyExc_TypeError, "keywords must be strings");
    return Status::ok();
}

Status namespace_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    if (nargs > 1)
        return raise(t, PyExc_TypeError, "%s expected at most 1 argument, got %zu",
                     short_type_name(type_of(self)), nargs);
    Ref own = Ref::share(dict_of(self));
    if (nargs == 1) {
        Ref dict;
        if (is_dict_exact(args[0])) {
            dict = Ref::share(args[0]);
        } else {
            dict = TRY(call(t, Value(&PyDict_Type), {args[0]}));
        }
        TRY(check_names(t, dict));
        TRY(dict_update(t, own, dict));
    }
    for (int64_t i = 0, n = kwnames ? tuple_size(kwnames) : 0; i < n; i++)
        TRY(dict_set(t, own, tuple_get(kwnames, i), args[nargs + i]));
    return Status::ok();
}

Ref namespace_repr(Thread& t, Value self) {
    bool exact = has_type(self, &_PyNamespace_Type);
    Ref type_name =
        exact ? TRY(str_from(t, "namespace")) : TRY(get_attr(t, Value(type_of(self)), ID(__name__)));
    bool inside = TRY(repr_enter(t, self));
    if (inside) return str_format(t, "%U(...)", type_name.get());
    auto body = [&]() -> Ref {
        StrBuilder out(t);
        TRY(out.append(type_name));
        TRY(out.ascii("("));
        // __repr__ of a value may change the namespace: work on a copy of the names.
        Ref keys = TRY(dict_keys_list(t, dict_of(self)));
        bool first = true;
        for (int64_t i = 0; i < list_size(keys); i++) {
            Value key = list_get(keys, i);
            if (!is_str(key) || str_length(key) == 0) continue;
            Ref value = TRY(dict_get(t, dict_of(self), key));
            if (!value) continue;
            if (!first) TRY(out.ascii(", "));
            first = false;
            Ref text = TRY(repr(t, value));
            TRY(out.append(key));
            TRY(out.ascii("="));
            TRY(out.append(text));
        }
        TRY(out.ascii(")"));
        return out.finish();
    };
    Ref r = body();
    repr_leave(t, self);
    return r;
}

Ref namespace_compare(Thread& t, Value a, Value b, CompareOp op) {
    if (!is_instance_exact_or_sub(a, &_PyNamespace_Type) || !is_instance_exact_or_sub(b, &_PyNamespace_Type))
        return not_implemented_ref();
    return compare(t, dict_of(a), dict_of(b), op);
}

Ref namespace_reduce(Thread& t, Value self) {
    Ref args = TRY(tuple_new(t, 0));
    return tuple_of(t, {Value(type_of(self)), args, dict_of(self)});
}

Ref namespace_replace(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    if (nargs) return raise(t, PyExc_TypeError, "__replace__() takes no positional arguments");
    Ref made = TRY(call(t, Value(type_of(self))));
    if (!is_instance_exact_or_sub(made, &_PyNamespace_Type))
        return raise(t, PyExc_TypeError, "expect %N type, but %#T() returned '%#T' object",
                     Value(&_PyNamespace_Type), self, made.get());
    TRY(dict_update(t, dict_of(made), dict_of(self)));
    for (int64_t i = 0, n = kwnames ? tuple_size(kwnames) : 0; i < n; i++)
        TRY(dict_set(t, dict_of(made), tuple_get(kwnames, i), args[i]));
    return made;
}

const MemberDef namespace_members[] = {
    member("__dict__", MemberKind::Object, offsetof(Namespace, dict), kReadonly, nullptr), {}};
const NativeDef namespace_methods[] = {
    def<namespace_reduce>("__reduce__", "()", "State for pickling."),
    def<namespace_replace>("__replace__", "(**changes)", "A copy with the given attributes changed."),
    {}};

}  // namespace

Ref dict_proxy_new(Thread& t, Value mapping) {
    Ref r = TRY(alloc(t, &PyDictProxy_Type));
    r.as<Proxy>()->mapping = Ref::share(mapping).release();
    return r;
}

Ref namespace_new(Thread& t, Value dict) {
    Ref r = TRY(namespace_make(t, &_PyNamespace_Type, nullptr, 0, {}));
    if (dict) TRY(dict_update(t, dict_of(r), dict));
    return r;
}

Status init_builtin_mappingproxy(Thread& t) {
    static const TypeDecl proxy{.name = "mappingproxy",
                                .basicsize = sizeof(Proxy),
                                .flags = kTpDefault | kTpHaveGC | kTpMapping,
                                .slots = {.dealloc = proxy_dealloc,
                                          .traverse = proxy_traverse,
                                          .repr = proxy_repr,
                                          .str = proxy_str,
                                          .hash = proxy_hash,
                                          .richcompare = proxy_compare,
                                          .iter = proxy_iter,
                                          .new_ = proxy_make,
                                          .nb_or = proxy_or,
                                          .nb_inplace_or = proxy_ior,
                                          .mp_length = proxy_length,
                                          .mp_subscript = proxy_subscript,
                                          .sq_contains = proxy_contains},
                                .spec = {.methods = proxy_methods,
                                         .doc = "A view of a mapping through which it cannot be changed.",
                                         .text_signature = "(mapping)"}};
    static const TypeDecl space{
        .name = "types.SimpleNamespace",
        .basicsize = sizeof(Namespace),
        .flags = kTpDefault | kTpBaseType | kTpHaveGC,
        .slots = {.dealloc = namespace_dealloc,
                  .traverse = namespace_traverse,
                  .clear = namespace_clear,
                  .repr = namespace_repr,
                  .hash = hash_not_implemented,
                  .richcompare = namespace_compare,
                  .init = namespace_init,
                  .new_ = namespace_make},
        .spec = {.methods = namespace_methods,
                 .members = namespace_members,
                 .doc = "An object whose attributes are what it was made with.",
                 .text_signature = "(mapping_or_iterable=(), /, **kwargs)"},
        .dictoffset = offsetof(Namespace, dict),
    };
    init_static_type(PyDictProxy_Type, proxy);
    init_static_type(_PyNamespace_Type, space);
    TRY(ready_type(t, &PyDictProxy_Type));
    return ready_type(t, &_PyNamespace_Type);
}

}  // namespace krait

krait::Type PyDictProxy_Type, _PyNamespace_Type;
