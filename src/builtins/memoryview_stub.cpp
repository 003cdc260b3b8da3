// Stands in for memoryview until it is written: the weak definitions give way to the real ones.
#include "object/thread.h"
#include "object/type.h"

__attribute__((weak)) krait::Type PyMemoryView_Type;
__attribute__((weak)) krait::Type _PyManagedBuffer_Type;

namespace krait {
__attribute__((weak)) Status init_builtin_memoryview(Thread& t) {
    static const TypeDecl decl = {.name = "memoryview",
                                  .basicsize = sizeof(PyMemoryViewObject),
                                  .flags = kTpDefault | kTpDisallowInstantiation};
    init_static_type(PyMemoryView_Type, decl);
    return ready_type(t, &PyMemoryView_Type);
}
}  // namespace krait
