// Who the process is: process, user and group ids, sessions, terminals.
#include <grp.h>
#include <pty.h>
#include <pwd.h>
#include <sys/fsuid.h>
#include <utmp.h>

#include <climits>

#include "modules/posix/posix.h"

namespace krait::posix {

namespace {

Ref getpid_(Thread& t, Value) { return int_from(t, getpid()); }
Ref getppid_(Thread& t, Value) { return int_from(t, getppid()); }
Ref getuid_(Thread& t, Value) { return id_to_int(t, getuid()); }
Ref geteuid_(Thread& t, Value) { return id_to_int(t, geteuid()); }
Ref getgid_(Thread& t, Value) { return id_to_int(t, getgid()); }
Ref getegid_(Thread& t, Value) { return id_to_int(t, getegid()); }
Ref getpgrp_(Thread& t, Value) { return int_from(t, getpgrp()); }
Ref getpgid_(Thread& t, Value, const Value* a) {
    int pid = TRY(as_int32(t, a[0]));
    return int_from(t, TRY(sys(t, [&] { return getpgid(pid); })));
}
Ref getsid_(Thread& t, Value, Value arg) {
    int pid = TRY(as_int32(t, arg));
    return int_from(t, TRY(sys(t, [&] { return getsid(pid); })));
}
Ref setsid_(Thread& t, Value) {
    return sys_none(t, [] { return setsid(); });
}
Ref setpgrp_(Thread& t, Value) {
    return sys_none(t, [] { return setpgrp(); });
}
Ref setpgid_(Thread& t, Value, const Value* args, size_t) {
    int pid = TRY(as_int32(t, args[0])), group = TRY(as_int32(t, args[1]));
    return sys_none(t, [&] { return setpgid(pid, group); });
}

#define SET_ONE(name, what)                             \
    Ref name##_(Thread& t, Value, Value arg) {          \
        uint32_t id = TRY(id_arg(t, arg, what));        \
        if (name(id) < 0) return raise_errno(t, errno); \
        return none_ref();                              \
    }
SET_ONE(setuid, "uid")
SET_ONE(seteuid, "uid")
SET_ONE(setgid, "gid")
SET_ONE(setegid, "gid")
#undef SET_ONE
#define SET_TWO(name, what)                                                            \
    Ref name##_(Thread& t, Value, const Value* args, size_t) {                         \
        uint32_t a = TRY(id_arg(t, args[0], what)), b = TRY(id_arg(t, args[1], what)); \
        if (name(a, b) < 0) return raise_errno(t, errno);                              \
        return none_ref();                                                             \
    }
SET_TWO(setreuid, "uid")
SET_TWO(setregid, "gid")
#undef SET_TWO
#define RES_IDS(set, get, what)                                                           \
    Ref set##_(Thread& t, Value, const Value* args, size_t) {                             \
        uint32_t a = TRY(id_arg(t, args[0], what)), b = TRY(id_arg(t, args[1], what)),    \
                 c = TRY(id_arg(t, args[2], what));                                       \
        if (set(a, b, c) < 0) return raise_errno(t, errno);                               \
        return none_ref();                                                                \
    }                                                                                     \
    Ref get##_(Thread& t, Value) {                                                        \
        uint32_t a, b, c;                                                                 \
        if (get(&a, &b, &c) < 0) return raise_errno(t, errno);                            \
        Ref x = TRY(id_to_int(t, a)), y = TRY(id_to_int(t, b)), z = TRY(id_to_int(t, c)); \
        return tuple_of(t, {x, y, z});                                                    \
    }
RES_IDS(setresuid, getresuid, "uid")
RES_IDS(setresgid, getresgid, "gid")
#undef RES_IDS

struct Groups {
    gid_t* list;
    explicit Groups(int n)
        : list(static_cast<gid_t*>(mem_alloc(sizeof(gid_t) * static_cast<size_t>(n < 1 ? 1 : n)))) {}
    ~Groups() { mem_free(list); }
    Groups(const Groups&) = delete;
};
Ref group_list(Thread& t, const gid_t* g, int n) {
    Ref list = TRY(list_new(t));
    for (int i = 0; i < n; i++) TRY(list_append_owned(t, list, id_to_int(t, g[i])));
    return list;
}
Ref getgroups_(Thread& t, Value) {
    int n = getgroups(0, nullptr);
    if (n < 0) return raise_errno(t, errno);
    Groups g(n);
    if (!g.list) return raise_no_memory(t);
    n = getgroups(n, g.list);
    if (n < 0) return raise_errno(t, errno);
    return group_list(t, g.list, n);
}
Ref setgroups_(Thread& t, Value, Value arg) {
    if (!is_sequence(arg)) return raise(t, PyExc_TypeError, "setgroups argument must be a sequence");
    Ref items = TRY(to_list(t, arg));
    int64_t n = list_size(items);
    if (n > 65536) return raise(t, PyExc_ValueError, "too many groups");
    Groups g(static_cast<int>(n));
    if (!g.list) return raise_no_memory(t);
    for (int64_t i = 0; i < n; i++) {
        if (!is_long(list_get(items, i))) return raise(t, PyExc_TypeError, "groups must be integers");
        auto id = id_arg(t, list_get(items, i), "gid");
        if (!id) return {};
        g.list[i] = id.value();
    }
    if (setgroups(static_cast<size_t>(n), g.list) < 0) return raise_errno(t, errno);
    return none_ref();
}
Status text_arg(Thread& t, const char* function, Value v) {
    if (!is_str(v))
        return raise(t, PyExc_TypeError, "%s argument 1 must be str, not %.50s", function,
                     is_none(v) ? "None" : type_of(v)->tp_name);
    return Status::ok();
}
Ref getgrouplist_(Thread& t, Value, const Value* args, size_t) {
    TRY(text_arg(t, "getgrouplist()", args[0]));
    Ref user = TRY(fs_encode(t, args[0]));
    uint32_t base = TRY(id_arg(t, args[1], "gid"));
    for (int n = 64;; n *= 2) {
        Groups g(n);
        if (!g.list) return raise_no_memory(t);
        int count = n;
        if (getgrouplist(bytes_data(user), base, g.list, &count) >= 0) return group_list(t, g.list, count);
        if (n > (1 << 24)) return raise_errno(t, ENOMEM);
    }
}
Ref initgroups_(Thread& t, Value, const Value* args, size_t) {
    Ref user = TRY(fs_encode(t, args[0]));
    uint32_t gid = TRY(id_arg(t, args[1], "gid"));
    if (initgroups(bytes_data(user), gid) < 0) return raise_errno(t, errno);
    return none_ref();
}
Ref getlogin_(Thread& t, Value) {
    char name[1024];
    int r = unlocked(t, [&] { return getlogin_r(name, sizeof name); }).value;
    if (r) return raise_errno(t, r);
    return fs_decode(t, name, strlen(name));
}

// --- terminals ---

Ref ctermid_(Thread& t, Value) {
    char name[L_ctermid];
    if (!ctermid(name)) return raise_errno(t, errno);
    return fs_decode(t, name, strlen(name));
}
Ref ttyname_(Thread& t, Value, Value arg) {
    int fd = TRY(as_int32(t, arg));
    char name[PATH_MAX];
    int r = static_cast<int>(unlocked(t, [&] { return ttyname_r(fd, name, sizeof name); }).value);
    if (r) return raise_errno(t, r);
    return fs_decode(t, name, strlen(name));
}
Ref tcgetpgrp_(Thread& t, Value, Value arg) {
    int fd = TRY(as_int32(t, arg));
    return int_from(t, TRY(sys(t, [&] { return tcgetpgrp(fd); })));
}
Ref tcsetpgrp_(Thread& t, Value, const Value* args, size_t) {
    int fd = TRY(as_int32(t, args[0])), group = TRY(as_int32(t, args[1]));
    return sys_none(t, [&] { return tcsetpgrp(fd, group); });
}
Ref openpty_(Thread& t, Value) {
    int master, slave;
    TRY_DISCARD(sys(t, [&] { return openpty(&master, &slave, nullptr, nullptr, nullptr); }));
    for (int fd : {master, slave}) fcntl(fd, F_SETFD, FD_CLOEXEC);
    return pair(t, master, slave);
}
Ref posix_openpt_(Thread& t, Value, Value arg) {
    int flags = TRY(as_int32(t, arg));
    return int_from(t, TRY(sys(t, [&] { return posix_openpt(flags | O_CLOEXEC); })));
}
Ref grantpt_(Thread& t, Value, Value arg) {
    int fd = TRY(fildes(t, arg));
    return sys_none(t, [&] { return grantpt(fd); });
}
Ref unlockpt_(Thread& t, Value, Value arg) {
    int fd = TRY(fildes(t, arg));
    return sys_none(t, [&] { return unlockpt(fd); });
}
Ref ptsname_(Thread& t, Value, Value arg) {
    int fd = TRY(fildes(t, arg));
    char name[256];
    int r = ptsname_r(fd, name, sizeof name);
    if (r) return raise_errno(t, r);
    return fs_decode(t, name, strlen(name));
}
Ref login_tty_(Thread& t, Value, Value arg) {
    int fd = TRY(fildes(t, arg));
    return sys_none(t, [&] { return login_tty(fd); });
}

}  // namespace

const NativeDef kIdFunctions[] = {
    def<getpid_>("getpid", "()", "The process id."),
    def<getppid_>("getppid", "()", "The parent's process id."),
    def<getuid_>("getuid", "()", "The user id."),
    def<geteuid_>("geteuid", "()", "The effective user id."),
    def<getgid_>("getgid", "()", "The group id."),
    def<getegid_>("getegid", "()", "The effective group id."),
    def<getpgrp_>("getpgrp", "()", "The process group."),
    def<getpgid_>("getpgid", "(pid)", "The process group of a process."),
    def<getsid_>("getsid", "(pid, /)", "The session of a process."),
    def<setsid_>("setsid", "()", "Starts a session."),
    def<setpgrp_>("setpgrp", "()", "Makes the process the leader of its group."),
    def<setpgid_>("setpgid", "(pid, pgrp, /)", "Puts a process into a group."),
    def<setuid_>("setuid", "(uid, /)", "Sets the user id."),
    def<seteuid_>("seteuid", "(euid, /)", "Sets the effective user id."),
    def<setgid_>("setgid", "(gid, /)", "Sets the group id."),
    def<setegid_>("setegid", "(egid, /)", "Sets the effective group id."),
    def<setreuid_>("setreuid", "(ruid, euid, /)", "Sets real and effective user id."),
    def<setregid_>("setregid", "(rgid, egid, /)", "Sets real and effective group id."),
    def<setresuid_>("setresuid", "(ruid, euid, suid, /)", "Sets real, effective and saved user id."),
    def<setresgid_>("setresgid", "(rgid, egid, sgid, /)", "Sets real, effective and saved group id."),
    def<getresuid_>("getresuid", "()", "Real, effective and saved user id."),
    def<getresgid_>("getresgid", "()", "Real, effective and saved group id."),
    def<getgroups_>("getgroups", "()", "The supplementary groups."),
    def<setgroups_>("setgroups", "(groups, /)", "Sets the supplementary groups."),
    def<getgrouplist_>("getgrouplist", "(user, group, /)", "The groups a user belongs to."),
    def<initgroups_>("initgroups", "(username, gid, /)", "Sets the groups of a user."),
    def<getlogin_>("getlogin", "()", "The name of the user at the terminal."),
    def<ctermid_>("ctermid", "()", "The name of the controlling terminal."),
    def<ttyname_>("ttyname", "(fd, /)", "The name of a terminal."),
    def<tcgetpgrp_>("tcgetpgrp", "(fd, /)", "The process group of a terminal."),
    def<tcsetpgrp_>("tcsetpgrp", "(fd, pgid, /)", "Sets the process group of a terminal."),
    def<openpty_>("openpty", "()", "Opens a pseudo-terminal: (master, slave)."),
    def<posix_openpt_>("posix_openpt", "(oflag, /)", "Opens the master of a pseudo-terminal."),
    def<grantpt_>("grantpt", "(fd, /)", "Grants access to the slave."),
    def<unlockpt_>("unlockpt", "(fd, /)", "Unlocks the slave."),
    def<ptsname_>("ptsname", "(fd, /)", "The name of the slave."),
    def<login_tty_>("login_tty", "(fd, /)", "Makes a terminal the controlling one."),
    {}};

}  // namespace krait::posix
