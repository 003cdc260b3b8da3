// float to and from text: shortest digits by std::to_chars (Ryu), and so are
// fixed precisions; both correctly rounded.
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "builtins/bytes.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "gc/gc.h"
#include "object/protocol.h"
#include "support/unicode.h"

namespace krait {
namespace {

char* copy_out(const std::string& s) {
    auto* p = static_cast<char*>(mem_alloc(s.size() + 1));
    if (p) memcpy(p, s.c_str(), s.size() + 1);
    return p;
}

// Decimal digits d1d2d3... and the power of ten of d1.
struct Decimal {
    std::string digits;
    int exponent;
};

Decimal split_scientific(const char* text) {
    Decimal r{{}, 0};
    const char* e = strpbrk(text, "eE");
    for (const char* p = text; p < e; p++)
        if (*p != '.') r.digits.push_back(*p);
    r.exponent = atoi(e + 1);
    return r;
}

Decimal shortest(double d) {
    char buf[64];
    auto r = std::to_chars(buf, buf + sizeof buf, d, std::chars_format::scientific);
    *r.ptr = 0;
    return split_scientific(buf);
}

Decimal rounded(double d, int significant) {
    char small[512];
    std::string big;
    char* buf = small;
    if (significant > 480) {
        big.resize(significant + 32);
        buf = big.data();
    }
    size_t room = big.empty() ? sizeof small - 1 : big.size() - 1;
    *std::to_chars(buf, buf + room, d, std::chars_format::scientific, significant - 1).ptr = 0;
    return split_scientific(buf);
}

std::string exponent_text(int e, bool upper) {
    char buf[16];
    snprintf(buf, sizeof buf, "%c%c%02d", upper ? 'E' : 'e', e < 0 ? '-' : '+', e < 0 ? -e : e);
    return buf;
}

// Digits in positional or scientific form. `keep_point`: '.' even without digits behind it.
std::string positional(const Decimal& v, bool keep_point, bool add_dot_0) {
    std::string out;
    int n = static_cast<int>(v.digits.size()), point = v.exponent + 1;
    if (point <= 0) {
        out = "0." + std::string(-point, '0') + v.digits;
    } else if (point >= n) {
        out = v.digits + std::string(point - n, '0');
        if (add_dot_0)
            out += ".0";
        else if (keep_point)
            out += ".";
    } else {
        out = v.digits.substr(0, point) + "." + v.digits.substr(point);
    }
    return out;
}
std::string scientific(const Decimal& v, bool keep_point, bool upper) {
    std::string out = v.digits.substr(0, 1);
    if (v.digits.size() > 1)
        out += "." + v.digits.substr(1);
    else if (keep_point)
        out += ".";
    return out + exponent_text(v.exponent, upper);
}

void strip_zeros(Decimal& v) {
    while (v.digits.size() > 1 && v.digits.back() == '0') v.digits.pop_back();
}

std::string general(double d, int precision, bool alternate, bool add_dot_0, bool upper) {
    if (precision == 0) precision = 1;
    Decimal v = rounded(d, precision);
    bool use_exponent = v.exponent < -4 || v.exponent >= precision;
    if (add_dot_0 && v.exponent >= precision - 1) use_exponent = true;  // as CPython: the ".0" takes a place
    if (!alternate) strip_zeros(v);
    return use_exponent ? scientific(v, alternate, upper) : positional(v, alternate, add_dot_0);
}

std::string fixed(double d, int precision, bool alternate) {
    std::string out;
    out.resize(precision + 330);
    auto end = std::to_chars(out.data(), out.data() + out.size(), d, std::chars_format::fixed, precision).ptr;
    out.resize(end - out.data());
    if (precision == 0 && alternate) out += ".";
    return out;
}

}  // namespace

size_t double_to_buffer(double d, char format, int precision, char* buf, size_t size) {
    std::chars_format how;
    switch (format) {
        case 'f':
            how = std::chars_format::fixed;
            break;
        case 'e':
            how = std::chars_format::scientific;
            break;
        case 'g':
            how = std::chars_format::general;
            if (precision == 0) precision = 1;
            break;
        default:
            return 0;
    }
    auto r = std::to_chars(buf, buf + size, d, how, precision);
    return r.ec == std::errc() ? static_cast<size_t>(r.ptr - buf) : 0;
}

namespace {

// A double has no digits but zeros beyond this many behind the point (or the first digit).
constexpr int kMostDigits = 1100;

// "1.5" and precisions beyond kMostDigits: the text for kMostDigits with the zeros that are missing put
// before its exponent.
char* with_zeros(double d, char format, int precision, bool always_sign, bool alternate) {
    char* text = double_to_text(d, format, kMostDigits, always_sign, alternate, false);
    if (!text || !std::isfinite(d)) return text;
    size_t n = strlen(text), head = strcspn(text, "eE"), zeros = static_cast<size_t>(precision - kMostDigits);
    auto* out = static_cast<char*>(mem_alloc(n + zeros + 1));
    if (out) {
        memcpy(out, text, head);
        memset(out + head, '0', zeros);
        memcpy(out + head + zeros, text + head, n - head + 1);
    }
    mem_free(text);
    return out;
}

}  // namespace

char* double_to_text(double d, char format, int precision, bool always_sign, bool alternate, bool add_dot_0) {
    if (precision > kMostDigits) {
        char kind = format | 0x20;
        if (kind == 'f' || kind == 'e') return with_zeros(d, format, precision, always_sign, alternate);
        // 'g' shows at most the digits there are; its alternate form all of them, as far as memory goes.
        if (kind == 'g' && !alternate) precision = kMostDigits;
        if (kind == 'g' && alternate && precision > (1 << 24)) return nullptr;
    }
    bool upper = format >= 'A' && format <= 'Z';
    bool negative = std::signbit(d) && !std::isnan(d);
    std::string body;
    double a = std::fabs(d);
    if (std::isinf(d)) {
        body = upper ? "INF" : "inf";
    } else if (std::isnan(d)) {
        body = upper ? "NAN" : "nan";
    } else {
        switch (format | 0x20) {
            case 'r': {
                Decimal v = shortest(a);
                bool use_exponent = a != 0 && (v.exponent < -4 || v.exponent >= 16);
                body = use_exponent ? scientific(v, alternate, upper) : positional(v, alternate, add_dot_0);
                break;
            }
            case 'e':
                body = scientific(rounded(a, precision + 1), alternate, upper);
                break;
            case 'f':
                body = fixed(a, precision, alternate);
                break;
            default:
                body = general(a, precision, alternate, add_dot_0, upper);
        }
    }
    if (negative)
        body.insert(0, "-");
    else if (always_sign)
        body.insert(0, "+");
    return copy_out(body);
}

// --- parsing ---

size_t special_float_prefix(std::string_view s, double* out) {
    size_t sign = !s.empty() && (s[0] == '+' || s[0] == '-');
    auto starts = [&](const char* word) {
        size_t n = strlen(word);
        if (s.size() < sign + n) return false;
        for (size_t i = 0; i < n; i++)
            if ((s[sign + i] | 0x20) != word[i]) return false;
        return true;
    };
    double v;
    size_t n;
    if (starts("infinity")) {
        v = HUGE_VAL;
        n = 8;
    } else if (starts("inf")) {
        v = HUGE_VAL;
        n = 3;
    } else if (starts("nan")) {
        v = NAN;
        n = 3;
    } else {
        return 0;
    }
    *out = sign && s[0] == '-' ? -v : v;
    return sign + n;
}

namespace {

// Of a decimal float that is out of range: whether it is too large, and not too small.
bool is_large(std::string_view number) {
    size_t mark = std::min(number.find_first_of("eE"), number.size());
    std::string_view digits = number.substr(0, mark),
                     exponent = number.substr(std::min(mark + 1, number.size()));
    size_t point = std::min(digits.find('.'), digits.size()), first = digits.find_first_of("123456789");
    if (first == digits.npos) return false;
    // The place of the first digit before the point, or behind it.
    int64_t place = static_cast<int64_t>(point) - static_cast<int64_t>(first), power = 0;
    bool negative = !exponent.empty() && exponent[0] == '-';
    if (!exponent.empty() && (negative || exponent[0] == '+')) exponent.remove_prefix(1);
    constexpr int64_t kMost = int64_t{1} << 56;  // longer than any text
    for (char c : exponent) power = std::min(power * 10 + (c - '0'), kMost);
    return place + (negative ? -power : power) > 0;
}

// The longest prefix that is a decimal float; 0: none. Out of range gives inf or 0.
size_t parse_prefix(std::string_view s, double* out) {
    if (size_t n = special_float_prefix(s, out)) return n;
    size_t sign = !s.empty() && (s[0] == '+' || s[0] == '-');
    std::string_view body = s.substr(sign);
    if (body.empty() || !((body[0] >= '0' && body[0] <= '9') || body[0] == '.')) return 0;
    double v = 0;
    auto r = std::from_chars(body.data(), body.data() + body.size(), v, std::chars_format::general);
    size_t n = r.ptr - body.data();
    if (r.ec == std::errc::invalid_argument) return 0;
    if (r.ec == std::errc::result_out_of_range) v = is_large(body.substr(0, n)) ? HUGE_VAL : 0;
    *out = sign && s[0] == '-' ? -v : v;
    return sign + n;
}

// Underscores are allowed between digits only.
bool drop_underscores(std::string_view s, std::string& out) {
    char previous = 0;
    for (char c : s) {
        if (c == '_') {
            if (!(previous >= '0' && previous <= '9')) return false;
        } else {
            if (previous == '_' && !(c >= '0' && c <= '9')) return false;
            out.push_back(c);
        }
        previous = c;
    }
    return previous != '_';
}

bool is_ascii_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f); }

bool whole_float(std::string_view s, double* out) {
    while (!s.empty() && is_ascii_space(s.front())) s.remove_prefix(1);
    while (!s.empty() && is_ascii_space(s.back())) s.remove_suffix(1);
    if (s.find('_') == s.npos) return !s.empty() && parse_prefix(s, out) == s.size();
    std::string plain;
    return drop_underscores(s, plain) && !plain.empty() && parse_prefix(plain, out) == plain.size();
}

}  // namespace

Result<double> text_to_double(Thread& t, const char* s, char** end, PyTypeObject* overflow_exc) {
    double d = 0;
    size_t n = parse_prefix(s, &d);
    if (end) *end = const_cast<char*>(s) + n;
    if (n == 0 || (!end && s[n])) {
        if (end) return 0.0;
        return raise(t, PyExc_ValueError, "could not convert string to float: '%.200s'", s);
    }
    if (overflow_exc && std::isinf(d) && n && !strchr(s, 'n') && !strchr(s, 'N'))
        return raise(t, overflow_exc, "value too large to convert to float: '%.200s'", s);
    return d;
}

Ref float_from_text(Thread& t, Value v) {
    double d;
    std::string ascii;
    std::string_view view;
    bool ok = true;
    if (is_str(v)) {
        if (str_is_ascii(v)) {
            view = {static_cast<char*>(str_data(v)), static_cast<size_t>(str_length(v))};
        } else {
            for (int64_t i = 0; i < str_length(v) && ok; i++) {
                uint32_t c = str_char(v, i);
                if (c < 127)
                    ascii.push_back(static_cast<char>(c));
                else if (unicode::is_space(c))
                    ascii.push_back(' ');
                else if (int digit = unicode::decimal_value(c); digit >= 0)
                    ascii.push_back(static_cast<char>('0' + digit));
                else
                    ok = false;
            }
            view = ascii;
        }
        ok = ok && whole_float(view, &d);
    } else {
        Buffer b;
        TRY(b.acquire(t, v));
        ok = whole_float({b.data(), static_cast<size_t>(b.size())}, &d);
    }
    if (!ok) return raise(t, PyExc_ValueError, "could not convert string to float: %R", v);
    return float_from(t, d);
}

}  // namespace krait
