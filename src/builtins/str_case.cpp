// Letter case of str, and the is...() tests.
#include "builtins/str_methods.h"
#include "support/unicode.h"
#include "support/utf8.h"

namespace krait {

namespace {

constexpr bool ascii_lower(uint32_t c) { return c - 'a' < 26; }
constexpr bool ascii_upper(uint32_t c) { return c - 'A' < 26; }

// ASCII text through a function on bytes that the compiler can vectorize.
template <class F>
Ref map_ascii(Thread& t, Value self, F&& f) {
    int64_t n = str_length(self);
    Ref r = TRY(str_new(t, n, 0x7f));
    if (n == 0) return r;
    auto* from = static_cast<const uint8_t*>(str_data(self));
    auto* to = static_cast<uint8_t*>(str_data(r));
    for (int64_t i = 0; i < n; i++) to[i] = f(from[i]);
    if (n == 1) return Ref::steal(latin1_char(to[0]));
    return r;
}

constexpr uint8_t lower_byte(uint8_t c) { return static_cast<uint8_t>(c | (ascii_upper(c) ? 0x20 : 0)); }
constexpr uint8_t upper_byte(uint8_t c) { return static_cast<uint8_t>(c & (ascii_lower(c) ? 0xDF : 0xFF)); }

// The final form of sigma stands at the end of a word: a cased character before it, none after it, looking
// over characters that do not matter.
bool sigma_is_final(Value s, int64_t at) {
    auto ignorable = [](uint32_t c) { return unicode::has(c, unicode::kCaseIgnorable); };
    auto cased = [](uint32_t c) { return unicode::has(c, unicode::kCased); };
    int64_t n = str_length(s), j = at - 1;
    while (j >= 0 && ignorable(str_char(s, j))) j--;
    if (j < 0 || !cased(str_char(s, j))) return false;
    for (j = at + 1; j < n && ignorable(str_char(s, j));) j++;
    return j == n || !cased(str_char(s, j));
}

constexpr uint32_t kCapitalSigma = 0x3A3;

Status put_mapped(StrBuilder& out, unicode::Case to, Value s, int64_t i, uint32_t c) {
    if (to == unicode::Case::Lower && c == kCapitalSigma)
        return out.put(sigma_is_final(s, i) ? 0x3C2 : 0x3C3);
    uint32_t mapped[3];
    int n = unicode::map_case(to, c, mapped);
    for (int k = 0; k < n; k++) TRY(out.put(mapped[k]));
    return Status::ok();
}

Ref map_all(Thread& t, Value self, unicode::Case to) {
    int64_t n = str_length(self);
    StrBuilder out(t, n);
    for (int64_t i = 0; i < n; i++) {
        uint32_t c = str_char(self, i);
        if (c >= 128)
            TRY(put_mapped(out, to, self, i, c));
        else
            TRY(out.put(to == unicode::Case::Upper ? upper_byte(static_cast<uint8_t>(c))
                                                   : lower_byte(static_cast<uint8_t>(c))));
    }
    return out.finish();
}

template <class F>
Ref all_chars(Value self, F&& f) {
    int64_t n = str_length(self);
    bool ok = n > 0 && with_chars(self, [&](auto* s) {
                  for (int64_t i = 0; i < n; i++)
                      if (!f(s[i])) return false;
                  return true;
              });
    return bool_ref(ok);
}
Ref all_have(Value self, uint16_t flags) {
    return all_chars(self, [&](uint32_t c) { return unicode::has(c, flags); });
}

// Cased characters only of the wanted case, and at least one.
Ref only_case(Value self, uint16_t wanted, uint16_t excluded) {
    int64_t n = str_length(self);
    bool found = false;
    if (str_is_ascii(self)) {
        auto* chars = static_cast<const unsigned char*>(str_data(self));
        for (int64_t i = 0; i < n; i++) {
            bool upper = chars[i] - 'A' < 26u, lower = chars[i] - 'a' < 26u;
            uint16_t flags = upper ? unicode::kUpper : lower ? unicode::kLower : 0;
            if (flags & excluded) return bool_ref(false);
            found |= (flags & wanted) != 0;
        }
        return bool_ref(found);
    }
    for (int64_t i = 0; i < n; i++) {
        uint16_t flags = unicode::char_record(str_char(self, i)).flags;
        if (flags & excluded) return bool_ref(false);
        found = found || (flags & wanted);
    }
    return bool_ref(found);
}

}  // namespace

Ref str_lower(Thread& t, Value self) {
    if (str_is_ascii(self)) return map_ascii(t, self, lower_byte);
    return map_all(t, self, unicode::Case::Lower);
}
Ref str_upper(Thread& t, Value self) {
    if (str_is_ascii(self)) return map_ascii(t, self, upper_byte);
    return map_all(t, self, unicode::Case::Upper);
}
Ref str_casefold(Thread& t, Value self) {
    if (str_is_ascii(self)) return map_ascii(t, self, lower_byte);
    return map_all(t, self, unicode::Case::Fold);
}
Ref str_swapcase(Thread& t, Value self) {
    if (str_is_ascii(self))
        return map_ascii(t, self, [](uint8_t c) {
            return static_cast<uint8_t>(c ^ (ascii_lower(c) || ascii_upper(c) ? 0x20 : 0));
        });
    int64_t n = str_length(self);
    StrBuilder out(t, n);
    for (int64_t i = 0; i < n; i++) {
        uint32_t c = str_char(self, i);
        uint16_t flags = unicode::char_record(c).flags;
        if (flags & unicode::kUpper)
            TRY(put_mapped(out, unicode::Case::Lower, self, i, c));
        else if (flags & unicode::kLower)
            TRY(put_mapped(out, unicode::Case::Upper, self, i, c));
        else
            TRY(out.put(c));
    }
    return out.finish();
}
Ref str_capitalize(Thread& t, Value self) {
    int64_t n = str_length(self);
    if (n == 0) return str_exact(t, self);
    if (str_is_ascii(self)) {
        bool first = true;
        return map_ascii(t, self, [&](uint8_t c) {
            uint8_t r = first ? upper_byte(c) : lower_byte(c);
            first = false;
            return r;
        });
    }
    StrBuilder out(t, n);
    for (int64_t i = 0; i < n; i++)
        TRY(put_mapped(out, i ? unicode::Case::Lower : unicode::Case::Title, self, i, str_char(self, i)));
    return out.finish();
}
Ref str_title(Thread& t, Value self) {
    int64_t n = str_length(self);
    if (n == 0) return str_exact(t, self);
    bool in_word = false;
    if (str_is_ascii(self))
        return map_ascii(t, self, [&](uint8_t c) {
            uint8_t r = in_word ? lower_byte(c) : upper_byte(c);
            in_word = ascii_lower(c) || ascii_upper(c);
            return r;
        });
    StrBuilder out(t, n);
    for (int64_t i = 0; i < n; i++) {
        uint32_t c = str_char(self, i);
        TRY(put_mapped(out, in_word ? unicode::Case::Lower : unicode::Case::Title, self, i, c));
        in_word = unicode::has(c, unicode::kCased);
    }
    return out.finish();
}

Ref str_isascii(Thread&, Value self) { return bool_ref(str_is_ascii(self)); }
Ref str_islower(Thread&, Value self) {
    return only_case(self, unicode::kLower, unicode::kUpper | unicode::kTitle);
}
Ref str_isupper(Thread&, Value self) {
    return only_case(self, unicode::kUpper, unicode::kLower | unicode::kTitle);
}
Ref str_istitle(Thread&, Value self) {
    int64_t n = str_length(self);
    bool found = false, in_word = false;
    for (int64_t i = 0; i < n; i++) {
        uint16_t flags = unicode::char_record(str_char(self, i)).flags;
        if (flags & (unicode::kUpper | unicode::kTitle)) {
            if (in_word) return bool_ref(false);
            found = in_word = true;
        } else if (flags & unicode::kLower) {
            if (!in_word) return bool_ref(false);
            found = true;
        } else {
            in_word = false;
        }
    }
    return bool_ref(found);
}
Ref str_isspace(Thread&, Value self) {
    return all_chars(self, [](uint32_t c) { return unicode::is_space(c); });
}
Ref str_isdecimal(Thread&, Value self) { return all_have(self, unicode::kDecimal); }
Ref str_isdigit(Thread&, Value self) { return all_have(self, unicode::kDigit); }
Ref str_isnumeric(Thread&, Value self) { return all_have(self, unicode::kNumeric); }
Ref str_isalpha(Thread&, Value self) { return all_have(self, unicode::kAlpha); }
Ref str_isalnum(Thread&, Value self) {
    return all_have(self, unicode::kAlpha | unicode::kDecimal | unicode::kDigit | unicode::kNumeric);
}
Ref str_isprintable(Thread&, Value self) {
    if (str_length(self) == 0) return bool_ref(true);
    return all_chars(self, [](uint32_t c) { return unicode::is_printable(c); });
}
Ref str_isidentifier(Thread&, Value self) { return bool_ref(str_is_identifier(self)); }

bool str_is_identifier(Value s) {
    int64_t n = str_length(s);
    if (n == 0) return false;
    uint32_t first = str_char(s, 0);
    if (first != '_' && !unicode::is_xid_start(first)) return false;
    for (int64_t i = 1; i < n; i++)
        if (!unicode::is_xid_continue(str_char(s, i))) return false;
    return true;
}

}  // namespace krait
