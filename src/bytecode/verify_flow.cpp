// The paths through a code object. A block begins wherever control may arrive from elsewhere; for each one is
// kept what may be on the stack and in the locals there, over all ways into it, until nothing new is found.
#include "bytecode/verify_flow.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <queue>

namespace krait {

namespace {

// Is the frame that of a generator already?
enum Stage : uint8_t { kCalled = 1, kGenerating = 2 };

// As in CPython's compiler, only the first locals, and those with cells, are followed from block to block: of
// the others nothing is known where a block begins, so that large functions take no more time than their
// size.
constexpr int64_t kFollowed = 64;
constexpr uint8_t kUnknown = kUnbound | kBound;
constexpr size_t kLargestState = size_t{1} << 28;  // blocks times locals

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

class Flow {
  public:
    Flow(const CodeView& code, const CheckedCode& checked)
        : code_(code), checked_(checked), blocks_(static_cast<size_t>(checked.blocks)) {}
    Problem run();
    // What is known at the beginning of a block.
    void describe(int32_t block, Landing& landing) const;

  private:
    struct Block {
        int64_t unit = -1;
        int depth = -1;    // not reached
        size_t stack = 0;  // its entries are stacks_[stack...]
        bool waiting = false;
    };

    bool fail(const char* text) {
        if (!problem_.text) problem_ = {text, at_};
        return false;
    }
    bool start();
    bool follow(Block& block);
    bool step(Op op, int oparg, int64_t next);
    bool may_raise(Op op);
    bool arrive(int64_t unit, size_t depth, const Entry* pushed, size_t npushed);
    bool work(Op op, int oparg);
    bool replace(Op op, int oparg);

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
    // Of operands.def.
    bool needs(Op op, int oparg);
    void gives(Op op, int oparg);
    bool wants(int64_t place, uint32_t kinds);
    bool wants_names(int64_t values);
    bool all_want(int64_t n, uint32_t kinds);
    void put(int64_t place, uint32_t kinds) { entry(place).kinds = kinds; }
    void same(int64_t place) { entry(place) = top_; }
    void pass(int64_t place, uint32_t kinds) { entry(place) = {kinds, 0, top_.lender}; }

    // ---- locals ----
    uint8_t& local(int64_t i) {
        auto at = static_cast<size_t>(i);
        if (i >= kFollowed && visited_[at] != visit_ && !may_hold_cell(i)) {
            visited_[at] = visit_;
            locals_[at] = kUnknown;
        }
        return locals_[at];
    }
    bool may_hold_cell(int64_t i) const {
        return code_.localspluskinds[static_cast<size_t>(i)] & (kLocalCell | kLocalFree);
    }
    // Calls work(state here, state known of the block) for what is followed.
    template <class Work>
    void each_followed(size_t block, Work work) {
        uint8_t* known = &known_[block * (followed_.size() + 1)];
        for (size_t i = 0; i < followed_.size(); i++)
            work(locals_[static_cast<size_t>(followed_[i])], known[i]);
        work(stage_, known[followed_.size()]);
    }
    bool set_local(int64_t i, uint8_t state);
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

    const CodeView& code_;
    const CheckedCode& checked_;
    std::vector<Block> blocks_;
    std::vector<Entry> stacks_;
    std::vector<int32_t> followed_;  // locals
    std::vector<uint8_t> known_;     // of them and of the stage, of one block after another
    std::priority_queue<int64_t, std::vector<int64_t>, std::greater<int64_t>> waiting_;  // units

    // Where the path is, and what is known there.
    int64_t at_ = -1;
    size_t handler_ = 0;  // the first one that ends behind at_
    std::vector<Entry> stack_;
    std::vector<uint8_t> locals_;
    std::vector<uint32_t> visited_;  // of locals that are not followed: when their state was noted
    uint32_t visit_ = 0;
    uint8_t stage_ = kCalled;
    int gone_ = 0, added_ = 0;  // how many entries the instruction takes off, and puts there then
    Entry top_;                 // what was on top before it
    size_t touched_ = 0;        // entries from here on may be others than the handler was told
    bool locals_changed_ = false;
    Problem problem_;
};

// ---- arriving ----

bool Flow::start() {
    locals_.assign(static_cast<size_t>(code_.nlocals), kUnbound);
    if (code_.nlocals > kFollowed) visited_.assign(locals_.size(), 0);
    for (int64_t i = 0; i < code_.nlocals; i++)
        if (i < kFollowed || may_hold_cell(i)) followed_.push_back(static_cast<int32_t>(i));
    size_t size = blocks_.size() * (followed_.size() + 1);
    if (size > kLargestState) return fail("too large to be checked");
    known_.assign(size, 0);
    int64_t parameters = int64_t{code_.argcount} + code_.kwonlyargcount +
                         ((code_.flags & kCodeVarArgs) != 0) + ((code_.flags & kCodeVarKeywords) != 0);
    std::fill_n(locals_.begin(), parameters, uint8_t{kBound});
    return arrive(0, 0, nullptr, 0);
}

// Control may come to `unit` with the lowest `depth` entries of the stack and `pushed` on them.
bool Flow::arrive(int64_t unit, size_t depth, const Entry* pushed, size_t npushed) {
    int32_t number = checked_.units[static_cast<size_t>(unit)];
    Block& block = blocks_[static_cast<size_t>(number)];
    size_t total = depth + npushed;
    if (total > static_cast<size_t>(code_.stacksize)) return fail("stack depth out of range");
    bool changed = block.depth < 0;
    if (changed) {
        block.unit = unit;
        block.depth = static_cast<int>(total);
        block.stack = stacks_.size();
        stacks_.insert(stacks_.end(), stack_.begin(), stack_.begin() + static_cast<std::ptrdiff_t>(depth));
        stacks_.insert(stacks_.end(), pushed, pushed + npushed);
    } else {
        if (block.depth != static_cast<int>(total)) return fail("stack depth depends on the path");
        for (size_t i = 0; i < total; i++) {
            Entry& known = stacks_[block.stack + i];
            Entry both = either(known, i < depth ? stack_[i] : pushed[i - depth]);
            changed |= both != known;
            known = both;
        }
    }
    each_followed(static_cast<size_t>(number), [&](uint8_t here, uint8_t& known) {
        changed |= (here & ~known) != 0;
        known |= here;
    });
    if (changed && !block.waiting) {
        block.waiting = true;
        waiting_.push(unit);
    }
    return true;
}

// The handler in force here sees the stack cut to its depth.
bool Flow::may_raise(Op op) {
    const auto& handlers = checked_.handlers;
    int64_t offset = at_ * 2;
    for (; handler_ < handlers.size() && handlers[handler_].end <= offset; handler_++) {
        touched_ = 0;
        locals_changed_ = true;
    }
    if (handler_ == handlers.size() || handlers[handler_].start > offset) return true;
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
        int64_t unit = waiting_.top();
        waiting_.pop();
        if (!follow(blocks_[static_cast<size_t>(checked_.units[static_cast<size_t>(unit)])])) break;
    }
    return problem_;
}

void Flow::describe(int32_t block, Landing& landing) const {
    const Block& b = blocks_[static_cast<size_t>(block)];
    if (b.depth < 0) return;
    landing.stack.assign(stacks_.begin() + static_cast<std::ptrdiff_t>(b.stack),
                         stacks_.begin() + static_cast<std::ptrdiff_t>(b.stack) + b.depth);
    landing.locals.assign(static_cast<size_t>(code_.nlocals), kUnknown);
    const uint8_t* known = &known_[static_cast<size_t>(block) * (followed_.size() + 1)];
    for (size_t i = 0; i < followed_.size(); i++)
        landing.locals[static_cast<size_t>(followed_[i])] = known[i];
    uint8_t stage = known[followed_.size()];
    landing.generating = stage == kGenerating;
    landing.reached = stage == kGenerating || stage == kCalled;
}

// Goes on from a block's beginning until there is nothing to go on to, or the next block begins.
bool Flow::follow(Block& block) {
    block.waiting = false;
    const Entry* entries = stacks_.data() + block.stack;
    stack_.assign(entries, entries + block.depth);
    visit_++;
    each_followed(static_cast<size_t>(&block - blocks_.data()),
                  [](uint8_t& here, uint8_t known) { here = known; });
    touched_ = 0;
    locals_changed_ = true;
    auto byte = [&](int64_t i) { return static_cast<uint8_t>(code_.code[static_cast<size_t>(i)]); };
    auto after = std::ranges::upper_bound(checked_.handlers, block.unit * 2, {}, &HandlerRange::end);
    handler_ = static_cast<size_t>(after - checked_.handlers.begin());
    const int64_t size = static_cast<int64_t>(code_.code.size() / 2);
    for (int64_t unit = block.unit; unit >= 0;) {
        int64_t arg = 0;
        for (at_ = unit; Op{byte(2 * at_)} == Op::EXTENDED_ARG; at_++) arg = arg << 8 | byte(2 * at_ + 1);
        arg = arg << 8 | byte(2 * at_ + 1);
        Op op{byte(2 * at_)};
        int64_t next = at_ + 1 + cache_count(op);
        if (!step(op, static_cast<int>(arg), next)) return problem_.text == nullptr;
        if (next == size) return fail("runs off the end");
        if (checked_.units[static_cast<size_t>(next)] >= 0) return arrive(next, stack_.size(), nullptr, 0);
        unit = next;
    }
    return true;
}

// Entries that the instruction pops and leaves where they are.
int kept_operands(Op op, [[maybe_unused]] int oparg) {
    switch (op) {
#define OPERANDS(name, kept, needs, gives) \
    case Op::name:                         \
        return kept;
#include "bytecode/operands.def"
        case Op::COPY:
            return oparg;
        default:
            return 0;
    }
}

// False: the path ends here, or there is a problem.
bool Flow::step(Op op, int oparg, int64_t next) {
    bool jump = op_has(op, opflag::kJump) && op != Op::END_ASYNC_FOR;
    StackUse use = stack_use(op, jump ? 0 : oparg);  // the argument of a jump is no number of stack entries
    if (static_cast<size_t>(use.pops) > stack_.size()) return fail("stack runs empty");
    int kept = kept_operands(op, oparg);
    gone_ = use.pops - kept;
    added_ = use.pushes - kept;
    if (!may_raise(op)) return false;
    touched_ = std::min(touched_, stack_.size() - static_cast<size_t>(gone_));
    if (!work(op, oparg)) return false;
    if (stack_.size() > static_cast<size_t>(code_.stacksize)) return fail("stack depth out of range");
    if (jump && !arrive(jump_unit(op, next, oparg), stack_.size(), nullptr, 0)) return false;
    return !op_has(op, opflag::kExit) && op != Op::JUMP_FORWARD && op != Op::JUMP_BACKWARD &&
           op != Op::JUMP_BACKWARD_NO_INTERRUPT;
}

bool Flow::work(Op op, int oparg) {
    int high = oparg >> 4, low = oparg & 15;
    switch (op) {
        case Op::LOAD_FAST:
            return load(oparg, false);
        case Op::LOAD_FAST_BORROW:
            return load(oparg, true);
        case Op::LOAD_FAST_CHECK:
            return load_checked(oparg);
        case Op::LOAD_FAST_AND_CLEAR:
            return load_and_clear(oparg);
        case Op::LOAD_FAST_LOAD_FAST:
            return load(high, false) && load(low, false);
        case Op::LOAD_FAST_BORROW_LOAD_FAST_BORROW:
            return load(high, true) && load(low, true);
        case Op::STORE_FAST:
            return store(oparg);
        case Op::STORE_FAST_LOAD_FAST:
            return store(high) && load(low, false);
        case Op::STORE_FAST_STORE_FAST:
            return store(high) && store(low);
        case Op::DELETE_FAST:
            return set_local(oparg, kUnbound);
        case Op::MAKE_CELL:
            return set_local(oparg, kHoldsCell);
        case Op::COPY_FREE_VARS:
            return copy_free_vars(oparg);
        case Op::LOAD_DEREF:
        case Op::STORE_DEREF:
        case Op::DELETE_DEREF:
        case Op::LOAD_FROM_DICT_OR_DEREF:
            return holds_cell(oparg) && replace(op, oparg);
        case Op::LOAD_CONST:
            return push(code_.constant(code_.owner, oparg));
        case Op::COPY:
            return push(entry(oparg));
        case Op::SWAP:
            return swap(oparg);
        case Op::BUILD_TUPLE:
            return build_tuple(oparg);
        case Op::MAKE_FUNCTION:
            return make_function();
        case Op::SET_FUNCTION_ATTRIBUTE:
            return set_function_attribute(oparg);
        case Op::RETURN_GENERATOR:
            return may_become_generator() && replace(op, oparg);
        case Op::YIELD_VALUE:
            if (stage_ != kGenerating) return fail("yields outside of a generator");
            // Below the value is what a generator delegates to, if it does.
            return (oparg == 0 || wants(2, kObject)) && replace(op, oparg);
        default:
            return replace(op, oparg);
    }
}

// An instruction that takes entries off and adds others.
bool Flow::replace(Op op, int oparg) {
    if (!stack_.empty()) top_ = stack_.back();
    if (!needs(op, oparg)) return false;
    for (int place = 1; place <= gone_; place++)
        if (entry(place).kinds & ~uint32_t{kObject}) return fail("operand missing");
    stack_.resize(stack_.size() - static_cast<size_t>(gone_));
    stack_.resize(stack_.size() + static_cast<size_t>(added_));
    gives(op, oparg);
    return true;
}

// ---- operands ----

bool Flow::needs(Op op, [[maybe_unused]] int oparg) {
    switch (op) {
#define OPERANDS(name, kept, needs, gives) \
    case Op::name:                         \
        return needs;
#include "bytecode/operands.def"
        default:
            return true;
    }
}

void Flow::gives(Op op, [[maybe_unused]] int oparg) {
    switch (op) {
#define OPERANDS(name, kept, needs, gives) \
    case Op::name: {                       \
        gives;                             \
        break;                             \
    }
#include "bytecode/operands.def"
        default:
            break;
    }
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
    locals_changed_ |= local(i) != state;
    local(i) = state;
    return true;
}

bool Flow::load(int64_t i, bool borrow) {
    uint8_t state = local(i);
    if (state & kUnbound) return fail("local may be unbound");
    uint32_t kinds = (state & kBound ? kPlain : 0u) | (state & kHoldsCell ? kCell : 0u);
    return push({kinds, 0, borrow ? lender_of(i) : uint16_t{0}});
}

// Goes on only where the local is bound.
bool Flow::load_checked(int64_t i) {
    uint8_t state = local(i) & (kBound | kHoldsCell);
    if (!state) state = kBound;
    locals_changed_ |= local(i) != state;
    local(i) = state;
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
    if (!replace(Op::BUILD_TUPLE, n)) return false;
    entry(1) = cells && n < kUnknownCount ? Entry{kCells, static_cast<uint16_t>(n)} : Entry{kTuple};
    return true;
}

bool Flow::make_function() {
    uint16_t cells = entry(1).info;
    if (!wants(1, kCode) || !replace(Op::MAKE_FUNCTION, 0)) return false;
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

}  // namespace

Problem check_flow(const CodeView& code, const CheckedCode& checked, int32_t block, Landing* landing) {
    Flow flow(code, checked);
    Problem problem = flow.run();
    if (landing && !problem.text) flow.describe(block, *landing);
    return problem;
}

}  // namespace krait
