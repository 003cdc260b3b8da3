// Writing: ISO 8601, ctime() and strftime().
#include <cstdio>
#include <ctime>

#include "modules/datetime/datetime.h"
#include "modules/time.h"
#include "object/names.h"

namespace krait::dt {
namespace {

char* put2(char* p, int v) {
    *p++ = static_cast<char>('0' + v / 10);
    *p++ = static_cast<char>('0' + v % 10);
    return p;
}
char* put_digits(char* p, int v, int n) {
    for (int i = n - 1; i >= 0; i--, v /= 10) p[i] = static_cast<char>('0' + v % 10);
    return p + n;
}

// --- strftime ---

// The texts that replace directives which depend on the object, made when first needed.
class Directives {
  public:
    Directives(Thread& t, Value zone, Value zone_arg, int microsecond)
        : t_(t), zone_(zone), zone_arg_(zone_arg), microsecond_(microsecond) {}

    Status put_offset_text(StrBuilder& out, char separator) {
        char text[24];
        int n = TRY(put_offset(t_, text, separator, zone_, zone_arg_));
        return out.ascii(text, static_cast<size_t>(n));
    }
    Status put_name(StrBuilder& out) {
        if (!name_) name_ = TRY(doubled_percents(TRY(call_tzname(t_, zone_, zone_arg_))));
        return is_none(name_) ? Status::ok() : out.append(name_);
    }
    Status put_microsecond(StrBuilder& out) {
        char text[6];
        put_digits(text, microsecond_, 6);
        return out.ascii(text, 6);
    }

  private:
    // The name goes through strftime() itself. Subclasses of str may have a replace() of their own.
    Ref doubled_percents(Ref name) {
        if (is_none(name)) return name;
        Ref one = TRY(str_from(t_, "%")), two = TRY(str_from(t_, "%%"));
        if (is_str_exact(name)) return str_replace(t_, name, one, two, -1);
        Ref r = TRY(call_method(t_, name, "replace", {one, two}));
        if (is_str(r)) return r;
        return raise(t_, PyExc_TypeError, "tzname.replace() did not return a string");
    }

    Thread& t_;
    Value zone_, zone_arg_;
    int microsecond_;
    Ref name_;
};

// Years below 1000 get four digits, which the C library does not do.
Status put_year(Thread& t, StrBuilder& out, uint32_t directive, const struct tm& m) {
    int year = m.tm_year + 1900;
    if (directive == 'G') {
        Ref g = TRY(str_from(t, "%G")), text = TRY(time_format(t, g, m));
        std::string_view digits = TRY(str_utf8(t, text));
        Ref number = TRY(int_from_text(t, digits, 10));
        year = TRY(as_int32(t, number));
    }
    char text[24];
    const char* form = directive == 'F' ? "%04d-%%m-%%d" : directive == 'C' ? "%02d" : "%04d";
    int n = snprintf(text, sizeof text, form, directive == 'C' ? year / 100 : year);
    return out.ascii(text, static_cast<size_t>(n));
}

// The format with those directives replaced; the rest is for strftime().
Ref prepared_format(Thread& t, Value format, Directives& directives, const struct tm& m) {
    StrBuilder out(t, str_length(format));
    int64_t n = str_length(format);
    for (int64_t i = 0; i < n; i++) {
        uint32_t c = str_char(format, i);
        if (c != '%' || i + 1 >= n) {
            TRY(out.put(c));
            continue;
        }
        uint32_t directive = str_char(format, ++i);
        if (directive == 'z') {
            TRY(directives.put_offset_text(out, 0));
        } else if (directive == ':' && i + 1 < n && str_char(format, i + 1) == 'z') {
            i++;
            TRY(directives.put_offset_text(out, ':'));
        } else if (directive == 'Z') {
            TRY(directives.put_name(out));
        } else if (directive == 'f') {
            TRY(directives.put_microsecond(out));
        } else if ((directive == 'Y' || directive == 'G' || directive == 'F' || directive == 'C') &&
                   m.tm_year + 1900 < 1000) {
            TRY(put_year(t, out, directive, m));
        } else {
            TRY(out.put('%'));
            TRY(out.put(directive));
        }
    }
    return out.finish();
}

struct tm tm_of(const Day& d, const Clock& c, int dst) {
    struct tm m{};
    m.tm_year = d.year - 1900;
    m.tm_mon = d.month - 1;
    m.tm_mday = d.day;
    m.tm_hour = c.hour;
    m.tm_min = c.minute;
    m.tm_sec = c.second;
    m.tm_wday = (weekday(d.year, d.month, d.day) + 1) % 7;
    m.tm_yday = days_before_month(d.year, d.month) + d.day - 1;
    m.tm_isdst = dst;
    return m;
}

}  // namespace

Spec spec_of(Value text) {
    if (!text) return Spec::Auto;
    static constexpr struct {
        const char* name;
        Spec spec;
    } kSpecs[] = {{"auto", Spec::Auto},
                  {"hours", Spec::Hours},
                  {"minutes", Spec::Minutes},
                  {"seconds", Spec::Seconds},
                  {"milliseconds", Spec::Milliseconds},
                  {"microseconds", Spec::Microseconds}};
    for (const auto& s : kSpecs)
        if (str_equal(text, s.name)) return s.spec;
    return Spec::Unknown;
}

int put_clock(char* out, const Clock& c, Spec spec) {
    if (spec == Spec::Auto) spec = c.microsecond ? Spec::Microseconds : Spec::Seconds;
    char* p = put2(out, c.hour);
    if (spec == Spec::Hours) return static_cast<int>(p - out);
    *p++ = ':';
    p = put2(p, c.minute);
    if (spec == Spec::Minutes) return static_cast<int>(p - out);
    *p++ = ':';
    p = put2(p, c.second);
    if (spec == Spec::Seconds) return static_cast<int>(p - out);
    *p++ = '.';
    p = spec == Spec::Milliseconds ? put_digits(p, c.microsecond / 1000, 3) : put_digits(p, c.microsecond, 6);
    return static_cast<int>(p - out);
}

Result<int> put_offset(Thread& t, char* out, char sep, Value zone, Value arg) {
    Ref offset = TRY(call_utcoffset(t, zone, arg));
    if (is_none(offset)) return 0;
    auto micros = static_cast<int64_t>(delta_micros(offset));  // less than a day
    char* p = out;
    *p++ = micros < 0 ? '-' : '+';
    if (micros < 0) micros = -micros;
    auto seconds = static_cast<int>(micros / 1000000), rest = static_cast<int>(micros % 1000000);
    p = put2(p, seconds / 3600);
    if (sep) *p++ = sep;
    p = put2(p, seconds / 60 % 60);
    if (seconds % 60 || rest) {
        if (sep) *p++ = sep;
        p = put2(p, seconds % 60);
    }
    if (rest) {
        *p++ = '.';
        p = put_digits(p, rest, 6);
    }
    return static_cast<int>(p - out);
}

int put_date(char* out, const Day& d) {
    char* p = put_digits(out, d.year, 4);
    *p++ = '-';
    p = put2(p, d.month);
    *p++ = '-';
    put2(p, d.day);
    return 10;
}

Ref ctime_text(Thread& t, const Day& d, const Clock& c) {
    static const char kDays[] = "MonTueWedThuFriSatSun", kMonths[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char text[64];
    int n = snprintf(text, sizeof text, "%.3s %.3s %2d %02d:%02d:%02d %04d",
                     kDays + 3 * weekday(d.year, d.month, d.day), kMonths + 3 * (d.month - 1), d.day, c.hour,
                     c.minute, c.second, d.year);
    return str_from(t, text, static_cast<size_t>(n));
}

Ref format_object(Thread& t, Value self, Value format, Value zone, Value zone_arg) {
    static LazyName timetuple("timetuple");
    Day d{1900, 1, 1};
    Clock c;
    int dst = -1;
    bool dated = is_date(self);
    if (dated) d = day_of(self);
    if (is_datetime(self))
        c = clock_of_datetime(self);
    else if (!dated)
        c = clock_of_time(self);
    Directives directives(t, zone, zone_arg, c.microsecond);
    PyTypeObject* plain = is_datetime(self) ? &datetime_type : &date_type;
    if (dated && type_of(self) != plain &&
        type_lookup(type_of(self), timetuple(t)) != type_lookup(plain, timetuple(t))) {
        // An overridden timetuple() says what is formatted.
        Ref parts = TRY(call_method(t, self, timetuple(t)));
        Ref text = TRY(prepared_format(t, format, directives, tm_of(d, c, dst)));
        Ref strftime = TRY(import_attr(t, "time", "strftime"));
        return call(t, strftime, {text, parts});
    }
    if (dated && !is_none(zone)) {
        Ref saving = TRY(call_dst(t, zone, zone_arg));
        if (!is_none(saving)) dst = !delta_is_zero(saving);
    }
    struct tm m = tm_of(d, c, dst);
    Ref text = TRY(prepared_format(t, format, directives, m));
    return time_format(t, text, m);
}

Ref dunder_format(Thread& t, Value self, Value spec) {
    if (!is_str(spec))
        return raise(t, PyExc_TypeError, "__format__() argument 1 must be str, not %s",
                     is_none(spec) ? "None" : type_of(spec)->tp_name);
    if (str_length(spec) == 0) return str(t, self);
    return call_method(t, self, "strftime", {spec});
}

Ref struct_time(Thread& t, const Day& d, const Clock& c, int dst) {
    Ref type = TRY(import_attr(t, "time", "struct_time"));
    Ref parts =
        TRY(tuple_of(t, {Value::from_int(d.year), Value::from_int(d.month), Value::from_int(d.day),
                         Value::from_int(c.hour), Value::from_int(c.minute), Value::from_int(c.second),
                         Value::from_int(weekday(d.year, d.month, d.day)),
                         Value::from_int(days_before_month(d.year, d.month) + d.day), Value::from_int(dst)}));
    return call(t, type, {parts});
}

}  // namespace krait::dt
