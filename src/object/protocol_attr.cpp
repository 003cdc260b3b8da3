// Attribute access.
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "object/attributes.h"
#include "object/errors.h"
#include "object/instance.h"
#include "object/internal.h"
#include "object/names.h"

namespace krait {

namespace {

Status check_name(Thread& t, Value name) {
    if (is_str(name)) return Status::ok();
    return raise(t, PyExc_TypeError, "attribute name must be string, not '%.200s'", type_of(name)->tp_name);
}

bool may_have_dict(const PyTypeObject* type) { return type->tp_dictoffset != 0; }

}  // namespace

void note_attribute(Thread& t, Value obj, Value name) {
    PyObject* exc = t.c.current_exception;
    if (!exc || exc->ob_type != PyExc_AttributeError) return;
    auto* e = reinterpret_cast<PyAttributeErrorObject*>(exc);
    if (e->name || e->obj) return;
    e->name = Ref::share(name).release();
    e->obj = Ref::share(obj).release();
}

Raised raise_attribute_error(Thread& t, Value obj, Value name) {
    (void)static_cast<Status>(
        raise(t, PyExc_AttributeError, "'%.100s' object has no attribute '%U'", type_of(obj)->tp_name, name));
    note_attribute(t, obj, name);
    return {};
}

namespace {
// A getter of C that failed without saying why: who asks whether there is such an attribute hears no.
bool clear_silent_getter(Thread& t, Value descr) {
    if (!has_type(descr, &PyGetSetDescr_Type)) return false;
    PyObject* exc = t.c.current_exception;
    if (!exc || exc->ob_type != PyExc_SystemError) return false;
    Value args = Value(exc).as<PyBaseExceptionObject>()->args;
    if (tuple_size(args) != 1 || !is_str(tuple_get(args, 0)) ||
        !str_equal(tuple_get(args, 0), kSilentFailure))
        return false;
    clear_error(t);
    return true;
}
}  // namespace

Maybe generic_lookup_attr(Thread& t, Value v, Value name) {
    PyTypeObject* type = type_of(v);
    Value found = type_lookup(type, name);
    Ref descr;
    DescrGetFn get = nullptr;
    if (found) {
        descr = Ref::share(found);
        const Slots& s = ext(type_of(found))->slots;
        get = s.descr_get;
        if (get && s.descr_set) {
            Ref r = get(t, descr, v, Value(type));
            if (!r && (clear_if(t, PyExc_AttributeError) || clear_silent_getter(t, descr)))
                return Maybe::absent();
            return r;
        }
    }
    if (v.is_ptr() && may_have_dict(type)) {
        Maybe own = instance_get(t, v, name);
        if (!own) return {};
        if (own.has_value()) return own;
    }
    if (get) {
        Ref r = get(t, descr, v, Value(type));
        if (!r && clear_if(t, PyExc_AttributeError)) return Maybe::absent();
        return r;
    }
    if (descr) return Maybe::found(std::move(descr));
    return Maybe::absent();
}

Ref generic_get_attr(Thread& t, Value v, Value name) {
    TRY(check_name(t, name));
    PyTypeObject* type = type_of(v);
    Value found = type_lookup(type, name);
    Ref descr;
    DescrGetFn get = nullptr;
    if (found) {
        descr = Ref::share(found);
        const Slots& s = ext(type_of(found))->slots;
        get = s.descr_get;
        if (get && s.descr_set) return get(t, descr, v, Value(type));
    }
    if (v.is_ptr() && may_have_dict(type)) {
        Maybe own = instance_get(t, v, name);
        if (!own) return {};
        if (own.has_value()) return own.take();
    }
    if (get) return get(t, descr, v, Value(type));
    if (descr) return descr;
    return raise_attribute_error(t, v, name);
}

static Status missing_for_store(Thread& t, Value v, Value name, bool has_dict, bool in_type) {
    PyTypeObject* type = type_of(v);
    if (has_dict) return raise_attribute_error(t, v, name);
    if (in_type)
        (void)static_cast<Status>(raise(t, PyExc_AttributeError,
                                        "'%.100s' object attribute '%U' is read-only", type->tp_name, name));
    else
        (void)static_cast<Status>(
            raise(t, PyExc_AttributeError,
                  "'%.100s' object has no attribute '%U' and no __dict__ for setting new attributes",
                  type->tp_name, name));
    note_attribute(t, v, name);
    return {};
}

Status generic_set_attr(Thread& t, Value v, Value name, Value value) {
    TRY(check_name(t, name));
    PyTypeObject* type = type_of(v);
    Value found = type_lookup(type, name);
    if (found) {
        if (SetAttrFn set = ext(type_of(found))->slots.descr_set) {
            Ref descr = Ref::share(found);
            return set(t, descr, v, value);
        }
    }
    if (!v.is_ptr() || !may_have_dict(type))
        return missing_for_store(t, v, name, false, static_cast<bool>(found));
    Ref keep = Ref::share(v);
    if (value) return instance_set(t, v, name, value);
    bool gone = TRY(instance_delete(t, v, name));
    if (!gone) return missing_for_store(t, v, name, true, false);
    return Status::ok();
}

Ref get_attr(Thread& t, Value v, Value name) {
    TRY(check_name(t, name));
    BinaryFn fn = ext(type_of(v))->slots.getattr;
    if (!fn) return raise_attribute_error(t, v, name);
    Ref r = fn(t, v, name);
    if (!r) [[unlikely]]
        note_attribute(t, v, name);
    return r;
}

Ref get_data_attr(Thread& t, Value v, Value name, Value descr) {
    // Reading a field runs no code that could take the descriptor away.
    Ref keep = has_type(descr, &PyMemberDescr_Type) ? Ref() : Ref::share(descr);
    Ref r = ext(type_of(descr))->slots.descr_get(t, descr, v, Value(type_of(v)));
    if (!r) [[unlikely]]
        note_attribute(t, v, name);
    return r;
}

Status set_data_attr(Thread& t, Value v, Value descr, Value value) {
    Ref keep = Ref::share(descr);
    return ext(type_of(descr))->slots.descr_set(t, descr, v, value);
}

Ref get_attr(Thread& t, Value v, const char* name) {
    Ref n = TRY(str_intern(t, name));
    return get_attr(t, v, n.get());
}

Maybe lookup_attr(Thread& t, Value v, Value name) {
    TypeExt* x = ext(type_of(v));
    if (x->generic_getattr && is_str(name)) return generic_lookup_attr(t, v, name);
    auto find = x->slots.getattr == type_get_attr     ? type_find_attr
                : x->slots.getattr == module_get_attr ? module_find_attr
                                                      : nullptr;
    if (find && is_str(name)) {
        Maybe found = find(t, v, name);
        if (!found && clear_if(t, PyExc_AttributeError)) return Maybe::absent();
        return found;
    }
    Ref r = get_attr(t, v, name);
    if (!r && clear_if(t, PyExc_AttributeError)) return Maybe::absent();
    return r;
}

Maybe lookup_attr(Thread& t, Value v, const char* name) {
    Ref n = TRY(str_intern(t, name));
    return lookup_attr(t, v, n.get());
}

Status set_attr(Thread& t, Value v, Value name, Value value) {
    TRY(check_name(t, name));
    PyTypeObject* type = type_of(v);
    SetAttrFn fn = ext(type)->slots.setattr;
    Ref interned;
    if (is_str_exact(name) && !str_is_interned(name)) {
        interned = TRY(str_intern(t, Ref::share(name)));
        name = interned;
    }
    if (fn) return fn(t, v, name, value);
    return raise(t, PyExc_TypeError, "'%.100s' object has %s attributes (%s .%U)", type->tp_name,
                 ext(type)->slots.getattr ? "only read-only" : "no", value ? "assign to" : "del", name);
}

Status set_attr(Thread& t, Value v, const char* name, Value value) {
    Ref n = TRY(str_intern(t, name));
    return set_attr(t, v, n.get(), value);
}

Result<bool> has_attr(Thread& t, Value v, Value name) {
    Maybe m = lookup_attr(t, v, name);
    if (!m) return {};
    return m.has_value();
}

}  // namespace krait
