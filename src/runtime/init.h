// Starting and ending the runtime, its interpreters and threads.
#pragma once

#include "object/thread.h"

namespace krait {

struct InitOptions {
    bool use_environment = true;      // PYTHONHASHSEED
    const char* hash_seed = nullptr;  // decimal text or "random"; null: the environment decides
};

// Makes the runtime, the main interpreter and its thread, and brings all builtin types to life. Afterwards
// objects work; the modules builtins and sys are the caller's to make. Ends the process when it cannot.
Thread& runtime_init(const InitOptions& options = {});
// The end of a program begins: from here on no other thread runs.
void runtime_begin_finalize(Thread& t);
// Ends the main interpreter: modules die in CPython's order, then what only cycles kept.
void runtime_finalize(Thread& t);
// Modules die, or are dead: none can be imported any more.
bool modules_are_dying(Thread& t);

// A thread state for the calling operating-system thread. It does not hold the GIL yet.
Thread* thread_new(Interpreter& interp);
void threads_set_breaker(Interpreter& in, uint64_t bit);  // of all that the interpreter has
void threads_keep_breaker(uint64_t bit, bool on);         // of every thread that is there or to come
void thread_list_after_fork();  // another thread of the parent may have been changing it
void thread_delete(Thread* t);  // the thread must not be current any more
// What is left of a large stack where RecursionError is raised: room for what runs without guards, such as
// destructors, the allocator, signal handlers.
inline constexpr size_t kStackMargin = size_t{256} << 10;
void thread_bind_stack(Thread& t);  // measures the calling thread's C++ stack for RecursionGuard

// --- the GIL (gil.cpp) ---
void gil_init(Runtime& runtime);
void gil_take(Thread& t);          // waits; t is current afterwards
const void* gil_holder_address();  // of the Thread* that holds it, for debuggers
void gil_release(Thread& t);       // no thread is current afterwards
void gil_keep(Thread& t);  // at the end of the program: threads that want it from now on wait for ever
// The state that this operating-system thread had last, or still has: what PyGILState_Ensure() takes up again
// while it does not hold the GIL. Null: it never had one, or that is deleted.
extern constinit thread_local Thread* t_last_state;
double gil_switch_interval();  // seconds
void gil_set_switch_interval(double seconds);
// Calls `fn(arg)` in the main thread at its next check, or in the next thread of the interpreter that comes
// to one. False: too many wait.
bool add_pending_call(int (*fn)(void*), void* arg);
bool add_pending_call(Interpreter& in, int (*fn)(void*), void* arg);
void signal_pending();  // async-signal-safe: makes the main thread call Runtime::run_signal_handlers
void gil_after_fork(Thread& t);

}  // namespace krait
