#include "modules/sre/engine.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <cstring>

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

bool is_word_ascii(uint32_t c) { return c < 128 && kAsciiWord[c]; }
bool is_word_locale(uint32_t c) { return c < 256 && (isalnum(static_cast<int>(c)) || c == '_'); }
bool is_word_unicode(uint32_t c) { return c < 128 ? kAsciiWord[c] : unicode::is_alnum(c); }

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

// The first place from `i` on whose character is in the set, or with kIn is not. Sets of one part, the
// commonest, have loops of their own.
template <bool kIn, class Char>
int64_t skip_set(const Code* set, const Char* text, int64_t i, int64_t end) {
    auto skip = [&](auto&& test) {
        while (i < end && test(text[i]) == kIn) i++;
        return i;
    };
    auto is_whole = [set](int size) { return static_cast<SreOp>(set[size]) == SreOp::FAILURE; };
    switch (static_cast<SreOp>(set[0])) {
        case SreOp::CHARSET:
            if (!is_whole(9)) break;
            return skip([bits = set + 1](uint32_t c) {
                return (sizeof(Char) == 1 || c < 256) && (bits[c >> 5] & (1u << (c & 31))) != 0;
            });
        case SreOp::RANGE:
            if (!is_whole(3)) break;
            return skip([low = set[1], span = set[2] - set[1]](uint32_t c) { return c - low <= span; });
        case SreOp::CATEGORY:
            if (!is_whole(2)) break;
            switch (static_cast<Category>(set[1])) {
                case Category::UNI_WORD:
                    return skip([](uint32_t c) { return is_word_unicode(c); });
                case Category::UNI_NOT_WORD:
                    return skip([](uint32_t c) { return !is_word_unicode(c); });
                case Category::UNI_SPACE:
                    return skip([](uint32_t c) { return unicode::is_space(c); });
                case Category::UNI_NOT_SPACE:
                    return skip([](uint32_t c) { return !unicode::is_space(c); });
                case Category::UNI_DIGIT:
                    return skip([](uint32_t c) {
                        return c < 128 ? c - '0' <= 9 : unicode::has(c, unicode::kDecimal);
                    });
                default:
                    break;
            }
            break;
        default:
            break;
    }
    return skip([set](uint32_t c) { return in_set(set, c); });
}

bool in_set_locale_ignore(const Code* set, uint32_t c) {
    // A negated set holds what is in it in neither case.
    bool negated = static_cast<SreOp>(*set) == SreOp::NEGATE;
    if (negated) set++;
    uint32_t lo = lower_locale(c), up = upper_locale(c);
    bool in = in_set(set, lo) || (up != lo && in_set(set, up));
    return in != negated;
}

template <class Char>
class Machine {
  public:
    Machine(const Code* code, const Subject& s, MatchState& m, Interrupt check, void* arg)
        : code_(code), text_(static_cast<const Char*>(s.data)), s_(s), m_(m), check_(check), arg_(arg) {}

    Outcome run(int64_t position) {
        stack_.clear();
        repeats_.clear();
        subs_.clear();
        current_ = -1;
        start_ = position;
        const Code* ip = code_;
        if (static_cast<SreOp>(*ip) == SreOp::INFO) ip += 1 + ip[1];
        ip_ = ip;
        p_ = position;
        for (;;) {
            if ((++steps_ & 0xffff) == 0 && check_ && !check_(arg_)) return Outcome::Interrupted;
            if (no_memory_) [[unlikely]]
                return Outcome::NoMemory;
            Step step = execute();
            if (step == kMatched) return Outcome::Yes;
            if (step == kFailed && !backtrack()) return Outcome::No;
        }
    }

  private:
    enum Step { kGo, kFailed, kMatched };
    enum Kind : uint8_t {
        Alternative,
        RepeatOne,
        MinRepeatOne,
        UntilTail,
        MinUntilBody,
        UndoMark,
        UndoLast,
        UndoRepeat,
        UndoCurrent,
        Barrier
    };
    struct Entry {
        Kind kind;
        const Code* ip = nullptr;
        int64_t p = 0, a = 0, b = 0;
    };
    struct Repeat {
        const Code* at;  // the REPEAT's skip word: at[1] min, at[2] max, body at[3], UNTIL at at[at[0]]
        int64_t count, last;
        int previous;
    };
    struct Sub {
        SreOp op;
        const Code* skip;  // the skip word
        int64_t p, count, last;
        size_t barrier;
    };

    uint32_t at(int64_t i) const { return text_[i]; }
    bool more() const { return p_ < s_.end; }

    // --- single characters: how many from p_ on match the code at `c`, at most `most` ---
    bool one(const Code* c, uint32_t ch) const {
        switch (static_cast<SreOp>(c[0])) {
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
    static int one_size(const Code* c) {
        switch (static_cast<SreOp>(c[0])) {
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
    int64_t run_length(const Code* c, int64_t from, Code most) const {
        int64_t end = s_.end;
        if (most != kMaxRepeat && end - from > static_cast<int64_t>(most)) end = from + most;
        int64_t i = from;
        switch (static_cast<SreOp>(c[0])) {
            case SreOp::ANY_ALL:
                return end - from;
            case SreOp::ANY:
                while (i < end && text_[i] != '\n') i++;
                break;
            case SreOp::LITERAL:
                while (i < end && text_[i] == c[1]) i++;
                break;
            case SreOp::NOT_LITERAL:
                while (i < end && text_[i] != c[1]) i++;
                break;
            case SreOp::IN:
                i = skip_set<true>(c + 2, text_, i, end);
                break;
            default:
                while (i < end && one(c, text_[i])) i++;
        }
        return i - from;
    }

    // --- positions ---
    bool word_at(int64_t i, bool (*is_word)(uint32_t)) const {
        return i >= s_.beginning && i < s_.end && is_word(at(i));
    }
    bool boundary(bool (*is_word)(uint32_t), bool wanted) const {
        if (s_.beginning == s_.end) return !wanted;
        bool before = p_ > s_.beginning && is_word(at(p_ - 1)), here = p_ < s_.end && is_word(at(p_));
        return (before != here) == wanted;
    }
    bool at_position(Code which) const {
        switch (static_cast<At>(which)) {
            case At::BEGINNING:
            case At::BEGINNING_STRING:
                return p_ == s_.beginning;
            case At::BEGINNING_LINE:
                return p_ == s_.beginning || at(p_ - 1) == '\n';
            case At::END:
                return p_ == s_.end || (p_ + 1 == s_.end && at(p_) == '\n');
            case At::END_LINE:
                return p_ == s_.end || at(p_) == '\n';
            case At::END_STRING:
                return p_ == s_.end;
            case At::BOUNDARY:
                return boundary(is_word_ascii, true);
            case At::NON_BOUNDARY:
                return boundary(is_word_ascii, false);
            case At::LOC_BOUNDARY:
                return boundary(is_word_locale, true);
            case At::LOC_NON_BOUNDARY:
                return boundary(is_word_locale, false);
            case At::UNI_BOUNDARY:
                return boundary(is_word_unicode, true);
            case At::UNI_NON_BOUNDARY:
                return boundary(is_word_unicode, false);
            default:
                return false;
        }
    }

    // More room while there is memory: vectors that get none end the process. The slack suffices until run()
    // looks.
    static constexpr size_t kSlack = 64;
    template <class T>
    [[gnu::noinline]] void grow(std::vector<T>& v) {
        size_t wanted = std::max<size_t>(2 * v.capacity(), 4 * kSlack);
        void* probe = std::malloc(wanted * sizeof(T));
        asm volatile("" : "+r"(probe));  // without it the compiler takes malloc() and free() away
        if (!probe) {
            no_memory_ = true;
            return;
        }
        std::free(probe);
        v.reserve(wanted);
    }

    // --- undo trail ---
    void push(Kind k, const Code* ip, int64_t p, int64_t a = 0, int64_t b = 0) {
        if (stack_.size() + kSlack >= stack_.capacity()) [[unlikely]]
            grow(stack_);
        stack_.push_back(Entry{k, ip, p, a, b});
    }
    void set_mark(int64_t i, int64_t v) {
        push(UndoMark, nullptr, 0, i, m_.marks[i]);
        m_.marks[i] = v;
        if (i & 1) {
            push(UndoLast, nullptr, 0, m_.lastindex);
            m_.lastindex = i / 2 + 1;
        }
    }
    void set_current(int index) {
        push(UndoCurrent, nullptr, 0, current_);
        current_ = index;
    }
    void set_repeat(int index, int64_t count, int64_t last) {
        Repeat& r = repeats_[index];
        push(UndoRepeat, nullptr, index, r.count, r.last);
        r.count = count;
        r.last = last;
    }
    void undo(const Entry& e) {
        switch (e.kind) {
            case UndoMark:
                m_.marks[e.a] = e.b;
                break;
            case UndoLast:
                m_.lastindex = e.a;
                break;
            case UndoRepeat:
                repeats_[e.p].count = e.a;
                repeats_[e.p].last = e.b;
                break;
            case UndoCurrent:
                current_ = static_cast<int>(e.a);
                break;
            default:
                break;
        }
    }
    static bool is_undo(Kind k) { return k >= UndoMark && k <= UndoCurrent; }
    // Gives up the alternatives above `floor` but keeps what is needed to undo.
    void cut(size_t floor) {
        size_t out = floor;
        for (size_t i = floor; i < stack_.size(); i++)
            if (is_undo(stack_[i].kind)) stack_[out++] = stack_[i];
        stack_.resize(out);
    }

    // Takes the latest alternative. False: none is left.
    bool backtrack() {
        while (!stack_.empty()) {
            Entry& e = stack_.back();
            switch (e.kind) {
                case Alternative: {
                    const Code* skip = e.ip;  // the skip word of the next alternative
                    p_ = e.p;
                    stack_.pop_back();
                    if (try_branch(skip)) return true;
                    break;
                }
                case RepeatOne:
                    if (next_repeat_one()) return true;
                    break;
                case MinRepeatOne:
                    if (next_min_repeat_one()) return true;
                    break;
                case UntilTail: {
                    Entry taken = e;
                    stack_.pop_back();
                    p_ = taken.p;
                    Repeat& r = repeats_[taken.a];
                    const Code* until = r.at + r.at[0];
                    set_current(r.previous);
                    ip_ = until + 1;
                    return true;
                }
                case MinUntilBody: {
                    Entry taken = e;
                    stack_.pop_back();
                    p_ = taken.p;
                    auto index = static_cast<int>(taken.a);
                    Repeat& r = repeats_[index];
                    int64_t count = taken.b;
                    if ((r.at[2] != kMaxRepeat && count > static_cast<int64_t>(r.at[2])) || p_ == r.last)
                        break;
                    set_repeat(index, count, p_);
                    ip_ = repeats_[index].at + 3;
                    return true;
                }
                case Barrier: {
                    stack_.pop_back();
                    if (leave_failed_sub()) return true;
                    break;
                }
                default:
                    undo(e);
                    stack_.pop_back();
            }
        }
        return false;
    }

    // Starts the alternative at `skip`; the ones behind it wait. False: no alternative left.
    bool try_branch(const Code* skip) {
        for (; *skip; skip += *skip) {
            const Code* body = skip + 1;
            // A first character that cannot match saves an entry on the stack.
            auto op = static_cast<SreOp>(body[0]);
            if (op == SreOp::LITERAL && (!more() || at(p_) != body[1])) continue;
            if (op == SreOp::IN && (!more() || !in_set(body + 2, at(p_)))) continue;
            const Code* next = skip + *skip;
            if (*next) push(Alternative, next, p_);
            ip_ = body;
            return true;
        }
        return false;
    }

    bool next_repeat_one() {
        Entry& e = stack_.back();
        const Code* at_skip = e.ip;
        int64_t least = e.p + at_skip[1];
        int64_t end = e.a - 1;  // one character less than before
        const Code* tail = at_skip + at_skip[0];
        if (static_cast<SreOp>(tail[0]) == SreOp::LITERAL) {
            while (end >= least && !(end < s_.end && at(end) == tail[1])) end--;
        }
        if (end < least) {
            stack_.pop_back();
            return false;
        }
        p_ = end;
        if (end == least)
            stack_.pop_back();
        else
            e.a = end;
        ip_ = tail;
        return true;
    }
    bool next_min_repeat_one() {
        Entry& e = stack_.back();
        const Code* at_skip = e.ip;
        int64_t done = e.a - e.p;
        if ((at_skip[2] != kMaxRepeat && done >= static_cast<int64_t>(at_skip[2])) || e.a >= s_.end ||
            !one(at_skip + 3, at(e.a))) {
            stack_.pop_back();
            return false;
        }
        e.a++;
        p_ = e.a;
        ip_ = at_skip + at_skip[0];
        return true;
    }

    // --- nested patterns ---
    void enter_sub(SreOp op, const Code* skip, const Code* body, int64_t body_p) {
        subs_.push_back(Sub{op, skip, p_, 0, -1, stack_.size()});
        push(Barrier, nullptr, 0);
        p_ = body_p;
        ip_ = body;
    }
    // Where matching goes on behind the sub-pattern. The skip of a possessive repeat leads to the SUCCESS
    // that ends its body.
    static const Code* behind(const Sub& sub) {
        return sub.skip + *sub.skip + (sub.op == SreOp::POSSESSIVE_REPEAT);
    }
    // The body of the innermost sub-pattern matched up to p_.
    Step leave_matched_sub() {
        Sub& sub = subs_.back();
        const Code* after = behind(sub);
        size_t barrier = sub.barrier;
        switch (sub.op) {
            case SreOp::ASSERT:
                p_ = sub.p;
                subs_.pop_back();
                stack_[barrier].kind = UndoCurrent;
                stack_[barrier].a = current_;
                cut(barrier);
                ip_ = after;
                return kGo;
            case SreOp::ASSERT_NOT:
                // What the body did is undone; then the assertion fails.
                while (stack_.size() > barrier + 1) {
                    undo(stack_.back());
                    stack_.pop_back();
                }
                stack_.pop_back();
                subs_.pop_back();
                return kFailed;
            case SreOp::ATOMIC_GROUP:
                subs_.pop_back();
                stack_[barrier].kind = UndoCurrent;
                stack_[barrier].a = current_;
                cut(barrier);
                ip_ = after;
                return kGo;
            default: {  // POSSESSIVE_REPEAT: once more, from here
                cut(barrier + 1);
                sub.count++;
                bool stuck = sub.last == p_;
                sub.last = p_;
                sub.p = p_;
                if (!stuck && (sub.skip[2] == kMaxRepeat || sub.count < static_cast<int64_t>(sub.skip[2]))) {
                    // The trail so far moves below the barrier, so that a failing iteration undoes only
                    // itself.
                    Entry wall = stack_[barrier];
                    stack_.erase(stack_.begin() + static_cast<int64_t>(barrier));
                    sub.barrier = stack_.size();
                    stack_.push_back(wall);
                    ip_ = sub.skip + 3;
                    return kGo;
                }
                stack_.erase(stack_.begin() + static_cast<int64_t>(barrier));
                subs_.pop_back();
                ip_ = after;
                return kGo;
            }
        }
    }
    // The body failed for good (its barrier was reached). True: matching goes on.
    bool leave_failed_sub() {
        Sub sub = subs_.back();
        subs_.pop_back();
        const Code* after = behind(sub);
        if (sub.op == SreOp::ASSERT_NOT ||
            (sub.op == SreOp::POSSESSIVE_REPEAT && sub.count >= static_cast<int64_t>(sub.skip[1]))) {
            p_ = sub.p;
            ip_ = after;
            return true;
        }
        return false;
    }

    template <class Fold>
    bool match_group(Code group, Fold fold) {
        int64_t from = m_.marks[2 * group], to = m_.marks[2 * group + 1];
        if (from < 0 || to < from) return false;
        if (s_.end - p_ < to - from) return false;
        for (int64_t i = from; i < to; i++, p_++)
            if (fold(at(p_)) != fold(at(i))) return false;
        return true;
    }

    Step max_until() {
        int index = current_;
        if (index < 0) return kFailed;
        Repeat& r = repeats_[index];
        int64_t count = r.count + 1;
        if (count < static_cast<int64_t>(r.at[1])) {
            set_repeat(index, count, r.last);
            ip_ = repeats_[index].at + 3;
            return kGo;
        }
        if ((r.at[2] == kMaxRepeat || count < static_cast<int64_t>(r.at[2])) && p_ != r.last) {
            push(UntilTail, nullptr, p_, index);
            set_repeat(index, count, p_);
            ip_ = repeats_[index].at + 3;
            return kGo;
        }
        set_current(r.previous);
        ip_++;
        return kGo;
    }
    Step min_until() {
        int index = current_;
        if (index < 0) return kFailed;
        Repeat& r = repeats_[index];
        int64_t count = r.count + 1;
        if (count < static_cast<int64_t>(r.at[1])) {
            set_repeat(index, count, r.last);
            ip_ = repeats_[index].at + 3;
            return kGo;
        }
        if (r.at[2] == kMaxRepeat || count < static_cast<int64_t>(r.at[2]))
            push(MinUntilBody, nullptr, p_, index, count);
        set_current(repeats_[index].previous);
        ip_++;
        return kGo;
    }

    Step success() {
        if (!subs_.empty()) return leave_matched_sub();
        if ((m_.full && p_ != s_.end) || (m_.must_advance && p_ == start_)) return kFailed;
        m_.from = start_;
        m_.to = p_;
        return kMatched;
    }

    Step execute() {
        const Code* c = ip_;
        switch (static_cast<SreOp>(c[0])) {
            case SreOp::FAILURE:
                return kFailed;
            case SreOp::SUCCESS:
                return success();
            case SreOp::MARK:
                set_mark(c[1], p_);
                ip_ += 2;
                return kGo;
            case SreOp::LITERAL:
                if (!more() || at(p_) != c[1]) return kFailed;
                p_++;
                ip_ += 2;
                return kGo;
            case SreOp::AT:
                if (!at_position(c[1])) return kFailed;
                ip_ += 2;
                return kGo;
            case SreOp::JUMP:
                ip_ += 1 + c[1];
                return kGo;
            case SreOp::BRANCH:
                return try_branch(c + 1) ? kGo : kFailed;
            case SreOp::REPEAT_ONE: {
                int64_t n = run_length(c + 4, p_, c[3]);
                if (n < static_cast<int64_t>(c[2])) return kFailed;
                const Code* tail = c + 1 + c[1];
                // Where nothing can fail behind it, less is never tried.
                bool last = static_cast<SreOp>(tail[0]) == SreOp::SUCCESS && n && !m_.full && subs_.empty();
                if (!last && n > static_cast<int64_t>(c[2])) push(RepeatOne, c + 1, p_, p_ + n);
                p_ += n;
                ip_ = tail;
                return kGo;
            }
            case SreOp::MIN_REPEAT_ONE: {
                int64_t from = p_;
                if (c[2]) {
                    int64_t n = run_length(c + 4, p_, c[2]);
                    if (n < static_cast<int64_t>(c[2])) return kFailed;
                    p_ += n;
                }
                push(MinRepeatOne, c + 1, from, p_);
                ip_ = c + 1 + c[1];
                return kGo;
            }
            case SreOp::POSSESSIVE_REPEAT_ONE: {
                int64_t n = run_length(c + 4, p_, c[3]);
                if (n < static_cast<int64_t>(c[2])) return kFailed;
                p_ += n;
                ip_ = c + 1 + c[1];
                return kGo;
            }
            case SreOp::REPEAT:
                if (repeats_.size() + kSlack >= repeats_.capacity()) grow(repeats_);
                repeats_.push_back(Repeat{c + 1, -1, -1, current_});
                set_current(static_cast<int>(repeats_.size()) - 1);
                ip_ = c + 1 + c[1];
                return kGo;
            case SreOp::MAX_UNTIL:
                return max_until();
            case SreOp::MIN_UNTIL:
                return min_until();
            case SreOp::POSSESSIVE_REPEAT:
                if (c[3] == 0) {
                    ip_ = c + 2 + c[1];
                    return kGo;
                }
                enter_sub(SreOp::POSSESSIVE_REPEAT, c + 1, c + 4, p_);
                return kGo;
            case SreOp::ATOMIC_GROUP:
                enter_sub(SreOp::ATOMIC_GROUP, c + 1, c + 2, p_);
                return kGo;
            case SreOp::ASSERT:
                if (p_ - s_.beginning < static_cast<int64_t>(c[2])) return kFailed;
                enter_sub(SreOp::ASSERT, c + 1, c + 3, p_ - c[2]);
                return kGo;
            case SreOp::ASSERT_NOT:
                if (p_ - s_.beginning < static_cast<int64_t>(c[2])) {
                    ip_ = c + 1 + c[1];
                    return kGo;
                }
                enter_sub(SreOp::ASSERT_NOT, c + 1, c + 3, p_ - c[2]);
                return kGo;
            case SreOp::GROUPREF:
            case SreOp::GROUPREF_IGNORE:
            case SreOp::GROUPREF_LOC_IGNORE:
            case SreOp::GROUPREF_UNI_IGNORE: {
                auto op = static_cast<SreOp>(c[0]);
                bool ok = op == SreOp::GROUPREF              ? match_group(c[1], [](uint32_t x) { return x; })
                          : op == SreOp::GROUPREF_IGNORE     ? match_group(c[1], lower_ascii)
                          : op == SreOp::GROUPREF_LOC_IGNORE ? match_group(c[1], lower_locale)
                                                             : match_group(c[1], lower_unicode);
                if (!ok) return kFailed;
                ip_ += 2;
                return kGo;
            }
            case SreOp::GROUPREF_EXISTS: {
                bool set = m_.marks[2 * c[1]] >= 0 && m_.marks[2 * c[1] + 1] >= m_.marks[2 * c[1]];
                ip_ = set ? c + 3 : c + 2 + c[2] - 1;
                return kGo;
            }
            case SreOp::INFO:
                ip_ += 1 + c[1];
                return kGo;
            default:
                if (!more() || !one(c, at(p_))) return kFailed;
                p_++;
                ip_ += one_size(c);
                return kGo;
        }
    }

    const Code* code_;
    const Char* text_;
    const Subject& s_;
    MatchState& m_;
    Interrupt check_;
    void* arg_;
    const Code* ip_ = nullptr;
    int64_t p_ = 0, start_ = 0;
    int current_ = -1;
    uint64_t steps_ = 0;
    std::vector<Entry> stack_;
    std::vector<Repeat> repeats_;
    std::vector<Sub> subs_;
    bool no_memory_ = false;
};

void reset(MatchState& m) {
    for (int64_t& v : m.marks) v = -1;
    m.lastindex = -1;
}

// What the INFO block tells of every match.
struct Hints {
    int64_t shortest = 0;
    const Code* prefix = nullptr;
    Code prefix_length = 0;
    const Code* charset = nullptr;
};
Hints read_hints(const Code* code) {
    Hints h;
    if (static_cast<SreOp>(code[0]) != SreOp::INFO) return h;
    h.shortest = code[3];
    if (code[2] & 1) {
        h.prefix_length = code[5];
        h.prefix = code + 7;
    } else if (code[2] & 4) {
        h.charset = code + 5;
    }
    return h;
}
// A pattern that begins with at least one character of a set.
const Code* first_set(const Code* op) {
    if (static_cast<SreOp>(op[0]) == SreOp::REPEAT_ONE && op[2] > 0) op += 4;
    return static_cast<SreOp>(op[0]) == SreOp::IN ? op + 2 : nullptr;
}

template <class Char>
Outcome search_in(const Code* code, const Subject& s, int64_t position, MatchState& m, Interrupt check,
                  void* arg) {
    Machine<Char> machine(code, s, m, check, arg);
    Hints h = read_hints(code);
    const Char* text = static_cast<const Char*>(s.data);
    int64_t last = s.end - h.shortest;
    bool must_advance = m.must_advance;
    // Bound to the start of the text: no other place can match.
    const Code* first_op = static_cast<SreOp>(code[0]) == SreOp::INFO ? code + 1 + code[1] : code;
    if (static_cast<SreOp>(first_op[0]) == SreOp::AT &&
        (static_cast<At>(first_op[1]) == At::BEGINNING ||
         static_cast<At>(first_op[1]) == At::BEGINNING_STRING))
        last = position < last ? position : last;
    if (!h.charset) h.charset = first_set(first_op);
    for (int64_t p = position; p <= last; p++) {
        if (h.prefix_length) {
            Code first = h.prefix[0];
            if (sizeof(Char) == 1) {
                const void* hit = first < 256 && p < s.end ? memchr(text + p, static_cast<int>(first),
                                                                    static_cast<size_t>(s.end - p))
                                                           : nullptr;
                if (!hit) return Outcome::No;
                p = static_cast<const Char*>(hit) - text;
            } else {
                while (p < s.end && text[p] != first) p++;
            }
            if (p > last) return Outcome::No;
            bool all = true;
            for (Code i = 1; all && i < h.prefix_length; i++)
                all = p + i < s.end && text[p + i] == h.prefix[i];
            if (!all) continue;
        } else if (h.charset) {
            p = skip_set<false>(h.charset, text, p, s.end);
            if (p >= s.end && h.shortest > 0) return Outcome::No;
        }
        reset(m);
        m.must_advance = must_advance && p == position;
        Outcome o = machine.run(p);
        if (o != Outcome::No) return o;
    }
    return Outcome::No;
}

}  // namespace

Outcome match_at(const Code* code, const Subject& s, int64_t position, MatchState& m, Interrupt check,
                 void* arg) {
    reset(m);
    switch (s.width) {
        case 1:
            return Machine<uint8_t>(code, s, m, check, arg).run(position);
        case 2:
            return Machine<uint16_t>(code, s, m, check, arg).run(position);
        default:
            return Machine<uint32_t>(code, s, m, check, arg).run(position);
    }
}

Outcome search(const Code* code, const Subject& s, int64_t position, MatchState& m, Interrupt check,
               void* arg) {
    switch (s.width) {
        case 1:
            return search_in<uint8_t>(code, s, position, m, check, arg);
        case 2:
            return search_in<uint16_t>(code, s, position, m, check, arg);
        default:
            return search_in<uint32_t>(code, s, position, m, check, arg);
    }
}

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

}  // namespace krait::sre
