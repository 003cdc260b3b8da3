// Real functions that the C library does not have, or not with the results that are asked for.
#pragma once

#include <cstdint>

namespace krait {

double math_gamma(double x);   // sets errno to EDOM or ERANGE
double math_lgamma(double x);  // likewise
// Length of a vector whose greatest absolute component is `max`; right to the last bit but for the rarest
// cases.
double math_vector_norm(const double* v, int64_t n, double max, bool has_nan);

// Unevaluated sums of doubles.
struct DoubleDouble {
    double hi, lo;
};
inline DoubleDouble exact_sum(double a, double b) {
    double s = a + b, z = s - a;
    return {s, (a - (s - z)) + (b - z)};
}
inline DoubleDouble exact_product(double a, double b) {
    double p = a * b;
    return {p, __builtin_fma(a, b, -p)};
}

}  // namespace krait
