// Resizing objects in place: str and bytes that grow at their end.
#include "gc/gc.h"

namespace krait {

size_t object_capacity(const PyObject* o) { return mem_usable_size(preheader(o)) - sizeof(PreHeader); }

PyObject* object_resize(PyObject* o, size_t size) {
    void* block = mem_realloc(preheader(o), size + sizeof(PreHeader));
    if (!block) return nullptr;
    return reinterpret_cast<PyObject*>(static_cast<PreHeader*>(block) + 1);
}

}  // namespace krait
