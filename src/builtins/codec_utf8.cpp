// UTF-8, both ways.
#include <emmintrin.h>

#include <cstring>

#include "builtins/codec.h"
#include "builtins/str_internal.h"
#include "support/utf8.h"

namespace krait {

namespace {

// Sixteen characters of ASCII as characters of any width.
template <class C>
void widen(__m128i bytes, C* to) {
    auto store = [to](int at, __m128i v) { _mm_storeu_si128(reinterpret_cast<__m128i*>(to + at), v); };
    const __m128i zero = _mm_setzero_si128();
    if constexpr (sizeof(C) == 1) {
        store(0, bytes);
    } else {
        __m128i low = _mm_unpacklo_epi8(bytes, zero), high = _mm_unpackhi_epi8(bytes, zero);
        if constexpr (sizeof(C) == 2) {
            store(0, low);
            store(8, high);
        } else {
            store(0, _mm_unpacklo_epi16(low, zero));
            store(4, _mm_unpackhi_epi16(low, zero));
            store(8, _mm_unpacklo_epi16(high, zero));
            store(12, _mm_unpackhi_epi16(high, zero));
        }
    }
}

// Valid text, to characters that hold it. ASCII goes by sixteen as long as there is room for as many, however
// few of them count: what is written too much is written over.
template <class C>
void transcode(std::string_view s, C* to, int64_t length) {
    const char* p = s.data();
    const char* end = p + s.size();
    C* last = to + length;
    while (p < end) {
        if (last - to >= 16) {  // and at least as many bytes
            __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
            auto other = static_cast<unsigned>(_mm_movemask_epi8(bytes));
            widen(bytes, to);
            int n = other ? __builtin_ctz(other) : 16;
            p += n;
            to += n;
            if (!other) continue;
        } else if (static_cast<signed char>(*p) >= 0) {
            *to++ = static_cast<C>(*p++);
            continue;
        }
        do *to++ = static_cast<C>(utf8::next(p));
        while (p < end && static_cast<signed char>(*p) < 0);
    }
}

// Appends valid text.
Status put_valid(Thread& t, StrBuilder& out, std::string_view s) {
    if (s.empty()) return Status::ok();
    if (utf8::is_ascii(s)) return out.ascii(s.data(), s.size());
    utf8::Scan scan = utf8::scan(s);
    TRY(out.reserve(static_cast<int64_t>(scan.length), scan.limit()));
    const char* p = s.data();
    const char* end = p + s.size();
    while (p < end) TRY(out.put(utf8::next(p)));
    return Status::ok();
}

// "surrogatepass": three bytes that spell a surrogate.
bool is_surrogate_at(const unsigned char* p, int64_t left) {
    return left >= 3 && p[0] == 0xED && (p[1] & 0xE0) == 0xA0 && (p[2] & 0xC0) == 0x80;
}

Ref decode_faulty(Thread& t, std::string_view s, utf8::Fault fault, const char* errors, int64_t* consumed) {
    Decoding in(t, "utf-8", errors, s.data(), s.size());
    StrBuilder out(t, static_cast<int64_t>(s.size()));
    int64_t pos = 0;
    for (;;) {
        std::string_view text{reinterpret_cast<const char*>(in.data()), static_cast<size_t>(in.size())};
        int64_t stop = fault ? static_cast<int64_t>(fault.begin) : in.size();
        TRY(put_valid(t, out, text.substr(static_cast<size_t>(pos), static_cast<size_t>(stop - pos))));
        pos = stop;
        if (!fault) break;
        if (fault.kind == utf8::Fault::Kind::kUnexpectedEnd && consumed) break;
        // What may become a surrogate waits for its last byte, too.
        if (consumed && in.size() - stop == 2 && in.data()[stop] == 0xED && in.data()[stop + 1] >= 0xA0 &&
            in.data()[stop + 1] <= 0xBF)
            break;
        if (in.mode == OnError::SurrogatePass && is_surrogate_at(in.data() + stop, in.size() - stop)) {
            const auto* p = in.data() + stop;
            TRY(out.put((p[0] & 0xFu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu)));
            pos = stop + 3;
        } else {
            pos = TRY(in.handle(out, stop, static_cast<int64_t>(fault.end), fault.reason()));
        }
        text = {reinterpret_cast<const char*>(in.data()), static_cast<size_t>(in.size())};
        fault = utf8::find_fault(text, static_cast<size_t>(pos));
    }
    if (consumed) *consumed = pos;
    return out.finish();
}

}  // namespace

Ref decode_utf8(Thread& t, const char* bytes, size_t n, const char* errors, int64_t* consumed) {
    std::string_view s{bytes, n};
    if (consumed) *consumed = static_cast<int64_t>(n);
    if (n == 0) return Ref::steal(empty_str());
    size_t ascii = utf8::ascii_prefix(s);
    if (ascii == n) {
        if (n == 1) return Ref::steal(latin1_char(static_cast<unsigned char>(bytes[0])));
        Ref r = TRY(str_alloc(t, static_cast<int64_t>(n), 0x7f));
        std::memcpy(str_data(r), bytes, n);
        return r;
    }
    utf8::Scan scan = utf8::scan(s.substr(ascii));
    if (!scan.valid) return decode_faulty(t, s, utf8::find_fault(s, ascii), errors, consumed);
    auto length = static_cast<int64_t>(ascii + scan.length);
    if (length == 1) return str_from_char(t, utf8::next(bytes));
    Ref r = TRY(str_alloc(t, length, scan.limit()));
    with_mutable_chars(r, [&](auto* to) { transcode(s, to, length); });
    return r;
}

namespace {

constexpr bool is_surrogate(uint32_t c) { return c >= 0xD800 && c <= 0xDFFF; }

template <class C>
int64_t encoded_size(const C* s, int64_t n) {
    int64_t size = n, i = 0;
    if constexpr (sizeof(C) == 1)
        for (; i + 16 <= n; i += 16)
            size += __builtin_popcount(static_cast<unsigned>(
                _mm_movemask_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(s + i)))));
    for (; i < n; i++) {
        size += s[i] >= 0x80;
        if constexpr (sizeof(C) > 1) size += s[i] >= 0x800;
        if constexpr (sizeof(C) > 2) size += s[i] >= 0x10000;
    }
    return size;
}

template <class C>
int64_t find_surrogate(const C* s, int64_t from, int64_t n) {
    if constexpr (sizeof(C) > 1)
        for (int64_t i = from; i < n; i++)
            if (is_surrogate(s[i])) return i;
    return n;
}

template <class C>
char* write_utf8(const C* s, int64_t from, int64_t to, char* p) {
    int64_t i = from;
    if constexpr (sizeof(C) == 1)
        while (i + 16 <= to) {
            // The room that is left is for as many characters at least: what is too much is written over.
            __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(s + i));
            _mm_storeu_si128(reinterpret_cast<__m128i*>(p), bytes);
            auto other = static_cast<unsigned>(_mm_movemask_epi8(bytes));
            int run = other ? __builtin_ctz(other) : 16;
            i += run;
            p += run;
            for (; i < to && s[i] >= 0x80; i++) p += utf8::encode(s[i], p);
        }
    for (; i < to; i++) p += utf8::encode(s[i], p);
    return p;
}

Status put_utf8(Thread&, BytesBuilder& out, Value s, int64_t from, int64_t to) {
    if (from == to) return Status::ok();  // extend(0) of an empty builder gives null
    return with_chars(s, [&](auto* c) -> Status {
        int64_t size = encoded_size(c + from, to - from);
        char* p = out.extend(size);
        if (!p) return {};
        write_utf8(c, from, to, p);
        return Status::ok();
    });
}

// Text with surrogates.
Ref encode_faulty(Thread& t, Value s, const char* errors) {
    Encoding in(t, "utf-8", errors, s);
    int64_t n = str_length(s);
    BytesBuilder out(t, n + n / 2);
    for (int64_t pos = 0; pos < n;) {
        int64_t bad = with_chars(s, [&](auto* c) { return find_surrogate(c, pos, n); });
        TRY(put_utf8(t, out, s, pos, bad));
        if (bad == n) break;
        int64_t stop = bad + 1;
        while (stop < n && is_surrogate(str_char(s, stop))) stop++;
        if (in.mode == OnError::SurrogatePass) {
            TRY(put_utf8(t, out, s, bad, stop));
            pos = stop;
            continue;
        }
        Replacement r;
        TRY(in.handle(bad, stop, "surrogates not allowed", r));
        pos = r.resume;
        if (!r.text) continue;
        if (is_bytes(r.text)) {
            TRY(out.append(bytes_view(r.text)));
        } else {
            if (!str_is_ascii(r.text)) return in.fail(bad, stop, "surrogates not allowed");
            TRY(out.append(str_data(r.text), static_cast<size_t>(str_length(r.text))));
        }
    }
    return out.finish();
}

}  // namespace

Ref encode_utf8(Thread& t, Value s, const char* errors) {
    int64_t n = str_length(s);
    if (str_is_ascii(s)) return bytes_from(t, str_data(s), static_cast<size_t>(n));
    bool faulty = str_kind(s) > 1 && with_chars(s, [&](auto* c) { return find_surrogate(c, 0, n) != n; });
    if (faulty) return encode_faulty(t, s, errors);
    auto* cached = s.as<PyCompactUnicodeObject>();
    if (cached->utf8) return bytes_from(t, cached->utf8, static_cast<size_t>(cached->utf8_length));
    return with_chars(s, [&](auto* c) -> Ref {
        Ref r = TRY(bytes_new(t, encoded_size(c, n)));
        write_utf8(c, 0, n, bytes_data(r));
        return r;
    });
}

}  // namespace krait
