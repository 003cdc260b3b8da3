// The module _zoneinfo: time zones of the IANA database as tzinfo objects. Finding and parsing the files is
// left to the Python part of the package zoneinfo.
#include <new>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/dict_table.h"
#include "builtins/list.h"
#include "gc/gc.h"
#include "modules/datetime/datetime.h"
#include "modules/fields.h"
#include "modules/zoneinfo/rules.h"
#include "object/internal.h"
#include "object/names.h"
#include "object/per_interpreter.h"

namespace krait {
namespace {

using namespace zoneinfo;

PER_INTERPRETER_REFS PyTypeObject* g_zone_type;
PER_INTERPRETER_REFS Value
    g_weak_cache;  // zoneinfo objects by key, for ZoneInfo itself; subclasses have the attribute _weak_cache
PER_INTERPRETER_REFS Value g_strong_cache;  // a dict that keeps the last few alive, in the order of their use
constexpr int64_t kStrongCacheSize = 8;

// What utcoffset(), dst() and tzname() answer.
struct Info {
    Value offset, dst, name;  // owned
    int64_t offset_seconds = 0;
    bool same_as(const Info& o, bool names_equal) const {
        return offset_seconds == o.offset_seconds && names_equal && dt::delta_compare(dst, o.dst) == 0;
    }
};
struct ZoneData {
    Transitions transitions;
    std::vector<Info> kinds;
    int before = -1;  // kind of the time before the first transition, -1: not known
    bool has_rule = false;
    PosixRule rule;
    Info standard, daylight;  // after the last transition
    bool fixed = false;       // one offset for all times
};
enum Source { kNoCache = 0, kCache = 1, kFile = 2 };

struct ZoneObject {
    PyObject ob_base;
    Value key, file_repr;
    PyObject* weaklist;
    ZoneData* data;
    Source source;
    char reserved[156];  // up to the size that sys.getsizeof shows for CPython's
};
static_assert(offsetof(ZoneObject, weaklist) == 32 && sizeof(ZoneObject) == 208);
ZoneObject* as_zone(Value v) { return v.as<ZoneObject>(); }

void release(Info& i) {
    for (Value* v : {&i.offset, &i.dst, &i.name}) put_owned(*v, Ref());
}
void zone_clear(Thread&, PyObject* o) {
    auto* zone = reinterpret_cast<ZoneObject*>(o);
    put_owned(zone->key, Ref());
    put_owned(zone->file_repr, Ref());
}
void zone_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    weakrefs_clear(t, o);
    zone_clear(t, o);
    auto* zone = reinterpret_cast<ZoneObject*>(o);
    if (ZoneData* data = zone->data) {
        zone->data = nullptr;
        for (Info& i : data->kinds) release(i);
        release(data->standard);
        release(data->daylight);
        delete data;
    }
    free_object(t, o);
}
void zone_traverse(PyObject* o, Visitor& v) {
    v.visit(reinterpret_cast<ZoneObject*>(o)->key);
    v.visit(reinterpret_cast<ZoneObject*>(o)->file_repr);
}

// --- loading ---

Status fill_info(Thread& t, Info& info, int64_t offset, int64_t dst, Value name) {
    info.offset = TRY(dt::delta_new(t, 0, offset, 0)).release();
    info.dst = TRY(dt::delta_new(t, 0, dst, 0)).release();
    info.name = Ref::share(name).release();
    info.offset_seconds = offset;
    return Status::ok();
}

template <class Put>
Status each_int(Thread& t, Value sequence, Put put) {
    Ref items = TRY(to_tuple(t, sequence));
    for (int64_t i = 0; i < tuple_size(items); i++) put(TRY(as_int64(t, tuple_get(items, i))));
    return Status::ok();
}

struct Loaded {  // what zoneinfo._common.load_data() returns
    Ref parts;
    Value part(int i) const { return tuple_get(parts, i); }
};
Status read_transitions(Thread& t, const Loaded& file, ZoneData* d, std::vector<LocalTime>& kinds) {
    TRY(each_int(t, file.part(1), [&](int64_t v) { d->transitions.utc.push_back(v); }));
    TRY(each_int(t, file.part(2), [&](int64_t v) { kinds.push_back({v, 0, false}); }));
    size_t n = 0;
    bool too_many = false;
    TRY(each_int(t, file.part(3), [&](int64_t v) {
        if (n < kinds.size()) kinds[n].is_dst = v != 0;
        too_many |= n++ >= kinds.size();
    }));
    std::vector<int64_t> indices;
    TRY(each_int(t, file.part(0), [&](int64_t v) { indices.push_back(v); }));
    if (too_many || n != kinds.size() || indices.size() != d->transitions.utc.size())
        return raise(t, PyExc_ValueError, "Invalid TZif data");
    for (int64_t i : indices) {
        if (i < 0 || i >= static_cast<int64_t>(kinds.size()))
            return raise(t, PyExc_ValueError, "Invalid transition index found while reading TZif: %zd", i);
        d->transitions.kind.push_back(static_cast<int>(i));
    }
    d->transitions.derive(kinds);
    Ref names = TRY(to_tuple(t, file.part(4)));
    if (tuple_size(names) != static_cast<int64_t>(kinds.size()))
        return raise(t, PyExc_ValueError, "Invalid TZif data");
    d->kinds.resize(kinds.size());
    for (size_t i = 0; i < kinds.size(); i++)
        TRY(fill_info(t, d->kinds[i], kinds[i].offset, kinds[i].dst_offset,
                      tuple_get(names, static_cast<int64_t>(i))));
    return Status::ok();
}
Status read_rule(Thread& t, Value text, ZoneData* d) {
    if (!is_bytes(text)) return raise(t, PyExc_TypeError, "expected bytes, %T found", text);
    if (const char* wrong = parse_posix_rule(bytes_data(text), &d->rule))
        return raise(t, PyExc_ValueError, "%s%R", wrong, text);
    const PosixRule& rule = d->rule;
    Ref name = TRY(str_from(t, rule.std_name));
    TRY(fill_info(t, d->standard, rule.std_offset, 0, name));
    if (rule.has_dst) {
        name = TRY(str_from(t, rule.dst_name));
        TRY(fill_info(t, d->daylight, rule.dst_offset, rule.dst_offset - rule.std_offset, name));
    }
    d->has_rule = rule.has_dst;
    return Status::ok();
}
Status read_after(Thread& t, Value text, ZoneData* d) {
    if (!is_none(text) && !(is_bytes(text) && bytes_size(text) == 0)) return read_rule(t, text, d);
    if (d->kinds.empty()) return raise(t, PyExc_ValueError, "No time zone information found.");
    size_t last =
        d->transitions.kind.empty() ? d->kinds.size() - 1 : static_cast<size_t>(d->transitions.kind.back());
    const Info& k = d->kinds[last];
    d->standard = {Ref::share(k.offset).release(), Ref::share(k.dst).release(), Ref::share(k.name).release(),
                   k.offset_seconds};
    return Status::ok();
}
Status load(Thread& t, Value self, Value file) {
    Ref read = TRY(import_attr(t, "zoneinfo._common", "load_data"));
    Loaded loaded{TRY(call(t, read, {file}))};
    if (!is_tuple(loaded.parts) || tuple_size(loaded.parts) != 6)
        return raise(t, PyExc_TypeError, "Invalid data result type: %R", loaded.parts.get());
    auto* d = new (std::nothrow) ZoneData;
    if (!d) return raise_no_memory(t);
    as_zone(self)->data = d;  // frees it, whatever happens below
    std::vector<LocalTime> kinds;
    TRY(read_transitions(t, loaded, d, kinds));
    for (size_t i = 0; i < kinds.size() && d->before < 0; i++)
        if (!kinds[i].is_dst) d->before = static_cast<int>(i);
    if (d->before < 0 && !d->transitions.kind.empty()) d->before = d->transitions.kind[0];
    TRY(read_after(t, loaded.part(5), d));
    if (d->kinds.size() > 1 || d->has_rule) return Status::ok();
    d->fixed = true;
    if (!d->kinds.empty()) {
        bool names = TRY(equal(t, d->kinds[0].name, d->standard.name));
        d->fixed = d->kinds[0].same_as(d->standard, names);
    }
    return Status::ok();
}

// Reads from `file` and closes it.
Ref loaded_and_closed(Thread& t, Value self, Value file) {
    Status ok = load(t, self, file);
    if (!ok) {
        SavedError saved(t);
        Ref closed = call_method(t, file, "close");
        if (!closed) clear_error(t);
        return {};
    }
    TRY_DISCARD(call_method(t, file, "close"));
    return Ref::share(self);
}
Ref new_by_key(Thread& t, PyTypeObject* type, Value key) {
    Ref find = TRY(import_attr(t, "zoneinfo._tzpath", "find_tzfile")), path = TRY(call(t, find, {key}));
    Ref file;
    if (is_none(path)) {
        Ref open = TRY(import_attr(t, "zoneinfo._common", "load_tzdata"));
        file = TRY(call(t, open, {key}));
    } else {
        Ref open = TRY(import_attr(t, "io", "open")), mode = TRY(str_from(t, "rb"));
        file = TRY(call(t, open, {path, mode}));
    }
    Ref self = TRY(alloc(t, type));
    TRY_DISCARD(loaded_and_closed(t, self, file));
    put_owned(as_zone(self)->key, Ref::share(key));
    return self;
}

// --- caches ---

Ref weak_cache(Thread& t, PyTypeObject* type) {
    if (type != g_zone_type) return get_attr(t, Value(type), "_weak_cache");
    if (!g_weak_cache) {
        Ref cls = TRY(import_attr(t, "weakref", "WeakValueDictionary"));
        Ref made = TRY(call(t, cls));
        if (!g_weak_cache) g_weak_cache = made.release();
    }
    return Ref::share(g_weak_cache);
}
Ref strong_cache(Thread& t) {
    if (!g_strong_cache) g_strong_cache = TRY(dict_new(t)).release();
    return Ref::share(g_strong_cache);
}
Status keep_strongly(Thread& t, Value key, Value zone) {
    Ref cache = TRY(strong_cache(t));
    TRY(dict_set(t, cache, key, zone));
    if (dict_size(cache) <= kStrongCacheSize) return Status::ok();
    auto* d = cache.as<PyDictObject>();
    int64_t oldest = dict_end_entry(d, false);
    Value old_key, old_zone;
    dict_remove_entry(d, static_cast<uint64_t>(d->ma_keys->hash_at(oldest)), oldest, &old_key, &old_zone);
    decref(old_key);
    decref(old_zone);
    return Status::ok();
}
// The zone from the strong cache, which then counts as used last.
Maybe kept_zone(Thread& t, Value key) {
    Ref cache = TRY(strong_cache(t));
    int64_t h = TRY(dict_hash_key(t, key));
    auto* d = cache.as<PyDictObject>();
    int64_t ix = TRY(dict_find(t, d, key, h));
    if (ix < 0) return Maybe::absent();
    Ref zone = Ref::share(d->ma_keys->value_at(ix));
    TRY(dict_move_entry(t, d, ix, true));
    return zone;
}

Ref zone_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    Value p[1];
    Ref keep;
    TRY(bind_args(t, "ZoneInfo", "(key)", args, nargs, kwnames, p, keep));
    Value key = p[0];
    if (type == g_zone_type) {
        Ref kept = TRY(kept_zone(t, key));
        if (kept) return kept;
    }
    Ref cache = TRY(weak_cache(t, type));
    Ref zone = TRY(call_method(t, cache, "get", {key, none()}));
    if (is_none(zone)) {
        Ref made = TRY(new_by_key(t, type, key));
        zone = TRY(call_method(t, cache, "setdefault", {key, made}));
    }
    if (!is_instance_exact_or_sub(zone, type))
        return raise(t, PyExc_RuntimeError, "Unexpected instance of %T in %s weak cache for key %R",
                     zone.get(), short_type_name(type), key);
    as_zone(zone)->source = kCache;
    if (type == g_zone_type) TRY(keep_strongly(t, key, zone));
    return zone;
}
Ref clear_cache(Thread& t, Value cls, const Value* p) {
    auto* type = cls.as<PyTypeObject>();
    bool own = type == g_zone_type;
    Ref weak = TRY(weak_cache(t, type)), strong = TRY(strong_cache(t));
    if (!p[0] || is_none(p[0])) {
        TRY_DISCARD(call_method(t, weak, "clear"));
        if (own) dict_clear(t, strong);
        return none_ref();
    }
    Ref it = TRY(iter(t, p[0]));
    while (Ref key = iter_next(t, it)) {
        if (own) {
            Ref dropped = TRY(dict_pop(t, strong, key));
        }
        TRY_DISCARD(call_method(t, weak, "pop", {key, none()}));
    }
    if (occurred(t)) return {};
    return none_ref();
}

// --- other constructors, pickling ---

Ref no_cache(Thread& t, Value cls, const Value* p) { return new_by_key(t, cls.as<PyTypeObject>(), p[0]); }
Ref from_file(Thread& t, Value cls, const Value* p) {
    Ref self = TRY(alloc(t, cls.as<PyTypeObject>()));
    put_owned(as_zone(self)->file_repr, TRY(repr(t, p[0])));
    TRY(load(t, self, p[0]));
    as_zone(self)->source = kFile;
    put_owned(as_zone(self)->key, p[1] ? Ref::share(p[1]) : none_ref());
    return self;
}
Ref reduce(Thread& t, Value self) {
    ZoneObject* zone = as_zone(self);
    if (zone->source == kFile) {
        Ref error = TRY(import_attr(t, "pickle", "PicklingError"));
        Ref text = TRY(str_from(t, "Cannot pickle a ZoneInfo file from a file stream."));
        Ref exc = TRY(call(t, error, {text}));
        return raise_object(t, exc);
    }
    Ref make = TRY(get_attr(t, Value(type_of(self)), "_unpickle"));
    Ref args = TRY(tuple_of(t, {zone->key, Value::from_int(zone->source)}));
    return tuple_of(t, {make, args});
}
Ref unpickle(Thread& t, Value cls, const Value* p) {
    int64_t from_cache = TRY(as_int64(t, p[1]));
    if (from_cache) return call(t, cls, {p[0]});
    return new_by_key(t, cls.as<PyTypeObject>(), p[0]);
}
Ref init_subclass(Thread& t, Value cls, const Value*, size_t, Value) {
    Ref type = TRY(import_attr(t, "weakref", "WeakValueDictionary")), cache = TRY(call(t, type));
    TRY(set_attr(t, cls, "_weak_cache", cache));
    return none_ref();
}

// --- answers ---

struct When {
    int64_t seconds;  // local, since 1970-01-01
    int year, fold;
};
Result<int64_t> int_attr(Thread& t, Value v, const char* name) {
    Ref n = TRY(get_attr(t, v, name));
    return as_int64(t, n);
}
Result<When> when_of(Thread& t, Value v) {
    if (has_type(v, &dt::datetime_type)) {
        dt::Day d = dt::day_of(v);
        return When{
            int64_t{dt::ordinal_of(d)} * 86400 + dt::seconds_of(dt::clock_of_datetime(v)) - dt::kEpoch,
            d.year, dt::as_datetime(v)->fold};
    }
    Ref n = TRY(call_method(t, v, "toordinal"));
    int64_t ordinal = TRY(as_int64(t, n));
    int64_t hour = TRY(int_attr(t, v, "hour")), minute = TRY(int_attr(t, v, "minute")),
            second = TRY(int_attr(t, v, "second"));
    int64_t year = TRY(int_attr(t, v, "year")), fold = TRY(int_attr(t, v, "fold"));
    if (ordinal < -dt::kMaxOrdinal || ordinal > 2 * dt::kMaxOrdinal || year < 1 || year > dt::kMaxYear)
        return raise(t, PyExc_ValueError, "year must be in %d..%d", dt::kMinYear, dt::kMaxYear);
    return When{ordinal * 86400 + hour * 3600 + minute * 60 + second - dt::kEpoch, static_cast<int>(year),
                fold != 0};
}

// The info for a local time; null means that there is none, which is no error.
Result<const Info*> info_for(Thread& t, Value self, Value v) {
    const ZoneData* d = as_zone(self)->data;
    if (!d) return nullptr;
    if (is_none(v)) return d->fixed ? &d->standard : nullptr;
    When w = TRY(when_of(t, v));
    const std::vector<int64_t>& local = d->transitions.local[w.fold];
    if (!local.empty() && w.seconds < local.front())
        return d->before < 0 ? nullptr : &d->kinds[static_cast<size_t>(d->before)];
    if (local.empty() || w.seconds > local.back()) {
        bool dst = d->has_rule && d->rule.is_dst_local(w.seconds, w.year, w.fold);
        return dst ? &d->daylight : &d->standard;
    }
    int64_t i = count_up_to(local, w.seconds) - 1;
    return &d->kinds[static_cast<size_t>(d->transitions.kind[static_cast<size_t>(i)])];
}
template <Value Info::* Part>
Ref answer(Thread& t, Value self, Value v) {
    const Info* info = TRY(info_for(t, self, v));
    return info ? Ref::share(info->*Part) : none_ref();
}

struct UtcAnswer {
    const Info* info;
    bool fold;
};
UtcAnswer info_at_utc(const ZoneData* d, int64_t utc, int year) {
    const Transitions& tr = d->transitions;
    size_t n = tr.utc.size();
    auto kind = [&](size_t i) { return &d->kinds[static_cast<size_t>(tr.kind[i])]; };
    const Info* before = d->before < 0 ? nullptr : &d->kinds[static_cast<size_t>(d->before)];
    if (n && utc < tr.utc.front()) return {before, false};
    const Info *info, *previous;
    bool fold = false;
    size_t i = n;  // how many transitions are over
    if (n == 0 || utc > tr.utc.back()) {
        info = &d->standard;
        if (d->has_rule) {
            PosixRule::Answer a = d->rule.at_utc(utc, year);
            if (a.is_dst) info = &d->daylight;
            fold = a.fold;
        }
        if (n == 0) return {info, fold};
    } else {
        i = static_cast<size_t>(count_up_to(tr.utc, utc));
        info = kind(i - 1);
    }
    previous = i > 1 ? kind(i - 2) : before;
    // Set back by more than the time that passed since: this reading is the second one.
    int64_t shift = previous ? previous->offset_seconds - info->offset_seconds : 0;
    return {info, fold || shift > utc - tr.utc[i - 1]};
}
Ref fromutc(Thread& t, Value self, Value v) {
    if (!dt::is_datetime(v)) return raise(t, PyExc_TypeError, "fromutc: argument must be a datetime");
    if (dt::zone_of_datetime(v) != self) return raise(t, PyExc_ValueError, "fromutc: dt.tzinfo is not self");
    When w = TRY(when_of(t, v));
    UtcAnswer a = info_at_utc(as_zone(self)->data, w.seconds, w.year);
    if (!a.info) return raise(t, PyExc_ValueError, "No time zone information found.");
    Ref local = TRY(dt::datetime_add(t, v, a.info->offset, 1));
    if (!a.fold) return local;
    if (has_type(local, &dt::datetime_type)) {
        dt::as_datetime(local)->fold = 1;
        return local;
    }
    Ref replace = TRY(get_attr(t, local, "replace")), name = TRY(str_intern(t, "fold"));
    Ref names = TRY(tuple_of(t, {name}));
    Value args[] = {Value::from_int(1)};
    return call(t, replace, args, 0, names);
}

Ref zone_repr(Thread& t, Value self) {
    ZoneObject* zone = as_zone(self);
    const char* name = type_of(self)->tp_name;
    if (zone->key && !is_none(zone->key)) return str_format(t, "%s(key=%R)", name, zone->key);
    return str_format(t, "%s.from_file(%U)", name, zone->file_repr);
}
Ref zone_str(Thread& t, Value self) {
    ZoneObject* zone = as_zone(self);
    return zone->key && !is_none(zone->key) ? Ref::share(zone->key) : zone_repr(t, self);
}

const NativeDef methods[] = {
    def<clear_cache>("clear_cache", "(*, only_keys=None)", "Clears the cache of zones.", kMethClass),
    def<no_cache>("no_cache", "(key)", "A new zone that is not taken from or put into the cache.",
                  kMethClass),
    def<from_file>("from_file", "(file_obj, /, key=None)", "A zone out of an open TZif file.", kMethClass),
    def<answer<&Info::offset>>("utcoffset", "(dt, /)", "The offset from UTC at a local time.", kMethMethod),
    def<answer<&Info::dst>>("dst", "(dt, /)", "The daylight saving time at a local time.", kMethMethod),
    def<answer<&Info::name>>("tzname", "(dt, /)", "The abbreviated name at a local time.", kMethMethod),
    def<fromutc>("fromutc", "(object, /)", "The local time of a time in UTC."),
    def<reduce>("__reduce__", "()", "The state for pickle."),
    def<unpickle>("_unpickle", "(key, from_cache, /)", "Makes what was pickled.", kMethClass),
    def<init_subclass>("__init_subclass__", "", "Gives a subclass a cache of its own.",
                       kMethClass | kMethNoSignature),
    {}};
const MemberDef members[] = {member("key", MemberKind::Object, offsetof(ZoneObject, key), kReadonly, nullptr),
                             {}};

Status exec(Thread& t, Value module) {
    // Readies the base class. A Python replacement of the module has no such attribute.
    if (!(dt::tzinfo_type.tp_flags & kTpReady)) {
        Ref datetime = TRY(import_module(t, "_datetime"));
        TRY_DISCARD(get_attr(t, datetime, "datetime_CAPI"));
    }
    static const TypeDecl decl{.name = "zoneinfo.ZoneInfo",
                               .basicsize = sizeof(ZoneObject),
                               .flags = kTpDefault | kTpBaseType | kTpHaveGC | kTpImmutableType,
                               .base = &dt::tzinfo_type,
                               .slots = {.dealloc = zone_dealloc,
                                         .traverse = zone_traverse,
                                         .clear = zone_clear,
                                         .repr = zone_repr,
                                         .str = zone_str,
                                         .getattr = generic_get_attr,
                                         .new_ = zone_new},
                               .spec = {.methods = methods, .members = members},
                               .weaklistoffset = offsetof(ZoneObject, weaklist)};
    Ref type = TRY(new_native_heap_type(t, {}, decl, {}));
    g_zone_type = type.share().release().as<PyTypeObject>();
    return set_attr(t, module, "ZoneInfo", type);
}

}  // namespace

extern const ModuleSpec module__zoneinfo;
const ModuleSpec module__zoneinfo{
    .name = "_zoneinfo", .doc = "Time zones of the IANA database.", .functions = nullptr, .exec = exec};

}  // namespace krait
