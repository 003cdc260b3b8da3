// Shared between the files of the object model; nobody else includes this.
#pragma once

#include "object/thread.h"

namespace krait {

Status init_names(Thread& t);
Status init_memory_errors(Thread& t);  // errors.cpp

// --- slots ---
enum class SlotGroup : uint8_t { Object, Gc, Compare, GetAttr, SetAttr, New };
struct SlotInfo {
    const char* name;
    SlotGroup group;
};
enum SlotIndex : int {
#define SLOT(name, kind, group) kSlot_##name,
#include "object/slots.def"
    kSlotCount
};
extern const SlotInfo kSlotInfos[kSlotCount];
static_assert(sizeof(Slots) == kSlotCount * sizeof(void*));
inline void*& slot_at(TypeExt* x, int index) { return reinterpret_cast<void**>(&x->slots)[index]; }
inline void* slot_at(const Slots& s, int index) { return reinterpret_cast<void* const*>(&s)[index]; }

using WrapperFn = Ref (*)(Thread&, Value self, void* fn, const Value* args, size_t nargs, Value kwnames);

}  // namespace krait

// What a wrapper_descriptor stands for: one dunder name of one slot.
struct krait_slot_wrapper_tag;
namespace krait {
struct SlotWrapper {
    const char* name;
    int slot;
    WrapperFn wrapper;  // null: the name only updates the slot of Python classes
    bool keywords;      // takes keyword arguments
    const char* signature;
    const char* doc;
    Value name_value;  // interned
};
extern SlotWrapper g_slot_wrappers[];  // in the order of slots.def
extern const int kSlotWrapperCount;
Status init_slot_wrappers(Thread& t);
// The slot functions of Python classes: each looks its dunder up.
extern const Slots kPythonSlots;
bool is_generic_getattribute(Value found);  // is that object's __getattribute__, or empty?

// Slots after `type`'s dict or bases changed. `name` empty: all of them.
void update_slots(PyTypeObject* type);
void update_new_slots(PyTypeObject* type);                   // of a class being made, which has inherited
void update_slots_for_name(PyTypeObject* type, Value name);  // and its subclasses
bool is_slot_name(Value name);
void inherit_slots(PyTypeObject* type);
void finish_slots(PyTypeObject* type);  // derived flags of TypeExt

Ref next_not_implemented(Thread& t, Value v);

// --- types ---
// A type gets that many versions; one at the limit is never cached.
inline constexpr uint16_t kMaxVersionsPerType = 1000;
Status compute_mro(Thread& t, PyTypeObject* type);  // sets tp_mro (runs a metaclass's mro())
Ref mro_of(Thread& t, PyTypeObject* type);          // C3, a new tuple
Status add_subclass(Thread& t, PyTypeObject* base, PyTypeObject* type);
void remove_subclass(PyTypeObject* base, PyTypeObject* type);
struct SubclassList {
    PyTypeObject** items;  // borrowed: a type takes itself out when it dies
    size_t size, capacity;
};
inline SubclassList* subclasses(PyTypeObject* type) {
    return static_cast<SubclassList*>(type->tp_subclasses);
}
PyTypeObject* best_base(Thread& t, Value bases);  // null with an exception
PyTypeObject* solid_base(PyTypeObject* type);
void heap_dealloc(Thread& t, PyObject* o);
void heap_traverse(PyObject* o, Visitor& v);
void heap_clear(Thread& t, PyObject* o);
Ref object_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames);
// `new_` of types whose init checks the arguments: allocates, whatever they are.
Ref object_new_any(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames);
Status object_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames);
Ref type_new(Thread& t, PyTypeObject* meta, const Value* args, size_t nargs, Value kwnames);
Ref type_call(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames);
Ref new_wrapper_function(Thread& t, PyTypeObject* type);  // the builtin `__new__` of a static type
bool is_new_wrapper(Value v);
extern const GetSetDef kDictGetSet, kWeakrefGetSet;  // `__dict__` and `__weakref__` of Python classes
SharedKeys* shared_keys_new(int capacity);
void shared_keys_free(SharedKeys* keys);
// `type.__setattr__` without the immutability check.
Status type_set_attr_unchecked(Thread& t, PyTypeObject* type, Value name, Value value);
Ref type_get_attr(Thread& t, Value self, Value name);
Ref module_get_attr(Thread& t, Value self, Value name);
// The same without the AttributeError; `name`: a str.
Maybe type_find_attr(Thread& t, Value self, Value name);
Maybe module_find_attr(Thread& t, Value self, Value name);
Status type_set_attr(Thread& t, Value self, Value name, Value value);
Ref type_qualname(Thread& t, PyTypeObject* type);
Ref type_module(Thread& t, PyTypeObject* type);
const char* short_type_name(const PyTypeObject* type);  // tp_name after its last dot
inline bool is_heap_type(const PyTypeObject* type) { return type->tp_flags & kTpHeapType; }
inline PyHeapTypeObject* as_heap(PyTypeObject* type) { return reinterpret_cast<PyHeapTypeObject*>(type); }
inline PyTypeObject* as_type(Value v) { return v.as<PyTypeObject>(); }

// --- descriptors ---
Ref wrapper_descr_new(Thread& t, PyTypeObject* type, const SlotWrapper* w, void* fn);
Ref method_wrapper_new(Thread& t, Value descr, Value self);
// `a.b` where b is a data descriptor: has descr_set.
inline bool is_data_descriptor(Value d) { return d.is_ptr() && ext(d.heap_type())->slots.descr_set; }

// --- calls of natives ---
// Runs a NativeDef; `qualified` names it in the messages that print the qualified name.
Ref call_native(Thread& t, const NativeDef& d, Value callable, Value self, const Value* args, size_t nargs,
                Value kwnames);
Ref function_str(Thread& t, Value callable);  // "list.append()" as error messages print it
// Text of "(…)" with the self parameter put in, or None.
Ref text_signature_of(Thread& t, const NativeDef& d, const char* self_name);

// What a hash function of C that returned -1 means: its exception, or -2 when there is none.
Result<int64_t> hash_of_minus_one(Thread& t);

}  // namespace krait
