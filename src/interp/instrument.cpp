// Instrumenting code: INSTRUMENTED_* opcodes are put where some tool wants events and taken out again.
//
// Three layers may lie on one instruction: INSTRUMENTED_LINE hides INSTRUMENTED_INSTRUCTION, which hides the
// instruction's own instrumented form. Specializations are undone by the way.
#include <cstring>

#include "builtins/bytes.h"
#include "bytecode/opcodes.h"
#include "interp/internal.h"
#include "interp/monitoring.h"

namespace krait {
namespace {

uint8_t byte_of(Op op) { return static_cast<uint8_t>(op); }

struct EventOp {
    Op plain, instrumented;
    int event;
};
// RESUME's event depends on its argument.
constexpr EventOp kEventOps[] = {
    {Op::RESUME, Op::INSTRUMENTED_RESUME, kEventPyStart},
    {Op::RETURN_VALUE, Op::INSTRUMENTED_RETURN_VALUE, kEventPyReturn},
    {Op::YIELD_VALUE, Op::INSTRUMENTED_YIELD_VALUE, kEventPyYield},
    {Op::CALL, Op::INSTRUMENTED_CALL, kEventCall},
    {Op::CALL_KW, Op::INSTRUMENTED_CALL_KW, kEventCall},
    {Op::CALL_FUNCTION_EX, Op::INSTRUMENTED_CALL_FUNCTION_EX, kEventCall},
    {Op::LOAD_SUPER_ATTR, Op::INSTRUMENTED_LOAD_SUPER_ATTR, kEventCall},
    {Op::JUMP_FORWARD, Op::INSTRUMENTED_JUMP_FORWARD, kEventJump},
    {Op::JUMP_BACKWARD, Op::INSTRUMENTED_JUMP_BACKWARD, kEventJump},
    {Op::POP_JUMP_IF_FALSE, Op::INSTRUMENTED_POP_JUMP_IF_FALSE, kEventBranchRight},
    {Op::POP_JUMP_IF_TRUE, Op::INSTRUMENTED_POP_JUMP_IF_TRUE, kEventBranchRight},
    {Op::POP_JUMP_IF_NONE, Op::INSTRUMENTED_POP_JUMP_IF_NONE, kEventBranchRight},
    {Op::POP_JUMP_IF_NOT_NONE, Op::INSTRUMENTED_POP_JUMP_IF_NOT_NONE, kEventBranchRight},
    {Op::END_ASYNC_FOR, Op::INSTRUMENTED_END_ASYNC_FOR, kEventBranchRight},
    {Op::POP_ITER, Op::INSTRUMENTED_POP_ITER, kEventBranchRight},
    {Op::FOR_ITER, Op::INSTRUMENTED_FOR_ITER, kEventBranchLeft},
    {Op::NOT_TAKEN, Op::INSTRUMENTED_NOT_TAKEN, kEventBranchLeft},
    {Op::END_FOR, Op::INSTRUMENTED_END_FOR, kEventStopIteration},
    {Op::END_SEND, Op::INSTRUMENTED_END_SEND, kEventStopIteration},
};
struct EventOpTable {
    uint8_t index[256] = {};  // into kEventOps, plus one; 0: fires nothing
    constexpr EventOpTable() {
        for (unsigned i = 0; i < std::size(kEventOps); i++)
            index[static_cast<unsigned>(kEventOps[i].plain)] = static_cast<uint8_t>(i + 1);
    }
};
constexpr EventOpTable kEventTable;
const EventOp* event_op(uint8_t base) {
    uint8_t i = kEventTable.index[base];
    return i ? &kEventOps[i - 1] : nullptr;
}

uint8_t* opcode_at(PyCodeObject* co, int i) { return reinterpret_cast<uint8_t*>(&co->co_code_adaptive[i]); }
// Where the opcode is kept that the LINE marker, and both markers, stand for.
uint8_t* below_line(PyCodeObject* co, int i) {
    uint8_t* p = opcode_at(co, i);
    return *p == byte_of(Op::INSTRUMENTED_LINE) ? &code_monitoring(co)->units[i].under_line : p;
}
uint8_t* below_markers(PyCodeObject* co, int i) {
    uint8_t* p = below_line(co, i);
    return *p == byte_of(Op::INSTRUMENTED_INSTRUCTION) ? &code_monitoring(co)->units[i].under_instruction : p;
}
int length_at(PyCodeObject* co, int i) { return 1 + op_info(code_base_opcode(co, i)).caches; }
int code_size(const PyCodeObject* co) { return static_cast<int>(co->ob_base.ob_size); }

// The generic form again, which may specialize some day.
void reset_counter(PyCodeObject* co, int i, uint8_t base) {
    const OpInfo& info = op_info(base);
    bool branch = info.flags & opflag::kJump && static_cast<Op>(base) != Op::FOR_ITER &&
                  static_cast<Op>(base) != Op::SEND;
    if (info.caches && !branch && i + info.caches < code_size(co))
        co->co_code_adaptive[i + 1] = kAdaptiveWarmup;
}
void put_base(PyCodeObject* co, int i, uint8_t* place) {
    uint8_t base = byte_of(op_info(*place).base);
    if (*place == base) return;
    *place = base;
    reset_counter(co, i, base);
}

void instrument_event(PyCodeObject* co, int i, const EventOp& op) {
    uint8_t* place = below_markers(co, i);
    if (*place == byte_of(op.instrumented)) return;
    *place = byte_of(op.instrumented);
    reset_counter(co, i, byte_of(op.plain));
}

void add_line_marker(PyCodeObject* co, int i) {
    uint8_t* p = opcode_at(co, i);
    if (*p == byte_of(Op::INSTRUMENTED_LINE)) return;
    if (!(op_info(*p).flags & opflag::kInstrumented)) put_base(co, i, p);
    code_monitoring(co)->units[i].under_line = *p;
    *p = byte_of(Op::INSTRUMENTED_LINE);
}
void remove_line_marker(PyCodeObject* co, int i) {
    uint8_t* p = opcode_at(co, i);
    if (*p == byte_of(Op::INSTRUMENTED_LINE)) *p = code_monitoring(co)->units[i].under_line;
}
void add_instruction_marker(PyCodeObject* co, int i) {
    uint8_t* p = below_line(co, i);
    if (*p == byte_of(Op::INSTRUMENTED_INSTRUCTION)) return;
    if (!(op_info(*p).flags & opflag::kInstrumented)) put_base(co, i, p);
    code_monitoring(co)->units[i].under_instruction = *p;
    *p = byte_of(Op::INSTRUMENTED_INSTRUCTION);
}
void remove_instruction_marker(PyCodeObject* co, int i) {
    uint8_t* p = below_line(co, i);
    if (*p == byte_of(Op::INSTRUMENTED_INSTRUCTION)) *p = code_monitoring(co)->units[i].under_instruction;
}

// --- lines ---

void read_lines(PyCodeObject* co, CodeMonitoring* c) {
    int n = code_size(co);
    for (int i = 0; i < n; i++) c->units[i].line = -1;
    CodeLines reader(co);
    LocationEntry e;
    while (reader.next(e))
        for (int i = e.start; i < e.start + e.units && i < n; i++) c->units[i].line = e.pos.line;
}

// END_FOR, END_SEND and POP_ITER are stepped over by what leads to them; RESUME has to stay itself.
bool can_start_line(Op op) {
    switch (op) {
        case Op::END_ASYNC_FOR:
        case Op::END_FOR:
        case Op::END_SEND:
        case Op::RESUME:
        case Op::POP_ITER:
            return false;
        default:
            return true;
    }
}

int jump_target(Op op, int next, int oparg) {
    switch (op) {
        case Op::POP_JUMP_IF_FALSE:
        case Op::POP_JUMP_IF_TRUE:
        case Op::POP_JUMP_IF_NONE:
        case Op::POP_JUMP_IF_NOT_NONE:
        case Op::JUMP_FORWARD:
            return next + oparg;
        case Op::FOR_ITER:
        case Op::SEND:
            return next + oparg + 1;  // behind the END_FOR or END_SEND
        case Op::JUMP_BACKWARD:
        case Op::JUMP_BACKWARD_NO_INTERRUPT:
            return next - oparg;
        default:
            return -1;
    }
}

void mark_target(PyCodeObject* co, CodeMonitoring* c, int target, Op except) {
    if (target < 0 || target >= code_size(co) || c->units[target].line < 0) return;
    if (static_cast<Op>(code_base_opcode(co, target)) != except) c->units[target].line_start = 1;
}

void mark_handlers(PyCodeObject* co, CodeMonitoring* c) {
    std::string_view table = bytes_view(co->co_exceptiontable);
    size_t at = 0;
    auto varint = [&] {
        unsigned v = 0;
        while (at < table.size()) {
            auto b = static_cast<unsigned char>(table[at++]);
            v = v << 6 | (b & 63);
            if (!(b & 64)) break;
        }
        return static_cast<int>(v);
    };
    while (at < table.size()) {
        varint();
        varint();
        int handler = varint();
        varint();
        mark_target(co, c, handler, Op::END_ASYNC_FOR);
    }
}

// A line starts where it differs from the one before, where a jump may lead, and at handlers.
void find_line_starts(PyCodeObject* co, CodeMonitoring* c) {
    read_lines(co, c);
    int n = code_size(co), current = -1;
    for (int i = co->_co_firsttraceable; i < n;) {
        if (can_start_line(static_cast<Op>(code_base_opcode(co, i)))) {
            int line = c->units[i].line;
            if (line != current && line >= 0) c->units[i].line_start = 1;
            current = line;
        }
        i += length_at(co, i);
    }
    int oparg = 0;
    for (int i = co->_co_firsttraceable; i < n;) {
        auto op = static_cast<Op>(code_base_opcode(co, i));
        oparg = oparg << 8 | co->co_code_adaptive[i] >> 8;
        i += length_at(co, i);
        if (op == Op::EXTENDED_ARG) continue;
        mark_target(co, c, jump_target(op, i, oparg), Op::POP_ITER);
        oparg = 0;
    }
    mark_handlers(co, c);
}

CodeMonitoring* ensure_monitoring(Thread& t, PyCodeObject* co) {
    if (co->_co_monitoring) return code_monitoring(co);
    size_t size =
        offsetof(CodeMonitoring, units) + sizeof(UnitMonitoring) * static_cast<size_t>(code_size(co));
    auto* c = static_cast<CodeMonitoring*>(mem_alloc_zeroed(size));
    if (!c) {
        raise_no_memory(t);
        return nullptr;
    }
    co->_co_monitoring = c;
    find_line_starts(co, c);
    return c;
}

// --- tools of single instructions ---

void remove_line_tools(PyCodeObject* co, int i, uint8_t tools) {
    UnitMonitoring& u = code_monitoring(co)->units[i];
    u.line_tools &= static_cast<uint8_t>(~tools);
    if (!u.line_tools) remove_line_marker(co, i);
}
void remove_instruction_tools(PyCodeObject* co, int i, uint8_t tools) {
    UnitMonitoring& u = code_monitoring(co)->units[i];
    u.instruction_tools &= static_cast<uint8_t>(~tools);
    if (!u.instruction_tools) remove_instruction_marker(co, i);
}
void remove_tools(PyCodeObject* co, int i, uint8_t tools) {
    UnitMonitoring& u = code_monitoring(co)->units[i];
    u.tools &= static_cast<uint8_t>(~tools);
    if (!u.tools) put_base(co, i, below_markers(co, i));
}

bool carries_instruction_event(uint8_t base) {
    return base != byte_of(Op::RESUME) && base != byte_of(Op::END_FOR);
}

struct EventChange {
    uint8_t added[kLocalEvents] = {}, removed[kLocalEvents] = {};
    bool any = false;
};

void change_unit(PyCodeObject* co, int i, const EventChange& change) {
    uint8_t base = code_base_opcode(co, i);
    UnitMonitoring& u = code_monitoring(co)->units[i];
    // Markers that go have to be gone before new ones come.
    if (uint8_t tools = change.removed[kEventLine]; tools && u.line_start) remove_line_tools(co, i, tools);
    if (uint8_t tools = change.removed[kEventInstruction]; tools && carries_instruction_event(base))
        remove_instruction_tools(co, i, tools);
    if (const EventOp* op = event_op(base)) {
        int event = op->event;
        if (static_cast<Op>(base) == Op::RESUME)
            event = co->co_code_adaptive[i] >> 8 & kResumeLocationMask ? kEventPyResume : kEventPyStart;
        if (uint8_t tools = change.removed[event]) remove_tools(co, i, tools);
        if (uint8_t tools = change.added[event]) {
            u.tools |= tools;
            instrument_event(co, i, *op);
        }
    }
    if (uint8_t tools = change.added[kEventInstruction]; tools && carries_instruction_event(base)) {
        u.instruction_tools |= tools;
        add_instruction_marker(co, i);
    }
    if (uint8_t tools = change.added[kEventLine]; tools && u.line_start) {
        u.line_tools |= tools;
        add_line_marker(co, i);
    }
}

// The change from what is instrumented to what is wanted. After restart_events(), what was switched off
// counts as new.
EventChange find_change(const MonitoringState& m, const PyCodeObject* co, CodeMonitoring* c) {
    EventChange change;
    bool restarted = m.last_restart > co->_co_instrumentation_version;
    for (int e = 0; e < kLocalEvents; e++) {
        auto wanted = static_cast<uint8_t>(m.global[e] | c->local[e]);
        uint8_t have = c->active[e];
        change.removed[e] = restarted ? have : static_cast<uint8_t>(have & ~wanted);
        change.added[e] = restarted ? wanted : static_cast<uint8_t>(wanted & ~have);
        change.any |= change.removed[e] | change.added[e];
        c->active[e] = wanted;
        c->several_tools |= (wanted & (wanted - 1)) != 0;
    }
    return change;
}

void set_tool_events(uint8_t* tools_of_event, int n, int tool, uint32_t events) {
    for (int e = 0; e < n; e++) {
        auto bit = static_cast<uint8_t>(1 << tool);
        tools_of_event[e] =
            static_cast<uint8_t>(events >> e & 1 ? tools_of_event[e] | bit : tools_of_event[e] & ~bit);
    }
}

Status force_instrument(Thread& t, PyCodeObject* co) {
    MonitoringState& m = monitoring(t);
    CodeMonitoring* c = code_monitoring(co);
    bool wanted = c;
    for (int e = 0; e < kLocalEvents; e++) wanted |= m.global[e] != 0;
    if (!wanted || co->_co_firsttraceable >= code_size(co)) {
        co->_co_instrumentation_version = m.version;
        return Status::ok();
    }
    c = ensure_monitoring(t, co);
    if (!c) return {};
    // What a tool asked of this code before it was cleared does not count any more.
    for (int tool = 0; tool < kTools; tool++)
        if (c->tool_versions[tool] != m.tool_versions[tool]) set_tool_events(c->local, kLocalEvents, tool, 0);
    EventChange change = find_change(m, co, c);
    if (change.any)
        for (int i = co->_co_firsttraceable, n = code_size(co); i < n; i += length_at(co, i))
            change_unit(co, i, change);
    co->_co_instrumentation_version = m.version;
    return Status::ok();
}

}  // namespace

Status instrument_code(Thread& t, PyCodeObject* co) { return force_instrument(t, co); }

bool note_resumed(Thread& t, PyCodeObject* co) {
    if (co->_co_unique_id) return true;
    MonitoringState& m = monitoring(t);
    if (!m.resumed.push(co)) return false;
    co->_co_unique_id = static_cast<int64_t>(m.resumed.size);
    return true;
}

Status instrument_everything(Thread& t) {
    MonitoringState& m = monitoring(t);
    update_recording(m);
    for (PyCodeObject* co : m.resumed) {
        co->_co_unique_id = 0;
        for (int i = 0, n = code_size(co); i < n; i += length_at(co, i)) {
            uint8_t* p = below_markers(co, i);
            if (*p == byte_of(Op::RESUME_CHECK)) *p = byte_of(Op::RESUME);
        }
    }
    m.resumed.size = 0;
    for (Thread* other = t.interp->threads; other; other = reinterpret_cast<Thread*>(other->c.next))
        for (Frame* f = other->c.current_frame; f; f = f->previous)
            if (f->owner != kOwnedByInterpreter) TRY(instrument_if_stale(t, f->co()));
    return Status::ok();
}

Status set_local_events(Thread& t, PyCodeObject* co, int tool, uint32_t events) {
    MonitoringState& m = monitoring(t);
    if (co->_co_firsttraceable >= code_size(co))
        return raise(t, PyExc_SystemError, "cannot instrument shim code object '%U'", co->co_name);
    if (code_is_unchecked(co)) TRY(check_code(t, co));
    CodeMonitoring* c = ensure_monitoring(t, co);
    if (!c) return {};
    if (c->tool_versions[tool] != m.tool_versions[tool]) {
        c->tool_versions[tool] = m.tool_versions[tool];
        set_tool_events(c->local, kLocalEvents, tool, 0);
    }
    if (local_events(co, tool) == events) return Status::ok();
    set_tool_events(c->local, kLocalEvents, tool, events);
    constexpr uint32_t kRecorded =
        event_bit(kEventLine) | event_bit(kEventBranchLeft) | event_bit(kEventBranchRight);
    if (events & kRecorded) {
        m.local_recording = true;
        update_recording(m);
    }
    return force_instrument(t, co);
}

uint32_t local_events(const PyCodeObject* co, int tool) {
    CodeMonitoring* c = code_monitoring(co);
    uint32_t events = 0;
    for (int e = 0; c && e < kLocalEvents; e++)
        if (c->local[e] >> tool & 1) events |= event_bit(e);
    return events;
}

void remove_event_tools(PyCodeObject* co, int unit, int event, uint8_t tools) {
    if (!co->_co_monitoring) return;
    if (event == kEventLine) return remove_line_tools(co, unit, tools);
    if (event == kEventInstruction) return remove_instruction_tools(co, unit, tools);
    remove_tools(co, unit, tools);
}

void free_code_monitoring(Thread& t, PyCodeObject* co) {
    mem_free(co->_co_monitoring);
    co->_co_monitoring = nullptr;
    if (!co->_co_unique_id) return;
    // The last one of the list takes the place.
    MonitoringState& m = monitoring(t);
    PyCodeObject* last = m.resumed[m.resumed.size - 1];
    m.resumed[static_cast<size_t>(co->_co_unique_id - 1)] = last;
    last->_co_unique_id = co->_co_unique_id;
    co->_co_unique_id = 0;
    m.resumed.size--;
}

uint8_t opcode_under_line(const PyCodeObject* co, int unit) {
    auto op = static_cast<uint8_t>(co->co_code_adaptive[unit]);
    if (op == byte_of(Op::RESERVED) && unit == 0) return unchecked_first_opcode(co);
    // (In unchecked code it may just stand there.)
    return op == byte_of(Op::INSTRUMENTED_LINE) && co->_co_monitoring
               ? code_monitoring(co)->units[unit].under_line
               : op;
}
uint8_t opcode_under_instruction(const PyCodeObject* co, int unit) {
    uint8_t op = opcode_under_line(co, unit);
    return op == byte_of(Op::INSTRUMENTED_INSTRUCTION) && co->_co_monitoring
               ? code_monitoring(co)->units[unit].under_instruction
               : op;
}

int code_line_of_unit(PyCodeObject* co, int unit) {
    if (CodeMonitoring* c = code_monitoring(co)) return c->units[unit].line;
    return code_line(co, unit * 2);
}

uint8_t code_base_opcode(PyCodeObject* co, int index) {
    uint8_t op = opcode_under_instruction(co, index);
    const OpInfo& info = op_info(op);
    // What is no opcode, or only one of ours, is shown as it came.
    if (!(info.flags & opflag::kDefined) || (info.flags & opflag::kHidden && code_is_unchecked(co)))
        return op;
    return byte_of(info.base);
}

}  // namespace krait
