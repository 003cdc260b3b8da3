// longobject.h, boolobject.h, floatobject.h, complexobject.h.
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include "builtins/bytes.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "capi/fast.h"
#include "gc/gc.h"
#include "object/internal.h"

using namespace krait;

namespace {
using P = PyObject*;
// The int behind a number argument: itself, or what __index__ gives.
Ref as_int(Thread& t, P o, const char* where) {
    if (!o) return bad_internal_call(t, where);
    if (is_long(o)) return Ref::share(Value(o));
    return krait::index(t, o);
}
}  // namespace

// --- from C numbers ---

namespace {
P from_unsigned(uint64_t v) {
    return v <= INT64_MAX ? box_int(static_cast<int64_t>(v)) : out(int_from_u64(here(), v));
}
}  // namespace

CAPI PyObject* PyLong_FromLong(long v) { return box_int(v); }
CAPI PyObject* PyLong_FromLongLong(long long v) { return box_int(v); }
CAPI PyObject* PyLong_FromSsize_t(Py_ssize_t v) { return box_int(v); }
CAPI PyObject* PyLong_FromUnsignedLong(unsigned long v) { return from_unsigned(v); }
CAPI PyObject* PyLong_FromUnsignedLongLong(unsigned long long v) { return from_unsigned(v); }
CAPI PyObject* PyLong_FromSize_t(size_t v) { return from_unsigned(v); }
CAPI PyObject* PyLong_FromInt32(int32_t v) { return box_int(v); }
CAPI PyObject* PyLong_FromUInt32(uint32_t v) { return box_int(v); }
CAPI PyObject* PyLong_FromInt64(int64_t v) { return box_int(v); }
CAPI PyObject* PyLong_FromUInt64(uint64_t v) { return from_unsigned(v); }
CAPI PyObject* _PyLong_FromTime_t(int64_t v) { return box_int(v); }
CAPI PyObject* PyLong_FromDouble(double d) { return out(int_from_double(here(), d)); }
CAPI PyObject* PyLong_FromVoidPtr(void* p) {
    return out(int_from_u64(here(), reinterpret_cast<uint64_t>(p)));
}
CAPI PyObject* PyLong_FromUnicodeObject(PyObject* s, int base) {
    Thread& t = here();
    return out(call(t, Value(&PyLong_Type), {Value(s), Value::from_int(base)}));
}
CAPI PyObject* PyLong_FromString(const char* s, char** end, int base) {
    Thread& t = here();
    if (!end) {
        Ref text = str_from(t, s);
        return text ? PyLong_FromUnicodeObject(text.get().ptr(), base) : nullptr;
    }
    // The longest prefix that is a number.
    const char* p = s;
    while (*p == ' ' || (*p >= '\t' && *p <= '\r')) p++;
    const char* q = p;
    if (*q == '+' || *q == '-') q++;
    auto digit = [](char c) {
        return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'z' ? (c | 32) - 'a' + 10 : 37;
    };
    int b = base;
    if (q[0] == '0' && (b == 0 || b == 16 || b == 8 || b == 2)) {
        int prefixed = (q[1] | 32) == 'x' ? 16 : (q[1] | 32) == 'o' ? 8 : (q[1] | 32) == 'b' ? 2 : 0;
        if (prefixed && (b == 0 || b == prefixed)) {
            b = prefixed;
            q += 2;
        }
    }
    if (b == 0) b = 10;
    while (digit(*q) < b || (*q == '_' && digit(q[1]) < b)) q++;
    *end = const_cast<char*>(q);
    for (const char* rest = q;; rest++) {
        if (*rest == ' ' || (*rest >= '\t' && *rest <= '\r')) continue;
        if (!*rest) *end = const_cast<char*>(rest);  // only blanks follow: they belong to it
        break;
    }
    Ref text = str_from(t, p, q - p);
    return text ? PyLong_FromUnicodeObject(text.get().ptr(), base) : nullptr;
}

// --- to C numbers ---

CAPI long PyLong_AsLong(PyObject* o) {
    if (int64_t v; o && compact_int(o, &v)) [[likely]]
        return v;
    if (!o) return fail(bad_call("PyLong_AsLong"));
    auto r = as_int64(here(), o);
    return r ? r.value() : -1;
}
CAPI long long PyLong_AsLongLong(PyObject* o) {
    if (int64_t v; o && compact_int(o, &v)) [[likely]]
        return v;
    Thread& t = here();
    Ref n = as_int(t, o, "PyLong_AsLongLong");
    int64_t v;
    if (!n) return -1;
    if (int_to_i64(n, &v)) return v;
    return fail(raise(t, PyExc_OverflowError, "int too big to convert"));
}
CAPI int64_t PyLong_AsLongAndOverflow(PyObject* o, int* overflow) {
    *overflow = 0;
    if (int64_t v; o && compact_int(o, &v)) [[likely]]
        return v;
    Ref n = as_int(here(), o, "PyLong_AsLongAndOverflow");
    int64_t v;
    if (!n) return -1;
    if (int_to_i64(n, &v)) return v;
    *overflow = int_sign(n);
    return -1;
}
CAPI long long PyLong_AsLongLongAndOverflow(PyObject* o, int* overflow) {
    return PyLong_AsLongAndOverflow(o, overflow);
}
CAPI int PyLong_AsInt(PyObject* o) {
    if (int64_t v; o && compact_int(o, &v) && v == static_cast<int>(v)) [[likely]]
        return static_cast<int>(v);
    Thread& t = here();
    int overflow;
    int64_t v = PyLong_AsLongAndOverflow(o, &overflow);
    if (overflow || v > INT32_MAX || v < INT32_MIN)
        return fail(raise(t, PyExc_OverflowError, "Python int too large to convert to C int"));
    return static_cast<int>(v);
}
CAPI int _PyLong_AsInt(PyObject* o) { return PyLong_AsInt(o); }
CAPI Py_ssize_t PyLong_AsSsize_t(PyObject* o) {
    if (int64_t v; o && compact_int(o, &v)) [[likely]]
        return v;
    Thread& t = here();
    if (!o) return fail(bad_call("PyLong_AsSsize_t"));
    if (!is_long(o)) return fail(raise(t, PyExc_TypeError, "an integer is required"));
    int64_t v;
    if (int_to_i64(o, &v)) return v;
    return fail(raise(t, PyExc_OverflowError, "Python int too large to convert to C ssize_t"));
}
namespace {
uint64_t to_unsigned(P o, const char* where, const char* too_large, const char* negative) {
    if (int64_t n; o && compact_int(o, &n) && n >= 0) [[likely]]
        return static_cast<uint64_t>(n);
    Thread& t = here();
    if (!o) {
        bad_internal_call(t, where);
        return UINT64_MAX;
    }
    uint64_t v;
    if (!is_long(o))
        raise(t, PyExc_TypeError, "an integer is required");
    else if (int_sign(o) < 0)
        raise(t, PyExc_OverflowError, negative);
    else if (int_to_u64(o, &v))
        return v;
    else
        raise(t, PyExc_OverflowError, too_large);
    return UINT64_MAX;
}
constexpr const char* kNegative = "can't convert negative value to unsigned int";
}  // namespace
CAPI unsigned long PyLong_AsUnsignedLong(PyObject* o) {
    return to_unsigned(o, "PyLong_AsUnsignedLong", "Python int too large to convert to C unsigned long",
                       kNegative);
}
CAPI unsigned long long PyLong_AsUnsignedLongLong(PyObject* o) {
    return to_unsigned(o, "PyLong_AsUnsignedLongLong", "int too big to convert",
                       "can't convert negative int to unsigned");
}
CAPI size_t PyLong_AsSize_t(PyObject* o) {
    return to_unsigned(o, "PyLong_AsSize_t", "Python int too large to convert to C size_t",
                       "can't convert negative value to size_t");
}
CAPI unsigned long PyLong_AsUnsignedLongMask(PyObject* o) {
    Ref n = as_int(here(), o, "PyLong_AsUnsignedLongMask");
    return n ? int_to_u64_wrapping(n) : UINT64_MAX;
}
CAPI unsigned long long PyLong_AsUnsignedLongLongMask(PyObject* o) { return PyLong_AsUnsignedLongMask(o); }
CAPI double PyLong_AsDouble(PyObject* o) {
    Thread& t = here();
    if (!o) return fail(bad_call("PyLong_AsDouble"));
    if (!is_long(o)) return fail(raise(t, PyExc_TypeError, "an integer is required"));
    auto r = int_to_double(t, o);
    return r ? r.value() : -1.0;
}
CAPI void* PyLong_AsVoidPtr(PyObject* o) {
    Thread& t = here();
    if (!o) return out(bad_call("PyLong_AsVoidPtr"));
    if (!is_long(o)) {
        raise(t, PyExc_TypeError, "an integer is required");
        return nullptr;
    }
    int64_t n;
    if (!int_to_i64(o, &n) && !int_to_u64(o, reinterpret_cast<uint64_t*>(&n))) {
        raise(t, PyExc_OverflowError, "int too big to convert");
        return nullptr;
    }
    return reinterpret_cast<void*>(n);
}
namespace {
int sized(P o, int64_t low, uint64_t high, bool is_signed, void* to, size_t size) {
    Thread& t = here();
    Ref n = as_int(t, o, "PyLong_AsInt32");
    if (!n) return -1;
    int64_t v = 0;
    uint64_t u = 0;
    if (is_signed) {
        if (!int_to_i64(n, &v) || v < low || (v > 0 && static_cast<uint64_t>(v) > high))
            return fail(
                raise(t, PyExc_OverflowError, "Python int too large to convert to C int%zu_t", size * 8));
        u = static_cast<uint64_t>(v);
    } else {
        if (int_sign(n) < 0) return fail(raise(t, PyExc_ValueError, "Cannot convert negative int"));
        if (!int_to_u64(n, &u) || u > high)
            return fail(
                raise(t, PyExc_OverflowError, "Python int too large to convert to C uint%zu_t", size * 8));
    }
    memcpy(to, &u, size);
    return 0;
}
}  // namespace
CAPI int PyLong_AsInt32(PyObject* o, int32_t* v) { return sized(o, INT32_MIN, INT32_MAX, true, v, 4); }
CAPI int PyLong_AsUInt32(PyObject* o, uint32_t* v) { return sized(o, 0, UINT32_MAX, false, v, 4); }
CAPI int PyLong_AsInt64(PyObject* o, int64_t* v) { return sized(o, INT64_MIN, INT64_MAX, true, v, 8); }
CAPI int PyLong_AsUInt64(PyObject* o, uint64_t* v) { return sized(o, 0, UINT64_MAX, false, v, 8); }

// --- converters of "O&" ---

namespace {
template <class T>
int convert_unsigned(P o, T* to, const char* name) {
    Thread& t = here();
    Ref n = krait::index(t, o);
    if (!n) return 0;
    uint64_t v;
    if (int_sign(n) < 0) {
        raise(t, PyExc_ValueError, "Cannot convert negative int");
        return 0;
    }
    if (!int_to_u64(n, &v) || v > static_cast<T>(-1)) {
        raise(t, PyExc_OverflowError, "Python int too large for C %s", name);
        return 0;
    }
    *to = static_cast<T>(v);
    return 1;
}
}  // namespace
CAPI int _PyLong_UnsignedShort_Converter(PyObject* o, void* p) {
    return convert_unsigned(o, static_cast<unsigned short*>(p), "unsigned short");
}
CAPI int _PyLong_UnsignedInt_Converter(PyObject* o, void* p) {
    return convert_unsigned(o, static_cast<unsigned*>(p), "unsigned int");
}
CAPI int _PyLong_UnsignedLong_Converter(PyObject* o, void* p) {
    return convert_unsigned(o, static_cast<unsigned long*>(p), "unsigned long");
}
CAPI int _PyLong_UnsignedLongLong_Converter(PyObject* o, void* p) {
    return convert_unsigned(o, static_cast<unsigned long*>(p), "unsigned long long");
}
CAPI int _PyLong_Size_t_Converter(PyObject* o, void* p) {
    return convert_unsigned(o, static_cast<size_t*>(p), "size_t");
}
CAPI int _PyLong_UInt8_Converter(PyObject* o, void* p) {
    return convert_unsigned(o, static_cast<uint8_t*>(p), "uint8_t");
}
CAPI int _PyLong_UInt16_Converter(PyObject* o, void* p) {
    return convert_unsigned(o, static_cast<uint16_t*>(p), "uint16_t");
}
CAPI int _PyLong_UInt32_Converter(PyObject* o, void* p) {
    return convert_unsigned(o, static_cast<uint32_t*>(p), "uint32_t");
}
CAPI int _PyLong_UInt64_Converter(PyObject* o, void* p) {
    return convert_unsigned(o, static_cast<uint64_t*>(p), "uint64_t");
}

// --- bytes ---

CAPI PyObject* _PyLong_FromByteArray(const unsigned char* p, size_t n, int little, int is_signed) {
    return out(int_from_bytes(here(), p, n, little, is_signed));
}
CAPI int _PyLong_AsByteArray(PyObject* o, unsigned char* p, size_t n, int little, int is_signed,
                             int with_exceptions) {
    Thread& t = here();
    if (int_sign(o) < 0 && !is_signed) {
        if (with_exceptions) raise(t, PyExc_OverflowError, "can't convert negative int to unsigned");
        return -1;
    }
    if (int_to_bytes(t, o, p, n, little, is_signed)) return 0;
    if (with_exceptions)
        raise(t, PyExc_OverflowError, "int too big to convert");
    else
        clear_error(t);
    return -1;
}
namespace {
enum NativeFlag2 {
    kLittle = 1,
    kNativeEndian = 2,
    kUnsignedBuffer = 4,
    kRejectNegative = 8,
    kAllowIndex = 16
};
bool little_of(int flags) { return flags == -1 || (flags & kNativeEndian) || (flags & kLittle); }
}  // namespace
CAPI Py_ssize_t PyLong_AsNativeBytes(PyObject* o, void* buffer, Py_ssize_t n, int flags) {
    Thread& t = here();
    if (!o || n < 0) return fail(bad_call("PyLong_AsNativeBytes"));
    Ref v;
    if (is_long(o))
        v = Ref::share(Value(o));
    else if (flags != -1 && (flags & kAllowIndex))
        v = krait::index(t, o);
    else
        return fail(raise(t, PyExc_TypeError, "expect int, got %T", Value(o)));
    if (!v) return -1;
    bool negative = int_sign(v) < 0;
    if (flags != -1 && (flags & kRejectNegative) && negative)
        return fail(raise(t, PyExc_ValueError, "Cannot convert negative int"));
    // Bytes that two's complement takes, then the lowest n of them. An int of one digit that does not fit
    // counts as a machine word.
    constexpr Py_ssize_t kWord = 8;
    int64_t bits = int_bit_length(v);
    bool as_unsigned = flags == -1 || (flags & kUnsignedBuffer);
    bool exactly = n > 0 && bits == n * 8;
    if (exactly && negative) {
        // The smallest number of so many bytes: a power of two.
        Ref up = int_add(t, v, Value::from_int(1));
        exactly = up && int_bit_length(up) < bits;
    } else if (exactly) {
        exactly = as_unsigned;
    }
    Py_ssize_t need = exactly ? n : bits / 8 + 1;
    if (bits <= 30 && !exactly) {
        // Of the numbers with one bit too many, the positive ones are told what they need.
        bool one_more = n > 0 && !negative && bits == n * 8;
        need = n > 0 && bits < n * 8 ? (n < kWord ? n : kWord) : one_more ? n + 1 : kWord;
    }
    if (n == 0) return need;
    size_t full = static_cast<size_t>(bits / 8 + 1 > n ? bits / 8 + 1 : n);
    std::vector<unsigned char> all(full);
    if (!int_to_bytes(t, v, all.data(), full, true, true)) return -1;
    auto* p = static_cast<unsigned char*>(buffer);
    bool little = little_of(flags);
    for (Py_ssize_t i = 0; i < n; i++) p[little ? i : n - 1 - i] = all[i];
    return need;
}
CAPI PyObject* PyLong_FromNativeBytes(const void* p, size_t n, int flags) {
    return out(int_from_bytes(here(), static_cast<const unsigned char*>(p), n, little_of(flags),
                              flags == -1 || !(flags & kUnsignedBuffer)));
}
CAPI PyObject* PyLong_FromUnsignedNativeBytes(const void* p, size_t n, int flags) {
    return out(int_from_bytes(here(), static_cast<const unsigned char*>(p), n, little_of(flags), false));
}

// --- questions ---

namespace {
bool need_int(P o) {
    if (is_long(o)) return true;
    raise(here(), PyExc_TypeError, "expect int, got %T", Value(o));
    return false;
}
}  // namespace
CAPI int PyLong_IsNegative(PyObject* o) { return need_int(o) ? int_sign(o) < 0 : -1; }
CAPI int PyLong_IsPositive(PyObject* o) { return need_int(o) ? int_sign(o) > 0 : -1; }
CAPI int PyLong_IsZero(PyObject* o) { return need_int(o) ? int_sign(o) == 0 : -1; }
CAPI int PyLong_GetSign(PyObject* o, int* sign) {
    if (!need_int(o)) return -1;
    *sign = int_sign(o);
    return 0;
}
CAPI int _PyLong_Sign(PyObject* o) { return int_sign(o); }
CAPI int64_t _PyLong_NumBits(PyObject* o) { return int_bit_length(o); }
CAPI int PyUnstable_Long_IsCompact(const PyLongObject* o) { return o->lv_tag < (2 << 3); }
CAPI Py_ssize_t PyUnstable_Long_CompactValue(const PyLongObject* o) {
    return (1 - static_cast<Py_ssize_t>(o->lv_tag & 3)) * static_cast<Py_ssize_t>(o->ob_digit[0]);
}
CAPI PyObject* _PyLong_Format(PyObject* o, int base) {
    Thread& t = here();
    Ref digits = int_to_str(t, o, base);
    if (!digits || base == 10) return out(std::move(digits));
    const char* prefix = base == 2 ? "0b" : base == 8 ? "0o" : "0x";
    if (int_sign(o) >= 0) return out(str_format(t, "%s%U", prefix, digits.get()));
    Ref rest = str_substring(t, digits, 1, str_length(digits));
    return rest ? out(str_format(t, "-%s%U", prefix, rest.get())) : nullptr;
}
CAPI PyObject* _PyLong_GCD(PyObject* a, PyObject* b) {
    Ref fn = import_attr(here(), "math", "gcd");
    return fn ? out(call(here(), fn, {Value(a), Value(b)})) : nullptr;
}
CAPI PyObject* PyLong_GetInfo() {
    Value v = sys_get(here(), "int_info");
    return v ? to_c_new(v) : nullptr;
}
CAPI PyObject* _PyLong_Copy(PyLongObject* o) {
    Ref r = int_add(here(), Value(&o->ob_base), Value::from_int(0));
    return out(std::move(r));
}
// An int of n digits, to be filled by the caller.
CAPI PyLongObject* _PyLong_New(Py_ssize_t n) {
    Thread& t = here();
    size_t size = offsetof(PyLongObject, ob_digit) + static_cast<size_t>(n ? n : 1) * sizeof(uint32_t);
    PyObject* o = alloc_raw(t, &PyLong_Type, size < sizeof(PyLongObject) ? sizeof(PyLongObject) : size);
    if (!o) return nullptr;
    auto* l = reinterpret_cast<PyLongObject*>(o);
    l->lv_tag = static_cast<uint64_t>(n) << 3;
    l->ob_digit[0] = 0;
    return l;
}
CAPI PyObject* _PyLong_FromDigits(int negative, Py_ssize_t n, uint32_t* digits) {
    while (n > 0 && !digits[n - 1]) n--;
    if (n == 0) return PyLong_FromLong(0);
    PyLongObject* l = _PyLong_New(n);
    if (!l) return nullptr;
    if (negative) l->lv_tag |= 2;
    memcpy(l->ob_digit, digits, static_cast<size_t>(n) * 4);
    return &l->ob_base;
}

// --- export and import of digits ---

struct PyLongLayout {
    uint8_t bits_per_digit, digit_size;
    int8_t digits_order, digit_endianness;
};
struct PyLongExport {
    int64_t value;
    uint8_t negative;
    Py_ssize_t ndigits;
    const void* digits;
    uintptr_t reserved;
};
CAPI const PyLongLayout* PyLong_GetNativeLayout() {
    static const PyLongLayout layout = {30, 4, -1, -1};
    return &layout;
}
CAPI int PyLong_Export(PyObject* o, PyLongExport* e) {
    Thread& t = here();
    memset(e, 0, sizeof *e);
    if (!is_long(o)) return fail(raise(t, PyExc_TypeError, "expected int, got %T", Value(o)));
    int64_t v;
    if (int_to_i64(o, &v)) {
        e->value = v;
        return 0;
    }
    auto* l = reinterpret_cast<PyLongObject*>(o);
    e->negative = (l->lv_tag & 3) == 2;
    e->ndigits = static_cast<Py_ssize_t>(l->lv_tag >> 3);
    e->digits = l->ob_digit;
    e->reserved = reinterpret_cast<uintptr_t>(new_ref(o));
    return 0;
}
CAPI void PyLong_FreeExport(PyLongExport* e) {
    if (!e->reserved) return;
    decref(reinterpret_cast<PyObject*>(e->reserved));
    e->reserved = 0;
}
CAPI PyLongObject* PyLongWriter_Create(int negative, Py_ssize_t n, void** digits) {
    if (n <= 0) {
        raise(here(), PyExc_ValueError, "ndigits must be positive");
        return nullptr;
    }
    PyLongObject* l = _PyLong_New(n);
    if (!l) return nullptr;
    if (negative) l->lv_tag |= 2;
    *digits = l->ob_digit;
    return l;
}
CAPI void PyLongWriter_Discard(PyLongObject* l) {
    if (l) decref(&l->ob_base);
}
CAPI PyObject* PyLongWriter_Finish(PyLongObject* l) {
    auto n = static_cast<Py_ssize_t>(l->lv_tag >> 3);
    bool negative = (l->lv_tag & 3) == 2;
    while (n > 0 && !l->ob_digit[n - 1]) n--;
    l->lv_tag = n == 0 ? 1 : static_cast<uint64_t>(n) << 3 | (negative ? 2 : 0);
    if (n > 2) return &l->ob_base;
    // A small one may be an immediate, or one of the small ints.
    Ref r = from_c(&l->ob_base);
    return out(std::move(r));
}

// --- bool ---

CAPI PyObject* PyBool_FromLong(long v) {
    return new_ref(v ? &_Py_TrueStruct.ob_base : &_Py_FalseStruct.ob_base);
}

// --- float ---

CAPI PyObject* PyFloat_FromDouble(double d) { return box_double(d); }
CAPI PyObject* PyFloat_FromString(PyObject* o) {
    Thread& t = here();
    Ref r = float_from_text(t, o);
    if (!r && clear_if(t, PyExc_BufferError))
        return out(raise(t, PyExc_TypeError,
                         "float() argument must be a string or a real number, not '%.200s'",
                         o->ob_type->tp_name));
    return out(std::move(r));
}
CAPI double PyFloat_AsDouble(PyObject* o) {
    if (double d; o && exact_float(o, &d)) [[likely]]
        return d;
    if (!o) return fail(raise(here(), PyExc_TypeError, "bad argument type for built-in operation"));
    if (is_double(Value(o))) return reinterpret_cast<PyFloatObject*>(o)->ob_fval;
    auto r = as_double(here(), o);
    return r ? r.value() : -1.0;
}
CAPI double PyFloat_GetMax() { return __DBL_MAX__; }
CAPI double PyFloat_GetMin() { return __DBL_MIN__; }
CAPI PyObject* PyFloat_GetInfo() {
    Value v = sys_get(here(), "float_info");
    return v ? to_c_new(v) : nullptr;
}
CAPI char* PyOS_double_to_string(double v, char format, int precision, int flags, int* type) {
    if (type) *type = std::isinf(v) ? 1 : std::isnan(v) ? 2 : 0;
    char* s = double_to_text(v, format, precision, flags & 1, flags & 4, flags & 2);
    return s;  // PyMem_Free is mem_free
}
CAPI double PyOS_string_to_double(const char* s, char** end, PyObject* overflow) {
    auto r = text_to_double(here(), s, end, reinterpret_cast<PyTypeObject*>(overflow));
    return r ? r.value() : -1.0;
}
CAPI int PyFloat_Pack8(double d, char* p, int little) {
    uint64_t u = std::bit_cast<uint64_t>(d);
    if (!little) u = __builtin_bswap64(u);
    memcpy(p, &u, 8);
    return 0;
}
namespace {
// NaNs keep their sign, what fits of their payload, and whether they are quiet.
uint64_t narrow_nan(uint64_t u, int mantissa_bits) {
    int shift = 52 - mantissa_bits;
    uint64_t quiet = uint64_t{1} << (mantissa_bits - 1), payload = (u >> shift) & (2 * quiet - 1);
    if (!(payload & (quiet - 1)) && !(payload & quiet)) payload = quiet;  // nothing else would be an infinity
    return payload;
}
uint64_t wide_nan(uint64_t sign, uint64_t mantissa, int mantissa_bits) {
    return sign << 63 | uint64_t{0x7ff} << 52 | mantissa << (52 - mantissa_bits);
}
}  // namespace
CAPI int PyFloat_Pack4(double d, char* p, int little) {
    uint32_t u;
    if (std::isnan(d)) {
        auto bits = std::bit_cast<uint64_t>(d);
        u = static_cast<uint32_t>(bits >> 63 << 31 | uint64_t{0xff} << 23 | narrow_nan(bits, 23));
    } else {
        auto f = static_cast<float>(d);
        if (std::isinf(f) && !std::isinf(d))
            return fail(raise(here(), PyExc_OverflowError, "float too large to pack with f format"));
        u = std::bit_cast<uint32_t>(f);
    }
    if (!little) u = __builtin_bswap32(u);
    memcpy(p, &u, 4);
    return 0;
}
CAPI double PyFloat_Unpack8(const char* p, int little) {
    uint64_t u;
    memcpy(&u, p, 8);
    return std::bit_cast<double>(little ? u : __builtin_bswap64(u));
}
CAPI double PyFloat_Unpack4(const char* p, int little) {
    uint32_t u;
    memcpy(&u, p, 4);
    if (!little) u = __builtin_bswap32(u);
    if ((u & 0x7fffffff) > 0x7f800000) return std::bit_cast<double>(wide_nan(u >> 31, u & 0x7fffff, 23));
    return std::bit_cast<float>(u);
}
namespace {
// Half precision goes through the module that knows it.
Ref struct_call(Thread& t, const char* fn, int little, Value arg) {
    Ref f = import_attr(t, "_struct", fn);
    Ref format = f ? str_from(t, little ? "<e" : ">e") : Ref();
    return format ? call(t, f, {format, arg}) : Ref();
}
}  // namespace
CAPI int PyFloat_Pack2(double d, char* p, int little) {
    Thread& t = here();
    if (std::isnan(d)) {
        auto bits = std::bit_cast<uint64_t>(d);
        auto u = static_cast<uint16_t>(bits >> 63 << 15 | uint64_t{0x1f} << 10 | narrow_nan(bits, 10));
        if (!little) u = __builtin_bswap16(u);
        memcpy(p, &u, 2);
        return 0;
    }
    Ref v = float_from(t, d);
    Ref bytes = v ? struct_call(t, "pack", little, v) : Ref();
    if (!bytes) return -1;
    memcpy(p, bytes_data(bytes), 2);
    return 0;
}
CAPI double PyFloat_Unpack2(const char* p, int little) {
    Thread& t = here();
    uint16_t u;
    memcpy(&u, p, 2);
    if (!little) u = __builtin_bswap16(u);
    if ((u & 0x7fff) > 0x7c00) return std::bit_cast<double>(wide_nan(u >> 15, u & 0x3ff, 10));
    Ref bytes = bytes_from(t, p, 2);
    Ref tuple = bytes ? struct_call(t, "unpack", little, bytes) : Ref();
    if (!tuple) return -1.0;
    return float_value(tuple_get(tuple, 0));
}

// --- complex ---

struct Py_complex {
    double real, imag;
};
CAPI PyObject* PyComplex_FromDoubles(double real, double imag) {
    return out(complex_from(here(), real, imag));
}
CAPI PyObject* PyComplex_FromCComplex(Py_complex c) { return out(complex_from(here(), c.real, c.imag)); }
CAPI Py_complex PyComplex_AsCComplex(PyObject* o) {
    Thread& t = here();
    if (is_instance_exact_or_sub(o, &PyComplex_Type)) {
        auto* c = reinterpret_cast<PyComplexObject*>(o);
        return {c->real, c->imag};
    }
    Maybe m = try_complex_method(t, o);
    if (!m) return {-1.0, 0};
    if (Ref made = m.take()) {
        auto* c = made.as<PyComplexObject>();
        return {c->real, c->imag};
    }
    return {PyFloat_AsDouble(o), 0};
}
CAPI double PyComplex_RealAsDouble(PyObject* o) {
    if (is_instance_exact_or_sub(o, &PyComplex_Type)) return reinterpret_cast<PyComplexObject*>(o)->real;
    double real = PyComplex_AsCComplex(o).real;
    return here().has_exception() ? -1.0 : real;
}
CAPI double PyComplex_ImagAsDouble(PyObject* o) {
    if (is_instance_exact_or_sub(o, &PyComplex_Type)) return reinterpret_cast<PyComplexObject*>(o)->imag;
    double imag = PyComplex_AsCComplex(o).imag;
    return here().has_exception() ? -1.0 : imag;
}
CAPI Py_complex _Py_c_sum(Py_complex a, Py_complex b) { return {a.real + b.real, a.imag + b.imag}; }
CAPI Py_complex _Py_c_diff(Py_complex a, Py_complex b) { return {a.real - b.real, a.imag - b.imag}; }
CAPI Py_complex _Py_c_neg(Py_complex a) { return {-a.real, -a.imag}; }
CAPI Py_complex _Py_c_prod(Py_complex a, Py_complex b) {
    return {a.real * b.real - a.imag * b.imag, a.real * b.imag + a.imag * b.real};
}
CAPI Py_complex _Py_c_quot(Py_complex a, Py_complex b) {
    double br = b.real < 0 ? -b.real : b.real, bi = b.imag < 0 ? -b.imag : b.imag;
    if (br >= bi) {
        if (br == 0.0) {
            errno = EDOM;
            return {0, 0};
        }
        double ratio = b.imag / b.real, d = b.real + b.imag * ratio;
        return {(a.real + a.imag * ratio) / d, (a.imag - a.real * ratio) / d};
    }
    if (bi >= br) {
        double ratio = b.real / b.imag, d = b.real * ratio + b.imag;
        return {(a.real * ratio + a.imag) / d, (a.imag * ratio - a.real) / d};
    }
    return {NAN, NAN};
}
CAPI double _Py_c_abs(Py_complex z) {
    double r = std::hypot(z.real, z.imag);
    errno = std::isfinite(z.real) && std::isfinite(z.imag) && !std::isfinite(r) ? ERANGE : 0;
    return r;
}
CAPI Py_complex _Py_c_pow(Py_complex a, Py_complex b) {
    if (b.real == 0 && b.imag == 0) return {1, 0};
    if (a.real == 0 && a.imag == 0) {
        if (b.imag != 0 || b.real < 0) errno = EDOM;
        return {0, 0};
    }
    double size = std::hypot(a.real, a.imag), len = std::pow(size, b.real), at = std::atan2(a.imag, a.real);
    double phase = at * b.real;
    if (b.imag != 0) {
        len *= std::exp(-at * b.imag);
        phase += b.imag * std::log(size);
    }
    return {len * std::cos(phase), len * std::sin(phase)};
}
