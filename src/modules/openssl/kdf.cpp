// Keys from passwords, for the module _hashlib.
#include <climits>

#include "modules/openssl/hashlib.h"

namespace krait::hashlib {

Ref pbkdf2_hmac(Thread& t, Value, const Value* a) {
    TRY(check_name(t, "pbkdf2_hmac", a[0]));
    Buffer password, salt;
    TRY(password.acquire(t, a[1]));
    TRY(salt.acquire(t, a[2]));
    int64_t iterations = TRY(as_int64(t, a[3]));
    Digest digest;
    TRY(find_digest(t, a[0], Use::Security, digest));
    if (password.size() > INT_MAX) return raise(t, PyExc_OverflowError, "password is too long.");
    if (salt.size() > INT_MAX) return raise(t, PyExc_OverflowError, "salt is too long.");
    if (iterations < 1) return raise(t, PyExc_ValueError, "iteration value must be greater than 0.");
    if (iterations > INT_MAX) return raise(t, PyExc_OverflowError, "iteration value is too great.");
    int64_t length = digest_size(digest.md);
    if (a[4] && !is_none(a[4])) length = TRY(as_int64(t, a[4]));
    if (length < 1) return raise(t, PyExc_ValueError, "key length must be greater than 0.");
    if (length > INT_MAX) return raise(t, PyExc_OverflowError, "key length is too great.");
    Ref key = TRY(bytes_new(t, length));
    bool ok;
    {
        AllowThreads allow(t);
        ok = PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                               reinterpret_cast<const unsigned char*>(salt.data()),
                               static_cast<int>(salt.size()), static_cast<int>(iterations), digest.md,
                               static_cast<int>(length), reinterpret_cast<unsigned char*>(bytes_data(key)));
    }
    if (!ok) return raise_openssl(t, PyExc_ValueError);
    return key;
}

namespace {
Result<uint64_t> unsigned_long(Thread& t, Value v) {
    Ref n = TRY(index(t, v));
    if (int_sign(n) < 0) return raise(t, PyExc_ValueError, "Cannot convert negative int");
    uint64_t out;
    if (!int_to_u64(n, &out))
        return raise(t, PyExc_OverflowError, "Python int too large for C unsigned long");
    return out;
}
}  // namespace

Ref scrypt(Thread& t, Value, const Value* a) {
    Buffer password, salt;
    TRY(password.acquire(t, a[0]));
    TRY(salt.acquire(t, a[1]));
    uint64_t n = TRY(unsigned_long(t, a[2])), r = TRY(unsigned_long(t, a[3])),
             p = TRY(unsigned_long(t, a[4]));
    int64_t memory = a[5] ? TRY(as_int64(t, a[5])) : 0, length = a[6] ? TRY(as_int64(t, a[6])) : 64;
    if (password.size() > INT_MAX) return raise(t, PyExc_OverflowError, "password is too long.");
    if (salt.size() > INT_MAX) return raise(t, PyExc_OverflowError, "salt is too long.");
    if (n < 2 || n & (n - 1)) return raise(t, PyExc_ValueError, "n must be a power of 2.");
    if (memory < 0 || memory > INT_MAX)
        return raise(t, PyExc_ValueError, "maxmem must be positive and smaller than %d", INT_MAX);
    if (length < 1 || length > INT_MAX)
        return raise(t, PyExc_ValueError, "dklen must be greater than 0 and smaller than %d", INT_MAX);
    auto limit = static_cast<uint64_t>(memory);
    if (!EVP_PBE_scrypt(nullptr, 0, nullptr, 0, n, r, p, limit, nullptr, 0))
        return raise_openssl(t, PyExc_ValueError, "Invalid parameter combination for n, r, p, maxmem.");
    Ref key = TRY(bytes_new(t, length));
    bool ok;
    {
        AllowThreads allow(t);
        ok = EVP_PBE_scrypt(password.data(), static_cast<size_t>(password.size()),
                            reinterpret_cast<const unsigned char*>(salt.data()),
                            static_cast<size_t>(salt.size()), n, r, p, limit,
                            reinterpret_cast<unsigned char*>(bytes_data(key)), static_cast<size_t>(length));
    }
    if (!ok) return raise_openssl(t, PyExc_ValueError);
    return key;
}

}  // namespace krait::hashlib
