#pragma once

#include <cstddef>

namespace krait {

// Runs fn(argument) on the main thread's wide stack: kWideStack times what the system gives the thread (8 MB,
// as a rule), of which only touched pages cost memory. The ordinary share is for everything; recursion
// through data (StackExtension) may use the rest, since our comparison of nested lists takes about three
// times the stack of CPython's. Without address space for it, or with an unlimited stack, fn runs where it is
// called.
constexpr size_t kWideStack = 4;
int run_on_wide_stack(int (*fn)(void*), void* argument);

// The calling thread's stack: the lowest address of all of it, the lowest of the ordinary share, its end.
// `low` is null if the system does not tell.
struct StackBounds {
    char* low = nullptr;
    char* ordinary = nullptr;
    char* high = nullptr;
};
StackBounds stack_bounds();

}  // namespace krait
