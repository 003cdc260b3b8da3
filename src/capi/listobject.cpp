// listobject.h, tupleobject.h, sliceobject.h, structseq.h and small container types.
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/slice.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "capi/slots.h"
#include "gc/alloc.h"
#include "gc/gc.h"
#include "object/internal.h"
#include "support/aside.h"

using namespace krait;

namespace {
using P = PyObject*;
PyListObject* as_list(P o) { return reinterpret_cast<PyListObject*>(o); }
}  // namespace

// --- list ---

CAPI PyObject* PyList_New(Py_ssize_t n) {
    if (n < 0) return out(bad_call("PyList_New"));
    Ref r = list_new(here(), n);
    if (r) mark_exposed(r.get().ptr());
    return r.release().ptr();
}
CAPI Py_ssize_t PyList_Size(PyObject* o) { return is_list(o) ? list_size(o) : fail(bad_call("PyList_Size")); }
namespace {
// An item of a list that is none, has no such item, or is not exposed yet. Apart, so that the functions
// themselves keep no registers.
[[gnu::noinline]] P list_item_slow(P o, Py_ssize_t i) {
    if (!is_list(o)) return out(bad_call("PyList_GetItem"));
    if (i < 0 || i >= list_size(o)) return out(raise(here(), PyExc_IndexError, "list index out of range"));
    return expose(o) ? list_get(o, i).ptr() : nullptr;
}
[[gnu::noinline]] P new_list_item_slow(P o, Py_ssize_t i) {
    if (!is_list(o)) return out(raise(here(), PyExc_TypeError, "expected a list"));
    if (i < 0 || i >= list_size(o)) return out(raise(here(), PyExc_IndexError, "list index out of range"));
    return to_c_new(list_get(o, i));
}
// A list, which has an item i and has been exposed.
bool is_readable_at(P o, Py_ssize_t i) {
    return is_list(o) && static_cast<uint64_t>(i) < static_cast<uint64_t>(as_list(o)->ob_base.ob_size) &&
           !is_static_object(o) && (preheader(o)->flags & kExposed);
}
[[gnu::noinline]] int set_list_item_fails(P o, P v) {
    Ref item = Ref::steal(Value(v));
    return fail(is_list(o) ? raise(here(), PyExc_IndexError, "list assignment index out of range")
                           : bad_call("PyList_SetItem"));
}
[[gnu::noinline]] int done_with(P old) {
    dealloc(old);
    return 0;
}
}  // namespace
CAPI PyObject* PyList_GetItem(PyObject* o, Py_ssize_t i) {
    return is_readable_at(o, i) ? as_list(o)->ob_item[i].ptr() : called(list_item_slow(o, i));
}
CAPI PyObject* PyList_GetItemRef(PyObject* o, Py_ssize_t i) {
    if (!is_readable_at(o, i)) return called(new_list_item_slow(o, i));
    P item = as_list(o)->ob_item[i].ptr();
    incref(item);
    return item;
}
CAPI int PyList_SetItem(PyObject* o, Py_ssize_t i, PyObject* v) {
    if (!is_list(o) || static_cast<uint64_t>(i) >= static_cast<uint64_t>(list_size(o)))
        return called(set_list_item_fails(o, v));
    // What C has is fit for any list.
    Value old = list_items(o)[i];
    list_items(o)[i] = Value(v);
    return old.is_ptr() && old && gives_up_last(old.ptr()) ? done_with(old.ptr()) : 0;
}
CAPI int PyList_Insert(PyObject* o, Py_ssize_t i, PyObject* v) {
    if (!is_list(o) || !v) return fail(bad_call("PyList_Insert"));
    return out(list_insert(here(), o, i, v));
}
CAPI int PyList_Append(PyObject* o, PyObject* v) {
    if (!is_list(o) || !v) return fail(bad_call("PyList_Append"));
    auto* l = as_list(o);
    if (int64_t n = l->ob_base.ob_size; n < l->allocated) [[likely]] {
        incref(v);
        l->ob_item[n] = Value(v);
        l->ob_base.ob_size = n + 1;
        return 0;
    }
    return out(list_append(here(), o, v));
}
CAPI int _PyList_AppendTakeRefListResize(PyListObject* o, PyObject* v) {
    return out(list_append_owned(here(), Value(&o->ob_base.ob_base), Ref::steal(Value(v))));
}
CAPI PyObject* PyList_GetSlice(PyObject* o, Py_ssize_t i, Py_ssize_t j) {
    if (!is_list(o)) return out(bad_call("PyList_GetSlice"));
    if (i < 0) i = 0;
    if (i > list_size(o)) i = list_size(o);
    return out(list_slice(here(), o, i, j));
}
CAPI int PyList_SetSlice(PyObject* o, Py_ssize_t i, Py_ssize_t j, PyObject* v) {
    if (!is_list(o)) return fail(bad_call("PyList_SetSlice"));
    return out(list_set_slice(here(), o, i, j, v));
}
CAPI int PyList_Sort(PyObject* o) {
    return is_list(o) ? out(list_sort(here(), o)) : fail(bad_call("PyList_Sort"));
}
CAPI int PyList_Reverse(PyObject* o) {
    if (!is_list(o)) return fail(bad_call("PyList_Reverse"));
    auto* l = as_list(o);
    for (int64_t i = 0, j = l->ob_base.ob_size - 1; i < j; i++, j--) std::swap(l->ob_item[i], l->ob_item[j]);
    return 0;
}
CAPI int PyList_Extend(PyObject* o, PyObject* items) {
    return is_list(o) ? out(list_extend(here(), o, items)) : fail(bad_call("PyList_Extend"));
}
CAPI PyObject* _PyList_Extend(PyListObject* o, PyObject* items) {
    return list_extend(here(), Value(&o->ob_base.ob_base), items) ? new_none() : nullptr;
}
CAPI int PyList_Clear(PyObject* o) {
    return is_list(o) ? out(list_set_slice(here(), o, 0, list_size(o), Value()))
                      : fail(bad_call("PyList_Clear"));
}
CAPI PyObject* PyList_AsTuple(PyObject* o) {
    return is_list(o) ? out(list_to_tuple(here(), o)) : out(bad_call("PyList_AsTuple"));
}

// --- tuple ---

namespace {
// Exposed tuples of n > 0 items, which are still to be filled.
constexpr size_t kTupleHead = offsetof(PyTupleObject, ob_item);
constexpr Py_ssize_t kFewItems = 16;  // of those that come from what lies ready

P tuple_in(P o, Py_ssize_t n) {
    auto* tuple = reinterpret_cast<PyTupleObject*>(o);
    tuple->ob_base.ob_size = n;
    tuple->ob_hash = -1;
    return o;
}
// n <= kFewItems. Null: no block lies ready.
inline P tuple_at_once(Py_ssize_t n) {
    static_assert(kSmallStep == sizeof(Value) && (sizeof(PreHeader) + kTupleHead) % kSmallStep == 0);
    size_t k = (sizeof(PreHeader) + kTupleHead) / kSmallStep + static_cast<size_t>(n);
    auto* head = static_cast<PreHeader*>(small_take(k));
    if (!head) [[unlikely]]
        return nullptr;
    *head = std::bit_cast<PreHeader>(k << (8 * offsetof(PreHeader, lock)) |
                                     uint64_t{kExposed} << (8 * offsetof(PreHeader, flags)));
    auto* o = reinterpret_cast<P>(head + 1);
    init_header(o, &PyTuple_Type);
    return tuple_in(o, n);
}
[[gnu::noinline]] P tuple_slow(Py_ssize_t n) {
    Thread& t = here();
    if (n > (INT64_MAX - 64) / static_cast<Py_ssize_t>(sizeof(Value))) return out(raise_no_memory(t));
    P o = alloc_raw(t, &PyTuple_Type, kTupleHead + static_cast<size_t>(n) * sizeof(Value));
    if (!o) return nullptr;
    preheader(o)->flags |= kExposed;
    return tuple_in(o, n);
}
P raw_tuple(Py_ssize_t n) {
    P o = n <= kFewItems ? tuple_at_once(n) : nullptr;
    return o ? o : tuple_slow(n);
}
[[gnu::noinline]] P new_tuple_slow(Py_ssize_t n) {
    if (n <= 0) return n < 0 ? out(bad_call("PyTuple_New")) : new_ref(ptr_of(empty_tuple()));
    P o = tuple_slow(n);
    if (!o) return nullptr;
    memset(reinterpret_cast<PyTupleObject*>(o)->ob_item, 0, static_cast<size_t>(n) * sizeof(Value));
    gc_track(here(), o);
    return o;
}
}  // namespace
CAPI PyObject* PyTuple_New(Py_ssize_t n) {
    P o = static_cast<uint64_t>(n) - 1 < kFewItems ? tuple_at_once(n) : nullptr;
    if (!o) [[unlikely]]
        return called(new_tuple_slow(n));
    Value* items = reinterpret_cast<PyTupleObject*>(o)->ob_item;
    for (Py_ssize_t i = 0; i < n; i++) {
        items[i] = Value();
        asm volatile("");  // few: a call of memset would cost more
    }
    gc_track_new(here(), o);
    return o;
}
CAPI Py_ssize_t PyTuple_Size(PyObject* o) {
    return is_tuple(o) ? tuple_size(o) : fail(bad_call("PyTuple_Size"));
}
namespace {
[[gnu::noinline]] P tuple_item_slow(P o, Py_ssize_t i) {
    if (!is_tuple(o)) return out(bad_call("PyTuple_GetItem"));
    if (i < 0 || i >= tuple_size(o)) return out(raise(here(), PyExc_IndexError, "tuple index out of range"));
    return expose(o) ? tuple_get(o, i).ptr() : nullptr;
}
}  // namespace
CAPI PyObject* PyTuple_GetItem(PyObject* o, Py_ssize_t i) {
    auto* tuple = reinterpret_cast<PyTupleObject*>(o);
    if (is_tuple(o) && static_cast<uint64_t>(i) < static_cast<uint64_t>(tuple->ob_base.ob_size) &&
        has_preheader(o) && (preheader(o)->flags & kExposed))
        return tuple->ob_item[i].ptr();
    return called(tuple_item_slow(o, i));
}
CAPI int PyTuple_SetItem(PyObject* o, Py_ssize_t i, PyObject* v) {
    Ref item = Ref::steal(Value(v));
    if (!is_tuple(o) || o->ob_refcnt != 1) return fail(bad_call("PyTuple_SetItem"));
    if (i < 0 || i >= tuple_size(o))
        return fail(raise(here(), PyExc_IndexError, "tuple assignment index out of range"));
    Value old = tuple_items(o)[i];
    tuple_items(o)[i] = item.release();
    xdecref(old);
    return 0;
}
CAPI PyObject* PyTuple_GetSlice(PyObject* o, Py_ssize_t i, Py_ssize_t j) {
    return is_tuple(o) ? out(tuple_slice(here(), o, i, j)) : out(bad_call("PyTuple_GetSlice"));
}
namespace {
// Puts items into a new tuple. As long as nothing in it can be part of a cycle, it cannot either.
inline bool fill_tuple(P tuple, Py_ssize_t at, P item) {
    incref(item);
    reinterpret_cast<PyTupleObject*>(tuple)->ob_item[at] = Value(item);
    return (item->ob_type->tp_flags & kTpHaveGC) && (item->ob_type != &PyTuple_Type || is_tracked(item));
}
}  // namespace
// The first items have names because of where they are passed: in registers, filled or not.
CAPI PyObject* PyTuple_Pack(Py_ssize_t n, PyObject* a, PyObject* b, PyObject* c, PyObject* d, PyObject* e,
                            ...) {
    constexpr Py_ssize_t kNamed = 5;
    if (n <= 0) return PyTuple_New(n);
    P named[kNamed] = {a, b, c, d, e};
    P tuple = raw_tuple(n);
    if (!tuple) return nullptr;
    bool tracked = false;
    for (Py_ssize_t i = 0; i < n && i < kNamed; i++)
        if (fill_tuple(tuple, i, named[i])) tracked = true;
    if (n > kNamed) {
        va_list va;
        va_start(va, e);
        for (Py_ssize_t i = kNamed; i < n; i++)
            if (fill_tuple(tuple, i, va_arg(va, P))) tracked = true;
        va_end(va);
    }
    if (tracked) gc_track_new(here(), tuple);
    return tuple;
}
CAPI PyObject* PyTuple_FromArray(PyObject* const* items, Py_ssize_t n) {
    if (n < 0) return out(bad_call("PyTuple_FromArray"));
    Ref r = tuple_from(here(), values(items), n);
    return out(std::move(r));
}
CAPI int _PyTuple_Resize(PyObject** place, Py_ssize_t n) {
    Thread& t = here();
    P old = *place;
    if (!old || !has_type(Value(old), &PyTuple_Type) || n < 0 || (tuple_size(old) && old->ob_refcnt != 1)) {
        *place = nullptr;
        if (old) decref(old);
        return fail(bad_internal_call(t, "_PyTuple_Resize"));
    }
    int64_t have = tuple_size(old);
    if (have == n) return 0;
    P made = PyTuple_New(n);
    if (!made) {
        *place = nullptr;
        decref(old);
        return -1;
    }
    for (int64_t i = 0; i < have && i < n; i++) {
        tuple_items(made)[i] = tuple_items(old)[i];
        tuple_items(old)[i] = Value();
    }
    decref(old);
    *place = made;
    return 0;
}

// --- slice ---

CAPI PyObject* PySlice_New(PyObject* start, PyObject* stop, PyObject* step) {
    auto or_none = [](P o) { return o ? Value(o) : none(); };
    Value args[] = {or_none(start), or_none(stop), or_none(step)};
    return out(call(here(), Value(&PySlice_Type), args, 3));
}
CAPI int PySlice_Unpack(PyObject* slice, Py_ssize_t* start, Py_ssize_t* stop, Py_ssize_t* step) {
    return out(slice_unpack(here(), slice, start, stop, step));
}
CAPI Py_ssize_t PySlice_AdjustIndices(Py_ssize_t length, Py_ssize_t* start, Py_ssize_t* stop,
                                      Py_ssize_t step) {
    Py_ssize_t n = slice_adjust(length, start, stop, step);
    return n < 0 ? 0 : n;
}
CAPI int PySlice_GetIndicesEx(PyObject* slice, Py_ssize_t length, Py_ssize_t* start, Py_ssize_t* stop,
                              Py_ssize_t* step, Py_ssize_t* n) {
    if (PySlice_Unpack(slice, start, stop, step) < 0) return -1;
    *n = PySlice_AdjustIndices(length, start, stop, *step);
    return 0;
}
CAPI int PySlice_GetIndices(PyObject* slice, Py_ssize_t length, Py_ssize_t* start, Py_ssize_t* stop,
                            Py_ssize_t* step) {
    // It counts negative bounds from the end once, clips nothing, and fails without an exception.
    auto* s = reinterpret_cast<PySliceObject*>(slice);
    Thread& t = here();
    auto bound = [&](Value v, Py_ssize_t fallback, Py_ssize_t* to) {
        *to = fallback;
        if (is_none(v)) return true;
        if (!is_long(v) || !int_to_i64(v, to)) {
            clear_error(t);
            return false;
        }
        return true;
    };
    if (!bound(s->step, 1, step)) return -1;
    if (!bound(s->start, *step < 0 ? length - 1 : 0, start)) return -1;
    if (!is_none(s->start) && *start < 0) *start += length;
    if (!bound(s->stop, *step < 0 ? -1 : length, stop)) return -1;
    if (!is_none(s->stop) && *stop < 0) *stop += length;
    return *stop > length || *start >= length || *step == 0 ? -1 : 0;
}

// --- cells, methods, namespaces ---

CAPI PyObject* PyCell_New(PyObject* v) { return out(cell_new(here(), v)); }
CAPI PyObject* PyCell_Get(PyObject* o) {
    if (!has_type(Value(o), &PyCell_Type)) return out(bad_call("PyCell_Get"));
    Value v = reinterpret_cast<PyCellObject*>(o)->ob_ref;
    return v ? to_c_new(v) : nullptr;
}
CAPI int PyCell_Set(PyObject* o, PyObject* v) {
    if (!has_type(Value(o), &PyCell_Type)) return fail(bad_call("PyCell_Set"));
    auto* c = reinterpret_cast<PyCellObject*>(o);
    Value old = c->ob_ref;
    c->ob_ref = Ref::share(Value(v)).release();
    xdecref(old);
    return 0;
}
CAPI PyObject* PyMethod_New(PyObject* f, PyObject* self) {
    return self ? out(method_new(here(), f, self)) : out(bad_call("PyMethod_New"));
}
CAPI PyObject* PyMethod_Function(PyObject* o) { return reinterpret_cast<PyMethodObject*>(o)->im_func.ptr(); }
CAPI PyObject* PyMethod_Self(PyObject* o) {
    return expose(o) ? reinterpret_cast<PyMethodObject*>(o)->im_self.ptr() : nullptr;
}
CAPI PyObject* PyInstanceMethod_New(PyObject* f) {
    return out(call(here(), Value(&PyInstanceMethod_Type), {Value(f)}));
}
CAPI PyObject* PyInstanceMethod_Function(PyObject* o) {
    return *reinterpret_cast<PyObject**>(reinterpret_cast<char*>(o) + sizeof(PyObject));
}
CAPI PyObject* PyStaticMethod_New(PyObject* f) { return out(staticmethod_new(here(), f)); }
CAPI PyObject* PyClassMethod_New(PyObject* f) { return out(classmethod_new(here(), f)); }
CAPI PyObject* _PyNamespace_New(PyObject* dict) { return out(namespace_new(here(), dict)); }

// --- builtin functions and descriptors ---

CAPI PyObject* PyCMethod_New(PyMethodDef* d, PyObject* self, PyObject* module, PyTypeObject* cls) {
    return out(builtin_function_new(here(), d, self, module, cls));
}
CAPI PyObject* PyCFunction_NewEx(PyMethodDef* d, PyObject* self, PyObject* module) {
    return out(builtin_function_new(here(), d, self, module));
}
CAPI PyObject* PyCFunction_New(PyMethodDef* d, PyObject* self) { return PyCFunction_NewEx(d, self, nullptr); }
CAPI PyCFunction PyCFunction_GetFunction(PyObject* o) {
    if (!is_instance_exact_or_sub(o, &PyCFunction_Type))
        return reinterpret_cast<PyCFunction>(out(bad_call("PyCFunction_GetFunction")));
    return reinterpret_cast<PyCFunction>(reinterpret_cast<PyCFunctionObject*>(o)->m_ml->ml_meth);
}
CAPI PyObject* PyCFunction_GetSelf(PyObject* o) {
    if (!is_instance_exact_or_sub(o, &PyCFunction_Type)) return out(bad_call("PyCFunction_GetSelf"));
    auto* f = reinterpret_cast<PyCFunctionObject*>(o);
    if (f->m_ml->ml_flags & 0x20) return nullptr;
    return expose(o) ? ptr_of(f->m_self) : nullptr;
}
CAPI int PyCFunction_GetFlags(PyObject* o) {
    if (!is_instance_exact_or_sub(o, &PyCFunction_Type)) return fail(bad_call("PyCFunction_GetFlags"));
    return reinterpret_cast<PyCFunctionObject*>(o)->m_ml->ml_flags & ~NativeDef::kNativeDefBit;
}
CAPI PyObject* PyCFunction_Call(PyObject* f, PyObject* args, PyObject* kw) {
    return out(call_tuple_dict(here(), f, args, kw));
}
CAPI PyObject* PyDescr_NewMethod(PyTypeObject* type, PyMethodDef* d) {
    Thread& t = here();
    return ensure_ready(t, type) ? out(method_descr_new(t, type, d)) : nullptr;
}
CAPI PyObject* PyDescr_NewClassMethod(PyTypeObject* type, PyMethodDef* d) {
    Thread& t = here();
    Ref r = ensure_ready(t, type) ? method_descr_new(t, type, d) : Ref();
    if (r && has_type(r, &PyMethodDescr_Type)) r.get().ptr()->ob_type = &PyClassMethodDescr_Type;
    return out(std::move(r));
}
CAPI PyObject* PyDescr_NewGetSet(PyTypeObject* type, PyGetSetDef* d) {
    return out(getset_descr_new(here(), type, d));
}
CAPI PyObject* PyDescr_NewMember(PyTypeObject* type, PyMemberDef* d) {
    return out(member_descr_new(here(), type, *d));
}
namespace {
// What C says of a wrapper of its own.
struct CWrapper {
    const char* name;
    int offset;
    void* function;
    void* wrapper;  // a function (self, args, wrapped), and a dict where `flags` say so
    const char* doc;
    int flags;
    P name_strobj;
};
constexpr int kWrapperKeywords = 1;
// The description that Krait's descriptors have, with C's.
struct WrapperOfC {
    SlotWrapper base;
    CWrapper* c;
    void* wrapped;
};
Ref run_wrapper_of_c(Thread& t, Value self, void* fn, const Value* args, size_t nargs, Value kwnames) {
    auto* w = static_cast<WrapperOfC*>(fn);
    CallArgs given(t, args, nargs, kwnames);
    if (!given) return {};
    CArg object(self);
    if (!object.ok()) return {};
    auto plain = reinterpret_cast<P (*)(P, P, void*)>(w->c->wrapper);
    auto with_keywords = reinterpret_cast<P (*)(P, P, void*, P)>(w->c->wrapper);
    P r = w->c->flags & kWrapperKeywords ? with_keywords(object, given.args(), w->wrapped, given.kw())
                                         : plain(object, given.args(), w->wrapped);
    return checked(t, r, self);
}
}  // namespace
CAPI PyObject* PyDescr_NewWrapper(PyTypeObject* type, CWrapper* c, void* wrapped) {
    Thread& t = here();
    // It stays for good, as C's own description does.
    auto* w = static_cast<WrapperOfC*>(mem_alloc_zeroed(sizeof(WrapperOfC)));
    if (!w) return out(raise_no_memory(t));
    *w = {.base = {.name = c->name,
                   .slot = -1,
                   .wrapper = run_wrapper_of_c,
                   .keywords = (c->flags & kWrapperKeywords) != 0,
                   .signature = nullptr,
                   .doc = c->doc,
                   .name_value = {}},
          .c = c,
          .wrapped = wrapped};
    return out(wrapper_descr_new(t, type, &w->base, w));
}
CAPI int PyDescr_IsData(PyObject* o) { return is_data_descriptor(o); }
CAPI PyObject* PyDictProxy_New(PyObject* mapping) {
    Thread& t = here();
    if (is_dict(mapping)) return out(dict_proxy_new(t, mapping));
    return out(call(t, Value(&PyDictProxy_Type), {Value(mapping)}));
}
CAPI PyObject* PyWrapper_New(PyObject* d, PyObject* self) { return out(method_wrapper_new(here(), d, self)); }
