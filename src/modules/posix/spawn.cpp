// posix_spawn().
#include <sched.h>
#include <signal.h>
#include <spawn.h>

#include "modules/posix/posix.h"

extern char** environ;

namespace krait::posix {

namespace {

struct Attributes {
    posix_spawnattr_t a;
    bool made;
    Attributes() { made = posix_spawnattr_init(&a) == 0; }
    ~Attributes() {
        if (made) posix_spawnattr_destroy(&a);
    }
};
struct FileActions {
    posix_spawn_file_actions_t a;
    bool made = false;
    ~FileActions() {
        if (made) posix_spawn_file_actions_destroy(&a);
    }
};

Status check(Thread& t, int error) {
    if (error) return raise_errno(t, error);
    return Status::ok();
}

Status signal_set(Thread& t, Value v, sigset_t& set) {
    sigemptyset(&set);
    Ref it = TRY(iter(t, v));
    for (;;) {
        Ref item = iter_next(t, it);
        if (!item) return occurred(t) ? Status() : Status::ok();
        int64_t n = TRY(as_int64(t, item));
        if (n <= 0 || n >= NSIG)
            return raise(t, PyExc_ValueError, "signal number %ld out of range [1; %i]", (long)n, NSIG - 1);
        if (sigaddset(&set, static_cast<int>(n)) && errno != EINVAL) return raise_errno(t, errno);
    }
}

Status add_action(Thread& t, Value item, FileActions& out, Value keep) {
    if (!is_tuple(item) || tuple_size(item) == 0)
        return raise(t, PyExc_TypeError, "Each file_actions element must be a non-empty tuple");
    int tag = TRY(as_int32(t, tuple_get(item, 0)));
    int64_t n = tuple_size(item);
    switch (tag) {
        case 0: {  // POSIX_SPAWN_OPEN
            if (n != 5) return raise(t, PyExc_TypeError, "A open file_action tuple must have 5 elements");
            int fd = TRY(as_int32(t, tuple_get(item, 1)));
            Ref path = TRY(fs_encode(t, tuple_get(item, 2)));
            int flags = TRY(as_int32(t, tuple_get(item, 3))), mode = TRY(as_int32(t, tuple_get(item, 4)));
            TRY(list_append(t, keep, path));
            return check(t, posix_spawn_file_actions_addopen(&out.a, fd, bytes_data(path), flags,
                                                             static_cast<mode_t>(mode)));
        }
        case 1: {
            if (n != 2) return raise(t, PyExc_TypeError, "A close file_action tuple must have 2 elements");
            int fd = TRY(as_int32(t, tuple_get(item, 1)));
            return check(t, posix_spawn_file_actions_addclose(&out.a, fd));
        }
        case 2: {
            if (n != 3) return raise(t, PyExc_TypeError, "A dup2 file_action tuple must have 3 elements");
            int from = TRY(as_int32(t, tuple_get(item, 1))), to = TRY(as_int32(t, tuple_get(item, 2)));
            return check(t, posix_spawn_file_actions_adddup2(&out.a, from, to));
        }
        case 3: {
            if (n != 2)
                return raise(t, PyExc_TypeError, "A closefrom file_action tuple must have 2 elements");
            int fd = TRY(as_int32(t, tuple_get(item, 1)));
            return check(t, posix_spawn_file_actions_addclosefrom_np(&out.a, fd));
        }
        default:
            return raise(t, PyExc_TypeError, "Unknown file_actions identifier");
    }
}

Status file_actions(Thread& t, Value v, FileActions& out, Value keep) {
    if (!is_sequence(v)) return raise(t, PyExc_TypeError, "file_actions must be a sequence or None");
    Ref items = TRY(to_list(t, v));
    if (list_size(items) == 0) return Status::ok();
    TRY(check(t, posix_spawn_file_actions_init(&out.a)));
    out.made = true;
    for (int64_t i = 0; i < list_size(items); i++) TRY(add_action(t, list_get(items, i), out, keep));
    return Status::ok();
}

// a: path, argv, env, file_actions, setpgroup, resetids, setsid, setsigmask, setsigdef, scheduler
Status attributes(Thread& t, const char* function, const Value* a, Attributes& out) {
    short flags = 0;
    if (given(a[4])) {
        int group = TRY(as_int32(t, a[4]));
        TRY(check(t, posix_spawnattr_setpgroup(&out.a, group)));
        flags |= POSIX_SPAWN_SETPGROUP;
    }
    if (a[5] && TRY(is_true(t, a[5]))) flags |= POSIX_SPAWN_RESETIDS;
    if (a[6] && TRY(is_true(t, a[6]))) flags |= POSIX_SPAWN_SETSID;
    sigset_t set;
    if (a[7]) {
        TRY(signal_set(t, a[7], set));
        TRY(check(t, posix_spawnattr_setsigmask(&out.a, &set)));
        flags |= POSIX_SPAWN_SETSIGMASK;
    }
    if (a[8]) {
        TRY(signal_set(t, a[8], set));
        TRY(check(t, posix_spawnattr_setsigdefault(&out.a, &set)));
        flags |= POSIX_SPAWN_SETSIGDEF;
    }
    if (given(a[9])) {
        if (!is_tuple(a[9]))
            return raise(t, PyExc_TypeError, "%s: scheduler must be a tuple or None", function);
        if (tuple_size(a[9]) != 2)
            return raise(t, PyExc_TypeError, "A scheduler tuple must have two elements");
        Value policy = tuple_get(a[9], 0), param = tuple_get(a[9], 1);
        if (!has_type(param, g_sched_param))
            return raise(t, PyExc_TypeError, "must have a sched_param object");
        sched_param p;
        p.sched_priority = TRY(as_int32(t, tuple_get(param, 0)));
        if (!is_none(policy)) {
            int n = TRY(as_int32(t, policy));
            TRY(check(t, posix_spawnattr_setschedpolicy(&out.a, n)));
            flags |= POSIX_SPAWN_SETSCHEDULER;
        }
        TRY(check(t, posix_spawnattr_setschedparam(&out.a, &p)));
        flags |= POSIX_SPAWN_SETSCHEDPARAM;
    }
    return check(t, posix_spawnattr_setflags(&out.a, flags));
}

Ref spawn(Thread& t, const char* function, const Value* a, bool search) {
    Path path;
    TRY(path_arg(t, function, "path", a[0], kPlainPath, path));
    if (!is_list(a[1]) && !is_tuple(a[1]))
        return raise(t, PyExc_TypeError, "%s: argv must be a tuple or list", function);
    if (TRY(length(t, a[1])) < 1) return raise(t, PyExc_ValueError, "%s: argv must not be empty", function);
    if (!is_mapping(a[2]) && !is_none(a[2]))
        return raise(t, PyExc_TypeError, "%s: environment must be a mapping object or None", function);
    CStrings argv, env;
    TRY(strings_from_sequence(t, a[1], argv));
    if (!argv.items[0][0])
        return raise(t, PyExc_ValueError, "%s: argv first element cannot be empty", function);
    if (!is_none(a[2])) TRY(strings_from_env(t, a[2], env));
    FileActions actions;
    Ref keep = TRY(list_new(t));
    if (given(a[3])) TRY(file_actions(t, a[3], actions, keep));
    Attributes attr;
    if (!attr.made) return raise_no_memory(t);
    TRY(attributes(t, function, a, attr));
    TRY(audit(t, "os.posix_spawn", {path.name(), a[1], a[2]}));
    pid_t pid;
    char** envp = env.items ? env.get() : environ;
    int error = (search ? posix_spawnp : posix_spawn)(&pid, path.text, actions.made ? &actions.a : nullptr,
                                                      &attr.a, argv.get(), envp);
    if (error) return raise_errno(t, error, path.name());
    return Ref::from_int(pid);
}
Ref spawn_(Thread& t, Value, const Value* a) { return spawn(t, "posix_spawn", a, false); }
Ref spawnp_(Thread& t, Value, const Value* a) { return spawn(t, "posix_spawnp", a, true); }

}  // namespace

#define SPAWN_SIGNATURE                                                                      \
    "(path, argv, env, /, *, file_actions=(),\n            setpgroup=None, resetids=False, " \
    "setsid=False,\n            setsigmask=(), setsigdef=(), scheduler=None)"
const NativeDef kSpawnFunctions[] = {
    def<spawn_>("posix_spawn", SPAWN_SIGNATURE, "Starts a program; returns its process id."),
    def<spawnp_>("posix_spawnp",
                 "(path, argv, env, /, *, file_actions=(),\n             setpgroup=None, resetids=False, "
                 "setsid=False,\n             setsigmask=(), setsigdef=(), scheduler=None)",
                 "Starts a program found on PATH; returns its process id."),
    {}};

}  // namespace krait::posix
