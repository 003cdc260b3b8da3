// The type _SSLSocket: what a connection tells about itself.
#include "modules/openssl/ssl.h"

namespace krait::ssl {

namespace {

Ref text_or_none(Thread& t, const char* s) { return s ? str_from(t, s) : none_ref(); }

void connection_traverse(PyObject* o, Visitor& v) {
    ConnectionObject* c = as_connection(Value(o));
    v.visit(c->socket);
    v.visit(c->owner);
    v.visit(c->context);
    v.visit(c->hostname);
    v.visit(c->exception);
    v.visit(c->incoming);
    v.visit(c->outgoing);
}
// The context stays until the end: callbacks use it.
void connection_clear(Thread&, PyObject* o) {
    ConnectionObject* c = as_connection(Value(o));
    set_field(c->owner, Value());
    set_field(c->exception, Value());
}
void connection_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    ConnectionObject* c = as_connection(Value(o));
    if (c->ssl) SSL_free(c->ssl);
    ERR_clear_error();
    connection_clear(t, o);
    for (Value* v : {&c->socket, &c->context, &c->hostname, &c->incoming, &c->outgoing})
        set_field(*v, Value());
    c->lock.destroy();
    c->writing.destroy();
    free_object(t, o);
}

// --- the peer ---

Ref getpeercert(Thread& t, Value self, const Value* a) {
    bool binary = a[0] ? TRY(is_true(t, a[0])) : false;
    ConnectionObject* c = as_connection(self);
    X509* cert;
    bool verified;
    {
        Locked lock = lock_connection(t, c);
        if (!SSL_is_init_finished(c->ssl)) return raise(t, PyExc_ValueError, "handshake not done yet");
        cert = SSL_get1_peer_certificate(c->ssl);
        verified = SSL_CTX_get_verify_mode(SSL_get_SSL_CTX(c->ssl)) & SSL_VERIFY_PEER;
    }
    if (!cert) return none_ref();
    Ref out = binary ? certificate_der(t, cert) : verified ? decode_certificate(t, cert) : dict_new(t);
    X509_free(cert);
    return out;
}

// Certificates of a chain; `first` precedes them unless null.
Ref chain_list(Thread& t, STACK_OF(X509) * chain, X509* first) {
    if (!chain && !first) return none_ref();
    Ref list = TRY(list_new(t));
    if (first) TRY(list_append_owned(t, list, TRY(certificate_new(t, first))));
    for (int i = 0; i < (chain ? sk_X509_num(chain) : 0); i++)
        TRY(list_append_owned(t, list, TRY(certificate_new(t, sk_X509_value(chain, i)))));
    return list;
}
Ref get_verified_chain(Thread& t, Value self) {
    ConnectionObject* c = as_connection(self);
    Locked lock = lock_connection(t, c);
    return chain_list(t, SSL_get0_verified_chain(c->ssl), nullptr);
}
Ref get_unverified_chain(Thread& t, Value self) {
    ConnectionObject* c = as_connection(self);
    Locked lock = lock_connection(t, c);
    STACK_OF(X509)* chain = SSL_get_peer_cert_chain(c->ssl);
    // A server's list does not begin with the peer's own; a resumed session has only that.
    X509* own = SSL_is_server(c->ssl) ? SSL_get0_peer_certificate(c->ssl) : nullptr;
    return chain_list(t, chain, own);
}

// --- what was agreed ---

Ref cipher_tuple(Thread& t, const SSL_CIPHER* cipher) {
    Ref name = TRY(text_or_none(t, SSL_CIPHER_get_name(cipher))),
        version = TRY(text_or_none(t, SSL_CIPHER_get_version(cipher)));
    return tuple_of(t, {name, version, Value::from_int(SSL_CIPHER_get_bits(cipher, nullptr))});
}
Ref cipher(Thread& t, Value self) {
    ConnectionObject* c = as_connection(self);
    Locked lock = lock_connection(t, c);
    const SSL_CIPHER* cipher = SSL_get_current_cipher(c->ssl);
    return cipher ? cipher_tuple(t, cipher) : none_ref();
}
Ref shared_ciphers(Thread& t, Value self) {
    ConnectionObject* c = as_connection(self);
    Locked lock = lock_connection(t, c);
    STACK_OF(SSL_CIPHER)* own = SSL_get_ciphers(c->ssl);
    STACK_OF(SSL_CIPHER)* client = SSL_get_client_ciphers(c->ssl);
    if (!own || !client) return none_ref();
    Ref list = TRY(list_new(t));
    for (int i = 0; i < sk_SSL_CIPHER_num(client); i++) {
        const SSL_CIPHER* one = sk_SSL_CIPHER_value(client, i);
        if (sk_SSL_CIPHER_find(own, const_cast<SSL_CIPHER*>(one)) < 0) continue;
        TRY(list_append_owned(t, list, TRY(cipher_tuple(t, one))));
    }
    return list;
}
Ref version(Thread& t, Value self) {
    ConnectionObject* c = as_connection(self);
    Locked lock = lock_connection(t, c);
    if (!SSL_is_init_finished(c->ssl)) return none_ref();
    return text_or_none(t, SSL_get_version(c->ssl));
}
Ref selected_alpn(Thread& t, Value self) {
    ConnectionObject* c = as_connection(self);
    Locked lock = lock_connection(t, c);
    const unsigned char* name;
    unsigned n;
    SSL_get0_alpn_selected(c->ssl, &name, &n);
    return name ? str_from(t, reinterpret_cast<const char*>(name), n) : none_ref();
}
Ref compression(Thread& t, Value self) {
    ConnectionObject* c = as_connection(self);
    Locked lock = lock_connection(t, c);
    const COMP_METHOD* method = SSL_get_current_compression(c->ssl);
    return text_or_none(t, method ? SSL_COMP_get_name(method) : nullptr);
}
Ref channel_binding(Thread& t, Value self, const Value* a) {
    if (a[0]) {
        const char* kind = TRY(text_argument(t, "get_channel_binding", "cb_type", a[0]));
        if (strcmp(kind, "tls-unique"))
            return raise(t, PyExc_ValueError, "'%s' channel binding type not implemented", kind);
    }
    ConnectionObject* c = as_connection(self);
    Locked lock = lock_connection(t, c);
    // The first Finished message of the handshake: the client's, or the server's in a resumed session.
    char data[128];
    bool resumed = SSL_session_reused(c->ssl);
    size_t n = resumed == c->server ? SSL_get_finished(c->ssl, data, sizeof data)
                                    : SSL_get_peer_finished(c->ssl, data, sizeof data);
    return n ? bytes_from(t, data, n) : none_ref();
}

// --- attributes ---

Ref get_context(Thread&, Value self, void*) { return Ref::share(as_connection(self)->context); }
Status set_context(Thread& t, Value self, Value v, void*) {
    if (!v) return undeletable(t, "context", self);
    if (!is_instance_exact_or_sub(v, types.context))
        return raise(t, PyExc_TypeError, "The value must be a SSLContext");
    ConnectionObject* c = as_connection(self);
    Locked lock = lock_connection(t, c);
    set_field(c->context, v);
    SSL_set_SSL_CTX(c->ssl, as_context(v)->ctx);
    return Status::ok();
}
Ref get_server_side(Thread&, Value self, void*) { return bool_ref(as_connection(self)->server); }
Ref get_hostname(Thread&, Value self, void*) {
    Value v = as_connection(self)->hostname;
    return v ? Ref::share(v) : none_ref();
}
Ref get_owner(Thread&, Value self, void*) {
    Value weak = as_connection(self)->owner;
    return weak ? Ref::share(weakref_get(weak)) : none_ref();
}
Status set_owner(Thread& t, Value self, Value v, void*) {
    if (!v) return undeletable(t, "owner", self);
    Ref weak = TRY(weakref_new(t, v, {}));
    set_field(as_connection(self)->owner, weak);
    return Status::ok();
}
Ref get_session(Thread& t, Value self, void*) {
    ConnectionObject* c = as_connection(self);
    SSL_SESSION* copy;
    {
        Locked lock = lock_connection(t, c);
        SSL_SESSION* session = SSL_get_session(c->ssl);
        if (!session) return none_ref();
        // libssl spoils the session itself when the connection ends without a goodbye.
        copy = SSL_SESSION_dup(session);
    }
    return copy ? session_new(t, copy, c->context) : Ref(raise_queued(t, 3050));
}
Status set_session(Thread& t, Value self, Value v, void*) {
    if (!v) return undeletable(t, "session", self);
    if (!has_type(v, types.session)) return raise(t, PyExc_TypeError, "Value is not a SSLSession.");
    ConnectionObject* c = as_connection(self);
    SSL_CTX* ctx = as_context(c->context)->ctx;
    Value of = as_session(v)->context;
    if (!of || ctx != as_context(of)->ctx)
        return raise(t, PyExc_ValueError, "Session refers to a different SSLContext.");
    if (c->server) return raise(t, PyExc_ValueError, "Cannot set session for server-side SSLSocket.");
    Locked lock = lock_connection(t, c);
    if (SSL_is_init_finished(c->ssl))
        return raise(t, PyExc_ValueError, "Cannot set session after handshake.");
    // A copy: libssl changes the session of a connection.
    SSL_SESSION* copy = SSL_SESSION_dup(as_session(v)->session);
    bool ok = copy && SSL_set_session(c->ssl, copy);
    SSL_SESSION_free(copy);
    if (!ok) return raise_queued(t, 3080);
    return Status::ok();
}
Ref get_session_reused(Thread& t, Value self, void*) {
    ConnectionObject* c = as_connection(self);
    Locked lock = lock_connection(t, c);
    return bool_ref(SSL_session_reused(c->ssl));
}

const NativeDef methods[] = {
    def<do_handshake>("do_handshake", "()", nullptr),
    def<connection_write>("write", "(b, /)", "Sends bytes: how many."),
    def<connection_read>("read", nullptr, "read(size, [buffer])\nReceives at most so many bytes."),
    def<connection_pending>("pending", "()", "How many bytes are decrypted and wait to be read."),
    def<getpeercert>("getpeercert", "(der=False, /)",
                     "The peer's certificate: as a dict, which is empty when it was not checked, or as DER "
                     "bytes.\nNone when there is none."),
    def<channel_binding>("get_channel_binding", "(cb_type='tls-unique')",
                         "What both ends know of this connection and nobody else, or None."),
    def<cipher>("cipher", "()", nullptr),
    def<shared_ciphers>("shared_ciphers", "()", nullptr),
    def<version>("version", "()", nullptr),
    def<selected_alpn>("selected_alpn_protocol", "()", nullptr),
    def<compression>("compression", "()", nullptr),
    def<connection_shutdown>("shutdown", "()", "Says goodbye, and gives the socket back."),
    def<verify_client_post_handshake>("verify_client_post_handshake", "()",
                                      "Asks the client for its certificate after the handshake."),
    def<get_unverified_chain>("get_unverified_chain", "()", nullptr),
    def<get_verified_chain>("get_verified_chain", "()", nullptr),
    {}};
const GetSetDef attributes[] = {
    getset("context", get_context, set_context,
           "The context. An sni_callback may put another in its place, with other certificates."),
    getset("server_side", get_server_side, nullptr, "Whether this is the server's end."),
    getset("server_hostname", get_hostname, nullptr, "The name of the server that is asked for."),
    getset("owner", get_owner, set_owner, "The object of Python that stands for the connection."),
    getset("session", get_session, set_session, "The session."),
    getset("session_reused", get_session_reused, nullptr, "Whether an earlier session was taken up again."),
    {}};
const TypeDecl decl{
    .name = "_ssl._SSLSocket",
    .basicsize = sizeof(ConnectionObject),
    .flags = kTpHaveGC | kTpDisallowInstantiation | kTpImmutableType,
    .slots = {.dealloc = connection_dealloc, .traverse = connection_traverse, .clear = connection_clear},
    .spec = {.methods = methods, .getset = attributes}};

}  // namespace

Status make_connection_type(Thread& t, Value module) {
    if (!types.connection)
        types.connection = TRY(new_native_heap_type(t, module, decl, {})).release().as<PyTypeObject>();
    return module_add(t, module, "_SSLSocket", Ref::share(Value(types.connection)));
}

}  // namespace krait::ssl
