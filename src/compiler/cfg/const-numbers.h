#pragma once

#include "bytecode/constant.h"
#include "bytecode/opcodes.h"
#include "support/arena.h"

// The arithmetic half of const-ops: bool, int, float, complex.
namespace krait::cfg {

inline bool is_number(const Constant* c) {
    switch (c->kind) {
        case ConstantKind::kFalse:
        case ConstantKind::kTrue:
        case ConstantKind::kInt:
        case ConstantKind::kBigInt:
        case ConstantKind::kFloat:
        case ConstantKind::kComplex:
            return true;
        default:
            return false;
    }
}

const Constant* fold_numbers(Arena& arena, BinaryOp op, const Constant* left, const Constant* right);
bool equal_numbers(const Constant* a, const Constant* b);
uint64_t hash_number(const Constant* number);  // agrees with equal_numbers

}  // namespace krait::cfg
