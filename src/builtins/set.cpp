// set and frozenset: open addressing with a run of linear probes before each perturbed jump, insertion by
// hash.
#include "builtins/set.h"

#include <cstring>

#include "builtins/callable.h"
#include "builtins/dict_table.h"
#include "builtins/iterators.h"
#include "builtins/list.h"
#include "builtins/set_internal.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/alloc.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait {
namespace {

constexpr int64_t kMinSize = 8;
// Into a table without removed entries and without this key.
void insert_clean(SetEntry* table, int64_t mask, Value key, int64_t hash) {
    SetEntry* e = &table[hash & mask];
    if (e->key) e = probe(table, mask, hash, [](SetEntry& s) { return !s.key; });
    *e = SetEntry{key, hash};
}

Status resize(Thread& t, PySetObject* s, int64_t at_least) {
    int64_t size = kMinSize;
    while (size <= at_least) {
        if (size > INT64_MAX / 4 / static_cast<int64_t>(sizeof(SetEntry))) return raise_no_memory(t);
        size <<= 1;
    }
    SetEntry* old = s->table;
    int64_t old_size = s->mask + 1;
    SetEntry copy[kMinSize];
    SetEntry* fresh;
    if (size == kMinSize) {
        fresh = s->smalltable;
        if (old == fresh) {
            memcpy(copy, old, sizeof copy);
            old = copy;
        }
        memset(fresh, 0, sizeof s->smalltable);
    } else {
        fresh = static_cast<SetEntry*>(mem_alloc_zeroed(size * sizeof(SetEntry)));
        if (!fresh) return raise_no_memory(t);
    }
    for (int64_t i = 0; i < old_size; i++)
        if (old[i].key) insert_clean(fresh, size - 1, old[i].key, old[i].hash);
    s->table = fresh;
    s->mask = size - 1;
    s->fill = s->used;
    if (old != copy && old != s->smalltable) mem_free(old);
    return Status::ok();
}

}  // namespace

Result<int64_t> set_hash_key(Thread& t, Value key) {
    int64_t plain;
    if (hash_plain_key(key, &plain)) [[likely]]
        return plain;
    Result<int64_t> h = hash(t, key);
    if (h) return h;
    Ref exc = fetch_error(t);
    if (type_of(exc) != PyExc_TypeError) {
        restore_error(t, std::move(exc));
        return {};
    }
    return raise(t, PyExc_TypeError, "cannot use '%#T' as a set element (%S)", key, exc.get());
}

Result<SetEntry*> set_find_general(Thread& t, PySetObject* s, Value key, int64_t hash) {
    for (;;) {
        SetEntry* table = s->table;
        bool failed = false, restart = false;
        SetEntry* e = probe(table, s->mask, hash, [&](SetEntry& candidate) {
            if (!candidate.key) return candidate.hash != kRemovedHash;
            if (candidate.key == key) return true;
            if (candidate.hash != hash || plain_words_differ(candidate.key, key)) return false;
            Ref keep = Ref::share(candidate.key);
            Result<bool> same = equal(t, keep, key);
            if (!same) {
                failed = true;
                return true;
            }
            // The comparison may have changed the set.
            if (s->table != table || candidate.key != keep) {
                restart = true;
                return true;
            }
            return same.value();
        });
        if (failed) return {};
        if (!restart) return e->key ? e : static_cast<SetEntry*>(nullptr);
    }
}

Status set_grow(Thread& t, PySetObject* s) {
    return resize(t, s, s->used > 50000 ? s->used * 2 : s->used * 4);
}

Status set_add_general(Thread& t, PySetObject* s, Value key, int64_t hash) {
    Result<SetEntry*> found = set_find_general(t, s, key, hash);
    if (!found) return {};
    if (found.value()) return Status::ok();
    SetPlace place;
    place.entry = probe(s->table, s->mask, hash, [&](SetEntry& c) {
        if (c.key) return false;
        if (c.hash == kRemovedHash) place.removed = &c;
        return c.hash != kRemovedHash;
    });
    return set_put(t, s, place, key, hash);
}

Status set_trim(Thread& t, PySetObject* s) {
    if (s->fill - s->used <= s->mask / 4) return Status::ok();
    return set_grow(t, s);
}

Status set_add(Thread& t, Value set, Value key) {
    int64_t h = TRY(set_hash_key(t, key));
    return set_add_hash(t, set.as<PySetObject>(), key, h);
}

namespace {

// A set may stand for the frozenset with its elements as a key: `{1} in {frozenset({1})}`.
Result<int64_t> hash_for_lookup(Thread& t, Value key, Ref* stand_in) {
    Result<int64_t> h = set_hash_key(t, key);
    if (h || !(key.is_ptr() && is_subtype(key.heap_type(), &PySet_Type)) || !error_is(t, PyExc_TypeError))
        return h;
    clear_error(t);
    *stand_in = frozenset_new(t, key);
    if (!*stand_in) return {};
    return hash(t, *stand_in);
}

void remove_entry(PySetObject* s, SetEntry* e) {
    Value key = e->key;
    *e = SetEntry{Value(), kRemovedHash};
    s->used--;
    decref(key);
}

}  // namespace

Result<bool> set_contains(Thread& t, Value set, Value key) {
    int64_t plain;
    if (hash_plain_key(key, &plain)) [[likely]] {
        SetPlace place = set_place_of_plain(set.as<PySetObject>(), key, plain);
        if (!place.unsure) [[likely]]
            return static_cast<bool>(place.entry->key);
    }
    Ref stand_in;
    int64_t h = TRY(hash_for_lookup(t, key, &stand_in));
    Result<SetEntry*> found = set_find(t, set.as<PySetObject>(), stand_in ? stand_in.get() : key, h);
    if (!found) return {};
    return found.value() != nullptr;
}

Result<bool> set_discard(Thread& t, Value set, Value key) {
    Ref stand_in;
    int64_t h = TRY(hash_for_lookup(t, key, &stand_in));
    Result<SetEntry*> found = set_find(t, set.as<PySetObject>(), stand_in ? stand_in.get() : key, h);
    if (!found) return {};
    if (!found.value()) return false;
    remove_entry(set.as<PySetObject>(), found.value());
    return true;
}

Result<bool> set_discard_hash(Thread& t, PySetObject* s, Value key, int64_t hash) {
    Result<SetEntry*> found = set_find(t, s, key, hash);
    if (!found) return {};
    if (!found.value()) return false;
    remove_entry(s, found.value());
    return true;
}

bool set_next(Value set, int64_t& pos, Value& key, int64_t* hash) {
    return set_step(set.as<PySetObject>(), pos, key, hash);
}

void set_clear(Thread&, Value set) {
    auto* s = set.as<PySetObject>();
    SetEntry small[kMinSize];
    SetEntry* old = s->table;
    int64_t n = s->mask + 1;
    if (old == s->smalltable) {
        memcpy(small, old, sizeof small);
        old = small;
    }
    memset(s->smalltable, 0, sizeof s->smalltable);
    s->table = s->smalltable;
    s->mask = kMinSize - 1;
    s->fill = s->used = 0;
    for (int64_t i = 0; i < n; i++) xdecref(old[i].key);
    if (old != small) mem_free(old);
}

Ref set_alloc(Thread& t, PyTypeObject* type) {
    Ref r;
    if (type == &PySet_Type || type == &PyFrozenSet_Type) {
        PyObject* o = alloc_plain(t, type, sizeof(PySetObject));
        if (!o) return {};
        memset(reinterpret_cast<char*>(o) + sizeof(PyObject), 0, sizeof(PySetObject) - sizeof(PyObject));
        gc_track_new(t, o);
        r = Ref::steal(Value(o));
    } else {
        r = TRY(alloc(t, type));
    }
    auto* s = r.as<PySetObject>();
    s->table = s->smalltable;
    s->mask = kMinSize - 1;
    s->hash = -1;
    return r;
}

namespace {

// The elements of `from` into a table that is large enough and was never used: entry by entry where the
// tables are alike, so that a copy iterates in the order of the original.
void copy_into_empty(PySetObject* s, PySetObject* from) {
    bool alike = s->mask == from->mask && from->fill == from->used;
    for (int64_t i = 0; i <= from->mask; i++) {
        SetEntry& e = from->table[i];
        if (!e.key) continue;
        incref(e.key);
        if (alike)
            s->table[i] = e;
        else
            insert_clean(s->table, s->mask, e.key, e.hash);
    }
    s->fill = s->used = from->used;
}

// The items of an exact list or tuple, which a hash or comparison may change meanwhile.
Status add_items(Thread& t, Value set, Value items) {
    bool is_l = is_list_exact(items);
    auto* s = set.as<PySetObject>();
    for (int64_t i = 0; i < (is_l ? list_size(items) : tuple_size(items)); i++) {
        Value key = is_l ? list_get(items, i) : tuple_get(items, i);
        int64_t hash;
        if (hash_plain_key(key, &hash)) [[likely]] {
            SetPlace place = set_place_of_plain(s, key, hash);
            if (!place.unsure) {  // nothing ran
                if (!place.entry->key) TRY(set_put(t, s, place, key, hash));
                continue;
            }
        }
        Ref item = Ref::share(key);
        TRY(set_add(t, set, item));
    }
    return Status::ok();
}

}  // namespace

Status set_update(Thread& t, Value set, Value iterable) {
    auto* s = set.as<PySetObject>();
    Value key;
    int64_t pos = 0, h = 0;
    if (is_any_set(iterable)) {
        auto* from = iterable.as<PySetObject>();
        if (from == s) return Status::ok();
        if ((s->fill + from->used) * 5 >= s->mask * 3) TRY(resize(t, s, (s->used + from->used) * 2));
        if (s->fill == 0) {
            copy_into_empty(s, from);
            return Status::ok();
        }
        while (set_step(from, pos, key, &h)) {
            Ref keep = Ref::share(key);
            TRY(set_add_hash(t, s, keep, h));
        }
        return Status::ok();
    }
    if (is_dict_exact(iterable)) {
        Value unused;
        int64_t size = dict_size(iterable);
        while (dict_next(iterable, pos, key, unused, &h)) {
            Ref keep = Ref::share(key);
            TRY(set_add_hash(t, s, keep, h));
            if (dict_size(iterable) != size)
                return raise(t, PyExc_RuntimeError, "dictionary changed size during iteration");
        }
        return Status::ok();
    }
    if (is_list_exact(iterable) || is_tuple_exact(iterable)) return add_items(t, set, iterable);
    Ref it = TRY(iter(t, iterable));
    for (;;) {
        Ref item = iter_next(t, it);
        if (!item) return occurred(t) ? Status() : Status::ok();
        TRY(set_add(t, set, item));
    }
}

Ref set_from(Thread& t, PyTypeObject* type, Value iterable) {
    Ref r = TRY(set_alloc(t, type));
    if (iterable) TRY(set_update(t, r, iterable));
    return r;
}
Ref set_new(Thread& t, Value iterable) { return set_from(t, &PySet_Type, iterable); }
Ref frozenset_new(Thread& t, Value iterable) { return set_from(t, &PyFrozenSet_Type, iterable); }

// CPython's order-independent hash of a frozenset.
int64_t frozenset_hash_value(PySetObject* s) {
    auto shuffle = [](uint64_t h) { return ((h ^ 89869747u) ^ (h << 16)) * 3644798167u; };
    uint64_t hash = 0;
    for (int64_t i = 0; i <= s->mask; i++)
        if (s->table[i].key) hash ^= shuffle(static_cast<uint64_t>(s->table[i].hash));
    hash ^= (static_cast<uint64_t>(s->used) + 1) * 1927868237u;
    hash ^= (hash >> 11) ^ (hash >> 25);
    hash = hash * 69069u + 907133923u;
    if (hash == UINT64_MAX) hash = 590923713u;
    return static_cast<int64_t>(hash);
}

}  // namespace krait
