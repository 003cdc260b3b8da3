// Objects: allocation with the pre-header, freeing, and the bounded destruction of deep structures.
#include <cstring>

#include "builtins/callable.h"
#include "gc/alloc.h"
#include "object/errors.h"
#include "object/instance.h"

namespace krait {

#ifdef KRAIT_CHECKS
int64_t g_total_refs;
#endif

namespace {

constexpr int kObjectMade = 0, kObjectGoes = 1;  // for Runtime::ref_tracer

constexpr size_t kManagedPrefix = sizeof(PreHeader) + 2 * sizeof(void*);
constexpr size_t kWidePad = sizeof(PreHeader);  // before that in C-defined types: 16-byte alignment

constexpr uint64_t kManagedFlags = kTpManagedDict | kTpManagedWeakref;

size_t prefix_size(const PyTypeObject* type) {
    size_t n = type->tp_flags & kManagedFlags ? kManagedPrefix : kPlainPrefix;
    return ext(type)->is_c_type ? n + kWidePad : n;
}

int attr_capacity(const TypeExt* x) {
    return x->attr_offset && x->shared_keys ? x->shared_keys->capacity_hint : 0;
}

[[gnu::cold]] PyObject* no_object(Thread& t) {
    (void)static_cast<Status>(raise_no_memory(t));
    return nullptr;
}

// Types with more before the object than the header, and classes, whose instances count them.
[[gnu::noinline]] PyObject* alloc_prefixed(Thread& t, PyTypeObject* type, size_t size) {
    const TypeExt* x = ext(type);
    size_t prefix = prefix_size(type);
    int capacity = attr_capacity(x);
    if (capacity && size < x->attr_offset) size = x->attr_offset;
    size_t total = prefix + size + capacity * sizeof(Value);
    if (x->is_c_type) total = (total + 15) & ~size_t{15};
    auto* block = static_cast<char*>(mem_alloc_fast(total, type));
    if (!block) [[unlikely]]
        return no_object(t);
    auto* o = reinterpret_cast<PyObject*>(block + prefix);
    PreHeader* head = preheader(o);
    *head = fresh_header(total);
    if (x->is_c_type) {
        head->lock |= kWidePrefix;
        *reinterpret_cast<uint64_t*>(block) = block_stamp(o);
    }
    if (type->tp_flags & kManagedFlags) {
        managed_dict(o) = nullptr;
        managed_weaklist(o) = nullptr;
        head->flags = kHasManagedDict;
    }
    if (capacity) {
        head->attr_capacity = static_cast<uint8_t>(capacity);
        Value* attrs = inline_attrs(o, x);
        for (int i = 0; i < capacity; i++) {
            attrs[i] = Value();
            asm volatile("");  // few: a call of memset would cost more
        }
    }
    init_header(o, type);
    if (type->tp_flags & kTpHeapType) incref(&type->ob_base.ob_base);
    if (g_runtime.ref_tracer) [[unlikely]]
        g_runtime.ref_tracer(o, kObjectMade, g_runtime.ref_tracer_data);
    return o;
}

}  // namespace

PyObject* alloc_raw(Thread& t, PyTypeObject* type, size_t size) {
    if (is_plain_text(type)) {
        auto* o = static_cast<PyObject*>(mem_alloc_fast(size, type));
        if (!o) [[unlikely]]
            return no_object(t);
        init_header(o, type);
        return o;
    }
    if ((type->tp_flags & (kManagedFlags | kTpHeapType)) || ext(type)->is_c_type)
        return alloc_prefixed(t, type, size);
    auto* head = static_cast<PreHeader*>(mem_alloc_fast(size + kPlainPrefix, type));
    if (!head) [[unlikely]]
        return no_object(t);
    *head = fresh_header(size + kPlainPrefix);
    auto* o = reinterpret_cast<PyObject*>(head + 1);
    init_header(o, type);
    if (g_runtime.ref_tracer) [[unlikely]]
        g_runtime.ref_tracer(o, kObjectMade, g_runtime.ref_tracer_data);
    return o;
}

Ref alloc(Thread& t, PyTypeObject* type, int64_t nitems) {
    int64_t bytes = 0;
    if (__builtin_mul_overflow(type->tp_itemsize, nitems, &bytes) || bytes > INT64_MAX / 2)
        return raise_no_memory(t);
    size_t size = static_cast<size_t>(type->tp_basicsize + bytes);
    if (size < sizeof(PyObject)) size = sizeof(PyObject);
    PyObject* o = alloc_raw(t, type, size);
    if (!o) return {};
    if (size > sizeof(PyObject))
        memset(reinterpret_cast<char*>(o) + sizeof(PyObject), 0, size - sizeof(PyObject));
    if (type->tp_itemsize) reinterpret_cast<PyVarObject*>(o)->ob_size = nitems;
    if (type->tp_flags & kTpHaveGC) gc_track_new(t, o);
    return Ref::steal(Value(o));
}

namespace {
char* headed_block_of(PyObject* o) {
    PreHeader* head = preheader(o);
    char* block = reinterpret_cast<char*>(head);
    if (head->flags & kHasManagedDict) block -= 2 * sizeof(void*);
    if (head->lock & kWidePrefix) block -= kWidePad;
    return block;
}
}  // namespace

void* object_block(PyObject* o) {
    if (is_plain_text(o->ob_type)) return o;
    return headed_block_of(o);
}

void free_headed_memory(void* p) {
    auto* o = static_cast<PyObject*>(p);
    size_t k = preheader(o)->lock & kSizeClassMask;
    if (!k || mem_is_traced()) [[unlikely]]
        return mem_free_fast(headed_block_of(o));
    mem_free_class(headed_block_of(o), k);
}
void free_object_memory(PyObject* o) {
    if (is_plain_text(o->ob_type)) return mem_free_fast(o);
    free_headed_memory(o);
}

void free_object(Thread& t, PyObject* o) {
    PyTypeObject* type = o->ob_type;
    PreHeader* head = preheader(o);
    if (head->flags & kGcTracked) gc_untrack_tracked(t, o);
    if (type->tp_flags & kTpHaveGC) {
        Generation& young = t.gc->gens[0];
        if (young.count > 0) young.count--;
    }
    free_object_memory(o);
    if (type->tp_flags & kTpHeapType) decref(&type->ob_base.ob_base);
}

namespace {

constexpr int kMaxDeallocDepth = 60;

// Runs the finalizer of a dying object; true: it came back to life.
bool finalize_resurrects(Thread& t, PyObject* o, FinalizeFn fn) {
    PreHeader* head = preheader(o);
    bool gc = o->ob_type->tp_flags & kTpHaveGC;
    if (gc && (head->flags & kGcFinalized)) return false;
    o->ob_refcnt = 1;
    KRAIT_COUNT_REFS(1);
    if (gc) head->flags |= kGcFinalized;
    fn(t, o);
    KRAIT_COUNT_REFS(-1);
    return --o->ob_refcnt > 0;
}

void destroy(Thread& t, PyObject* o) {
    PyTypeObject* type = o->ob_type;
    TypeExt* x = ext(type);
    if (x->base_dealloc_kind) {
        if (x->slots.finalize && finalize_resurrects(t, o, x->slots.finalize)) return;
        if (x->base_dealloc_kind & kDeallocWeakrefs) {
            PyObject** list = weaklist_slot(o);
            if (list && *list) {
                // Callbacks may collect: a tracked object without references would look like garbage.
                if (has_gc_header(o) && (preheader(o)->flags & kGcTracked)) gc_untrack(t, o);
                weakrefs_clear(t, o);
                if (o->ob_refcnt > 0) return;
            }
        }
        if (type->tp_del) [[unlikely]] {  // of C: counts for itself, and wants the object as it was
            if ((type->tp_flags & kTpHaveGC) && !(preheader(o)->flags & kGcTracked)) gc_track(t, o);
            reinterpret_cast<void (*)(PyObject*)>(type->tp_del)(o);
            if (o->ob_refcnt > 0) return;
        }
    }
    if (has_gc_header(o) && (preheader(o)->flags & kGcTracked)) gc_untrack(t, o);
    if (!x->slots.dealloc) [[unlikely]]
        return;  // only while the first types are made: what is dropped then leaks
    x->slots.dealloc(t, o);
}

void push_later(Thread& t, PyObject* o) {
    // A collection that runs meanwhile must not find an object without references.
    if (has_gc_header(o) && (preheader(o)->flags & kGcTracked)) gc_untrack(t, o);
    if (t.delete_later_size == t.delete_later_capacity) {
        size_t n = t.delete_later_capacity ? t.delete_later_capacity * 2 : 64;
        auto* p = static_cast<PyObject**>(mem_realloc(t.delete_later, n * sizeof(PyObject*)));
        if (!p) return;  // leaks rather than overflow the stack
        t.delete_later = p;
        t.delete_later_capacity = n;
    }
    t.delete_later[t.delete_later_size++] = o;
}

// Nothing but slots.dealloc is to be done. kind: the type's base_dealloc_kind.
bool ends_simply(PyObject* o, const PyTypeObject* type, unsigned kind) {
    if (!kind) return true;
    if (type->tp_del) return false;
    if (kind & kDeallocFinalize) {
        auto is_idle = ext(type)->finalizer_is_idle;
        if (!is_idle || !is_idle(o)) return false;
    }
    // weaklist_slot() would read the type again.
    if (type->tp_flags & kTpManagedWeakref) return !managed_weaklist(o);
    if (type->tp_weaklistoffset <= 0) return true;
    return !*reinterpret_cast<PyObject**>(reinterpret_cast<char*>(o) + type->tp_weaklistoffset);
}

}  // namespace

namespace {
// What may refer to others: counts how deep this is.
[[gnu::noinline]] void dealloc_counted(Thread& t, PyObject* o) {
    PyTypeObject* type = o->ob_type;
    TypeExt* x = ext(type);
    if (t.dealloc_depth >= kMaxDeallocDepth) [[unlikely]]
        return push_later(t, o);
    t.dealloc_depth++;
    if (ends_simply(o, type, x->base_dealloc_kind) && x->slots.dealloc) [[likely]] {
        // No text has GC: that much of has_gc_header is known.
        if ((type->tp_flags & kTpHaveGC) && !is_static_object(o) && (preheader(o)->flags & kGcTracked))
            gc_untrack_tracked(t, o);
        x->slots.dealloc(t, o);
    } else {
        destroy(t, o);
    }
    if (--t.dealloc_depth == 0 && t.delete_later_size) [[unlikely]] {
        t.dealloc_depth = 1;
        while (t.delete_later_size) destroy(t, t.delete_later[--t.delete_later_size]);
        t.dealloc_depth = 0;
    }
}
[[gnu::noinline]] void dealloc_leaf(Thread& t, PyObject* o, TypeExt* x) {
    if (x->base_dealloc_kind == kDeallocMemory) return free_object_memory(o);
    x->slots.dealloc(t, o);
}
// From item i on, those before it given up already. Items that refer to nothing are freed here, the others
// where depth is counted.
[[gnu::noinline]] void dealloc_tuple_from(Thread& t, PyObject* o, int64_t i) {
    auto* tuple = reinterpret_cast<PyTupleObject*>(o);
    for (int64_t n = tuple->ob_base.ob_size; i < n; i++) {
        Value v = tuple->ob_item[i];
        if (!v.is_ptr() || !v) continue;
        if (v.ptr()->ob_refcnt == 1) {
            if (ext(v.heap_type())->base_dealloc_kind < kDeallocLeaf) {
                for (int64_t done = 0; done < i; done++) tuple->ob_item[done] = Value();
                return dealloc_counted(t, o);
            }
            KRAIT_COUNT_REFS(-1);
            v.ptr()->ob_refcnt = 0;
            dealloc(v.ptr());
        } else {
            decref(v);
        }
    }
    free_object(t, o);
}
// Most tuples are short and their items outlive them: nothing to be counted then, and no call.
[[gnu::noinline]] void dealloc_tuple(Thread& t, PyObject* o) {
    constexpr int64_t kShort = 6;
    auto* tuple = reinterpret_cast<PyTupleObject*>(o);
    int64_t n = tuple->ob_base.ob_size;
    if (n > kShort) return dealloc_counted(t, o);
    for (int64_t i = 0; i < n; i++) {
        Value v = tuple->ob_item[i];
        if (!v.is_ptr()) continue;
        asm volatile("");  // two branches, as in xclose()
        if (!v) continue;
        uint32_t count = v.ptr()->ob_refcnt;
        if (static_cast<int32_t>(count) < 0) continue;
        if (count == 1) return dealloc_tuple_from(t, o, i);
        KRAIT_COUNT_REFS(-1);
        v.ptr()->ob_refcnt = count - 1;
    }
    if ((preheader(o)->flags & kGcTracked) && !gc_untrack_here(t, o)) [[unlikely]]
        return dealloc_tuple_from(t, o, n);
    free_plain(t, o, &PyTuple_Type, true);
}
}  // namespace

namespace {
[[gnu::noinline]] void dealloc_by_kind(PyObject* o) {
    Thread& t = current_thread();
    PyTypeObject* type = o->ob_type;
    TypeExt* x = ext(type);
    if (type == &PyTuple_Type) return dealloc_tuple(t, o);
    // C's own functions count for themselves, if they have the collector see their objects.
    if (x->c_dealloc && !(type->tp_flags & kTpHaveGC) && !stack_is_low(t)) return x->slots.dealloc(t, o);
    x->base_dealloc_kind >= kDeallocLeaf ? dealloc_leaf(t, o, x) : dealloc_counted(t, o);
}
[[gnu::noinline]] void dealloc_traced(PyObject* o) {
    g_runtime.ref_tracer(o, kObjectGoes, g_runtime.ref_tracer_data);
    dealloc_by_kind(o);
}
}  // namespace

// Its parts stay apart, so that numbers, of which most go, save no registers for the others.
void dealloc(PyObject* o) {
    if (ext(o->ob_type)->base_dealloc_kind == kDeallocMemory && free_at_once(o)) return;
    g_runtime.ref_tracer ? dealloc_traced(o) : dealloc_by_kind(o);
}

}  // namespace krait
