// Arguments that name files, and the functions that only compute with paths.
#include "modules/posix/posix.h"
#include "object/file_names.h"
#include "object/internal.h"

namespace krait::posix {

namespace {

LazyName kFileno("fileno");

Raised wrong_path_type(Thread& t, const char* function, const char* argument, Value v, int flags) {
    const char* wanted = (flags & kAllowFd) && (flags & kNullable)
                             ? "string, bytes, os.PathLike, integer or None"
                         : flags & kAllowFd  ? "string, bytes, os.PathLike or integer"
                         : flags & kNullable ? "string, bytes, os.PathLike or None"
                                             : "string, bytes or os.PathLike";
    return raise(t, PyExc_TypeError, "%s: %s should be %s, not %.200s", function, argument, wanted,
                 short_type_name(type_of(v)));
}

// What a failed look-up raises is of no interest: the object is no path.
Ref path_method(Thread& t, Value v) {
    Maybe method = lookup_special(t, v, ID(__fspath__));
    if (!method) clear_error(t);
    return method.take();
}

Result<int> checked_fd(Thread& t, Value v) {
    Ref n = TRY(index(t, v));
    int64_t fd;
    if (!int_to_i64(n, &fd) || fd > INT32_MAX || fd < INT32_MIN)
        return raise(t, PyExc_OverflowError,
                     int_sign(n) < 0 ? "fd is less than minimum" : "fd is greater than maximum");
    return static_cast<int>(fd);
}

}  // namespace

Status path_arg(Thread& t, const char* function, const char* argument, Value v, int flags, Path& out) {
    if (!v || ((flags & kNullable) && is_none(v))) {
        out.text = ".";
        return Status::ok();
    }
    out.object = Ref::share(v);
    Ref text;
    if (is_str(v) || is_bytes(v)) {
        text = Ref::share(v);
    } else if ((flags & kAllowFd) && is_index(v)) {
        if (is_bool(v)) TRY(warn(t, PyExc_RuntimeWarning, 1, "bool is used as a file descriptor"));
        out.fd = TRY(checked_fd(t, v));
        out.is_fd = true;
        return Status::ok();
    } else {
        Ref method = path_method(t, v);
        if (!method || is_none(method)) return wrong_path_type(t, function, argument, v, flags);
        text = TRY(call(t, method));
        if (!is_str(text) && !is_bytes(text))
            return raise(t, PyExc_TypeError,
                         "expected %.200s.__fspath__() to return str or bytes, not %.200s",
                         short_type_name(type_of(v)), type_of(text)->tp_name);
        out.object = text.share();  // what errors show
    }
    out.is_bytes = is_bytes(text);
    if (out.is_bytes) {
        out.encoded = std::move(text);
    } else {
        out.encoded = file_name_bytes(t, text);
        if (!out.encoded) return {};
    }
    out.text = bytes_data(out.encoded);
    if (memchr(out.text, 0, static_cast<size_t>(bytes_size(out.encoded))))
        return raise(t, PyExc_ValueError, "%s: embedded null character in %s", function, argument);
    return Status::ok();
}

Result<int> dir_fd_arg(Thread& t, Value v) {
    if (!given(v)) return AT_FDCWD;
    if (!is_index(v))
        return raise(t, PyExc_TypeError, "argument should be integer or None, not %.200s",
                     short_type_name(type_of(v)));
    if (is_bool(v)) TRY(warn(t, PyExc_RuntimeWarning, 1, "bool is used as a file descriptor"));
    return checked_fd(t, v);
}

Result<int> fildes(Thread& t, Value v) {
    Ref number;
    if (is_long(v)) {
        if (is_bool(v)) TRY(warn(t, PyExc_RuntimeWarning, 1, "bool is used as a file descriptor"));
        number = Ref::share(v);
    } else {
        Ref method = TRY(lookup_attr(t, v, kFileno(t)));
        if (!method) return raise(t, PyExc_TypeError, "argument must be an int, or have a fileno() method.");
        number = TRY(call(t, method));
        if (!is_long(number)) return raise(t, PyExc_TypeError, "fileno() returned a non-integer");
    }
    int fd = TRY(as_int32(t, number));
    if (fd < 0) return raise(t, PyExc_ValueError, "file descriptor cannot be a negative integer (%i)", fd);
    return fd;
}

Result<bool> flag_arg(Thread& t, Value v, bool absent) { return v ? is_true(t, v) : Result<bool>(absent); }

Ref decode_path(Thread& t, const char* p, bool bytes) {
    size_t n = strlen(p);
    return bytes ? bytes_from(t, p, n) : fs_decode(t, p, n);
}

Result<uint32_t> id_arg(Thread& t, Value v, const char* what) {
    if (!is_index(v))
        return raise(t, PyExc_TypeError, "%s should be integer, not %.200s", what,
                     short_type_name(type_of(v)));
    Ref number = TRY(index(t, v));
    int64_t n;
    if (!int_to_i64(number, &n))
        return raise(t, PyExc_OverflowError,
                     int_sign(number) < 0 ? "%s is less than minimum" : "%s is greater than maximum", what);
    // What does not fit counts as too small on either side, as programs know it.
    if (n < -1 || n > UINT32_MAX) return raise(t, PyExc_OverflowError, "%s is less than minimum", what);
    return static_cast<uint32_t>(n);
}
Ref id_to_int(Thread& t, uint32_t id) {
    return id == static_cast<uint32_t>(-1) ? Ref::from_int(-1) : Ref::from_int(id);
}
Result<int64_t> offset_arg(Thread& t, Value v) {
    Ref n = TRY(index(t, v));
    return as_int64(t, n);
}
Result<dev_t> dev_arg(Thread& t, Value v) {
    Ref n = TRY(index(t, v));
    uint64_t d;
    if (!int_to_u64(n, &d)) {
        int64_t s;
        if (int_to_i64(n, &s) && s == -1) return static_cast<dev_t>(-1);
        if (int_sign(n) < 0) return raise(t, PyExc_OverflowError, "can't convert negative int to unsigned");
        return raise(t, PyExc_OverflowError, "int too big to convert");
    }
    return static_cast<dev_t>(d);
}

namespace {

// --- normpath ---

// Writes the normal form of p[0..n) to out (n + 2 bytes) and returns its length.
size_t normalize(const char* p, size_t n, char* out) {
    size_t w = 0, root = 0;
    if (n && p[0] == '/') {
        root = n >= 2 && p[1] == '/' && !(n >= 3 && p[2] == '/') ? 2 : 1;
        memset(out, '/', root);
        w = root;
    }
    size_t ups = root;  // end of the leading ".." parts, which cannot be taken back
    for (size_t i = 0; i < n;) {
        while (i < n && p[i] == '/') i++;
        size_t start = i;
        while (i < n && p[i] != '/') i++;
        size_t len = i - start;
        if (len == 0 || (len == 1 && p[start] == '.')) continue;
        bool up = len == 2 && p[start] == '.' && p[start + 1] == '.';
        if (up && w > ups) {
            while (w > ups && out[w - 1] != '/') w--;
            if (w > ups) w--;
            if (w < root) w = root;
            continue;
        }
        if (up && root) continue;
        if (w > root) out[w++] = '/';
        memcpy(out + w, p + start, len);
        w += len;
        if (up) ups = w;
    }
    if (w == 0) out[w++] = '.';
    return w;
}

// These work on text that may hold NULs; a str goes through its UTF-8 form with surrogates.
struct PathText {
    Ref keep;
    const char* p;
    size_t n;
    bool bytes;
};
Status text_arg(Thread& t, const char* function, const char* argument, Value v, PathText& out) {
    Ref text;
    if (is_str(v) || is_bytes(v)) {
        text = Ref::share(v);
    } else {
        Ref method = path_method(t, v);
        if (!method || is_none(method)) return wrong_path_type(t, function, argument, v, kPlainPath);
        text = TRY(fs_path(t, v));
    }
    out.bytes = is_bytes(text);
    out.keep = out.bytes ? std::move(text) : encode_utf8(t, text, "surrogatepass");
    if (!out.keep) return {};
    out.p = bytes_data(out.keep);
    out.n = static_cast<size_t>(bytes_size(out.keep));
    return Status::ok();
}
Ref text_result(Thread& t, const PathText& like, const char* p, size_t n) {
    return like.bytes ? bytes_from(t, p, n) : decode_utf8(t, p, n, "surrogatepass");
}

Ref normpath(Thread& t, Value, const Value* a) {
    PathText in;
    TRY(text_arg(t, "_path_normpath", "path", a[0], in));
    Ref buffer = TRY(bytes_new(t, static_cast<int64_t>(in.n) + 2));
    size_t n = normalize(in.p, in.n, bytes_data(buffer));
    return text_result(t, in, bytes_data(buffer), n);
}

Ref splitroot(Thread& t, Value, const Value* a) {
    PathText in;
    TRY(text_arg(t, "_path_splitroot_ex", "path", a[0], in));
    size_t root = 0;
    if (in.n && in.p[0] == '/') root = in.n >= 2 && in.p[1] == '/' && !(in.n >= 3 && in.p[2] == '/') ? 2 : 1;
    Ref drive = TRY(text_result(t, in, "", 0)), mid = TRY(text_result(t, in, in.p, root)),
        tail = TRY(text_result(t, in, in.p + root, in.n - root));
    return tuple_of(t, {drive, mid, tail});
}

Ref fspath(Thread& t, Value, const Value* a) { return fs_path(t, a[0]); }

Ref inputhook(Thread&, Value) { return none_ref(); }
Ref no_inputhook(Thread&, Value) { return bool_ref(false); }

}  // namespace

const NativeDef kPathFunctions[] = {
    def<normpath>("_path_normpath", "(path)", "The normal form of a path."),
    def<splitroot>("_path_splitroot_ex", "(p)", "(drive, root, tail) of a path."),
    def<fspath>("fspath", "(path)",
                "The path of an object: itself when str or bytes, else what __fspath__() gives."),
    def<inputhook>("_inputhook", "()", "Calls the input hook."),
    def<no_inputhook>("_is_inputhook_installed", "()", "Whether there is an input hook."),
    {}};

}  // namespace krait::posix
