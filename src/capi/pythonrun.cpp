// pythonrun.h, pylifecycle.h, compile.h, marshal.h: compiling and running source, starting and ending.
#include <sys/stat.h>
#include <unistd.h>

#include <clocale>
#include <cstdlib>
#include <mutex>
#include <string>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "capi/capi.h"
#include "capi/slots.h"
#include "gc/gc.h"
#include "interp/interp.h"
#include "modules/tracemalloc.h"
#include "object/internal.h"
#include "object/names.h"
#include "runtime/config.h"
#include "runtime/hooks.h"
#include "runtime/interactive.h"
#include "runtime/lifecycle.h"
#include "runtime/marshal_internal.h"

namespace krait {
Status context_enter(Thread& t, Value context);  // modules/_contextvars.cpp
Status context_exit(Thread& t, Value context);
}  // namespace krait

CAPI int PyGILState_Ensure();
CAPI void PyGILState_Release(int);

using namespace krait;

CAPI PyObject* PyEval_EvalCode(PyObject*, PyObject*, PyObject*);
CAPI PyObject* PyImport_AddModule(const char*);
CAPI void PyErr_Print();
CAPI PyThreadState* PyEval_SaveThread();
CAPI void PyEval_RestoreThread(PyThreadState*);
extern "C" {
extern char* (*PyOS_ReadlineFunctionPointer)(FILE*, FILE*, const char*);
extern void* _PyOS_ReadlineTState;
}

struct PyCompilerFlags {
    int cf_flags, cf_feature_version;
};

namespace {
using P = PyObject*;
constexpr int kIgnoreCookie = 0x800;  // PyCF_IGNORE_COOKIE
enum Start { kSingleInput = 256, kFileInput = 257, kEvalInput = 258, kFuncTypeInput = 345 };

Ref compiled(Thread& t, std::string_view source, Value filename, int start, const PyCompilerFlags* flags,
             int optimize) {
    if (start != kEvalInput && start != kSingleInput && start != kFileInput && start != kFuncTypeInput)
        return raise(t, PyExc_ValueError, "mode must be 'exec', 'eval', 'single' or 'func_type'");
    Ref text = TRY(bytes_from(t, source));
    CompileRequest r;
    r.source = text;
    r.filename = filename;
    r.mode = start == kEvalInput       ? CompileMode::Eval
             : start == kSingleInput   ? CompileMode::Single
             : start == kFuncTypeInput ? CompileMode::FuncType
                                       : CompileMode::Exec;
    r.flags = flags ? flags->cf_flags : 0;
    if (r.flags & kIgnoreCookie) r.flags |= kSourceIsUtf8;
    r.optimize = optimize;
    return compile_source(t, r);
}
P run_source(std::string_view source, Value filename, int start, P globals, P locals,
             PyCompilerFlags* flags) {
    Thread& t = here();
    Ref code = compiled(t, source, filename, start, flags, -1);
    return code ? PyEval_EvalCode(code.get().ptr(), globals, locals) : nullptr;
}
Ref name_of(const char* file) { return fs_decode(here(), file, strlen(file)); }
std::string whole_file(FILE* f, int close_it) {
    std::string s;
    char buf[4096];
    for (size_t n; (n = fread(buf, 1, sizeof buf, f)) > 0;) s.append(buf, n);
    if (close_it) fclose(f);
    return s;
}
// In __main__, errors printed.
int run_simple(std::string_view source, Value filename, PyCompilerFlags* flags) {
    P main = PyImport_AddModule("__main__");
    if (!main) return -1;
    P d = module_dict(main).ptr();
    P r = run_source(source, filename, kFileInput, d, d, flags);
    if (!r) {
        PyErr_Print();
        return -1;
    }
    decref(r);
    return 0;
}
}  // namespace

CAPI PyObject* Py_CompileStringObject(const char* s, PyObject* file, int start, PyCompilerFlags* flags,
                                      int optimize) {
    if (!s || !file) return out(bad_call("Py_CompileString"));
    return out(compiled(here(), s, file, start, flags, optimize));
}
CAPI PyObject* Py_CompileStringExFlags(const char* s, const char* file, int start, PyCompilerFlags* flags,
                                       int optimize) {
    if (!s || !file) return out(bad_call("Py_CompileString"));
    Ref name = name_of(file);
    return name ? out(compiled(here(), s, name, start, flags, optimize)) : nullptr;
}
CAPI PyObject* Py_CompileStringFlags(const char* s, const char* file, int start, PyCompilerFlags* flags) {
    return Py_CompileStringExFlags(s, file, start, flags, -1);
}
CAPI PyObject* Py_CompileString(const char* s, const char* file, int start) {
    return Py_CompileStringExFlags(s, file, start, nullptr, -1);
}
CAPI PyObject* PyRun_StringFlags(const char* s, int start, PyObject* globals, PyObject* locals,
                                 PyCompilerFlags* flags) {
    Ref name = name_of("<string>");
    return name ? run_source(s, name, start, globals, locals, flags) : nullptr;
}
CAPI PyObject* PyRun_String(const char* s, int start, PyObject* globals, PyObject* locals) {
    return PyRun_StringFlags(s, start, globals, locals, nullptr);
}
CAPI int PyRun_SimpleStringFlags(const char* s, PyCompilerFlags* flags) {
    Ref name = name_of("<string>");
    return name ? run_simple(s, name, flags) : -1;
}
CAPI int PyRun_SimpleString(const char* s) { return PyRun_SimpleStringFlags(s, nullptr); }
CAPI PyObject* PyRun_FileExFlags(FILE* f, const char* file, int start, PyObject* globals, PyObject* locals,
                                 int close_it, PyCompilerFlags* flags) {
    std::string source = whole_file(f, close_it);
    Ref name = name_of(file);
    return name ? run_source(source, name, start, globals, locals, flags) : nullptr;
}
CAPI PyObject* PyRun_FileEx(FILE* f, const char* file, int start, PyObject* globals, PyObject* locals,
                            int close_it) {
    return PyRun_FileExFlags(f, file, start, globals, locals, close_it, nullptr);
}
CAPI PyObject* PyRun_FileFlags(FILE* f, const char* file, int start, PyObject* globals, PyObject* locals,
                               PyCompilerFlags* flags) {
    return PyRun_FileExFlags(f, file, start, globals, locals, 0, flags);
}
CAPI PyObject* PyRun_File(FILE* f, const char* file, int start, PyObject* globals, PyObject* locals) {
    return PyRun_FileExFlags(f, file, start, globals, locals, 0, nullptr);
}
CAPI int PyRun_SimpleFileExFlags(FILE* f, const char* file, int close_it, PyCompilerFlags* flags) {
    Thread& t = here();
    std::string source = whole_file(f, close_it);
    Ref name = name_of(file);
    P main = name ? PyImport_AddModule("__main__") : nullptr;
    if (!main) return -1;
    Value d = module_dict(main);
    // A file that is run as the program is told its name, for as long as it runs.
    bool unnamed = !dict_get_str(d, "__file__");
    if (unnamed && (!dict_set_str(t, d, "__file__", name) || !dict_set_str(t, d, "__cached__", none())))
        return -1;
    if (strcmp(file, "<stdin>") != 0) {
        Ref type = import_attr(t, "_frozen_importlib_external", "SourceFileLoader");
        Ref main_name = type ? str_from(t, "__main__") : Ref();
        Ref loader = main_name ? call(t, type, {main_name, name}) : Ref();
        if (!loader || !dict_set_str(t, d, "__loader__", loader)) return -1;
    }
    int r = run_simple(source, name, flags);
    if (unnamed)
        for (const char* key : {"__file__", "__cached__"}) {
            Ref k = str_intern(t, key);
            if (!k || !dict_delete(t, d, k)) clear_error(t);
        }
    return r;
}
CAPI int PyRun_SimpleFileEx(FILE* f, const char* file, int close_it) {
    return PyRun_SimpleFileExFlags(f, file, close_it, nullptr);
}
CAPI int PyRun_SimpleFile(FILE* f, const char* file) { return PyRun_SimpleFileExFlags(f, file, 0, nullptr); }
CAPI int PyRun_InteractiveLoopFlags(FILE* f, const char* file, PyCompilerFlags*) {
    Thread& t = here();
    Ref name = name_of(file ? file : "???");
    if (!name) {
        print_uncaught(t);
        return -1;
    }
    // The end of the program that a statement asks for is its end.
    if (!run_interactive_file(t, f, name)) PyErr_Print();
    return 0;
}
CAPI int PyRun_InteractiveLoop(FILE* f, const char* file) {
    return PyRun_InteractiveLoopFlags(f, file, nullptr);
}
CAPI int PyRun_InteractiveOneObject(FILE* f, PyObject* file, PyCompilerFlags*) {
    constexpr int kEndOfFile = 11;
    auto r = run_interactive_statement(here(), f, file);
    if (r) return r.value() ? 0 : kEndOfFile;
    PyErr_Print();
    return -1;
}
CAPI int PyRun_InteractiveOneFlags(FILE* f, const char* file, PyCompilerFlags* flags) {
    Ref name = name_of(file ? file : "???");
    if (name) return PyRun_InteractiveOneObject(f, name.get().ptr(), flags);
    PyErr_Print();
    return -1;
}
CAPI int PyRun_InteractiveOne(FILE* f, const char* file) {
    return PyRun_InteractiveOneFlags(f, file, nullptr);
}
CAPI int Py_FdIsInteractive(FILE* f, const char* file) {
    if (isatty(fileno(f))) return 1;
    // What -i says of standard input.
    return g_runtime.config->interactive && (!file || !strcmp(file, "<stdin>") || !strcmp(file, "???"));
}
CAPI int PyRun_AnyFileExFlags(FILE* f, const char* file, int close_it, PyCompilerFlags* flags) {
    if (!file) file = "???";
    if (!Py_FdIsInteractive(f, file)) return PyRun_SimpleFileExFlags(f, file, close_it, flags);
    int r = PyRun_InteractiveLoopFlags(f, file, flags);
    if (close_it) fclose(f);
    return r;
}
CAPI int PyRun_AnyFileEx(FILE* f, const char* file, int close_it) {
    return PyRun_AnyFileExFlags(f, file, close_it, nullptr);
}
CAPI int PyRun_AnyFileFlags(FILE* f, const char* file, PyCompilerFlags* flags) {
    return PyRun_AnyFileExFlags(f, file, 0, flags);
}
CAPI int PyRun_AnyFile(FILE* f, const char* file) { return PyRun_AnyFileExFlags(f, file, 0, nullptr); }
CAPI char* PyOS_Readline(FILE* in, FILE* err, const char* prompt) {
    Thread& t = here();
    if (prompt) fputs(prompt, err);
    fflush(err);
    std::string line;
    {
        AllowThreads allow(t);
        for (int c; (c = getc(in)) != EOF;) {
            line += static_cast<char>(c);
            if (c == '\n') break;
        }
    }
    auto* p = static_cast<char*>(mem_alloc(line.size() + 1));
    if (p) memcpy(p, line.c_str(), line.size() + 1);
    return p;
}

namespace krait {
Maybe read_terminal_line(Thread& t, Value prompt) {
    if (!PyOS_ReadlineFunctionPointer) return Maybe::absent();
    // One at a time: the function keeps state of its own.
    static std::mutex mutex;
    _PyOS_ReadlineTState = &t.c;
    PyThreadState* state = PyEval_SaveThread();
    mutex.lock();
    char* line = PyOS_ReadlineFunctionPointer(stdin, stdout, bytes_data(prompt));
    mutex.unlock();
    PyEval_RestoreThread(state);
    _PyOS_ReadlineTState = nullptr;
    if (!line) {
        TRY(handle_pending(t));
        if (!t.has_exception()) raise_none(t, PyExc_KeyboardInterrupt);
        return {};
    }
    Ref bytes = bytes_from(t, line, strlen(line));
    free(line);  // from PyMem_RawMalloc
    return bytes;
}
}  // namespace krait

// --- marshal ---

namespace {
P marshal(const char* function, std::initializer_list<Value> args) {
    Ref fn = import_attr(here(), "marshal", function);
    return fn ? out(call(here(), fn, args)) : nullptr;
}
}  // namespace
CAPI PyObject* PyMarshal_ReadObjectFromString(const char* s, Py_ssize_t n) {
    Ref data = bytes_from(here(), s, static_cast<size_t>(n));
    return data ? marshal("loads", {data}) : nullptr;
}
CAPI PyObject* PyMarshal_WriteObjectToString(PyObject* o, int version) {
    return marshal("dumps", {Value(o), Value::from_int(version)});
}
CAPI void PyMarshal_WriteObjectToFile(PyObject* o, FILE* f, int version) {
    P data = PyMarshal_WriteObjectToString(o, version);
    if (!data) return;
    fwrite(bytes_data(data), 1, static_cast<size_t>(bytes_size(data)), f);
    decref(data);
}
CAPI void PyMarshal_WriteLongToFile(long v, FILE* f, int) {
    for (int i = 0; i < 4; i++) putc(static_cast<int>(v >> (8 * i) & 0xff), f);
}
CAPI long PyMarshal_ReadLongFromFile(FILE* f) {
    int32_t v;
    return MarshalSource(f).read(here(), &v, 4) ? v : -1;
}
CAPI int PyMarshal_ReadShortFromFile(FILE* f) {
    int16_t v;
    return MarshalSource(f).read(here(), &v, 2) ? v : -1;
}
CAPI PyObject* PyMarshal_ReadObjectFromFile(FILE* f) {
    MarshalSource source(f);
    return out(marshal_read(here(), source, true));
}
// What follows the object is of no use to the caller, so a file of moderate size is read at once.
CAPI PyObject* PyMarshal_ReadLastObjectFromFile(FILE* f) {
    constexpr off_t kModerate = 1 << 18;
    struct stat info;
    bool known = fstat(fileno(f), &info) == 0 && info.st_size > 0 && info.st_size <= kModerate;
    if (!known) return PyMarshal_ReadObjectFromFile(f);
    std::string s = whole_file(f, 0);
    return PyMarshal_ReadObjectFromString(s.data(), static_cast<Py_ssize_t>(s.size()));
}

// --- the process ---

CAPI [[noreturn]] void Py_Exit(int status) {
    Ref fn = import_attr(here(), "sys", "stdout");
    if (fn && !call_method(here(), fn, "flush")) clear_error(here());
    exit(status);
}
CAPI int Py_AtExit(void (*fn)()) { return atexit(fn) ? -1 : 0; }
CAPI void Py_GetArgcArgv(int* argc, wchar_t*** argv) {
    *argc = 0;
    *argv = nullptr;
}
CAPI PyObject* PyObject_Bytes(PyObject* o) {
    Thread& t = here();
    if (!o) return out(bytes_from(t, "<NULL>", 6));
    if (has_type(Value(o), &PyBytes_Type)) return new_ref(o);
    Maybe m = lookup_special(t, o, ID(__bytes__));
    if (!m) return nullptr;
    Ref method = m.take();
    if (method) {
        Ref r = call(t, method);
        if (r && !is_bytes(r))
            return out(
                raise(t, PyExc_TypeError, "%T.__bytes__() must return a bytes, not %T", Value(o), r.get()));
        return out(std::move(r));
    }
    if (is_str(o))
        return out(raise(t, PyExc_TypeError, "cannot convert '%.200s' object to bytes", o->ob_type->tp_name));
    return out(bytes_from_object(t, o));
}
CAPI PyObject* PyMember_GetOne(const char* o, PyMemberDef* d) {
    Thread& t = here();
    if (d->flags & kRelativeOffset)
        return out(raise(t, PyExc_SystemError, "PyMember_GetOne used with Py_RELATIVE_OFFSET"));
    P self = const_cast<P>(reinterpret_cast<const PyObject*>(o));
    Ref descr = member_descr_new(t, self->ob_type, *d);
    return descr ? out(ext(&PyMemberDescr_Type)->slots.descr_get(t, descr, self, Value(self->ob_type)))
                 : nullptr;
}
CAPI int PyMember_SetOne(char* o, PyMemberDef* d, PyObject* v) {
    Thread& t = here();
    if (d->flags & kRelativeOffset)
        return fail(raise(t, PyExc_SystemError, "PyMember_SetOne used with Py_RELATIVE_OFFSET"));
    P self = reinterpret_cast<PyObject*>(o);
    Ref descr = member_descr_new(t, self->ob_type, *d);
    return descr ? out(ext(&PyMemberDescr_Type)->slots.descr_set(t, descr, self, Value(v))) : -1;
}
CAPI void _PyErr_SetKeyError(PyObject* key) { raise_key_error(here(), key); }
CAPI void _Py_SetImmortal(PyObject* o) { make_immortal(o); }
// Both may be called without the GIL. -2: nothing is traced.
CAPI int PyTraceMalloc_Track(unsigned domain, uintptr_t place, size_t size) {
    if (!tracing_memory()) return -2;
    int state = PyGILState_Ensure();
    bool on = trace_block(domain, place, size);
    PyGILState_Release(state);
    return on ? 0 : -2;
}
CAPI int PyTraceMalloc_Untrack(unsigned domain, uintptr_t place) {
    if (!tracing_memory()) return -2;
    int state = PyGILState_Ensure();
    bool on = untrace_block(domain, place);
    PyGILState_Release(state);
    return on ? 0 : -2;
}
CAPI int PyContext_Enter(PyObject* c) { return out(context_enter(here(), c)); }
CAPI int PyContext_Exit(PyObject* c) { return out(context_exit(here(), c)); }

// Aliases of OSError.
extern "C" {
#pragma GCC visibility push(default)
extern PyTypeObject *PyExc_EnvironmentError, *PyExc_IOError;
PyTypeObject *PyExc_EnvironmentError, *PyExc_IOError;
#pragma GCC visibility pop
}
namespace {
struct Aliases {
    Aliases() { PyExc_EnvironmentError = PyExc_IOError = PyExc_OSError; }
} g_aliases;
}  // namespace
