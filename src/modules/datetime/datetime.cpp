// datetime.datetime: the type, its fields, text and arithmetic. What makes datetimes out of other things is
// in datetime_make.cpp.
#include "modules/datetime/datetime.h"

#include <cstdio>
#include <cstring>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "gc/gc.h"
#include "object/names.h"

namespace krait::dt {

Type datetime_type;

namespace {

void dealloc_slot(Thread& t, PyObject* o) {
    auto* dt = reinterpret_cast<DateTime*>(o);
    if (dt->hastzinfo) xdecref(Value(dt->tzinfo));
    free_object(t, o);
}

// --- text ---

Ref repr_slot(Thread& t, Value self) {
    Day d = day_of(self);
    Clock c = clock_of_datetime(self);
    char text[80];
    int n = snprintf(text, sizeof text, "(%d, %d, %d, %d, %d", d.year, d.month, d.day, c.hour, c.minute);
    auto room = [&] { return sizeof text - static_cast<size_t>(n); };
    if (c.second || c.microsecond) n += snprintf(text + n, room(), ", %d", c.second);
    if (c.microsecond) n += snprintf(text + n, room(), ", %d", c.microsecond);
    if (as_datetime(self)->fold) n += snprintf(text + n, room(), ", fold=1");
    const char* name = type_of(self)->tp_name;
    if (as_datetime(self)->hastzinfo)
        return str_format(t, "%s%s, tzinfo=%R)", name, text, zone_of_datetime(self));
    return str_format(t, "%s%s)", name, text);
}
Ref isoformat_of(Thread& t, Value self, uint32_t separator, Spec spec) {
    char text[72];
    int n = put_date(text, day_of(self));
    text[n++] = static_cast<char>(separator);
    n += put_clock(text + n, clock_of_datetime(self), spec);
    if (as_datetime(self)->hastzinfo) n += TRY(put_offset(t, text + n, ':', zone_of_datetime(self), self));
    if (separator < 0x80) return str_from_latin1(t, text, static_cast<size_t>(n));
    StrBuilder out(t);
    TRY(out.ascii(text, 10));
    TRY(out.put(separator));
    TRY(out.ascii(text + 11, static_cast<size_t>(n - 11)));
    return out.finish();
}
Ref isoformat(Thread& t, Value self, const Value* p) {
    uint32_t separator = 'T';
    if (p[0]) {
        if (!is_str(p[0]))
            return raise(t, PyExc_TypeError, "isoformat() argument 1 must be a unicode character, not %T",
                         p[0]);
        if (str_length(p[0]) != 1)
            return raise(t, PyExc_TypeError,
                         "isoformat() argument 1 must be a unicode character, not a string of length %zd",
                         str_length(p[0]));
        separator = str_char(p[0], 0);
    }
    if (p[1]) TRY(str_arg_of(t, "isoformat", 2, p[1]));
    Spec spec = spec_of(p[1]);
    if (spec == Spec::Unknown) return raise(t, PyExc_ValueError, "Unknown timespec value");
    return isoformat_of(t, self, separator, spec);
}
Ref str_slot(Thread& t, Value self) {
    if (has_type(self, &datetime_type)) return isoformat_of(t, self, ' ', Spec::Auto);
    Ref blank = TRY(str_from(t, " "));
    return call_method(t, self, "isoformat", {blank});
}
Ref ctime(Thread& t, Value self) { return ctime_text(t, day_of(self), clock_of_datetime(self)); }
// strftime() itself is inherited from date: format_object() tells them apart.

// --- arithmetic ---

struct Span {
    int64_t days, seconds, microseconds;
};
Span span_between(Value a, Value b) {
    Clock x = clock_of_datetime(a), y = clock_of_datetime(b);
    return {ordinal_of(day_of(a)) - ordinal_of(day_of(b)), seconds_of(x) - seconds_of(y),
            x.microsecond - y.microsecond};
}

// a - b, where offsets count unless both have the same zone.
Ref difference(Thread& t, Value a, Value b) {
    Ref x = none_ref(), y = none_ref();
    if (zone_of_datetime(a) != zone_of_datetime(b)) {
        x = TRY(datetime_utcoffset(t, a));
        y = TRY(datetime_utcoffset(t, b));
        if (is_none(x) != is_none(y))
            return raise(t, PyExc_TypeError, "can't subtract offset-naive and offset-aware datetimes");
    }
    Span s = span_between(a, b);
    Ref result = TRY(delta_new(t, s.days, s.seconds, s.microseconds));
    if (x == y || delta_compare(x, y) == 0) return result;
    Ref shift = TRY(delta_subtract(t, x, y));
    return delta_subtract(t, result, shift);
}

Ref add(Thread& t, Value a, Value b) {
    if (is_datetime(a)) return is_delta(b) ? datetime_add(t, a, b, 1) : not_implemented_ref();
    return is_delta(a) && is_datetime(b) ? datetime_add(t, b, a, 1) : not_implemented_ref();
}
Ref subtract(Thread& t, Value a, Value b) {
    if (!is_datetime(a)) return not_implemented_ref();
    if (is_datetime(b)) return difference(t, a, b);
    return is_delta(b) ? datetime_add(t, a, b, -1) : not_implemented_ref();
}

// --- comparison ---

// PEP 495: a time whose offset depends on its fold never equals one of another zone.
Result<bool> offset_depends_on_fold(Thread& t, Value self, Value offset) {
    Ref twin = TRY(datetime_new(t, day_of(self), clock_of_datetime(self), zone_of_datetime(self),
                                !as_datetime(self)->fold));
    Ref other = TRY(datetime_utcoffset(t, twin));
    if (other == offset) return false;
    if (is_none(other) || is_none(offset)) return true;
    return delta_compare(other, offset) != 0;
}
Ref compare_across_zones(Thread& t, Value a, Value b, CompareOp op) {
    Ref x = TRY(datetime_utcoffset(t, a)), y = TRY(datetime_utcoffset(t, b));
    bool equality = op == kEq || op == kNe;
    int order;
    if (x == y || (is_delta(x) && is_delta(y) && delta_compare(x, y) == 0)) {
        order = memcmp(as_datetime(a)->data, as_datetime(b)->data, 10);
    } else if (is_none(x) || is_none(y)) {
        if (equality) return bool_ref(op == kNe);
        return raise(t, PyExc_TypeError, "can't compare offset-naive and offset-aware datetimes");
    } else {
        Span s = span_between(a, b);
        i128 micros = (static_cast<i128>(s.days) * 86400 + s.seconds) * 1000000 + s.microseconds -
                      (delta_micros(x) - delta_micros(y));
        order = micros < 0 ? -1 : micros > 0;
    }
    if (equality && order == 0) {
        bool depends = TRY(offset_depends_on_fold(t, a, x));
        if (!depends) depends = TRY(offset_depends_on_fold(t, b, y));
        order = depends;
    }
    return bool_ref(holds(op, order));
}
Ref compare_slot(Thread& t, Value a, Value b, CompareOp op) {
    if (!is_datetime(a) || !is_datetime(b)) return not_implemented_ref();
    if (zone_of_datetime(a) == zone_of_datetime(b))
        return bool_ref(holds(op, memcmp(as_datetime(a)->data, as_datetime(b)->data, 10)));
    return compare_across_zones(t, a, b, op);
}
Result<int64_t> hash_slot(Thread& t, Value self) {
    DateTime* dt = as_datetime(self);
    if (dt->hashcode != -1) return dt->hashcode;
    Ref offset = none_ref();
    if (dt->hastzinfo) {
        Ref twin = dt->fold ? datetime_new(t, day_of(self), clock_of_datetime(self), zone_of_datetime(self),
                                           0, type_of(self))
                            : Ref::share(self);
        if (!twin) return {};
        offset = TRY(datetime_utcoffset(t, twin));
    }
    if (is_none(offset)) {
        dt->hashcode = hash_bytes(dt->data, sizeof dt->data);
    } else {
        Clock c = clock_of_datetime(self);
        Ref since = TRY(delta_new(t, ordinal_of(day_of(self)), seconds_of(c), c.microsecond));
        Ref utc_time = TRY(delta_subtract(t, since, offset));
        dt->hashcode = TRY(delta_hash(t, utc_time));
    }
    return dt->hashcode;
}

// --- parts ---

Ref m_date(Thread& t, Value self) { return date_new(t, day_of(self)); }
Ref m_time(Thread& t, Value self) {
    return time_new(t, clock_of_datetime(self), none(), as_datetime(self)->fold);
}
Ref m_timetz(Thread& t, Value self) {
    return time_new(t, clock_of_datetime(self), zone_of_datetime(self), as_datetime(self)->fold);
}
Ref timetuple(Thread& t, Value self) {
    int flag = -1;
    Ref dst = TRY(datetime_dst(t, self));
    if (!is_none(dst)) flag = !delta_is_zero(dst);
    return struct_time(t, day_of(self), clock_of_datetime(self), flag);
}
Ref utctimetuple(Thread& t, Value self) {
    Ref offset = TRY(datetime_utcoffset(t, self));
    if (is_none(offset)) return struct_time(t, day_of(self), clock_of_datetime(self), 0);
    Ref plain = TRY(datetime_new(t, day_of(self), clock_of_datetime(self), none(), 0));
    Ref in_utc = TRY(datetime_add(t, plain, offset, -1));
    return struct_time(t, day_of(in_utc), clock_of_datetime(in_utc), 0);
}
Ref utcoffset(Thread& t, Value self) { return datetime_utcoffset(t, self); }
Ref dst(Thread& t, Value self) { return datetime_dst(t, self); }
Ref tzname(Thread& t, Value self) { return call_tzname(t, zone_of_datetime(self), self); }

Ref replace(Thread& t, Value self, const Value* p) {
    Day d = day_of(self);
    Clock c = clock_of_datetime(self);
    Value zone = p[7] ? p[7] : zone_of_datetime(self);
    int fold = as_datetime(self)->fold;
    int* places[] = {&d.year, &d.month, &d.day, &c.hour, &c.minute, &c.second, &c.microsecond};
    for (int i = 0; i < 7; i++)
        if (p[i]) *places[i] = TRY(int_arg(t, p[i]));
    if (p[8]) fold = TRY(int_arg(t, p[8]));
    if (fold != 0 && fold != 1) return raise(t, PyExc_ValueError, "fold must be either 0 or 1, not %d", fold);
    return datetime_of_class(t, type_of(self), d, c, zone, fold);
}
#define REPLACE_ARGS                                                                               \
    "(year=unchanged, month=unchanged, day=unchanged,\n        hour=unchanged, minute=unchanged, " \
    "second=unchanged,\n        microsecond=unchanged, tzinfo=unchanged, *, fold=unchanged)"
Ref dunder_replace(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Value p[9];
    Ref keep;
    TRY(bind_args(t, "replace", REPLACE_ARGS, args, nargs, kwnames, p, keep));
    return replace(t, self, p);
}

Ref reduce_with(Thread& t, Value self, int protocol) {
    DateTime* dt = as_datetime(self);
    Ref state = TRY(bytes_from(t, dt->data, sizeof dt->data));
    if (protocol > 3 && dt->fold) bytes_data(state)[2] |= static_cast<char>(0x80);
    Ref args = TRY(dt->hastzinfo ? tuple_of(t, {state, zone_of_datetime(self)}) : tuple_of(t, {state}));
    return tuple_of(t, {Value(type_of(self)), args});
}
Ref reduce_ex(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(exact_args(t, "__reduce_ex__", 1, nargs, kwnames));
    int protocol = TRY(int_arg(t, args[0]));
    return reduce_with(t, self, protocol);
}
Ref reduce(Thread& t, Value self) { return reduce_with(t, self, 2); }

Ref get_hour(Thread&, Value self, void*) { return Ref::from_int(clock_of_datetime(self).hour); }
Ref get_minute(Thread&, Value self, void*) { return Ref::from_int(clock_of_datetime(self).minute); }
Ref get_second(Thread&, Value self, void*) { return Ref::from_int(clock_of_datetime(self).second); }
Ref get_microsecond(Thread&, Value self, void*) { return Ref::from_int(clock_of_datetime(self).microsecond); }
Ref get_zone(Thread&, Value self, void*) { return Ref::share(zone_of_datetime(self)); }
Ref get_fold(Thread&, Value self, void*) { return Ref::from_int(as_datetime(self)->fold); }

const NativeDef methods[] = {
    def<m_now>("now", "(tz=None)", "The current time, in the time zone tz or as local time.", kMethClass),
    def<m_utcnow>("utcnow", "()", "The current time in UTC, as a naive datetime.", kMethClass),
    def<m_fromtimestamp>("fromtimestamp", "(timestamp, tz=None)",
                         "timestamp[, tz] -> the local time of a POSIX timestamp, or its time in tz.",
                         kMethClass | kMethNoSignature),
    def<m_utcfromtimestamp>("utcfromtimestamp", "",
                            "The time of a POSIX timestamp in UTC, as a naive datetime.",
                            kMethClass | kMethNoSignature),
    def<m_strptime>("strptime", "", "string, format -> datetime, by the format.",
                    kMethClass | kMethNoSignature),
    def<m_combine>("combine", "(date, time, tzinfo=self.tzinfo)",
                   "date, time -> datetime with the same fields.", kMethClass | kMethNoSignature),
    def<m_fromisoformat>("fromisoformat", "(object, /)", "str -> datetime, from an ISO 8601 text.",
                         kMethClass),
    def<m_date>("date", "()", "The date of the same year, month and day."),
    def<m_time>("time", "()", "The time of day, without time zone."),
    def<m_timetz>("timetz", "()", "The time of day, with time zone."),
    def<ctime>("ctime", "()", "The datetime in the style of C's ctime()."),
    def<timetuple>("timetuple", "()", "The time tuple, for time.localtime() and its like."),
    def<m_timestamp>("timestamp", "()", "The POSIX timestamp as a float."),
    def<utctimetuple>("utctimetuple", "()", "The time tuple in UTC, for time.localtime() and its like."),
    def<isoformat>(
        "isoformat", "(sep='T', timespec='auto')",
        "[sep] -> text in ISO 8601 format; sep stands between date and time, timespec says how many "
        "parts of the time to show.",
        kMethNoSignature),
    def<utcoffset>("utcoffset", "()", "What self.tzinfo.utcoffset(self) says."),
    def<tzname>("tzname", "()", "What self.tzinfo.tzname(self) says."),
    def<dst>("dst", "()", "What self.tzinfo.dst(self) says."),
    def<replace>("replace", REPLACE_ARGS, "A datetime with new fields."),
    def<dunder_replace>("__replace__", "(**changes)", "The same as replace()."),
    def<m_astimezone>("astimezone", "(tz=None)", "tz -> the same time in another time zone.",
                      kMethNoSignature),
    def<reduce_ex>("__reduce_ex__", "", "__reduce_ex__(proto) -> (cls, state)", kMethNoSignature),
    def<reduce>("__reduce__", "()", "__reduce__() -> (cls, state)"),
    {}};
const GetSetDef getset_table[] = {getset("hour", get_hour, nullptr, nullptr),
                                  getset("minute", get_minute, nullptr, nullptr),
                                  getset("second", get_second, nullptr, nullptr),
                                  getset("microsecond", get_microsecond, nullptr, nullptr),
                                  getset("tzinfo", get_zone, nullptr, nullptr),
                                  getset("fold", get_fold, nullptr, nullptr),
                                  {}};

}  // namespace

Ref datetime_new(Thread& t, const Day& d, const Clock& c, Value zone, int fold, PyTypeObject* type) {
    auto* o = new_object<DateTime>(t, type, datetime_type);
    if (!o) return {};
    write_day(o->data, d);
    write_clock(o->data + 4, c);
    o->fold = static_cast<unsigned char>(fold);
    set_zone(o, zone);
    return owned(o);
}
Ref datetime_of_class(Thread& t, PyTypeObject* type, const Day& d, const Clock& c, Value zone, int fold) {
    if (type == &datetime_type) {
        TRY(check_date(t, d.year, d.month, d.day));
        TRY(check_time(t, c, fold));
        TRY(check_zone(t, zone));
        return datetime_new(t, d, c, zone, fold);
    }
    Ref r = TRY(call(
        t, Value(type),
        {Value::from_int(d.year), Value::from_int(d.month), Value::from_int(d.day), Value::from_int(c.hour),
         Value::from_int(c.minute), Value::from_int(c.second), Value::from_int(c.microsecond), zone}));
    if (is_datetime(r)) as_datetime(r)->fold = static_cast<unsigned char>(fold);
    return r;
}

Ref datetime_add(Thread& t, Value self, Value delta, int factor) {
    const Delta* x = as_delta(delta);
    Day d = day_of(self);
    Clock c = clock_of_datetime(self);
    int64_t micros = c.microsecond + factor * int64_t{x->microseconds};
    int64_t seconds = seconds_of(c) + factor * int64_t{x->seconds};
    int64_t days = factor * int64_t{x->days};
    if (micros < 0) micros += 1000000, seconds--;
    if (micros >= 1000000) micros -= 1000000, seconds++;
    if (seconds < 0) seconds += 86400, days--;
    if (seconds >= 86400) seconds -= 86400, days++;
    TRY(add_days(t, d, days));
    auto s = static_cast<int>(seconds);
    c = {s / 3600, s / 60 % 60, s % 60, static_cast<int>(micros)};
    return datetime_of_class(t, type_of(self), d, c, zone_of_datetime(self), 0);
}
Ref datetime_utcoffset(Thread& t, Value self) { return call_utcoffset(t, zone_of_datetime(self), self); }
Ref datetime_dst(Thread& t, Value self) { return call_dst(t, zone_of_datetime(self), self); }

Status add_datetime(Thread& t, Value module) {
    static const TypeDecl decl{
        .name = "datetime.datetime",
        .basicsize = sizeof(DateTime),
        .flags = kTpDefault | kTpBaseType,
        .base = &date_type,
        .slots = {.dealloc = dealloc_slot,
                  .repr = repr_slot,
                  .str = str_slot,
                  .hash = hash_slot,
                  .richcompare = compare_slot,
                  .new_ = datetime_tp_new,
                  .nb_add = add,
                  .nb_subtract = subtract},
        .spec = {.methods = methods,
                 .getset = getset_table,
                 .doc =
                     "datetime(year, month, day[, hour[, minute[, second[, microsecond[,tzinfo]]]]]): a date "
                     "and a time of day.\n\nThe year, month and day are required. tzinfo is None or of a "
                     "subclass of tzinfo; the other arguments are ints."}};
    return add_static_type(t, module, datetime_type, decl);
}

}  // namespace krait::dt
