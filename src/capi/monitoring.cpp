// cpython/monitoring.h: C code that fires the events of sys.monitoring for functions of its own.
#include "interp/monitoring.h"

#include <bit>

#include "capi/capi.h"

using namespace krait;

CAPI void PyErr_SetObject(PyObject* type, PyObject* value);

namespace {

struct MonitoringEventState {  // PyMonitoringState
    uint8_t active;            // the tools that want the event here
    uint8_t opaque;
};

// Calls the tools of `state` with the code-like object, the offset (the line, for LINE events, comes in
// `extra` in its stead) and what the event has.
Status fire(Thread& t, MonitoringEventState* state, PyObject* code, int32_t offset, int event,
            const Value* extra, size_t n) {
    if (t.c.tracing) return Status::ok();
    if (offset < 0) return raise(t, PyExc_ValueError, "offset must be non-negative");
    Value args[4] = {code};
    size_t nargs = 1;
    if (event != kEventLine) args[nargs++] = Value::from_int(offset);
    for (size_t i = 0; i < n; i++) args[nargs++] = extra[i];
    MonitoringState& m = monitoring(t);
    // sys.settrace and sys.setprofile follow frames, and there is none here.
    uint8_t tools = state->active & ((1 << kUserTools) - 1);
    while (tools) {
        int tool = 7 - std::countl_zero(tools);
        auto bit = static_cast<uint8_t>(1 << tool);
        tools ^= bit;
        if (!m.callables[tool][event]) continue;
        Ref fn = Ref::share(m.callables[tool][event]);
        int old_event = t.c.what_event;
        t.c.what_event = event;
        t.c.tracing++;
        Ref r = call(t, fn, args, nargs);
        t.c.tracing--;
        t.c.what_event = old_event;
        if (!r) return {};
        if (r != m.disable) continue;
        if (event >= kLocalEvents) {
            Ref old = Ref::steal(m.callables[tool][event]);
            m.callables[tool][event] = Value();
            return raise(t, PyExc_ValueError, "Cannot disable %s events. Callback removed.",
                         kEventNames[event]);
        }
        state->active &= static_cast<uint8_t>(~bit);
    }
    return Status::ok();
}

int fire(MonitoringEventState* s, PyObject* code, int32_t offset, int event,
         std::initializer_list<Value> extra = {}) {
    return out(fire(here(), s, code, offset, event, extra.begin(), extra.size()));
}

// Events about the current exception, which stays current.
int fire_exception(MonitoringEventState* s, PyObject* code, int32_t offset, int event) {
    Thread& t = here();
    Ref exc = fetch_error(t);
    if (!exc) return fail(raise(t, PyExc_ValueError, "Firing event %d with no exception set", event));
    Value v = exc;
    if (!fire(t, s, code, offset, event, &v, 1)) return -1;
    restore_error(t, std::move(exc));
    return 0;
}

}  // namespace

CAPI int PyMonitoring_EnterScope(MonitoringEventState* states, uint64_t* version, const uint8_t* events,
                                 Py_ssize_t n) {
    MonitoringState& m = monitoring(here());
    // Krait counts versions from 0, which is what callers start with too: theirs are one ahead.
    if (*version == m.version + 1) return 0;
    for (Py_ssize_t i = 0; i < n; i++) states[i].active = m.global[events[i]];
    *version = m.version + 1;
    return 0;
}
CAPI int PyMonitoring_ExitScope() { return 0; }

#define FIRE(name) CAPI int _PyMonitoring_Fire##name##Event
FIRE(PyStart)(MonitoringEventState* s, PyObject* code, int32_t at) {
    return fire(s, code, at, kEventPyStart);
}
FIRE(PyResume)(MonitoringEventState* s, PyObject* code, int32_t at) {
    return fire(s, code, at, kEventPyResume);
}
FIRE(PyReturn)(MonitoringEventState* s, PyObject* code, int32_t at, PyObject* value) {
    return fire(s, code, at, kEventPyReturn, {value});
}
FIRE(PyYield)(MonitoringEventState* s, PyObject* code, int32_t at, PyObject* value) {
    return fire(s, code, at, kEventPyYield, {value});
}
FIRE(Call)(MonitoringEventState* s, PyObject* code, int32_t at, PyObject* callable, PyObject* arg0) {
    return fire(s, code, at, kEventCall, {callable, arg0 ? Value(arg0) : monitoring(here()).missing});
}
FIRE(Line)(MonitoringEventState* s, PyObject* code, int32_t at, int line) {
    return fire(s, code, at, kEventLine, {Value::from_int(line)});
}
FIRE(Jump)(MonitoringEventState* s, PyObject* code, int32_t at, PyObject* target) {
    return fire(s, code, at, kEventJump, {target});
}
FIRE(Branch)(MonitoringEventState* s, PyObject* code, int32_t at, PyObject* target) {
    return fire(s, code, at, kEventBranchRight, {target});
}
FIRE(BranchRight)(MonitoringEventState* s, PyObject* code, int32_t at, PyObject* target) {
    return fire(s, code, at, kEventBranchRight, {target});
}
FIRE(BranchLeft)(MonitoringEventState* s, PyObject* code, int32_t at, PyObject* target) {
    return fire(s, code, at, kEventBranchLeft, {target});
}
FIRE(CReturn)(MonitoringEventState* s, PyObject* code, int32_t at, PyObject* value) {
    return fire(s, code, at, kEventCReturn, {value});
}
FIRE(PyThrow)(MonitoringEventState* s, PyObject* code, int32_t at) {
    return fire_exception(s, code, at, kEventPyThrow);
}
FIRE(Raise)(MonitoringEventState* s, PyObject* code, int32_t at) {
    return fire_exception(s, code, at, kEventRaise);
}
FIRE(Reraise)(MonitoringEventState* s, PyObject* code, int32_t at) {
    return fire_exception(s, code, at, kEventReraise);
}
FIRE(ExceptionHandled)(MonitoringEventState* s, PyObject* code, int32_t at) {
    return fire_exception(s, code, at, kEventExceptionHandled);
}
FIRE(CRaise)(MonitoringEventState* s, PyObject* code, int32_t at) {
    return fire_exception(s, code, at, kEventCRaise);
}
FIRE(PyUnwind)(MonitoringEventState* s, PyObject* code, int32_t at) {
    return fire_exception(s, code, at, kEventPyUnwind);
}
FIRE(StopIteration)(MonitoringEventState* s, PyObject* code, int32_t at, PyObject* value) {
    Thread& t = here();
    PyErr_SetObject(Value(PyExc_StopIteration).ptr(), value);
    Ref exc = fetch_error(t);
    return fire(s, code, at, kEventStopIteration, {exc.get()});
}
