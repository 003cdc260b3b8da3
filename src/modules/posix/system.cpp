// The system: environment, names, random numbers, extended attributes, descriptors that are no files.
#include <langinfo.h>
#include <linux/memfd.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/timerfd.h>
#include <sys/utsname.h>
#include <sys/xattr.h>

#include <climits>

#include "modules/posix/posix.h"
#include "object/convert.h"
#include "object/per_interpreter.h"
#include "runtime/config.h"
#include "runtime/timestamp.h"

extern char** environ;

namespace krait::posix {

PER_INTERPRETER_REFS PyTypeObject *g_terminal_size, *g_uname_result;

namespace {

// --- environment ---

Ref make_environ(Thread& t) {
    Ref dict = TRY(dict_new(t));
    for (char** e = environ; e && *e; e++) {
        const char* eq = strchr(*e, '=');
        if (!eq) continue;
        Ref key = TRY(bytes_from(t, *e, static_cast<size_t>(eq - *e)));
        Ref value = TRY(bytes_from(t, eq + 1, strlen(eq + 1)));
        TRY_DISCARD(dict_set_default(t, dict, key, value));
    }
    return dict;
}
Ref create_environ(Thread& t, Value) { return make_environ(t); }
Ref putenv_(Thread& t, Value, const Value* args, size_t) {
    Ref name = TRY(fs_encode(t, args[0])), value = TRY(fs_encode(t, args[1]));
    if (strchr(bytes_data(name), '=')) return raise(t, PyExc_ValueError, "illegal environment variable name");
    TRY(audit(t, "os.putenv", {name, value}));
    if (setenv(bytes_data(name), bytes_data(value), 1)) return raise_errno(t, errno);
    return none_ref();
}
Ref unsetenv_(Thread& t, Value, Value arg) {
    Ref name = TRY(fs_encode(t, arg));
    TRY(audit(t, "os.unsetenv", {name}));
    if (unsetenv(bytes_data(name))) return raise_errno(t, errno);
    return none_ref();
}

// --- names ---

Ref strerror_(Thread& t, Value, Value arg) {
    int code = TRY(as_int32(t, arg));
    const char* text = strerror(code);
    return fs_decode(t, text, strlen(text));
}
Ref uname_(Thread& t, Value) {
    utsname u;
    if (uname(&u) < 0) return raise_errno(t, errno);
    auto text = [&](const char* s) { return fs_decode(t, s, strlen(s)); };
    Ref a = text(u.sysname), b = text(u.nodename), c = text(u.release), d = text(u.version),
        e = text(u.machine);
    return make_structseq(t, g_uname_result, {&a, &b, &c, &d, &e});
}
Ref cpu_count_(Thread& t, Value) {
    // -X cpu_count speaks before the machine.
    if (int told = g_runtime.config->cpu_count; told > 0) return Ref::from_int(told);
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? none_ref() : int_from(t, n);
}
Ref getloadavg_(Thread& t, Value) {
    double load[3];
    if (getloadavg(load, 3) != 3) return raise(t, PyExc_OSError, "Load averages are unobtainable");
    Ref a = TRY(float_from(t, load[0])), b = TRY(float_from(t, load[1])), c = TRY(float_from(t, load[2]));
    return tuple_of(t, {a, b, c});
}
Ref device_encoding_(Thread& t, Value, const Value* a) {
    int fd = TRY(as_int32(t, a[0]));
    if (!unlocked(t, [&] { return isatty(fd); }).value) return none_ref();
    const char* codeset = nl_langinfo(CODESET);
    return str_from(t, codeset && *codeset ? codeset : "UTF-8");
}

// --- random numbers ---

Ref random_bytes(Thread& t, int64_t size, int flags, bool all) {
    Ref out = TRY(bytes_new(t, size));
    int64_t have = 0;
    while (have < size) {
        int64_t n = TRY(sys_retry(t, [&] {
            return getrandom(bytes_data(out) + have, static_cast<size_t>(size - have),
                             static_cast<unsigned>(flags));
        }));
        have += n;
        if (!all) break;
    }
    if (have != size) TRY(bytes_resize(t, out, have));
    return out;
}
Ref urandom_(Thread& t, Value, Value arg) {
    int64_t n = TRY(as_ssize(t, arg));
    if (n < 0) return raise(t, PyExc_ValueError, "negative argument not allowed");
    return random_bytes(t, n, 0, true);
}
Ref getrandom_(Thread& t, Value, const Value* a) {
    int64_t n = TRY(as_ssize(t, a[0]));
    int flags = a[1] ? TRY(as_int32(t, a[1])) : 0;
    if (n < 0) return raise_errno(t, EINVAL);
    return random_bytes(t, n, flags, false);
}

// --- extended attributes ---

struct XattrArgs {
    Path path, name;
    bool follow = true;
};
Status xattr_args(Thread& t, const char* function, Value path, Value name, Value follow, int flags,
                  XattrArgs& x) {
    TRY(path_arg(t, function, "path", path, flags, x.path));
    if (name) TRY(path_arg(t, function, "attribute", name, kPlainPath, x.name));
    x.follow = TRY(flag_arg(t, follow, true));
    if (x.path.is_fd && !x.follow)
        return raise(t, PyExc_ValueError, "%s: cannot use fd and follow_symlinks together", function);
    return Status::ok();
}
Value path_or_none(const XattrArgs& x) { return x.path.object ? x.path.name() : none(); }

// Asks with growing buffers until the answer fits.
template <class F>
Ref xattr_value(Thread& t, Value path, F get) {
    for (int64_t size : {int64_t{128}, int64_t{65536}}) {
        Ref out = TRY(bytes_new(t, size));
        CallResult r = unlocked(t, [&] { return get(bytes_data(out), static_cast<size_t>(size)); });
        if (r.failed()) {
            if (r.error == ERANGE && size < 65536) continue;
            return raise_errno(t, r.error, path);
        }
        if (r.value != size) TRY(bytes_resize(t, out, r.value));
        return out;
    }
    return raise_errno(t, ERANGE, path);
}
Ref getxattr_(Thread& t, Value, const Value* a) {
    XattrArgs x;
    TRY(xattr_args(t, "getxattr", a[0], a[1], a[2], kAllowFd, x));
    TRY(audit(t, "os.getxattr", {path_or_none(x), x.name.name()}));
    return xattr_value(t, x.path.name(), [&](char* p, size_t n) {
        if (x.path.is_fd) return fgetxattr(x.path.fd, x.name.text, p, n);
        return x.follow ? getxattr(x.path.text, x.name.text, p, n)
                        : lgetxattr(x.path.text, x.name.text, p, n);
    });
}
Ref setxattr_(Thread& t, Value, const Value* a) {
    XattrArgs x;
    TRY(xattr_args(t, "setxattr", a[0], a[1], a[4], kAllowFd, x));
    Buffer value;
    TRY(value.acquire(t, a[2]));
    int flags = a[3] ? TRY(as_int32(t, a[3])) : 0;
    TRY(audit(t, "os.setxattr", {path_or_none(x), x.name.name(), a[2], Value::from_int(flags)}));
    auto size = static_cast<size_t>(value.size());
    return sys_none(
        t,
        [&] {
            if (x.path.is_fd) return fsetxattr(x.path.fd, x.name.text, value.data(), size, flags);
            return x.follow ? setxattr(x.path.text, x.name.text, value.data(), size, flags)
                            : lsetxattr(x.path.text, x.name.text, value.data(), size, flags);
        },
        x.path.name());
}
Ref removexattr_(Thread& t, Value, const Value* a) {
    XattrArgs x;
    TRY(xattr_args(t, "removexattr", a[0], a[1], a[2], kAllowFd, x));
    TRY(audit(t, "os.removexattr", {path_or_none(x), x.name.name()}));
    return sys_none(
        t,
        [&] {
            if (x.path.is_fd) return fremovexattr(x.path.fd, x.name.text);
            return x.follow ? removexattr(x.path.text, x.name.text) : lremovexattr(x.path.text, x.name.text);
        },
        x.path.name());
}
Ref listxattr_(Thread& t, Value, const Value* a) {
    XattrArgs x;
    TRY(xattr_args(t, "listxattr", a[0], {}, a[1], kAllowFd | kNullable, x));
    TRY(audit(t, "os.listxattr", {path_or_none(x)}));
    Ref raw = TRY(xattr_value(t, x.path.name(), [&](char* p, size_t n) {
        if (x.path.is_fd) return flistxattr(x.path.fd, p, n);
        return x.follow ? listxattr(x.path.text, p, n) : llistxattr(x.path.text, p, n);
    }));
    Ref names = TRY(list_new(t));
    const char *p = bytes_data(raw), *end = p + bytes_size(raw);
    while (p < end) {
        size_t n = strnlen(p, static_cast<size_t>(end - p));
        TRY(list_append_owned(t, names, fs_decode(t, p, n)));
        p += n + 1;
    }
    return names;
}

// --- descriptors that are no files ---

Ref memfd_create_(Thread& t, Value, const Value* a) {
    Ref name = TRY(fs_encode(t, a[0]));
    unsigned flags = MFD_CLOEXEC;
    if (a[1]) {
        Ref n = TRY(index(t, a[1]));
        flags = static_cast<unsigned>(int_to_u64_wrapping(n));
    }
    return int_from(t, TRY(sys(t, [&] { return memfd_create(bytes_data(name), flags); })));
}
Ref eventfd_(Thread& t, Value, const Value* a) {
    Ref n = TRY(index(t, a[0]));
    uint64_t initial;
    if (!int_to_u64(n, &initial)) {
        if (int_sign(n) < 0) return raise(t, PyExc_ValueError, "Cannot convert negative int");
        return raise(t, PyExc_OverflowError, "Python int too large to convert to C unsigned int");
    }
    if (initial > UINT_MAX)
        return raise(t, PyExc_OverflowError, "Python int too large to convert to C unsigned int");
    int flags = a[1] ? TRY(as_int32(t, a[1])) : EFD_CLOEXEC;
    return int_from(t, TRY(sys(t, [&] { return eventfd(static_cast<unsigned>(initial), flags); })));
}
Ref eventfd_read_(Thread& t, Value, const Value* a) {
    int fd = TRY(fildes(t, a[0]));
    eventfd_t value;
    TRY_DISCARD(sys(t, [&] { return eventfd_read(fd, &value); }));
    return int_from_u64(t, value);
}
Ref eventfd_write_(Thread& t, Value, const Value* a) {
    int fd = TRY(fildes(t, a[0]));
    Ref n = TRY(index(t, a[1]));
    uint64_t value;
    if (!int_to_u64(n, &value)) return raise(t, PyExc_ValueError, "Cannot convert negative int");
    return sys_none(t, [&] { return eventfd_write(fd, value); });
}

// --- timers ---

Ref timer_result(Thread& t, const itimerspec& s, bool ns) {
    auto part = [&](const timespec& ts) {
        if (ns) return int_from(t, ts.tv_sec * kNsPerSecond + ts.tv_nsec);
        return float_from(t, static_cast<double>(ts.tv_sec) + static_cast<double>(ts.tv_nsec) * 1e-9);
    };
    Ref value = TRY(part(s.it_value)), interval = TRY(part(s.it_interval));
    return tuple_of(t, {value, interval});
}
Status timer_number(Thread& t, Value v, bool ns, timespec& ts) {
    ts = {0, 0};
    if (!v) return Status::ok();
    int64_t value;
    if (!ns) {
        value = TRY(ns_from_double(t, TRY(as_double(t, v)), Rounding::Floor));
    } else {
        Ref n = TRY(index(t, v));
        if (!int_to_i64(n, &value)) return raise(t, PyExc_OverflowError, "int too big to convert");
    }
    ts = timespec_from_ns(value);
    return Status::ok();
}
Ref timerfd_create_(Thread& t, Value, const Value* a) {
    int clock = TRY(as_int32(t, a[0])), flags = a[1] ? TRY(as_int32(t, a[1])) : 0;
    return int_from(t, TRY(sys(t, [&] { return timerfd_create(clock, flags | TFD_CLOEXEC); })));
}
Ref timer_settime(Thread& t, const Value* a, bool ns) {
    int fd = TRY(fildes(t, a[0])), flags = a[1] ? TRY(as_int32(t, a[1])) : 0;
    itimerspec now{}, old{};
    TRY(timer_number(t, a[2], ns, now.it_value));
    TRY(timer_number(t, a[3], ns, now.it_interval));
    TRY_DISCARD(sys(t, [&] { return timerfd_settime(fd, flags, &now, &old); }));
    return timer_result(t, old, ns);
}
Ref timer_gettime(Thread& t, Value arg, bool ns) {
    int fd = TRY(fildes(t, arg));
    itimerspec s{};
    TRY_DISCARD(sys(t, [&] { return timerfd_gettime(fd, &s); }));
    return timer_result(t, s, ns);
}
Ref timerfd_settime_(Thread& t, Value, const Value* a) { return timer_settime(t, a, false); }
Ref timerfd_settime_ns_(Thread& t, Value, const Value* a) { return timer_settime(t, a, true); }
Ref timerfd_gettime_(Thread& t, Value, Value arg) { return timer_gettime(t, arg, false); }
Ref timerfd_gettime_ns_(Thread& t, Value, Value arg) { return timer_gettime(t, arg, true); }

const StructSeqField terminal_fields[] = {{"columns", "width of the terminal window in characters"},
                                          {"lines", "height of the terminal window in characters"}};
const StructSeqDesc terminal_desc{"os.terminal_size", "The size of a terminal.", terminal_fields, 2, 2};
const StructSeqField uname_fields[] = {{"sysname", "operating system name"},
                                       {"nodename", "name of machine on network (implementation-defined)"},
                                       {"release", "operating system release"},
                                       {"version", "operating system version"},
                                       {"machine", "hardware identifier"}};
const StructSeqDesc uname_desc{"posix.uname_result", "What uname() answers.", uname_fields, 5, 5};

}  // namespace

Status add_system_types(Thread& t, Value module) {
    if (!g_terminal_size) {
        g_terminal_size = TRY(structseq_type_new(t, terminal_desc)).release().as<PyTypeObject>();
        g_uname_result = TRY(structseq_type_new(t, uname_desc)).release().as<PyTypeObject>();
    }
    TRY(module_add(t, module, "terminal_size", Ref::share(Value(g_terminal_size))));
    TRY(module_add(t, module, "uname_result", Ref::share(Value(g_uname_result))));
    TRY(module_add(t, module, "error", Ref::share(Value(PyExc_OSError))));
    return module_add(t, module, "environ", make_environ(t));
}

const NativeDef kSystemFunctions[] = {
    def<create_environ>("_create_environ", "()", "The environment as a dict of bytes."),
    def<putenv_>("putenv", "(name, value, /)", "Sets an environment variable."),
    def<unsetenv_>("unsetenv", "(name, /)", "Removes an environment variable."),
    def<strerror_>("strerror", "(code, /)", "The text of an error number."),
    def<uname_>("uname", "()", "Names of the system."),
    def<cpu_count_>("cpu_count", "()", "The number of CPUs, or None."),
    def<getloadavg_>("getloadavg", "()", "The load of the last 1, 5 and 15 minutes."),
    def<device_encoding_>("device_encoding", "(fd)", "The encoding of a terminal, or None."),
    def<urandom_>("urandom", "(size, /)", "Random bytes for cryptographic use."),
    def<getrandom_>("getrandom", "(size, flags=0)", "Random bytes, perhaps fewer."),
    def<getxattr_>("getxattr", "(path, attribute, *, follow_symlinks=True)",
                   "An extended attribute of a file."),
    def<setxattr_>("setxattr", "(path, attribute, value, flags=0, *,\n         follow_symlinks=True)",
                   "Sets an extended attribute."),
    def<removexattr_>("removexattr", "(path, attribute, *, follow_symlinks=True)",
                      "Removes an extended attribute."),
    def<listxattr_>("listxattr", "(path=None, *, follow_symlinks=True)",
                    "The names of a file's extended attributes."),
    def<memfd_create_>("memfd_create", "(name, flags=MFD_CLOEXEC)", nullptr),
    def<eventfd_>("eventfd", "(initval, flags=EFD_CLOEXEC)", "A counter with a descriptor."),
    def<eventfd_read_>("eventfd_read", "(fd)", "Takes the value of an eventfd."),
    def<eventfd_write_>("eventfd_write", "(fd, value)", "Adds to an eventfd."),
    def<timerfd_create_>("timerfd_create", "(clockid, /, *, flags=0)", "A timer with a descriptor."),
    def<timerfd_settime_>("timerfd_settime", "(fd, /, *, flags=0, initial=0.0, interval=0.0)",
                          "Sets a timer."),
    def<timerfd_settime_ns_>("timerfd_settime_ns", "(fd, /, *, flags=0, initial=0, interval=0)",
                             "Sets a timer in nanoseconds."),
    def<timerfd_gettime_>("timerfd_gettime", "(fd, /)", "(next expiration, interval) of a timer."),
    def<timerfd_gettime_ns_>("timerfd_gettime_ns", "(fd, /)", "The same in nanoseconds."),
    {}};

}  // namespace krait::posix
