// Arithmetic on int values: words first, GMP beyond.
#include <cmath>
#include <cstring>

#include "builtins/int_digits.h"
#include "gc/gc.h"
#include "gc/room.h"

namespace krait {

bool word_of(Value v, int64_t* out) {
    if (v.is_int()) {
        *out = v.as_int();
        return true;
    }
    const PyLongObject* o = as_long(v);
    int64_t n = digit_count(o);
    if (n > 3) return false;
    unsigned __int128 a = 0;
    for (int64_t i = n; i-- > 0;) a = a << kDigitBits | o->ob_digit[i];
    if (is_negative_long(o)) {
        if (a > static_cast<unsigned __int128>(1) << 63) return false;
        *out = static_cast<int64_t>(-a);
        return true;
    }
    if (a >= static_cast<unsigned __int128>(1) << 63) return false;
    *out = static_cast<int64_t>(a);
    return true;
}

void Mpz::set(Value v) {
    int64_t w;
    if (word_of(v, &w)) return mpz_set_si(z_, w);
    const PyLongObject* o = as_long(v);
    int64_t n = digits_to_limbs(o->ob_digit, digit_count(o), mpz_limbs_write(z_, limbs_for(digit_count(o))));
    mpz_limbs_finish(z_, is_negative_long(o) ? -n : n);
}

namespace {

Ref heap_int_from_u128(Thread& t, unsigned __int128 a, bool negative) {
    uint32_t digits[5];
    int n = 0;
    for (; a; a >>= kDigitBits) digits[n++] = static_cast<uint32_t>(a & ((1u << kDigitBits) - 1));
    PyLongObject* o = long_raw(t, n);
    if (!o) return {};
    o->lv_tag = static_cast<uint64_t>(n) << 3 | (n == 0 ? 1 : negative ? 2 : 0);
    if (n == 0) o->ob_digit[0] = 0;
    memcpy(o->ob_digit, digits, 4 * n);
    return Ref::steal(Value(&o->ob_base));
}

Ref from_i128(Thread& t, __int128 v) {
    if (v >= Value::kIntMin && v <= Value::kIntMax) return Ref::from_int(static_cast<int64_t>(v));
    return heap_int_from_u128(t, v < 0 ? -static_cast<unsigned __int128>(v) : v, v < 0);
}

Raised zero_division(Thread& t) { return raise(t, PyExc_ZeroDivisionError, "division by zero"); }

int64_t floor_div(int64_t a, int64_t b) {
    int64_t q = a / b;
    return q - ((a % b != 0) & ((a < 0) != (b < 0)));
}
int64_t floor_mod(int64_t a, int64_t b) {
    int64_t m = a % b;
    return m && ((m < 0) != (b < 0)) ? m + b : m;
}

}  // namespace

Ref int_from(Thread& t, int64_t v) {
    if (Value::int_fits(v)) return Ref::from_int(v);
    return from_i128(t, v);
}
Ref int_from_u64(Thread& t, uint64_t v) { return from_i128(t, v); }
Ref int_from_size(Thread& t, size_t v) { return from_i128(t, v); }

Ref int_from_mpz(Thread& t, mpz_srcptr z) {
    if (mpz_fits_slong_p(z)) return int_from(t, mpz_get_si(z));
    auto n = static_cast<int64_t>((mpz_sizeinbase(z, 2) + kDigitBits - 1) / kDigitBits);
    PyLongObject* o = long_raw(t, n);
    if (!o) return {};
    limbs_to_digits(mpz_limbs_read(z), static_cast<int64_t>(mpz_size(z)), o->ob_digit, n);
    o->lv_tag = static_cast<uint64_t>(n) << 3 | (mpz_sgn(z) < 0 ? 2 : 0);
    return Ref::steal(Value(&o->ob_base));
}

Ref int_box(Thread& t, Value v) {
    if (!v.is_int()) return Ref::share(v);
    int64_t w = v.as_int();
    return heap_int_from_u128(t, w < 0 ? -static_cast<unsigned __int128>(w) : w, w < 0);
}

Ref int_from_double(Thread& t, double d) {
    if (std::isinf(d)) return raise(t, PyExc_OverflowError, "cannot convert float infinity to integer");
    if (std::isnan(d)) return raise(t, PyExc_ValueError, "cannot convert float NaN to integer");
    if (d > -9.2e18 && d < 9.2e18) return int_from(t, static_cast<int64_t>(d));
    Mpz z;
    mpz_set_d(z, d);
    return int_from_mpz(t, z);
}

bool int_to_i64(Value v, int64_t* out) { return word_of(v, out); }

bool int_to_u64(Value v, uint64_t* out) {
    int64_t w;
    if (word_of(v, &w)) {
        *out = static_cast<uint64_t>(w);
        return w >= 0;
    }
    const PyLongObject* o = as_long(v);
    if (is_negative_long(o) || digit_count(o) > 3) return false;
    unsigned __int128 a = 0;
    for (int64_t i = digit_count(o); i-- > 0;) a = a << kDigitBits | o->ob_digit[i];
    *out = static_cast<uint64_t>(a);
    return a >> 64 == 0;
}

uint64_t int_to_u64_wrapping(Value v) {
    if (v.is_int()) return static_cast<uint64_t>(v.as_int());
    const PyLongObject* o = as_long(v);
    uint64_t a = 0;
    for (int64_t i = digit_count(o); i-- > 0;) a = a << kDigitBits | o->ob_digit[i];
    return is_negative_long(o) ? -a : a;
}

int int_sign(Value v) {
    if (v.is_int()) return v.as_int() > 0 ? 1 : v.as_int() < 0 ? -1 : 0;
    uint64_t s = as_long(v)->lv_tag & 3;
    return s == 0 ? 1 : s == 2 ? -1 : 0;
}

int64_t int_bit_length(Value v) {
    int64_t w;
    if (word_of(v, &w)) {
        uint64_t a = w < 0 ? -static_cast<uint64_t>(w) : static_cast<uint64_t>(w);
        return a ? 64 - __builtin_clzll(a) : 0;
    }
    const PyLongObject* o = as_long(v);
    int64_t n = digit_count(o);
    return (n - 1) * kDigitBits + (32 - __builtin_clz(o->ob_digit[n - 1]));
}

// Correctly rounded (ties to even), as CPython converts.
Result<double> int_to_double(Thread& t, Value v) {
    int64_t w;
    if (word_of(v, &w)) return static_cast<double>(w);
    int64_t bits = int_bit_length(v);
    if (bits > 1024) return raise(t, PyExc_OverflowError, "int too large to convert to float");
    Mpz z(v);
    bool negative = z.sign() < 0;
    mpz_abs(z, z);
    // Keep 55 bits, the last of which is sticky, and let the hardware round.
    int64_t shift = bits - 64;
    uint64_t top;
    if (shift > 0) {
        Mpz high;
        mpz_tdiv_q_2exp(high, z, shift);
        top = mpz_get_ui(high);
        if (mpz_scan1(z, 0) < static_cast<mp_bitcnt_t>(shift)) top |= 1;
    } else {
        top = mpz_get_ui(z);
        shift = 0;
    }
    double d = std::ldexp(static_cast<double>((top >> 9) | ((top & 511) != 0)), static_cast<int>(shift) + 9);
    if (std::isinf(d)) return raise(t, PyExc_OverflowError, "int too large to convert to float");
    return negative ? -d : d;
}

int int_compare(Value a, Value b) {
    int64_t x, y;
    bool small_a = word_of(a, &x), small_b = word_of(b, &y);
    if (small_a && small_b) return x < y ? -1 : x > y;
    int sa = int_sign(a), sb = int_sign(b);
    if (sa != sb) return sa < sb ? -1 : 1;
    if (small_a) return -sb;
    if (small_b) return sa;
    const PyLongObject *p = as_long(a), *q = as_long(b);
    int64_t n = digit_count(p), m = digit_count(q);
    if (n != m) return (n < m ? -1 : 1) * sa;
    for (int64_t i = n; i-- > 0;)
        if (p->ob_digit[i] != q->ob_digit[i]) return (p->ob_digit[i] < q->ob_digit[i] ? -1 : 1) * sa;
    return 0;
}
bool int_equal(Value a, Value b) { return a == b || int_compare(a, b) == 0; }

// The value modulo 2**61 - 1, with its sign; -1 becomes -2.
int64_t int_hash(Value v) {
    constexpr uint64_t p = (uint64_t{1} << 61) - 1;
    int64_t w;
    uint64_t h;
    bool negative;
    if (v.is_int() && (w = v.as_int(), w > -static_cast<int64_t>(p) && w < static_cast<int64_t>(p)))
        return w == -1 ? -2 : w;
    if (word_of(v, &w)) {
        negative = w < 0;
        h = (negative ? -static_cast<uint64_t>(w) : static_cast<uint64_t>(w)) % p;
    } else {
        const PyLongObject* o = as_long(v);
        negative = is_negative_long(o);
        h = 0;
        for (int64_t i = digit_count(o); i-- > 0;) {
            h = ((h << kDigitBits) & p) | (h >> (61 - kDigitBits));
            h += o->ob_digit[i];
            if (h >= p) h -= p;
        }
    }
    int64_t r = negative ? -static_cast<int64_t>(h) : static_cast<int64_t>(h);
    return r == -1 ? -2 : r;
}

// Memory for GMP to compute with numbers of so many bits: several times what they take.
static Status room_for_bits(Thread& t, int64_t bits) { return room_for(t, bits); }
static Status room_for_both(Thread& t, Value a, Value b) {
    return room_for_bits(t, int_bit_length(a) + int_bit_length(b));
}

Ref int_add(Thread& t, Value a, Value b) {
    int64_t x, y;
    if (word_of(a, &x) && word_of(b, &y)) return from_i128(t, static_cast<__int128>(x) + y);
    return long_add(t, a, b, false);
}
Ref int_sub(Thread& t, Value a, Value b) {
    int64_t x, y;
    if (word_of(a, &x) && word_of(b, &y)) return from_i128(t, static_cast<__int128>(x) - y);
    return long_add(t, a, b, true);
}
Ref int_mul(Thread& t, Value a, Value b) {
    int64_t x, y;
    if (word_of(a, &x) && word_of(b, &y)) return from_i128(t, static_cast<__int128>(x) * y);
    if (int_bit_length(a) + int_bit_length(b) > int64_t{1} << 40) return raise_no_memory(t);
    TRY(room_for_both(t, a, b));
    return long_mul(t, a, b);
}
// Certainly |a| < |b|: it has fewer digits.
static bool is_shorter(Value a, Value b) { return DigitView(a).count < DigitView(b).count; }

Ref int_floor_div(Thread& t, Value a, Value b) {
    int64_t x, y;
    if (int_sign(b) == 0) return zero_division(t);
    if (word_of(a, &x) && word_of(b, &y)) {
        if (y == -1) return from_i128(t, -static_cast<__int128>(x));
        return int_from(t, floor_div(x, y));
    }
    if (is_shorter(a, b)) return Ref::from_int(int_sign(a) && int_sign(a) != int_sign(b) ? -1 : 0);
    TRY(room_for_both(t, a, b));
    MpzView p(a), q(b);
    if (mpz_cmpabs(p, q) < 0) return Ref::from_int(int_sign(a) && int_sign(a) != int_sign(b) ? -1 : 0);
    Mpz r;
    mpz_fdiv_q(r, p, q);
    return int_from_mpz(t, r);
}
Ref int_mod(Thread& t, Value a, Value b) {
    int64_t x, y;
    if (int_sign(b) == 0) return zero_division(t);
    if (word_of(a, &x) && word_of(b, &y)) return y == -1 ? Ref::from_int(0) : int_from(t, floor_mod(x, y));
    if (is_long_exact(a) && is_shorter(a, b) && int_sign(a) == int_sign(b)) return Ref::share(a);
    TRY(room_for_both(t, a, b));
    MpzView p(a), q(b);
    Mpz r;
    mpz_fdiv_r(r, p, q);
    return int_from_mpz(t, r);
}

namespace {

// p / q correctly rounded: a quotient of 66 significant bits or so with a sticky last one.
Result<double> divide_exactly(Thread& t, Mpz& p, Mpz& q) {
    bool negative = (p.sign() < 0) != (q.sign() < 0);
    mpz_abs(p, p);
    mpz_abs(q, q);
    if (p.sign() == 0) return negative ? -0.0 : 0.0;
    int64_t diff = static_cast<int64_t>(mpz_sizeinbase(p, 2)) - static_cast<int64_t>(mpz_sizeinbase(q, 2));
    if (diff > 1024) return raise(t, PyExc_OverflowError, "integer division result too large for a float");
    if (diff < -1100) return negative ? -0.0 : 0.0;
    // The result has between diff and diff + 1 bits before the point; subnormal results get fewer significant
    // ones.
    int64_t shift = 55 - diff;
    if (diff < -1021 - 1) shift = 1074 + 2;
    if (shift > 1074 + 2) shift = 1074 + 2;
    if (shift > 0)
        mpz_mul_2exp(p, p, shift);
    else
        mpz_mul_2exp(q, q, -shift);
    Mpz quotient, remainder;
    mpz_tdiv_qr(quotient, remainder, p, q);
    uint64_t bits = mpz_get_ui(quotient);
    if (remainder.sign()) bits |= 1;
    double d = std::ldexp(static_cast<double>(bits), static_cast<int>(-shift));
    // Subnormals: ldexp must not round a value that the conversion rounded before.
    if (shift == 1074 + 2 && bits < (uint64_t{1} << 53)) {
        uint64_t kept = bits >> 2, rest = bits & 3;
        if (rest > 2 || (rest == 2 && (kept & 1))) kept++;
        d = std::ldexp(static_cast<double>(kept), -1074);
    }
    if (std::isinf(d)) return raise(t, PyExc_OverflowError, "integer division result too large for a float");
    return negative ? -d : d;
}

}  // namespace

Ref int_true_div(Thread& t, Value a, Value b) {
    if (int_sign(b) == 0) return zero_division(t);
    int64_t x, y;
    constexpr int64_t kExact = int64_t{1} << 53;
    if (word_of(a, &x) && word_of(b, &y) && x >= -kExact && x <= kExact && y >= -kExact && y <= kExact)
        return float_from(t, static_cast<double>(x) / static_cast<double>(y));
    TRY(room_for_both(t, a, b));
    Mpz p(a), q(b);
    double d = TRY(divide_exactly(t, p, q));
    return float_from(t, d);
}

Ref int_neg(Thread& t, Value a) {
    int64_t x;
    if (word_of(a, &x)) return from_i128(t, -static_cast<__int128>(x));
    TRY(room_for_bits(t, int_bit_length(a)));
    Mpz p(a);
    mpz_neg(p, p);
    return int_from_mpz(t, p);
}

namespace {
// Digit by digit, of two numbers that are not negative.
template <class Op>
Ref combine_digits(Thread& t, const DigitView& a, const DigitView& b, Op op) {
    const DigitView& longer = a.count >= b.count ? a : b;
    int64_t common = a.count < b.count ? a.count : b.count;
    int64_t n = op(1u, 0u) ? longer.count : common;
    PyLongObject* r = long_raw(t, n);
    if (!r) return {};
    for (int64_t i = 0; i < common; i++) r->ob_digit[i] = op(a.digits[i], b.digits[i]);
    for (int64_t i = common; i < n; i++) r->ob_digit[i] = longer.digits[i];
    return long_normalized(t, r, n, false);
}
}  // namespace

#define BITWISE(name, op, fn)                                                                \
    Ref name(Thread& t, Value a, Value b) {                                                  \
        int64_t x, y;                                                                        \
        if (word_of(a, &x) && word_of(b, &y)) return int_from(t, x op y);                    \
        DigitView va(a), vb(b);                                                              \
        if (!va.negative && !vb.negative)                                                    \
            return combine_digits(t, va, vb, [](uint32_t c, uint32_t d) { return c op d; }); \
        TRY(room_for_both(t, a, b));                                                         \
        MpzView p(a), q(b);                                                                  \
        Mpz r;                                                                               \
        fn(r, p, q);                                                                         \
        return int_from_mpz(t, r);                                                           \
    }
BITWISE(int_and, &, mpz_and)
BITWISE(int_or, |, mpz_ior)
BITWISE(int_xor, ^, mpz_xor)
#undef BITWISE

Ref int_lshift(Thread& t, Value a, Value b) {
    if (int_sign(b) < 0) return raise(t, PyExc_ValueError, "negative shift count");
    int64_t x, n;
    if (int_sign(a) == 0) return Ref::from_int(0);
    // CPython counts digits of 30 bits, up to this many.
    constexpr int64_t kMostDigits = 307'445'734'561'825'860;
    if (!word_of(b, &n) || n / 30 + (n % 30 != 0) > kMostDigits - (int_bit_length(a) + 29) / 30)
        return raise(t, PyExc_OverflowError, "too many digits in integer");
    if (word_of(a, &x) && n < 63) return from_i128(t, static_cast<__int128>(x) << n);
    if (n > int64_t{1} << 38) return raise_no_memory(t);
    return long_lshift(t, a, n);
}

Ref int_rshift(Thread& t, Value a, Value b) {
    if (int_sign(b) < 0) return raise(t, PyExc_ValueError, "negative shift count");
    int64_t x, n;
    if (!word_of(b, &n)) n = INT64_MAX;
    if (word_of(a, &x)) return int_from(t, x >> (n > 63 ? 63 : n));
    return long_rshift(t, a, n);
}

namespace {

Ref modular_power(Thread& t, Value base, Value exponent, Value modulus) {
    TRY(room_for_both(t, base, exponent));
    TRY(room_for_bits(t, 4 * int_bit_length(modulus)));
    Mpz b(base), e(exponent), m(modulus);
    if (m.sign() == 0) return raise(t, PyExc_ValueError, "pow() 3rd argument cannot be 0");
    bool negative_modulus = m.sign() < 0;
    mpz_abs(m, m);
    if (mpz_cmp_ui(static_cast<mpz_ptr>(m), 1) == 0) return Ref::from_int(0);
    if (e.sign() < 0) {
        if (!mpz_invert(b, b, m))
            return raise(t, PyExc_ValueError, "base is not invertible for the given modulus");
        mpz_neg(e, e);
    }
    mpz_powm(b, b, e, m);
    if (negative_modulus && b.sign() != 0) mpz_sub(b, b, m);
    return int_from_mpz(t, b);
}

}  // namespace

// Of two words, where all of it stays one. False: it does not.
static bool word_power(int64_t base, int64_t n, int64_t* out) {
    int64_t r = 1;
    for (;;) {
        if ((n & 1) && __builtin_mul_overflow(r, base, &r)) return false;
        n >>= 1;
        if (!n) break;
        if (__builtin_mul_overflow(base, base, &base)) return false;
    }
    *out = r;
    return true;
}

Ref int_pow(Thread& t, Value a, Value b, Value mod) {
    if (mod && !is_none(mod)) return modular_power(t, a, b, mod);
    int64_t word;
    if (a.is_int() && b.is_int() && b.as_int() >= 0 && word_power(a.as_int(), b.as_int(), &word))
        return int_from(t, word);
    if (int_sign(b) < 0) {
        double x = TRY(int_to_double(t, a)), y = TRY(int_to_double(t, b));
        return power(t, float_from(t, x), float_from(t, y), Value());
    }
    int64_t x, n;
    bool small = word_of(a, &x);
    if (small && (x == 0 || x == 1 || x == -1)) {
        bool zero = int_sign(b) == 0;
        int64_t odd = b.is_int() ? b.as_int() & 1 : as_long(b)->ob_digit[0] & 1;
        return Ref::from_int(zero ? 1 : x == -1 ? (odd ? -1 : 1) : x);
    }
    if (!word_of(b, &n) || n > (int64_t{1} << 38) / int_bit_length(a)) return raise_no_memory(t);
    TRY(room_for_bits(t, n * int_bit_length(a)));
    Mpz p(a);
    mpz_pow_ui(p, p, n);
    return int_from_mpz(t, p);
}

// --- bytes ---

Ref int_from_bytes(Thread& t, const unsigned char* p, size_t n, bool little, bool is_signed) {
    if (n <= 8) {
        uint64_t w = 0;
        for (size_t i = 0; i < n; i++) w = w << 8 | p[little ? n - 1 - i : i];
        if (!is_signed) return int_from_u64(t, w);
        if (n && n < 8 && (w >> (8 * n - 1))) w |= ~uint64_t{0} << (8 * n);
        return int_from(t, static_cast<int64_t>(w));
    }
    TRY(room_for_bits(t, static_cast<int64_t>(n) * 8));
    Mpz z;
    mpz_import(z, n, little ? -1 : 1, 1, 0, 0, p);
    if (is_signed && (p[little ? n - 1 : 0] & 0x80)) {
        Mpz top;
        mpz_set_ui(top, 1);
        mpz_mul_2exp(top, top, 8 * n);
        mpz_sub(z, z, top);
    }
    return int_from_mpz(t, z);
}

// One word in two's complement, of which `n` bytes are wanted.
static Status word_to_bytes(Thread& t, int64_t v, unsigned char* p, size_t n, bool little, bool is_signed) {
    if (v < 0 && !is_signed) return raise(t, PyExc_OverflowError, "can't convert negative int to unsigned");
    if (n < 8) {
        int64_t rest = n ? v >> (8 * n - 1) : v;
        bool fits = is_signed && n ? rest == 0 || rest == -1 : (n ? rest >> 1 : rest) == 0;
        if (!fits) return raise(t, PyExc_OverflowError, "int too big to convert");
    }
    for (size_t i = 0; i < n; i++) {
        p[little ? i : n - 1 - i] = static_cast<unsigned char>(v);
        v >>= 8;
    }
    return Status::ok();
}

Status int_to_bytes(Thread& t, Value v, unsigned char* p, size_t n, bool little, bool is_signed) {
    if (v.is_int()) return word_to_bytes(t, v.as_int(), p, n, little, is_signed);
    int sign = int_sign(v);
    if (sign < 0 && !is_signed)
        return raise(t, PyExc_OverflowError, "can't convert negative int to unsigned");
    int64_t bits = int_bit_length(v);
    TRY(room_for_bits(t, bits));
    if (is_signed && sign != 0) {
        // -2**k needs only k+1 bits in two's complement.
        bool power_of_two = false;
        if (sign < 0) {
            Mpz z(v);
            mpz_neg(z, z);
            power_of_two = mpz_popcount(z) == 1;
        }
        bits += power_of_two ? 0 : 1;
    }
    if (n > (size_t{1} << 40) || static_cast<size_t>(bits) > 8 * n)
        return raise(t, PyExc_OverflowError, "int too big to convert");
    memset(p, 0, n);
    Mpz z(v);
    if (sign < 0) {
        TRY(room_for_bits(t, static_cast<int64_t>(n) * 8));
        Mpz top;
        mpz_set_ui(top, 1);
        mpz_mul_2exp(top, top, 8 * n);
        mpz_add(z, z, top);
    }
    size_t count = (mpz_sizeinbase(z, 2) + 7) / 8;
    if (z.sign()) mpz_export(little ? p : p + n - count, nullptr, little ? -1 : 1, 1, 0, 0, z);
    return Status::ok();
}

}  // namespace krait
