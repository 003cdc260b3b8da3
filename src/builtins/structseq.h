// Named tuples of the interpreter's own that are static types: those of sys.
#pragma once

#include "builtins/callable.h"

namespace krait {

Ref structseq_static_type(Thread& t, const StructSeqDesc& desc, bool instantiable);

}  // namespace krait
