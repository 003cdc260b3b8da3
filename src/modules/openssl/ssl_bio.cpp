// MemoryBIO, sessions, and the BIO over a socket.
#include <sys/socket.h>

#include <climits>

#include "modules/openssl/ssl.h"

namespace krait::ssl {

namespace {

// --- MemoryBIO ---

Ref bio_new(Thread& t, PyTypeObject* type, const Value*, size_t nargs, Value kwnames) {
    if (type == types.memory_bio) {
        if (nargs) return raise(t, PyExc_TypeError, "MemoryBIO() takes no positional arguments");
        if (kwnames && tuple_size(kwnames))
            return raise(t, PyExc_TypeError, "MemoryBIO() takes no keyword arguments");
    }
    Ref self = TRY(alloc(t, type));
    MemoryBioObject* b = as_memory_bio(self);
    b->lock.init();
    b->bio = BIO_new(BIO_s_mem());
    if (!b->bio) return raise(t, types.error, "failed to allocate BIO");
    BIO_set_retry_read(b->bio);
    BIO_set_mem_eof_return(b->bio, -1);
    return self;
}
void bio_dealloc(Thread& t, PyObject* o) {
    MemoryBioObject* b = as_memory_bio(Value(o));
    BIO_free_all(b->bio);
    b->lock.destroy();
    free_object(t, o);
}

Ref bio_read(Thread& t, Value self, const Value* args, size_t nargs) {
    int size = nargs ? TRY(as_int32(t, args[0])) : -1;
    MemoryBioObject* b = as_memory_bio(self);
    Locked lock(t, {&b->lock});
    size_t pending = BIO_ctrl_pending(b->bio);
    int available = pending > INT_MAX ? INT_MAX : static_cast<int>(pending);
    if (size < 0 || size > available) size = available;
    Ref out = TRY(bytes_new(t, size));
    if (!size) return out;
    int n = BIO_read(b->bio, bytes_data(out), size);
    if (n < 0) return raise_queued(t, 5830);
    if (n != size) TRY(bytes_resize(t, out, n));
    return out;
}
Ref bio_write(Thread& t, Value self, Value data) {
    Buffer buffer;
    TRY(buffer.acquire(t, data));
    MemoryBioObject* b = as_memory_bio(self);
    if (buffer.size() > INT_MAX) return raise(t, PyExc_OverflowError, "string longer than %d bytes", INT_MAX);
    if (b->eof_written) return raise(t, types.error, "cannot write() after write_eof()");
    Locked lock(t, {&b->lock});
    int n = buffer.size() ? BIO_write(b->bio, buffer.data(), static_cast<int>(buffer.size())) : 0;
    if (n < 0) return raise_queued(t, 5874);
    return Ref::from_int(n);
}
Ref bio_write_eof(Thread& t, Value self) {
    MemoryBioObject* b = as_memory_bio(self);
    Locked lock(t, {&b->lock});
    b->eof_written = true;
    BIO_clear_retry_flags(b->bio);
    BIO_set_mem_eof_return(b->bio, 0);
    return none_ref();
}
Ref bio_pending(Thread& t, Value self, void*) {
    MemoryBioObject* b = as_memory_bio(self);
    Locked lock(t, {&b->lock});
    return int_from_size(t, BIO_ctrl_pending(b->bio));
}
Ref bio_eof(Thread& t, Value self, void*) {
    MemoryBioObject* b = as_memory_bio(self);
    Locked lock(t, {&b->lock});
    return bool_ref(b->eof_written && BIO_ctrl_pending(b->bio) == 0);
}

const NativeDef bio_methods[] = {
    def<bio_read>("read", "(size=-1, /)", "At most so many bytes; without a size all there are."),
    def<bio_write>("write", "(b, /)", "Adds bytes: how many."),
    def<bio_write_eof>("write_eof", "()", "After what is there now comes the end."),
    {}};
const GetSetDef bio_attributes[] = {getset("pending", bio_pending, nullptr, "How many bytes wait."),
                                    getset("eof", bio_eof, nullptr, "Whether the end was read."),
                                    {}};
const TypeDecl bio_decl{.name = "_ssl.MemoryBIO",
                        .basicsize = sizeof(MemoryBioObject),
                        .flags = kTpImmutableType,
                        .slots = {.dealloc = bio_dealloc, .new_ = bio_new},
                        .spec = {.methods = bio_methods, .getset = bio_attributes}};

// --- sessions ---

void session_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    SessionObject* s = as_session(Value(o));
    SSL_SESSION_free(s->session);
    xdecref(s->context);
    free_object(t, o);
}
void session_traverse(PyObject* o, Visitor& v) { v.visit(as_session(Value(o))->context); }
void session_clear(Thread&, PyObject* o) { set_field(as_session(Value(o))->context, Value()); }

Ref session_compare(Thread&, Value a, Value b, CompareOp op) {
    if (op != kEq && op != kNe) return not_implemented_ref();
    if (!has_type(a, types.session) || !has_type(b, types.session)) return not_implemented_ref();
    unsigned na, nb;
    const unsigned char* ia = SSL_SESSION_get_id(as_session(a)->session, &na);
    const unsigned char* ib = SSL_SESSION_get_id(as_session(b)->session, &nb);
    bool same = a == b || (na == nb && !memcmp(ia, ib, na));
    return bool_ref(same == (op == kEq));
}
Ref session_time(Thread& t, Value self, void*) {
    return int_from(t, SSL_SESSION_get_time(as_session(self)->session));
}
Ref session_timeout(Thread& t, Value self, void*) {
    return int_from(t, SSL_SESSION_get_timeout(as_session(self)->session));
}
Ref session_hint(Thread& t, Value self, void*) {
    return int_from_u64(t, SSL_SESSION_get_ticket_lifetime_hint(as_session(self)->session));
}
Ref session_id(Thread& t, Value self, void*) {
    unsigned n;
    const unsigned char* id = SSL_SESSION_get_id(as_session(self)->session, &n);
    return bytes_from(t, id, n);
}
Ref session_ticket(Thread&, Value self, void*) {
    return bool_ref(SSL_SESSION_has_ticket(as_session(self)->session));
}
const GetSetDef session_attributes[] = {
    getset("has_ticket", session_ticket, nullptr, "Whether it holds a ticket."),
    getset("id", session_id, nullptr, "What names the session."),
    getset("ticket_lifetime_hint", session_hint, nullptr, "Seconds that the ticket may be used."),
    getset("time", session_time, nullptr, "When it was made, in seconds since 1970."),
    getset("timeout", session_timeout, nullptr, "Seconds that it holds."),
    {}};
const TypeDecl session_decl{.name = "_ssl.SSLSession",
                            .basicsize = sizeof(SessionObject),
                            .flags = kTpHaveGC | kTpDisallowInstantiation | kTpImmutableType,
                            .slots = {.dealloc = session_dealloc,
                                      .traverse = session_traverse,
                                      .clear = session_clear,
                                      .hash = hash_not_implemented,
                                      .richcompare = session_compare},
                            .spec = {.getset = session_attributes}};

// --- sockets ---
// Never waits: the module waits itself, without holding the connection, and keeps to the socket's timeout.

ConnectionObject* connection_of(BIO* b) { return static_cast<ConnectionObject*>(BIO_get_data(b)); }
bool try_again(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

int socket_write(BIO* b, const char* data, int n) {
    ConnectionObject* c = connection_of(b);
    BIO_clear_retry_flags(b);
    ssize_t done = send(c->fd, data, static_cast<size_t>(n), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (done >= 0) return static_cast<int>(done);
    c->error = errno;
    if (try_again(errno)) BIO_set_retry_write(b);
    return -1;
}
int socket_read(BIO* b, char* data, int n) {
    ConnectionObject* c = connection_of(b);
    BIO_clear_retry_flags(b);
    ssize_t done = recv(c->fd, data, static_cast<size_t>(n), MSG_DONTWAIT);
    if (done == 0 && n > 0) c->at_end = true;
    if (done >= 0) return static_cast<int>(done);
    c->error = errno;
    if (try_again(errno)) BIO_set_retry_read(b);
    return -1;
}
long socket_ctrl(BIO* b, int command, long, void* pointer) {
    switch (command) {
        case BIO_CTRL_FLUSH:
        case BIO_CTRL_DUP:
            return 1;
        case BIO_CTRL_EOF:
            return connection_of(b)->at_end;
        case BIO_C_GET_FD:
            if (pointer) *static_cast<int*>(pointer) = connection_of(b)->fd;
            return connection_of(b)->fd;
        default:
            return 0;
    }
}
BIO_METHOD* g_socket_method;

}  // namespace

BIO* socket_bio(ConnectionObject* c) {
    if (!g_socket_method) {
        g_socket_method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket of Python");
        if (!g_socket_method) return nullptr;
        BIO_meth_set_write(g_socket_method, socket_write);
        BIO_meth_set_read(g_socket_method, socket_read);
        BIO_meth_set_ctrl(g_socket_method, socket_ctrl);
    }
    BIO* b = BIO_new(g_socket_method);
    if (!b) return nullptr;
    BIO_set_data(b, c);
    BIO_set_init(b, 1);
    return b;
}

Ref session_new(Thread& t, SSL_SESSION* session, Value context) {
    Ref self = alloc(t, types.session);
    if (!self) {
        SSL_SESSION_free(session);
        return {};
    }
    as_session(self)->session = session;
    set_field(as_session(self)->context, context);
    return self;
}
Status make_session_type(Thread& t, Value module) {
    if (!types.session)
        types.session = TRY(new_native_heap_type(t, module, session_decl, {})).release().as<PyTypeObject>();
    return module_add(t, module, "SSLSession", Ref::share(Value(types.session)));
}
Status make_memory_bio_type(Thread& t, Value module) {
    if (!types.memory_bio)
        types.memory_bio = TRY(new_native_heap_type(t, module, bio_decl, {})).release().as<PyTypeObject>();
    return module_add(t, module, "MemoryBIO", Ref::share(Value(types.memory_bio)));
}

}  // namespace krait::ssl
