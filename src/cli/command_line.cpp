#include "cli/command_line.h"

#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "runtime/version.h"

namespace krait {

const char* environment(const Config& c, const char* name) {
    if (c.ignore_environment) return nullptr;
    const char* v = getenv(name);
    return v && *v ? v : nullptr;
}

namespace {

// What goes wrong before there is an interpreter. Always 1, the exit status.
int fatal(const char* where, const char* message, const char* state = "preinitialized") {
    fprintf(stderr, "Fatal Python error: %s%s%s\nPython runtime state: %s\n\n", where, *where ? ": " : "",
            message, state);
    return 1;
}

bool whole_number(const char* text, long& out) {
    char* end;
    errno = 0;
    out = strtol(text, &end, 10);
    return *text && !*end && errno == 0 && out >= INT_MIN && out <= INT_MAX;
}

// A number from the environment, 1 for anything that is none. It never lowers what an option asked for.
void env_flag(const Config& c, const char* name, int* flag) {
    const char* v = environment(c, name);
    if (!v) return;
    long n;
    if (!whole_number(v, n) || n < 0) n = 1;
    if (n > *flag) *flag = static_cast<int>(n);
}
// The same for those that are on or off.
void env_switch(const Config& c, const char* name, int* flag) {
    int n = 0;
    env_flag(c, name, &n);
    if (n && !*flag) *flag = 1;
}

int usage_error(const char* program) {
    fprintf(stderr, "usage: %s [option] ... [-c cmd | -m mod | file | -] [arg] ...\n", program);
    fprintf(stderr, "Try `%s -h' for more information.\n", program);
    return 2;
}

// The options in one argument such as "-sSc"; `at` moves over arguments that options take. -1: go on.
struct OptionParser {
    int argc;
    char** argv;
    Config& c;
    Program& program;
    int at = 1;
    int versions = 0;
    bool random_hash = false;
    bool done = false;
    bool help_asked = false;
    Help help = Help::Usage;

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

    int ask_help(Help what) {
        help_asked = true;
        help = what;
        return -1;
    }

    int long_option(const char* name) {
        if (!strcmp(name, "help")) return ask_help(Help::Usage);
        if (!strcmp(name, "help-all")) return ask_help(Help::All);
        if (!strcmp(name, "help-env")) return ask_help(Help::Environment);
        if (!strcmp(name, "help-xoptions")) return ask_help(Help::XOptions);
        if (!strcmp(name, "version")) {
            versions++;
            return -1;
        }
        if (!strcmp(name, "check-hash-based-pycs")) {
            if (at + 1 >= argc) {
                fputs("Argument expected for the --check-hash-based-pycs option\n", stderr);
                return usage_error(argv[0]);
            }
            const char* v = argv[++at];
            if (strcmp(v, "always") && strcmp(v, "never") && strcmp(v, "default")) {
                fputs("--check-hash-based-pycs must be one of 'default', 'always', or 'never'\n", stderr);
                return usage_error(argv[0]);
            }
            c.check_hash_pycs = v;
            return -1;
        }
        fprintf(stderr, "Unknown option: --%s\n", name);
        return usage_error(argv[0]);
    }

    // -c and -m: what follows belongs to the program.
    int take_program(const char*& p) {
        bool command = *p == 'c';
        program.kind = command ? Program::Kind::Command : Program::Kind::Module;
        const char* v = value(p, command ? 'c' : 'm');
        if (!v) return usage_error(argv[0]);
        program.text = v;
        if (command) program.text += '\n';
        at++;
        done = true;
        return -1;
    }

    int option(const char*& p) {
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
                c.ignore_environment = 1;
                break;
            case 'h':
            case '?':
                return ask_help(Help::Usage);
            case 'i':
                c.inspect++;
                c.interactive++;
                break;
            case 'I':
                c.isolated = c.ignore_environment = c.safe_path = 1;
                c.no_user_site = 1;
                break;
            case 'J':
                fputs("-J is reserved for Jython\n", stderr);
                return usage_error(argv[0]);
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
                random_hash = true;
                break;
            case 's':
                c.no_user_site = 1;
                break;
            case 'S':
                c.no_site = 1;
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
                c.skip_first_line = true;
                break;
            case 'c':
            case 'm':
                return take_program(p);
            case 'W':
            case 'X': {
                char name = *p;
                const char* v = value(p, name);
                if (!v) return usage_error(argv[0]);
                if (name == 'W') {
                    c.warn_options.push_back(v);
                    break;
                }
                const char* eq = strchr(v, '=');
                c.x_options.emplace_back(eq ? std::string(v, eq) : v,
                                         eq ? std::optional<std::string>(eq + 1) : std::nullopt);
                break;
            }
            default:
                fprintf(stderr, "Unknown option: -%c\n", *p);
                return usage_error(argv[0]);
        }
        return -1;
    }

    int word(const char* p) {
        for (; *p && !done; p++) {
            int status = option(p);
            if (status >= 0) return status;
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

// --- -X options and the variables that say the same; the option has precedence ---

// The last of that name; null: not given.
const std::optional<std::string>* x_option(const Config& c, const char* name) {
    const std::optional<std::string>* found = nullptr;
    for (const auto& [n, v] : c.x_options)
        if (n == name) found = &v;
    return found;
}

const char* x_text(const std::optional<std::string>* option) {
    return option && *option ? (*option)->c_str() : nullptr;
}

int read_utf8_mode(Config& c) {
    if (auto* option = x_option(c, "utf8")) {
        const char* v = x_text(option);
        if (v && strcmp(v, "0") && strcmp(v, "1"))
            return fatal("preconfig_init_utf8_mode", "invalid -X utf8 option value", "preinitializing");
        c.utf8_mode = !v || *v == '1';
        c.utf8_mode_chosen = true;
    } else if (const char* v = environment(c, "PYTHONUTF8")) {
        if (strcmp(v, "0") && strcmp(v, "1"))
            return fatal("preconfig_init_utf8_mode", "invalid PYTHONUTF8 environment variable value",
                         "preinitializing");
        c.utf8_mode = *v == '1';
        c.utf8_mode_chosen = true;
    }
    return -1;
}

int read_max_digits(Config& c) {
    const char* where = "config_init_int_max_str_digits";
    auto valid = [&c](const char* v) {
        long n;
        if (!v || !whole_number(v, n) || (n != 0 && n < 640)) return false;
        c.int_max_str_digits = static_cast<int>(n);
        return true;
    };
    if (const char* v = environment(c, "PYTHONINTMAXSTRDIGITS"); v && !valid(v))
        return fatal(where, "PYTHONINTMAXSTRDIGITS: invalid limit; must be >= 640 or 0 for unlimited.");
    if (auto* option = x_option(c, "int_max_str_digits"); option && !valid(x_text(option)))
        return fatal(where, "-X int_max_str_digits: invalid limit; must be >= 640 or 0 for unlimited.");
    return -1;
}

int read_hash_seed(Config& c, bool random) {
    const char* v = random ? nullptr : environment(c, "PYTHONHASHSEED");
    if (!v || !strcmp(v, "random")) {
        c.hash_seed = "random";
        return -1;
    }
    char* end;
    errno = 0;
    unsigned long seed = strtoul(v, &end, 10);
    if (*end || errno || seed > 4294967295UL)
        return fatal("config_init_hash_seed",
                     "PYTHONHASHSEED must be \"random\" or an integer in range [0; 4294967295]");
    c.hash_seed = v;
    c.hash_randomization = seed != 0;
    return -1;
}

int read_tracemalloc(Config& c) {
    auto read = [&c](const char* v) {
        long n;
        if (!whole_number(v, n) || n < 0 || n > 65535) return false;
        c.tracemalloc_frames = static_cast<int>(n);
        return true;
    };
    if (const char* v = environment(c, "PYTHONTRACEMALLOC"); v && !read(v))
        return fatal("config_init_tracemalloc", "PYTHONTRACEMALLOC: invalid number of frames");
    if (auto* option = x_option(c, "tracemalloc")) {
        const char* v = x_text(option);
        if (!v)
            c.tracemalloc_frames = 1;
        else if (*v && !read(v))
            return fatal("config_init_tracemalloc", "-X tracemalloc=NFRAME: invalid number of frames");
    }
    return -1;
}

int read_import_time(Config& c) {
    auto read = [&c](const char* v) {
        if (!strcmp(v, "0"))
            c.import_time = 0;
        else if (!*v || !strcmp(v, "1") || !strcmp(v, "true"))
            c.import_time = 1;
        else if (!strcmp(v, "2"))
            c.import_time = 2;
        else
            return false;
        return true;
    };
    if (const char* v = environment(c, "PYTHONPROFILEIMPORTTIME"); v && !read(v)) c.import_time = 1;
    if (auto* option = x_option(c, "importtime")) {
        const char* v = x_text(option);
        if (!v)
            c.import_time = 1;
        else if (!read(v))
            return fatal("config_init_import_time",
                         "-X importtime: values other than 1 and 2 are reserved for future use.");
    }
    return -1;
}

int read_cpu_count(Config& c) {
    auto read = [&c](const char* v) {
        long n;
        if (v && !strcmp(v, "default"))
            c.cpu_count = -1;
        else if (v && whole_number(v, n) && n >= 1)
            c.cpu_count = static_cast<int>(n);
        else
            return false;
        return true;
    };
    const char* env = environment(c, "PYTHON_CPU_COUNT");
    auto* option = x_option(c, "cpu_count");
    if ((env && !read(env)) || (option && !read(x_text(option))))
        return fatal("config_init_cpu_count",
                     "-X cpu_count=n option: n is missing or an invalid number, n must be greater than 0");
    return -1;
}

// Options that are 0 or 1 and nothing else.
int read_bit(Config& c, const char* name, const char* variable, int& out) {
    std::string where = std::string("config_init_") + name;
    if (const char* v = environment(c, variable)) {
        if (strcmp(v, "0") && strcmp(v, "1"))
            return fatal(where.c_str(), (std::string(variable) + "=N: N is missing or invalid").c_str());
        out = *v == '1';
    }
    if (auto* option = x_option(c, name)) {
        const char* v = x_text(option);
        if (!v || (strcmp(v, "0") && strcmp(v, "1")))
            return fatal(where.c_str(), (std::string("-X ") + name + "=n: n is missing or invalid").c_str());
        out = *v == '1';
    }
    return -1;
}

int read_gil(Config& c) {
    const char *v = environment(c, "PYTHON_GIL"), *where = "config_read_gil";
    if (auto* option = x_option(c, "gil")) v = x_text(option) ? x_text(option) : "";
    if (!v) return -1;
    if (!strcmp(v, "0")) return fatal(where, "Disabling the GIL is not supported by this build");
    if (strcmp(v, "1") != 0) return fatal(where, "PYTHON_GIL / -X gil must be \"0\" or \"1\"");
    return -1;
}

int read_frozen(Config& c) {
    auto read = [&c](const char* v) {
        if (!strcmp(v, "on"))
            c.use_frozen_modules = true;
        else if (!strcmp(v, "off"))
            c.use_frozen_modules = false;
        else
            return false;
        return true;
    };
    if (const char* v = environment(c, "PYTHON_FROZEN_MODULES"); v && !read(v))
        return fatal("", "bad value for PYTHON_FROZEN_MODULES (expected \"on\" or \"off\")");
    if (const char* v = x_text(x_option(c, "frozen_modules")); v && *v && !read(v))
        return fatal("", "bad value for option -X frozen_modules (expected \"on\" or \"off\")");
    return -1;
}

void read_stdio_encoding(Config& c) {
    const char* v = environment(c, "PYTHONIOENCODING");
    if (!v) return;
    std::string text = v;
    size_t at = text.find(':');
    c.stdio_encoding = text.substr(0, at);
    if (at != text.npos) c.stdio_errors = text.substr(at + 1);
    if (c.stdio_errors.empty() && !c.stdio_encoding.empty()) c.stdio_errors = "strict";
}

// In the order of their precedence, lowest first.
void collect_warn_options(Config& c) {
    std::vector<std::string> all;
    if (c.dev_mode) all.push_back("default");
    if (const char* v = environment(c, "PYTHONWARNINGS")) {
        std::string text = v;
        for (size_t i = 0; i <= text.size();) {
            size_t end = text.find(',', i);
            if (end == text.npos) end = text.size();
            if (end > i) all.push_back(text.substr(i, end - i));
            i = end + 1;
        }
    }
    all.insert(all.end(), c.warn_options.begin(), c.warn_options.end());
    if (c.bytes_warning) all.push_back(c.bytes_warning > 1 ? "error::BytesWarning" : "default::BytesWarning");
    c.warn_options.clear();
    for (std::string& option : all) {  // the last of equal ones counts
        std::erase(c.warn_options, option);
        c.warn_options.push_back(std::move(option));
    }
}

void read_flags(Config& c) {
    env_switch(c, "PYTHONDEBUG", &c.debug);
    env_flag(c, "PYTHONVERBOSE", &c.verbose);
    env_flag(c, "PYTHONOPTIMIZE", &c.optimize);
    if (environment(c, "PYTHONINSPECT") && !c.inspect) c.inspect = 1;
    env_switch(c, "PYTHONDONTWRITEBYTECODE", &c.dont_write_bytecode);
    env_switch(c, "PYTHONNOUSERSITE", &c.no_user_site);
    if (environment(c, "PYTHONUNBUFFERED")) c.buffered_stdio = false;
    if (environment(c, "PYTHONSAFEPATH")) c.safe_path = 1;
    if (environment(c, "PYTHONDEVMODE") || x_option(c, "dev")) c.dev_mode = 1;
    if (environment(c, "PYTHONWARNDEFAULTENCODING") || x_option(c, "warn_default_encoding"))
        c.warn_default_encoding = 1;
    if (environment(c, "PYTHONFAULTHANDLER") || x_option(c, "faulthandler")) c.faulthandler = true;
    if (environment(c, "PYTHONNODEBUGRANGES") || x_option(c, "no_debug_ranges")) c.no_debug_ranges = true;
    if (const char* v = environment(c, "PYTHONPYCACHEPREFIX")) c.pycache_prefix = v;
    if (auto* option = x_option(c, "pycache_prefix")) c.pycache_prefix = x_text(option) ? x_text(option) : "";
    if (const char* v = environment(c, "PYTHONPLATLIBDIR")) c.platlibdir = v;
    auto wants = [&c](const char* variable, const char* option) {
        long n;
        const char* v = environment(c, variable);
        return (v && whole_number(v, n) && n > 0) || x_option(c, option);
    };
    if (wants("PYTHONPERFSUPPORT", "perf")) c.perf_profiling = 1;
    if (wants("PYTHON_PERF_JIT_SUPPORT", "perf_jit")) c.perf_profiling = 2;
    // Being set is enough, whatever to.
    if ((!c.ignore_environment && getenv("PYTHON_DISABLE_REMOTE_DEBUG")) ||
        x_option(c, "disable-remote-debug"))
        c.remote_debug = 0;
    if (const char* v = x_text(x_option(c, "dump"))) c.dump = v;
}

int read_settings(Config& c, bool random_hash) {
    read_flags(c);
    int status = read_utf8_mode(c);
    if (status < 0) status = read_frozen(c);
    if (status < 0) status = read_hash_seed(c, random_hash);
    if (status < 0) status = read_gil(c);
    if (status < 0) status = read_tracemalloc(c);
    if (status < 0) status = read_import_time(c);
    if (status < 0) status = read_max_digits(c);
    if (status < 0) status = read_cpu_count(c);
    if (status < 0)
        status =
            read_bit(c, "thread_inherit_context", "PYTHON_THREAD_INHERIT_CONTEXT", c.thread_inherit_context);
    if (status < 0)
        status =
            read_bit(c, "context_aware_warnings", "PYTHON_CONTEXT_AWARE_WARNINGS", c.context_aware_warnings);
    if (c.int_max_str_digits < 0) c.int_max_str_digits = 4300;
    read_stdio_encoding(c);
    collect_warn_options(c);
    return status;
}

}  // namespace

int parse_command_line(int argc, char** argv, Config& c, Program& program) {
    c.program = argv[0];
    for (int i = 0; i < argc; i++) c.orig_argv.push_back(argv[i]);
    OptionParser parser{argc, argv, c, program};
    int status = parser.run();
    if (status >= 0) return status;
    if (parser.help_asked) {
        print_help(parser.help, argv[0]);
        return 0;
    }
    if (parser.versions) {
        printf("Python %s\n", parser.versions > 1 ? version::kText : version::kPython);
        return 0;
    }
    status = read_settings(c, parser.random_hash);
    if (status >= 0) return status;
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

}  // namespace krait
