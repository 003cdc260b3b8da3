#include "compiler/cfg/cfg.h"

namespace krait::cfg {

// The passes in CPython's order, which decides what they find.
void Cfg::optimize() {
    build();
    mark_handlers();

    inline_small_blocks();
    remove_unreachable();
    resolve_lines();
    optimize_const_tests();
    optimize_blocks();
    remove_redundant_pairs();
    remove_unreachable();
    remove_redundant_nops_and_jumps();

    remove_unused_consts();
    check_unbound_locals();
    insert_superinstructions();
    push_cold_to_end();
    resolve_lines();
}

}  // namespace krait::cfg
