// Which characters the codes for single characters stand for.
//
// A code for a set, IN or one of its kin, has in the upper bits of its first word the number of its bits
// (Program::sets), from 1; 0: it has none.
#pragma once

#include "modules/sre/engine.h"

namespace krait::sre {

inline constexpr int kSetWords = 8;  // a bit for each character of Latin-1
inline constexpr int kSetShift = 8;  // of the number in the first word

inline SreOp op_of(const Code* c) { return static_cast<SreOp>(c[0] & ((1u << kSetShift) - 1)); }
inline bool in_bits(const Code* bits, uint32_t c) { return bits[c >> 5] >> (c & 31) & 1; }
// Null: the set has none.
inline const Code* bits_of(const Code* c, const Code* sets) {
    Code number = c[0] >> kSetShift;
    return number ? sets + (number - 1) * kSetWords : nullptr;
}

// Does the code at `c`, which is for a single character, match `ch`?
bool one_slow(const Code* c, uint32_t ch);
inline bool one(const Code* c, uint32_t ch, const Code* sets) {
    if (op_of(c) == SreOp::LITERAL) return ch == c[1];
    if (c[0] >> kSetShift && ch < 256) return in_bits(bits_of(c, sets), ch);
    return one_slow(c, ch);
}
int one_size(const Code* c);  // how many words it has

bool is_word_ascii(uint32_t c);
bool is_word_locale(uint32_t c);
bool is_word_unicode(uint32_t c);

}  // namespace krait::sre
