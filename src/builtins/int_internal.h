// Inside of int: GMP numbers, digits, and values as words.
#pragma once

#include <gmp.h>

#include "builtins/number.h"
#include "object/protocol.h"

namespace krait {

constexpr int kDigitBits = 30;
inline PyLongObject* as_long(Value v) { return v.as<PyLongObject>(); }
inline int64_t digit_count(const PyLongObject* v) { return static_cast<int64_t>(v->lv_tag >> 3); }
inline bool is_negative_long(const PyLongObject* v) { return (v->lv_tag & 3) == 2; }

// An int value as one machine word: true for immediates and heap ints that fit.
bool word_of(Value v, int64_t* out);

// A GMP integer for the length of a scope.
class Mpz {
  public:
    Mpz() { mpz_init(z_); }
    explicit Mpz(Value v) {
        mpz_init(z_);
        set(v);
    }
    ~Mpz() { mpz_clear(z_); }
    Mpz(const Mpz&) = delete;
    void set(Value v);
    void set(int64_t v) { mpz_set_si(z_, v); }
    int sign() const { return mpz_sgn(z_); }
    operator mpz_ptr() { return z_; }
    operator mpz_srcptr() const { return z_; }

  private:
    mpz_t z_;
};
Ref int_from_mpz(Thread& t, mpz_srcptr z);

// int(v) rules for a `str`, bytes or bytearray; base 0 or 2 to 36. `shown` is what the error message prints.
Ref int_parse(Thread& t, Value text, int64_t base, Value shown);
Ref int_round(Thread& t, Value self, Value ndigits);  // int.__round__(n)

}  // namespace krait
