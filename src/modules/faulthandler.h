#pragma once

#include "object/thread.h"

namespace krait {

Status faulthandler_enable(Thread& t);  // -X faulthandler
void faulthandler_finish(Thread& t);    // before the runtime ends: nothing of it stays installed

}  // namespace krait
