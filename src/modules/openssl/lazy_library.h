// Libraries that are loaded when a module first needs them, not when the program starts: linked in the
// ordinary way, libcrypto alone would cost every start 1.4 MB and a twentieth of its time. The sources
// include the library's own headers and call its functions by name; the linker finds the trampolines of
// trampolines.inc there. A new function is one more line in the .def file.
#pragma once

#include "object/native.h"

namespace krait {

// Sets ImportError when the library, or a function that it should have, is missing. Cheap when it is loaded.
// To be called by the exec function of each module that uses the library, or by what leads to all uses.
Status load_libcrypto(Thread& t);
Status load_libssl(Thread& t);

}  // namespace krait
