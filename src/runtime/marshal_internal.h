// Shared by reader, writer and the module marshal.
#pragma once

#include <cstdio>
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
    bool read(Thread& t, void* out, size_t n);  // false: exception set
    bool read_byte(Thread& t, unsigned char* out);
    bool at_end(Thread& t);  // true also after an exception
    bool known() const { return !file_ && !c_file_; }
    int64_t left() const { return end_ - p_; }

  private:
    bool read_file(Thread& t, char* out, size_t n, bool* ended);
    const char *p_ = nullptr, *end_ = nullptr;
    Value file_;
    FILE* c_file_ = nullptr;
    char peeked_ = 0;
    bool have_peeked_ = false;
};

Ref marshal_read(Thread& t, MarshalSource& source, bool allow_code);

}  // namespace krait
