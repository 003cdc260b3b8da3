#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "lexer/token.h"

namespace krait::operators {

struct Entry {
    std::string_view text;
    Tok kind;
};

inline constexpr Entry kOperators[] = {
#define KRAIT_TOKEN(name)
#define KRAIT_OPERATOR(name, text) {text, Tok::name},
#include "lexer/tokens.def"
};

// By character: the operator of that one character, and where in kLonger those that begin with it stand.
struct First {
    Tok kind = Tok::OP;
    uint8_t begin = 0;
    uint8_t count = 0;
};

struct Tables {
    std::array<First, 128> first{};
    // Longer operators in groups by first character, the longest of each group first.
    std::array<Entry, std::size(kOperators)> longer{};
};

constexpr Tables make_tables() {
    Tables tables;
    uint8_t used = 0;
    for (int c = 0; c < 128; c++) {
        tables.first[c].begin = used;
        for (size_t size = 3; size >= 1; size--) {
            for (const Entry& entry : kOperators) {
                if (entry.text.size() != size || entry.text[0] != c) continue;
                if (size == 1) {
                    tables.first[c].kind = entry.kind;
                } else if (entry.kind != Tok::ELLIPSIS) {  // "..": two tokens; read apart
                    tables.longer[used++] = entry;
                }
            }
        }
        tables.first[c].count = static_cast<uint8_t>(used - tables.first[c].begin);
    }
    return tables;
}

inline constexpr Tables kTables = make_tables();

// The longest operator at the begin of `text`, which is not empty, and its size; OP and 1 for a character
// that begins none. A three-character operator counts only when its first two are one too, as in CPython: all
// are.
struct Match {
    Tok kind;
    unsigned size;
};

// `angle_not_equal`: "<>" is an operator, too.
inline Match match(const char* text, bool angle_not_equal) {
    auto c = static_cast<unsigned char>(*text);
    if (c >= 128) return {Tok::OP, 1};
    if (angle_not_equal && c == '<' && text[1] == '>') return {Tok::NOTEQUAL, 2};
    const First& first = kTables.first[c];
    for (unsigned i = first.begin; i < unsigned(first.begin) + first.count; i++) {
        const Entry& entry = kTables.longer[i];
        if (text[1] == entry.text[1] && (entry.text.size() == 2 || text[2] == entry.text[2])) {
            return {entry.kind, static_cast<unsigned>(entry.text.size())};
        }
    }
    return {first.kind, 1};
}

}  // namespace krait::operators
