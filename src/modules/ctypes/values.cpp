// Reading and writing the values of simple types.
#include <complex>
#include <cstring>
#include <cwchar>

#include "modules/ctypes/ctypes.h"

namespace krait::ctypes {

namespace {

template <class T>
T byte_swap(T v) {
    if constexpr (sizeof(T) == 1) return v;
    auto* p = reinterpret_cast<unsigned char*>(&v);
    for (size_t i = 0; i < sizeof(T) / 2; i++) std::swap(p[i], p[sizeof(T) - 1 - i]);
    return v;
}
template <class T, bool Swap>
T load(const char* p) {
    T v;
    memcpy(&v, p, sizeof v);
    return Swap ? byte_swap(v) : v;
}
template <class T, bool Swap>
void store(char* p, T v) {
    if (Swap) v = byte_swap(v);
    memcpy(p, &v, sizeof v);
}

// --- integers ---

template <class T, bool Swap>
Ref get_int(Thread& t, const char* p, int64_t, int bits) {
    T v = load<T, Swap>(p);
    if (bits) {
        int size = bits >> 16, offset = bits & 0xffff, width = static_cast<int>(sizeof(T) * 8);
        v = static_cast<T>(static_cast<T>(static_cast<uint64_t>(v) << (width - size - offset)) >>
                           (width - size));
    }
    if constexpr (std::is_signed_v<T>)
        return int_from(t, static_cast<int64_t>(v));
    else
        return int_from_u64(t, v);
}
template <class T, bool Swap>
Ref set_int(Thread& t, char* p, Value v, int64_t, int bits) {
    Ref n = TRY(index(t, v));
    auto value = static_cast<T>(int_to_u64_wrapping(n));
    if (bits) {
        int size = bits >> 16, offset = bits & 0xffff;
        uint64_t mask = (size == 64 ? ~uint64_t{0} : (uint64_t{1} << size) - 1) << offset;
        auto old = static_cast<uint64_t>(load<T, Swap>(p));
        value = static_cast<T>((old & ~mask) | ((static_cast<uint64_t>(value) << offset) & mask));
    }
    store<T, Swap>(p, value);
    return none_ref();
}
Ref get_bool(Thread&, const char* p, int64_t, int bits) {
    auto v = static_cast<unsigned char>(*p);
    if (bits) v = static_cast<unsigned char>(v >> (bits & 0xffff)) & 1;
    return bool_ref(v);
}
Ref set_bool(Thread& t, char* p, Value v, int64_t, int bits) {
    bool on = TRY(is_true(t, v));
    if (bits) {
        int bit = 1 << (bits & 0xffff);
        *p = static_cast<char>(on ? *p | bit : *p & ~bit);
    } else {
        *p = on;
    }
    return none_ref();
}
// VARIANT_BOOL of Windows: 0 and -1.
Ref get_variant_bool(Thread&, const char* p, int64_t, int) { return bool_ref(load<int16_t, false>(p)); }
Ref set_variant_bool(Thread& t, char* p, Value v, int64_t, int) {
    bool on = TRY(is_true(t, v));
    store<int16_t, false>(p, on ? -1 : 0);
    return none_ref();
}

// --- floats ---

template <class T, bool Swap>
Ref get_float(Thread& t, const char* p, int64_t, int) {
    return float_from(t, static_cast<double>(load<T, Swap>(p)));
}
template <class T, bool Swap>
Ref set_float(Thread& t, char* p, Value v, int64_t, int) {
    double d = TRY(as_double(t, v));
    store<T, Swap>(p, static_cast<T>(d));
    return none_ref();
}
// long double has ten bytes of sixteen: the rest is not touched by loads and stores of the processor.
Ref get_long_double(Thread& t, const char* p, int64_t, int) {
    long double v;
    memcpy(&v, p, sizeof v);
    return float_from(t, static_cast<double>(v));
}
Ref set_long_double(Thread& t, char* p, Value v, int64_t, int) {
    long double d = TRY(as_double(t, v));
    memcpy(p, &d, sizeof d);
    return none_ref();
}
template <class T, bool Swap = false>
Ref get_complex(Thread& t, const char* p, int64_t, int) {
    T real = load<T, Swap>(p), imag = load<T, Swap>(p + sizeof(T));
    return complex_from(t, static_cast<double>(real), static_cast<double>(imag));
}
template <class T, bool Swap = false>
Ref set_complex(Thread& t, char* p, Value v, int64_t, int) {
    Complex c = TRY(as_complex(t, v));
    store<T, Swap>(p, static_cast<T>(c.real));
    store<T, Swap>(p + sizeof(T), static_cast<T>(c.imag));
    return none_ref();
}

// --- characters ---

Ref get_char(Thread& t, const char* p, int64_t, int) { return bytes_from(t, p, 1); }
Ref set_char(Thread& t, char* p, Value v, int64_t, int) {
    bool array = is_instance_exact_or_sub(v, &PyByteArray_Type);
    if (is_bytes(v) || array) {
        int64_t n = array ? v.as<PyByteArrayObject>()->ob_base.ob_size : bytes_size(v);
        if (n != 1)
            return raise(t, PyExc_TypeError,
                         "one character bytes, bytearray, or an integer in range(256) expected, not %s of "
                         "length %zd",
                         array ? "bytearray" : "bytes", n);
        *p = array ? v.as<PyByteArrayObject>()->ob_start[0] : bytes_data(v)[0];
        return none_ref();
    }
    if (is_long(v)) {
        int64_t n;
        if (!int_to_i64(v, &n) || n < 0 || n > 255)
            return raise(t, PyExc_TypeError, "integer not in range(256)");
        *p = static_cast<char>(n);
        return none_ref();
    }
    return raise(t, PyExc_TypeError,
                 "one character bytes, bytearray, or an integer in range(256) expected, not %T", v);
}
Ref get_wchar(Thread& t, const char* p, int64_t, int) {
    auto c = load<uint32_t, false>(p);
    if (c > 0x10ffff)
        return raise(t, PyExc_ValueError, "character U+%x is not in range [U+0000; U+10ffff]", c);
    return str_from_char(t, c);
}
Ref set_wchar(Thread& t, char* p, Value v, int64_t, int) {
    if (!is_str(v)) return raise(t, PyExc_TypeError, "a unicode character expected, not instance of %T", v);
    if (str_length(v) != 1)
        return raise(t, PyExc_TypeError, "a unicode character expected, not a string of length %zd",
                     str_length(v));
    store<uint32_t, false>(p, str_char(v, 0));
    return none_ref();
}

// Arrays of characters as fields.
Ref get_bytes(Thread& t, const char* p, int64_t size, int) {
    return bytes_from(t, p, static_cast<int64_t>(strnlen(p, static_cast<size_t>(size))));
}
Ref set_bytes(Thread& t, char* p, Value v, int64_t size, int) {
    if (!is_bytes(v)) return raise(t, PyExc_TypeError, "expected bytes, %s found", type_of(v)->tp_name);
    // What stands behind the first NUL does not count.
    auto n = static_cast<int64_t>(strlen(bytes_data(v)));
    if (n > size) return raise(t, PyExc_ValueError, "bytes too long (%zd, maximum length %zd)", n, size);
    memcpy(p, bytes_data(v), static_cast<size_t>(n < size ? n + 1 : n));
    return none_ref();
}
Ref wide_text(Thread& t, const char* p, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        if (load<uint32_t, false>(p + i * 4) > 0x10ffff)
            return raise(t, PyExc_ValueError, "character U+%x is not in range [U+0000; U+10ffff]",
                         load<uint32_t, false>(p + i * 4));
    return str_from_kind(t, 4, p, n);
}
Ref get_wide(Thread& t, const char* p, int64_t size, int) {
    int64_t n = 0, limit = size / 4;
    while (n < limit && load<uint32_t, false>(p + n * 4)) n++;
    return wide_text(t, p, n);
}
Ref set_wide(Thread& t, char* p, Value v, int64_t size, int) {
    if (!is_str(v))
        return raise(t, PyExc_TypeError, "unicode string expected instead of %s instance",
                     type_of(v)->tp_name);
    int64_t n = str_length(v), room = size / 4;
    if (n > room) return raise(t, PyExc_ValueError, "string too long (%zd, maximum length %zd)", n, room);
    for (int64_t i = 0; i < n; i++) store<uint32_t, false>(p + i * 4, str_char(v, i));
    if (n < room) store<uint32_t, false>(p + n * 4, 0);
    return none_ref();
}

// --- pointers ---

void* load_pointer(const char* p) { return load<void*, false>(p); }
Ref get_string(Thread& t, const char* p, int64_t, int) {
    auto* s = static_cast<const char*>(load_pointer(p));
    if (!s) return none_ref();
    return bytes_from(t, s, static_cast<int64_t>(strlen(s)));
}
Ref set_string(Thread& t, char* p, Value v, int64_t, int) {
    if (is_none(v)) {
        store<void*, false>(p, nullptr);
        return none_ref();
    }
    if (is_bytes(v)) {
        store<const char*, false>(p, bytes_data(v));
        return Ref::share(v);
    }
    if (is_long(v)) {
        store<uint64_t, false>(p, int_to_u64_wrapping(v));
        return none_ref();
    }
    return raise(t, PyExc_TypeError, "bytes or integer address expected instead of %s instance",
                 type_of(v)->tp_name);
}
Ref get_wide_string(Thread& t, const char* p, int64_t, int) {
    auto* s = static_cast<const wchar_t*>(load_pointer(p));
    if (!s) return none_ref();
    return wide_text(t, reinterpret_cast<const char*>(s), static_cast<int64_t>(wcslen(s)));
}
Ref set_wide_string(Thread& t, char* p, Value v, int64_t, int) {
    if (is_none(v)) {
        store<void*, false>(p, nullptr);
        return none_ref();
    }
    if (is_long(v)) {
        store<uint64_t, false>(p, int_to_u64_wrapping(v));
        return none_ref();
    }
    if (!is_str(v))
        return raise(t, PyExc_TypeError, "unicode string or integer address expected instead of %s instance",
                     type_of(v)->tp_name);
    // A copy as wide characters, kept alive by a capsule.
    int64_t n = str_length(v);
    auto* copy = static_cast<wchar_t*>(mem_alloc(static_cast<size_t>(n + 1) * sizeof(wchar_t)));
    if (!copy) return raise_no_memory(t);
    for (int64_t i = 0; i < n; i++) copy[i] = static_cast<wchar_t>(str_char(v, i));
    copy[n] = 0;
    Ref keep = capsule_new(t, copy, "_ctypes/cfield.c wchar_t buffer");
    if (!keep) {
        mem_free(copy);
        return {};
    }
    keep.as<Capsule>()->destructor = [](PyObject* o) { mem_free(reinterpret_cast<Capsule*>(o)->pointer); };
    store<wchar_t*, false>(p, copy);
    return keep;
}
Ref get_pointer(Thread& t, const char* p, int64_t, int) {
    void* v = load_pointer(p);
    return v ? pointer_to_int(t, v) : none_ref();
}
Ref set_pointer(Thread& t, char* p, Value v, int64_t, int) {
    if (is_none(v)) {
        store<void*, false>(p, nullptr);
        return none_ref();
    }
    if (!is_long(v)) return raise(t, PyExc_TypeError, "cannot be converted to pointer");
    store<uint64_t, false>(p, int_to_u64_wrapping(v));
    return none_ref();
}
Ref get_object(Thread& t, const char* p, int64_t, int) {
    auto* o = static_cast<PyObject*>(load_pointer(p));
    if (!o) return raise(t, PyExc_ValueError, "PyObject is NULL");
    incref(o);
    return from_c(o);
}
Ref set_object(Thread&, char* p, Value v, int64_t, int) {
    PyObject* o = to_c_new(v);
    store<PyObject*, false>(p, o);
    return Ref::steal(Value(o));
}

#define INT(code, T, ffi) \
    {code, &ffi, set_int<T, false>, get_int<T, false>, set_int<T, true>, get_int<T, true>}
#define FLOAT(code, T, ffi) \
    {code, &ffi, set_float<T, false>, get_float<T, false>, set_float<T, true>, get_float<T, true>}
#define PLAIN(code, ffi, set, get) {code, &ffi, set, get, nullptr, nullptr}
#define COMPLEX(code, T, ffi) \
    {code, &ffi, set_complex<T>, get_complex<T>, set_complex<T, true>, get_complex<T, true>}
constexpr Code kCodes[] = {
    PLAIN('c', ffi_type_schar, set_char, get_char),
    PLAIN('b', ffi_type_schar, (set_int<int8_t, false>), (get_int<int8_t, false>)),
    PLAIN('B', ffi_type_uchar, (set_int<uint8_t, false>), (get_int<uint8_t, false>)),
    INT('h', int16_t, ffi_type_sshort),
    INT('H', uint16_t, ffi_type_ushort),
    INT('i', int32_t, ffi_type_sint),
    INT('I', uint32_t, ffi_type_uint),
    INT('l', int64_t, ffi_type_slong),
    INT('L', uint64_t, ffi_type_ulong),
    INT('q', int64_t, ffi_type_sint64),
    INT('Q', uint64_t, ffi_type_uint64),
    FLOAT('f', float, ffi_type_float),
    FLOAT('d', double, ffi_type_double),
    PLAIN('g', ffi_type_longdouble, set_long_double, get_long_double),
    COMPLEX('F', float, ffi_type_complex_float),
    COMPLEX('D', double, ffi_type_complex_double),
    PLAIN('G', ffi_type_complex_longdouble, set_complex<long double>, get_complex<long double>),
    PLAIN('?', ffi_type_uchar, set_bool, get_bool),
    PLAIN('v', ffi_type_sshort, set_variant_bool, get_variant_bool),
    PLAIN('u', ffi_type_sint32, set_wchar, get_wchar),
    PLAIN('z', ffi_type_pointer, set_string, get_string),
    PLAIN('Z', ffi_type_pointer, set_wide_string, get_wide_string),
    PLAIN('P', ffi_type_pointer, set_pointer, get_pointer),
    PLAIN('O', ffi_type_pointer, set_object, get_object),
};
#undef INT
#undef FLOAT
#undef PLAIN
#undef COMPLEX

}  // namespace

const char kSimpleCodes[] = "cbBhHiIlLdDFGfuzZqQPOv?g";

const Code* find_code(uint32_t code) {
    for (const Code& c : kCodes)
        if (static_cast<uint32_t>(c.code) == code) return &c;
    return nullptr;
}
Getter char_array_getter(bool wide) { return wide ? get_wide : get_bytes; }
Setter char_array_setter(bool wide) { return wide ? set_wide : set_bytes; }
void* pointer_from_int(Value v) { return reinterpret_cast<void*>(int_to_u64_wrapping(v)); }

}  // namespace krait::ctypes
