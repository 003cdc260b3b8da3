// What `type.__flags__` shows.
#pragma once

#include "object/type.h"

namespace krait {

uint64_t shown_type_flags(const PyTypeObject* type);

}  // namespace krait
