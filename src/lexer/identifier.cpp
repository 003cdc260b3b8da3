#include "lexer/identifier.h"

#include <cstdint>

#include "support/utf8.h"

namespace krait {

namespace {

// Written by tools/gen/identifiers.py: one byte of flags per character, in blocks that are stored once.
#include "lexer/identifier-table.inc"

constexpr uint8_t kStart = 1;
constexpr uint8_t kContinue = 2;
constexpr uint8_t kPrintable = 4;

uint8_t flags(char32_t c) { return c < 0x110000 ? kFlags[kIndex[c / kBlock] * kBlock + c % kBlock] : 0; }

}  // namespace

size_t identifier_prefix(std::string_view name) {
    const char* at = name.data();
    const char* end = at + name.size();
    uint8_t wanted = kStart;
    while (at < end) {
        const char* c = at;
        if (!(flags(utf8::next(at)) & wanted)) return static_cast<size_t>(c - name.data());
        wanted = kContinue;
    }
    return name.size();
}

bool is_printable(char32_t c) { return flags(c) & kPrintable; }

}  // namespace krait
