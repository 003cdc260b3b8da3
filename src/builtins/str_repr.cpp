// repr() and ascii() of str.
#include "builtins/str_internal.h"
#include "support/unicode.h"

namespace krait {

namespace {

constexpr char kHex[] = "0123456789abcdef";

// \xhh, \uhhhh or \Uhhhhhhhh.
Status put_escape(StrBuilder& out, uint32_t c) {
    char text[10] = {'\\', c < 0x100 ? 'x' : c < 0x10000 ? 'u' : 'U'};
    int digits = c < 0x100 ? 2 : c < 0x10000 ? 4 : 8;
    for (int i = 0; i < digits; i++) text[2 + i] = kHex[c >> (4 * (digits - 1 - i)) & 15];
    return out.ascii(text, static_cast<size_t>(2 + digits));
}

bool plain_in_repr(uint32_t c, uint32_t quote) { return c >= 32 && c < 127 && c != '\\' && c != quote; }

template <class C>
Status put_repr(StrBuilder& out, const C* s, int64_t n, uint32_t quote) {
    for (int64_t i = 0; i < n;) {
        int64_t start = i;
        while (i < n && plain_in_repr(s[i], quote)) i++;
        if (i > start) TRY(out.append_chars(sizeof(C), s + start, i - start));
        if (i == n) break;
        uint32_t c = s[i++];
        if (c == quote || c == '\\') {
            TRY(out.put('\\'));
            TRY(out.put(c));
        } else if (c == '\n' || c == '\t' || c == '\r') {
            TRY(out.put('\\'));
            TRY(out.put(c == '\n' ? 'n' : c == '\t' ? 't' : 'r'));
        } else if (c >= 128 && unicode::is_printable(c)) {
            TRY(out.put(c));
        } else {
            TRY(put_escape(out, c));
        }
    }
    return Status::ok();
}

}  // namespace

Ref str_repr(Thread& t, Value v) {
    int64_t n = str_length(v);
    bool single = false, twice = false, plain = true;
    with_chars(v, [&](auto* s) {
        for (int64_t i = 0; i < n; i++) {
            single |= s[i] == '\'';
            twice |= s[i] == '"';
            plain &= plain_in_repr(s[i], 0);
        }
    });
    uint32_t quote = single && !twice ? '"' : '\'';
    if (n > INT64_MAX / 16) return raise(t, PyExc_OverflowError, "string is too long to generate repr");
    StrBuilder out(t, n + 2);
    TRY(out.put(quote));
    if (plain && !(single && twice))
        TRY(out.append(v));
    else
        TRY(with_chars(v, [&](auto* s) { return put_repr(out, s, n, quote); }));
    TRY(out.put(quote));
    return out.finish();
}

Ref str_escape_non_ascii(Thread& t, Value s) {
    if (str_is_ascii(s)) return Ref::share(s);
    int64_t n = str_length(s);
    StrBuilder out(t, n + n / 2);
    for (int64_t i = 0; i < n; i++) {
        uint32_t c = str_char(s, i);
        if (c < 128)
            TRY(out.put(c));
        else
            TRY(put_escape(out, c));
    }
    return out.finish();
}

}  // namespace krait
