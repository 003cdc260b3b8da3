// The parts of the module _collections.
#pragma once

#include "object/thread.h"

namespace krait {

Status init_deque(Thread& t, Value module);
Status init_ordered_dict(Thread& t, Value module);

}  // namespace krait
