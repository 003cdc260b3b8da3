// Arguments of functions that parse them by a format, as the modules of interpreters do.
#pragma once

#include "object/thread.h"

namespace krait::xi {

// `count` names, of which the last `only_named` take no positional argument and the first `required` must be
// there.
struct Names {
    const char* function;
    const char* names[6];
    int count, required, only_named;
};
// Puts the arguments into `out`, in the order of the names; empty where there is none.
Status bind_names(Thread& t, const Names& n, const Value* args, size_t nargs, Value kwnames, Value* out);
Result<bool> flag(Thread& t, Value v);  // false when there is none
Result<int> number(Thread& t, Value v, int otherwise);
// A number from 0 up: `label` is what messages call it.
Result<int64_t> id_number(Thread& t, Value v, const char* label);

// What becomes of an item whose interpreter has ended.
enum Unbound : int { kUnboundRemove = 1, kUnboundError = 2, kUnboundReplace = 3 };
Result<int> unbound_op(Thread& t, Value v, int otherwise);
Result<int> fallback_number(Thread& t, Value v, int otherwise);

}  // namespace krait::xi
