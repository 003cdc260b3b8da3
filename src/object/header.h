// The header of every heap object, its pre-header, and reference counting.
#pragma once

#include <cstddef>
#include <cstdint>

#include "support/panic.h"

extern "C" {
struct _typeobject;
typedef struct _typeobject PyTypeObject;

// Layout of CPython 3.14's PyObject on 64-bit (default build). `ob_upper` stays zero for ordinary heap
// objects, because modules built for the old stable ABI decrement all 64 bits; static objects carry
// kStaticBit there.
typedef struct _object {
    uint32_t ob_refcnt;
    uint32_t ob_upper;
    PyTypeObject* ob_type;
} PyObject;

typedef struct {
    PyObject ob_base;
    int64_t ob_size;
} PyVarObject;
}

namespace krait {
struct Type;
}
extern "C" krait::Type PyUnicode_Type;

namespace krait {

// Immortal: int32(refcnt) < 0 (increments stop at 0xC0000000 as compiled extensions do it; see
// capi-demand 8.4).
inline constexpr uint32_t kImmortalRefcnt = 0xC0000000u;
inline constexpr uint32_t kImmortalIncLimit = 0xC0000000u;
// In ob_upper: bits 16.. are CPython's ob_flags; 4 = statically allocated (so: has no pre-header), 1 =
// immortal flag.
inline constexpr uint32_t kStaticBit = 4u << 16;
inline constexpr uint32_t kStaticUpper = 5u << 16;

// Eight bytes before every object that Krait allocated (static objects have none, and neither has plain text,
// of which programs have the most: test has_preheader first).
struct PreHeader {
    uint32_t gc_index;      // place in its generation's array (gc/gc.h)
    uint8_t flags;          // kGc*, kExposed
    uint8_t lock;           // per-object lock byte for the free-threaded mode; and kWidePrefix
    uint8_t attr_capacity;  // inline attribute slots this instance has (object/instance.h)
    uint8_t attr_last;  // 1 + highest slot in use: slots fill in ascending order, otherwise the dict is made
};
static_assert(sizeof(PreHeader) == 8);

enum PreHeaderFlag : uint8_t {
    kGcTracked = 1,
    kGcFinalized = 2,  // tp_finalize ran
    kExposed = 4,      // elements are boxed: C code may read this container by offset
    kGcOld1 = 8,       // generation number in two bits
    kGcOld2 = 16,
    kGcVisiting = 32,  // scratch of the collector
    kGcUnreachable = 64,
    kHasManagedDict = 128,  // dict and weakref words lie before the pre-header (object/instance.h)
};

inline constexpr uint8_t kWidePrefix = 0x80;  // in `lock`: eight more bytes before the block, for alignment

inline bool is_static_object(const PyObject* o) { return (o->ob_upper & kStaticBit) != 0; }
// Exactly str.
inline bool is_plain_text(const PyTypeObject* type) {
    return type == reinterpret_cast<const PyTypeObject*>(&PyUnicode_Type);
}
inline bool has_preheader(const PyObject* o) { return !is_static_object(o) && !is_plain_text(o->ob_type); }
inline PreHeader* preheader(const PyObject* o) {
    return reinterpret_cast<PreHeader*>(const_cast<PyObject*>(o)) - 1;
}

inline bool is_immortal(const PyObject* o) { return static_cast<int32_t>(o->ob_refcnt) < 0; }

// Frees `o`, whose count has reached zero: finalizer, weak references, then the type's dealloc. Bounded in
// C++ depth.
void dealloc(PyObject* o);

// Builds with checks keep the sum of all counts (sys.gettotalrefcount), and see counts that fall below zero
// or rise from it.
#ifdef KRAIT_CHECKS
extern int64_t g_total_refs;  // objects.cpp
#define KRAIT_COUNT_REFS(n) ((void)(::krait::g_total_refs += (n)))
#else
#define KRAIT_COUNT_REFS(n) ((void)0)
#endif

inline void incref(PyObject* o) {
    uint32_t c = o->ob_refcnt;
    if (c < kImmortalIncLimit) [[likely]] {
        KRAIT_ASSERT(c != 0);
        KRAIT_COUNT_REFS(1);
        o->ob_refcnt = c + 1;
    }
}
// Gives up a reference; true: it was the last, and dealloc() is the caller's to call.
inline bool gives_up_last(PyObject* o) {
    uint32_t c = o->ob_refcnt;
    if (static_cast<int32_t>(c) < 0) return false;
    KRAIT_ASSERT(c != 0);
    KRAIT_COUNT_REFS(-1);
    o->ob_refcnt = c - 1;
    return c == 1;
}
inline void decref(PyObject* o) {
    if (gives_up_last(o)) dealloc(o);
}
inline void make_immortal(PyObject* o) {
    if (!is_immortal(o)) KRAIT_COUNT_REFS(-static_cast<int64_t>(o->ob_refcnt));
    o->ob_refcnt = kImmortalRefcnt;
}

}  // namespace krait
