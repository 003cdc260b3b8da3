// Generators, coroutines and async generators: objects that own a frame.
#pragma once

#include "bytecode/opcodes.h"
#include "interp/frame.h"

namespace krait {

enum GenState : int8_t {
    kGenCreated = -3,
    kGenSuspended = -2,
    kGenSuspendedYieldFrom = -1,
    kGenExecuting = 0,
    kGenCompleted = 1,
    kGenCleared = 4,
};

// Layout of CPython's PyGenObject (size 152 + 8 a slot).
struct GenObject {
    PyObject ob_base;
    PyObject* gi_weakreflist;
    Value gi_name, gi_qualname;
    ExcStackItem gi_exc_state;
    Value gi_origin_or_finalizer;
    char gi_hooks_inited, gi_closed, gi_running_async;
    int8_t gi_frame_state;
    Frame gi_iframe;
};
static_assert(offsetof(GenObject, gi_iframe) == 72);

inline GenObject* as_gen(Value v) { return v.as<GenObject>(); }
inline GenObject* gen_of_frame(Frame* f) {
    return reinterpret_cast<GenObject*>(reinterpret_cast<char*>(f) - offsetof(GenObject, gi_iframe));
}
inline bool is_generator(Value v) { return has_type(v, &PyGen_Type); }
inline bool is_coroutine(Value v) { return has_type(v, &PyCoro_Type); }
inline bool is_async_gen(Value v) { return has_type(v, &PyAsyncGen_Type); }
inline bool gen_is_suspended(const GenObject* g) {
    return g->gi_frame_state == kGenCreated || g->gi_frame_state == kGenSuspended ||
           g->gi_frame_state == kGenSuspendedYieldFrom;
}

// Links the generator's exception state in and marks it running; the caller then runs its frame.
inline void gen_enter(Thread& t, GenObject* g) {
    g->gi_exc_state.previous_item = t.c.exc_info;
    t.c.exc_info = &g->gi_exc_state;
    g->gi_frame_state = kGenExecuting;
}
inline void gen_leave(Thread& t, GenObject* g) {
    t.c.exc_info = g->gi_exc_state.previous_item;
    g->gi_exc_state.previous_item = nullptr;
}

// A generator that goes on at `instr` may begin with throwing away what is sent to it: so many code units
// behind, it goes on with nothing sent. 0: it looks at that.
inline int gen_drops_sent(const uint16_t* instr) {
    constexpr int kPop = static_cast<int>(Op::POP_TOP);
    if ((instr[0] & 255) == kPop) return 1;  // just started
    return (instr[0] & 255) == static_cast<int>(Op::RESUME_CHECK) && (instr[1] & 255) == kPop ? 2 : 0;
}

// A generator, coroutine or async generator with the frame of a frame object that has not run (PyFrame_New).
// It begins behind the code's prologue: what is sent first is dropped by nobody and takes a slot of its own.
constexpr size_t kRoomForSent = 16;
Ref generator_of_frame(Thread& t, PyTypeObject* type, Ref frame_object, Value name, Value qualname);
inline uint16_t* instruction_of_fresh_frame(PyCodeObject* co) {
    int64_t first = co->_co_firsttraceable + 1;
    return co->co_code_adaptive + (first < co->ob_base.ob_size ? first : 0);
}

SendResult gen_send(Thread& t, Value gen, Value arg, Ref& result);  // arg empty: None for a started one
// The value to wrap in StopIteration is `result` after SendResult::Return.
Status gen_close(Thread& t, Value gen);
Ref gen_throw(Thread& t, Value gen, Value exc);  // owned; empty: exception (StopIteration too)
void gen_finish_frame(Thread& t, Frame* f);      // return or exception: state, exc_info, contents
bool is_async_step(Value v);                     // what asend() and __anext__() give
// The value yielded by an async generator's `yield`, wrapped.
Value async_gen_wrap(Thread& t, Value v);
Ref coro_await_iter(Thread& t, Value awaitable);  // awaitable → iterator, with its checks
Status init_interp_generators(Thread& t);

}  // namespace krait
