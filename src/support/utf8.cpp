#include "support/utf8.h"

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

}  // namespace krait::utf8
