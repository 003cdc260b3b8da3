// The module _uuid: identifiers made of the time and of this machine.
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <ctime>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/tuple.h"
#include "object/protocol.h"

namespace krait {
namespace {

// What one identifier leaves to the next so that they differ.
struct Clock {
    uint64_t last = 0;
    uint16_t sequence = 0;
    uint8_t node[6] = {};
    bool known = false;
};
Clock g_clock;

// The hardware address of an interface; a random one, marked as such, where there is none.
void find_node(uint8_t* node) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        struct if_nameindex* all = if_nameindex();
        bool found = false;
        for (auto* p = all; p && p->if_index && !found; p++) {
            ifreq request{};
            strncpy(request.ifr_name, p->if_name, sizeof request.ifr_name - 1);
            if (ioctl(fd, SIOCGIFHWADDR, &request) < 0) continue;
            memcpy(node, request.ifr_hwaddr.sa_data, 6);
            static const uint8_t none[6] = {};
            found = memcmp(node, none, 6) != 0;
        }
        if (all) if_freenameindex(all);
        close(fd);
        if (found) return;
    }
    if (getrandom(node, 6, 0) != 6) memset(node, 0, 6);
    node[0] |= 1;
}

Ref generate_time_safe(Thread& t, Value) {
    if (!g_clock.known) {
        find_node(g_clock.node);
        if (getrandom(&g_clock.sequence, sizeof g_clock.sequence, 0) < 0) g_clock.sequence = 0;
        g_clock.known = true;
    }
    timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    // Steps of 100 ns since the calendar reform of 1582.
    uint64_t ticks = static_cast<uint64_t>(now.tv_sec) * 10000000 + static_cast<uint64_t>(now.tv_nsec) / 100 +
                     0x01b21dd213814000;
    if (ticks <= g_clock.last) {
        // Several at a time borrow from the future; a clock put back starts another sequence.
        if (g_clock.last - ticks > 10000000)
            g_clock.sequence++;
        else
            ticks = g_clock.last + 1;
    }
    g_clock.last = ticks;
    auto low = static_cast<uint32_t>(ticks);
    auto mid = static_cast<uint16_t>(ticks >> 32);
    auto high = static_cast<uint16_t>(((ticks >> 48) & 0xfff) | 0x1000);
    auto sequence = static_cast<uint16_t>((g_clock.sequence & 0x3fff) | 0x8000);
    uint8_t b[16];
    for (int i = 0; i < 4; i++) b[i] = static_cast<uint8_t>(low >> (24 - 8 * i));
    b[4] = static_cast<uint8_t>(mid >> 8);
    b[5] = static_cast<uint8_t>(mid);
    b[6] = static_cast<uint8_t>(high >> 8);
    b[7] = static_cast<uint8_t>(high);
    b[8] = static_cast<uint8_t>(sequence >> 8);
    b[9] = static_cast<uint8_t>(sequence);
    memcpy(b + 10, g_clock.node, 6);
    Ref bytes = TRY(bytes_from(t, b, sizeof b));
    return tuple_of(t, {bytes, Value::from_int(-1)});  // -1: other processes were not asked
}

const NativeDef functions[] = {def<generate_time_safe>("generate_time_safe", nullptr, nullptr), {}};
Status exec(Thread& t, Value module) {
    TRY(module_add_int(t, module, "has_uuid_generate_time_safe", 1));
    return module_add_int(t, module, "has_stable_extractable_node", 0);
}

}  // namespace

extern const ModuleSpec module__uuid;
const ModuleSpec module__uuid{.name = "_uuid", .doc = nullptr, .functions = functions, .exec = exec};

}  // namespace krait
