// Magnitudes of big integers: 30-bit digits, least significant first, as PyLongObject keeps them.
#pragma once

#include <gmp.h>

#include <cstdint>

#include "builtins/int_internal.h"

namespace krait {

constexpr uint32_t kDigitMask = (1u << kDigitBits) - 1;

// An int value as digits: a heap int's own, or those of an immediate in the view itself.
class DigitView {
  public:
    explicit DigitView(Value v);
    DigitView(const DigitView&) = delete;
    const uint32_t* digits;
    int64_t count;
    bool negative;

  private:
    uint32_t own_[3];
};

// Limbs of `n` digits; returns how many are in use (no zero on top). `limbs` has room for limbs_for(n).
constexpr int64_t limbs_for(int64_t digits) { return (digits * kDigitBits + 63) / 64; }
int64_t digits_to_limbs(const uint32_t* digits, int64_t n, mp_limb_t* limbs);
// All of n limbs as digits (the topmost may be zero), as many as digits_for(n).
constexpr int64_t digits_for(int64_t limbs) { return (limbs * 64 + kDigitBits - 1) / kDigitBits; }
void limbs_to_digits(const mp_limb_t* limbs, int64_t n, uint32_t* digits, int64_t count);

// An int value as a GMP number that is only read. Short ones need no memory of their own.
class MpzView {
  public:
    explicit MpzView(Value v);
    ~MpzView();
    MpzView(const MpzView&) = delete;
    operator mpz_srcptr() const { return z_; }
    int sign() const { return mpz_sgn(z_); }

  private:
    mpz_t z_;
    mp_limb_t* limbs_;
    mp_limb_t own_[16];
};

// Room for limbs for the length of a scope.
class LimbBuffer {
  public:
    explicit LimbBuffer(int64_t n)
        : p_(n <= 32 ? own_ : static_cast<mp_limb_t*>(__builtin_malloc(static_cast<size_t>(n) * 8))) {}
    ~LimbBuffer() {
        if (p_ != own_) __builtin_free(p_);
    }
    LimbBuffer(const LimbBuffer&) = delete;
    explicit operator bool() const { return p_ != nullptr; }
    operator mp_limb_t*() { return p_; }

  private:
    mp_limb_t* p_;
    mp_limb_t own_[32];
};

PyLongObject* long_raw(Thread& t, int64_t digits);  // uninitialised; null: MemoryError is set
// Takes the zeros off the top, and makes an immediate of what is small enough. Owns `o` from here on.
Ref long_normalized(Thread& t, PyLongObject* o, int64_t n, bool negative);

// Arithmetic where at least one operand is no word.
Ref long_add(Thread& t, Value a, Value b, bool subtract);
Ref long_mul(Thread& t, Value a, Value b);
Ref long_lshift(Thread& t, Value a, int64_t n);
Ref long_rshift(Thread& t, Value a, int64_t n);

}  // namespace krait
