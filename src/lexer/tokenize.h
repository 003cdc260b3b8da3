#pragma once

#include <cstdint>
#include <string_view>

#include "lexer/lexer.h"

namespace krait {

// What the iterator behind the `tokenize` module gives for one token; columns are in characters.
struct TokenInfo {
    // With LexerOptions::extra_tokens all operators are OP.
    Tok kind;
    int64_t line;
    int64_t column;  // -1: none
    int64_t end_line;
    int64_t end_column;
    std::string_view text;
    // The physical lines of the token. The same as the last token's when `line_changed` is false.
    std::string_view line_text;
    bool line_changed;
};

// The tokens of a text as `_tokenize.TokenizerIter` gives them. Views last until the next call.
class TokenizeStream {
  public:
    TokenizeStream(SourceText& source, const LexerOptions& options)
        : lexer_(source, options), source_(source) {}

    // False at the end, and at an error, which `error` tells.
    bool next(TokenInfo& info);
    // Empty at the end. An error without location may still have `line` and `column`, for the exception's
    // attributes.
    const Diagnostic& error() const { return error_; }

  private:
    int64_t characters(uint32_t line_begin, uint32_t bytes);
    void set_error();

    Lexer lexer_;
    SourceText& source_;
    Diagnostic error_;
    bool done_ = false;
    int64_t last_line_ = 0;
    uint32_t text_begin_ = 0, text_end_ = 0;  // of the line text in use
    // The last conversion of a column, from which the next one goes on.
    uint32_t known_begin_ = 0, known_bytes_ = 0;
    int64_t known_characters_ = 0;
};

}  // namespace krait
