// dict views (keys, values, items) and the iterators over dicts.
#pragma once

#include "builtins/dict_table.h"

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
extern PyTypeObject* const dict_key_iterator_type;
Status init_builtin_dict_views(Thread& t);

// Keys or values, forward: the commonest kinds, entry by entry. Empty: something else is the matter.
// Precondition: it has its dict still.
inline Ref dict_iter_next_plain(DictIterObject* it) {
    auto* d = it->dict.as<PyDictObject>();
    DictKeys* k = d->ma_keys;
    int64_t i = it->pos;
    if (it->used != d->ma_used || i >= k->nentries || it->left <= 0) return {};
    bool keys = it->kind == DictIterKind::Keys;
    auto take = [&](const auto& entry) {
        if (!entry.value) return Ref();
        it->pos = i + 1;
        it->left--;
        return Ref::share(keys ? entry.key : entry.value);
    };
    return k->str_only ? take(k->str_entries()[i]) : take(k->hash_entries()[i]);
}

}  // namespace krait
