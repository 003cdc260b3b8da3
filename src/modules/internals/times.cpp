// Of _testinternalcapi: times from and to numbers, in each of the ways of rounding that C programs can ask
// for.
#include "builtins/number.h"
#include "builtins/tuple.h"
#include "modules/internals/internals.h"
#include "object/protocol.h"
#include "runtime/timestamp.h"

namespace krait::internals {
namespace {

Result<Rounding> rounding(Thread& t, Value v) {
    int n = TRY(as_int32(t, v));
    if (n < 0 || n > static_cast<int>(Rounding::Up)) return raise(t, PyExc_ValueError, "invalid rounding");
    return static_cast<Rounding>(n);
}

Ref from_seconds(Thread& t, Value, Value v) {
    int seconds = TRY(as_int32(t, v));
    return int_from(t, seconds * kNsPerSecond);
}

Ref from_seconds_object(Thread& t, Value, const Value* args, size_t) {
    return int_from(t, TRY(ns_from_number(t, args[0], TRY(rounding(t, args[1])))));
}

// The nanoseconds that an argument is.
Result<int64_t> nanoseconds(Thread& t, Value v) {
    if (!is_long(v)) return raise(t, PyExc_TypeError, "expect int, got %T", v);
    int64_t ns;
    if (!int_to_i64(v, &ns)) return raise(t, PyExc_OverflowError, "timestamp out of range for C PyTime_t");
    return ns;
}

template <int64_t Unit>
Ref as_units(Thread& t, Value, const Value* args, size_t) {
    int64_t ns = TRY(nanoseconds(t, args[0]));
    return int_from(t, divided(ns, Unit, TRY(rounding(t, args[1]))));
}

Ref parts(Thread& t, int64_t value, int64_t per_second) {
    int64_t seconds = divided(value, per_second, Rounding::Floor);
    return tuple_of(t,
                    {TRY(int_from(t, seconds)).get(), TRY(int_from(t, value - seconds * per_second)).get()});
}
Ref as_timeval(Thread& t, Value, const Value* args, size_t) {
    int64_t ns = TRY(nanoseconds(t, args[0]));
    return parts(t, divided(ns, 1000, TRY(rounding(t, args[1]))), kNsPerSecond / 1000);
}
Ref as_timespec(Thread& t, Value, Value v) { return parts(t, TRY(nanoseconds(t, v)), kNsPerSecond); }

Ref to_time_t(Thread& t, Value, const Value* args, size_t) {
    return int_from(t, TRY(time_t_from_number(t, args[0], TRY(rounding(t, args[1])))));
}

// (seconds, fraction in units of 1 / PerSecond), the fraction never negative.
template <int64_t PerSecond>
Ref to_parts(Thread& t, Value, const Value* args, size_t) {
    TimeParts time = TRY(time_parts_from_number(t, args[0], PerSecond, TRY(rounding(t, args[1]))));
    return tuple_of(t, {TRY(int_from(t, time.seconds)).get(), TRY(int_from(t, time.parts)).get()});
}

}  // namespace

const NativeDef kTimeFunctions[] = {
    def<from_seconds>("_PyTime_FromSeconds", "(seconds, /)", nullptr),
    def<from_seconds_object>("_PyTime_FromSecondsObject", "(seconds, rounding, /)", nullptr),
    def<as_units<1'000'000>>("_PyTime_AsMilliseconds", "(ns, rounding, /)", nullptr),
    def<as_units<1'000>>("_PyTime_AsMicroseconds", "(ns, rounding, /)", nullptr),
    def<as_timeval>("_PyTime_AsTimeval", "(ns, rounding, /)", nullptr),
    def<as_timeval>("_PyTime_AsTimeval_clamp", "(ns, rounding, /)", nullptr),
    def<as_timespec>("_PyTime_AsTimespec", "(ns, /)", nullptr),
    def<as_timespec>("_PyTime_AsTimespec_clamp", "(ns, /)", nullptr),
    def<to_time_t>("_PyTime_ObjectToTime_t", "(seconds, rounding, /)", nullptr),
    def<to_parts<1'000'000>>("_PyTime_ObjectToTimeval", "(seconds, rounding, /)", nullptr),
    def<to_parts<1'000'000'000>>("_PyTime_ObjectToTimespec", "(seconds, rounding, /)", nullptr),
    {},
};

}  // namespace krait::internals
