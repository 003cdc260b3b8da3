// str, PEP 393 layout. All strings Krait makes are compact: data follows the header (ASCII: 40 bytes, other:
// 56).
#pragma once

#include <string_view>

#include "object/thread.h"

namespace krait {

enum StrKind : unsigned { kStr1 = 1, kStr2 = 2, kStr4 = 4 };

inline PyASCIIObject* str_head(Value v) { return v.as<PyASCIIObject>(); }
inline int64_t str_length(Value v) { return str_head(v)->length; }
inline unsigned str_kind(Value v) { return (str_head(v)->state >> 2) & 7; }
inline bool str_is_ascii(Value v) { return str_head(v)->state & 0x40; }
inline bool str_is_interned(Value v) { return str_head(v)->state & 3; }
inline void* str_data(Value v) {
    uint32_t s = str_head(v)->state;
    if (s & 0x20)
        return reinterpret_cast<char*>(v.bits) +
               ((s & 0x40) ? sizeof(PyASCIIObject) : sizeof(PyCompactUnicodeObject));
    return v.as<PyUnicodeObject>()->data;  // subclass instances
}
inline uint32_t str_char(Value v, int64_t i) {
    void* d = str_data(v);
    switch (str_kind(v)) {
        case 1:
            return static_cast<uint8_t*>(d)[i];
        case 2:
            return static_cast<uint16_t*>(d)[i];
        default:
            return static_cast<uint32_t*>(d)[i];
    }
}
Ref str_new(Thread& t, int64_t length, uint32_t max_char);  // uninitialised data of the kind max_char needs
Ref str_from(Thread& t, const char* utf8);                  // NUL-terminated, valid UTF-8
Ref str_from(Thread& t, const char* utf8, size_t n);        // UnicodeDecodeError when invalid
inline Ref str_from(Thread& t, std::string_view s) { return str_from(t, s.data(), s.size()); }
Ref str_from_wtf8(Thread& t, const char* s,
                  size_t n);  // UTF-8 in which surrogates may stand (front end constants)
Ref str_from_latin1(Thread& t, const char* s, size_t n);
Ref str_from_kind(Thread& t, unsigned kind, const void* data, int64_t n);  // narrowed to the smallest kind
Ref str_from_char(Thread& t, uint32_t c);
Value empty_str();
Ref str_intern(Thread& t, Ref s);  // the canonical object; a subclass instance is handed back as it is
Ref str_intern(Thread& t, const char* utf8);
Ref str_intern_latin1(Thread& t, std::string_view text);  // makes one only if there is none
int64_t str_interned_count();
void str_make_immortal(Value interned);  // a canonical object that never goes away
bool str_equal(Value a, Value b);        // both str
bool str_equal(Value a, const char* ascii);
int str_compare(Value a, Value b);
int64_t str_hash_compute(Value s);
inline int64_t str_hash(Value s) {  // never runs code, never fails
    int64_t h = str_head(s)->hash;
    return h != -1 ? h : str_hash_compute(s);
}
Result<std::string_view> str_utf8(Thread& t, Value s);  // cached in the str; UnicodeEncodeError on surrogates
std::string_view str_utf8_or(Value s, std::string_view fallback);
Ref str_concat(Thread& t, Value a, Value b);
Status str_append(Thread& t, Ref& left, Value right);                // in place when nobody else holds left
Ref str_substring(Thread& t, Value s, int64_t start, int64_t stop);  // 0 <= start <= stop <= length
Ref str_join(Thread& t, Value sep, Value iterable);
bool str_has(Value s, Value sub);  // the operator `in`
int64_t str_find(Value s, Value sub, int64_t start, int64_t stop,
                 int direction);  // -1: not there; direction 1 or -1
Ref str_replace(Thread& t, Value s, Value from, Value to, int64_t maxcount);
Ref str_format_percent(Thread& t, Value format, Value args);
bool str_is_identifier(Value s);
Ref str_escape_non_ascii(Thread& t, Value s);  // backslashes for what is not ASCII: ascii() from repr()

// Growing text. Starts ASCII, widens as needed; finish() gives the str.
class StrBuilder {
  public:
    explicit StrBuilder(Thread& t, int64_t reserve = 0) : t_(t), hint_(reserve) {}
    ~StrBuilder();
    StrBuilder(const StrBuilder&) = delete;
    Status put(uint32_t c) {
        if (size_ < capacity_ && c <= limit_) [[likely]] {
            store(size_++, c);
            return Status::ok();
        }
        return put_slow(c);
    }
    Status ascii(const char* s);
    Status ascii(const char* s, size_t n);
    Status append(Value str);
    Status append(Value str, int64_t start, int64_t stop);
    Status append_chars(unsigned kind, const void* data, int64_t n);
    Status utf8(const char* s, size_t n);  // valid, or UnicodeDecodeError
    Status repeat(uint32_t c, int64_t n);
    int64_t size() const { return size_; }
    void truncate(int64_t size);  // only shrinks
    // Room for `more` further code points up to max_char: then `put` does not fail for them.
    Status reserve(int64_t more, uint32_t max_char = 0x7f);
    Ref finish();

  private:
    void store(int64_t i, uint32_t c) {
        if (limit_ <= 0xff)
            reinterpret_cast<uint8_t*>(data_)[i] = static_cast<uint8_t>(c);
        else if (limit_ == 0xffff)
            reinterpret_cast<uint16_t*>(data_)[i] = static_cast<uint16_t>(c);
        else
            reinterpret_cast<uint32_t*>(data_)[i] = c;
    }
    Status put_slow(uint32_t c);

    Thread& t_;
    Value buf_;  // str under construction, owned; empty at first
    char* data_ = nullptr;
    int64_t size_ = 0, capacity_ = 0, hint_;
    uint32_t limit_ = 0;  // greatest code point the buffer can take: 0x7f, 0xff, 0xffff, 0x10ffff
    bool exact_ = true;   // false after truncate: finish() must look whether a narrower kind does
    bool shared_ =
        false;  // buf_ is a str appended first and whole: finish() gives it back if nothing follows
};

// Code point properties (Unicode 16 tables, generated): see builtins/unicode_data.h.

// Codecs used by the runtime; errors null means "strict".
Ref decode(Thread& t, const char* bytes, size_t n, const char* encoding, const char* errors);
Ref decode_utf8(Thread& t, const char* bytes, size_t n, const char* errors, int64_t* consumed = nullptr);
Ref encode(Thread& t, Value s, const char* encoding, const char* errors);  // bytes
Ref encode_utf8(Thread& t, Value s, const char* errors);
}  // namespace krait
