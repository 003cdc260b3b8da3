// Sub-interpreters for programs and extensions: Py_NewInterpreter and what belongs to it.
#include "builtins/dict.h"
#include "capi/capi.h"
#include "capi/initconfig.h"
#include "modules/interpreters/cross.h"
#include "object/per_interpreter.h"
#include "runtime/init.h"
#include "runtime/interpreters.h"

using namespace krait;

namespace {

InterpreterRecord& record_of(void* i) { return record(*static_cast<Interpreter*>(i)); }

[[noreturn]] void fatal(const char* where, const char* text) {
    fprintf(stderr, "Fatal Python error: %s: %s\n", where, text);
    abort();
}

// The calling thread may have let go of its state: callers do that before.
Thread* make(const InterpreterConfig& config, Whence whence, std::string* error) {
    if (t_current) return interpreter_new(here(), config, whence, error);
    Thread* helper = thread_new(*g_runtime.main);
    if (!helper) {
        *error = "out of memory";
        return nullptr;
    }
    gil_take(*helper);
    Thread* made = interpreter_new(*helper, config, whence, error);
    if (!made) gil_release(*helper);
    thread_delete(helper);
    return made;
}

}  // namespace

CAPI PyStatus Py_NewInterpreterFromConfig(PyThreadState** to, const InterpreterConfig* config) {
    *to = nullptr;
    if (!g_runtime.initialized) return status_error("Py_Initialize must be called first", "new_interpreter");
    if (!config->use_main_obmalloc && !config->check_multi_interp_extensions)
        return status_error("per-interpreter obmalloc does not support single-phase init extension modules",
                            "init_interp_settings");
    std::string error;
    Thread* made = make(*config, Whence::Capi, &error);
    if (!made) return status_error("interpreter creation failed", "new_interpreter");
    *to = &made->c;
    return status_ok();
}

CAPI PyThreadState* Py_NewInterpreter() {
    if (!g_runtime.initialized) return nullptr;
    std::string error;
    Thread* made = make(kLegacyConfig, Whence::LegacyCapi, &error);
    return made ? &made->c : nullptr;
}

CAPI void Py_EndInterpreter(PyThreadState* s) {
    auto* t = reinterpret_cast<Thread*>(s);
    if (t != t_current) fatal("Py_EndInterpreter", "thread is not current");
    if (t->c.current_frame) fatal("Py_EndInterpreter", "thread still has a frame");
    if (t->interp == g_runtime.main) fatal("Py_EndInterpreter", "the main interpreter ends with Py_Finalize");
    interpreter_end(*t);
}

// One that nothing runs in, as programs made them before there was Py_NewInterpreter.
CAPI void* PyInterpreterState_New() {
    InterpreterRecord* in = interpreter_new_bare();
    if (!in && t_current) raise_no_memory(here());
    return in;
}
CAPI void PyInterpreterState_Clear(void*) {}
CAPI void PyInterpreterState_Delete(void* i) { interpreter_delete_bare(record_of(i)); }

CAPI PyObject* PyInterpreterState_GetDict(void* i) {
    Value& dict = record_of(i).dict;
    if (!dict) {
        Ref made = dict_new(here());
        if (!made) {
            clear_error(here());
            return nullptr;
        }
        dict = made.release();
    }
    return dict.ptr();
}

CAPI int _PyInterpreterState_RequiresIDRef(void* i) { return record_of(i).ends_with_references; }
CAPI void _PyInterpreterState_RequireIDRef(void* i, int required) {
    record_of(i).ends_with_references = required != 0;
}

// For the modules that make interpreters.
CAPI long _PyInterpreterState_GetWhence(void* i) { return static_cast<long>(record_of(i).whence); }
CAPI int _PyInterpreterState_IsReady(void* i) { return record_of(i).ready; }
CAPI int _PyInterpreterState_IsRunningMain(void* i) { return record_of(i).running_main != nullptr; }
CAPI void _PyInterpreterState_IDIncref(void* i) { interpreter_incref(record_of(i)); }
CAPI void _PyInterpreterState_IDDecref(void* i) { interpreter_decref(here(), record_of(i)); }
CAPI PyObject* _PyInterpreterState_GetIDObject(void* i) { return box_int(record_of(i).id); }
CAPI void* _PyInterpreterState_LookUpID(int64_t id) {
    if (InterpreterRecord* in = id < 0 ? nullptr : interpreter_find(id)) return in;
    if (PyTypeObject* type = xi::interpreter_not_found_error(here()))
        raise(here(), type, "unrecognized interpreter ID %zd", id);
    return nullptr;
}
CAPI void* _PyInterpreterState_LookUpIDObject(PyObject* o) {
    Result<int64_t> id = as_int64(here(), o);
    return id ? _PyInterpreterState_LookUpID(id.value()) : nullptr;
}
// Both are static types; activate_c_slots makes them ready.
CAPI PyTypeObject *PyExc_InterpreterError, *PyExc_InterpreterNotFoundError;
PyTypeObject *PyExc_InterpreterError = xi::kInterpreterError,
             *PyExc_InterpreterNotFoundError = xi::kInterpreterNotFoundError;

CAPI int PyUnstable_AtExit(void* i, void (*fn)(void*), void* arg) {
    record_of(i).at_exit.emplace_back(fn, arg);
    return 0;
}
