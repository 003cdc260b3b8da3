// UTF-7 (RFC 2152).
#include <cstring>

#include "builtins/codec.h"
#include "builtins/str_internal.h"

namespace krait {

namespace {

constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int base64_value(uint8_t c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}
constexpr bool is_high(uint32_t c) { return c >= 0xD800 && c <= 0xDBFF; }
constexpr bool is_low(uint32_t c) { return c >= 0xDC00 && c <= 0xDFFF; }
bool decodes_directly(uint8_t c) { return c < 128 && c != '+'; }
bool encodes_directly(uint32_t c) {
    if (c == '\t' || c == '\n' || c == '\r') return true;
    return c >= 32 && c < 127 && c != '+' && c != '\\' && c != '~';
}

// A base64 section while it is read.
struct Shift {
    bool in = false;
    uint32_t surrogate = 0;  // a high one that waits for its other half
    uint32_t buffer = 0;
    int bits = 0;
    int64_t out_start = 0;  // where its text starts in the output

    Status digit(StrBuilder& out, int value) {
        buffer = buffer << 6 | static_cast<uint32_t>(value);
        bits += 6;
        if (bits < 16) return Status::ok();
        uint32_t c = buffer >> (bits - 16) & 0xFFFF;
        bits -= 16;
        buffer &= (1u << bits) - 1;
        if (surrogate) {
            uint32_t high = surrogate;
            surrogate = 0;
            if (is_low(c)) return out.put(0x10000 + ((high & 0x3FF) << 10 | (c & 0x3FF)));
            TRY(out.put(high));
        }
        if (is_high(c)) {
            surrogate = c;
            return Status::ok();
        }
        return out.put(c);
    }
    // What is wrong with leaving the section now; null: nothing.
    const char* fault() const {
        if (bits >= 6) return "partial character in base64 sequence";
        if (bits > 0 && buffer != 0) return "non-zero padding bits in base64 sequence";
        return nullptr;
    }
};

}  // namespace

Ref decode_utf7(Thread& t, const char* s, size_t n, const char* errors, int64_t* consumed) {
    Decoding in(t, "utf7", errors, s, n);
    StrBuilder out(t, static_cast<int64_t>(n));
    Shift shift;
    int64_t pos = 0, start = 0;
    for (;;) {
        while (pos < in.size()) {
            uint8_t c = in.data()[pos];
            const char* fault = nullptr;
            if (shift.in) {
                int value = base64_value(c);
                if (value >= 0) {
                    pos++;
                    TRY(shift.digit(out, value));
                    continue;
                }
                shift.in = false;
                fault = shift.fault();
                if (!fault) {
                    if (shift.surrogate && decodes_directly(c)) TRY(out.put(shift.surrogate));
                    shift.surrogate = 0;
                    if (c == '-') pos++;
                    continue;
                }
                pos++;
            } else if (c == '+') {
                start = pos++;
                if (pos < in.size() && in.data()[pos] == '-') {
                    pos++;
                    TRY(out.put('+'));
                    continue;
                }
                if (pos == in.size() || base64_value(in.data()[pos]) >= 0) {
                    shift = Shift{.in = true, .out_start = out.size()};
                    continue;
                }
                pos++;
                fault = "ill-formed sequence";
            } else if (decodes_directly(c)) {
                pos++;
                TRY(out.put(c));
                continue;
            } else {
                start = pos++;
                fault = "unexpected special character";
            }
            pos = TRY(in.handle(out, start, pos, fault));
        }
        if (!shift.in || consumed) break;
        bool unfinished = shift.surrogate || shift.fault();
        shift.in = false;
        if (!unfinished) break;
        pos = TRY(in.handle(out, start, in.size(), "unterminated shift sequence"));
        if (pos >= in.size()) break;
    }
    if (consumed) {
        *consumed = pos;
        if (shift.in) {
            *consumed = start;
            out.truncate(shift.out_start);
        }
    }
    return out.finish();
}

Ref encode_utf7(Thread& t, Value s, const char*) {
    int64_t n = str_length(s);
    BytesBuilder out(t, n);
    bool shifted = false;
    uint64_t buffer = 0;
    int bits = 0;
    auto put_unit = [&](uint32_t unit) -> Status {
        buffer = buffer << 16 | unit;
        for (bits += 16; bits >= 6; bits -= 6) TRY(out.put(kAlphabet[buffer >> (bits - 6) & 63]));
        buffer &= (1u << bits) - 1;
        return Status::ok();
    };
    auto flush = [&]() -> Status {
        if (bits) TRY(out.put(kAlphabet[buffer << (6 - bits) & 63]));
        bits = 0;
        buffer = 0;
        return Status::ok();
    };
    for (int64_t i = 0; i < n; i++) {
        uint32_t c = str_char(s, i);
        if (encodes_directly(c)) {
            if (shifted) {
                TRY(flush());
                shifted = false;
                if (base64_value(static_cast<uint8_t>(c)) >= 0 || c == '-') TRY(out.put('-'));
            }
            TRY(out.put(static_cast<char>(c)));
            continue;
        }
        if (!shifted) {
            if (c == '+') {
                TRY(out.append("+-", 2));
                continue;
            }
            TRY(out.put('+'));
            shifted = true;
        }
        if (c >= 0x10000) {
            TRY(put_unit(0xD800 + ((c - 0x10000) >> 10)));
            c = 0xDC00 + ((c - 0x10000) & 0x3FF);
        }
        TRY(put_unit(c));
    }
    TRY(flush());
    if (shifted) TRY(out.put('-'));
    return out.finish();
}

}  // namespace krait
