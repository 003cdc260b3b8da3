#include "cli/command_line.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "runtime/version.h"

namespace krait {
namespace {

const char* const usage_text =
    "usage: %s [option] ... [-c cmd | -m mod | file | -] [arg] ...\n"
    "Options (and corresponding environment variables):\n"
    "-b     : warn about str(bytes), bytes compared with str; -bb: make it an error\n"
    "-B     : write no .pyc files on import (PYTHONDONTWRITEBYTECODE)\n"
    "-c cmd : run the given program text; ends the options\n"
    "-d     : parser debugging, of debug builds only (PYTHONDEBUG)\n"
    "-E     : ignore PYTHON* environment variables\n"
    "-h     : show this (also -? or --help); --help-env, --help-xoptions, --help-all: more\n"
    "-i     : go interactive after the program (PYTHONINSPECT)\n"
    "-I     : isolate from the user's environment (implies -E, -P and -s)\n"
    "-m mod : run a library module as a program; ends the options\n"
    "-O     : drop assertions and __debug__ code (PYTHONOPTIMIZE)\n"
    "-OO    : the same, and docstrings\n"
    "-P     : do not put an unsafe path first into sys.path (PYTHONSAFEPATH)\n"
    "-q     : no version and copyright at an interactive start\n"
    "-s     : no user site folder in sys.path (PYTHONNOUSERSITE)\n"
    "-S     : do not import site\n"
    "-u     : unbuffered stdout and stderr (PYTHONUNBUFFERED)\n"
    "-v     : tell of imports; more often for more (PYTHONVERBOSE)\n"
    "-V     : show the version (also --version); -VV: more\n"
    "-W arg : warning control, action:message:category:module:lineno (PYTHONWARNINGS)\n"
    "-x     : skip the first line of the source\n"
    "-X opt : implementation option\n"
    "--check-hash-based-pycs always|default|never: how hash-based .pyc files are validated\n"
    "file   : program read from a file\n"
    "-      : program read from standard input (default; interactive at a terminal)\n"
    "arg ...: arguments in sys.argv[1:]\n";

const char* env(const Config& c, const char* name) {
    if (c.ignore_environment) return nullptr;
    const char* v = getenv(name);
    return v && *v ? v : nullptr;
}

// An integer from 1, 1 for anything that is no number.
void env_flag(const Config& c, const char* name, int* flag) {
    const char* v = env(c, name);
    if (!v) return;
    int n = atoi(v);
    if (n < 1) n = 1;
    if (n > *flag) *flag = n;
}

int usage_error(const char* program, const char* format, const char* what) {
    fprintf(stderr, format, what);
    fprintf(stderr, "usage: %s [option] ... [-c cmd | -m mod | file | -] [arg] ...\n", program);
    fputs("Try 'python -h' for more information.\n", stderr);
    return 2;
}

bool set_max_digits(Config& c, const char* text) {
    char* end;
    long n = strtol(text, &end, 10);
    if (*end || end == text || n < 0 || (n > 0 && n < 640) || n > 0x7fffffff) return false;
    c.int_max_str_digits = static_cast<int>(n);
    return true;
}

bool config_error(const char* where, const std::string& message) {
    fprintf(stderr, "Fatal Python error: %s: %s\nPython runtime state: preinitialized\n\n", where,
            message.c_str());
    return false;
}
bool set_import_time(Config& c, const std::string& value, const char* source) {
    if (value != "" && value != "1" && value != "2")
        return config_error("config_init_import_time",
                            std::string(source) + ": values other than 1 and 2 are reserved for future use.");
    c.import_time = value == "2" ? 2 : 1;
    return true;
}
bool set_tracemalloc(Config& c, const std::string& value, const char* source) {
    char* end;
    errno = 0;
    long n = strtol(value.c_str(), &end, 10);
    if (value.empty() || *end || errno || n < 0 || n > 65535)
        return config_error("config_init_tracemalloc", std::string(source) + ": invalid number of frames");
    c.tracemalloc_frames = static_cast<int>(n);
    c.tracemalloc_given = true;
    return true;
}

int x_option(Config& c, const char* text) {
    std::string option = text, value;
    if (size_t at = option.find('='); at != option.npos) {
        value = option.substr(at + 1);
        option.resize(at);
    }
    c.x_options.emplace_back(option, value);
    if (option == "dev") c.dev_mode = 1;
    if (option == "utf8") c.utf8_mode = value.empty() ? 1 : atoi(value.c_str());
    if (option == "faulthandler") c.faulthandler = true;
    if (option == "importtime" && !set_import_time(c, value, "-X importtime")) return 1;
    if (option == "warn_default_encoding") c.warn_default_encoding = 1;
    if (option == "pycache_prefix") c.pycache_prefix = value;
    if (option == "dump") c.dump = value;
    if (option == "tracemalloc" && !set_tracemalloc(c, value.empty() ? "1" : value, "-X tracemalloc=NFRAME"))
        return 1;
    if (option == "thread_inherit_context") c.thread_inherit_context = atoi(value.c_str());
    if (option == "context_aware_warnings") c.context_aware_warnings = atoi(value.c_str());
    if (option == "int_max_str_digits" && !set_max_digits(c, value.c_str())) {
        fputs(
            "Fatal Python error: config_init_int_max_str_digits: -X int_max_str_digits: invalid limit; must "
            "be >= 640 or "
            "0 for unlimited.\nPython runtime state: preinitialized\n",
            stderr);
        return 1;
    }
    return -1;
}

// The options in one argument such as "-sSc"; `at` moves over arguments that options take. -1: go on.
struct OptionParser {
    int argc;
    char** argv;
    Config& c;
    Program& program;
    int at = 1;
    int versions = 0;
    bool done = false;

    // The value of an option: the rest of this word or the next one.
    const char* value(const char*& p, char option) {
        if (p[1]) {
            const char* v = p + 1;
            p += strlen(p) - 1;
            return v;
        }
        if (at + 1 < argc) return argv[++at];
        fprintf(stderr, "Argument expected for the -%c option\n", option);
        return nullptr;
    }

    int long_option(const char* name) {
        if (!strcmp(name, "help")) return show_help();
        if (!strcmp(name, "version")) {
            versions++;
            return -1;
        }
        if (!strcmp(name, "help-env") || !strcmp(name, "help-xoptions") || !strcmp(name, "help-all"))
            return show_help();
        if (!strcmp(name, "check-hash-based-pycs")) {
            const char* v = at + 1 < argc ? argv[++at] : nullptr;
            if (!v || (strcmp(v, "always") && strcmp(v, "never") && strcmp(v, "default"))) {
                fputs("--check-hash-based-pycs must be one of 'default', 'always', or 'never'\n", stderr);
                return usage_error(argv[0], "%s", "");
            }
            c.check_hash_pycs = v;
            return -1;
        }
        return usage_error(argv[0], "unknown option --%s\n", name);
    }

    int show_help() {
        printf(usage_text, argv[0]);
        return 0;
    }

    int word(const char* p) {
        for (; *p; p++) {
            switch (*p) {
                case 'b':
                    c.bytes_warning++;
                    break;
                case 'B':
                    c.dont_write_bytecode++;
                    break;
                case 'd':
                    c.debug++;
                    break;
                case 'E':
                    c.ignore_environment++;
                    break;
                case 'h':
                case '?':
                    return show_help();
                case 'i':
                    c.inspect++;
                    c.interactive++;
                    break;
                case 'I':
                    c.isolated++;
                    c.ignore_environment++;
                    c.no_user_site++;
                    c.safe_path = 1;
                    break;
                case 'O':
                    c.optimize++;
                    break;
                case 'P':
                    c.safe_path = 1;
                    break;
                case 'q':
                    c.quiet++;
                    break;
                case 'R':
                    break;
                case 's':
                    c.no_user_site++;
                    break;
                case 'S':
                    c.no_site++;
                    break;
                case 'u':
                    c.buffered_stdio = false;
                    break;
                case 'v':
                    c.verbose++;
                    break;
                case 'V':
                    versions++;
                    break;
                case 'x':
                    program.skip_first_line = true;
                    break;
                case 'c':
                case 'm': {
                    program.kind = *p == 'c' ? Program::Kind::Command : Program::Kind::Module;
                    const char* v = value(p, *p == 'c' ? 'c' : 'm');
                    if (!v) return usage_error(argv[0], "%s", "");
                    program.text = v;
                    at++;
                    done = true;
                    return -1;
                }
                case 'W': {
                    const char* v = value(p, 'W');
                    if (!v) return usage_error(argv[0], "%s", "");
                    c.warn_options.push_back(v);
                    break;
                }
                case 'X': {
                    const char* v = value(p, 'X');
                    if (!v) return usage_error(argv[0], "%s", "");
                    int status = x_option(c, v);
                    if (status >= 0) return status;
                    break;
                }
                default: {
                    char text[2] = {*p, 0};
                    return usage_error(argv[0], "Unknown option: -%s\n", text);
                }
            }
        }
        return -1;
    }

    int run() {
        while (at < argc && !done) {
            const char* a = argv[at];
            if (a[0] != '-' || !a[1]) break;
            if (!strcmp(a, "--")) {
                at++;
                break;
            }
            int status = a[1] == '-' ? long_option(a + 2) : word(a + 1);
            if (status >= 0) return status;
            if (!done) at++;
        }
        return -1;
    }
};

bool read_environment(Config& c) {
    env_flag(c, "PYTHONDEBUG", &c.debug);
    env_flag(c, "PYTHONVERBOSE", &c.verbose);
    env_flag(c, "PYTHONOPTIMIZE", &c.optimize);
    env_flag(c, "PYTHONINSPECT", &c.inspect);
    if (env(c, "PYTHONDONTWRITEBYTECODE")) c.dont_write_bytecode = 1;
    if (env(c, "PYTHONNOUSERSITE")) c.no_user_site = 1;
    if (env(c, "PYTHONUNBUFFERED")) c.buffered_stdio = false;
    if (env(c, "PYTHONSAFEPATH")) c.safe_path = 1;
    if (env(c, "PYTHONDEVMODE")) c.dev_mode = 1;
    if (env(c, "PYTHONFAULTHANDLER")) c.faulthandler = true;
    if (const char* v = env(c, "PYTHONPROFILEIMPORTTIME"); v && !c.import_time)
        if (!set_import_time(c, v, "PYTHONPROFILEIMPORTTIME")) return false;
    if (const char* v = env(c, "PYTHONTRACEMALLOC"); v && !c.tracemalloc_given)
        if (!set_tracemalloc(c, v, "PYTHONTRACEMALLOC")) return false;
    if (env(c, "PYTHONWARNDEFAULTENCODING")) c.warn_default_encoding = 1;
    if (const char* v = env(c, "PYTHONUTF8")) c.utf8_mode = atoi(v);
    if (const char* v = env(c, "PYTHONPYCACHEPREFIX"); v && c.pycache_prefix.empty()) c.pycache_prefix = v;
    if (const char* v = env(c, "PYTHONINTMAXSTRDIGITS"); v && c.int_max_str_digits < 0) set_max_digits(c, v);
    if (const char* v = env(c, "PYTHONHASHSEED"); v && !strcmp(v, "0")) c.hash_randomization = 0;
    if (const char* v = env(c, "PYTHONIOENCODING")) {
        std::string text = v;
        size_t at = text.find(':');
        c.stdio_encoding = text.substr(0, at);
        if (at != text.npos) c.stdio_errors = text.substr(at + 1);
    }
    if (const char* v = env(c, "PYTHONWARNINGS")) {
        std::vector<std::string> from_env;
        std::string text = v;
        for (size_t i = 0; i <= text.size();) {
            size_t end = text.find(',', i);
            if (end == text.npos) end = text.size();
            if (end > i) from_env.push_back(text.substr(i, end - i));
            i = end + 1;
        }
        c.warn_options.insert(c.warn_options.begin(), from_env.begin(), from_env.end());
    }
    if (c.dev_mode) c.faulthandler = true;
    if (c.dev_mode) c.warn_options.insert(c.warn_options.begin(), "default");
    if (c.bytes_warning)
        c.warn_options.push_back(c.bytes_warning > 1 ? "error::BytesWarning" : "default::BytesWarning");
    if (c.int_max_str_digits < 0) c.int_max_str_digits = 4300;
    return true;
}

}  // namespace

int parse_command_line(int argc, char** argv, Config& c, Program& program) {
    c.program = argv[0];
    for (int i = 0; i < argc; i++) c.orig_argv.push_back(argv[i]);
    OptionParser parser{argc, argv, c, program};
    int status = parser.run();
    if (status >= 0) return status;
    if (parser.versions) {
        printf("Python %s\n", parser.versions > 1 ? version::kText : version::kPython);
        return 0;
    }
    if (!read_environment(c)) return 1;
    int at = parser.at;
    if (parser.done) {
        c.argv.push_back(program.kind == Program::Kind::Command ? "-c" : "-m");
    } else if (at < argc && strcmp(argv[at], "-") != 0) {
        program.kind = Program::Kind::File;
        program.text = argv[at];
        c.argv.push_back(argv[at++]);
    } else {
        program.kind = Program::Kind::StdinScript;
        c.argv.push_back(at < argc ? argv[at++] : "");
    }
    for (; at < argc; at++) c.argv.push_back(argv[at]);
    program.argv = c.argv;
    return -1;
}

// --- paths ---

namespace {

bool exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }
bool is_library(const std::string& folder) { return exists(folder + "/os.py"); }

std::string real(const std::string& path) {
    char* r = realpath(path.c_str(), nullptr);
    std::string s = r ? r : path;
    free(r);
    return s;
}

std::string find_executable(const std::string& argv0) {
    if (argv0.find('/') != argv0.npos) return argv0[0] == '/' ? argv0 : real(argv0);
    if (const char* path = getenv("PATH")) {
        std::string all = path;
        for (size_t i = 0; i <= all.size();) {
            size_t end = all.find(':', i);
            if (end == all.npos) end = all.size();
            std::string candidate = all.substr(i, end - i) + "/" + argv0;
            if (access(candidate.c_str(), X_OK) == 0) return candidate;
            i = end + 1;
        }
    }
    return real("/proc/self/exe");
}

std::string parent(const std::string& path) {
    size_t at = path.rfind('/');
    return at == path.npos || at == 0 ? "/" : path.substr(0, at);
}

}  // namespace

bool find_library(Config& c) {
    c.executable = find_executable(c.program);
    std::string bin = parent(real("/proc/self/exe"));
    std::vector<std::string> candidates;
    if (const char* v = getenv("KRAIT_STDLIB")) candidates.push_back(v);
    candidates.push_back(bin + "/../lib/krait3.14");
    candidates.push_back(bin + "/../deps/stdlib");
    candidates.push_back("/usr/lib/python3.14");
    candidates.push_back("/usr/local/lib/python3.14");
    for (const std::string& folder : candidates) {
        if (!is_library(folder)) continue;
        c.stdlib_dir = real(folder);
        break;
    }
    if (c.stdlib_dir.empty()) {
        fputs(
            "krait: the standard library of Python 3.14 was not found.\n"
            "Set KRAIT_STDLIB to its folder (the one with os.py in it), or run `make` in Krait's source "
            "tree.\n",
            stderr);
        return false;
    }
    c.prefix = c.exec_prefix = c.base_prefix = c.base_exec_prefix = parent(bin);
    if (const char* v = env(c, "PYTHONPATH")) {
        std::string all = v;
        for (size_t i = 0; i <= all.size();) {
            size_t end = all.find(':', i);
            if (end == all.npos) end = all.size();
            c.module_search_paths.push_back(all.substr(i, end - i));
            i = end + 1;
        }
    }
    c.module_search_paths.push_back(c.prefix + "/lib/python314.zip");
    c.module_search_paths.push_back(c.stdlib_dir);
    c.module_search_paths.push_back(c.stdlib_dir + "/lib-dynload");
    return true;
}

}  // namespace krait
