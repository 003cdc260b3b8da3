// The interpreter loop: one tail-calling handler an opcode (handlers-*.inc), the dispatch table, and the ways
// in and out.
#include "interp/eval.h"

#include <cmath>
#include <cstring>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/dict_table.h"
#include "builtins/iterators.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/set.h"
#include "builtins/slice.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "interp/attr_cache.h"
#include "interp/dunder.h"
#include "interp/fusion.h"
#include "interp/generator.h"
#include "interp/internal.h"
#include "interp/monitoring.h"
#include "interp/perf.h"
#include "object/attributes.h"
#include "object/boundary.h"
#include "object/instance.h"
#include "object/names.h"
#include "object/operators.h"
#include "object/signature.h"
#include "object/spare_boxes.h"

namespace krait {

HANDLER(handled);
HANDLER(propagated);
HANDLER(FOR_ITER_ended);
PRESERVE_NONE Value op_error(OP_PARAMS);
PRESERVE_NONE Value op_error_no_traceback(OP_PARAMS);
extern const Table g_dispatch;
extern const Table g_recording;  // remembers each instruction before it runs: handlers-instrumented.inc
struct ReturnTable {
    Handler h[16];
};
struct ExtendedTable {
    Handler h[kExtendedCount];
};
extern const ExtendedTable g_extended;  // by Extended
extern const ReturnTable g_returned;    // by Frame::is_entry; oparg: the word that was returned, owned
extern const Table g_single;            // without fused forms
extern const Table g_underlying;        // forms that do not specialize, for what lies below markers

// An exception has left what `f` called; `oparg`: that frame's is_entry.
HANDLER(left_by_error) {
    sp = f->sp;
    ip = f->instr;
    if (oparg > kInitCall) {
        // An error of the instruction that called, as if its slot had.
        if (oparg != kNextCall) TAIL(op_error);
        oparg = ARGUMENT_AT(ip);
        TAIL(op_FOR_ITER_ended);
    }
    if (oparg == kInitCall) t.c.py_recursion_remaining++;
    TAIL(op_propagated);
}

// Leaves the frame `f` with an exception set; its stack is empty. Goes on unwinding in the caller, or out of
// run_frame.
HANDLER(unwind_frame) {
    Frame* previous = f->previous;
    uint8_t entry = f->is_entry;
    if (f->owner == kOwnedByGenerator) {
        gen_finish_frame(t, f);
        if (!entry) t.c.py_recursion_remaining++;
    } else {
        clear_frame(t, f);
        pop_frame_memory(t, f);
    }
    t.c.current_frame = previous;
    if (entry == kEntry) return Value();
    f = previous;
    oparg = entry;
    TAIL(op_left_by_error);
}

// Looks for a handler of the current exception in this frame; without one the frame is left. `oparg`: where
// tools of sys.monitoring are told that it happened, in code units from `ip`.
PRESERVE_NONE Value op_error_no_traceback(OP_PARAMS) {
    int handler, depth;
    bool push_lasti;
    int offset = static_cast<int>(ip - f->code_start()) * 2;
    if (f->owner == kOwnedByInterpreter ||
        !code_find_handler(f->co(), offset, &handler, &depth, &push_lasti) || sp < f->stack_base() + depth) {
        sp = pop_to(sp, f->stack_base());
        f->sp = sp;
        if (f->owner != kOwnedByInterpreter) monitor_exception(t, f, ip + oparg, kEventPyUnwind);
        TAIL(op_unwind_frame);
    }
    sp = pop_to(sp, f->stack_base() + depth);
    // RERAISE may have moved the frame's position to where the exception came from.
    if (push_lasti) *sp++ = Slot(Value::from_int(f->instr - f->code_start()).bits);
    *sp++ = Slot(reinterpret_cast<uint64_t>(t.c.current_exception));
    t.c.current_exception = nullptr;
    ip = f->code_start() + handler / 2;
    if (monitoring(t).global[kEventExceptionHandled]) [[unlikely]]
        TAIL(op_handled);
    DISPATCH();
}

// The callback of EXCEPTION_HANDLED may raise: as from the instruction before the handler.
HANDLER(handled) {
    f->sp = sp;
    if (!monitor_value(t, f, ip, kEventExceptionHandled, sp[-1].get())) {
        ip--;
        oparg = 0;
        TAIL(op_error_no_traceback);
    }
    DISPATCH();
}

PRESERVE_NONE Value op_error(OP_PARAMS) {
    f->instr = ip;
    f->sp = sp;
    if (!t.c.current_exception) [[unlikely]]
        bad_internal_call(t, "error return without exception set");
    oparg = 0;
    if (f->owner != kOwnedByInterpreter) {
        if (!frame_is_incomplete(f)) add_traceback(t, f);
        // The oracle tells the last of the instruction's caches.
        if (monitoring(t).global[kEventRaise] | monitoring(t).global[kEventPyUnwind]) [[unlikely]]
            oparg = op_info(code_base_opcode(f->co(), f->lasti() / 2)).caches;
        monitor_exception(t, f, ip + oparg, kEventRaise);
    }
    TAIL(op_error_no_traceback);
}

// An exception that comes out of a callee: told as from just before the call.
HANDLER(propagated) {
    f->instr = ip;
    f->sp = sp;
    oparg = 0;
    if (f->owner != kOwnedByInterpreter) {
        if (!frame_is_incomplete(f)) {
            add_traceback(t, f);
            oparg = -1;
        }
        monitor_exception(t, f, ip + oparg, kEventRaise);
    }
    TAIL(op_error_no_traceback);
}

// An error in a callback for a jump: shown at the jump, handled at its target.
HANDLER(error_elsewhere) {
    f->sp = sp = f->sp;
    add_traceback(t, f);
    monitor_exception(t, f, ip, kEventRaise);
    oparg = 0;
    TAIL(op_error_no_traceback);
}
// An exception raised again keeps its traceback.
HANDLER(reraise) {
    monitor_exception(t, f, ip, kEventReraise);
    oparg = 0;
    TAIL(op_error_no_traceback);
}

// An exception thrown into a generator: shown at the instruction it would go on with, handled where it is
// suspended, one before.
HANDLER(thrown) {
    // There is no RESUME on this way.
    if (f->co()->_co_instrumentation_version != monitoring(t).version) [[unlikely]] {
        SavedError saved(t);
        if (!instrument_code(t, f->co())) clear_error(t);
    }
    monitor_exception(t, f, ip, kEventPyThrow);
    add_traceback(t, f);
    ip--;
    monitor_exception(t, f, ip, kEventRaise);
    oparg = 0;
    TAIL(op_error_no_traceback);
}

HANDLER(unknown) {
    SAVE();
    raise(t, PyExc_SystemError, "unknown opcode %d", *ip & 255);
    ERROR();
}

HANDLER(CALL_pending);
HANDLER(init_returned);
HANDLER(SEND_enter);
HANDLER(BINARY_OP_method);
HANDLER(COMPARE_OP_method);
HANDLER(CONTAINS_OP_method);
HANDLER(TO_BOOL_method);
HANDLER(LOAD_ATTR_method);
HANDLER(LOAD_ATTR_long);
HANDLER(STORE_SUBSCR_method);
HANDLER(GET_ITER_method);
HANDLER(GET_ITER_slow);
HANDLER(FOR_ITER_method);
HANDLER(CALL_function);
HANDLER(CALL_function_bind);
HANDLER(CALL_class);
HANDLER(CALL_FUNCTION_EX_class);
HANDLER(CALL_instance);
HANDLER(CALL_ISINSTANCE_method);
HANDLER(CALL_slow);
HANDLER(CALL_BUILTIN_O_native);
HANDLER(CALL_C_FAST);
HANDLER(CALL_C_FUNCTION);
HANDLER(CALL_C_FUNCTION_slow);
HANDLER(CALL_C_METHOD);
HANDLER(CALL_C_OBJECT);
HANDLER(CALL_KW_c);
HANDLER(CALL_KW_c_converted);
HANDLER(CALL_KW_c_dict);
HANDLER(CALL_KW_long);
HANDLER(BINARY_OP_c);
HANDLER(BINARY_OP_c_declined);
HANDLER(BINARY_OP_c_item);
HANDLER(CALL_C_TYPE);
HANDLER(BINARY_OP_long);
HANDLER(COMPARE_OP_c);
HANDLER(COMPARE_OP_long);
HANDLER(CONTAINS_OP_c);
HANDLER(CONTAINS_OP_long);
HANDLER(STORE_SUBSCR_c);
HANDLER(STORE_SUBSCR_long);
HANDLER(TO_BOOL_c);
HANDLER(TO_BOOL_long);
HANDLER(FOR_ITER_c);
HANDLER(FOR_ITER_long);
HANDLER(FOR_ITER_ended);
HANDLER(LOAD_ATTR_c);
HANDLER(STORE_ATTR_SLOT_c);
HANDLER(CALL_C_ONE);
HANDLER(CALL_C_METHOD_ONE);
HANDLER(CALL_C_METHOD_NOARGS);
HANDLER(CALL_C_METHOD_slow);
HANDLER(CALL_KW_function);
HANDLER(CALL_KW_function_bind);
HANDLER(CALL_KW_class);
HANDLER(CALL_KW_instance);
HANDLER(CALL_KW_slow);
HANDLER(CALL_METHOD_DESCRIPTOR_O_long);
HANDLER(CALL_BUILTIN_FAST_long);
HANDLER(CALL_METHOD_DESCRIPTOR_FAST_long);
HANDLER(CALL_METHOD_DESCRIPTOR_NOARGS_long);
HANDLER(STORE_FAST_LOAD_FAST);
HANDLER(LOAD_SMALL_INT);
HANDLER(LOAD_FAST_BORROW);
HANDLER(LOAD_FAST_BORROW_LOAD_FAST_BORROW);

#include "interp/handlers-arith.inc"
#include "interp/handlers-attr.inc"
#include "interp/handlers-call.inc"
#include "interp/handlers-containers.inc"
#include "interp/handlers-control.inc"
#include "interp/handlers-dunder.inc"
#include "interp/handlers-exceptions.inc"
#include "interp/handlers-extended.inc"
#include "interp/handlers-foreign.inc"
#include "interp/handlers-fused.inc"
#include "interp/handlers-generators.inc"
#include "interp/handlers-instrumented.inc"
#include "interp/handlers-names.inc"
#include "interp/handlers-stack.inc"

namespace {
constexpr Table make_table() {
    Table table{};
    for (Handler& h : table.h) h = op_unknown;
#define OP(name, number, ...) table.h[number] = op_##name;
#define SPECIALIZED(name, number, base) table.h[number] = op_##name;
#define OWN(name, number, base, shown) table.h[number] = op_##name;
#define FUSED(name, number, base, shown, second) table.h[number] = op_##name;
#define INSTRUMENTED(name, number, base) table.h[number] = op_##name;
#include "bytecode/opcodes.def"
    return table;
}
// What the recording one goes on with: instructions one by one.
constexpr Table make_single_table() {
    Table table = make_table();
#define FUSED(name, number, base, shown, second) table.h[number] = op_##base;
#include "bytecode/opcodes.def"
    return table;
}
constexpr Table make_recording_table() {
    Table table{};
    for (Handler& h : table.h) h = op_record;
    // These three look at the instruction before them.
    for (Op op : {Op::INSTRUMENTED_LINE, Op::INSTRUMENTED_NOT_TAKEN, Op::INSTRUMENTED_POP_ITER})
        table.h[static_cast<int>(op)] = make_table().h[static_cast<int>(op)];
    return table;
}
constexpr Table make_underlying_table() {
    Table table = make_table();
#define SPECIALIZED(name, number, base) table.h[static_cast<int>(Op::base)] = op_##base##_generic;
#include "bytecode/opcodes.def"
    return table;
}
}  // namespace
constinit const ReturnTable g_returned = {{
    op_unknown,  // plain returns and entries do not come here
    op_unknown,
    op_init_returned,
    op_left_returned,
    op_right_returned,
    op_inplace_returned,
    op_compare_returned,
    op_contains_returned,
    op_bool_returned,
    op_iter_returned,
    op_next_returned,
    op_setitem_returned,
    op_instancecheck_returned,
    op_attr_returned,
}};
constinit const ExtendedTable g_extended = {{
#define EXTENDED(name, shown) op_EXTENDED_##name,
#include "interp/extended.def"
}};
constinit const Table g_dispatch = make_table();
constinit const Table g_recording = make_recording_table();
constinit const Table g_single = make_single_table();
constinit const Table g_underlying = make_underlying_table();

namespace {

Ref enter(Thread& t, Frame* f, uint16_t* ip, bool throwing) {
    RecursionGuard guard(t, "");
    Frame* saved = t.c.current_frame;
    t.c.current_frame = f;
    f->is_entry = kEntry;
    const Table* table = monitoring(t).recording ? &g_recording : &g_dispatch;
    Value result;
    if (!guard)
        result = op_error(t, f, f->sp, ip, 0, table);
    else if (throwing)
        result = op_thrown(t, f, f->sp, ip, 0, table);
    else
        result = table->h[OPCODE_AT(ip)](t, f, f->sp, ip, ARGUMENT_AT(ip), table);
    t.c.current_frame = saved;
    return Ref::steal(result);
}

}  // namespace

Ref run_frame(Thread& t, Frame* f) { return enter(t, f, f->instr, false); }
Ref run_frame_at(Thread& t, Frame* f, uint16_t* ip) { return enter(t, f, ip, false); }

Ref resume_for_next(Thread& t, Frame* f) {
    // Recorded instructions are told apart: none is left out.
    int dropped = gen_drops_sent(f->instr);
    if (dropped && !t.c.eval_breaker && !monitoring(t).recording) [[likely]]
        return enter(t, f, f->instr + dropped, false);
    *f->sp++ = owned(none());
    return enter(t, f, f->instr, false);
}

Ref resume_frame(Thread& t, Frame* f, bool throwing) { return enter(t, f, f->instr, throwing); }

}  // namespace krait
