// int to and from text.
#include <cstring>
#include <string>

#include "builtins/bytes.h"
#include "builtins/int_internal.h"
#include "builtins/str.h"
#include "gc/gc.h"
#include "gc/room.h"
#include "support/unicode.h"

namespace krait {
namespace {

constexpr int64_t kUnlimitedBelow = 640;  // numbers of fewer digits are never checked against the limit

Raised bad_literal(Thread& t, int64_t base, Value shown) {
    return raise(t, PyExc_ValueError, "invalid literal for int() with base %d: %.200R",
                 static_cast<int>(base), shown);
}

int digit_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'z') return c - 'a' + 10;
    if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
    return 99;
}

bool is_ascii_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f); }

// Digits in ASCII, spaces trimmed, non-ASCII digits and spaces replaced. False: a character that can be
// neither.
bool to_ascii_digits(Value text, std::string& out) {
    int64_t n = str_length(text);
    out.reserve(n);
    for (int64_t i = 0; i < n; i++) {
        uint32_t c = str_char(text, i);
        if (c < 127) {
            out.push_back(static_cast<char>(c));
        } else if (unicode::is_space(c)) {
            out.push_back(' ');
        } else {
            int d = unicode::decimal_value(c);
            if (d < 0) return false;
            out.push_back(static_cast<char>('0' + d));
        }
    }
    return true;
}

bool is_power_of_two(int64_t base) { return (base & (base - 1)) == 0; }

// In one pass without branches: a text that turns out to be too long should cost next to nothing.
bool all_decimal(std::string_view s) {
    unsigned other = 0;
    for (char c : s) other |= static_cast<unsigned char>(c - '0') > 9;
    return !other;
}

struct Scanned {
    std::string_view digits;  // without sign, prefix and underscores: in the text, or in `kept`
    std::string kept;
    int64_t base;
    bool negative = false, ok = false;
};

void scan(std::string_view s, Scanned& r) {
    const int64_t base = r.base;
    while (!s.empty() && is_ascii_space(s.front())) s.remove_prefix(1);
    while (!s.empty() && is_ascii_space(s.back())) s.remove_suffix(1);
    if (!s.empty() && (s[0] == '+' || s[0] == '-')) {
        r.negative = s[0] == '-';
        s.remove_prefix(1);
    }
    bool zero_only = false;
    if (base == 0) {
        char p = s.size() > 1 && s[0] == '0' ? static_cast<char>(s[1] | 0x20) : 0;
        r.base = p == 'x' ? 16 : p == 'o' ? 8 : p == 'b' ? 2 : 10;
        zero_only = r.base == 10 && !s.empty() && s[0] == '0';  // "010" is an error, "00" is not
    }
    if (s.size() > 1 && s[0] == '0') {
        char p = static_cast<char>(s[1] | 0x20);
        if ((r.base == 16 && p == 'x') || (r.base == 8 && p == 'o') || (r.base == 2 && p == 'b')) {
            s.remove_prefix(2);
            if (!s.empty() && s[0] == '_') s.remove_prefix(1);
        }
    }
    if (s.empty() || s[0] == '_' || s.back() == '_') return;
    if (r.base == 10 && !zero_only && all_decimal(s)) {
        r.digits = s;
        r.ok = true;
        return;
    }
    char previous = 0;
    for (char c : s) {
        if (c == '_') {
            if (previous == '_') return;
        } else {
            if (digit_value(c) >= r.base) return;
            if (zero_only && c != '0') {
                r.base = 0;
                return;
            }
            r.kept.push_back(c);
        }
        previous = c;
    }
    r.digits = r.kept;
    r.ok = true;
}

Ref from_digits(Thread& t, std::string_view digits, int64_t base, bool negative) {
    if (digits.size() <= 11 || (base <= 10 && digits.size() <= 17)) {
        int64_t v = 0;
        for (char c : digits) v = v * base + digit_value(c);
        return int_from(t, negative ? -v : v);
    }
    TRY(room_for(t, static_cast<int64_t>(digits.size()) * 6));
    Mpz z;
    mpz_set_str(z, std::string(digits).c_str(), static_cast<int>(base));
    if (negative) mpz_neg(z, z);
    return int_from_mpz(t, z);
}

Status check_limit(Thread& t, int64_t digits) {
    int64_t limit = t.interp->int_max_str_digits;
    if (limit <= 0 || digits <= kUnlimitedBelow || digits <= limit) return Status::ok();
    return raise(t, PyExc_ValueError,
                 "Exceeds the limit (%zd digits) for integer string conversion: value has %zd digits; use "
                 "sys.set_int_max_str_digits() to increase the limit",
                 limit, digits);
}

// Nothing but up to 18 decimal digits, the commonest text of all.
bool plain_decimal(std::string_view s, int64_t* out) {
    if (s.empty() || s.size() > 18) return false;
    int64_t n = 0;
    for (char c : s) {
        if (c < '0' || c > '9') return false;
        n = n * 10 + (c - '0');
    }
    *out = n;
    return true;
}

Ref parse_ascii(Thread& t, std::string_view s, int64_t base, Value shown) {
    int64_t plain;
    if (base == 10 && plain_decimal(s, &plain)) return Ref::from_int(plain);
    Scanned r{.base = base};
    scan(s, r);
    if (!r.ok) return bad_literal(t, base, shown);
    if (!is_power_of_two(r.base)) TRY(check_limit(t, static_cast<int64_t>(r.digits.size())));
    return from_digits(t, r.digits, r.base, r.negative);
}

}  // namespace

Ref int_from_text(Thread& t, std::string_view digits, int base) {
    Ref shown = TRY(str_from(t, digits));
    return parse_ascii(t, digits, base, shown);
}

Ref int_parse(Thread& t, Value text, int64_t base, Value shown) {
    if (base != 0 && (base < 2 || base > 36))
        return raise(t, PyExc_ValueError, "int() base must be >= 2 and <= 36, or 0");
    if (is_str(text)) TRY(room_for(t, str_length(text) * 4));
    if (is_bytes(text)) TRY(room_for(t, static_cast<int64_t>(bytes_view(text).size()) * 4));
    if (is_str(text)) {
        if (str_is_ascii(text))
            return parse_ascii(t, {static_cast<char*>(str_data(text)), static_cast<size_t>(str_length(text))},
                               base, shown);
        std::string ascii;
        if (!to_ascii_digits(text, ascii)) return bad_literal(t, base, shown);
        return parse_ascii(t, ascii, base, shown);
    }
    std::string_view view =
        is_bytes(text) ? bytes_view(text)
                       : std::string_view(bytearray_data(text), static_cast<size_t>(bytearray_size(text)));
    return parse_ascii(t, view, base, shown);
}

Ref int_to_str(Thread& t, Value v, int base) {
    int64_t w;
    if (word_of(v, &w)) {
        char buf[80];
        char* end = buf + sizeof buf;
        char* p = end;
        uint64_t a = w < 0 ? -static_cast<uint64_t>(w) : static_cast<uint64_t>(w);
        if (base == 10) {  // the compiler knows better ways to divide by ten
            do {
                *--p = static_cast<char>('0' + a % 10);
                a /= 10;
            } while (a);
        } else {
            do {
                *--p = "0123456789abcdef"[a % base];
                a /= base;
            } while (a);
        }
        if (w < 0) *--p = '-';
        return str_from_latin1(t, p, end - p);
    }
    int64_t limit = t.interp->int_max_str_digits;
    if (base == 10 && limit > 0) {
        // log10(2) bounds the count from below; only near the limit the exact count is needed.
        int64_t bits = int_bit_length(v);
        if (bits > 1 && (bits - 1) * 30103 / 100000 >= limit && limit >= kUnlimitedBelow)
            return raise(t, PyExc_ValueError,
                         "Exceeds the limit (%zd digits) for integer string conversion; use "
                         "sys.set_int_max_str_digits() to "
                         "increase the limit",
                         limit);
    }
    TRY(room_for(t, int_bit_length(v)));
    Mpz z(v);
    size_t n = mpz_sizeinbase(z, base) + 2;
    char* buf = static_cast<char*>(mem_alloc(n));
    if (!buf) return raise_no_memory(t);
    mpz_get_str(buf, base, z);
    size_t length = strlen(buf);
    Ref r;
    if (base == 10 && limit > 0 && static_cast<int64_t>(length - (buf[0] == '-')) > limit &&
        limit >= kUnlimitedBelow)
        raise(t, PyExc_ValueError,
              "Exceeds the limit (%zd digits) for integer string conversion; use "
              "sys.set_int_max_str_digits() to increase "
              "the limit",
              limit);
    else
        r = str_from_latin1(t, buf, length);
    mem_free(buf);
    return r;
}

}  // namespace krait
