#include "support/panic.h"

#include <cstdio>
#include <cstdlib>

namespace krait {

void panic(const char* message) {
    std::fprintf(stderr, "krait: fatal: %s\n", message);
    std::fflush(stderr);
    std::abort();
}

}  // namespace krait
