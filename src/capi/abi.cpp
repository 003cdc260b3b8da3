// Names of the stable ABI that are other functions by now, or that nobody needs any more.
#include <string>

#include "builtins/callable.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "capi/capi.h"

using namespace krait;

CAPI int PyState_AddModule(PyObject*, void*);

CAPI int _PyState_AddModule(PyThreadState*, PyObject* module, void* def) {
    return PyState_AddModule(module, def);
}
CAPI void _PyThreadState_Init(PyThreadState*) {}
CAPI PyThreadState* _PyThreadState_Prealloc(void*) { return nullptr; }
extern "C" {
#pragma GCC visibility push(default)
extern const int _Py_SwappedOp[6];
const int _Py_SwappedOp[6] = {kGt, kGe, kEq, kNe, kLt, kLe};
#pragma GCC visibility pop
}

// --- syntax errors made by C code ---

namespace {
// The line of a source file, with its end; none when it cannot be read.
Ref line_of(Thread& t, const char* file, int line) {
    if (!file || line <= 0) return {};
    FILE* f = fopen(file, "rb");
    if (!f) return {};
    std::string text;
    for (int c, n = 1; n <= line && (c = getc(f)) != EOF;) {
        if (n == line) text += static_cast<char>(c);
        if (c == '\n') n++;
    }
    fclose(f);
    return text.empty() ? Ref() : decode_utf8(t, text.data(), text.size(), "replace");
}
}  // namespace
CAPI PyObject* PyErr_ProgramText(const char* file, int line) { return out(line_of(here(), file, line)); }
CAPI PyObject* PyErr_ProgramTextObject(PyObject* file, int line) {
    Thread& t = here();
    Ref path = file && line > 0 ? fs_encode(t, file) : Ref();
    if (!path) {
        clear_error(t);
        return nullptr;
    }
    return PyErr_ProgramText(path.as<PyBytesObject>()->ob_sval, line);
}
// Adds place and text to the SyntaxError that is set. Numbers below 0 are None.
CAPI void PyErr_RangedSyntaxLocationObject(PyObject* file, int line, int column, int end_line,
                                           int end_column) {
    Thread& t = here();
    Ref exc = fetch_error(t);
    if (!exc) return;
    Ref text;
    if (file) text = Ref::steal(Value(PyErr_ProgramTextObject(file, line)));
    auto number = [](int n) { return n >= 0 ? Value::from_int(n) : none(); };
    const std::pair<const char*, Value> fields[] = {
        {"lineno", Value::from_int(line)},         {"offset", number(column)},
        {"end_lineno", number(end_line)},          {"end_offset", number(end_column)},
        {"filename", file ? Value(file) : none()}, {"text", text ? text.get() : none()}};
    for (auto [field, v] : fields)
        if (!set_attr(t, exc, field, v)) clear_error(t);
    restore_error(t, std::move(exc));
}
CAPI void PyErr_SyntaxLocationObject(PyObject* file, int line, int column) {
    PyErr_RangedSyntaxLocationObject(file, line, column, line, -1);
}
CAPI void PyErr_SyntaxLocationEx(const char* file, int line, int column) {
    Thread& t = here();
    Ref exc = fetch_error(t);
    Ref name = file ? fs_decode(t, file, strlen(file)) : Ref();
    if (t.has_exception()) clear_error(t);
    if (exc) restore_error(t, std::move(exc));
    PyErr_SyntaxLocationObject(reinterpret_cast<PyObject*>(name.get().bits), line, column);
}
CAPI void PyErr_SyntaxLocation(const char* file, int line) { PyErr_SyntaxLocationEx(file, line, -1); }
