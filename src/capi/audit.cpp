// Audit events: hooks of C, which see the events of every interpreter, and events that C raises.
#include <mutex>
#include <vector>

#include "builtins/callable.h"
#include "builtins/list.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "capi/capi.h"
#include "capi/register.h"
#include "gc/gc.h"
#include "object/names.h"

using namespace krait;

CAPI PyObject* Py_VaBuildValue(const char* format, va_list va);
CAPI PyObject* PyCFunction_NewEx(PyMethodDef*, PyObject*, PyObject*);

namespace {
using P = PyObject*;
struct Hook {
    int (*fn)(const char*, P, void*);
    void* data;
};
// Of the process, and for its whole life, as in CPython.
struct Hooks {
    std::mutex mutex;
    std::vector<Hook*> all;
};
Hooks& hooks() {
    static auto* h = new Hooks;
    return *h;
}

// What stands for a hook of C among those of Python: a function whose self is a capsule.
P run_hook(P self, P const* args, Py_ssize_t n) {
    Thread& t = here();
    auto* hook = static_cast<Hook*>(reinterpret_cast<Capsule*>(self)->pointer);
    if (n != 2) return out(raise(t, PyExc_TypeError, "an audit hook takes an event and its arguments"));
    auto event = str_utf8(t, args[0]);
    if (!event) return nullptr;
    if (hook->fn(event.value().data(), args[1], hook->data) < 0) return nullptr;
    return new_none();
}
PyMethodDef run_hook_def = {"audit_hook", reinterpret_cast<void*>(&run_hook), 0x80, nullptr};

// Hooks of C come before those of Python.
Status add_to(Thread& t, Hook* hook, int64_t place) {
    Value& list = t.interp->audit_hooks;
    if (!list) {
        list = TRY(list_new(t)).release();
        gc_untrack(t, list.ptr());  // not to be found by programs
    }
    Ref capsule = TRY(capsule_new(t, hook, nullptr));
    Ref fn = Ref::steal(Value(PyCFunction_NewEx(&run_hook_def, capsule.get().ptr(), nullptr)));
    if (!fn) return {};
    return list_insert(t, list, place, fn);
}
}  // namespace

namespace krait {
Status install_audit_hooks(Thread& t) {
    int64_t place = 0;
    for (Hook* hook : hooks().all) TRY(add_to(t, hook, place++));
    return Status::ok();
}
}  // namespace krait

CAPI int PySys_AddAuditHook(int (*fn)(const char*, PyObject*, void*), void* data) {
    auto* hook = new (std::nothrow) Hook{fn, data};
    if (!hook) return -1;
    Hooks& all = hooks();
    if (!g_runtime.initialized || !t_current) {
        std::lock_guard lock(all.mutex);
        all.all.push_back(hook);
        return 0;
    }
    Thread& t = here();
    if (!audit(t, "sys.addaudithook", {})) {
        delete hook;
        // A hook may veto; only RuntimeError says so quietly.
        return clear_if(t, PyExc_RuntimeError) ? 0 : -1;
    }
    auto place = static_cast<int64_t>(all.all.size());
    all.all.push_back(hook);
    return out(add_to(t, hook, place));
}

CAPI int PySys_Audit(const char* event, const char* format, ...) {
    Thread& t = here();
    Value list = t.interp->audit_hooks;
    if (!list || list_size(list) == 0) return 0;
    Ref args = Ref::share(empty_tuple());
    if (format && *format) {
        va_list va;
        va_start(va, format);
        P made = Py_VaBuildValue(format, va);
        va_end(va);
        if (!made) return -1;
        args = from_c(made);
        if (!is_tuple(args)) args = tuple_of(t, {args});
        if (!args) return -1;
    }
    Ref name = str_from(t, event);
    return name ? out(call_audit_hooks(t, name, args)) : -1;
}
CAPI int PySys_AuditTuple(const char* event, PyObject* args) {
    Thread& t = here();
    if (args && !is_tuple(args))
        return fail(raise(t, PyExc_TypeError, "args must be tuple, got %T", Value(args)));
    Value list = t.interp->audit_hooks;
    if (!list || list_size(list) == 0) return 0;
    Ref name = str_from(t, event);
    return name ? out(call_audit_hooks(t, name, args ? Value(args) : empty_tuple())) : -1;
}
