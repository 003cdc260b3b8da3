// What other modules use of the module time.
#pragma once

#include <ctime>

#include "object/thread.h"

namespace krait {

// strftime() of a str; NULs in the format stand for themselves.
Ref time_format(Thread& t, Value format, const struct tm& m);

}  // namespace krait
