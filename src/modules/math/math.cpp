// The module math: real functions. Those of integers are in integers.cpp.
#include <cerrno>
#include <climits>
#include <cmath>
#include <limits>

#include "builtins/callable.h"
#include "builtins/int_internal.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/sequence.h"
#include "builtins/tuple.h"
#include "bytecode/opcodes.h"
#include "gc/gc.h"
#include "modules/math/integers.h"
#include "modules/math/real.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait {

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

inline Result<double> number(Thread& t, Value v) {
    double d;
    if (is_exact_double(v, &d)) return d;
    if (v.is_int()) return static_cast<double>(v.as_int());
    return as_double(t, v);
}

Ref domain_error(Thread& t) { return raise(t, PyExc_ValueError, "math domain error"); }
Ref range_error(Thread& t) { return raise(t, PyExc_OverflowError, "math range error"); }
Ref input_error(Thread& t, const char* expected, double x) {
    Ref shown = TRY(float_from(t, x));
    return raise(t, PyExc_ValueError, "expected %s, got %R", expected, shown.get());
}

// The functions of one argument: what to call, whether an infinite result is an overflow, what is expected.
struct Unary {
    double (*fn)(double);
    bool overflows;
    const char* expected;  // null: nan from a number is "math domain error"
    bool by_errno = false;
};

template <const Unary& F>
Ref unary(Thread& t, Value, Value arg) {
    double x = TRY(number(t, arg));
    if constexpr (F.by_errno) errno = 0;
    double r = F.fn(x);
    if constexpr (F.by_errno) {
        if (errno == EDOM) return input_error(t, F.expected, x);
        if (errno == ERANGE && std::fabs(r) > 1.5) return range_error(t);
    } else if (!std::isfinite(r)) [[unlikely]] {
        if (std::isnan(r) ? !std::isnan(x) : std::isfinite(x) && !F.overflows)
            return F.expected ? input_error(t, F.expected, x) : domain_error(t);
        if (std::isinf(r) && std::isfinite(x)) return range_error(t);
    }
    return float_from(t, r);
}

constexpr Unary kAcos{[](double x) { return std::acos(x); }, false, "a number in range from -1 up to 1"};
constexpr Unary kAcosh{[](double x) { return std::acosh(x); }, false, "argument value not less than 1"};
constexpr Unary kAsin{[](double x) { return std::asin(x); }, false, "a number in range from -1 up to 1"};
constexpr Unary kAsinh{[](double x) { return std::asinh(x); }, false, nullptr};
constexpr Unary kAtan{[](double x) { return std::atan(x); }, false, nullptr};
constexpr Unary kAtanh{[](double x) { return std::atanh(x); }, false, "a number between -1 and 1"};
constexpr Unary kCbrt{[](double x) { return std::cbrt(x); }, false, nullptr};
constexpr Unary kCos{[](double x) { return std::cos(x); }, false, "a finite input"};
constexpr Unary kCosh{[](double x) { return std::cosh(x); }, true, nullptr};
constexpr Unary kErf{[](double x) { return std::erf(x); }, false, nullptr};
constexpr Unary kErfc{[](double x) { return std::erfc(x); }, false, nullptr};
constexpr Unary kExp{[](double x) { return std::exp(x); }, true, nullptr};
constexpr Unary kExp2{[](double x) { return std::exp2(x); }, true, nullptr};
constexpr Unary kExpm1{[](double x) { return std::expm1(x); }, true, nullptr};
constexpr Unary kFabs{[](double x) { return std::fabs(x); }, false, nullptr};
constexpr Unary kGamma{math_gamma, true, "a noninteger or positive integer", true};
constexpr Unary kLgamma{math_lgamma, true, "a noninteger or positive integer", true};
constexpr Unary kLog1p{[](double x) { return std::log1p(x); }, false, "argument value > -1"};
constexpr Unary kSin{[](double x) { return std::sin(x); }, false, "a finite input"};
constexpr Unary kSinh{[](double x) { return std::sinh(x); }, true, nullptr};
constexpr Unary kSqrt{[](double x) { return std::sqrt(x); }, false, "a nonnegative input"};
constexpr Unary kTan{[](double x) { return std::tan(x); }, false, "a finite input"};
constexpr Unary kTanh{[](double x) { return std::tanh(x); }, false, nullptr};

Ref degrees(Thread& t, Value, Value v) {
    double x = TRY(number(t, v));
    return float_from(t, x * (180.0 / M_PI));
}
Ref radians(Thread& t, Value, Value v) {
    double x = TRY(number(t, v));
    return float_from(t, x * (M_PI / 180.0));
}
Ref is_finite(Thread& t, Value, Value v) {
    double x = TRY(number(t, v));
    return bool_ref(std::isfinite(x));
}
Ref is_inf(Thread& t, Value, Value v) {
    double x = TRY(number(t, v));
    return bool_ref(std::isinf(x));
}
Ref is_nan(Thread& t, Value, Value v) {
    double x = TRY(number(t, v));
    return bool_ref(std::isnan(x));
}
Ref ulp(Thread& t, Value, Value v) {
    double x = std::fabs(TRY(number(t, v)));
    if (!std::isfinite(x)) return float_from(t, x);
    double above = std::nextafter(x, kInf);
    if (std::isinf(above)) return float_from(t, x - std::nextafter(x, -kInf));
    return float_from(t, above - x);
}

// --- logarithms ---

template <double (*Fn)(double)>
Ref logarithm(Thread& t, Value v) {
    if (is_long(v)) {
        if (int_sign(v) <= 0) return raise(t, PyExc_ValueError, "expected a positive input");
        int64_t word;
        if (int_to_i64(v, &word)) return float_from(t, Fn(static_cast<double>(word)));
        // Beyond the range of double: the mantissa and the exponent apart.
        Mpz z(v);
        if (mpz_sizeinbase(z, 2) <= 1023) {
            double d = TRY(int_to_double(t, v));
            return float_from(t, Fn(d));
        }
        Ref shift = TRY(int_from(t, int_bit_length(v) - 64));
        Ref top = TRY(int_rshift(t, v, shift));
        // A set bit below makes halves round away, as if all bits were there.
        uint64_t bits = int_to_u64_wrapping(top);
        if (mpz_scan1(z, 0) < static_cast<mp_bitcnt_t>(shift.get().as_int())) bits |= 1;
        double mantissa = static_cast<double>(bits) * 0x1p-64;
        auto e = static_cast<double>(int_bit_length(v));
        if (mantissa == 1.0) {
            mantissa = 0.5;
            e += 1;
        }
        return float_from(t, Fn(mantissa) + Fn(2.0) * e);
    }
    double x = TRY(number(t, v));
    if (!(x > 0) && !std::isnan(x)) return input_error(t, "a positive input", x);
    return float_from(t, Fn(x));
}
double log_e(double x) { return std::log(x); }
double log_2(double x) { return std::log2(x); }
double log_10(double x) { return std::log10(x); }

Ref log(Thread& t, Value, const Value* a, size_t n, Value kwnames) {
    TRY(no_kwargs(t, "math.log", kwnames));
    if (n < 1) return raise(t, PyExc_TypeError, "log expected at least 1 argument, got 0");
    if (n > 2) return raise(t, PyExc_TypeError, "log expected at most 2 arguments, got %zu", n);
    Ref num = TRY(logarithm<log_e>(t, a[0]));
    if (n == 1) return num;
    Ref den = TRY(logarithm<log_e>(t, a[1]));
    double d = float_value(den);
    if (d == 0) return raise(t, PyExc_ZeroDivisionError, "division by zero");
    return float_from(t, float_value(num) / d);
}
Ref log2(Thread& t, Value, Value v) { return logarithm<log_2>(t, v); }
Ref log10(Thread& t, Value, Value v) { return logarithm<log_10>(t, v); }

// --- two and three arguments ---

template <double (*Fn)(double, double)>
Ref binary(Thread& t, Value, const Value* a, size_t) {
    double x = TRY(number(t, a[0])), y = TRY(number(t, a[1]));
    return float_from(t, Fn(x, y));
}
double atan2_of(double y, double x) { return std::atan2(y, x); }
double copysign_of(double x, double y) { return std::copysign(x, y); }

Ref pow(Thread& t, Value, const Value* a, size_t) {
    double x = TRY(number(t, a[0])), y = TRY(number(t, a[1])), r = std::pow(x, y);
    if (!std::isfinite(r) && std::isfinite(x) && std::isfinite(y)) {
        if (std::isnan(r) || x == 0) return domain_error(t);
        return range_error(t);
    }
    return float_from(t, r);
}
Ref fmod(Thread& t, Value, const Value* a, size_t) {
    double x = TRY(number(t, a[0])), y = TRY(number(t, a[1])), r = std::fmod(x, y);
    if (std::isnan(r) && !std::isnan(x) && !std::isnan(y)) return domain_error(t);
    return float_from(t, r);
}
Ref remainder(Thread& t, Value, const Value* a, size_t) {
    double x = TRY(number(t, a[0])), y = TRY(number(t, a[1])), r = std::remainder(x, y);
    if (std::isnan(r) && !std::isnan(x) && !std::isnan(y)) return domain_error(t);
    return float_from(t, r);
}
Ref ldexp(Thread& t, Value, const Value* a, size_t) {
    double x = TRY(number(t, a[0]));
    if (!is_long(a[1])) return raise(t, PyExc_TypeError, "Expected an int as second argument to ldexp.");
    if (x == 0 || !std::isfinite(x)) return float_from(t, x);
    int64_t e;
    if (!int_to_i64(a[1], &e)) e = int_sign(a[1]) < 0 ? INT_MIN : INT_MAX;
    e = e < INT_MIN ? INT_MIN : e > INT_MAX ? INT_MAX : e;
    double r = std::ldexp(x, static_cast<int>(e));
    if (std::isinf(r)) return range_error(t);
    return float_from(t, r);
}
Ref fma(Thread& t, Value, const Value* a, size_t) {
    double x = TRY(number(t, a[0])), y = TRY(number(t, a[1])), z = TRY(number(t, a[2]));
    double r = std::fma(x, y, z);
    if (std::isnan(r)) {
        if (!std::isnan(x) && !std::isnan(y) && !std::isnan(z))
            return raise(t, PyExc_ValueError, "invalid operation in fma");
    } else if (std::isinf(r) && std::isfinite(x) && std::isfinite(y) && std::isfinite(z)) {
        return raise(t, PyExc_OverflowError, "overflow in fma");
    }
    return float_from(t, r);
}
Ref pair(Thread& t, double a, Ref b) {
    Ref first = TRY(float_from(t, a));
    return tuple_of(t, {first, b});
}
Ref frexp(Thread& t, Value, Value v) {
    double x = TRY(number(t, v));
    int e = 0;
    if (std::isfinite(x)) x = std::frexp(x, &e);
    return pair(t, x, Ref::from_int(e));
}
Ref modf(Thread& t, Value, Value v) {
    double x = TRY(number(t, v)), whole;
    double fraction = std::modf(x, &whole);
    Ref second = TRY(float_from(t, whole));
    return pair(t, fraction, second.share());
}
Ref is_close(Thread& t, Value, const Value* a) {
    double x = TRY(number(t, a[0])), y = TRY(number(t, a[1]));
    double rel = a[2] ? TRY(number(t, a[2])) : 1e-9, abs = a[3] ? TRY(number(t, a[3])) : 0.0;
    if (rel < 0 || abs < 0) return raise(t, PyExc_ValueError, "tolerances must be non-negative");
    if (x == y) return bool_ref(true);
    if (std::isinf(x) || std::isinf(y)) return bool_ref(false);
    double diff = std::fabs(y - x);
    return bool_ref(diff <= std::fabs(rel * y) || diff <= std::fabs(rel * x) || diff <= abs);
}

Ref next_after(Thread& t, Value, const Value* a) {
    double x = TRY(number(t, a[0])), y = TRY(number(t, a[1]));
    if (!a[2] || is_none(a[2])) return float_from(t, std::nextafter(x, y));
    Ref count = TRY(index(t, a[2]));
    if (int_sign(count) < 0) return raise(t, PyExc_ValueError, "steps must be a non-negative integer");
    uint64_t steps;
    if (!int_to_u64(count, &steps)) steps = UINT64_MAX;
    if (steps == 0) return float_from(t, x);
    if (std::isnan(x)) return float_from(t, x);
    if (std::isnan(y)) return float_from(t, y);
    if (x == y) return float_from(t, y);
    constexpr uint64_t kSign = uint64_t{1} << 63;
    auto ux = std::bit_cast<uint64_t>(x), uy = std::bit_cast<uint64_t>(y);
    uint64_t ax = ux & ~kSign, ay = uy & ~kSign;
    uint64_t r;
    if ((ux ^ uy) & kSign) {
        if (ax + ay <= steps) return float_from(t, y);
        r = ax < steps ? (uy & kSign) | (steps - ax) : ux - steps;
    } else if (ax > ay) {
        r = ax - ay > steps ? ux - steps : uy;
    } else {
        r = ay - ax > steps ? ux + steps : uy;
    }
    return float_from(t, std::bit_cast<double>(r));
}

// --- rounding to int ---

LazyName kFloor("__floor__"), kCeil("__ceil__"), kTrunc("__trunc__");
// A method whose descriptor raises AttributeError counts as absent.
Maybe optional_method(Thread& t, Value v, Value name) {
    Maybe found = lookup_special(t, v, name);
    if (!found && clear_if(t, PyExc_AttributeError)) return Maybe::absent();
    return found;
}

Ref floor(Thread& t, Value, Value v) {
    double d;
    if (!is_exact_double(v, &d)) {
        if (v.is_int()) return Ref::share(v);
        Ref method = TRY(optional_method(t, v, kFloor(t)));
        if (method) return call(t, method);
        d = TRY(number(t, v));
    }
    return int_from_double(t, std::floor(d));
}
Ref ceil(Thread& t, Value, Value v) {
    double d;
    if (!is_exact_double(v, &d)) {
        if (v.is_int()) return Ref::share(v);
        Ref method = TRY(optional_method(t, v, kCeil(t)));
        if (method) return call(t, method);
        d = TRY(number(t, v));
    }
    return int_from_double(t, std::ceil(d));
}
Ref trunc(Thread& t, Value, Value v) {
    double d;
    if (is_exact_double(v, &d)) return int_from_double(t, d);
    if (v.is_int()) return Ref::share(v);
    Ref method = TRY(optional_method(t, v, kTrunc(t)));
    if (!method)
        return raise(t, PyExc_TypeError, "type %.100s doesn't define __trunc__ method", type_of(v)->tp_name);
    return call(t, method);
}

// --- vectors and sums ---

// Doubles in a buffer that grows; small ones stay on the stack.
class Doubles {
  public:
    Doubles() = default;
    Doubles(const Doubles&) = delete;
    ~Doubles() {
        if (data_ != small_) mem_free(data_);
    }
    Status push(Thread& t, double d) {
        if (size_ == capacity_) {
            auto* p = static_cast<double*>(mem_alloc(sizeof(double) * 2 * static_cast<size_t>(capacity_)));
            if (!p) return raise_no_memory(t);
            for (int64_t i = 0; i < size_; i++) p[i] = data_[i];
            if (data_ != small_) mem_free(data_);
            data_ = p;
            capacity_ *= 2;
        }
        data_[size_++] = d;
        return Status::ok();
    }
    double* data() { return data_; }
    int64_t size() const { return size_; }
    void truncate(int64_t n) { size_ = n; }

  private:
    double small_[32];
    double* data_ = small_;
    int64_t size_ = 0, capacity_ = 32;
};

struct Norm {
    Doubles v;
    double max = 0;
    bool has_nan = false;
    Status add(Thread& t, double d) {
        d = std::fabs(d);
        has_nan |= std::isnan(d);
        if (d > max) max = d;
        return v.push(t, d);
    }
    double value() { return math_vector_norm(v.data(), v.size(), max, has_nan); }
};

Ref hypot(Thread& t, Value, const Value* a, size_t n) {
    Norm norm;
    for (size_t i = 0; i < n; i++) {
        double d = TRY(number(t, a[i]));
        TRY(norm.add(t, d));
    }
    return float_from(t, norm.value());
}
Ref dist(Thread& t, Value, const Value* a, size_t) {
    Ref p = TRY(is_tuple(a[0]) ? Ref::share(a[0]) : to_tuple(t, a[0]));
    Ref q = TRY(is_tuple(a[1]) ? Ref::share(a[1]) : to_tuple(t, a[1]));
    if (tuple_size(p) != tuple_size(q))
        return raise(t, PyExc_ValueError, "both points must have the same number of dimensions");
    Norm norm;
    for (int64_t i = 0; i < tuple_size(p); i++) {
        double x = TRY(number(t, tuple_get(p, i))), y = TRY(number(t, tuple_get(q, i)));
        TRY(norm.add(t, x - y));
    }
    return float_from(t, norm.value());
}

// The sum of partial sums that do not overlap, rounded once.
double round_partials(const double* p, int64_t n) {
    if (n == 0) return 0;
    double hi = p[--n], lo = 0;
    while (n > 0) {
        double x = hi, y = p[--n];
        hi = x + y;
        lo = y - (hi - x);
        if (lo != 0) break;
    }
    // Halves are rounded to even by what lies below them.
    if (n > 0 && ((lo < 0 && p[n - 1] < 0) || (lo > 0 && p[n - 1] > 0))) {
        double y = lo * 2, x = hi + y;
        if (y == x - hi) hi = x;
    }
    return hi;
}

Ref fsum(Thread& t, Value, Value seq) {
    Ref it = TRY(iter(t, seq));
    Doubles partials;
    double special = 0, infinities = 0;
    for (;;) {
        Ref item = iter_next(t, it);
        if (!item) {
            if (occurred(t)) return {};
            break;
        }
        double x = TRY(number(t, item)), start = x;
        int64_t kept = 0;
        double* p = partials.data();
        for (int64_t i = 0; i < partials.size(); i++) {
            DoubleDouble sum = exact_sum(x, p[i]);
            if (sum.lo != 0) p[kept++] = sum.lo;
            x = sum.hi;
        }
        partials.truncate(kept);
        if (x == 0) continue;
        if (std::isfinite(x)) {
            TRY(partials.push(t, x));
            continue;
        }
        if (std::isfinite(start)) return raise(t, PyExc_OverflowError, "intermediate overflow in fsum");
        if (std::isinf(start)) infinities += start;
        special += start;
        partials.truncate(0);
    }
    if (special != 0) {
        if (std::isnan(infinities)) return raise(t, PyExc_ValueError, "-inf + inf in fsum");
        return float_from(t, special);
    }
    return float_from(t, round_partials(partials.data(), partials.size()));
}

// Sum of products of floats in three doubles.
struct TripleSum {
    double hi = 0, lo = 0, tiny = 0;
    bool add(double x, double y) {
        DoubleDouble product = exact_product(x, y), sum = exact_sum(hi, product.hi),
                     r1 = exact_sum(lo, product.lo), r2 = exact_sum(r1.hi, sum.lo);
        if (!std::isfinite(sum.hi)) return false;
        hi = sum.hi;
        lo = r2.hi;
        tiny += r1.lo + r2.lo;
        return true;
    }
    double value() const {
        DoubleDouble last = exact_sum(lo, tiny), all = exact_sum(hi, last.hi);
        return all.hi + (all.lo + last.lo);
    }
};

struct SumProduct {
    Ref total = Ref::from_int(0);
    TripleSum floats;
    int64_t int_sum = 0;  // while everything is a machine integer
    bool int_path = true, float_path = true, has_floats = false;

    Status flush_ints(Thread& t) {
        if (!int_sum) return Status::ok();
        Ref ints = TRY(int_from(t, int_sum));
        total = TRY(binary_op(t, total, ints, BinaryOp::NB_ADD));
        int_sum = 0;
        return Status::ok();
    }
    Status flush_floats(Thread& t) {
        if (!has_floats) return Status::ok();
        Ref sum = TRY(float_from(t, floats.value()));
        total = TRY(binary_op(t, total, sum, BinaryOp::NB_ADD));
        floats = {};
        has_floats = false;
        return Status::ok();
    }
    static bool as_term(Thread& t, Value v, double* out) {
        if (is_exact_double(v, out)) return true;
        if (!is_long_exact(v) && !is_bool(v)) return false;
        Result<double> d = int_to_double(t, v);
        if (!d) {
            clear_error(t);
            return false;
        }
        *out = d.value();
        return true;
    }
    Status add(Thread& t, Value p, Value q) {
        if (int_path) {
            int64_t m, n, product, sum;
            if (is_long_exact(p) && is_long_exact(q) && int_to_i64(p, &m) && int_to_i64(q, &n) &&
                !__builtin_mul_overflow(m, n, &product) && !__builtin_add_overflow(int_sum, product, &sum)) {
                int_sum = sum;
                return Status::ok();
            }
            int_path = false;
            TRY(flush_ints(t));
        }
        if (float_path) {
            double x, y;
            if ((is_double_exact(p) || is_double_exact(q)) && as_term(t, p, &x) && as_term(t, q, &y) &&
                floats.add(x, y)) {
                has_floats = true;
                return Status::ok();
            }
            float_path = false;
            TRY(flush_floats(t));
        }
        Ref product = TRY(binary_op(t, p, q, BinaryOp::NB_MULTIPLY));
        total = TRY(binary_op(t, total, product, BinaryOp::NB_ADD));
        return Status::ok();
    }
};

Ref sumprod(Thread& t, Value, const Value* a, size_t) {
    Ref pi = TRY(iter(t, a[0])), qi = TRY(iter(t, a[1]));
    SumProduct sum;
    for (;;) {
        Ref p = iter_next(t, pi);
        if (!p && occurred(t)) return {};
        Ref q = iter_next(t, qi);
        if (!q && occurred(t)) return {};
        if (static_cast<bool>(p) != static_cast<bool>(q))
            return raise(t, PyExc_ValueError, "Inputs are not the same length");
        if (!p) break;
        TRY(sum.add(t, p, q));
    }
    TRY(sum.flush_ints(t));
    TRY(sum.flush_floats(t));
    return std::move(sum.total);
}

Ref prod(Thread& t, Value, const Value* a) {
    Ref result = a[1] ? Ref::share(a[1]) : Ref::from_int(1);
    Ref it = TRY(iter(t, a[0]));
    for (;;) {
        Ref item = iter_next(t, it);
        if (!item) {
            if (occurred(t)) return {};
            return result;
        }
        double x, y;
        if (is_exact_double(result, &x) && is_exact_double(item, &y)) {
            for (x *= y;; x *= y) {
                item = iter_next(t, it);
                if (!item || !is_exact_double(item, &y)) break;
            }
            if (!item && occurred(t)) return {};
            result = TRY(float_from(t, x));
            if (!item) return result;
        }
        result = TRY(binary_op(t, result, item, BinaryOp::NB_MULTIPLY));
    }
}

const NativeDef functions[] = {
    def<unary<kAcos>>("acos", "(x, /)", "The arc cosine in radians, from 0 to pi."),
    def<unary<kAcosh>>("acosh", "(x, /)", "The inverse hyperbolic cosine."),
    def<unary<kAsin>>("asin", "(x, /)", "The arc sine in radians, from -pi/2 to pi/2."),
    def<unary<kAsinh>>("asinh", "(x, /)", "The inverse hyperbolic sine."),
    def<unary<kAtan>>("atan", "(x, /)", "The arc tangent in radians, from -pi/2 to pi/2."),
    def<binary<atan2_of>>("atan2", "(y, x, /)", "The angle of the point (x, y) in radians."),
    def<unary<kAtanh>>("atanh", "(x, /)", "The inverse hyperbolic tangent."),
    def<unary<kCbrt>>("cbrt", "(x, /)", "The cube root."),
    def<ceil>("ceil", "(x, /)", "The smallest int not below x."),
    def<math_comb>("comb", "(n, k, /)", "How many ways there are to choose k of n things, in any order."),
    def<binary<copysign_of>>("copysign", "(x, y, /)", "The size of x with the sign of y."),
    def<unary<kCos>>("cos", "(x, /)", "The cosine of x radians."),
    def<unary<kCosh>>("cosh", "(x, /)", "The hyperbolic cosine."),
    def<degrees>("degrees", "(x, /)", "Radians as degrees."),
    def<dist>("dist", "(p, q, /)", "The distance between two points given by their coordinates."),
    def<unary<kErf>>("erf", "(x, /)", "The error function."),
    def<unary<kErfc>>("erfc", "(x, /)", "One minus the error function."),
    def<unary<kExp>>("exp", "(x, /)", "e to the power of x."),
    def<unary<kExp2>>("exp2", "(x, /)", "2 to the power of x."),
    def<unary<kExpm1>>("expm1", "(x, /)", "exp(x) - 1, accurate near zero."),
    def<unary<kFabs>>("fabs", "(x, /)", "The absolute value as a float."),
    def<math_factorial>("factorial", "(n, /)", "The product of the ints from 1 to n."),
    def<floor>("floor", "(x, /)", "The greatest int not above x."),
    def<fma>("fma", "(x, y, z, /)", "x * y + z, rounded once."),
    def<fmod>("fmod", "(x, y, /)", "The remainder of x / y with the sign of x."),
    def<frexp>("frexp", "(x, /)", "Mantissa and exponent (m, e) with x == m * 2.**e."),
    def<fsum>("fsum", "(seq, /)", "The sum of the floats, rounded once."),
    def<unary<kGamma>>("gamma", "(x, /)", "The gamma function."),
    def<math_gcd>("gcd", "(*integers)", "The greatest common divisor."),
    def<hypot>("hypot", "(*coordinates)", "The length of the vector with these coordinates."),
    def<is_close>("isclose", "(a, b, *, rel_tol=1e-09, abs_tol=0.0)",
                  "Whether two numbers are near each other, relatively or absolutely."),
    def<is_finite>("isfinite", "(x, /)", "Whether x is neither an infinity nor a NaN."),
    def<is_inf>("isinf", "(x, /)", "Whether x is an infinity."),
    def<is_nan>("isnan", "(x, /)", "Whether x is a NaN."),
    def<math_isqrt>("isqrt", "(n, /)", "The square root, rounded down to an int."),
    def<math_lcm>("lcm", "(*integers)", "The least common multiple."),
    def<ldexp>("ldexp", "(x, i, /)", "x * 2**i."),
    def<unary<kLgamma>>("lgamma", "(x, /)", "The logarithm of the absolute value of gamma(x)."),
    def<log>("log", nullptr, "log(x, [base=math.e])\nThe logarithm of x to the base.", kMethNoSignature),
    def<log10>("log10", "(x, /)", "The logarithm to the base 10."),
    def<unary<kLog1p>>("log1p", "(x, /)", "log(1 + x), accurate near zero."),
    def<log2>("log2", "(x, /)", "The logarithm to the base 2."),
    def<modf>("modf", "(x, /)", "The fraction and the whole part, both with the sign of x."),
    def<next_after>("nextafter", "(x, y, /, *, steps=None)", "The float `steps` floats from x towards y."),
    def<math_perm>("perm", "(n, k=None, /)", "How many ways there are to choose k of n things in order."),
    def<pow>("pow", "(x, y, /)", "x to the power of y, as floats."),
    def<prod>("prod", "(iterable, /, *, start=1)", "The product of start and all the elements."),
    def<radians>("radians", "(x, /)", "Degrees as radians."),
    def<remainder>("remainder", "(x, y, /)", "What is left of x beside the nearest multiple of y."),
    def<unary<kSin>>("sin", "(x, /)", "The sine of x radians."),
    def<unary<kSinh>>("sinh", "(x, /)", "The hyperbolic sine."),
    def<unary<kSqrt>>("sqrt", "(x, /)", "The square root."),
    def<sumprod>("sumprod", "(p, q, /)", "The sum of the products of pairs of elements."),
    def<unary<kTan>>("tan", "(x, /)", "The tangent of x radians."),
    def<unary<kTanh>>("tanh", "(x, /)", "The hyperbolic tangent."),
    def<trunc>("trunc", "(x, /)", "x without its fraction, by __trunc__."),
    def<ulp>("ulp", "(x, /)", "What the last bit of x is worth."),
    {}};

Status exec(Thread& t, Value module) {
    struct {
        const char* name;
        double value;
    } const constants[] = {{"pi", M_PI}, {"e", M_E}, {"tau", 2 * M_PI}, {"inf", kInf}, {"nan", kNan}};
    for (auto& c : constants) TRY(module_add(t, module, c.name, float_from(t, c.value)));
    return Status::ok();
}

}  // namespace

extern const ModuleSpec module_math;
const ModuleSpec module_math{.name = "math",
                             .doc = "Mathematical functions of real numbers, as the C standard defines them.",
                             .functions = functions,
                             .exec = exec};

}  // namespace krait
