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

// Null: there is none, or it is lent already, or the number is too large for it. `place` < kSpareBoxes.
inline PyObject* take_spare_box(Thread& t, Value v, unsigned place) {
    if (v.is_float()) {
        PyObject* o = t.spare_floats[place];
        if (!o) [[unlikely]]
            return nullptr;
        t.spare_floats[place] = nullptr;
        reinterpret_cast<PyFloatObject*>(o)->ob_fval = v.as_float();
        return o;
    }
    int64_t n = v.as_int();
    uint64_t a = n < 0 ? -static_cast<uint64_t>(n) : static_cast<uint64_t>(n);
    PyObject* o = t.spare_ints[place];
    if (!o || a >> 60) [[unlikely]]
        return nullptr;
    t.spare_ints[place] = nullptr;
    set_digits(o, n, a);
    return o;
}
// False: C has kept it, or there is one in its place.
inline bool keep_spare_box(Thread& t, PyObject* o, unsigned place) {
#ifdef KRAIT_PLAIN_MALLOC
    return false;  // sanitizers are to see who uses one that is not his
#endif
    PyObject*& spare = (o->ob_type == &PyFloat_Type ? t.spare_floats : t.spare_ints)[place];
    if (o->ob_refcnt != 1 || spare) [[unlikely]]
        return false;
    spare = o;
    return true;
}

}  // namespace krait
