#include "support/image.h"

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

// The linker's: the header of the file that this code is part of, program or shared library.
extern "C" const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden"), weak));

namespace krait {

void drop_constant_pages() {
    const ElfW(Ehdr)* file = &__ehdr_start;
    if (!file) return;
    auto start = reinterpret_cast<uintptr_t>(file);
    auto* segment = reinterpret_cast<const ElfW(Phdr)*>(start + file->e_phoff);
    // A program at a fixed address says where its segments lie, a library where from its start.
    uintptr_t base = file->e_type == ET_EXEC ? 0 : start;
    auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
    for (int i = 0; i < file->e_phnum; i++, segment++) {
        if (segment->p_type != PT_LOAD || segment->p_flags != PF_R) continue;
        // The page that the next segment shares is mapped for that one once more.
        uintptr_t from = (base + segment->p_vaddr) & ~(page - 1);
        uintptr_t to = (base + segment->p_vaddr + segment->p_filesz + page - 1) & ~(page - 1);
        madvise(reinterpret_cast<void*>(from), to - from, MADV_DONTNEED);
    }
}

}  // namespace krait
