#include "object/boundary.h"

#include <cstring>

#include "builtins/number.h"
#include "gc/gc.h"
#include "object/errors.h"
#include "support/panic.h"
#include "support/small-vector.h"

namespace krait {

namespace {

PyLongObject* small_int(int64_t v) {
    return reinterpret_cast<PyLongObject*>(_PyRuntime + kSmallIntOffset) + (v - kSmallIntMin);
}

PyObject* box_small(int64_t v) {
    PyLongObject* o = small_int(v);
    if (!o->ob_base.ob_type) [[unlikely]] {
        // Filled on first use; the block is plain data.
        o->ob_base.ob_refcnt = kImmortalRefcnt;
        o->ob_base.ob_upper = kStaticUpper;
        o->lv_tag = v == 0 ? 1 : (8 | (v < 0 ? 2 : 0));
        o->lv_tag |= 4;
        o->ob_digit[0] = static_cast<uint32_t>(v < 0 ? -v : v);
        o->ob_base.ob_type = &PyLong_Type;
    }
    return &o->ob_base;
}

}  // namespace

Ref box(Value v) {
    Thread& t = current_thread();
    Ref r;
    if (v.is_int()) {
        int64_t n = v.as_int();
        if (n >= kSmallIntMin && n <= kSmallIntMax) return Ref::steal(Value(box_small(n)));
        uint64_t a = n < 0 ? -static_cast<uint64_t>(n) : static_cast<uint64_t>(n);
        if (a >> 60) {
            r = int_box(t, v);
        } else if (PyObject* o = alloc_raw(t, &PyLong_Type, sizeof(PyLongObject))) {
            // Two digits fill the struct with its padding.
            static_assert(sizeof(PyLongObject) >= offsetof(PyLongObject, ob_digit) + 2 * sizeof(uint32_t));
            auto* l = reinterpret_cast<PyLongObject*>(o);
            uint32_t* digits = l->ob_digit;
            l->lv_tag = (a >> 30 ? 2u : 1u) << 3 | (n < 0 ? 2u : 0u);
            digits[0] = static_cast<uint32_t>(a & 0x3fffffff);
            digits[1] = static_cast<uint32_t>(a >> 30);
            r = Ref::steal(Value(o));
        }
    } else {
        r = float_box(t, v.as_float());
    }
    if (!r) panic("out of memory");
    return r;
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
        decref(o);
        return Ref::from_int(n);
    }
    double d = v.as<PyFloatObject>()->ob_fval;
    if (!Value::float_fits(d)) return Ref::steal(v);
    decref(o);
    return Ref::steal(Value::from_float(d));
}

bool is_exposable(const PyTypeObject* type) {
    if (type->tp_flags & (kTpListSubclass | kTpTupleSubclass | kTpBaseExcSubclass)) return true;
    return type == &PySlice_Type || type == &PyCell_Type || type == &PyMethod_Type ||
           type == &PyCFunction_Type || type == &PyCMethod_Type;
}

namespace {

using Pending = SmallVector<PyObject*, 32>;

void expose_field(Value& f, Pending& pending) {
    if (!f || ready_for_c(f)) return;
    if (f.is_immediate())
        f = box(f).release();
    else
        pending.push_back(f.ptr());
}
void expose_fields(Value* f, int64_t n, Pending& pending) {
    for (int64_t i = 0; i < n; i++) expose_field(f[i], pending);
}

void expose_exception(PyObject* o, Pending& pending) {
    auto* e = reinterpret_cast<PyBaseExceptionObject*>(o);
    expose_field(e->args, pending);
    PyTypeObject* type = o->ob_type;
    if (is_subtype(type, reinterpret_cast<PyTypeObject*>(PyExc_StopIteration)))
        expose_field(reinterpret_cast<PyStopIterationObject*>(o)->value, pending);
    else if (is_subtype(type, reinterpret_cast<PyTypeObject*>(PyExc_SystemExit)))
        expose_field(reinterpret_cast<PySystemExitObject*>(o)->code, pending);
    else if (is_subtype(type, reinterpret_cast<PyTypeObject*>(PyExc_OSError)))
        expose_fields(&reinterpret_cast<PyOSErrorObject*>(o)->myerrno, 4, pending);
}

void expose_one(PyObject* o, Pending& pending) {
    PyTypeObject* type = o->ob_type;
    Value v(o);
    if (type->tp_flags & kTpListSubclass) {
        auto* l = v.as<PyListObject>();
        expose_fields(l->ob_item, l->ob_base.ob_size, pending);
    } else if (type->tp_flags & kTpTupleSubclass) {
        // Those beyond ob_size are the hidden fields of struct sequences, read through members.
        auto* tup = v.as<PyTupleObject>();
        expose_fields(tup->ob_item, tup->ob_base.ob_size, pending);
    } else if (type->tp_flags & kTpBaseExcSubclass) {
        expose_exception(o, pending);
    } else if (type == &PySlice_Type) {
        expose_fields(&v.as<PySliceObject>()->start, 3, pending);
    } else if (type == &PyCell_Type) {
        expose_field(v.as<PyCellObject>()->ob_ref, pending);
    } else if (type == &PyMethod_Type) {
        expose_fields(&v.as<PyMethodObject>()->im_func, 2, pending);
    } else if (type == &PyCFunction_Type || type == &PyCMethod_Type) {
        expose_fields(&v.as<PyCFunctionObject>()->m_self, 2, pending);
        // C code calls ml_meth itself where the flags say how: native functions have none, so they say
        // nothing.
        constexpr int kHowCalled = 0x8f;
        PyMethodDef* d = v.as<PyCFunctionObject>()->m_ml;
        if (d->ml_flags & NativeDef::kNativeDefBit) d->ml_flags &= ~kHowCalled;
    }
}

}  // namespace

void expose_slow(PyObject* o) {
    // Fields of exceptions and cells change without a look at the mark: it stands only while this runs, and
    // they are gone through at every crossing.
    Pending pending, passing;
    pending.push_back(o);
    while (!pending.empty()) {
        PyObject* next = pending[pending.size() - 1];
        pending.pop_back();
        if (!has_preheader(next)) continue;  // the empty tuple
        uint8_t& flags = preheader(next)->flags;
        if (flags & kExposed) continue;
        flags |= kExposed;
        PyTypeObject* type = next->ob_type;
        if ((type->tp_flags & kTpBaseExcSubclass) || type == &PyCell_Type) passing.push_back(next);
        expose_one(next, pending);
    }
    for (PyObject* p : passing) preheader(p)->flags &= ~kExposed;
}

Value store_form_slow(Value v) {
    if (ready_for_c(v)) return v;
    if (v.is_immediate()) return box(v).release();
    expose_slow(v.ptr());
    return v;
}

void CArg::convert(Value v) {
    if (v.is_immediate())
        p_ = keep_ = box(v).release().ptr();
    else
        expose_slow(v.ptr());
}

void CArgs::convert(const Value* args, size_t n) {
    PyObject** out = small_;
    if (n > std::size(small_)) {
        out = static_cast<PyObject**>(mem_alloc(n * sizeof(PyObject*)));
        if (!out) panic("out of memory");
    }
    for (size_t i = 0; i < n; i++) {
        incref(args[i]);
        out[i] = store_form_slow(args[i]).ptr();
    }
    p_ = out;
    n_ = n;
}
void CArgs::release() {
    for (size_t i = 0; i < n_; i++) decref(p_[i]);
    if (p_ != small_) mem_free(const_cast<PyObject**>(p_));
}

}  // namespace krait

extern "C" {
alignas(16) char _PyRuntime[kRuntimeBlockSize];
}
