// Marshal: Python values as bytes, as .pyc files hold them.
#pragma once

#include <string_view>

#include "object/thread.h"

namespace krait {

constexpr int kMarshalVersion = 5;

Ref marshal_dumps(Thread& t, Value v, int version, bool allow_code);  // bytes
// The first value in `data`; what follows it is ignored. `used` gets the number of bytes that were read.
Ref marshal_loads(Thread& t, std::string_view data, bool allow_code, size_t* used = nullptr);
// Data that the build made: its bytecode is not verified.
Ref marshal_load_frozen(Thread& t, std::string_view data);

}  // namespace krait
