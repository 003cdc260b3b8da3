#include "modules/zoneinfo/rules.h"

#include <algorithm>

#include "modules/datetime/calendar.h"

namespace krait::zoneinfo {
namespace {

constexpr int kEpochOrdinal = 719163, kDay = 86400, kHour = 3600;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }

// Between `least` and `most` digits at p, moving it behind them.
bool number(const char*& p, int least, int most, int* out) {
    int n = 0;
    for (*out = 0; n < most && is_digit(*p); n++) *out = *out * 10 + (*p++ - '0');
    return n >= least;
}
int sign(const char*& p) { return *p == '-' ? (p++, -1) : *p == '+' ? (p++, 1) : 1; }

// [h]hh[:mm[:ss]] with an hour of at most `max_hours`.
bool clock_seconds(const char*& p, int max_hours, int* out) {
    int s = sign(p), hours, minutes = 0, seconds = 0;
    if (!number(p, 1, 3, &hours) || hours > max_hours) return false;
    if (*p == ':' && !number(++p, 2, 2, &minutes)) return false;
    if (*p == ':' && !number(++p, 2, 2, &seconds)) return false;
    *out = s * (hours * kHour + minutes * 60 + seconds);
    return true;
}

// Letters, or anything like <+03>.
bool abbreviation(const char*& p, std::string* out) {
    const char* start = p;
    if (*p == '<') {
        start = ++p;
        while (is_letter(*p) || is_digit(*p) || *p == '+' || *p == '-') p++;
        if (*p != '>' || p == start) return false;
        out->assign(start, p++);
        return true;
    }
    while (is_letter(*p)) p++;
    out->assign(start, p);
    return p != start;
}

bool yearly_date(const char*& p, YearlyDate* out) {
    if (*p == 'M') {
        out->kind = YearlyDate::Kind::MonthWeekDay;
        if (!number(++p, 1, 2, &out->month) || *p++ != '.') return false;
        if (!number(p, 1, 1, &out->week) || *p++ != '.') return false;
        if (!number(p, 1, 1, &out->day)) return false;
        if (out->month < 1 || out->month > 12 || out->week < 1 || out->week > 5 || out->day > 6) return false;
    } else {
        bool julian = *p == 'J';
        if (julian) p++;
        out->kind = julian ? YearlyDate::Kind::Julian : YearlyDate::Kind::ZeroBased;
        if (!number(p, 1, 3, &out->day) || out->day < julian || out->day > 365) return false;
    }
    return *p != '/' || clock_seconds(++p, 167, &out->seconds);
}

bool within(int64_t t, int64_t start, int64_t end) {
    return start < end ? t >= start && t < end : t < end || t >= start;
}

// What dst() gives for a kind: the difference to the standard time before it, or after it.
int64_t guessed_dst(const Transitions& tr, const std::vector<LocalTime>& kinds, size_t i) {
    const LocalTime& own = kinds[static_cast<size_t>(tr.kind[i])];
    const LocalTime& before = kinds[static_cast<size_t>(tr.kind[i - 1])];
    int64_t dst = before.is_dst ? 0 : own.offset - before.offset;
    bool last_kind = static_cast<size_t>(tr.kind[i]) + 1 >= kinds.size();
    if (dst || last_kind || i + 1 >= tr.kind.size()) return dst;
    const LocalTime& after = kinds[static_cast<size_t>(tr.kind[i + 1])];
    return after.is_dst ? 0 : own.offset - after.offset;
}

}  // namespace

int64_t YearlyDate::in_year(int year) const {
    int64_t first = dt::days_before_year(year) - kEpochOrdinal, d;  // days to the end of the year before
    if (kind == Kind::MonthWeekDay) {
        int first_weekday = dt::weekday(year, month, 1);  // Monday 0, while `day` counts from Sunday
        int month_day = (day - (first_weekday + 1) + 14) % 7 + 1 + (week - 1) * 7;
        if (month_day > dt::days_in_month(year, month)) month_day -= 7;  // week 5 is the last one
        d = first + dt::days_before_month(year, month) + month_day;
    } else {
        d = first + day;  // a zero-based day falls a day early in CPython
        if (kind == Kind::Julian && day >= 60 && dt::is_leap(year)) d++;  // February 29 is never counted
    }
    return d * kDay + seconds;
}

bool PosixRule::is_dst_local(int64_t local, int year, int fold) const {
    int64_t first = start.in_year(year), last = end.in_year(year), shift = dst_offset - std_offset;
    // Around both transitions a span of |shift| is read twice or never; fold says which reading is meant.
    if ((fold != 0) == (shift >= 0))
        last -= shift;
    else
        first += shift;
    return within(local, first, last);
}
PosixRule::Answer PosixRule::at_utc(int64_t utc, int year) const {
    int64_t first = start.in_year(year) - std_offset, last = end.in_year(year) - dst_offset;
    int64_t shift = dst_offset - std_offset;
    int64_t ambiguous = shift > 0 ? last : first, ambiguous_end = ambiguous + (shift > 0 ? shift : -shift);
    return {within(utc, first, last), utc >= ambiguous && utc < ambiguous_end};
}

const char* parse_posix_rule(const char* p, PosixRule* out) {
    if (!abbreviation(p, &out->std_name)) return "Invalid STD format in ";
    // POSIX counts offsets to the west.
    if (!clock_seconds(p, 24, &out->std_offset)) return "Invalid STD offset in ";
    out->std_offset = -out->std_offset;
    if (!*p) return nullptr;
    if (!abbreviation(p, &out->dst_name)) return "Invalid DST format in ";
    if (*p == ',') {
        out->dst_offset = out->std_offset + kHour;
    } else {
        if (!clock_seconds(p, 24, &out->dst_offset)) return "Invalid DST offset in ";
        out->dst_offset = -out->dst_offset;
    }
    for (YearlyDate* date : {&out->start, &out->end}) {
        if (*p != ',') return "Missing transition rules in TZ string: ";
        if (!yearly_date(++p, date)) return "Malformed transition rule in TZ string: ";
    }
    if (*p) return "Extraneous characters at end of TZ string: ";
    out->has_dst = true;
    return nullptr;
}

int64_t count_up_to(const std::vector<int64_t>& sorted, int64_t value) {
    return std::upper_bound(sorted.begin(), sorted.end(), value) - sorted.begin();
}

void Transitions::derive(std::vector<LocalTime>& kinds) {
    auto all = std::count_if(kinds.begin(), kinds.end(), [](const LocalTime& k) { return k.is_dst; });
    long found = 0;
    size_t i = 1;
    for (; i < kind.size() && found < all; i++) {
        LocalTime& own = kinds[static_cast<size_t>(kind[i])];
        if (!own.is_dst || own.dst_offset) continue;
        own.dst_offset = guessed_dst(*this, kinds, i);
        found += own.dst_offset != 0;
    }
    if (found < all)
        for (LocalTime& k : kinds)
            if (k.is_dst && !k.dst_offset) k.dst_offset = kHour;  // a better guess than none

    for (auto& l : local) l = utc;
    for (size_t n = 0; n < utc.size(); n++) {
        int64_t before = kinds[n ? static_cast<size_t>(kind[n - 1]) : 0].offset;
        int64_t after = kinds[static_cast<size_t>(kind[n])].offset;
        local[0][n] += std::max(before, after);
        local[1][n] += std::min(before, after);
    }
}

}  // namespace krait::zoneinfo
