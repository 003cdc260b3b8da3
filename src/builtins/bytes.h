// bytes and bytearray.
#pragma once
#include <string_view>

#include "object/thread.h"

namespace krait {
inline int64_t bytes_size(Value v) { return v.as<PyBytesObject>()->ob_base.ob_size; }
inline char* bytes_data(Value v) { return v.as<PyBytesObject>()->ob_sval; }
inline std::string_view bytes_view(Value v) { return {bytes_data(v), static_cast<size_t>(bytes_size(v))}; }
Ref bytes_new(Thread& t, int64_t n);  // uninitialised, NUL after the end
Ref bytes_from(Thread& t, const void* p, size_t n);
inline Ref bytes_from(Thread& t, std::string_view s) { return bytes_from(t, s.data(), s.size()); }
Ref bytes_from_object(Thread& t, Value v);              // bytes(v) for buffers, iterables of ints
Status bytes_resize(Thread& t, Ref& bytes, int64_t n);  // only the sole owner of a fresh object may call it
Ref bytearray_from(Thread& t, const void* p, size_t n);
inline bool is_bytearray(Value v) { return v.is_ptr() && is_subtype(v.heap_type(), &PyByteArray_Type); }
inline int64_t bytearray_size(Value v) { return v.as<PyByteArrayObject>()->ob_base.ob_size; }
inline char* bytearray_data(Value v) { return v.as<PyByteArrayObject>()->ob_start; }
Status bytearray_resize(Thread& t, Value v, int64_t n);
int bytes_warning_level();  // how often -b was given

// Growing bytes; finish() gives the bytes object.
class BytesBuilder {
  public:
    explicit BytesBuilder(Thread& t, int64_t reserve = 0) : t_(t), hint_(reserve) {}
    ~BytesBuilder() { xdecref(buf_); }
    BytesBuilder(const BytesBuilder&) = delete;
    Status put(char c) {
        if (size_ == capacity_) [[unlikely]] {
            if (!reserve(1)) return {};
        }
        data_[size_++] = c;
        return Status::ok();
    }
    Status append(const void* p, size_t n);
    Status append(std::string_view s) { return append(s.data(), s.size()); }
    Status repeat(char c, int64_t n);
    Status reserve(int64_t more);
    // n uninitialised bytes at the end; null on failure.
    char* extend(int64_t n) {
        if ((n > capacity_ - size_ || !data_) && !reserve(n > 0 ? n : 1)) return nullptr;
        size_ += n;
        return data_ + size_ - n;
    }
    int64_t size() const { return size_; }
    const char* data() const { return data_; }
    void truncate(int64_t size) { size_ = size; }
    Ref finish();

  private:
    Thread& t_;
    Value buf_;  // bytes under construction, owned; empty at first
    char* data_ = nullptr;
    int64_t size_ = 0, capacity_ = 0, hint_;
};
}  // namespace krait
