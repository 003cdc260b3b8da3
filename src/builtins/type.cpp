// The type `type`: attributes of classes, calling them, their life and death.
#include <cstring>

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "builtins/type_flags.h"
#include "gc/state.h"
#include "object/attributes.h"
#include "object/boundary.h"
#include "object/errors.h"
#include "object/instance.h"
#include "object/internal.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait {

Result<bool> real_is_instance(Thread& t, Value v, Value cls);
Result<bool> real_is_subclass(Thread& t, Value derived, Value cls);
Raised raise_attribute_error(Thread& t, Value obj, Value name);
extern const GetSetDef kTypeGetSet[];
extern const MemberDef kTypeMembers[];

namespace {

const char* name_of_type(Value v) { return type_of(v)->tp_name; }

void decorate_error(Thread& t, Value obj, Value name) {
    PyObject* exc = t.c.current_exception;
    if (!exc || exc->ob_type != PyExc_AttributeError) return;
    auto* e = reinterpret_cast<PyAttributeErrorObject*>(exc);
    if (e->name || e->obj) return;
    e->name = Ref::share(name).release();
    e->obj = Ref::share(obj).release();
}

Status immutable(Thread& t, PyTypeObject* type, Value name) {
    if (!(type->tp_flags & kTpImmutableType)) return Status::ok();
    return raise(t, PyExc_TypeError, "cannot set %R attribute of immutable type '%s'", name, type->tp_name);
}

}  // namespace

// --- attributes ---

Maybe type_find_attr(Thread& t, Value self, Value name) {
    PyTypeObject *type = as_type(self), *meta = type_of(self);
    if (!(type->tp_flags & (kTpReady | kTpReadying))) [[unlikely]]
        if (!ready_foreign_type(t, type)) return {};
    Ref meta_attr = Ref::share(type_lookup(meta, name));
    DescrGetFn meta_get = nullptr;
    if (meta_attr) {
        const Slots& s = ext(type_of(meta_attr))->slots;
        meta_get = s.descr_get;
        if (meta_get && s.descr_set) return meta_get(t, meta_attr, self, Value(meta));
    }
    if (Value found = type_lookup(type, name)) {
        Ref attr = Ref::share(found);
        if (DescrGetFn get = ext(type_of(attr))->slots.descr_get) return get(t, attr, Value(), self);
        return attr;
    }
    if (meta_get) return meta_get(t, meta_attr, self, Value(meta));
    if (meta_attr) return meta_attr;
    return Maybe::absent();
}

Ref type_get_attr(Thread& t, Value self, Value name) {
    if (!is_str(name))
        return raise(t, PyExc_TypeError, "attribute name must be string, not '%.200s'", name_of_type(name));
    Maybe found = type_find_attr(t, self, name);
    if (!found) return {};
    if (found.has_value()) return found.take();
    (void)static_cast<Status>(raise(t, PyExc_AttributeError, "type object '%.100s' has no attribute '%U'",
                                    as_type(self)->tp_name, name));
    decorate_error(t, self, name);
    return {};
}

Status type_set_attr_unchecked(Thread& t, PyTypeObject* type, Value name, Value value) {
    Value self(type);
    PyTypeObject* meta = type_of(self);
    Ref interned = is_str_exact(name) ? TRY(str_intern(t, Ref::share(name))) : Ref::share(name);
    if (Value found = type_lookup(meta, interned)) {
        if (SetAttrFn set = ext(type_of(found))->slots.descr_set) {
            Ref descr = Ref::share(found);
            return set(t, descr, self, value);
        }
    }
    if (!type->tp_dict && value) [[unlikely]] {
        // C code sets attributes of types that it is still to make ready (mypyc does).
        type->tp_dict = TRY(dict_new(t)).release().ptr();
        return dict_set(t, Value(type->tp_dict), interned, value);
    }
    Ref dict = Ref::share(Value(type->tp_dict));
    if (value) {
        // Kept until the caches know: the old value may die with its entry.
        Ref old = Ref::share(dict_get_str(dict, interned));
        type_modified(type);
        TRY(dict_set(t, dict, interned, value));
        type_modified(type);
        if (is_slot_name(interned)) update_slots_for_name(type, interned);
        return Status::ok();
    }
    Maybe popped = dict_pop(t, dict, interned);
    if (!popped) return {};
    Ref old = popped.take();
    if (!old) {
        (void)static_cast<Status>(raise(t, PyExc_AttributeError, "type object '%.100s' has no attribute '%U'",
                                        type->tp_name, name));
        decorate_error(t, self, name);
        return {};
    }
    type_modified(type);
    if (is_slot_name(interned)) update_slots_for_name(type, interned);
    return Status::ok();
}

Status type_set_attr(Thread& t, Value self, Value name, Value value) {
    if (!is_str(name))
        return raise(t, PyExc_TypeError, "attribute name must be string, not '%.200s'", name_of_type(name));
    TRY(immutable(t, as_type(self), name));
    return type_set_attr_unchecked(t, as_type(self), name, value);
}

Ref type_qualname(Thread& t, PyTypeObject* type) {
    if (is_heap_type(type)) return Ref::share(Value(as_heap(type)->ht_qualname));
    return str_from(t, short_type_name(type));
}

Ref type_module(Thread& t, PyTypeObject* type) {
    // The dict of a static type may hold a descriptor of that name, for the instances.
    if (is_heap_type(type)) {
        if (Value m = dict_get_str(Value(type->tp_dict), ID(__module__))) return Ref::share(m);
        return raise_value(t, PyExc_AttributeError, ID(__module__));
    }
    const char* dot = strrchr(type->tp_name, '.');
    if (!dot) return str_intern(t, "builtins");
    return str_intern(t, TRY(str_from(t, type->tp_name, dot - type->tp_name)));
}

namespace {

// --- calling ---

Status type_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    if (nargs == 1 && kwnames && tuple_size(kwnames))
        return raise(t, PyExc_TypeError, "type.__init__() takes no keyword arguments");
    if (nargs != 1 && nargs != 3) return raise(t, PyExc_TypeError, "type.__init__() takes 1 or 3 arguments");
    return Status::ok();
}

Ref type_repr(Thread& t, Value self) {
    PyTypeObject* type = as_type(self);
    Ref module = type_module(t, type);
    if (!module && !clear_if(t, PyExc_AttributeError)) return {};
    Ref name = TRY(type_qualname(t, type));
    if (module && is_str(module) && !str_equal(module, "builtins"))
        return str_format(t, "<class '%U.%U'>", module.get(), name.get());
    return str_format(t, "<class '%s'>", type->tp_name);
}

Ref type_or(Thread& t, Value a, Value b) {
    if (!is_type(a) && !is_type(b)) return not_implemented_ref();
    return union_new(t, a, b);
}

// --- life ---

void type_dealloc(Thread& t, PyObject* o) {
    auto* h = Value(o).as<PyHeapTypeObject>();
    PyTypeObject* type = &h->ht_type;
    SavedError saved(t);
    if (type->tp_bases)
        for (int64_t i = 0; i < tuple_size(Value(type->tp_bases)); i++)
            remove_subclass(as_type(tuple_get(Value(type->tp_bases), i)), type);
    type_modified(type);
    auto drop = [](PyObject*& p) {
        PyObject* old = p;
        p = nullptr;
        if (old) decref(old);
    };
    drop(type->tp_dict);
    drop(type->tp_bases);
    drop(type->tp_mro);
    drop(h->ht_qualname);
    drop(h->ht_slots);
    drop(h->ht_module);
    drop(h->ht_name);
    if (auto* list = subclasses(type)) {
        mem_free(list->items);
        mem_free(list);
    }
    TypeExt* x = ext(type);
    if (x->owns_members) mem_free(type->tp_members);
    shared_keys_free(x->shared_keys);
    if (type->tp_base) decref(&type->tp_base->ob_base.ob_base);
    if (h->_ht_tpname) {  // from a spec, whose texts were copied
        mem_free(h->_ht_tpname);
        mem_free(const_cast<char*>(type->tp_doc));
    }
    type->tp_cache = nullptr;
    mem_free(x);
    free_object(t, o);
}

void type_traverse(PyObject* o, Visitor& v) {
    auto* h = Value(o).as<PyHeapTypeObject>();
    PyTypeObject* type = &h->ht_type;
    if (!is_heap_type(type)) return;
    v.visit(type->tp_dict);
    v.visit(type->tp_mro);
    v.visit(type->tp_bases);
    if (type->tp_base) v.visit(&type->tp_base->ob_base.ob_base);
    v.visit(h->ht_module);
}

void type_clear(Thread& t, PyObject* o) {
    auto* h = Value(o).as<PyHeapTypeObject>();
    PyTypeObject* type = &h->ht_type;
    type_modified(type);
    if (type->tp_dict) {
        Ref keep = Ref::share(Value(type->tp_dict));
        dict_clear(t, keep);
    }
    if (PyObject* m = h->ht_module) {
        h->ht_module = nullptr;
        decref(m);
    }
    // The MRO holds the type itself.
    if (PyObject* mro = type->tp_mro) {
        type->tp_mro = nullptr;
        decref(mro);
    }
}

// --- methods ---

Ref type_mro(Thread& t, Value self) {
    Ref tuple = TRY(mro_of(t, as_type(self)));
    return to_list(t, tuple);
}

Ref type_subclasses(Thread& t, Value self) {
    Ref list = TRY(list_new(t));
    // The interpreters share static types, but not the classes derived from them.
    bool alone = !g_runtime.interpreters->next;
    if (auto* s = subclasses(as_type(self)))
        for (size_t i = 0; i < s->size; i++) {
            PyObject* c = &s->items[i]->ob_base.ob_base;
            if (c->ob_refcnt && (alone || !has_preheader(c) || gc_owns(t, c)))
                TRY(list_append(t, list, Value(c)));
        }
    return list;
}

Ref type_prepare(Thread& t, Value, const Value*, size_t, Value) { return dict_new(t); }

Ref type_instancecheck(Thread& t, Value self, Value v) { return bool_ref(TRY(real_is_instance(t, v, self))); }
Ref type_subclasscheck(Thread& t, Value self, Value v) { return bool_ref(TRY(real_is_subclass(t, v, self))); }

Status merge_class_dict(Thread& t, Value into, Value cls) {
    Ref dict = TRY(lookup_attr(t, cls, ID(__dict__)));
    if (dict) TRY(dict_update(t, into, dict));
    Ref bases = TRY(lookup_attr(t, cls, ID(__bases__)));
    if (!bases) return Status::ok();
    // Anything with a length will do, as long as it is a sequence.
    int64_t n = TRY(length(t, bases));
    RecursionGuard guard(t, " in __dir__");
    if (!guard) return {};
    for (int64_t i = 0; i < n; i++) {
        Ref base = TRY(get_item(t, bases, i));
        TRY(merge_class_dict(t, into, base));
    }
    return Status::ok();
}

Ref type_dir(Thread& t, Value self) {
    Ref all = TRY(dict_new(t));
    TRY(merge_class_dict(t, all, self));
    return dict_keys_list(t, all);
}

Ref type_sizeof(Thread& t, Value self) {
    PyTypeObject* type = as_type(self);
    // As in CPython, which for each class of instances with a dict has a table of the names of 30 attributes.
    constexpr int64_t kKeys = 32 + 64 + 42 * 16;
    if (!(shown_type_flags(type) & kTpHeapType)) return int_from(t, sizeof(PyTypeObject));
    bool python = is_heap_type(type) && !ext(type)->spec && !ext(type)->is_c_type;
    int64_t n = sizeof(PyHeapTypeObject);
    return int_from(t, python && has_managed_dict(type) ? n + kKeys : n);
}

const NativeDef type_methods[] = {
    def<type_mro>("mro", "()", "The method resolution order of the class."),
    def<type_subclasses>("__subclasses__", "()", "The classes that directly derive from this one."),
    def<type_prepare>("__prepare__", "($cls, name, bases, /, **kwds)",
                      "Makes the namespace for a class statement.", kMethClass),
    def<type_instancecheck>("__instancecheck__", "(instance, /)", "Check if an object is an instance."),
    def<type_subclasscheck>("__subclasscheck__", "(subclass, /)", "Check if a class is a subclass."),
    def<type_dir>("__dir__", "()", "The attribute names of the class and its bases."),
    def<type_sizeof>("__sizeof__", "()", "The memory of the type object, in bytes."),
    {},
};

}  // namespace

Ref type_call(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    PyTypeObject* type = as_type(self);
    if (type == &PyType_Type) {
        if (nargs == 1 && (!kwnames || tuple_size(kwnames) == 0)) return Ref::share(Value(type_of(args[0])));
        if (nargs != 3) return raise(t, PyExc_TypeError, "type() takes 1 or 3 arguments");
    }
    if (type->tp_vectorcall) [[unlikely]]  // C's
        return call_vectorcall(t, reinterpret_cast<VectorcallFn>(type->tp_vectorcall), self, args, nargs,
                               kwnames);
    NewFn make = ext(type)->slots.new_;
    if (!make) return raise(t, PyExc_TypeError, "cannot create '%s' instances", type->tp_name);
    Ref obj = TRY(make(t, type, args, nargs, kwnames));
    PyTypeObject* made = type_of(obj);
    if (made != type && !is_subtype(made, type)) return obj;
    if (InitFn init = ext(made)->slots.init) TRY(init(t, obj, args, nargs, kwnames));
    return obj;
}

Status init_builtin_type(Thread& t) {
    static const TypeDecl decl{
        .name = "type",
        .basicsize = sizeof(PyHeapTypeObject),
        .itemsize = sizeof(PyMemberDef),
        .flags = kTpDefault | kTpHaveVectorcall | kTpBaseType | kTpHaveGC | kTpTypeSubclass | kTpItemsAtEnd,
        .slots = {.dealloc = type_dealloc,
                  .traverse = type_traverse,
                  .clear = type_clear,
                  .repr = type_repr,
                  .call = type_call,
                  .getattr = type_get_attr,
                  .setattr = type_set_attr,
                  .init = type_init,
                  .new_ = type_new,
                  .nb_or = type_or},
        .spec = {.methods = type_methods,
                 .getset = kTypeGetSet,
                 .members = kTypeMembers,
                 .doc = "type(object) -> the type of the object\n"
                        "type(name, bases, namespace, **keywords) -> a new class"},
        .weaklistoffset = offsetof(PyTypeObject, tp_weaklist),
        .dictoffset = offsetof(PyTypeObject, tp_dict),
    };
    init_static_type(PyType_Type, decl);
    return ready_type(t, &PyType_Type);
}

}  // namespace krait

krait::Type PyType_Type;
