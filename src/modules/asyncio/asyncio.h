// The module _asyncio: what its files share.
#pragma once

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/set.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "modules/fields.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait::aio {

enum State : uint8_t { kPending, kCancelled, kFinished };

// Values are owned; empty is "none". A loop makes a future alive.
struct FutureObject {
    PyObject ob_base;
    Value loop, callback0, context0;  // the first callback has places of its own: most futures have one
    Value callbacks;                  // list of (callback, context): the others
    Value result, exception, exception_tb, source_tb, cancel_message, cancelled_exc;
    Value awaited_by;  // one future, or a set of them
    PyObject* weaklist;
    PyObject* dict;
    State state;
    bool awaited_by_is_set, log_tb, blocking;
    bool log_destroy_pending, must_cancel;  // of tasks
    int cancel_requests;
};
struct TaskObject : FutureObject {
    Value waiter, coro, name, context;  // name: a str, or the number of its making
    TaskObject *next, *previous;        // of the tasks that are not done; next is null outside
};
inline FutureObject* as_future(Value v) { return v.as<FutureObject>(); }
inline TaskObject* as_task(Value v) { return v.as<TaskObject>(); }
inline Value value_of(FutureObject* f) { return Value(reinterpret_cast<PyObject*>(f)); }

// What the module looks up once.
struct Module {
    struct {
        Value call_soon, context, get_debug, cancel, add_done_callback, throw_, send, get_loop, _loop, done,
            result, blocking, is_running, call_exception_handler, get_event_loop, add, discard;
    } names;
    Value context_kwname;  // ("context",)
    Value get_policy, future_repr, task_repr, task_get_stack, task_print_stack, is_coroutine, extract_stack;
    Value invalid_state, cancelled_error;  // exception classes
    Value other_tasks, eager_tasks;        // a WeakSet of tasks that are no TaskObjects, and a set
    Value coroutine_types;                 // set of types whose instances are coroutines
    PyTypeObject *future, *task, *future_iter, *step;
    TaskObject tasks;  // the head of the ring of tasks that are not done
    uint64_t names_given;
};
extern Module* g_module;

inline bool is_future_exact(Value v) {
    return v.is_ptr() && (v.heap_type() == g_module->future || v.heap_type() == g_module->task);
}
inline bool is_task(Value v) { return is_instance_exact_or_sub(v, g_module->task); }
inline bool is_any_future(Value v) { return is_instance_exact_or_sub(v, g_module->future); }

// --- futures (future.cpp) ---
Status call_soon(Thread& t, Value loop, Value fn, Value arg, Value context);  // arg may be empty
Status future_init(Thread& t, FutureObject* f, Value loop);
Status future_set_result(Thread& t, FutureObject* f, Value v);
Status future_set_exception(Thread& t, FutureObject* f, Value exc);
Result<bool> future_cancel(Thread& t, FutureObject* f, Value message);  // message may be empty
Status future_add_callback(Thread& t, FutureObject* f, Value fn, Value context);
// The result, or an empty Ref with the exception raised.
Ref future_result(Thread& t, FutureObject* f);
// The exception of a finished future with its traceback, owned; empty without an exception set: there is
// none.
Ref future_take_exception(Thread& t, FutureObject* f);
Ref cancelled_error(Thread& t, FutureObject* f);
Status awaited_by_add(Thread& t, Value future, Value waiter);
Status awaited_by_discard(Thread& t, Value future, Value waiter);
void future_clear(FutureObject* f);
void future_visit(FutureObject* f, Visitor& v);
void future_finalize(Thread& t, PyObject* o);
void report(Thread& t, FutureObject* f, const char* message, const char* key, Value exception);
Ref future_iter_of(Thread& t, Value future);
Ref future_repr(Thread& t, Value self);
Ref loop_of(Thread& t, Value future_like);  // get_loop() or _loop of any future
Status add_future_types(Thread& t, Value module);
#define FUTURE_METHODS(X)                                                                            \
    X(result, "result", "()",                                                                        \
      "The result, or the exception raised.\n\nA cancelled future raises "                           \
      "CancelledError; one that is not done InvalidStateError.")                                     \
    X(exception, "exception", "()",                                                                  \
      "The exception, or None.\n\nA cancelled future raises CancelledError; "                        \
      "one that is not done InvalidStateError.")                                                     \
    X(add_done_callback, "add_done_callback", "(fn, /, *, context=<unrepresentable>)",               \
      "Has the loop call fn(future) when the future is done, or soon if it is.")                     \
    X(remove_done_callback, "remove_done_callback", "(fn, /)",                                       \
      "Removes all callbacks that are equal to fn; how many there were.")                            \
    X(cancelled, "cancelled", "()", "Whether the future was cancelled.")                             \
    X(done, "done", "()", "Whether there is a result or an exception, or the future was cancelled.") \
    X(make_cancelled_error, "_make_cancelled_error", "()",                                           \
      "The CancelledError to raise. The original one is handed out once.")
#define DECLARE(name, ...) extern const NativeDef future_def_##name;
FUTURE_METHODS(DECLARE)
#undef DECLARE

// --- tasks (task.cpp, task_step.cpp) ---
Status add_task_types(Thread& t, Value module);
Status add_step_type(Thread& t, Value module);
Status step_soon(Thread& t, TaskObject* task, Value exc);  // exc may be empty
Ref task_step(Thread& t, TaskObject* task, Value exc);
Ref step_inside(Thread& t, TaskObject* task, Value exc);  // without entering the task
void link_task(TaskObject* task);
void unlink_task(TaskObject* task);

// --- the running task (module.cpp) ---
Status enter_task(Thread& t, Value loop, Value task);
Status leave_task(Thread& t, Value loop, Value task);
Ref swap_task(Thread& t, Value loop, Value task);
Ref get_event_loop(Thread& t);

}  // namespace krait::aio
