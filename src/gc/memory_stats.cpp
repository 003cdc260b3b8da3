#include "gc/memory_stats.h"

#include <string>

#include "gc/alloc.h"

namespace krait {
namespace {

// Digits in groups of three.
std::string grouped(int64_t n) {
    std::string s = std::to_string(n);
    for (size_t at = s.size(); at > 3;) s.insert(at -= 3, ",");
    return s;
}

int64_t total_line(FILE* to, const char* what, int64_t bytes) {
    fprintf(to, "%-32s = %20s\n", what, grouped(bytes).c_str());
    return bytes;
}

// Objects have no free lists by type: those of one size share one, whatever they are.
void print_objects(FILE* to, const MemoryUse& use, const char* name, size_t size) {
    size_t size_class = (size + kPlainPrefix + kSmallStep - 1) / kSmallStep;
    int64_t n = use.small[size_class].free_blocks;
    std::string what = std::to_string(n) + " free " + name + " * " + std::to_string(size) + " bytes each";
    fprintf(to, "%48s = %20s\n", what.c_str(), grouped(n * static_cast<int64_t>(size)).c_str());
}

}  // namespace

void memory_print_stats(FILE* to) {
    MemoryUse use = memory_use();
    fprintf(to, "Small block threshold = %zu, in %zu size classes.\n\n", kSmallMax, kSmallClasses - 1);
    fprintf(to, "class   size   num pages   blocks in use  avail blocks\n");
    fprintf(to, "-----   ----   ---------   -------------  ------------\n");
    int64_t in_use = 0, available = 0, lost = 0;
    for (size_t k = 1; k < kSmallClasses; k++) {
        const SmallUse& u = use.small[k];
        if (!u.pages) continue;
        auto size = static_cast<int64_t>(k * kSmallStep);
        int64_t used = u.pages * blocks_of_page(k) - u.free_blocks;
        fprintf(to, "%5zu %6lld %11lld %15lld %13lld\n", k, static_cast<long long>(size),
                static_cast<long long>(u.pages), static_cast<long long>(used),
                static_cast<long long>(u.free_blocks));
        in_use += used * size;
        available += u.free_blocks * size;
        lost += u.pages * ((1 << kPageShift) - blocks_of_page(k) * size);
    }
    fputc('\n', to);
    int64_t total = total_line(to, "# bytes in allocated blocks", in_use);
    total += total_line(to, "# bytes in available blocks", available);
    std::string unused = std::to_string(use.unused_pages) + " unused pages * 16384 bytes";
    total += total_line(to, unused.c_str(), use.unused_pages << kPageShift);
    total += total_line(to, "# bytes lost at the end of pages", lost);
    total_line(to, "Total", total);
    fprintf(to, "\n%lld larger blocks are the system's\n\n", static_cast<long long>(use.large_blocks));
    fputs("Blocks that the next objects will lie in; other objects of the size may come first:\n", to);
    print_objects(to, use, "PyDictObjects", sizeof(PyDictObject));
    print_objects(to, use, "PyFloatObjects", sizeof(PyFloatObject));
    print_objects(to, use, "PyListObjects", sizeof(PyListObject));
    print_objects(to, use, "2-sized PyTupleObjects", sizeof(PyVarObject) + 2 * sizeof(Value));
}

}  // namespace krait
