// The import lock around a fork, so that the child neither waits for it for ever nor sees half a module.
#pragma once

#include "object/thread.h"

namespace krait {
void import_lock_before_fork(Thread& t);
void import_lock_after_fork(Thread& t);  // in both processes
}  // namespace krait
