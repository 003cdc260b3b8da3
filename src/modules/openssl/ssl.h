// The module _ssl: what its files share.
#pragma once

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/protocol.h"

namespace krait::ssl {

// The types of the module, made at its first import.
struct Types {
    PyTypeObject *context, *connection, *memory_bio, *session, *certificate;
    PyTypeObject *error, *zero_return_error, *want_read_error, *want_write_error, *syscall_error, *eof_error,
        *verification_error;
};
extern Types types;

// libcrypto calls back on the thread that called it, which then holds a lock of an object and may call its
// methods: such locks are recursive.
struct Mutex {
    pthread_mutex_t m;
    void init();
    void destroy() { pthread_mutex_destroy(&m); }
};
// Holds mutexes; who waits for one lets other threads run.
class Locked {
  public:
    Locked(Thread& t, std::initializer_list<Mutex*> list);  // null ones are left out
    ~Locked();
    Locked(const Locked&) = delete;

  private:
    Mutex* held_[3];
    int n_ = 0;
};
// Within a callback of a function that runs without the GIL.
class WithGil {
  public:
    explicit WithGil(Thread& t);
    ~WithGil();
    WithGil(const WithGil&) = delete;

  private:
    Thread& t_;
    bool taken_;
};

enum Protocol { kTls = 2, kTls1 = 3, kTls1_1 = 4, kTls1_2 = 5, kTlsClient = 16, kTlsServer = 17 };
enum CertMode { kCertNone, kCertOptional, kCertRequired };

struct ContextObject {
    PyObject ob_base;
    SSL_CTX* ctx;  // owned
    Mutex lock;    // for what changes ctx without the GIL
    Value sni_callback, msg_callback, psk_client_callback, psk_server_callback, keylog_filename;
    FILE* keylog;
    Mutex keylog_lock;
    struct ContextLink* link;  // owned by ctx
    unsigned host_flags;
    int protocol;
    bool check_hostname, post_handshake_auth;
};
struct MemoryBioObject {
    PyObject ob_base;
    BIO* bio;  // owned
    Mutex lock;
    bool eof_written;
};
struct SessionObject {
    PyObject ob_base;
    SSL_SESSION* session;  // owned
    Value context;
};
struct CertificateObject {
    PyObject ob_base;
    X509* cert;  // owned
    int64_t hash;
};
struct ConnectionObject {
    PyObject ob_base;
    SSL* ssl;             // owned
    Mutex lock, writing;  // each call of libssl; a whole write, which must not mix with others
    Value socket;         // weak reference; empty: between memory BIOs
    Value owner;          // weak reference or empty
    Value context, hostname, exception;
    Value incoming, outgoing;
    Thread* thread;  // who runs libssl on it
    int fd;          // of the socket during a call
    int error;       // errno of the last transfer
    bool server, saw_shutdown, at_end;
};
// What callbacks find the object of an SSL_CTX by, which may outlive it.
struct ContextLink {
    ContextObject* object;  // null: gone; read and written with the GIL
    pthread_mutex_t lock;   // of the list of application protocols
    unsigned char* alpn;
    unsigned alpn_size;
};
inline ContextObject* as_context(Value v) { return v.as<ContextObject>(); }
inline ConnectionObject* as_connection(Value v) { return v.as<ConnectionObject>(); }
inline MemoryBioObject* as_memory_bio(Value v) { return v.as<MemoryBioObject>(); }
inline SessionObject* as_session(Value v) { return v.as<SessionObject>(); }

inline void set_field(Value& field, Value v) {
    xincref(v);
    Value old = field;
    field = v;
    xdecref(old);
}

// --- errors (ssl_error.cpp) ---
// The numbers that follow "_ssl.c:" in messages are those of the module this one stands in for.
// Raises SSLError for what libcrypto complained of last, whose queue is emptied.
Raised raise_queued(Thread& t, int line);
Raised raise_text(Thread& t, const char* text, int line);  // an SSLError without a complaint
// For a call of libssl on a connection that failed.
struct Outcome {
    int result;  // > 0: it worked
    int error;   // SSL_ERROR_*
    int io_error;
};
Raised raise_outcome(Thread& t, ConnectionObject* c, const Outcome& o, int line);
Status add_errors(Thread& t, Value module);
Ref reason_name(Thread& t, unsigned long code);

// --- arguments ---
// Text of an argument without NULs; borrowed from `v`.
Result<const char*> text_argument(Thread& t, const char* function, const char* argument, Value v);
Raised undeletable(Thread& t, const char* name, Value self);

// --- certificates (ssl_certificate.cpp) ---
Ref decode_certificate(Thread& t, X509* cert);
Ref certificate_der(Thread& t, X509* cert);
Ref certificate_new(Thread& t, X509* cert);                           // counts `cert` once more
Ref object_text(Thread& t, const ASN1_OBJECT* object, bool no_name);  // None when there is none
Ref test_decode_cert(Thread& t, Value, Value path);
Status make_certificate_type(Thread& t, Value module);

// --- contexts ---
extern const NativeDef context_load_methods[], context_callback_methods[];
Ref load_cert_chain(Thread&, Value, const Value*), load_verify_locations(Thread&, Value, const Value*),
    load_dh_params(Thread&, Value, Value), set_default_verify_paths(Thread&, Value),
    cert_store_stats(Thread&, Value), get_ca_certs(Thread&, Value, const Value*);
Ref set_psk_client_callback(Thread&, Value, const Value*),
    set_psk_server_callback(Thread&, Value, const Value*), get_sni_callback(Thread&, Value, void*),
    get_msg_callback(Thread&, Value, void*), get_keylog_filename(Thread&, Value, void*);
Status set_sni_callback(Thread&, Value, Value, void*), set_msg_callback(Thread&, Value, Value, void*),
    set_keylog_filename(Thread&, Value, Value, void*);
void close_keylog(ContextObject* c);
Ref get_ciphers(Thread&, Value);
Status make_context_type(Thread& t, Value module);

// --- connections ---
BIO* socket_bio(ConnectionObject* c);  // null: out of memory
// A new connection of `context` over a socket, or between two memory BIOs.
struct ConnectionArguments {
    Value socket, incoming, outgoing, hostname, owner, session;
    bool server;
};
Ref connection_new(Thread& t, Value context, const ConnectionArguments& a);
Ref do_handshake(Thread&, Value), connection_write(Thread&, Value, Value),
    connection_read(Thread&, Value, const Value*, size_t, Value), connection_shutdown(Thread&, Value),
    connection_pending(Thread&, Value), verify_client_post_handshake(Thread&, Value);
Status make_connection_type(Thread& t, Value module);
// What callbacks are given: the owner, the socket or the connection; empty when it is gone.
Ref callback_subject(ConnectionObject* c);
inline Locked lock_connection(Thread& t, ConnectionObject* c) {
    return Locked(t, {&c->lock, c->incoming ? &as_memory_bio(c->incoming)->lock : nullptr,
                      c->outgoing ? &as_memory_bio(c->outgoing)->lock : nullptr});
}
// Runs f() of libssl on the connection without the GIL.
template <class F>
Outcome run_ssl(Thread& t, ConnectionObject* c, F f) {
    Locked lock = lock_connection(t, c);
    Thread* outer = c->thread;
    c->thread = &t;
    Outcome o;
    {
        AllowThreads allow(t);
        ERR_clear_error();
        c->error = 0;
        o.result = f();
        o.error = o.result > 0 ? SSL_ERROR_NONE : SSL_get_error(c->ssl, o.result);
        o.io_error = c->error;
    }
    c->thread = outer;
    return o;
}

Status make_memory_bio_type(Thread& t, Value module);
Ref session_new(Thread& t, SSL_SESSION* session, Value context);  // steals `session`
Status make_session_type(Thread& t, Value module);

}  // namespace krait::ssl
