// StrBuilder: text that grows at its end inside the object it will become.
#include <algorithm>

#include "builtins/str_internal.h"
#include "gc/gc.h"
#include "support/utf8.h"

namespace krait {

namespace {
unsigned kind_of_limit(uint32_t limit) { return limit <= 0xff ? 1 : limit == 0xffff ? 2 : 4; }
}  // namespace

StrBuilder::~StrBuilder() { xdecref(buf_); }

Status StrBuilder::reserve(int64_t more, uint32_t max_char) {
    uint32_t limit = std::max(char_limit(max_char), limit_);
    if (more <= capacity_ - size_ && limit == limit_) return Status::ok();
    if (more > INT64_MAX - 64 - size_) return raise_no_memory(t_);
    int64_t need = size_ + more;
    unsigned kind = kind_of_limit(limit);
    if (limit == limit_ && !shared_) {  // only longer
        int64_t capacity = std::max(need, capacity_ + capacity_ / 2);
        if (capacity > INT64_MAX / 8) return raise_no_memory(t_);
        int64_t header = str_header_size(limit);
        PyObject* o = object_resize(buf_.ptr(), static_cast<size_t>(header + (capacity + 1) * kind));
        if (!o) return raise_no_memory(t_);
        buf_ = Value(o);
        data_ = reinterpret_cast<char*>(o) + header;
        capacity_ = capacity;
        return Status::ok();
    }
    int64_t capacity = std::max({need, shared_ ? capacity_ + capacity_ / 2 : capacity_, hint_, int64_t{24}});
    Ref wider = TRY(str_alloc(t_, capacity, limit));
    char* data = static_cast<char*>(str_data(wider));
    if (size_) copy_chars(kind, data, kind_of_limit(limit_), data_, size_);
    xdecref(buf_);
    shared_ = false;
    buf_ = wider.release();
    data_ = data;
    capacity_ = capacity;
    limit_ = limit;
    return Status::ok();
}

Status StrBuilder::put_slow(uint32_t c) {
    TRY(reserve(1, c));
    store(size_++, c);
    return Status::ok();
}

Status StrBuilder::ascii(const char* s) { return ascii(s, std::strlen(s)); }

Status StrBuilder::ascii(const char* s, size_t n) {
    if (n == 0) return Status::ok();
    TRY(reserve(static_cast<int64_t>(n)));
    unsigned kind = kind_of_limit(limit_);
    copy_chars(kind, data_ + size_ * kind, 1, s, static_cast<int64_t>(n));
    size_ += static_cast<int64_t>(n);
    return Status::ok();
}

Status StrBuilder::append(Value s) {
    int64_t n = str_length(s);
    if (n == 0) return Status::ok();
    if (!buf_ && is_str_exact(s)) {
        buf_ = Ref::share(s).release();
        data_ = static_cast<char*>(str_data(s));
        size_ = capacity_ = n;
        limit_ = str_limit(s);
        shared_ = true;
        return Status::ok();
    }
    TRY(reserve(n, str_limit(s)));
    unsigned kind = kind_of_limit(limit_);
    copy_chars(kind, data_ + size_ * kind, str_kind(s), str_data(s), n);
    size_ += n;
    return Status::ok();
}

Status StrBuilder::append(Value s, int64_t start, int64_t stop) {
    if (start == 0 && stop == str_length(s)) return append(s);
    unsigned kind = str_kind(s);
    const void* from = char_address(kind, static_cast<const void*>(str_data(s)), start);
    if (str_is_ascii(s)) return ascii(static_cast<const char*>(from), static_cast<size_t>(stop - start));
    return append_chars(kind, from, stop - start);
}

Status StrBuilder::append_chars(unsigned from_kind, const void* from, int64_t n) {
    if (n <= 0) return Status::ok();
    bool fits = limit_ >= (from_kind == 1 ? 0xffu : from_kind == 2 ? 0xffffu : 0x10ffffu);
    TRY(reserve(n, fits ? 0 : max_char_of(from_kind, from, n)));
    unsigned kind = kind_of_limit(limit_);
    copy_chars(kind, data_ + size_ * kind, from_kind, from, n);
    size_ += n;
    return Status::ok();
}

Status StrBuilder::utf8(const char* s, size_t n) {
    if (utf8::is_ascii({s, n})) return ascii(s, n);
    Ref text = TRY(str_from(t_, s, n));
    return append(text);
}

Status StrBuilder::repeat(uint32_t c, int64_t n) {
    if (n <= 0) return Status::ok();
    TRY(reserve(n, c));
    with_chars(kind_of_limit(limit_), data_, [&](auto* d) {
        using C = std::remove_const_t<std::remove_pointer_t<decltype(d)>>;
        std::fill_n(const_cast<C*>(d) + size_, n, static_cast<C>(c));
    });
    size_ += n;
    return Status::ok();
}

void StrBuilder::truncate(int64_t size) {
    size_ = size;
    if (shared_) capacity_ = size;  // nothing may be written into it
    if (limit_ > 0x7f) exact_ = false;
}

Ref StrBuilder::finish() {
    if (size_ == 0) return Ref::steal(empty_str());
    unsigned kind = kind_of_limit(limit_);
    if (shared_ && size_ > 1 && size_ == str_length(buf_)) {
        Ref whole = Ref::steal(buf_);
        buf_ = Value();
        data_ = nullptr;
        size_ = capacity_ = 0;
        limit_ = 0;
        shared_ = false;
        return whole;
    }
    if (size_ == 1 || !exact_ || shared_) return str_from_kind(t_, kind, data_, size_);
    auto size = static_cast<size_t>(str_header_size(limit_) + (size_ + 1) * kind);
    PyObject* o = buf_.ptr();
    if (object_capacity(o) > size + size / 4 + 16) {  // shrinking may fail without harm
        if (PyObject* smaller = object_resize(o, size)) o = smaller;
    }
    reinterpret_cast<PyASCIIObject*>(o)->length = size_;
    std::memset(reinterpret_cast<char*>(o) + size - kind, 0, kind);
    buf_ = Value();
    data_ = nullptr;
    size_ = capacity_ = 0;
    limit_ = 0;
    return Ref::steal(Value(o));
}

}  // namespace krait
