// The parts of the module _collections.
#pragma once

#include "object/thread.h"

#pragma GCC visibility push(default)
extern "C" {
extern krait::Type PyODict_Type, PyODictIter_Type, PyODictKeys_Type, PyODictValues_Type, PyODictItems_Type;
}
#pragma GCC visibility pop

namespace krait {

Status init_deque(Thread& t, Value module);
Status init_ordered_dict(Thread& t, Value module);

}  // namespace krait
