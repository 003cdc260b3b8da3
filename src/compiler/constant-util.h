#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bytecode/constant.h"

namespace krait {

// As Python's repr() writes a str.
std::string repr_of_str(std::string_view text);
// As Python's repr() writes the constant.
std::string repr_text(const Constant* constant);

// As Python's == and hash see two constants that are keys of a dict: 1, 1.0 and True are one key.
bool equal_keys(const Constant* a, const Constant* b);
// Agrees with equal_keys.
uint64_t hash_key(const Constant* constant);

// Python's name of the constant's type: "int", "NoneType".
const char* type_name(const Constant* constant);

}  // namespace krait
