// The paths through a code object. A block begins wherever control may arrive from elsewhere; for each one is
// kept what may be on the stack and in the locals there, over all ways into it, until nothing new is found.
#include "bytecode/verify_flow.h"

#include <algorithm>
#include <array>
#include <functional>

namespace krait {

namespace {

// Is the frame that of a generator already?
enum Stage : uint8_t { kCalled = 1, kGenerating = 2 };

// As in CPython's compiler, only the first locals, and those with cells, are followed from block to block: of
// the others nothing is known where a block begins, so that large functions take no more time than their
// size.
constexpr size_t kFollowed = 64;
constexpr uint8_t kUnknown = kUnbound | kBound;
constexpr size_t kLargestState = size_t{1} << 24;  // blocks times words of locals

// Kinds with a count in `info` are not told apart where the counts differ.
uint32_t without_counts(uint32_t kinds) {
    if (kinds & (kCells | kNames)) kinds = (kinds & ~uint32_t{kCells | kNames}) | kTuple;
    if (kinds & kCode) kinds = (kinds & ~uint32_t{kCode}) | kPlain;
    return kinds;
}

Entry either(Entry a, Entry b) {
    if (a == b) return a;
    Entry both{a.kinds | b.kinds, a.info, a.lender};
    if (a.info != b.info) {
        both.kinds = without_counts(both.kinds);
        both.info = both.kinds & kLacking ? kUnknownCount : 0;
    }
    if (a.lender != b.lender) both.lender = !a.lender ? b.lender : !b.lender ? a.lender : kAnyLender;
    return both;
}

uint16_t lender_of(int64_t local) {
    return local + 1 < kAnyLender ? static_cast<uint16_t>(local + 1) : kAnyLender;
}

// Entries that the instruction pops and leaves where they are.
constexpr int kept_operands(Op op, [[maybe_unused]] int oparg) {
    switch (op) {
#define OPERANDS(name, kept, needs, gives) \
    case Op::name:                         \
        return kept;
#define WRITTEN(name, kept, work) OPERANDS(name, kept, , )
#include "bytecode/operands.def"
        default:
            return 0;
    }
}

// How many entries an instruction takes off the stack and puts there then.
struct Change {
    int gone, added;
};

constexpr Change change_by(Op op, int oparg) {
    StackUse use = stack_use(op, oparg);
    int kept = kept_operands(op, oparg);
    return {use.pops - kept, use.pushes - kept};
}

// The same, computed from the argument; `known` for all instructions but few. With what else each step asks.
struct LinearChange {
    int8_t gone, gone_each, added, added_each, added_odd, pops, pops_each;
    bool known;
    uint8_t caches;
    bool jumps, ends;  // to its target, the path
    constexpr Change at(int oparg) const {
        return {gone + gone_each * oparg, added + added_each * oparg + added_odd * (oparg & 1)};
    }
};

constexpr std::array<LinearChange, kOpCount> kChanges = [] {
    std::array<LinearChange, kOpCount> changes{};
    for (unsigned i = 0; i < kOpCount; i++) {
        Op op{static_cast<uint16_t>(i)};
        Change none = change_by(op, 0), one = change_by(op, 1), two = change_by(op, 2);
        int pops = stack_use(op, 0).pops;
        int each = (two.added - none.added) / 2;
        LinearChange& c = changes[i];
        c = {static_cast<int8_t>(none.gone),
             static_cast<int8_t>(one.gone - none.gone),
             static_cast<int8_t>(none.added),
             static_cast<int8_t>(each),
             static_cast<int8_t>(one.added - none.added - each),
             static_cast<int8_t>(pops),
             static_cast<int8_t>(stack_use(op, 1).pops - pops),
             true,
             static_cast<uint8_t>(cache_count(op)),
             op_has(op, opflag::kJump) && op != Op::END_ASYNC_FOR,
             op_has(op, opflag::kExit) || op == Op::JUMP_FORWARD || op == Op::JUMP_BACKWARD ||
                 op == Op::JUMP_BACKWARD_NO_INTERRUPT};
        for (int oparg : {0, 1, 2, 3, 6, 0x100, 0x1001}) {
            Change there = change_by(op, oparg), computed = c.at(oparg);
            c.known &= there.gone == computed.gone && there.added == computed.added &&
                       stack_use(op, oparg).pops == c.pops + c.pops_each * oparg;
        }
    }
    return changes;
}();

class Flow {
  public:
    Flow(const CodeView& code, const CheckedCode& checked) : code_(code), checked_(checked) {}
    Problem run();
    // What is known at the beginning of a block.
    void describe(int32_t block, Landing& landing) const;

  private:
    struct Block {
        int64_t unit = -1;
        int depth = -1;    // not reached
        size_t stack = 0;  // its entries are stacks_[stack...]
        bool waiting = false;
        uint8_t stage = 0;  // Stages
    };
    // The states of 64 locals, a bit of each in each.
    struct States {
        uint64_t unbound = 0, bound = 0, cell = 0;
        uint64_t not_in(const States& o) const {
            return (unbound & ~o.unbound) | (bound & ~o.bound) | (cell & ~o.cell);
        }
        void add(const States& o) {
            unbound |= o.unbound;
            bound |= o.bound;
            cell |= o.cell;
        }
        // Nothing is known of those outside of `mask`.
        void forget_all_but(uint64_t mask) {
            unbound |= ~mask;
            bound |= ~mask;
            cell &= mask;
        }
        uint8_t get(unsigned bit) const {
            return static_cast<uint8_t>((unbound >> bit & 1) * kUnbound | (bound >> bit & 1) * kBound |
                                        (cell >> bit & 1) * kHoldsCell);
        }
        void set(unsigned bit, uint8_t state) {
            auto put = [&](uint64_t& word, bool on) { word = (word & ~(1ull << bit)) | uint64_t{on} << bit; };
            put(unbound, state & kUnbound);
            put(bound, state & kBound);
            put(cell, state & kHoldsCell);
        }
    };
    // 64 locals of which some are followed.
    struct Followed {
        size_t word;
        uint64_t mask;
    };

    bool fail(const char* text) {
        if (!problem_.text) problem_ = {text, at_};
        return false;
    }
    bool start();
    bool follow(Block& block);
    bool step(Op op, int arg, int64_t next);
    bool begin(Op op, int oparg);
    bool may_raise(Op op);
    void watch_handlers();
    bool arrive(int64_t unit, size_t depth, const Entry* pushed, size_t npushed);

    // ---- the stack ----
    Entry& entry(int64_t place) { return stack_[stack_.size() - static_cast<size_t>(place)]; }  // 1 is on top
    bool push(Entry e) {
        stack_.push_back(e);
        return true;
    }
    Entry pop() {
        Entry e = stack_.back();
        stack_.pop_back();
        return e;
    }
    bool swap(int64_t place) {
        std::swap(entry(1), entry(place));
        return true;
    }
    bool copy(int64_t place) { return push(entry(place)); }
    // For same() and pass().
    bool keep_top() {
        top_ = stack_.back();
        return true;
    }
    // Of operands.def.
    bool take();
    bool wants(int64_t place, uint32_t kinds);
    bool wants_names(int64_t values);
    bool all_want(int64_t n, uint32_t kinds);
    void put(int64_t place, uint32_t kinds) { entry(place).kinds = kinds; }
    void same(int64_t place) { entry(place) = top_; }
    void pass(int64_t place, uint32_t kinds) { entry(place) = {kinds, 0, top_.lender}; }

    // ---- locals ----
    States& states(int64_t i) {
        auto word = static_cast<size_t>(i / 64);
        if (word > 0 && visited_[word] != visit_) {
            visited_[word] = visit_;
            locals_[word].forget_all_but(0);
        }
        return locals_[word];
    }
    uint8_t local(int64_t i) { return states(i).get(static_cast<unsigned>(i % 64)); }
    bool set_local(int64_t i, uint8_t state);
    void note_local(int64_t i, uint8_t state);
    bool load(int64_t i, bool borrow);
    bool load_checked(int64_t i);
    bool load_and_clear(int64_t i);
    bool store(int64_t i);
    bool copy_free_vars(int64_t n);
    bool holds_cell(int64_t i) { return local(i) == kHoldsCell || fail("not a cell"); }

    // ---- functions ----
    bool build_tuple(int n);
    bool make_function();
    bool set_function_attribute(int attribute);
    bool may_become_generator();
    bool yields(int delegates);

    const CodeView& code_;
    const CheckedCode& checked_;
    SmallVector<Block, 16> blocks_;
    SmallVector<Entry, 64> stacks_;
    SmallVector<Followed, 2> followed_;
    SmallVector<States, 16> known_;     // of the followed ones, of one block after another
    SmallVector<int64_t, 16> waiting_;  // units, the least first (a heap)

    // Where the path is, and what is known there.
    int64_t at_ = -1;
    size_t handler_ = 0;   // the first one that ends behind at_, or some that end before it
    int64_t watched_ = 0;  // where it begins
    SmallVector<Entry, 32> stack_;
    SmallVector<States, 2> locals_;
    SmallVector<uint32_t, 2> visited_;  // when what is in `locals_` was noted
    uint32_t visit_ = 0;
    uint8_t stage_ = kCalled;
    int gone_ = 0, added_ = 0;  // how many entries the instruction takes off, and puts there then
    Entry top_;                 // what was on top before it, if it is one that asks
    size_t touched_ = 0;        // entries from here on may be others than the handler was told
    bool locals_changed_ = false;
    Problem problem_;
};

// ---- arriving ----

bool Flow::start() {
    blocks_.assign(static_cast<size_t>(checked_.blocks), Block{});
    size_t words = static_cast<size_t>(code_.nlocals + 63) / 64;
    uint64_t cells = 0;
    for (size_t i = 0; i < code_.localspluskinds.size(); i++) {
        uint64_t bit = uint64_t{1} << i % 64;
        if (code_.localspluskinds[i] & (kLocalCell | kLocalFree)) cells |= bit;
        if (i % 64 != 63 && i + 1 != code_.localspluskinds.size()) continue;
        if (i < kFollowed)
            followed_.push_back({0, ~uint64_t{0}});
        else if (cells)
            followed_.push_back({i / 64, cells});
        cells = 0;
    }
    if (blocks_.size() * followed_.size() > kLargestState) return fail("too large to be checked");
    known_.assign(blocks_.size() * followed_.size(), States{});
    locals_.assign(words, States{~uint64_t{0}, 0, 0});
    visited_.assign(words, 0);
    int64_t parameters = int64_t{code_.argcount} + code_.kwonlyargcount +
                         ((code_.flags & kCodeVarArgs) != 0) + ((code_.flags & kCodeVarKeywords) != 0);
    for (int64_t i = 0; i < parameters; i++)
        locals_[static_cast<size_t>(i / 64)].set(static_cast<unsigned>(i % 64), kBound);
    return arrive(0, 0, nullptr, 0);
}

// Control may come to `unit` with the lowest `depth` entries of the stack and `pushed` on them.
bool Flow::arrive(int64_t unit, size_t depth, const Entry* pushed, size_t npushed) {
    auto number = static_cast<size_t>(checked_.units[static_cast<size_t>(unit)]);
    Block& block = blocks_[number];
    size_t total = depth + npushed;
    if (total > static_cast<size_t>(code_.stacksize)) return fail("stack depth out of range");
    bool changed = block.depth < 0;
    if (changed) {
        block.unit = unit;
        block.depth = static_cast<int>(total);
        block.stack = stacks_.size();
        stacks_.append({stack_.data(), depth});
        stacks_.append({pushed, npushed});
    } else {
        if (block.depth != static_cast<int>(total)) return fail("stack depth depends on the path");
        Entry* entries = stacks_.data() + block.stack;
        for (size_t i = 0; i < total; i++) {
            Entry both = either(entries[i], i < depth ? stack_[i] : pushed[i - depth]);
            changed |= both != entries[i];
            entries[i] = both;
        }
    }
    States* known = known_.data() + number * followed_.size();
    for (const Followed& f : followed_) {
        States here = states(static_cast<int64_t>(f.word) * 64);
        here.forget_all_but(f.mask);
        changed |= here.not_in(*known) != 0;
        known++->add(here);
    }
    changed |= (stage_ & ~block.stage) != 0;
    block.stage |= stage_;
    if (changed && !block.waiting) {
        block.waiting = true;
        waiting_.push_back(unit);
        std::push_heap(waiting_.begin(), waiting_.end(), std::greater<>());
    }
    return true;
}

void Flow::watch_handlers() {
    const auto& handlers = checked_.handlers;
    watched_ = handler_ == handlers.size() ? INT64_MAX : handlers[handler_].start / 2;
}

// The handler in force here sees the stack cut to its depth.
bool Flow::may_raise(Op op) {
    const auto& handlers = checked_.handlers;
    int64_t offset = at_ * 2;
    for (; handler_ < handlers.size() && handlers[handler_].end <= offset; handler_++) {
        touched_ = 0;
        locals_changed_ = true;
    }
    watch_handlers();
    if (at_ < watched_) return true;
    const HandlerRange& handler = handlers[handler_];
    int64_t left = static_cast<int64_t>(stack_.size());
    // (What is thrown in at a YIELD_VALUE finds what was sent along in the place of the value.)
    if (op_has(op, opflag::kError | opflag::kEscapes) && op != Op::YIELD_VALUE) left -= gone_;
    if (left < handler.depth) return fail("stack below its handler's");
    // What is thrown into a generator that did not start yet comes from here, too.
    if (op == Op::RETURN_GENERATOR) return fail("bad exception table entry");
    size_t depth = static_cast<size_t>(handler.depth);
    if (touched_ >= depth && !locals_changed_) return true;
    touched_ = SIZE_MAX;
    locals_changed_ = false;
    const Entry pushed[] = {{kLasti}, {kException}};
    return arrive(handler.target / 2, depth, handler.lasti ? pushed : pushed + 1, handler.lasti ? 2 : 1);
}

// ---- walking ----

Problem Flow::run() {
    if (!start()) return problem_;
    while (!waiting_.empty()) {
        int64_t unit = waiting_[0];
        std::pop_heap(waiting_.begin(), waiting_.end(), std::greater<>());
        waiting_.pop_back();
        if (!follow(blocks_[static_cast<size_t>(checked_.units[static_cast<size_t>(unit)])])) break;
    }
    return problem_;
}

void Flow::describe(int32_t block, Landing& landing) const {
    const Block& b = blocks_[static_cast<size_t>(block)];
    if (b.depth < 0) return;
    const Entry* entries = stacks_.data() + b.stack;
    landing.stack.assign(entries, entries + b.depth);
    landing.locals.assign(static_cast<size_t>(code_.nlocals), kUnknown);
    const States* known = known_.data() + static_cast<size_t>(block) * followed_.size();
    for (const Followed& f : followed_) {
        for (size_t bit = 0, i = f.word * 64; bit < 64 && i < landing.locals.size(); bit++, i++)
            landing.locals[i] = known->get(static_cast<unsigned>(bit));
        known++;
    }
    landing.generating = b.stage == kGenerating;
    landing.reached = b.stage == kGenerating || b.stage == kCalled;
}

// Goes on from a block's beginning until there is nothing to go on to, or the next block begins.
bool Flow::follow(Block& block) {
    block.waiting = false;
    stack_.clear();
    stack_.append({stacks_.data() + block.stack, static_cast<size_t>(block.depth)});
    visit_++;
    const States* known = known_.data() + static_cast<size_t>(&block - blocks_.data()) * followed_.size();
    for (const Followed& f : followed_) {
        visited_[f.word] = visit_;
        locals_[f.word] = *known++;
    }
    stage_ = block.stage;
    touched_ = 0;
    locals_changed_ = true;
    auto byte = [&](int64_t i) { return static_cast<uint8_t>(code_.code[static_cast<size_t>(i)]); };
    auto after = std::ranges::upper_bound(checked_.handlers, block.unit * 2, {}, &HandlerRange::end);
    handler_ = static_cast<size_t>(after - checked_.handlers.begin());
    watch_handlers();
    const int64_t size = static_cast<int64_t>(code_.code.size() / 2);
    for (int64_t unit = block.unit; unit >= 0;) {
        int64_t arg = 0;
        for (at_ = unit; Op{byte(2 * at_)} == Op::EXTENDED_ARG; at_++) arg = arg << 8 | byte(2 * at_ + 1);
        arg = arg << 8 | byte(2 * at_ + 1);
        Op op{byte(2 * at_)};
        int64_t next = at_ + 1 + kChanges[static_cast<unsigned>(op)].caches;
        if (!step(op, static_cast<int>(arg), next)) return problem_.text == nullptr;
        if (next == size) return fail("runs off the end");
        if (checked_.units[static_cast<size_t>(next)] >= 0) return arrive(next, stack_.size(), nullptr, 0);
        unit = next;
    }
    return true;
}

// What holds for every instruction.
bool Flow::begin(Op op, int oparg) {
    const LinearChange& linear = kChanges[static_cast<unsigned>(op)];
    bool known = linear.known;
    Change change = known ? linear.at(oparg) : change_by(op, oparg);
    int pops = known ? linear.pops + linear.pops_each * oparg : stack_use(op, oparg).pops;
    size_t depth = stack_.size();
    if (static_cast<size_t>(pops) > depth) return fail("stack runs empty");
    gone_ = change.gone;
    added_ = change.added;
    if (at_ >= watched_ && !may_raise(op)) return false;
    depth -= static_cast<size_t>(gone_);
    touched_ = std::min(touched_, depth);
    depth += static_cast<size_t>(added_);
    if (depth > static_cast<size_t>(code_.stacksize)) return fail("stack depth out of range");
    return true;
}

// False: the path ends here, or there is a problem.
bool Flow::step(Op op, int arg, int64_t next) {
    const LinearChange& info = kChanges[static_cast<unsigned>(op)];
    int oparg = info.jumps ? 0 : arg;  // the argument of a jump is no number of stack entries
    if (!begin(op, oparg)) return false;
    switch (op) {
#define OPERANDS(name, kept, needs, gives)     \
    case Op::name:                             \
        if (!(needs) || !take()) return false; \
        gives;                                 \
        break;
#define WRITTEN(name, kept, work)  \
    case Op::name:                 \
        if (!(work)) return false; \
        break;
#include "bytecode/operands.def"
        default:
            if (!take()) return false;
    }
    if (info.jumps && !arrive(jump_unit(op, next, arg), stack_.size(), nullptr, 0)) return false;
    return !info.ends;
}

// ---- operands ----

// An instruction takes entries off and adds others.
inline bool Flow::take() {
    uint32_t kinds = 0;
    size_t left = stack_.size() - static_cast<size_t>(gone_);
    for (const Entry* e = stack_.data() + left; e != stack_.end(); e++) kinds |= e->kinds;
    if (kinds & ~uint32_t{kObject}) return fail("operand missing");
    stack_.truncate(left);
    for (int i = 0; i < added_; i++) stack_.push_back({});
    return true;
}

bool Flow::wants(int64_t place, uint32_t kinds) {
    if (place > static_cast<int64_t>(stack_.size())) return fail("stack runs empty");
    Entry& e = entry(place);
    if (e.kinds & ~kinds) return fail("operand of the wrong kind");
    if (place <= gone_) e.kinds = kPlain;  // need not be a plain object as well
    return true;
}

bool Flow::all_want(int64_t n, uint32_t kinds) {
    for (int64_t place = 1; place <= n; place++)
        if (!wants(place, kinds)) return false;
    return true;
}

// The names of keyword arguments, which are among `values` arguments.
bool Flow::wants_names(int64_t values) {
    uint16_t count = entry(1).info;
    return wants(1, kNames) &&
           ((count != kUnknownCount && count <= values) || fail("operand of the wrong kind"));
}

// ---- locals ----

bool Flow::set_local(int64_t i, uint8_t state) {
    uint16_t lender = lender_of(i);
    for (const Entry& e : stack_)
        if (e.lender && (e.lender == lender || e.lender == kAnyLender))
            return fail("local changes while the stack borrows from it");
    note_local(i, state);
    return true;
}

void Flow::note_local(int64_t i, uint8_t state) {
    States& word = states(i);
    auto bit = static_cast<unsigned>(i % 64);
    if (word.get(bit) == state) return;
    word.set(bit, state);
    locals_changed_ = true;
}

bool Flow::load(int64_t i, bool borrow) {
    uint8_t state = local(i);
    uint16_t lender = borrow ? lender_of(i) : uint16_t{0};
    if (state == kBound) return push({kPlain, 0, lender});
    if (state & kUnbound) return fail("local may be unbound");
    uint32_t kinds = (state & kBound ? kPlain : 0u) | (state & kHoldsCell ? kCell : 0u);
    return push({kinds, 0, lender});
}

// Goes on only where the local is bound.
bool Flow::load_checked(int64_t i) {
    uint8_t state = local(i) & (kBound | kHoldsCell);
    if (!state) state = kBound;
    note_local(i, state);
    return load(i, false);
}

bool Flow::load_and_clear(int64_t i) {
    uint8_t state = local(i);
    uint32_t kinds =
        (state & kUnbound ? kNull : 0u) | (state & kBound ? kPlain : 0u) | (state & kHoldsCell ? kCell : 0u);
    return set_local(i, kUnbound) && push({kinds});
}

bool Flow::store(int64_t i) {
    uint32_t kinds = pop().kinds;
    if (kinds & kLacking) return fail("operand of the wrong kind");
    int state = (kinds & kNull ? kUnbound : 0) | (kinds & kCell ? kHoldsCell : 0) |
                (kinds & ~uint32_t{kNull | kCell} ? kBound : 0);
    return set_local(i, static_cast<uint8_t>(state));
}

// Free variables are the last of the locals.
bool Flow::copy_free_vars(int64_t n) {
    for (int64_t i = code_.nlocals - n; i < code_.nlocals; i++)
        if (!set_local(i, kHoldsCell)) return false;
    return true;
}

// ---- functions and generators ----

bool Flow::build_tuple(int n) {
    bool cells = n > 0;
    for (int place = 1; place <= n && cells; place++) cells = entry(place).kinds == kCell;
    if (!take()) return false;
    entry(1) = cells && n < kUnknownCount ? Entry{kCells, static_cast<uint16_t>(n)} : Entry{kTuple};
    return true;
}

bool Flow::make_function() {
    uint16_t cells = entry(1).info;
    if (!wants(1, kCode) || !take()) return false;
    entry(1) = cells ? Entry{kLacking, cells} : Entry{kFunction};
    return true;
}

// Value, function: the function stays.
bool Flow::set_function_attribute(int attribute) {
    Entry function = entry(1), value = entry(2);
    bool good = !(function.kinds & ~uint32_t{kFunction | kLacking});
    if (attribute == kFunctionCLOSURE) {
        good &= function.kinds == kLacking && value.kinds == kCells && value.info == function.info &&
                value.info != kUnknownCount;
        function = {kFunction};
    } else {
        // (A generic function's defaults are passed through a function: what they are is looked at when it
        // runs.)
        uint32_t kinds = attribute == kFunctionANNOTATE      ? uint32_t{kFunction}
                         : attribute == kFunctionANNOTATIONS ? kTuples | kDict
                                                             : uint32_t{kObject};
        good &= !(value.kinds & ~kinds);
    }
    if (!good) return fail("operand of the wrong kind");
    pop();
    entry(1) = function;
    return true;
}

// Once in a call, with nothing on the stack.
bool Flow::may_become_generator() {
    constexpr int kGenerators = kCodeGenerator | kCodeCoroutine | kCodeAsyncGenerator;
    if (!(code_.flags & kGenerators) || stage_ != kCalled || !stack_.empty())
        return fail("cannot become a generator here");
    stage_ = kGenerating;
    locals_changed_ = true;
    return true;
}

bool Flow::yields(int delegates) {
    if (stage_ != kGenerating) return fail("yields outside of a generator");
    // Below the value is what a generator delegates to, if it does.
    return (delegates == 0 || wants(2, kObject)) && take();
}

}  // namespace

Problem check_flow(const CodeView& code, const CheckedCode& checked, int32_t block, Landing* landing) {
    Flow flow(code, checked);
    Problem problem = flow.run();
    if (landing && !problem.text) flow.describe(block, *landing);
    return problem;
}

}  // namespace krait
