// The type complex.
#include <cerrno>
#include <cmath>
#include <complex>
#include <cstring>
#include <string>

#include "builtins/callable.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/names.h"
#include "object/protocol.h"
#include "support/unicode.h"

namespace krait {

Ref format_complex(Thread& t, Value v, Value spec);  // format.cpp

namespace {

using C = Complex;
C value_of(Value v) {
    auto* o = v.as<PyComplexObject>();
    return {o->real, o->imag};
}
bool is_complex(Value v) { return v.is_ptr() && is_subtype(v.heap_type(), &PyComplex_Type); }

// What kind of operand: 2 complex, 1 real, 0 neither, -1 exception.
int operand(Thread& t, Value v, C* out) {
    if (has_type(v, &PyComplex_Type) || is_complex(v)) {
        *out = value_of(v);
        return 2;
    }
    out->imag = 0;
    if (v.is_float() || is_double(v)) {
        out->real = float_value(v);
        return 1;
    }
    if (!is_long(v)) return 0;
    Result<double> d = int_to_double(t, v);
    if (!d) return -1;
    out->real = d.value();
    return 1;
}

#define OPERANDS()                                              \
    C x, y;                                                     \
    int ka = operand(t, a, &x);                                 \
    if (ka <= 0) return ka < 0 ? Ref() : not_implemented_ref(); \
    int kb = operand(t, b, &y);                                 \
    if (kb <= 0) return kb < 0 ? Ref() : not_implemented_ref()

// 3.14 treats a real operand as having no imaginary part at all: signed zeros and infinities stay.
Ref slot_add(Thread& t, Value a, Value b) {
    OPERANDS();
    if (kb == 1) return complex_from(t, x.real + y.real, x.imag);
    if (ka == 1) return complex_from(t, x.real + y.real, y.imag);
    return complex_from(t, x.real + y.real, x.imag + y.imag);
}
Ref slot_sub(Thread& t, Value a, Value b) {
    OPERANDS();
    if (kb == 1) return complex_from(t, x.real - y.real, x.imag);
    if (ka == 1) return complex_from(t, x.real - y.real, -y.imag);
    return complex_from(t, x.real - y.real, x.imag - y.imag);
}

// C99 annex G: infinities survive even where a part of the product is nan.
C product(C z, C w) {
    double ac = z.real * w.real, bd = z.imag * w.imag, ad = z.real * w.imag, bc = z.imag * w.real;
    C r{ac - bd, ad + bc};
    if (!std::isnan(r.real) || !std::isnan(r.imag)) return r;
    bool recalc = false;
    auto unit = [](double v) { return std::copysign(std::isinf(v) ? 1.0 : 0.0, v); };
    auto zero = [](double& v) {
        if (std::isnan(v)) v = std::copysign(0.0, v);
    };
    if (std::isinf(z.real) || std::isinf(z.imag)) {
        z = {unit(z.real), unit(z.imag)};
        zero(w.real);
        zero(w.imag);
        recalc = true;
    }
    if (std::isinf(w.real) || std::isinf(w.imag)) {
        w = {unit(w.real), unit(w.imag)};
        zero(z.real);
        zero(z.imag);
        recalc = true;
    }
    if (!recalc && (std::isinf(ac) || std::isinf(bd) || std::isinf(ad) || std::isinf(bc))) {
        for (double* v : {&z.real, &z.imag, &w.real, &w.imag}) zero(*v);
        recalc = true;
    }
    if (recalc)
        r = {INFINITY * (z.real * w.real - z.imag * w.imag), INFINITY * (z.real * w.imag + z.imag * w.real)};
    return r;
}
Ref slot_mul(Thread& t, Value a, Value b) {
    OPERANDS();
    if (kb == 1) return complex_from(t, x.real * y.real, x.imag * y.real);
    if (ka == 1) return complex_from(t, x.real * y.real, x.real * y.imag);
    C r = product(x, y);
    return complex_from(t, r.real, r.imag);
}

// Scaled division (Smith), with annex G's treatment of infinities. False: division by zero.
bool quotient(C a, C b, C* out) {
    double abs_re = std::fabs(b.real), abs_im = std::fabs(b.imag);
    C r;
    if (abs_re >= abs_im) {
        if (abs_re == 0) return false;
        double ratio = b.imag / b.real, denom = b.real + b.imag * ratio;
        r = {(a.real + a.imag * ratio) / denom, (a.imag - a.real * ratio) / denom};
    } else if (abs_im >= abs_re) {
        double ratio = b.real / b.imag, denom = b.real * ratio + b.imag;
        r = {(a.real * ratio + a.imag) / denom, (a.imag * ratio - a.real) / denom};
    } else {
        r = {NAN, NAN};
    }
    if (std::isnan(r.real) && std::isnan(r.imag)) {
        if ((std::isinf(a.real) || std::isinf(a.imag)) && std::isfinite(b.real) && std::isfinite(b.imag)) {
            double x = std::copysign(std::isinf(a.real) ? 1.0 : 0.0, a.real);
            double y = std::copysign(std::isinf(a.imag) ? 1.0 : 0.0, a.imag);
            r = {INFINITY * (x * b.real + y * b.imag), INFINITY * (y * b.real - x * b.imag)};
        } else if ((std::isinf(abs_re) || std::isinf(abs_im)) && std::isfinite(a.real) &&
                   std::isfinite(a.imag)) {
            double x = std::copysign(std::isinf(b.real) ? 1.0 : 0.0, b.real);
            double y = std::copysign(std::isinf(b.imag) ? 1.0 : 0.0, b.imag);
            r = {0.0 * (a.real * x + a.imag * y), 0.0 * (a.imag * x - a.real * y)};
        }
    }
    *out = r;
    return true;
}
// A real number has no imaginary part, not one of zero: the signs of zero results differ from quotient().
bool quotient_of_real(double a, C b, C* out) {
    double abs_re = std::fabs(b.real), abs_im = std::fabs(b.imag);
    C r;
    if (abs_re >= abs_im) {
        if (abs_re == 0) return false;
        double ratio = b.imag / b.real, denom = b.real + b.imag * ratio;
        r = {a / denom, -a * ratio / denom};
    } else if (abs_im >= abs_re) {
        double ratio = b.real / b.imag, denom = b.real * ratio + b.imag;
        r = {a * ratio / denom, -a / denom};
    } else {
        r = {NAN, NAN};
    }
    if (std::isnan(r.real) && std::isnan(r.imag) && std::isfinite(a) &&
        (std::isinf(abs_re) || std::isinf(abs_im))) {
        double x = std::copysign(std::isinf(b.real) ? 1.0 : 0.0, b.real);
        double y = std::copysign(std::isinf(b.imag) ? 1.0 : 0.0, b.imag);
        r = {0.0 * (a * x), 0.0 * (-a * y)};
    }
    *out = r;
    return true;
}
Raised zero_division(Thread& t) { return raise(t, PyExc_ZeroDivisionError, "division by zero"); }
Ref slot_div(Thread& t, Value a, Value b) {
    OPERANDS();
    if (kb == 1) {
        if (y.real == 0) return zero_division(t);
        return complex_from(t, x.real / y.real, x.imag / y.real);
    }
    C r;
    if (!(ka == 1 ? quotient_of_real(x.real, y, &r) : quotient(x, y, &r))) return zero_division(t);
    return complex_from(t, r.real, r.imag);
}

// False: division by zero, which a product that underflows leads to as well.
bool power_of_int(C base, int64_t n, C* out) {
    C r{1, 0};
    for (uint64_t e = n < 0 ? -n : n; e; e >>= 1) {
        if (e & 1) r = product(r, base);
        base = product(base, base);
    }
    *out = r;
    return n > 0 || quotient({1, 0}, r, out);
}
// False: no value, because of a zero base or of an infinite angle.
bool power_polar(C x, C y, C* out) {
    *out = {0, 0};
    if (x.real == 0 && x.imag == 0) return y.imag == 0 && !(y.real < 0);
    double vabs = std::hypot(x.real, x.imag), len = std::pow(vabs, y.real);
    double at = std::atan2(x.imag, x.real), phase = at * y.real;
    if (y.imag != 0) {
        len *= std::exp(-at * y.imag);
        phase += y.imag * std::log(vabs);
    }
    *out = {len * std::cos(phase), len * std::sin(phase)};
    return !std::isinf(phase);
}

Ref slot_power(Thread& t, Value a, Value b, Value mod) {
    OPERANDS();
    if (mod && !is_none(mod)) return raise(t, PyExc_ValueError, "complex modulo");
    bool small_int = y.imag == 0 && y.real == std::floor(y.real) && std::fabs(y.real) <= 100.0;
    C r;
    if (!(small_int ? power_of_int(x, static_cast<int64_t>(y.real), &r) : power_polar(x, y, &r)))
        return raise(t, PyExc_ZeroDivisionError, "zero to a negative or complex power");
    if (std::isinf(r.real) || std::isinf(r.imag))
        return raise(t, PyExc_OverflowError, "complex exponentiation");
    return complex_from(t, r.real, r.imag);
}

Ref slot_neg(Thread& t, Value v) { return complex_from(t, -value_of(v).real, -value_of(v).imag); }
Ref slot_pos(Thread& t, Value v) {
    return has_type(v, &PyComplex_Type) ? Ref::share(v) : complex_from(t, value_of(v).real, value_of(v).imag);
}
Ref slot_abs(Thread& t, Value v) {
    C c = value_of(v);
    double r = std::hypot(c.real, c.imag);
    if (std::isinf(r) && std::isfinite(c.real) && std::isfinite(c.imag))
        return raise(t, PyExc_OverflowError, "absolute value too large");
    return float_from(t, r);
}
Result<bool> slot_bool(Thread&, Value v) { return value_of(v).real != 0 || value_of(v).imag != 0; }
Result<int64_t> slot_hash(Thread&, Value v) {
    C c = value_of(v);
    uint64_t r = static_cast<uint64_t>(hash_double(v, c.real)),
             i = static_cast<uint64_t>(hash_double(v, c.imag));
    auto h = static_cast<int64_t>(r + 1000003u * i);
    return h == -1 ? -2 : h;
}
Ref slot_compare(Thread& t, Value a, Value b, CompareOp op) {
    if ((op != kEq && op != kNe) || !is_complex(a)) return not_implemented_ref();
    C x = value_of(a);
    bool same;
    if (is_complex(b)) {
        C y = value_of(b);
        same = x.real == y.real && x.imag == y.imag;
    } else if (is_long(b) || is_double(b)) {
        same = false;
        if (x.imag == 0) {
            Ref real = TRY(float_from(t, x.real));
            Result<bool> r = equal(t, real, b);
            if (!r) return {};
            same = r.value() && !std::isnan(x.real);
        }
    } else {
        return not_implemented_ref();
    }
    return bool_ref(same == (op == kEq));
}

Ref slot_repr(Thread& t, Value v) {
    C c = value_of(v);
    auto text = [](double d, bool sign) {
        char* p = double_to_text(d, 'r', 0, sign, false, false);
        std::string s = p ? p : "";
        mem_free(p);
        return s;
    };
    if (c.real == 0 && !std::signbit(c.real)) return str_from(t, text(c.imag, false) + "j");
    return str_from(t, "(" + text(c.real, false) + text(c.imag, true) + "j)");
}

// --- constructor ---

bool parse_part(Thread& t, const char*& p, double* out) {
    char* end;
    Result<double> d = text_to_double(t, p, &end, nullptr);
    if (!d || end == p) return false;
    *out = d.value();
    p = end;
    return true;
}

// [(] real [±imag j] | [±imag] j [)], spaces around each bracket.
bool parse_text(Thread& t, const char* p, const char* last, C* out) {
    auto skip = [&] {
        while (*p == ' ' || (*p >= '\t' && *p <= '\r')) p++;
    };
    bool bracket = false;
    skip();
    if (*p == '(') {
        bracket = true;
        p++;
        skip();
    }
    double first = 0;
    *out = {0, 0};
    bool have = parse_part(t, p, &first);
    if (have) {
        if (*p == '+' || *p == '-') {
            out->real = first;
            const char* sign = p;
            if (!parse_part(t, p, &out->imag)) {
                out->imag = *sign == '-' ? -1.0 : 1.0;
                p = sign + 1;
            }
            if (*p != 'j' && *p != 'J') return false;
            p++;
        } else if (*p == 'j' || *p == 'J') {
            out->imag = first;
            p++;
        } else {
            out->real = first;
        }
    } else {
        double unit = 1;
        if (*p == '+' || *p == '-') unit = *p++ == '-' ? -1 : 1;
        if (*p != 'j' && *p != 'J') return false;
        p++;
        out->imag = unit;
    }
    skip();
    if (bracket) {
        if (*p != ')') return false;
        p++;
        skip();
    }
    return p == last;
}

Ref from_string(Thread& t, Value text, C* out) {
    auto bad = [&]() -> Ref { return raise(t, PyExc_ValueError, "complex() arg is a malformed string"); };
    std::string s;
    for (int64_t i = 0; i < str_length(text); i++) {
        uint32_t c = str_char(text, i);
        if (c < 127)
            s.push_back(static_cast<char>(c));
        else if (unicode::is_space(c))
            s.push_back(' ');
        else if (int d = unicode::decimal_value(c); d >= 0)
            s.push_back(static_cast<char>('0' + d));
        else
            return bad();
    }
    if (s.find('_') != s.npos) {
        std::string plain;
        auto digit = [&](size_t i) { return i < s.size() && s[i] >= '0' && s[i] <= '9'; };
        for (size_t i = 0; i < s.size(); i++) {
            if (s[i] != '_')
                plain.push_back(s[i]);
            else if (i == 0 || !digit(i - 1) || !digit(i + 1))
                return bad();
        }
        s = plain;
    }
    if (!parse_text(t, s.c_str(), s.c_str() + s.size(), out)) {
        if (occurred(t)) clear_error(t);
        return bad();
    }
    return none_ref();
}

}  // namespace

Maybe try_complex_method(Thread& t, Value v) {
    Ref method = TRY(lookup_special(t, v, ID(__complex__)));
    if (!method) return Maybe::absent();
    Ref r = TRY(call(t, method));
    if (!is_complex(r))
        return raise(t, PyExc_TypeError, "__complex__ returned non-complex (type %T)", r.get());
    if (!has_type(r, &PyComplex_Type))
        TRY(warn(t, PyExc_DeprecationWarning, 1,
                 "__complex__ returned non-complex (type %T).  The ability to return an instance of a strict "
                 "subclass of complex is deprecated, and may be removed in a future version of Python.",
                 r.get()));
    return r;
}

namespace {
Ref make(Thread& t, PyTypeObject* type, double real, double imag) {
    if (type == &PyComplex_Type) return complex_from(t, real, imag);
    Ref r = TRY(alloc(t, type));
    r.as<PyComplexObject>()->real = real;
    r.as<PyComplexObject>()->imag = imag;
    return r;
}

bool has_number(Value v) {
    const Slots& s = ext(type_of(v))->slots;
    return s.nb_float || s.nb_index;
}

Ref from_one(Thread& t, PyTypeObject* type, Value v) {
    if (has_type(v, &PyComplex_Type) && type == &PyComplex_Type) return Ref::share(v);
    if (is_str(v)) {
        C c;
        TRY_DISCARD(from_string(t, v, &c));
        return make(t, type, c.real, c.imag);
    }
    Ref converted = TRY(try_complex_method(t, v));
    if (converted) return make(t, type, value_of(converted).real, value_of(converted).imag);
    if (is_complex(v)) return make(t, type, value_of(v).real, value_of(v).imag);
    if (!has_number(v))
        return raise(t, PyExc_TypeError, "complex() argument must be a string or a number, not %T", v);
    double d = TRY(as_double(t, v));
    return make(t, type, d, 0);
}

// One of two arguments: a number; a complex one is deprecated but counts with both parts.
Status part(Thread& t, Value v, const char* name, C* out) {
    Ref converted;
    if (!strcmp(name, "real")) converted = TRY(try_complex_method(t, v));
    Value number = converted ? converted.get() : v;
    if (is_complex(number)) {
        TRY(warn(t, PyExc_DeprecationWarning, 1, "complex() argument '%s' must be a real number, not %K",
                 name, v));
        *out = value_of(number);
        return Status::ok();
    }
    if (!has_number(v))
        return raise(t, PyExc_TypeError, "complex() argument '%s' must be a real number, not %T", name, v);
    out->real = TRY(as_double(t, v));
    out->imag = 0;
    return Status::ok();
}

Ref complex_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    Value p[2];
    Ref keep;
    TRY(bind_args(t, "complex", "(real=0, imag=0)", args, nargs, kwnames, p, keep));
    if (p[0] && !p[1] && nargs == 1) return from_one(t, type, p[0]);
    C r{0, 0}, i{0, 0};
    if (p[0]) TRY(part(t, p[0], "real", &r));
    if (p[1]) TRY(part(t, p[1], "imag", &i));
    double real = r.real, imag = i.real;
    if (p[1] && is_complex(p[1])) real -= i.imag;
    if (p[0] && r.imag != 0) imag = p[1] ? imag + r.imag : r.imag;
    return make(t, type, real, imag);
}

// --- methods ---

Ref m_conjugate(Thread& t, Value self) { return complex_from(t, value_of(self).real, -value_of(self).imag); }
Ref m_getnewargs(Thread& t, Value self) {
    Ref a = TRY(float_from(t, value_of(self).real)), b = TRY(float_from(t, value_of(self).imag));
    return tuple_of(t, {a, b});
}
Ref m_complex(Thread& t, Value self) { return slot_pos(t, self); }
Ref m_format(Thread& t, Value self, Value spec) {
    if (!is_str(spec)) return raise(t, PyExc_TypeError, "__format__() argument must be str, not %K", spec);
    return format_complex(t, self, spec);
}
Ref m_from_number(Thread& t, Value cls, Value number) {
    if (has_type(number, &PyComplex_Type) && cls == Value(&PyComplex_Type)) return Ref::share(number);
    Ref c = TRY(try_complex_method(t, number));
    if (!c) {
        double d = TRY(as_double(t, number));
        c = TRY(complex_from(t, d, 0));
    }
    if (cls == Value(&PyComplex_Type)) return c;
    Ref real = TRY(float_from(t, value_of(c).real)), imag = TRY(float_from(t, value_of(c).imag));
    return call(t, cls, {real, imag});
}
void complex_dealloc(Thread& t, PyObject* o) { free_object(t, o); }

const NativeDef methods[] = {
    def<m_from_number>("from_number", "(number, /)", "Convert a number.", kMethClass),
    def<m_conjugate>("conjugate", "()", "The number with the sign of the imaginary part turned."),
    def<m_complex>("__complex__", "()", "The number as an exact complex."),
    def<m_getnewargs>("__getnewargs__", "()", nullptr),
    def<m_format>("__format__", "(format_spec, /)", "Text in the given format."),
    {},
};
const MemberDef attributes[] = {
    member("real", MemberKind::Double, offsetof(PyComplexObject, real), kReadonly,
           "the real part of a complex number"),
    member("imag", MemberKind::Double, offsetof(PyComplexObject, imag), kReadonly, "The imaginary part."),
    {},
};

}  // namespace

Ref complex_from(Thread& t, double real, double imag) {
    PyObject* o = alloc_raw(t, &PyComplex_Type, sizeof(PyComplexObject));
    if (!o) return {};
    reinterpret_cast<PyComplexObject*>(o)->real = real;
    reinterpret_cast<PyComplexObject*>(o)->imag = imag;
    return Ref::steal(Value(o));
}

Result<Complex> as_complex(Thread& t, Value v) {
    double d;
    if (has_type(v, &PyComplex_Type)) return value_of(v);
    if (is_exact_double(v, &d)) return C{d, 0};
    if (is_complex(v)) return value_of(v);
    Ref converted = TRY(try_complex_method(t, v));
    if (converted) return value_of(converted);
    return C{TRY(as_double(t, v)), 0};
}
bool complex_quotient(Complex a, Complex b, Complex* out) { return quotient(a, b, out); }

Status init_builtin_complex(Thread& t) {
    static const TypeDecl decl = {
        .name = "complex",
        .basicsize = sizeof(PyComplexObject),
        .flags = kTpDefault | kTpBaseType,
        .slots = {.dealloc = complex_dealloc,
                  .repr = slot_repr,
                  .hash = slot_hash,
                  .richcompare = slot_compare,
                  .new_ = complex_new,
                  .nb_add = slot_add,
                  .nb_subtract = slot_sub,
                  .nb_multiply = slot_mul,
                  .nb_power = slot_power,
                  .nb_negative = slot_neg,
                  .nb_positive = slot_pos,
                  .nb_absolute = slot_abs,
                  .nb_bool = slot_bool,
                  .nb_true_divide = slot_div},
        .spec = {.methods = methods,
                 .members = attributes,
                 .doc = "A complex number, from two real ones or text.",
                 .text_signature = "(real=0, imag=0)"},
    };
    init_static_type(PyComplex_Type, decl);
    return ready_type(t, &PyComplex_Type);
}

}  // namespace krait

krait::Type PyComplex_Type;
