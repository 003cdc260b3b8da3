// str: making, comparing, hashing and joining. The static strings: the empty one and one per Latin-1
// character exist before anything runs and are the only objects with these values that Krait makes.
#include "builtins/str.h"

#include <algorithm>
#include <array>

#include "builtins/str_internal.h"
#include "builtins/str_same.h"
#include "gc/alloc.h"
#include "object/protocol.h"
#include "support/panic.h"
#include "support/utf8.h"

namespace krait {

namespace {

struct StaticAscii {
    PyASCIIObject head;
    char data[8];
};
struct StaticLatin1 {
    PyCompactUnicodeObject head;
    char data[8];
};
static_assert(offsetof(StaticAscii, data) >= 36 && sizeof(PyASCIIObject) == 40);

constexpr PyASCIIObject static_head(int64_t length, uint32_t max_char) {
    return PyASCIIObject{PyObject{kImmortalRefcnt, kStaticUpper, &PyUnicode_Type}, length, -1,
                         str_state(max_char) | kStateStatic | kStateInternedStatic};
}

constinit StaticAscii g_empty{static_head(0, 0), {}};
constinit auto g_ascii_chars = [] {
    std::array<StaticAscii, 128> a{};
    for (int i = 0; i < 128; i++) a[i] = StaticAscii{static_head(1, 0x7f), {static_cast<char>(i)}};
    return a;
}();
constinit auto g_latin1_chars = [] {
    std::array<StaticLatin1, 128> a{};
    for (int i = 0; i < 128; i++)
        a[i] = StaticLatin1{PyCompactUnicodeObject{static_head(1, 0xff), 0, nullptr},
                            {static_cast<char>(i + 128)}};
    return a;
}();

}  // namespace

Value empty_str() { return Value(&g_empty.head.ob_base); }

Value latin1_char(uint32_t c) {
    if (c < 128) return Value(&g_ascii_chars[c].head.ob_base);
    return Value(&g_latin1_chars[c - 128].head.base.ob_base);
}

Ref str_alloc(Thread& t, int64_t length, uint32_t max_char) {
    if (max_char < 0x80 && static_cast<uint64_t>(length) < kSmallMax) [[likely]] {
        constexpr size_t header = sizeof(PyASCIIObject);
        PyObject* o = alloc_text(t, header + static_cast<size_t>(length) + 1);
        if (!o) [[unlikely]]
            return {};
        auto* s = reinterpret_cast<PyASCIIObject*>(o);
        s->length = length;
        s->hash = -1;
        s->state = str_state(0x7f);
        reinterpret_cast<char*>(o)[header + static_cast<size_t>(length)] = 0;
        return Ref::steal(Value(o));
    }
    uint32_t state = str_state(max_char);
    int64_t kind = (state >> 2) & 7;
    int64_t header = str_header_size(char_limit(max_char));
    if (length < 0 || length > (INT64_MAX - 64) / kind - 1) [[unlikely]]
        return raise_no_memory(t);
    PyObject* o = alloc_text(t, static_cast<size_t>(header + (length + 1) * kind));
    if (!o) [[unlikely]]
        return {};
    auto* s = reinterpret_cast<PyASCIIObject*>(o);
    s->length = length;
    s->hash = -1;
    s->state = state;
    if (!(state & kStateAscii)) {
        auto* c = reinterpret_cast<PyCompactUnicodeObject*>(o);
        c->utf8_length = 0;
        c->utf8 = nullptr;
    }
    std::memset(reinterpret_cast<char*>(o) + header + length * kind, 0, static_cast<size_t>(kind));
    return Ref::steal(Value(o));
}

Ref str_new(Thread& t, int64_t length, uint32_t max_char) {
    if (length == 0) return Ref::steal(empty_str());
    return str_alloc(t, length, max_char);
}

Ref str_from_char(Thread& t, uint32_t c) {
    if (c < 256) return Ref::steal(latin1_char(c));
    if (c > 0x10ffff) [[unlikely]]  // C may put anything into a str
        return raise(t, PyExc_SystemError, "invalid maximum character passed to PyUnicode_New");
    Ref r = TRY(str_alloc(t, 1, c));
    if (c < 0x10000)
        *static_cast<uint16_t*>(str_data(r)) = static_cast<uint16_t>(c);
    else
        *static_cast<uint32_t*>(str_data(r)) = c;
    return r;
}

Ref str_from_kind(Thread& t, unsigned kind, const void* data, int64_t n) {
    if (n == 0) return Ref::steal(empty_str());
    if (n == 1) return str_from_char(t, with_chars(kind, data, [](auto* s) -> uint32_t { return s[0]; }));
    uint32_t max_char = max_char_of(kind, data, n);
    Ref r = TRY(str_alloc(t, n, max_char));
    copy_chars(str_kind(r), str_data(r), kind, data, n);
    return r;
}

Ref str_from_latin1(Thread& t, const char* s, size_t n) {
    if (n > 1 && utf8::ascii_prefix({s, n}) == n) {
        Ref r = TRY(str_alloc(t, static_cast<int64_t>(n), 0x7f));
        copy_short(str_data(r), s, n);
        return r;
    }
    return str_from_kind(t, 1, s, static_cast<int64_t>(n));
}

Ref str_from(Thread& t, const char* utf8) { return str_from(t, utf8, std::strlen(utf8)); }

Ref str_from(Thread& t, const char* utf8, size_t n) { return decode_utf8(t, utf8, n, nullptr); }

Ref str_from_wtf8(Thread& t, const char* s, size_t n) {
    const char* end = s + n;
    uint32_t max_char = 0;
    int64_t length = 0;
    for (const char* p = s; p < end; length++) max_char = std::max<uint32_t>(max_char, utf8::next(p));
    if (length == 0) return Ref::steal(empty_str());
    if (length == 1) return str_from_char(t, max_char);
    Ref r = TRY(str_alloc(t, length, max_char));
    with_mutable_chars(r, [&](auto* d) {
        for (const char* p = s; p < end;)
            *d++ = static_cast<std::remove_reference_t<decltype(*d)>>(utf8::next(p));
    });
    return r;
}

Ref str_exact(Thread& t, Value v) {
    if (is_str_exact(v)) return Ref::share(v);
    return str_substring(t, v, 0, str_length(v));
}

// --- hash and comparison ---

int64_t str_hash_compute(Value s) {
    int64_t h = hash_bytes(str_data(s), static_cast<size_t>(str_length(s)) * str_kind(s));
    str_head(s)->hash = h;
    return h;
}

bool str_equal(Value a, Value b) {
    if (a == b) return true;
    int64_t n = str_length(a);
    unsigned kind = str_kind(a);
    if (n != str_length(b) || kind != str_kind(b)) return false;
    int64_t ha = str_head(a)->hash, hb = str_head(b)->hash;
    if (ha != hb && ha != -1 && hb != -1) return false;
    return same_bytes(static_cast<const char*>(str_data(a)), static_cast<const char*>(str_data(b)),
                      static_cast<size_t>(n) * kind);
}

bool str_equal(Value a, const char* ascii) {
    size_t n = std::strlen(ascii);
    return str_is_ascii(a) && static_cast<size_t>(str_length(a)) == n &&
           std::memcmp(str_data(a), ascii, n) == 0;
}

namespace {

template <class A, class B>
int compare_chars(const A* a, const B* b, int64_t n) {
    if constexpr (sizeof(A) == 1 && sizeof(B) == 1) {
        return std::memcmp(a, b, static_cast<size_t>(n));
    } else {
        for (int64_t i = 0; i < n; i++)
            if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
        return 0;
    }
}

}  // namespace

int str_compare(Value a, Value b) {
    if (a == b) return 0;
    int64_t na = str_length(a), nb = str_length(b);
    int64_t n = std::min(na, nb);
    int c = with_chars(
        a, [&](auto* x) { return with_chars(b, [&](auto* y) { return compare_chars(x, y, n); }); });
    if (c) return c < 0 ? -1 : 1;
    return na == nb ? 0 : na < nb ? -1 : 1;
}

// --- pieces and sums ---

Ref str_substring(Thread& t, Value s, int64_t start, int64_t stop) {
    int64_t n = stop - start;
    if (n == str_length(s) && is_str_exact(s)) return Ref::share(s);
    unsigned kind = str_kind(s);
    const void* data = char_address(kind, static_cast<const void*>(str_data(s)), start);
    if (n <= 1) return n <= 0 ? Ref::steal(empty_str()) : str_from_kind(t, kind, data, n);
    if (str_is_ascii(s)) {
        Ref r = TRY(str_alloc(t, n, 0x7f));
        std::memcpy(str_data(r), data, static_cast<size_t>(n));
        return r;
    }
    return str_from_kind(t, kind, data, n);
}

Ref str_concat(Thread& t, Value a, Value b) {
    int64_t na = str_length(a), nb = str_length(b);
    if (na == 0) return str_exact(t, b);
    if (nb == 0) return str_exact(t, a);
    if (na > INT64_MAX - nb) return raise(t, PyExc_OverflowError, "strings are too large to concat");
    Ref r = TRY(str_alloc(t, na + nb, std::max(str_limit(a), str_limit(b))));
    unsigned kind = str_kind(r);
    copy_chars(kind, str_data(r), str_kind(a), str_data(a), na);
    copy_chars(kind, char_address(kind, str_data(r), na), str_kind(b), str_data(b), nb);
    return r;
}

namespace {

// Whether the object may be changed in place: its owner is the only one and nothing is remembered about it.
bool is_growable(Value v) {
    const PyASCIIObject* s = str_head(v);
    return s->ob_base.ob_refcnt == 1 && is_str_exact(v) &&
           (s->state & (kStateInterned | kStateStatic)) == 0 && (s->state & kStateCompact);
}

}  // namespace

Status str_append(Thread& t, Ref& left, Value right) {
    Value a = left.get();
    int64_t na = str_length(a), nb = str_length(right);
    if (nb == 0 && is_str_exact(a)) return Status::ok();
    uint32_t limit = str_limit(a);
    unsigned kind = str_kind(a);
    if (na == 0 || !is_growable(a) || str_limit(right) > limit ||
        nb > (INT64_MAX - 64) / static_cast<int64_t>(kind) - 1 - na) {
        left = TRY(str_concat(t, a, right));
        return Status::ok();
    }
    int64_t header = str_header_size(limit);
    auto need = static_cast<size_t>(header + (na + nb + 1) * kind);
    bool same = a == right;  // s += s through a borrowed reference
    PyObject* o = a.ptr();
    if (need > object_capacity(o)) {
        o = object_resize(o, need + need / 8);
        if (!o) return raise_no_memory(t);
        (void)left.release();
        left = Ref::steal(Value(o));
        if (same) right = left;
    }
    auto* s = reinterpret_cast<PyASCIIObject*>(o);
    if (limit > 0x7f) {
        auto* c = reinterpret_cast<PyCompactUnicodeObject*>(o);
        if (c->utf8) mem_free(c->utf8);
        c->utf8 = nullptr;
        c->utf8_length = 0;
    }
    char* data = reinterpret_cast<char*>(o) + header;
    copy_chars(kind, data + na * kind, str_kind(right), str_data(right), nb);
    s->length = na + nb;
    s->hash = -1;
    std::memset(data + (na + nb) * kind, 0, kind);
    return Status::ok();
}

// --- UTF-8 form ---

Result<std::string_view> str_utf8(Thread& t, Value s) {
    auto n = static_cast<size_t>(str_length(s));
    if (str_is_ascii(s)) return std::string_view(static_cast<char*>(str_data(s)), n);
    auto* c = s.as<PyCompactUnicodeObject>();
    if (!c->utf8) {
        Ref bytes = TRY(encode_utf8(t, s, nullptr));
        auto size = static_cast<size_t>(bytes.as<PyBytesObject>()->ob_base.ob_size);
        auto* text = static_cast<char*>(mem_alloc(size + 1));
        if (!text) return raise_no_memory(t);
        std::memcpy(text, bytes.as<PyBytesObject>()->ob_sval, size + 1);
        c->utf8 = text;
        c->utf8_length = static_cast<int64_t>(size);
    }
    return std::string_view(c->utf8, static_cast<size_t>(c->utf8_length));
}

std::string_view str_utf8_or(Value s, std::string_view fallback) {
    if (str_is_ascii(s)) return {static_cast<char*>(str_data(s)), static_cast<size_t>(str_length(s))};
    Thread& t = current_thread();
    SavedError saved(t);
    auto r = str_utf8(t, s);
    if (r) return r.value();
    clear_error(t);
    return fallback;
}

}  // namespace krait
