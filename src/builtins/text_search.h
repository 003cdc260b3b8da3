// Searching in sequences of 1-, 2- and 4-byte characters, shared by str, bytes and bytearray.
//
// Finder looks for places where the first and the last character of the needle stand, 16 bytes at a time,
// and compares what is between. When that turns out expensive (many false candidates) it changes to the
// two-way algorithm of Crochemore and Perrin for the rest: the worst case is linear.
#pragma once

#include <emmintrin.h>

#include <cstdint>
#include <cstring>
#include <cwchar>

namespace krait {

namespace search {

template <class H>
inline __m128i splat(uint32_t c) {
    if constexpr (sizeof(H) == 1)
        return _mm_set1_epi8(static_cast<char>(c));
    else if constexpr (sizeof(H) == 2)
        return _mm_set1_epi16(static_cast<short>(c));
    else
        return _mm_set1_epi32(static_cast<int>(c));
}
template <class H>
inline __m128i equal(__m128i a, __m128i b) {
    if constexpr (sizeof(H) == 1)
        return _mm_cmpeq_epi8(a, b);
    else if constexpr (sizeof(H) == 2)
        return _mm_cmpeq_epi16(a, b);
    else
        return _mm_cmpeq_epi32(a, b);
}
inline __m128i load(const void* p) { return _mm_loadu_si128(static_cast<const __m128i*>(p)); }

template <class H, class N>
inline bool same(const H* h, const N* n, int64_t count) {
    if constexpr (sizeof(H) == sizeof(N)) {
        if (count == 0) return true;
        return h[0] == n[0] && std::memcmp(h, n, static_cast<size_t>(count) * sizeof(H)) == 0;
    } else {
        for (int64_t i = 0; i < count; i++)
            if (h[i] != n[i]) return false;
        return true;
    }
}

}  // namespace search

// Index of the first / last `c` in s[0..n), or -1.
template <class H>
inline int64_t find_char(const H* s, int64_t n, uint32_t c) {
    if (n <= 0 || c > static_cast<H>(-1)) return -1;
    if constexpr (sizeof(H) == 1) {
        auto* p = static_cast<const H*>(std::memchr(s, static_cast<int>(c), static_cast<size_t>(n)));
        return p ? p - s : -1;
    } else if constexpr (sizeof(H) == 4) {
        auto* p = std::wmemchr(reinterpret_cast<const wchar_t*>(s), static_cast<wchar_t>(c),
                               static_cast<size_t>(n));
        return p ? reinterpret_cast<const H*>(p) - s : -1;
    } else {
        __m128i want = search::splat<H>(c);
        int64_t i = 0;
        for (; i + 8 <= n; i += 8)
            if (int mask = _mm_movemask_epi8(search::equal<H>(search::load(s + i), want)))
                return i + __builtin_ctz(static_cast<unsigned>(mask)) / 2;
        for (; i < n; i++)
            if (s[i] == c) return i;
        return -1;
    }
}
template <class H>
inline int64_t rfind_char(const H* s, int64_t n, uint32_t c) {
    if (n <= 0 || c > static_cast<H>(-1)) return -1;
    if constexpr (sizeof(H) == 1) {
        auto* p = static_cast<const H*>(memrchr(s, static_cast<int>(c), static_cast<size_t>(n)));
        return p ? p - s : -1;
    } else {
        for (int64_t i = n - 1; i >= 0; i--)
            if (s[i] == c) return i;
        return -1;
    }
}

// H: characters of the text, N: of the needle (not wider). The needle must outlive the finder.
template <class H, class N>
class Finder {
  public:
    Finder(const N* needle, int64_t m) : needle_(needle), m_(m) {}
    Finder(const H*, const N* needle, int64_t m) : needle_(needle), m_(m) {}  // hay given for its type

    // First place >= from where the needle stands in hay[0..n); -1: none. The needle is not empty.
    int64_t next(const H* hay, int64_t from, int64_t n) {
        if (n - from < m_) return -1;
        if (m_ == 1) {
            int64_t i = find_char(hay + from, n - from, needle_[0]);
            return i < 0 ? -1 : from + i;
        }
        return two_way_ ? two_way(hay, from, n) : filtered(hay, from, n);
    }
    int64_t length() const { return m_; }
    // Calls hit(place) for the occurrences in hay[0..n) that do not overlap, until it returns false.
    template <class F>
    void each(const H* hay, int64_t n, F&& hit) {
        int64_t at = 0;
        if (m_ > 1 && !two_way_ && n >= m_) {
            at = scan(hay, 0, n, hit);
            if (at < 0) return;
            at = go_two_way(hay, at, n);
        } else {
            at = next(hay, 0, n);
        }
        for (; at >= 0 && hit(at); at = next(hay, at + m_, n)) {
        }
    }

  private:
    int64_t filtered(const H* hay, int64_t from, int64_t n) {
        int64_t found = -1;
        int64_t rest = scan(hay, from, n, [&](int64_t at) {
            found = at;
            return false;
        });
        return rest < 0 ? found : go_two_way(hay, rest, n);
    }

    // Calls hit(place) for each occurrence that does not overlap the one before, until it returns false. -1:
    // that was all; else where to go on with the two-way algorithm.
    template <class F>
    int64_t scan(const H* hay, int64_t from, int64_t n, F&& hit) const {
        constexpr int kLanes = 16 / static_cast<int>(sizeof(H));
        const __m128i first = search::splat<H>(needle_[0]), last = search::splat<H>(needle_[m_ - 1]);
        int64_t end = n - m_;                     // last place where it can stand
        int64_t i = from, next = from, cost = 0;  // next: the last occurrence ends there
        for (; i + kLanes - 1 <= end; i += kLanes) {
            auto mask = static_cast<unsigned>(
                _mm_movemask_epi8(_mm_and_si128(search::equal<H>(search::load(hay + i), first),
                                                search::equal<H>(search::load(hay + i + m_ - 1), last))));
            while (mask) {
                int lane = __builtin_ctz(mask) / static_cast<int>(sizeof(H));
                int64_t at = i + lane;
                mask &= ~(((1u << sizeof(H)) - 1) << (lane * static_cast<int>(sizeof(H))));
                if (at < next) continue;
                if (search::same(hay + at + 1, needle_ + 1, m_ - 2)) {
                    if (!hit(at)) return -1;
                    next = at + m_;
                    continue;
                }
                cost += m_;
            }
            if (cost > 2048 + 8 * (i - from)) return next > i + kLanes ? next : i + kLanes;
        }
        for (i = i < next ? next : i; i <= end; i++) {
            if (hay[i] != needle_[0] || hay[i + m_ - 1] != needle_[m_ - 1] ||
                !search::same(hay + i + 1, needle_ + 1, m_ - 2))
                continue;
            if (!hit(i)) return -1;
            i += m_ - 1;
        }
        return -1;
    }

    int64_t go_two_way(const H* hay, int64_t from, int64_t n) {
        two_way_ = true;
        int64_t p1, p2;
        int64_t s1 = maximal_suffix(p1, false), s2 = maximal_suffix(p2, true);
        cut_ = s1 > s2 ? s1 : s2;
        period_ = s1 > s2 ? p1 : p2;
        periodic_ = cut_ + period_ <= m_ && search::same(needle_, needle_ + period_, cut_);
        if (!periodic_) period_ = (cut_ > m_ - cut_ ? cut_ : m_ - cut_) + 1;
        return n - from < m_ ? -1 : two_way(hay, from, n);
    }

    // Start of the greatest suffix in the order of characters (or its reverse), and the period of that
    // suffix.
    int64_t maximal_suffix(int64_t& period, bool reversed) const {
        int64_t suffix = -1, j = 0, k = 1;
        period = 1;
        while (j + k < m_) {
            N a = needle_[j + k], b = needle_[suffix + k];
            if (reversed ? a > b : a < b) {
                j += k;
                k = 1;
                period = j - suffix;
            } else if (a == b) {
                if (k == period) {
                    j += period;
                    k = 1;
                } else {
                    k++;
                }
            } else {
                suffix = j++;
                k = period = 1;
            }
        }
        return suffix + 1;
    }

    int64_t two_way(const H* hay, int64_t from, int64_t n) const {
        int64_t memory = 0;  // for periodic needles: how much of the left part is known to match
        for (int64_t at = from; at + m_ <= n;) {
            int64_t i = cut_ > memory ? cut_ : memory;
            while (i < m_ && needle_[i] == hay[at + i]) i++;
            if (i < m_) {
                at += i - cut_ + 1;
                memory = 0;
                continue;
            }
            int64_t j = cut_ - 1;
            while (j >= memory && needle_[j] == hay[at + j]) j--;
            if (j < memory) return at;
            at += period_;
            memory = periodic_ ? m_ - period_ : 0;
        }
        return -1;
    }

    const N* needle_;
    int64_t m_, cut_ = 0, period_ = 0;
    bool two_way_ = false, periodic_ = false;
};

// Last place where the needle (not empty) stands in hay[0..n); -1: none.
template <class H, class N>
int64_t rfind_text(const H* hay, int64_t n, const N* needle, int64_t m) {
    if (m == 1) return rfind_char(hay, n, needle[0]);
    N first = needle[0], last = needle[m - 1];
    constexpr int kLanes = 16 / static_cast<int>(sizeof(H));
    const __m128i all_first = search::splat<H>(first), all_last = search::splat<H>(last);
    int64_t i = n - m;  // the last place not looked at
    for (; i >= kLanes - 1; i -= kLanes) {
        const H* block = hay + i - (kLanes - 1);
        auto mask = static_cast<unsigned>(
            _mm_movemask_epi8(_mm_and_si128(search::equal<H>(search::load(block), all_first),
                                            search::equal<H>(search::load(block + m - 1), all_last))));
        while (mask) {
            int lane = (31 - __builtin_clz(mask)) / static_cast<int>(sizeof(H));
            if (search::same(block + lane + 1, needle + 1, m - 2)) return block + lane - hay;
            mask &= (1u << (lane * static_cast<int>(sizeof(H)))) - 1;
        }
    }
    for (; i >= 0; i--)
        if (hay[i] == first && hay[i + m - 1] == last && search::same(hay + i + 1, needle + 1, m - 2))
            return i;
    return -1;
}

// Occurrences that do not overlap, at most `most`.
template <class H, class N>
int64_t count_text(const H* hay, int64_t n, const N* needle, int64_t m, int64_t most) {
    Finder<H, N> finder(needle, m);
    int64_t count = 0;
    if (most > 0) finder.each(hay, n, [&](int64_t) { return ++count < most; });
    return count;
}
template <class H>
int64_t count_char(const H* s, int64_t n, uint32_t c) {
    int64_t count = 0, i = 0;
    if constexpr (sizeof(H) == 1) {
        const __m128i want = search::splat<H>(c), zero = _mm_setzero_si128();
        while (n - i >= 16) {
            // Each byte counts down from zero; before one can overflow they are added up.
            int64_t stop = n - i > 255 * 16 ? i + 255 * 16 : i + ((n - i) & ~int64_t{15});
            __m128i counts = zero;
            for (; i < stop; i += 16)
                counts = _mm_sub_epi8(counts, search::equal<H>(search::load(s + i), want));
            __m128i sums = _mm_sad_epu8(counts, zero);
            count += _mm_cvtsi128_si64(sums) + _mm_cvtsi128_si64(_mm_unpackhi_epi64(sums, sums));
        }
    }
    for (; i < n; i++) count += s[i] == c;
    return count;
}

// Clamps the way slices do; start may stay beyond stop.
inline void clamp_range(int64_t length, int64_t& start, int64_t& stop) {
    if (stop > length)
        stop = length;
    else if (stop < 0)
        stop = stop + length < 0 ? 0 : stop + length;
    if (start < 0) start = start + length < 0 ? 0 : start + length;
}

}  // namespace krait
