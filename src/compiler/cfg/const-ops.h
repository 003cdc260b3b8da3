#pragma once

#include "bytecode/constant.h"
#include "bytecode/opcodes.h"
#include "support/arena.h"

// Python's operators on constants, within the limits that CPython sets for folding. Null means: leave it to
// run time, because it raises, is too large, or is not known here.
namespace krait::cfg {

const Constant* fold_binary(Arena& arena, BinaryOp op, const Constant* left, const Constant* right);
const Constant* fold_negative(Arena& arena, const Constant* operand);
const Constant* fold_positive(Arena& arena, const Constant* operand);
const Constant* fold_invert(Arena& arena, const Constant* operand);

bool truth(const Constant* constant);

// `==` as Python has it between constants: 1 == 1.0 == True.
bool python_equal(const Constant* a, const Constant* b);
// Agrees with python_equal.
uint64_t python_hash(const Constant* constant);

}  // namespace krait::cfg
