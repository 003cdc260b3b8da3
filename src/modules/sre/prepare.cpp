// Compiled code is checked, because anybody can call _sre.compile(), and prepared for the machine.
#include <cstring>

#include "modules/sre/chars.h"
#include "modules/sre/engine.h"

namespace krait::sre {

// --- validation ---

namespace {

class Validator {
  public:
    explicit Validator(int64_t groups) : groups_(groups) {}

    // The code in [c, end): whole instructions, every skip inside. `depth` bounds recursion.
    bool pattern(const Code* c, const Code* end, int depth) {
        if (depth > 2000) return false;
        while (c < end) {
            auto left = end - c;
            auto op = static_cast<SreOp>(c[0]);
            switch (op) {
                case SreOp::SUCCESS:
                case SreOp::FAILURE:
                case SreOp::ANY:
                case SreOp::ANY_ALL:
                    c += 1;
                    break;
                case SreOp::LITERAL:
                case SreOp::NOT_LITERAL:
                case SreOp::LITERAL_IGNORE:
                case SreOp::NOT_LITERAL_IGNORE:
                case SreOp::LITERAL_UNI_IGNORE:
                case SreOp::NOT_LITERAL_UNI_IGNORE:
                case SreOp::LITERAL_LOC_IGNORE:
                case SreOp::NOT_LITERAL_LOC_IGNORE:
                    if (left < 2) return false;
                    c += 2;
                    break;
                case SreOp::MARK:
                    if (left < 2 || c[1] >= 2 * groups_) return false;
                    c += 2;
                    break;
                case SreOp::AT:
                    if (left < 2 || c[1] >= static_cast<Code>(At::kCount)) return false;
                    c += 2;
                    break;
                case SreOp::CATEGORY:
                    if (left < 2 || c[1] >= static_cast<Code>(Category::kCount)) return false;
                    c += 2;
                    break;
                case SreOp::IN:
                case SreOp::IN_IGNORE:
                case SreOp::IN_UNI_IGNORE:
                case SreOp::IN_LOC_IGNORE:
                    if (!skip_ok(c + 1, end) || !charset(c + 2, c + 1 + c[1])) return false;
                    c += 1 + c[1];
                    break;
                case SreOp::INFO:
                    if (!info(c, end)) return false;
                    c += 1 + c[1];
                    break;
                case SreOp::BRANCH: {
                    const Code* skip = c + 1;
                    const Code* target = nullptr;
                    for (;;) {
                        if (skip >= end) return false;
                        if (*skip == 0) break;
                        if (!skip_ok(skip, end) || *skip < 3) return false;
                        const Code* next = skip + *skip;
                        if (static_cast<SreOp>(next[-2]) != SreOp::JUMP) return false;
                        if (!pattern(skip + 1, next - 2, depth + 1)) return false;
                        if (next[-1] == 0 || next[-1] > static_cast<Code>(end - (next - 1))) return false;
                        const Code* to = next - 1 + next[-1];
                        if (target && to != target) return false;
                        target = to;
                        skip = next;
                    }
                    c = skip + 1;
                    if (target && target != c) return false;
                    break;
                }
                case SreOp::REPEAT_ONE:
                case SreOp::MIN_REPEAT_ONE:
                case SreOp::POSSESSIVE_REPEAT_ONE:
                    if (!skip_ok(c + 1, end) || c[1] < 4 || c[2] > c[3]) return false;
                    if (static_cast<SreOp>(c[c[1]]) != SreOp::SUCCESS) return false;
                    if (!single(c + 4, c + c[1])) return false;
                    c += 1 + c[1];
                    break;
                case SreOp::REPEAT: {
                    if (!skip_ok(c + 1, end) || c[1] < 3 || c[2] > c[3]) return false;
                    const Code* until = c + 1 + c[1];
                    if (until >= end || (static_cast<SreOp>(*until) != SreOp::MAX_UNTIL &&
                                         static_cast<SreOp>(*until) != SreOp::MIN_UNTIL))
                        return false;
                    if (!pattern(c + 4, until, depth + 1)) return false;
                    c = until + 1;
                    break;
                }
                case SreOp::POSSESSIVE_REPEAT:
                    // Its skip leads to the SUCCESS that ends the body, not behind it.
                    if (!skip_ok(c + 1, end) || c[1] < 3 || c[2] > c[3]) return false;
                    if (c + 1 + c[1] >= end || static_cast<SreOp>(c[1 + c[1]]) != SreOp::SUCCESS)
                        return false;
                    if (!pattern(c + 4, c + 1 + c[1], depth + 1)) return false;
                    c += 2 + c[1];
                    break;
                case SreOp::ATOMIC_GROUP:
                    if (!skip_ok(c + 1, end) || c[1] < 2) return false;
                    if (static_cast<SreOp>(c[c[1]]) != SreOp::SUCCESS) return false;
                    if (!pattern(c + 2, c + c[1], depth + 1)) return false;
                    c += 1 + c[1];
                    break;
                case SreOp::ASSERT:
                case SreOp::ASSERT_NOT:
                    if (!skip_ok(c + 1, end) || c[1] < 3 || c[2] & 0x80000000) return false;
                    if (static_cast<SreOp>(c[c[1]]) != SreOp::SUCCESS) return false;
                    if (!pattern(c + 3, c + c[1], depth + 1)) return false;
                    c += 1 + c[1];
                    break;
                case SreOp::GROUPREF:
                case SreOp::GROUPREF_IGNORE:
                case SreOp::GROUPREF_LOC_IGNORE:
                case SreOp::GROUPREF_UNI_IGNORE:
                    if (left < 2 || c[1] >= groups_) return false;
                    c += 2;
                    break;
                case SreOp::GROUPREF_EXISTS: {
                    if (left < 3 || c[1] >= groups_ || c[2] < 2 ||
                        c[2] - 1 > static_cast<Code>(end - (c + 2)))
                        return false;
                    const Code* no = c + 2 + c[2] - 1;
                    if (c[2] >= 4 && no - 2 >= c + 3 && static_cast<SreOp>(no[-2]) == SreOp::JUMP &&
                        no <= end && no[-1] >= 1 && no[-1] <= static_cast<Code>(end - (no - 1)) &&
                        pattern(c + 3, no - 2, depth + 1)) {
                        const Code* after = no - 1 + no[-1];
                        if (!pattern(no, after, depth + 1)) return false;
                        c = after;
                    } else {
                        if (!pattern(c + 3, no, depth + 1)) return false;
                        c = no;
                    }
                    break;
                }
                default:
                    return false;
            }
        }
        return c == end;
    }

  private:
    bool skip_ok(const Code* skip, const Code* end) {
        return skip < end && *skip >= 1 && *skip <= static_cast<Code>(end - skip);
    }
    bool single(const Code* c, const Code* end) {
        switch (static_cast<SreOp>(c[0])) {
            case SreOp::ANY:
            case SreOp::ANY_ALL:
                return end - c == 1;
            case SreOp::IN:
            case SreOp::IN_IGNORE:
            case SreOp::IN_UNI_IGNORE:
            case SreOp::IN_LOC_IGNORE:
                return skip_ok(c + 1, end) && c + 1 + c[1] == end && charset(c + 2, c + 1 + c[1]);
            case SreOp::CATEGORY:
                return end - c == 2 && c[1] < static_cast<Code>(Category::kCount);
            case SreOp::LITERAL:
            case SreOp::NOT_LITERAL:
            case SreOp::LITERAL_IGNORE:
            case SreOp::NOT_LITERAL_IGNORE:
            case SreOp::LITERAL_UNI_IGNORE:
            case SreOp::NOT_LITERAL_UNI_IGNORE:
            case SreOp::LITERAL_LOC_IGNORE:
            case SreOp::NOT_LITERAL_LOC_IGNORE:
                return end - c == 2;
            default:
                return false;
        }
    }
    bool charset(const Code* c, const Code* end) {
        while (c < end) {
            auto left = end - c;
            switch (static_cast<SreOp>(c[0])) {
                case SreOp::FAILURE:
                    return c + 1 == end;
                case SreOp::NEGATE:
                    c += 1;
                    break;
                case SreOp::LITERAL:
                    if (left < 2) return false;
                    c += 2;
                    break;
                case SreOp::CATEGORY:
                    if (left < 2 || c[1] >= static_cast<Code>(Category::kCount)) return false;
                    c += 2;
                    break;
                case SreOp::RANGE:
                case SreOp::RANGE_UNI_IGNORE:
                    if (left < 3) return false;
                    c += 3;
                    break;
                case SreOp::CHARSET:
                    if (left < 9) return false;
                    c += 9;
                    break;
                case SreOp::BIGCHARSET: {
                    if (left < 66 || c[1] > 256 || left < 66 + static_cast<int64_t>(c[1]) * 8) return false;
                    auto* blocks = reinterpret_cast<const unsigned char*>(c + 2);
                    for (int i = 0; i < 256; i++)
                        if (blocks[i] >= c[1]) return false;
                    c += 66 + c[1] * 8;
                    break;
                }
                default:
                    return false;
            }
        }
        return false;
    }
    bool info(const Code* c, const Code* end) {
        if (!skip_ok(c + 1, end) || c[1] < 4) return false;
        const Code* stop = c + 1 + c[1];
        if (c[2] & ~7u) return false;
        const Code* rest = c + 5;
        if (c[2] & 1) {
            if (stop - rest < 2 || stop - rest - 2 < 2 * static_cast<int64_t>(rest[0]) || rest[0] == 0)
                return false;
        } else if (c[2] & 4) {
            return charset(rest, stop);
        }
        return true;
    }

    int64_t groups_;
};

}  // namespace

bool valid_code(const Code* code, int64_t n, int64_t groups) {
    if (n < 1 || groups < 0 || groups > (1 << 28) || static_cast<SreOp>(code[n - 1]) != SreOp::SUCCESS)
        return false;
    return Validator(groups).pattern(code, code + n - 1, 0);
}

// --- preparation; the code is valid from here on ---

namespace {

bool is_set(SreOp op) {
    return op == SreOp::IN || op == SreOp::IN_IGNORE || op == SreOp::IN_UNI_IGNORE ||
           op == SreOp::IN_LOC_IGNORE;
}
bool is_one(SreOp op) {
    switch (op) {
        case SreOp::ANY:
        case SreOp::ANY_ALL:
        case SreOp::CATEGORY:
        case SreOp::LITERAL:
        case SreOp::NOT_LITERAL:
        case SreOp::LITERAL_IGNORE:
        case SreOp::NOT_LITERAL_IGNORE:
        case SreOp::LITERAL_UNI_IGNORE:
        case SreOp::NOT_LITERAL_UNI_IGNORE:
        case SreOp::LITERAL_LOC_IGNORE:
        case SreOp::NOT_LITERAL_LOC_IGNORE:
            return true;
        default:
            return is_set(op);
    }
}
bool of_locale(Code category) {
    return category == static_cast<Code>(Category::LOC_WORD) ||
           category == static_cast<Code>(Category::LOC_NOT_WORD);
}

// Calls fn(op, place, words) for each part of the set at `set`; false as soon as fn is.
template <class F>
bool each_part(const Code* set, F&& fn) {
    for (;;) {
        auto op = static_cast<SreOp>(*set);
        int words = op == SreOp::CHARSET                                  ? 9
                    : op == SreOp::BIGCHARSET                             ? 66 + static_cast<int>(set[1]) * 8
                    : op == SreOp::RANGE || op == SreOp::RANGE_UNI_IGNORE ? 3
                    : op == SreOp::LITERAL || op == SreOp::CATEGORY       ? 2
                                                                          : 1;
        if (op == SreOp::FAILURE) return true;
        if (!fn(op, set)) return false;
        set += words;
    }
}

// What the code for a single character matches may change with the locale.
bool one_of_locale(const Code* c) {
    switch (op_of(c)) {
        case SreOp::IN_LOC_IGNORE:
        case SreOp::LITERAL_LOC_IGNORE:
        case SreOp::NOT_LITERAL_LOC_IGNORE:
            return true;
        case SreOp::CATEGORY:
            return of_locale(c[1]);
        default:
            return is_set(op_of(c)) && !each_part(c + 2, [](SreOp op, const Code* part) {
                       return op != SreOp::CATEGORY || !of_locale(part[1]);
                   });
    }
}

// Nothing that it matches lies beyond Latin-1.
bool is_narrow(const Code* c) {
    switch (op_of(c)) {
        case SreOp::LITERAL:
            return c[1] < 256;
        case SreOp::IN:
            return each_part(c + 2, [](SreOp op, const Code* part) {
                switch (op) {
                    case SreOp::CHARSET:
                        return true;
                    case SreOp::LITERAL:
                        return part[1] < 256;
                    case SreOp::RANGE:
                        return part[2] < 256;
                    case SreOp::CATEGORY:
                        return part[1] == static_cast<Code>(Category::DIGIT) ||
                               part[1] == static_cast<Code>(Category::SPACE) ||
                               part[1] == static_cast<Code>(Category::WORD);
                    default:
                        return false;
                }
            });
        default:
            return false;
    }
}

// The category of a set that is nothing else; kCount: it is not.
Category sole_category(const Code* c) {
    if (op_of(c) == SreOp::IN && static_cast<SreOp>(c[2]) == SreOp::CATEGORY &&
        static_cast<SreOp>(c[4]) == SreOp::FAILURE)
        return static_cast<Category>(c[3]);
    return Category::kCount;
}
bool excludes(Category a, Category b) {
    using C = Category;
    return (a == C::UNI_WORD && (b == C::UNI_SPACE || b == C::UNI_NOT_WORD)) ||
           (a == C::UNI_DIGIT && (b == C::UNI_SPACE || b == C::UNI_NOT_WORD || b == C::UNI_NOT_DIGIT)) ||
           (a == C::UNI_SPACE && b == C::UNI_NOT_SPACE);
}

// What a category that the locale does not change has of Latin-1.
const Code* category_bits(Code category) {
    static Code bits[static_cast<int>(Category::kCount)][kSetWords];
    static bool known[static_cast<int>(Category::kCount)];
    if (!known[category]) {
        Code code[] = {static_cast<Code>(SreOp::CATEGORY), category};
        for (uint32_t ch = 0; ch < 256; ch++)
            if (one_slow(code, ch)) bits[category][ch >> 5] |= Code{1} << (ch & 31);
        known[category] = true;
    }
    return bits[category];
}

// Adds the parts of a plain set that are easily told. False: it has others.
bool add_parts(const Code* set, Code* bits) {
    if (op_of(set) != SreOp::IN) return false;
    const Code* first = set + 2;
    bool negate = static_cast<SreOp>(*first) == SreOp::NEGATE;
    bool all = each_part(first + negate, [&](SreOp op, const Code* part) {
        const Code* more = op == SreOp::CATEGORY  ? category_bits(part[1])
                           : op == SreOp::CHARSET ? part + 1
                                                  : nullptr;
        for (int i = 0; more && i < kSetWords; i++) bits[i] |= more[i];
        if (op != SreOp::LITERAL && op != SreOp::RANGE) return more != nullptr;
        Code last = part[op == SreOp::RANGE ? 2 : 1];
        for (Code ch = part[1]; ch <= last && ch < 256; ch++) bits[ch >> 5] |= Code{1} << (ch & 31);
        return true;
    });
    for (int i = 0; negate && i < kSetWords; i++) bits[i] = ~bits[i];
    return all;
}

class Preparer {
  public:
    Preparer(Code* code, int64_t n, Code* tables) : code_(code), end_(code + n), tables_(tables) {}

    int64_t count_sets() {
        int64_t n = 0;
        each_op(code_, end_, [&n](Code* c) { n += is_set(op_of(c)); });
        return n;
    }

    void number_sets() {
        Code number = 0;
        each_op(code_, end_, [&](Code* c) {
            if (!is_set(op_of(c)) || one_of_locale(c) || number >> (32 - kSetShift - 1)) return;
            Code* bits = tables_ + number * kSetWords;
            memset(bits, 0, kSetWords * sizeof(Code));
            if (!add_parts(c, bits)) {
                memset(bits, 0, kSetWords * sizeof(Code));
                for (uint32_t ch = 0; ch < 256; ch++)
                    if (one_slow(c, ch)) bits[ch >> 5] |= Code{1} << (ch & 31);
            }
            c[0] |= ++number << kSetShift;
        });
    }

    // A repeat of a character that cannot be what has to follow never gives one back.
    void make_possessive() {
        each_op(code_, end_, [this](Code* c) {
            if (op_of(c) != SreOp::REPEAT_ONE) return;
            const Code* next = c + 1 + c[1];
            for (int steps = 0; steps < 16; steps++) {
                if (op_of(next) == SreOp::MARK)
                    next += 2;
                else if (op_of(next) == SreOp::JUMP)
                    next += 1 + next[1];
                else
                    break;
            }
            bool repeat = op_of(next) == SreOp::REPEAT_ONE || op_of(next) == SreOp::POSSESSIVE_REPEAT_ONE ||
                          op_of(next) == SreOp::MIN_REPEAT_ONE;
            if (repeat && next[2] > 0) next += 4;
            if (is_one(op_of(next)) && disjoint(c + 4, next))
                c[0] = static_cast<Code>(SreOp::POSSESSIVE_REPEAT_ONE);
        });
    }

    // The characters a match can begin with. False: any.
    bool find_first(Code* bits) {
        memset(bits, 0, kSetWords * sizeof(Code));
        budget_ = 200;
        if (!add_first(code_, bits)) return false;
        for (int i = 0; i < kSetWords; i++)
            if (bits[i] != UINT32_MAX) return true;
        return false;
    }

  private:
    // Calls fn for each instruction in [c, end), inner ones too. How they nest, the validator tells.
    template <class F>
    void each_op(Code* c, Code* end, F&& fn) {
        while (c < end) {
            fn(c);
            switch (op_of(c)) {
                case SreOp::SUCCESS:
                case SreOp::FAILURE:
                case SreOp::ANY:
                case SreOp::ANY_ALL:
                case SreOp::MAX_UNTIL:
                case SreOp::MIN_UNTIL:
                    c += 1;
                    break;
                case SreOp::BRANCH: {
                    Code* skip = c + 1;
                    for (; *skip; skip += *skip) each_op(skip + 1, skip + *skip, fn);
                    c = skip + 1;
                    break;
                }
                case SreOp::REPEAT_ONE:
                case SreOp::MIN_REPEAT_ONE:
                case SreOp::POSSESSIVE_REPEAT_ONE:
                    if (is_set(op_of(c + 4))) fn(c + 4);
                    c += 1 + c[1];
                    break;
                case SreOp::REPEAT:
                case SreOp::POSSESSIVE_REPEAT:
                    c += 4;  // the body follows, and what ends it
                    break;
                case SreOp::ATOMIC_GROUP:
                    c += 2;
                    break;
                case SreOp::ASSERT:
                case SreOp::ASSERT_NOT:
                case SreOp::GROUPREF_EXISTS:
                    c += 3;
                    break;
                case SreOp::INFO:
                    c += 1 + c[1];
                    break;
                default:
                    c += is_set(op_of(c)) ? 1 + c[1] : 2;
            }
        }
    }

    bool disjoint(const Code* a, const Code* b) const {
        if (one_of_locale(a) || one_of_locale(b)) return false;
        if (op_of(b) == SreOp::LITERAL) return !one(a, b[1], tables_);
        if (op_of(a) == SreOp::LITERAL) return !one(b, a[1], tables_);
        if (!is_narrow(a) && !is_narrow(b)) {
            Category x = sole_category(a), y = sole_category(b);
            return excludes(x, y) || excludes(y, x);
        }
        for (uint32_t ch = 0; ch < 256; ch++)
            if (one(a, ch, tables_) && one(b, ch, tables_)) return false;
        return true;
    }

    // Adds what the code for a single character matches. False: that may change.
    bool add_one(const Code* c, Code* bits) const {
        if (one_of_locale(c)) return false;
        if (op_of(c) == SreOp::LITERAL) {
            if (c[1] < 256) bits[c[1] >> 5] |= Code{1} << (c[1] & 31);
            return true;
        }
        if (const Code* set = bits_of(c, tables_)) {
            for (int i = 0; i < kSetWords; i++) bits[i] |= set[i];
            return true;
        }
        for (uint32_t ch = 0; ch < 256; ch++)
            if (one_slow(c, ch)) bits[ch >> 5] |= Code{1} << (ch & 31);
        return true;
    }
    // Adds the characters that a match from `c` on may begin with. False: any, or in doubt.
    bool add_first(const Code* c, Code* bits) {
        for (;;) {
            if (--budget_ < 0) return false;
            if (is_one(op_of(c))) return add_one(c, bits);
            switch (op_of(c)) {
                case SreOp::FAILURE:
                    return true;
                case SreOp::MARK:
                case SreOp::AT:
                    c += 2;
                    break;
                case SreOp::INFO:
                case SreOp::JUMP:
                case SreOp::ASSERT:
                case SreOp::ASSERT_NOT:
                    c += 1 + c[1];
                    break;
                case SreOp::BRANCH:
                    for (const Code* skip = c + 1; *skip; skip += *skip)
                        if (!add_first(skip + 1, bits)) return false;
                    return true;
                case SreOp::REPEAT_ONE:
                case SreOp::MIN_REPEAT_ONE:
                case SreOp::POSSESSIVE_REPEAT_ONE:
                    if (c[3] > 0 && !add_one(c + 4, bits)) return false;
                    if (c[2] > 0) return true;
                    c += 1 + c[1];
                    break;
                case SreOp::REPEAT:
                    if (c[3] > 0 && !add_first(c + 4, bits)) return false;
                    if (c[2] > 0) return true;
                    c += 2 + c[1];
                    break;
                default:
                    return false;
            }
        }
    }

    Code* code_;
    Code* end_;
    Code* tables_;
    int budget_ = 0;
};

}  // namespace

int64_t table_words(Code* code, int64_t n) {
    return (Preparer(code, n, nullptr).count_sets() + 1) * kSetWords;
}

Program prepare(Code* code, int64_t n, Code* tables) {
    Preparer p(code, n, tables);
    p.number_sets();
    p.make_possessive();
    Code* first = tables + table_words(code, n) - kSetWords;
    return {code, tables, p.find_first(first) ? first : nullptr};
}

}  // namespace krait::sre
