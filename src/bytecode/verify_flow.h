#pragma once

#include "bytecode/decode.h"
#include "bytecode/verify.h"
#include "support/small-vector.h"

namespace krait {

// A code object whose instructions were checked one by one.
struct CheckedCode {
    // For each code unit the number of the block that begins there, kStart or kInside.
    static constexpr int32_t kStart = -1;   // an instruction begins, no block
    static constexpr int32_t kInside = -2;  // behind an EXTENDED_ARG, or a cache
    SmallVector<int32_t, 256> units;
    int32_t blocks = 0;
    SmallVector<HandlerRange, 8> handlers;  // sorted, none overlaps
};

struct Problem {
    const char* text = nullptr;
    int64_t unit = -1;
};

// Follows all paths. The text is null if all is well. Fills in what is known at the beginning of `block`.
Problem check_flow(const CodeView& code, const CheckedCode& checked, int32_t block = 0,
                   Landing* landing = nullptr);

}  // namespace krait
