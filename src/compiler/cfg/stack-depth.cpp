#include <algorithm>

#include "compiler/cfg/cfg.h"

namespace krait::cfg {

int Cfg::stack_depth() {
    for (Block* b = entry_; b != nullptr; b = b->next) b->start_depth = -1;
    int deepest = 0;
    bool consistent = true;
    std::vector<Block*> todo;
    auto enter = [&](Block* block, int depth) {
        if (block->start_depth < 0) {
            block->start_depth = depth;
            todo.push_back(block);
        } else if (block->start_depth != depth) {
            consistent = false;
        }
    };
    enter(entry_, 0);
    while (!todo.empty() && consistent) {
        Block* block = todo.back();
        todo.pop_back();
        int depth = block->start_depth;
        for (CfgInstr& instr : block->instrs) {
            // END_ASYNC_FOR's target is for monitoring; it never jumps.
            if (instr.has_target() && instr.op != Op::END_ASYNC_FOR) {
                int there = depth + stack_effect(instr.op, instr.arg, true);
                deepest = std::max(deepest, there);
                if (there < 0) return -1;
                enter(instr.target, there);
            }
            depth += stack_effect(instr.op, instr.arg, false);
            if (depth < 0) return -1;
            deepest = std::max(deepest, depth);
        }
        if (block->next != nullptr && block->falls_through()) enter(block->next, depth);
    }
    return consistent ? deepest : -1;
}

}  // namespace krait::cfg
