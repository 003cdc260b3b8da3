// "Did you mean": the candidate nearest in spelling.
#pragma once

#include "object/value.h"

namespace krait {

// The best of `candidates` (strs; others are skipped) for a misspelt `name`; borrowed, empty when none is
// near.
Value suggest_name(Value name, const Value* candidates, int64_t n);

}  // namespace krait
