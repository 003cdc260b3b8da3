// dictobject.h, setobject.h. Dicts are not read by offset: values stay as they are, and a function that
// returns a borrowed reference puts the boxed form in place first.
#include "builtins/dict.h"
#include "builtins/dict_table.h"
#include "builtins/set.h"
#include "builtins/set_internal.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "capi/fast.h"
#include "gc/gc.h"
#include "object/internal.h"

using namespace krait;

namespace {
using P = PyObject*;

bool need_dict(P o, const char* where) {
    if (o && is_dict(o)) return true;
    bad_call(where);
    return false;
}
// Boxes an entry's word in place. Null, with MemoryError: it is as it was.
P in_place(Value& word) { return make_fit(word) ? word.ptr() : nullptr; }
// The word of the value for `key`: 1 found, 0 absent, -1 with an exception.
int value_place(Thread& t, P o, P key, Value** place) {
    auto* d = reinterpret_cast<PyDictObject*>(o);
    int64_t ix;
    if (is_str_exact(Value(key)) && d->ma_keys->str_only) [[likely]] {
        ix = dict_find_str(d->ma_keys, key, str_hash(key));
    } else {
        int64_t h;
        if (!hash_plain_key(key, &h)) {
            auto asked = dict_hash_key(t, key);
            if (!asked) return -1;
            h = asked.value();
        }
        auto found = dict_find(t, d, key, h);
        if (!found) return -1;
        ix = found.value();
    }
    if (ix < 0) return 0;
    *place = &d->ma_keys->value_at(ix);
    return 1;
}
P value_of(Thread& t, P dict, P key) {
    Value* place;
    return value_place(t, dict, key, &place) > 0 ? in_place(*place) : nullptr;
}
}  // namespace

CAPI PyObject* PyDict_New() { return out(dict_new(here())); }
CAPI PyObject* _PyDict_NewPresized(Py_ssize_t n) { return out(dict_new(here(), n)); }
CAPI Py_ssize_t PyDict_Size(PyObject* o) { return need_dict(o, "PyDict_Size") ? dict_size(o) : -1; }
CAPI PyObject* PyDict_GetItemWithError(PyObject* o, PyObject* key) {
    if (!need_dict(o, "PyDict_GetItemWithError")) return nullptr;
    if (Value* place = dict_place_for_c(o, key)) return in_place(*place);
    return value_of(here(), o, key);
}
CAPI PyObject* _PyDict_GetItemWithError(PyObject* o, PyObject* key) {
    return PyDict_GetItemWithError(o, key);
}
CAPI PyObject* _PyDict_GetItem_KnownHash(PyObject* o, PyObject* key, Py_hash_t h) {
    Thread& t = here();
    if (!need_dict(o, "_PyDict_GetItem_KnownHash")) return nullptr;
    auto* d = reinterpret_cast<PyDictObject*>(o);
    auto ix = dict_find(t, d, key, h);
    return ix && ix.value() >= 0 ? in_place(d->ma_keys->value_at(ix.value())) : nullptr;
}
CAPI PyObject* PyDict_GetItem(PyObject* o, PyObject* key) {
    if (!is_dict(o)) return nullptr;
    if (Value* place = dict_place_for_c(o, key)) return in_place(*place);
    Thread& t = here();
    Ref pending = t.has_exception() ? fetch_error(t) : Ref();
    // The wording of an unhashable key is not that of dict's own methods.
    int64_t plain;
    P r = hash_plain_key(key, &plain) || hash(t, key) ? value_of(t, o, key) : nullptr;
    if (t.has_exception()) [[unlikely]]
        write_unraisable(t,
                         "Exception ignored in PyDict_GetItem(); consider using PyDict_GetItemRef() or "
                         "PyDict_GetItemWithError()",
                         Value());
    if (pending) restore_error(t, std::move(pending));
    return r;
}
CAPI PyObject* PyDict_GetItemString(PyObject* o, const char* key) {
    Thread& t = here();
    Ref k = text_from_c(t, key);
    if (!k) {
        write_unraisable(t,
                         "Exception ignored in PyDict_GetItemString(); consider using "
                         "PyDict_GetItemRefString()",
                         Value());
        return nullptr;
    }
    return PyDict_GetItem(o, k.get().ptr());
}
CAPI PyObject* _PyDict_GetItemStringWithError(PyObject* o, const char* key) {
    Ref k = text_from_c(here(), key);
    return k ? PyDict_GetItemWithError(o, k.get().ptr()) : nullptr;
}
CAPI int PyDict_GetItemRef(PyObject* o, PyObject* key, PyObject** result) {
    if (!need_dict(o, "PyDict_GetItemRef")) {
        *result = nullptr;
        return -1;
    }
    if (Value* at_once = dict_place_for_c(o, key)) {
        *result = to_c_new(*at_once);
        return *result ? 1 : -1;
    }
    *result = nullptr;
    Thread& t = here();
    Value* place;
    int found = value_place(t, o, key, &place);
    return found > 0 ? give(Ref::share(*place), result) : found;
}
CAPI int PyDict_GetItemStringRef(PyObject* o, const char* key, PyObject** result) {
    *result = nullptr;
    Ref k = text_from_c(here(), key);
    return k ? PyDict_GetItemRef(o, k.get().ptr(), result) : -1;
}
CAPI int PyDict_SetItem(PyObject* o, PyObject* key, PyObject* v) {
    if (!need_dict(o, "PyDict_SetItem")) return -1;
    int64_t h;
    if (hash_plain_key(key, &h)) [[likely]]
        return out(dict_set_hash(here(), o, key, h, v));
    return out(dict_set(here(), o, key, v));
}
CAPI int _PyDict_SetItem_KnownHash(PyObject* o, PyObject* key, PyObject* v, Py_hash_t h) {
    return need_dict(o, "_PyDict_SetItem_KnownHash") ? out(dict_set_hash(here(), o, key, h, v)) : -1;
}
CAPI int _PyDict_SetItem_KnownHash_LockHeld(PyObject* o, PyObject* key, PyObject* v, Py_hash_t h) {
    return out(dict_set_hash(here(), o, key, h, v));
}
CAPI int PyDict_SetItemString(PyObject* o, const char* key, PyObject* v) {
    Ref k = str_intern(here(), key);
    return k ? PyDict_SetItem(o, k.get().ptr(), v) : -1;
}
CAPI int PyDict_DelItem(PyObject* o, PyObject* key) {
    Thread& t = here();
    if (!need_dict(o, "PyDict_DelItem")) return -1;
    auto r = dict_delete(t, o, key);
    if (!r) return -1;
    return r.value() ? 0 : fail(raise_key_error(t, key));
}
CAPI int PyDict_DelItemString(PyObject* o, const char* key) {
    Ref k = text_from_c(here(), key);
    return k ? PyDict_DelItem(o, k.get().ptr()) : -1;
}
CAPI int PyDict_Contains(PyObject* o, PyObject* key) {
    if (dict_place_for_c(o, key)) return 1;
    Value* place;
    return value_place(here(), o, key, &place);
}
CAPI int PyDict_ContainsString(PyObject* o, const char* key) {
    Ref k = text_from_c(here(), key);
    return k ? PyDict_Contains(o, k.get().ptr()) : -1;
}
CAPI int PyDict_SetDefaultRef(PyObject* o, PyObject* key, PyObject* v, PyObject** result) {
    Thread& t = here();
    if (result) *result = nullptr;
    if (!need_dict(o, "PyDict_SetDefaultRef")) return -1;
    int64_t before = dict_size(o);
    Ref r = dict_set_default(t, o, key, v);
    if (!r) return -1;
    bool added = dict_size(o) > before;
    if (result && give(std::move(r), result) < 0) return -1;
    return !added;
}
CAPI PyObject* PyDict_SetDefault(PyObject* o, PyObject* key, PyObject* v) {
    Thread& t = here();
    if (!need_dict(o, "PyDict_SetDefault")) return nullptr;
    Ref r = dict_set_default(t, o, key, v);
    if (!r) return nullptr;
    return ready_for_c(r) ? r.get().ptr() : value_of(t, o, key);
}
CAPI int PyDict_Pop(PyObject* o, PyObject* key, PyObject** result) {
    if (result) *result = nullptr;
    if (!need_dict(o, "PyDict_Pop")) return -1;
    Maybe m = dict_pop(here(), o, key);
    if (!m) return -1;
    Ref v = m.take();
    if (!v) return 0;
    return result ? give(std::move(v), result) : 1;
}
CAPI int PyDict_PopString(PyObject* o, const char* key, PyObject** result) {
    if (result) *result = nullptr;
    Ref k = text_from_c(here(), key);
    return k ? PyDict_Pop(o, k.get().ptr(), result) : -1;
}
CAPI PyObject* _PyDict_Pop(PyObject* o, PyObject* key, PyObject* fallback) {
    PyObject* r;
    int found = PyDict_Pop(o, key, &r);
    if (found != 0) return r;
    return fallback ? new_ref(fallback) : out(raise_key_error(here(), key));
}
CAPI void PyDict_Clear(PyObject* o) {
    if (is_dict(o)) dict_clear(here(), o);
}
CAPI PyObject* PyDict_Copy(PyObject* o) {
    return need_dict(o, "PyDict_Copy") ? out(dict_copy(here(), o)) : nullptr;
}
CAPI PyObject* PyDict_Keys(PyObject* o) {
    return need_dict(o, "PyDict_Keys") ? out(dict_keys_list(here(), o)) : nullptr;
}
CAPI PyObject* PyDict_Values(PyObject* o) {
    return need_dict(o, "PyDict_Values") ? out(dict_values_list(here(), o)) : nullptr;
}
CAPI PyObject* PyDict_Items(PyObject* o) {
    return need_dict(o, "PyDict_Items") ? out(dict_items_list(here(), o)) : nullptr;
}
CAPI int PyDict_Merge(PyObject* o, PyObject* other, int override_) {
    if (!is_dict(o) || !other) return fail(bad_call("PyDict_Merge"));
    return out(dict_merge(here(), o, other, override_ != 0));
}
CAPI int PyDict_Update(PyObject* o, PyObject* other) { return PyDict_Merge(o, other, 1); }
CAPI int PyDict_MergeFromSeq2(PyObject* o, PyObject* pairs, int override_) {
    Thread& t = here();
    Ref made = dict_new(t);
    if (!made || !dict_update(t, made, pairs)) return -1;
    return out(dict_merge(t, o, made, override_ != 0));
}
CAPI int _PyDict_Next(PyObject* o, Py_ssize_t* pos, PyObject** key, PyObject** value, Py_hash_t* hash) {
    if (!is_dict(o)) return 0;
    DictKeys* k = dict_keys_of(o);
    int64_t i = *pos;
    if (i < 0) return 0;
    while (i < k->nentries && !k->value_at(i)) i++;
    if (i >= k->nentries) return 0;
    *pos = i + 1;
    if (hash) *hash = k->hash_at(i);
    if (key && !(*key = in_place(k->key_at(i)))) return 0;
    if (value && !(*value = in_place(k->value_at(i)))) return 0;
    return 1;
}
namespace {
[[gnu::noinline]] int next_slow(P o, Py_ssize_t* pos, P* key, P* value) {
    return _PyDict_Next(o, pos, key, value, nullptr);
}
// Keys that are str are pointers already.
bool is_key_ready(const StrEntry&) { return true; }
bool is_key_ready(const HashEntry& e) { return ready_for_c(e.key); }
// Where the entry at *pos is one, and fit for C.
template <class Entry>
inline int next_of(P o, Entry* entries, Py_ssize_t* pos, P* key, P* value) {
    Entry& e = entries[*pos];
    if (!e.value) return next_slow(o, pos, key, value);
    asm volatile("");  // two branches: what compilers make of both conditions at once is longer
    if (!ready_for_c(e.value) || !is_key_ready(e)) return next_slow(o, pos, key, value);
    ++*pos;
    if (key) *key = e.key.ptr();
    if (value) *value = e.value.ptr();
    return 1;
}
}  // namespace
CAPI int PyDict_Next(PyObject* o, Py_ssize_t* pos, PyObject** key, PyObject** value) {
    if (!is_dict(o)) return 0;
    DictKeys* k = dict_keys_of(o);
    if (static_cast<uint64_t>(*pos) >= static_cast<uint64_t>(k->nentries)) return 0;
    return k->str_only ? next_of(o, k->str_entries(), pos, key, value)
                       : next_of(o, k->hash_entries(), pos, key, value);
}
CAPI PyObject* _PyDict_FromItems(PyObject* const* keys, Py_ssize_t key_step, PyObject* const* values_,
                                 Py_ssize_t value_step, Py_ssize_t n) {
    Thread& t = here();
    Ref d = dict_new(t, n);
    for (Py_ssize_t i = 0; d && i < n; i++)
        if (!dict_set(t, d, keys[i * key_step], values_[i * value_step])) return nullptr;
    return out(std::move(d));
}
// --- set ---

namespace {
bool need_set(P o, const char* where) {
    if (is_any_set(Value(o))) return true;
    bad_call(where);
    return false;
}
}  // namespace
CAPI PyObject* PySet_New(PyObject* items) { return out(set_new(here(), items)); }
CAPI PyObject* PyFrozenSet_New(PyObject* items) { return out(frozenset_new(here(), items)); }
CAPI Py_ssize_t PySet_Size(PyObject* o) { return need_set(o, "PySet_Size") ? set_size(o) : -1; }
CAPI int PySet_Contains(PyObject* o, PyObject* key) {
    if (!need_set(o, "PySet_Contains")) return -1;
    // A set is no stand-in for the frozenset that it equals here.
    Thread& t = here();
    if (is_any_set(Value(key)) && !set_hash_key(t, key)) return -1;
    return out(set_contains(t, o, key));
}
CAPI int PySet_Add(PyObject* o, PyObject* key) {
    // A frozenset can be filled as long as nobody but its maker has it.
    if (!need_set(o, "PySet_Add")) return -1;
    if (o->ob_refcnt != 1 && !is_subtype(o->ob_type, &PySet_Type)) return fail(bad_call("PySet_Add"));
    int64_t h;
    if (hash_plain_key(key, &h)) [[likely]]
        return out(set_add_hash(here(), reinterpret_cast<PySetObject*>(o), key, h));
    return out(set_add(here(), o, key));
}
CAPI int PySet_Discard(PyObject* o, PyObject* key) {
    return is_subtype(o->ob_type, &PySet_Type) ? out(set_discard(here(), o, key))
                                               : fail(bad_call("PySet_Discard"));
}
CAPI int PySet_Clear(PyObject* o) {
    if (!is_subtype(o->ob_type, &PySet_Type)) return fail(bad_call("PySet_Clear"));
    set_clear(here(), o);
    return 0;
}
CAPI PyObject* PySet_Pop(PyObject* o) {
    if (!is_subtype(o->ob_type, &PySet_Type)) return out(bad_call("PySet_Pop"));
    return out(call_method(here(), o, "pop"));
}
CAPI int _PySet_Update(PyObject* o, PyObject* items) { return out(set_update(here(), o, items)); }
CAPI int _PySet_NextEntry(PyObject* o, Py_ssize_t* pos, PyObject** key, Py_hash_t* hash) {
    if (!is_any_set(Value(o))) return fail(bad_call("_PySet_NextEntry"));
    auto* s = reinterpret_cast<PySetObject*>(o);
    Value v;
    int64_t h;
    if (!set_next(o, *pos, v, &h)) return 0;
    if (!ready_for_c(v)) {
        // The caller borrows it from the table.
        for (int64_t i = 0; i <= s->mask; i++)
            if (s->table[i].key == v) {
                *key = in_place(s->table[i].key);
                *hash = h;
                return *key ? 1 : -1;
            }
    }
    *key = v.ptr();
    *hash = h;
    return 1;
}
CAPI int _PySet_NextEntryRef(PyObject* o, Py_ssize_t* pos, PyObject** key, Py_hash_t* hash) {
    int r = _PySet_NextEntry(o, pos, key, hash);
    if (r > 0) incref(*key);
    return r;
}
