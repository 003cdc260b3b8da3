// The module _hashlib: what its files share.
#pragma once

#include <openssl/evp.h>
#include <pthread.h>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "modules/hash/hash.h"

namespace krait::hashlib {

// Input of this size and more is hashed without the GIL.
constexpr int64_t kReleaseSize = 2048;

// One thread at a time feeds a context; who waits for it lets the others run.
class ContextLock {
  public:
    ContextLock(Thread& t, pthread_mutex_t& m) : m_(m) {
        if (pthread_mutex_trylock(&m_) == 0) return;
        AllowThreads allow(t);
        pthread_mutex_lock(&m_);
    }
    ~ContextLock() { pthread_mutex_unlock(&m_); }
    ContextLock(const ContextLock&) = delete;

  private:
    pthread_mutex_t& m_;
};

// Runs f(), without the GIL if there is much to do.
template <class F>
bool feed(Thread& t, int64_t size, F f) {
    if (size < kReleaseSize) return f();
    AllowThreads allow(t);
    return f();
}

// What libcrypto complained of last, "[library] reason", and its queue emptied; without a complaint
// `fallback` (null: "no reason supplied").
Raised raise_openssl(Thread& t, PyTypeObject* type, const char* fallback = nullptr);

enum class Use { Security, Other, Hmac };
struct Digest {  // owned
    EVP_MD* md = nullptr;
    Digest() = default;
    Digest(const Digest&) = delete;
    ~Digest() { EVP_MD_free(md); }
};
// An algorithm by its name, Python's or OpenSSL's; UnsupportedDigestmodError when there is none.
Status find_digest(Thread& t, Value name, Use use, Digest& out);
// The same from what hmac takes: a name or one of the constructors of this module.
Status find_digestmod(Thread& t, Value digestmod, Digest& out);
const char* digest_name(const EVP_MD* md);  // Python's name
int digest_size(const EVP_MD* md);          // 0 where any length may be asked for
// The name of an argument that has to be a str without NULs.
Status check_name(Thread& t, const char* function, Value v);

extern PyTypeObject* unsupported_error;
Status add_hmac_type(Thread& t, Value module);
Ref hmac_new(Thread&, Value, const Value*), hmac_digest(Thread&, Value, const Value*);
Ref pbkdf2_hmac(Thread&, Value, const Value*), scrypt(Thread&, Value, const Value*);

}  // namespace krait::hashlib
