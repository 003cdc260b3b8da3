// Calls of C functions from the value stack: their arguments are made real pointers where they stand.
#include "builtins/dict.h"
#include "builtins/tuple.h"
#include "interp/eval.h"
#include "object/boundary.h"
#include "object/internal.h"

namespace krait {

namespace {

using P = PyObject*;

enum MethFlag {
    kVarargs = 1,
    kKeywords = 2,
    kNoargs = 4,
    kO = 8,
    kFastcall = 0x80,
    kMethod = 0x200,
    kCallMask = 0x28f,
};

// Borrowed tags are taken off (a bit each remembers which not to release), numbers boxed in place: the slots
// own the boxes. Beyond 64 arguments borrowed ones are counted instead. Not ok(): there was no memory for it.
class CStack {
  public:
    CStack(Slot* args, size_t n) : args_(args), n_(n) {
        for (size_t i = 0; i < n; i++) ok_ = prepare(i) && ok_;
    }
    bool ok() const { return ok_; }
    P const* get() const { return reinterpret_cast<P const*>(args_); }
    void close() {
        for (size_t i = n_; i-- > 0;)
            if (i >= 64 || !(borrowed_ >> i & 1)) decref(reinterpret_cast<P>(args_[i].bits));
    }

  private:
    // However it ends, the slot is one for close().
    bool prepare(size_t i) {
        uint64_t bits = args_[i].bits;
        if (bits & 3) {
            P box = box_word(Value(bits));
            args_[i] = owned(box ? Value(box) : none());
            return box;
        }
        if (bits & 4) {
            bits &= ~uint64_t{4};
            args_[i].bits = bits;
            if (i < 64)
                borrowed_ |= uint64_t{1} << i;
            else
                incref(reinterpret_cast<P>(bits));
        }
        auto* o = reinterpret_cast<P>(bits);
        return !(o->ob_type->krait_bits & kExposable) || expose(o);
    }

    Slot* args_;
    size_t n_;
    uint64_t borrowed_ = 0;
    bool ok_ = true;
};

// The call itself. *careful: not done, the flags or the number of arguments ask for more care.
P invoke(Thread& t, const PyMethodDef& d, P self, PyTypeObject* defining, P const* args, size_t n,
         bool* careful) {
    auto* fn = reinterpret_cast<P (*)(P, P)>(d.ml_meth);
    switch (d.ml_flags & kCallMask) {
        case kNoargs:
            if (n == 0) return fn(self, nullptr);
            break;
        case kO:
            if (n == 1) return fn(self, args[0]);
            break;
        case kFastcall:
            return reinterpret_cast<P (*)(P, P const*, int64_t)>(d.ml_meth)(self, args,
                                                                            static_cast<int64_t>(n));
        case kFastcall | kKeywords:
            return reinterpret_cast<P (*)(P, P const*, int64_t, P)>(d.ml_meth)(
                self, args, static_cast<int64_t>(n), nullptr);
        case kMethod | kFastcall | kKeywords:
            return reinterpret_cast<P (*)(P, PyTypeObject*, P const*, size_t, P)>(d.ml_meth)(
                self, defining, args, n, nullptr);
        case kVarargs:
        case kVarargs | kKeywords: {
            P tuple = c_tuple_new(t, args, n);
            if (!tuple) return nullptr;
            P r = reinterpret_cast<P (*)(P, P, P)>(d.ml_meth)(self, tuple, nullptr);
            c_tuple_drop(t, tuple);
            return r;
        }
        default:
            break;
    }
    *careful = true;
    return nullptr;
}

}  // namespace

PyObject* call_c_converted(Thread& t, const PyMethodDef& d, PyObject* self, const Slot* args, int64_t n) {
    static_assert(kFewForC <= kSpareBoxes);
    P plain[kFewForC];
    unsigned boxes = 0;
    P r = nullptr;
    for (unsigned i = 0; i < n; i++) {
        if (args[i].is_pointer()) {
            plain[i] = args[i].ptr();
            if (!expose(plain[i])) [[unlikely]]
                goto done;
            continue;
        }
        plain[i] = lend_box(t, args[i].get(), i);
        if (!plain[i]) [[unlikely]]
            goto done;
        boxes |= 1u << i;
    }
    switch (d.ml_flags & kCallMask) {
        case kFastcall:
            r = reinterpret_cast<P (*)(P, P const*, int64_t)>(d.ml_meth)(self, plain, n);
            break;
        case kO:
            r = reinterpret_cast<P (*)(P, P)>(d.ml_meth)(self, plain[0]);
            break;
        default:
            r = reinterpret_cast<P (*)(P, P const*, int64_t, P)>(d.ml_meth)(self, plain, n, nullptr);
    }
done:
    for (unsigned i = 0; boxes; i++, boxes >>= 1)
        if (boxes & 1) return_box(t, plain[i], i);
    return r;
}

PyObject* call_c_with_dict(Thread& t, const PyMethodDef& d, PyObject* self, PyObject* const* args, int64_t n,
                           const Slot* values, Value names) {
    Ref keywords = dict_new(t, tuple_size(names));
    if (!keywords) return nullptr;
    for (int64_t i = 0; i < tuple_size(names); i++)
        if (!dict_set(t, keywords, tuple_get(names, i), values[i].get())) return nullptr;
    P tuple = c_tuple_new(t, args, static_cast<size_t>(n));
    if (!tuple) return nullptr;
    P r = reinterpret_cast<P (*)(P, P, P)>(d.ml_meth)(self, tuple, keywords.get().ptr());
    c_tuple_drop(t, tuple);
    return r;
}

Value slow_call_c(Thread& t, const PyMethodDef& d, Slot callable, Value self, PyTypeObject* defining,
                  bool method, Slot* args, size_t nargs) {
    CStack plain(args, nargs);
    P const* a = plain.get();
    if (method) {
        self = Value(a[0]);
        a++;
        nargs--;
    }
    Value r;
    {
        RecursionGuard guard(t, " while calling a Python object");
        CArg c_self(plain.ok() ? self : Value());
        if (guard && plain.ok() && c_self.ok()) {
            bool careful = false;
            Frame* frame = t.c.current_frame;
            P made = invoke(t, d, c_self, defining, a, nargs, &careful);
            t.c.current_frame = frame;
            Value named = callable.get();
            r = careful ? g_runtime.c_hooks
                              ->call_method(t, &d, named, self, defining, reinterpret_cast<const Value*>(a),
                                            nargs, Value())
                              .release()
                        : c_result(t, made, named).release();
        }
    }
    plain.close();
    xclose(callable);
    return r;
}

}  // namespace krait
