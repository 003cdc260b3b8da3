// Memory that others allocate and report to tracemalloc. The caller holds the GIL.
#pragma once

#include "object/thread.h"

namespace krait {

bool tracing_memory();  // may be asked without the GIL
// A block at `place` of an address space of its own, or, in domain 0, of the program's memory. False: nothing
// is traced.
bool trace_block(unsigned domain, uintptr_t place, size_t size);
bool untrace_block(unsigned domain, uintptr_t place);
Ref traced_block(Thread& t, unsigned domain, uintptr_t place);  // where it was allocated, or None

}  // namespace krait
