// What the small-block allocator holds, for people who look into it (sys._debugmallocstats,
// PYTHONMALLOCSTATS).
#pragma once

#include <cstdio>

#include "gc/memory.h"

namespace krait {

// There is one allocator, whatever PYTHONMALLOC says.
inline constexpr const char* kAllocatorName = "krait";

struct SmallUse {
    int64_t pages = 0, free_blocks = 0;
};
struct MemoryUse {
    SmallUse small[kSmallClasses];  // by size class
    int64_t large_blocks = 0;
    int64_t unused_pages = 0;
};
MemoryUse memory_use();
inline int64_t blocks_of_page(size_t size_class) {
    return (int64_t{1} << kPageShift) / static_cast<int64_t>(size_class * kSmallStep);
}

void memory_print_stats(FILE* to);

}  // namespace krait
