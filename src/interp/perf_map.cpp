// The map of perf: /tmp/perf-PID.map.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <mutex>

#include "interp/perf.h"

namespace krait {
namespace {

std::mutex& map_mutex() {
    static auto* mutex = new std::mutex;  // never destroyed: C may write until the process ends
    return *mutex;
}
FILE* g_map = nullptr;
pid_t g_map_owner = 0;

// A child has a map of its own. The caller holds the mutex.
bool open_map() {
    if (g_map && g_map_owner == getpid()) return true;
    if (g_map) fclose(g_map);
    char path[64];
    snprintf(path, sizeof path, "/tmp/perf-%d.map", static_cast<int>(getpid()));
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    g_map = fd < 0 ? nullptr : fdopen(fd, "a");
    if (!g_map && fd >= 0) ::close(fd);
    g_map_owner = getpid();
    return g_map;
}

}  // namespace

bool perf_map_open() {
    std::lock_guard lock(map_mutex());
    return open_map();
}
void perf_map_close() {
    std::lock_guard lock(map_mutex());
    if (g_map) fclose(g_map);
    g_map = nullptr;
}
bool perf_map_write(const void* code, unsigned size, const char* name) {
    std::lock_guard lock(map_mutex());
    if (!open_map()) return false;
    fprintf(g_map, "%lx %x %s\n", reinterpret_cast<unsigned long>(code), size, name);
    return fflush(g_map) == 0;
}
bool perf_map_copy(const char* parent) {
    std::lock_guard lock(map_mutex());
    if (!open_map()) return false;
    FILE* from = fopen(parent, "re");
    if (!from) return false;
    char buffer[4096];
    bool good = true;
    while (size_t n = fread(buffer, 1, sizeof buffer, from)) good = good && fwrite(buffer, 1, n, g_map) == n;
    fclose(from);
    return fflush(g_map) == 0 && good;
}

}  // namespace krait
