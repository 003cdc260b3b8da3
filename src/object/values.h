// Many values at once. Numbers of one word are not counted: eight of them are seen at one go.
#pragma once

#include <emmintrin.h>

#include <utility>

#include "object/value.h"

namespace krait {

inline constexpr int64_t kValuesAtOnce = 8;

// Are all kValuesAtOnce from `p` on immediates, whose two lowest bits are not both zero?
inline bool all_immediate(const Value* p) {
    auto* words = reinterpret_cast<const __m128i*>(p);
    __m128i all = _mm_set1_epi64x(-1);
    for (int i = 0; i < 4; i++) {
        __m128i v = _mm_loadu_si128(words + i);
        all = _mm_and_si128(all, _mm_or_si128(v, _mm_srli_epi64(v, 1)));
    }
    return _mm_movemask_pd(_mm_castsi128_pd(_mm_slli_epi64(all, 63))) == 3;
}

// Lets go of items[0..n), which nobody sees any more, from the last to the first. Empty ones are passed over.
inline void release_values(const Value* items, int64_t n) {
    while (n >= kValuesAtOnce) {
        n -= kValuesAtOnce;
        if (all_immediate(items + n)) continue;
        for (int64_t i = kValuesAtOnce; --i >= 0;) xdecref(items[n + i]);
    }
    while (--n >= 0) xdecref(items[n]);
}

// Copies n values to where none are yet, each counted once more.
inline void share_values(Value* to, const Value* from, int64_t n) {
    int64_t i = 0;
    for (; i + kValuesAtOnce <= n; i += kValuesAtOnce) {
        bool plain = all_immediate(from + i);
        for (int64_t k = 0; k < kValuesAtOnce; k++) to[i + k] = from[i + k];
        if (plain) continue;
        for (int64_t k = 0; k < kValuesAtOnce; k++) xincref(from[i + k]);
    }
    for (; i < n; i++) {
        to[i] = from[i];
        xincref(from[i]);
    }
}

// Turns the order round.
inline void reverse_values(Value* items, int64_t n) {
    int64_t i = 0, j = n;
    for (; i + 4 <= j; i += 2, j -= 2) {
        auto *low = reinterpret_cast<__m128i*>(items + i), *high = reinterpret_cast<__m128i*>(items + j - 2);
        __m128i a = _mm_loadu_si128(low), b = _mm_loadu_si128(high);
        _mm_storeu_si128(low, _mm_shuffle_epi32(b, 0x4E));
        _mm_storeu_si128(high, _mm_shuffle_epi32(a, 0x4E));
    }
    for (j--; i < j; i++, j--) std::swap(items[i], items[j]);
}

}  // namespace krait
