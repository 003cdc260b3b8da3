// Large blocks that grow, straight from the system: they grow without being copied, and what is not touched
// costs nothing. Each starts a page; a table knows them. A few freed ones are kept for the next that asks.
#pragma once

#include <cstddef>

namespace krait {

// What has to grow beyond this is expected to grow on, and moves here.
inline constexpr size_t kHugeMin = size_t{16} << 10;
// What is allocated as a block that may be resized comes here at once from this size on.
inline constexpr size_t kHugeFirst = size_t{1} << 20;

// Addresses to ask for when a block grows to n bytes: below 128 KiB four times as many, so that it seldom has
// to ask the system again. What is not touched is not there.
inline constexpr size_t huge_room(size_t n) { return n < size_t{128} << 10 ? 4 * n : n; }

void* huge_alloc(size_t n);  // not zeroed; null when out of memory
// Bytes of the block at p; 0: it is none of these.
size_t huge_size(void* p);
bool huge_free(void* p, size_t* size);              // false: it is none of these
void* huge_realloc(void* p, size_t old, size_t n);  // null: the old block stays

}  // namespace krait
