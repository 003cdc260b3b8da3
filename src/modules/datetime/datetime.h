// Between the files of the module datetime.
#pragma once

#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "modules/datetime/calendar.h"
#include "object/layout_datetime.h"
#include "object/protocol.h"

namespace krait::dt {

extern Type delta_type, date_type, time_type, datetime_type, tzinfo_type, timezone_type;

using Delta = PyDateTime_Delta;
using Date = PyDateTime_Date;
using Time = PyDateTime_Time;
using DateTime = PyDateTime_DateTime;
using i128 = __int128;

inline bool is_a(Value v, const Type& type) {
    return has_type(v, &type) || is_instance_exact_or_sub(v, &type);
}
inline bool is_delta(Value v) { return is_a(v, delta_type); }
inline bool is_date(Value v) { return is_a(v, date_type); }
inline bool is_time(Value v) { return is_a(v, time_type); }
inline bool is_datetime(Value v) { return is_a(v, datetime_type); }
inline bool is_tzinfo(Value v) { return is_a(v, tzinfo_type); }
inline bool is_timezone(Value v) { return has_type(v, &timezone_type); }
inline Delta* as_delta(Value v) { return v.as<Delta>(); }
inline Date* as_date(Value v) { return v.as<Date>(); }
inline Time* as_time(Value v) { return v.as<Time>(); }
inline DateTime* as_datetime(Value v) { return v.as<DateTime>(); }

// An object of the type, fields after the header not set but the hash and hastzinfo.
template <class T>
T* new_object(Thread& t, PyTypeObject* type, const Type& own) {
    T* o;
    if (type == &own) [[likely]]
        o = reinterpret_cast<T*>(alloc_raw(t, type, sizeof(T)));
    else
        o = alloc(t, type).release().template as<T>();
    if (o) o->hashcode = -1;
    return o;
}
template <class T>
Ref owned(T* o) {
    return Ref::steal(Value(&o->ob_base));
}

// --- fields ---

// The clock part of times and datetimes: six bytes.
struct Clock {
    int hour = 0, minute = 0, second = 0, microsecond = 0;
};
inline Clock read_clock(const unsigned char* p) { return {p[0], p[1], p[2], p[3] << 16 | p[4] << 8 | p[5]}; }
inline void write_clock(unsigned char* p, const Clock& c) {
    p[0] = static_cast<unsigned char>(c.hour);
    p[1] = static_cast<unsigned char>(c.minute);
    p[2] = static_cast<unsigned char>(c.second);
    p[3] = static_cast<unsigned char>(c.microsecond >> 16);
    p[4] = static_cast<unsigned char>(c.microsecond >> 8);
    p[5] = static_cast<unsigned char>(c.microsecond);
}
inline Day read_day(const unsigned char* p) { return {p[0] << 8 | p[1], p[2], p[3]}; }
inline void write_day(unsigned char* p, const Day& d) {
    p[0] = static_cast<unsigned char>(d.year >> 8);
    p[1] = static_cast<unsigned char>(d.year);
    p[2] = static_cast<unsigned char>(d.month);
    p[3] = static_cast<unsigned char>(d.day);
}
// Dates and datetimes alike, as their data begin the same way.
inline Day day_of(Value v) { return read_day(as_date(v)->data); }
inline Clock clock_of_datetime(Value v) { return read_clock(as_datetime(v)->data + 4); }
inline Clock clock_of_time(Value v) { return read_clock(as_time(v)->data); }
inline int ordinal_of(const Day& d) { return to_ordinal(d.year, d.month, d.day); }
inline int seconds_of(const Clock& c) { return (c.hour * 60 + c.minute) * 60 + c.second; }
// The tzinfo of a time or datetime; None when naive.
inline Value zone_of_time(Value v) { return as_time(v)->hastzinfo ? Value(as_time(v)->tzinfo) : none(); }
inline Value zone_of_datetime(Value v) {
    return as_datetime(v)->hastzinfo ? Value(as_datetime(v)->tzinfo) : none();
}
// Stores an owned tzinfo (or none) into a fresh object.
template <class T>
void set_zone(T* o, Value zone) {
    o->hastzinfo = !is_none(zone);
    o->tzinfo = o->hastzinfo ? Ref::share(zone).release().ptr() : nullptr;
}

// --- arguments ---

// An int argument as C's int, with the messages of the argument parser.
Result<int> int_arg(Thread& t, Value v);
// What is wrong with the first of too few arguments (year, month, day) is told before what is missing.
Status check_leading_ints(Thread& t, const Value* args, size_t nargs);
Status check_date(Thread& t, int year, int month, int day);
Status check_time(Thread& t, const Clock& c, int fold);
Status check_zone(Thread& t, Value v);  // None or a tzinfo
// `name() takes exactly n arguments`, no keywords.
Status exact_args(Thread& t, const char* name, size_t n, size_t nargs, Value kwnames);
Status str_arg_of(Thread& t, const char* name, int position, Value v);  // position 0: the only one
// The bytes of a pickled state out of bytes or a latin-1 str; nullptr when it is none of that length. `keep`
// owns them. Fails for a str of the length that is not latin-1.
Result<const unsigned char*> pickled_state(Thread& t, Value v, int64_t size, Ref& keep, const char* what);

// --- timedelta ---

Ref delta_new(Thread& t, int64_t days, int64_t seconds, int64_t microseconds, bool normalize = true,
              PyTypeObject* type = &delta_type);
i128 delta_micros(Value delta);
Ref delta_from_micros(Thread& t, i128 micros, PyTypeObject* type = &delta_type);
inline int delta_compare(Value a, Value b) {
    const Delta *x = as_delta(a), *y = as_delta(b);
    if (x->days != y->days) return x->days < y->days ? -1 : 1;
    if (x->seconds != y->seconds) return x->seconds < y->seconds ? -1 : 1;
    return x->microseconds < y->microseconds ? -1 : x->microseconds > y->microseconds;
}
inline bool delta_is_zero(Value v) {
    return as_delta(v)->days == 0 && as_delta(v)->seconds == 0 && as_delta(v)->microseconds == 0;
}
Ref delta_total_seconds(Thread& t, Value self);
Ref delta_subtract(Thread& t, Value a, Value b);
Result<int64_t> delta_hash(Thread& t, Value self);

// --- zones ---

Value utc();  // timezone.utc, borrowed
// timezone(offset[, name]); the name may be empty.
Ref timezone_new(Thread& t, Value offset, Value name);
// zone.utcoffset(arg), zone.dst(arg): None, or a timedelta in range. zone.tzname(arg): None or a str.
Ref call_utcoffset(Thread& t, Value zone, Value arg);
Ref call_dst(Thread& t, Value zone, Value arg);
Ref call_tzname(Thread& t, Value zone, Value arg);
// zone.fromutc(datetime)
Ref call_fromutc(Thread& t, Value zone, Value datetime);

// --- making objects ---

Ref date_new(Thread& t, const Day& d, PyTypeObject* type = &date_type);  // of this very type
Ref date_of_class(Thread& t, PyTypeObject* type, const Day& d);          // calls subclasses
Ref time_new(Thread& t, const Clock& c, Value zone, int fold, PyTypeObject* type = &time_type);
Ref time_of_class(Thread& t, PyTypeObject* type, const Clock& c, Value zone, int fold);
Ref datetime_new(Thread& t, const Day& d, const Clock& c, Value zone, int fold,
                 PyTypeObject* type = &datetime_type);
Ref datetime_of_class(Thread& t, PyTypeObject* type, const Day& d, const Clock& c, Value zone, int fold);
// datetime + factor * delta, of the class of the datetime.
Ref datetime_add(Thread& t, Value datetime, Value delta, int factor);
Ref datetime_utcoffset(Thread& t, Value self);
Ref datetime_dst(Thread& t, Value self);

// The part of datetime_new that cannot overflow: moves into range, OverflowError "date value out of range".
Status add_days(Thread& t, Day& d, int64_t days);

// --- text ---

enum class Spec { Auto, Hours, Minutes, Seconds, Milliseconds, Microseconds, Unknown };
Spec spec_of(Value text_or_empty);
int put_clock(char* out, const Clock& c, Spec spec);  // number of characters; the spec is not Unknown
// "+HH:MM[:SS[.ffffff]]" with the separator `sep` (or none, when 0) into `out`, which has room for 20. The
// length; 0 where the zone has no offset.
Result<int> put_offset(Thread& t, char* out, char sep, Value zone, Value arg);
int put_date(char* out, const Day& d);  // YYYY-MM-DD
Ref ctime_text(Thread& t, const Day& d, const Clock& c);
// self.strftime(format): `zone_arg` is what the methods of the zone get.
Ref format_object(Thread& t, Value self, Value format, Value zone, Value zone_arg);
Ref dunder_format(Thread& t, Value self, Value spec);
Ref struct_time(Thread& t, const Day& d, const Clock& c, int dst);

struct IsoTime {
    Clock clock;
    bool has_zone = false;
    int offset_seconds = 0, offset_microseconds = 0;
};
bool parse_iso_date(const char* p, size_t n, Day* out);
bool parse_iso_time(const char* p, size_t n, IsoTime* out);  // p[n] is readable
// Where the date ends in a text of n >= 7 characters.
size_t iso_separator(const char* p, size_t n);
Ref zone_from_iso(Thread& t, const IsoTime& time);
Raised bad_iso(Thread& t, Value text);

// --- the clock of the system ---

struct Moment {
    int64_t seconds;
    int microseconds;
};
Result<Moment> moment_arg(Thread& t, Value v);  // a timestamp, rounded half to even
Moment moment_now();
// The class's datetime of a moment, in local time (zone None) or UTC.
Ref datetime_from_moment(Thread& t, PyTypeObject* type, Moment m, bool local, Value zone);
Result<Day> local_day(Thread& t, int64_t timestamp);
// Seconds since day 0 of a local time's UTC equivalent.
Result<int64_t> local_to_seconds(Thread& t, const Day& d, const Clock& c, int fold);
inline constexpr int64_t kEpoch = int64_t{719163} * 86400;
Ref local_zone_at(Thread& t, int64_t timestamp);

Status add_delta(Thread& t, Value module);
Status add_zones(Thread& t, Value module);
Status add_date(Thread& t, Value module);
Status add_time(Thread& t, Value module);
Status add_datetime(Thread& t, Value module);
// What datetime.cpp takes from datetime_make.cpp (constructors out of other things).
Ref datetime_tp_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames);
Ref m_now(Thread& t, Value cls, const Value* p);
Ref m_utcnow(Thread& t, Value cls);
Ref m_fromtimestamp(Thread& t, Value cls, const Value* p);
Ref m_utcfromtimestamp(Thread& t, Value cls, const Value* args, size_t nargs, Value kwnames);
Ref m_strptime(Thread& t, Value cls, const Value* args, size_t nargs, Value kwnames);
Ref m_combine(Thread& t, Value cls, const Value* p);
Ref m_fromisoformat(Thread& t, Value cls, Value text);
Ref m_astimezone(Thread& t, Value self, const Value* p);
Ref m_timestamp(Thread& t, Value self);

// strptime of all three classes.
Ref call_strptime(Thread& t, const char* function, Value cls, const Value* args, size_t nargs, Value kwnames);

}  // namespace krait::dt
