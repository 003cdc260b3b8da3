// Connections: making them, and what waits for the peer.
#include <poll.h>

#include <climits>

#include "modules/openssl/ssl.h"
#include "modules/socket/socket.h"
#include "runtime/timestamp.h"

namespace krait::ssl {

namespace {

enum class Ready { Yes, TimedOut, Closed, NoWait };

// The socket, kept for the time of an operation; empty without an exception: between memory BIOs.
Maybe socket_of(Thread& t, ConnectionObject* c, int line) {
    if (!c->socket) return Maybe::absent();
    Value s = weakref_get(c->socket);
    if (is_none(s)) return raise_text(t, "Underlying socket connection gone", line);
    return Ref::share(s);
}

// The time that one operation may take.
struct Limit {
    sock::SocketObject* s;  // null: none
    int64_t timeout, deadline = 0;
    explicit Limit(Value socket)
        : s(socket ? sock::as_socket(socket) : nullptr), timeout(s ? s->timeout : 0) {
        if (timeout > 0) deadline = monotonic_ns_after(timeout);
    }
    int64_t left() const { return timeout > 0 ? deadline - monotonic_ns() : timeout; }
};

// Until the socket can be read or written. Fails when a signal handler raised.
Result<Ready> wait_for(Thread& t, const Limit& limit, bool writing) {
    if (!limit.s || limit.timeout == 0) return Ready::NoWait;
    for (;;) {
        int64_t left = limit.left();
        if (limit.timeout > 0 && left < 0) return Ready::TimedOut;
        int fd = limit.s->fd;
        if (fd < 0) return limit.timeout > 0 ? Ready::Closed : Ready::Yes;
        pollfd p{fd, static_cast<short>(writing ? POLLOUT : POLLIN), 0};
        int64_t ms = left < 0 ? -1 : left / 1000000 + (left % 1000000 != 0);
        int n, error;
        {
            AllowThreads allow(t);
            n = poll(&p, 1, ms > INT_MAX ? INT_MAX : static_cast<int>(ms));
            error = errno;
        }
        if (n > 0) return Ready::Yes;
        if (n == 0) return Ready::TimedOut;
        if (error != EINTR) return Ready::Yes;  // the operation itself finds out
        TRY(handle_pending(t));
    }
}
bool wants(const Outcome& o) { return o.error == SSL_ERROR_WANT_READ || o.error == SSL_ERROR_WANT_WRITE; }

// An exception of a callback comes on top of what the operation raised, or in the place of its result.
Status chain_exception(Thread& t, ConnectionObject* c) {
    if (!c->exception) return Status::ok();
    Ref later = Ref::steal(c->exception);
    c->exception = Value();
    if (occurred(t)) {
        Ref first = fetch_error(t);
        // As when an exception is raised while another is handled.
        set_field(later.as<PyBaseExceptionObject>()->context, Value());
        Value& context = first.as<PyBaseExceptionObject>()->context;
        if (!context) set_field(context, later);
        restore_error(t, std::move(first));
    } else {
        restore_error(t, std::move(later));
    }
    return {};
}
Status finish(Thread& t, ConnectionObject* c, const Outcome& o, int line) {
    if (o.result < 1) {
        (void)raise_outcome(t, c, o, line);
        (void)chain_exception(t, c);
        return {};
    }
    return chain_exception(t, c);
}

// f() again and again until it is through, the time is over or the socket does not wait.
template <class F>
Result<Ready> repeat(Thread& t, ConnectionObject* c, const Limit& limit, Outcome& o, F f) {
    for (;;) {
        c->fd = limit.s ? limit.s->fd : -1;
        o = run_ssl(t, c, f);
        TRY(handle_pending(t));
        if (!wants(o)) return Ready::Yes;
        Ready r = TRY(wait_for(t, limit, o.error == SSL_ERROR_WANT_WRITE));
        if (r != Ready::Yes) return r;
    }
}

}  // namespace

Ref do_handshake(Thread& t, Value self) {
    ConnectionObject* c = as_connection(self);
    Ref socket = TRY(socket_of(t, c, 1064));
    Limit limit(socket);
    Outcome o;
    Ready r = TRY(repeat(t, c, limit, o, [c] { return SSL_do_handshake(c->ssl); }));
    if (r == Ready::TimedOut)
        return raise(t, PyExc_TimeoutError, "_ssl.c:1112: The handshake operation timed out");
    if (r == Ready::Closed) return raise(t, types.error, "_ssl.c:1116: Underlying socket has been closed.");
    TRY(finish(t, c, o, 1130));
    return none_ref();
}

Ref connection_write(Thread& t, Value self, Value data) {
    ConnectionObject* c = as_connection(self);
    Buffer b;
    TRY(b.acquire(t, data));
    Ref socket = TRY(socket_of(t, c, 2538));
    Limit limit(socket);
    Locked whole(t, {&c->writing});
    if (limit.timeout > 0) {
        Ready r = TRY(wait_for(t, limit, true));
        if (r == Ready::TimedOut) return raise(t, PyExc_TimeoutError, "The write operation timed out");
        if (r == Ready::Closed) return raise(t, types.error, "Underlying socket has been closed.");
    }
    size_t n = 0;
    Outcome o;
    Ready r = TRY(repeat(t, c, limit, o,
                         [&] { return SSL_write_ex(c->ssl, b.data(), static_cast<size_t>(b.size()), &n); }));
    if (r == Ready::TimedOut) return raise(t, PyExc_TimeoutError, "The write operation timed out");
    if (r == Ready::Closed) return raise(t, types.error, "Underlying socket has been closed.");
    TRY(finish(t, c, o, 2616));
    return int_from_size(t, n);
}

Ref connection_read(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(no_kwargs(t, "_SSLSocket.read", kwnames));
    if (nargs < 1 || nargs > 2)
        return raise(t, PyExc_TypeError, "_ssl._SSLSocket.read requires 1 to 2 arguments");
    ConnectionObject* c = as_connection(self);
    int64_t size = TRY(as_index(t, args[0], PyExc_OverflowError));
    Buffer b;
    if (nargs == 2) {
        if (!has_buffer(args[1]) || !b.acquire(t, args[1], kBufWritable)) {
            if (occurred(t)) clear_error(t);
            return raise(t, PyExc_TypeError, "read() argument 2 must be read-write bytes-like object, not %K",
                         args[1]);
        }
    }
    if (nargs == 1 && size < 0) return raise(t, PyExc_ValueError, "size should not be negative");
    Ref socket = TRY(socket_of(t, c, 2690)), out;
    char* data;
    if (nargs == 1) {
        out = TRY(bytes_new(t, size));
        if (size == 0) return out;
        data = bytes_data(out);
    } else {
        if (size <= 0 || size > b.size()) size = b.size();
        if (size == 0) return Ref::from_int(0);
        data = b.mutable_data();
    }
    Limit limit(socket);
    size_t n = 0;
    Outcome o;
    Ready r =
        TRY(repeat(t, c, limit, o, [&] { return SSL_read_ex(c->ssl, data, static_cast<size_t>(size), &n); }));
    if (r == Ready::TimedOut) return raise(t, PyExc_TimeoutError, "The read operation timed out");
    // Closed by the peer in good order, and not yet by this side: the end of the data.
    bool end = o.error == SSL_ERROR_ZERO_RETURN && SSL_get_shutdown(c->ssl) == SSL_RECEIVED_SHUTDOWN;
    if (end) {
        n = 0;
        TRY(chain_exception(t, c));
    } else {
        TRY(finish(t, c, o, 2778));
    }
    if (nargs == 2) return int_from_size(t, n);
    if (static_cast<int64_t>(n) != size) TRY(bytes_resize(t, out, static_cast<int64_t>(n)));
    return out;
}

Ref connection_shutdown(Thread& t, Value self) {
    ConnectionObject* c = as_connection(self);
    Ref socket = TRY(socket_of(t, c, 2825));
    Limit limit(socket);
    if (limit.s && limit.s->fd < 0) return raise_text(t, "Underlying socket connection gone", 2825);
    int zeros = 0;
    Outcome o;
    for (;;) {
        c->fd = limit.s ? limit.s->fd : -1;
        // What follows the end is somebody else's to read.
        if (c->saw_shutdown) SSL_set_read_ahead(c->ssl, 0);
        o = run_ssl(t, c, [c] { return SSL_shutdown(c->ssl); });
        TRY(handle_pending(t));
        if (o.result > 0) break;
        if (o.result == 0) {
            // Ours is sent; the second time the peer's is waited for.
            if (++zeros > 1) break;
            c->saw_shutdown = true;
            continue;
        }
        if (!wants(o)) break;
        bool writing = o.error == SSL_ERROR_WANT_WRITE;
        Ready r = TRY(wait_for(t, limit, writing));
        if (r == Ready::TimedOut)
            return raise(t, PyExc_TimeoutError,
                         writing ? "The write operation timed out" : "The read operation timed out");
        if (r != Ready::Yes) break;
    }
    if (o.result < 0) {
        (void)raise_outcome(t, c, o, 2906);
        (void)chain_exception(t, c);
        return {};
    }
    TRY(chain_exception(t, c));
    return socket ? std::move(socket) : none_ref();
}

Ref connection_pending(Thread& t, Value self) {
    ConnectionObject* c = as_connection(self);
    Locked lock = lock_connection(t, c);
    return Ref::from_int(SSL_pending(c->ssl));
}

Ref verify_client_post_handshake(Thread& t, Value self) {
    ConnectionObject* c = as_connection(self);
    Locked lock = lock_connection(t, c);
    ERR_clear_error();
    if (!SSL_verify_client_post_handshake(c->ssl)) return raise_queued(t, 2984);
    return none_ref();
}

// --- making one ---

namespace {

// The name to ask for and to check the certificate against.
Status set_hostname(Thread& t, ConnectionObject* c, const char* name) {
    if (!*name || *name == '.')
        return raise(t, PyExc_ValueError,
                     "server_hostname cannot be an empty string or start with a leading dot.");
    Ref text = TRY(str_from(t, name));
    set_field(c->hostname, text);
    ASN1_OCTET_STRING* ip = a2i_IPADDRESS(name);
    ERR_clear_error();
    Status done = Status::ok();
    if (!ip && !SSL_set_tlsext_host_name(c->ssl, name)) {
        done = raise_queued(t, 865);
    } else if (as_context(c->context)->check_hostname) {
        X509_VERIFY_PARAM* p = SSL_get0_param(c->ssl);
        bool ok = ip ? X509_VERIFY_PARAM_set1_ip(p, ASN1_STRING_get0_data(ip),
                                                 static_cast<size_t>(ASN1_STRING_length(ip)))
                     : SSL_set1_host(c->ssl, name);
        if (!ok) done = raise_queued(t, 875);
    }
    ASN1_OCTET_STRING_free(ip);
    return done;
}
// The host name of an argument in ASCII; null for None.
Result<const char*> hostname_argument(Thread& t, Value v, Ref& keep) {
    if (!v || is_none(v)) return nullptr;
    if (!is_str(v)) return raise(t, PyExc_TypeError, "argument must be str, not %K", v);
    keep = TRY(encode(t, v, "ascii", nullptr));
    if (memchr(bytes_data(keep), 0, static_cast<size_t>(bytes_size(keep))))
        return raise(t, PyExc_TypeError, "argument must be encoded string without null bytes, not %K", v);
    return bytes_data(keep);
}

Status configure(Thread& t, ConnectionObject* c, const ConnectionArguments& a, const char* hostname) {
    ContextObject* context = as_context(c->context);
    SSL_set_app_data(c->ssl, c);
    // Sessions of clients are of no context: libssl would refuse those that it makes of shared keys.
    if (!a.server) SSL_set_session_id_context(c->ssl, reinterpret_cast<const unsigned char*>(""), 0);
    if (a.socket) {
        BIO* bio = socket_bio(c);
        if (!bio) return raise_no_memory(t);
        SSL_set_bio(c->ssl, bio, bio);
    } else {
        BIO *in = as_memory_bio(a.incoming)->bio, *out = as_memory_bio(a.outgoing)->bio;
        BIO_up_ref(in);
        BIO_up_ref(out);
        SSL_set_bio(c->ssl, in, out);
    }
    SSL_set_mode(c->ssl, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_AUTO_RETRY);
    if (context->post_handshake_auth) {
        if (a.server) {
            int mode = SSL_get_verify_mode(c->ssl);
            if (mode & SSL_VERIFY_PEER)
                SSL_set_verify(c->ssl, mode | SSL_VERIFY_POST_HANDSHAKE, SSL_get_verify_callback(c->ssl));
        } else {
            SSL_set_post_handshake_auth(c->ssl, 1);
        }
    }
    if (hostname) TRY(set_hostname(t, c, hostname));
    if (a.server)
        SSL_set_accept_state(c->ssl);
    else
        SSL_set_connect_state(c->ssl);
    return Status::ok();
}

}  // namespace

Ref connection_new(Thread& t, Value context, const ConnectionArguments& a) {
    Ref keep;
    const char* hostname = TRY(hostname_argument(t, a.hostname, keep));
    int protocol = as_context(context)->protocol;
    if (a.server && protocol == kTlsClient)
        return raise_text(t, "Cannot create a server socket with a PROTOCOL_TLS_CLIENT context", 908);
    if (!a.server && protocol == kTlsServer)
        return raise_text(t, "Cannot create a client socket with a PROTOCOL_TLS_SERVER context", 915);
    Ref self = TRY(alloc(t, types.connection));
    ConnectionObject* c = as_connection(self);
    c->lock.init();
    c->writing.init();
    c->fd = a.socket ? sock::as_socket(a.socket)->fd : -1;
    c->server = a.server;
    set_field(c->context, context);
    if (a.incoming) {
        set_field(c->incoming, a.incoming);
        set_field(c->outgoing, a.outgoing);
    }
    ERR_clear_error();
    {
        Locked lock(t, {&as_context(context)->lock});
        c->ssl = SSL_new(as_context(context)->ctx);
    }
    if (!c->ssl) return raise_queued(t, 938);
    if (a.socket) {
        Ref weak = TRY(weakref_new(t, a.socket, {}));
        set_field(c->socket, weak);
    }
    TRY(configure(t, c, a, hostname));
    if (a.owner && !is_none(a.owner)) TRY(set_attr(t, self, "owner", a.owner));
    if (a.session && !is_none(a.session)) TRY(set_attr(t, self, "session", a.session));
    return self;
}

}  // namespace krait::ssl
