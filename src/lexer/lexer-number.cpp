#include <cstring>

#include "lexer/chars.h"
#include "lexer/lexer.h"

// Numbers. Each function is called behind the characters it knows already; `c` is the next one, taken.

namespace krait {

namespace {

bool is_radix_digit(int c, int radix) {
    return radix == 16 ? chars::is(c, chars::kHex) : c >= '0' && c < '0' + radix;
}

}  // namespace

// Digits with single underscores between them; `c` becomes the character behind.
bool Lexer::decimal_tail(int& c) {
    for (;;) {
        do c = get();
        while (chars::is_digit(c));
        if (c != '_') return true;
        c = get();
        if (!chars::is_digit(c)) {
            unget(c);
            return syntax_error("invalid decimal literal");
        }
    }
}

bool Lexer::follows(const char* rest) {
    size_t size = std::strlen(rest);
    return std::strncmp(cur_, rest, size) == 0 &&
           !chars::is_name_part(static_cast<unsigned char>(cur_[size]));
}

// A letter behind a number is an error, but keywords that may follow a number only earn a warning.
bool Lexer::end_of_number(int c, const char* kind) {
    if (options_.extra_tokens || !chars::is_name_part(c) || c >= 128) return true;
    bool keyword = false;
    switch (c) {
        case 'a':
            keyword = follows("nd");
            break;
        case 'e':
            keyword = follows("lse");
            break;
        case 'f':
            keyword = follows("or");
            break;
        case 'i':
            keyword = *cur_ == 'f' || *cur_ == 'n' || *cur_ == 's';
            break;
        case 'n':
            keyword = follows("ot");
            break;
        case 'o':
            keyword = follows("r");
            break;
    }
    std::string message = std::string("invalid ") + kind + " literal";
    unget(c);
    if (!keyword) return syntax_error(std::move(message));
    if (!warn(Diagnostic::Kind::kSyntaxWarning, std::move(message))) return false;
    get();
    return true;
}

bool Lexer::number_done(Token& token, int c) {
    unget(c);
    return failure_ == Failure::kNone && finish(token, Tok::NUMBER);
}

bool Lexer::number(Token& token, int c) {
    if (c == '0') return zero(token);
    if (!decimal_tail(c)) return false;
    if (c == '.') return fraction(token, get());
    return fraction_end(token, c);
}

// Behind the point.
bool Lexer::fraction(Token& token, int c) {
    if (chars::is_digit(c) && !decimal_tail(c)) return false;
    return fraction_end(token, c);
}

// Behind the digits of a decimal number: an exponent, a "j", or the end.
bool Lexer::fraction_end(Token& token, int c) {
    if (c == 'e' || c == 'E') return exponent(token, c);
    if (c == 'j' || c == 'J') {
        c = get();
        return end_of_number(c, "imaginary") && number_done(token, c);
    }
    return end_of_number(c, "decimal") && number_done(token, c);
}

bool Lexer::exponent(Token& token, int e) {
    int c = get();
    if (c == '+' || c == '-') {
        c = get();
        if (!chars::is_digit(c)) {
            unget(c);
            return syntax_error("invalid decimal literal");
        }
    } else if (!chars::is_digit(c)) {
        // No exponent, perhaps `1else`.
        unget(c);
        return end_of_number(e, "decimal") && number_done(token, e);
    }
    if (!decimal_tail(c)) return false;
    if (c == 'j' || c == 'J') {
        c = get();
        return end_of_number(c, "imaginary") && number_done(token, c);
    }
    return end_of_number(c, "decimal") && number_done(token, c);
}

bool Lexer::radix_digits(Token& token, int radix, const char* name) {
    int c = get();
    do {
        if (c == '_') c = get();
        if (!is_radix_digit(c, radix)) {
            if (chars::is_digit(c)) {
                return syntax_error(std::string("invalid digit '") + char(c) + "' in " + name + " literal");
            }
            unget(c);
            return syntax_error(std::string("invalid ") + name + " literal");
        }
        do c = get();
        while (is_radix_digit(c, radix));
    } while (c == '_');
    if (chars::is_digit(c)) {
        return syntax_error(std::string("invalid digit '") + char(c) + "' in " + name + " literal");
    }
    return end_of_number(c, name) && number_done(token, c);
}

bool Lexer::zero(Token& token) {
    int c = get();
    switch (c | 0x20) {
        case 'x':
            return radix_digits(token, 16, "hexadecimal");
        case 'o':
            return radix_digits(token, 8, "octal");
        case 'b':
            return radix_digits(token, 2, "binary");
    }
    // Zeros may only be followed by other digits when it turns out to be a float or an imaginary number.
    for (;;) {
        if (c == '_') {
            c = get();
            if (!chars::is_digit(c)) {
                unget(c);
                return syntax_error("invalid decimal literal");
            }
        }
        if (c != '0') break;
        c = get();
    }
    const char* zeros_end = cur_;
    bool nonzero = chars::is_digit(c);
    if (nonzero && !decimal_tail(c)) return false;
    if (c == '.') return fraction(token, get());
    if (c == 'e' || c == 'E') return exponent(token, c);
    if (nonzero && !options_.extra_tokens && c != 'j' && c != 'J') {
        unget(c);
        return syntax_error(
            "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal "
            "integers",
            start_, zeros_end);
    }
    return fraction_end(token, c);
}

}  // namespace krait
