#include "runtime/lifecycle.h"

#include <cerrno>
#include <clocale>
#include <cstdio>
#include <cstring>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "interp/interp.h"
#include "modules/sys.h"
#include "object/names.h"
#include "object/protocol.h"
#include "runtime/config.h"
#include "runtime/fallback_stream.h"
#include "runtime/hooks.h"
#include "runtime/import.h"
#include "runtime/init.h"
#include "runtime/marshal.h"

namespace krait {

// In modules/io, which is above this layer: absent from programs without it.
__attribute__((weak)) Status io_init_std_streams(Thread& t);

namespace {

Ref core_module(Thread& t, const char* name) {
    Ref key = TRY(str_intern(t, name));
    Ref module = find_native_module(key) ? create_native_module(t, key, Value()) : module_new(t, name);
    if (!module) return {};
    TRY(dict_set(t, t.interp->modules, key, module));
    return module;
}

// sys.stdin, stdout and stderr; bare ones onto the descriptors where there is no io.
Status standard_streams(Thread& t, Value sys) {
    if (&io_init_std_streams) return io_init_std_streams(t);
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

Ref main_module(Thread& t, const Program& program) {
    Ref module = TRY(module_new(t, "__main__"));
    Value dict = module_dict(module);
    TRY(dict_set(t, dict, ID(__builtins__), t.interp->builtins_module));
    if (program.kind == Program::Kind::File) {
        Ref path = TRY(fs_decode(t, program.text.data(), program.text.size()));
        TRY(dict_set(t, dict, ID(__file__), path));
        TRY(dict_set_str(t, dict, "__cached__", none()));
    }
    TRY(dict_set_str(t, t.interp->modules, "__main__", module));
    return module;
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
    if (data.size() < 16 || static_cast<unsigned char>(data[0]) != (kMagic & 255) ||
        static_cast<unsigned char>(data[1]) != kMagic >> 8 || data[2] != '\r' || data[3] != '\n')
        return raise(t, PyExc_RuntimeError, "Bad magic number in .pyc file");
    Ref code = TRY(marshal_loads(t, data.substr(16), true));
    if (!has_type(code, &PyCode_Type)) return raise(t, PyExc_RuntimeError, "Bad code object in .pyc file");
    return code;
}

Ref program_code(Thread& t, const Program& program) {
    CompileRequest r;
    Ref source, filename;
    if (program.kind == Program::Kind::Command) {
        source = TRY(fs_decode(t, program.text.data(), program.text.size()));
        filename = TRY(str_from(t, "<string>"));
    } else {
        const std::string path = program.kind == Program::Kind::File ? program.text : "/dev/stdin";
        source = TRY(read_file(t, path));
        if (path.ends_with(".pyc")) return load_pyc(t, source);
        filename = program.kind == Program::Kind::File ? fs_decode(t, path.data(), path.size())
                                                       : str_from(t, "<stdin>");
        if (!filename) return {};
        r.from_file = true;
    }
    r.source = source;
    r.filename = filename;
    return compile_source(t, r);
}

void flush_stream(Thread& t, const char* name) {
    Value stream = sys_get(t, name);
    if (!stream || is_none(stream)) return;
    Ref keep = Ref::share(stream);
    if (!call_method(t, keep, ID(flush))) write_unraisable(t, nullptr, keep);
}

// Through sys.excepthook, which the program may have replaced.
void report_uncaught(Thread& t, Value exc) {
    auto traceback = exc.as<PyBaseExceptionObject>()->traceback;
    Value hook = sys_get(t, "excepthook");
    if (hook && !is_none(hook)) {
        Ref keep = Ref::share(hook);
        if (call(t, keep, {Value(type_of(exc)), exc, traceback ? traceback : none()})) return;
        Ref second = fetch_error(t);
        fputs("Error in sys.excepthook:\n", stderr);
        if (second) display_exception(t, second);
        fputs("\nOriginal exception was:\n", stderr);
    }
    display_exception(t, exc);
}

}  // namespace

Status init_core_modules(Thread& t) {
    TRY(make_sys_module(t));
    Ref builtins = TRY(core_module(t, "builtins"));
    t.interp->builtins_dict = Ref::share(module_dict(builtins)).release();
    t.interp->builtins_module = builtins.release();
    setlocale(LC_CTYPE, "");  // names the encoding of the streams and of file names
    TRY(standard_streams(t, t.interp->sys_module));
    return configure_sys(t);
}

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

int run_program(Thread& t, const Program& program) {
    bool ok = false;
    {
        Ref module = main_module(t, program);
        Ref code = module ? program_code(t, program) : Ref();
        if (code) {
            Value dict = module_dict(module);
            ok = static_cast<bool>(eval_code(t, code, dict, dict));
        }
    }
    int status = ok ? 0 : exit_code_of_exception(t);
    flush_stream(t, "stdout");
    flush_stream(t, "stderr");
    return status;
}

int program_main(const Program& program) {
    static Config config;
    config.argv = program.argv;
    g_runtime.config = &config;
    Thread& t = runtime_init();
    int status = 1;
    if (init_core_modules(t))
        status = run_program(t, program);
    else
        exit_code_of_exception(t);
    runtime_finalize(t);
    flush_stream(t, "stdout");
    return status;
}

}  // namespace krait
