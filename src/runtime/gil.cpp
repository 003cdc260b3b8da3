// The global lock: one thread at a time runs Python code. A thread that waits asks the holder to let go after
// the switch interval; the holder then waits until another has had the lock.
#include <pthread.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <new>

#include "gc/gc.h"
#include "object/errors.h"
#include "runtime/debugger_script.h"
#include "runtime/init.h"
#include "runtime/interpreters.h"
#include "runtime/pending_calls.h"
#include "support/panic.h"

namespace krait {

struct GilState {
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t free_cond;    // signalled when the lock is let go
    pthread_cond_t switch_cond;  // signalled when another thread took it
    Thread* holder = nullptr;
    Interpreter* interp = nullptr;  // whose globals are in place: the one that ran last
    uint64_t switches = 0;
    int waiting = 0;   // threads that want the lock
    int yielding = 0;  // threads that let it go and wait until another took it
    int64_t interval_us = 5000;
    Thread* last = nullptr;  // set at the end of the program: no other gets the lock any more

    PendingCalls main_calls{32};  // for the main thread
};

namespace {

GilState& gil() { return *g_runtime.gil; }

timespec after(int64_t us) {
    timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    ts.tv_sec += us / 1000000;
    ts.tv_nsec += (us % 1000000) * 1000;
    if (ts.tv_nsec >= 1000000000) {
        ts.tv_sec++;
        ts.tv_nsec -= 1000000000;
    }
    return ts;
}

void init_cond(pthread_cond_t* c) {
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(c, &attr);
    pthread_condattr_destroy(&attr);
}

}  // namespace

void gil_init(Runtime& runtime) {
    runtime.gil = new (std::nothrow) GilState;
    if (!runtime.gil) panic("out of memory");
    init_cond(&runtime.gil->free_cond);
    init_cond(&runtime.gil->switch_cond);
}

const void* gil_holder_address() { return &g_runtime.gil->holder; }

constinit thread_local Thread* t_last_state = nullptr;

// Threads that are still there at the end of the program, or of their interpreter, stay where they are:
// objects go from under them.
[[noreturn]] static void hang(GilState& g) {
    pthread_mutex_unlock(&g.mutex);
    for (;;) pause();
}

void gil_forget_interpreter(Interpreter& in) {
    GilState& g = gil();
    if (g.interp != &in) return;
    interpreter_globals_load(*g_runtime.main);
    g.interp = g_runtime.main;
}

void gil_take(Thread& t) {
    GilState& g = gil();
    pthread_mutex_lock(&g.mutex);
    g.waiting++;
    while (g.holder || (g.last && g.last != &t)) {
        if (g.last && g.last != &t) {
            g.waiting--;
            pthread_cond_signal(&g.free_cond);  // whom this wait took the signal from
            hang(g);
        }
        uint64_t seen = g.switches;
        timespec until = after(g.interval_us);
        int rc = pthread_cond_timedwait(&g.free_cond, &g.mutex, &until);
        if (rc == ETIMEDOUT && g.holder && g.switches == seen) set_breaker(*g.holder, kGilDropRequest);
    }
    g.waiting--;
    if (t.interp != g.interp) [[unlikely]] {
        if (record(*t.interp).ended) {
            pthread_cond_signal(&g.free_cond);
            hang(g);
        }
        if (g.interp) interpreter_globals_switch(*g.interp, *t.interp);
        g.interp = t.interp;
    }
    g.holder = &t;
    g.switches++;
    if (g.yielding) pthread_cond_signal(&g.switch_cond);
    pthread_mutex_unlock(&g.mutex);
    t.c.holds_gil = 1;
    t_current = t_last_state = &t;
}

void gil_release(Thread& t) {
    GilState& g = gil();
    pthread_mutex_lock(&g.mutex);
    t.c.holds_gil = 0;
    t_current = nullptr;
    g.holder = nullptr;
    // Asked first: an atomic write for each call into a database is what one sees in its profile.
    if (__atomic_load_n(&t.c.eval_breaker, __ATOMIC_RELAXED) & kGilDropRequest)
        clear_breaker(t, kGilDropRequest);
    if (g.waiting) pthread_cond_signal(&g.free_cond);
    pthread_mutex_unlock(&g.mutex);
}

// Lets another thread run and waits until one did, so that this one does not snatch the lock back.
static void gil_yield(Thread& t) {
    GilState& g = gil();
    pthread_mutex_lock(&g.mutex);
    clear_breaker(t, kGilDropRequest);
    if (g.waiting == 0) {
        pthread_mutex_unlock(&g.mutex);
        return;
    }
    uint64_t seen = g.switches;
    t.c.holds_gil = 0;
    g.holder = nullptr;
    pthread_cond_signal(&g.free_cond);
    g.yielding++;
    while (g.switches == seen && g.waiting && !g.last) {
        timespec until = after(g.interval_us);
        pthread_cond_timedwait(&g.switch_cond, &g.mutex, &until);
    }
    g.yielding--;
    pthread_mutex_unlock(&g.mutex);
    gil_take(t);
}

void gil_keep(Thread& t) {
    GilState& g = gil();
    pthread_mutex_lock(&g.mutex);
    g.last = &t;
    pthread_cond_broadcast(&g.free_cond);
    pthread_mutex_unlock(&g.mutex);
}

void gil_after_fork(Thread& t) {
    thread_list_after_fork();
    GilState& g = gil();
    pthread_mutex_init(&g.mutex, nullptr);
    init_cond(&g.free_cond);
    init_cond(&g.switch_cond);
    g.holder = &t;
    g.waiting = g.yielding = 0;
    g.main_calls.after_fork();
    for (Interpreter* in = g_runtime.interpreters; in; in = in->next) record(*in).pending_calls.after_fork();
}

double gil_switch_interval() { return static_cast<double>(gil().interval_us) * 1e-6; }
void gil_set_switch_interval(double seconds) {
    constexpr double kLongest = 9e18;  // what is longer lasts as long as a machine word can say
    double us = seconds * 1e6;
    gil().interval_us = us < 1 ? 1 : static_cast<int64_t>(us < kLongest ? us : kLongest);
}

AllowThreads::AllowThreads(Thread& t) : t_(t) { gil_release(t_); }
AllowThreads::~AllowThreads() {
    int saved = errno;
    gil_take(t_);
    errno = saved;
}

bool add_pending_call(int (*fn)(void*), void* arg) {
    if (!gil().main_calls.add({fn, arg})) return false;
    if (g_runtime.main_thread) set_breaker(*g_runtime.main_thread, kCallsToDo);
    return true;
}
bool add_pending_call(Interpreter& in, int (*fn)(void*), void* arg) {
    if (!record(in).pending_calls.add({fn, arg})) return false;
    threads_set_breaker(in, kCallsToDo);
    return true;
}

void signal_pending() {
    if (g_runtime.main_thread) set_breaker(*g_runtime.main_thread, kSignalsPending);
}

static Status run_pending_calls(Thread& t) {
    clear_breaker(t, kCallsToDo);
    bool ok = static_cast<bool>(record(*t.interp).pending_calls.run(t));
    if (&t == g_runtime.main_thread) {
        if (ok) return gil().main_calls.run(t);
        set_breaker(t, kCallsToDo);
    }
    return ok ? Status::ok() : Status();
}

Status handle_pending(Thread& t) {
    uint64_t bits = __atomic_load_n(&t.c.eval_breaker, __ATOMIC_RELAXED);
    if ((bits & kSignalsPending) && &t == g_runtime.main_thread) {
        clear_breaker(t, kSignalsPending);
        if (g_runtime.run_signal_handlers) TRY(g_runtime.run_signal_handlers(t));
    }
    if (bits & kCallsToDo) TRY(run_pending_calls(t));
    if (bits & kPleaseStop) {
        clear_breaker(t, kPleaseStop);
        run_debugger_script(t);
    }
    if (bits & kGcScheduled) gc_run_scheduled(t);
    if (bits & kGilDropRequest) gil_yield(t);
    if (bits & kAsyncException) {
        clear_breaker(t, kAsyncException);
        if (PyObject* exc = t.c.async_exc) {
            t.c.async_exc = nullptr;
            Ref owned = Ref::steal(Value(exc));
            return raise_object(t, owned);
        }
    }
    return Status::ok();
}

}  // namespace krait
