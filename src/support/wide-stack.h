#pragma once

#include <pthread.h>

#include <cstddef>

namespace krait {

// A wide stack is kWideStack times what the system gives a thread (8 MB, as a rule), of which only touched
// pages cost memory. The ordinary share is for everything; recursion through data (StackExtension) may use
// the rest, since our comparison of nested lists takes about three times the stack of CPython's. Without
// address space for it, or with an unlimited stack, a thread has an ordinary one.

// Runs fn(argument) on the main thread's wide stack, or where it is called.
constexpr size_t kWideStack = 4;
int run_on_wide_stack(int (*fn)(void*), void* argument);

// Other threads have such a stack, too: a thread that runs fn(argument), to be joined or detached by the
// caller. `ordinary` is the size that was asked for, 0: what the system gives. Returns 0 or the system's
// error.
int start_wide_thread(pthread_t* thread, size_t ordinary, void* (*fn)(void*), void* argument);

// The calling thread's stack: the lowest address of all of it, the lowest of the ordinary share, its end.
// `low` is null if the system does not tell.
struct StackBounds {
    char* low = nullptr;
    char* ordinary = nullptr;
    char* high = nullptr;
};
StackBounds stack_bounds();

}  // namespace krait
