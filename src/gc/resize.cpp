// Resizing objects in place: str and bytes that grow at their end.
#include "gc/memory.h"

namespace krait {

size_t object_capacity(const PyObject* o) {
    if (is_plain_text(o->ob_type)) return mem_usable_size(const_cast<PyObject*>(o));
    return mem_usable_size(preheader(o)) - sizeof(PreHeader);
}

PyObject* object_resize(PyObject* o, size_t size) {
    if (is_plain_text(o->ob_type)) return static_cast<PyObject*>(mem_realloc(o, size));
    void* block = mem_realloc(preheader(o), size + sizeof(PreHeader));
    if (!block) return nullptr;
    auto* head = static_cast<PreHeader*>(block);
    head->lock = static_cast<uint8_t>((head->lock & ~kSizeClassMask) | mem_class_of(block));
    return reinterpret_cast<PyObject*>(head + 1);
}

}  // namespace krait
