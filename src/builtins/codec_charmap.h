// EncodingMap: the compact inverse of a decoding table.
#pragma once

#include "object/thread.h"

namespace krait {
extern Type encoding_map_type;
int encoding_map_get(Value map, uint32_t c);  // the byte, -1: none
}  // namespace krait
