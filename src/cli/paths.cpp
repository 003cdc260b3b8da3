// Where the program and its library are, and the locale.
#include <langinfo.h>
#include <unistd.h>

#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "cli/command_line.h"
#include "object/file_names.h"

namespace krait {

namespace {

bool exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }
bool is_library(const std::string& folder) { return exists(folder + "/os.py"); }

std::string real(const std::string& path) {
    char* r = realpath(path.c_str(), nullptr);
    std::string s = r ? r : path;
    free(r);
    return s;
}

// In full, with the dots taken out that have something before them in `path`. Links stay: the place of a link
// may be in a virtual environment.
std::string absolute(const std::string& path) {
    std::string out;
    size_t kept = 0;  // leading ".." of a relative path
    for (size_t i = 0; i <= path.size();) {
        size_t end = path.find('/', i);
        if (end == path.npos) end = path.size();
        std::string part = path.substr(i, end - i);
        i = end + 1;
        if (part.empty() || part == ".") continue;
        if (part != "..") {
            out += "/" + part;
        } else if (out.size() > kept) {
            out.erase(out.rfind('/'));
        } else if (path[0] != '/') {
            out += "/..";
            kept = out.size();
        }
    }
    if (path[0] == '/') return out;
    char* cwd = getcwd(nullptr, 0);
    if (!cwd) return real(path);
    std::string folder = cwd;
    free(cwd);
    return (folder == "/" ? "" : folder) + out;
}

std::string find_executable(const std::string& argv0) {
    if (argv0.find('/') != argv0.npos) return absolute(argv0);
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

std::string trimmed(const std::string& text) {
    size_t from = text.find_first_not_of(" \t\r"), to = text.find_last_not_of(" \t\r");
    return from == text.npos ? "" : text.substr(from, to - from + 1);
}

// A pyvenv.cfg beside the executable, or one level up, names the home of the installation that is borrowed.
// That home; empty: none.
std::string use_virtual_environment(Config& c) {
    std::string bin = parent(c.executable);
    for (const std::string& folder : {bin, parent(bin)}) {
        std::ifstream file(folder + "/pyvenv.cfg");
        if (!file) continue;
        std::string line, home, executable;
        while (std::getline(file, line)) {
            size_t eq = line.find('=');
            if (eq == line.npos) continue;
            std::string key = trimmed(line.substr(0, eq)), value = trimmed(line.substr(eq + 1));
            if (key == "home") home = value;
            if (key == "executable") executable = value;
        }
        if (home.empty()) return home;
        std::string name = c.executable.substr(c.executable.rfind('/') + 1);
        std::string base = home + "/" + name;
        c.base_executable = exists(base) ? base : !executable.empty() ? executable : real(c.executable);
        c.prefix = c.exec_prefix = folder;
        return home;
    }
    return {};
}

// NAME._pth beside the program: sys.path is what it lists and nothing else. False: there is none.
bool use_path_file(Config& c) {
    std::ifstream file(c.executable + "._pth");
    if (!file) return false;
    c.isolated = c.ignore_environment = c.no_user_site = c.no_site = c.safe_path = 1;
    c.search_paths_set = true;
    std::string line;
    while (std::getline(file, line)) {
        line = trimmed(line);
        if (line.empty() || line[0] == '#') continue;
        if (line == "import site")
            c.no_site = 0;
        else
            c.module_search_paths.push_back(
                absolute(line[0] == '/' ? line : parent(c.executable) + "/" + line));
    }
    return true;
}

std::vector<std::string> python_path(const Config& c) {
    std::vector<std::string> folders;
    const char* v = environment(c, "PYTHONPATH");
    std::string all = v ? v : "";
    for (size_t i = 0; v && i <= all.size();) {
        size_t end = all.find(':', i);
        if (end == all.npos) end = all.size();
        folders.push_back(all.substr(i, end - i));
        i = end + 1;
    }
    return folders;
}

// What CPython tells where it finds no library.
void show_paths(const Config& c) {
    auto quoted = [](const std::string& text) { return "'" + text + "'"; };
    const char* given = environment(c, "PYTHONPATH");
    std::string prefix = c.home.substr(0, c.home.find(':')), lib = prefix + "/lib";
    std::string text =
        "Python path configuration:\n  PYTHONHOME = " + quoted(c.home) +
        "\n  PYTHONPATH = " + (given ? quoted(given) : "(not set)") +
        "\n  program name = " + quoted(c.program) + "\n  isolated = " + std::to_string(c.isolated) +
        "\n  environment = " + std::to_string(!c.ignore_environment) +
        "\n  user site = " + std::to_string(!c.no_user_site) +
        "\n  safe_path = " + std::to_string(c.safe_path) + "\n  import site = " + std::to_string(!c.no_site) +
        "\n  is in build tree = 0" + "\n  stdlib dir = " + quoted(lib + "/python3.14") +
        "\n  sys.path[0] = (not set)" + "\n  sys._base_executable = " + quoted(c.executable) +
        "\n  sys.base_prefix = " + quoted(prefix) + "\n  sys.base_exec_prefix = " + quoted(prefix) +
        "\n  sys.platlibdir = " + quoted(c.platlibdir) + "\n  sys.executable = " + quoted(c.executable) +
        "\n  sys.prefix = " + quoted(prefix) + "\n  sys.exec_prefix = " + quoted(prefix) +
        "\n  sys.path = [\n    " + quoted(lib + "/python314.zip") + ",\n    " + quoted(lib + "/python3.14") +
        ",\n    " + quoted(lib + "/python3.14/lib-dynload") + ",\n  ]\n";
    fputs((text + "Fatal Python error: Failed to import encodings module\n"
                  "Python runtime state: core initialized\n"
                  "ModuleNotFoundError: No module named 'encodings'\n")
              .c_str(),
          stderr);
}

// Where the library may be, in the order in which to look.
std::vector<std::string> library_folders(const Config& c, const std::string& bin,
                                         const std::string& borrowed) {
    std::vector<std::string> folders;
    if (!c.home.empty()) {
        std::string home = c.home.substr(0, c.home.find(':'));
        for (const char* inside : {"/lib/krait3.14", "/lib/python3.14", "/deps/stdlib"})
            folders.push_back(home + inside);
        return folders;
    }
    if (const char* v = getenv("KRAIT_STDLIB")) folders.push_back(v);
    for (const std::string& place : {bin, borrowed}) {
        if (place.empty()) continue;
        folders.push_back(place + "/../lib/krait3.14");
        folders.push_back(place + "/../lib/python3.14");
        folders.push_back(place + "/../deps/stdlib");
    }
    folders.push_back("/usr/lib/python3.14");
    folders.push_back("/usr/local/lib/python3.14");
    return folders;
}

}  // namespace

bool find_library(Config& c) {
    c.executable = find_executable(c.program);
    use_path_file(c);
    if (const char* v = c.home.empty() ? environment(c, "PYTHONHOME") : nullptr) c.home = v;
    std::string bin = parent(real("/proc/self/exe")), borrowed = use_virtual_environment(c);
    for (const std::string& folder : library_folders(c, bin, borrowed)) {
        if (!is_library(folder)) continue;
        c.stdlib_dir = real(folder);
        break;
    }
    // A virtual environment may hold a copy of the program.
    if (!borrowed.empty()) bin = absolute(borrowed);
    if (c.stdlib_dir.empty() && !c.home.empty()) {
        show_paths(c);
        return false;
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
    if (!c.home.empty()) {
        size_t at = c.home.find(':');
        c.prefix = c.base_prefix = c.home.substr(0, at);
        c.exec_prefix = c.base_exec_prefix = at == c.home.npos ? c.prefix : c.home.substr(at + 1);
    }
    c.base_executable = c.executable;
    if (!borrowed.empty()) use_virtual_environment(c);  // once more: over what was set since
    if (c.search_paths_set) return true;
    for (const std::string& folder : python_path(c)) c.module_search_paths.push_back(folder);
    c.module_search_paths.push_back(c.base_prefix + "/lib/python314.zip");
    c.module_search_paths.push_back(c.stdlib_dir);
    c.module_search_paths.push_back(c.stdlib_dir + "/lib-dynload");
    return true;
}

// --- the locale ---

namespace {

bool is_c_locale(const char* name) { return name && (!strcmp(name, "C") || !strcmp(name, "POSIX")); }

// The plain C locale knows nothing but ASCII: it becomes one of UTF-8, for child processes too (PEP 538).
const char* coerce_c_locale() {
    const char* all = getenv("LC_ALL");
    if (all && *all) return nullptr;
    for (const char* target : {"C.UTF-8", "C.utf8", "UTF-8"}) {
        if (!setlocale(LC_CTYPE, target)) continue;
        setenv("LC_CTYPE", target, 1);
        setlocale(LC_CTYPE, "");
        return target;
    }
    return nullptr;
}

}  // namespace

void choose_locale(Config& c) {
    setlocale(LC_CTYPE, "");  // a name that is unknown leaves that of the start, C
    const char* now = setlocale(LC_CTYPE, nullptr);
    const char* wanted = environment(c, "PYTHONCOERCECLOCALE");
    bool warn = wanted && !strcmp(wanted, "warn"), off = wanted && !strcmp(wanted, "0");
    bool plain = is_c_locale(now), legacy = now && !strcmp(now, "C");
    if (legacy && !off) {
        if (const char* target = coerce_c_locale()) {
            legacy = false;
            if (warn)
                fprintf(stderr,
                        "Python detected LC_CTYPE=C: LC_CTYPE coerced to %.20s (set another locale or "
                        "PYTHONCOERCECLOCALE=0 to disable this locale coercion behavior).\n",
                        target);
        }
    }
    if (legacy && warn)
        fputs(
            "Python runtime initialized with LC_CTYPE=C (a locale with default ASCII encoding), which may "
            "cause Unicode compatibility problems. Using C.UTF-8, C.utf8, or UTF-8 (if available) as "
            "alternative Unicode-compatible locales is recommended.\n",
            stderr);
    if (!c.utf8_mode_chosen && plain) c.utf8_mode = 1;
    if (!c.utf8_mode) file_names_in_codeset(nl_langinfo(CODESET));
}

}  // namespace krait
