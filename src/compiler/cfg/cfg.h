#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "compiler/instr_sequence.h"
#include "support/arena.h"

// The flow graph: basic blocks in code order, and the passes that turn the code generator's instructions into
// what the assembler writes. The passes and their order reproduce CPython 3.14's, because the result is to be
// the same to the byte; assemble.cpp runs them.
namespace krait::cfg {

struct Block;

struct CfgInstr {
    Op op;
    int32_t arg;
    Location loc;
    Block* target;  // of jumps and SETUP_*
    Block* except;  // the handler in force, or null

    bool is_jump() const { return op_has(op, opflag::kJump); }
    bool has_target() const { return krait::has_target(op); }
    void set(Op new_op, int32_t new_arg = 0) {
        op = new_op;
        arg = new_arg;
    }
    void make_nop() { set(Op::NOP); }
};

// A vector in an arena, for trivially copyable elements; what it outgrows is not given back.
template <typename T>
class ArenaVector {
  public:
    uint32_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    T* begin() { return data_; }
    T* end() { return data_ + size_; }
    const T* begin() const { return data_; }
    const T* end() const { return data_ + size_; }
    T& operator[](size_t i) {
        KRAIT_ASSERT(i < size_);
        return data_[i];
    }
    const T& operator[](size_t i) const { return data_[i]; }
    T& back() { return data_[size_ - 1]; }
    void truncate(uint32_t size) { size_ = size; }

    void push(Arena& arena, const T& value) {
        T copy = value;  // may be an element
        reserve(arena, size_ + 1);
        data_[size_++] = copy;
    }
    // The place behind the last element, if an element stood there before.
    const T* stale() const { return size_ < peak_ ? data_ + size_ : nullptr; }
    void insert(Arena& arena, uint32_t at, const T& value) {
        T copy = value;
        reserve(arena, size_ + 1);
        std::memmove(static_cast<void*>(data_ + at + 1), data_ + at, (size_ - at) * sizeof(T));
        data_[at] = copy;
        size_++;
    }
    void append(Arena& arena, const ArenaVector& other) {
        uint32_t count = other.size_;
        reserve(arena, size_ + count);
        std::memcpy(static_cast<void*>(data_ + size_), other.data_, count * sizeof(T));
        size_ += count;
    }

  private:
    void reserve(Arena& arena, uint32_t size) {
        uint32_t used = peak_;
        if (size > peak_) peak_ = size;
        if (size <= capacity_) return;
        uint32_t capacity = size;
        uint32_t grown = capacity_ * 2 > capacity ? capacity_ * 2 : capacity < 4 ? 4 : capacity;
        T* data = static_cast<T*>(arena.allocate(grown * sizeof(T), alignof(T)));
        if (used > 0) std::memcpy(static_cast<void*>(data), data_, used * sizeof(T));
        data_ = data;
        capacity_ = grown;
    }

    T* data_ = nullptr;
    uint32_t size_ = 0;
    uint32_t peak_ = 0;
    uint32_t capacity_ = 0;
};

// The handlers in force at a point, innermost first; shared tails.
struct HandlerStack {
    Block* handler;
    const HandlerStack* outer;
    int depth;
};

struct Block {
    Block* next = nullptr;  // in code order
    ArenaVector<CfgInstr> instrs;
    const HandlerStack* handlers = nullptr;  // on entry
    uint64_t maybe_unbound = 0;              // locals 0-63 that may be unbound on entry
    int32_t predecessors = 0;
    int32_t start_depth = -1;  // stack depth on entry, -1 before it is known
    int32_t first_index = 0;   // of its first instruction in the final sequence
    bool labeled = false;      // something jumps here
    bool visited = false;      // for the pass at work
    bool except_handler = false;
    bool preserve_lasti = false;
    bool cold = false;
    bool warm = false;

    CfgInstr* last() { return instrs.empty() ? nullptr : &instrs.back(); }
    bool exits_scope() { return !instrs.empty() && op_has(instrs.back().op, opflag::kExit); }
    bool falls_through();
    bool has_no_line();
};

constexpr bool is_unconditional_jump(Op op) {
    return op == Op::JUMP || op == Op::JUMP_NO_INTERRUPT || op == Op::JUMP_FORWARD ||
           op == Op::JUMP_BACKWARD || op == Op::JUMP_BACKWARD_NO_INTERRUPT;
}
constexpr bool is_conditional_jump(Op op) {
    return op == Op::POP_JUMP_IF_FALSE || op == Op::POP_JUMP_IF_TRUE || op == Op::POP_JUMP_IF_NONE ||
           op == Op::POP_JUMP_IF_NOT_NONE;
}
constexpr bool loads_const(Op op) { return op == Op::LOAD_CONST || op == Op::LOAD_SMALL_INT; }

inline bool Block::falls_through() {
    CfgInstr* at = last();
    return at == nullptr || !(op_has(at->op, opflag::kExit) || is_unconditional_jump(at->op));
}

class Cfg {
  public:
    // `results` is where new constants go; it must outlive the code object.
    Cfg(CodeUnit& unit, Arena& results) : unit_(unit), results_(results) {}

    // pipeline.cpp: everything up to superinstructions; what then remains are the passes of the code object's
    // final form (pseudo-opcodes, prefix, cells, borrowing), which assemble() runs.
    void optimize();

    // ---- build.cpp: from instructions to blocks ----
    void build();          // blocks, jump targets
    void mark_handlers();  // SETUP_* and POP_BLOCK become CfgInstr::except
    // ---- blocks.cpp: what blocks there are ----
    void inline_small_blocks();  // exit blocks of up to four instructions, and jumps without a line
    void remove_unreachable();   // empties them; counts predecessors
    void push_cold_to_end();     // handlers behind the normal paths
    void remove_redundant_nops_and_jumps();
    void remove_redundant_nops();
    void resolve_lines();    // passes lines on; copies exits that several lines share
    void normalize_jumps();  // conditional jumps go forward and have NOT_TAKEN behind them
    // ---- peephole.cpp ----
    void optimize_const_tests();    // constants that are tested
    void optimize_blocks();         // folding, jump threading, fused tests, swaps
    void remove_redundant_pairs();  // pushes that are popped at once
    void insert_superinstructions();
    void remove_unused_consts();
    void convert_conditional_pseudo_jumps();
    void convert_pseudo_ops();
    // ---- locals.cpp ----
    void check_unbound_locals();  // LOAD_FAST_CHECK where needed
    int prepare_locals();         // prefix instructions, indices of cells; returns the number of locals-plus
    void borrow_locals();         // LOAD_FAST_BORROW where the reference is consumed in the block
    // ---- stack-depth.cpp ----
    int stack_depth();  // also Block::start_depth; -1 when the stack runs empty or is not consistent

    Block* entry() { return entry_; }
    CodeUnit& unit() { return unit_; }

  private:
    friend class Peephole;
    Block* new_block();
    void add(Block* block, Op op, Block* target, Location loc);
    bool inline_target(Block* block);
    void copy_shared_exits();
    void propagate_lines();
    void mark_warm_and_cold();
    int remove_nops(Block* block);
    int remove_redundant_jumps();
    void normalize_jump(Block* block);
    void unbound_in_block(Block* block, std::vector<Block*>& todo);
    void unbound_beyond_mask();
    void insert_prefix(const std::vector<int>& fixed);
    void walk_handlers(Block* block, std::vector<Block*>& todo);
    void clear_visited() {
        for (Block* b = entry_; b != nullptr; b = b->next) b->visited = false;
    }

    CodeUnit& unit_;
    Arena& results_;
    Arena arena_;  // blocks and instructions
    Block* entry_ = nullptr;
};

// The blocks as they are, for people.
std::string dump(Cfg& cfg);

inline Block* next_nonempty(Block* block) {
    while (block != nullptr && block->instrs.empty()) block = block->next;
    return block;
}

}  // namespace krait::cfg
