// sys.monitoring: calling the tools, and what they asked for.
#include "interp/monitoring.h"

#include <bit>

#include "builtins/callable.h"
#include "builtins/number.h"
#include "bytecode/opcodes.h"
#include "interp/internal.h"
#include "object/protocol.h"

namespace krait {

const char* const kEventNames[kAllEvents] = {
    "PY_START",
    "PY_RESUME",
    "PY_RETURN",
    "PY_YIELD",
    "CALL",
    "LINE",
    "INSTRUCTION",
    "JUMP",
    "BRANCH_LEFT",
    "BRANCH_RIGHT",
    "STOP_ITERATION",
    "RAISE",
    "EXCEPTION_HANDLED",
    "PY_UNWIND",
    "PY_THROW",
    "RERAISE",
    "C_RETURN",
    "C_RAISE",
    "BRANCH",
};

constinit thread_local Frame* t_event_frame = nullptr;

namespace {

int unit_of(Frame* f, uint16_t* ip) { return static_cast<int>(ip - f->code_start()); }
int highest(uint8_t tools) { return 7 - std::countl_zero(tools); }

// 1: DISABLE was returned, 0: done, -1: it raised.
int call_tool(Thread& t, Frame* f, int tool, int event, const Value* args, size_t n) {
    if (t.c.tracing) return 0;
    MonitoringState& m = monitoring(t);
    if (tool < kUserTools && !m.callables[tool][event]) return 0;
    TellingEvent telling(t, f, event);
    if (tool >= kUserTools) return legacy_callback(t, f, tool, event, args);
    Ref fn = Ref::share(m.callables[tool][event]);
    Ref r = call(t, fn, args, n);
    return !r ? -1 : r == m.disable;
}

bool is_pop_jump(uint8_t base) {
    switch (static_cast<Op>(base)) {
        case Op::POP_JUMP_IF_FALSE:
        case Op::POP_JUMP_IF_TRUE:
        case Op::POP_JUMP_IF_NONE:
        case Op::POP_JUMP_IF_NOT_NONE:
            return true;
        default:
            return false;
    }
}

// DISABLE for the old BRANCH event takes both sides of the branch at `src`.
void disable_branch(PyCodeObject* co, int src, uint8_t tools) {
    int n = static_cast<int>(co->ob_base.ob_size);
    uint8_t base = code_base_opcode(co, src);
    if (is_pop_jump(base)) {
        remove_event_tools(co, src, kEventBranchRight, tools);
        if (src + 2 < n && code_base_opcode(co, src + 2) == static_cast<uint8_t>(Op::NOT_TAKEN))
            remove_event_tools(co, src + 2, kEventBranchLeft, tools);
    } else if (base == static_cast<uint8_t>(Op::FOR_ITER)) {
        remove_event_tools(co, src, kEventBranchLeft, tools);
        int oparg = co->co_code_adaptive[src] >> 8;
        for (int k = 1; src >= k && code_base_opcode(co, src - k) == static_cast<uint8_t>(Op::EXTENDED_ARG);
             k++)
            oparg |= (co->co_code_adaptive[src - k] >> 8) << (8 * k);
        int exit = src + 2 + oparg + 1;
        if (exit < n && code_base_opcode(co, exit) == static_cast<uint8_t>(Op::POP_ITER))
            remove_event_tools(co, exit, kEventBranchRight, tools);
    }
}

// Who wants `event` at this instruction.
uint8_t tools_for(Thread& t, PyCodeObject* co, int unit, int event) {
    bool native_end = event == kEventCReturn || event == kEventCRaise;
    if (event >= kLocalEvents && !native_end) return monitoring(t).global[event];
    CodeMonitoring* c = code_monitoring(co);
    if (!c) return 0;
    // The end of a call whose beginning was the last to be told: a tool that has the code to itself hears of
    // it.
    if (native_end && !c->several_tools) return c->active[kEventCall];
    return c->units[unit].tools;
}

// The tools with higher numbers first. args: code, offset and what the event has.
Status fire(Thread& t, Frame* f, uint16_t* ip, int event, int offset_unit, const Value* extra, size_t n) {
    if (t.c.tracing) return Status::ok();
    PyCodeObject* co = f->co();
    int unit = unit_of(f, ip);
    uint8_t tools = tools_for(t, co, unit, event);
    if (!tools) return Status::ok();
    Value args[4] = {Value(&co->ob_base.ob_base), Value::from_int(offset_unit * 2)};
    Ref keep[2];
    for (size_t i = 0; i < n; i++) {
        args[2 + i] = extra[i];
        keep[i] = Ref::share(extra[i]);
    }
    MonitoringState& m = monitoring(t);
    while (tools) {
        int tool = highest(tools);
        auto bit = static_cast<uint8_t>(1 << tool);
        tools ^= bit;
        int outcome = call_tool(t, f, tool, event, args, 2 + n);
        if (outcome < 0) return {};
        if (outcome == 0) continue;
        if (event >= kLocalEvents) {
            // It would come again and again: the callback is taken away.
            Ref old = Ref::steal(m.callables[tool][event]);
            m.callables[tool][event] = Value();
            return raise(t, PyExc_ValueError, "Cannot disable %s events. Callback removed.",
                         kEventNames[event]);
        }
        bool branch = event == kEventBranchLeft || event == kEventBranchRight;
        if (branch && m.legacy_branch[tool]) disable_branch(co, offset_unit, bit);
        remove_event_tools(co, unit, event, bit);
    }
    return Status::ok();
}

}  // namespace

Status monitor_event(Thread& t, Frame* f, uint16_t* ip, int event) {
    return fire(t, f, ip, event, unit_of(f, ip), nullptr, 0);
}
Status monitor_value(Thread& t, Frame* f, uint16_t* ip, int event, Value v) {
    return fire(t, f, ip, event, unit_of(f, ip), &v, 1);
}
Status monitor_call(Thread& t, Frame* f, uint16_t* ip, int event, Value callable, Value arg) {
    Value extra[2] = {callable, arg ? arg : monitoring(t).missing};
    return fire(t, f, ip, event, unit_of(f, ip), extra, 2);
}

Value monitor_c_return(Thread& t, Frame* f, uint16_t* ip, Value callable, Value arg, Value result) {
    if (result) {
        if (monitor_call(t, f, ip, kEventCReturn, callable, arg)) return result;
        decref(result);
        return {};
    }
    Ref exc = fetch_error(t);
    if (monitor_call(t, f, ip, kEventCRaise, callable, arg)) restore_error(t, std::move(exc));
    return {};
}

uint16_t* monitor_jump(Thread& t, Frame* f, uint16_t* ip, int event, uint16_t* src, uint16_t* dest) {
    uint16_t* at = f->instr;
    Value to = Value::from_int(unit_of(f, dest) * 2);
    if (!fire(t, f, ip, event, unit_of(f, src), &to, 1)) return nullptr;
    return f->instr != at ? f->instr : dest;
}

uint16_t* branch_source(Frame* f, uint16_t* ip) {
    int unit = unit_of(f, ip);
    bool plain = f->instr != ip && unit >= 2 && is_pop_jump(code_base_opcode(f->co(), unit - 2));
    return plain ? ip - 2 : f->instr;
}

Status monitor_line(Thread& t, Frame* f, uint16_t* ip, uint16_t* previous) {
    PyCodeObject* co = f->co();
    int unit = unit_of(f, ip), before = unit_of(f, previous);
    int line = code_line_of_unit(co, unit);
    // Within a line it counts once; but a function's first instruction always does.
    if (before >= 0 && before < co->ob_base.ob_size && code_line_of_unit(co, before) == line &&
        code_base_opcode(co, before) != static_cast<uint8_t>(Op::RESUME))
        return Status::ok();
    uint8_t tools = code_monitoring(co)->units[unit].line_tools;
    if (tools >> kTraceTool & 1) {
        TRY(legacy_line(t, f, line));
        tools &= static_cast<uint8_t>(~(1 << kTraceTool));
    }
    Value args[2] = {Value(&co->ob_base.ob_base), Value::from_int(line)};
    while (tools) {
        int tool = highest(tools);
        auto bit = static_cast<uint8_t>(1 << tool);
        tools ^= bit;
        int outcome = call_tool(t, f, tool, kEventLine, args, 2);
        if (outcome < 0) return {};
        if (outcome) remove_event_tools(co, unit, kEventLine, bit);
    }
    return Status::ok();
}

Status monitor_instruction(Thread& t, Frame* f, uint16_t* ip) {
    if (t.c.tracing) return Status::ok();
    PyCodeObject* co = f->co();
    int unit = unit_of(f, ip);
    uint8_t tools = code_monitoring(co)->units[unit].instruction_tools;
    Value args[2] = {Value(&co->ob_base.ob_base), Value::from_int(unit * 2)};
    while (tools) {
        int tool = highest(tools);
        auto bit = static_cast<uint8_t>(1 << tool);
        tools ^= bit;
        int outcome = call_tool(t, f, tool, kEventInstruction, args, 2);
        if (outcome < 0) return {};
        if (outcome) remove_event_tools(co, unit, kEventInstruction, bit);
    }
    return Status::ok();
}

Status monitor_exception_slow(Thread& t, Frame* f, uint16_t* ip, int event) {
    Ref exc = fetch_error(t);
    TRY(monitor_value(t, f, ip, event, exc));
    restore_error(t, std::move(exc));
    return Status::ok();
}

Status monitor_stop_iteration(Thread& t, Frame* f, uint16_t* ip, Value value) {
    if (t.c.tracing || !tools_for(t, f->co(), unit_of(f, ip), kEventStopIteration)) return Status::ok();
    // Not as a generator ends: a tuple is the list of arguments, None none, a StopIteration itself.
    if (is_exception(value) && is_subtype(type_of(value), PyExc_StopIteration))
        raise_object(t, value);
    else
        raise_value(t, PyExc_StopIteration, value);
    TRY(monitor_exception_slow(t, f, ip, kEventStopIteration));
    clear_error(t);
    return Status::ok();
}

// --- tools ---

namespace {

Status new_version(Thread& t, uint64_t steps) {
    MonitoringState& m = monitoring(t);
    // Versions have the 24 bits above the eval breaker's in CPython; more changes than that are refused.
    if (m.version + steps >= uint64_t{1} << 24)
        return raise(t, PyExc_OverflowError, "events set too many times");
    m.version += steps;
    return Status::ok();
}

}  // namespace

void update_recording(MonitoringState& m) {
    bool used = false;
    for (Value name : m.names) used |= static_cast<bool>(name);
    if (!used) m.local_recording = false;
    m.recording = m.global[kEventLine] || m.global[kEventBranchLeft] || m.global[kEventBranchRight] ||
                  m.local_recording;
}

uint32_t monitoring_events(Thread& t, int tool) {
    uint32_t events = 0;
    for (int e = 0; e < kUngroupedEvents; e++)
        if (monitoring(t).global[e] >> tool & 1) events |= event_bit(e);
    return events;
}

Status monitoring_set_events(Thread& t, int tool, uint32_t events) {
    MonitoringState& m = monitoring(t);
    if (monitoring_events(t, tool) == events) return Status::ok();
    TRY(new_version(t, 1));
    auto bit = static_cast<uint8_t>(1 << tool);
    for (int e = 0; e < kUngroupedEvents; e++)
        m.global[e] = static_cast<uint8_t>(events >> e & 1 ? m.global[e] | bit : m.global[e] & ~bit);
    return instrument_everything(t);
}

Status monitoring_clear_tool(Thread& t, int tool) {
    MonitoringState& m = monitoring(t);
    for (int e = 0; e < kAllEvents; e++) {
        Value old = m.callables[tool][e];
        m.callables[tool][e] = Value();
        xdecref(old);
    }
    m.legacy_branch[tool] = false;
    TRY(monitoring_set_events(t, tool, 0));
    // Whatever the tool asked of single code objects is void from this version on.
    TRY(new_version(t, 1));
    m.tool_versions[tool] = m.version;
    return instrument_everything(t);
}

Status monitoring_restart(Thread& t) {
    TRY(new_version(t, 2));
    monitoring(t).last_restart = monitoring(t).version - 1;
    return instrument_everything(t);
}

void drop_monitoring(Thread& t) {
    auto* m = static_cast<MonitoringState*>(t.interp->monitoring);
    t.interp->monitoring = nullptr;
    if (!m) return;
    for (auto& row : m->callables)
        for (Value v : row) xdecref(v);
    for (Value v : m->names) xdecref(v);
    xdecref(m->disable);
    xdecref(m->missing);
    delete m;
}

Status init_monitoring(Thread& t) {
    auto* m = new (std::nothrow) MonitoringState;
    if (!m) return raise_no_memory(t);
    t.interp->monitoring = m;
    m->disable = TRY(call(t, Value(&PyBaseObject_Type))).release();
    m->missing = TRY(call(t, Value(&PyBaseObject_Type))).release();
    return Status::ok();
}

}  // namespace krait
