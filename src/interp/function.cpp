// Function objects.
#include "builtins/callable.h"
#include "builtins/dict_table.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/alloc.h"
#include "interp/eval.h"
#include "interp/internal.h"
#include "object/instance.h"
#include "object/names.h"
#include "object/per_interpreter.h"
#include "object/protocol.h"
#include "object/watchers.h"

namespace krait {
namespace {

void set_field(Value& field, Value v) {
    xincref(v);
    Value old = field;
    field = v;
    xdecref(old);
}
// Specialized calls trust the version: whatever they rely on changed.
void touch(PyFunctionObject* f) { f->func_version = 0; }

void function_clear_fields(PyFunctionObject* f) {
    for (Value* v : {&f->func_globals, &f->func_builtins, &f->func_module, &f->func_defaults,
                     &f->func_kwdefaults, &f->func_doc, &f->func_dict, &f->func_closure, &f->func_annotations,
                     &f->func_annotate, &f->func_typeparams}) {
        Value old = *v;
        *v = Value();
        xdecref(old);
    }
}

inline void tell(Thread& t, Value function, FunctionEvent event, Value value) {
    if (watches_functions(t)) [[unlikely]]
        tell_function_watchers(t, function, event, value);
}

void function_dealloc(Thread& t, PyObject* o) {
    auto* f = reinterpret_cast<PyFunctionObject*>(o);
    if (watches_functions(t)) [[unlikely]] {
        if (survives_telling(t, o,
                             [&] { tell_function_watchers(t, Value(o), FunctionEvent::Destroy, Value()); }))
            return;
    }
    if (f->func_weakreflist) weakrefs_clear(t, o);
    // Nobody sees the fields any more. Most functions that die are lambdas and the code of expressions.
    xdecref(f->func_globals);
    xdecref(f->func_builtins);
    xdecref(f->func_module);
    if (f->func_defaults) decref(f->func_defaults);
    if (f->func_kwdefaults.bits | f->func_dict.bits) [[unlikely]] {
        xdecref(f->func_kwdefaults);
        xdecref(f->func_dict);
    }
    xdecref(f->func_doc);
    if (f->func_closure) decref(f->func_closure);
    if (f->func_annotations.bits | f->func_annotate.bits | f->func_typeparams.bits) [[unlikely]]
        for (Value v : {f->func_annotations, f->func_annotate, f->func_typeparams}) xdecref(v);
    decref(f->func_name.ptr());
    decref(f->func_qualname.ptr());
    decref(f->func_code.ptr());
    free_plain(t, o, &PyFunction_Type, true);
}

void function_traverse(PyObject* o, Visitor& v) {
    auto* f = reinterpret_cast<PyFunctionObject*>(o);
    for (Value x : {f->func_code, f->func_globals, f->func_builtins, f->func_module, f->func_defaults,
                    f->func_kwdefaults, f->func_doc, f->func_name, f->func_dict, f->func_closure,
                    f->func_annotations, f->func_annotate, f->func_typeparams, f->func_qualname})
        v.visit(x);
}

void function_clear(Thread& t, PyObject* o) {
    auto* f = reinterpret_cast<PyFunctionObject*>(o);
    touch(f);
    function_clear_fields(f);
    // Name, qualified name and code must stay: they are used without a look whether they are there.
    set_field(f->func_name, empty_str());
    set_field(f->func_qualname, empty_str());
}

Ref function_repr(Thread& t, Value self) {
    return str_format(t, "<function %U at %p>", as_function(self)->func_qualname, self.ptr());
}

Ref function_get(Thread& t, Value self, Value obj, Value type) {
    if (!obj || is_none(obj)) return Ref::share(self);
    return method_new(t, self, obj);
}

// --- attributes ---
Ref value_or_none(Value v) { return v ? Ref::share(v) : none_ref(); }

Ref get_code(Thread& t, Value self, void*) {
    TRY(audit(t, "object.__getattr__", {self, ID(__code__)}));
    return Ref::share(as_function(self)->func_code);
}
Status set_code(Thread& t, Value self, Value v, void*) {
    PyFunctionObject* f = as_function(self);
    if (!v || !has_type(v, &PyCode_Type))
        return raise(t, PyExc_TypeError, "__code__ must be set to a code object");
    TRY(audit(t, "object.__setattr__", {self, ID(__code__), v}));
    int wanted = as_code(v)->co_nfreevars;
    int have = f->func_closure ? static_cast<int>(tuple_size(f->func_closure)) : 0;
    if (wanted != have)
        return raise(t, PyExc_ValueError, "%U() requires a code object with %d free vars, not %d",
                     f->func_name, have, wanted);
    for (int i = 0; i < have; i++)  // C may have put others there, for code without free variables
        if (!has_type(tuple_get(f->func_closure, i), &PyCell_Type))
            return raise(t, PyExc_TypeError, "arg 5 (closure) expected cell, found %T",
                         tuple_get(f->func_closure, i));
    constexpr int kKinds = kCodeGenerator | kCodeCoroutine | kCodeAsyncGenerator;
    if ((as_code(f->func_code)->co_flags & kKinds) != (as_code(v)->co_flags & kKinds))
        TRY(warn(t, PyExc_DeprecationWarning, 1,
                 "Assigning a code object of non-matching type is deprecated (e.g., from a generator to a "
                 "plain function)"));
    tell(t, self, FunctionEvent::ModifyCode, v);
    touch(f);
    set_field(f->func_code, v);
    return Status::ok();
}
Ref get_name(Thread& t, Value self, void*) { return Ref::share(as_function(self)->func_name); }
Status set_name(Thread& t, Value self, Value v, void*) {
    if (!v || !is_str(v)) return raise(t, PyExc_TypeError, "__name__ must be set to a string object");
    set_field(as_function(self)->func_name, v);
    return Status::ok();
}
Ref get_qualname(Thread& t, Value self, void*) { return Ref::share(as_function(self)->func_qualname); }
Status set_qualname(Thread& t, Value self, Value v, void*) {
    if (!v || !is_str(v)) return raise(t, PyExc_TypeError, "__qualname__ must be set to a string object");
    set_field(as_function(self)->func_qualname, v);
    return Status::ok();
}
Ref get_defaults(Thread& t, Value self, void*) {
    TRY(audit(t, "object.__getattr__", {self, ID(__defaults__)}));
    return value_or_none(as_function(self)->func_defaults);
}
Status set_defaults(Thread& t, Value self, Value v, void*) {
    if (v && is_none(v)) v = Value();
    if (v && !is_tuple(v)) return raise(t, PyExc_TypeError, "__defaults__ must be set to a tuple object");
    if (v)
        TRY(audit(t, "object.__setattr__", {self, ID(__defaults__), v}));
    else
        TRY(audit(t, "object.__delattr__", {self, ID(__defaults__)}));
    tell(t, self, FunctionEvent::ModifyDefaults, v);
    touch(as_function(self));
    set_field(as_function(self)->func_defaults, v);
    return Status::ok();
}
Ref get_kwdefaults(Thread& t, Value self, void*) {
    TRY(audit(t, "object.__getattr__", {self, ID(__kwdefaults__)}));
    return value_or_none(as_function(self)->func_kwdefaults);
}
Status set_kwdefaults(Thread& t, Value self, Value v, void*) {
    if (v && is_none(v)) v = Value();
    if (v && !is_dict(v)) return raise(t, PyExc_TypeError, "__kwdefaults__ must be set to a dict object");
    if (v)
        TRY(audit(t, "object.__setattr__", {self, ID(__kwdefaults__), v}));
    else
        TRY(audit(t, "object.__delattr__", {self, ID(__kwdefaults__)}));
    tell(t, self, FunctionEvent::ModifyKwdefaults, v);
    touch(as_function(self));
    set_field(as_function(self)->func_kwdefaults, v);
    return Status::ok();
}

// Annotations come as a dict, as a flat tuple of names and values, or from calling __annotate__.
Ref get_annotations(Thread& t, Value self, void*) {
    PyFunctionObject* f = as_function(self);
    if (!f->func_annotations) {
        if (!f->func_annotate || !is_callable(f->func_annotate)) {
            f->func_annotations = TRY(dict_new(t)).release();
            return Ref::share(f->func_annotations);
        }
        Ref annotate = Ref::share(f->func_annotate);
        Ref made = TRY(call(t, annotate, {Value::from_int(1)}));
        if (!is_dict(made))
            return raise(t, PyExc_TypeError, "__annotate__ returned non-dict of type '%T'", made.get());
        set_field(f->func_annotations, made);
    } else if (is_tuple_exact(f->func_annotations)) {
        Ref dict = TRY(dict_new(t));
        Value flat = f->func_annotations;
        for (int64_t i = 0; i + 1 < tuple_size(flat); i += 2)
            TRY(dict_set(t, dict, tuple_get(flat, i), tuple_get(flat, i + 1)));
        set_field(f->func_annotations, dict);
    }
    return Ref::share(f->func_annotations);
}
Status set_annotations(Thread& t, Value self, Value v, void*) {
    if (v && is_none(v)) v = Value();
    if (v && !is_dict(v)) return raise(t, PyExc_TypeError, "__annotations__ must be set to a dict object");
    touch(as_function(self));
    set_field(as_function(self)->func_annotations, v);
    set_field(as_function(self)->func_annotate, Value());
    return Status::ok();
}
// The compiler names the function that computes annotations after the scope around; programs see it named
// after the function that it belongs to.
Ref get_annotate(Thread& t, Value self, void*) {
    Value annotate = as_function(self)->func_annotate;
    if (annotate && has_type(annotate, &PyFunction_Type)) {
        PyFunctionObject* f = as_function(annotate);
        PyCodeObject* code = f->func_code.as<PyCodeObject>();
        if (f->func_qualname == code->co_qualname && str_equal(code->co_name, "__annotate__")) {
            Ref name = TRY(str_format(t, "%U.__annotate__",
                                      as_function(self)->func_code.as<PyCodeObject>()->co_qualname));
            set_field(f->func_qualname, name);
        }
    }
    return value_or_none(annotate);
}
Status set_annotate(Thread& t, Value self, Value v, void*) {
    PyFunctionObject* f = as_function(self);
    if (!v) return raise(t, PyExc_TypeError, "__annotate__ cannot be deleted");
    if (is_none(v)) {
        set_field(f->func_annotate, v);
        return Status::ok();
    }
    if (!is_callable(v)) return raise(t, PyExc_TypeError, "__annotate__ must be callable or None");
    set_field(f->func_annotate, v);
    set_field(f->func_annotations, Value());
    return Status::ok();
}
Ref get_type_params(Thread& t, Value self, void*) {
    Value v = as_function(self)->func_typeparams;
    return Ref::share(v ? v : empty_tuple());
}
Status set_type_params(Thread& t, Value self, Value v, void*) {
    if (!v || !is_tuple(v)) return raise(t, PyExc_TypeError, "__type_params__ must be set to a tuple");
    set_field(as_function(self)->func_typeparams, v);
    return Status::ok();
}
Ref get_doc(Thread& t, Value self, void*) { return value_or_none(as_function(self)->func_doc); }
Status set_doc(Thread& t, Value self, Value v, void*) {
    set_field(as_function(self)->func_doc, v);
    return Status::ok();
}
Ref get_module(Thread& t, Value self, void*) { return value_or_none(as_function(self)->func_module); }
Status set_module(Thread& t, Value self, Value v, void*) {
    set_field(as_function(self)->func_module, v);
    return Status::ok();
}
Ref get_dict(Thread& t, Value self, void*) { return instance_dict(t, self); }
Status set_dict(Thread& t, Value self, Value v, void*) {
    if (!v) return raise(t, PyExc_TypeError, "cannot delete __dict__");
    if (!is_dict(v)) return raise(t, PyExc_TypeError, "__dict__ must be set to a dictionary, not a '%T'", v);
    return instance_set_dict(t, self, v);
}

const GetSetDef function_getset[] = {
    getset("__code__", get_code, set_code, nullptr),
    getset("__defaults__", get_defaults, set_defaults, nullptr),
    getset("__kwdefaults__", get_kwdefaults, set_kwdefaults, nullptr),
    getset("__annotations__", get_annotations, set_annotations, "The annotations, as a dict."),
    getset("__annotate__", get_annotate, set_annotate, "The function that computes the annotations."),
    getset("__dict__", get_dict, set_dict, nullptr),
    getset("__name__", get_name, set_name, nullptr),
    getset("__qualname__", get_qualname, set_qualname, nullptr),
    getset("__doc__", get_doc, set_doc, nullptr),
    getset("__module__", get_module, set_module, nullptr),
    getset("__type_params__", get_type_params, set_type_params, "The declared type parameters."),
    {},
};
#define FIELD(name, field, flags) \
    member(name, MemberKind::Object, offsetof(PyFunctionObject, field), flags, nullptr)
const MemberDef function_members[] = {
    FIELD("__closure__", func_closure, kReadonly),
    FIELD("__globals__", func_globals, kReadonly),
    FIELD("__builtins__", func_builtins, kReadonly),
    {},
};
#undef FIELD

Status check_closure(Thread& t, PyCodeObject* co, Value closure) {
    int wanted = co->co_nfreevars;
    if (closure && !is_none(closure) && !is_tuple(closure))
        return raise(t, PyExc_TypeError,
                     wanted ? "arg 5 (closure) must be tuple" : "arg 5 (closure) must be None or tuple");
    bool given = closure && is_tuple(closure);
    if (!given && wanted) return raise(t, PyExc_TypeError, "arg 5 (closure) must be tuple");
    int64_t have = given ? tuple_size(closure) : 0;
    if (have != wanted)
        return raise(t, PyExc_ValueError, "%U requires closure of length %d, not %zd", co->co_name, wanted,
                     have);
    for (int64_t i = 0; i < have; i++)
        if (!has_type(tuple_get(closure, i), &PyCell_Type))
            return raise(t, PyExc_TypeError, "arg 5 (closure) expected cell, found %T",
                         tuple_get(closure, i));
    return Status::ok();
}

Ref function_tp_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    Value a[6];
    Ref keep;
    TRY(bind_args(t, "function", "(code, globals, name=None, argdefs=None, closure=None, kwdefaults=None)",
                  args, nargs, kwnames, a, keep));
    auto [code, globals, name, defaults, closure, kwdefaults] = a;
    if (!has_type(code, &PyCode_Type))
        return raise(t, PyExc_TypeError, "function() argument 'code' must be code, not %s",
                     is_none(code) ? "None" : type_of(code)->tp_name);
    if (!is_dict(globals))
        return raise(t, PyExc_TypeError, "function() argument 'globals' must be dict, not %s",
                     is_none(globals) ? "None" : type_of(globals)->tp_name);
    auto missing = [](Value v) { return !v || is_none(v); };
    if (!missing(name) && !is_str(name))
        return raise(t, PyExc_TypeError, "arg 3 (name) must be None or string");
    if (!missing(defaults) && !is_tuple(defaults))
        return raise(t, PyExc_TypeError, "arg 4 (defaults) must be None or tuple");
    if (as_code(code)->co_nfreevars == 0 && !missing(closure) && !is_tuple(closure))
        return raise(t, PyExc_TypeError, "arg 5 (closure) must be None or tuple");
    if (closure && !missing(closure) && !is_tuple(closure))
        return raise(t, PyExc_TypeError, "arg 5 (closure) must be None or tuple");
    TRY(check_closure(t, as_code(code), closure));
    if (!missing(kwdefaults) && !is_dict(kwdefaults))
        return raise(t, PyExc_TypeError, "arg 6 (kwdefaults) must be None or dict");
    TRY(audit(t, "function.__new__", {code}));
    Ref made = TRY(function_new(t, code, globals));
    PyFunctionObject* f = as_function(made);
    if (!missing(name)) set_field(f->func_name, name);
    if (!missing(defaults)) set_field(f->func_defaults, defaults);
    if (!missing(closure)) set_field(f->func_closure, closure);
    if (!missing(kwdefaults)) set_field(f->func_kwdefaults, kwdefaults);
    return made;
}

}  // namespace

Value builtins_of_globals(Thread& t, Value globals) {
    Value found = dict_get_str(globals, ID(__builtins__));
    if (found) {
        if (is_dict_exact(found) || !found.is_ptr()) return found;
        return is_subtype(found.heap_type(), &PyModule_Type) ? module_dict(found) : found;
    }
    return current_builtins(t);
}

namespace {

// Where a namespace keeps what every function takes from it. Functions that are made again and again find
// their globals unchanged, by the version of the keys, if those have one.
struct Taken {
    Value name, builtins;
};
struct TakenPlaces {
    uint32_t version = 0;
    int64_t name = -1, builtins = -1;  // -1: not there
};
PER_INTERPRETER TakenPlaces g_places;

Taken taken_from(Thread& t, Value globals) {
    uint32_t version = dict_keys_of(globals)->version;
    if (version && version == g_places.version) [[likely]] {
        Value builtins = dict_entry_value(globals, g_places.builtins);
        Value name = g_places.name < 0 ? Value() : dict_entry_value(globals, g_places.name);
        if (is_dict_exact(builtins)) return {name, builtins};
    }
    Taken taken{dict_get_str(globals, ID(__name__)), builtins_of_globals(t, globals)};
    if (version) {
        int64_t name = dict_entry_index(globals, ID(__name__));
        int64_t builtins = dict_entry_index(globals, ID(__builtins__));
        if (builtins >= 0) g_places = {version, name, builtins};
    }
    return taken;
}

}  // namespace

Ref function_new(Thread& t, Value code, Value globals) {
    PyObject* o = alloc_plain(t, &PyFunction_Type, sizeof(PyFunctionObject));
    if (!o) return {};
    auto* f = reinterpret_cast<PyFunctionObject*>(o);
    PyCodeObject* co = as_code(code);
    auto keep = [](Value v) {
        incref(v);
        return v;
    };
    f->func_globals = keep(globals);
    Taken taken = taken_from(t, globals);
    xincref(taken.builtins);
    f->func_builtins = taken.builtins;
    f->func_name = keep(co->co_name);
    f->func_qualname = keep(co->co_qualname);
    f->func_code = keep(code);
    f->func_defaults = f->func_kwdefaults = f->func_closure = f->func_dict = Value();
    f->func_annotations = f->func_annotate = f->func_typeparams = Value();
    f->func_weakreflist = nullptr;
    f->vectorcall = nullptr;
    Value doc = none();
    if ((co->co_flags & kCodeHasDocstring) && tuple_size(co->co_consts)) doc = tuple_get(co->co_consts, 0);
    f->func_doc = keep(doc);
    xincref(taken.name);
    f->func_module = taken.name;
    f->func_version = co->co_version;
    gc_track_new(t, o);
    if (watches_functions(t)) [[unlikely]]
        tell_function_watchers(t, Value(o), FunctionEvent::Create, Value());
    return Ref::steal(Value(o));
}

uint32_t function_version(Thread& t, PyFunctionObject* f) {
    if (f->func_version || f->vectorcall) return f->func_version;
    if (t.interp->next_func_version) f->func_version = t.interp->next_func_version++;
    return f->func_version;
}

Ref function_call(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames);

Status init_interp_function(Thread& t) {
    static const TypeDecl decl = {
        .name = "function",
        .basicsize = sizeof(PyFunctionObject),
        .flags = kTpDefault | kTpHaveGC | kTpMethodDescriptor | kTpHaveVectorcall,
        .slots = {.dealloc = function_dealloc,
                  .traverse = function_traverse,
                  .clear = function_clear,
                  .repr = function_repr,
                  .call = function_call,
                  .descr_get = function_get,
                  .new_ = function_tp_new},
        .spec = {.getset = function_getset,
                 .members = function_members,
                 .doc = "Makes a function.\n\n  code\n    its code object\n  globals\n    the dict of its "
                        "global names\n  name\n    used in place of the code object's name\n  argdefs\n    "
                        "default values of the last arguments, a tuple\n  closure\n    cells for the free "
                        "variables, a tuple\n  kwdefaults\n    default values of keyword-only arguments, "
                        "a dict",
                 .text_signature = "(code, globals, name=None, argdefs=None, closure=None,\n         "
                                   "kwdefaults=None)"},
        .weaklistoffset = offsetof(PyFunctionObject, func_weakreflist),
        .dictoffset = offsetof(PyFunctionObject, func_dict),
    };
    static_assert(sizeof(PyFunctionObject) == 152);
    init_static_type(PyFunction_Type, decl);
    return ready_type(t, &PyFunction_Type);
}

// An annotating function bears the name of what it annotates; where memory is short it keeps its own.
void name_after_owner(Thread& t, Value annotate, PyFunctionObject* owner) {
    if (!has_type(annotate, &PyFunction_Type)) return;
    Ref name = str_format(t, "%U.__annotate__", owner->func_qualname);
    if (!name) return clear_error(t);
    set_field(as_function(annotate)->func_qualname, name);
}

}  // namespace krait

krait::Type PyFunction_Type;
