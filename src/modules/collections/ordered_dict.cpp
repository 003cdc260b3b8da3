// collections.OrderedDict: a dict whose entries can be moved to either end.
//
// A dict keeps its entries in order anyway, so an OrderedDict needs no list of its own: it moves entries in
// the table of the dict (dict_move_entry). What is left to do here is what differs from dict: calls of
// overridden methods in subclasses, comparing by order, and noticing changes during an iteration by the
// counter `state`.
#include <cstring>

#include "builtins/callable.h"
#include "builtins/dict_table.h"
#include "builtins/dict_views.h"
#include "builtins/iterators.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "modules/collections/collections.h"
#include "modules/fields.h"
#include "object/instance.h"
#include "object/names.h"
#include "object/protocol.h"

krait::Type PyODict_Type, PyODictIter_Type, PyODictKeys_Type, PyODictValues_Type, PyODictItems_Type;

namespace krait {
namespace {

Type &odict_type = PyODict_Type, &iterator_type = PyODictIter_Type, &keys_type = PyODictKeys_Type,
     &values_type = PyODictValues_Type, &items_type = PyODictItems_Type;

struct OrderedDictObject {
    PyDictObject dict;
    void* reserved[2];
    int64_t known;   // how many keys came and did not go by the methods of this type
    uint64_t state;  // changes with every change of the keys or their order
    void* reserved_too[2];
    Value attributes;
    PyObject* weaklist;
};
static_assert(sizeof(OrderedDictObject) == 112);
OrderedDictObject* as_odict(Value v) { return v.as<OrderedDictObject>(); }
PyDictObject* dict_of(Value v) { return v.as<PyDictObject>(); }
bool is_odict(Value v) { return is_instance_exact_or_sub(v, &odict_type); }
bool is_exact(Value v) { return has_type(v, &odict_type); }

Raised raise_mutated(Thread& t) {
    return raise(t, PyExc_RuntimeError, "OrderedDict mutated during iteration");
}

void note_added(Value self) {
    as_odict(self)->known++;
    as_odict(self)->state++;
}
void note_removed(Value self) {
    as_odict(self)->known--;
    as_odict(self)->state++;
}

// Whether a look-up of the key finds it for sure and runs no code.
bool is_plain_key(Value key) { return is_str_exact(key) || key.is_int() || is_bytes(key); }

// The value of an entry as a look-up of its key gives it: a key whose hash changed is a KeyError.
Ref value_by_key(Thread& t, Value self, Value key, Value value) {
    if (is_plain_key(key)) return Ref::share(value);
    Ref held = Ref::share(key);
    Ref found = TRY(dict_get(t, self, key));
    return found ? std::move(found) : raise_key_error(t, held);
}
// Keys that the methods of dict took out behind our back are missing when the items are asked for.
Status check_none_missing(Thread& t, Value self) {
    if (dict_size(self) >= as_odict(self)->known) return Status::ok();
    return raise_none(t, PyExc_KeyError);
}

// --- storing and removing, without a look at overridden methods ---

Status store(Thread& t, Value self, Value key, Value value) {
    int64_t size = dict_size(self);
    TRY(dict_set(t, self, key, value));
    if (dict_size(self) != size) note_added(self);
    return Status::ok();
}
Status ass_subscript(Thread& t, Value self, Value key, Value value) {
    if (value) return store(t, self, key, value);
    bool was_there = TRY(dict_delete(t, self, key));
    if (!was_there) return raise_key_error(t, key);
    note_removed(self);
    return Status::ok();
}
// The setting of items that an override of __setitem__ sees.
Status store_item(Thread& t, Value self, Value key, Value value) {
    return is_exact(self) ? store(t, self, key, value) : set_item(t, self, key, value);
}

// --- update ---

Status add_pair(Thread& t, Value self, Value pair) {
    if (is_tuple_exact(pair) && tuple_size(pair) == 2) {
        Ref held = Ref::share(pair);
        return store_item(t, self, tuple_get(pair, 0), tuple_get(pair, 1));
    }
    Ref it = TRY(iter(t, pair));
    Ref item[3];
    for (int i = 0; i < 3; i++) {
        item[i] = iter_next(t, it);
        if (!item[i] && occurred(t)) return {};
        if (!item[i] && i < 2)
            return raise(t, PyExc_ValueError, "need more than %d value%s to unpack", i, i == 1 ? "" : "s");
    }
    if (item[2]) return raise(t, PyExc_ValueError, "too many values to unpack (expected 2)");
    return store_item(t, self, item[0], item[1]);
}
Status add_pairs(Thread& t, Value self, Value pairs) {
    Ref it = TRY(iter(t, pairs));
    while (Ref pair = iter_next(t, it)) TRY(add_pair(t, self, pair));
    return occurred(t) ? Status() : Status::ok();
}
Status update_from(Thread& t, Value self, Value other) {
    if (is_dict_exact(other)) {
        Ref items = TRY(dict_items_list(t, other));
        return add_pairs(t, self, items);
    }
    Ref keys_method = TRY(lookup_attr(t, other, ID(keys)));
    if (keys_method) {
        Ref keys = TRY(call(t, keys_method));
        Ref it = TRY(iter(t, keys));
        while (Ref key = iter_next(t, it)) {
            Ref value = TRY(get_item(t, other, key));
            TRY(store_item(t, self, key, value));
        }
        return occurred(t) ? Status() : Status::ok();
    }
    Ref items_method = TRY(lookup_attr(t, other, ID(items)));
    if (items_method) {
        Ref items = TRY(call(t, items_method));
        return add_pairs(t, self, items);
    }
    return add_pairs(t, self, other);
}
Status update_from_call(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    if (nargs) TRY(update_from(t, self, args[0]));
    for (int64_t i = 0; kwnames && i < tuple_size(kwnames); i++)
        TRY(store_item(t, self, tuple_get(kwnames, i), args[nargs + static_cast<size_t>(i)]));
    return Status::ok();
}
Status odict_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    if (nargs > 1) return raise(t, PyExc_TypeError, "expected at most 1 argument, got %zu", nargs);
    return update_from_call(t, self, args, nargs, kwnames);
}
Ref update(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    if (nargs > 1)
        return raise(t, PyExc_TypeError, "update() takes at most 1 positional argument (%zu given)", nargs);
    TRY(update_from_call(t, self, args, nargs, kwnames));
    return none_ref();
}

// --- life ---

void odict_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    weakrefs_clear(t, o);
    put_owned(reinterpret_cast<OrderedDictObject*>(o)->attributes, Ref());
    dict_dealloc(t, o);
}
void odict_traverse(PyObject* o, Visitor& v) {
    v.visit(reinterpret_cast<OrderedDictObject*>(o)->attributes);
    dict_traverse(o, v);
}
void odict_clear_slot(Thread& t, PyObject* o) {
    put_owned(reinterpret_cast<OrderedDictObject*>(o)->attributes, Ref());
    dict_clear_entries(t, reinterpret_cast<PyDictObject*>(o));
}

// --- slots ---

Ref odict_repr(Thread& t, Value self) {
    const char* full = type_of(self)->tp_name;
    const char* dot = strrchr(full, '.');
    const char* name = dot ? dot + 1 : full;
    if (dict_size(self) == 0) return str_format(t, "%s()", name);
    if (TRY(repr_enter(t, self))) return str_from(t, "...");
    bool simple = is_exact(self) && dict_keys_of(self)->str_only;
    Ref plain;
    if (check_none_missing(t, self))
        plain = simple ? dict_copy(t, self) : call(t, Value(&PyDict_Type), {self});
    Ref text = plain ? str_format(t, "%s(%R)", name, plain.get()) : Ref();
    repr_leave(t, self);
    return text;
}

// Same keys in the same order, for dicts that are equal as such.
Result<bool> same_order(Thread& t, Value a, Value b) {
    uint64_t state_a = as_odict(a)->state, state_b = as_odict(b)->state;
    int64_t pos_a = 0, pos_b = 0;
    Value x, y, ignored;
    for (;;) {
        bool more_a = dict_next(a, pos_a, x, ignored), more_b = dict_next(b, pos_b, y, ignored);
        if (!more_a || !more_b) return more_a == more_b;
        Ref held_x = Ref::share(x), held_y = Ref::share(y);
        bool same = TRY(equal(t, x, y));
        if (as_odict(a)->state != state_a || as_odict(b)->state != state_b) return raise_mutated(t);
        if (!same) return false;
    }
}
Ref odict_compare(Thread& t, Value a, Value b, CompareOp op) {
    if (!is_odict(a) || !is_dict(b) || (op != kEq && op != kNe)) return not_implemented_ref();
    Ref as_dicts = TRY(ext(&PyDict_Type)->slots.richcompare(t, a, b, op));
    if (!is_odict(b) || as_dicts.get() == boolean(op == kNe)) return as_dicts;
    bool same = TRY(same_order(t, a, b));
    return bool_ref(same == (op == kEq));
}

Ref odict_or(Thread& t, Value a, Value b) {
    if (!is_dict(a) || !is_dict(b)) return not_implemented_ref();
    PyTypeObject* type = type_of(is_odict(a) ? a : b);
    Ref made = TRY(call(t, Value(type), {a}));
    TRY(update_from(t, made, b));
    return made;
}
Ref odict_inplace_or(Thread& t, Value self, Value other) {
    TRY(update_from(t, self, other));
    return Ref::share(self);
}

// --- methods ---

Ref fromkeys(Thread& t, Value cls, const Value* p) {
    Value value = p[1] ? p[1] : none();
    Ref made = TRY(call(t, cls));
    Ref it = TRY(iter(t, p[0]));
    while (Ref key = iter_next(t, it))
        TRY(is_exact(made) ? store(t, made, key, value) : set_item(t, made, key, value));
    if (occurred(t)) return {};
    return made;
}

Ref size_of(Thread& t, Value self) {
    // As if the list of nodes and the table that finds them were there.
    const DictKeys* keys = dict_keys_of(self);
    auto keys_bytes = static_cast<int64_t>(dict_keys_bytes(keys));
    int64_t n = type_of(self)->tp_basicsize + keys_bytes;
    if (keys_bytes) n += (int64_t{8} << keys->log2_size) + dict_size(self) * 32;
    return int_from(t, n);
}

Ref reduce(Thread& t, Value self) {
    Ref state = TRY(call_method(t, self, ID(__getstate__)));
    Ref items = TRY(call_method(t, self, ID(items)));
    Ref it = TRY(iter(t, items));
    return tuple_of(t, {Value(type_of(self)), empty_tuple(), state, none(), it});
}

Ref setdefault(Thread& t, Value self, const Value* p) {
    Value fallback = p[1] ? p[1] : none();
    if (is_exact(self)) {
        int64_t size = dict_size(self);
        Ref r = TRY(dict_set_default(t, self, p[0], fallback));
        if (dict_size(self) != size) note_added(self);
        return r;
    }
    if (TRY(contains(t, self, p[0]))) return get_item(t, self, p[0]);
    TRY(set_item(t, self, p[0], fallback));
    return Ref::share(fallback);
}

Ref pop(Thread& t, Value self, const Value* p) {
    TRY_DISCARD(hash(t, p[0]));  // its message does not speak of dicts
    Ref value = TRY(dict_pop(t, self, p[0]));
    if (value) {
        note_removed(self);
        return value;
    }
    return p[1] ? Ref::share(p[1]) : raise_key_error(t, p[0]);
}
Ref popitem(Thread& t, Value self, const Value* p) {
    bool last = p[0] ? TRY(is_true(t, p[0])) : true;
    PyDictObject* d = dict_of(self);
    Ref pair = TRY(tuple_new(t, 2));
    int64_t ix = dict_end_entry(d, last);
    if (ix < 0) {
        tuple_items(pair)[0] = tuple_items(pair)[1] = none();
        return raise(t, PyExc_KeyError, "dictionary is empty");
    }
    Value* out = tuple_items(pair);
    dict_remove_entry(d, static_cast<uint64_t>(d->ma_keys->hash_at(ix)), ix, &out[0], &out[1]);
    if (last) {
        // What stands behind the last live entry is free again.
        d->ma_keys->nentries = ix;
        if (d->ma_keys->first > ix) d->ma_keys->first = ix;
    }
    note_removed(self);
    return pair;
}

Ref clear(Thread& t, Value self) {
    as_odict(self)->state++;
    as_odict(self)->known = 0;
    dict_clear(t, self);
    return none_ref();
}

Ref copy(Thread& t, Value self) {
    bool exact = is_exact(self);
    Ref made = TRY(call(t, Value(exact ? &odict_type : type_of(self))));
    uint64_t state = as_odict(self)->state;
    int64_t pos = 0;
    Value key, value;
    TRY(check_none_missing(t, self));
    while (dict_next(self, pos, key, value)) {
        Ref held_key = Ref::share(key);
        Ref held_value = TRY(exact ? value_by_key(t, self, key, value) : get_item(t, self, held_key));
        if (as_odict(self)->state != state) return raise_mutated(t);
        TRY(store_item(t, made, held_key, held_value));
        if (as_odict(self)->state != state) return raise_mutated(t);
    }
    return made;
}

Ref move_to_end(Thread& t, Value self, const Value* p) {
    bool last = p[1] ? TRY(is_true(t, p[1])) : true;
    int64_t h = TRY(hash(t, p[0]));
    PyDictObject* d = dict_of(self);
    int64_t ix = TRY(dict_find(t, d, p[0], h));
    if (ix < 0) return raise_key_error(t, p[0]);
    if (dict_end_entry(d, last) == ix) return none_ref();
    TRY(dict_move_entry(t, d, ix, last));
    as_odict(self)->state++;
    return none_ref();
}

Ref get_dict(Thread& t, Value self, void*) { return instance_dict(t, self); }
Status set_dict(Thread& t, Value self, Value v, void*) {
    if (!v) return raise(t, PyExc_TypeError, "cannot delete __dict__");
    return instance_set_dict(t, self, v);
}

// --- iterators ---

enum IterKind : int { kKeys = 1, kValues = 2, kReversed = 4 };  // keys and values together: pairs

struct IteratorObject {
    PyObject ob_base;
    int kind;
    Value dict;  // owned; empty when exhausted
    int64_t size;
    uint64_t state;
    int64_t pos;  // entry of the next item, -1: there is none
    Value pair;   // handed out last, filled anew while nobody else holds it
};
static_assert(sizeof(IteratorObject) == 64);
IteratorObject* as_iterator(Value v) { return v.as<IteratorObject>(); }

int64_t live_entry(PyDictObject* d, int64_t pos, bool reversed) {
    DictKeys* k = d->ma_keys;
    if (reversed)
        while (pos >= 0 && !k->value_at(pos)) pos--;
    else
        while (pos < k->nentries && !k->value_at(pos)) pos++;
    return pos < k->nentries ? pos : -1;
}
Ref iterator_new(Thread& t, Value dict, int kind) {
    Ref self = TRY(alloc(t, &iterator_type));
    auto* it = as_iterator(self);
    it->kind = kind;
    it->dict = Ref::share(dict).release();
    it->size = dict_size(dict);
    it->state = as_odict(dict)->state;
    it->pos = dict_end_entry(dict_of(dict), kind & kReversed);
    return self;
}
Ref next_pair(Thread& t, IteratorObject* it, Ref key, Ref value) {
    Value last = it->pair;
    if (last && last.ptr()->ob_refcnt == 1 && !(preheader(last.ptr())->flags & kExposed)) {
        Ref result = Ref::share(last);
        Value* items = tuple_items(last);
        last.as<PyTupleObject>()->ob_hash = -1;
        if (!is_tracked(last.ptr())) gc_track(t, last.ptr());
        put_owned(items[0], std::move(key));
        put_owned(items[1], std::move(value));
        return result;
    }
    Ref pair = TRY(tuple_of(t, {key, value}));
    put_owned(it->pair, pair.share());
    return pair;
}
Ref iterator_next(Thread& t, Value self) {
    IteratorObject* it = as_iterator(self);
    if (!it->dict) return {};
    PyDictObject* d = dict_of(it->dict);
    if (it->pos < 0) {
        put_owned(it->dict, Ref());
        return {};
    }
    if (as_odict(it->dict)->state != it->state) {
        put_owned(it->dict, Ref());
        return raise_mutated(t);
    }
    if (it->size != d->ma_used) {
        it->size = -1;
        return raise(t, PyExc_RuntimeError, "OrderedDict changed size during iteration");
    }
    // Entries may have moved behind our back (dict's own methods called on us).
    int64_t ix = live_entry(d, it->pos, it->kind & kReversed);
    if (ix < 0) {
        put_owned(it->dict, Ref());
        return {};
    }
    it->pos = live_entry(d, it->kind & kReversed ? ix - 1 : ix + 1, it->kind & kReversed);
    Value key = d->ma_keys->key_at(ix), value = d->ma_keys->value_at(ix);
    if (!(it->kind & kValues)) return Ref::share(key);
    Value self_dict = it->dict;
    TRY(check_none_missing(t, self_dict));
    Ref held_key = Ref::share(key), held_dict = Ref::share(self_dict);
    Ref found = TRY(value_by_key(t, self_dict, key, value));
    if (!(it->kind & kKeys)) return found;
    return next_pair(t, it, std::move(held_key), std::move(found));
}
void iterator_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    put_owned(reinterpret_cast<IteratorObject*>(o)->dict, Ref());
    put_owned(reinterpret_cast<IteratorObject*>(o)->pair, Ref());
    free_object(t, o);
}
void iterator_traverse(PyObject* o, Visitor& v) {
    v.visit(reinterpret_cast<IteratorObject*>(o)->dict);
    v.visit(reinterpret_cast<IteratorObject*>(o)->pair);
}
Ref iterator_iter(Thread&, Value self) { return Ref::share(self); }
Ref iterator_reduce(Thread& t, Value self) {
    IteratorObject* it = as_iterator(self);
    Ref rest;
    if (it->dict) {
        Ref twin = TRY(iterator_new(t, it->dict, it->kind));
        IteratorObject* copy = as_iterator(twin);
        copy->size = it->size;
        copy->state = it->state;
        copy->pos = it->pos;
        rest = TRY(to_list(t, twin));
    } else {
        rest = TRY(list_new(t));
    }
    Ref iter_fn = TRY(builtin_of_frame(t, ID(iter)));
    Ref args = TRY(tuple_of(t, {rest}));
    return tuple_of(t, {iter_fn, args});
}

// --- views ---

template <int Kind>
Ref view_iter(Thread& t, Value self) {
    Value dict = self.as<DictViewObject>()->dict;
    return iterator_new(t, dict, Kind);
}
template <int Kind>
Ref dict_iterator(Thread& t, Value self) {
    return iterator_new(t, self, Kind);
}
Ref keys(Thread& t, Value self) { return dict_view_new(t, self, &keys_type); }
Ref values(Thread& t, Value self) { return dict_view_new(t, self, &values_type); }
Ref items(Thread& t, Value self) { return dict_view_new(t, self, &items_type); }

template <int Kind>
Status add_view(Thread& t, Type& type, const char* name, PyTypeObject* base) {
    static const NativeDef methods[] = {
        def<view_iter<Kind | kReversed>>("__reversed__", "()", nullptr, kMethNoSignature), {}};
    static const TypeDecl decl{.name = name,
                               .basicsize = sizeof(DictViewObject),
                               .flags = kTpDefault | kTpHaveGC | kTpDisallowInstantiation,
                               .base = base,
                               .slots = {.iter = view_iter<Kind>},
                               .spec = {.methods = methods}};
    if (!type.tp_name) init_static_type(type, decl);
    return ready_type(t, &type);
}

const NativeDef methods[] = {
    def<fromkeys>("fromkeys", "(iterable, value=None)",
                  "An OrderedDict with the keys of an iterable and one value.", kMethClass),
    def<size_of>("__sizeof__", "()", nullptr),
    def<reduce>("__reduce__", "()", "State for pickling."),
    def<setdefault>("setdefault", "(key, default=None)",
                    "The value of the key, which is set if it is missing."),
    def<pop>("pop", "(key, default=<unrepresentable>)", "Takes a key out: its value, or the default."),
    def<popitem>("popitem", "(last=True)", "Takes the last or the first pair out."),
    def<keys>("keys", "()", nullptr),
    def<values>("values", "()", nullptr),
    def<items>("items", "()", nullptr),
    def<update>("update", "", nullptr, kMethNoSignature),
    def<clear>("clear", "()", "Takes all out."),
    def<copy>("copy", "()", "A shallow copy."),
    def<dict_iterator<kKeys | kReversed>>("__reversed__", "()", "The keys from the last to the first."),
    def<move_to_end>("move_to_end", "(key, last=True)", "Moves a key to the end, or to the beginning."),
    {}};
const GetSetDef getset_table[] = {getset("__dict__", get_dict, set_dict, nullptr), {}};
const NativeDef iterator_methods[] = {def<iterator_reduce>("__reduce__", "()", nullptr), {}};

}  // namespace

Status init_ordered_dict(Thread& t, Value module) {
    static const TypeDecl decl{.name = "collections.OrderedDict",
                               .basicsize = sizeof(OrderedDictObject),
                               .flags = kTpDefault | kTpHaveGC | kTpBaseType | kTpMapping,
                               .base = &PyDict_Type,
                               .slots = {.dealloc = odict_dealloc,
                                         .traverse = odict_traverse,
                                         .clear = odict_clear_slot,
                                         .repr = odict_repr,
                                         .hash = hash_not_implemented,
                                         .richcompare = odict_compare,
                                         .iter = dict_iterator<kKeys>,
                                         .init = odict_init,
                                         .nb_or = odict_or,
                                         .nb_inplace_or = odict_inplace_or,
                                         .mp_ass_subscript = ass_subscript},
                               .spec = {.methods = methods,
                                        .getset = getset_table,
                                        .doc = "Dictionary that remembers insertion order"},
                               .weaklistoffset = offsetof(OrderedDictObject, weaklist),
                               .dictoffset = offsetof(OrderedDictObject, attributes)};
    static const TypeDecl iterator{.name = "odict_iterator",
                                   .basicsize = sizeof(IteratorObject),
                                   .flags = kTpDefault | kTpHaveGC | kTpDisallowInstantiation,
                                   .slots = {.dealloc = iterator_dealloc,
                                             .traverse = iterator_traverse,
                                             .iter = iterator_iter,
                                             .iternext = iterator_next},
                                   .spec = {.methods = iterator_methods}};
    if (!iterator_type.tp_name) init_static_type(iterator_type, iterator);
    TRY(ready_type(t, &iterator_type));
    TRY(add_view<kKeys>(t, keys_type, "odict_keys", &PyDictKeys_Type));
    TRY(add_view<kValues>(t, values_type, "odict_values", &PyDictValues_Type));
    TRY(add_view < kKeys | kValues > (t, items_type, "odict_items", &PyDictItems_Type));
    return add_static_type(t, module, odict_type, decl);
}

}  // namespace krait
