// The hash table inside dict: insertion-ordered entries behind an index of 1, 2, 4 or 8 byte slots.
//
//     DictKeys header (32 bytes) | index: 2**log2_size slots | entries: `usable_total` of StrEntry or
//     HashEntry
//
// While every key is an exact str, entries are StrEntry (the hash is in the str); otherwise HashEntry.
// Entries are appended; a deleted one keeps its place with an empty value and its index slot becomes kDummy.
// Probing is CPython's perturbed sequence.
#pragma once

#include "builtins/dict.h"
#include "builtins/str.h"
#include "object/protocol.h"
#include "object/watchers.h"

namespace krait {

struct StrEntry {
    Value key, value;
};
struct HashEntry {
    int64_t hash;
    Value key, value;
};

struct DictKeys {
    int64_t first;  // no live entry stands before this one (a bound, not always the first)
    uint8_t log2_size;
    uint8_t log2_width;  // index slot width in bytes, as a power of two
    uint8_t str_only;
    uint32_t version;  // for inline caches; 0: not handed out
    int64_t usable;    // entries that can still be appended
    int64_t nentries;  // appended so far, deleted ones included

    static constexpr int64_t kEmpty = -1, kDummy = -2;

    uint64_t mask() const { return (uint64_t{1} << log2_size) - 1; }
    char* index_base() { return reinterpret_cast<char*>(this + 1); }
    int64_t index(uint64_t i) {
        char* p = index_base();
        switch (log2_width) {
            case 0:
                return reinterpret_cast<int8_t*>(p)[i];
            case 1:
                return reinterpret_cast<int16_t*>(p)[i];
            case 2:
                return reinterpret_cast<int32_t*>(p)[i];
            default:
                return reinterpret_cast<int64_t*>(p)[i];
        }
    }
    void set_index(uint64_t i, int64_t v) {
        char* p = index_base();
        switch (log2_width) {
            case 0:
                reinterpret_cast<int8_t*>(p)[i] = static_cast<int8_t>(v);
                break;
            case 1:
                reinterpret_cast<int16_t*>(p)[i] = static_cast<int16_t>(v);
                break;
            case 2:
                reinterpret_cast<int32_t*>(p)[i] = static_cast<int32_t>(v);
                break;
            default:
                reinterpret_cast<int64_t*>(p)[i] = v;
        }
    }
    char* entries_base() { return index_base() + (uint64_t{1} << (log2_size + log2_width)); }
    StrEntry* str_entries() { return reinterpret_cast<StrEntry*>(entries_base()); }
    HashEntry* hash_entries() { return reinterpret_cast<HashEntry*>(entries_base()); }

    Value& key_at(int64_t ix) { return str_only ? str_entries()[ix].key : hash_entries()[ix].key; }
    Value& value_at(int64_t ix) { return str_only ? str_entries()[ix].value : hash_entries()[ix].value; }
    int64_t hash_at(int64_t ix) {
        return str_only ? str_head(str_entries()[ix].key)->hash : hash_entries()[ix].hash;
    }
};
static_assert(sizeof(DictKeys) == 32);

// Two immediates of one kind with different words are different keys.
inline bool plain_words_differ(Value a, Value b) {
    return (a.is_int() && b.is_int()) || (a.is_float() && b.is_float());
}

inline constexpr int64_t kNoneHash = 0xFCA86420;

// Hashes of the commonest keys without a call; false: ask dict_hash_key.
inline bool hash_plain_key(Value key, int64_t* hash) {
    if (key.is_int()) {
        constexpr int64_t kModulus = (int64_t{1} << 61) - 1;
        int64_t n = key.as_int();
        if (n <= -kModulus || n >= kModulus) [[unlikely]]
            return false;
        *hash = n == -1 ? -2 : n;
        return true;
    }
    if (is_str_exact(key)) {
        *hash = str_hash(key);
        return true;
    }
    if (is_none(key)) {
        *hash = kNoneHash;
        return true;
    }
    if (!key.is_ptr()) return false;
    PyTypeObject* type = key.heap_type();
    if (type == &PyTuple_Type) {
        *hash = key.as<PyTupleObject>()->ob_hash;  // -1: not known yet
        return *hash != -1;
    }
    if (type != &PyType_Type) return false;
    *hash = hash_pointer(key.ptr());
    return true;
}

inline DictKeys* dict_keys_of(Value d) { return d.as<PyDictObject>()->ma_keys; }

// Where the value of a key is that is found at once: the very same str or small int, in the first place
// probed. Null: look the long way; *absent is set when that would find nothing.
inline Value* dict_place_at_once(Value dict, Value key, bool* absent = nullptr) {
    DictKeys* k = dict_keys_of(dict);
    int64_t hash;
    if (key.is_int()) {
        hash = key.as_int();
        if (k->str_only || hash < 0 || hash >= (int64_t{1} << 61) - 1) return nullptr;
    } else {
        if (!is_str_exact(key)) return nullptr;
        hash = str_head(key)->hash;  // -1: not known yet; leads nowhere or to another key
    }
    int64_t ix = k->index(static_cast<uint64_t>(hash) & k->mask());
    if (ix < 0) {
        if (absent) *absent = ix == DictKeys::kEmpty && hash != -1;
        return nullptr;
    }
    if (k->str_only) {
        StrEntry& e = k->str_entries()[ix];
        return e.key == key ? &e.value : nullptr;
    }
    HashEntry& e = k->hash_entries()[ix];
    return e.key == key ? &e.value : nullptr;
}

// For a key that dict_place_at_once told to be absent.
Status dict_add_absent(Thread& t, Value dict, Value key, Value value);

// The same for a new value, which watchers are not to miss.
inline Value* dict_place_for_store(Value dict, Value key, bool* absent = nullptr) {
    return is_watched(dict.as<PyDictObject>()) ? nullptr : dict_place_at_once(dict, key, absent);
}

// Entry index of an exact-str key, or -1. Never runs code.
int64_t dict_find_str(DictKeys* k, Value key, int64_t hash);
// Entry index of any key, -1 when absent; fails when a comparison raised. The dict may have changed
// meanwhile, but the returned index is valid now.
Result<int64_t> dict_find(Thread& t, PyDictObject* d, Value key, int64_t hash);
// Hash of a key with dict's wording of the "unhashable" TypeError.
Result<int64_t> dict_hash_key(Thread& t, Value key);
size_t dict_keys_bytes(const DictKeys* k);  // 0 for the shared empty table
void dict_clear_entries(Thread& t, PyDictObject* d);
void dict_dealloc(Thread& t, PyObject* o);
void dict_traverse(PyObject* o, Visitor& v);
// Appends nothing, takes the entry out; owned key and value in the out parameters.
void dict_remove_entry(PyDictObject* d, uint64_t slot_hash, int64_t ix, Value* key, Value* value);

// For dicts whose order can be changed: the first or last live entry (-1: empty), and moving an entry to that
// end, which takes amortized constant time.
int64_t dict_end_entry(PyDictObject* d, bool last);
Status dict_move_entry(Thread& t, PyDictObject* d, int64_t ix, bool last);

}  // namespace krait
