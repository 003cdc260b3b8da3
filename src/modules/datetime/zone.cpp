// datetime.tzinfo and datetime.timezone, and asking any zone for its offset and name.
#include "builtins/callable.h"
#include "gc/gc.h"
#include "modules/datetime/datetime.h"
#include "modules/fields.h"
#include "object/names.h"

namespace krait::dt {

Type tzinfo_type, timezone_type;

namespace {

struct TimeZone {
    PyObject ob_base;
    Value offset, name;  // the name may be empty
};
static_assert(sizeof(TimeZone) == 32);
TimeZone* as_zone(Value v) { return v.as<TimeZone>(); }

Value g_utc;  // timezone.utc; immortal

// Strictly less than a day.
Status check_offset(Thread& t, Value delta) {
    const Delta* d = as_delta(delta);
    bool too_low = d->days < -1 || (d->days == -1 && d->seconds == 0 && d->microseconds < 1);
    if (!too_low && d->days < 1) return Status::ok();
    return raise(
        t, PyExc_ValueError,
        "offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24), not %R",
        delta);
}

Ref call_for_delta(Thread& t, Value zone, Value arg, const char* name, Value interned) {
    Ref r = TRY(call_method(t, zone, interned, {arg}));
    if (is_none(r)) return r;
    if (!is_delta(r))
        return raise(t, PyExc_TypeError, "tzinfo.%s() must return None or timedelta, not '%.200s'", name,
                     type_of(r)->tp_name);
    TRY(check_offset(t, r));
    return r;
}

// --- tzinfo ---

template <const char* Name>
Ref not_implemented_method(Thread& t, Value, Value) {
    return raise(t, PyExc_NotImplementedError, "a tzinfo subclass must implement %s()", Name);
}
constexpr char kTzname[] = "tzname", kUtcoffset[] = "utcoffset", kDst[] = "dst";

Status check_own_datetime(Thread& t, Value self, Value dt) {
    if (!is_datetime(dt)) return raise(t, PyExc_TypeError, "fromutc: argument must be a datetime");
    if (zone_of_datetime(dt) != self) return raise(t, PyExc_ValueError, "fromutc: dt.tzinfo is not self");
    return Status::ok();
}
// The standard algorithm: standard time first, then what dst() says there.
Ref tzinfo_fromutc(Thread& t, Value self, Value dt) {
    TRY(check_own_datetime(t, self, dt));
    Ref offset = TRY(datetime_utcoffset(t, dt));
    if (is_none(offset)) return raise(t, PyExc_ValueError, "fromutc: non-None utcoffset() result required");
    Ref dst = TRY(datetime_dst(t, dt));
    if (is_none(dst)) return raise(t, PyExc_ValueError, "fromutc: non-None dst() result required");
    Ref standard = TRY(delta_subtract(t, offset, dst));
    Ref result = TRY(datetime_add(t, dt, standard, 1));
    if (!is_datetime(result)) return result;
    dst = TRY(call_dst(t, zone_of_datetime(dt), result));
    if (is_none(dst))
        return raise(t, PyExc_ValueError, "fromutc: tz.dst() gave inconsistent results; cannot convert");
    if (delta_is_zero(dst)) return result;
    return datetime_add(t, result, dst, 1);
}
Ref tzinfo_reduce(Thread& t, Value self) {
    static LazyName getinitargs("__getinitargs__");
    Ref method = TRY(lookup_attr(t, self, getinitargs(t)));
    Ref args = TRY(method ? call(t, method) : Ref::share(empty_tuple()));
    Ref state = TRY(call_method(t, self, ID(__getstate__)));
    return tuple_of(t, {Value(type_of(self)), args, state});
}
Ref tzinfo_tp_new(Thread& t, PyTypeObject* type, const Value*, size_t, Value) { return alloc(t, type); }
void tzinfo_dealloc(Thread& t, PyObject* o) { free_object(t, o); }

const NativeDef tzinfo_methods[] = {
    def<not_implemented_method<kTzname>>("tzname", "(object, /)", "datetime -> string name of time zone."),
    def<not_implemented_method<kUtcoffset>>("utcoffset", "(object, /)",
                                            "datetime -> timedelta, positive east of UTC."),
    def<not_implemented_method<kDst>>("dst", "(object, /)", "datetime -> timedelta of daylight saving time."),
    def<tzinfo_fromutc>("fromutc", "(object, /)", "datetime in UTC -> datetime in local time."),
    def<tzinfo_reduce>("__reduce__", "()", "-> (cls, state)"),
    {}};

// --- timezone ---

Ref timezone_make(Thread& t, Value offset, Value name) {
    Ref self = TRY(alloc(t, &timezone_type));
    as_zone(self)->offset = Ref::share(offset).release();
    as_zone(self)->name = Ref::share(name).release();
    return self;
}
Ref timezone_tp_new(Thread& t, PyTypeObject*, const Value* args, size_t nargs, Value kwnames) {
    Value p[2];
    Ref keep;
    TRY(bind_args(t, "timezone", "(offset, name=None)", args, nargs, kwnames, p, keep));
    if (!is_delta(p[0]))
        return raise(t, PyExc_TypeError, "timezone() argument 1 must be datetime.timedelta, not %s",
                     is_none(p[0]) ? "None" : type_of(p[0])->tp_name);
    if (p[1]) TRY(str_arg_of(t, "timezone", 2, p[1]));
    return timezone_new(t, p[0], p[1]);
}
void timezone_dealloc(Thread& t, PyObject* o) {
    if (Value(o) == g_utc) return make_immortal(o);
    auto* zone = reinterpret_cast<TimeZone*>(o);
    put_owned(zone->offset, Ref());
    put_owned(zone->name, Ref());
    free_object(t, o);
}
Ref timezone_compare(Thread&, Value a, Value b, CompareOp op) {
    if ((op != kEq && op != kNe) || !is_timezone(b) || !is_timezone(a)) return not_implemented_ref();
    bool same = delta_compare(as_zone(a)->offset, as_zone(b)->offset) == 0;
    return bool_ref(same == (op == kEq));
}
Result<int64_t> timezone_hash(Thread& t, Value self) { return delta_hash(t, as_zone(self)->offset); }

Status check_argument(Thread& t, Value dt, const char* method) {
    if (is_none(dt) || is_datetime(dt)) return Status::ok();
    return raise(t, PyExc_TypeError, "%s(dt) argument must be a datetime instance or None, not %.200s",
                 method, type_of(dt)->tp_name);
}
Ref timezone_repr(Thread& t, Value self) {
    if (self == g_utc) return str_from(t, "datetime.timezone.utc");
    TimeZone* zone = as_zone(self);
    const char* name = type_of(self)->tp_name;
    if (!zone->name) return str_format(t, "%s(%R)", name, zone->offset);
    return str_format(t, "%s(%R, %R)", name, zone->offset, zone->name);
}
Ref timezone_str(Thread& t, Value self) {
    TimeZone* zone = as_zone(self);
    if (zone->name) return Ref::share(zone->name);
    if (self == g_utc || delta_is_zero(zone->offset)) return str_from(t, "UTC");
    char text[40] = "UTC";
    int n = TRY(put_offset(t, text + 3, ':', self, none()));
    return str_from(t, text, static_cast<size_t>(n) + 3);
}
Ref timezone_tzname(Thread& t, Value self, Value dt) {
    TRY(check_argument(t, dt, kTzname));
    return timezone_str(t, self);
}
Ref timezone_utcoffset(Thread& t, Value self, Value dt) {
    TRY(check_argument(t, dt, kUtcoffset));
    return Ref::share(as_zone(self)->offset);
}
Ref timezone_dst(Thread& t, Value, Value dt) {
    TRY(check_argument(t, dt, kDst));
    return none_ref();
}
Ref timezone_fromutc(Thread& t, Value self, Value dt) {
    TRY(check_own_datetime(t, self, dt));
    return datetime_add(t, dt, as_zone(self)->offset, 1);
}
Ref timezone_getinitargs(Thread& t, Value self) {
    TimeZone* zone = as_zone(self);
    return zone->name ? tuple_of(t, {zone->offset, zone->name}) : tuple_of(t, {zone->offset});
}

const NativeDef timezone_methods[] = {
    def<timezone_tzname>("tzname", "(object, /)", "The name given, or one made from the offset."),
    def<timezone_utcoffset>("utcoffset", "(object, /)", "The fixed offset."),
    def<timezone_dst>("dst", "(object, /)", "None: there is no daylight saving time."),
    def<timezone_fromutc>("fromutc", "(object, /)", "datetime in UTC -> datetime in local time."),
    def<timezone_getinitargs>("__getinitargs__", "()", "The arguments, for pickle."),
    {}};

}  // namespace

Value utc() { return g_utc; }

Ref timezone_new(Thread& t, Value offset, Value name) {
    if (!name && delta_is_zero(offset)) return Ref::share(g_utc);
    TRY(check_offset(t, offset));
    return timezone_make(t, offset, name);
}

Ref call_utcoffset(Thread& t, Value zone, Value arg) {
    if (is_none(zone)) return none_ref();
    if (is_timezone(zone)) return Ref::share(as_zone(zone)->offset);
    static LazyName name("utcoffset");
    return call_for_delta(t, zone, arg, kUtcoffset, name(t));
}
Ref call_dst(Thread& t, Value zone, Value arg) {
    if (is_none(zone) || is_timezone(zone)) return none_ref();
    static LazyName name("dst");
    return call_for_delta(t, zone, arg, kDst, name(t));
}
Ref call_tzname(Thread& t, Value zone, Value arg) {
    if (is_none(zone)) return none_ref();
    if (is_timezone(zone)) return timezone_str(t, zone);
    static LazyName name("tzname");
    Ref r = TRY(call_method(t, zone, name(t), {arg}));
    if (is_none(r) || is_str(r)) return r;
    return raise(t, PyExc_TypeError, "tzinfo.tzname() must return None or a string, not '%.200s'",
                 type_of(r)->tp_name);
}

Ref call_fromutc(Thread& t, Value zone, Value datetime) {
    if (is_timezone(zone) && is_datetime(datetime) && zone_of_datetime(datetime) == zone) {
        Value offset = as_zone(zone)->offset;
        // Nobody else has seen the fresh datetime that callers hand over.
        if (delta_is_zero(offset) && has_type(datetime, &datetime_type)) return Ref::share(datetime);
        return datetime_add(t, datetime, offset, 1);
    }
    static LazyName name("fromutc");
    return call_method(t, zone, name(t), {datetime});
}

Status add_zones(Thread& t, Value module) {
    static const TypeDecl tzinfo{
        .name = "datetime.tzinfo",
        .basicsize = sizeof(PyObject),
        .flags = kTpDefault | kTpBaseType,
        .slots = {.dealloc = tzinfo_dealloc, .new_ = tzinfo_tp_new},
        .spec = {.methods = tzinfo_methods, .doc = "The base of all classes that describe time zones."}};
    static const TypeDecl timezone{
        .name = "datetime.timezone",
        .basicsize = sizeof(TimeZone),
        .base = &tzinfo_type,
        .slots = {.dealloc = timezone_dealloc,
                  .repr = timezone_repr,
                  .str = timezone_str,
                  .hash = timezone_hash,
                  .richcompare = timezone_compare,
                  .new_ = timezone_tp_new},
        .spec = {.methods = timezone_methods, .doc = "A time zone with a fixed offset from UTC."}};
    TRY(add_static_type(t, module, tzinfo_type, tzinfo));
    TRY(add_static_type(t, module, timezone_type, timezone));
    if (g_utc) return Status::ok();
    Ref zero = TRY(delta_new(t, 0, 0, 0));
    Ref zone = TRY(timezone_make(t, zero, Value()));
    g_utc = zone.release();
    make_immortal(g_utc.ptr());
    make_immortal(zero.get().ptr());
    return Status::ok();
}

}  // namespace krait::dt
