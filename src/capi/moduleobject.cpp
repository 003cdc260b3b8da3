// moduleobject.h, modsupport.h: modules made by C and their state.
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "capi/modules.h"
#include "capi/slots.h"
#include "gc/gc.h"
#include "object/internal.h"
#include "object/names.h"
#include "runtime/interpreters.h"

CAPI krait::Type PyModuleDef_Type;
krait::Type PyModuleDef_Type;

namespace krait {

CapiState& capi_state(Interpreter& in) {
    if (!in.module_states) {
        in.module_states = new CapiState;
        interpreter_frees(in, [](void* state) { delete static_cast<CapiState*>(state); }, in.module_states);
    }
    return *static_cast<CapiState*>(in.module_states);
}
CapiState& capi_state(Thread& t) { return capi_state(*t.interp); }

namespace {

enum ModSlot { kModCreate = 1, kModExec = 2, kModMulti = 3, kModGil = 4 };

PyModuleObject* as_module(Value v) { return v.as<PyModuleObject>(); }
bool is_module(Value v) { return v && v.is_ptr() && is_subtype(v.heap_type(), &PyModule_Type); }
PyModuleDef* def_of(Value m) { return static_cast<PyModuleDef*>(as_module(m)->md_def); }

Status set_doc(Thread& t, Value m, const char* doc) {
    Ref v = TRY(str_from(t, doc));
    return set_attr(t, m, ID(__doc__), v);
}

Status add_functions(Thread& t, Value m, const PyMethodDef* table, Value name) {
    for (const PyMethodDef* d = table; d && d->ml_name; d++) {
        if (d->ml_flags & (0x10 | 0x20))
            return raise(t, PyExc_ValueError, "module functions cannot set METH_CLASS or METH_STATIC");
        Ref f = TRY(builtin_function_new(t, d, m, name));
        Ref key = TRY(str_intern(t, d->ml_name));
        TRY(set_attr(t, m, key, f));
    }
    return Status::ok();
}

Status make_state(Thread& t, Value m, PyModuleDef* def) {
    if (def->m_size < 0 || as_module(m)->md_state) return Status::ok();
    void* state = mem_alloc_zeroed(def->m_size ? def->m_size : 1);
    if (!state) return raise_no_memory(t);
    as_module(m)->md_state = state;
    return Status::ok();
}

Ref create_single_phase(Thread& t, PyModuleDef* def) {
    if (def->m_slots)
        return raise(t, PyExc_SystemError, "module %s: PyModule_Create is incompatible with m_slots",
                     def->m_name);
    const char* name = def->m_name;
    // A module in a package is told its short name only.
    if (const char* full = capi_state(t).package_context) {
        const char* dot = strrchr(full, '.');
        if (dot && !strcmp(dot + 1, name)) {
            name = full;
            capi_state(t).package_context = nullptr;
        }
    }
    Ref m = TRY(module_new(t, name));
    TRY(make_state(t, m, def));
    if (def->m_methods) {
        Ref n = TRY(str_from(t, name));
        TRY(add_functions(t, m, def->m_methods, n));
    }
    if (def->m_doc) TRY(set_doc(t, m, def->m_doc));
    as_module(m)->md_def = def;
    return m;
}

}  // namespace

Status check_single_interpreter(Thread& t, const char* name) {
    if (!interpreter_checks_extensions(*t.interp)) return Status::ok();
    return raise(t, PyExc_ImportError, "module %s does not support loading in subinterpreters", name);
}

Ref module_from_def(Thread& t, PyModuleDef* def, Value spec) {
    Ref name = TRY(get_attr(t, spec, "name"));
    auto text = TRY(str_utf8(t, name));
    const char* n = text.data();
    if (def->m_size < 0)
        return raise(t, PyExc_SystemError,
                     "module %s: m_size may not be negative for multi-phase initialization", n);
    PyObject* (*create)(PyObject*, PyModuleDef*) = nullptr;
    bool has_exec = false;
    int multi = 0, gil = 0;
    uintptr_t support = 1;  // of several interpreters: 0 no, 1 those that share the GIL, 2 all
    for (PyModuleDef_Slot* s = def->m_slots; s && s->slot; s++) {
        if (s->slot == kModCreate) {
            if (create) return raise(t, PyExc_SystemError, "module %s has multiple create slots", n);
            create = reinterpret_cast<PyObject* (*)(PyObject*, PyModuleDef*)>(s->value);
        } else if (s->slot == kModExec) {
            has_exec = true;
        } else if (s->slot == kModMulti) {
            if (multi++)
                return raise(t, PyExc_SystemError,
                             "module %s has more than one 'multiple interpreters' slots", n);
            support = reinterpret_cast<uintptr_t>(s->value);
        } else if (s->slot == kModGil) {
            if (gil++) return raise(t, PyExc_SystemError, "module %s has more than one 'gil' slot", n);
        } else if (s->slot < 0 || s->slot > kModGil) {
            return raise(t, PyExc_SystemError, "module %s uses unknown slot ID %i", n, s->slot);
        }
    }
    if (support == 0 || (support == 1 && record(*t.interp).config.gil == 2 && t.interp != g_runtime.main))
        TRY(check_single_interpreter(t, n));
    Ref m;
    if (create) {
        PyObject* made = create(spec.ptr(), def);
        if (!made) {
            if (!t.has_exception())
                return raise(t, PyExc_SystemError,
                             "creation of module %s failed without setting an exception", n);
            return {};
        }
        m = from_c(made);
        if (t.has_exception())
            return raise_from_cause(t, PyExc_SystemError, "creation of module %s raised unreported exception",
                                    n);
    } else {
        m = TRY(module_new(t, n));
    }
    if (is_module(m)) {
        as_module(m)->md_state = nullptr;
        as_module(m)->md_def = def;
    } else {
        if (def->m_size > 0 || def->m_traverse || def->m_clear || def->m_free)
            return raise(t, PyExc_SystemError, "module %s is not a module object, but requests module state",
                         n);
        if (has_exec)
            return raise(t, PyExc_SystemError,
                         "module %s specifies execution slots, but did not create a ModuleType instance", n);
    }
    if (def->m_methods) TRY(add_functions(t, m, def->m_methods, name));
    if (def->m_doc) TRY(set_doc(t, m, def->m_doc));
    return m;
}

Status module_exec_def(Thread& t, Value m, PyModuleDef* def) {
    auto text = str_utf8_or(as_module(m)->md_name ? as_module(m)->md_name : empty_str(), "?");
    std::string name(text);
    TRY(make_state(t, m, def));
    for (PyModuleDef_Slot* s = def->m_slots; s && s->slot; s++) {
        if (s->slot != kModExec) continue;
        int r = reinterpret_cast<int (*)(PyObject*)>(s->value)(m.ptr());
        if (r != 0) {
            if (!t.has_exception())
                return raise(t, PyExc_SystemError,
                             "execution of module %s failed without setting an exception", name.c_str());
            return {};
        }
        if (t.has_exception()) {
            raise_from_cause(t, PyExc_SystemError, "execution of module %s raised unreported exception",
                             name.c_str());
            return {};
        }
    }
    reread_all_c_slots();
    return Status::ok();
}

Result<int> exec_dynamic(Thread& t, Value m) {
    if (!is_module(m) || !as_module(m)->md_def || as_module(m)->md_state) return 0;
    PyModuleDef* def = def_of(m);
    if (!def->m_slots) return 0;
    TRY(module_exec_def(t, m, def));
    return 0;
}

void free_c_module(Thread&, PyModuleObject* m) {
    auto* def = static_cast<PyModuleDef*>(m->md_def);
    if (def && def->m_free && (def->m_size <= 0 || m->md_state)) def->m_free(&m->ob_base);
    mem_free(m->md_state);
    m->md_state = nullptr;
}
namespace {
int visit_member(PyObject* o, void* arg) {
    static_cast<Visitor*>(arg)->visit(o);
    return 0;
}
}  // namespace
void traverse_c_module(PyModuleObject* m, Visitor& v) {
    auto* def = static_cast<PyModuleDef*>(m->md_def);
    if (def->m_traverse && (def->m_size <= 0 || m->md_state)) def->m_traverse(&m->ob_base, visit_member, &v);
}
void clear_c_module(Thread&, PyModuleObject* m) {
    auto* def = static_cast<PyModuleDef*>(m->md_def);
    if (def->m_clear && (def->m_size <= 0 || m->md_state)) def->m_clear(&m->ob_base);
}

}  // namespace krait

using namespace krait;

CAPI PyObject* PyModuleDef_Init(PyModuleDef* def) {
    Thread& t = here();
    static const TypeDecl decl{.name = "moduledef",
                               .basicsize = sizeof(PyModuleDef),
                               .flags = kTpDefault | kTpDisallowInstantiation};
    if (!(PyModuleDef_Type.tp_flags & kTpReady)) {
        init_static_type(PyModuleDef_Type, decl);
        if (!ready_type(t, &PyModuleDef_Type)) return nullptr;
    }
    if (!def->m_index) {
        def->ob_base.ob_refcnt = kImmortalRefcnt;
        def->ob_base.ob_upper = kStaticUpper;
        def->ob_base.ob_type = &PyModuleDef_Type;
        def->m_index = static_cast<Py_ssize_t>(++g_runtime.last_module_index);
    }
    return &def->ob_base;
}
CAPI PyObject* PyModule_Create2(PyModuleDef* def, int) {
    activate_c_slots();
    if (!PyModuleDef_Init(def)) return nullptr;
    return out(create_single_phase(here(), def));
}
CAPI PyObject* PyModule_FromDefAndSpec2(PyModuleDef* def, PyObject* spec, int) {
    if (!PyModuleDef_Init(def)) return nullptr;
    return out(module_from_def(here(), def, spec));
}
CAPI int PyModule_ExecDef(PyObject* m, PyModuleDef* def) { return out(module_exec_def(here(), m, def)); }
CAPI PyObject* PyModule_NewObject(PyObject* name) {
    if (!is_str(name)) return out(bad_call("PyModule_NewObject"));
    Thread& t = here();
    auto text = str_utf8(t, name);
    return text ? out(module_new(t, text.value().data())) : nullptr;
}
CAPI PyObject* PyModule_New(const char* name) { return out(module_new(here(), name)); }
CAPI PyModuleDef* PyModule_GetDef(PyObject* m) {
    if (is_module(m)) return def_of(m);
    raise(here(), PyExc_TypeError, "bad argument type for built-in operation");
    return nullptr;
}
CAPI void* PyModule_GetState(PyObject* m) {
    if (is_module(m)) return as_module(m)->md_state;
    return out(raise(here(), PyExc_TypeError, "bad argument type for built-in operation"));
}
CAPI PyObject* PyModule_GetDict(PyObject* m) {
    if (!is_module(m)) return out(bad_call("PyModule_GetDict"));
    return module_dict(m).ptr();
}
CAPI PyObject* PyModule_GetNameObject(PyObject* m) {
    Thread& t = here();
    if (!is_module(m)) return out(raise(t, PyExc_TypeError, "bad argument type for built-in operation"));
    Value name = dict_get_str(module_dict(m), ID(__name__));
    if (!name || !is_str(name)) return out(raise(t, PyExc_SystemError, "nameless module"));
    return to_c_new(name);
}
CAPI const char* PyModule_GetName(PyObject* m) {
    PyObject* name = PyModule_GetNameObject(m);
    if (!name) return nullptr;
    decref(name);  // the module keeps it
    auto text = str_utf8(here(), name);
    return text ? text.value().data() : nullptr;
}
CAPI PyObject* PyModule_GetFilenameObject(PyObject* m) {
    Thread& t = here();
    if (!is_module(m)) return out(raise(t, PyExc_TypeError, "bad argument type for built-in operation"));
    Value name = dict_get_str(module_dict(m), "__file__");
    if (!name || !is_str(name)) return out(raise(t, PyExc_SystemError, "module filename missing"));
    return to_c_new(name);
}
CAPI const char* PyModule_GetFilename(PyObject* m) {
    PyObject* name = PyModule_GetFilenameObject(m);
    if (!name) return nullptr;
    decref(name);
    auto text = str_utf8(here(), name);
    return text ? text.value().data() : nullptr;
}
CAPI int PyModule_SetDocString(PyObject* m, const char* doc) { return out(set_doc(here(), m, doc)); }
CAPI int PyModule_AddFunctions(PyObject* m, PyMethodDef* table) {
    PyObject* name = PyModule_GetNameObject(m);
    if (!name) return -1;
    Ref keep = Ref::steal(name);
    return out(add_functions(here(), m, table, keep));
}
static bool need_module(PyObject* m) {
    if (is_module(m)) return true;
    raise(here(), PyExc_TypeError, "PyModule_AddObjectRef() first argument must be a module");
    return false;
}
CAPI int PyModule_AddObjectRef(PyObject* m, const char* name, PyObject* value) {
    Thread& t = here();
    if (!need_module(m)) return -1;
    if (!value) {
        if (!t.has_exception())
            raise(t, PyExc_SystemError,
                  "PyModule_AddObjectRef() must be called with an exception raised if "
                  "value is NULL");
        return -1;
    }
    return out(module_add(t, m, name, Ref::share(value)));
}
CAPI int PyModule_Add(PyObject* m, const char* name, PyObject* value) {
    int r = PyModule_AddObjectRef(m, name, value);
    if (value) decref(value);
    return r;
}
CAPI int PyModule_AddObject(PyObject* m, const char* name, PyObject* value) {
    int r = PyModule_AddObjectRef(m, name, value);
    if (r == 0) decref(value);
    return r;
}
CAPI int PyModule_AddIntConstant(PyObject* m, const char* name, long v) {
    if (!need_module(m)) return -1;
    return out(module_add_int(here(), m, name, v));
}
CAPI int PyModule_AddStringConstant(PyObject* m, const char* name, const char* v) {
    if (!need_module(m)) return -1;
    return out(module_add_str(here(), m, name, v));
}
CAPI int PyModule_AddType(PyObject* m, PyTypeObject* type) {
    Thread& t = here();
    if (!ensure_ready(t, type) || !need_module(m)) return -1;
    return out(module_add(t, m, short_type_name(type), Ref::share(Value(type))));
}
CAPI int PyUnstable_Module_SetGIL(PyObject*, void*) { return 0; }

// --- modules by definition ---

CAPI PyObject* PyState_FindModule(PyModuleDef* def) {
    auto& list = capi_state(here()).by_index;
    auto i = static_cast<size_t>(def->m_index);
    return !def->m_slots && i && i < list.size() ? list[i] : nullptr;
}
CAPI int PyState_AddModule(PyObject* m, PyModuleDef* def) {
    Thread& t = here();
    if (!def) return fail(raise(t, PyExc_SystemError, "module definition is NULL"));
    if (def->m_slots)
        return fail(raise(t, PyExc_SystemError, "PyState_AddModule called on module with slots"));
    auto& list = capi_state(t).by_index;
    auto i = static_cast<size_t>(def->m_index);
    if (i >= list.size()) list.resize(i + 1);
    PyObject* old = list[i];
    list[i] = new_ref(m);
    if (old) decref(old);
    return 0;
}
CAPI int PyState_RemoveModule(PyModuleDef* def) {
    Thread& t = here();
    if (def->m_slots)
        return fail(raise(t, PyExc_SystemError, "PyState_RemoveModule called on module with slots"));
    auto& list = capi_state(t).by_index;
    auto i = static_cast<size_t>(def->m_index);
    if (!i || i >= list.size() || !list[i])
        return fail(raise(t, PyExc_SystemError, "Module index out of bounds."));
    PyObject* old = list[i];
    list[i] = nullptr;
    decref(old);
    return 0;
}

namespace krait {
// What finalization clears, so that modules die in it.
void capi_finalize(Thread& t) {
    auto* s = static_cast<CapiState*>(t.interp->module_states);
    if (!s) return;
    for (PyObject*& m : s->by_index) {
        PyObject* old = m;
        m = nullptr;
        if (old) decref(old);
    }
    for (auto& [def, copy] : s->copies) decref(copy);
    s->copies.clear();
}
}  // namespace krait
