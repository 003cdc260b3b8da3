// Large blocks that grow, straight from the system: they grow without being copied, and what is not touched
// costs nothing. Each starts a page; a table knows them. A few freed ones are kept for the next that asks.
#pragma once

#include <cstddef>

namespace krait {

// What has to grow beyond this is expected to grow on, and moves here.
inline constexpr size_t kHugeMin = size_t{128} << 10;

void* huge_alloc(size_t n);  // not zeroed; null when out of memory
// Bytes of the block at p; 0: it is none of these.
size_t huge_size(void* p);
bool huge_free(void* p);                            // false: it is none of these
void* huge_realloc(void* p, size_t old, size_t n);  // null: the old block stays

}  // namespace krait
