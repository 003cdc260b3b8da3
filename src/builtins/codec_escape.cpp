// The escape sequences of source code as codecs: unicode_escape, raw_unicode_escape and escape (bytes).
#include <cstring>

#include "builtins/codec.h"
#include "builtins/str_internal.h"
#include "object/protocol.h"
#include "support/unicode.h"

namespace krait {

namespace {

int hex_value(uint8_t c) {
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
bool is_octal(uint8_t c) { return c >= '0' && c <= '7'; }

// The character of a one-letter escape, -1: there is none such.
int simple_escape(uint8_t c) {
    switch (c) {
        case '\\':
        case '\'':
        case '"':
            return c;
        case 'a':
            return 7;
        case 'b':
            return 8;
        case 't':
            return 9;
        case 'n':
            return 10;
        case 'v':
            return 11;
        case 'f':
            return 12;
        case 'r':
            return 13;
        default:
            return -1;
    }
}

// Up to three octal digits from p on; the value, and how many.
int octal(const unsigned char* p, const unsigned char* end, int* count) {
    int value = 0;
    for (*count = 0; *count < 3 && p + *count < end && is_octal(p[*count]); ++*count)
        value = value << 3 | (p[*count] - '0');
    return value;
}

// The first doubtful escape of a text, for one warning at its end.
struct Doubt {
    char text[8] = {};
    bool octal = false;
    void note_octal(const unsigned char* digits) {
        if (text[0]) return;
        octal = true;
        memcpy(text, digits, 3);
    }
    void note_char(uint8_t c) {
        if (!text[0]) text[0] = static_cast<char>(c);
    }
    Status warn_about(Thread& t, const char* prefix) const {
        if (!text[0]) return Status::ok();
        Ref shown = TRY(str_from_latin1(t, text, strlen(text)));
        return warn(
            t, PyExc_DeprecationWarning, 1,
            "%s\"\\%U\" is an invalid %sescape sequence. Such sequences will not work in the future. ",
            prefix, shown.get(), octal ? "octal " : "");
    }
};

// Outcome of reading one escape.
struct Escape {
    enum Kind { Char, Nothing, Literal, Bad, Unfinished, Raised } kind = Char;
    uint32_t c = 0;
    int64_t end = 0;
    const char* reason = nullptr;
};

Escape read_hex(const unsigned char* p, int64_t at, int64_t size, int digits, const char* truncated,
                const char* too_big) {
    uint32_t c = 0;
    for (int i = 0; i < digits; i++, at++) {
        if (at >= size) return {Escape::Unfinished, 0, at, truncated};
        int value = hex_value(p[at]);
        if (value < 0) return {Escape::Bad, 0, at, truncated};
        c = c << 4 | static_cast<uint32_t>(value);
    }
    if (c > 0x10FFFF) return {Escape::Bad, 0, at, too_big};
    return {Escape::Char, c, at, nullptr};
}

Escape read_name(const unsigned char* p, int64_t at, int64_t size) {
    constexpr const char* kMalformed = "malformed \\N character escape";
    if (at >= size) return {Escape::Unfinished, 0, at, kMalformed};
    if (p[at] != '{') return {Escape::Bad, 0, at, kMalformed};
    int64_t start = ++at;
    while (at < size && p[at] != '}') at++;
    if (at >= size) return {Escape::Unfinished, 0, at, kMalformed};
    if (at == start) return {Escape::Bad, 0, at, kMalformed};
    std::string_view name(reinterpret_cast<const char*>(p) + start, static_cast<size_t>(at - start));
    uint32_t found[4];
    at++;
    if (unicode::lookup(name, false, found) != 1)
        return {Escape::Bad, 0, at, "unknown Unicode character name"};
    return {Escape::Char, found[0], at, nullptr};
}

// The escape whose letter stands at p[at].
Escape read_escape(const unsigned char* p, int64_t at, int64_t size, Doubt& doubt) {
    if (at >= size) return {Escape::Unfinished, 0, at, "\\ at end of string"};
    uint8_t c = p[at];
    constexpr const char* kIllegal = "illegal Unicode character";
    if (c == '\n') return {Escape::Nothing, 0, at + 1, nullptr};
    if (int simple = simple_escape(c); simple >= 0)
        return {Escape::Char, static_cast<uint32_t>(simple), at + 1, nullptr};
    if (is_octal(c)) {
        int count, value = octal(p + at, p + size, &count);
        if (value > 0377) doubt.note_octal(p + at);
        return {Escape::Char, static_cast<uint32_t>(value), at + count, nullptr};
    }
    switch (c) {
        case 'x':
            return read_hex(p, at + 1, size, 2, "truncated \\xXX escape", kIllegal);
        case 'u':
            return read_hex(p, at + 1, size, 4, "truncated \\uXXXX escape", kIllegal);
        case 'U':
            return read_hex(p, at + 1, size, 8, "truncated \\UXXXXXXXX escape", kIllegal);
        case 'N':
            return read_name(p, at + 1, size);
        default:
            doubt.note_char(c);
            return {Escape::Literal, c, at + 1, nullptr};
    }
}

Escape read_raw_escape(const unsigned char* p, int64_t at, int64_t size) {
    if (at >= size) return {Escape::Unfinished, 0, at, nullptr};
    constexpr const char* kTooBig = "\\Uxxxxxxxx out of range";
    if (p[at] == 'u') return read_hex(p, at + 1, size, 4, "truncated \\uXXXX escape", kTooBig);
    if (p[at] == 'U') return read_hex(p, at + 1, size, 8, "truncated \\UXXXXXXXX escape", kTooBig);
    return {Escape::Literal, p[at], at + 1, nullptr};
}

template <class Read>
Ref decode_escapes(Decoding& in, int64_t* consumed, Read&& read) {
    StrBuilder out(in.t, in.size());
    int64_t pos = 0;
    while (pos < in.size()) {
        const unsigned char* p = in.data();
        if (p[pos] != '\\') {
            const void* next = memchr(p + pos, '\\', static_cast<size_t>(in.size() - pos));
            int64_t stop = next ? static_cast<const unsigned char*>(next) - p : in.size();
            TRY(out.append_chars(1, p + pos, stop - pos));
            pos = stop;
            continue;
        }
        Escape e = read(p, pos + 1, in.size());
        switch (e.kind) {
            case Escape::Literal:
                TRY(out.put('\\'));
                [[fallthrough]];
            case Escape::Char:
                TRY(out.put(e.c));
                [[fallthrough]];
            case Escape::Nothing:
                pos = e.end;
                continue;
            default:
                break;
        }
        if (e.kind == Escape::Raised) return {};
        if (e.kind == Escape::Unfinished && consumed) break;
        if (!e.reason) {  // a lone backslash at the end that stands for itself
            TRY(out.put('\\'));
            pos = e.end;
            continue;
        }
        pos = TRY(in.handle(out, pos, e.end, e.reason));
    }
    if (consumed) *consumed = pos;
    return out.finish();
}

}  // namespace

bool character_names_ready(Thread& t) {
    if (t.interp->character_names_ready || !t.interp->importlib) return true;
    Ref names = import_attr(t, "unicodedata", "_ucnhash_CAPI");
    if (!names) clear_error(t);
    return t.interp->character_names_ready = static_cast<bool>(names);
}

Ref decode_unicode_escape(Thread& t, const char* s, size_t n, const char* errors, int64_t* consumed) {
    Decoding in(t, "unicodeescape", errors, s, n);
    Doubt doubt;
    Ref r = TRY(decode_escapes(in, consumed, [&](const unsigned char* p, int64_t at, int64_t size) {
        if (at < size && p[at] == 'N' && !character_names_ready(t)) {
            raise(t, PyExc_UnicodeError, kNoCharacterNames);
            return Escape{Escape::Raised};
        }
        return read_escape(p, at, size, doubt);
    }));
    TRY(doubt.warn_about(t, ""));
    return r;
}

Ref decode_raw_unicode_escape(Thread& t, const char* s, size_t n, const char* errors, int64_t* consumed) {
    Decoding in(t, "rawunicodeescape", errors, s, n);
    return decode_escapes(in, consumed, read_raw_escape);
}

namespace {

Status put_hex(BytesBuilder& out, char letter, uint32_t c, int digits) {
    char text[10] = {'\\', letter};
    for (int i = 0; i < digits; i++) text[2 + i] = "0123456789abcdef"[c >> (4 * (digits - 1 - i)) & 15];
    return out.append(text, static_cast<size_t>(2 + digits));
}

}  // namespace

Ref encode_unicode_escape(Thread& t, Value s) {
    int64_t n = str_length(s);
    BytesBuilder out(t, n);
    for (int64_t i = 0; i < n; i++) {
        uint32_t c = str_char(s, i);
        if (c >= 32 && c < 127 && c != '\\')
            TRY(out.put(static_cast<char>(c)));
        else if (c == '\\')
            TRY(out.append("\\\\", 2));
        else if (c == '\t' || c == '\n' || c == '\r')
            TRY(out.append(c == '\t' ? "\\t" : c == '\n' ? "\\n" : "\\r", 2));
        else if (c < 0x100)
            TRY(put_hex(out, 'x', c, 2));
        else if (c < 0x10000)
            TRY(put_hex(out, 'u', c, 4));
        else
            TRY(put_hex(out, 'U', c, 8));
    }
    return out.finish();
}

Ref encode_raw_unicode_escape(Thread& t, Value s) {
    int64_t n = str_length(s);
    if (str_kind(s) == 1) return bytes_from(t, str_data(s), static_cast<size_t>(n));
    BytesBuilder out(t, n);
    for (int64_t i = 0; i < n; i++) {
        uint32_t c = str_char(s, i);
        if (c < 0x100)
            TRY(out.put(static_cast<char>(c)));
        else if (c < 0x10000)
            TRY(put_hex(out, 'u', c, 4));
        else
            TRY(put_hex(out, 'U', c, 8));
    }
    return out.finish();
}

Ref decode_bytes_escape(Thread& t, const char* s, size_t n, const char* errors) {
    auto* start = reinterpret_cast<const unsigned char*>(s);
    auto *p = start, *end = start + n;
    std::string_view mode = errors ? errors : "strict";
    BytesBuilder out(t, static_cast<int64_t>(n));
    Doubt doubt;
    while (p < end) {
        if (*p != '\\') {
            TRY(out.put(static_cast<char>(*p++)));
            continue;
        }
        if (++p == end) return raise(t, PyExc_ValueError, "Trailing \\ in string");
        uint8_t c = *p++;
        if (c == '\n') continue;
        if (int simple = simple_escape(c); simple >= 0) {
            TRY(out.put(static_cast<char>(simple)));
        } else if (is_octal(c)) {
            int count, value = octal(p - 1, end, &count);
            if (value > 0377) doubt.note_octal(p - 1);
            p += count - 1;
            TRY(out.put(static_cast<char>(value)));
        } else if (c == 'x') {
            if (end - p >= 2 && hex_value(p[0]) >= 0 && hex_value(p[1]) >= 0) {
                TRY(out.put(static_cast<char>(hex_value(p[0]) << 4 | hex_value(p[1]))));
                p += 2;
                continue;
            }
            if (mode == "strict")
                return raise(t, PyExc_ValueError, "invalid \\x escape at position %zd",
                             static_cast<int64_t>(p - 2 - start));
            if (mode == "replace")
                TRY(out.put('?'));
            else if (mode != "ignore")
                return raise(t, PyExc_ValueError, "decoding error; unknown error handling code: %.400s",
                             errors);
            if (p < end && hex_value(*p) >= 0) p++;
        } else {
            doubt.note_char(c);
            TRY(out.put('\\'));
            TRY(out.put(static_cast<char>(c)));
        }
    }
    TRY(doubt.warn_about(t, "b"));
    return out.finish();
}

}  // namespace krait
