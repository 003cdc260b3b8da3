// The stat family, and what changes modes, owners and times.
#include <sys/statvfs.h>
#include <sys/time.h>

#include "modules/posix/posix.h"
#include "object/per_interpreter.h"
#include "runtime/timestamp.h"

namespace krait::posix {

PER_INTERPRETER_REFS PyTypeObject *g_stat_result, *g_statvfs_result;

Ref make_structseq(Thread& t, PyTypeObject* type, std::initializer_list<Ref*> parts) {
    Value values[32];
    size_t n = 0;
    bool ok = true;
    for (Ref* r : parts) {
        ok = ok && *r;
        values[n++] = r->release();
    }
    if (ok) return structseq_new(t, type, values);
    for (size_t i = 0; i < n; i++) xdecref(values[i]);
    return {};
}

Ref pair(Thread& t, int64_t a, int64_t b) {
    Ref x = TRY(int_from(t, a)), y = TRY(int_from(t, b));
    return tuple_of(t, {x, y});
}

Ref stat_to_object(Thread& t, const struct stat& st) {
    const timespec times[] = {st.st_atim, st.st_mtim, st.st_ctim};
    Value v[19];
    int n = 0;
    bool ok = true;
    auto put = [&](Ref r) {
        ok = ok && r;
        v[n++] = r.release();
    };
    put(int_from(t, st.st_mode));
    put(int_from_u64(t, st.st_ino));
    put(int_from_u64(t, st.st_dev));
    put(int_from_u64(t, st.st_nlink));
    put(id_to_int(t, st.st_uid));
    put(id_to_int(t, st.st_gid));
    put(int_from(t, st.st_size));
    for (const timespec& ts : times) put(int_from(t, ts.tv_sec));
    for (const timespec& ts : times)
        put(float_from(t, static_cast<double>(ts.tv_sec) + 1e-9 * static_cast<double>(ts.tv_nsec)));
    for (const timespec& ts : times) {
        int64_t ns;
        if (!__builtin_mul_overflow(ts.tv_sec, int64_t{1000000000}, &ns) &&
            !__builtin_add_overflow(ns, ts.tv_nsec, &ns)) {
            put(int_from(t, ns));
        } else {
            Ref sec = int_from(t, ts.tv_sec), billion = int_from(t, 1000000000),
                rest = int_from(t, ts.tv_nsec);
            Ref big = sec && billion ? int_mul(t, sec, billion) : Ref();
            put(big && rest ? int_add(t, big, rest) : Ref());
        }
    }
    put(int_from(t, st.st_blksize));
    put(int_from(t, st.st_blocks));
    put(int_from_u64(t, st.st_rdev));
    if (ok) return structseq_new(t, g_stat_result, v);
    while (n) xdecref(v[--n]);
    return {};
}

Ref statvfs_to_object(Thread& t, const struct statvfs& s) {
    const uint64_t f[] = {s.f_bsize, s.f_frsize, s.f_blocks, s.f_bfree,   s.f_bavail, s.f_files,
                          s.f_ffree, s.f_favail, s.f_flag,   s.f_namemax, s.f_fsid};
    Value v[11];
    int n = 0;
    for (uint64_t x : f) {
        Ref r = int_from_u64(t, x);
        if (!r) {
            while (n) decref(v[--n]);
            return {};
        }
        v[n++] = r.release();
    }
    return structseq_new(t, g_statvfs_result, v);
}

namespace {

Ref do_stat(Thread& t, const char* function, Value path_value, Value dir_fd_value, bool follow) {
    Path path;
    TRY(path_arg(t, function, "path", path_value, !strcmp(function, "lstat") ? kPlainPath : kAllowFd, path));
    int dir_fd = TRY(dir_fd_arg(t, dir_fd_value));
    if (path.is_fd && dir_fd != AT_FDCWD)
        return raise(t, PyExc_ValueError, "%s: can't specify dir_fd without matching path", function);
    if (path.is_fd && !follow)
        return raise(t, PyExc_ValueError, "%s: cannot use fd and follow_symlinks together", function);
    struct stat st;
    TRY_DISCARD(sys(
        t,
        [&] {
            if (path.is_fd) return fstat(path.fd, &st);
            return fstatat(dir_fd, path.text, &st, follow ? 0 : AT_SYMLINK_NOFOLLOW);
        },
        path.name()));
    return stat_to_object(t, st);
}

Ref stat_(Thread& t, Value, const Value* a) {
    return do_stat(t, "stat", a[0], a[1], TRY(flag_arg(t, a[2], true)));
}
Ref lstat_(Thread& t, Value, const Value* a) { return do_stat(t, "lstat", a[0], a[1], false); }
Ref fstat_(Thread& t, Value, const Value* a) {
    int fd = TRY(as_int32(t, a[0]));
    struct stat st;
    TRY_DISCARD(sys_retry(t, [&] { return fstat(fd, &st); }));
    return stat_to_object(t, st);
}
Ref statvfs_(Thread& t, Value, const Value* a) {
    Path path;
    TRY(path_arg(t, "statvfs", "path", a[0], kAllowFd, path));
    struct statvfs s;
    TRY_DISCARD(
        sys(t, [&] { return path.is_fd ? fstatvfs(path.fd, &s) : statvfs(path.text, &s); }, path.name()));
    return statvfs_to_object(t, s);
}
Ref fstatvfs_(Thread& t, Value, Value arg) {
    int fd = TRY(as_int32(t, arg));
    struct statvfs s;
    TRY_DISCARD(sys_retry(t, [&] { return fstatvfs(fd, &s); }));
    return statvfs_to_object(t, s);
}

Ref access_(Thread& t, Value, const Value* a) {
    Path path;
    TRY(path_arg(t, "access", "path", a[0], kPlainPath, path));
    int mode = TRY(as_int32(t, a[1])), dir_fd = TRY(dir_fd_arg(t, a[2]));
    bool effective = TRY(flag_arg(t, a[3], false)), follow = TRY(flag_arg(t, a[4], true));
    int flags = (effective ? AT_EACCESS : 0) | (follow ? 0 : AT_SYMLINK_NOFOLLOW);
    CallResult r = unlocked(t, [&] { return faccessat(dir_fd, path.text, mode, flags); });
    return bool_ref(!r.failed());
}

Ref chmod_(Thread& t, Value, const Value* a) {
    Path path;
    TRY(path_arg(t, "chmod", "path", a[0], kAllowFd, path));
    int mode = TRY(as_int32(t, a[1])), dir_fd = TRY(dir_fd_arg(t, a[2]));
    bool follow = TRY(flag_arg(t, a[3], true));
    Ref where = Ref::from_int(dir_fd == AT_FDCWD ? -1 : dir_fd);
    TRY(audit(t, "os.chmod", {path.name(), a[1], where}));
    CallResult r = unlocked(t, [&] {
        if (path.is_fd) return fchmod(path.fd, mode);
        return fchmodat(dir_fd, path.text, mode, follow ? 0 : AT_SYMLINK_NOFOLLOW);
    });
    if (!r.failed()) return none_ref();
    if (!follow && (r.error == EOPNOTSUPP || r.error == ENOTSUP)) {
        if (dir_fd != AT_FDCWD)
            return raise(t, PyExc_ValueError, "chmod: cannot use dir_fd and follow_symlinks together");
        return raise(t, PyExc_NotImplementedError, "chmod: follow_symlinks unavailable on this platform");
    }
    return raise_errno(t, r.error, path.name());
}
Ref fchmod_(Thread& t, Value, const Value* a) {
    int fd = TRY(as_int32(t, a[0])), mode = TRY(as_int32(t, a[1]));
    TRY(audit(t, "os.chmod", {a[0], a[1], Value::from_int(-1)}));
    return sys_retry_none(t, [&] { return fchmod(fd, mode); });
}

Ref chown_(Thread& t, Value, const Value* a) {
    Path path;
    TRY(path_arg(t, "chown", "path", a[0], kAllowFd, path));
    uint32_t uid = TRY(id_arg(t, a[1], "uid")), gid = TRY(id_arg(t, a[2], "gid"));
    int dir_fd = TRY(dir_fd_arg(t, a[3]));
    bool follow = TRY(flag_arg(t, a[4], true));
    if (path.is_fd && dir_fd != AT_FDCWD)
        return raise(t, PyExc_ValueError, "chown: can't specify dir_fd without matching path");
    if (path.is_fd && !follow)
        return raise(t, PyExc_ValueError, "chown: cannot use fd and follow_symlinks together");
    Ref where = Ref::from_int(dir_fd == AT_FDCWD ? -1 : dir_fd);
    TRY(audit(t, "os.chown", {path.name(), a[1], a[2], where}));
    return sys_none(
        t,
        [&] {
            if (path.is_fd) return fchown(path.fd, uid, gid);
            return fchownat(dir_fd, path.text, uid, gid, follow ? 0 : AT_SYMLINK_NOFOLLOW);
        },
        path.name());
}
Ref fchown_(Thread& t, Value, const Value* a) {
    int fd = TRY(as_int32(t, a[0]));
    uint32_t uid = TRY(id_arg(t, a[1], "uid")), gid = TRY(id_arg(t, a[2], "gid"));
    TRY(audit(t, "os.chown", {a[0], a[1], a[2], Value::from_int(-1)}));
    return sys_retry_none(t, [&] { return fchown(fd, uid, gid); });
}
Ref lchown_(Thread& t, Value, const Value* a) {
    Path path;
    TRY(path_arg(t, "lchown", "path", a[0], kPlainPath, path));
    uint32_t uid = TRY(id_arg(t, a[1], "uid")), gid = TRY(id_arg(t, a[2], "gid"));
    TRY(audit(t, "os.chown", {path.name(), a[1], a[2], Value::from_int(-1)}));
    return sys_none(t, [&] { return lchown(path.text, uid, gid); }, path.name());
}

// --- times ---

Status timespec_from_number(Thread& t, Value v, timespec& ts) {
    TimeParts m = TRY(time_parts_from_number(t, v, kNsPerSecond, Rounding::Floor));
    ts = {m.seconds, m.parts};
    return Status::ok();
}
Status timespec_from_ns_arg(Thread& t, Value v, timespec& ts) {
    Ref n = TRY(index(t, v)), billion = Ref::from_int(1000000000);
    Ref sec = TRY(int_floor_div(t, n, billion)), rest = TRY(int_mod(t, n, billion));
    int64_t s, ns;
    if (!int_to_i64(sec, &s))
        return raise(t, PyExc_OverflowError, "timestamp out of range for platform time_t");
    int_to_i64(rest, &ns);
    ts = {s, ns};
    return Status::ok();
}

Ref utime_(Thread& t, Value, const Value* a) {
    Path path;
    TRY(path_arg(t, "utime", "path", a[0], kAllowFd, path));
    int dir_fd = TRY(dir_fd_arg(t, a[3]));
    bool follow = TRY(flag_arg(t, a[4], true));
    timespec ts[2];
    bool now = true;
    if (given(a[1]) && a[2])
        return raise(t, PyExc_ValueError, "utime: you may specify either 'times' or 'ns' but not both");
    if (given(a[1])) {
        if (!is_tuple(a[1]) || tuple_size(a[1]) != 2)
            return raise(t, PyExc_TypeError, "utime: 'times' must be either a tuple of two ints or None");
        for (int i = 0; i < 2; i++) TRY(timespec_from_number(t, tuple_get(a[1], i), ts[i]));
        now = false;
    } else if (a[2]) {
        if (!is_tuple(a[2]) || tuple_size(a[2]) != 2)
            return raise(t, PyExc_TypeError, "utime: 'ns' must be a tuple of two ints");
        for (int i = 0; i < 2; i++) TRY(timespec_from_ns_arg(t, tuple_get(a[2], i), ts[i]));
        now = false;
    }
    if (path.is_fd && dir_fd != AT_FDCWD)
        return raise(t, PyExc_ValueError, "utime: can't specify dir_fd without matching path");
    if (path.is_fd && !follow)
        return raise(t, PyExc_ValueError, "utime: cannot use fd and follow_symlinks together");
    Ref where = Ref::from_int(dir_fd == AT_FDCWD ? -1 : dir_fd);
    TRY(audit(t, "os.utime", {path.name(), a[1] ? a[1] : none(), a[2] ? a[2] : none(), where}));
    return sys_none(
        t,
        [&] {
            if (path.is_fd) return futimens(path.fd, now ? nullptr : ts);
            return utimensat(dir_fd, path.text, now ? nullptr : ts, follow ? 0 : AT_SYMLINK_NOFOLLOW);
        },
        path.name());
}

Ref umask_(Thread& t, Value, Value arg) {
    int mask = TRY(as_int32(t, arg));
    return Ref::from_int(umask(mask));
}

const StructSeqField stat_fields[] = {{"st_mode", "protection bits"},
                                      {"st_ino", "inode"},
                                      {"st_dev", "device"},
                                      {"st_nlink", "number of hard links"},
                                      {"st_uid", "user ID of owner"},
                                      {"st_gid", "group ID of owner"},
                                      {"st_size", "total size, in bytes"},
                                      {nullptr, "integer time of last access"},
                                      {nullptr, "integer time of last modification"},
                                      {nullptr, "integer time of last change"},
                                      {"st_atime", "time of last access"},
                                      {"st_mtime", "time of last modification"},
                                      {"st_ctime", "time of last change"},
                                      {"st_atime_ns", "time of last access in nanoseconds"},
                                      {"st_mtime_ns", "time of last modification in nanoseconds"},
                                      {"st_ctime_ns", "time of last change in nanoseconds"},
                                      {"st_blksize", "blocksize for filesystem I/O"},
                                      {"st_blocks", "number of blocks allocated"},
                                      {"st_rdev", "device type (if inode device)"}};
const StructSeqDesc stat_desc{"os.stat_result",
                              "What stat() answers: a tuple of ten items with more as attributes.",
                              stat_fields, 19, 10};
const StructSeqField statvfs_fields[] = {{"f_bsize", nullptr},   {"f_frsize", nullptr}, {"f_blocks", nullptr},
                                         {"f_bfree", nullptr},   {"f_bavail", nullptr}, {"f_files", nullptr},
                                         {"f_ffree", nullptr},   {"f_favail", nullptr}, {"f_flag", nullptr},
                                         {"f_namemax", nullptr}, {"f_fsid", nullptr}};
const StructSeqDesc statvfs_desc{"os.statvfs_result", "What statvfs() answers.", statvfs_fields, 11, 10};

// The tuple's integer times are unnamed; repr() shows them under the names of the float ones.
Ref stat_repr(Thread& t, Value self) {
    static const char* const names[] = {"st_mode", "st_ino",  "st_dev",   "st_nlink", "st_uid",
                                        "st_gid",  "st_size", "st_atime", "st_mtime", "st_ctime"};
    StrBuilder out(t);
    TRY(out.ascii(type_of(self)->tp_name));
    for (int i = 0; i < 10; i++) {
        TRY(out.ascii(i ? ", " : "("));
        TRY(out.ascii(names[i]));
        TRY(out.ascii("="));
        Ref text = TRY(repr(t, tuple_get(self, i)));
        TRY(out.append(text));
    }
    TRY(out.ascii(")"));
    return out.finish();
}

// stat_result(sequence): the float and nanosecond times missing at the end come from the integer ones.
NewFn g_structseq_new;
Ref stat_result_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    Ref r = TRY(g_structseq_new(t, type, args, nargs, kwnames));
    Value* items = tuple_items(r);
    for (int i = 7; i < 10; i++)
        if (is_none(items[i + 3])) items[i + 3] = Ref::share(items[i]).release();
    return r;
}

}  // namespace

Status add_stat_types(Thread& t, Value module) {
    if (!g_stat_result) {
        g_stat_result = TRY(structseq_type_new(t, stat_desc)).release().as<PyTypeObject>();
        TypeExt* x = ext(g_stat_result);
        x->slots.repr = stat_repr;
        g_structseq_new = x->slots.new_;
        x->slots.new_ = stat_result_new;
        g_statvfs_result = TRY(structseq_type_new(t, statvfs_desc)).release().as<PyTypeObject>();
    }
    TRY(module_add(t, module, "stat_result", Ref::share(Value(g_stat_result))));
    return module_add(t, module, "statvfs_result", Ref::share(Value(g_statvfs_result)));
}

const NativeDef kStatFunctions[] = {
    def<stat_>("stat", "(path, *, dir_fd=None, follow_symlinks=True)", "What the system knows about a file."),
    def<lstat_>("lstat", "(path, *, dir_fd=None)", "As stat(), of a symbolic link itself."),
    def<fstat_>("fstat", "(fd)", "As stat(), of an open file."),
    def<statvfs_>("statvfs", "(path)", "What the system knows about a file system."),
    def<fstatvfs_>("fstatvfs", "(fd, /)", "As statvfs(), of an open file."),
    def<access_>("access", "(path, mode, *, dir_fd=None, effective_ids=False,\n       follow_symlinks=True)",
                 "Whether the process may access a file."),
    def<chmod_>("chmod", "(path, mode, *, dir_fd=None,\n      follow_symlinks=(os.name != 'nt'))",
                "Changes the permissions of a file."),
    def<fchmod_>("fchmod", "(fd, mode)", "Changes the permissions of an open file."),
    def<chown_>("chown", "(path, uid, gid, *, dir_fd=None, follow_symlinks=True)",
                "Changes the owner of a file."),
    def<fchown_>("fchown", "(fd, uid, gid)", "Changes the owner of an open file."),
    def<lchown_>("lchown", "(path, uid, gid)", "Changes the owner of a file or symbolic link."),
    def<utime_>("utime",
                "(path, times=None, *, ns=<unrepresentable>,\n      dir_fd=None, follow_symlinks=True)",
                "Sets the times of last access and modification."),
    def<umask_>("umask", "(mask, /)", "Sets the file creation mask; returns the old one."),
    {}};

}  // namespace krait::posix
