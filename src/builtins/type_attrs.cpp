// The computed attributes of classes: __name__, __bases__, __annotations__ and the others.
#include <cstring>
#include <string>

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/state.h"
#include "object/errors.h"
#include "object/instance.h"
#include "object/internal.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait {

extern const GetSetDef kTypeGetSet[];
extern const MemberDef kTypeMembers[];
Status check_layout_compatible(Thread& t, PyTypeObject* new_type, PyTypeObject* old_type, const char* attr);

namespace {

const char* name_of_type(Value v) { return type_of(v)->tp_name; }

// Guard of the setters: builtin types keep what they have, and most of these cannot be deleted.
Status settable(Thread& t, Value self, Value value, const char* attr) {
    PyTypeObject* type = as_type(self);
    if (type->tp_flags & kTpImmutableType)
        return raise(t, PyExc_TypeError, "cannot set '%s' attribute of immutable type '%s'", attr,
                     type->tp_name);
    if (!value)
        return raise(t, PyExc_TypeError, "cannot delete '%s' attribute of immutable type '%s'", attr,
                     type->tp_name);
    if (!t.interp->audit_hooks) return Status::ok();
    Ref name = TRY(str_intern(t, attr));
    return audit(t, "object.__setattr__", {self, name, value});
}

Value own(Value self, Value name) {
    PyTypeObject* type = as_type(self);
    return type->tp_dict ? dict_get_str(Value(type->tp_dict), name) : Value();
}

Status put_own(Thread& t, Value self, Value name, Value value) {
    PyTypeObject* type = as_type(self);
    Ref old = Ref::share(own(self, name));
    type_modified(type);
    TRY(dict_set(t, Value(type->tp_dict), name, value));
    type_modified(type);
    return Status::ok();
}

Result<bool> delete_own(Thread& t, Value self, Value name) {
    PyTypeObject* type = as_type(self);
    Maybe popped = dict_pop(t, Value(type->tp_dict), name);
    if (!popped) return {};
    type_modified(type);
    return popped.has_value();
}

// --- names ---

Ref get_name(Thread& t, Value self, void*) {
    PyTypeObject* type = as_type(self);
    if (is_heap_type(type)) return Ref::share(Value(as_heap(type)->ht_name));
    return str_from(t, short_type_name(type));
}
Status set_name(Thread& t, Value self, Value value, void*) {
    TRY(settable(t, self, value, "__name__"));
    PyTypeObject* type = as_type(self);
    if (!is_str(value))
        return raise(t, PyExc_TypeError, "can only assign string to %s.__name__, not '%s'", type->tp_name,
                     name_of_type(value));
    auto utf8 = TRY(str_utf8(t, value));
    if (memchr(utf8.data(), 0, utf8.size()))
        return raise(t, PyExc_ValueError, "type name must not contain null characters");
    PyObject* old = as_heap(type)->ht_name;
    type->tp_name = utf8.data();
    as_heap(type)->ht_name = Ref::share(value).release().ptr();
    decref(old);
    return Status::ok();
}

Ref get_qualname(Thread& t, Value self, void*) { return type_qualname(t, as_type(self)); }
Status set_qualname(Thread& t, Value self, Value value, void*) {
    TRY(settable(t, self, value, "__qualname__"));
    PyTypeObject* type = as_type(self);
    if (!is_str(value))
        return raise(t, PyExc_TypeError, "can only assign string to %s.__qualname__, not '%s'", type->tp_name,
                     name_of_type(value));
    PyObject* old = as_heap(type)->ht_qualname;
    as_heap(type)->ht_qualname = Ref::share(value).release().ptr();
    decref(old);
    return Status::ok();
}

Ref get_mro(Thread&, Value self, void*) {
    Value mro = as_type(self)->tp_mro;
    return Ref::share(mro ? mro : none());
}
Ref get_module(Thread& t, Value self, void*) { return type_module(t, as_type(self)); }
Status set_module(Thread& t, Value self, Value value, void*) {
    TRY(settable(t, self, value, "__module__"));
    TRY(put_own(t, self, ID(__module__), value));
    // The line of the class statement means nothing in another module.
    TRY(delete_own(t, self, ID(__firstlineno__)));
    return Status::ok();
}

Ref get_doc(Thread& t, Value self, void*) {
    PyTypeObject* type = as_type(self);
    if (!is_heap_type(type) && type->tp_doc)
        return ext(type)->spec ? str_from(t, type->tp_doc) : c_doc_text(t, type->tp_name, type->tp_doc);
    Value doc = own(self, ID(__doc__));
    if (!doc) return none_ref();
    Ref keep = Ref::share(doc);
    if (DescrGetFn get = ext(type_of(doc))->slots.descr_get) return get(t, keep, Value(), self);
    return keep;
}
Status set_doc(Thread& t, Value self, Value value, void*) {
    TRY(settable(t, self, value, "__doc__"));
    return put_own(t, self, ID(__doc__), value);
}

Ref get_text_signature(Thread& t, Value self, void*) {
    PyTypeObject* type = as_type(self);
    const TypeSpec* spec =
        is_heap_type(type) && ext(type)->slots.dealloc == heap_dealloc ? nullptr : ext(type)->spec;
    if (!spec && type->tp_doc) return c_doc_signature(t, type->tp_name, type->tp_doc);
    if (!spec && type->tp_dict) {  // a class statement's docstring may have one, in the way of C's
        Value doc = dict_get_str(Value(type->tp_dict), ID(__doc__));
        std::string_view text = doc && is_str(doc) ? str_utf8_or(doc, "") : std::string_view();
        return c_doc_signature(t, type->tp_name, std::string(text).c_str());
    }
    if (!spec || !spec->text_signature) return none_ref();
    return str_from(t, spec->text_signature);
}

Ref get_dict(Thread& t, Value self, void*) {
    PyTypeObject* type = as_type(self);
    if (!type->tp_dict) return none_ref();
    return dict_proxy_new(t, Value(type->tp_dict));
}

// --- abstract methods ---

Ref get_abstract(Thread& t, Value self, void*) {
    Value v = self == Value(&PyType_Type) ? Value() : own(self, ID(__abstractmethods__));
    if (!v) return raise_value(t, PyExc_AttributeError, ID(__abstractmethods__));
    return Ref::share(v);
}
Status set_abstract(Thread& t, Value self, Value value, void*) {
    PyTypeObject* type = as_type(self);
    bool abstract = false;
    if (value) {
        abstract = TRY(is_true(t, value));
        TRY(put_own(t, self, ID(__abstractmethods__), value));
    } else if (!TRY(delete_own(t, self, ID(__abstractmethods__)))) {
        return raise_value(t, PyExc_AttributeError, ID(__abstractmethods__));
    }
    type->tp_flags = abstract ? type->tp_flags | kTpIsAbstract : type->tp_flags & ~uint64_t{kTpIsAbstract};
    return Status::ok();
}

// --- annotations ---

Raised no_annotations(Thread& t, Value self, const char* attr) {
    return raise(t, PyExc_AttributeError, "type object '%s' has no attribute '%s'", as_type(self)->tp_name,
                 attr);
}

Ref bound_here(Thread& t, Value v, Value self) {
    Ref keep = Ref::share(v);
    if (DescrGetFn get = ext(type_of(v))->slots.descr_get) return get(t, keep, Value(), self);
    return keep;
}

Ref get_annotate(Thread& t, Value self, void*) {
    if (!is_heap_type(as_type(self))) return no_annotations(t, self, "__annotate__");
    Value fn = own(self, ID(__annotate__));
    if (!fn) fn = own(self, ID(__annotate_func__));
    if (fn) return bound_here(t, fn, self);
    TRY(put_own(t, self, ID(__annotate_func__), none()));
    return none_ref();
}
Status set_annotate(Thread& t, Value self, Value value, void*) {
    PyTypeObject* type = as_type(self);
    if (!value) return raise(t, PyExc_TypeError, "cannot delete __annotate__ attribute");
    if (type->tp_flags & kTpImmutableType)
        return raise(t, PyExc_TypeError, "cannot set '__annotate__' attribute of immutable type '%s'",
                     type->tp_name);
    if (!is_none(value) && !is_callable(value))
        return raise(t, PyExc_TypeError, "__annotate__ must be callable or None");
    TRY(put_own(t, self, ID(__annotate_func__), value));
    if (!is_none(value)) TRY(delete_own(t, self, ID(__annotations_cache__)));
    return Status::ok();
}

Ref get_annotations(Thread& t, Value self, void*) {
    if (!is_heap_type(as_type(self))) return no_annotations(t, self, "__annotations__");
    Value found = own(self, ID(__annotations__));
    if (!found) found = own(self, ID(__annotations_cache__));
    if (found) return bound_here(t, found, self);
    Ref annotate = TRY(get_attr(t, self, ID(__annotate__)));
    Ref result;
    if (is_callable(annotate)) {
        result = TRY(call(t, annotate, {Value::from_int(1)}));
        if (!is_dict(result))
            return raise(t, PyExc_TypeError, "__annotate__ returned non-dict of type '%.100s'",
                         name_of_type(result));
    } else {
        result = TRY(dict_new(t));
    }
    TRY(put_own(t, self, ID(__annotations_cache__), result));
    return result;
}
Status set_annotations(Thread& t, Value self, Value value, void*) {
    PyTypeObject* type = as_type(self);
    if (type->tp_flags & kTpImmutableType)
        return raise(t, PyExc_TypeError, "cannot set '__annotations__' attribute of immutable type '%s'",
                     type->tp_name);
    bool direct = static_cast<bool>(own(self, ID(__annotations__)));
    if (value) {
        TRY(put_own(t, self, direct ? ID(__annotations__) : ID(__annotations_cache__), value));
    } else {
        bool gone = TRY(delete_own(t, self, direct ? ID(__annotations__) : ID(__annotations_cache__)));
        if (!gone) return raise_value(t, PyExc_AttributeError, ID(__annotations__));
    }
    TRY(delete_own(t, self, ID(__annotate__)));
    TRY(delete_own(t, self, ID(__annotate_func__)));
    return Status::ok();
}

Ref get_type_params(Thread& t, Value self, void*) {
    // What type itself has under this name is this attribute.
    if (Value v = own(self, ID(__type_params__)); v && self != Value(&PyType_Type)) return Ref::share(v);
    return tuple_new(t, 0);
}
Status set_type_params(Thread& t, Value self, Value value, void*) {
    TRY(settable(t, self, value, "__type_params__"));
    return put_own(t, self, ID(__type_params__), value);
}

// --- __bases__ ---

Ref get_bases(Thread& t, Value self, void*) {
    PyObject* bases = as_type(self)->tp_bases;
    return bases ? Ref::share(Value(bases)) : none_ref();
}

struct SavedMro {
    PyTypeObject* type;
    PyObject* mro;  // owned
};

Status recompute_mros(Thread& t, PyTypeObject* type, PodVector<SavedMro>& saved) {
    if (!saved.push({type, Ref::share(Value(type->tp_mro)).release().ptr()})) return raise_no_memory(t);
    TRY(compute_mro(t, type));
    if (auto* list = subclasses(type))
        for (size_t i = 0; i < list->size; i++) TRY(recompute_mros(t, list->items[i], saved));
    return Status::ok();
}

void update_slots_recursively(PyTypeObject* type) {
    if (!is_heap_type(type)) return;
    update_slots(type);
    if (auto* list = subclasses(type))
        for (size_t i = 0; i < list->size; i++) update_slots_recursively(list->items[i]);
}

// Along tp_base, which a running assignment sets before the MROs follow.
bool derives_by_base(PyTypeObject* a, PyTypeObject* b) {
    for (; a; a = a->tp_base)
        if (a == b) return true;
    return false;
}

Status check_new_bases(Thread& t, PyTypeObject* type, Value bases) {
    if (!is_tuple(bases))
        return raise(t, PyExc_TypeError, "can only assign tuple to %s.__bases__, not %s", type->tp_name,
                     name_of_type(bases));
    if (tuple_size(bases) == 0)
        return raise(t, PyExc_TypeError, "can only assign non-empty tuple to %s.__bases__, not ()",
                     type->tp_name);
    for (int64_t i = 0; i < tuple_size(bases); i++) {
        Value b = tuple_get(bases, i);
        if (!is_type(b))
            return raise(t, PyExc_TypeError, "%s.__bases__ must be tuple of classes, not '%s'", type->tp_name,
                         name_of_type(b));
        if (is_subtype(as_type(b), type) || derives_by_base(as_type(b), type))
            return raise(t, PyExc_TypeError, "a __bases__ item causes an inheritance cycle");
    }
    return Status::ok();
}

// The type takes its place below its new bases. One still being made does so when it is ready.
Status move_in_hierarchy(Thread& t, PyTypeObject* type, Value old_bases) {
    type_modified(type);
    if (!(type->tp_flags & kTpReady)) return Status::ok();
    for (int64_t i = 0; i < tuple_size(old_bases); i++)
        remove_subclass(as_type(tuple_get(old_bases, i)), type);
    Value bases(type->tp_bases);
    for (int64_t i = 0; i < tuple_size(bases); i++) TRY(add_subclass(t, as_type(tuple_get(bases, i)), type));
    update_slots_recursively(type);
    return Status::ok();
}

Status set_bases(Thread& t, Value self, Value value, void*) {
    TRY(settable(t, self, value, "__bases__"));
    PyTypeObject* type = as_type(self);
    TRY(check_new_bases(t, type, value));
    PyTypeObject* base = best_base(t, value);
    if (!base) return {};
    TRY(check_layout_compatible(t, base, type->tp_base, "__bases__"));

    Ref keep_type = Ref::share(self), keep_bases = Ref::share(value);
    Ref old_bases = Ref::steal(Value(type->tp_bases)), old_base = Ref::steal(Value(type->tp_base));
    PyObject* new_bases = Ref::share(value).release().ptr();
    type->tp_bases = new_bases;
    type->tp_base = base;
    incref(&base->ob_base.ob_base);
    PodVector<SavedMro> saved;
    Status done = recompute_mros(t, type, saved);
    // A mro() that ran may have assigned __bases__ itself: that assignment stands and did all the work.
    bool replaced = type->tp_bases != new_bases;
    if (!done && !replaced) {
        // Everything back as it was.
        for (SavedMro& s : saved) {
            PyObject* failed = s.type->tp_mro;
            s.type->tp_mro = s.mro;
            type_modified(s.type);
            xdecref(Value(failed));
        }
        type->tp_bases = old_bases.release().ptr();
        type->tp_base = as_type(old_base.release());
        decref(new_bases);
        decref(&base->ob_base.ob_base);
        return {};
    }
    for (SavedMro& s : saved) xdecref(Value(s.mro));
    if (!done) return {};
    return replaced ? Status::ok() : move_in_hierarchy(t, type, old_bases);
}

}  // namespace

const GetSetDef kTypeGetSet[] = {
    getset("__name__", get_name, set_name, nullptr),
    getset("__qualname__", get_qualname, set_qualname, nullptr),
    getset("__bases__", get_bases, set_bases, nullptr),
    getset("__module__", get_module, set_module, nullptr),
    getset("__mro__", get_mro, nullptr, nullptr),
    getset("__abstractmethods__", get_abstract, set_abstract, nullptr),
    getset("__dict__", get_dict, nullptr, nullptr),
    getset("__doc__", get_doc, set_doc, nullptr),
    getset("__text_signature__", get_text_signature, nullptr, nullptr),
    getset("__annotations__", get_annotations, set_annotations, nullptr),
    getset("__annotate__", get_annotate, set_annotate, nullptr),
    getset("__type_params__", get_type_params, set_type_params, nullptr),
    {},
};

const MemberDef kTypeMembers[] = {
    member("__basicsize__", MemberKind::Ssize, offsetof(PyTypeObject, tp_basicsize), kReadonly, nullptr),
    member("__itemsize__", MemberKind::Ssize, offsetof(PyTypeObject, tp_itemsize), kReadonly, nullptr),
    member("__flags__", MemberKind::ULong, offsetof(PyTypeObject, tp_flags), kReadonly, nullptr),
    member("__weakrefoffset__", MemberKind::Ssize, offsetof(PyTypeObject, tp_weaklistoffset), kReadonly,
           nullptr),
    member("__base__", MemberKind::Object, offsetof(PyTypeObject, tp_base), kReadonly, nullptr),
    member("__dictoffset__", MemberKind::Ssize, offsetof(PyTypeObject, tp_dictoffset), kReadonly, nullptr),
    {},
};

}  // namespace krait
