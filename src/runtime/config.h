// How the program was started: what sys.flags, sys.orig_argv and the import system are made from. Filled by
// the command line (cli) or an embedding program before runtime modules are made; one per process
// (Runtime::config).
#pragma once

#include <map>
#include <string>
#include <vector>

namespace krait {

struct Config {
    // sys.flags
    int inspect = 0, interactive = 0, optimize = 0, dont_write_bytecode = 0, no_user_site = 0, no_site = 0,
        ignore_environment = 0, verbose = 0, bytes_warning = 0, quiet = 0, debug = 0, isolated = 0,
        dev_mode = 0, utf8_mode = 0, warn_default_encoding = 0, safe_path = 0, int_max_str_digits = -1,
        thread_inherit_context = 0, context_aware_warnings = 0;
    int hash_randomization = 1;
    bool buffered_stdio = true;
    bool parse_argv = true;
    std::string check_hash_pycs = "default";
    std::string program;                 // argv[0] as given
    std::string executable;              // absolute path, or empty
    std::vector<std::string> argv;       // sys.argv
    std::vector<std::string> orig_argv;  // the whole command line
    std::vector<std::string> warn_options;
    std::vector<std::pair<std::string, std::string>> x_options;  // name, value ("" with x_option_flag: True)
    std::vector<std::string> module_search_paths;                // sys.path
    std::string stdlib_dir, prefix, exec_prefix, base_prefix, base_exec_prefix, platlibdir = "lib";
    std::string path0;  // what start-up put first into sys.path; modules there may hide others
    bool has_path0 = false;
    std::string pycache_prefix;
    std::string stdio_encoding, stdio_errors;  // PYTHONIOENCODING
    int import_time = 0;                       // 2: what is imported already is shown, too
    bool faulthandler = false, dump_refs = false, show_alloc_count = false;
    int tracemalloc_frames = 0;
    bool tracemalloc_given = false;
    std::string dump;  // -X dump=...
};

}  // namespace krait
