// Exceptions of the module _ssl, locks and arguments.
#include "modules/openssl/ssl.h"
#include "object/per_interpreter.h"
#include "runtime/init.h"

namespace krait::ssl {

PER_INTERPRETER_REFS Types types;

void Mutex::init() {
    pthread_mutexattr_t a;
    pthread_mutexattr_init(&a);
    pthread_mutexattr_settype(&a, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&m, &a);
    pthread_mutexattr_destroy(&a);
}

Locked::Locked(Thread& t, std::initializer_list<Mutex*> list) {
    // In the order of addresses, so that two who want the same do not wait for each other.
    Mutex* last = nullptr;
    for (size_t i = 0; i < list.size(); i++) {
        Mutex* next = nullptr;
        for (Mutex* m : list)
            if (m && m > last && (!next || m < next)) next = m;
        if (!next) break;
        if (pthread_mutex_trylock(&next->m) != 0) {
            AllowThreads allow(t);
            pthread_mutex_lock(&next->m);
        }
        held_[n_++] = last = next;
    }
}
Locked::~Locked() {
    while (n_) pthread_mutex_unlock(&held_[--n_]->m);
}

WithGil::WithGil(Thread& t) : t_(t), taken_(t_current != &t) {
    if (taken_) gil_take(t_);
}
WithGil::~WithGil() {
    if (!taken_) return;
    int saved = errno;
    gil_release(t_);
    errno = saved;
}

namespace {

struct Reason {
    int library, reason;
    const char* name;
};
struct Library {
    int number;
    const char* name;
};
// Made from OpenSSL's headers: sorted tables of the names behind X_R_NAME and ERR_LIB_X.
constexpr Reason kReasons[] = {
#include "openssl/reasons.inc"
};
constexpr Library kLibraries[] = {
#include "openssl/libraries.inc"
};

const char* find_reason(int library, int reason) {
    size_t low = 0, high = sizeof kReasons / sizeof *kReasons;
    while (low < high) {
        size_t mid = (low + high) / 2;
        const Reason& r = kReasons[mid];
        if (r.library == library && r.reason == reason) return r.name;
        if (r.library < library || (r.library == library && r.reason < reason))
            low = mid + 1;
        else
            high = mid;
    }
    return nullptr;
}
const char* find_library(int library) {
    for (const Library& l : kLibraries)
        if (l.number == library) return l.name;
    return nullptr;
}
Ref text_or_none(Thread& t, const char* s) { return s ? str_from(t, s) : none_ref(); }

// Why the peer's certificate was refused, in words.
Ref verification_text(Thread& t, ConnectionObject* c, long code) {
    const char* kind = code == X509_V_ERR_HOSTNAME_MISMATCH     ? "Hostname"
                       : code == X509_V_ERR_IP_ADDRESS_MISMATCH ? "IP address"
                                                                : nullptr;
    if (kind)
        return str_format(t, "%s mismatch, certificate is not valid for '%S'.", kind,
                          c->hostname ? c->hostname : none());
    return str_from(t, X509_verify_cert_error_string(code));
}

// type(number, message) with the attributes that tell more.
Raised raise_with(Thread& t, ConnectionObject* c, PyTypeObject* type, int number, const char* text,
                  unsigned long code, int line) {
    const char *library = nullptr, *reason = nullptr;
    if (code) {
        library = find_library(ERR_GET_LIB(code));
        reason = find_reason(ERR_GET_LIB(code), ERR_GET_REASON(code));
        if (!text) text = ERR_reason_error_string(code);
    }
    Ref verify, words = text ? str_from(t, text) : str_format(t, "unknown error (0x%lx)", code);
    if (!words) return {};
    long verify_code = 0;
    if (c && type == types.verification_error) {
        verify_code = SSL_get_verify_result(c->ssl);
        verify = verification_text(t, c, verify_code);
        if (!verify) return {};
    }
    Ref message;
    if (verify && reason && library)
        message =
            str_format(t, "[%s: %s] %S: %S (_ssl.c:%d)", library, reason, words.get(), verify.get(), line);
    else if (reason && library)
        message = str_format(t, "[%s: %s] %S (_ssl.c:%d)", library, reason, words.get(), line);
    else if (library)
        message = str_format(t, "[%s] %S (_ssl.c:%d)", library, words.get(), line);
    else
        message = str_format(t, "%S (_ssl.c:%d)", words.get(), line);
    if (!message) return {};
    Ref exc = call(t, Value(type), {Value::from_int(number), message.get()});
    if (!exc) return {};
    Ref reason_text = text_or_none(t, reason), library_text = text_or_none(t, library);
    if (!reason_text || !library_text || !set_attr(t, exc, "reason", reason_text) ||
        !set_attr(t, exc, "library", library_text))
        return {};
    if (verify && (!set_attr(t, exc, "verify_code", Value::from_int(verify_code)) ||
                   !set_attr(t, exc, "verify_message", verify)))
        return {};
    return raise_object(t, exc);
}

}  // namespace

Raised raise_queued(Thread& t, int line) {
    unsigned long code = ERR_peek_last_error();
    ERR_clear_error();
    return raise_with(t, nullptr, types.error, static_cast<int>(ERR_GET_REASON(code)), nullptr, code, line);
}
Raised raise_text(Thread& t, const char* text, int line) {
    ERR_clear_error();
    return raise_with(t, nullptr, types.error, 0, text, 0, line);
}

Raised raise_outcome(Thread& t, ConnectionObject* c, const Outcome& o, int line) {
    constexpr int kEof = 8, kInvalid = 10;
    constexpr const char* kEofText = "EOF occurred in violation of protocol";
    unsigned long code = ERR_peek_last_error();
    ERR_clear_error();
    bool of_ssl = code && ERR_GET_LIB(code) == ERR_LIB_SSL;
    PyTypeObject* failed = of_ssl && ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED
                               ? types.verification_error
                               : types.error;
    switch (o.error) {
        case SSL_ERROR_ZERO_RETURN:
            return raise_with(t, c, types.zero_return_error, o.error,
                              "TLS/SSL connection has been closed (EOF)", code, line);
        case SSL_ERROR_WANT_READ:
            return raise_with(t, c, types.want_read_error, o.error, "The operation did not complete (read)",
                              code, line);
        case SSL_ERROR_WANT_WRITE:
            return raise_with(t, c, types.want_write_error, o.error, "The operation did not complete (write)",
                              code, line);
        case SSL_ERROR_WANT_X509_LOOKUP:
            return raise_with(t, c, types.error, o.error, "The operation did not complete (X509 lookup)",
                              code, line);
        case SSL_ERROR_WANT_CONNECT:
            return raise_with(t, c, types.error, o.error, "The operation did not complete (connect)", code,
                              line);
        case SSL_ERROR_SYSCALL:
            if (code) return raise_with(t, c, failed, o.error, nullptr, code, line);
            if (o.io_error) return raise_errno(t, o.io_error);
            return raise_with(t, c, types.eof_error, kEof, kEofText, 0, o.result == 0 ? 681 : line);
        case SSL_ERROR_SSL:
            if (!code)
                return raise_with(t, c, types.error, o.error, "A failure in the SSL library occurred", 0,
                                  line);
            if (of_ssl && ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
                return raise_with(t, c, types.eof_error, kEof, kEofText, code, line);
            return raise_with(t, c, failed, o.error, nullptr, code, line);
        default:
            return raise_with(t, c, types.error, kInvalid, "Invalid error code", code, line);
    }
}

namespace {

Ref error_str(Thread& t, Value self) {
    auto* e = self.as<PyOSErrorObject>();
    if (e->strerror && is_str(e->strerror)) return Ref::share(e->strerror);
    return str(t, e->base.args);
}
const TypeDecl error_decl{.name = "ssl.SSLError",
                          .basicsize = sizeof(PyOSErrorObject),
                          .flags = kTpBaseType | kTpHaveGC | kTpImmutableType,
                          .slots = {.str = error_str},
                          .spec = {.doc = "Something went wrong in the SSL library."}};

Result<PyTypeObject*> error_class(Thread& t, const char* name, const char* doc, Value bases) {
    Ref ns = TRY(dict_new(t)), text = TRY(str_from(t, name)), owner = TRY(str_from(t, "ssl")),
        help = TRY(str_from(t, doc));
    TRY(dict_set_str(t, ns, "__module__", owner));
    TRY(dict_set_str(t, ns, "__doc__", help));
    return TRY(new_class(t, text, bases, ns)).release().as<PyTypeObject>();
}

}  // namespace

Status add_errors(Thread& t, Value module) {
    if (!types.error) {
        Ref base = TRY(tuple_of(t, {Value(PyExc_OSError)}));
        types.error = TRY(new_native_heap_type(t, {}, error_decl, base)).release().as<PyTypeObject>();
    }
    struct {
        PyTypeObject*& type;
        const char *name, *doc;
        bool is_value_error = false;
    } const classes[] = {
        {types.verification_error, "SSLCertVerificationError", "The peer's certificate did not hold.", true},
        {types.zero_return_error, "SSLZeroReturnError", "The peer closed the connection in good order."},
        {types.want_write_error, "SSLWantWriteError",
         "The operation has to write more first, and the socket\ndoes not wait."},
        {types.want_read_error, "SSLWantReadError",
         "The operation has to read more first, and the socket\ndoes not wait."},
        {types.syscall_error, "SSLSyscallError", "The operating system refused what SSL needed."},
        {types.eof_error, "SSLEOFError", "The connection ended in the middle of something."},
    };
    Ref plain = TRY(tuple_of(t, {Value(types.error)})),
        value = TRY(tuple_of(t, {Value(types.error), Value(PyExc_ValueError)}));
    TRY(module_add(t, module, "SSLError", Ref::share(Value(types.error))));
    for (auto& c : classes) {
        if (!c.type) c.type = TRY(error_class(t, c.name, c.doc, c.is_value_error ? value : plain));
        TRY(module_add(t, module, c.name, Ref::share(Value(c.type))));
    }
    return Status::ok();
}

Result<const char*> text_argument(Thread& t, const char* function, const char* argument, Value v) {
    if (!is_str(v))
        return raise(t, PyExc_TypeError, "%s() argument%s%s%s must be str, not %K", function,
                     argument ? " '" : "", argument ? argument : "", argument ? "'" : "", v);
    std::string_view text = TRY(str_utf8(t, v));
    if (text.find('\0') != std::string_view::npos)
        return raise(t, PyExc_ValueError, "embedded null character");
    return text.data();
}
Raised undeletable(Thread& t, const char* name, Value self) {
    return raise(t, PyExc_AttributeError, "attribute '%s' of '%.100s' objects cannot be deleted", name,
                 type_of(self)->tp_name);
}

}  // namespace krait::ssl
