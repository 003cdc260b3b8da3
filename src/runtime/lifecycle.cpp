#include "runtime/lifecycle.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "interp/interp.h"
#include "modules/faulthandler.h"
#include "modules/sys.h"
#include "object/names.h"
#include "object/protocol.h"
#include "runtime/config.h"
#include "runtime/fallback_stream.h"
#include "runtime/hooks.h"
#include "runtime/import.h"
#include "runtime/init.h"
#include "runtime/marshal.h"
#include "runtime/startup.h"

namespace krait {
namespace {

// Before sys's own streams exist, or without them.
Status fallback_streams(Thread& t, Value sys) {
    static const struct {
        const char* name;
        int fd;
    } streams[] = {{"stdin", 0}, {"stdout", 1}, {"stderr", 2}};
    for (auto [name, fd] : streams) {
        if (dict_get_str(module_dict(sys), name)) continue;
        Ref stream = TRY(fallback_stream_new(t, fd));
        TRY(module_add(t, sys, name, std::move(stream)));
    }
    return Status::ok();
}

std::string current_folder() {
    char* here = getcwd(nullptr, 0);
    std::string s = here ? here : "";
    free(here);
    return s;
}

// As __file__ of a script shows it: not normalised.
std::string absolute_path(const std::string& path) {
    return path.starts_with('/') ? path : current_folder() + "/" + path;
}

Ref main_module(Thread& t, const Program& program) {
    Ref module = Ref::share(dict_get_str(t.interp->modules, "__main__"));
    Value dict = module_dict(module);
    if (program.kind == Program::Kind::File) {
        std::string full = absolute_path(program.text);
        Ref path = TRY(fs_decode(t, full.data(), full.size()));
        TRY(dict_set(t, dict, ID(__file__), path));
        TRY(dict_set_str(t, dict, "__cached__", none()));
        bool pyc = program.text.ends_with(".pyc");
        Ref loader =
            import_attr(t, "_frozen_importlib_external", pyc ? "SourcelessFileLoader" : "SourceFileLoader");
        if (loader) {
            Ref instance = TRY(call(t, loader, {ID(__main__), path}));
            TRY(dict_set(t, dict, ID(__loader__), instance));
        } else {
            clear_error(t);
        }
    }
    return module;
}

// sys.path[0], which lets programs import what lies beside them.
Status insert_path0(Thread& t, const std::string& folder) {
    if (g_runtime.config->safe_path) return Status::ok();
    Value path = sys_get(t, "path");
    if (!path || !is_list(path)) return Status::ok();
    g_runtime.config->path0 = folder;
    g_runtime.config->has_path0 = true;
    Ref text = TRY(fs_decode(t, folder.data(), folder.size()));
    return list_insert(t, path, 0, text);
}

std::string folder_of_script(const std::string& script) {
    char* real = realpath(script.c_str(), nullptr);
    std::string path = real ? real : script;
    free(real);
    size_t at = path.rfind('/');
    return at == path.npos ? std::string() : at == 0 ? "/" : path.substr(0, at);
}

Ref run_module_as_main(Thread& t, const char* name, bool alter_argv) {
    Ref run = TRY(import_attr(t, "runpy", "_run_module_as_main"));
    Ref text = TRY(str_from(t, name));
    return call(t, run, {text, boolean(alter_argv)});
}

// A folder or archive given as a script: is it something that a path hook takes?
bool is_importable_path(const std::string& path) {
    struct stat st;
    if (stat(path.c_str(), &st) != 0) return false;
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
        Ref name = TRY(str_from(t, path));
        return raise_errno(t, errno, name);
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

Ref load_pyc(Thread& t, Value bytes) {
    std::string_view data = bytes_view(bytes);
    if (data.size() < 4) return raise(t, PyExc_EOFError, "EOF read where not expected");
    if (static_cast<unsigned char>(data[0]) != (kMagic & 255) ||
        static_cast<unsigned char>(data[1]) != kMagic >> 8 || data[2] != '\r' || data[3] != '\n')
        return raise(t, PyExc_RuntimeError, "Bad magic number in .pyc file");
    if (data.size() < 16) return raise(t, PyExc_EOFError, "EOF read where not expected");
    Ref code = marshal_loads(t, data.substr(16), true);
    if (code && has_type(code, &PyCode_Type)) return code;
    clear_error(t);
    return raise(t, PyExc_RuntimeError, "Bad code object in .pyc file");
}

// Tracebacks show the lines of a command.
void register_command(Thread& t, Value code, Value source, Value filename) {
    Ref add = import_attr(t, "linecache", "_register_code");
    if (!add || !call(t, add, {code, source, filename})) clear_error(t);
}

Ref program_code(Thread& t, const Program& program) {
    CompileRequest r;
    Ref source, filename;
    if (program.kind == Program::Kind::Command) {
        source = TRY(fs_decode(t, program.text.data(), program.text.size()));
        filename = TRY(str_from(t, "<string>"));
    } else {
        const std::string path =
            program.kind == Program::Kind::File ? absolute_path(program.text) : "/dev/stdin";
        source = TRY(read_file(t, path));
        if (path.ends_with(".pyc")) return load_pyc(t, source);
        filename = program.kind == Program::Kind::File ? fs_decode(t, path.data(), path.size())
                                                       : str_from(t, "<stdin>");
        if (!filename) return {};
        r.from_file = true;
    }
    r.source = source;
    r.filename = filename;
    r.dump = g_runtime.config->dump;
    Ref code = TRY(compile_source(t, r));
    if (program.kind == Program::Kind::Command) register_command(t, code, source, filename);
    return code;
}

bool is_closed(Thread& t, Value stream) {
    Maybe attr = lookup_attr(t, stream, ID(closed));
    Ref closed = attr.take();
    Result<bool> yes = closed ? is_true(t, closed) : Result<bool>(false);
    if (!attr || !yes) clear_error(t);
    return yes && yes.value();
}
// False: what was written cannot have arrived.
bool flush_stream(Thread& t, const char* name) {
    Value stream = sys_get(t, name);
    if (!stream || is_none(stream)) return true;
    Ref keep = Ref::share(stream);
    if (is_closed(t, keep) || call_method(t, keep, ID(flush))) return true;
    if (!strcmp(name, "stderr"))  // where it would be told
        clear_error(t);
    else
        write_unraisable(t, "Exception ignored while flushing sys.stdout", {});
    return false;
}

// Through sys.excepthook, which the program may have replaced.
void report_uncaught(Thread& t, Value exc) {
    auto traceback = exc.as<PyBaseExceptionObject>()->traceback;
    Value hook = sys_get(t, "excepthook");
    if (hook && !is_none(hook)) {
        Ref keep = Ref::share(hook);
        if (!audit(t, "sys.excepthook", {keep, Value(type_of(exc)), exc, traceback ? traceback : none()})) {
            // A hook that raises RuntimeError keeps this from being shown.
            if (clear_if(t, PyExc_RuntimeError)) return;
            write_unraisable(t, "Exception ignored in audit hook", Value());
        }
        if (call(t, keep, {Value(type_of(exc)), exc, traceback ? traceback : none()})) return;
        Ref second = fetch_error(t);
        fputs("Error in sys.excepthook:\n", stderr);
        if (second) display_exception(t, second);
        fputs("\nOriginal exception was:\n", stderr);
    }
    display_exception(t, exc);
}

}  // namespace

int exit_code_of_exception(Thread& t) {
    Ref exc = fetch_error(t);
    if (!exc) return 0;
    if (!is_subtype(type_of(exc), PyExc_SystemExit)) {
        report_uncaught(t, exc);
        return 1;
    }
    Value code = exc.as<PySystemExitObject>()->code;
    int64_t number;
    if (!code || is_none(code)) return 0;
    if (is_long(code)) return int_to_i64(code, &number) ? static_cast<int>(number & 0xff) : 255;
    Ref text = str(t, code);
    if (!text) clear_error(t);
    flush_stream(t, "stdout");
    fprintf(stderr, "%s\n", text ? std::string(str_utf8_or(text, "")).c_str() : "");
    return 1;
}

namespace {

Ref run_code(Thread& t, const Program& program) {
    Ref module = TRY(main_module(t, program));
    Ref code = TRY(program_code(t, program));
    Value dict = module_dict(module);
    Ref result = eval_code(t, code, dict, dict);
    const std::string& dump = g_runtime.config->dump;
    if (dump.find("specialized") != dump.npos && g_runtime.hooks && g_runtime.hooks->dump_specialized) {
        SavedError keep(t);
        g_runtime.hooks->dump_specialized(t, code, dump);
    }
    return result;
}

Ref run_interactive(Thread& t) {
    Ref run = import_attr(t, "_pyrepl.main", "interactive_console");
    if (!run) {
        clear_error(t);
        run = TRY(import_attr(t, "code", "interact"));
    }
    return call(t, run);
}

Ref run_kind(Thread& t, const Program& program) {
    switch (program.kind) {
        case Program::Kind::Module:
            TRY(insert_path0(t, current_folder()));
            return run_module_as_main(t, program.text.c_str(), true);
        case Program::Kind::File:
            if (is_importable_path(program.text)) {
                TRY(insert_path0(t, absolute_path(program.text)));
                return run_module_as_main(t, "__main__", false);
            }
            TRY(insert_path0(t, folder_of_script(program.text)));
            return run_code(t, program);
        case Program::Kind::StdinScript:
            TRY(insert_path0(t, ""));
            if (isatty(0) || g_runtime.config->interactive) return run_interactive(t);
            return run_code(t, program);
        default:
            TRY(insert_path0(t, ""));
            return run_code(t, program);
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
    fprintf(stderr, "%s: can't open file '%s': [Errno %d] %s\n", g_runtime.config->program.c_str(),
            absolute_path(program.text).c_str(), err, strerror(err));
    return false;
}

void wait_for_threads(Thread& t) {
    Value modules = t.interp->modules;
    Value threading = modules ? dict_get_str(modules, "threading") : Value();
    if (!threading) return;
    Ref keep = Ref::share(threading);
    if (!call_method(t, keep, "_shutdown"))
        write_unraisable(t, "Exception ignored on threading shutdown", keep);
}

void run_atexit(Thread& t) {
    // The module may be gone from sys.modules: what was registered is the interpreter's.
    if (!t.interp->atexit) return;
    Ref keep = import_module(t, "atexit");
    if (!keep || !call_method(t, keep, "_run_exitfuncs"))
        write_unraisable(t, "Exception ignored in atexit callback", Value());
}

// The interpreter with its library, or with what can be had without it.
Status start(Thread& t) {
    TRY(start_core_modules(t));
    TRY(start_import_system(t));
    if (!start_text(t)) {
        // Without the module _io programs still get plain streams.
        if (!error_is(t, PyExc_ImportError)) return {};
        clear_error(t);
        TRY(fallback_streams(t, t.interp->sys_module));
        return start_main_module(t);
    }
    if (g_runtime.config->faulthandler) TRY(faulthandler_enable(t));
    if (int frames = g_runtime.config->tracemalloc_frames) {
        Ref module = TRY(import_module(t, "_tracemalloc"));
        TRY_DISCARD(call_method(t, module, "start", {Value::from_int(frames)}));
    }
    TRY(start_signals(t));
    TRY(start_main_module(t));
    if (!g_runtime.config->warn_options.empty()) TRY_DISCARD(import_module(t, "warnings"));
    return start_site(t);
}

}  // namespace

namespace {
constexpr int kInterrupted = 1000;  // no status that a program can ask for
int exit_code(Thread& t, const Ref& result) {
    if (result) return 0;
    bool interrupted = error_is(t, PyExc_KeyboardInterrupt);
    int status = exit_code_of_exception(t);
    return interrupted ? kInterrupted : status;
}
// Who waits for a process that an interrupt ended is to see that, and not a status.
void die_of_interrupt() {
    ::signal(SIGINT, SIG_DFL);
    kill(getpid(), SIGINT);
}
}  // namespace

int run_program(Thread& t, const Program& program) {
    if (!can_open(program)) return 2;
    Ref r = run_kind(t, program);
    int status = exit_code(t, r);
    if (g_runtime.config->inspect && program.kind != Program::Kind::StdinScript) {
        Ref again = run_interactive(t);
        status = exit_code(t, again);
    }
    return status;
}

int program_main(const Program& program, Config& config) {
    g_runtime.config = &config;
    InitOptions options;
    options.use_environment = !config.ignore_environment;
    Thread& t = runtime_init(options);
    t.interp->int_max_str_digits = config.int_max_str_digits < 0 ? 4300 : config.int_max_str_digits;
    int status = 1;
    if (start(t)) {
        status = run_program(t, program);
    } else {
        fputs("Fatal Python error: initialization failed\n", stderr);
        Ref exc = fetch_error(t);
        if (exc) display_exception(t, exc);
    }
    wait_for_threads(t);
    run_atexit(t);
    bool complete = flush_stream(t, "stdout");
    complete &= flush_stream(t, "stderr");
    runtime_finalize(t);
    faulthandler_finish(t);
    if (status == kInterrupted) {
        die_of_interrupt();
        status = 128 + SIGINT;
    }
    return complete ? status : 120;
}

}  // namespace krait
