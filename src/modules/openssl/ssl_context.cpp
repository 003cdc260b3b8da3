// The type _SSLContext: settings of connections.
#include <climits>

#include "modules/openssl/lazy_library.h"
#include "modules/openssl/ssl.h"

// Protocol versions of their own are deprecated by OpenSSL, but PROTOCOL_TLSv1 and others are still there.
#pragma clang diagnostic ignored "-Wdeprecated-declarations"

namespace krait::ssl {

namespace {

SSL_CTX* ctx_of(Value self) { return as_context(self)->ctx; }

const SSL_METHOD* method_of(int protocol, const char** old) {
    *old = nullptr;
    switch (protocol) {
        case kTls:
            *old = "ssl.PROTOCOL_TLS is deprecated";
            return TLS_method();
        case kTls1:
            *old = "ssl.PROTOCOL_TLSv1 is deprecated";
            return TLSv1_method();
        case kTls1_1:
            *old = "ssl.PROTOCOL_TLSv1_1 is deprecated";
            return TLSv1_1_method();
        case kTls1_2:
            *old = "ssl.PROTOCOL_TLSv1_2 is deprecated";
            return TLSv1_2_method();
        case kTlsClient:
            return TLS_client_method();
        case kTlsServer:
            return TLS_server_method();
        default:
            return nullptr;
    }
}

// A step of the verification of a chain: authorities that nobody should trust any more end it.
int refuse_distrusted(int ok, X509_STORE_CTX* chain) {
    static constexpr const char* kDistrusted[] = {
#define KEY(hex) hex,
#include "modules/openssl/distrusted_keys.def"
#include "object/per_interpreter.h"
    };
    X509* cert = ok ? X509_STORE_CTX_get_current_cert(chain) : nullptr;
    if (!cert) return ok;
    unsigned char *der = nullptr, digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der);
    bool hashed = size > 0 && EVP_Digest(der, static_cast<size_t>(size), digest, &n, EVP_sha256(), nullptr);
    OPENSSL_free(der);
    if (!hashed) {
        X509_STORE_CTX_set_error(chain, X509_V_ERR_UNSPECIFIED);
        return 0;
    }
    char hex[2 * EVP_MAX_MD_SIZE + 1];
    for (unsigned i = 0; i < n; i++) snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    for (const char* key : kDistrusted) {
        if (strcmp(key, hex)) continue;
        X509_STORE_CTX_set_error(chain, X509_V_ERR_CERT_REJECTED);
        return 0;
    }
    return ok;
}

// Goes with the SSL_CTX.
void free_link(void*, void* data, CRYPTO_EX_DATA*, int, long, void*) {
    auto* link = static_cast<ContextLink*>(data);
    if (!link) return;
    pthread_mutex_destroy(&link->lock);
    free(link->alpn);
    free(link);
}
Status make_link(Thread& t, ContextObject* c) {
    static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, free_link);
    // Not of the runtime's memory: the end may come on a thread that is none of its.
    auto* link = static_cast<ContextLink*>(calloc(1, sizeof(ContextLink)));
    if (!link) return raise_no_memory(t);
    pthread_mutex_init(&link->lock, nullptr);
    if (index < 0 || !SSL_CTX_set_ex_data(c->ctx, index, link)) {
        free_link(nullptr, link, nullptr, 0, 0, nullptr);
        return raise_queued(t, 3330);
    }
    link->object = c;
    c->link = link;
    return Status::ok();
}

Status set_mode(Thread& t, ContextObject* c, int mode) {
    if (mode != kCertNone && mode != kCertOptional && mode != kCertRequired)
        return raise(t, PyExc_ValueError, "invalid value for verify_mode");
    if (mode == kCertNone && c->check_hostname)
        return raise(t, PyExc_ValueError,
                     "Cannot set verify_mode to CERT_NONE when check_hostname is enabled.");
    constexpr int kModes[] = {SSL_VERIFY_NONE, SSL_VERIFY_PEER,
                              SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT};
    SSL_CTX_set_verify(c->ctx, kModes[mode], refuse_distrusted);
    return Status::ok();
}

Status configure(Thread& t, ContextObject* c) {
    c->host_flags = X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;
    if (c->protocol == kTlsClient) {
        c->check_hostname = true;
        TRY(set_mode(t, c, kCertRequired));
    } else {
        TRY(set_mode(t, c, kCertNone));
    }
    // What stands in the way of modern TLS, or of safety.
    SSL_CTX_set_options(c->ctx, (SSL_OP_ALL & ~SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS) | SSL_OP_NO_SSLv3 |
                                    SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(c->ctx, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_id_context(c->ctx, reinterpret_cast<const unsigned char*>("Python"), 6);
    X509_VERIFY_PARAM* p = SSL_CTX_get0_param(c->ctx);
    X509_VERIFY_PARAM_set_flags(p, X509_V_FLAG_TRUSTED_FIRST);
    X509_VERIFY_PARAM_set_hostflags(p, c->host_flags);
    SSL_CTX_set_post_handshake_auth(c->ctx, 0);
    return Status::ok();
}

Ref context_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    if (kwnames && tuple_size(kwnames))
        return raise(t, PyExc_TypeError, "_SSLContext() takes no keyword arguments");
    if (nargs != 1) return raise(t, PyExc_TypeError, "_SSLContext expected 1 argument, got %zu", nargs);
    // Nothing but a context leads to the other functions of libssl.
    TRY(load_libssl(t));
    int protocol = TRY(as_int32(t, args[0]));
    const char* old;
    const SSL_METHOD* method = method_of(protocol, &old);
    if (!method) return raise(t, PyExc_ValueError, "invalid or unsupported protocol version %i", protocol);
    if (old) TRY(warn(t, PyExc_DeprecationWarning, 2, "%s", old));
    SSL_CTX* ctx = SSL_CTX_new(method);
    if (!ctx) return raise_queued(t, 3325);
    Ref self = alloc(t, type);
    if (!self) {
        SSL_CTX_free(ctx);
        return {};
    }
    ContextObject* c = as_context(self);
    c->ctx = ctx;
    c->protocol = protocol;
    c->lock.init();
    c->keylog_lock.init();
    TRY(make_link(t, c));
    TRY(configure(t, c));
    return self;
}
void context_traverse(PyObject* o, Visitor& v) {
    ContextObject* c = as_context(Value(o));
    v.visit(c->sni_callback);
    v.visit(c->msg_callback);
    v.visit(c->psk_client_callback);
    v.visit(c->psk_server_callback);
    v.visit(c->keylog_filename);
}
void context_clear(Thread&, PyObject* o) {
    ContextObject* c = as_context(Value(o));
    set_field(c->sni_callback, Value());
    set_field(c->msg_callback, Value());
    set_field(c->psk_client_callback, Value());
    set_field(c->psk_server_callback, Value());
    set_field(c->keylog_filename, Value());
}
void context_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    ContextObject* c = as_context(Value(o));
    if (c->ctx) {
        if (c->link) c->link->object = nullptr;
        SSL_CTX_free(c->ctx);
    }
    close_keylog(c);
    c->lock.destroy();
    c->keylog_lock.destroy();
    context_clear(t, o);
    free_object(t, o);
}

// --- attributes ---

Ref get_check_hostname(Thread&, Value self, void*) { return bool_ref(as_context(self)->check_hostname); }
Status set_check_hostname(Thread& t, Value self, Value v, void*) {
    if (!v) return undeletable(t, "check_hostname", self);
    bool on = TRY(is_true(t, v));
    ContextObject* c = as_context(self);
    if (on && SSL_CTX_get_verify_mode(c->ctx) == SSL_VERIFY_NONE) TRY(set_mode(t, c, kCertRequired));
    c->check_hostname = on;
    return Status::ok();
}

Ref get_host_flags(Thread&, Value self, void*) { return Ref::from_int(as_context(self)->host_flags); }
Status set_host_flags(Thread& t, Value self, Value v, void*) {
    if (!v) return undeletable(t, "_host_flags", self);
    Ref n = TRY(index(t, v));
    ContextObject* c = as_context(self);
    c->host_flags = static_cast<unsigned>(int_to_u64_wrapping(n));
    X509_VERIFY_PARAM_set_hostflags(SSL_CTX_get0_param(c->ctx), c->host_flags);
    return Status::ok();
}

constexpr int kMinimum = -2, kMaximum = -1;
// The C int of an assigned value, in the words of format strings.
Result<int> int_value(Thread& t, Value v) {
    Ref n = TRY(index(t, v));
    int64_t i;
    if (!int_to_i64(n, &i)) return raise(t, PyExc_OverflowError, "Python int too large to convert to C long");
    if (i > INT_MAX) return raise(t, PyExc_OverflowError, "signed integer is greater than maximum");
    if (i < INT_MIN) return raise(t, PyExc_OverflowError, "signed integer is less than minimum");
    return static_cast<int>(i);
}
Status set_version(Thread& t, Value self, Value value, bool minimum) {
    if (!value) return undeletable(t, minimum ? "minimum_version" : "maximum_version", self);
    int v = TRY(int_value(t, value));
    ContextObject* c = as_context(self);
    if (c->protocol != kTls && c->protocol != kTlsClient && c->protocol != kTlsServer)
        return raise(t, PyExc_ValueError,
                     "The context's protocol doesn't support modification of highest and lowest version.");
    const char* old = nullptr;
    switch (v) {
        case kMinimum:
            v = minimum ? 0 : TLS1_VERSION;
            break;
        case kMaximum:
            v = minimum ? TLS1_3_VERSION : 0;
            break;
        case SSL3_VERSION:
            old = "ssl.TLSVersion.SSLv3 is deprecated";
            break;
        case TLS1_VERSION:
            old = "ssl.TLSVersion.TLSv1 is deprecated";
            break;
        case TLS1_1_VERSION:
            old = "ssl.TLSVersion.TLSv1_1 is deprecated";
            break;
        case TLS1_2_VERSION:
        case TLS1_3_VERSION:
            break;
        default:
            return raise(t, PyExc_ValueError, "Unsupported TLS/SSL version 0x%x", v);
    }
    if (old) TRY(warn(t, PyExc_DeprecationWarning, 2, "%s", old));
    if (!(minimum ? SSL_CTX_set_min_proto_version(c->ctx, v) : SSL_CTX_set_max_proto_version(c->ctx, v)))
        return raise(t, PyExc_ValueError, "Unsupported protocol version 0x%x", v);
    return Status::ok();
}
Ref get_minimum(Thread&, Value self, void*) {
    auto v = SSL_CTX_get_min_proto_version(ctx_of(self));
    return Ref::from_int(v ? v : kMinimum);
}
Status set_minimum(Thread& t, Value self, Value v, void*) { return set_version(t, self, v, true); }
Ref get_maximum(Thread&, Value self, void*) {
    auto v = SSL_CTX_get_max_proto_version(ctx_of(self));
    return Ref::from_int(v ? v : kMaximum);
}
Status set_maximum(Thread& t, Value self, Value v, void*) { return set_version(t, self, v, false); }

Ref get_tickets(Thread& t, Value self, void*) {
    return int_from_size(t, SSL_CTX_get_num_tickets(ctx_of(self)));
}
Status set_tickets(Thread& t, Value self, Value v, void*) {
    if (!v) return undeletable(t, "num_tickets", self);
    int64_t n = TRY(as_int64(t, v));
    if (n < 0) return raise(t, PyExc_ValueError, "value must be non-negative");
    if (as_context(self)->protocol != kTlsServer)
        return raise(t, PyExc_ValueError, "SSLContext is not a server context.");
    if (!SSL_CTX_set_num_tickets(ctx_of(self), static_cast<size_t>(n)))
        return raise(t, PyExc_ValueError, "failed to set num tickets.");
    return Status::ok();
}

Ref get_options(Thread& t, Value self, void*) { return int_from_u64(t, SSL_CTX_get_options(ctx_of(self))); }
Status set_options(Thread& t, Value self, Value v, void*) {
    if (!v) return undeletable(t, "options", self);
    Ref n = TRY(index(t, v));
    if (int_sign(n) < 0) return raise(t, PyExc_ValueError, "Cannot convert negative int");
    uint64_t wanted;
    if (!int_to_u64(n, &wanted))
        return raise(t, PyExc_OverflowError, "Python int too large for C unsigned long long");
    SSL_CTX* ctx = ctx_of(self);
    uint64_t now = SSL_CTX_get_options(ctx), gone = now & ~wanted, added = ~now & wanted;
    constexpr uint64_t kNoVersions = SSL_OP_NO_SSLv2 | SSL_OP_NO_SSLv3 | SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1 |
                                     SSL_OP_NO_TLSv1_2 | SSL_OP_NO_TLSv1_3;
    if (added & kNoVersions)
        TRY(warn(t, PyExc_DeprecationWarning, 2, "ssl.OP_NO_SSL*/ssl.OP_NO_TLS* options are deprecated"));
    if (gone) SSL_CTX_clear_options(ctx, gone);
    if (added) SSL_CTX_set_options(ctx, added);
    return Status::ok();
}

Ref get_auth(Thread&, Value self, void*) { return bool_ref(as_context(self)->post_handshake_auth); }
Status set_auth(Thread& t, Value self, Value v, void*) {
    if (!v) return undeletable(t, "post_handshake_auth", self);
    bool on = TRY(is_true(t, v));
    as_context(self)->post_handshake_auth = on;
    SSL_CTX_set_post_handshake_auth(ctx_of(self), on);
    return Status::ok();
}
Ref get_protocol(Thread&, Value self, void*) { return Ref::from_int(as_context(self)->protocol); }
Ref get_security(Thread&, Value self, void*) {
    return Ref::from_int(SSL_CTX_get_security_level(ctx_of(self)));
}

Ref get_flags(Thread&, Value self, void*) {
    return Ref::from_int(static_cast<int64_t>(X509_VERIFY_PARAM_get_flags(SSL_CTX_get0_param(ctx_of(self)))));
}
Status set_flags(Thread& t, Value self, Value v, void*) {
    if (!v) return undeletable(t, "verify_flags", self);
    if (!is_long(v)) return raise(t, PyExc_TypeError, "argument must be int, not %K", v);
    unsigned long wanted = int_to_u64_wrapping(v);
    X509_VERIFY_PARAM* p = SSL_CTX_get0_param(ctx_of(self));
    unsigned long now = X509_VERIFY_PARAM_get_flags(p), gone = now & ~wanted, added = ~now & wanted;
    if (gone && !X509_VERIFY_PARAM_clear_flags(p, gone)) return raise_queued(t, 3616);
    if (added && !X509_VERIFY_PARAM_set_flags(p, added)) return raise_queued(t, 3622);
    return Status::ok();
}

Ref get_mode(Thread& t, Value self, void*) {
    switch (SSL_CTX_get_verify_mode(ctx_of(self)) & (SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT)) {
        case SSL_VERIFY_NONE:
            return Ref::from_int(kCertNone);
        case SSL_VERIFY_PEER:
            return Ref::from_int(kCertOptional);
        case SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT:
            return Ref::from_int(kCertRequired);
        default:
            return raise(t, types.error, "invalid return value from SSL_CTX_get_verify_mode");
    }
}
Status set_verify_mode(Thread& t, Value self, Value v, void*) {
    if (!v) return undeletable(t, "verify_mode", self);
    return set_mode(t, as_context(self), TRY(int_value(t, v)));
}

// --- methods ---

Ref set_ciphers(Thread& t, Value self, Value list) {
    const char* text = TRY(text_argument(t, "set_ciphers", nullptr, list));
    if (SSL_CTX_set_cipher_list(ctx_of(self), text)) return none_ref();
    ERR_clear_error();
    return raise(t, types.error, "No cipher can be selected.");
}

// The server's choice among what the client offers.
int select_protocol(SSL*, const unsigned char** out, unsigned char* n, const unsigned char* offered,
                    unsigned n_offered, void* arg) {
    auto* link = static_cast<ContextLink*>(arg);
    // What is chosen must be the client's: the own list may change.
    unsigned char* choice = nullptr;
    pthread_mutex_lock(&link->lock);
    int rc = SSL_select_next_proto(&choice, n, link->alpn, link->alpn_size, offered, n_offered);
    if (rc == OPENSSL_NPN_NEGOTIATED)
        *out = static_cast<const unsigned char*>(memmem(offered, n_offered, choice - 1, *n + 1u)) + 1;
    pthread_mutex_unlock(&link->lock);
    return rc == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}
Ref set_alpn(Thread& t, Value self, Value protocols) {
    Buffer b;
    TRY(b.acquire(t, protocols));
    if (b.size() > UINT_MAX) return raise(t, PyExc_OverflowError, "protocols longer than %u bytes", UINT_MAX);
    ContextObject* c = as_context(self);
    auto size = static_cast<unsigned>(b.size());
    auto* copy = static_cast<unsigned char*>(malloc(size + 1));
    if (!copy) return raise_no_memory(t);
    memcpy(copy, b.data(), size);
    Locked lock(t, {&c->lock});
    pthread_mutex_lock(&c->link->lock);
    free(c->link->alpn);
    c->link->alpn = copy;
    c->link->alpn_size = size;
    pthread_mutex_unlock(&c->link->lock);
    if (SSL_CTX_set_alpn_protos(c->ctx, copy, size)) return raise_no_memory(t);
    SSL_CTX_set_alpn_select_cb(c->ctx, select_protocol, c->link);
    return none_ref();
}

Ref set_ecdh_curve(Thread& t, Value self, Value name) {
    Ref bytes = TRY(fs_encode(t, name));
    int nid = OBJ_sn2nid(bytes_data(bytes));
    if (!nid) {
        ERR_clear_error();
        return raise(t, PyExc_ValueError, "unknown elliptic curve name %R", name);
    }
    if (!SSL_CTX_set1_groups(ctx_of(self), &nid, 1)) return raise_queued(t, 4836);
    return none_ref();
}

Ref session_stats(Thread& t, Value self) {
    SSL_CTX* c = ctx_of(self);
    struct {
        const char* name;
        long value;
    } const stats[] = {{"number", SSL_CTX_sess_number(c)},
                       {"connect", SSL_CTX_sess_connect(c)},
                       {"connect_good", SSL_CTX_sess_connect_good(c)},
                       {"connect_renegotiate", SSL_CTX_sess_connect_renegotiate(c)},
                       {"accept", SSL_CTX_sess_accept(c)},
                       {"accept_good", SSL_CTX_sess_accept_good(c)},
                       {"accept_renegotiate", SSL_CTX_sess_accept_renegotiate(c)},
                       {"hits", SSL_CTX_sess_hits(c)},
                       {"misses", SSL_CTX_sess_misses(c)},
                       {"timeouts", SSL_CTX_sess_timeouts(c)},
                       {"cache_full", SSL_CTX_sess_cache_full(c)}};
    Ref d = TRY(dict_new(t));
    for (auto& s : stats) TRY(dict_set_str(t, d, s.name, Value::from_int(s.value)));
    return d;
}

PER_INTERPRETER_REFS PyTypeObject* g_socket_type;  // of _socket, which is always there

Ref wrap_socket(Thread& t, Value self, const Value* a) {
    if (!g_socket_type) g_socket_type = TRY(import_attr(t, "_socket", "socket")).release().as<PyTypeObject>();
    if (!is_instance_exact_or_sub(a[0], g_socket_type))
        return raise(t, PyExc_TypeError, "_wrap_socket() argument 'sock' must be _socket.socket, not %K",
                     a[0]);
    bool server = TRY(as_int32(t, a[1])) != 0;
    return connection_new(
        t, self, {.socket = a[0], .hostname = a[2], .owner = a[3], .session = a[4], .server = server});
}
Ref wrap_bio(Thread& t, Value self, const Value* a) {
    for (int i = 0; i < 2; i++)
        if (!is_instance_exact_or_sub(a[i], types.memory_bio))
            return raise(t, PyExc_TypeError, "_wrap_bio() argument '%s' must be _ssl.MemoryBIO, not %K",
                         i ? "outgoing" : "incoming", a[i]);
    bool server = TRY(as_int32(t, a[2])) != 0;
    return connection_new(t, self,
                          {.incoming = a[0],
                           .outgoing = a[1],
                           .hostname = a[3],
                           .owner = a[4],
                           .session = a[5],
                           .server = server});
}

const NativeDef methods[] = {
    def<wrap_socket>("_wrap_socket", "(sock, server_side, server_hostname=None, *, owner=None, session=None)",
                     nullptr),
    def<wrap_bio>("_wrap_bio",
                  "(incoming, outgoing, server_side, server_hostname=None, *, owner=None, session=None)",
                  nullptr),
    def<set_ciphers>("set_ciphers", "(cipherlist, /)", nullptr),
    def<set_alpn>("_set_alpn_protocols", "(protos, /)", nullptr),
    def<load_cert_chain>("load_cert_chain", "(certfile, keyfile=None, password=None)", nullptr),
    def<load_dh_params>("load_dh_params", "(path, /)", nullptr),
    def<load_verify_locations>("load_verify_locations", "(cafile=None, capath=None, cadata=None)", nullptr),
    def<session_stats>("session_stats", "()", nullptr),
    def<set_default_verify_paths>("set_default_verify_paths", "()", nullptr),
    def<set_ecdh_curve>("set_ecdh_curve", "(name, /)", nullptr),
    def<cert_store_stats>("cert_store_stats", "()", "How many certificates and revocation lists are loaded."),
    def<get_ca_certs>(
        "get_ca_certs", "(binary_form=False)",
        "The loaded authorities, as dicts or DER bytes. Those of a capath are loaded when used."),
    def<get_ciphers>("get_ciphers", "()", nullptr),
    def<set_psk_client_callback>("set_psk_client_callback", "(callback)", nullptr),
    def<set_psk_server_callback>("set_psk_server_callback", "(callback, identity_hint=None)", nullptr),
    {}};
const GetSetDef attributes[] = {
    getset("check_hostname", get_check_hostname, set_check_hostname, nullptr),
    getset("_host_flags", get_host_flags, set_host_flags, nullptr),
    getset("minimum_version", get_minimum, set_minimum, nullptr),
    getset("maximum_version", get_maximum, set_maximum, nullptr),
    getset("keylog_filename", get_keylog_filename, set_keylog_filename, nullptr),
    getset("_msg_callback", get_msg_callback, set_msg_callback, nullptr),
    getset("sni_callback", get_sni_callback, set_sni_callback,
           "Called with (connection, name, context) when a client says whom it wants; None: nothing is."),
    getset("num_tickets", get_tickets, set_tickets, "How many session tickets of TLS 1.3 are sent."),
    getset("options", get_options, set_options, nullptr),
    getset("post_handshake_auth", get_auth, set_auth, nullptr),
    getset("protocol", get_protocol, nullptr, nullptr),
    getset("verify_flags", get_flags, set_flags, nullptr),
    getset("verify_mode", get_mode, set_verify_mode, nullptr),
    getset("security_level", get_security, nullptr, "How strong keys have to be."),
    {}};
const TypeDecl decl{.name = "_ssl._SSLContext",
                    .basicsize = sizeof(ContextObject),
                    .flags = kTpBaseType | kTpHaveGC | kTpImmutableType,
                    .slots = {.dealloc = context_dealloc,
                              .traverse = context_traverse,
                              .clear = context_clear,
                              .new_ = context_new},
                    .spec = {.methods = methods, .getset = attributes}};

}  // namespace

Status make_context_type(Thread& t, Value module) {
    if (!types.context)
        types.context = TRY(new_native_heap_type(t, module, decl, {})).release().as<PyTypeObject>();
    return module_add(t, module, "_SSLContext", Ref::share(Value(types.context)));
}

}  // namespace krait::ssl
