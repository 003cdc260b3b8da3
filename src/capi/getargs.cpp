// modsupport.h, argument parsing: formats, keywords, and what Argument Clinic's code calls.
#include "capi/getargs.h"

#include <climits>
#include <cstdio>
#include <string>
#include <vector>

#include "builtins/bytes.h"
#include "builtins/dict.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/internal.h"

struct _PyArg_Parser {
    const char* format;
    const char* const* keywords;
    const char *fname, *custom_msg;
    uint8_t once;
    int is_kwtuple_owned, pos, min, max;
    PyObject* kwtuple;
    _PyArg_Parser* next;
};
struct Py_complex {
    double real, imag;
};
CAPI Py_complex PyComplex_AsCComplex(PyObject*);
CAPI double PyFloat_AsDouble(PyObject*);
CAPI int PyLong_AsInt(PyObject*);

using namespace krait;

namespace {
using P = PyObject*;
using Converter = int (*)(P, void*);

const char* kind_of(P o) { return o == &_Py_NoneStruct ? "None" : o->ob_type->tp_name; }

// What has to be undone when a later argument fails.
struct Cleanup {
    struct Item {
        void* p;
        bool is_buffer;     // else memory
        Converter convert;  // called with null to undo
    };
    std::vector<Item> items;
    bool ok = false;
    ~Cleanup() {
        if (ok) return;
        for (Item& i : items) {
            if (i.convert) {
                i.convert(nullptr, i.p);
            } else if (i.is_buffer) {
                auto* view = static_cast<Py_buffer*>(i.p);
                if (view->obj) release_buffer(here(), view);
            } else {
                mem_free(*static_cast<void**>(i.p));
                *static_cast<void**>(i.p) = nullptr;
            }
        }
    }
};

struct Parse {
    Thread& t;
    va_list* va;
    Cleanup& cleanup;
    char error[512];  // filled by what fails
    int levels[33] = {};
    int depth = 0;
    Parse(Thread& thread, va_list* list, Cleanup& undo) : t(thread), va(list), cleanup(undo) {}
};

// Null is success; else the text for the TypeError (which an exception that is set already overrides).
const char* must_be(Parse& p, const char* expected, P arg) {
    if (expected[0] == '(')
        snprintf(p.error, sizeof p.error, "%.100s", expected);
    else
        snprintf(p.error, sizeof p.error, "must be %.50s, not %.50s", expected, kind_of(arg));
    return p.error;
}
const char* failed(Parse& p) {
    snprintf(p.error, sizeof p.error, "(unknown parser marker combination)");
    return p.error;
}

// An integer by __index__, with the check of the range.
const char* ranged(Parse& p, P arg, int64_t low, int64_t high, const char* below, const char* above,
                   int64_t* v) {
    auto r = as_int64(p.t, arg);
    if (!r) return failed(p);
    *v = r.value();
    if (*v < low) {
        raise(p.t, PyExc_OverflowError, "%s", below);
        return failed(p);
    }
    if (*v > high) {
        raise(p.t, PyExc_OverflowError, "%s", above);
        return failed(p);
    }
    return nullptr;
}
const char* masked(Parse& p, P arg, uint64_t* v) {
    if (!is_index(arg)) return must_be(p, "int", arg);
    Ref n = krait::index(p.t, arg);
    if (!n) return failed(p);
    *v = int_to_u64_wrapping(n);
    return nullptr;
}

// A contiguous buffer, kept in a Py_buffer of the caller's.
const char* buffer_arg(Parse& p, P arg, Py_buffer* view, bool writable) {
    if (!get_buffer(p.t, arg, view, writable ? kBufWritable : kBufSimple)) {
        if (!writable && has_buffer(arg)) return failed(p);  // it says what is wrong
        clear_error(p.t);
        return must_be(p, writable ? "read-write bytes-like object" : "bytes-like object", arg);
    }
    return nullptr;
}

// s z y and their # and * forms. `text`: a str is taken as UTF-8.
const char* string_arg(Parse& p, P arg, char c, const char*& f) {
    bool text = c != 'y', none_allowed = c == 'z';
    if (*f == '*') {
        f++;
        auto* view = va_arg(*p.va, Py_buffer*);
        if (none_allowed && arg == &_Py_NoneStruct) {
            memset(view, 0, sizeof *view);
            if (!fill_buffer_info(p.t, view, Value(), nullptr, 0, true, 0)) return failed(p);
        } else if (text && is_str(arg)) {
            auto s = str_utf8(p.t, arg);
            if (!s) return failed(p);
            if (!fill_buffer_info(p.t, view, arg, const_cast<char*>(s.value().data()),
                                  static_cast<int64_t>(s.value().size()), true, 0))
                return failed(p);
        } else if (const char* e = buffer_arg(p, arg, view, false)) {
            return e;
        }
        p.cleanup.items.push_back({view, true, nullptr});
        return nullptr;
    }
    bool sized = *f == '#';
    if (sized) f++;
    auto** to = va_arg(*p.va, const char**);
    Py_ssize_t* size = sized ? va_arg(*p.va, Py_ssize_t*) : nullptr;
    if (none_allowed && arg == &_Py_NoneStruct) {
        *to = nullptr;
        if (size) *size = 0;
        return nullptr;
    }
    if (text && is_str(arg)) {
        auto s = str_utf8(p.t, arg);
        if (!s) return failed(p);
        *to = s.value().data();
        if (size)
            *size = static_cast<Py_ssize_t>(s.value().size());
        else if (strlen(*to) != s.value().size()) {
            raise(p.t, PyExc_ValueError, "embedded null character");
            return failed(p);
        }
        return nullptr;
    }
    if (text && !sized) return must_be(p, none_allowed ? "str or None" : "str", arg);
    // A buffer that stays where it is without being held.
    PyTypeObject* type = arg->ob_type;
    if (!has_buffer(arg))
        return must_be(p,
                       text ? (none_allowed ? "str, bytes-like object or None" : "str or bytes-like object")
                            : "bytes-like object",
                       arg);
    if (ext(type)->slots.releasebuffer) return must_be(p, "read-only bytes-like object", arg);
    Py_buffer view{};
    if (!get_buffer(p.t, arg, &view, kBufSimple)) {
        clear_error(p.t);
        return must_be(p, "bytes-like object", arg);
    }
    *to = static_cast<const char*>(view.buf);
    int64_t n = view.len;
    release_buffer(p.t, &view);
    if (size) {
        *size = n;
    } else if (strlen(*to) != static_cast<size_t>(n)) {
        raise(p.t, PyExc_ValueError, "embedded null byte");
        return failed(p);
    }
    return nullptr;
}

// es et es# et#
const char* encoded_arg(Parse& p, P arg, const char*& f) {
    const char* encoding = va_arg(*p.va, const char*);
    if (!encoding) encoding = "utf-8";
    bool keep_bytes = *f == 't';
    if (*f != 's' && *f != 't') return failed(p);
    f++;
    auto** to = va_arg(*p.va, char**);
    bool sized = *f == '#';
    if (sized) f++;
    Py_ssize_t* size = sized ? va_arg(*p.va, Py_ssize_t*) : nullptr;
    Ref data;
    const char* s;
    int64_t n;
    if (keep_bytes && (is_bytes(arg) || is_bytearray(Value(arg)))) {
        s = is_bytes(arg) ? bytes_data(arg) : bytearray_data(arg);
        n = reinterpret_cast<PyVarObject*>(arg)->ob_size;
    } else if (is_str(arg)) {
        data = encode(p.t, arg, encoding, nullptr);
        if (!data) {
            if (error_is(p.t, PyExc_UnicodeEncodeError)) return failed(p);
            return failed(p);
        }
        s = bytes_data(data);
        n = bytes_size(data);
    } else {
        return must_be(p, keep_bytes ? "str, bytes or bytearray" : "str", arg);
    }
    if (sized && *to) {
        if (n + 1 > *size) {
            raise(p.t, PyExc_ValueError, "encoded string too long (%zd, maximum length %zd)", n, *size - 1);
            return failed(p);
        }
    } else {
        if (!sized && strlen(s) != static_cast<size_t>(n))
            return must_be(p, "encoded string without null bytes", arg);
        *to = static_cast<char*>(mem_alloc(static_cast<size_t>(n) + 1));
        if (!*to) {
            raise_no_memory(p.t);
            return failed(p);
        }
        p.cleanup.items.push_back({to, false, nullptr});
    }
    memcpy(*to, s, static_cast<size_t>(n));
    (*to)[n] = 0;
    if (size) *size = n;
    return nullptr;
}

const char* object_arg(Parse& p, P arg, const char*& f) {
    if (*f == '!') {
        f++;
        auto* type = va_arg(*p.va, PyTypeObject*);
        auto** to = va_arg(*p.va, P*);
        if (!is_subtype(arg->ob_type, type)) return must_be(p, type->tp_name, arg);
        *to = arg;
        return nullptr;
    }
    if (*f == '&') {
        f++;
        auto convert = va_arg(*p.va, Converter);
        void* to = va_arg(*p.va, void*);
        int r = convert(arg, to);
        if (r == 0) {
            if (p.t.has_exception()) return failed(p);
            return must_be(p, "(unspecified)", arg);
        }
        if (r == 0x20000) p.cleanup.items.push_back({to, false, convert});
        return nullptr;
    }
    *va_arg(*p.va, P*) = arg;
    return nullptr;
}

const char* convert_simple(Parse& p, P arg, const char*& f) {
    char c = *f++;
    int64_t v;
    uint64_t u;
    switch (c) {
        case 'b': {
            auto* to = va_arg(*p.va, unsigned char*);
            if (const char* e = ranged(p, arg, 0, UCHAR_MAX, "unsigned byte integer is less than minimum",
                                       "unsigned byte integer is greater than maximum", &v))
                return e;
            *to = static_cast<unsigned char>(v);
            return nullptr;
        }
        case 'B': {
            auto* to = va_arg(*p.va, unsigned char*);
            if (const char* e = masked(p, arg, &u)) return e;
            *to = static_cast<unsigned char>(u);
            return nullptr;
        }
        case 'h': {
            auto* to = va_arg(*p.va, short*);
            if (const char* e =
                    ranged(p, arg, SHRT_MIN, SHRT_MAX, "signed short integer is less than minimum",
                           "signed short integer is greater than maximum", &v))
                return e;
            *to = static_cast<short>(v);
            return nullptr;
        }
        case 'H': {
            auto* to = va_arg(*p.va, unsigned short*);
            if (const char* e = masked(p, arg, &u)) return e;
            *to = static_cast<unsigned short>(u);
            return nullptr;
        }
        case 'i': {
            auto* to = va_arg(*p.va, int*);
            if (const char* e = ranged(p, arg, INT_MIN, INT_MAX, "signed integer is less than minimum",
                                       "signed integer is greater than maximum", &v))
                return e;
            *to = static_cast<int>(v);
            return nullptr;
        }
        case 'I': {
            auto* to = va_arg(*p.va, unsigned*);
            if (const char* e = masked(p, arg, &u)) return e;
            *to = static_cast<unsigned>(u);
            return nullptr;
        }
        case 'l': {
            auto* to = va_arg(*p.va, long*);
            auto r = as_int64(p.t, arg);
            if (!r) return failed(p);
            *to = r.value();
            return nullptr;
        }
        case 'L': {
            auto* to = va_arg(*p.va, long long*);
            Ref n = krait::index(p.t, arg);
            if (!n) return failed(p);
            if (!int_to_i64(n, &v)) {
                raise(p.t, PyExc_OverflowError, "int too big to convert");
                return failed(p);
            }
            *to = v;
            return nullptr;
        }
        case 'k':
        case 'K': {
            auto* to = va_arg(*p.va, uint64_t*);
            return masked(p, arg, to);
        }
        case 'n': {
            auto* to = va_arg(*p.va, Py_ssize_t*);
            Ref n = krait::index(p.t, arg);
            if (!n) return failed(p);
            if (!int_to_i64(n, &v)) {
                raise(p.t, PyExc_OverflowError, "Python int too large to convert to C ssize_t");
                return failed(p);
            }
            *to = v;
            return nullptr;
        }
        case 'f': {
            auto* to = va_arg(*p.va, float*);
            auto r = as_double(p.t, arg);
            if (!r) return failed(p);
            *to = static_cast<float>(r.value());
            return nullptr;
        }
        case 'd': {
            auto* to = va_arg(*p.va, double*);
            auto r = as_double(p.t, arg);
            if (!r) return failed(p);
            *to = r.value();
            return nullptr;
        }
        case 'D': {
            auto* to = va_arg(*p.va, Py_complex*);
            *to = PyComplex_AsCComplex(arg);
            return p.t.has_exception() ? failed(p) : nullptr;
        }
        case 'c': {
            auto* to = va_arg(*p.va, char*);
            if (is_bytes(arg) || is_bytearray(Value(arg))) {
                int64_t n = reinterpret_cast<PyVarObject*>(arg)->ob_size;
                if (n == 1) {
                    *to = is_bytes(arg) ? bytes_data(arg)[0] : bytearray_data(arg)[0];
                    return nullptr;
                }
                snprintf(p.error, sizeof p.error, "must be a byte string of length 1, not a %s of length %ld",
                         is_bytes(arg) ? "bytes object" : "bytearray object", static_cast<long>(n));
                return p.error;
            }
            return must_be(p, "a byte string of length 1", arg);
        }
        case 'C': {
            auto* to = va_arg(*p.va, int*);
            if (!is_str(arg)) return must_be(p, "a unicode character", arg);
            if (str_length(arg) != 1) {
                snprintf(p.error, sizeof p.error, "must be a unicode character, not a string of length %ld",
                         static_cast<long>(str_length(arg)));
                return p.error;
            }
            *to = static_cast<int>(str_char(arg, 0));
            return nullptr;
        }
        case 'p': {
            auto* to = va_arg(*p.va, int*);
            auto r = is_true(p.t, arg);
            if (!r) return failed(p);
            *to = r.value();
            return nullptr;
        }
        case 's':
        case 'z':
        case 'y':
            return string_arg(p, arg, c, f);
        case 'e':
            return encoded_arg(p, arg, f);
        case 'S': {
            auto** to = va_arg(*p.va, P*);
            if (!is_bytes(arg)) return must_be(p, "bytes", arg);
            *to = arg;
            return nullptr;
        }
        case 'Y': {
            auto** to = va_arg(*p.va, P*);
            if (!is_bytearray(Value(arg))) return must_be(p, "bytearray", arg);
            *to = arg;
            return nullptr;
        }
        case 'U': {
            auto** to = va_arg(*p.va, P*);
            if (!is_str(arg)) return must_be(p, "str", arg);
            *to = arg;
            return nullptr;
        }
        case 'O':
            return object_arg(p, arg, f);
        case 'w': {
            if (*f != '*') return failed(p);
            f++;
            auto* view = va_arg(*p.va, Py_buffer*);
            if (const char* e = buffer_arg(p, arg, view, true)) return e;
            p.cleanup.items.push_back({view, true, nullptr});
            return nullptr;
        }
        default:
            return must_be(p, "(impossible<bad format char>)", arg);
    }
}

const char* convert_item(Parse& p, P arg, const char*& f);

// "(...)": a tuple in its place.
const char* convert_tuple(Parse& p, P arg, const char*& f) {
    int n = 0, level = 0;
    for (const char* q = f;; q++) {
        char c = *q;
        if (c == '(') {
            if (level == 0) n++;
            level++;
        } else if (c == ')') {
            if (level == 0) break;
            level--;
        } else if (c == ':' || c == ';' || !c) {
            break;
        } else if (level == 0 && ((c | 32) >= 'a' && (c | 32) <= 'z')) {
            n++;
            if (c == 'e') q++;
        }
    }
    bool tuple = is_tuple(arg);
    if (!tuple && (!is_sequence(arg) || is_str(arg) || is_bytes(arg) || is_bytearray(Value(arg)))) {
        snprintf(p.error, sizeof p.error, "must be %d-item tuple, not %.50s", n, kind_of(arg));
        return p.error;
    }
    if (!tuple) {
        // Borrowed items would have to come from a sequence that keeps them.
        if (!warn(p.t, PyExc_DeprecationWarning, 1, "argument must be %d-item tuple, not %T", n, Value(arg)))
            return failed(p);
    }
    auto len = length(p.t, arg);
    if (!len) return failed(p);
    if (len.value() != n) {
        snprintf(p.error, sizeof p.error, "must be tuple of length %d, not %ld", n,
                 static_cast<long>(len.value()));
        return p.error;
    }
    if (p.depth < 30) p.depth++;
    for (int i = 0; i < n; i++) {
        p.levels[p.depth - 1] = i + 1;
        Ref item = get_item(p.t, arg, static_cast<int64_t>(i));
        if (!item) return failed(p);
        Value v = item.get();
        if (tuple) {
            expose(arg);
            v = tuple_get(arg, i);
        }
        if (const char* e = convert_item(p, store_form_slow(v).ptr(), f)) return e;
    }
    p.levels[--p.depth] = 0;
    if (*f == ')') f++;
    return nullptr;
}

const char* convert_item(Parse& p, P arg, const char*& f) {
    if (*f == '(') {
        f++;
        return convert_tuple(p, arg, f);
    }
    return convert_simple(p, arg, f);
}

// Steps over one item of the format and its places. False: there is no such item.
bool skip_item(const char*& f, va_list* va) {
    char c = *f++;
    if (c == '(') {
        while (*f && *f != ')')
            if (!skip_item(f, va)) return false;
        if (*f) f++;
        return true;
    }
    if (!strchr("bBhHiIlkLKnfdDcCpSUYOszywe", c)) return false;
    if (c == 'e' && *f != 's' && *f != 't') return false;
    if (c == 'w' && *f != '*') return false;
    if ((*f == '*' && !strchr("szyw", c)) || (*f == '#' && !strchr("szy", c))) return false;
    if (c == 'e') {
        (void)va_arg(*va, const char*);
        if (*f) f++;
    }
    if (c == 'O' && *f == '!') {
        f++;
        (void)va_arg(*va, void*);
    } else if (c == 'O' && *f == '&') {
        f++;
        (void)va_arg(*va, void*);
    }
    (void)va_arg(*va, void*);
    if (*f == '*') {
        f++;
    } else if (*f == '#') {
        f++;
        (void)va_arg(*va, void*);
    }
    return true;
}

struct Format {
    const char *function = nullptr, *message = nullptr;
    int min = -1, max = 0, positional = -1;
};
Format read_format(const char* format) {
    Format r;
    int level = 0;
    const char* f = format;
    for (; *f; f++) {
        if (*f == '(') {
            if (level == 0) r.max++;
            level++;
        } else if (*f == ')') {
            level--;
        } else if (*f == ':') {
            r.function = f + 1;
            break;
        } else if (*f == ';') {
            r.message = f + 1;
            break;
        } else if (level == 0) {
            if (*f == 'e') {
                r.max++;
                if (f[1]) f++;
            } else if ((*f | 32) >= 'a' && (*f | 32) <= 'z') {
                r.max++;
            } else if (*f == '|') {
                r.min = r.max;
            } else if (*f == '$') {
                if (r.min < 0) r.min = r.max;
                r.positional = r.max;
            }
        }
    }
    if (r.min < 0) r.min = r.max;
    if (r.positional < 0) r.positional = r.max;
    return r;
}

void report(Parse& p, int iarg, const char* text, const char* function, const char* message) {
    if (p.t.has_exception()) return;
    std::string s;
    if (!message) {
        if (function) s = std::string(function).substr(0, 200) + "() ";
        if (iarg != 0) {
            s += "argument " + std::to_string(iarg);
            for (int i = 0; i < 32 && p.levels[i] > 0; i++) s += ", item " + std::to_string(p.levels[i] - 1);
        } else {
            s += "argument";
        }
        s += " ";
        s += text;
        message = s.c_str();
    }
    PyTypeObject* type = text[0] == '(' ? PyExc_SystemError : PyExc_TypeError;
    raise(p.t, type, "%s", message);
}

const char* parens(const char* function) { return function ? "()" : ""; }

// What may follow the last item that was used.
bool good_rest(Thread& t, const char* f) {
    bool good = !*f || ((*f | 32) >= 'a' && (*f | 32) <= 'z') || *f == '(' || *f == '|' || *f == ':' ||
                *f == ';' || *f == '$';
    if (!good) raise(t, PyExc_SystemError, "bad format string: %.200s", f);
    return good;
}

// The first n items; their number is right.
int parse_positional(Thread& t, P const* args, Py_ssize_t n, const char* format, const Format& r,
                     va_list* va) {
    Cleanup cleanup;
    Parse p{t, va, cleanup};
    const char* f = format;
    for (Py_ssize_t i = 0; i < n; i++) {
        while (*f == '|' || *f == '$') f++;
        if (const char* e = convert_item(p, args[i], f)) {
            report(p, static_cast<int>(i + 1), e, r.function, r.message);
            return 0;
        }
    }
    if (!good_rest(t, f)) return 0;
    cleanup.ok = true;
    return 1;
}

int parse_array(Thread& t, P const* args, Py_ssize_t n, const char* format, va_list* va) {
    Format r = read_format(format);
    if (n < r.min || n > r.max) {
        if (r.message) {
            raise(t, PyExc_TypeError, "%s", r.message);
        } else if (r.max == 0) {
            raise(t, PyExc_TypeError, "%.150s%s takes no arguments", r.function ? r.function : "function",
                  parens(r.function));
        } else {
            int bound = n < r.min ? r.min : r.max;
            raise(t, PyExc_TypeError, "%.150s%s takes %s %d argument%s (%zd given)",
                  r.function ? r.function : "function", parens(r.function),
                  r.min == r.max ? "exactly"
                  : n < r.min    ? "at least"
                                 : "at most",
                  bound, bound == 1 ? "" : "s", n);
        }
        return 0;
    }
    return parse_positional(t, args, n, format, r, va);
}

int parse_tuple(Thread& t, P args, const char* format, va_list* va) {
    if (!args || !is_tuple(args)) {
        raise(t, PyExc_SystemError, "new style getargs format but argument is not a tuple");
        return 0;
    }
    expose(args);
    return parse_array(t, reinterpret_cast<P const*>(tuple_items(args)), tuple_size(args), format, va);
}

// --- with keywords ---

struct Keywords {
    P const* args;
    Py_ssize_t nargs;
    P kwargs;           // dict or null
    P const* kwvalues;  // or values for kwnames
    P kwnames;
    Py_ssize_t count() const { return kwargs ? dict_size(kwargs) : kwnames ? tuple_size(kwnames) : 0; }
    // Borrowed, exposed; null when absent or failed.
    Ref find(Thread& t, Value name) const {
        if (kwargs) {
            Maybe m = dict_get(t, kwargs, name);
            return m ? m.take() : Ref();
        }
        if (kwnames)
            for (Py_ssize_t i = 0; i < tuple_size(kwnames); i++)
                if (str_equal(tuple_get(kwnames, i), name)) return Ref::share(Value(kwvalues[i]));
        return {};
    }
};

Status unexpected_keyword(Thread& t, const Keywords& k, const char* function, Value names, int from) {
    auto known = [&](Value key) {
        for (int64_t i = from; i < tuple_size(names); i++)
            if (is_str(tuple_get(names, i)) && str_equal(tuple_get(names, i), key)) return true;
        return false;
    };
    auto check = [&](Value key) -> Status {
        if (!is_str(key)) return raise(t, PyExc_TypeError, "keywords must be strings");
        if (known(key)) return Status::ok();
        for (int64_t i = 0; i < from; i++)
            if (is_str(tuple_get(names, i)) && str_equal(tuple_get(names, i), key) && str_length(key))
                return raise(t, PyExc_TypeError,
                             "%.200s%s got some positional-only arguments passed as keyword arguments: '%U'",
                             function ? function : "this function", parens(function), key);
        return raise(t, PyExc_TypeError, "%.200s%s got an unexpected keyword argument '%S'",
                     function ? function : "this function", parens(function), key);
    };
    if (k.kwargs) {
        int64_t pos = 0;
        Value key, value;
        while (dict_next(k.kwargs, pos, key, value)) TRY(check(key));
    } else if (k.kwnames) {
        for (int64_t i = 0; i < tuple_size(k.kwnames); i++) TRY(check(tuple_get(k.kwnames, i)));
    }
    return Status::ok();
}

// `names` are the parameters in order, empty strings for positional-only ones.
int parse_keywords(Thread& t, const Keywords& k, const char* format, Value names, va_list* va) {
    Format r = read_format(format);
    const char* function = r.function;
    const char* shown = function ? function : "function";
    auto len = static_cast<int>(tuple_size(names));
    int pos_only = 0;
    while (pos_only < len && str_length(tuple_get(names, pos_only)) == 0) pos_only++;
    for (int64_t i = pos_only; i < len; i++)
        if (str_length(tuple_get(names, i)) == 0) {
            raise(t, PyExc_SystemError, "Empty keyword parameter name");
            return 0;
        }
    for (char mark : {'|', '$'}) {
        const char* first = strchr(format, mark);
        const char* end = format + strcspn(format, ":;");
        if (first && first < end && memchr(first + 1, mark, static_cast<size_t>(end - first - 1))) {
            raise(t, PyExc_SystemError, "Invalid format string (%c specified twice)", mark);
            return 0;
        }
    }
    if (r.positional >= 0 && r.positional < pos_only) {
        raise(t, PyExc_SystemError, "Empty parameter name after $");
        return 0;
    }
    Py_ssize_t nkw = k.count();
    if (k.nargs + nkw > len) {
        raise(t, PyExc_TypeError, "%.200s%s takes %s %d %sargument%s (%zd given)", shown, parens(function),
              r.min < len ? "at most" : "exactly", len, k.nargs == 0 ? "keyword " : "", len == 1 ? "" : "s",
              k.nargs + nkw);
        return 0;
    }
    if (k.nargs > r.positional) {
        if (r.positional == 0)
            raise(t, PyExc_TypeError, "%.200s%s takes no positional arguments", shown, parens(function));
        else
            raise(t, PyExc_TypeError, "%.200s%s takes %s %d positional argument%s (%zd given)", shown,
                  parens(function), r.min < r.positional || r.positional < len ? "at most" : "exactly",
                  r.positional, r.positional == 1 ? "" : "s", k.nargs);
        return 0;
    }
    if (k.nargs < pos_only && k.nargs < r.min) {
        int least = r.min < pos_only ? r.min : pos_only;
        raise(t, PyExc_TypeError, "%.200s%s takes %s %d positional argument%s (%zd given)", shown,
              parens(function), least < r.positional ? "at least" : "exactly", least, least == 1 ? "" : "s",
              k.nargs);
        return 0;
    }
    Cleanup cleanup;
    Parse p{t, va, cleanup};
    const char* f = format;
    Py_ssize_t used = 0;
    std::vector<Ref> keep;
    for (int i = 0; i < len; i++) {
        if (*f == '|') f++;
        if (*f == '$') f++;
        if (*f == '|') f++;
        P arg = nullptr;
        if (i < k.nargs) {
            arg = k.args[i];
        } else if (nkw && i >= pos_only) {
            Ref found = k.find(t, tuple_get(names, i));
            if (!found && t.has_exception()) return 0;
            if (found) {
                used++;
                bool ready = ready_for_c(found);
                arg = out(std::move(found));
                keep.push_back(Ref::steal(Value(arg)));
                // What "O" gives is borrowed: the dict keeps it, in its boxed form.
                if (k.kwargs && !ready && !dict_set(t, k.kwargs, tuple_get(names, i), keep.back())) return 0;
            }
        }
        if (arg) {
            if (const char* e = convert_item(p, arg, f)) {
                report(p, i + 1, e, function, r.message);
                return 0;
            }
            continue;
        }
        if (i < r.min) {
            if (i < pos_only) {
                int least = r.min < pos_only ? r.min : pos_only;
                raise(t, PyExc_TypeError, "%.200s%s takes %s %d positional argument%s (%zd given)", shown,
                      parens(function), least < r.positional ? "at least" : "exactly", least,
                      least == 1 ? "" : "s", k.nargs);
            } else {
                raise(t, PyExc_TypeError, "%.200s%s missing required argument '%U' (pos %i)", shown,
                      parens(function), tuple_get(names, i), i + 1);
            }
            return 0;
        }
        if (used == nkw && nkw == 0) {
            // Everything else keeps its default.
            cleanup.ok = true;
            return 1;
        }
        const char* item = f;
        if (!skip_item(f, va)) {
            raise(t, PyExc_SystemError, "impossible<bad format char>: '%s'", item);
            return 0;
        }
    }
    if (used < nkw) {
        for (int i = pos_only; i < k.nargs; i++) {
            Ref twice = k.find(t, tuple_get(names, i));
            if (!twice) continue;
            raise(t, PyExc_TypeError, "argument for %.200s%s given by name ('%U') and position (%d)", shown,
                  parens(function), tuple_get(names, i), i + 1);
            return 0;
        }
        if (unexpected_keyword(t, k, function, names, pos_only))
            // Every name is one of the parameters, but looking it up did not find it: a str of a class of its
            // own.
            raise(t, PyExc_TypeError, "invalid keyword argument for %.200s%s",
                  function ? function : "this function", parens(function));
        return 0;
    }
    cleanup.ok = true;
    return 1;
}

Ref names_tuple(Thread& t, const char* const* list) {
    int64_t n = 0;
    while (list[n]) n++;
    Ref names = TRY(tuple_new(t, n));
    for (int64_t i = 0; i < n; i++) {
        Ref name = str_intern(t, list[i]);
        if (!name && clear_if(t, PyExc_UnicodeDecodeError))  // such a name can be shown, never given
            name = decode_utf8(t, list[i], strlen(list[i]), "replace");
        if (!name) return {};
        tuple_items(names)[i] = name.release();
    }
    return names;
}

bool prepare_parser(Thread& t, _PyArg_Parser* parser) {
    if (parser->once == 4) return true;
    if (parser->format) {
        Format r = read_format(parser->format);
        parser->fname = r.function;
        parser->custom_msg = r.message;
        parser->min = r.min;
        parser->max = r.positional;
    }
    int pos = 0, n = 0;
    if (parser->keywords) {
        while (parser->keywords[pos] && !*parser->keywords[pos]) pos++;
        n = pos;
        while (parser->keywords[n]) n++;
        parser->pos = pos;
    }
    if (!parser->kwtuple && parser->keywords) {
        Ref names = tuple_new(t, n - pos);
        if (!names) return false;
        for (int i = pos; i < n; i++) {
            Ref name = str_intern(t, parser->keywords[i]);
            if (!name) return false;
            tuple_items(names)[i - pos] = name.release();
        }
        parser->kwtuple = names.release().ptr();
        parser->is_kwtuple_owned = 1;
    }
    parser->once = 4;
    return true;
}

}  // namespace

// --- the public forms ---

CAPI int PyArg_VaParse(PyObject* args, const char* format, va_list va) {
    va_list copy;
    va_copy(copy, va);
    int r = parse_tuple(here(), args, format, &copy);
    va_end(copy);
    return r;
}
CAPI int PyArg_ParseTuple(PyObject* args, const char* format, ...) {
    va_list va;
    va_start(va, format);
    int r = parse_tuple(here(), args, format, &va);
    va_end(va);
    return r;
}
namespace {
int parse_one(PyObject* arg, const char* format, va_list& va) {
    Thread& t = here();
    Format info = read_format(format);
    int r = 0;
    if (info.max == 0) {
        if (arg) raise(t, PyExc_TypeError, "function takes no arguments");
        r = !arg;
    } else if (!arg) {
        raise(t, PyExc_TypeError, "function takes at least one argument");
    } else {
        Cleanup cleanup;
        Parse p{t, &va, cleanup};
        const char* f = format;
        if (const char* e = convert_item(p, arg, f)) {
            report(p, p.levels[0] ? 0 : 0, e, info.function, info.message);
        } else {
            cleanup.ok = true;
            r = 1;
        }
    }
    return r;
}
}  // namespace
CAPI int PyArg_Parse(PyObject* arg, const char* format, ...) {
    va_list va;
    va_start(va, format);
    int r = parse_one(arg, format, va);
    va_end(va);
    return r;
}
CAPI int _PyArg_Parse_SizeT(PyObject* arg, const char* format, ...) {
    va_list va;
    va_start(va, format);
    int r = parse_one(arg, format, va);
    va_end(va);
    return r;
}
CAPI int _PyArg_ParseStack(PyObject* const* args, Py_ssize_t n, const char* format, ...) {
    va_list va;
    va_start(va, format);
    int r = parse_array(here(), args, n, format, &va);
    va_end(va);
    return r;
}
CAPI int PyArg_VaParseTupleAndKeywords(PyObject* args, PyObject* kwargs, const char* format,
                                       const char* const* list, va_list va) {
    Thread& t = here();
    if (!args || !is_tuple(args) || (kwargs && !is_dict(kwargs)) || !format || !list) {
        bad_internal_call(t, "PyArg_ParseTupleAndKeywords");
        return 0;
    }
    expose(args);
    int64_t nargs = tuple_size(args);
    if (!kwargs || dict_size(kwargs) == 0) {
        // Without keywords the names matter for complaints only.
        Format r = read_format(format);
        if (nargs >= r.min && nargs <= r.positional) {
            va_list plain;
            va_copy(plain, va);
            int done =
                parse_positional(t, reinterpret_cast<P const*>(tuple_items(args)), nargs, format, r, &plain);
            va_end(plain);
            return done;
        }
    }
    Ref names = names_tuple(t, list);
    if (!names) return 0;
    Keywords k{reinterpret_cast<P const*>(tuple_items(args)), tuple_size(args), kwargs, nullptr, nullptr};
    va_list copy;
    va_copy(copy, va);
    int r = parse_keywords(t, k, format, names, &copy);
    va_end(copy);
    return r;
}
CAPI int PyArg_ParseTupleAndKeywords(PyObject* args, PyObject* kwargs, const char* format,
                                     const char* const* list, ...) {
    va_list va;
    va_start(va, list);
    int r = PyArg_VaParseTupleAndKeywords(args, kwargs, format, list, va);
    va_end(va);
    return r;
}
namespace {
int parse_with(const Keywords& k, _PyArg_Parser* parser, va_list* va) {
    Thread& t = here();
    Ref names = names_tuple(t, parser->keywords);
    return names ? parse_keywords(t, k, parser->format, names, va) : 0;
}
}  // namespace
CAPI int _PyArg_ParseTupleAndKeywordsFast(PyObject* args, PyObject* kwargs, _PyArg_Parser* parser, ...) {
    va_list va;
    va_start(va, parser);
    expose(args);
    Keywords k{reinterpret_cast<P const*>(tuple_items(args)), tuple_size(args), kwargs, nullptr, nullptr};
    int r = parse_with(k, parser, &va);
    va_end(va);
    return r;
}
CAPI int _PyArg_ParseStackAndKeywords(PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames,
                                      _PyArg_Parser* parser, ...) {
    va_list va;
    va_start(va, parser);
    Keywords k{args, nargs, nullptr, args + nargs, kwnames};
    int r = parse_with(k, parser, &va);
    va_end(va);
    return r;
}
CAPI int PyArg_ValidateKeywordArguments(PyObject* kwargs) {
    Thread& t = here();
    if (!is_dict(kwargs)) {
        bad_internal_call(t, "PyArg_ValidateKeywordArguments");
        return 0;
    }
    int64_t pos = 0;
    Value key, value;
    while (dict_next(kwargs, pos, key, value))
        if (!is_str(key)) {
            raise(t, PyExc_TypeError, "keywords must be strings");
            return 0;
        }
    return 1;
}
namespace {
int unpack(P const* args, Py_ssize_t n, const char* name, Py_ssize_t min, Py_ssize_t max, va_list va) {
    Thread& t = here();
    if (n < min || n > max) {
        Py_ssize_t bound = n < min ? min : max;
        if (name)
            raise(t, PyExc_TypeError, "%.200s expected %s%zd argument%s, got %zd", name,
                  min == max ? ""
                  : n < min  ? "at least "
                             : "at most ",
                  bound, bound == 1 ? "" : "s", n);
        else
            raise(t, PyExc_TypeError, "unpacked tuple should have %s%zd element%s, but has %zd",
                  min == max ? ""
                  : n < min  ? "at least "
                             : "at most ",
                  bound, bound == 1 ? "" : "s", n);
        return 0;
    }
    for (Py_ssize_t i = 0; i < n; i++) *va_arg(va, P*) = args[i];
    return 1;
}
}  // namespace
CAPI int PyArg_UnpackTuple(PyObject* args, const char* name, Py_ssize_t min, Py_ssize_t max, ...) {
    if (!is_tuple(args)) {
        raise(here(), PyExc_SystemError, "PyArg_UnpackTuple() argument list is not a tuple");
        return 0;
    }
    expose(args);
    va_list va;
    va_start(va, max);
    int r = unpack(reinterpret_cast<P const*>(tuple_items(args)), tuple_size(args), name, min, max, va);
    va_end(va);
    return r;
}
CAPI int _PyArg_UnpackStack(PyObject* const* args, Py_ssize_t n, const char* name, Py_ssize_t min,
                            Py_ssize_t max, ...) {
    va_list va;
    va_start(va, max);
    int r = unpack(args, n, name, min, max, va);
    va_end(va);
    return r;
}

// --- what Argument Clinic's code calls ---

CAPI int _PyArg_CheckPositional(const char* name, Py_ssize_t n, Py_ssize_t min, Py_ssize_t max) {
    if (n >= min && n <= max) return 1;
    Py_ssize_t bound = n < min ? min : max;
    if (name)
        raise(here(), PyExc_TypeError, "%.200s expected %s%zd argument%s, got %zd", name,
              min == max ? ""
              : n < min  ? "at least "
                         : "at most ",
              bound, bound == 1 ? "" : "s", n);
    else
        raise(here(), PyExc_TypeError, "unpacked tuple should have %s%zd element%s, but has %zd",
              min == max ? ""
              : n < min  ? "at least "
                         : "at most ",
              bound, bound == 1 ? "" : "s", n);
    return 0;
}
CAPI int _PyArg_NoKeywords(const char* name, PyObject* kwargs) {
    if (!kwargs || dict_size(kwargs) == 0) return 1;
    raise(here(), PyExc_TypeError, "%.200s() takes no keyword arguments", name);
    return 0;
}
CAPI int _PyArg_NoKwnames(const char* name, PyObject* kwnames) {
    if (!kwnames || tuple_size(kwnames) == 0) return 1;
    raise(here(), PyExc_TypeError, "%.200s() takes no keyword arguments", name);
    return 0;
}
CAPI int _PyArg_NoPositional(const char* name, PyObject* args) {
    if (!args || tuple_size(args) == 0) return 1;
    raise(here(), PyExc_TypeError, "%.200s() takes no positional arguments", name);
    return 0;
}
CAPI void _PyArg_BadArgument(const char* name, const char* display, const char* expected, PyObject* arg) {
    raise(here(), PyExc_TypeError, "%.200s() %.200s must be %.50s, not %.50s", name, display, expected,
          kind_of(arg));
}
#undef _PyArg_UnpackKeywords
CAPI PyObject* const* _PyArg_UnpackKeywords(PyObject* const* args, Py_ssize_t nargs, PyObject* kwargs,
                                            PyObject* kwnames, _PyArg_Parser* parser, int minpos, int maxpos,
                                            int minkw, int varpos, PyObject** buf) {
    Thread& t = here();
    if (kwnames && !kwargs && tuple_size(kwnames) == 0) kwnames = nullptr;
    if (!parser || !prepare_parser(t, parser)) return nullptr;
    Value names(parser->kwtuple);
    const char* fname = parser->fname;
    const char* shown = fname ? fname : "function";
    int posonly = parser->pos;
    auto nkwnames = static_cast<int>(tuple_size(names));
    int total = posonly + nkwnames;
    int minposonly = posonly < minpos ? posonly : minpos;
    if (kwnames && !args) return nullptr;
    if (args && !kwnames && !kwargs && minkw == 0 && minpos <= nargs && (varpos || nargs <= maxpos))
        return args;
    Keywords k{args, nargs, kwargs, kwnames ? args + nargs : nullptr, kwnames};
    Py_ssize_t nkw = k.count();
    if (!varpos && nargs + nkw > total) {
        raise(t, PyExc_TypeError, "%.200s%s takes %s %d %sargument%s (%zd given)", shown, parens(fname),
              minpos < total || minkw ? (minpos + minkw < total ? "at most" : "exactly") : "exactly", total,
              nargs == 0 ? "keyword " : "", total == 1 ? "" : "s", nargs + nkw);
        return nullptr;
    }
    if (!varpos && nargs > maxpos) {
        if (maxpos == 0)
            raise(t, PyExc_TypeError, "%.200s%s takes no positional arguments", shown, parens(fname));
        else
            raise(t, PyExc_TypeError, "%.200s%s takes %s %zd positional argument%s (%zd given)", shown,
                  parens(fname), minpos < maxpos ? "at most" : "exactly", static_cast<Py_ssize_t>(maxpos),
                  maxpos == 1 ? "" : "s", nargs);
        return nullptr;
    }
    if (minposonly > nargs) {
        raise(t, PyExc_TypeError, "%.200s%s takes %s %d positional argument%s (%zd given)", shown,
              parens(fname), minposonly < maxpos ? "at least" : "exactly", minposonly,
              minposonly == 1 ? "" : "s", nargs);
        return nullptr;
    }
    Py_ssize_t taken = varpos && nargs > maxpos ? maxpos : nargs;
    for (Py_ssize_t i = 0; i < taken; i++) buf[i] = args[i];
    for (int i = static_cast<int>(taken); i < total; i++) buf[i] = nullptr;
    int need = minkw > 0 ? maxpos + minkw : minpos;
    Py_ssize_t used = 0;
    for (int i = static_cast<int>(taken) > posonly ? static_cast<int>(taken) : posonly; i < total; i++) {
        Ref found;
        if (nkw) {
            found = k.find(t, tuple_get(names, i - posonly));
            if (!found && t.has_exception()) return nullptr;
        }
        if (found) {
            used++;
            // Borrowed by the caller: the dict or the array keeps it, in its boxed form.
            if (kwargs && !ready_for_c(found)) {
                P o = out(std::move(found));
                Ref boxed = Ref::steal(Value(o));
                if (!dict_set(t, kwargs, tuple_get(names, i - posonly), boxed)) return nullptr;
                buf[i] = o;
            } else {
                buf[i] = found.get().ptr();
            }
        } else if (i < minpos || (maxpos <= i && i < need)) {
            raise(t, PyExc_TypeError, "%.200s%s missing required argument '%U' (pos %i)", shown,
                  parens(fname), tuple_get(names, i - posonly), i + 1);
            return nullptr;
        }
    }
    if (used < nkw) {
        for (Py_ssize_t i = posonly; i < taken; i++) {
            Ref twice = k.find(t, tuple_get(names, i - posonly));
            if (!twice) continue;
            raise(t, PyExc_TypeError, "argument for %.200s%s given by name ('%U') and position (%zd)", shown,
                  parens(fname), tuple_get(names, i - posonly), i + 1);
            return nullptr;
        }
        if (unexpected_keyword(t, k, fname, names, 0))
            raise(t, PyExc_TypeError, "invalid keyword argument for %.200s%s",
                  fname ? fname : "this function", parens(fname));
        return nullptr;
    }
    return buf;
}
CAPI int _Py_convert_optional_to_ssize_t(PyObject* o, void* to) {
    Thread& t = here();
    if (o == &_Py_NoneStruct) return 1;
    if (!is_index(o)) {
        raise(t, PyExc_TypeError, "argument should be integer or None, not %.200s", o->ob_type->tp_name);
        return 0;
    }
    auto r = as_index(t, o, PyExc_OverflowError);
    if (!r) return 0;
    *static_cast<Py_ssize_t*>(to) = r.value();
    return 1;
}
