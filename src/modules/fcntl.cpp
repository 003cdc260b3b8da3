// The module fcntl.
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>

#include "modules/posix/posix.h"

namespace krait {

namespace {

using namespace posix;

constexpr size_t kMost = 1024;  // of a bytes argument

// The third argument: a number, text, or bytes that are copied in and out.
enum class ArgKind { Number, Bytes };
struct CallArg {
    ArgKind kind = ArgKind::Number;
    long number = 0;
    Buffer buffer;
    Ref text;
    const char* data = nullptr;
    int64_t size = 0;
};
Status call_arg(Thread& t, const char* function, Value v, CallArg& out) {
    if (!v) return Status::ok();
    if (is_index(v)) {
        Ref n = TRY(index(t, v));
        out.number = static_cast<long>(static_cast<unsigned>(int_to_u64_wrapping(n)));
        return Status::ok();
    }
    out.kind = ArgKind::Bytes;
    if (is_str(v)) {
        std::string_view s = TRY(str_utf8(t, v));
        out.data = s.data();
        out.size = static_cast<int64_t>(s.size());
        return Status::ok();
    }
    if (!has_buffer(v))
        return raise(t, PyExc_TypeError,
                     "%s() argument 3 must be an integer, a bytes-like object, or a string, not %.50s",
                     function, type_of(v)->tp_name);
    TRY(out.buffer.acquire(t, v));
    out.data = out.buffer.data();
    out.size = out.buffer.size();
    return Status::ok();
}

Ref fcntl_fn(Thread& t, Value, const Value* args, size_t nargs) {
    int fd = TRY(fildes(t, args[0])), command = TRY(as_int32(t, args[1]));
    TRY(audit(t, "fcntl.fcntl", {Value::from_int(fd), args[1], nargs > 2 ? args[2] : Value::from_int(0)}));
    CallArg arg;
    TRY(call_arg(t, "fcntl", nargs > 2 ? args[2] : Value(), arg));
    if (arg.kind == ArgKind::Number)
        return int_from(t, TRY(sys_retry(t, [&] { return fcntl(fd, command, arg.number); })));
    char buffer[kMost + 8] = {};
    if (arg.size > static_cast<int64_t>(kMost))
        return raise(t, PyExc_ValueError, "fcntl argument 3 is too long");
    memcpy(buffer, arg.data, static_cast<size_t>(arg.size));
    TRY_DISCARD(sys_retry(t, [&] { return fcntl(fd, command, buffer); }));
    return bytes_from(t, buffer, static_cast<size_t>(arg.size));
}

Ref ioctl_fn(Thread& t, Value, const Value* args, size_t nargs) {
    int fd = TRY(fildes(t, args[0]));
    if (!is_index(args[1]))
        return raise(t, PyExc_TypeError, "ioctl() argument 2 must be int, not %.50s",
                     type_of(args[1])->tp_name);
    Ref code_index = TRY(index(t, args[1]));
    auto code = static_cast<unsigned long>(int_to_u64_wrapping(code_index));
    bool mutate = nargs > 3 ? TRY(is_true(t, args[3])) : true;
    TRY(audit(t, "fcntl.ioctl", {Value::from_int(fd), args[1], nargs > 2 ? args[2] : Value::from_int(0)}));
    Value v = nargs > 2 ? args[2] : Value();
    if (v && mutate && !is_str(v) && !is_index(v) && has_buffer(v)) {
        // Writable memory is changed in place.
        Buffer b;
        if (b.acquire(t, v, kBufWritable)) {
            if (b.size() > static_cast<int64_t>(kMost))
                return int_from(t, TRY(sys_retry(t, [&] { return ioctl(fd, code, b.mutable_data()); })));
            char buffer[kMost + 8] = {};
            memcpy(buffer, b.data(), static_cast<size_t>(b.size()));
            CallResult r = unlocked(t, [&] { return ioctl(fd, code, buffer); });
            memcpy(b.mutable_data(), buffer, static_cast<size_t>(b.size()));
            if (r.failed()) return raise_errno(t, r.error);
            return int_from(t, r.value);
        }
        clear_error(t);
    }
    CallArg arg;
    TRY(call_arg(t, "ioctl", v, arg));
    if (arg.kind == ArgKind::Number)
        return int_from(t, TRY(sys_retry(t, [&] { return ioctl(fd, code, arg.number); })));
    char buffer[kMost + 8] = {};
    if (arg.size > static_cast<int64_t>(kMost))
        return raise(t, PyExc_ValueError, "ioctl argument 3 is too long");
    memcpy(buffer, arg.data, static_cast<size_t>(arg.size));
    TRY_DISCARD(sys_retry(t, [&] { return ioctl(fd, code, buffer); }));
    return bytes_from(t, buffer, static_cast<size_t>(arg.size));
}

Ref flock_fn(Thread& t, Value, const Value* args, size_t) {
    int fd = TRY(fildes(t, args[0])), operation = TRY(as_int32(t, args[1]));
    TRY(audit(t, "fcntl.flock", {Value::from_int(fd), args[1]}));
    return sys_retry_none(t, [&] { return flock(fd, operation); });
}

Ref lockf_fn(Thread& t, Value, const Value* args, size_t nargs) {
    int fd = TRY(fildes(t, args[0])), code = TRY(as_int32(t, args[1]));
    int whence = nargs > 4 ? TRY(as_int32(t, args[4])) : 0;
    TRY(audit(t, "fcntl.lockf",
              {Value::from_int(fd), args[1], nargs > 2 ? args[2] : none(), nargs > 3 ? args[3] : none(),
               Value::from_int(whence)}));
    struct flock l{};
    if (code == LOCK_UN)
        l.l_type = F_UNLCK;
    else if (code & LOCK_SH)
        l.l_type = F_RDLCK;
    else if (code & LOCK_EX)
        l.l_type = F_WRLCK;
    else
        return raise(t, PyExc_ValueError, "unrecognized lockf argument");
    if (nargs > 3) l.l_start = TRY(offset_arg(t, args[3]));
    if (nargs > 2) l.l_len = TRY(offset_arg(t, args[2]));
    l.l_whence = static_cast<short>(whence);
    return sys_retry_none(t, [&] { return fcntl(fd, code & LOCK_NB ? F_SETLK : F_SETLKW, &l); });
}

const NativeDef functions[] = {
    def<fcntl_fn>(
        "fcntl", "(fd, cmd, arg=0, /)",
        "Does an operation on a descriptor. arg: a number, or bytes, which are copied, handed to the system "
        "and returned\nas it left them (at most 1024)."),
    def<ioctl_fn>(
        "ioctl", "(fd, request, arg=0, mutate_flag=True, /)",
        "As fcntl(), for devices; a writable buffer is changed in place unless mutate_flag is false."),
    def<flock_fn>("flock", "(fd, operation, /)", "Locks or unlocks a file."),
    def<lockf_fn>("lockf", "(fd, cmd, len=0, start=0, whence=0, /)", "Locks or unlocks part of a file."),
    {}};

const struct {
    const char* name;
    int64_t value;
} constants[] = {
#define FCNTL(name) {#name, static_cast<int64_t>(name)},
#include "modules/system_constants.def"
    {"F_DUPFD_QUERY", 1027},
    {"FICLONE", FICLONE},
    {"FICLONERANGE", FICLONERANGE},
};

Status exec(Thread& t, Value module) {
    // As the headers have them, but unsigned.
    for (auto& c : constants)
        TRY(module_add_int(t, module, c.name, c.value < 0 ? static_cast<uint32_t>(c.value) : c.value));
    return Status::ok();
}

}  // namespace

extern const ModuleSpec module_fcntl;
const ModuleSpec module_fcntl{
    .name = "fcntl", .doc = "Control of files and devices.", .functions = functions, .exec = exec};

}  // namespace krait
