#include "capi/stubs.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <unordered_map>

namespace krait {

namespace {

constexpr size_t kRegion = size_t{64} << 20;  // address space; memory comes as it is written
constexpr size_t kStubSize = 24;
// mov r9, imm64; mov r11, imm64; jmp r11
constexpr unsigned char kCode[kStubSize] = {0x49, 0xb9, 0, 0, 0, 0, 0, 0, 0,    0,    0x49, 0xbb,
                                            0,    0,    0, 0, 0, 0, 0, 0, 0x41, 0xff, 0xe3, 0xcc};
constexpr size_t kDataAt = 2, kHandlerAt = 12;

struct Pair {
    void *handler, *data;
    bool operator==(const Pair&) const = default;
};
struct PairHash {
    size_t operator()(const Pair& p) const {
        auto a = reinterpret_cast<uint64_t>(p.handler), b = reinterpret_cast<uint64_t>(p.data);
        return (a * 0x9e3779b97f4a7c15 ^ b) * 0xc2b2ae3d27d4eb4f >> 7;
    }
};

// Written through one mapping, run through the other: no page is ever writable and executable.
struct Region {
    char *write = nullptr, *run = nullptr;
    size_t used = 0;
    bool tried = false;
    std::unordered_map<Pair, void*, PairHash> known;
};
Region& region() {
    static auto* r = new Region;  // never destroyed: extensions run until the process is gone
    return *r;
}

bool prepare(Region& r) {
    if (r.tried) return r.run;
    r.tried = true;
    int fd = memfd_create("krait-stubs", MFD_CLOEXEC);
    if (fd < 0) return false;
    void *w = MAP_FAILED, *x = MAP_FAILED;
    if (ftruncate(fd, kRegion) == 0) {
        w = mmap(nullptr, kRegion, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        x = mmap(nullptr, kRegion, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
    }
    close(fd);
    if (w == MAP_FAILED || x == MAP_FAILED) return false;
    r.write = static_cast<char*>(w);
    r.run = static_cast<char*>(x);
    return true;
}

}  // namespace

void* make_stub(void* handler, void* data) {
    Region& r = region();
    auto found = r.known.find({handler, data});
    if (found != r.known.end()) return found->second;
    if (!prepare(r) || r.used + kStubSize > kRegion) return nullptr;
    char* p = r.write + r.used;
    memcpy(p, kCode, kStubSize);
    memcpy(p + kDataAt, &data, sizeof data);
    memcpy(p + kHandlerAt, &handler, sizeof handler);
    void* stub = r.run + r.used;
    r.used += kStubSize;
    r.known.emplace(Pair{handler, data}, stub);
    return stub;
}

bool read_stub(void* fn, void** handler, void** data) {
    Region& r = region();
    auto* p = static_cast<char*>(fn);
    if (!r.run || p < r.run || p >= r.run + r.used) return false;
    memcpy(data, p + kDataAt, sizeof *data);
    memcpy(handler, p + kHandlerAt, sizeof *handler);
    return true;
}

}  // namespace krait
