#include "object/boundary.h"

#include <cstring>
#include <utility>

#include "builtins/number.h"
#include "builtins/tuple.h"
#include "gc/alloc.h"
#include "gc/memory.h"
#include "object/errors.h"
#include "object/spare_boxes.h"
#include "object/values.h"
#include "support/aside.h"

namespace krait {

namespace {

constexpr size_t number_class(size_t size) {
    return (sizeof(PreHeader) + size + kSmallStep - 1) / kSmallStep;
}
inline PyObject* number_in(void* block, PyTypeObject* type, size_t size) {
    auto* head = static_cast<PreHeader*>(block);
#ifdef KRAIT_PLAIN_MALLOC
    *head = PreHeader{};
#else
    *head = PreHeader{.lock = static_cast<uint8_t>(number_class(size))};
#endif
    auto* o = reinterpret_cast<PyObject*>(head + 1);
    o->ob_refcnt = 1;
    KRAIT_COUNT_REFS(1);
    o->ob_upper = 0;
    o->ob_type = type;
    return o;
}
void* number_block(PyTypeObject* type, size_t size) {
    void* block = mem_alloc_fast(sizeof(PreHeader) + size, type);
    if (!block) (void)static_cast<Status>(raise_no_memory(current_thread()));
    return block;
}

// An int of one or two digits: |n| is `a`, less than 2^60.
inline PyObject* int_in(void* block, int64_t n, uint64_t a) {
    PyObject* o = number_in(block, &PyLong_Type, sizeof(PyLongObject));
    set_digits(o, n, a);
    return o;
}
inline PyObject* double_in(void* block, double d) {
    PyObject* o = number_in(block, &PyFloat_Type, sizeof(PyFloatObject));
    reinterpret_cast<PyFloatObject*>(o)->ob_fval = d;
    return o;
}

// Where no block lies ready, or the number needs more digits.
[[gnu::noinline]] PyObject* box_int_slow(int64_t n) {
    uint64_t a = n < 0 ? -static_cast<uint64_t>(n) : static_cast<uint64_t>(n);
    if (!(a >> 60)) {
        void* block = number_block(&PyLong_Type, sizeof(PyLongObject));
        return block ? int_in(block, n, a) : nullptr;
    }
    Thread& t = current_thread();
    Ref r = Value::int_fits(n) ? int_box(t, Value::from_int(n)) : int_from(t, n);
    return reinterpret_cast<PyObject*>(r.release().bits);
}
[[gnu::noinline]] PyObject* box_double_slow(double d) {
    void* block = number_block(&PyFloat_Type, sizeof(PyFloatObject));
    return block ? double_in(block, d) : nullptr;
}

}  // namespace

void free_number(PyObject* o) {
    if (!free_at_once(o)) free_object_memory(o);
}

PyObject* box_int(int64_t n) {
    if (has_small_box(n)) return small_box(n);
    uint64_t a = n < 0 ? -static_cast<uint64_t>(n) : static_cast<uint64_t>(n);
    if (!(a >> 60)) [[likely]]
        if (void* block = small_take(number_class(sizeof(PyLongObject)))) return int_in(block, n, a);
    return called(box_int_slow(n));
}

PyObject* box_double(double d) {
    void* block = small_take(number_class(sizeof(PyFloatObject)));
    return block ? double_in(block, d) : called(box_double_slow(d));
}

PyObject* box_word(Value v) { return v.is_int() ? box_int(v.as_int()) : box_double(v.as_float()); }

void fill_small_boxes() {
    for (int64_t v = kSmallIntMin; v <= kSmallIntMax; v++) {
        auto* o = reinterpret_cast<PyLongObject*>(small_box(v));
        o->ob_base.ob_refcnt = kImmortalRefcnt;
        o->ob_base.ob_upper = kStaticUpper;
        o->lv_tag = (v == 0 ? 1 : 8 | (v < 0 ? 2 : 0)) | 4;
        o->ob_digit[0] = static_cast<uint32_t>(v < 0 ? -v : v);
        o->ob_base.ob_type = &PyLong_Type;
    }
}

// --- boxes that are lent ---

// The sum of all counts knows nothing of spare boxes: what becomes one has been counted out.
PyObject* make_spare_box(Thread& t, Value v, unsigned place) {
#ifndef KRAIT_PLAIN_MALLOC  // sanitizers are to see who uses one that is not his
    PyObject*& spare = (v.is_float() ? t.spare_floats : t.spare_ints)[place];
    if (spare) return nullptr;
    PyObject* o = v.is_float() ? box_double(0) : box_int(kSmallIntMax + 1);
    if (!o) {
        clear_error(t);  // the caller has other ways, which say so themselves
        return nullptr;
    }
    KRAIT_COUNT_REFS(-1);
    o->ob_refcnt = 0;
    spare = o;
    return take_spare_box(t, v, place);
#else
    return nullptr;
#endif
}
PyObject* lend_box_slow(Thread& t, Value v, unsigned place) {
    if (place < kSpareBoxes)
        if (PyObject* o = lend_spare_box(t, v, place)) return o;
    return box_word(v);
}
void return_box_slow(Thread& t, PyObject* o, unsigned place) {
    if (place < kSpareBoxes)
        if (PyObject*& spare = (o->ob_type == &PyFloat_Type ? t.spare_floats : t.spare_ints)[place];
            spare == o) {
            if (put_spare_box(o)) return;
            spare = nullptr;  // C has kept it
            KRAIT_COUNT_REFS(1);
        }
    drop_number(o);
}

void drop_spare_boxes(Thread& t) {
    for (PyObject** spares : {t.spare_ints, t.spare_floats})
        for (unsigned i = 0; i < kSpareBoxes; i++)
            if (PyObject* o = std::exchange(spares[i], nullptr); o && !o->ob_refcnt) free_number(o);
}

Ref from_c_number(PyObject* o) {
    Value v(o);
    if (o->ob_type == &PyLong_Type) {
        const auto* l = v.as<PyLongObject>();
        int64_t n;
        if (uint64_t digits = l->lv_tag >> 3; digits <= 2) {
            const uint32_t* d = l->ob_digit;
            n = digits == 2 ? static_cast<int64_t>(uint64_t{d[1]} << 30 | d[0]) : d[0];
            n *= 1 - static_cast<int64_t>(l->lv_tag & 3);
        } else if (!int_to_i64(v, &n) || !Value::int_fits(n)) {
            return Ref::steal(v);
        }
        drop_number(o);
        return Ref::from_int(n);
    }
    double d = v.as<PyFloatObject>()->ob_fval;
    if (!Value::float_fits(d)) return Ref::steal(v);
    drop_number(o);
    return Ref::steal(Value::from_float(d));
}

Ref c_result_slow(Thread& t, PyObject* r, Value callable) {
    if (!r) {
        if (!t.has_exception())
            return raise(t, PyExc_SystemError, "%R returned NULL without setting an exception", callable);
        return {};
    }
    decref(r);
    return raise_from_cause(t, PyExc_SystemError, "%R returned a result with an exception set", callable);
}

PyObject* c_tuple_new(Thread& t, PyObject* const* args, size_t n) {
    if (n == 0) return empty_tuple().ptr();
    PyObject* o = alloc_plain(t, &PyTuple_Type, offsetof(PyTupleObject, ob_item) + n * sizeof(Value));
    if (!o) return nullptr;
    auto* tuple = reinterpret_cast<PyTupleObject*>(o);
    tuple->ob_base.ob_size = static_cast<int64_t>(n);
    tuple->ob_hash = -1;
    for (size_t i = 0; i < n; i++) {
        incref(args[i]);
        tuple->ob_item[i] = Value(args[i]);
    }
    preheader(o)->flags |= kExposed;
    return o;
}

void c_tuple_drop(Thread& t, PyObject* o) {
    uint32_t count = o->ob_refcnt;
    if (static_cast<int32_t>(count) < 0) return;
    if (count > 1 || (preheader(o)->flags & kGcTracked)) {
        if (!(preheader(o)->flags & kGcTracked)) gc_track(t, o);
        return decref(o);
    }
    auto* tuple = reinterpret_cast<PyTupleObject*>(o);
    for (int64_t i = 0, n = tuple->ob_base.ob_size; i < n; i++) xdecref(tuple->ob_item[i]);
    if (!free_at_once(o)) [[unlikely]]
        free_object_memory(o);
}

bool is_exposable(const PyTypeObject* type) {
    if (type->tp_flags & (kTpListSubclass | kTpTupleSubclass | kTpBaseExcSubclass)) return true;
    return type == &PySlice_Type || type == &PyCell_Type || type == &PyMethod_Type ||
           type == &PyCFunction_Type || type == &PyCMethod_Type;
}

namespace {

// Containers, the last one first. Up to 32 need no memory.
class Containers {
  public:
    Containers() = default;
    ~Containers() {
        if (more_) [[unlikely]]
            mem_free_scratch(more_);
    }
    Containers(const Containers&) = delete;
    bool empty() const { return n_ == 0; }
    [[nodiscard]] bool push(PyObject* o) {
        if (n_ == std::size(few_)) [[unlikely]]
            return push_more(o);
        few_[n_++] = o;
        return true;
    }
    PyObject* pop() {
        if (!n_more_) return few_[--n_];
        return more_[--n_more_];
    }

  private:
    bool push_more(PyObject* o) {
        if (n_more_ == room_) {
            size_t room = 2 * room_ + std::size(few_);
            auto** more = static_cast<PyObject**>(mem_realloc(more_, room * sizeof(PyObject*)));
            if (!more) return false;
            more_ = more;
            room_ = room;
        }
        more_[n_more_++] = o;
        return true;
    }

    PyObject* few_[32];
    PyObject** more_ = nullptr;
    size_t n_ = 0, n_more_ = 0, room_ = 0;
};

// These say false when there is no memory.
bool expose_field(Value& f, Containers& pending) {
    if (!f || ready_for_c(f)) return true;
    if (!f.is_immediate()) return pending.push(f.ptr());
    PyObject* box = box_word(f);
    if (box) f = Value(box);
    return box;
}
bool expose_fields(Value* f, int64_t n, Containers& pending) {
    for (int64_t i = 0; i < n; i++)
        if (!expose_field(f[i], pending)) return false;
    return true;
}

bool expose_exception(PyObject* o, Containers& pending) {
    auto* e = reinterpret_cast<PyBaseExceptionObject*>(o);
    if (!expose_field(e->args, pending)) return false;
    PyTypeObject* type = o->ob_type;
    if (is_subtype(type, reinterpret_cast<PyTypeObject*>(PyExc_StopIteration)))
        return expose_field(reinterpret_cast<PyStopIterationObject*>(o)->value, pending);
    if (is_subtype(type, reinterpret_cast<PyTypeObject*>(PyExc_SystemExit)))
        return expose_field(reinterpret_cast<PySystemExitObject*>(o)->code, pending);
    if (is_subtype(type, reinterpret_cast<PyTypeObject*>(PyExc_OSError)))
        return expose_fields(&reinterpret_cast<PyOSErrorObject*>(o)->myerrno, 4, pending);
    return true;
}

bool expose_one(PyObject* o, Containers& pending) {
    PyTypeObject* type = o->ob_type;
    Value v(o);
    if (type->tp_flags & kTpListSubclass) {
        auto* l = v.as<PyListObject>();
        return expose_fields(l->ob_item, l->ob_base.ob_size, pending);
    }
    if (type->tp_flags & kTpTupleSubclass) {
        // Those beyond ob_size are the hidden fields of struct sequences, read through members.
        auto* tup = v.as<PyTupleObject>();
        return expose_fields(tup->ob_item, tup->ob_base.ob_size, pending);
    }
    if (type->tp_flags & kTpBaseExcSubclass) return expose_exception(o, pending);
    if (type == &PySlice_Type) return expose_fields(&v.as<PySliceObject>()->start, 3, pending);
    if (type == &PyCell_Type) return expose_field(v.as<PyCellObject>()->ob_ref, pending);
    if (type == &PyMethod_Type) return expose_fields(&v.as<PyMethodObject>()->im_func, 2, pending);
    if (type == &PyCFunction_Type || type == &PyCMethod_Type) {
        PyMethodDef* d = v.as<PyCFunctionObject>()->m_ml;
        if (tells_c_how_called(*d)) d->ml_flags &= ~kHowCalled;
        return expose_fields(&v.as<PyCFunctionObject>()->m_self, 2, pending);
    }
    return true;
}

}  // namespace

namespace {
// Bound methods and builtin functions are made all the time; what they hold is usually fit already.
bool expose_callable(PyObject* o) {
    if (!has_preheader(o)) return false;
    PyTypeObject* type = o->ob_type;
    if (type == &PyMethod_Type) {
        auto* m = reinterpret_cast<PyMethodObject*>(o);
        if (!ready_for_c(m->im_func) || !ready_for_c(m->im_self)) return false;
    } else if (type == &PyCFunction_Type) {
        auto* f = reinterpret_cast<PyCFunctionObject*>(o);
        if ((f->m_self && !ready_for_c(f->m_self)) || (f->m_module && !ready_for_c(f->m_module)))
            return false;
        if (tells_c_how_called(*f->m_ml)) return false;
    } else {
        return false;
    }
    preheader(o)->flags |= kExposed;
    return true;
}

// Fields of exceptions and cells change without a look at the mark: it stands only while they are gone
// through, which is at every crossing, and likewise at that of a function bound to one.
bool changes_unseen(const PyObject* o) {
    const PyTypeObject* type = o->ob_type;
    if (type == &PyCFunction_Type || type == &PyCMethod_Type) {
        Value self = reinterpret_cast<const PyCFunctionObject*>(o)->m_self;
        return self && self.is_ptr() && changes_unseen(self.ptr());
    }
    return (type->tp_flags & kTpBaseExcSubclass) || type == &PyCell_Type;
}

// The containers that `o`, which has been gone through, leads to.
[[gnu::noinline]] bool expose_pending(PyObject* o, Containers& pending) {
    Containers marked;
    bool fit = marked.push(o);
    preheader(o)->flags |= kExposed;
    while (fit && !pending.empty()) {
        PyObject* next = pending.pop();
        if (!has_preheader(next)) continue;  // the empty tuple
        uint8_t& flags = preheader(next)->flags;
        if (flags & kExposed) continue;
        fit = marked.push(next);
        if (!fit) break;
        flags |= kExposed;
        fit = expose_one(next, pending);
    }
    // Without memory, each of them leads to what was not reached any more.
    while (!marked.empty())
        if (PyObject* p = marked.pop(); !fit || changes_unseen(p)) preheader(p)->flags &= ~kExposed;
    return fit;
}
}  // namespace

bool expose_slow(PyObject* o) {
    if (expose_callable(o)) return true;
    if (!has_preheader(o)) return true;  // the empty tuple
    Containers pending;
    bool fit = expose_one(o, pending);
    if (fit && !pending.empty())
        fit = expose_pending(o, pending);
    else if (fit && !changes_unseen(o))
        preheader(o)->flags |= kExposed;
    if (!fit) [[unlikely]]
        raise_no_memory(current_thread());
    return fit;
}

Value fit_for_c(Value v) {
    if (ready_for_c(v)) return v;
    if (v.is_immediate()) return Value(box_word(v));
    return expose_slow(v.ptr()) ? v : Value();
}

void StoreForms::convert(int64_t n) {
    if (!n) return;
    forms_ = static_cast<Value*>(mem_alloc(n * sizeof(Value)));
    if (!forms_) raise_no_memory(current_thread());
    failed_ = !forms_;
    while (!failed_ && n_ < n) {
        forms_[n_] = Ref::share(values_[n_]).release();
        failed_ = !make_fit(forms_[n_++]);
    }
}
void StoreForms::release() {
    release_values(forms_, n_);
    mem_free(forms_);
}

void CArg::convert(Value v) {
    if (v.is_immediate()) {
        keep_ = box_word(v);
        p_ = keep_ ? keep_ : failed();
    } else if (!expose_slow(v.ptr())) {
        p_ = failed();
    }
}

void CArgs::convert(const Value* args, size_t n) {
    PyObject** out = small_;
    if (n > std::size(small_)) out = static_cast<PyObject**>(mem_alloc(n * sizeof(PyObject*)));
    p_ = out;
    if (!out) raise_no_memory(current_thread());
    bool fit = out;
    while (fit && n_ < n) {
        Value v = Ref::share(args[n_]).release();
        fit = make_fit(v);
        if (fit)
            out[n_++] = v.ptr();
        else
            decref(v);
    }
    if (fit) return;
    release();
    n_ = 0;
    p_ = failed();
}
void CArgs::release() {
    for (size_t i = 0; i < n_; i++) decref(p_[i]);
    if (p_ != small_) mem_free(const_cast<PyObject**>(p_));
}

}  // namespace krait

extern "C" {
alignas(16) char _PyRuntime[kRuntimeBlockSize];
}
