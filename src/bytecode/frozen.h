#pragma once

#include <cstddef>

namespace krait {

// A module compiled into the executable; krait-freeze writes the table.
struct FrozenModule {
    const char* name;
    const unsigned char* data;  // marshalled code
    size_t size;
    bool is_package;
};

extern const FrozenModule kFrozenModules[];
extern const size_t kFrozenModuleCount;

}  // namespace krait
