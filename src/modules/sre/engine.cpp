#include "modules/sre/engine.h"

#include <cstdlib>
#include <cstring>
#include <utility>

#include "modules/sre/chars.h"

namespace krait::sre {

namespace {

// The memory of a large stack stays for the next match: fresh pages would cost more than the matching.
constexpr size_t kSpareMost = size_t{2} << 20;
struct Spare {
    void* block = nullptr;
    size_t size = 0;
    ~Spare() { free(block); }
};
thread_local Spare t_spare;

// A stack of plain items: the first N lie within. Callers make room() before they push; when that fails,
// kSlack more still fit.
constexpr size_t kSlack = 16;
template <class T, size_t N>
class Pile {
  public:
    Pile() = default;
    Pile(const Pile&) = delete;
    ~Pile() {
        if (items_ != local()) give_back();
    }
    bool room() { return size_ + kSlack < capacity_ || grow(); }
    void push(const T& v) { items_[size_++] = v; }  // precondition: there is room
    void pop() { size_--; }
    T& back() { return items_[size_ - 1]; }
    T& operator[](size_t i) { return items_[i]; }
    size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    void truncate(size_t n) { size_ = n; }
    void erase(size_t i) {
        memmove(items_ + i, items_ + i + 1, (size_ - i - 1) * sizeof(T));
        size_--;
    }

  private:
    T* local() { return reinterpret_cast<T*>(local_); }
    [[gnu::noinline]] bool grow() {
        size_t wanted = 4 * capacity_;
        T* p;
        if (t_spare.size >= wanted * sizeof(T)) {
            p = static_cast<T*>(std::exchange(t_spare.block, nullptr));
            wanted = std::exchange(t_spare.size, 0) / sizeof(T);
        } else {
            p = static_cast<T*>(malloc(wanted * sizeof(T)));
        }
        if (!p) return false;
        memcpy(p, items_, size_ * sizeof(T));
        if (items_ != local()) give_back();
        items_ = p;
        capacity_ = wanted;
        return true;
    }
    void give_back() {
        size_t size = capacity_ * sizeof(T);
        if (size <= t_spare.size || size > kSpareMost) return free(items_);
        free(t_spare.block);
        t_spare.block = items_;
        t_spare.size = size;
    }

    alignas(T) char local_[N * sizeof(T)];
    T* items_ = local();
    size_t size_ = 0, capacity_ = N;
};

// The first place from `i` on whose character is in the set of the code at `c`, or with kIn is not.
template <bool kIn, class Char>
int64_t skip_set(const Code* c, const Code* sets, const Char* text, int64_t i, int64_t end) {
    const Code* bits = bits_of(c, sets);
    if (!bits) {
        while (i < end && one_slow(c, text[i]) == kIn) i++;
    } else if (sizeof(Char) == 1) {
        while (i < end && in_bits(bits, text[i]) == kIn) i++;
    } else {
        while (i < end && (text[i] < 256 ? in_bits(bits, text[i]) : one_slow(c, text[i])) == kIn) i++;
    }
    return i;
}

// The first place from `i` on with the character, or `end`.
template <class Char>
int64_t find_char(const Char* text, int64_t i, int64_t end, uint32_t ch) {
    if (sizeof(Char) == 1) {
        if (ch > 255 || i >= end) return end;
        const void* hit = memchr(text + i, static_cast<int>(ch), static_cast<size_t>(end - i));
        return hit ? static_cast<const Char*>(hit) - text : end;
    }
    while (i < end && text[i] != ch) i++;
    return i;
}

template <class Char>
class Machine {
  public:
    Machine(const Program& program, const Subject& s, MatchState& m, Interrupt check, void* arg)
        : code_(program.code),
          sets_(program.sets),
          text_(static_cast<const Char*>(s.data)),
          s_(s),
          m_(m),
          check_(check),
          arg_(arg) {}

    Outcome run(int64_t position) {
        stack_.truncate(0);
        repeats_.truncate(0);
        subs_.truncate(0);
        current_ = -1;
        start_ = position;
        const Code* ip = code_;
        if (op_of(ip) == SreOp::INFO) ip += 1 + ip[1];
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

    bool one(const Code* c, uint32_t ch) const { return sre::one(c, ch, sets_); }
    // How many characters from `from` on match the code at `c`, at most `most`.
    int64_t run_length(const Code* c, int64_t from, Code most) const {
        int64_t end = s_.end;
        if (most != kMaxRepeat && end - from > static_cast<int64_t>(most)) end = from + most;
        int64_t i = from;
        switch (op_of(c)) {
            case SreOp::ANY_ALL:
                i = end;
                break;
            case SreOp::ANY:
                i = find_char(text_, i, end, '\n');
                break;
            case SreOp::LITERAL:
                while (i < end && text_[i] == c[1]) i++;
                break;
            case SreOp::NOT_LITERAL:
                i = find_char(text_, i, end, c[1]);
                break;
            case SreOp::IN:
            case SreOp::IN_IGNORE:
            case SreOp::IN_UNI_IGNORE:
                i = skip_set<true>(c, sets_, text_, i, end);
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

    // --- undo trail ---
    void push(Kind k, const Code* ip, int64_t p, int64_t a = 0, int64_t b = 0) {
        if (!stack_.room()) [[unlikely]]
            no_memory_ = true;
        stack_.push(Entry{k, ip, p, a, b});
    }
    // While no alternative waits there is nothing to undo: failure is final.
    void push_undo(Kind k, int64_t p, int64_t a, int64_t b = 0) {
        if (!stack_.empty()) push(k, nullptr, p, a, b);
    }
    void set_mark(int64_t i, int64_t v) {
        push_undo(UndoMark, m_.lastindex, i, m_.marks[i]);
        m_.marks[i] = v;
        if (i & 1) m_.lastindex = i / 2 + 1;
    }
    void set_current(int index) {
        push_undo(UndoCurrent, 0, current_);
        current_ = index;
    }
    void set_repeat(int index, int64_t count, int64_t last) {
        Repeat& r = repeats_[index];
        push_undo(UndoRepeat, index, r.count, r.last);
        r.count = count;
        r.last = last;
    }
    void undo(const Entry& e) {
        switch (e.kind) {
            case UndoMark:
                m_.marks[e.a] = e.b;
                m_.lastindex = e.p;
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
        stack_.truncate(out);
    }

    // Takes the latest alternative. False: none is left.
    bool backtrack() {
        while (!stack_.empty()) {
            Entry& e = stack_.back();
            switch (e.kind) {
                case Alternative: {
                    const Code* skip = e.ip;  // the skip word of the next alternative
                    p_ = e.p;
                    stack_.pop();
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
                    stack_.pop();
                    p_ = taken.p;
                    Repeat& r = repeats_[taken.a];
                    const Code* until = r.at + r.at[0];
                    set_current(r.previous);
                    ip_ = until + 1;
                    return true;
                }
                case MinUntilBody: {
                    Entry taken = e;
                    stack_.pop();
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
                    stack_.pop();
                    if (leave_failed_sub()) return true;
                    break;
                }
                default:
                    undo(e);
                    stack_.pop();
            }
        }
        return false;
    }

    // Nothing follows that could fail: a match is certain.
    bool is_certain(const Code* c, int64_t p) const {
        return op_of(c) == SreOp::SUCCESS && subs_.empty() && !m_.full && !(m_.must_advance && p == start_);
    }
    // Whether the code at `c` may match at `p`; false only where its first instruction tells.
    bool may_begin(const Code* c, int64_t p) {
        if (op_of(c) == SreOp::MARK) c += 2;
        if (repeats_once(c)) c += 4;
        if (is_quick(op_of(c))) return p < s_.end && one(c, at(p));
        if (op_of(c) != SreOp::AT) return true;
        std::swap(p, p_);
        bool here = at_position(c[1]);
        std::swap(p, p_);
        return here;
    }

    static bool repeats_once(const Code* c) {
        return (op_of(c) == SreOp::REPEAT_ONE || op_of(c) == SreOp::POSSESSIVE_REPEAT_ONE) && c[2] > 0;
    }
    static bool is_quick(SreOp op) {
        return op == SreOp::LITERAL || op == SreOp::IN || op == SreOp::LITERAL_UNI_IGNORE ||
               op == SreOp::LITERAL_IGNORE;
    }
    // Starts the alternative at `skip`; the ones behind it wait. False: no alternative left.
    bool try_branch(const Code* skip) {
        // A first character that cannot match saves an entry on the stack.
        while (*skip && !may_begin(skip + 1, p_)) skip += *skip;
        if (!*skip) return false;
        ip_ = skip + 1;
        for (skip += *skip; *skip && !may_begin(skip + 1, p_);) skip += *skip;
        if (*skip) push(Alternative, skip, p_);
        return true;
    }

    bool next_repeat_one() {
        Entry& e = stack_.back();
        const Code* at_skip = e.ip;
        int64_t least = e.p + at_skip[1];
        int64_t end = e.a - 1;  // one character less than before
        const Code* tail = at_skip + at_skip[0];
        if (op_of(tail) == SreOp::LITERAL) {
            while (end >= least && !(end < s_.end && at(end) == tail[1])) end--;
        }
        if (end < least) {
            stack_.pop();
            return false;
        }
        p_ = end;
        if (end == least)
            stack_.pop();
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
            stack_.pop();
            return false;
        }
        e.a++;
        const Code* tail = at_skip + at_skip[0];
        if (op_of(tail) == SreOp::LITERAL && !skip_to_tail(e, at_skip, tail[1])) {
            stack_.pop();
            return false;
        }
        p_ = e.a;
        ip_ = tail;
        return true;
    }
    // Takes as many characters as it needs until one stands there that has to follow. False: none does.
    bool skip_to_tail(Entry& e, const Code* at_skip, uint32_t ch) {
        int64_t end = s_.end;
        if (at_skip[2] != kMaxRepeat && end - e.p > static_cast<int64_t>(at_skip[2])) end = e.p + at_skip[2];
        // The last place where `ch` may stand is behind as many as there may be.
        if (s_.end >= static_cast<int64_t>(kMaxRepeat)) return true;
        int64_t to = find_char(text_, e.a, end < s_.end ? end + 1 : end, ch);
        if (to >= s_.end || to > end) return false;
        if (run_length(at_skip + 3, e.a, static_cast<Code>(to - e.a)) < to - e.a) return false;
        e.a = to;
        return true;
    }

    // --- nested patterns ---
    void enter_sub(SreOp op, const Code* skip, const Code* body, int64_t body_p) {
        if (!subs_.room()) no_memory_ = true;
        subs_.push(Sub{op, skip, p_, 0, -1, stack_.size()});
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
                subs_.pop();
                stack_[barrier].kind = UndoCurrent;
                stack_[barrier].a = current_;
                cut(barrier);
                ip_ = after;
                return kGo;
            case SreOp::ASSERT_NOT:
                // What the body did is undone; then the assertion fails.
                while (stack_.size() > barrier + 1) {
                    undo(stack_.back());
                    stack_.pop();
                }
                stack_.pop();
                subs_.pop();
                return kFailed;
            case SreOp::ATOMIC_GROUP:
                subs_.pop();
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
                    stack_.erase(barrier);
                    sub.barrier = stack_.size();
                    stack_.push(wall);
                    ip_ = sub.skip + 3;
                    return kGo;
                }
                stack_.erase(barrier);
                subs_.pop();
                ip_ = after;
                return kGo;
            }
        }
    }
    // The body failed for good (its barrier was reached). True: matching goes on.
    bool leave_failed_sub() {
        Sub sub = subs_.back();
        subs_.pop();
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
    Step group_ref(const Code* c, Fold fold) {
        int64_t from = m_.marks[2 * c[1]], to = m_.marks[2 * c[1] + 1];
        if (from < 0 || to < from || s_.end - p_ < to - from) return kFailed;
        for (int64_t i = from; i < to; i++, p_++)
            if (fold(at(p_)) != fold(at(i))) return kFailed;
        ip_ += 2;
        return kGo;
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
            if (is_certain(ip_ + 1, p_)) stack_.truncate(0);  // at worst it ends here, nothing else is tried
            if (may_begin(ip_ + 1, p_)) push(UntilTail, nullptr, p_, index);
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

    // One instruction after the other until one fails, or is not simple.
    Step execute() {
        const Code* c = ip_;
        int64_t p = p_;
        const int64_t end = s_.end;
        for (;;) {
            switch (op_of(c)) {
                case SreOp::MARK:
                    set_mark(c[1], p);
                    if (no_memory_) [[unlikely]]
                        return kFailed;
                    c += 2;
                    continue;
                case SreOp::LITERAL:
                    if (p >= end || text_[p] != c[1]) return kFailed;
                    p++;
                    c += 2;
                    continue;
                case SreOp::IN:
                    if (p >= end || !one(c, text_[p])) return kFailed;
                    p++;
                    c += 1 + c[1];
                    continue;
                case SreOp::JUMP:
                case SreOp::INFO:
                    c += 1 + c[1];
                    continue;
                case SreOp::AT:
                    p_ = p;
                    if (!at_position(c[1])) return kFailed;
                    c += 2;
                    continue;
                case SreOp::BRANCH:
                    p_ = p;
                    if (!try_branch(c + 1) || no_memory_) return kFailed;
                    c = ip_;
                    continue;
                case SreOp::REPEAT_ONE: {
                    int64_t n = run_length(c + 4, p, c[3]);
                    if (n < static_cast<int64_t>(c[2])) return kFailed;
                    const Code* tail = c + 1 + c[1];
                    // Where nothing can fail behind it, less is never tried.
                    bool last = op_of(tail) == SreOp::SUCCESS && n && !m_.full && subs_.empty();
                    if (!last && n > static_cast<int64_t>(c[2])) {
                        push(RepeatOne, c + 1, p, p + n);
                        if (no_memory_) [[unlikely]]
                            return kFailed;
                    }
                    p += n;
                    c = tail;
                    continue;
                }
                case SreOp::POSSESSIVE_REPEAT_ONE: {
                    int64_t n = run_length(c + 4, p, c[3]);
                    if (n < static_cast<int64_t>(c[2])) return kFailed;
                    p += n;
                    c += 1 + c[1];
                    continue;
                }
                case SreOp::ANY:
                case SreOp::ANY_ALL:
                case SreOp::NOT_LITERAL:
                case SreOp::CATEGORY:
                case SreOp::IN_IGNORE:
                case SreOp::IN_UNI_IGNORE:
                case SreOp::IN_LOC_IGNORE:
                case SreOp::LITERAL_IGNORE:
                case SreOp::NOT_LITERAL_IGNORE:
                case SreOp::LITERAL_UNI_IGNORE:
                case SreOp::NOT_LITERAL_UNI_IGNORE:
                case SreOp::LITERAL_LOC_IGNORE:
                case SreOp::NOT_LITERAL_LOC_IGNORE:
                    if (p >= end || !one(c, text_[p])) return kFailed;
                    p++;
                    c += one_size(c);
                    continue;
                default:
                    p_ = p;
                    ip_ = c;
                    return execute_nested(c);
            }
        }
    }

    // Whether what an assertion asks for stands at `p`; -1: it takes more than looking at single characters.
    int look(const Code* c, int64_t p) {
        for (;;) {
            switch (op_of(c)) {
                case SreOp::SUCCESS:
                    return 1;
                case SreOp::AT: {
                    if (!may_begin(c, p)) return 0;
                    c += 2;
                    continue;
                }
                case SreOp::LITERAL:
                    if (p >= s_.end || text_[p] != c[1]) return 0;
                    p++;
                    c += 2;
                    continue;
                case SreOp::IN:
                    if (p >= s_.end || !one(c, text_[p])) return 0;
                    p++;
                    c += 1 + c[1];
                    continue;
                default:
                    return -1;
            }
        }
    }

    Step execute_nested(const Code* c) {
        switch (op_of(c)) {
            case SreOp::SUCCESS:
                return success();
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
            case SreOp::REPEAT:
                if (!repeats_.room()) no_memory_ = true;
                repeats_.push(Repeat{c + 1, -1, -1, current_});
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
                if (int verdict = look(c + 3, p_ - c[2]); verdict >= 0) {
                    ip_ = c + 1 + c[1];
                    return verdict ? kGo : kFailed;
                }
                enter_sub(SreOp::ASSERT, c + 1, c + 3, p_ - c[2]);
                return kGo;
            case SreOp::ASSERT_NOT:
                if (p_ - s_.beginning < static_cast<int64_t>(c[2])) {
                    ip_ = c + 1 + c[1];
                    return kGo;
                }
                if (int verdict = look(c + 3, p_ - c[2]); verdict >= 0) {
                    ip_ = c + 1 + c[1];
                    return verdict ? kFailed : kGo;
                }
                enter_sub(SreOp::ASSERT_NOT, c + 1, c + 3, p_ - c[2]);
                return kGo;
            case SreOp::GROUPREF:
                return group_ref(c, [](uint32_t x) { return x; });
            case SreOp::GROUPREF_IGNORE:
                return group_ref(c, lower_ascii);
            case SreOp::GROUPREF_LOC_IGNORE:
                return group_ref(c, lower_locale);
            case SreOp::GROUPREF_UNI_IGNORE:
                return group_ref(c, lower_unicode);
            case SreOp::GROUPREF_EXISTS: {
                bool set = m_.marks[2 * c[1]] >= 0 && m_.marks[2 * c[1] + 1] >= m_.marks[2 * c[1]];
                ip_ = set ? c + 3 : c + 2 + c[2] - 1;
                return kGo;
            }
            default:
                return kFailed;
        }
    }

    const Code* code_;
    const Code* sets_;
    const Char* text_;
    const Subject& s_;
    MatchState& m_;
    Interrupt check_;
    void* arg_;
    const Code* ip_ = nullptr;
    int64_t p_ = 0, start_ = 0;
    int current_ = -1;
    uint64_t steps_ = 0;
    Pile<Entry, kSlack + 32> stack_;
    Pile<Repeat, kSlack + 8> repeats_;
    Pile<Sub, kSlack + 4> subs_;
    bool no_memory_ = false;
};

// What the INFO block tells of every match.
struct Hints {
    int64_t shortest = 0;
    const Code* prefix = nullptr;
    Code prefix_length = 0;
};
Hints read_hints(const Code* code) {
    Hints h;
    if (op_of(code) != SreOp::INFO) return h;
    h.shortest = code[3];
    if (code[2] & 1) {
        h.prefix_length = code[5];
        h.prefix = code + 7;
    }
    return h;
}
// The only character in the bits, -1: there are others.
int sole_char(const Code* bits) {
    int found = -1;
    for (int i = 0; i < kSetWords; i++) {
        if (!bits[i]) continue;
        if (found >= 0 || (bits[i] & (bits[i] - 1))) return -1;
        found = i * 32 + __builtin_ctz(bits[i]);
    }
    return found;
}

// Finds the places where a match may begin.
template <class Char>
class Starts {
  public:
    Starts(const Program& program, const Subject& s)
        : hints_(read_hints(program.code)),
          first_(hints_.prefix_length ? nullptr : program.first),
          text_(static_cast<const Char*>(s.data)),
          end_(s.end) {
        if (hints_.prefix_length)
            char_ = static_cast<int64_t>(hints_.prefix[0]);
        else if (first_ && sizeof(Char) == 1)
            char_ = sole_char(first_);
    }
    bool any() const { return !hints_.prefix_length && !first_; }
    int64_t shortest() const { return hints_.shortest; }
    // The next place from `p` on, `stop` where none lies before it. Precondition: stop is not behind the end.
    int64_t next(int64_t p, int64_t stop) const {
        if (char_ < 0) {
            while (p < stop && !((sizeof(Char) > 1 && text_[p] > 255) || in_bits(first_, text_[p]))) p++;
            return p;
        }
        for (;; p++) {
            p = find_char(text_, p, stop, static_cast<uint32_t>(char_));
            if (p >= stop || has_prefix(p)) return p;
        }
    }

  private:
    bool has_prefix(int64_t p) const {
        Code n = hints_.prefix_length;
        if (n > end_ - p) return false;
        for (Code i = 1; i < n; i++)
            if (text_[p + i] != hints_.prefix[i]) return false;
        return true;
    }

    Hints hints_;
    const Code* first_;
    const Char* text_;
    int64_t end_, char_ = -1;
};

template <class Char>
Outcome search_in(const Program& program, const Subject& s, int64_t position, MatchState& m, Interrupt check,
                  void* arg) {
    Machine<Char> machine(program, s, m, check, arg);
    Starts<Char> starts(program, s);
    const Code* code = program.code;
    int64_t last = s.end - starts.shortest();
    bool must_advance = m.must_advance;
    // Bound to the start of the text: no other place can match.
    const Code* first_op = op_of(code) == SreOp::INFO ? code + 1 + code[1] : code;
    if (op_of(first_op) == SreOp::AT && (static_cast<At>(first_op[1]) == At::BEGINNING ||
                                         static_cast<At>(first_op[1]) == At::BEGINNING_STRING))
        last = position < last ? position : last;
    int64_t stop = last < s.end ? last + 1 : s.end;
    for (int64_t p = position; p <= last; p++) {
        if (!starts.any()) {
            p = starts.next(p, stop);
            if (p >= stop) return Outcome::No;
        }
        m.reset();
        m.must_advance = must_advance && p == position;
        Outcome o = machine.run(p);
        if (o != Outcome::No) return o;
    }
    return Outcome::No;
}

}  // namespace

MatchState::~MatchState() {
    if (marks != local_) free(marks);
}
bool MatchState::prepare(int64_t n) {
    if (n > kLocalMarks && n > n_marks_) {
        auto* p = static_cast<int64_t*>(malloc(static_cast<size_t>(n) * sizeof(int64_t)));
        if (!p) return false;
        if (marks != local_) free(marks);
        marks = p;
    }
    n_marks_ = n;
    reset();
    return true;
}
void MatchState::reset() {
    for (int64_t i = 0; i < n_marks_; i++) marks[i] = -1;
    lastindex = -1;
}

Outcome match_at(const Program& program, const Subject& s, int64_t position, MatchState& m, Interrupt check,
                 void* arg) {
    switch (s.width) {
        case 1:
            return Machine<uint8_t>(program, s, m, check, arg).run(position);
        case 2:
            return Machine<uint16_t>(program, s, m, check, arg).run(position);
        default:
            return Machine<uint32_t>(program, s, m, check, arg).run(position);
    }
}

Outcome search(const Program& program, const Subject& s, int64_t position, MatchState& m, Interrupt check,
               void* arg) {
    switch (s.width) {
        case 1:
            return search_in<uint8_t>(program, s, position, m, check, arg);
        case 2:
            return search_in<uint16_t>(program, s, position, m, check, arg);
        default:
            return search_in<uint32_t>(program, s, position, m, check, arg);
    }
}

}  // namespace krait::sre
