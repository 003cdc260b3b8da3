// Callables that see themselves to what a `**` mapping holds.
#pragma once

#include <cstdint>

namespace krait {

// The constructor of AST nodes and their __replace__() take keywords that are no strings, and complain about
// them in their own words; every other callable may rely on strings.
inline constexpr uint8_t kTypeAnyKeywords = 0x80;  // in PyTypeObject::krait_bits: goes with the init slot
inline constexpr uint8_t kMethAnyKeywords = 0x80;  // in NativeDef::flags

}  // namespace krait
