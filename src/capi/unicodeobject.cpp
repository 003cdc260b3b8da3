// unicodeobject.h: making, reading and working with str. Codecs: codecs.cpp; writers: unicode_writer.cpp.
#include <cstdarg>
#include <cwchar>
#include <string>

#include "builtins/bytes.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/str_methods.h"
#include "builtins/tuple.h"
#include "capi/capi.h"
#include "gc/gc.h"
#include "object/internal.h"
#include "support/unicode.h"

using namespace krait;

namespace {
using P = PyObject*;
bool need_str(P o) {
    if (o && is_str(o)) return true;
    if (!o)
        bad_call("PyUnicode");
    else
        raise(here(), PyExc_TypeError, "must be str, not %.100s", o->ob_type->tp_name);
    return false;
}
// The error that most of these functions have for a wrong type.
bool str_argument(P o) {
    if (o && is_str(o)) return true;
    raise(here(), PyExc_TypeError, "bad argument type for built-in operation");
    return false;
}
void put_char(P o, int64_t i, uint32_t c) {
    void* d = str_data(o);
    switch (str_kind(o)) {
        case 1:
            static_cast<uint8_t*>(d)[i] = static_cast<uint8_t>(c);
            break;
        case 2:
            static_cast<uint16_t*>(d)[i] = static_cast<uint16_t>(c);
            break;
        default:
            static_cast<uint32_t*>(d)[i] = c;
    }
}
uint32_t max_of(Value s) {
    if (str_is_ascii(s)) return 0x7f;
    return str_kind(s) == 1 ? 0xff : str_kind(s) == 2 ? 0xffff : 0x10ffff;
}
void clamp(int64_t& start, int64_t& end, int64_t n) {
    if (end > n) end = n;
    if (end < 0) end = end + n < 0 ? 0 : end + n;
    if (start < 0) start = start + n < 0 ? 0 : start + n;
}
}  // namespace

// --- making ---

CAPI PyObject* PyUnicode_New(Py_ssize_t n, uint32_t max_char) {
    Thread& t = here();
    if (n == 0) return new_ref(ptr_of(empty_str()));
    if (max_char > 0x10ffff)
        return out(raise(t, PyExc_SystemError, "invalid maximum character passed to PyUnicode_New"));
    if (n < 0) return out(raise(t, PyExc_SystemError, "Negative size passed to PyUnicode_New"));
    return out(str_new(t, n, max_char));
}
CAPI PyObject* PyUnicode_FromStringAndSize(const char* s, Py_ssize_t n) {
    Thread& t = here();
    if (n < 0) return out(raise(t, PyExc_SystemError, "Negative size passed to PyUnicode_FromStringAndSize"));
    if (!s) {
        if (n)
            return out(raise(t, PyExc_SystemError,
                             "NULL string with positive size with NULL passed to "
                             "PyUnicode_FromStringAndSize"));
        return new_ref(ptr_of(empty_str()));
    }
    // More than there are addresses: as where the room for it is asked for first.
    if (n >> 47) return out(raise_no_memory(t));
    return out(decode_utf8(t, s, static_cast<size_t>(n), nullptr));
}
CAPI PyObject* PyUnicode_FromString(const char* s) { return out(decode_utf8(here(), s, strlen(s), nullptr)); }
CAPI PyObject* PyUnicode_FromKindAndData(int kind, const void* p, Py_ssize_t n) {
    Thread& t = here();
    if (n < 0) return out(raise(t, PyExc_ValueError, "size must be positive"));
    if (kind != 1 && kind != 2 && kind != 4) return out(raise(t, PyExc_SystemError, "invalid kind"));
    if (kind == 4 && n == 1 && *static_cast<const uint32_t*>(p) > 0x10ffff)
        return out(raise(t, PyExc_SystemError, "invalid maximum character passed to PyUnicode_New"));
    return out(str_from_kind(t, static_cast<unsigned>(kind), p, n));
}
CAPI PyObject* PyUnicode_FromOrdinal(int c) {
    Thread& t = here();
    if (c < 0 || c > 0x10ffff) return out(raise(t, PyExc_ValueError, "chr() arg not in range(0x110000)"));
    return out(str_from_char(t, static_cast<uint32_t>(c)));
}
CAPI PyObject* PyUnicode_FromObject(PyObject* o) {
    if (has_type(Value(o), &PyUnicode_Type)) return new_ref(o);
    if (is_str(o)) return out(str_from_kind(here(), str_kind(o), str_data(o), str_length(o)));
    return out(raise(here(), PyExc_TypeError, "Can't convert '%.100s' object to str implicitly",
                     o->ob_type->tp_name));
}
CAPI PyObject* _PyUnicode_Copy(PyObject* o) {
    if (!str_argument(o)) return nullptr;
    return out(str_from_kind(here(), str_kind(o), str_data(o), str_length(o)));
}
namespace {
Status check_ascii_format(Thread& t, const char* format) {
    for (const char* p = format; *p; p++)
        if (*p & 0x80)
            return raise(t, PyExc_ValueError,
                         "PyUnicode_FromFormatV() expects an ASCII-encoded format string, got a non-ASCII "
                         "byte: 0x%02x",
                         static_cast<unsigned>(static_cast<unsigned char>(*p)));
    return Status::ok();
}
}  // namespace
CAPI PyObject* PyUnicode_FromFormatV(const char* format, va_list va) {
    Thread& t = here();
    return check_ascii_format(t, format) ? out(str_vformat_for_c(t, format, va)) : nullptr;
}
CAPI PyObject* PyUnicode_FromFormat(const char* format, ...) {
    va_list va;
    va_start(va, format);
    P r = PyUnicode_FromFormatV(format, va);
    va_end(va);
    return r;
}
CAPI PyObject* PyUnicode_FromWideChar(const wchar_t* w, Py_ssize_t n) {
    if (!w && n == 0) return new_ref(ptr_of(empty_str()));
    if (!w || n < -1) return out(bad_call("PyUnicode_FromWideChar"));
    if (n == -1) n = static_cast<Py_ssize_t>(wcslen(w));
    return out(str_from_kind(here(), 4, w, n));
}
CAPI Py_ssize_t PyUnicode_AsWideChar(PyObject* o, wchar_t* w, Py_ssize_t size) {
    if (!o) return fail(bad_call("PyUnicode_AsWideChar"));
    if (!str_argument(o)) return -1;
    int64_t n = str_length(o);
    if (!w) return n + 1;
    int64_t m = size > n ? n : size;
    for (int64_t i = 0; i < m; i++) w[i] = static_cast<wchar_t>(str_char(o, i));
    if (size > n) w[n] = 0;
    return m;
}
CAPI wchar_t* PyUnicode_AsWideCharString(PyObject* o, Py_ssize_t* size) {
    if (!o) return reinterpret_cast<wchar_t*>(out(bad_call("PyUnicode_AsWideCharString")));
    if (!str_argument(o)) return nullptr;
    int64_t n = str_length(o);
    auto* w = static_cast<wchar_t*>(mem_alloc(static_cast<size_t>(n + 1) * sizeof(wchar_t)));
    if (!w) {
        raise_no_memory(here());
        return nullptr;
    }
    PyUnicode_AsWideChar(o, w, n + 1);
    if (size) {
        *size = n;
    } else if (wcslen(w) != static_cast<size_t>(n)) {
        mem_free(w);
        raise(here(), PyExc_ValueError, "embedded null character");
        return nullptr;
    }
    return w;
}

// --- interning ---

CAPI void PyUnicode_InternInPlace(PyObject** place) {
    if (!*place || !has_type(Value(*place), &PyUnicode_Type)) return;
    Thread& t = here();
    Ref r = str_intern(t, Ref::share(Value(*place)));
    if (!r) {
        clear_error(t);
        return;
    }
    decref(*place);
    *place = r.release().ptr();
}
CAPI void PyUnicode_InternImmortal(PyObject** place) {
    PyUnicode_InternInPlace(place);
    if (*place && str_is_interned(*place)) str_make_immortal(*place);
}
CAPI void _PyUnicode_InternMortal(void*, PyObject** place) { PyUnicode_InternInPlace(place); }
CAPI PyObject* PyUnicode_InternFromString(const char* s) { return out(str_intern(here(), s)); }
CAPI int PyUnicode_CHECK_INTERNED(PyObject* o) { return str_is_interned(o); }

// --- reading and writing ---

CAPI Py_ssize_t PyUnicode_GetLength(PyObject* o) { return str_argument(o) ? str_length(o) : -1; }
CAPI Py_ssize_t PyUnicode_GetSize(PyObject* o) { return PyUnicode_GetLength(o); }
CAPI int PyUnicode_KIND(PyObject* o) { return static_cast<int>(str_kind(o)); }
CAPI void* PyUnicode_DATA(PyObject* o) { return str_data(o); }
CAPI uint32_t PyUnicode_ReadChar(PyObject* o, Py_ssize_t i) {
    if (!str_argument(o)) return UINT32_MAX;
    if (i < 0 || i >= str_length(o)) {
        raise(here(), PyExc_IndexError, "string index out of range");
        return UINT32_MAX;
    }
    return str_char(o, i);
}
CAPI int PyUnicode_WriteChar(PyObject* o, Py_ssize_t i, uint32_t c) {
    if (!str_argument(o)) return -1;
    if (i < 0 || i >= str_length(o))
        return fail(raise(here(), PyExc_IndexError, "string index out of range"));
    if (o->ob_refcnt != 1 || str_head(o)->hash != -1)
        return fail(raise(here(), PyExc_SystemError, "Cannot modify a string currently used"));
    if (c > max_of(o)) return fail(raise(here(), PyExc_ValueError, "character out of range"));
    put_char(o, i, c);
    return 0;
}
static const char* kind_name(P o) {
    return str_kind(o) == 4 ? "UCS4" : str_kind(o) == 2 ? "UCS2" : str_is_ascii(o) ? "ascii" : "latin1";
}
CAPI Py_ssize_t PyUnicode_CopyCharacters(PyObject* to, Py_ssize_t at, PyObject* from, Py_ssize_t start,
                                         Py_ssize_t n) {
    Thread& t = here();
    if (!is_str(to) || !is_str(from)) return fail(bad_call("PyUnicode_CopyCharacters"));
    if (start < 0 || start > str_length(from) || at < 0 || at > str_length(to))
        return fail(raise(t, PyExc_IndexError, "string index out of range"));
    if (n < 0) return fail(raise(t, PyExc_SystemError, "how_many cannot be negative"));
    if (n > str_length(from) - start) n = str_length(from) - start;
    if (at + n > str_length(to))
        return fail(raise(t, PyExc_SystemError,
                          "Cannot write %zi characters at %zi in a string of %zi characters", n, at,
                          str_length(to)));
    if (to->ob_refcnt != 1) return fail(raise(t, PyExc_SystemError, "Cannot modify a string currently used"));
    uint32_t top = 0;
    for (int64_t i = 0; i < n; i++) top = std::max(top, str_char(from, start + i));
    if (top > max_of(to))
        return fail(raise(t, PyExc_SystemError, "Cannot copy %s characters into a string of %s characters",
                          kind_name(from), kind_name(to)));
    for (int64_t i = 0; i < n; i++) put_char(to, at + i, str_char(from, start + i));
    return n;
}
CAPI Py_ssize_t PyUnicode_Fill(PyObject* o, Py_ssize_t start, Py_ssize_t n, uint32_t c) {
    if (!is_str(o)) return fail(bad_call("PyUnicode_Fill"));
    Thread& t = here();
    if (!str_argument(o)) return -1;
    if (o->ob_refcnt != 1) return fail(raise(t, PyExc_SystemError, "Cannot modify a string currently used"));
    if (c > max_of(o))
        return fail(raise(t, PyExc_ValueError, "fill character is bigger than the string maximum character"));
    if (start < 0) return fail(raise(t, PyExc_IndexError, "string index out of range"));
    if (n > str_length(o) - start) n = str_length(o) - start;
    for (int64_t i = 0; i < n; i++) put_char(o, start + i, c);
    return n < 0 ? 0 : n;
}
CAPI int PyUnicode_Resize(PyObject** place, Py_ssize_t n) {
    Thread& t = here();
    P o = place ? *place : nullptr;
    if (!is_str(o) || n < 0) return fail(bad_call("PyUnicode_Resize"));
    int64_t have = str_length(o);
    if (have == n) return 0;
    Ref made = n ? str_new(t, n, max_of(o)) : Ref::share(empty_str());
    if (!made) return -1;
    int64_t m = have < n ? have : n;
    if (n) memcpy(str_data(made), str_data(o), static_cast<size_t>(m) * str_kind(o));
    decref(o);
    *place = made.release().ptr();
    return 0;
}
CAPI uint32_t* PyUnicode_AsUCS4(PyObject* o, uint32_t* buf, Py_ssize_t size, int copy_null) {
    if (!str_argument(o)) return nullptr;
    int64_t n = str_length(o);
    if (size < n + (copy_null != 0)) {
        raise(here(), PyExc_SystemError, "string is longer than the buffer");
        if (copy_null && size > 0) buf[0] = 0;
        return nullptr;
    }
    for (int64_t i = 0; i < n; i++) buf[i] = str_char(o, i);
    if (copy_null) buf[n] = 0;
    return buf;
}
CAPI uint32_t* PyUnicode_AsUCS4Copy(PyObject* o) {
    int64_t n = str_length(o);
    auto* p = static_cast<uint32_t*>(mem_alloc(static_cast<size_t>(n + 1) * 4));
    if (!p) {
        raise_no_memory(here());
        return nullptr;
    }
    return PyUnicode_AsUCS4(o, p, n + 1, 1);
}
CAPI const char* PyUnicode_AsUTF8AndSize(PyObject* o, Py_ssize_t* n) {
    constexpr uint32_t kCompactAscii = 0x60;
    if (o->ob_type == &PyUnicode_Type && (str_head(o)->state & kCompactAscii) == kCompactAscii) {
        if (n) *n = str_length(o);
        return reinterpret_cast<char*>(str_head(o) + 1);
    }
    if (!str_argument(o)) {
        if (n) *n = -1;
        return nullptr;
    }
    auto r = str_utf8(here(), o);
    if (n) *n = r ? static_cast<Py_ssize_t>(r.value().size()) : -1;
    return r ? r.value().data() : nullptr;
}
CAPI const char* PyUnicode_AsUTF8(PyObject* o) {
    // ASCII text is its own UTF-8, other text may have been asked for before.
    constexpr uint32_t kCompact = 0x20, kAscii = 0x40;
    if (is_str(o)) {
        uint32_t state = str_head(o)->state & (kCompact | kAscii);
        if (state == (kCompact | kAscii)) return reinterpret_cast<const char*>(str_head(o) + 1);
        if (const char* known = reinterpret_cast<PyCompactUnicodeObject*>(o)->utf8;
            known && state == kCompact)
            return known;
    }
    return PyUnicode_AsUTF8AndSize(o, nullptr);
}
CAPI const char* _PyUnicode_AsUTF8NoNUL(PyObject* o) {
    Py_ssize_t n;
    const char* s = PyUnicode_AsUTF8AndSize(o, &n);
    if (s && strlen(s) != static_cast<size_t>(n)) {
        raise(here(), PyExc_ValueError, "embedded null character");
        return nullptr;
    }
    return s;
}

// --- operations ---

CAPI PyObject* PyUnicode_Concat(PyObject* a, PyObject* b) {
    if (!need_str(a)) return nullptr;
    if (!is_str(b))
        return out(raise(here(), PyExc_TypeError, "can only concatenate str (not \"%.200s\") to str",
                         b->ob_type->tp_name));
    return out(str_concat(here(), a, b));
}
CAPI void PyUnicode_Append(PyObject** place, PyObject* with) {
    Thread& t = here();
    P left = *place;
    if (!left || !with || !is_str(left) || !is_str(with)) {
        if (!t.has_exception()) bad_call("PyUnicode_Append");
        *place = nullptr;
        if (left) decref(left);
        return;
    }
    Ref l = Ref::steal(Value(left));
    *place = str_append(t, l, with) ? l.release().ptr() : nullptr;
}
CAPI void PyUnicode_AppendAndDel(PyObject** place, PyObject* with) {
    PyUnicode_Append(place, with);
    if (with) decref(with);
}
CAPI PyObject* PyUnicode_Substring(PyObject* o, Py_ssize_t start, Py_ssize_t end) {
    if (!is_str(o)) return out(bad_call("PyUnicode_Substring"));
    if (start < 0 || end < 0) return out(raise(here(), PyExc_IndexError, "string index out of range"));
    int64_t n = str_length(o);
    if (end > n) end = n;
    if (start >= end) return new_ref(ptr_of(empty_str()));
    return out(str_substring(here(), o, start, end));
}
namespace {
P method(P o, const char* name, std::initializer_list<Value> args) {
    return need_str(o) ? out(call_method(here(), o, name, args)) : nullptr;
}
Value or_none(P o) { return o ? Value(o) : none(); }
}  // namespace
namespace {
// A number of times; what no immediate holds is as good as no limit.
Value times(Py_ssize_t n) { return Value::from_int(Value::int_fits(n) ? n : -1); }
}  // namespace
CAPI PyObject* PyUnicode_Split(PyObject* o, PyObject* sep, Py_ssize_t n) {
    return method(o, "split", {or_none(sep), times(n)});
}
CAPI PyObject* PyUnicode_RSplit(PyObject* o, PyObject* sep, Py_ssize_t n) {
    return method(o, "rsplit", {or_none(sep), times(n)});
}
CAPI PyObject* PyUnicode_Splitlines(PyObject* o, int keep) {
    return method(o, "splitlines", {boolean(keep)});
}
CAPI PyObject* PyUnicode_Partition(PyObject* o, PyObject* sep) {
    return method(o, "partition", {Value(sep)});
}
CAPI PyObject* PyUnicode_RPartition(PyObject* o, PyObject* sep) {
    return method(o, "rpartition", {Value(sep)});
}
CAPI PyObject* PyUnicode_Translate(PyObject* o, PyObject* table, const char* errors) {
    if (errors && !strcmp(errors, "ignore")) return method(o, "translate", {Value(table)});
    if (!str_argument(o)) return nullptr;
    if (!table) return out(raise(here(), PyExc_TypeError, "bad argument type for built-in operation"));
    return out(str_translate_with(here(), o, table, errors));
}
CAPI PyObject* PyUnicode_Join(PyObject* sep, PyObject* items) {
    if (!items) return out(null_argument());
    if (sep && !is_str(sep))
        return out(raise(here(), PyExc_TypeError, "separator: expected str instance, %T found", Value(sep)));
    return out(str_join(here(), sep ? Value(sep) : str_from(here(), " ").get(), items));
}
CAPI PyObject* _PyUnicode_JoinArray(PyObject* sep, PyObject* const* items, Py_ssize_t n) {
    Ref list = list_from(here(), values(items), n);
    return list ? out(str_join(here(), sep, list)) : nullptr;
}
CAPI Py_ssize_t PyUnicode_Tailmatch(PyObject* o, PyObject* sub, Py_ssize_t start, Py_ssize_t end,
                                    int direction) {
    Thread& t = here();
    if (!need_str(o) || !need_str(sub)) return -1;
    Ref i = int_from(t, start), j = int_from(t, end);
    Ref r = i && j ? call_method(t, o, direction > 0 ? "endswith" : "startswith", {Value(sub), i, j}) : Ref();
    return r ? r.get() == boolean(true) : -1;
}
CAPI Py_ssize_t PyUnicode_Find(PyObject* o, PyObject* sub, Py_ssize_t start, Py_ssize_t end, int direction) {
    if (!need_str(o) || !need_str(sub)) return -2;
    clamp(start, end, str_length(o));
    if (start > end) return -1;
    return str_find(o, sub, start, end, direction > 0 ? 1 : -1);
}
CAPI Py_ssize_t PyUnicode_FindChar(PyObject* o, uint32_t c, Py_ssize_t start, Py_ssize_t end, int direction) {
    if (!need_str(o)) return -2;
    clamp(start, end, str_length(o));
    if (direction > 0) {
        for (int64_t i = start; i < end; i++)
            if (str_char(o, i) == c) return i;
    } else {
        for (int64_t i = end; --i >= start;)
            if (str_char(o, i) == c) return i;
    }
    return -1;
}
CAPI Py_ssize_t PyUnicode_Count(PyObject* o, PyObject* sub, Py_ssize_t start, Py_ssize_t end) {
    Thread& t = here();
    if (!need_str(o) || !need_str(sub)) return -1;
    Ref i = int_from(t, start), j = int_from(t, end);
    Ref r = i && j ? call_method(t, o, "count", {Value(sub), i, j}) : Ref();
    return r && r.get().is_int() ? r.get().as_int() : -1;
}
CAPI PyObject* PyUnicode_Replace(PyObject* o, PyObject* from, PyObject* to, Py_ssize_t n) {
    if (!need_str(o) || !need_str(from) || !need_str(to)) return nullptr;
    return out(str_replace(here(), o, from, to, n));
}
CAPI PyObject* _PyUnicode_XStrip(PyObject* o, int kind, PyObject* chars) {
    return method(o, kind == 0 ? "lstrip" : kind == 1 ? "rstrip" : "strip", {or_none(chars)});
}
CAPI int PyUnicode_Compare(PyObject* a, PyObject* b) {
    if (is_str(a) && is_str(b)) return str_compare(a, b);
    return fail(raise(here(), PyExc_TypeError, "Can't compare %.100s and %.100s", a->ob_type->tp_name,
                      b->ob_type->tp_name));
}
CAPI int PyUnicode_CompareWithASCIIString(PyObject* o, const char* s) {
    if (!is_str(o) || !s) return -1;
    int64_t n = str_length(o);
    auto m = static_cast<int64_t>(strlen(s));
    if (str_kind(o) == kStr1) {
        int r = memcmp(str_data(o), s, static_cast<size_t>(n < m ? n : m));
        return r ? (r < 0 ? -1 : 1) : n < m ? -1 : n > m;
    }
    for (int64_t i = 0; i < n && i < m; i++) {
        uint32_t a = str_char(o, i), b = static_cast<unsigned char>(s[i]);
        if (a != b) return a < b ? -1 : 1;
    }
    return n < m ? -1 : n > m;
}
CAPI int _PyUnicode_EqualToASCIIString(PyObject* o, const char* s) {
    return PyUnicode_CompareWithASCIIString(o, s) == 0;
}
CAPI int PyUnicode_EqualToUTF8AndSize(PyObject* o, const char* s, Py_ssize_t n) {
    Thread& t = here();
    if (!is_str(o) || !s) return 0;
    auto r = str_utf8(t, o);
    if (!r) {
        clear_error(t);
        return 0;
    }
    return r.value() == std::string_view(s, static_cast<size_t>(n));
}
CAPI int PyUnicode_EqualToUTF8(PyObject* o, const char* s) {
    return PyUnicode_EqualToUTF8AndSize(o, s, static_cast<Py_ssize_t>(strlen(s)));
}
CAPI int PyUnicode_Equal(PyObject* a, PyObject* b) {
    for (P o : {a, b})
        if (!is_str(o))
            return fail(raise(here(), PyExc_TypeError, "%s must be str, not %T",
                              o == a ? "first argument" : "second argument", Value(o)));
    return str_equal(a, b);
}
CAPI int _PyUnicode_EQ(PyObject* a, PyObject* b) { return str_equal(a, b); }
CAPI int _PyUnicode_Equal(PyObject* a, PyObject* b) { return str_equal(a, b); }
CAPI PyObject* PyUnicode_RichCompare(PyObject* a, PyObject* b, int op) {
    if (!is_str(a) || !is_str(b)) return new_ref(&_Py_NotImplementedStruct);
    return out(compare(here(), a, b, static_cast<CompareOp>(op)));
}
CAPI PyObject* PyUnicode_Format(PyObject* format, PyObject* args) {
    if (!format || !args) return out(bad_call("PyUnicode_Format"));
    return need_str(format) ? out(str_format_percent(here(), format, args)) : nullptr;
}
CAPI int PyUnicode_Contains(PyObject* o, PyObject* sub) {
    if (!is_str(sub))
        return fail(raise(here(), PyExc_TypeError,
                          "'in <string>' requires string as left operand, not %.100s",
                          sub->ob_type->tp_name));
    return need_str(o) ? out(contains(here(), o, sub)) : -1;
}
CAPI int PyUnicode_IsIdentifier(PyObject* o) { return is_str(o) && str_is_identifier(o); }
CAPI Py_hash_t PyUnicode_Hash(PyObject* o) { return str_hash(o); }
CAPI int PyUnicodeLegacy_READY(PyObject*) { return 0; }

// --- characters ---

// Beyond Unicode, characters have no properties, as U+0000 has none (observed).
static uint32_t known(uint32_t c) { return c <= 0x10ffff ? c : 0; }
CAPI int _PyUnicode_IsLowercase(uint32_t c) { return unicode::has(known(c), unicode::kLower); }
CAPI int _PyUnicode_IsUppercase(uint32_t c) { return unicode::has(known(c), unicode::kUpper); }
CAPI int _PyUnicode_IsTitlecase(uint32_t c) { return unicode::has(known(c), unicode::kTitle); }
CAPI int _PyUnicode_IsWhitespace(uint32_t c) { return unicode::is_space(known(c)); }
CAPI int _PyUnicode_IsLinebreak(uint32_t c) { return unicode::is_line_break(known(c)); }
CAPI uint32_t _PyUnicode_ToLowercase(uint32_t c) { return known(c) == c ? unicode::to_lower(c) : c; }
CAPI uint32_t _PyUnicode_ToUppercase(uint32_t c) { return known(c) == c ? unicode::to_upper(c) : c; }
CAPI uint32_t _PyUnicode_ToTitlecase(uint32_t c) { return known(c) == c ? unicode::to_title(c) : c; }
CAPI int _PyUnicode_ToDecimalDigit(uint32_t c) { return unicode::decimal_value(known(c)); }
CAPI int _PyUnicode_ToDigit(uint32_t c) { return unicode::digit_value(known(c)); }
CAPI double _PyUnicode_ToNumeric(uint32_t c) {
    double v;
    return unicode::numeric_value(known(c), &v) ? v : -1.0;
}
CAPI int _PyUnicode_IsDecimalDigit(uint32_t c) { return unicode::decimal_value(known(c)) >= 0; }
CAPI int _PyUnicode_IsDigit(uint32_t c) { return unicode::digit_value(known(c)) >= 0; }
CAPI int _PyUnicode_IsNumeric(uint32_t c) {
    double v;
    return unicode::numeric_value(known(c), &v);
}
CAPI int _PyUnicode_IsPrintable(uint32_t c) { return unicode::is_printable(known(c)); }
CAPI int _PyUnicode_IsAlpha(uint32_t c) { return unicode::is_alpha(known(c)); }
CAPI int _PyUnicode_IsXidStart(uint32_t c) { return unicode::is_xid_start(known(c)); }
CAPI int _PyUnicode_IsXidContinue(uint32_t c) { return unicode::is_xid_continue(known(c)); }

// --- writers ---

struct _PyUnicodeWriter {
    PyObject* buffer;
    void* data;
    int kind;
    uint32_t maxchar;
    Py_ssize_t size, pos, min_length;
    uint32_t min_char;
    unsigned char overallocate, readonly;
};

namespace {
using Writer = _PyUnicodeWriter;
void use_buffer(Writer* w) {
    w->maxchar = max_of(w->buffer);
    w->data = str_data(w->buffer);
    w->kind = static_cast<int>(str_kind(w->buffer));
    w->size = str_length(w->buffer);
}
}  // namespace
CAPI void _PyUnicodeWriter_Init(Writer* w) {
    memset(w, 0, sizeof *w);
    w->min_char = 127;
}
CAPI int _PyUnicodeWriter_PrepareInternal(Writer* w, Py_ssize_t n, uint32_t max_char) {
    Thread& t = here();
    if (n > INT64_MAX - w->pos) return fail(raise_no_memory(t));
    int64_t need = w->pos + n;
    if (max_char < w->min_char) max_char = w->min_char;
    if (w->buffer && max_char < w->maxchar) max_char = w->maxchar;
    int64_t size = need;
    if (!w->buffer || need > w->size) {
        if (w->overallocate) size += size / 4;
        if (size < w->min_length) size = w->min_length;
    } else {
        size = w->size;
    }
    Ref made = str_new(t, size ? size : 1, max_char);
    if (!made) return -1;
    P o = made.release().ptr();
    for (int64_t i = 0; i < w->pos; i++) put_char(o, i, str_char(w->buffer, i));
    if (w->buffer) decref(w->buffer);
    w->buffer = o;
    use_buffer(w);
    return 0;
}
CAPI int _PyUnicodeWriter_PrepareKindInternal(Writer* w, int kind) {
    return _PyUnicodeWriter_PrepareInternal(w, 0, kind == 2 ? 0xffff : 0x10ffff);
}
namespace {
bool room(Writer* w, Py_ssize_t n, uint32_t max_char) {
    if (max_char <= w->maxchar && n <= w->size - w->pos && w->buffer) return true;
    return n == 0 || _PyUnicodeWriter_PrepareInternal(w, n, max_char) == 0;
}
int write_kind(Writer* w, unsigned kind, const void* p, int64_t n, uint32_t max_char) {
    if (n == 0) return 0;
    if (!room(w, n, max_char)) return -1;
    for (int64_t i = 0; i < n; i++) {
        uint32_t c = kind == 1   ? static_cast<const uint8_t*>(p)[i]
                     : kind == 2 ? static_cast<const uint16_t*>(p)[i]
                                 : static_cast<const uint32_t*>(p)[i];
        put_char(w->buffer, w->pos++, c);
    }
    return 0;
}
}  // namespace
CAPI int _PyUnicodeWriter_WriteChar(Writer* w, uint32_t c) {
    if (!room(w, 1, c)) return -1;
    put_char(w->buffer, w->pos++, c);
    return 0;
}
CAPI int _PyUnicodeWriter_WriteStr(Writer* w, PyObject* s) {
    return write_kind(w, str_kind(s), str_data(s), str_length(s), max_of(s));
}
CAPI int _PyUnicodeWriter_WriteSubstring(Writer* w, PyObject* s, Py_ssize_t start, Py_ssize_t end) {
    return write_kind(w, str_kind(s), static_cast<char*>(str_data(s)) + start * str_kind(s), end - start,
                      max_of(s));
}
CAPI int _PyUnicodeWriter_WriteASCIIString(Writer* w, const char* s, Py_ssize_t n) {
    return write_kind(w, 1, s, n == -1 ? static_cast<Py_ssize_t>(strlen(s)) : n, 0x7f);
}
CAPI int _PyUnicodeWriter_WriteLatin1String(Writer* w, const char* s, Py_ssize_t n) {
    return write_kind(w, 1, s, n, 0xff);
}
CAPI void _PyUnicodeWriter_Dealloc(Writer* w) {
    if (w->buffer) decref(w->buffer);
    w->buffer = nullptr;
}
CAPI PyObject* _PyUnicodeWriter_Finish(Writer* w) {
    Thread& t = here();
    if (w->pos == 0) {
        _PyUnicodeWriter_Dealloc(w);
        return new_ref(ptr_of(empty_str()));
    }
    Ref r = str_from_kind(t, static_cast<unsigned>(w->kind), w->data, w->pos);
    _PyUnicodeWriter_Dealloc(w);
    return out(std::move(r));
}
CAPI Writer* PyUnicodeWriter_Create(Py_ssize_t n) {
    Thread& t = here();
    if (n < 0) {
        raise(t, PyExc_ValueError, "length must be positive");
        return nullptr;
    }
    auto* w = static_cast<Writer*>(mem_alloc(sizeof(Writer)));
    if (!w) {
        raise_no_memory(t);
        return nullptr;
    }
    _PyUnicodeWriter_Init(w);
    if (n && _PyUnicodeWriter_PrepareInternal(w, n, 127) < 0) {
        mem_free(w);
        return nullptr;
    }
    w->overallocate = 1;
    return w;
}
CAPI void PyUnicodeWriter_Discard(Writer* w) {
    if (!w) return;
    _PyUnicodeWriter_Dealloc(w);
    mem_free(w);
}
CAPI PyObject* PyUnicodeWriter_Finish(Writer* w) {
    P r = _PyUnicodeWriter_Finish(w);
    mem_free(w);
    return r;
}
CAPI int PyUnicodeWriter_WriteChar(Writer* w, uint32_t c) {
    if (c > 0x10ffff) return fail(raise(here(), PyExc_ValueError, "character must be in range(0x110000)"));
    return _PyUnicodeWriter_WriteChar(w, c);
}
CAPI int PyUnicodeWriter_WriteASCII(Writer* w, const char* s, Py_ssize_t n) {
    return _PyUnicodeWriter_WriteASCIIString(w, s, n);
}
CAPI int PyUnicodeWriter_WriteUTF8(Writer* w, const char* s, Py_ssize_t n) {
    Ref text = decode_utf8(here(), s, n < 0 ? strlen(s) : static_cast<size_t>(n), nullptr);
    return text ? _PyUnicodeWriter_WriteStr(w, text.get().ptr()) : -1;
}
CAPI int PyUnicodeWriter_DecodeUTF8Stateful(Writer* w, const char* s, Py_ssize_t n, const char* errors,
                                            Py_ssize_t* consumed) {
    int64_t used;
    Ref text = decode_utf8(here(), s, n < 0 ? strlen(s) : static_cast<size_t>(n), errors,
                           consumed ? &used : nullptr);
    if (consumed) *consumed = text ? used : 0;
    return text ? _PyUnicodeWriter_WriteStr(w, text.get().ptr()) : -1;
}
CAPI int PyUnicodeWriter_WriteWideChar(Writer* w, const wchar_t* s, Py_ssize_t n) {
    if (n < 0) n = static_cast<Py_ssize_t>(wcslen(s));
    for (Py_ssize_t i = 0; i < n; i++)
        if (static_cast<uint32_t>(s[i]) > 0x10ffff)
            return fail(raise(here(), PyExc_ValueError, "character U+%x is not in range [U+0000; U+%x]",
                              static_cast<unsigned>(s[i]), 0x10ffffu));
    P o = PyUnicode_FromWideChar(s, n);
    if (!o) return -1;
    Ref keep = Ref::steal(Value(o));
    return _PyUnicodeWriter_WriteStr(w, o);
}
CAPI int PyUnicodeWriter_WriteUCS4(Writer* w, const uint32_t* s, Py_ssize_t n) {
    if (n < 0) return fail(raise(here(), PyExc_ValueError, "size must be positive"));
    uint32_t top = 0;
    for (Py_ssize_t i = 0; i < n; i++) top |= s[i];
    return write_kind(w, 4, s, n, top > 0xffff ? 0x10ffff : top);
}
CAPI int PyUnicodeWriter_WriteStr(Writer* w, PyObject* o) {
    Ref s = krait::str(here(), o);
    return s ? _PyUnicodeWriter_WriteStr(w, s.get().ptr()) : -1;
}
CAPI int PyUnicodeWriter_WriteRepr(Writer* w, PyObject* o) {
    if (!o) return _PyUnicodeWriter_WriteASCIIString(w, "<NULL>", 6);
    Ref s = repr(here(), o);
    return s ? _PyUnicodeWriter_WriteStr(w, s.get().ptr()) : -1;
}
CAPI int PyUnicodeWriter_WriteSubstring(Writer* w, PyObject* s, Py_ssize_t start, Py_ssize_t end) {
    Thread& t = here();
    if (!is_str(s)) return fail(raise(t, PyExc_TypeError, "expect str, not %T", Value(s)));
    if (start < 0 || start > end) return fail(raise(t, PyExc_ValueError, "start must be between 0 and end"));
    if (end > str_length(s))
        return fail(raise(t, PyExc_ValueError, "end must be smaller than the string length"));
    return _PyUnicodeWriter_WriteSubstring(w, s, start, end);
}
CAPI int PyUnicodeWriter_Format(Writer* w, const char* format, ...) {
    va_list va;
    va_start(va, format);
    Ref s = str_vformat_for_c(here(), format, va);
    va_end(va);
    return s ? _PyUnicodeWriter_WriteStr(w, s.get().ptr()) : -1;
}
