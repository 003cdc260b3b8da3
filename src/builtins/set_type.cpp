// The types set and frozenset: methods, operators, iterator.
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/iterators.h"
#include "builtins/list.h"
#include "builtins/set_internal.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/alloc.h"
#include "object/instance.h"
#include "object/names.h"

namespace krait {
namespace {

PySetObject* as_set(Value v) { return v.as<PySetObject>(); }
bool is_frozen(Value v) { return is_subtype(type_of(v), &PyFrozenSet_Type); }
// The type results of operators have: subclasses do not spread.
PyTypeObject* base_type(Value v) {
    return is_frozen(v) ? static_cast<PyTypeObject*>(&PyFrozenSet_Type)
                        : static_cast<PyTypeObject*>(&PySet_Type);
}

void set_dealloc(Thread& t, PyObject* o) {
    auto* s = reinterpret_cast<PySetObject*>(o);
    if (s->weakreflist) weakrefs_clear(t, o);
    SetEntry* e = s->table;
    for (int64_t left = s->used; left > 0; e++) {
        if (!e->key) continue;
        left--;
        decref(e->key);
    }
    if (s->table != s->smalltable) mem_free(s->table);
    free_plain(t, o, o->ob_type == &PySet_Type ? &PySet_Type : &PyFrozenSet_Type, true);
}
void set_traverse(PyObject* o, Visitor& v) {
    auto* s = reinterpret_cast<PySetObject*>(o);
    for (int64_t i = 0; i <= s->mask; i++) v.visit(s->table[i].key);
}
void set_clear_slot(Thread& t, PyObject* o) { set_clear(t, Value(o)); }

Ref set_tp_new(Thread& t, PyTypeObject* type, const Value*, size_t, Value) { return set_alloc(t, type); }

Status set_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(no_kwargs(t, "set", kwnames));
    if (nargs > 1) return raise(t, PyExc_TypeError, "set expected at most 1 argument, got %zu", nargs);
    if (set_size(self)) set_clear(t, self);
    as_set(self)->hash = -1;
    return nargs ? set_update(t, self, args[0]) : Status::ok();
}

Ref empty_frozenset(Thread& t) {
    static Value empty;
    if (!empty) {
        Ref made = TRY(set_alloc(t, &PyFrozenSet_Type));
        empty = made.release();
    }
    return Ref::share(empty);
}

Ref frozenset_tp_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    if (type == &PyFrozenSet_Type || ext(type)->slots.init == ext(&PyBaseObject_Type)->slots.init)
        TRY(no_kwargs(t, "frozenset", kwnames));
    if (nargs > 1) return raise(t, PyExc_TypeError, "frozenset expected at most 1 argument, got %zu", nargs);
    if (type != &PyFrozenSet_Type) return set_from(t, type, nargs ? args[0] : Value());
    if (nargs && has_type(args[0], &PyFrozenSet_Type)) return Ref::share(args[0]);
    if (!nargs) return empty_frozenset(t);
    Ref r = TRY(set_from(t, type, args[0]));
    return set_size(r) ? std::move(r) : empty_frozenset(t);
}

Ref set_repr(Thread& t, Value self) {
    const char* name = type_of(self)->tp_name;
    if (set_size(self) == 0) return str_format(t, "%s()", name);
    bool again = TRY(repr_enter(t, self));
    if (again) return str_format(t, "%s(...)", name);
    Ref list = to_list(t, self);
    Ref text = list ? repr(t, list) : Ref();
    repr_leave(t, self);
    if (!text) return {};
    Ref inner = TRY(str_substring(t, text, 1, str_length(text) - 1));
    if (type_of(self) == &PySet_Type) return str_format(t, "{%U}", inner.get());
    return str_format(t, "%s({%U})", name, inner.get());
}

Result<int64_t> set_length(Thread&, Value self) { return set_size(self); }

Result<int64_t> frozenset_hash(Thread&, Value self) {
    auto* s = as_set(self);
    if (s->hash == -1) s->hash = frozenset_hash_value(s);
    return s->hash;
}

// --- comparisons ---

Result<bool> subset_of(Thread& t, Value a, Value b) {
    if (set_size(a) > set_size(b)) return false;
    int64_t pos = 0, h = 0;
    Value key;
    while (set_step(as_set(a), pos, key, &h)) {
        Ref keep = Ref::share(key);
        Result<SetEntry*> found = set_find(t, as_set(b), keep, h);
        if (!found) return {};
        if (!found.value()) return false;
    }
    return true;
}

Ref set_compare(Thread& t, Value a, Value b, CompareOp op) {
    if (!is_any_set(b)) return not_implemented_ref();
    int64_t n = set_size(a), m = set_size(b);
    bool r = false;
    switch (op) {
        case kEq:
        case kNe:
            if (n == m &&
                !(as_set(a)->hash != -1 && as_set(b)->hash != -1 && as_set(a)->hash != as_set(b)->hash))
                r = TRY(subset_of(t, a, b));
            if (op == kNe) r = !r;
            break;
        case kLe:
            r = TRY(subset_of(t, a, b));
            break;
        case kGe:
            r = TRY(subset_of(t, b, a));
            break;
        case kLt:
            if (n < m) r = TRY(subset_of(t, a, b));
            break;
        case kGt:
            if (n > m) r = TRY(subset_of(t, b, a));
            break;
    }
    return bool_ref(r);
}

// --- algebra ---

Ref copy_of(Thread& t, Value self) { return set_from(t, base_type(self), self); }

Status remove_all(Thread& t, Value self, Value other) {
    if (self == other) {
        set_clear(t, self);
        return Status::ok();
    }
    if (is_any_set(other)) {
        Value key;
        int64_t pos = 0, h = 0;
        while (set_step(as_set(other), pos, key, &h)) {
            Ref keep = Ref::share(key);
            TRY_DISCARD(set_discard_hash(t, as_set(self), keep, h));
        }
        return set_trim(t, as_set(self));
    }
    Ref it = TRY(iter(t, other));
    for (;;) {
        Ref item = iter_next(t, it);
        if (!item) return occurred(t) ? Status() : set_trim(t, as_set(self));
        int64_t h = TRY(set_hash_key(t, item));
        TRY_DISCARD(set_discard_hash(t, as_set(self), item, h));
    }
}

Ref difference(Thread& t, Value self, Value other) {
    bool sized = is_any_set(other), is_d = is_dict_exact(other);
    // Copying and removing is less work when few elements can go.
    if ((!sized && !is_d) || set_size(self) >> 2 > (sized ? set_size(other) : dict_size(other))) {
        Ref r = TRY(copy_of(t, self));
        TRY(remove_all(t, r, other));
        return r;
    }
    Ref r = TRY(set_alloc(t, base_type(self)));
    int64_t pos = 0, h = 0;
    Value key;
    while (set_step(as_set(self), pos, key, &h)) {
        Ref keep = Ref::share(key);
        bool in;
        if (sized) {
            Result<SetEntry*> found = set_find(t, as_set(other), keep, h);
            if (!found) return {};
            in = found.value() != nullptr;
        } else {
            Ref found = TRY(dict_get_hash(t, other, keep, h));
            in = static_cast<bool>(found);
        }
        if (!in) TRY(set_add_hash(t, as_set(r), keep, h));
    }
    return r;
}

Ref intersection(Thread& t, Value self, Value other) {
    if (self == other) return copy_of(t, self);
    Ref r = TRY(set_alloc(t, base_type(self)));
    if (is_any_set(other)) {
        if (set_size(other) > set_size(self)) std::swap(self, other);
        int64_t pos = 0, h = 0;
        Value key;
        while (set_step(as_set(other), pos, key, &h)) {
            Ref keep = Ref::share(key);
            Result<SetEntry*> found = set_find(t, as_set(self), keep, h);
            if (!found) return {};
            if (found.value()) TRY(set_add_hash(t, as_set(r), keep, h));
        }
        return r;
    }
    Ref it = TRY(iter(t, other));
    for (;;) {
        Ref item = iter_next(t, it);
        if (!item) break;
        int64_t h = TRY(set_hash_key(t, item));
        Result<SetEntry*> found = set_find(t, as_set(self), item, h);
        if (!found) return {};
        if (found.value()) TRY(set_add_hash(t, as_set(r), item, h));
    }
    if (occurred(t)) return {};
    return r;
}

Status toggle_all(Thread& t, Value self, Value other) {
    if (self == other) {
        set_clear(t, self);
        return Status::ok();
    }
    if (is_dict_exact(other)) {  // its keys with the hashes it has
        Value key, unused;
        int64_t pos = 0, h = 0;
        while (dict_next(other, pos, key, unused, &h)) {
            Ref keep = Ref::share(key);
            if (!TRY(set_discard_hash(t, as_set(self), keep, h))) TRY(set_add_hash(t, as_set(self), keep, h));
        }
        return Status::ok();
    }
    Ref as_a_set = is_any_set(other) ? Ref::share(other) : set_new(t, other);
    if (!as_a_set) return {};
    int64_t pos = 0, h = 0;
    Value key;
    while (set_step(as_set(as_a_set), pos, key, &h)) {
        Ref keep = Ref::share(key);
        bool removed = TRY(set_discard_hash(t, as_set(self), keep, h));
        if (!removed) TRY(set_add_hash(t, as_set(self), keep, h));
    }
    return Status::ok();
}

Ref symmetric_difference(Thread& t, Value self, Value other) {
    Ref r = TRY(set_from(t, base_type(self), other));
    TRY(toggle_all(t, r, self));
    return r;
}

// Replaces the contents of `self` by those of the fresh set `other`.
void swap_contents(Value self, Value other) {
    auto *a = as_set(self), *b = as_set(other);
    bool a_small = a->table == a->smalltable, b_small = b->table == b->smalltable;
    std::swap(a->fill, b->fill);
    std::swap(a->used, b->used);
    std::swap(a->mask, b->mask);
    std::swap(a->table, b->table);
    for (int i = 0; i < 8; i++) std::swap(a->smalltable[i], b->smalltable[i]);
    if (b_small) a->table = a->smalltable;
    if (a_small) b->table = b->smalltable;
}

// --- methods ---

Ref m_union(Thread& t, Value self, const Value* args, size_t n) {
    Ref r = TRY(copy_of(t, self));
    for (size_t i = 0; i < n; i++) TRY(set_update(t, r, args[i]));
    return r;
}
Ref m_intersection(Thread& t, Value self, const Value* args, size_t n) {
    if (n == 0) return copy_of(t, self);
    Ref r = Ref::share(self);
    for (size_t i = 0; i < n; i++) r = TRY(intersection(t, r, args[i]));
    return r;
}
Ref m_difference(Thread& t, Value self, const Value* args, size_t n) {
    if (n == 0) return copy_of(t, self);
    Ref r = TRY(difference(t, self, args[0]));
    for (size_t i = 1; i < n; i++) TRY(remove_all(t, r, args[i]));
    return r;
}
Ref m_symmetric_difference(Thread& t, Value self, Value other) {
    return symmetric_difference(t, self, other);
}
Ref m_update(Thread& t, Value self, const Value* args, size_t n) {
    for (size_t i = 0; i < n; i++) TRY(set_update(t, self, args[i]));
    return none_ref();
}
Ref m_intersection_update(Thread& t, Value self, const Value* args, size_t n) {
    Ref r = TRY(m_intersection(t, self, args, n));
    if (r != self) swap_contents(self, r);
    return none_ref();
}
Ref m_difference_update(Thread& t, Value self, const Value* args, size_t n) {
    for (size_t i = 0; i < n; i++) TRY(remove_all(t, self, args[i]));
    return none_ref();
}
Ref m_symmetric_difference_update(Thread& t, Value self, Value other) {
    TRY(toggle_all(t, self, other));
    return none_ref();
}
Ref m_issubset(Thread& t, Value self, Value other) {
    Ref o = is_any_set(other) ? Ref::share(other) : Ref();
    if (!o) {
        // Only the part that can matter is collected.
        o = TRY(intersection(t, self, other));
        return bool_ref(set_size(o) == set_size(self));
    }
    bool r = TRY(subset_of(t, self, o));
    return bool_ref(r);
}
Ref m_issuperset(Thread& t, Value self, Value other) {
    if (is_any_set(other)) {
        bool r = TRY(subset_of(t, other, self));
        return bool_ref(r);
    }
    Ref it = TRY(iter(t, other));
    for (;;) {
        Ref item = iter_next(t, it);
        if (!item) break;
        bool in = TRY(set_contains(t, self, item));
        if (!in) return bool_ref(false);
    }
    if (occurred(t)) return {};
    return bool_ref(true);
}
Ref m_isdisjoint(Thread& t, Value self, Value other) {
    if (self == other) return bool_ref(set_size(self) == 0);
    if (is_any_set(other)) {
        if (set_size(other) > set_size(self)) std::swap(self, other);
        int64_t pos = 0, h = 0;
        Value key;
        while (set_step(as_set(other), pos, key, &h)) {
            Ref keep = Ref::share(key);
            Result<SetEntry*> found = set_find(t, as_set(self), keep, h);
            if (!found) return {};
            if (found.value()) return bool_ref(false);
        }
        return bool_ref(true);
    }
    Ref it = TRY(iter(t, other));
    for (;;) {
        Ref item = iter_next(t, it);
        if (!item) break;
        int64_t h = TRY(set_hash_key(t, item));
        Result<SetEntry*> found = set_find(t, as_set(self), item, h);
        if (!found) return {};
        if (found.value()) return bool_ref(false);
    }
    if (occurred(t)) return {};
    return bool_ref(true);
}
Ref m_add(Thread& t, Value self, Value item) {
    TRY(set_add(t, self, item));
    return none_ref();
}
Ref m_discard(Thread& t, Value self, Value item) {
    TRY(set_discard(t, self, item));
    return none_ref();
}
Ref m_remove(Thread& t, Value self, Value item) {
    bool removed = TRY(set_discard(t, self, item));
    if (!removed) return raise_key_error(t, item);
    return none_ref();
}
Ref m_pop(Thread& t, Value self) {
    auto* s = as_set(self);
    if (s->used == 0) return raise(t, PyExc_KeyError, "pop from an empty set");
    int64_t i = s->finger & s->mask;
    while (!s->table[i].key) i = (i + 1) & s->mask;
    Ref key = Ref::steal(s->table[i].key);
    s->table[i] = SetEntry{Value(), -1};
    s->used--;
    s->finger = i + 1;
    return key;
}
Ref m_clear(Thread& t, Value self) {
    set_clear(t, self);
    return none_ref();
}
Ref m_copy(Thread& t, Value self) {
    if (has_type(self, &PyFrozenSet_Type)) return Ref::share(self);
    return set_from(t, type_of(self) == &PySet_Type ? &PySet_Type : base_type(self), self);
}
Ref m_contains(Thread& t, Value self, Value item) {
    bool in = TRY(set_contains(t, self, item));
    return bool_ref(in);
}
Ref m_reduce(Thread& t, Value self) {
    Ref items = TRY(to_list(t, self));
    Ref args = TRY(tuple_of(t, {items}));
    Ref state = TRY(call_method(t, self, "__getstate__"));
    return tuple_of(t, {Value(type_of(self)), args, state});
}
Ref m_sizeof(Thread&, Value self) {
    auto* s = as_set(self);
    int64_t n = type_of(self)->tp_basicsize;
    if (s->table != s->smalltable) n += (s->mask + 1) * static_cast<int64_t>(sizeof(SetEntry));
    return Ref::from_int(n);
}

#define OPERATOR(name, fn)                                                  \
    Ref name(Thread& t, Value a, Value b) {                                 \
        if (!is_any_set(a) || !is_any_set(b)) return not_implemented_ref(); \
        return fn(t, a, b);                                                 \
    }
Ref union_of(Thread& t, Value a, Value b) {
    Ref r = TRY(copy_of(t, a));
    if (a == b) return r;
    TRY(set_update(t, r, b));
    return r;
}
OPERATOR(op_or, union_of)
OPERATOR(op_and, intersection)
OPERATOR(op_sub, difference)
OPERATOR(op_xor, symmetric_difference)
Ref op_ior(Thread& t, Value a, Value b) {
    if (!is_any_set(b)) return not_implemented_ref();
    TRY(set_update(t, a, b));
    return Ref::share(a);
}
Ref op_iand(Thread& t, Value a, Value b) {
    if (!is_any_set(b)) return not_implemented_ref();
    TRY_DISCARD(m_intersection_update(t, a, &b, 1));
    return Ref::share(a);
}
Ref op_isub(Thread& t, Value a, Value b) {
    if (!is_any_set(b)) return not_implemented_ref();
    TRY(remove_all(t, a, b));
    return Ref::share(a);
}
Ref op_ixor(Thread& t, Value a, Value b) {
    if (!is_any_set(b)) return not_implemented_ref();
    TRY(toggle_all(t, a, b));
    return Ref::share(a);
}

#define COMMON_METHODS                                                                                       \
    def<m_contains>("__contains__", "(object, /)", "True if the element is there.", kMethCoexist),           \
        def<m_copy>("copy", "()", "A shallow copy."),                                                        \
        def<m_difference>("difference", "(*others)", "The elements that are in none of the others."),        \
        def<m_intersection>("intersection", "(*others)", "The elements that are in all of the others too."), \
        def<m_isdisjoint>("isdisjoint", "(other, /)", "True if nothing is in both."),                        \
        def<m_issubset>("issubset", "(other, /)", "True if other contains every element."),                  \
        def<m_issuperset>("issuperset", "(other, /)", "True if every element of other is here."),            \
        def<m_reduce>("__reduce__", "()", "State for pickling."),                                            \
        def<m_sizeof>("__sizeof__", "()", "Size in memory, in bytes."),                                      \
        def<m_symmetric_difference>("symmetric_difference", "(other, /)",                                    \
                                    "The elements in exactly one of the two."),                              \
        def<m_union>("union", "(*others)", "The elements of all."),                                          \
        def<class_getitem>("__class_getitem__", "(object, /)", "See PEP 585.", kMethClass)

const NativeDef set_methods[] = {
    COMMON_METHODS,
    def<m_add>("add", "(object, /)", "Put an element in."),
    def<m_clear>("clear", "()", "Remove every element."),
    def<m_discard>("discard", "(object, /)", "Remove an element if it is there."),
    def<m_difference_update>("difference_update", "(*others)", "Remove the elements of the others."),
    def<m_intersection_update>("intersection_update", "(*others)", "Keep only what is in all of the others."),
    def<m_pop>("pop", "()", "Remove and return some element."),
    def<m_remove>("remove", "(object, /)", "Remove an element; KeyError if it is not there."),
    def<m_symmetric_difference_update>("symmetric_difference_update", "(other, /)",
                                       "Keep what is in exactly one of the two."),
    def<m_update>("update", "(*others)", "Add the elements of the others."),
    {},
};
const NativeDef frozenset_methods[] = {COMMON_METHODS, {}};

// --- iterator ---

Type set_iterator_type;
struct SetIterObject {
    PyObject ob_base;
    Value set;  // owned; empty when exhausted
    int64_t used, pos, left;
};

Ref set_iter(Thread& t, Value self) {
    PyObject* o = alloc_plain(t, &set_iterator_type, sizeof(SetIterObject));
    if (!o) return {};
    auto* it = reinterpret_cast<SetIterObject*>(o);
    incref(self);
    it->set = self;
    it->used = it->left = set_size(self);
    it->pos = 0;
    gc_track_new(t, o);
    return Ref::steal(Value(o));
}
Ref set_iter_next(Thread& t, Value self) {
    auto* it = self.as<SetIterObject>();
    if (!it->set) return {};
    if (it->used != set_size(it->set)) {
        it->used = -1;
        return raise(t, PyExc_RuntimeError, "Set changed size during iteration");
    }
    Value key;
    if (set_next(it->set, it->pos, key)) {
        it->left--;
        return Ref::share(key);
    }
    Value set = it->set;
    it->set = Value();
    decref(set);
    return {};
}
void set_iter_dealloc(Thread& t, PyObject* o) {
    xdecref(reinterpret_cast<SetIterObject*>(o)->set);
    free_object(t, o);
}
void set_iter_traverse(PyObject* o, Visitor& v) { v.visit(reinterpret_cast<SetIterObject*>(o)->set); }
Ref set_iter_hint(Thread&, Value self) {
    auto* it = self.as<SetIterObject>();
    return Ref::from_int(it->set && it->used == set_size(it->set) ? it->left : 0);
}
Ref set_iter_reduce(Thread& t, Value self) {
    auto* it = self.as<SetIterObject>();
    Ref rest = TRY(list_new(t));
    int64_t pos = it->pos;
    Value key;
    while (it->set && set_next(it->set, pos, key)) TRY(list_append(t, rest, key));
    Ref fn = TRY(builtin_of_frame(t, ID(iter)));
    Ref args = TRY(tuple_of(t, {rest}));
    return tuple_of(t, {fn, args});
}
const NativeDef set_iter_methods[] = {
    def<set_iter_hint>("__length_hint__", "()", "How many elements are left."),
    def<set_iter_reduce>("__reduce__", "()", "State for pickling."),
    {},
};

}  // namespace

Status init_builtin_set(Thread& t) {
    static const TypeDecl decl = {
        .name = "set",
        .basicsize = sizeof(PySetObject),
        .flags = kTpDefault | kTpBaseType | kTpHaveGC | kTpMatchSelf,
        .slots = {.dealloc = set_dealloc,
                  .traverse = set_traverse,
                  .clear = set_clear_slot,
                  .repr = set_repr,
                  .hash = hash_not_implemented,
                  .richcompare = set_compare,
                  .iter = set_iter,
                  .init = set_init,
                  .new_ = set_tp_new,
                  .nb_subtract = op_sub,
                  .nb_and = op_and,
                  .nb_xor = op_xor,
                  .nb_or = op_or,
                  .nb_inplace_subtract = op_isub,
                  .nb_inplace_and = op_iand,
                  .nb_inplace_xor = op_ixor,
                  .nb_inplace_or = op_ior,
                  .sq_length = set_length,
                  .sq_contains = set_contains},
        .spec = {.methods = set_methods,
                 .doc = "Unordered elements without duplicates.",
                 .text_signature = "(iterable=(), /)"},
        .weaklistoffset = offsetof(PySetObject, weakreflist),
    };
    init_static_type(PySet_Type, decl);
    TRY(ready_type(t, &PySet_Type));
    static const TypeDecl frozen = {
        .name = "frozenset",
        .basicsize = sizeof(PySetObject),
        .flags = kTpDefault | kTpBaseType | kTpHaveGC | kTpMatchSelf,
        .slots = {.dealloc = set_dealloc,
                  .traverse = set_traverse,
                  .clear = set_clear_slot,
                  .repr = set_repr,
                  .hash = frozenset_hash,
                  .richcompare = set_compare,
                  .iter = set_iter,
                  .new_ = frozenset_tp_new,
                  .nb_subtract = op_sub,
                  .nb_and = op_and,
                  .nb_xor = op_xor,
                  .nb_or = op_or,
                  .sq_length = set_length,
                  .sq_contains = set_contains},
        .spec = {.methods = frozenset_methods,
                 .doc = "A set that cannot change.",
                 .text_signature = "(iterable=(), /)"},
        .weaklistoffset = offsetof(PySetObject, weakreflist),
    };
    init_static_type(PyFrozenSet_Type, frozen);
    TRY(ready_type(t, &PyFrozenSet_Type));
    static const TypeDecl iter_decl = {
        .name = "set_iterator",
        .basicsize = sizeof(SetIterObject),
        .flags = kTpDefault | kTpHaveGC | kTpDisallowInstantiation,
        .slots = {.dealloc = set_iter_dealloc,
                  .traverse = set_iter_traverse,
                  .iter = iter_self,
                  .iternext = set_iter_next},
        .spec = {.methods = set_iter_methods},
    };
    init_static_type(set_iterator_type, iter_decl);
    return ready_type(t, &set_iterator_type);
}

}  // namespace krait

krait::Type PySet_Type, PyFrozenSet_Type;

// What C code calls it.
extern "C" __attribute__((visibility("default"),
                          alias("_ZN5krait12_GLOBAL__N_117set_iterator_typeE"))) krait::Type PySetIter_Type;
