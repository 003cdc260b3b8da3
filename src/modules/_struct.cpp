// The module _struct: packing values into bytes by a format, and back.
#include <bit>
#include <cmath>
#include <cstring>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/iterators.h"
#include "builtins/number.h"
#include "builtins/str_internal.h"
#include "builtins/str_methods.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/per_interpreter.h"
#include "object/protocol.h"

namespace krait {

namespace {

// --- formats ---

enum class Kind : uint8_t { Pad, Char, Bytes, Pascal, Bool, Signed, Unsigned, Pointer, Float, Complex };

struct Format {
    char code;
    Kind kind;
    uint8_t size, align;  // native
    uint8_t standard;     // size in the standard modes, 0: not there
};
constexpr Format kFormats[] = {
    {'x', Kind::Pad, 1, 1, 1},       {'b', Kind::Signed, 1, 1, 1},   {'B', Kind::Unsigned, 1, 1, 1},
    {'c', Kind::Char, 1, 1, 1},      {'s', Kind::Bytes, 1, 1, 1},    {'p', Kind::Pascal, 1, 1, 1},
    {'h', Kind::Signed, 2, 2, 2},    {'H', Kind::Unsigned, 2, 2, 2}, {'i', Kind::Signed, 4, 4, 4},
    {'I', Kind::Unsigned, 4, 4, 4},  {'l', Kind::Signed, 8, 8, 4},   {'L', Kind::Unsigned, 8, 8, 4},
    {'n', Kind::Signed, 8, 8, 0},    {'N', Kind::Unsigned, 8, 8, 0}, {'q', Kind::Signed, 8, 8, 8},
    {'Q', Kind::Unsigned, 8, 8, 8},  {'?', Kind::Bool, 1, 1, 1},     {'e', Kind::Float, 2, 2, 2},
    {'f', Kind::Float, 4, 4, 4},     {'d', Kind::Float, 8, 8, 8},    {'F', Kind::Complex, 8, 4, 8},
    {'D', Kind::Complex, 16, 8, 16}, {'P', Kind::Pointer, 8, 8, 0},
};

// One run of equal items.
struct Code {
    const Format* format;
    int64_t offset;
    int64_t size;    // of one item (of the whole text for s and p)
    int64_t repeat;  // items
};

struct StructObject {
    PyObject ob_base;
    int64_t size;    // -1: not initialized
    int64_t values;  // how many pack() takes
    Code* codes;     // owned
    int64_t count;
    Value format;  // str, owned
    PyObject* weaklist;
    bool big;
};

struct UnpackIter {
    PyObject ob_base;
    Value owner;  // the Struct, owned
    Py_buffer buffer;
    int64_t at;
};

Type struct_type, unpack_iterator_type;
PER_INTERPRETER_REFS Value g_error,
    g_cache;  // struct.error and the Structs of the module functions by format; owned

StructObject* as_struct(Value v) { return v.as<StructObject>(); }
PyTypeObject* error_type() { return g_error.as<PyTypeObject>(); }

Result<char> mode_of(const char*& p) {
    switch (*p) {
        case '<':
        case '>':
        case '!':
        case '=':
        case '@':
            return *p++;
        default:
            return '@';
    }
}

const Format* find_format(char c, bool native) {
    for (const Format& f : kFormats)
        if (f.code == c) return native || f.standard ? &f : nullptr;
    return nullptr;
}

Raised too_long(Thread& t) { return raise(t, error_type(), "total struct size too long"); }

// Reads "[count]code"; false at the end. Whitespace between items is skipped.
Result<bool> next_item(Thread& t, const char*& p, bool native, const Format** format, int64_t* count) {
    while (*p == ' ' || (*p >= 9 && *p <= 13)) p++;
    if (!*p) return false;
    *count = 1;
    if (*p >= '0' && *p <= '9') {
        int64_t n = 0;
        for (; *p >= '0' && *p <= '9'; p++)
            if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, *p - '0', &n))
                return too_long(t);
        if (!*p) return raise(t, error_type(), "repeat count given without format specifier");
        *count = n;
    }
    *format = find_format(*p++, native);
    if (!*format) return raise(t, error_type(), "bad char in struct format");
    return true;
}

Status compile(Thread& t, StructObject* s, const char* text) {
    const char* p = text;
    char mode = TRY(mode_of(p));
    bool native = mode == '@';
    auto n = std::strlen(p);
    auto* codes = static_cast<Code*>(mem_alloc((n + 1) * sizeof(Code)));
    if (!codes) return raise_no_memory(t);
    struct Guard {
        Code* codes;
        ~Guard() {
            if (codes) mem_free(codes);
        }
    } guard{codes};
    int64_t size = 0, values = 0, used = 0;
    for (;;) {
        const Format* f = nullptr;
        int64_t repeat;
        bool more = TRY(next_item(t, p, native, &f, &repeat));
        if (!more) break;
        int64_t one = native ? f->size : f->standard;
        if (native && f->align > 1) {
            int64_t padding = (f->align - size % f->align) % f->align;
            if (__builtin_add_overflow(size, padding, &size)) return too_long(t);
        }
        int64_t bytes;
        if (__builtin_mul_overflow(one, repeat, &bytes)) return too_long(t);
        bool text_item = f->kind == Kind::Bytes || f->kind == Kind::Pascal;
        if (text_item)
            codes[used++] = {f, size, repeat, 1}, values++;
        else if (f->kind != Kind::Pad && repeat)
            codes[used++] = {f, size, one, repeat}, values += repeat;
        if (__builtin_add_overflow(size, bytes, &size)) return too_long(t);
    }
    if (s->codes) mem_free(s->codes);
    s->codes = codes;
    guard.codes = nullptr;
    s->count = used;
    s->size = size;
    s->values = values;
    s->big = mode == '>' || mode == '!';
    return Status::ok();
}

// --- values ---

template <class U>
void store(char* p, U u, int64_t size, bool big) {
    for (int64_t i = 0; i < size; i++) p[big ? size - 1 - i : i] = static_cast<char>(u >> (8 * i));
}
uint64_t load(const char* p, int64_t size, bool big) {
    uint64_t u = 0;
    for (int64_t i = 0; i < size; i++)
        u |= static_cast<uint64_t>(static_cast<uint8_t>(p[big ? size - 1 - i : i])) << (8 * i);
    return u;
}

Result<uint16_t> half_bits(Thread& t, double d) {
    auto sign = static_cast<uint16_t>(std::signbit(d) << 15);
    if (std::isnan(d)) return static_cast<uint16_t>(sign | 0x7e00);
    if (std::isinf(d)) return static_cast<uint16_t>(sign | 0x7c00);
    if (d == 0) return sign;
    int e;
    double f = std::frexp(std::fabs(d), &e) * 2;  // 1 <= f < 2
    e--;
    double mantissa;
    int biased;
    if (e < -14) {  // subnormal
        mantissa = std::ldexp(f, 24 + e);
        biased = 0;
    } else {
        mantissa = (f - 1) * 1024;
        biased = e + 15;
    }
    auto bits = static_cast<int>(std::nearbyint(mantissa));  // ties to even
    int value = (biased << 10) + bits;                       // a carry moves into the exponent
    if (e >= 16 || value >= 0x7c00)
        return raise(t, PyExc_OverflowError, "float too large to pack with e format");
    return static_cast<uint16_t>(sign | value);
}
double half_value(uint16_t h) {
    int e = h >> 10 & 31, m = h & 1023;
    double d = e == 0 ? std::ldexp(m, -24) : e < 31 ? std::ldexp(1024 + m, e - 25) : m ? NAN : INFINITY;
    return h & 0x8000 ? -d : d;
}

Status pack_double(Thread& t, char* p, double d, int64_t size, bool big) {
    if (size == 8) {
        store(p, std::bit_cast<uint64_t>(d), 8, big);
    } else if (size == 4) {
        auto f = static_cast<float>(d);
        if (std::isinf(f) && !std::isinf(d))
            return raise(t, PyExc_OverflowError, "float too large to pack with f format");
        store(p, std::bit_cast<uint32_t>(f), 4, big);
    } else {
        uint16_t h = TRY(half_bits(t, d));
        store(p, h, 2, big);
    }
    return Status::ok();
}
double unpack_double(const char* p, int64_t size, bool big) {
    uint64_t u = load(p, size, big);
    if (size == 8) return std::bit_cast<double>(u);
    if (size == 4) return std::bit_cast<float>(static_cast<uint32_t>(u));
    return half_value(static_cast<uint16_t>(u));
}

// An integer argument as an int object; struct.error for what is not an integer.
Ref integer_arg(Thread& t, Value v) {
    if (is_long(v)) return Ref::share(v);
    if (is_index(v)) return index(t, v);
    return raise(t, error_type(), "required argument is not an integer");
}

Raised out_of_range(Thread& t, const Code& c) {
    auto bits = static_cast<int>(8 * c.size);
    if (c.format->kind == Kind::Signed) {
        int64_t high = static_cast<int64_t>(~uint64_t{0} >> 1 >> (64 - bits));
        return raise(t, error_type(), "'%c' format requires %lld <= number <= %lld", c.format->code,
                     static_cast<long long>(-high - 1), static_cast<long long>(high));
    }
    return raise(t, error_type(), "'%c' format requires 0 <= number <= %llu", c.format->code,
                 static_cast<unsigned long long>(~uint64_t{0} >> (64 - bits)));
}

Status pack_integer(Thread& t, char* p, const Code& c, Value v, bool big) {
    Ref i = TRY(integer_arg(t, v));
    int64_t bits = 8 * c.size;
    if (c.format->kind == Kind::Pointer) {
        uint64_t u;
        int64_t s;
        if (int_to_u64(i, &u))
            store(p, u, c.size, big);
        else if (int_to_i64(i, &s))
            store(p, static_cast<uint64_t>(s), c.size, big);
        else
            return raise(t, error_type(), "int too large to convert");
        return Status::ok();
    }
    if (c.format->kind == Kind::Signed) {
        int64_t s;
        if (!int_to_i64(i, &s) || (bits < 64 && (s >> (bits - 1)) != 0 && (s >> (bits - 1)) != -1))
            return out_of_range(t, c);
        store(p, static_cast<uint64_t>(s), c.size, big);
        return Status::ok();
    }
    uint64_t u;
    if (!int_to_u64(i, &u) || (bits < 64 && u >> bits)) return out_of_range(t, c);
    store(p, u, c.size, big);
    return Status::ok();
}

Status pack_float(Thread& t, char* p, const Code& c, Value v, bool big) {
    Result<double> d = as_double(t, v);
    if (!d) {
        if (!clear_if(t, PyExc_TypeError)) return {};
        return raise(t, error_type(), "required argument is not a float");
    }
    return pack_double(t, p, d.value(), c.size, big);
}

Status pack_complex(Thread& t, char* p, const Code& c, Value v, bool big) {
    double real, imag = 0;
    if (v.is_ptr() && is_subtype(v.heap_type(), &PyComplex_Type)) {
        real = v.as<PyComplexObject>()->real;
        imag = v.as<PyComplexObject>()->imag;
    } else {
        Result<double> d = as_double(t, v);
        if (!d) {
            if (!clear_if(t, PyExc_TypeError)) return {};
            return raise(t, error_type(), "required argument is not a complex");
        }
        real = d.value();
    }
    TRY(pack_double(t, p, real, c.size / 2, big));
    return pack_double(t, p + c.size / 2, imag, c.size / 2, big);
}

Status pack_text(Thread& t, char* p, const Code& c, Value v) {
    bool pascal = c.format->kind == Kind::Pascal;
    std::string_view text;
    if (is_bytes(v))
        text = bytes_view(v);
    else if (is_bytearray(v))
        text = {bytearray_data(v), static_cast<size_t>(bytearray_size(v))};
    else
        return raise(t, error_type(), "argument for '%c' must be a bytes object", c.format->code);
    if (c.size == 0) return Status::ok();
    int64_t room = pascal ? c.size - 1 : c.size;
    auto n = std::min(static_cast<int64_t>(text.size()), room);
    if (pascal) *p++ = static_cast<char>(std::min<int64_t>(n, 255));  // more is stored than is read back
    std::memcpy(p, text.data(), static_cast<size_t>(n));
    return Status::ok();
}

Status pack_one(Thread& t, char* p, const Code& c, Value v, bool big) {
    switch (c.format->kind) {
        case Kind::Char:
            if (!is_bytes(v) || bytes_size(v) != 1)
                return raise(t, error_type(), "char format requires a bytes object of length 1");
            *p = bytes_data(v)[0];
            return Status::ok();
        case Kind::Bytes:
        case Kind::Pascal:
            return pack_text(t, p, c, v);
        case Kind::Bool:
            *p = TRY(is_true(t, v));
            return Status::ok();
        case Kind::Float:
            return pack_float(t, p, c, v, big);
        case Kind::Complex:
            return pack_complex(t, p, c, v, big);
        default:
            return pack_integer(t, p, c, v, big);
    }
}

Ref unpack_one(Thread& t, const char* p, const Code& c, bool big) {
    switch (c.format->kind) {
        case Kind::Char:
            return bytes_from(t, p, 1);
        case Kind::Bytes:
            return bytes_from(t, p, static_cast<size_t>(c.size));
        case Kind::Pascal: {
            if (c.size == 0) return bytes_from(t, nullptr, 0);
            auto n = std::min<int64_t>(static_cast<uint8_t>(*p), c.size - 1);
            return bytes_from(t, p + 1, static_cast<size_t>(n));
        }
        case Kind::Bool:
            return bool_ref(*p != 0);
        case Kind::Float:
            return float_from(t, unpack_double(p, c.size, big));
        case Kind::Complex:
            return complex_from(t, unpack_double(p, c.size / 2, big),
                                unpack_double(p + c.size / 2, c.size / 2, big));
        case Kind::Signed: {
            auto shift = static_cast<int>(64 - 8 * c.size);
            return int_from(t, static_cast<int64_t>(load(p, c.size, big) << shift) >> shift);
        }
        default:
            return int_from_u64(t, load(p, c.size, big));
    }
}

Status pack_all(Thread& t, StructObject* s, char* to, const Value* args) {
    std::memset(to, 0, static_cast<size_t>(s->size));
    for (int64_t i = 0; i < s->count; i++) {
        const Code& c = s->codes[i];
        for (int64_t k = 0; k < c.repeat; k++)
            TRY(pack_one(t, to + c.offset + k * c.size, c, *args++, s->big));
    }
    return Status::ok();
}

Ref unpack_all(Thread& t, StructObject* s, const char* from) {
    Ref r = TRY(tuple_new(t, s->values));
    Value* items = tuple_items(r);
    for (int64_t i = 0; i < s->count; i++) {
        const Code& c = s->codes[i];
        for (int64_t k = 0; k < c.repeat; k++)
            *items++ = TRY(unpack_one(t, from + c.offset + k * c.size, c, s->big)).release();
    }
    return r;
}

// --- the type Struct ---

Status check_ready(Thread& t, StructObject* s) {
    if (s->size < 0) return raise(t, PyExc_RuntimeError, "Struct object is not initialized");
    return Status::ok();
}

Ref struct_new(Thread& t, PyTypeObject* type, const Value*, size_t, Value) {
    Ref r = TRY(alloc(t, type));
    as_struct(r)->size = -1;
    return r;
}

Status set_format(Thread& t, StructObject* s, Value format) {
    Ref bytes;
    if (is_str(format))
        bytes = TRY(encode(t, format, "ascii", nullptr));
    else if (is_bytes(format))
        bytes = Ref::share(format);
    else
        return raise(t, PyExc_TypeError, "Struct() argument 1 must be a str or bytes object, not %K", format);
    std::string_view text = bytes_view(bytes);
    if (text.find('\0') != text.npos) return raise(t, error_type(), "embedded null character");
    TRY(compile(t, s, text.data()));
    Ref shown = TRY(str_from_latin1(t, text.data(), text.size()));
    Value old = s->format;
    s->format = shown.release();
    xdecref(old);
    return Status::ok();
}

Status struct_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Value p[1];
    Ref keep;
    TRY(bind_args(t, "Struct", "(format)", args, nargs, kwnames, p, keep));
    return set_format(t, as_struct(self), p[0]);
}

void struct_dealloc(Thread& t, PyObject* o) {
    auto* s = reinterpret_cast<StructObject*>(o);
    if (s->weaklist) weakrefs_clear(t, o);
    if (s->codes) mem_free(s->codes);
    xdecref(s->format);
    free_object(t, o);
}

Ref struct_repr(Thread& t, Value self) {
    TRY(check_ready(t, as_struct(self)));
    const char* name = type_of(self)->tp_name;
    if (const char* dot = std::strrchr(name, '.')) name = dot + 1;
    return str_format(t, "%s(%R)", name, as_struct(self)->format);
}

Ref do_pack(Thread& t, StructObject* s, const Value* args, size_t nargs) {
    TRY(check_ready(t, s));
    if (static_cast<int64_t>(nargs) != s->values)
        return raise(t, error_type(), "pack expected %zd items for packing (got %zu)", s->values, nargs);
    Ref r = TRY(bytes_new(t, s->size));
    TRY(pack_all(t, s, bytes_data(r), args));
    return r;
}

// Checks an offset for an operation on `size` bytes; what is read or written starts at *offset.
Status check_offset(Thread& t, StructObject* s, int64_t* offset, int64_t size, bool packing) {
    if (*offset < 0) {
        if (*offset + s->size > 0)
            return raise(t, error_type(),
                         packing ? "no space to pack %zd bytes at offset %zd"
                                 : "not enough data to unpack %zd bytes at offset %zd",
                         s->size, *offset);
        if (*offset + size < 0)
            return raise(t, error_type(), "offset %zd out of range for %zd-byte buffer", *offset, size);
        *offset += size;
    }
    if (size - *offset < s->size)
        return raise(
            t, error_type(),
            packing
                ? "pack_into requires a buffer of at least %zu bytes for packing %zd bytes at offset %zd "
                  "(actual buffer size is %zd)"
                : "unpack_from requires a buffer of at least %zu bytes for unpacking %zd bytes at offset %zd "
                  "(actual buffer size is %zd)",
            static_cast<size_t>(s->size) + static_cast<size_t>(*offset), s->size, *offset, size);
    return Status::ok();
}

Ref do_pack_into(Thread& t, StructObject* s, const Value* args, size_t nargs) {
    TRY(check_ready(t, s));
    if (static_cast<int64_t>(nargs) != s->values + 2) {
        if (nargs == 0) return raise(t, error_type(), "pack_into expected buffer argument");
        if (nargs == 1) return raise(t, error_type(), "pack_into expected offset argument");
        return raise(t, error_type(), "pack_into expected %zd items for packing (got %zu)", s->values,
                     nargs - 2);
    }
    Buffer out;
    if (!out.acquire(t, args[0], kBufWritable)) {
        if (!error_is(t, PyExc_BufferError) && !error_is(t, PyExc_TypeError)) return {};
        clear_error(t);
        return raise(t, PyExc_TypeError, "argument must be read-write bytes-like object, not %K", args[0]);
    }
    int64_t offset = TRY(as_index(t, args[1], PyExc_IndexError));
    TRY(check_offset(t, s, &offset, out.size(), true));
    TRY(pack_all(t, s, out.mutable_data() + offset, args + 2));
    return none_ref();
}

Ref do_unpack(Thread& t, StructObject* s, Value buffer) {
    TRY(check_ready(t, s));
    Buffer in;
    TRY(in.acquire(t, buffer));
    if (in.size() != s->size) return raise(t, error_type(), "unpack requires a buffer of %zd bytes", s->size);
    return unpack_all(t, s, in.data());
}

Ref do_unpack_from(Thread& t, StructObject* s, Value buffer, Value offset_arg) {
    TRY(check_ready(t, s));
    int64_t offset = offset_arg ? TRY(ssize_arg(t, offset_arg)) : 0;
    Buffer in;
    TRY(in.acquire(t, buffer));
    TRY(check_offset(t, s, &offset, in.size(), false));
    return unpack_all(t, s, in.data() + offset);
}

Ref do_iter_unpack(Thread& t, Value self, Value buffer) {
    StructObject* s = as_struct(self);
    TRY(check_ready(t, s));
    if (s->size == 0) return raise(t, error_type(), "cannot iteratively unpack with a struct of length 0");
    Ref it = TRY(alloc(t, &unpack_iterator_type));
    auto* u = it.as<UnpackIter>();
    TRY(get_buffer(t, buffer, &u->buffer, kBufSimple));
    if (u->buffer.len % s->size != 0)
        return raise(t, error_type(), "iterative unpacking requires a buffer of a multiple of %zd bytes",
                     s->size);
    u->owner = Ref::share(self).release();
    return it;
}

void iter_dealloc(Thread& t, PyObject* o) {
    auto* u = reinterpret_cast<UnpackIter*>(o);
    xdecref(u->owner);
    if (u->buffer.obj) release_buffer(t, &u->buffer);
    free_object(t, o);
}
Ref iter_next_item(Thread& t, Value self) {
    auto* u = self.as<UnpackIter>();
    if (!u->owner) return {};
    StructObject* s = as_struct(u->owner);
    if (u->at >= u->buffer.len) {
        Value owner = u->owner;
        u->owner = Value();
        release_buffer(t, &u->buffer);
        decref(owner);
        return {};
    }
    Ref r = unpack_all(t, s, static_cast<const char*>(u->buffer.buf) + u->at);
    u->at += s->size;
    return r;
}
Ref iter_hint(Thread&, Value self) {
    auto* u = self.as<UnpackIter>();
    return Ref::from_int(u->owner ? (u->buffer.len - u->at) / as_struct(u->owner)->size : 0);
}

Ref m_pack(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(no_kwargs(t, "Struct.pack", kwnames));
    return do_pack(t, as_struct(self), args, nargs);
}
Ref m_pack_into(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(no_kwargs(t, "Struct.pack_into", kwnames));
    return do_pack_into(t, as_struct(self), args, nargs);
}
Ref m_unpack(Thread& t, Value self, Value buffer) { return do_unpack(t, as_struct(self), buffer); }
Ref m_unpack_from(Thread& t, Value self, const Value* p) {
    return do_unpack_from(t, as_struct(self), p[0], p[1]);
}
Ref m_iter_unpack(Thread& t, Value self, Value buffer) { return do_iter_unpack(t, self, buffer); }
Ref m_sizeof(Thread& t, Value self) {
    TRY(check_ready(t, as_struct(self)));
    return Ref::from_int(56 + (as_struct(self)->count + 1) * static_cast<int64_t>(sizeof(Code)));
}
Ref get_format(Thread& t, Value self, void*) {
    TRY(check_ready(t, as_struct(self)));
    return Ref::share(as_struct(self)->format);
}
Ref get_size(Thread&, Value self, void*) { return Ref::from_int(as_struct(self)->size); }

const NativeDef struct_methods[] = {
    def<m_iter_unpack>("iter_unpack", "(buffer, /)", "Unpack the buffer piece by piece."),
    def<m_pack>("pack", "", "The values as bytes.", kMethNoSignature),
    def<m_pack_into>("pack_into", "", "Write the values into a buffer at an offset.", kMethNoSignature),
    def<m_unpack>("unpack", "(buffer, /)", "The values in a buffer of exactly this size."),
    def<m_unpack_from>("unpack_from", "(buffer, offset=0)", "The values in a buffer at an offset."),
    def<m_sizeof>("__sizeof__", "()", "The size of this object in memory, in bytes."),
    {},
};
const GetSetDef struct_getset[] = {
    getset("format", get_format, nullptr, "struct format string"),
    getset("size", get_size, nullptr, "struct size in bytes"),
    {},
};
const NativeDef iter_methods[] = {def<iter_hint>("__length_hint__", "()", "How many pieces are left."), {}};

// --- module functions ---

Ref cached_struct(Thread& t, Value format) {
    // A bytes object is wrapped: next to a str with its hash it would be compared, which option -bb forbids.
    Ref key = is_bytes(format) ? tuple_of(t, {format}) : Ref::share(format);
    if (!key) return {};
    Ref found = TRY(dict_get(t, g_cache, key));
    if (found) return found;
    Ref s = TRY(call(t, Value(&struct_type), {format}));
    if (dict_size(g_cache) >= 100) dict_clear(t, g_cache);
    TRY(dict_set(t, g_cache, key, s));
    return s;
}

Ref f_calcsize(Thread& t, Value, Value format) {
    Ref s = TRY(cached_struct(t, format));
    return int_from(t, as_struct(s)->size);
}
Ref f_pack(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    TRY(no_kwargs(t, "_struct.pack", kwnames));
    if (nargs == 0) return raise(t, PyExc_TypeError, "missing format argument");
    Ref s = TRY(cached_struct(t, args[0]));
    return do_pack(t, as_struct(s), args + 1, nargs - 1);
}
Ref f_pack_into(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    TRY(no_kwargs(t, "_struct.pack_into", kwnames));
    if (nargs == 0) return raise(t, PyExc_TypeError, "missing format argument");
    Ref s = TRY(cached_struct(t, args[0]));
    return do_pack_into(t, as_struct(s), args + 1, nargs - 1);
}
Ref f_unpack(Thread& t, Value, const Value* args, size_t) {
    Ref s = TRY(cached_struct(t, args[0]));
    return do_unpack(t, as_struct(s), args[1]);
}
Ref f_unpack_from(Thread& t, Value, const Value* p) {
    Ref s = TRY(cached_struct(t, p[0]));
    return do_unpack_from(t, as_struct(s), p[1], p[2]);
}
Ref f_iter_unpack(Thread& t, Value, const Value* args, size_t) {
    Ref s = TRY(cached_struct(t, args[0]));
    return do_iter_unpack(t, s, args[1]);
}
Ref f_clearcache(Thread& t, Value) {
    dict_clear(t, g_cache);
    return none_ref();
}

const NativeDef functions[] = {
    def<f_clearcache>("_clearcache", "()", "Forget the compiled formats."),
    def<f_calcsize>("calcsize", "(format, /)", "The size in bytes of what a format describes."),
    def<f_iter_unpack>("iter_unpack", "(format, buffer, /)", "Unpack the buffer piece by piece."),
    def<f_pack>("pack", "", "The values as bytes.", kMethNoSignature),
    def<f_pack_into>("pack_into", "", "Write the values into a buffer at an offset.", kMethNoSignature),
    def<f_unpack>("unpack", "(format, buffer, /)", "The values in a buffer of exactly this size."),
    def<f_unpack_from>("unpack_from", "(format, /, buffer, offset=0)",
                       "The values in a buffer at an offset."),
    {},
};

Ref make_error(Thread& t) {
    Ref ns = TRY(dict_new(t)), module = TRY(str_from(t, "struct")), name = TRY(str_from(t, "error"));
    TRY(dict_set_str(t, ns, "__module__", module));
    Ref bases = TRY(tuple_of(t, {Value(PyExc_Exception)}));
    return new_class(t, name, bases, ns);
}

Status exec(Thread& t, Value module) {
    static const TypeDecl struct_decl = {
        .name = "_struct.Struct",
        .basicsize = sizeof(StructObject),
        .flags = kTpDefault | kTpBaseType,
        .slots = {.dealloc = struct_dealloc,
                  .repr = struct_repr,
                  .getattr = generic_get_attr,
                  .setattr = generic_set_attr,
                  .init = struct_init,
                  .new_ = struct_new},
        .spec = {.methods = struct_methods, .getset = struct_getset, .doc = "A compiled format."},
        .weaklistoffset = offsetof(StructObject, weaklist),
    };
    static const TypeDecl iter_decl = {
        .name = "_struct.unpack_iterator",
        .basicsize = sizeof(UnpackIter),
        .flags = kTpDefault | kTpDisallowInstantiation,
        .slots = {.dealloc = iter_dealloc, .iter = iter_self, .iternext = iter_next_item},
        .spec = {.methods = iter_methods},
    };
    if (!struct_type.tp_name) {
        init_static_type(struct_type, struct_decl);
        init_static_type(unpack_iterator_type, iter_decl);
    }
    if (!g_error) {
        g_error = TRY(make_error(t)).release();
        g_cache = TRY(dict_new(t)).release();
    }
    TRY(ready_type(t, &struct_type));
    TRY(ready_type(t, &unpack_iterator_type));
    TRY(module_add(t, module, "Struct", Ref::share(Value(&struct_type))));
    return module_add(t, module, "error", Ref::share(g_error));
}

}  // namespace

extern const ModuleSpec module__struct = {
    "_struct", "Conversion between values and C structs represented as bytes.", functions, exec};

}  // namespace krait
