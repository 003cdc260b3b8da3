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

// Finds the line of a file for an error's `text`.
class LineLookup {
  public:
    // False: not known, the text's own line will do.
    virtual bool line(size_t number, std::string& text) = 0;

  protected:
    ~LineLookup() = default;
};

struct LexerOptions {
    // `# type:` comments become tokens (ast.parse(type_comments=True)).
    bool type_comments = false;
    // COMMENT and NL tokens, and tolerance for what only a parser minds: the `tokenize` module's view.
    bool extra_tokens = false;
    // REPL: an empty line ends a block, nothing is read ahead.
    bool interactive = false;
    // Where exec-mode errors get the line they quote, before the text itself is asked: CPython reads the
    // named file.
    LineLookup* lines = nullptr;
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
        kError,         // ready-made: unterminated string, bad number, unmatched bracket, ...
        kEof,           // the text ended inside brackets ("'(' was never closed") or behind a backslash
        kTabs,          // TabError
        kDedent,        // unindent that matches nothing
        kTooDeep,       // too many levels of indentation
        kContinuation,  // something behind a backslash
        kStopped,       // a line reader or warning filter raised (kind kExternal), or the text is too large
    };

    struct Bracket {
        char open;
        uint32_t line;
        uint32_t column;  // bytes
        uint32_t begin;
    };

    // Both must outlive the lexer.
    Lexer(SourceText& source, const LexerOptions& options = {});
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
    std::string expression_text(const Token& token) const;
    bool has_expression(const Token& token) const { return token.expression != 0; }

    // Brackets that are open now, innermost last.
    size_t level() const { return level_; }
    const Bracket& bracket(size_t i) const { return brackets_[i]; }
    // "'(' was never closed" for the innermost open bracket; level() must not be 0.
    Diagnostic unclosed_bracket() const;
    // True when more text might have helped: the end was reached, and the error, if there is one, is that
    // something is still open there. What PyCF_ALLOW_INCOMPLETE_INPUT asks.
    bool at_end() const {
        return failure_ == Failure::kNone ? at_end_ : failure_ == Failure::kEof || open_string_;
    }
    // The line that is being read.
    uint32_t line() const { return line_; }
    // Where the lexer stands: the byte behind the last one it has taken.
    uint32_t cursor() const { return offset(cur_); }
    // Bytes between the begin of that line and where the lexer stands.
    uint32_t cursor_column() const { return static_cast<uint32_t>(cur_ - line_begin_); }
    // An f-string or t-string is open.
    bool in_template() const { return modes_.size() > 1; }
    // Indentation levels open now.
    size_t indentation() const { return indents_.size() - 1; }

    // An error at a place, with the line of text CPython would quote for it: `column` and `end_column` are
    // byte offsets from 0 in their lines (end_column may be Diagnostic::kUnset).
    Diagnostic error_at(Diagnostic::Kind kind, std::string message, uint32_t line, int64_t column,
                        uint32_t end_line, int64_t end_column) const;

    // Interactive input: after the ENDMARKER that ends a statement inside a block, queue the DEDENTs that
    // close all blocks (they come with the next calls).
    void imply_dedents();
    // `from __future__ import barry_as_FLUFL`: "<>" is NOTEQUAL from here on; without it, two tokens.
    void set_angle_not_equal(bool on) { angle_not_equal_ = on; }
    // Search for errors only: no more warnings, no more lines from the reader.
    void stop_warnings() { options_.warnings = nullptr; }
    void stop_reading() { stop_reading_ = true; }

  private:
    friend class TokenizeStream;

    static constexpr int kEof = -1;
    static constexpr size_t kMaxBrackets = 200;
    static constexpr size_t kMaxIndents = 100;
    static constexpr size_t kMaxModes = 150;
    static constexpr int kMaxFields = 3;

    struct Indent {
        uint32_t column;  // a tab leads to the next multiple of 8
        uint32_t strict;  // a tab counts 1; both ways of counting must agree
    };

    // One open f-string or t-string, or the file around them.
    struct Mode {
        bool in_text = false;  // between fields; else ordinary tokens are read
        bool raw = false;
        bool in_spec = false;   // behind the ":" of a field
        bool in_debug = false;  // behind the "=" of a field
        char prefix = 0;        // 'f' or 't'; 0 for the file
        char quote = 0;
        uint8_t quote_size = 0;
        int brackets = 0;    // open since the string began
        int field = -1;      // bracket depth outside the innermost field; -1 outside of fields
        uint32_t begin = 0;  // of the string
        uint32_t line = 0;   // where it began
        uint32_t line_begin = 0;
        uint32_t expression_begin = 0;
        uint32_t expression_end = 0;
        bool expression_ended = true;

        bool in_field() const { return field >= 0; }
    };

    // Characters. All offsets count from the begin of the source text.
    uint32_t offset(const char* at) const { return static_cast<uint32_t>(at - base_); }
    int get() { return __builtin_expect(cur_ < inp_, 1) ? static_cast<unsigned char>(*cur_++) : get_slow(); }
    void unget(int c) {
        if (c != kEof) cur_--;
    }
    // CPython reads the character at `at` here; at the end of the text that counts for `at_end`.
    void look_at(const char* at) {
        if (at == end_ && options_.reader == nullptr) at_end_ = true;
    }
    int get_slow();
    bool advance_line();
    bool read_line();

    // lexer.cpp
    bool fail(Failure failure, Diagnostic diagnostic);
    bool syntax_error(std::string message);
    bool syntax_error(std::string message, const char* begin, const char* end);
    bool fail_indent(Failure failure);
    bool fail_end_of_file();
    bool fail_continuation();
    // `as_error`: how the error reads that a filter turns the warning into; empty: as the warning.
    bool warn(Diagnostic::Kind kind, std::string message, std::string as_error = {});
    bool finish(Token& token, Tok kind, const char* begin, const char* end);
    bool finish(Token& token, Tok kind) { return finish(token, kind, start_, cur_); }
    bool finish_empty(Token& token, Tok kind);
    bool finish_string(Token& token, Tok kind, const char* end);

    // lexer-code.cpp: ordinary tokens
    enum class Line : uint8_t { kCode, kBlank, kFailed };
    enum class Step : uint8_t { kToken, kFailed, kAgain, kNextLine };
    static Step result(bool ok) { return ok ? Step::kToken : Step::kFailed; }
    bool next_code(Token& token);
    Line measure_indentation();
    bool apply_indentation(uint32_t column, uint32_t strict);
    Step code_step(Token& token, bool blank);
    Step comment(Token& token, bool blank, int& c);
    Step type_comment(Token& token, bool blank);
    bool continuation_line();
    Step newline(Token& token, bool blank);
    bool name_or_prefix(Token& token, int c);
    bool check_identifier();
    bool operator_token(Token& token, int c);
    bool open_bracket(int c);
    bool close_bracket(int c);

    // lexer-number.cpp
    bool number(Token& token, int c);
    bool fraction(Token& token, int c);
    bool fraction_end(Token& token, int c);
    bool exponent(Token& token, int e);
    bool zero(Token& token);
    bool radix_digits(Token& token, int radix, const char* name);
    bool decimal_tail(int& c);
    bool end_of_number(int c, const char* kind);
    bool follows(const char* rest);
    bool number_done(Token& token, int c);

    // lexer-string.cpp
    bool string(Token& token, int quote);
    bool unterminated_string(int c, int quote, int quote_size, bool escaped_quote);
    bool begin_template(Token& token, int quote);
    bool check_prefixes(bool b, bool r, bool u, bool f, bool t);
    bool next_text(Token& token);
    bool text_part(Token& token);
    bool text_end_missing(int c);
    bool text_escape(bool& named);
    bool warn_escape(int c);
    void note_expression(int c);
    void attach_expression();
    std::string prefixed(const char* message) const;

    Mode& mode() { return modes_.back(); }
    const Mode& mode() const { return modes_.back(); }

    SourceText& source_;
    LexerOptions options_;
    // The text, its end, and the line that is being read: [line_begin_, inp_) with its newline.
    const char* base_;
    const char* end_;
    const char* cur_;
    const char* inp_;
    const char* line_begin_;
    // Begin of the current token, or null between tokens; and the begin of the line on which it starts.
    const char* start_ = nullptr;
    const char* start_line_begin_;
    // Where the buffer of CPython's tokenizer would begin: the first line of the current token.
    const char* buffer_;
    uint32_t line_ = 0;
    uint32_t start_line_ = 0;
    int pending_ = 0;  // INDENTs (> 0) or DEDENTs (< 0) to give
    bool at_line_begin_ = true;
    bool comment_on_blank_line_ = false;
    bool at_end_ = false;
    bool stop_reading_ = false;
    bool open_string_ = false;  // the error is a string that the end of the text cut off
    bool angle_not_equal_ = false;
    uint32_t expression_ = 0;  // of the token that is being made
    size_t level_ = 0;
    Failure failure_ = Failure::kNone;
    std::vector<Indent> indents_;
    std::vector<Mode> modes_;
    struct Range {
        uint32_t begin, end;
    };
    std::vector<Range> expressions_;
    Diagnostic diagnostic_;
    Bracket brackets_[kMaxBrackets];
};

}  // namespace krait
