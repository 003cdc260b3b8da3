#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bytecode/code.h"
#include "bytecode/opcodes.h"
#include "support/panic.h"

// What the code generator hands to the flow graph: instructions with labels, pseudo-opcodes and source
// places.
namespace krait {

// Where an instruction comes from: lines from 1, columns as byte offsets from 0.
struct Location {
    int32_t line = -1;
    int32_t end_line = -1;
    int32_t col = -1;
    int32_t end_col = -1;

    bool operator==(const Location&) const = default;
};

// No place: tracing does not see it and tracebacks do not name it.
inline constexpr Location kNoLocation{-1, -1, -1, -1};
// The place of the instruction that follows it in its block.
inline constexpr Location kNextLocation{-2, -2, -2, -2};

struct Label {
    int32_t id = -1;
    explicit operator bool() const { return id >= 0; }
    bool operator==(const Label&) const = default;
};

struct Instr {
    Op op;
    int32_t arg;  // of an instruction with a target: the label's id
    Location loc;
};

// True of the opcodes whose argument is a label: jumps and SETUP_*.
constexpr bool has_target(Op op) { return op_has(op, opflag::kJump | opflag::kBlock); }

class InstrSequence {
  public:
    InstrSequence() = default;
    InstrSequence(InstrSequence&&) = default;
    InstrSequence& operator=(InstrSequence&&) = default;

    Label new_label() {
        label_targets_.push_back(-1);
        return {static_cast<int32_t>(label_targets_.size()) - 1};
    }

    // The label now means the next instruction added.
    void use_label(Label label) {
        KRAIT_ASSERT(label && label_targets_[label.id] < 0);
        label_targets_[label.id] = size();
    }

    void add(Op op, Location loc) { add(op, 0, loc); }
    void add(Op op, int32_t arg, Location loc) { instrs_.push_back({op, arg, loc}); }
    void add_jump(Op op, Label target, Location loc) {
        KRAIT_ASSERT(has_target(op) && target);
        instrs_.push_back({op, target.id, loc});
    }

    // Puts an instruction before the one at `at`; labels at or behind it move on.
    void insert(int32_t at, Op op, int32_t arg, Location loc) {
        instrs_.insert(instrs_.begin() + at, {op, arg, loc});
        for (int32_t& target : label_targets_) {
            if (target >= at) target++;
        }
    }

    int32_t size() const { return static_cast<int32_t>(instrs_.size()); }
    bool empty() const { return instrs_.empty(); }
    Instr& operator[](size_t i) { return instrs_[i]; }
    const Instr& operator[](size_t i) const { return instrs_[i]; }
    Instr& back() { return instrs_.back(); }
    const Instr& back() const { return instrs_.back(); }
    const std::vector<Instr>& instrs() const { return instrs_; }
    int32_t label_count() const { return static_cast<int32_t>(label_targets_.size()); }
    // The instruction a label means (size() for the end), -1 when it was never used.
    int32_t label_target(Label label) const { return label_targets_[label.id]; }

    // Code for deferred annotations, without jumps: takes the place of ANNOTATIONS_PLACEHOLDER.
    void set_annotations(std::unique_ptr<InstrSequence> code) { annotations_ = std::move(code); }
    const InstrSequence* annotations() const { return annotations_.get(); }

  private:
    std::vector<Instr> instrs_;
    std::vector<int32_t> label_targets_;
    std::unique_ptr<InstrSequence> annotations_;
};

// co_consts in the making: equal constants (same type and value all the way down) share an index.
class ConstantTable {
  public:
    int add(const Constant* constant);
    int size() const { return static_cast<int>(values_.size()); }
    const Constant* operator[](size_t i) const { return values_[i]; }
    const std::vector<const Constant*>& values() const { return values_; }
    // Keeps those with keep[i] and fills `renumbered` with the new indices (-1 for the others).
    void compact(const std::vector<bool>& keep, std::vector<int>& renumbered);

  private:
    void index(size_t at);
    void rebuild_index(size_t capacity);

    std::vector<const Constant*> values_;
    std::vector<uint64_t> hashes_;
    std::vector<int32_t> slots_;  // a power of two, empty while there are few values
};

// A code object in the making, as the code generator leaves it. Instructions on cells and free variables
// (LOAD_DEREF, MAKE_CELL, ...) count cellvars from 0 and freevars behind them; instructions on locals index
// varnames.
struct CodeUnit {
    std::string_view name;
    std::string_view qualname;
    int argcount = 0;  // positional-only ones too
    int posonlyargcount = 0;
    int kwonlyargcount = 0;
    int parameter_count = 0;  // how many of varnames are parameters, *args and **kwargs too
    int firstlineno = 1;
    int flags = 0;
    std::vector<std::string_view> names;
    std::vector<std::string_view> varnames;
    std::vector<std::string_view> cellvars;
    std::vector<std::string_view> freevars;
    std::vector<std::string_view>
        hidden;  // locals or cells of inlined comprehensions that locals() leaves out
    ConstantTable consts;
    InstrSequence instrs;
};

// Optimizes the instructions, unless that has been done, and makes the code object in `arena` (which must
// live as long as the strings and constants of the unit's). Consumes the unit's instructions and constants.
// Returns null, with a message in *error, when the instructions make no sense (a label without place, an
// impossible stack).
const CodeObject* assemble(Arena& arena, CodeUnit& unit, std::string_view filename, const char** error,
                           bool optimized = false);

// The blocks of a unit's flow graph, as built or as optimized (before prefix, cells and borrowing). Leaves
// the unit as it was, so that it can be assembled afterwards.
std::string dump_flow_graph(CodeUnit& unit, bool optimized);

}  // namespace krait
