#include "modules/math/integers.h"

#include <cmath>
#include <numeric>

#include "builtins/int_internal.h"
#include "builtins/tuple.h"
#include "gc/room.h"
#include "object/protocol.h"

namespace krait {

namespace {

// GMP ends the process when a number gets too big for it: what has more bits than this is refused before.
constexpr double kMaxBits = 0x1p35;

uint64_t magnitude(int64_t v) { return v < 0 ? 0 - static_cast<uint64_t>(v) : static_cast<uint64_t>(v); }

// z = n * (n-1) * ... * (n-k+1), by halves so that the factors are of like size.
void falling_product(mpz_ptr z, mpz_srcptr n, uint64_t from, uint64_t k) {
    if (k <= 8) {
        mpz_sub_ui(z, n, from);
        Mpz factor;
        for (uint64_t i = 1; i < k; i++) {
            mpz_sub_ui(factor, n, from + i);
            mpz_mul(z, z, factor);
        }
        return;
    }
    Mpz right;
    falling_product(z, n, from, k / 2);
    falling_product(right, n, from + k / 2, k - k / 2);
    mpz_mul(z, z, right);
}

// Both must be at least 0.
Status check_counts(Thread& t, Value n, Value k) {
    if (int_sign(n) < 0) return raise(t, PyExc_ValueError, "n must be a non-negative integer");
    if (int_sign(k) < 0) return raise(t, PyExc_ValueError, "k must be a non-negative integer");
    return Status::ok();
}

template <bool kGcd>
Ref fold(Thread& t, const Value* args, size_t n) {
    if (n == 0) return Ref::from_int(kGcd ? 0 : 1);
    Ref result = TRY(index(t, args[0]));
    if (n == 1) {
        if (int_sign(result) < 0) return int_neg(t, result);
        int64_t w;
        return int_to_i64(result, &w) ? int_from(t, w) : std::move(result);
    }
    for (size_t i = 1; i < n; i++) {
        Ref item = TRY(index(t, args[i]));
        int64_t a, b;
        if (int_to_i64(result, &a) && int_to_i64(item, &b)) {
            uint64_t x = magnitude(a), y = magnitude(b), g = std::gcd(x, y), r = g;
            bool fits = true;
            if (!kGcd) fits = g == 0 || !__builtin_mul_overflow(x / g, y, &r);
            if (fits) {
                result = TRY(int_from_u64(t, r));
                continue;
            }
        }
        TRY(room_for(t, int_bit_length(result) + int_bit_length(item)));
        Mpz x(result), y(item);
        if (kGcd)
            mpz_gcd(x, x, y);
        else
            mpz_lcm(x, x, y);
        result = TRY(int_from_mpz(t, x));
    }
    return result;
}

}  // namespace

Ref math_gcd(Thread& t, Value, const Value* a, size_t n) { return fold<true>(t, a, n); }
Ref math_lcm(Thread& t, Value, const Value* a, size_t n) { return fold<false>(t, a, n); }

Ref math_isqrt(Thread& t, Value, Value v) {
    Ref n = TRY(index(t, v));
    if (int_sign(n) < 0) return raise(t, PyExc_ValueError, "isqrt() argument must be nonnegative");
    uint64_t word;
    if (int_to_u64(n, &word)) {
        auto r = static_cast<uint64_t>(std::sqrt(static_cast<double>(word)));
        if (r > 0xffffffff) r = 0xffffffff;
        while (r * r > word) r--;
        while (r < 0xffffffff && (r + 1) * (r + 1) <= word) r++;
        return int_from_u64(t, r);
    }
    TRY(room_for(t, int_bit_length(n)));
    Mpz z(n);
    mpz_sqrt(z, z);
    return int_from_mpz(t, z);
}

Ref math_factorial(Thread& t, Value, Value v) {
    Ref n = TRY(index(t, v));
    if (int_sign(n) < 0) return raise(t, PyExc_ValueError, "factorial() not defined for negative values");
    int64_t count;
    if (!int_to_i64(n, &count))
        return raise(t, PyExc_OverflowError, "factorial() argument should not exceed %lld",
                     static_cast<long long>(INT64_MAX));
    if (count <= 20) {
        uint64_t r = 1;
        for (int64_t i = 2; i <= count; i++) r *= static_cast<uint64_t>(i);
        return int_from_u64(t, r);
    }
    auto d = static_cast<double>(count);
    if (d * std::log2(d) > kMaxBits) return raise_no_memory(t);
    TRY(room_for(t, static_cast<int64_t>(d * std::log2(d))));
    Mpz z;
    mpz_fac_ui(z, static_cast<unsigned long>(count));
    return int_from_mpz(t, z);
}

Ref math_comb(Thread& t, Value, const Value* a, size_t) {
    Ref n = TRY(index(t, a[0])), k = TRY(index(t, a[1]));
    TRY(check_counts(t, n, k));
    if (int_compare(k, n) > 0) return Ref::from_int(0);
    Ref rest = TRY(int_sub(t, n, k));
    if (int_compare(rest, k) < 0) k = std::move(rest);
    int64_t count;
    if (!int_to_i64(k, &count))
        return raise(t, PyExc_OverflowError, "min(n - k, k) must not exceed %lld",
                     static_cast<long long>(INT64_MAX));
    double bits = static_cast<double>(count) * static_cast<double>(int_bit_length(n) + 1);
    if (bits > kMaxBits) return raise_no_memory(t);
    TRY(room_for(t, static_cast<int64_t>(bits)));
    Mpz z;
    uint64_t word;
    if (int_to_u64(n, &word)) {
        mpz_bin_uiui(z, word, static_cast<unsigned long>(count));
    } else {
        Mpz big(n);
        mpz_bin_ui(z, big, static_cast<unsigned long>(count));
    }
    return int_from_mpz(t, z);
}

Ref math_perm(Thread& t, Value self, const Value* a, size_t nargs) {
    if (nargs < 2 || is_none(a[1])) return math_factorial(t, self, a[0]);
    Ref n = TRY(index(t, a[0])), k = TRY(index(t, a[1]));
    TRY(check_counts(t, n, k));
    if (int_compare(k, n) > 0) return Ref::from_int(0);
    int64_t count;
    if (!int_to_i64(k, &count))
        return raise(t, PyExc_OverflowError, "k must not exceed %lld", static_cast<long long>(INT64_MAX));
    if (count == 0) return Ref::from_int(1);
    if (static_cast<double>(count) * static_cast<double>(int_bit_length(n)) > kMaxBits)
        return raise_no_memory(t);
    TRY(room_for(t, count * int_bit_length(n)));
    Mpz z, big(n);
    falling_product(z, big, 0, static_cast<uint64_t>(count));
    return int_from_mpz(t, z);
}

}  // namespace krait
