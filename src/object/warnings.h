// Warnings beyond warn() of errors.h, and how the module _warnings makes itself known.
#pragma once

#include "object/errors.h"

namespace krait {

// Set by _warnings when it is made: works without the import system, which is gone when the last objects are.
using WarnFn = Status (*)(Thread&, Value category, Value message, int64_t stacklevel, Value source);
extern WarnFn g_warn;
using WarnExplicitFn = Status (*)(Thread&, Value category, Value message, Value filename, int64_t line,
                                  Value module);
extern WarnExplicitFn g_warn_explicit;

// A warning about `source`, which need not be reachable any more: tracemalloc can say where it was made.
Status warn_about(Thread& t, Value source, PyTypeObject* category, int stacklevel, const char* format, ...);

}  // namespace krait
