// The module faulthandler: tracebacks when the process dies, on a signal, or after a time.
#include "modules/faulthandler.h"

#include <execinfo.h>
#include <pthread.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>

#include "builtins/callable.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "interp/dump_traceback.h"
#include "object/names.h"
#include "object/protocol.h"
#include "runtime/init.h"
#include "runtime/timestamp.h"

namespace krait {
namespace {

// Signal handlers have no argument for state: what they need is here.
struct Fatal {
    int signum;
    const char* name;
    bool enabled;
    struct sigaction previous;
};
Fatal g_fatal[] = {
    {SIGBUS, "Bus error", false, {}},
    {SIGILL, "Illegal instruction", false, {}},
    {SIGFPE, "Floating-point exception", false, {}},
    {SIGABRT, "Aborted", false, {}},
    {SIGSEGV, "Segmentation fault", false, {}},
};
struct {
    bool enabled, all_threads, c_stack;
    int fd;
    Value file;  // owned
} g_settings;

struct UserSignal {
    bool enabled, all_threads, chain;
    int fd;
    Value file;  // owned
    struct sigaction previous;
};
UserSignal g_user[NSIG];

struct Watchdog {
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t wake;
    pthread_t thread;
    bool running = false, cancel = false, repeat = false, exit = false;
    int64_t interval_ns = 0;
    int fd = -1;
    Value file;  // owned
    std::string header;
    Interpreter* interp = nullptr;
};
Watchdog g_watchdog;

void set_file(Value& field, Value file) {
    Value old = field;
    field = file ? Ref::share(file).release() : Value();
    xdecref(old);
}

// --- handlers ---

void dump(int fd, bool all_threads) {
    static volatile sig_atomic_t busy;
    if (busy) return;
    busy = 1;
    Thread* t = this_thread_state();
    Interpreter* interp = t ? t->interp : g_runtime.main;
    if (all_threads && interp)
        dump_traceback_of_threads(fd, *interp, t);
    else if (t)
        dump_traceback(fd, *t);
    busy = 0;
}

void disable_fatal(Fatal& h) {
    if (!h.enabled) return;
    h.enabled = false;
    sigaction(h.signum, &h.previous, nullptr);
}

void on_fatal(int signum) {
    int saved = errno, fd = g_settings.fd;
    if (!g_settings.enabled) return;
    Fatal* handler = nullptr;
    for (Fatal& h : g_fatal)
        if (h.signum == signum) handler = &h;
    if (!handler) return;
    // The next one is for whoever handled it before: SA_NODEFER lets it through at once.
    disable_fatal(*handler);
    fd_write(fd, "Fatal Python error: ");
    fd_write(fd, handler->name);
    fd_write(fd, "\n\n");
    dump(fd, g_settings.all_threads);
    if (g_settings.c_stack) {
        fd_write(fd, "\n");
        dump_c_stack(fd);
    }
    if (g_runtime.main) dump_extension_modules(fd, *g_runtime.main);
    errno = saved;
    ::raise(signum);
}

bool install_user(int signum, bool chain, struct sigaction* previous);

void on_user(int signum) {
    UserSignal& u = g_user[signum];
    if (!u.enabled) return;
    int saved = errno;
    dump(u.fd, u.all_threads);
    if (u.chain) {
        sigaction(signum, &u.previous, nullptr);
        errno = saved;
        ::raise(signum);
        saved = errno;
        install_user(signum, u.chain, nullptr);
    }
    errno = saved;
}

bool install_user(int signum, bool chain, struct sigaction* previous) {
    struct sigaction action{};
    action.sa_handler = on_user;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART | SA_ONSTACK | (chain ? SA_NODEFER : 0);
    return sigaction(signum, &action, previous) == 0;
}

// Handlers run on a stack of their own: the thread's may be what has run out.
void ensure_alternate_stack() {
    static bool made;
    if (made) return;
    size_t size = static_cast<size_t>(SIGSTKSZ) * 2 + 65536;
    size_t least = getauxval(AT_MINSIGSTKSZ);
    if (size < least + 65536) size = least + 65536;
    void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return;
    stack_t stack{};
    stack.ss_sp = memory;
    stack.ss_size = size;
    made = sigaltstack(&stack, nullptr) == 0;
}

// --- arguments ---

// The descriptor of `file`, and the object to keep open for as long as it is used (empty: none).
Result<int> file_descriptor(Thread& t, Value file, Ref& keep) {
    keep = Ref();
    if (!file || is_none(file)) {
        file = sys_get(t, "stderr");
        if (!file) return raise(t, PyExc_RuntimeError, "unable to get sys.stderr");
        if (is_none(file)) return raise(t, PyExc_RuntimeError, "sys.stderr is None");
    } else if (is_long(file)) {
        int fd = TRY(as_int32(t, file));
        if (fd < 0) return raise(t, PyExc_ValueError, "file is not a valid file descriptor");
        return fd;
    }
    Ref holder = Ref::share(file);
    Ref number = TRY(call_method(t, holder, "fileno"));
    int64_t fd = -1;
    if (!is_long(number) || !int_to_i64(number, &fd) || fd < 0 || fd > INT32_MAX)
        return raise(t, PyExc_RuntimeError, "file.fileno() is not a valid file descriptor");
    if (!call_method(t, holder, ID(flush))) clear_error(t);
    keep = std::move(holder);
    return static_cast<int>(fd);
}
Result<bool> flag(Thread& t, Value v, bool fallback) {
    if (!v) return fallback;
    return is_true(t, v);
}

// --- functions ---

Ref f_dump_traceback(Thread& t, Value, const Value* p) {
    Ref keep;
    int fd = TRY(file_descriptor(t, p[0], keep));
    bool all = TRY(flag(t, p[1], true));
    if (all)
        dump_traceback_of_threads(fd, *t.interp, &t);
    else
        dump_traceback(fd, t);
    TRY(handle_pending(t));
    return none_ref();
}
Ref f_dump_c_stack(Thread& t, Value, const Value* p) {
    Ref keep;
    int fd = TRY(file_descriptor(t, p[0], keep));
    dump_c_stack(fd);
    TRY(handle_pending(t));
    return none_ref();
}

void enable_fatal(int fd, Value file, bool all_threads, bool c_stack) {
    ensure_alternate_stack();
    set_file(g_settings.file, file);
    g_settings.fd = fd;
    g_settings.all_threads = all_threads;
    g_settings.c_stack = c_stack;
    if (g_settings.enabled) return;
    g_settings.enabled = true;
    if (c_stack) {
        // The first call loads a library, which a handler must not.
        void* frame;
        backtrace(&frame, 1);
    }
    for (Fatal& h : g_fatal) {
        struct sigaction action{};
        action.sa_handler = on_fatal;
        sigemptyset(&action.sa_mask);
        action.sa_flags = SA_NODEFER | SA_ONSTACK;
        h.enabled = sigaction(h.signum, &action, &h.previous) == 0;
    }
}

// The oracle takes c_stack without showing it.
Ref f_enable(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    Value p[3];
    Ref arguments, keep;
    TRY(bind_args(t, "enable", "(file=None, all_threads=True, c_stack=True)", args, nargs, kwnames, p,
                  arguments));
    int fd = TRY(file_descriptor(t, p[0], keep));
    bool all = TRY(flag(t, p[1], true));
    bool c_stack = TRY(flag(t, p[2], true));
    enable_fatal(fd, keep, all, c_stack);
    return none_ref();
}
Ref f_disable(Thread&, Value) {
    if (!g_settings.enabled) return bool_ref(false);
    g_settings.enabled = false;
    for (Fatal& h : g_fatal) disable_fatal(h);
    set_file(g_settings.file, Value());
    return bool_ref(true);
}
Ref f_is_enabled(Thread&, Value) { return bool_ref(g_settings.enabled); }

// --- the watchdog ---

void deadline(timespec& ts, int64_t ns) {
    clock_gettime(CLOCK_MONOTONIC, &ts);
    int64_t total = ts.tv_nsec + ns % 1000000000;
    ts.tv_sec += ns / 1000000000 + total / 1000000000;
    ts.tv_nsec = total % 1000000000;
}

void* watch(void*) {
    Watchdog& w = g_watchdog;
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, nullptr);
    pthread_mutex_lock(&w.mutex);
    do {
        timespec until;
        deadline(until, w.interval_ns);
        int rc = 0;
        while (!w.cancel && rc == 0) rc = pthread_cond_timedwait(&w.wake, &w.mutex, &until);
        if (w.cancel) break;
        // Nobody holds a lock for this: the others' frames are looked at as they are.
        fd_write(w.fd, w.header);
        dump_traceback_of_threads(w.fd, *w.interp, nullptr);
        if (w.exit) _exit(1);
    } while (w.repeat);
    pthread_mutex_unlock(&w.mutex);
    return nullptr;
}

void cancel_watchdog(Thread& t) {
    Watchdog& w = g_watchdog;
    if (!w.running) return;
    pthread_mutex_lock(&w.mutex);
    w.cancel = true;
    pthread_cond_signal(&w.wake);
    pthread_mutex_unlock(&w.mutex);
    {
        AllowThreads allow(t);
        pthread_join(w.thread, nullptr);
    }
    w.running = false;
    set_file(w.file, Value());
}

Result<int64_t> timeout_ns(Thread& t, Value v) {
    int64_t us = divided(TRY(ns_from_number(t, v, kTimeoutRounding)), kNsPerMicrosecond, kTimeoutRounding);
    if (us <= 0) return raise(t, PyExc_ValueError, "timeout must be greater than 0");
    return us * kNsPerMicrosecond;
}

std::string timeout_header(int64_t ns) {
    int64_t us = ns / 1000 % 1000000, s = ns / 1000000000;
    char text[80];
    if (us)
        snprintf(text, sizeof text, "Timeout (%ld:%02ld:%02ld.%06ld)!\n", s / 3600, s / 60 % 60, s % 60, us);
    else
        snprintf(text, sizeof text, "Timeout (%ld:%02ld:%02ld)!\n", s / 3600, s / 60 % 60, s % 60);
    return text;
}

Ref f_dump_traceback_later(Thread& t, Value, const Value* p) {
    int64_t ns = TRY(timeout_ns(t, p[0]));
    bool repeat = TRY(flag(t, p[1], false));
    Ref keep;
    int fd = TRY(file_descriptor(t, p[2], keep));
    bool exit = TRY(flag(t, p[3], false));
    cancel_watchdog(t);
    Watchdog& w = g_watchdog;
    static bool prepared;
    if (!prepared) {
        pthread_condattr_t attr;
        pthread_condattr_init(&attr);
        pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
        pthread_cond_init(&w.wake, &attr);
        pthread_condattr_destroy(&attr);
        prepared = true;
    }
    set_file(w.file, keep);
    w.fd = fd;
    w.interval_ns = ns;
    w.repeat = repeat;
    w.exit = exit;
    w.cancel = false;
    w.interp = t.interp;
    w.header = timeout_header(ns);
    if (pthread_create(&w.thread, nullptr, watch, nullptr) != 0) {
        set_file(w.file, Value());
        return raise(t, PyExc_RuntimeError, "unable to start watchdog thread");
    }
    w.running = true;
    return none_ref();
}
Ref f_cancel(Thread& t, Value) {
    cancel_watchdog(t);
    return none_ref();
}

// --- signals of the user's choice ---

Status check_signal(Thread& t, int signum) {
    for (const Fatal& h : g_fatal)
        if (h.signum == signum)
            return raise(t, PyExc_RuntimeError, "signal %i cannot be registered, use enable() instead",
                         signum);
    if (signum < 1 || signum >= NSIG) return raise(t, PyExc_ValueError, "signal number out of range");
    return Status::ok();
}

Ref f_register(Thread& t, Value, const Value* p) {
    int signum = TRY(as_int32(t, p[0]));
    TRY(check_signal(t, signum));
    Ref keep;
    int fd = TRY(file_descriptor(t, p[1], keep));
    bool all = TRY(flag(t, p[2], true));
    bool chain = TRY(flag(t, p[3], false));
    ensure_alternate_stack();
    UserSignal& u = g_user[signum];
    struct sigaction previous{};
    if (!u.enabled) {
        if (!install_user(signum, chain, &previous)) return raise_errno(t, errno);
        u.previous = previous;
    }
    set_file(u.file, keep);
    u.fd = fd;
    u.all_threads = all;
    u.chain = chain;
    u.enabled = true;
    return none_ref();
}
bool unregister(int signum) {
    UserSignal& u = g_user[signum];
    if (!u.enabled) return false;
    u.enabled = false;
    sigaction(signum, &u.previous, nullptr);
    set_file(u.file, Value());
    u.fd = -1;
    return true;
}
Ref f_unregister(Thread& t, Value, Value v) {
    int signum = TRY(as_int32(t, v));
    TRY(check_signal(t, signum));
    return bool_ref(unregister(signum));
}

// --- ways to die, for tests ---

void no_core_file() {
    rlimit limit;
    if (getrlimit(RLIMIT_CORE, &limit) != 0) return;
    limit.rlim_cur = 0;
    setrlimit(RLIMIT_CORE, &limit);
}

Ref f_read_null(Thread& t, Value) {
    no_core_file();
    volatile int* p = nullptr;
    asm volatile("" : "+r"(p));
    return Ref::from_int(*p);
}
Ref f_sigsegv(Thread& t, Value, const Value* args, size_t nargs) {
    bool release = TRY(flag(t, nargs ? args[0] : Value(), false));
    no_core_file();
    if (release) {
        AllowThreads allow(t);
        ::raise(SIGSEGV);
    } else {
        ::raise(SIGSEGV);
    }
    return none_ref();
}
Ref f_sigfpe(Thread&, Value) {
    no_core_file();
    // Where the division does not trap, the signal is raised.
    volatile int zero = 0, one = 1;
    asm volatile("idivl %2" : : "a"(one), "d"(0), "r"(zero) : "cc");
    ::raise(SIGFPE);
    return none_ref();
}
Ref f_sigabrt(Thread&, Value) {
    no_core_file();
    abort();
}
void* die_in_thread(void*) { fatal_error("faulthandler_fatal_error_thread", "in new thread"); }
Ref f_fatal_error_c_thread(Thread& t, Value) {
    no_core_file();
    pthread_t thread;
    if (pthread_create(&thread, nullptr, die_in_thread, nullptr) != 0)
        return raise(t, PyExc_RuntimeError, "unable to start the thread");
    pthread_join(thread, nullptr);
    return none_ref();
}

constexpr uintptr_t kOverflowLimit = uintptr_t{100} << 20;
[[gnu::noinline]] uintptr_t overflow(uintptr_t low, uintptr_t high, size_t* depth) {
    volatile unsigned char buffer[4096];
    auto here = reinterpret_cast<uintptr_t>(&buffer);
    *depth += 1;
    if (here < low || high < here) return here;
    buffer[0] = 1;
    buffer[4095] = 0;
    uintptr_t deepest = overflow(low, high, depth);
    return deepest + buffer[4095];
}
Ref f_stack_overflow(Thread& t, Value) {
    no_core_file();
    auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
    size_t depth = 0;
    uintptr_t stop = overflow(here - kOverflowLimit, here + kOverflowLimit, &depth);
    size_t size = here < stop ? stop - here : here - stop;
    return raise(t, PyExc_RuntimeError,
                 "unable to raise a stack overflow (allocated %zu bytes on the stack, %zu recursive calls)",
                 size, depth);
}

const NativeDef functions[] = {
    def<f_enable>("enable", "(file=sys.stderr, all_threads=True)",
                  "Show tracebacks when the process dies of a signal."),
    def<f_disable>("disable", "()", "Undo enable()."),
    def<f_is_enabled>("is_enabled", "()", "Whether enable() is in force."),
    def<f_dump_traceback>("dump_traceback", "(file=sys.stderr, all_threads=True)",
                          "Write the traceback of this thread, or of all, to a file."),
    def<f_dump_c_stack>("dump_c_stack", "(file=sys.stderr)", "Write the C stack of this thread to a file."),
    def<f_dump_traceback_later>(
        "dump_traceback_later", "(timeout, repeat=False, file=sys.stderr, exit=False)",
        "Write the tracebacks of all threads after timeout seconds,\nor every timeout "
        "seconds; with exit the process ends then, at once."),
    def<f_cancel>("cancel_dump_traceback_later", "()", "Undo dump_traceback_later()."),
    def<f_register>(
        "register", "(signum, file=sys.stderr, all_threads=True, chain=False)",
        "Write tracebacks whenever the signal comes; with chain, what handled\nit before is called, too."),
    def<f_unregister>("unregister", "(signum, /)", "Undo register()."),
    def<f_read_null>("_read_null", "()", "Read from address 0."),
    def<f_sigsegv>("_sigsegv", "(release_gil=False, /)", "Raise SIGSEGV."),
    def<f_sigabrt>("_sigabrt", "()", "Raise SIGABRT."),
    def<f_sigfpe>("_sigfpe", "()", "Raise SIGFPE."),
    def<f_fatal_error_c_thread>("_fatal_error_c_thread", "()",
                                "Die of a fatal error in a thread that Python does not know."),
    def<f_stack_overflow>("_stack_overflow", "()", "Recurse until the stack overflows."),
    {},
};

}  // namespace

Status faulthandler_enable(Thread& t) {
    Ref module = TRY(import_module(t, "faulthandler"));
    TRY_DISCARD(call_method(t, module, "enable"));
    return Status::ok();
}

void faulthandler_finish(Thread& t) {
    cancel_watchdog(t);
    for (int i = 1; i < NSIG; i++) unregister(i);
    if (!g_settings.enabled) return;
    g_settings.enabled = false;
    for (Fatal& h : g_fatal) disable_fatal(h);
    set_file(g_settings.file, Value());
}

extern const ModuleSpec module_faulthandler;
const ModuleSpec module_faulthandler{.name = "faulthandler",
                                     .doc = "Tracebacks of a process that dies or hangs.",
                                     .functions = functions,
                                     .single = true};

}  // namespace krait
