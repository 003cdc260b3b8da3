#include "support/image.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstring>
#include <string>

namespace krait {
namespace {

constexpr unsigned char kConstants[1 << 19] = {3, 1, 4};

// Kilobytes of the mapping that the address lies in that are in memory.
long resident(const void* p) {
    std::FILE* maps = std::fopen("/proc/self/smaps", "r");
    if (!maps) return -1;
    char line[512];
    bool here = false;
    long kilobytes = -1;
    while (kilobytes < 0 && std::fgets(line, sizeof line, maps)) {
        unsigned long from, to;
        if (std::sscanf(line, "%lx-%lx ", &from, &to) == 2 && std::strchr(line, '-') < std::strchr(line, ' '))
            here = from <= reinterpret_cast<unsigned long>(p) && reinterpret_cast<unsigned long>(p) < to;
        if (here) std::sscanf(line, "Rss: %ld", &kilobytes);
    }
    std::fclose(maps);
    return kilobytes;
}

unsigned sum() {
    unsigned total = 0;
    for (const volatile unsigned char& n : kConstants) total += n;
    return total;
}

TEST(Image, DroppedConstantsComeBack) {
    unsigned before = sum();
    long all = resident(&kConstants);
    if (all < 0) GTEST_SKIP() << "no /proc/self/smaps";
    ASSERT_GE(all, static_cast<long>(sizeof kConstants / 1024));
    drop_constant_pages();
    EXPECT_LT(resident(&kConstants), all - 256);
    EXPECT_EQ(sum(), before);
}

}  // namespace
}  // namespace krait
