// pystate.h, pythread.h, lock.h, pytime.h, parts of ceval.h: threads, the GIL, locks and time.
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <mutex>

#include "builtins/dict.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "capi/capi.h"
#include "gc/gc.h"
#include "modules/_thread.h"
#include "modules/_thread_internal.h"
#include "modules/contextvars.h"
#include "object/names.h"
#include "runtime/init.h"
#include "runtime/timestamp.h"
#include "support/panic.h"
#include "support/wide-stack.h"

CAPI [[noreturn]] void _Py_FatalErrorFunc(const char* func, const char* message);

namespace krait {
Ref thread_dict(Thread& t);  // modules/_thread.cpp
}

using namespace krait;

namespace {
using P = PyObject*;
Thread* state_of(PyThreadState* s) { return reinterpret_cast<Thread*>(s); }
PyThreadState* as_state(Thread* t) { return t ? &t->c : nullptr; }
Interpreter* interp_of(void* i) { return static_cast<Interpreter*>(i); }
}  // namespace

// --- thread states ---

CAPI PyThreadState* PyThreadState_Get() {
    if (!t_current) [[unlikely]]
        _Py_FatalErrorFunc(
            "PyThreadState_Get",
            "the function must be called with the GIL held, after Python initialization and before "
            "Python finalization, but the GIL is released (the current Python thread state is NULL)");
    return as_state(t_current);
}
CAPI PyThreadState* PyThreadState_GetUnchecked() { return as_state(t_current); }
CAPI PyThreadState* _PyThreadState_UncheckedGet() { return as_state(t_current); }
CAPI PyThreadState* _PyThreadState_GetCurrent() { return as_state(t_current); }
CAPI PyThreadState* PyThreadState_New(void* interp) { return as_state(thread_new(*interp_of(interp))); }
CAPI PyThreadState* _PyThreadState_New(void* interp, int) { return PyThreadState_New(interp); }
CAPI void PyThreadState_Clear(PyThreadState* s) {
    Thread& t = *state_of(s);
    clear_error(here());
    P d = s->dict;
    s->dict = nullptr;
    if (d) decref(d);
    if (P exc = s->current_exception) {
        s->current_exception = nullptr;
        decref(exc);
    }
    Value context = thread_context(t);
    thread_context(t) = Value();
    xdecref(context);
}
CAPI void PyThreadState_Delete(PyThreadState* s) { thread_delete(state_of(s)); }
CAPI void PyThreadState_DeleteCurrent() {
    Thread* t = t_current;
    gil_release(*t);
    thread_delete(t);
}
CAPI PyThreadState* PyThreadState_Swap(PyThreadState* s) {
    Thread* old = t_current;
    if (old && state_of(s) == old) return s;
    if (old) gil_release(*old);
    if (s) gil_take(*state_of(s));
    return as_state(old);
}
CAPI PyObject* PyThreadState_GetDict() {
    if (!t_current) return nullptr;
    Ref d = thread_dict(*t_current);
    if (!d) {
        clear_error(*t_current);
        return nullptr;
    }
    return d.get().ptr();
}
CAPI PyObject* _PyThreadState_GetDict(PyThreadState*) { return PyThreadState_GetDict(); }
CAPI void* PyThreadState_GetInterpreter(PyThreadState* s) { return s->interp; }
CAPI uint64_t PyThreadState_GetID(PyThreadState* s) { return s->id; }
CAPI int PyThreadState_SetAsyncExc(unsigned long id, PyObject* exc) {
    for (Thread* t = here().interp->threads; t; t = reinterpret_cast<Thread*>(t->c.next)) {
        if (t->c.thread_id != id) continue;
        P old = t->c.async_exc;
        t->c.async_exc = exc ? new_ref(exc) : nullptr;
        if (old) decref(old);
        set_breaker(*t, kAsyncException);
        return 1;
    }
    return 0;
}
CAPI void PyThreadState_EnterTracing(PyThreadState* s) { s->tracing++; }
CAPI void PyThreadState_LeaveTracing(PyThreadState* s) { s->tracing--; }
CAPI PyThreadState* PyThreadState_Next(PyThreadState* s) { return s->next; }
CAPI int PyUnstable_ThreadState_SetStackProtection(PyThreadState* s, void* start, size_t size) {
    Thread& t = *state_of(s);
    t.c_stack_limit = t.c_stack_end = static_cast<char*>(start) + (size > 524288 ? 131072 : size / 4);
    return 0;
}
CAPI void PyUnstable_ThreadState_ResetStackProtection(PyThreadState* s) { thread_bind_stack(*state_of(s)); }

// --- interpreters ---

CAPI void* PyInterpreterState_Get() { return here().interp; }
CAPI void* _PyInterpreterState_GET() { return here().interp; }
CAPI void* PyInterpreterState_Main() { return g_runtime.main; }
CAPI void* _PyInterpreterState_Main() { return g_runtime.main; }
CAPI void* PyInterpreterState_Head() { return g_runtime.interpreters; }
CAPI void* PyInterpreterState_Next(void* i) { return interp_of(i)->next; }
CAPI PyThreadState* PyInterpreterState_ThreadHead(void* i) { return as_state(interp_of(i)->threads); }
CAPI int64_t PyInterpreterState_GetID(void* i) { return interp_of(i)->id; }
CAPI int _Py_IsInterpreterFinalizing(void* i) { return interp_of(i)->finalizing; }
CAPI int Py_IsFinalizing() { return g_runtime.main && g_runtime.main->finalizing; }
CAPI int _Py_IsFinalizing() { return Py_IsFinalizing(); }
CAPI int Py_IsInitialized() { return g_runtime.initialized; }
CAPI int _Py_IsCoreInitialized() { return g_runtime.initialized; }

// --- the GIL ---

CAPI PyThreadState* PyEval_SaveThread() {
    Thread* t = t_current;
    gil_release(*t);
    return &t->c;
}
CAPI void PyEval_RestoreThread(PyThreadState* s) {
    int saved = errno;
    gil_take(*state_of(s));
    errno = saved;
}
CAPI void PyEval_AcquireThread(PyThreadState* s) { gil_take(*state_of(s)); }
CAPI void PyEval_ReleaseThread(PyThreadState* s) { gil_release(*state_of(s)); }
CAPI void PyEval_AcquireLock() {}
CAPI void PyEval_ReleaseLock() {}
CAPI void PyEval_InitThreads() {}
CAPI int PyEval_ThreadsInitialized() { return g_runtime.initialized; }
CAPI int PyGILState_Ensure() {
    if (Thread* t = t_current) {
        t->c.gilstate_counter++;
        return 0;  // locked already
    }
    Thread* t = t_last_state;
    if (!g_runtime.main || (g_runtime.main->finalizing && !t)) {
        // The runtime is going away: such threads wait for the end of the process.
        for (;;) pause();
    }
    if (!t) {
        t = thread_new(*g_runtime.main);
        if (!t) panic("Couldn't create thread-state for new thread");
        t->c.gilstate_counter = 0;  // the last Release() deletes it
    }
    gil_take(*t);
    t->c.gilstate_counter++;
    return 1;
}
CAPI void PyGILState_Release(int old) {
    Thread& t = here();
    if (--t.c.gilstate_counter == 0) {
        t.c.gilstate_counter++;  // what it clears may come here
        PyThreadState_Clear(&t.c);
        gil_release(t);
        thread_delete(&t);
        return;
    }
    if (old == 1) gil_release(t);
}
CAPI int PyGILState_Check() { return t_current != nullptr; }
CAPI PyThreadState* PyGILState_GetThisThreadState() { return as_state(t_last_state); }
CAPI void _PyEval_StopTheWorld(void*) {}
CAPI void _PyEval_StartTheWorld(void*) {}
CAPI int Py_AddPendingCall(int (*fn)(void*), void* arg) { return add_pending_call(fn, arg) ? 0 : -1; }
CAPI int Py_MakePendingCalls() { return t_current ? out(handle_pending(here())) : 0; }

// --- recursion ---

CAPI int Py_EnterRecursiveCall(const char* where) {
    RecursionGuard guard(here(), where ? where : "");
    return guard ? 0 : -1;
}
CAPI void Py_LeaveRecursiveCall() {}
CAPI int _Py_CheckRecursiveCall(PyThreadState*, const char* where) { return Py_EnterRecursiveCall(where); }
CAPI int _Py_ReachedRecursionLimitWithMargin(PyThreadState* s, int margin) {
    return static_cast<char*>(__builtin_frame_address(0)) < state_of(s)->c_stack_limit + margin * 16384;
}
CAPI int Py_GetRecursionLimit() { return here().interp->recursion_limit; }
CAPI void Py_SetRecursionLimit(int n) {
    Thread& t = here();
    Ref fn = import_attr(t, "sys", "setrecursionlimit");
    if (!fn || !call(t, fn, {Value::from_int(n)})) clear_error(t);
}

// --- threads and locks of the system ---

CAPI unsigned long PyThread_get_thread_ident() { return pthread_self(); }
CAPI unsigned long PyThread_get_thread_native_id() { return static_cast<unsigned long>(gettid()); }
CAPI void PyThread_init_thread() {}
namespace {
size_t g_stack_size;
struct Start {
    void (*fn)(void*);
    void* arg;
};
void* run_thread(void* p) {
    Start s = *static_cast<Start*>(p);
    free(p);
    s.fn(s.arg);
    return nullptr;
}
}  // namespace
CAPI unsigned long PyThread_start_new_thread(void (*fn)(void*), void* arg) {
    auto* s = static_cast<Start*>(malloc(sizeof(Start)));
    if (!s) return static_cast<unsigned long>(-1);
    *s = {fn, arg};
    pthread_t id;
    int r = start_wide_thread(&id, g_stack_size, run_thread, s);
    if (r) {
        free(s);
        return static_cast<unsigned long>(-1);
    }
    pthread_detach(id);
    return id;
}
CAPI void PyThread_exit_thread() { pthread_exit(nullptr); }
CAPI size_t PyThread_get_stacksize() { return g_stack_size; }
CAPI int PyThread_set_stacksize(size_t n) {
    if (n && n < 32768) return -1;
    g_stack_size = n;
    return 0;
}
CAPI PyObject* PyThread_GetInfo() {
    Value v = sys_get(here(), "thread_info");
    return v ? to_c_new(v) : nullptr;
}
CAPI void* PyThread_allocate_lock() {
    auto* s = static_cast<sem_t*>(malloc(sizeof(sem_t)));
    if (s) sem_init(s, 0, 1);
    return s;
}
CAPI void PyThread_free_lock(void* lock) {
    sem_destroy(static_cast<sem_t*>(lock));
    free(lock);
}
// 0 failed, 1 acquired, 2 interrupted
CAPI int PyThread_acquire_lock_timed(void* lock, long long us, int interruptible) {
    auto* s = static_cast<sem_t*>(lock);
    timespec until{};
    if (us > 0) {
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += us / 1000000;
        until.tv_nsec += us % 1000000 * 1000;
        if (until.tv_nsec >= 1000000000) {
            until.tv_sec++;
            until.tv_nsec -= 1000000000;
        }
    }
    for (;;) {
        int r = us < 0 ? sem_wait(s) : us == 0 ? sem_trywait(s) : sem_clockwait(s, CLOCK_MONOTONIC, &until);
        if (r == 0) return 1;
        if (errno != EINTR) return 0;
        if (interruptible) return 2;
    }
}
CAPI int PyThread_acquire_lock_timed_with_retries(void* lock, long long us) {
    Thread& t = here();
    int64_t end = us > 0 ? monotonic_ns() / kNsPerMicrosecond + us : 0;
    for (;;) {
        int r = PyThread_acquire_lock_timed(lock, 0, 0);
        if (r != 1 && us != 0) {
            AllowThreads allow(t);
            r = PyThread_acquire_lock_timed(lock, us, 1);
        }
        if (r != 2) return r;
        // A signal: its handler runs, and the wait goes on for what is left of the time.
        if (!handle_pending(t)) return 2;
        if (us > 0 && (us = end - monotonic_ns() / kNsPerMicrosecond) < 0) return 0;
    }
}
CAPI int PyThread_ParseTimeoutArg(PyObject* arg, int blocking, long long* timeout) {
    Result<int64_t> us = parse_timeout(here(), blocking != 0,
                                       arg && arg != &_Py_NoneStruct ? Value(arg) : Value::from_int(-1));
    if (!us) return -1;
    *timeout = us.value();
    return 0;
}
CAPI int PyThread_acquire_lock(void* lock, int wait) {
    return PyThread_acquire_lock_timed(lock, wait ? -1 : 0, 0);
}
CAPI void PyThread_release_lock(void* lock) { sem_post(static_cast<sem_t*>(lock)); }
CAPI const long long PY_TIMEOUT_MAX;
const long long PY_TIMEOUT_MAX = INT64_MAX / 1000;

struct Py_tss_t {
    int is_initialized;
    pthread_key_t key;
};
CAPI Py_tss_t* PyThread_tss_alloc() { return static_cast<Py_tss_t*>(calloc(1, sizeof(Py_tss_t))); }
CAPI int PyThread_tss_is_created(Py_tss_t* k) { return k->is_initialized; }
CAPI int PyThread_tss_create(Py_tss_t* k) {
    if (k->is_initialized) return 0;
    if (pthread_key_create(&k->key, nullptr)) return -1;
    k->is_initialized = 1;
    return 0;
}
CAPI void PyThread_tss_delete(Py_tss_t* k) {
    if (!k->is_initialized) return;
    pthread_key_delete(k->key);
    k->is_initialized = 0;
}
CAPI void PyThread_tss_free(Py_tss_t* k) {
    if (!k) return;
    PyThread_tss_delete(k);
    free(k);
}
CAPI int PyThread_tss_set(Py_tss_t* k, void* v) { return pthread_setspecific(k->key, v) ? -1 : 0; }
CAPI void* PyThread_tss_get(Py_tss_t* k) { return pthread_getspecific(k->key); }
CAPI int PyThread_create_key() {
    pthread_key_t k;
    return pthread_key_create(&k, nullptr) ? -1 : static_cast<int>(k);
}
CAPI void PyThread_delete_key(int k) { pthread_key_delete(static_cast<pthread_key_t>(k)); }
CAPI int PyThread_set_key_value(int k, void* v) {
    return pthread_setspecific(static_cast<pthread_key_t>(k), v) ? -1 : 0;
}
CAPI void* PyThread_get_key_value(int k) { return pthread_getspecific(static_cast<pthread_key_t>(k)); }
CAPI void PyThread_delete_key_value(int k) { pthread_setspecific(static_cast<pthread_key_t>(k), nullptr); }
CAPI void PyThread_ReInitTLS() {}

// --- parking: threads that wait for a change at an address ---

namespace {
struct Waiter {
    const void* address;
    void* arg;
    bool woken = false;
    pthread_cond_t cond;
    Waiter* next = nullptr;
};
struct Bucket {
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    Waiter *first = nullptr, *last = nullptr;
};
constexpr size_t kBuckets = 257;
Bucket g_buckets[kBuckets];
Bucket& bucket_of(const void* p) { return g_buckets[(reinterpret_cast<uintptr_t>(p) >> 3) % kBuckets]; }

// Takes the first waiter on the address out of its bucket; `more`: another one is there.
Waiter* take_waiter(Bucket& b, const void* address, bool* more) {
    Waiter *prev = nullptr, *found = nullptr;
    *more = false;
    for (Waiter* w = b.first; w; w = w->next) {
        if (w->address == address) {
            if (found) {
                *more = true;
                break;
            }
            found = w;
            Waiter* next = w->next;
            (prev ? prev->next : b.first) = next;
            if (b.last == w) b.last = prev;
            continue;
        }
        prev = w;
    }
    return found;
}
void remove_waiter(Bucket& b, Waiter* w) {
    Waiter* prev = nullptr;
    for (Waiter* x = b.first; x; prev = x, x = x->next)
        if (x == w) {
            (prev ? prev->next : b.first) = x->next;
            if (b.last == x) b.last = prev;
            return;
        }
}
bool still(const void* address, const void* expected, size_t size) {
    switch (size) {
        case 1:
            return __atomic_load_n(static_cast<const uint8_t*>(address), __ATOMIC_SEQ_CST) ==
                   *static_cast<const uint8_t*>(expected);
        case 2:
            return __atomic_load_n(static_cast<const uint16_t*>(address), __ATOMIC_SEQ_CST) ==
                   *static_cast<const uint16_t*>(expected);
        case 4:
            return __atomic_load_n(static_cast<const uint32_t*>(address), __ATOMIC_SEQ_CST) ==
                   *static_cast<const uint32_t*>(expected);
        default:
            return __atomic_load_n(static_cast<const uint64_t*>(address), __ATOMIC_SEQ_CST) ==
                   *static_cast<const uint64_t*>(expected);
    }
}
constexpr int kParkOk = 0, kParkAgain = -1, kParkTimeout = -2, kParkIntr = -3;
}  // namespace

// Waits until unparked (0), the value is another (-1), the time is over (-2) or a signal came (-3).
CAPI int _PyParkingLot_Park(const void* address, const void* expected, size_t size, int64_t timeout_ns,
                            void* arg, int detach) {
    Bucket& b = bucket_of(address);
    pthread_mutex_lock(&b.mutex);
    if (!still(address, expected, size)) {
        pthread_mutex_unlock(&b.mutex);
        return kParkAgain;
    }
    Waiter w{.address = address, .arg = arg};
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&w.cond, &attr);
    pthread_condattr_destroy(&attr);
    (b.last ? b.last->next : b.first) = &w;
    b.last = &w;
    Thread* t = detach && t_current ? t_current : nullptr;
    if (t) gil_release(*t);
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t deadline = timeout_ns < 0 ? INT64_MAX : now.tv_sec * 1000000000 + now.tv_nsec + timeout_ns;
    int result = kParkOk;
    while (!w.woken) {
        // In slices, so that a signal's handler is not kept waiting: condition variables do not wake for
        // them.
        clock_gettime(CLOCK_MONOTONIC, &now);
        int64_t at = now.tv_sec * 1000000000 + now.tv_nsec;
        if (at >= deadline) {
            result = kParkTimeout;
            break;
        }
        if (t && (__atomic_load_n(&t->c.eval_breaker, __ATOMIC_RELAXED) & (kSignalsPending | kCallsToDo))) {
            result = kParkIntr;
            break;
        }
        int64_t slice = t == g_runtime.main_thread ? 20000000 : 200000000;
        int64_t until = deadline - at < slice ? deadline : at + slice;
        timespec ts{until / 1000000000, until % 1000000000};
        pthread_cond_timedwait(&w.cond, &b.mutex, &ts);
    }
    if (!w.woken) remove_waiter(b, &w);
    if (w.woken) result = kParkOk;
    pthread_mutex_unlock(&b.mutex);
    pthread_cond_destroy(&w.cond);
    if (t) gil_take(*t);
    return result;
}
CAPI void _PyParkingLot_Unpark(const void* address, void (*fn)(void*, void*, int), void* arg) {
    Bucket& b = bucket_of(address);
    pthread_mutex_lock(&b.mutex);
    bool more;
    Waiter* w = take_waiter(b, address, &more);
    fn(arg, w ? w->arg : nullptr, more);
    if (w) {
        w->woken = true;
        pthread_cond_signal(&w->cond);
    }
    pthread_mutex_unlock(&b.mutex);
}
CAPI void _PyParkingLot_UnparkAll(const void* address) {
    Bucket& b = bucket_of(address);
    pthread_mutex_lock(&b.mutex);
    bool more;
    while (Waiter* w = take_waiter(b, address, &more)) {
        w->woken = true;
        pthread_cond_signal(&w->cond);
    }
    pthread_mutex_unlock(&b.mutex);
}
CAPI void _PyParkingLot_AfterFork() {
    for (Bucket& b : g_buckets) {
        b.mutex = PTHREAD_MUTEX_INITIALIZER;
        b.first = b.last = nullptr;
    }
}

// PyMutex: bit 0 locked, bit 1 somebody is parked.
CAPI void PyMutex_Lock(uint8_t* m) {
    for (;;) {
        uint8_t v = __atomic_load_n(m, __ATOMIC_RELAXED);
        if (!(v & 1)) {
            if (__atomic_compare_exchange_n(m, &v, v | 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) return;
            continue;
        }
        uint8_t parked = v | 2;
        if (v != parked &&
            !__atomic_compare_exchange_n(m, &v, parked, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
            continue;
        _PyParkingLot_Park(m, &parked, 1, -1, nullptr, 1);
    }
}
namespace {
void unlock_mutex(void* m, void*, int more) {
    __atomic_store_n(static_cast<uint8_t*>(m), static_cast<uint8_t>(more ? 2 : 0), __ATOMIC_RELEASE);
}
}  // namespace
CAPI void PyMutex_Unlock(uint8_t* m) {
    uint8_t v = 1;
    if (__atomic_compare_exchange_n(m, &v, 0, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED)) return;
    _PyParkingLot_Unpark(m, unlock_mutex, m);
}
CAPI int PyMutex_IsLocked(uint8_t* m) { return __atomic_load_n(m, __ATOMIC_RELAXED) & 1; }
CAPI int _PyMutex_LockTimed(uint8_t* m, int64_t timeout, int) {
    int64_t waited = 0;
    for (;;) {
        uint8_t v = __atomic_load_n(m, __ATOMIC_RELAXED);
        if (!(v & 1) && __atomic_compare_exchange_n(m, &v, v | 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
            return 1;
        if (timeout >= 0 && waited >= timeout) return 0;
        Thread* t = t_current;
        if (t) gil_release(*t);
        usleep(100);
        waited += 100000;
        if (t) gil_take(*t);
    }
}
CAPI void PyCriticalSection_Begin(void*, PyObject*) {}
CAPI void PyCriticalSection_End(void*) {}
CAPI void PyCriticalSection2_Begin(void*, PyObject*, PyObject*) {}
CAPI void PyCriticalSection2_End(void*) {}
CAPI void PyCriticalSection_BeginMutex(void*, uint8_t*) {}
CAPI void PyCriticalSection2_BeginMutex(void*, uint8_t*, uint8_t*) {}

// --- time, in nanoseconds ---

namespace {
int read_clock(clockid_t id, int64_t* result) {
    timespec ts;
    if (clock_gettime(id, &ts)) {
        *result = 0;
        return t_current ? fail(raise_errno(here(), errno)) : -1;
    }
    *result = ts.tv_sec * 1000000000 + ts.tv_nsec;
    return 0;
}
Rounding rounding(int how) { return static_cast<Rounding>(how); }
int from_number(int64_t* result, P o, int how, int64_t unit) {
    Result<int64_t> ns = ns_from_number(here(), Value(o), rounding(how), unit);
    if (!ns) return -1;
    *result = ns.value();
    return 0;
}
}  // namespace
CAPI int PyTime_Monotonic(int64_t* t) { return read_clock(CLOCK_MONOTONIC, t); }
CAPI int PyTime_PerfCounter(int64_t* t) { return read_clock(CLOCK_MONOTONIC, t); }
CAPI int PyTime_Time(int64_t* t) { return read_clock(CLOCK_REALTIME, t); }
CAPI int PyTime_MonotonicRaw(int64_t* t) { return read_clock(CLOCK_MONOTONIC, t); }
CAPI int PyTime_PerfCounterRaw(int64_t* t) { return read_clock(CLOCK_MONOTONIC, t); }
CAPI int PyTime_TimeRaw(int64_t* t) { return read_clock(CLOCK_REALTIME, t); }
CAPI double PyTime_AsSecondsDouble(int64_t t) {
    return t % 1000000000 == 0 ? static_cast<double>(t / 1000000000) : static_cast<double>(t) / 1e9;
}
CAPI int _PyTime_FromSecondsObject(int64_t* t, PyObject* o, int how) {
    return from_number(t, o, how, 1000000000);
}
CAPI int _PyTime_FromMillisecondsObject(int64_t* t, PyObject* o, int how) {
    return from_number(t, o, how, 1000000);
}
CAPI int64_t _PyTime_FromSeconds(int s) { return static_cast<int64_t>(s) * 1000000000; }
CAPI int _PyTime_FromLong(int64_t* t, PyObject* o) {
    if (!is_long(o)) return fail(raise(here(), PyExc_TypeError, "expect int, got %s", o->ob_type->tp_name));
    return int_to_i64(o, t)
               ? 0
               : fail(raise(here(), PyExc_OverflowError, "timestamp out of range for C PyTime_t"));
}
CAPI PyObject* _PyTime_AsLong(int64_t t) { return out(int_from(here(), t)); }
CAPI int64_t _PyTime_AsMilliseconds(int64_t t, int how) {
    return divided(t, kNsPerMillisecond, rounding(how));
}
CAPI int64_t _PyTime_AsMicroseconds(int64_t t, int how) {
    return divided(t, kNsPerMicrosecond, rounding(how));
}
CAPI int _PyTime_AsTimeval(int64_t t, timeval* tv, int how) {
    int64_t us = divided(t, kNsPerMicrosecond, rounding(how));
    int64_t seconds = divided(us, 1'000'000, Rounding::Floor);
    *tv = {seconds, us - seconds * 1'000'000};
    return 0;
}
CAPI int _PyTime_AsTimespec(int64_t t, timespec* ts) {
    *ts = timespec_from_ns(t);
    return 0;
}
CAPI int64_t _PyDeadline_Init(int64_t timeout) { return monotonic_ns_after(timeout); }
CAPI int64_t _PyDeadline_Get(int64_t deadline) { return deadline - monotonic_ns(); }
CAPI int _PyTime_ObjectToTime_t(PyObject* o, time_t* sec, int how) {
    Result<time_t> seconds = time_t_from_number(here(), Value(o), rounding(how));
    if (!seconds) return -1;
    *sec = seconds.value();
    return 0;
}

// --- signals ---

using SignalHandler = void (*)(int);
CAPI SignalHandler PyOS_getsig(int number) {
    struct sigaction a;
    return sigaction(number, nullptr, &a) == -1 ? SIG_ERR : a.sa_handler;
}
CAPI SignalHandler PyOS_setsig(int number, SignalHandler handler) {
    struct sigaction a{}, old;
    a.sa_handler = handler;
    sigemptyset(&a.sa_mask);
    a.sa_flags = number == SIGALRM ? 0 : 0;
    return sigaction(number, &a, &old) == -1 ? SIG_ERR : old.sa_handler;
}
CAPI int PyOS_InterruptOccurred() { return 0; }
CAPI void PyOS_AfterFork_Child() {
    gil_after_fork(here());
    _PyParkingLot_AfterFork();
}
CAPI void PyOS_BeforeFork() {}
CAPI void PyOS_AfterFork_Parent() {}
CAPI void PyOS_AfterFork() { PyOS_AfterFork_Child(); }
CAPI int PyOS_CheckStack() { return 0; }
