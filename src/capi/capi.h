// What every file of src/capi needs. One file holds the functions of one or two of CPython's headers; each
// function is a thin adapter over Krait's own operation, and docs/capi.md has the conventions.
//
//     CAPI PyObject* PyObject_GetAttr(PyObject* o, PyObject* name) { return out(get_attr(here(), o, name)); }
#pragma once

#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "object/boundary.h"
#include "object/errors.h"
#include "object/protocol.h"

#define CAPI extern "C" __attribute__((visibility("default")))
// Behind a declaration: another name of a function defined above it.
#define ALIAS_OF(function) __attribute__((alias(#function)))

using Py_ssize_t = int64_t;
using Py_hash_t = int64_t;
using PyCFunction = PyObject* (*)(PyObject*, PyObject*);
using visitproc = int (*)(PyObject*, void*);

namespace krait {

// What C gives may be null, which is nothing of the kind.
inline bool is_list(PyObject* o) { return o && (o->ob_type->tp_flags & kTpListSubclass); }
inline bool is_tuple(PyObject* o) { return o && (o->ob_type->tp_flags & kTpTupleSubclass); }
inline bool is_dict(PyObject* o) { return o && (o->ob_type->tp_flags & kTpDictSubclass); }
inline bool is_str(PyObject* o) { return o && (o->ob_type->tp_flags & kTpUnicodeSubclass); }
inline bool is_bytes(PyObject* o) { return o && (o->ob_type->tp_flags & kTpBytesSubclass); }
inline bool is_long(PyObject* o) { return o && (o->ob_type->tp_flags & kTpLongSubclass); }

// A str of C text; SystemError for null.
Ref text_from_c(Thread& t, const char* s);

inline Thread& here() { return current_thread(); }  // the calling thread, which has the GIL

// Results for C. An empty one is the C failure value; the exception is set already.
inline PyObject* out(Ref r) { return to_c(std::move(r)); }
inline PyObject* out(Raised) { return nullptr; }
// A result that may be absent (empty) goes to *place: 1, 0 when it is, -1 when there is no memory to give it.
inline int give(Ref r, PyObject** place) {
    bool found = static_cast<bool>(r);
    *place = out(std::move(r));
    return *place ? 1 : -static_cast<int>(found);
}
inline int out(Status s) { return s ? 0 : -1; }
inline int out(Result<bool> r) { return r ? r.value() : -1; }
inline int64_t out(Result<int64_t> r) { return r ? r.value() : -1; }
inline int64_t out(Result<uint64_t> r) = delete;
inline PyObject* new_ref(PyObject* o) {
    incref(o);
    return o;
}
inline Ref box(Value immediate) { return Ref::steal(Value(box_word(immediate))); }
inline PyObject* new_none() { return &_Py_NoneStruct; }
inline int fail(Raised) { return -1; }
// A null where an object has to be: the exception that is set is the reason, if there is one.
Raised null_argument();
// Borrowed pointer for C to a value that `container` keeps: for values that are real pointers already.
inline PyObject* ptr_of(Value v) { return reinterpret_cast<PyObject*>(v.bits); }

// Of a function that exists and cannot work. tools/compare/capi_symbols.py --unsupported lists who calls
// this.
inline Raised unsupported(const char* what) {
    return raise(here(), PyExc_SystemError, "%s is not supported", what);
}

// PyErr_BadInternalCall for a wrong type of argument.
inline Raised bad_call(const char* where) { return bad_internal_call(here(), where); }

// Arguments of a call from C: the vectorcall flag taken off.
inline size_t nargs_of(size_t nargsf) { return nargsf & ~(size_t{1} << 63); }
inline const Value* values(PyObject* const* args) { return reinterpret_cast<const Value*>(args); }

// Positional tuple and keyword dict (null when there are none) for a C function that takes them so.
class CallArgs {
  public:
    CallArgs(Thread& t, const Value* args, size_t nargs, Value kwnames);
    ~CallArgs() {
        if (tuple_) c_tuple_drop(t_, tuple_);
    }
    CallArgs(const CallArgs&) = delete;
    explicit operator bool() const { return ok_; }
    PyObject* args() const { return tuple_; }
    PyObject* kw() const { return dict_ ? dict_.get().ptr() : nullptr; }

  private:
    Thread& t_;
    PyObject* tuple_ = nullptr;
    Ref dict_;
    bool ok_ = false;
};
// Calls with a tuple and a dict, as tp_call, tp_init and tp_new of C are called.
Ref call_tuple_dict(Thread& t, Value callable, PyObject* args, PyObject* kwargs);
// The same as words: positional values, then those of the keywords, whose names are in `names`.
class Unpacked {
  public:
    Unpacked(Thread& t, PyObject* args, PyObject* kwargs);
    ~Unpacked();
    Unpacked(const Unpacked&) = delete;
    explicit operator bool() const { return ok_; }
    const Value* args() const { return args_; }
    size_t nargs() const { return nargs_; }
    Value names() const { return names_; }

  private:
    const Value* args_ = nullptr;
    Value* own_ = nullptr;
    size_t nargs_ = 0, total_ = 0;
    Ref names_;
    bool ok_ = false;
};

// A result of C code: null without an exception becomes SystemError.
inline Ref checked(Thread& t, PyObject* r, Value callable) { return c_result(t, r, callable); }

}  // namespace krait
