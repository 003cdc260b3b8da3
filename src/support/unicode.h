// Properties of code points, Unicode 16.0. Every function takes any c < 0x110000; no Python objects here.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "support/unicode_tables.h"

namespace krait::unicode {

inline constexpr char kVersion[] = "16.0.0";

enum CharFlag : uint16_t {
    kAlpha = 1,
    kDecimal = 2,
    kDigit = 4,
    kNumeric = 8,
    kLower = 0x10,
    kUpper = 0x20,
    kTitle = 0x40,
    kSpace = 0x80,
    kLineBreak = 0x100,
    kPrintable = 0x200,
    kXidStart = 0x400,
    kXidContinue = 0x800,
    kCased = 0x1000,
    kCaseIgnorable = 0x2000,
};

inline const CharRecord& char_record(uint32_t c) {
    return tables::char_records[trie_get(tables::char_index, tables::char_block, c)];
}
inline const DataRecord& data_record(uint32_t c) {
    return tables::data_records[trie_get(tables::data_index, tables::data_block, c)];
}
inline bool has(uint32_t c, uint16_t flags) { return char_record(c).flags & flags; }
inline bool is_alpha(uint32_t c) { return has(c, kAlpha); }
inline bool is_alnum(uint32_t c) { return has(c, kAlpha | kDecimal | kDigit | kNumeric); }
inline bool is_space(uint32_t c) {
    if (c < 128) return c == 32 || (c >= 9 && c <= 13) || (c >= 0x1c && c <= 0x1f);
    return has(c, kSpace);
}
inline bool is_line_break(uint32_t c) {
    if (c < 128) return (c >= 10 && c <= 13) || (c >= 0x1c && c <= 0x1e);
    return c == 0x85 || c == 0x2028 || c == 0x2029;
}
inline bool is_printable(uint32_t c) { return c < 127 ? c >= 32 : has(c, kPrintable); }
inline bool is_xid_start(uint32_t c) { return has(c, kXidStart); }
inline bool is_xid_continue(uint32_t c) { return has(c, kXidContinue); }
inline int decimal_value(uint32_t c) { return char_record(c).decimal; }  // -1: none
inline int digit_value(uint32_t c) { return char_record(c).digit; }
bool numeric_value(uint32_t c, double* value);

// Simple case mappings.
inline uint32_t to_upper(uint32_t c) { return c + static_cast<uint32_t>(char_record(c).upper); }
inline uint32_t to_lower(uint32_t c) { return c + static_cast<uint32_t>(char_record(c).lower); }
inline uint32_t to_title(uint32_t c) { return c + static_cast<uint32_t>(char_record(c).title); }
// Full case mappings: writes at most three code points, returns how many.
enum class Case { Upper, Lower, Title, Fold };
int map_case(Case to, uint32_t c, uint32_t* out);

inline const char* category(uint32_t c) { return tables::category_names[data_record(c).category]; }
inline int combining(uint32_t c) { return data_record(c).combining; }

// --- normalization ---
enum class Form { NFD = 0, NFKD = 1, NFC = 2, NFKC = 3 };
enum class Answer { Yes, Maybe, No };
// Whether a text of one character type is in the form, as far as the quick check tells.
template <class C>
Answer quick_check(Form form, const C* s, size_t n) {
    int shift = 2 * static_cast<int>(form), previous = 0;
    Answer answer = Answer::Yes;
    for (size_t i = 0; i < n; i++) {
        if (s[i] < 0xA0) {
            previous = 0;
            continue;
        }
        const DataRecord& r = data_record(s[i]);
        if (r.combining && previous > r.combining) return Answer::No;
        previous = r.combining;
        if (int q = r.quick >> shift & 3) {
            if (q == 2) return Answer::No;
            answer = Answer::Maybe;
        }
    }
    return answer;
}
// The text in the form; ends the process when memory runs out. `override_mapping`, for older versions of the
// data, says what a character decomposes to: 0: look in the tables.
std::vector<uint32_t> normalize(Form form, const std::vector<uint32_t>& text,
                                uint32_t (*override_mapping)(uint32_t c) = nullptr);
std::string nfkc(std::string_view utf8);  // valid UTF-8, surrogates allowed
// The character's own mapping: the code points (length in *n) and the index of its tag; null when there is
// none.
const uint32_t* decomposition(uint32_t c, int* n, int* tag);

// --- names ---
// Empty when the character has none.
std::string name(uint32_t c);
// A code point with this name or alias, in any case of letters; with `sequences` also named sequences, whose
// code points go to `out` (at most 4). Returns how many code points were found, 0 for none.
int lookup(std::string_view name, bool sequences, uint32_t out[4], bool aliases = true);

}  // namespace krait::unicode
