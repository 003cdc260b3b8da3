// The module _hashlib: the hash algorithms of OpenSSL.
#include "modules/openssl/hashlib.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/objects.h>

#include <cstring>
#include <iterator>

#include "builtins/set.h"
#include "modules/openssl/lazy_library.h"
#include "object/per_interpreter.h"

namespace krait::hashlib {

PER_INTERPRETER_REFS PyTypeObject* unsupported_error;

namespace {

PER_INTERPRETER_REFS PyTypeObject *g_hash, *g_xof;
PER_INTERPRETER_REFS Value
    g_constructors;  // mapping of the openssl_* functions to the names of what they make

struct Name {
    const char *python, *openssl;
    int nid;
};
constexpr Name kNames[] = {
    {"md5", "MD5", NID_md5},
    {"sha1", "SHA1", NID_sha1},
    {"sha224", "SHA224", NID_sha224},
    {"sha256", "SHA256", NID_sha256},
    {"sha384", "SHA384", NID_sha384},
    {"sha512", "SHA512", NID_sha512},
    {"sha512_224", "SHA512-224", NID_sha512_224},
    {"sha512_256", "SHA512-256", NID_sha512_256},
    {"sha3_224", "SHA3-224", NID_sha3_224},
    {"sha3_256", "SHA3-256", NID_sha3_256},
    {"sha3_384", "SHA3-384", NID_sha3_384},
    {"sha3_512", "SHA3-512", NID_sha3_512},
    {"shake_128", "SHAKE128", NID_shake128},
    {"shake_256", "SHAKE256", NID_shake256},
    {"blake2s", "BLAKE2s256", NID_blake2s256},
    {"blake2b", "BLAKE2b512", NID_blake2b512},
};

// Fetching is a search under a lock: what was found stays, of all interpreters, who share one lock.
EVP_MD* g_fetched[std::size(kNames)][2];

bool is_xof(const EVP_MD* md) { return EVP_MD_get_flags(md) & EVP_MD_FLAG_XOF; }

}  // namespace

Raised raise_openssl(Thread& t, PyTypeObject* type, const char* fallback) {
    unsigned long code = ERR_peek_last_error();
    if (!code) return raise(t, type, "%s", fallback ? fallback : "no reason supplied");
    ERR_clear_error();
    const char* library = ERR_lib_error_string(code);
    const char* reason = ERR_reason_error_string(code);
    if (!reason) reason = "no reason supplied";
    if (library) return raise(t, type, "[%s] %s", library, reason);
    return raise(t, type, "%s", reason);
}

const char* digest_name(const EVP_MD* md) {
    int nid = EVP_MD_get_type(md);
    for (const Name& n : kNames)
        if (n.nid == nid) return n.python;
    const char* name = OBJ_nid2ln(nid);
    return name ? name : OBJ_nid2sn(nid);
}
int digest_size(const EVP_MD* md) { return is_xof(md) ? 0 : EVP_MD_get_size(md); }

Status check_name(Thread& t, const char* function, Value v) {
    if (!is_str(v))
        return raise(t, PyExc_TypeError, "%s() argument '%s' must be str, not %K", function,
                     strcmp(function, "new") ? "hash_name" : "name", v);
    std::string_view text = TRY(str_utf8(t, v));
    if (text.find('\0') != std::string_view::npos)
        return raise(t, PyExc_ValueError, "embedded null character");
    return Status::ok();
}

Status find_digest(Thread& t, Value name, Use use, Digest& out) {
    const char* text = TRY(str_utf8(t, name)).data();
    const char* asked = text;
    EVP_MD** known = nullptr;
    for (const Name& n : kNames) {
        if (strcmp(text, n.python) != 0) continue;
        asked = n.openssl;
        known = &g_fetched[&n - kNames][use == Use::Other];
    }
    if (known && *known) {
        out.md = *known;
        EVP_MD_up_ref(out.md);
        return Status::ok();
    }
    out.md = EVP_MD_fetch(nullptr, asked, use == Use::Other ? "-fips" : nullptr);
    if (out.md && known) {
        *known = out.md;
        EVP_MD_up_ref(out.md);
    }
    if (out.md) return Status::ok();
    if (!ERR_peek_last_error()) return raise(t, unsupported_error, "unsupported hash type %s", text);
    return raise_openssl(t, unsupported_error);
}

Status find_digestmod(Thread& t, Value digestmod, Digest& out) {
    if (is_str(digestmod)) return find_digest(t, digestmod, Use::Hmac, out);
    Ref name = TRY(dict_get(t, g_constructors, digestmod));
    if (!name) return raise(t, unsupported_error, "Unsupported digestmod %R", digestmod);
    return find_digest(t, name, Use::Hmac, out);
}

namespace {

struct HashObject {
    PyObject ob_base;
    EVP_MD_CTX* context;  // owned
    pthread_mutex_t lock;
};
HashObject* as_hash(Value v) { return v.as<HashObject>(); }
const EVP_MD* md_of(Value v) { return EVP_MD_CTX_get0_md(as_hash(v)->context); }

Ref hash_alloc(Thread& t, PyTypeObject* type) {
    Ref self = TRY(alloc(t, type));
    pthread_mutex_init(&as_hash(self)->lock, nullptr);
    as_hash(self)->context = EVP_MD_CTX_new();
    if (!as_hash(self)->context) return raise_no_memory(t);
    return self;
}
void hash_dealloc(Thread& t, PyObject* o) {
    EVP_MD_CTX_free(as_hash(Value(o))->context);
    pthread_mutex_destroy(&as_hash(Value(o))->lock);
    free_object(t, o);
}

Ref hash_make(Thread& t, Value name, Value data, Value string, Value for_security) {
    bool security = for_security ? TRY(is_true(t, for_security)) : true;
    data = TRY(hash_data_argument(t, data, string));
    Buffer buffer;
    if (data) TRY(hash_input(t, data, buffer));
    Digest digest;
    TRY(find_digest(t, name, security ? Use::Security : Use::Other, digest));
    Ref self = TRY(hash_alloc(t, is_xof(digest.md) ? g_xof : g_hash));
    EVP_MD_CTX* context = as_hash(self)->context;
    if (!EVP_DigestInit_ex(context, digest.md, nullptr)) return raise_openssl(t, PyExc_ValueError);
    if (data && buffer.size() && !feed(t, buffer.size(), [&] {
            return EVP_DigestUpdate(context, buffer.data(), static_cast<size_t>(buffer.size())) == 1;
        }))
        return raise_openssl(t, PyExc_ValueError);
    return self;
}

Ref new_(Thread& t, Value, const Value* a) {
    TRY(check_name(t, "new", a[0]));
    return hash_make(t, a[0], a[1], a[3], a[2]);
}
template <const Name& N>
Ref constructor(Thread& t, Value, const Value* a) {
    Ref name = TRY(str_intern(t, N.python));
    return hash_make(t, name, a[0], a[2], a[1]);
}

Ref update(Thread& t, Value self, Value data) {
    Buffer buffer;
    TRY(hash_input(t, data, buffer));
    HashObject* h = as_hash(self);
    ContextLock lock(t, h->lock);
    if (buffer.size() && !feed(t, buffer.size(), [&] {
            return EVP_DigestUpdate(h->context, buffer.data(), static_cast<size_t>(buffer.size())) == 1;
        }))
        return raise_openssl(t, PyExc_ValueError);
    return none_ref();
}
Ref copy(Thread& t, Value self) {
    HashObject* h = as_hash(self);
    Ref other = TRY(hash_alloc(t, type_of(self)));
    ContextLock lock(t, h->lock);
    if (!EVP_MD_CTX_copy_ex(as_hash(other)->context, h->context)) return raise_openssl(t, PyExc_ValueError);
    return other;
}

// The digest of what was hashed up to now; the object goes on.
Result<unsigned> finish(Thread& t, Value self, unsigned char* out) {
    HashObject* h = as_hash(self);
    unsigned n = 0;
    EVP_MD_CTX* other = EVP_MD_CTX_new();
    if (!other) return raise_no_memory(t);
    bool good;
    {
        ContextLock lock(t, h->lock);
        good = EVP_MD_CTX_copy_ex(other, h->context) && EVP_DigestFinal_ex(other, out, &n);
    }
    EVP_MD_CTX_free(other);
    if (!good) return raise_openssl(t, PyExc_ValueError);
    return n;
}
Ref digest(Thread& t, Value self) {
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned n = TRY(finish(t, self, out));
    return bytes_from(t, out, n);
}
Ref hex_digest(Thread& t, Value self) {
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned n = TRY(finish(t, self, out));
    return hash_hex(t, out, n);
}

Ref xof_bytes(Thread& t, Value self, int64_t n) {
    Ref bytes = TRY(bytes_new(t, n)), other = TRY(copy(t, self));
    if (n && !feed(t, n, [&] {
            return EVP_DigestFinalXOF(as_hash(other)->context,
                                      reinterpret_cast<unsigned char*>(bytes_data(bytes)),
                                      static_cast<size_t>(n)) == 1;
        }))
        return raise_openssl(t, PyExc_ValueError);
    return bytes;
}
Result<int64_t> xof_length(Thread& t, Value v) {
    Ref n = TRY(index(t, v));
    int64_t length;
    if (!int_to_i64(n, &length))
        return raise(t, PyExc_OverflowError, "Python int too large to convert to C ssize_t");
    return length;
}
Ref xof_digest(Thread& t, Value self, const Value* a) {
    int64_t n = TRY(xof_length(t, a[0]));
    if (n < 0) return raise(t, PyExc_SystemError, "Negative size passed to PyBytes_FromStringAndSize");
    return xof_bytes(t, self, n);
}
Ref xof_hex_digest(Thread& t, Value self, const Value* a) {
    int64_t n = TRY(xof_length(t, a[0]));
    if (n < 0) return raise_no_memory(t);
    Ref bytes = TRY(xof_bytes(t, self, n));
    return hash_hex(t, reinterpret_cast<unsigned char*>(bytes_data(bytes)), static_cast<size_t>(n));
}

Ref get_name(Thread& t, Value self, void*) { return str_from(t, digest_name(md_of(self))); }
Ref get_digest_size(Thread&, Value self, void*) { return Ref::from_int(EVP_MD_get_size(md_of(self))); }
Ref get_xof_size(Thread&, Value, void*) { return Ref::from_int(0); }
Ref get_block_size(Thread&, Value self, void*) { return Ref::from_int(EVP_MD_get_block_size(md_of(self))); }
Ref hash_repr(Thread& t, Value self) {
    return str_format(t, "<%s %#T object @ %p>", digest_name(md_of(self)), self, self.ptr());
}

// libcrypto hands out every name of every algorithm.
void add_method_name(EVP_MD* md, void* list) {
    auto* names = static_cast<const char**>(list);
    if (EVP_MD_get_type(md) == NID_undef) return;
    const char* name = digest_name(md);
    if (!name) return;
    for (; *names; names++)
        if (!strcmp(*names, name)) return;
    *names = name;
}
Ref method_names(Thread& t) {
    constexpr size_t kMost = 255;
    const char* names[kMost + 1] = {};
    EVP_MD_do_all_provided(
        nullptr,
        [](EVP_MD* md, void* list) {
            if (!static_cast<const char**>(list)[kMost - 1]) add_method_name(md, list);
        },
        names);
    ERR_clear_error();
    Ref out = TRY(set_new(t));
    for (const char** n = names; *n; n++) {
        Ref name = TRY(str_from(t, *n));
        TRY(set_add(t, out, name));
    }
    return frozenset_new(t, out);
}

Ref get_fips_mode(Thread&, Value) { return Ref::from_int(EVP_default_properties_is_fips_enabled(nullptr)); }

const NativeDef hash_methods[] = {def<update>("update", "(obj, /)", "Hashes more bytes."),
                                  def<digest>("digest", "()", "The digest of what was hashed, as bytes."),
                                  def<hex_digest>("hexdigest", "()", "The digest as hexadecimal digits."),
                                  def<copy>("copy", "()", "A hash object in the same state."),
                                  {}};
const GetSetDef hash_attributes[] = {getset("digest_size", get_digest_size, nullptr, nullptr),
                                     getset("block_size", get_block_size, nullptr, nullptr),
                                     getset("name", get_name, nullptr, nullptr),
                                     {}};
const NativeDef xof_methods[] = {
    def<xof_digest>("digest", "(length)", "So many bytes of the digest."),
    def<xof_hex_digest>("hexdigest", "(length)", "So many bytes of the digest as hexadecimal digits."),
    {}};
const GetSetDef xof_attributes[] = {getset("digest_size", get_xof_size, nullptr, nullptr), {}};

constexpr uint64_t kHashFlags = kTpBaseType | kTpDisallowInstantiation | kTpImmutableType;
const TypeDecl hash_decl{.name = "_hashlib.HASH",
                         .basicsize = sizeof(HashObject),
                         .flags = kHashFlags,
                         .slots = {.dealloc = hash_dealloc, .repr = hash_repr},
                         .spec = {.methods = hash_methods,
                                  .getset = hash_attributes,
                                  .doc = "A hash under way: update() feeds it, digest() and "
                                         "hexdigest() tell the result.",
                                  .text_signature = "(name, string=b'')"}};
const TypeDecl xof_decl{.name = "_hashlib.HASHXOF",
                        .basicsize = sizeof(HashObject),
                        .flags = kHashFlags,
                        .slots = {.dealloc = hash_dealloc},
                        .spec = {.methods = xof_methods,
                                 .getset = xof_attributes,
                                 .doc = "A hash under way whose digest has the length that is asked for.",
                                 .text_signature = "(name, string=b'')"}};

constexpr const char* kData = "(data=b'', *, usedforsecurity=True, string=None)";
#define CONSTRUCTOR(i, name) def<constructor<kNames[i]>>("openssl_" name, kData, "A new hash: " name ".")
const NativeDef functions[] = {
    def<new_>("new", "(name, data=b'', *, usedforsecurity=True, string=None)",
              "A new hash of the algorithm with this name."),
    CONSTRUCTOR(0, "md5"),
    CONSTRUCTOR(1, "sha1"),
    CONSTRUCTOR(2, "sha224"),
    CONSTRUCTOR(3, "sha256"),
    CONSTRUCTOR(4, "sha384"),
    CONSTRUCTOR(5, "sha512"),
    CONSTRUCTOR(8, "sha3_224"),
    CONSTRUCTOR(9, "sha3_256"),
    CONSTRUCTOR(10, "sha3_384"),
    CONSTRUCTOR(11, "sha3_512"),
    CONSTRUCTOR(12, "shake_128"),
    CONSTRUCTOR(13, "shake_256"),
    def<pbkdf2_hmac>("pbkdf2_hmac", "(hash_name, password, salt, iterations, dklen=None)",
                     "A key from a password, after PKCS #5 2.0 with HMAC."),
    def<scrypt>("scrypt", "(password, *, salt, n, r, p, maxmem=0, dklen=64)",
                "A key from a password, by scrypt."),
    def<get_fips_mode>("get_fips_mode", "()", "Whether OpenSSL keeps to what FIPS approves; 0: no."),
    def<compare_digest>("compare_digest", "(a, b, /)",
                        "a == b in a time that does not tell where they differ."),
    def<hmac_digest>("hmac_digest", "(key, msg, digest)", "The HMAC of a message, in one step."),
    def<hmac_new>("hmac_new", "(key, msg=b'', digestmod=None)", "A new HMAC."),
    {}};
#undef CONSTRUCTOR

// The functions of the module that make hashes, with the names of their algorithms.
Ref constructors(Thread& t, Value module) {
    Ref map = TRY(dict_new(t));
    Value dict = module_dict(module);
    for (const Name& n : kNames) {
        Ref name = TRY(str_intern(t, n.python)), full = TRY(str_format(t, "openssl_%s", n.python));
        if (Value function = dict_get_str(dict, full)) TRY(dict_set(t, map, function, name));
    }
    return map;
}

Status make_types(Thread& t, Value module) {
    Ref ns = TRY(dict_new(t)), name = TRY(str_from(t, "UnsupportedDigestmodError")),
        owner = TRY(str_from(t, "_hashlib"));
    TRY(dict_set_str(t, ns, "__module__", owner));
    Ref bases = TRY(tuple_of(t, {Value(PyExc_ValueError)}));
    unsupported_error = TRY(new_class(t, name, bases, ns)).release().as<PyTypeObject>();
    g_hash = TRY(new_native_heap_type(t, module, hash_decl, {})).release().as<PyTypeObject>();
    bases = TRY(tuple_of(t, {Value(g_hash)}));
    g_xof = TRY(new_native_heap_type(t, module, xof_decl, bases)).release().as<PyTypeObject>();
    return Status::ok();
}

Status exec(Thread& t, Value module) {
    TRY(load_libcrypto(t));
    if (!g_hash) TRY(make_types(t, module));
    TRY(module_add(t, module, "HASH", Ref::share(Value(g_hash))));
    TRY(module_add(t, module, "HASHXOF", Ref::share(Value(g_xof))));
    TRY(add_hmac_type(t, module));
    TRY(module_add(t, module, "openssl_md_meth_names", method_names(t)));
    Ref map = TRY(constructors(t, module));
    xdecref(g_constructors);
    g_constructors = map.share().release();
    TRY(module_add(t, module, "_constructors", dict_proxy_new(t, map)));
    TRY(module_add(t, module, "UnsupportedDigestmodError", Ref::share(Value(unsupported_error))));
    return module_add_int(t, module, "_GIL_MINSIZE", kReleaseSize);
}

}  // namespace
}  // namespace krait::hashlib

namespace krait {
extern const ModuleSpec module__hashlib;
const ModuleSpec module__hashlib{.name = "_hashlib",
                                 .doc = "Hashes of OpenSSL, for hashlib and hmac.",
                                 .functions = hashlib::functions,
                                 .exec = hashlib::exec};
}  // namespace krait
