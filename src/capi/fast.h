// Shortcuts for exact builtin types that the functions called most take before the general way.
#pragma once

#include "builtins/dict_table.h"
#include "capi/capi.h"

namespace krait {

// C code may switch to another stack before it returns (greenlet): the frame is what it was.
class KeptFrame {
  public:
    explicit KeptFrame(Thread& t) : t_(t), frame_(t.c.current_frame) {}
    ~KeptFrame() { t_.c.current_frame = frame_; }
    KeptFrame(const KeptFrame&) = delete;

  private:
    Thread& t_;
    Frame* frame_;
};

// Calls with what C has; a new reference for C.
PyObject* call_pointers(PyObject* f, PyObject* const* args, size_t n);

// The value of a key in an exact dict that stands where it is looked for first: the very same str or None, or
// an equal int. Null: look the long way.
inline Value* dict_place_for_c(PyObject* dict, PyObject* key) {
    DictKeys* k = dict_keys_of(dict);
    Value v(key);
    int64_t hash;
    if (is_str_exact(v)) {
        hash = str_head(v)->hash;  // -1: not known yet; leads nowhere or to another key
    } else {
        if (k->str_only) return nullptr;
        if (key == &_Py_NoneStruct) {
            hash = kNoneHash;
        } else if (is_small_box(key)) {
            v = from_c(key).release();
            hash = v.as_int() == -1 ? -2 : v.as_int();
        } else {
            return nullptr;
        }
    }
    int64_t ix = k->index(static_cast<uint64_t>(hash) & k->mask());
    if (ix < 0) return nullptr;
    if (k->str_only) {
        StrEntry& e = k->str_entries()[ix];
        return e.key == v ? &e.value : nullptr;
    }
    HashEntry& e = k->hash_entries()[ix];
    return e.key == v ? &e.value : nullptr;
}

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
