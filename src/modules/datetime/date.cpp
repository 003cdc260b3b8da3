// datetime.date, and the tuple that isocalendar() returns.
#include <cstring>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "gc/gc.h"
#include "modules/datetime/datetime.h"
#include "object/names.h"

namespace krait::dt {

Type date_type;

namespace {

Type iso_date_type;

bool plausible_month(int month) { return month >= 1 && month <= 12; }

Ref from_pickle(Thread& t, PyTypeObject* type, const unsigned char* state) {
    return date_new(t, read_day(state), type);
}
Ref tp_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    if (nargs == 1 && (is_bytes(args[0]) || is_str(args[0]))) {
        bool sane = is_bytes(args[0])
                        ? bytes_size(args[0]) == 4 && plausible_month(bytes_data(args[0])[2])
                        : str_length(args[0]) == 4 && plausible_month(static_cast<int>(str_char(args[0], 2)));
        if (sane) {
            Ref keep;
            const unsigned char* state = TRY(pickled_state(t, args[0], 4, keep, "date"));
            return from_pickle(t, type, state);
        }
    }
    TRY(check_leading_ints(t, args, nargs));
    Value p[3];
    Ref keep;
    TRY(bind_args(t, nullptr, "(year, month, day)", args, nargs, kwnames, p, keep));
    int year = TRY(int_arg(t, p[0])), month = TRY(int_arg(t, p[1])), day = TRY(int_arg(t, p[2]));
    TRY(check_date(t, year, month, day));
    return date_new(t, {year, month, day}, type);
}
void dealloc_slot(Thread& t, PyObject* o) { free_object(t, o); }

// --- constructors ---

PyTypeObject* class_of(Value cls) { return cls.as<PyTypeObject>(); }

Ref fromtimestamp(Thread& t, Value cls, Value timestamp) {
    int64_t seconds;
    if (is_double(timestamp)) {
        double d = float_value(timestamp);
        if (__builtin_isnan(d)) return raise(t, PyExc_ValueError, "Invalid value NaN (not a number)");
        d = __builtin_floor(d);
        if (!(d >= -9223372036854775808.0 && d < 9223372036854775808.0))
            return raise(t, PyExc_OverflowError, "timestamp out of range for platform time_t");
        seconds = static_cast<int64_t>(d);
    } else {
        Ref n = TRY(index(t, timestamp));
        if (!int_to_i64(n, &seconds))
            return raise(t, PyExc_OverflowError, "timestamp out of range for platform time_t");
    }
    Day d = TRY(local_day(t, seconds));
    return date_of_class(t, class_of(cls), d);
}
Ref today(Thread& t, Value cls) {
    Moment now = moment_now();
    if (class_of(cls) == &date_type) {
        Day d = TRY(local_day(t, now.seconds));
        return date_new(t, d);
    }
    Ref clock = TRY(import_attr(t, "time", "time")), time = TRY(call(t, clock));
    return call_method(t, cls, "fromtimestamp", {time});
}
Ref fromordinal(Thread& t, Value cls, const Value* args, size_t nargs, Value kwnames) {
    TRY(exact_args(t, "fromordinal", 1, nargs, kwnames));
    int ordinal = TRY(int_arg(t, args[0]));
    if (ordinal < 1) return raise(t, PyExc_ValueError, "ordinal must be >= 1");
    return date_of_class(t, class_of(cls), from_ordinal(ordinal));
}
Ref fromisoformat(Thread& t, Value cls, Value text) {
    if (!is_str(text)) return raise(t, PyExc_TypeError, "fromisoformat: argument must be str");
    Result<std::string_view> utf8 = str_utf8(t, text);
    if (!utf8) {
        if (!clear_if(t, PyExc_UnicodeEncodeError)) return {};
        return bad_iso(t, text);
    }
    std::string_view s = utf8.value();
    Day d;
    if ((s.size() != 7 && s.size() != 8 && s.size() != 10) || !parse_iso_date(s.data(), s.size(), &d))
        return bad_iso(t, text);
    return date_of_class(t, class_of(cls), d);
}
Ref fromisocalendar(Thread& t, Value cls, const Value* p) {
    int part[3];
    for (int i = 0; i < 3; i++) {
        Result<int> n = int_arg(t, p[i]);
        if (!n) {
            if (!clear_if(t, PyExc_OverflowError)) return {};
            return raise(t, PyExc_ValueError, "ISO calendar component out of range");
        }
        part[i] = n.value();
    }
    Day d;
    switch (from_iso({part[0], part[1], part[2]}, &d)) {
        case IsoError::Year:
            return raise(t, PyExc_ValueError, "year must be in %d..%d, not %d", kMinYear, kMaxYear, part[0]);
        case IsoError::Week:
            return raise(t, PyExc_ValueError, "Invalid week: %d", part[1]);
        case IsoError::Weekday:
            return raise(t, PyExc_ValueError, "Invalid weekday: %d (range is [1, 7])", part[2]);
        case IsoError::None:
            break;
    }
    return date_of_class(t, class_of(cls), d);
}
Ref strptime(Thread& t, Value cls, const Value* args, size_t nargs, Value kwnames) {
    return call_strptime(t, "_strptime_datetime_date", cls, args, nargs, kwnames);
}

// --- arithmetic and comparison ---

Ref shift(Thread& t, Value date, Value delta, int factor) {
    Day d = day_of(date);
    TRY(add_days(t, d, static_cast<int64_t>(factor) * as_delta(delta)->days));
    return date_of_class(t, type_of(date), d);
}
// Datetimes are dates, too, but have arithmetic of their own.
Ref add(Thread& t, Value a, Value b) {
    if (is_datetime(a) || is_datetime(b)) return not_implemented_ref();
    if (is_date(a)) return is_delta(b) ? shift(t, a, b, 1) : not_implemented_ref();
    return is_delta(a) ? shift(t, b, a, 1) : not_implemented_ref();
}
Ref subtract(Thread& t, Value a, Value b) {
    if (is_datetime(a) || is_datetime(b) || !is_date(a)) return not_implemented_ref();
    if (is_date(b)) return delta_new(t, ordinal_of(day_of(a)) - ordinal_of(day_of(b)), 0, 0, false);
    return is_delta(b) ? shift(t, a, b, -1) : not_implemented_ref();
}
Ref compare_slot(Thread&, Value a, Value b, CompareOp op) {
    if (!is_date(a) || !is_date(b) || is_datetime(b)) return not_implemented_ref();
    int order = memcmp(as_date(a)->data, as_date(b)->data, 4);
    return bool_ref(holds(op, order));
}
Result<int64_t> hash_slot(Thread&, Value self) {
    Date* d = as_date(self);
    if (d->hashcode == -1) d->hashcode = hash_bytes(d->data, sizeof d->data);
    return d->hashcode;
}

// --- text ---

Ref repr_slot(Thread& t, Value self) {
    Day d = day_of(self);
    return str_format(t, "%s(%d, %d, %d)", type_of(self)->tp_name, d.year, d.month, d.day);
}
Ref isoformat(Thread& t, Value self) {
    char text[10];
    put_date(text, day_of(self));
    return str_from(t, text, sizeof text);
}
Ref str_slot(Thread& t, Value self) {
    if (has_type(self, &date_type)) return isoformat(t, self);
    return call_method(t, self, "isoformat");
}
Ref ctime(Thread& t, Value self) { return ctime_text(t, day_of(self), {}); }
Ref strftime(Thread& t, Value self, const Value* p) {
    TRY(str_arg_of(t, "strftime", 1, p[0]));
    // Datetimes inherit this method.
    return format_object(t, self, p[0], is_datetime(self) ? zone_of_datetime(self) : none(), self);
}

// --- other methods ---

Ref timetuple(Thread& t, Value self) { return struct_time(t, day_of(self), {}, -1); }
Ref isoweekday(Thread&, Value self) {
    Day d = day_of(self);
    return Ref::from_int(weekday(d.year, d.month, d.day) + 1);
}
Ref weekday_method(Thread&, Value self) {
    Day d = day_of(self);
    return Ref::from_int(weekday(d.year, d.month, d.day));
}
Ref toordinal(Thread&, Value self) { return Ref::from_int(ordinal_of(day_of(self))); }
Ref replace(Thread& t, Value self, const Value* p) {
    Day d = day_of(self);
    if (p[0]) d.year = TRY(int_arg(t, p[0]));
    if (p[1]) d.month = TRY(int_arg(t, p[1]));
    if (p[2]) d.day = TRY(int_arg(t, p[2]));
    return date_of_class(t, type_of(self), d);
}
Ref dunder_replace(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Value p[3];
    Ref keep;
    TRY(bind_args(t, "replace", "(year=unchanged, month=unchanged, day=unchanged)", args, nargs, kwnames, p,
                  keep));
    return replace(t, self, p);
}
Ref reduce(Thread& t, Value self) {
    Ref state = TRY(bytes_from(t, as_date(self)->data, 4)), args = TRY(tuple_of(t, {state}));
    return tuple_of(t, {Value(type_of(self)), args});
}
Ref get_year(Thread&, Value self, void*) { return Ref::from_int(day_of(self).year); }
Ref get_month(Thread&, Value self, void*) { return Ref::from_int(day_of(self).month); }
Ref get_day(Thread&, Value self, void*) { return Ref::from_int(day_of(self).day); }

// --- IsoCalendarDate ---

Ref iso_date_new(Thread& t, PyTypeObject* type, Value year, Value week, Value weekday) {
    Ref self = TRY(alloc(t, type, 3));
    Value* items = tuple_items(self);
    items[0] = Ref::share(year).release();
    items[1] = Ref::share(week).release();
    items[2] = Ref::share(weekday).release();
    return self;
}
Ref iso_date_tp_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    Value p[3];
    Ref keep;
    TRY(bind_args(t, "IsoCalendarDate", "(year, week, weekday)", args, nargs, kwnames, p, keep));
    return iso_date_new(t, type, p[0], p[1], p[2]);
}
Ref isocalendar(Thread& t, Value self) {
    Day d = day_of(self);
    IsoDay iso = iso_day(d.year, d.month, d.day);
    return iso_date_new(t, &iso_date_type, Value::from_int(iso.year), Value::from_int(iso.week),
                        Value::from_int(iso.weekday));
}
Ref iso_date_repr(Thread& t, Value self) {
    return str_format(t, "%.200s(year=%S, week=%S, weekday=%S)", type_of(self)->tp_name, tuple_get(self, 0),
                      tuple_get(self, 1), tuple_get(self, 2));
}
Ref iso_date_reduce(Thread& t, Value self) {
    // The values alone: a tuple of the plain kind.
    Ref plain = TRY(tuple_from(t, tuple_items(self), tuple_size(self))), args = TRY(tuple_of(t, {plain}));
    return tuple_of(t, {Value(&PyTuple_Type), args});
}
template <int I>
Ref iso_date_part(Thread&, Value self, void*) {
    return Ref::share(tuple_get(self, I));
}

const NativeDef methods[] = {
    def<fromtimestamp>("fromtimestamp", "(timestamp, /)", "The local date of a POSIX timestamp.", kMethClass),
    def<fromordinal>("fromordinal", "", "int -> date of a proleptic Gregorian ordinal.",
                     kMethClass | kMethNoSignature),
    def<fromisoformat>("fromisoformat", "(object, /)", "str -> date, from an ISO 8601 text.", kMethClass),
    def<fromisocalendar>("fromisocalendar", "(year, week, day)", "int, int, int -> date of an ISO week date.",
                         kMethClass | kMethNoSignature),
    def<strptime>("strptime", "", "string, format -> date, by the format.", kMethClass | kMethNoSignature),
    def<today>("today", "()", "The current date.", kMethClass),
    def<ctime>("ctime", "()", "The date in the style of C's ctime()."),
    def<strftime>("strftime", "(format)", "format -> text by the format of strftime().", kMethNoSignature),
    def<dunder_format>("__format__", "(format, /)", "Formats by self.strftime().", kMethNoSignature),
    def<timetuple>("timetuple", "()", "The time tuple, for time.localtime() and its like."),
    def<isocalendar>("isocalendar", "()", "The ISO year, week number and weekday."),
    def<isoformat>("isoformat", "()", "The date in ISO 8601 format, YYYY-MM-DD."),
    def<isoweekday>("isoweekday", "()", "The day of the week: Monday is 1, Sunday 7."),
    def<toordinal>("toordinal", "()", "The proleptic Gregorian ordinal; January 1 of year 1 is day 1."),
    def<weekday_method>("weekday", "()", "The day of the week: Monday is 0, Sunday 6."),
    def<replace>("replace", "(year=unchanged, month=unchanged, day=unchanged)", "A date with new fields."),
    def<dunder_replace>("__replace__", "(**changes)", "The same as replace()."),
    def<reduce>("__reduce__", "()", "__reduce__() -> (cls, state)"),
    {}};
const GetSetDef getset_table[] = {getset("year", get_year, nullptr, nullptr),
                                  getset("month", get_month, nullptr, nullptr),
                                  getset("day", get_day, nullptr, nullptr),
                                  {}};
const NativeDef iso_date_methods[] = {def<iso_date_reduce>("__reduce__", "()", "The state for pickle."), {}};
const GetSetDef iso_date_getset[] = {getset("year", iso_date_part<0>, nullptr, nullptr),
                                     getset("week", iso_date_part<1>, nullptr, nullptr),
                                     getset("weekday", iso_date_part<2>, nullptr, nullptr),
                                     {}};

}  // namespace

Ref date_new(Thread& t, const Day& d, PyTypeObject* type) {
    auto* o = new_object<Date>(t, type, date_type);
    if (!o) return {};
    o->hastzinfo = 0;
    write_day(o->data, d);
    return owned(o);
}
Ref date_of_class(Thread& t, PyTypeObject* type, const Day& d) {
    if (type == &date_type || type == &datetime_type) {
        TRY(check_date(t, d.year, d.month, d.day));
        return type == &date_type ? date_new(t, d) : datetime_new(t, d, {}, none(), 0);
    }
    return call(t, Value(type), {Value::from_int(d.year), Value::from_int(d.month), Value::from_int(d.day)});
}

Status add_date(Thread& t, Value module) {
    static const TypeDecl date{.name = "datetime.date",
                               .basicsize = sizeof(Date),
                               .flags = kTpDefault | kTpBaseType,
                               .slots = {.dealloc = dealloc_slot,
                                         .repr = repr_slot,
                                         .str = str_slot,
                                         .hash = hash_slot,
                                         .richcompare = compare_slot,
                                         .new_ = tp_new,
                                         .nb_add = add,
                                         .nb_subtract = subtract},
                               .spec = {.methods = methods,
                                        .getset = getset_table,
                                        .doc = "date(year, month, day): a day of the calendar."}};
    static const TypeDecl iso_date{
        .name = "datetime.IsoCalendarDate",
        .basicsize = PyTuple_Type.tp_basicsize,
        .itemsize = sizeof(Value),
        .flags = kTpDefault | kTpHaveGC,
        .base = &PyTuple_Type,
        .slots = {.repr = iso_date_repr, .new_ = iso_date_tp_new},
        .spec = {.methods = iso_date_methods,
                 .getset = iso_date_getset,
                 .doc = "The result of date.isocalendar() or datetime.isocalendar()\n\n"
                        "A tuple of ISO year, week number and weekday, which are "
                        "attributes, too."}};
    if (!iso_date_type.tp_name) init_static_type(iso_date_type, iso_date);
    TRY(ready_type(t, &iso_date_type));
    return add_static_type(t, module, date_type, date);
}

}  // namespace krait::dt
