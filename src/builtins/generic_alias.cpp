// types.GenericAlias: list[int] and its like. The substitution of type parameters is shared with unions.
#include "builtins/generic_alias.h"

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/iterators.h"
#include "builtins/list.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/errors.h"
#include "object/internal.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait {

namespace {

struct Alias {
    PyObject ob_base;
    Value origin, args, parameters;
    PyObject* weaklist;
    bool starred;
};
Alias* as_alias(Value v) { return v.as<Alias>(); }
bool is_alias(Value v) { return v.is_ptr() && is_subtype(v.heap_type(), &Py_GenericAliasType); }

void alias_traverse(PyObject* o, Visitor& v) {
    auto* a = as_alias(Value(o));
    v.visit(a->origin);
    v.visit(a->args);
    v.visit(a->parameters);
}
void alias_dealloc(Thread& t, PyObject* o) {
    auto* a = as_alias(Value(o));
    Value x = a->origin, y = a->args, z = a->parameters;
    free_object(t, o);
    xdecref(x);
    xdecref(y);
    xdecref(z);
}

Ref make_alias(Thread& t, PyTypeObject* type, Value origin, Value args, bool starred) {
    Ref tuple = is_tuple(args) ? Ref::share(args) : TRY(tuple_of(t, {args}));
    Ref r = TRY(alloc(t, type));
    as_alias(r)->origin = Ref::share(origin).release();
    as_alias(r)->args = tuple.release();
    as_alias(r)->starred = starred;
    return r;
}

// --- repr ---

Status put_list(Thread& t, StrBuilder& out, Value list) {
    TRY(out.ascii("["));
    for (int64_t i = 0, n = list_size(list); i < n; i++) {
        if (i) TRY(out.ascii(", "));
        if (i >= list_size(list)) return raise(t, PyExc_IndexError, "list index out of range");
        Ref item = Ref::share(list_get(list, i));
        TRY(type_repr_put(t, out, item));
    }
    return out.ascii("]");
}

Ref alias_repr(Thread& t, Value self) {
    auto* a = as_alias(self);
    StrBuilder out(t);
    if (a->starred) TRY(out.ascii("*"));
    TRY(type_repr_put(t, out, a->origin));
    TRY(out.ascii("["));
    int64_t n = tuple_size(a->args);
    for (int64_t i = 0; i < n; i++) {
        if (i) TRY(out.ascii(", "));
        Value item = tuple_get(a->args, i);
        if (is_list_exact(item))
            TRY(put_list(t, out, item));
        else
            TRY(type_repr_put(t, out, item));
    }
    if (n == 0) TRY(out.ascii("()"));
    TRY(out.ascii("]"));
    return out.finish();
}

// --- parameters ---

Status add_unique(Thread& t, Value list, Value item) {
    for (int64_t i = 0; i < list_size(list); i++)
        if (list_get(list, i) == item) return Status::ok();
    return list_append(t, list, item);
}

Result<int64_t> index_of(Value tuple, Value item) {
    for (int64_t i = 0; i < tuple_size(tuple); i++)
        if (tuple_get(tuple, i) == item) return i;
    return -1;
}

Ref as_parameter_tuple(Thread& t, Value v) {
    Ref params = TRY(lookup_attr(t, v, ID(__parameters__)));
    if (params && is_tuple(params)) return params;
    return tuple_new(t, 0);
}

Status collect_parameters(Thread& t, Value args, Value into) {
    RecursionGuard guard(t, " in __parameter__ calculation");
    if (!guard) return {};
    bool is_tuple_args = is_tuple(args);
    int64_t n = is_tuple_args ? tuple_size(args) : list_size(args);
    for (int64_t i = 0; i < n; i++) {
        Ref arg = Ref::share(is_tuple_args ? tuple_get(args, i) : list_get(args, i));
        // A class is never a parameter, however it looks.
        if (is_type(arg)) continue;
        if (is_tuple_exact(arg) || is_list_exact(arg)) {
            TRY(collect_parameters(t, arg, into));
            continue;
        }
        if (TRY(has_attr(t, arg, ID(__typing_subst__)))) {
            TRY(add_unique(t, into, arg));
            continue;
        }
        Ref sub = TRY(as_parameter_tuple(t, arg));
        for (int64_t k = 0; k < tuple_size(sub); k++) TRY(add_unique(t, into, tuple_get(sub, k)));
    }
    return Status::ok();
}

// `arg[subargs]` where arg is itself generic over some of `params`.
Ref substitute_inside(Thread& t, Value arg, Value params, Value items) {
    Ref sub_params = TRY(as_parameter_tuple(t, arg));
    int64_t n = tuple_size(sub_params);
    if (n == 0) return Ref::share(arg);
    Ref sub_args = TRY(list_new(t));
    for (int64_t i = 0; i < n; i++) {
        Value p = tuple_get(sub_params, i);
        int64_t at = TRY(index_of(params, p));
        if (at < 0) {
            TRY(list_append(t, sub_args, p));
            continue;
        }
        Value value = tuple_get(items, at);
        // What a TypeVarTuple stands for arrives as a tuple and is spliced in.
        if (is_tuple(value) && str_equal(TRY(type_qualname(t, type_of(p))), "TypeVarTuple")) {
            for (int64_t k = 0; k < tuple_size(value); k++)
                TRY(list_append(t, sub_args, tuple_get(value, k)));
        } else {
            TRY(list_append(t, sub_args, value));
        }
    }
    Ref tuple = TRY(list_to_tuple(t, sub_args));
    return get_item(t, arg, tuple);
}

// The tuple of arguments given for `params`: unpacked where starred.
Ref unpack_items(Thread& t, Value item) {
    Ref list = TRY(list_new(t));
    bool many = is_tuple(item);
    int64_t n = many ? tuple_size(item) : 1;
    for (int64_t i = 0; i < n; i++) {
        Value v = many ? tuple_get(item, i) : item;
        if (!is_type(v)) {
            Ref unpacked = TRY(lookup_attr(t, v, ID(__typing_unpacked_tuple_args__)));
            if (unpacked && !is_none(unpacked) && is_tuple(unpacked)) {
                int64_t k = tuple_size(unpacked);
                bool open = k > 0 && tuple_get(unpacked, k - 1) == ellipsis();
                if (!open) {
                    for (int64_t j = 0; j < k; j++) TRY(list_append(t, list, tuple_get(unpacked, j)));
                    continue;
                }
            }
        }
        TRY(list_append(t, list, v));
    }
    return list_to_tuple(t, list);
}

Ref substitute_list(Thread& t, Value args, Value params, Value items);

Status substitute_one(Thread& t, Value arg, Value params, Value items, Value out) {
    if (is_type(arg)) return list_append(t, out, arg);
    if (is_tuple_exact(arg) || is_list_exact(arg)) {
        Ref inner = TRY(to_tuple(t, arg));
        Ref done = TRY(substitute_list(t, inner, params, items));
        Ref same_kind = is_tuple_exact(arg) ? TRY(list_to_tuple(t, done)) : std::move(done);
        return list_append(t, out, same_kind);
    }
    bool unpack = false;
    Ref is_unpacked = TRY(lookup_attr(t, arg, ID(__typing_is_unpacked_typevartuple__)));
    if (is_unpacked) unpack = TRY(is_true(t, is_unpacked));
    Ref subst = TRY(lookup_attr(t, arg, ID(__typing_subst__)));
    Ref value;
    if (subst) {
        int64_t at = TRY(index_of(params, arg));
        if (at < 0) return raise(t, PyExc_TypeError, "argument %R not found in __parameters__", arg);
        value = TRY(call(t, subst, {tuple_get(items, at)}));
    } else {
        value = TRY(substitute_inside(t, arg, params, items));
    }
    if (!unpack) return list_append(t, out, value);
    if (!is_tuple(value))
        return raise(t, PyExc_TypeError,
                     "expected __typing_subst__ of %#T objects to return a tuple, not %#T", arg, value.get());
    for (int64_t i = 0; i < tuple_size(value); i++) TRY(list_append(t, out, tuple_get(value, i)));
    return Status::ok();
}

Ref substitute_list(Thread& t, Value args, Value params, Value items) {
    Ref out = TRY(list_new(t));
    for (int64_t i = 0; i < tuple_size(args); i++) {
        Ref arg = Ref::share(tuple_get(args, i));
        TRY(substitute_one(t, arg, params, items, out));
    }
    return out;
}

Ref alias_parameters(Thread& t, Value self) {
    auto* a = as_alias(self);
    if (!a->parameters) a->parameters = TRY(type_parameters(t, a->args)).release();
    return Ref::share(a->parameters);
}

Ref alias_subscript(Thread& t, Value self, Value item) {
    Ref params = TRY(alias_parameters(t, self));
    Ref args = TRY(substitute_parameters(t, self, as_alias(self)->args, params, item));
    return make_alias(t, &Py_GenericAliasType, as_alias(self)->origin, args, as_alias(self)->starred);
}

// --- the rest ---

Ref alias_call(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Ref origin = Ref::share(as_alias(self)->origin);
    Ref keep = Ref::share(self);
    Ref obj = TRY(call(t, origin, args, nargs, kwnames));
    // Where the instance can keep it, it remembers how it was made.
    if (!set_attr(t, obj, ID(__orig_class__), self)) {
        if (!clear_if(t, PyExc_AttributeError) && !clear_if(t, PyExc_TypeError)) return {};
    }
    return obj;
}

bool own_attribute(Value name) {
    static const char* const names[] = {"__class__",       "__origin__",     "__args__",
                                        "__unpacked__",    "__parameters__", "__typing_unpacked_tuple_args__",
                                        "__mro_entries__", "__reduce_ex__",  "__reduce__"};
    for (const char* n : names)
        if (str_equal(name, n)) return true;
    return false;
}
bool blocked_attribute(Value name) {
    for (const char* n : {"__bases__", "__copy__", "__deepcopy__"})
        if (str_equal(name, n)) return true;
    return false;
}

Ref alias_getattr(Thread& t, Value self, Value name) {
    if (!is_str(name) || own_attribute(name) || blocked_attribute(name))
        return generic_get_attr(t, self, name);
    return get_attr(t, as_alias(self)->origin, name);
}

Ref alias_compare(Thread& t, Value a, Value b, CompareOp op) {
    if (!is_alias(a) || !is_alias(b) || (op != kEq && op != kNe)) return not_implemented_ref();
    auto *x = as_alias(a), *y = as_alias(b);
    bool same = x->starred == y->starred;
    same = same && TRY(equal(t, x->origin, y->origin));
    same = same && TRY(equal(t, x->args, y->args));
    return bool_ref(same == (op == kEq));
}
Result<int64_t> alias_hash(Thread& t, Value self) {
    int64_t h = TRY(hash(t, as_alias(self)->origin)) ^ TRY(hash(t, as_alias(self)->args));
    return h == -1 ? -2 : h;
}

Ref alias_mro_entries(Thread& t, Value self, Value) { return tuple_of(t, {as_alias(self)->origin}); }
Ref alias_instancecheck(Thread& t, Value, Value) {
    return raise(t, PyExc_TypeError, "isinstance() argument 2 cannot be a parameterized generic");
}
Ref alias_subclasscheck(Thread& t, Value, Value) {
    return raise(t, PyExc_TypeError, "issubclass() argument 2 cannot be a parameterized generic");
}
Ref alias_reduce(Thread& t, Value self) {
    auto* a = as_alias(self);
    Ref args = TRY(tuple_of(t, {a->origin, a->args}));
    if (!a->starred) return tuple_of(t, {Value(&Py_GenericAliasType), args});
    Ref plain = TRY(make_alias(t, &Py_GenericAliasType, a->origin, a->args, false));
    Ref it = TRY(iter(t, plain));
    Value next = t.interp->builtins_dict ? dict_get_str(t.interp->builtins_dict, "next") : Value();
    if (!next) return raise(t, PyExc_AttributeError, "next");
    Ref next_args = TRY(tuple_of(t, {it}));
    return tuple_of(t, {next, next_args});
}
Ref alias_dir(Thread& t, Value self) {
    Ref names = TRY(dir(t, as_alias(self)->origin));
    static const char* const more[] = {
        "__origin__",    "__args__",   "__parameters__", "__mro_entries__",
        "__reduce_ex__", "__reduce__", "__unpacked__",   "__typing_unpacked_tuple_args__"};
    for (const char* n : more) {
        Ref s = TRY(str_intern(t, n));
        if (!TRY(contains(t, names, s))) TRY(list_append(t, names, s));
    }
    return names;
}

Ref alias_make(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    TRY(no_kwargs(t, "GenericAlias", kwnames));
    if (nargs != 2) return raise(t, PyExc_TypeError, "GenericAlias expected 2 arguments, got %zu", nargs);
    return make_alias(t, type, args[0], args[1], false);
}

// iter(list[int]) gives the one starred alias that `*list[int]` means.
struct AliasIter {
    PyObject ob_base;
    Value alias;
};
Type g_alias_iter_type;
void alias_iter_dealloc(Thread& t, PyObject* o) {
    Value v = Value(o).as<AliasIter>()->alias;
    free_object(t, o);
    xdecref(v);
}
void alias_iter_traverse(PyObject* o, Visitor& v) { v.visit(Value(o).as<AliasIter>()->alias); }
Ref alias_iter_self(Thread&, Value v) { return Ref::share(v); }
Ref alias_iter_next(Thread& t, Value self) {
    Value v = self.as<AliasIter>()->alias;
    if (!v) return {};
    Ref keep = Ref::share(v);
    Ref r = TRY(make_alias(t, &Py_GenericAliasType, as_alias(v)->origin, as_alias(v)->args, true));
    Value old = self.as<AliasIter>()->alias;
    self.as<AliasIter>()->alias = Value();
    xdecref(old);
    return r;
}
Ref alias_iter(Thread& t, Value self) {
    Ref r = TRY(alloc(t, &g_alias_iter_type));
    r.as<AliasIter>()->alias = Ref::share(self).release();
    return r;
}
Ref alias_iter_reduce(Thread& t, Value self) {
    // Looked up first: that may run code that exhausts this one.
    Ref iter_fn = TRY(builtin_of_frame(t, ID(iter)));
    Value v = self.as<AliasIter>()->alias;
    Ref inner = v ? Ref::share(v) : TRY(tuple_new(t, 0));
    Ref args = TRY(tuple_of(t, {inner}));
    return tuple_of(t, {iter_fn, args});
}

Ref get_parameters(Thread& t, Value self, void*) { return alias_parameters(t, self); }
Ref get_unpacked_args(Thread&, Value self, void*) {
    auto* a = as_alias(self);
    if (a->starred && a->origin == Value(&PyTuple_Type)) return Ref::share(a->args);
    return none_ref();
}

const NativeDef alias_methods[] = {def<alias_mro_entries>("__mro_entries__", "(object, /)", nullptr),
                                   def<alias_instancecheck>("__instancecheck__", "(object, /)", nullptr),
                                   def<alias_subclasscheck>("__subclasscheck__", "(object, /)", nullptr),
                                   def<alias_reduce>("__reduce__", "()", nullptr),
                                   def<alias_dir>("__dir__", "()", nullptr),
                                   {}};
const NativeDef alias_iter_methods[] = {def<alias_iter_reduce>("__reduce__", "()", nullptr), {}};
const MemberDef alias_members[] = {
    member("__origin__", MemberKind::Object, offsetof(Alias, origin), kReadonly, nullptr),
    member("__args__", MemberKind::Object, offsetof(Alias, args), kReadonly, nullptr),
    member("__unpacked__", MemberKind::Bool, offsetof(Alias, starred), kReadonly, nullptr),
    {}};
const GetSetDef alias_getset[] = {
    getset("__parameters__", get_parameters, nullptr, "The type parameters that are still open."),
    getset("__typing_unpacked_tuple_args__", get_unpacked_args, nullptr, nullptr),
    {}};

Ref alias_or(Thread& t, Value a, Value b) { return union_new(t, a, b); }

}  // namespace

Status type_repr_put(Thread& t, StrBuilder& out, Value v) {
    if (v == ellipsis()) return out.ascii("...");
    if (is_none(v) || v == Value(&_PyNone_Type)) return out.ascii("None");
    // What is generic itself prints itself; plain classes print their name.
    bool generic = TRY(has_attr(t, v, ID(__origin__))) && TRY(has_attr(t, v, ID(__args__)));
    if (!generic) {
        Ref qualname = TRY(lookup_attr(t, v, ID(__qualname__)));
        if (qualname) {
            Ref module = TRY(lookup_attr(t, v, ID(__module__)));
            if (module && !is_none(module)) {
                Ref text;
                if (is_str(module) && str_equal(module, "builtins"))
                    text = TRY(str(t, qualname));
                else
                    text = TRY(str_format(t, "%S.%S", module.get(), qualname.get()));
                return out.append(text);
            }
        }
    }
    Ref text = TRY(repr(t, v));
    return out.append(text);
}

Ref type_parameters(Thread& t, Value args) {
    Ref list = TRY(list_new(t));
    TRY(collect_parameters(t, args, list));
    return list_to_tuple(t, list);
}

Ref substitute_parameters(Thread& t, Value self, Value args, Value params, Value item) {
    int64_t n_params = tuple_size(params);
    if (n_params == 0) return raise(t, PyExc_TypeError, "%R is not a generic class", self);
    Ref items = TRY(unpack_items(t, item));
    // Parameters may rearrange what they are given (defaults, variadic ones).
    for (int64_t i = 0; i < n_params; i++) {
        Ref prepare = TRY(lookup_attr(t, tuple_get(params, i), ID(__typing_prepare_subst__)));
        if (!prepare || is_none(prepare)) continue;
        Ref given = is_tuple(items) ? items.share() : TRY(tuple_of(t, {items}));
        items = TRY(call(t, prepare, {self, given}));
    }
    int64_t n_items = is_tuple(items) ? tuple_size(items) : 1;
    if (!is_tuple(items)) items = TRY(tuple_of(t, {items}));
    if (n_items != n_params)
        return raise(t, PyExc_TypeError, "Too %s arguments for %R; actual %zd, expected %zd",
                     n_items > n_params ? "many" : "few", self, static_cast<size_t>(n_items),
                     static_cast<size_t>(n_params));
    Ref done = TRY(substitute_list(t, args, params, items));
    return list_to_tuple(t, done);
}

Ref generic_alias_new(Thread& t, Value origin, Value args) {
    return make_alias(t, &Py_GenericAliasType, origin, args, false);
}
Ref class_getitem(Thread& t, Value cls, Value item) { return generic_alias_new(t, cls, item); }

Status init_builtin_generic_alias(Thread& t) {
    static const TypeDecl alias{
        .name = "types.GenericAlias",
        .basicsize = sizeof(Alias),
        .flags = kTpDefault | kTpHaveVectorcall | kTpBaseType | kTpHaveGC,
        .slots = {.dealloc = alias_dealloc,
                  .traverse = alias_traverse,
                  .repr = alias_repr,
                  .hash = alias_hash,
                  .richcompare = alias_compare,
                  .call = alias_call,
                  .getattr = alias_getattr,
                  .iter = alias_iter,
                  .new_ = alias_make,
                  .nb_or = alias_or,
                  .mp_subscript = alias_subscript},
        .spec = {.methods = alias_methods,
                 .getset = alias_getset,
                 .members = alias_members,
                 .doc = "A generic class with its type arguments, such as list[int].",
                 .text_signature = "(origin, args, /)"},
        .weaklistoffset = offsetof(Alias, weaklist),
    };
    static const TypeDecl iter{.name = "generic_alias_iterator",
                               .basicsize = sizeof(AliasIter),
                               .flags = kTpDefault | kTpHaveGC | kTpDisallowInstantiation,
                               .slots = {.dealloc = alias_iter_dealloc,
                                         .traverse = alias_iter_traverse,
                                         .iter = alias_iter_self,
                                         .iternext = alias_iter_next},
                               .spec = {.methods = alias_iter_methods}};
    init_static_type(Py_GenericAliasType, alias);
    init_static_type(g_alias_iter_type, iter);
    TRY(ready_type(t, &Py_GenericAliasType));
    return ready_type(t, &g_alias_iter_type);
}

}  // namespace krait

krait::Type Py_GenericAliasType;
