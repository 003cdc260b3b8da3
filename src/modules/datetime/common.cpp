// Argument checks that the classes of the module share.
#include "builtins/bytes.h"
#include "modules/datetime/datetime.h"

namespace krait::dt {

Result<int> int_arg(Thread& t, Value v) {
    if (v.is_int() && v.as_int() >= INT32_MIN && v.as_int() <= INT32_MAX) return static_cast<int>(v.as_int());
    int64_t n = TRY(as_int64(t, v));
    if (n > INT32_MAX) return raise(t, PyExc_OverflowError, "signed integer is greater than maximum");
    if (n < INT32_MIN) return raise(t, PyExc_OverflowError, "signed integer is less than minimum");
    return static_cast<int>(n);
}

Status check_leading_ints(Thread& t, const Value* args, size_t nargs) {
    for (size_t i = 0; nargs < 3 && i < nargs; i++) TRY(int_arg(t, args[i]));
    return Status::ok();
}
Status check_date(Thread& t, int year, int month, int day) {
    if (year < kMinYear || year > kMaxYear)
        return raise(t, PyExc_ValueError, "year must be in %d..%d, not %d", kMinYear, kMaxYear, year);
    if (month < 1 || month > 12) return raise(t, PyExc_ValueError, "month must be in 1..12, not %d", month);
    int last = days_in_month(year, month);
    if (day < 1 || day > last)
        return raise(t, PyExc_ValueError, "day %d must be in range 1..%d for month %d in year %d", day, last,
                     month, year);
    return Status::ok();
}
Status check_time(Thread& t, const Clock& c, int fold) {
    if (c.hour < 0 || c.hour > 23) return raise(t, PyExc_ValueError, "hour must be in 0..23, not %d", c.hour);
    if (c.minute < 0 || c.minute > 59)
        return raise(t, PyExc_ValueError, "minute must be in 0..59, not %d", c.minute);
    if (c.second < 0 || c.second > 59)
        return raise(t, PyExc_ValueError, "second must be in 0..59, not %d", c.second);
    if (c.microsecond < 0 || c.microsecond > 999999)
        return raise(t, PyExc_ValueError, "microsecond must be in 0..999999, not %d", c.microsecond);
    if (fold != 0 && fold != 1) return raise(t, PyExc_ValueError, "fold must be either 0 or 1, not %d", fold);
    return Status::ok();
}
Status check_zone(Thread& t, Value v) {
    if (is_none(v) || is_tzinfo(v)) return Status::ok();
    return raise(t, PyExc_TypeError, "tzinfo argument must be None or of a tzinfo subclass, not type '%s'",
                 type_of(v)->tp_name);
}

Status exact_args(Thread& t, const char* name, size_t n, size_t nargs, Value kwnames) {
    TRY(no_kwargs(t, name, kwnames));
    if (nargs == n) return Status::ok();
    return raise(t, PyExc_TypeError, "%s() takes exactly %zu argument%s (%zu given)", name, n,
                 n == 1 ? "" : "s", nargs);
}
Status str_arg_of(Thread& t, const char* name, int position, Value v) {
    if (is_str(v)) return Status::ok();
    return raise(t, PyExc_TypeError, "%s() argument %d must be str, not %s", name, position,
                 is_none(v) ? "None" : type_of(v)->tp_name);
}

Result<const unsigned char*> pickled_state(Thread& t, Value v, int64_t size, Ref& keep, const char* what) {
    if (is_bytes(v) && bytes_size(v) == size) {
        keep = Ref::share(v);
    } else if (is_str(v) && str_length(v) == size) {
        keep = encode(t, v, "latin-1", "strict");
        if (!keep) {
            if (!error_is(t, PyExc_UnicodeEncodeError)) return {};
            return raise(t, PyExc_ValueError,
                         "Failed to encode latin1 string when unpickling a %s object. pickle.load(data, "
                         "encoding='latin1') is assumed.",
                         what);
        }
    } else {
        return nullptr;
    }
    return reinterpret_cast<const unsigned char*>(bytes_data(keep));
}

Status add_days(Thread& t, Day& d, int64_t days) {
    if (days == 0) return Status::ok();
    int64_t ordinal = ordinal_of(d) + days;
    if (ordinal < 1 || ordinal > kMaxOrdinal) return raise(t, PyExc_OverflowError, "date value out of range");
    int64_t day = d.day + days;
    if (day >= 1 && day <= 28)
        d.day = static_cast<int>(day);
    else
        d = from_ordinal(static_cast<int>(ordinal));
    return Status::ok();
}

Ref call_strptime(Thread& t, const char* function, Value cls, const Value* args, size_t nargs,
                  Value kwnames) {
    TRY(exact_args(t, "strptime", 2, nargs, kwnames));
    TRY(str_arg_of(t, "strptime", 1, args[0]));
    TRY(str_arg_of(t, "strptime", 2, args[1]));
    Ref parse = TRY(import_attr(t, "_strptime", function));
    return call(t, parse, {cls, args[0], args[1]});
}

}  // namespace krait::dt
