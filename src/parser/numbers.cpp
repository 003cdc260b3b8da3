// Number literals to constants.
#include <gmp.h>

#include <charconv>
#include <cstring>
#include <limits>

#include "parser/rules.h"

namespace krait::parser {

namespace {

int digit_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    return (c | 0x20) - 'a' + 10;
}

// Whether a number out of range is so for being large: where its first digit that counts stands.
bool overflows(std::string_view digits) {
    int64_t point = 0, exponent = 0;
    bool seen = false, after_point = false;
    for (size_t i = 0; i < digits.size(); i++) {
        char c = digits[i];
        if (c == '.') {
            after_point = true;
        } else if (c == 'e' || c == 'E') {
            const char* from = digits.data() + i + 1;
            bool negative = *from == '-';
            if (*from == '+' || *from == '-') from++;
            if (std::from_chars(from, digits.data() + digits.size(), exponent).ec != std::errc()) {
                exponent = std::numeric_limits<int64_t>::max() / 4;
            }
            if (negative) exponent = -exponent;
            break;
        } else {
            seen |= c != '0';
            if (after_point && !seen) point--;
            if (!after_point && seen) point++;
        }
    }
    return seen && point + exponent > 0;
}

double parse_float(std::string_view digits) {
    double value = 0;
    auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (result.ec != std::errc::result_out_of_range) return value;
    return overflows(digits) ? std::numeric_limits<double>::infinity() : 0.0;
}

// Digits of base 2, 8, 10 or 16, as GMP's conversion takes them: values, not characters.
const krait::Constant* big_int(State& p, std::string_view digits, int base) {
    auto values = static_cast<unsigned char*>(p.arena->allocate(digits.size(), 1));
    for (size_t i = 0; i < digits.size(); i++) values[i] = static_cast<unsigned char>(digit_value(digits[i]));
    // log2(10) < 4, so four bits for each digit are enough in any of the bases.
    size_t limbs = digits.size() / 16 + 2;
    auto memory = static_cast<uint64_t*>(p.arena->allocate(limbs * sizeof(uint64_t), alignof(uint64_t)));
    mp_size_t used = mpn_set_str(reinterpret_cast<mp_limb_t*>(memory), values, digits.size(), base);
    return int_constant(*p.arena, false, {memory, static_cast<size_t>(used)});
}

const krait::Constant* parse_int(State& p, Tk* token, std::string_view digits) {
    int base = 10;
    if (digits.size() > 1 && digits[0] == '0') {
        char mark = digits[1] | 0x20;
        base = mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 10;
        if (base != 10) digits.remove_prefix(2);
    }
    size_t most = base == 10 ? 18 : base == 16 ? 15 : base == 8 ? 20 : 62;
    if (digits.size() <= most) {
        int64_t value = 0;
        for (char c : digits) value = value * base + digit_value(c);
        return int_constant(*p.arena, value);
    }
    int limit = p.options().max_int_digits;
    if (base == 10 && limit > 0 && digits.size() > static_cast<size_t>(limit)) {
        const char* message = p.format(
            "Exceeds the limit (%d digits) for integer string conversion: value has %zu digits; use "
            "sys.set_int_max_str_digits() to increase the limit - Consider hexadecimal for huge integer "
            "literals to avoid decimal conversion limits.",
            limit, digits.size());
        // No columns: the line alone is long enough.
        p.raise(Diagnostic::Kind::kSyntaxError, message, {int(token->line), -1, int(token->end_line), -1});
    }
    while (digits.size() > 1 && digits[0] == '0') digits.remove_prefix(1);
    return big_int(p, digits, base);
}

}  // namespace

ExprNode* State::number(Tk* token) {
    std::string_view digits = text(*token);
    if (std::memchr(digits.data(), '_', digits.size())) {
        need(6, "Underscores in numeric literals are");
        auto clean = static_cast<char*>(arena->allocate(digits.size() + 1, 1));
        char* to = clean;
        for (char c : digits) {
            if (c != '_') *to++ = c;
        }
        *to = 0;
        digits = {clean, static_cast<size_t>(to - clean)};
    }
    const krait::Constant* value;
    bool prefixed = digits.size() > 1 && digits[0] == '0' && (digits[1] | 0x20) > 'a' &&
                    (digits[1] | 0x20) != 'e' && (digits[1] | 0x20) != 'j';
    if (!prefixed && (digits.back() | 0x20) == 'j') {
        value = complex_constant(*arena, 0, parse_float(digits.substr(0, digits.size() - 1)));
    } else if (!prefixed && digits.find_first_of(".eE") != digits.npos) {
        value = float_constant(*arena, parse_float(digits));
    } else {
        value = parse_int(*this, token, digits);
    }
    return make<ast::Constant>(place(token), value, nullptr);
}

}  // namespace krait::parser
