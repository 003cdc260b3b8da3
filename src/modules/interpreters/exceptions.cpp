// Exceptions of cross-interpreter operations, and exceptions that leave an interpreter: as text.
#include "builtins/exceptions.h"

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "modules/interpreters/cross.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait::xi {
namespace {

Type error_type, not_found_type;  // static, so that all interpreters have the same ones
PER_INTERPRETER_REFS Value g_not_shareable;

const char* const kHome = "concurrent.interpreters";

PyTypeObject* ready(Thread& t, Type& type, const TypeDecl& decl) {
    return add_static_type(t, Value(), type, decl) ? &type : nullptr;
}

}  // namespace

PyTypeObject *const kInterpreterError = &error_type, *const kInterpreterNotFoundError = &not_found_type;

PyTypeObject* interpreter_error(Thread& t) {
    static const TypeDecl decl{.name = "concurrent.interpreters.InterpreterError",
                               .basicsize = sizeof(PyBaseExceptionObject),
                               .flags = kTpDefault | kTpBaseType | kTpHaveGC | kTpBaseExcSubclass,
                               .base = PyExc_Exception,
                               .spec = {.doc = "What was to be done in or between interpreters failed."}};
    return ready(t, error_type, decl);
}

PyTypeObject* interpreter_not_found_error(Thread& t) {
    if (!interpreter_error(t)) return nullptr;
    static const TypeDecl decl{.name = "concurrent.interpreters.InterpreterNotFoundError",
                               .basicsize = sizeof(PyBaseExceptionObject),
                               .flags = kTpDefault | kTpBaseType | kTpHaveGC | kTpBaseExcSubclass,
                               .base = &error_type,
                               .spec = {.doc = "There is no such interpreter."}};
    return ready(t, not_found_type, decl);
}

Status make_error_class(Thread& t, const char* name, const char* module, const char* doc, Value base,
                        Value& place) {
    if (place) return Status::ok();
    Ref ns = TRY(dict_new(t)), home = TRY(str_intern(t, module)), n = TRY(str_intern(t, name));
    TRY(dict_set_str(t, ns, "__module__", home));
    if (doc) {
        Ref text = TRY(str_from(t, doc));
        TRY(dict_set_str(t, ns, "__doc__", text));
    }
    Ref bases = TRY(tuple_of(t, {base}));
    place = TRY(new_class(t, n, bases, ns)).release();
    return Status::ok();
}

PyTypeObject* not_shareable_error(Thread& t) {
    if (!make_error_class(t, "NotShareableError", kHome, nullptr, Value(PyExc_TypeError), g_not_shareable))
        return nullptr;
    return g_not_shareable.as<PyTypeObject>();
}

Raised raise_not_shareable(Thread& t, const char* message, Value cause) {
    PyTypeObject* type = not_shareable_error(t);
    if (!type) return {};
    Ref text = str_from(t, message);
    Ref exc = text ? call(t, Value(type), {text}) : Ref();
    if (!exc) return {};
    if (cause) set_field(as_base_exception(exc)->cause, cause);
    if (cause) as_base_exception(exc)->suppress_context = 1;
    restore_error(t, std::move(exc));
    return {};
}

bool unwrap_not_shareable(Thread& t, std::string* message) {
    PyTypeObject* type = not_shareable_error(t);
    if (!type || !error_is(t, type)) return false;
    Ref exc = fetch_error(t);
    if (message) {
        Ref text = str(t, exc);
        if (text) *message = str_utf8_or(text, "?");
        clear_error(t);
    }
    Value cause = as_base_exception(exc)->cause;
    restore_error(t, cause ? Ref::share(cause) : std::move(exc));
    return true;
}

// --- snapshots ---

namespace {

Result<bool> copy_text(Thread& t, const Ref& v, std::string& to) {
    if (!v) return {};
    if (!is_str(v)) return raise(t, PyExc_TypeError, "expected str, got %T", v.get());
    std::string_view s = TRY(str_utf8(t, v));
    to = s;
    return true;
}

Status copy_type(Thread& t, Value type, ExcInfo& out) {
    TRY_DISCARD(copy_text(t, get_attr(t, type, ID(__name__)), out.name));
    TRY_DISCARD(copy_text(t, get_attr(t, type, ID(__qualname__)), out.qualname));
    TRY_DISCARD(copy_text(t, get_attr(t, type, ID(__module__)), out.module));
    out.has_type = true;
    return Status::ok();
}

// As the program would show it.
Ref display_of(Thread& t, Value exc) {
    Ref type = TRY(import_attr(t, "traceback", "TracebackException"));
    Ref create = TRY(get_attr(t, type, "from_exception"));
    Ref names = TRY(tuple_of(t, {str_intern(t, "save_exc_type").get(), str_intern(t, "lookup_lines").get()}));
    Value args[] = {exc, boolean(false), boolean(false)};
    Ref tb = TRY(call(t, create, args, 1, names));
    Ref lines = TRY(call_method(t, tb, "format"));
    Ref text = TRY(str_join(t, empty_str(), lines));
    int64_t n = str_length(text);
    return n && str_char(text, n - 1) == '\n' ? str_substring(t, text, 0, n - 1) : std::move(text);
}

const char* from_exception(Thread& t, Value exc, ExcInfo& out) {
    if (is_instance_exact_or_sub(exc, PyExc_MemoryError)) return nullptr;
    if (!copy_type(t, Value(type_of(exc)), out)) return "error while initializing exception type snapshot";
    Ref msg = str(t, exc);
    if (!msg) return "error while formatting exception";
    if (!copy_text(t, msg, out.msg)) return "error while copying exception message";
    out.has_msg = out.set = true;
    if (copy_text(t, display_of(t, exc), out.display)) out.has_display = true;
    clear_error(t);
    return nullptr;
}

const char* from_object(Thread& t, Value v, ExcInfo& out) {
    Ref type = get_attr(t, v, "type");
    if (!type) return "exception snapshot missing 'type' attribute";
    if (!copy_type(t, type, out)) return "error while initializing exception type snapshot";
    Ref msg = get_attr(t, v, "msg");
    if (!msg) return "exception snapshot missing 'msg' attribute";
    if (!copy_text(t, msg, out.msg)) return "error while copying exception message";
    out.has_msg = out.set = true;
    Ref display = get_attr(t, v, "errdisplay");
    if (!display) return "exception snapshot missing 'errdisplay' attribute";
    if (!copy_text(t, display, out.display)) return "error while copying exception error display";
    out.has_display = true;
    return nullptr;
}

Ref text_or_none(Thread& t, bool there, const std::string& s) { return there ? str_from(t, s) : none_ref(); }

}  // namespace

const char* excinfo_from(Thread& t, Value exc, ExcInfo& out) {
    out = ExcInfo{};
    return is_instance_exact_or_sub(exc, PyExc_BaseException) ? from_exception(t, exc, out)
                                                              : from_object(t, exc, out);
}

Ref excinfo_format(Thread& t, const ExcInfo& info) {
    if (!info.has_type) return text_or_none(t, info.has_msg, info.msg);
    std::string text;
    if (info.module != "builtins" && info.module != "__main__") text = info.module + ".";
    text += info.qualname;
    if (info.has_msg) text += ": " + info.msg;
    return str_from(t, text);
}

Ref excinfo_object(Thread& t, const ExcInfo& info) {
    Ref ns = TRY(namespace_new(t, Value())), type = none_ref();
    if (info.has_type) {
        type = TRY(namespace_new(t, Value()));
        for (auto [name, text] : {std::pair{"__name__", &info.name},
                                  {"__qualname__", &info.qualname},
                                  {"__module__", &info.module}}) {
            Ref v = TRY(str_from(t, *text));
            TRY(set_attr(t, type, name, v));
        }
    }
    TRY(set_attr(t, ns, "type", type));
    Ref msg = TRY(text_or_none(t, info.has_msg, info.msg));
    TRY(set_attr(t, ns, "msg", msg));
    Ref formatted = TRY(excinfo_format(t, info));
    TRY(set_attr(t, ns, "formatted", formatted));
    if (info.has_display) {
        Ref display = TRY(str_from(t, info.display));
        TRY(set_attr(t, ns, "errdisplay", display));
    }
    return ns;
}

void excinfo_raise(Thread& t, const ExcInfo& info, PyTypeObject* type) {
    Ref text = info.has_display ? str_from(t, info.display) : excinfo_format(t, info);
    if (text) raise_value(t, type, text);
}

}  // namespace krait::xi
