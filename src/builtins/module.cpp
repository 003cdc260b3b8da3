// Modules.
#include <unistd.h>

#include <climits>

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/set.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/boundary.h"
#include "object/errors.h"
#include "object/instance.h"
#include "object/internal.h"
#include "object/names.h"
#include "object/protocol.h"
#include "runtime/config.h"

namespace krait {

// A module beside the script, whose folder comes first in sys.path, may hide another module of its name.
bool module_may_shadow(Thread& t, Value origin) {
    const Config& config = *t.interp->runtime->config;
    if (config.safe_path || !config.has_path0 || !origin) return false;
    char here[PATH_MAX];
    std::string_view root = config.path0, file = str_utf8_or(origin, "");
    if (root.empty()) {
        if (!getcwd(here, sizeof here)) return false;
        root = here;
    }
    size_t slash = file.rfind('/');
    if (slash == std::string_view::npos) return false;
    std::string_view folder = file.substr(0, slash);
    // A package's own file lies one level deeper.
    if (file.substr(slash + 1) == "__init__.py") {
        size_t up = folder.rfind('/');
        if (up == std::string_view::npos) return false;
        folder = folder.substr(0, up);
    }
    return folder == root;
}

namespace {

PyModuleObject* as_module(Value v) { return v.as<PyModuleObject>(); }

void module_traverse(PyObject* o, Visitor& v) {
    if (as_module(Value(o))->md_def) g_runtime.c_hooks->traverse_module(as_module(Value(o)), v);
    v.visit(as_module(Value(o))->md_dict);
}
void module_clear(Thread& t, PyObject* o) {
    if (as_module(Value(o))->md_def) g_runtime.c_hooks->clear_module(t, as_module(Value(o)));
    Value d = as_module(Value(o))->md_dict;
    as_module(Value(o))->md_dict = Value();
    xdecref(d);
}
void module_dealloc(Thread& t, PyObject* o) {
    auto* m = as_module(Value(o));
    if (m->md_def || m->md_state) g_runtime.c_hooks->free_module(t, m);
    Value dict = m->md_dict, name = m->md_name;
    free_object(t, o);
    xdecref(dict);
    xdecref(name);
}

Ref module_repr(Thread& t, Value v) {
    // importlib knows where a module came from; before it is there the plain form must do.
    if (t.interp->importlib) {
        static LazyName kModuleRepr("_module_repr");
        Ref fn = TRY(get_attr(t, t.interp->importlib, kModuleRepr(t)));
        return call(t, fn, {v});
    }
    Value name = dict_get_str(module_dict(v), ID(__name__));
    if (name) return str_format(t, "<module %R (built-in)>", name);
    return str_from(t, "<module '?'>");
}

bool flag_on_spec(Thread& t, Value spec, Value name) {
    if (!spec || is_none(spec)) return false;
    Maybe m = lookup_attr(t, spec, name);
    if (!m) {
        clear_error(t);
        return false;
    }
    Ref v = m.take();
    if (!v) return false;
    auto r = is_true(t, v);
    if (!r) clear_error(t);
    return r && r.value();
}

// File name in a spec, when the module came from a file; empty otherwise.
Ref spec_origin(Thread& t, Value spec) {
    if (!spec || is_none(spec)) return {};
    static LazyName kHasLocation("has_location"), kOrigin("origin");
    if (!flag_on_spec(t, spec, kHasLocation(t))) return {};
    Maybe m = lookup_attr(t, spec, kOrigin(t));
    if (!m) {
        clear_error(t);
        return {};
    }
    Ref origin = m.take();
    if (origin && !is_str(origin)) origin.reset();
    return origin;
}

Result<bool> is_stdlib_name(Thread& t, Value name) {
    Value names = sys_get(t, "stdlib_module_names");
    if (!names || !is_any_set(names)) return false;
    return set_contains(t, names, name);
}

Raised missing_attribute(Thread& t, Value self, Value name) {
    Value mod_name = dict_get_str(module_dict(self), ID(__name__));
    if (!mod_name || !is_str(mod_name))
        return raise(t, PyExc_AttributeError, "module has no attribute '%U'", name);
    Ref keep_name = Ref::share(mod_name);
    Ref spec = Ref::share(dict_get_str(module_dict(self), ID(__spec__)));
    Ref origin = spec_origin(t, spec);
    bool possibly = origin && module_may_shadow(t, origin);
    bool shadowing = possibly && TRY(is_stdlib_name(t, keep_name));
    if (shadowing)
        return raise(
            t, PyExc_AttributeError,
            "module '%U' has no attribute '%U' (consider renaming %R since it has the same name as the "
            "standard library module named '%U' and prevents importing that standard library module)",
            keep_name.get(), name, origin.get(), keep_name.get());
    if (flag_on_spec(t, spec, ID(_initializing))) {
        if (possibly)
            return raise(
                t, PyExc_AttributeError,
                "module '%U' has no attribute '%U' (consider renaming %R if it has the same name as a "
                "library you intended to import)",
                keep_name.get(), name, origin.get());
        if (origin)
            return raise(
                t, PyExc_AttributeError,
                "partially initialized module '%U' from %R has no attribute '%U' (most likely due to a "
                "circular import)",
                keep_name.get(), origin.get(), name);
        return raise(t, PyExc_AttributeError,
                     "partially initialized module '%U' has no attribute '%U' (most likely due to a circular "
                     "import)",
                     keep_name.get(), name);
    }
    static LazyName kUninitialized("_uninitialized_submodules");
    if (spec && !is_none(spec)) {
        Maybe m = lookup_attr(t, spec, kUninitialized(t));
        Ref subs = m ? m.take() : Ref();
        if (!subs) clear_error(t);
        if (subs) {
            auto has = contains(t, subs, name);
            if (!has) clear_error(t);
            if (has && has.value())
                return raise(
                    t, PyExc_AttributeError,
                    "cannot access submodule '%U' of module '%U' (most likely due to a circular import)",
                    name, keep_name.get());
        }
    }
    return raise(t, PyExc_AttributeError, "module '%U' has no attribute '%U'", keep_name.get(), name);
}

}  // namespace

Maybe module_find_attr(Thread& t, Value self, Value name) {
    Maybe found = generic_lookup_attr(t, self, name);
    if (!found || found.has_value()) return found;
    if (Value hook = dict_get_str(module_dict(self), ID(__getattr__))) {
        Ref keep = Ref::share(hook);
        return call(t, keep, {name});
    }
    return Maybe::absent();
}

Ref module_get_attr(Thread& t, Value self, Value name) {
    if (!is_str(name))
        return raise(t, PyExc_TypeError, "attribute name must be string, not '%.200s'",
                     type_of(name)->tp_name);
    Ref found = TRY(module_find_attr(t, self, name));
    return found ? std::move(found) : missing_attribute(t, self, name);
}

namespace {

Ref module_make(Thread& t, PyTypeObject* type, const Value*, size_t, Value) {
    Ref r = TRY(alloc(t, type));
    as_module(r)->md_dict = TRY(dict_new(t)).release();
    return r;
}

Status fill_module_dict(Thread& t, Value m, Value name, Value doc) {
    Value d = module_dict(m);
    TRY(dict_set(t, d, ID(__name__), name));
    TRY(dict_set(t, d, ID(__doc__), doc ? doc : none()));
    TRY(dict_set(t, d, ID(__package__), none()));
    TRY(dict_set(t, d, ID(__loader__), none()));
    return dict_set(t, d, ID(__spec__), none());
}

Status module_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Value a[2];
    Ref keep;
    TRY(bind_args(t, "module", "(name, doc=None)", args, nargs, kwnames, a, keep));
    if (!is_str(a[0]))
        return raise(t, PyExc_TypeError, "module() argument 'name' must be str, not %.50s",
                     type_of(a[0])->tp_name);
    if (!module_dict(self)) as_module(self)->md_dict = TRY(dict_new(t)).release();
    TRY(fill_module_dict(t, self, a[0], a[1]));
    if (is_str_exact(a[0])) {
        Value old = as_module(self)->md_name;
        as_module(self)->md_name = Ref::share(a[0]).release();
        xdecref(old);
    }
    return Status::ok();
}

Ref module_dir(Thread& t, Value self) {
    Ref dict = TRY(get_attr(t, self, ID(__dict__)));
    if (!is_dict(dict)) return raise(t, PyExc_TypeError, "%.200s.__dict__ is not a dictionary", "module");
    if (Value fn = dict_get_str(dict, ID(__dir__))) {
        Ref keep = Ref::share(fn);
        return call(t, keep);
    }
    return dict_keys_list(t, dict);
}

// --- annotations, as of classes ---

Ref get_annotate(Thread& t, Value self, void*) {
    Value d = module_dict(self);
    if (Value v = dict_get_str(d, ID(__annotate__))) return Ref::share(v);
    TRY(dict_set(t, d, ID(__annotate__), none()));
    return none_ref();
}
Status set_annotate(Thread& t, Value self, Value value, void*) {
    if (!value) return raise(t, PyExc_TypeError, "cannot delete __annotate__ attribute");
    if (!is_none(value) && !is_callable(value))
        return raise(t, PyExc_TypeError, "__annotate__ must be callable or None");
    TRY(dict_set(t, module_dict(self), ID(__annotate__), value));
    if (!is_none(value)) TRY(dict_delete(t, module_dict(self), ID(__annotations__)));
    return Status::ok();
}
Ref get_annotations(Thread& t, Value self, void*) {
    Ref d = Ref::share(module_dict(self));
    if (Value v = dict_get_str(d, ID(__annotations__))) return Ref::share(v);
    Value annotate = dict_get_str(d, ID(__annotate__));
    Ref result;
    if (annotate && is_callable(annotate)) {
        Ref keep = Ref::share(annotate);
        result = TRY(call(t, keep, {Value::from_int(1)}));
        if (!is_dict(result))
            return raise(t, PyExc_TypeError, "__annotate__ returned non-dict of type '%.100s'",
                         type_of(result)->tp_name);
    } else {
        result = TRY(dict_new(t));
    }
    Ref spec = Ref::share(dict_get_str(d, ID(__spec__)));
    // Before the body ran through, more annotations may come.
    if (!flag_on_spec(t, spec, ID(_initializing))) TRY(dict_set(t, d, ID(__annotations__), result));
    return result;
}
Status set_annotations(Thread& t, Value self, Value value, void*) {
    Value d = module_dict(self);
    if (value) {
        TRY(dict_set(t, d, ID(__annotations__), value));
    } else if (!TRY(dict_delete(t, d, ID(__annotations__)))) {
        return raise_value(t, PyExc_AttributeError, ID(__annotations__));
    }
    TRY(dict_delete(t, d, ID(__annotate__)));
    return Status::ok();
}

const NativeDef module_methods[] = {def<module_dir>("__dir__", "()", "The names in the module."), {}};
const MemberDef module_members[] = {
    member("__dict__", MemberKind::Object, offsetof(PyModuleObject, md_dict), kReadonly, nullptr), {}};
const GetSetDef module_getset[] = {getset("__annotations__", get_annotations, set_annotations, nullptr),
                                   getset("__annotate__", get_annotate, set_annotate, nullptr),
                                   {}};

}  // namespace

Ref module_new(Thread& t, const char* name) {
    Ref m = TRY(module_make(t, &PyModule_Type, nullptr, 0, {}));
    Ref n = TRY(str_intern(t, name));
    TRY(fill_module_dict(t, m, n, {}));
    as_module(m)->md_name = n.release();
    return m;
}

Status module_add_functions(Thread& t, Value module, const NativeDef* table) {
    Value name = as_module(module)->md_name;
    for (const NativeDef* d = table; d && d->c.ml_name; d++) {
        Ref f = TRY(builtin_function_new(t, *d, module, name));
        TRY(dict_set_str(t, module_dict(module), d->c.ml_name, f));
    }
    return Status::ok();
}

Ref module_from_spec(Thread& t, const ModuleSpec& spec) {
    Ref m = TRY(module_new(t, spec.name));
    if (spec.doc) {
        Ref doc = TRY(str_from(t, spec.doc));
        TRY(dict_set(t, module_dict(m), ID(__doc__), doc));
    }
    TRY(module_add_functions(t, m, spec.functions));
    if (spec.exec) TRY(spec.exec(t, m));
    return m;
}

Status module_add(Thread& t, Value module, const char* name, Ref value) {
    if (!value) return {};
    Ref n = TRY(str_intern(t, name));
    return dict_set(t, module_dict(module), n, value);
}
Status module_add_int(Thread& t, Value module, const char* name, int64_t v) {
    return module_add(t, module, name, int_from(t, v));
}
Status module_add_str(Thread& t, Value module, const char* name, const char* v) {
    return module_add(t, module, name, str_from(t, v));
}

Status init_builtin_module(Thread& t) {
    static const TypeDecl decl{.name = "module",
                               .basicsize = sizeof(PyModuleObject),
                               .flags = kTpDefault | kTpBaseType | kTpHaveGC,
                               .slots = {.dealloc = module_dealloc,
                                         .traverse = module_traverse,
                                         .clear = module_clear,
                                         .repr = module_repr,
                                         .getattr = module_get_attr,
                                         .init = module_init,
                                         .new_ = module_make},
                               .spec = {.methods = module_methods,
                                        .getset = module_getset,
                                        .members = module_members,
                                        .doc = "A module: a name, documentation and a namespace.",
                                        .text_signature = "(name, doc=None)"},
                               .weaklistoffset = offsetof(PyModuleObject, md_weaklist),
                               .dictoffset = offsetof(PyModuleObject, md_dict)};
    init_static_type(PyModule_Type, decl);
    return ready_type(t, &PyModule_Type);
}

}  // namespace krait

krait::Type PyModule_Type;
