// Arithmetic with coercion, and conversions to numbers.
#include "builtins/bytes.h"
#include "builtins/int_internal.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "bytecode/opcodes.h"
#include "object/convert.h"
#include "object/errors.h"
#include "object/internal.h"
#include "object/names.h"
#include "object/operators.h"
#include "object/protocol.h"

namespace krait {

namespace {

using BinarySlot = BinaryFn Slots::*;

struct OperatorSlots {
    BinarySlot plain;
    BinarySlot inplace;  // null for plain operators
    const char* symbol;
};

const OperatorSlots kOps[] = {
    {&Slots::nb_add, nullptr, "+"},
    {&Slots::nb_and, nullptr, "&"},
    {&Slots::nb_floor_divide, nullptr, "//"},
    {&Slots::nb_lshift, nullptr, "<<"},
    {&Slots::nb_matrix_multiply, nullptr, "@"},
    {&Slots::nb_multiply, nullptr, "*"},
    {&Slots::nb_remainder, nullptr, "%"},
    {&Slots::nb_or, nullptr, "|"},
    {nullptr, nullptr, "** or pow()"},
    {&Slots::nb_rshift, nullptr, ">>"},
    {&Slots::nb_subtract, nullptr, "-"},
    {&Slots::nb_true_divide, nullptr, "/"},
    {&Slots::nb_xor, nullptr, "^"},
    {&Slots::nb_add, &Slots::nb_inplace_add, "+="},
    {&Slots::nb_and, &Slots::nb_inplace_and, "&="},
    {&Slots::nb_floor_divide, &Slots::nb_inplace_floor_divide, "//="},
    {&Slots::nb_lshift, &Slots::nb_inplace_lshift, "<<="},
    {&Slots::nb_matrix_multiply, &Slots::nb_inplace_matrix_multiply, "@="},
    {&Slots::nb_multiply, &Slots::nb_inplace_multiply, "*="},
    {&Slots::nb_remainder, &Slots::nb_inplace_remainder, "%="},
    {&Slots::nb_or, &Slots::nb_inplace_or, "|="},
    {nullptr, nullptr, "**="},
    {&Slots::nb_rshift, &Slots::nb_inplace_rshift, ">>="},
    {&Slots::nb_subtract, &Slots::nb_inplace_subtract, "-="},
    {&Slots::nb_true_divide, &Slots::nb_inplace_true_divide, "/="},
    {&Slots::nb_xor, &Slots::nb_inplace_xor, "^="},
};

bool declined(const Ref& r) { return r && r.get() == not_implemented(); }

// Left operand first, unless the right one's type is a subclass with a slot of its own.
[[gnu::noinline]] Ref binary_slots_of_two(Thread& t, Value a, Value b, PyTypeObject* ta, PyTypeObject* tb,
                                          BinarySlot slot) {
    BinaryFn fa = ext(ta)->slots.*slot, fb = ext(tb)->slots.*slot;
    if (fb == fa) fb = nullptr;
    if (fa) {
        if (fb && is_subtype(tb, ta)) {
            Ref r = fb(t, a, b);
            if (!declined(r)) return r;
            fb = nullptr;
        }
        Ref r = fa(t, a, b);
        if (!declined(r)) return r;
    }
    if (fb) return fb(t, a, b);
    return not_implemented_ref();
}
[[gnu::always_inline]] inline Ref binary_slots(Thread& t, Value a, Value b, BinarySlot slot) {
    PyTypeObject *ta = type_of(a), *tb = type_of(b);
    if (ta != tb) return binary_slots_of_two(t, a, b, ta, tb, slot);
    BinaryFn fn = ext(ta)->slots.*slot;
    return fn ? fn(t, a, b) : not_implemented_ref();
}

Ref repeat_with(Thread& t, IndexFn fn, Value seq, Value count) {
    if (!is_index(count))
        return raise(t, PyExc_TypeError, "can't multiply sequence by non-int of type '%.200s'",
                     type_of(count)->tp_name);
    int64_t n = TRY(as_index(t, count, PyExc_OverflowError));
    return fn(t, seq, n);
}

bool knows_sequences(const PyTypeObject* type) {
    const Slots& s = ext(type)->slots;
    return (type->tp_flags & kTpHeapType) || s.sq_length || s.sq_concat || s.sq_item || s.sq_contains;
}

// What sequences make of + and *; NotImplemented when neither operand is one.
Ref sequence_op(Thread& t, Value a, Value b, BinaryOp op) {
    const Slots &sa = ext(type_of(a))->slots, &sb = ext(type_of(b))->slots;
    switch (op) {
        case BinaryOp::NB_ADD:
            if (sa.sq_concat) return sa.sq_concat(t, a, b);
            break;
        case BinaryOp::NB_INPLACE_ADD:
            if (BinaryFn f = sa.sq_inplace_concat ? sa.sq_inplace_concat : sa.sq_concat) return f(t, a, b);
            break;
        case BinaryOp::NB_MULTIPLY:
            if (sa.sq_repeat) return repeat_with(t, sa.sq_repeat, a, b);
            if (sb.sq_repeat) return repeat_with(t, sb.sq_repeat, b, a);
            break;
        case BinaryOp::NB_INPLACE_MULTIPLY:
            if (IndexFn f = sa.sq_inplace_repeat ? sa.sq_inplace_repeat : sa.sq_repeat)
                return repeat_with(t, f, a, b);
            // The right operand is only repeated, never changed in place; and not where the left one's type
            // knows anything of sequences.
            if (sb.sq_repeat && !knows_sequences(type_of(a))) return repeat_with(t, sb.sq_repeat, b, a);
            break;
        default:
            break;
    }
    return not_implemented_ref();
}

Ref power_slots(Thread& t, Value a, Value b, Value mod) {
    PyTypeObject *ta = type_of(a), *tb = type_of(b), *tm = type_of(mod);
    TernaryFn fa = ext(ta)->slots.nb_power;
    TernaryFn fb = ta == tb ? nullptr : ext(tb)->slots.nb_power;
    if (fb == fa) fb = nullptr;
    if (fa) {
        if (fb && is_subtype(tb, ta)) {
            Ref r = fb(t, a, b, mod);
            if (!declined(r)) return r;
            fb = nullptr;
        }
        Ref r = fa(t, a, b, mod);
        if (!declined(r)) return r;
    }
    if (fb) {
        Ref r = fb(t, a, b, mod);
        if (!declined(r)) return r;
    }
    TernaryFn fm = is_none(mod) ? nullptr : ext(tm)->slots.nb_power;
    if (fm && fm != fa && fm != ext(tb)->slots.nb_power) {
        Ref r = fm(t, a, b, mod);
        if (!declined(r)) return r;
    }
    return not_implemented_ref();
}

Ref unary(Thread& t, Value v, UnaryFn Slots::* slot, const char* what) {
    if (UnaryFn fn = ext(type_of(v))->slots.*slot) return fn(t, v);
    return raise(t, PyExc_TypeError, "bad operand type for %s: '%.200s'", what, type_of(v)->tp_name);
}

// A value of type exactly int for an instance of int or a subclass.
Ref exact_int(Thread& t, Value v) {
    if (is_long_exact(v)) return Ref::share(v);
    int64_t n;
    if (int_to_i64(v, &n)) return int_from(t, n);
    return int_add(t, v, Value::from_int(0));
}

// Result of __int__ / __index__: an int; a strict subclass is deprecated.
Ref checked_int(Thread& t, Ref r, const char* method) {
    if (!r || is_long_exact(r)) return r;
    if (!is_long(r))
        return raise(t, PyExc_TypeError, "%s returned non-int (type %.200s)", method, type_of(r)->tp_name);
    TRY(warn(t, PyExc_DeprecationWarning, 1,
             "%s returned non-int (type %.200s).  The ability to return an instance of a strict subclass of "
             "int is "
             "deprecated, and may be removed in a future version of Python.",
             method, type_of(r)->tp_name));
    return r;
}

// int or a subclass instance.
Ref index_any(Thread& t, Value v) {
    if (is_long(v)) return Ref::share(v);
    UnaryFn fn = ext(type_of(v))->slots.nb_index;
    if (!fn)
        return raise(t, PyExc_TypeError, "'%.200s' object cannot be interpreted as an integer",
                     type_of(v)->tp_name);
    return checked_int(t, fn(t, v), "__index__");
}

}  // namespace

namespace {
// No number slot wanted the operands.
[[gnu::noinline]] Ref binary_op_rest(Thread& t, Value a, Value b, BinaryOp op) {
    Ref r = sequence_op(t, a, b, op);
    if (!declined(r)) return r;
    return raise_type_error_operands(t, kOps[static_cast<int>(op)].symbol, a, b);
}
[[gnu::noinline]] Ref binary_op_long(Thread& t, Value a, Value b, BinaryOp op) {
    if (op == BinaryOp::NB_SUBSCR) return get_item(t, a, b);
    if (op == BinaryOp::NB_POWER) return power(t, a, b, none());
    if (op == BinaryOp::NB_INPLACE_POWER) {
        if (TernaryFn fn = ext(type_of(a))->slots.nb_inplace_power) {
            Ref r = fn(t, a, b, none());
            if (!declined(r)) return r;
        }
        Ref r = power_slots(t, a, b, none());
        return declined(r) ? Ref(raise_type_error_operands(t, "**=", a, b)) : std::move(r);
    }
    const OperatorSlots& info = kOps[static_cast<int>(op)];
    if (info.inplace) {
        if (BinaryFn fn = ext(type_of(a))->slots.*info.inplace) {
            Ref r = fn(t, a, b);
            if (!declined(r)) return r;
        }
    }
    Ref r = binary_slots(t, a, b, info.plain);
    if (!declined(r)) return r;
    return binary_op_rest(t, a, b, op);
}
}  // namespace

Ref binary_op(Thread& t, Value a, Value b, BinaryOp op) {
    // Plain operators on operands of one type, the most by far, keep nothing across the call but themselves.
    PyTypeObject* type = type_of(a);
    if (static_cast<int>(op) < kFirstInplace && type == type_of(b)) [[likely]] {
        BinarySlot slot = kOps[static_cast<int>(op)].plain;
        if (BinaryFn fn = slot ? ext(type)->slots.*slot : nullptr) {
            Ref r = fn(t, a, b);
            if (!declined(r)) [[likely]]
                return r;
            return binary_op_rest(t, a, b, op);
        }
    }
    return binary_op_long(t, a, b, op);
}

int operator_slot_offset(const PyTypeObject* type, BinaryOp op) {
    Slots& slots = ext(type)->slots;
    auto offset = [&](BinarySlot slot) {
        return slot && slots.*slot ? static_cast<int>(reinterpret_cast<char*>(&(slots.*slot)) -
                                                      reinterpret_cast<char*>(&slots))
                                   : -1;
    };
    const OperatorSlots& info = kOps[static_cast<int>(op)];
    bool add = op == BinaryOp::NB_ADD, add_in_place = op == BinaryOp::NB_INPLACE_ADD;
    for (BinarySlot slot : {info.inplace, info.plain, add_in_place ? &Slots::sq_inplace_concat : nullptr,
                            add || add_in_place ? &Slots::sq_concat : nullptr})
        if (int found = offset(slot); found >= 0) return found;
    return -1;
}

Ref binary_op_declined(Thread& t, Value a, Value b, BinaryOp op, Declined by, Value reflected) {
    const OperatorSlots& info = kOps[static_cast<int>(op)];
    Ref r = not_implemented_ref();
    PyTypeObject *ta = type_of(a), *tb = type_of(b);
    if (by == Declined::Inplace) {
        r = binary_slots(t, a, b, info.plain);
    } else if (by == Declined::Left && ta != tb) {
        BinaryFn fa = ext(ta)->slots.*info.plain, fb = ext(tb)->slots.*info.plain;
        // The slot of a Python class would ask the left operand again.
        if (fb && fb != fa)
            r = fb(t, a, b);
        else if (fb && reflected)
            r = call_or_decline(t, b, reflected, a);
    }
    if (!declined(r)) return r;
    r = sequence_op(t, a, b, op);
    if (!declined(r)) return r;
    return raise_type_error_operands(t, info.symbol, a, b);
}

Ref power(Thread& t, Value a, Value b, Value mod) {
    if (!mod) mod = none();
    if (a.is_int() && b.is_int() && is_none(mod)) return int_pow(t, a, b, mod);
    Ref r = power_slots(t, a, b, mod);
    if (!declined(r)) return r;
    if (is_none(mod)) return raise_type_error_operands(t, "** or pow()", a, b);
    return raise(t, PyExc_TypeError,
                 "unsupported operand type(s) for ** or pow(): '%.100s', '%.100s', '%.100s'",
                 type_of(a)->tp_name, type_of(b)->tp_name, type_of(mod)->tp_name);
}

Ref divmod(Thread& t, Value a, Value b) {
    Ref r = binary_slots(t, a, b, &Slots::nb_divmod);
    if (!declined(r)) return r;
    return raise_type_error_operands(t, "divmod()", a, b);
}

Ref negative(Thread& t, Value v) { return unary(t, v, &Slots::nb_negative, "unary -"); }
Ref positive(Thread& t, Value v) { return unary(t, v, &Slots::nb_positive, "unary +"); }
Ref invert(Thread& t, Value v) { return unary(t, v, &Slots::nb_invert, "unary ~"); }
Ref absolute(Thread& t, Value v) { return unary(t, v, &Slots::nb_absolute, "abs()"); }

bool is_index(Value v) { return v.is_int() || ext(type_of(v))->slots.nb_index; }

Ref index(Thread& t, Value v) {
    if (is_long_exact(v)) return Ref::share(v);
    Ref r = TRY(index_any(t, v));
    return exact_int(t, r);
}

Ref to_int(Thread& t, Value v) {
    if (is_long_exact(v)) return Ref::share(v);
    if (v.is_float()) {
        double d = v.as_float();
        if (d > static_cast<double>(Value::kIntMin) && d < static_cast<double>(Value::kIntMax)) [[likely]]
            return Ref::from_int(static_cast<int64_t>(d));
    }
    const Slots& s = ext(type_of(v))->slots;
    if (s.nb_int) {
        Ref r = TRY(checked_int(t, s.nb_int(t, v), "__int__"));
        return exact_int(t, r);
    }
    if (s.nb_index) return index(t, v);
    if (is_str(v) || is_bytes(v) || is_bytearray(v)) return int_parse(t, v, 10, v);
    if (has_buffer(v)) {
        Buffer buffer;
        TRY(buffer.acquire(t, v));
        Ref text = TRY(bytes_from(t, buffer.data(), static_cast<size_t>(buffer.size())));
        return int_parse(t, text, 10, text);
    }
    return raise(t, PyExc_TypeError,
                 "int() argument must be a string, a bytes-like object or a real number, not '%.200s'",
                 type_of(v)->tp_name);
}

// float for what has __float__ or __index__; empty without exception when it has neither.
static Ref float_of_number(Thread& t, Value v) {
    const Slots& s = ext(type_of(v))->slots;
    if (s.nb_float) {
        Ref r = TRY(s.nb_float(t, v));
        if (is_double_exact(r)) return r;
        if (!is_double(r))
            return raise(t, PyExc_TypeError, "%.50s.__float__ returned non-float (type %.50s)",
                         type_of(v)->tp_name, type_of(r)->tp_name);
        TRY(warn(
            t, PyExc_DeprecationWarning, 1,
            "%.50s.__float__ returned non-float (type %.50s).  The ability to return an instance of a strict "
            "subclass of float is deprecated, and may be removed in a future version of Python.",
            type_of(v)->tp_name, type_of(r)->tp_name));
        return float_from(t, float_value(r));
    }
    if (s.nb_index) {
        Ref n = TRY(index(t, v));
        double d = TRY(int_to_double(t, n));
        return float_from(t, d);
    }
    return {};
}

Ref to_float(Thread& t, Value v) {
    if (is_double_exact(v)) return Ref::share(v);
    Ref r = float_of_number(t, v);
    if (r || t.has_exception()) return r;
    if (is_double(v)) return float_from(t, float_value(v));
    if (!is_str(v) && !is_bytes(v) && !has_buffer(v))
        return raise(t, PyExc_TypeError, "float() argument must be a string or a real number, not '%.200s'",
                     type_of(v)->tp_name);
    return float_from_text(t, v);
}

Result<double> as_double(Thread& t, Value v) {
    if (v.is_float()) return v.as_float();
    if (v.is_int()) return int_to_double(t, v);
    if (is_double(v)) return float_value(v);
    Ref r = float_of_number(t, v);
    if (r) return float_value(r);
    if (t.has_exception()) return {};
    return raise(t, PyExc_TypeError, "must be real number, not %.50s", type_of(v)->tp_name);
}

Result<int64_t> as_index(Thread& t, Value v, PyTypeObject* exc) {
    if (v.is_int()) return v.as_int();
    Ref n = TRY(index_any(t, v));
    int64_t out;
    if (int_to_i64(n, &out)) return out;
    if (!exc) return int_sign(n) < 0 ? INT64_MIN : INT64_MAX;
    return raise(t, exc, "cannot fit '%.200s' into an index-sized integer", type_of(v)->tp_name);
}

Result<int64_t> as_ssize(Thread& t, Value v) {
    if (v.is_int()) return v.as_int();
    Ref n = TRY(index_any(t, v));
    int64_t out;
    if (int_to_i64(n, &out)) return out;
    return raise(t, PyExc_OverflowError, "Python int too large to convert to C ssize_t");
}

Result<int64_t> as_int64(Thread& t, Value v) {
    if (v.is_int()) return v.as_int();
    Ref n = TRY(index_any(t, v));
    int64_t out;
    if (int_to_i64(n, &out)) return out;
    return raise(t, PyExc_OverflowError, "Python int too large to convert to C long");
}

Result<uint64_t> as_uint64(Thread& t, Value v) {
    if (!is_long(v)) return raise(t, PyExc_TypeError, "an integer is required");
    uint64_t out;
    if (int_to_u64(v, &out)) return out;
    if (int_sign(v) < 0) return raise(t, PyExc_OverflowError, "can't convert negative int to unsigned");
    return raise(t, PyExc_OverflowError, "Python int too large to convert to C unsigned long");
}

Result<int> as_int32(Thread& t, Value v) {
    Ref n = TRY(index_any(t, v));
    int64_t out;
    if (!int_to_i64(n, &out) || out > INT32_MAX || out < INT32_MIN)
        return raise(t, PyExc_OverflowError, "Python int too large to convert to C int");
    return static_cast<int>(out);
}

}  // namespace krait
