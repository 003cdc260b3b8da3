#include "compiler/cfg/cfg.h"

namespace krait::cfg {

bool Block::has_no_line() {
    for (const CfgInstr& instr : instrs) {
        if (instr.loc.line >= 0) return false;
    }
    return true;
}

// ---- inlining ----

bool Cfg::inline_target(Block* block) {
    constexpr uint32_t kSmall = 4;
    CfgInstr* last = block->last();
    if (last == nullptr || !is_unconditional_jump(last->op)) return false;
    Block* target = last->target;
    bool small_exit = target->exits_scope() && target->instrs.size() <= kSmall;
    bool lineless_jump = target->has_no_line() && !target->falls_through();
    if (!small_exit && !lineless_jump) return false;
    Op removed = last->op;
    last->make_nop();
    block->instrs.append(arena_, target->instrs);
    if (lineless_jump) {
        // Of the two jumps, one that polls for signals must remain.
        last = block->last();
        if (is_unconditional_jump(last->op) && removed == Op::JUMP) last->op = Op::JUMP;
    }
    target->predecessors--;
    return true;
}

void Cfg::inline_small_blocks() {
    bool changed;
    do {
        changed = false;
        for (Block* b = entry_; b != nullptr; b = b->next) changed |= inline_target(b);
    } while (changed);
}

// ---- reachability ----

void Cfg::remove_unreachable() {
    for (Block* b = entry_; b != nullptr; b = b->next) {
        b->visited = false;
        b->predecessors = 0;
    }
    std::vector<Block*> todo{entry_};
    entry_->visited = true;
    entry_->predecessors = 1;
    auto reach = [&](Block* block) {
        block->predecessors++;
        if (block->visited) return;
        block->visited = true;
        todo.push_back(block);
    };
    while (!todo.empty()) {
        Block* block = todo.back();
        todo.pop_back();
        if (block->next != nullptr && block->falls_through()) reach(block->next);
        for (CfgInstr& instr : block->instrs) {
            if (instr.has_target()) reach(instr.target);
        }
    }
    for (Block* b = entry_; b != nullptr; b = b->next) {
        if (b->predecessors > 0) continue;
        b->instrs.truncate(0);
        b->except_handler = false;
    }
}

void Cfg::mark_warm_and_cold() {
    clear_visited();
    std::vector<Block*> todo;
    auto push = [&](Block* block) {
        if (block->visited || block->warm) return;
        block->visited = true;
        todo.push_back(block);
    };
    auto drain = [&](bool Block::* mark) {
        while (!todo.empty()) {
            Block* block = todo.back();
            todo.pop_back();
            block->*mark = true;
            if (block->next != nullptr && block->falls_through()) push(block->next);
            for (CfgInstr& instr : block->instrs) {
                if (instr.is_jump()) push(instr.target);
            }
        }
    };
    push(entry_);
    drain(&Block::warm);
    for (Block* b = entry_; b != nullptr; b = b->next) {
        if (b->except_handler) push(b);
    }
    drain(&Block::cold);
}

void Cfg::push_cold_to_end() {
    if (entry_->next == nullptr) return;
    mark_warm_and_cold();
    for (Block* b = entry_; b != nullptr; b = b->next) {
        if (!b->cold || b->next == nullptr || !b->next->warm || !b->falls_through()) continue;
        Block* jump = new_block();
        b->next->labeled = true;
        add(jump, Op::JUMP_NO_INTERRUPT, b->next, kNoLocation);
        jump->cold = true;
        jump->predecessors = 1;
        jump->next = b->next;
        b->next = jump;
    }
    Block* cold = nullptr;
    Block** cold_end = &cold;
    Block* b = entry_;
    while (b->next != nullptr) {
        if (!b->next->cold) {
            b = b->next;
            continue;
        }
        *cold_end = b->next;
        while (*cold_end != nullptr && (*cold_end)->cold) cold_end = &(*cold_end)->next;
        b->next = *cold_end;
        *cold_end = nullptr;
    }
    b->next = cold;
    if (cold != nullptr) remove_redundant_nops_and_jumps();
}

// ---- no-ops ----

// The line that `block` starts with once no-ops without a line are gone.
static int32_t first_line(Block* block) {
    for (const CfgInstr& instr : block->instrs) {
        if (instr.op != Op::NOP || instr.loc.line != kNoLocation.line) return instr.loc.line;
    }
    return kNoLocation.line;
}

// A NOP stays only where it is the one instruction on its line, for tracing.
int Cfg::remove_nops(Block* block) {
    auto& instrs = block->instrs;
    uint32_t kept = 0;
    int32_t previous_line = -1;
    uint32_t count = instrs.size();
    for (uint32_t i = 0; i < count; i++) {
        const Location loc = instrs[i].loc;
        if (instrs[i].op == Op::NOP) {
            if (loc.line == kNoLocation.line || loc.line == previous_line) continue;
            if (i + 1 < count) {
                int32_t next_line = instrs[i + 1].loc.line;
                if (next_line == loc.line) continue;
                if (next_line < 0) {  // kNextLocation too
                    instrs[i + 1].loc = loc;
                    continue;
                }
            } else if (Block* next = next_nonempty(block->next);
                       next != nullptr && first_line(next) == loc.line) {
                continue;
            }
        }
        if (kept != i) instrs[kept] = instrs[i];
        kept++;
        previous_line = loc.line;
    }
    instrs.truncate(kept);
    return static_cast<int>(count - kept);
}

void Cfg::remove_redundant_nops() {
    for (Block* b = entry_; b != nullptr; b = b->next) remove_nops(b);
}

int Cfg::remove_redundant_jumps() {
    int changes = 0;
    for (Block* b = entry_; b != nullptr; b = b->next) {
        CfgInstr* last = b->last();
        if (last == nullptr || !is_unconditional_jump(last->op)) continue;
        Block* target = next_nonempty(last->target);
        if (target != nullptr && target == next_nonempty(b->next)) {
            last->make_nop();
            changes++;
        }
    }
    return changes;
}

void Cfg::remove_redundant_nops_and_jumps() {
    int changes;
    do {
        changes = 0;
        for (Block* b = entry_; b != nullptr; b = b->next) changes += remove_nops(b);
        changes += remove_redundant_jumps();
    } while (changes > 0);
}

// ---- lines ----

namespace {
bool polls(Block* block) {
    for (const CfgInstr& instr : block->instrs) {
        if (op_has(instr.op, opflag::kEvalBreak)) return true;
    }
    return false;
}

// Tracing must see such a block on the line it was reached from.
bool needs_line_of_predecessor(Block* block) {
    return (block->exits_scope() || polls(block)) && block->has_no_line();
}
}  // namespace

void Cfg::copy_shared_exits() {
    for (Block* b = entry_; b != nullptr; b = b->next) {
        CfgInstr* last = b->last();
        if (last == nullptr || !last->is_jump()) continue;
        Block* target = next_nonempty(last->target);
        if (target == nullptr || target->predecessors <= 1 || !needs_line_of_predecessor(target)) continue;
        Block* copy = new_block();
        copy->instrs.append(arena_, target->instrs);
        copy->instrs[0].loc = last->loc;
        copy->labeled = true;
        copy->predecessors = 1;
        copy->next = target->next;
        last->target = copy;
        target->next = copy;
        target->predecessors--;
    }
    // Those that are left are reached by falling through only.
    for (Block* b = entry_; b != nullptr; b = b->next) {
        if (b->next == nullptr || b->instrs.empty() || b->next->instrs.empty() || !b->falls_through())
            continue;
        if (needs_line_of_predecessor(b->next)) b->next->instrs[0].loc = b->last()->loc;
    }
}

void Cfg::propagate_lines() {
    for (Block* b = entry_; b != nullptr; b = b->next) {
        CfgInstr* last = b->last();
        if (last == nullptr) continue;
        Location previous = kNoLocation;
        for (CfgInstr& instr : b->instrs) {
            if (instr.loc.line == kNoLocation.line) {
                instr.loc = previous;
            } else {
                previous = instr.loc;
            }
        }
        auto pass_on = [&](Block* to) {
            if (to->predecessors != 1 || to->instrs.empty()) return;
            if (to->instrs[0].loc.line == kNoLocation.line) to->instrs[0].loc = previous;
        };
        if (b->next != nullptr && b->falls_through()) pass_on(b->next);
        if (last->is_jump()) pass_on(last->target);
    }
}

void Cfg::resolve_lines() {
    copy_shared_exits();
    propagate_lines();
}

// ---- final form of conditional jumps ----

void Cfg::normalize_jump(Block* block) {
    CfgInstr* last = block->last();
    if (last == nullptr || !is_conditional_jump(last->op)) return;
    if (!last->target->visited) {
        add(block, Op::NOT_TAKEN, nullptr, last->loc);
        return;
    }
    // Backwards: jump over a plain jump back when the condition does not hold.
    Block* back = new_block();
    back->visited = true;
    back->cold = block->cold;
    back->start_depth = last->target->start_depth;
    add(back, Op::NOT_TAKEN, nullptr, last->loc);
    add(back, Op::JUMP, last->target, last->loc);
    switch (last->op) {
        case Op::POP_JUMP_IF_FALSE:
            last->op = Op::POP_JUMP_IF_TRUE;
            break;
        case Op::POP_JUMP_IF_TRUE:
            last->op = Op::POP_JUMP_IF_FALSE;
            break;
        case Op::POP_JUMP_IF_NONE:
            last->op = Op::POP_JUMP_IF_NOT_NONE;
            break;
        default:
            last->op = Op::POP_JUMP_IF_NONE;
            break;
    }
    last->target = block->next;
    back->next = block->next;
    block->next = back;
}

void Cfg::normalize_jumps() {
    clear_visited();
    for (Block* b = entry_; b != nullptr; b = b->next) {
        b->visited = true;
        normalize_jump(b);
    }
}

}  // namespace krait::cfg
