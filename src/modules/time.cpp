// The module time.
#include "modules/time.h"

#include <pthread.h>
#include <time.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "object/per_interpreter.h"
#include "object/protocol.h"
#include "runtime/timestamp.h"

namespace krait {

namespace {

// --- numbers ---

Ref seconds_from_ns(Thread& t, int64_t ns) {
    if (ns % kNsPerSecond == 0) return float_from(t, static_cast<double>(ns / kNsPerSecond));
    return float_from(t, static_cast<double>(ns) / 1e9);
}

// The optional seconds of gmtime() and its like, rounded down.
Result<time_t> time_arg(Thread& t, const char* name, const Value* args, size_t nargs, Value kwnames) {
    TRY(no_kwargs(t, name, kwnames));
    if (nargs > 1) return raise(t, PyExc_TypeError, "%s expected at most 1 argument, got %zd", name, nargs);
    if (nargs == 0 || is_none(args[0])) return time(nullptr);
    return time_t_from_number(t, args[0], Rounding::Floor);
}

// --- struct_time ---

PER_INTERPRETER_REFS PyTypeObject* g_struct_time;

const StructSeqField time_fields[] = {
    {"tm_year", "year, for example, 1993"},
    {"tm_mon", "month of year, range [1, 12]"},
    {"tm_mday", "day of month, range [1, 31]"},
    {"tm_hour", "hours, range [0, 23]"},
    {"tm_min", "minutes, range [0, 59]"},
    {"tm_sec", "seconds, range [0, 61])"},
    {"tm_wday", "day of week, range [0, 6], Monday is 0"},
    {"tm_yday", "day of year, range [1, 366]"},
    {"tm_isdst", "1 if summer time is in effect, 0 if not, and -1 if unknown"},
    {"tm_zone", "abbreviation of timezone name"},
    {"tm_gmtoff", "offset from UTC in seconds"}};
const StructSeqDesc time_desc{"time.struct_time",
                              "A time in parts: what gmtime(), localtime() and strptime() answer.",
                              time_fields, 11, 9};

Ref zone_text(Thread& t, const char* zone) {
    return zone ? fs_decode(t, zone, strlen(zone)) : str_from(t, "");
}

Ref to_struct_time(Thread& t, const struct tm& m) {
    const int64_t parts[] = {
        m.tm_year + int64_t{1900}, m.tm_mon + 1,  m.tm_mday, m.tm_hour, m.tm_min, m.tm_sec,
        (m.tm_wday + 6) % 7,       m.tm_yday + 1, m.tm_isdst};
    Ref zone = TRY(zone_text(t, m.tm_zone));
    Value v[11];
    for (int i = 0; i < 9; i++) v[i] = Value::from_int(parts[i]);
    v[9] = zone.release();
    v[10] = Value::from_int(m.tm_gmtoff);
    return structseq_new(t, g_struct_time, v);
}

Ref gmtime_fn(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    time_t when = TRY(time_arg(t, "gmtime", args, nargs, kwnames));
    struct tm m;
    errno = 0;
    if (!gmtime_r(&when, &m)) return raise_errno(t, errno ? errno : EINVAL);
    m.tm_zone = "GMT";
    m.tm_gmtoff = 0;
    return to_struct_time(t, m);
}
Ref localtime_fn(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    time_t when = TRY(time_arg(t, "localtime", args, nargs, kwnames));
    struct tm m;
    errno = 0;
    if (!localtime_r(&when, &m)) return raise_errno(t, errno ? errno : EINVAL);
    return to_struct_time(t, m);
}

// Reads a tuple of nine or a struct_time. `zone` keeps the text m.tm_zone points into.
Status time_tuple(Thread& t, Value v, const char* function, struct tm& m, Ref& zone) {
    memset(&m, 0, sizeof m);
    if (!is_tuple(v)) return raise(t, PyExc_TypeError, "Tuple or struct_time argument required");
    if (tuple_size(v) != 9) return raise(t, PyExc_TypeError, "%s(): illegal time tuple argument", function);
    int* const parts[] = {&m.tm_year, &m.tm_mon,  &m.tm_mday, &m.tm_hour, &m.tm_min,
                          &m.tm_sec,  &m.tm_wday, &m.tm_yday, &m.tm_isdst};
    for (int i = 0; i < 9; i++) {
        Ref n = TRY(index(t, tuple_get(v, i)));
        int64_t x;
        if (!int_to_i64(n, &x))
            return raise(t, PyExc_OverflowError, "Python int too large to convert to C long");
        if (x > INT_MAX) return raise(t, PyExc_OverflowError, "signed integer is greater than maximum");
        if (x < INT_MIN) return raise(t, PyExc_OverflowError, "signed integer is less than minimum");
        *parts[i] = static_cast<int>(x);
    }
    if (m.tm_year < INT_MIN + 1900) return raise(t, PyExc_OverflowError, "year out of range");
    m.tm_year -= 1900;
    m.tm_mon--;
    m.tm_wday = (m.tm_wday + 1) % 7;
    m.tm_yday--;
    if (!has_type(v, g_struct_time)) return Status::ok();
    Value name = tuple_items(v)[9], offset = tuple_items(v)[10];
    if (name && !is_none(name)) {
        zone = is_str(name) ? encode_utf8(t, name, "surrogateescape") : str(t, name);
        if (!zone) return {};
        if (is_bytes(zone)) m.tm_zone = bytes_data(zone);
    }
    if (offset && !is_none(offset)) m.tm_gmtoff = TRY(as_int64(t, offset));
    return Status::ok();
}

// What strftime() and asctime() of the C library rely on.
Status check_time(Thread& t, struct tm& m) {
    auto bad = [&](const char* what) { return raise(t, PyExc_ValueError, "%s out of range", what); };
    if (m.tm_mon == -1)
        m.tm_mon = 0;
    else if (m.tm_mon < 0 || m.tm_mon > 11)
        return bad("month");
    if (m.tm_mday == 0)
        m.tm_mday = 1;
    else if (m.tm_mday < 0 || m.tm_mday > 31)
        return bad("day of month");
    if (m.tm_hour < 0 || m.tm_hour > 23) return bad("hour");
    if (m.tm_min < 0 || m.tm_min > 59) return bad("minute");
    if (m.tm_sec < 0 || m.tm_sec > 61) return bad("seconds");
    if (m.tm_wday < 0) return bad("day of week");
    if (m.tm_yday == -1)
        m.tm_yday = 0;
    else if (m.tm_yday < 0 || m.tm_yday > 365)
        return bad("day of year");
    return Status::ok();
}

Status now_or_tuple(Thread& t, Value v, const char* function, struct tm& m, Ref& zone) {
    if (v) {
        TRY(time_tuple(t, v, function, m, zone));
        return check_time(t, m);
    }
    time_t now = time(nullptr);
    if (!localtime_r(&now, &m)) return raise_errno(t, errno);
    return Status::ok();
}

Status at_most(Thread& t, const char* name, size_t least, size_t most, size_t nargs, Value kwnames) {
    TRY(no_kwargs(t, name, kwnames));
    if (nargs < least)
        return raise(t, PyExc_TypeError, "%s() takes at least %zd argument%s (%zd given)", name, least,
                     least == 1 ? "" : "s", nargs);
    if (nargs > most)
        return raise(t, PyExc_TypeError, "%s() takes at most %zd argument%s (%zd given)", name, most,
                     most == 1 ? "" : "s", nargs);
    return Status::ok();
}

Ref asctime_text(Thread& t, const struct tm& m) {
    static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char text[64];
    snprintf(text, sizeof text, "%.3s %.3s%3d %.2d:%.2d:%.2d %lld", days + 3 * (m.tm_wday % 7),
             months + 3 * (m.tm_mon % 12), m.tm_mday, m.tm_hour, m.tm_min, m.tm_sec, 1900LL + m.tm_year);
    return str_from(t, text);
}
Ref asctime_fn(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    TRY(no_kwargs(t, "asctime", kwnames));
    if (nargs > 1) return raise(t, PyExc_TypeError, "asctime expected at most 1 argument, got %zd", nargs);
    struct tm m;
    Ref zone;
    TRY(now_or_tuple(t, nargs ? args[0] : Value(), "asctime", m, zone));
    return asctime_text(t, m);
}
Ref ctime_fn(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    time_t when = TRY(time_arg(t, "ctime", args, nargs, kwnames));
    struct tm m;
    errno = 0;
    if (!localtime_r(&when, &m)) return raise_errno(t, errno ? errno : EINVAL);
    return asctime_text(t, m);
}

Ref mktime_fn(Thread& t, Value, Value arg) {
    struct tm m;
    Ref zone;
    TRY(time_tuple(t, arg, "mktime", m, zone));
    m.tm_wday = -1;  // still -1 afterwards: it failed
    time_t when = mktime(&m);
    if (when == static_cast<time_t>(-1) && m.tm_wday == -1)
        return raise(t, PyExc_OverflowError, "mktime argument out of range");
    return float_from(t, static_cast<double>(when));
}

// One run of the format without NULs.
Status format_part(Thread& t, StrBuilder& out, const char* format, size_t length, const struct tm& m) {
    if (length == 0) return Status::ok();
    // A leading blank tells an empty result from a full buffer.
    Ref padded = TRY(bytes_new(t, static_cast<int64_t>(length) + 1));
    bytes_data(padded)[0] = ' ';
    memcpy(bytes_data(padded) + 1, format, length);
    for (int64_t size = 1024;; size *= 2) {
        Ref buffer = TRY(bytes_new(t, size));
        size_t n = strftime(bytes_data(buffer), static_cast<size_t>(size), bytes_data(padded), &m);
        if (n == 0) {
            if (size > int64_t{1} << 30) return raise_no_memory(t);
            continue;
        }
        Ref text = decode_utf8(t, bytes_data(buffer) + 1, n - 1, "surrogatepass");
        if (!text) {
            clear_error(t);
            text = decode_utf8(t, bytes_data(buffer) + 1, n - 1, "surrogateescape");
            if (!text) return {};
        }
        return out.append(text);
    }
}

Ref strftime_fn(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    TRY(at_most(t, "strftime", 1, 2, nargs, kwnames));
    if (!is_str(args[0]))
        return raise(t, PyExc_TypeError, "strftime() argument 1 must be str, not %.50s",
                     is_none(args[0]) ? "None" : type_of(args[0])->tp_name);
    struct tm m;
    Ref zone;
    TRY(now_or_tuple(t, nargs > 1 ? args[1] : Value(), "strftime", m, zone));
    m.tm_isdst = m.tm_isdst < -1 ? -1 : m.tm_isdst > 1 ? 1 : m.tm_isdst;
    return time_format(t, args[0], m);
}

Ref strptime_fn(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    TRY(no_kwargs(t, "strptime", kwnames));
    Ref parse = TRY(import_attr(t, "_strptime", "_strptime_time"));
    return call(t, parse, args, nargs);
}

// --- clocks ---

Result<int64_t> read_clock(Thread& t, clockid_t id) {
    timespec ts;
    if (clock_gettime(id, &ts)) return raise_errno(t, errno);
    return ts.tv_sec * kNsPerSecond + ts.tv_nsec;
}
template <clockid_t id>
Ref clock_seconds(Thread& t, Value) {
    return seconds_from_ns(t, TRY(read_clock(t, id)));
}
template <clockid_t id>
Ref clock_ns(Thread& t, Value) {
    return int_from(t, TRY(read_clock(t, id)));
}

Result<clockid_t> clock_arg(Thread& t, Value v) {
    if (!is_index(v))
        return raise(t, PyExc_TypeError, "clk_id should be integer, not %s", type_of(v)->tp_name);
    return as_int32(t, v);
}
Ref clock_gettime_fn(Thread& t, Value, Value arg) {
    clockid_t id = TRY(clock_arg(t, arg));
    return seconds_from_ns(t, TRY(read_clock(t, id)));
}
Ref clock_gettime_ns_fn(Thread& t, Value, Value arg) {
    clockid_t id = TRY(clock_arg(t, arg));
    return int_from(t, TRY(read_clock(t, id)));
}
Ref set_clock(Thread& t, clockid_t id, int64_t ns) {
    timespec ts = timespec_from_ns(ns);
    if (clock_settime(id, &ts)) return raise_errno(t, errno);
    return none_ref();
}
Status two_args(Thread& t, const char* name, size_t nargs, Value kwnames) {
    TRY(no_kwargs(t, name, kwnames));
    if (nargs != 2)
        return raise(t, PyExc_TypeError, "%s() takes exactly 2 arguments (%zd given)", name, nargs);
    return Status::ok();
}
Ref clock_settime_fn(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    TRY(two_args(t, "clock_settime", nargs, kwnames));
    clockid_t id = TRY(clock_arg(t, args[0]));
    return set_clock(t, id, TRY(ns_from_number(t, args[1], Rounding::Floor)));
}
Ref clock_settime_ns_fn(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    TRY(two_args(t, "clock_settime_ns", nargs, kwnames));
    clockid_t id = TRY(clock_arg(t, args[0]));
    return set_clock(t, id, TRY(as_int64(t, args[1])));
}
Ref clock_getres_fn(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    TRY(at_most(t, "clock_getres", 1, 1, nargs, kwnames));
    clockid_t id = TRY(clock_arg(t, args[0]));
    timespec ts;
    if (clock_getres(id, &ts)) return raise_errno(t, errno);
    return float_from(t, static_cast<double>(ts.tv_sec) + static_cast<double>(ts.tv_nsec) * 1e-9);
}
Ref pthread_getcpuclockid_fn(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    TRY(at_most(t, "pthread_getcpuclockid", 1, 1, nargs, kwnames));
    if (!is_long(args[0]))
        return raise(t, PyExc_TypeError, "pthread_getcpuclockid() argument 1 must be int, not %.50s",
                     type_of(args[0])->tp_name);
    clockid_t id;
    int r = pthread_getcpuclockid(int_to_u64_wrapping(args[0]), &id);
    if (r) return raise_errno(t, r);
    return Ref::from_int(id);
}

struct Clock {
    const char *name, *implementation;
    clockid_t id;
    bool monotonic, adjustable;
};
const Clock clocks[] = {
    {"time", "clock_gettime(CLOCK_REALTIME)", CLOCK_REALTIME, false, true},
    {"monotonic", "clock_gettime(CLOCK_MONOTONIC)", CLOCK_MONOTONIC, true, false},
    {"perf_counter", "clock_gettime(CLOCK_MONOTONIC)", CLOCK_MONOTONIC, true, false},
    {"process_time", "clock_gettime(CLOCK_PROCESS_CPUTIME_ID)", CLOCK_PROCESS_CPUTIME_ID, true, false},
    {"thread_time", "clock_gettime(CLOCK_THREAD_CPUTIME_ID)", CLOCK_THREAD_CPUTIME_ID, true, false},
};
Ref get_clock_info_fn(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    TRY(at_most(t, "get_clock_info", 1, 1, nargs, kwnames));
    if (!is_str(args[0]))
        return raise(t, PyExc_TypeError, "get_clock_info() argument 1 must be str, not %.50s",
                     is_none(args[0]) ? "None" : type_of(args[0])->tp_name);
    const Clock* clock = nullptr;
    for (const Clock& c : clocks)
        if (str_equal(args[0], c.name)) clock = &c;
    if (!clock) return raise(t, PyExc_ValueError, "unknown clock");
    timespec ts;
    if (clock_getres(clock->id, &ts)) return raise_errno(t, errno);
    Ref d = TRY(dict_new(t)), how = TRY(str_from(t, clock->implementation));
    Ref resolution =
        TRY(float_from(t, static_cast<double>(ts.tv_sec) + static_cast<double>(ts.tv_nsec) * 1e-9));
    TRY(dict_set_str(t, d, "implementation", how));
    TRY(dict_set_str(t, d, "monotonic", boolean(clock->monotonic)));
    TRY(dict_set_str(t, d, "adjustable", boolean(clock->adjustable)));
    TRY(dict_set_str(t, d, "resolution", resolution));
    return namespace_new(t, d);
}

Ref sleep_fn(Thread& t, Value, Value arg) {
    TRY(audit(t, "time.sleep", {arg}));
    int64_t ns = TRY(ns_from_number(t, arg, kTimeoutRounding));
    if (ns < 0) return raise(t, PyExc_ValueError, "sleep length must be non-negative");
    int64_t until;
    if (__builtin_add_overflow(TRY(read_clock(t, CLOCK_MONOTONIC)), ns, &until)) until = INT64_MAX;
    timespec deadline = timespec_from_ns(until);
    for (;;) {
        int r;
        {
            AllowThreads allow(t);
            r = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, nullptr);
        }
        if (r == 0) return none_ref();
        if (r != EINTR) return raise_errno(t, r);
        TRY(handle_pending(t));
    }
}

// --- time zone ---

struct Zone {
    int64_t west;  // seconds west of UTC
    char name[32];
};
Zone zone_at(time_t when) {
    Zone z{};
    struct tm m;
    if (localtime_r(&when, &m)) {
        z.west = -m.tm_gmtoff;
        snprintf(z.name, sizeof z.name, "%s", m.tm_zone ? m.tm_zone : "   ");
    }
    return z;
}

Status add_zone(Thread& t, Value module) {
    // Half a year apart one of the two moments has summer time, where there is such a thing.
    constexpr time_t kYear = (365 * 24 + 6) * 3600;
    time_t start = time(nullptr) / kYear * kYear;
    Zone january = zone_at(start), july = zone_at(start + kYear / 2);
    const Zone &standard = january.west < july.west ? july : january,
               &summer = january.west < july.west ? january : july;
    TRY(module_add_int(t, module, "timezone", standard.west));
    TRY(module_add_int(t, module, "altzone", summer.west));
    TRY(module_add_int(t, module, "daylight", january.west != july.west));
    Ref a = TRY(zone_text(t, standard.name)), b = TRY(zone_text(t, summer.name));
    return module_add(t, module, "tzname", tuple_of(t, {a, b}));
}

Ref tzset_fn(Thread& t, Value) {
    Ref module = TRY(import_module(t, "time"));
    tzset();
    TRY(add_zone(t, module));
    return none_ref();
}

#define RAW(fn, name, doc) def<fn>(name, nullptr, doc)
const NativeDef functions[] = {
    def<clock_seconds<CLOCK_REALTIME>>("time", "($self, /)", "Seconds since the Epoch."),
    def<clock_ns<CLOCK_REALTIME>>("time_ns", "($self, /)", "Nanoseconds since the Epoch."),
    def<clock_gettime_fn>("clock_gettime", "(clk_id, /)", "The time of a clock in seconds."),
    def<clock_gettime_ns_fn>("clock_gettime_ns", "(clk_id, /)", "The time of a clock in nanoseconds."),
    RAW(clock_settime_fn, "clock_settime", "clock_settime(clk_id, time)\n\nSets a clock."),
    RAW(clock_settime_ns_fn, "clock_settime_ns",
        "clock_settime_ns(clk_id, time)\n\nSets a clock in nanoseconds."),
    RAW(clock_getres_fn, "clock_getres", "clock_getres(clk_id) -> float\n\nThe resolution of a clock."),
    RAW(pthread_getcpuclockid_fn, "pthread_getcpuclockid",
        "pthread_getcpuclockid(thread_id) -> int\n\nThe clock of a thread's CPU time."),
    def<sleep_fn>("sleep", "($self, object, /)", "Waits for a number of seconds."),
    RAW(gmtime_fn, "gmtime", "gmtime([seconds]) -> struct_time\n\nThe parts of a time in UTC."),
    RAW(localtime_fn, "localtime", "localtime([seconds]) -> struct_time\n\nThe parts of a local time."),
    RAW(asctime_fn, "asctime", "asctime([tuple]) -> str\n\nA time as text: 'Sat Jun 06 16:26:11 1998'."),
    RAW(ctime_fn, "ctime", "ctime([seconds]) -> str\n\nA local time as text."),
    def<mktime_fn>("mktime", "($self, object, /)", "Seconds since the Epoch of a local time."),
    RAW(strftime_fn, "strftime", "strftime(format[, tuple]) -> str\n\nFormats a time."),
    RAW(strptime_fn, "strptime", "strptime(string, format) -> struct_time\n\nReads a time by a format."),
    def<tzset_fn>("tzset", "($self, /)", "Reads the time zone anew from the environment variable TZ."),
    def<clock_seconds<CLOCK_MONOTONIC>>("monotonic", "($self, /)", "A clock that never goes back."),
    def<clock_ns<CLOCK_MONOTONIC>>("monotonic_ns", "($self, /)", "The same in nanoseconds."),
    def<clock_seconds<CLOCK_PROCESS_CPUTIME_ID>>("process_time", "($self, /)", "CPU time of the process."),
    def<clock_ns<CLOCK_PROCESS_CPUTIME_ID>>("process_time_ns", "($self, /)", "The same in nanoseconds."),
    def<clock_seconds<CLOCK_THREAD_CPUTIME_ID>>("thread_time", "($self, /)", "CPU time of the thread."),
    def<clock_ns<CLOCK_THREAD_CPUTIME_ID>>("thread_time_ns", "($self, /)", "The same in nanoseconds."),
    def<clock_seconds<CLOCK_MONOTONIC>>("perf_counter", "($self, /)", "The clock for measuring."),
    def<clock_ns<CLOCK_MONOTONIC>>("perf_counter_ns", "($self, /)", "The same in nanoseconds."),
    RAW(get_clock_info_fn, "get_clock_info",
        "get_clock_info(name) -> namespace\n\nWhat is known about a clock."),
    {}};
#undef RAW

Status exec(Thread& t, Value module) {
    static const struct {
        const char* name;
        int id;
    } ids[] = {{"CLOCK_REALTIME", CLOCK_REALTIME},
               {"CLOCK_MONOTONIC", CLOCK_MONOTONIC},
               {"CLOCK_MONOTONIC_RAW", CLOCK_MONOTONIC_RAW},
               {"CLOCK_PROCESS_CPUTIME_ID", CLOCK_PROCESS_CPUTIME_ID},
               {"CLOCK_THREAD_CPUTIME_ID", CLOCK_THREAD_CPUTIME_ID},
               {"CLOCK_BOOTTIME", CLOCK_BOOTTIME},
               {"CLOCK_TAI", CLOCK_TAI},
               {"_STRUCT_TM_ITEMS", 11}};
    tzset();
    TRY(add_zone(t, module));
    for (auto& c : ids) TRY(module_add_int(t, module, c.name, c.id));
    if (!g_struct_time) g_struct_time = TRY(structseq_type_new(t, time_desc)).release().as<PyTypeObject>();
    return module_add(t, module, "struct_time", Ref::share(Value(g_struct_time)));
}

}  // namespace

Ref time_format(Thread& t, Value text, const struct tm& m) {
    Ref format = TRY(encode_utf8(t, text, "surrogatepass"));
    StrBuilder out(t);
    const char *p = bytes_data(format), *end = p + bytes_size(format);
    for (;;) {
        size_t n = strnlen(p, static_cast<size_t>(end - p));
        TRY(format_part(t, out, p, n, m));
        p += n;
        if (p >= end) break;
        TRY(out.put(0));
        p++;
    }
    return out.finish();
}

extern const ModuleSpec module_time;
const ModuleSpec module_time{
    .name = "time", .doc = "Clocks, times in parts, and their text.", .functions = functions, .exec = exec};

}  // namespace krait
