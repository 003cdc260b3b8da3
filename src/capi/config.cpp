// PyConfig_Get and its companions: the configuration by name, as the process runs with it now. What sys shows
// under a name is read and written there.
#include "runtime/config.h"

#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "capi/capi.h"
#include "modules/sys.h"

using namespace krait;

namespace {

enum class Kind : uint8_t { Bool, NotBool, Int, Unsigned, Str, OptStr, StrList, XOptions };
enum Access : uint8_t { kReadOnly, kPublic };
struct Option {
    const char* name;
    Kind kind;
    Access access;
    const char* sys;                 // the attribute of sys, where there is one
    int Config::* number = nullptr;  // else one of these, or `fixed`
    std::string Config::* text = nullptr;
    bool Config::* truth = nullptr;
    int64_t fixed = 0;
    const char* fixed_text = nullptr;  // null: None
};
Option number(const char* name, Kind kind, Access access, int Config::* m) {
    return {name, kind, access, nullptr, m};
}
Option text(const char* name, std::string Config::* m, Kind kind = Kind::OptStr) {
    return {name, kind, kReadOnly, nullptr, nullptr, m};
}
Option truth(const char* name, bool Config::* m, Kind kind = Kind::Bool) {
    return {name, kind, kReadOnly, nullptr, nullptr, nullptr, m};
}
Option in_sys(const char* name, Kind kind, const char* attribute) { return {name, kind, kPublic, attribute}; }
Option fixed(const char* name, Kind kind, int64_t v) {
    return {name, kind, kReadOnly, nullptr, nullptr, nullptr, nullptr, v};
}
Option fixed(const char* name, const char* v) {
    return {name, Kind::OptStr, kReadOnly, nullptr, nullptr, nullptr, nullptr, 0, v};
}

const Option* options(size_t& n) {
    static const Option all[] = {
        fixed("allocator", Kind::Int, 0),
        in_sys("argv", Kind::StrList, "argv"),
        in_sys("base_exec_prefix", Kind::OptStr, "base_exec_prefix"),
        in_sys("base_executable", Kind::OptStr, "_base_executable"),
        in_sys("base_prefix", Kind::OptStr, "base_prefix"),
        truth("buffered_stdio", &Config::buffered_stdio),
        number("bytes_warning", Kind::Unsigned, kPublic, &Config::bytes_warning),
        text("check_hash_pycs_mode", &Config::check_hash_pycs, Kind::Str),
        truth("code_debug_ranges", &Config::no_debug_ranges, Kind::NotBool),
        fixed("coerce_c_locale", Kind::Bool, 0),
        fixed("coerce_c_locale_warn", Kind::Bool, 0),
        fixed("configure_c_stdio", Kind::Bool, 1),
        fixed("configure_locale", Kind::Bool, 1),
        number("context_aware_warnings", Kind::Int, kReadOnly, &Config::context_aware_warnings),
        number("cpu_count", Kind::Int, kPublic, &Config::cpu_count),
        number("dev_mode", Kind::Bool, kReadOnly, &Config::dev_mode),
        truth("dump_refs", &Config::dump_refs),
        fixed("dump_refs_file", nullptr),
        in_sys("exec_prefix", Kind::OptStr, "exec_prefix"),
        in_sys("executable", Kind::OptStr, "executable"),
        truth("faulthandler", &Config::faulthandler),
        fixed("filesystem_encoding", "utf-8"),
        fixed("filesystem_errors", "surrogateescape"),
        fixed("hash_seed", Kind::Unsigned, 0),
        fixed("home", nullptr),
        number("import_time", Kind::Int, kReadOnly, &Config::import_time),
        number("inspect", Kind::Bool, kPublic, &Config::inspect),
        fixed("install_signal_handlers", Kind::Bool, 1),
        number("int_max_str_digits", Kind::Int, kPublic, nullptr),
        number("interactive", Kind::Bool, kPublic, &Config::interactive),
        number("isolated", Kind::Bool, kReadOnly, &Config::isolated),
        fixed("malloc_stats", Kind::Bool, 0),
        in_sys("module_search_paths", Kind::StrList, "path"),
        number("optimization_level", Kind::Unsigned, kPublic, &Config::optimize),
        {"orig_argv", Kind::StrList, kReadOnly, "orig_argv"},
        truth("parse_argv", &Config::parse_argv),
        number("parser_debug", Kind::Bool, kPublic, &Config::debug),
        fixed("pathconfig_warnings", Kind::Bool, 1),
        number("perf_profiling", Kind::Unsigned, kReadOnly, &Config::perf_profiling),
        in_sys("platlibdir", Kind::Str, "platlibdir"),
        in_sys("prefix", Kind::OptStr, "prefix"),
        text("program_name", &Config::program, Kind::Str),
        in_sys("pycache_prefix", Kind::OptStr, "pycache_prefix"),
        number("quiet", Kind::Bool, kPublic, &Config::quiet),
        number("remote_debug", Kind::Bool, kReadOnly, &Config::remote_debug),
        fixed("run_command", nullptr),
        fixed("run_filename", nullptr),
        fixed("run_module", nullptr),
        number("safe_path", Kind::Bool, kReadOnly, &Config::safe_path),
        fixed("show_ref_count", Kind::Bool, 0),
        number("site_import", Kind::NotBool, kReadOnly, &Config::no_site),
        truth("skip_source_first_line", &Config::skip_first_line),
        text("stdio_encoding", &Config::stdio_encoding, Kind::Str),
        text("stdio_errors", &Config::stdio_errors, Kind::Str),
        in_sys("stdlib_dir", Kind::OptStr, "_stdlib_dir"),
        number("thread_inherit_context", Kind::Int, kReadOnly, &Config::thread_inherit_context),
        number("tracemalloc", Kind::Int, kReadOnly, &Config::tracemalloc_frames),
        number("use_environment", Kind::NotBool, kPublic, &Config::ignore_environment),
        truth("use_frozen_modules", &Config::use_frozen_modules),
        number("use_hash_seed", Kind::NotBool, kReadOnly, &Config::hash_randomization),
        number("user_site_directory", Kind::NotBool, kReadOnly, &Config::no_user_site),
        number("utf8_mode", Kind::Bool, kReadOnly, &Config::utf8_mode),
        number("verbose", Kind::Unsigned, kPublic, &Config::verbose),
        number("warn_default_encoding", Kind::Bool, kReadOnly, &Config::warn_default_encoding),
        in_sys("warnoptions", Kind::StrList, "warnoptions"),
        number("write_bytecode", Kind::NotBool, kPublic, &Config::dont_write_bytecode),
        in_sys("xoptions", Kind::XOptions, "_xoptions"),
    };
    n = std::size(all);
    return all;
}
const Option* find(const char* name) {
    size_t n;
    const Option* all = options(n);
    for (size_t i = 0; i < n; i++)
        if (!strcmp(all[i].name, name)) return &all[i];
    raise(here(), PyExc_ValueError, "unknown config option name: %s", name);
    return nullptr;
}
bool is_digits(const Option& o) { return !strcmp(o.name, "int_max_str_digits"); }
bool is_number(const Option& o) { return o.kind <= Kind::Unsigned; }
int64_t number_of(Thread& t, const Option& o) {
    const Config& c = *g_runtime.config;
    // A seed that was chosen, or none.
    bool seeded = !c.hash_seed.empty() && c.hash_seed != "random";
    if (!strcmp(o.name, "hash_seed")) return seeded ? strtoll(c.hash_seed.c_str(), nullptr, 10) : 0;
    if (!strcmp(o.name, "use_hash_seed")) return seeded;
    int64_t v = is_digits(o) ? t.interp->int_max_str_digits
                : o.number   ? c.*o.number
                : o.truth    ? c.*o.truth
                             : o.fixed;
    return o.kind == Kind::NotBool ? !v : o.kind == Kind::Bool ? v != 0 : v;
}

Status check_text(Thread& t, Value v, bool optional) {
    if (is_str(v) || (optional && v == none())) return Status::ok();
    return raise(t, PyExc_TypeError, optional ? "expected str or None, got %T" : "expected str, got %T", v);
}
Status check_list(Thread& t, Value v) {
    if (!is_list(v)) return raise(t, PyExc_TypeError, "expected list[str], got %T", v);
    for (int64_t i = 0; i < list_size(v); i++)
        if (!is_str(list_get(v, i)))
            return raise(t, PyExc_TypeError, "expected str, list item %zd has type %T", i, list_get(v, i));
    return Status::ok();
}
Status check_options(Thread& t, Value v) {
    if (!is_dict(v)) return raise(t, PyExc_TypeError, "expected dict[str, str | bool], got %T", v);
    int64_t pos = 0;
    Value key, value;
    while (dict_next(v, pos, key, value)) {
        if (!is_str(key)) return raise(t, PyExc_TypeError, "expected str, got dict key type %T", key);
        if (!is_str(value) && !is_bool(value))
            return raise(t, PyExc_TypeError, "expected str or bool, got dict value type %T", key);
    }
    return Status::ok();
}

Status set_number(Thread& t, const Option& o, Value v) {
    if (!is_long(v)) return raise(t, PyExc_TypeError, "expected int or bool, got %T", v);
    int64_t n;
    if (!int_to_i64(v, &n) || n > INT32_MAX || n < INT32_MIN)
        return raise(t, PyExc_OverflowError, "Python int too large to convert to C int");
    if (is_digits(o)) {
        Value set = sys_get(t, "set_int_max_str_digits");
        if (!set || !call(t, set, {v})) return {};
        return renew_sys_flags(t);
    }
    if (n < 0 && o.kind != Kind::Int) return raise(t, PyExc_ValueError, "value must be >= 0");
    if (o.kind == Kind::NotBool) n = !n;
    g_runtime.config->*o.number = static_cast<int>(n);
    g_runtime.c_hooks->config_changed(*g_runtime.config);  // C sees the number as it was given
    if (o.kind == Kind::Bool) g_runtime.config->*o.number = n != 0;
    if (o.number == &Config::dont_write_bytecode) TRY(sys_set(t, "dont_write_bytecode", boolean(n)));
    return renew_sys_flags(t);
}

}  // namespace

CAPI PyObject* PyConfig_Get(const char* name) {
    Thread& t = here();
    const Option* o = find(name);
    if (!o) return nullptr;
    if (o->sys) {
        Value v = sys_get(t, o->sys);
        if (!v) return out(raise(t, PyExc_RuntimeError, "lost sys.%s", o->sys));
        return out(Ref::share(v));
    }
    if (o->number == &Config::dont_write_bytecode) {  // programs write it in sys
        Value v = sys_get(t, "dont_write_bytecode");
        if (!v) return out(raise(t, PyExc_RuntimeError, "lost sys.dont_write_bytecode"));
        Result<bool> kept = is_true(t, v);
        return kept ? out(bool_ref(!kept.value())) : nullptr;
    }
    if (is_number(*o)) {
        int64_t v = number_of(t, *o);
        return out(o->kind <= Kind::NotBool ? bool_ref(v) : Ref::steal(Value::from_int(v)));
    }
    if (o->text) return out(str_from(t, g_runtime.config->*o->text));
    return out(o->fixed_text ? str_from(t, o->fixed_text) : none_ref());
}
CAPI int PyConfig_GetInt(const char* name, int* value) {
    const Option* o = find(name);
    if (!o) return -1;
    if (!is_number(*o)) return fail(raise(here(), PyExc_TypeError, "config option %s is not an int", name));
    *value = static_cast<int>(number_of(here(), *o));
    return 0;
}
CAPI PyObject* PyConfig_Names() {
    Thread& t = here();
    size_t n;
    const Option* all = options(n);
    Ref names = list_new(t);
    for (size_t i = 0; names && i < n; i++) {
        Ref name = str_from(t, all[i].name);
        if (!name || !list_append(t, names, name)) return nullptr;
    }
    return names ? out(call(t, Value(&PyFrozenSet_Type), {names.get()})) : nullptr;
}
CAPI int PyConfig_Set(const char* name, PyObject* value) {
    Thread& t = here();
    const Option* o = find(name);
    if (!o) return -1;
    if (o->access == kReadOnly)
        return fail(raise(t, PyExc_ValueError, "cannot set read-only option %s", name));
    if (is_number(*o)) return out(set_number(t, *o, value));
    Status good = o->kind == Kind::StrList    ? check_list(t, value)
                  : o->kind == Kind::XOptions ? check_options(t, value)
                                              : check_text(t, value, o->kind == Kind::OptStr);
    return good ? out(sys_set(t, o->sys, value)) : -1;
}
