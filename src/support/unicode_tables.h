// The generated tables (tools/gen/unicode.py); read them through support/unicode.h.
#pragma once

#include <cstdint>

namespace krait::unicode {

struct CharRecord {
    uint16_t flags;
    int32_t upper, lower, title;  // distances to the simple mappings
    int8_t decimal, digit;        // -1: none
    uint16_t special;             // place in case_specials, 0: the simple mappings are all
};
struct DataRecord {
    uint8_t category, combining, bidi, mirrored, width;
    uint8_t quick;  // two bits per Form: 0 yes, 1 maybe, 2 no
};
struct CompositionPair {
    uint32_t first, second, composed;
};
struct NumericValue {
    uint32_t c;
    double numerator, denominator;
};
struct NameRange {
    uint32_t first, last;
    const char* label;
};

namespace tables {
#define TABLE(type, name)     \
    extern const type name[]; \
    extern const uint32_t name##_size;
TABLE(uint16_t, char_index)
TABLE(uint16_t, char_block)
TABLE(CharRecord, char_records)
TABLE(uint32_t, case_specials)  // lengths of upper, lower, title, fold in four bits each, then the characters
TABLE(uint16_t, data_index)
TABLE(uint16_t, data_block)
TABLE(DataRecord, data_records)
TABLE(char* const, category_names)
TABLE(char* const, bidi_names)
TABLE(char* const, width_names)
TABLE(char* const, decomposition_tags)
TABLE(uint16_t, decomposition_index)
TABLE(uint16_t, decomposition_block)
TABLE(uint32_t, decomposition_data)  // length | tag << 8, then the characters
TABLE(CompositionPair, composition_pairs)
TABLE(NumericValue, numeric_values)
TABLE(uint16_t, name_index)
TABLE(uint32_t, name_block)
TABLE(uint32_t, name_extra)
TABLE(uint8_t, name_data)
TABLE(uint32_t, word_places)
TABLE(char, word_text)
TABLE(uint32_t, name_table)
TABLE(uint32_t, alias_targets)
TABLE(uint32_t, sequence_targets)
TABLE(NameRange, name_ranges)
TABLE(char* const, jamo_l)
TABLE(char* const, jamo_v)
TABLE(char* const, jamo_t)
#undef TABLE
}  // namespace tables

inline constexpr int kTrieShift = 7;
template <class T>
inline T trie_get(const uint16_t* index, const T* block, uint32_t c) {
    return block[(static_cast<uint32_t>(index[c >> kTrieShift]) << kTrieShift) |
                 (c & ((1u << kTrieShift) - 1))];
}

}  // namespace krait::unicode
