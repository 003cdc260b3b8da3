#pragma once

#include <cstddef>
#include <cstdint>

namespace krait {

// Tells recursive code when the thread's stack comes to its end, so that it can fail cleanly.
class StackGuard {
  public:
    // Leaves `reserve` bytes for whatever the guarded code calls.
    explicit StackGuard(size_t reserve = 256 * 1024);

    bool exhausted() const { return reinterpret_cast<uintptr_t>(__builtin_frame_address(0)) < limit_; }

    // Bytes that this thread's stack holds.
    static size_t used();

  private:
    uintptr_t limit_;
};

}  // namespace krait
