#include "compiler/cfg/cfg.h"

namespace krait::cfg {

Block* Cfg::new_block() { return arena_.make<Block>(); }

// CPython does not set the handler of what it adds late; what is found there is that of the instruction that
// stood in its place before, or none. Only instructions that cannot raise are added, but the exception table
// shows it.
void Cfg::add(Block* block, Op op, Block* target, Location loc) {
    const CfgInstr* stale = block->instrs.stale();
    block->instrs.push(arena_, {op, 0, loc, target, stale != nullptr ? stale->except : nullptr});
}

namespace {
bool ends_block(Op op) { return op_has(op, opflag::kJump | opflag::kExit); }
}  // namespace

// A block ends behind a jump or an exit and before an instruction that something jumps to.
void Cfg::build() {
    const InstrSequence& seq = unit_.instrs;
    int32_t count = seq.size();
    // The block of each instruction that is a target; the one behind the last instruction may be one too.
    std::vector<Block*> block_at(count + 1, nullptr);
    auto target_of = [&](const Instr& instr) { return seq.label_target(Label{instr.arg}); };
    for (const Instr& instr : seq.instrs()) {
        if (!has_target(instr.op)) continue;
        Block*& block = block_at[target_of(instr)];
        if (block == nullptr) {
            block = new_block();
            block->labeled = true;
        }
    }
    Block* block = block_at[0] != nullptr ? block_at[0] : new_block();
    entry_ = block;
    auto append = [&](const Instr& instr) {
        if (CfgInstr* last = block->last(); last != nullptr && ends_block(last->op)) {
            block = block->next = new_block();
        }
        block->instrs.push(arena_, {instr.op, instr.arg, instr.loc, nullptr, nullptr});
        if (!has_target(instr.op)) return;
        block->instrs.back().target = block_at[target_of(instr)];
        block->instrs.back().arg = 0;
    };
    for (int32_t i = 0; i < count; i++) {
        if (block_at[i] != nullptr && block_at[i] != block) block = block->next = block_at[i];
        if (seq[i].op != Op::ANNOTATIONS_PLACEHOLDER) {
            append(seq[i]);
        } else if (seq.annotations() != nullptr) {
            for (const Instr& instr : seq.annotations()->instrs()) append(instr);
        }
    }
    if (block_at[count] != nullptr && block_at[count] != block) block->next = block_at[count];
}

void Cfg::walk_handlers(Block* block, std::vector<Block*>& todo) {
    const HandlerStack* stack = block->handlers;
    auto visit = [&](Block* next) {
        if (next->visited) return;
        next->visited = true;
        next->handlers = stack;
        todo.push_back(next);
    };
    int yield_depth = -1;
    for (CfgInstr& instr : block->instrs) {
        Block* handler = stack != nullptr ? stack->handler : nullptr;
        if (op_has(instr.op, opflag::kBlock)) {
            visit(instr.target);
            if (instr.op != Op::SETUP_FINALLY) instr.target->preserve_lasti = true;
            stack = arena_.make<HandlerStack>(instr.target, stack, stack != nullptr ? stack->depth + 1 : 1);
        } else if (instr.op == Op::POP_BLOCK) {
            if (stack != nullptr) stack = stack->outer;  // else a sequence that no code generator wrote
            instr.make_nop();
        } else if (instr.op == Op::RETURN_GENERATOR) {
            instr.except = nullptr;
        } else {
            instr.except = handler;
            if (instr.is_jump()) visit(instr.target);
            if (instr.op == Op::YIELD_VALUE) {
                yield_depth = stack != nullptr ? stack->depth : 0;
            } else if (instr.op == Op::RESUME && instr.arg != kAtFunctionStart) {
                if (yield_depth == 1) instr.arg |= kResumeDepth1;
                yield_depth = -1;
            }
        }
    }
    if (block->next != nullptr && block->falls_through()) visit(block->next);
}

void Cfg::mark_handlers() {
    for (Block* b = entry_; b != nullptr; b = b->next) {
        for (CfgInstr& instr : b->instrs) {
            if (op_has(instr.op, opflag::kBlock)) instr.target->except_handler = true;
        }
    }
    clear_visited();
    std::vector<Block*> todo{entry_};
    entry_->visited = true;
    while (!todo.empty()) {
        Block* block = todo.back();
        todo.pop_back();
        walk_handlers(block, todo);
    }
}

}  // namespace krait::cfg
