// Types: the CPython-layout struct plus Krait's part (TypeExt), which holds the Value-taking slots.
//
// Dispatch inside Krait: `ext(type)->slots.nb_add(t, a, b)`. Builtin types are static `Type` objects named as
// in the C API (PyList_Type ...) and declared by a TypeSpec; heap types are made by type_new / new_heap_type.
// Types defined in C have their TypeExt allocated beside them (tp_cache points to it always).
#pragma once

#include "object/layout.h"
#include "object/native.h"

namespace krait {

enum CompareOp : int { kLt = 0, kLe = 1, kEq = 2, kNe = 3, kGt = 4, kGe = 5 };
// Whether `op` holds of two numbers: of sizes, or of an order (below, equal to or above 0) and 0.
// Without a jump for each operator: one jump for all of them would mostly be foretold wrong.
inline bool holds(CompareOp op, int64_t a, int64_t b = 0) {
    constexpr unsigned kBelow = 1, kEqual = 2, kAbove = 4;
    constexpr unsigned kAll = kBelow | (kBelow | kEqual) << 3 | kEqual << 6 | (kBelow | kAbove) << 9 |
                              kAbove << 12 | (kAbove | kEqual) << 15;
    return kAll >> (3 * op + (a >= b) + (a > b)) & 1;
}
enum class SendResult { Return, Next, Error };  // am_send's three outcomes

struct Visitor;  // gc/gc.h: void visit(Value)

using DeallocFn = void (*)(Thread&, PyObject*);
using TraverseFn = void (*)(PyObject*,
                            Visitor&);  // visits every owned reference except the type's own pointer
using ClearFn = void (*)(Thread&, PyObject*);
using FinalizeFn = void (*)(Thread&, PyObject*);  // leaves the current exception as it was
using UnaryFn = Ref (*)(Thread&, Value);          // iternext: empty without exception means exhausted
using BinaryFn = Ref (*)(Thread&, Value,
                         Value);  // number slots get operands in source order; may return NotImplemented
using TernaryFn = Ref (*)(Thread&, Value, Value, Value);  // third is None where absent
using InquiryFn = Result<bool> (*)(Thread&, Value);
using HashFn = Result<int64_t> (*)(Thread&, Value);  // never yields -1
using CompareFn = Ref (*)(Thread&, Value, Value, CompareOp);
using CallFn = Ref (*)(Thread&, Value self, const Value* args, size_t nargs, Value kwnames);
using SetAttrFn = Status (*)(Thread&, Value self, Value name, Value value);  // empty value: delete
using DescrGetFn = Ref (*)(Thread&, Value descr, Value obj, Value type);  // obj empty: accessed on the class
using InitFn = Status (*)(Thread&, Value self, const Value* args, size_t nargs, Value kwnames);
using NewFn = Ref (*)(Thread&, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames);
using LengthFn = Result<int64_t> (*)(Thread&, Value);
using IndexFn = Ref (*)(Thread&, Value, int64_t);
using SetIndexFn = Status (*)(Thread&, Value, int64_t, Value);
using ContainsFn = Result<bool> (*)(Thread&, Value container, Value item);
using SendFn = SendResult (*)(Thread&, Value gen, Value arg, Ref& result);
using GetBufferFn = Status (*)(Thread&, Value, Py_buffer*, int flags);
using ReleaseBufferFn = void (*)(Thread&, Value, Py_buffer*);
// In calls: args[0..nargs) positional, then one value per name in the tuple kwnames (empty when there are
// none). The caller owns all.

struct Slots {
#define SLOT(name, kind, group) kind name = nullptr;
#include "object/slots.def"
};

struct SharedKeys;  // instance attribute layout of a class (object/instance.h)

struct TypeSpec {
    const NativeDef* methods = nullptr;  // ends with an entry without a name
    const GetSetDef* getset = nullptr;   // likewise
    const MemberDef* members = nullptr;  // likewise
    const char* doc = nullptr;
    const char* text_signature = nullptr;  // of the constructor, e.g. "(iterable=(), /)"; null: none
    const char* match_args = nullptr;      // unused slots stay null
    Status (*setup)(Thread&, PyTypeObject*) = nullptr;  // after the dict is filled, before the type is used
};

// What precedes slots.dealloc; or, from kDeallocLeaf on, that nothing does and that the object refers to no
// other (kDeallocMemory: there is no slot to be called either).
enum DeallocKind : uint16_t {
    kDeallocFinalize = 1,
    kDeallocWeakrefs = 2,
    kDeallocLeaf = 4,
    kDeallocMemory = 8,
};

// Krait's part of a type.
struct TypeExt {
    Slots slots;
    const TypeSpec* spec = nullptr;
    SharedKeys* shared_keys = nullptr;  // classes with inline attributes
    uint32_t attr_offset = 0;           // offset of the first inline attribute slot in instances; 0: none
    uint16_t base_dealloc_kind = 0;     // DeallocKind; 0: slots.dealloc is all
    bool has_getattr_hook = false;      // class defines __getattr__
    bool generic_getattr = false;       // slots.getattr is object's: attribute caches may be used
    bool generic_but_hook = false;      // as object's where something is found; else __getattr__ is asked
    bool generic_setattr = false;
    bool is_c_type = false;     // made by C, or a subclass of such a type: instances are aligned as C expects
    bool c_dealloc = false;     // slots.dealloc is C code, which finalizes and clears weak references itself
    bool owns_members = false;  // tp_members is ours to free
    void* interp_cache =
        nullptr;  // per-type caches of the interpreter (init function, binary-op targets, ...)
    bool (*finalizer_is_idle)(const PyObject*) = nullptr;  // would slots.finalize do nothing? may be null
    void* user = nullptr;                                  // for the native module that made the type
};

// In PyTypeObject::krait_bits.
enum TypeBit : uint8_t {
    kExposable = 1,  // instances hold values that C reads by offset (object/boundary.h)
    kMadeByC = 2,    // TypeExt::is_c_type, where the interpreter looks
    kSlotsOfC = 4,   // made by C itself, not a subclass of such a type
};

inline TypeExt* ext(const PyTypeObject* t) { return t->tp_cache; }

// A statically allocated builtin type.
struct Type : PyTypeObject {
    TypeExt x;
};
// A type made at run time, an instance of `meta`: a PyHeapTypeObject (whatever the metaclass adds follows
// it, so that C metaclasses work) with a TypeExt of its own. Everything else is zero.
Ref alloc_heap_type(Thread& t, PyTypeObject* meta);

// What a static type is made of. Instances of basicsize bytes; `base` null means object.
struct TypeDecl {
    const char* name;  // "list", or "module.name" for types of modules other than builtins
    int64_t basicsize;
    int64_t itemsize = 0;
    uint64_t flags = kTpDefault;
    PyTypeObject* base = nullptr;
    Slots slots = {};
    TypeSpec spec = {};
    int64_t weaklistoffset = 0;
    int64_t dictoffset = 0;
};
// Fills `type` from `decl` (which must live for ever): called once at start-up for each builtin type, before
// ready_type.
void init_static_type(Type& type, const TypeDecl& decl);
// MRO, inherited slots, dict with wrappers for the slots and descriptors for the tables. Idempotent.
Status ready_type(Thread& t, PyTypeObject* type);
// init_static_type + ready_type, and adds it under its short name to `module` when that is not empty.
Status add_static_type(Thread& t, Value module, Type& type, const TypeDecl& decl);

// New heap type as the statement `class name(bases): ns` makes it through type.__new__ (no metaclass call,
// kwargs empty).
Ref new_class(Thread& t, Value name, Value bases_tuple, Value ns_dict);
// Heap type for native modules whose oracle counterpart is a heap type; slots as given, module set as
// __module__.
Ref new_native_heap_type(Thread& t, Value module, const TypeDecl& decl, Value bases_tuple_or_empty);

inline bool is_subtype_flag(PyTypeObject* t, uint64_t flag) { return t->tp_flags & flag; }
bool is_subtype_slow(const PyTypeObject* a, const PyTypeObject* b);
inline bool is_subtype(const PyTypeObject* a, const PyTypeObject* b) {
    return a == b || is_subtype_slow(a, b);
}
inline bool has_type(Value v,
                     const PyTypeObject* type) {  // exact; false for immediates: see is_int(), is_float()
    return v.is_ptr() && v.heap_type() == type;
}
bool is_instance_exact_or_sub(Value v, const PyTypeObject* type);  // real type only, no __class__, no hooks

// Looks `name` (an interned str) up along the MRO; borrowed; empty when absent, never an exception. Cached by
// version.
Value type_lookup(PyTypeObject* type, Value name);
// Same plus binding for special methods: the bound/unbound callable of `v`'s type; absent when not there.
Maybe lookup_special(Thread& t, Value v, Value name);
// Tells caches that `type` (and its subclasses) changed. Called by every store into a type's dict.
void type_modified(PyTypeObject* type);
// Nonzero version tag for inline caches, or 0 when none can be given.
uint32_t type_version(PyTypeObject* type);

// Allocates an instance of `type` with `nitems` items (zeroed after the header, count 1, type counted if a
// heap type) and tracks it if it has GC. Empty with MemoryError.
Ref alloc(Thread& t, PyTypeObject* type, int64_t nitems = 0);
// Same without tracking and zeroing beyond managed words: for constructors that fill everything, then
// gc_track.
PyObject* alloc_raw(Thread& t, PyTypeObject* type, size_t size);
// Frees the memory of `o` (untracks if needed, gives back the heap type's count): last step of every dealloc.
void free_object(Thread& t, PyObject* o);
// The memory alone: for deallocators written in C, which see to the rest.
void free_object_memory(PyObject* o);
// The same for what surely has a pre-header, like memory of PyObject_Malloc(), which need not be an object.
void free_headed_memory(void* p);

}  // namespace krait

// Data that extensions refer to by name.
#pragma GCC visibility push(default)
extern "C" {
extern krait::Type PyType_Type, PyBaseObject_Type, PySuper_Type;
extern krait::Type PyLong_Type, PyBool_Type, PyFloat_Type, PyComplex_Type;
extern krait::Type PyUnicode_Type, PyBytes_Type, PyByteArray_Type, PyMemoryView_Type, _PyManagedBuffer_Type;
extern krait::Type PyTuple_Type, PyList_Type, PyDict_Type, PySet_Type, PyFrozenSet_Type, PyRange_Type,
    PySlice_Type, PyEnum_Type, PyReversed_Type, PyZip_Type, PyMap_Type, PyFilter_Type, PySeqIter_Type,
    PyCallIter_Type;
extern krait::Type PyFunction_Type, PyMethod_Type, PyCFunction_Type, PyCMethod_Type, PyInstanceMethod_Type,
    PyCode_Type, PyFrame_Type, PyTraceBack_Type, PyCell_Type, PyModule_Type, PyGen_Type, PyCoro_Type,
    PyAsyncGen_Type, _PyCoroWrapper_Type;
extern krait::Type PyProperty_Type, PyStaticMethod_Type, PyClassMethod_Type, PyMethodDescr_Type,
    PyClassMethodDescr_Type, PyMemberDescr_Type, PyGetSetDescr_Type, PyWrapperDescr_Type,
    _PyMethodWrapper_Type, PyDictProxy_Type, PyCapsule_Type;
extern krait::Type _PyNone_Type, _PyNotImplemented_Type, PyEllipsis_Type, _PyWeakref_RefType,
    _PyWeakref_ProxyType, _PyWeakref_CallableProxyType, _PyNamespace_Type, Py_GenericAliasType, _PyUnion_Type;
extern krait::Type PyDictKeys_Type, PyDictValues_Type, PyDictItems_Type;

extern PyObject _Py_NoneStruct, _Py_NotImplementedStruct, _Py_EllipsisObject;
extern krait::PyLongObject _Py_TrueStruct, _Py_FalseStruct;
}
#pragma GCC visibility pop

namespace krait {
// Borrowed; works for immediates.
inline PyTypeObject* type_of(Value v) {
    if (v.is_ptr()) [[likely]]
        return v.heap_type();
    return v.is_int() ? &PyLong_Type : &PyFloat_Type;
}

inline Value none() { return Value(&_Py_NoneStruct); }
inline Value not_implemented() { return Value(&_Py_NotImplementedStruct); }
inline Value ellipsis() { return Value(&_Py_EllipsisObject); }
inline Value boolean(bool b) {
    return Value(reinterpret_cast<PyObject*>(b ? &_Py_TrueStruct : &_Py_FalseStruct));
}
// The singletons are immortal: owning one costs nothing.
inline Ref none_ref() { return Ref::steal(none()); }
inline Ref bool_ref(bool b) { return Ref::steal(boolean(b)); }
inline Ref not_implemented_ref() { return Ref::steal(not_implemented()); }

inline bool has_flag(Value v, uint64_t flag) { return v.is_ptr() && (v.heap_type()->tp_flags & flag); }
inline bool is_str(Value v) { return has_flag(v, kTpUnicodeSubclass); }
inline bool is_str_exact(Value v) { return has_type(v, &PyUnicode_Type); }
inline bool is_bytes(Value v) { return has_flag(v, kTpBytesSubclass); }
inline bool is_tuple(Value v) { return has_flag(v, kTpTupleSubclass); }
inline bool is_tuple_exact(Value v) { return has_type(v, &PyTuple_Type); }
inline bool is_list(Value v) { return has_flag(v, kTpListSubclass); }
inline bool is_list_exact(Value v) { return has_type(v, &PyList_Type); }
inline bool is_dict(Value v) { return has_flag(v, kTpDictSubclass); }
inline bool is_dict_exact(Value v) { return has_type(v, &PyDict_Type); }
inline bool is_type(Value v) { return has_flag(v, kTpTypeSubclass); }
inline bool is_exception(Value v) { return has_flag(v, kTpBaseExcSubclass); }
inline bool is_long(Value v) {
    return v.is_int() || has_flag(v, kTpLongSubclass);
}  // int or a subclass, bool too
inline bool is_long_exact(Value v) { return v.is_int() || has_type(v, &PyLong_Type); }
inline bool is_double_exact(Value v) { return v.is_float() || has_type(v, &PyFloat_Type); }
bool is_double(Value v);  // float or a subclass
inline bool is_bool(Value v) { return has_type(v, &PyBool_Type); }
inline bool is_none(Value v) { return v == none(); }
}  // namespace krait
