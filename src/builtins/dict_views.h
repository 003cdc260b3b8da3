// dict views (keys, values, items) and the iterators over dicts.
#pragma once

#include "object/thread.h"

namespace krait {

enum class DictIterKind { Keys, Values, Items, ReverseKeys, ReverseValues, ReverseItems };

struct DictViewObject {
    PyObject ob_base;
    Value dict;  // owned
};

struct DictIterObject {
    PyObject ob_base;
    Value dict;    // owned; empty when exhausted
    int64_t used;  // size at the start; -1 after a size change was reported
    int64_t pos;   // next entry index
    int64_t left;  // for __length_hint__
    Value result;  // items: the pair handed out last, reused while nobody else holds it
    DictIterKind kind;
};

Ref dict_view_new(Thread& t, Value dict, PyTypeObject* view_type);
Ref dict_iter_new(Thread& t, Value dict, DictIterKind kind);
Status init_builtin_dict_views(Thread& t);

}  // namespace krait
