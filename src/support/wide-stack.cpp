#include "support/wide-stack.h"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <ucontext.h>
#include <unistd.h>

#include <cerrno>
#include <new>

#include "support/reserve.h"

// AddressSanitizer wants to know about stacks and warns of each switch: its builds stay where they are.
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
constexpr bool kMayLeave = false;
#else
constexpr bool kMayLeave = true;
#endif

namespace krait {

namespace {

StackBounds wide;  // set once, before there are threads

struct Call {
    int (*fn)(void*);
    void* argument;
    int result;
    ucontext_t caller, callee;
} call;

void on_wide_stack() { call.result = call.fn(call.argument); }

// A stack with a guard page below it; false: there is none.
bool make_wide_stack() {
    rlimit limit;
    constexpr rlim_t kMost = rlim_t{64} << 20;
    if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur > kMost) return false;
    size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    size_t ordinary = limit.rlim_cur / page * page, size = ordinary * kWideStack + page;
    void* p = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (p == MAP_FAILED) return false;
    if (mprotect(p, page, PROT_NONE) != 0) {
        munmap(p, size);
        return false;
    }
    madvise(p, size, MADV_NOHUGEPAGE);
    char* high = static_cast<char*>(p) + size;
    wide = {static_cast<char*>(p) + page, high - ordinary, high};
    return true;
}

}  // namespace

int run_on_wide_stack(int (*fn)(void*), void* argument) {
    if (!kMayLeave || !make_wide_stack() || getcontext(&call.callee) != 0) return fn(argument);
    call.fn = fn;
    call.argument = argument;
    call.callee.uc_stack.ss_sp = wide.low;
    call.callee.uc_stack.ss_size = static_cast<size_t>(wide.high - wide.low);
    call.callee.uc_link = &call.caller;
    makecontext(&call.callee, on_wide_stack, 0);
    swapcontext(&call.caller, &call.callee);
    return call.result;
}

namespace {

// What is ordinary of a thread's stack, 0: all of it.
thread_local size_t ordinary_share = 0;

struct ThreadStart {
    void* (*fn)(void*);
    void* argument;
    size_t ordinary;
};

void* begin_thread(void* p) {
    ThreadStart start = *static_cast<ThreadStart*>(p);
    delete static_cast<ThreadStart*>(p);
    ordinary_share = start.ordinary;
    return start.fn(start.argument);
}

int create_thread(pthread_t* thread, size_t size, ThreadStart* start) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    int error = pthread_attr_setstacksize(&attributes, size);
    if (error == 0) error = pthread_create(thread, &attributes, begin_thread, start);
    pthread_attr_destroy(&attributes);
    return error;
}

size_t default_thread_stack() {
    pthread_attr_t attributes;
    size_t size = 0;
    pthread_attr_init(&attributes);
    pthread_attr_getstacksize(&attributes, &size);
    pthread_attr_destroy(&attributes);
    return size;
}

}  // namespace

int start_wide_thread(pthread_t* thread, size_t ordinary, void* (*fn)(void*), void* argument) {
    constexpr size_t kMost = size_t{64} << 20, kSmall = size_t{1} << 20;
    if (ordinary == 0) ordinary = default_thread_stack();
    // Our frames of calls and of the compiler, too, are larger than CPython's: of a small stack, where that
    // tells, twice the size is ordinary.
    size_t share = ordinary < kSmall ? ordinary * 2 : ordinary;
    auto* start = new (std::nothrow) ThreadStart{fn, argument, share};
    if (!start) return ENOMEM;
    int error = EAGAIN;
    if (ordinary <= kMost) {
        error = create_thread(thread, ordinary * kWideStack, start);
        if (error != 0 && more_addresses(ordinary * kWideStack))
            error = create_thread(thread, ordinary * kWideStack, start);
    }
    if (error != 0) {  // no address space for it
        start->ordinary = 0;
        error = create_thread(thread, ordinary, start);
    }
    if (error != 0) delete start;
    return error;
}

StackBounds stack_bounds() {
    char* here = static_cast<char*>(__builtin_frame_address(0));
    if (here >= wide.low && here < wide.high) return wide;
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return {};
    void* low = nullptr;
    size_t size = 0;
    pthread_attr_getstack(&attributes, &low, &size);
    pthread_attr_destroy(&attributes);
    char* base = static_cast<char*>(low);
    size_t ordinary = ordinary_share != 0 && ordinary_share < size ? ordinary_share : size;
    return {base, base + (size - ordinary), base + size};
}

}  // namespace krait
