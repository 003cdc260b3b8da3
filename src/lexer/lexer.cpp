#include "lexer/lexer.h"

#include <cstring>

#include "support/panic.h"

// The reading of lines, the making of tokens and the wording of errors. What is an error, and where CPython
// places it, depends on how its tokenizer works: it reads a line at a time, and its positions are those of
// its cursor at the moment of the error. So the cursor here stands where that one would.

namespace krait {

Lexer::Lexer(SourceText& source, const LexerOptions& options)
    : source_(source),
      options_(options),
      base_(source.data()),
      end_(base_ + source.size()),
      cur_(base_),
      inp_(base_),
      line_begin_(base_),
      start_line_begin_(base_),
      buffer_(base_) {
    indents_.reserve(16);
    indents_.push_back({0, 0});
    modes_.emplace_back();
}

bool Lexer::next(Token& token) {
    if (failure_ != Failure::kNone) return false;
    expression_ = 0;
    bool ok = mode().in_text ? next_text(token) : next_code(token);
    KRAIT_ASSERT(ok == (failure_ == Failure::kNone));
    return ok;
}

// ---- Lines

int Lexer::get_slow() {
    if (failure_ != Failure::kNone || at_end_ || !advance_line()) {
        cur_ = inp_;
        return kEof;
    }
    return static_cast<unsigned char>(*cur_++);
}

bool Lexer::read_line() {
    if (options_.reader == nullptr || stop_reading_) return false;
    LineReader::Result result = options_.reader->read(source_, line_ > 0);
    const char* base = source_.data();
    // The text has grown and may have moved.
    for (const char** at : {&cur_, &inp_, &line_begin_, &start_line_begin_, &buffer_})
        *at = base + (*at - base_);
    if (start_ != nullptr) start_ = base + (start_ - base_);
    base_ = base;
    end_ = base + source_.size();
    if (result == LineReader::Result::kFailed) {
        diagnostic_.kind = Diagnostic::Kind::kExternal;
        failure_ = Failure::kStopped;
        return false;
    }
    if (source_.size() > SourceText::kMaxSize) {
        Diagnostic d;
        d.kind = Diagnostic::Kind::kOverflowError;
        d.message = "source code is too large";
        d.has_location = false;
        return fail(Failure::kStopped, std::move(d));
    }
    return result == LineReader::Result::kLine && inp_ < end_;
}

bool Lexer::advance_line() {
    if (inp_ == end_ && !read_line()) {
        if (failure_ != Failure::kNone) return false;
        if (source_.deferred()) return fail(Failure::kError, source_.deferred());
        at_end_ = true;
        if (start_ == nullptr && options_.reader != nullptr && !in_template()) buffer_ = inp_;
        return false;
    }
    const void* newline = std::memchr(inp_, '\n', end_ - inp_);
    line_begin_ = inp_;
    // Lines of a reader stay together while an f-string is open.
    bool keep = in_template() && (options_.reader != nullptr || options_.extra_tokens);
    if (start_ == nullptr && !keep) buffer_ = inp_;
    inp_ = newline != nullptr ? static_cast<const char*>(newline) + 1 : end_;
    line_++;
    if (std::memchr(line_begin_, 0, inp_ - line_begin_) != nullptr) {
        return syntax_error("source code cannot contain null bytes");
    }
    return true;
}

// ---- Tokens

bool Lexer::finish(Token& token, Tok kind, const char* begin, const char* end) {
    token.begin = offset(begin);
    token.end = offset(end);
    token.line = line_;
    token.end_line = line_;
    token.column = static_cast<uint32_t>(begin - line_begin_);
    token.end_column = static_cast<uint32_t>(cur_ - line_begin_);
    token.kind = kind;
    token.level = static_cast<uint8_t>(level_);
    token.expression = expression_;
    return true;
}

bool Lexer::finish_empty(Token& token, Tok kind) {
    finish(token, kind, cur_, cur_);
    token.column = token.end_column = kNoColumn;
    return true;
}

bool Lexer::finish_string(Token& token, Tok kind, const char* end) {
    finish(token, kind, start_, end);
    token.line = start_line_;
    token.column = static_cast<uint32_t>(start_ - start_line_begin_);
    return true;
}

void Lexer::imply_dedents() {
    pending_ = -static_cast<int>(indents_.size() - 1);
    indents_.resize(1);
}

// ---- Errors

bool Lexer::fail(Failure failure, Diagnostic diagnostic) {
    if (failure_ != Failure::kNone) return false;  // the first one counts
    failure_ = failure;
    diagnostic_ = std::move(diagnostic);
    return false;
}

namespace {

std::string_view without_newline(const char* begin, const char* end) {
    size_t size = end - begin;
    const void* stop = std::memchr(begin, '\n', size);
    const void* nul = std::memchr(begin, 0, stop ? static_cast<const char*>(stop) - begin : size);
    if (nul != nullptr) stop = nul;
    return {begin, stop != nullptr ? static_cast<const char*>(stop) - begin : size};
}

}  // namespace

// An error at the cursor: the column is that of the character before it, begin and end alike.
bool Lexer::syntax_error(std::string message) { return syntax_error(std::move(message), nullptr, nullptr); }

// The range is of bytes: [begin, end), both in the current line.
bool Lexer::syntax_error(std::string message, const char* begin, const char* end) {
    Diagnostic d;
    d.kind = Diagnostic::Kind::kSyntaxError;
    d.message = std::move(message);
    d.line = d.end_line = line_;
    // An error inside a string stands on an earlier line than the one that was read last.
    std::string_view line = without_newline(line_begin_, end_);
    d.has_text = true;
    d.text = line;
    auto column = [&](const char* at) {
        return static_cast<int64_t>(character_offset({line_begin_, end_}, at - line_begin_));
    };
    d.column = begin != nullptr ? column(begin) + 1 : column(cur_);
    d.end_column = end != nullptr ? column(end) : d.column;
    if (begin == nullptr && d.message == "source code cannot contain null bytes") {
        d.column = d.end_column = 0;
        cur_ = inp_;
    }
    return fail(Failure::kError, std::move(d));
}

Diagnostic Lexer::error_at(Diagnostic::Kind kind, std::string message, uint32_t line, int64_t column,
                           uint32_t end_line, int64_t end_column) const {
    Diagnostic d;
    d.kind = kind;
    d.message = std::move(message);
    d.line = line;
    d.end_line = end_line;
    d.has_text = true;
    if (options_.lines == nullptr || !options_.lines->line(line, d.text)) {
        if (line_ <= line && inp_ > line_begin_) {
            // The line that is being read still has its newline.
            d.text.assign(line_begin_, inp_);
        } else {
            std::string_view text = source_.line(line);
            if (!text.empty() && text.back() == '\n') text.remove_suffix(1);
            d.text = text;
        }
    }
    // The terminating NUL counts as one more character.
    auto characters = [&](int64_t bytes) -> int64_t {
        auto size = static_cast<int64_t>(d.text.size());
        return static_cast<int64_t>(character_offset(d.text, static_cast<size_t>(bytes))) + (bytes > size);
    };
    d.column = column < 0 ? column + 1 : characters(column + 1);
    d.end_column = end_column < 0 ? end_column : characters(end_column + 1);
    return d;
}

Diagnostic Lexer::unclosed_bracket() const {
    const Bracket& open = brackets_[level_ - 1];
    Diagnostic d =
        error_at(Diagnostic::Kind::kSyntaxError, std::string("'") + open.open + "' was never closed",
                 open.line, open.column, open.line, Diagnostic::kUnset);
    d.end_column = 0;
    return d;
}

bool Lexer::fail_indent(Failure failure) {
    cur_ = inp_;
    Diagnostic d;
    if (failure == Failure::kDedent) {
        d = error_at(Diagnostic::Kind::kIndentationError,
                     "unindent does not match any outer indentation level", line_, cur_ - line_begin_ - 1,
                     line_, Diagnostic::kUnset);
    } else {
        bool tabs = failure == Failure::kTabs;
        d = error_at(
            tabs ? Diagnostic::Kind::kTabError : Diagnostic::Kind::kIndentationError,
            tabs ? "inconsistent use of tabs and spaces in indentation" : "too many levels of indentation",
            line_, 0, line_, Diagnostic::kUnset);
        d.end_column = 0;
    }
    return fail(failure, std::move(d));
}

bool Lexer::fail_end_of_file() {
    cur_ = inp_;
    if (level_ > 0) return fail(Failure::kEof, unclosed_bracket());
    // Between tokens the reading of a file's lines has emptied CPython's buffer.
    bool no_column = start_ == nullptr && source_.from_file();
    return fail(Failure::kEof, error_at(Diagnostic::Kind::kSyntaxError, "unexpected EOF while parsing", line_,
                                        no_column ? -1 : cur_ - line_begin_ - 1, line_, Diagnostic::kUnset));
}

bool Lexer::fail_continuation() {
    // The column counts from the line on which the token, or the backslashes before it, began.
    Diagnostic d =
        error_at(Diagnostic::Kind::kSyntaxError, "unexpected character after line continuation character",
                 line_, cur_ - buffer_ - 1, line_, Diagnostic::kUnset);
    d.end_column = 0;
    return fail(Failure::kContinuation, std::move(d));
}

bool Lexer::warn(Diagnostic::Kind kind, std::string message, std::string as_error) {
    if (options_.warnings == nullptr) return true;
    Diagnostic d;
    d.kind = kind;
    d.message = message;
    d.line = d.end_line = line_;
    if (options_.warnings->warn(d)) return true;
    if (options_.warnings->external()) {
        diagnostic_.kind = Diagnostic::Kind::kExternal;
        failure_ = Failure::kStopped;
        return false;
    }
    return syntax_error(as_error.empty() ? std::move(message) : std::move(as_error));
}

}  // namespace krait
