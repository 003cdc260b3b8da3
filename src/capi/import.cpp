// import.h, sysmodule.h, pycapsule.h, weakrefobject.h, contextvars and other small headers.
#include "runtime/import.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "capi/capi.h"
#include "gc/gc.h"
#include "modules/contextvars.h"
#include "object/instance.h"
#include "object/internal.h"
#include "object/names.h"

using namespace krait;

namespace {
using P = PyObject*;
Value modules(Thread& t) { return t.interp->modules; }
}  // namespace

// --- import ---

CAPI PyObject* PyImport_ImportModule(const char* name) {
    Thread& t = here();
    Ref n = str_from(t, name);
    Ref from = n ? tuple_of(t, {str_intern(t, "*").get()}) : Ref();
    // The innermost module, through whatever __import__ is in force.
    if (!from) return nullptr;
    return out(import_module(t, name));
}
CAPI PyObject* PyImport_ImportModuleNoBlock(const char* name) {
    if (!warn(here(), PyExc_DeprecationWarning, 1,
              "PyImport_ImportModuleNoBlock() is deprecated and scheduled for removal in Python 3.15. "
              "Use PyImport_ImportModule() instead."))
        return nullptr;
    return PyImport_ImportModule(name);
}
CAPI PyObject* PyImport_Import(PyObject* name) {
    if (!name) return out(null_argument());
    if (!is_str(name)) return out(raise(here(), PyExc_TypeError, "module name must be a string"));
    auto text = str_utf8(here(), name);
    return text ? out(import_module(here(), std::string(text.value()).c_str())) : nullptr;
}
CAPI PyObject* PyImport_ImportModuleLevelObject(PyObject* name, PyObject* globals, PyObject* locals,
                                                PyObject* from, int level) {
    Thread& t = here();
    if (!name) return out(raise(t, PyExc_ValueError, "Empty module name"));
    if (!is_str(name)) return out(raise(t, PyExc_TypeError, "module name must be a string"));
    if (level < 0) return out(raise(t, PyExc_ValueError, "level must be >= 0"));
    return out(import_module_level(t, name, globals, locals, from, level));
}
CAPI PyObject* PyImport_ImportModuleLevel(const char* name, PyObject* globals, PyObject* locals,
                                          PyObject* from, int level) {
    Ref n = str_from(here(), name);
    return n ? PyImport_ImportModuleLevelObject(n.get().ptr(), globals, locals, from, level) : nullptr;
}
CAPI PyObject* PyImport_ImportModuleAttrString(const char* module, const char* name) {
    return out(import_attr(here(), module, name));
}
CAPI PyObject* PyImport_ImportModuleAttr(PyObject* module, PyObject* name) {
    if (!module) return out(bad_call("PyImport_ImportModuleAttr"));
    if (!is_str(module)) return out(raise(here(), PyExc_TypeError, "module name must be a string"));
    P m = PyImport_Import(module);
    if (!m) return nullptr;
    Ref keep = Ref::steal(Value(m));
    return out(get_attr(here(), keep, Value(name)));
}
CAPI PyObject* PyImport_GetModuleDict() { return ptr_of(modules(here())); }
CAPI PyObject* PyImport_GetModule(PyObject* name) {
    Maybe m = dict_get(here(), modules(here()), name);
    return m ? out(m.take()) : nullptr;
}
CAPI PyObject* PyImport_AddModuleObject(PyObject* name) {
    Thread& t = here();
    Maybe m = dict_get(t, modules(t), name);
    if (!m) return nullptr;
    Ref found = m.take();
    if (found && is_subtype(type_of(found), &PyModule_Type)) return found.get().ptr();
    Ref made = call(t, Value(&PyModule_Type), {is_str(name) ? Value(name) : empty_str()});
    if (made && !is_str(name) && !set_attr(t, made, "__name__", Value(name))) return nullptr;
    if (!made || !dict_set(t, modules(t), name, made)) return nullptr;
    return made.get().ptr();
}
CAPI PyObject* PyImport_AddModule(const char* name) {
    Ref n = str_intern(here(), name);
    return n ? PyImport_AddModuleObject(n.get().ptr()) : nullptr;
}
CAPI PyObject* PyImport_AddModuleRef(const char* name) {
    P m = PyImport_AddModule(name);
    return m ? new_ref(m) : nullptr;
}
CAPI PyObject* PyImport_ReloadModule(PyObject* m) {
    Ref fn = import_attr(here(), "importlib", "reload");
    return fn ? out(call(here(), fn, {Value(m)})) : nullptr;
}
CAPI PyObject* PyImport_GetImporter(PyObject* path) {
    Ref fn = import_attr(here(), "pkgutil", "get_importer");
    return fn ? out(call(here(), fn, {Value(path)})) : nullptr;
}
CAPI long PyImport_GetMagicNumber() { return 3627 | 0x0a0d0000; }
CAPI const char* PyImport_GetMagicTag() { return "krait-314"; }  // sys.implementation.cache_tag
namespace {
P exec_module(Value name, P code, Value path, Value cached) {
    Thread& t = here();
    if (!code || code->ob_type != &PyCode_Type) return out(bad_call("PyImport_ExecCodeModuleObject"));
    P m = PyImport_AddModuleObject(name.ptr());
    if (!m) return nullptr;
    Value d = module_dict(m);
    if (!dict_get_str(d, ID(__builtins__)) && !dict_set(t, d, ID(__builtins__), t.interp->builtins_dict))
        return nullptr;
    // __spec__, __loader__ and __file__: from the path of the source, which the code knows otherwise.
    Ref fix = import_attr(t, "_frozen_importlib_external", "_fix_up_module");
    Value source = path ? path : Value(code).as<PyCodeObject>()->co_filename;
    if (!fix || !call(t, fix, {d, name, source, cached ? cached : none()})) return nullptr;
    Ref exec_fn = import_attr(t, "builtins", "exec");
    if (!exec_fn || !call(t, exec_fn, {Value(code), d})) {
        SavedError saved(t);
        auto gone = dict_delete(t, modules(t), name);
        if (!gone) clear_error(t);
        return nullptr;
    }
    return PyImport_GetModule(name.ptr());
}
}  // namespace
CAPI PyObject* PyImport_ExecCodeModuleObject(PyObject* name, PyObject* code, PyObject* path,
                                             PyObject* cached) {
    return exec_module(Value(name), code, Value(path), Value(cached));
}
CAPI PyObject* PyImport_ExecCodeModuleWithPathnames(const char* name, PyObject* code, const char* path,
                                                    const char* cached) {
    Thread& t = here();
    Ref n = str_from(t, name), p, c;
    if (n && cached && !(c = fs_decode(t, cached, strlen(cached)))) return nullptr;
    if (n && path) {
        p = fs_decode(t, path, strlen(path));
    } else if (c) {
        Ref source = import_attr(t, "_frozen_importlib_external", "_get_sourcefile");
        p = source ? call(t, source, {c}) : Ref();
    }
    return n && !t.has_exception() ? exec_module(n, code, p && !is_none(p) ? p.get() : Value(), c) : nullptr;
}
CAPI PyObject* PyImport_ExecCodeModuleEx(const char* name, PyObject* code, const char* path) {
    return PyImport_ExecCodeModuleWithPathnames(name, code, path, nullptr);
}
CAPI PyObject* PyImport_ExecCodeModule(const char* name, PyObject* code) {
    return PyImport_ExecCodeModuleWithPathnames(name, code, nullptr, nullptr);
}
CAPI int PyImport_ImportFrozenModuleObject(PyObject* name) {
    Thread& t = here();
    FrozenInfo info;
    if (!is_str(name)) return 0;
    if (!find_frozen_module(name, &info)) return 0;
    return PyImport_Import(name) ? 1 : (void(t), -1);
}
CAPI int PyImport_ImportFrozenModule(const char* name) {
    Ref n = str_from(here(), name);
    return n ? PyImport_ImportFrozenModuleObject(n.get().ptr()) : -1;
}

// --- sys ---

CAPI PyObject* PySys_GetObject(const char* name) {
    Thread& t = here();
    SavedError saved(t);
    Ref key = text_from_c(t, name);
    if (!key) {
        write_unraisable(t,
                         "Exception ignored in PySys_GetObject(); consider using PySys_GetAttrString() or "
                         "PySys_GetOptionalAttrString()",
                         Value());
        return nullptr;
    }
    Value v = sys_get(t, name);
    if (!v) return nullptr;
    if (!ready_for_c(v)) {
        Ref fit = Ref::steal(Value(to_c_new(v)));
        if (!fit || !sys_set(t, name, fit)) {
            write_unraisable(t, "Exception ignored in PySys_GetObject()", Value());
            return nullptr;
        }
        return fit.get().ptr();
    }
    return v.ptr();
}
CAPI int _PySys_GetOptionalAttrString(const char* name, PyObject** result) {
    return give(Ref::share(sys_get(here(), name)), result);
}
CAPI int _PySys_GetOptionalAttr(PyObject* name, PyObject** result) {
    return _PySys_GetOptionalAttrString(std::string(str_utf8_or(name, "")).c_str(), result);
}
CAPI PyObject* _PySys_GetRequiredAttrString(const char* name) {
    P r;
    if (_PySys_GetOptionalAttrString(name, &r) == 0) raise(here(), PyExc_RuntimeError, "lost sys.%s", name);
    return r;
}
CAPI int PySys_SetObject(const char* name, PyObject* v) {
    Thread& t = here();
    if (v) return out(sys_set(t, name, v));
    auto r = dict_delete(t, t.interp->sys_dict, str_intern(t, name));
    return r ? 0 : -1;
}
namespace {
void write_to(const char* stream, FILE* fallback, Ref text) {
    Thread& t = here();
    SavedError saved(t);
    Value f = sys_get(t, stream);
    Ref r = f && text ? call_method(t, f, "write", {text}) : Ref();
    if (!r) {
        clear_error(t);
        if (text) fputs(std::string(str_utf8_or(text, "")).c_str(), fallback);
    }
}
Ref printed(const char* format, va_list va) {
    char buf[1001];
    int n = vsnprintf(buf, sizeof buf, format, va);
    std::string s(buf);
    if (n > 1000) s += "... truncated";
    return decode(here(), s.data(), s.size(), "utf-8", "replace");
}
}  // namespace
CAPI void PySys_WriteStdout(const char* format, ...) {
    va_list va;
    va_start(va, format);
    write_to("stdout", stdout, printed(format, va));
    va_end(va);
}
CAPI void PySys_WriteStderr(const char* format, ...) {
    va_list va;
    va_start(va, format);
    write_to("stderr", stderr, printed(format, va));
    va_end(va);
}
CAPI void PySys_FormatStdout(const char* format, ...) {
    va_list va;
    va_start(va, format);
    write_to("stdout", stdout, str_vformat_for_c(here(), format, va));
    va_end(va);
}
CAPI void PySys_FormatStderr(const char* format, ...) {
    va_list va;
    va_start(va, format);
    write_to("stderr", stderr, str_vformat_for_c(here(), format, va));
    va_end(va);
}
CAPI PyObject* PySys_GetXOptions() {
    // C code may write into it: what is no dict is replaced.
    Thread& t = here();
    Value v = sys_get(t, "_xoptions");
    if (v && is_dict(v)) return v.ptr();
    Ref made = dict_new(t);
    if (!made || !sys_set(t, "_xoptions", made)) return nullptr;
    return made.get().ptr();
}
CAPI void PySys_SetArgvEx(int n, wchar_t** argv, int) {
    Thread& t = here();
    Ref list = list_new(t);
    for (int i = 0; list && i < n; i++) {
        Ref s = str_from_kind(t, 4, argv[i], static_cast<int64_t>(wcslen(argv[i])));
        if (!s || !list_append(t, list, s)) return;
    }
    if (list && !sys_set(t, "argv", list)) clear_error(t);
}
CAPI void PySys_SetArgv(int n, wchar_t** argv) { PySys_SetArgvEx(n, argv, 1); }
CAPI void PySys_ResetWarnOptions() {}
CAPI void PySys_AddWarnOption(const wchar_t*) {}
CAPI void PySys_AddWarnOptionUnicode(PyObject*) {}
CAPI int PySys_HasWarnOptions() {
    Value v = sys_get(here(), "warnoptions");
    return v && is_list(v) && list_size(v) > 0;
}
CAPI void PySys_AddXOption(const wchar_t*) {}
CAPI void PySys_SetPath(const wchar_t*) {}

// --- capsules ---

namespace {
bool same_name(const char* a, const char* b) { return a == b || (a && b && !strcmp(a, b)); }
Capsule* as_capsule(P o) { return reinterpret_cast<Capsule*>(o); }
bool is_legal(P o) { return o && has_type(Value(o), &PyCapsule_Type) && as_capsule(o)->pointer; }
Capsule* legal(P o, const char* where) {
    if (is_legal(o)) return as_capsule(o);
    raise(here(), PyExc_ValueError, "%s called with invalid PyCapsule object", where);
    return nullptr;
}
}  // namespace
CAPI PyObject* PyCapsule_New(void* p, const char* name, void (*destructor)(PyObject*)) {
    Ref r = capsule_new(here(), p, name);
    if (r) r.as<Capsule>()->destructor = destructor;
    return out(std::move(r));
}
CAPI int PyCapsule_IsValid(PyObject* o, const char* name) {
    return is_legal(o) && same_name(as_capsule(o)->name, name);
}
CAPI void* PyCapsule_GetPointer(PyObject* o, const char* name) {
    Capsule* c = legal(o, "PyCapsule_GetPointer");
    if (!c) return nullptr;
    if (!same_name(c->name, name)) {
        raise(here(), PyExc_ValueError, "PyCapsule_GetPointer called with incorrect name");
        return nullptr;
    }
    return c->pointer;
}
CAPI const char* PyCapsule_GetName(PyObject* o) {
    Capsule* c = legal(o, "PyCapsule_GetName");
    return c ? c->name : nullptr;
}
CAPI void* PyCapsule_GetContext(PyObject* o) {
    Capsule* c = legal(o, "PyCapsule_GetContext");
    return c ? c->context : nullptr;
}
CAPI void* PyCapsule_GetDestructor(PyObject* o) {
    Capsule* c = legal(o, "PyCapsule_GetDestructor");
    return c ? reinterpret_cast<void*>(c->destructor) : nullptr;
}
CAPI int PyCapsule_SetPointer(PyObject* o, void* p) {
    if (!p) return fail(raise(here(), PyExc_ValueError, "PyCapsule_SetPointer called with null pointer"));
    Capsule* c = legal(o, "PyCapsule_SetPointer");
    if (!c) return -1;
    c->pointer = p;
    return 0;
}
CAPI int PyCapsule_SetName(PyObject* o, const char* name) {
    Capsule* c = legal(o, "PyCapsule_SetName");
    if (!c) return -1;
    c->name = name;
    return 0;
}
CAPI int PyCapsule_SetContext(PyObject* o, void* context) {
    Capsule* c = legal(o, "PyCapsule_SetContext");
    if (!c) return -1;
    c->context = context;
    return 0;
}
CAPI int PyCapsule_SetDestructor(PyObject* o, void (*destructor)(PyObject*)) {
    Capsule* c = legal(o, "PyCapsule_SetDestructor");
    if (!c) return -1;
    c->destructor = destructor;
    return 0;
}
CAPI int _PyCapsule_SetTraverse(PyObject* o, int (*traverse)(PyObject*, visitproc, void*),
                                int (*clear)(PyObject*)) {
    Capsule* c = legal(o, "_PyCapsule_SetTraverse");
    if (!c) return -1;
    if (!traverse || !clear)
        return fail(raise(here(), PyExc_ValueError, "_PyCapsule_SetTraverse() called with NULL callback"));
    capsule_set_traverse(here(), c, traverse, clear);
    return 0;
}
CAPI void* PyCapsule_Import(const char* name, int) {
    Thread& t = here();
    std::string all(name);
    Ref o;
    for (size_t start = 0; start <= all.size();) {
        size_t dot = all.find('.', start);
        if (dot == std::string::npos) dot = all.size();
        std::string part = all.substr(start, dot - start);
        if (!o) {
            o = part.empty() ? Ref() : import_module(t, part.c_str());
            if (!o) {
                clear_error(t);
                Ref shown = decode_utf8(t, part.data(), part.size(), "replace");
                if (shown)
                    raise(t, PyExc_ImportError, "PyCapsule_Import could not import module \"%U\"",
                          shown.get());
                return nullptr;
            }
        } else {
            Ref next = get_attr(t, o, part.c_str());
            if (!next) return nullptr;
            o = std::move(next);
        }
        start = dot + 1;
    }
    if (PyCapsule_IsValid(ptr_of(o), name)) return o.as<Capsule>()->pointer;
    raise(t, PyExc_AttributeError, "PyCapsule_Import \"%s\" is not valid", name);
    return nullptr;
}

// --- weak references ---

namespace {
bool is_weakref(Value v) {
    PyTypeObject* type = type_of(v);
    return is_subtype(type, &_PyWeakref_RefType) || type == &_PyWeakref_ProxyType ||
           type == &_PyWeakref_CallableProxyType;
}
}  // namespace
CAPI PyObject* PyWeakref_NewRef(PyObject* o, PyObject* callback) {
    return out(weakref_new(here(), o, callback == &_Py_NoneStruct ? Value() : Value(callback)));
}
CAPI PyObject* PyWeakref_NewProxy(PyObject* o, PyObject* callback) {
    Ref fn = import_attr(here(), "_weakref", "proxy");
    return fn ? out(call(here(), fn, {Value(o), callback ? Value(callback) : none()})) : nullptr;
}
CAPI int PyWeakref_GetRef(PyObject* ref, PyObject** result) {
    *result = nullptr;
    if (!ref) return fail(bad_call("PyWeakref_GetRef"));
    if (!is_weakref(Value(ref))) return fail(raise(here(), PyExc_TypeError, "expected a weakref"));
    Value v = weakref_get(ref);
    if (is_none(v)) return 0;
    return give(Ref::share(v), result);
}
CAPI PyObject* PyWeakref_GetObject(PyObject* ref) {
    if (!ref || !is_weakref(Value(ref))) return out(bad_call("PyWeakref_GetObject"));
    return ptr_of(weakref_get(ref));
}
CAPI int PyWeakref_IsDead(PyObject* ref) {
    if (!ref) return fail(bad_call("PyWeakref_IsDead"));
    if (!is_weakref(Value(ref)))
        return fail(raise(here(), PyExc_TypeError, "expected a weakref, got %T", Value(ref)));
    return is_none(weakref_get(ref));
}
CAPI int _PyWeakref_IsDead(PyObject* ref) { return is_none(weakref_get(ref)); }
CAPI void PyUnstable_Object_ClearWeakRefsNoCallbacks(PyObject* o) {
    PyObject** list = weaklist_slot(o);
    if (!list) return;
    while (auto* w = reinterpret_cast<PyWeakReference*>(*list)) {
        *list = reinterpret_cast<PyObject*>(w->wr_next);
        if (w->wr_next) w->wr_next->wr_prev = nullptr;
        w->wr_prev = w->wr_next = nullptr;
        w->wr_object = &_Py_NoneStruct;
        Value callback = w->wr_callback;
        w->wr_callback = Value();
        xdecref(callback);
    }
}

// --- context variables ---

namespace {
Ref contextvars(Thread& t, const char* name) { return import_attr(t, "_contextvars", name); }
}  // namespace
CAPI PyObject* PyContext_New() {
    Ref type = contextvars(here(), "Context");
    return type ? out(call(here(), type)) : nullptr;
}
CAPI PyObject* PyContext_Copy(PyObject* c) { return out(any_context_copy(here(), c)); }
CAPI PyObject* PyContext_CopyCurrent() {
    Ref fn = contextvars(here(), "copy_context");
    return fn ? out(call(here(), fn)) : nullptr;
}
CAPI PyObject* PyContextVar_New(const char* name, PyObject* fallback) {
    Thread& t = here();
    Ref type = contextvars(t, "ContextVar");
    Ref n = type ? str_from(t, name) : Ref();
    if (!n) return nullptr;
    if (!fallback) return out(call(t, type, {n}));
    Ref kw = tuple_of(t, {str_intern(t, "default").get()});
    Value args[] = {n, Value(fallback)};
    return kw ? out(call(t, type, args, 1, kw)) : nullptr;
}
CAPI int PyContextVar_Get(PyObject* var, PyObject* fallback, PyObject** result) {
    *result = nullptr;
    Maybe found = contextvar_value(here(), var, fallback);
    return found && give(found.take(), result) >= 0 ? 0 : -1;
}
CAPI PyObject* PyContextVar_Set(PyObject* var, PyObject* v) {
    return out(contextvar_exchange(here(), var, v));
}
CAPI int PyContextVar_Reset(PyObject* var, PyObject* token) {
    return out(contextvar_reset(here(), var, token));
}

// --- files and the system ---

CAPI int PyObject_AsFileDescriptor(PyObject* o) {
    Thread& t = here();
    int64_t fd;
    Ref v;
    if (is_long(o)) {
        if (o->ob_type == &PyBool_Type &&
            !warn(t, PyExc_RuntimeWarning, 1, "bool is used as a file descriptor"))
            return -1;
        v = Ref::share(Value(o));
    } else {
        Maybe m = lookup_attr(t, o, "fileno");
        if (!m) return -1;
        Ref method = m.take();
        if (!method)
            return fail(raise(t, PyExc_TypeError, "argument must be an int, or have a fileno() method."));
        v = call(t, method);
        if (!v) return -1;
        if (!is_long(v)) return fail(raise(t, PyExc_TypeError, "fileno() returned a non-integer"));
    }
    if (!int_to_i64(v, &fd) || fd > INT32_MAX || fd < INT32_MIN)
        return fail(raise(t, PyExc_OverflowError, "Python int too large to convert to C int"));
    if (fd < 0)
        return fail(raise(t, PyExc_ValueError, "file descriptor cannot be a negative integer (%i)",
                          static_cast<int>(fd)));
    return static_cast<int>(fd);
}
CAPI PyObject* PyFile_FromFd(int fd, const char*, const char* mode, int buffering, const char* encoding,
                             const char* errors, const char* newline, int closefd) {
    Thread& t = here();
    Ref fn = import_attr(t, "io", "open");
    auto text = [&](const char* s) { return s ? str_from(t, s) : none_ref(); };
    Ref m = text(mode), e = text(encoding), r = text(errors), n = text(newline);
    if (!fn || !m || !e || !r || !n) return nullptr;
    Value args[] = {Value::from_int(fd), m, Value::from_int(buffering), e, r, n, boolean(closefd)};
    return out(call(t, fn, args, 7));
}
CAPI PyObject* PyFile_GetLine(PyObject* f, int n) {
    if (!f) return out(bad_call("PyFile_GetLine"));
    Thread& t = here();
    if (n <= 0) {
        Ref r = call_method(t, f, "readline");
        if (!r || n == 0) return out(std::move(r));
        int64_t len = is_str(r) ? str_length(r) : is_bytes(r) ? r.as<PyVarObject>()->ob_size : -1;
        if (len < 0) return out(raise(t, PyExc_TypeError, "object.readline() returned non-string"));
        if (len == 0) return out(raise(t, PyExc_EOFError, "EOF when reading a line"));
        if (is_str(r) && str_char(r, len - 1) == '\n') return out(str_substring(t, r, 0, len - 1));
        if (is_bytes(r) && bytes_data(r)[len - 1] == '\n')
            return out(bytes_from(t, bytes_data(r), static_cast<size_t>(len - 1)));
        return out(std::move(r));
    }
    return out(call_method(t, f, "readline", {Value::from_int(n)}));
}
CAPI int PyFile_WriteObject(PyObject* v, PyObject* f, int flags) {
    Thread& t = here();
    if (!f) return fail(raise(t, PyExc_TypeError, "writeobject with NULL file"));
    Ref text = flags & 1 ? krait::str(t, v) : repr(t, v);
    return text && call_method(t, f, "write", {text}) ? 0 : -1;
}
CAPI int PyFile_WriteString(const char* s, PyObject* f) {
    Thread& t = here();
    if (!f) {
        if (!t.has_exception()) raise(t, PyExc_SystemError, "null file for PyFile_WriteString");
        return -1;
    }
    if (t.has_exception()) return -1;
    Ref text = str_from(t, s);
    return text && call_method(t, f, "write", {text}) ? 0 : -1;
}
CAPI PyObject* PyFile_OpenCodeObject(PyObject* path) {
    Ref fn = import_attr(here(), "io", "open_code");
    return fn ? out(call(here(), fn, {Value(path)})) : nullptr;
}
CAPI PyObject* PyFile_OpenCode(const char* path) {
    Ref p = str_from(here(), path);
    return p ? PyFile_OpenCodeObject(p.get().ptr()) : nullptr;
}
CAPI int PyFile_SetOpenCodeHook(void*, void*) { return 0; }
CAPI FILE* Py_fopen(PyObject* path, const char* mode) {
    Thread& t = here();
    Ref bytes = fs_encode(t, path);
    if (!bytes) return nullptr;
    FILE* f;
    do {
        AllowThreads allow(t);
        f = fopen(bytes.as<PyBytesObject>()->ob_sval, mode);
    } while (!f && errno == EINTR && handle_pending(t));
    if (!f) {
        if (!t.has_exception()) raise_errno(t, errno, path);
        return nullptr;
    }
    fcntl(fileno(f), F_SETFD, FD_CLOEXEC);
    return f;
}
CAPI FILE* _Py_fopen_obj(PyObject* path, const char* mode) { return Py_fopen(path, mode); }
CAPI int Py_fclose(FILE* f) { return fclose(f); }
CAPI int _Py_dup(int fd) {
    Thread& t = here();
    int r;
    {
        AllowThreads allow(t);
        r = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    }
    return r < 0 ? fail(raise_errno(t, errno)) : r;
}
CAPI int _Py_fstat_noraise(int fd, struct stat* st) { return fstat(fd, st); }
CAPI int _Py_fstat(int fd, struct stat* st) {
    Thread& t = here();
    int r;
    {
        AllowThreads allow(t);
        r = fstat(fd, st);
    }
    return r < 0 ? fail(raise_errno(t, errno)) : 0;
}
CAPI int _Py_open_noraise(const char* path, int flags) { return open(path, flags | O_CLOEXEC); }
CAPI int _Py_open(const char* path, int flags) {
    int fd = open(path, flags | O_CLOEXEC);
    return fd < 0 ? fail(raise_errno(here(), errno)) : fd;
}
CAPI int _Py_set_inheritable(int fd, int inheritable, int*) {
    int r = fcntl(fd, F_SETFD, inheritable ? 0 : FD_CLOEXEC);
    return r < 0 ? fail(raise_errno(here(), errno)) : 0;
}
CAPI Py_ssize_t _Py_read(int fd, void* buf, size_t n) {
    Thread& t = here();
    for (;;) {
        Py_ssize_t r;
        {
            AllowThreads allow(t);
            r = read(fd, buf, n);
        }
        if (r >= 0) return r;
        if (errno != EINTR) return fail(raise_errno(t, errno));
        if (!handle_pending(t)) return -1;
    }
}
CAPI Py_ssize_t _Py_write(int fd, const void* buf, size_t n) {
    Thread& t = here();
    for (;;) {
        Py_ssize_t r;
        {
            AllowThreads allow(t);
            r = write(fd, buf, n);
        }
        if (r >= 0) return r;
        if (errno != EINTR) return fail(raise_errno(t, errno));
        if (!handle_pending(t)) return -1;
    }
}
