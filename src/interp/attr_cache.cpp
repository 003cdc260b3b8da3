#include "interp/attr_cache.h"

#include "builtins/str.h"
#include "gc/gc.h"
#include "object/internal.h"
#include "object/protocol.h"

namespace krait {

AttrCache* attr_cache_make(Thread& t) {
    t.interp->attr_cache = mem_alloc_zeroed(sizeof(AttrCache));
    return static_cast<AttrCache*>(t.interp->attr_cache);
}

namespace {

// Sets kind, slot and value.
void classify(AttrCacheEntry& e, PyTypeObject* type, Value name) {
    TypeExt* x = ext(type);
    e.kind = AttrKind::Slow;
    e.value = Value();
    // Where __getattr__ comes after, what runs code may raise AttributeError, and what is missing is asked
    // for.
    bool hooked = x->generic_but_hook;
    if (!hooked && (!x->generic_getattr || x->has_getattr_hook)) return;
    Value descr = type_lookup(type, name);
    if (descr && ext(type_of(descr))->slots.descr_set) {
        // A descriptor of a class made by Python may lose its __get__ without this type knowing.
        if (!hooked && ext(type_of(descr))->slots.descr_get && !is_heap_type(type_of(descr))) {
            e.kind = AttrKind::Data;
            e.value = descr;
        }
        return;
    }
    if (type->tp_dictoffset > 0) {
        e.kind = AttrKind::OffsetDict;
        return;
    }
    SharedKeys* keys = has_managed_dict(type) ? x->shared_keys : nullptr;
    int slot = keys ? keys->find(name) : -1;
    if (slot >= 0) {
        e.kind = AttrKind::Inline;
        e.slot = static_cast<uint16_t>(slot);
    } else if (descr && (type_of(descr)->tp_flags & kTpMethodDescriptor)) {
        if (keys) {
            e.kind = AttrKind::ValuesMethod;
            e.slot = keys->count;
        } else if (type->tp_dictoffset == 0) {
            e.kind = AttrKind::Method;
        } else {
            return;
        }
        e.value = descr;
    } else if (!hooked && has_managed_dict(type) && !(descr && ext(type_of(descr))->slots.descr_get)) {
        e.kind = AttrKind::Plain;
        e.slot = keys ? keys->count : 0;
        e.value = descr;
    }
}

}  // namespace

AttrCacheEntry* attr_cache_fill(Thread& t, PyTypeObject* type, Value name) {
    uint32_t version = type_version(type);
    AttrCache* c = attr_cache(t);
    if (!version || !c || !str_is_interned(name)) return nullptr;
    AttrCacheEntry& e = c->entry(version, name);
    Value old = e.name;
    incref(name);
    e.name = name;
    e.version = version;
    classify(e, type, name);
    xdecref(old);
    return &e;
}

}  // namespace krait
