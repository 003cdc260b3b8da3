// Template strings (PEP 750): string.templatelib's Template and Interpolation.
#include "builtins/callable.h"
#include "builtins/iterators.h"
#include "builtins/list.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "bytecode/opcodes.h"
#include "gc/gc.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait {
namespace {

Type template_type, interpolation_type, iter_type;

// All three types are a header and owned Values.
struct Fields {
    PyObject ob_base;
    Value f[4];
};
Fields* fields(Value v) { return v.as<Fields>(); }
void fields_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    for (Value v : reinterpret_cast<Fields*>(o)->f) xdecref(v);
    free_object(t, o);
}
void fields_traverse(PyObject* o, Visitor& v) {
    for (Value x : reinterpret_cast<Fields*>(o)->f) v.visit(x);
}
constexpr int kStrings = 0, kInterpolations = 1;

Ref make_interpolation(Thread& t, PyTypeObject* type, Value value, Value expression, Value conversion,
                       Value spec) {
    Ref r = TRY(alloc(t, type));
    Value* f = fields(r)->f;
    f[0] = Ref::share(value).release();
    f[1] = Ref::share(expression).release();
    f[2] = Ref::share(conversion).release();
    f[3] = Ref::share(spec).release();
    return r;
}
Ref interpolation_new(Thread& t, PyTypeObject* type, const Value* args, size_t n, Value kwnames) {
    Value p[4];
    Ref keep;
    TRY(bind_args(t, "Interpolation", "(value, expression='', conversion=None, format_spec='')", args, n,
                  kwnames, p, keep));
    if (p[1] && !is_str(p[1]))
        return raise(t, PyExc_TypeError, "Interpolation() argument 'expression' must be str, not %T", p[1]);
    if (p[2] && !is_none(p[2])) {
        if (!is_str(p[2]))
            return raise(t, PyExc_TypeError, "Interpolation() argument 'conversion' must be str, not %T",
                         p[2]);
        if (!str_equal(p[2], "s") && !str_equal(p[2], "a") && !str_equal(p[2], "r"))
            return raise(t, PyExc_ValueError,
                         "Interpolation() argument 'conversion' must be one of 's', 'a' or 'r'");
    }
    if (p[3] && !is_str(p[3]))
        return raise(t, PyExc_TypeError, "Interpolation() argument 'format_spec' must be str, not %T", p[3]);
    return make_interpolation(t, type, p[0], p[1] ? p[1] : empty_str(), p[2] ? p[2] : none(),
                              p[3] ? p[3] : empty_str());
}
Ref interpolation_repr(Thread& t, Value self) {
    Value* f = fields(self)->f;
    return str_format(t, "%s(%R, %R, %R, %R)", "Interpolation", f[0], f[1], f[2], f[3]);
}
Ref interpolation_reduce(Thread& t, Value self) {
    Value* f = fields(self)->f;
    Ref args = TRY(tuple_from(t, f, 4));
    return tuple_of(t, {Value(type_of(self)), args});
}
const NativeDef interpolation_methods[] = {
    def<interpolation_reduce>("__reduce__", "()", "State for pickling."),
    def<class_getitem>("__class_getitem__", "(object, /)", "See PEP 585.", kMethClass | kMethNoSignature),
    {},
};
const MemberDef interpolation_members[] = {
    member("value", MemberKind::Object, offsetof(Fields, f), kReadonly, "The value."),
    member("expression", MemberKind::Object, offsetof(Fields, f) + 8, kReadonly,
           "The source of the expression."),
    member("conversion", MemberKind::Object, offsetof(Fields, f) + 16, kReadonly, "The conversion, or None."),
    member("format_spec", MemberKind::Object, offsetof(Fields, f) + 24, kReadonly, "The format."),
    {},
};

// --- Template ---

Ref make_template(Thread& t, PyTypeObject* type, Value strings, Value interpolations) {
    Ref r = TRY(alloc(t, type));
    fields(r)->f[kStrings] = Ref::share(strings).release();
    fields(r)->f[kInterpolations] = Ref::share(interpolations).release();
    return r;
}
Ref template_new(Thread& t, PyTypeObject* type, const Value* args, size_t n, Value kwnames) {
    if (kwnames && tuple_size(kwnames))
        return raise(t, PyExc_TypeError, "Template.__new__ only accepts *args arguments");
    Ref strings = TRY(list_new(t)), parts = TRY(list_new(t));
    bool last_was_str = false;
    for (size_t i = 0; i < n; i++) {
        if (is_str(args[i])) {
            if (last_was_str) {
                int64_t end = list_size(strings) - 1;
                Ref joined = TRY(str_concat(t, list_get(strings, end), args[i]));
                TRY(list_set(t, strings, end, std::move(joined)));
            } else {
                TRY(list_append(t, strings, args[i]));
            }
            last_was_str = true;
        } else if (has_type(args[i], &interpolation_type)) {
            if (!last_was_str) TRY(list_append(t, strings, empty_str()));
            TRY(list_append(t, parts, args[i]));
            last_was_str = false;
        } else {
            return raise(t, PyExc_TypeError,
                         "Template.__new__ *args need to be of type 'str' or 'Interpolation', got %T",
                         args[i]);
        }
    }
    if (!last_was_str) TRY(list_append(t, strings, empty_str()));
    Ref s = TRY(list_to_tuple(t, strings)), p = TRY(list_to_tuple(t, parts));
    return make_template(t, type, s, p);
}
Ref template_repr(Thread& t, Value self) {
    return str_format(t, "%s(strings=%R, interpolations=%R)", "Template", fields(self)->f[kStrings],
                      fields(self)->f[kInterpolations]);
}
Ref template_concat(Thread& t, Value a, Value b) {
    if (!has_type(a, &template_type) || !has_type(b, &template_type))
        return raise(t, PyExc_TypeError,
                     "can only concatenate string.templatelib.Template (not \"%T\") to "
                     "string.templatelib.Template",
                     b);
    Value x = fields(a)->f[kStrings], y = fields(b)->f[kStrings];
    int64_t n = tuple_size(x), m = tuple_size(y);
    Ref strings = TRY(tuple_new(t, n + m - 1));
    Value* out = tuple_items(strings);
    for (int64_t i = 0; i < n - 1; i++) out[i] = Ref::share(tuple_get(x, i)).release();
    out[n - 1] = TRY(str_concat(t, tuple_get(x, n - 1), tuple_get(y, 0))).release();
    for (int64_t i = 1; i < m; i++) out[n - 1 + i] = Ref::share(tuple_get(y, i)).release();
    Ref parts =
        TRY(binary_op(t, fields(a)->f[kInterpolations], fields(b)->f[kInterpolations], BinaryOp::NB_ADD));
    return make_template(t, &template_type, strings, parts);
}
Ref template_values(Thread& t, Value self, void*) {
    Value parts = fields(self)->f[kInterpolations];
    Ref r = TRY(tuple_new(t, tuple_size(parts)));
    for (int64_t i = 0; i < tuple_size(parts); i++)
        tuple_items(r)[i] = Ref::share(fields(tuple_get(parts, i))->f[0]).release();
    return r;
}
Ref template_reduce(Thread& t, Value self) {
    Ref fn = TRY(import_attr(t, "string.templatelib", "_template_unpickle"));
    Ref args = TRY(tuple_of(t, {fields(self)->f[kStrings], fields(self)->f[kInterpolations]}));
    return tuple_of(t, {fn, args});
}
const NativeDef template_methods[] = {
    def<template_reduce>("__reduce__", "()", "State for pickling."),
    def<class_getitem>("__class_getitem__", "(object, /)", "See PEP 585.", kMethClass | kMethNoSignature),
    {},
};
const GetSetDef template_getset[] = {
    getset("values", template_values, nullptr, "The values of the interpolations."), {}};
const MemberDef template_members[] = {
    member("strings", MemberKind::Object, offsetof(Fields, f), kReadonly,
           "The texts around the interpolations."),
    member("interpolations", MemberKind::Object, offsetof(Fields, f) + 8, kReadonly, "The interpolations."),
    {},
};

// --- iterator: strings that are not empty and interpolations in turn; f[0] template, f[1] position ---

Ref template_iter(Thread& t, Value self) {
    Ref r = TRY(alloc(t, &iter_type));
    fields(r)->f[0] = Ref::share(self).release();
    fields(r)->f[1] = Value::from_int(0);
    return r;
}
Ref iter_next_(Thread&, Value self) {
    Value* f = fields(self)->f;
    Value strings = fields(f[0])->f[kStrings], parts = fields(f[0])->f[kInterpolations];
    for (;;) {
        int64_t i = f[1].as_int();
        if (i >= tuple_size(strings) + tuple_size(parts)) return {};
        f[1] = Value::from_int(i + 1);
        if (i & 1) return Ref::share(tuple_get(parts, i / 2));
        Value s = tuple_get(strings, i / 2);
        if (str_length(s)) return Ref::share(s);
    }
}

// What BUILD_TEMPLATE calls.
Ref build_template(Thread& t, Value, const Value* a, size_t) {
    return make_template(t, &template_type, a[0], a[1]);
}
const NativeDef functions[] = {
    def<build_template>("_build_template", "(strings, interpolations, /)", nullptr), {}};

Status exec(Thread& t, Value module) {
    static const TypeDecl interpolation_decl = {
        .name = "string.templatelib.Interpolation",
        .basicsize = sizeof(Fields),
        .flags = kTpDefault | kTpHaveGC,
        .slots = {.dealloc = fields_dealloc,
                  .traverse = fields_traverse,
                  .repr = interpolation_repr,
                  .new_ = interpolation_new},
        .spec = {.methods = interpolation_methods,
                 .members = interpolation_members,
                 .doc = "Interpolation object"},
    };
    TRY(add_static_type(t, module, interpolation_type, interpolation_decl));
    static const TypeDecl template_decl = {
        .name = "string.templatelib.Template",
        .basicsize = sizeof(Fields),
        .flags = kTpDefault | kTpHaveGC,
        .slots = {.dealloc = fields_dealloc,
                  .traverse = fields_traverse,
                  .repr = template_repr,
                  .iter = template_iter,
                  .new_ = template_new,
                  .sq_concat = template_concat},
        .spec = {.methods = template_methods,
                 .getset = template_getset,
                 .members = template_members,
                 .doc = "Template object"},
    };
    TRY(add_static_type(t, module, template_type, template_decl));
    static const TypeDecl iter_decl = {
        .name = "string.templatelib.TemplateIter",
        .basicsize = sizeof(Fields),
        .flags = kTpDefault | kTpHaveGC | kTpDisallowInstantiation,
        .slots = {.dealloc = fields_dealloc,
                  .traverse = fields_traverse,
                  .iter = iter_self,
                  .iternext = iter_next_},
    };
    init_static_type(iter_type, iter_decl);
    TRY(ready_type(t, &iter_type));
    const char* const names[] = {"value", "expression", "conversion", "format_spec"};
    Ref match = TRY(tuple_new(t, 4));
    for (int i = 0; i < 4; i++) tuple_items(match)[i] = TRY(str_intern(t, names[i])).release();
    Ref key = TRY(str_intern(t, "__match_args__"));
    TRY(set_item(t, Value(interpolation_type.tp_dict), key, match));
    type_modified(&interpolation_type);
    return Status::ok();
}

}  // namespace

extern const ModuleSpec module__templatelib = {"_templatelib", "Template strings.", functions, exec};

}  // namespace krait
