// What the system knows about time: now, local times and their offsets.
#include <cerrno>
#include <cstring>
#include <ctime>

#include "modules/datetime/datetime.h"
#include "runtime/timestamp.h"

namespace krait::dt {
namespace {

constexpr int64_t kFoldSeconds = 24 * 3600;  // no clock is set back by more than that

Status broken_down(Thread& t, int64_t timestamp, bool local, struct tm* out) {
    time_t when = timestamp;
    errno = 0;
    if (local ? localtime_r(&when, out) : gmtime_r(&when, out)) return Status::ok();
    return raise_errno(t, errno ? errno : EINVAL);
}
// Seconds since day 0; a year out of range is a ValueError.
Result<int64_t> to_seconds(Thread& t, int64_t year, int month, int day, int hour, int minute, int second) {
    if (year < kMinYear || year > kMaxYear)
        return raise(t, PyExc_ValueError, "year must be in %d..%d, not %lld", kMinYear, kMaxYear,
                     static_cast<long long>(year));
    int64_t days = to_ordinal(static_cast<int>(year), month, day);
    return ((days * 24 + hour) * 60 + minute) * 60 + second;
}
// Local time of a UTC time, both as seconds since day 0.
Result<int64_t> local_of(Thread& t, int64_t seconds) {
    struct tm m;
    TRY(broken_down(t, seconds - kEpoch, true, &m));
    return to_seconds(t, m.tm_year + int64_t{1900}, m.tm_mon + 1, m.tm_mday, m.tm_hour, m.tm_min, m.tm_sec);
}
// Whether a local time is the second one of that reading: the clock was set back shortly before.
Result<bool> is_second_reading(Thread& t, int64_t timestamp, int64_t local_seconds) {
    int64_t probe = TRY(local_of(t, kEpoch + timestamp - kFoldSeconds));
    int64_t transition = local_seconds - probe - kFoldSeconds;
    if (transition >= 0) return false;
    probe = TRY(local_of(t, kEpoch + timestamp + transition));
    return probe == local_seconds;
}

}  // namespace

Result<Moment> moment_arg(Thread& t, Value v) {
    TimeParts m = TRY(time_parts_from_number(t, v, 1'000'000, Rounding::HalfEven));
    return Moment{m.seconds, static_cast<int>(m.parts)};
}

Moment moment_now() {
    timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    return {ts.tv_sec, static_cast<int>(ts.tv_nsec / 1000)};
}

Ref datetime_from_moment(Thread& t, PyTypeObject* type, Moment moment, bool local, Value zone) {
    struct tm m;
    TRY(broken_down(t, moment.seconds, local, &m));
    Day d{m.tm_year + 1900, m.tm_mon + 1, m.tm_mday};
    Clock c{m.tm_hour, m.tm_min, m.tm_sec > 59 ? 59 : m.tm_sec, moment.microseconds};
    int fold = 0;
    if (local && is_none(zone)) {
        int64_t seconds =
            TRY(to_seconds(t, m.tm_year + int64_t{1900}, d.month, d.day, c.hour, c.minute, c.second));
        fold = TRY(is_second_reading(t, moment.seconds, seconds));
    }
    return datetime_of_class(t, type, d, c, zone, fold);
}

Result<Day> local_day(Thread& t, int64_t timestamp) {
    struct tm m;
    TRY(broken_down(t, timestamp, true, &m));
    return Day{m.tm_year + 1900, m.tm_mon + 1, m.tm_mday};
}

// Solves local_of(u) == wanted for u. There may be two solutions (fold chooses), or none: the time is in a
// gap then, and the offsets before and after it give two readings.
Result<int64_t> local_to_seconds(Thread& t, const Day& d, const Clock& c, int fold) {
    int64_t wanted = TRY(to_seconds(t, d.year, d.month, d.day, c.hour, c.minute, c.second));
    int64_t offset = TRY(local_of(t, wanted)) - wanted;
    int64_t first = wanted - offset;
    int64_t reached = TRY(local_of(t, first));
    int64_t other_offset;
    if (reached == wanted) {
        int64_t probe = first + (fold ? kFoldSeconds : -kFoldSeconds);
        other_offset = TRY(local_of(t, probe)) - probe;
        if (other_offset == offset) return first;
    } else {
        other_offset = reached - first;
    }
    int64_t second = wanted - other_offset;
    if (TRY(local_of(t, second)) == wanted) return second;
    if (reached == wanted) return first;
    return fold ? (first < second ? first : second) : (first > second ? first : second);
}

Ref local_zone_at(Thread& t, int64_t timestamp) {
    struct tm m;
    TRY(broken_down(t, timestamp, true, &m));
    Ref offset = TRY(delta_new(t, 0, m.tm_gmtoff, 0));
    Ref name = TRY(fs_decode(t, m.tm_zone ? m.tm_zone : "", m.tm_zone ? strlen(m.tm_zone) : 0));
    return timezone_new(t, offset, name);
}

}  // namespace krait::dt
