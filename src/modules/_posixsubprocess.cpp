// The module _posixsubprocess: starting a child process for subprocess.
//
// Between fork and exec only async-signal-safe calls are made, unless there is a preexec_fn. What goes wrong
// in the child is written to errpipe_write as "ExceptionName:hex errno:where".
#include <dirent.h>
#include <grp.h>
#include <signal.h>
#include <sys/syscall.h>

#include "modules/posix/posix.h"

extern char** environ;

namespace krait {

namespace {

using namespace posix;

struct Child {
    char* const* programs;  // tried one after the other
    char* const* argv;
    char* const* envp;  // null: as it is
    const char* cwd;
    int p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite, errpipe_read, errpipe_write;
    bool close_fds, restore_signals, call_setsid;
    pid_t pgid_to_set;  // -1: leave
    gid_t gid;
    bool set_gid, set_groups, set_uid;
    const gid_t* groups;
    int n_groups;
    uid_t uid;
    int umask;  // -1: leave
    const int* keep;
    int n_keep;
    Value preexec;  // None or a callable
};

// Closes everything above 2 but what is kept (sorted).
void close_others(const Child& c) {
    unsigned start = 3;
    bool ranges = true;
    auto close_range_ = [&](unsigned from, unsigned to) {
        if (from > to) return;
        if (ranges && syscall(SYS_close_range, from, to, 0) == 0) return;
        ranges = false;
        long most = sysconf(_SC_OPEN_MAX);
        if (most < 0) most = 65536;
        for (unsigned fd = from; fd <= to && fd < static_cast<unsigned>(most); fd++)
            close(static_cast<int>(fd));
    };
    for (int i = 0; i < c.n_keep; i++) {
        auto kept = static_cast<unsigned>(c.keep[i]);
        if (kept < start) continue;
        close_range_(start, kept - 1);
        start = kept + 1;
    }
    close_range_(start, ~0u);
}

bool set_inheritable(int fd) {
    int flags = fcntl(fd, F_GETFD);
    return flags >= 0 && fcntl(fd, F_SETFD, flags & ~FD_CLOEXEC) == 0;
}

void write_all(int fd, const char* p, size_t n) {
    while (n) {
        ssize_t w = write(fd, p, n);
        if (w < 0 && errno == EINTR) continue;
        if (w <= 0) return;
        p += w;
        n -= static_cast<size_t>(w);
    }
}

// Never returns when all goes well. `where` says what failed otherwise.
bool prepare(Thread& t, Child& c, const char*& where) {
    where = "noexec";  // the name of the program is not to blame
    for (int i = 0; i < c.n_keep; i++)
        if (c.keep[i] != c.errpipe_write && !set_inheritable(c.keep[i])) return false;
    for (int fd : {c.p2cwrite, c.c2pread, c.errread, c.errpipe_read})
        if (fd >= 0) close(fd);
    // A low number among them would be overwritten below.
    if (c.c2pwrite == 0 && (c.c2pwrite = dup(c.c2pwrite)) < 0) return false;
    while (c.errwrite == 0 || c.errwrite == 1)
        if ((c.errwrite = dup(c.errwrite)) < 0) return false;
    auto place = [](int from, int to) {
        if (from == to) return set_inheritable(from);
        return from < 0 || dup2(from, to) >= 0;
    };
    if (!place(c.p2cread, 0) || !place(c.c2pwrite, 1) || !place(c.errwrite, 2)) return false;
    if (c.cwd && chdir(c.cwd) == -1) {
        where = "noexec:chdir";
        return false;
    }
    if (c.umask >= 0) umask(static_cast<mode_t>(c.umask));
    if (c.restore_signals) {
        signal(SIGPIPE, SIG_DFL);
        signal(SIGXFSZ, SIG_DFL);
    }
    if (c.call_setsid && setsid() == -1) return false;
    static_assert(sizeof(pid_t) == sizeof(int));
    if (c.pgid_to_set >= 0 && setpgid(0, c.pgid_to_set)) return false;
    if (c.set_groups && setgroups(static_cast<size_t>(c.n_groups), c.groups)) return false;
    if (c.set_gid && setregid(c.gid, c.gid)) return false;
    if (c.set_uid && setreuid(c.uid, c.uid)) return false;
    if (!is_none(c.preexec) && !call(t, c.preexec)) {
        errno = 0;
        where = "Exception occurred in preexec_fn.";
        return false;
    }
    if (c.close_fds) close_others(c);
    return true;
}

[[noreturn]] void run_child(Thread& t, Child& c) {
    const char* where = "";
    int error = 0;
    if (prepare(t, c, where)) {
        where = "";
        for (char* const* p = c.programs; *p; p++) {
            execve(*p, c.argv, c.envp ? c.envp : environ);
            if (errno != ENOENT && errno != ENOTDIR && error == 0) error = errno;
        }
        if (error) errno = error;
    }
    error = errno;
    if (error) {
        char text[64] = "OSError:";
        char hex[20];
        int n = 0;
        for (unsigned x = static_cast<unsigned>(error); x || !n; x >>= 4)
            hex[n++] = "0123456789ABCDEF"[x & 15];
        size_t at = 8;
        while (n) text[at++] = hex[--n];
        text[at++] = ':';
        write_all(c.errpipe_write, text, at);
    } else {
        const char text[] = "SubprocessError:0:";
        write_all(c.errpipe_write, text, sizeof text - 1);
    }
    write_all(c.errpipe_write, where, strlen(where));
    _exit(255);
}

// --- arguments ---

Status keep_arg(Thread& t, Value v, int errpipe_write, Ref& store, Child& c) {
    int64_t n = tuple_size(v);
    store = bytes_new(t, (n + 1) * static_cast<int64_t>(sizeof(int)));
    if (!store) return {};
    auto* fds = reinterpret_cast<int*>(bytes_data(store));
    int64_t previous = -1;
    for (int64_t i = 0; i < n; i++) {
        Value item = tuple_get(v, i);
        int64_t fd;
        if (!is_long(item) || !int_to_i64(item, &fd) || fd <= previous || fd > INT32_MAX)
            return raise(t, PyExc_ValueError, "bad value(s) in fds_to_keep");
        fds[i] = static_cast<int>(fd);
        previous = fd;
    }
    c.keep = fds;
    c.n_keep = static_cast<int>(n);
    return Status::ok();
}

Status groups_arg(Thread& t, Value v, Ref& store, Child& c) {
    if (is_none(v)) return Status::ok();
    if (!is_list(v)) return raise(t, PyExc_TypeError, "setgroups argument must be a list");
    int64_t n = list_size(v);
    if (n > 65536) return raise(t, PyExc_ValueError, "too many extra_groups");
    store = bytes_new(t, (n + 1) * static_cast<int64_t>(sizeof(gid_t)));
    if (!store) return {};
    auto* groups = reinterpret_cast<gid_t*>(bytes_data(store));
    for (int64_t i = 0; i < n; i++) {
        if (!is_long(list_get(v, i))) return raise(t, PyExc_TypeError, "extra_groups must be integers");
        auto id = id_arg(t, list_get(v, i), "gid");
        if (!id) return raise(t, PyExc_ValueError, "invalid group id");
        groups[i] = id.value();
    }
    c.groups = groups;
    c.n_groups = static_cast<int>(n);
    c.set_groups = true;
    return Status::ok();
}

// argv as a tuple or list of paths, already encoded or not.
Status argv_arg(Thread& t, Value v, CStrings& out) {
    Ref items = sequence_fast(t, v, "argv must be a tuple");
    if (!items) return {};
    return strings_from_sequence(t, items, out);
}
Status bytes_list(Thread& t, Value v, CStrings& out) {
    int64_t n = TRY(length(t, v));
    Ref items = TRY(list_new(t, n));
    for (int64_t i = 0; i < n; i++) TRY(list_set(t, items, i, TRY(get_item(t, v, i))));
    for (int64_t i = 0; i < list_size(items); i++)
        if (!is_bytes(list_get(items, i)))
            return raise(t, PyExc_TypeError, "expected bytes, %.200s found",
                         type_of(list_get(items, i))->tp_name);
    return strings_from_sequence(t, items, out);
}

enum Arg {
    kArgv,
    kPrograms,
    kCloseFds,
    kPassFds,
    kCwd,
    kEnv,
    kP2cRead,
    kP2cWrite,
    kC2pRead,
    kC2pWrite,
    kErrRead,
    kErrWrite,
    kErrpipeRead,
    kErrpipeWrite,
    kRestoreSignals,
    kSetsid,
    kPgid,
    kGid,
    kGroups,
    kUid,
    kUmask,
    kPreexec,
    kArgs
};

Ref fork_exec(Thread& t, Value, const Value* a, size_t) {
    TRY(audit(t, "_posixsubprocess.fork_exec", {a[kPrograms], a[kArgv], a[kEnv]}));
    Child c{};
    CStrings programs, argv, env;
    Ref cwd, keep_store, groups_store;
    c.close_fds = TRY(is_true(t, a[kCloseFds]));
    if (!is_tuple(a[kPassFds]))
        return raise(t, PyExc_TypeError, "fork_exec() argument 4 must be tuple, not %.50s",
                     is_none(a[kPassFds]) ? "None" : type_of(a[kPassFds])->tp_name);
    int* const numbers[] = {&c.p2cread, &c.p2cwrite, &c.c2pread,      &c.c2pwrite,
                            &c.errread, &c.errwrite, &c.errpipe_read, &c.errpipe_write};
    for (int i = 0; i < 8; i++) *numbers[i] = TRY(as_int32(t, a[kP2cRead + i]));
    c.restore_signals = TRY(is_true(t, a[kRestoreSignals]));
    c.call_setsid = TRY(is_true(t, a[kSetsid]));
    c.pgid_to_set = TRY(as_int32(t, a[kPgid]));
    c.umask = TRY(as_int32(t, a[kUmask]));
    c.preexec = a[kPreexec];
    if (!is_none(c.preexec) && t.interp != g_runtime.main)
        return raise(t, PyExc_RuntimeError, "preexec_fn not supported within subinterpreters");
    if (!is_none(c.preexec) && t.interp->finalizing)
        return raise(t, PyExc_PythonFinalizationError, "preexec_fn not supported at interpreter shutdown");
    if (c.close_fds && c.errpipe_write < 3) return raise(t, PyExc_ValueError, "errpipe_write must be >= 3");
    TRY(keep_arg(t, a[kPassFds], c.errpipe_write, keep_store, c));
    TRY(bytes_list(t, a[kPrograms], programs));
    if (!is_none(a[kArgv])) TRY(argv_arg(t, a[kArgv], argv));
    if (!is_none(a[kEnv])) TRY(bytes_list(t, a[kEnv], env));
    if (!is_none(a[kCwd])) {
        cwd = TRY(fs_encode(t, a[kCwd]));
        c.cwd = bytes_data(cwd);
    }
    TRY(groups_arg(t, a[kGroups], groups_store, c));
    if (!is_none(a[kGid])) {
        c.gid = TRY(id_arg(t, a[kGid], "gid"));
        c.set_gid = true;
    }
    if (!is_none(a[kUid])) {
        c.uid = TRY(id_arg(t, a[kUid], "uid"));
        c.set_uid = true;
    }
    c.programs = programs.get();
    c.argv = argv.get();
    c.envp = env.items ? env.get() : nullptr;
    bool hooks = !is_none(c.preexec);
    if (hooks) {
        TRY(audit(t, "os.fork"));
        before_fork(t);
    }
    // The child inherits no handler that runs before exec.
    sigset_t all, old;
    if (!hooks) {
        sigfillset(&all);
        pthread_sigmask(SIG_BLOCK, &all, &old);
    }
    pid_t pid = fork();
    int error = errno;
    if (pid == 0) {
        if (!hooks) {
            // Handlers belong to the parent: none may run here before exec.
            for (int s = 1; s < NSIG; s++) {
                struct sigaction now;
                if (sigaction(s, nullptr, &now) == 0 && now.sa_handler != SIG_IGN &&
                    now.sa_handler != SIG_DFL)
                    signal(s, SIG_DFL);
            }
            pthread_sigmask(SIG_SETMASK, &old, nullptr);
        } else {
            after_fork_child(t);
        }
        run_child(t, c);
    }
    if (!hooks) pthread_sigmask(SIG_SETMASK, &old, nullptr);
    if (hooks) after_fork_parent(t);
    if (pid < 0) return raise_errno(t, error);
    return Ref::from_int(pid);
}

const NativeDef functions[] = {
    def<fork_exec>(
        "fork_exec",
        "(args, executable_list, close_fds, pass_fds, cwd,\n          env, p2cread, p2cwrite, c2pread, "
        "c2pwrite, errread, errwrite,\n          errpipe_read, errpipe_write, restore_signals, "
        "call_setsid,\n          pgid_to_set, gid, extra_groups, uid, child_umask, preexec_fn,\n          /)",
        "Starts a program in a child process; returns the process id. Failures of the child go to "
        "errpipe_write."),
    {}};

}  // namespace

extern const ModuleSpec module__posixsubprocess;
const ModuleSpec module__posixsubprocess{
    .name = "_posixsubprocess", .doc = "What subprocess needs of POSIX.", .functions = functions};

}  // namespace krait
