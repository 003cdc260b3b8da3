#pragma once

namespace krait {

// Ends the process with a message on stderr. For states that no input may produce, and for memory that the
// front end cannot do without.
[[noreturn]] void panic(const char* message);

}  // namespace krait

#ifdef KRAIT_CHECKS
#define KRAIT_ASSERT(condition) \
    (__builtin_expect(!!(condition), 1) ? (void)0 : ::krait::panic("assertion failed: " #condition))
#else
#define KRAIT_ASSERT(condition) ((void)0)
#endif
