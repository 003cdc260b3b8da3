// The two faces of a type's slots. Krait calls the Value slots of TypeExt; C calls the tp_* fields. Each face
// of a slot is either the real function or a stub that leads to the other face, so that copying, inheriting
// and calling a slot directly work from both sides.
#pragma once

#include "capi/capi.h"

namespace krait {

// Py_RELATIVE_OFFSET: the offset of a member counts from the end of the base's data.
inline constexpr int kRelativeOffset = 8;

// Both directions, for the slot with that index (object/internal.h). They undo each other.
void* c_slot_from(const PyTypeObject* type, int slot, void* native);
void* native_slot_from(int slot, void* c_function);
// The C field of a slot: its place, or null when the type has no suite for it (and `make` is false).
void** c_slot_field(PyTypeObject* type, int slot, bool make);

// Sets the Value slots of a C type from its tp_* fields: before it is made ready.
void import_c_slots(PyTypeObject* type);
// Fills tp_* of `type` from its Value slots.
void sync_c_type(PyTypeObject* type);
// CPython reads tp_* each time, so C code may change them in types that are ready (numpy does). Krait asks
// again when C says that a type changed, and of all types of C and builtin ones when a module has been made.
void reread_c_slots(PyTypeObject* type);
void reread_all_c_slots();
// From now on the C faces are kept: fills those of all types there are. Done when the first extension loads.
void activate_c_slots();

// Readies a type of C (static, or made from a spec), and those it derives from.
Status ready_c_type(Thread& t, PyTypeObject* type);
inline Status ensure_ready(Thread& t, PyTypeObject* type) {
    return type->tp_flags & kTpReady ? Status::ok() : ready_c_type(t, type);
}

}  // namespace krait
