// objimpl.h, pymem.h, refcount.h: memory, making and freeing objects, the collector.
#include <cstdlib>

#include "builtins/callable.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "capi/slots.h"
#include "gc/alloc.h"
#include "gc/memory.h"
#include "gc/memory_stats.h"
#include "gc/state.h"
#include "interp/code.h"
#include "interp/frame.h"
#include "modules/_thread.h"
#include "object/instance.h"
#include "object/internal.h"
#include "support/panic.h"

using namespace krait;

// --- memory: PyMem is the allocator of list buffers too, which C code may grow ---

namespace {
constexpr size_t kMaxSize = INT64_MAX;

void* raw_malloc(void*, size_t n) { return n > kMaxSize ? nullptr : malloc(n ? n : 1); }
void* raw_calloc(void*, size_t n, size_t size) {
    return size && n > kMaxSize / size ? nullptr : calloc(n && size ? n : 1, n && size ? size : 1);
}
void* raw_realloc(void*, void* p, size_t n) { return n > kMaxSize ? nullptr : realloc(p, n ? n : 1); }
void raw_free(void*, void* p) { free(p); }
// Below the raw domain nobody is asked again (MemGranted): an allocator of C code that calls these has been.
void* block_malloc(void*, size_t n) {
    MemGranted granted;
    return n > kMaxSize ? nullptr : mem_alloc(n ? n : 1);
}
void* block_calloc(void*, size_t n, size_t size) {
    MemGranted granted;
    if (size && n > kMaxSize / size) return nullptr;
    return mem_alloc_zeroed(n && size ? n * size : 1);
}
void* block_realloc(void*, void* p, size_t n) {
    MemGranted granted;
    return n > kMaxSize ? nullptr : mem_realloc(p, n ? n : 1);
}
void block_free(void*, void* p) { mem_free(p); }

// Memory that may become an object has a pre-header.
constexpr size_t kPrefix = 2 * sizeof(PreHeader);
// After a move: the header tells of the block that was.
void forget_size_class(void* o) {
    preheader(static_cast<PyObject*>(o))->lock &= static_cast<uint8_t>(~kSizeClassMask);
}
void* with_preheader(char* block) {
    if (!block) return nullptr;
    PreHeader* head = reinterpret_cast<PreHeader*>(block + kPrefix) - 1;
    *head = PreHeader{};
    head->lock = kWidePrefix;
    *reinterpret_cast<uint64_t*>(block) = block_stamp(block + kPrefix);
    return block + kPrefix;
}
// From what lies ready, like alloc_at_once() in typeobject.cpp: the header knows the class, so that freeing
// is short, too. Null: not at once.
inline void* object_malloc_at_once(size_t n) {
    size_t total = (n + kPrefix + 15) & ~size_t{15};
    auto* block =
        n <= kSmallMax - kPrefix - 15 ? static_cast<uint64_t*>(small_take(total / kSmallStep)) : nullptr;
    if (!block) return nullptr;
    auto* o = reinterpret_cast<PyObject*>(block + 2);
    block[0] = block_stamp(o);
    *preheader(o) = fresh_header(total);
    preheader(o)->lock |= kWidePrefix;
    return o;
}
void* object_malloc(void*, size_t n) {
    if (void* p = object_malloc_at_once(n)) return p;
    MemGranted granted;
    if (n > kMaxSize - kPrefix) return nullptr;
    return with_preheader(static_cast<char*>(mem_alloc(n + kPrefix)));
}
void* object_calloc(void*, size_t n, size_t size) {
    MemGranted granted;
    if (size && n > (kMaxSize - kPrefix) / size) return nullptr;
    return with_preheader(static_cast<char*>(mem_alloc_zeroed(n * size + kPrefix)));
}
void* object_realloc(void*, void* p, size_t n) {
    if (!p) return object_malloc(nullptr, n);
    MemGranted granted;
    if (n > kMaxSize - kPrefix) return nullptr;
    auto* block = static_cast<char*>(mem_realloc(static_cast<char*>(p) - kPrefix, n + kPrefix));
    if (!block) return nullptr;
    forget_size_class(block + kPrefix);
    *reinterpret_cast<uint64_t*>(block) = block_stamp(block + kPrefix);
    return block + kPrefix;
}
void object_free(void*, void* p) {
    if (!p) return;
    const PreHeader* head = preheader(static_cast<PyObject*>(p));
    if ((head->lock & kWidePrefix) && !(head->flags & kHasManagedDict))
        static_cast<uint64_t*>(p)[-2] = 0;  // the stamp
    free_headed_memory(p);                  // it may be no object: what C code wrote there says nothing
}

// PyMemAllocatorEx. What C code puts here serves the functions below; Krait's own memory stays where it is,
// but the allocator is asked for each block, so that it can count and refuse.
struct Allocator {
    void* ctx;
    void* (*malloc)(void*, size_t);
    void* (*calloc)(void*, size_t, size_t);
    void* (*realloc)(void*, void*, size_t);
    void (*free)(void*, void*);
};
enum { kRawDomain, kMemDomain, kObjectDomain, kDomains };
constexpr Allocator kOurs[kDomains] = {
    {nullptr, raw_malloc, raw_calloc, raw_realloc, raw_free},
    {nullptr, block_malloc, block_calloc, block_realloc, block_free},
    {nullptr, object_malloc, object_calloc, object_realloc, object_free},
};
// One table for the process, as its memory is.
Allocator g_allocators[kDomains] = {kOurs[0], kOurs[1], kOurs[2]};
Allocator& raw() { return g_allocators[kRawDomain]; }
Allocator& mem() { return g_allocators[kMemDomain]; }
Allocator& obj() { return g_allocators[kObjectDomain]; }
bool is_ours(int domain) { return g_allocators[domain].malloc == kOurs[domain].malloc; }
bool ask_c(size_t n, bool object) {
    int domain = object ? kObjectDomain : kMemDomain;
    if (is_ours(domain)) return true;
    Allocator& a = g_allocators[domain];
    void* p = a.malloc(a.ctx, n);
    if (p) a.free(a.ctx, p);
    return p;
}
}  // namespace
CAPI void PyMem_GetAllocator(int domain, Allocator* a) {
    *a = domain >= 0 && domain < kDomains ? g_allocators[domain] : Allocator{};
}
CAPI void PyMem_SetAllocator(int domain, const Allocator* a) {
    if (domain < 0 || domain >= kDomains) return;
    g_allocators[domain] = *a;
    if (domain != kRawDomain) mem_set_permit(is_ours(kMemDomain) && is_ours(kObjectDomain) ? nullptr : ask_c);
}
CAPI const char* _PyMem_GetCurrentAllocatorName() { return kAllocatorName; }
CAPI void* PyMem_RawMalloc(size_t n) { return raw().malloc(raw().ctx, n); }
CAPI void* PyMem_RawCalloc(size_t n, size_t size) { return raw().calloc(raw().ctx, n, size); }
CAPI void* PyMem_RawRealloc(void* p, size_t n) { return raw().realloc(raw().ctx, p, n); }
CAPI void PyMem_RawFree(void* p) { raw().free(raw().ctx, p); }
// With our own allocators, as nearly always, nobody has to be asked.
CAPI void* PyMem_Malloc(size_t n) {
    if (n > kMaxSize) return nullptr;
    return is_ours(kMemDomain) && is_ours(kObjectDomain) ? mem_alloc(n ? n : 1) : mem().malloc(mem().ctx, n);
}
CAPI void* PyMem_Calloc(size_t n, size_t size) {
    return size && n > kMaxSize / size ? nullptr : mem().calloc(mem().ctx, n, size);
}
CAPI void* PyMem_Realloc(void* p, size_t n) {
    return n > kMaxSize ? nullptr : mem().realloc(mem().ctx, p, n);
}
CAPI void PyMem_Free(void* p) {
    if (mem().free == block_free) return mem_free(p);
    mem().free(mem().ctx, p);
}
CAPI void* PyObject_Malloc(size_t n) { return obj().malloc(obj().ctx, n); }
CAPI void* PyObject_Calloc(size_t n, size_t size) { return obj().calloc(obj().ctx, n, size); }
CAPI void* PyObject_Realloc(void* p, size_t n) { return obj().realloc(obj().ctx, p, n); }
CAPI void PyObject_Free(void* p) { obj().free(obj().ctx, p); }
CAPI char* _PyMem_Strdup(const char* s) {
    size_t n = strlen(s) + 1;
    auto* p = static_cast<char*>(PyMem_Malloc(n));
    if (p) memcpy(p, s, n);
    return p;
}
CAPI char* _PyMem_RawStrdup(const char* s) { return strdup(s); }

// --- counts ---

CAPI void Py_IncRef(PyObject* o) {
    if (o) incref(o);
}
CAPI void Py_DecRef(PyObject* o) {
    if (o) decref(o);
}
CAPI void _Py_IncRef(PyObject* o) { incref(o); }
CAPI void _Py_DecRef(PyObject* o) { decref(o); }
CAPI void _Py_Dealloc(PyObject* o) { dealloc(o); }
CAPI PyObject* Py_NewRef(PyObject* o) { return new_ref(o); }
CAPI PyObject* Py_XNewRef(PyObject* o) { return o ? new_ref(o) : nullptr; }
CAPI Py_ssize_t Py_REFCNT(PyObject* o) { return o->ob_refcnt; }
CAPI void _Py_SetRefcnt(PyObject* o, Py_ssize_t n) {
    if (!is_immortal(o)) o->ob_refcnt = static_cast<uint32_t>(n);
}
CAPI PyTypeObject* Py_TYPE(PyObject* o) { return o->ob_type; }
CAPI void _Py_NewReference(PyObject* o) { o->ob_refcnt = 1; }
CAPI void _Py_NewReferenceNoTotal(PyObject* o) { o->ob_refcnt = 1; }
CAPI void _Py_ResurrectReference(PyObject* o) { o->ob_refcnt = 1; }
CAPI void _Py_ForgetReference(PyObject*) {}
CAPI Py_ssize_t _Py_GetRefTotal() { return 0; }
CAPI int PyUnstable_IsImmortal(PyObject* o) { return is_immortal(o); }
namespace {
bool is_among(const Slot* from, const Slot* to, PyObject* o) {
    for (; from < to; from++)
        if (from->is_pointer() && from->ptr() == o) return true;
    return false;
}
// Constants of code are lent to the value stack without being counted.
bool is_constant_of_caller(Frame* f, PyObject* o) {
    Value consts = f ? f->co()->co_consts : Value();
    for (int64_t i = 0, n = consts ? tuple_size(consts) : 0; i < n; i++)
        if (tuple_get(consts, i) == Value(o)) return true;
    return false;
}
bool may_be_constant(PyObject* o) { return !(o->ob_type->tp_flags & kTpHaveGC) || is_tuple(o); }
}  // namespace
CAPI int PyUnstable_Object_IsUniquelyReferenced(PyObject* o) {
    if (o->ob_refcnt != 1 || (is_str_exact(Value(o)) && str_is_interned(Value(o)))) return 0;
    return !may_be_constant(o) || !is_constant_of_caller(here().c.current_frame, o);
}
// What the caller has on its value stack, and nowhere else: what is lent there leans on a local or a
// constant.
CAPI int PyUnstable_Object_IsUniqueReferencedTemporary(PyObject* o) {
    if (!PyUnstable_Object_IsUniquelyReferenced(o)) return 0;
    Frame* f = here().c.current_frame;
    return f && is_among(f->stack_base(), f->sp, o) && !is_among(f->localsplus, f->stack_base(), o);
}
CAPI int PyUnstable_EnableTryIncRef(PyObject*) { return 1; }
CAPI int PyUnstable_TryIncRef(PyObject* o) {
    if (o->ob_refcnt == 0) return 0;
    incref(o);
    return 1;
}
CAPI int PyUnstable_Object_EnableDeferredRefcount(PyObject*) { return 0; }

// --- objects ---

namespace {
// Whether an object lies in a block of Krait's, which has the stamp and the header before it. Of other memory
// this reads what is before it; a block at the start of a page is nobody's but its owner's, and never
// Krait's.
__attribute__((no_sanitize("address"))) bool has_stamp(const PyObject* o, bool managed) {
    constexpr uintptr_t kPage = 4096;
    const size_t before = managed ? 4 : 2;
    if (reinterpret_cast<uintptr_t>(o) % kPage < before * sizeof(uint64_t)) return false;
    return reinterpret_cast<const uint64_t*>(o)[-static_cast<ptrdiff_t>(before)] == block_stamp(o);
}
[[gnu::noinline]] PyObject* init_any(PyObject* o, PyTypeObject* type) {
    if (!o) return out(raise_no_memory(here()));
    if (!ensure_ready(here(), type)) return nullptr;
    // Memory of the extension's own has no header, as static objects have none.
    bool ours = has_stamp(o, type->tp_flags & (kTpManagedDict | kTpManagedWeakref));
    if (ours) preheader(o)->flags &= kHasManagedDict;
    o->ob_refcnt = 1;
    o->ob_upper = ours ? 0 : kStaticBit;
    o->ob_type = type;
    if (is_heap_type(type)) incref(&type->ob_base.ob_base);
    return o;
}
}  // namespace
CAPI PyObject* PyObject_Init(PyObject* o, PyTypeObject* type) {
    // What extensions make most: an object of a static type with nothing before its header.
    constexpr uint64_t kMore = kTpHeapType | kTpManagedDict | kTpManagedWeakref;
    if (!o || (type->tp_flags & (kTpReady | kMore)) != kTpReady || !has_stamp(o, false))
        return init_any(o, type);
    preheader(o)->flags &= kHasManagedDict;
    o->ob_refcnt = 1;
    o->ob_upper = 0;
    o->ob_type = type;
    return o;
}
CAPI PyVarObject* PyObject_InitVar(PyVarObject* o, PyTypeObject* type, Py_ssize_t n) {
    if (!PyObject_Init(&o->ob_base, type)) return nullptr;
    o->ob_size = n;
    return o;
}
namespace {
PyObject* make(PyTypeObject* type, Py_ssize_t items, Py_ssize_t extra = 0) {
    Thread& t = here();
    if (!ensure_ready(t, type)) return nullptr;
    int64_t bytes;
    if (__builtin_mul_overflow(type->tp_itemsize, items, &bytes) || bytes > INT64_MAX / 2)
        return out(raise_no_memory(t));
    size_t size = static_cast<size_t>(type->tp_basicsize + bytes + extra);
    PyObject* o = alloc_raw(t, type, (size + 7) & ~size_t{7});
    if (o && type->tp_itemsize) reinterpret_cast<PyVarObject*>(o)->ob_size = items;
    return o;
}
}  // namespace
CAPI PyObject* _PyObject_New(PyTypeObject* type) { return make(type, 0); }
CAPI PyVarObject* _PyObject_NewVar(PyTypeObject* type, Py_ssize_t n) {
    PyObject* o = make(type, n);
    if (o) reinterpret_cast<PyVarObject*>(o)->ob_size = n;
    return reinterpret_cast<PyVarObject*>(o);
}
CAPI PyObject* _PyObject_GC_New(PyTypeObject* type) { return make(type, 0); }
CAPI PyVarObject* _PyObject_GC_NewVar(PyTypeObject* type, Py_ssize_t n) {
    PyObject* o = make(type, n);
    if (o) reinterpret_cast<PyVarObject*>(o)->ob_size = n;
    return reinterpret_cast<PyVarObject*>(o);
}
CAPI PyObject* PyUnstable_Object_GC_NewWithExtraData(PyTypeObject* type, size_t extra) {
    PyObject* o = make(type, 0, static_cast<Py_ssize_t>(extra));
    if (o)
        memset(reinterpret_cast<char*>(o) + sizeof(PyObject), 0,
               type->tp_basicsize + extra - sizeof(PyObject));
    return o;
}
CAPI PyVarObject* _PyObject_GC_Resize(PyVarObject* o, Py_ssize_t n) {
    Thread& t = here();
    PyTypeObject* type = o->ob_base.ob_type;
    PreHeader* head = preheader(&o->ob_base);
    size_t before =
        (head->flags & kHasManagedDict ? 16 : 0) + (head->lock & kWidePrefix ? 8 : 0) + sizeof(PreHeader);
    size_t size = static_cast<size_t>(type->tp_basicsize + n * type->tp_itemsize);
    auto* block = static_cast<char*>(mem_realloc(reinterpret_cast<char*>(o) - before, before + size));
    if (!block) {
        raise_no_memory(t);
        return nullptr;
    }
    o = reinterpret_cast<PyVarObject*>(block + before);
    forget_size_class(o);
    o->ob_size = n;
    return o;
}
CAPI void PyObject_GC_Track(void* p) { gc_track(here(), static_cast<PyObject*>(p)); }
CAPI void PyObject_GC_UnTrack(void* p) { gc_untrack(here(), static_cast<PyObject*>(p)); }
CAPI void PyObject_GC_Del(void* p) {
    Thread& t = here();
    auto* o = static_cast<PyObject*>(p);
    gc_untrack(t, o);
    Generation& young = t.gc->gens[0];
    if (young.count > 0) young.count--;
    free_object_memory(o);
}
CAPI int PyObject_IS_GC(PyObject* o) { return (o->ob_type->tp_flags & kTpHaveGC) != 0; }
CAPI int PyObject_GC_IsTracked(PyObject* o) { return is_tracked(o); }
CAPI int PyObject_GC_IsFinalized(PyObject* o) {
    return has_preheader(o) && (preheader(o)->flags & kGcFinalized) != 0;
}
CAPI Py_ssize_t PyGC_Collect() {
    Thread& t = here();
    if (!t.gc->enabled || t.gc->collecting) return 0;
    SavedError saved(t);
    return gc_collect(t, 2);
}
CAPI int PyGC_Enable() {
    bool old = here().gc->enabled;
    here().gc->enabled = true;
    return old;
}
CAPI int PyGC_Disable() {
    bool old = here().gc->enabled;
    here().gc->enabled = false;
    return old;
}
CAPI int PyGC_IsEnabled() { return here().gc->enabled; }
CAPI void PyUnstable_GC_VisitObjects(int (*callback)(PyObject*, void*), void* arg) {
    GcState& gc = *here().gc;
    for (int i = 0; i <= GcState::kPermanent; i++)
        for (uint32_t k = 0; k < gc.gens[i].size; k++)
            if (PyObject* o = gc.gens[i].items[k]; o && !callback(o, arg)) return;
}

// --- finalization ---

CAPI void PyObject_CallFinalizer(PyObject* o) {
    PyTypeObject* type = o->ob_type;
    FinalizeFn fn = ext(type)->slots.finalize;
    if (!fn) return;
    bool gc = type->tp_flags & kTpHaveGC;
    if (gc && (preheader(o)->flags & kGcFinalized)) return;
    fn(here(), o);
    if (gc) preheader(o)->flags |= kGcFinalized;
}
CAPI int PyObject_CallFinalizerFromDealloc(PyObject* o) {
    o->ob_refcnt = 1;
    PyObject_CallFinalizer(o);
    return --o->ob_refcnt == 0 ? 0 : -1;
}
CAPI void PyObject_ClearWeakRefs(PyObject* o) {
    if (!o) {
        bad_call("PyObject_ClearWeakRefs");
        return;
    }
    Thread& t = here();
    PyObject** list = weaklist_slot(o);
    if (list && *list) weakrefs_clear(t, o);
}
CAPI int PyObject_VisitManagedDict(PyObject* o, visitproc visit, void* arg) {
    struct V : Visitor {
        visitproc f;
        void* arg;
        int result;
    } v;
    v.fn = [](Visitor& self, PyObject* p) {
        auto& x = static_cast<V&>(self);
        if (!x.result) x.result = x.f(p, x.arg);
    };
    v.f = visit;
    v.arg = arg;
    v.result = 0;
    if (has_managed_dict(o->ob_type)) visit_instance(o, v);
    return v.result;
}
CAPI void PyObject_ClearManagedDict(PyObject* o) {
    if (has_managed_dict(o->ob_type)) clear_instance(here(), o);
}
CAPI void _PyTrash_thread_deposit_object(PyThreadState*, PyObject* o) { dealloc(o); }
CAPI void _PyTrash_thread_destroy_chain(PyThreadState*) {}
CAPI int _PyTrash_begin(PyThreadState*, PyObject*) { return 0; }
CAPI void _PyTrash_end(PyThreadState*) {}
