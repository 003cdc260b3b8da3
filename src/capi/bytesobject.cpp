// bytesobject.h, bytearrayobject.h, memoryobject.h and the buffer functions of abstract.h.
#include <cstdarg>
#include <cstdio>
#include <string>

#include "builtins/bytes_internal.h"
#include "builtins/memoryview.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "capi/capi.h"
#include "gc/gc.h"
#include "object/internal.h"

CAPI char _PyByteArray_empty_string[1];
char _PyByteArray_empty_string[1] = {};

using namespace krait;

namespace {
using P = PyObject*;
Ref need_bytes(P o) {
    if (is_bytes(o)) return Ref::share(Value(o));
    return raise(here(), PyExc_TypeError, "expected bytes, %.200s found", o->ob_type->tp_name);
}
}  // namespace

CAPI PyObject* PyBytes_FromStringAndSize(const char* s, Py_ssize_t n) {
    Thread& t = here();
    if (n < 0) return out(raise(t, PyExc_SystemError, "Negative size passed to PyBytes_FromStringAndSize"));
    return out(s || n == 0 ? bytes_from(t, s, static_cast<size_t>(n)) : bytes_new(t, n));
}
CAPI PyObject* PyBytes_FromString(const char* s) { return out(bytes_from(here(), s, strlen(s))); }
CAPI PyObject* PyBytes_FromObject(PyObject* o) {
    Thread& t = here();
    if (!o) return out(bad_call("PyBytes_FromObject"));
    if (has_type(Value(o), &PyBytes_Type)) return new_ref(o);
    if (is_str(o)) return out(raise(t, PyExc_TypeError, "cannot convert 'str' object to bytes"));
    return out(bytes_from_object(t, o));
}
CAPI PyObject* PyBytes_FromFormatV(const char* format, va_list va) {
    // A byte at a time, as the directives are those of C but for %s with precision and %c of a byte.
    Thread& t = here();
    std::string r;
    va_list copy;
    va_copy(copy, va);
    for (const char* p = format; *p; p++) {
        if (*p != '%') {
            r += *p;
            continue;
        }
        const char* start = p++;
        std::string spec = "%";
        while (*p >= '0' && *p <= '9') spec += *p++;
        int precision = -1;
        if (*p == '.') {
            precision = 0;
            for (p++; *p >= '0' && *p <= '9'; p++) precision = precision * 10 + (*p - '0');
        }
        bool is_long = false, is_size = false;
        if (*p == 'l' && (p[1] == 'd' || p[1] == 'u')) {
            is_long = true;
            p++;
        } else if (*p == 'z' && (p[1] == 'd' || p[1] == 'u')) {
            is_size = true;
            p++;
        }
        char buf[64];
        switch (*p) {
            case 'c': {
                int c = va_arg(copy, int);
                if (c < 0 || c > 255) {
                    va_end(copy);
                    return out(
                        raise(t, PyExc_OverflowError,
                              "PyBytes_FromFormatV(): %%c format expects an integer in range [0; 255]"));
                }
                r += static_cast<char>(c);
                break;
            }
            case 'd':
            case 'i':
                if (is_long || is_size)
                    snprintf(buf, sizeof buf, "%ld", va_arg(copy, long));
                else
                    snprintf(buf, sizeof buf, "%d", va_arg(copy, int));
                r += buf;
                break;
            case 'u':
                if (is_long || is_size)
                    snprintf(buf, sizeof buf, "%lu", va_arg(copy, unsigned long));
                else
                    snprintf(buf, sizeof buf, "%u", va_arg(copy, unsigned));
                r += buf;
                break;
            case 'x':
                snprintf(buf, sizeof buf, "%x", va_arg(copy, unsigned));
                r += buf;
                break;
            case 's': {
                const char* s = va_arg(copy, const char*);
                r.append(s, precision >= 0 ? strnlen(s, static_cast<size_t>(precision)) : strlen(s));
                break;
            }
            case 'p':
                snprintf(buf, sizeof buf, "%p", va_arg(copy, void*));
                r += buf;
                break;
            case '%':
                r += '%';
                break;
            default:
                r += start;
                va_end(copy);
                return out(bytes_from(t, r.data(), r.size()));
        }
    }
    va_end(copy);
    return out(bytes_from(t, r.data(), r.size()));
}
CAPI PyObject* PyBytes_FromFormat(const char* format, ...) {
    va_list va;
    va_start(va, format);
    P r = PyBytes_FromFormatV(format, va);
    va_end(va);
    return r;
}
CAPI Py_ssize_t PyBytes_Size(PyObject* o) {
    Ref b = need_bytes(o);
    return b ? bytes_size(b) : -1;
}
CAPI char* PyBytes_AsString(PyObject* o) {
    Ref b = need_bytes(o);
    return b ? bytes_data(b) : nullptr;
}
CAPI int PyBytes_AsStringAndSize(PyObject* o, char** s, Py_ssize_t* n) {
    Thread& t = here();
    if (!s) return fail(bad_call("PyBytes_AsStringAndSize"));
    Ref b = need_bytes(o);
    if (!b) return -1;
    *s = bytes_data(b);
    if (n)
        *n = bytes_size(b);
    else if (strlen(*s) != static_cast<size_t>(bytes_size(b)))
        return fail(raise(t, PyExc_ValueError, "embedded null byte"));
    return 0;
}
CAPI int _PyBytes_Resize(PyObject** place, Py_ssize_t n) {
    Thread& t = here();
    P o = *place;
    if (!o || !is_bytes(o) || n < 0) {
        *place = nullptr;
        if (o) decref(o);
        return fail(bad_internal_call(t, "_PyBytes_Resize"));
    }
    if (bytes_size(o) == n) return 0;
    bool hashed = reinterpret_cast<PyBytesObject*>(o)->ob_shash != -1;
    if (n == 0 || o->ob_refcnt != 1 || !has_type(Value(o), &PyBytes_Type) || bytes_size(o) <= 1 || hashed) {
        // Empty and one-byte objects may be shared; of what has a hash somebody knows already.
        Ref made = n ? bytes_new(t, n) : bytes_from(t, nullptr, 0);
        if (made && n) {
            int64_t m = bytes_size(o) < n ? bytes_size(o) : n;
            memcpy(bytes_data(made), bytes_data(o), static_cast<size_t>(m));
        }
        decref(o);
        *place = made.release().ptr();
        return *place ? 0 : -1;
    }
    // For who is told of objects, one goes and another comes, wherever the bytes lie then.
    auto tell = [](P bytes, int event) {
        if (g_runtime.ref_tracer) g_runtime.ref_tracer(bytes, event, g_runtime.ref_tracer_data);
    };
    constexpr int kMade = 0, kGoes = 1;
    tell(o, kGoes);
    Ref b = Ref::steal(Value(o));
    Status ok = bytes_resize(t, b, n);
    tell(b.get().ptr(), kMade);
    *place = ok ? b.release().ptr() : nullptr;
    return ok ? 0 : -1;
}
CAPI void PyBytes_Concat(PyObject** place, PyObject* with) {
    Thread& t = here();
    if (!*place) return;
    P old = *place;
    *place = nullptr;
    if (with) *place = out(bytes_concat(t, old, with));
    decref(old);
}
CAPI void PyBytes_ConcatAndDel(PyObject** place, PyObject* with) {
    PyBytes_Concat(place, with);
    if (with) decref(with);
}
CAPI PyObject* PyBytes_Join(PyObject* sep, PyObject* items) {
    Thread& t = here();
    if (!sep || !items) return out(bad_call("PyBytes_Join"));
    if (!is_bytes(sep))
        return out(raise(t, PyExc_TypeError, "sep: expected bytes, got %.200s", sep->ob_type->tp_name));
    return out(call_method(t, sep, "join", {Value(items)}));
}
CAPI PyObject* _PyBytes_Join(PyObject* sep, PyObject* items) { return PyBytes_Join(sep, items); }
CAPI PyObject* PyBytes_Repr(PyObject* o, int smart_quotes) {
    if (!is_bytes(o)) return out(bad_call("PyBytes_Repr"));
    return out(bytes_repr_text(here(), span_of(o), false, smart_quotes != 0));
}
CAPI PyObject* PyBytes_DecodeEscape(const char* s, Py_ssize_t n, const char* errors, Py_ssize_t,
                                    const char*) {
    Thread& t = here();
    Ref fn = import_attr(t, "_codecs", "escape_decode");
    Ref data = fn ? bytes_from(t, s, static_cast<size_t>(n)) : Ref();
    Ref err = data ? str_from(t, errors ? errors : "strict") : Ref();
    Ref r = err ? call(t, fn, {data, err}) : Ref();
    return r ? to_c_new(tuple_get(r, 0)) : nullptr;
}
CAPI Py_ssize_t _PyBytes_Find(const char* haystack, Py_ssize_t n, const char* needle, Py_ssize_t m,
                              Py_ssize_t offset) {
    if (m == 0) return offset;
    const void* p = memmem(haystack, static_cast<size_t>(n), needle, static_cast<size_t>(m));
    return p ? static_cast<const char*>(p) - haystack + offset : -1;
}
CAPI Py_ssize_t _PyBytes_ReverseFind(const char* haystack, Py_ssize_t n, const char* needle, Py_ssize_t m,
                                     Py_ssize_t offset) {
    size_t at = std::string_view(haystack, static_cast<size_t>(n)).rfind({needle, static_cast<size_t>(m)});
    return at == std::string_view::npos ? -1 : static_cast<Py_ssize_t>(at) + offset;
}
namespace {
P hex(const char* p, Py_ssize_t n, bool as_bytes) {
    std::string s;
    for (Py_ssize_t i = 0; i < n; i++) {
        s += "0123456789abcdef"[static_cast<unsigned char>(p[i]) >> 4];
        s += "0123456789abcdef"[p[i] & 15];
    }
    return out(as_bytes ? bytes_from(here(), s.data(), s.size()) : str_from(here(), s));
}
}  // namespace
CAPI PyObject* _Py_strhex(const char* p, Py_ssize_t n) { return hex(p, n, false); }
CAPI PyObject* _Py_strhex_bytes(const char* p, Py_ssize_t n) { return hex(p, n, true); }

// --- bytearray ---

CAPI PyObject* PyByteArray_FromStringAndSize(const char* s, Py_ssize_t n) {
    Thread& t = here();
    if (n < 0)
        return out(raise(t, PyExc_SystemError, "Negative size passed to PyByteArray_FromStringAndSize"));
    if (s) return out(bytearray_from(t, s, static_cast<size_t>(n)));
    Ref b = bytearray_from(t, "", 0);
    return b && bytearray_resize(t, b, n) ? out(std::move(b)) : nullptr;
}
CAPI PyObject* PyByteArray_FromObject(PyObject* o) {
    return out(call(here(), Value(&PyByteArray_Type), {Value(o)}));
}
CAPI PyObject* PyByteArray_Concat(PyObject* a, PyObject* b) {
    Thread& t = here();
    return out(bytearray_concat(t, a, b));
}
CAPI Py_ssize_t PyByteArray_Size(PyObject* o) { return bytearray_size(o); }
CAPI char* PyByteArray_AsString(PyObject* o) {
    char* p = bytearray_data(o);
    return bytearray_size(o) && p ? p : _PyByteArray_empty_string;
}
CAPI int PyByteArray_Resize(PyObject* o, Py_ssize_t n) {
    if (!o || !is_bytearray(Value(o))) return fail(bad_call("PyByteArray_Resize"));
    if (n < 0) return fail(raise(here(), PyExc_ValueError, "Can only resize to positive sizes, got %zd", n));
    return out(bytearray_resize(here(), o, n));
}

// --- buffers ---

CAPI int PyObject_CheckBuffer(PyObject* o) { return has_buffer(o); }
CAPI int PyObject_GetBuffer(PyObject* o, Py_buffer* view, int flags) {
    if (!view) {  // was a way to ask whether there is a buffer
        const char* who = is_bytearray(Value(o))                        ? "bytearray_getbuffer"
                          : !strcmp(o->ob_type->tp_name, "array.array") ? "array_buffer_getbuf"
                                                                        : "PyBuffer_FillInfo";
        return fail(raise(here(), PyExc_BufferError, "%s: view==NULL argument is obsolete", who));
    }
    if (o->ob_type == &PyBytes_Type) {
        auto* b = reinterpret_cast<PyBytesObject*>(o);
        return out(fill_buffer_info(here(), view, o, b->ob_sval, b->ob_base.ob_size, true, flags));
    }
    return out(get_buffer(here(), o, view, flags));
}
CAPI void PyBuffer_Release(Py_buffer* view) {
    if (P o = view->obj; o && o->ob_type == &PyBytes_Type) {
        view->obj = nullptr;
        return decref(o);
    }
    if (view->obj) release_buffer(here(), view);
}
CAPI int PyBuffer_FillInfo(Py_buffer* view, PyObject* o, void* p, Py_ssize_t n, int readonly, int flags) {
    Thread& t = here();
    if (!view) return fail(raise(t, PyExc_BufferError, "PyBuffer_FillInfo: view==NULL argument is obsolete"));
    return out(fill_buffer_info(t, view, o, p, n, readonly, flags));
}
namespace {
bool is_c_contiguous(const Py_buffer* v) {
    if (v->len == 0 || !v->strides) return true;
    int64_t want = v->itemsize;
    for (int i = v->ndim; --i >= 0;) {
        int64_t dim = v->shape[i];
        if (dim > 1 && v->strides[i] != want) return false;
        want *= dim;
    }
    return true;
}
bool is_f_contiguous(const Py_buffer* v) {
    if (v->len == 0) return true;
    if (!v->strides) {
        if (v->ndim <= 1) return true;
        int wide = 0;
        for (int i = 0; i < v->ndim; i++) wide += v->shape[i] > 1;
        return wide <= 1;
    }
    int64_t want = v->itemsize;
    for (int i = 0; i < v->ndim; i++) {
        int64_t dim = v->shape[i];
        if (dim > 1 && v->strides[i] != want) return false;
        want *= dim;
    }
    return true;
}
}  // namespace
CAPI int PyBuffer_IsContiguous(const Py_buffer* view, char order) {
    if (view->suboffsets) return 0;
    if (order == 'C') return is_c_contiguous(view);
    if (order == 'F') return is_f_contiguous(view);
    if (order == 'A') return is_c_contiguous(view) || is_f_contiguous(view);
    return 0;
}
CAPI void* PyBuffer_GetPointer(const Py_buffer* view, const Py_ssize_t* indices) {
    auto* p = static_cast<char*>(view->buf);
    for (int i = 0; i < view->ndim; i++) {
        p += view->strides[i] * indices[i];
        if (view->suboffsets && view->suboffsets[i] >= 0)
            p = *reinterpret_cast<char**>(p) + view->suboffsets[i];
    }
    return p;
}
CAPI void PyBuffer_FillContiguousStrides(int ndim, Py_ssize_t* shape, Py_ssize_t* strides, int itemsize,
                                         char order) {
    int64_t n = itemsize;
    for (int k = 0; k < ndim; k++) {
        int i = order == 'F' ? k : ndim - 1 - k;
        strides[i] = n;
        n *= shape[i];
    }
}
namespace {
// Visits the items in C or Fortran order.
template <class Fn>
void each_item(const Py_buffer* v, char order, Fn fn) {
    Py_ssize_t at[64] = {};
    int64_t n = v->itemsize ? v->len / v->itemsize : 0;
    for (int64_t k = 0; k < n; k++) {
        fn(static_cast<char*>(PyBuffer_GetPointer(v, at)));
        for (int j = 0; j < v->ndim; j++) {
            int i = order == 'F' ? j : v->ndim - 1 - j;
            if (++at[i] < v->shape[i]) break;
            at[i] = 0;
        }
    }
}
// Shape and strides for views that leave them out.
struct FullView : Py_buffer {
    Py_ssize_t own_shape[64], own_strides[64];
    explicit FullView(const Py_buffer* v) : Py_buffer(*v) {
        if (!shape) {
            ndim = 1;
            own_shape[0] = itemsize ? len / itemsize : 0;
            shape = own_shape;
        }
        if (!strides) {
            PyBuffer_FillContiguousStrides(ndim, shape, own_strides, static_cast<int>(itemsize), 'C');
            strides = own_strides;
        }
    }
};
}  // namespace
CAPI int PyBuffer_ToContiguous(void* buf, const Py_buffer* view, Py_ssize_t len, char order) {
    Thread& t = here();
    if (len != view->len) return fail(raise(t, PyExc_ValueError, "PyBuffer_ToContiguous: len != view->len"));
    if (PyBuffer_IsContiguous(view, order)) {
        memcpy(buf, view->buf, static_cast<size_t>(len));
        return 0;
    }
    FullView full(view);
    auto* p = static_cast<char*>(buf);
    each_item(&full, order == 'A' ? 'C' : order, [&](char* item) {
        memcpy(p, item, static_cast<size_t>(full.itemsize));
        p += full.itemsize;
    });
    return 0;
}
CAPI int PyBuffer_FromContiguous(const Py_buffer* view, const void* buf, Py_ssize_t len, char order) {
    if (len > view->len) len = view->len;
    if (PyBuffer_IsContiguous(view, order)) {
        memcpy(view->buf, buf, static_cast<size_t>(len));
        return 0;
    }
    FullView full(view);
    auto* p = static_cast<const char*>(buf);
    const char* end = p + len;
    each_item(&full, order == 'A' ? 'C' : order, [&](char* item) {
        if (p >= end) return;
        memcpy(item, p, static_cast<size_t>(full.itemsize));
        p += full.itemsize;
    });
    return 0;
}
CAPI int PyObject_CopyData(PyObject* to, PyObject* from) {
    Thread& t = here();
    Py_buffer a{}, b{};
    if (!get_buffer(t, to, &a, kBufFull)) return -1;
    if (!get_buffer(t, from, &b, kBufFullRo)) {
        release_buffer(t, &a);
        return -1;
    }
    int r = 0;
    if (a.len < b.len) {
        raise(t, PyExc_BufferError, "destination is too small to receive data from source");
        r = -1;
    } else {
        std::string data(static_cast<size_t>(b.len), 0);
        PyBuffer_ToContiguous(data.data(), &b, b.len, 'C');
        PyBuffer_FromContiguous(&a, data.data(), b.len, 'C');
    }
    release_buffer(t, &a);
    release_buffer(t, &b);
    return r;
}
CAPI Py_ssize_t PyBuffer_SizeFromFormat(const char* format) {
    Thread& t = here();
    Ref fn = import_attr(t, "struct", "calcsize");
    Ref f = fn ? str_from(t, format) : Ref();
    Ref r = f ? call(t, fn, {f}) : Ref();
    return r && r.get().is_int() ? r.get().as_int() : -1;
}
namespace {
int old_buffer(P o, const void** p, Py_ssize_t* n, int flags) {
    Thread& t = here();
    Py_buffer view{};
    if (!get_buffer(t, o, &view, flags)) return -1;
    *p = view.buf;
    *n = view.len;
    release_buffer(t, &view);
    return 0;
}
}  // namespace
CAPI int PyObject_AsReadBuffer(PyObject* o, const void** p, Py_ssize_t* n) {
    return old_buffer(o, p, n, kBufSimple);
}
CAPI int PyObject_AsCharBuffer(PyObject* o, const char** p, Py_ssize_t* n) {
    return old_buffer(o, reinterpret_cast<const void**>(p), n, kBufSimple);
}
CAPI int PyObject_AsWriteBuffer(PyObject* o, void** p, Py_ssize_t* n) {
    return old_buffer(o, const_cast<const void**>(p), n, kBufWritable);
}
CAPI int PyObject_CheckReadBuffer(PyObject* o) {
    const void* p;
    Py_ssize_t n;
    if (old_buffer(o, &p, &n, kBufSimple) == 0) return 1;
    clear_error(here());
    return 0;
}

// --- memoryview ---

namespace krait {
Ref memoryview_from_buffer(Thread& t, const Py_buffer* info);  // builtins/memoryview.cpp
}
CAPI PyObject* PyMemoryView_FromObject(PyObject* o) {
    return out(call(here(), Value(&PyMemoryView_Type), {Value(o)}));
}
CAPI PyObject* PyMemoryView_FromBuffer(const Py_buffer* info) {
    if (!info->buf)
        return out(raise(here(), PyExc_ValueError, "PyMemoryView_FromBuffer(): info->buf must not be NULL"));
    return out(memoryview_from_buffer(here(), info));
}
CAPI PyObject* PyMemoryView_FromMemory(char* p, Py_ssize_t n, int flags) {
    Py_buffer view{};
    if (!fill_buffer_info(here(), &view, Value(), p, n, flags != 0x200, kBufFullRo)) return nullptr;
    return out(memoryview_from_buffer(here(), &view));
}
CAPI PyObject* PyMemoryView_GetContiguous(PyObject* o, int flags, char order) {
    Thread& t = here();
    P mv = PyMemoryView_FromObject(o);
    if (!mv) return nullptr;
    auto* m = reinterpret_cast<PyMemoryViewObject*>(mv);
    if (flags == 0x200 && m->view.readonly) {
        decref(mv);
        return out(raise(t, PyExc_BufferError, "underlying buffer is not writable"));
    }
    if (PyBuffer_IsContiguous(&m->view, order)) return mv;
    if (flags == 0x200) {
        decref(mv);
        return out(
            raise(t, PyExc_BufferError, "writable contiguous buffer requested for a non-contiguous object."));
    }
    Ref keep = Ref::steal(Value(mv));
    return out(memoryview_contiguous_copy(t, keep, order));
}
