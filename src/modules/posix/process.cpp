// Processes: fork, exec, waiting, signals, scheduling.
#include <pthread.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/times.h>
#include <sys/wait.h>

#include <climits>

#include "interp/perf.h"
#include "modules/_thread.h"
#include "modules/args.h"
#include "modules/import_lock.h"
#include "modules/posix/posix.h"
#include "modules/warnings_lock.h"
#include "object/per_interpreter.h"
#include "runtime/init.h"
#include "runtime/interpreters.h"

extern char** environ;

namespace krait::posix {

PER_INTERPRETER_REFS PyTypeObject *g_times_result, *g_waitid_result, *g_sched_param;

CStrings::~CStrings() { mem_free(items); }

// --- fork and its hooks ---

namespace {

PER_INTERPRETER_REFS Value g_before, g_in_child, g_in_parent;  // lists, owned; empty until used

void run_hooks(Thread& t, Value list, bool reversed) {
    if (!list) return;
    SavedError saved(t);
    Ref hooks = list_from(t, list_items(list), list_size(list));
    if (!hooks) return clear_error(t);
    int64_t n = list_size(hooks);
    for (int64_t i = 0; i < n; i++) {
        Value fn = list_get(hooks, reversed ? n - 1 - i : i);
        if (!call(t, fn)) write_unraisable(t, "Exception ignored in fork hook", fn);
    }
}

Status add_hook(Thread& t, Value& list, Value fn) {
    if (!fn) return Status::ok();
    if (!list) list = TRY(list_new(t)).release();
    return list_append(t, list, fn);
}

Ref register_at_fork(Thread& t, Value, const Value* a) {
    static const char* const names[] = {"before", "after_in_child", "after_in_parent"};
    if (!a[0] && !a[1] && !a[2]) return raise(t, PyExc_TypeError, "At least one argument is required.");
    for (int i = 0; i < 3; i++)
        if (a[i] && !is_callable(a[i]))
            return raise(t, PyExc_TypeError, "'%.200s' must be callable, not %.200s", names[i],
                         type_of(a[i])->tp_name);
    TRY(add_hook(t, g_before, a[0]));
    TRY(add_hook(t, g_in_child, a[1]));
    TRY(add_hook(t, g_in_parent, a[2]));
    return none_ref();
}

}  // namespace

void before_fork(Thread& t) {
    run_hooks(t, g_before, true);
    import_lock_before_fork(t);
}
void after_fork_parent(Thread& t) {
    import_lock_after_fork(t);
    run_hooks(t, g_in_parent, false);
}
void after_fork_child(Thread& t) {
    gil_after_fork(t);
    // Only the thread that forked lives on.
    t.c.thread_id = pthread_self();
    t.c.native_thread_id = static_cast<uint64_t>(gettid());
    g_runtime.main_thread = &t;
    if (t.interp == g_runtime.main) record(*t.interp).main_thread = &t;
    perf_after_fork();
    // The loop that ran goes on in the parent. It is not let go here: its end would reach what both share.
    t.asyncio_loop = t.asyncio_task = Value();
    warnings_lock_after_fork(t);
    threads_after_fork(t);
    import_lock_after_fork(t);
    run_hooks(t, g_in_child, false);
}

namespace {

// Those that Python knows nothing of, too. 0: the system does not say.
int count_system_threads() {
    FILE* f = fopen("/proc/self/stat", "re");
    if (!f) return 0;
    char text[1024];
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[n] = 0;
    const char* p = strrchr(text, ')');  // behind the program's name
    constexpr int kFieldsBetween = 18;
    for (int i = 0; p && i < kFieldsBetween; i++) p = strchr(p + 1, ' ');
    return p ? atoi(p + 1) : 0;
}
// Threads that hold locks when the process forks leave them locked for ever in the child.
int count_threads(Thread& t) {
    if (int all = count_system_threads()) return all;
    int n = 0;
    for (PyThreadState* s = t.interp->threads ? &t.interp->threads->c : nullptr; s; s = s->next) n++;
    return n;
}
Status warn_about_threads(Thread& t, const char* name, int n) {
    if (n < 2) return Status::ok();
    return warn(t, PyExc_DeprecationWarning, 1,
                "This process (pid=%d) is multi-threaded, use of %s() may lead to deadlocks in the child.",
                static_cast<int>(getpid()), name);
}

Status may_fork(Thread& t) {
    if (record(*t.interp).config.allow_fork) return Status::ok();
    return raise(t, PyExc_RuntimeError, "fork not supported for isolated subinterpreters");
}
Status may_exec(Thread& t) {
    if (record(*t.interp).config.allow_exec) return Status::ok();
    return raise(t, PyExc_RuntimeError, "exec not supported for isolated subinterpreters");
}

Ref fork_(Thread& t, Value) {
    TRY(may_fork(t));
    if (t.interp->finalizing)
        return raise(t, PyExc_PythonFinalizationError, "can't fork at interpreter shutdown");
    TRY(audit(t, "os.fork"));
    before_fork(t);
    pid_t pid = fork();
    int error = errno;
    if (pid == 0) {
        after_fork_child(t);
        return Ref::from_int(0);
    }
    int threads = count_threads(t);
    after_fork_parent(t);
    // Not before: the hooks may let a thread go on that holds the lock of the warnings.
    Status warned = warn_about_threads(t, "fork", threads);
    if (pid < 0) {
        clear_error(t);
        return raise_errno(t, error);
    }
    if (!warned) return {};
    return Ref::from_int(pid);
}

Ref forkpty_(Thread& t, Value) {
    if (t.interp != g_runtime.main)
        return raise(t, PyExc_RuntimeError, "fork not supported for subinterpreters");
    if (t.interp->finalizing)
        return raise(t, PyExc_PythonFinalizationError, "can't fork at interpreter shutdown");
    TRY(audit(t, "os.forkpty"));
    before_fork(t);
    int master = -1;
    pid_t pid = forkpty(&master, nullptr, nullptr, nullptr);
    int error = errno;
    if (pid == 0)
        after_fork_child(t);
    else
        after_fork_parent(t);
    if (pid < 0) return raise_errno(t, error);
    return pair(t, pid, master);
}

// --- exec ---

// Every item through os.fsencode.
Ref encode_all(Thread& t, Value list_or_tuple) {
    Ref items = TRY(to_list(t, list_or_tuple));
    for (int64_t i = 0; i < list_size(items); i++) {
        Ref b = TRY(fs_encode(t, list_get(items, i)));
        TRY(list_set(t, items, i, std::move(b)));
    }
    return items;
}
Status set_pointers(Thread& t, CStrings& out) {
    auto n = static_cast<size_t>(list_size(out.keep));
    out.items = static_cast<const char**>(mem_alloc_zeroed((n + 1) * sizeof(char*)));
    if (!out.items) return raise_no_memory(t);
    for (size_t i = 0; i < n; i++) out.items[i] = bytes_data(list_get(out.keep, static_cast<int64_t>(i)));
    return Status::ok();
}

}  // namespace

Status strings_from_sequence(Thread& t, Value sequence, CStrings& out) {
    out.keep = encode_all(t, sequence);
    if (!out.keep) return {};
    return set_pointers(t, out);
}

Status strings_from_env(Thread& t, Value mapping, CStrings& out) {
    // As many variables as len() says; __fspath__ of keys and values may change all of it meanwhile.
    int64_t n = TRY(length(t, mapping));
    Ref keys = TRY(mapping_keys(t, mapping)), values = TRY(call_method(t, mapping, "values"));
    Ref iterator = iter(t, values);
    if (!iterator) {
        if (!clear_if(t, PyExc_TypeError)) return {};
        return raise(t, PyExc_TypeError, "%T.values() returned a non-iterable (type %T)", mapping,
                     values.get());
    }
    keys = TRY(to_list(t, keys));
    values = TRY(to_list(t, iterator));
    out.keep = list_new(t);
    if (!out.keep) return {};
    for (int64_t i = 0; i < n; i++) {
        if (i >= list_size(keys) || i >= list_size(values))
            return raise(t, PyExc_IndexError, "list index out of range");
        Ref key = Ref::share(list_get(keys, i)), value = Ref::share(list_get(values, i));
        Ref k = TRY(fs_encode(t, key)), v = TRY(fs_encode(t, value));
        // The first character may be '=' (as in the variables Windows keeps).
        if (bytes_size(k) == 0 || memchr(bytes_data(k) + 1, '=', static_cast<size_t>(bytes_size(k) - 1)))
            return raise(t, PyExc_ValueError, "illegal environment variable name");
        BytesBuilder line(t);
        TRY(line.append(bytes_view(k)));
        TRY(line.put('='));
        TRY(line.append(bytes_view(v)));
        TRY(list_append_owned(t, out.keep, line.finish()));
    }
    return set_pointers(t, out);
}

namespace {

Ref execv_(Thread& t, Value, const Value* args, size_t) {
    TRY(may_exec(t));
    Ref path = TRY(fs_encode(t, args[0]));
    if (!is_list(args[1]) && !is_tuple(args[1]))
        return raise(t, PyExc_TypeError, "execv() arg 2 must be a tuple or list");
    if (TRY(length(t, args[1])) < 1) return raise(t, PyExc_ValueError, "execv() arg 2 must not be empty");
    CStrings argv;
    TRY(strings_from_sequence(t, args[1], argv));
    if (!argv.items[0][0]) return raise(t, PyExc_ValueError, "execv() arg 2 first element cannot be empty");
    TRY(audit(t, "os.exec", {args[0], args[1], none()}));
    execv(bytes_data(path), argv.get());
    return raise_errno(t, errno);
}
Ref execve_(Thread& t, Value, const Value* a) {
    TRY(may_exec(t));
    Path path;
    TRY(path_arg(t, "execve", "path", a[0], kAllowFd, path));
    if (!is_list(a[1]) && !is_tuple(a[1]))
        return raise(t, PyExc_TypeError, "execve: argv must be a tuple or list");
    if (TRY(length(t, a[1])) < 1) return raise(t, PyExc_ValueError, "execve: argv must not be empty");
    if (!is_mapping(a[2])) return raise(t, PyExc_TypeError, "execve: environment must be a mapping object");
    CStrings argv, env;
    TRY(strings_from_sequence(t, a[1], argv));
    if (!argv.items[0][0]) return raise(t, PyExc_ValueError, "execve: argv first element cannot be empty");
    TRY(strings_from_env(t, a[2], env));
    TRY(audit(t, "os.exec", {path.name(), a[1], a[2]}));
    if (path.is_fd)
        fexecve(path.fd, argv.get(), env.get());
    else
        execve(path.text, argv.get(), env.get());
    return raise_errno(t, errno, path.name());
}
Ref exit_(Thread& t, Value, const Value* a) {
    int status = TRY(as_int32(t, a[0]));
    _exit(status);
}
Ref abort_(Thread&, Value) { abort(); }
Ref system_(Thread& t, Value, const Value* a) {
    Ref command = TRY(fs_encode(t, a[0]));
    TRY(audit(t, "os.system", {command}));
    return int_from(t, unlocked(t, [&] { return system(bytes_data(command)); }).value);
}

// --- waiting ---

Ref waitpid_(Thread& t, Value, const Value* args, size_t) {
    int pid = TRY(as_int32(t, args[0])), options = TRY(as_int32(t, args[1])), status = 0;
    int64_t r = TRY(sys_retry(t, [&] { return waitpid(pid, &status, options); }));
    return pair(t, r, status);
}
Ref wait_(Thread& t, Value) {
    int status = 0;
    int64_t r = TRY(sys(t, [&] { return wait(&status); }));
    return pair(t, r, status);
}
Ref wait_with_usage(Thread& t, int pid, int options) {
    int status = 0;
    rusage ru{};
    int64_t r = TRY(sys_retry(t, [&] { return wait4(pid, &status, options, &ru); }));
    Ref type = TRY(import_attr(t, "resource", "struct_rusage"));
    auto seconds = [](const timeval& tv) {
        return static_cast<double>(tv.tv_sec) + static_cast<double>(tv.tv_usec) * 1e-6;
    };
    Value v[16];
    int n = 0;
    bool ok = true;
    auto put = [&](Ref x) {
        ok = ok && x;
        v[n++] = x.release();
    };
    put(float_from(t, seconds(ru.ru_utime)));
    put(float_from(t, seconds(ru.ru_stime)));
    for (long x : {ru.ru_maxrss, ru.ru_ixrss, ru.ru_idrss, ru.ru_isrss, ru.ru_minflt, ru.ru_majflt,
                   ru.ru_nswap, ru.ru_inblock, ru.ru_oublock, ru.ru_msgsnd, ru.ru_msgrcv, ru.ru_nsignals,
                   ru.ru_nvcsw, ru.ru_nivcsw})
        put(int_from(t, x));
    Ref items = tuple_from_owned(t, v, n);
    if (!ok || !items) return {};
    Ref usage = TRY(call(t, type, {items}));
    Ref p = TRY(int_from(t, r)), s = TRY(int_from(t, status));
    return tuple_of(t, {p, s, usage});
}
Ref wait3_(Thread& t, Value, const Value* a) { return wait_with_usage(t, -1, TRY(as_int32(t, a[0]))); }
Ref wait4_(Thread& t, Value, const Value* a) {
    int pid = TRY(as_int32(t, a[0])), options = TRY(as_int32(t, a[1]));
    return wait_with_usage(t, pid, options);
}
Ref waitid_(Thread& t, Value, const Value* args, size_t) {
    int type = TRY(as_int32(t, args[0])), id = TRY(as_int32(t, args[1])), options = TRY(as_int32(t, args[2]));
    siginfo_t si{};
    TRY_DISCARD(sys_retry(
        t, [&] { return waitid(static_cast<idtype_t>(type), static_cast<id_t>(id), &si, options); }));
    if (si.si_pid == 0) return none_ref();
    Ref pid = int_from(t, si.si_pid), uid = id_to_int(t, si.si_uid), signo = int_from(t, si.si_signo),
        status = int_from(t, si.si_status), code = int_from(t, si.si_code);
    return make_structseq(t, g_waitid_result, {&pid, &uid, &signo, &status, &code});
}
#define STATUS_FUNCTION(name, expression)           \
    Ref name##_(Thread& t, Value, const Value* a) { \
        int status = TRY(as_int32(t, a[0]));        \
        return expression;                          \
    }
STATUS_FUNCTION(WIFCONTINUED, bool_ref(WIFCONTINUED(status)))
STATUS_FUNCTION(WIFSTOPPED, bool_ref(WIFSTOPPED(status)))
STATUS_FUNCTION(WIFSIGNALED, bool_ref(WIFSIGNALED(status)))
STATUS_FUNCTION(WIFEXITED, bool_ref(WIFEXITED(status)))
STATUS_FUNCTION(WEXITSTATUS, Ref::from_int(WEXITSTATUS(status)))
STATUS_FUNCTION(WTERMSIG, Ref::from_int(WTERMSIG(status)))
STATUS_FUNCTION(WSTOPSIG, Ref::from_int(WSTOPSIG(status)))
#undef STATUS_FUNCTION
Ref WCOREDUMP_(Thread& t, Value, Value arg) {
    int status = TRY(as_int32(t, arg));
    return bool_ref(WCOREDUMP(status));
}
Ref waitstatus_to_exitcode_(Thread& t, Value, const Value* a) {
    int status = TRY(as_int32(t, a[0]));
    if (WIFEXITED(status)) return Ref::from_int(WEXITSTATUS(status));
    if (WIFSIGNALED(status)) return Ref::from_int(-WTERMSIG(status));
    if (WIFSTOPPED(status))
        return raise(t, PyExc_ValueError, "process stopped by delivery of signal %i", WSTOPSIG(status));
    return raise(t, PyExc_ValueError, "invalid wait status: %i", status);
}

// --- signals ---

Ref kill_(Thread& t, Value, const Value* args, size_t) {
    int pid = TRY(as_int32(t, args[0]));
    int64_t number;
    TRY(parse_args(t, "n", args + 1, 1, &number));
    int signal = static_cast<int>(number);  // the low bits, as the oracle takes them
    TRY(audit(t, "os.kill", {args[0], args[1]}));
    if (kill(pid, signal) == -1) return raise_errno(t, errno);
    TRY(handle_pending(t));
    return none_ref();
}
Ref killpg_(Thread& t, Value, const Value* args, size_t) {
    int pid = TRY(as_int32(t, args[0])), signal = TRY(as_int32(t, args[1]));
    TRY(audit(t, "os.killpg", {args[0], args[1]}));
    if (killpg(pid, signal) == -1) return raise_errno(t, errno);
    TRY(handle_pending(t));
    return none_ref();
}
Ref pidfd_open_(Thread& t, Value, const Value* a) {
    int pid = TRY(as_int32(t, a[0]));
    auto flags = static_cast<unsigned>(a[1] ? TRY(as_int32(t, a[1])) : 0);
    return int_from(t, TRY(sys(t, [&] { return syscall(SYS_pidfd_open, pid, flags); })));
}

// --- scheduling ---

Ref nice_(Thread& t, Value, Value arg) {
    int increment = TRY(as_int32(t, arg));
    errno = 0;
    int r = nice(increment);
    if (r == -1 && errno) return raise_errno(t, errno);
    return Ref::from_int(r);
}
Ref getpriority_(Thread& t, Value, const Value* a) {
    int which = TRY(as_int32(t, a[0])), who = TRY(as_int32(t, a[1]));
    errno = 0;
    int r = getpriority(static_cast<__priority_which>(which), static_cast<id_t>(who));
    if (errno) return raise_errno(t, errno);
    return Ref::from_int(r);
}
Ref setpriority_(Thread& t, Value, const Value* a) {
    int which = TRY(as_int32(t, a[0])), who = TRY(as_int32(t, a[1])), priority = TRY(as_int32(t, a[2]));
    return sys_none(t, [&] {
        return setpriority(static_cast<__priority_which>(which), static_cast<id_t>(who), priority);
    });
}
Ref priority_max(Thread& t, Value, const Value* a) {
    int policy = TRY(as_int32(t, a[0]));
    return int_from(t, TRY(sys(t, [&] { return sched_get_priority_max(policy); })));
}
Ref priority_min(Thread& t, Value, const Value* a) {
    int policy = TRY(as_int32(t, a[0]));
    return int_from(t, TRY(sys(t, [&] { return sched_get_priority_min(policy); })));
}
Ref getscheduler(Thread& t, Value, Value arg) {
    int pid = TRY(as_int32(t, arg));
    return int_from(t, TRY(sys(t, [&] { return sched_getscheduler(pid); })));
}
Status param_arg(Thread& t, Value v, sched_param& p) {
    if (!has_type(v, g_sched_param)) return raise(t, PyExc_TypeError, "must have a sched_param object");
    p.sched_priority = TRY(as_int32(t, tuple_get(v, 0)));
    return Status::ok();
}
Ref getparam(Thread& t, Value, Value arg) {
    int pid = TRY(as_int32(t, arg));
    sched_param p;
    TRY_DISCARD(sys(t, [&] { return sched_getparam(pid, &p); }));
    Ref n = int_from(t, p.sched_priority);
    return make_structseq(t, g_sched_param, {&n});
}
Ref setparam(Thread& t, Value, const Value* args, size_t) {
    int pid = TRY(as_int32(t, args[0]));
    sched_param p;
    TRY(param_arg(t, args[1], p));
    return sys_none(t, [&] { return sched_setparam(pid, &p); });
}
Ref setscheduler(Thread& t, Value, const Value* args, size_t) {
    int pid = TRY(as_int32(t, args[0])), policy = TRY(as_int32(t, args[1]));
    sched_param p;
    TRY(param_arg(t, args[2], p));
    return sys_none(t, [&] { return sched_setscheduler(pid, policy, &p); });
}
Ref rr_interval(Thread& t, Value, Value arg) {
    int pid = TRY(as_int32(t, arg));
    timespec ts;
    TRY_DISCARD(sys(t, [&] { return sched_rr_get_interval(pid, &ts); }));
    return float_from(t, static_cast<double>(ts.tv_sec) + 1e-9 * static_cast<double>(ts.tv_nsec));
}
Ref sched_yield_(Thread& t, Value) {
    return sys_none(t, [] { return sched_yield(); });
}
constexpr int kCpuLimit = 1 << 20;
Ref setaffinity(Thread& t, Value, const Value* args, size_t) {
    int pid = TRY(as_int32(t, args[0]));
    Ref it = TRY(iter(t, args[1]));
    int n_cpus = 1024;
    cpu_set_t* set = CPU_ALLOC(n_cpus);
    if (!set) return raise_no_memory(t);
    CPU_ZERO_S(CPU_ALLOC_SIZE(n_cpus), set);
    struct Free {
        cpu_set_t*& s;
        ~Free() { CPU_FREE(s); }
    } keep{set};
    for (;;) {
        Ref item = iter_next(t, it);
        if (!item) {
            if (occurred(t)) return {};
            break;
        }
        if (!is_long(item))
            return raise(t, PyExc_TypeError, "expected an iterator of ints, but iterator yielded %R",
                         Value(type_of(item)));
        int64_t cpu = TRY(as_int64(t, item));
        if (cpu < 0) return raise(t, PyExc_ValueError, "negative CPU number");
        if (cpu > kCpuLimit) return raise(t, PyExc_OverflowError, "CPU number too large");
        if (cpu >= n_cpus) {
            int more = n_cpus;
            while (cpu >= more) more *= 2;
            cpu_set_t* bigger = CPU_ALLOC(more);
            if (!bigger) return raise_no_memory(t);
            CPU_ZERO_S(CPU_ALLOC_SIZE(more), bigger);
            memcpy(bigger, set, CPU_ALLOC_SIZE(n_cpus));
            CPU_FREE(set);
            set = bigger;
            n_cpus = more;
        }
        CPU_SET_S(static_cast<size_t>(cpu), CPU_ALLOC_SIZE(n_cpus), set);
    }
    if (sched_setaffinity(pid, CPU_ALLOC_SIZE(n_cpus), set)) return raise_errno(t, errno);
    return none_ref();
}
Ref getaffinity(Thread& t, Value, Value arg) {
    int pid = TRY(as_int32(t, arg));
    for (int n = 64; n <= kCpuLimit; n *= 2) {
        cpu_set_t* set = CPU_ALLOC(n);
        if (!set) return raise_no_memory(t);
        size_t size = CPU_ALLOC_SIZE(n);
        int r = sched_getaffinity(pid, size, set), error = errno;
        if (r == 0) {
            Ref cpus = set_new(t);
            for (int i = 0; cpus && i < n; i++)
                if (CPU_ISSET_S(static_cast<size_t>(i), size, set) && !set_add(t, cpus, Value::from_int(i)))
                    cpus.reset();
            CPU_FREE(set);
            return cpus;
        }
        CPU_FREE(set);
        if (error != EINVAL) return raise_errno(t, error);
    }
    return raise(t, PyExc_OverflowError, "could not allocate a large enough CPU set");
}
Ref setns_(Thread& t, Value, const Value* a) {
    int fd = TRY(fildes(t, a[0])), type = a[1] ? TRY(as_int32(t, a[1])) : 0;
    return sys_retry_none(t, [&] { return setns(fd, type); });
}
Ref unshare_(Thread& t, Value, const Value* a) {
    int flags = TRY(as_int32(t, a[0]));
    return sys_retry_none(t, [&] { return unshare(flags); });
}

Ref times_(Thread& t, Value) {
    struct tms m;
    clock_t elapsed = times(&m);
    if (elapsed == static_cast<clock_t>(-1)) return raise_errno(t, errno);
    double per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
    auto seconds = [&](clock_t c) { return float_from(t, static_cast<double>(c) / per_second); };
    Ref u = seconds(m.tms_utime), s = seconds(m.tms_stime), cu = seconds(m.tms_cutime),
        cs = seconds(m.tms_cstime), e = seconds(elapsed);
    return make_structseq(t, g_times_result, {&u, &s, &cu, &cs, &e});
}

// sched_param(sched_priority), not a sequence.
Ref sched_param_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    Value a[1];
    Ref keep;
    TRY(bind_args(t, "sched_param", "(sched_priority)", args, nargs, kwnames, a, keep));
    Ref n = Ref::share(a[0]);
    return make_structseq(t, type, {&n});
}
Ref sched_param_reduce(Thread& t, Value self) {
    Ref args = TRY(tuple_of(t, {tuple_get(self, 0)}));
    return tuple_of(t, {Value(type_of(self)), args});
}

const StructSeqField times_fields[] = {{"user", "user time"},
                                       {"system", "system time"},
                                       {"children_user", "user time of children"},
                                       {"children_system", "system time of children"},
                                       {"elapsed", "elapsed time since an arbitrary point in the past"}};
const StructSeqDesc times_desc{"posix.times_result", "What times() answers.", times_fields, 5, 5};
const StructSeqField waitid_fields[] = {{"si_pid", nullptr},
                                        {"si_uid", nullptr},
                                        {"si_signo", nullptr},
                                        {"si_status", nullptr},
                                        {"si_code", nullptr}};
const StructSeqDesc waitid_desc{"posix.waitid_result", "What waitid() answers.", waitid_fields, 5, 5};
const StructSeqField sched_fields[] = {{"sched_priority", "the scheduling priority"}};
const StructSeqDesc sched_desc{"posix.sched_param", "Parameters of the scheduler: the priority.",
                               sched_fields, 1, 1};
const NativeDef sched_param_reduce_def = def<sched_param_reduce>("__reduce__", "()", nullptr);

}  // namespace

Status add_process_types(Thread& t, Value module) {
    if (!g_times_result) {
        g_times_result = TRY(structseq_type_new(t, times_desc)).release().as<PyTypeObject>();
        g_waitid_result = TRY(structseq_type_new(t, waitid_desc)).release().as<PyTypeObject>();
        Ref sched = TRY(structseq_type_new(t, sched_desc));
        g_sched_param = sched.as<PyTypeObject>();
        ext(g_sched_param)->slots.new_ = sched_param_new;
        static TypeSpec spec = *ext(g_sched_param)->spec;
        spec.text_signature = "(sched_priority)";
        ext(g_sched_param)->spec = &spec;
        Ref reduce = TRY(method_descr_new(t, g_sched_param, sched_param_reduce_def));
        TRY(dict_set(t, Value(g_sched_param->tp_dict), ID(__reduce__), reduce));
        type_modified(g_sched_param);
        (void)sched.release();
    }
    TRY(module_add(t, module, "times_result", Ref::share(Value(g_times_result))));
    TRY(module_add(t, module, "waitid_result", Ref::share(Value(g_waitid_result))));
    return module_add(t, module, "sched_param", Ref::share(Value(g_sched_param)));
}

const NativeDef kProcessFunctions[] = {
    def<register_at_fork>(
        "register_at_fork",
        "(*, before=<unrepresentable>,\n                 after_in_child=<unrepresentable>,\n      "
        "           after_in_parent=<unrepresentable>)",
        "Registers functions to be called when the process forks."),
    def<fork_>("fork", "()", "Forks; 0 in the child, its process id in the parent."),
    def<forkpty_>("forkpty", "()",
                  "Forks with a new terminal for the child: (pid, descriptor of the master)."),
    def<execv_>("execv", "(path, argv, /)", "Becomes another program."),
    def<execve_>("execve", "(path, argv, env)", "Becomes another program with an environment."),
    def<exit_>("_exit", "(status)", "Ends the process at once."),
    def<abort_>("abort", "()", "Ends the process with SIGABRT."),
    def<system_>("system", "(command)", "Runs a command in a shell; returns its wait status."),
    def<waitpid_>("waitpid", "(pid, options, /)", "Waits for a child: (pid, status)."),
    def<wait_>("wait", "()", "Waits for any child: (pid, status)."),
    def<wait3_>("wait3", "(options)", "Waits for any child: (pid, status, rusage)."),
    def<wait4_>("wait4", "(pid, options)", "Waits for a child: (pid, status, rusage)."),
    def<waitid_>("waitid", "(idtype, id, options, /)", "Waits for a change of state of children."),
    def<WCOREDUMP_>("WCOREDUMP", "(status, /)", "Whether the process dumped core."),
    def<WIFCONTINUED_>("WIFCONTINUED", "(status)", "Whether the process was continued."),
    def<WIFSTOPPED_>("WIFSTOPPED", "(status)", "Whether the process was stopped."),
    def<WIFSIGNALED_>("WIFSIGNALED", "(status)", "Whether a signal ended the process."),
    def<WIFEXITED_>("WIFEXITED", "(status)", "Whether the process exited."),
    def<WEXITSTATUS_>("WEXITSTATUS", "(status)", "The exit code."),
    def<WTERMSIG_>("WTERMSIG", "(status)", "The signal that ended the process."),
    def<WSTOPSIG_>("WSTOPSIG", "(status)", "The signal that stopped the process."),
    def<waitstatus_to_exitcode_>("waitstatus_to_exitcode", "(status)",
                                 "The exit code of a wait status; negative for a signal."),
    def<kill_>("kill", "(pid, signal, /)", "Sends a signal to a process."),
    def<killpg_>("killpg", "(pgid, signal, /)", "Sends a signal to a process group."),
    def<pidfd_open_>("pidfd_open", "(pid, flags=0)", "A descriptor for a process."),
    def<nice_>("nice", "(increment, /)", "Adds to the niceness; returns the new one."),
    def<getpriority_>("getpriority", "(which, who)", "The scheduling priority."),
    def<setpriority_>("setpriority", "(which, who, priority)", "Sets the scheduling priority."),
    def<priority_max>("sched_get_priority_max", "(policy)", "The greatest priority of a policy."),
    def<priority_min>("sched_get_priority_min", "(policy)", "The least priority of a policy."),
    def<getscheduler>("sched_getscheduler", "(pid, /)", "The scheduling policy of a process."),
    def<setscheduler>("sched_setscheduler", "(pid, policy, param, /)", "Sets the scheduling policy."),
    def<getparam>("sched_getparam", "(pid, /)", "The scheduling parameters of a process."),
    def<setparam>("sched_setparam", "(pid, param, /)", "Sets the scheduling parameters."),
    def<rr_interval>("sched_rr_get_interval", "(pid, /)", "The round-robin quantum in seconds."),
    def<sched_yield_>("sched_yield", "()", "Lets others run."),
    def<setaffinity>("sched_setaffinity", "(pid, mask, /)", "Sets the CPUs a process may run on."),
    def<getaffinity>("sched_getaffinity", "(pid, /)", "The CPUs a process may run on."),
    def<setns_>("setns", "(fd, nstype=0)", "Moves the thread into namespaces."),
    def<unshare_>("unshare", "(flags)", "Takes parts of the execution context apart."),
    def<times_>("times", "()", "Process times."),
    {}};

}  // namespace krait::posix
