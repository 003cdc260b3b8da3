// Which instructions are fused with which (FUSED in bytecode/opcodes.def).
#pragma once

#include "bytecode/opcodes.h"

namespace krait {

// The form of `first` that waits for what it could be fused with; CACHE: there is none.
constexpr Op fusing_form(Op first) {
    switch (first) {
        case Op::LOAD_SMALL_INT:
            return Op::LOAD_SMALL_INT_FUSING;
        case Op::LOAD_FAST_BORROW:
            return Op::LOAD_FAST_BORROW_FUSING;
        case Op::LOAD_FAST_BORROW_LOAD_FAST_BORROW:
            return Op::LOAD_FAST_BORROW_PAIR_FUSING;
        default:
            return Op::CACHE;
    }
}

// For each fusing form, by the opcode behind it, what it becomes: itself until that one is specialized, a
// fused form, or the plain instruction.
class Fusions {
  public:
    constexpr Fusions() {
        for (Op first : {Op::LOAD_SMALL_INT, Op::LOAD_FAST_BORROW, Op::LOAD_FAST_BORROW_LOAD_FAST_BORROW})
            for (uint8_t& form : forms_[row(fusing_form(first))]) form = static_cast<uint8_t>(first);
#define FUSED(name, number, base, shown, second) add(Op::name, Op::base, Op::second);
#include "bytecode/opcodes.def"
    }
    constexpr Op form(Op fusing, unsigned behind) const {
        return static_cast<Op>(forms_[row(fusing)][behind]);
    }
    // May `first` be fused with `second` some day? Both are what the compiler emits.
    constexpr bool possible(Op first, Op second) const {
        Op fusing = fusing_form(first), waiting = fusing_form(second);
        return fusing != Op::CACHE &&
               form(fusing, static_cast<unsigned>(waiting == Op::CACHE ? second : waiting)) == fusing;
    }

  private:
    static constexpr unsigned row(Op fusing) {
        return fusing == Op::LOAD_SMALL_INT_FUSING ? 0 : fusing == Op::LOAD_FAST_BORROW_FUSING ? 1 : 2;
    }
    constexpr void add(Op fused, Op first, Op second) {
        if (second == Op::CACHE) return;
        Op fusing = fusing_form(first), waiting = fusing_form(base_op(second));
        uint8_t* forms = forms_[row(fusing)];
        forms[static_cast<unsigned>(second)] = static_cast<uint8_t>(fused);
        forms[static_cast<unsigned>(waiting == Op::CACHE ? base_op(second) : waiting)] =
            static_cast<uint8_t>(fusing);
    }

    uint8_t forms_[3][kOpCount] = {};
};
inline constexpr Fusions kFusions;

}  // namespace krait
