#include <algorithm>

#include "lexer/lexer.h"

// Strings, and the text of f-strings and t-strings.

namespace krait {

// ---- Plain strings

bool Lexer::check_prefixes(bool b, bool r, bool u, bool f, bool t) {
    struct Pair {
        bool both;
        char first, second;
    };
    const Pair pairs[] = {{u && b, 'u', 'b'}, {u && r, 'u', 'r'}, {u && f, 'u', 'f'}, {u && t, 'u', 't'},
                          {b && f, 'b', 'f'}, {b && t, 'b', 't'}, {f && t, 'f', 't'}};
    for (const Pair& pair : pairs) {
        if (!pair.both) continue;
        std::string message =
            std::string("'") + pair.first + "' and '" + pair.second + "' prefixes are incompatible";
        return syntax_error(std::move(message), start_, cur_);
    }
    return true;
}

// Behind the first quote.
bool Lexer::string(Token& token, int quote) {
    start_line_ = line_;
    start_line_begin_ = line_begin_;
    int size = 1;
    int ended = 0;
    bool escaped_quote = false;
    int c = get();
    if (c == quote) {
        c = get();
        if (c == quote) {
            size = 3;
        } else {
            ended = 1;  // the empty string
        }
    }
    if (c != quote) unget(c);
    while (ended != size) {
        // What is neither quote, backslash nor newline needs no look.
        while (cur_ < inp_ && *cur_ != quote && *cur_ != '\\' && *cur_ != '\n') {
            cur_++;
            ended = 0;
        }
        c = get();
        if (c == kEof || (size == 1 && c == '\n')) {
            return failure_ == Failure::kNone && unterminated_string(c, quote, size, escaped_quote);
        }
        if (c == quote) {
            ended++;
            continue;
        }
        ended = 0;
        if (c != '\\') continue;
        c = get();
        if (c == quote) escaped_quote = true;
        if (c == '\r') get();
    }
    if (failure_ != Failure::kNone) return false;
    return finish_string(token, Tok::STRING, cur_);
}

bool Lexer::unterminated_string(int c, int quote, int quote_size, bool escaped_quote) {
    // The error stands at the opening quote.
    std::string detected = " (detected at line " + std::to_string(line_) + ")";
    cur_ = start_ + 1;
    line_begin_ = start_line_begin_;
    line_ = start_line_;
    if (in_template() && mode().quote == quote && mode().quote_size == quote_size) {
        // Rather the end of the f-string that this string is in.
        return syntax_error(prefixed("expecting '}'"));
    }
    open_string_ = c == kEof;
    if (quote_size == 3) return syntax_error("unterminated triple-quoted string literal" + detected);
    if (escaped_quote) detected += "; perhaps you escaped the end quote?";
    return syntax_error("unterminated string literal" + detected);
}

// ---- f-strings and t-strings

std::string Lexer::prefixed(const char* message) const {
    return std::string(1, mode().prefix) + "-string: " + message;
}

// Behind the prefix and the first quote.
bool Lexer::begin_template(Token& token, int quote) {
    start_line_ = line_;
    start_line_begin_ = line_begin_;
    int quote_size = 1;
    if (cur_[0] == quote && cur_[1] == quote) {
        quote_size = 3;
        cur_ += 2;
    } else {
        look_at(cur_[0] == quote ? cur_ + 1 : cur_);
    }
    if (modes_.size() >= kMaxModes) return syntax_error("too many nested f-strings or t-strings");
    Mode m;
    for (const char* at = start_; *at != quote; at++) {
        char letter = static_cast<char>(*at | 0x20);
        if (letter == 'r') {
            m.raw = true;
        } else {
            m.prefix = letter;
        }
    }
    m.in_text = true;
    m.quote = static_cast<char>(quote);
    m.quote_size = static_cast<uint8_t>(quote_size);
    m.begin = offset(start_);
    m.line = line_;
    m.line_begin = offset(line_begin_);
    modes_.push_back(m);
    return finish_string(token, m.prefix == 't' ? Tok::TSTRING_START : Tok::FSTRING_START, cur_);
}

// Text of the string, its end, or the "{" of a field that comes at once.
bool Lexer::next_text(Token& token) {
    Mode& m = mode();
    start_ = cur_;
    start_line_ = line_;
    int c = get();
    // The character may have been on the next line; the text begins where that begins, too.
    start_line_begin_ = line_begin_;
    if (c == '{' && *cur_ != '{') {
        unget(c);
        m.field++;
        if (m.field >= kMaxFields) return syntax_error(prefixed("expressions nested too deeply"));
        m.in_text = false;
        return next_code(token);
    }
    unget(c);
    if (c == kEof && failure_ != Failure::kNone) return false;
    bool ends = true;
    for (int i = 0; i < m.quote_size && ends; i++) ends = cur_ + i < inp_ && cur_[i] == m.quote;
    if (!ends) return text_part(token);
    cur_ += m.quote_size;
    bool t = m.prefix == 't';
    modes_.pop_back();
    return finish_string(token, t ? Tok::TSTRING_END : Tok::FSTRING_END, cur_);
}

bool Lexer::text_part(Token& token) {
    Mode& m = mode();
    Tok kind = m.prefix == 't' ? Tok::TSTRING_MIDDLE : Tok::FSTRING_MIDDLE;
    int ended = 0;
    bool named = false;  // inside \N{...}
    while (ended != m.quote_size) {
        while (cur_ < inp_ && *cur_ != m.quote && *cur_ != '\\' && *cur_ != '\n' && *cur_ != '{' &&
               *cur_ != '}') {
            cur_++;
            ended = 0;
        }
        int c = get();
        bool in_spec = m.in_spec && m.in_field();
        if (c == kEof || (m.quote_size == 1 && c == '\n')) {
            return failure_ == Failure::kNone && text_end_missing(c);
        }
        if (c == m.quote) {
            ended++;
            continue;
        }
        ended = 0;
        if (c == '{' || (c == '}' && !named)) look_at(cur_);
        if (c == '{') {
            note_expression(c);
            if (*cur_ == '{' && !in_spec) {
                cur_++;
                return finish_string(token, kind, cur_ - 1);
            }
            unget(c);
            m.field++;
            if (m.field >= kMaxFields) return syntax_error(prefixed("expressions nested too deeply"));
            m.in_text = false;
            return finish_string(token, kind, cur_);
        }
        if (c == '}') {
            if (named) return finish_string(token, kind, cur_);
            if (*cur_ == '}' && !in_spec && m.brackets == 0) {
                cur_++;
                return finish_string(token, kind, cur_ - 1);
            }
            unget(c);
            m.in_text = false;
            return finish_string(token, kind, cur_);
        }
        if (c == '\\' && !text_escape(named)) return false;
    }
    // The quotes are the next token.
    cur_ -= m.quote_size;
    return finish_string(token, kind, cur_);
}

// Behind a backslash.
bool Lexer::text_escape(bool& named) {
    int c = get();
    if (c == '\r') c = get();
    if (c == '{' || c == '}') {
        // It escapes nothing: the brace means what it means without it.
        if (!mode().raw && !warn_escape(c)) return false;
        unget(c);
        return true;
    }
    if (c == 'N' && !mode().raw) {
        if (*cur_ == '{') {
            cur_++;
            named = true;
        }
    }
    return failure_ == Failure::kNone;
}

bool Lexer::warn_escape(int c) {
    std::string quoted(1, static_cast<char>(c));
    return warn(Diagnostic::Kind::kSyntaxWarning,
                "\"\\" + quoted +
                    "\" is an invalid escape sequence. Such sequences will not work in the future. "
                    "Did you mean \"\\\\" +
                    quoted + "\"? A raw string is also an option.",
                "\"\\" + quoted + "\" is an invalid escape sequence. Did you mean \"\\\\" + quoted +
                    "\"? A raw string is also an option.");
}

bool Lexer::text_end_missing(int c) {
    const Mode& m = mode();
    if (c == '\n' && m.in_spec && m.in_field()) {
        return syntax_error(prefixed("newlines are not allowed in format specifiers for single quoted ") +
                            m.prefix + "-strings");
    }
    // The error stands at the first character of the string.
    std::string detected =
        std::string(" ") + m.prefix + "-string literal (detected at line " + std::to_string(line_) + ")";
    cur_ = base_ + m.begin + 1;
    line_begin_ = base_ + m.line_begin;
    line_ = m.line;
    open_string_ = m.quote_size == 3;
    return syntax_error((m.quote_size == 3 ? "unterminated triple-quoted" : "unterminated") + detected);
}

// ---- The source of field expressions

// At `{` an expression begins, at `}` or `!` it ends, and at the first `:`.
void Lexer::note_expression(int c) {
    Mode& m = mode();
    switch (c) {
        case '{':
            m.expression_begin = offset(cur_);
            m.expression_ended = false;
            break;
        case '}':
        case '!':
            m.expression_end = offset(start_);
            m.expression_ended = true;
            break;
        case ':':
            if (m.expression_ended) break;
            m.expression_end = offset(start_);
            m.expression_ended = true;
            break;
    }
}

// Notes where the expression stands for the token that is being made, when somebody will want it.
void Lexer::attach_expression() {
    const Mode& m = mode();
    if (!m.in_debug && m.prefix != 't') return;
    expressions_.push_back({m.expression_begin, std::max(m.expression_begin, m.expression_end)});
    expression_ = static_cast<uint32_t>(expressions_.size());
}

std::string Lexer::expression_text(const Token& token) const {
    if (token.expression == 0) return {};
    Range range = expressions_[token.expression - 1];
    std::string_view source(base_ + range.begin, range.end - range.begin);
    // A quote opens a string and the next one of its kind closes it, which is right for triple quotes as
    // well, since they come in odd numbers.
    char quote = 0;
    auto track = [&quote](char c) {
        if (c != '"' && c != '\'') return false;
        if (quote == 0) {
            quote = c;
        } else if (quote == c) {
            quote = 0;
        }
        return true;
    };
    bool comments = false;
    for (size_t i = 0; i < source.size() && !comments; i++) {
        if (source[i] == '\\') {
            i++;
        } else if (!track(source[i])) {
            comments = source[i] == '#' && quote == 0;
        }
    }
    if (!comments) return std::string(source);
    std::string text;
    quote = 0;
    for (size_t i = 0; i < source.size(); i++) {
        char c = source[i];
        if (c == '\\' && i + 1 < source.size()) {
            text += c;
            c = source[++i];
        } else if (!track(c) && c == '#' && quote == 0) {
            i = source.find('\n', i);
            if (i == std::string_view::npos) break;
            c = '\n';
        }
        text += c;
    }
    return text;
}

}  // namespace krait
