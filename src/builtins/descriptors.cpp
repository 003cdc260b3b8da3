// Descriptors of builtin types: methods, class methods, members, getsets, slot wrappers; and method-wrapper.
#include <cstring>
#include <type_traits>

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "builtins/type_flags.h"
#include "gc/gc.h"
#include "object/boundary.h"
#include "object/errors.h"
#include "object/internal.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait {

Ref c_method_signature(Thread& t, const PyMethodDef& d);  // functions.cpp

namespace {

PyDescrObject* as_descr(Value v) { return v.as<PyDescrObject>(); }
const PyMethodDef* method_def(Value v) { return v.as<PyMethodDescrObject>()->d_method; }
bool is_c_def(const PyMethodDef* d) { return !(d->ml_flags & NativeDef::kNativeDefBit); }
const NativeDef* native_of(Value v) { return reinterpret_cast<const NativeDef*>(method_def(v)); }

// A builtin function for one of the descriptor's calls.
Ref bind_method(Thread& t, Value self, Value obj) {
    return builtin_function_new(t, method_def(self), obj, {}, as_descr(self)->d_type);
}

Ref descr_alloc(Thread& t, PyTypeObject* kind, PyTypeObject* type, const char* name) {
    Ref n = TRY(str_intern(t, name));
    Ref r = TRY(alloc(t, kind));
    auto* d = as_descr(r);
    d->d_type = type;
    incref(&type->ob_base.ob_base);
    d->d_name = n.release();
    return r;
}

void descr_dealloc(Thread& t, PyObject* o) {
    auto* d = as_descr(Value(o));
    PyTypeObject* type = d->d_type;
    Value name = d->d_name, qualname = d->d_qualname;
    free_object(t, o);
    if (type) decref(&type->ob_base.ob_base);
    xdecref(name);
    xdecref(qualname);
}
void descr_traverse(PyObject* o, Visitor& v) { v.visit(Value(as_descr(Value(o))->d_type)); }

// --- checks ---

// The descriptor applies to instances of its type only.
Status check_instance(Thread& t, Value self, Value obj) {
    auto* d = as_descr(self);
    if (is_subtype(type_of(obj), d->d_type)) return Status::ok();
    return raise(t, PyExc_TypeError,
                 "descriptor '%U' for '%.100s' objects doesn't apply to a '%.100s' object", d->d_name,
                 d->d_type->tp_name, type_of(obj)->tp_name);
}

// --- repr ---

Ref descr_repr(Thread& t, Value self, const char* what) {
    auto* d = as_descr(self);
    return str_format(t, "<%s '%U' of '%s' objects>", what, d->d_name, d->d_type->tp_name);
}
Ref method_repr(Thread& t, Value self) { return descr_repr(t, self, "method"); }
Ref getset_repr(Thread& t, Value self) { return descr_repr(t, self, "attribute"); }
Ref member_repr(Thread& t, Value self) { return descr_repr(t, self, "member"); }
Ref wrapper_repr(Thread& t, Value self) { return descr_repr(t, self, "slot wrapper"); }

// --- method descriptors ---

bool wants_type(Value self) {
    const PyMethodDef* d = method_def(self);
    return is_c_def(d) ? d->ml_flags & 0x200 : native_of(self)->flags & kMethMethod;
}

Ref method_get(Thread& t, Value self, Value obj, Value type) {
    if (!obj) return Ref::share(self);
    TRY(check_instance(t, self, obj));
    if (type && !is_type(type) && wants_type(self)) [[unlikely]]
        return raise(t, PyExc_TypeError, "descriptor '%U' needs a type, not '%.100s', as arg 2",
                     as_descr(self)->d_name, type_of(type)->tp_name);
    return bind_method(t, self, obj);
}

Ref method_call(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    if (nargs == 0) {
        Ref name = TRY(function_str(t, self));
        return raise(t, PyExc_TypeError, "unbound method %U needs an argument", name.get());
    }
    PyTypeObject* type = as_descr(self)->d_type;
    if (type_of(args[0]) != type) TRY(check_instance(t, self, args[0]));
    if (is_c_def(method_def(self))) [[unlikely]]
        return g_runtime.c_hooks->call_method(t, method_def(self), self, args[0], type, args + 1, nargs - 1,
                                              kwnames);
    return call_native(t, *native_of(self), self, args[0], args + 1, nargs - 1, kwnames);
}

// --- class methods ---

Ref classmethod_get(Thread& t, Value self, Value obj, Value type) {
    auto* d = as_descr(self);
    if (!type) {
        if (!obj)
            return raise(t, PyExc_TypeError,
                         "descriptor '%U' for type '%.100s' needs either an object or a type", d->d_name,
                         d->d_type->tp_name);
        type = Value(type_of(obj));
    }
    if (!is_type(type))
        return raise(t, PyExc_TypeError,
                     "descriptor '%U' for type '%.100s' needs a type, not a '%.100s' as arg 2", d->d_name,
                     d->d_type->tp_name, type_of(type)->tp_name);
    if (!is_subtype(as_type(type), d->d_type))
        return raise(t, PyExc_TypeError,
                     "descriptor '%U' requires a subtype of '%.100s' but received '%.100s'", d->d_name,
                     d->d_type->tp_name, as_type(type)->tp_name);
    return bind_method(t, self, type);
}

Ref classmethod_call(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    auto* d = as_descr(self);
    if (nargs == 0)
        return raise(t, PyExc_TypeError, "descriptor '%U' of '%.100s' object needs an argument", d->d_name,
                     d->d_type->tp_name);
    Ref bound = TRY(classmethod_get(t, self, Value(), args[0]));
    return call(t, bound, args + 1, nargs - 1, kwnames);
}

// --- members ---

const PyMemberDef& member_def(Value self) { return *self.as<PyMemberDescrObject>()->d_member; }

template <class T>
T& field(Value obj, const PyMemberDef& m) {
    return *reinterpret_cast<T*>(reinterpret_cast<char*>(obj.ptr()) + m.offset);
}

Ref missing_member(Thread& t, Value obj, Value name) {
    (void)static_cast<Status>(
        raise(t, PyExc_AttributeError, "'%#T' object has no attribute '%U'", obj, name));
    return {};
}

Ref read_member(Thread& t, Value obj, const PyMemberDef& m, Value name) {
    switch (static_cast<MemberKind>(m.type)) {
        case MemberKind::Short:
            return int_from(t, field<int16_t>(obj, m));
        case MemberKind::UShort:
            return int_from(t, field<uint16_t>(obj, m));
        case MemberKind::Int:
            return int_from(t, field<int32_t>(obj, m));
        case MemberKind::UInt:
            return int_from(t, field<uint32_t>(obj, m));
        case MemberKind::Byte:
            return int_from(t, field<int8_t>(obj, m));
        case MemberKind::UByte:
            return int_from(t, field<uint8_t>(obj, m));
        case MemberKind::Long:
        case MemberKind::LongLong:
        case MemberKind::Ssize:
            if (is_type(obj) && m.offset == offsetof(PyTypeObject, tp_basicsize))
                return int_from(t, shown_basicsize(obj.as<PyTypeObject>()));
            if (is_type(obj) && m.offset == offsetof(PyTypeObject, tp_itemsize))
                return int_from(t, shown_itemsize(obj.as<PyTypeObject>()));
            return int_from(t, field<int64_t>(obj, m));
        case MemberKind::ULong:
            if (is_type(obj) && m.offset == offsetof(PyTypeObject, tp_flags))
                return int_from_u64(t, shown_type_flags(obj.as<PyTypeObject>()));
            [[fallthrough]];
        case MemberKind::ULongLong:
            return int_from_u64(t, field<uint64_t>(obj, m));
        case MemberKind::Float:
            return float_from(t, field<float>(obj, m));
        case MemberKind::Double:
            return float_from(t, field<double>(obj, m));
        case MemberKind::Bool:
            return bool_ref(field<char>(obj, m));
        case MemberKind::String: {
            const char* s = field<const char*>(obj, m);
            return s ? str_from(t, s) : none_ref();
        }
        case MemberKind::StringInplace:
            return str_from(t, &field<const char>(obj, m));
        case MemberKind::Char:
            return str_from(t, &field<const char>(obj, m), 1);
        case MemberKind::Object: {
            Value v = field<Value>(obj, m);
            return v ? Ref::share(v) : none_ref();
        }
        case MemberKind::ObjectEx: {
            Value v = field<Value>(obj, m);
            return v ? Ref::share(v) : missing_member(t, obj, name);
        }
    }
    return raise(t, PyExc_SystemError, "bad memberdescr type for %s", m.name);
}

template <class T>
Status store_int(Thread& t, Value obj, const PyMemberDef& m, Value value) {
    int64_t n = TRY(as_int64(t, value));
    if (static_cast<int64_t>(static_cast<T>(n)) != n)
        TRY(warn(t, PyExc_RuntimeWarning, 1, "Truncation of value to %s%s",
                 std::is_unsigned_v<T> ? "unsigned " : "",
                 sizeof(T) == 1   ? "char"
                 : sizeof(T) == 2 ? "short"
                                  : "int"));
    field<T>(obj, m) = static_cast<T>(n);
    return Status::ok();
}

// Unsigned members take negative values, with a warning. `too_big`: the message for what no word holds.
template <class T>
Status store_unsigned(Thread& t, Value obj, const PyMemberDef& m, Value value, const char* too_big) {
    Ref n = TRY(index(t, value));
    int64_t below = 0;
    uint64_t word = 0;
    if (int_sign(n) < 0) {
        if (!int_to_i64(n, &below))
            return raise(t, PyExc_OverflowError, "Python int too large to convert to C long");
        word = static_cast<uint64_t>(below);
    } else if (!int_to_u64(n, &word)) {
        return raise(t, PyExc_OverflowError, "%s", too_big);
    }
    field<T>(obj, m) = static_cast<T>(word);
    if (below < 0) return warn(t, PyExc_RuntimeWarning, 1, "Writing negative value into unsigned field");
    if (static_cast<T>(word) != word)
        return warn(t, PyExc_RuntimeWarning, 1, "Truncation of value to unsigned int");
    return Status::ok();
}
// Whole words: overflow has a message of its own.
Status store_word(Thread& t, Value obj, const PyMemberDef& m, Value value, const char* too_big) {
    Ref n = TRY(index(t, value));
    int64_t word;
    if (!int_to_i64(n, &word)) return raise(t, PyExc_OverflowError, "%s", too_big);
    field<int64_t>(obj, m) = word;
    return Status::ok();
}

Status write_member(Thread& t, Value obj, const PyMemberDef& m, Value value, Value name) {
    auto kind = static_cast<MemberKind>(m.type);
    if (m.flags & kReadonly) return raise(t, PyExc_AttributeError, "readonly attribute");
    if (kind == MemberKind::Object || kind == MemberKind::ObjectEx) {
        Value& f = field<Value>(obj, m);
        if (!value && kind == MemberKind::ObjectEx && !f) return raise_value(t, PyExc_AttributeError, name);
        Value stored = value;
        // Structs of C hold real pointers.
        if (value && ext(type_of(obj))->is_c_type && !make_fit(stored)) return {};
        xincref(value);  // a box is new
        Value old = f;
        f = stored;
        xdecref(old);
        return Status::ok();
    }
    if (!value) return raise(t, PyExc_TypeError, "can't delete numeric/char attribute");
    switch (kind) {
        case MemberKind::Short:
            return store_int<int16_t>(t, obj, m, value);
        case MemberKind::UShort:
            return store_int<uint16_t>(t, obj, m, value);
        case MemberKind::Int:
            return store_int<int32_t>(t, obj, m, value);
        case MemberKind::UInt:
            return store_unsigned<uint32_t>(t, obj, m, value,
                                            "Python int too large to convert to C unsigned long");
        case MemberKind::Byte:
            return store_int<int8_t>(t, obj, m, value);
        case MemberKind::UByte:
            return store_int<uint8_t>(t, obj, m, value);
        case MemberKind::Long:
            return store_int<int64_t>(t, obj, m, value);
        case MemberKind::LongLong:
            return store_word(t, obj, m, value, "int too big to convert");
        case MemberKind::Ssize:
            if (!is_long(value)) return raise(t, PyExc_TypeError, "an integer is required");
            return store_word(t, obj, m, value, "Python int too large to convert to C ssize_t");
        case MemberKind::ULong:
            return store_unsigned<uint64_t>(t, obj, m, value,
                                            "Python int too large to convert to C unsigned long");
        case MemberKind::ULongLong:
            return store_unsigned<uint64_t>(t, obj, m, value, "int too big to convert");
        case MemberKind::Float:
            field<float>(obj, m) = static_cast<float>(TRY(as_double(t, value)));
            return Status::ok();
        case MemberKind::Double:
            field<double>(obj, m) = TRY(as_double(t, value));
            return Status::ok();
        case MemberKind::Bool:
            if (!is_bool(value)) return raise(t, PyExc_TypeError, "attribute value type must be bool");
            field<char>(obj, m) = value == boolean(true);
            return Status::ok();
        case MemberKind::Char: {
            if (!is_str(value) || str_length(value) != 1 || str_char(value, 0) > 127)
                return raise(t, PyExc_TypeError, "bad argument type for built-in operation");
            field<char>(obj, m) = static_cast<char>(str_char(value, 0));
            return Status::ok();
        }
        default:
            return raise(t, PyExc_TypeError, "readonly attribute");
    }
}

Ref member_get(Thread& t, Value self, Value obj, Value) {
    if (!obj) return Ref::share(self);
    TRY(check_instance(t, self, obj));
    if (!obj.is_ptr()) return raise(t, PyExc_SystemError, "member of an immediate value");
    return read_member(t, obj, member_def(self), as_descr(self)->d_name);
}
Status member_set(Thread& t, Value self, Value obj, Value value) {
    TRY(check_instance(t, self, obj));
    return write_member(t, obj, member_def(self), value, as_descr(self)->d_name);
}

// --- getsets ---

const GetSetDef& getset_def(Value self) {
    return *reinterpret_cast<const GetSetDef*>(self.as<PyGetSetDescrObject>()->d_getset);
}
// Made by C: the struct ends with the closure, and at least one of its functions is there.
bool is_c_getset(const GetSetDef& d) { return d.c.get || d.c.set; }
Ref getset_get(Thread& t, Value self, Value obj, Value) {
    if (!obj) return Ref::share(self);
    TRY(check_instance(t, self, obj));
    const GetSetDef& d = getset_def(self);
    if (d.c.get) return g_runtime.c_hooks->get_attribute(t, &d.c, obj);
    if (is_c_getset(d)) goto unreadable;
    if (d.get) return d.get(t, obj, d.c.closure);
unreadable:
    return raise(t, PyExc_AttributeError, "attribute '%U' of '%.100s' objects is not readable",
                 as_descr(self)->d_name, as_descr(self)->d_type->tp_name);
}
Status getset_set(Thread& t, Value self, Value obj, Value value) {
    TRY(check_instance(t, self, obj));
    const GetSetDef& d = getset_def(self);
    if (d.c.set) return g_runtime.c_hooks->set_attribute(t, &d.c, obj, value);
    if (!is_c_getset(d) && d.set) return d.set(t, obj, value, d.c.closure);
    return raise(t, PyExc_AttributeError, "attribute '%U' of '%.100s' objects is not writable",
                 as_descr(self)->d_name, as_descr(self)->d_type->tp_name);
}

// --- slot wrappers ---

const SlotWrapper& wrapper_base(Value self) { return *self.as<PyWrapperDescrObject>()->d_base; }

Ref wrapper_run(Thread& t, Value descr, Value obj, const Value* args, size_t nargs, Value kwnames) {
    const SlotWrapper& w = wrapper_base(descr);
    if (!w.keywords && kwnames && tuple_size(kwnames))
        return raise(t, PyExc_TypeError, "wrapper %s() takes no keyword arguments", w.name);
    return w.wrapper(t, obj, descr.as<PyWrapperDescrObject>()->d_wrapped, args, nargs, kwnames);
}

Ref wrapper_call(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    auto* d = as_descr(self);
    if (nargs == 0)
        return raise(t, PyExc_TypeError, "descriptor '%U' of '%.100s' object needs an argument", d->d_name,
                     d->d_type->tp_name);
    if (!is_subtype(type_of(args[0]), d->d_type))
        return raise(t, PyExc_TypeError, "descriptor '%U' requires a '%.100s' object but received a '%.100s'",
                     d->d_name, d->d_type->tp_name, type_of(args[0])->tp_name);
    return wrapper_run(t, self, args[0], args + 1, nargs - 1, kwnames);
}

Ref wrapper_get(Thread& t, Value self, Value obj, Value) {
    if (!obj) return Ref::share(self);
    TRY(check_instance(t, self, obj));
    return method_wrapper_new(t, self, obj);
}

// --- method-wrapper ---

struct MethodWrapper {
    PyObject ob_base;
    Value descr, self;
};
MethodWrapper* as_mw(Value v) { return v.as<MethodWrapper>(); }

void mw_dealloc(Thread& t, PyObject* o) {
    auto* w = as_mw(Value(o));
    Value a = w->descr, b = w->self;
    free_object(t, o);
    xdecref(a);
    xdecref(b);
}
void mw_traverse(PyObject* o, Visitor& v) {
    v.visit(as_mw(Value(o))->descr);
    v.visit(as_mw(Value(o))->self);
}
Ref mw_repr(Thread& t, Value v) {
    auto* w = as_mw(v);
    return str_format(t, "<method-wrapper '%U' of %s object at %p>", as_descr(w->descr)->d_name,
                      type_of(w->self)->tp_name, reinterpret_cast<void*>(w->self.bits));
}
Result<int64_t> mw_hash(Thread&, Value v) {
    auto* w = as_mw(v);
    int64_t h = hash_pointer(reinterpret_cast<void*>(w->self.bits)) ^ hash_pointer(w->descr.ptr());
    return h == -1 ? -2 : h;
}
Ref mw_compare(Thread&, Value a, Value b, CompareOp op) {
    if ((op != kEq && op != kNe) || !has_type(a, &_PyMethodWrapper_Type) ||
        !has_type(b, &_PyMethodWrapper_Type))
        return not_implemented_ref();
    bool same = as_mw(a)->descr == as_mw(b)->descr && is_same(as_mw(a)->self, as_mw(b)->self);
    return bool_ref(same == (op == kEq));
}
Ref mw_call(Thread& t, Value v, const Value* args, size_t nargs, Value kwnames) {
    auto* w = as_mw(v);
    Ref descr = Ref::share(w->descr), self = Ref::share(w->self);
    return wrapper_run(t, descr, self, args, nargs, kwnames);
}
Ref getattr_function(Thread& t) {
    if (!t.interp->builtins_dict) return raise(t, PyExc_RuntimeError, "builtins are not there yet");
    Value f = dict_get_str(t.interp->builtins_dict, ID(getattr));
    if (!f) return raise(t, PyExc_AttributeError, "getattr");
    return Ref::share(f);
}
Ref reduce_to_getattr(Thread& t, Value owner, Value name) {
    Ref fn = TRY(getattr_function(t));
    Ref args = TRY(tuple_of(t, {owner, name}));
    return tuple_of(t, {fn, args});
}
Ref mw_reduce(Thread& t, Value v) {
    auto* w = as_mw(v);
    return reduce_to_getattr(t, w->self, as_descr(w->descr)->d_name);
}
Ref mw_get_objclass(Thread&, Value v, void*) { return Ref::share(Value(as_descr(as_mw(v)->descr)->d_type)); }
Ref mw_get_name(Thread&, Value v, void*) { return Ref::share(as_descr(as_mw(v)->descr)->d_name); }
Ref optional_text(Thread& t, const char* s) { return s ? str_from(t, s) : none_ref(); }
// A description of C's has its signature in the doc.
Ref doc_of_wrapper(Thread& t, const SlotWrapper& w) {
    return w.slot < 0 ? c_doc_text(t, w.name, w.doc) : optional_text(t, w.doc);
}
Ref signature_of_wrapper(Thread& t, const SlotWrapper& w) {
    return w.slot < 0 ? c_doc_signature(t, w.name, w.doc) : optional_text(t, w.signature);
}
Ref mw_get_doc(Thread& t, Value v, void*) { return doc_of_wrapper(t, wrapper_base(as_mw(v)->descr)); }
Ref mw_get_signature(Thread& t, Value v, void*) {
    return signature_of_wrapper(t, wrapper_base(as_mw(v)->descr));
}

// --- attributes of all ---

Ref get_qualname(Thread& t, Value self, void*) {
    auto* d = as_descr(self);
    if (!d->d_qualname) {
        Ref type_name = TRY(get_attr(t, Value(d->d_type), ID(__qualname__)));
        if (!is_str(type_name))
            return raise(t, PyExc_TypeError,
                         "<descriptor>.__objclass__.__qualname__ is not a unicode object");
        d->d_qualname = TRY(str_format(t, "%U.%U", type_name.get(), d->d_name)).release();
    }
    return Ref::share(d->d_qualname);
}
Ref mw_get_qualname(Thread& t, Value v, void*) { return get_qualname(t, as_mw(v)->descr, nullptr); }
Ref method_doc(Thread& t, Value self, void*) {
    const PyMethodDef* d = method_def(self);
    return is_c_def(d) ? c_doc_text(t, d->ml_name, d->ml_doc) : optional_text(t, d->ml_doc);
}
Ref method_signature(Thread& t, Value self, void*) {
    const PyMethodDef* d = method_def(self);
    if (is_c_def(d)) return c_method_signature(t, *d);
    bool of_class = has_type(self, &PyClassMethodDescr_Type);
    return text_signature_of(t, *native_of(self), of_class ? "type" : "self");
}
Ref member_doc(Thread& t, Value self, void*) { return optional_text(t, member_def(self).doc); }
Ref getset_doc(Thread& t, Value self, void*) { return optional_text(t, getset_def(self).c.doc); }
Ref wrapper_doc(Thread& t, Value self, void*) { return doc_of_wrapper(t, wrapper_base(self)); }
Ref wrapper_signature(Thread& t, Value self, void*) { return signature_of_wrapper(t, wrapper_base(self)); }

Ref descr_reduce(Thread& t, Value self) {
    return reduce_to_getattr(t, Value(as_descr(self)->d_type), as_descr(self)->d_name);
}

const MemberDef descr_members[] = {
    member("__objclass__", MemberKind::Object, offsetof(PyDescrObject, d_type), kReadonly, nullptr),
    member("__name__", MemberKind::Object, offsetof(PyDescrObject, d_name), kReadonly, nullptr),
    {},
};
const NativeDef reducible_methods[] = {def<descr_reduce>("__reduce__", "()", nullptr), {}};
const NativeDef mw_methods[] = {def<mw_reduce>("__reduce__", "()", nullptr), {}};
const GetSetDef method_getset[] = {getset("__doc__", method_doc, nullptr, nullptr),
                                   getset("__qualname__", get_qualname, nullptr, nullptr),
                                   getset("__text_signature__", method_signature, nullptr, nullptr),
                                   {}};
const GetSetDef member_getset[] = {getset("__doc__", member_doc, nullptr, nullptr),
                                   getset("__qualname__", get_qualname, nullptr, nullptr),
                                   {}};
const GetSetDef getset_getset[] = {getset("__doc__", getset_doc, nullptr, nullptr),
                                   getset("__qualname__", get_qualname, nullptr, nullptr),
                                   {}};
const GetSetDef wrapper_getset[] = {getset("__doc__", wrapper_doc, nullptr, nullptr),
                                    getset("__qualname__", get_qualname, nullptr, nullptr),
                                    getset("__text_signature__", wrapper_signature, nullptr, nullptr),
                                    {}};
const GetSetDef mw_getset[] = {getset("__objclass__", mw_get_objclass, nullptr, nullptr),
                               getset("__name__", mw_get_name, nullptr, nullptr),
                               getset("__qualname__", mw_get_qualname, nullptr, nullptr),
                               getset("__doc__", mw_get_doc, nullptr, nullptr),
                               getset("__text_signature__", mw_get_signature, nullptr, nullptr),
                               {}};
const MemberDef mw_members[] = {
    member("__self__", MemberKind::Object, offsetof(MethodWrapper, self), kReadonly, nullptr), {}};

constexpr uint64_t kDescrFlags = kTpDefault | kTpHaveGC | kTpDisallowInstantiation;

}  // namespace

Ref method_wrapper_new(Thread& t, Value descr, Value self) {
    Ref r = TRY(alloc(t, &_PyMethodWrapper_Type));
    as_mw(r)->descr = Ref::share(descr).release();
    as_mw(r)->self = Ref::share(self).release();
    return r;
}

Ref wrapper_descr_new(Thread& t, PyTypeObject* type, const SlotWrapper* w, void* fn) {
    Ref r = TRY(descr_alloc(t, &PyWrapperDescr_Type, type, w->name));
    auto* d = r.as<PyWrapperDescrObject>();
    d->d_base = w;
    d->d_wrapped = fn;
    return r;
}

Ref method_descr_new(Thread& t, PyTypeObject* type, const NativeDef& def) {
    if (def.flags & kMethStatic) {
        Ref fn = TRY(builtin_function_new(t, def, Value(type), Value()));
        return staticmethod_new(t, fn);
    }
    PyTypeObject* kind = def.flags & kMethClass ? &PyClassMethodDescr_Type : &PyMethodDescr_Type;
    Ref r = TRY(descr_alloc(t, kind, type, def.c.ml_name));
    r.as<PyMethodDescrObject>()->d_method = const_cast<PyMethodDef*>(&def.c);
    return r;
}

Ref method_descr_new(Thread& t, PyTypeObject* type, const PyMethodDef* def) {
    if (def->ml_flags & 0x20) {
        Ref fn = TRY(builtin_function_new(t, def, Value(type), Value()));
        return staticmethod_new(t, fn);
    }
    PyTypeObject* kind = def->ml_flags & 0x10 ? &PyClassMethodDescr_Type : &PyMethodDescr_Type;
    Ref r = TRY(descr_alloc(t, kind, type, def->ml_name));
    r.as<PyMethodDescrObject>()->d_method = const_cast<PyMethodDef*>(def);
    return r;
}

Ref getset_descr_new(Thread& t, PyTypeObject* type, const PyGetSetDef* def) {
    Ref r = TRY(descr_alloc(t, &PyGetSetDescr_Type, type, def->name));
    r.as<PyGetSetDescrObject>()->d_getset = const_cast<PyGetSetDef*>(def);
    return r;
}

Ref getset_descr_new(Thread& t, PyTypeObject* type, const GetSetDef& def) {
    Ref r = TRY(descr_alloc(t, &PyGetSetDescr_Type, type, def.c.name));
    r.as<PyGetSetDescrObject>()->d_getset = const_cast<PyGetSetDef*>(&def.c);
    return r;
}

Ref member_descr_new(Thread& t, PyTypeObject* type, const PyMemberDef& def) {
    Ref r = TRY(descr_alloc(t, &PyMemberDescr_Type, type, def.name));
    r.as<PyMemberDescrObject>()->d_member = const_cast<PyMemberDef*>(&def);
    return r;
}

Status init_builtin_descriptors(Thread& t) {
    static const TypeDecl method{
        .name = "method_descriptor",
        .basicsize = sizeof(PyMethodDescrObject),
        .flags = kTpHaveVectorcall | kDescrFlags | kTpMethodDescriptor,
        .slots = {.dealloc = descr_dealloc,
                  .traverse = descr_traverse,
                  .repr = method_repr,
                  .call = method_call,
                  .descr_get = method_get},
        .spec = {.methods = reducible_methods, .getset = method_getset, .members = descr_members}};
    static const TypeDecl class_method{.name = "classmethod_descriptor",
                                       .basicsize = sizeof(PyMethodDescrObject),
                                       .flags = kDescrFlags,
                                       .slots = {.dealloc = descr_dealloc,
                                                 .traverse = descr_traverse,
                                                 .repr = method_repr,
                                                 .call = classmethod_call,
                                                 .descr_get = classmethod_get},
                                       .spec = {.getset = method_getset, .members = descr_members}};
    static const TypeDecl member{
        .name = "member_descriptor",
        .basicsize = sizeof(PyMemberDescrObject),
        .flags = kDescrFlags,
        .slots = {.dealloc = descr_dealloc,
                  .traverse = descr_traverse,
                  .repr = member_repr,
                  .descr_get = member_get,
                  .descr_set = member_set},
        .spec = {.methods = reducible_methods, .getset = member_getset, .members = descr_members}};
    static const TypeDecl getset{.name = "getset_descriptor",
                                 .basicsize = sizeof(PyGetSetDescrObject),
                                 .flags = kDescrFlags,
                                 .slots = {.dealloc = descr_dealloc,
                                           .traverse = descr_traverse,
                                           .repr = getset_repr,
                                           .descr_get = getset_get,
                                           .descr_set = getset_set},
                                 .spec = {.getset = getset_getset, .members = descr_members}};
    static const TypeDecl wrapper{
        .name = "wrapper_descriptor",
        .basicsize = sizeof(PyWrapperDescrObject),
        .flags = kDescrFlags | kTpMethodDescriptor,
        .slots = {.dealloc = descr_dealloc,
                  .traverse = descr_traverse,
                  .repr = wrapper_repr,
                  .call = wrapper_call,
                  .descr_get = wrapper_get},
        .spec = {.methods = reducible_methods, .getset = wrapper_getset, .members = descr_members}};
    static const TypeDecl bound{.name = "method-wrapper",
                                .basicsize = sizeof(MethodWrapper),
                                .flags = kDescrFlags,
                                .slots = {.dealloc = mw_dealloc,
                                          .traverse = mw_traverse,
                                          .repr = mw_repr,
                                          .hash = mw_hash,
                                          .richcompare = mw_compare,
                                          .call = mw_call},
                                .spec = {.methods = mw_methods, .getset = mw_getset, .members = mw_members}};
    init_static_type(PyMethodDescr_Type, method);
    init_static_type(PyClassMethodDescr_Type, class_method);
    init_static_type(PyMemberDescr_Type, member);
    init_static_type(PyGetSetDescr_Type, getset);
    init_static_type(PyWrapperDescr_Type, wrapper);
    init_static_type(_PyMethodWrapper_Type, bound);
    for (Type* type : {&PyMethodDescr_Type, &PyClassMethodDescr_Type, &PyMemberDescr_Type,
                       &PyGetSetDescr_Type, &PyWrapperDescr_Type, &_PyMethodWrapper_Type})
        TRY(ready_type(t, type));
    return Status::ok();
}

}  // namespace krait

krait::Type PyMethodDescr_Type, PyClassMethodDescr_Type, PyMemberDescr_Type, PyGetSetDescr_Type,
    PyWrapperDescr_Type, _PyMethodWrapper_Type;
