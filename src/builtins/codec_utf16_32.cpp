// UTF-16 and UTF-32.
#include <algorithm>
#include <bit>
#include <cstring>

#include "builtins/codec.h"
#include "builtins/str_internal.h"

namespace krait {

namespace {

constexpr bool is_low(uint32_t c) { return c >= 0xDC00 && c <= 0xDFFF; }
constexpr bool is_surrogate(uint32_t c) { return c >= 0xD800 && c <= 0xDFFF; }

template <class Unit>
uint32_t load(const unsigned char* p, bool big) {
    Unit u;
    std::memcpy(&u, p, sizeof u);
    return big ? std::byteswap(u) : u;
}

// Takes a byte order mark away where the order is open.
template <class Unit>
int64_t skip_mark(const char* s, size_t n, int* byteorder) {
    if (*byteorder != 0 || n < sizeof(Unit)) return 0;
    auto* p = reinterpret_cast<const unsigned char*>(s);
    if (load<Unit>(p, false) == 0xFEFF)
        *byteorder = -1;
    else if (load<Unit>(p, true) == 0xFEFF)
        *byteorder = 1;
    else
        return 0;
    return sizeof(Unit);
}

// The faults of one unit: where the bad bytes end and why; null reason: fine.
struct BadUnit {
    int64_t end = 0;
    const char* reason = nullptr;
    bool unfinished = false;  // more input could complete it
};

}  // namespace

Ref decode_utf16(Thread& t, const char* s, size_t n, const char* errors, int* byteorder, int64_t* consumed) {
    int64_t pos = skip_mark<uint16_t>(s, n, byteorder);
    bool big = *byteorder > 0;
    Decoding in(t, big ? "utf-16-be" : "utf-16-le", errors, s, n);
    StrBuilder out(t, static_cast<int64_t>(n / 2));
    while (pos < in.size()) {
        int64_t left = in.size() - pos;
        const unsigned char* p = in.data() + pos;
        BadUnit bad;
        if (left < 2) {
            bad = {in.size(), "truncated data", true};
        } else {
            uint32_t c = load<uint16_t>(p, big);
            if (!is_surrogate(c)) {
                TRY(out.put(c));
                pos += 2;
                continue;
            }
            if (is_low(c)) {
                bad = {pos + 2, "illegal encoding", false};
            } else if (left < 4) {
                bad = {in.size(), "unexpected end of data", true};
            } else {
                uint32_t low = load<uint16_t>(p + 2, big);
                if (is_low(low)) {
                    TRY(out.put(0x10000 + ((c & 0x3FF) << 10 | (low & 0x3FF))));
                    pos += 4;
                    continue;
                }
                bad = {pos + 2, "illegal UTF-16 surrogate", false};
            }
        }
        if (bad.unfinished && consumed) break;
        pos = TRY(in.handle(out, pos, bad.end, bad.reason));
    }
    if (consumed) *consumed = pos;
    return out.finish();
}

Ref decode_utf32(Thread& t, const char* s, size_t n, const char* errors, int* byteorder, int64_t* consumed) {
    int64_t pos = skip_mark<uint32_t>(s, n, byteorder);
    bool big = *byteorder > 0;
    Decoding in(t, big ? "utf-32-be" : "utf-32-le", errors, s, n);
    StrBuilder out(t, static_cast<int64_t>(n / 4));
    while (pos < in.size()) {
        int64_t left = in.size() - pos;
        BadUnit bad;
        if (left < 4) {
            bad = {in.size(), "truncated data", true};
        } else {
            uint32_t c = load<uint32_t>(in.data() + pos, big);
            if (c <= 0x10FFFF && !is_surrogate(c)) {
                TRY(out.put(c));
                pos += 4;
                continue;
            }
            bad = {pos + 4,
                   c > 0x10FFFF ? "code point not in range(0x110000)"
                                : "code point in surrogate code point range(0xd800, 0xe000)",
                   false};
        }
        if (bad.unfinished && consumed) break;
        pos = TRY(in.handle(out, pos, bad.end, bad.reason));
    }
    if (consumed) *consumed = pos;
    return out.finish();
}

namespace {

template <class Unit>
struct UnitWriter {
    BytesBuilder& out;
    bool big;
    Status unit(uint32_t c) {
        auto u = static_cast<Unit>(c);
        if (big) u = std::byteswap(u);
        return out.append(&u, sizeof u);
    }
    Status put(uint32_t c) {
        if (sizeof(Unit) == 4 || c < 0x10000) return unit(c);
        TRY(unit(0xD800 + ((c - 0x10000) >> 10)));
        return unit(0xDC00 + ((c - 0x10000) & 0x3FF));
    }
};

template <class Unit>
Ref encode_units(Thread& t, Value s, const char* errors, int byteorder) {
    constexpr bool kWide = sizeof(Unit) == 4;
    const char* name = byteorder == 0  ? (kWide ? "utf-32" : "utf-16")
                       : byteorder < 0 ? (kWide ? "utf-32-le" : "utf-16-le")
                                       : (kWide ? "utf-32-be" : "utf-16-be");
    constexpr const char* kReason = "surrogates not allowed";
    int64_t n = str_length(s);
    if (n > INT64_MAX / 8) return raise_no_memory(t);
    if (n && str_kind(s) == 1) {  // neither surrogates nor pairs
        auto mark = static_cast<int64_t>(byteorder == 0);
        Ref r = TRY(bytes_new(t, (n + mark) * static_cast<int64_t>(sizeof(Unit))));
        auto* to = reinterpret_cast<Unit*>(bytes_data(r));
        auto* from = static_cast<const uint8_t*>(str_data(s));
        if (mark) *to++ = 0xFEFF;
        if (byteorder > 0)
            for (int64_t i = 0; i < n; i++) to[i] = std::byteswap(static_cast<Unit>(from[i]));
        else
            std::copy_n(from, n, to);
        return r;
    }
    BytesBuilder out(t, static_cast<int64_t>(sizeof(Unit)) * (n + 1));
    UnitWriter<Unit> writer{out, byteorder > 0};
    if (byteorder == 0) TRY(writer.unit(0xFEFF));
    Encoding in(t, name, errors, s);
    for (int64_t pos = 0; pos < n;) {
        uint32_t c = str_char(s, pos);
        if (!is_surrogate(c)) {
            TRY(writer.put(c));
            pos++;
            continue;
        }
        int64_t stop = pos + 1;  // one at a time, as the oracle
        if (in.mode == OnError::SurrogatePass) {
            for (; pos < stop; pos++) TRY(writer.unit(str_char(s, pos)));
            continue;
        }
        Replacement r;
        TRY(in.handle(pos, stop, kReason, r));
        if (r.text && is_bytes(r.text)) {
            if (bytes_size(r.text) % sizeof(Unit)) return in.fail(pos, stop, kReason);
            TRY(out.append(bytes_view(r.text)));
        } else if (r.text) {
            if (!str_is_ascii(r.text)) return in.fail(pos, stop, kReason);
            for (int64_t i = 0; i < str_length(r.text); i++) TRY(writer.unit(str_char(r.text, i)));
        }
        pos = r.resume;
    }
    return out.finish();
}

}  // namespace

Ref encode_utf16(Thread& t, Value s, const char* errors, int byteorder) {
    return encode_units<uint16_t>(t, s, errors, byteorder);
}
Ref encode_utf32(Thread& t, Value s, const char* errors, int byteorder) {
    return encode_units<uint32_t>(t, s, errors, byteorder);
}

}  // namespace krait
