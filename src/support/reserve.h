// Memory for code that cannot say that there is none: C++ containers, GMP. Some addresses are kept back and
// never touched; when such code gets nothing, they are given up for it, and the next allocation that can fail
// does, so that the program hears of it as MemoryError.
#pragma once

#include <atomic>
#include <cstddef>

namespace krait {

bool has_way_out();   // this thread is within with_memory() (panic.h), which goes first
void reserve_init();  // once, at start-up; operator new knows it from then on
// Gives the reserve up. False: it is gone already.
bool reserve_open();
extern std::atomic<bool> g_reserve_whole;
bool reserve_settle(size_t n);
// False: the caller, who was going to allocate n bytes, has to fail. While the reserve is gone, all but tiny
// requests do: what they would take, it needs more.
inline bool reserve_allows(size_t n) {
    return g_reserve_whole.load(std::memory_order_relaxed) || reserve_settle(n);
}
// Whether all that is kept back at first is there, or can be had again: it covers what code without a check
// takes on its way, below a megabyte. A smaller piece does not.
extern std::atomic<bool> g_reserve_ample;
bool reserve_refill();
inline bool reserve_is_ample() { return g_reserve_ample.load(std::memory_order_relaxed) || reserve_refill(); }
// Who holds addresses that nothing lies at (gc/memory.cpp; null: nobody) is asked for n bytes of them where a
// program has limited its own. True: some were given back, and the system may have room now.
extern bool (*g_give_addresses_back)(size_t n);
inline bool more_addresses(size_t n) { return g_give_addresses_back && g_give_addresses_back(n); }
void* malloc_surely(size_t n);  // or the process ends
void* realloc_surely(void* p, size_t n);

}  // namespace krait
