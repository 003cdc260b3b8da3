// tuple.
#pragma once
#include <initializer_list>

#include "object/thread.h"

namespace krait {
inline int64_t tuple_size(Value v) { return v.as<PyTupleObject>()->ob_base.ob_size; }
inline Value* tuple_items(Value v) { return v.as<PyTupleObject>()->ob_item; }
inline Value tuple_get(Value v, int64_t i) { return tuple_items(v)[i]; }
Ref tuple_new(Thread& t, int64_t n);  // items empty: fill every one (owned) before anyone sees it
// In two steps: the collector does not know it before it is filled, nor afterwards if it holds plain data
// only.
Ref tuple_unfilled(Thread& t, int64_t n);
void tuple_filled(Thread& t, Value tuple);
Ref tuple_from(Thread& t, const Value* items, int64_t n);  // shares each item
Ref tuple_from_owned(Thread& t, Value* items, int64_t n);  // steals each item (also on failure)
inline Ref tuple_of(Thread& t, std::initializer_list<Value> items) {
    return tuple_from(t, items.begin(), static_cast<int64_t>(items.size()));
}
Ref tuple_pair(Thread& t, Ref a, Ref b);
Ref tuple_slice(Thread& t, Value tuple, int64_t start, int64_t stop);  // clamped
Value empty_tuple();                                                   // borrowed singleton
}  // namespace krait
