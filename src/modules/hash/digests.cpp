// The modules _md5, _sha1, _sha2 and _sha3, on libcrypto.
#include <openssl/evp.h>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "gc/gc.h"
#include "modules/hash/hash.h"
#include "modules/openssl/lazy_library.h"

namespace krait {

Status hash_input(Thread& t, Value v, Buffer& out) {
    if (is_str(v)) return raise(t, PyExc_TypeError, "Strings must be encoded before hashing");
    if (!has_buffer(v)) return raise(t, PyExc_TypeError, "object supporting the buffer API required");
    TRY(out.acquire(t, v));
    if (out.view().ndim > 1) return raise(t, PyExc_BufferError, "Buffer must be single dimension");
    return Status::ok();
}

Result<Value> hash_data_argument(Thread& t, Value data, Value string) {
    if (data && string)
        return raise(t, PyExc_TypeError,
                     "'data' and 'string' are mutually exclusive and support for 'string' keyword parameter "
                     "is slated for removal in a future version.");
    return data ? data : string;
}

Ref hash_hex(Thread& t, const unsigned char* digest, size_t n) {
    Ref text = TRY(str_new(t, static_cast<int64_t>(2 * n), 0x7f));
    auto* out = static_cast<char*>(str_data(text));
    for (size_t i = 0; i < n; i++) {
        *out++ = "0123456789abcdef"[digest[i] >> 4];
        *out++ = "0123456789abcdef"[digest[i] & 15];
    }
    return text;
}

namespace {

struct Algorithm {
    const char* name;
    const EVP_MD* (*md)();
    Type type = {};
    int rate = 0;  // bits; SHA-3 only
    bool xof = false;
};
Algorithm md5{"md5", EVP_md5}, sha1{"sha1", EVP_sha1}, sha224{"sha224", EVP_sha224},
    sha256{"sha256", EVP_sha256}, sha384{"sha384", EVP_sha384}, sha512{"sha512", EVP_sha512},
    sha3_224{"sha3_224", EVP_sha3_224, {}, 1152}, sha3_256{"sha3_256", EVP_sha3_256, {}, 1088},
    sha3_384{"sha3_384", EVP_sha3_384, {}, 832}, sha3_512{"sha3_512", EVP_sha3_512, {}, 576},
    shake_128{"shake_128", EVP_shake128, {}, 1344, true},
    shake_256{"shake_256", EVP_shake256, {}, 1088, true};

struct HashObject {
    PyObject ob_base;
    Algorithm* algorithm;
    EVP_MD_CTX* context;  // owned
};
HashObject* as_hash(Value v) { return v.as<HashObject>(); }

Ref libcrypto_failure(Thread& t, Algorithm& a) {
    return raise(t, PyExc_ValueError, "[digital envelope routines] %s failed", a.name);
}

Ref hash_alloc(Thread& t, Algorithm& a) {
    Ref self = TRY(alloc(t, &a.type));
    HashObject* h = as_hash(self);
    h->algorithm = &a;
    h->context = EVP_MD_CTX_new();
    if (!h->context) return raise_no_memory(t);
    return self;
}
void hash_dealloc(Thread& t, PyObject* o) {
    EVP_MD_CTX_free(Value(o).as<HashObject>()->context);
    free_object(t, o);
}

Ref hash_make(Thread& t, Algorithm& a, Value data, Value string) {
    data = TRY(hash_data_argument(t, data, string));
    Buffer buffer;
    if (data) TRY(hash_input(t, data, buffer));
    Ref self = TRY(hash_alloc(t, a));
    EVP_MD_CTX* context = as_hash(self)->context;
    if (!EVP_DigestInit_ex(context, a.md(), nullptr) ||
        (data && !EVP_DigestUpdate(context, buffer.data(), static_cast<size_t>(buffer.size()))))
        return libcrypto_failure(t, a);
    return self;
}
template <Algorithm& A>
Ref constructor(Thread& t, Value, const Value* a) {
    if (a[1]) TRY(is_true(t, a[1]));
    return hash_make(t, A, a[0], a[2]);
}
template <Algorithm& A>
Ref type_new(Thread& t, PyTypeObject*, const Value* args, size_t nargs, Value kwnames) {
    Value a[3];
    Ref keep;
    TRY(bind_args(t, A.name, "(data=b'', *, usedforsecurity=True, string=None)", args, nargs, kwnames, a,
                  keep));
    return constructor<A>(t, Value(), a);
}

Ref update(Thread& t, Value self, Value data) {
    Buffer buffer;
    TRY(hash_input(t, data, buffer));
    HashObject* h = as_hash(self);
    if (!EVP_DigestUpdate(h->context, buffer.data(), static_cast<size_t>(buffer.size())))
        return libcrypto_failure(t, *h->algorithm);
    return none_ref();
}
Ref copy(Thread& t, Value self) {
    HashObject* h = as_hash(self);
    Ref other = TRY(hash_alloc(t, *h->algorithm));
    if (!EVP_MD_CTX_copy_ex(as_hash(other)->context, h->context)) return libcrypto_failure(t, *h->algorithm);
    return other;
}
Ref digest(Thread& t, Value self) {
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    Ref other = TRY(copy(t, self));
    if (!EVP_DigestFinal_ex(as_hash(other)->context, out, &n))
        return libcrypto_failure(t, *as_hash(self)->algorithm);
    return bytes_from(t, out, n);
}
Ref hex_digest(Thread& t, Value self) {
    Ref bytes = TRY(digest(t, self));
    return hash_hex(t, reinterpret_cast<unsigned char*>(bytes_data(bytes)),
                    static_cast<size_t>(bytes_size(bytes)));
}
Ref xof_digest(Thread& t, Value self, const Value* a) {
    Ref length = TRY(index(t, a[0]));
    if (int_sign(length) < 0) return raise(t, PyExc_ValueError, "Cannot convert negative int");
    uint64_t n;
    if (!int_to_u64(length, &n)) return raise(t, PyExc_OverflowError, "Python int too large for C uint32_t");
    if (n >= 1 << 29) return raise(t, PyExc_ValueError, "length is too large");
    Ref bytes = TRY(bytes_new(t, static_cast<int64_t>(n))), other = TRY(copy(t, self));
    if (n &&
        !EVP_DigestFinalXOF(as_hash(other)->context, reinterpret_cast<unsigned char*>(bytes_data(bytes)), n))
        return libcrypto_failure(t, *as_hash(self)->algorithm);
    return bytes;
}
Ref xof_hex_digest(Thread& t, Value self, const Value* a) {
    Ref bytes = TRY(xof_digest(t, self, a));
    return hash_hex(t, reinterpret_cast<unsigned char*>(bytes_data(bytes)),
                    static_cast<size_t>(bytes_size(bytes)));
}

Ref get_name(Thread& t, Value self, void*) { return str_from(t, as_hash(self)->algorithm->name); }
Ref get_digest_size(Thread&, Value self, void*) {
    Algorithm* a = as_hash(self)->algorithm;
    return Ref::from_int(a->xof ? 0 : EVP_MD_get_size(a->md()));
}
Ref get_block_size(Thread&, Value self, void*) {
    return Ref::from_int(EVP_MD_get_block_size(as_hash(self)->algorithm->md()));
}
Ref get_rate(Thread&, Value self, void*) { return Ref::from_int(as_hash(self)->algorithm->rate); }
Ref get_capacity(Thread&, Value self, void*) { return Ref::from_int(1600 - as_hash(self)->algorithm->rate); }
Ref get_suffix(Thread& t, Value self, void*) {
    return bytes_from(t, as_hash(self)->algorithm->xof ? "\x1f" : "\x06", 1);
}

const NativeDef methods[] = {def<copy>("copy", "()", "A hash object in the same state.", kMethMethod),
                             def<digest>("digest", "()", "The digest of what was hashed, as bytes."),
                             def<hex_digest>("hexdigest", "()", "The digest as hexadecimal digits."),
                             def<update>("update", "(obj, /)", "Hashes more bytes."),
                             {}};
const NativeDef sha3_methods[] = {def<copy>("copy", "()", "A hash object in the same state.", kMethMethod),
                                  def<digest>("digest", "()", "The digest of what was hashed, as bytes."),
                                  def<hex_digest>("hexdigest", "()", "The digest as hexadecimal digits."),
                                  def<update>("update", "(data, /)", "Hashes more bytes."),
                                  {}};
const NativeDef xof_methods[] = {
    def<copy>("copy", "()", "A hash object in the same state.", kMethMethod),
    def<xof_digest>("digest", "(length)", "So many bytes of the digest."),
    def<xof_hex_digest>("hexdigest", "(length)", "So many bytes of the digest as hexadecimal digits."),
    def<update>("update", "(data, /)", "Hashes more bytes."),
    {}};
const GetSetDef attributes[] = {getset("block_size", get_block_size, nullptr, nullptr),
                                getset("name", get_name, nullptr, nullptr),
                                getset("digest_size", get_digest_size, nullptr, nullptr),
                                {}};
const GetSetDef sha3_attributes[] = {getset("block_size", get_block_size, nullptr, nullptr),
                                     getset("name", get_name, nullptr, nullptr),
                                     getset("digest_size", get_digest_size, nullptr, nullptr),
                                     getset("_rate_bits", get_rate, nullptr, nullptr),
                                     getset("_capacity_bits", get_capacity, nullptr, nullptr),
                                     getset("_suffix", get_suffix, nullptr, nullptr),
                                     {}};

constexpr Slots kPlainSlots{.dealloc = hash_dealloc};
constexpr uint64_t kPlainFlags = kTpDisallowInstantiation | kTpImmutableType;
#define PLAIN(full_name)                                                                                \
    {                                                                                                   \
        .name = full_name, .basicsize = sizeof(HashObject), .flags = kPlainFlags, .slots = kPlainSlots, \
        .spec = {                                                                                       \
            .methods = methods,                                                                         \
            .getset = attributes                                                                        \
        }                                                                                               \
    }
const TypeDecl md5_decl PLAIN("_md5.md5");
const TypeDecl sha1_decl PLAIN("_sha1.sha1");
const TypeDecl sha224_decl PLAIN("_sha2.SHA224Type");
const TypeDecl sha256_decl PLAIN("_sha2.SHA256Type");
const TypeDecl sha384_decl PLAIN("_sha2.SHA384Type");
const TypeDecl sha512_decl PLAIN("_sha2.SHA512Type");
#undef PLAIN
#define SHA3(algorithm, table)                                           \
    const TypeDecl algorithm##_decl{                                     \
        .name = "_sha3." #algorithm,                                     \
        .basicsize = sizeof(HashObject),                                 \
        .flags = kTpImmutableType,                                       \
        .slots = {.dealloc = hash_dealloc, .new_ = type_new<algorithm>}, \
        .spec = {.methods = table,                                       \
                 .getset = sha3_attributes,                              \
                 .doc = #algorithm "(data=b'', *, usedforsecurity=True, string=None)\n\nA hash object."}};
SHA3(sha3_224, sha3_methods)
SHA3(sha3_256, sha3_methods)
SHA3(sha3_384, sha3_methods)
SHA3(sha3_512, sha3_methods)
SHA3(shake_128, xof_methods)
SHA3(shake_256, xof_methods)
#undef SHA3

// A type published under another name than its own.
Status add_type(Thread& t, Value module, const char* name, Algorithm& a, const TypeDecl& decl) {
    TRY(add_static_type(t, Value(), a.type, decl));
    return module_add(t, module, name, Ref::share(Value(&a.type)));
}
Status add_gil_size(Thread& t, Value module) { return module_add_int(t, module, "_GIL_MINSIZE", 2048); }

constexpr const char* kSignature = "(data=b'', *, usedforsecurity=True, string=None)";
const NativeDef md5_functions[] = {def<constructor<md5>>("md5", kSignature, "A new MD5 hash."), {}};
const NativeDef sha1_functions[] = {def<constructor<sha1>>("sha1", kSignature, "A new SHA-1 hash."), {}};
const NativeDef sha2_functions[] = {def<constructor<sha256>>("sha256", kSignature, "A new SHA-256 hash."),
                                    def<constructor<sha224>>("sha224", kSignature, "A new SHA-224 hash."),
                                    def<constructor<sha512>>("sha512", kSignature, "A new SHA-512 hash."),
                                    def<constructor<sha384>>("sha384", kSignature, "A new SHA-384 hash."),
                                    {}};

Status md5_exec(Thread& t, Value m) {
    TRY(load_libcrypto(t));
    TRY(add_type(t, m, "MD5Type", md5, md5_decl));
    return add_gil_size(t, m);
}
Status sha1_exec(Thread& t, Value m) {
    TRY(load_libcrypto(t));
    TRY(add_type(t, m, "SHA1Type", sha1, sha1_decl));
    return add_gil_size(t, m);
}
Status sha2_exec(Thread& t, Value m) {
    TRY(load_libcrypto(t));
    TRY(add_type(t, m, "SHA224Type", sha224, sha224_decl));
    TRY(add_type(t, m, "SHA256Type", sha256, sha256_decl));
    TRY(add_type(t, m, "SHA384Type", sha384, sha384_decl));
    TRY(add_type(t, m, "SHA512Type", sha512, sha512_decl));
    return add_gil_size(t, m);
}
Status sha3_exec(Thread& t, Value m) {
    TRY(load_libcrypto(t));
    TRY(add_type(t, m, "sha3_224", sha3_224, sha3_224_decl));
    TRY(add_type(t, m, "sha3_256", sha3_256, sha3_256_decl));
    TRY(add_type(t, m, "sha3_384", sha3_384, sha3_384_decl));
    TRY(add_type(t, m, "sha3_512", sha3_512, sha3_512_decl));
    TRY(add_type(t, m, "shake_128", shake_128, shake_128_decl));
    TRY(add_type(t, m, "shake_256", shake_256, shake_256_decl));
    TRY(module_add_str(t, m, "implementation", "OpenSSL"));
    return add_gil_size(t, m);
}

}  // namespace

extern const ModuleSpec module__md5, module__sha1, module__sha2, module__sha3;
const ModuleSpec module__md5{.name = "_md5", .doc = nullptr, .functions = md5_functions, .exec = md5_exec};
const ModuleSpec module__sha1{
    .name = "_sha1", .doc = nullptr, .functions = sha1_functions, .exec = sha1_exec};
const ModuleSpec module__sha2{
    .name = "_sha2", .doc = nullptr, .functions = sha2_functions, .exec = sha2_exec};
const ModuleSpec module__sha3{.name = "_sha3", .doc = nullptr, .functions = nullptr, .exec = sha3_exec};

}  // namespace krait
