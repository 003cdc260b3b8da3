// The methods of Decimal.
#include "builtins/callable.h"
#include "gc/gc.h"
#include "modules/decimal/decimal.h"

namespace krait::decimal {

namespace {

using UnaryOp = void (*)(mpd_t*, const mpd_t*, const mpd_context_t*, uint32_t*);
using BinaryOpFn = void (*)(mpd_t*, const mpd_t*, const mpd_t*, const mpd_context_t*, uint32_t*);

// --- (context=None) ---

Ref only_context(Thread& t, const Value* args, size_t nargs, Value kwnames) {
    Value p[1];
    TRY(parse_keywords(t, "(context=None)", 0, 1, args, nargs, kwnames, p));
    return context_arg(t, p[0]);
}
template <UnaryOp F>
Ref unary(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Ref context = TRY(only_context(t, args, nargs, kwnames)), r = TRY(number_alloc(t));
    uint32_t status = 0;
    F(dec_of(r), dec_of(self), ctx_of(context), &status);
    TRY(add_status(t, context, status));
    return r;
}
template <int (*F)(const mpd_t*, const mpd_context_t*)>
Ref test_in(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Ref context = TRY(only_context(t, args, nargs, kwnames));
    return bool_ref(F(dec_of(self), ctx_of(context)));
}
Ref number_class(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Ref context = TRY(only_context(t, args, nargs, kwnames));
    return str_from(t, mpd_class(dec_of(self), ctx_of(context)));
}
Ref to_eng_string(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Ref context = TRY(only_context(t, args, nargs, kwnames));
    return number_to_text(t, self, true, context.as<Context>()->capitals);
}

// --- (other, context=None) ---

constexpr char kOther[] = "(other, context=None)";
struct WithOther {
    Ref context;
    Operand other;
    Status bind(Thread& t, const Value* args, size_t nargs, Value kwnames) {
        Value p[2];
        TRY(parse_keywords(t, kOther, 1, 2, args, nargs, kwnames, p));
        context = TRY(context_arg(t, p[1]));
        return other.require(t, p[0], context);
    }
};
template <BinaryOpFn F>
Ref binary(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    WithOther with;
    TRY(with.bind(t, args, nargs, kwnames));
    Ref r = TRY(number_alloc(t));
    uint32_t status = 0;
    F(dec_of(r), dec_of(self), with.other, ctx_of(with.context), &status);
    TRY(add_status(t, with.context, status));
    return r;
}
template <auto F>  // the library's comparisons return an int besides
void discard_int(mpd_t* r, const mpd_t* a, const mpd_t* b, const mpd_context_t* c, uint32_t* status) {
    F(r, a, b, c, status);
}
template <auto F>  // and some need no context
void no_context(mpd_t* r, const mpd_t* a, const mpd_t* b, const mpd_context_t*, uint32_t*) {
    F(r, a, b);
}
void copy_sign_op(mpd_t* r, const mpd_t* a, const mpd_t* b, const mpd_context_t*, uint32_t* status) {
    mpd_qcopy_sign(r, a, b, status);
}
Ref same_quantum(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    WithOther with;
    TRY(with.bind(t, args, nargs, kwnames));
    return bool_ref(mpd_same_quantum(dec_of(self), with.other));
}

// --- with a rounding ---

// A copy of the context's settings with a rounding of its own.
Status work_context(Thread& t, Value context, Value rounding, mpd_context_t* out) {
    *out = *ctx_of(context);
    if (!rounding || is_none(rounding)) return Status::ok();
    out->round = TRY(rounding_arg(t, rounding));
    return Status::ok();
}
template <UnaryOp F>
Ref to_integral(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Value p[2];
    TRY(parse_keywords(t, "(rounding=None, context=None)", 0, 2, args, nargs, kwnames, p));
    Ref context = TRY(context_arg(t, p[1]));
    mpd_context_t work;
    TRY(work_context(t, context, p[0], &work));
    Ref r = TRY(number_alloc(t));
    uint32_t status = 0;
    F(dec_of(r), dec_of(self), &work, &status);
    TRY(add_status(t, context, status));
    return r;
}
Ref quantize(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Value p[3];
    TRY(parse_keywords(t, "(exp, rounding=None, context=None)", 1, 3, args, nargs, kwnames, p));
    Ref context = TRY(context_arg(t, p[2]));
    mpd_context_t work;
    TRY(work_context(t, context, p[1], &work));
    Operand other;
    TRY(other.require(t, p[0], context));
    Ref r = TRY(number_alloc(t));
    uint32_t status = 0;
    mpd_qquantize(dec_of(r), dec_of(self), other, &work, &status);
    TRY(add_status(t, context, status));
    return r;
}
Ref fma(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Value p[3];
    TRY(parse_keywords(t, "(other, third, context=None)", 2, 3, args, nargs, kwnames, p));
    Ref context = TRY(context_arg(t, p[2]));
    Operand y, z;
    TRY(y.require(t, p[0], context));
    TRY(z.require(t, p[1], context));
    Ref r = TRY(number_alloc(t));
    uint32_t status = 0;
    mpd_qfma(dec_of(r), dec_of(self), y, z, ctx_of(context), &status);
    TRY(add_status(t, context, status));
    return r;
}
Ref dunder_round(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(no_kwargs(t, "Decimal.__round__", kwnames));
    if (nargs > 1) return raise(t, PyExc_TypeError, "function takes at most 1 argument (%zu given)", nargs);
    Ref context = TRY(current_context(t));
    if (nargs == 0) return int_from_number(t, dec_of(self), context, MPD_ROUND_HALF_EVEN);
    if (!is_long(args[0])) return raise(t, PyExc_TypeError, "optional arg must be an integer");
    int64_t digits = TRY(ssize_arg(t, args[0]));
    mpd_uint_t one[1] = {1};
    mpd_t step{MPD_STATIC | MPD_CONST_DATA, digits == INT64_MIN ? INT64_MAX : -digits, 1, 1, 1, one};
    Ref r = TRY(number_alloc(t));
    uint32_t status = 0;
    mpd_qquantize(dec_of(r), dec_of(self), &step, ctx_of(context), &status);
    TRY(add_status(t, context, status));
    return r;
}

// --- without a context ---

template <int (*F)(const mpd_t*)>
Ref test(Thread&, Value self) {
    return bool_ref(F(dec_of(self)));
}
Ref is_canonical(Thread&, Value) { return bool_ref(true); }
template <int (*F)(mpd_t*, const mpd_t*, uint32_t*)>
Ref copied(Thread& t, Value self) {
    Ref r = TRY(number_alloc(t));
    uint32_t status = 0;
    F(dec_of(r), dec_of(self), &status);
    if (status & MPD_Malloc_error) return raise_no_memory(t);
    return r;
}
Ref adjusted(Thread& t, Value self) {
    return int_from(t, mpd_isspecial(dec_of(self)) ? 0 : mpd_adjexp(dec_of(self)));
}
Ref itself(Thread&, Value self) { return Ref::share(self); }
Ref deep_copy(Thread&, Value self, Value) { return Ref::share(self); }
Ref radix(Thread& t, Value) { return number_from_ssize(t, 10); }
template <int Rounding>
Ref rounded(Thread& t, Value self) {
    Ref context = TRY(current_context(t));
    return int_from_number(t, dec_of(self), context, Rounding);
}
Ref dunder_complex(Thread& t, Value self) {
    Ref f = TRY(to_float(t, self));
    return complex_from(t, float_value(f), 0);
}
Ref reduce(Thread& t, Value self) {
    Ref text = TRY(str(t, self)), args = TRY(tuple_of(t, {text}));
    return tuple_of(t, {type_of(self), args});
}
Ref dunder_sizeof(Thread& t, Value self) {
    const mpd_t* d = dec_of(self);
    int64_t n = type_of(self)->tp_basicsize;
    if (mpd_isdynamic_data(d)) n += d->alloc * static_cast<int64_t>(sizeof(mpd_uint_t));
    return int_from(t, n);
}

// --- class methods ---

Ref as_class(Thread& t, Value cls, Ref number) {
    if (!number || cls == Value(&number_type)) return number;
    return call(t, cls, {number});
}
Ref from_float(Thread& t, Value cls, Value f) {
    Ref context = TRY(current_context(t));
    if (is_long(f)) return as_class(t, cls, number_from_int(t, f, context, true));
    if (is_double(f)) return as_class(t, cls, number_from_double(t, float_value(f), context, true));
    return raise(t, PyExc_TypeError, "argument must be int or float");
}
Ref from_number(Thread& t, Value cls, Value v) {
    Ref context = TRY(current_context(t));
    if (is_long(v)) return as_class(t, cls, number_from_int(t, v, context, true));
    if (is_double(v)) {
        TRY(add_status(t, context, kFloatOperation));
        return as_class(t, cls, number_from_double(t, float_value(v), context, true));
    }
    if (is_number(v)) return as_class(t, cls, number_from(t, &number_type, v, context, true));
    return raise(t, PyExc_TypeError, "conversion from %s to Decimal is not supported", type_of(v)->tp_name);
}

}  // namespace

constexpr char kContext[] = "(context=None)", kRounding[] = "(rounding=None, context=None)", kNone[] = "()";

const NativeDef number_methods[] = {
    def<unary<mpd_qexp>>("exp", kContext, "e to the power of this number."),
    def<unary<mpd_qln>>("ln", kContext, "The natural logarithm."),
    def<unary<mpd_qlog10>>("log10", kContext, "The logarithm to base ten."),
    def<unary<mpd_qnext_minus>>("next_minus", kContext, "The largest number of the context that is less."),
    def<unary<mpd_qnext_plus>>("next_plus", kContext, "The smallest number of the context that is greater."),
    def<unary<mpd_qreduce>>("normalize", kContext, "The same number without trailing zeros."),
    def<to_integral<mpd_qround_to_int>>("to_integral", kRounding, "The same as to_integral_value()."),
    def<to_integral<mpd_qround_to_intx>>("to_integral_exact", kRounding,
                                         "Rounds to an integer and signals Inexact and Rounded."),
    def<to_integral<mpd_qround_to_int>>("to_integral_value", kRounding,
                                        "Rounds to an integer and signals neither Inexact nor Rounded."),
    def<unary<mpd_qsqrt>>("sqrt", kContext, "The square root."),
    def<binary<discard_int<mpd_qcompare>>>("compare", kOther, "Decimal -1, 0, 1 or NaN: the order of both."),
    def<binary<discard_int<mpd_qcompare_signal>>>("compare_signal", kOther,
                                                  "The same as compare(), but every NaN signals."),
    def<binary<mpd_qmax>>("max", kOther, "The greater one; a number goes before a quiet NaN."),
    def<binary<mpd_qmax_mag>>("max_mag", kOther, "As max(), by absolute value."),
    def<binary<mpd_qmin>>("min", kOther, "The smaller one; a number goes before a quiet NaN."),
    def<binary<mpd_qmin_mag>>("min_mag", kOther, "As min(), by absolute value."),
    def<binary<mpd_qnext_toward>>("next_toward", kOther, "The next number of the context on the way."),
    def<quantize>("quantize", "(exp, rounding=None, context=None)",
                  "Rounds to the exponent of the other number."),
    def<binary<mpd_qrem_near>>("remainder_near", kOther, "The remainder that is nearest to zero."),
    def<fma>("fma", "(other, third, context=None)", "self * other + third, rounded once."),
    def<is_canonical>("is_canonical", kNone, "True: every Decimal is."),
    def<test<mpd_isfinite>>("is_finite", kNone, "Is it a finite number?"),
    def<test<mpd_isinfinite>>("is_infinite", kNone, "Is it an infinity?"),
    def<test<mpd_isnan>>("is_nan", kNone, "Is it a NaN, quiet or signaling?"),
    def<test<mpd_isqnan>>("is_qnan", kNone, "Is it a quiet NaN?"),
    def<test<mpd_issnan>>("is_snan", kNone, "Is it a signaling NaN?"),
    def<test<mpd_issigned>>("is_signed", kNone, "Does it have a minus sign?"),
    def<test<mpd_iszero>>("is_zero", kNone, "Is it a zero?"),
    def<test_in<mpd_isnormal>>("is_normal", kContext, "Is it a normal finite number?"),
    def<test_in<mpd_issubnormal>>("is_subnormal", kContext, "Is it a subnormal number?"),
    def<adjusted>("adjusted", kNone, "The exponent of the most significant digit."),
    def<itself>("canonical", kNone, "The number itself."),
    def<itself>("conjugate", kNone, "The number itself."),
    def<radix>("radix", kNone, "Decimal(10)."),
    def<copied<mpd_qcopy_abs>>("copy_abs", kNone, "Without the sign; no rounding, no signals."),
    def<copied<mpd_qcopy_negate>>("copy_negate", kNone, "With the other sign; no rounding, no signals."),
    def<unary<mpd_qlogb>>("logb", kContext, "The adjusted exponent as a Decimal."),
    def<unary<mpd_qinvert>>("logical_invert", kContext, "The inverse of every (binary) digit."),
    def<number_class>("number_class", kContext, "The name of the number's class, such as '+Normal'."),
    def<to_eng_string>("to_eng_string", kContext, "As text with an exponent that is a multiple of three."),
    def<binary<no_context<mpd_compare_total>>>("compare_total", kOther,
                                               "The order of both representations, which is total."),
    def<binary<no_context<mpd_compare_total_mag>>>("compare_total_mag", kOther,
                                                   "As compare_total(), without the signs."),
    def<binary<copy_sign_op>>("copy_sign", kOther, "With the sign of the other number."),
    def<same_quantum>("same_quantum", kOther, "Do both have the same exponent?"),
    def<binary<mpd_qand>>("logical_and", kOther, "Digit by digit, all of them 0 or 1."),
    def<binary<mpd_qor>>("logical_or", kOther, "Digit by digit, all of them 0 or 1."),
    def<binary<mpd_qxor>>("logical_xor", kOther, "Digit by digit, all of them 0 or 1."),
    def<binary<mpd_qrotate>>("rotate", kOther, "The digits rotated by so many places, left if positive."),
    def<binary<mpd_qscaleb>>("scaleb", kOther, "With the exponent changed by so much."),
    def<binary<mpd_qshift>>("shift", kOther, "The digits shifted by so many places, left if positive."),
    def<from_float>("from_float", "(f, /)", "The exact value of a float or int.", kMethClass),
    def<from_number>("from_number", "(number, /)", "The exact value of an int, float or Decimal.",
                     kMethClass),
    def<number_as_tuple>("as_tuple", kNone, "DecimalTuple(sign, digits, exponent)."),
    def<number_as_ratio>("as_integer_ratio", kNone, "Numerator and denominator, without common factors."),
    def<itself>("__copy__", kNone, nullptr),
    def<deep_copy>("__deepcopy__", "(object, /)", nullptr),
    def<number_format>("__format__", nullptr, nullptr, kMethNoSignature),
    def<reduce>("__reduce__", kNone, nullptr),
    def<dunder_round>("__round__", nullptr, nullptr, kMethNoSignature),
    def<rounded<MPD_ROUND_CEILING>>("__ceil__", kNone, nullptr),
    def<rounded<MPD_ROUND_FLOOR>>("__floor__", kNone, nullptr),
    def<rounded<MPD_ROUND_DOWN>>("__trunc__", kNone, nullptr),
    def<dunder_complex>("__complex__", kNone, nullptr),
    def<dunder_sizeof>("__sizeof__", kNone, nullptr),
    {}};

}  // namespace krait::decimal
