// What list and tuple share: both are arrays of Values.
#pragma once

#include "object/protocol.h"

namespace krait {

class StrBuilder;
Status append_repr(Thread& t, StrBuilder& out, Value v);  // common kinds without a str of their own
// repr of items[0..n) between the brackets; re-reads size and items through `get`, because repr may change a
// list.
Ref items_repr(Thread& t, Value self, const char* open, const char* close, const char* recursive);
// Lexicographic comparison as list and tuple define it. Sizes are re-read, because comparisons may change a
// list.
Ref items_compare(Thread& t, Value a, Value b, CompareOp op);
Result<bool> items_contains(Thread& t, Value self, Value item);
Result<int64_t> items_count(Thread& t, Value self, Value item);
// list.index / tuple.index: args[0] the item, optional start and stop. -1: not found.
Result<int64_t> items_index(Thread& t, Value self, const Value* args, size_t nargs);

struct Items {
    Value* data;
    int64_t size;
};
inline Items items_of(Value list_or_tuple) {
    if (is_list(list_or_tuple)) {
        auto* l = list_or_tuple.as<PyListObject>();
        return {l->ob_item, l->ob_base.ob_size};
    }
    auto* tup = list_or_tuple.as<PyTupleObject>();
    return {tup->ob_item, tup->ob_base.ob_size};
}

// A slice bound as index() methods take it: any int, clamped.
Result<int64_t> slice_index(Thread& t, Value v, int64_t when_none);

}  // namespace krait
