// sys.monitoring: the module that tools use.
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "interp/interp.h"
#include "interp/monitoring.h"
#include "modules/sys.h"
#include "object/protocol.h"

namespace krait {
namespace {

constexpr uint32_t kCReturnEvents = event_bit(kEventCReturn) | event_bit(kEventCRaise);
constexpr uint32_t kCallEvents = kCReturnEvents | event_bit(kEventCall);

Result<int> tool_id(Thread& t, Value v) {
    int id = TRY(as_int32(t, v));
    if (id < 0 || id >= kUserTools)
        return raise(t, PyExc_ValueError, "invalid tool %d (must be between 0 and 5)", id);
    return id;
}
Status check_in_use(Thread& t, int tool) {
    if (monitoring(t).names[tool]) return Status::ok();
    return raise(t, PyExc_ValueError, "tool %d is not in use", tool);
}

Ref m_use_tool_id(Thread& t, Value, const Value* a, size_t) {
    int tool = TRY(tool_id(t, a[0]));
    if (!is_str(a[1])) return raise(t, PyExc_ValueError, "tool name must be a str");
    MonitoringState& m = monitoring(t);
    if (m.names[tool]) return raise(t, PyExc_ValueError, "tool %d is already in use", tool);
    m.names[tool] = Ref::share(a[1]).release();
    return none_ref();
}
Ref m_clear_tool_id(Thread& t, Value, Value id) {
    int tool = TRY(tool_id(t, id));
    if (monitoring(t).names[tool]) TRY(monitoring_clear_tool(t, tool));
    return none_ref();
}
Ref m_free_tool_id(Thread& t, Value, Value id) {
    int tool = TRY(tool_id(t, id));
    MonitoringState& m = monitoring(t);
    if (!m.names[tool]) return none_ref();
    TRY(monitoring_clear_tool(t, tool));
    Ref old = Ref::steal(m.names[tool]);
    m.names[tool] = Value();
    update_recording(m);
    return none_ref();
}
Ref m_get_tool(Thread& t, Value, Value id) {
    int tool = TRY(tool_id(t, id));
    Value name = monitoring(t).names[tool];
    return name ? Ref::share(name) : none_ref();
}

Ref set_callback(Thread& t, int tool, int event, Value fn) {
    Value& place = monitoring(t).callables[tool][event];
    Value old = place;
    xincref(fn);
    place = fn;
    return old ? Ref::steal(old) : none_ref();
}

Ref m_register_callback(Thread& t, Value, const Value* a, size_t) {
    int tool = TRY(tool_id(t, a[0]));
    int events = TRY(as_int32(t, a[1]));
    auto bits = static_cast<uint32_t>(events);
    if (__builtin_popcount(bits) != 1)
        return raise(t, PyExc_ValueError, "The callback can only be set for one event at a time");
    int event = __builtin_ctz(bits);
    if (event >= kAllEvents) return raise(t, PyExc_ValueError, "invalid event %d", events);
    TRY(audit(t, "sys.monitoring.register_callback", {a[2]}));
    Value fn = is_none(a[2]) ? Value() : a[2];
    MonitoringState& m = monitoring(t);
    if (event == kEventBranch) {
        // Stands for both directions.
        m.legacy_branch[tool] = static_cast<bool>(fn);
        Ref left = set_callback(t, tool, kEventBranchLeft, fn);
        return set_callback(t, tool, kEventBranchRight, fn);
    }
    if (event == kEventBranchLeft || event == kEventBranchRight) m.legacy_branch[tool] = false;
    return set_callback(t, tool, event, fn);
}

// The events as bits of single instructions and frames; C_RETURN and C_RAISE come with CALL.
Result<uint32_t> event_set(Thread& t, Value v, bool local) {
    int given = TRY(as_int32(t, v));
    if (given < 0 || (!local && given >= 1 << kAllEvents))
        return raise(t, PyExc_ValueError, local ? "invalid local event set 0x%x" : "invalid event set 0x%x",
                     given);
    auto events = static_cast<uint32_t>(given);
    if ((events & kCReturnEvents) && (events & kCallEvents) != kCallEvents)
        return raise(t, PyExc_ValueError, "cannot set C_RETURN or C_RAISE events independently");
    events &= ~kCReturnEvents;
    if (events & event_bit(kEventBranch)) {
        events &= ~event_bit(kEventBranch);
        events |= event_bit(kEventBranchLeft) | event_bit(kEventBranchRight);
    }
    if (local && events >= 1u << kLocalEvents)
        return raise(t, PyExc_ValueError, "invalid local event set 0x%x", events);
    return events;
}

Ref m_get_events(Thread& t, Value, Value id) {
    int tool = TRY(tool_id(t, id));
    return Ref::from_int(monitoring_events(t, tool));
}
Ref m_set_events(Thread& t, Value, const Value* a, size_t) {
    int tool = TRY(tool_id(t, a[0]));
    uint32_t events = TRY(event_set(t, a[1], false));
    TRY(check_in_use(t, tool));
    TRY(monitoring_set_events(t, tool, events));
    return none_ref();
}
Ref m_get_local_events(Thread& t, Value, const Value* a, size_t) {
    if (!has_type(a[1], &PyCode_Type)) return raise(t, PyExc_TypeError, "code must be a code object");
    int tool = TRY(tool_id(t, a[0]));
    return Ref::from_int(local_events(as_code(a[1]), tool));
}
Ref m_set_local_events(Thread& t, Value, const Value* a, size_t) {
    if (!has_type(a[1], &PyCode_Type)) return raise(t, PyExc_TypeError, "code must be a code object");
    int tool = TRY(tool_id(t, a[0]));
    uint32_t events = TRY(event_set(t, a[2], true));
    TRY(check_in_use(t, tool));
    TRY(set_local_events(t, as_code(a[1]), tool, events));
    return none_ref();
}
Ref m_restart_events(Thread& t, Value) {
    TRY(monitoring_restart(t));
    return none_ref();
}

// For tests: which tools want each event.
Ref m_all_events(Thread& t, Value) {
    Ref d = TRY(dict_new(t));
    for (int e = 0; e < kUngroupedEvents; e++) {
        uint8_t tools = monitoring(t).global[e];
        if (tools) TRY(dict_set_str(t, d, kEventNames[e], Value::from_int(tools)));
    }
    return d;
}

const NativeDef monitoring_functions[] = {
    def<m_use_tool_id>("use_tool_id", "(tool_id, name, /)", nullptr),
    def<m_clear_tool_id>("clear_tool_id", "(tool_id, /)", nullptr),
    def<m_free_tool_id>("free_tool_id", "(tool_id, /)", nullptr),
    def<m_get_tool>("get_tool", "(tool_id, /)", nullptr),
    def<m_register_callback>("register_callback", "(tool_id, event, func, /)", nullptr),
    def<m_get_events>("get_events", "(tool_id, /)", nullptr),
    def<m_set_events>("set_events", "(tool_id, event_set, /)", nullptr),
    def<m_get_local_events>("get_local_events", "(tool_id, code, /)", nullptr),
    def<m_set_local_events>("set_local_events", "(tool_id, code, event_set, /)", nullptr),
    def<m_restart_events>("restart_events", "()", nullptr),
    def<m_all_events>("_all_events", "()", nullptr),
    {},
};

Ref make_events(Thread& t) {
    Ref d = TRY(dict_new(t));
    for (int e = 0; e < kAllEvents; e++)
        TRY(dict_set_str(t, d, kEventNames[e], Value::from_int(int64_t{1} << e)));
    TRY(dict_set_str(t, d, "NO_EVENTS", Value::from_int(0)));
    return namespace_new(t, d);
}

Status exec_monitoring(Thread& t, Value m) {
    TRY(module_add(t, m, "DISABLE", Ref::share(monitoring(t).disable)));
    TRY(module_add(t, m, "MISSING", Ref::share(monitoring(t).missing)));
    TRY(module_add(t, m, "events", make_events(t)));
    TRY(module_add_int(t, m, "DEBUGGER_ID", 0));
    TRY(module_add_int(t, m, "COVERAGE_ID", 1));
    TRY(module_add_int(t, m, "PROFILER_ID", 2));
    return module_add_int(t, m, "OPTIMIZER_ID", 5);
}

const ModuleSpec module_monitoring = {"sys.monitoring", nullptr, monitoring_functions, exec_monitoring};

}  // namespace

Ref make_monitoring_module(Thread& t) { return module_from_spec(t, module_monitoring); }

}  // namespace krait
