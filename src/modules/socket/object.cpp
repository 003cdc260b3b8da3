// The type _socket.socket, apart from sending and receiving.
#include "gc/gc.h"
#include "modules/posix/posix.h"
#include "modules/socket/socket.h"
#include "object/warnings.h"

namespace krait::sock {

PyTypeObject* socket_type;

namespace {

Ref socket_new(Thread& t, PyTypeObject* type, const Value*, size_t, Value) {
    Ref self = TRY(alloc(t, type));
    gc_note_finalizer(t);
    as_socket(self)->fd = -1;
    as_socket(self)->timeout = -1;
    return self;
}

// What is to be known of a descriptor that somebody else opened.
Result<int> socket_option(Thread& t, int fd, int option) {
    int value;
    socklen_t size = sizeof value;
    if (getsockopt(fd, SOL_SOCKET, option, &value, &size) < 0) return raise_errno(t, errno);
    return value;
}
Result<int> adopt(Thread& t, Value v, int& family, int& type, int& proto) {
    auto fd = static_cast<int>(TRY(as_int64(t, v)));
    if (fd < 0) return raise(t, PyExc_ValueError, "negative file descriptor");
    Address a;
    memset(&a, 0, sizeof a);
    socklen_t length = sizeof a;
    if (getsockname(fd, &a.sa, &length) < 0) {
        if (family == -1) return raise_errno(t, errno);
        // Not every family can tell a name; but a descriptor of something else is wrong in any case.
        if (errno == EBADF || errno == ENOTSOCK) return raise_errno(t, errno);
    } else if (family == -1) {
        family = a.sa.sa_family;
    }
    if (type == -1) type = TRY(socket_option(t, fd, SO_TYPE));
    if (proto == -1) proto = TRY(socket_option(t, fd, SO_PROTOCOL));
    return fd;
}

Status socket_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Value p[4];
    Ref keep;
    TRY(bind_args(t, "socket", "(family=-1, type=-1, proto=-1, fileno=None)", args, nargs, kwnames, p, keep));
    int family = -1, type = -1, proto = -1;
    if (p[0]) TRY(parse_args(t, "i", &p[0], 1, &family));
    if (p[1]) TRY(parse_args(t, "i", &p[1], 1, &type));
    if (p[2]) TRY(parse_args(t, "i", &p[2], 1, &proto));
    TRY(audit(t, "socket.__new__",
              {self, Value::from_int(family), Value::from_int(type), Value::from_int(proto)}));
    SocketObject* s = as_socket(self);
    int fd;
    if (p[3] && !is_none(p[3])) {
        fd = TRY(adopt(t, p[3], family, type, proto));
    } else {
        if (family == -1) family = AF_INET;
        if (type == -1) type = SOCK_STREAM;
        if (proto == -1) proto = 0;
        fd = static_cast<int>(TRY(posix::sys(t, [&] { return socket(family, type | SOCK_CLOEXEC, proto); })));
    }
    if (!init_socket(t, s, fd, family, type, proto)) {
        s->fd = -1;
        close(fd);
        return {};
    }
    return Status::ok();
}

void socket_finalize(Thread& t, PyObject* o) {
    SocketObject* s = as_socket(Value(o));
    if (s->fd < 0) return;
    SavedError saved(t);
    if (!warn_about(t, Value(o), PyExc_ResourceWarning, 1, "unclosed %R", Value(o))) {
        if (error_is(t, PyExc_Warning))
            write_unraisable(t, nullptr, Value(o));
        else
            clear_error(t);
    }
    int fd = s->fd;
    s->fd = -1;
    if (fd < 0) return;  // the warning's handler closed it
    AllowThreads allow(t);
    close(fd);
}
void socket_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    free_object(t, o);
}
void socket_traverse(PyObject*, Visitor&) {}

Ref socket_repr(Thread& t, Value self) {
    SocketObject* s = as_socket(self);
    return str_format(t, "<socket object, fd=%ld, family=%d, type=%d, proto=%d>", static_cast<long>(s->fd),
                      s->family, s->type, s->proto);
}

// --- connections ---

Ref accept_(Thread& t, Value self) {
    SocketObject* s = as_socket(self);
    socklen_t room = TRY(address_length(t, s)), length = room;
    Address a;
    memset(&a, 0, sizeof a);
    int fd = static_cast<int>(TRY(socket_call(t, s, false, [&] {
        length = room;
        if (s->family != AF_ALG) return accept4(s->fd, &a.sa, &length, SOCK_CLOEXEC);
        length = 0;  // the kernel has no addresses of this kind to give
        return accept4(s->fd, nullptr, nullptr, SOCK_CLOEXEC);
    })));
    Ref address = make_address(t, s->fd, a, length < room ? length : room, s->proto);
    if (!address) {
        close(fd);
        return {};
    }
    return tuple_of(t, {Value::from_int(fd), address});
}

Ref bind_(Thread& t, Value self, Value arg) {
    SocketObject* s = as_socket(self);
    Address a;
    socklen_t length;
    TRY(parse_address(t, s, arg, "bind", a, length));
    TRY(audit(t, "socket.bind", {self, arg}));
    return posix::sys_none(t, [&] { return bind(s->fd, &a.sa, length); });
}

// The end of a connection that goes on by itself.
bool connection_made(SocketObject* s, void*) {
    int error;
    socklen_t size = sizeof error;
    if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0) return false;
    if (error == 0 || error == EISCONN) return true;
    errno = error;
    return false;
}
// The error number goes to `error`; a failed Status: something was raised.
Status connect_to(Thread& t, SocketObject* s, const Address& a, socklen_t length, int& error) {
    posix::CallResult r = posix::unlocked(t, [&] { return connect(s->fd, &a.sa, length); });
    error = 0;
    if (!r.failed()) return Status::ok();
    error = r.error;
    if (error == EINTR) TRY(handle_pending(t));
    if (error == EINTR ? s->timeout == 0 : !(s->timeout > 0 && error == EINPROGRESS)) return Status::ok();
    SocketCall c{connection_made, nullptr, true, true};
    if (run_call(t, s, c, s->timeout, &error)) {
        error = 0;
        return Status::ok();
    }
    return occurred(t) ? Status() : Status::ok();
}
Ref connect_(Thread& t, Value self, Value arg) {
    SocketObject* s = as_socket(self);
    Address a;
    socklen_t length;
    TRY(parse_address(t, s, arg, "connect", a, length));
    TRY(audit(t, "socket.connect", {self, arg}));
    int error;
    bool waits = s->timeout > 0;
    TRY(connect_to(t, s, a, length, error));
    if (!error) return none_ref();
    // EWOULDBLOCK is also what a time limit that is over gives.
    if (waits && error == EWOULDBLOCK) return raise(t, PyExc_TimeoutError, "timed out");
    return raise_errno(t, error);
}
Ref connect_ex_(Thread& t, Value self, Value arg) {
    SocketObject* s = as_socket(self);
    Address a;
    socklen_t length;
    TRY(parse_address(t, s, arg, "connect_ex", a, length));
    TRY(audit(t, "socket.connect", {self, arg}));
    int error;
    TRY(connect_to(t, s, a, length, error));
    return Ref::from_int(error);
}

Ref listen_(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    int backlog = SOMAXCONN < 128 ? SOMAXCONN : 128;
    PARSE_RAW(t, "socket.listen", "|i:listen", args, nargs, kwnames, &backlog);
    SocketObject* s = as_socket(self);
    if (backlog < 0) backlog = 0;
    return posix::sys_none(t, [&] { return listen(s->fd, backlog); });
}
Ref shutdown_(Thread& t, Value self, Value arg) {
    int how;
    TRY(parse_args(t, "i", &arg, 1, &how));
    SocketObject* s = as_socket(self);
    return posix::sys_none(t, [&] { return shutdown(s->fd, how); });
}
template <int (*Fn)(int, sockaddr*, socklen_t*)>
Ref name_of(Thread& t, Value self) {
    SocketObject* s = as_socket(self);
    socklen_t room = TRY(address_length(t, s)), length = room;
    Address a;
    memset(&a, 0, sizeof a);
    TRY_DISCARD(posix::sys(t, [&] { return Fn(s->fd, &a.sa, &length); }));
    return make_address(t, s->fd, a, length < room ? length : room, s->proto);
}
int own_name(int fd, sockaddr* a, socklen_t* n) { return getsockname(fd, a, n); }
int peer_name(int fd, sockaddr* a, socklen_t* n) { return getpeername(fd, a, n); }

// --- the descriptor ---

Ref close_(Thread& t, Value self) {
    SocketObject* s = as_socket(self);
    int fd = s->fd;
    if (fd < 0) return none_ref();
    s->fd = -1;
    // No second attempt after a signal: the descriptor is gone. The peer may have closed the connection
    // already.
    posix::CallResult r = posix::unlocked(t, [&] { return close(fd); });
    if (r.failed() && r.error != ECONNRESET) return raise_errno(t, r.error);
    return none_ref();
}
Ref detach_(Thread&, Value self) {
    int fd = as_socket(self)->fd;
    as_socket(self)->fd = -1;
    return Ref::from_int(fd);
}
Ref fileno_(Thread&, Value self) { return Ref::from_int(as_socket(self)->fd); }

// --- time limits ---

Ref setblocking_(Thread& t, Value self, Value arg) {
    bool block = TRY(is_true(t, arg));
    as_socket(self)->timeout = block ? -1 : 0;
    TRY(set_blocking(t, as_socket(self), block));
    return none_ref();
}
Ref getblocking_(Thread&, Value self) { return bool_ref(as_socket(self)->timeout != 0); }
Ref settimeout_(Thread& t, Value self, Value arg) {
    int64_t ns = TRY(timeout_arg(t, arg));
    as_socket(self)->timeout = ns;
    TRY(set_blocking(t, as_socket(self), ns < 0));
    return none_ref();
}
Ref gettimeout_(Thread& t, Value self) {
    int64_t ns = as_socket(self)->timeout;
    if (ns < 0) return none_ref();
    return float_from(t, static_cast<double>(ns) / 1e9);
}
Ref timeout_attribute(Thread& t, Value self, void*) { return gettimeout_(t, self); }

// --- options ---

Ref setsockopt_(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(no_kwargs(t, "socket.setsockopt", kwnames));
    SocketObject* s = as_socket(self);
    int level, option, number;
    auto set = [&](const void* p, socklen_t n) -> Ref {
        if (setsockopt(s->fd, level, option, p, n) < 0) return raise_errno(t, errno);
        return none_ref();
    };
    if (s->family == AF_VSOCK) {
        uint64_t wide;
        TRY(parse_args(t, "iiK:setsockopt", args, nargs, &level, &option, &wide));
        return set(&wide, sizeof wide);
    }
    if (parse_args(t, "iii:setsockopt", args, nargs, &level, &option, &number))
        return set(&number, sizeof number);
    clear_error(t);
    if (nargs == 4 && is_none(args[2])) {
        unsigned length;
        Value nothing;
        if (parse_args(t, "iiOI:setsockopt", args, nargs, &level, &option, &nothing, &length))
            return set(nullptr, length);
        clear_error(t);
    }
    Buffer value;
    TRY(parse_args(t, "iiy:setsockopt", args, nargs, &level, &option, &value));
    return set(value.data(), static_cast<socklen_t>(value.size()));
}
Ref getsockopt_(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    int level, option, size = 0;
    PARSE_RAW(t, "socket.getsockopt", "ii|i:getsockopt", args, nargs, kwnames, &level, &option, &size);
    SocketObject* s = as_socket(self);
    if (size == 0) {
        uint64_t wide = 0;
        int number = 0;
        bool vsock = s->family == AF_VSOCK;
        socklen_t n = vsock ? sizeof wide : sizeof number;
        if (getsockopt(s->fd, level, option, vsock ? static_cast<void*>(&wide) : &number, &n) < 0)
            return raise_errno(t, errno);
        return vsock ? int_from_u64(t, wide) : Ref::from_int(number);
    }
    if (s->family == AF_VSOCK) return raise(t, PyExc_OSError, "getsockopt string buffer not allowed");
    if (size < 0 || size > 1024) return raise(t, PyExc_OSError, "getsockopt buflen out of range");
    Ref out = TRY(bytes_new(t, size));
    auto n = static_cast<socklen_t>(size);
    if (getsockopt(s->fd, level, option, bytes_data(out), &n) < 0) return raise_errno(t, errno);
    TRY(bytes_resize(t, out, n));
    return out;
}

const NativeDef methods[] = {
    def<accept_>("_accept", "()", "Waits for a connection: (descriptor, address of the client)."),
    def<bind_>("bind", "(object, /)", "Gives the socket a local address."),
    def<close_>("close", "()", "Closes the socket, which is of no use after that."),
    def<connect_>("connect", "(object, /)", "Connects the socket with a remote address."),
    def<connect_ex_>("connect_ex", "(object, /)", "As connect(), with the error number for its result."),
    def<detach_>("detach", "()",
                 "Makes the socket unusable without closing the descriptor, and returns that."),
    def<fileno_>("fileno", "()", "The descriptor, -1 when closed."),
    def<name_of<peer_name>>("getpeername", "()", "The remote address."),
    def<name_of<own_name>>("getsockname", "()", "The local address."),
    def<getsockopt_>("getsockopt", nullptr,
                     "getsockopt(level, option[, buffersize])\n\nAn option: an int, or bytes of at most this "
                     "size."),
    def<listen_>("listen", nullptr, "listen([backlog])\n\nAccepts connections from now on."),
    def<sock_recv>("recv", nullptr, "recv(buffersize[, flags])\n\nReceives; no bytes mean the end."),
    def<sock_recv_into>("recv_into", "(buffer, nbytes=0, flags=0)", "Receives into a buffer: how many bytes.",
                        kMethNoSignature),
    def<sock_recvfrom>("recvfrom", nullptr, "recvfrom(buffersize[, flags])\n\nReceives: (data, address)."),
    def<sock_recvfrom_into>("recvfrom_into", "(buffer, nbytes=0, flags=0)",
                            "Receives into a buffer: (how many bytes, address).", kMethNoSignature),
    def<sock_send>("send", nullptr, "send(data[, flags])\n\nSends, perhaps not all: how many bytes."),
    def<sock_sendall>("sendall", nullptr, "sendall(data[, flags])\n\nSends all of it."),
    def<sock_sendto>("sendto", nullptr, "sendto(data[, flags], address)\n\nSends to an address."),
    def<setblocking_>("setblocking", "(object, /)", "Whether the socket waits; removes a time limit."),
    def<getblocking_>("getblocking", "()", "Whether the socket waits."),
    def<settimeout_>("settimeout", "(object, /)", "Sets the time limit in seconds; None: none."),
    def<gettimeout_>("gettimeout", "()", "The time limit in seconds; None: none."),
    def<setsockopt_>("setsockopt", nullptr,
                     "setsockopt(level, option, value: int)\nsetsockopt(level, option, value: buffer)\n"
                     "setsockopt(level, option, None, optlen: int)\n\nSets an option."),
    def<shutdown_>("shutdown", "(object, /)", "Closes one direction or both."),
    def<sock_recvmsg>("recvmsg", nullptr,
                      "recvmsg(bufsize[, ancbufsize[, flags]])\n\nReceives: (data, ancillary items, flags, "
                      "address)."),
    def<sock_recvmsg_into>("recvmsg_into", nullptr,
                           "recvmsg_into(buffers[, ancbufsize[, flags]])\n\nReceives into buffers: (how many "
                           "bytes, ancillary items, flags, address)."),
    def<sock_sendmsg>("sendmsg", nullptr,
                      "sendmsg(buffers[, ancdata[, flags[, address]]])\n\nSends buffers as one message with "
                      "ancillary items (level, type, data)."),
    def<sock_sendmsg_afalg>("sendmsg_afalg", "(msg=None, *, op=None, iv=None, assoclen=None, flags=0)",
                            "Sends to a cryptographic operation of the kernel.", kMethNoSignature),
    {}};
const MemberDef members[] = {
    member("family", MemberKind::Int, offsetof(SocketObject, family), kReadonly, "The address family."),
    member("type", MemberKind::Int, offsetof(SocketObject, type), kReadonly, "The kind of socket."),
    member("proto", MemberKind::Int, offsetof(SocketObject, proto), kReadonly, "The protocol."),
    {}};
const GetSetDef getsets[] = {
    getset("timeout", timeout_attribute, nullptr, "The time limit in seconds; None: none."), {}};

}  // namespace

Status add_socket_type(Thread& t, Value module) {
    static const TypeDecl decl{
        .name = "_socket.socket",
        .basicsize = sizeof(SocketObject),
        .flags = kTpDefault | kTpBaseType | kTpHaveGC | kTpImmutableType,
        .slots = {.dealloc = socket_dealloc,
                  .traverse = socket_traverse,
                  .finalize = socket_finalize,
                  .repr = socket_repr,
                  .init = socket_init,
                  .new_ = socket_new},
        .spec = {.methods = methods,
                 .getset = getsets,
                 .members = members,
                 .doc = "socket(family=AF_INET, type=SOCK_STREAM, proto=0)\n"
                        "socket(family=-1, type=-1, proto=-1, fileno=None)\n\n"
                        "An end of a connection, or a place where messages come and go."}};
    if (!socket_type)
        socket_type = TRY(new_native_heap_type(t, module, decl, {})).release().as<PyTypeObject>();
    TRY(module_add(t, module, "socket", Ref::share(Value(socket_type))));
    return module_add(t, module, "SocketType", Ref::share(Value(socket_type)));
}

}  // namespace krait::sock
