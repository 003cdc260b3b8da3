// Attributes whose descriptor is known already.
#pragma once

#include "object/protocol.h"

namespace krait {

// alloc_heap_type() with a table of members behind the struct, at the metaclass's basicsize, where extensions
// look for it (PyHeapType_GET_MEMBERS). Precondition: the metaclass's items are PyMemberDefs, or n_members is
// 0.
Ref alloc_heap_type_with(Thread& t, PyTypeObject* meta, int64_t n_members);
// What SystemError says of a function of C that returned its failure value without setting an exception.
inline constexpr const char* kSilentFailure = "error return without exception set";
// Stores through `descr`, a data descriptor that the type of `v` has: as get_data_attr reads.
Status set_data_attr(Thread& t, Value v, Value descr, Value value);
// How the instances of a type are descriptors. Caches of attributes know what a class attribute is, but keep
// no watch on its type: where this changes, they all have to start anew (type_modified of object).
struct DescriptorKind {
    DescrGetFn get;
    SetAttrFn set;
    explicit DescriptorKind(const PyTypeObject* type)
        : get(ext(type)->slots.descr_get), set(ext(type)->slots.descr_set) {}
    bool operator==(const DescriptorKind&) const = default;
};
// Makes static types of C code ready that nobody has made so: CPython does it when their attributes are asked
// for. Set with the first extension.
extern Status (*ready_foreign_type)(Thread& t, PyTypeObject* type);
// Puts object and name into a fresh AttributeError: the "Did you mean" of tracebacks wants them.
void note_attribute(Thread& t, Value v, Value name);

}  // namespace krait
