// FileIO: a raw stream over a file descriptor.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "modules/io/io.h"

namespace krait::io {

Type fileio_type;

Result<int64_t> fd_read(Thread& t, int fd, void* p, int64_t n) {
    for (;;) {
        ssize_t got;
        int err;
        {
            AllowThreads allow(t);
            got = ::read(fd, p, static_cast<size_t>(n));
            err = errno;
        }
        if (got >= 0) return got;
        if (err == EAGAIN) return kWouldBlock;
        if (err != EINTR) return raise_errno(t, err);
        TRY(handle_pending(t));
    }
}

Result<int64_t> fd_write(Thread& t, int fd, const void* p, int64_t n) {
    for (;;) {
        ssize_t put;
        int err;
        {
            AllowThreads allow(t);
            put = ::write(fd, p, static_cast<size_t>(n));
            err = errno;
        }
        if (put >= 0) return put;
        if (err == EAGAIN) return kWouldBlock;
        if (err != EINTR) return raise_errno(t, err);
        TRY(handle_pending(t));
    }
}

namespace {

Raised err_closed(Thread& t) { return raise(t, PyExc_ValueError, "I/O operation on closed file"); }
Raised err_mode(Thread& t, const char* action) {
    return raise(t, g_unsupported_operation, "File not open for %s", action);
}

// --- opening ---

struct Mode {
    int flags = 0;
    bool created = false, readable = false, writable = false, appending = false;
};

Status parse_mode(Thread& t, const char* text, Mode& m) {
    bool rwa = false, plus = false;
    auto bad = [&] {
        return raise(t, PyExc_ValueError,
                     "Must have exactly one of create/read/write/append mode and at most one plus");
    };
    for (const char* p = text; *p; p++) {
        switch (*p) {
            case 'x':
            case 'r':
            case 'w':
            case 'a':
                if (rwa) return bad();
                rwa = true;
                if (*p == 'r') {
                    m.readable = true;
                    break;
                }
                m.writable = true;
                m.created = *p == 'x';
                m.appending = *p == 'a';
                m.flags |= *p == 'x' ? O_EXCL | O_CREAT : *p == 'w' ? O_CREAT | O_TRUNC : O_APPEND | O_CREAT;
                break;
            case 'b':
                break;
            case '+':
                if (plus) return bad();
                m.readable = m.writable = plus = true;
                break;
            default:
                return raise(t, PyExc_ValueError, "invalid mode: %.200s", text);
        }
    }
    if (!rwa) return bad();
    m.flags |= m.readable && m.writable ? O_RDWR : m.readable ? O_RDONLY : O_WRONLY;
    m.flags |= O_CLOEXEC;
    return Status::ok();
}

Result<int> open_path(Thread& t, Value name, Value path, int flags) {
    for (;;) {
        int fd, err;
        {
            AllowThreads allow(t);
            fd = ::open(bytes_data(path), flags, 0666);
            err = errno;
        }
        if (fd >= 0) return fd;
        if (err != EINTR) return raise_errno(t, err, name);
        TRY(handle_pending(t));
    }
}

Result<int> open_with(Thread& t, Value opener, Value name, int flags) {
    Ref r = TRY(call(t, opener, {name, Value::from_int(flags)}));
    if (!is_long(r)) return raise(t, PyExc_TypeError, "expected integer from opener");
    int fd = TRY(as_int32(t, r));
    if (fd < 0) return raise(t, PyExc_ValueError, "opener returned %d", fd);
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) {
        int err = errno;
        ::close(fd);
        return raise_errno(t, err);
    }
    return fd;
}

// The integer a descriptor given by number has; -1: `file` is a path.
Result<int> given_descriptor(Thread& t, Value file) {
    if (!is_long(file)) return -1;
    if (is_bool(file)) TRY(warn(t, PyExc_RuntimeWarning, 1, "bool is used as a file descriptor"));
    int64_t fd;
    if (!int_to_i64(file, &fd) || fd > INT32_MAX || fd < INT32_MIN) return -1;
    if (fd < 0) return raise(t, PyExc_ValueError, "negative file descriptor");
    return static_cast<int>(fd);
}

// Refuses directories and descriptors that are none; remembers kind and size.
Status inspect(Thread& t, FileIO* f, Value name) {
    struct stat st;
    int r, err;
    {
        AllowThreads allow(t);
        r = fstat(f->fd, &st);
        err = errno;
    }
    f->has_stat = r == 0;
    if (r < 0) return err == EBADF ? Status(raise_errno(t, err)) : Status::ok();
    if (S_ISDIR(st.st_mode)) return raise_errno(t, EISDIR, name);
    f->st_mode = st.st_mode;
    f->st_size = st.st_size;
    if (st.st_blksize > 1) f->blksize = static_cast<unsigned>(st.st_blksize);
    return Status::ok();
}

Ref internal_close(Thread& t, FileIO* f) {
    f->has_stat = false;
    if (f->fd < 0) return none_ref();
    int fd = f->fd, r, err;
    f->fd = -1;
    {
        AllowThreads allow(t);
        r = ::close(fd);
        err = errno;
    }
    if (r < 0) return raise_errno(t, err);
    return none_ref();
}

Status open_into(Thread& t, Value self, Value file, Value mode, Value opener, const Mode& m,
                 bool& foreign_fd) {
    FileIO* f = as_file(self);
    int fd = TRY(given_descriptor(t, file));
    Ref path;
    if (fd < 0) path = TRY(fs_encode(t, file));
    if (fd >= 0) {
        TRY(audit(t, "open", {file, mode, Value::from_int(m.flags)}));
        f->fd = fd;
        foreign_fd = true;
    } else {
        TRY(audit(t, "open", {file, mode, Value::from_int(m.flags)}));
        if (!f->closefd) return raise(t, PyExc_ValueError, "Cannot use closefd=False with file name");
        if (is_none(opener))
            f->fd = TRY(open_path(t, file, path, m.flags));
        else
            f->fd = TRY(open_with(t, opener, file, m.flags));
    }
    TRY(inspect(t, f, file));
    TRY(set_attr(t, self, ID(name), file));
    if (m.appending) {
        // For the sake of tell(); a pipe cannot.
        AllowThreads allow(t);
        (void)lseek(f->fd, 0, SEEK_END);
    }
    return Status::ok();
}

Status fileio_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Value a[4];
    Ref keep;
    TRY(bind_args(t, "FileIO", "(file, mode='r', closefd=True, opener=None)", args, nargs, kwnames, a, keep));
    const char* mode = "r";
    if (a[1]) {
        if (!is_str(a[1]))
            return raise(t, PyExc_TypeError, "FileIO() argument 'mode' must be str, not %.50s",
                         is_none(a[1]) ? "None" : type_of(a[1])->tp_name);
        std::string_view text = TRY(str_utf8(t, a[1]));
        if (memchr(text.data(), 0, text.size())) return raise(t, PyExc_ValueError, "embedded null character");
        mode = text.data();
    }
    bool closefd = a[2] ? TRY(is_true(t, a[2])) : true;
    FileIO* f = as_file(self);
    if (f->fd >= 0) {
        if (f->closefd)
            TRY_DISCARD(internal_close(t, f));
        else
            f->fd = -1;
    }
    Mode m;
    TRY(parse_mode(t, mode, m));
    f->created = m.created;
    f->readable = m.readable;
    f->writable = m.writable;
    f->appending = m.appending;
    f->closefd = closefd;
    f->seekable = -1;
    f->blksize = 8192;
    bool foreign_fd = false;
    Ref mode_str = a[1] ? Ref::share(a[1]) : TRY(str_from(t, "r"));
    if (open_into(t, self, a[0], mode_str, a[3] ? a[3] : none(), m, foreign_fd)) return Status::ok();
    if (foreign_fd) {
        f->fd = -1;  // it stays the caller's
    } else {
        Ref error = fetch_error(t);
        Ref r = internal_close(t, f);
        chain_error(t, std::move(error));
    }
    return {};
}

Ref fileio_new(Thread& t, PyTypeObject* type, const Value*, size_t, Value) {
    Ref r = TRY(alloc(t, type));
    FileIO* f = as_file(r);
    f->fd = -1;
    f->seekable = -1;
    f->closefd = true;
    f->blksize = 8192;
    return r;
}

void fileio_dealloc(Thread& t, PyObject* o) {
    clear_io(t, o);
    free_object(t, o);
}

// --- reading and writing ---

Status need_readable(Thread& t, FileIO* f) {
    if (f->fd < 0) return err_closed(t);
    if (!f->readable) return err_mode(t, "reading");
    return Status::ok();
}
Status need_writable(Thread& t, FileIO* f) {
    if (f->fd < 0) return err_closed(t);
    if (!f->writable) return err_mode(t, "writing");
    return Status::ok();
}
Status need_open(Thread& t, FileIO* f) {
    if (f->fd < 0) return err_closed(t);
    return Status::ok();
}

Ref count_or_none(Thread& t, int64_t n) { return n == kWouldBlock ? none_ref() : int_from(t, n); }

Ref fileio_readinto(Thread& t, Value self, Value arg) {
    Buffer buf;
    if (!buf.acquire(t, arg, kBufWritable)) {
        clear_error(t);
        return raise(t, PyExc_TypeError,
                     "readinto() argument 1 must be read-write bytes-like object, not %.50s",
                     is_none(arg) ? "None" : type_of(arg)->tp_name);
    }
    TRY(need_readable(t, as_file(self)));
    return count_or_none(t, TRY(fd_read(t, as_file(self)->fd, buf.mutable_data(), buf.size())));
}

// How much a read of everything should ask for first: the rest of a regular file and one byte, so that the
// end is seen without growing.
int64_t readall_size(Thread& t, FileIO* f) {
    constexpr int64_t kSmall = 8192, kLarge = 64 * 1024;
    if (!f->has_stat || f->st_size <= 0 || f->st_size >= INT64_MAX / 2) return kSmall;
    int64_t size = f->st_size;
    if (size > kLarge) {
        off_t pos;
        AllowThreads allow(t);
        pos = lseek(f->fd, 0, SEEK_CUR);
        if (pos > 0) size = size > pos ? size - pos : 0;
    }
    return size + 1;
}

int64_t grown(int64_t size) { return size > 65536 ? size + (size >> 3) : size + 256 + size; }

Ref fileio_readall_method(Thread& t, Value self) {
    TRY(need_open(t, as_file(self)));
    return fileio_readall(t, self);
}

Ref fileio_read(Thread& t, Value self, const Value* a) {
    int64_t n = TRY(optional_size(t, a[0]));
    TRY(need_readable(t, as_file(self)));
    if (n < 0) return fileio_readall(t, self);
    constexpr int64_t kMost = 0x7ffff000;  // what Linux transfers at once
    if (n > kMost) n = kMost;
    Ref bytes = TRY(bytes_new(t, n));
    int64_t got = TRY(fd_read(t, as_file(self)->fd, bytes_data(bytes), n));
    if (got == kWouldBlock) return none_ref();
    if (got != n) TRY(bytes_resize(t, bytes, got));
    return bytes;
}

Ref fileio_write(Thread& t, Value self, Value arg) {
    Buffer buf;
    TRY(buf.acquire(t, arg));
    TRY(need_writable(t, as_file(self)));
    return count_or_none(t, TRY(fd_write(t, as_file(self)->fd, buf.data(), buf.size())));
}

// --- position ---

Ref seek_to(Thread& t, FileIO* f, Value pos, int whence, bool quiet) {
    int64_t offset = 0;
    if (pos) {
        Ref index_ = TRY(index(t, pos));
        offset = TRY(as_int64(t, index_));
    }
    off_t r;
    int err;
    {
        AllowThreads allow(t);
        r = lseek(f->fd, offset, whence);
        err = errno;
    }
    if (f->seekable < 0) f->seekable = r >= 0;
    if (r < 0) {
        if (quiet) return none_ref();
        return raise_errno(t, err);
    }
    return int_from(t, r);
}

Ref fileio_seek(Thread& t, Value self, const Value* args, size_t nargs) {
    int whence = nargs > 1 ? TRY(as_int32(t, args[1])) : 0;
    TRY(need_open(t, as_file(self)));
    return seek_to(t, as_file(self), args[0], whence, false);
}
Ref fileio_tell(Thread& t, Value self) {
    TRY(need_open(t, as_file(self)));
    return seek_to(t, as_file(self), {}, SEEK_CUR, false);
}
Ref fileio_seekable(Thread& t, Value self) {
    FileIO* f = as_file(self);
    TRY(need_open(t, f));
    if (f->seekable < 0) TRY_DISCARD(seek_to(t, f, {}, SEEK_CUR, true));
    return bool_ref(f->seekable > 0);
}

Ref fileio_truncate(Thread& t, Value self, const Value* a) {
    FileIO* f = as_file(self);
    TRY(need_writable(t, f));
    Ref size = !a[0] || is_none(a[0]) ? TRY(seek_to(t, f, {}, SEEK_CUR, false)) : Ref::share(a[0]);
    int64_t n = TRY(as_int64(t, size));
    int r, err;
    for (;;) {
        {
            AllowThreads allow(t);
            r = ftruncate(f->fd, n);
            err = errno;
        }
        if (r == 0) {
            f->has_stat = false;
            return size;
        }
        if (err != EINTR) return raise_errno(t, err);
        TRY(handle_pending(t));
    }
}

// --- the rest ---

Ref fileio_close(Thread& t, Value self) {
    Ref result = iobase_close(t, self);
    FileIO* f = as_file(self);
    Ref error = fetch_error(t);
    if (!f->closefd) {
        f->fd = -1;
        if (error) restore_error(t, std::move(error));
        return result;
    }
    if (f->finalizing && f->fd >= 0) TRY(dealloc_warn(t, self, self));
    Ref r = internal_close(t, f);
    if (error || !r) {
        chain_error(t, std::move(error));
        return {};
    }
    return result;
}

Ref fileio_fileno(Thread& t, Value self) {
    TRY(need_open(t, as_file(self)));
    return Ref::from_int(as_file(self)->fd);
}
Ref fileio_readable(Thread& t, Value self) {
    TRY(need_open(t, as_file(self)));
    return bool_ref(as_file(self)->readable);
}
Ref fileio_writable(Thread& t, Value self) {
    TRY(need_open(t, as_file(self)));
    return bool_ref(as_file(self)->writable);
}
Ref fileio_isatty(Thread& t, Value self) {
    TRY(need_open(t, as_file(self)));
    bool yes;
    {
        AllowThreads allow(t);
        yes = ::isatty(as_file(self)->fd);
    }
    return bool_ref(yes);
}
Ref fileio_isatty_open_only(Thread& t, Value self) {
    FileIO* f = as_file(self);
    if (f->has_stat && !S_ISCHR(f->st_mode)) return bool_ref(false);
    return fileio_isatty(t, self);
}
Ref fileio_dealloc_warn(Thread& t, Value self, Value source) {
    FileIO* f = as_file(self);
    if (f->fd >= 0 && f->closefd) TRY(dealloc_warn(t, self, source));
    return none_ref();
}

const char* mode_text(const FileIO* f) {
    if (f->created) return f->readable ? "xb+" : "xb";
    if (f->appending) return f->readable ? "ab+" : "ab";
    if (f->readable) return f->writable ? "rb+" : "rb";
    return "wb";
}
Ref get_mode(Thread& t, Value self, void*) { return str_from(t, mode_text(as_file(self))); }
Ref get_closed(Thread&, Value self, void*) { return bool_ref(as_file(self)->fd < 0); }
Ref get_closefd(Thread&, Value self, void*) { return bool_ref(as_file(self)->closefd); }
Ref get_blksize(Thread&, Value self, void*) { return Ref::from_int(as_file(self)->blksize); }

Ref fileio_repr(Thread& t, Value self) {
    FileIO* f = as_file(self);
    const char* type = type_of(self)->tp_name;
    if (f->fd < 0) return str_format(t, "<%.100s [closed]>", type);
    const char* closefd = f->closefd ? "True" : "False";
    Ref name = TRY(lookup_attr(t, self, ID(name)));
    if (!name)
        return str_format(t, "<%.100s fd=%d mode='%s' closefd=%s>", type, f->fd, mode_text(f), closefd);
    if (TRY(repr_enter(t, self)))
        return raise(t, PyExc_RuntimeError, "reentrant call inside %s.__repr__", type);
    Ref text =
        str_format(t, "<%.100s name=%R mode='%s' closefd=%s>", type, name.get(), mode_text(f), closefd);
    repr_leave(t, self);
    return text;
}

const NativeDef fileio_methods[] = {
    def<fileio_read>(
        "read", "(size=-1, /)",
        "Reads at most size bytes with one system call; without size, all. None: nothing there yet."),
    def<fileio_readall_method>("readall", "()", "Reads all there is; None when there is nothing yet."),
    def<fileio_readinto>("readinto", "(buffer, /)", "Reads into a writable buffer; returns how many bytes."),
    def<fileio_write>("write", "(b, /)",
                      "Writes the bytes b with one system call; returns how many it took."),
    def<fileio_seek>("seek", "(pos, whence=0, /)", "Moves to a new position and returns it."),
    def<fileio_tell>("tell", "()", "The position in the file."),
    def<fileio_truncate>("truncate", "(size=None, /)", "Cuts or extends the file; the position stays."),
    def<fileio_close>("close", "()", "Closes the file, and its descriptor unless closefd is false.",
                      kMethMethod),
    def<fileio_seekable>("seekable", "()", "Whether the file can be moved in."),
    def<fileio_readable>("readable", "()", "Whether the file was opened for reading."),
    def<fileio_writable>("writable", "()", "Whether the file was opened for writing."),
    def<fileio_fileno>("fileno", "()", "The file descriptor."),
    def<fileio_isatty>("isatty", "()", "Whether the file is a terminal."),
    def<fileio_isatty_open_only>("_isatty_open_only", "()", nullptr),
    def<fileio_dealloc_warn>("_dealloc_warn", "(object, /)", nullptr),
    def<no_pickle>("__getstate__", "()", nullptr),
    {}};
const GetSetDef fileio_getset[] = {
    getset("closed", get_closed, nullptr, "True if the file is closed"),
    getset("closefd", get_closefd, nullptr, "Whether close() closes the descriptor."),
    getset("mode", get_mode, nullptr, "How the file was opened."),
    getset("_blksize", get_blksize, nullptr, "The preferred block size."),
    {}};
const MemberDef fileio_members[] = {
    member("_finalizing", MemberKind::Bool, offsetof(IoObject, finalizing), 0, nullptr), {}};

const TypeDecl fileio_decl{
    .name = "_io.FileIO",
    .basicsize = sizeof(FileIO),
    .flags = kTpDefault | kTpBaseType | kTpHaveGC,
    .base = &rawiobase_type,
    .slots = {.dealloc = fileio_dealloc,
              .traverse = visit_io,
              .clear = clear_io,
              .repr = fileio_repr,
              .init = fileio_init,
              .new_ = fileio_new},
    .spec = {.methods = fileio_methods,
             .getset = fileio_getset,
             .members = fileio_members,
             .doc = "A raw stream over a file: mode is 'r' (the default), 'w', 'x' or 'a', with '+' for both "
                    "directions.\n\nopener(name, flags) may open the file itself and returns a descriptor.",
             .text_signature = "(file, mode='r', closefd=True, opener=None)"}};

}  // namespace

Result<int64_t> fileio_read_into(Thread& t, Value self, void* p, int64_t n) {
    TRY(need_readable(t, as_file(self)));
    return fd_read(t, as_file(self)->fd, p, n);
}
Result<int64_t> fileio_write_from(Thread& t, Value self, const void* p, int64_t n) {
    TRY(need_writable(t, as_file(self)));
    return fd_write(t, as_file(self)->fd, p, n);
}

Ref fileio_readall(Thread& t, Value self) {
    TRY(need_open(t, as_file(self)));
    int64_t size = readall_size(t, as_file(self)), have = 0;
    Ref bytes = TRY(bytes_new(t, size));
    for (;;) {
        if (have >= size) {
            size = grown(have);
            TRY(bytes_resize(t, bytes, size));
        }
        int64_t n = TRY(fd_read(t, as_file(self)->fd, bytes_data(bytes) + have, size - have));
        if (n == 0) break;
        if (n == kWouldBlock) {
            if (have == 0) return none_ref();
            break;
        }
        have += n;
    }
    if (have != size) TRY(bytes_resize(t, bytes, have));
    return bytes;
}

Status init_fileio(Thread& t, Value module) { return add_static_type(t, module, fileio_type, fileio_decl); }

}  // namespace krait::io
