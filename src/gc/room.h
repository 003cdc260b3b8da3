// Asking for memory before it is needed.
#pragma once

#include "gc/memory.h"
#include "object/errors.h"
#include "support/reserve.h"

namespace krait {

// C++ containers and GMP end the process where memory is short. What is about to fill one of them with as
// many bytes as a program wants asks first; MemoryError if they are not to be had. Below a megabyte nothing
// is asked while the reserve covers it.
inline Status room_for(Thread& t, int64_t bytes) {
    if (bytes < (1 << 20) && reserve_is_ample()) [[likely]]
        return Status::ok();
    void* probe = bytes < int64_t{1} << 46 ? mem_alloc(static_cast<size_t>(bytes)) : nullptr;
    if (!probe) return raise_no_memory(t);
    mem_free_scratch(probe);
    return Status::ok();
}

}  // namespace krait
