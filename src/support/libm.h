// The C library's mathematics, which few programs need, loaded when it is first called: three hundred
// kilobytes less and a library less to relocate at each start. libm.S defines the functions of libm.def: each
// jumps where its slot points, at first into libm_load(). What the list lacks makes the linker load libm at
// start-up again.
#pragma once

namespace krait {

// Loads it for code that looks its functions up itself: extensions and ctypes find them in the program, as in
// CPython.
extern "C" void libm_load();

}  // namespace krait
