// The rest of an operator or a comparison, for who called the operand's special method without its slot: what
// follows when that returned NotImplemented.
#pragma once

#include "bytecode/opcodes.h"
#include "object/protocol.h"

namespace krait {

// Whose method was it: the left operand's plain one, the right one's reflected, the left one's in-place one.
enum class Declined : uint8_t { Left, Right, Inplace };
// `reflected`: the name of the right operand's method.
Ref binary_op_declined(Thread& t, Value a, Value b, BinaryOp op, Declined by, Value reflected);
// The left operand's method declined, and no reflected one came before it.
Ref compare_declined(Thread& t, Value a, Value b, CompareOp op);
// self.name(arg) by the class; NotImplemented where it has no such method.
Ref call_or_decline(Thread& t, Value self, Value name, Value arg);

// Which slot of `type` an operator asks first when both operands are of that type: how far behind the slots'
// begin; -1: none.
int operator_slot_offset(const PyTypeObject* type, BinaryOp op);
inline BinaryFn operator_slot(const PyTypeObject* type, int offset) {
    return *reinterpret_cast<BinaryFn*>(reinterpret_cast<char*>(&ext(type)->slots) + offset);
}

}  // namespace krait
