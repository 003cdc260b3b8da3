// Reading ISO 8601 as the fromisoformat() methods do: leniently in the ways that CPython is lenient.
#include "modules/datetime/datetime.h"

namespace krait::dt {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// `n` digits at p, moving it behind them.
bool digits(const char*& p, int n, int* out) {
    int value = 0;
    for (int i = 0; i < n; i++, p++) {
        if (!is_digit(*p)) return false;
        value = value * 10 + (*p - '0');
    }
    *out = value;
    return true;
}

enum class Rest { None, Some, Bad };  // what stands behind a time of day

Rest read_fraction(const char* p, const char* end, int* microsecond) {
    int n = end - p >= 6 ? 6 : static_cast<int>(end - p);
    if (!digits(p, n, microsecond)) return Rest::Bad;
    for (int i = n; i < 6; i++) *microsecond *= 10;
    while (is_digit(*p)) p++;  // finer digits are cut off
    return *p ? Rest::Some : Rest::None;
}

// HH[:?MM[:?SS[.fff]]] in [p, end), where *end is readable: "\0" or the sign of a zone, which counts as a
// rest.
Rest read_clock_text(const char* p, const char* end, Clock* out) {
    *out = {};
    int* places[] = {&out->hour, &out->minute, &out->second};
    bool separated = true;
    for (int i = 0; i < 3; i++) {
        if (!digits(p, 2, places[i])) return Rest::Bad;
        char c = *p++;
        if (i == 0) separated = c == ':';
        bool decimal = c == '.' || c == ',';
        if (p >= end) return decimal ? Rest::Bad : c ? Rest::Some : Rest::None;
        if (separated && c == ':') {
            if (i == 2) return Rest::Bad;
        } else if (decimal) {
            if (i < 2) return Rest::Bad;
            break;
        } else if (!separated) {
            p--;
        } else {
            return Rest::Bad;
        }
    }
    return read_fraction(p, end, &out->microsecond);
}

}  // namespace

bool parse_iso_date(const char* p, size_t n, Day* out) {
    const char* start = p;
    if (!digits(p, 4, &out->year)) return false;
    bool separated = *p == '-';
    if (separated) p++;
    if (*p != 'W') {
        if (!digits(p, 2, &out->month)) return false;
        if (separated && *p++ != '-') return false;
        return digits(p, 2, &out->day);
    }
    IsoDay iso{out->year, 0, 1};
    p++;
    if (!digits(p, 2, &iso.week)) return false;
    if (static_cast<size_t>(p - start) < n) {
        if (separated && *p++ != '-') return false;
        if (!digits(p, 1, &iso.weekday)) return false;
    }
    return from_iso(iso, out) == IsoError::None;
}

size_t iso_separator(const char* p, size_t n) {
    if (n == 7) return 7;
    if (p[4] == '-') {
        if (p[5] != 'W') return 10;  // YYYY-MM-DD
        if (n > 8 && p[8] == '-') {
            // YYYY-Www-D, unless a time follows the week directly: YYYY-Www-HH
            if (n == 9) return 0;
            return n > 10 && is_digit(p[10]) ? 8 : 10;
        }
        return 8;  // YYYY-Www
    }
    if (p[4] != 'W') return 8;  // YYYYMMDD
    size_t pos = 7;
    while (pos < n && is_digit(p[pos])) pos++;
    if (pos < 9) return pos;
    return pos % 2 == 0 ? 7 : 8;  // an even number of digits: no day of the week among them
}

bool parse_iso_time(const char* p, size_t n, IsoTime* out) {
    const char *end = p + n, *zone = p;
    while (zone < end && *zone != '+' && *zone != '-' && *zone != 'Z') zone++;
    Rest rest = read_clock_text(p, zone, &out->clock);
    if (rest == Rest::Bad) return false;
    if (zone >= end) return rest == Rest::None;
    out->has_zone = true;
    if (*zone == 'Z') return zone[1] == '\0';
    int sign = *zone++ == '-' ? -1 : 1;
    Clock offset;
    if (read_clock_text(zone, end, &offset) != Rest::None) return false;
    out->offset_seconds = sign * seconds_of(offset);
    out->offset_microseconds = sign * offset.microsecond;
    return true;
}

Ref zone_from_iso(Thread& t, const IsoTime& time) {
    if (!time.has_zone) return none_ref();
    if (time.offset_seconds == 0 && time.offset_microseconds == 0) return Ref::share(utc());
    Ref offset = TRY(delta_new(t, 0, time.offset_seconds, time.offset_microseconds));
    return timezone_new(t, offset, Value());
}

Raised bad_iso(Thread& t, Value text) {
    return raise(t, PyExc_ValueError, "Invalid isoformat string: %R", text);
}

}  // namespace krait::dt
