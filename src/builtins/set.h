// set and frozenset.
#pragma once
#include "object/thread.h"

namespace krait {
inline bool is_any_set(Value v) {
    return v.is_ptr() &&
           (is_subtype(v.heap_type(), &PySet_Type) || is_subtype(v.heap_type(), &PyFrozenSet_Type));
}
Ref set_new(Thread& t, Value iterable_or_empty = {});
Ref frozenset_new(Thread& t, Value iterable_or_empty = {});
inline int64_t set_size(Value v) { return v.as<PySetObject>()->used; }
Result<bool> set_contains(Thread& t, Value set, Value key);
Status set_add(Thread& t, Value set, Value key);
Result<bool> set_discard(Thread& t, Value set, Value key);
Status set_update(Thread& t, Value set, Value iterable);
void set_clear(Thread& t, Value set);
bool set_next(Value set, int64_t& pos, Value& key, int64_t* hash = nullptr);  // borrowed
}  // namespace krait
