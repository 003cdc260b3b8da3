// Iterator objects whose fields the interpreter reads in specialized loops.
#pragma once

#include "object/thread.h"

namespace krait {

// list_iterator, tuple_iterator, list_reverseiterator, iterator (any sequence), reversed.
struct IndexIterObject {
    PyObject ob_base;
    Value seq;  // owned; empty when exhausted
    int64_t index;
};
// range_iterator: int64 arithmetic; the other ranges use longrange_iterator.
struct RangeIterObject {
    PyObject ob_base;
    int64_t next, step, left;
};
extern Type list_iterator_type, list_reverse_iterator_type, tuple_iterator_type, range_iterator_type,
    longrange_iterator_type;

struct RangeObject {
    PyObject ob_base;
    Value start, stop, step, length;  // ints, owned
};

// For loops that take pairs apart at once: the two values of what the iterator's next would give, without
// the tuple. False like an empty next: exhausted, or an exception. Values are owned.
using PairNextFn = bool (*)(Thread& t, Value it, Value out[2]);
bool enum_next_pair(Thread& t, Value it, Value out[2]);
bool zip_next_pair(Thread& t, Value it, Value out[2]);
bool zip_is_of_pairs(Value it);
bool dict_items_next_pair(Thread& t, Value it, Value out[2]);
PairNextFn pair_next_of(Value it);  // null: of another type, or not of pairs

// The next item where it is at hand: of the iterators of list, tuple and range. Empty: the type's own next
// has to say, also whether there is one. Runs no code.
inline Ref next_at_hand(Value it) {
    PyTypeObject* type = it.heap_type();
    if (type == &list_iterator_type || type == &tuple_iterator_type) {
        auto* i = it.as<IndexIterObject>();
        if (!i->seq) return {};
        if (i->index >= i->seq.as<PyVarObject>()->ob_size) return {};
        bool list = type == &list_iterator_type;
        Value* items = list ? i->seq.as<PyListObject>()->ob_item : i->seq.as<PyTupleObject>()->ob_item;
        Value item = items[i->index];
        i->index += static_cast<bool>(item);  // C may have left it empty
        return Ref::share(item);
    }
    if (type == &range_iterator_type) {
        auto* i = it.as<RangeIterObject>();
        int64_t next = i->next;
        if (i->left <= 0 || !Value::int_fits(next)) return {};
        i->left--;
        i->next = static_cast<int64_t>(static_cast<uint64_t>(next) + static_cast<uint64_t>(i->step));
        return Ref::from_int(next);
    }
    return {};
}

Ref list_iter_new(Thread& t, Value list);
Ref tuple_iter_new(Thread& t, Value tuple);
Ref range_iter(Thread& t, Value range);

// The pickled form (iter, (x,), index) that most iterators share; with an empty seq (iter, (exhausted,)),
// which is () by default. The places are read after the look-up of builtins.iter, which may run the iterator.
Ref reduce_as_iter(Thread& t, const Value& seq, const int64_t& index, Value exhausted = {});

// A builtin as the running Python code sees it; AttributeError where its namespace lacks it.
Ref builtin_of_frame(Thread& t, Value name);

// Slots shared by every IndexIterObject type.
void index_iter_dealloc(Thread& t, PyObject* o);
void index_iter_traverse(PyObject* o, Visitor& v);
Ref iter_self(Thread& t, Value self);
Ref index_iter_alloc(Thread& t, PyTypeObject* type, Value seq, int64_t index);

}  // namespace krait
