// Splitting sequences of characters, shared by str, bytes and bytearray: each function calls
// emit(start, stop) -> Status for the pieces, in order; the r-functions from the right.
#pragma once

#include "builtins/text_search.h"
#include "object/value.h"

namespace krait {

template <class C, class Space, class Emit>
Status split_space(const C* s, int64_t n, int64_t most, Space&& is_space, Emit&& emit) {
    int64_t i = 0;
    for (;;) {
        while (i < n && is_space(s[i])) i++;
        if (i == n) return Status::ok();
        if (most-- <= 0) break;
        int64_t start = i;
        while (i < n && !is_space(s[i])) i++;
        TRY(emit(start, i));
    }
    return emit(i, n);
}

template <class C, class Space, class Emit>
Status rsplit_space(const C* s, int64_t n, int64_t most, Space&& is_space, Emit&& emit) {
    int64_t i = n;
    for (;;) {
        while (i > 0 && is_space(s[i - 1])) i--;
        if (i == 0) return Status::ok();
        if (most-- <= 0) return emit(0, i);
        int64_t stop = i;
        while (i > 0 && !is_space(s[i - 1])) i--;
        TRY(emit(i, stop));
    }
}

// By one character, 16 bytes at a time.
template <class C, class Emit>
Status split_char(const C* s, int64_t n, uint32_t sep, int64_t most, Emit&& emit) {
    constexpr int kLanes = 16 / static_cast<int>(sizeof(C));
    const __m128i want = search::splat<C>(sep);
    int64_t start = 0, i = 0;
    for (; i + kLanes <= n && most > 0; i += kLanes) {
        auto mask = static_cast<unsigned>(_mm_movemask_epi8(search::equal<C>(search::load(s + i), want)));
        while (mask && most > 0) {
            int lane = __builtin_ctz(mask) / static_cast<int>(sizeof(C));
            TRY(emit(start, i + lane));
            start = i + lane + 1;
            most--;
            mask &= ~(((1u << sizeof(C)) - 1) << (lane * static_cast<int>(sizeof(C))));
        }
    }
    for (; i < n && most > 0; i++) {
        if (s[i] != sep) continue;
        TRY(emit(start, i));
        start = i + 1;
        most--;
    }
    return emit(start, n);
}

template <class C, class N, class Emit>
Status split_text(const C* s, int64_t n, const N* sep, int64_t m, int64_t most, Emit&& emit) {
    if (m == 1) return split_char(s, n, sep[0], most, emit);
    Finder<C, N> finder(sep, m);
    int64_t at = 0;
    Status ok = Status::ok();
    if (most > 0)
        finder.each(s, n, [&](int64_t found) {
            ok = emit(at, found);
            at = found + m;
            return ok && --most > 0;
        });
    if (!ok) return {};
    return emit(at, n);
}

template <class C, class N, class Emit>
Status rsplit_text(const C* s, int64_t n, const N* sep, int64_t m, int64_t most, Emit&& emit) {
    int64_t stop = n;
    while (most-- > 0) {
        int64_t found = rfind_text(s, stop, sep, m);
        if (found < 0) break;
        TRY(emit(found + m, stop));
        stop = found;
    }
    return emit(0, stop);
}

// The first place from `i` on that may be a control character or the line break of Latin-1, near the end any.
template <class C>
int64_t skip_plain(const C* s, int64_t i, int64_t n) {
    if constexpr (sizeof(C) == 1) {
        const __m128i control = _mm_set1_epi8(0x1f), next_line = _mm_set1_epi8(static_cast<char>(0x85));
        for (; i + 16 <= n; i += 16) {
            __m128i x = search::load(s + i);
            __m128i hit =
                _mm_or_si128(_mm_cmpeq_epi8(_mm_min_epu8(x, control), x), _mm_cmpeq_epi8(x, next_line));
            if (int mask = _mm_movemask_epi8(hit)) return i + __builtin_ctz(static_cast<unsigned>(mask));
        }
    }
    return i;
}

template <class C, class Break, class Emit>
Status split_lines(const C* s, int64_t n, bool keep_ends, Break&& is_break, Emit&& emit) {
    for (int64_t i = 0; i < n;) {
        int64_t start = i;
        for (i = skip_plain(s, i, n); i < n && !is_break(s[i]); i = skip_plain(s, i + 1, n)) {
        }
        int64_t stop = i;
        if (i < n) {
            i += s[i] == '\r' && i + 1 < n && s[i + 1] == '\n' ? 2 : 1;
            if (keep_ends) stop = i;
        }
        TRY(emit(start, stop));
    }
    return Status::ok();
}

}  // namespace krait
