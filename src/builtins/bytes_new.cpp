// Making bytes. The empty object and one per byte value are static.
#include <algorithm>
#include <array>
#include <cstring>

#include "builtins/bytes.h"
#include "gc/alloc.h"
#include "object/errors.h"

namespace krait {

namespace {

struct StaticBytes {
    PyBytesObject head;  // ends with the first byte and padding that holds the NUL
};
constexpr PyBytesObject static_bytes(int64_t size, char c) {
    return PyBytesObject{PyVarObject{PyObject{kImmortalRefcnt, kStaticUpper, &PyBytes_Type}, size}, -1, {c}};
}
// The byte after ob_sval[0] is padding of the struct; static storage starts zeroed and the initialisers leave
// padding at zero, which is the NUL.
constinit StaticBytes g_empty{static_bytes(0, 0)};
constinit auto g_single = [] {
    std::array<StaticBytes, 256> a{};
    for (int i = 0; i < 256; i++) a[i] = StaticBytes{static_bytes(1, static_cast<char>(i))};
    return a;
}();

constexpr int64_t kHeader = offsetof(PyBytesObject, ob_sval);

}  // namespace

Ref bytes_new(Thread& t, int64_t n) {
    if (n < 0 || n > INT64_MAX - kHeader - 1)
        return raise(t, PyExc_OverflowError, "byte string is too large");
    PyObject* o = alloc_plain(t, &PyBytes_Type, static_cast<size_t>(kHeader + n + 1));
    if (!o) return {};
    auto* b = reinterpret_cast<PyBytesObject*>(o);
    b->ob_base.ob_size = n;
    b->ob_shash = -1;
    b->ob_sval[n] = 0;
    return Ref::steal(Value(o));
}

Ref bytes_from(Thread& t, const void* p, size_t n) {
    if (n == 0) return Ref::steal(Value(&g_empty.head.ob_base.ob_base));
    if (n == 1)
        return Ref::steal(Value(&g_single[*static_cast<const unsigned char*>(p)].head.ob_base.ob_base));
    Ref r = TRY(bytes_new(t, static_cast<int64_t>(n)));
    std::memcpy(bytes_data(r), p, n);
    return r;
}

Status bytes_resize(Thread& t, Ref& bytes, int64_t n) {
    if (n == bytes_size(bytes)) return Status::ok();
    if (n < 0 || n > INT64_MAX - kHeader - 1) return raise_no_memory(t);
    if (n == 0 || !has_preheader(bytes.get().ptr())) {
        Ref r = TRY(bytes_new(t, n));
        std::memcpy(bytes_data(r), bytes_data(bytes), static_cast<size_t>(std::min(n, bytes_size(bytes))));
        bytes = std::move(r);
        return Status::ok();
    }
    PyObject* o = object_resize(bytes.get().ptr(), static_cast<size_t>(kHeader + n + 1));
    if (!o) return raise_no_memory(t);
    (void)bytes.release();
    bytes = Ref::steal(Value(o));
    auto* b = bytes.as<PyBytesObject>();
    b->ob_base.ob_size = n;
    b->ob_shash = -1;
    b->ob_sval[n] = 0;
    return Status::ok();
}

// --- BytesBuilder ---

Status BytesBuilder::reserve(int64_t more) {
    if (more <= capacity_ - size_) return Status::ok();
    if (more > INT64_MAX / 2 - size_) return raise_no_memory(t_);
    int64_t capacity = std::max({size_ + more, capacity_ + capacity_ / 2, hint_, int64_t{24}});
    if (!buf_) {
        buf_ = TRY(bytes_new(t_, capacity)).release();
    } else {
        PyObject* o = object_resize(buf_.ptr(), static_cast<size_t>(kHeader + capacity + 1));
        if (!o) return raise_no_memory(t_);
        buf_ = Value(o);
    }
    data_ = bytes_data(buf_);
    capacity_ = capacity;
    return Status::ok();
}

Status BytesBuilder::append(const void* p, size_t n) {
    if (n == 0) return Status::ok();
    if (static_cast<int64_t>(n) > capacity_ - size_) TRY(reserve(static_cast<int64_t>(n)));
    std::memcpy(data_ + size_, p, n);
    size_ += static_cast<int64_t>(n);
    return Status::ok();
}

Status BytesBuilder::repeat(char c, int64_t n) {
    if (n <= 0) return Status::ok();
    TRY(reserve(n));
    std::memset(data_ + size_, c, static_cast<size_t>(n));
    size_ += n;
    return Status::ok();
}

Ref BytesBuilder::finish() {
    if (size_ <= 1) return bytes_from(t_, data_, static_cast<size_t>(size_));
    PyObject* o = buf_.ptr();
    auto size = static_cast<size_t>(kHeader + size_ + 1);
    if (object_capacity(o) > size + size / 4 + 16)
        if (PyObject* smaller = object_resize(o, size)) o = smaller;
    auto* b = reinterpret_cast<PyBytesObject*>(o);
    b->ob_base.ob_size = size_;
    b->ob_sval[size_] = 0;
    buf_ = Value();
    data_ = nullptr;
    size_ = capacity_ = 0;
    return Ref::steal(Value(o));
}

}  // namespace krait
