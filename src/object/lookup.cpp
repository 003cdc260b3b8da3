// Type look-up: MRO search behind a cache keyed by type version and name.
#include "builtins/dict.h"
#include "builtins/dict_table.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/errors.h"
#include "object/internal.h"
#include "object/protocol.h"
#include "object/watchers.h"

namespace krait {

namespace {

struct CacheEntry {
    uint32_t version = 0;
    Value name;   // owned, interned
    Value value;  // borrowed: whatever replaces it in the type's dict changes the version
};
// Of the cache only some is used, more as entries drive out others: small programs touch little memory.
constexpr size_t kCacheSize = 4096;
CacheEntry g_lookup_cache[kCacheSize];
size_t g_cache_mask = 511;
size_t g_driven_out;

size_t cache_place(uint32_t version, Value name) {
    return (version ^ static_cast<uint32_t>(name.bits >> 4)) & g_cache_mask;
}

// What the caches held before stays where it is, and is found no more unless its place is the same.
void note_driven_out() {
    if (++g_driven_out <= g_cache_mask || g_cache_mask == kCacheSize - 1) return;
    g_driven_out = 0;
    g_cache_mask = g_cache_mask * 2 + 1;
}

// In a class whose dict has keys that are no strings: comparing them may run code, which may change the
// class.
Value search_odd_dict(Value dict, Value name) {
    Thread& t = current_thread();
    Ref pending = fetch_error(t), keep = Ref::share(dict);
    Result<int64_t> ix = dict_find(t, dict.as<PyDictObject>(), name, str_hash(name));
    if (!ix) clear_error(t);
    restore_error(t, std::move(pending));
    return ix && ix.value() >= 0 ? dict_keys_of(dict)->value_at(ix.value()) : Value();
}

Value search_mro(PyTypeObject* type, Value name) {
    if (!type->tp_mro) {
        for (PyTypeObject* b = type; b; b = b->tp_base) {
            if (!b->tp_dict) continue;
            if (Value v = dict_get_str(Value(b->tp_dict), name)) return v;
        }
        return {};
    }
    Value mro(type->tp_mro);
    Ref keep;
    for (int64_t i = 0, n = tuple_size(mro); i < n; i++) {
        PyObject* dict = as_type(tuple_get(mro, i))->tp_dict;
        if (!dict) continue;
        bool odd = !dict_keys_of(Value(dict))->str_only;
        if (odd) [[unlikely]]
            keep = Ref::share(mro);
        if (Value v = odd ? search_odd_dict(Value(dict), name) : dict_get_str(Value(dict), name)) return v;
    }
    return {};
}

}  // namespace

Value type_lookup(PyTypeObject* type, Value name) {
    uint32_t version = type->tp_version_tag;
    if (version == 0) [[unlikely]]
        version = str_is_interned(name) ? type_version(type) : 0;
    CacheEntry& e = g_lookup_cache[cache_place(version, name)];
    if (e.version == version && e.name == name && version != 0) [[likely]]
        return e.value;
    Value found = search_mro(type, name);
    if (version != 0 && version == type->tp_version_tag && str_is_interned(name)) {
        Value old = e.name;
        incref(name);
        e = {version, name, found};
        if (old) note_driven_out();
        xdecref(old);
    }
    return found;
}

uint32_t type_version(PyTypeObject* type) {
    if (type->tp_version_tag) return type->tp_version_tag;
    if (!(type->tp_flags & kTpReady) || !g_runtime.main || !type->tp_mro) return 0;
    if (type->tp_versions_used >= kMaxVersionsPerType) return 0;
    // type_modified stops at types without a version, so every base must have one.
    Value bases(type->tp_bases);
    for (int64_t i = 0, n = tuple_size(bases); i < n; i++)
        if (!type_version(as_type(tuple_get(bases, i)))) return 0;
    uint32_t& next = g_runtime.main->next_type_version;
    if (next == UINT32_MAX) return 0;
    type->tp_versions_used++;
    type->tp_version_tag = next++;
    return type->tp_version_tag;
}

static void subclasses_modified(PyTypeObject* type) {
    if (SubclassList* list = subclasses(type))
        for (size_t i = 0; i < list->size; i++) type_modified(list->items[i]);
}
// What they look up meanwhile must not stay in a cache.
static void type_modified_watched(PyTypeObject* type) {
    subclasses_modified(type);
    tell_type_watchers(type);
    type->tp_version_tag = 0;
}
void type_modified(PyTypeObject* type) {
    if (type->tp_version_tag == 0) return;
    if (type->tp_watched) [[unlikely]]
        return type_modified_watched(type);
    type->tp_version_tag = 0;
    subclasses_modified(type);
}

bool is_subtype_slow(const PyTypeObject* a, const PyTypeObject* b) {
    if (a->tp_mro) {
        Value mro(a->tp_mro);
        const Value* items = tuple_items(mro);
        for (int64_t i = 0, n = tuple_size(mro); i < n; i++)
            if (items[i] == Value(b)) return true;
        return false;
    }
    for (const PyTypeObject* p = a->tp_base; p; p = p->tp_base)
        if (p == b) return true;
    return b == &PyBaseObject_Type;
}

bool is_instance_exact_or_sub(Value v, const PyTypeObject* type) { return is_subtype(type_of(v), type); }

bool is_double(Value v) { return v.is_float() || (v.is_ptr() && is_subtype(v.heap_type(), &PyFloat_Type)); }

Maybe lookup_special(Thread& t, Value v, Value name) {
    PyTypeObject* type = type_of(v);
    Value found = type_lookup(type, name);
    if (!found) return Maybe::absent();
    Ref descr = Ref::share(found);
    DescrGetFn get = ext(type_of(descr))->slots.descr_get;
    if (!get) return Maybe::found(std::move(descr));
    return get(t, descr, v, Value(type));
}

Status add_subclass(Thread& t, PyTypeObject* base, PyTypeObject* type) {
    auto* list = subclasses(base);
    if (!list) {
        list = static_cast<SubclassList*>(mem_alloc_zeroed(sizeof(SubclassList)));
        if (!list) return raise_no_memory(t);
        base->tp_subclasses = list;
    }
    if (list->size == list->capacity) {
        size_t n = list->capacity ? list->capacity * 2 : 4;
        auto* p = static_cast<PyTypeObject**>(mem_realloc(list->items, n * sizeof(PyTypeObject*)));
        if (!p) return raise_no_memory(t);
        list->items = p;
        list->capacity = n;
    }
    list->items[list->size++] = type;
    return Status::ok();
}

void remove_subclass(PyTypeObject* base, PyTypeObject* type) {
    auto* list = subclasses(base);
    if (!list) return;
    // From the end: the youngest classes die first.
    for (size_t i = list->size; i-- > 0;) {
        if (list->items[i] != type) continue;
        for (size_t k = i + 1; k < list->size; k++) list->items[k - 1] = list->items[k];
        list->size--;
        return;
    }
}

}  // namespace krait
