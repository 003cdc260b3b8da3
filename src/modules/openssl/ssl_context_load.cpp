// What contexts load: certificates, keys, authorities, parameters; and which ciphers they have.
#include <openssl/dh.h>
#include <openssl/pem.h>

#include <climits>

#include "modules/openssl/ssl.h"

// PEM_read_DHparams and its kin: their successors tell errors otherwise than the oracle.
#pragma clang diagnostic ignored "-Wdeprecated-declarations"

namespace krait::ssl {

namespace {

// A path given as an argument, or a TypeError in the words for it.
Ref path_argument(Thread& t, Value v, const char* name) {
    Ref path = fs_encode(t, v);
    if (!path && clear_if(t, PyExc_TypeError))
        return raise(t, PyExc_TypeError, "%s should be a valid filesystem path", name);
    return path;
}
// After a call that opened a file: the system's complaint, or else libcrypto's.
Raised raise_file(Thread& t, int error, int line) {
    if (!error) return raise_queued(t, line);
    ERR_clear_error();
    return raise_errno(t, error);
}

struct Password {
    Thread& t;
    Value callable;  // empty: `bytes` is it
    Ref bytes;
    bool failed = false;
    Status set(Value v, const char* message) {
        if (is_str(v)) {
            bytes = TRY(encode_utf8(t, v, nullptr));
        } else if (is_bytes(v)) {
            bytes = Ref::share(v);
        } else if (is_bytearray(v)) {
            bytes = TRY(bytes_from(t, bytearray_data(v), static_cast<size_t>(bytearray_size(v))));
        } else {
            return raise(t, PyExc_TypeError, "%s", message);
        }
        return Status::ok();
    }
};
Status ask_password(Password& p, int room) {
    if (p.callable) {
        Ref answer = TRY(call(p.t, p.callable));
        TRY(p.set(answer, "password callback must return a string"));
    }
    if (bytes_size(p.bytes) > room)
        return raise(p.t, PyExc_ValueError, "password cannot be longer than %d bytes", room);
    return Status::ok();
}
int give_password(char* out, int room, int, void* arg) {
    auto& p = *static_cast<Password*>(arg);
    WithGil gil(p.t);
    // OpenSSL asks again for the next form that the key may have: the exception of the first time is pending.
    if (p.failed || !ask_password(p, room)) {
        p.failed = true;
        return -1;
    }
    auto n = static_cast<int>(bytes_size(p.bytes));
    memcpy(out, bytes_data(p.bytes), static_cast<size_t>(n));
    return n;
}

// The context's password functions for the time of a loading.
struct PasswordScope {
    PasswordScope(SSL_CTX* c, Password* p)
        : ctx(c),
          callback(SSL_CTX_get_default_passwd_cb(c)),
          data(SSL_CTX_get_default_passwd_cb_userdata(c)) {
        if (!p) return;
        SSL_CTX_set_default_passwd_cb(c, give_password);
        SSL_CTX_set_default_passwd_cb_userdata(c, p);
    }
    ~PasswordScope() {
        SSL_CTX_set_default_passwd_cb(ctx, callback);
        SSL_CTX_set_default_passwd_cb_userdata(ctx, data);
    }
    SSL_CTX* ctx;
    pem_password_cb* callback;
    void* data;
};

}  // namespace

Ref load_cert_chain(Thread& t, Value self, const Value* a) {
    Ref cert = TRY(path_argument(t, a[0], "certfile")), key;
    if (a[1] && !is_none(a[1])) key = TRY(path_argument(t, a[1], "keyfile"));
    Password password{t, {}, {}};
    bool protect = a[2] && !is_none(a[2]);
    if (protect) {
        if (is_callable(a[2]))
            password.callable = a[2];
        else
            TRY(password.set(a[2], "password should be a string or callable"));
    }
    ContextObject* c = as_context(self);
    Locked lock(t, {&c->lock});
    PasswordScope scope(c->ctx, protect ? &password : nullptr);
    auto step = [&](auto f, int line) -> Status {
        int rc, error;
        ERR_clear_error();
        {
            AllowThreads allow(t);
            errno = 0;
            rc = f();
            error = errno;
        }
        if (rc == 1) return Status::ok();
        if (password.failed) {
            ERR_clear_error();
            return {};
        }
        return raise_file(t, error, line);
    };
    TRY(step([&] { return SSL_CTX_use_certificate_chain_file(c->ctx, bytes_data(cert)); }, 4291));
    const char* key_path = bytes_data(key ? key : cert);
    TRY(step([&] { return SSL_CTX_use_PrivateKey_file(c->ctx, key_path, SSL_FILETYPE_PEM); }, 4312));
    if (!SSL_CTX_check_private_key(c->ctx)) return raise_queued(t, 4321);
    return none_ref();
}

namespace {

// Adds what certificates there are in `data`.
Status add_authorities(Thread& t, ContextObject* c, const char* data, int64_t size, bool pem) {
    if (size <= 0) return raise(t, PyExc_ValueError, "Empty certificate data");
    if (size > INT_MAX) return raise(t, PyExc_ValueError, "Certificate data is too long.");
    BIO* bio = BIO_new_mem_buf(data, static_cast<int>(size));
    if (!bio) return raise(t, types.error, "Can't allocate buffer");
    X509_STORE* store = SSL_CTX_get_cert_store(c->ctx);
    ERR_clear_error();
    int loaded = 0;
    while (pem || BIO_ctrl_pending(bio)) {
        X509* cert = pem ? PEM_read_bio_X509(bio, nullptr, SSL_CTX_get_default_passwd_cb(c->ctx),
                                             SSL_CTX_get_default_passwd_cb_userdata(c->ctx))
                         : d2i_X509_bio(bio, nullptr);
        if (!cert) break;
        int ok = X509_STORE_add_cert(store, cert);
        X509_free(cert);
        if (!ok) {
            unsigned long e = ERR_peek_last_error();
            if (ERR_GET_LIB(e) != ERR_LIB_X509 || ERR_GET_REASON(e) != X509_R_CERT_ALREADY_IN_HASH_TABLE)
                break;
            ERR_clear_error();
        }
        loaded++;
    }
    unsigned long e = ERR_peek_last_error();
    BIO_free(bio);
    if (!loaded)
        return raise_text(t,
                          pem ? "no start line: cadata does not contain a certificate"
                              : "not enough data: cadata does not contain a certificate",
                          4410);
    // How it looks when there is no more text.
    bool end = pem && ERR_GET_LIB(e) == ERR_LIB_PEM && ERR_GET_REASON(e) == PEM_R_NO_START_LINE;
    if (e && !end) return raise_queued(t, 4423);
    ERR_clear_error();
    return Status::ok();
}

Status add_cadata(Thread& t, ContextObject* c, Value data) {
    if (is_str(data)) {
        if (!str_is_ascii(data))
            return raise(t, PyExc_TypeError, "cadata should be an ASCII string or a bytes-like object");
        return add_authorities(t, c, static_cast<char*>(str_data(data)), str_length(data), true);
    }
    Buffer b;
    if (!has_buffer(data) || !b.acquire(t, data)) {
        if (occurred(t)) clear_error(t);
        return raise(t, PyExc_TypeError, "cadata should be an ASCII string or a bytes-like object");
    }
    if (b.view().ndim > 1)
        return raise(t, PyExc_TypeError, "cadata should be a contiguous buffer with a single dimension");
    return add_authorities(t, c, b.data(), b.size(), false);
}

}  // namespace

Ref load_verify_locations(Thread& t, Value self, const Value* a) {
    auto given = [](Value v) { return v && !is_none(v); };
    if (!given(a[0]) && !given(a[1]) && !given(a[2]))
        return raise(t, PyExc_TypeError, "cafile, capath and cadata cannot be all omitted");
    Ref file, folder;
    if (given(a[0])) file = TRY(path_argument(t, a[0], "cafile"));
    if (given(a[1])) folder = TRY(path_argument(t, a[1], "capath"));
    ContextObject* c = as_context(self);
    Locked lock(t, {&c->lock});
    if (given(a[2])) TRY(add_cadata(t, c, a[2]));
    if (!file && !folder) return none_ref();
    int rc, error;
    ERR_clear_error();
    {
        AllowThreads allow(t);
        errno = 0;
        rc = SSL_CTX_load_verify_locations(c->ctx, file ? bytes_data(file) : nullptr,
                                           folder ? bytes_data(folder) : nullptr);
        error = errno;
    }
    if (rc != 1) return raise_file(t, error, 4544);
    return none_ref();
}

Ref load_dh_params(Thread& t, Value self, Value path) {
    Ref name = TRY(fs_encode(t, path)), mode = TRY(str_from(t, "rb"));
    TRY(audit(t, "open", {path, mode, Value::from_int(0)}));
    FILE* file = fopen(bytes_data(name), "rb");
    if (!file) return raise_errno(t, errno, path);
    ERR_clear_error();
    errno = 0;
    DH* dh = PEM_read_DHparams(file, nullptr, nullptr, nullptr);
    int error = errno;
    fclose(file);
    if (!dh) {
        if (!error) return raise_queued(t, 4600);
        ERR_clear_error();
        return raise_errno(t, error, path);
    }
    bool ok = SSL_CTX_set_tmp_dh(as_context(self)->ctx, dh);
    DH_free(dh);
    if (!ok) return raise_queued(t, 4608);
    return none_ref();
}

Ref set_default_verify_paths(Thread& t, Value self) {
    ContextObject* c = as_context(self);
    Locked lock(t, {&c->lock});
    int rc;
    ERR_clear_error();
    {
        AllowThreads allow(t);
        rc = SSL_CTX_set_default_verify_paths(c->ctx);
    }
    if (!rc) return raise_queued(t, 4799);
    ERR_clear_error();
    return none_ref();
}

Ref cert_store_stats(Thread& t, Value self) {
    ContextObject* c = as_context(self);
    Locked lock(t, {&c->lock});
    X509_STORE* store = SSL_CTX_get_cert_store(c->ctx);
    int64_t certs = 0, lists = 0, authorities = 0;
    X509_STORE_lock(store);
    STACK_OF(X509_OBJECT)* objects = X509_STORE_get0_objects(store);
    for (int i = 0; i < sk_X509_OBJECT_num(objects); i++) {
        X509_OBJECT* o = sk_X509_OBJECT_value(objects, i);
        if (X509_OBJECT_get_type(o) == X509_LU_X509) {
            certs++;
            authorities += X509_check_ca(X509_OBJECT_get0_X509(o)) != 0;
        } else if (X509_OBJECT_get_type(o) == X509_LU_CRL) {
            lists++;
        }
    }
    X509_STORE_unlock(store);
    Ref d = TRY(dict_new(t));
    TRY(dict_set_str(t, d, "x509", Value::from_int(certs)));
    TRY(dict_set_str(t, d, "crl", Value::from_int(lists)));
    TRY(dict_set_str(t, d, "x509_ca", Value::from_int(authorities)));
    return d;
}

Ref get_ca_certs(Thread& t, Value self, const Value* a) {
    bool binary = a[0] ? TRY(is_true(t, a[0])) : false;
    ContextObject* c = as_context(self);
    // Counted copies first: what follows may run Python code.
    STACK_OF(X509)* certs = sk_X509_new_null();
    if (!certs) return raise_no_memory(t);
    {
        Locked lock(t, {&c->lock});
        X509_STORE* store = SSL_CTX_get_cert_store(c->ctx);
        X509_STORE_lock(store);
        STACK_OF(X509_OBJECT)* objects = X509_STORE_get0_objects(store);
        for (int i = 0; i < sk_X509_OBJECT_num(objects); i++) {
            X509_OBJECT* o = sk_X509_OBJECT_value(objects, i);
            if (X509_OBJECT_get_type(o) != X509_LU_X509) continue;
            X509* cert = X509_OBJECT_get0_X509(o);
            if (X509_check_ca(cert) && X509_up_ref(cert)) sk_X509_push(certs, cert);
        }
        X509_STORE_unlock(store);
    }
    Ref list = list_new(t);
    for (int i = 0; list && i < sk_X509_num(certs); i++) {
        X509* cert = sk_X509_value(certs, i);
        Ref one = binary ? certificate_der(t, cert) : decode_certificate(t, cert);
        if (!one || !list_append(t, list, one)) list.reset();
    }
    sk_X509_pop_free(certs, X509_free);
    return list;
}

namespace {

Ref cipher_dict(Thread& t, const SSL_CIPHER* c) {
    char description[512];
    int bits, of_algorithm;
    bits = SSL_CIPHER_get_bits(c, &of_algorithm);
    description[0] = 0;
    SSL_CIPHER_description(c, description, sizeof description);
    size_t n = strlen(description);
    while (n && description[n - 1] == '\n') description[--n] = 0;
    auto long_name = [](int nid) { return nid ? OBJ_nid2ln(nid) : nullptr; };
    auto text = [&](const char* s) { return s ? str_from(t, s) : none_ref(); };
    struct {
        const char* key;
        Ref value;
    } items[] = {
        {"id", Ref::from_int(SSL_CIPHER_get_id(c))},
        {"name", text(SSL_CIPHER_get_name(c))},
        {"protocol", text(SSL_CIPHER_get_version(c))},
        {"description", text(description)},
        {"strength_bits", Ref::from_int(bits)},
        {"alg_bits", Ref::from_int(of_algorithm)},
        {"aead", bool_ref(SSL_CIPHER_is_aead(c))},
        {"symmetric", text(long_name(SSL_CIPHER_get_cipher_nid(c)))},
        {"digest", text(long_name(SSL_CIPHER_get_digest_nid(c)))},
        {"kea", text(long_name(SSL_CIPHER_get_kx_nid(c)))},
        {"auth", text(long_name(SSL_CIPHER_get_auth_nid(c)))},
    };
    Ref d = TRY(dict_new(t));
    for (auto& i : items) {
        if (!i.value) return {};
        TRY(dict_set_str(t, d, i.key, i.value));
    }
    return d;
}

}  // namespace

Ref get_ciphers(Thread& t, Value self) {
    SSL* ssl = SSL_new(as_context(self)->ctx);
    if (!ssl) return raise_queued(t, 3466);
    STACK_OF(SSL_CIPHER)* ciphers = SSL_get_ciphers(ssl);
    Ref list = list_new(t);
    for (int i = 0; list && i < sk_SSL_CIPHER_num(ciphers); i++) {
        Ref one = cipher_dict(t, sk_SSL_CIPHER_value(ciphers, i));
        if (!one || !list_append(t, list, one)) list.reset();
    }
    SSL_free(ssl);
    return list;
}

}  // namespace krait::ssl
