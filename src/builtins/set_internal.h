// Inside of set: the table, shared by set.cpp and set_type.cpp.
#pragma once

#include "builtins/dict_table.h"
#include "builtins/set.h"
#include "builtins/str.h"
#include "object/protocol.h"

namespace krait {

inline constexpr int64_t kLinearProbes = 9;

// A removed entry: no key, but probes go on behind it.
inline constexpr int64_t kRemovedHash = -1;

// Calls visit(entry) along the probe sequence until it returns true.
template <class F>
inline SetEntry* probe(SetEntry* table, int64_t mask, int64_t hash, F&& stop) {
    uint64_t perturb = static_cast<uint64_t>(hash);
    int64_t i = hash & mask;
    for (;;) {
        SetEntry* e = &table[i];
        int64_t run = i + kLinearProbes <= mask ? kLinearProbes : 0;
        do {
            if (stop(*e)) return e;
            e++;
        } while (run--);
        perturb >>= 5;
        i = (i * 5 + 1 + static_cast<int64_t>(perturb)) & mask;
    }
}

// Where the search for a plain key ended: its entry or the unused one behind the probes, and the last removed
// one on the way. `unsure`: only a comparison that may run code can tell.
struct SetPlace {
    SetEntry* entry = nullptr;
    SetEntry* removed = nullptr;
    bool unsure = false;
};

inline SetPlace set_place_of_plain(PySetObject* s, Value key, int64_t hash) {
    SetPlace place;
    // Most searches end at the first entry.
    SetEntry* first = &s->table[hash & s->mask];
    if (first->key == key) {
        place.entry = first;
        return place;
    }
    place.entry = probe(s->table, s->mask, hash, [&](SetEntry& e) {
        if (e.key == key) return true;
        if (!e.key) {
            if (e.hash != kRemovedHash) return true;
            place.removed = &e;
            return false;
        }
        if (e.hash != hash || plain_words_differ(e.key, key)) return false;
        if (is_str_exact(e.key) && is_str_exact(key)) return str_equal(e.key, key);
        place.unsure = true;
        return true;
    });
    return place;
}

Result<int64_t> set_hash_key(Thread& t, Value key);
Result<SetEntry*> set_find_general(Thread& t, PySetObject* s, Value key, int64_t hash);
Result<bool> set_discard_hash(Thread& t, PySetObject* s, Value key, int64_t hash);  // false: absent
Status set_add_general(Thread& t, PySetObject* s, Value key, int64_t hash);
Status set_grow(Thread& t, PySetObject* s);  // after an insertion that made it too full
Status set_trim(Thread& t,
                PySetObject* s);  // rids the table of removed entries when they are more than a quarter
Ref set_alloc(Thread& t, PyTypeObject* type);
Ref set_from(Thread& t, PyTypeObject* type, Value iterable_or_empty);
int64_t frozenset_hash_value(PySetObject* s);

inline bool set_step(const PySetObject* s, int64_t& pos, Value& key, int64_t* hash = nullptr) {
    while (pos <= s->mask) {
        const SetEntry& e = s->table[pos++];
        if (!e.key) continue;
        key = e.key;
        if (hash) *hash = e.hash;
        return true;
    }
    return false;
}

// Null: absent.
inline Result<SetEntry*> set_find(Thread& t, PySetObject* s, Value key, int64_t hash) {
    SetPlace place = set_place_of_plain(s, key, hash);
    if (!place.unsure) [[likely]]
        return place.entry->key ? place.entry : nullptr;
    return set_find_general(t, s, key, hash);
}

// Puts an absent key where the search for it ended.
inline Status set_put(Thread& t, PySetObject* s, const SetPlace& place, Value key, int64_t hash) {
    bool was_unused = !place.removed;
    incref(key);
    *(was_unused ? place.entry : place.removed) = SetEntry{key, hash};
    s->used++;
    s->fill += was_unused;
    if (s->fill * 5 < s->mask * 3) [[likely]]
        return Status::ok();
    return set_grow(t, s);
}

inline Status set_add_hash(Thread& t, PySetObject* s, Value key, int64_t hash) {
    SetPlace place = set_place_of_plain(s, key, hash);
    if (place.unsure) [[unlikely]]
        return set_add_general(t, s, key, hash);
    if (place.entry->key) return Status::ok();
    return set_put(t, s, place, key, hash);
}
}  // namespace krait
