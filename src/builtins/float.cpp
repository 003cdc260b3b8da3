// The type float.
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <string>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/int_internal.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/alloc.h"
#include "object/names.h"

namespace krait {

Ref format_float(Thread& t, Value v, Value spec);  // format.cpp

Ref float_box(Thread& t, double d) {
    PyObject* o = alloc_plain(t, &PyFloat_Type, sizeof(PyFloatObject));
    if (!o) return {};
    reinterpret_cast<PyFloatObject*>(o)->ob_fval = d;
    return Ref::steal(Value(o));
}
Ref float_from(Thread& t, double d) {
    Value v = Value::try_float(d);
    return v.is_float() ? Ref::steal(v) : float_box(t, d);
}

double float_mod(double a, double b) {
    double m = std::fmod(a, b);
    if (m) return (b < 0) != (m < 0) ? m + b : m;
    return std::copysign(0.0, b);
}
double float_floor_div(double a, double b) {
    double m = std::fmod(a, b);
    double q = (a - m) / b;
    if (m && (b < 0) != (m < 0)) q -= 1.0;
    if (!q) return std::copysign(0.0, a / b);
    double f = std::floor(q);
    return q - f > 0.5 ? f + 1.0 : f;
}

namespace {

// The operand as a double: 1 yes, 0 not a number of ours (NotImplemented), -1 exception.
int operand(Thread& t, Value v, double* out) {
    if (v.is_float()) {
        *out = v.as_float();
        return 1;
    }
    if (v.is_int()) {
        *out = static_cast<double>(v.as_int());
        return 1;
    }
    if (is_double(v)) {
        *out = v.as<PyFloatObject>()->ob_fval;
        return 1;
    }
    if (!is_long(v)) return 0;
    Result<double> d = int_to_double(t, v);
    if (!d) return -1;
    *out = d.value();
    return 1;
}

#define OPERANDS()                                              \
    double x, y;                                                \
    int ka = operand(t, a, &x);                                 \
    if (ka <= 0) return ka < 0 ? Ref() : not_implemented_ref(); \
    int kb = operand(t, b, &y);                                 \
    if (kb <= 0) return kb < 0 ? Ref() : not_implemented_ref()

Raised zero_division(Thread& t) { return raise(t, PyExc_ZeroDivisionError, "division by zero"); }

Ref slot_add(Thread& t, Value a, Value b) {
    OPERANDS();
    return float_from(t, x + y);
}
Ref slot_sub(Thread& t, Value a, Value b) {
    OPERANDS();
    return float_from(t, x - y);
}
Ref slot_mul(Thread& t, Value a, Value b) {
    OPERANDS();
    return float_from(t, x * y);
}
Ref slot_div(Thread& t, Value a, Value b) {
    OPERANDS();
    if (y == 0) return zero_division(t);
    return float_from(t, x / y);
}
Ref slot_mod(Thread& t, Value a, Value b) {
    OPERANDS();
    if (y == 0) return zero_division(t);
    return float_from(t, float_mod(x, y));
}
Ref slot_floor_div(Thread& t, Value a, Value b) {
    OPERANDS();
    if (y == 0) return zero_division(t);
    return float_from(t, float_floor_div(x, y));
}
Ref slot_divmod(Thread& t, Value a, Value b) {
    OPERANDS();
    if (y == 0) return zero_division(t);
    Ref q = TRY(float_from(t, float_floor_div(x, y))), m = TRY(float_from(t, float_mod(x, y)));
    return tuple_of(t, {q, m});
}

bool is_odd(double y) { return std::fmod(std::fabs(y), 2.0) == 1.0; }

Ref slot_power(Thread& t, Value a, Value b, Value mod) {
    if (mod && !is_none(mod))
        return raise(t, PyExc_TypeError, "pow() 3rd argument not allowed unless all arguments are integers");
    OPERANDS();
    if (y == 0) return float_from(t, 1.0);
    if (std::isnan(x)) return float_from(t, x);
    if (std::isnan(y)) return float_from(t, x == 1.0 ? 1.0 : y);
    if (std::isinf(y)) {
        double m = std::fabs(x);
        if (m == 1.0) return float_from(t, 1.0);
        return float_from(t, (y > 0) == (m > 1.0) ? std::fabs(y) : 0.0);
    }
    if (std::isinf(x)) {
        bool odd = is_odd(y);
        if (y > 0) return float_from(t, odd ? x : std::fabs(x));
        return float_from(t, odd ? std::copysign(0.0, x) : 0.0);
    }
    if (x == 0) {
        bool odd = is_odd(y);
        if (y < 0) return raise(t, PyExc_ZeroDivisionError, "zero to a negative power");
        return float_from(t, odd ? x : 0.0);
    }
    bool negate = false;
    if (x < 0) {
        if (y != std::floor(y)) {
            // A negative base with a fraction: the result is complex.
            Ref p = TRY(complex_from(t, x, 0)), q = TRY(complex_from(t, y, 0));
            return power(t, p, q, Value());
        }
        x = -x;
        negate = is_odd(y);
    }
    if (x == 1.0) return float_from(t, negate ? -1.0 : 1.0);
    errno = 0;
    double r = std::pow(x, y);
    if (std::isinf(r)) {
        Ref args = TRY(str_from(t, strerror(ERANGE)));
        Ref pair = TRY(tuple_of(t, {Value::from_int(ERANGE), args}));
        return raise_value(t, PyExc_OverflowError, pair);
    }
    return float_from(t, negate ? -r : r);
}

Ref slot_neg(Thread& t, Value v) { return float_from(t, -float_value(v)); }
Ref slot_pos(Thread& t, Value v) { return float_from(t, float_value(v)); }
Ref slot_abs(Thread& t, Value v) { return float_from(t, std::fabs(float_value(v))); }
Result<bool> slot_bool(Thread&, Value v) { return float_value(v) != 0; }
Ref slot_int(Thread& t, Value v) { return int_from_double(t, float_value(v)); }
Ref slot_float(Thread& t, Value v) {
    return v.is_float() || has_type(v, &PyFloat_Type) ? Ref::share(v) : float_from(t, float_value(v));
}
Result<int64_t> slot_hash(Thread&, Value v) { return hash_double(v, float_value(v)); }

Ref slot_repr(Thread& t, Value v) {
    char* text = double_to_text(float_value(v), 'r', 0, false, false, true);
    if (!text) return raise_no_memory(t);
    Ref r = str_from_latin1(t, text, strlen(text));
    mem_free(text);
    return r;
}

// Exact comparison of a finite double with an int.
int compare_with_int(double d, Value i) {
    int64_t w;
    if (word_of(i, &w) && w > -(int64_t{1} << 53) && w < int64_t{1} << 53) {
        double e = static_cast<double>(w);
        return d < e ? -1 : d > e;
    }
    int sd = d > 0 ? 1 : d < 0 ? -1 : 0, si = int_sign(i);
    if (sd != si) return sd < si ? -1 : 1;
    double whole = std::trunc(d), frac = d - whole;
    Mpz a, b(i);
    mpz_set_d(a, whole);
    int c = mpz_cmp(a, b);
    if (c) return c < 0 ? -1 : 1;
    return frac > 0 ? 1 : frac < 0 ? -1 : 0;
}

Ref slot_compare(Thread&, Value a, Value b, CompareOp op) {
    if (!is_double(a)) return not_implemented_ref();
    double x = float_value(a);
    int c;
    if (is_double(b)) {
        double y = float_value(b);
        if (std::isnan(x) || std::isnan(y)) return bool_ref(op == kNe);
        c = x < y ? -1 : x > y;
    } else if (is_long(b)) {
        if (std::isnan(x)) return bool_ref(op == kNe);
        c = std::isinf(x) ? (x > 0 ? 1 : -1) : compare_with_int(x, b);
    } else {
        return not_implemented_ref();
    }
    return bool_ref(holds(op, c));
}

void float_dealloc(Thread& t, PyObject* o) { free_object(t, o); }

Ref float_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    if (type == &PyFloat_Type || ext(type)->slots.init == ext(&PyBaseObject_Type)->slots.init)
        TRY(no_kwargs(t, "float", kwnames));
    if (nargs > 1) return raise(t, PyExc_TypeError, "float expected at most 1 argument, got %zu", nargs);
    Ref v = nargs ? to_float(t, args[0]) : float_from(t, 0.0);
    if (!v || type == &PyFloat_Type) return v;
    Ref r = TRY(alloc(t, type));
    r.as<PyFloatObject>()->ob_fval = float_value(v);
    return r;
}

// --- methods ---

Ref method_is_integer(Thread&, Value self) {
    double d = float_value(self);
    return bool_ref(std::isfinite(d) && d == std::floor(d));
}
Ref method_trunc(Thread& t, Value self) { return int_from_double(t, float_value(self)); }
Ref method_floor(Thread& t, Value self) { return int_from_double(t, std::floor(float_value(self))); }
Ref method_ceil(Thread& t, Value self) { return int_from_double(t, std::ceil(float_value(self))); }

Ref rounded_float(Thread& t, double r) {
    if (std::isinf(r)) return raise(t, PyExc_OverflowError, "rounded value too large to represent");
    return float_from(t, r);
}
Ref round_digits(Thread& t, double d, int64_t n) {
    if (!std::isfinite(d) || n > 323) return float_from(t, d);
    if (n < -308) return float_from(t, 0.0 * d);
    // Through the decimal representation: rounds half to even on the exact value.
    char* text = nullptr;
    if (n >= 0) {
        text = double_to_text(d, 'f', static_cast<int>(n), false, false, false);
    } else {
        int exponent = d == 0 ? 0 : static_cast<int>(std::floor(std::log10(std::fabs(d))));
        int keep = exponent + static_cast<int>(n);
        if (keep < -1) return float_from(t, 0.0 * d);
        char buf[400];
        // One digit less than the leading one may be asked for: then compare with half of the unit.
        if (keep < 0) {
            double unit = std::pow(10.0, static_cast<double>(-n));
            double r = std::fabs(d) > unit / 2 ? unit : 0.0;
            return rounded_float(t, std::copysign(r, d));
        }
        snprintf(buf, sizeof buf, "%.*e", keep, d);
        return rounded_float(t, strtod(buf, nullptr));
    }
    if (!text) return raise_no_memory(t);
    double r = strtod(text, nullptr);
    mem_free(text);
    return rounded_float(t, r);
}

}  // namespace

Ref float_round(Thread& t, double d, Value ndigits) {
    if (!ndigits || is_none(ndigits)) {
        if (std::fabs(d) < 0x1p52) {
            // Adding what leaves no place for a fraction rounds as asked, to even.
            double magic = std::copysign(0x1p52, d);
            return Ref::from_int(static_cast<int64_t>((d + magic) - magic));
        }
        return int_from_double(t, d);
    }
    int64_t n = TRY(as_index(t, ndigits, nullptr));
    return round_digits(t, d, n);
}

namespace {

Ref method_round(Thread& t, Value self, const Value* args, size_t nargs) {
    return float_round(t, float_value(self), nargs ? args[0] : Value());
}

Ref method_ratio(Thread& t, Value self) {
    double d = float_value(self);
    if (std::isinf(d)) return raise(t, PyExc_OverflowError, "cannot convert Infinity to integer ratio");
    if (std::isnan(d)) return raise(t, PyExc_ValueError, "cannot convert NaN to integer ratio");
    int exponent;
    double m = std::frexp(d, &exponent);
    for (int i = 0; i < 300 && m != std::floor(m); i++) {
        m *= 2.0;
        exponent--;
    }
    Mpz num, den;
    mpz_set_d(num, m);
    mpz_set_ui(den, 1);
    if (exponent > 0)
        mpz_mul_2exp(num, num, exponent);
    else
        mpz_mul_2exp(den, den, -exponent);
    Ref a = TRY(int_from_mpz(t, num)), b = TRY(int_from_mpz(t, den));
    return tuple_of(t, {a, b});
}

Ref method_hex(Thread& t, Value self) {
    double d = float_value(self);
    if (!std::isfinite(d)) return slot_repr(t, self);
    const char* sign = std::signbit(d) ? "-" : "";
    if (d == 0) return str_format(t, "%s0x0.0p+0", sign);
    int e;
    double m = std::frexp(std::fabs(d), &e);
    int shift = 1 - std::max(-1021 - e, 0);
    m = std::ldexp(m, shift);
    e -= shift;
    std::string digits;
    int lead = static_cast<int>(m);
    m -= lead;
    for (int i = 0; i < 13; i++) {
        m *= 16.0;
        int digit = static_cast<int>(m);
        digits.push_back("0123456789abcdef"[digit]);
        m -= digit;
    }
    return str_format(t, "%s0x%d.%sp%c%d", sign, lead, digits.c_str(), e < 0 ? '-' : '+', e < 0 ? -e : e);
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// The grammar: [sign] [0x] hex [. hex] [p exponent], or inf / nan.
Ref fromhex_value(Thread& t, std::string_view s) {
    auto bad = [&]() -> Ref {
        return raise(t, PyExc_ValueError, "invalid hexadecimal floating-point string");
    };
    auto too_large = [&]() -> Ref {
        return raise(t, PyExc_OverflowError, "hexadecimal value too large to represent as a float");
    };
    auto space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
    while (!s.empty() && space(s.front())) s.remove_prefix(1);
    while (!s.empty() && space(s.back())) s.remove_suffix(1);
    double special;
    if (size_t n = special_float_prefix(s, &special)) return n == s.size() ? float_from(t, special) : bad();
    bool negative = !s.empty() && s[0] == '-';
    if (!s.empty() && (s[0] == '-' || s[0] == '+')) s.remove_prefix(1);
    if (s.size() >= 2 && s[0] == '0' && (s[1] | 0x20) == 'x') s.remove_prefix(2);
    std::string digits;
    int64_t fraction = 0;
    bool point = false;
    size_t i = 0;
    for (; i < s.size(); i++) {
        if (s[i] == '.' && !point) {
            point = true;
        } else if (hex_value(s[i]) >= 0) {
            digits.push_back(s[i]);
            fraction += point;
        } else {
            break;
        }
    }
    if (digits.empty()) return bad();
    int64_t exponent = 0;
    if (i < s.size() && (s[i] | 0x20) == 'p') {
        i++;
        bool minus = i < s.size() && s[i] == '-';
        if (i < s.size() && (s[i] == '-' || s[i] == '+')) i++;
        if (i >= s.size()) return bad();
        for (; i < s.size() && s[i] >= '0' && s[i] <= '9'; i++)
            if (exponent < int64_t{1} << 50) exponent = exponent * 10 + (s[i] - '0');
        if (minus) exponent = -exponent;
    }
    if (i != s.size()) return bad();
    exponent -= 4 * fraction;
    size_t first = digits.find_first_not_of('0');
    if (first == digits.npos) return float_from(t, negative ? -0.0 : 0.0);
    digits.erase(0, first);
    // 64 bits of the mantissa with a sticky last one decide the rounding.
    uint64_t mantissa = 0;
    size_t used = 0;
    for (; used < digits.size() && mantissa >> 59 == 0; used++)
        mantissa = mantissa << 4 | hex_value(digits[used]);
    bool sticky = digits.find_first_not_of('0', used) != digits.npos;
    exponent += 4 * static_cast<int64_t>(digits.size() - used);
    int bits = 64 - __builtin_clzll(mantissa);
    int64_t top = exponent + bits;  // value < 2**top
    if (top > 1100) return too_large();
    if (top < -1200) return float_from(t, negative ? -0.0 : 0.0);
    int keep = top < -1021 ? static_cast<int>(53 - (-1021 - top)) : 53;
    int drop = bits - keep;
    if (drop > 0) {
        uint64_t half, rest;
        if (drop > 64) {
            mantissa = 0;
            half = 1;
            rest = 0;
        } else if (drop == 64) {
            half = uint64_t{1} << 63;
            rest = mantissa;
            mantissa = 0;
        } else {
            half = uint64_t{1} << (drop - 1);
            rest = mantissa & ((half << 1) - 1);
            mantissa >>= drop;
        }
        if (rest > half || (rest == half && (sticky || (mantissa & 1)))) mantissa++;
        exponent += drop;
    }
    double d = std::ldexp(static_cast<double>(mantissa), static_cast<int>(exponent));
    if (std::isinf(d)) return too_large();
    return float_from(t, negative ? -d : d);
}

Ref method_fromhex(Thread& t, Value cls, Value text) {
    if (!is_str(text)) return raise(t, PyExc_TypeError, "bad argument type for built-in operation");
    std::string_view s = TRY(str_utf8(t, text));
    Ref v = TRY(fromhex_value(t, s));
    return cls == Value(&PyFloat_Type) ? std::move(v) : call(t, cls, {v});
}

Ref method_from_number(Thread& t, Value cls, Value number) {
    if (is_double_exact(number) && cls == Value(&PyFloat_Type)) return Ref::share(number);
    double d = TRY(as_double(t, number));
    Ref v = TRY(float_from(t, d));
    return cls == Value(&PyFloat_Type) ? std::move(v) : call(t, cls, {v});
}

Ref method_getformat(Thread& t, Value, Value which) {
    if (!is_str(which))
        return raise(t, PyExc_TypeError, "__getformat__() argument must be str, not %K", which);
    if (!str_equal(which, "double") && !str_equal(which, "float"))
        return raise(t, PyExc_ValueError, "__getformat__() argument 1 must be 'double' or 'float'");
    return str_from(t,
                    std::endian::native == std::endian::little ? "IEEE, little-endian" : "IEEE, big-endian");
}

Ref method_getnewargs(Thread& t, Value self) {
    Ref v = TRY(float_from(t, float_value(self)));
    return tuple_of(t, {v});
}
Ref method_format(Thread& t, Value self, Value spec) {
    if (!is_str(spec)) return raise(t, PyExc_TypeError, "__format__() argument must be str, not %K", spec);
    return format_float(t, self, spec);
}
Ref get_real(Thread& t, Value self, void*) { return slot_float(t, self); }
Ref get_imag(Thread& t, Value, void*) { return float_from(t, 0.0); }

const NativeDef float_methods[] = {
    def<slot_pos>("conjugate", "()", "The number itself."),
    def<method_trunc>("__trunc__", "()", "The whole part, as an int."),
    def<method_floor>("__floor__", "()", "The largest int that is not larger."),
    def<method_ceil>("__ceil__", "()", "The smallest int that is not smaller."),
    def<method_round>("__round__", "(ndigits=None, /)", "Rounded to ndigits decimals; without, to an int."),
    def<method_ratio>("as_integer_ratio", "()",
                      "The exact value as a pair of ints.\n\n>>> (0.75).as_integer_ratio()\n(3, 4)\n>>> "
                      "(-2.5).as_integer_ratio()\n(-5, 2)\n>>> (8.0).as_integer_ratio()\n(8, 1)"),
    def<method_fromhex>("fromhex", "(string, /)",
                        "The float that a hexadecimal string stands for.\n\n>>> "
                        "float.fromhex('0x1.8p+1')\n3.0\n>>> float.fromhex('-0x.4')\n-0.25",
                        kMethClass),
    def<method_hex>("hex", "()",
                    "The exact value in hexadecimal.\n\n>>> (2.5).hex()\n'0x1.4000000000000p+1'\n>>> "
                    "(-0.5).hex()\n'-0x1.0000000000000p-1'"),
    def<method_is_integer>("is_integer", "()", "True if the value is whole."),
    def<method_from_number>("from_number", "(number, /)", "Convert a real number.", kMethClass),
    def<method_getnewargs>("__getnewargs__", "()", nullptr),
    def<method_getformat>("__getformat__", "(typestr, /)", "How 'double' or 'float' is represented.",
                          kMethClass),
    def<method_format>("__format__", "(format_spec, /)", "Text in the given format."),
    {},
};
const GetSetDef float_getset[] = {
    getset("real", get_real, nullptr, "The number itself."),
    getset("imag", get_imag, nullptr, "Always 0.0."),
    {},
};

}  // namespace

Status init_builtin_float(Thread& t) {
    static const TypeDecl decl = {
        .name = "float",
        .basicsize = sizeof(PyFloatObject),
        .flags = kTpDefault | kTpBaseType | kTpMatchSelf,
        .slots = {.dealloc = float_dealloc,
                  .repr = slot_repr,
                  .hash = slot_hash,
                  .richcompare = slot_compare,
                  .new_ = float_new,
                  .nb_add = slot_add,
                  .nb_subtract = slot_sub,
                  .nb_multiply = slot_mul,
                  .nb_remainder = slot_mod,
                  .nb_divmod = slot_divmod,
                  .nb_power = slot_power,
                  .nb_negative = slot_neg,
                  .nb_positive = slot_pos,
                  .nb_absolute = slot_abs,
                  .nb_bool = slot_bool,
                  .nb_int = slot_int,
                  .nb_float = slot_float,
                  .nb_floor_divide = slot_floor_div,
                  .nb_true_divide = slot_div},
        .spec = {.methods = float_methods,
                 .getset = float_getset,
                 .doc = "A floating-point number (IEEE 754 double), from a number or text.",
                 .text_signature = "(x=0, /)"},
    };
    init_static_type(PyFloat_Type, decl);
    return ready_type(t, &PyFloat_Type);
}

}  // namespace krait

krait::Type PyFloat_Type;
