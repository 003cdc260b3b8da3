// What the files of str share: access by kind, copying between kinds, raw allocation.
#pragma once

#include <cstring>

#include "builtins/str.h"
#include "object/errors.h"

namespace krait {

inline constexpr uint32_t kStateAscii = 0x40, kStateCompact = 0x20, kStateStatic = 0x80, kStateInterned = 3;
inline constexpr uint32_t kStateInternedMortal = 1, kStateInternedImmortal = 2, kStateInternedStatic = 3;

constexpr uint32_t str_state(uint32_t max_char) {
    if (max_char < 0x80) return kStateCompact | kStateAscii | (1 << 2);
    return kStateCompact | (max_char < 0x100 ? 1 : max_char < 0x10000 ? 2 : 4) << 2;
}
// The greatest code point a str of this class of widths can hold: what max_char is rounded up to.
constexpr uint32_t char_limit(uint32_t max_char) {
    return max_char < 0x80 ? 0x7f : max_char < 0x100 ? 0xff : max_char < 0x10000 ? 0xffff : 0x10ffff;
}
inline uint32_t str_limit(Value v) {
    if (str_is_ascii(v)) return 0x7f;
    unsigned kind = str_kind(v);
    return kind == 1 ? 0xff : kind == 2 ? 0xffff : 0x10ffff;
}
inline int64_t str_header_size(uint32_t limit) {
    return limit < 0x80 ? sizeof(PyASCIIObject) : sizeof(PyCompactUnicodeObject);
}

// Calls f with a pointer to the characters in their own type.
template <class F>
inline auto with_chars(unsigned kind, const void* data, F&& f) {
    switch (kind) {
        case 1:
            return f(static_cast<const uint8_t*>(data));
        case 2:
            return f(static_cast<const uint16_t*>(data));
        default:
            return f(static_cast<const uint32_t*>(data));
    }
}
template <class F>
inline auto with_chars(Value s, F&& f) {
    return with_chars(str_kind(s), str_data(s), static_cast<F&&>(f));
}
template <class F>
inline auto with_mutable_chars(Value s, F&& f) {
    switch (str_kind(s)) {
        case 1:
            return f(static_cast<uint8_t*>(str_data(s)));
        case 2:
            return f(static_cast<uint16_t*>(str_data(s)));
        default:
            return f(static_cast<uint32_t*>(str_data(s)));
    }
}

// The bits of all characters or-ed together: its char_limit is that of the greatest character.
template <class C>
inline uint32_t or_chars(const C* s, int64_t n) {
    C all = 0;
    for (int64_t i = 0; i < n; i++) all |= s[i];
    return all;
}
inline uint32_t max_char_of(unsigned kind, const void* data, int64_t n) {
    return char_limit(with_chars(kind, data, [&](auto* s) { return or_chars(s, n); }));
}

// Copies n characters into (possibly wider or, when the characters fit, narrower) ones.
// memcpy() costs a call: words and separators are short.
inline void copy_short(void* to, const void* from, size_t n) {
    auto by = [&]<class W>(W) {
        W head, tail;  // they overlap
        std::memcpy(&head, from, sizeof(W));
        std::memcpy(&tail, static_cast<const char*>(from) + n - sizeof(W), sizeof(W));
        std::memcpy(to, &head, sizeof(W));
        std::memcpy(static_cast<char*>(to) + n - sizeof(W), &tail, sizeof(W));
    };
    if (n > 16)
        std::memcpy(to, from, n);
    else if (n >= 8)
        by(uint64_t{});
    else if (n >= 4)
        by(uint32_t{});
    else if (n >= 2)
        by(uint16_t{});
    else if (n)
        *static_cast<char*>(to) = *static_cast<const char*>(from);
}

inline void copy_chars(unsigned to_kind, void* to, unsigned from_kind, const void* from, int64_t n) {
    if (to_kind == from_kind) {
        copy_short(to, from, static_cast<size_t>(n) * to_kind);
        return;
    }
    with_chars(from_kind, from, [&](auto* s) {
        with_chars(to_kind, to, [&](auto* d) {
            auto* w = const_cast<std::remove_const_t<std::remove_pointer_t<decltype(d)>>*>(d);
            for (int64_t i = 0; i < n; i++) w[i] = static_cast<std::remove_reference_t<decltype(*w)>>(s[i]);
        });
    });
}
inline void* char_address(unsigned kind, void* data, int64_t i) {
    return static_cast<char*>(data) + i * kind;
}
inline const void* char_address(unsigned kind, const void* data, int64_t i) {
    return static_cast<const char*>(data) + i * kind;
}

// A new exact str of length > 1 or whose characters are to be written; never a shared object, so it may be
// written to. Terminated.
Ref str_alloc(Thread& t, int64_t length, uint32_t max_char);
Value latin1_char(uint32_t c);  // the one str of this character; c < 256
// Gives the result of a method that must be an exact str: v itself, or a copy of a subclass instance.
Ref str_exact(Thread& t, Value v);
void str_unintern(PyObject* o);  // dealloc of an interned str

// tp slots and method tables that live in files of their own.
Ref str_repr(Thread& t, Value v);
extern const NativeDef kStrMethods[];

}  // namespace krait
