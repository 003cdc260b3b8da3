// The type Decimal: construction, operators and comparisons. Its methods are in number_methods.cpp.
#include "builtins/callable.h"
#include "gc/gc.h"
#include "modules/decimal/decimal.h"

namespace krait::decimal {

Type number_type;

namespace {

void number_dealloc(Thread& t, PyObject* o) {
    auto* n = reinterpret_cast<Number*>(o);
    if (!(n->dec.flags & MPD_DATAFLAGS)) mpd_free(n->dec.data);
    free_object(t, o);
}
Ref tp_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    Value p[2];
    TRY(parse_keywords(t, "(value='0', context=None)", 0, 2, args, nargs, kwnames, p));
    Ref context = TRY(context_arg(t, p[1]));
    if (!p[0]) {
        Ref zero = Ref::from_int(0);
        return number_from_int(t, zero, context, true, type);
    }
    return number_from(t, type, p[0], context, true);
}

// --- operators ---

using UnaryOp = void (*)(mpd_t*, const mpd_t*, const mpd_context_t*, uint32_t*);
using BinaryOpFn = void (*)(mpd_t*, const mpd_t*, const mpd_t*, const mpd_context_t*, uint32_t*);

template <UnaryOp F>
Ref unary(Thread& t, Value self) {
    Ref context = TRY(current_context(t)), r = TRY(number_alloc(t));
    uint32_t status = 0;
    F(dec_of(r), dec_of(self), ctx_of(context), &status);
    TRY(add_status(t, context, status));
    return r;
}
// Both operands of an operator; false: NotImplemented, or failed with an exception.
inline bool operands(Thread& t, Value context, Value a, Value b, Operand& x, Operand& y) {
    return x.set(t, a, context) == Operand::kOk && y.set(t, b, context) == Operand::kOk;
}
Ref declined(Thread& t) { return occurred(t) ? Ref() : not_implemented_ref(); }

template <BinaryOpFn F>
Ref binary(Thread& t, Value a, Value b) {
    Ref context = TRY(current_context(t));
    Operand x, y;
    if (!operands(t, context, a, b, x, y)) return declined(t);
    Ref r = TRY(number_alloc(t));
    uint32_t status = 0;
    F(dec_of(r), x, y, ctx_of(context), &status);
    TRY(add_status(t, context, status));
    return r;
}
Ref nb_divmod(Thread& t, Value a, Value b) {
    Ref context = TRY(current_context(t));
    Operand x, y;
    if (!operands(t, context, a, b, x, y)) return declined(t);
    Ref q = TRY(number_alloc(t)), r = TRY(number_alloc(t));
    uint32_t status = 0;
    mpd_qdivmod(dec_of(q), dec_of(r), x, y, ctx_of(context), &status);
    TRY(add_status(t, context, status));
    return tuple_of(t, {q, r});
}
Ref nb_power(Thread& t, Value a, Value b, Value modulus) {
    Ref context = TRY(current_context(t));
    Operand x, y, m;
    if (!operands(t, context, a, b, x, y)) return declined(t);
    bool three = modulus && !is_none(modulus);
    if (three && m.set(t, modulus, context) != Operand::kOk) return declined(t);
    Ref r = TRY(number_alloc(t));
    uint32_t status = 0;
    if (three)
        mpd_qpowmod(dec_of(r), x, y, m, ctx_of(context), &status);
    else
        mpd_qpow(dec_of(r), x, y, ctx_of(context), &status);
    TRY(add_status(t, context, status));
    return r;
}
Result<bool> nb_bool(Thread&, Value self) { return !mpd_iszero(dec_of(self)); }
Ref nb_int(Thread& t, Value self) {
    Ref context = TRY(current_context(t));
    return int_from_number(t, dec_of(self), context, MPD_ROUND_DOWN);
}
Ref nb_float(Thread& t, Value self) {
    if (mpd_isnan(dec_of(self))) {
        if (mpd_issnan(dec_of(self)))
            return raise(t, PyExc_ValueError, "cannot convert signaling NaN to float");
        return float_from(t, mpd_isnegative(dec_of(self)) ? -__builtin_nan("") : __builtin_nan(""));
    }
    Ref text = TRY(number_to_text(t, self, false, 1));
    return float_from_text(t, text);
}

// --- text ---

Ref tp_str(Thread& t, Value self) {
    Ref context = TRY(current_context(t));
    return number_to_text(t, self, false, context.as<Context>()->capitals);
}
Ref tp_repr(Thread& t, Value self) {
    Ref text = TRY(tp_str(t, self));
    return str_format(t, "Decimal('%U')", text.get());
}

// --- comparison ---

// a * factor, exactly: the exponent stands aside, as the product's may be out of range.
Ref times(Thread& t, Value a, Value factor, Value context) {
    Ref f = TRY(number_from_int(t, factor, context, true)), r = TRY(number_alloc(t));
    uint32_t status = 0;
    Ref plain = TRY(number_alloc(t));
    if (!mpd_qcopy(dec_of(plain), dec_of(a), &status)) return raise_no_memory(t);
    dec_of(plain)->exp = 0;
    mpd_context_t all;
    mpd_maxcontext(&all);
    mpd_qmul(dec_of(r), dec_of(plain), dec_of(f), &all, &status);
    if (status & (MPD_Inexact | MPD_Rounded | MPD_Clamped))
        mpd_seterror(dec_of(r), MPD_Invalid_operation, &status);
    TRY(add_status(t, context, status & MPD_Errors));
    dec_of(r)->exp = dec_of(a)->exp;
    return r;
}
// The two sides of a comparison, which hold what is compared.
struct Sides {
    Ref left;
    Operand right;
    Ref keep;
    uint32_t status = 0;
};
enum class Sort { Comparable, Foreign, Failed };

Sort from_float(Thread& t, double d, Value context, CompareOp op, Sides& s) {
    if (op == kEq || op == kNe)
        ctx_of(context)->status |= kFloatOperation;  // equality sets the flag, and never traps
    else if (!add_status(t, context, kFloatOperation))
        return Sort::Failed;
    s.keep = number_from_double(t, d, context, true);
    return s.keep && s.right.set(t, s.keep, context) == Operand::kOk ? Sort::Comparable : Sort::Failed;
}
// a == n/d as a*d == n.
Sort from_ratio(Thread& t, Value ratio, Value context, Sides& s) {
    Ref bottom = get_attr(t, ratio, "denominator");
    if (!bottom) return Sort::Failed;
    if (!is_long(bottom)) {
        (void)static_cast<Status>(raise(t, PyExc_TypeError, "numerator and denominator must be integers"));
        return Sort::Failed;
    }
    Ref top = get_attr(t, ratio, "numerator");
    if (!top) return Sort::Failed;
    if (!is_long(top)) {
        (void)static_cast<Status>(raise(t, PyExc_TypeError, "numerator and denominator must be integers"));
        return Sort::Failed;
    }
    if (!mpd_isspecial(dec_of(s.left))) s.left = times(t, s.left, bottom, context);
    if (!s.left) return Sort::Failed;
    s.keep = number_from_int(t, top, context, true);
    return s.keep && s.right.set(t, s.keep, context) == Operand::kOk ? Sort::Comparable : Sort::Failed;
}
Sort sides(Thread& t, Value a, Value b, Value context, CompareOp op, Sides& s) {
    s.left = Ref::share(a);
    switch (s.right.set(t, b, context)) {
        case Operand::kOk:
            return Sort::Comparable;
        case Operand::kFailed:
            return Sort::Failed;
        default:
            break;
    }
    if (is_double(b)) return from_float(t, float_value(b), context, op, s);
    if ((has_type(b, &PyComplex_Type) || is_instance_exact_or_sub(b, &PyComplex_Type)) &&
        (op == kEq || op == kNe)) {
        Result<Complex> c = as_complex(t, b);
        if (!c) return Sort::Failed;
        if (c.value().imag != 0) return Sort::Foreign;
        return from_float(t, c.value().real, context, op, s);
    }
    Result<bool> ratio = is_instance(t, b, g.rational);
    if (!ratio) return Sort::Failed;
    return ratio.value() ? from_ratio(t, b, context, s) : Sort::Foreign;
}
Ref tp_compare(Thread& t, Value a, Value b, CompareOp op) {
    Ref context = TRY(current_context(t));
    Sides s;
    switch (sides(t, a, b, context, op, s)) {
        case Sort::Foreign:
            return not_implemented_ref();
        case Sort::Failed:
            return {};
        default:
            break;
    }
    const mpd_t *x = dec_of(s.left), *y = s.right;
    uint32_t status = 0;
    int order = mpd_qcmp(x, y, &status);
    if (order == INT_MAX) {
        // NaNs: equality is quiet about those that are, order never.
        if (mpd_issnan(x) || mpd_issnan(y) || (op != kEq && op != kNe)) TRY(add_status(t, context, status));
        return bool_ref(op == kNe);
    }
    return bool_ref(holds(op, order));
}

Ref get_real(Thread&, Value self, void*) { return Ref::share(self); }
Ref get_imag(Thread& t, Value, void*) { return number_from_ssize(t, 0); }
const GetSetDef number_getset[] = {
    getset("real", get_real, nullptr, nullptr), getset("imag", get_imag, nullptr, nullptr), {}};

}  // namespace

Status add_number(Thread& t, Value module) {
    static const TypeDecl number{
        .name = "decimal.Decimal",
        .basicsize = sizeof(Number),
        .flags = kTpDefault | kTpBaseType | kTpImmutableType | kTpHaveGC,
        .slots = {.dealloc = number_dealloc,
                  .traverse = [](PyObject*, Visitor&) {},
                  .repr = tp_repr,
                  .str = tp_str,
                  .hash = number_hash,
                  .richcompare = tp_compare,
                  .new_ = tp_new,
                  .nb_add = binary<mpd_qadd>,
                  .nb_subtract = binary<mpd_qsub>,
                  .nb_multiply = binary<mpd_qmul>,
                  .nb_remainder = binary<mpd_qrem>,
                  .nb_divmod = nb_divmod,
                  .nb_power = nb_power,
                  .nb_negative = unary<mpd_qminus>,
                  .nb_positive = unary<mpd_qplus>,
                  .nb_absolute = unary<mpd_qabs>,
                  .nb_bool = nb_bool,
                  .nb_int = nb_int,
                  .nb_float = nb_float,
                  .nb_floor_divide = binary<mpd_qdivint>,
                  .nb_true_divide = binary<mpd_qdiv>},
        .spec = {.methods = number_methods,
                 .getset = number_getset,
                 .doc = "A decimal number of any precision, out of an int, a str, a tuple (sign, digits, "
                        "exponent), a float or another Decimal; exact, whatever the context says.",
                 .text_signature = "(value=\"0\", context=None)"}};
    return add_static_type(t, module, number_type, number);
}

}  // namespace krait::decimal
