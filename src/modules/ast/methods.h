// Methods of AST that are more than a line.
#pragma once

#include "object/thread.h"

namespace krait {

// The shortened repr: three levels deep, of long lists the ends.
Ref ast_repr(Thread& t, Value self);
// __replace__: a new node with some fields changed; `kwargs` a dict.
Ref ast_replace(Thread& t, Value self, Value kwargs);

}  // namespace krait
