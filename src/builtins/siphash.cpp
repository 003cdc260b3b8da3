// The hash of text and bytes: SipHash-1-3 with the key of the process, as CPython computes it, so that
// PYTHONHASHSEED gives the same numbers.
#include <bit>
#include <cstring>

#include "object/protocol.h"

namespace krait {

namespace {

struct SipState {
    uint64_t v0, v1, v2, v3;
    void round() {
        v0 += v1;
        v2 += v3;
        v1 = std::rotl(v1, 13) ^ v0;
        v3 = std::rotl(v3, 16) ^ v2;
        v0 = std::rotl(v0, 32);
        v2 += v1;
        v0 += v3;
        v1 = std::rotl(v1, 17) ^ v2;
        v3 = std::rotl(v3, 21) ^ v0;
        v2 = std::rotl(v2, 32);
    }
};

// The bytes behind the last whole word, as the lowest of one.
uint64_t tail_of(const char* p, size_t n) {
    size_t rest = n % 8;
    if (rest == 0) return 0;
    if (n >= 8) {
        uint64_t word;
        std::memcpy(&word, p + n - 8, 8);
        return word >> (64 - 8 * rest);
    }
    auto byte = [&](size_t i) { return uint64_t{static_cast<unsigned char>(p[i])} << (8 * i); };
    if (n < 4) return byte(0) | byte(n / 2) | byte(n - 1);
    uint32_t head, tail;  // they overlap
    std::memcpy(&head, p, 4);
    std::memcpy(&tail, p + n - 4, 4);
    return head | uint64_t{tail} << (8 * (n - 4));
}

}  // namespace

uint64_t siphash13(uint64_t k0, uint64_t k1, const char* p, size_t n) {
    SipState s{k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261,
               k1 ^ 0x7465646279746573};
    uint64_t last = static_cast<uint64_t>(n) << 56 | tail_of(p, n);
    for (; n >= 8; n -= 8, p += 8) {
        uint64_t word;
        std::memcpy(&word, p, 8);
        s.v3 ^= word;
        s.round();
        s.v0 ^= word;
    }
    s.v3 ^= last;
    s.round();
    s.v0 ^= last;
    s.v2 ^= 0xff;
    s.round();
    s.round();
    s.round();
    return (s.v0 ^ s.v1) ^ (s.v2 ^ s.v3);
}

int64_t hash_bytes(const void* p, size_t n) {
    if (n == 0) return 0;
    auto h = static_cast<int64_t>(
        siphash13(g_runtime.hash_secret[0], g_runtime.hash_secret[1], static_cast<const char*>(p), n));
    return h == -1 ? -2 : h;
}

}  // namespace krait
