// The module _statistics: quantiles of the normal distribution, algorithm AS 241 of M. J. Wichura (1988).
#include <cmath>

#include "builtins/number.h"
#include "object/protocol.h"

namespace krait {
namespace {

// A quotient of polynomials of degree seven, the highest coefficient first.
struct Rational {
    double num[8], den[8];
    // Each step is rounded (no fused operations), as the published tables assume.
    static double horner(const double (&c)[8], double r) {
        double sum = c[0];
        for (int i = 1; i < 8; i++) sum = sum * r + c[i];
        return sum;
    }
};

constexpr Rational kCentral{
    {2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
     13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.3871328727963666080},
    {5226.4952788528545610, 28729.085735721942674, 39307.895800092710610, 21213.794301586595867,
     5394.1960214247511077, 687.18700749205790830, 42.313330701600911252, 1.0}};
constexpr Rational kMiddle{{7.7454501427834140764e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
                            1.27045825245236838258e+0, 3.64784832476320460504e+0, 5.76949722146069140550e+0,
                            4.63033784615654529590e+0, 1.42343711074968357734e+0},
                           {1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2,
                            1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940e+0,
                            2.05319162663775882187e+0, 1.0}};
constexpr Rational kTail{{2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
                          2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580e+0,
                          5.46378491116411436990e+0, 6.65790464350110377720e+0},
                         {2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5,
                          7.86869131145613259100e-4, 1.48753612908506148525e-2, 1.36929880922735805310e-1,
                          5.99832206555887937690e-1, 1.0}};

Ref inv_cdf(Thread& t, Value, const Value* a, size_t) {
    double p = TRY(as_double(t, a[0])), mu = TRY(as_double(t, a[1])), sigma = TRY(as_double(t, a[2]));
    if (p <= 0.0 || p >= 1.0) return raise(t, PyExc_ValueError, "inv_cdf undefined for these parameters");
    double q = p - 0.5;
    if (std::fabs(q) <= 0.425) {
        double r = 0.180625 - q * q;
        double x = Rational::horner(kCentral.num, r) * q / Rational::horner(kCentral.den, r);
        return float_from(t, mu + x * sigma);
    }
    double r = std::sqrt(-std::log(q <= 0.0 ? p : 1.0 - p));
    const Rational& f = r <= 5.0 ? kMiddle : kTail;
    r -= r <= 5.0 ? 1.6 : 5.0;
    double x = Rational::horner(f.num, r) / Rational::horner(f.den, r);
    return float_from(t, mu + (q < 0.0 ? -x : x) * sigma);
}

const NativeDef functions[] = {def<inv_cdf>("_normal_dist_inv_cdf", "(p, mu, sigma, /)", nullptr), {}};

}  // namespace

extern const ModuleSpec module__statistics;
const ModuleSpec module__statistics{
    .name = "_statistics", .doc = "What the module statistics has natively.", .functions = functions};

}  // namespace krait
