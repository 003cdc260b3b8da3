// HMAC of the module _hashlib.
#include <openssl/err.h>
#include <openssl/hmac.h>

#include <climits>

#include "modules/openssl/hashlib.h"
#include "object/per_interpreter.h"

// HMAC_CTX is what the oracle's module uses too: EVP_MAC has other limits and messages.
#pragma clang diagnostic ignored "-Wdeprecated-declarations"

namespace krait::hashlib {

namespace {

PER_INTERPRETER_REFS PyTypeObject* g_hmac;

struct HmacObject {
    PyObject ob_base;
    HMAC_CTX* context;  // owned
    pthread_mutex_t lock;
};
HmacObject* as_hmac(Value v) { return v.as<HmacObject>(); }
const EVP_MD* md_of(Value v) { return HMAC_CTX_get_md(as_hmac(v)->context); }

Ref hmac_alloc(Thread& t) {
    Ref self = TRY(alloc(t, g_hmac));
    pthread_mutex_init(&as_hmac(self)->lock, nullptr);
    as_hmac(self)->context = HMAC_CTX_new();
    if (!as_hmac(self)->context) return raise_no_memory(t);
    return self;
}
void hmac_dealloc(Thread& t, PyObject* o) {
    HMAC_CTX_free(as_hmac(Value(o))->context);
    pthread_mutex_destroy(&as_hmac(Value(o))->lock);
    free_object(t, o);
}

Status hmac_feed(Thread& t, Value self, Value message) {
    Buffer buffer;
    TRY(hash_input(t, message, buffer));
    HmacObject* h = as_hmac(self);
    ContextLock lock(t, h->lock);
    if (!feed(t, buffer.size(), [&] {
            return HMAC_Update(h->context, reinterpret_cast<const unsigned char*>(buffer.data()),
                               static_cast<size_t>(buffer.size())) == 1;
        }))
        return raise_openssl(t, PyExc_ValueError);
    return Status::ok();
}
Ref update(Thread& t, Value self, const Value* a) {
    TRY(hmac_feed(t, self, a[0]));
    return none_ref();
}
Ref copy(Thread& t, Value self) {
    Ref other = TRY(hmac_alloc(t));
    ContextLock lock(t, as_hmac(self)->lock);
    if (!HMAC_CTX_copy(as_hmac(other)->context, as_hmac(self)->context))
        return raise_openssl(t, PyExc_ValueError);
    return other;
}
Result<unsigned> finish(Thread& t, Value self, unsigned char* out) {
    Ref other = TRY(copy(t, self));
    unsigned n = EVP_MAX_MD_SIZE;
    if (!HMAC_Final(as_hmac(other)->context, out, &n)) return raise_openssl(t, PyExc_ValueError);
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

Ref get_digest_size(Thread&, Value self, void*) { return Ref::from_int(digest_size(md_of(self))); }
Ref get_block_size(Thread&, Value self, void*) { return Ref::from_int(EVP_MD_get_block_size(md_of(self))); }
Ref get_name(Thread& t, Value self, void*) { return str_format(t, "hmac-%s", digest_name(md_of(self))); }
Ref hmac_repr(Thread& t, Value self) {
    return str_format(t, "<%s HMAC object @ %p>", digest_name(md_of(self)), self.ptr());
}

const NativeDef methods[] = {def<update>("update", "(msg)", "Adds more of the message."),
                             def<digest>("digest", "()", "The HMAC of the message up to here, as bytes."),
                             def<hex_digest>("hexdigest", "()", "The same as hexadecimal digits."),
                             def<copy>("copy", "()", "An HMAC in the same state."),
                             {}};
const GetSetDef attributes[] = {getset("digest_size", get_digest_size, nullptr, nullptr),
                                getset("block_size", get_block_size, nullptr, nullptr),
                                getset("name", get_name, nullptr, nullptr),
                                {}};
const TypeDecl decl{.name = "_hashlib.HMAC",
                    .basicsize = sizeof(HmacObject),
                    .flags = kTpDisallowInstantiation | kTpImmutableType,
                    .slots = {.dealloc = hmac_dealloc, .repr = hmac_repr},
                    .spec = {.methods = methods,
                             .getset = attributes,
                             .doc = "An HMAC under way: update() feeds it, digest() and hexdigest() tell "
                                    "the result."}};

}  // namespace

Status add_hmac_type(Thread& t, Value module) {
    if (!g_hmac) g_hmac = TRY(new_native_heap_type(t, module, decl, {})).release().as<PyTypeObject>();
    return module_add(t, module, "HMAC", Ref::share(Value(g_hmac)));
}

Ref hmac_new(Thread& t, Value, const Value* a) {
    Buffer key;
    TRY(key.acquire(t, a[0]));
    if (key.size() > INT_MAX) return raise(t, PyExc_OverflowError, "key is too long.");
    if (!a[2]) return raise(t, PyExc_TypeError, "Missing required parameter 'digestmod'.");
    Digest digest;
    TRY(find_digestmod(t, a[2], digest));
    Ref self = TRY(hmac_alloc(t));
    if (!HMAC_Init_ex(as_hmac(self)->context, key.data(), static_cast<int>(key.size()), digest.md, nullptr))
        return raise_openssl(t, PyExc_ValueError);
    if (a[1] && !is_none(a[1])) TRY(hmac_feed(t, self, a[1]));
    return self;
}

Ref hmac_digest(Thread& t, Value, const Value* a) {
    Buffer key, message;
    TRY(key.acquire(t, a[0]));
    TRY(message.acquire(t, a[1]));
    if (key.size() > INT_MAX) return raise(t, PyExc_OverflowError, "key is too long.");
    if (message.size() > INT_MAX) return raise(t, PyExc_OverflowError, "msg is too long.");
    Digest digest;
    TRY(find_digestmod(t, a[2], digest));
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    // Algorithms of any length have no HMAC; libcrypto would add a reason that newer ones do not give.
    bool ok = digest_size(digest.md) && feed(t, message.size(), [&] {
                  return HMAC(digest.md, key.data(), static_cast<int>(key.size()),
                              reinterpret_cast<const unsigned char*>(message.data()),
                              static_cast<size_t>(message.size()), out, &n) != nullptr;
              });
    if (!ok) return raise_openssl(t, PyExc_ValueError);
    return bytes_from(t, out, n);
}

}  // namespace krait::hashlib
