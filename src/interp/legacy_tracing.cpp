// sys.settrace and sys.setprofile, as two tools of sys.monitoring.
#include "builtins/callable.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "interp/frame_object.h"
#include "interp/internal.h"
#include "interp/monitoring.h"
#include "object/boundary.h"
#include "object/protocol.h"

namespace krait {
namespace {

constexpr const char* kTraceNames[] = {"call",   "exception",   "line",     "return",
                                       "c_call", "c_exception", "c_return", "opcode"};

PyObject* object_of(PyFrameObject* o) { return &o->ob_base; }

Ref call_python(Thread& t, Value callback, PyFrameObject* frame, int what, Value arg) {
    Ref keep = Ref::share(callback);
    Ref name = TRY(str_intern(t, kTraceNames[what]));
    return call(t, keep, {Value(object_of(frame)), name, arg});
}

// The functions behind sys.settrace and sys.setprofile. Their addresses say that the callback is a Python
// object; natives of extensions get boxed arguments, these are called with any Value.
int trace_trampoline(PyObject* self, PyFrameObject* frame, int what, PyObject* arg) {
    Thread& t = current_thread();
    Value callback = what == kTraceCall ? Value(self) : frame->trace;
    if (!callback) return 0;
    Ref result = call_python(t, callback, frame, what, Value(arg));
    if (!result) {
        Ref exc = fetch_error(t);
        if (!set_trace(t, t, nullptr, Value())) clear_error(t);
        restore_error(t, std::move(exc));
        Value old = frame->trace;
        frame->trace = Value();
        xdecref(old);
        return -1;
    }
    if (!is_none(result)) {
        Value old = frame->trace;
        frame->trace = result.release();
        xdecref(old);
    }
    return 0;
}
int profile_trampoline(PyObject* self, PyFrameObject* frame, int what, PyObject* arg) {
    Thread& t = current_thread();
    Ref result = call_python(t, Value(self), frame, what, Value(arg));
    if (result) return 0;
    Ref exc = fetch_error(t);
    if (!set_profile(t, t, nullptr, Value())) clear_error(t);
    restore_error(t, std::move(exc));
    return -1;
}

Ref boxed(Thread& t, Value v) {
    return v.is_ptr() ? Ref::share(v) : v.is_int() ? int_box(t, v) : float_box(t, v.as_float());
}

// Through a C function's eyes there are no immediates.
PyObject* argument_for(Thread& t, TraceFn fn, Value arg, Ref& keep) {
    bool own = fn == trace_trampoline || fn == profile_trampoline;
    if (!own && arg.is_ptr() && !expose(arg.ptr())) return nullptr;
    if (own || arg.is_ptr()) return reinterpret_cast<PyObject*>(arg.bits);
    keep = boxed(t, arg);
    return keep ? keep.get().ptr() : nullptr;
}

int run(Thread& t, Frame* f, TraceFn fn, PyObject* self, int what, Value arg, int line = 0) {
    PyFrameObject* frame = frame_object(t, f);
    if (!frame) return -1;
    Ref keep_frame = Ref::share(Value(object_of(frame))), keep_self = Ref::share(Value(self)), boxed;
    PyObject* plain = argument_for(t, fn, arg, boxed);
    if (!plain) return -1;
    if (line) frame->lineno = line;
    int outcome = fn(self, frame, what, plain);
    if (line) frame->lineno = 0;
    return outcome ? -1 : 0;
}
int run_trace(Thread& t, Frame* f, int what, Value arg, int line = 0) {
    auto fn = reinterpret_cast<TraceFn>(t.c.c_tracefunc);
    return fn ? run(t, f, fn, t.c.c_traceobj, what, arg, line) : 0;
}
int run_profile(Thread& t, Frame* f, int what, Value arg) {
    auto fn = reinterpret_cast<TraceFn>(t.c.c_profilefunc);
    return fn ? run(t, f, fn, t.c.c_profileobj, what, arg) : 0;
}

int trace_exception(Thread& t, Frame* f, Value exc) {
    if (!t.c.c_tracefunc) return 0;
    Value tb = exc.as<PyBaseExceptionObject>()->traceback;
    Ref triple = tuple_of(t, {Value(type_of(exc)), exc, tb ? tb : none()});
    return triple ? run_trace(t, f, kTraceException, triple) : -1;
}

bool traces_lines(Thread& t, Frame* f) {
    PyFrameObject* frame = frame_object(t, f);
    if (!frame) clear_error(t);
    return !frame || frame->trace_lines;
}

// A loop on one line shows at each turn; jumps to other lines are seen there.
int trace_jump(Thread& t, Frame* f, const Value* args) {
    if (!t.c.c_tracefunc) return 0;
    int64_t from = args[1].as_int(), to = args[2].as_int();
    if (to >= from) return 1;
    int line = code_line(f->co(), static_cast<int>(from));
    if (code_line(f->co(), static_cast<int>(to)) != line) return 1;
    if (!traces_lines(t, f) || line < 0) return 0;
    return run_trace(t, f, kTraceLine, none(), line);
}

int trace_instruction(Thread& t, Frame* f) {
    if (!t.c.c_tracefunc) return 0;
    PyFrameObject* frame = frame_object(t, f);
    if (!frame) return -1;
    if (!frame->trace_opcodes) return 0;
    return run_trace(t, f, kTraceOpcode, none());
}

int trace_callback(Thread& t, Frame* f, int event, const Value* args) {
    switch (event) {
        case kEventPyStart:
        case kEventPyResume:
        case kEventPyThrow:
            return run_trace(t, f, kTraceCall, none());
        case kEventPyReturn:
        case kEventPyYield:
            return run_trace(t, f, kTraceReturn, args[2]);
        case kEventPyUnwind:
            return run_trace(t, f, kTraceReturn, none());
        case kEventRaise:
        case kEventStopIteration:
            return trace_exception(t, f, args[2]);
        case kEventJump:
            return trace_jump(t, f, args);
        case kEventInstruction:
            return trace_instruction(t, f);
        default:
            return 0;
    }
}

int profile_native(Thread& t, Frame* f, int what, Value callable, Value arg) {
    if (has_type(callable, &PyCFunction_Type) || is_instance_exact_or_sub(callable, &PyCFunction_Type))
        return run_profile(t, f, what, callable);
    // A method descriptor is shown as the method that it makes of its first argument.
    if (!has_type(callable, &PyMethodDescr_Type) || arg == monitoring(t).missing) return 0;
    Ref method = ext(&PyMethodDescr_Type)->slots.descr_get(t, callable, arg, Value(type_of(arg)));
    return method ? run_profile(t, f, what, method) : -1;
}

int profile_callback(Thread& t, Frame* f, int event, const Value* args) {
    if (!t.c.c_profilefunc) return 0;
    switch (event) {
        case kEventPyStart:
        case kEventPyResume:
        case kEventPyThrow:
            return run_profile(t, f, kTraceCall, none());
        case kEventPyReturn:
        case kEventPyYield:
            return run_profile(t, f, kTraceReturn, args[2]);
        case kEventPyUnwind:
            return run_profile(t, f, kTraceReturn, none());
        case kEventCall:
            return profile_native(t, f, kTraceCCall, args[2], args[3]);
        case kEventCReturn:
            return profile_native(t, f, kTraceCReturn, args[2], args[3]);
        case kEventCRaise:
            return profile_native(t, f, kTraceCException, args[2], args[3]);
        default:
            return 0;
    }
}

void swap_function(void*& fn_field, PyObject*& obj_field, int& threads, TraceFn fn, Value arg) {
    threads += (fn != nullptr) - (fn_field != nullptr);
    fn_field = reinterpret_cast<void*>(fn);
    PyObject* old = obj_field;
    xincref(arg);
    obj_field = arg ? arg.ptr() : nullptr;
    if (old) decref(old);
}

constexpr uint32_t kFrameEvents = event_bit(kEventPyStart) | event_bit(kEventPyResume) |
                                  event_bit(kEventPyThrow) | event_bit(kEventPyReturn) |
                                  event_bit(kEventPyYield) | event_bit(kEventPyUnwind);

// Frames that asked for opcodes before tracing began get them now.
Status resume_opcode_trace(Thread& t, Thread& other) {
    Frame* f = visible_frame(other.c.current_frame);
    if (!f || !f->frame_obj || !f->frame_obj->trace_opcodes) return Status::ok();
    return set_opcode_trace(t, f->frame_obj, true);
}

}  // namespace

int legacy_callback(Thread& t, Frame* f, int tool, int event, const Value* args) {
    return tool == kTraceTool ? trace_callback(t, f, event, args) : profile_callback(t, f, event, args);
}

Status legacy_line(Thread& t, Frame* f, int line) {
    if (!t.c.c_tracefunc) return Status::ok();
    PyFrameObject* frame = frame_object(t, f);
    if (!frame) return {};
    if (!frame->trace_lines) return Status::ok();
    TellingEvent telling(t, f, kEventLine);
    int outcome = run_trace(t, f, kTraceLine, none(), line);
    return outcome < 0 ? Status::fail() : Status::ok();
}

Status set_trace(Thread& t, Thread& other, TraceFn fn, Value arg) {
    TRY(audit(t, "sys.settrace"));
    MonitoringState& m = monitoring(t);
    swap_function(other.c.c_tracefunc, other.c.c_traceobj, m.tracing_threads, fn, arg);
    uint32_t events = 0;
    if (m.tracing_threads)
        events = kFrameEvents | event_bit(kEventRaise) | event_bit(kEventLine) | event_bit(kEventJump) |
                 event_bit(kEventStopIteration);
    TRY(resume_opcode_trace(t, other));
    return monitoring_set_events(t, kTraceTool, events);
}

Status set_profile(Thread& t, Thread& other, TraceFn fn, Value arg) {
    TRY(audit(t, "sys.setprofile"));
    MonitoringState& m = monitoring(t);
    swap_function(other.c.c_profilefunc, other.c.c_profileobj, m.profiling_threads, fn, arg);
    uint32_t events = m.profiling_threads ? kFrameEvents | event_bit(kEventCall) : 0;
    return monitoring_set_events(t, kProfileTool, events);
}

// What is set may be anything, a number, too; a call will complain.
Status set_python_trace(Thread& t, Thread& other, Value fn) {
    if (is_none(fn)) return set_trace(t, other, nullptr, Value());
    Ref object = TRY(boxed(t, fn));
    return set_trace(t, other, trace_trampoline, object);
}
Status set_python_profile(Thread& t, Thread& other, Value fn) {
    if (is_none(fn)) return set_profile(t, other, nullptr, Value());
    Ref object = TRY(boxed(t, fn));
    return set_profile(t, other, profile_trampoline, object);
}

Status set_opcode_trace(Thread& t, PyFrameObject* o, bool enable) {
    PyCodeObject* co = o->frame->co();
    uint32_t events = local_events(co, kTraceTool), bit = event_bit(kEventInstruction);
    if (enable == static_cast<bool>(events & bit)) return Status::ok();
    return set_local_events(t, co, kTraceTool, events ^ bit);
}

void forget_thread_tracing(Thread& other) {
    if (!other.interp->monitoring) return;
    MonitoringState& m = monitoring(other);
    swap_function(other.c.c_tracefunc, other.c.c_traceobj, m.tracing_threads, nullptr, Value());
    swap_function(other.c.c_profilefunc, other.c.c_profileobj, m.profiling_threads, nullptr, Value());
}

}  // namespace krait
