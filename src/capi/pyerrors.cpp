// pyerrors.h, warnings.h: raising, fetching and inspecting exceptions.
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "builtins/bytes.h"
#include "builtins/dict.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "capi/capi.h"
#include "gc/gc.h"
#include "interp/dump_traceback.h"
#include "interp/frame.h"
#include "interp/interp.h"
#include "object/internal.h"
#include "object/names.h"
#include "runtime/init.h"
#include "runtime/lifecycle.h"

namespace krait {
void add_current_traceback(Thread& t);         // interp/traceback.cpp
void display_exception(Thread& t, Value exc);  // runtime/print_exception.cpp
}  // namespace krait

using namespace krait;

CAPI PyObject* PyUnicode_FromFormatV(const char* format, va_list va);

namespace {
using P = PyObject*;
PyBaseExceptionObject* as_exc(P o) { return reinterpret_cast<PyBaseExceptionObject*>(o); }
bool is_exception_class(Value v) { return is_type(v) && (as_type(v)->tp_flags & kTpBaseExcSubclass); }

// The rules of PyErr_SetObject.
void set_object(Thread& t, P type, P value) {
    if (type && !is_exception_class(Value(type))) {
        raise(t, PyExc_SystemError, "_PyErr_SetObject: exception %R is not a BaseException subclass",
              Value(type));
        return;
    }
    if (!type) {
        clear_error(t);
        return;
    }
    if (value && is_exception(Value(value))) {
        Ref keep = Ref::share(Value(value));
        Result<bool> fits = has_type(Value(type), &PyType_Type)
                                ? Result<bool>(is_subtype(value->ob_type, as_type(type)))
                                : is_subclass(t, Value(value->ob_type), Value(type));
        if (fits && fits.value()) raise_object(t, keep);
        if (!fits || fits.value()) return;
    }
    raise_value(t, as_type(type), value);
}
}  // namespace

CAPI void PyErr_SetNone(PyObject* type) { set_object(here(), type, nullptr); }
CAPI void PyErr_SetObject(PyObject* type, PyObject* value) { set_object(here(), type, value); }
CAPI void PyErr_SetString(PyObject* type, const char* message) {
    Thread& t = here();
    clear_error(t);
    Ref text = decode_utf8(t, message, strlen(message), "strict");
    if (text) set_object(t, type, text.get().ptr());
}
CAPI PyObject* PyErr_FormatV(PyObject* type, const char* format, va_list va) {
    Thread& t = here();
    clear_error(t);
    Ref text = Ref::steal(Value(PyUnicode_FromFormatV(format, va)));
    if (text) set_object(t, type, text.get().ptr());
    return nullptr;
}
CAPI PyObject* PyErr_Format(PyObject* type, const char* format, ...) {
    va_list va;
    va_start(va, format);
    PyErr_FormatV(type, format, va);
    va_end(va);
    return nullptr;
}
CAPI PyObject* _PyErr_Format(PyThreadState*, PyObject* type, const char* format, ...) {
    va_list va;
    va_start(va, format);
    PyErr_FormatV(type, format, va);
    va_end(va);
    return nullptr;
}
CAPI PyObject* _PyErr_FormatFromCause(PyObject* type, const char* format, ...) {
    Thread& t = here();
    Ref cause = fetch_error(t);
    va_list va;
    va_start(va, format);
    PyErr_FormatV(type, format, va);
    va_end(va);
    P exc = t.c.current_exception;
    if (cause && exc) {
        auto* e = as_exc(exc);
        Value old_cause = e->cause, old_context = e->context;
        e->cause = cause.share().release();
        e->suppress_context = 1;
        e->context = cause.release();
        xdecref(old_cause);
        xdecref(old_context);
    }
    return nullptr;
}
CAPI PyObject* PyErr_Occurred() {
    P exc = here().c.current_exception;
    return exc ? &exc->ob_type->ob_base.ob_base : nullptr;
}
CAPI void PyErr_Clear() { clear_error(here()); }
CAPI void _PyErr_Clear(PyThreadState*) { clear_error(here()); }
CAPI PyObject* PyErr_GetRaisedException() { return out(fetch_error(here())); }
CAPI PyObject* _PyErr_GetRaisedException(PyThreadState*) { return out(fetch_error(here())); }
CAPI void PyErr_SetRaisedException(PyObject* exc) { restore_error(here(), Ref::steal(Value(exc))); }
CAPI void _PyErr_SetRaisedException(PyThreadState*, PyObject* exc) {
    restore_error(here(), Ref::steal(Value(exc)));
}
CAPI void PyErr_Fetch(PyObject** type, PyObject** value, PyObject** tb) {
    P exc = out(fetch_error(here()));
    *value = exc;
    *type = exc ? new_ref(&exc->ob_type->ob_base.ob_base) : nullptr;
    *tb = nullptr;
    if (exc && as_exc(exc)->traceback) *tb = to_c_new(as_exc(exc)->traceback);
}
namespace {
void set_traceback(P exc, P tb) {
    Value old = as_exc(exc)->traceback;
    as_exc(exc)->traceback = Ref::share(Value(tb)).release();
    xdecref(old);
}
}  // namespace
CAPI void PyErr_NormalizeException(PyObject** type, PyObject** value, PyObject** tb) {
    Thread& t = here();
    if (!*type) return;
    if (*value && is_exception(Value(*value))) {
        P actual = &(*value)->ob_type->ob_base.ob_base;
        if (is_exception_class(Value(*type)) && is_subtype((*value)->ob_type, as_type(*type))) {
            if (actual != *type) {
                decref(*type);
                *type = new_ref(actual);
            }
            return;
        }
    }
    if (!is_exception_class(Value(*type))) return;
    SavedError saved(t);
    P old_value = *value;
    raise_value(t, as_type(*type), old_value);
    P exc = out(fetch_error(t));
    if (!exc) return;
    if (tb && *tb) set_traceback(exc, *tb);
    if (old_value) decref(old_value);
    decref(*type);
    *value = exc;
    *type = new_ref(&exc->ob_type->ob_base.ob_base);
}
CAPI void PyErr_Restore(PyObject* type, PyObject* value, PyObject* tb) {
    Thread& t = here();
    if (!type) {
        clear_error(t);
        if (value) decref(value);
        if (tb) decref(tb);
        return;
    }
    clear_error(t);
    if (tb && tb != &_Py_NoneStruct && !has_type(Value(tb), &PyTraceBack_Type)) {
        for (PyObject* o : {type, value, tb})
            if (o) decref(o);
        raise(t, PyExc_TypeError, "__traceback__ must be a traceback or None");
        return;
    }
    if (!value || !is_exception(Value(value))) PyErr_NormalizeException(&type, &value, &tb);
    if (value && is_exception(Value(value))) {
        if (tb != as_exc(value)->traceback.ptr())
            set_traceback(value, tb && tb != &_Py_NoneStruct ? tb : nullptr);
        restore_error(t, Ref::steal(Value(value)));
    } else if (value) {
        decref(value);
    }
    decref(type);
    if (tb) decref(tb);
}
CAPI PyObject* PyErr_GetHandledException() {
    Value v = handled_exception(here());
    return is_none(v) ? nullptr : to_c_new(v);
}
namespace {
ExcStackItem* top_item(Thread& t) {
    ExcStackItem* item = t.c.exc_info;
    while ((!item->exc_value || is_none(item->exc_value)) && item->previous_item) item = item->previous_item;
    return item;
}
}  // namespace
CAPI void PyErr_SetHandledException(PyObject* exc) {
    ExcStackItem* item = here().c.exc_info;
    Value old = item->exc_value;
    item->exc_value = exc && exc != &_Py_NoneStruct ? Ref::share(Value(exc)).release() : Value();
    xdecref(old);
}
CAPI void PyErr_GetExcInfo(PyObject** type, PyObject** value, PyObject** tb) {
    Value v = top_item(here())->exc_value;
    if (!v || is_none(v)) {
        *type = new_none();
        *value = new_none();
        *tb = new_none();
        return;
    }
    *value = to_c_new(v);
    *type = new_ref(&v.heap_type()->ob_base.ob_base);
    Value trace = v.as<PyBaseExceptionObject>()->traceback;
    *tb = trace ? to_c_new(trace) : new_none();
}
CAPI void PyErr_SetExcInfo(PyObject* type, PyObject* value, PyObject* tb) {
    PyErr_SetHandledException(value);
    if (type) decref(type);
    if (value) decref(value);
    if (tb) decref(tb);
}
CAPI int PyErr_GivenExceptionMatches(PyObject* exc, PyObject* type) {
    return exc && type && exception_matches(here(), exc, type);
}
CAPI int PyErr_ExceptionMatches(PyObject* type) { return error_matches(here(), type); }
CAPI int _PyErr_ExceptionMatches(PyThreadState*, PyObject* type) { return error_matches(here(), type); }

// --- the common ones ---

CAPI int PyErr_BadArgument() {
    return fail(raise(here(), PyExc_TypeError, "bad argument type for built-in operation"));
}
CAPI PyObject* PyErr_NoMemory() { return out(raise_no_memory(here())); }
CAPI void _PyErr_BadInternalCall(const char* file, int line) {
    raise(here(), PyExc_SystemError, "%s:%d: bad argument to internal function", file, line);
}
#undef PyErr_BadInternalCall
CAPI void PyErr_BadInternalCall() { raise(here(), PyExc_SystemError, "bad argument to internal function"); }
CAPI PyObject* PyErr_SetFromErrnoWithFilenameObjects(PyObject* type, PyObject* file, PyObject* file2) {
    Thread& t = here();
    int err = errno;
    if (err == EINTR && !handle_pending(t)) return nullptr;
    const char* text = strerror(err);
    Ref message = err == 0 ? str_from(t, "Error") : decode(t, text, strlen(text), "utf-8", "surrogateescape");
    if (!message) return nullptr;
    Value args[5] = {Value::from_int(err), message, Value(file), none(), Value(file2)};
    Ref exc = call(t, type, args, file2 ? 5 : file ? 3 : 2);
    if (!exc) return nullptr;
    set_object(t, &type_of(exc)->ob_base.ob_base, exc.get().ptr());
    return nullptr;
}
CAPI PyObject* PyErr_SetFromErrnoWithFilenameObject(PyObject* type, PyObject* file) {
    return PyErr_SetFromErrnoWithFilenameObjects(type, file, nullptr);
}
CAPI PyObject* PyErr_SetFromErrno(PyObject* type) {
    return PyErr_SetFromErrnoWithFilenameObjects(type, nullptr, nullptr);
}
CAPI PyObject* PyErr_SetFromErrnoWithFilename(PyObject* type, const char* file) {
    int err = errno;
    Ref name = file ? fs_decode(here(), file, strlen(file)) : Ref();
    if (file && !name) return nullptr;
    errno = err;
    return PyErr_SetFromErrnoWithFilenameObjects(type, file ? name.get().ptr() : nullptr, nullptr);
}
CAPI PyObject* _PyErr_SetLocaleString(PyObject* type, const char* s) {
    Thread& t = here();
    Ref text = decode(t, s, strlen(s), "utf-8", "surrogateescape");
    if (text) set_object(t, type, text.get().ptr());
    return nullptr;
}
CAPI PyObject* PyErr_SetImportErrorSubclass(PyObject* type, PyObject* message, PyObject* name,
                                            PyObject* path) {
    Thread& t = here();
    if (!is_exception_class(Value(type)) || !is_subtype(as_type(type), PyExc_ImportError))
        return out(raise(t, PyExc_TypeError, "expected a subclass of ImportError"));
    if (!message) return out(raise(t, PyExc_TypeError, "expected a message argument"));
    Ref kw = tuple_of(t, {str_intern(t, "name").get(), str_intern(t, "path").get()});
    if (!kw) return nullptr;
    Value args[3] = {message, name ? Value(name) : none(), path ? Value(path) : none()};
    Ref exc = call(t, type, args, 1, kw);
    if (exc) set_object(t, &type_of(exc)->ob_base.ob_base, exc.get().ptr());
    return nullptr;
}
CAPI PyObject* PyErr_SetImportError(PyObject* message, PyObject* name, PyObject* path) {
    return PyErr_SetImportErrorSubclass(&PyExc_ImportError->ob_base.ob_base, message, name, path);
}
CAPI void _PyErr_ChainExceptions1(PyObject* exc) {
    Thread& t = here();
    if (!exc) return;
    P now = t.c.current_exception;
    if (!now) {
        restore_error(t, Ref::steal(Value(exc)));
        return;
    }
    Value old = as_exc(now)->context;
    as_exc(now)->context = Value(exc);
    xdecref(old);
}

// --- parts of exceptions ---

namespace {
// Whether `o` is an exception; else SystemError.
bool need_exception(P o, const char* where) {
    if (o && (o->ob_type->tp_flags & kTpBaseExcSubclass)) return true;
    bad_call(where);
    return false;
}
}  // namespace
CAPI int PyException_SetTraceback(PyObject* exc, PyObject* tb) {
    if (!need_exception(exc, "PyException_SetTraceback")) return -1;
    return out(set_attr(here(), exc, "__traceback__", tb));
}
CAPI PyObject* PyException_GetTraceback(PyObject* exc) {
    if (!need_exception(exc, "PyException_GetTraceback")) return nullptr;
    Value v = as_exc(exc)->traceback;
    return v ? to_c_new(v) : nullptr;
}
CAPI PyObject* PyException_GetCause(PyObject* exc) {
    if (!need_exception(exc, "PyException_GetCause")) return nullptr;
    Value v = as_exc(exc)->cause;
    return v ? to_c_new(v) : nullptr;
}
CAPI void PyException_SetCause(PyObject* exc, PyObject* cause) {
    if (!need_exception(exc, "PyException_SetCause")) return;
    Value old = as_exc(exc)->cause;
    as_exc(exc)->cause = Value(cause);
    as_exc(exc)->suppress_context = 1;
    xdecref(old);
}
CAPI PyObject* PyException_GetContext(PyObject* exc) {
    if (!need_exception(exc, "PyException_GetContext")) return nullptr;
    Value v = as_exc(exc)->context;
    return v ? to_c_new(v) : nullptr;
}
CAPI void PyException_SetContext(PyObject* exc, PyObject* context) {
    if (!need_exception(exc, "PyException_SetContext")) return;
    Value old = as_exc(exc)->context;
    as_exc(exc)->context = Value(context);
    xdecref(old);
}
CAPI PyObject* PyException_GetArgs(PyObject* exc) {
    return need_exception(exc, "PyException_GetArgs") ? to_c_new(as_exc(exc)->args) : nullptr;
}
CAPI void PyException_SetArgs(PyObject* exc, PyObject* args) {
    if (!need_exception(exc, "PyException_SetArgs")) return;
    if (!is_tuple(args)) return void(bad_call("PyException_SetArgs"));
    Value old = as_exc(exc)->args;
    as_exc(exc)->args = Ref::share(Value(args)).release();
    xdecref(old);
}
CAPI const char* PyExceptionClass_Name(PyObject* cls) { return as_type(cls)->tp_name; }

// --- making exception classes ---

CAPI PyObject* PyErr_NewExceptionWithDoc(const char* name, const char* doc, PyObject* base, PyObject* dict) {
    Thread& t = here();
    const char* dot = name ? strrchr(name, '.') : nullptr;
    if (!dot) return out(raise(t, PyExc_SystemError, "PyErr_NewException: name must be module.class"));
    if (dict && !is_dict(dict)) return out(bad_call("PyErr_NewException"));
    Ref ns = dict ? dict_copy(t, dict) : dict_new(t);
    Ref module = ns ? str_from(t, name, dot - name) : Ref();
    if (!module) return nullptr;
    if (!dict_get_str(ns, ID(__module__)) && !dict_set(t, ns, ID(__module__), module)) return nullptr;
    if (doc) {
        Ref text = str_from(t, doc);
        if (!text || !dict_set(t, ns, ID(__doc__), text)) return nullptr;
    }
    Ref bases = base && is_tuple(base) ? Ref::share(Value(base))
                                       : tuple_of(t, {base ? Value(base) : Value(PyExc_Exception)});
    Ref short_name = str_from(t, dot + 1);
    if (!bases || !short_name) return nullptr;
    return out(call(t, Value(&PyType_Type), {short_name, bases, ns}));
}
CAPI PyObject* PyErr_NewException(const char* name, PyObject* base, PyObject* dict) {
    return PyErr_NewExceptionWithDoc(name, nullptr, base, dict);
}

// --- reporting ---

CAPI void PyErr_WriteUnraisable(PyObject* o) {
    Thread& t = here();
    write_unraisable(t, nullptr, Value(o));
}
CAPI void PyErr_FormatUnraisable(const char* format, ...) {
    Thread& t = here();
    Ref exc = fetch_error(t);
    va_list va;
    va_start(va, format);
    Ref text = format ? str_vformat_for_c(t, format, va) : Ref();
    va_end(va);
    if (!text) clear_error(t);
    std::string message(text ? str_utf8_or(text, "") : "");
    restore_error(t, std::move(exc));
    write_unraisable(t, text ? message.c_str() : nullptr, Value());
}
namespace {
void set_last(Thread& t, Value exc) {
    Value tb = exc.as<PyBaseExceptionObject>()->traceback;
    for (auto [name, v] :
         std::initializer_list<std::pair<const char*, Value>>{{"last_exc", exc},
                                                              {"last_type", Value(type_of(exc))},
                                                              {"last_value", exc},
                                                              {"last_traceback", tb ? tb : none()}})
        if (!sys_set(t, name, v)) clear_error(t);
}
}  // namespace
CAPI void PyErr_PrintEx(int set_sys_last) {
    Thread& t = here();
    if (error_is(t, PyExc_SystemExit)) {
        int code = exit_code_of_exception(t);
        fflush(nullptr);
        exit(code);
    }
    Ref exc = fetch_error(t);
    if (!exc) return;
    if (set_sys_last) set_last(t, exc);
    Value hook = sys_get(t, "excepthook");
    if (!hook) {
        display_exception(t, exc);
        return;
    }
    Value tb = exc.as<PyBaseExceptionObject>()->traceback;
    Ref r = call(t, Ref::share(hook), {Value(type_of(exc)), exc, tb ? tb : none()});
    if (!r) {
        clear_error(t);
        display_exception(t, exc);
    }
}
CAPI void PyErr_Print() { PyErr_PrintEx(1); }
CAPI void PyErr_DisplayException(PyObject* exc) { display_exception(here(), exc); }
CAPI void PyErr_Display(PyObject*, PyObject* value, PyObject* tb) {
    if (tb && is_exception(Value(value)) && !as_exc(value)->traceback) set_traceback(value, tb);
    display_exception(here(), value);
}

// --- signals ---

CAPI int PyErr_CheckSignals() { return out(handle_pending(here())); }
CAPI int _PyErr_CheckSignals() { return out(handle_pending(here())); }
CAPI int PyErr_SetInterruptEx(int number) {
    if (number < 1 || number >= NSIG) return -1;
    return ::raise(number);
}
CAPI void PyErr_SetInterrupt() { PyErr_SetInterruptEx(SIGINT); }

// --- warnings ---

namespace {
P category_or_default(P category) { return category ? category : &PyExc_RuntimeWarning->ob_base.ob_base; }
Status warn_text(Thread& t, P category, Py_ssize_t level, Value text) {
    if (!is_exception_class(Value(category_or_default(category))))
        return raise(t, PyExc_TypeError, "category must be a Warning subclass, not '%s'",
                     category->ob_type->tp_name);
    return warn(t, as_type(category_or_default(category)), static_cast<int>(level), "%U", text);
}
}  // namespace
CAPI int PyErr_WarnEx(PyObject* category, const char* text, Py_ssize_t level) {
    Thread& t = here();
    Ref s = str_from(t, text);
    return s ? out(warn_text(t, category, level, s)) : -1;
}
CAPI int PyErr_WarnFormat(PyObject* category, Py_ssize_t level, const char* format, ...) {
    Thread& t = here();
    va_list va;
    va_start(va, format);
    Ref s = str_vformat_for_c(t, format, va);
    va_end(va);
    return s ? out(warn_text(t, category, level, s)) : -1;
}
CAPI int PyErr_ResourceWarning(PyObject* source, Py_ssize_t level, const char* format, ...) {
    Thread& t = here();
    va_list va;
    va_start(va, format);
    Ref s = str_vformat_for_c(t, format, va);
    va_end(va);
    if (!s) return -1;
    Ref fn = import_attr(t, "_warnings", "warn");
    if (!fn) return -1;
    Value args[] = {s, Value(PyExc_ResourceWarning), Value::from_int(level), source ? Value(source) : none()};
    return call(t, fn, args, 4) ? 0 : -1;
}
namespace {
int warn_explicit(P category, Value text, Value file, int line, Value module, P registry) {
    Thread& t = here();
    Ref fn = import_attr(t, "_warnings", "warn_explicit");
    if (!fn) return -1;
    Value args[] = {text,
                    Value(category_or_default(category)),
                    file,
                    Value::from_int(line),
                    module ? module : none(),
                    registry ? Value(registry) : none()};
    return call(t, fn, args, 6) ? 0 : -1;
}
}  // namespace
CAPI int PyErr_WarnExplicitObject(PyObject* category, PyObject* text, PyObject* file, int line,
                                  PyObject* module, PyObject* registry) {
    if (!text || !file) return fail(bad_call("PyErr_WarnExplicitObject"));
    return warn_explicit(category, text, file, line, Value(module), registry);
}
CAPI int PyErr_WarnExplicit(PyObject* category, const char* text, const char* file, int line,
                            const char* module, PyObject* registry) {
    Thread& t = here();
    Ref s = str_from(t, text), f = s ? fs_decode(t, file, strlen(file)) : Ref();
    Ref m = f && module ? str_from(t, module) : Ref();
    if (!s || !f || (module && !m)) return -1;
    return warn_explicit(category, s, f, line, m, registry);
}
CAPI int PyErr_WarnExplicitFormat(PyObject* category, const char* file, int line, const char* module,
                                  PyObject* registry, const char* format, ...) {
    Thread& t = here();
    va_list va;
    va_start(va, format);
    Ref s = str_vformat_for_c(t, format, va);
    va_end(va);
    Ref f = s ? fs_decode(t, file, strlen(file)) : Ref();
    Ref m = f && module ? str_from(t, module) : Ref();
    if (!s || !f || (module && !m)) return -1;
    return warn_explicit(category, s, f, line, m, registry);
}

// --- the end ---

CAPI [[noreturn]] void _Py_FatalErrorFunc(const char* func, const char* message) {
    if (!t_current || !t_current->has_exception()) fatal_error(func, message);
    fprintf(stderr, "Fatal Python error: %s%s%s\nPython runtime state: %s\n", func ? func : "",
            func ? ": " : "", message ? message : "<message not set>",
            g_runtime.initialized ? "initialized" : "core initialized");
    fflush(stderr);
    display_exception(*t_current, t_current->c.current_exception);
    fputc('\n', stderr);
    dump_extension_modules(STDERR_FILENO, *t_current->interp);
    abort();
}
#undef Py_FatalError
CAPI [[noreturn]] void Py_FatalError(const char* message) { _Py_FatalErrorFunc(nullptr, message); }

// --- UnicodeError ---

namespace {
PyUnicodeErrorObject* as_unicode_error(P o) { return reinterpret_cast<PyUnicodeErrorObject*>(o); }
P text_field(Value v, const char* name, bool bytes) {
    Thread& t = here();
    if (!v) return out(raise(t, PyExc_TypeError, "UnicodeError '%s' attribute is not set", name));
    if (bytes ? !is_bytes(v) : !is_str(v))
        return out(raise(t, PyExc_TypeError, "UnicodeError '%s' attribute must be a %s", name,
                         bytes ? "bytes" : "string"));
    return to_c_new(v);
}
int64_t object_length(P exc) {
    Value v = as_unicode_error(exc)->object;
    return is_str(v) ? str_length(v) : is_bytes(v) ? v.as<PyVarObject>()->ob_size : 0;
}
int set_reason(P exc, const char* reason) {
    if (!reason) return fail(bad_call("PyUnicodeError_SetReason"));
    Ref s = str_from(here(), reason);
    if (!s) return -1;
    Value old = as_unicode_error(exc)->reason;
    as_unicode_error(exc)->reason = s.release();
    xdecref(old);
    return 0;
}
int get_start(P exc, Py_ssize_t* place) {
    int64_t n = object_length(exc), i = as_unicode_error(exc)->start;
    *place = i < 0 ? 0 : i >= n ? (n ? n - 1 : 0) : i;
    return 0;
}
int get_end(P exc, Py_ssize_t* place) {
    int64_t n = object_length(exc), i = as_unicode_error(exc)->end;
    *place = i < 1 ? 1 : i;
    if (*place > n) *place = n;
    return 0;
}
}  // namespace
static bool need_unicode_error(P e, PyTypeObject* type) {
    if (e && is_subtype(e->ob_type, type)) return true;
    if (!e)
        bad_call("PyUnicodeError");
    else
        raise(here(), PyExc_TypeError, "expecting a %N object, got %T", Value(type), Value(e));
    return false;
}
#define UNICODE_ERROR(kind, bytes)                                                             \
    static bool need_##kind(P e) { return need_unicode_error(e, PyExc_Unicode##kind##Error); } \
    CAPI PyObject* PyUnicode##kind##Error_GetObject(PyObject* e) {                             \
        if (!need_##kind(e)) return nullptr;                                                   \
        return text_field(as_unicode_error(e)->object, "object", bytes);                       \
    }                                                                                          \
    CAPI int PyUnicode##kind##Error_GetStart(PyObject* e, Py_ssize_t* p) {                     \
        return need_##kind(e) ? get_start(e, p) : -1;                                          \
    }                                                                                          \
    CAPI int PyUnicode##kind##Error_SetStart(PyObject* e, Py_ssize_t i) {                      \
        if (!need_##kind(e)) return -1;                                                        \
        as_unicode_error(e)->start = i;                                                        \
        return 0;                                                                              \
    }                                                                                          \
    CAPI int PyUnicode##kind##Error_GetEnd(PyObject* e, Py_ssize_t* p) {                       \
        return need_##kind(e) ? get_end(e, p) : -1;                                            \
    }                                                                                          \
    CAPI int PyUnicode##kind##Error_SetEnd(PyObject* e, Py_ssize_t i) {                        \
        if (!need_##kind(e)) return -1;                                                        \
        as_unicode_error(e)->end = i;                                                          \
        return 0;                                                                              \
    }                                                                                          \
    CAPI PyObject* PyUnicode##kind##Error_GetReason(PyObject* e) {                             \
        if (!need_##kind(e)) return nullptr;                                                   \
        return text_field(as_unicode_error(e)->reason, "reason", false);                       \
    }                                                                                          \
    CAPI int PyUnicode##kind##Error_SetReason(PyObject* e, const char* s) {                    \
        return need_##kind(e) ? set_reason(e, s) : -1;                                         \
    }
UNICODE_ERROR(Encode, false)
UNICODE_ERROR(Decode, true)
UNICODE_ERROR(Translate, false)
CAPI PyObject* PyUnicodeEncodeError_GetEncoding(PyObject* e) {
    if (!need_Encode(e)) return nullptr;
    return text_field(as_unicode_error(e)->encoding, "encoding", false);
}
CAPI PyObject* PyUnicodeDecodeError_GetEncoding(PyObject* e) {
    if (!need_Decode(e)) return nullptr;
    return text_field(as_unicode_error(e)->encoding, "encoding", false);
}
CAPI PyObject* PyUnicodeDecodeError_Create(const char* encoding, const char* object, Py_ssize_t length,
                                           Py_ssize_t start, Py_ssize_t end, const char* reason) {
    Thread& t = here();
    if (!encoding || !reason || length < 0 || (!object && length))
        return out(bad_call("PyUnicodeDecodeError_Create"));
    Ref enc = str_from(t, encoding), why = enc ? str_from(t, reason) : Ref();
    Ref data = why ? bytes_from(t, object, static_cast<size_t>(length)) : Ref();
    Ref i = data ? int_from(t, start) : Ref(), j = i ? int_from(t, end) : Ref();
    if (!j) return nullptr;
    return out(call(t, Value(PyExc_UnicodeDecodeError), {enc, data, i, j, why}));
}
