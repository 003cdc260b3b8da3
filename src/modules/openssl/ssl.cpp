// The module _ssl: connections secured by OpenSSL.
#include "modules/openssl/ssl.h"

#include <openssl/rand.h>

#include <climits>

#include "modules/openssl/lazy_library.h"

namespace krait::ssl {

namespace {

// --- random numbers ---

Ref rand_add(Thread& t, Value, const Value* a, size_t) {
    Buffer b;
    std::string_view data;
    if (is_str(a[0])) {
        data = TRY(str_utf8(t, a[0]));
    } else {
        TRY(b.acquire(t, a[0]));
        data = {b.data(), static_cast<size_t>(b.size())};
    }
    double entropy = TRY(as_double(t, a[1]));
    while (!data.empty()) {
        size_t n = data.size() < INT_MAX ? data.size() : INT_MAX;
        RAND_add(data.data(), static_cast<int>(n), entropy);
        data.remove_prefix(n);
    }
    return none_ref();
}
Ref rand_bytes(Thread& t, Value, Value count) {
    int n = TRY(as_int32(t, count));
    if (n < 0) return raise(t, PyExc_ValueError, "num must be positive");
    Ref bytes = TRY(bytes_new(t, n));
    if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes_data(bytes)), n) == 1) return bytes;
    unsigned long code = ERR_get_error();
    Ref text = TRY(str_from(t, code ? ERR_reason_error_string(code) : "unknown")),
        number = TRY(int_from_u64(t, code));
    Ref args = TRY(tuple_of(t, {number, text}));
    return raise_value(t, types.error, args);
}
Ref rand_status(Thread&, Value) { return bool_ref(RAND_status()); }

// --- object identifiers ---

Ref object_tuple(Thread& t, const ASN1_OBJECT* o) {
    int nid = OBJ_obj2nid(o);
    if (nid == NID_undef) return raise(t, PyExc_ValueError, "Unknown object");
    Ref number = Ref::from_int(nid), oid = TRY(object_text(t, o, true));
    const char *sn = OBJ_nid2sn(nid), *ln = OBJ_nid2ln(nid);
    Ref short_name = sn ? TRY(str_from(t, sn)) : none_ref(),
        long_name = ln ? TRY(str_from(t, ln)) : none_ref();
    return tuple_of(t, {number, short_name, long_name, oid});
}
// What ssl.py asks for when it is imported is found without the general way, which reads OpenSSL's
// configuration.
const ASN1_OBJECT* purpose(const char* text) {
    for (int nid : {NID_server_auth, NID_client_auth}) {
        char number[80];
        const ASN1_OBJECT* o = OBJ_nid2obj(nid);
        int n = o ? OBJ_obj2txt(number, sizeof number, o, 1) : 0;
        if (n > 0 && n < int{sizeof number} && strcmp(number, text) == 0) return o;
    }
    return nullptr;
}
Ref txt2obj(Thread& t, Value, const Value* a) {
    const char* text = TRY(text_argument(t, "txt2obj", "txt", a[0]));
    bool names = a[1] ? TRY(is_true(t, a[1])) : false;
    if (const ASN1_OBJECT* known = names ? nullptr : purpose(text)) return object_tuple(t, known);
    ASN1_OBJECT* o = OBJ_txt2obj(text, !names);
    ERR_clear_error();
    if (!o) return raise(t, PyExc_ValueError, "unknown object '%.100s'", text);
    Ref out = object_tuple(t, o);
    ASN1_OBJECT_free(o);
    return out;
}
Ref nid2obj(Thread& t, Value, Value number) {
    int nid = TRY(as_int32(t, number));
    if (nid < NID_undef) return raise(t, PyExc_ValueError, "NID must be positive.");
    ASN1_OBJECT* o = OBJ_nid2obj(nid);
    ERR_clear_error();
    if (!o) return raise(t, PyExc_ValueError, "unknown NID %i", nid);
    Ref out = object_tuple(t, o);
    ASN1_OBJECT_free(o);
    return out;
}

Ref default_verify_paths(Thread& t, Value) {
    auto text = [&](const char* s) { return s ? fs_decode(t, s, strlen(s)) : none_ref(); };
    Ref file_env = TRY(text(X509_get_default_cert_file_env())),
        file = TRY(text(X509_get_default_cert_file())), dir_env = TRY(text(X509_get_default_cert_dir_env())),
        dir = TRY(text(X509_get_default_cert_dir()));
    return tuple_of(t, {file_env, file, dir_env, dir});
}

const NativeDef functions[] = {
    def<test_decode_cert>("_test_decode_cert", "(path, /)", nullptr),
    def<rand_add>("RAND_add", "(string, entropy, /)",
                  "Adds to the state of the generator what may have so many bytes of chance in it."),
    def<rand_bytes>("RAND_bytes", "(n, /)", "So many random bytes, good enough for keys."),
    def<rand_status>("RAND_status", "()", "Whether the generator has been given enough chance."),
    def<default_verify_paths>("get_default_verify_paths", "()",
                              "Where trusted certificates are: (variable of the file, file, variable of the "
                              "folder, folder)."),
    def<txt2obj>("txt2obj", "(txt, name=False)",
                 "An object by its number, or also by its name: (NID, short name, long name, number)."),
    def<nid2obj>("nid2obj", "(nid, /)", "An object by OpenSSL's number for it, as txt2obj() tells it."),
    {}};

// --- constants ---

struct Constant {
    const char* name;
    int64_t value;
};
constexpr Constant kConstants[] = {
    {"SSL_ERROR_ZERO_RETURN", 6},
    {"SSL_ERROR_WANT_READ", 2},
    {"SSL_ERROR_WANT_WRITE", 3},
    {"SSL_ERROR_WANT_X509_LOOKUP", 4},
    {"SSL_ERROR_SYSCALL", 5},
    {"SSL_ERROR_SSL", 1},
    {"SSL_ERROR_WANT_CONNECT", 7},
    {"SSL_ERROR_EOF", 8},
    {"SSL_ERROR_INVALID_ERROR_CODE", 10},
    {"CERT_NONE", kCertNone},
    {"CERT_OPTIONAL", kCertOptional},
    {"CERT_REQUIRED", kCertRequired},
    {"VERIFY_DEFAULT", 0},
    {"VERIFY_CRL_CHECK_LEAF", X509_V_FLAG_CRL_CHECK},
    {"VERIFY_CRL_CHECK_CHAIN", X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL},
    {"VERIFY_X509_STRICT", X509_V_FLAG_X509_STRICT},
    {"VERIFY_ALLOW_PROXY_CERTS", X509_V_FLAG_ALLOW_PROXY_CERTS},
    {"VERIFY_X509_TRUSTED_FIRST", X509_V_FLAG_TRUSTED_FIRST},
    {"VERIFY_X509_PARTIAL_CHAIN", X509_V_FLAG_PARTIAL_CHAIN},
#define ALERT(name) {"ALERT_DESCRIPTION_" #name, SSL_AD_##name}
    ALERT(CLOSE_NOTIFY),
    ALERT(UNEXPECTED_MESSAGE),
    ALERT(BAD_RECORD_MAC),
    ALERT(RECORD_OVERFLOW),
    ALERT(DECOMPRESSION_FAILURE),
    ALERT(HANDSHAKE_FAILURE),
    ALERT(BAD_CERTIFICATE),
    ALERT(UNSUPPORTED_CERTIFICATE),
    ALERT(CERTIFICATE_REVOKED),
    ALERT(CERTIFICATE_EXPIRED),
    ALERT(CERTIFICATE_UNKNOWN),
    ALERT(ILLEGAL_PARAMETER),
    ALERT(UNKNOWN_CA),
    ALERT(ACCESS_DENIED),
    ALERT(DECODE_ERROR),
    ALERT(DECRYPT_ERROR),
    ALERT(PROTOCOL_VERSION),
    ALERT(INSUFFICIENT_SECURITY),
    ALERT(INTERNAL_ERROR),
    ALERT(USER_CANCELLED),
    ALERT(NO_RENEGOTIATION),
    ALERT(UNSUPPORTED_EXTENSION),
    ALERT(CERTIFICATE_UNOBTAINABLE),
    ALERT(UNRECOGNIZED_NAME),
    ALERT(BAD_CERTIFICATE_STATUS_RESPONSE),
    ALERT(BAD_CERTIFICATE_HASH_VALUE),
    ALERT(UNKNOWN_PSK_IDENTITY),
#undef ALERT
    {"PROTOCOL_SSLv23", kTls},
    {"PROTOCOL_TLS", kTls},
    {"PROTOCOL_TLS_CLIENT", kTlsClient},
    {"PROTOCOL_TLS_SERVER", kTlsServer},
    {"PROTOCOL_TLSv1", kTls1},
    {"PROTOCOL_TLSv1_1", kTls1_1},
    {"PROTOCOL_TLSv1_2", kTls1_2},
    {"OP_ALL", static_cast<int64_t>(SSL_OP_ALL & ~SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS)},
#define OPTION(name) {"OP_" #name, static_cast<int64_t>(SSL_OP_##name)}
    OPTION(NO_SSLv2),
    OPTION(NO_SSLv3),
    OPTION(NO_TLSv1),
    OPTION(NO_TLSv1_1),
    OPTION(NO_TLSv1_2),
    OPTION(NO_TLSv1_3),
    OPTION(CIPHER_SERVER_PREFERENCE),
    OPTION(SINGLE_DH_USE),
    OPTION(NO_TICKET),
    OPTION(LEGACY_SERVER_CONNECT),
    OPTION(SINGLE_ECDH_USE),
    OPTION(NO_COMPRESSION),
    OPTION(ENABLE_MIDDLEBOX_COMPAT),
    OPTION(NO_RENEGOTIATION),
    OPTION(IGNORE_UNEXPECTED_EOF),
    OPTION(ENABLE_KTLS),
#undef OPTION
    {"HOSTFLAG_ALWAYS_CHECK_SUBJECT", X509_CHECK_FLAG_ALWAYS_CHECK_SUBJECT},
    {"HOSTFLAG_NEVER_CHECK_SUBJECT", X509_CHECK_FLAG_NEVER_CHECK_SUBJECT},
    {"HOSTFLAG_NO_WILDCARDS", X509_CHECK_FLAG_NO_WILDCARDS},
    {"HOSTFLAG_NO_PARTIAL_WILDCARDS", X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS},
    {"HOSTFLAG_MULTI_LABEL_WILDCARDS", X509_CHECK_FLAG_MULTI_LABEL_WILDCARDS},
    {"HOSTFLAG_SINGLE_LABEL_SUBDOMAINS", X509_CHECK_FLAG_SINGLE_LABEL_SUBDOMAINS},
    {"ENCODING_PEM", 1},
    {"ENCODING_DER", 2},
    {"PROTO_MINIMUM_SUPPORTED", -2},
    {"PROTO_MAXIMUM_SUPPORTED", -1},
    {"PROTO_SSLv3", SSL3_VERSION},
    {"PROTO_TLSv1", TLS1_VERSION},
    {"PROTO_TLSv1_1", TLS1_1_VERSION},
    {"PROTO_TLSv1_2", TLS1_2_VERSION},
    {"PROTO_TLSv1_3", TLS1_3_VERSION},
};
constexpr const char* kHas[] = {"HAS_SNI",     "HAS_TLS_UNIQUE", "HAS_ECDH",    "HAS_ALPN", "HAS_TLSv1",
                                "HAS_TLSv1_1", "HAS_TLSv1_2",    "HAS_TLSv1_3", "HAS_PSK",  "HAS_PHA"};
constexpr const char* kHasNot[] = {"HAS_NPN", "HAS_SSLv2", "HAS_SSLv3"};

// (major, minor, fix, patch, status)
Ref version_tuple(Thread& t, unsigned long v) {
    auto part = [v](int shift, unsigned mask) { return Value::from_int((v >> shift) & mask); };
    return tuple_of(t, {part(28, 0xff), part(20, 0xff), part(12, 0xff), part(4, 0xff), part(0, 0xf)});
}

Status exec(Thread& t, Value m) {
    TRY(load_libcrypto(t));
    TRY(make_context_type(t, m));
    TRY(make_connection_type(t, m));
    TRY(make_memory_bio_type(t, m));
    TRY(make_session_type(t, m));
    TRY(make_certificate_type(t, m));
    TRY(add_errors(t, m));
    TRY(module_add_str(t, m, "_DEFAULT_CIPHERS", SSL_DEFAULT_CIPHER_LIST));
    for (auto& c : kConstants) TRY(module_add_int(t, m, c.name, c.value));
    for (auto* name : kHas) TRY(module_add(t, m, name, bool_ref(true)));
    for (auto* name : kHasNot) TRY(module_add(t, m, name, bool_ref(false)));
    unsigned long v = OpenSSL_version_num();
    TRY(module_add(t, m, "OPENSSL_VERSION_NUMBER", int_from_u64(t, v)));
    TRY(module_add(t, m, "OPENSSL_VERSION_INFO", version_tuple(t, v)));
    TRY(module_add_str(t, m, "OPENSSL_VERSION", OpenSSL_version(OPENSSL_VERSION)));
    return module_add(t, m, "_OPENSSL_API_VERSION", version_tuple(t, OPENSSL_VERSION_NUMBER));
}

}  // namespace
}  // namespace krait::ssl

namespace krait {
extern const ModuleSpec module__ssl;
const ModuleSpec module__ssl{.name = "_ssl",
                             .doc = "Connections secured by OpenSSL; the module ssl is its face.",
                             .functions = ssl::functions,
                             .exec = ssl::exec};
}  // namespace krait
