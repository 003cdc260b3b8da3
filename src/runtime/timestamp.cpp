#include "runtime/timestamp.h"

#include <cmath>

#include "builtins/number.h"
#include "object/protocol.h"

namespace krait {

namespace {

constexpr char kPyTime[] = "C PyTime_t", kTimeT[] = "platform time_t";

Raised out_of_range(Thread& t, const char* type) {
    return raise(t, PyExc_OverflowError, "timestamp out of range for %s", type);
}
bool fits(double x) { return x >= -0x1p63 && x < 0x1p63; }

Result<double> not_nan(Thread& t, Value number) {
    double d = float_value(number);
    if (std::isnan(d)) return raise(t, PyExc_ValueError, "Invalid value NaN (not a number)");
    return d;
}
Result<int64_t> whole_number(Thread& t, Value number, const char* type) {
    Ref n = TRY(index(t, number));
    int64_t whole;
    if (!int_to_i64(n, &whole)) return out_of_range(t, type);
    return whole;
}

}  // namespace

double rounded(double x, Rounding how) {
    switch (how) {
        case Rounding::Floor:
            return std::floor(x);
        case Rounding::Ceiling:
            return std::ceil(x);
        case Rounding::HalfEven:
            return std::nearbyint(x);
        case Rounding::Up:
            return x >= 0 ? std::ceil(x) : std::floor(x);
    }
    return x;
}

int64_t divided(int64_t value, int64_t by, Rounding how) {
    int64_t low = value / by - (value % by < 0), rest = value - low * by;
    bool up = rest != 0;
    if (how == Rounding::Floor) up = false;
    if (how == Rounding::HalfEven) up = rest > by - rest || (rest == by - rest && low % 2 != 0);
    if (how == Rounding::Up) up = rest != 0 && value >= 0;
    return low + up;
}

int64_t monotonic_ns() {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * kNsPerSecond + now.tv_nsec;
}
int64_t monotonic_ns_after(int64_t ns) {
    int64_t at;
    return __builtin_add_overflow(monotonic_ns(), ns, &at) ? INT64_MAX : at;
}
timespec timespec_from_ns(int64_t ns) {
    int64_t seconds = divided(ns, kNsPerSecond, Rounding::Floor);
    return {seconds, ns - seconds * kNsPerSecond};
}

Result<int64_t> ns_from_double(Thread& t, double number, Rounding how, int64_t unit) {
    double ns = rounded(number * static_cast<double>(unit), how);
    if (!fits(ns)) return out_of_range(t, kPyTime);
    return static_cast<int64_t>(ns);
}
Result<int64_t> ns_from_number(Thread& t, Value number, Rounding how, int64_t unit) {
    if (is_double(number)) return ns_from_double(t, TRY(not_nan(t, number)), how, unit);
    if (!is_index(number))
        return raise(t, PyExc_TypeError, "'%#T' object cannot be interpreted as an integer or float", number);
    int64_t ns, whole = TRY(whole_number(t, number, kPyTime));
    if (__builtin_mul_overflow(whole, unit, &ns)) return out_of_range(t, kPyTime);
    return ns;
}

Result<time_t> time_t_from_number(Thread& t, Value number, Rounding how) {
    if (!is_double(number)) return whole_number(t, number, kTimeT);
    double seconds = rounded(TRY(not_nan(t, number)), how);
    if (!fits(seconds)) return out_of_range(t, kTimeT);
    return static_cast<time_t>(seconds);
}

Result<TimeParts> time_parts_from_number(Thread& t, Value number, int64_t per_second, Rounding how) {
    if (!is_double(number)) {
        if (!is_index(number))
            return raise(t, PyExc_TypeError, "argument must be int or float, not %#T", number);
        return TimeParts{TRY(whole_number(t, number, kTimeT)), 0};
    }
    double seconds, parts = std::modf(TRY(not_nan(t, number)), &seconds);
    auto all = static_cast<double>(per_second);
    parts = rounded(parts * all, how);
    if (parts >= all) {
        parts -= all;
        seconds += 1;
    } else if (parts < 0) {
        parts += all;
        seconds -= 1;
    }
    if (!fits(seconds)) return out_of_range(t, kTimeT);
    return TimeParts{static_cast<time_t>(seconds), static_cast<int64_t>(parts)};
}

}  // namespace krait
