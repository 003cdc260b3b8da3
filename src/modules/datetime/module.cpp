// The module _datetime: constants, and the table for C code.
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "modules/datetime/datetime.h"

namespace krait {

using namespace dt;

namespace {

// --- what C code gets as datetime.datetime_CAPI ---

PyObject* to_c(Ref r) { return r ? r.release().ptr() : nullptr; }
Value zone_or_none(PyObject* zone) { return zone ? Value(zone) : none(); }

PyObject* c_date(int year, int month, int day, PyTypeObject* type) {
    Thread& t = current_thread();
    if (!check_date(t, year, month, day)) return nullptr;
    return to_c(date_new(t, {year, month, day}, type));
}
PyObject* c_datetime_fold(int year, int month, int day, int hour, int minute, int second, int microsecond,
                          PyObject* zone, int fold, PyTypeObject* type) {
    Thread& t = current_thread();
    Clock c{hour, minute, second, microsecond};
    if (!check_date(t, year, month, day) || !check_time(t, c, fold) || !check_zone(t, zone_or_none(zone)))
        return nullptr;
    return to_c(datetime_new(t, {year, month, day}, c, zone_or_none(zone), fold, type));
}
PyObject* c_datetime(int year, int month, int day, int hour, int minute, int second, int microsecond,
                     PyObject* zone, PyTypeObject* type) {
    return c_datetime_fold(year, month, day, hour, minute, second, microsecond, zone, 0, type);
}
PyObject* c_time_fold(int hour, int minute, int second, int microsecond, PyObject* zone, int fold,
                      PyTypeObject* type) {
    Thread& t = current_thread();
    Clock c{hour, minute, second, microsecond};
    if (!check_time(t, c, fold) || !check_zone(t, zone_or_none(zone))) return nullptr;
    return to_c(time_new(t, c, zone_or_none(zone), fold, type));
}
PyObject* c_time(int hour, int minute, int second, int microsecond, PyObject* zone, PyTypeObject* type) {
    return c_time_fold(hour, minute, second, microsecond, zone, 0, type);
}
PyObject* c_delta(int days, int seconds, int microseconds, int normalize, PyTypeObject* type) {
    return to_c(delta_new(current_thread(), days, seconds, microseconds, normalize, type));
}
PyObject* c_timezone(PyObject* offset, PyObject* name) {
    return to_c(timezone_new(current_thread(), Value(offset), Value(name)));
}
PyObject* c_datetime_from_timestamp(PyObject* cls, PyObject* args, PyObject* kwargs) {
    Thread& t = current_thread();
    Ref method = get_attr(t, Value(cls), "fromtimestamp");
    return method ? to_c(call_with(t, method, Value(args), Value(kwargs))) : nullptr;
}
PyObject* c_date_from_timestamp(PyObject* cls, PyObject* args) {
    return c_datetime_from_timestamp(cls, args, nullptr);
}

const PyDateTime_CAPI* c_api() {
    static PyDateTime_CAPI table{&date_type,
                                 &datetime_type,
                                 &time_type,
                                 &delta_type,
                                 &tzinfo_type,
                                 utc().ptr(),
                                 c_date,
                                 c_datetime,
                                 c_time,
                                 c_delta,
                                 c_timezone,
                                 c_datetime_from_timestamp,
                                 c_date_from_timestamp,
                                 c_datetime_fold,
                                 c_time_fold};
    return &table;
}

// --- constants ---

Status set_limit(Thread& t, Type& type, const char* name, Ref value) {
    if (!value) return {};
    TRY(dict_set_str(t, Value(type.tp_dict), name, value));
    type_modified(&type);  // the types outlive the module: it may have had other limits before
    return Status::ok();
}
Status add_limits(Thread& t) {
    constexpr int64_t kMaxDays = 999999999;
    const Clock last{23, 59, 59, 999999};
    TRY(set_limit(t, delta_type, "resolution", delta_new(t, 0, 0, 1)));
    TRY(set_limit(t, delta_type, "min", delta_new(t, -kMaxDays, 0, 0)));
    TRY(set_limit(t, delta_type, "max", delta_new(t, kMaxDays, 86399, 999999)));
    TRY(set_limit(t, date_type, "min", date_new(t, {1, 1, 1})));
    TRY(set_limit(t, date_type, "max", date_new(t, {kMaxYear, 12, 31})));
    TRY(set_limit(t, date_type, "resolution", delta_new(t, 1, 0, 0)));
    TRY(set_limit(t, time_type, "min", time_new(t, {}, none(), 0)));
    TRY(set_limit(t, time_type, "max", time_new(t, last, none(), 0)));
    TRY(set_limit(t, time_type, "resolution", delta_new(t, 0, 0, 1)));
    TRY(set_limit(t, datetime_type, "min", datetime_new(t, {1, 1, 1}, {}, none(), 0)));
    TRY(set_limit(t, datetime_type, "max", datetime_new(t, {kMaxYear, 12, 31}, last, none(), 0)));
    TRY(set_limit(t, datetime_type, "resolution", delta_new(t, 0, 0, 1)));
    constexpr int kNearlyADay = 23 * 3600 + 59 * 60;
    Ref east = TRY(delta_new(t, 0, kNearlyADay, 0)), west = TRY(delta_new(t, 0, -kNearlyADay, 0));
    TRY(set_limit(t, timezone_type, "utc", Ref::share(utc())));
    TRY(set_limit(t, timezone_type, "min", timezone_new(t, west, Value())));
    return set_limit(t, timezone_type, "max", timezone_new(t, east, Value()));
}

Status exec(Thread& t, Value module) {
    TRY(add_delta(t, module));
    TRY(add_zones(t, module));
    TRY(add_date(t, module));
    TRY(add_time(t, module));
    TRY(add_datetime(t, module));
    TRY(add_limits(t));
    TRY(module_add_int(t, module, "MINYEAR", kMinYear));
    TRY(module_add_int(t, module, "MAXYEAR", kMaxYear));
    TRY(module_add(t, module, "datetime_CAPI",
                   capsule_new(t, const_cast<PyDateTime_CAPI*>(c_api()), "datetime.datetime_CAPI")));
    return module_add(t, module, "UTC", Ref::share(utc()));
}

}  // namespace

extern const ModuleSpec module__datetime;
const ModuleSpec module__datetime{.name = "_datetime",
                                  .doc = "Dates, times and what lies between them.",
                                  .functions = nullptr,
                                  .exec = exec};

}  // namespace krait
