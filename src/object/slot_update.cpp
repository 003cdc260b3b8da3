// Which function stands in each slot: inheritance from the bases, and for Python classes the dunders in
// force.
#include <array>

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "object/attributes.h"
#include "object/boundary.h"
#include "object/errors.h"
#include "object/internal.h"
#include "object/keywords.h"
#include "object/names.h"
#include "object/protocol.h"
#include "support/panic.h"

namespace krait {

namespace {

bool dict_has(PyTypeObject* type, Value name) {
    return type->tp_dict && dict_get_str(Value(type->tp_dict), name);
}

// The table rows of one slot: [first, last).
struct Rows {
    int first, last;
};

// Rows of slots.def are grouped by slot; mp_length etc. come before their sq_ twins.
Rows rows_at(int i) {
    int slot = g_slot_wrappers[i].slot, last = i + 1;
    while (last < kSlotWrapperCount && g_slot_wrappers[last].slot == slot) last++;
    return {i, last};
}

Rows rows_of(int i) {
    while (i > 0 && g_slot_wrappers[i - 1].slot == g_slot_wrappers[i].slot) i--;
    return rows_at(i);
}

// A builtin type may have a plain method in place of a slot wrapper (list.__getitem__): the slot does the
// same.
void* coexisting_slot(PyTypeObject* type, Value found, int slot) {
    if (!has_type(found, &PyMethodDescr_Type)) return nullptr;
    auto* d = found.as<PyMethodDescrObject>();
    if (!(d->d_method->ml_flags & NativeDef::kNativeDefBit)) return nullptr;
    if (!(reinterpret_cast<const NativeDef*>(d->d_method)->flags & kMethCoexist)) return nullptr;
    return is_subtype(type, d->d_common.d_type) ? slot_at(ext(d->d_common.d_type), slot) : nullptr;
}

// The method resolution order is the type and then that of its only base, `object` or a Python class.
bool follows_python_class(PyTypeObject* type) {
    if (tuple_size(Value(type->tp_bases)) != 1) return false;
    PyTypeObject* base = as_type(tuple_get(Value(type->tp_bases), 0));
    bool python = is_heap_type(base) && !ext(base)->spec && !ext(base)->is_c_type;
    if (!python && base != &PyBaseObject_Type) return false;
    Value mro(type->tp_mro), base_mro(base->tp_mro);
    int64_t n = tuple_size(base_mro);
    if (tuple_size(mro) != n + 1 || tuple_get(mro, 0) != Value(&type->ob_base.ob_base)) return false;
    for (int64_t i = 0; i < n; i++)
        if (tuple_get(mro, i + 1) != tuple_get(base_mro, i)) return false;
    return true;
}

// Where rows of slots.def begin that have a name: by its address, which an interned name has for good.
class SlotNames {
  public:
    SlotNames() {
        for (int i = kSlotWrapperCount - 1; i >= 0; i--) {
            Value name = g_slot_wrappers[i].name_value;
            size_t k = place(name);
            next_[i] =
                first_[k] && g_slot_wrappers[first_[k] - 1].name_value == name ? first_[k] : uint8_t{0};
            first_[k] = static_cast<uint8_t>(i + 1);
        }
    }
    // -1: no more.
    int first(Value name) const {
        int row = first_[place(name)] - 1;
        return row >= 0 && g_slot_wrappers[row].name_value == name ? row : -1;
    }
    int after(int row) const { return next_[row] - 1; }

  private:
    // The place of the name, or where it belongs.
    size_t place(Value name) const {
        size_t k = (name.bits >> 4) % kPlaces;
        while (first_[k] && g_slot_wrappers[first_[k] - 1].name_value != name) k = (k + 1) % kPlaces;
        return k;
    }
    static constexpr size_t kPlaces = 256;
    uint8_t first_[kPlaces] = {}, next_[kPlaces] = {};
};

const SlotNames& slot_names() {
    static const SlotNames names;
    return names;
}

// Picks the function for one slot of a heap type from what its dunders resolve to.
void update_slot(PyTypeObject* type, Rows rows) {
    int slot = g_slot_wrappers[rows.first].slot;
    TypeExt* x = ext(type);
    void* thunk = slot_at(kPythonSlots, slot);
    void* specific = nullptr;
    void* generic = nullptr;
    bool use_generic = false;
    for (int i = rows.first; i < rows.last; i++) {
        const SlotWrapper& w = g_slot_wrappers[i];
        Value found = type_lookup(type, w.name_value);
        if (!found) continue;
        if (has_type(found, &PyWrapperDescr_Type) &&
            found.as<PyWrapperDescrObject>()->d_base->name_value == w.name_value) {
            auto* d = found.as<PyWrapperDescrObject>();
            bool same_shape = d->d_base->wrapper == w.wrapper;
            if (d->d_base->slot == slot) generic = thunk;
            // tuple.__getitem__ stands for two slots; a subclass has both, as tuple has.
            if (void* twin = d->d_base->slot != slot && is_subtype(type, d->d_common.d_type)
                                 ? slot_at(ext(d->d_common.d_type), slot)
                                 : nullptr;
                twin && (!specific || specific == twin))
                specific = twin;
            else if (same_shape && (!specific || specific == d->d_wrapped) &&
                     is_subtype(type, d->d_common.d_type))
                specific = d->d_wrapped;
            else
                use_generic = true;
        } else if (void* native = coexisting_slot(type, found, slot);
                   native && (!specific || specific == native)) {
            specific = native;
        } else if (slot == kSlot_new_ && is_new_wrapper(found)) {
            // Once a class had a Python __new__ its constructor stays the general one, as in CPython: when
            // that __new__ is gone, object.__new__ called through it takes no arguments.
            specific = reinterpret_cast<void*>(x->slots.new_);
        } else if (slot == kSlot_hash && is_none(found)) {
            specific = reinterpret_cast<void*>(&hash_not_implemented);
        } else {
            use_generic = true;
            generic = thunk;
        }
    }
    void* chosen = specific && !use_generic ? specific : generic;
    if (!chosen && slot == kSlot_iternext && x->slots.iternext)
        chosen = reinterpret_cast<void*>(&next_not_implemented);
    slot_at(x, slot) = chosen;
    if (slot == kSlot_call)
        type->tp_flags &= ~uint64_t{kTpHaveVectorcall};  // until finish_slots() finds it is the base's
}

void update_recursively(PyTypeObject* type, Value name);

// Sees to it that caches of attributes notice what an update makes of the instances as descriptors.
class DescriptorWatch {
  public:
    explicit DescriptorWatch(PyTypeObject* type) : type_(type), before_(type) {}
    ~DescriptorWatch() {
        if (DescriptorKind(type_) != before_) type_modified(&PyBaseObject_Type);
    }

  private:
    PyTypeObject* type_;
    DescriptorKind before_;
};

void update_name(PyTypeObject* type, Value name) {
    DescriptorWatch watch(type);
    for (int i = slot_names().first(name); i >= 0; i = slot_names().after(i)) update_slot(type, rows_of(i));
    finish_slots(type);
}

void update_recursively(PyTypeObject* type, Value name) {
    update_name(type, name);
    SubclassList* list = subclasses(type);
    if (!list) return;
    for (size_t i = 0; i < list->size; i++) {
        PyTypeObject* sub = list->items[i];
        if (dict_has(sub, name) || !is_heap_type(sub)) continue;  // its own definition stands
        update_recursively(sub, name);
    }
}

// Which slots a type inherits one by one, as masks.
constexpr auto kInherited = [] {
    std::array<uintptr_t, kSlotCount> masks{};
    size_t i = 0;
#define SLOT(name, kind, group)                                                                 \
    masks[i++] = SlotGroup::group == SlotGroup::Gc || SlotGroup::group == SlotGroup::Compare || \
                         SlotGroup::group == SlotGroup::New                                     \
                     ? 0                                                                        \
                     : UINTPTR_MAX;
#include "object/slots.def"
    return masks;
}();

void inherit_flags(PyTypeObject* type, PyTypeObject* base) {
    TypeExt *x = ext(type), *b = ext(base);
    if (!(type->tp_flags & kTpHaveGC) && (base->tp_flags & kTpHaveGC) && !x->slots.traverse &&
        !x->slots.clear) {
        type->tp_flags |= kTpHaveGC;
        x->slots.traverse = b->slots.traverse;
        x->slots.clear = b->slots.clear;
    }
    constexpr uint64_t kind_bits = kTpLongSubclass | kTpListSubclass | kTpTupleSubclass | kTpBytesSubclass |
                                   kTpUnicodeSubclass | kTpDictSubclass | kTpBaseExcSubclass |
                                   kTpTypeSubclass | kTpMatchSelf | kTpItemsAtEnd;
    type->tp_flags |= base->tp_flags & kind_bits;
    if (type->tp_basicsize == 0) type->tp_basicsize = base->tp_basicsize;
    if (type->tp_itemsize == 0) type->tp_itemsize = base->tp_itemsize;
    if (type->tp_weaklistoffset == 0) type->tp_weaklistoffset = base->tp_weaklistoffset;
    if (type->tp_dictoffset == 0) type->tp_dictoffset = base->tp_dictoffset;
}

// `all`: also what the base has from its own, which are not asked.
void inherit_from(PyTypeObject* type, PyTypeObject* base, bool compare_overridden, bool all) {
    TypeExt *x = ext(type), *b = ext(base);
    TypeExt* bb = base->tp_base && !all ? ext(base->tp_base) : nullptr;
    // A base counts as defining a slot when it differs from its own base's.
    auto defines = [&](int i) {
        void* f = slot_at(b, i);
        return f && (!bb || slot_at(bb, i) != f);
    };
    if (!x->slots.hash && !x->slots.richcompare && !compare_overridden) {
        if (defines(kSlot_hash) || defines(kSlot_richcompare)) {
            x->slots.hash = b->slots.hash;
            x->slots.richcompare = b->slots.richcompare;
        }
    }
    // Without branches: this runs for all slots of all types.
    auto *to = reinterpret_cast<uintptr_t*>(&x->slots), *from = reinterpret_cast<uintptr_t*>(&b->slots);
    auto* below = bb ? reinterpret_cast<uintptr_t*>(&bb->slots) : nullptr;
    for (size_t i = 0; i < kSlotCount; i++) {
        uintptr_t f = below && from[i] == below[i] ? 0 : from[i] & kInherited[i];
        to[i] = to[i] ? to[i] : f;
    }
    if ((type->tp_flags & kTpHaveGC) && (base->tp_flags & kTpHaveGC)) {
        if (!x->slots.traverse && !x->slots.clear) {
            x->slots.traverse = b->slots.traverse;
            x->slots.clear = b->slots.clear;
        }
    }
}

}  // namespace

bool is_slot_name(Value name) { return slot_names().first(name) >= 0; }

void inherit_slots(PyTypeObject* type) {
    if (type->tp_base) inherit_flags(type, type->tp_base);
    bool compare_overridden = dict_has(type, ID(__eq__)) || dict_has(type, ID(__hash__));
    Value mro(type->tp_mro);
    bool from_base = follows_python_class(type);  // which has what its bases have
    for (int64_t i = 1, n = tuple_size(mro); i < n; i++) {
        PyTypeObject* base = as_type(tuple_get(mro, i));
        if (i == 1 || !from_base) inherit_from(type, base, compare_overridden, from_base);
        if (!type->tp_del) type->tp_del = base->tp_del;
        // What a pattern takes it for: the first class that says so decides.
        if (!(type->tp_flags & (kTpSequence | kTpMapping)))
            type->tp_flags |= base->tp_flags & (kTpSequence | kTpMapping);
    }
    TypeExt* x = ext(type);
    // Bases of classes may change their minds; types of C and Krait do not.
    if (type->tp_base && (!is_heap_type(type) || (type->tp_flags & kTpImmutableType)) &&
        x->slots.descr_get == ext(type->tp_base)->slots.descr_get)
        type->tp_flags |= type->tp_base->tp_flags & kTpMethodDescriptor;
    if (type->tp_flags & kTpDisallowInstantiation) {
        x->slots.new_ = nullptr;
    } else if (!x->slots.new_ && type->tp_base) {
        if (type->tp_base == &PyBaseObject_Type && !is_heap_type(type))
            type->tp_flags |= kTpDisallowInstantiation;
        else
            x->slots.new_ = ext(type->tp_base)->slots.new_;
    }
    finish_slots(type);
}

static uint16_t dealloc_kind(const PyTypeObject* type) {
    if (type == &PyLong_Type || type == &PyFloat_Type || type == &PyBytes_Type) return kDeallocMemory;
    if (type == &PyUnicode_Type) return kDeallocLeaf;
    bool weakrefs = type->tp_weaklistoffset || (type->tp_flags & kTpManagedWeakref);
    return static_cast<uint16_t>((ext(type)->slots.finalize ? kDeallocFinalize : 0) |
                                 (weakrefs ? kDeallocWeakrefs : 0));
}

void finish_slots(PyTypeObject* type) {
    TypeExt* x = ext(type);
    x->generic_getattr = x->slots.getattr == BinaryFn(&generic_get_attr);
    x->generic_setattr = x->slots.setattr == SetAttrFn(&generic_set_attr);
    x->has_getattr_hook = is_heap_type(type) && type_lookup(type, ID(__getattr__));
    x->generic_but_hook = x->has_getattr_hook && x->slots.getattr == kPythonSlots.getattr &&
                          is_generic_getattribute(type_lookup(type, ID(__getattribute__)));
    PyTypeObject* base = type->tp_base;
    if (base && (base->tp_flags & kTpHaveVectorcall) && x->slots.call == ext(base)->slots.call)
        type->tp_flags |= kTpHaveVectorcall;
    x->base_dealloc_kind = dealloc_kind(type);
    bool inherits_init = base && ext(base)->slots.init == x->slots.init;
    uint8_t any_keywords = (inherits_init ? base : type)->krait_bits & kTypeAnyKeywords;
    type->krait_bits =
        static_cast<uint8_t>((is_exposable(type) ? kExposable : 0) | (x->is_c_type ? kMadeByC : 0) |
                             (type->krait_bits & kSlotsOfC) | any_keywords);
    if (g_runtime.sync_c_type) [[unlikely]] {
        g_runtime.sync_c_type(type);
        if (x->c_dealloc) x->base_dealloc_kind = 0;
    }
}

namespace {

bool is_dunder(Value name) {
    int64_t n = str_length(name);
    return n > 4 && str_char(name, 0) == '_' && str_char(name, 1) == '_' && str_char(name, n - 1) == '_';
}

void update_all_slots(PyTypeObject* type) {
    for (int i = 0; i < kSlotWrapperCount;) {
        Rows rows = rows_at(i);
        update_slot(type, rows);
        i = rows.last;
    }
    finish_slots(type);
}

// Has the class no slots but those that its dunders say? Of other builtin types, slots stand for more or
// fewer.
bool slots_follow_dunders(PyTypeObject* type) {
    if (ext(type)->is_c_type) return false;
    return type == &PyBaseObject_Type || (type->tp_flags & kTpBaseExcSubclass) ||
           (is_heap_type(type) && !ext(type)->spec);
}

// The slots for which a class defines something that its base does not come by: itself, or what else comes
// before the base's classes, or among them, in the method resolution order. All others resolve as in the
// base. False: nothing can be said.
bool find_defined(PyTypeObject* type, bool* defined) {
    PyTypeObject* base = type->tp_base;
    if (!slots_follow_dunders(base)) return false;
    Value mro(type->tp_mro), base_mro(base->tp_mro);
    int64_t of_base = 0;
    for (int64_t i = 0; i < tuple_size(mro); i++) {
        Value c = tuple_get(mro, i);
        if (of_base < tuple_size(base_mro) && c == tuple_get(base_mro, of_base)) {
            of_base++;
            continue;
        }
        int64_t pos = 0;
        Value key, value;
        while (dict_next(Value(as_type(c)->tp_dict), pos, key, value)) {
            if (!is_str(key) || !is_dunder(key)) continue;
            if (!str_is_interned(key)) return false;
            for (int row = slot_names().first(key); row >= 0; row = slot_names().after(row))
                defined[g_slot_wrappers[row].slot] = true;
        }
    }
    return of_base == tuple_size(base_mro);
}

}  // namespace

void update_new_slots(PyTypeObject* type) {
    bool defined[kSlotCount] = {};
    if (!find_defined(type, defined)) return update_all_slots(type);
    // These two are inherited together or not at all.
    if (defined[kSlot_hash]) defined[kSlot_richcompare] = true;
    if (defined[kSlot_richcompare]) defined[kSlot_hash] = true;
    TypeExt *x = ext(type), *base = ext(type->tp_base);
    for (int i = 0; i < kSlotWrapperCount;) {
        Rows rows = rows_at(i);
        int slot = g_slot_wrappers[i].slot;
        if (defined[slot])
            update_slot(type, rows);
        else
            slot_at(x, slot) = slot_at(base, slot);
        i = rows.last;
    }
#ifdef KRAIT_CHECKS
    for (int i = 0; i < kSlotWrapperCount;) {
        Rows rows = rows_at(i);
        void* quick = slot_at(ext(type), g_slot_wrappers[i].slot);
        update_slot(type, rows);
        if (quick != slot_at(ext(type), g_slot_wrappers[i].slot)) panic(g_slot_wrappers[i].name);
        i = rows.last;
    }
#endif
    finish_slots(type);
}

void update_slots(PyTypeObject* type) {
    DescriptorWatch watch(type);
    update_all_slots(type);
}

void update_slots_for_name(PyTypeObject* type, Value name) {
    if (!is_slot_name(name)) return;
    update_recursively(type, name);
}

}  // namespace krait
