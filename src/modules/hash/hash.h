// What the hash modules share.
#pragma once

#include "object/protocol.h"

namespace krait {

// The bytes to hash: anything with a flat buffer but str.
Status hash_input(Thread& t, Value v, Buffer& out);
// The one given of `data` and its old name `string`; empty when neither is.
Result<Value> hash_data_argument(Thread& t, Value data, Value string);
Ref hash_hex(Thread& t, const unsigned char* digest, size_t n);
// a == b of two texts or buffers, in a time that does not tell where they differ: a native of kind
// Positional.
Ref compare_digest(Thread& t, Value, const Value* a, size_t nargs);

}  // namespace krait
