#include "builtins/memoryview_items.h"

#include <cmath>
#include <cstring>

#include "builtins/bytes.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "object/protocol.h"

namespace krait::buffer_items {

char native_format(const char* f) {
    if (*f == '@') f++;
    return f[0] && !f[1] && strchr("cbB?hHiIlLqQnNfdeP", f[0]) ? f[0] : 0;
}
int64_t format_size(char f) {
    switch (f) {
        case 'c':
        case 'b':
        case 'B':
        case '?':
            return 1;
        case 'h':
        case 'H':
        case 'e':
            return 2;
        case 'i':
        case 'I':
        case 'f':
            return 4;
        default:
            return 8;
    }
}
bool same_format(const char* a, const char* b) {
    if (*a == '@') a++;
    if (*b == '@') b++;
    return !strcmp(a, b);
}
char* item_pointer(const Py_buffer& v, char* p, int dim, int64_t i) {
    p += v.strides[dim] * i;
    if (v.suboffsets && v.suboffsets[dim] >= 0) p = *reinterpret_cast<char**>(p) + v.suboffsets[dim];
    return p;
}

namespace {

template <class T>
T load(const char* p) {
    T v;
    memcpy(&v, p, sizeof v);
    return v;
}
double half_to_double(uint16_t h) {
    int sign = h >> 15, e = (h >> 10) & 31, f = h & 1023;
    double v = e == 31 ? (f ? NAN : INFINITY) : e ? std::ldexp(1024 + f, e - 25) : std::ldexp(f, -24);
    return sign ? -v : v;
}

}  // namespace

Ref unpack(Thread& t, const char* p, const char* format) {
    switch (native_format(format)) {
        case 'B':
            return Ref::from_int(load<uint8_t>(p));
        case 'b':
            return Ref::from_int(load<int8_t>(p));
        case 'c':
            return bytes_from(t, p, 1);
        case '?':
            return bool_ref(*p != 0);
        case 'h':
            return Ref::from_int(load<int16_t>(p));
        case 'H':
            return Ref::from_int(load<uint16_t>(p));
        case 'i':
            return Ref::from_int(load<int32_t>(p));
        case 'I':
            return Ref::from_int(load<uint32_t>(p));
        case 'l':
        case 'q':
        case 'n':
            return int_from(t, load<int64_t>(p));
        case 'L':
        case 'Q':
        case 'N':
        case 'P':
            return int_from_u64(t, load<uint64_t>(p));
        case 'f':
            return float_from(t, load<float>(p));
        case 'd':
            return float_from(t, load<double>(p));
        case 'e':
            return float_from(t, half_to_double(load<uint16_t>(p)));
        default:
            return raise(t, PyExc_NotImplementedError, "memoryview: unsupported format %s", format);
    }
}

namespace {

Raised bad_value(Thread& t, const char* format) {
    return raise(t, PyExc_ValueError, "memoryview: invalid value for format '%s'", format);
}
Raised bad_type(Thread& t, const char* format) {
    return raise(t, PyExc_TypeError, "memoryview: invalid type for format '%s'", format);
}
// In place of what a conversion raised, unless that was something special.
Status conversion_error(Thread& t, const char* format) {
    if (clear_if(t, PyExc_TypeError)) return bad_type(t, format);
    if (clear_if(t, PyExc_OverflowError) || clear_if(t, PyExc_ValueError)) return bad_value(t, format);
    return {};
}

Status pack_float(Thread& t, PyMemoryViewObject* m, char* p, Value item, char f, const char* format) {
    Result<double> d = as_double(t, item);
    if (!d) return conversion_error(t, format);
    double v = d.value();
    TRY(memoryview_check(t, m));
    if (f == 'd') {
        memcpy(p, &v, 8);
    } else if (f == 'f') {
        auto narrow = static_cast<float>(v);
        memcpy(p, &narrow, 4);
    } else {
        auto narrow = static_cast<_Float16>(v);
        if (std::isinf(static_cast<float>(narrow)) && std::isfinite(v)) return bad_value(t, format);
        memcpy(p, &narrow, 2);
    }
    return Status::ok();
}

Status pack_int(Thread& t, PyMemoryViewObject* m, char* p, Value item, char f, const char* format) {
    if (f == 'P' && !is_long(item)) return bad_type(t, format);
    Ref n = index(t, item);
    if (!n) return conversion_error(t, format);
    TRY(memoryview_check(t, m));
    int64_t size = format_size(f);
    int64_t v;
    bool small = int_to_i64(n, &v);
    if (strchr("BHILQNP", f) && !(f == 'P' && small)) {
        uint64_t u;
        if (!int_to_u64(n, &u) || (size < 8 && u >> (8 * size))) return bad_value(t, format);
        memcpy(p, &u, static_cast<size_t>(size));
        return Status::ok();
    }
    if (!small) return bad_value(t, format);
    if (size < 8 && (v < -(int64_t{1} << (8 * size - 1)) || v >= int64_t{1} << (8 * size - 1)))
        return bad_value(t, format);
    memcpy(p, &v, static_cast<size_t>(size));
    return Status::ok();
}

}  // namespace

Status pack(Thread& t, PyMemoryViewObject* m, char* p, Value item, const char* format) {
    char f = native_format(format);
    if (!f) return raise(t, PyExc_NotImplementedError, "memoryview: format %s not supported", format);
    if (f == 'c') {
        if (!is_bytes(item)) return bad_type(t, format);
        if (bytes_size(item) != 1) return bad_value(t, format);
        *p = bytes_data(item)[0];
        return Status::ok();
    }
    if (f == '?') {
        bool truth = TRY(is_true(t, item));
        TRY(memoryview_check(t, m));
        *p = truth;
        return Status::ok();
    }
    if (f == 'f' || f == 'd' || f == 'e') return pack_float(t, m, p, item, f, format);
    return pack_int(t, m, p, item, f, format);
}

namespace {

// Reads the items of one buffer for comparison: by the module struct where the format is no native one.
class ItemReader {
  public:
    explicit ItemReader(const Py_buffer& v) : v_(v) {}
    // False without an exception: a format that nobody understands.
    Result<bool> prepare(Thread& t, bool by_struct) {
        if (!by_struct) return true;
        auto make = [&]() -> Status {
            Ref cls = TRY(import_attr(t, "struct", "Struct")),
                format = TRY(bytes_from(t, v_.format, strlen(v_.format)));
            Ref object = TRY(call(t, cls, {format}));
            unpack_from_ = TRY(get_attr(t, object, "unpack_from"));
            return Status::ok();
        };
        if (make()) return true;
        if (error_matches(t, Value(PyExc_ImportError)) || error_matches(t, Value(PyExc_MemoryError)))
            return {};
        clear_error(t);
        return false;
    }
    Ref read(Thread& t, const char* p) const {
        if (!unpack_from_) return unpack(t, p, v_.format);
        Ref bytes = TRY(bytes_from(t, p, static_cast<size_t>(v_.itemsize)));
        Ref r = TRY(call(t, unpack_from_, {bytes}));
        return is_tuple(r) && tuple_size(r) == 1 ? Ref::share(tuple_get(r, 0)) : std::move(r);
    }
    const Py_buffer& view() const { return v_; }

  private:
    const Py_buffer& v_;
    Ref unpack_from_;
};

Result<bool> items_equal(Thread& t, const ItemReader& a, char* p, const ItemReader& b, char* q, int dim) {
    const Py_buffer &x = a.view(), &y = b.view();
    if (dim == x.ndim) {
        Ref v = TRY(a.read(t, p)), w = TRY(b.read(t, q));
        // Not as containers compare: nan differs from itself.
        Ref r = TRY(compare(t, v, w, kEq));
        return is_true(t, r);
    }
    for (int64_t i = 0; i < x.shape[dim]; i++) {
        bool same =
            TRY(items_equal(t, a, item_pointer(x, p, dim, i), b, item_pointer(y, q, dim, i), dim + 1));
        if (!same) return false;
    }
    return true;
}

// All items one after the other in C order.
bool is_dense(const Py_buffer& v) {
    int64_t step = v.itemsize;
    for (int i = v.ndim; i-- > 0; step *= v.shape[i])
        if (v.strides[i] != step) return false;
    return !v.suboffsets;
}

}  // namespace

Result<bool> buffers_equal(Thread& t, const Py_buffer& x, const Py_buffer& y) {
    if (x.ndim != y.ndim) return false;
    for (int i = 0; i < x.ndim; i++) {
        if (x.shape[i] != y.shape[i]) return false;
        if (x.shape[i] == 0) break;
    }
    char fx = native_format(x.format), fy = native_format(y.format);
    int64_t size = x.itemsize;
    if (fx && fx == fy && !strchr("fde?", fx) && is_dense(x) && is_dense(y)) {
        for (int i = 0; i < x.ndim; i++) size *= x.shape[i];
        return memcmp(x.buf, y.buf, static_cast<size_t>(size)) == 0;
    }
    ItemReader a(x), b(y);
    bool by_struct = !fx || fx != fy;
    for (ItemReader* r : {&a, &b}) {
        bool understood = TRY(r->prepare(t, by_struct));
        if (!understood) return false;
    }
    return items_equal(t, a, static_cast<char*>(x.buf), b, static_cast<char*>(y.buf), 0);
}

}  // namespace krait::buffer_items
