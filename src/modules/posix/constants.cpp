// The constants of posix, and the configuration values asked for by name.
#include <dlfcn.h>
#include <limits.h>
#include <linux/memfd.h>
#include <sched.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <sysexits.h>

#include "modules/posix/posix.h"

namespace krait::posix {

namespace {

struct Named {
    const char* name;
    int64_t value;
};
const Named constants[] = {
#define CONSTANT(name) {#name, static_cast<int64_t>(name)},
#include "modules/posix/names.def"
    {"POSIX_SPAWN_OPEN", 0},
    {"POSIX_SPAWN_CLOSE", 1},
    {"POSIX_SPAWN_DUP2", 2},
    {"POSIX_SPAWN_CLOSEFROM", 3},
    {"EX_OK", 0},
    {"PIDFD_NONBLOCK", O_NONBLOCK},
    {"NGROUPS_MAX", 65536},
    {"SCHED_NORMAL", 0},
    {"SCHED_DEADLINE", 6},
    {"O_LARGEFILE", 0},
    {"CLONE_NEWTIME", 128},
    {"XATTR_SIZE_MAX", 65536},
    {"P_PIDFD", 3},
};
// In the order in which programs get to see them.
const Named sysconf_names[] = {
#define SYSCONF(name) {#name, _##name},
#include "modules/posix/names.def"
};
const Named confstr_names[] = {
#define CONFSTR(name) {#name, _##name},
#include "modules/posix/names.def"
};
const Named pathconf_names[] = {
#define PATHCONF(name) {#name, _##name},
#include "modules/posix/names.def"
};

template <size_t N>
Result<int> config_name(Thread& t, Value v, const Named (&table)[N]) {
    if (is_str(v)) {
        for (const Named& n : table)
            if (str_equal(v, n.name)) return static_cast<int>(n.value);
        return raise(t, PyExc_ValueError, "unrecognized configuration name");
    }
    if (!is_index(v)) return raise(t, PyExc_TypeError, "configuration names must be strings or integers");
    return as_int32(t, v);
}

template <size_t N>
Status add_table(Thread& t, Value module, const char* name, const Named (&table)[N]) {
    Ref dict = TRY(dict_new(t, N));
    for (const Named& n : table) TRY(dict_set_str(t, dict, n.name, Value::from_int(n.value)));
    return module_add(t, module, name, std::move(dict));
}

Ref sysconf_(Thread& t, Value, Value arg) {
    int name = TRY(config_name(t, arg, sysconf_names));
    errno = 0;
    long r = sysconf(name);
    if (r == -1 && errno) return raise_errno(t, errno);
    return int_from(t, r);
}
Ref confstr_(Thread& t, Value, const Value* a) {
    int name = TRY(config_name(t, a[0], confstr_names));
    char small[256];
    errno = 0;
    size_t n = confstr(name, small, sizeof small);
    if (n == 0) {
        if (errno) return raise_errno(t, errno);
        return none_ref();
    }
    if (n <= sizeof small) return fs_decode(t, small, n - 1);
    Ref big = TRY(bytes_new(t, static_cast<int64_t>(n)));
    confstr(name, bytes_data(big), n);
    return fs_decode(t, bytes_data(big), n - 1);
}
Ref pathconf_(Thread& t, Value, const Value* a) {
    Path path;
    TRY(path_arg(t, "pathconf", "path", a[0], kAllowFd, path));
    int name = TRY(config_name(t, a[1], pathconf_names));
    errno = 0;
    long r = path.is_fd ? fpathconf(path.fd, name) : pathconf(path.text, name);
    if (r == -1 && errno) return raise_errno(t, errno, errno == EINVAL ? Value() : path.name());
    return int_from(t, r);
}
Ref fpathconf_(Thread& t, Value, const Value* args, size_t) {
    int fd = TRY(fildes(t, args[0])), name = TRY(config_name(t, args[1], pathconf_names));
    errno = 0;
    long r = fpathconf(fd, name);
    if (r == -1 && errno) return raise_errno(t, errno);
    return int_from(t, r);
}

}  // namespace

Status add_constants(Thread& t, Value module) {
    for (const Named& c : constants) TRY(module_add_int(t, module, c.name, c.value));
    TRY(add_table(t, module, "sysconf_names", sysconf_names));
    TRY(add_table(t, module, "confstr_names", confstr_names));
    TRY(add_table(t, module, "pathconf_names", pathconf_names));
    static const char* const have[] = {
        "EVENTFD",      "TIMERFD_CREATE", "FACCESSAT", "FCHDIR",    "FCHMOD",  "FCHMODAT",   "FCHOWN",
        "FCHOWNAT",     "FEXECVE",        "FDOPENDIR", "FPATHCONF", "FSTATAT", "FSTATVFS",   "FTRUNCATE",
        "FUTIMENS",     "FUTIMES",        "FUTIMESAT", "LINKAT",    "LCHOWN",  "LSTAT",      "LUTIMES",
        "MEMFD_CREATE", "MKDIRAT",        "MKFIFOAT",  "MKNODAT",   "OPENAT",  "READLINKAT", "RENAMEAT",
        "SYMLINKAT",    "UNLINKAT",       "UTIMENSAT", "PTSNAME_R"};
    Ref list = TRY(list_new(t));
    for (const char* name : have) TRY(list_append_owned(t, list, str_format(t, "HAVE_%s", name)));
    return module_add(t, module, "_have_functions", std::move(list));
}

extern const NativeDef kConfigFunctions[];
const NativeDef kConfigFunctions[] = {
    def<sysconf_>("sysconf", "(name, /)", "An integer about the system."),
    def<confstr_>("confstr", "(name, /)", "A text about the system."),
    def<pathconf_>("pathconf", "(path, name)", "A limit of a file."),
    def<fpathconf_>("fpathconf", "(fd, name, /)", "A limit of an open file."),
    {}};

}  // namespace krait::posix
