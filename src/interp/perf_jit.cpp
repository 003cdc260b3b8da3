#include "interp/perf_jit.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>

namespace krait {
namespace {

constexpr uint32_t kMagic = 0x4A695444, kVersion = 1;
enum RecordId : uint32_t { kCodeLoad = 0, kCodeClose = 3, kUnwinding = 4 };

struct Header {
    uint32_t magic = kMagic, version = kVersion, size = sizeof(Header), machine = EM_X86_64, pad = 0, pid = 0;
    uint64_t time = 0, flags = 0;
};
struct Record {
    uint32_t id, size;
    uint64_t time;
};
struct CodeLoad {
    Record head;
    uint32_t pid, tid;
    uint64_t vma, address, code_size, index;
};
struct Unwinding {
    Record head;
    uint64_t data_size, header_size, mapped_size;
};

// How the code of perf.cpp is unwound, in DWARF: its frame pointer is set up after 5 and 8 bytes. The tables
// lie behind the code, which is 16 bytes long, and tell addresses by the distance.
constexpr unsigned char kTables[] = {
    // CIE: version 1, "zR", code factor 1, data factor -8, return address in r16, addresses relative to here.
    0x14, 0, 0, 0, 0, 0, 0, 0, 1, 'z', 'R', 0, 1, 0x78, 16, 1, 0x1b, 0x0c, 7, 8,  // the CFA is rsp + 8,
    0x90, 1, 0, 0,  // the return address lies at CFA - 8
    // FDE: 28 bytes behind its CIE; begins 48 bytes ahead of the field, 16 bytes long.
    0x1c, 0, 0, 0, 0x1c, 0, 0, 0, 0xd0, 0xff, 0xff, 0xff, 16, 0, 0, 0, 0, 0x45, 0x0e, 16, 0x86,
    2,                    // after 5 bytes: CFA rsp + 16, rbp saved at CFA - 16
    0x43, 0x0d, 6,        // after 3 more: CFA rbp + 16
    0x43, 0x0c, 7, 8,     // after the call and the pop, 3 more: CFA rsp + 8
    0, 0, 0, 0, 0, 0, 0,  // the end of the tables
    // The search table, 60 bytes behind the beginning: version 1, encodings, where the tables begin, one
    // entry.
    1, 0x1b, 3, 0x3b, 0xc0, 0xff, 0xff, 0xff, 1, 0, 0, 0, 0xb4, 0xff, 0xff, 0xff, 0xdc, 0xff, 0xff, 0xff};
static_assert(sizeof kTables == 80);
constexpr size_t kSearchTable = 20;

FILE* g_file = nullptr;
void* g_marker = MAP_FAILED;  // perf finds the dump by its being mapped
uint64_t g_codes = 0;

uint64_t now() {
    timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return static_cast<uint64_t>(ts.tv_sec) * 1000000000 + static_cast<uint64_t>(ts.tv_nsec);
}
bool put(const void* data, size_t size) { return fwrite(data, 1, size, g_file) == size; }

}  // namespace

bool jit_dump_open() {
    if (g_file) return true;
    char path[64];
    snprintf(path, sizeof path, "/tmp/jit-%d.dump", static_cast<int>(getpid()));
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) return false;
    g_marker =
        mmap(nullptr, static_cast<size_t>(sysconf(_SC_PAGESIZE)), PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
    g_file = fdopen(fd, "w");
    if (!g_file) {
        close(fd);
        return false;
    }
    Header header;
    header.pid = static_cast<uint32_t>(getpid());
    header.time = now();
    return put(&header, sizeof header) && fflush(g_file) == 0;
}

void jit_dump_close() {
    if (!g_file) return;
    Record end{kCodeClose, sizeof(Record), now()};
    put(&end, sizeof end);
    fclose(g_file);
    g_file = nullptr;
    if (g_marker != MAP_FAILED) munmap(g_marker, static_cast<size_t>(sysconf(_SC_PAGESIZE)));
    g_marker = MAP_FAILED;
}

void jit_dump_forget() {
    if (g_file) fclose(g_file);  // all was written at once
    g_file = nullptr;
    g_marker = MAP_FAILED;
}

bool jit_dump_write(const void* code, size_t size, const char* name) {
    constexpr size_t kPadded = (sizeof kTables + 7) & ~size_t{7};
    char tables[kPadded] = {};
    memcpy(tables, kTables, sizeof kTables);
    Unwinding unwinding{{kUnwinding, static_cast<uint32_t>(sizeof(Unwinding) + kPadded), now()},
                        sizeof kTables,
                        kSearchTable,
                        sizeof kTables};
    size_t name_size = strlen(name) + 1;
    auto address = reinterpret_cast<uint64_t>(code);
    CodeLoad load{{kCodeLoad, static_cast<uint32_t>(sizeof(CodeLoad) + name_size + size), now()},
                  static_cast<uint32_t>(getpid()),
                  static_cast<uint32_t>(gettid()),
                  address,
                  address,
                  size,
                  ++g_codes};
    return put(&unwinding, sizeof unwinding) && put(tables, kPadded) && put(&load, sizeof load) &&
           put(name, name_size) && put(code, size) && fflush(g_file) == 0;
}

}  // namespace krait
