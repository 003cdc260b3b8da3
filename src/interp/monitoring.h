// sys.monitoring (PEP 669): events that code fires, and who wants them. A tool's wish puts INSTRUMENTED_*
// opcodes in place of the plain ones (instrument.cpp), so that code nobody watches runs as ever. sys.settrace
// and sys.setprofile are tools of their own (legacy_tracing.cpp).
#pragma once

#include "gc/state.h"
#include "interp/frame.h"
#include "object/errors.h"

namespace krait {

// CPython's numbers: bit positions in event sets. Those below kLocalEvents belong to instructions and can be
// switched off one by one.
enum MonitorEvent : uint8_t {
    kEventPyStart,
    kEventPyResume,
    kEventPyReturn,
    kEventPyYield,
    kEventCall,
    kEventLine,
    kEventInstruction,
    kEventJump,
    kEventBranchLeft,
    kEventBranchRight,
    kEventStopIteration,
    kEventRaise,
    kEventExceptionHandled,
    kEventPyUnwind,
    kEventPyThrow,
    kEventReraise,
    kEventCReturn,
    kEventCRaise,
    kEventBranch,
};
inline constexpr int kLocalEvents = 11, kUngroupedEvents = 16, kAllEvents = 19;
inline constexpr int kTools = 8, kUserTools = 6, kProfileTool = 6, kTraceTool = 7;
extern const char* const kEventNames[kAllEvents];
constexpr uint32_t event_bit(int event) { return 1u << event; }

// Per interpreter; made with it.
struct MonitoringState {
    uint64_t version = 0;  // code whose _co_instrumentation_version differs is not up to date
    uint64_t last_restart = 0;
    // Whether somebody wants lines or branches: the dispatch table that remembers each instruction is used.
    bool recording = false, local_recording = false;
    uint8_t global[kUngroupedEvents] = {};  // which tools want an event everywhere
    Value callables[kTools][kAllEvents];    // owned
    bool legacy_branch[kTools] = {};        // callables of the two branch events were set through BRANCH
    Value names[kTools];                    // owned; empty: not in use
    uint64_t tool_versions[kTools] = {};
    Value disable, missing;  // owned
    // Code whose RESUME instructions became RESUME_CHECK, which does not look at the version. The place in
    // here plus one is the code's _co_unique_id.
    PodVector<PyCodeObject*> resumed;
    int tracing_threads = 0, profiling_threads = 0;
};
inline MonitoringState& monitoring(Thread& t) { return *static_cast<MonitoringState*>(t.interp->monitoring); }

// While an event is told: which one, and of which frame. Only that frame stands between two instructions, so
// that it can be made to jump; all others on the thread wait for a call.
extern constinit thread_local Frame* t_event_frame;
class TellingEvent {
  public:
    TellingEvent(Thread& t, Frame* f, int event) : t_(t), event_(t.c.what_event), frame_(t_event_frame) {
        t.c.what_event = event;
        t.c.tracing++;
        t_event_frame = f;
    }
    ~TellingEvent() {
        t_event_frame = frame_;
        t_.c.tracing--;
        t_.c.what_event = event_;
    }
    TellingEvent(const TellingEvent&) = delete;

  private:
    Thread& t_;
    int event_;
    Frame* frame_;
};

// --- code (instrument.cpp) ---
// What instrumented code remembers of each code unit.
struct UnitMonitoring {
    int line;                                      // -1: none
    uint8_t line_start;                            // may carry INSTRUMENTED_LINE
    uint8_t under_line, under_instruction;         // the opcodes that the markers stand for
    uint8_t tools, line_tools, instruction_tools;  // who wants what happens here
};
struct CodeMonitoring {
    uint8_t local[kLocalEvents], active[kLocalEvents];
    bool several_tools;  // wanted the same event here at some time
    uint64_t tool_versions[kTools];
    UnitMonitoring units[1];
};
inline CodeMonitoring* code_monitoring(const PyCodeObject* co) {
    return static_cast<CodeMonitoring*>(co->_co_monitoring);
}
// Brings the opcodes in line with what is wanted now.
Status instrument_code(Thread& t, PyCodeObject* co);
inline Status instrument_if_stale(Thread& t, PyCodeObject* co) {
    if (co->_co_instrumentation_version == monitoring(t).version) return Status::ok();
    return instrument_code(t, co);
}
// A RESUME of `co` became RESUME_CHECK. False: the list cannot grow, so it must not.
bool note_resumed(Thread& t, PyCodeObject* co);
// Something changed everywhere: all code looks at the version again, running code is brought in line at once.
Status instrument_everything(Thread& t);
Status set_local_events(Thread& t, PyCodeObject* co, int tool, uint32_t events);
uint32_t local_events(const PyCodeObject* co, int tool);
void remove_event_tools(PyCodeObject* co, int unit, int event, uint8_t tools);
void free_code_monitoring(Thread& t, PyCodeObject* co);
// The opcode that a LINE (and, below it, INSTRUCTION) marker at `unit` stands for.
uint8_t opcode_under_line(const PyCodeObject* co, int unit);
uint8_t opcode_under_instruction(const PyCodeObject* co, int unit);
int code_line_of_unit(PyCodeObject* co, int unit);

// --- firing (monitoring.cpp). The frame is saved; failure: the callback raised. ---
Status monitor_event(Thread& t, Frame* f, uint16_t* ip, int event);
Status monitor_value(Thread& t, Frame* f, uint16_t* ip, int event, Value v);
Status monitor_call(Thread& t, Frame* f, uint16_t* ip, int event, Value callable, Value arg_or_empty);
// C_RETURN or C_RAISE by whether `result` is there; the result, or empty when something was raised.
Value monitor_c_return(Thread& t, Frame* f, uint16_t* ip, Value callable, Value arg_or_empty, Value result);
// Where to go on: `dest`, where the callback jumped to, or null when it raised.
uint16_t* monitor_jump(Thread& t, Frame* f, uint16_t* ip, int event, uint16_t* src, uint16_t* dest);
// The branch that a NOT_TAKEN at `ip` belongs to; a comparison before it may have done its work.
uint16_t* branch_source(Frame* f, uint16_t* ip);
Status monitor_line(Thread& t, Frame* f, uint16_t* ip, uint16_t* previous);
Status monitor_instruction(Thread& t, Frame* f, uint16_t* ip);
// With the current exception as the argument; it stays current unless the callback raises another.
Status monitor_exception_slow(Thread& t, Frame* f, uint16_t* ip, int event);
inline void monitor_exception(Thread& t, Frame* f, uint16_t* ip, int event) {
    if (!monitoring(t).global[event]) [[likely]]
        return;
    (void)monitor_exception_slow(t, f, ip, event);
}
// The StopIteration(value) that a generator's return stands for.
Status monitor_stop_iteration(Thread& t, Frame* f, uint16_t* ip, Value value);

// --- tools ---
Status monitoring_set_events(Thread& t, int tool, uint32_t events);
uint32_t monitoring_events(Thread& t, int tool);
Status monitoring_clear_tool(Thread& t, int tool);
Status monitoring_restart(Thread& t);
void update_recording(MonitoringState& m);
Status init_monitoring(Thread& t);

// --- sys.settrace, sys.setprofile (legacy_tracing.cpp) ---
enum TraceEvent {
    kTraceCall,
    kTraceException,
    kTraceLine,
    kTraceReturn,
    kTraceCCall,
    kTraceCException,
    kTraceCReturn,
    kTraceOpcode
};
// PyEval_SetTrace's function; `self` is c_traceobj. Result other than 0: it raised.
using TraceFn = int (*)(PyObject* self, PyFrameObject* frame, int what, PyObject* arg);
// `other` is the thread whose functions are set. A null function switches off.
Status set_trace(Thread& t, Thread& other, TraceFn fn, Value arg);
Status set_profile(Thread& t, Thread& other, TraceFn fn, Value arg);
Status set_python_trace(Thread& t, Thread& other, Value fn_or_none);
Status set_python_profile(Thread& t, Thread& other, Value fn_or_none);
Status set_opcode_trace(Thread& t, PyFrameObject* frame, bool enable);
void forget_thread_tracing(Thread& other);  // the thread ends
// A callback of one of the two tools. 1: DISABLE, 0: done, -1: raised.
int legacy_callback(Thread& t, Frame* f, int tool, int event, const Value* args);
Status legacy_line(Thread& t, Frame* f, int line);

// frame.f_lineno = line (frame_jump.cpp).
Status frame_set_line(Thread& t, PyFrameObject* o, Value line);

}  // namespace krait
