// Template strings (PEP 750): Template, Interpolation and the iterator over a template.
#include "interp/template.h"

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/errors.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait {
namespace {

struct TemplateObject {
    PyObject ob_base;
    Value strings, interpolations;  // tuples; one string more than interpolations
};
struct InterpolationObject {
    PyObject ob_base;
    Value value, expression, conversion, format_spec;
};
struct TemplateIterObject {
    PyObject ob_base;
    Value owner;  // the template
    int64_t index;
    bool at_string;  // what comes next
};
Type template_type, interpolation_type, template_iter_type;

bool is_template(Value v) { return has_type(v, &template_type); }
TemplateObject* as_template(Value v) { return v.as<TemplateObject>(); }
InterpolationObject* as_interpolation(Value v) { return v.as<InterpolationObject>(); }

template <class T, Value T::*... Fields>
void fields_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    auto* p = reinterpret_cast<T*>(o);
    (xdecref(p->*Fields), ...);
    free_object(t, o);
}
template <class T, Value T::*... Fields>
void fields_traverse(PyObject* o, Visitor& v) {
    auto* p = reinterpret_cast<T*>(o);
    (v.visit(p->*Fields), ...);
}

// --- Template ---

// Neighbouring strings are joined, and between two interpolations stands an empty one.
Ref template_tp_new(Thread& t, PyTypeObject*, const Value* args, size_t nargs, Value kwnames) {
    if (kwnames)  // even of no names: Template(**{})
        return raise(t, PyExc_TypeError, "Template.__new__ only accepts *args arguments");
    Ref strings = TRY(list_new(t)), interpolations = TRY(list_new(t));
    Ref pending = Ref::share(empty_str());
    for (size_t i = 0; i < nargs; i++) {
        Value v = args[i];
        if (is_str(v)) {
            pending = TRY(str_concat(t, pending, v));
        } else if (has_type(v, &interpolation_type)) {
            TRY(list_append_owned(t, strings, std::move(pending)));
            pending = Ref::share(empty_str());
            TRY(list_append(t, interpolations, v));
        } else {
            return raise(t, PyExc_TypeError,
                         "Template.__new__ *args need to be of type 'str' or 'Interpolation', got %#T", v);
        }
    }
    TRY(list_append_owned(t, strings, std::move(pending)));
    Ref s = TRY(list_to_tuple(t, strings)), n = TRY(list_to_tuple(t, interpolations));
    return template_new(t, s, n);
}

Ref template_repr(Thread& t, Value self) {
    return str_format(t, "%s(strings=%R, interpolations=%R)", "Template", as_template(self)->strings,
                      as_template(self)->interpolations);
}

Ref template_iter(Thread& t, Value self) {
    PyObject* o = alloc_raw(t, &template_iter_type, sizeof(TemplateIterObject));
    if (!o) return {};
    auto* it = reinterpret_cast<TemplateIterObject*>(o);
    incref(self);
    it->owner = self;
    it->index = 0;
    it->at_string = true;
    gc_track(t, o);
    return Ref::steal(Value(o));
}

Ref template_iter_next(Thread&, Value self) {
    auto* it = self.as<TemplateIterObject>();
    TemplateObject* tpl = as_template(it->owner);
    for (;;) {
        if (it->at_string) {
            if (it->index >= tuple_size(tpl->strings)) return {};
            Value s = tuple_get(tpl->strings, it->index);
            it->at_string = false;
            if (str_length(s)) return Ref::share(s);
        } else {
            if (it->index >= tuple_size(tpl->interpolations)) return {};
            it->at_string = true;
            return Ref::share(tuple_get(tpl->interpolations, it->index++));
        }
    }
}

Ref joined(Thread& t, Value a, Value b) {
    int64_t n = tuple_size(a), m = tuple_size(b);
    Ref out = TRY(tuple_new(t, n + m));
    for (int64_t i = 0; i < n; i++) tuple_items(out)[i] = Ref::share(tuple_get(a, i)).release();
    for (int64_t i = 0; i < m; i++) tuple_items(out)[n + i] = Ref::share(tuple_get(b, i)).release();
    return out;
}

Ref template_concat(Thread& t, Value a, Value b) {
    if (!is_template(a) || !is_template(b))
        return raise(t, PyExc_TypeError,
                     "can only concatenate string.templatelib.Template (not \"%#T\") to "
                     "string.templatelib.Template",
                     b);
    Value left = as_template(a)->strings, right = as_template(b)->strings;
    int64_t n = tuple_size(left), m = tuple_size(right);
    Ref strings = TRY(tuple_new(t, n + m - 1));
    for (int64_t i = 0; i < n - 1; i++) tuple_items(strings)[i] = Ref::share(tuple_get(left, i)).release();
    tuple_items(strings)[n - 1] = TRY(str_concat(t, tuple_get(left, n - 1), tuple_get(right, 0))).release();
    for (int64_t i = 1; i < m; i++)
        tuple_items(strings)[n - 1 + i] = Ref::share(tuple_get(right, i)).release();
    Ref interpolations = TRY(joined(t, as_template(a)->interpolations, as_template(b)->interpolations));
    return template_new(t, strings, interpolations);
}

Ref template_values(Thread& t, Value self, void*) {
    Value all = as_template(self)->interpolations;
    Ref out = TRY(tuple_new(t, tuple_size(all)));
    for (int64_t i = 0; i < tuple_size(all); i++)
        tuple_items(out)[i] = Ref::share(as_interpolation(tuple_get(all, i))->value).release();
    return out;
}

Ref template_reduce(Thread& t, Value self) {
    Ref fn = TRY(import_attr(t, "string.templatelib", "_template_unpickle"));
    Ref args = TRY(tuple_of(t, {as_template(self)->strings, as_template(self)->interpolations}));
    return tuple_of(t, {fn, args});
}

// --- Interpolation ---

Ref interpolation_tp_new(Thread& t, PyTypeObject*, const Value* args, size_t nargs, Value kwnames) {
    Value a[4];
    Ref keep;
    TRY(bind_args(t, "Interpolation", "(value, expression='', conversion=None, format_spec='')", args, nargs,
                  kwnames, a, keep));
    auto wrong = [&](const char* name, Value v) {
        return raise(t, PyExc_TypeError, "Interpolation() argument '%s' must be str, not %s", name,
                     is_none(v) ? "None" : type_of(v)->tp_name);
    };
    if (a[1] && !is_str(a[1])) return wrong("expression", a[1]);
    if (a[2] && !is_none(a[2])) {
        if (!is_str(a[2])) return wrong("conversion", a[2]);
        bool known = str_equal(a[2], "s") || str_equal(a[2], "r") || str_equal(a[2], "a");
        if (!known)
            return raise(t, PyExc_ValueError,
                         "Interpolation() argument 'conversion' must be one of 's', 'a' or 'r'");
    }
    if (a[3] && !is_str(a[3])) return wrong("format_spec", a[3]);
    return interpolation_new(t, a[0], a[1] ? a[1] : empty_str(), a[2] ? a[2] : none(),
                             a[3] ? a[3] : empty_str());
}

Ref interpolation_repr(Thread& t, Value self) {
    auto* p = as_interpolation(self);
    return str_format(t, "%s(%R, %R, %R, %R)", "Interpolation", p->value, p->expression, p->conversion,
                      p->format_spec);
}

Ref interpolation_reduce(Thread& t, Value self) {
    auto* p = as_interpolation(self);
    Ref args = TRY(tuple_of(t, {p->value, p->expression, p->conversion, p->format_spec}));
    return tuple_of(t, {Value(&interpolation_type), args});
}

Status interpolation_setup(Thread& t, PyTypeObject* type) {
    Ref names = TRY(tuple_new(t, 4));
    static const char* const texts[] = {"value", "expression", "conversion", "format_spec"};
    for (int i = 0; i < 4; i++) tuple_items(names)[i] = TRY(str_intern(t, texts[i])).release();
    return dict_set(t, Value(type->tp_dict), ID(__match_args__), names);
}

Ref iter_self(Thread&, Value self) { return Ref::share(self); }

const NativeDef template_methods[] = {
    def<template_reduce>("__reduce__", "()", nullptr),
    def<class_getitem>("__class_getitem__", "(object, /)", "Templates can be subscripted for annotations.",
                       kMethClass),
    {},
};
const MemberDef template_members[] = {
    member("strings", MemberKind::Object, offsetof(TemplateObject, strings), kReadonly, "Strings"),
    member("interpolations", MemberKind::Object, offsetof(TemplateObject, interpolations), kReadonly,
           "Interpolations"),
    {},
};
const GetSetDef template_getset[] = {
    getset("values", template_values, nullptr, "Values of the interpolations"),
    {},
};
const NativeDef interpolation_methods[] = {
    def<interpolation_reduce>("__reduce__", "()", "The class and what makes an equal one."),
    def<class_getitem>("__class_getitem__", "(object, /)",
                       "Interpolations are generic over their value's type.", kMethClass),
    {},
};
#define FIELD(name, doc) \
    member(#name, MemberKind::Object, offsetof(InterpolationObject, name), kReadonly, doc)
const MemberDef interpolation_members[] = {
    FIELD(value, "Value"),
    FIELD(expression, "Expression"),
    FIELD(conversion, "Conversion"),
    FIELD(format_spec, "Format specifier"),
    {},
};
#undef FIELD

}  // namespace

Ref template_new(Thread& t, Value strings, Value interpolations) {
    bool good = is_tuple_exact(strings) && is_tuple_exact(interpolations) &&
                tuple_size(strings) == tuple_size(interpolations) + 1;
    for (int64_t i = 0; good && i < tuple_size(interpolations); i++)
        good = is_str(tuple_get(strings, i)) && has_type(tuple_get(interpolations, i), &interpolation_type);
    if (!good || !is_str(tuple_get(strings, tuple_size(interpolations))))
        return bad_internal_call(t, "parts of a template");
    PyObject* o = alloc_raw(t, &template_type, sizeof(TemplateObject));
    if (!o) return {};
    auto* p = reinterpret_cast<TemplateObject*>(o);
    incref(strings);
    incref(interpolations);
    p->strings = strings;
    p->interpolations = interpolations;
    gc_track(t, o);
    return Ref::steal(Value(o));
}

Ref interpolation_new(Thread& t, Value value, Value expression, Value conversion, Value format_spec) {
    PyObject* o = alloc_raw(t, &interpolation_type, sizeof(InterpolationObject));
    if (!o) return {};
    auto* p = reinterpret_cast<InterpolationObject*>(o);
    for (Value v : {value, expression, conversion, format_spec}) incref(v);
    p->value = value;
    p->expression = expression;
    p->conversion = conversion;
    p->format_spec = format_spec;
    gc_track(t, o);
    return Ref::steal(Value(o));
}

Status init_interp_template(Thread& t) {
    using T = TemplateObject;
    using I = InterpolationObject;
    using Iter = TemplateIterObject;
    static const TypeDecl template_decl = {
        .name = "string.templatelib.Template",
        .basicsize = sizeof(T),
        .flags = kTpDefault | kTpHaveGC,
        .slots = {.dealloc = fields_dealloc<T, &T::strings, &T::interpolations>,
                  .traverse = fields_traverse<T, &T::strings, &T::interpolations>,
                  .repr = template_repr,
                  .iter = template_iter,
                  .new_ = template_tp_new,
                  .sq_concat = template_concat},
        .spec = {.methods = template_methods,
                 .getset = template_getset,
                 .members = template_members,
                 .doc = "Template object"},
    };
    static const TypeDecl interpolation_decl = {
        .name = "string.templatelib.Interpolation",
        .basicsize = sizeof(I),
        .flags = kTpDefault | kTpHaveGC,
        .slots = {.dealloc = fields_dealloc<I, &I::value, &I::expression, &I::conversion, &I::format_spec>,
                  .traverse = fields_traverse<I, &I::value, &I::expression, &I::conversion, &I::format_spec>,
                  .repr = interpolation_repr,
                  .new_ = interpolation_tp_new},
        .spec = {.methods = interpolation_methods,
                 .members = interpolation_members,
                 .doc = "Interpolation object",
                 .setup = interpolation_setup},
    };
    static const TypeDecl iter_decl = {
        .name = "string.templatelib.TemplateIter",
        .basicsize = sizeof(Iter),
        .flags = kTpDefault | kTpHaveGC | kTpDisallowInstantiation,
        .slots = {.dealloc = fields_dealloc<Iter, &Iter::owner>,
                  .traverse = fields_traverse<Iter, &Iter::owner>,
                  .iter = iter_self,
                  .iternext = template_iter_next},
        .spec = {.doc = "Template iterator object"},
    };
    init_static_type(template_type, template_decl);
    TRY(ready_type(t, &template_type));
    init_static_type(interpolation_type, interpolation_decl);
    TRY(ready_type(t, &interpolation_type));
    init_static_type(template_iter_type, iter_decl);
    return ready_type(t, &template_iter_type);
}

}  // namespace krait
