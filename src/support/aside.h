// Calls of what is rare, from functions that are nothing but a few tests before it.
#pragma once

namespace krait {

// The result of such a call, which thereby is no jump to the callee. Compilers make jumps on a condition of
// those, and what comes after two of them counts as never run where the release build is laid out
// (scripts/layout.py).
template <class T>
inline T called(T result) {
    if constexpr (sizeof(T) <= sizeof(void*))
        asm volatile("" : "+r"(result));
    else
        asm volatile("");  // in two registers: that something stands between is enough
    return result;
}

}  // namespace krait
