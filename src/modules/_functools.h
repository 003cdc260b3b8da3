// Between the files of the module _functools.
#pragma once

#include "object/thread.h"

namespace krait {

Status add_lru_cache(Thread& t, Value module);

}  // namespace krait
