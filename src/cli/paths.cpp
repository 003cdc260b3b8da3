// Where the program and its library are, and the locale.
#include <unistd.h>

#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "cli/command_line.h"

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

}  // namespace

bool find_library(Config& c) {
    c.executable = find_executable(c.program);
    std::string bin = parent(real("/proc/self/exe"));
    std::vector<std::string> candidates;
    if (!c.home.empty()) {
        std::string home = c.home.substr(0, c.home.find(':'));
        candidates.push_back(home + "/lib/krait3.14");
        candidates.push_back(home + "/lib/python3.14");
    }
    if (const char* v = getenv("KRAIT_STDLIB")) candidates.push_back(v);
    std::string borrowed = use_virtual_environment(c);
    for (const std::string& place : {bin, borrowed}) {
        if (place.empty()) continue;
        candidates.push_back(place + "/../lib/krait3.14");
        candidates.push_back(place + "/../deps/stdlib");
    }
    candidates.push_back("/usr/lib/python3.14");
    candidates.push_back("/usr/local/lib/python3.14");
    for (const std::string& folder : candidates) {
        if (!is_library(folder)) continue;
        c.stdlib_dir = real(folder);
        // A virtual environment may hold a copy of the program.
        if (!borrowed.empty() && folder.starts_with(borrowed + "/../")) bin = borrowed;
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
    if (!c.home.empty()) {
        size_t at = c.home.find(':');
        c.prefix = c.base_prefix = c.home.substr(0, at);
        c.exec_prefix = c.base_exec_prefix = at == c.home.npos ? c.prefix : c.home.substr(at + 1);
    }
    c.base_executable = c.executable;
    if (!borrowed.empty()) use_virtual_environment(c);  // once more: over what was set since
    if (c.search_paths_set) return true;
    if (const char* v = environment(c, "PYTHONPATH")) {
        std::string all = v;
        for (size_t i = 0; i <= all.size();) {
            size_t end = all.find(':', i);
            if (end == all.npos) end = all.size();
            c.module_search_paths.push_back(all.substr(i, end - i));
            i = end + 1;
        }
    }
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
    const char* now = setlocale(LC_CTYPE, "");
    const char* wanted = environment(c, "PYTHONCOERCECLOCALE");
    bool warn = wanted && !strcmp(wanted, "warn"), off = wanted && !strcmp(wanted, "0");
    bool legacy = now && !strcmp(now, "C");
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
    if (!c.utf8_mode_chosen && is_c_locale(setlocale(LC_CTYPE, nullptr))) c.utf8_mode = 1;
}

}  // namespace krait
