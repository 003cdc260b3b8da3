#include "support/libm.h"

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <mutex>

extern "C" {
extern void* libm_slots[];

// Threads may meet here, also in a slot that has just been filled: all find the same.
void libm_load() {
    static std::once_flag once;
    std::call_once(once, [] {
        static const char* const names[] = {
#define LIBM_FUNCTION(name) #name,
#include "support/libm.def"
#undef LIBM_FUNCTION
        };
        void* library = dlopen("libm.so.6", RTLD_LAZY | RTLD_GLOBAL);
        void** slot = libm_slots;
        for (const char* name : names) {
            void* function = library ? dlsym(library, name) : nullptr;
            if (!function) {
                std::fprintf(stderr, "Fatal Python error: %s\n", dlerror());
                std::abort();
            }
            __atomic_store_n(slot++, function, __ATOMIC_RELEASE);
        }
    });
}
}
