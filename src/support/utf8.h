#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// UTF-8 in strict form (no surrogates, no overlong forms, at most U+10FFFF) unless a name says otherwise.
namespace krait::utf8 {

// What stops a decoder, and the bytes it covers: `end - begin` is what a "replace" handler swallows.
struct Fault {
    enum class Kind : uint8_t { kNone, kInvalidStart, kInvalidContinuation, kUnexpectedEnd };
    Kind kind = Kind::kNone;
    size_t begin = 0;
    size_t end = 0;
    explicit operator bool() const { return kind != Kind::kNone; }
    // As CPython's codec words it: "invalid start byte", ...
    const char* reason() const;
};

// The first fault at or after `from`; none when the text is valid.
Fault find_fault(std::string_view text, size_t from = 0);
inline bool valid(std::string_view text) { return !find_fault(text); }

// Length of the longest prefix that is ASCII.
size_t ascii_prefix(std::string_view text);
inline bool is_ascii(std::string_view text) { return ascii_prefix(text) == text.size(); }

// All a decoder wants to know of a text first, found in one pass. `lead` is the greatest byte, which bounds
// the characters: C2, C3 are Latin-1, to DF and E0..EF the BMP, F0.. beyond. A text that is not valid has
// none of it.
struct Scan {
    bool valid = false;
    size_t length = 0;
    unsigned char lead = 0;
    constexpr char32_t limit() const {
        return lead < 0x80 ? 0x7f : lead <= 0xC3 ? 0xff : lead <= 0xEF ? 0xffff : 0x10ffff;
    }
};
Scan scan(std::string_view text);

// Number of code points in valid text (bytes that are no continuation byte).
size_t length(std::string_view text);

// Bytes of the sequence that starts with `lead`, for valid text; 1 for what cannot start one.
constexpr unsigned sequence_length(unsigned char lead) {
    return lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

constexpr bool is_continuation(unsigned char byte) { return (byte & 0xC0) == 0x80; }

// Reads the code point at `at` of valid text and moves `at` behind it. Surrogates encoded in three bytes
// ("surrogatepass") are read as what they are.
inline char32_t next(const char*& at) {
    auto byte = [&](int i) { return static_cast<unsigned char>(at[i]); };
    char32_t c = byte(0);
    if (c < 0x80) {
        at += 1;
    } else if (c < 0xE0) {
        c = (c & 0x1F) << 6 | (byte(1) & 0x3F);
        at += 2;
    } else if (c < 0xF0) {
        c = (c & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
        at += 3;
    } else {
        c = (c & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
        at += 4;
    }
    return c;
}

// Writes `c` (a surrogate too, in three bytes) and returns the number of bytes, at most 4.
inline unsigned encode(char32_t c, char* to) {
    if (c < 0x80) {
        to[0] = static_cast<char>(c);
        return 1;
    }
    if (c < 0x800) {
        to[0] = static_cast<char>(0xC0 | c >> 6);
        to[1] = static_cast<char>(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        to[0] = static_cast<char>(0xE0 | c >> 12);
        to[1] = static_cast<char>(0x80 | (c >> 6 & 0x3F));
        to[2] = static_cast<char>(0x80 | (c & 0x3F));
        return 3;
    }
    to[0] = static_cast<char>(0xF0 | c >> 18);
    to[1] = static_cast<char>(0x80 | (c >> 12 & 0x3F));
    to[2] = static_cast<char>(0x80 | (c >> 6 & 0x3F));
    to[3] = static_cast<char>(0x80 | (c & 0x3F));
    return 4;
}

inline void append(std::string& to, char32_t c) {
    char buffer[4];
    to.append(buffer, encode(c, buffer));
}

}  // namespace krait::utf8
