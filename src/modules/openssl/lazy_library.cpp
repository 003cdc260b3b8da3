#include "modules/openssl/lazy_library.h"

#include <dlfcn.h>
#include <openssl/opensslv.h>

#include <cstring>
#include <mutex>

#include "object/errors.h"

extern "C" {
extern void* libcrypto_slots[];
extern const char libcrypto_names[];
extern void* libssl_slots[];
extern const char libssl_names[];
}

namespace krait {
namespace {

#define STRINGIFY_(x) #x
#define STRINGIFY(x) STRINGIFY_(x)

struct LazyLibrary {
    const char* soname;
    void** slots;
    const char* names;
    std::once_flag once = {};
    std::string failure = {};  // why it could not be loaded; empty: it is there

    void load() {
        void* handle = dlopen(soname, RTLD_NOW | RTLD_LOCAL);
        if (!handle) {
            failure = dlerror();
            return;
        }
        void** slot = slots;
        for (const char* name = names; *name; name += strlen(name) + 1, slot++)
            if (!(*slot = dlsym(handle, name))) failure = dlerror();
    }
};

// Constant once loaded.
LazyLibrary libcrypto{"libcrypto.so." STRINGIFY(OPENSSL_SHLIB_VERSION), libcrypto_slots, libcrypto_names};
LazyLibrary libssl{"libssl.so." STRINGIFY(OPENSSL_SHLIB_VERSION), libssl_slots, libssl_names};

Status load(Thread& t, LazyLibrary& library) {
    std::call_once(library.once, [&] { library.load(); });
    if (!library.failure.empty()) return raise(t, PyExc_ImportError, "%s", library.failure.c_str());
    return Status::ok();
}

}  // namespace

Status load_libcrypto(Thread& t) { return load(t, libcrypto); }
Status load_libssl(Thread& t) { return load(t, libssl); }

}  // namespace krait
