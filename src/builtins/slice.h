// slice and range.
#pragma once
#include "object/thread.h"
namespace krait {
Ref slice_new(Thread& t, Value start, Value stop, Value step);  // empty means None
Status slice_unpack(Thread& t, Value slice, int64_t* start, int64_t* stop,
                    int64_t* step);                                                 // clamped to int64
int64_t slice_adjust(int64_t length, int64_t* start, int64_t* stop, int64_t step);  // number of items
Ref range_new(Thread& t, Value start, Value stop, Value step);
}  // namespace krait
