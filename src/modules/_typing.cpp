// _typing: type parameters, type aliases, Generic and NoDefault.
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/generic_alias.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "interp/interp.h"
#include "modules/fields.h"
#include "object/names.h"
#include "object/per_interpreter.h"
#include "object/protocol.h"

namespace krait {
namespace {

Type typevar_type, paramspec_type, typevartuple_type, args_type, kwargs_type, alias_type, no_default_type,
    evaluator_type;
Value g_no_default;
PER_INTERPRETER_REFS Value
    g_generic;  // a heap type, so that classes derived from it inherit object's constructor

enum { kName, kBound, kEvalBound, kConstraints, kEvalConstraints, kDefault, kEvalDefault, kParamFields };
struct ParamObject {
    Fields<kParamFields> fields;
    Value dict;  // holds __module__
    PyObject* weaklist;
    bool covariant, contravariant, infer_variance;
};
Value* fields_of(Value v) { return v.as<ParamObject>()->fields.f; }

void param_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    weakrefs_clear(t, o);
    put_owned(reinterpret_cast<ParamObject*>(o)->dict, Ref());
    Fields<kParamFields>::release(o);
    free_object(t, o);
}
void param_traverse(PyObject* o, Visitor& v) {
    v.visit(reinterpret_cast<ParamObject*>(o)->dict);
    Fields<kParamFields>::traverse(o, v);
}
void param_clear(Thread&, PyObject* o) {
    put_owned(reinterpret_cast<ParamObject*>(o)->dict, Ref());
    Fields<kParamFields>::release(o);
}

Ref call_typing(Thread& t, const char* name, std::initializer_list<Value> args) {
    Ref fn = TRY(import_attr(t, "typing", name));
    return call(t, fn, args);
}
// The module of the running Python code, or None.
Ref calling_module(Thread& t) {
    Value globals = current_globals(t);
    Value name = globals ? dict_get_str(globals, ID(__name__)) : Value();
    return name ? Ref::share(name) : none_ref();
}
Ref unpack(Thread& t, Value v) {
    Ref special = TRY(import_attr(t, "typing", "Unpack"));
    return get_item(t, special, v);
}
Ref union_or(Thread& t, Value a, Value b) {
    Ref pair = TRY(tuple_of(t, {a, b}));
    return get_item(t, Value(&_PyUnion_Type), pair);
}
Ref iter_unpacked(Thread& t, Value self) {
    Ref item = TRY(unpack(t, self));
    Ref one = TRY(tuple_of(t, {item}));
    return iter(t, one);
}

// --- evaluators of values that are known already ---

Ref evaluator_new(Thread& t, Value value) {
    Ref self = TRY(alloc(t, &evaluator_type));
    self.as<Fields<1>>()->f[0] = Ref::share(value).release();
    return self;
}
Ref evaluator_text(Thread& t, Value value) {
    StrBuilder out(t);
    if (!is_tuple(value)) {
        TRY(type_repr_put(t, out, value));
        return out.finish();
    }
    TRY(out.put('('));
    for (int64_t i = 0; i < tuple_size(value); i++) {
        if (i) TRY(out.ascii(", "));
        TRY(type_repr_put(t, out, tuple_get(value, i)));
    }
    TRY(out.put(')'));
    return out.finish();
}
Ref evaluator_call(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Value p[1] = {};
    Ref keep;
    TRY(bind_args(t, "constevaluator.__call__", "(format, /)", args, nargs, kwnames, p, keep));
    constexpr int kStringFormat = 4;
    Value value = self.as<Fields<1>>()->f[0];
    if (TRY(as_int32(t, p[0])) != kStringFormat) return Ref::share(value);
    return evaluator_text(t, value);
}
Ref evaluator_repr(Thread& t, Value self) {
    return str_format(t, "<constevaluator %R>", self.as<Fields<1>>()->f[0]);
}

// --- what the three kinds of type parameters share ---

// The value of a field that may have to be computed first; `absent` when there is neither.
Ref lazy(Thread& t, Value self, int field, int evaluator, Value absent) {
    Value* f = fields_of(self);
    if (f[field]) return Ref::share(f[field]);
    if (!f[evaluator]) return Ref::share(absent);
    Ref fn = Ref::share(f[evaluator]);
    Ref value = TRY(call(t, fn, {Value::from_int(1)}));
    put_owned(f[field], value.share());
    return value;
}
Ref evaluator(Thread& t, Value self, int field, int evaluator_field) {
    Value* f = fields_of(self);
    if (f[evaluator_field]) return Ref::share(f[evaluator_field]);
    if (f[field]) return evaluator_new(t, f[field]);
    return none_ref();
}
Ref get_bound(Thread& t, Value self, void*) { return lazy(t, self, kBound, kEvalBound, none()); }
Ref get_constraints(Thread& t, Value self, void*) {
    return lazy(t, self, kConstraints, kEvalConstraints, empty_tuple());
}
Ref get_default(Thread& t, Value self, void*) { return lazy(t, self, kDefault, kEvalDefault, g_no_default); }
Ref get_eval_bound(Thread& t, Value self, void*) { return evaluator(t, self, kBound, kEvalBound); }
Ref get_eval_constraints(Thread& t, Value self, void*) {
    return evaluator(t, self, kConstraints, kEvalConstraints);
}
Ref get_eval_default(Thread& t, Value self, void*) { return evaluator(t, self, kDefault, kEvalDefault); }
Ref has_default(Thread&, Value self) {
    Value* f = fields_of(self);
    return bool_ref(f[kEvalDefault] || f[kDefault]);
}
Ref param_reduce(Thread&, Value self) { return Ref::share(fields_of(self)[kName]); }
Ref plain_repr(Thread&, Value self) { return Ref::share(fields_of(self)[kName]); }
Ref param_repr(Thread& t, Value self) {
    auto* p = self.as<ParamObject>();
    if (p->infer_variance) return plain_repr(t, self);
    return str_format(t, "%c%U", p->covariant ? '+' : p->contravariant ? '-' : '~', p->fields.f[kName]);
}
Ref mro_entries(Thread& t, Value self, Value) {
    const char* full = type_of(self)->tp_name;
    return raise(t, PyExc_TypeError, "Cannot subclass an instance of %s", full + sizeof("typing.") - 1);
}

Ref param_alloc(Thread& t, Type& type, Value name) {
    Ref self = TRY(alloc(t, &type));
    fields_of(self)[kName] = Ref::share(name).release();
    return self;
}
Status set_module(Thread& t, Value self) {
    Ref module = TRY(calling_module(t));
    return set_attr(t, self, ID(__module__), module);
}
Status set_variance(Thread& t, Value self, Value co, Value contra, Value infer) {
    auto* p = self.as<ParamObject>();
    p->covariant = co && TRY(is_true(t, co));
    p->contravariant = contra && TRY(is_true(t, contra));
    p->infer_variance = infer && TRY(is_true(t, infer));
    if (p->covariant && p->contravariant)
        return raise(t, PyExc_ValueError, "Bivariant types are not supported.");
    if (p->infer_variance && (p->covariant || p->contravariant))
        return raise(t, PyExc_ValueError, "Variance cannot be specified with infer_variance.");
    return Status::ok();
}
Status set_bound(Thread& t, Value self, Value bound) {
    if (!bound || is_none(bound)) return Status::ok();
    Ref message = TRY(str_from(t, "Bound must be a type."));
    fields_of(self)[kBound] = TRY(call_typing(t, "_type_check", {bound, message})).release();
    return Status::ok();
}
void set_default(Value self, Value v) {
    if (v && v != g_no_default) fields_of(self)[kDefault] = Ref::share(v).release();
}
Status check_name(Thread& t, const char* function, Value name) {
    if (is_str(name)) return Status::ok();
    return raise(t, PyExc_TypeError, "%s() argument 'name' must be str, not %K", function, name);
}

// --- TypeVar ---

Ref typevar_new(Thread& t, PyTypeObject*, const Value* args, size_t nargs, Value kwnames) {
    Value p[7] = {};
    Ref keep;
    TRY(bind_args(t, "typevar",
                  "(name, *constraints, bound=None, default=typing.NoDefault, covariant=False, "
                  "contravariant=False, infer_variance=False)",
                  args, nargs, kwnames, p, keep));
    TRY(check_name(t, "typevar", p[0]));
    Ref self = TRY(param_alloc(t, typevar_type, p[0]));
    TRY(set_variance(t, self, p[4], p[5], p[6]));
    TRY(set_bound(t, self, p[2]));
    int64_t n = p[1] ? tuple_size(p[1]) : 0;
    if (n == 1) return raise(t, PyExc_TypeError, "A single constraint is not allowed");
    if (n && fields_of(self)[kBound])
        return raise(t, PyExc_TypeError, "Constraints cannot be combined with bound=...");
    if (n) fields_of(self)[kConstraints] = Ref::share(p[1]).release();
    set_default(self, p[3]);
    TRY(set_module(t, self));
    return self;
}
Ref typevar_subst(Thread& t, Value self, Value arg) { return call_typing(t, "_typevar_subst", {self, arg}); }
Ref typevar_prepare(Thread& t, Value self, const Value* a, size_t) {
    Value alias = a[0], args = a[1];
    Ref params = TRY(get_attr(t, alias, ID(__parameters__)));
    Ref at = TRY(call_method(t, params, ID(index), {self}));
    int64_t index = TRY(as_index(t, at, PyExc_OverflowError)), n = TRY(length(t, args));
    if (index < n) return Ref::share(args);
    if (index == n) {
        Ref value = TRY(get_default(t, self, nullptr));
        if (value != g_no_default) {
            Ref all = TRY(to_list(t, args));
            TRY(list_append(t, all, value));
            return list_to_tuple(t, all);
        }
    }
    return raise(t, PyExc_TypeError, "Too few arguments for %S; actual %zd, expected at least %zd", alias, n,
                 index + 1);
}
const NativeDef typevar_methods[] = {
    def<typevar_subst>("__typing_subst__", "(arg, /)", nullptr),
    def<typevar_prepare>("__typing_prepare_subst__", "(alias, args, /)", nullptr),
    def<param_reduce>("__reduce__", "()", nullptr),
    def<has_default>("has_default", "()", nullptr),
    def<mro_entries>("__mro_entries__", "(object, /)", nullptr),
    {}};
#define VARIANCE_MEMBERS                                                                                 \
    member("__name__", MemberKind::Object, offsetof(ParamObject, fields.f[0]), kReadonly, nullptr),      \
        member("__covariant__", MemberKind::Bool, offsetof(ParamObject, covariant), kReadonly, nullptr), \
        member("__contravariant__", MemberKind::Bool, offsetof(ParamObject, contravariant), kReadonly,   \
               nullptr),                                                                                 \
        member("__infer_variance__", MemberKind::Bool, offsetof(ParamObject, infer_variance), kReadonly, \
               nullptr)
const MemberDef typevar_members[] = {VARIANCE_MEMBERS, {}};
const GetSetDef typevar_getset[] = {getset("__bound__", get_bound, nullptr, nullptr),
                                    getset("__constraints__", get_constraints, nullptr, nullptr),
                                    getset("__default__", get_default, nullptr, nullptr),
                                    getset("evaluate_bound", get_eval_bound, nullptr, nullptr),
                                    getset("evaluate_constraints", get_eval_constraints, nullptr, nullptr),
                                    getset("evaluate_default", get_eval_default, nullptr, nullptr),
                                    {}};

// --- ParamSpec, its args and kwargs ---

Ref paramspec_new(Thread& t, PyTypeObject*, const Value* args, size_t nargs, Value kwnames) {
    Value p[6] = {};
    Ref keep;
    TRY(bind_args(t, "paramspec",
                  "(name, *, bound=None, default=typing.NoDefault, covariant=False, contravariant=False, "
                  "infer_variance=False)",
                  args, nargs, kwnames, p, keep));
    TRY(check_name(t, "paramspec", p[0]));
    Ref self = TRY(param_alloc(t, paramspec_type, p[0]));
    TRY(set_variance(t, self, p[3], p[4], p[5]));
    if (p[1] && !is_none(p[1])) fields_of(self)[kBound] = Ref::share(p[1]).release();
    set_default(self, p[2]);
    TRY(set_module(t, self));
    return self;
}
Ref paramspec_subst(Thread& t, Value self, Value arg) {
    return call_typing(t, "_paramspec_subst", {self, arg});
}
Ref paramspec_prepare(Thread& t, Value self, const Value* a, size_t) {
    return call_typing(t, "_paramspec_prepare_subst", {self, a[0], a[1]});
}
struct PartObject {
    Fields<1> fields;
    PyObject* weaklist;
};
void part_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    weakrefs_clear(t, o);
    Fields<1>::release(o);
    free_object(t, o);
}
Ref part_of(Thread& t, Type& type, Value origin) {
    Ref part = TRY(alloc(t, &type));
    part.as<Fields<1>>()->f[0] = Ref::share(origin).release();
    return part;
}
Ref get_args(Thread& t, Value self, void*) { return part_of(t, args_type, self); }
Ref get_kwargs(Thread& t, Value self, void*) { return part_of(t, kwargs_type, self); }
const NativeDef paramspec_methods[] = {
    def<paramspec_subst>("__typing_subst__", "(arg, /)", nullptr),
    def<paramspec_prepare>("__typing_prepare_subst__", "(alias, args, /)", nullptr),
    def<param_reduce>("__reduce__", "()", nullptr),
    def<has_default>("has_default", "()", nullptr),
    def<mro_entries>("__mro_entries__", "(object, /)", nullptr),
    {}};
const MemberDef paramspec_members[] = {
    VARIANCE_MEMBERS,
    member("__bound__", MemberKind::Object, offsetof(ParamObject, fields.f[kBound]), kReadonly, nullptr),
    {}};
const GetSetDef paramspec_getset[] = {
    getset("args", get_args, nullptr, "Represents positional arguments."),
    getset("kwargs", get_kwargs, nullptr, "Represents keyword arguments."),
    getset("__default__", get_default, nullptr, "The default of this parameter."),
    getset("evaluate_default", get_eval_default, nullptr, nullptr),
    {}};

template <bool Kwargs>
Ref part_new(Thread& t, PyTypeObject*, const Value* args, size_t nargs, Value kwnames) {
    Value p[1] = {};
    Ref keep;
    TRY(bind_args(t, Kwargs ? "paramspeckwargs" : "paramspecargs", "(origin)", args, nargs, kwnames, p,
                  keep));
    return part_of(t, Kwargs ? kwargs_type : args_type, p[0]);
}
template <bool Kwargs>
Ref part_repr(Thread& t, Value self) {
    Value origin = self.as<Fields<1>>()->f[0];
    const char* suffix = Kwargs ? "kwargs" : "args";
    if (has_type(origin, &paramspec_type)) return str_format(t, "%U.%s", fields_of(origin)[kName], suffix);
    return str_format(t, "%R.%s", origin, suffix);
}
Ref part_compare(Thread& t, Value a, Value b, CompareOp op) {
    if (type_of(a) != type_of(b) || (op != kEq && op != kNe)) return not_implemented_ref();
    return compare(t, a.as<Fields<1>>()->f[0], b.as<Fields<1>>()->f[0], op);
}
const NativeDef part_methods[] = {def<mro_entries>("__mro_entries__", "(object, /)", nullptr), {}};
const MemberDef part_members[] = {
    member("__origin__", MemberKind::Object, offsetof(Fields<1>, f), kReadonly, nullptr), {}};

// --- TypeVarTuple ---

Ref typevartuple_new(Thread& t, PyTypeObject*, const Value* args, size_t nargs, Value kwnames) {
    Value p[2] = {};
    Ref keep;
    TRY(bind_args(t, "typevartuple", "(name, *, default=typing.NoDefault)", args, nargs, kwnames, p, keep));
    TRY(check_name(t, "typevartuple", p[0]));
    Ref self = TRY(param_alloc(t, typevartuple_type, p[0]));
    set_default(self, p[1]);
    TRY(set_module(t, self));
    return self;
}
Ref typevartuple_subst(Thread& t, Value, Value) {
    return raise(t, PyExc_TypeError, "Substitution of bare TypeVarTuple is not supported");
}
Ref typevartuple_prepare(Thread& t, Value self, const Value* a, size_t) {
    return call_typing(t, "_typevartuple_prepare_subst", {self, a[0], a[1]});
}
const NativeDef typevartuple_methods[] = {
    def<typevartuple_subst>("__typing_subst__", "(arg, /)", nullptr),
    def<typevartuple_prepare>("__typing_prepare_subst__", "(alias, args, /)", nullptr),
    def<param_reduce>("__reduce__", "()", nullptr),
    def<has_default>("has_default", "()", nullptr),
    def<mro_entries>("__mro_entries__", "(object, /)", nullptr),
    {}};
const MemberDef typevartuple_members[] = {
    member("__name__", MemberKind::Object, offsetof(ParamObject, fields.f[0]), kReadonly, nullptr), {}};
const GetSetDef typevartuple_getset[] = {
    getset("__default__", get_default, nullptr, "The default of this parameter."),
    getset("evaluate_default", get_eval_default, nullptr, nullptr),
    {}};

// `params` with every TypeVarTuple unpacked.
Ref unpacked_params(Thread& t, Value params) {
    Ref out = TRY(tuple_new(t, tuple_size(params)));
    for (int64_t i = 0; i < tuple_size(params); i++) {
        Value v = tuple_get(params, i);
        tuple_items(out)[i] = TRY(has_type(v, &typevartuple_type) ? unpack(t, v) : Ref::share(v)).release();
    }
    return out;
}

// --- type aliases ---

enum { kAliasName, kAliasParams, kAliasCompute, kAliasValue, kAliasModule };
using AliasObject = Fields<5>;
Ref alias_alloc(Thread& t, Value name, Value params, Value compute, Value value, Ref module) {
    Ref self = TRY(alloc(t, &alias_type));
    auto* f = self.as<AliasObject>()->f;
    f[kAliasName] = Ref::share(name).release();
    f[kAliasParams] = Ref::share(params).release();
    f[kAliasCompute] = Ref::share(compute).release();
    f[kAliasValue] = Ref::share(value).release();
    f[kAliasModule] = module.release();
    return self;
}
Status check_type_params(Thread& t, Value params) {
    if (!is_tuple(params)) return raise(t, PyExc_TypeError, "type_params must be a tuple");
    bool default_seen = false;
    for (int64_t i = 0; i < tuple_size(params); i++) {
        Value v = tuple_get(params, i);
        if (!has_type(v, &typevar_type) && !has_type(v, &paramspec_type) && !has_type(v, &typevartuple_type))
            return raise(t, PyExc_TypeError, "Expected a type param, got %R", v);
        bool has = fields_of(v)[kDefault] || fields_of(v)[kEvalDefault];
        if (default_seen && !has)
            return raise(t, PyExc_TypeError, "non-default type parameter '%R' follows default type parameter",
                         v);
        default_seen |= has;
    }
    return Status::ok();
}
Ref alias_new(Thread& t, PyTypeObject*, const Value* args, size_t nargs, Value kwnames) {
    Value p[3] = {};
    Ref keep;
    TRY(bind_args(t, "typealias", "(name, value, *, type_params=())", args, nargs, kwnames, p, keep));
    TRY(check_name(t, "typealias", p[0]));
    Value params = p[2] ? p[2] : empty_tuple();
    TRY(check_type_params(t, params));
    return alias_alloc(t, p[0], params, Value(), p[1], calling_module(t));
}
Ref alias_repr(Thread&, Value self) { return Ref::share(self.as<AliasObject>()->f[kAliasName]); }
Ref alias_reduce(Thread& t, Value self) { return alias_repr(t, self); }
Ref alias_value(Thread& t, Value self, void*) {
    auto* f = self.as<AliasObject>()->f;
    if (f[kAliasValue]) return Ref::share(f[kAliasValue]);
    Ref compute = Ref::share(f[kAliasCompute]);
    Ref value = TRY(call(t, compute, {Value::from_int(1)}));
    put_owned(f[kAliasValue], value.share());
    return value;
}
Ref alias_evaluator(Thread& t, Value self, void*) {
    auto* f = self.as<AliasObject>()->f;
    return f[kAliasCompute] ? Ref::share(f[kAliasCompute]) : evaluator_new(t, f[kAliasValue]);
}
Ref alias_params(Thread&, Value self, void*) { return Ref::share(self.as<AliasObject>()->f[kAliasParams]); }
Ref alias_parameters(Thread& t, Value self, void*) {
    return unpacked_params(t, self.as<AliasObject>()->f[kAliasParams]);
}
Ref alias_module(Thread& t, Value self, void*) {
    auto* f = self.as<AliasObject>()->f;
    if (f[kAliasModule]) return Ref::share(f[kAliasModule]);
    return f[kAliasCompute] ? get_attr(t, f[kAliasCompute], ID(__module__)) : none_ref();
}
Ref alias_subscript(Thread& t, Value self, Value item) {
    if (tuple_size(self.as<AliasObject>()->f[kAliasParams]) == 0)
        return raise(t, PyExc_TypeError, "Only generic type aliases are subscriptable");
    return generic_alias_new(t, self, item);
}
const NativeDef alias_methods[] = {def<alias_reduce>("__reduce__", "()", nullptr), {}};
const MemberDef alias_members[] = {
    member("__name__", MemberKind::Object, offsetof(AliasObject, f), kReadonly, nullptr), {}};
const GetSetDef alias_getset[] = {getset("__parameters__", alias_parameters, nullptr, nullptr),
                                  getset("__type_params__", alias_params, nullptr, nullptr),
                                  getset("__value__", alias_value, nullptr, nullptr),
                                  getset("evaluate_value", alias_evaluator, nullptr, nullptr),
                                  getset("__module__", alias_module, nullptr, nullptr),
                                  {}};

// --- Generic and NoDefault ---

void generic_traverse(PyObject*, Visitor&) {}

Ref generic_class_getitem(Thread& t, Value cls, Value item) {
    return call_typing(t, "_generic_class_getitem", {cls, item});
}
Ref generic_init_subclass(Thread& t, Value cls, const Value* args, size_t nargs, Value kwnames) {
    Ref fn = TRY(import_attr(t, "typing", "_generic_init_subclass"));
    Ref bound = TRY(method_new(t, fn, cls));
    return call(t, bound, args, nargs, kwnames);
}
const NativeDef generic_methods[] = {
    def<generic_class_getitem>("__class_getitem__", "(object, /)", "Parameterizes a generic class.",
                               kMethClass | kMethNoSignature),
    def<generic_init_subclass>("__init_subclass__", "(*args, **kwargs)", "Function to initialize subclasses.",
                               kMethClass | kMethNoSignature),
    {}};

Ref no_default_new(Thread& t, PyTypeObject*, const Value*, size_t nargs, Value kwnames) {
    if (nargs || (kwnames && tuple_size(kwnames)))
        return raise(t, PyExc_TypeError, "NoDefaultType takes no arguments");
    return Ref::share(g_no_default);
}
Ref no_default_repr(Thread& t, Value) { return str_from(t, "typing.NoDefault"); }
Ref no_default_reduce(Thread& t, Value) { return str_from(t, "NoDefault"); }
const NativeDef no_default_methods[] = {def<no_default_reduce>("__reduce__", "()", nullptr), {}};

// --- functions; those with _make are what the interpreter's intrinsics call, and programs can call, too ---

Status check_kind(Thread& t, bool good, const char* wanted, Value v) {
    if (good) return Status::ok();
    return raise(t, PyExc_TypeError, "%s expected, got %T", wanted, v);
}

Ref idfunc(Thread&, Value, Value v) { return Ref::share(v); }
Ref make_typevar(Thread& t, Value, const Value* a, size_t) {
    TRY(check_kind(t, is_str(a[0]), "str", a[0]));
    Ref self = TRY(param_alloc(t, typevar_type, a[0]));
    if (!is_none(a[1])) fields_of(self)[kEvalBound] = Ref::share(a[1]).release();
    if (!is_none(a[2])) fields_of(self)[kEvalConstraints] = Ref::share(a[2]).release();
    self.as<ParamObject>()->infer_variance = true;
    return self;
}
Ref make_paramspec(Thread& t, Value, Value name) {
    TRY(check_kind(t, is_str(name), "str", name));
    Ref self = TRY(param_alloc(t, paramspec_type, name));
    self.as<ParamObject>()->infer_variance = true;
    return self;
}
Ref make_typevartuple(Thread& t, Value, Value name) {
    TRY(check_kind(t, is_str(name), "str", name));
    return param_alloc(t, typevartuple_type, name);
}
Ref make_typealias(Thread& t, Value, Value parts) {
    TRY(check_kind(t, is_tuple(parts) && tuple_size(parts) == 3, "tuple of 3", parts));
    TRY(check_kind(t, is_str(tuple_get(parts, 0)), "str", tuple_get(parts, 0)));
    Value params = tuple_get(parts, 1);
    TRY(check_kind(t, is_none(params) || is_tuple(params), "tuple", params));
    return alias_alloc(t, tuple_get(parts, 0), is_none(params) ? empty_tuple() : params, tuple_get(parts, 2),
                       Value(), Ref());
}
Ref subscript_generic(Thread& t, Value, Value params) {
    TRY(check_kind(t, is_tuple(params), "tuple", params));
    Ref unpacked = TRY(unpacked_params(t, params));
    return call_typing(t, "_GenericAlias", {g_generic, unpacked});
}
Ref set_default_fn(Thread& t, Value, const Value* a, size_t) {
    bool param = has_type(a[0], &typevar_type) || has_type(a[0], &paramspec_type) ||
                 has_type(a[0], &typevartuple_type);
    TRY(check_kind(t, param, "type parameter", a[0]));
    put_owned(fields_of(a[0])[kEvalDefault], Ref::share(a[1]));
    return Ref::share(a[0]);
}
const NativeDef functions[] = {
    def<idfunc>("_idfunc", "(x, /)", nullptr),
    def<make_typevar>("_make_typevar", "(name, bound, constraints, /)", "For the interpreter."),
    def<make_paramspec>("_make_paramspec", "(name, /)", "For the interpreter."),
    def<make_typevartuple>("_make_typevartuple", "(name, /)", "For the interpreter."),
    def<make_typealias>("_make_typealias", "(parts, /)", "For the interpreter."),
    def<subscript_generic>("_subscript_generic", "(params, /)", "For the interpreter."),
    def<set_default_fn>("_set_default", "(param, evaluator, /)", "For the interpreter."),
    {}};

#define LIFE(n) .dealloc = Fields<n>::dealloc, .traverse = Fields<n>::traverse, .clear = Fields<n>::clear
#define PARAM_LIFE .dealloc = param_dealloc, .traverse = param_traverse, .clear = param_clear
#define PARAM_OFFSETS \
    .weaklistoffset = offsetof(ParamObject, weaklist), .dictoffset = offsetof(ParamObject, dict)
Status add_params(Thread& t, Value module) {
    constexpr uint64_t kFlags = kTpDefault | kTpHaveGC | kTpImmutableType;
    static const TypeDecl typevar{
        .name = "typing.TypeVar",
        .basicsize = sizeof(ParamObject),
        .flags = kFlags,
        .slots = {PARAM_LIFE, .repr = param_repr, .new_ = typevar_new, .nb_or = union_or},
        .spec = {.methods = typevar_methods,
                 .getset = typevar_getset,
                 .members = typevar_members,
                 .doc = "Type variable."},
        PARAM_OFFSETS};
    static const TypeDecl paramspec{
        .name = "typing.ParamSpec",
        .basicsize = sizeof(ParamObject),
        .flags = kFlags,
        .slots = {PARAM_LIFE, .repr = param_repr, .new_ = paramspec_new, .nb_or = union_or},
        .spec = {.methods = paramspec_methods,
                 .getset = paramspec_getset,
                 .members = paramspec_members,
                 .doc = "Parameter specification variable."},
        PARAM_OFFSETS};
    static const TypeDecl typevartuple{
        .name = "typing.TypeVarTuple",
        .basicsize = sizeof(ParamObject),
        .flags = kFlags,
        .slots = {PARAM_LIFE, .repr = plain_repr, .iter = iter_unpacked, .new_ = typevartuple_new},
        .spec = {.methods = typevartuple_methods,
                 .getset = typevartuple_getset,
                 .members = typevartuple_members,
                 .doc = "Type variable tuple."},
        PARAM_OFFSETS};
    static const TypeDecl args{
        .name = "typing.ParamSpecArgs",
        .basicsize = sizeof(PartObject),
        .flags = kFlags,
        .slots = {.dealloc = part_dealloc,
                  .traverse = Fields<1>::traverse,
                  .clear = Fields<1>::clear,
                  .repr = part_repr<false>,
                  .hash = hash_not_implemented,
                  .richcompare = part_compare,
                  .new_ = part_new<false>},
        .spec = {.methods = part_methods, .members = part_members, .doc = "The args of a ParamSpec."},
        .weaklistoffset = offsetof(PartObject, weaklist)};
    static const TypeDecl kwargs{
        .name = "typing.ParamSpecKwargs",
        .basicsize = sizeof(PartObject),
        .flags = kFlags,
        .slots = {.dealloc = part_dealloc,
                  .traverse = Fields<1>::traverse,
                  .clear = Fields<1>::clear,
                  .repr = part_repr<true>,
                  .hash = hash_not_implemented,
                  .richcompare = part_compare,
                  .new_ = part_new<true>},
        .spec = {.methods = part_methods, .members = part_members, .doc = "The kwargs of a ParamSpec."},
        .weaklistoffset = offsetof(PartObject, weaklist)};
    TRY(add_static_type(t, module, typevar_type, typevar));
    TRY(add_static_type(t, module, paramspec_type, paramspec));
    TRY(add_static_type(t, module, typevartuple_type, typevartuple));
    TRY(add_static_type(t, module, args_type, args));
    return add_static_type(t, module, kwargs_type, kwargs);
}

Status exec(Thread& t, Value module) {
    constexpr uint64_t kFlags = kTpDefault | kTpHaveGC | kTpImmutableType;
    static const TypeDecl evaluator_decl{.name = "_typing._ConstEvaluator",
                                         .basicsize = sizeof(Fields<1>),
                                         .flags = kFlags | kTpDisallowInstantiation,
                                         .slots = {LIFE(1), .repr = evaluator_repr, .call = evaluator_call}};
    static const TypeDecl alias{
        .name = "typing.TypeAliasType",
        .basicsize = sizeof(AliasObject),
        .flags = kFlags,
        .slots = {LIFE(5), .repr = alias_repr, .iter = iter_unpacked, .new_ = alias_new, .nb_or = union_or,
                  .mp_subscript = alias_subscript},
        .spec = {.methods = alias_methods,
                 .getset = alias_getset,
                 .members = alias_members,
                 .doc = "Type alias."}};
    static const TypeDecl generic{
        .name = "typing.Generic",
        .basicsize = sizeof(PyObject),
        .flags = kTpDefault | kTpBaseType | kTpHaveGC,
        .slots = {.traverse = generic_traverse},
        .spec = {.methods = generic_methods, .doc = "Abstract base class for generic types."}};
    static const TypeDecl no_default{.name = "NoDefaultType",
                                     .basicsize = sizeof(PyObject),
                                     .flags = kTpDefault | kTpImmutableType,
                                     .slots = {.repr = no_default_repr, .new_ = no_default_new},
                                     .spec = {.methods = no_default_methods,
                                              .doc = "The type of the NoDefault singleton.",
                                              .text_signature = "()"}};
    TRY(add_static_type(t, Value(), no_default_type, no_default));
    if (!g_no_default) g_no_default = TRY(alloc(t, &no_default_type)).release();
    TRY(add_static_type(t, Value(), evaluator_type, evaluator_decl));
    TRY(add_params(t, module));
    TRY(add_static_type(t, module, alias_type, alias));
    if (!g_generic) g_generic = TRY(new_native_heap_type(t, Value(), generic, Value())).release();
    TRY(module_add(t, module, "Generic", Ref::share(g_generic)));
    TRY(module_add(t, module, "NoDefault", Ref::share(g_no_default)));
    return module_add(t, module, "Union", Ref::share(Value(&_PyUnion_Type)));
}

}  // namespace

extern const ModuleSpec module__typing;
const ModuleSpec module__typing{.name = "_typing",
                                .doc = "Primitives and accelerators for the typing module.",
                                .functions = functions,
                                .exec = exec};

}  // namespace krait
