#include "support/reserve.h"

#include <malloc.h>

#include <cstdlib>
#include <mutex>
#include <new>
#include <utility>

#include "support/panic.h"

namespace krait {

std::atomic<bool> g_reserve_whole = true;  // also before there is one
std::atomic<bool> g_reserve_ample = true;
bool (*g_give_addresses_back)(size_t n) = nullptr;

namespace {

// What is asked for in advance where it is more than a megabyte (gc/room.h) need not fit.
constexpr size_t kReserve = size_t{8} << 20;

std::mutex g_mutex;
void* g_reserve = nullptr;
bool g_told = false;  // an allocation failed since it was opened
// Where pieces of what was given up are still in use, a smaller reserve has to do; and where not even that is
// left, what can fail gets next to nothing: it would take what the other code ends the process without.
constexpr size_t kLeast = size_t{128} << 10, kTiny = 512;

// From malloc: it may have as much free while the system has no more to give.
bool keep_back(size_t least) {
    for (size_t size = kReserve; !g_reserve && size >= least; size /= 2) {
        g_reserve = malloc(size);
        asm volatile("" : "+m"(g_reserve));  // without it the compiler may take malloc() and free() away
        g_reserve_ample = g_reserve && size == kReserve;
    }
    return g_reserve != nullptr;
}

void new_failed() {
    if (more_addresses(kReserve)) return;
    if (has_way_out() || !reserve_open()) out_of_memory();
}

}  // namespace

void reserve_init() {
    std::lock_guard<std::mutex> lock(g_mutex);
    if (!g_reserve) {
        // In the heap, with something behind it: given back to malloc it stays there, whatever the limit on
        // addresses (RLIMIT_AS) says by then.
        mallopt(M_MMAP_THRESHOLD, 2 * kReserve);
        keep_back(kReserve);
        static void* end = malloc(1);
        asm volatile("" : "+m"(end));
        mallopt(M_MMAP_THRESHOLD, kReserve / 2);
    }
    std::set_new_handler(new_failed);
}

bool reserve_open() {
    std::lock_guard<std::mutex> lock(g_mutex);
    if (!g_reserve) return false;
    free(g_reserve);
    g_reserve = nullptr;
    g_told = false;
    g_reserve_whole = g_reserve_ample = false;
    return true;
}

bool reserve_settle(size_t n) {
    std::lock_guard<std::mutex> lock(g_mutex);
    bool told = g_told;
    g_told = true;
    if (told && keep_back(kLeast)) g_reserve_whole = true;
    return g_reserve || (told && n < kTiny);
}

bool reserve_refill() {
    std::lock_guard<std::mutex> lock(g_mutex);
    if (g_reserve_ample) return true;
    if (!g_reserve) return false;  // the next allocation has to fail first
    void* less = std::exchange(g_reserve, nullptr);
    if (!keep_back(kReserve))
        g_reserve = less;
    else
        free(less);
    return g_reserve_ample;
}

void* malloc_surely(size_t n) {
    void* p;
    while (!(p = malloc(n)))
        if (!more_addresses(n) && (has_way_out() || !reserve_open())) out_of_memory();
    return p;
}

void* realloc_surely(void* p, size_t n) {
    void* q;
    while (!(q = realloc(p, n)))
        if (!more_addresses(n) && (has_way_out() || !reserve_open())) out_of_memory();
    return q;
}

}  // namespace krait

// The library's own would ask the handler above, which ends the process; whoever asks this way takes a null.
#if !__has_feature(address_sanitizer)  // which tells what came from malloc() from what did not
void* operator new(std::size_t n, const std::nothrow_t&) noexcept {
    return krait::reserve_allows(n) ? malloc(n ? n : 1) : nullptr;
}
void* operator new[](std::size_t n, const std::nothrow_t& tag) noexcept { return operator new(n, tag); }
#endif
