// The boundary to compiled extensions, which see real pointers only.
//
// A number that stands in a word is boxed when it crosses (`to_c`). Containers that C reads by offset are
// *exposed* the first time they cross: the numbers in them are boxed in place and the containers among their
// items are exposed too; from then on whatever is stored in them is boxed first (`store_form`). Everything
// that runs C code is reached through Runtime::c_hooks, so that nothing below src/capi knows it.
#pragma once

#include "object/thread.h"

// The block that CPython calls its runtime state. Extensions reach into it for the small ints only.
inline constexpr size_t kRuntimeBlockSize = 316616, kSmallIntOffset = 14064;
inline constexpr int kSmallIntMin = -5, kSmallIntMax = 256;
extern "C" {
#pragma GCC visibility push(default)
extern char _PyRuntime[kRuntimeBlockSize];
#pragma GCC visibility pop
}

namespace krait {

// What src/capi registers at start-up.
struct CHooks {
    // Calls a PyMethodDef of an extension. `callable` is what error messages name.
    Ref (*call_method)(Thread& t, const PyMethodDef* d, Value callable, Value self, PyTypeObject* defining,
                       const Value* args, size_t nargs, Value kwnames);
    Ref (*get_attribute)(Thread& t, const PyGetSetDef* d, Value self);
    Status (*set_attribute)(Thread& t, const PyGetSetDef* d, Value self, Value value);
    Ref (*create_dynamic)(Thread& t, Value spec);
    Result<int> (*exec_dynamic)(Thread& t, Value module);
    Status (*forget_dynamic)(Thread& t, Value name, Value path);  // as if it had never been loaded
    // A line from the terminal through the function that a module (readline) put in place: bytes with their
    // newline, empty at the end; absent when there is no such function.
    Maybe (*read_line)(Thread& t, Value prompt_bytes);
    void (*free_module)(Thread& t, PyModuleObject* m);  // m_free of the definition, and the module's state
    void (*traverse_module)(PyModuleObject* m, Visitor& v);
    void (*clear_module)(Thread& t, PyModuleObject* m);
    // Modules that an embedding program has added to the builtin ones: the i-th name, null behind the last.
    const char* (*added_module)(size_t i);
    Ref (*create_added)(Thread& t, Value spec, Value name);
    void (*config_changed)(const Config& c);  // C variables show some of it
};

// True for values that C may be given as they are.
inline bool ready_for_c(Value v) {
    if (!v.is_ptr()) return false;
    PyObject* o = v.ptr();
    if (!(o->ob_type->krait_bits & kExposable)) [[likely]]
        return true;
    return has_preheader(o) && (preheader(o)->flags & kExposed);
}
// Boxes what `o` holds, and what that holds. False, with MemoryError: it is not fit for C.
[[nodiscard]] bool expose_slow(PyObject* o);
[[nodiscard]] inline bool expose(PyObject* o) { return ready_for_c(Value(o)) || expose_slow(o); }
bool is_exposable(const PyTypeObject* type);  // whether its bit kExposable is to be set

// A boxed number for an immediate; the small ints are those of the runtime block. Null with MemoryError.
PyObject* box_word(Value immediate);
PyObject* box_int(int64_t v);    // any: a new reference
PyObject* box_double(double d);  // likewise

// The small ints of the runtime block: one object each, immortal, filled at start-up.
inline PyObject* small_box(int64_t v) {
    return &reinterpret_cast<PyLongObject*>(_PyRuntime + kSmallIntOffset)[v - kSmallIntMin].ob_base;
}
inline bool has_small_box(int64_t v) {
    return static_cast<uint64_t>(v - kSmallIntMin) <= kSmallIntMax - kSmallIntMin;
}
inline bool is_small_box(const PyObject* o) {
    return reinterpret_cast<uintptr_t>(o) - reinterpret_cast<uintptr_t>(small_box(kSmallIntMin)) <=
           (kSmallIntMax - kSmallIntMin) * sizeof(PyLongObject);
}
inline int64_t small_box_value(const PyObject* o) {
    return reinterpret_cast<const PyLongObject*>(o) - reinterpret_cast<PyLongObject*>(small_box(0));
}
void fill_small_boxes();

// Boxes for arguments. Most are C's for the time of one call: the thread keeps those that come back, one of
// each kind for each of the first places, so that lending one is a store. Null with MemoryError.
PyObject* lend_box_slow(Thread& t, Value immediate, unsigned place);
inline PyObject* lend_box(Thread& t, Value v, unsigned place) {
    if (v.is_int() && has_small_box(v.as_int())) return small_box(v.as_int());
    return lend_box_slow(t, v, place);
}
void return_box_slow(Thread& t, PyObject* o, unsigned place);
inline void return_box(Thread& t, PyObject* o, unsigned place) {
    if (!is_small_box(o)) return_box_slow(t, o, place);
}
void drop_spare_boxes(Thread& t);

// Gives up a box, or another number; most are the last reference to what has just been made.
void free_number(PyObject* o);
inline void drop_number(PyObject* o) {
    uint32_t c = o->ob_refcnt;
    if (static_cast<int32_t>(c) < 0) return;
    KRAIT_COUNT_REFS(-1);
    if (c == 1) return free_number(o);
    o->ob_refcnt = c - 1;
}

// Gives a result to C: the owned pointer, null for an empty Ref (whose exception is set).
inline PyObject* to_c(Ref r) {
    Value v = r.get();
    if (!v) return nullptr;
    if (ready_for_c(v)) [[likely]]
        return r.release().ptr();
    if (v.is_immediate())
        return v.is_int() && has_small_box(v.as_int()) ? small_box(v.as_int()) : box_word(v);
    return expose_slow(v.ptr()) ? r.release().ptr() : nullptr;
}
// The same for a borrowed value: a new reference.
inline PyObject* to_c_new(Value v) { return to_c(Ref::share(v)); }

// Takes over what C returned. Exact numbers become immediates again; null is empty.
Ref from_c_number(PyObject* o);
inline Ref from_c(PyObject* o) {
    if (is_small_box(o)) return Ref::from_int(small_box_value(o));
    if (o && (o->ob_type == &PyLong_Type || o->ob_type == &PyFloat_Type)) return from_c_number(o);
    return Ref::steal(Value(o));
}

// The result of a C function: null without an exception, or a value beside one, becomes SystemError.
// `callable` is what the message names.
Ref c_result_slow(Thread& t, PyObject* r, Value callable);
inline Ref c_result(Thread& t, PyObject* r, Value callable) {
    if (!r || t.has_exception()) [[unlikely]]
        return c_result_slow(t, r, callable);
    return from_c(r);
}

// Calls a vectorcall function of C's for `callable`.
using VectorcallFn = PyObject* (*)(PyObject*, PyObject* const*, size_t, PyObject*);
Ref call_vectorcall(Thread& t, VectorcallFn fn, Value callable, const Value* args, size_t nargs,
                    Value kwnames);

// The tuple of arguments for a C function that takes one: exposed, and not tracked as long as nobody but the
// call has it. `args` are ready for C. Null with MemoryError.
PyObject* c_tuple_new(Thread& t, PyObject* const* args, size_t n);
void c_tuple_drop(Thread& t, PyObject* tuple);

// `v` as C may be given it, with the same count: itself, or a box. Empty, with MemoryError: there is none.
Value fit_for_c(Value v);
// Puts that in the place of `v`. False, with MemoryError: v is as it was.
[[nodiscard]] inline bool make_fit(Value& v) {
    Value fit = fit_for_c(v);
    if (!fit) [[unlikely]]
        return false;
    v = fit;
    return true;
}
// Makes of `v` what may be stored in `container`. False, with MemoryError: v is as it was.
inline bool is_exposed(const PyObject* container) { return preheader(container)->flags & kExposed; }
[[nodiscard]] inline bool store_form(const PyObject* container, Value& v) {
    if (!is_exposed(container)) [[likely]]
        return true;
    return make_fit(v);
}
// The same for what is given up otherwise.
[[nodiscard]] inline Value store_form(const PyObject* container, Ref r) {
    Value v = r.release();
    if (store_form(container, v)) [[likely]]
        return v;
    decref(v);
    return Value();
}
// The same of items[0..n), which stand in `container` already.
[[nodiscard]] inline bool expose_stored(const PyObject* container, Value* items, int64_t n) {
    if (!is_exposed(container)) [[likely]]
        return true;
    while (n > 0 && make_fit(items[n - 1])) n--;
    return n == 0;
}
// The same of several before they are stored: `get()`, as long as this object lives.
class StoreForms {
  public:
    StoreForms(const PyObject* container, const Value* values, int64_t n) : values_(values) {
        if (is_exposed(container)) [[unlikely]]
            convert(n);
    }
    ~StoreForms() {
        if (forms_) [[unlikely]]
            release();
    }
    StoreForms(const StoreForms&) = delete;
    bool ok() const { return !failed_; }
    const Value* get() const { return forms_ ? forms_ : values_; }

  private:
    void convert(int64_t n);
    void release();
    const Value* values_;
    Value* forms_ = nullptr;
    int64_t n_ = 0;
    bool failed_ = false;
};
// For C: marks a container whose items are all C's own.
inline void mark_exposed(PyObject* o) {
    if (has_preheader(o)) preheader(o)->flags |= kExposed;
}

// Arguments for C: real pointers, alive as long as this object. Whoever makes one asks ok() before the call:
// if it is false, there was no memory, and MemoryError is set.
class CArg {
  public:
    explicit CArg(Value v) : p_(reinterpret_cast<PyObject*>(v.bits)) {
        if (v && !ready_for_c(v)) [[unlikely]]
            convert(v);
    }
    ~CArg() {
        if (keep_) [[unlikely]]
            drop_number(keep_);
    }
    CArg(const CArg&) = delete;
    bool ok() const { return p_ != failed(); }
    operator PyObject*() const { return p_; }  // NOLINT

  private:
    static PyObject* failed() { return reinterpret_cast<PyObject*>(uintptr_t{1}); }
    void convert(Value v);
    PyObject* p_;
    PyObject* keep_ = nullptr;
};
class CArgs {
  public:
    CArgs(const Value* args, size_t n) : p_(reinterpret_cast<PyObject* const*>(args)) {
        for (size_t i = 0; i < n; i++)
            if (!ready_for_c(args[i])) [[unlikely]] {
                convert(args, n);
                return;
            }
    }
    ~CArgs() {
        if (n_) release();
    }
    CArgs(const CArgs&) = delete;
    bool ok() const { return p_ != failed(); }
    PyObject* const* get() const { return p_; }

  private:
    static PyObject* const* failed() { return reinterpret_cast<PyObject* const*>(uintptr_t{1}); }
    void convert(const Value* args, size_t n);
    void release();
    PyObject* const* p_;
    size_t n_ = 0;
    PyObject* small_[6];
};

}  // namespace krait
