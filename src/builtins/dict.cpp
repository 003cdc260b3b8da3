// The type dict: slots and methods over dict_table.
#include "builtins/callable.h"
#include "builtins/dict_table.h"
#include "builtins/dict_views.h"
#include "builtins/list.h"
#include "builtins/sequence.h"
#include "builtins/set.h"
#include "builtins/str.h"
#include "builtins/str_same.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/names.h"
#include "object/protocol.h"
#include "object/watchers.h"

namespace krait {

void dict_init_empty(PyDictObject* d);

namespace {

PyDictObject* as_dict(Value v) { return v.as<PyDictObject>(); }

Ref dict_tp_new(Thread& t, PyTypeObject* type, const Value*, size_t, Value) {
    if (type == &PyDict_Type) return dict_new(t);
    Ref r = TRY(alloc(t, type));
    dict_init_empty(as_dict(r));
    return r;
}

Status update_from_args(Thread& t, Value self, const char* fname, const Value* args, size_t nargs,
                        Value kwnames) {
    if (nargs > 1) return raise(t, PyExc_TypeError, "%s expected at most 1 argument, got %zu", fname, nargs);
    if (nargs == 1) TRY(dict_update(t, self, args[0]));
    if (kwnames) {
        for (int64_t i = 0; i < tuple_size(kwnames); i++) {
            Value name = tuple_get(kwnames, i);
            if (!is_str(name)) return raise(t, PyExc_TypeError, "keywords must be strings");
            TRY(dict_set(t, self, name, args[nargs + i]));
        }
    }
    return Status::ok();
}

Status dict_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    return update_from_args(t, self, "dict", args, nargs, kwnames);
}

Ref dict_method_update(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(update_from_args(t, self, "update", args, nargs, kwnames));
    return none_ref();
}

void dict_clear_slot(Thread& t, PyObject* o) { dict_clear_entries(t, reinterpret_cast<PyDictObject*>(o)); }

Ref dict_repr(Thread& t, Value self) {
    if (dict_size(self) == 0) return str_from(t, "{}");
    bool again = TRY(repr_enter(t, self));
    if (again) return str_from(t, "{...}");
    StrBuilder out(t, 1 + 4 * dict_size(self));
    auto body = [&]() -> Status {
        TRY(out.put('{'));
        int64_t pos = 0;
        bool first = true;
        Value key, value;
        while (dict_next(self, pos, key, value)) {
            Ref k = Ref::share(key), v = Ref::share(value);
            if (!first) TRY(out.ascii(", ", 2));
            first = false;
            TRY(append_repr(t, out, k));
            TRY(out.ascii(": ", 2));
            TRY(append_repr(t, out, v));
        }
        return out.put('}');
    };
    Status ok = body();
    repr_leave(t, self);
    if (!ok) return {};
    return out.finish();
}

Result<int64_t> dict_length(Thread&, Value self) { return dict_size(self); }

Ref dict_subscript(Thread& t, Value self, Value key) {
    Ref value = TRY(dict_get(t, self, key));
    if (value) return value;
    if (!is_dict_exact(self)) {
        Value plain = type_lookup(type_of(self), ID(__missing__));
        if (plain && (has_type(plain, &PyMethodDescr_Type) || has_type(plain, &PyFunction_Type))) {
            Ref fn = Ref::share(plain);
            return call(t, fn, {self, key});
        }
        Ref missing = TRY(lookup_special(t, self, ID(__missing__)));
        if (missing) return call(t, missing, {key});
    }
    return raise_key_error(t, key);
}

Status dict_ass_subscript(Thread& t, Value self, Value key, Value value) {
    if (value) return dict_set(t, self, key, value);
    bool found = TRY(dict_delete(t, self, key));
    if (!found) return raise_key_error(t, key);
    return Status::ok();
}

Result<bool> dict_contains_slot(Thread& t, Value self, Value key) { return dict_contains(t, self, key); }

// Equal sizes and every entry of a found in b with an equal value.
Result<bool> dicts_equal(Thread& t, Value a, Value b) {
    if (dict_size(a) != dict_size(b)) return false;
    int64_t pos = 0, hash = 0;
    Value key, value;
    while (dict_next(a, pos, key, value, &hash)) {
        if (Value* place = dict_place_at_once(b, key)) {
            Sameness plain = plain_sameness(*place, value);
            if (plain == Sameness::Yes && !value.is_float()) continue;
            if (plain == Sameness::No) return false;
        }
        Ref k = Ref::share(key), v = Ref::share(value);
        Result<int64_t> found = dict_find(t, as_dict(b), k, hash);
        if (!found) return {};
        if (found.value() < 0) return false;
        Value there = dict_keys_of(b)->value_at(found.value());
        if (there == v && !there.is_float()) continue;
        Ref other = Ref::share(there);
        bool same = TRY(equal(t, v, other));
        if (!same) return false;
    }
    return true;
}

Ref dict_compare(Thread& t, Value a, Value b, CompareOp op) {
    if (!is_dict(a) || !is_dict(b) || (op != kEq && op != kNe)) return not_implemented_ref();
    bool same = TRY(dicts_equal(t, a, b));
    return bool_ref(same == (op == kEq));
}

Ref dict_or(Thread& t, Value a, Value b) {
    if (!is_dict(a) || !is_dict(b)) return not_implemented_ref();
    Ref copy = TRY(dict_copy(t, a));
    TRY(dict_update(t, copy, b));
    return copy;
}

Ref dict_ior(Thread& t, Value a, Value b) {
    TRY(dict_update(t, a, b));
    return Ref::share(a);
}

Ref dict_iter_slot(Thread& t, Value self) { return dict_iter_new(t, self, DictIterKind::Keys); }
Ref dict_reversed(Thread& t, Value self) { return dict_iter_new(t, self, DictIterKind::ReverseKeys); }

Ref dict_method_get(Thread& t, Value self, const Value* args, size_t nargs) {
    if (Value* place = dict_place_at_once(self, args[0])) return Ref::share(*place);
    Ref found = TRY(dict_get(t, self, args[0]));
    if (found) return found;
    return nargs > 1 ? Ref::share(args[1]) : none_ref();
}

Ref dict_method_setdefault(Thread& t, Value self, const Value* args, size_t nargs) {
    return dict_set_default(t, self, args[0], nargs > 1 ? args[1] : none());
}

Ref dict_method_pop(Thread& t, Value self, const Value* args, size_t nargs) {
    Ref found = TRY(dict_pop(t, self, args[0]));
    if (found) return found;
    if (nargs > 1) return Ref::share(args[1]);
    return raise_key_error(t, args[0]);
}

Ref dict_method_popitem(Thread& t, Value self) {
    auto* d = as_dict(self);
    if (d->ma_used == 0) return raise(t, PyExc_KeyError, "popitem(): dictionary is empty");
    DictKeys* k = d->ma_keys;
    int64_t ix = k->nentries - 1;
    while (!k->value_at(ix)) ix--;
    Ref pair = TRY(tuple_new(t, 2));
    if (is_watched(d)) [[unlikely]] {
        Ref last = Ref::share(k->key_at(ix));
        tell_dict_watchers(t, d, DictEvent::Deleted, last, Value());
        k = d->ma_keys;
        ix = k->nentries - 1;
        while (ix >= 0 && !k->value_at(ix)) ix--;
        if (ix < 0) return raise(t, PyExc_KeyError, "popitem(): dictionary is empty");
    }
    Value key, value;
    dict_remove_entry(d, k->hash_at(ix), ix, &key, &value);
    // The places behind the last live entry are free again; their index slots stay dummies.
    k->nentries = ix;
    if (k->first > ix) k->first = ix;
    tuple_items(pair)[0] = key;
    tuple_items(pair)[1] = value;
    return pair;
}

Ref dict_method_clear(Thread& t, Value self) {
    dict_clear(t, self);
    return none_ref();
}

Ref dict_method_copy(Thread& t, Value self) { return dict_copy(t, self); }
Ref dict_method_keys(Thread& t, Value self) { return dict_view_new(t, self, &PyDictKeys_Type); }
Ref dict_method_values(Thread& t, Value self) { return dict_view_new(t, self, &PyDictValues_Type); }
Ref dict_method_items(Thread& t, Value self) { return dict_view_new(t, self, &PyDictItems_Type); }

Ref dict_fromkeys(Thread& t, Value cls, const Value* args, size_t nargs) {
    Value value = nargs > 1 ? args[1] : none();
    Ref d = TRY(call(t, cls));
    if (is_dict_exact(d)) {
        Value key;
        if (is_dict_exact(args[0])) {
            int64_t pos = 0, hash = 0;
            Value unused;
            while (dict_next(args[0], pos, key, unused, &hash)) {
                Ref keep = Ref::share(key);
                TRY(dict_set_hash(t, d, keep, hash, value));
            }
            return d;
        }
        if (has_type(args[0], &PySet_Type) || has_type(args[0], &PyFrozenSet_Type)) {
            int64_t pos = 0, hash = 0;
            while (set_next(args[0], pos, key, &hash)) {
                Ref keep = Ref::share(key);
                TRY(dict_set_hash(t, d, keep, hash, value));
            }
            return d;
        }
        Ref it = TRY(iter(t, args[0]));
        for (;;) {
            Ref k = iter_next(t, it);
            if (!k) break;
            TRY(dict_set(t, d, k, value));
        }
    } else {
        Ref it = TRY(iter(t, args[0]));
        for (;;) {
            Ref k = iter_next(t, it);
            if (!k) break;
            TRY(set_item(t, d, k, value));
        }
    }
    if (occurred(t)) return {};
    return d;
}

Ref dict_sizeof(Thread& t, Value self) {
    int64_t n = type_of(self)->tp_basicsize + static_cast<int64_t>(dict_keys_bytes(as_dict(self)->ma_keys));
    return Ref::from_int(n);
}

// Straight dict[key] for `__getitem__`, so that subclasses calling dict.__getitem__ get KeyError through
// __missing__ too.
Ref dict_method_getitem(Thread& t, Value self, Value key) { return dict_subscript(t, self, key); }
Ref dict_method_contains(Thread& t, Value self, Value key) {
    bool found = TRY(dict_contains(t, self, key));
    return bool_ref(found);
}

const NativeDef dict_methods[] = {
    def<dict_method_contains>("__contains__", "(key, /)", "True if the dictionary has the key, else False.",
                              kMethCoexist),
    def<dict_method_getitem>("__getitem__", "(key, /)", "Return self[key].", kMethCoexist),
    def<dict_sizeof>("__sizeof__", "()", "Size of the dict in memory, in bytes."),
    def<dict_method_get>("get", "(key, default=None, /)", "The value for key if it is there, else default."),
    def<dict_method_setdefault>("setdefault", "(key, default=None, /)",
                                "The value for key, inserting default first if the key is missing."),
    def<dict_method_pop>("pop", "(key, default=<unrepresentable>, /)",
                         "Remove key and return its value; default (or KeyError) if it is missing."),
    def<dict_method_popitem>("popitem", "()", "Remove and return the (key, value) pair inserted last."),
    def<dict_method_keys>("keys", "()", "A set-like view of the keys."),
    def<dict_method_items>("items", "()", "A set-like view of the (key, value) pairs."),
    def<dict_method_values>("values", "()", "A view of the values."),
    def<dict_method_update>("update", "(*args, **kwargs)",
                            "Insert from a mapping or pairs, then from keywords.", kMethNoSignature),
    def<dict_fromkeys>("fromkeys", "(iterable, value=None, /)",
                       "New dictionary with the given keys, all with one value.", kMethClass),
    def<dict_method_clear>("clear", "()", "Remove every item."),
    def<dict_method_copy>("copy", "()", "A shallow copy."),
    def<dict_reversed>("__reversed__", "()", "An iterator over the keys, last inserted first."),
    def<class_getitem>("__class_getitem__", "(object, /)", "See PEP 585.", kMethClass),
    {},
};

}  // namespace

Ref dict_keys_list(Thread& t, Value dict) {
    Ref list = TRY(list_with_capacity(t, dict_size(dict)));
    int64_t pos = 0;
    Value key, value;
    while (dict_next(dict, pos, key, value)) TRY(list_append(t, list, key));
    return list;
}

Ref dict_values_list(Thread& t, Value dict) {
    Ref list = TRY(list_with_capacity(t, dict_size(dict)));
    int64_t pos = 0;
    Value key, value;
    while (dict_next(dict, pos, key, value)) TRY(list_append(t, list, value));
    return list;
}

Ref dict_items_list(Thread& t, Value dict) {
    Ref list = TRY(list_with_capacity(t, dict_size(dict)));
    int64_t pos = 0;
    Value key, value;
    while (dict_next(dict, pos, key, value)) {
        Ref pair = TRY(tuple_of(t, {key, value}));
        TRY(list_append_owned(t, list, std::move(pair)));
    }
    return list;
}

Status init_builtin_dict(Thread& t) {
    static const TypeDecl decl = {
        .name = "dict",
        .basicsize = sizeof(PyDictObject),
        .flags = kTpDefault | kTpBaseType | kTpHaveGC | kTpDictSubclass | kTpMatchSelf | kTpMapping,
        .slots = {.dealloc = dict_dealloc,
                  .traverse = dict_traverse,
                  .clear = dict_clear_slot,
                  .repr = dict_repr,
                  .hash = hash_not_implemented,
                  .richcompare = dict_compare,
                  .iter = dict_iter_slot,
                  .init = dict_init,
                  .new_ = dict_tp_new,
                  .nb_or = dict_or,
                  .nb_inplace_or = dict_ior,
                  .mp_length = dict_length,
                  .mp_subscript = dict_subscript,
                  .mp_ass_subscript = dict_ass_subscript,
                  .sq_contains = dict_contains_slot},
        .spec = {.methods = dict_methods,
                 .doc = "A mapping of keys to values that keeps the order of insertion.\n\n"
                        "dict() -> empty; dict(mapping), dict(iterable of pairs), dict(name=value, ...)."},
    };
    init_static_type(PyDict_Type, decl);
    TRY(ready_type(t, &PyDict_Type));
    return init_builtin_dict_views(t);
}

}  // namespace krait

krait::Type PyDict_Type;
