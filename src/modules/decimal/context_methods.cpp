// The methods of Context: Decimal's operations with this context instead of the current one.
#include "builtins/callable.h"
#include "builtins/list.h"
#include "modules/decimal/decimal.h"

namespace krait::decimal {

namespace {

using UnaryOp = void (*)(mpd_t*, const mpd_t*, const mpd_context_t*, uint32_t*);
using BinaryOpFn = void (*)(mpd_t*, const mpd_t*, const mpd_t*, const mpd_context_t*, uint32_t*);

// Exactly n arguments, of functions that take no keywords.
Status exact_args(Thread& t, const char* name, size_t n, size_t nargs, Value kwnames) {
    TRY(no_kwargs(t, name, kwnames));
    if (nargs == n) return Status::ok();
    return raise(t, PyExc_TypeError, "function takes exactly %zu argument%s (%zu given)", n,
                 n == 1 ? "" : "s", nargs);
}

template <UnaryOp F>
Ref unary(Thread& t, Value self, Value v) {
    Operand x;
    TRY(x.require(t, v, self));
    Ref r = TRY(number_alloc(t));
    uint32_t status = 0;
    F(dec_of(r), x, ctx_of(self), &status);
    TRY(add_status(t, self, status));
    return r;
}
template <int (*F)(mpd_t*, const mpd_t*, uint32_t*)>
Ref copied(Thread& t, Value self, Value v) {
    Operand x;
    TRY(x.require(t, v, self));
    Ref r = TRY(number_alloc(t));
    uint32_t status = 0;
    F(dec_of(r), x, &status);
    if (status & MPD_Malloc_error) return raise_no_memory(t);
    return r;
}
template <auto F>
Ref test(Thread& t, Value self, Value v) {
    Operand x;
    TRY(x.require(t, v, self));
    if constexpr (requires { F(x, ctx_of(self)); })
        return bool_ref(F(x, ctx_of(self)));
    else
        return bool_ref(F(x));
}

template <const char* Name, BinaryOpFn F>
Ref binary(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(exact_args(t, Name, 2, nargs, kwnames));
    Operand x, y;
    TRY(x.require(t, args[0], self));
    TRY(y.require(t, args[1], self));
    Ref r = TRY(number_alloc(t));
    uint32_t status = 0;
    F(dec_of(r), x, y, ctx_of(self), &status);
    TRY(add_status(t, self, status));
    return r;
}
template <auto F>
void discard_int(mpd_t* r, const mpd_t* a, const mpd_t* b, const mpd_context_t* c, uint32_t* status) {
    F(r, a, b, c, status);
}
template <auto F>
void no_context(mpd_t* r, const mpd_t* a, const mpd_t* b, const mpd_context_t*, uint32_t*) {
    F(r, a, b);
}
void copy_sign_op(mpd_t* r, const mpd_t* a, const mpd_t* b, const mpd_context_t*, uint32_t* status) {
    mpd_qcopy_sign(r, a, b, status);
}
Ref same_quantum(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(exact_args(t, "same_quantum", 2, nargs, kwnames));
    Operand x, y;
    TRY(x.require(t, args[0], self));
    TRY(y.require(t, args[1], self));
    return bool_ref(mpd_same_quantum(x, y));
}
Ref context_divmod(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(exact_args(t, "divmod", 2, nargs, kwnames));
    Operand x, y;
    TRY(x.require(t, args[0], self));
    TRY(y.require(t, args[1], self));
    Ref q = TRY(number_alloc(t)), r = TRY(number_alloc(t));
    uint32_t status = 0;
    mpd_qdivmod(dec_of(q), dec_of(r), x, y, ctx_of(self), &status);
    TRY(add_status(t, self, status));
    return tuple_of(t, {q, r});
}
Ref context_power(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Value p[3];
    TRY(parse_keywords(t, "(a, b, modulo=None)", 2, 3, args, nargs, kwnames, p));
    Operand x, y, m;
    TRY(x.require(t, p[0], self));
    TRY(y.require(t, p[1], self));
    bool three = p[2] && !is_none(p[2]);
    if (three) TRY(m.require(t, p[2], self));
    Ref r = TRY(number_alloc(t));
    uint32_t status = 0;
    if (three)
        mpd_qpowmod(dec_of(r), x, y, m, ctx_of(self), &status);
    else
        mpd_qpow(dec_of(r), x, y, ctx_of(self), &status);
    TRY(add_status(t, self, status));
    return r;
}
Ref context_fma(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(exact_args(t, "fma", 3, nargs, kwnames));
    Operand x, y, z;
    TRY(x.require(t, args[0], self));
    TRY(y.require(t, args[1], self));
    TRY(z.require(t, args[2], self));
    Ref r = TRY(number_alloc(t));
    uint32_t status = 0;
    mpd_qfma(dec_of(r), x, y, z, ctx_of(self), &status);
    TRY(add_status(t, self, status));
    return r;
}

// --- single ones ---

Ref etiny(Thread& t, Value self) { return int_from(t, mpd_etiny(ctx_of(self))); }
Ref etop(Thread& t, Value self) { return int_from(t, mpd_etop(ctx_of(self))); }
Ref radix(Thread& t, Value) { return number_from_ssize(t, 10); }
Ref is_canonical(Thread& t, Value, Value v) {
    if (!is_number(v)) return raise(t, PyExc_TypeError, "argument must be a Decimal");
    return bool_ref(true);
}
Ref canonical(Thread& t, Value, Value v) {
    if (!is_number(v)) return raise(t, PyExc_TypeError, "argument must be a Decimal");
    return Ref::share(v);
}
void apply_op(mpd_t* r, const mpd_t* a, const mpd_context_t* c, uint32_t* status) {
    if (mpd_qcopy(r, a, status)) mpd_qfinalize(r, c, status);
}
// A Decimal for the functions that need the object.
Ref as_number(Thread& t, Value self, Value v) {
    if (is_number(v)) return Ref::share(v);
    if (is_long(v)) return number_from_int(t, v, self, true);
    return raise(t, PyExc_TypeError, "conversion from %s to Decimal is not supported", type_of(v)->tp_name);
}
Ref number_class(Thread& t, Value self, Value v) {
    Operand x;
    TRY(x.require(t, v, self));
    return str_from(t, mpd_class(x, ctx_of(self)));
}
template <bool Engineering>
Ref to_string(Thread& t, Value self, Value v) {
    Ref number = TRY(as_number(t, self, v));
    return number_to_text(t, number, Engineering, self.as<Context>()->capitals);
}
Ref clear_flags(Thread&, Value self) {
    ctx_of(self)->status = 0;
    return none_ref();
}
Ref clear_traps(Thread&, Value self) {
    ctx_of(self)->traps = 0;
    return none_ref();
}
Ref own_signals(Thread& t, uint32_t bits) {
    Ref list = TRY(list_new(t));
    for (int i = 0; i < kSignals; i++)
        if (bits & kSignalTable[i].flag) TRY(list_append(t, list, g.signals[i]));
    return list;
}
Ref reduce(Thread& t, Value self) {
    const mpd_context_t* c = ctx_of(self);
    Ref prec = TRY(int_from(t, c->prec)), emin = TRY(int_from(t, c->emin)), emax = TRY(int_from(t, c->emax));
    Ref flags = TRY(own_signals(t, c->status)), traps = TRY(own_signals(t, c->traps));
    Ref args = TRY(
        tuple_of(t, {prec, g.roundings[c->round], emin, emax, Value::from_int(self.as<Context>()->capitals),
                     Value::from_int(c->clamp), flags, traps}));
    return tuple_of(t, {type_of(self), args});
}
Ref create_decimal(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(no_kwargs(t, "create_decimal", kwnames));
    if (nargs > 1) return raise(t, PyExc_TypeError, "function takes at most 1 argument (%zu given)", nargs);
    if (nargs == 0) return number_from_ssize(t, 0);
    return number_from(t, &number_type, args[0], self, false);
}
Ref create_from_float(Thread& t, Value self, Value f) {
    if (is_long(f)) return number_from_int(t, f, self, false);
    if (is_double(f)) return number_from_double(t, float_value(f), self, false);
    return raise(t, PyExc_TypeError, "argument must be int or float");
}

constexpr char kX[] = "(x, /)", kXY[] = "(x, y, /)", kNone[] = "()";
constexpr char n_add[] = "add", n_compare[] = "compare", n_compare_signal[] = "compare_signal",
               n_divide[] = "divide", n_divide_int[] = "divide_int", n_max[] = "max", n_max_mag[] = "max_mag",
               n_min[] = "min", n_min_mag[] = "min_mag", n_multiply[] = "multiply",
               n_next_toward[] = "next_toward", n_quantize[] = "quantize", n_remainder[] = "remainder",
               n_remainder_near[] = "remainder_near", n_subtract[] = "subtract",
               n_compare_total[] = "compare_total", n_compare_total_mag[] = "compare_total_mag",
               n_copy_sign[] = "copy_sign", n_logical_and[] = "logical_and", n_logical_or[] = "logical_or",
               n_logical_xor[] = "logical_xor", n_rotate[] = "rotate", n_scaleb[] = "scaleb",
               n_shift[] = "shift";

template <const char* Name, BinaryOpFn F>
NativeDef two(const char* doc) {
    return def<binary<Name, F>>(Name, kXY, doc);
}

}  // namespace

const NativeDef context_methods[] = {
    def<unary<mpd_qabs>>("abs", kX, "The absolute value."),
    def<unary<mpd_qexp>>("exp", kX, "e to the power of x."),
    def<unary<mpd_qln>>("ln", kX, "The natural logarithm."),
    def<unary<mpd_qlog10>>("log10", kX, "The logarithm to base ten."),
    def<unary<mpd_qminus>>("minus", kX, "-x, rounded."),
    def<unary<mpd_qnext_minus>>("next_minus", kX, "The largest number of the context below x."),
    def<unary<mpd_qnext_plus>>("next_plus", kX, "The smallest number of the context above x."),
    def<unary<mpd_qreduce>>("normalize", kX, "x without trailing zeros."),
    def<unary<mpd_qplus>>("plus", kX, "+x, rounded."),
    def<unary<mpd_qround_to_int>>("to_integral", kX, "The same as to_integral_value()."),
    def<unary<mpd_qround_to_intx>>("to_integral_exact", kX,
                                   "Rounds to an integer and signals Inexact and Rounded."),
    def<unary<mpd_qround_to_int>>("to_integral_value", kX,
                                  "Rounds to an integer and signals neither Inexact nor Rounded."),
    def<unary<mpd_qsqrt>>("sqrt", kX, "The square root."),
    two<n_add, mpd_qadd>("x + y"),
    two<n_compare, discard_int<mpd_qcompare>>("Decimal -1, 0, 1 or NaN: the order of both."),
    two<n_compare_signal, discard_int<mpd_qcompare_signal>>("As compare(), but every NaN signals."),
    two<n_divide, mpd_qdiv>("x / y"),
    two<n_divide_int, mpd_qdivint>("The integer part of x / y."),
    def<context_divmod>("divmod", kXY, "Integer part and remainder of x / y."),
    two<n_max, mpd_qmax>("The greater one; a number goes before a quiet NaN."),
    two<n_max_mag, mpd_qmax_mag>("As max(), by absolute value."),
    two<n_min, mpd_qmin>("The smaller one; a number goes before a quiet NaN."),
    two<n_min_mag, mpd_qmin_mag>("As min(), by absolute value."),
    two<n_multiply, mpd_qmul>("x * y"),
    two<n_next_toward, mpd_qnext_toward>("The next number of the context from x to y."),
    two<n_quantize, mpd_qquantize>("x rounded to the exponent of y."),
    two<n_remainder, mpd_qrem>("The remainder of x / y, with the sign of x."),
    two<n_remainder_near, mpd_qrem_near>("The remainder that is nearest to zero."),
    two<n_subtract, mpd_qsub>("x - y"),
    def<context_power>("power", "(a, b, modulo=None)", "a ** b, or (a ** b) % modulo."),
    def<context_fma>("fma", "(x, y, z, /)", "x * y + z, rounded once."),
    def<etiny>("Etiny", kNone, "The exponent of the smallest subnormal number."),
    def<etop>("Etop", kNone, "The greatest exponent of a number that has all digits."),
    def<radix>("radix", kNone, "Decimal(10)."),
    def<is_canonical>("is_canonical", kX, "True for every Decimal."),
    def<test<mpd_isfinite>>("is_finite", kX, "Is x a finite number?"),
    def<test<mpd_isinfinite>>("is_infinite", kX, "Is x an infinity?"),
    def<test<mpd_isnan>>("is_nan", kX, "Is x a NaN?"),
    def<test<mpd_isnormal>>("is_normal", kX, "Is x a normal finite number?"),
    def<test<mpd_isqnan>>("is_qnan", kX, "Is x a quiet NaN?"),
    def<test<mpd_issigned>>("is_signed", kX, "Does x have a minus sign?"),
    def<test<mpd_issnan>>("is_snan", kX, "Is x a signaling NaN?"),
    def<test<mpd_issubnormal>>("is_subnormal", kX, "Is x a subnormal number?"),
    def<test<mpd_iszero>>("is_zero", kX, "Is x a zero?"),
    def<unary<apply_op>>("_apply", "(object, /)", nullptr),
    def<canonical>("canonical", kX, "x itself."),
    def<copied<mpd_qcopy_abs>>("copy_abs", kX, "x without the sign; no rounding, no signals."),
    def<copied<mpd_qcopy>>("copy_decimal", kX, "x as a Decimal; no rounding, no signals."),
    def<copied<mpd_qcopy_negate>>("copy_negate", kX, "x with the other sign; no rounding, no signals."),
    def<unary<mpd_qlogb>>("logb", kX, "The adjusted exponent as a Decimal."),
    def<unary<mpd_qinvert>>("logical_invert", kX, "The inverse of every (binary) digit."),
    def<number_class>("number_class", kX, "The name of the class of x, such as '+Normal'."),
    def<to_string<false>>("to_sci_string", kX, "As text, with an exponent where that is shorter."),
    def<to_string<true>>("to_eng_string", kX, "As text with an exponent that is a multiple of three."),
    two<n_compare_total, no_context<mpd_compare_total>>("The order of both representations."),
    two<n_compare_total_mag, no_context<mpd_compare_total_mag>>("As compare_total(), without the signs."),
    two<n_copy_sign, copy_sign_op>("x with the sign of y."),
    two<n_logical_and, mpd_qand>("Digit by digit, all of them 0 or 1."),
    two<n_logical_or, mpd_qor>("Digit by digit, all of them 0 or 1."),
    two<n_logical_xor, mpd_qxor>("Digit by digit, all of them 0 or 1."),
    two<n_rotate, mpd_qrotate>("The digits of x rotated by y places."),
    def<same_quantum>("same_quantum", kXY, "Do both have the same exponent?"),
    two<n_scaleb, mpd_qscaleb>("x with its exponent changed by y."),
    two<n_shift, mpd_qshift>("The digits of x shifted by y places."),
    def<clear_flags>("clear_flags", kNone, "Sets all flags to False."),
    def<clear_traps>("clear_traps", kNone, "Sets all traps to False."),
    def<context_copy>("__copy__", kNone, nullptr),
    def<reduce>("__reduce__", kNone, nullptr),
    def<context_copy>("copy", kNone, "An independent copy."),
    def<create_decimal>("create_decimal", "(num=\"0\", /)",
                        "A Decimal out of what Decimal() takes, rounded to this context."),
    def<create_from_float>("create_decimal_from_float", "(f, /)",
                           "A Decimal out of a float or int, rounded to this context."),
    {}};

}  // namespace krait::decimal
