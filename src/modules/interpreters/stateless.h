// What a code object depends on.
#pragma once

#include "builtins/bytes.h"
#include "bytecode/opcodes.h"
#include "interp/code.h"

namespace krait::xi {

// Calls fn(op, argument) for the instructions as they were compiled; stops when it fails.
template <class Fn>
Status each_instruction(Thread& t, PyCodeObject* co, Fn fn) {
    Ref bytes = TRY(code_bytes(t, co));
    auto* p = reinterpret_cast<const uint8_t*>(bytes_data(bytes));
    uint32_t high = 0;
    for (int64_t i = 0; i + 1 < bytes_size(bytes); i += 2) {
        auto op = static_cast<Op>(p[i]);
        uint32_t arg = high << 8 | p[i + 1];
        high = op == Op::EXTENDED_ARG ? arg : 0;
        if (op == Op::CACHE || op == Op::EXTENDED_ARG) continue;
        TRY(fn(op, arg));
    }
    return Status::ok();
}

// Fails with ValueError when the code has free variables or, where `check_globals`, uses names that are not
// builtins. `globals` and `builtins` may be empty.
Status verify_code(Thread& t, PyCodeObject* co, Value globals, Value builtins, bool check_globals);
// Every `return` has the constant None before it.
Result<bool> returns_only_none(Thread& t, PyCodeObject* co);

}  // namespace krait::xi
