// Loading extension modules: the file, its init function, and single-phase modules imported again.
#include <dlfcn.h>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "capi/modules.h"
#include "capi/slots.h"
#include "gc/gc.h"
#include "object/internal.h"
#include "object/names.h"
#include "runtime/config.h"
#include "runtime/interpreters.h"
#include "support/libm.h"

CAPI krait::Type PyModuleDef_Type;
CAPI int PyState_AddModule(PyObject*, PyModuleDef*);

namespace krait {
namespace {

Raised import_error(Thread& t, Value message, Value name, Value path) {
    Ref names = str_intern(t, "name"), paths = str_intern(t, "path");
    if (!names || !paths) return {};
    Ref kw = tuple_of(t, {names, paths});
    if (!kw) return {};
    Value args[3] = {message, name, path};
    Ref exc = call(t, Value(PyExc_ImportError), args, 1, kw);
    return exc ? raise_object(t, exc) : Raised{};
}

// "PyInit_" and the last part of the name; other than ASCII in punycode after "PyInitU_".
Result<bool> init_name(Thread& t, Value name, std::string& to) {
    auto full = TRY(str_utf8(t, name));
    size_t dot = full.rfind('.');
    std::string_view last = dot == std::string_view::npos ? full : full.substr(dot + 1);
    bool ascii = true;
    for (char c : last) ascii &= static_cast<signed char>(c) >= 0;
    if (ascii) {
        to = "PyInit_" + std::string(last);
        return true;
    }
    Ref part = TRY(str_from(t, last));
    Ref coded = TRY(call_method(t, part, "encode", {TRY(str_from(t, "punycode")).get()}));
    Ref text = TRY(call_method(t, coded, "decode", {TRY(str_from(t, "ascii")).get()}));
    auto code = TRY(str_utf8(t, text));
    to = "PyInitU_" + std::string(code);
    for (char& c : to)
        if (c == '-') c = '_';
    return true;
}

// Which single-phase modules were loaded is known to all interpreters: each such module is initialized in the
// main one, the others get copies.
CapiState& registry() { return capi_state(*g_runtime.main); }

Status remember(Thread& t, Value module, Value path, PyModuleDef* def, const std::string& key) {
    CapiState& state = registry();
    state.loaded[key] = def;
    if (path) TRY(module_add(t, module, "__file__", Ref::share(path)));
    // Modules without state of their own are made again from what their dict held.
    if (def->m_size == -1) {
        Ref copy = TRY(dict_copy(t, module_dict(module)));
        PyObject* old = std::exchange(state.copies[def], copy.release().ptr());
        if (old) decref(old);
    }
    return Status::ok();
}

// A single-phase module that was loaded before.
Maybe reload(Thread& t, Value name, Value path, const std::string& key) {
    CapiState& state = registry();
    auto found = state.loaded.find(key);
    if (found == state.loaded.end()) return Maybe::absent();
    TRY(check_single_interpreter(t, TRY(str_utf8(t, name)).data()));
    PyModuleDef* def = found->second;
    Ref m;
    if (def->m_size == -1) {
        auto kept = state.copies.find(def);
        if (kept == state.copies.end()) return Maybe::absent();
        // One that is there is filled anew.
        Value known = dict_get_str(t.interp->modules, str_utf8_or(name, "").data());
        if (known && is_subtype(type_of(known), &PyModule_Type))
            m = Ref::share(known);
        else
            m = TRY(module_new(t, TRY(str_utf8(t, name)).data()));
        TRY(dict_update(t, module_dict(m), Value(kept->second)));
        m.as<PyModuleObject>()->md_def = def;
    } else {
        if (!def->m_init) return Maybe::absent();
        PyObject* made = def->m_init();
        if (!made) return {};
        m = Ref::steal(Value(made));
        TRY(module_add(t, m, "__file__", Ref::share(path)));
    }
    PyState_AddModule(m.get().ptr(), def);
    TRY(dict_set(t, t.interp->modules, name, m));
    return Maybe::found(std::move(m));
}

// What a single-phase module is remembered by.
Result<std::string> extension_key(Thread& t, Value name, Value path) {
    Ref file = TRY(fs_encode(t, path));
    return std::string(file.as<PyBytesObject>()->ob_sval) + '\0' + std::string(TRY(str_utf8(t, name)));
}

// Modules of CPython's own library that read the interpreter's insides by offset: they cannot work here.
// Those that matter are native; the others fail as if they had not been built.
bool of_library(std::string_view file) { return file.find("/lib-dynload/") != std::string_view::npos; }
bool needs_cpython(std::string_view name, std::string_view file) {
    if (!of_library(file)) return false;
    for (std::string_view n :
         {"_asyncio", "_ctypes", "_interpchannels", "_interpqueues", "_interpreters", "_lsprof"})
        if (n == name) return true;
    return false;
}

// A module of the library that cannot be loaded on this machine (it wants a newer libc, say) counts as not
// there, so that programs take the way they take without it. -v says why.
Raised missing(Thread& t, Value name, const char* file, const char* why) {
    if (g_runtime.config && g_runtime.config->verbose) fprintf(stderr, "# skipped %s: %s\n", file, why);
    Ref message = str_format(t, "No module named %R", name);
    Ref names = message ? str_intern(t, "name") : Ref();
    Ref kw = names ? tuple_of(t, {names}) : Ref();
    if (!kw) return {};
    Value args[2] = {message, name};
    Ref exc = call(t, Value(PyExc_ModuleNotFoundError), args, 1, kw);
    return exc ? raise_object(t, exc) : Raised{};
}

int dlopen_flags(Thread& t) {
    Value fn = sys_get(t, "getdlopenflags");
    Ref r = fn ? call(t, fn) : Ref();
    if (!r) clear_error(t);
    return r && r.get().is_int() ? static_cast<int>(r.get().as_int()) : RTLD_NOW;
}

// What a module is made from: its definition, or itself, if it is of the kind with a single phase.
struct Initialized {
    PyModuleDef* def = nullptr;
    Ref module;
};

Status run_init(Thread& t, const char* name, PyObject* (*init)(), Initialized& to) {
    CapiState& state = capi_state(t);
    const char* outer = std::exchange(state.package_context, name);
    PyObject* made = init();
    state.package_context = outer;
    if (!made) {
        if (!t.has_exception())
            return raise(t, PyExc_SystemError, "initialization of %s failed without raising an exception",
                         name);
        return {};
    }
    if (t.has_exception())
        return raise_from_cause(t, PyExc_SystemError, "initialization of %s raised unreported exception",
                                name);
    if (!made->ob_type)
        return raise(t, PyExc_SystemError, "init function of %s returned uninitialized object", name);
    if (made->ob_type == &PyModuleDef_Type) {
        to.def = reinterpret_cast<PyModuleDef*>(made);
        return Status::ok();
    }
    Ref module = Ref::steal(Value(made));
    if (!is_subtype(made->ob_type, &PyModule_Type) || !module.as<PyModuleObject>()->md_def)
        return raise(t, PyExc_SystemError, "initialization of %s did not return an extension module", name);
    to.def = static_cast<PyModuleDef*>(module.as<PyModuleObject>()->md_def);
    to.def->m_init = init;
    to.module = std::move(module);
    return Status::ok();
}

// For an interpreter that is not the main one. The definition; of a module with a single phase only the
// registry knows afterwards. An exception cannot leave the interpreter it was raised in.
Result<PyModuleDef*> init_in_main(Thread& t, const char* name, Value path, const std::string& key,
                                  PyObject* (*init)()) {
    PyModuleDef* def = nullptr;
    {
        InInterpreter main(t, *g_runtime.main);
        if (!main) return raise_no_memory(t);
        Thread& inner = main.thread();
        Initialized made;
        if (run_init(inner, name, init, made) &&
            (!made.module || remember(inner, made.module, path, made.def, key)))
            def = made.def;
        else
            write_unraisable(inner, "Exception while importing from subinterpreter", Value());
    }
    if (!def) return raise(t, PyExc_ImportError, "failed to import from subinterpreter due to exception");
    return def;
}

}  // namespace

Ref module_from_init(Thread& t, Value spec, Value name, Value path, const std::string& key,
                     PyObject* (*init)()) {
    std::string full(TRY(str_utf8(t, name)));
    if (t.interp != g_runtime.main) {
        PyModuleDef* def = TRY(init_in_main(t, full.c_str(), path, key, init));
        Ref module = TRY(reload(t, name, path, key));
        return module ? std::move(module) : module_from_def(t, def, spec);
    }
    Initialized made;
    TRY(run_init(t, full.c_str(), init, made));
    reread_all_c_slots();
    if (!made.module) return module_from_def(t, made.def, spec);
    TRY(check_single_interpreter(t, full.c_str()));
    TRY(remember(t, made.module, path, made.def, key));
    if (PyState_AddModule(made.module.get().ptr(), made.def)) return {};
    TRY(dict_set(t, t.interp->modules, name, made.module));
    return std::move(made.module);
}

Status forget_dynamic(Thread& t, Value name, Value path) {
    std::string key = TRY(extension_key(t, name, path));
    CapiState& state = registry();
    auto found = state.loaded.find(key);
    if (found == state.loaded.end()) return Status::ok();
    PyModuleDef* def = found->second;
    state.loaded.erase(found);
    auto kept = state.copies.find(def);
    if (kept != state.copies.end()) {
        PyObject* dict = kept->second;
        state.copies.erase(kept);
        decref(dict);
    }
    return Status::ok();
}

Ref create_dynamic(Thread& t, Value spec) {
    Ref name = TRY(get_attr(t, spec, "name")), path = TRY(get_attr(t, spec, "origin"));
    if (!is_str(name)) return raise(t, PyExc_TypeError, "name must be a string, not %T", name.get());
    auto full = TRY(str_utf8(t, name));
    bool null = full.find('\0') != full.npos;
    if (is_str(path)) null |= TRY(str_utf8(t, path)).find('\0') != std::string_view::npos;
    if (null) return raise(t, PyExc_ValueError, "embedded null character");
    Ref file = TRY(fs_encode(t, path));
    const char* file_name = file.as<PyBytesObject>()->ob_sval;
    std::string key = TRY(extension_key(t, name, path));
    Ref again = TRY(reload(t, name, path, key));
    if (again) return again;

    if (needs_cpython(full, file_name))
        return missing(t, name, file_name, "it reads the insides of CPython's interpreter");
    activate_c_slots();
    libm_load();
    void* handle =
        dlopen(strchr(file_name, '/') ? file_name : (std::string("./") + file_name).c_str(), dlopen_flags(t));
    if (!handle) {
        const char* why = dlerror();
        if (of_library(file_name)) return missing(t, name, file_name, why ? why : "?");
        Ref message = TRY(str_from(t, why ? why : "unknown dlopen() error"));
        return import_error(t, message, name, path);
    }
    gc_note_finalizer(t);  // its objects, for all that is known
    std::string symbol;
    TRY_DISCARD(init_name(t, name, symbol));
    auto init = reinterpret_cast<PyObject* (*)()>(dlsym(handle, symbol.c_str()));
    if (!init) {
        Ref message =
            TRY(str_format(t, "dynamic module does not define module export function (%s)", symbol.c_str()));
        return import_error(t, message, name, path);
    }
    return module_from_init(t, spec, name, path, key, init);
}

}  // namespace krait
