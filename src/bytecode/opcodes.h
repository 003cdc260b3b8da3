#pragma once

#include <array>
#include <cstdint>
#include <string_view>

// The instruction set, derived from opcodes.def and opargs.def.
namespace krait {

enum class Op : uint16_t {
#define OP(name, number, ...) name = number,
#define SPECIALIZED(name, number, base) name = number,
#define OWN(name, number, base, shown) name = number,
#define FUSED(name, number, base, shown, second) name = number,
#define INSTRUMENTED(name, number, base) name = number,
#define PSEUDO(name, number, ...) name = number,
#include "bytecode/opcodes.def"
};

constexpr unsigned kOpCount = 256;      // what can stand in a code object
constexpr unsigned kAnyOpCount = 267;   // pseudo-opcodes too
constexpr unsigned kHaveArgument = 43;  // opcodes above it (and below the specialized ones) have an argument
constexpr unsigned kMinInstrumented = 234;

namespace opflag {
enum : uint16_t {
    kArg = 1,
    kConst = 1 << 1,
    kName = 1 << 2,
    kJump = 1 << 3,
    kFree = 1 << 4,
    kLocal = 1 << 5,
    kBlock = 1 << 6,
    kEvalBreak = 1 << 7,
    kError = 1 << 8,
    kEscapes = 1 << 9,
    kPure = 1 << 10,
    kExit = 1 << 11,
    kDefined = 1 << 12,  // there is such an opcode
    kSpecialized = 1 << 13,
    kInstrumented = 1 << 14,
    kHidden = 1 << 15,  // Python code never sees it
};
}  // namespace opflag

struct OpInfo {
    std::string_view name;  // "" where there is no opcode
    uint16_t flags = 0;
    uint8_t caches = 0;
    Op base = Op::CACHE;   // what it specializes or instruments; itself otherwise
    Op shown = Op::CACHE;  // what Python code sees in its place; itself unless kHidden
};

namespace detail {
constexpr std::array<OpInfo, kAnyOpCount> make_op_table() {
    using namespace opflag;
    std::array<OpInfo, kAnyOpCount> table{};
#define OP(name, number, caches, pops, pushes, flags) \
    table[number] = {#name, (flags) | kDefined, caches, Op::name, Op::name};
#define PSEUDO(name, number, pops, pushes, flags) \
    table[number] = {#name, (flags) | kDefined, 0, Op::name, Op::name};
#include "bytecode/opcodes.def"
    auto derive = [&](Op op, std::string_view name, Op base, Op shown, unsigned flag) {
        const OpInfo& from = table[unsigned(base)];
        table[unsigned(op)] = {name, uint16_t(from.flags | flag), from.caches, base, shown};
    };
#define SPECIALIZED(name, number, base) derive(Op::name, #name, Op::base, Op::name, kSpecialized);
#define OWN(name, number, base, shown) derive(Op::name, #name, Op::base, Op::shown, kSpecialized | kHidden);
#define FUSED(name, number, base, shown, second) \
    derive(Op::name, #name, Op::base, Op::shown, kSpecialized | kHidden);
#define INSTRUMENTED(name, number, base) derive(Op::name, #name, Op::base, Op::name, kInstrumented);
#include "bytecode/opcodes.def"
    return table;
}
}  // namespace detail

inline constexpr std::array<OpInfo, kAnyOpCount> kOpTable = detail::make_op_table();

constexpr const OpInfo& op_info(Op op) { return kOpTable[unsigned(op)]; }
constexpr const OpInfo& op_info(uint8_t byte) { return kOpTable[byte]; }
constexpr bool op_has(Op op, unsigned flags) { return (op_info(op).flags & flags) != 0; }
constexpr bool is_pseudo(Op op) { return unsigned(op) >= kOpCount; }
// The family: LOAD_ATTR for LOAD_ATTR_SLOT, CALL for INSTRUMENTED_CALL.
constexpr Op base_op(Op op) { return op_info(op).base; }
constexpr unsigned cache_count(Op op) { return op_info(op).caches; }

// ---- stack effect ----

// Entries taken from and left on the stack when the instruction goes on to the next one.
struct StackUse {
    int pops;
    int pushes;
};

constexpr StackUse stack_use(Op op, int oparg) {
    switch (base_op(op)) {
#define OP(name, number, caches, pops, pushes, flags) \
    case Op::name:                                    \
        return {pops, pushes};
#define PSEUDO(name, number, pops, pushes, flags) \
    case Op::name:                                \
        return {pops, pushes};
#include "bytecode/opcodes.def"
        default:
            return {0, 0};
    }
}

// The change of depth; `jump` when the instruction jumps to its target (for a kBlock pseudo-opcode: when its
// handler is entered, which is where its pushes arrive).
constexpr int stack_effect(Op op, int oparg, bool jump) {
    if (op_has(op, opflag::kBlock) && !jump) return 0;
    StackUse use = stack_use(op, oparg);
    return use.pushes - use.pops;
}

// Code unit that a jump leads to, from the one behind it. (END_ASYNC_FOR does not go there: that is where its
// exception comes from.)
constexpr int64_t jump_unit(Op op, int64_t next, int64_t oparg) {
    bool backward =
        op == Op::JUMP_BACKWARD || op == Op::JUMP_BACKWARD_NO_INTERRUPT || op == Op::END_ASYNC_FOR;
    return backward ? next - oparg : next + oparg;
}

// ---- what arguments mean ----

enum class BinaryOp : uint8_t {
#define BINARY(name, number, text) name = number,
#include "bytecode/opargs.def"
};
constexpr int kFirstInplace = 13;  // NB_INPLACE_ADD; an in-place operator is its plain one + 13

enum class Compare : uint8_t {
#define COMPARE(name, number, text, mask) name = number,
#include "bytecode/opargs.def"
};

enum class Intrinsic1 : uint8_t {
#define INTRINSIC1(name, number) name = number,
#include "bytecode/opargs.def"
};

enum class Intrinsic2 : uint8_t {
#define INTRINSIC2(name, number) name = number,
#include "bytecode/opargs.def"
};

enum class SpecialMethod : uint8_t {
#define SPECIAL(name, number, method) name = number,
#include "bytecode/opargs.def"
};

enum class CommonConstant : uint8_t {
#define COMMON(name, number) name = number,
#include "bytecode/opargs.def"
};

enum class Conversion : uint8_t {
#define CONVERSION(name, number, text) name = number,
#include "bytecode/opargs.def"
};

enum FunctionAttribute : uint8_t {
#define FUNCTION_ATTRIBUTE(name, bit, text) kFunction##name = bit,
#include "bytecode/opargs.def"
};

// How many there are of each.
#define BINARY(...) +1
constexpr int kBinaryOpCount =
#include "bytecode/opargs.def"
    ;
#define COMPARE(...) +1
constexpr int kCompareCount =
#include "bytecode/opargs.def"
    ;
#define INTRINSIC1(...) +1
constexpr int kIntrinsic1Count =
#include "bytecode/opargs.def"
    ;
#define INTRINSIC2(...) +1
constexpr int kIntrinsic2Count =
#include "bytecode/opargs.def"
    ;
#define SPECIAL(...) +1
constexpr int kSpecialMethodCount =
#include "bytecode/opargs.def"
    ;
#define COMMON(...) +1
constexpr int kCommonConstantCount =
#include "bytecode/opargs.def"
    ;
#define CONVERSION(...) +1
constexpr int kConversionCount =
#include "bytecode/opargs.def"
    ;

// COMPARE_OP's argument: bits 5-7 the comparison, bit 4 that the result is wanted as a bool, bits 0-3 which
// of (unordered 1, less 2, greater 4, equal 8) make it true, for the specialized forms.
constexpr int kCompareToBool = 16;
constexpr int compare_arg(Compare compare) {
    switch (compare) {
#define COMPARE(name, number, text, mask) \
    case Compare::name:                   \
        return number << 5 | mask;
#include "bytecode/opargs.def"
    }
    return 0;
}

// RESUME's argument: where, in bits 0-1; bit 2 that it stands at depth 1 of an except block's nesting.
enum ResumeAt : uint8_t { kAtFunctionStart = 0, kAfterYield = 1, kAfterYieldFrom = 2, kAfterAwait = 3 };
constexpr int kResumeLocationMask = 3;
constexpr int kResumeDepth1 = 4;

// CALL_FUNCTION_EX takes no argument in 3.14: the keyword slot holds NULL or a dict. LOAD_ATTR,
// LOAD_SUPER_ATTR: bit 0 asks for the method pair; name index above (LOAD_SUPER_ATTR: bit 1 says super() had
// two arguments). LOAD_GLOBAL: bit 0 asks for a NULL behind the value, name index above. LOAD_FAST_LOAD_FAST
// and its kin: first local in bits 4-7, second in 0-3.
constexpr int kSuperTwoArguments = 2;

std::string_view binary_op_text(int arg);   // "+", "+=", "[]"; "?" out of range
std::string_view compare_text(int number);  // "<"; takes the comparison, not the argument

}  // namespace krait
