#include "compiler/cfg/const-numbers.h"

#include <gmp.h>

#include <bit>
#include <cerrno>
#include <cmath>
#include <complex>
#include <limits>

#include "compiler/cfg/const-ops.h"

namespace krait::cfg {

namespace {

constexpr uint64_t kMaxIntBits = 128;  // what folding may produce at most, as in CPython

// An integer constant as GMP reads it; a result that owns its memory is a Big.
class View {
  public:
    explicit View(const Constant* c) {
        if (c->is(ConstantKind::kBigInt)) {
            init(c->big.limbs, c->big.count, c->big.negative);
            return;
        }
        int64_t value = c->is(ConstantKind::kInt) ? c->integer : c->is(ConstantKind::kTrue);
        limb_ = value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
        init(&limb_, limb_ != 0, value < 0);
    }
    View(const View&) = delete;
    View& operator=(const View&) = delete;
    operator mpz_srcptr() const { return value_; }
    int sign() const { return mpz_sgn(value_); }
    uint64_t bits() const { return sign() == 0 ? 0 : mpz_sizeinbase(value_, 2); }

  private:
    void init(const uint64_t* limbs, uint32_t count, bool negative) {
        mp_size_t size = static_cast<mp_size_t>(count);
        mpz_roinit_n(value_, reinterpret_cast<const mp_limb_t*>(limbs), negative ? -size : size);
    }
    uint64_t limb_;
    mpz_t value_;
};

class Big {
  public:
    Big() { mpz_init(value_); }
    ~Big() { mpz_clear(value_); }
    Big(const Big&) = delete;
    Big& operator=(const Big&) = delete;
    operator mpz_ptr() { return value_; }
    const Constant* constant(Arena& arena) const {
        return int_constant(arena, mpz_sgn(value_) < 0,
                            {reinterpret_cast<const uint64_t*>(mpz_limbs_read(value_)), mpz_size(value_)});
    }

  private:
    mpz_t value_;
};

// a / b rounded once, half to even; false when it overflows. b is not 0.
bool divide(mpz_srcptr a, mpz_srcptr b, double& result) {
    if (mpz_sgn(a) == 0) {
        result = mpz_sgn(b) < 0 ? -0.0 : 0.0;
        return true;
    }
    int64_t shift = int64_t(mpz_sizeinbase(a, 2)) - int64_t(mpz_sizeinbase(b, 2)) - 55;
    if (shift > 2000) return false;
    if (shift < -2000) {
        result = mpz_sgn(a) * mpz_sgn(b) < 0 ? -0.0 : 0.0;
        return true;
    }
    Big n, d, q, r;
    mpz_abs(n, a);
    mpz_abs(d, b);
    if (shift < 0) {
        mpz_mul_2exp(n, n, static_cast<mp_bitcnt_t>(-shift));
    } else {
        mpz_mul_2exp(d, d, static_cast<mp_bitcnt_t>(shift));
    }
    mpz_tdiv_qr(q, r, n, d);
    // 55 or 56 bits; the lowest stands for all that follow.
    uint64_t quotient = mpz_get_ui(q) | (mpz_sgn(static_cast<mpz_srcptr>(r)) != 0);
    int width = std::bit_width(quotient);
    int64_t top = shift + width - 1;
    int keep = top >= -1022 ? 53 : static_cast<int>(53 + 1022 + top);
    if (keep < 0) keep = 0;
    int drop = width - keep;
    uint64_t kept = drop >= 64 ? 0 : quotient >> drop;
    uint64_t lost = quotient - (drop >= 64 ? 0 : kept << drop);
    uint64_t half = uint64_t(1) << (drop - 1);
    if (lost > half || (lost == half && (kept & 1))) kept++;
    double magnitude = std::ldexp(static_cast<double>(kept), static_cast<int>(shift + drop));
    if (std::isinf(magnitude)) return false;
    result = mpz_sgn(a) * mpz_sgn(b) < 0 ? -magnitude : magnitude;
    return true;
}

bool to_double(const Constant* c, double& result) {
    if (c->is(ConstantKind::kFloat)) {
        result = c->real;
        return true;
    }
    if (!c->is(ConstantKind::kBigInt)) {
        result = c->is(ConstantKind::kInt) ? static_cast<double>(c->integer) : c->is(ConstantKind::kTrue);
        return true;
    }
    static const Constant one{ConstantKind::kInt, {1}};
    return divide(View(c), View(&one), result);
}

// ---- complex ----

using Complex = std::complex<double>;

const Constant* make(Arena& arena, Complex c) { return complex_constant(arena, c.real(), c.imag()); }

double unit_or_zero(double part) { return std::copysign(std::isinf(part) ? 1.0 : 0.0, part); }
bool infinite(Complex c) { return std::isinf(c.real()) || std::isinf(c.imag()); }
bool finite(Complex c) { return std::isfinite(c.real()) && std::isfinite(c.imag()); }

// C's Annex G: what comes out as nan + nan j though an operand is infinite is made infinite again.
Complex product(Complex z, Complex w) {
    double a = z.real(), b = z.imag(), c = w.real(), d = w.imag();
    double ac = a * c, bd = b * d, ad = a * d, bc = b * c;
    Complex r(ac - bd, ad + bc);
    if (!std::isnan(r.real()) || !std::isnan(r.imag())) return r;
    auto drop_nans = [](double& x, double& y) {
        if (std::isnan(x)) x = std::copysign(0.0, x);
        if (std::isnan(y)) y = std::copysign(0.0, y);
    };
    bool recalculate = false;
    if (infinite(z)) {
        a = unit_or_zero(a);
        b = unit_or_zero(b);
        drop_nans(c, d);
        recalculate = true;
    }
    if (infinite(w)) {
        c = unit_or_zero(c);
        d = unit_or_zero(d);
        drop_nans(a, b);
        recalculate = true;
    }
    if (!recalculate && (std::isinf(ac) || std::isinf(bd) || std::isinf(ad) || std::isinf(bc))) {
        drop_nans(a, b);
        drop_nans(c, d);
        recalculate = true;
    }
    if (!recalculate) return r;
    constexpr double inf = std::numeric_limits<double>::infinity();
    return {inf * (a * c - b * d), inf * (a * d + b * c)};
}

// Smith's method, with Annex G's corrections. `real` says that the dividend has no imaginary part at all
// (which is not the same as one of 0.0). False for a divisor of 0.
bool quotient(Complex z, bool real, Complex w, Complex& r) {
    double a = z.real(), b = z.imag(), c = w.real(), d = w.imag();
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    if (std::fabs(c) >= std::fabs(d)) {
        if (c == 0.0) return false;
        double ratio = d / c, denominator = c + d * ratio;
        r = real ? Complex(a / denominator, -a * ratio / denominator)
                 : Complex((a + b * ratio) / denominator, (b - a * ratio) / denominator);
    } else if (std::fabs(d) >= std::fabs(c)) {
        double ratio = c / d, denominator = c * ratio + d;
        r = real ? Complex(a * ratio / denominator, -a / denominator)
                 : Complex((a * ratio + b) / denominator, (b * ratio - a) / denominator);
    } else {
        r = {nan, nan};
    }
    if (!std::isnan(r.real()) || !std::isnan(r.imag())) return true;
    constexpr double inf = std::numeric_limits<double>::infinity();
    if (!real && infinite(z) && finite(w)) {
        double x = unit_or_zero(a), y = unit_or_zero(b);
        r = {inf * (x * c + y * d), inf * (y * c - x * d)};
    } else if (infinite(w) && (real ? std::isfinite(a) : finite(z))) {
        double x = unit_or_zero(c), y = unit_or_zero(d);
        r = real ? Complex(0.0 * (a * x), 0.0 * (-a * y))
                 : Complex(0.0 * (a * x + b * y), 0.0 * (b * x - a * y));
    }
    return true;
}

bool power(Complex z, Complex w, Complex& r) {
    errno = 0;
    if (w.imag() == 0 && w.real() == std::floor(w.real()) && std::fabs(w.real()) <= 100.0) {
        long n = static_cast<long>(w.real());
        Complex p = z;
        r = {1.0, 0.0};
        for (long bits = std::labs(n); bits != 0; bits >>= 1) {
            if (bits & 1) r = product(r, p);
            p = product(p, p);
        }
        if (n <= 0 && !quotient({1.0, 0.0}, false, r, r)) return false;
    } else if (z.real() == 0 && z.imag() == 0) {
        if (w.imag() != 0 || w.real() < 0) return false;
        r = {0.0, 0.0};
    } else {
        double magnitude = std::hypot(z.real(), z.imag()), angle = std::atan2(z.imag(), z.real());
        double size = std::pow(magnitude, w.real()), phase = angle * w.real();
        if (w.imag() != 0) {
            size *= std::exp(-angle * w.imag());
            phase += w.imag() * std::log(magnitude);
        }
        r = {size * std::cos(phase), size * std::sin(phase)};
    }
    // The C functions say when an infinity had no meaning to them.
    return !infinite(r) && errno != EDOM;
}

const Constant* fold_complex(Arena& arena, BinaryOp op, const Constant* left, const Constant* right) {
    bool left_real = !left->is(ConstantKind::kComplex), right_real = !right->is(ConstantKind::kComplex);
    double a = 0, b = 0;
    if (left_real && !to_double(left, a)) return nullptr;
    if (right_real && !to_double(right, b)) return nullptr;
    Complex z = left_real ? Complex(a, 0) : Complex(left->complex.re, left->complex.im);
    Complex w = right_real ? Complex(b, 0) : Complex(right->complex.re, right->complex.im);
    Complex r;
    switch (op) {
        case BinaryOp::NB_ADD:
            if (left_real) return make(arena, {a + w.real(), w.imag()});
            return make(arena, {z.real() + w.real(), right_real ? z.imag() : z.imag() + w.imag()});
        case BinaryOp::NB_SUBTRACT:
            if (left_real) return make(arena, {a - w.real(), -w.imag()});
            return make(arena, {z.real() - w.real(), right_real ? z.imag() : z.imag() - w.imag()});
        case BinaryOp::NB_MULTIPLY:
            if (left_real) return make(arena, {w.real() * a, w.imag() * a});
            if (right_real) return make(arena, {z.real() * b, z.imag() * b});
            return make(arena, product(z, w));
        case BinaryOp::NB_TRUE_DIVIDE:
            if (right_real) return b == 0 ? nullptr : make(arena, {z.real() / b, z.imag() / b});
            return quotient(z, left_real, w, r) ? make(arena, r) : nullptr;
        case BinaryOp::NB_POWER:
            return power(z, w, r) ? make(arena, r) : nullptr;
        default:
            return nullptr;
    }
}

// ---- float ----

double python_remainder(double a, double b) {
    double m = std::fmod(a, b);
    if (m == 0) return std::copysign(0.0, b);
    return (b < 0) != (m < 0) ? m + b : m;
}

double python_floor_divide(double a, double b) {
    double m = std::fmod(a, b);
    double d = (a - m) / b;
    if (m != 0 && (b < 0) != (m < 0)) d -= 1.0;
    if (d == 0) return std::copysign(0.0, a / b);
    double whole = std::floor(d);
    return d - whole > 0.5 ? whole + 1.0 : whole;
}

const Constant* float_power(Arena& arena, double a, double b) {
    if (a == 0 && b < 0 && std::isfinite(b)) return nullptr;
    if (a < 0 && std::isfinite(a) && std::isfinite(b) && b != std::floor(b)) {
        Complex r;
        return power({a, 0}, {b, 0}, r) ? make(arena, r) : nullptr;
    }
    double r = std::pow(a, b);
    if (std::isinf(r) && std::isfinite(a) && std::isfinite(b)) return nullptr;
    return float_constant(arena, r);
}

const Constant* fold_floats(Arena& arena, BinaryOp op, const Constant* left, const Constant* right) {
    double a, b;
    if (!to_double(left, a) || !to_double(right, b)) return nullptr;
    switch (op) {
        case BinaryOp::NB_ADD:
            return float_constant(arena, a + b);
        case BinaryOp::NB_SUBTRACT:
            return float_constant(arena, a - b);
        case BinaryOp::NB_MULTIPLY:
            return float_constant(arena, a * b);
        case BinaryOp::NB_TRUE_DIVIDE:
            return b == 0 ? nullptr : float_constant(arena, a / b);
        case BinaryOp::NB_FLOOR_DIVIDE:
            return b == 0 ? nullptr : float_constant(arena, python_floor_divide(a, b));
        case BinaryOp::NB_REMAINDER:
            return b == 0 ? nullptr : float_constant(arena, python_remainder(a, b));
        case BinaryOp::NB_POWER:
            return float_power(arena, a, b);
        default:
            return nullptr;
    }
}

// ---- int ----

// A count of bits or an exponent: false when it is no size_t.
bool to_size(const View& v, uint64_t& size) {
    if (v.sign() < 0 || v.bits() > 64) return false;
    size = mpz_get_ui(v);
    return true;
}

const Constant* int_power(Arena& arena, const Constant* left, const Constant* right) {
    View a(left), b(right);
    if (b.sign() < 0) {
        double x, y;
        return to_double(left, x) && to_double(right, y) ? float_power(arena, x, y) : nullptr;
    }
    if (b.sign() == 0) return int_constant(arena, 1);
    if (a.sign() == 0) return int_constant(arena, 0);
    uint64_t exponent;
    if (!to_size(b, exponent) || a.bits() > kMaxIntBits / exponent) return nullptr;
    Big r;
    mpz_pow_ui(r, a, exponent);
    return r.constant(arena);
}

const Constant* int_shift(Arena& arena, const View& a, const View& b, bool left) {
    if (b.sign() < 0) return nullptr;
    if (a.sign() == 0) return int_constant(arena, 0);
    uint64_t count;
    bool fits = to_size(b, count);
    Big r;
    if (left) {
        if (b.sign() != 0 && (!fits || count > kMaxIntBits || a.bits() > kMaxIntBits - count)) return nullptr;
        mpz_mul_2exp(r, a, count);
    } else if (!fits || count > a.bits()) {
        return int_constant(arena, a.sign() < 0 ? -1 : 0);
    } else {
        mpz_fdiv_q_2exp(r, a, count);
    }
    return r.constant(arena);
}

const Constant* fold_bools(Arena& arena, BinaryOp op, bool a, bool b) {
    switch (op) {
        case BinaryOp::NB_AND:
            return bool_constant(a && b);
        case BinaryOp::NB_OR:
            return bool_constant(a || b);
        default:
            return bool_constant(a != b);
    }
}

bool is_bool(const Constant* c) { return c->is(ConstantKind::kTrue) || c->is(ConstantKind::kFalse); }

const Constant* fold_ints(Arena& arena, BinaryOp op, const Constant* left, const Constant* right) {
    View a(left), b(right);
    Big r;
    switch (op) {
        case BinaryOp::NB_ADD:
            mpz_add(r, a, b);
            break;
        case BinaryOp::NB_SUBTRACT:
            mpz_sub(r, a, b);
            break;
        case BinaryOp::NB_MULTIPLY:
            if (a.sign() != 0 && b.sign() != 0 && a.bits() + b.bits() > kMaxIntBits) return nullptr;
            mpz_mul(r, a, b);
            break;
        case BinaryOp::NB_TRUE_DIVIDE: {
            double value;
            if (b.sign() == 0 || !divide(a, b, value)) return nullptr;
            return float_constant(arena, value);
        }
        case BinaryOp::NB_FLOOR_DIVIDE:
            if (b.sign() == 0) return nullptr;
            mpz_fdiv_q(r, a, b);
            break;
        case BinaryOp::NB_REMAINDER:
            if (b.sign() == 0) return nullptr;
            mpz_fdiv_r(r, a, b);
            break;
        case BinaryOp::NB_POWER:
            return int_power(arena, left, right);
        case BinaryOp::NB_LSHIFT:
        case BinaryOp::NB_RSHIFT:
            return int_shift(arena, a, b, op == BinaryOp::NB_LSHIFT);
        case BinaryOp::NB_AND:
            mpz_and(r, a, b);
            break;
        case BinaryOp::NB_OR:
            mpz_ior(r, a, b);
            break;
        case BinaryOp::NB_XOR:
            mpz_xor(r, a, b);
            break;
        default:
            return nullptr;
    }
    return r.constant(arena);
}

}  // namespace

const Constant* fold_numbers(Arena& arena, BinaryOp op, const Constant* left, const Constant* right) {
    if (left->is(ConstantKind::kComplex) || right->is(ConstantKind::kComplex)) {
        return fold_complex(arena, op, left, right);
    }
    if (left->is(ConstantKind::kFloat) || right->is(ConstantKind::kFloat)) {
        return fold_floats(arena, op, left, right);
    }
    if (is_bool(left) && is_bool(right) &&
        (op == BinaryOp::NB_AND || op == BinaryOp::NB_OR || op == BinaryOp::NB_XOR)) {
        return fold_bools(arena, op, left->is(ConstantKind::kTrue), right->is(ConstantKind::kTrue));
    }
    return fold_ints(arena, op, left, right);
}

bool equal_numbers(const Constant* a, const Constant* b) {
    if (a->is(ConstantKind::kComplex) || b->is(ConstantKind::kComplex)) {
        auto real_part = [](const Constant* c) {
            if (!c->is(ConstantKind::kComplex)) return *c;
            return Constant{ConstantKind::kFloat, {.real = c->complex.re}};
        };
        auto imaginary = [](const Constant* c) {
            return c->is(ConstantKind::kComplex) ? c->complex.im : 0.0;
        };
        Constant x = real_part(a), y = real_part(b);
        return imaginary(a) == imaginary(b) && equal_numbers(&x, &y);
    }
    bool float_a = a->is(ConstantKind::kFloat), float_b = b->is(ConstantKind::kFloat);
    if (float_a && float_b) return a->real == b->real;
    if (!float_a && !float_b) return mpz_cmp(View(a), View(b)) == 0;
    double value = float_a ? a->real : b->real;
    return std::isfinite(value) && mpz_cmp_d(View(float_a ? b : a), value) == 0;
}

// Equal numbers are the same when rounded to a double.
uint64_t hash_number(const Constant* number) {
    double value;
    if (number->is(ConstantKind::kComplex)) {
        value = number->complex.re;
    } else if (!to_double(number, value)) {
        value = number->big.negative ? -HUGE_VAL : HUGE_VAL;
    }
    return (std::bit_cast<uint64_t>(value + 0.0) ^ 0x5851F42D4C957F2Du) * 0x9E3779B97F4A7C15u;
}

const Constant* fold_negative(Arena& arena, const Constant* c) {
    switch (c->kind) {
        case ConstantKind::kFloat:
            return float_constant(arena, -c->real);
        case ConstantKind::kComplex:
            return complex_constant(arena, -c->complex.re, -c->complex.im);
        default:
            break;
    }
    if (!is_number(c)) return nullptr;
    Big r;
    mpz_neg(r, View(c));
    return r.constant(arena);
}

const Constant* fold_positive(Arena& arena, const Constant* c) {
    if (is_bool(c)) return int_constant(arena, c->is(ConstantKind::kTrue));
    return is_number(c) ? c : nullptr;
}

const Constant* fold_invert(Arena& arena, const Constant* c) {
    if (!c->is_int()) return nullptr;  // ~True is deprecated, and warns at run time
    Big r;
    mpz_com(r, View(c));
    return r.constant(arena);
}

}  // namespace krait::cfg
