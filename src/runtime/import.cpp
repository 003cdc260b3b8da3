#include "runtime/import.h"

#include <cstdio>
#include <cstring>
#include <ctime>
#include <new>
#include <string>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/exceptions.h"
#include "builtins/list.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "interp/frame.h"
#include "interp/frame_object.h"
#include "object/names.h"
#include "object/protocol.h"
#include "runtime/config.h"
#include "runtime/marshal.h"
#include "runtime/timestamp.h"

namespace krait {

namespace {

// A name of the globals, None when it is absent.
Ref get_global(Thread& t, Value globals, const char* name) {
    Ref key = TRY(str_intern(t, name));
    Ref v = TRY(dict_get(t, globals, key));
    return v ? std::move(v) : none_ref();
}

Ref importlib(Thread& t) {
    if (!t.interp->importlib) return raise(t, PyExc_ImportError, "the import system is not set up yet");
    return Ref::share(t.interp->importlib);
}

// The package that relative names start from: `__package__`, else what the spec or `__name__` says.
Ref package_of(Thread& t, Value globals) {
    Ref package = TRY(get_global(t, globals, "__package__"));
    Ref spec = TRY(get_global(t, globals, "__spec__"));
    if (!is_none(package)) {
        if (!is_str(package)) return raise(t, PyExc_TypeError, "package must be a string");
        if (is_none(spec)) return package;
        Ref parent = TRY(get_attr(t, spec, "parent"));
        if (!TRY(equal(t, package, parent)))
            TRY(warn(t, PyExc_DeprecationWarning, 1, "__package__ != __spec__.parent (%R != %R)",
                     package.get(), parent.get()));
        return package;
    }
    if (!is_none(spec)) {
        Ref parent = TRY(get_attr(t, spec, "parent"));
        if (!is_str(parent)) return raise(t, PyExc_TypeError, "__spec__.parent must be a string");
        return parent;
    }
    TRY(warn(t, PyExc_ImportWarning, 1,
             "can't resolve package from __spec__ or __package__, falling back on __name__ and __path__"));
    Ref name = TRY(dict_get(t, globals, ID(__name__)));
    if (!name) return raise(t, PyExc_KeyError, "'__name__' not in globals");
    if (!is_str(name)) return raise(t, PyExc_TypeError, "__name__ must be a string");
    Ref path = TRY(dict_get(t, globals, ID(__path__)));
    if (path) return name;
    Ref dot = TRY(str_from_char(t, '.'));
    int64_t at = str_find(name, dot, 0, str_length(name), -1);
    return str_substring(t, name, 0, at < 0 ? 0 : at);
}

Ref absolute_name(Thread& t, Value name, Value globals, int level) {
    if (!globals || is_none(globals)) return raise(t, PyExc_KeyError, "'__name__' not in globals");
    if (!is_dict(globals)) return raise(t, PyExc_TypeError, "globals must be a dict");
    Ref package = TRY(package_of(t, globals));
    int64_t end = str_length(package);
    if (end == 0)
        return raise(t, PyExc_ImportError, "attempted relative import with no known parent package");
    Ref dot = TRY(str_from_char(t, '.'));
    for (int up = 1; up < level; up++) {
        end = str_find(package, dot, 0, end, -1);
        if (end < 0) return raise(t, PyExc_ImportError, "attempted relative import beyond top-level package");
    }
    Ref base = TRY(str_substring(t, package, 0, end));
    if (str_length(name) == 0) return base;
    return str_format(t, "%U.%U", base.get(), name);
}

// A module found in sys.modules may still be executing in another thread. Yields whether it was waited for.
Result<bool> wait_until_initialized(Thread& t, Value module, Value name) {
    Ref spec = TRY(lookup_attr(t, module, ID(__spec__)));
    if (!spec || is_none(spec)) return false;
    Ref initializing = TRY(lookup_attr(t, spec, ID(_initializing)));
    if (!initializing) return false;
    bool busy = TRY(is_true(t, initializing));
    if (!busy) return false;
    Ref lib = TRY(importlib(t));
    TRY_DISCARD(call_method(t, lib, ID(_lock_unlock_module), {name}));
    return true;
}

Ref module_from_cache(Thread& t, Value name) {
    Value modules = t.interp->modules;
    if (is_dict_exact(modules)) {
        Value m = dict_get_str(modules, name);
        return m ? Ref::share(m) : none_ref();
    }
    Ref m = get_item(t, modules, name);
    if (!m && clear_if(t, PyExc_KeyError)) return none_ref();
    return m;
}

Ref top_level(Thread& t, Value name, Value module, Value abs_name, int level) {
    int64_t n = str_length(name);
    if (level > 0 && n == 0) return Ref::share(module);
    Ref dot = TRY(str_from_char(t, '.'));
    int64_t at = str_find(name, dot, 0, n, 1);
    if (at < 0) return Ref::share(module);
    Ref front = TRY(str_substring(t, name, 0, at));
    if (level == 0) return import_module_level(t, front, Value(), Value(), Value(), 0);
    Ref to_return = TRY(str_substring(t, abs_name, 0, str_length(abs_name) - (n - at)));
    Ref found = TRY(module_from_cache(t, to_return));
    if (is_none(found)) return raise(t, PyExc_KeyError, "%R not in sys.modules as expected", to_return.get());
    return found;
}

}  // namespace

// -X importtime: the time that an import takes less that of the imports within it.
struct ImportState {
    int level = 0;
    int64_t within_ns = 0;  // spent in imports since the enclosing one began
    bool header = false;
};
void drop_import_state(Interpreter& in) {
    delete in.import;
    in.import = nullptr;
}
namespace {

long microseconds(int64_t ns) { return static_cast<long>((ns + 999) / 1000); }

ImportState* import_state(Thread& t) {
    if (!t.interp->import) t.interp->import = new (std::nothrow) ImportState;
    ImportState* s = t.interp->import;
    if (s && !s->header) {
        fputs("import time: self [us] | cumulative | imported package\n", stderr);
        s->header = true;
    }
    return s;
}
// As standard error shows it: what UTF-8 cannot hold is escaped.
std::string shown_name(Thread& t, Value name) {
    SavedError saved(t);
    Ref bytes = encode_utf8(t, name, "backslashreplace");
    if (bytes) return std::string(bytes_view(bytes));
    clear_error(t);
    return "?";
}
void show_cached_import(Thread& t, Value name) {
    ImportState* s = import_state(t);
    if (s)
        // CPython's layout: the level widens the name, where that of imports proper moves it.
        fprintf(stderr, "import time: cached    | cached     | %*s\n", s->level * 2,
                shown_name(t, name).c_str());
}

Ref timed_find_and_load(Thread& t, Value lib, Value name) {
    ImportState* s = import_state(t);
    if (!s) return raise_no_memory(t);
    int64_t outer = s->within_ns, start = monotonic_ns();
    s->within_ns = 0;
    s->level++;
    Ref module = call_method(t, lib, ID(_find_and_load), {name, t.interp->import_func});
    int64_t took = monotonic_ns() - start;
    s->level--;
    // A failed import took its time, too.
    fprintf(stderr, "import time: %9ld | %10ld | %*s%s\n", microseconds(took - s->within_ns),
            microseconds(took), s->level * 2, "", shown_name(t, name).c_str());
    s->within_ns = outer + took;
    return module;
}

Ref find_and_load(Thread& t, Value name) {
    Value path = sys_get(t, "path"), meta_path = sys_get(t, "meta_path"), hooks = sys_get(t, "path_hooks");
    TRY(audit(t, "import",
              {name, none(), path ? path : none(), meta_path ? meta_path : none(), hooks ? hooks : none()}));
    Ref lib = TRY(importlib(t));
    if (g_runtime.config && g_runtime.config->import_time) return timed_find_and_load(t, lib, name);
    return call_method(t, lib, ID(_find_and_load), {name, t.interp->import_func});
}

}  // namespace

static Ref import_level(Thread& t, Value name, Value globals, Value fromlist, int level) {
    if (!is_str(name)) return raise(t, PyExc_TypeError, "module name must be a string");
    if (level < 0) return raise(t, PyExc_ValueError, "level must be >= 0");
    Ref abs_name = level > 0 ? absolute_name(t, name, globals, level) : Ref::share(name);
    if (!abs_name) return {};
    if (level == 0 && str_length(abs_name) == 0) return raise(t, PyExc_ValueError, "Empty module name");
    Ref module = TRY(module_from_cache(t, abs_name));
    if (is_none(module) && !t.interp->importlib && find_native_module(abs_name)) {
        // Native modules need no import system.
        module = TRY(create_native_module(t, abs_name, {}));
        TRY(set_item(t, t.interp->modules, abs_name, module));
    }
    if (!is_none(module)) {
        if (g_runtime.config && g_runtime.config->import_time == 2) show_cached_import(t, abs_name);
        bool waited = TRY(wait_until_initialized(t, module, abs_name));
        if (waited) {
            // Its import may have failed there: then it is no longer the module of that name.
            Ref now = TRY(module_from_cache(t, abs_name));
            if (now != module) module = TRY(find_and_load(t, abs_name));
        }
    } else {
        module = TRY(find_and_load(t, abs_name));
    }
    bool has_from = false;
    if (fromlist && !is_none(fromlist)) has_from = TRY(is_true(t, fromlist));
    if (!has_from) return top_level(t, name, module, abs_name, level);
    Ref path = TRY(lookup_attr(t, module, ID(__path__)));
    if (!path) return module;
    Ref lib = TRY(importlib(t));
    Ref import_fn = TRY(get_attr(t, t.interp->builtins_module, ID(__import__)));
    return call_method(t, lib, ID(_handle_fromlist), {module, fromlist, import_fn});
}

// The frames of the import system say nothing to a user: chunks of them go from the traceback, all of them
// for an ImportError, else those that end where the module's own code was called.
static void drop_importlib_frames(Thread& t) {
    PyObject* exc = t.c.current_exception;
    if (!exc || g_runtime.config->verbose) return;
    bool always = exception_matches(t, exc, Value(PyExc_ImportError));
    auto is_importlib = [](PyTracebackObject* tb, bool* last) {
        PyCodeObject* co = tb->tb_frame->frame->co();
        *last = str_equal(co->co_name, "_call_with_frames_removed");
        return str_equal(co->co_filename, "<frozen importlib._bootstrap>") ||
               str_equal(co->co_filename, "<frozen importlib._bootstrap_external>");
    };
    Value* link = &as_base_exception(exc)->traceback;
    Value* chunk = nullptr;
    bool in_chunk = false;
    while (*link) {
        PyTracebackObject* tb = link->as<PyTracebackObject>();
        bool last = false, now = is_importlib(tb, &last);
        Value* next = reinterpret_cast<Value*>(&tb->tb_next);
        if (now && !in_chunk) chunk = link;
        in_chunk = now;
        if (now && (always || last)) {
            Value gone = *chunk;
            *chunk = *next;
            xincref(*chunk);
            link = chunk;
            decref(gone);
        } else {
            link = next;
        }
    }
}

Ref import_module_level(Thread& t, Value name, Value globals, Value, Value fromlist, int level) {
    Ref module = import_level(t, name, globals, fromlist, level);
    if (!module) drop_importlib_frames(t);
    return module;
}

namespace {
// Frozen modules under other names than their files have. importlib's core has no name of its own; the rest
// is there for tests of frozen modules, as in CPython.
struct Alias {
    const char *name, *of;
    const char* origname;
    bool is_package, hides;
};
const Alias aliases[] = {
    {"_frozen_importlib", "importlib._bootstrap", "importlib._bootstrap", false, true},
    {"_frozen_importlib_external", "importlib._bootstrap_external", "importlib._bootstrap_external", false,
     true},
    {"__hello_alias__", "__hello__", "__hello__", false, false},
    {"__phello_alias__", "__hello__", "__hello__", true, false},
    {"__phello_alias__.spam", "__hello__", "__hello__", false, false},
    {"__phello__.__init__", "__phello__", "<__phello__", false, false},
    {"__phello__.ham.__init__", "__phello__.ham", "<__phello__.ham", false, false},
};
const char* const kNotOfLibrary = "__hello_only__";
}  // namespace

bool find_frozen_module(Value name, FrozenInfo* out) {
    if (!is_str(name)) return false;
    const Alias* alias = nullptr;
    for (const Alias& a : aliases) {
        if (a.hides && str_equal(name, a.of)) return false;
        if (str_equal(name, a.name)) alias = &a;
    }
    // Without frozen modules there is still no importing without importlib itself.
    int forced = g_runtime.config ? g_runtime.config->frozen_override : 0;
    bool use = forced ? forced > 0 : !g_runtime.config || g_runtime.config->use_frozen_modules;
    if (!use && !(alias && alias->hides) && !str_equal(name, "zipimport")) return false;
    for (size_t i = 0; i < kFrozenModuleCount; i++) {
        const FrozenModule& m = kFrozenModules[i];
        if (alias ? strcmp(alias->of, m.name) != 0 : !str_equal(name, m.name)) continue;
        if (alias)
            *out = {&m, alias->origname, alias->is_package};
        else
            *out = {&m, strcmp(m.name, kNotOfLibrary) ? m.name : nullptr, m.is_package};
        return true;
    }
    return false;
}

Ref frozen_module_names(Thread& t) {
    Ref list = TRY(list_new(t));
    auto add = [&](const char* name) -> Status {
        Ref s = TRY(str_intern(t, name));
        return list_append(t, list, s);
    };
    for (size_t i = 0; i < kFrozenModuleCount; i++) {
        const char* name = kFrozenModules[i].name;
        bool hidden = false;
        for (const Alias& a : aliases) hidden |= a.hides && !strcmp(a.of, name);
        if (!hidden) TRY(add(name));
        for (const Alias& a : aliases)
            if (!strcmp(a.of, name)) TRY(add(a.name));
    }
    return list;
}

Ref frozen_code(Thread& t, const FrozenInfo& info) {
    return marshal_load_frozen(t, {reinterpret_cast<const char*>(info.module->data), info.module->size});
}

}  // namespace krait
