#pragma once

namespace krait {

// Ends the process with a message on stderr. For states that no input may produce.
[[noreturn]] void panic(const char* message);

// For want of memory: goes on where `with_memory` was called on this thread, or ends the process.
[[noreturn]] void out_of_memory();
// False: memory ran out within `work`, which was left where it stood. What it had got outside of arenas is
// lost; nothing that others see may have been half done.
bool with_memory(void (*work)(void*), void* argument);
template <class Work>
bool with_memory(Work work) {
    return with_memory([](void* w) { (*static_cast<Work*>(w))(); }, &work);
}
// Around what such work calls back and must not be left halfway: there it ends the process again.
class WithoutWayOut {
  public:
    WithoutWayOut();
    ~WithoutWayOut();
    WithoutWayOut(const WithoutWayOut&) = delete;

  private:
    void* kept_;
};

}  // namespace krait

#ifdef KRAIT_CHECKS
#define KRAIT_ASSERT(condition) \
    (__builtin_expect(!!(condition), 1) ? (void)0 : ::krait::panic("assertion failed: " #condition))
#else
#define KRAIT_ASSERT(condition) ((void)0)
#endif
