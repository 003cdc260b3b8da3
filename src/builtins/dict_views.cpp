#include "builtins/dict_views.h"

#include "builtins/callable.h"
#include "builtins/dict_table.h"
#include "builtins/iterators.h"
#include "builtins/list.h"
#include "builtins/set.h"
#include "builtins/tuple.h"
#include "gc/alloc.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait {
namespace {

Type dict_iter_types[6];

Value view_dict(Value v) { return v.as<DictViewObject>()->dict; }
bool is_view_of(Value v, const Type& type) { return v.is_ptr() && is_subtype(v.heap_type(), &type); }
bool is_set_view(Value v) { return is_view_of(v, PyDictKeys_Type) || is_view_of(v, PyDictItems_Type); }

// --- iterators ---

bool is_reverse(DictIterKind k) { return k >= DictIterKind::ReverseKeys; }

DictIterObject* as_iter(Value v) { return v.as<DictIterObject>(); }

Ref pair_for(Thread& t, DictIterObject* it, Value key, Value value) {
    incref(key);
    incref(value);
    Value last = it->result;
    if (last && last.ptr()->ob_refcnt == 1 && !(preheader(last.ptr())->flags & kExposed)) {
        // Nobody kept the last pair: fill it anew instead of making another tuple.
        Value* items = tuple_items(last);
        Value old_key = items[0], old_value = items[1];
        items[0] = key;
        items[1] = value;
        last.as<PyTupleObject>()->ob_hash = -1;
        Ref result = Ref::share(last);
        if (!is_tracked(last.ptr())) gc_track(t, last.ptr());
        decref(old_key);
        decref(old_value);
        return result;
    }
    Value owned[2] = {key, value};
    Ref pair = tuple_from_owned(t, owned, 2);
    if (!pair) return {};
    it->result = pair.share().release();
    xdecref(last);
    return pair;
}

// The first entry in use from `pos` on, which moves behind it; borrowed. False: there is none.
template <int kStep>
bool find_entry(DictKeys* k, int64_t& pos, Value& key, Value& value) {
    int64_t i = pos, n = k->nentries;
    if (kStep < 0 && i >= n) return false;  // the table was made anew
    auto find = [&](auto* entries) {
        while (static_cast<uint64_t>(i) < static_cast<uint64_t>(n) && !entries[i].value) i += kStep;
        if (static_cast<uint64_t>(i) >= static_cast<uint64_t>(n)) return false;
        key = entries[i].key;
        value = entries[i].value;
        pos = i + kStep;
        return true;
    };
    return k->str_only ? find(k->str_entries()) : find(k->hash_entries());
}

// The next entry, borrowed. False: exhausted, or an exception.
bool next_entry(Thread& t, DictIterObject* it, Value& key, Value& value) {
    if (!it->dict) return false;
    auto* d = it->dict.as<PyDictObject>();
    if (it->used != d->ma_used) {
        it->used = -1;
        raise(t, PyExc_RuntimeError, "dictionary changed size during iteration");
        return false;
    }
    DictKeys* k = d->ma_keys;
    if (!(is_reverse(it->kind) ? find_entry<-1>(k, it->pos, key, value)
                               : find_entry<1>(k, it->pos, key, value))) {
        Value dict = it->dict;
        it->dict = Value();
        decref(dict);
        return false;
    }
    if (it->left <= 0) {
        raise(t, PyExc_RuntimeError, "dictionary keys changed during iteration");
        return false;
    }
    it->left--;
    return true;
}

Ref dict_iter_next(Thread& t, Value self) {
    DictIterObject* it = as_iter(self);
    if (it->dict && it->kind <= DictIterKind::Values) {
        if (Ref r = dict_iter_next_plain(it)) return r;
    }
    Value key, value;
    if (!next_entry(t, it, key, value)) return {};
    switch (it->kind) {
        case DictIterKind::Keys:
        case DictIterKind::ReverseKeys:
            return Ref::share(key);
        case DictIterKind::Values:
        case DictIterKind::ReverseValues:
            return Ref::share(value);
        default:
            return pair_for(t, it, key, value);
    }
}

void dict_iter_dealloc(Thread& t, PyObject* o) {
    auto* it = reinterpret_cast<DictIterObject*>(o);
    xdecref(it->dict);
    xdecref(it->result);
    free_plain(t, o, o->ob_type, true);  // none of these types has subclasses
}

void dict_iter_traverse(PyObject* o, Visitor& v) {
    auto* it = reinterpret_cast<DictIterObject*>(o);
    v.visit(it->dict);
    v.visit(it->result);
}

Ref dict_iter_length_hint(Thread&, Value self) {
    DictIterObject* it = as_iter(self);
    if (!it->dict || it->used != dict_size(it->dict)) return Ref::from_int(0);
    return Ref::from_int(it->left);
}

// Pickles as iter(list of what is left).
Ref dict_iter_reduce(Thread& t, Value self) {
    DictIterObject* it = as_iter(self);
    DictIterObject saved = *it;
    xincref(it->dict);
    Value kept_dict = it->dict;
    Ref rest = list_new(t);
    bool failed = !rest;
    while (!failed) {
        Ref item = dict_iter_next(t, self);
        if (!item) {
            failed = occurred(t);
            break;
        }
        failed = !list_append(t, rest, item);
    }
    if (!it->dict && kept_dict) {
        it->dict = kept_dict;
    } else {
        xdecref(kept_dict);
    }
    it->pos = saved.pos;
    it->left = saved.left;
    it->used = saved.used;
    if (failed) return {};
    Ref iter_fn = TRY(builtin_of_frame(t, ID(iter)));
    Ref args = TRY(tuple_of(t, {rest}));
    return tuple_of(t, {iter_fn, args});
}

const NativeDef dict_iter_methods[] = {
    def<dict_iter_length_hint>("__length_hint__", "()",
                               "How many items are left, if the dict does not change."),
    def<dict_iter_reduce>("__reduce__", "()", "State for pickling."),
    {},
};

// --- views ---

void view_dealloc(Thread& t, PyObject* o) {
    decref(reinterpret_cast<DictViewObject*>(o)->dict);
    free_plain(t, o, o->ob_type, true);  // none of these types has subclasses
}
void view_traverse(PyObject* o, Visitor& v) { v.visit(reinterpret_cast<DictViewObject*>(o)->dict); }
Result<int64_t> view_length(Thread&, Value self) { return dict_size(view_dict(self)); }

Ref view_repr(Thread& t, Value self) {
    bool again = TRY(repr_enter(t, self));
    if (again) return str_from(t, "...");
    Ref list = to_list(t, self);
    Ref text = list ? repr(t, list) : Ref();
    repr_leave(t, self);
    if (!text) return {};
    return str_format(t, "%s(%U)", type_of(self)->tp_name, text.get());
}

Ref keys_iter(Thread& t, Value self) { return dict_iter_new(t, view_dict(self), DictIterKind::Keys); }
Ref values_iter(Thread& t, Value self) { return dict_iter_new(t, view_dict(self), DictIterKind::Values); }
Ref items_iter(Thread& t, Value self) { return dict_iter_new(t, view_dict(self), DictIterKind::Items); }
Ref keys_reversed(Thread& t, Value self) {
    return dict_iter_new(t, view_dict(self), DictIterKind::ReverseKeys);
}
Ref values_reversed(Thread& t, Value self) {
    return dict_iter_new(t, view_dict(self), DictIterKind::ReverseValues);
}
Ref items_reversed(Thread& t, Value self) {
    return dict_iter_new(t, view_dict(self), DictIterKind::ReverseItems);
}

Result<bool> keys_contains(Thread& t, Value self, Value key) {
    return dict_contains(t, view_dict(self), key);
}

Result<bool> items_contains(Thread& t, Value self, Value item) {
    if (!is_tuple(item) || tuple_size(item) != 2) return false;
    Ref found = TRY(dict_get(t, view_dict(self), tuple_get(item, 0)));
    if (!found) return false;
    return equal(t, found, tuple_get(item, 1));
}

Result<bool> all_contained_in(Thread& t, Value self, Value other) {
    Ref it = TRY(iter(t, self));
    for (;;) {
        Ref item = iter_next(t, it);
        if (!item) {
            if (occurred(t)) return {};
            return true;
        }
        bool in = TRY(contains(t, other, item));
        if (!in) return false;
    }
}

Ref view_compare(Thread& t, Value self, Value other, CompareOp op) {
    if (!is_any_set(other) && !is_set_view(other)) return not_implemented_ref();
    int64_t n = TRY(length(t, self)), m = TRY(length(t, other));
    bool ok = false;
    switch (op) {
        case kNe:
        case kEq:
            if (n == m) ok = TRY(all_contained_in(t, self, other));
            if (op == kNe) ok = !ok;
            break;
        case kLt:
            if (n < m) ok = TRY(all_contained_in(t, self, other));
            break;
        case kLe:
            if (n <= m) ok = TRY(all_contained_in(t, self, other));
            break;
        case kGt:
            if (n > m) ok = TRY(all_contained_in(t, other, self));
            break;
        case kGe:
            if (n >= m) ok = TRY(all_contained_in(t, other, self));
            break;
    }
    return bool_ref(ok);
}

Ref set_from_view(Thread& t, Value v) { return set_new(t, v); }

Ref view_sub(Thread& t, Value a, Value b) {
    Ref result = TRY(set_from_view(t, a));
    TRY_DISCARD(call_method(t, result, "difference_update", {b}));
    return result;
}

Ref view_and(Thread& t, Value a, Value b) {
    // The operator also runs reflected: then the view is the right operand.
    if (!is_set_view(a)) std::swap(a, b);
    if (is_set_view(b) && dict_size(view_dict(b)) > dict_size(view_dict(a))) std::swap(a, b);
    Ref result = TRY(set_new(t));
    Ref it = TRY(iter(t, b));
    for (;;) {
        Ref item = iter_next(t, it);
        if (!item) break;
        bool in = TRY(contains(t, a, item));
        if (in) TRY(set_add(t, result, item));
    }
    if (occurred(t)) return {};
    return result;
}

Ref view_or(Thread& t, Value a, Value b) {
    Ref result = TRY(set_from_view(t, a));
    TRY(set_update(t, result, b));
    return result;
}

Ref view_xor(Thread& t, Value a, Value b) {
    Ref result = TRY(set_from_view(t, a));
    TRY_DISCARD(call_method(t, result, ID(symmetric_difference_update), {b}));
    return result;
}

Ref view_isdisjoint(Thread& t, Value self, Value other) {
    if (self == other) return bool_ref(dict_size(view_dict(self)) == 0);
    if (is_any_set(other) || is_set_view(other)) {
        int64_t m = TRY(length(t, other));
        if (m > dict_size(view_dict(self))) std::swap(self, other);
    }
    Ref it = TRY(iter(t, other));
    for (;;) {
        Ref item = iter_next(t, it);
        if (!item) break;
        bool in = TRY(contains(t, self, item));
        if (in) return bool_ref(false);
    }
    if (occurred(t)) return {};
    return bool_ref(true);
}

Ref view_mapping(Thread& t, Value self, void*) { return dict_proxy_new(t, view_dict(self)); }

const GetSetDef view_getset[] = {
    getset("mapping", view_mapping, nullptr, "The dictionary this view looks at."),
    {},
};

template <auto Reversed>
const NativeDef* set_view_methods() {
    static const NativeDef table[] = {
        def<view_isdisjoint>("isdisjoint", "(other, /)",
                             "True if the view and the iterable have nothing in common."),
        def<Reversed>("__reversed__", "()", "A reverse iterator over the view."),
        {},
    };
    return table;
}

Status init_view(Thread& t, Type& type, const char* name, Ref (*iter_fn)(Thread&, Value),
                 const NativeDef* methods, ContainsFn contains_fn) {
    auto* decl = new TypeDecl{
        .name = name,
        .basicsize = sizeof(DictViewObject),
        .flags = kTpDefault | kTpHaveGC | kTpDisallowInstantiation,
        .slots = {.dealloc = view_dealloc,
                  .traverse = view_traverse,
                  .repr = view_repr,
                  .iter = iter_fn,
                  .sq_length = view_length},
        .spec = {.methods = methods, .getset = view_getset},
    };
    if (contains_fn) {
        decl->slots.sq_contains = contains_fn;
        decl->slots.richcompare = view_compare;
        decl->slots.nb_subtract = view_sub;
        decl->slots.nb_and = view_and;
        decl->slots.nb_or = view_or;
        decl->slots.nb_xor = view_xor;
        decl->slots.hash = hash_not_implemented;
    }
    init_static_type(type, *decl);
    return ready_type(t, &type);
}

const NativeDef values_methods[] = {
    def<values_reversed>("__reversed__", "()", "A reverse iterator over the view."),
    {},
};

}  // namespace

bool dict_items_next_pair(Thread& t, Value self, Value out[2]) {
    if (!next_entry(t, as_iter(self), out[0], out[1])) return false;
    incref(out[0]);
    incref(out[1]);
    return true;
}

PairNextFn pair_next_of(Value it) {
    const PyTypeObject* type = it.is_ptr() ? it.heap_type() : nullptr;
    if (type == &PyEnum_Type) return enum_next_pair;
    if (type == &PyZip_Type) return zip_is_of_pairs(it) ? zip_next_pair : nullptr;
    if (type == &dict_iter_types[static_cast<int>(DictIterKind::Items)]) return dict_items_next_pair;
    return nullptr;
}

Ref dict_view_new(Thread& t, Value dict, PyTypeObject* view_type) {
    PyObject* o = alloc_plain(t, view_type, sizeof(DictViewObject));
    if (!o) return {};
    incref(dict);
    reinterpret_cast<DictViewObject*>(o)->dict = dict;
    gc_track_new(t, o);
    return Ref::steal(Value(o));
}

Ref dict_iter_new(Thread& t, Value dict, DictIterKind kind) {
    PyObject* o = alloc_plain(t, &dict_iter_types[static_cast<int>(kind)], sizeof(DictIterObject));
    if (!o) return {};
    auto* it = reinterpret_cast<DictIterObject*>(o);
    incref(dict);
    it->dict = dict;
    it->used = it->left = dict_size(dict);
    it->pos = is_reverse(kind) ? dict_keys_of(dict)->nentries - 1 : 0;
    it->result = Value();
    it->kind = kind;
    gc_track_new(t, o);
    return Ref::steal(Value(o));
}

Status init_builtin_dict_views(Thread& t) {
    TRY(init_view(t, PyDictKeys_Type, "dict_keys", keys_iter, set_view_methods<keys_reversed>(),
                  keys_contains));
    TRY(init_view(t, PyDictItems_Type, "dict_items", items_iter, set_view_methods<items_reversed>(),
                  items_contains));
    TRY(init_view(t, PyDictValues_Type, "dict_values", values_iter, values_methods, nullptr));
    static const char* const names[] = {"dict_keyiterator",          "dict_valueiterator",
                                        "dict_itemiterator",         "dict_reversekeyiterator",
                                        "dict_reversevalueiterator", "dict_reverseitemiterator"};
    for (int i = 0; i < 6; i++) {
        auto* decl = new TypeDecl{
            .name = names[i],
            .basicsize = sizeof(DictIterObject),
            .flags = kTpDefault | kTpHaveGC | kTpDisallowInstantiation,
            .slots = {.dealloc = dict_iter_dealloc,
                      .traverse = dict_iter_traverse,
                      .iter = iter_self,
                      .iternext = dict_iter_next},
            .spec = {.methods = dict_iter_methods},
        };
        init_static_type(dict_iter_types[i], *decl);
        TRY(ready_type(t, &dict_iter_types[i]));
    }
    return Status::ok();
}

PyTypeObject* const dict_key_iterator_type = &dict_iter_types[static_cast<int>(DictIterKind::Keys)];

}  // namespace krait

krait::Type PyDictKeys_Type, PyDictValues_Type, PyDictItems_Type;

// What C code calls them: places in the array.
static_assert(sizeof(krait::Type) == 1024);
#define DICT_ITER(name, i)                                                           \
    asm(".globl " name "\n.type " name ", @object\n.size " name ", 1024\n.set " name \
        ", _ZN5krait12_GLOBAL__N_115dict_iter_typesE + 1024 * " #i)
DICT_ITER("PyDictIterKey_Type", 0);
DICT_ITER("PyDictIterValue_Type", 1);
DICT_ITER("PyDictIterItem_Type", 2);
DICT_ITER("PyDictRevIterKey_Type", 3);
DICT_ITER("PyDictRevIterValue_Type", 4);
DICT_ITER("PyDictRevIterItem_Type", 5);
