// Directories and names: listing, making, removing, renaming, linking; scandir() and DirEntry.
#include <dirent.h>
#include <limits.h>
#include <pthread.h>
#include <sys/sysmacros.h>

#include "gc/gc.h"
#include "modules/posix/posix.h"
#include "object/file_names.h"
#include "object/per_interpreter.h"
#include "object/warnings.h"

namespace krait::posix {

PER_INTERPRETER_REFS PyTypeObject *g_dir_entry, *g_scandir_iterator;

namespace {

// --- the entries ---

bool is_dot(const char* name) { return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2])); }

// An open directory; for a descriptor a duplicate, which starts at the beginning.
DIR* open_dir(Thread& t, const Path& path, int& error) {
    AllowThreads allow(t);
    DIR* d = nullptr;
    if (path.is_fd) {
        int fd = fcntl(path.fd, F_DUPFD_CLOEXEC, 0);
        if (fd >= 0) {
            d = fdopendir(fd);
            if (!d) {
                int e = errno;
                close(fd);
                errno = e;
            }
        }
    } else {
        d = opendir(path.text);
    }
    error = errno;
    if (d && path.is_fd) rewinddir(d);
    return d;
}
void close_dir(DIR* d, bool is_fd) {
    if (!d) return;
    if (is_fd) rewinddir(d);
    closedir(d);
}

Ref listdir_(Thread& t, Value, const Value* a) {
    Path path;
    TRY(path_arg(t, "listdir", "path", a[0], kAllowFd | kNullable, path));
    TRY(audit(t, "os.listdir", {path.object ? path.name() : none()}));
    int error;
    DIR* d = open_dir(t, path, error);
    // A descriptor is not named in the message.
    if (!d) return raise_errno(t, error, path.is_fd ? Value() : path.name());
    Ref names = list_new(t);
    while (names) {
        dirent* e;
        {
            AllowThreads allow(t);
            errno = 0;
            e = readdir(d);
            error = errno;
        }
        if (!e) {
            if (error) {
                close_dir(d, path.is_fd);
                return raise_errno(t, error, path.is_fd ? Value() : path.name());
            }
            break;
        }
        if (is_dot(e->d_name)) continue;
        Ref name = decode_path(t, e->d_name, path.is_bytes);
        if (!name || !list_append_owned(t, names, std::move(name))) names.reset();
    }
    close_dir(d, path.is_fd);
    return names;
}

struct DirEntry {
    PyObject ob_base;
    Value name, path, stat, lstat;
    unsigned char type;  // DT_*
    ino_t inode;
    int dir_fd;  // AT_FDCWD: `path` is complete
    bool bytes;
};
DirEntry* as_entry(Value v) { return v.as<DirEntry>(); }

struct Scandir {
    PyObject ob_base;
    // Threads may share an iterator: `dir` is read, used and cleared only under this lock, which is waited
    // for without the GIL and never held while taking it.
    pthread_mutex_t lock;
    DIR* dir;
    Value path;  // as given, or None
    Ref* unused;
    int fd;  // -1 for a path
    bool bytes;
};
Scandir* as_scandir(Value v) { return v.as<Scandir>(); }

Ref join_path(Thread& t, Value dir, Value name, bool bytes) {
    if (bytes) {
        BytesBuilder out(t);
        if (dir && !is_none(dir)) {
            TRY(out.append(bytes_view(dir)));
            if (out.size() && out.data()[out.size() - 1] != '/') TRY(out.put('/'));
        }
        TRY(out.append(bytes_view(name)));
        return out.finish();
    }
    StrBuilder out(t);
    if (dir && !is_none(dir)) {
        TRY(out.append(dir));
        int64_t n = str_length(dir);
        if (n && str_char(dir, n - 1) != '/') TRY(out.put('/'));
    }
    TRY(out.append(name));
    return out.finish();
}

Ref make_entry(Thread& t, Scandir* it, const dirent* e) {
    Ref name = TRY(decode_path(t, e->d_name, it->bytes));
    Ref path = it->fd >= 0 ? name.share() : TRY(join_path(t, it->path, name, it->bytes));
    Ref r = TRY(alloc(t, g_dir_entry));
    DirEntry* d = as_entry(r);
    d->name = name.release();
    d->path = path.release();
    d->type = e->d_type;
    d->inode = e->d_ino;
    d->dir_fd = it->fd >= 0 ? it->fd : AT_FDCWD;
    d->bytes = it->bytes;
    return r;
}

void scandir_close(Thread& t, Scandir* it) {
    AllowThreads allow(t);
    pthread_mutex_lock(&it->lock);
    DIR* d = it->dir;
    it->dir = nullptr;
    pthread_mutex_unlock(&it->lock);
    if (d) close_dir(d, it->fd >= 0);
}

// One entry, copied: the stream's own is overwritten by the next thread that reads. False at the end (error
// 0), after an error, or when the iterator is closed.
struct EntryCopy {
    alignas(dirent) char bytes[2048];  // FUSE allows names of 1,024 bytes
    dirent* get() { return reinterpret_cast<dirent*>(bytes); }
};
bool read_entry(Thread& t, Scandir* it, EntryCopy& copy, int& error) {
    AllowThreads allow(t);
    pthread_mutex_lock(&it->lock);
    error = 0;
    dirent* e = nullptr;
    if (it->dir) {
        errno = 0;
        e = readdir(it->dir);
        if (!e) error = errno;
    }
    if (e && e->d_reclen > sizeof copy.bytes) {
        error = ENAMETOOLONG;
        e = nullptr;
    }
    if (e) memcpy(copy.bytes, e, e->d_reclen);
    pthread_mutex_unlock(&it->lock);
    return e;
}

Ref scandir_next(Thread& t, Value self) {
    Scandir* it = as_scandir(self);
    for (EntryCopy e;;) {
        int error;
        if (!read_entry(t, it, e, error)) {
            scandir_close(t, it);
            if (error) return raise_errno(t, error, it->fd >= 0 ? Value() : it->path);
            return {};
        }
        if (is_dot(e.get()->d_name)) continue;
        Ref entry = make_entry(t, it, e.get());
        if (!entry) scandir_close(t, it);
        return entry;
    }
}
Ref scandir_iter(Thread&, Value self) { return Ref::share(self); }
Ref scandir_close_method(Thread& t, Value self) {
    scandir_close(t, as_scandir(self));
    return none_ref();
}
Ref scandir_exit(Thread& t, Value self, const Value*, size_t, Value) { return scandir_close_method(t, self); }
void scandir_finalize(Thread& t, PyObject* o) {
    if (!as_scandir(Value(o))->dir) return;
    SavedError saved(t);
    if (!warn_about(t, Value(o), PyExc_ResourceWarning, 1, "unclosed scandir iterator %R", Value(o))) {
        if (error_is(t, PyExc_Warning))
            write_unraisable(t, nullptr, Value(o));
        else
            clear_error(t);
    }
    scandir_close(t, as_scandir(Value(o)));
}
void scandir_dealloc(Thread& t, PyObject* o) {
    scandir_close(t, as_scandir(Value(o)));
    pthread_mutex_destroy(&as_scandir(Value(o))->lock);
    xdecref(as_scandir(Value(o))->path);
    free_object(t, o);
}

Ref scandir_(Thread& t, Value, const Value* a) {
    Path path;
    TRY(path_arg(t, "scandir", "path", a[0], kAllowFd | kNullable, path));
    TRY(audit(t, "os.scandir", {path.object ? path.name() : none()}));
    Ref dir;  // what entry paths begin with
    if (!path.is_fd) {
        dir = path.object
                  ? (path.is_bytes ? path.encoded.share() : TRY(fs_decode(t, path.text, strlen(path.text))))
                  : TRY(str_from(t, "."));
    }
    int error;
    DIR* d = open_dir(t, path, error);
    if (!d) return raise_errno(t, error, path.is_fd ? Value() : path.name());
    Ref r = alloc(t, g_scandir_iterator);
    if (!r) {
        close_dir(d, path.is_fd);
        return {};
    }
    gc_note_finalizer(t);
    Scandir* it = as_scandir(r);
    pthread_mutex_init(&it->lock, nullptr);
    it->dir = d;
    it->path = dir ? dir.release() : Value();
    it->fd = path.is_fd ? path.fd : -1;
    it->bytes = path.is_bytes;
    return r;
}

// --- DirEntry ---

Ref entry_fetch_stat(Thread& t, DirEntry* e, bool follow) {
    Ref path = e->bytes ? Ref::share(e->path) : TRY(file_name_bytes(t, e->path));
    const char* text = bytes_data(path);
    struct stat st;
    TRY_DISCARD(
        sys(t, [&] { return fstatat(e->dir_fd, text, &st, follow ? 0 : AT_SYMLINK_NOFOLLOW); }, e->path));
    return stat_to_object(t, st);
}

// False for d_type: the file system did not tell.
Result<bool> entry_is_symlink(Thread& t, DirEntry* e);

Ref entry_lstat(Thread& t, DirEntry* e) {
    if (!e->lstat) e->lstat = TRY(entry_fetch_stat(t, e, false)).release();
    return Ref::share(e->lstat);
}
Ref entry_stat(Thread& t, DirEntry* e, bool follow) {
    if (!follow) return entry_lstat(t, e);
    if (!e->stat) {
        bool link = TRY(entry_is_symlink(t, e));
        e->stat = (link ? TRY(entry_fetch_stat(t, e, true)) : TRY(entry_lstat(t, e))).release();
    }
    return Ref::share(e->stat);
}

Result<bool> entry_has_mode(Thread& t, DirEntry* e, bool follow, mode_t mode) {
    bool link = e->type == DT_LNK;
    bool need_stat = e->type == DT_UNKNOWN || (follow && link);
    if (!need_stat) {
        if (link) return mode == S_IFLNK;
        return (mode == S_IFDIR && e->type == DT_DIR) || (mode == S_IFREG && e->type == DT_REG);
    }
    Ref st = entry_stat(t, e, follow);
    if (!st) {
        if (!clear_if(t, PyExc_FileNotFoundError)) return {};
        return false;  // a dangling link, or gone since
    }
    Ref m = TRY(get_attr(t, st, "st_mode"));
    int64_t bits;
    int_to_i64(m, &bits);
    return (static_cast<mode_t>(bits) & S_IFMT) == mode;
}
Result<bool> entry_is_symlink(Thread& t, DirEntry* e) {
    if (e->type != DT_UNKNOWN) return e->type == DT_LNK;
    return entry_has_mode(t, e, false, S_IFLNK);
}

Ref de_is_dir(Thread& t, Value self, const Value* a) {
    bool follow = TRY(flag_arg(t, a[0], true));
    return bool_ref(TRY(entry_has_mode(t, as_entry(self), follow, S_IFDIR)));
}
Ref de_is_file(Thread& t, Value self, const Value* a) {
    bool follow = TRY(flag_arg(t, a[0], true));
    return bool_ref(TRY(entry_has_mode(t, as_entry(self), follow, S_IFREG)));
}
Ref de_is_symlink(Thread& t, Value self) { return bool_ref(TRY(entry_is_symlink(t, as_entry(self)))); }
Ref de_is_junction(Thread&, Value) { return bool_ref(false); }
Ref de_stat(Thread& t, Value self, const Value* a) {
    return entry_stat(t, as_entry(self), TRY(flag_arg(t, a[0], true)));
}
Ref de_inode(Thread& t, Value self) { return int_from_u64(t, as_entry(self)->inode); }
Ref de_fspath(Thread&, Value self) { return Ref::share(as_entry(self)->path); }
Ref de_repr(Thread& t, Value self) { return str_format(t, "<DirEntry %R>", as_entry(self)->name); }
Ref de_reduce(Thread& t, Value self) {
    return raise(t, PyExc_TypeError, "cannot pickle '%.200s' object", type_of(self)->tp_name);
}
void de_dealloc(Thread& t, PyObject* o) {
    DirEntry* e = as_entry(Value(o));
    for (Value v : {e->name, e->path, e->stat, e->lstat}) xdecref(v);
    free_object(t, o);
}

const NativeDef entry_methods[] = {
    def<de_is_dir>("is_dir", "(*, follow_symlinks=True)", "Whether the entry is a directory.", kMethMethod),
    def<de_is_file>("is_file", "(*, follow_symlinks=True)", "Whether the entry is a regular file.",
                    kMethMethod),
    def<de_is_symlink>("is_symlink", "()", "Whether the entry is a symbolic link.", kMethMethod),
    def<de_is_junction>("is_junction", "()", "False."),
    def<de_stat>("stat", "(*, follow_symlinks=True)", "The entry's stat_result, asked for once.",
                 kMethMethod),
    def<de_inode>("inode", "()", "The inode number."),
    def<de_fspath>("__fspath__", "()", "The path."),
    def<class_getitem>("__class_getitem__", "(object, /)", "DirEntry[str] or DirEntry[bytes].", kMethClass),
    def<de_reduce>("__reduce__", "()", nullptr),
    {}};
const MemberDef entry_members[] = {
    member("name", MemberKind::Object, offsetof(DirEntry, name), kReadonly,
           "the entry's base filename, relative to scandir() \"path\" argument"),
    member("path", MemberKind::Object, offsetof(DirEntry, path), kReadonly,
           "the entry's full path name; equivalent to os.path.join(scandir_path, entry.name)"),
    {}};
const TypeDecl entry_decl{.name = "posix.DirEntry",
                          .basicsize = sizeof(DirEntry),
                          .flags = kTpDefault | kTpDisallowInstantiation,
                          .slots = {.dealloc = de_dealloc, .repr = de_repr},
                          .spec = {.methods = entry_methods, .members = entry_members}};
const NativeDef scandir_methods[] = {def<scandir_iter>("__enter__", "()", nullptr),
                                     def<scandir_exit>("__exit__", nullptr, nullptr),
                                     def<scandir_close_method>("close", "()", nullptr),
                                     {}};
const TypeDecl scandir_decl{.name = "posix.ScandirIterator",
                            .basicsize = sizeof(Scandir),
                            .flags = kTpDefault | kTpDisallowInstantiation,
                            .slots = {.dealloc = scandir_dealloc,
                                      .finalize = scandir_finalize,
                                      .iter = scandir_iter,
                                      .iternext = scandir_next},
                            .spec = {.methods = scandir_methods}};

// --- names ---

struct TwoPaths {
    Path src, dst;
    int src_fd, dst_fd;
};
Status two_paths(Thread& t, const char* function, const Value* a, TwoPaths& p) {
    TRY(path_arg(t, function, "src", a[0], kPlainPath, p.src));
    TRY(path_arg(t, function, "dst", a[1], kPlainPath, p.dst));
    p.src_fd = TRY(dir_fd_arg(t, a[2]));
    p.dst_fd = TRY(dir_fd_arg(t, a[3]));
    return Status::ok();
}
Ref fd_value(int fd) { return Ref::from_int(fd == AT_FDCWD ? -1 : fd); }

Ref do_rename(Thread& t, const char* function, const Value* a) {
    TwoPaths p;
    TRY(two_paths(t, function, a, p));
    TRY(audit(t, "os.rename", {p.src.name(), p.dst.name(), fd_value(p.src_fd), fd_value(p.dst_fd)}));
    return sys_none(
        t, [&] { return renameat(p.src_fd, p.src.text, p.dst_fd, p.dst.text); }, p.src.name(), p.dst.name());
}
Ref rename_(Thread& t, Value, const Value* a) { return do_rename(t, "rename", a); }
Ref replace_(Thread& t, Value, const Value* a) { return do_rename(t, "replace", a); }
Ref link_(Thread& t, Value, const Value* a) {
    TwoPaths p;
    TRY(two_paths(t, "link", a, p));
    bool follow = TRY(flag_arg(t, a[4], true));
    TRY(audit(t, "os.link", {p.src.name(), p.dst.name(), fd_value(p.src_fd), fd_value(p.dst_fd)}));
    return sys_none(
        t, [&] { return linkat(p.src_fd, p.src.text, p.dst_fd, p.dst.text, follow ? AT_SYMLINK_FOLLOW : 0); },
        p.src.name(), p.dst.name());
}
Ref symlink_(Thread& t, Value, const Value* a) {
    Path src, dst;
    TRY(path_arg(t, "symlink", "src", a[0], kPlainPath, src));
    TRY(path_arg(t, "symlink", "dst", a[1], kPlainPath, dst));
    TRY_DISCARD(flag_arg(t, a[2], false));
    int dir_fd = TRY(dir_fd_arg(t, a[3]));
    TRY(audit(t, "os.symlink", {src.name(), dst.name(), fd_value(dir_fd)}));
    return sys_none(t, [&] { return symlinkat(src.text, dir_fd, dst.text); }, src.name(), dst.name());
}
Ref readlink_(Thread& t, Value, const Value* a) {
    Path path;
    TRY(path_arg(t, "readlink", "path", a[0], kPlainPath, path));
    int dir_fd = TRY(dir_fd_arg(t, a[1]));
    char buffer[PATH_MAX + 1];
    int64_t n = TRY(sys(t, [&] { return readlinkat(dir_fd, path.text, buffer, PATH_MAX); }, path.name()));
    buffer[n] = 0;
    return decode_path(t, buffer, path.is_bytes);
}

Ref do_unlink(Thread& t, const char* function, const Value* a, int flags, const char* event) {
    Path path;
    TRY(path_arg(t, function, "path", a[0], kPlainPath, path));
    int dir_fd = TRY(dir_fd_arg(t, a[1]));
    TRY(audit(t, event, {path.name(), fd_value(dir_fd)}));
    return sys_none(t, [&] { return unlinkat(dir_fd, path.text, flags); }, path.name());
}
Ref unlink_(Thread& t, Value, const Value* a) { return do_unlink(t, "unlink", a, 0, "os.remove"); }
Ref remove_(Thread& t, Value, const Value* a) { return do_unlink(t, "remove", a, 0, "os.remove"); }
Ref rmdir_(Thread& t, Value, const Value* a) { return do_unlink(t, "rmdir", a, AT_REMOVEDIR, "os.rmdir"); }

Ref mkdir_(Thread& t, Value, const Value* a) {
    Path path;
    TRY(path_arg(t, "mkdir", "path", a[0], kPlainPath, path));
    int mode = a[1] ? TRY(as_int32(t, a[1])) : 0777, dir_fd = TRY(dir_fd_arg(t, a[2]));
    TRY(audit(t, "os.mkdir", {path.name(), Value::from_int(mode), fd_value(dir_fd)}));
    return sys_none(t, [&] { return mkdirat(dir_fd, path.text, mode); }, path.name());
}
Ref mkfifo_(Thread& t, Value, const Value* a) {
    Path path;
    TRY(path_arg(t, "mkfifo", "path", a[0], kPlainPath, path));
    int mode = a[1] ? TRY(as_int32(t, a[1])) : 0666, dir_fd = TRY(dir_fd_arg(t, a[2]));
    return sys_retry_none(t, [&] { return mkfifoat(dir_fd, path.text, mode); });
}
Ref mknod_(Thread& t, Value, const Value* a) {
    Path path;
    TRY(path_arg(t, "mknod", "path", a[0], kPlainPath, path));
    int mode = a[1] ? TRY(as_int32(t, a[1])) : 0600;
    dev_t device = a[2] ? TRY(dev_arg(t, a[2])) : 0;
    int dir_fd = TRY(dir_fd_arg(t, a[3]));
    return sys_retry_none(t, [&] { return mknodat(dir_fd, path.text, mode, device); });
}
// Numbers of devices: all ones stands for no device, and is -1 to programs.
Ref device_part(Thread& t, unsigned n) { return int_from(t, n == UINT_MAX ? -1 : int64_t{n}); }
Ref major_(Thread& t, Value, Value d) { return device_part(t, major(TRY(dev_arg(t, d)))); }
Ref minor_(Thread& t, Value, Value d) { return device_part(t, minor(TRY(dev_arg(t, d)))); }
Result<unsigned> device_part_arg(Thread& t, Value v) {
    dev_t n = TRY(dev_arg(t, v));
    if (n > UINT_MAX && n != static_cast<dev_t>(-1))
        return raise(t, PyExc_OverflowError, "Python int too large to convert to C unsigned int");
    return static_cast<unsigned>(n);
}
Ref makedev_(Thread& t, Value, const Value* args, size_t) {
    unsigned hi = TRY(device_part_arg(t, args[0])), lo = TRY(device_part_arg(t, args[1]));
    dev_t device = makedev(hi, lo);
    return device == static_cast<dev_t>(-1) ? Ref::from_int(-1) : int_from_u64(t, device);
}

// --- where we are ---

Ref cwd(Thread& t, bool bytes) {
    char stack[PATH_MAX + 1];
    size_t size = sizeof stack;
    char *buffer = stack, *got;
    int error;
    for (;;) {
        {
            AllowThreads allow(t);
            got = getcwd(buffer, size);
            error = errno;
        }
        if (got || error != ERANGE) break;
        if (buffer != stack) free(buffer);
        size *= 2;
        buffer = static_cast<char*>(malloc(size));
        if (!buffer) return raise_no_memory(t);
    }
    Ref r = got ? decode_path(t, buffer, bytes) : Ref(raise_errno(t, error));
    if (buffer != stack) free(buffer);
    return r;
}
Ref getcwd_(Thread& t, Value) { return cwd(t, false); }
Ref getcwdb_(Thread& t, Value) { return cwd(t, true); }
Ref chdir_(Thread& t, Value, const Value* a) {
    Path path;
    TRY(path_arg(t, "chdir", "path", a[0], kAllowFd, path));
    TRY(audit(t, "os.chdir", {path.name()}));
    return sys_none(t, [&] { return path.is_fd ? fchdir(path.fd) : chdir(path.text); }, path.name());
}
Ref fchdir_(Thread& t, Value, const Value* a) {
    int fd = TRY(fildes(t, a[0]));
    TRY(audit(t, "os.chdir", {Value::from_int(fd)}));
    return sys_retry_none(t, [&] { return fchdir(fd); });
}
Ref chroot_(Thread& t, Value, const Value* a) {
    Path path;
    TRY(path_arg(t, "chroot", "path", a[0], kPlainPath, path));
    return sys_none(t, [&] { return chroot(path.text); }, path.name());
}
Ref truncate_(Thread& t, Value, const Value* a) {
    Path path;
    TRY(path_arg(t, "truncate", "path", a[0], kAllowFd, path));
    int64_t n = TRY(offset_arg(t, a[1]));
    TRY(audit(t, "os.truncate", {path.name(), a[1]}));
    return sys_none(
        t, [&] { return path.is_fd ? ftruncate(path.fd, n) : truncate(path.text, n); },
        path.is_fd ? Value() : path.name());
}

}  // namespace

Status add_dir_types(Thread& t, Value module) {
    if (!g_dir_entry) {
        g_dir_entry = TRY(new_native_heap_type(t, module, entry_decl, {})).release().as<PyTypeObject>();
        g_scandir_iterator =
            TRY(new_native_heap_type(t, module, scandir_decl, {})).release().as<PyTypeObject>();
    }
    return module_add(t, module, "DirEntry", Ref::share(Value(g_dir_entry)));
}

const NativeDef kDirFunctions[] = {
    def<listdir_>("listdir", "(path=None)", "The list of the names in a directory."),
    def<scandir_>("scandir", "(path=None)", "An iterator of DirEntry objects for a directory."),
    def<rename_>("rename", "(src, dst, *, src_dir_fd=None, dst_dir_fd=None)", "Renames a file or directory."),
    def<replace_>("replace", "(src, dst, *, src_dir_fd=None, dst_dir_fd=None)",
                  "Renames a file or directory, replacing what is there."),
    def<link_>("link",
               "(src, dst, *, src_dir_fd=None, dst_dir_fd=None,\n     follow_symlinks=(os.name != 'nt'))",
               "Makes a hard link."),
    def<symlink_>("symlink", "(src, dst, target_is_directory=False, *, dir_fd=None)",
                  "Makes a symbolic link."),
    def<readlink_>("readlink", "(path, *, dir_fd=None)", "What a symbolic link points to."),
    def<unlink_>("unlink", "(path, *, dir_fd=None)", "Removes a file."),
    def<remove_>("remove", "(path, *, dir_fd=None)", "Removes a file."),
    def<rmdir_>("rmdir", "(path, *, dir_fd=None)", "Removes an empty directory."),
    def<mkdir_>("mkdir", "(path, mode=511, *, dir_fd=None)", "Makes a directory."),
    def<mkfifo_>("mkfifo", "(path, mode=438, *, dir_fd=None)", "Makes a named pipe."),
    def<mknod_>("mknod", "(path, mode=384, device=0, *, dir_fd=None)", "Makes a file system node."),
    def<major_>("major", "(device, /)", "The major number of a device."),
    def<minor_>("minor", "(device, /)", "The minor number of a device."),
    def<makedev_>("makedev", "(major, minor, /)", "The device of a major and a minor number."),
    def<getcwd_>("getcwd", "()", "The current directory."),
    def<getcwdb_>("getcwdb", "()", "The current directory as bytes."),
    def<chdir_>("chdir", "(path)", "Changes the current directory."),
    def<fchdir_>("fchdir", "(fd)", "Changes the current directory to an open one."),
    def<chroot_>("chroot", "(path)", "Changes the root directory."),
    def<truncate_>("truncate", "(path, length)", "Cuts or extends a file."),
    {}};

}  // namespace krait::posix
