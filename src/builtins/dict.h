// dict: insertion-ordered, open addressing, str keys on a path without calls. Functions named dict_* take a
// dict or a subclass instance and never look at overrides.
#pragma once

#include "object/thread.h"

namespace krait {

inline int64_t dict_size(Value v) { return v.as<PyDictObject>()->ma_used; }
Ref dict_new(Thread& t, int64_t expected = 0);
Maybe dict_get(Thread& t, Value dict, Value key);  // owned; may run __hash__ / __eq__
Value dict_get_str(Value dict,
                   Value str_key);  // borrowed or empty. Exact str key; never runs code (a dict holding
                                    // non-str keys that compare equal to strings is handled: see dict_get)
Value dict_get_str(Value dict, const char* key);
Maybe dict_get_hash(Thread& t, Value dict, Value key, int64_t hash);
Status dict_set(Thread& t, Value dict, Value key, Value value);  // shares both
Status dict_set_str(Thread& t, Value dict, const char* key, Value value);
Status dict_set_hash(Thread& t, Value dict, Value key, int64_t hash, Value value);
// For an exact str that the dict is known not to hold; nobody watches the dict.
Status dict_add_name(Thread& t, Value dict, Value name, Ref value);
Result<bool> dict_delete(Thread& t, Value dict, Value key);  // false: absent (no exception)
Maybe dict_pop(Thread& t, Value dict, Value key);
Ref dict_set_default(Thread& t, Value dict, Value key, Value default_value);  // the value now in the dict
Result<bool> dict_contains(Thread& t, Value dict, Value key);
void dict_clear(Thread& t, Value dict);
Ref dict_copy(Thread& t, Value dict);
// dict.update(other): a mapping or an iterable of pairs. override: 0 keep existing, 1 replace, 2 KeyError on
// duplicates.
Status dict_update(Thread& t, Value dict, Value other);
Status dict_merge(Thread& t, Value dict, Value other, int override_mode);
Ref dict_keys_list(Thread& t, Value dict);
Ref dict_values_list(Thread& t, Value dict);
Ref dict_items_list(Thread& t, Value dict);
// Iterates: `pos` starts at 0; false at the end. key/value borrowed; the dict must not change meanwhile.
bool dict_next(Value dict, int64_t& pos, Value& key, Value& value, int64_t* hash = nullptr);

// For inline caches on globals and builtins: a number that changes when the set of keys changes (0: cannot be
// cached), and the index of an entry for reading its value directly while that number holds. Values may
// change under a constant keys version.
uint32_t dict_keys_version(Thread& t, Value dict);
int64_t dict_entry_index(Value dict, Value str_key);      // -1: absent
Value dict_entry_value(Value dict, int64_t entry_index);  // borrowed; may be empty
inline bool dict_is_exact(Value v) { return is_dict_exact(v); }
}  // namespace krait
