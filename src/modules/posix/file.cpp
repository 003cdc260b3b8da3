// Open files by descriptor.
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include <climits>

#include "modules/posix/posix.h"
#include "object/convert.h"

namespace krait::posix {

namespace {

constexpr int64_t kMostAtOnce = 0x7ffff000;

Result<int> fd_arg(Thread& t, Value v) { return as_int32(t, v); }

Ref open_(Thread& t, Value, const Value* a) {
    Path path;
    TRY(path_arg(t, "open", "path", a[0], kPlainPath, path));
    int flags = TRY(as_int32(t, a[1])), mode = a[2] ? TRY(as_int32(t, a[2])) : 0777;
    int dir_fd = TRY(dir_fd_arg(t, a[3]));
    flags |= O_CLOEXEC;
    TRY(audit(t, "open", {path.name(), none(), Value::from_int(flags)}));
    return int_from(t,
                    TRY(sys_retry(t, [&] { return openat(dir_fd, path.text, flags, mode); }, path.name())));
}
Ref close_(Thread& t, Value, const Value* a) {
    int fd = TRY(fd_arg(t, a[0]));
    // After EINTR the descriptor is gone all the same.
    CallResult r = unlocked(t, [&] { return close(fd); });
    if (r.failed() && r.error != EINTR) return raise_errno(t, r.error);
    return none_ref();
}
Ref closerange_(Thread& t, Value, const Value* args, size_t) {
    int low = TRY(fd_arg(t, args[0])), high = TRY(fd_arg(t, args[1]));
    if (low < 0) low = 0;
    AllowThreads allow(t);
    if (low < high && syscall(SYS_close_range, low, high - 1, 0) != 0)
        for (int fd = low; fd < high; fd++) close(fd);
    return none_ref();
}

Ref read_(Thread& t, Value, const Value* args, size_t) {
    int fd = TRY(fd_arg(t, args[0]));
    int64_t n = TRY(as_ssize(t, args[1]));
    if (n < 0) return raise_errno(t, EINVAL);
    if (n > kMostAtOnce) n = kMostAtOnce;
    Ref out = TRY(bytes_new(t, n));
    int64_t got = TRY(sys_retry(t, [&] { return read(fd, bytes_data(out), static_cast<size_t>(n)); }));
    if (got != n) TRY(bytes_resize(t, out, got));
    return out;
}
Ref pread_(Thread& t, Value, const Value* args, size_t) {
    int fd = TRY(fd_arg(t, args[0]));
    int64_t n = TRY(as_ssize(t, args[1])), at = TRY(offset_arg(t, args[2]));
    if (n < 0) return raise_errno(t, EINVAL);
    Ref out = TRY(bytes_new(t, n));
    int64_t got = TRY(sys_retry(t, [&] { return pread(fd, bytes_data(out), static_cast<size_t>(n), at); }));
    if (got != n) TRY(bytes_resize(t, out, got));
    return out;
}
Ref readinto_(Thread& t, Value, const Value* args, size_t) {
    int fd = TRY(fd_arg(t, args[0]));
    Buffer b;
    if (!b.acquire(t, args[1], kBufWritable)) {
        clear_error(t);
        return raise(t, PyExc_TypeError,
                     "readinto() argument 2 must be read-write bytes-like object, not %.50s",
                     is_none(args[1]) ? "None" : type_of(args[1])->tp_name);
    }
    int64_t n = b.size() > kMostAtOnce ? kMostAtOnce : b.size();
    return int_from(t, TRY(sys_retry(t, [&] { return read(fd, b.mutable_data(), static_cast<size_t>(n)); })));
}
Ref write_(Thread& t, Value, const Value* args, size_t) {
    int fd = TRY(fd_arg(t, args[0]));
    Buffer b;
    TRY(b.acquire(t, args[1]));
    return int_from(t, TRY(sys_retry(t, [&] { return write(fd, b.data(), static_cast<size_t>(b.size())); })));
}
Ref pwrite_(Thread& t, Value, const Value* args, size_t) {
    int fd = TRY(fd_arg(t, args[0]));
    Buffer b;
    TRY(b.acquire(t, args[1]));
    int64_t at = TRY(offset_arg(t, args[2]));
    return int_from(
        t, TRY(sys_retry(t, [&] { return pwrite(fd, b.data(), static_cast<size_t>(b.size()), at); })));
}

// The buffers of a sequence as an iovec array.
struct Vectors {
    Thread& t;
    iovec* iov = nullptr;
    Py_buffer* views = nullptr;
    int n = 0;
    explicit Vectors(Thread& thread) : t(thread) {}
    Vectors(const Vectors&) = delete;
    ~Vectors() {
        for (int i = 0; i < n; i++) release_buffer(t, &views[i]);
        mem_free(iov);
        mem_free(views);
    }
    Status fill(Value sequence, const char* message, int flags) {
        if (!is_sequence(sequence)) return raise(t, PyExc_TypeError, "%s", message);
        Ref fast = TRY(sequence_fast(t, sequence, message));
        bool list = is_list(fast);
        int64_t count = list ? list_size(fast) : tuple_size(fast);
        if (count > INT_MAX / 16) return raise(t, PyExc_OverflowError, "too many buffers");
        iov = static_cast<iovec*>(mem_alloc_zeroed((static_cast<size_t>(count) + 1) * sizeof(iovec)));
        views =
            static_cast<Py_buffer*>(mem_alloc_zeroed((static_cast<size_t>(count) + 1) * sizeof(Py_buffer)));
        if (!iov || !views) return raise_no_memory(t);
        for (int64_t i = 0; i < count; i++) {
            if (list && i >= list_size(fast)) break;
            Ref item = Ref::share(list ? list_get(fast, i) : tuple_get(fast, i));
            TRY(get_buffer(t, item, &views[i], flags));
            n++;
            iov[i] = {views[i].buf, static_cast<size_t>(views[i].len)};
        }
        return Status::ok();
    }
};

Ref readv_(Thread& t, Value, const Value* args, size_t) {
    int fd = TRY(fd_arg(t, args[0]));
    Vectors v(t);
    TRY(v.fill(args[1], "readv() arg 2 must be a sequence", kBufWritable));
    return int_from(t, TRY(sys_retry(t, [&] { return readv(fd, v.iov, v.n); })));
}
Ref writev_(Thread& t, Value, const Value* args, size_t) {
    int fd = TRY(fd_arg(t, args[0]));
    Vectors v(t);
    TRY(v.fill(args[1], "writev() arg 2 must be a sequence", kBufSimple));
    return int_from(t, TRY(sys_retry(t, [&] { return writev(fd, v.iov, v.n); })));
}
Ref preadv_(Thread& t, Value, const Value* args, size_t nargs) {
    int fd = TRY(fd_arg(t, args[0]));
    int64_t at = TRY(offset_arg(t, args[2]));
    int flags = nargs > 3 ? TRY(as_int32(t, args[3])) : 0;
    Vectors v(t);
    TRY(v.fill(args[1], "preadv2() arg 2 must be a sequence", kBufWritable));
    return int_from(t, TRY(sys_retry(t, [&] { return preadv2(fd, v.iov, v.n, at, flags); })));
}
Ref pwritev_(Thread& t, Value, const Value* args, size_t nargs) {
    int fd = TRY(fd_arg(t, args[0]));
    int64_t at = TRY(offset_arg(t, args[2]));
    int flags = nargs > 3 ? TRY(as_int32(t, args[3])) : 0;
    Vectors v(t);
    TRY(v.fill(args[1], "pwritev() arg 2 must be a sequence", kBufSimple));
    return int_from(t, TRY(sys_retry(t, [&] { return pwritev2(fd, v.iov, v.n, at, flags); })));
}

Ref lseek_(Thread& t, Value, const Value* args, size_t) {
    int fd = TRY(fd_arg(t, args[0]));
    int64_t at = TRY(offset_arg(t, args[1]));
    int whence = TRY(as_int32(t, args[2]));
    return int_from(t, TRY(sys(t, [&] { return lseek(fd, at, whence); })));
}
Ref ftruncate_(Thread& t, Value, const Value* args, size_t) {
    int fd = TRY(fd_arg(t, args[0]));
    int64_t n = TRY(offset_arg(t, args[1]));
    TRY(audit(t, "os.truncate", {args[0], args[1]}));
    return sys_retry_none(t, [&] { return ftruncate(fd, n); });
}
Ref fsync_(Thread& t, Value, const Value* a) {
    int fd = TRY(fildes(t, a[0]));
    return sys_retry_none(t, [&] { return fsync(fd); });
}
Ref fdatasync_(Thread& t, Value, const Value* a) {
    int fd = TRY(fildes(t, a[0]));
    return sys_retry_none(t, [&] { return fdatasync(fd); });
}
Ref sync_(Thread& t, Value) {
    AllowThreads allow(t);
    sync();
    return none_ref();
}

Ref dup_(Thread& t, Value, Value arg) {
    int fd = TRY(fd_arg(t, arg));
    return int_from(t, TRY(sys(t, [&] { return fcntl(fd, F_DUPFD_CLOEXEC, 0); })));
}
Ref dup2_(Thread& t, Value, const Value* a) {
    int fd = TRY(fd_arg(t, a[0])), fd2 = TRY(fd_arg(t, a[1]));
    bool inheritable = TRY(flag_arg(t, a[2], true));
    if (fd < 0 || fd2 < 0) return raise_errno(t, EBADF);
    return int_from(
        t, TRY(sys(t, [&] { return inheritable || fd == fd2 ? dup2(fd, fd2) : dup3(fd, fd2, O_CLOEXEC); })));
}
Ref pipe_(Thread& t, Value) {
    int fds[2];
    TRY_DISCARD(sys(t, [&] { return pipe2(fds, O_CLOEXEC); }));
    return pair(t, fds[0], fds[1]);
}
Ref pipe2_(Thread& t, Value, Value arg) {
    int flags = TRY(as_int32(t, arg)), fds[2];
    TRY_DISCARD(sys(t, [&] { return pipe2(fds, flags); }));
    return pair(t, fds[0], fds[1]);
}
Ref isatty_(Thread& t, Value, Value arg) {
    int fd = TRY(fd_arg(t, arg));
    return bool_ref(unlocked(t, [&] { return isatty(fd); }).value == 1);
}

// --- flags of descriptors ---

Ref get_inheritable_(Thread& t, Value, Value arg) {
    int fd = TRY(fd_arg(t, arg));
    return bool_ref(!(TRY(sys(t, [&] { return fcntl(fd, F_GETFD); })) & FD_CLOEXEC));
}
Ref set_inheritable_(Thread& t, Value, const Value* args, size_t) {
    int fd = TRY(fd_arg(t, args[0])), on = TRY(as_int32(t, args[1]));
    int64_t flags = TRY(sys(t, [&] { return fcntl(fd, F_GETFD); }));
    int64_t wanted = on ? flags & ~FD_CLOEXEC : flags | FD_CLOEXEC;
    if (wanted == flags) return none_ref();
    return sys_none(t, [&] { return fcntl(fd, F_SETFD, static_cast<int>(wanted)); });
}
Ref get_blocking_(Thread& t, Value, Value arg) {
    int fd = TRY(fd_arg(t, arg));
    return bool_ref(!(TRY(sys(t, [&] { return fcntl(fd, F_GETFL); })) & O_NONBLOCK));
}
Ref set_blocking_(Thread& t, Value, const Value* args, size_t) {
    int fd = TRY(fd_arg(t, args[0]));
    bool blocking = TRY(is_true(t, args[1]));
    int64_t flags = TRY(sys(t, [&] { return fcntl(fd, F_GETFL); }));
    int64_t wanted = blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
    if (wanted == flags) return none_ref();
    return sys_none(t, [&] { return fcntl(fd, F_SETFL, static_cast<int>(wanted)); });
}

// --- moving data ---

Ref lockf_(Thread& t, Value, const Value* args, size_t) {
    int fd = TRY(fd_arg(t, args[0])), command = TRY(as_int32(t, args[1]));
    int64_t n = TRY(offset_arg(t, args[2]));
    TRY(audit(t, "os.lockf", {args[0], args[1], args[2]}));
    return sys_none(t, [&] { return lockf(fd, command, n); });
}
Ref fadvise_(Thread& t, Value, const Value* args, size_t) {
    int fd = TRY(fd_arg(t, args[0]));
    int64_t at = TRY(offset_arg(t, args[1])), n = TRY(offset_arg(t, args[2]));
    int advice = TRY(as_int32(t, args[3]));
    int64_t r = unlocked(t, [&] { return posix_fadvise(fd, at, n, advice); }).value;
    if (r) return raise_errno(t, static_cast<int>(r));
    return none_ref();
}
Ref fallocate_(Thread& t, Value, const Value* args, size_t) {
    int fd = TRY(fd_arg(t, args[0]));
    int64_t at = TRY(offset_arg(t, args[1])), n = TRY(offset_arg(t, args[2]));
    for (;;) {
        int64_t r = unlocked(t, [&] { return posix_fallocate(fd, at, n); }).value;
        if (r == 0) return none_ref();
        if (r != EINTR) return raise_errno(t, static_cast<int>(r));
        TRY(handle_pending(t));
    }
}
Ref sendfile_(Thread& t, Value, const Value* a) {
    int out = TRY(fd_arg(t, a[0])), in = TRY(fd_arg(t, a[1]));
    int64_t count = TRY(as_ssize(t, a[3]));
    if (is_none(a[2]))
        return int_from(
            t, TRY(sys_retry(t, [&] { return sendfile(out, in, nullptr, static_cast<size_t>(count)); })));
    off_t at = TRY(offset_arg(t, a[2]));
    return int_from(t, TRY(sys_retry(t, [&] { return sendfile(out, in, &at, static_cast<size_t>(count)); })));
}
// The offset arguments of copy_file_range() and splice(): null when None.
Status optional_offset(Thread& t, Value v, loff_t& store, loff_t*& p) {
    if (!given(v)) return Status::ok();
    store = TRY(offset_arg(t, v));
    p = &store;
    return Status::ok();
}
struct Transfer {
    int src, dst;
    int64_t count;
    loff_t src_at = 0, dst_at = 0, *src_p = nullptr, *dst_p = nullptr;
};
Status transfer_args(Thread& t, const Value* a, Transfer& x) {
    x.src = TRY(fd_arg(t, a[0]));
    x.dst = TRY(fd_arg(t, a[1]));
    x.count = TRY(as_ssize(t, a[2]));
    TRY(optional_offset(t, a[3], x.src_at, x.src_p));
    TRY(optional_offset(t, a[4], x.dst_at, x.dst_p));
    if (x.count < 0) return raise(t, PyExc_ValueError, "negative value for 'count' not allowed");
    return Status::ok();
}
Ref copy_file_range_(Thread& t, Value, const Value* a) {
    Transfer x;
    TRY(transfer_args(t, a, x));
    return int_from(t, TRY(sys_retry(t, [&] {
                        return copy_file_range(x.src, x.src_p, x.dst, x.dst_p, static_cast<size_t>(x.count),
                                               0);
                    })));
}
Ref splice_(Thread& t, Value, const Value* a) {
    Transfer x;
    TRY(transfer_args(t, a, x));
    int flags = a[5] ? TRY(as_int32(t, a[5])) : 0;
    return int_from(t, TRY(sys_retry(t, [&] {
                        return splice(x.src, x.src_p, x.dst, x.dst_p, static_cast<size_t>(x.count),
                                      static_cast<unsigned>(flags));
                    })));
}

// --- terminals ---

Ref terminal_size_(Thread& t, Value, const Value* args, size_t nargs) {
    int fd = nargs ? TRY(as_int32(t, args[0])) : 1;
    winsize w;
    if (ioctl(fd, TIOCGWINSZ, &w) == -1) return raise_errno(t, errno);
    Ref columns = int_from(t, w.ws_col), lines = int_from(t, w.ws_row);
    return make_structseq(t, g_terminal_size, {&columns, &lines});
}

}  // namespace

const NativeDef kFileFunctions[] = {
    def<open_>("open", "(path, flags, mode=511, *, dir_fd=None)", "Opens a file; returns its descriptor."),
    def<close_>("close", "(fd)", "Closes a descriptor."),
    def<closerange_>("closerange", "(fd_low, fd_high, /)",
                     "Closes all descriptors in [low, high), ignoring errors."),
    def<read_>("read", "(fd, length, /)", "Reads from a descriptor."),
    def<readinto_>("readinto", "(fd, buffer, /)", "Reads from a descriptor into a buffer."),
    def<pread_>("pread", "(fd, length, offset, /)", "Reads from a place of a file."),
    def<readv_>("readv", "(fd, buffers, /)", "Reads into several buffers."),
    def<preadv_>("preadv", "(fd, buffers, offset, flags=0, /)", "Reads from a place into several buffers."),
    def<write_>("write", "(fd, data, /)", "Writes to a descriptor."),
    def<pwrite_>("pwrite", "(fd, buffer, offset, /)", "Writes to a place of a file."),
    def<writev_>("writev", "(fd, buffers, /)", "Writes several buffers."),
    def<pwritev_>("pwritev", "(fd, buffers, offset, flags=0, /)", "Writes several buffers to a place."),
    def<lseek_>("lseek", "(fd, position, whence, /)", "Sets the position of a descriptor."),
    def<ftruncate_>("ftruncate", "(fd, length, /)", "Cuts or extends an open file."),
    def<fsync_>("fsync", "(fd)", "Forces a file to disk."),
    def<fdatasync_>("fdatasync", "(fd)", "Forces the data of a file to disk."),
    def<sync_>("sync", "()", "Forces everything to disk."),
    def<dup_>("dup", "(fd, /)", "Duplicates a descriptor."),
    def<dup2_>("dup2", "(fd, fd2, inheritable=True)", "Duplicates a descriptor to a given number."),
    def<pipe_>("pipe", "()", "Makes a pipe: (read end, write end)."),
    def<pipe2_>("pipe2", "(flags, /)", "Makes a pipe with flags."),
    def<isatty_>("isatty", "(fd, /)", "Whether a descriptor is a terminal."),
    def<get_inheritable_>("get_inheritable", "(fd, /)", "Whether children inherit a descriptor."),
    def<set_inheritable_>("set_inheritable", "(fd, inheritable, /)",
                          "Says whether children inherit a descriptor."),
    def<get_blocking_>("get_blocking", "(fd, /)", "Whether a descriptor is in blocking mode."),
    def<set_blocking_>("set_blocking", "(fd, blocking, /)", "Sets the blocking mode of a descriptor."),
    def<lockf_>("lockf", "(fd, command, length, /)", "Locks part of a file."),
    def<fadvise_>("posix_fadvise", "(fd, offset, length, advice, /)", "Announces how a file will be used."),
    def<fallocate_>("posix_fallocate", "(fd, offset, length, /)", "Reserves space for a file."),
    def<sendfile_>("sendfile", "(out_fd, in_fd, offset, count)", "Copies between descriptors."),
    def<copy_file_range_>("copy_file_range",
                          "(src, dst, count, offset_src=None,\n                offset_dst=None)",
                          "Copies between files within the kernel."),
    def<splice_>("splice", "(src, dst, count, offset_src=None, offset_dst=None,\n       flags=0)",
                 "Moves data between a pipe and a descriptor."),
    def<terminal_size_>("get_terminal_size", "(fd=<unrepresentable>, /)", "The size of a terminal."),
    {}};

}  // namespace krait::posix
