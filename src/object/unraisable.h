// What sys.unraisablehook is handed: a type that no module shows.
#pragma once

#include "object/type.h"

namespace krait {

// Set once, when sys is made; until then exceptions that nobody can take are printed plainly.
void set_unraisable_args_type(PyTypeObject* type);

}  // namespace krait
