// Conversions of arguments that few files need.
#pragma once

#include "object/thread.h"

namespace krait {

// __index__ as functions of C declare a size: OverflowError "Python int too large to convert to C ssize_t".
// Operations on sequences say it in other words: as_index().
Result<int64_t> as_ssize(Thread& t, Value v);

}  // namespace krait
