// str_format: the printf-like text builder behind raise().
#include <charconv>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <cwchar>

#include "builtins/dict.h"
#include "builtins/str.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait {
namespace {

struct Directive {
    bool left = false, zero = false, alternate = false;
    const char* at = nullptr;  // where it stands, for complaints
    bool for_c = false;        // of the C API, where %T and %N are full names
    int width = -1, precision = -1;
    enum Size { Int, Long, LongLong, SizeT } size = Int;
    char conversion = 0;
};

// Parses one directive after its '%'; returns the position behind it. `args`: where `*` finds its number.
const char* parse_directive(const char* p, Directive& d, va_list* args) {
    for (;; p++) {
        if (*p == '-')
            d.left = true;
        else if (*p == '0')
            d.zero = true;
        else if (*p == '#')
            d.alternate = true;
        else
            break;
    }
    if (*p == '*') {
        p++;
        d.width = args ? va_arg(*args, int) : 0;
        d.left |= d.width < 0;
        d.width = d.width < 0 ? -d.width : d.width;
    }
    if (*p >= '0' && *p <= '9') d.width = 0;
    while (*p >= '0' && *p <= '9') d.width = d.width * 10 + (*p++ - '0');
    if (*p == '.') {
        p++;
        d.precision = 0;
        if (*p == '*') {
            p++;
            d.precision = args ? va_arg(*args, int) : 0;
            if (d.precision < 0) d.precision = -1;
        }
        while (*p >= '0' && *p <= '9') d.precision = d.precision * 10 + (*p++ - '0');
    }
    if (*p == 'l') {
        p++;
        d.size = Directive::Long;
        if (*p == 'l') {
            p++;
            d.size = Directive::LongLong;
        }
    } else if (*p == 'z' || *p == 't' || *p == 'j') {
        p++;
        d.size = Directive::SizeT;
    }
    d.conversion = *p;
    return *p ? p + 1 : p;
}

Status put_str(StrBuilder& out, const Directive& d, Value s) {
    int64_t n = str_length(s);
    if (d.precision >= 0 && d.precision < n) n = d.precision;
    int64_t pad = d.width > n ? d.width - n : 0;
    if (pad && !d.left) TRY(out.repeat(' ', pad));
    TRY(out.append(s, 0, n));
    if (pad && d.left) TRY(out.repeat(' ', pad));
    return Status::ok();
}

// UTF-8, what is not shown as U+FFFD; the width counts characters. `cut`: a character that is not whole at
// the end is left out.
Status put_padded(Thread& t, StrBuilder& out, const Directive& d, const char* text, size_t n,
                  bool cut = false) {
    bool ascii = true;
    for (size_t i = 0; i < n; i++) ascii &= !(text[i] & 0x80);
    if (!ascii) {
        int64_t consumed;
        Ref decoded = TRY(decode_utf8(t, text, n, "replace", cut ? &consumed : nullptr));
        Directive whole = d;
        whole.precision = -1;
        return put_str(out, whole, decoded);
    }
    int64_t pad = d.width > static_cast<int64_t>(n) ? d.width - static_cast<int64_t>(n) : 0;
    if (pad && !d.left) TRY(out.repeat(' ', pad));
    TRY(out.ascii(text, n));
    if (pad && d.left) TRY(out.repeat(' ', pad));
    return Status::ok();
}

// At most `precision` bytes of it.
Status put_text(Thread& t, StrBuilder& out, const Directive& d, const char* s) {
    size_t n = d.precision >= 0 ? strnlen(s, static_cast<size_t>(d.precision)) : strlen(s);
    return put_padded(t, out, d, s, n, d.precision >= 0 && n == static_cast<size_t>(d.precision));
}

Status put_wide(Thread& t, StrBuilder& out, const Directive& d, const wchar_t* s) {
    size_t n = d.precision >= 0 ? wcsnlen(s, static_cast<size_t>(d.precision)) : wcslen(s);
    Ref text = TRY(str_from_kind(t, sizeof(wchar_t), s, static_cast<int64_t>(n)));
    Directive whole = d;
    whole.precision = -1;
    return put_str(out, whole, text);
}

Status put_number(Thread& t, StrBuilder& out, const Directive& d, va_list* args) {
    char digits[80];
    bool is_signed = d.conversion == 'd' || d.conversion == 'i';
    long long value;
    switch (d.size) {
        case Directive::Int:
            // No conditional expression: its type would be unsigned.
            if (is_signed)
                value = va_arg(*args, int);
            else
                value = va_arg(*args, unsigned);
            break;
        case Directive::Long:
            value = va_arg(*args, long);
            break;
        case Directive::LongLong:
            value = va_arg(*args, long long);
            break;
        default:
            value = va_arg(*args, ssize_t);
            break;
    }
    int base = d.conversion == 'x' || d.conversion == 'X' ? 16 : d.conversion == 'o' ? 8 : 10;
    auto end = is_signed ? std::to_chars(digits, digits + sizeof digits, value)
                         : std::to_chars(digits, digits + sizeof digits,
                                         static_cast<unsigned long long>(value), base);
    int n = static_cast<int>(end.ptr - digits);
    if (d.conversion == 'X')
        for (int i = 0; i < n; i++)
            if (digits[i] >= 'a') digits[i] = static_cast<char>(digits[i] - 'a' + 'A');
    if (d.precision > n && d.precision < 60) {
        int sign = digits[0] == '-';
        memmove(digits + sign + (d.precision - (n - sign)), digits + sign, n - sign);
        memset(digits + sign, '0', d.precision - (n - sign));
        n = d.precision + sign;
    }
    if (d.zero && !d.left && d.width > n && d.width < 60) {
        int sign = digits[0] == '-';
        memmove(digits + sign + (d.width - n), digits + sign, n - sign);
        memset(digits + sign, '0', d.width - n);
        n = d.width;
    }
    return put_padded(t, out, d, digits, n);
}

Ref full_name(Thread& t, PyTypeObject* type, char separator) {
    Ref module = TRY(lookup_attr(t, Value(type), ID(__module__)));
    Ref name = TRY(get_attr(t, Value(type), ID(__qualname__)));
    if (!module || !is_str(module) || str_equal(module, "builtins") || str_equal(module, "__main__"))
        return name;
    return str_format(t, "%U%c%U", module.get(), separator, name.get());
}
Ref type_name(Thread& t, PyTypeObject* type, const Directive& d) {
    if (d.for_c) return full_name(t, type, d.alternate ? ':' : '.');
    return d.alternate ? full_name(t, type, '.') : str_from(t, type->tp_name);
}

Status put_value(Thread& t, StrBuilder& out, const Directive& d, Value v) {
    switch (d.conversion) {
        case 'U':
            return put_str(out, d, v);
        case 'T': {
            Ref name = type_name(t, type_of(v), d);
            if (!name) return {};
            return put_str(out, d, name);
        }
        case 'K': {
            Ref name = str_from(t, is_none(v) ? "None" : type_of(v)->tp_name);
            if (!name) return {};
            return put_str(out, d, name);
        }
        case 'N': {
            if (!is_type(v)) return raise(t, PyExc_TypeError, "%%N argument must be a type");
            Ref name = type_name(t, v.as<PyTypeObject>(), d);
            if (!name) return {};
            return put_str(out, d, name);
        }
        default: {
            Ref text = d.conversion == 'S' ? str(t, v) : d.conversion == 'R' ? repr(t, v) : ascii(t, v);
            if (!text) return {};
            return put_str(out, d, text);
        }
    }
}

// Is the directive one that the C API knows? `%` alone takes nothing, text no size but `l`.
bool is_known_to_c(const Directive& d) {
    if (d.conversion == '%')
        return !d.left && !d.zero && !d.alternate && d.width < 0 && d.precision < 0 &&
               d.size == Directive::Int;
    if (strchr("diuxXo", d.conversion)) return true;
    if (strchr("cp", d.conversion) && (d.width >= 0 || d.precision >= 0)) return false;
    return d.size == Directive::Int || (d.size == Directive::Long && strchr("sV", d.conversion));
}

Status put_directive(Thread& t, StrBuilder& out, const Directive& d, va_list* args) {
    if (d.for_c && !is_known_to_c(d)) return raise(t, PyExc_SystemError, "invalid format string: %s", d.at);
    switch (d.conversion) {
        case '%':
            return out.put('%');
        case 'c': {
            int c = va_arg(*args, int);
            if (c < 0 || c > 0x10ffff)
                return raise(t, PyExc_OverflowError, "character argument not in range(0x110000)");
            return out.put(static_cast<uint32_t>(c));
        }
        case 's': {
            const char* s = va_arg(*args, const char*);
            if (!s)
                s = "(null)";
            else if (d.size == Directive::Long)
                return put_wide(t, out, d, reinterpret_cast<const wchar_t*>(s));
            return put_text(t, out, d, s);
        }
        case 'p': {
            char digits[32];
            // As the oracle prints it: "0x" even in front of "(nil)".
            void* p = va_arg(*args, void*);
            int n = snprintf(digits, sizeof digits, p ? "%p" : "0x(nil)", p);
            return put_padded(t, out, d, digits, n);
        }
        case 'V': {  // a str or, when empty, a C string
            Value v(va_arg(*args, uint64_t));
            const char* s = va_arg(*args, const char*);
            if (v) return put_str(out, d, v);
            if (d.size == Directive::Long) return put_wide(t, out, d, reinterpret_cast<const wchar_t*>(s));
            return put_text(t, out, d, s);
        }
        case 'U':
        case 'S':
        case 'R':
        case 'A':
        case 'T':
        case 'K':
        case 'N':
            return put_value(t, out, d, Value(va_arg(*args, uint64_t)));
        case 'd':
        case 'i':
        case 'u':
        case 'x':
        case 'X':
        case 'o':
            return put_number(t, out, d, args);
        default:
            return raise(t, PyExc_SystemError, "invalid format string: %s", d.at);
    }
}

// The values that a format names are often fields of objects. One directive may run code of the program,
// which changes them: what later ones name has to live until then.
struct Kept {
    static constexpr int kRoom = 8;
    Ref values[kRoom];
    int n = 0;
    void add(Value v) {
        if (n < kRoom) values[n++] = Ref::share(v);
    }
};

void keep_of_directive(const Directive& d, va_list* args, Kept& kept) {
    switch (d.conversion) {
        case '%':
            return;
        case 'c':
            return static_cast<void>(va_arg(*args, int));
        case 's':
        case 'p':
            return static_cast<void>(va_arg(*args, void*));
        case 'd':
        case 'i':
        case 'u':
        case 'x':
        case 'X':
        case 'o':
            if (d.size == Directive::Int) return static_cast<void>(va_arg(*args, int));
            return static_cast<void>(va_arg(*args, int64_t));
        case 'V':
            kept.add(Value(va_arg(*args, uint64_t)));
            return static_cast<void>(va_arg(*args, const char*));
        default:
            return kept.add(Value(va_arg(*args, uint64_t)));
    }
}

// Text of objects does, and `%T`, which may ask the type for its module.
bool runs_code(const char* format) {
    while (const char* next = strchr(format, '%')) {
        Directive d;
        format = parse_directive(next + 1, d, nullptr);
        if (strchr("SRATN", d.conversion) || d.alternate) return true;
    }
    return false;
}

void keep_values(const char* format, va_list args, Kept& kept) {
    if (!runs_code(format)) return;
    va_list copy;
    va_copy(copy, args);
    while (const char* next = strchr(format, '%')) {
        Directive d;
        format = parse_directive(next + 1, d, &copy);
        keep_of_directive(d, &copy, kept);
    }
    va_end(copy);
}

// A format of ASCII text, whole numbers and names without padding, as those of most messages are, put
// together on the stack. False: something in it is not so plain, and nothing has happened yet.
class PlainText {
  public:
    bool format(const char* f, va_list* args, bool for_c) {
        while (*f) {
            if (*f != '%') {
                const char* percent = strchr(f, '%');
                size_t n = percent ? static_cast<size_t>(percent - f) : strlen(f);
                if (!put(f, n)) return false;
                f += n;
                continue;
            }
            Directive d;
            f = parse_directive(f + 1, d, args);
            if (d.left || d.zero || d.width >= 0 ||
                (for_c && (d.conversion == 'T' || d.conversion == 'N' || !is_known_to_c(d))) ||
                !directive(d, args))
                return false;
        }
        return true;
    }
    Ref finish(Thread& t) const {
        if (n_ == 1) return str_from_char(t, static_cast<unsigned char>(text_[0]));
        Ref r = str_new(t, static_cast<int64_t>(n_), 0x7f);
        if (r) memcpy(str_data(r), text_, n_);
        return r;
    }

  private:
    bool put(char c) {
        if (n_ == sizeof text_ || (c & 0x80)) return false;
        text_[n_++] = c;
        return true;
    }
    bool put(const char* s, size_t n) {
        if (n > sizeof text_ - n_) return false;
        memcpy(text_ + n_, s, n);
        uint64_t high = 0, word;
        size_t i = 0;
        for (; i + 8 <= n; i += 8) {
            memcpy(&word, s + i, 8);
            high |= word;
        }
        for (; i < n; i++) high |= static_cast<unsigned char>(s[i]);
        n_ += n;
        return !(high & 0x8080808080808080);
    }
    bool put_name(const char* s, int precision) {
        return s && put(s, precision >= 0 ? strnlen(s, static_cast<size_t>(precision)) : strlen(s));
    }
    template <class T>
    bool put_whole(T value) {
        auto end = std::to_chars(text_ + n_, text_ + sizeof text_, value);
        if (end.ec != std::errc()) return false;
        n_ = static_cast<size_t>(end.ptr - text_);
        return true;
    }
    bool put_text(Value v, int precision) {
        if (!str_is_ascii(v)) return false;
        auto n = static_cast<size_t>(str_length(v));
        if (precision >= 0 && static_cast<size_t>(precision) < n) n = static_cast<size_t>(precision);
        return put(static_cast<const char*>(str_data(v)), n);
    }
    // The name with its module, as type_name() has it, of a class that `type` itself made.
    bool put_qualified(PyTypeObject* type) {
        if (!(type->tp_flags & kTpHeapType) || type->ob_base.ob_base.ob_type != &PyType_Type) return false;
        Value module = dict_get_str(Value(type->tp_dict), ID(__module__));
        if (!module || !is_str_exact(module)) return false;
        if (!str_equal(module, "builtins") && !str_equal(module, "__main__"))
            if (!put_text(module, -1) || !put('.')) return false;
        return put_text(Value(reinterpret_cast<PyHeapTypeObject*>(type)->ht_qualname), -1);
    }
    bool directive(const Directive& d, va_list* args) {
        if (d.alternate) {
            if (d.conversion != 'T' || d.precision >= 0) return false;
            return put_qualified(type_of(Value(va_arg(*args, uint64_t))));
        }
        switch (d.conversion) {
            case 's':
                if (d.size != Directive::Int) return false;
                return put_name(va_arg(*args, const char*), d.precision);
            case 'T':
                return put_name(type_of(Value(va_arg(*args, uint64_t)))->tp_name, d.precision);
            case 'N':
                return put_name(Value(va_arg(*args, uint64_t)).as<PyTypeObject>()->tp_name, d.precision);
            case 'U':
                return put_text(Value(va_arg(*args, uint64_t)), d.precision);
            case 'c': {
                int c = va_arg(*args, int);
                return c >= 0 && c < 0x80 && put(static_cast<char>(c));
            }
            case 'd':
            case 'i':
                if (d.precision >= 0) return false;
                return d.size == Directive::Int ? put_whole(va_arg(*args, int))
                                                : put_whole(va_arg(*args, int64_t));
            case 'u':
                if (d.precision >= 0) return false;
                return d.size == Directive::Int ? put_whole(va_arg(*args, unsigned))
                                                : put_whole(va_arg(*args, uint64_t));
            case '%':
                return put('%');
            default:
                return false;
        }
    }

    char text_[240];
    size_t n_ = 0;
};

}  // namespace

namespace {
Ref vformat(Thread& t, const char* format, va_list args, bool for_c) {
    PlainText plain;
    va_list first;
    va_copy(first, args);
    bool done = plain.format(format, &first, for_c);
    va_end(first);
    if (done) return plain.finish(t);
    Kept kept;
    keep_values(format, args, kept);
    StrBuilder out(t, 64);
    va_list copy;
    va_copy(copy, args);
    Status ok = Status::ok();
    while (*format && ok) {
        const char* next = strchr(format, '%');
        size_t n = next ? static_cast<size_t>(next - format) : strlen(format);
        if (n) ok = out.utf8(format, n);
        format += n;
        if (!next || !ok) continue;
        Directive d{.at = next, .for_c = for_c};
        format = parse_directive(next + 1, d, &copy);
        ok = put_directive(t, out, d, &copy);
    }
    va_end(copy);
    if (!ok) return {};
    return out.finish();
}
}  // namespace

Ref str_vformat(Thread& t, const char* format, va_list args) { return vformat(t, format, args, false); }
Ref str_vformat_for_c(Thread& t, const char* format, va_list args) { return vformat(t, format, args, true); }

Ref str_format(Thread& t, const char* format, ...) {
    va_list args;
    va_start(args, format);
    Ref r = str_vformat(t, format, args);
    va_end(args);
    return r;
}

}  // namespace krait
