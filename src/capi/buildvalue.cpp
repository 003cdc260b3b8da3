// modsupport.h, building values by format: Py_BuildValue and the calls that take one.
#include <cwchar>

#include "builtins/bytes.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "capi/capi.h"

using namespace krait;

namespace {
using P = PyObject*;

struct Builder {
    Thread& t;
    const char* f;
    va_list va;
    bool failed = false;  // goes on to the end, so that stolen arguments are released

    Ref one();
    Ref item();
    // Items up to `end` as a list.
    Ref group(char end);
    void skip_space() {
        while (*f == ' ' || *f == '\t' || *f == ',' || *f == ':') f++;
    }
};

Ref Builder::group(char end) {
    Ref list = list_new(t);
    for (;;) {
        skip_space();
        if (*f == end || !*f) break;
        Ref v = one();
        if (!v) {
            failed = true;
            continue;
        }
        if (!failed && list && !list_append(t, list, v)) failed = true;
    }
    if (*f != end) {
        if (!failed) raise(t, PyExc_SystemError, "Unmatched paren in format");
        failed = true;
    } else if (end) {
        f++;
    }
    return list;
}

Ref string_value(Thread& t, const char* s, int64_t n, bool bytes) {
    if (!s) return none_ref();
    if (n < 0) n = static_cast<int64_t>(strlen(s));
    return bytes ? bytes_from(t, s, static_cast<size_t>(n))
                 : decode_utf8(t, s, static_cast<size_t>(n), nullptr);
}

Ref Builder::one() {
    char c = *f++;
    switch (c) {
        case '(': {
            Ref list = group(')');
            return list && !failed ? list_to_tuple(t, list) : Ref();
        }
        case '[': {
            Ref list = group(']');
            return failed ? Ref() : std::move(list);
        }
        case '{': {
            Ref list = group('}');
            if (!list || failed) return {};
            if (list_size(list) % 2) return raise(t, PyExc_SystemError, "Bad dict format");
            Ref d = TRY(dict_new(t));
            for (int64_t i = 0; i < list_size(list); i += 2)
                TRY(dict_set(t, d, list_get(list, i), list_get(list, i + 1)));
            return d;
        }
        case 'b':
        case 'B':
        case 'h':
        case 'i':
            return int_from(t, va_arg(va, int));
        case 'H':
            return int_from(t, va_arg(va, int));
        case 'I':
            return int_from(t, va_arg(va, unsigned));
        case 'n':
        case 'l':
        case 'L':
            return int_from(t, va_arg(va, int64_t));
        case 'k':
        case 'K':
            return int_from_u64(t, va_arg(va, uint64_t));
        case 'p':
            return bool_ref(va_arg(va, int));
        case 'f':
        case 'd':
            return float_from(t, va_arg(va, double));
        case 'D': {
            auto* z = va_arg(va, double*);
            return complex_from(t, z[0], z[1]);
        }
        case 'c': {
            char ch = static_cast<char>(va_arg(va, int));
            return bytes_from(t, &ch, 1);
        }
        case 'C': {
            int ch = va_arg(va, int);
            if (ch < 0 || ch > 0x10ffff)
                return raise(t, PyExc_ValueError, "chr() arg not in range(0x110000)");
            return str_from_char(t, static_cast<uint32_t>(ch));
        }
        case 'u': {
            const auto* w = va_arg(va, const wchar_t*);
            int64_t n = -1;
            if (*f == '#') {
                f++;
                n = va_arg(va, int64_t);
            }
            if (!w) return none_ref();
            return str_from_kind(t, 4, w, n < 0 ? static_cast<int64_t>(wcslen(w)) : n);
        }
        case 's':
        case 'z':
        case 'U':
        case 'y': {
            const char* s = va_arg(va, const char*);
            int64_t n = -1;
            if (*f == '#') {
                f++;
                n = va_arg(va, int64_t);
            }
            return string_value(t, s, n, c == 'y');
        }
        case 'N':
        case 'S':
        case 'O': {
            if (*f == '&') {
                f++;
                auto fn = va_arg(va, P(*)(void*));
                void* arg = va_arg(va, void*);
                P r = fn(arg);
                return from_c(r);
            }
            P o = va_arg(va, P);
            if (!o) {
                if (!t.has_exception()) raise(t, PyExc_SystemError, "NULL object passed to Py_BuildValue");
                return {};
            }
            return c == 'N' ? Ref::steal(Value(o)) : Ref::share(Value(o));
        }
        default:
            return raise(t, PyExc_SystemError, "bad format char passed to Py_BuildValue");
    }
}

// No item is None, one is itself, more are a tuple.
Ref build(Thread& t, const char* format, va_list va, bool always_tuple = false) {
    Builder b{.t = t, .f = format, .va = {}};
    va_copy(b.va, va);
    Ref list = b.group(0);
    va_end(b.va);
    if (b.failed || !list) return {};
    if (!always_tuple) {
        if (list_size(list) == 0) return none_ref();
        if (list_size(list) == 1) return Ref::share(list_get(list, 0));
    }
    return list_to_tuple(t, list);
}

// Arguments by format: a format of one item that is a tuple stands for all of them.
Ref call_format(Thread& t, Value callable, const char* format, va_list va) {
    if (!format || !*format) return call(t, callable);
    Ref args = TRY(build(t, format, va, true));
    if (tuple_size(args) == 1 && is_tuple(tuple_get(args, 0))) args = Ref::share(tuple_get(args, 0));
    return call(t, callable, tuple_items(args), static_cast<size_t>(tuple_size(args)));
}
}  // namespace

CAPI PyObject* Py_VaBuildValue(const char* format, va_list va) { return out(build(here(), format, va)); }
CAPI PyObject* _Py_VaBuildValue_SizeT(const char* format, va_list va) {
    return out(build(here(), format, va));
}
CAPI PyObject* Py_BuildValue(const char* format, ...) {
    va_list va;
    va_start(va, format);
    Ref r = build(here(), format, va);
    va_end(va);
    return out(std::move(r));
}
CAPI PyObject* _Py_BuildValue_SizeT(const char* format, ...) {
    va_list va;
    va_start(va, format);
    Ref r = build(here(), format, va);
    va_end(va);
    return out(std::move(r));
}
CAPI PyObject* PyObject_CallFunction(PyObject* f, const char* format, ...) {
    va_list va;
    va_start(va, format);
    Ref r = call_format(here(), f, format, va);
    va_end(va);
    return out(std::move(r));
}
CAPI PyObject* _PyObject_CallFunction_SizeT(PyObject* f, const char* format, ...) {
    va_list va;
    va_start(va, format);
    Ref r = call_format(here(), f, format, va);
    va_end(va);
    return out(std::move(r));
}
CAPI PyObject* PyObject_CallMethod(PyObject* o, const char* name, const char* format, ...) {
    Thread& t = here();
    Ref method = get_attr(t, o, name);
    if (!method) return nullptr;
    va_list va;
    va_start(va, format);
    Ref r = call_format(t, method, format, va);
    va_end(va);
    return out(std::move(r));
}
CAPI PyObject* _PyObject_CallMethod_SizeT(PyObject* o, const char* name, const char* format, ...) {
    Thread& t = here();
    Ref method = get_attr(t, o, name);
    if (!method) return nullptr;
    va_list va;
    va_start(va, format);
    Ref r = call_format(t, method, format, va);
    va_end(va);
    return out(std::move(r));
}
CAPI PyObject* _PyUnicode_FromId(void* id);
CAPI PyObject* _PyObject_CallMethodId(PyObject* o, void* id, const char* format, ...) {
    Thread& t = here();
    PyObject* name = _PyUnicode_FromId(id);
    Ref method = name ? get_attr(t, o, name) : Ref();
    if (!method) return nullptr;
    va_list va;
    va_start(va, format);
    Ref r = call_format(t, method, format, va);
    va_end(va);
    return out(std::move(r));
}
CAPI PyObject* PyEval_CallFunction(PyObject* f, const char* format, ...) {
    va_list va;
    va_start(va, format);
    Ref r = call_format(here(), f, format, va);
    va_end(va);
    return out(std::move(r));
}
CAPI PyObject* PyEval_CallMethod(PyObject* o, const char* name, const char* format, ...) {
    Thread& t = here();
    Ref method = get_attr(t, o, name);
    if (!method) return nullptr;
    va_list va;
    va_start(va, format);
    Ref r = call_format(t, method, format, va);
    va_end(va);
    return out(std::move(r));
}
CAPI PyObject* PyEval_CallObjectWithKeywords(PyObject* f, PyObject* args, PyObject* kwargs) {
    return out(call_tuple_dict(here(), f, args, kwargs));
}
