#include "support/utf8.h"

#include <emmintrin.h>

#include <cstring>

namespace krait::utf8 {

const char* Fault::reason() const {
    switch (kind) {
        case Kind::kInvalidStart:
            return "invalid start byte";
        case Kind::kInvalidContinuation:
            return "invalid continuation byte";
        case Kind::kUnexpectedEnd:
            return "unexpected end of data";
        case Kind::kNone:
            break;
    }
    return "";
}

size_t ascii_prefix(std::string_view text) {
    const char* data = text.data();
    size_t size = text.size();
    size_t i = 0;
    for (; i + 32 <= size; i += 32) {
        uint64_t words[4];
        std::memcpy(words, data + i, 32);
        if ((words[0] | words[1] | words[2] | words[3]) & 0x8080808080808080u) break;
    }
    for (; i + 8 <= size; i += 8) {
        uint64_t word;
        std::memcpy(&word, data + i, 8);
        word &= 0x8080808080808080u;
        if (word) return i + __builtin_ctzll(word) / 8;
    }
    if (i == size) return size;
    // The rest together with what was looked at before.
    if (size >= 8) {
        uint64_t word;
        std::memcpy(&word, data + size - 8, 8);
        if (!(word & 0x8080808080808080u)) return size;
    } else if (size >= 4) {
        uint32_t head, tail;
        std::memcpy(&head, data, 4);
        std::memcpy(&tail, data + size - 4, 4);
        if (!((head | tail) & 0x80808080u)) return size;
    }
    while (i < size && static_cast<signed char>(data[i]) >= 0) i++;
    return i;
}

size_t length(std::string_view text) {
    size_t count = 0;
    for (char c : text) count += !is_continuation(static_cast<unsigned char>(c));
    return count;
}

namespace {

// The bounds of the second byte depend on the first one: they exclude overlong forms, surrogates and what
// lies beyond U+10FFFF.
struct Bounds {
    unsigned char low, high;
};

Bounds second_byte(unsigned char lead) {
    switch (lead) {
        case 0xE0:
            return {0xA0, 0xBF};
        case 0xED:
            return {0x80, 0x9F};
        case 0xF0:
            return {0x90, 0xBF};
        case 0xF4:
            return {0x80, 0x8F};
        default:
            return {0x80, 0xBF};
    }
}

}  // namespace

Fault find_fault(std::string_view text, size_t from) {
    size_t i = from;
    while (i < text.size()) {
        auto lead = static_cast<unsigned char>(text[i]);
        if (lead < 0x80) {
            i += ascii_prefix(text.substr(i));
            continue;
        }
        if (lead < 0xC2 || lead > 0xF4) return {Fault::Kind::kInvalidStart, i, i + 1};
        unsigned need = sequence_length(lead);
        Bounds bounds = second_byte(lead);
        for (unsigned k = 1; k < need; k++) {
            if (i + k >= text.size()) return {Fault::Kind::kUnexpectedEnd, i, text.size()};
            auto byte = static_cast<unsigned char>(text[i + k]);
            if (byte < bounds.low || byte > bounds.high) {
                return {Fault::Kind::kInvalidContinuation, i, i + k};
            }
            bounds = {0x80, 0xBF};
        }
        i += need;
    }
    return {};
}

namespace {

// Sixty-four bytes at a time, one bit of a word for each: what starts a sequence says where continuation
// bytes have to be, and those are all that may be there.
class Scanner {
  public:
    // False: not valid.
    bool block(const char* p) {
        for (int i = 0; i < 4; i++) part_[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + 16 * i));
        __m128i top = _mm_max_epu8(_mm_max_epu8(part_[0], part_[1]), _mm_max_epu8(part_[2], part_[3]));
        if (_mm_movemask_epi8(top) == 0) {
            length += 64;
            return !pending();
        }
        max_ = _mm_max_epu8(max_, top);
        uint64_t high = mask([](__m128i v) { return v; });
        uint64_t lead = high & above(0xBF);
        uint64_t wanted = lead << 1 | lead_ >> 63;
        bool ok = !mask([](__m128i v) {  // C0, C1 would be overlong
            return _mm_cmpeq_epi8(_mm_and_si128(v, _mm_set1_epi8(static_cast<char>(0xFE))),
                                  _mm_set1_epi8(static_cast<char>(0xC0)));
        });
        // Compared as signed numbers ASCII is above everything else: the greatest byte is not ASCII here.
        bool longer = _mm_movemask_epi8(
            _mm_and_si128(_mm_cmpgt_epi8(top, _mm_set1_epi8(static_cast<char>(0xDF))), top));
        if (longer || three_ | four_) ok = long_sequences(high, wanted) && ok;
        lead_ = lead;
        uint64_t continuation = high & ~lead;
        length += 64 - static_cast<size_t>(__builtin_popcountll(continuation));
        return ok && continuation == wanted;
    }
    // A sequence is not complete yet.
    bool pending() const { return lead_ >> 63 || three_ >> 62 || four_ >> 61; }
    unsigned char greatest() const {
        unsigned char bytes[16], top = 0;
        _mm_storeu_si128(reinterpret_cast<__m128i*>(bytes), max_);
        for (unsigned char b : bytes) top = top < b ? b : top;
        return top;
    }
    size_t length = 0;

  private:
    template <class F>
    uint64_t mask(F f) const {
        uint64_t m = 0;
        for (int i = 0; i < 4; i++)
            m |= uint64_t{static_cast<unsigned>(_mm_movemask_epi8(f(part_[i])))} << (16 * i);
        return m;
    }
    // Bytes greater than `low`, which is not ASCII, and all ASCII.
    uint64_t above(int low) const {
        return mask([=](__m128i v) { return _mm_cmpgt_epi8(v, _mm_set1_epi8(static_cast<char>(low))); });
    }
    uint64_t equal(int byte) const {
        return mask([=](__m128i v) { return _mm_cmpeq_epi8(v, _mm_set1_epi8(static_cast<char>(byte))); });
    }
    // Where sequences of three and four bytes go on; and the bounds of their second bytes, see second_byte.
    bool long_sequences(uint64_t high, uint64_t& wanted) {
        uint64_t three = high & above(0xDF), four = high & above(0xEF);
        wanted |= three << 2 | three_ >> 62 | four << 3 | four_ >> 61;
        three_ = three;
        four_ = four;
        uint64_t from_a0 = high & above(0x9F), from_90 = high & above(0x8F);
        auto second = [](uint64_t now, uint64_t& before) {
            uint64_t m = now << 1 | before >> 63;
            before = now;
            return m;
        };
        return !((second(equal(0xE0), e0_) & ~from_a0) | (second(equal(0xED), ed_) & from_a0) |
                 (second(equal(0xF0), f0_) & ~from_90) | (second(equal(0xF4), f4_) & from_90));
    }

    __m128i part_[4];
    __m128i max_ = _mm_setzero_si128();
    // Of the block before: what starts sequences of two bytes or more, three or more, four; and leads by
    // name.
    uint64_t lead_ = 0, three_ = 0, four_ = 0, e0_ = 0, ed_ = 0, f0_ = 0, f4_ = 0;
};

}  // namespace

Scan scan(std::string_view text) {
    Scanner s;
    const char *p = text.data(), *end = p + text.size();
    for (; end - p >= 64; p += 64)
        if (!s.block(p)) return {};
    size_t left = static_cast<size_t>(end - p);
    if (left || s.pending()) {
        char last[64] = {};
        std::memcpy(last, p, left);
        if (!s.block(last)) return {};
        s.length -= 64 - left;
    }
    unsigned char lead = s.greatest();
    if (lead > 0xF4) return {};
    return {true, s.length, lead};
}

}  // namespace krait::utf8
