// list. Items are Values in a buffer from mem_alloc (allocated is its true capacity: C code appends in
// place).
#pragma once
#include <initializer_list>

#include "object/thread.h"

namespace krait {
inline int64_t list_size(Value v) { return v.as<PyListObject>()->ob_base.ob_size; }
inline Value* list_items(Value v) { return v.as<PyListObject>()->ob_item; }
inline Value list_get(Value v, int64_t i) { return list_items(v)[i]; }
Ref list_new(Thread& t, int64_t n = 0);                   // n empty items: fill (owned) before anyone sees it
Ref list_from(Thread& t, const Value* items, int64_t n);  // shares each
Ref list_from_owned(Thread& t, Value* items, int64_t n);  // steals each (also on failure)
Ref list_with_capacity(Thread& t, int64_t capacity);      // empty, room for `capacity`
Status list_append(Thread& t, Value list, Value item);    // shares item
Status list_append_owned(Thread& t, Value list, Ref item);
Status list_extend(Thread& t, Value list, Value iterable);
Status list_insert(Thread& t, Value list, int64_t index, Value item);
Status list_set(Thread& t, Value list, int64_t index, Ref item);  // index in range
Status list_resize(Thread& t, Value list,
                   int64_t n);  // low level: sets the size and grows or shrinks the buffer
Status list_set_slice(Thread& t, Value list, int64_t start, int64_t stop, Value iterable_or_empty);
Status list_sort(Thread& t, Value list, Value key = {},
                 bool reverse = false);  // stable; key empty or None: none
Ref list_slice(Thread& t, Value list, int64_t start, int64_t stop);
// n items from `start` on in steps, all of them there.
Ref list_slice_step(Thread& t, Value list, int64_t start, int64_t n, int64_t step);
Ref list_to_tuple(Thread& t, Value list);
}  // namespace krait
