// object.h: attributes, text, comparison, hashing and the constants.
#include <cerrno>

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "capi/fast.h"
#include "capi/slots.h"
#include "gc/gc.h"
#include "interp/attr_cache.h"
#include "object/attributes.h"
#include "object/instance.h"
#include "object/internal.h"
#include "object/names.h"
#include "support/aside.h"

using namespace krait;

namespace {
Ref interned(Thread& t, const char* s) { return str_intern(t, s); }
// What prints as "<NULL>".
bool null_text(PyObject* o, PyObject** result) {
    if (o) return false;
    *result = out(str_from(here(), "<NULL>"));
    return true;
}
}  // namespace

namespace {
using P = PyObject*;
// The ways to an attribute. Each function ends with the call of the next, so that the usual ones keep nothing
// in registers of their callers.
P attr_slow(Thread& t, P o, P name);
P attr_unknown(Thread& t, P o, P name);
P module_attr(Thread& t, P o, P name);

[[gnu::noinline]] P give_slow(Value v) { return to_c_new(v); }
inline P give_borrowed(Value v) {
    if (!ready_for_c(v)) [[unlikely]]
        return give_slow(v);
    incref(v);
    return v.ptr();
}
// A method of a builtin type, or of C's, bound to what C knows already.
[[gnu::noinline]] P bind_for_c(Thread& t, P o, P name, Value descr) {
    if (!has_type(descr, &PyMethodDescr_Type)) return attr_slow(t, o, name);
    auto* d = descr.as<PyMethodDescrObject>();
    PyTypeObject* defining = d->d_common.d_type;
    if (o->ob_type != defining && !is_subtype(o->ob_type, defining)) return attr_slow(t, o, name);
    Ref f = builtin_function_new(t, d->d_method, o, {}, defining);
    if (!f) return nullptr;
    if (tells_c_how_called(*d->d_method)) return out(std::move(f));
    P made = f.release().ptr();
    preheader(made)->flags |= kExposed;
    return made;
}
[[gnu::noinline]] P data_attr_for_c(Thread& t, P o, P name, Value descr) {
    if (has_type(descr, &PyGetSetDescr_Type)) {
        // A getter of C gives what C takes.
        auto* d = descr.as<PyGetSetDescrObject>();
        if (d->d_getset->get && ext(d->d_common.d_type)->is_c_type &&
            is_subtype(o->ob_type, d->d_common.d_type)) {
            P r = reinterpret_cast<P (*)(P, void*)>(d->d_getset->get)(o, d->d_getset->closure);
            if (r) return r;
            if (!t.has_exception()) return attr_slow(t, o, name);
            note_attribute(t, o, name);
            return nullptr;
        }
    }
    return out(get_data_attr(t, o, name, descr));
}
[[gnu::noinline]] P offset_dict_attr(Thread& t, P o, P name) {
    Value v = attr_cache_in_dict(o, name);
    return v ? give_borrowed(v) : attr_slow(t, o, name);
}
// `otherwise`: what the class has.
[[gnu::noinline]] P managed_dict_attr(Thread& t, P o, P name, Value otherwise) {
    Value v;
    if (PyDictObject* d = managed_dict(o)) v = dict_get_str(Value(&d->ob_base), name);
    if (!v) v = otherwise;
    return v ? give_borrowed(v) : attr_slow(t, o, name);
}
// `e` is the cache's entry.
[[gnu::always_inline]] inline P attr_known(Thread& t, P o, P name, const AttrCacheEntry& e) {
    Value v;
    switch (e.kind) {
        case AttrKind::Inline:
            v = attr_cache_inline(e, o);
            break;
        case AttrKind::OffsetDict:
            return offset_dict_attr(t, o, name);
        case AttrKind::Plain:
            if (!attr_cache_is_plain(e, o)) return attr_unknown(t, o, name);
            return managed_dict_attr(t, o, name, e.value);
        case AttrKind::Method:
        case AttrKind::ValuesMethod:
            if (attr_cache_binds(e, o)) return bind_for_c(t, o, name, e.value);
            break;
        case AttrKind::Data:
            return data_attr_for_c(t, o, name, e.value);
        case AttrKind::Slow:
            if (o->ob_type == &PyModule_Type) return module_attr(t, o, name);
            break;
    }
    return v ? give_borrowed(v) : attr_slow(t, o, name);
}
// The whole protocol.
P attr_slow(Thread& t, P o, P name) { return out(get_attr(t, o, Value(name))); }
// Modules: what their dict has, unless the type comes first, which has special names only.
P module_attr(Thread& t, P o, P name) {
    Value n(name);
    if (!str_is_interned(n) || (str_length(n) > 1 && str_char(n, 0) == '_')) return attr_slow(t, o, name);
    Value v = dict_get_str(reinterpret_cast<PyModuleObject*>(o)->md_dict, n);
    return v ? give_borrowed(v) : attr_slow(t, o, name);
}
// What the cache did not know.
[[gnu::noinline]] P attr_unknown(Thread& t, P o, P name) {
    if (!o || !name) return out(null_argument());
    if (is_str_exact(Value(name))) {
        if (o->ob_type == &PyModule_Type) return module_attr(t, o, name);
        if (ext(o->ob_type)->generic_getattr)
            if (AttrCacheEntry* e = attr_cache_find(t, o, name)) return attr_known(t, o, name, *e);
    }
    return attr_slow(t, o, name);
}
}  // namespace
CAPI PyObject* PyObject_GetAttr(PyObject* o, PyObject* name) {
    Thread& t = here();
    if (AttrCacheEntry* e = o ? attr_cache_peek(t, o->ob_type, name) : nullptr) [[likely]]
        return attr_known(t, o, name, *e);
    return called(attr_unknown(t, o, name));
}
CAPI PyObject* PyObject_GetAttrString(PyObject* o, const char* name) {
    return out(get_attr(here(), o, name));
}
CAPI int PyObject_GetOptionalAttr(PyObject* o, PyObject* name, PyObject** result) {
    *result = nullptr;
    if (!is_str(name))
        return fail(raise(here(), PyExc_TypeError, "attribute name must be string, not '%.200s'",
                          name->ob_type->tp_name));
    Maybe m = lookup_attr(here(), o, Value(name));
    return m ? give(m.take(), result) : -1;
}
CAPI int PyObject_GetOptionalAttrString(PyObject* o, const char* name, PyObject** result) {
    *result = nullptr;
    Maybe m = lookup_attr(here(), o, name);
    return m ? give(m.take(), result) : -1;
}
CAPI int PyObject_SetAttr(PyObject* o, PyObject* name, PyObject* v) {
    Thread& t = here();
    if (!o || !name) [[unlikely]]
        return fail(null_argument());
    if (v && is_str_exact(Value(name))) return out(store_attr(t, o, name, v));
    return out(set_attr(t, o, Value(name), v));
}
CAPI int PyObject_SetAttrString(PyObject* o, const char* name, PyObject* v) {
    return out(set_attr(here(), o, name, v));
}
CAPI int PyObject_DelAttr(PyObject* o, PyObject* name) {
    return out(set_attr(here(), o, Value(name), Value()));
}
CAPI int PyObject_DelAttrString(PyObject* o, const char* name) {
    return out(set_attr(here(), o, name, Value()));
}
CAPI int PyObject_HasAttrWithError(PyObject* o, PyObject* name) {
    if (!o || !name) return fail(null_argument());
    return out(has_attr(here(), o, Value(name)));
}
CAPI int PyObject_HasAttrStringWithError(PyObject* o, const char* name) {
    Thread& t = here();
    Ref n = interned(t, name);
    return n ? out(has_attr(t, o, n)) : -1;
}
CAPI int PyObject_HasAttr(PyObject* o, PyObject* name) {
    int r = PyObject_HasAttrWithError(o, name);
    if (r < 0)
        write_unraisable(here(),
                         "Exception ignored in PyObject_HasAttr(); consider using "
                         "PyObject_HasAttrWithError(), PyObject_GetOptionalAttr() or "
                         "PyObject_GetAttr()",
                         Value());
    return r > 0;
}
CAPI int PyObject_HasAttrString(PyObject* o, const char* name) {
    int r = PyObject_HasAttrStringWithError(o, name);
    if (r < 0)
        write_unraisable(here(),
                         "Exception ignored in PyObject_HasAttrString(); consider using "
                         "PyObject_HasAttrStringWithError(), PyObject_GetOptionalAttrString() "
                         "or PyObject_GetAttrString()",
                         Value());
    return r > 0;
}
CAPI PyObject* PyObject_GenericGetAttr(PyObject* o, PyObject* name) {
    return out(generic_get_attr(here(), o, Value(name)));
}
CAPI int PyObject_GenericSetAttr(PyObject* o, PyObject* name, PyObject* v) {
    return out(generic_set_attr(here(), o, Value(name), v));
}
CAPI PyObject* PyObject_GenericGetDict(PyObject* o, void*) { return out(instance_dict(here(), o)); }
CAPI int PyObject_GenericSetDict(PyObject* o, PyObject* v, void*) {
    if (!v) return fail(raise(here(), PyExc_TypeError, "cannot delete __dict__"));
    return out(instance_set_dict(here(), o, v));
}
CAPI PyObject** _PyObject_GetDictPtr(PyObject* o) {
    int64_t offset = o->ob_type->tp_dictoffset;
    if (has_managed_dict(o->ob_type)) {
        Ref d = instance_dict(here(), o);
        return d ? reinterpret_cast<PyObject**>(&managed_dict(o)) : nullptr;
    }
    if (offset == 0) return nullptr;
    if (offset < 0) {
        int64_t n = reinterpret_cast<PyVarObject*>(o)->ob_size;
        int64_t size = o->ob_type->tp_basicsize + (n < 0 ? -n : n) * o->ob_type->tp_itemsize;
        offset += (size + 7) & ~int64_t{7};
    }
    return reinterpret_cast<PyObject**>(reinterpret_cast<char*>(o) + offset);
}
CAPI PyObject* _PyObject_GetAttrId(PyObject* o, const char** id) { return PyObject_GetAttrString(o, *id); }
// The method of an object, and whether `self` is still to be passed (1).
CAPI int _PyObject_GetMethod(PyObject* o, PyObject* name, PyObject** method) {
    Thread& t = here();
    PyTypeObject* type = o->ob_type;
    *method = nullptr;
    if (ext(type)->generic_getattr && !type->tp_dictoffset) {
        Value found = type_lookup(type, name);
        if (found && (type_of(found)->tp_flags & kTpMethodDescriptor)) {
            *method = to_c_new(found);
            return 1;
        }
    }
    *method = out(get_attr(t, o, Value(name)));
    return 0;
}

// --- text ---

CAPI PyObject* PyObject_Repr(PyObject* o) {
    PyObject* r;
    return null_text(o, &r) ? r : out(repr(here(), o));
}
CAPI PyObject* PyObject_Str(PyObject* o) {
    PyObject* r;
    return null_text(o, &r) ? r : out(krait::str(here(), o));
}
CAPI PyObject* PyObject_ASCII(PyObject* o) {
    PyObject* r;
    return null_text(o, &r) ? r : out(ascii(here(), o));
}
CAPI PyObject* PyObject_Format(PyObject* o, PyObject* spec) { return out(format(here(), o, spec)); }
CAPI PyObject* PyObject_Dir(PyObject* o) { return out(dir(here(), o)); }
CAPI int PyObject_Print(PyObject* o, FILE* f, int flags) {
    Thread& t = here();
    clearerr(f);
    if (o && o->ob_refcnt == 0) {  // a debugger's question
        fprintf(f, "<refcnt 0 at %p>", static_cast<void*>(o));
        return 0;
    }
    Ref s = !o ? str_from(t, "<nil>") : (flags & 1) ? krait::str(t, o) : repr(t, o);
    if (!s) return -1;
    Ref bytes = encode(t, s, "utf-8", "backslashreplace");
    if (!bytes) return -1;
    auto* b = bytes.as<PyBytesObject>();
    fwrite(b->ob_sval, 1, static_cast<size_t>(b->ob_base.ob_size), f);
    if (!ferror(f)) return 0;
    int failed = errno;
    clearerr(f);
    return fail(raise_errno(t, failed));
}
CAPI void _PyObject_Dump(PyObject* o) {
    fprintf(stderr, "object address  : %p\n", static_cast<void*>(o));
    if (!o) return;
    fprintf(stderr, "object refcount : %u\nobject type     : %p\nobject type name: %s\n", o->ob_refcnt,
            static_cast<void*>(o->ob_type), o->ob_type ? o->ob_type->tp_name : "NULL");
}
CAPI int Py_ReprEnter(PyObject* o) { return out(repr_enter(here(), o)); }
CAPI void Py_ReprLeave(PyObject* o) { repr_leave(here(), o); }

// --- comparison, truth, hash ---

CAPI PyObject* PyObject_RichCompare(PyObject* a, PyObject* b, int op) {
    Thread& t = here();
    if (!a || !b) {
        if (!t.has_exception()) bad_call("PyObject_RichCompare");
        return nullptr;
    }
    return out(compare(t, a, b, static_cast<CompareOp>(op)));
}
// None and something of a type that equals nothing of another one: what C code asks all the time.
static bool is_none_beside(P none, P other) {
    PyTypeObject* type = other->ob_type;
    return none == &_Py_NoneStruct &&
           (type == &PyUnicode_Type || type == &PyLong_Type || type == &PyFloat_Type ||
            type == &PyTuple_Type || type == &PyList_Type || type == &PyDict_Type);
}
CAPI int PyObject_RichCompareBool(PyObject* a, PyObject* b, int op) {
    if (!a || !b) return fail(bad_call("PyObject_RichCompareBool"));
    if (a == b) {
        if (op == kEq) return 1;
        if (op == kNe) return 0;
    }
    if (a->ob_type == &PyUnicode_Type && b->ob_type == &PyUnicode_Type && (op == kEq || op == kNe))
        return str_equal(a, b) == (op == kEq);
    if (int64_t x, y; compact_int(a, &x) && compact_int(b, &y))
        return holds(static_cast<CompareOp>(op), x, y);
    if ((op == kEq || op == kNe) && (is_none_beside(a, b) || is_none_beside(b, a))) return op == kNe;
    return out(compare_bool(here(), a, b, static_cast<CompareOp>(op)));
}
CAPI int PyObject_IsTrue(PyObject* o) {
    if (o == &_Py_TrueStruct.ob_base) return 1;
    if (o == &_Py_FalseStruct.ob_base || o == &_Py_NoneStruct) return 0;
    if (o->ob_type == &PyList_Type || o->ob_type == &PyTuple_Type)
        return reinterpret_cast<PyVarObject*>(o)->ob_size != 0;
    if (o->ob_type == &PyUnicode_Type) return str_length(o) != 0;
    if (o->ob_type == &PyDict_Type) return dict_size(o) != 0;
    if (int64_t v; compact_int(o, &v)) return v != 0;
    return out(is_true(here(), o));
}
CAPI int PyObject_Not(PyObject* o) {
    int r = PyObject_IsTrue(o);
    return r < 0 ? r : !r;
}
CAPI Py_hash_t PyObject_Hash(PyObject* o) {
    if (o->ob_type == &PyUnicode_Type) return str_hash(o);
    // Smaller than the modulus of int hashes.
    if (int64_t v; compact_int(o, &v)) return v == -1 ? -2 : v;
    return out(hash(here(), o));
}
CAPI Py_hash_t PyObject_HashNotImplemented(PyObject* o) { return out(hash_not_implemented(here(), o)); }
CAPI Py_hash_t Py_HashBuffer(const void* p, Py_ssize_t n) { return hash_bytes(p, static_cast<size_t>(n)); }
CAPI Py_hash_t _Py_HashBytes(const void* p, Py_ssize_t n) { return hash_bytes(p, static_cast<size_t>(n)); }
CAPI Py_hash_t Py_HashPointer(const void* p) { return hash_pointer(p); }
CAPI Py_hash_t _Py_HashPointer(const void* p) { return hash_pointer(p); }
CAPI Py_hash_t PyObject_GenericHash(PyObject* o) {
    if (!o) return 0;
    // Boxed numbers have the identity of the number.
    Ref v = from_c(new_ref(o));
    return hash_pointer(reinterpret_cast<void*>(v.get().bits));
}
CAPI Py_hash_t _Py_HashDouble(PyObject* o, double d) { return hash_double(o, d); }
CAPI int Py_Is(PyObject* a, PyObject* b) { return is_same(a, b); }
CAPI int Py_IsNone(PyObject* a) { return a == &_Py_NoneStruct; }
CAPI int Py_IsTrue(PyObject* a) { return a == &_Py_TrueStruct.ob_base; }
CAPI int Py_IsFalse(PyObject* a) { return a == &_Py_FalseStruct.ob_base; }
CAPI PyObject* PyObject_SelfIter(PyObject* o) { return new_ref(o); }
CAPI PyObject* _PyObject_NextNotImplemented(PyObject* o) {
    return out(raise(here(), PyExc_TypeError, "'%.200s' object is not iterable", o->ob_type->tp_name));
}

// --- constants ---

CAPI PyObject* Py_GetConstantBorrowed(unsigned id) {
    Thread& t = here();
    switch (id) {
        case 0:
            return &_Py_NoneStruct;
        case 1:
            return &_Py_FalseStruct.ob_base;
        case 2:
            return &_Py_TrueStruct.ob_base;
        case 3:
            return &_Py_EllipsisObject;
        case 4:
            return &_Py_NotImplementedStruct;
        case 5:
        case 6:
            return box(Value::from_int(id - 5)).release().ptr();
        case 7:
            return ptr_of(empty_str());
        case 8: {
            static PyObject* empty;  // immortal
            if (!empty) {
                empty = out(call(t, Value(&PyBytes_Type)));
                if (empty) make_immortal(empty);
            }
            return empty;
        }
        case 9:
            return ptr_of(empty_tuple());
        default:
            return out(bad_call("Py_GetConstant"));
    }
}
CAPI PyObject* Py_GetConstant(unsigned id) {
    PyObject* o = Py_GetConstantBorrowed(id);
    return o ? new_ref(o) : nullptr;
}

// --- classes ---

CAPI int PyObject_IsInstance(PyObject* o, PyObject* cls) {
    if (Value(o->ob_type) == Value(cls)) return 1;
    return out(is_instance(here(), o, cls));
}
CAPI int PyObject_IsSubclass(PyObject* o, PyObject* cls) { return out(is_subclass(here(), o, cls)); }
CAPI int PyObject_TypeCheck(PyObject* o, PyTypeObject* type) { return is_subtype(o->ob_type, type); }
CAPI PyObject* PyObject_Type(PyObject* o) {
    if (!o) return out(null_argument());
    return new_ref(&o->ob_type->ob_base.ob_base);
}
CAPI PyObject* PyObject_SelfIterNext(PyObject* o) { return new_ref(o); }
CAPI PyObject* Py_GenericAlias(PyObject* origin, PyObject* args) {
    return out(generic_alias_new(here(), origin, args));
}
CAPI Py_ssize_t _PySys_GetSizeOf(PyObject* o) {
    Ref r = call_method(here(), o, "__sizeof__");
    int64_t n;
    return r && int_to_i64(r, &n) ? n : -1;
}
