// Sending and receiving.
#include "modules/socket/socket.h"
#include "runtime/timestamp.h"

namespace krait::sock {

namespace {
// At most what one system call can tell.
size_t amount(int64_t n) { return static_cast<size_t>(n); }
}  // namespace

Ref sock_recv(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    int64_t size;
    int flags = 0;
    PARSE_RAW(t, "socket.recv", "n|i:recv", args, nargs, kwnames, &size, &flags);
    if (size < 0) return raise(t, PyExc_ValueError, "negative buffersize in recv");
    SocketObject* s = as_socket(self);
    Ref out = TRY(bytes_new(t, size));
    char* data = bytes_data(out);
    int64_t n =
        size ? TRY(socket_call(t, s, false, [&] { return recv(s->fd, data, amount(size), flags); })) : 0;
    if (n != size) TRY(bytes_resize(t, out, n));
    return out;
}

Ref sock_recv_into(Thread& t, Value self, const Value* a) {
    Buffer b;
    int64_t size = 0;
    int flags = 0;
    TRY(parse_args(t, "w:recv_into", a, 1, &b));
    if (a[1]) TRY(parse_args(t, "n", &a[1], 1, &size));
    if (a[2]) TRY(parse_args(t, "i", &a[2], 1, &flags));
    if (size < 0) return raise(t, PyExc_ValueError, "negative buffersize in recv_into");
    if (size == 0) size = b.size();
    if (b.size() < size) return raise(t, PyExc_ValueError, "buffer too small for requested bytes");
    if (size == 0) return Ref::from_int(0);
    SocketObject* s = as_socket(self);
    return int_from(
        t, TRY(socket_call(t, s, false, [&] { return recv(s->fd, b.mutable_data(), amount(size), flags); })));
}

namespace {
Result<int64_t> receive_from(Thread& t, SocketObject* s, char* data, int64_t size, int flags, Ref& address) {
    socklen_t length = TRY(address_length(t, s)), room = length;
    Address a;
    memset(&a, 0, sizeof a);
    int64_t n = TRY(socket_call(t, s, false, [&] {
        length = room;
        return recvfrom(s->fd, data, amount(size), flags, &a.sa, &length);
    }));
    address = TRY(make_address(t, s->fd, a, length < sizeof a ? length : sizeof a, s->proto));
    return n;
}
}  // namespace

Ref sock_recvfrom(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    int64_t size;
    int flags = 0;
    PARSE_RAW(t, "socket.recvfrom", "n|i:recvfrom", args, nargs, kwnames, &size, &flags);
    if (size < 0) return raise(t, PyExc_ValueError, "negative buffersize in recvfrom");
    Ref out = TRY(bytes_new(t, size)), address;
    int64_t n = TRY(receive_from(t, as_socket(self), bytes_data(out), size, flags, address));
    if (n < size) TRY(bytes_resize(t, out, n));
    return tuple_of(t, {out, address});
}
Ref sock_recvfrom_into(Thread& t, Value self, const Value* a) {
    Buffer b;
    int64_t size = 0;
    int flags = 0;
    TRY(parse_args(t, "w:recvfrom_into", a, 1, &b));
    if (a[1]) TRY(parse_args(t, "n", &a[1], 1, &size));
    if (a[2]) TRY(parse_args(t, "i", &a[2], 1, &flags));
    if (size < 0) return raise(t, PyExc_ValueError, "negative buffersize in recvfrom_into");
    if (size == 0) size = b.size();
    if (size > b.size()) return raise(t, PyExc_ValueError, "nbytes is greater than the length of the buffer");
    Ref address;
    int64_t n = TRY(receive_from(t, as_socket(self), b.mutable_data(), size, flags, address));
    Ref count = TRY(int_from(t, n));
    return tuple_of(t, {count, address});
}

Ref sock_send(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Buffer b;
    int flags = 0;
    PARSE_RAW(t, "socket.send", "y|i:send", args, nargs, kwnames, &b, &flags);
    SocketObject* s = as_socket(self);
    return int_from(
        t, TRY(socket_call(t, s, true, [&] { return send(s->fd, b.data(), amount(b.size()), flags); })));
}

Ref sock_sendall(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Buffer b;
    int flags = 0;
    PARSE_RAW(t, "socket.sendall", "y|i:sendall", args, nargs, kwnames, &b, &flags);
    SocketObject* s = as_socket(self);
    // The timeout is for all of it.
    int64_t timeout = s->timeout, deadline = 0;
    bool limited = timeout > 0;
    if (limited) deadline = monotonic_ns_after(timeout);
    int64_t done = 0;
    bool first = true;
    do {
        if (limited && !first) {
            timeout = deadline - monotonic_ns();
            if (timeout <= 0) return raise(t, PyExc_TimeoutError, "timed out");
        }
        first = false;
        done += TRY(socket_call(
            t, s, true, [&] { return send(s->fd, b.data() + done, amount(b.size() - done), flags); },
            timeout));
        // A signal may have cut a successful call short.
        TRY(handle_pending(t));
    } while (done < b.size());
    return none_ref();
}

Ref sock_sendto(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(no_kwargs(t, "socket.sendto", kwnames));
    Buffer b;
    int flags = 0;
    Value destination;
    if (nargs == 2)
        TRY(parse_args(t, "yO:sendto", args, nargs, &b, &destination));
    else if (nargs == 3)
        TRY(parse_args(t, "yiO:sendto", args, nargs, &b, &flags, &destination));
    else
        return raise(t, PyExc_TypeError, "sendto() takes 2 or 3 arguments (%zu given)", nargs);
    SocketObject* s = as_socket(self);
    Address a;
    socklen_t length;
    TRY(parse_address(t, s, destination, "sendto", a, length));
    TRY(audit(t, "socket.sendto", {self, destination}));
    return int_from(t, TRY(socket_call(t, s, true, [&] {
                        return sendto(s->fd, b.data(), amount(b.size()), flags, &a.sa, length);
                    })));
}

}  // namespace krait::sock
