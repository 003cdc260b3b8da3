// The module _testinternalcapi: what CPython's tests ask about the inside of an interpreter, as far as Krait
// has an answer of its own. A function that it has no answer for is not there.
#pragma once

#include "object/native.h"
#include "object/thread.h"

namespace krait::internals {

// Each file's functions; each table ends with an entry without a name.
extern const NativeDef kObjectFunctions[];       // objects, types, the collector, the stack
extern const NativeDef kInterpreterFunctions[];  // sub-interpreters and what travels between them
extern const NativeDef kCodeFunctions[];         // code objects
extern const NativeDef kFrameFunctions[];        // frames
extern const NativeDef kNumberFunctions[];       // complex numbers with real ones
extern const NativeDef kTimeFunctions[];         // conversions of times
extern const NativeDef kTextFunctions[];         // text in the locale's encoding, paths, docstrings
extern const NativeDef kCompilerFunctions[];     // single stages of the compiler

}  // namespace krait::internals
