#include "support/stack-guard.h"

#include "support/wide-stack.h"

namespace krait {

namespace {

// The lowest address of this thread's stack (its ordinary share). Asking the system costs some microseconds
// (for the main thread it reads /proc), hence once for each thread.
thread_local uintptr_t stack_high = 0;

uintptr_t stack_low() {
    static thread_local uintptr_t low = 0;
    if (low == 0) {
        StackBounds bounds = stack_bounds();
        low = reinterpret_cast<uintptr_t>(bounds.ordinary);
        stack_high = reinterpret_cast<uintptr_t>(bounds.high);
        if (low == 0) {  // no answer: assume 512 kB below us
            low = reinterpret_cast<uintptr_t>(__builtin_frame_address(0)) - 512 * 1024;
        }
        // With an unlimited stack the system names an address that may never be mapped.
        uintptr_t here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
        constexpr uintptr_t kMost = 64u << 20;
        if (here - low > kMost) low = here - kMost;
    }
    return low;
}

}  // namespace

// CPython stops when 32 kB are left.
constexpr size_t kMargin = 32 * 1024;

size_t StackGuard::most() {
    uintptr_t low = stack_low();
    return stack_high > low + kMargin ? stack_high - low - kMargin : 0;
}

size_t StackGuard::left() {
    uintptr_t low = stack_low();
    uintptr_t here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
    return here > low + kMargin ? here - low - kMargin : 0;
}

StackGuard::StackGuard(size_t reserve) : limit_(stack_low() + reserve) {}

}  // namespace krait
