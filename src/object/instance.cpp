#include "object/instance.h"

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/dict_table.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/errors.h"
#include "object/internal.h"
#include "object/names.h"
#include "object/protocol.h"
#include "object/watchers.h"

namespace krait {

SharedKeys* shared_keys_new(int capacity) {
    auto* keys = static_cast<SharedKeys*>(mem_alloc_zeroed(sizeof(SharedKeys)));
    if (keys)
        keys->capacity_hint = static_cast<uint8_t>(capacity > SharedKeys::kMax ? SharedKeys::kMax : capacity);
    return keys;
}

void shared_keys_free(SharedKeys* keys) {
    if (!keys) return;
    for (int i = 0; i < keys->count; i++) decref(keys->names[i]);
    mem_free(keys);
}

namespace {

// The dict word of an instance whose type keeps it at an offset; null when the type has none.
Value* dict_word(PyObject* o) {
    int64_t offset = o->ob_type->tp_dictoffset;
    if (offset == 0 || has_managed_dict(o->ob_type)) return nullptr;
    if (offset < 0) {
        // Counted from the end of the items.
        PyTypeObject* type = o->ob_type;
        int64_t n = reinterpret_cast<PyVarObject*>(o)->ob_size;
        if (n < 0) n = -n;
        int64_t size = type->tp_basicsize + n * type->tp_itemsize;
        offset += (size + 7) & ~int64_t{7};
    }
    return reinterpret_cast<Value*>(reinterpret_cast<char*>(o) + offset);
}

Maybe from_dict(Thread& t, Value dict, Value name) {
    if (Value v = dict_get_str(dict, name)) return Maybe::found(Ref::share(v));
    // Keys that are no plain str may still equal the name.
    if (is_dict_exact(dict) && dict_keys_of(dict)->str_only) return Maybe::absent();
    return dict_get(t, dict, name);
}

// Moves the inline values to a fresh dict, which is the truth from then on. Null: failed.
PyDictObject* make_managed_dict(Thread& t, PyObject* o) {
    TypeExt* x = ext(o->ob_type);
    PreHeader* head = preheader(o);
    Ref dict = dict_new(t, head->attr_last);
    if (!dict) return nullptr;
    if (head->attr_last) {
        Value* slots = inline_attrs(o, x);
        for (int i = 0; i < head->attr_last; i++)
            if (slots[i] && !dict_set(t, dict, x->shared_keys->names[i], slots[i])) return nullptr;
        int n = head->attr_last;
        head->attr_last = 0;
        for (int i = 0; i < n; i++) {
            Value v = slots[i];
            slots[i] = Value();
            xdecref(v);  // the dict holds it too: never the last count
        }
    }
    auto* d = dict.release().as<PyDictObject>();
    managed_dict(o) = d;
    return d;
}

}  // namespace

int instance_slot_for_store(Thread& t, PyObject* o, Value name) {
    TypeExt* x = ext(o->ob_type);
    PreHeader* head = preheader(o);
    SharedKeys* keys = x->shared_keys;
    if (!x->attr_offset || !keys || managed_dict(o)) return -1;
    int i = keys->find(name);
    if (i < 0) {
        if (keys->count >= SharedKeys::kMax) return -1;
        if (!str_is_interned(name)) return -1;
        i = keys->count;
        keys->names[i] = Ref::share(name).release();
        keys->count++;
        // Later instances get room for what the first ones turned out to need.
        if (keys->count > keys->capacity_hint) keys->capacity_hint = keys->count;
    }
    if (i >= head->attr_capacity) return -1;
    if (i < head->attr_last && !inline_attrs(o, x)[i]) return -1;  // would break the insertion order
    return i;
}

Maybe instance_get(Thread& t, Value obj, Value name) {
    PyObject* o = obj.ptr();
    PyTypeObject* type = o->ob_type;
    if (has_managed_dict(type)) {
        if (PyDictObject* d = managed_dict(o)) {
            if (Value v = dict_get_str(Value(&d->ob_base), name)) return Maybe::found(Ref::share(v));
            Ref keep = Ref::share(Value(&d->ob_base));
            return from_dict(t, keep, name);
        }
        TypeExt* x = ext(type);
        PreHeader* head = preheader(o);
        if (!head->attr_last) return Maybe::absent();
        int i = x->shared_keys->find(name);
        if (i < 0) {
            if (str_is_interned(name)) return Maybe::absent();
            Ref plain =
                is_str_exact(name) ? Ref::share(name) : TRY(str_substring(t, name, 0, str_length(name)));
            Ref canonical = TRY(str_intern(t, std::move(plain)));
            i = x->shared_keys->find(canonical);
        }
        if (i < 0 || i >= head->attr_last) return Maybe::absent();
        Value v = inline_attrs(o, x)[i];
        return v ? Maybe::found(Ref::share(v)) : Maybe::absent();
    }
    Value* word = dict_word(o);
    if (!word || !*word) return Maybe::absent();
    Ref keep = Ref::share(*word);
    return from_dict(t, keep, name);
}

Status instance_set(Thread& t, Value obj, Value name, Value value) {
    if (!value) {
        auto r = instance_delete(t, obj, name);
        return r ? Status::ok() : Status();
    }
    PyObject* o = obj.ptr();
    PyTypeObject* type = o->ob_type;
    if (has_managed_dict(type)) {
        Ref interned;
        if (!str_is_interned(name)) {
            interned = TRY(str_intern(t, Ref::share(name)));
            name = interned;
        }
        PyDictObject* d = managed_dict(o);
        if (!d) {
            int i = instance_slot_for_store(t, o, name);
            if (i >= 0) {
                Value* slot = &inline_attrs(o, ext(type))[i];
                Value old = *slot;
                incref(value);
                *slot = value;
                PreHeader* head = preheader(o);
                if (i >= head->attr_last) head->attr_last = static_cast<uint8_t>(i + 1);
                xdecref(old);
                return Status::ok();
            }
            d = make_managed_dict(t, o);
            if (!d) return {};
        }
        Ref keep = Ref::share(Value(&d->ob_base));
        // Of an attribute that stays what it was watchers are told, too.
        if (is_watched(d) && dict_get_str(keep, name) == value) [[unlikely]]
            tell_dict_watchers(t, d, DictEvent::Modified, name, value);
        return dict_set(t, keep, name, value);
    }
    Value* word = dict_word(o);
    if (!word) return raise_value(t, PyExc_AttributeError, name);
    if (!*word) *word = TRY(dict_new(t)).release();
    Ref keep = Ref::share(*word);
    return dict_set(t, keep, name, value);
}

Result<bool> instance_delete(Thread& t, Value obj, Value name) {
    PyObject* o = obj.ptr();
    PyTypeObject* type = o->ob_type;
    if (has_managed_dict(type) && !managed_dict(o)) {
        TypeExt* x = ext(type);
        PreHeader* head = preheader(o);
        if (!head->attr_last) return false;
        Ref interned = TRY(str_intern(t, Ref::share(name)));
        int i = x->shared_keys->find(interned);
        if (i < 0 || i >= head->attr_last) return false;
        Value* slots = inline_attrs(o, x);
        Value old = slots[i];
        if (!old) return false;
        slots[i] = Value();
        while (head->attr_last && !slots[head->attr_last - 1]) head->attr_last--;
        decref(old);
        return true;
    }
    Value dict = instance_dict_if_made(obj);
    if (!dict) return false;
    Ref keep = Ref::share(dict);
    return dict_delete(t, keep, name);
}

Ref instance_dict(Thread& t, Value obj) {
    PyObject* o = obj.is_ptr() ? obj.ptr() : nullptr;
    if (o && has_managed_dict(o->ob_type)) {
        PyDictObject* d = managed_dict(o);
        if (!d) d = make_managed_dict(t, o);
        return d ? Ref::share(Value(&d->ob_base)) : Ref();
    }
    Value* word = o ? dict_word(o) : nullptr;
    if (!word) return raise(t, PyExc_AttributeError, "This object has no __dict__");
    if (!*word) *word = TRY(dict_new(t)).release();
    return Ref::share(*word);
}

Status instance_set_dict(Thread& t, Value obj, Value dict) {
    PyObject* o = obj.is_ptr() ? obj.ptr() : nullptr;
    bool managed = o && has_managed_dict(o->ob_type);
    Value* word = o && !managed ? dict_word(o) : nullptr;
    if (!managed && !word) return raise(t, PyExc_AttributeError, "This object has no __dict__");
    if (dict && !is_dict(dict))
        return raise(t, PyExc_TypeError, "__dict__ must be set to a dictionary, not a '%.200s'",
                     type_of(dict)->tp_name);
    if (!managed) {
        Value old = *word;
        xincref(dict);
        *word = dict;
        xdecref(old);
        return Status::ok();
    }
    // Whoever holds the old dict keeps its contents; values that were never in a dict die.
    Ref replacement = dict ? Ref::share(dict) : TRY(dict_new(t));
    PyDictObject* old = managed_dict(o);
    PreHeader* head = preheader(o);
    managed_dict(o) = replacement.release().as<PyDictObject>();
    if (old) {
        decref(&old->ob_base);
        return Status::ok();
    }
    Value* slots = head->attr_last ? inline_attrs(o, ext(o->ob_type)) : nullptr;
    Value dying[SharedKeys::kMax];
    int n = head->attr_last;
    for (int i = 0; i < n; i++) {
        dying[i] = slots[i];
        slots[i] = Value();
    }
    head->attr_last = 0;
    for (int i = 0; i < n; i++) xdecref(dying[i]);
    return Status::ok();
}

Value instance_dict_if_made(Value obj) {
    if (!obj.is_ptr()) return {};
    PyObject* o = obj.ptr();
    if (has_managed_dict(o->ob_type)) {
        PyDictObject* d = managed_dict(o);
        return d ? Value(&d->ob_base) : Value();
    }
    Value* word = dict_word(o);
    return word ? *word : Value();
}

bool instance_dict_is_empty(Value obj) {
    if (Value dict = instance_dict_if_made(obj)) return dict_size(dict) == 0;
    PyObject* o = obj.ptr();
    return !has_managed_dict(o->ob_type) || preheader(o)->attr_last == 0;
}

void visit_instance(PyObject* o, Visitor& visitor) {
    PyTypeObject* type = o->ob_type;
    if (has_managed_dict(type)) {
        if (PyDictObject* d = managed_dict(o)) return visitor.visit(&d->ob_base);
        PreHeader* head = preheader(o);
        if (!head->attr_last) return;
        Value* slots = inline_attrs(o, ext(type));
        for (int i = 0; i < head->attr_last; i++) visitor.visit(slots[i]);
        return;
    }
    if (Value* word = dict_word(o)) visitor.visit(*word);
}

void clear_instance(Thread& t, PyObject* o) {
    PyTypeObject* type = o->ob_type;
    if (!has_managed_dict(type)) {
        if (Value* word = dict_word(o)) {
            Value old = *word;
            *word = Value();
            xdecref(old);
        }
        return;
    }
    if (PyDictObject* d = managed_dict(o)) {
        managed_dict(o) = nullptr;
        decref(&d->ob_base);
        return;
    }
    PreHeader* head = preheader(o);
    int n = head->attr_last;
    if (!n) return;
    Value* slots = inline_attrs(o, ext(type));
    head->attr_last = 0;
    for (int i = 0; i < n; i++) {
        Value v = slots[i];
        slots[i] = Value();
        xdecref(v);
        // What a finalizer stored meanwhile went to the slots again: they are cleared as the loop passes, or
        // live in attr_last below.
    }
    if (head->attr_last) clear_instance(t, o);
    if (managed_dict(o)) clear_instance(t, o);
}

// --- instances of heap types: members of `__slots__`, attributes, then what the builtin base does ---

namespace {

template <class Fn>
void for_each_slot_member(PyTypeObject* type, PyObject* o, Fn fn) {
    for (PyMemberDef* m = type->tp_members; m && m->name; m++)
        if (m->type == static_cast<int>(MemberKind::ObjectEx) && !(m->flags & kReadonly))
            fn(reinterpret_cast<Value*>(reinterpret_cast<char*>(o) + m->offset));
}

bool is_python_class(const PyTypeObject* type) { return ext(type)->slots.dealloc == heap_dealloc; }

}  // namespace

void heap_traverse(PyObject* o, Visitor& v) {
    PyTypeObject* base = o->ob_type;
    for (; is_python_class(base); base = base->tp_base)
        for_each_slot_member(base, o, [&](Value* p) { v.visit(*p); });
    // A dict word that the builtin base knows is visited by its own traverse.
    if (has_managed_dict(o->ob_type) || o->ob_type->tp_dictoffset != base->tp_dictoffset)
        visit_instance(o, v);
    if (TraverseFn fn = ext(base)->slots.traverse) fn(o, v);
}

void heap_clear(Thread& t, PyObject* o) {
    PyTypeObject* base = o->ob_type;
    for (; is_python_class(base); base = base->tp_base)
        for_each_slot_member(base, o, [&](Value* p) {
            Value old = *p;
            *p = Value();
            xdecref(old);
        });
    if (has_managed_dict(o->ob_type) || o->ob_type->tp_dictoffset != base->tp_dictoffset)
        clear_instance(t, o);
    if (ClearFn fn = ext(base)->slots.clear) fn(t, o);
}

void heap_dealloc(Thread& t, PyObject* o) {
    PyTypeObject* type = o->ob_type;
    PyTypeObject* base = type;
    for (; is_python_class(base); base = base->tp_base)
        for_each_slot_member(base, o, [&](Value* p) {
            Value old = *p;
            *p = Value();
            xdecref(old);
        });
    if (has_managed_dict(type) || type->tp_dictoffset != base->tp_dictoffset) clear_instance(t, o);
    // C deallocators of static types leave the count of a heap type to their caller.
    bool give_back = ext(base)->c_dealloc && !(base->tp_flags & kTpHeapType);
    ext(base)->slots.dealloc(t, o);
    if (give_back) decref(&type->ob_base.ob_base);
}

// --- `__dict__` and `__weakref__` ---

namespace {

// A builtin base with a `__dict__` of its own (exceptions, functions ...) answers for its Python subclasses.
Value builtin_dict_descriptor(PyTypeObject* type) {
    for (; type && is_heap_type(type); type = type->tp_base) {
    }
    if (!type || type->tp_dictoffset == 0) return {};
    Value d = type_lookup(type, ID(__dict__));
    return d && is_data_descriptor(d) ? d : Value();
}

Ref dict_getter(Thread& t, Value self, void*) {
    if (Value d = builtin_dict_descriptor(type_of(self)))
        return ext(type_of(d))->slots.descr_get(t, d, self, Value(type_of(self)));
    return instance_dict(t, self);
}
Status dict_setter(Thread& t, Value self, Value value, void*) {
    if (Value d = builtin_dict_descriptor(type_of(self)))
        return ext(type_of(d))->slots.descr_set(t, d, self, value);
    return instance_set_dict(t, self, value);
}
Ref weakref_getter(Thread& t, Value self, void*) {
    PyObject** list = self.is_ptr() ? weaklist_slot(self.ptr()) : nullptr;
    if (!list) return raise(t, PyExc_AttributeError, "This object has no __weakref__");
    return *list ? Ref::share(Value(*list)) : none_ref();
}

}  // namespace

const GetSetDef kDictGetSet =
    getset("__dict__", dict_getter, dict_setter, "dictionary for instance variables");
const GetSetDef kWeakrefGetSet =
    getset("__weakref__", weakref_getter, nullptr, "list of weak references to the object");

}  // namespace krait
