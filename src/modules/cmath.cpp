// The module cmath: elementary functions of complex numbers.
//
// Arguments that are not finite go to the C library, which has the special values of C99's annex G. Finite
// ones use formulas after Kahan that keep relative accuracy near branch points and do not overflow on the
// way. errno says how a function ended: EDOM and ERANGE become exceptions.
#include <cerrno>
#include <cfloat>
#include <cmath>
#include <complex>

#include "builtins/callable.h"
#include "builtins/number.h"
#include "builtins/tuple.h"
#include "object/protocol.h"

namespace krait {
namespace {

using C = Complex;
using std::copysign, std::fabs, std::hypot, std::isfinite, std::isinf, std::isnan;

constexpr double kInf = __builtin_inf(), kNan = __builtin_nan("");
constexpr double kPi = 3.14159265358979323846, kLn2 = 0.693147180559945309417, kE = 2.71828182845904523536;
constexpr double kLarge = DBL_MAX / 4;
const double kSqrtLarge = std::sqrt(kLarge), kLogLarge = std::log(kLarge), kSqrtMin = std::sqrt(DBL_MIN);

bool finite(C z) { return isfinite(z.real) && isfinite(z.imag); }
bool large(C z) { return fabs(z.real) > kLarge || fabs(z.imag) > kLarge; }
// log |z| where |z| itself may overflow, doubled: the inverse functions of large arguments end there.
double log_of_double(C z) { return std::log(hypot(z.real / 2, z.imag / 2)) + kLn2 * 2; }
void check_range(C r) { errno = isinf(r.real) || isinf(r.imag) ? ERANGE : 0; }

C by_library(C z, std::complex<double> (*fn)(const std::complex<double>&)) {
    // The sign of a nan must not show.
    if (isnan(z.real)) z.real = kNan;
    if (isnan(z.imag)) z.imag = kNan;
    std::complex<double> r = fn({z.real, z.imag});
    return {r.real(), r.imag()};
}

C c_sqrt(C z) {
    errno = 0;
    if (!finite(z)) return by_library(z, std::sqrt);
    if (z.real == 0 && z.imag == 0) return {0, z.imag};
    constexpr int kUp = 2 * (DBL_MANT_DIG / 2) + 1, kDown = -(kUp + 1) / 2;
    double ax = fabs(z.real), ay = fabs(z.imag), s;
    if (ax < DBL_MIN && ay < DBL_MIN) {  // subnormal: scaled up
        ax = std::ldexp(ax, kUp);
        s = std::ldexp(std::sqrt(ax + hypot(ax, std::ldexp(ay, kUp))), kDown);
    } else {
        ax /= 8;
        s = 2 * std::sqrt(ax + hypot(ax, ay / 8));
    }
    double d = ay / (2 * s);
    if (z.real >= 0) return {s, copysign(d, z.imag)};
    return {d, copysign(s, z.imag)};
}

C c_acos(C z) {
    if (!finite(z)) {
        errno = 0;
        C r = by_library(z, std::acos);
        if (isinf(z.real) && isnan(z.imag)) r.imag = kInf;  // the standard leaves this sign open
        return r;
    }
    C r;
    if (large(z)) {
        double l = log_of_double(z);
        r = {std::atan2(fabs(z.imag), z.real), z.real < 0 ? -copysign(l, z.imag) : copysign(l, -z.imag)};
    } else {
        C a = c_sqrt({1 - z.real, -z.imag}), b = c_sqrt({1 + z.real, z.imag});
        r = {2 * std::atan2(a.real, b.real), std::asinh(b.real * a.imag - b.imag * a.real)};
    }
    errno = 0;
    return r;
}

C c_acosh(C z) {
    if (!finite(z)) {
        errno = 0;
        return by_library(z, std::acosh);
    }
    C r;
    if (large(z)) {
        r = {log_of_double(z), std::atan2(z.imag, z.real)};
    } else {
        C a = c_sqrt({z.real - 1, z.imag}), b = c_sqrt({z.real + 1, z.imag});
        r = {std::asinh(a.real * b.real + a.imag * b.imag), 2 * std::atan2(a.imag, b.real)};
    }
    errno = 0;
    return r;
}

C c_asinh(C z) {
    if (!finite(z)) {
        errno = 0;
        return by_library(z, std::asinh);
    }
    C r;
    if (large(z)) {
        double l = log_of_double(z);
        r = {z.imag >= 0 ? copysign(l, z.real) : -copysign(l, -z.real), std::atan2(z.imag, fabs(z.real))};
    } else {
        C a = c_sqrt({1 + z.imag, -z.real}), b = c_sqrt({1 - z.imag, z.real});
        r = {std::asinh(a.real * b.imag - b.real * a.imag),
             std::atan2(z.imag, a.real * b.real - a.imag * b.imag)};
    }
    errno = 0;
    return r;
}

C c_atanh(C z) {
    if (!finite(z)) {
        errno = 0;
        return by_library(z, std::atanh);
    }
    if (z.real < 0 || (z.real == 0 && std::signbit(z.real))) {
        C r = c_atanh({-z.real, -z.imag});
        return {-r.real, -r.imag};
    }
    double ay = fabs(z.imag);
    C r;
    errno = 0;
    if (z.real > kSqrtLarge || ay > kSqrtLarge) {
        double h = hypot(z.real / 2, z.imag / 2);
        r = {z.real / 4 / h / h, -copysign(kPi / 2, -z.imag)};
    } else if (z.real == 1 && ay < kSqrtMin) {
        if (ay == 0) {
            errno = EDOM;
            return {kInf, z.imag};
        }
        r = {-std::log(std::sqrt(ay) / std::sqrt(hypot(ay, 2.0))),
             copysign(std::atan2(2.0, -ay) / 2, z.imag)};
    } else {
        double gap = 1 - z.real;
        r = {std::log1p(4 * z.real / (gap * gap + ay * ay)) / 4,
             -std::atan2(-2 * z.imag, gap * (1 + z.real) - ay * ay) / 2};
    }
    errno = 0;
    return r;
}

// sin and the like are the hyperbolic functions of the argument turned by i, turned back.
C times_i(C z) { return {-z.imag, z.real}; }
C over_i(C z) { return {z.imag, -z.real}; }
C c_asin(C z) { return over_i(c_asinh(times_i(z))); }
C c_atan(C z) { return over_i(c_atanh(times_i(z))); }

C c_cosh(C z) {
    if (!finite(z)) {
        C r = by_library(z, std::cosh);
        if (isnan(z.real) && z.imag == 0) r.imag = 0;  // the standard leaves this sign open
        errno = isinf(z.imag) && !isnan(z.real) ? EDOM : 0;
        return r;
    }
    C r;
    if (fabs(z.real) > kLogLarge) {
        double x = z.real - copysign(1.0, z.real);
        r = {std::cos(z.imag) * std::cosh(x) * kE, std::sin(z.imag) * std::sinh(x) * kE};
    } else {
        r = {std::cos(z.imag) * std::cosh(z.real), std::sin(z.imag) * std::sinh(z.real)};
    }
    check_range(r);
    return r;
}
C c_cos(C z) { return c_cosh(times_i(z)); }

C c_sinh(C z) {
    if (!finite(z)) {
        C r = by_library(z, std::sinh);
        if (z.real == 0 && isnan(z.imag)) r.real = 0;  // the standard leaves these signs open
        errno = isinf(z.imag) && !isnan(z.real) ? EDOM : 0;
        return r;
    }
    C r;
    if (fabs(z.real) > kLogLarge) {
        double x = z.real - copysign(1.0, z.real);
        r = {std::cos(z.imag) * std::sinh(x) * kE, std::sin(z.imag) * std::cosh(x) * kE};
    } else {
        r = {std::cos(z.imag) * std::sinh(z.real), std::sin(z.imag) * std::cosh(z.real)};
    }
    check_range(r);
    return r;
}
C c_sin(C z) { return over_i(c_sinh(times_i(z))); }

C c_tanh(C z) {
    if (!finite(z)) {
        C r = by_library(z, std::tanh);
        if (isinf(z.real) && isinf(z.imag)) r.imag = 0;
        errno = isinf(z.imag) && isfinite(z.real) ? EDOM : 0;
        return r;
    }
    C r;
    if (fabs(z.real) > kLogLarge) {
        r = {copysign(1.0, z.real), 4 * std::sin(z.imag) * std::cos(z.imag) * std::exp(-2 * fabs(z.real))};
    } else {
        double tx = std::tanh(z.real), ty = std::tan(z.imag), cx = 1 / std::cosh(z.real), txty = tx * ty;
        double denom = 1 + txty * txty;
        r = {tx * (1 + ty * ty) / denom, ty / denom * cx * cx};
    }
    errno = 0;
    return r;
}
C c_tan(C z) { return over_i(c_tanh(times_i(z))); }

C c_exp(C z) {
    if (!finite(z)) {
        C r = by_library(z, std::exp);
        if (z.real == -kInf && isinf(z.imag)) r = {0, 0};
        errno = isinf(z.imag) && (isfinite(z.real) || (isinf(z.real) && z.real > 0)) ? EDOM : 0;
        return r;
    }
    C r;
    if (z.real > kLogLarge) {
        double l = std::exp(z.real - 1);
        r = {l * std::cos(z.imag) * kE, l * std::sin(z.imag) * kE};
    } else {
        double l = std::exp(z.real);
        r = {l * std::cos(z.imag), l * std::sin(z.imag)};
    }
    check_range(r);
    return r;
}

C c_log(C z) {
    errno = 0;
    if (!finite(z)) return by_library(z, std::log);
    double ax = fabs(z.real), ay = fabs(z.imag), phase = std::atan2(z.imag, z.real), l;
    if (ax > kLarge || ay > kLarge) {
        l = std::log(hypot(ax / 2, ay / 2)) + kLn2;
    } else if (ax < DBL_MIN && ay < DBL_MIN) {
        if (ax == 0 && ay == 0) {
            errno = EDOM;
            return {-kInf, phase};
        }
        l = std::log(hypot(std::ldexp(ax, DBL_MANT_DIG), std::ldexp(ay, DBL_MANT_DIG))) - DBL_MANT_DIG * kLn2;
    } else {
        double h = hypot(ax, ay);
        if (h >= 0.71 && h <= 1.73) {  // near the unit circle log(h) would cancel
            double big = ax > ay ? ax : ay, small = ax > ay ? ay : ax;
            l = std::log1p((big - 1) * (big + 1) + small * small) / 2;
        } else {
            l = std::log(h);
        }
    }
    errno = 0;
    return {l, phase};
}
C c_log10(C z) {
    C r = c_log(z);
    int saved = errno;
    double ln10 = std::log(10.0);
    errno = saved;
    return {r.real / ln10, r.imag / ln10};
}

// --- what Python sees ---

Status math_error(Thread& t) {
    if (errno == EDOM) return raise(t, PyExc_ValueError, "math domain error");
    if (errno == ERANGE) return raise(t, PyExc_OverflowError, "math range error");
    return Status::ok();
}

template <C (*Fn)(C)>
Ref unary(Thread& t, Value, Value arg) {
    C z = TRY(as_complex(t, arg));
    C r = Fn(z);
    if (errno) TRY(math_error(t));
    return complex_from(t, r.real, r.imag);
}

Ref log(Thread& t, Value, const Value* a, size_t n) {
    C z = TRY(as_complex(t, a[0])), base{};
    if (n > 1) base = TRY(as_complex(t, a[1]));
    C r = c_log(z);
    if (n > 1) {
        base = c_log(base);
        if (!complex_quotient(r, base, &r)) {
            r = {0, 0};
            errno = EDOM;
        }
    }
    if (errno) TRY(math_error(t));
    return complex_from(t, r.real, r.imag);
}

// |z|; ERANGE when it is too large.
double length_of(C z) {
    double r = hypot(z.real, z.imag);
    errno = isinf(r) && finite(z) ? ERANGE : 0;
    return r;
}

Ref phase(Thread& t, Value, Value arg) {
    C z = TRY(as_complex(t, arg));
    errno = 0;
    double r = std::atan2(z.imag, z.real);
    if (errno) TRY(math_error(t));
    return float_from(t, r);
}
Ref polar(Thread& t, Value, Value arg) {
    C z = TRY(as_complex(t, arg));
    double r = length_of(z), phi = std::atan2(z.imag, z.real);
    if (isinf(r) && finite(z)) return raise(t, PyExc_OverflowError, "math range error");
    Ref length = TRY(float_from(t, r)), angle = TRY(float_from(t, phi));
    return tuple_of(t, {length, angle});
}

C from_polar(double r, double phi) {
    errno = 0;
    if (isfinite(r) && isfinite(phi)) {
        if (phi == 0) return {r, r * phi};  // keeps the sign of zero
        return {r * std::cos(phi), r * std::sin(phi)};
    }
    if (isinf(r) && isfinite(phi) && phi != 0) {
        double sign = r > 0 ? 1 : -1;
        return {sign * copysign(kInf, std::cos(phi)), sign * copysign(kInf, std::sin(phi))};
    }
    if (r != 0 && !isnan(r) && isinf(phi)) errno = EDOM;
    if (r == 0) return {0, 0};
    if (isinf(r) && phi == 0) return {r, r > 0 ? phi : -phi};
    if (isinf(r)) return {kInf, kNan};
    if (isnan(r) && phi == 0) return {r, 0};
    return {kNan, kNan};
}
Ref rect(Thread& t, Value, const Value* a, size_t) {
    double r = TRY(as_double(t, a[0])), phi = TRY(as_double(t, a[1]));
    C z = from_polar(r, phi);
    if (errno) TRY(math_error(t));
    return complex_from(t, z.real, z.imag);
}

Ref is_nan(Thread& t, Value, Value arg) {
    C z = TRY(as_complex(t, arg));
    return bool_ref(isnan(z.real) || isnan(z.imag));
}
Ref is_inf(Thread& t, Value, Value arg) {
    C z = TRY(as_complex(t, arg));
    return bool_ref(isinf(z.real) || isinf(z.imag));
}
Ref is_finite(Thread& t, Value, Value arg) {
    C z = TRY(as_complex(t, arg));
    return bool_ref(finite(z));
}

Ref is_close(Thread& t, Value, const Value* p) {
    C a = TRY(as_complex(t, p[0])), b = TRY(as_complex(t, p[1]));
    double relative = p[2] ? TRY(as_double(t, p[2])) : 1e-9, absolute = p[3] ? TRY(as_double(t, p[3])) : 0.0;
    if (relative < 0 || absolute < 0) return raise(t, PyExc_ValueError, "tolerances must be non-negative");
    if (a.real == b.real && a.imag == b.imag) return bool_ref(true);
    if (isinf(a.real) || isinf(a.imag) || isinf(b.real) || isinf(b.imag)) return bool_ref(false);
    double gap = hypot(a.real - b.real, a.imag - b.imag);
    return bool_ref(gap <= relative * hypot(b.real, b.imag) || gap <= relative * hypot(a.real, a.imag) ||
                    gap <= absolute);
}

const NativeDef functions[] = {
    def<unary<c_acos>>("acos", "(z, /)", "The arc cosine of z."),
    def<unary<c_acosh>>("acosh", "(z, /)", "The inverse hyperbolic cosine of z."),
    def<unary<c_asin>>("asin", "(z, /)", "The arc sine of z."),
    def<unary<c_asinh>>("asinh", "(z, /)", "The inverse hyperbolic sine of z."),
    def<unary<c_atan>>("atan", "(z, /)", "The arc tangent of z."),
    def<unary<c_atanh>>("atanh", "(z, /)", "The inverse hyperbolic tangent of z."),
    def<unary<c_cos>>("cos", "(z, /)", "The cosine of z."),
    def<unary<c_cosh>>("cosh", "(z, /)", "The hyperbolic cosine of z."),
    def<unary<c_exp>>("exp", "(z, /)", "e to the power of z."),
    def<is_close>("isclose", "(a, b, *, rel_tol=1e-09, abs_tol=0.0)",
                  "Whether two numbers are nearly equal."),
    def<is_finite>("isfinite", "(z, /)", "Whether both parts of z are finite."),
    def<is_inf>("isinf", "(z, /)", "Whether a part of z is infinite."),
    def<is_nan>("isnan", "(z, /)", "Whether a part of z is not a number."),
    def<log>("log", "(z, base=<unrepresentable>, /)", "The logarithm of z, natural unless a base is given."),
    def<unary<c_log10>>("log10", "(z, /)", "The logarithm of z to base 10."),
    def<phase>("phase", "(z, /)", "The angle of z to the positive real axis."),
    def<polar>("polar", "(z, /)", "z as (length, angle)."),
    def<rect>("rect", "(r, phi, /)", "The complex number of length r at the angle phi."),
    def<unary<c_sin>>("sin", "(z, /)", "The sine of z."),
    def<unary<c_sinh>>("sinh", "(z, /)", "The hyperbolic sine of z."),
    def<unary<c_sqrt>>("sqrt", "(z, /)", "The square root of z."),
    def<unary<c_tan>>("tan", "(z, /)", "The tangent of z."),
    def<unary<c_tanh>>("tanh", "(z, /)", "The hyperbolic tangent of z."),
    {}};

Status exec(Thread& t, Value module) {
    TRY(module_add(t, module, "pi", float_from(t, kPi)));
    TRY(module_add(t, module, "e", float_from(t, kE)));
    TRY(module_add(t, module, "tau", float_from(t, 2 * kPi)));
    TRY(module_add(t, module, "inf", float_from(t, kInf)));
    TRY(module_add(t, module, "infj", complex_from(t, 0, kInf)));
    TRY(module_add(t, module, "nan", float_from(t, kNan)));
    return module_add(t, module, "nanj", complex_from(t, 0, kNan));
}

}  // namespace

extern const ModuleSpec module_cmath;
const ModuleSpec module_cmath{
    .name = "cmath", .doc = "Functions of complex numbers.", .functions = functions, .exec = exec};

}  // namespace krait
