#include <algorithm>
#include <unordered_map>

#include "compiler/cfg/cfg.h"
#include "compiler/cfg/const-ops.h"

namespace krait::cfg {

// The rewriting of one block at a time. `i` is always an index into the block's instructions.
class Peephole {
  public:
    Peephole(Cfg& cfg, Block* block) : cfg_(cfg), block_(block), instrs_(block->instrs) {}

    void const_tests();
    void rewrite();
    void swaps();

  private:
    static constexpr int kMaxFolded = 30;        // constants in a display that is folded
    static constexpr int kMinFoldedDisplay = 3;  // below it a list or set display is as fast as its constant

    const Constant* value(const CfgInstr& instr) {
        if (instr.op == Op::LOAD_SMALL_INT) return int_constant(cfg_.results_, instr.arg);
        return cfg_.unit_.consts[instr.arg];
    }
    Op op_at(uint32_t i) const { return i < instrs_.size() ? instrs_[i].op : Op::CACHE; }
    bool make_small_int(CfgInstr& instr, const Constant* constant);
    void make_load(CfgInstr& instr, const Constant* constant);
    bool constants_before(uint32_t i, int count, uint32_t* found);
    void remove_constant(CfgInstr& instr);
    void remove_constants(const uint32_t* at, int count) {
        for (int k = 0; k < count; k++) remove_constant(instrs_[at[k]]);
    }

    bool step(uint32_t i);
    bool thread(uint32_t i, Op op);
    bool thread_conditional(uint32_t i);
    void const_test(uint32_t i, const Constant* constant);
    void none_test(uint32_t i);
    void fold_tuple(uint32_t i);
    void fold_display(uint32_t i);
    bool fold_appends(uint32_t i, uint32_t end, Op build, Op add);
    void fold_unary(uint32_t i);
    void fold_binary(uint32_t i);
    const Constant* frozen_set(const std::vector<const Constant*>& items);
    void shorten_swaps(uint32_t& i);
    void apply_swaps(int i);
    int next_swappable(int i, int32_t line);

    Cfg& cfg_;
    Block* block_;
    ArenaVector<CfgInstr>& instrs_;
};

// ---- constants ----

bool Peephole::make_small_int(CfgInstr& instr, const Constant* constant) {
    if (!constant->is(ConstantKind::kInt) || constant->integer < 0 || constant->integer > 255) return false;
    instr.set(Op::LOAD_SMALL_INT, static_cast<int32_t>(constant->integer));
    return true;
}

void Peephole::make_load(CfgInstr& instr, const Constant* constant) {
    if (!make_small_int(instr, constant)) instr.set(Op::LOAD_CONST, cfg_.unit_.consts.add(constant));
}

// Whether the `count` instructions before `i` (not counting NOPs) load constants; their indices go to
// `found`.
bool Peephole::constants_before(uint32_t i, int count, uint32_t* found) {
    while (count > 0) {
        if (i == 0) return false;
        i--;
        if (instrs_[i].op == Op::NOP) continue;
        if (!loads_const(instrs_[i].op)) return false;
        found[--count] = i;
    }
    return true;
}

void Peephole::remove_constant(CfgInstr& instr) {
    instr.make_nop();
    instr.loc = kNoLocation;
}

void Peephole::const_test(uint32_t i, const Constant* constant) {
    CfgInstr& test = instrs_[i + 1];
    bool pops = test.op == Op::POP_JUMP_IF_FALSE || test.op == Op::POP_JUMP_IF_TRUE;
    bool jump_if = test.op == Op::POP_JUMP_IF_TRUE || test.op == Op::JUMP_IF_TRUE;
    if (pops) instrs_[i].make_nop();
    if (truth(constant) == jump_if) {
        test.op = Op::JUMP;
    } else {
        test.make_nop();
    }
}

// LOAD_CONST None; IS_OP; [TO_BOOL;] POP_JUMP_IF_x becomes POP_JUMP_IF_[NOT_]NONE.
void Peephole::none_test(uint32_t i) {
    if (instrs_.size() <= i + 2) return;
    CfgInstr& is = instrs_[i + 1];
    CfgInstr* jump = &instrs_[i + 2];
    if (jump->op == Op::TO_BOOL) {
        jump->make_nop();
        if (instrs_.size() <= i + 3) return;
        jump = &instrs_[i + 3];
    }
    bool negated = is.arg != 0;
    if (jump->op == Op::POP_JUMP_IF_FALSE) {
        negated = !negated;
    } else if (jump->op != Op::POP_JUMP_IF_TRUE) {
        return;
    }
    instrs_[i].make_nop();
    is.make_nop();
    jump->op = negated ? Op::POP_JUMP_IF_NOT_NONE : Op::POP_JUMP_IF_NONE;
}

void Peephole::const_tests() {
    // The constant on top of the stack; a copy of it counts too.
    const Constant* constant = nullptr;
    for (uint32_t i = 0; i < instrs_.size(); i++) {
        CfgInstr& instr = instrs_[i];
        bool is_copy = constant != nullptr && instr.op == Op::COPY && instr.arg == 1;
        if (!is_copy) constant = loads_const(instr.op) ? value(instr) : nullptr;
        if (instr.op == Op::LOAD_CONST) make_small_int(instr, constant);
        if (constant == nullptr) continue;
        switch (op_at(i + 1)) {
            case Op::POP_JUMP_IF_FALSE:
            case Op::POP_JUMP_IF_TRUE:
            case Op::JUMP_IF_FALSE:
            case Op::JUMP_IF_TRUE:
                const_test(i, constant);
                break;
            case Op::IS_OP:
                if (constant->is_none()) none_test(i);
                break;
            case Op::TO_BOOL:
                instr.make_nop();
                instrs_[i + 1].set(Op::LOAD_CONST, cfg_.unit_.consts.add(bool_constant(truth(constant))));
                break;
            default:
                break;
        }
    }
}

void Peephole::fold_tuple(uint32_t i) {
    uint32_t found[kMaxFolded];
    int size = instrs_[i].arg;
    if (size > kMaxFolded || !constants_before(i, size, found)) return;
    std::vector<const Constant*> items;
    for (int k = 0; k < size; k++) items.push_back(value(instrs_[found[k]]));
    remove_constants(found, size);
    make_load(instrs_[i], tuple_constant(cfg_.results_, items));
}

const Constant* Peephole::frozen_set(const std::vector<const Constant*>& items) {
    std::vector<const Constant*> unique;
    std::unordered_multimap<uint64_t, const Constant*> seen;
    for (const Constant* item : items) {
        auto [from, to] = seen.equal_range(python_hash(item));
        if (std::any_of(from, to, [&](const auto& entry) { return python_equal(item, entry.second); }))
            continue;
        seen.emplace(python_hash(item), item);
        unique.push_back(item);
    }
    return frozenset_constant(cfg_.results_, unique);
}

// A list or set display of constants: a constant where it is only iterated or searched, otherwise built from
// one.
void Peephole::fold_display(uint32_t i) {
    CfgInstr& instr = instrs_[i];
    bool only_read = op_at(i + 1) == Op::GET_ITER || op_at(i + 1) == Op::CONTAINS_OP;
    int size = instr.arg;
    if (size > kMaxFolded || (size < kMinFoldedDisplay && !only_read)) return;
    uint32_t found[kMaxFolded];
    if (!constants_before(i, size, found)) {
        if (only_read && instr.op == Op::BUILD_LIST) instr.op = Op::BUILD_TUPLE;
        return;
    }
    std::vector<const Constant*> items;
    for (int k = 0; k < size; k++) items.push_back(value(instrs_[found[k]]));
    const Constant* folded =
        instr.op == Op::BUILD_SET ? frozen_set(items) : tuple_constant(cfg_.results_, items);
    int index = cfg_.unit_.consts.add(folded);
    remove_constants(found, size);
    if (only_read) {
        instr.set(Op::LOAD_CONST, index);
        return;
    }
    instrs_[i - 2].set(instr.op, 0);
    instrs_[i - 2].loc = instr.loc;
    instrs_[i - 1].set(Op::LOAD_CONST, index);
    instr.set(instr.op == Op::BUILD_LIST ? Op::LIST_EXTEND : Op::SET_UPDATE, 1);
}

// A display too long for the stack: BUILD_LIST 0, then (constant, LIST_APPEND 1)* before `end`, or the same
// of a set. When all is constant, all but `i` goes, and that loads the tuple or frozenset.
bool Peephole::fold_appends(uint32_t i, uint32_t end, Op build, Op add) {
    bool want_add = true;
    std::vector<const Constant*> items;
    for (uint32_t at = end; at-- > 0;) {
        CfgInstr& instr = instrs_[at];
        if (instr.op == Op::NOP) continue;
        if (instr.op == build && instr.arg == 0) {
            if (!want_add) return false;
            for (uint32_t k = at; k < end; k++) {
                if (instrs_[k].op != Op::NOP) remove_constant(instrs_[k]);
            }
            std::ranges::reverse(items);
            make_load(instrs_[i],
                      build == Op::BUILD_SET ? frozen_set(items) : tuple_constant(cfg_.results_, items));
            return true;
        }
        if (want_add) {
            if (instr.op != add || instr.arg != 1) return false;
        } else {
            if (!loads_const(instr.op)) return false;
            items.push_back(value(instr));
        }
        want_add = !want_add;
    }
    return false;
}

void Peephole::fold_unary(uint32_t i) {
    uint32_t at;
    if (!constants_before(i, 1, &at)) return;
    const Constant* operand = value(instrs_[at]);
    const Constant* result = nullptr;
    switch (instrs_[i].op) {
        case Op::UNARY_NEGATIVE:
            result = fold_negative(cfg_.results_, operand);
            break;
        case Op::UNARY_INVERT:
            result = fold_invert(cfg_.results_, operand);
            break;
        case Op::UNARY_NOT:
            result = bool_constant(!truth(operand));
            break;
        default:
            result = fold_positive(cfg_.results_, operand);
            break;
    }
    if (result == nullptr) return;
    remove_constant(instrs_[at]);
    make_load(instrs_[i], result);
}

void Peephole::fold_binary(uint32_t i) {
    uint32_t at[2];
    if (!constants_before(i, 2, at)) return;
    const Constant* result = cfg::fold_binary(cfg_.results_, static_cast<BinaryOp>(instrs_[i].arg),
                                              value(instrs_[at[0]]), value(instrs_[at[1]]));
    if (result == nullptr) return;
    remove_constants(at, 2);
    make_load(instrs_[i], result);
}

// ---- jumps ----

// The jump at `i` leads to an unconditional one: a jump `op` to where that one goes takes its place.
bool Peephole::thread(uint32_t i, Op op) {
    CfgInstr& target = instrs_[i].target->instrs[0];
    if (instrs_[i].target == target.target) return false;
    Location loc = target.loc;
    Block* to = target.target;
    instrs_[i].make_nop();
    cfg_.add(block_, op, to, loc);
    return true;
}

// JUMP_IF_FALSE, JUMP_IF_TRUE: the value stays, so the outcome of the same test is known.
bool Peephole::thread_conditional(uint32_t i) {
    CfgInstr& instr = instrs_[i];
    Op there = instr.target->instrs[0].op;
    if (there == Op::JUMP || there == instr.op) return thread(i, instr.op);
    if (there == Op::JUMP_IF_TRUE || there == Op::JUMP_IF_FALSE) {
        instr.target = instr.target->next;
        return true;
    }
    return false;
}

// ---- all together ----

// Rewrites around instruction `i`; true when it is to be looked at again.
bool Peephole::step(uint32_t i) {
    CfgInstr& instr = instrs_[i];
    Op next = op_at(i + 1);
    Op there = Op::NOP;
    if (instr.has_target() && !instr.target->instrs.empty()) there = instr.target->instrs[0].op;
    switch (instr.op) {
        case Op::BUILD_TUPLE:
            if (next == Op::UNPACK_SEQUENCE && instr.arg == instrs_[i + 1].arg && instr.arg >= 1 &&
                instr.arg <= 3) {
                if (instr.arg == 1) {
                    instrs_[i + 1].make_nop();
                } else {
                    instrs_[i + 1].op = Op::SWAP;
                }
                instr.make_nop();
                return false;
            }
            fold_tuple(i);
            return false;
        case Op::BUILD_LIST:
        case Op::BUILD_SET:
            fold_display(i);
            return false;
        case Op::LIST_APPEND:
        case Op::SET_ADD:
            if (instr.arg == 1 && (next == Op::GET_ITER || next == Op::CONTAINS_OP)) {
                fold_appends(i, i + 1, instr.op == Op::SET_ADD ? Op::BUILD_SET : Op::BUILD_LIST, instr.op);
            }
            return false;
        case Op::POP_JUMP_IF_NOT_NONE:
        case Op::POP_JUMP_IF_NONE:
        case Op::POP_JUMP_IF_FALSE:
        case Op::POP_JUMP_IF_TRUE:
            return there == Op::JUMP && thread(i, instr.op);
        case Op::JUMP_IF_FALSE:
        case Op::JUMP_IF_TRUE:
            return there != Op::NOP && thread_conditional(i);
        case Op::JUMP:
        case Op::JUMP_NO_INTERRUPT:
            if (there == Op::JUMP) return thread(i, Op::JUMP);
            return there == Op::JUMP_NO_INTERRUPT && thread(i, instr.op);
        case Op::STORE_FAST:
            if (next == Op::STORE_FAST && instr.arg == instrs_[i + 1].arg &&
                instr.loc.line == instrs_[i + 1].loc.line) {
                instr.set(Op::POP_TOP);
            }
            return false;
        case Op::SWAP:
            if (instr.arg == 1) instr.make_nop();
            return false;
        case Op::LOAD_GLOBAL:
            if (next == Op::PUSH_NULL && (instr.arg & 1) == 0) {
                instr.arg |= 1;
                instrs_[i + 1].make_nop();
            }
            return false;
        case Op::COMPARE_OP:
            if (next == Op::TO_BOOL) {
                instrs_[i + 1].set(Op::COMPARE_OP, instr.arg | kCompareToBool);
                instr.make_nop();
            }
            return false;
        case Op::CONTAINS_OP:
        case Op::IS_OP:
            if (next == Op::TO_BOOL || next == Op::UNARY_NOT) {
                instrs_[i + 1].set(instr.op, instr.arg ^ (next == Op::UNARY_NOT));
                instr.make_nop();
            }
            return false;
        case Op::TO_BOOL:
            if (next == Op::TO_BOOL) instr.make_nop();
            return false;
        case Op::UNARY_NOT:
            if (next == Op::TO_BOOL || next == Op::UNARY_NOT) {
                if (next == Op::TO_BOOL) {
                    instrs_[i + 1].set(Op::UNARY_NOT);
                } else {
                    instrs_[i + 1].make_nop();
                }
                instr.make_nop();
                return false;
            }
            fold_unary(i);
            return false;
        case Op::UNARY_INVERT:
        case Op::UNARY_NEGATIVE:
            fold_unary(i);
            return false;
        case Op::CALL_INTRINSIC_1:
            if (instr.arg == int(Intrinsic1::INTRINSIC_UNARY_POSITIVE)) {
                fold_unary(i);
            } else if (instr.arg == int(Intrinsic1::INTRINSIC_LIST_TO_TUPLE)) {
                bool folded = fold_appends(i, i, Op::BUILD_LIST, Op::LIST_APPEND);
                if (!folded && next == Op::GET_ITER) instrs_[i].make_nop();
            }
            return false;
        case Op::BINARY_OP:
            fold_binary(i);
            return false;
        default:
            return false;
    }
}

void Peephole::rewrite() {
    for (uint32_t i = 0; i < instrs_.size(); i++) {
        while (step(i)) {
        }
    }
}

// ---- swaps ----

// Replaces a run of SWAPs by the shortest one with the same effect: a permutation of the stack's top is a set
// of cycles, and each takes one SWAP per element that is not on top. Moves `i` to the run's last instruction.
void Peephole::shorten_swaps(uint32_t& i) {
    uint32_t length = 0;
    int depth = 0, count = 0;
    for (; i + length < instrs_.size(); length++) {
        const CfgInstr& instr = instrs_[i + length];
        if (instr.op == Op::SWAP) {
            depth = std::max(depth, instr.arg);
            count++;
        } else if (instr.op != Op::NOP) {
            break;
        }
    }
    if (count < 2) return;
    std::vector<int> stack(depth);  // where each element comes from, top first
    for (int k = 0; k < depth; k++) stack[k] = k;
    for (uint32_t k = 0; k < length; k++) {
        if (instrs_[i + k].op == Op::SWAP) std::swap(stack[0], stack[instrs_[i + k].arg - 1]);
    }
    constexpr int kDone = -1;
    int64_t at = int64_t(i) + length - 1;
    for (int k = 0; k < depth; k++) {
        if (stack[k] == kDone || stack[k] == k) continue;
        for (int j = k;;) {
            if (j != 0) instrs_[at--].set(Op::SWAP, j + 1);
            if (stack[j] == kDone) break;
            j = std::exchange(stack[j], kDone);
        }
    }
    for (; at >= int64_t(i); at--) instrs_[at].make_nop();
    i += length - 1;
}

namespace {
bool swappable(Op op) { return op == Op::STORE_FAST || op == Op::STORE_FAST_MAYBE_NULL || op == Op::POP_TOP; }
int stored_local(const CfgInstr& instr) {
    return instr.op == Op::STORE_FAST || instr.op == Op::STORE_FAST_MAYBE_NULL ? instr.arg : -1;
}
}  // namespace

// The next instruction behind `i` that stores or pops, on `line` if that is one; -1 when another comes first.
int Peephole::next_swappable(int i, int32_t line) {
    while (++i < int(instrs_.size())) {
        const CfgInstr& instr = instrs_[i];
        if (line >= 0 && instr.loc.line != line) return -1;
        if (instr.op == Op::NOP) continue;
        return swappable(instr.op) ? i : -1;
    }
    return -1;
}

// Exchanges the stores that follow instead of what they store, from the SWAP at `i` backwards.
void Peephole::apply_swaps(int i) {
    for (; i >= 0; i--) {
        CfgInstr& swap = instrs_[i];
        if (swap.op != Op::SWAP) {
            if (swap.op == Op::NOP || swappable(swap.op)) continue;
            return;
        }
        int first = next_swappable(i, -1);
        if (first < 0) return;
        int second = first;
        for (int k = swap.arg - 1; k > 0; k--) {
            second = next_swappable(second, instrs_[first].loc.line);
            if (second < 0) return;
        }
        // Not past a store to the same local.
        int a = stored_local(instrs_[first]), b = stored_local(instrs_[second]);
        if (a >= 0 || b >= 0) {
            if (a == b) return;
            for (int k = first + 1; k < second; k++) {
                int between = stored_local(instrs_[k]);
                if (between >= 0 && (between == a || between == b)) return;
            }
        }
        swap.make_nop();
        std::swap(instrs_[first], instrs_[second]);
    }
}

void Peephole::swaps() {
    for (uint32_t i = 0; i < instrs_.size(); i++) {
        if (instrs_[i].op != Op::SWAP) continue;
        shorten_swaps(i);
        apply_swaps(int(i));
    }
}

// ---- the passes ----

void Cfg::optimize_const_tests() {
    for (Block* b = entry_; b != nullptr; b = b->next) Peephole(*this, b).const_tests();
}

void Cfg::optimize_blocks() {
    for (Block* b = entry_; b != nullptr; b = b->next) {
        Peephole peephole(*this, b);
        peephole.rewrite();
        peephole.swaps();
    }
}

void Cfg::remove_redundant_pairs() {
    bool done;
    do {
        done = true;
        CfgInstr* previous = nullptr;
        for (Block* b = entry_; b != nullptr; b = b->next) {
            remove_nops(b);
            if (b->labeled) previous = nullptr;
            for (CfgInstr& instr : b->instrs) {
                if (instr.op == Op::POP_TOP && previous != nullptr &&
                    (loads_const(previous->op) || (previous->op == Op::COPY && previous->arg == 1))) {
                    previous->make_nop();
                    instr.make_nop();
                    done = false;
                }
                previous = &instr;
            }
            if ((previous != nullptr && previous->is_jump()) || !b->falls_through()) previous = nullptr;
        }
    } while (!done);
}

namespace {
void fuse(CfgInstr& first, CfgInstr& second, Op fused) {
    if (first.loc.line >= 0 && second.loc.line >= 0 && first.loc.line != second.loc.line) return;
    if (first.arg >= 16 || second.arg >= 16) return;
    first.set(fused, first.arg << 4 | second.arg);
    second.make_nop();
}
}  // namespace

void Cfg::insert_superinstructions() {
    for (Block* b = entry_; b != nullptr; b = b->next) {
        for (uint32_t i = 0; i + 1 < b->instrs.size(); i++) {
            CfgInstr &first = b->instrs[i], &second = b->instrs[i + 1];
            if (first.op == Op::LOAD_FAST && second.op == Op::LOAD_FAST) {
                fuse(first, second, Op::LOAD_FAST_LOAD_FAST);
            } else if (first.op == Op::STORE_FAST && second.op == Op::LOAD_FAST) {
                fuse(first, second, Op::STORE_FAST_LOAD_FAST);
            } else if (first.op == Op::STORE_FAST && second.op == Op::STORE_FAST) {
                fuse(first, second, Op::STORE_FAST_STORE_FAST);
            }
        }
    }
    remove_redundant_nops();
}

void Cfg::remove_unused_consts() {
    if (unit_.consts.size() == 0) return;
    std::vector<bool> used(unit_.consts.size(), false);
    used[0] = true;  // may be the docstring
    auto each = [&](auto&& action) {
        for (Block* b = entry_; b != nullptr; b = b->next) {
            for (CfgInstr& instr : b->instrs) {
                if (op_has(instr.op, opflag::kConst)) action(instr);
            }
        }
    };
    each([&](CfgInstr& instr) { used[instr.arg] = true; });
    std::vector<int> renumbered;
    unit_.consts.compact(used, renumbered);
    each([&](CfgInstr& instr) { instr.arg = renumbered[instr.arg]; });
}

void Cfg::convert_conditional_pseudo_jumps() {
    for (Block* b = entry_; b != nullptr; b = b->next) {
        CfgInstr* last = b->last();
        if (last == nullptr || (last->op != Op::JUMP_IF_FALSE && last->op != Op::JUMP_IF_TRUE)) continue;
        last->op = last->op == Op::JUMP_IF_FALSE ? Op::POP_JUMP_IF_FALSE : Op::POP_JUMP_IF_TRUE;
        uint32_t at = b->instrs.size() - 1;
        CfgInstr copy{Op::COPY, 1, last->loc, nullptr, last->except};
        CfgInstr test{Op::TO_BOOL, 0, last->loc, nullptr, last->except};
        b->instrs.insert(arena_, at, copy);
        b->instrs.insert(arena_, at + 1, test);
    }
}

void Cfg::convert_pseudo_ops() {
    for (Block* b = entry_; b != nullptr; b = b->next) {
        for (CfgInstr& instr : b->instrs) {
            if (op_has(instr.op, opflag::kBlock)) {
                instr.make_nop();
            } else if (instr.op == Op::LOAD_CLOSURE) {
                instr.op = Op::LOAD_FAST;
            } else if (instr.op == Op::STORE_FAST_MAYBE_NULL) {
                instr.op = Op::STORE_FAST;
            }
        }
    }
    remove_redundant_nops();
}

}  // namespace krait::cfg
