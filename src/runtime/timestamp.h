// Times as C programs and timeouts take them: int64_t nanoseconds (CPython's PyTime_t), from the floats and
// ints that Python programs give, with the way of rounding that each caller names. Source: observed behaviour
// of CPython 3.14 (Lib/test/test_time.py tests the same rules).
#pragma once

#include <cstdint>
#include <ctime>

#include "object/errors.h"

namespace krait {

inline constexpr int64_t kNsPerSecond = 1'000'000'000;
inline constexpr int64_t kNsPerMillisecond = 1'000'000;
inline constexpr int64_t kNsPerMicrosecond = 1'000;

// The numbers are those of _PyTime_round_t.
enum class Rounding : int { Floor, Ceiling, HalfEven, Up /* away from zero */ };

// Of timeouts: one that is not zero never becomes zero.
inline constexpr Rounding kTimeoutRounding = Rounding::Up;

double rounded(double x, Rounding how);
int64_t divided(int64_t value, int64_t by, Rounding how);  // by > 0

int64_t monotonic_ns();
int64_t monotonic_ns_after(int64_t ns);  // that many from now; INT64_MAX where there is no such time
timespec timespec_from_ns(int64_t ns);   // tv_nsec is never negative

// A float or an int of `unit` nanoseconds. OverflowError if they do not fit, ValueError for a NaN, TypeError
// for what is neither.
Result<int64_t> ns_from_number(Thread& t, Value number, Rounding how, int64_t unit = kNsPerSecond);

// The same of a double; a NaN is out of range here.
Result<int64_t> ns_from_double(Thread& t, double number, Rounding how, int64_t unit = kNsPerSecond);

// Seconds as time_t, with the same errors. An object without __index__() is index()'s error.
Result<time_t> time_t_from_number(Thread& t, Value number, Rounding how);

// Whole seconds and how many of `per_second` parts, which are never negative.
struct TimeParts {
    time_t seconds;
    int64_t parts;
};
Result<TimeParts> time_parts_from_number(Thread& t, Value number, int64_t per_second, Rounding how);

}  // namespace krait
