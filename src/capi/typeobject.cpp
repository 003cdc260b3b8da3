// Types made by C: PyType_Ready and the questions about types. Types from specs: typespec.cpp.
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "capi/slots.h"
#include "gc/alloc.h"
#include "gc/gc.h"
#include "object/instance.h"
#include "object/internal.h"
#include "object/names.h"

namespace krait {

namespace {
// Offsets that count from the end of the base, until that is known; others may be negative.
constexpr int64_t kFromBase = int64_t{1} << 40;

Status make_ready(Thread& t, PyTypeObject* type) {
    if (!type->tp_name) return raise(t, PyExc_SystemError, "Type does not define the tp_name field.");
    PyObject* head = &type->ob_base.ob_base;
    bool heap = type->tp_flags & kTpHeapType;
    if (!heap) {
        // Static types live for ever and have no pre-header.
        head->ob_refcnt = kImmortalRefcnt;
        head->ob_upper = kStaticUpper;
    }
    TypeExt* x = type->tp_cache;
    if (!x) {
        x = static_cast<TypeExt*>(mem_alloc_zeroed(sizeof(TypeExt)));
        if (!x) return raise_no_memory(t);
        type->tp_cache = x;
    }
    x->is_c_type = true;
    type->krait_bits |= kSlotsOfC;
    if (!type->tp_base && !type->tp_bases && type != &PyBaseObject_Type) {
        type->tp_base = &PyBaseObject_Type;
        if (heap) incref(&PyBaseObject_Type.ob_base.ob_base);
    } else if (!type->tp_base && type->tp_bases && tuple_size(Value(type->tp_bases))) {
        type->tp_base = as_type(tuple_get(Value(type->tp_bases), 0));
        incref(&type->tp_base->ob_base.ob_base);
    }
    TRY(ensure_ready(t, type->tp_base));
    if (!head->ob_type) head->ob_type = type->tp_base->ob_base.ob_base.ob_type;
    PyTypeObject* base = type->tp_base;
    import_c_slots(type);
    if (!heap) type->tp_flags |= kTpImmutableType;
    type->tp_flags |= base->tp_flags & (kTpManagedDict | kTpManagedWeakref);
    if (type->tp_flags & kTpManagedDict) type->tp_dictoffset = -1;
    if (type->tp_flags & kTpManagedWeakref) type->tp_weaklistoffset = -32;
    if (!type->tp_basicsize) type->tp_basicsize = base->tp_basicsize;
    if (type->tp_new && (type->tp_flags & kTpDisallowInstantiation))
        type->tp_flags &= ~uint64_t{kTpDisallowInstantiation};
    if (heap) {
        auto* h = as_heap(type);
        if (!h->ht_name) h->ht_name = TRY(str_intern(t, short_type_name(type))).release().ptr();
        if (!h->ht_qualname) h->ht_qualname = new_ref(h->ht_name);
        if (!x->slots.dealloc) {
            x->slots.dealloc = heap_dealloc;
            if ((type->tp_flags & kTpHaveGC) && !x->slots.traverse) {
                x->slots.traverse = heap_traverse;
                x->slots.clear = heap_clear;
            }
        }
    }
    if (heap) return ready_type(t, type);
    // A static type without a table of number functions (say) shares its base's, whatever other bases have.
    bool shared[kSlotCount];
    for (int i = 0; i < kSlotCount; i++) shared[i] = !c_slot_field(type, i, false);
    TRY(ready_type(t, type));
    for (int i = 0; i < kSlotCount; i++)
        if (shared[i]) slot_at(x, i) = slot_at(ext(base), i);
    finish_slots(type);
    return Status::ok();
}

}  // namespace

Status ready_c_type(Thread& t, PyTypeObject* type) {
    if (type->tp_flags & (kTpReady | kTpReadying)) return Status::ok();
    // Cython calls static types with several bases heap types while they are made ready. They are not: there
    // is no room behind them.
    bool pretends = (type->tp_flags & kTpHeapType) && !has_preheader(&type->ob_base.ob_base);
    if (!pretends) return make_ready(t, type);
    type->tp_flags &= ~uint64_t{kTpHeapType};
    Status ok = make_ready(t, type);
    type->tp_flags |= kTpHeapType;
    return ok;
}

// The base of `type` (itself included) whose module was made from `def`; null when there is none.
static PyObject* module_by_def(PyTypeObject* type, void* def) {
    Value mro(type->tp_mro);
    for (int64_t i = 0, n = tuple_size(mro); i < n; i++) {
        PyTypeObject* base = as_type(tuple_get(mro, i));
        if (!is_heap_type(base)) continue;
        PyObject* m = as_heap(base)->ht_module;
        if (m && is_subtype(m->ob_type, &PyModule_Type) && Value(m).as<PyModuleObject>()->md_def == def)
            return m;
    }
    return nullptr;
}

}  // namespace krait

using namespace krait;

CAPI int PyType_Ready(PyTypeObject* type) {
    activate_c_slots();
    return out(ready_c_type(here(), type));
}
CAPI int PyType_IsSubtype(PyTypeObject* a, PyTypeObject* b) { return is_subtype(a, b); }
CAPI unsigned long PyType_GetFlags(PyTypeObject* type) { return type->tp_flags; }
CAPI void PyType_Modified(PyTypeObject* type) {
    reread_c_slots(type);
    type_modified(type);
}
CAPI unsigned PyType_ClearCache() { return 0; }
CAPI int PyUnstable_Type_AssignVersionTag(PyTypeObject* type) { return type_version(type) != 0; }
CAPI PyObject* PyType_GetName(PyTypeObject* type) {
    Thread& t = here();
    if (is_heap_type(type)) return new_ref(as_heap(type)->ht_name);
    return out(str_from(t, short_type_name(type)));
}
CAPI const char* _PyType_Name(PyTypeObject* type) { return short_type_name(type); }
CAPI PyObject* PyType_GetQualName(PyTypeObject* type) { return out(type_qualname(here(), type)); }
CAPI PyObject* PyType_GetModuleName(PyTypeObject* type) { return out(type_module(here(), type)); }
CAPI PyObject* PyType_GetFullyQualifiedName(PyTypeObject* type) {
    Thread& t = here();
    Ref module = type_module(t, type);
    if (!module) return nullptr;
    Ref name = type_qualname(t, type);
    if (!name) return nullptr;
    if (!is_str(module) || str_equal(module, "builtins") || str_equal(module, "__main__"))
        return out(std::move(name));
    return out(str_format(t, "%U.%U", module.get(), name.get()));
}
CAPI PyObject* PyType_GetDict(PyTypeObject* type) { return type->tp_dict ? new_ref(type->tp_dict) : nullptr; }
CAPI PyObject* PyType_GetModule(PyTypeObject* type) {
    Thread& t = here();
    if (!is_heap_type(type))
        return out(
            raise(t, PyExc_TypeError, "PyType_GetModule: Type '%s' is not a heap type", type->tp_name));
    PyObject* m = as_heap(type)->ht_module;
    if (!m)
        return out(
            raise(t, PyExc_TypeError, "PyType_GetModule: Type '%s' has no associated module", type->tp_name));
    return m;
}
CAPI void* PyModule_GetState(PyObject* m);
CAPI void* PyType_GetModuleState(PyTypeObject* type) {
    PyObject* m = PyType_GetModule(type);
    return m ? PyModule_GetState(m) : nullptr;
}
CAPI PyObject* PyType_GetModuleByDef(PyTypeObject* type, void* def) {
    if (PyObject* m = module_by_def(type, def)) return m;
    return out(raise(here(), PyExc_TypeError,
                     "PyType_GetModuleByDef: No superclass of '%s' has the given module", type->tp_name));
}
CAPI int PyType_Freeze(PyTypeObject* type) {
    Thread& t = here();
    Value mro(type->tp_mro);
    for (int64_t i = 1, n = tuple_size(mro); i < n; i++) {
        PyTypeObject* base = as_type(tuple_get(mro, i));
        if (!(base->tp_flags & kTpImmutableType))
            return fail(raise(t, PyExc_TypeError, "Creating immutable type %s from mutable base %N",
                              type->tp_name, Value(base)));
    }
    type->tp_flags |= kTpImmutableType;
    type_modified(type);
    return 0;
}
CAPI PyObject* _PyType_Lookup(PyTypeObject* type, PyObject* name) {
    Value v = type_lookup(type, name);
    if (!v) return nullptr;
    if (v.is_immediate()) {
        // Borrowed by the caller: the class keeps the boxed number from now on.
        Value mro(type->tp_mro);
        Ref boxed = box(v);
        for (int64_t i = 0, n = tuple_size(mro); i < n; i++) {
            Value dict(as_type(tuple_get(mro, i))->tp_dict);
            if (!dict_get_str(dict, Value(name))) continue;
            Status ok = dict_set(here(), dict, name, boxed);
            return ok ? boxed.get().ptr() : nullptr;
        }
    }
    return expose(v.ptr()) ? v.ptr() : nullptr;
}
CAPI PyObject* _PyType_LookupRef(PyTypeObject* type, PyObject* name) {
    Value v = type_lookup(type, name);
    return v ? to_c_new(v) : nullptr;
}

// --- making instances ---

namespace {
// An instance, all zero, of what extensions have most: a static type without items, collector or anything
// before the object. Null: not such a type, or no block lies ready.
inline PyObject* alloc_at_once(PyTypeObject* type) {
    constexpr uint64_t kMore = kTpHeapType | kTpHaveGC | kTpManagedDict | kTpManagedWeakref;
    constexpr size_t kPrefix = 2 * sizeof(PreHeader);
    if ((type->tp_flags & (kTpReady | kMore)) != kTpReady || !(type->krait_bits & kMadeByC) ||
        type->tp_itemsize)
        return nullptr;
    size_t total = (kPrefix + static_cast<size_t>(type->tp_basicsize) + 15) & ~size_t{15};
    auto* block = total <= kSmallMax ? static_cast<uint64_t*>(small_take(total / kSmallStep)) : nullptr;
    if (!block) return nullptr;
    for (size_t i = 2; i < total / sizeof(uint64_t); i++) {
        block[i] = 0;
        asm volatile("");  // few: a call of memset would cost more
    }
    auto* o = reinterpret_cast<PyObject*>(block + 2);
    block[0] = block_stamp(o);
    *preheader(o) = fresh_header(total);
    preheader(o)->lock |= kWidePrefix;
    init_header(o, type);
    return o;
}
}  // namespace
CAPI PyObject* PyType_GenericAlloc(PyTypeObject* type, Py_ssize_t nitems) {
    if (PyObject* o = alloc_at_once(type)) return o;
    Thread& t = here();
    if (!ensure_ready(t, type)) return nullptr;
    if (type->tp_flags & kTpTypeSubclass) return out(alloc_heap_type(t, type));
    constexpr size_t kFewBytes = 96;
    // Room for one more item, as C code expects of it.
    int64_t bytes;
    if (__builtin_mul_overflow(type->tp_itemsize, nitems + 1, &bytes) || bytes > INT64_MAX / 2)
        return out(raise_no_memory(t));
    size_t size = static_cast<size_t>(type->tp_basicsize + bytes);
    size = (size + 7) & ~size_t{7};
    PyObject* o = alloc_raw(t, type, size);
    if (!o) return nullptr;
    if (size <= kFewBytes) {
        for (auto* p = reinterpret_cast<uint64_t*>(o + 1); p < reinterpret_cast<uint64_t*>(o) + size / 8;
             p++) {
            *p = 0;
            asm volatile("");  // few: a call of memset would cost more
        }
    } else {
        memset(reinterpret_cast<char*>(o) + sizeof(PyObject), 0, size - sizeof(PyObject));
    }
    if (type->tp_itemsize) reinterpret_cast<PyVarObject*>(o)->ob_size = nitems;
    if (type->tp_flags & kTpListSubclass || type->tp_flags & kTpTupleSubclass) mark_exposed(o);
    if (type->tp_flags & kTpHaveGC) gc_track(t, o);
    return o;
}
CAPI PyObject* PyType_GenericNew(PyTypeObject* type, PyObject*, PyObject*) {
    if (type->tp_alloc)
        return reinterpret_cast<PyObject* (*)(PyTypeObject*, Py_ssize_t)>(type->tp_alloc)(type, 0);
    return PyType_GenericAlloc(type, 0);
}

// --- slots by number ---

namespace {
struct SlotPlace {
    enum Where : uint8_t { None, Type, Number, Sequence, Mapping, Async, Buffer } where;
    uint16_t offset;
};
#define IN_TYPE(field) \
    SlotPlace { SlotPlace::Type, offsetof(_typeobject, field) }
#define IN_NUMBER(field) \
    SlotPlace { SlotPlace::Number, offsetof(PyNumberMethods, field) }
#define IN_SEQUENCE(field) \
    SlotPlace { SlotPlace::Sequence, offsetof(PySequenceMethods, field) }
#define IN_MAPPING(field) \
    SlotPlace { SlotPlace::Mapping, offsetof(PyMappingMethods, field) }
#define IN_ASYNC(field) \
    SlotPlace { SlotPlace::Async, offsetof(PyAsyncMethods, field) }
#define IN_BUFFER(field) \
    SlotPlace { SlotPlace::Buffer, offsetof(PyBufferProcs, field) }
const SlotPlace kPlaces[] = {{SlotPlace::None, 0},
                             IN_BUFFER(bf_getbuffer),
                             IN_BUFFER(bf_releasebuffer),
                             IN_MAPPING(mp_ass_subscript),
                             IN_MAPPING(mp_length),
                             IN_MAPPING(mp_subscript),
                             IN_NUMBER(nb_absolute),
                             IN_NUMBER(nb_add),
                             IN_NUMBER(nb_and),
                             IN_NUMBER(nb_bool),
                             IN_NUMBER(nb_divmod),
                             IN_NUMBER(nb_float),
                             IN_NUMBER(nb_floor_divide),
                             IN_NUMBER(nb_index),
                             IN_NUMBER(nb_inplace_add),
                             IN_NUMBER(nb_inplace_and),
                             IN_NUMBER(nb_inplace_floor_divide),
                             IN_NUMBER(nb_inplace_lshift),
                             IN_NUMBER(nb_inplace_multiply),
                             IN_NUMBER(nb_inplace_or),
                             IN_NUMBER(nb_inplace_power),
                             IN_NUMBER(nb_inplace_remainder),
                             IN_NUMBER(nb_inplace_rshift),
                             IN_NUMBER(nb_inplace_subtract),
                             IN_NUMBER(nb_inplace_true_divide),
                             IN_NUMBER(nb_inplace_xor),
                             IN_NUMBER(nb_int),
                             IN_NUMBER(nb_invert),
                             IN_NUMBER(nb_lshift),
                             IN_NUMBER(nb_multiply),
                             IN_NUMBER(nb_negative),
                             IN_NUMBER(nb_or),
                             IN_NUMBER(nb_positive),
                             IN_NUMBER(nb_power),
                             IN_NUMBER(nb_remainder),
                             IN_NUMBER(nb_rshift),
                             IN_NUMBER(nb_subtract),
                             IN_NUMBER(nb_true_divide),
                             IN_NUMBER(nb_xor),
                             IN_SEQUENCE(sq_ass_item),
                             IN_SEQUENCE(sq_concat),
                             IN_SEQUENCE(sq_contains),
                             IN_SEQUENCE(sq_inplace_concat),
                             IN_SEQUENCE(sq_inplace_repeat),
                             IN_SEQUENCE(sq_item),
                             IN_SEQUENCE(sq_length),
                             IN_SEQUENCE(sq_repeat),
                             IN_TYPE(tp_alloc),
                             IN_TYPE(tp_base),
                             IN_TYPE(tp_bases),
                             IN_TYPE(tp_call),
                             IN_TYPE(tp_clear),
                             IN_TYPE(tp_dealloc),
                             IN_TYPE(tp_del),
                             IN_TYPE(tp_descr_get),
                             IN_TYPE(tp_descr_set),
                             IN_TYPE(tp_doc),
                             IN_TYPE(tp_getattr),
                             IN_TYPE(tp_getattro),
                             IN_TYPE(tp_hash),
                             IN_TYPE(tp_init),
                             IN_TYPE(tp_is_gc),
                             IN_TYPE(tp_iter),
                             IN_TYPE(tp_iternext),
                             IN_TYPE(tp_methods),
                             IN_TYPE(tp_new),
                             IN_TYPE(tp_repr),
                             IN_TYPE(tp_richcompare),
                             IN_TYPE(tp_setattr),
                             IN_TYPE(tp_setattro),
                             IN_TYPE(tp_str),
                             IN_TYPE(tp_traverse),
                             IN_TYPE(tp_members),
                             IN_TYPE(tp_getset),
                             IN_TYPE(tp_free),
                             IN_NUMBER(nb_matrix_multiply),
                             IN_NUMBER(nb_inplace_matrix_multiply),
                             IN_ASYNC(am_await),
                             IN_ASYNC(am_aiter),
                             IN_ASYNC(am_anext),
                             IN_TYPE(tp_finalize),
                             IN_ASYNC(am_send),
                             IN_TYPE(tp_vectorcall)};
constexpr int kTokenSlot = 83;

void** place_of(PyTypeObject* type, int id, bool embedded) {
    if (id <= 0 || id >= static_cast<int>(std::size(kPlaces))) return nullptr;
    PyHeapTypeObject* h = embedded ? as_heap(type) : nullptr;
    void* base = nullptr;
    switch (kPlaces[id].where) {
        case SlotPlace::None:
            return nullptr;
        case SlotPlace::Type:
            base = type;
            break;
        case SlotPlace::Number:
            base = h ? &h->as_number : type->tp_as_number;
            break;
        case SlotPlace::Sequence:
            base = h ? &h->as_sequence : type->tp_as_sequence;
            break;
        case SlotPlace::Mapping:
            base = h ? &h->as_mapping : type->tp_as_mapping;
            break;
        case SlotPlace::Async:
            base = h ? &h->as_async : type->tp_as_async;
            break;
        case SlotPlace::Buffer:
            base = h ? &h->as_buffer : type->tp_as_buffer;
            break;
    }
    return base ? reinterpret_cast<void**>(static_cast<char*>(base) + kPlaces[id].offset) : nullptr;
}
}  // namespace

CAPI void* PyType_GetSlot(PyTypeObject* type, int id) {
    if (id == kTokenSlot) return is_heap_type(type) ? as_heap(type)->ht_token : nullptr;
    if (id <= 0 || id > kTokenSlot) return out(bad_call("PyType_GetSlot"));
    activate_c_slots();
    void** p = place_of(type, id, false);
    return p ? *p : nullptr;
}

// --- types from specs ---

struct PyType_Slot {
    int slot;
    void* pfunc;
};
struct PyType_Spec {
    const char* name;
    int basicsize, itemsize;
    unsigned flags;
    PyType_Slot* slots;
};

namespace {

enum SpecSlot { kSpecBase = 48, kSpecBases = 49, kSpecDoc = 56, kSpecMembers = 72 };

struct Making {
    Thread& t;
    PyType_Spec* spec;
    PyTypeObject* meta;
    const PyMemberDef* members = nullptr;
    int64_t n_members = 0;
    const char* doc = nullptr;
    void* token = nullptr;
    bool has_token = false;
    int64_t weaklistoffset = 0, dictoffset = 0, vectorcalloffset = 0;
    Ref bases;
    PyTypeObject* base = nullptr;
    int64_t basicsize = 0, data_offset = 0;
};

Status check_relative(Making& m, const PyMemberDef& d) {
    if (!(d.flags & kRelativeOffset)) return Status::ok();
    if (m.spec->basicsize > 0)
        return raise(m.t, PyExc_SystemError, "With Py_RELATIVE_OFFSET, basicsize must be negative.");
    if (d.offset < 0 || d.offset >= -static_cast<int64_t>(m.spec->basicsize))
        return raise(m.t, PyExc_SystemError, "Member offset out of range (0..-basicsize)");
    return Status::ok();
}
// Members whose names say where something lies that all objects of the type have.
Status read_special_member(Making& m, const PyMemberDef& d) {
    const struct {
        const char* name;
        int64_t* place;
    } specials[] = {{"__weaklistoffset__", &m.weaklistoffset},
                    {"__dictoffset__", &m.dictoffset},
                    {"__vectorcalloffset__", &m.vectorcalloffset}};
    for (auto& special : specials) {
        if (strcmp(d.name, special.name) != 0) continue;
        if (d.type != static_cast<int>(MemberKind::Ssize))
            return raise(m.t, PyExc_SystemError, "type of %s must be Py_T_PYSSIZET", d.name);
        if ((d.flags & ~kRelativeOffset) != kReadonly)
            return raise(m.t, PyExc_SystemError,
                         "flags for %s must be Py_READONLY or (Py_READONLY | Py_RELATIVE_OFFSET)", d.name);
        *special.place = d.flags & kRelativeOffset ? kFromBase + d.offset : d.offset;
    }
    return Status::ok();
}

Status read_bases(Making& m, PyObject* given, PyObject* base_slot, PyObject* bases_slot) {
    Thread& t = m.t;
    if (!given && bases_slot && !is_tuple(bases_slot))
        return raise(t, PyExc_SystemError, "Py_tp_bases is not a tuple");
    Value bases(given ? given : bases_slot ? bases_slot : base_slot);
    if (!bases) bases = Value(&PyBaseObject_Type);
    m.bases = is_tuple(bases) ? Ref::share(bases) : TRY(tuple_of(t, {bases}));
    if (!(m.spec->flags & kTpImmutableType)) return Status::ok();
    for (int64_t i = 0; i < tuple_size(m.bases); i++) {
        Value b = tuple_get(m.bases, i);
        if (!is_type(b)) return raise(t, PyExc_TypeError, "bases must be types");
        if (!(as_type(b)->tp_flags & kTpImmutableType))
            return raise(t, PyExc_TypeError, "Creating immutable type %s from mutable base %N", m.spec->name,
                         as_type(b));
    }
    return Status::ok();
}

Status read_spec(Making& m, PyObject* bases_given) {
    Thread& t = m.t;
    PyObject *base_slot = nullptr, *bases_slot = nullptr;
    bool has_doc = false;
    for (PyType_Slot* s = m.spec->slots; s && s->slot; s++) {
        if (s->slot < 0 || s->slot > kTokenSlot) return raise(t, PyExc_RuntimeError, "invalid slot offset");
        switch (s->slot) {
            case kSpecMembers:
                if (m.members)
                    return raise(t, PyExc_SystemError, "Multiple Py_tp_members slots are not supported.");
                m.members = static_cast<PyMemberDef*>(s->pfunc);
                break;
            case kSpecBase:
                base_slot = static_cast<PyObject*>(s->pfunc);
                break;
            case kSpecBases:
                bases_slot = static_cast<PyObject*>(s->pfunc);
                break;
            case kSpecDoc:
                if (has_doc)
                    return raise(t, PyExc_SystemError, "Multiple Py_tp_doc slots are not supported.");
                has_doc = true;
                m.doc = static_cast<char*>(s->pfunc);
                break;
            case kTokenSlot:
                m.token = s->pfunc ? s->pfunc : m.spec;
                m.has_token = true;
                break;
            default:
                break;
        }
    }
    for (const PyMemberDef* d = m.members; d && d->name; d++) {
        m.n_members++;
        TRY(check_relative(m, *d));
        TRY(read_special_member(m, *d));
    }
    if (!m.spec->name) return raise(t, PyExc_SystemError, "Type spec does not define the name field.");
    return read_bases(m, bases_given, base_slot, bases_slot);
}

Status choose_meta(Making& m, PyTypeObject* meta_given) {
    Thread& t = m.t;
    m.meta = meta_given ? meta_given : &PyType_Type;
    for (int64_t i = 0; i < tuple_size(m.bases); i++) {
        Value b = tuple_get(m.bases, i);
        if (!is_type(b)) return raise(t, PyExc_TypeError, "bases must be types");
        TRY(ensure_ready(t, as_type(b)));
        PyTypeObject* candidate = type_of(b);
        if (is_subtype(m.meta, candidate)) continue;
        if (!is_subtype(candidate, m.meta))
            return raise(t, PyExc_TypeError,
                         "metaclass conflict: the metaclass of a derived class must be a (non-strict) "
                         "subclass of the metaclasses of all its bases");
        m.meta = candidate;
    }
    if (!is_subtype(m.meta, &PyType_Type))
        return raise(t, PyExc_TypeError, "Metaclass '%R' is not a subclass of 'type'.", Value(m.meta));
    if (ext(m.meta)->slots.new_ && ext(m.meta)->slots.new_ != type_new)
        return raise(t, PyExc_TypeError, "Metaclasses with custom tp_new are not supported.");
    m.base = best_base(t, m.bases);
    if (!m.base) return {};
    if (!(m.base->tp_flags & kTpBaseType))
        return raise(t, PyExc_TypeError, "type '%.100s' is not an acceptable base type", m.base->tp_name);
    if (m.spec->basicsize < 0 && m.base->tp_itemsize && !(m.base->tp_flags & kTpItemsAtEnd))
        return raise(t, PyExc_SystemError,
                     "Cannot extend variable-size class without Py_TPFLAGS_ITEMS_AT_END.");
    return Status::ok();
}

int64_t settle(const Making& m, int64_t place) {
    return place >= kFromBase ? m.data_offset + (place - kFromBase) : place;
}

Status set_members(Making& m, PyTypeObject* type) {
    if (!m.n_members) return Status::ok();
    auto* copy = static_cast<PyMemberDef*>(mem_alloc_zeroed((m.n_members + 1) * sizeof(PyMemberDef)));
    if (!copy) return raise_no_memory(m.t);
    for (int64_t i = 0; i < m.n_members; i++) {
        copy[i] = m.members[i];
        if (copy[i].flags & kRelativeOffset) {
            copy[i].flags &= ~kRelativeOffset;
            copy[i].offset += m.data_offset;
        }
    }
    type->tp_members = copy;
    ext(type)->owns_members = true;
    return Status::ok();
}

char* duplicate(const char* s) {
    size_t n = strlen(s) + 1;
    auto* p = static_cast<char*>(mem_alloc(n));
    if (p) memcpy(p, s, n);
    return p;
}

Ref make_type(Making& m, PyObject* module) {
    Thread& t = m.t;
    m.data_offset = (m.base->tp_basicsize + 15) & ~int64_t{15};
    if (m.spec->basicsize == 0)
        m.basicsize = m.base->tp_basicsize;
    else if (m.spec->basicsize < 0)
        m.basicsize = m.data_offset + ((-m.spec->basicsize + 15) & ~15);
    else
        m.basicsize = m.spec->basicsize;
    Ref made = TRY(alloc_heap_type(t, m.meta));
    PyTypeObject* type = as_type(made);
    auto* h = as_heap(type);
    type->tp_flags = m.spec->flags | kTpHeapType;
    h->_ht_tpname = duplicate(m.spec->name);
    if (!h->_ht_tpname) return raise_no_memory(t);
    type->tp_name = h->_ht_tpname;
    Ref name = TRY(str_intern(t, short_type_name(type)));
    h->ht_qualname = name.share().release().ptr();
    h->ht_name = name.release().ptr();
    h->ht_token = m.token;
    if (module) h->ht_module = new_ref(module);
    type->tp_as_async = &h->as_async;
    type->tp_as_number = &h->as_number;
    type->tp_as_mapping = &h->as_mapping;
    type->tp_as_sequence = &h->as_sequence;
    type->tp_as_buffer = &h->as_buffer;
    type->tp_base = m.base;
    incref(&m.base->ob_base.ob_base);
    type->tp_bases = m.bases.share().release().ptr();
    type->tp_basicsize = m.basicsize;
    type->tp_itemsize = m.spec->itemsize;
    for (PyType_Slot* s = m.spec->slots; s && s->slot; s++) {
        if (s->slot == kSpecBase || s->slot == kSpecBases || s->slot == kSpecMembers || s->slot == kTokenSlot)
            continue;
        if (void** p = place_of(type, s->slot, true)) *p = s->pfunc;
    }
    if (m.doc) {
        // The text may go away with the spec.
        type->tp_doc = duplicate(m.doc);
        if (!type->tp_doc) return raise_no_memory(t);
    }
    TRY(set_members(m, type));
    type->tp_weaklistoffset = settle(m, m.weaklistoffset);
    type->tp_dictoffset = settle(m, m.dictoffset);
    type->tp_vectorcall_offset = settle(m, m.vectorcalloffset);
    type->tp_dict = TRY(dict_new(t)).release().ptr();
    TRY(ready_c_type(t, type));
    if (!dict_get_str(Value(type->tp_dict), ID(__module__))) {
        if (const char* dot = strrchr(m.spec->name, '.')) {
            Ref mod = TRY(str_from(t, m.spec->name, dot - m.spec->name));
            mod = TRY(str_intern(t, std::move(mod)));
            TRY(dict_set(t, Value(type->tp_dict), ID(__module__), mod));
        } else {
            TRY(warn(t, PyExc_DeprecationWarning, 1, "builtin type %.200s has no __module__ attribute",
                     m.spec->name));
        }
    }
    gc_track(t, made.get().ptr());
    return made;
}

Ref from_spec(PyTypeObject* meta, PyObject* module, PyType_Spec* spec, PyObject* bases) {
    Thread& t = here();
    activate_c_slots();
    Making m{.t = t, .spec = spec, .meta = meta};
    TRY(read_spec(m, bases));
    TRY(choose_meta(m, meta));
    return make_type(m, module);
}

}  // namespace

CAPI PyObject* PyType_FromMetaclass(PyTypeObject* meta, PyObject* module, PyType_Spec* spec,
                                    PyObject* bases) {
    return out(from_spec(meta, module, spec, bases));
}
CAPI PyObject* PyType_FromModuleAndSpec(PyObject* module, PyType_Spec* spec, PyObject* bases) {
    return out(from_spec(nullptr, module, spec, bases));
}
CAPI PyObject* PyType_FromSpecWithBases(PyType_Spec* spec, PyObject* bases) {
    return out(from_spec(nullptr, nullptr, spec, bases));
}
CAPI PyObject* PyType_FromSpec(PyType_Spec* spec) { return out(from_spec(nullptr, nullptr, spec, nullptr)); }

namespace {
PyTypeObject* base_with_token(PyTypeObject* type, void* token) {
    auto has = [&](PyTypeObject* base) { return is_heap_type(base) && as_heap(base)->ht_token == token; };
    if (has(type)) return type;
    // A type that is not ready has no order of resolution yet.
    Value all(type->tp_mro ? type->tp_mro : type->tp_bases);
    for (int64_t i = 0, n = all ? tuple_size(all) : 0; i < n; i++) {
        PyTypeObject* base = as_type(tuple_get(all, i));
        if (has(base)) return base;
        if (!type->tp_mro)
            if (PyTypeObject* found = base_with_token(base, token)) return found;
    }
    return nullptr;
}
}  // namespace
CAPI int PyType_GetBaseByToken(PyTypeObject* type, void* token, PyTypeObject** result) {
    if (result) *result = nullptr;
    if (!token) return fail(raise(here(), PyExc_SystemError, "PyType_GetBaseByToken called with token=NULL"));
    if (!type || !is_type(Value(type)))
        return fail(raise(here(), PyExc_TypeError, "expected a type, got a '%T' object",
                          type ? Value(type) : none()));
    PyTypeObject* found = base_with_token(type, token);
    if (found && result) {
        *result = found;
        incref(&found->ob_base.ob_base);
    }
    return found != nullptr;
}
CAPI int _PyType_GetBaseByToken_Borrow(PyTypeObject* type, void* token, PyTypeObject** result) {
    int r = PyType_GetBaseByToken(type, token, result);
    if (r == 1 && result) decref(&(*result)->ob_base.ob_base);
    return r;
}
CAPI void* PyObject_GetTypeData(PyObject* o, PyTypeObject* cls) {
    return reinterpret_cast<char*>(o) + ((cls->tp_base->tp_basicsize + 15) & ~int64_t{15});
}
CAPI Py_ssize_t PyType_GetTypeDataSize(PyTypeObject* cls) {
    Py_ssize_t n = cls->tp_basicsize - ((cls->tp_base->tp_basicsize + 15) & ~int64_t{15});
    return n < 0 ? 0 : n;
}
CAPI void* PyObject_GetItemData(PyObject* o) {
    if (!(o->ob_type->tp_flags & kTpItemsAtEnd))
        return out(raise(here(), PyExc_TypeError, "type '%s' does not have Py_TPFLAGS_ITEMS_AT_END",
                         o->ob_type->tp_name));
    return reinterpret_cast<char*>(o) + o->ob_type->tp_basicsize;
}
