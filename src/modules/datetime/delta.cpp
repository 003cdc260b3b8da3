// datetime.timedelta: days, seconds and microseconds. All of its arithmetic is done in microseconds, which
// fit 128 bits; operands that do not (large ints, ratios of floats) go through Python ints.
#include <cmath>
#include <cstdio>

#include "builtins/callable.h"
#include "builtins/int_internal.h"
#include "gc/gc.h"
#include "modules/datetime/datetime.h"

namespace krait::dt {

Type delta_type;

namespace {

constexpr int kMaxDays = 999999999;
constexpr int64_t kMicrosPerSecond = 1000000, kMicrosPerDay = 86400 * kMicrosPerSecond;

i128 floor_div(i128 a, i128 b) {
    i128 q = a / b;
    return q - (a % b != 0 && (a < 0) != (b < 0));
}
// a / b rounded half to even.
i128 divide_nearest(i128 a, i128 b) {
    i128 q = floor_div(a, b), r = a - q * b;  // r has the sign of b
    i128 twice = 2 * (r < 0 ? -r : r), size = b < 0 ? -b : b;
    return twice > size || (twice == size && (q & 1)) ? q + 1 : q;
}

// --- Python ints ---

Ref int_from_i128(Thread& t, i128 v) {
    if (v >= INT64_MIN && v <= INT64_MAX) return int_from(t, static_cast<int64_t>(v));
    return int_from_bytes(t, reinterpret_cast<unsigned char*>(&v), sizeof v, true, true);
}
// False: more than 126 bits.
bool int_to_i128(Thread& t, Value v, i128* out) {
    int64_t small;
    if (int_to_i64(v, &small)) {
        *out = small;
        return true;
    }
    if (int_bit_length(v) > 126) return false;
    return static_cast<bool>(
        int_to_bytes(t, v, reinterpret_cast<unsigned char*>(out), sizeof *out, true, true));
}
Ref divide_nearest(Thread& t, Value a, Value b) {
    Ref q = TRY(int_floor_div(t, a, b)), back = TRY(int_mul(t, q, b)), r = TRY(int_sub(t, a, back));
    Ref twice = TRY(int_lshift(t, r, Value::from_int(1)));
    int order = int_sign(b) < 0 ? -int_compare(twice, b) : int_compare(twice, b);
    bool odd = int_to_u64_wrapping(q) & 1;
    return order > 0 || (order == 0 && odd) ? int_add(t, q, Value::from_int(1)) : std::move(q);
}
Ref delta_from_int(Thread& t, Value micros, PyTypeObject* type) {
    i128 n;
    if (!int_to_i128(t, micros, &n))
        return raise(t, PyExc_OverflowError, "Python int too large to convert to C int");
    return delta_from_micros(t, n, type);
}

// --- the constructor ---

// The sum of the arguments, as far as it can be told: whole microseconds and a rest below one.
struct Sum {
    i128 whole = 0;
    double rest = 0;
    Ref big;  // when not empty, the whole part instead
};
Status add_int(Thread& t, Sum& sum, Value n, int64_t factor) {
    int64_t small;
    if (!sum.big && int_to_i64(n, &small)) {
        sum.whole += static_cast<i128>(small) * factor;  // at most seven terms of 103 bits
        return Status::ok();
    }
    if (!sum.big) sum.big = TRY(int_from_i128(t, sum.whole));
    Ref scale = TRY(int_from(t, factor)), product = TRY(int_mul(t, n, scale));
    sum.big = TRY(int_add(t, sum.big, product));
    return Status::ok();
}
Status add_part(Thread& t, Sum& sum, const char* name, Value v, int64_t factor) {
    if (!v) return Status::ok();
    if (is_long(v)) return add_int(t, sum, v, factor);
    if (!is_double(v))
        return raise(t, PyExc_TypeError, "unsupported type for timedelta %s component: %s", name,
                     type_of(v)->tp_name);
    double whole, fraction = std::modf(float_value(v), &whole);
    Ref n = TRY(int_from_double(t, whole));
    TRY(add_int(t, sum, n, factor));
    if (fraction == 0) return Status::ok();
    fraction = std::modf(fraction * static_cast<double>(factor), &whole);
    sum.rest += fraction;
    n = TRY(int_from_double(t, whole));
    return add_int(t, sum, n, 1);
}
// Rounds the rest half to even, which depends on the whole part.
Status round_rest(Thread& t, Sum& sum) {
    if (sum.rest == 0) return Status::ok();
    double whole = std::round(sum.rest);
    if (std::fabs(whole - sum.rest) == 0.5) {
        int odd = sum.big ? int_to_u64_wrapping(sum.big) & 1 : static_cast<int>(sum.whole & 1);
        whole = 2.0 * std::round((sum.rest + odd) * 0.5) - odd;
    }
    return add_int(t, sum, Value::from_int(static_cast<int64_t>(whole)), 1);
}

Ref tp_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    if (nargs == 1 && !kwnames && args[0].is_int() && args[0].as_int() >= -kMaxDays &&
        args[0].as_int() <= kMaxDays)
        return delta_new(t, args[0].as_int(), 0, 0, false, type);
    Value p[7];
    Ref keep;
    TRY(bind_args(t, "__new__",
                  "(days=0, seconds=0, microseconds=0, milliseconds=0, minutes=0, hours=0, weeks=0)", args,
                  nargs, kwnames, p, keep));
    static constexpr struct {
        const char* name;
        int argument;
        int64_t factor;
    } kParts[] = {{"microseconds", 2, 1},
                  {"milliseconds", 3, 1000},
                  {"seconds", 1, kMicrosPerSecond},
                  {"minutes", 4, 60 * kMicrosPerSecond},
                  {"hours", 5, 3600 * kMicrosPerSecond},
                  {"days", 0, kMicrosPerDay},
                  {"weeks", 6, 7 * kMicrosPerDay}};
    Sum sum;
    for (const auto& part : kParts) TRY(add_part(t, sum, part.name, p[part.argument], part.factor));
    TRY(round_rest(t, sum));
    return sum.big ? delta_from_int(t, sum.big, type) : delta_from_micros(t, sum.whole, type);
}

// --- arithmetic ---

Ref add(Thread& t, Value a, Value b) {
    if (!is_delta(a) || !is_delta(b)) return not_implemented_ref();
    const Delta *x = as_delta(a), *y = as_delta(b);
    return delta_new(t, x->days + y->days, x->seconds + y->seconds, x->microseconds + y->microseconds);
}
Ref subtract(Thread& t, Value a, Value b) {
    if (!is_delta(a) || !is_delta(b)) return not_implemented_ref();
    return delta_subtract(t, a, b);
}
Ref negate(Thread& t, Value v) {
    const Delta* d = as_delta(v);
    return delta_new(t, -d->days, -d->seconds, -d->microseconds);
}
Ref plus(Thread& t, Value v) {
    const Delta* d = as_delta(v);
    return delta_new(t, d->days, d->seconds, d->microseconds, false);
}
Ref absolute_value(Thread& t, Value v) { return as_delta(v)->days < 0 ? negate(t, v) : plus(t, v); }
Result<bool> truth(Thread&, Value v) { return !delta_is_zero(v); }

// delta * f or delta / f: by the exact ratio of f.
Ref scale_by_float(Thread& t, Value delta, Value f, bool divide) {
    Ref ratio = TRY(call_method(t, f, "as_integer_ratio"));
    if (!is_tuple(ratio))
        return raise(t, PyExc_TypeError,
                     "unexpected return type from as_integer_ratio(): expected tuple, not '%.200s'",
                     type_of(ratio)->tp_name);
    if (tuple_size(ratio) != 2) return raise(t, PyExc_ValueError, "as_integer_ratio() must return a 2-tuple");
    Value num = tuple_get(ratio, divide ? 1 : 0), den = tuple_get(ratio, divide ? 0 : 1);
    if (!is_long(tuple_get(ratio, 0)) || !is_long(tuple_get(ratio, 1)))
        return raise(t, PyExc_TypeError, "unsupported operand type(s) for *: 'int' and '%T'",
                     is_long(num) ? den : num);
    if (int_sign(den) == 0) return raise(t, PyExc_ZeroDivisionError, "division by zero");
    Ref micros = TRY(int_from_i128(t, delta_micros(delta)));
    Ref product = TRY(int_mul(t, micros, num)), result = TRY(divide_nearest(t, product, den));
    return delta_from_int(t, result, &delta_type);
}
Ref multiply_by_int(Thread& t, Value delta, Value n) {
    int64_t small;
    i128 product;
    if (int_to_i64(n, &small) &&
        !__builtin_mul_overflow(delta_micros(delta), static_cast<i128>(small), &product))
        return delta_from_micros(t, product);
    Ref micros = TRY(int_from_i128(t, delta_micros(delta))), big = TRY(int_mul(t, micros, n));
    return delta_from_int(t, big, &delta_type);
}
Ref multiply(Thread& t, Value a, Value b) {
    if (!is_delta(a)) std::swap(a, b);
    if (!is_delta(a)) return not_implemented_ref();
    if (is_long(b)) return multiply_by_int(t, a, b);
    if (is_double(b)) return scale_by_float(t, a, b, false);
    return not_implemented_ref();
}
Raised zero_division(Thread& t) { return raise(t, PyExc_ZeroDivisionError, "division by zero"); }

Ref floor_divide(Thread& t, Value a, Value b) {
    if (!is_delta(a)) return not_implemented_ref();
    if (is_delta(b)) {
        if (delta_is_zero(b)) return zero_division(t);
        return int_from_i128(t, floor_div(delta_micros(a), delta_micros(b)));
    }
    if (!is_long(b)) return not_implemented_ref();
    if (int_sign(b) == 0) return zero_division(t);
    i128 n;
    if (int_to_i128(t, b, &n)) return delta_from_micros(t, floor_div(delta_micros(a), n));
    // Beyond any timedelta: the quotient is 0 or -1.
    bool negative = delta_micros(a) != 0 && (delta_micros(a) < 0) != (int_sign(b) < 0);
    return delta_from_micros(t, negative ? -1 : 0);
}
Ref true_divide(Thread& t, Value a, Value b) {
    if (!is_delta(a)) return not_implemented_ref();
    if (is_delta(b)) {
        if (delta_is_zero(b)) return zero_division(t);
        Ref x = TRY(int_from_i128(t, delta_micros(a))), y = TRY(int_from_i128(t, delta_micros(b)));
        return int_true_div(t, x, y);
    }
    if (is_double(b)) return scale_by_float(t, a, b, true);
    if (!is_long(b)) return not_implemented_ref();
    if (int_sign(b) == 0) return zero_division(t);
    i128 n;
    if (int_to_i128(t, b, &n) && n < (i128{1} << 120) && n > -(i128{1} << 120))
        return delta_from_micros(t, divide_nearest(delta_micros(a), n));
    return delta_from_micros(t, 0);
}
Ref remainder(Thread& t, Value a, Value b) {
    if (!is_delta(a) || !is_delta(b)) return not_implemented_ref();
    if (delta_is_zero(b)) return zero_division(t);
    i128 x = delta_micros(a), y = delta_micros(b);
    return delta_from_micros(t, x - floor_div(x, y) * y);
}
Ref divide_with_rest(Thread& t, Value a, Value b) {
    if (!is_delta(a) || !is_delta(b)) return not_implemented_ref();
    if (delta_is_zero(b)) return zero_division(t);
    i128 x = delta_micros(a), y = delta_micros(b), q = floor_div(x, y);
    Ref quotient = TRY(int_from_i128(t, q)), rest = TRY(delta_from_micros(t, x - q * y));
    return tuple_of(t, {quotient, rest});
}

Ref compare_slot(Thread&, Value a, Value b, CompareOp op) {
    if (!is_delta(a) || !is_delta(b)) return not_implemented_ref();
    int order = delta_compare(a, b);
    return bool_ref(holds(op, order));
}

// --- text and the rest ---

Ref repr_slot(Thread& t, Value v) {
    const Delta* d = as_delta(v);
    StrBuilder out(t);
    TRY(out.ascii(type_of(v)->tp_name));
    TRY(out.put('('));
    const struct {
        const char* name;
        int value;
    } parts[] = {{"days", d->days}, {"seconds", d->seconds}, {"microseconds", d->microseconds}};
    bool any = false;
    for (const auto& part : parts) {
        if (part.value == 0) continue;
        char text[48];
        int n = snprintf(text, sizeof text, "%s%s=%d", any ? ", " : "", part.name, part.value);
        TRY(out.ascii(text, static_cast<size_t>(n)));
        any = true;
    }
    if (!any) TRY(out.put('0'));
    TRY(out.put(')'));
    return out.finish();
}
Ref str_slot(Thread& t, Value v) {
    const Delta* d = as_delta(v);
    char text[64];
    int n = 0;
    if (d->days)
        n = snprintf(text, sizeof text, "%d day%s, ", d->days, d->days == 1 || d->days == -1 ? "" : "s");
    n += snprintf(text + n, sizeof text - static_cast<size_t>(n), "%d:%02d:%02d", d->seconds / 3600,
                  d->seconds / 60 % 60, d->seconds % 60);
    if (d->microseconds)
        n += snprintf(text + n, sizeof text - static_cast<size_t>(n), ".%06d", d->microseconds);
    return str_from(t, text, static_cast<size_t>(n));
}
Ref state_of(Thread& t, Value v) {
    const Delta* d = as_delta(v);
    return tuple_of(
        t, {Value::from_int(d->days), Value::from_int(d->seconds), Value::from_int(d->microseconds)});
}
Ref reduce(Thread& t, Value self) {
    Ref state = TRY(state_of(t, self));
    return tuple_of(t, {Value(type_of(self)), state});
}
void dealloc_slot(Thread& t, PyObject* o) { free_object(t, o); }

const NativeDef methods[] = {
    def<delta_total_seconds>("total_seconds", "()", "Total seconds in the duration."),
    def<reduce>("__reduce__", "()", "The state for pickle."),
    {}};
const MemberDef members[] = {
    member("days", MemberKind::Int, offsetof(Delta, days), kReadonly, "Number of days."),
    member("seconds", MemberKind::Int, offsetof(Delta, seconds), kReadonly,
           "Number of seconds (>= 0 and less than 1 day)."),
    member("microseconds", MemberKind::Int, offsetof(Delta, microseconds), kReadonly,
           "Number of microseconds (>= 0 and less than 1 second)."),
    {}};

}  // namespace

Ref delta_new(Thread& t, int64_t days, int64_t seconds, int64_t micros, bool normalize, PyTypeObject* type) {
    if (normalize) {
        int64_t carry = micros / kMicrosPerSecond;
        micros %= kMicrosPerSecond;
        if (micros < 0) micros += kMicrosPerSecond, carry--;
        seconds += carry;
        carry = seconds / 86400;
        seconds %= 86400;
        if (seconds < 0) seconds += 86400, carry--;
        days += carry;
    }
    if (days < -kMaxDays || days > kMaxDays)
        return raise(t, PyExc_OverflowError, "days=%lld; must have magnitude <= %d",
                     static_cast<long long>(days), kMaxDays);
    auto* d = new_object<Delta>(t, type, delta_type);
    if (!d) return {};
    d->days = static_cast<int32_t>(days);
    d->seconds = static_cast<int32_t>(seconds);
    d->microseconds = static_cast<int32_t>(micros);
    return owned(d);
}
i128 delta_micros(Value v) {
    const Delta* d = as_delta(v);
    return (static_cast<i128>(d->days) * 86400 + d->seconds) * kMicrosPerSecond + d->microseconds;
}
Ref delta_from_micros(Thread& t, i128 micros, PyTypeObject* type) {
    i128 days = floor_div(micros, kMicrosPerDay);
    auto rest = static_cast<int64_t>(micros - days * kMicrosPerDay);
    if (days < INT32_MIN || days > INT32_MAX)
        return raise(t, PyExc_OverflowError, "Python int too large to convert to C int");
    return delta_new(t, static_cast<int64_t>(days), rest / kMicrosPerSecond, rest % kMicrosPerSecond, false,
                     type);
}
Ref delta_total_seconds(Thread& t, Value self) {
    i128 micros = delta_micros(self);
    constexpr i128 kExact = i128{1} << 53;
    if (micros <= kExact && micros >= -kExact) return float_from(t, static_cast<double>(micros) / 1e6);
    Ref n = TRY(int_from_i128(t, micros));
    return int_true_div(t, n, Value::from_int(kMicrosPerSecond));
}
Ref delta_subtract(Thread& t, Value a, Value b) {
    const Delta *x = as_delta(a), *y = as_delta(b);
    return delta_new(t, x->days - y->days, x->seconds - y->seconds, x->microseconds - y->microseconds);
}
Result<int64_t> delta_hash(Thread& t, Value self) {
    Delta* d = as_delta(self);
    if (d->hashcode == -1) {
        Ref state = TRY(state_of(t, self));
        d->hashcode = TRY(hash(t, state));
    }
    return d->hashcode;
}

Status add_delta(Thread& t, Value module) {
    static const TypeDecl decl{
        .name = "datetime.timedelta",
        .basicsize = sizeof(Delta),
        .flags = kTpDefault | kTpBaseType,
        .slots = {.dealloc = dealloc_slot,
                  .repr = repr_slot,
                  .str = str_slot,
                  .hash = delta_hash,
                  .richcompare = compare_slot,
                  .new_ = tp_new,
                  .nb_add = add,
                  .nb_subtract = subtract,
                  .nb_multiply = multiply,
                  .nb_remainder = remainder,
                  .nb_divmod = divide_with_rest,
                  .nb_negative = negate,
                  .nb_positive = plus,
                  .nb_absolute = absolute_value,
                  .nb_bool = truth,
                  .nb_floor_divide = floor_divide,
                  .nb_true_divide = true_divide},
        .spec = {
            .methods = methods,
            .members = members,
            .doc = "A duration.\n\ntimedelta(days=0, seconds=0, microseconds=0, milliseconds=0, minutes=0, "
                   "hours=0, weeks=0)\n\nAll arguments are optional, ints or floats, and may be negative."}};
    return add_static_type(t, module, delta_type, decl);
}

}  // namespace krait::dt
