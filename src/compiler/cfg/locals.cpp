#include <algorithm>

#include "compiler/cfg/cfg.h"

namespace krait::cfg {

// ---- locals that may be unbound ----

namespace {
constexpr int kMaskedLocals = 64;  // more are looked at block by block, so that the cost stays linear

void enter(Block* block, uint64_t unbound, std::vector<Block*>& todo) {
    if ((block->maybe_unbound | unbound) == block->maybe_unbound) return;
    block->maybe_unbound |= unbound;
    if (block->visited) return;
    block->visited = true;  // is in todo
    todo.push_back(block);
}
}  // namespace

void Cfg::unbound_in_block(Block* block, std::vector<Block*>& todo) {
    uint64_t unbound = block->maybe_unbound;
    for (CfgInstr& instr : block->instrs) {
        if (instr.except != nullptr) enter(instr.except, unbound, todo);
        if (instr.arg < 0 || instr.arg >= kMaskedLocals) continue;
        uint64_t bit = uint64_t(1) << instr.arg;
        switch (instr.op) {
            case Op::DELETE_FAST:
            case Op::LOAD_FAST_AND_CLEAR:
            case Op::STORE_FAST_MAYBE_NULL:
                unbound |= bit;
                break;
            case Op::LOAD_FAST:
                if (unbound & bit) instr.op = Op::LOAD_FAST_CHECK;
                [[fallthrough]];
            case Op::STORE_FAST:
            case Op::LOAD_FAST_CHECK:
                unbound &= ~bit;
                break;
            default:
                break;
        }
    }
    if (block->next != nullptr && block->falls_through()) enter(block->next, unbound, todo);
    CfgInstr* last = block->last();
    if (last != nullptr && last->is_jump()) enter(last->target, unbound, todo);
}

void Cfg::unbound_beyond_mask() {
    std::vector<Block*> bound_in(unit_.varnames.size() - kMaskedLocals, nullptr);
    for (Block* b = entry_; b != nullptr; b = b->next) {
        for (CfgInstr& instr : b->instrs) {
            if (!op_has(instr.op, opflag::kLocal) || instr.arg < kMaskedLocals ||
                instr.arg >= int(unit_.varnames.size())) {
                continue;
            }
            Block*& bound = bound_in[instr.arg - kMaskedLocals];
            switch (instr.op) {
                case Op::DELETE_FAST:
                case Op::LOAD_FAST_AND_CLEAR:
                case Op::STORE_FAST_MAYBE_NULL:
                    bound = nullptr;
                    break;
                case Op::LOAD_FAST:
                    if (bound != b) instr.op = Op::LOAD_FAST_CHECK;
                    [[fallthrough]];
                case Op::STORE_FAST:
                    bound = b;
                    break;
                default:
                    break;
            }
        }
    }
}

void Cfg::check_unbound_locals() {
    int count = static_cast<int>(unit_.varnames.size());
    if (count == 0) return;
    if (count > kMaskedLocals) {
        unbound_beyond_mask();
        count = kMaskedLocals;
    }
    for (Block* b = entry_; b != nullptr; b = b->next) {
        b->maybe_unbound = 0;
        b->visited = false;
    }
    uint64_t unbound = 0;
    for (int i = unit_.parameter_count; i < count; i++) unbound |= uint64_t(1) << i;
    std::vector<Block*> todo;
    enter(entry_, unbound, todo);
    // Every block once, for what it unbinds itself; then what follows from that.
    for (Block* b = entry_; b != nullptr; b = b->next) unbound_in_block(b, todo);
    while (!todo.empty()) {
        Block* block = todo.back();
        todo.pop_back();
        block->visited = false;
        unbound_in_block(block, todo);
    }
}

// ---- cells ----

// Puts before the first instruction, in this order: COPY_FREE_VARS, a MAKE_CELL for each cell in the order of
// the locals, and what makes a generator.
void Cfg::insert_prefix(const std::vector<int>& fixed) {
    auto& instrs = entry_->instrs;
    if (unit_.flags & (kCodeGenerator | kCodeCoroutine | kCodeAsyncGenerator)) {
        Location loc{unit_.firstlineno, unit_.firstlineno, -1, -1};
        instrs.insert(arena_, 0, {Op::POP_TOP, 0, loc, nullptr, nullptr});
        instrs.insert(arena_, 0, {Op::RETURN_GENERATOR, 0, loc, nullptr, nullptr});
    }
    std::vector<int> cells(unit_.cellvars.size());
    for (size_t i = 0; i < cells.size(); i++) cells[i] = static_cast<int>(i);
    std::ranges::sort(cells, {}, [&](int cell) { return fixed[cell]; });
    uint32_t body = instrs.size();
    for (int cell : cells) instrs.push(arena_, {Op::MAKE_CELL, cell, kNoLocation, nullptr, nullptr});
    std::rotate(instrs.begin(), instrs.begin() + body, instrs.end());
    if (int free = static_cast<int>(unit_.freevars.size()); free > 0) {
        instrs.insert(arena_, 0, {Op::COPY_FREE_VARS, free, kNoLocation, nullptr, nullptr});
    }
}

int Cfg::prepare_locals() {
    int locals = static_cast<int>(unit_.varnames.size()), cells = static_cast<int>(unit_.cellvars.size());
    int count = locals + cells + static_cast<int>(unit_.freevars.size());
    // Where each cell or free variable lives among the locals-plus; a parameter that is a cell shares its
    // place.
    std::vector<int> fixed(count - locals);
    for (int i = 0; i < int(fixed.size()); i++) fixed[i] = locals + i;
    for (int i = 0; i < cells; i++) {
        auto found = std::ranges::find(unit_.varnames, unit_.cellvars[i]);
        if (found != unit_.varnames.end()) fixed[i] = static_cast<int>(found - unit_.varnames.begin());
    }
    insert_prefix(fixed);
    int dropped = 0;
    for (int i = 0; i < int(fixed.size()); i++) {
        if (fixed[i] == locals + i) {
            fixed[i] -= dropped;
        } else {
            dropped++;
        }
    }
    for (Block* b = entry_; b != nullptr; b = b->next) {
        for (CfgInstr& instr : b->instrs) {
            switch (instr.op) {
                case Op::MAKE_CELL:
                case Op::LOAD_CLOSURE:
                case Op::LOAD_DEREF:
                case Op::STORE_DEREF:
                case Op::DELETE_DEREF:
                case Op::LOAD_FROM_DICT_OR_DEREF:
                    if (static_cast<size_t>(instr.arg) < fixed.size()) instr.arg = fixed[instr.arg];
                    break;
                default:
                    break;
            }
        }
    }
    return count - dropped;
}

// ---- borrowed references ----

namespace {

// The stack of one block with, for each entry, the load that produced it.
class BorrowAnalysis {
  public:
    BorrowAnalysis(std::vector<Block*>& todo) : todo_(todo) {}
    void run(Block* block);

  private:
    static constexpr int kOther = -1;  // not from a load in this block, or not of a local
    struct Entry {
        int instr;
        int local;
    };

    void push(Entry entry) { stack_.push_back(entry); }
    void push_other() { push({kOther, kOther}); }
    Entry pop() {
        if (stack_.empty()) return {kOther, kOther};  // only in what no code generator wrote
        Entry top = stack_.back();
        stack_.pop_back();
        return top;
    }
    bool reaches(int entry) const { return entry > 0 && static_cast<size_t>(entry) <= stack_.size(); }
    void pop_push(int pops, int pushes) {
        while (pops-- > 0) pop();
        while (pushes-- > 0) push_other();
    }
    void keep(Entry entry) {
        if (entry.instr >= 0 && static_cast<size_t>(entry.instr) < keep_.size()) keep_[entry.instr] = true;
    }
    // The local is rebound: what was loaded from it must own its reference.
    void kill(int local) {
        for (const Entry& entry : stack_) {
            if (entry.local == local) keep(entry);
        }
    }
    void store(int local, Entry entry) {
        kill(local);
        keep(entry);
    }
    void enter(Block* block) {
        if (block == nullptr || block->visited) return;
        block->visited = true;
        todo_.push_back(block);
    }
    void step(const CfgInstr& instr, int i);
    bool step_local(const CfgInstr& instr, int i);

    std::vector<Block*>& todo_;
    std::vector<Entry> stack_;
    std::vector<bool> keep_;  // the load at this index must own
};

bool BorrowAnalysis::step_local(const CfgInstr& instr, int i) {
    switch (instr.op) {
        case Op::DELETE_FAST:
            kill(instr.arg);
            return true;
        case Op::LOAD_FAST:
            push({i, instr.arg});
            return true;
        case Op::LOAD_FAST_AND_CLEAR:
            kill(instr.arg);
            push({i, instr.arg});
            return true;
        case Op::LOAD_FAST_LOAD_FAST:
            push({i, instr.arg >> 4});
            push({i, instr.arg & 15});
            return true;
        case Op::STORE_FAST:
            store(instr.arg, pop());
            return true;
        case Op::STORE_FAST_LOAD_FAST:
            store(instr.arg >> 4, pop());
            push({i, instr.arg & 15});
            return true;
        case Op::STORE_FAST_STORE_FAST:
            store(instr.arg >> 4, pop());
            store(instr.arg & 15, pop());
            return true;
        default:
            return false;
    }
}

void BorrowAnalysis::step(const CfgInstr& instr, int i) {
    if (step_local(instr, i)) return;
    StackUse use = stack_use(instr.op, instr.arg);
    switch (instr.op) {
        case Op::COPY:
            if (reaches(instr.arg)) push(stack_[stack_.size() - instr.arg]);
            return;
        case Op::SWAP:
            if (reaches(instr.arg)) std::swap(stack_.back(), stack_[stack_.size() - instr.arg]);
            return;
        // Leave all their operands.
        case Op::FORMAT_SIMPLE:
        case Op::GET_ANEXT:
        case Op::GET_LEN:
        case Op::GET_YIELD_FROM_ITER:
        case Op::IMPORT_FROM:
        case Op::MATCH_KEYS:
        case Op::MATCH_MAPPING:
        case Op::MATCH_SEQUENCE:
        case Op::WITH_EXCEPT_START:
            // CPython charges what these push to the block's first instructions; so must we.
            for (int k = 0; k < use.pushes - use.pops; k++) push({k, kOther});
            return;
        // Take some and leave the rest.
        case Op::DICT_MERGE:
        case Op::DICT_UPDATE:
        case Op::LIST_APPEND:
        case Op::LIST_EXTEND:
        case Op::MAP_ADD:
        case Op::RERAISE:
        case Op::SET_ADD:
        case Op::SET_UPDATE:
            pop_push(use.pops - use.pushes, 0);
            return;
        case Op::END_SEND:
        case Op::SET_FUNCTION_ATTRIBUTE: {
            Entry top = pop();
            pop();
            push(top);
            return;
        }
        case Op::CHECK_EXC_MATCH:
            pop_push(1, 1);
            return;
        case Op::FOR_ITER:
            enter(instr.target);
            push_other();
            return;
        case Op::LOAD_ATTR:
        case Op::LOAD_SUPER_ATTR: {
            Entry self = pop();
            if (instr.op == Op::LOAD_SUPER_ATTR) pop_push(2, 0);
            push_other();
            if (instr.arg & 1) push(self);  // of a method call
            return;
        }
        case Op::LOAD_SPECIAL:
        case Op::PUSH_EXC_INFO: {
            Entry top = pop();
            push_other();
            push(top);
            return;
        }
        case Op::SEND:
            enter(instr.target);
            pop_push(1, 1);
            return;
        default:
            if (instr.has_target()) enter(instr.target);
            if (!op_has(instr.op, opflag::kBlock)) pop_push(use.pops, use.pushes);
            return;
    }
}

void BorrowAnalysis::run(Block* block) {
    stack_.assign(std::max(block->start_depth, 0), {kOther, kOther});
    keep_.assign(block->instrs.size(), false);
    for (uint32_t i = 0; i < block->instrs.size(); i++) step(block->instrs[i], static_cast<int>(i));
    // As in CPython, what follows an emptied block is not looked at unless something jumps there.
    if (block->next != nullptr && !block->instrs.empty() && block->falls_through()) enter(block->next);
    for (const Entry& entry : stack_) keep(entry);
    for (uint32_t i = 0; i < block->instrs.size(); i++) {
        CfgInstr& instr = block->instrs[i];
        if (keep_[i]) continue;
        if (instr.op == Op::LOAD_FAST) instr.op = Op::LOAD_FAST_BORROW;
        if (instr.op == Op::LOAD_FAST_LOAD_FAST) instr.op = Op::LOAD_FAST_BORROW_LOAD_FAST_BORROW;
    }
}

}  // namespace

void Cfg::borrow_locals() {
    clear_visited();
    std::vector<Block*> todo{entry_};
    entry_->visited = true;
    BorrowAnalysis analysis(todo);
    while (!todo.empty()) {
        Block* block = todo.back();
        todo.pop_back();
        analysis.run(block);
    }
}

}  // namespace krait::cfg
