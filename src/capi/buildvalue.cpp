// modsupport.h, building values by format: Py_BuildValue and the calls that take one.
#include <cwchar>

#include "builtins/bytes.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "capi/fast.h"
#include "support/small-vector.h"

using namespace krait;

namespace {
using P = PyObject*;

using Items = SmallVector<Value, 12>;  // owned

struct Builder {
    Thread& t;
    const char* f;
    va_list va;
    bool failed = false;  // goes on to the end, so that stolen arguments are released

    Ref one();
    // Appends the items up to `end`. False: failed; the items so far are there.
    bool group(char end, Items& items);
    Ref tuple(char end);
    Ref list();
    Ref dict();
    void skip_space() {
        while (*f == ' ' || *f == '\t' || *f == ',' || *f == ':') f++;
    }
};

void release(Items& items) {
    for (Value v : items) xdecref(v);
}

bool Builder::group(char end, Items& items) {
    for (;;) {
        skip_space();
        if (*f == end || !*f) break;
        Value v = one().release();
        if (v)
            items.push_back(v);
        else
            failed = true;
    }
    if (*f != end) {
        if (!failed) raise(t, PyExc_SystemError, "Unmatched paren in format");
        failed = true;
    } else if (end) {
        f++;
    }
    return !failed;
}

// What is made here goes to C: real pointers from the start.
Ref number(P o) { return Ref::steal(Value(o)); }

Ref tuple_of_items(Thread& t, Items& items) {
    auto n = static_cast<int64_t>(items.size());
    for (Value& v : items)
        if (!make_fit(v)) {
            release(items);
            return {};
        }
    Ref r = tuple_from_owned(t, items.data(), n);
    if (r) mark_exposed(r.get().ptr());
    return r;
}
Ref Builder::tuple(char end) {
    Items items;
    if (group(end, items)) return tuple_of_items(t, items);
    release(items);
    return {};
}
Ref Builder::list() {
    Items items;
    if (group(']', items)) return list_from_owned(t, items.data(), static_cast<int64_t>(items.size()));
    release(items);
    return {};
}
Ref Builder::dict() {
    Items items;
    Ref d;
    if (group('}', items)) {
        if (items.size() % 2)
            raise(t, PyExc_SystemError, "Bad dict format");
        else
            d = dict_new(t);
        for (size_t i = 0; d && i < items.size(); i += 2)
            if (!dict_set(t, d, items[i], items[i + 1])) d.reset();
    }
    release(items);
    return d;
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
        case '(':
            return tuple(')');
        case '[':
            return list();
        case '{':
            return dict();
        case 'b':
        case 'B':
        case 'h':
        case 'i':
            return number(box_int(va_arg(va, int)));
        case 'H':
            return number(box_int(va_arg(va, int)));
        case 'I':
            return number(box_int(va_arg(va, unsigned)));
        case 'n':
        case 'l':
        case 'L':
            return number(box_int(va_arg(va, int64_t)));
        case 'k':
        case 'K':
            return int_from_u64(t, va_arg(va, uint64_t));
        case 'p':
            return bool_ref(va_arg(va, int));
        case 'f':
        case 'd':
            return number(box_double(va_arg(va, double)));
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
Ref build(Thread& t, const char* format, va_list va) {
    Builder b{.t = t, .f = format, .va = {}};
    va_copy(b.va, va);
    Items items;
    bool good = b.group(0, items);
    va_end(b.va);
    if (!good) {
        release(items);
        return {};
    }
    if (items.empty()) return none_ref();
    if (items.size() == 1) return Ref::steal(items[0]);
    return tuple_of_items(t, items);
}

// Arguments by format: a format of one item that is a tuple stands for all of them.
// What C gave, and the numbers that were made for it, are pointers.
Ref call_ready(Thread& t, Value callable, Items& items) {
    if (!callable.is_ptr()) return call(t, callable, items.data(), items.size());
    for (Value& v : items)
        if (!ready_for_c(v)) return call(t, callable, items.data(), items.size());
    return Ref::steal(
        Value(call_pointers(callable.ptr(), reinterpret_cast<P const*>(items.data()), items.size())));
}
Ref call_format(Thread& t, Value callable, const char* format, va_list va) {
    if (!format || !*format) return call(t, callable);
    Builder b{.t = t, .f = format, .va = {}};
    va_copy(b.va, va);
    Items items;
    bool good = b.group(0, items);
    va_end(b.va);
    Ref r;
    if (good && items.size() == 1 && is_tuple(items[0]))
        r = call(t, callable, tuple_items(items[0]), static_cast<size_t>(tuple_size(items[0])));
    else if (good)
        r = call_ready(t, callable, items);
    release(items);
    return r;
}

// Nothing but a few numbers and objects, which is what most calls pass. False, with nothing kept: to be built
// the long way.
constexpr size_t kFewItems = 6;
bool take_few(Thread& t, const char* f, va_list va, P* items, size_t* n) {
    size_t k = 0;
    for (; *f && k < kFewItems; f++) {
        P o = nullptr;
        if (*f == 'O') {
            o = va_arg(va, P);
            if (!o) break;
            incref(o);
        } else if (*f == 'i') {
            o = box_int(va_arg(va, int));
        } else if (*f == 'n' || *f == 'l') {
            o = box_int(va_arg(va, int64_t));
        } else if (*f == 'd') {
            o = box_double(va_arg(va, double));
        } else {
            break;
        }
        if (!o) {
            clear_error(t);  // no memory: the long way says so itself
            break;
        }
        items[k++] = o;
    }
    *n = k;
    if (!*f && k && !(k == 1 && is_tuple(items[0]))) [[likely]]
        return true;
    while (k) decref(items[--k]);
    return false;
}
P call_built(Thread& t, Value callable, const char* format, va_list va) {
    P items[kFewItems];
    size_t n;
    va_list few;
    va_copy(few, va);
    bool took = format && callable.is_ptr() && take_few(t, format, few, items, &n);
    va_end(few);
    if (!took) return out(call_format(t, callable, format, va));
    P r = call_pointers(callable.ptr(), items, n);
    for (size_t i = 0; i < n; i++) decref(items[i]);
    return r;
}
P call_method_built(Thread& t, Ref method, const char* format, va_list va) {
    if (!method) return nullptr;
    if (!is_callable(method))
        return out(raise(t, PyExc_TypeError, "attribute of type '%.200s' is not callable",
                         type_of(method.get())->tp_name));
    return call_built(t, method.get(), format, va);
}
}  // namespace

CAPI PyObject* Py_VaBuildValue(const char* format, va_list va) { return out(build(here(), format, va)); }
CAPI PyObject* Py_BuildValue(const char* format, ...) {
    va_list va;
    va_start(va, format);
    Ref r = build(here(), format, va);
    va_end(va);
    return out(std::move(r));
}
CAPI PyObject* PyObject_CallFunction(PyObject* f, const char* format, ...) {
    if (!f) return out(null_argument());
    va_list va;
    va_start(va, format);
    P r = call_built(here(), f, format, va);
    va_end(va);
    return r;
}
CAPI PyObject* PyObject_CallMethod(PyObject* o, const char* name, const char* format, ...) {
    if (!o || !name) return out(null_argument());
    Thread& t = here();
    va_list va;
    va_start(va, format);
    P r = call_method_built(t, get_attr(t, o, name), format, va);
    va_end(va);
    return r;
}
CAPI PyObject* _PyUnicode_FromId(void* id);
CAPI PyObject* _PyObject_CallMethodId(PyObject* o, void* id, const char* format, ...) {
    Thread& t = here();
    PyObject* name = _PyUnicode_FromId(id);
    va_list va;
    va_start(va, format);
    P r = call_method_built(t, name ? get_attr(t, o, name) : Ref(), format, va);
    va_end(va);
    return r;
}
// Names from when the type of sizes could be chosen, and of calls from before vectorcall.
CAPI PyObject* _Py_VaBuildValue_SizeT(const char* format, va_list va) ALIAS_OF(Py_VaBuildValue);
CAPI PyObject* _Py_BuildValue_SizeT(const char* format, ...) ALIAS_OF(Py_BuildValue);
CAPI PyObject* _PyObject_CallFunction_SizeT(PyObject* f, const char* format, ...)
    ALIAS_OF(PyObject_CallFunction);
CAPI PyObject* _PyObject_CallMethod_SizeT(PyObject* o, const char* name, const char* format, ...)
    ALIAS_OF(PyObject_CallMethod);
CAPI PyObject* PyEval_CallFunction(PyObject* f, const char* format, ...) ALIAS_OF(PyObject_CallFunction);
CAPI PyObject* PyEval_CallMethod(PyObject* o, const char* name, const char* format, ...)
    ALIAS_OF(PyObject_CallMethod);
CAPI PyObject* PyEval_CallObjectWithKeywords(PyObject* f, PyObject* args, PyObject* kwargs) {
    return out(call_tuple_dict(here(), f, args, kwargs));
}
