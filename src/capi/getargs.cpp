// modsupport.h, argument parsing: formats and positional arguments.
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
        if (!writable) return failed(p);  // it says what is wrong
        clear_error(p.t);
        return must_be(p, "read-write bytes-like object", arg);
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
    if (!has_buffer(arg)) {
        raise(p.t, PyExc_TypeError, "a bytes-like object is required, not '%T'", Value(arg));
        return failed(p);
    }
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
            if (*f != '*') return must_be(p, "(invalid use of 'w' format character)", arg);
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

// "(...)": a tuple in its place.
// A sequence that is no tuple may give its items up: it must not hold what the caller will borrow.
bool is_borrowed_item(const char* q) {
    return strchr("SYU", *q) || (strchr("syz", *q) && q[1] != '*') || (*q == 'O' && q[1] != '&');
}

const char* convert_tuple(Parse& p, P arg, const char*& f) {
    int n = 0, level = 0;
    bool borrows = false;
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
            borrows |= c != 'e' && is_borrowed_item(q);
        }
    }
    bool tuple = is_tuple(arg);
    if (!tuple && (!is_sequence(arg) || is_str(arg) || is_bytes(arg) || is_bytearray(Value(arg)))) {
        snprintf(p.error, sizeof p.error, "must be %d-item tuple, not %.50s", n, kind_of(arg));
        return p.error;
    }
    if (!tuple && borrows &&
        !warn(p.t, PyExc_DeprecationWarning, 1, "argument must be %d-item tuple, not %T", n, Value(arg)))
        return failed(p);
    auto len = length(p.t, arg);
    if (!len) return failed(p);
    if (len.value() != n) {
        snprintf(p.error, sizeof p.error, "must be %s of length %d, not %ld",
                 tuple || borrows ? "tuple" : "sequence", n, static_cast<long>(len.value()));
        return p.error;
    }
    if (!expose(arg)) return failed(p);
    if (p.depth < 30) p.depth++;
    for (int i = 0; i < n; i++) {
        p.levels[p.depth - 1] = i + 1;
        Ref item = tuple ? Ref::share(tuple_get(arg, i)) : get_item(p.t, arg, static_cast<int64_t>(i));
        CArg plain(item);  // a list's own, too; of what made the item, as long as it is looked at
        if (!item || !plain.ok()) return failed(p);
        if (const char* e = convert_item(p, plain, f)) return e;
    }
    p.levels[--p.depth] = 0;
    if (*f == ')') f++;
    return nullptr;
}

}  // namespace

const char* krait::convert_item(Parse& p, P arg, const char*& f) {
    if (*f == '(') {
        f++;
        return convert_tuple(p, arg, f);
    }
    return convert_simple(p, arg, f);
}

const char* krait::skip_item(const char*& f, va_list* va) {
    const char* const kBad = "impossible<bad format char>";
    char c = *f++;
    if (c == '(') {
        while (*f && *f != ')')
            if (const char* e = skip_item(f, va)) return e;
        if (!*f) return "Unmatched left paren in format string";
        f++;
        return nullptr;
    }
    if (c == ')') return "Unmatched right paren in format string";
    if (!c || !strchr("bBhHiIlkLKnfdDcCpSUYOszywe", c)) return kBad;
    if (c == 'e' && *f != 's' && *f != 't') return kBad;
    if (c == 'w' && *f != '*') return kBad;
    if ((*f == '*' && !strchr("szyw", c)) || (*f == '#' && !strchr("szy", c))) return kBad;
    if (c == 'e') {
        (void)va_arg(*va, const char*);
        f++;
    }
    if (c == 'O' && (*f == '!' || *f == '&')) {
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
    return nullptr;
}

Format krait::read_format(const char* format) {
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

void krait::report(Parse& p, int iarg, const char* text, const char* function, const char* message) {
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

namespace {
// What may follow the last item that was used.
bool good_rest(Thread& t, const char* f) {
    bool good = !*f || ((*f | 32) >= 'a' && (*f | 32) <= 'z') || *f == '(' || *f == '|' || *f == ':' ||
                *f == ';' || *f == '$';
    if (!good) raise(t, PyExc_SystemError, "bad format string: %.200s", f);
    return good;
}

}  // namespace

int krait::parse_positional(Thread& t, P const* args, Py_ssize_t n, const char* format, const Format& r,
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

namespace {
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
    if (!expose(args)) return 0;
    return parse_array(t, reinterpret_cast<P const*>(tuple_items(args)), tuple_size(args), format, va);
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
// Names from when the type of sizes could be chosen.
CAPI int _PyArg_VaParse_SizeT(PyObject* args, const char* format, va_list va) ALIAS_OF(PyArg_VaParse);
CAPI int _PyArg_ParseTuple_SizeT(PyObject* args, const char* format, ...) ALIAS_OF(PyArg_ParseTuple);
CAPI int _PyArg_Parse_SizeT(PyObject* arg, const char* format, ...) ALIAS_OF(PyArg_Parse);
CAPI int _PyArg_ParseStack(PyObject* const* args, Py_ssize_t n, const char* format, ...) {
    va_list va;
    va_start(va, format);
    int r = parse_array(here(), args, n, format, &va);
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
    if (!expose(args)) return 0;
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
