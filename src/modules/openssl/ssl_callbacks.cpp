// What libssl calls back, and where it leads: server names, shared keys, messages, the log of secrets.
#include "modules/openssl/ssl.h"

namespace krait::ssl {

namespace {

ConnectionObject* connection_of(const SSL* ssl) {
    return static_cast<ConnectionObject*>(SSL_get_app_data(ssl));
}

Ref alive(Value weak) {
    Value v = weak ? weakref_get(weak) : Value();
    return v && !is_none(v) ? Ref::share(v) : Ref();
}

}  // namespace

Ref callback_subject(ConnectionObject* c) {
    if (c->owner) return alive(c->owner);
    if (c->socket) return alive(c->socket);
    return Ref::share(Value(&c->ob_base));
}

// --- server names ---

namespace {

// The answer of a Python callback, an alert where it wants one; -1: go on.
int alert_of(Thread& t, Value result) {
    if (is_none(result)) return -1;
    int64_t n = 0;
    Ref number = is_index(result) ? index(t, result) : Ref();
    if (!number && !occurred(t))
        (void)raise(t, PyExc_TypeError, "'%.200s' object cannot be interpreted as an integer",
                    type_of(result)->tp_name);
    if (number && !int_to_i64(number, &n))
        (void)raise(t, PyExc_OverflowError, "Python int too large to convert to C long");
    if (!occurred(t)) return static_cast<int>(n);
    Ref text;
    {
        SavedError saved(t);
        text = str_format(
            t, "Exception ignored in ssl servername callback while calling set SNI callback (result=%R)",
            result);
        if (!text) clear_error(t);
    }
    write_unraisable(t, text ? str_utf8_or(text, "?").data() : nullptr, Value());
    return SSL_AD_INTERNAL_ERROR;
}
int call_sni(Thread& t, ConnectionObject* c, Value context, const char* name) {
    Ref callback = Ref::share(as_context(context)->sni_callback), subject = callback_subject(c);
    if (!subject) return SSL_AD_INTERNAL_ERROR;
    Ref text;
    if (name) {
        text = decode(t, name, strlen(name), "ascii", nullptr);
        if (!text) {
            Ref bytes;
            {
                SavedError saved(t);
                bytes = bytes_from(t, name, strlen(name));
                if (!bytes) clear_error(t);
            }
            write_unraisable_in(t, "in ssl servername callback while decoding name", bytes);
            return SSL_AD_INTERNAL_ERROR;
        }
    } else {
        text = none_ref();
    }
    Ref result = call(t, callback, {subject.get(), text.get(), context});
    if (!result) {
        write_unraisable_in(t, "in ssl servername callback while calling set SNI callback", callback);
        return SSL_AD_HANDSHAKE_FAILURE;
    }
    return alert_of(t, result);
}
int servername_callback(SSL* ssl, int* alert, void* arg) {
    ConnectionObject* c = connection_of(ssl);
    if (!c || !c->thread) return SSL_TLSEXT_ERR_OK;
    Thread& t = *c->thread;
    WithGil gil(t);
    // The connection may have got another context, and the one that asked for this may be gone.
    ContextObject* asked = static_cast<ContextLink*>(arg)->object;
    if (!asked) return SSL_TLSEXT_ERR_OK;
    Ref context = Ref::share(Value(&asked->ob_base));
    if (!asked->sni_callback) return SSL_TLSEXT_ERR_OK;
    int wanted = call_sni(t, c, context, SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name));
    if (wanted == -1) return SSL_TLSEXT_ERR_OK;
    *alert = wanted;
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

}  // namespace

Ref get_sni_callback(Thread&, Value self, void*) {
    Value v = as_context(self)->sni_callback;
    return v ? Ref::share(v) : none_ref();
}
Status set_sni_callback(Thread& t, Value self, Value v, void*) {
    if (!v) return undeletable(t, "sni_callback", self);
    ContextObject* c = as_context(self);
    if (c->protocol == kTlsClient)
        return raise(t, PyExc_ValueError, "sni_callback cannot be set on TLS_CLIENT context");
    if (!is_none(v) && !is_callable(v)) {
        SSL_CTX_set_tlsext_servername_callback(c->ctx, nullptr);
        set_field(c->sni_callback, Value());
        return raise(t, PyExc_TypeError, "not a callable object");
    }
    set_field(c->sni_callback, is_none(v) ? Value() : v);
    SSL_CTX_set_tlsext_servername_arg(c->ctx, c->link);
    int (*function)(SSL*, int*, void*) = is_none(v) ? nullptr : servername_callback;
    SSL_CTX_set_tlsext_servername_callback(c->ctx, function);
    return Status::ok();
}

// --- shared keys ---

namespace {

// Bytes-like `v` to `out`; false: it does not fit or is none (then an exception is set).
bool copy_key(Thread& t, Value v, unsigned char* out, unsigned room, unsigned* n) {
    Buffer b;
    if (!b.acquire(t, v)) return false;
    if (b.size() > room) return false;
    memcpy(out, b.data(), static_cast<size_t>(b.size()));
    *n = static_cast<unsigned>(b.size());
    return true;
}
bool client_key(Thread& t, Value callback, const char* hint, char* identity, unsigned identity_room,
                unsigned char* key, unsigned key_room, unsigned* n) {
    Ref text = hint && *hint ? decode_utf8(t, hint, strlen(hint), "strict") : none_ref();
    if (!text) return false;
    Ref answer = call(t, callback, {text.get()});
    if (!answer) return false;
    if (!is_tuple(answer)) {
        (void)raise(t, PyExc_SystemError, "new style getargs format but argument is not a tuple");
        return false;
    }
    if (tuple_size(answer) != 2) {
        (void)raise(t, PyExc_TypeError, "function takes exactly 2 arguments (%zd given)", tuple_size(answer));
        return false;
    }
    Value name = tuple_get(answer, 0);
    std::string_view view;
    if (is_str(name)) {
        auto utf8 = str_utf8(t, name);
        if (!utf8) return false;
        view = utf8.value();
    } else if (is_bytes(name)) {
        view = bytes_view(name);
    } else if (!is_none(name)) {
        (void)raise(t, PyExc_TypeError, "argument 1 must be str, read-only bytes-like object or None, not %K",
                    name);
        return false;
    }
    if (view.size() + 1 > identity_room) return false;
    memcpy(identity, view.data(), view.size());
    identity[view.size()] = 0;
    return copy_key(t, tuple_get(answer, 1), key, key_room, n);
}
bool server_key(Thread& t, Value callback, const char* identity, unsigned char* key, unsigned room,
                unsigned* n) {
    Ref text = identity && *identity ? decode_utf8(t, identity, strlen(identity), "strict") : none_ref();
    if (!text) return false;
    Ref answer = call(t, callback, {text.get()});
    return answer && copy_key(t, answer, key, room, n);
}

unsigned psk_client(SSL* ssl, const char* hint, char* identity, unsigned identity_room, unsigned char* key,
                    unsigned room) {
    ConnectionObject* c = connection_of(ssl);
    if (!c || !c->thread) return 0;
    Thread& t = *c->thread;
    WithGil gil(t);
    Ref callback = Ref::share(as_context(c->context)->psk_client_callback);
    unsigned n = 0;
    if (!callback) return 0;
    if (client_key(t, callback, hint, identity, identity_room, key, room, &n)) return n;
    if (occurred(t)) write_unraisable_in(t, "in ssl PSK client callback while calling callback", callback);
    return 0;
}
unsigned psk_server(SSL* ssl, const char* identity, unsigned char* key, unsigned room) {
    ConnectionObject* c = connection_of(ssl);
    if (!c || !c->thread) return 0;
    Thread& t = *c->thread;
    WithGil gil(t);
    Ref callback = Ref::share(as_context(c->context)->psk_server_callback);
    unsigned n = 0;
    if (!callback) return 0;
    if (server_key(t, callback, identity, key, room, &n)) return n;
    if (occurred(t)) write_unraisable_in(t, "in ssl PSK server callback while calling callback", callback);
    return 0;
}

}  // namespace

Ref set_psk_client_callback(Thread& t, Value self, const Value* a) {
    ContextObject* c = as_context(self);
    if (c->protocol == kTlsServer)
        return raise_text(t, "Cannot add PSK client callback to a PROTOCOL_TLS_SERVER context", 5237);
    bool off = is_none(a[0]);
    if (!off && !is_callable(a[0])) return raise(t, PyExc_TypeError, "callback must be callable");
    set_field(c->psk_client_callback, off ? Value() : a[0]);
    SSL_CTX_set_psk_client_callback(c->ctx, off ? nullptr : psk_client);
    return none_ref();
}
Ref set_psk_server_callback(Thread& t, Value self, const Value* a) {
    ContextObject* c = as_context(self);
    const char* hint = nullptr;
    if (a[1] && !is_none(a[1])) {
        if (!is_str(a[1]))
            return raise(t, PyExc_TypeError,
                         "set_psk_server_callback() argument 'identity_hint' must be str or None, not %K",
                         a[1]);
        hint = TRY(text_argument(t, "set_psk_server_callback", "identity_hint", a[1]));
    }
    if (c->protocol == kTlsClient)
        return raise_text(t, "Cannot add PSK server callback to a PROTOCOL_TLS_CLIENT context", 5349);
    bool off = is_none(a[0]);
    if (!off && !is_callable(a[0])) return raise(t, PyExc_TypeError, "callback must be callable");
    if (!SSL_CTX_use_psk_identity_hint(c->ctx, off ? nullptr : hint)) {
        ERR_clear_error();
        return raise(t, PyExc_ValueError, "failed to set identity hint");
    }
    set_field(c->psk_server_callback, off ? Value() : a[0]);
    SSL_CTX_set_psk_server_callback(c->ctx, off ? nullptr : psk_server);
    return none_ref();
}

// --- messages ---

namespace {

// The kind of a message within its record; -1: it has none.
int message_kind(int content, const unsigned char* data, size_t n) {
    constexpr int kChangeCipherSpec = 0x0101;
    switch (content) {
        case SSL3_RT_CHANGE_CIPHER_SPEC:
            return kChangeCipherSpec;
        case SSL3_RT_ALERT:
            return n > 1 ? data[1] : -1;
        case SSL3_RT_HANDSHAKE:
        case SSL3_RT_HEADER:
        case SSL3_RT_INNER_CONTENT_TYPE:
            return n > 0 ? data[0] : -1;
        default:
            return -1;
    }
}
Status call_message(Thread& t, ConnectionObject* c, bool writing, int version, int content, const void* data,
                    size_t n) {
    Ref callback = Ref::share(as_context(c->context)->msg_callback);
    if (!callback) return Status::ok();
    Ref subject = callback_subject(c);
    if (!subject) return Status::ok();
    Ref bytes = TRY(bytes_from(t, data, n)), direction = TRY(str_from(t, writing ? "write" : "read"));
    int kind = message_kind(content, static_cast<const unsigned char*>(data), n);
    TRY_DISCARD(call(t, callback,
                     {subject.get(), direction.get(), Value::from_int(version), Value::from_int(content),
                      Value::from_int(kind), bytes.get()}));
    return Status::ok();
}
void message_callback(int writing, int version, int content, const void* data, size_t n, SSL* ssl, void*) {
    ConnectionObject* c = connection_of(ssl);
    if (!c || !c->thread) return;
    Thread& t = *c->thread;
    WithGil gil(t);
    if (call_message(t, c, writing, version, content, data, n)) return;
    // Raised when the call of libssl has come to its end; the last one counts.
    Ref exception = fetch_error(t);
    set_field(c->exception, exception);
}

}  // namespace

Ref get_msg_callback(Thread&, Value self, void*) {
    Value v = as_context(self)->msg_callback;
    return v ? Ref::share(v) : none_ref();
}
Status set_msg_callback(Thread& t, Value self, Value v, void*) {
    if (!v) return undeletable(t, "_msg_callback", self);
    ContextObject* c = as_context(self);
    bool off = is_none(v);
    if (!off && !is_callable(v)) return raise(t, PyExc_TypeError, "not a callable object");
    set_field(c->msg_callback, off ? Value() : v);
    SSL_CTX_set_msg_callback(c->ctx, off ? nullptr : message_callback);
    return Status::ok();
}

// --- the log of secrets ---

namespace {

void keylog_callback(const SSL* ssl, const char* line) {
    ConnectionObject* c = connection_of(ssl);
    if (!c || !c->thread) return;
    ContextObject* context = as_context(c->context);
    pthread_mutex_lock(&context->keylog_lock.m);
    bool ok = true;
    if (FILE* f = context->keylog) ok = fputs(line, f) >= 0 && fputc('\n', f) >= 0 && fflush(f) == 0;
    int error = errno;
    pthread_mutex_unlock(&context->keylog_lock.m);
    if (ok) return;
    Thread& t = *c->thread;
    WithGil gil(t);
    (void)raise_errno(t, error, context->keylog_filename);
    Ref exception = fetch_error(t);
    set_field(c->exception, exception);
}

}  // namespace

void close_keylog(ContextObject* c) {
    if (c->keylog) fclose(c->keylog);
    c->keylog = nullptr;
}
Ref get_keylog_filename(Thread&, Value self, void*) {
    Value v = as_context(self)->keylog_filename;
    return v ? Ref::share(v) : none_ref();
}
Status set_keylog_filename(Thread& t, Value self, Value v, void*) {
    if (!v) return undeletable(t, "keylog_filename", self);
    ContextObject* c = as_context(self);
    Locked lock(t, {&c->keylog_lock});
    SSL_CTX_set_keylog_callback(c->ctx, nullptr);
    set_field(c->keylog_filename, Value());
    close_keylog(c);
    if (is_none(v)) return Status::ok();
    Ref path = TRY(fs_encode(t, v));
    FILE* f = fopen(bytes_data(path), "ae");
    if (!f) return raise_errno(t, errno, v);
    fseek(f, 0, SEEK_END);
    if (ftell(f) == 0) fputs("# TLS secrets log file, generated by OpenSSL / Python\n", f);
    fflush(f);
    c->keylog = f;
    set_field(c->keylog_filename, v);
    SSL_CTX_set_keylog_callback(c->ctx, keylog_callback);
    return Status::ok();
}

}  // namespace krait::ssl
