// What types show of CPython's layout where it is another than Krait's: flags, sizes.
#pragma once

#include "object/type.h"

namespace krait {

uint64_t shown_type_flags(const PyTypeObject* type);
// Of an instance without what follows it, and of one item of that.
int64_t shown_basicsize(const PyTypeObject* type);
int64_t shown_itemsize(const PyTypeObject* type);

}  // namespace krait
