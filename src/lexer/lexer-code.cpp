#include <cstdio>
#include <cstring>

#include "lexer/chars.h"
#include "lexer/identifier.h"
#include "lexer/lexer.h"
#include "lexer/operators.h"
#include "support/utf8.h"

// Ordinary tokens: all of a file but the text of f-strings between their fields.

namespace krait {

namespace {
constexpr uint32_t kTabSize = 8;
}

bool Lexer::next_code(Token& token) {
    for (;;) {
        start_ = nullptr;
        bool blank = false;
        if (at_line_begin_) {
            Line line = measure_indentation();
            if (line == Line::kFailed) return false;
            blank = line == Line::kBlank;
        }
        start_ = cur_;
        if (pending_ < 0) {
            pending_++;
            return options_.extra_tokens ? finish(token, Tok::DEDENT, cur_, cur_)
                                         : finish_empty(token, Tok::DEDENT);
        }
        if (pending_ > 0) {
            pending_--;
            return options_.extra_tokens ? finish(token, Tok::INDENT, buffer_, cur_)
                                         : finish_empty(token, Tok::INDENT);
        }
        Step step;
        do step = code_step(token, blank);
        while (step == Step::kAgain);
        if (step != Step::kNextLine) return step == Step::kToken;
    }
}

// ---- Indentation

Lexer::Line Lexer::measure_indentation() {
    uint32_t column = 0;
    uint32_t strict = 0;
    uint32_t continued_column = 0;
    at_line_begin_ = false;
    int c;
    for (;;) {
        c = get();
        if (c == ' ') {
            column++;
            strict++;
        } else if (c == '\t') {
            column = (column / kTabSize + 1) * kTabSize;
            strict++;
        } else if (c == '\f') {
            column = strict = 0;
        } else if (c == '\\') {
            // Of an indentation with backslashes the part on the first line counts.
            if (continued_column == 0) continued_column = column;
            if (!continuation_line()) return Line::kFailed;
        } else {
            break;
        }
    }
    if (failure_ != Failure::kNone) return Line::kFailed;
    unget(c);
    if (c == '#' || c == '\n' || c == '\r') {
        // Lines without code say nothing about blocks, but an empty one ends the block at a prompt, where the
        // first line must also give a NEWLINE whatever stands on it.
        if (!options_.interactive) return Line::kBlank;
        bool ends_block = column == 0 && c == '\n';
        if (!ends_block) {
            if (line_ != 1) return Line::kBlank;
            column = strict = 0;
        }
    }
    if (level_ > 0) return Line::kCode;
    if (continued_column != 0) column = strict = continued_column;
    return apply_indentation(column, strict) ? Line::kCode : Line::kFailed;
}

bool Lexer::apply_indentation(uint32_t column, uint32_t strict) {
    if (column == indents_.back().column) {
        return strict == indents_.back().strict || fail_indent(Failure::kTabs);
    }
    if (column > indents_.back().column) {
        if (indents_.size() >= kMaxIndents) return fail_indent(Failure::kTooDeep);
        if (strict <= indents_.back().strict) return fail_indent(Failure::kTabs);
        pending_++;
        indents_.push_back({column, strict});
        return true;
    }
    while (indents_.size() > 1 && column < indents_.back().column) {
        pending_--;
        indents_.pop_back();
    }
    if (column != indents_.back().column) return fail_indent(Failure::kDedent);
    return strict == indents_.back().strict || fail_indent(Failure::kTabs);
}

// Behind a backslash: goes to the next line.
bool Lexer::continuation_line() {
    int c = get();
    if (c == '\r') c = get();
    if (c != '\n') return failure_ == Failure::kNone && fail_continuation();
    c = get();
    if (c == kEof) return failure_ == Failure::kNone && fail_end_of_file();
    unget(c);
    return true;
}

// ---- One token

Lexer::Step Lexer::code_step(Token& token, bool blank) {
    start_ = nullptr;
    int c;
    do c = get();
    while (chars::is(c, chars::kSpace));
    start_ = c == kEof ? nullptr : cur_ - 1;

    if (c == '#') {
        Step step = comment(token, blank, c);
        if (step != Step::kAgain) return step;
    }
    if (c == kEof) {
        if (failure_ != Failure::kNone) return Step::kFailed;
        if (level_ > 0) return result(fail_end_of_file());
        return result(finish_empty(token, Tok::ENDMARKER));
    }
    if (chars::is_name_start(c)) return result(name_or_prefix(token, c));
    if (chars::is_digit(c)) return result(number(token, c));
    switch (c) {
        case '\r':
            c = get();
            if (c == '\n') return newline(token, blank);
            if (c == kEof) return Step::kAgain;
            // A lone carriage return counts for nothing: the character behind it begins the token.
            return result(operator_token(token, c));
        case '\n':
            return newline(token, blank);
        case '"':
        case '\'':
            return result(string(token, c));
        case '.':
            if (chars::is_digit(*cur_)) return result(fraction(token, get()));
            if (cur_[0] == '.' && cur_[1] == '.') {
                cur_ += 2;
                return result(finish(token, Tok::ELLIPSIS));
            }
            look_at(*cur_ == '.' ? cur_ + 1 : cur_);
            return result(finish(token, Tok::DOT));
        case '\\':
            return continuation_line() ? Step::kAgain : Step::kFailed;
        default:
            return result(operator_token(token, c));
    }
}

Lexer::Step Lexer::newline(Token& token, bool blank) {
    at_line_begin_ = true;
    bool no_code = blank || level_ > 0;
    if (!options_.extra_tokens) {
        return no_code ? Step::kNextLine : result(finish(token, Tok::NEWLINE, start_, cur_ - 1));
    }
    // Behind a comment token the line begin is forgotten.
    if (comment_on_blank_line_) no_code = true;
    comment_on_blank_line_ = false;
    return result(no_code ? finish(token, Tok::NL) : finish(token, Tok::NEWLINE, start_, cur_ - 1));
}

// ---- Comments

Lexer::Step Lexer::comment(Token& token, bool blank, int& c) {
    while (cur_ < inp_ && *cur_ != '\n' && *cur_ != '\r') cur_++;
    const char* end = cur_;
    if (options_.type_comments) {
        Step step = type_comment(token, blank);
        if (step != Step::kAgain) return step;
    }
    if (options_.extra_tokens) {
        comment_on_blank_line_ = blank;
        return result(finish(token, Tok::COMMENT, start_, end));
    }
    c = get();  // a NEWLINE behind a comment covers it
    return Step::kAgain;
}

// `# type: ...`; the cursor stands at the end of the comment.
Lexer::Step Lexer::type_comment(Token& token, bool blank) {
    const char* at = start_;
    for (char expected : std::string_view("# type: ")) {
        if (expected == ' ') {
            while (*at == ' ' || *at == '\t') at++;
        } else if (at < cur_ && *at == expected) {
            at++;
        } else {
            return Step::kAgain;
        }
    }
    constexpr std::string_view kIgnore = "ignore";
    const char* behind = at + kIgnore.size();
    bool ignore =
        cur_ >= behind && std::memcmp(at, kIgnore.data(), kIgnore.size()) == 0 &&
        !(cur_ > behind && *behind != '_' && chars::is_name_part(static_cast<unsigned char>(*behind)));
    if (!ignore) return result(finish(token, Tok::TYPE_COMMENT, at, cur_));
    finish(token, Tok::TYPE_IGNORE, behind, cur_);
    if (blank) {
        // Alone on its line, it takes the newline with it.
        get();
        at_line_begin_ = true;
    }
    return Step::kToken;
}

// ---- Names

bool Lexer::name_or_prefix(Token& token, int c) {
    // String prefixes in any order and case, each letter once.
    bool b = false, r = false, u = false, f = false, t = false;
    for (;;) {
        int letter = c | 0x20;
        bool* seen = letter == 'b'   ? &b
                     : letter == 'u' ? &u
                     : letter == 'r' ? &r
                     : letter == 'f' ? &f
                     : letter == 't' ? &t
                                     : nullptr;
        if (seen == nullptr || *seen || c >= 128) break;
        *seen = true;
        c = get();
        if (c == '"' || c == '\'') {
            if (!check_prefixes(b, r, u, f, t)) return false;
            return f || t ? begin_template(token, c) : string(token, c);
        }
    }
    bool ascii = true;
    while (chars::is_name_part(c)) {
        if (c >= 128) ascii = false;
        c = get();
    }
    unget(c);
    if (failure_ != Failure::kNone) return false;
    // `tokenize` leaves the check to its users.
    if (!ascii && !options_.extra_tokens && !check_identifier()) return false;
    return finish(token, Tok::NAME);
}

bool Lexer::check_identifier() {
    std::string_view name(start_, cur_ - start_);
    // Only a file that declares itself as UTF-8 can hold invalid bytes here.
    if (utf8::Fault fault = utf8::find_fault(name)) {
        char text[120];
        std::snprintf(text, sizeof text,
                      "(unicode error) 'utf-8' codec can't decode byte 0x%02x in position %zu: %s",
                      static_cast<unsigned char>(name[fault.begin]), fault.begin, fault.reason());
        return syntax_error(text);
    }
    size_t valid = identifier_prefix(name);
    if (valid == name.size()) return true;
    const char* at = start_ + valid;
    char32_t c = utf8::next(at);
    cur_ = at;
    char code[16];
    std::snprintf(code, sizeof code, "U+%04X", static_cast<unsigned>(c));
    if (!is_printable(c)) return syntax_error(std::string("invalid non-printable character ") + code);
    return syntax_error("invalid character '" + std::string(start_ + valid, at) + "' (" + code + ")");
}

// ---- Operators and brackets

bool Lexer::operator_token(Token& token, int c) {
    bool ends = c == ':' || c == '}' || c == '{' || (c == '!' && *cur_ != '=');
    if (ends && in_template() && mode().in_field()) {
        Mode& m = mode();
        int depth = m.brackets - (c != '{');
        if (depth == 0 || (depth == 1 && (m.in_debug || m.in_spec))) {
            note_expression(c);
            if (c != '{') attach_expression();
        }
        if (c == ':' && depth == m.field) {
            m.in_text = true;
            m.in_spec = true;
            return finish(token, Tok::COLON);
        }
    }
    operators::Match match = operators::match(cur_ - 1, angle_not_equal_);
    // Whether an operator is longer shows the character behind it, and its lack the end of the text.
    if (match.size < 3) look_at(cur_ - 1 + match.size);
    if (match.size > 1) {
        cur_ += match.size - 1;
        return finish(token, match.kind);
    }
    switch (c) {
        case '(':
        case '[':
        case '{':
            if (!open_bracket(c)) return false;
            break;
        case ')':
        case ']':
        case '}':
            if (!close_bracket(c)) return false;
            break;
        case '=':
            if (in_template() && mode().brackets - mode().field == 1) mode().in_debug = true;
            break;
        default:
            if (c < 0x20 || c == 0x7F) {
                char text[64];
                std::snprintf(text, sizeof text, "invalid non-printable character U+%04X", c);
                return syntax_error(text);
            }
    }
    return finish(token, match.kind);
}

bool Lexer::open_bracket(int c) {
    if (level_ >= kMaxBrackets) return syntax_error("too many nested parentheses");
    brackets_[level_++] = {static_cast<char>(c), line_, static_cast<uint32_t>(start_ - line_begin_),
                           offset(start_)};
    if (in_template()) mode().brackets++;
    return true;
}

bool Lexer::close_bracket(int c) {
    std::string quoted = {'\'', static_cast<char>(c), '\''};
    bool strict = !options_.extra_tokens;
    if (in_template() && mode().brackets == 0 && c == '}') {
        return syntax_error(prefixed("single '}' is not allowed"));
    }
    if (strict && level_ == 0) return syntax_error("unmatched " + quoted);
    if (level_ > 0) {
        const Bracket& open = brackets_[--level_];
        bool pair = (open.open == '(' && c == ')') || (open.open == '[' && c == ']') ||
                    (open.open == '{' && c == '}');
        // The brace that opens a field is no partner for a bracket in it.
        if (!pair && in_template() && open.open == '{' && mode().brackets - 1 == mode().field) {
            return syntax_error(prefixed("unmatched ") + quoted);
        }
        if (!pair && strict) {
            std::string message = "closing parenthesis " + quoted + " does not match opening parenthesis '";
            message += open.open;
            message += '\'';
            if (open.line != line_) message += " on line " + std::to_string(open.line);
            return syntax_error(std::move(message));
        }
    }
    if (!in_template()) return true;
    Mode& m = mode();
    m.brackets--;
    if (m.brackets < 0) return syntax_error(prefixed("unmatched ") + quoted);
    if (c == '}' && m.brackets == m.field) {
        m.field--;
        m.in_text = true;
        m.in_spec = false;
        m.in_debug = false;
    }
    return true;
}

}  // namespace krait
