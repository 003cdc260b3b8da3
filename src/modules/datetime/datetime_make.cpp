// datetimes out of arguments, timestamps, texts and other time zones.
#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "modules/datetime/datetime.h"
#include "object/names.h"

namespace krait::dt {
namespace {

PyTypeObject* class_of(Value cls) { return cls.as<PyTypeObject>(); }

// The third byte of a pickled state: the month, and the fold as the high bit.
bool plausible_month(int byte) {
    return byte >= 0 && byte < 256 && (byte & 0x7f) >= 1 && (byte & 0x7f) <= 12;
}
Maybe from_pickle(Thread& t, PyTypeObject* type, const Value* args, size_t nargs) {
    Value v = args[0];
    bool sane = is_bytes(v)
                    ? bytes_size(v) == 10 && plausible_month(static_cast<unsigned char>(bytes_data(v)[2]))
                    : is_str(v) && str_length(v) == 10 && plausible_month(static_cast<int>(str_char(v, 2)));
    if (!sane) return Maybe::absent();
    Ref keep;
    const unsigned char* state = TRY(pickled_state(t, v, 10, keep, "datetime"));
    Value zone = nargs > 1 ? args[1] : none();
    if (!is_none(zone) && !is_tzinfo(zone)) return raise(t, PyExc_TypeError, "bad tzinfo state arg");
    Day d = read_day(state);
    int fold = d.month >> 7;
    d.month &= 0x7f;
    return datetime_new(t, d, read_clock(state + 4), zone, fold, type);
}

Status warn_utc(Thread& t, const char* method, const char* instead) {
    return warn(t, PyExc_DeprecationWarning, 1,
                "datetime.datetime.%s() is deprecated and scheduled for removal in a future version. Use "
                "timezone-aware objects to represent datetimes in UTC: datetime.datetime.%s.",
                method, instead);
}

// Lone surrogates as separator cannot be encoded, but any character may stand there.
Ref without_surrogate_separator(Thread& t, Value text) {
    int64_t n = str_length(text);
    for (int64_t at : {7, 8, 10}) {
        if (at >= n) break;
        uint32_t c = str_char(text, at);
        if (c < 0xD800 || c > 0xDFFF) continue;
        StrBuilder out(t, n);
        TRY(out.append(text, 0, at));
        TRY(out.put('T'));
        TRY(out.append(text, at + 1, n));
        return out.finish();
    }
    return Ref::share(text);
}

bool parse_iso(std::string_view s, Day* d, IsoTime* time) {
    if (s.size() < 7) return false;
    size_t separator = iso_separator(s.data(), s.size());
    if (!separator || separator > s.size() || !parse_iso_date(s.data(), separator, d)) return false;
    if (separator == s.size()) return true;
    const char* p = s.data() + separator;
    auto lead = static_cast<unsigned char>(*p);
    size_t width = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    return parse_iso_time(p + width, s.size() - separator - width, time);
}
// 24:00 is the midnight that ends the day.
Status carry_midnight(Thread& t, Day& d, Clock& c) {
    if (c.hour != 24 || d.month < 1 || d.month > 12 || d.year < kMinYear || d.year > kMaxYear)
        return Status::ok();
    int last = days_in_month(d.year, d.month);
    if (d.day > last) return Status::ok();
    if (c.minute || c.second || c.microsecond)
        return raise(t, PyExc_ValueError, "minute, second, and microsecond must be 0 when hour is 24");
    c.hour = 0;
    if (++d.day <= last) return Status::ok();
    d.day = 1;
    if (++d.month > 12) {
        d.month = 1;
        d.year++;
    }
    return Status::ok();
}

Ref local_zone_of_naive(Thread& t, Value self) {
    Day d = day_of(self);
    Clock c = clock_of_datetime(self);
    int fold = as_datetime(self)->fold;
    int64_t seconds = TRY(local_to_seconds(t, d, c, fold)), other = TRY(local_to_seconds(t, d, c, !fold));
    if (other != seconds && (other > seconds) == (fold != 0)) seconds = other;  // in a gap
    return local_zone_at(t, seconds - kEpoch);
}
int64_t utc_seconds(Value dt) {
    return int64_t{ordinal_of(day_of(dt))} * 86400 + seconds_of(clock_of_datetime(dt)) - kEpoch;
}

}  // namespace

Ref datetime_tp_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    if (nargs == 1 || nargs == 2) {
        Ref unpickled = TRY(from_pickle(t, type, args, nargs));
        if (unpickled) return unpickled;
    }
    TRY(check_leading_ints(t, args, nargs));
    Value p[9];
    Ref keep;
    TRY(bind_args(t, nullptr,
                  "(year, month, day, hour=0, minute=0, second=0, microsecond=0, tzinfo=None, *, fold=0)",
                  args, nargs, kwnames, p, keep));
    Day d{};
    Clock c;
    int fold = 0;
    int* places[] = {&d.year, &d.month, &d.day, &c.hour, &c.minute, &c.second, &c.microsecond};
    for (int i = 0; i < 7; i++)
        if (p[i]) *places[i] = TRY(int_arg(t, p[i]));
    if (p[8]) fold = TRY(int_arg(t, p[8]));
    TRY(check_date(t, d.year, d.month, d.day));
    TRY(check_time(t, c, fold));
    Value zone = p[7] ? p[7] : none();
    TRY(check_zone(t, zone));
    return datetime_new(t, d, c, zone, fold, type);
}

Ref m_now(Thread& t, Value cls, const Value* p) {
    Value zone = p[0] ? p[0] : none();
    TRY(check_zone(t, zone));
    bool local = is_none(zone);
    Ref now = TRY(datetime_from_moment(t, class_of(cls), moment_now(), local, zone));
    return local ? std::move(now) : call_fromutc(t, zone, now);
}
Ref m_utcnow(Thread& t, Value cls) {
    TRY(warn_utc(t, "utcnow", "now(datetime.UTC)"));
    return datetime_from_moment(t, class_of(cls), moment_now(), false, none());
}
Ref m_fromtimestamp(Thread& t, Value cls, const Value* p) {
    Value zone = p[1] ? p[1] : none();
    TRY(check_zone(t, zone));
    Moment moment = TRY(moment_arg(t, p[0]));
    bool local = is_none(zone);
    Ref made = TRY(datetime_from_moment(t, class_of(cls), moment, local, zone));
    return local ? std::move(made) : call_fromutc(t, zone, made);
}
Ref m_utcfromtimestamp(Thread& t, Value cls, const Value* args, size_t nargs, Value kwnames) {
    TRY(warn_utc(t, "utcfromtimestamp", "fromtimestamp(timestamp, datetime.UTC)"));
    TRY(exact_args(t, "utcfromtimestamp", 1, nargs, kwnames));
    Moment moment = TRY(moment_arg(t, args[0]));
    return datetime_from_moment(t, class_of(cls), moment, false, none());
}
Ref m_strptime(Thread& t, Value cls, const Value* args, size_t nargs, Value kwnames) {
    return call_strptime(t, "_strptime_datetime_datetime", cls, args, nargs, kwnames);
}
Ref m_combine(Thread& t, Value cls, const Value* p) {
    auto wrong = [&](int position, const char* wanted) {
        Value v = p[position - 1];
        return raise(t, PyExc_TypeError, "combine() argument %d must be datetime.%s, not %s", position,
                     wanted, is_none(v) ? "None" : type_of(v)->tp_name);
    };
    if (!is_date(p[0])) return wrong(1, "date");
    if (!is_time(p[1])) return wrong(2, "time");
    Value zone = p[2] ? p[2] : zone_of_time(p[1]);
    TRY(check_zone(t, zone));
    return datetime_of_class(t, class_of(cls), day_of(p[0]), clock_of_time(p[1]), zone, as_time(p[1])->fold);
}
Ref m_fromisoformat(Thread& t, Value cls, Value text) {
    if (!is_str(text)) return raise(t, PyExc_TypeError, "fromisoformat: argument must be str");
    Ref clean = TRY(without_surrogate_separator(t, text));
    Result<std::string_view> utf8 = str_utf8(t, clean);
    if (!utf8) {
        if (!clear_if(t, PyExc_UnicodeEncodeError)) return {};
        return bad_iso(t, text);
    }
    Day d;
    IsoTime time;
    if (!parse_iso(utf8.value(), &d, &time)) return bad_iso(t, text);
    Ref zone = TRY(zone_from_iso(t, time));
    TRY(carry_midnight(t, d, time.clock));
    return datetime_of_class(t, class_of(cls), d, time.clock, zone, 0);
}

Ref m_astimezone(Thread& t, Value self, const Value* p) {
    Value target = p[0] ? p[0] : none();
    TRY(check_zone(t, target));
    Ref own = Ref::share(zone_of_datetime(self)), offset = none_ref();
    if (!is_none(own)) {
        if (own == target) return Ref::share(self);
        offset = TRY(call_utcoffset(t, own, self));
    }
    if (is_none(offset)) {  // naive: local time is meant
        own = TRY(local_zone_of_naive(t, self));
        if (own == target) return Ref::share(self);
        offset = TRY(call_utcoffset(t, own, self));
    }
    Ref shifted = TRY(datetime_add(t, self, offset, -1));
    if (!is_datetime(shifted))
        return raise(t, PyExc_TypeError, "a datetime is required, not '%T'", shifted.get());
    Ref zone = Ref::share(target);
    if (is_none(zone)) zone = TRY(local_zone_at(t, utc_seconds(shifted)));
    // fromutc() wants its own zone on the argument, which is in UTC.
    DateTime* raw = as_datetime(shifted);
    if (raw->hastzinfo) {
        Ref old = Ref::steal(Value(raw->tzinfo));
        set_zone(raw, zone);
        raw->hashcode = -1;
    } else {
        shifted = TRY(
            datetime_new(t, day_of(shifted), clock_of_datetime(shifted), zone, raw->fold, type_of(shifted)));
    }
    return call_fromutc(t, zone, shifted);
}

Ref m_timestamp(Thread& t, Value self) {
    Clock c = clock_of_datetime(self);
    if (is_none(zone_of_datetime(self))) {
        int64_t seconds = TRY(local_to_seconds(t, day_of(self), c, as_datetime(self)->fold));
        return float_from(t, static_cast<double>(seconds - kEpoch) + c.microsecond / 1e6);
    }
    Ref offset = TRY(datetime_utcoffset(t, self));
    if (is_none(offset))
        return raise(t, PyExc_TypeError, "can't subtract offset-naive and offset-aware datetimes");
    i128 micros = static_cast<i128>(utc_seconds(self)) * 1000000 + c.microsecond - delta_micros(offset);
    Ref since = TRY(delta_from_micros(t, micros));
    return delta_total_seconds(t, since);
}

}  // namespace krait::dt
