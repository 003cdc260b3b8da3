#include "modules/math/real.h"

#include <cerrno>
#include <cmath>
#include <limits>

namespace krait {

namespace {

constexpr double kPi = 3.141592653589793238462643383279502884;
constexpr double kInf = std::numeric_limits<double>::infinity();

// Lanczos' approximation with 13 terms and this g.
constexpr double kG = 6.024680040776729583740234375;
constexpr double kGMinusHalf = 5.524680040776729583740234375;
constexpr int kTerms = 13;
constexpr double kNumerator[kTerms] = {
    23531376880.410759688572007674451636754734846804940, 42919803642.649098768957899047001988850926355848959,
    35711959237.355668049440185451547166705960488635843, 17921034426.037209699919755754458931112671403265390,
    6039542586.3520280050642916443072979210699388420708, 1439720407.3117216736632230727949123939715485786372,
    248874557.86205415651146038641322942321632125127801, 31426415.585400194380614231628318205362874684987640,
    2876370.6289353724412254090516208496135991145378768, 186056.26539522349504029498971604569928220784236328,
    8071.6720023658162106380029022722506138218516325024, 210.82427775157934587250973392071336271166969580291,
    2.5066282746310002701649081771338373386264310793408};
constexpr double kDenominator[kTerms] = {0.0,        39916800.0, 120543840.0, 150917976.0, 105258076.0,
                                         45995730.0, 13339535.0, 2637558.0,   357423.0,    32670.0,
                                         1925.0,     66.0,       1.0};

double lanczos_sum(double x) {
    double num = 0, den = 0;
    if (x < 5.0) {
        for (int i = kTerms; --i >= 0;) {
            num = num * x + kNumerator[i];
            den = den * x + kDenominator[i];
        }
    } else {
        for (int i = 0; i < kTerms; i++) {
            num = num / x + kNumerator[i];
            den = den / x + kDenominator[i];
        }
    }
    return num / den;
}

double sin_pi(double x) {
    double y = std::fmod(std::fabs(x), 2.0), r = 0;
    switch (static_cast<int>(std::round(2.0 * y))) {
        case 0:
            r = std::sin(kPi * y);
            break;
        case 1:
            r = std::cos(kPi * (y - 0.5));
            break;
        case 2:
            r = std::sin(kPi * (1.0 - y));
            break;
        case 3:
            r = -std::cos(kPi * (y - 1.5));
            break;
        default:
            r = std::sin(kPi * (y - 2.0));
    }
    return std::copysign(1.0, x) * r;
}

}  // namespace

double math_gamma(double x) {
    if (!std::isfinite(x)) {
        if (std::isnan(x) || x > 0) return x;
        errno = EDOM;
        return std::numeric_limits<double>::quiet_NaN();
    }
    if (x == 0) {
        errno = EDOM;
        return std::copysign(kInf, x);
    }
    if (x == std::floor(x)) {
        if (x < 0) {
            errno = EDOM;
            return std::numeric_limits<double>::quiet_NaN();
        }
        if (x <= 23) {
            double r = 1;
            for (int i = 2; i < static_cast<int>(x); i++) r *= i;
            return r;
        }
    }
    double a = std::fabs(x);
    if (a < 1e-20) {
        double r = 1.0 / x;
        if (std::isinf(r)) errno = ERANGE;
        return r;
    }
    if (a > 200) {
        if (x < 0) return 0.0 / sin_pi(x);
        errno = ERANGE;
        return kInf;
    }
    double y = a + kGMinusHalf, z;
    if (a > kGMinusHalf)
        z = (y - a) - kGMinusHalf;  // the rounding error of y
    else
        z = (y - kGMinusHalf) - a;
    z = z * kG / y;
    double r;
    if (x < 0) {
        r = -kPi / sin_pi(a) / a * std::exp(y) / lanczos_sum(a);
        r -= z * r;
        if (a < 140) {
            r /= std::pow(y, a - 0.5);
        } else {
            double half = std::pow(y, a / 2.0 - 0.25);
            r /= half;
            r /= half;
        }
    } else {
        r = lanczos_sum(a) / std::exp(y);
        r += z * r;
        if (a < 140) {
            r *= std::pow(y, a - 0.5);
        } else {
            double half = std::pow(y, a / 2.0 - 0.25);
            r *= half;
            r *= half;
        }
    }
    if (std::isinf(r)) errno = ERANGE;
    return r;
}

double math_lgamma(double x) {
    if (!std::isfinite(x)) return std::isnan(x) ? x : kInf;
    if (x == std::floor(x) && x <= 2) {
        if (x > 0) return 0;
        errno = EDOM;
        return kInf;
    }
    double a = std::fabs(x);
    if (a < 1e-20) return -std::log(a);
    double r = std::log(lanczos_sum(a)) - kG;
    r += (a - 0.5) * (std::log(a + kG - 0.5) - 1);
    if (x < 0)
        r = 1.144729885849400174143427351353058711647 - std::log(std::fabs(sin_pi(a))) - std::log(a) - r;
    if (std::isinf(r)) errno = ERANGE;
    return r;
}

double math_vector_norm(const double* v, int64_t n, double max, bool has_nan) {
    if (std::isinf(max)) return max;
    if (has_nan) return std::numeric_limits<double>::quiet_NaN();
    if (max == 0 || n <= 1) return max;
    int e;
    std::frexp(max, &e);
    // 2**-e would overflow for subnormals: lift them by a power of two that loses nothing.
    double lift = 1;
    if (e < -1021) {
        lift = 0x1p+600;
        e += 600;
    }
    double scale = std::ldexp(1.0, -e), sum = 1, low = 0, lower = 0;
    for (int64_t i = 0; i < n; i++) {
        double x = v[i] * lift * scale;
        DoubleDouble square = exact_product(x, x);
        double s = sum + square.hi;  // sum >= 1 > square: the error is exact in this order
        low += (sum - s) + square.hi;
        lower += square.lo;
        sum = s;
    }
    double h = std::sqrt(sum - 1.0 + (low + lower));
    DoubleDouble square = exact_product(-h, h);
    double s = sum + square.hi;
    low += (sum - s) + square.hi;
    lower += square.lo;
    double error = s - 1.0 + (low + lower);
    h += error / (2.0 * h);
    return h / scale / lift;
}

}  // namespace krait
