// Parsing format specifications; formatting str.
#include <climits>

#include "builtins/format.h"
#include "builtins/str_internal.h"
#include "builtins/str_methods.h"
#include "object/protocol.h"
#include "support/unicode.h"

namespace krait {

namespace {

bool is_align(uint32_t c) { return c == '<' || c == '>' || c == '=' || c == '^'; }

class Parser {
  public:
    Parser(Thread& t, Value spec) : t_(t), spec_(spec), end_(str_length(spec)) {
        if (str_is_ascii(spec)) ascii_ = static_cast<const uint8_t*>(str_data(spec));
    }
    bool at_end() const { return at_ >= end_; }
    int64_t left() const { return end_ - at_; }
    uint32_t peek(int64_t ahead = 0) const {
        if (at_ + ahead >= end_) return 0;
        return ascii_ ? ascii_[at_ + ahead] : str_char(spec_, at_ + ahead);
    }
    uint32_t next() {
        uint32_t c = peek();
        at_++;
        return c;
    }
    bool accept(uint32_t c) {
        if (at_end() || peek() != c) return false;
        at_++;
        return true;
    }
    // Decimal digits of any script; how many. Fails when the number does not fit.
    Result<int> number(int64_t* out) {
        int count = 0;
        int64_t n = 0;
        for (; !at_end(); at_++, count++) {
            uint32_t c = peek();
            int digit = c < 128 ? (c - '0' < 10 ? static_cast<int>(c - '0') : -1) : unicode::decimal_value(c);
            if (digit < 0) break;
            if (n > (INT64_MAX - digit) / 10)
                return raise(t_, PyExc_ValueError, "Too many decimal digits in format string");
            n = n * 10 + digit;
        }
        if (count) *out = n;
        return count;
    }
    Status grouping(char* out) {
        if (accept(',')) *out = ',';
        if (accept('_')) {
            if (*out) return both();
            *out = '_';
        }
        if (!at_end() && peek() == ',' && *out == '_') return both();
        return Status::ok();
    }

  private:
    Raised both() { return raise(t_, PyExc_ValueError, "Cannot specify both ',' and '_'."); }
    Thread& t_;
    Value spec_;
    const uint8_t* ascii_ = nullptr;
    int64_t at_ = 0, end_;
};

Status check_grouping(Thread& t, char grouping, uint32_t type) {
    if (!grouping) return Status::ok();
    switch (type) {
        case 0:
        case 'd':
        case 'e':
        case 'f':
        case 'g':
        case 'E':
        case 'G':
        case '%':
        case 'F':
            return Status::ok();
        case 'b':
        case 'o':
        case 'x':
        case 'X':
            if (grouping == '_') return Status::ok();
            break;
        default:
            break;
    }
    if (type > 32 && type < 128)
        return raise(t, PyExc_ValueError, "Cannot specify '%c' with '%c'.", grouping, static_cast<int>(type));
    return raise(t, PyExc_ValueError, "Cannot specify '%c' with '\\x%x'.", grouping, type);
}

}  // namespace

Raised raise_unknown_format(Thread& t, uint32_t type, Value v) {
    const char* name = type_of(v)->tp_name;
    if (type > 32 && type < 128)
        return raise(t, PyExc_ValueError, "Unknown format code '%c' for object of type '%.200s'",
                     static_cast<int>(type), name);
    return raise(t, PyExc_ValueError, "Unknown format code '\\x%x' for object of type '%.200s'", type, name);
}

Status parse_format_spec(Thread& t, Value spec, Value v, char default_type, char default_align,
                         FormatSpec& out) {
    Parser p(t, spec);
    out = FormatSpec{.align = default_align, .type = static_cast<uint32_t>(default_type)};
    if (p.left() >= 2 && is_align(p.peek(1))) {
        out.fill = p.next();
        out.align = static_cast<char>(p.next());
        out.fill_given = out.align_given = true;
    } else if (p.left() >= 1 && is_align(p.peek())) {
        out.align = static_cast<char>(p.next());
        out.align_given = true;
    }
    if (!p.at_end() && (p.peek() == ' ' || p.peek() == '+' || p.peek() == '-'))
        out.sign = static_cast<char>(p.next());
    out.no_negative_zero = p.accept('z');
    out.alternate = p.accept('#');
    if (!out.fill_given && p.accept('0')) {
        out.fill = '0';
        if (!out.align_given && default_align == '>') out.align = '=';
    }
    TRY_DISCARD(p.number(&out.width));
    TRY(p.grouping(&out.grouping));
    if (p.accept('.')) {
        int digits = TRY(p.number(&out.precision));
        int64_t before = p.left();
        TRY(p.grouping(&out.fraction_grouping));
        if (digits == 0 && p.left() == before)
            return raise(t, PyExc_ValueError, "Format specifier missing precision");
    }
    if (p.left() > 1)
        return raise(t, PyExc_ValueError, "Invalid format specifier '%U' for object of type '%.200s'", spec,
                     type_of(v)->tp_name);
    if (p.left() == 1) out.type = p.next();
    TRY(check_grouping(t, out.grouping, out.type));
    if (default_type != 's') TRY(check_grouping(t, out.fraction_grouping, out.type));
    return Status::ok();
}

Ref format_str(Thread& t, Value v, Value spec) {
    if (str_length(spec) == 0) return str(t, v);
    FormatSpec f;
    TRY(parse_format_spec(t, spec, v, 's', '<', f));
    if (f.type != 's') return raise_unknown_format(t, f.type, v);
    if (f.sign == ' ') return raise(t, PyExc_ValueError, "Space not allowed in string format specifier");
    if (f.sign) return raise(t, PyExc_ValueError, "Sign not allowed in string format specifier");
    if (f.no_negative_zero)
        return raise(t, PyExc_ValueError,
                     "Negative zero coercion (z) not allowed in string format specifier");
    if (f.alternate)
        return raise(t, PyExc_ValueError, "Alternate form (#) not allowed in string format specifier");
    if (f.align == '=')
        return raise(t, PyExc_ValueError, "'=' alignment not allowed in string format specifier");
    int64_t n = str_length(v);
    if (f.precision >= 0 && f.precision < n) n = f.precision;
    if (n == str_length(v) && f.width <= n) return Ref::share(v);  // itself, of whatever class
    Ref text = TRY(str_substring(t, v, 0, n));
    int64_t room = f.width > n ? f.width - n : 0;
    int64_t left = f.align == '>' ? room : f.align == '^' ? room / 2 : 0;
    return str_pad(t, text, left, room - left, f.fill);
}

Ref str_dunder_format(Thread& t, Value self, Value spec) {
    if (!is_str(spec)) return raise(t, PyExc_TypeError, "__format__() argument must be str, not %K", spec);
    return format_str(t, self, spec);
}

}  // namespace krait
