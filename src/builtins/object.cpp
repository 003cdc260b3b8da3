// The type `object`.
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "builtins/type_flags.h"
#include "gc/gc.h"
#include "object/attributes.h"
#include "object/errors.h"
#include "object/instance.h"
#include "object/internal.h"
#include "object/names.h"
#include "object/per_interpreter.h"
#include "object/protocol.h"

namespace krait {

namespace {

bool has_arguments(size_t nargs, Value kwnames) { return nargs || (kwnames && tuple_size(kwnames)); }

Raised raise_abstract(Thread& t, PyTypeObject* type) {
    Ref methods = get_attr(t, Value(type), ID(__abstractmethods__));
    if (!methods) return {};
    Ref sorted = to_list(t, methods);
    if (!sorted || !list_sort(t, sorted)) return {};
    StrBuilder text(t);
    for (int64_t i = 0; i < list_size(sorted); i++) {
        if (i && !text.ascii(", ")) return {};
        Value name = list_get(sorted, i);
        if (!is_str(name))
            return raise(t, PyExc_TypeError, "sequence item %lld: expected str instance, %T found",
                         static_cast<long long>(i), name);
        if (!text.ascii("'") || !text.append(name) || !text.ascii("'")) return {};
    }
    Ref list = text.finish();
    if (!list) return {};
    return raise(t, PyExc_TypeError,
                 "Can't instantiate abstract class %s without an implementation for abstract method%s %U",
                 type->tp_name, list_size(sorted) > 1 ? "s" : "", list.get());
}

Ref object_repr(Thread& t, Value self) {
    PyTypeObject* type = type_of(self);
    Ref module = type_module(t, type);
    if (!module) clear_error(t);
    Ref name = TRY(type_qualname(t, type));
    void* p = reinterpret_cast<void*>(self.bits);
    if (module && is_str(module) && !str_equal(module, "builtins"))
        return str_format(t, "<%U.%U object at %p>", module.get(), name.get(), p);
    return str_format(t, "<%s object at %p>", type->tp_name, p);
}

Ref object_str(Thread& t, Value self) {
    UnaryFn fn = ext(type_of(self))->slots.repr;
    return fn ? fn(t, self) : object_repr(t, self);
}

Result<int64_t> object_hash(Thread&, Value self) { return hash_pointer(reinterpret_cast<void*>(self.bits)); }

Ref object_compare(Thread& t, Value self, Value other, CompareOp op) {
    if (op == kEq) return is_same(self, other) ? bool_ref(true) : not_implemented_ref();
    if (op != kNe) return not_implemented_ref();
    // By default != is the opposite of ==, unless that gives NotImplemented.
    CompareFn fn = ext(type_of(self))->slots.richcompare;
    if (!fn) return not_implemented_ref();
    Ref r = TRY(fn(t, self, other, kEq));
    if (r.get() == not_implemented()) return r;
    return bool_ref(!TRY(is_true(t, r)));
}

// --- methods ---

Ref object_format(Thread& t, Value self, Value spec) {
    if (!is_str(spec))
        return raise(t, PyExc_TypeError, "__format__() argument must be str, not %.50s",
                     type_of(spec)->tp_name);
    if (str_length(spec) > 0)
        return raise(t, PyExc_TypeError, "unsupported format string passed to %.200s.__format__",
                     type_of(self)->tp_name);
    return str(t, self);
}

Ref object_sizeof(Thread& t, Value self) {
    PyTypeObject* type = type_of(self);
    int64_t n = shown_basicsize(type);
    if (type->tp_itemsize > 0 && self.is_ptr() && !is_long(self)) {
        int64_t items = reinterpret_cast<PyVarObject*>(self.ptr())->ob_size;
        n += (items < 0 ? -items : items) * type->tp_itemsize;
    }
    return int_from(t, n);
}

Ref object_dir(Thread& t, Value self) {
    Ref own = TRY(lookup_attr(t, self, ID(__dict__)));
    Ref all;
    if (!own || !is_dict(own))
        all = TRY(dict_new(t));
    else
        all = TRY(dict_copy(t, own));
    Ref cls = TRY(lookup_attr(t, self, ID(__class__)));
    if (cls && is_type(cls)) {
        Value mro(as_type(cls)->tp_mro);
        Ref keep = Ref::share(mro);
        for (int64_t i = tuple_size(mro); i-- > 0;) {
            PyObject* dict = as_type(tuple_get(mro, i))->tp_dict;
            if (dict) TRY(dict_merge(t, all, Value(dict), 0));
        }
    }
    return dict_keys_list(t, all);
}

Ref object_init_subclass(Thread&, Value) { return none_ref(); }
Ref object_subclasshook(Thread&, Value, const Value*, size_t, Value) { return not_implemented_ref(); }

// --- pickling ---

PER_INTERPRETER_REFS Value g_copyreg;  // its name

Ref copyreg_attr(Thread& t, Value name) {
    if (!g_copyreg) g_copyreg = TRY(str_intern(t, "copyreg")).release();
    Value modules = t.interp->modules;
    Value m = modules && is_dict(modules) ? dict_get_str(modules, g_copyreg) : Value();
    Ref module = m && !is_none(m) ? Ref::share(m) : import_module(t, "copyreg");
    if (!module) return {};
    return get_attr(t, module, name);
}

// The names of `__slots__` attributes to be pickled: a list, or None.
Ref slot_names(Thread& t, PyTypeObject* type) {
    Value cached = type->tp_dict ? dict_get_str(Value(type->tp_dict), ID(__slotnames__)) : Value();
    if (cached) {
        if (!is_none(cached) && !is_list(cached))
            return raise(t, PyExc_TypeError, "%.200s.__slotnames__ should be a list or None, not %.200s",
                         type->tp_name, type_of(cached)->tp_name);
        return Ref::share(cached);
    }
    Ref fn = TRY(copyreg_attr(t, TRY(str_intern(t, "_slotnames"))));
    Ref names = TRY(call(t, fn, {Value(type)}));
    if (!is_none(names) && !is_list(names))
        return raise(t, PyExc_TypeError, "copyreg._slotnames didn't return a list or None");
    return names;
}

// The state by default: the instance dict, with a dict of slot values beside it when there are slots.
Ref default_state(Thread& t, Value self, bool required) {
    PyTypeObject* type = type_of(self);
    if (required && type->tp_itemsize)
        return raise(t, PyExc_TypeError, "cannot pickle %.200s objects", type->tp_name);
    Ref state;
    if (type->tp_dictoffset && self.is_ptr() && !instance_dict_is_empty(self)) {
        Ref dict = TRY(lookup_attr(t, self, ID(__dict__)));
        state = dict ? std::move(dict) : none_ref();
    } else {
        state = none_ref();
    }
    Ref names = TRY(slot_names(t, type));
    int64_t n_names = is_none(names) ? 0 : list_size(names);
    if (required) {
        // What the basic layout plus dict, weak references and slots cannot explain is lost: refuse.
        int64_t expected = sizeof(PyObject) + n_names * static_cast<int64_t>(sizeof(Value));
        if (type->tp_dictoffset > 0) expected += sizeof(Value);
        if (type->tp_weaklistoffset > 0) expected += sizeof(Value);
        if (type->tp_basicsize > expected)
            return raise(t, PyExc_TypeError, "cannot pickle '%.200s' object", type->tp_name);
    }
    if (n_names == 0) return state;
    Ref slots = TRY(dict_new(t));
    for (int64_t i = 0; i < list_size(names); i++) {
        Ref name = Ref::share(list_get(names, i));
        Ref value = TRY(lookup_attr(t, self, name));
        if (value) TRY(dict_set(t, slots, name, value));
    }
    if (dict_size(slots) == 0) return state;
    return tuple_of(t, {state, slots});
}

Ref object_getstate(Thread& t, Value self) { return default_state(t, self, false); }

bool is_object_getstate(Value fn);

Ref get_state(Thread& t, Value self, bool required) {
    Ref method = TRY(get_attr(t, self, ID(__getstate__)));
    // object's own is called directly: it alone knows `required`.
    if (has_type(method, &PyCFunction_Type) && method.as<PyCFunctionObject>()->m_self == self &&
        is_object_getstate(method))
        return default_state(t, self, required);
    return call(t, method);
}

struct NewArguments {
    Ref args, kwargs;  // args empty: the class has neither method
};

Status new_arguments(Thread& t, Value self, NewArguments& out) {
    Ref ex = TRY(lookup_special(t, self, ID(__getnewargs_ex__)));
    if (ex) {
        Ref r = TRY(call(t, ex));
        if (!is_tuple(r))
            return raise(t, PyExc_TypeError, "__getnewargs_ex__ should return a tuple, not '%.200s'",
                         type_of(r)->tp_name);
        if (tuple_size(r) != 2)
            return raise(t, PyExc_ValueError, "__getnewargs_ex__ should return a tuple of length 2, not %zd",
                         static_cast<size_t>(tuple_size(r)));
        if (!is_tuple(tuple_get(r, 0)))
            return raise(
                t, PyExc_TypeError,
                "first item of the tuple returned by __getnewargs_ex__ must be a tuple, not '%.200s'",
                type_of(tuple_get(r, 0))->tp_name);
        if (!is_dict(tuple_get(r, 1)))
            return raise(
                t, PyExc_TypeError,
                "second item of the tuple returned by __getnewargs_ex__ must be a dict, not '%.200s'",
                type_of(tuple_get(r, 1))->tp_name);
        out.args = Ref::share(tuple_get(r, 0));
        out.kwargs = Ref::share(tuple_get(r, 1));
        return Status::ok();
    }
    Ref plain = TRY(lookup_special(t, self, ID(__getnewargs__)));
    if (!plain) return Status::ok();
    Ref r = TRY(call(t, plain));
    if (!is_tuple(r))
        return raise(t, PyExc_TypeError, "__getnewargs__ should return a tuple, not '%.200s'",
                     type_of(r)->tp_name);
    out.args = std::move(r);
    return Status::ok();
}

Ref reduce_newobj(Thread& t, Value self) {
    PyTypeObject* type = type_of(self);
    if (!ext(type)->slots.new_)
        return raise(t, PyExc_TypeError, "cannot pickle '%.200s' object", type->tp_name);
    NewArguments na;
    TRY(new_arguments(t, self, na));
    Ref constructor, args;
    bool has_args = static_cast<bool>(na.args);
    if (!na.kwargs || dict_size(na.kwargs) == 0) {
        constructor = TRY(copyreg_attr(t, ID(__newobj__)));
        int64_t n = na.args ? tuple_size(na.args) : 0;
        args = TRY(tuple_new(t, n + 1));
        tuple_items(args)[0] = Ref::share(Value(type)).release();
        for (int64_t i = 0; i < n; i++)
            tuple_items(args)[i + 1] = Ref::share(tuple_get(na.args, i)).release();
    } else {
        constructor = TRY(copyreg_attr(t, ID(__newobj_ex__)));
        args = TRY(tuple_of(t, {Value(type), na.args, na.kwargs}));
    }
    bool required = !has_args && !is_list(self) && !is_dict(self);
    Ref state = TRY(get_state(t, self, required));
    Ref list_items = none_ref(), dict_items = none_ref();
    if (is_list(self)) list_items = TRY(iter(t, self));
    if (is_dict(self)) {
        Ref items = TRY(call_method(t, self, ID(items)));
        dict_items = TRY(iter(t, items));
    }
    return tuple_of(t, {constructor, args, state, list_items, dict_items});
}

Ref common_reduce(Thread& t, Value self, int64_t protocol) {
    if (protocol >= 2) return reduce_newobj(t, self);
    Ref fn = TRY(copyreg_attr(t, TRY(str_intern(t, "_reduce_ex"))));
    return call(t, fn, {self, Value::from_int(protocol)});
}

Ref object_reduce(Thread& t, Value self) { return common_reduce(t, self, 0); }

// Looking for __reduce__ on instance and class would run no code, and find object's own.
bool reduces_by_default(PyTypeObject* type) {
    return ext(type)->generic_getattr && type->ob_base.ob_base.ob_type == &PyType_Type &&
           type_lookup(type, ID(__reduce__)) ==
               dict_get_str(Value(PyBaseObject_Type.tp_dict), ID(__reduce__));
}

Ref object_reduce_ex(Thread& t, Value self, Value protocol) {
    int n = TRY(as_int32(t, protocol));
    if (reduces_by_default(type_of(self))) return common_reduce(t, self, n);
    Ref reduce = TRY(lookup_attr(t, self, ID(__reduce__)));
    if (reduce) {
        Ref on_class = TRY(get_attr(t, Value(type_of(self)), ID(__reduce__)));
        Value base = dict_get_str(Value(PyBaseObject_Type.tp_dict), ID(__reduce__));
        if (on_class.get() != base) return call(t, reduce);
    }
    return common_reduce(t, self, n);
}

// --- __class__ ---

Ref get_class(Thread&, Value self, void*) { return Ref::share(Value(type_of(self))); }

bool same_fields(PyTypeObject* a, PyTypeObject* b) {
    return a->tp_basicsize == b->tp_basicsize && a->tp_itemsize == b->tp_itemsize &&
           a->tp_dictoffset == b->tp_dictoffset && a->tp_weaklistoffset == b->tp_weaklistoffset &&
           (a->tp_flags & kTpHaveGC) == (b->tp_flags & kTpHaveGC);
}

bool compatible_with_base(PyTypeObject* type) { return type->tp_base && same_fields(type, type->tp_base); }

bool same_slots_added(Thread& t, PyTypeObject* a, PyTypeObject* b) {
    if (!same_fields(a, b)) return false;
    int64_t size = a->tp_base->tp_basicsize;
    PyObject *sa = as_heap(a)->ht_slots, *sb = as_heap(b)->ht_slots;
    if (sa && sb) {
        auto r = equal(t, Value(sa), Value(sb));
        if (!r) clear_error(t);
        if (!r || !r.value()) return false;
        size = ((size + 7) & ~int64_t{7}) + tuple_size(Value(sa)) * static_cast<int64_t>(sizeof(Value));
    }
    return size == a->tp_basicsize && size == b->tp_basicsize;
}

}  // namespace

Status check_layout_compatible(Thread& t, PyTypeObject* new_type, PyTypeObject* old_type, const char* attr) {
    PyTypeObject *a = new_type, *b = old_type;
    while (compatible_with_base(a)) a = a->tp_base;
    while (compatible_with_base(b)) b = b->tp_base;
    bool fine = a == b ||
                (is_heap_type(a) && is_heap_type(b) && a->tp_base == b->tp_base && same_slots_added(t, a, b));
    // The memory must also be given back in the same way.
    auto native_dealloc = [](PyTypeObject* type) {
        while (ext(type)->slots.dealloc == heap_dealloc) type = type->tp_base;
        return ext(type)->slots.dealloc;
    };
    // Collected and plain objects are freed differently, which is checked first.
    bool same_free = (new_type->tp_flags & kTpHaveGC) == (old_type->tp_flags & kTpHaveGC);
    if (same_free && fine && native_dealloc(new_type) == native_dealloc(old_type)) return Status::ok();
    return raise(t, PyExc_TypeError,
                 same_free ? "%s assignment: '%s' object layout differs from '%s'"
                           : "%s assignment: '%s' deallocator differs from '%s'",
                 attr, new_type->tp_name, old_type->tp_name);
}

namespace {

Status set_class(Thread& t, Value self, Value value, void*) {
    if (!value) return raise(t, PyExc_TypeError, "can't delete __class__ attribute");
    if (!is_type(value))
        return raise(t, PyExc_TypeError, "__class__ must be set to a class, not '%s' object",
                     type_of(value)->tp_name);
    PyTypeObject *old_type = type_of(self), *new_type = as_type(value);
    TRY(audit(t, "object.__setattr__", {self, ID(__class__), value}));
    bool modules = is_subtype(new_type, &PyModule_Type) && is_subtype(old_type, &PyModule_Type);
    if (!modules && ((new_type->tp_flags & kTpImmutableType) || (old_type->tp_flags & kTpImmutableType)))
        return raise(t, PyExc_TypeError,
                     "__class__ assignment only supported for mutable types or ModuleType subclasses");
    TRY(check_layout_compatible(t, new_type, old_type, "__class__"));
    // Slots mean other names in the other class: the attributes go to a dict first.
    if (has_managed_dict(old_type)) {
        Ref dict = TRY(instance_dict(t, self));
    }
    incref(&new_type->ob_base.ob_base);
    self.ptr()->ob_type = new_type;
    if (DescriptorKind(old_type) != DescriptorKind(new_type)) type_modified(&PyBaseObject_Type);
    if (is_heap_type(old_type)) decref(&old_type->ob_base.ob_base);
    if (!is_heap_type(new_type)) decref(&new_type->ob_base.ob_base);
    return Status::ok();
}

const NativeDef object_methods[] = {
    def<object_reduce_ex>("__reduce_ex__", "(protocol, /)", "Helper for pickle."),
    def<object_reduce>("__reduce__", "()", "Helper for pickle."),
    def<object_getstate>("__getstate__", "()", "Helper for pickle."),
    def<object_subclasshook>("__subclasshook__", "(object, /)",
                             "May say for an abstract class whether another is its subclass.", kMethClass),
    def<object_init_subclass>("__init_subclass__", "()", "Called when a class is derived from this one.",
                              kMethClass),
    def<object_format>("__format__", "(format_spec, /)", "str(self), for an empty format."),
    def<object_sizeof>("__sizeof__", "()", "Size of the object in memory, in bytes."),
    def<object_dir>("__dir__", "()", "The names of the attributes."),
    {},
};
const GetSetDef object_getset[] = {
    getset("__class__", get_class, set_class, "The class of the object."),
    {},
};

bool is_object_getstate(Value fn) { return fn.as<PyCFunctionObject>()->m_ml == &object_methods[2].c; }

}  // namespace

Ref object_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    if (has_arguments(nargs, kwnames)) [[unlikely]] {
        const Slots& s = ext(type)->slots;
        if (s.new_ != object_new)
            return raise(t, PyExc_TypeError,
                         "object.__new__() takes exactly one argument (the type to instantiate)");
        if (s.init == object_init)
            return raise(t, PyExc_TypeError, "%.200s() takes no arguments", type->tp_name);
    }
    if (type->tp_flags & kTpIsAbstract) [[unlikely]]
        return raise_abstract(t, type);
    return alloc(t, type);
}

Ref object_new_any(Thread& t, PyTypeObject* type, const Value*, size_t, Value) { return alloc(t, type); }

Status object_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    if (!has_arguments(nargs, kwnames)) [[likely]]
        return Status::ok();
    PyTypeObject* type = type_of(self);
    const Slots& s = ext(type)->slots;
    if (s.init != object_init)
        return raise(t, PyExc_TypeError,
                     "object.__init__() takes exactly one argument (the instance to initialize)");
    if (s.new_ == object_new)
        return raise(t, PyExc_TypeError,
                     "%.200s.__init__() takes exactly one argument (the instance to initialize)",
                     type->tp_name);
    return Status::ok();
}

Status init_builtin_object(Thread& t) {
    static const TypeDecl decl{
        .name = "object",
        .basicsize = sizeof(PyObject),
        .flags = kTpDefault | kTpBaseType,
        .slots = {.dealloc = free_object,
                  .repr = object_repr,
                  .str = object_str,
                  .hash = object_hash,
                  .richcompare = object_compare,
                  .getattr = generic_get_attr,
                  .setattr = generic_set_attr,
                  .init = object_init,
                  .new_ = object_new},
        .spec =
            {.methods = object_methods,
             .getset = object_getset,
             .doc =
                 "The base class of all classes.\n\nAn instance has no attributes of its own; it serves as a "
                 "unique marker.",
             .text_signature = "()"},
    };
    init_static_type(PyBaseObject_Type, decl);
    return ready_type(t, &PyBaseObject_Type);
}

}  // namespace krait

krait::Type PyBaseObject_Type;
