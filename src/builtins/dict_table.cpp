#include "builtins/dict_table.h"

#include <cstring>

#include "builtins/str_same.h"
#include "builtins/tuple.h"
#include "gc/alloc.h"
#include "object/names.h"
#include "object/protocol.h"
#include "object/watchers.h"

namespace krait {
namespace {

constexpr int kMinLog2 = 3;
constexpr int kPerturbShift = 5;

// What new and cleared dicts point to: one always-empty slot, no room. Never written.
struct EmptyKeys {
    DictKeys head;
    int8_t index[8];
};
EmptyKeys g_empty{{0, 3, 0, 1, 0, 0, 0}, {-1, -1, -1, -1, -1, -1, -1, -1}};
DictKeys* empty_keys() { return &g_empty.head; }
bool is_empty_keys(const DictKeys* k) { return k == &g_empty.head; }

int64_t usable_for(int log2_size) { return ((int64_t{1} << log2_size) << 1) / 3; }

int width_for(int log2_size) { return log2_size < 8 ? 0 : log2_size < 16 ? 1 : log2_size < 32 ? 2 : 3; }

int log2_for_entries(int64_t n) {
    int log2 = kMinLog2;
    while (usable_for(log2) < n) log2++;
    return log2;
}

size_t block_bytes(int log2_size, bool str_only) {
    return sizeof(DictKeys) + (size_t{1} << (log2_size + width_for(log2_size))) +
           static_cast<size_t>(usable_for(log2_size)) * (str_only ? sizeof(StrEntry) : sizeof(HashEntry));
}

DictKeys* new_keys(Thread& t, int log2_size, bool str_only) {
    if (log2_size > 56) {
        raise_no_memory(t);
        return nullptr;
    }
    auto* k = static_cast<DictKeys*>(mem_alloc(block_bytes(log2_size, str_only)));
    if (!k) {
        raise_no_memory(t);
        return nullptr;
    }
    k->first = 0;
    // In one store: they are read again at once, in loads of any width, which wait for more than one.
    uint32_t sizes = static_cast<uint32_t>(log2_size | width_for(log2_size) << 8 | str_only << 16);
    static_assert(offsetof(DictKeys, log2_width) == offsetof(DictKeys, log2_size) + 1 &&
                  offsetof(DictKeys, str_only) == offsetof(DictKeys, log2_size) + 2);
    memcpy(&k->log2_size, &sizes, sizeof sizes);
    k->version = 0;
    k->usable = usable_for(log2_size);
    k->nentries = 0;
    if (log2_size == kMinLog2)  // no call for the commonest
        memset(k->index_base(), 0xff, size_t{1} << kMinLog2);
    else
        memset(k->index_base(), 0xff, size_t{1} << (log2_size + k->log2_width));
    return k;
}

void free_keys(DictKeys* k) {
    if (!is_empty_keys(k)) mem_free_fast(k);
}

struct Probe {
    uint64_t mask, i, perturb;
    Probe(DictKeys* k, int64_t hash)
        : mask(k->mask()), i(hash & mask), perturb(static_cast<uint64_t>(hash)) {}
    void next() {
        perturb >>= kPerturbShift;
        i = (i * 5 + perturb + 1) & mask;
    }
};

void index_entry(DictKeys* k, int64_t hash, int64_t ix) {
    Probe p(k, hash);
    while (k->index(p.i) >= 0) p.next();
    k->set_index(p.i, ix);
}

// Calls fn(index), the index typed by its width.
template <class F>
auto with_index(DictKeys* k, F&& fn) {
    char* p = k->index_base();
    switch (k->log2_width) {
        case 0:
            return fn(reinterpret_cast<int8_t*>(p));
        case 1:
            return fn(reinterpret_cast<int16_t*>(p));
        case 2:
            return fn(reinterpret_cast<int32_t*>(p));
        default:
            return fn(reinterpret_cast<int64_t*>(p));
    }
}

int64_t hash_of(const StrEntry& e) { return str_head(e.key)->hash; }
int64_t hash_of(const HashEntry& e) { return e.hash; }

// Indexes the entries [from, to) of a table whose index has none of them; all are live.
void index_all(DictKeys* k, int64_t from, int64_t to) {
    with_index(k, [&](auto* index) {
        auto fill = [&](auto* entries) {
            for (int64_t ix = from; ix < to; ix++) {
                Probe p(k, hash_of(entries[ix]));
                while (index[p.i] >= 0) p.next();
                index[p.i] = static_cast<std::remove_reference_t<decltype(index[0])>>(ix);
            }
        };
        k->str_only ? fill(k->str_entries()) : fill(k->hash_entries());
    });
}

uint64_t slot_of_entry(DictKeys* k, int64_t hash, int64_t ix) {
    Probe p(k, hash);
    while (k->index(p.i) != ix) p.next();
    return p.i;
}

// Moves all live entries to a fresh table with room for `room` entries, `gap` of them free before the first.
Status rebuild(Thread& t, PyDictObject* d, int64_t room, bool str_only, int64_t gap = 0) {
    DictKeys* old = d->ma_keys;
    DictKeys* k = new_keys(t, log2_for_entries(room), str_only);
    if (!k) return {};
    if (gap)
        memset(k->entries_base(), 0,
               static_cast<size_t>(gap) * (str_only ? sizeof(StrEntry) : sizeof(HashEntry)));
    int64_t n = gap;
    k->first = gap;
    if (str_only == old->str_only && d->ma_used == old->nentries) {
        size_t size = str_only ? sizeof(StrEntry) : sizeof(HashEntry);
        memcpy(k->entries_base() + static_cast<size_t>(n) * size, old->entries_base(),
               static_cast<size_t>(old->nentries) * size);
        n += old->nentries;
    } else if (str_only && old->str_only) {
        for (int64_t ix = 0; ix < old->nentries; ix++)
            if (old->str_entries()[ix].value) k->str_entries()[n++] = old->str_entries()[ix];
    } else {
        for (int64_t ix = 0; ix < old->nentries; ix++) {
            Value value = old->value_at(ix);
            if (!value) continue;
            if (str_only)
                k->str_entries()[n++] = StrEntry{old->key_at(ix), value};
            else
                k->hash_entries()[n++] = HashEntry{old->hash_at(ix), old->key_at(ix), value};
        }
    }
    index_all(k, gap, n);
    k->nentries = n;
    k->usable -= n;
    d->ma_keys = k;
    free_keys(old);
    return Status::ok();
}

// Tuples of ints and strings, and of few such tuples, the commonest keys of several parts, are compared
// without looking at how else their items might compare. True: they differ; *same: they are equal; neither:
// somebody has to compare the items.
bool tuples_differ_plainly(Value a, Value b, bool* same, int depth = 0) {
    if (!is_tuple_exact(a) || !is_tuple_exact(b)) return false;
    int64_t n = tuple_size(a);
    if (tuple_size(b) != n) return true;
    for (int64_t i = 0; i < n; i++) {
        Value x = tuple_get(a, i), y = tuple_get(b, i);
        if (x == y) continue;
        if (plain_words_differ(x, y)) return true;
        if (is_str_exact(x) && is_str_exact(y)) {
            if (!same_text(x, y)) return true;
            continue;
        }
        bool same_item = false;
        if (depth < 2 && tuples_differ_plainly(x, y, &same_item, depth + 1)) return true;
        if (!same_item) return false;
    }
    *same = true;
    return false;
}

// Looks for `key` among entries of any kind; user code may run.
Result<int64_t> find_general(Thread& t, PyDictObject* d, Value key, int64_t hash) {
restart:
    DictKeys* k = d->ma_keys;
    for (Probe p(k, hash);; p.next()) {
        int64_t ix = k->index(p.i);
        if (ix == DictKeys::kEmpty) return int64_t{-1};
        if (ix < 0) continue;
        Value candidate = k->key_at(ix);
        if (candidate == key) return ix;
        if (k->hash_at(ix) != hash || plain_words_differ(candidate, key)) continue;
        bool same_tuple = false;
        if (is_str_exact(candidate) && is_str_exact(key)) {
            if (same_text(candidate, key)) return ix;
            continue;
        }
        if (tuples_differ_plainly(candidate, key, &same_tuple)) continue;
        if (same_tuple) return ix;
        Ref keep = Ref::share(candidate);
        Ref keep_dict = Ref::share(Value(&d->ob_base));
        Result<bool> same = equal(t, candidate, key);
        if (!same) return {};
        if (d->ma_keys != k || ix >= k->nentries || k->key_at(ix) != candidate || !k->value_at(ix))
            goto restart;
        if (same.value()) return ix;
    }
}

}  // namespace

namespace {

// Where a search ended: the entry, or -1 and the index slot for a new one: the first of a deleted entry on
// the way, so that a key which comes and goes does not make its own way longer, or the free one that stopped
// the search. kUnsure: only a comparison that may run code can tell.
struct Place {
    static constexpr int64_t kUnsure = -3;
    static constexpr uint64_t kNoSlot = UINT64_MAX;
    int64_t ix;
    uint64_t slot;
};

[[gnu::always_inline]] inline Place place_of_str(DictKeys* k, Value key, int64_t hash) {
    return with_index(k, [&](auto* index) {
        StrEntry* entries = k->str_entries();
        uint64_t deleted = Place::kNoSlot;
        for (Probe p(k, hash);; p.next()) {
            int64_t ix = index[p.i];
            if (ix < 0) {
                if (ix == DictKeys::kEmpty) return Place{-1, deleted == Place::kNoSlot ? p.i : deleted};
                if (deleted == Place::kNoSlot) deleted = p.i;
                continue;
            }
            Value candidate = entries[ix].key;
            if (candidate == key || (str_head(candidate)->hash == hash && same_text(candidate, key)))
                return Place{ix, p.i};
        }
    });
}

// Of any key in a table of HashEntry, as long as no code has to run to compare it.
[[gnu::always_inline]] inline Place place_of_any(DictKeys* k, Value key, int64_t hash) {
    return with_index(k, [&](auto* index) {
        HashEntry* entries = k->hash_entries();
        uint64_t deleted = Place::kNoSlot;
        for (Probe p(k, hash);; p.next()) {
            int64_t ix = index[p.i];
            if (ix < 0) {
                if (ix == DictKeys::kEmpty) return Place{-1, deleted == Place::kNoSlot ? p.i : deleted};
                if (deleted == Place::kNoSlot) deleted = p.i;
                continue;
            }
            Value candidate = entries[ix].key;
            if (candidate == key) return Place{ix, p.i};
            if (entries[ix].hash != hash || plain_words_differ(candidate, key)) continue;
            bool same = false;
            if (is_str_exact(candidate) && is_str_exact(key)) {
                if (!same_text(candidate, key)) continue;
                same = true;
            } else if (tuples_differ_plainly(candidate, key, &same)) {
                continue;
            }
            return same ? Place{ix, p.i} : Place{Place::kUnsure, 0};
        }
    });
}

// kUnsure also for a key that is not an exact str in a table of these: it would need another table.
[[gnu::always_inline]] inline Place place_of_plain(DictKeys* k, Value key, int64_t hash) {
    if (!k->str_only) return place_of_any(k, key, hash);
    return is_str_exact(key) ? place_of_str(k, key, hash) : Place{Place::kUnsure, 0};
}

}  // namespace

// As place_of_str, for who asks no more than whether it is there. The same str, mostly: the texts are not
// looked at before.
static inline int64_t find_among_strs(DictKeys* k, Value key, int64_t hash) {
    return with_index(k, [&](auto* index) -> int64_t {
        StrEntry* entries = k->str_entries();
        for (Probe p(k, hash);; p.next()) {
            int64_t ix = index[p.i];
            if (ix >= 0) [[likely]] {
                Value candidate = entries[ix].key;
                if (candidate == key) return ix;
                if (str_head(candidate)->hash == hash && same_text(candidate, key)) return ix;
            } else if (ix == DictKeys::kEmpty) {
                return -1;
            }
        }
    });
}

// As place_of_any, likewise; Place::kUnsure: only a comparison that may run code can tell.
static inline int64_t find_among_any(DictKeys* k, Value key, int64_t hash) {
    return with_index(k, [&](auto* index) -> int64_t {
        HashEntry* entries = k->hash_entries();
        for (Probe p(k, hash);; p.next()) {
            int64_t ix = index[p.i];
            if (ix < 0) {
                if (ix == DictKeys::kEmpty) return -1;
                continue;
            }
            HashEntry& e = entries[ix];
            if (e.key == key) return ix;
            if (e.hash != hash || plain_words_differ(e.key, key)) continue;
            bool same = false;
            if (is_str_exact(key) && is_str_exact(e.key)) {
                if (same_text(e.key, key)) return ix;
                continue;
            }
            if (tuples_differ_plainly(e.key, key, &same)) continue;
            return same ? ix : Place::kUnsure;
        }
    });
}

int64_t dict_find_str(DictKeys* k, Value key, int64_t hash) {
    if (k->str_only) [[likely]]
        return find_among_strs(k, key, hash);
    for (Probe p(k, hash);; p.next()) {
        int64_t ix = k->index(p.i);
        if (ix < 0) {
            if (ix == DictKeys::kEmpty) return -1;
            continue;
        }
        HashEntry& e = k->hash_entries()[ix];
        if (e.key == key) return ix;
        if (e.hash == hash && is_str_exact(e.key) && same_text(e.key, key)) return ix;
    }
}

static inline Result<int64_t> find_here(Thread& t, PyDictObject* d, Value key, int64_t hash) {
    if (d->ma_used == 0) return int64_t{-1};
    DictKeys* k = d->ma_keys;
    int64_t ix = !k->str_only        ? find_among_any(k, key, hash)
                 : is_str_exact(key) ? find_among_strs(k, key, hash)
                                     : Place::kUnsure;
    if (ix != Place::kUnsure) [[likely]]
        return ix;
    return find_general(t, d, key, hash);
}
Result<int64_t> dict_find(Thread& t, PyDictObject* d, Value key, int64_t hash) {
    return find_here(t, d, key, hash);
}

static Result<int64_t> hash_of_any(Thread& t, Value key) {
    Result<int64_t> h = hash(t, key);
    if (h) [[likely]]
        return h;
    Ref exc = fetch_error(t);
    if (type_of(exc) != PyExc_TypeError) {
        restore_error(t, std::move(exc));
        return {};
    }
    return raise(t, PyExc_TypeError, "cannot use '%#T' as a dict key (%S)", key, exc.get());
}

static inline Result<int64_t> key_hash(Thread& t, Value key) {
    int64_t plain;
    if (hash_plain_key(key, &plain)) [[likely]]
        return plain;
    return hash_of_any(t, key);
}
Result<int64_t> dict_hash_key(Thread& t, Value key) { return key_hash(t, key); }

size_t dict_keys_bytes(const DictKeys* k) {
    return is_empty_keys(k) ? 0 : block_bytes(k->log2_size, k->str_only);
}

void dict_remove_entry(PyDictObject* d, uint64_t hash, int64_t ix, Value* key, Value* value) {
    DictKeys* k = d->ma_keys;
    k->set_index(slot_of_entry(k, static_cast<int64_t>(hash), ix), DictKeys::kDummy);
    *key = k->key_at(ix);
    *value = k->value_at(ix);
    k->value_at(ix) = Value();
    if (k->str_only)
        k->str_entries()[ix].key = Value();
    else
        k->hash_entries()[ix].key = Value();
    k->version = 0;
    d->ma_used--;
}

namespace {

// Adds an entry whose index slot is known, into a table with room for it. Steals nothing.
[[gnu::always_inline]] inline void append_at(PyDictObject* d, uint64_t slot, Value key, int64_t hash,
                                             Value value) {
    DictKeys* k = d->ma_keys;
    int64_t ix = k->nentries++;
    asm("" : "+r"(ix));  // two counts by one wide load would wait for both stores of a fresh table
    k->usable--;
    k->version = 0;
    incref(key);
    incref(value);
    if (k->str_only)
        k->str_entries()[ix] = StrEntry{key, value};
    else
        k->hash_entries()[ix] = HashEntry{hash, key, value};
    k->set_index(slot, ix);
    d->ma_used++;
}

// Adds a key that is known to be absent. Steals nothing.
Status append_entry(Thread& t, PyDictObject* d, Value key, int64_t hash, Value value) {
    DictKeys* k = d->ma_keys;
    bool key_is_str = is_str_exact(key);
    if (k->nentries == 0 && k->usable <= 0) {
        DictKeys* first = new_keys(t, kMinLog2, key_is_str);
        if (!first) return {};
        d->ma_keys = first;
        free_keys(k);
        append_at(d, static_cast<uint64_t>(hash) & first->mask(), key, hash, value);
        return Status::ok();
    }
    if (k->usable <= 0 || (k->str_only && !key_is_str)) {
        bool str_only = key_is_str && (k->str_only || d->ma_used == 0);
        int64_t room = k->usable <= 0 ? usable_for(log2_for_entries(0)) : k->nentries + 1;
        if (k->usable <= 0 && d->ma_used > 0) {
            // Growth by a factor of three of the live entries keeps tables that only shrink and grow from
            // thrashing.
            int log2 = kMinLog2;
            while ((int64_t{1} << log2) < d->ma_used * 3) log2++;
            room = usable_for(log2);
            if (room < d->ma_used + 1) room = d->ma_used + 1;
        }
        TRY(rebuild(t, d, room, str_only));
        k = d->ma_keys;
    }
    Probe p(k, hash);
    while (k->index(p.i) >= 0) p.next();
    append_at(d, p.i, key, hash, value);
    return Status::ok();
}

void replace_value(DictKeys* k, int64_t ix, Value value) {
    incref(value);
    Value& place = k->value_at(ix);
    Value old = place;
    place = value;
    decref(old);
}

}  // namespace

Ref dict_new(Thread& t, int64_t expected) {
    PyObject* o = alloc_plain(t, &PyDict_Type, sizeof(PyDictObject));
    if (!o) return {};
    auto* d = reinterpret_cast<PyDictObject*>(o);
    d->ma_used = 0;
    d->ma_version = 0;
    d->ma_values = nullptr;
    d->ma_keys = empty_keys();
    Ref result = Ref::steal(Value(o));
    if (expected > 5) {
        DictKeys* k = new_keys(t, log2_for_entries(expected), true);
        if (!k) return {};
        d->ma_keys = k;
    }
    gc_track_new(t, o);
    return result;
}

// For tp_new of subclasses: the zeroed instance becomes an empty dict.
void dict_init_empty(PyDictObject* d) { d->ma_keys = empty_keys(); }

// What watchers of a dict are told before a key gets a value. They may change the dict.
[[gnu::noinline]] static Status tell_of_store(Thread& t, PyDictObject* d, Value key, int64_t hash,
                                              Value value) {
    Result<int64_t> found = dict_find(t, d, key, hash);
    if (!found) return {};
    bool there = found.value() >= 0;
    if (there && d->ma_keys->value_at(found.value()) == value) return Status::ok();
    tell_dict_watchers(t, d, there ? DictEvent::Modified : DictEvent::Added, key, value);
    return Status::ok();
}

static inline Status set_here(Thread& t, Value dict, Value key, int64_t hash, Value value) {
    auto* d = dict.as<PyDictObject>();
    if (is_watched(d)) [[unlikely]]
        TRY(tell_of_store(t, d, key, hash, value));
    DictKeys* k = d->ma_keys;
    Place place = place_of_plain(k, key, hash);
    if (place.ix >= 0) [[likely]] {
        replace_value(k, place.ix, value);
        return Status::ok();
    }
    if (place.ix == -1) {
        if (k->usable <= 0) return append_entry(t, d, key, hash, value);
        append_at(d, place.slot, key, hash, value);
        return Status::ok();
    }
    Result<int64_t> found = dict_find(t, d, key, hash);
    if (!found) return {};
    if (found.value() >= 0) {
        replace_value(d->ma_keys, found.value(), value);
        return Status::ok();
    }
    return append_entry(t, d, key, hash, value);
}

Status dict_add_absent(Thread& t, Value dict, Value key, Value value) {
    auto* d = dict.as<PyDictObject>();
    int64_t hash = key.is_int() ? key.as_int() : str_head(key)->hash;
    if (d->ma_keys->usable <= 0) return append_entry(t, d, key, hash, value);
    append_at(d, static_cast<uint64_t>(hash) & d->ma_keys->mask(), key, hash, value);
    return Status::ok();
}

Status dict_add_name(Thread& t, Value dict, Value name, Ref value) {
    return append_entry(t, dict.as<PyDictObject>(), name, str_hash(name), value);
}

Status dict_set_hash(Thread& t, Value dict, Value key, int64_t hash, Value value) {
    return set_here(t, dict, key, hash, value);
}

Status dict_set(Thread& t, Value dict, Value key, Value value) {
    int64_t hash = TRY(key_hash(t, key));
    return set_here(t, dict, key, hash, value);
}

Status dict_set_str(Thread& t, Value dict, const char* key, Value value) {
    Ref name = TRY(str_intern(t, key));
    return dict_set_hash(t, dict, name, str_hash(name), value);
}

static inline Maybe get_here(Thread& t, Value dict, Value key, int64_t hash) {
    auto* d = dict.as<PyDictObject>();
    Result<int64_t> found = find_here(t, d, key, hash);
    if (!found) return {};
    if (found.value() < 0) return Maybe::absent();
    return Maybe::found(Ref::share(d->ma_keys->value_at(found.value())));
}

Maybe dict_get_hash(Thread& t, Value dict, Value key, int64_t hash) { return get_here(t, dict, key, hash); }

Maybe dict_get(Thread& t, Value dict, Value key) {
    int64_t hash = TRY(key_hash(t, key));
    return get_here(t, dict, key, hash);
}

Value dict_get_str(Value dict, Value key) {
    DictKeys* k = dict_keys_of(dict);
    int64_t hash = str_hash(key);
    if (k->str_only) [[likely]] {
        int64_t ix = find_among_strs(k, key, hash);
        return ix < 0 ? Value() : k->str_entries()[ix].value;
    }
    int64_t ix = dict_find_str(k, key, hash);
    return ix < 0 ? Value() : k->value_at(ix);
}

Value dict_get_str(Value dict, const char* key) {
    // Only cold code asks by C string; interning makes the next look-up a pointer comparison.
    Thread& t = current_thread();
    Ref name = str_intern(t, key);
    if (!name) {
        clear_error(t);
        return {};
    }
    return dict_get_str(dict, name);
}

// Before the entry `found` goes; it is looked up again afterwards, since watchers may change the dict.
[[gnu::noinline]] static Status tell_of_removal(Thread& t, PyDictObject* d, Value key, int64_t hash,
                                                Result<int64_t>& found) {
    Ref keep = Ref::share(key);
    tell_dict_watchers(t, d, DictEvent::Deleted, key, Value());
    found = dict_find(t, d, key, hash);
    return found ? Status::ok() : Status();
}

Maybe dict_pop(Thread& t, Value dict, Value key) {
    auto* d = dict.as<PyDictObject>();
    if (d->ma_used == 0) return Maybe::absent();
    int64_t hash = TRY(dict_hash_key(t, key));
    Result<int64_t> found = dict_find(t, d, key, hash);
    if (!found) return {};
    if (found.value() < 0) return Maybe::absent();
    if (is_watched(d)) [[unlikely]] {
        if (!tell_of_removal(t, d, key, hash, found)) return {};
        if (found.value() < 0) return Maybe::absent();
    }
    Value old_key, old_value;
    dict_remove_entry(d, hash, found.value(), &old_key, &old_value);
    decref(old_key);
    return Maybe::found(Ref::steal(old_value));
}

Result<bool> dict_delete(Thread& t, Value dict, Value key) {
    int64_t hash = TRY(dict_hash_key(t, key));
    auto* d = dict.as<PyDictObject>();
    Result<int64_t> found = dict_find(t, d, key, hash);
    if (!found) return {};
    if (found.value() < 0) return false;
    if (is_watched(d)) [[unlikely]] {
        if (!tell_of_removal(t, d, key, hash, found)) return {};
        if (found.value() < 0) return false;
    }
    Value old_key, old_value;
    dict_remove_entry(d, hash, found.value(), &old_key, &old_value);
    decref(old_key);
    decref(old_value);
    return true;
}

Ref dict_set_default(Thread& t, Value dict, Value key, Value default_value) {
    int64_t hash = TRY(dict_hash_key(t, key));
    auto* d = dict.as<PyDictObject>();
    Result<int64_t> found = dict_find(t, d, key, hash);
    if (!found) return {};
    if (found.value() >= 0) return Ref::share(d->ma_keys->value_at(found.value()));
    if (is_watched(d)) [[unlikely]]
        TRY(set_here(t, dict, key, hash, default_value));
    else
        TRY(append_entry(t, d, key, hash, default_value));
    return Ref::share(default_value);
}

Result<bool> dict_contains(Thread& t, Value dict, Value key) {
    int64_t hash = TRY(key_hash(t, key));
    Result<int64_t> found = find_here(t, dict.as<PyDictObject>(), key, hash);
    if (!found) return {};
    return found.value() >= 0;
}

namespace {
void drop_entries(DictKeys* k) {
    if (k->str_only) {
        for (StrEntry *e = k->str_entries(), *end = e + k->nentries; e < end; e++) {
            if (!e->value) continue;
            decref(e->key);
            decref(e->value);
        }
        return;
    }
    for (HashEntry *e = k->hash_entries(), *end = e + k->nentries; e < end; e++) {
        if (!e->value) continue;
        decref(e->key);
        decref(e->value);
    }
}
}  // namespace

void dict_clear_entries(Thread& t, PyDictObject* d) {
    if (is_empty_keys(d->ma_keys)) return;
    if (is_watched(d)) [[unlikely]]
        tell_dict_watchers(t, d, DictEvent::Cleared, Value(), Value());
    DictKeys* k = d->ma_keys;
    if (is_empty_keys(k)) return;
    d->ma_keys = empty_keys();
    d->ma_used = 0;
    drop_entries(k);
    free_keys(k);
}

void dict_clear(Thread& t, Value dict) { dict_clear_entries(t, dict.as<PyDictObject>()); }

void dict_dealloc(Thread& t, PyObject* o) {
    auto* d = reinterpret_cast<PyDictObject*>(o);
    if (is_watched(d)) [[unlikely]] {
        if (survives_telling(t, o,
                             [&] { tell_dict_watchers(t, d, DictEvent::Deallocated, Value(), Value()); }))
            return;
    }
    DictKeys* k = d->ma_keys;
    drop_entries(k);
    free_keys(k);
    free_plain(t, o, &PyDict_Type, true);
}

void dict_traverse(PyObject* o, Visitor& v) {
    DictKeys* k = reinterpret_cast<PyDictObject*>(o)->ma_keys;
    if (k->str_only) {
        for (int64_t ix = 0; ix < k->nentries; ix++) v.visit(k->str_entries()[ix].value);
        return;
    }
    for (int64_t ix = 0; ix < k->nentries; ix++) {
        HashEntry& e = k->hash_entries()[ix];
        if (!e.value) continue;
        v.visit(e.value);
        v.visit(e.key);
    }
}

// The same entries in a table of their own; null: MemoryError is set.
static DictKeys* clone_keys(Thread& t, DictKeys* k) {
    auto* copy = static_cast<DictKeys*>(mem_alloc(dict_keys_bytes(k)));
    if (!copy) {
        raise_no_memory(t);
        return nullptr;
    }
    // Entries behind the last one are never looked at.
    size_t used = static_cast<size_t>(k->entries_base() - reinterpret_cast<char*>(k)) +
                  static_cast<size_t>(k->nentries) * (k->str_only ? sizeof(StrEntry) : sizeof(HashEntry));
    memcpy(copy, k, used);
    copy->version = 0;
    if (copy->str_only) {
        for (StrEntry *e = copy->str_entries(), *end = e + copy->nentries; e < end; e++) {
            xincref(e->key);
            xincref(e->value);
        }
    } else {
        for (HashEntry *e = copy->hash_entries(), *end = e + copy->nentries; e < end; e++) {
            xincref(e->key);
            xincref(e->value);
        }
    }
    return copy;
}
// With many holes it is better to compact while copying.
static bool worth_cloning(const PyDictObject* d) { return d->ma_used * 3 >= d->ma_keys->nentries * 2; }

Ref dict_copy(Thread& t, Value dict) {
    auto* from = dict.as<PyDictObject>();
    Ref result = TRY(dict_new(t));
    auto* to = result.as<PyDictObject>();
    if (from->ma_used == 0) return result;
    if (!worth_cloning(from)) {
        TRY(dict_merge(t, result, dict, 1));
        return result;
    }
    DictKeys* copy = clone_keys(t, from->ma_keys);
    if (!copy) return {};
    to->ma_keys = copy;
    to->ma_used = from->ma_used;
    return result;
}

bool dict_next(Value dict, int64_t& pos, Value& key, Value& value, int64_t* hash) {
    DictKeys* k = dict_keys_of(dict);
    while (pos < k->nentries) {
        int64_t ix = pos++;
        value = k->value_at(ix);
        if (!value) continue;
        key = k->key_at(ix);
        if (hash) *hash = k->hash_at(ix);
        return true;
    }
    return false;
}

namespace {

// An exact dict: entries are read directly, re-checking its table after every step that may run code.
Status merge_dict(Thread& t, PyDictObject* d, Value other, int mode) {
    auto* from = other.as<PyDictObject>();
    if (from == d || from->ma_used == 0) return Status::ok();
    bool told = is_watched(d);
    if (told && d->ma_used == 0 && mode != 2 && from->ma_used == from->ma_keys->nentries) [[unlikely]] {
        // All at once, as far as watchers can tell.
        tell_dict_watchers(t, d, DictEvent::Cloned, other, Value());
        told = false;
    }
    if (d->ma_used == 0 && mode != 2 && !told && d->ma_keys->usable < from->ma_used && worth_cloning(from)) {
        DictKeys* copy = clone_keys(t, from->ma_keys);
        if (!copy) return {};
        DictKeys* old = d->ma_keys;
        d->ma_keys = copy;
        d->ma_used = from->ma_used;
        free_keys(old);
        return Status::ok();
    }
    if (d->ma_keys->usable < from->ma_used) {
        bool str_only = (d->ma_keys->str_only || d->ma_used == 0) && from->ma_keys->str_only;
        TRY(rebuild(t, d, d->ma_used + from->ma_used, str_only));
    }
    int64_t pos = 0, hash = 0, size = from->ma_used;
    DictKeys* keys = from->ma_keys;
    Value key, value;
    while (dict_next(other, pos, key, value, &hash)) {
        Ref k = Ref::share(key), v = Ref::share(value);
        Result<int64_t> found = dict_find(t, d, k, hash);
        if (!found) return {};
        if (found.value() < 0 || mode == 1) {
            if (told) [[unlikely]]
                TRY(set_here(t, Value(&d->ob_base), k, hash, v));
            else if (found.value() < 0)
                TRY(append_entry(t, d, k, hash, v));
            else
                replace_value(d->ma_keys, found.value(), v);
        } else if (mode == 2) {
            return raise_key_error(t, k);
        }
        if (from->ma_used != size || from->ma_keys != keys)
            return raise(t, PyExc_RuntimeError, "dict mutated during update");
    }
    return Status::ok();
}

Status merge_mapping(Thread& t, Value dict, Value other, int mode) {
    Ref keys = TRY(mapping_keys(t, other));
    Ref it = TRY(iter(t, keys));
    for (;;) {
        Ref key = iter_next(t, it);
        if (!key) return occurred(t) ? Status() : Status::ok();
        if (mode != 1) {
            bool present = TRY(dict_contains(t, dict, key));
            if (present) {
                if (mode == 0) continue;
                return raise_key_error(t, key);
            }
        }
        Ref value = TRY(get_item(t, other, key));
        TRY(dict_set(t, dict, key, value));
    }
}

}  // namespace

Status dict_merge(Thread& t, Value dict, Value other, int mode) {
    if (is_dict(other) && ext(type_of(other))->slots.iter == ext(&PyDict_Type)->slots.iter)
        return merge_dict(t, dict.as<PyDictObject>(), other, mode);
    return merge_mapping(t, dict, other, mode);
}

namespace {
// A TypeError of an element that is no sequence gets a note that says which one it is.
Status pair_from(Thread& t, Value item, int64_t index, Ref* key, Ref* value) {
    if (is_tuple_exact(item) && tuple_size(item) == 2) [[likely]] {
        *key = Ref::share(tuple_get(item, 0));
        *value = Ref::share(tuple_get(item, 1));
        return Status::ok();
    }
    Ref pair = sequence_fast(t, item, "object is not iterable");
    if (!pair) {
        if (error_is(t, PyExc_TypeError)) {
            Ref exc = fetch_error(t);
            Ref note =
                str_format(t, "Cannot convert dictionary update sequence element #%zd to a sequence", index);
            if (note) note = call_method(t, exc, ID(add_note), {note});
            if (occurred(t)) clear_error(t);
            restore_error(t, std::move(exc));
        }
        return {};
    }
    bool is_l = is_list(pair);
    int64_t n = is_l ? pair.as<PyListObject>()->ob_base.ob_size : pair.as<PyTupleObject>()->ob_base.ob_size;
    if (n != 2)
        return raise(t, PyExc_ValueError,
                     "dictionary update sequence element #%zd has length %zd; 2 is required", index, n);
    Value* items = is_l ? pair.as<PyListObject>()->ob_item : pair.as<PyTupleObject>()->ob_item;
    *key = Ref::share(items[0]);
    *value = Ref::share(items[1]);
    return Status::ok();
}
}  // namespace

Status dict_update(Thread& t, Value dict, Value other) {
    if (is_dict_exact(other)) return dict_merge(t, dict, other, 1);
    Ref keys_method = TRY(lookup_attr(t, other, ID(keys)));
    if (keys_method) return dict_merge(t, dict, other, 1);
    Ref it = TRY(iter(t, other));
    for (int64_t i = 0;; i++) {
        Ref item = iter_next(t, it);
        if (!item) return occurred(t) ? Status() : Status::ok();
        Ref key, value;
        TRY(pair_from(t, item, i, &key, &value));
        TRY(dict_set(t, dict, key, value));
    }
}

int64_t dict_end_entry(PyDictObject* d, bool last) {
    if (d->ma_used == 0) return -1;
    DictKeys* k = d->ma_keys;
    if (last) {
        int64_t ix = k->nentries - 1;
        while (!k->value_at(ix)) ix--;
        return ix;
    }
    while (!k->value_at(k->first)) k->first++;
    return k->first;
}

Status dict_move_entry(Thread& t, PyDictObject* d, int64_t ix, bool last) {
    if (dict_end_entry(d, last) == ix) return Status::ok();
    DictKeys* k = d->ma_keys;
    int64_t hash = k->hash_at(ix);
    Value key, value;
    dict_remove_entry(d, static_cast<uint64_t>(hash), ix, &key, &value);
    // Room first: failing must leave everything as it was.
    Status room = Status::ok();
    if (last && k->usable <= 0)
        room = rebuild(t, d, d->ma_used + d->ma_used / 2 + 8, k->str_only);
    else if (!last && dict_end_entry(d, false) == 0)
        room = rebuild(t, d, 2 * d->ma_used + 8, k->str_only, d->ma_used / 2 + 4);
    k = d->ma_keys;
    int64_t at = !room ? ix : last ? k->nentries++ : --k->first;
    if (room && last) k->usable--;
    if (k->str_only)
        k->str_entries()[at] = StrEntry{key, value};
    else
        k->hash_entries()[at] = HashEntry{hash, key, value};
    index_entry(k, hash, at);
    if (at < k->first) k->first = at;
    d->ma_used++;
    return room;
}

uint32_t dict_keys_version(Thread& t, Value dict) {
    DictKeys* k = dict_keys_of(dict);
    if (is_empty_keys(k)) return 0;
    if (k->version == 0) {
        uint32_t& next = t.interp->next_dict_version;
        if (next == 0) return 0;
        k->version = next++;
    }
    return k->version;
}

int64_t dict_entry_index(Value dict, Value str_key) {
    return dict_find_str(dict_keys_of(dict), str_key, str_hash(str_key));
}
Value dict_entry_value(Value dict, int64_t entry_index) { return dict_keys_of(dict)->value_at(entry_index); }

}  // namespace krait
