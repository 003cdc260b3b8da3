// Instances of Python classes: where attributes live.
//
// A class whose instances have a `__dict__` ("managed dict", tp_dictoffset -1) allocates them as
//
//     [PyObject* weaklist][PyDictObject* dict][PreHeader][PyObject header ... basicsize][Value slot0][Value
//     slot1]...
//                                                         ^ object pointer              ^
//                                                         ext(type)->attr_offset
//
// While `dict` is null the attributes are in the inline slots: slot i belongs to name i of the class's
// SharedKeys. Slots fill in ascending order per instance (PreHeader::attr_last), so that index order is
// insertion order; what would break the order, exceed attr_capacity, or need a real dict (`__dict__` access)
// moves the values to a dict, which is the truth from then on. A class without `__dict__` but with
// `__weakref__` has the weaklist word (tp_weaklistoffset) and no inline slots.
#pragma once

#include "object/thread.h"

namespace krait {

// Name → slot index for the instances of one class. Grows only; an index never changes its name.
struct SharedKeys {
    static constexpr int kMax = 30;
    uint8_t count = 0;
    uint8_t capacity_hint = 0;  // slots that new instances get
    Value names[kMax];          // interned, owned
    int find(Value interned_name) const {
        for (int i = 0; i < count; i++)
            if (names[i] == interned_name) return i;
        return -1;
    }
};

inline PyDictObject*& managed_dict(PyObject* o) {
    return *reinterpret_cast<PyDictObject**>(reinterpret_cast<char*>(o) - 16);
}
inline PyObject*& managed_weaklist(PyObject* o) {
    return *reinterpret_cast<PyObject**>(reinterpret_cast<char*>(o) - 24);
}
inline Value* inline_attrs(PyObject* o, const TypeExt* x) {
    return reinterpret_cast<Value*>(reinterpret_cast<char*>(o) + x->attr_offset);
}
// Where `o` keeps its weak references; null when its type takes none.
inline PyObject** weaklist_slot(PyObject* o) {
    const PyTypeObject* type = o->ob_type;
    if (type->tp_flags & kTpManagedWeakref) return &managed_weaklist(o);
    if (type->tp_weaklistoffset > 0)
        return reinterpret_cast<PyObject**>(reinterpret_cast<char*>(o) + type->tp_weaklistoffset);
    return nullptr;
}
inline bool has_managed_dict(const PyTypeObject* t) { return t->tp_flags & kTpManagedDict; }

// The instance attribute store itself, no descriptors, no class look-up. `name` must be an exact str.
Maybe instance_get(Thread& t, Value obj, Value name);
Status instance_set(Thread& t, Value obj, Value name,
                    Value value);  // value empty: delete; absent: AttributeError is the caller's
Result<bool> instance_delete(Thread& t, Value obj, Value name);  // false: was not there
// Slot index for storing `name` inline in `obj`, or -1 when it must go through a dict. Assigns a new index
// when possible.
int instance_slot_for_store(Thread& t, PyObject* obj, Value name);
// `obj.__dict__`: the dict, made (and filled from the slots) when there is none yet. Owned. Fails with
// AttributeError without one.
Ref instance_dict(Thread& t, Value obj);
Status instance_set_dict(Thread& t, Value obj, Value dict);
// The dict or dictoffset-based dict if it already exists; borrowed, empty otherwise.
Value instance_dict_if_made(Value obj);
bool instance_dict_is_empty(Value obj);              // no attribute of its own; makes no dict
void visit_instance(PyObject* o, Visitor& visitor);  // managed dict and inline slots
void clear_instance(Thread& t, PyObject* o);

}  // namespace krait
