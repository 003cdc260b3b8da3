// A second level behind the inline caches of attribute look-ups: what one name means on instances of one
// type. Places that see several types find here what their own cache can hold for one only.
#pragma once

#include "builtins/dict.h"
#include "object/instance.h"
#include "object/thread.h"

namespace krait {

enum class AttrKind : uint8_t {
    Slow,          // nothing short of the whole protocol
    Data,          // `value` is a data descriptor of the type
    Inline,        // inline slot `slot` of the instance
    Method,        // `value` is a function to bind; instances have no dict
    OffsetDict,    // the dict at tp_dictoffset, if the name is there; no data descriptor comes before it
    ValuesMethod,  // as Method; instances have inline attributes, but no such one while there are `slot`
                   // names
    Plain  // no data descriptor, nor an inline attribute while there are `slot` names; what the dict of an
           // instance lacks is `value`, if that is not empty
};

struct AttrCacheEntry {
    uint32_t version = 0;  // of the type; 0: entry not in use
    AttrKind kind = AttrKind::Slow;
    uint16_t slot = 0;
    Value name;   // owned
    Value value;  // borrowed: the type's version vouches for it
};
// What super().name finds behind `cls` for instances of one type.
struct SuperCacheEntry {
    uint32_t version = 0;
    Value cls, name;  // `name` owned; `cls` is in the MRO, for which the version vouches
    Value value;      // borrowed
};

struct AttrCache {
    static constexpr size_t kSize = 1024, kSuperSize = 128;
    AttrCacheEntry entries[kSize];
    SuperCacheEntry super_entries[kSuperSize];

    AttrCacheEntry& entry(uint32_t version, Value name) {
        return entries[(version * 0x9E3779B1u ^ static_cast<uint32_t>(name.bits >> 4)) % kSize];
    }
    SuperCacheEntry& super_entry(uint32_t version, Value cls, Value name) {
        auto key = static_cast<uint32_t>(name.bits >> 4) ^ static_cast<uint32_t>(cls.bits >> 4);
        return super_entries[(version * 0x9E3779B1u ^ key) % kSuperSize];
    }
};

// The cache of the running interpreter; made on first use, null when memory is out.
AttrCache* attr_cache_make(Thread& t);
inline AttrCache* attr_cache(Thread& t) {
    auto* c = static_cast<AttrCache*>(t.interp->attr_cache);
    return c ? c : attr_cache_make(t);
}

// The entry for `name` on instances of `type`, if it is there; `name` may be anything.
inline AttrCacheEntry* attr_cache_peek(Thread& t, PyTypeObject* type, Value name) {
    auto* c = static_cast<AttrCache*>(t.interp->attr_cache);
    if (!c) return nullptr;
    AttrCacheEntry& e = c->entry(type->tp_version_tag, name);
    return e.version == type->tp_version_tag && e.name == name && e.version ? &e : nullptr;
}
// The same, filled if need be; null: not to be cached.
AttrCacheEntry* attr_cache_fill(Thread& t, PyTypeObject* type, Value name);
inline AttrCacheEntry* attr_cache_find(Thread& t, PyTypeObject* type, Value name) {
    AttrCache* c = attr_cache(t);
    if (!c) return nullptr;
    AttrCacheEntry& e = c->entry(type->tp_version_tag, name);
    if (e.version == type->tp_version_tag && e.name == name && e.version) [[likely]]
        return &e;
    return attr_cache_fill(t, type, name);
}

// The value in the inline slot of an entry of kind Inline; empty: the instance has it elsewhere, or not at
// all.
inline Value attr_cache_inline(const AttrCacheEntry& e, PyObject* o) {
    if (preheader(o)->attr_last <= e.slot) return {};
    return inline_attrs(o, ext(o->ob_type))[e.slot];
}
// The same taken out: owned.
inline Value attr_cache_take(const AttrCacheEntry& e, PyObject* o) {
    PreHeader* head = preheader(o);
    if (head->attr_last <= e.slot) return {};
    Value* attrs = inline_attrs(o, ext(o->ob_type));
    Value v = attrs[e.slot];
    attrs[e.slot] = Value();
    while (head->attr_last && !attrs[head->attr_last - 1]) head->attr_last--;
    return v;
}
// The value in the dict of an instance, of an entry of kind OffsetDict; empty: look for it the long way.
inline Value attr_cache_in_dict(PyObject* o, Value name) {
    auto* d = *reinterpret_cast<PyObject**>(reinterpret_cast<char*>(o) + o->ob_type->tp_dictoffset);
    return d && d->ob_type == &PyDict_Type ? dict_get_str(Value(d), name) : Value();
}
// Whether an entry of kind Plain still says the truth of instances without a dict.
inline bool attr_cache_is_plain(const AttrCacheEntry& e, PyObject* o) {
    const SharedKeys* keys = ext(o->ob_type)->shared_keys;
    return !keys || keys->count == e.slot;
}
// attr_cache_find() for an instance: what is known of names that had no inline place is found out again when
// there are more places.
inline AttrCacheEntry* attr_cache_find(Thread& t, PyObject* o, Value name) {
    AttrCacheEntry* e = attr_cache_find(t, o->ob_type, name);
    if (e && e->kind == AttrKind::Plain && !attr_cache_is_plain(*e, o)) [[unlikely]]
        return attr_cache_fill(t, o->ob_type, name);
    return e;
}
// set_attr() for an exact str, by what the cache knows. `v` is not empty.
Status store_attr(Thread& t, Value owner, Value name, Value v);
// Whether the function of an entry is what the instance's name means.
inline bool attr_cache_binds(const AttrCacheEntry& e, PyObject* o) {
    if (e.kind == AttrKind::Method) return true;
    return e.kind == AttrKind::ValuesMethod && !managed_dict(o) &&
           ext(o->ob_type)->shared_keys->count == e.slot;
}

}  // namespace krait
