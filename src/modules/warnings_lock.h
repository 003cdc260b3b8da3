// The lock of the module warnings: whoever changes or reads its state holds it, as often as it likes.
#pragma once

#include "object/thread.h"

namespace krait {
void warnings_lock_after_fork(Thread& t);  // in the child: what threads that are gone held is free
}  // namespace krait
