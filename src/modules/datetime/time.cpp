// datetime.time.
#include <cstring>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "gc/gc.h"
#include "modules/datetime/datetime.h"
#include "object/names.h"

namespace krait::dt {

Type time_type;

namespace {

#define TIME_ARGS "(hour=0, minute=0, second=0, microsecond=0, tzinfo=None, *, fold=0)"

// The first byte of a pickled state: the hour, and the fold as the high bit.
bool plausible_hour(int byte) { return byte >= 0 && byte < 256 && (byte & 0x7f) < 24; }

Maybe from_pickle(Thread& t, PyTypeObject* type, const Value* args, size_t nargs) {
    Value v = args[0];
    bool sane = is_bytes(v)
                    ? bytes_size(v) == 6 && plausible_hour(static_cast<unsigned char>(bytes_data(v)[0]))
                    : is_str(v) && str_length(v) == 6 && plausible_hour(static_cast<int>(str_char(v, 0)));
    if (!sane) return Maybe::absent();
    Ref keep;
    const unsigned char* state = TRY(pickled_state(t, v, 6, keep, "time"));
    Value zone = nargs > 1 ? args[1] : none();
    if (!is_none(zone) && !is_tzinfo(zone)) return raise(t, PyExc_TypeError, "bad tzinfo state arg");
    Clock c = read_clock(state);
    int fold = c.hour >> 7;
    c.hour &= 0x7f;
    return time_new(t, c, zone, fold, type);
}

// hour, minute, second, microsecond, tzinfo, fold over what is there already.
struct Parts {
    Clock clock;
    Value zone = none();
    int fold = 0;
};
Status read_parts(Thread& t, const Value* p, Parts& parts) {
    Clock& c = parts.clock;
    int* places[] = {&c.hour, &c.minute, &c.second, &c.microsecond};
    for (int i = 0; i < 4; i++)
        if (p[i]) *places[i] = TRY(int_arg(t, p[i]));
    if (p[4]) parts.zone = p[4];
    if (p[5]) parts.fold = TRY(int_arg(t, p[5]));
    return Status::ok();
}

Ref tp_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    if (nargs == 1 || nargs == 2) {
        Ref unpickled = TRY(from_pickle(t, type, args, nargs));
        if (unpickled) return unpickled;
    }
    Value p[6];
    Ref keep;
    TRY(bind_args(t, nullptr, TIME_ARGS, args, nargs, kwnames, p, keep));
    Parts parts;
    TRY(read_parts(t, p, parts));
    TRY(check_time(t, parts.clock, parts.fold));
    TRY(check_zone(t, parts.zone));
    return time_new(t, parts.clock, parts.zone, parts.fold, type);
}
void dealloc_slot(Thread& t, PyObject* o) {
    auto* time = reinterpret_cast<Time*>(o);
    if (time->hastzinfo) xdecref(Value(time->tzinfo));
    free_object(t, o);
}

// --- zone ---

Ref utcoffset(Thread& t, Value self) { return call_utcoffset(t, zone_of_time(self), none()); }
Ref dst(Thread& t, Value self) { return call_dst(t, zone_of_time(self), none()); }
Ref tzname(Thread& t, Value self) { return call_tzname(t, zone_of_time(self), none()); }

// --- text ---

Ref repr_slot(Thread& t, Value self) {
    Clock c = clock_of_time(self);
    const char* name = type_of(self)->tp_name;
    Ref text;
    if (c.microsecond)
        text = str_format(t, "%s(%d, %d, %d, %d", name, c.hour, c.minute, c.second, c.microsecond);
    else if (c.second)
        text = str_format(t, "%s(%d, %d, %d", name, c.hour, c.minute, c.second);
    else
        text = str_format(t, "%s(%d, %d", name, c.hour, c.minute);
    if (!text) return {};
    if (as_time(self)->hastzinfo) text = TRY(str_format(t, "%U, tzinfo=%R", text.get(), zone_of_time(self)));
    if (as_time(self)->fold) text = TRY(str_format(t, "%U, fold=1", text.get()));
    return str_format(t, "%U)", text.get());
}
Ref isoformat_of(Thread& t, Value self, Spec spec) {
    char text[48];
    int n = put_clock(text, clock_of_time(self), spec);
    if (as_time(self)->hastzinfo) n += TRY(put_offset(t, text + n, ':', zone_of_time(self), none()));
    return str_from(t, text, static_cast<size_t>(n));
}
Ref isoformat(Thread& t, Value self, const Value* p) {
    if (p[0]) TRY(str_arg_of(t, "isoformat", 1, p[0]));
    Spec spec = spec_of(p[0]);
    if (spec == Spec::Unknown) return raise(t, PyExc_ValueError, "Unknown timespec value");
    return isoformat_of(t, self, spec);
}
Ref str_slot(Thread& t, Value self) {
    if (has_type(self, &time_type)) return isoformat_of(t, self, Spec::Auto);
    return call_method(t, self, "isoformat");
}
Ref strftime(Thread& t, Value self, const Value* p) {
    TRY(str_arg_of(t, "strftime", 1, p[0]));
    return format_object(t, self, p[0], zone_of_time(self), none());
}

// --- comparison ---

Ref compare_slot(Thread& t, Value a, Value b, CompareOp op) {
    if (!is_time(a) || !is_time(b)) return not_implemented_ref();
    if (zone_of_time(a) == zone_of_time(b))
        return bool_ref(holds(op, memcmp(as_time(a)->data, as_time(b)->data, 6)));
    Ref x = TRY(utcoffset(t, a)), y = TRY(utcoffset(t, b));
    if (x == y || (is_delta(x) && is_delta(y) && delta_compare(x, y) == 0))
        return bool_ref(holds(op, memcmp(as_time(a)->data, as_time(b)->data, 6)));
    if (is_none(x) || is_none(y)) {
        if (op == kEq || op == kNe) return bool_ref(op == kNe);
        return raise(t, PyExc_TypeError, "can't compare offset-naive and offset-aware times");
    }
    auto micros = [](Value time, Value offset) {
        Clock c = clock_of_time(time);
        return static_cast<i128>(seconds_of(c)) * 1000000 + c.microsecond - delta_micros(offset);
    };
    i128 m = micros(a, x), n = micros(b, y);
    return bool_ref(holds(op, m, n));
}
Result<int64_t> hash_slot(Thread& t, Value self) {
    Time* time = as_time(self);
    if (time->hashcode != -1) return time->hashcode;
    Ref offset = none_ref();
    if (time->hastzinfo) {
        // The hash must not tell the folds apart.
        Ref twin = time->fold ? time_new(t, clock_of_time(self), zone_of_time(self), 0, type_of(self))
                              : Ref::share(self);
        if (!twin) return {};
        offset = TRY(utcoffset(t, twin));
    }
    if (is_none(offset)) {
        time->hashcode = hash_bytes(time->data, sizeof time->data);
    } else {
        Clock c = clock_of_time(self);
        Ref since = TRY(delta_new(t, 0, seconds_of(c), c.microsecond));
        Ref utc_time = TRY(delta_subtract(t, since, offset));
        time->hashcode = TRY(delta_hash(t, utc_time));
    }
    return time->hashcode;
}

// --- other methods ---

Ref replace(Thread& t, Value self, const Value* p) {
    Parts parts{clock_of_time(self), zone_of_time(self), as_time(self)->fold};
    TRY(read_parts(t, p, parts));
    if (parts.fold != 0 && parts.fold != 1)
        return raise(t, PyExc_ValueError, "fold must be either 0 or 1, not %d", parts.fold);
    return time_of_class(t, type_of(self), parts.clock, parts.zone, parts.fold);
}
#define REPLACE_ARGS                                                                        \
    "(hour=unchanged, minute=unchanged, second=unchanged,\n        microsecond=unchanged, " \
    "tzinfo=unchanged, *, "                                                                 \
    "fold=unchanged)"
Ref dunder_replace(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Value p[6];
    Ref keep;
    TRY(bind_args(t, "replace", REPLACE_ARGS, args, nargs, kwnames, p, keep));
    return replace(t, self, p);
}
Ref fromisoformat(Thread& t, Value cls, Value text) {
    if (!is_str(text)) return raise(t, PyExc_TypeError, "fromisoformat: argument must be str");
    Result<std::string_view> utf8 = str_utf8(t, text);
    if (!utf8) {
        if (!clear_if(t, PyExc_UnicodeEncodeError)) return {};
        return bad_iso(t, text);
    }
    std::string_view s = utf8.value();
    if (!s.empty() && s[0] == 'T') s.remove_prefix(1);
    IsoTime time;
    if (!parse_iso_time(s.data(), s.size(), &time)) return bad_iso(t, text);
    Clock& c = time.clock;
    if (c.hour == 24) {
        if (c.minute || c.second || c.microsecond)
            return raise(t, PyExc_ValueError, "minute, second, and microsecond must be 0 when hour is 24");
        c.hour = 0;
    }
    Ref zone = TRY(zone_from_iso(t, time));
    return time_of_class(t, cls.as<PyTypeObject>(), c, zone, 0);
}
Ref strptime(Thread& t, Value cls, const Value* args, size_t nargs, Value kwnames) {
    return call_strptime(t, "_strptime_datetime_time", cls, args, nargs, kwnames);
}
Ref reduce_with(Thread& t, Value self, int protocol) {
    Time* time = as_time(self);
    Ref state = TRY(bytes_from(t, time->data, sizeof time->data));
    if (protocol > 3 && time->fold) bytes_data(state)[0] |= static_cast<char>(0x80);
    Ref args = TRY(time->hastzinfo ? tuple_of(t, {state, zone_of_time(self)}) : tuple_of(t, {state}));
    return tuple_of(t, {Value(type_of(self)), args});
}
Ref reduce_ex(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(exact_args(t, "__reduce_ex__", 1, nargs, kwnames));
    int protocol = TRY(int_arg(t, args[0]));
    return reduce_with(t, self, protocol);
}
Ref reduce(Thread& t, Value self) { return reduce_with(t, self, 2); }

Ref get_hour(Thread&, Value self, void*) { return Ref::from_int(clock_of_time(self).hour); }
Ref get_minute(Thread&, Value self, void*) { return Ref::from_int(clock_of_time(self).minute); }
Ref get_second(Thread&, Value self, void*) { return Ref::from_int(clock_of_time(self).second); }
Ref get_microsecond(Thread&, Value self, void*) { return Ref::from_int(clock_of_time(self).microsecond); }
Ref get_zone(Thread&, Value self, void*) { return Ref::share(zone_of_time(self)); }
Ref get_fold(Thread&, Value self, void*) { return Ref::from_int(as_time(self)->fold); }

const NativeDef methods[] = {
    def<strptime>("strptime", "", "string, format -> time, by the format.", kMethClass | kMethNoSignature),
    def<isoformat>("isoformat", "(timespec='auto')",
                   "The time in ISO 8601 format; timespec says how many parts to show.", kMethNoSignature),
    def<strftime>("strftime", "(format)", "format -> text by the format of strftime().", kMethNoSignature),
    def<dunder_format>("__format__", "(format, /)", "Formats by self.strftime().", kMethNoSignature),
    def<utcoffset>("utcoffset", "()", "What self.tzinfo.utcoffset() says."),
    def<tzname>("tzname", "()", "What self.tzinfo.tzname() says."),
    def<dst>("dst", "()", "What self.tzinfo.dst() says."),
    def<replace>("replace", REPLACE_ARGS, "A time with new fields."),
    def<dunder_replace>("__replace__", "(**changes)", "The same as replace()."),
    def<fromisoformat>("fromisoformat", "(object, /)", "str -> time, from an ISO 8601 text.", kMethClass),
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

Ref time_new(Thread& t, const Clock& c, Value zone, int fold, PyTypeObject* type) {
    auto* o = new_object<Time>(t, type, time_type);
    if (!o) return {};
    write_clock(o->data, c);
    o->fold = static_cast<unsigned char>(fold);
    set_zone(o, zone);
    return owned(o);
}
Ref time_of_class(Thread& t, PyTypeObject* type, const Clock& c, Value zone, int fold) {
    if (type == &time_type) {
        TRY(check_time(t, c, fold));
        TRY(check_zone(t, zone));
        return time_new(t, c, zone, fold);
    }
    Ref r = TRY(call(t, Value(type),
                     {Value::from_int(c.hour), Value::from_int(c.minute), Value::from_int(c.second),
                      Value::from_int(c.microsecond), zone}));
    if (is_time(r)) as_time(r)->fold = static_cast<unsigned char>(fold);
    return r;
}

Status add_time(Thread& t, Value module) {
    static const TypeDecl decl{
        .name = "datetime.time",
        .basicsize = sizeof(Time),
        .flags = kTpDefault | kTpBaseType,
        .slots = {.dealloc = dealloc_slot,
                  .repr = repr_slot,
                  .str = str_slot,
                  .hash = hash_slot,
                  .richcompare = compare_slot,
                  .new_ = tp_new},
        .spec = {.methods = methods,
                 .getset = getset_table,
                 .doc = "time([hour[, minute[, second[, microsecond[, tzinfo]]]]]): a time of day.\n\nAll "
                        "arguments are optional; the first four are ints, tzinfo is None or of a subclass of "
                        "tzinfo."}};
    return add_static_type(t, module, time_type, decl);
}

}  // namespace krait::dt
