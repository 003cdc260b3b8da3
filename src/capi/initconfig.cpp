// initconfig.h: statuses, lists of strings and the configuration structs.
#include "capi/initconfig.h"

#include <cstdlib>
#include <cwchar>

using namespace krait;

CAPI wchar_t* Py_DecodeLocale(const char*, size_t*);
CAPI char* Py_EncodeLocale(const wchar_t*, size_t*);
CAPI void PyMem_Free(void*);

namespace krait {

std::string narrow(const wchar_t* w) {
    if (!w) return "";
    char* s = Py_EncodeLocale(w, nullptr);
    std::string text = s ? s : "";
    PyMem_Free(s);
    return text;
}
wchar_t* widen(const std::string& s) { return Py_DecodeLocale(s.c_str(), nullptr); }

PyStatus status_ok() { return {}; }
PyStatus status_error(const char* message, const char* function) { return {1, function, message, 0}; }
PyStatus status_no_memory() { return status_error("memory allocation failed"); }

#define PRE(name, kind) {#name, OptionKind::kind, true, offsetof(PyPreConfig, name)}
#define OPT(name, kind) {#name, OptionKind::kind, false, offsetof(PyConfig, name)}
const ConfigOption kConfigOptions[] = {
    OPT(argv, List),
    OPT(base_exec_prefix, Text),
    OPT(base_executable, Text),
    OPT(base_prefix, Text),
    OPT(buffered_stdio, Unsigned),
    OPT(bytes_warning, Unsigned),
    OPT(check_hash_pycs_mode, Text),
    OPT(code_debug_ranges, Unsigned),
    OPT(configure_c_stdio, Unsigned),
    OPT(context_aware_warnings, Int),
    OPT(cpu_count, Int),
    OPT(dev_mode, Unsigned),
    OPT(dump_refs, Unsigned),
    OPT(dump_refs_file, Text),
    OPT(exec_prefix, Text),
    OPT(executable, Text),
    OPT(faulthandler, Unsigned),
    OPT(filesystem_encoding, Text),
    OPT(filesystem_errors, Text),
    OPT(hash_seed, Unsigned64),
    OPT(home, Text),
    OPT(import_time, Unsigned),
    OPT(inspect, Unsigned),
    OPT(install_signal_handlers, Unsigned),
    OPT(int_max_str_digits, Unsigned),
    OPT(interactive, Unsigned),
    OPT(isolated, Unsigned),
    OPT(malloc_stats, Unsigned),
    OPT(module_search_paths, List),
    OPT(module_search_paths_set, Unsigned),
    OPT(optimization_level, Unsigned),
    OPT(orig_argv, List),
    OPT(parse_argv, Unsigned),
    OPT(parser_debug, Unsigned),
    OPT(pathconfig_warnings, Unsigned),
    OPT(perf_profiling, Unsigned),
    OPT(platlibdir, Text),
    OPT(prefix, Text),
    OPT(program_name, Text),
    OPT(pycache_prefix, Text),
    OPT(pythonpath_env, Text),
    OPT(quiet, Unsigned),
    OPT(remote_debug, Int),
    OPT(run_command, Text),
    OPT(run_filename, Text),
    OPT(run_module, Text),
    OPT(safe_path, Unsigned),
    OPT(show_ref_count, Unsigned),
    OPT(site_import, Unsigned),
    OPT(skip_source_first_line, Unsigned),
    OPT(stdio_encoding, Text),
    OPT(stdio_errors, Text),
    OPT(stdlib_dir, Text),
    OPT(sys_path_0, Text),
    OPT(thread_inherit_context, Int),
    OPT(tracemalloc, Unsigned),
    OPT(use_environment, Unsigned),
    OPT(use_frozen_modules, Unsigned),
    OPT(use_hash_seed, Unsigned),
    OPT(user_site_directory, Unsigned),
    OPT(verbose, Unsigned),
    OPT(warn_default_encoding, Unsigned),
    OPT(warnoptions, List),
    OPT(write_bytecode, Unsigned),
    OPT(xoptions, List),
    PRE(allocator, Int),
    PRE(coerce_c_locale, Unsigned),
    PRE(coerce_c_locale_warn, Unsigned),
    PRE(configure_locale, Unsigned),
    PRE(utf8_mode, Unsigned),
};
const size_t kConfigOptionCount = std::size(kConfigOptions);

const ConfigOption* find_option(const char* name) {
    for (const ConfigOption& o : kConfigOptions)
        if (!strcmp(o.name, name)) return &o;
    return nullptr;
}

}  // namespace krait

// --- statuses ---

CAPI PyStatus PyStatus_Ok() { return status_ok(); }
CAPI PyStatus PyStatus_Error(const char* message) { return status_error(message); }
CAPI PyStatus PyStatus_NoMemory() { return status_no_memory(); }
CAPI PyStatus PyStatus_Exit(int code) { return {2, nullptr, nullptr, code}; }
CAPI int PyStatus_IsError(PyStatus s) { return s.type == 1; }
CAPI int PyStatus_IsExit(PyStatus s) { return s.type == 2; }
CAPI int PyStatus_Exception(PyStatus s) { return s.type != 0; }

// --- lists ---

namespace {
wchar_t* copy_text(const wchar_t* s) {
    auto* p = static_cast<wchar_t*>(malloc((wcslen(s) + 1) * sizeof(wchar_t)));
    return p ? wcscpy(p, s) : nullptr;
}
void clear_list(PyWideStringList& list) {
    for (Py_ssize_t i = 0; i < list.length; i++) free(list.items[i]);
    free(list.items);
    list = {};
}
PyStatus set_text(wchar_t** field, const wchar_t* s) {
    wchar_t* copy = nullptr;
    if (s && !(copy = copy_text(s))) return status_no_memory();
    free(*field);
    *field = copy;
    return status_ok();
}
}  // namespace

CAPI PyStatus PyWideStringList_Insert(PyWideStringList* list, Py_ssize_t index, const wchar_t* item) {
    if (index < 0)
        return status_error("PyWideStringList_Insert index must be >= 0", "PyWideStringList_Insert");
    if (index > list->length) index = list->length;
    wchar_t* copy = copy_text(item);
    auto* items = static_cast<wchar_t**>(
        realloc(list->items, static_cast<size_t>(list->length + 1) * sizeof(wchar_t*)));
    if (!copy || !items) return status_no_memory();
    memmove(items + index + 1, items + index, static_cast<size_t>(list->length - index) * sizeof(wchar_t*));
    items[index] = copy;
    list->items = items;
    list->length++;
    return status_ok();
}
CAPI PyStatus PyWideStringList_Append(PyWideStringList* list, const wchar_t* item) {
    return PyWideStringList_Insert(list, list->length, item);
}

// --- configurations ---

namespace {
enum ConfigInit { kInitCompat = 1, kInitPython = 2, kInitIsolated = 3 };

void compat_config(PyConfig* c) {
    *c = PyConfig{};
    c->_config_init = kInitCompat;
    for (int* unset : {&c->isolated,
                       &c->use_environment,
                       &c->dev_mode,
                       &c->use_hash_seed,
                       &c->faulthandler,
                       &c->tracemalloc,
                       &c->perf_profiling,
                       &c->remote_debug,
                       &c->import_time,
                       &c->code_debug_ranges,
                       &c->site_import,
                       &c->bytes_warning,
                       &c->warn_default_encoding,
                       &c->inspect,
                       &c->interactive,
                       &c->optimization_level,
                       &c->parser_debug,
                       &c->write_bytecode,
                       &c->verbose,
                       &c->quiet,
                       &c->user_site_directory,
                       &c->buffered_stdio,
                       &c->use_frozen_modules,
                       &c->safe_path,
                       &c->int_max_str_digits,
                       &c->cpu_count,
                       &c->thread_inherit_context,
                       &c->context_aware_warnings,
                       &c->pathconfig_warnings})
        *unset = -1;
    c->install_signal_handlers = 1;
    c->_install_importlib = 1;
    c->_init_main = 1;
}
void common_defaults(PyConfig* c) {
    compat_config(c);
    c->isolated = 0;
    c->use_environment = c->site_import = c->write_bytecode = c->user_site_directory = c->buffered_stdio =
        c->pathconfig_warnings = c->install_signal_handlers = 1;
    c->bytes_warning = c->inspect = c->interactive = c->optimization_level = c->parser_debug = c->verbose =
        c->quiet = 0;
    c->faulthandler = c->tracemalloc = c->perf_profiling = c->import_time = c->safe_path = 0;
    c->int_max_str_digits = 4300;
    c->use_hash_seed = c->warn_default_encoding = 0;
    c->thread_inherit_context = c->context_aware_warnings = 0;
}
}  // namespace

CAPI void PyConfig_InitPythonConfig(PyConfig* c) {
    common_defaults(c);
    c->_config_init = kInitPython;
    c->configure_c_stdio = c->parse_argv = 1;
    // To be told by the environment or the command line.
    for (int* unset : {&c->faulthandler, &c->tracemalloc, &c->perf_profiling, &c->import_time,
                       &c->use_hash_seed, &c->dev_mode, &c->int_max_str_digits, &c->safe_path,
                       &c->thread_inherit_context, &c->context_aware_warnings})
        *unset = -1;
}
CAPI void PyConfig_InitIsolatedConfig(PyConfig* c) {
    common_defaults(c);
    c->_config_init = kInitIsolated;
    c->isolated = c->safe_path = 1;
    c->use_environment = c->user_site_directory = c->dev_mode = c->install_signal_handlers =
        c->pathconfig_warnings = 0;
}
CAPI void PyConfig_Clear(PyConfig* c) {
    for (const ConfigOption& o : kConfigOptions) {
        if (o.of_preconfig) continue;
        char* field = reinterpret_cast<char*>(c) + o.offset;
        if (o.kind == OptionKind::Text) {
            auto** text = reinterpret_cast<wchar_t**>(field);
            free(*text);
            *text = nullptr;
        } else if (o.kind == OptionKind::List) {
            clear_list(*reinterpret_cast<PyWideStringList*>(field));
        }
    }
}
CAPI PyStatus PyConfig_SetString(PyConfig*, wchar_t** field, const wchar_t* s) { return set_text(field, s); }
CAPI PyStatus PyConfig_SetBytesString(PyConfig*, wchar_t** field, const char* s) {
    wchar_t* w = s ? Py_DecodeLocale(s, nullptr) : nullptr;
    if (s && !w) return status_error("cannot decode string");
    PyStatus r = set_text(field, w);
    free(w);
    return r;
}
CAPI PyStatus PyConfig_SetWideStringList(PyConfig*, PyWideStringList* list, Py_ssize_t n, wchar_t** items) {
    PyWideStringList made{};
    for (Py_ssize_t i = 0; i < n; i++) {
        PyStatus s = PyWideStringList_Append(&made, items[i]);
        if (s.type) {
            clear_list(made);
            return s;
        }
    }
    clear_list(*list);
    *list = made;
    return status_ok();
}
CAPI PyStatus PyConfig_SetArgv(PyConfig* c, Py_ssize_t argc, wchar_t* const* argv) {
    return PyConfig_SetWideStringList(c, &c->argv, argc, const_cast<wchar_t**>(argv));
}
CAPI PyStatus PyConfig_SetBytesArgv(PyConfig* c, Py_ssize_t argc, char* const* argv) {
    PyWideStringList made{};
    for (Py_ssize_t i = 0; i < argc; i++) {
        wchar_t* w = Py_DecodeLocale(argv[i], nullptr);
        PyStatus s = w ? PyWideStringList_Append(&made, w) : status_no_memory();
        free(w);
        if (s.type) {
            clear_list(made);
            return s;
        }
    }
    clear_list(c->argv);
    c->argv = made;
    return status_ok();
}

namespace {
void init_preconfig(PyPreConfig* c, int how) {
    *c = PyPreConfig{};
    c->_config_init = how;
    c->parse_argv = how == kInitPython;
    c->isolated = how == kInitIsolated ? 1 : how == kInitPython ? 0 : -1;
    c->use_environment = how == kInitIsolated ? 0 : how == kInitPython ? 1 : -1;
    c->configure_locale = how != kInitIsolated;
    c->coerce_c_locale = c->coerce_c_locale_warn = how == kInitPython ? -1 : 0;
    c->utf8_mode = how == kInitPython ? -1 : 0;
    c->dev_mode = how == kInitIsolated ? 0 : -1;
}
}  // namespace
CAPI void PyPreConfig_InitPythonConfig(PyPreConfig* c) { init_preconfig(c, kInitPython); }
CAPI void PyPreConfig_InitIsolatedConfig(PyPreConfig* c) { init_preconfig(c, kInitIsolated); }
CAPI void _PyConfig_InitCompatConfig(PyConfig* c) { compat_config(c); }
CAPI void _PyPreConfig_InitCompatConfig(PyPreConfig* c) { init_preconfig(c, kInitCompat); }
