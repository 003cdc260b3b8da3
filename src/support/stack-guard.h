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

    // Bytes of this thread's stack that CPython would use before it gives up, and how many of them are left.
    static size_t most();
    static size_t left();

  private:
    uintptr_t limit_;
};

// Recursion that needs less stack than CPython's, and yet is to end where that ends: each level takes what it
// takes there.
class StackBudget {
  public:
    StackBudget() : left_(StackGuard::left()) {}
    bool enter(size_t bytes) {
        if (left_ < bytes) return false;
        left_ -= bytes;
        return true;
    }
    void leave(size_t bytes) { left_ += bytes; }

  private:
    size_t left_;
};

}  // namespace krait
