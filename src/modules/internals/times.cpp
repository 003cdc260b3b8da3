// Of _testinternalcapi: times from and to numbers, in each of the ways of rounding that C programs can ask
// for.
#include <cmath>

#include "builtins/number.h"
#include "builtins/tuple.h"
#include "modules/internals/internals.h"
#include "object/protocol.h"

namespace krait::internals {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

enum class Round : int { Floor, Ceiling, HalfEven, Up };

Result<Round> rounding(Thread& t, Value v) {
    int n = TRY(as_int32(t, v));
    if (n < 0 || n > static_cast<int>(Round::Up)) return raise(t, PyExc_ValueError, "invalid rounding");
    return static_cast<Round>(n);
}

double rounded(double x, Round how) {
    switch (how) {
        case Round::Floor:
            return std::floor(x);
        case Round::Ceiling:
            return std::ceil(x);
        case Round::HalfEven:
            return std::nearbyint(x);
        case Round::Up:
            return x >= 0 ? std::ceil(x) : std::floor(x);
    }
    return x;
}

int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

int64_t divided(int64_t value, int64_t by, Round how) {
    int64_t low = floor_div(value, by), rest = value - low * by;
    bool up = rest != 0;
    if (how == Round::Floor) up = false;
    if (how == Round::HalfEven) up = rest * 2 > by || (rest * 2 == by && low % 2 != 0);
    if (how == Round::Up) up = rest != 0 && value >= 0;
    return low + up;
}

Raised too_large(Thread& t, const char* type) {
    return raise(t, PyExc_OverflowError, "timestamp out of range for %s", type);
}
constexpr char kTime[] = "C PyTime_t", kPlatform[] = "platform time_t";

bool fits(double x) { return x >= -0x1p63 && x < 0x1p63; }

Result<double> number(Thread& t, Value v) {
    double d = float_value(v);
    if (std::isnan(d)) return raise(t, PyExc_ValueError, "Invalid value NaN (not a number)");
    return d;
}
Result<int64_t> whole(Thread& t, Value v, const char* type) {
    Ref n = TRY(index(t, v));
    int64_t seconds;
    if (!int_to_i64(n, &seconds)) return too_large(t, type);
    return seconds;
}

Ref from_seconds(Thread& t, Value, Value v) {
    int seconds = TRY(as_int32(t, v));
    return int_from(t, seconds * kSecond);
}

Ref from_seconds_object(Thread& t, Value, const Value* args, size_t) {
    Round how = TRY(rounding(t, args[1]));
    if (is_double(args[0])) {
        double d = rounded(TRY(number(t, args[0])) * static_cast<double>(kSecond), how);
        if (!fits(d)) return too_large(t, kTime);
        return int_from(t, static_cast<int64_t>(d));
    }
    if (!is_index(args[0]))
        return raise(t, PyExc_TypeError, "'%T' object cannot be interpreted as an integer or float", args[0]);
    int64_t seconds = TRY(whole(t, args[0], kTime)), ns;
    if (__builtin_mul_overflow(seconds, kSecond, &ns)) return too_large(t, kTime);
    return int_from(t, ns);
}

// The nanoseconds that an argument is.
Result<int64_t> nanoseconds(Thread& t, Value v) {
    if (!is_long(v)) return raise(t, PyExc_TypeError, "expect int, got %T", v);
    int64_t ns;
    if (!int_to_i64(v, &ns)) return too_large(t, kTime);
    return ns;
}

template <int64_t Unit>
Ref as_units(Thread& t, Value, const Value* args, size_t) {
    int64_t ns = TRY(nanoseconds(t, args[0]));
    return int_from(t, divided(ns, Unit, TRY(rounding(t, args[1]))));
}

Ref parts(Thread& t, int64_t value, int64_t per_second) {
    int64_t seconds = floor_div(value, per_second);
    return tuple_of(t,
                    {TRY(int_from(t, seconds)).get(), TRY(int_from(t, value - seconds * per_second)).get()});
}
Ref as_timeval(Thread& t, Value, const Value* args, size_t) {
    int64_t ns = TRY(nanoseconds(t, args[0]));
    return parts(t, divided(ns, 1000, TRY(rounding(t, args[1]))), kSecond / 1000);
}
Ref as_timespec(Thread& t, Value, Value v) { return parts(t, TRY(nanoseconds(t, v)), kSecond); }

Ref to_time_t(Thread& t, Value, const Value* args, size_t) {
    Round how = TRY(rounding(t, args[1]));
    if (!is_double(args[0])) return int_from(t, TRY(whole(t, args[0], kPlatform)));
    double d = rounded(TRY(number(t, args[0])), how);
    if (!fits(d)) return too_large(t, kPlatform);
    return int_from(t, static_cast<int64_t>(d));
}

// (seconds, fraction in units of 1 / PerSecond), the fraction never negative.
template <int64_t PerSecond>
Ref to_parts(Thread& t, Value, const Value* args, size_t) {
    Round how = TRY(rounding(t, args[1]));
    if (!is_double(args[0])) {
        if (!is_index(args[0]))
            return raise(t, PyExc_TypeError, "argument must be int or float, not %T", args[0]);
        Ref seconds = TRY(int_from(t, TRY(whole(t, args[0], kPlatform))));
        return tuple_of(t, {seconds, Value::from_int(0)});
    }
    double seconds, fraction = std::modf(TRY(number(t, args[0])), &seconds);
    constexpr auto per_second = static_cast<double>(PerSecond);
    fraction = rounded(fraction * per_second, how);
    if (fraction >= per_second) {
        fraction -= per_second;
        seconds += 1;
    } else if (fraction < 0) {
        fraction += per_second;
        seconds -= 1;
    }
    if (!fits(seconds)) return too_large(t, kPlatform);
    Ref whole_seconds = TRY(int_from(t, static_cast<int64_t>(seconds)));
    return tuple_of(t, {whole_seconds, Value::from_int(static_cast<int64_t>(fraction))});
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
