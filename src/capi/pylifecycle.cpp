// pylifecycle.h: a program that embeds Python starts, runs and ends it.
#include <clocale>
#include <csignal>
#include <cstdlib>
#include <cwchar>

#include "builtins/str.h"
#include "capi/initconfig.h"
#include "capi/register.h"
#include "capi/slots.h"
#include "cli/command_line.h"
#include "gc/gc.h"
#include "modules/compile_hook.h"
#include "modules/sys.h"
#include "object/internal.h"
#include "runtime/config.h"
#include "runtime/init.h"
#include "runtime/lifecycle.h"

CAPI void PyConfig_Clear(PyConfig*);
CAPI void PyConfig_InitPythonConfig(PyConfig*);
CAPI void PyPreConfig_InitPythonConfig(PyPreConfig*);
CAPI void _PyConfig_InitCompatConfig(PyConfig*);
CAPI PyStatus PyConfig_SetBytesArgv(PyConfig*, Py_ssize_t, char* const*);
CAPI PyStatus PyConfig_SetArgv(PyConfig*, Py_ssize_t, wchar_t* const*);
CAPI PyStatus PyConfig_SetWideStringList(PyConfig*, PyWideStringList*, Py_ssize_t, wchar_t**);
CAPI PyStatus PyWideStringList_Append(PyWideStringList*, const wchar_t*);
CAPI PyObject* PyErr_Occurred();

using namespace krait;

namespace {

// What outlives the functions here: one runtime in the life of a process.
struct Embedding {
    Config config;
    Program program;
    PyPreConfig pre{};
    bool preinitialized = false, started = false, ended = false;
    std::string program_name, home;  // Py_SetProgramName, Py_SetPythonHome
    std::wstring full_name, path, prefix, exec_prefix, name, home_wide;  // what the old getters return
};
Embedding& embedding() {
    static auto* e = new Embedding;
    return *e;
}

void assign(wchar_t** field, const std::string& text, bool keep_empty = false) {
    free(*field);
    *field = text.empty() && !keep_empty ? nullptr : widen(text);
}
void assign(PyWideStringList& list, const std::vector<std::string>& items) {
    for (Py_ssize_t i = 0; i < list.length; i++) free(list.items[i]);
    free(list.items);
    list = {};
    for (const std::string& s : items) {
        wchar_t* w = widen(s);
        if (PyWideStringList_Append(&list, w).type) abort();
        free(w);
    }
}
std::vector<std::string> strings(const PyWideStringList& list) {
    std::vector<std::string> all;
    for (Py_ssize_t i = 0; i < list.length; i++) all.push_back(narrow(list.items[i]));
    return all;
}

// --- PyConfig to Config ---

void take(int from, int& to) {
    if (from >= 0) to = from;
}
void take_not(int from, int& to) {
    if (from >= 0) to = !from;
}
void take(const wchar_t* from, std::string& to) {
    if (from) to = narrow(from);
}

// What the program has set itself counts more than the environment.
void take_settings(const PyConfig& from, Config& c) {
    take(from.isolated, c.isolated);
    take(from.dev_mode, c.dev_mode);
    take(from.import_time, c.import_time);
    take(from.tracemalloc, c.tracemalloc_frames);
    take(from.bytes_warning, c.bytes_warning);
    take(from.warn_default_encoding, c.warn_default_encoding);
    take(from.thread_inherit_context, c.thread_inherit_context);
    take(from.context_aware_warnings, c.context_aware_warnings);
    take(from.safe_path, c.safe_path);
    take(from.int_max_str_digits, c.int_max_str_digits);
    take(from.cpu_count, c.cpu_count);
    take_not(from.site_import, c.no_site);
    take_not(from.user_site_directory, c.no_user_site);
    if (from.faulthandler > 0) c.faulthandler = true;
    if (!from.remote_debug) c.remote_debug = 0;
    if (from.perf_profiling > 0) c.perf_profiling = from.perf_profiling;
    if (from.code_debug_ranges == 0) c.no_debug_ranges = true;
    if (from.use_frozen_modules >= 0) c.use_frozen_modules = from.use_frozen_modules;
    if (from.buffered_stdio == 0) c.buffered_stdio = false;
    // These are 0 by default, so that 0 says nothing against an option or a variable.
    for (auto [value, field] : {std::pair<int, int*>{from.inspect, &c.inspect},
                                {from.interactive, &c.interactive},
                                {from.optimization_level, &c.optimize},
                                {from.parser_debug, &c.debug},
                                {from.verbose, &c.verbose},
                                {from.quiet, &c.quiet}})
        if (value > 0) *field = value;
    if (from.write_bytecode == 0) c.dont_write_bytecode = 1;
    if (from.use_hash_seed >= 0) {
        c.hash_seed = from.use_hash_seed ? std::to_string(from.hash_seed) : "random";
        c.hash_randomization = !(from.use_hash_seed && from.hash_seed == 0);
    }
    c.install_signal_handlers = from.install_signal_handlers;
    if (from.skip_source_first_line) c.skip_first_line = true;
    take(from.pycache_prefix, c.pycache_prefix);
    take(from.stdio_encoding, c.stdio_encoding);
    take(from.stdio_errors, c.stdio_errors);
    take(from.check_hash_pycs_mode, c.check_hash_pycs);
    take(from.platlibdir, c.platlibdir);
    for (std::string& s : strings(from.warnoptions)) c.warn_options.push_back(std::move(s));
    for (const std::string& s : strings(from.xoptions)) {
        size_t eq = s.find('=');
        c.x_options.emplace_back(s.substr(0, eq),
                                 eq == s.npos ? std::nullopt : std::optional(s.substr(eq + 1)));
    }
}

void take_paths(const PyConfig& from, Config& c) {
    take(from.executable, c.executable);
    take(from.base_executable, c.base_executable);
    take(from.prefix, c.prefix);
    take(from.exec_prefix, c.exec_prefix);
    take(from.base_prefix, c.base_prefix);
    take(from.base_exec_prefix, c.base_exec_prefix);
    take(from.stdlib_dir, c.stdlib_dir);
}

// Which program: fields of the configuration, where the command line has not chosen one.
void take_program(const PyConfig& from, Program& p) {
    if (from.run_command) {
        p.kind = Program::Kind::Command;
        p.text = narrow(from.run_command);
    } else if (from.run_module) {
        p.kind = Program::Kind::Module;
        p.text = narrow(from.run_module);
    } else if (from.run_filename) {
        p.kind = Program::Kind::File;
        p.text = narrow(from.run_filename);
    }
}

PyStatus read_config(const PyConfig& from, const PyPreConfig& pre, Config& c, Program& program) {
    Embedding& e = embedding();
    bool isolated = from.isolated > 0;
    c.ignore_environment = isolated || from.use_environment == 0;
    c.program = from.program_name                         ? narrow(from.program_name)
                : !e.program_name.empty()                 ? e.program_name
                : from.argv.length && *from.argv.items[0] ? narrow(from.argv.items[0])
                                                          : "python3";
    std::vector<std::string> argv = strings(from.argv);
    bool parse = from.parse_argv == 1 && !argv.empty();
    std::vector<std::string> words = parse ? argv : std::vector<std::string>{c.program};
    std::vector<char*> pointers;
    for (std::string& w : words) pointers.push_back(w.data());
    std::string name = c.program;
    int status = parse_command_line(static_cast<int>(words.size()), pointers.data(), c, program);
    if (status >= 0) return {2, nullptr, nullptr, status};
    c.program = name;
    if (!parse) {
        c.argv = argv.empty() ? std::vector<std::string>{""} : argv;
        c.orig_argv = from.orig_argv.length ? strings(from.orig_argv) : argv;
        program = Program{};
    }
    program.argv = c.argv;
    take_settings(from, c);
    take_program(from, program);
    if (pre.utf8_mode >= 0) {
        if (pre.utf8_mode > 0) c.utf8_mode = 1;
        if (from._config_init == 3) c.utf8_mode_chosen = true;
    }
    if (pre.configure_locale) choose_locale(c);
    take(from.home, c.home);
    if (c.home.empty()) c.home = e.home;
    if (c.home.empty())
        if (const char* home = environment(c, "PYTHONHOME")) c.home = home;
    return status_ok();
}

PyStatus read_paths(const PyConfig& from, Config& c) {
    c.search_paths_set = from.module_search_paths_set;
    if (c.search_paths_set) c.module_search_paths = strings(from.module_search_paths);
    if (!find_library(c)) return status_error("the standard library was not found", "PyConfig_Read");
    if (from.pythonpath_env && !c.search_paths_set) {
        std::string all = narrow(from.pythonpath_env);
        size_t at = 0;
        for (size_t i = 0; i <= all.size();) {
            size_t end = all.find(':', i);
            if (end == all.npos) end = all.size();
            c.module_search_paths.insert(c.module_search_paths.begin() + static_cast<ptrdiff_t>(at++),
                                         all.substr(i, end - i));
            i = end + 1;
        }
    }
    take_paths(from, c);
    return status_ok();
}

// The configuration as PyConfig_Read leaves it: completed but for the paths, which come when it is used.
void write_back(const Config& c, const Program& p, PyConfig& to) {
    to.isolated = c.isolated;
    to.use_environment = !c.ignore_environment;
    to.dev_mode = c.dev_mode;
    if (to.use_hash_seed < 0) {
        to.use_hash_seed = !c.hash_seed.empty() && c.hash_seed != "random";
        if (to.use_hash_seed) to.hash_seed = strtoul(c.hash_seed.c_str(), nullptr, 10);
    }
    to.faulthandler = c.faulthandler;
    to.tracemalloc = c.tracemalloc_frames;
    if (to.perf_profiling < 0) to.perf_profiling = c.perf_profiling;
    if (to.remote_debug < 0) to.remote_debug = c.remote_debug;
    to.import_time = c.import_time;
    to.code_debug_ranges = !c.no_debug_ranges;
    if (!to.filesystem_encoding) assign(&to.filesystem_encoding, "utf-8");
    if (!to.filesystem_errors) assign(&to.filesystem_errors, "surrogateescape");
    assign(&to.pycache_prefix, c.pycache_prefix);
    if (to.parse_argv == 1) to.parse_argv = 2;
    assign(to.orig_argv, c.orig_argv);
    assign(to.argv, c.argv);
    assign(to.warnoptions, c.warn_options);
    std::vector<std::string> x;
    for (const auto& [name, value] : c.x_options) x.push_back(value ? name + "=" + *value : name);
    assign(to.xoptions, x);
    to.site_import = !c.no_site;
    to.bytes_warning = c.bytes_warning;
    to.warn_default_encoding = c.warn_default_encoding;
    to.inspect = c.inspect;
    to.interactive = c.interactive;
    to.optimization_level = c.optimize;
    to.parser_debug = c.debug;
    to.write_bytecode = !c.dont_write_bytecode;
    to.verbose = c.verbose;
    to.quiet = c.quiet;
    to.user_site_directory = !c.no_user_site;
    to.buffered_stdio = c.buffered_stdio;
    assign(&to.stdio_encoding, c.stdio_encoding.empty() ? "utf-8" : c.stdio_encoding);
    assign(&to.stdio_errors, c.stdio_errors.empty() ? "strict" : c.stdio_errors);
    assign(&to.check_hash_pycs_mode, c.check_hash_pycs);
    to.use_frozen_modules = c.use_frozen_modules;
    to.safe_path = c.safe_path;
    to.int_max_str_digits = c.int_max_str_digits < 0 ? 4300 : c.int_max_str_digits;
    to.thread_inherit_context = c.thread_inherit_context;
    to.context_aware_warnings = c.context_aware_warnings;
    to.cpu_count = c.cpu_count;
    if (to.pathconfig_warnings < 0) to.pathconfig_warnings = 1;
    assign(&to.program_name, c.program);
    assign(&to.home, c.home);
    assign(&to.platlibdir, c.platlibdir);
    to.skip_source_first_line = c.skip_first_line;
    assign(&to.run_command, p.kind == Program::Kind::Command ? p.text : "");
    assign(&to.run_module, p.kind == Program::Kind::Module ? p.text : "");
    assign(&to.run_filename, p.kind == Program::Kind::File ? p.text : "");
}

void preinitialize(const PyPreConfig& pre) {
    Embedding& e = embedding();
    if (e.preinitialized) return;
    e.preinitialized = true;
    e.pre = pre;
    if (e.pre.configure_locale) setlocale(LC_CTYPE, "");
}
PyPreConfig preconfig_for(const PyConfig& c) {
    PyPreConfig pre{};
    pre._config_init = c._config_init;
    pre.configure_locale = c._config_init != 3;
    pre.utf8_mode = c._config_init == 2 ? -1 : 0;
    return pre;
}

// The C streams as Python's are, so that what both write comes in order.
void configure_stdio(const Config& c) {
    if (!c.buffered_stdio) {
        for (FILE* f : {stdin, stdout, stderr}) setvbuf(f, nullptr, _IONBF, 0);
    } else if (c.interactive) {
        for (FILE* f : {stdin, stdout}) setvbuf(f, nullptr, _IOLBF, 0);
    }
}

PyStatus start(const PyConfig& from) {
    Embedding& e = embedding();
    if (e.ended)
        return status_error("the runtime cannot be started again in a process that has ended it",
                            "Py_InitializeFromConfig");
    if (e.started) return status_ok();
    preinitialize(preconfig_for(from));
    if (PyStatus s = read_config(from, e.pre, e.config, e.program); s.type) return s;
    if (PyStatus s = read_paths(from, e.config); s.type) return s;
    if (from.configure_c_stdio) configure_stdio(e.config);
    register_compiler();
    register_capi();
    e.started = true;
    bool good;
    Thread& t = program_begin(e.config, &good);
    if (!good) {
        report_failed_begin(t);
        return status_error("initialization failed", "init_interp_main");
    }
    activate_c_slots();
    if (!install_audit_hooks(t)) return status_error("a hook for audit events failed", "PySys_AddAuditHook");
    return status_ok();
}

[[noreturn]] void fatal(PyStatus s) {
    if (s.type == 2) exit(s.exitcode);
    fprintf(stderr, "Fatal Python error: %s%s%s\nPython runtime state: %s\n\n", s.func ? s.func : "",
            s.func ? ": " : "", s.err_msg ? s.err_msg : "",
            g_runtime.initialized        ? "initialized"
            : embedding().preinitialized ? "preinitialized"
                                         : "unknown");
    exit(1);
}

int finish() {
    Embedding& e = embedding();
    if (!e.started || e.ended || !g_runtime.initialized) return 0;
    e.ended = true;
    bool written = program_end(here());
    g_runtime.initialized = false;
    return written ? 0 : -1;
}

}  // namespace

// --- before ---

CAPI PyStatus Py_PreInitialize(const PyPreConfig* c) {
    if (!c) return status_error("preinitialization config is NULL", "Py_PreInitialize");
    preinitialize(*c);
    return status_ok();
}
CAPI PyStatus Py_PreInitializeFromBytesArgs(const PyPreConfig* c, Py_ssize_t, char**) {
    return Py_PreInitialize(c);
}
CAPI PyStatus Py_PreInitializeFromArgs(const PyPreConfig* c, Py_ssize_t, wchar_t**) {
    return Py_PreInitialize(c);
}
CAPI PyStatus PyConfig_Read(PyConfig* c) {
    Embedding& e = embedding();
    preinitialize(preconfig_for(*c));
    Config config;
    Program program;
    if (PyStatus s = read_config(*c, e.pre, config, program); s.type) return s;
    write_back(config, program, *c);
    return status_ok();
}

// --- start and end ---

CAPI PyStatus Py_InitializeFromConfig(const PyConfig* c) {
    if (!c) return status_error("initialization config is NULL", "Py_InitializeFromConfig");
    return start(*c);
}
CAPI void Py_InitializeEx(int install_signal_handlers) {
    if (g_runtime.initialized) return;
    PyConfig c;
    _PyConfig_InitCompatConfig(&c);
    c.install_signal_handlers = install_signal_handlers;
    if (PyStatus s = start(c); s.type) fatal(s);
}
CAPI void Py_Initialize() { Py_InitializeEx(1); }
CAPI int Py_FinalizeEx() { return finish(); }
CAPI void Py_Finalize() { finish(); }
CAPI [[noreturn]] void Py_ExitStatusException(PyStatus s) {
    if (s.type == 0) {
        fputs(
            "Fatal Python error: Py_ExitStatusException: Py_ExitStatusException() must not be called on "
            "success\n",
            stderr);
        abort();
    }
    fatal(s);
}

// --- main programs ---

CAPI int Py_RunMain() {
    Embedding& e = embedding();
    int status = run_program(here(), e.program);
    return exit_status(finish() == 0, status);
}
namespace {
int main_with(PyConfig& c, PyStatus s) {
    if (!s.type) s = start(c);
    PyConfig_Clear(&c);
    if (s.type == 2) return s.exitcode;
    if (s.type) fatal(s);
    return Py_RunMain();
}
}  // namespace
CAPI int Py_BytesMain(int argc, char** argv) {
    PyConfig c;
    PyConfig_InitPythonConfig(&c);
    PyStatus s = PyConfig_SetBytesArgv(&c, argc, argv);
    return main_with(c, s);
}
CAPI int Py_Main(int argc, wchar_t** argv) {
    PyConfig c;
    PyConfig_InitPythonConfig(&c);
    PyStatus s = PyConfig_SetArgv(&c, argc, argv);
    return main_with(c, s);
}

// --- the older ways to say and ask where things are ---

namespace {
const wchar_t* wide(std::wstring& place, const std::string& text) {
    wchar_t* w = widen(text);
    place = w ? w : L"";
    free(w);
    return place.c_str();
}
}  // namespace
CAPI void Py_SetProgramName(const wchar_t* name) { embedding().program_name = narrow(name); }
CAPI void Py_SetPythonHome(const wchar_t* home) { embedding().home = narrow(home); }
CAPI void Py_SetPath(const wchar_t*) {
    fputs("Fatal Python error: Py_SetPath: use PyConfig.module_search_paths\n", stderr);
    abort();
}
CAPI const wchar_t* Py_GetProgramName() {
    const Config* c = g_runtime.config;
    return c ? wide(embedding().name, c->program) : nullptr;
}
CAPI const wchar_t* Py_GetProgramFullPath() {
    const Config* c = g_runtime.config;
    return c ? wide(embedding().full_name, c->executable) : nullptr;
}
CAPI const wchar_t* Py_GetPrefix() {
    const Config* c = g_runtime.config;
    return c ? wide(embedding().prefix, c->prefix) : nullptr;
}
CAPI const wchar_t* Py_GetExecPrefix() {
    const Config* c = g_runtime.config;
    return c ? wide(embedding().exec_prefix, c->exec_prefix) : nullptr;
}
CAPI const wchar_t* Py_GetPath() {
    const Config* c = g_runtime.config;
    if (!c) return nullptr;
    std::string all;
    for (const std::string& p : c->module_search_paths) all += (all.empty() ? "" : ":") + p;
    return wide(embedding().path, all);
}
CAPI const wchar_t* Py_GetPythonHome() {
    Embedding& e = embedding();
    std::string home = g_runtime.config && !g_runtime.config->home.empty() ? g_runtime.config->home : e.home;
    return home.empty() ? nullptr : wide(e.home_wide, home);
}
