// Calls of any object.
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/boundary.h"
#include "object/errors.h"
#include "object/instance.h"
#include "object/internal.h"
#include "object/keywords.h"
#include "object/names.h"
#include "object/native.h"
#include "object/protocol.h"
#include "support/panic.h"

namespace krait {

bool is_callable(Value v) { return ext(type_of(v))->slots.call != nullptr; }

// A module that is called may have been meant for the function of its name in it, as in `pprint.pprint`.
static Ref not_callable(Thread& t, Value callable) {
    auto namesake = [&]() -> Ref {
        Ref dict = TRY(get_attr(t, callable, ID(__dict__)));
        Ref name = TRY(get_item(t, dict, ID(__name__)));
        if (!is_str(name)) return {};
        Ref attr = TRY(get_attr(t, callable, name));
        return is_callable(attr) ? std::move(name) : Ref();
    };
    if (is_instance_exact_or_sub(callable, &PyModule_Type)) {
        if (Ref name = namesake())
            return raise(t, PyExc_TypeError, "'%T' object is not callable. Did you mean: '%U.%U(...)'?",
                         callable, name.get(), name.get());
        clear_error(t);
    }
    return raise(t, PyExc_TypeError, "'%T' object is not callable", callable);
}

Ref call(Thread& t, Value callable, const Value* args, size_t nargs, Value kwnames) {
    CallFn fn = ext(type_of(callable))->slots.call;
    if (!fn) [[unlikely]]
        return not_callable(t, callable);
    RecursionGuard guard(t, "");
    if (!guard) return {};
    Ref r = fn(t, callable, args, nargs, kwnames);
    KRAIT_ASSERT(static_cast<bool>(r) == !t.has_exception());
    if (!r && !t.has_exception()) [[unlikely]]
        return raise(t, PyExc_SystemError, "%R returned NULL without setting an exception", callable);
    return r;
}

Ref call_vectorcall(Thread& t, VectorcallFn fn, Value callable, const Value* args, size_t nargs,
                    Value kwnames) {
    RecursionGuard guard(t, " while calling a Python object");
    if (!guard) return {};
    Frame* frame = t.c.current_frame;
    CArgs plain(args, nargs + (kwnames ? static_cast<size_t>(tuple_size(kwnames)) : 0));
    CArg names(kwnames);
    if (!plain.ok() || !names.ok()) return {};
    PyObject* r = fn(callable.ptr(), plain.get(), nargs, names);
    t.c.current_frame = frame;
    return c_result(t, r, callable);
}

// A type of C that is called with a tuple gets that tuple.
static Ref call_c_type(Thread& t, Value callable, Value args_tuple) {
    RecursionGuard guard(t, "");
    if (!guard) return {};
    if (!expose(args_tuple.ptr())) return {};
    using CCall = PyObject* (*)(PyObject*, PyObject*, PyObject*);
    auto fn = reinterpret_cast<CCall>(type_of(callable)->tp_call);
    return c_result(t, fn(callable.ptr(), args_tuple.ptr(), nullptr), callable);
}

static bool takes_any_keywords(Value callable) {
    if (is_type(callable)) {
        if (!has_type(callable, &PyType_Type)) return false;
        auto* type = callable.as<PyTypeObject>();
        if (type->krait_bits & kTypeAnyKeywords) return true;
        // object() refuses all that come, by their number.
        auto &slots = ext(type)->slots, &plain = ext(&PyBaseObject_Type)->slots;
        return slots.init == plain.init && slots.new_ == plain.new_;
    }
    if (!has_type(callable, &PyCFunction_Type)) return false;
    const PyMethodDef* def = callable.as<PyCFunctionObject>()->m_ml;
    return (def->ml_flags & NativeDef::kNativeDefBit) &&
           (reinterpret_cast<const NativeDef*>(def)->flags & kMethAnyKeywords);
}

// `kwargs` is not empty.
static Ref call_with_keywords(Thread& t, Value callable, Value args_tuple, Value kwargs) {
    constexpr int64_t kFew = 12;
    int64_t nargs = tuple_size(args_tuple), nkw = dict_size(kwargs), total = nargs + nkw;
    Value few[kFew], *all = few;
    if (total > kFew) {
        all = static_cast<Value*>(mem_alloc(static_cast<size_t>(total) * sizeof(Value)));
        if (!all) return raise_no_memory(t);
    }
    Ref names = tuple_new(t, nkw), r;
    int64_t pos = 0, k = 0;
    if (names) {
        for (int64_t i = 0; i < nargs; i++) all[i] = tuple_get(args_tuple, i);
        Value key, value;
        bool good = true;
        while (k < nkw && dict_next(kwargs, pos, key, value)) {
            good &= is_str(key);
            tuple_items(names)[k] = Ref::share(key).release();
            all[nargs + k++] = Ref::share(value).release();  // the callee may change the dict
        }
        if (good || takes_any_keywords(callable) || !is_callable(callable))  // call() says what is wrong
            r = call(t, callable, all, static_cast<size_t>(nargs), names);
        else
            r = raise(t, PyExc_TypeError, "keywords must be strings");
    }
    for (int64_t i = 0; i < k; i++) decref(all[nargs + i]);
    if (all != few) mem_free(all);
    return r;
}

Ref call_with(Thread& t, Value callable, Value args_tuple, Value kwargs) {
    int64_t nargs = tuple_size(args_tuple);
    PyTypeObject* type = type_of(callable);
    if (ext(type)->is_c_type && !kwargs && type->tp_call && !(type->tp_flags & kTpHaveVectorcall))
        [[unlikely]]
        return call_c_type(t, callable, args_tuple);
    if (!kwargs || dict_size(kwargs) == 0) {
        // `**{}` is not quite nothing: a few builtin constructors refuse even that.
        bool constructor = kwargs && is_type(callable) && !is_heap_type(callable.as<PyTypeObject>());
        return call(t, callable, tuple_items(args_tuple), nargs, constructor ? empty_tuple() : Value());
    }
    return call_with_keywords(t, callable, args_tuple, kwargs);
}

Ref call_method(Thread& t, Value self, Value name, std::initializer_list<Value> args) {
    PyTypeObject* type = type_of(self);
    constexpr size_t kMax = 15;
    if (ext(type)->generic_getattr && args.size() <= kMax) {
        Value found = type_lookup(type, name);
        if (found && (type_of(found)->tp_flags & kTpMethodDescriptor)) {
            Ref fn = Ref::share(found);
            bool shadowed = false;
            if (has_managed_dict(type) || type->tp_dictoffset) {
                Maybe own = instance_get(t, self, name);
                if (!own) return {};
                shadowed = own.has_value();
                if (shadowed) fn = own.take();
            }
            Value all[kMax + 1];
            all[0] = self;
            size_t n = 1;
            for (Value a : args) all[n++] = a;
            return shadowed ? call(t, fn, all + 1, n - 1) : call(t, fn, all, n);
        }
    }
    Ref fn = TRY(get_attr(t, self, name));
    return call(t, fn, args.begin(), args.size());
}

Ref call_method(Thread& t, Value self, const char* name, std::initializer_list<Value> args) {
    Ref n = TRY(str_intern(t, name));
    return call_method(t, self, n, args);
}

}  // namespace krait
