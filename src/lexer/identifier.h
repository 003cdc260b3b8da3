#pragma once

#include <cstddef>
#include <string_view>

namespace krait {

// Length in bytes of the longest prefix of valid UTF-8 `name` that is an identifier (PEP 3131, Unicode 16):
// name.size() when all of it is one.
size_t identifier_prefix(std::string_view name);

// str.isprintable for one character, Unicode 16.
bool is_printable(char32_t c);

}  // namespace krait
