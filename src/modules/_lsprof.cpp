// The module _lsprof: the deterministic profiler behind cProfile. It is a tool of sys.monitoring.
#include <map>
#include <new>
#include <string>
#include <vector>

#include "builtins/callable.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "interp/monitoring.h"
#include "object/per_interpreter.h"
#include "object/protocol.h"
#include "runtime/timestamp.h"

namespace krait {
namespace {

constexpr int kProfilerId = 2;

// Times are nanoseconds, or whatever an external timer counts.
struct Stats {
    int64_t total = 0, own = 0;
    int64_t calls = 0, recursive_calls = 0, level = 0;
    void finish(int64_t elapsed, int64_t inner) {
        if (--level == 0)
            total += elapsed;
        else
            recursive_calls++;
        own += inner;
        calls++;
    }
};
struct Entry {
    Value what;  // owned: a code object, or the text for a native
    Stats stats;
    std::map<Entry*, Stats> callees;
};
struct Context {
    int64_t start, in_callees;
    Entry* entry;
};
struct Profile {
    std::map<void*, Entry> entries;
    std::vector<Context> stack;
};
struct ProfilerObject {
    PyObject ob_base;
    Profile* profile;
    Value timer;  // owned, or empty
    double unit;
    bool enabled, subcalls, builtins, in_timer;
};
PER_INTERPRETER_REFS PyTypeObject *g_entry_type, *g_subentry_type;
ProfilerObject* as_profiler(Value v) { return v.as<ProfilerObject>(); }

// --- time ---

Result<int64_t> external_time(Thread& t, ProfilerObject* p) {
    Ref fn = Ref::share(p->timer);
    p->in_timer = true;
    Ref r = call(t, fn);
    p->in_timer = false;
    if (!r) return {};
    if (p->unit > 0) return as_int64(t, r);
    return ns_from_number(t, r, Rounding::Floor);
}

int64_t now(Thread& t, ProfilerObject* p) {
    if (!p->timer) return monotonic_ns();
    Ref timer = Ref::share(p->timer);
    SavedError saved(t);
    Result<int64_t> r = external_time(t, p);
    if (r) return r.value();
    Ref error = fetch_error(t);  // the text runs code, too
    Ref text = str_format(t, "Exception ignored while calling _lsprof timer %R", timer.get());
    restore_error(t, std::move(error));
    write_unraisable(t, text ? str_utf8_or(text, "Exception ignored").data() : nullptr, Value());
    return 0;
}

// --- calls ---

void enter(Thread& t, ProfilerObject* p, void* key, Value what) {
    Profile& profile = *p->profile;
    auto [at, fresh] = profile.entries.try_emplace(key);
    Entry& entry = at->second;
    if (fresh) entry.what = Ref::share(what).release();
    entry.stats.level++;
    if (p->subcalls && !profile.stack.empty()) profile.stack.back().entry->callees[&entry].level++;
    profile.stack.push_back({0, 0, &entry});
    int64_t start = now(t, p);
    if (!profile.stack.empty()) profile.stack.back().start = start;
}

void stop(ProfilerObject* p, Context done, int64_t end) {
    Profile& profile = *p->profile;
    int64_t elapsed = end - done.start, own = elapsed - done.in_callees;
    done.entry->stats.finish(elapsed, own);
    if (profile.stack.empty()) return;
    profile.stack.back().in_callees += elapsed;
    if (!p->subcalls) return;
    auto& callees = profile.stack.back().entry->callees;
    if (auto at = callees.find(done.entry); at != callees.end()) at->second.finish(elapsed, own);
}

void leave(Thread& t, ProfilerObject* p, void* key) {
    Profile& profile = *p->profile;
    if (profile.stack.empty()) return;
    auto at = profile.entries.find(key);
    if (at == profile.entries.end()) {
        profile.stack.pop_back();
        return;
    }
    Entry* entry = &at->second;
    int64_t end = now(t, p);
    if (profile.stack.empty()) return;
    Context done = profile.stack.back();
    profile.stack.pop_back();
    done.entry = entry;
    stop(p, done, end);
}

// The builtin behind what is called: method descriptors are bound first. Empty: not one, or an error.
Ref builtin_of(Thread& t, Value callable, Value self) {
    if (is_instance_exact_or_sub(callable, &PyCFunction_Type)) return Ref::share(callable);
    if (!has_type(callable, &PyMethodDescr_Type) || self == monitoring(t).missing) return {};
    Ref method = ext(&PyMethodDescr_Type)->slots.descr_get(t, callable, self, Value(type_of(self)));
    if (!method) clear_error(t);
    return method && is_instance_exact_or_sub(method, &PyCFunction_Type) ? method.share() : Ref();
}

// What stands for a builtin in the statistics: an object with its __self__ would live on.
Ref describe(Thread& t, PyCFunctionObject* fn) {
    const char* name = fn->m_ml->ml_name;
    Value module = fn->m_module;
    if (!fn->m_self) {
        if (module && is_str(module) && !str_equal(module, "builtins"))
            return str_format(t, "<%U.%s>", module, name);
        return str_format(t, "<%s>", name);
    }
    Ref text = TRY(str_intern(t, name));
    if (Value found = type_lookup(type_of(fn->m_self), text)) {
        Ref keep = Ref::share(found);
        Ref shown = repr(t, keep);
        if (shown) return shown;
        clear_error(t);
    }
    if (module && is_str(module)) return str_format(t, "<built-in method %S.%s>", module, name);
    return str_format(t, "<built-in method %s>", name);
}

Ref p_enter(Thread& t, Value self, const Value* args, size_t) {
    enter(t, as_profiler(self), args[0].ptr(), args[0]);
    return none_ref();
}
Ref p_leave(Thread& t, Value self, const Value* args, size_t) {
    leave(t, as_profiler(self), args[0].ptr());
    return none_ref();
}
Ref p_native_enter(Thread& t, Value self, const Value* args, size_t) {
    if (!as_profiler(self)->builtins) return none_ref();
    Ref fn = builtin_of(t, args[2], args[3]);
    if (!fn) return none_ref();
    auto* c = fn.as<PyCFunctionObject>();
    Ref what;
    if (as_profiler(self)->profile->entries.count(c->m_ml) == 0) what = TRY(describe(t, c));
    enter(t, as_profiler(self), c->m_ml, what);
    return none_ref();
}
Ref p_native_leave(Thread& t, Value self, const Value* args, size_t) {
    if (!as_profiler(self)->builtins) return none_ref();
    Ref fn = builtin_of(t, args[2], args[3]);
    if (fn) leave(t, as_profiler(self), fn.as<PyCFunctionObject>()->m_ml);
    return none_ref();
}

// --- methods ---

const struct {
    int event;
    const char* method;
} kCallbacks[] = {
    {kEventPyStart, "_pystart_callback"},  {kEventPyResume, "_pystart_callback"},
    {kEventPyThrow, "_pythrow_callback"},  {kEventPyReturn, "_pyreturn_callback"},
    {kEventPyYield, "_pyreturn_callback"}, {kEventPyUnwind, "_pyreturn_callback"},
    {kEventCall, "_ccall_callback"},       {kEventCReturn, "_creturn_callback"},
    {kEventCRaise, "_creturn_callback"},
};

Ref sys_monitoring(Thread& t) {
    Value m = sys_get(t, "monitoring");
    return m ? Ref::share(m) : raise(t, PyExc_RuntimeError, "lost sys.monitoring");
}

Ref p_enable(Thread& t, Value self, const Value* params) {
    ProfilerObject* p = as_profiler(self);
    bool subcalls = params[0] ? TRY(is_true(t, params[0])) : true;
    bool builtins = params[1] ? TRY(is_true(t, params[1])) : true;
    if (p->in_timer) return raise(t, PyExc_RuntimeError, "cannot enable profiler in external timer");
    Ref monitoring = TRY(sys_monitoring(t));
    Ref name = TRY(str_from(t, "cProfile"));
    TRY_DISCARD(call_method(t, monitoring, "use_tool_id", {Value::from_int(kProfilerId), name}));
    uint32_t events = 0;
    for (auto [event, method] : kCallbacks) {
        Ref callback = TRY(get_attr(t, self, method));
        TRY_DISCARD(call_method(t, monitoring, "register_callback",
                                {Value::from_int(kProfilerId), Value::from_int(event_bit(event)), callback}));
        events |= event_bit(event);
    }
    TRY_DISCARD(
        call_method(t, monitoring, "set_events", {Value::from_int(kProfilerId), Value::from_int(events)}));
    p->subcalls = subcalls;
    p->builtins = builtins;
    p->enabled = true;
    return none_ref();
}

Status stop_profiling(Thread& t, ProfilerObject* p) {
    if (!p->enabled) return Status::ok();
    Ref monitoring = TRY(sys_monitoring(t));
    for (auto [event, method] : kCallbacks)
        TRY_DISCARD(call_method(t, monitoring, "register_callback",
                                {Value::from_int(kProfilerId), Value::from_int(event_bit(event)), none()}));
    TRY_DISCARD(call_method(t, monitoring, "set_events", {Value::from_int(kProfilerId), Value::from_int(0)}));
    TRY_DISCARD(call_method(t, monitoring, "free_tool_id", {Value::from_int(kProfilerId)}));
    p->enabled = false;
    // Calls that are still running end now.
    while (!p->profile->stack.empty()) {
        int64_t end = now(t, p);
        if (p->profile->stack.empty()) break;
        Context done = p->profile->stack.back();
        p->profile->stack.pop_back();
        stop(p, done, end);
    }
    return Status::ok();
}
Ref p_disable(Thread& t, Value self) {
    ProfilerObject* p = as_profiler(self);
    if (p->in_timer) return raise(t, PyExc_RuntimeError, "cannot disable profiler in external timer");
    TRY(stop_profiling(t, p));
    return none_ref();
}

void clear_profile(ProfilerObject* p) {
    Profile old;
    old.entries.swap(p->profile->entries);
    old.stack.swap(p->profile->stack);
    for (auto& [key, entry] : old.entries) {
        Value what = entry.what;
        entry.what = Value();
        xdecref(what);
    }
}
Ref p_clear(Thread& t, Value self) {
    ProfilerObject* p = as_profiler(self);
    if (p->in_timer) return raise(t, PyExc_RuntimeError, "cannot clear profiler in external timer");
    clear_profile(p);
    return none_ref();
}

Ref stats_record(Thread& t, PyTypeObject* type, Value what, const Stats& s, double factor, Ref callees) {
    Ref total = TRY(float_from(t, factor * static_cast<double>(s.total)));
    Ref own = TRY(float_from(t, factor * static_cast<double>(s.own)));
    bool full = static_cast<bool>(callees);
    Value values[6] = {Ref::share(what).release(),
                       Value::from_int(s.calls),
                       Value::from_int(s.recursive_calls),
                       total.release(),
                       own.release(),
                       full ? callees.release() : Value()};
    return structseq_new(t, type, values);
}
Ref callee_records(Thread& t, const Entry& entry, double factor) {
    Ref list;
    for (const auto& [callee, stats] : entry.callees) {
        if (stats.calls == 0) continue;
        if (!list) list = TRY(list_new(t));
        Ref record = TRY(stats_record(t, g_subentry_type, callee->what, stats, factor, Ref()));
        TRY(list_append(t, list, record));
    }
    return list ? list.share() : none_ref();
}
Ref p_getstats(Thread& t, Value self) {
    ProfilerObject* p = as_profiler(self);
    double factor = p->timer && p->unit > 0 ? p->unit : 1e-9;
    Ref list = TRY(list_new(t));
    for (const auto& [key, entry] : p->profile->entries) {
        if (entry.stats.calls == 0) continue;
        Ref callees = TRY(callee_records(t, entry, factor));
        Ref record = TRY(stats_record(t, g_entry_type, entry.what, entry.stats, factor, std::move(callees)));
        TRY(list_append(t, list, record));
    }
    return list;
}

// --- the type ---

Ref profiler_new(Thread& t, PyTypeObject* type, const Value*, size_t, Value) {
    Ref self = TRY(alloc(t, type));
    gc_note_finalizer(t);
    as_profiler(self)->profile = new (std::nothrow) Profile;
    if (!as_profiler(self)->profile) return raise_no_memory(t);
    as_profiler(self)->subcalls = as_profiler(self)->builtins = true;
    return self;
}
Status profiler_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Value p[4];
    Ref keep;
    TRY(bind_args(t, "Profiler", "(timer=None, timeunit=0.0, subcalls=True, builtins=True)", args, nargs,
                  kwnames, p, keep));
    ProfilerObject* self_p = as_profiler(self);
    double unit = p[1] ? TRY(as_double(t, p[1])) : 0.0;
    bool subcalls = p[2] ? TRY(is_true(t, p[2])) : true;
    bool builtins = p[3] ? TRY(is_true(t, p[3])) : true;
    Value timer = p[0] && !is_none(p[0]) ? Ref::share(p[0]).release() : Value();
    Value old = self_p->timer;
    self_p->timer = timer;
    xdecref(old);
    self_p->unit = unit;
    self_p->subcalls = subcalls;
    self_p->builtins = builtins;
    return Status::ok();
}
void profiler_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    auto* p = reinterpret_cast<ProfilerObject*>(o);
    if (p->profile) clear_profile(p);
    delete p->profile;
    xdecref(p->timer);
    free_object(t, o);
}
void profiler_finalize(Thread& t, PyObject* o) {
    auto* p = reinterpret_cast<ProfilerObject*>(o);
    if (!p->enabled) return;
    SavedError saved(t);
    if (!stop_profiling(t, p))
        write_unraisable(t, "Exception ignored when destroying _lsprof profiler", Value(o));
}
void profiler_traverse(PyObject* o, Visitor& v) {
    auto* p = reinterpret_cast<ProfilerObject*>(o);
    v.visit(p->timer);
    if (!p->profile) return;
    for (auto& [key, entry] : p->profile->entries) v.visit(entry.what);
}

const NativeDef profiler_methods[] = {
    def<p_getstats>(
        "getstats", "()",
        "What was recorded: a list of profiler_entry objects, one for each function,\nwith the fields "
        "code, callcount, reccallcount, totaltime, inlinetime and\ncalls; calls is None or a list of "
        "profiler_subentry objects for what the\nfunction called, with the same fields but calls."),
    def<p_enable>("enable", "(subcalls=True, builtins=True)",
                  "Record calls from now on.\n\n  subcalls\n    Whether callees are kept apart by caller.\n  "
                  "builtins\n    Whether builtins count as functions of their own."),
    def<p_disable>("disable", "()", "Record no more."),
    def<p_clear>("clear", "()", "Forget everything recorded."),
    def<p_enter>("_pystart_callback", "(code, instruction_offset, /)", nullptr),
    def<p_enter>("_pythrow_callback", "(code, instruction_offset, exception, /)", nullptr),
    def<p_leave>("_pyreturn_callback", "(code, instruction_offset, retval, /)", nullptr),
    def<p_native_enter>("_ccall_callback", "(code, instruction_offset, callable, self_arg, /)", nullptr),
    def<p_native_leave>("_creturn_callback",
                        "(code, instruction_offset, callable, self_arg,\n                  /)", nullptr),
    {},
};

const StructSeqField entry_fields[] = {
    {"code", "code object, or text for a builtin"},
    {"callcount", "how many times it was called"},
    {"reccallcount", "how many of these calls were recursive"},
    {"totaltime", "time from call to return"},
    {"inlinetime", "the same without what it called"},
    {"calls", "records of what it called"},
};
const StructSeqDesc entry_desc = {"_lsprof.profiler_entry", nullptr, entry_fields, 6, 6};
const StructSeqDesc subentry_desc = {"_lsprof.profiler_subentry", nullptr, entry_fields, 5, 5};

Status exec(Thread& t, Value m) {
    static const TypeDecl decl = {
        .name = "_lsprof.Profiler",
        .basicsize = sizeof(ProfilerObject),
        .flags = kTpDefault | kTpBaseType | kTpHaveGC | kTpImmutableType,
        .slots = {.dealloc = profiler_dealloc,
                  .traverse = profiler_traverse,
                  .finalize = profiler_finalize,
                  .init = profiler_init,
                  .new_ = profiler_new},
        .spec =
            {.methods = profiler_methods,
             .doc =
                 "Records how often functions are called and how long they take.\n\n    timer\n      A "
                 "function that tells the time; None: the clock.\n    timeunit\n      Seconds per unit of "
                 "what the timer returns, if that is an int.\n    subcalls\n      Whether callees are kept "
                 "apart by caller.\n    builtins\n      Whether builtins count as functions of their own.",
             .text_signature = "(timer=None, timeunit=0.0, subcalls=True, builtins=True)"},
    };
    Ref type = TRY(new_native_heap_type(t, m, decl, {}));
    TRY(module_add(t, m, "Profiler", std::move(type)));
    Ref entry = TRY(structseq_type_new(t, entry_desc)), subentry = TRY(structseq_type_new(t, subentry_desc));
    g_entry_type = entry.share().release().as<PyTypeObject>();
    g_subentry_type = subentry.share().release().as<PyTypeObject>();
    TRY(module_add(t, m, "profiler_entry", std::move(entry)));
    return module_add(t, m, "profiler_subentry", std::move(subentry));
}

}  // namespace

extern const ModuleSpec module__lsprof = {"_lsprof", "The profiler behind cProfile.", nullptr, exec};

}  // namespace krait
