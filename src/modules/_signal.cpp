// The module _signal. The C handler only notes what came; Python handlers run in the main thread at its next
// check.
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/number.h"
#include "builtins/set.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "interp/frame.h"
#include "interp/interp.h"
#include "object/per_interpreter.h"
#include "object/protocol.h"
#include "runtime/init.h"
#include "runtime/timestamp.h"

namespace krait {

namespace {

struct Slot {
    volatile sig_atomic_t tripped;
    Value handler;  // owned; an int, None (not set from Python) or a callable
} g_slots[NSIG];
volatile sig_atomic_t g_any;
volatile sig_atomic_t g_wakeup_fd = -1;
volatile sig_atomic_t g_warn_on_full = 1;
volatile sig_atomic_t g_wakeup_errno;  // why the last write to the wake-up fd failed; 0: it did not
PER_INTERPRETER_REFS Value g_itimer_error, g_siginfo_type;  // owned
bool g_installed;                                           // the handlers of start-up

bool in_main_thread(Thread& t) { return &t == g_runtime.main_thread; }

void write_wakeup(int signum) {
    int fd = g_wakeup_fd;
    if (fd < 0) return;
    auto byte = static_cast<unsigned char>(signum);
    if (::write(fd, &byte, 1) < 0 && (g_warn_on_full || (errno != EWOULDBLOCK && errno != EAGAIN)))
        g_wakeup_errno = errno;
}

void trip(int signum) {
    g_slots[signum].tripped = 1;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    g_any = 1;
    signal_pending();
    write_wakeup(signum);
}

void on_signal(int signum) {
    int saved = errno;
    trip(signum);
    errno = saved;
}

bool set_handler(int signum, void (*fn)(int)) {
    struct sigaction action{};
    action.sa_handler = fn;
    action.sa_flags = fn == on_signal ? SA_ONSTACK : 0;
    sigemptyset(&action.sa_mask);
    return ::sigaction(signum, &action, nullptr) == 0;
}

bool is_number(Value handler, int64_t n) {
    int64_t word;
    return is_long(handler) && int_to_i64(handler, &word) && word == n;
}

void report_wakeup_failure(Thread& t) {
    int error = g_wakeup_errno;
    if (!error) return;
    g_wakeup_errno = 0;
    (void)Status(raise_errno(t, error));
    write_unraisable(t, "Exception ignored while trying to write to the signal wakeup fd", Value());
}

Ref running_frame(Thread& t) {
    Frame* f = current_frame(t);
    if (!f) return none_ref();
    PyFrameObject* o = frame_object(t, f);
    if (!o) return {};
    return Ref::share(Value(reinterpret_cast<PyObject*>(o)));
}

Status run_handlers(Thread& t) {
    if (!g_any) return Status::ok();
    g_any = 0;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    report_wakeup_failure(t);
    Ref frame = TRY(running_frame(t));
    for (int signum = 1; signum < NSIG; signum++) {
        if (!g_slots[signum].tripped) continue;
        g_slots[signum].tripped = 0;
        Ref handler = Ref::share(g_slots[signum].handler);
        if (t.interp->finalizing || !handler || is_none(handler) || is_number(handler, 0) ||
            is_number(handler, 1)) {
            // The handler was taken away after the signal had come, as all are at the end.
            (void)Status(raise(t, PyExc_OSError, "Signal %i ignored due to race condition", signum));
            write_unraisable(t, nullptr, Value());
            continue;
        }
        Ref result = call(t, handler, {Value::from_int(signum), frame});
        if (!result) {  // the rest has its turn at the next check
            g_any = 1;
            signal_pending();
            return {};
        }
    }
    return Status::ok();
}

// --- arguments ---

Result<int> signal_number(Thread& t, Value v) {
    int n = TRY(as_int32(t, v));
    if (n < 1 || n >= NSIG) return raise(t, PyExc_ValueError, "signal number out of range");
    return n;
}

Status sigset_of(Thread& t, Value iterable, sigset_t* out) {
    sigemptyset(out);
    Ref it = TRY(iter(t, iterable));
    for (;;) {
        Ref item = iter_next(t, it);
        if (!item) {
            if (occurred(t)) return {};
            return Status::ok();
        }
        Ref number = TRY(index(t, item));
        int64_t n;
        if (!int_to_i64(number, &n)) n = -1;
        if (n < 1 || n >= NSIG)
            return raise(t, PyExc_ValueError, "signal number %ld out of range [1; %i]", static_cast<long>(n),
                         NSIG - 1);
        if (sigaddset(out, static_cast<int>(n)) == 0) continue;
        if (errno != EINVAL) return raise_errno(t, errno);
        TRY(warn(t, PyExc_RuntimeWarning, 1, "invalid signal number %ld, please use valid_signals()",
                 static_cast<long>(n)));
    }
}
Ref set_of(Thread& t, const sigset_t& signals) {
    Ref set = TRY(set_new(t));
    for (int i = 1; i < NSIG; i++)
        if (sigismember(&signals, i) == 1) TRY(set_add(t, set, Value::from_int(i)));
    return set;
}

// --- handlers ---

Ref default_int_handler(Thread& t, Value, const Value*, size_t) {
    return raise_none(t, PyExc_KeyboardInterrupt);
}

Ref set_signal(Thread& t, Value, const Value* a, size_t) {
    int signum = TRY(as_int32(t, a[0]));
    Value handler = a[1];
    if (!in_main_thread(t))
        return raise(t, PyExc_ValueError, "signal only works in main thread of the main interpreter");
    if (signum < 1 || signum >= NSIG) return raise(t, PyExc_ValueError, "signal number out of range");
    void (*fn)(int);
    if (is_callable(handler))
        fn = on_signal;
    else if (is_number(handler, 1))
        fn = SIG_IGN;
    else if (is_number(handler, 0))
        fn = SIG_DFL;
    else
        return raise(t, PyExc_TypeError,
                     "signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object");
    TRY(run_handlers(t));
    if (!set_handler(signum, fn)) return raise_errno(t, errno);
    Ref old = Ref::steal(g_slots[signum].handler);
    g_slots[signum].handler = Ref::share(handler).release();
    if (!old) return none_ref();
    return old;
}
Ref get_signal(Thread& t, Value, Value v) {
    int signum = TRY(signal_number(t, v));
    Value handler = g_slots[signum].handler;
    return handler ? Ref::share(handler) : none_ref();
}
Ref sig_interrupt(Thread& t, Value, const Value* a, size_t) {
    int signum = TRY(as_int32(t, a[0])), flag = TRY(as_int32(t, a[1]));
    if (signum < 1 || signum >= NSIG) return raise(t, PyExc_ValueError, "signal number out of range");
    struct sigaction action;
    if (::sigaction(signum, nullptr, &action) == 0) {
        action.sa_flags = flag ? action.sa_flags & ~SA_RESTART : action.sa_flags | SA_RESTART;
        if (::sigaction(signum, &action, nullptr) == 0) return none_ref();
    }
    return raise_errno(t, errno);
}
Ref set_wakeup_fd(Thread& t, Value, const Value* a) {
    int fd = TRY(as_int32(t, a[0]));
    bool warn_full = a[1] ? TRY(is_true(t, a[1])) : true;
    if (!in_main_thread(t))
        return raise(t, PyExc_ValueError, "set_wakeup_fd only works in main thread of the main interpreter");
    if (fd != -1) {
        int flags = ::fcntl(fd, F_GETFL);
        if (flags < 0) return raise_errno(t, errno);
        if (!(flags & O_NONBLOCK))
            return raise(t, PyExc_ValueError, "the fd %i must be in non-blocking mode", fd);
    }
    int old = g_wakeup_fd;
    g_wakeup_fd = fd < 0 ? -1 : fd;
    g_warn_on_full = warn_full;
    return Ref::from_int(old);
}

// --- sending ---

}  // namespace
void simulate_signal(int signum) {
    Value handler = g_slots[signum].handler;
    if (handler && is_callable(handler)) trip(signum);
}
namespace {
Ref raise_signal(Thread& t, Value, Value v) {
    int signum = TRY(as_int32(t, v));
    if (::raise(signum) != 0) return raise_errno(t, errno);
    TRY(handle_pending(t));
    return none_ref();
}
Ref thread_kill(Thread& t, Value, const Value* a, size_t) {
    if (!is_long(a[0]))
        return raise(t, PyExc_TypeError, "pthread_kill() argument 1 must be int, not %K", a[0]);
    Value id = a[0];
    int signum = TRY(as_int32(t, a[1]));
    TRY(audit(t, "signal.pthread_kill", {id, Value::from_int(signum)}));
    uint64_t thread = int_to_u64_wrapping(id);
    if (!thread) return raise_errno(t, ESRCH);
    int error = ::pthread_kill(thread, signum);
    if (error) return raise_errno(t, error);
    TRY(handle_pending(t));
    return none_ref();
}
Ref pidfd_send_signal(Thread& t, Value, const Value* a, size_t n) {
    int fd = TRY(as_int32(t, a[0])), signum = TRY(as_int32(t, a[1]));
    if (n > 2 && !is_none(a[2])) return raise(t, PyExc_TypeError, "siginfo must be None");
    int flags = n > 3 ? TRY(as_int32(t, a[3])) : 0;
    if (::syscall(SYS_pidfd_send_signal, fd, signum, nullptr, flags) != 0) return raise_errno(t, errno);
    return none_ref();
}

// --- timers ---

Ref alarm_in(Thread& t, Value, Value v) {
    int seconds = TRY(as_int32(t, v));
    return Ref::from_int(::alarm(static_cast<unsigned>(seconds)));
}
timeval timeval_of(int64_t ns) {
    int64_t us = ns / 1000 + (ns % 1000 > 0), s = us / 1000000;
    us %= 1000000;
    if (us < 0) {
        us += 1000000;
        s--;
    }
    return {s, us};
}
Ref timer_values(Thread& t, const itimerval& v) {
    auto seconds = [&](timeval tv) {
        return float_from(t, static_cast<double>(tv.tv_sec) + static_cast<double>(tv.tv_usec) * 1e-6);
    };
    Ref value = TRY(seconds(v.it_value)), interval = TRY(seconds(v.it_interval));
    return tuple_of(t, {value, interval});
}
Ref itimer_failure(Thread& t) {
    int error = errno;
    Ref text = TRY(str_from(t, ::strerror(error)));
    Ref args = TRY(tuple_of(t, {Value::from_int(error), text}));
    return raise_value(t, g_itimer_error.as<PyTypeObject>(), args);
}
Ref set_itimer(Thread& t, Value, const Value* a, size_t n) {
    int which = TRY(as_int32(t, a[0]));
    int64_t value = TRY(ns_from_number(t, a[1], Rounding::Ceiling));
    int64_t interval = n > 2 ? TRY(ns_from_number(t, a[2], Rounding::Ceiling)) : 0;
    itimerval wanted{timeval_of(interval), timeval_of(value)}, old;
    if (::setitimer(static_cast<__itimer_which>(which), &wanted, &old) != 0) return itimer_failure(t);
    return timer_values(t, old);
}
Ref get_itimer(Thread& t, Value, Value v) {
    int which = TRY(as_int32(t, v));
    itimerval old;
    if (::getitimer(static_cast<__itimer_which>(which), &old) != 0) return itimer_failure(t);
    return timer_values(t, old);
}

// --- waiting ---

Ref pause_here(Thread& t, Value) {
    {
        AllowThreads allow(t);
        ::pause();
    }
    TRY(handle_pending(t));
    return none_ref();
}
Ref thread_sigmask(Thread& t, Value, const Value* a, size_t) {
    int how = TRY(as_int32(t, a[0]));
    sigset_t mask, old;
    TRY(sigset_of(t, a[1], &mask));
    int error = ::pthread_sigmask(how, &mask, &old);
    if (error) return raise_errno(t, error);
    TRY(handle_pending(t));
    return set_of(t, old);
}
Ref sig_pending(Thread& t, Value) {
    sigset_t mask;
    if (::sigpending(&mask)) return raise_errno(t, errno);
    return set_of(t, mask);
}
Ref sig_wait(Thread& t, Value, Value v) {
    sigset_t mask;
    TRY(sigset_of(t, v, &mask));
    int signum = 0, error;
    {
        AllowThreads allow(t);
        error = ::sigwait(&mask, &signum);
    }
    if (error) return raise_errno(t, error);
    return Ref::from_int(signum);
}
Ref siginfo_new(Thread& t, const siginfo_t& si) {
    int64_t numbers[] = {si.si_signo, si.si_code,   si.si_errno, si.si_pid,
                         si.si_uid,   si.si_status, si.si_band};
    Value items[7];
    for (int i = 0; i < 7; i++) {
        Ref n = int_from(t, numbers[i]);
        if (!n) {
            while (i > 0) xdecref(items[--i]);
            return {};
        }
        items[i] = n.release();
    }
    return structseq_new(t, g_siginfo_type.as<PyTypeObject>(), items);
}
Ref sig_wait_info(Thread& t, Value, Value v) {
    sigset_t mask;
    TRY(sigset_of(t, v, &mask));
    for (;;) {
        siginfo_t si;
        int r;
        {
            AllowThreads allow(t);
            r = ::sigwaitinfo(&mask, &si);
        }
        if (r >= 0) return siginfo_new(t, si);
        if (errno != EINTR) return raise_errno(t, errno);
        TRY(handle_pending(t));
    }
}
Ref sig_timed_wait(Thread& t, Value, const Value* a, size_t) {
    sigset_t mask;
    TRY(sigset_of(t, a[0], &mask));
    int64_t left = TRY(ns_from_number(t, a[1], Rounding::Ceiling));
    if (left < 0) return raise(t, PyExc_ValueError, "timeout must be non-negative");
    int64_t deadline = monotonic_ns_after(left);
    for (;;) {
        timespec ts = timespec_from_ns(left);
        siginfo_t si;
        int r;
        {
            AllowThreads allow(t);
            r = ::sigtimedwait(&mask, &si, &ts);
        }
        if (r >= 0) return siginfo_new(t, si);
        if (errno == EAGAIN) return none_ref();
        if (errno != EINTR) return raise_errno(t, errno);
        TRY(handle_pending(t));
        left = deadline - monotonic_ns();
        if (left < 0) return none_ref();
    }
}

Ref signal_text(Thread& t, Value, Value v) {
    int signum = TRY(signal_number(t, v));
    const char* text = ::strsignal(signum);
    if (!text || !strncmp(text, "Unknown signal", 14)) return none_ref();
    return str_from(t, text);
}
Ref valid_signals(Thread& t, Value) {
    sigset_t all;
    if (sigemptyset(&all) || sigfillset(&all)) return raise_errno(t, errno);
    return set_of(t, all);
}

const NativeDef functions[] = {
    def<alarm_in>("alarm", "(seconds, /)", "Has SIGALRM sent after so many seconds."),
    def<default_int_handler>("default_int_handler", "(signalnum, frame, /)",
                             "What Python does at SIGINT: raises KeyboardInterrupt."),
    def<get_itimer>("getitimer", "(which, /)", "Value and interval of an interval timer."),
    def<get_signal>("getsignal", "(signalnum, /)", "The handler of a signal; None if not set from Python."),
    def<pause_here>("pause", "()", "Waits until a signal arrives."),
    def<pidfd_send_signal>("pidfd_send_signal", "(pidfd, signalnum, siginfo=None, flags=0, /)",
                           "Sends a signal to a process given by a file descriptor."),
    def<thread_kill>("pthread_kill", "(thread_id, signalnum, /)", "Sends a signal to a thread."),
    def<thread_sigmask>("pthread_sigmask", "(how, mask, /)", "Sets the signal mask of this thread."),
    def<raise_signal>("raise_signal", "(signalnum, /)", "Sends a signal to this thread."),
    def<set_wakeup_fd>("set_wakeup_fd", "(fd, /, *, warn_on_full_buffer=True)",
                       "Has the number of every signal written to a descriptor."),
    def<set_itimer>("setitimer", "(which, seconds, interval=0.0, /)", "Sets an interval timer."),
    def<sig_interrupt>("siginterrupt", "(signalnum, flag, /)",
                       "Whether system calls end with EINTR at the signal or go on."),
    def<set_signal>("signal", "(signalnum, handler, /)", "Sets what is to be done at a signal."),
    def<sig_pending>("sigpending", "()", "The signals that are blocked and have come."),
    def<sig_timed_wait>("sigtimedwait", "(sigset, timeout, /)", "As sigwaitinfo, for limited time."),
    def<sig_wait>("sigwait", "(sigset, /)", "Waits for one of the signals and takes it."),
    def<sig_wait_info>("sigwaitinfo", "(sigset, /)", "Waits for one of the signals; all about it."),
    def<signal_text>("strsignal", "(signalnum, /)", "What the system calls the signal."),
    def<valid_signals>("valid_signals", "()", "The signals there are."),
    {}};

struct Constant {
    const char* name;
    int64_t value;
};
const Constant constants[] = {
    {"NSIG", NSIG},
    {"SIG_DFL", 0},
    {"SIG_IGN", 1},
    {"SIG_BLOCK", SIG_BLOCK},
    {"SIG_UNBLOCK", SIG_UNBLOCK},
    {"SIG_SETMASK", SIG_SETMASK},
    {"ITIMER_REAL", ITIMER_REAL},
    {"ITIMER_VIRTUAL", ITIMER_VIRTUAL},
    {"ITIMER_PROF", ITIMER_PROF},
#define SIGNAL(name) {#name, name},
    SIGNAL(SIGHUP) SIGNAL(SIGINT) SIGNAL(SIGQUIT) SIGNAL(SIGILL) SIGNAL(SIGTRAP) SIGNAL(SIGIOT)
        SIGNAL(SIGABRT) SIGNAL(SIGFPE) SIGNAL(SIGKILL) SIGNAL(SIGBUS) SIGNAL(SIGSEGV) SIGNAL(SIGSYS)
            SIGNAL(SIGPIPE) SIGNAL(SIGALRM) SIGNAL(SIGTERM) SIGNAL(SIGUSR1) SIGNAL(SIGUSR2) SIGNAL(SIGCLD)
                SIGNAL(SIGCHLD) SIGNAL(SIGPWR) SIGNAL(SIGIO) SIGNAL(SIGURG) SIGNAL(SIGWINCH) SIGNAL(SIGPOLL)
                    SIGNAL(SIGSTOP) SIGNAL(SIGTSTP) SIGNAL(SIGCONT) SIGNAL(SIGTTIN) SIGNAL(SIGTTOU)
                        SIGNAL(SIGVTALRM) SIGNAL(SIGPROF) SIGNAL(SIGXCPU) SIGNAL(SIGXFSZ) SIGNAL(SIGSTKFLT)
                            SIGNAL(SIGRTMIN) SIGNAL(SIGRTMAX)
#undef SIGNAL
};

const StructSeqField siginfo_fields[] = {{"si_signo", "signal number"},
                                         {"si_code", "signal code"},
                                         {"si_errno", "errno associated with this signal"},
                                         {"si_pid", "sending process ID"},
                                         {"si_uid", "real user ID of sending process"},
                                         {"si_status", "exit value or signal"},
                                         {"si_band", "band event for SIGPOLL"}};
const StructSeqDesc siginfo_desc{"signal.struct_siginfo", "What the system tells about a signal.",
                                 siginfo_fields, 7, 7};

// What the process was started with, and Python's own handlers for the main interpreter.
Status install(Thread& t, Value module) {
    g_installed = true;
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGXFSZ, SIG_IGN);
    for (int i = 1; i < NSIG; i++) {
        struct sigaction action;
        bool known = ::sigaction(i, nullptr, &action) == 0;
        void (*fn)(int) = known ? action.sa_handler : SIG_DFL;
        g_slots[i].handler = fn == SIG_DFL ? Value::from_int(0) : fn == SIG_IGN ? Value::from_int(1) : none();
    }
    g_runtime.run_signal_handlers = run_handlers;
    if (g_slots[SIGINT].handler == Value::from_int(0)) {
        Ref handler = TRY(get_attr(t, module, "default_int_handler"));
        if (set_handler(SIGINT, on_signal)) g_slots[SIGINT].handler = handler.release();
    }
    return Status::ok();
}

Status exec(Thread& t, Value module) {
    for (auto& c : constants) TRY(module_add_int(t, module, c.name, c.value));
    if (!g_itimer_error) {
        Ref name = TRY(str_from(t, "ItimerError")), bases = TRY(tuple_of(t, {Value(PyExc_OSError)}));
        Ref ns = TRY(dict_new(t)), module_name = TRY(str_from(t, "signal"));
        TRY(dict_set_str(t, ns, "__module__", module_name));
        Ref type = TRY(new_class(t, name, bases, ns));
        Ref siginfo = TRY(structseq_type_new(t, siginfo_desc));
        g_itimer_error = type.release();
        g_siginfo_type = siginfo.release();
    }
    TRY(module_add(t, module, "ItimerError", Ref::share(g_itimer_error)));
    TRY(module_add(t, module, "struct_siginfo", Ref::share(g_siginfo_type)));
    if (!g_installed) TRY(install(t, module));
    return Status::ok();
}

}  // namespace

extern const ModuleSpec module__signal;
const ModuleSpec module__signal{
    .name = "_signal", .doc = "Signals: handlers, timers and waiting.", .functions = functions, .exec = exec};

}  // namespace krait
