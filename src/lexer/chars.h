#pragma once

#include <array>
#include <cstdint>

namespace krait::chars {

// What a byte of source can be. Bytes of UTF-8 sequences pass as letters; the whole name is checked later.
enum : uint8_t { kLetter = 1, kDigit = 2, kHex = 4, kSpace = 8 };

constexpr std::array<uint8_t, 256> make_classes() {
    std::array<uint8_t, 256> table{};
    for (int c = 0; c < 256; c++) {
        int lower = c | 0x20;
        if ((lower >= 'a' && lower <= 'z' && c < 128) || c == '_' || c >= 128) table[c] |= kLetter;
        if (c >= '0' && c <= '9') table[c] |= kDigit | kHex;
        if (lower >= 'a' && lower <= 'f' && c < 128) table[c] |= kHex;
        if (c == ' ' || c == '\t' || c == '\f') table[c] |= kSpace;
    }
    return table;
}

inline constexpr std::array<uint8_t, 256> kClasses = make_classes();

// `c` may be the end of the text (-1), which is nothing.
constexpr bool is(int c, uint8_t classes) { return c >= 0 && (kClasses[c & 0xFF] & classes) != 0; }
constexpr bool is_digit(int c) { return is(c, kDigit); }
constexpr bool is_name_start(int c) { return is(c, kLetter); }
constexpr bool is_name_part(int c) { return is(c, kLetter | kDigit); }

}  // namespace krait::chars
