// A slot of the interpreter's value stack or of a frame's locals: a Value, or a pointer tagged as borrowed
// (...100).
//
// Owned words count a reference; borrowed ones come from LOAD_FAST_BORROW and lean on the local they were
// read from. Whatever leaves the stack for the heap is made owned first; natives are given plain Values.
#pragma once

#include "object/value.h"

namespace krait {

struct Slot {
    uint64_t bits = 0;

    constexpr Slot() = default;
    constexpr explicit Slot(uint64_t b) : bits(b) {}
    explicit operator bool() const { return bits != 0; }
    bool is_borrowed() const { return (bits & 7) == 4; }
    bool is_int() const { return bits & 1; }
    bool is_float() const { return (bits & 3) == 2; }
    // A heap pointer, owned or borrowed (or null).
    bool is_pointer() const { return (bits & 3) == 0; }
    // Plain word, for looking at only.
    Value get() const { return Value(bits & 3 ? bits : bits & ~uint64_t{4}); }
    // Precondition: is_pointer().
    PyObject* ptr() const { return reinterpret_cast<PyObject*>(bits & ~uint64_t{4}); }
};

inline Slot owned(Value v) { return Slot(v.bits); }  // takes over the count
inline Slot owned(Ref r) { return Slot(r.release().bits); }
inline Slot shared(Value v) {
    incref(v);
    return Slot(v.bits);
}
// Pointers become borrowed, numbers stay. `v` must be kept alive by somebody for as long as the slot lives.
inline Slot borrowed(Value v) { return Slot(v.bits & 7 ? v.bits : v.bits + 4); }
// dealloc() for handlers: it keeps their registers, so that only the rare way pays for the call.
__attribute__((preserve_most)) void dealloc_aside(PyObject* o);
inline void drop(PyObject* o) {
    uint32_t c = o->ob_refcnt;
    if (static_cast<int32_t>(c) < 0) return;
    KRAIT_ASSERT(c != 0);
    KRAIT_COUNT_REFS(-1);
    o->ob_refcnt = c - 1;
    if (c == 1) [[unlikely]]
        dealloc_aside(o);
}
// Gives up the slot.
inline void close(Slot s) {
    if ((s.bits & 7) == 0) drop(reinterpret_cast<PyObject*>(s.bits));
}
inline void xclose(Slot s) {
    if ((s.bits & 7) != 0) return;
    asm volatile("");  // two branches: what compilers make of both conditions at once is longer
    if (s.bits) drop(reinterpret_cast<PyObject*>(s.bits));
}
// Exact type of a slot that is not empty.
inline bool has_type(Slot s, const PyTypeObject* type) {
    return (s.bits & 3) == 0 && s.ptr()->ob_type == type;
}
// The slot's value as an owned word (counts a borrowed one); the slot is used up.
inline Value own(Slot s) {
    if (!s.is_borrowed()) return Value(s.bits);
    PyObject* o = s.ptr();
    incref(o);
    return Value(o);
}
inline Ref own_ref(Slot s) { return Ref::steal(own(s)); }

}  // namespace krait
