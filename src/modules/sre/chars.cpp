// Which characters the codes for single characters stand for.
#include "modules/sre/chars.h"

#include <array>
#include <cctype>

#include "support/unicode.h"

namespace krait::sre {

uint32_t lower_ascii(uint32_t c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }
uint32_t lower_locale(uint32_t c) {
    return c < 256 ? static_cast<uint32_t>(tolower(static_cast<int>(c))) : c;
}
uint32_t upper_locale(uint32_t c) {
    return c < 256 ? static_cast<uint32_t>(toupper(static_cast<int>(c))) : c;
}
// Of a mapping to several characters the first one counts.
uint32_t lower_unicode(uint32_t c) {
    if (c < 128) return lower_ascii(c);
    uint32_t mapped[3];
    unicode::map_case(unicode::Case::Lower, c, mapped);
    return mapped[0];
}
uint32_t upper_unicode(uint32_t c) {
    if (c < 128) return c >= 'a' && c <= 'z' ? c - 32 : c;
    uint32_t mapped[3];
    unicode::map_case(unicode::Case::Upper, c, mapped);
    return mapped[0];
}

namespace {

constexpr std::array<bool, 128> kAsciiWord = [] {
    std::array<bool, 128> table{};
    for (size_t c = 0; c < 128; c++)
        table[c] = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
    return table;
}();

}  // namespace

bool is_word_ascii(uint32_t c) { return c < 128 && kAsciiWord[c]; }
bool is_word_locale(uint32_t c) { return c < 256 && (isalnum(static_cast<int>(c)) || c == '_'); }
bool is_word_unicode(uint32_t c) { return c < 128 ? kAsciiWord[c] : unicode::is_alnum(c); }

namespace {

bool in_category(Code category, uint32_t c) {
    switch (static_cast<Category>(category)) {
        case Category::DIGIT:
            return c >= '0' && c <= '9';
        case Category::NOT_DIGIT:
            return !(c >= '0' && c <= '9');
        case Category::SPACE:
            return c == ' ' || (c >= '\t' && c <= '\r');
        case Category::NOT_SPACE:
            return !(c == ' ' || (c >= '\t' && c <= '\r'));
        case Category::WORD:
            return is_word_ascii(c);
        case Category::NOT_WORD:
            return !is_word_ascii(c);
        case Category::LINEBREAK:
            return c == '\n';
        case Category::NOT_LINEBREAK:
            return c != '\n';
        case Category::LOC_WORD:
            return is_word_locale(c);
        case Category::LOC_NOT_WORD:
            return !is_word_locale(c);
        case Category::UNI_DIGIT:
            return unicode::has(c, unicode::kDecimal);
        case Category::UNI_NOT_DIGIT:
            return !unicode::has(c, unicode::kDecimal);
        case Category::UNI_SPACE:
            return unicode::is_space(c);
        case Category::UNI_NOT_SPACE:
            return !unicode::is_space(c);
        case Category::UNI_WORD:
            return is_word_unicode(c);
        case Category::UNI_NOT_WORD:
            return !is_word_unicode(c);
        case Category::UNI_LINEBREAK:
            return unicode::is_line_break(c);
        case Category::UNI_NOT_LINEBREAK:
            return !unicode::is_line_break(c);
        default:
            return false;
    }
}

// Is `c` in the set at `set` (up to its FAILURE)?
bool in_set(const Code* set, uint32_t c) {
    bool ok = true;
    for (;;) {
        switch (static_cast<SreOp>(*set++)) {
            case SreOp::FAILURE:
                return !ok;
            case SreOp::LITERAL:
                if (c == set[0]) return ok;
                set++;
                break;
            case SreOp::CATEGORY:
                if (in_category(set[0], c)) return ok;
                set++;
                break;
            case SreOp::CHARSET:
                if (c < 256 && (set[c >> 5] & (1u << (c & 31)))) return ok;
                set += 8;
                break;
            case SreOp::RANGE:
                if (set[0] <= c && c <= set[1]) return ok;
                set += 2;
                break;
            case SreOp::RANGE_UNI_IGNORE: {
                if (set[0] <= c && c <= set[1]) return ok;
                uint32_t up = upper_unicode(c);
                if (set[0] <= up && up <= set[1]) return ok;
                set += 2;
                break;
            }
            case SreOp::NEGATE:
                ok = !ok;
                break;
            case SreOp::BIGCHARSET: {
                Code count = *set++;
                if (c < 65536) {
                    Code block = reinterpret_cast<const unsigned char*>(set)[c >> 8];
                    const Code* bits = set + 64;
                    if (bits[block * 8 + ((c & 255) >> 5)] & (1u << (c & 31))) return ok;
                }
                set += 64 + count * 8;
                break;
            }
            default:
                return false;
        }
    }
}

bool in_set_locale_ignore(const Code* set, uint32_t c) {
    // A negated set holds what is in it in neither case.
    bool negated = static_cast<SreOp>(*set) == SreOp::NEGATE;
    if (negated) set++;
    uint32_t lo = lower_locale(c), up = upper_locale(c);
    bool in = in_set(set, lo) || (up != lo && in_set(set, up));
    return in != negated;
}

}  // namespace

bool one_slow(const Code* c, uint32_t ch) {
    switch (op_of(c)) {
        case SreOp::LITERAL:
            return ch == c[1];
        case SreOp::NOT_LITERAL:
            return ch != c[1];
        case SreOp::ANY:
            return ch != '\n';
        case SreOp::ANY_ALL:
            return true;
        case SreOp::IN:
            return in_set(c + 2, ch);
        case SreOp::IN_IGNORE:
            return in_set(c + 2, lower_ascii(ch));
        case SreOp::IN_UNI_IGNORE:
            return in_set(c + 2, lower_unicode(ch));
        case SreOp::IN_LOC_IGNORE:
            return in_set_locale_ignore(c + 2, ch);
        case SreOp::LITERAL_IGNORE:
            return lower_ascii(ch) == c[1];
        case SreOp::NOT_LITERAL_IGNORE:
            return lower_ascii(ch) != c[1];
        case SreOp::LITERAL_UNI_IGNORE:
            return lower_unicode(ch) == c[1];
        case SreOp::NOT_LITERAL_UNI_IGNORE:
            return lower_unicode(ch) != c[1];
        case SreOp::LITERAL_LOC_IGNORE:
            return c[1] == ch || lower_locale(ch) == c[1] || upper_locale(ch) == c[1];
        case SreOp::NOT_LITERAL_LOC_IGNORE:
            return !(c[1] == ch || lower_locale(ch) == c[1] || upper_locale(ch) == c[1]);
        case SreOp::CATEGORY:
            return in_category(c[1], ch);
        default:
            return false;
    }
}
int one_size(const Code* c) {
    switch (op_of(c)) {
        case SreOp::ANY:
        case SreOp::ANY_ALL:
            return 1;
        case SreOp::IN:
        case SreOp::IN_IGNORE:
        case SreOp::IN_UNI_IGNORE:
        case SreOp::IN_LOC_IGNORE:
            return 1 + static_cast<int>(c[1]);
        default:
            return 2;
    }
}

}  // namespace krait::sre
