#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace krait {

// The names and numbers are those of Python's `token` module.
enum class Tok : uint8_t {
#define KRAIT_TOKEN(name) name,
#include "lexer/tokens.def"
};

constexpr size_t kTokenKinds = static_cast<size_t>(Tok::ENCODING) + 1;

// "NAME", "LPAR", ...
std::string_view token_name(Tok kind);
// "(" for LPAR; empty for kinds whose text varies. These are also what "expected '('" quotes.
std::string_view token_text(Tok kind);

// One token. Offsets are bytes into the source text and stay good while a line-fed text grows.
struct Token {
    uint32_t begin;
    uint32_t end;
    uint32_t line;    // from 1
    uint32_t column;  // in bytes of UTF-8 from the begin of the line, as `col_offset` of AST nodes
    uint32_t end_line;
    uint32_t end_column;
    // For `!`, `:`, `}` (and `=`) that follow the expression of an f-string field: Lexer::expression_text
    // gives its source.
    uint32_t expression;
    Tok kind;
    // Brackets open behind this token.
    uint8_t level;
};

// INDENT, DEDENT, ENDMARKER and such: the column of a token that has no place.
constexpr uint32_t kNoColumn = UINT32_MAX;

}  // namespace krait
