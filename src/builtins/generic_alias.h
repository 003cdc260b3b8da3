// Shared by generic aliases and unions.
#pragma once

#include "builtins/str.h"
#include "object/thread.h"

namespace krait {

// Appends a type as annotations print it: "int", "collections.deque", "...", or its repr.
Status type_repr_put(Thread& t, StrBuilder& out, Value v);
// The open type parameters in a tuple of arguments.
Ref type_parameters(Thread& t, Value args);
// `args` with `params` replaced by `item` (one, or a tuple): a tuple. `self` is named in messages.
Ref substitute_parameters(Thread& t, Value self, Value args, Value params, Value item);

}  // namespace krait
