#pragma once

#include "object/thread.h"

namespace krait {

// A text stream straight onto a file descriptor: what sys.stdout is until io is there.
Ref fallback_stream_new(Thread& t, int fd);

}  // namespace krait
