// The structs with which a program configures the runtime it embeds, in CPython 3.14's layout, and the table
// of their options.
#pragma once

#include <string>

#include "capi/capi.h"

extern "C" {
struct PyStatus {
    int type;  // 0 fine, 1 an error, 2 exit
    const char* func;
    const char* err_msg;
    int exitcode;
};
struct PyWideStringList {
    Py_ssize_t length;
    wchar_t** items;
};
struct PyPreConfig {
    int _config_init, parse_argv, isolated, use_environment, configure_locale, coerce_c_locale,
        coerce_c_locale_warn, utf8_mode, dev_mode, allocator;
};
struct PyConfig {
    int _config_init, isolated, use_environment, dev_mode, install_signal_handlers, use_hash_seed;
    unsigned long hash_seed;
    int faulthandler, tracemalloc, perf_profiling, remote_debug, import_time, code_debug_ranges,
        show_ref_count, dump_refs;
    wchar_t* dump_refs_file;
    int malloc_stats;
    wchar_t *filesystem_encoding, *filesystem_errors, *pycache_prefix;
    int parse_argv;
    PyWideStringList orig_argv, argv, xoptions, warnoptions;
    int site_import, bytes_warning, warn_default_encoding, inspect, interactive, optimization_level,
        parser_debug, write_bytecode, verbose, quiet, user_site_directory, configure_c_stdio, buffered_stdio;
    wchar_t *stdio_encoding, *stdio_errors, *check_hash_pycs_mode;
    int use_frozen_modules, safe_path, int_max_str_digits, thread_inherit_context, context_aware_warnings,
        cpu_count, pathconfig_warnings;
    wchar_t *program_name, *pythonpath_env, *home, *platlibdir;
    int module_search_paths_set;
    PyWideStringList module_search_paths;
    wchar_t *stdlib_dir, *executable, *base_executable, *prefix, *base_prefix, *exec_prefix,
        *base_exec_prefix;
    int skip_source_first_line;
    wchar_t *run_command, *run_module, *run_filename, *sys_path_0;
    int _install_importlib, _init_main, _is_python_build;
};
}

namespace krait {

static_assert(sizeof(PyStatus) == 32 && sizeof(PyPreConfig) == 40);

enum class OptionKind : uint8_t { Int, Unsigned, Unsigned64, Text, List };
struct ConfigOption {
    const char* name;
    OptionKind kind;
    bool of_preconfig;
    uint16_t offset;
};
extern const ConfigOption kConfigOptions[];
extern const size_t kConfigOptionCount;
const ConfigOption* find_option(const char* name);

std::string narrow(const wchar_t* w);  // UTF-8; bytes that were none come back
wchar_t* widen(const std::string& s);  // from malloc
PyStatus status_ok();
PyStatus status_error(const char* message, const char* function = nullptr);
PyStatus status_no_memory();

}  // namespace krait
