#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lexer/token.h"
#include "source/diagnostic.h"
#include "source/source-text.h"

namespace krait {

// Gives the lines of a text that is not there yet (REPL, `tokenize`).
class LineReader {
  public:
    enum class Result : uint8_t { kLine, kEnd, kFailed };
    // Appends the next line (UTF-8, with its newline) to `text`. `continued`: false for the first line of a
    // statement (the REPL's primary prompt). kFailed: an exception is set and goes through unchanged.
    virtual Result read(SourceText& text, bool continued) = 0;

  protected:
    ~LineReader() = default;
};

struct LexerOptions {
    // `# type:` comments become tokens (ast.parse(type_comments=True)).
    bool type_comments = false;
    // COMMENT and NL tokens, and tolerance for what only a parser minds: the `tokenize` module's view.
    bool extra_tokens = false;
    // REPL: an empty line ends a block, nothing is read ahead.
    bool interactive = false;
    // Lines come from here instead of the text alone.
    LineReader* reader = nullptr;
    // Warnings go here; they are dropped without one.
    WarningSink* warnings = nullptr;
};

// Turns a source text into the tokens of Python 3.14, one at a time; nothing is looked at before it is asked
// for, so errors come in the order in which a parser meets them. Time is linear in the text.
class Lexer {
  public:
    // Why there is no next token. CPython's parser treats them differently: when it searches the rest of the
    // text for lexical errors after a syntax error, only kError counts.
    enum class Failure : uint8_t {
        kNone,
        kError,          // ready-made: unterminated string, bad number, unmatched bracket, ...
        kEofInBrackets,  // the text ended inside brackets: "'(' was never closed" (the parser may know
                         // better)
        kTabs,           // TabError
        kDedent,         // unindent that matches nothing
        kTooDeep,        // too many levels of indentation
        kContinuation,   // something after a backslash, or the end of the text
        kStopped,        // a line reader or warning filter raised: kind kExternal
    };

    struct Bracket {
        char open;
        uint32_t line;
        uint32_t column;  // bytes
        uint32_t begin;
    };

    // Both must outlive the lexer.
    Lexer(SourceText& source, const LexerOptions& options = {});
    ~Lexer();
    Lexer(const Lexer&) = delete;
    Lexer& operator=(const Lexer&) = delete;

    // The next token. False at an error, which `failure` and `diagnostic` describe; calling again is the same
    // error. After ENDMARKER, ENDMARKER again.
    bool next(Token& token);

    Failure failure() const { return failure_; }
    // The complete error with place and text line; only when failure() is not kNone.
    const Diagnostic& diagnostic() const { return diagnostic_; }

    SourceText& source() const { return source_; }
    std::string_view text(const Token& token) const {
        return {source_.data() + token.begin, token.end - token.begin};
    }
    // The source of the f-string expression that ends before this token, comments removed (for `{x=}` and for
    // t-strings); empty when the token ends none.
    std::string_view expression_text(const Token& token) const {
        return token.expression ? std::string_view(expressions_[token.expression - 1]) : std::string_view();
    }
    bool has_expression(const Token& token) const { return token.expression != 0; }

    // Brackets that are open now, innermost last.
    size_t level() const { return level_; }
    const Bracket& bracket(size_t i) const { return brackets_[i]; }
    // "'(' was never closed" for the innermost open bracket; level() must not be 0.
    Diagnostic unclosed_bracket() const;
    // True when the text has been read to its end (CPython's E_EOF).
    bool at_end() const { return at_end_; }
    // The line that is being read.
    uint32_t line() const { return line_; }
    // Indentation levels open now.
    size_t indentation() const { return indents_.size() - 1; }

    // An error at a place, with the line of text CPython would quote for it: `column` and `end_column` are
    // byte offsets from 0 in their lines (end_column may be Diagnostic::kUnset).
    Diagnostic error_at(Diagnostic::Kind kind, std::string message, uint32_t line, int64_t column,
                        uint32_t end_line, int64_t end_column) const;

    // Interactive input: after the ENDMARKER that ends a statement inside a block, queue the DEDENTs that
    // close all blocks (they come with the next calls).
    void imply_dedents();
    // Search for errors only: no more warnings, no more lines from the reader.
    void stop_warnings() { options_.warnings = nullptr; }
    void stop_reading() { stop_reading_ = true; }

  private:
    struct Mode;
    struct Indent {
        uint32_t column;  // tabs to multiples of 8
        uint32_t strict;  // tabs count 1: both must agree
    };

    static constexpr size_t kMaxBrackets = 200;
    static constexpr size_t kMaxIndents = 100;
    static constexpr size_t kMaxModes = 150;

    SourceText& source_;
    LexerOptions options_;
    Failure failure_ = Failure::kNone;
    Diagnostic diagnostic_;
    bool at_end_ = false;
    bool stop_reading_ = false;
    uint32_t line_ = 0;
    size_t level_ = 0;
    std::vector<Indent> indents_;
    Bracket brackets_[kMaxBrackets];
    std::vector<std::string> expressions_;
};

}  // namespace krait
