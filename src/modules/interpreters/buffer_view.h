#pragma once

#include "object/thread.h"

namespace krait::xi {
Status add_buffer_view(Thread& t, Value module);  // CrossInterpreterBufferView
}  // namespace krait::xi
