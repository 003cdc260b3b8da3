// How the program was started: what sys.flags, sys.orig_argv and the import system are made from. Filled by
// the command line (cli) or an embedding program before runtime modules are made; one per process
// (Runtime::config).
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace krait {

struct Config {
    // sys.flags
    int inspect = 0, interactive = 0, optimize = 0, dont_write_bytecode = 0, no_user_site = 0, no_site = 0,
        ignore_environment = 0, verbose = 0, bytes_warning = 0, quiet = 0, debug = 0, isolated = 0,
        dev_mode = 0, utf8_mode = 0, warn_default_encoding = 0, safe_path = 0, int_max_str_digits = -1,
        thread_inherit_context = 0, context_aware_warnings = 0;
    int remote_debug = 1;    // may other processes have scripts run in this one?
    int perf_profiling = 0;  // perf trampolines from the start: 1 perf, 2 perf_jit
    int hash_randomization = 1;
    bool buffered_stdio = true;
    bool parse_argv = true;
    bool install_signal_handlers = true;
    std::string home;               // where the library is, given by an embedding program
    bool search_paths_set = false;  // module_search_paths is given and complete
    bool skip_first_line = false;   // -x
    std::string check_hash_pycs = "default";
    std::string program;                 // argv[0] as given
    std::string executable;              // absolute path, or empty
    std::string base_executable;         // of the installation, where that is a virtual environment's
    std::vector<std::string> argv;       // sys.argv
    std::vector<std::string> orig_argv;  // the whole command line
    std::vector<std::string> warn_options;
    std::vector<std::pair<std::string, std::optional<std::string>>> x_options;  // no value: True
    std::vector<std::string> module_search_paths;                               // sys.path
    std::string stdlib_dir, prefix, exec_prefix, base_prefix, base_exec_prefix, platlibdir = "lib";
    std::string path0;  // what start-up put first into sys.path; modules there may hide others
    bool has_path0 = false;
    std::string pycache_prefix;
    std::string stdio_encoding, stdio_errors;  // PYTHONIOENCODING
    bool faulthandler = false, no_debug_ranges = false, use_frozen_modules = true, dump_refs = false,
         show_alloc_count = false;
    bool utf8_mode_chosen = false;  // by an option or a variable
    int tracemalloc_frames = 0, import_time = 0, cpu_count = -1;
    std::string hash_seed;        // PYTHONHASHSEED or -R: a number or "random"; empty: random
    int frozen_override = 0;      // set by tests: > 0 with frozen modules, < 0 without, 0 as configured
    bool prompt_gave_up = false;  // the basic prompt ended for want of memory
    bool interrupted = false;     // the program ended by a KeyboardInterrupt that nobody caught
    std::string dump;             // -X dump=...
};

}  // namespace krait
