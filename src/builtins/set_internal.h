// Inside of set: the table, shared by set.cpp and set_type.cpp.
#pragma once

#include "builtins/set.h"
#include "object/protocol.h"

namespace krait {
Result<int64_t> set_hash_key(Thread& t, Value key);
Result<SetEntry*> set_find(Thread& t, PySetObject* s, Value key, int64_t hash);     // null: absent
Result<bool> set_discard_hash(Thread& t, PySetObject* s, Value key, int64_t hash);  // false: absent
Status set_add_hash(Thread& t, PySetObject* s, Value key, int64_t hash);
Status set_trim(Thread& t,
                PySetObject* s);  // rids the table of removed entries when they are more than a quarter
Ref set_alloc(Thread& t, PyTypeObject* type);
Ref set_from(Thread& t, PyTypeObject* type, Value iterable_or_empty);
int64_t frozenset_hash_value(PySetObject* s);
}  // namespace krait
