// type.__new__: making a class from its name, bases and namespace.
#include <cstring>

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/attributes.h"
#include "object/errors.h"
#include "object/instance.h"
#include "object/internal.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait {

Value current_globals(Thread& t);  // interp

namespace {

// What is known while one class is made.
struct Making {
    Thread& t;
    PyTypeObject* meta;
    PyTypeObject* base = nullptr;
    Value name, bases;  // borrowed
    Ref dict;           // the class's own copy of the namespace
    Ref slots;          // sorted tuple of mangled names, or empty where `__slots__` was not given
    bool add_dict = false, add_weak = false;
    int64_t n_slots = 0;
};

const char* type_name(Value v) { return type_of(v)->tp_name; }

Value in_dict(const Making& m, Value name) { return dict_get_str(m.dict, name); }

// --- `__slots__` ---

// Private names are spelled with the class name, as the compiler does in the class body.
Ref mangle(Thread& t, Value class_name, Value name) {
    int64_t n = str_length(name);
    bool is_private = n > 2 && str_char(name, 0) == '_' && str_char(name, 1) == '_' &&
                      !(n > 4 && str_char(name, n - 1) == '_' && str_char(name, n - 2) == '_');
    if (!is_private) return Ref::share(name);
    int64_t skip = 0, len = str_length(class_name);
    while (skip < len && str_char(class_name, skip) == '_') skip++;
    if (skip == len) return Ref::share(name);
    Ref stem = TRY(str_substring(t, class_name, skip, len));
    return str_format(t, "_%U%U", stem.get(), name);
}

Status check_slot_name(Thread& t, Value v) {
    if (!is_str(v))
        return raise(t, PyExc_TypeError, "__slots__ items must be strings, not '%.200s'", type_name(v));
    Ref ok = TRY(call_method(t, v, "isidentifier"));
    if (ok.get() != boolean(true)) return raise(t, PyExc_TypeError, "__slots__ must be identifiers");
    return Status::ok();
}

Status collect_slots(Making& m, Value given) {
    Thread& t = m.t;
    Ref items = is_str(given) ? TRY(tuple_of(t, {given})) : TRY(to_tuple(t, given));
    int64_t n = tuple_size(items);
    if (n > 0 && m.base->tp_itemsize != 0)
        return raise(t, PyExc_TypeError, "nonempty __slots__ not supported for subtype of '%s'",
                     m.base->tp_name);
    bool may_dict = m.base->tp_dictoffset == 0,
         may_weak = m.base->tp_weaklistoffset == 0 && m.base->tp_itemsize == 0;
    Ref names = TRY(list_new(t));
    for (int64_t i = 0; i < n; i++) {
        Value name = tuple_get(items, i);
        TRY(check_slot_name(t, name));
        if (str_equal(name, ID(__dict__))) {
            if (!may_dict || m.add_dict)
                return raise(t, PyExc_TypeError, "__dict__ slot disallowed: we already got one");
            m.add_dict = true;
            continue;
        }
        if (str_equal(name, ID(__weakref__))) {
            if (!may_weak || m.add_weak)
                return raise(t, PyExc_TypeError, "__weakref__ slot disallowed: we already got one");
            m.add_weak = true;
            continue;
        }
        Ref mangled = TRY(mangle(t, m.name, name));
        mangled = TRY(str_intern(t, std::move(mangled)));
        if (in_dict(m, mangled) && !str_equal(name, ID(__qualname__)) &&
            !str_equal(name, ID(__classcell__)) && !str_equal(name, ID(__classdictcell__)))
            return raise(t, PyExc_ValueError, "%R in __slots__ conflicts with class variable", name);
        TRY(list_append(t, names, mangled));
    }
    TRY(list_sort(t, names));
    m.n_slots = list_size(names);
    m.slots = TRY(list_to_tuple(t, names));
    // A further base may bring a dict or weak references that the best base lacks.
    for (int64_t i = 0; i < tuple_size(m.bases) && (may_dict || may_weak); i++) {
        PyTypeObject* b = as_type(tuple_get(m.bases, i));
        if (b == m.base) continue;
        if (may_dict && b->tp_dictoffset != 0) m.add_dict = true;
        if (may_weak && b->tp_weaklistoffset != 0) m.add_weak = true;
    }
    return Status::ok();
}

Status decide_layout(Making& m) {
    Value given = in_dict(m, ID(__slots__));
    if (given) {
        Ref keep = Ref::share(given);
        return collect_slots(m, keep);
    }
    m.add_dict = m.base->tp_dictoffset == 0;
    m.add_weak = m.base->tp_weaklistoffset == 0 && m.base->tp_itemsize == 0;
    return Status::ok();
}

// --- the type object ---

int static_attribute_count(const Making& m) {
    int n = 0;
    if (Value own = in_dict(m, ID(__static_attributes__)); own && is_tuple(own))
        n += static_cast<int>(tuple_size(own));
    for (int64_t i = 0; i < tuple_size(m.bases); i++) {
        TypeExt* x = ext(as_type(tuple_get(m.bases, i)));
        if (x->shared_keys) n += x->shared_keys->capacity_hint;
    }
    return n;
}

Ref allocate(Making& m) {
    Thread& t = m.t;
    auto utf8 = TRY(str_utf8(t, m.name));
    if (memchr(utf8.data(), 0, utf8.size()))
        return raise(t, PyExc_ValueError, "type name must not contain null characters");
    bool inside = m.n_slots && m.meta->tp_itemsize == sizeof(PyMemberDef);
    Ref made = TRY(alloc_heap_type_with(t, m.meta, inside ? m.n_slots : 0));
    auto* h = made.as<PyHeapTypeObject>();
    PyTypeObject* type = &h->ht_type;
    type->tp_flags = kTpHeapType | kTpBaseType | kTpHaveGC | kTpReadying;
    h->ht_name = Ref::share(m.name).release().ptr();
    h->ht_qualname = Ref::share(m.name).release().ptr();
    type->tp_name = utf8.data();
    type->tp_base = m.base;
    incref(&m.base->ob_base.ob_base);
    type->tp_bases = Ref::share(m.bases).release().ptr();
    type->tp_dict = m.dict.share().release().ptr();
    TypeExt* x = ext(type);
    x->slots.dealloc = heap_dealloc;
    x->slots.traverse = heap_traverse;
    x->slots.clear = heap_clear;
    x->is_c_type = ext(m.base)->is_c_type;
    if (m.slots) h->ht_slots = m.slots.share().release().ptr();
    return made;
}

Status set_layout(Making& m, PyTypeObject* type) {
    auto* h = as_heap(type);
    PyTypeObject* base = m.base;
    int64_t offset = base->tp_basicsize;
    type->tp_itemsize = base->tp_itemsize;
    if (m.n_slots) {
        offset = (offset + 7) & ~int64_t{7};
        auto* members = reinterpret_cast<PyMemberDef*>(reinterpret_cast<char*>(type) + m.meta->tp_basicsize);
        if (type->ob_base.ob_size == 0) {
            members = static_cast<PyMemberDef*>(mem_alloc_zeroed((m.n_slots + 1) * sizeof(PyMemberDef)));
            if (!members) return raise_no_memory(m.t);
            ext(type)->owns_members = true;
        }
        type->tp_members = members;
        for (int64_t i = 0; i < m.n_slots; i++) {
            auto name = TRY(str_utf8(m.t, tuple_get(Value(h->ht_slots), i)));
            members[i] = {name.data(), static_cast<int>(MemberKind::ObjectEx), offset, 0, nullptr};
            offset += sizeof(Value);
        }
    }
    type->tp_basicsize = offset;
    type->tp_flags |= base->tp_flags & (kTpManagedDict | kTpManagedWeakref | kTpInlineValues);
    type->tp_dictoffset = base->tp_dictoffset;
    type->tp_weaklistoffset = base->tp_weaklistoffset;
    if (m.add_dict) {
        type->tp_flags |= kTpManagedDict;
        type->tp_dictoffset = -1;
    }
    if (m.add_weak) {
        type->tp_flags |= kTpManagedWeakref;
        type->tp_weaklistoffset = -32;
    }
    TypeExt* x = ext(type);
    if (has_managed_dict(type) && type->tp_itemsize == 0) {
        int count = static_attribute_count(m);
        x->shared_keys = shared_keys_new(count ? count + 1 : 3);
        if (!x->shared_keys) return raise_no_memory(m.t);
        x->attr_offset = static_cast<uint32_t>((offset + 7) & ~int64_t{7});
        type->tp_flags |= kTpInlineValues;
    }
    return Status::ok();
}

// --- the namespace ---

Status set_module(Making& m) {
    if (in_dict(m, ID(__module__))) return Status::ok();
    Value globals = current_globals(m.t);
    if (!globals || !is_dict(globals)) return Status::ok();
    if (Value name = dict_get_str(globals, ID(__name__))) return dict_set(m.t, m.dict, ID(__module__), name);
    return Status::ok();
}

Status set_qualname(Making& m, PyTypeObject* type) {
    Value q = in_dict(m, ID(__qualname__));
    if (!q) return Status::ok();
    if (!is_str(q)) return raise(m.t, PyExc_TypeError, "type __qualname__ must be a str, not %T", q);
    PyObject* old = as_heap(type)->ht_qualname;
    as_heap(type)->ht_qualname = Ref::share(q).release().ptr();
    decref(old);
    TRY(dict_delete(m.t, m.dict, ID(__qualname__)));
    return Status::ok();
}

Status wrap_function(Making& m, Value name, Ref (*wrap)(Thread&, Value)) {
    Value f = in_dict(m, name);
    if (!f || !has_type(f, &PyFunction_Type)) return Status::ok();
    Ref wrapped = TRY(wrap(m.t, f));
    return dict_set(m.t, m.dict, name, wrapped);
}

Status add_descriptors(Making& m, PyTypeObject* type) {
    for (int64_t i = 0; i < m.n_slots; i++) {
        Value name = tuple_get(m.slots, i);
        if (in_dict(m, name)) continue;
        TRY(dict_set(m.t, m.dict, name, TRY(member_descr_new(m.t, type, type->tp_members[i]))));
    }
    if (m.add_dict && !in_dict(m, ID(__dict__)))
        TRY(dict_set(m.t, m.dict, ID(__dict__), TRY(getset_descr_new(m.t, type, kDictGetSet))));
    if (m.add_weak && !in_dict(m, ID(__weakref__)))
        TRY(dict_set(m.t, m.dict, ID(__weakref__), TRY(getset_descr_new(m.t, type, kWeakrefGetSet))));
    return Status::ok();
}

Status set_cell(Making& m, Value key, Value content) {
    Value cell = in_dict(m, key);
    if (!cell) return Status::ok();
    if (!has_type(cell, &PyCell_Type))
        return raise(m.t, PyExc_TypeError, "%U must be a nonlocal cell, not %.200R", key,
                     Value(type_of(cell)));
    auto* c = cell.as<PyCellObject>();
    Value old = c->ob_ref;
    incref(content);
    c->ob_ref = content;
    xdecref(old);
    TRY(dict_delete(m.t, m.dict, key));
    return Status::ok();
}

Status fill_namespace(Making& m, PyTypeObject* type) {
    TRY(set_module(m));
    TRY(set_qualname(m, type));
    TRY(wrap_function(m, ID(__new__), staticmethod_new));
    TRY(wrap_function(m, ID(__init_subclass__), classmethod_new));
    TRY(wrap_function(m, ID(__class_getitem__), classmethod_new));
    // A slot may be called as one of the cells: the cell leaves the namespace before the descriptor comes.
    TRY(set_cell(m, ID(__classcell__), Value(type)));
    TRY(set_cell(m, ID(__classdictcell__), m.dict));
    if (Value doc = in_dict(m, ID(__doc__)); doc && is_str(doc)) TRY(str_utf8(m.t, doc));  // C reads it so
    int64_t pos = 0;
    Value key, value;
    while (dict_next(m.dict, pos, key, value)) {
        if (is_str_exact(key)) continue;
        TRY(warn(m.t, PyExc_RuntimeWarning, 1, "non-string key in the __dict__ of class %.200s",
                 type->tp_name));
        break;
    }
    return add_descriptors(m, type);
}

// --- after the type works ---

Status make_ready(Making& m, PyTypeObject* type) {
    Thread& t = m.t;
    if (!in_dict(m, ID(__doc__))) TRY(dict_set(t, m.dict, ID(__doc__), none()));
    TRY(compute_mro(t, type));
    inherit_slots(type);
    if (!ext(type)->slots.hash && !in_dict(m, ID(__hash__))) {
        TRY(dict_set(t, m.dict, ID(__hash__), none()));
        ext(type)->slots.hash = hash_not_implemented;
    }
    Value bases(type->tp_bases);  // mro() may have assigned others
    for (int64_t i = 0; i < tuple_size(bases); i++) TRY(add_subclass(t, as_type(tuple_get(bases, i)), type));
    type->tp_flags = (type->tp_flags | kTpReady) & ~uint64_t{kTpReadying};
    update_new_slots(type);
    return Status::ok();
}

Status add_set_name_note(Thread& t, PyTypeObject* type, Value name, Value value) {
    Ref exc = fetch_error(t);
    Ref note =
        str_format(t, "Error calling __set_name__ on '%T' instance %R in '%s'", value, name, type->tp_name);
    if (note) {
        Ref done = call_method(t, exc, ID(add_note), {note});
        if (!done) clear_error(t);
    } else {
        clear_error(t);
    }
    restore_error(t, std::move(exc));
    return {};
}

Status call_set_names(Thread& t, PyTypeObject* type) {
    Ref items = TRY(dict_copy(t, Value(type->tp_dict)));
    int64_t pos = 0;
    Value key, value;
    while (dict_next(items, pos, key, value)) {
        if (!value.is_ptr()) continue;
        Maybe found = lookup_special(t, value, ID(__set_name__));
        if (!found) return add_set_name_note(t, type, key, value);
        Ref method = found.take();
        if (!method) continue;
        Ref r = call(t, method, {Value(type), key});
        if (!r) return add_set_name_note(t, type, key, value);
    }
    return Status::ok();
}

Status call_init_subclass(Thread& t, PyTypeObject* type, const Value* kwvalues, Value kwnames) {
    // super(type, type).__init_subclass__(**kwargs)
    Value mro(type->tp_mro);
    bool listed = false;
    for (int64_t i = 0; i < tuple_size(mro); i++) listed |= tuple_get(mro, i) == Value(type);
    if (!listed)
        return raise(t, PyExc_TypeError,
                     "super(type, obj): obj (type %s) is not an instance or subtype of type (%s).",
                     type->tp_name, type->tp_name);
    for (int64_t i = 1; i < tuple_size(mro); i++) {
        PyTypeObject* base = as_type(tuple_get(mro, i));
        Value found = base->tp_dict ? dict_get_str(Value(base->tp_dict), ID(__init_subclass__)) : Value();
        if (!found) continue;
        if (base == &PyBaseObject_Type && (!kwnames || tuple_size(kwnames) == 0)) return Status::ok();
        Ref method = Ref::share(found);
        if (DescrGetFn get = ext(type_of(found))->slots.descr_get)
            method = TRY(get(t, method, Value(type), Value(type)));
        Ref done = call(t, method, kwvalues, 0, kwnames);
        return done ? Status::ok() : Status();
    }
    return Status::ok();
}

Ref make_class(Making& m) {
    Thread& t = m.t;
    m.base = best_base(t, m.bases);
    if (!m.base) return {};
    TRY(decide_layout(m));
    Ref made = TRY(allocate(m));
    PyTypeObject* type = as_type(made);
    TRY(set_layout(m, type));
    TRY(fill_namespace(m, type));
    TRY(make_ready(m, type));
    return made;
}

// Keys that are plain, interned str make the class dict's look-ups cheap.
Ref copy_namespace(Thread& t, Value ns) { return dict_copy(t, ns); }

// The most derived metaclass of `meta` and the bases' types; null with an exception.
PyTypeObject* winning_metaclass(Thread& t, PyTypeObject* meta, Value bases) {
    PyTypeObject* winner = meta;
    for (int64_t i = 0; i < tuple_size(bases); i++) {
        PyTypeObject* candidate = type_of(tuple_get(bases, i));
        if (is_subtype(winner, candidate)) continue;
        if (is_subtype(candidate, winner)) {
            winner = candidate;
            continue;
        }
        (void)static_cast<Status>(raise(
            t, PyExc_TypeError,
            "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the "
            "metaclasses of all its bases"));
        return nullptr;
    }
    return winner;
}

Status check_bases(Thread& t, Value bases) {
    for (int64_t i = 0; i < tuple_size(bases); i++) {
        Value base = tuple_get(bases, i);
        if (is_type(base)) continue;
        if (TRY(has_attr(t, base, ID(__mro_entries__))))
            return raise(t, PyExc_TypeError,
                         "type() doesn't support MRO entry resolution; use types.new_class()");
    }
    return Status::ok();
}

}  // namespace

Ref type_new(Thread& t, PyTypeObject* meta, const Value* args, size_t nargs, Value kwnames) {
    if (nargs != 3)
        return raise(t, PyExc_TypeError, "type.__new__() takes exactly 3 arguments (%zu given)", nargs);
    if (!is_str(args[0]))
        return raise(t, PyExc_TypeError, "type.__new__() argument 1 must be str, not %K", args[0]);
    if (!is_tuple(args[1]))
        return raise(t, PyExc_TypeError, "type.__new__() argument 2 must be tuple, not %K", args[1]);
    if (!is_dict(args[2]))
        return raise(t, PyExc_TypeError, "type.__new__() argument 3 must be dict, not %K", args[2]);
    Ref bases = Ref::share(args[1]);
    if (tuple_size(bases) == 0) {
        bases = TRY(tuple_of(t, {Value(&PyBaseObject_Type)}));
    } else {
        TRY(check_bases(t, bases));
        PyTypeObject* winner = winning_metaclass(t, meta, bases);
        if (!winner) return {};
        if (winner != meta) {
            NewFn fn = ext(winner)->slots.new_;
            if (!fn) return raise(t, PyExc_TypeError, "cannot create '%N' instances", Value(winner));
            if (fn != type_new) return fn(t, winner, args, nargs, kwnames);
            meta = winner;
        }
    }
    Making m{.t = t, .meta = meta, .name = args[0], .bases = bases};
    m.dict = TRY(copy_namespace(t, args[2]));
    Ref made = TRY(make_class(m));
    PyTypeObject* type = as_type(made);
    TRY(call_set_names(t, type));
    TRY(call_init_subclass(t, type, args + nargs, kwnames));
    return made;
}

Ref new_class(Thread& t, Value name, Value bases, Value ns) {
    Value args[] = {name, bases, ns};
    return type_new(t, &PyType_Type, args, 3, {});
}

}  // namespace krait
