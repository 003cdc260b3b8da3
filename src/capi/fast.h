// Shortcuts for exact builtin types that the functions called most take before the general way.
#pragma once

#include "capi/capi.h"

namespace krait {

// C code may switch to another stack and back before it returns (greenlet): the frame is what it was.
// PyThreadState::current_frame is not null; a switch to a new stack makes it so (PyObject_Call).
class KeptFrame {
  public:
    explicit KeptFrame(Thread& t) : t_(t), frame_(t.frame) {}
    ~KeptFrame() { t_.frame = frame_; }
    KeptFrame(const KeptFrame&) = delete;

  private:
    Thread& t_;
    Frame* frame_;
};

// Exact ints of one or two digits, and exact floats.
inline bool compact_int(PyObject* o, int64_t* v) {
    if (o->ob_type != &PyLong_Type) return false;
    auto* l = reinterpret_cast<PyLongObject*>(o);
    uint64_t digits = l->lv_tag >> 3;
    if (digits > 2) return false;
    const uint32_t* d = l->ob_digit;
    int64_t n = digits == 2 ? static_cast<int64_t>(uint64_t{d[1]} << 30 | d[0]) : d[0];
    *v = n * (1 - static_cast<int64_t>(l->lv_tag & 3));
    return true;
}
inline bool exact_float(PyObject* o, double* d) {
    if (o->ob_type != &PyFloat_Type) return false;
    *d = reinterpret_cast<PyFloatObject*>(o)->ob_fval;
    return true;
}

}  // namespace krait
