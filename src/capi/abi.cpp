// Names of the stable ABI that are other functions by now, or that nobody needs any more.
#include <string>

#include "builtins/callable.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "capi/capi.h"

using namespace krait;

CAPI int PyArg_VaParse(PyObject*, const char*, va_list);
CAPI int PyArg_VaParseTupleAndKeywords(PyObject*, PyObject*, const char*, const char* const*, va_list);
CAPI int PyState_AddModule(PyObject*, void*);

// The variants for sizes that are Py_ssize_t, which is all there is.
CAPI int _PyArg_VaParse_SizeT(PyObject* args, const char* format, va_list va) {
    return PyArg_VaParse(args, format, va);
}
CAPI int _PyArg_ParseTuple_SizeT(PyObject* args, const char* format, ...) {
    va_list va;
    va_start(va, format);
    int r = PyArg_VaParse(args, format, va);
    va_end(va);
    return r;
}
CAPI int _PyArg_VaParseTupleAndKeywords_SizeT(PyObject* args, PyObject* kwargs, const char* format,
                                              const char* const* names, va_list va) {
    return PyArg_VaParseTupleAndKeywords(args, kwargs, format, names, va);
}
CAPI int _PyArg_ParseTupleAndKeywords_SizeT(PyObject* args, PyObject* kwargs, const char* format,
                                            const char* const* names, ...) {
    va_list va;
    va_start(va, names);
    int r = PyArg_VaParseTupleAndKeywords(args, kwargs, format, names, va);
    va_end(va);
    return r;
}
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
// Adds place and text to the SyntaxError that is set.
CAPI void PyErr_SyntaxLocationEx(const char* file, int line, int column) {
    Thread& t = here();
    Ref exc = fetch_error(t);
    if (!exc) return;
    Ref name = file ? fs_decode(t, file, strlen(file)) : none_ref();
    Ref text = line_of(t, file, line);
    if (t.has_exception()) clear_error(t);
    const std::pair<const char*, Value> fields[] = {
        {"lineno", Value::from_int(line)},
        {"offset", column >= 0 ? Value::from_int(column + 1) : none()},
        {"end_lineno", none()},
        {"end_offset", none()},
        {"filename", name ? name.get() : none()},
        {"text", text ? text.get() : none()}};
    for (auto [field, v] : fields)
        if (!set_attr(t, exc, field, v)) clear_error(t);
    restore_error(t, std::move(exc));
}
CAPI void PyErr_SyntaxLocation(const char* file, int line) { PyErr_SyntaxLocationEx(file, line, -1); }
