#include "modules/datetime/calendar.h"

namespace krait::dt {

Day from_ordinal(int ordinal) {
    constexpr int kPer400 = 146097, kPer100 = 36524, kPer4 = 1461;
    int n = ordinal - 1;
    int n400 = n / kPer400;
    n %= kPer400;
    int n100 = n / kPer100;
    n %= kPer100;
    int n4 = n / kPer4;
    n %= kPer4;
    int n1 = n / 365;
    n %= 365;
    int year = n400 * 400 + n100 * 100 + n4 * 4 + n1 + 1;
    if (n1 == 4 || n100 == 4) return {year - 1, 12, 31};  // last day of a leap year
    int month = (n + 50) >> 5;                            // right, or one too far
    if (days_before_month(year, month) > n) month--;
    return {year, month, n - days_before_month(year, month) + 1};
}

namespace {
// Ordinal of the Monday that starts week 1: the week with the first Thursday.
int iso_week1_monday(int year) {
    int first = to_ordinal(year, 1, 1), day = (first + 6) % 7;
    int monday = first - day;
    return day > 3 ? monday + 7 : monday;
}
}  // namespace

IsoDay iso_day(int year, int month, int day) {
    int today = to_ordinal(year, month, day), start = iso_week1_monday(year);
    int offset = today - start, week = offset >= 0 ? offset / 7 : -1, weekday = (today + 6) % 7;
    if (week < 0) {
        year--;
        week = (today - iso_week1_monday(year)) / 7;
    } else if (week >= 52 && today >= iso_week1_monday(year + 1)) {
        year++;
        week = 0;
    }
    return {year, week + 1, weekday + 1};
}

IsoError from_iso(IsoDay iso, Day* out) {
    if (iso.year < kMinYear || iso.year > kMaxYear) return IsoError::Year;
    if (iso.week <= 0 || iso.week >= 53) {
        bool ok = false;
        if (iso.week == 53) {
            // Long years start on a Thursday, or on a Wednesday when they are leap years.
            int first = weekday(iso.year, 1, 1);
            ok = first == 3 || (first == 2 && is_leap(iso.year));
        }
        if (!ok) return IsoError::Week;
    }
    if (iso.weekday <= 0 || iso.weekday >= 8) return IsoError::Weekday;
    int ordinal = iso_week1_monday(iso.year) + (iso.week - 1) * 7 + iso.weekday - 1;
    if (ordinal < 1 || ordinal > kMaxOrdinal) {
        // Days before year 1 or after 9999 keep a year that the constructor refuses.
        if (ordinal > kMaxOrdinal)
            *out = {kMaxYear + 1, 1, ordinal - kMaxOrdinal};
        else
            *out = {0, 12, 31 + ordinal};
        return IsoError::None;
    }
    *out = from_ordinal(ordinal);
    return IsoError::None;
}

}  // namespace krait::dt
