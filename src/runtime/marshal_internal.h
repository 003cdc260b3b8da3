// Shared by reader, writer and the module marshal.
#pragma once

#include <cstdio>
#include <cstring>
#include <string_view>

#include "object/thread.h"

namespace krait {

constexpr int kMarshalDepth = 2000;

// Where marshal data is read from: bytes in memory, an object with readinto(), or a file of C.
class MarshalSource {
  public:
    explicit MarshalSource(std::string_view data) : p_(data.data()), end_(data.data() + data.size()) {}
    explicit MarshalSource(Value file) : file_(file) {}
    explicit MarshalSource(FILE* file) : c_file_(file) {}
    // False: exception set.
    [[gnu::always_inline]] bool read(Thread& t, void* out, size_t n) {
        const void* there = take(n);
        if (!there) [[unlikely]]
            return slow_read(t, out, n);
        memcpy(out, there, n);
        return true;
    }
    bool read_byte(Thread& t, unsigned char* out) {
        if (p_ == end_) [[unlikely]]
            return slow_read_byte(t, out);
        *out = static_cast<unsigned char>(*p_++);
        return true;
    }
    // True also after an exception.
    bool at_end(Thread& t) { return p_ == end_ && slow_at_end(t); }
    // Goes on if this is the next byte, where that is known.
    bool skip(char byte) {
        if (p_ == end_ || *p_ != byte) return false;
        p_++;
        return true;
    }
    // The next n bytes where they lie in memory; null: they do not.
    const char* take(size_t n) {
        if (static_cast<size_t>(end_ - p_) < n || !p_) return nullptr;
        const char* there = p_;
        p_ += n;
        return there;
    }
    bool known() const { return !file_ && !c_file_; }
    int64_t left() const { return end_ - p_; }

  private:
    bool slow_read(Thread& t, void* out, size_t n);
    bool slow_read_byte(Thread& t, unsigned char* out);
    bool slow_at_end(Thread& t);
    bool read_file(Thread& t, char* out, size_t n, bool* ended);
    const char *p_ = nullptr, *end_ = nullptr;
    Value file_;
    FILE* c_file_ = nullptr;
    char peeked_ = 0;
    bool have_peeked_ = false;
};

Ref marshal_read(Thread& t, MarshalSource& source, bool allow_code);

}  // namespace krait
