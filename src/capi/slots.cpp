#include "capi/slots.h"

#include <string_view>
#include <type_traits>

#include "builtins/str.h"
#include "builtins/tuple.h"
#include "capi/fast.h"
#include "capi/stubs.h"
#include "gc/alloc.h"
#include "gc/gc.h"
#include "modules/interpreters/cross.h"
#include "object/attributes.h"
#include "object/instance.h"
#include "object/internal.h"
#include "support/aside.h"

CAPI PyObject* PyObject_GenericGetAttr(PyObject*, PyObject*);
CAPI int PyObject_GenericSetAttr(PyObject*, PyObject*, PyObject*);
CAPI Py_hash_t PyObject_HashNotImplemented(PyObject*);
CAPI PyObject* PyVectorcall_Call(PyObject*, PyObject*, PyObject*);
CAPI PyObject* PyType_GenericAlloc(PyTypeObject*, Py_ssize_t);
CAPI void PyObject_GC_Del(void*);
CAPI void PyObject_Free(void*);

namespace krait {
namespace {

using P = PyObject*;
using Pad = uint64_t;  // argument registers that a handler does not use

// --- C functions in Value slots: `fn` is the C function ---

// A slot of C that failed must have said why.
Ref slot_result(Thread& t, P r) {
    if (!r && !t.has_exception()) [[unlikely]]
        return raise(t, PyExc_SystemError,
                     "a slot function of an extension type returned NULL without "
                     "setting an exception");
    return from_c(r);
}

// Operands that C may have as they are, which most are, need no place to be kept in.
template <class... V>
bool plain(V... v) {
    return (ready_for_c(v) && ...);
}

// The others are made fit for C first; the failure value, with MemoryError, when that needs more memory than
// there is.
template <class T>
struct Fit {
    T value;
    bool ok() const { return true; }
    operator T() const { return value; }  // NOLINT
};
template <>
struct Fit<Value> : CArg {
    using CArg::CArg;
};
template <class R, class... A, class... V>
R converted(R (*fn)(A...), V... v) {
    return [fn](const auto&... a) -> R {
        if ((a.ok() && ...)) return fn(a...);
        if constexpr (std::is_pointer_v<R>)
            return nullptr;
        else
            return -1;
    }(Fit<V>(v)...);
}

Ref k_unary(Thread& t, Value a, Pad, Pad, Pad, P (*fn)(P)) {
    KeptFrame frame(t);
    if (plain(a)) [[likely]]
        return slot_result(t, fn(a.ptr()));
    return slot_result(t, converted(fn, a));
}
Ref k_iternext(Thread& t, Value a, Pad, Pad, Pad, P (*fn)(P)) {
    KeptFrame frame(t);
    if (plain(a)) [[likely]]
        return from_c(fn(a.ptr()));
    return from_c(converted(fn, a));
}
Ref k_binary(Thread& t, Value a, Value b, Pad, Pad, P (*fn)(P, P)) {
    KeptFrame frame(t);
    if (plain(a, b)) [[likely]]
        return slot_result(t, fn(a.ptr(), b.ptr()));
    return slot_result(t, converted(fn, a, b));
}
Ref k_ternary(Thread& t, Value a, Value b, Value c, Pad, P (*fn)(P, P, P)) {
    return slot_result(t, converted(fn, a, b, c ? c : none()));
}
Result<bool> k_inquiry(Thread&, Value a, Pad, Pad, Pad, int (*fn)(P)) {
    int r = plain(a) ? fn(a.ptr()) : converted(fn, a);
    return r < 0 ? Result<bool>() : Result<bool>(r != 0);
}
[[gnu::noinline]] Result<int64_t> hash_converted(Thread& t, Value a, Py_hash_t (*fn)(P)) {
    Py_hash_t h = converted(fn, a);
    return h != -1 ? Result<int64_t>(h) : hash_of_minus_one(t);
}
Result<int64_t> k_hash(Thread& t, Value a, Pad, Pad, Pad, Py_hash_t (*fn)(P)) {
    if (!plain(a)) [[unlikely]]
        return called(hash_converted(t, a, fn));
    Py_hash_t h = fn(a.ptr());
    return h != -1 ? Result<int64_t>(h) : called(hash_of_minus_one(t));
}
Ref k_compare(Thread& t, Value a, Value b, CompareOp op, Pad, P (*fn)(P, P, int)) {
    if (plain(a, b)) [[likely]]
        return slot_result(t, fn(a.ptr(), b.ptr(), op));
    return slot_result(t, converted(fn, a, b, op));
}
Ref k_call(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames, P (*fn)(P, P, P)) {
    KeptFrame frame(t);
    PyTypeObject* type = type_of(self);
    if (type->tp_vectorcall_offset > 0 && ((type->tp_flags & kTpHaveVectorcall) || fn == PyVectorcall_Call)) {
        using Vectorcall = P (*)(P, P const*, size_t, P);
        auto vc =
            *reinterpret_cast<Vectorcall*>(reinterpret_cast<char*>(self.ptr()) + type->tp_vectorcall_offset);
        if (vc) {
            CArgs a(args, nargs + (kwnames ? tuple_size(kwnames) : 0));
            CArg names(kwnames);
            if (!a.ok() || !names.ok()) return {};
            return checked(t, vc(self.ptr(), a.get(), nargs, names), self);
        }
    }
    CallArgs a(t, args, nargs, kwnames);
    if (!a) return {};
    return checked(t, fn(self.ptr(), a.args(), a.kw()), self);
}
// Whatever functions that store return besides 0 is a failure: SWIG's give 1 with an exception set.
Status stored(int r) { return r ? Status() : Status::ok(); }
Status k_setattr(Thread&, Value a, Value b, Value c, Pad, int (*fn)(P, P, P)) {
    if (c && plain(a, b, c)) [[likely]]
        return stored(fn(a.ptr(), b.ptr(), c.ptr()));
    return stored(converted(fn, a, b, c));
}
Ref k_descr_get(Thread& t, Value d, Value obj, Value type, Pad, P (*fn)(P, P, P)) {
    return slot_result(t, converted(fn, d, obj, type));
}
Status k_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames, int (*fn)(P, P, P)) {
    CallArgs a(t, args, nargs, kwnames);
    if (!a) return {};
    return fn(self.ptr(), a.args(), a.kw()) < 0 ? Status() : Status::ok();
}
Ref k_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames,
          P (*fn)(PyTypeObject*, P, P)) {
    CallArgs a(t, args, nargs, kwnames);
    if (!a) return {};
    return checked(t, fn(type, a.args(), a.kw()), Value(type));
}
Result<int64_t> k_length(Thread& t, Value a, Pad, Pad, Pad, Py_ssize_t (*fn)(P)) {
    Py_ssize_t n = plain(a) ? fn(a.ptr()) : converted(fn, a);
    if (n < 0) {
        if (!t.has_exception())
            return raise(t, PyExc_SystemError, "a length slot failed without an exception");
        return {};
    }
    return n;
}
Ref k_index(Thread& t, Value a, int64_t i, Pad, Pad, P (*fn)(P, Py_ssize_t)) {
    if (plain(a)) [[likely]]
        return slot_result(t, fn(a.ptr(), i));
    return slot_result(t, converted(fn, a, i));
}
Status k_setindex(Thread&, Value a, int64_t i, Value v, Pad, int (*fn)(P, Py_ssize_t, P)) {
    return stored(converted(fn, a, i, v));
}
Result<bool> k_contains(Thread&, Value a, Value b, Pad, Pad, int (*fn)(P, P)) {
    int r = plain(a, b) ? fn(a.ptr(), b.ptr()) : converted(fn, a, b);
    return r < 0 ? Result<bool>() : Result<bool>(r != 0);
}
SendResult k_send(Thread&, Value gen, Value arg, Ref& result, Pad, int (*fn)(P, P, P*)) {
    P r = nullptr;
    int how = converted(fn, gen, arg, &r);
    result = from_c(r);
    return how < 0 ? SendResult::Error : how == 0 ? SendResult::Return : SendResult::Next;
}
Status k_getbuffer(Thread& t, Value v, Py_buffer* view, int flags, Pad, int (*fn)(P, Py_buffer*, int)) {
    if (converted(fn, v, view, flags) == 0) return Status::ok();
    if (!t.has_exception()) return raise(t, PyExc_BufferError, "the object gave no buffer");
    return {};
}
void k_releasebuffer(Thread& t, Value v, Py_buffer* view, Pad, Pad, void (*fn)(P, Py_buffer*)) {
    CArg exporter(v);
    if (exporter.ok())
        fn(exporter, view);
    else
        write_unraisable(t, "Exception ignored while releasing a buffer", v);
}
void k_dealloc(Thread&, P o, Pad, Pad, Pad, void (*fn)(P)) { fn(o); }

struct VisitArg {
    Visitor* v;
    PyTypeObject* own_type;  // the collector itself counts the type of an instance, once
};
int visit_for_c(P o, void* arg) {
    auto* a = static_cast<VisitArg*>(arg);
    if (a->own_type && o == &a->own_type->ob_base.ob_base)
        a->own_type = nullptr;
    else
        a->v->visit(o);
    return 0;
}
void k_traverse(P o, Visitor& v, Pad, Pad, Pad, int (*fn)(P, visitproc, void*)) {
    PyTypeObject* type = o->ob_type;
    VisitArg arg{&v, type->tp_flags & kTpHeapType ? type : nullptr};
    fn(o, visit_for_c, &arg);
}
void k_clear(Thread&, P o, Pad, Pad, Pad, int (*fn)(P)) { fn(o); }
void k_finalize(Thread&, P o, Pad, Pad, Pad, void (*fn)(P)) { fn(o); }

// tp_getattr and tp_setattr, which take the name as C text.
Ref k_getattr_text(Thread& t, Value a, Value name, Pad, Pad, P (*fn)(P, const char*)) {
    auto text = TRY(str_utf8(t, name));
    return slot_result(t, converted(fn, a, text.data()));
}
Status k_setattr_text(Thread& t, Value a, Value name, Value v, Pad, int (*fn)(P, const char*, P)) {
    auto text = TRY(str_utf8(t, name));
    return stored(converted(fn, a, text.data(), v));
}

// --- Value slots for C: `fn` is the slot function ---

P c_unary(P a, Pad, Pad, Pad, Pad, UnaryFn fn) { return out(fn(here(), a)); }
P c_binary(P a, P b, Pad, Pad, Pad, BinaryFn fn) { return out(fn(here(), a, b)); }
P c_ternary(P a, P b, P c, Pad, Pad, TernaryFn fn) { return out(fn(here(), a, b, c)); }
int c_inquiry(P a, Pad, Pad, Pad, Pad, InquiryFn fn) { return out(fn(here(), a)); }
Py_hash_t c_hash(P a, Pad, Pad, Pad, Pad, HashFn fn) { return out(fn(here(), a)); }
P c_compare(P a, P b, int op, Pad, Pad, CompareFn fn) {
    return out(fn(here(), a, b, static_cast<CompareOp>(op)));
}
P c_call(P self, P args, P kw, Pad, Pad, CallFn fn) {
    Thread& t = here();
    Unpacked u(t, args, kw);
    return u ? out(fn(t, self, u.args(), u.nargs(), u.names())) : nullptr;
}
int c_setattr(P a, P b, P c, Pad, Pad, SetAttrFn fn) { return out(fn(here(), a, b, c)); }
P c_descr_get(P d, P obj, P type, Pad, Pad, DescrGetFn fn) {
    return out(fn(here(), d, obj, type ? Value(type) : obj ? Value(obj->ob_type) : Value()));
}
int c_init(P self, P args, P kw, Pad, Pad, InitFn fn) {
    Thread& t = here();
    Unpacked u(t, args, kw);
    return u ? out(fn(t, self, u.args(), u.nargs(), u.names())) : -1;
}
P c_new(PyTypeObject* type, P args, P kw, Pad, Pad, NewFn fn) {
    Thread& t = here();
    Unpacked u(t, args, kw);
    return u ? out(fn(t, type, u.args(), u.nargs(), u.names())) : nullptr;
}
Py_ssize_t c_length(P a, Pad, Pad, Pad, Pad, LengthFn fn) { return out(fn(here(), a)); }
P c_index(P a, Py_ssize_t i, Pad, Pad, Pad, IndexFn fn) { return out(fn(here(), a, i)); }
int c_setindex(P a, Py_ssize_t i, P v, Pad, Pad, SetIndexFn fn) { return out(fn(here(), a, i, v)); }
int c_contains(P a, P b, Pad, Pad, Pad, ContainsFn fn) { return out(fn(here(), a, b)); }
int c_send(P gen, P arg, P* result, Pad, Pad, SendFn fn) {
    Ref r;
    SendResult how = fn(here(), gen, arg, r);
    if (give(std::move(r), result) < 0) return -1;
    return how == SendResult::Error ? -1 : how == SendResult::Return ? 0 : 1;
}
int c_getbuffer(P v, Py_buffer* view, int flags, Pad, Pad, GetBufferFn fn) {
    return out(fn(here(), v, view, flags));
}
void c_releasebuffer(P v, Py_buffer* view, Pad, Pad, Pad, ReleaseBufferFn fn) { fn(here(), v, view); }

// What dealloc() sees to before it calls a deallocator of ours: the collector is not to meet what is half
// gone.
void untrack_dying(Thread& t, P o) {
    if (has_gc_header(o)) gc_untrack(t, o);
}
// A deallocator of a static type, called by that of a C type that derives from it: the count of a heap type
// stays for the caller, as in CPython.
void c_dealloc_static(P o, Pad, Pad, Pad, Pad, DeallocFn fn) {
    Thread& t = here();
    if (o->ob_type->tp_flags & kTpHeapType) incref(&o->ob_type->ob_base.ob_base);
    untrack_dying(t, o);
    fn(t, o);
}
void c_dealloc_heap(P o, Pad, Pad, Pad, Pad, DeallocFn fn) {
    if (ext(o->ob_type)->slots.dealloc == fn) return dealloc(o);
    Thread& t = here();
    untrack_dying(t, o);
    fn(t, o);
}
struct ForeignVisitor : Visitor {
    visitproc visit_c;
    void* arg;
    int result;
};
void forward_visit(Visitor& v, P o) {
    auto& f = static_cast<ForeignVisitor&>(v);
    if (!f.result) f.result = f.visit_c(o, f.arg);
}
int c_traverse(P o, visitproc visit, void* arg, Pad, Pad, TraverseFn fn) {
    ForeignVisitor v;
    v.fn = forward_visit;
    v.visit_c = visit;
    v.arg = arg;
    v.result = 0;
    fn(o, v);
    return v.result;
}
int c_clear(P o, Pad, Pad, Pad, Pad, ClearFn fn) {
    fn(here(), o);
    return 0;
}
void c_finalize(P o, Pad, Pad, Pad, Pad, FinalizeFn fn) { fn(here(), o); }

// --- tables ---

struct Faces {
    void *k, *c;
};
#define FACES(kind, k, c) \
    const Faces kFaces_##kind = {reinterpret_cast<void*>(&k), reinterpret_cast<void*>(&c)};
FACES(DeallocFn, k_dealloc, c_dealloc_static)
FACES(TraverseFn, k_traverse, c_traverse)
FACES(ClearFn, k_clear, c_clear)
FACES(FinalizeFn, k_finalize, c_finalize)
FACES(UnaryFn, k_unary, c_unary)
FACES(BinaryFn, k_binary, c_binary)
FACES(TernaryFn, k_ternary, c_ternary)
FACES(InquiryFn, k_inquiry, c_inquiry)
FACES(HashFn, k_hash, c_hash)
FACES(CompareFn, k_compare, c_compare)
FACES(CallFn, k_call, c_call)
FACES(SetAttrFn, k_setattr, c_setattr)
FACES(DescrGetFn, k_descr_get, c_descr_get)
FACES(InitFn, k_init, c_init)
FACES(NewFn, k_new, c_new)
FACES(LengthFn, k_length, c_length)
FACES(IndexFn, k_index, c_index)
FACES(SetIndexFn, k_setindex, c_setindex)
FACES(ContainsFn, k_contains, c_contains)
FACES(SendFn, k_send, c_send)
FACES(GetBufferFn, k_getbuffer, c_getbuffer)
FACES(ReleaseBufferFn, k_releasebuffer, c_releasebuffer)
const Faces kFacesIternext = {reinterpret_cast<void*>(&k_iternext), reinterpret_cast<void*>(&c_unary)};

Faces faces_at(int slot) {
    if (slot == kSlot_iternext) return kFacesIternext;
    static const Faces kAll[] = {
#define SLOT(name, kind, group) kFaces_##kind,
#include "object/slots.def"
    };
    return kAll[slot];
}

// Pairs that are the same operation on both sides: no stub between them.
struct SamePair {
    int slot;
    void *native, *c;
};
const SamePair kSame[] = {
    {kSlot_getattr, reinterpret_cast<void*>(&generic_get_attr),
     reinterpret_cast<void*>(&PyObject_GenericGetAttr)},
    {kSlot_setattr, reinterpret_cast<void*>(&generic_set_attr),
     reinterpret_cast<void*>(&PyObject_GenericSetAttr)},
    {kSlot_hash, reinterpret_cast<void*>(&hash_not_implemented),
     reinterpret_cast<void*>(&PyObject_HashNotImplemented)},
};

// Where the C face of a slot is: in the type itself, or in one of its suites.
enum class Suite : uint8_t { Type, Number, Mapping, Sequence, Async, Buffer };
struct Field {
    Suite suite;
    uint16_t offset;
};
constexpr Field field_named(std::string_view name) {
#define F(slot, suite, type, field) \
    if (name == #slot) return Field{Suite::suite, offsetof(type, field)};
    F(dealloc, Type, _typeobject, tp_dealloc)
    F(traverse, Type, _typeobject, tp_traverse)
    F(clear, Type, _typeobject, tp_clear)
    F(finalize, Type, _typeobject, tp_finalize)
    F(repr, Type, _typeobject, tp_repr)
    F(str, Type, _typeobject, tp_str)
    F(hash, Type, _typeobject, tp_hash)
    F(richcompare, Type, _typeobject, tp_richcompare)
    F(call, Type, _typeobject, tp_call)
    F(getattr, Type, _typeobject, tp_getattro)
    F(setattr, Type, _typeobject, tp_setattro)
    F(iter, Type, _typeobject, tp_iter)
    F(iternext, Type, _typeobject, tp_iternext)
    F(descr_get, Type, _typeobject, tp_descr_get)
    F(descr_set, Type, _typeobject, tp_descr_set)
    F(init, Type, _typeobject, tp_init)
    F(new_, Type, _typeobject, tp_new)
#define N(slot) F(slot, Number, PyNumberMethods, slot)
    N(nb_add)
    N(nb_subtract)
    N(nb_multiply)
    N(nb_remainder)
    N(nb_divmod)
    N(nb_power)
    N(nb_negative)
    N(nb_positive)
    N(nb_absolute)
    N(nb_bool)
    N(nb_invert)
    N(nb_lshift)
    N(nb_rshift)
    N(nb_and)
    N(nb_xor)
    N(nb_or)
    N(nb_int)
    N(nb_float)
    N(nb_index)
    N(nb_floor_divide)
    N(nb_true_divide)
    N(nb_matrix_multiply)
    N(nb_inplace_add)
    N(nb_inplace_subtract)
    N(nb_inplace_multiply)
    N(nb_inplace_remainder)
    N(nb_inplace_power)
    N(nb_inplace_lshift)
    N(nb_inplace_rshift)
    N(nb_inplace_and)
    N(nb_inplace_xor)
    N(nb_inplace_or)
    N(nb_inplace_floor_divide)
    N(nb_inplace_true_divide)
    N(nb_inplace_matrix_multiply)
    F(mp_length, Mapping, PyMappingMethods, mp_length)
    F(mp_subscript, Mapping, PyMappingMethods, mp_subscript)
    F(mp_ass_subscript, Mapping, PyMappingMethods, mp_ass_subscript)
#define S(slot) F(slot, Sequence, PySequenceMethods, slot)
    S(sq_length)
    S(sq_concat)
    S(sq_repeat)
    S(sq_item)
    S(sq_ass_item)
    S(sq_contains)
    S(sq_inplace_concat)
    S(sq_inplace_repeat)
#define A(slot) F(slot, Async, PyAsyncMethods, slot)
    A(am_await)
    A(am_aiter)
    A(am_anext)
    A(am_send)
    F(getbuffer, Buffer, PyBufferProcs, bf_getbuffer)
    F(releasebuffer, Buffer, PyBufferProcs, bf_releasebuffer) return Field{Suite::Type, 0xffff};
#undef F
#undef N
#undef S
#undef A
}
constexpr Field kFields[] = {
#define SLOT(name, kind, group) field_named(#name),
#include "object/slots.def"
};
static_assert([] {
    for (const Field& f : kFields)
        if (f.offset == 0xffff) return false;
    return true;
}());

// The suites of static types that have none of their own.
template <class T>
T* suite_of(T*& place, T* embedded, bool make) {
    if (!place && make) place = embedded ? embedded : static_cast<T*>(mem_alloc_zeroed(sizeof(T)));
    return place;
}

char* suite_base(PyTypeObject* type, Suite suite, bool make) {
    // Only types that Krait allocated are sure to have the room of a heap type.
    PyHeapTypeObject* h = is_heap_type(type) ? as_heap(type) : nullptr;
    switch (suite) {
        case Suite::Type:
            return reinterpret_cast<char*>(type);
        case Suite::Number:
            return reinterpret_cast<char*>(suite_of(type->tp_as_number, h ? &h->as_number : nullptr, make));
        case Suite::Mapping:
            return reinterpret_cast<char*>(suite_of(type->tp_as_mapping, h ? &h->as_mapping : nullptr, make));
        case Suite::Sequence:
            return reinterpret_cast<char*>(
                suite_of(type->tp_as_sequence, h ? &h->as_sequence : nullptr, make));
        case Suite::Async:
            return reinterpret_cast<char*>(suite_of(type->tp_as_async, h ? &h->as_async : nullptr, make));
        case Suite::Buffer:
            return reinterpret_cast<char*>(suite_of(type->tp_as_buffer, h ? &h->as_buffer : nullptr, make));
    }
    return nullptr;
}

}  // namespace

void* c_slot_from(const PyTypeObject* type, int slot, void* native) {
    if (!native) return nullptr;
    for (const SamePair& p : kSame)
        if (p.slot == slot && p.native == native) return p.c;
    Faces f = faces_at(slot);
    void *handler, *data;
    if (read_stub(native, &handler, &data) && handler == f.k) return data;
    if (slot == kSlot_dealloc && native == reinterpret_cast<void*>(&heap_dealloc))
        return make_stub(reinterpret_cast<void*>(&c_dealloc_heap), native);
    return make_stub(f.c, native);
}

void* native_slot_from(int slot, void* c) {
    if (!c) return nullptr;
    for (const SamePair& p : kSame)
        if (p.slot == slot && p.c == c) return p.native;
    Faces f = faces_at(slot);
    void *handler, *data;
    if (read_stub(c, &handler, &data) &&
        (handler == f.c || (slot == kSlot_dealloc && handler == reinterpret_cast<void*>(&c_dealloc_heap))))
        return data;
    return make_stub(f.k, c);
}

void** c_slot_field(PyTypeObject* type, int slot, bool make) {
    char* base = suite_base(type, kFields[slot].suite, make);
    return base ? reinterpret_cast<void**>(base + kFields[slot].offset) : nullptr;
}

void import_c_slots(PyTypeObject* type) {
    TypeExt* x = ext(type);
    for (int i = 0; i < kSlotCount; i++) {
        void** field = c_slot_field(type, i, false);
        if (field && *field) slot_at(x, i) = native_slot_from(i, *field);
    }
    if (!type->tp_getattro && type->tp_getattr)
        x->slots.getattr =
            reinterpret_cast<BinaryFn>(make_stub(reinterpret_cast<void*>(&k_getattr_text), type->tp_getattr));
    if (!type->tp_setattro && type->tp_setattr)
        x->slots.setattr = reinterpret_cast<SetAttrFn>(
            make_stub(reinterpret_cast<void*>(&k_setattr_text), type->tp_setattr));
}

void sync_c_type(PyTypeObject* type) {
    TypeExt* x = ext(type);
    void *handler, *data;
    x->c_dealloc = x->slots.dealloc &&
                   read_stub(reinterpret_cast<void*>(x->slots.dealloc), &handler, &data) &&
                   handler == kFaces_DeallocFn.k;
    for (int i = 0; i < kSlotCount; i++) {
        void* native = slot_at(x, i);
        void** field = c_slot_field(type, i, native != nullptr);
        if (!field) continue;
        void* c = c_slot_from(type, i, native);
        if (*field != c) *field = c;
    }
    PyTypeObject* base = type->tp_base;
    if (base && !type->tp_vectorcall_offset) type->tp_vectorcall_offset = base->tp_vectorcall_offset;
    // C code reads the pointer where the flag says that there is one.
    if (type->tp_vectorcall_offset <= 0) type->tp_flags &= ~uint64_t{kTpHaveVectorcall};
    // An allocator of C (numpy's scalars have one) knows nothing of words before the header.
    bool managed = type->tp_flags & (kTpManagedDict | kTpManagedWeakref);
    if (!type->tp_alloc)
        type->tp_alloc = base && base->tp_alloc && !managed ? base->tp_alloc
                                                            : reinterpret_cast<void*>(&PyType_GenericAlloc);
    if (!type->tp_free)
        type->tp_free = type->tp_flags & kTpHaveGC ? reinterpret_cast<void*>(&PyObject_GC_Del)
                                                   : reinterpret_cast<void*>(&PyObject_Free);
    if (base && !type->tp_is_gc) type->tp_is_gc = base->tp_is_gc;
}

void reread_c_slots(PyTypeObject* type) {
    // Of builtin types, too: PySide has the attributes of modules looked up by a function of its own.
    bool may_change = type->krait_bits & kSlotsOfC || type->tp_flags & kTpStaticBuiltin;
    if (!may_change || !(type->tp_flags & kTpReady)) return;
    TypeExt* x = ext(type);
    bool changed = false;
    for (int i = 0; i < kSlotCount; i++) {
        void** field = c_slot_field(type, i, false);
        if (!field || *field == c_slot_from(type, i, slot_at(x, i))) continue;
        slot_at(x, i) = native_slot_from(i, *field);
        changed = true;
    }
    if (!changed) return;
    finish_slots(type);
    type_modified(type);
}

namespace {
void reread_with_subclasses(PyTypeObject* type) {
    reread_c_slots(type);
    SubclassList* list = subclasses(type);
    for (size_t i = 0; list && i < list->size; i++) reread_with_subclasses(list->items[i]);
}
}  // namespace
void reread_all_c_slots() { reread_with_subclasses(&PyBaseObject_Type); }

namespace {
void sync_with_subclasses(PyTypeObject* type) {
    finish_slots(type);
    SubclassList* list = subclasses(type);
    for (size_t i = 0; list && i < list->size; i++) sync_with_subclasses(list->items[i]);
}
}  // namespace

void activate_c_slots() {
    if (g_runtime.sync_c_type) return;
    g_runtime.sync_c_type = sync_c_type;
    ready_foreign_type = ready_c_type;
    // Where CPython's structs have the pointer: null in Krait's own objects, which means tp_call.
    const std::pair<PyTypeObject*, size_t> places[] = {
        {&PyType_Type, offsetof(_typeobject, tp_vectorcall)},
        {&PyCFunction_Type, offsetof(PyCFunctionObject, vectorcall)},
        {&PyCMethod_Type, offsetof(PyCFunctionObject, vectorcall)},
        {&PyMethodDescr_Type, offsetof(PyMethodDescrObject, vectorcall)},
        {&PyFunction_Type, offsetof(PyFunctionObject, vectorcall)},
        {&PyMethod_Type, offsetof(PyMethodObject, vectorcall)},
    };
    for (auto [type, offset] : places) type->tp_vectorcall_offset = static_cast<int64_t>(offset);
    // PyExc_InterpreterError and what derives from it; without memory they stay as they are.
    if (!xi::interpreter_not_found_error(current_thread())) clear_error(current_thread());
    sync_with_subclasses(&PyBaseObject_Type);
}

}  // namespace krait
