// The proleptic Gregorian calendar as arithmetic; no objects.
#pragma once

#include <cstdint>

namespace krait::dt {

inline constexpr int kMinYear = 1, kMaxYear = 9999, kMaxOrdinal = 3652059;

inline bool is_leap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }
inline int days_in_month(int year, int month) {
    constexpr signed char kDays[] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : kDays[month];
}
inline int days_before_month(int year, int month) {
    constexpr short kDays[] = {0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    return kDays[month] + (month > 2 && is_leap(year));
}
inline int days_before_year(int year) {
    int y = year - 1;
    return y * 365 + y / 4 - y / 100 + y / 400;
}
// Ordinals: January 1 of year 1 is day 1. Also right for year 0.
inline int to_ordinal(int year, int month, int day) {
    return (year == 0 ? -366 : days_before_year(year)) + days_before_month(year, month) + day;
}
struct Day {
    int year, month, day;
};
Day from_ordinal(int ordinal);
inline int weekday(int year, int month, int day) {
    return (to_ordinal(year, month, day) + 6) % 7;
}  // Monday 0

struct IsoDay {
    int year, week, weekday;  // 1 to 53, Monday 1
};
IsoDay iso_day(int year, int month, int day);
// What an ISO week and day stand for: 0, or which part is out of range.
enum class IsoError { None, Year, Week, Weekday };
IsoError from_iso(IsoDay iso, Day* out);

}  // namespace krait::dt
