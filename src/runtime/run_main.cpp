// What the command line asks to be run: a script, -c, -m or standard input, in __main__.
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/codec.h"
#include "builtins/dict.h"
#include "builtins/exceptions.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/memory_stats.h"
#include "interp/interp.h"
#include "modules/sys.h"
#include "object/names.h"
#include "object/protocol.h"
#include "runtime/config.h"
#include "runtime/hooks.h"
#include "runtime/interactive.h"
#include "runtime/lifecycle.h"
#include "runtime/marshal.h"
#include "runtime/version.h"

namespace krait {
namespace {

std::string current_folder() {
    char* here = getcwd(nullptr, 0);
    std::string s = here ? here : "";
    free(here);
    return s;
}

// As __file__ of a script shows it: not normalised.
std::string absolute_path(const std::string& path) {
    if (path.starts_with('/')) return path;
    if (path == ".") return current_folder();
    return current_folder() + "/" + (path.starts_with("./") ? path.substr(2) : path);
}

Ref main_dict(Thread& t) {
    Value module = dict_get_str(t.interp->modules, "__main__");
    if (!module) return raise(t, PyExc_RuntimeError, "__main__ is gone");
    return Ref::share(module_dict(module));
}

// Until the script ends, __main__ says where it came from. False: another script is about to.
Result<bool> describe_main(Thread& t, Value dict, Value path, bool pyc) {
    if (dict_get_str(dict, "__file__")) return false;
    TRY(dict_set(t, dict, ID(__file__), path));
    TRY(dict_set_str(t, dict, "__cached__", none()));
    if (str_equal(path, "<stdin>")) return true;  // which keeps the loader that __main__ began with
    Ref loader =
        import_attr(t, "_frozen_importlib_external", pyc ? "SourcelessFileLoader" : "SourceFileLoader");
    if (!loader) {
        clear_error(t);
        return true;
    }
    Ref instance = TRY(call(t, loader, {ID(__main__), path}));
    TRY(dict_set(t, dict, ID(__loader__), instance));
    return true;
}

void undescribe_main(Thread& t, Value dict) {
    SavedError saved(t);
    for (const char* name : {"__file__", "__cached__"}) {
        Ref key = str_from(t, name);
        if (!key || !dict_delete(t, dict, key)) clear_error(t);
    }
}

// sys.path[0], which lets programs import what lies beside them.
Status put_path0(Thread& t, const std::string& folder) {
    Value path = sys_get(t, "path");
    if (!path || !is_list(path)) return Status::ok();
    g_runtime.config->path0 = folder;
    g_runtime.config->has_path0 = true;
    Ref text = TRY(fs_decode(t, folder.data(), folder.size()));
    return list_insert(t, path, 0, text);
}
Status insert_path0(Thread& t, const std::string& folder) {
    return g_runtime.config->safe_path ? Status::ok() : put_path0(t, folder);
}

std::string folder_of_script(const std::string& script) {
    char* real = realpath(script.c_str(), nullptr);
    std::string path = real ? real : script;
    free(real);
    size_t at = path.rfind('/');
    return at == path.npos ? std::string() : at == 0 ? "/" : path.substr(0, at);
}

Ref run_module_as_main(Thread& t, const char* name, bool alter_argv) {
    Ref run = import_attr(t, "runpy", "_run_module_as_main");
    if (!run) {
        fputs("Could not import runpy._run_module_as_main\n", stderr);
        return {};
    }
    Ref text = TRY(fs_decode(t, name, strlen(name)));
    g_runtime.config->interrupted = false;
    Ref r = call(t, run, {text, boolean(alter_argv)});
    note_interrupt(t, static_cast<bool>(r));
    return r;
}

// A folder or archive given as a script: is it something that a path hook takes?
bool is_importable_path(const std::string& path) {
    struct stat st;
    if (stat(path.c_str(), &st) != 0) {
        // A folder in an archive: only a file stands where the path goes on.
        size_t slash = path.rfind('/');
        if (errno != ENOTDIR || slash == path.npos || slash == 0) return false;
        return is_importable_path(path.substr(0, slash));
    }
    if (S_ISDIR(st.st_mode)) return true;
    FILE* f = fopen(path.c_str(), "rb");
    if (!f) return false;
    // The end-of-archive record has a comment of at most 64 KiB behind it.
    fseek(f, 0, SEEK_END);
    long size = ftell(f), tail = size < 65558 ? size : 65558;
    std::string data(static_cast<size_t>(tail), 0);
    fseek(f, size - tail, SEEK_SET);
    size_t n = fread(data.data(), 1, data.size(), f);
    fclose(f);
    return std::string_view(data.data(), n).find("PK\5\6") != std::string_view::npos;
}

Ref read_file(Thread& t, const std::string& path) {
    FILE* f = fopen(path.c_str(), "rb");
    if (!f) {
        int error = errno;
        Ref name = TRY(fs_decode(t, path.data(), path.size()));
        return raise_errno(t, error, name);
    }
    BytesBuilder out(t);
    char buffer[65536];
    bool ok = true;
    while (size_t n = fread(buffer, 1, sizeof buffer, f)) {
        ok = static_cast<bool>(out.append(buffer, n));
        if (!ok) break;
    }
    fclose(f);
    if (!ok) return {};
    return out.finish();
}

constexpr unsigned kMagic = 3627;

bool has_magic(std::string_view data) {
    return data.size() >= 2 && static_cast<unsigned char>(data[0]) == (kMagic & 255) &&
           static_cast<unsigned char>(data[1]) == kMagic >> 8;
}

Ref load_pyc(Thread& t, std::string_view data) {
    if (data.size() >= 4 && (!has_magic(data) || data[2] != '\r' || data[3] != '\n'))
        return raise(t, PyExc_RuntimeError, "Bad magic number in .pyc file");
    if (data.size() < 16) return raise(t, PyExc_EOFError, "EOF read where not expected");
    Ref code = marshal_loads(t, data.substr(16), true);
    if (!code) clear_error(t);
    if (!code || !has_type(code, &PyCode_Type))
        return raise(t, PyExc_RuntimeError, "Bad code object in .pyc file");
    return code;
}

// -x: the first line may be for another program. Its end stays, so that lines keep their numbers.
Ref without_first_line(Thread& t, Value source) {
    std::string_view data = bytes_view(source);
    size_t at = data.find('\n');
    std::string_view rest = at == data.npos ? std::string_view() : data.substr(at);
    return bytes_from(t, rest.data(), rest.size());
}

// A KeyboardInterrupt that nobody caught ends the process by the signal, so that shells see it.
Ref eval_main(Thread& t, Value code, Value dict) {
    g_runtime.config->interrupted = false;
    Ref r = eval_code(t, code, dict, dict);
    note_interrupt(t, static_cast<bool>(r));
    const std::string& dump = g_runtime.config->dump;
    if (dump.find("specialized") != dump.npos && g_runtime.hooks && g_runtime.hooks->dump_specialized) {
        SavedError keep(t);
        g_runtime.hooks->dump_specialized(t, code, dump);
    }
    return r;
}

Ref run_source(Thread& t, Value source, const char* filename) {
    Ref name = TRY(fs_decode(t, filename, strlen(filename)));
    CompileRequest r;
    r.source = source;
    r.filename = name;
    r.from_file = true;
    r.dump = g_runtime.config->dump;
    Ref code = TRY(compile_source(t, r));
    Ref dict = TRY(main_dict(t));
    return eval_main(t, code, dict);
}

bool is_blank_char(char c) { return c == ' ' || c == '\t'; }

// -c takes text as it stands indented in a script: what all lines begin with goes, and lines of blanks become
// empty.
std::string dedent(const std::string& text) {
    std::string_view all = text, margin;
    bool first = true;
    auto next_line = [&](size_t& at) {
        size_t end = all.find('\n', at);
        std::string_view line = all.substr(at, end == all.npos ? all.npos : end - at);
        at = end == all.npos ? all.size() + 1 : end + 1;
        return line;
    };
    for (size_t at = 0; at <= all.size();) {
        std::string_view line = next_line(at);
        size_t n = 0;
        while (n < line.size() && is_blank_char(line[n])) n++;
        if (n == line.size()) continue;
        if (first) margin = line.substr(0, n);
        first = false;
        size_t common = 0;
        while (common < margin.size() && common < n && margin[common] == line[common]) common++;
        margin = margin.substr(0, common);
    }
    if (margin.empty()) return text;
    std::string out;
    for (size_t at = 0; at <= all.size();) {
        std::string_view line = next_line(at);
        if (line.find_first_not_of(" \t") != line.npos) out += line.substr(margin.size());
        if (at <= all.size()) out += '\n';
    }
    return out;
}

Ref run_command(Thread& t, const std::string& given) {
    Ref source = TRY(fs_decode(t, given.data(), given.size()));  // an argument, in the encoding of those
    Ref utf8 = encode_utf8(t, source, "strict");
    if (!utf8) {
        fputs("Unable to decode the command from the command line:\n", stderr);
        return {};
    }
    TRY(audit(t, "cpython.run_command", {source}));
    std::string text = dedent(std::string(bytes_view(utf8)));
    source = TRY(str_from(t, text));
    Ref name = TRY(str_from(t, "<string>"));
    CompileRequest r;
    r.source = source;
    r.filename = name;
    r.flags = kIgnoreCookie;
    r.dump = g_runtime.config->dump;
    Ref code = TRY(compile_source(t, r));
    // Tracebacks show the lines of the command.
    Ref remember = import_attr(t, "linecache", "_register_code");
    if (!remember || !call(t, remember, {code, source, name})) clear_error(t);
    Ref dict = TRY(main_dict(t));
    return eval_main(t, code, dict);
}

// The exception of a program, for sys.last_exc and those who look there afterwards.
void remember_last(Thread& t, Value exc) {
    Value traceback = as_base_exception(exc)->traceback;
    if (!sys_set(t, "last_exc", exc) || !sys_set(t, "last_type", Value(type_of(exc))) ||
        !sys_set(t, "last_value", exc) || !sys_set(t, "last_traceback", traceback ? traceback : none()))
        clear_error(t);
}

// What the program printed comes before what is said about its end.
void flush_stdout(Thread& t) {
    Value out = sys_get(t, "stdout");
    if (!out || is_none(out)) return;
    Ref keep = Ref::share(out);
    if (!call_method(t, keep, ID(flush))) clear_error(t);
}

// Through sys.excepthook, which the program may have replaced.
void report_uncaught(Thread& t, Value exc) {
    flush_stdout(t);
    remember_last(t, exc);
    Value traceback = as_base_exception(exc)->traceback;
    Ref tb = Ref::share(traceback ? traceback : none());
    Value found = sys_get(t, "excepthook");
    if (!found) {
        write_error_text(t, "sys.excepthook is missing\n");
        display_exception(t, exc);
        return;
    }
    Ref hook = Ref::share(found);
    if (!audit(t, "sys.excepthook", {hook, Value(type_of(exc)), exc, tb})) {
        if (clear_if(t, PyExc_RuntimeError)) return;
        write_unraisable(t, "Exception ignored in audit hook", Value());
    }
    if (call(t, hook, {Value(type_of(exc)), exc, tb})) return;
    Ref second = fetch_error(t);
    write_error_text(t, "Error in sys.excepthook:\n");
    if (second) display_exception(t, second);
    write_error_text(t, "\nOriginal exception was:\n");
    display_exception(t, exc);
}

}  // namespace

void print_uncaught(Thread& t) {
    Ref exc = fetch_error(t);
    if (exc) report_uncaught(t, exc);
}

int exit_code_of_exception(Thread& t) {
    Ref exc = fetch_error(t);
    if (!exc) return 0;
    // With -i a program that ends itself leaves the prompt open.
    if (!is_subtype(type_of(exc), PyExc_SystemExit) || g_runtime.config->inspect) {
        report_uncaught(t, exc);
        return 1;
    }
    Ref code = get_attr(t, exc, "code");
    int64_t number;
    if (!code) {
        clear_error(t);
        code = Ref::share(exc);
    }
    if (is_none(code)) return 0;
    if (is_long(code)) return int_to_i64(code, &number) ? static_cast<int>(number & 0xff) : 255;
    fflush(stdout);
    Ref text = str(t, code);
    if (!text) clear_error(t);
    Ref bytes =
        text ? str_encode(t, text, "utf-8", "surrogatepass") : Ref();  // the file deals with surrogates
    if (!bytes) clear_error(t);
    write_error_text(t, (bytes ? std::string(bytes_view(bytes)) : std::string()) + "\n");
    return 1;
}

void note_interrupt(Thread& t, bool good) {
    PyObject* exc = t.c.current_exception;
    if (!good && exc && exc->ob_type == PyExc_KeyboardInterrupt) g_runtime.config->interrupted = true;
}

Ref run_file_in_main(Thread& t, const std::string& path) {
    Ref source = TRY(read_file(t, path));
    std::string_view data = bytes_view(source);
    bool pyc = path.ends_with(".pyc") || has_magic(data);
    Ref dict = TRY(main_dict(t));
    Ref name = TRY(fs_decode(t, path.data(), path.size()));
    bool described = TRY(describe_main(t, dict, name, pyc));
    Ref r;
    if (pyc) {
        Ref code = load_pyc(t, data);
        if (code) r = eval_main(t, code, dict);
    } else {
        if (g_runtime.config->skip_first_line) source = without_first_line(t, source);
        if (source) r = run_source(t, source, path.c_str());
    }
    if (described) undescribe_main(t, dict);
    return r;
}

namespace {

void inspect_no_more(Thread& t) {
    g_runtime.config->inspect = 0;
    constexpr int64_t kInspect = 1;  // its place in sys.flags
    Value flags = sys_get(t, "flags");
    if (flags && is_tuple(flags) && tuple_size(flags) > kInspect && tuple_get(flags, kInspect).is_int())
        tuple_items(flags)[kInspect] = Value::from_int(0);
}

Ref run_stdin(Thread& t) {
    Config& config = *g_runtime.config;
    if (stdin_is_interactive()) {
        inspect_no_more(t);  // from here on SystemExit ends the program
        if (!run_interactive_start(t)) return {};
    }
    TRY(audit(t, "cpython.run_stdin"));
    if (stdin_is_interactive()) return run_prompt(t, false) ? none_ref() : Ref();
    Ref source = TRY(read_file(t, "/dev/stdin"));
    if (config.skip_first_line) source = TRY(without_first_line(t, source));
    Ref dict = TRY(main_dict(t)), name = TRY(str_from(t, "<stdin>"));
    bool described = TRY(describe_main(t, dict, name, false));
    Ref r = run_source(t, source, "<stdin>");
    if (described) undescribe_main(t, dict);
    return r;
}

Ref run_script(Thread& t, const std::string& script) {
    TRY(insert_path0(t, folder_of_script(script)));
    std::string path = absolute_path(script);
    Ref name = TRY(fs_decode(t, path.data(), path.size()));
    TRY(audit(t, "cpython.run_file", {name}));
    return run_file_in_main(t, path);
}

Ref run_kind(Thread& t, const Program& program) {
    switch (program.kind) {
        case Program::Kind::Module: {
            TRY(insert_path0(t, current_folder()));
            Ref name = TRY(fs_decode(t, program.text.data(), program.text.size()));
            TRY(audit(t, "cpython.run_module", {name}));
            return run_module_as_main(t, program.text.c_str(), true);
        }
        case Program::Kind::File:
            if (is_importable_path(program.text)) {
                // The program itself, which is no unsafe place.
                TRY(put_path0(t, absolute_path(program.text)));
                return run_module_as_main(t, "__main__", false);
            }
            return run_script(t, program.text);
        case Program::Kind::Command:
            TRY(insert_path0(t, ""));
            return run_command(t, program.text);
        default:
            TRY(insert_path0(t, ""));
            return run_stdin(t);
    }
}

// Whether the script can be read at all is told without a traceback.
bool can_open(const Program& program) {
    if (program.kind != Program::Kind::File) return true;
    if (FILE* f = fopen(program.text.c_str(), "rb")) {
        fclose(f);
        return true;
    }
    int err = errno;
    if (err == ENOTDIR && is_importable_path(program.text)) return true;  // a folder within an archive
    fprintf(stderr, "%s: can't open file '%s': [Errno %d] %s\n", g_runtime.config->program.c_str(),
            absolute_path(program.text).c_str(), err, strerror(err));
    return false;
}

// What stands at the top of an interactive session.
void print_header() {
    const Config& c = *g_runtime.config;
    if (c.quiet) return;
    fprintf(stderr, "Python %s on linux\n", version::kText);
    if (!c.no_site)
        fputs("Type \"help\", \"copyright\", \"credits\" or \"license\" for more information.\n", stderr);
}

// Line editing for input() and the basic prompt, where the library has the module.
void import_readline(Thread& t, bool runs_code) {
    const Config& c = *g_runtime.config;
    if (c.isolated || (!c.inspect && runs_code) || !isatty(0)) return;
    for (const char* name : {"readline", "rlcompleter"})
        if (!import_module(t, name)) clear_error(t);
}

bool environment_asks(const char* name) {
    const char* v = g_runtime.config->ignore_environment ? nullptr : getenv(name);
    return v && *v;
}

// -i, or PYTHONINSPECT, which the program may have set by itself.
bool wants_prompt() {
    const Config& c = *g_runtime.config;
    return (c.inspect || environment_asks("PYTHONINSPECT")) && stdin_is_interactive();
}

}  // namespace

int run_program(Thread& t, const Program& program) {
    bool runs_code = program.kind != Program::Kind::StdinScript;
    if (g_runtime.config->verbose || (!runs_code && stdin_is_interactive())) print_header();
    import_readline(t, runs_code);
    if (!can_open(program)) return 2;
    Ref r = run_kind(t, program);
    int status = r ? 0 : exit_code_of_exception(t);
    if (wants_prompt()) {
        inspect_no_more(t);
        g_runtime.config->interrupted = false;
        status = run_interactive_hook(t) && run_prompt(t, true) ? 0 : exit_code_of_exception(t);
    }
    if (environment_asks("PYTHONMALLOCSTATS")) memory_print_stats(stderr);
    return g_runtime.config->prompt_gave_up ? 1 : status;
}

}  // namespace krait
