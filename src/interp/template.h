// What t"..." makes.
#pragma once

#include "object/thread.h"

namespace krait {

// Tuples of str and of Interpolations; one string more than interpolations.
Ref template_new(Thread& t, Value strings, Value interpolations);
Ref interpolation_new(Thread& t, Value value, Value expression, Value conversion_or_none, Value format_spec);
Status init_interp_template(Thread& t);

}  // namespace krait
