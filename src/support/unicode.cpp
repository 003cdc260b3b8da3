#include "support/unicode.h"

#include <algorithm>

#include "support/utf8.h"

namespace krait::unicode {

bool numeric_value(uint32_t c, double* value) {
    const NumericValue* end = tables::numeric_values + tables::numeric_values_size;
    const NumericValue* at = std::lower_bound(tables::numeric_values, end, c,
                                              [](const NumericValue& v, uint32_t x) { return v.c < x; });
    if (at == end || at->c != c) return false;
    *value = at->numerator / at->denominator;
    return true;
}

int map_case(Case to, uint32_t c, uint32_t* out) {
    const CharRecord& r = char_record(c);
    if (r.special) {
        const uint32_t* p = tables::case_specials + r.special;
        uint32_t lengths = *p++;
        for (int i = 0; i < static_cast<int>(to); i++, lengths >>= 4) p += lengths & 15;
        int n = static_cast<int>(lengths & 15);
        std::copy_n(p, n, out);
        return n;
    }
    int32_t distance = to == Case::Upper ? r.upper : to == Case::Title ? r.title : r.lower;
    out[0] = c + static_cast<uint32_t>(distance);
    return 1;
}

const uint32_t* decomposition(uint32_t c, int* n, int* tag) {
    uint16_t at = trie_get(tables::decomposition_index, tables::decomposition_block, c);
    if (!at) return nullptr;
    uint32_t head = tables::decomposition_data[at];
    *n = static_cast<int>(head & 0xff);
    *tag = static_cast<int>(head >> 8);
    return tables::decomposition_data + at + 1;
}

namespace {

// Hangul syllables are computed.
constexpr uint32_t kSBase = 0xAC00, kLBase = 0x1100, kVBase = 0x1161, kTBase = 0x11A7;
constexpr uint32_t kLCount = 19, kVCount = 21, kTCount = 28, kNCount = kVCount * kTCount,
                   kSCount = kLCount * kNCount;

using Override = uint32_t (*)(uint32_t);

void decompose_char(uint32_t c, bool compatibility, Override override_mapping, std::vector<uint32_t>& out) {
    if (c - kSBase < kSCount) {
        uint32_t s = c - kSBase;
        out.push_back(kLBase + s / kNCount);
        out.push_back(kVBase + s % kNCount / kTCount);
        if (s % kTCount) out.push_back(kTBase + s % kTCount);
        return;
    }
    if (override_mapping) {
        if (uint32_t other = override_mapping(c)) {
            if (other == c)
                out.push_back(c);
            else
                decompose_char(other, compatibility, override_mapping, out);
            return;
        }
    }
    int n, tag;
    const uint32_t* to = c < 0xA0 ? nullptr : decomposition(c, &n, &tag);
    if (!to || (tag && !compatibility)) {
        out.push_back(c);
        return;
    }
    for (int i = 0; i < n; i++)
        decompose_char(to[i], compatibility, override_mapping, out);  // the tables nest a few levels
}

// Runs of marks in order of their class, stable.
void order_marks(std::vector<uint32_t>& s) {
    std::vector<uint64_t> keys;
    for (size_t i = 0; i < s.size();) {
        if (!combining(s[i])) {
            i++;
            continue;
        }
        size_t j = i + 1;
        while (j < s.size() && combining(s[j])) j++;
        if (j - i > 1) {
            keys.clear();  // class, place, character: an order that keeps equal classes as they stand
            for (size_t k = i; k < j; k++)
                keys.push_back(static_cast<uint64_t>(combining(s[k])) << 56 | static_cast<uint64_t>(k) << 21 |
                               s[k]);
            std::sort(keys.begin(), keys.end());
            for (size_t k = i; k < j; k++) s[k] = keys[k - i] & 0x1fffff;
        }
        i = j;
    }
}

uint32_t compose_pair(uint32_t a, uint32_t b) {
    if (a - kLBase < kLCount && b - kVBase < kVCount)
        return kSBase + ((a - kLBase) * kVCount + (b - kVBase)) * kTCount;
    if (a - kSBase < kSCount && (a - kSBase) % kTCount == 0 && b - kTBase - 1 < kTCount - 1)
        return a + (b - kTBase);
    const CompositionPair* end = tables::composition_pairs + tables::composition_pairs_size;
    const CompositionPair* at =
        std::lower_bound(tables::composition_pairs, end, CompositionPair{a, b, 0},
                         [](const CompositionPair& x, const CompositionPair& y) {
                             return x.first != y.first ? x.first < y.first : x.second < y.second;
                         });
    return at != end && at->first == a && at->second == b ? at->composed : 0;
}

void compose(std::vector<uint32_t>& s) {
    size_t starter = SIZE_MAX, out = 0;
    int last_class = 0;
    for (size_t i = 0; i < s.size(); i++) {
        uint32_t c = s[i];
        int cls = combining(c);
        bool reachable =
            starter != SIZE_MAX && (out == starter + 1 ? true : last_class < cls && last_class != 0);
        if (reachable) {
            if (uint32_t composed = compose_pair(s[starter], c)) {
                s[starter] = composed;
                continue;
            }
        }
        if (cls == 0) starter = out;
        last_class = cls;
        s[out++] = c;
    }
    s.resize(out);
}

}  // namespace

std::vector<uint32_t> normalize(Form form, const std::vector<uint32_t>& text, Override override_mapping) {
    bool compatibility = form == Form::NFKD || form == Form::NFKC;
    std::vector<uint32_t> out;
    out.reserve(text.size() + text.size() / 4 + 8);
    for (uint32_t c : text) decompose_char(c, compatibility, override_mapping, out);
    order_marks(out);
    if (form == Form::NFC || form == Form::NFKC) compose(out);
    return out;
}

std::string nfkc(std::string_view text) {
    if (utf8::is_ascii(text)) return std::string(text);
    std::vector<uint32_t> chars;
    for (const char *p = text.data(), *end = p + text.size(); p < end;) chars.push_back(utf8::next(p));
    std::string out;
    for (uint32_t c : normalize(Form::NFKC, chars)) utf8::append(out, c);
    return out;
}

// --- names ---

namespace {

constexpr uint32_t kAliasBase = 0x110000;

uint32_t name_place(uint32_t c) {
    if (c >= kAliasBase) return tables::name_extra[c - kAliasBase];
    return trie_get(tables::name_index, tables::name_block, c);
}

// Calls f with each word of the name; stops when f says no.
template <class F>
bool for_words(uint32_t place, F&& f) {
    const uint8_t* p = tables::name_data + place;
    for (int words = *p++; words > 0; words--) {
        uint32_t n = *p++;
        if (n >= 160) n = 160 + ((n - 160) << 8 | *p++);
        uint32_t from = tables::word_places[n];
        if (!f(std::string_view(tables::word_text + from, tables::word_places[n + 1] - from))) return false;
    }
    return true;
}

bool has_name(uint32_t c, std::string_view upper) {
    uint32_t place = name_place(c);
    size_t at = 0;
    return place &&
           for_words(place,
                     [&](std::string_view word) {
                         if (at) {
                             if (at >= upper.size() || upper[at] != ' ') return false;
                             at++;
                         }
                         if (upper.substr(std::min(at, upper.size()), word.size()) != word) return false;
                         at += word.size();
                         return true;
                     }) &&
           at == upper.size();
}

uint32_t name_hash(std::string_view s) {
    uint32_t h = 0x811C9DC5;
    for (unsigned char b : s) h = (h ^ b) * 0x01000193;
    return h ^ h >> 15;
}

struct ComputedRange {
    std::string_view label, prefix;
};
constexpr ComputedRange kComputed[] = {{"CJK Ideograph", "CJK UNIFIED IDEOGRAPH-"},
                                       {"Tangut Ideograph", "TANGUT IDEOGRAPH-"}};

std::string_view computed_prefix(const NameRange& range) {
    for (const ComputedRange& computed : kComputed)
        if (std::string_view(range.label).starts_with(computed.label)) return computed.prefix;
    return {};
}

std::string hex(uint32_t c) {
    char digits[8];
    int n = 0;
    for (; c || n < 4; c >>= 4) digits[n++] = "0123456789ABCDEF"[c & 15];
    return std::string(std::reverse_iterator(digits + n), std::reverse_iterator(digits));
}

// "<prefix>XXXX" with four or five capital hexadecimal digits without needless zeros.
int lookup_computed(std::string_view name, uint32_t* out) {
    for (const ComputedRange& computed : kComputed) {
        if (!name.starts_with(computed.prefix)) continue;
        std::string_view digits = name.substr(computed.prefix.size());
        if (digits.size() != 4 && digits.size() != 5) return 0;
        uint32_t c = 0;
        for (char d : digits) {
            if (d >= '0' && d <= '9')
                c = c << 4 | static_cast<uint32_t>(d - '0');
            else if (d >= 'A' && d <= 'F')
                c = c << 4 | static_cast<uint32_t>(d - 'A' + 10);
            else
                return 0;
        }
        if (hex(c) != digits) return 0;
        for (uint32_t i = 0; i < tables::name_ranges_size; i++) {
            const NameRange& range = tables::name_ranges[i];
            if (c < range.first || c > range.last || computed_prefix(range) != computed.prefix) continue;
            *out = c;
            return 1;
        }
        return 0;
    }
    return 0;
}

// The longest entry of a column of jamo names that starts `text`; -1: none.
int match_jamo(std::string_view& text, const char* const* column, int count) {
    int best = -1;
    size_t length = 0;
    for (int i = 0; i < count; i++) {
        std::string_view jamo = column[i];
        if (text.starts_with(jamo) && (best < 0 || jamo.size() > length)) {
            best = i;
            length = jamo.size();
        }
    }
    if (best >= 0) text.remove_prefix(length);
    return best;
}

constexpr std::string_view kHangul = "HANGUL SYLLABLE ";

}  // namespace

std::string name(uint32_t c) {
    if (c - kSBase < kSCount) {
        uint32_t s = c - kSBase;
        return std::string(kHangul) + tables::jamo_l[s / kNCount] + tables::jamo_v[s % kNCount / kTCount] +
               tables::jamo_t[s % kTCount];
    }
    std::string text;
    if (uint32_t place = c < kAliasBase ? name_place(c) : 0) {
        for_words(place, [&](std::string_view word) {
            if (!text.empty()) text += ' ';
            text += word;
            return true;
        });
        return text;
    }
    for (uint32_t i = 0; i < tables::name_ranges_size; i++) {
        const NameRange& range = tables::name_ranges[i];
        if (c < range.first || c > range.last) continue;
        // CPython 3.14 finds Tangut ideographs by name but has no names for them.
        if (computed_prefix(range) == kComputed[0].prefix) return std::string(kComputed[0].prefix) + hex(c);
    }
    return text;
}

int lookup(std::string_view given, bool sequences, uint32_t out[4], bool aliases) {
    if (given.size() > 256) return 0;
    std::string upper(given);
    for (char& ch : upper)
        if (ch >= 'a' && ch <= 'z') ch = static_cast<char>(ch - 32);
    std::string_view text = upper;
    if (text.starts_with(kHangul)) {
        std::string_view rest = text.substr(kHangul.size());
        int l = match_jamo(rest, tables::jamo_l, kLCount);
        int v = l < 0 ? -1 : match_jamo(rest, tables::jamo_v, kVCount);
        int t = v < 0 ? -1 : match_jamo(rest, tables::jamo_t, kTCount);
        if (t >= 0 && rest.empty()) {
            out[0] = kSBase + (static_cast<uint32_t>(l) * kVCount + static_cast<uint32_t>(v)) * kTCount +
                     static_cast<uint32_t>(t);
            return 1;
        }
    }
    if (int n = lookup_computed(text, out)) return n;
    uint32_t mask = tables::name_table_size - 1;
    for (uint32_t i = name_hash(text) & mask; uint32_t entry = tables::name_table[i]; i = (i + 1) & mask) {
        uint32_t c = entry - 1;
        if (!has_name(c, text)) continue;
        if (c < kAliasBase) {
            out[0] = c;
            return 1;
        }
        if (!aliases) return 0;
        uint32_t extra = c - kAliasBase;
        if (extra < tables::alias_targets_size) {
            out[0] = tables::alias_targets[extra];
            return 1;
        }
        if (!sequences) return 0;
        const uint32_t* p = tables::sequence_targets + (extra - tables::alias_targets_size) * 5;
        std::copy_n(p + 1, *p, out);
        return static_cast<int>(*p);
    }
    return 0;
}

}  // namespace krait::unicode
