// format() of int, float and complex, and the numeric directives of % formatting.
#include <algorithm>
#include <climits>
#include <clocale>
#include <cmath>
#include <cstdlib>
#include <string>

#include "builtins/format.h"
#include "builtins/number.h"
#include "builtins/str_internal.h"
#include "gc/gc.h"
#include "gc/room.h"
#include "object/protocol.h"

namespace krait {

namespace {

// How digits are grouped and what stands between the parts of a number.
struct Style {
    std::string point = ".";
    std::string separator;
    std::string fraction_separator;
    const char* groups = "";  // sizes from the right; the last repeats; CHAR_MAX ends grouping
};

Style style_for(const FormatSpec& f, bool by_fours) {
    Style s;
    if (f.type == 'n') {
        const lconv* l = localeconv();
        s.point = l->decimal_point;
        s.separator = l->thousands_sep;
        s.groups = l->grouping;
    } else if (f.grouping) {
        s.separator = f.grouping;
        s.groups = by_fours ? "\4" : "\3";
    }
    if (f.fraction_grouping) s.fraction_separator = f.fraction_grouping;
    return s;
}

// UTF-8 aware length: separators of locales may be wider than a byte.
int64_t width_of(std::string_view s) {
    int64_t n = 0;
    for (unsigned char c : s) n += (c & 0xC0) != 0x80;
    return n;
}

// Digits with separators, and zeros in front until min_width is reached.
std::string group_digits(std::string_view digits, const Style& style, int64_t min_width) {
    std::string out;  // built from the right, so reversed at the end piece by piece
    const char* group = style.groups;
    auto remaining = static_cast<int64_t>(digits.size());
    if (style.separator.empty() || !*group) {
        if (min_width > remaining) out.append(static_cast<size_t>(min_width - remaining), '0');
        return out.append(digits);
    }
    std::string reversed_separator(style.separator.rbegin(), style.separator.rend());
    int64_t separator_width = width_of(style.separator);
    bool first = true;
    for (;;) {
        int64_t size = *group == CHAR_MAX || *group < 0 ? INT64_MAX : *group;
        int64_t wanted = std::max({remaining, min_width, int64_t{1}});
        int64_t length = std::min(size, wanted);
        int64_t taken = std::min(remaining, length);
        if (!first) out += reversed_separator;
        for (int64_t i = 0; i < taken; i++) out += digits[static_cast<size_t>(remaining - 1 - i)];
        out.append(static_cast<size_t>(length - taken), '0');
        first = false;
        remaining -= taken;
        min_width -= length;
        if (remaining <= 0 && min_width <= 0) break;
        min_width -= separator_width;
        if (group[1]) group++;
    }
    return std::string(out.rbegin(), out.rend());
}

std::string group_fraction(std::string_view digits, const std::string& separator) {
    if (separator.empty()) return std::string(digits);
    std::string out;
    for (size_t i = 0; i < digits.size(); i++) {
        if (i && i % 3 == 0) out += separator;
        out += digits[i];
    }
    return out;
}

// A number's text in parts.
struct Parts {
    char sign = 0;
    std::string prefix;
    std::string whole, fraction, rest;  // rest: exponent, percent sign, "nan"
    bool point = false;
};

// Takes "-12.5e+10" apart; what does not start with a digit is all rest.
Parts split_float(std::string_view text) {
    Parts p;
    if (!text.empty() && text[0] == '-') {
        p.sign = '-';
        text.remove_prefix(1);
    }
    size_t i = 0;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9') i++;
    p.whole = text.substr(0, i);
    if (i < text.size() && text[i] == '.') {
        p.point = true;
        size_t start = ++i;
        while (i < text.size() && text[i] >= '0' && text[i] <= '9') i++;
        p.fraction = text.substr(start, i - start);
    }
    p.rest = text.substr(i);
    return p;
}

char shown_sign(char sign, char wanted) {
    if (sign == '-') return '-';
    return wanted == '+' || wanted == ' ' ? wanted : 0;
}

// Sign, prefix and grouped digits without padding outside; min_width counts everything.
struct Laid {
    std::string head;  // sign and prefix
    std::string body;
};
Laid lay_out(const Parts& p, const FormatSpec& f, const Style& style) {
    Laid out;
    if (char sign = shown_sign(p.sign, f.sign)) out.head += sign;
    out.head += p.prefix;
    std::string tail;
    if (p.point) tail += style.point;
    tail += group_fraction(p.fraction, style.fraction_separator);
    tail += p.rest;
    int64_t min_width = 0;
    if (f.fill == '0' && f.align == '=') min_width = f.width - width_of(out.head) - width_of(tail);
    if (p.whole.empty())  // nan, inf: no digits to group, zeros are plain padding
        out.body = tail;
    else
        out.body = group_digits(p.whole, style, min_width) + tail;
    return out;
}

Ref padded(Thread& t, const FormatSpec& f, std::string_view head, std::string_view body) {
    int64_t size = width_of(head) + width_of(body);
    int64_t room = f.width > size ? f.width - size : 0;
    int64_t left = f.align == '>' ? room : f.align == '^' ? room / 2 : 0;
    int64_t middle = f.align == '=' ? room : 0;
    StrBuilder out(t, size + room);
    TRY(out.repeat(f.fill, left));
    TRY(out.utf8(head.data(), head.size()));
    TRY(out.repeat(f.fill, middle));
    TRY(out.utf8(body.data(), body.size()));
    TRY(out.repeat(f.fill, room - left - middle));
    return out.finish();
}

// What needs no grouping and no locale: sign and prefix, fill and digits straight into the result.
Ref put_plain(Thread& t, const FormatSpec& f, std::string_view head, std::string_view body) {
    auto size = static_cast<int64_t>(head.size() + body.size());
    int64_t room = f.width > size ? f.width - size : 0;
    int64_t left = f.align == '>' ? room : f.align == '^' ? room / 2 : 0;
    int64_t middle = f.align == '=' ? room : 0;
    if (f.fill >= 128) return padded(t, f, head, body);
    Ref r = TRY(str_alloc(t, size + room, 0x7f));
    char* to = static_cast<char*>(str_data(r));
    auto fill = [&](int64_t n) {
        if (n) memset(to, static_cast<int>(f.fill), static_cast<size_t>(n));
        to += n;
    };
    auto copy = [&](std::string_view s) {
        memcpy(to, s.data(), s.size());
        to += s.size();
    };
    fill(left);
    copy(head);
    fill(middle);
    copy(body);
    fill(room - left - middle);
    if (size + room == 1) return Ref::steal(latin1_char(str_char(r, 0)));
    return r;
}
bool is_plain(const FormatSpec& f) { return !f.grouping && !f.fraction_grouping && f.type != 'n'; }

// Strings that do not fit into memory end the process: ask first.
Status check_digits(Thread& t, int64_t precision) {
    if (precision < (1 << 20)) return Status::ok();
    void* probe = mem_alloc(static_cast<size_t>(precision) * 4);
    if (!probe) return raise_no_memory(t);
    mem_free(probe);
    return Status::ok();
}

// A width that would need more memory than there is must not reach std::string.
Status check_width(Thread& t, const FormatSpec& f) {
    if (f.width > INT64_MAX / 8 || f.precision > INT64_MAX / 8) return raise_no_memory(t);
    if (f.fill == '0' && f.align == '=') TRY(room_for(t, f.width * 4));
    return Status::ok();
}

// --- int ---

Ref format_char(Thread& t, Value v, const FormatSpec& f) {
    if (f.sign) return raise(t, PyExc_ValueError, "Sign not allowed with integer format specifier 'c'");
    if (f.alternate)
        return raise(t, PyExc_ValueError, "Alternate form (#) not allowed with integer format specifier 'c'");
    int64_t c;
    if (!int_to_i64(v, &c)) return raise(t, PyExc_OverflowError, "Python int too large to convert to C long");
    if (c < 0 || c > 0x10FFFF) return raise(t, PyExc_OverflowError, "%%c arg not in range(0x110000)");
    int64_t room = f.width > 1 ? f.width - 1 : 0;
    int64_t left = f.align == '>' || f.align == '=' ? room : f.align == '^' ? room / 2 : 0;
    StrBuilder out(t, room + 1);
    TRY(out.repeat(f.fill, left));
    TRY(out.put(static_cast<uint32_t>(c)));
    TRY(out.repeat(f.fill, room - left));
    return out.finish();
}

// The digits of a small int at the end of buf, without sign.
std::string_view small_digits(uint64_t u, int base, bool upper, char (&buf)[64]) {
    const char* alphabet = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    char* p = buf + sizeof buf;
    if (base == 10) {
        do *--p = static_cast<char>('0' + u % 10);
        while (u /= 10);
    } else {
        int shift = base == 2 ? 1 : base == 8 ? 3 : 4;
        do *--p = alphabet[u & static_cast<uint64_t>(base - 1)];
        while (u >>= shift);
    }
    return {p, static_cast<size_t>(buf + sizeof buf - p)};
}
const char* base_prefix(int base, bool upper) {
    return base == 2 ? "0b" : base == 8 ? "0o" : upper ? "0X" : "0x";
}

Ref format_int_digits(Thread& t, Value v, const FormatSpec& f) {
    bool upper = f.type == 'X';
    int base = f.type == 'b' ? 2 : f.type == 'o' ? 8 : f.type == 'x' || upper ? 16 : 10;
    int64_t small;
    if (is_plain(f) && int_to_i64(v, &small)) {
        char head[4], buf[64];
        size_t n = 0;
        if (char sign = shown_sign(small < 0 ? '-' : 0, f.sign)) head[n++] = sign;
        if (f.alternate && base != 10) {
            memcpy(head + n, base_prefix(base, upper), 2);
            n += 2;
        }
        uint64_t magnitude = small < 0 ? -static_cast<uint64_t>(small) : static_cast<uint64_t>(small);
        return put_plain(t, f, {head, n}, small_digits(magnitude, base, upper, buf));
    }
    Ref digits = TRY(int_to_str(t, v, base));
    std::string_view text{static_cast<const char*>(str_data(digits)),
                          static_cast<size_t>(str_length(digits))};
    Parts p;
    if (text.starts_with('-')) {
        p.sign = '-';
        text.remove_prefix(1);
    }
    p.whole = text;
    if (f.alternate && base != 10) p.prefix = base_prefix(base, upper);
    if (upper)
        for (char& c : p.whole) c = static_cast<char>(toupper(c));
    Laid laid = lay_out(p, f, style_for(f, base != 10));
    return padded(t, f, laid.head, laid.body);
}

// --- float ---

bool is_float_type(uint32_t type) {
    switch (type) {
        case 0:
        case 'e':
        case 'E':
        case 'f':
        case 'F':
        case 'g':
        case 'G':
        case 'n':
        case '%':
            return true;
        default:
            return false;
    }
}

// "-0.00" has no digit but zeros before its exponent.
bool is_zero_text(std::string_view s) {
    for (char c : s) {
        if (c == 'e' || c == 'E') break;
        if (c >= '1' && c <= '9') return false;
        if (c == 'n' || c == 'i' || c == 'N' || c == 'I') return false;
    }
    return true;
}

// Digits beyond a precision need room in an int's worth of text, too.
constexpr int64_t kMaxFloatPrecision = INT_MAX - 1024;

// The digits of a double as the specification wants them.
Result<bool> float_text(Thread& t, double d, const FormatSpec& f, bool add_dot_0, std::string& out) {
    if (f.precision > kMaxFloatPrecision) return raise(t, PyExc_ValueError, "precision too big");
    TRY(check_digits(t, f.precision));
    char type = static_cast<char>(f.type);
    int precision = 6;
    bool percent = type == '%';
    if (type == 0) {
        type = 'r';
        precision = 0;
    } else if (type == 'n') {
        type = 'g';
        add_dot_0 = false;
    } else {
        add_dot_0 = false;
    }
    if (percent) {
        type = 'f';
        d *= 100;
    }
    if (f.precision >= 0) {
        precision = static_cast<int>(f.precision);
        if (type == 'r') type = 'g';
    }
    char* text = double_to_text(d, type, precision, false, f.alternate, add_dot_0);
    if (!text) return raise_no_memory(t);
    out = text;
    mem_free(text);
    if (f.no_negative_zero && out.starts_with('-') && is_zero_text(out)) out.erase(0, 1);
    if (percent) out += '%';
    return true;
}

Ref format_double(Thread& t, double d, const FormatSpec& f) {
    if (is_plain(f) && !f.alternate && !f.no_negative_zero && std::isfinite(d)) {
        char buf[128], head[1];
        int precision = f.precision < 0 ? 6 : f.precision > 100 ? 1000 : static_cast<int>(f.precision);
        if (size_t n =
                double_to_buffer(std::fabs(d), static_cast<char>(f.type), precision, buf, sizeof buf)) {
            head[0] = shown_sign(std::signbit(d) ? '-' : 0, f.sign);
            return put_plain(t, f, {head, head[0] ? size_t{1} : 0}, {buf, n});
        }
    }
    std::string text;
    TRY(float_text(t, d, f, true, text));
    Laid laid = lay_out(split_float(text), f, style_for(f, false));
    return padded(t, f, laid.head, laid.body);
}

Status check_format_arg(Thread& t, Value spec) {
    if (is_str(spec)) return Status::ok();
    return raise(t, PyExc_TypeError, "__format__() argument must be str, not %K", spec);
}

}  // namespace

Ref format_int(Thread& t, Value v, Value spec) {
    if (str_length(spec) == 0) return is_long_exact(v) ? int_to_str(t, v, 10) : str(t, v);
    FormatSpec f;
    TRY(parse_format_spec(t, spec, v, 'd', '>', f));
    TRY(check_width(t, f));
    switch (f.type) {
        case 'b':
        case 'c':
        case 'd':
        case 'o':
        case 'x':
        case 'X':
        case 'n':
            break;
        default: {
            if (f.type == 0 || !is_float_type(f.type)) return raise_unknown_format(t, f.type, v);
            double d = TRY(int_to_double(t, v));
            return format_double(t, d, f);
        }
    }
    if (f.precision != -1 || f.fraction_grouping)
        return raise(t, PyExc_ValueError, "Precision not allowed in integer format specifier");
    if (f.no_negative_zero)
        return raise(t, PyExc_ValueError,
                     "Negative zero coercion (z) not allowed in integer format specifier");
    if (f.type == 'c') return format_char(t, v, f);
    return format_int_digits(t, v, f);
}

Ref format_float(Thread& t, Value v, Value spec) {
    if (str_length(spec) == 0) return str(t, v);
    FormatSpec f;
    TRY(parse_format_spec(t, spec, v, 0, '>', f));
    TRY(check_width(t, f));
    if (!is_float_type(f.type)) return raise_unknown_format(t, f.type, v);
    return format_double(t, float_value(v), f);
}

Ref format_complex(Thread& t, Value v, Value spec) {
    if (str_length(spec) == 0) return str(t, v);
    FormatSpec f;
    TRY(parse_format_spec(t, spec, v, 0, '>', f));
    TRY(check_width(t, f));
    if (!is_float_type(f.type) || f.type == '%') return raise_unknown_format(t, f.type, v);
    if (f.fill == '0')
        return raise(t, PyExc_ValueError, "Zero padding is not allowed in complex format specifier");
    if (f.align == '=')
        return raise(t, PyExc_ValueError, "'=' alignment flag is not allowed in complex format specifier");
    auto* c = v.as<PyComplexObject>();
    bool plain = f.type == 0;  // like str(): parentheses, and no real part when it is +0
    bool skip_real = plain && c->real == 0.0 && !std::signbit(c->real);
    std::string real, imag;
    TRY(float_text(t, c->real, f, false, real));
    TRY(float_text(t, c->imag, f, false, imag));
    Style style = style_for(f, false);
    FormatSpec part = f;
    part.width = -1;
    std::string body;
    if (plain && !skip_real) body += '(';
    if (!skip_real) {
        Laid laid = lay_out(split_float(real), part, style);
        body += laid.head + laid.body;
        part.sign = '+';
    }
    Laid laid = lay_out(split_float(imag), part, style);
    body += laid.head + laid.body + 'j';
    if (plain && !skip_real) body += ')';
    return padded(t, f, "", body);
}

Ref int_dunder_format(Thread& t, Value self, Value spec) {
    TRY(check_format_arg(t, spec));
    return format_int(t, self, spec);
}
Ref float_dunder_format(Thread& t, Value self, Value spec) {
    TRY(check_format_arg(t, spec));
    return format_float(t, self, spec);
}
Ref complex_dunder_format(Thread& t, Value self, Value spec) {
    TRY(check_format_arg(t, spec));
    return format_complex(t, self, spec);
}

// --- % formatting ---

bool is_percent_number(uint32_t type) {
    switch (type) {
        case 'd':
        case 'i':
        case 'u':
        case 'o':
        case 'x':
        case 'X':
        case 'e':
        case 'E':
        case 'f':
        case 'F':
        case 'g':
        case 'G':
            return true;
        default:
            return false;
    }
}

namespace {

// The value of an integer directive as an int.
Ref percent_int(Thread& t, uint32_t type, Value v) {
    if (is_long(v)) return Ref::share(v);
    bool wants_index = type == 'o' || type == 'x' || type == 'X';
    const Slots& slots = ext(type_of(v))->slots;
    Ref r;
    if (wants_index) {
        if (slots.nb_index) r = index(t, v);
    } else if (slots.nb_int || slots.nb_index || slots.nb_float) {
        r = to_int(t, v);
    }
    if (r) return r;
    if (occurred(t)) {
        if (!error_is(t, PyExc_TypeError)) return {};
        clear_error(t);
    }
    return raise(t, PyExc_TypeError,
                 wants_index ? "%%%c format: an integer is required, not %T"
                             : "%%%c format: a real number is required, not %T",
                 static_cast<int>(type), v);
}

// Digits with at least `precision` of them; the prefix of the alternate form goes to `head`.
Ref percent_digits(Thread& t, const PercentSpec& s, Value v, std::string& head, std::string& body) {
    Ref number = TRY(percent_int(t, s.type, v));
    int base = s.type == 'o' ? 8 : s.type == 'x' || s.type == 'X' ? 16 : 10;
    Ref digits = TRY(int_to_str(t, number, base));
    body.assign(static_cast<const char*>(str_data(digits)), static_cast<size_t>(str_length(digits)));
    if (body[0] == '-') {
        head = "-";
        body.erase(0, 1);
    }
    if (s.precision > static_cast<int64_t>(body.size()))
        body.insert(0, static_cast<size_t>(s.precision) - body.size(), '0');
    if (s.type == 'X')
        for (char& c : body) c = static_cast<char>(toupper(c));
    if (head.empty() && s.plus)
        head = "+";
    else if (head.empty() && s.space)
        head = " ";
    if (s.alternate && base != 10) head += base == 8 ? "0o" : s.type == 'X' ? "0X" : "0x";
    return digits;
}

Status percent_double(Thread& t, const PercentSpec& s, Value v, std::string& head, std::string& body) {
    double d = TRY(as_double(t, v));
    if (s.precision > kMaxFloatPrecision) return raise(t, PyExc_ValueError, "precision too big");
    int precision = s.precision < 0 ? 6 : static_cast<int>(s.precision);
    char* text = double_to_text(d, static_cast<char>(s.type), precision, false, s.alternate, false);
    if (!text) return raise_no_memory(t);
    body = text;
    mem_free(text);
    if (body[0] == '-') {
        head = "-";
        body.erase(0, 1);
    } else if (s.plus) {
        head = "+";
    } else if (s.space) {
        head = " ";
    }
    return Status::ok();
}

}  // namespace

namespace {

// The frequent cases of percent_number; empty without an exception: not one of them.
Ref percent_plain(Thread& t, const PercentSpec& s, Value v) {
    FormatSpec f{.fill = s.zero && !s.left ? uint32_t{'0'} : uint32_t{' '},
                 .align = s.left   ? '<'
                          : s.zero ? '='
                                   : '>',
                 .width = s.width};
    char head[1];
    char sign = s.plus ? '+' : s.space ? ' ' : 0;
    if (s.type == 'd' && v.is_int() && s.precision < 0) {
        char buf[64];
        int64_t i = v.as_int();
        head[0] = i < 0 ? '-' : sign;
        uint64_t magnitude = i < 0 ? -static_cast<uint64_t>(i) : static_cast<uint64_t>(i);
        return put_plain(t, f, {head, head[0] ? size_t{1} : 0}, small_digits(magnitude, 10, false, buf));
    }
    double d;
    if ((s.type == 'f' || s.type == 'e' || s.type == 'g') && !s.alternate && is_exact_double(v, &d) &&
        std::isfinite(d) && s.precision <= 100) {
        char buf[128];
        int precision = s.precision < 0 ? 6 : static_cast<int>(s.precision);
        head[0] = std::signbit(d) ? '-' : sign;
        if (size_t n = double_to_buffer(std::fabs(d), static_cast<char>(s.type), precision, buf, sizeof buf))
            return put_plain(t, f, {head, head[0] ? size_t{1} : 0}, {buf, n});
    }
    return {};
}

}  // namespace

Ref percent_number(Thread& t, const PercentSpec& s, Value v) {
    if (Ref r = percent_plain(t, s, v)) return r;
    if (occurred(t)) return {};
    TRY(check_digits(t, s.precision));
    std::string head, body;
    bool integer =
        s.type == 'd' || s.type == 'i' || s.type == 'u' || s.type == 'o' || s.type == 'x' || s.type == 'X';
    if (s.precision > INT_MAX) return raise(t, PyExc_ValueError, "precision too big");
    if (integer)
        TRY_DISCARD(percent_digits(t, s, v, head, body));
    else
        TRY(percent_double(t, s, v, head, body));
    auto size = static_cast<int64_t>(head.size() + body.size());
    int64_t room = s.width > size ? s.width - size : 0;
    StrBuilder out(t, size + room);
    if (!s.left && !s.zero) TRY(out.repeat(' ', room));
    TRY(out.ascii(head.data(), head.size()));
    if (!s.left && s.zero) TRY(out.repeat('0', room));
    TRY(out.ascii(body.data(), body.size()));
    if (s.left) TRY(out.repeat(' ', room));
    return out.finish();
}

}  // namespace krait
