// The boxes that a thread keeps for the arguments of C functions (lend_box), for those whose work is calling
// them.
#pragma once

#include "object/boundary.h"

namespace krait {

// The digits of an int of one or two: |n| is `a`, less than 2^60. Two fill the struct with its padding.
inline void set_digits(PyObject* o, int64_t n, uint64_t a) {
    static_assert(sizeof(PyLongObject) >= offsetof(PyLongObject, ob_digit) + 2 * sizeof(uint32_t));
    auto* l = reinterpret_cast<PyLongObject*>(o);
    uint32_t* digits = l->ob_digit;
    l->lv_tag = (a >> 30 ? 2u : 1u) << 3 | (n < 0 ? 2u : 0u);
    digits[0] = static_cast<uint32_t>(a & 0x3fffffff);
    digits[1] = static_cast<uint32_t>(a >> 30);
}

// A box stays in its place all the time: its count is 0 while nobody has it and 1 when it is lent. Null:
// there is none, or it is lent already, or the number is too large for it. `place` < kSpareBoxes.
inline PyObject* take_spare_float(Thread& t, Value v, unsigned place) {
    PyObject* o = t.spare_floats[place];
    if (!o || o->ob_refcnt) [[unlikely]]
        return nullptr;
    o->ob_refcnt = 1;
    reinterpret_cast<PyFloatObject*>(o)->ob_fval = v.as_float();
    return o;
}
inline PyObject* take_spare_int(Thread& t, Value v, unsigned place) {
    int64_t n = v.as_int();
    uint64_t a = n < 0 ? -static_cast<uint64_t>(n) : static_cast<uint64_t>(n);
    PyObject* o = t.spare_ints[place];
    if (!o || o->ob_refcnt) [[unlikely]]
        return nullptr;
    if (a >> 30) {
        if (a >> 60) [[unlikely]]
            return nullptr;
        set_digits(o, n, a);
    } else {
        auto* l = reinterpret_cast<PyLongObject*>(o);
        l->lv_tag = 8 | (n < 0 ? 2 : 0);
        l->ob_digit[0] = static_cast<uint32_t>(a);
    }
    o->ob_refcnt = 1;
    return o;
}
inline PyObject* take_spare_box(Thread& t, Value v, unsigned place) {
    return v.is_float() ? take_spare_float(t, v, place) : take_spare_int(t, v, place);
}
// The same, which makes one where there is none yet.
PyObject* make_spare_box(Thread& t, Value v, unsigned place);
inline PyObject* lend_spare_box(Thread& t, Value v, unsigned place) {
    PyObject* o = take_spare_box(t, v, place);
    return o ? o : make_spare_box(t, v, place);
}
// Takes back what take_spare_box gave, with `refs` references that end here. False: C has kept it
// (return_box_slow).
inline bool put_spare_box(PyObject* o, uint32_t refs = 1) {
    if (o->ob_refcnt != refs) [[unlikely]]
        return false;
    o->ob_refcnt = 0;
    return true;
}

}  // namespace krait
