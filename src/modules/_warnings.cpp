// _warnings: issuing warnings without the Python module, and the filter state both share.
#include <unistd.h>

#include <cstring>
#include <string>

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/exceptions.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "interp/interp.h"
#include "modules/_thread.h"
#include "modules/warnings_lock.h"
#include "object/names.h"
#include "object/per_interpreter.h"
#include "object/protocol.h"
#include "object/warnings.h"
#include "runtime/config.h"
#include "runtime/import.h"

namespace krait {
namespace {

// The Python module's version of a name while it is imported (programs replace these): it is the
// interpreter's own from then on.
Ref state(Thread& t, const char* name, Value& own) {
    Value warnings = t.interp->modules ? dict_get_str(t.interp->modules, "warnings") : Value();
    if (warnings) {
        Ref v = TRY(lookup_attr(t, warnings, name));
        if (v && v != own) {
            Ref old = Ref::steal(own);
            own = v.share().release();
        }
    }
    return Ref::share(own);
}

// --- the lock: warnings.py takes it over several calls ---

struct WarningsLock {
    OsLock lock;
    uint64_t owner = 0;
    int64_t depth = 0;
};
// What it guards is changed with the GIL held.
PER_INTERPRETER WarningsLock* g_lock;
WarningsLock& the_lock() {
    if (!g_lock) g_lock = new WarningsLock;
    return *g_lock;
}
void free_lock(Thread&) {
    delete g_lock;
    g_lock = nullptr;
}
AT_INTERPRETER_END(free_lock)
bool lock_is_mine(Thread& t) { return the_lock().depth && the_lock().owner == t.c.thread_id; }
void take_lock(Thread& t) {
    WarningsLock& l = the_lock();
    if (!lock_is_mine(t)) {
        // Signal handlers run later: nothing is left half done.
        while (!l.lock.try_acquire()) {
            AllowThreads allow(t);
            usleep(200);
        }
        l.owner = t.c.thread_id;
    }
    l.depth++;
}
bool give_lock(Thread& t) {
    WarningsLock& l = the_lock();
    if (!lock_is_mine(t)) return false;
    if (--l.depth == 0) {
        l.owner = 0;
        l.lock.release();
    }
    return true;
}
class Locked {
  public:
    explicit Locked(Thread& t) : t_(t) { take_lock(t); }
    ~Locked() { give_lock(t_); }
    Locked(const Locked&) = delete;

  private:
    Thread& t_;
};

struct Warning {
    Value category, filename, lineno_value, module, registry, source, line;
    int64_t lineno;
    Ref text, message;  // text: str(message); message: the instance
};

// --- filters ---

Result<bool> pattern_matches(Thread& t, Value pattern, Value text) {
    if (is_none(pattern)) return true;
    if (is_str_exact(pattern)) return equal(t, pattern, text);
    Ref m = TRY(call_method(t, pattern, "match", {text}));
    return is_true(t, m);
}

// The action of the first filter that fits; `found` gets the filter.
Maybe search_filters(Thread& t, Warning& w, Value filters, Ref& found) {
    for (int64_t i = 0; i < list_size(filters); i++) {
        Ref item = Ref::share(list_get(filters, i));
        if (!is_tuple(item) || tuple_size(item) != 5)
            return raise(t, PyExc_ValueError, "warnings.filters item %zd isn't a 5-tuple", i);
        Value action = tuple_get(item, 0);
        if (!is_str(action)) return raise(t, PyExc_TypeError, "action must be a string, not '%T'", action);
        bool ok = TRY(pattern_matches(t, tuple_get(item, 1), w.text));
        if (ok) ok = TRY(is_subclass(t, w.category, tuple_get(item, 2)));
        if (ok) ok = TRY(pattern_matches(t, tuple_get(item, 3), w.module));
        if (!ok) continue;
        int64_t line = TRY(as_index(t, tuple_get(item, 4), PyExc_OverflowError));
        if (line != 0 && line != w.lineno) continue;
        found = item.share();
        return Maybe::found(Ref::share(action));
    }
    return Maybe::absent();
}

// The filters of the innermost catch_warnings of this context, where programs asked for that (-X).
Maybe context_filters(Thread& t) {
    if (!g_runtime.config || g_runtime.config->context_aware_warnings <= 0) return Maybe::absent();
    Ref variable = TRY(import_attr(t, "_warnings", "_warnings_context"));
    if (is_none(variable)) return Maybe::absent();
    Ref context = TRY(call_method(t, variable, "get", {none()}));
    if (is_none(context)) return Maybe::absent();
    Ref filters = TRY(get_attr(t, context, "_filters"));
    if (!is_list(filters))
        return raise(t, PyExc_ValueError, "_filters of warnings._warnings_context must be a list");
    return Maybe::found(std::move(filters));
}

Ref find_action(Thread& t, Warning& w, Ref& found) {
    Ref own = TRY(context_filters(t));
    if (own) {
        Ref action = TRY(search_filters(t, w, own, found));
        if (action) return action;
    }
    Ref filters = TRY(state(t, "filters", t.interp->warnings_filters));
    if (!is_list(filters)) return raise(t, PyExc_ValueError, "_warnings.filters must be a list");
    Ref action = TRY(search_filters(t, w, filters, found));
    if (action) return action;
    found = none_ref();
    return state(t, "defaultaction", t.interp->warnings_default_action);
}

// A registry forgets what it saw when the filters change.
Result<bool> already_warned(Thread& t, Value registry, Value key, bool set) {
    if (is_none(registry)) return false;
    static LazyName version_name("version");
    Ref version = TRY(dict_get(t, registry, version_name(t)));
    int64_t seen = -1;
    if (version && is_long(version)) int_to_i64(version, &seen);
    if (seen != t.interp->warnings_filters_version) {
        dict_clear(t, registry);
        Ref now = TRY(int_from(t, t.interp->warnings_filters_version));
        TRY(dict_set(t, registry, version_name(t), now));
    } else {
        Ref before = TRY(dict_get(t, registry, key));
        if (before) {
            bool truth = TRY(is_true(t, before));
            if (truth) return true;
        }
    }
    if (set) TRY(dict_set(t, registry, key, boolean(true)));
    return false;
}

// --- showing ---

Ref module_name_of(Thread& t, Value filename) {
    int64_t n = str_length(filename);
    if (n == 0) return str_from(t, "<unknown>");
    Ref suffix = TRY(str_from(t, ".py"));
    if (n >= 3 && str_find(filename, suffix, n - 3, n, 1) >= 0) return str_substring(t, filename, 0, n - 3);
    return Ref::share(filename);
}

Status show_plainly(Thread& t, Warning& w) {
    Value err = sys_get(t, "stderr");
    if (!err || is_none(err)) return Status::ok();
    Ref file = Ref::share(err);
    Ref name = TRY(get_attr(t, w.category, ID(__name__)));
    Ref line = TRY(str_format(t, "%U:%zd: %U: %U\n", w.filename, w.lineno, name.get(), w.text.get()));
    Ref r = call_method(t, file, ID(write), {line});
    if (!r) clear_error(t);
    Ref source = Ref::share(w.line);
    if (is_none(source)) {
        Ref get_line = import_attr(t, "linecache", "getline");
        source = get_line ? call(t, get_line, {w.filename, w.lineno_value}) : Ref();
    }
    Ref stripped = source ? call_method(t, source, "strip") : Ref();
    if (stripped && str_length(stripped)) {
        Ref shown = str_format(t, "  %U\n", stripped.get());
        Ref written = shown ? call_method(t, file, ID(write), {shown}) : Ref();
    }
    clear_error(t);
    return Status::ok();
}

Status show(Thread& t, Warning& w) {
    Value warnings = t.interp->modules ? dict_get_str(t.interp->modules, "warnings") : Value();
    Ref module = warnings ? Ref::share(warnings) : Ref();
    if (!module && !is_none(w.source)) {
        module = import_module(t, "warnings");
        if (!module) clear_error(t);
    }
    Ref fn;
    if (module) fn = TRY(lookup_attr(t, module, "_showwarnmsg"));
    if (!fn) return show_plainly(t, w);
    if (!is_callable(fn))
        return raise(t, PyExc_TypeError, "warnings._showwarnmsg() must be set to a callable");
    Ref make = TRY(get_attr(t, module, "WarningMessage"));
    Ref record =
        TRY(call(t, make, {w.message, w.category, w.filename, w.lineno_value, none(), w.line, w.source}));
    TRY_DISCARD(call(t, fn, {record}));
    return Status::ok();
}

Ref once_registry(Thread& t) {
    Ref registry = TRY(state(t, "onceregistry", t.interp->warnings_once_registry));
    if (!is_dict(registry))
        return raise(t, PyExc_TypeError, "_warnings.onceregistry must be a dict, not '%T'", registry.get());
    return registry;
}

Status act(Thread& t, Warning& w) {
    Ref key = TRY(tuple_of(t, {w.text, w.category, w.lineno_value}));
    bool seen = TRY(already_warned(t, w.registry, key, false));
    if (seen) return Status::ok();
    Ref filter;
    Ref action = TRY(find_action(t, w, filter));
    if (!is_str(action)) return raise(t, PyExc_TypeError, "action must be a string, not '%T'", action.get());
    if (str_equal(action, "error")) return raise_object(t, w.message);
    if (str_equal(action, "ignore")) return Status::ok();
    bool once = str_equal(action, "once"), module = str_equal(action, "module");
    bool always = str_equal(action, "always") || str_equal(action, "all");
    if (!always && !is_none(w.registry)) TRY(dict_set(t, w.registry, key, boolean(true)));
    bool again = false;
    if (once || module) {
        Ref registry = Ref::share(w.registry);
        if (once && is_none(registry)) registry = TRY(once_registry(t));
        Ref any_line = TRY(tuple_of(t, {w.text, w.category}));
        again = TRY(already_warned(t, registry, any_line, true));
    } else if (!always && !str_equal(action, "default")) {
        return raise(t, PyExc_RuntimeError, "Unrecognized action (%R) in warnings.filters:\n %R",
                     action.get(), filter.get());
    }
    return again ? Status::ok() : show(t, w);
}

Status warn_with(Thread& t, Value category, Value message, Value filename, int64_t lineno, Value module,
                 Value registry, Value source, Value source_line) {
    Locked locked(t);
    if (!is_none(registry) && !is_dict(registry))
        return raise(t, PyExc_TypeError, "'registry' must be a dict or None");
    Warning w{};
    w.filename = filename;
    w.lineno = lineno;
    Ref line = TRY(int_from(t, lineno)), name;
    w.lineno_value = line;
    if (is_none(module)) {
        name = TRY(module_name_of(t, filename));
        module = name;
    }
    w.module = module;
    w.registry = registry;
    w.source = source;
    w.line = source_line;
    bool instance = TRY(is_instance(t, message, Value(PyExc_Warning)));
    if (instance) {
        w.text = TRY(str(t, message));
        w.message = Ref::share(message);
        w.category = Value(type_of(message));
    } else {
        w.text = Ref::share(message);
        w.message = TRY(call(t, category, {message}));
        w.category = category;
    }
    return act(t, w);
}

// --- where warn() was called from ---

bool is_internal(Frame* f) {
    Value name = f->co()->co_filename;
    if (!is_str(name)) return false;
    std::string_view s = str_utf8_or(name, "");
    return s.find("importlib") != s.npos && s.find("_bootstrap") != s.npos;
}
bool has_prefix(Value filename, Value prefixes) {
    if (!prefixes || !is_str(filename)) return false;
    std::string_view s = str_utf8_or(filename, "");
    for (int64_t i = 0; i < tuple_size(prefixes); i++)
        if (s.starts_with(str_utf8_or(tuple_get(prefixes, i), "\xff"))) return true;
    return false;
}
Frame* next_external(Frame* f, Value prefixes) {
    do {
        f = visible_frame(f->previous);
    } while (f && (is_internal(f) || has_prefix(f->co()->co_filename, prefixes)));
    return f;
}

struct Place {
    Ref filename, module, registry;
    int64_t lineno;
};
Status find_place(Thread& t, int64_t stacklevel, Value prefixes, Place& out) {
    Frame* f = current_frame(t);
    if (stacklevel <= 0 || (f && is_internal(f))) {
        while (--stacklevel > 0 && f) f = visible_frame(f->previous);
    } else {
        while (--stacklevel > 0 && f) f = next_external(f, prefixes);
    }
    Value globals;
    if (!f) {
        globals = t.interp->sys_dict;
        out.filename = TRY(str_from(t, "<sys>"));
        out.lineno = 0;
    } else {
        globals = f->globals;
        out.filename = Ref::share(f->co()->co_filename);
        out.lineno = frame_line(f);
        if (out.lineno < 0) out.lineno = 0;
    }
    Ref registry = TRY(dict_get(t, globals, ID(__warningregistry__)));
    if (!registry) {
        registry = TRY(dict_new(t));
        TRY(dict_set(t, globals, ID(__warningregistry__), registry));
    }
    out.registry = std::move(registry);
    Ref name = TRY(dict_get(t, globals, ID(__name__)));
    out.module = name && (is_none(name) || is_str(name)) ? std::move(name) : str_from(t, "<string>");
    return out.module ? Status::ok() : Status();
}

Ref warn_function(Thread& t, Value, const Value* p) {
    Value message = p[0], category = p[1] ? p[1] : none();
    int64_t stacklevel = p[2] ? TRY(as_index(t, p[2], PyExc_OverflowError)) : 1;
    Value source = p[3] ? p[3] : none();
    Value prefixes = p[4];
    if (prefixes) {
        if (!is_tuple(prefixes))
            return raise(t, PyExc_TypeError, "warn() argument 'skip_file_prefixes' must be tuple, not %K",
                         prefixes);
        for (int64_t i = 0; i < tuple_size(prefixes); i++)
            if (!is_str(tuple_get(prefixes, i)))
                return raise(t, PyExc_TypeError, "Found non-str '%T' in skip_file_prefixes.",
                             tuple_get(prefixes, i));
        if (tuple_size(prefixes) == 0)
            prefixes = Value();
        else if (stacklevel < 2)
            stacklevel = 2;
    }
    bool instance = TRY(is_instance(t, message, Value(PyExc_Warning)));
    if (instance)
        category = Value(type_of(message));
    else if (is_none(category))
        category = Value(PyExc_UserWarning);
    bool ok = is_type(category) && is_subtype(category.as<PyTypeObject>(), PyExc_Warning);
    if (!ok) return raise(t, PyExc_TypeError, "category must be a Warning subclass, not '%T'", category);
    Place place;
    TRY(find_place(t, stacklevel, prefixes, place));
    TRY(warn_with(t, category, message, place.filename, place.lineno, place.module, place.registry, source,
                  none()));
    return none_ref();
}

// The line of a module's source, from the loader that its globals name; None: not to be had.
Ref source_line(Thread& t, Value globals, int64_t lineno) {
    if (is_none(globals)) return none_ref();
    if (!is_dict(globals))
        return raise(t, PyExc_TypeError, "module_globals must be a dict, not '%.200s'",
                     type_of(globals)->tp_name);
    Ref bless = TRY(import_attr(t, "_frozen_importlib_external", "_bless_my_loader"));
    Ref loader = TRY(call(t, bless, {globals}));
    Ref name = TRY(dict_get(t, globals, ID(__name__)));
    if (is_none(loader) || !name) return none_ref();
    Ref get_source = TRY(lookup_attr(t, loader, "get_source"));
    if (!get_source) return none_ref();
    Ref source = call(t, get_source, {name});
    if (!source) {  // a loader that does not know the module under this name, __main__ say
        if (!clear_if(t, PyExc_ImportError)) return {};
        return none_ref();
    }
    if (is_none(source)) return none_ref();
    if (!is_str(source)) return raise(t, PyExc_TypeError, "must be str, not %T", source.get());
    Ref split = TRY(get_attr(t, Value(&PyUnicode_Type), "splitlines"));
    Ref lines = TRY(call(t, split, {source}));
    if (lineno < 1 || lineno > list_size(lines)) return none_ref();
    return Ref::share(list_get(lines, lineno - 1));
}

Ref warn_explicit(Thread& t, Value, const Value* p) {
    if (!is_str(p[2]))
        return raise(t, PyExc_TypeError, "warn_explicit() argument 'filename' must be str, not %K", p[2]);
    int64_t lineno = TRY(as_int32(t, p[3]));
    auto value = [](Value v) { return v ? v : none(); };
    Ref line = TRY(source_line(t, value(p[6]), lineno));
    TRY(warn_with(t, p[1], p[0], p[2], lineno, value(p[4]), value(p[5]), value(p[7]), line));
    return none_ref();
}

Ref filters_mutated(Thread& t, Value) {
    if (!lock_is_mine(t)) return raise(t, PyExc_RuntimeError, "warnings lock is not held");
    t.interp->warnings_filters_version++;
    return none_ref();
}
Ref acquire_lock(Thread& t, Value) {
    take_lock(t);
    return none_ref();
}
Ref release_lock(Thread& t, Value) {
    if (!give_lock(t)) return raise(t, PyExc_RuntimeError, "cannot release un-acquired lock");
    return none_ref();
}

// What warn() of the runtime does.
Status warn_for_runtime(Thread& t, Value category, Value message, int64_t stacklevel, Value source) {
    Value params[5] = {message, category, Value::from_int(stacklevel), source, Value()};
    return warn_function(t, Value(), params) ? Status::ok() : Status();
}

const NativeDef functions[] = {
    def<warn_function>("warn",
                       "(message, category=None, stacklevel=1, source=None, *,\n     skip_file_prefixes=())",
                       "Issue a warning, or ignore it, or raise it."),
    def<warn_explicit>("warn_explicit",
                       "(message, category, filename, lineno,\n              module=<unrepresentable>, "
                       "registry=None,\n              module_globals=None, source=None)",
                       "Issue a warning for a given place."),
    def<filters_mutated>("_filters_mutated_lock_held", "()", nullptr),
    def<acquire_lock>("_acquire_lock", "()", nullptr),
    def<release_lock>("_release_lock", "()", nullptr),
    {},
};

Ref make_filter(Thread& t, PyTypeObject* category, const char* action, const char* module) {
    Ref a = TRY(str_intern(t, action));
    Ref m = module ? str_intern(t, module) : none_ref();
    if (!m) return {};
    return tuple_of(t, {a, none(), Value(category), m, Value::from_int(0)});
}

Status exec(Thread& t, Value module) {
    g_warn = warn_for_runtime;
    g_warn_explicit = [](Thread& t, Value category, Value message, Value file, int64_t line, Value module) {
        return warn_with(t, category, message, file, line, module, none(), none(), none());
    };
    Interpreter& in = *t.interp;
    if (!in.warnings_filters) {
        Ref filters = TRY(list_new(t));
        auto add = [&](PyTypeObject* category, const char* action, const char* from) -> Status {
            Ref f = TRY(make_filter(t, category, action, from));
            return list_append(t, filters, f);
        };
        TRY(add(PyExc_DeprecationWarning, "default", "__main__"));
        TRY(add(PyExc_DeprecationWarning, "ignore", nullptr));
        TRY(add(PyExc_PendingDeprecationWarning, "ignore", nullptr));
        TRY(add(PyExc_ImportWarning, "ignore", nullptr));
        TRY(add(PyExc_ResourceWarning, "ignore", nullptr));
        in.warnings_filters = filters.release();
        in.warnings_once_registry = TRY(dict_new(t)).release();
        in.warnings_default_action = TRY(str_intern(t, "default")).release();
    }
    TRY(module_add(t, module, "filters", Ref::share(in.warnings_filters)));
    TRY(module_add(t, module, "_onceregistry", Ref::share(in.warnings_once_registry)));
    TRY(module_add(t, module, "_defaultaction", Ref::share(in.warnings_default_action)));
    // The context variable needs _contextvars; without it, context-aware warnings are off.
    Ref name = TRY(str_intern(t, "_contextvars"));
    Ref variable = none_ref();
    if (find_native_module(name)) {
        Ref contextvars = TRY(create_native_module(t, name, Value()));
        Ref type = TRY(get_attr(t, contextvars, "ContextVar"));
        Ref shown = TRY(str_from(t, "_warnings_context"));
        variable = TRY(call(t, type, {shown}));
    }
    return module_add(t, module, "_warnings_context", std::move(variable));
}

}  // namespace

void warnings_lock_after_fork(Thread& t) {
    WarningsLock& l = the_lock();
    if (!l.depth || lock_is_mine(t)) return;
    l.lock.reinit();
    l.owner = 0;
    l.depth = 0;
}

extern const ModuleSpec module__warnings = {"_warnings", "Issuing warnings, natively.", functions, exec};

}  // namespace krait
