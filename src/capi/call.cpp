// Calls across the boundary: methods and attributes of extensions, and what the call functions share.
#include "builtins/dict.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "capi/fast.h"
#include "capi/register.h"
#include "gc/gc.h"
#include "object/attributes.h"
#include "object/instance.h"
#include "object/internal.h"
#include "support/small-vector.h"

namespace krait {

CallArgs::CallArgs(Thread& t, const Value* args, size_t nargs, Value kwnames) : t_(t) {
    CArgs plain(args, nargs);
    if (!plain.ok()) return;
    tuple_ = c_tuple_new(t, plain.get(), nargs);
    if (!tuple_) return;
    int64_t nkw = kwnames ? tuple_size(kwnames) : 0;
    if (nkw) {
        dict_ = dict_new(t, nkw);
        if (!dict_) return;
        for (int64_t i = 0; i < nkw; i++)
            if (!dict_set(t, dict_, tuple_get(kwnames, i), args[nargs + i])) return;
    }
    ok_ = true;
}

Unpacked::Unpacked(Thread& t, PyObject* args, PyObject* kwargs) {
    Value tuple(args);
    if (args) {
        args_ = tuple_items(tuple);
        nargs_ = static_cast<size_t>(tuple_size(tuple));
    }
    if (!kwargs || dict_size(kwargs) == 0) {
        ok_ = true;
        return;
    }
    int64_t nkw = dict_size(kwargs), pos = 0, k = 0;
    names_ = tuple_new(t, nkw);
    own_ = static_cast<Value*>(mem_alloc((nargs_ + nkw) * sizeof(Value)));
    if (!names_ || !own_) {
        if (names_) raise_no_memory(t);
        return;
    }
    for (size_t i = 0; i < nargs_; i++) own_[i] = args_[i];
    Value key, value;
    bool good = true;
    while (k < nkw && dict_next(kwargs, pos, key, value)) {
        good = good && is_str(key);
        tuple_items(names_)[k] = Ref::share(key).release();
        own_[nargs_ + k++] = Ref::share(value).release();
    }
    total_ = static_cast<size_t>(k);
    args_ = own_;
    ok_ = good;
    if (!good) raise(t, PyExc_TypeError, "keywords must be strings");
}
Unpacked::~Unpacked() {
    for (size_t i = 0; i < total_; i++) decref(own_[nargs_ + i]);
    mem_free(own_);
}

Ref call_tuple_dict(Thread& t, Value callable, PyObject* args, PyObject* kwargs) {
    Unpacked u(t, args, kwargs);
    if (!u) return {};
    return call(t, callable, u.args(), u.nargs(), u.names());
}

namespace {

enum MethFlag {
    kVarargs = 1,
    kKeywords = 2,
    kNoargs = 4,
    kO = 8,
    kFastcall = 0x80,
    kMethod = 0x200,
    kCallMask = 0x28f,
};

using P = PyObject*;

Raised wrong_count(Thread& t, Value callable, const char* what, size_t nargs) {
    Ref name = function_str(t, callable);
    if (!name) return {};
    return raise(t, PyExc_TypeError, "%U takes %s (%zu given)", name.get(), what, nargs);
}
Status no_keywords(Thread& t, Value callable, Value kwnames) {
    if (!kwnames || tuple_size(kwnames) == 0) [[likely]]
        return Status::ok();
    Ref name = TRY(function_str(t, callable));
    return raise(t, PyExc_TypeError, "%U takes no keyword arguments", name.get());
}

Ref call_c_method(Thread& t, const PyMethodDef* d, Value callable, Value self_value, PyTypeObject* defining,
                  const Value* args, size_t nargs, Value kwnames) {
    RecursionGuard guard(t, " while calling a Python object");
    if (!guard) return {};
    KeptFrame frame(t);
    CArg self(self_value);
    if (!self.ok()) return {};
    int flags = d->ml_flags & kCallMask;
    switch (flags) {
        case kNoargs:
            TRY(no_keywords(t, callable, kwnames));
            if (nargs) return wrong_count(t, callable, "no arguments", nargs);
            return checked(t, reinterpret_cast<PyCFunction>(d->ml_meth)(self, nullptr), callable);
        case kO: {
            TRY(no_keywords(t, callable, kwnames));
            if (nargs != 1) return wrong_count(t, callable, "exactly one argument", nargs);
            CArg arg(args[0]);
            if (!arg.ok()) return {};
            return checked(t, reinterpret_cast<PyCFunction>(d->ml_meth)(self, arg), callable);
        }
        case kFastcall: {
            TRY(no_keywords(t, callable, kwnames));
            CArgs a(args, nargs);
            if (!a.ok()) return {};
            return checked(t,
                           reinterpret_cast<P (*)(P, P const*, Py_ssize_t)>(d->ml_meth)(self, a.get(), nargs),
                           callable);
        }
        case kFastcall | kKeywords: {
            CArgs a(args, nargs + (kwnames ? tuple_size(kwnames) : 0));
            CArg names(kwnames && tuple_size(kwnames) ? kwnames : Value());
            if (!a.ok() || !names.ok()) return {};
            return checked(t,
                           reinterpret_cast<P (*)(P, P const*, Py_ssize_t, P)>(d->ml_meth)(
                               self, a.get(), static_cast<Py_ssize_t>(nargs), names),
                           callable);
        }
        case kMethod | kFastcall | kKeywords: {
            CArgs a(args, nargs + (kwnames ? tuple_size(kwnames) : 0));
            CArg names(kwnames && tuple_size(kwnames) ? kwnames : Value());
            if (!a.ok() || !names.ok()) return {};
            return checked(t,
                           reinterpret_cast<P (*)(P, PyTypeObject*, P const*, size_t, P)>(d->ml_meth)(
                               self, defining, a.get(), nargs, names),
                           callable);
        }
        case kVarargs: {
            // Functions are called through tp_call here, which has another wording.
            if (kwnames && tuple_size(kwnames) && is_instance_exact_or_sub(callable, &PyCFunction_Type))
                return raise(t, PyExc_TypeError, "%.200s() takes no keyword arguments", d->ml_name);
            TRY(no_keywords(t, callable, kwnames));
            CallArgs a(t, args, nargs, {});
            if (!a) return {};
            return checked(t, reinterpret_cast<PyCFunction>(d->ml_meth)(self, a.args()), callable);
        }
        case kVarargs | kKeywords: {
            CallArgs a(t, args, nargs, kwnames);
            if (!a) return {};
            return checked(t, reinterpret_cast<P (*)(P, P, P)>(d->ml_meth)(self, a.args(), a.kw()), callable);
        }
        default:
            return raise(t, PyExc_SystemError, "%s() method: bad call flags", d->ml_name);
    }
}

Ref get_c_attribute(Thread& t, const PyGetSetDef* d, Value self) {
    auto* get = reinterpret_cast<P (*)(P, void*)>(d->get);
    CArg object(self);
    P r = object.ok() ? get(object, d->closure) : nullptr;
    if (!r && !t.has_exception()) return raise(t, PyExc_SystemError, "%s", kSilentFailure);
    return from_c(r);
}
Status set_c_attribute(Thread&, const PyGetSetDef* d, Value self, Value value) {
    auto* set = reinterpret_cast<int (*)(P, P, void*)>(d->set);
    CArg object(self), given(value);
    return object.ok() && given.ok() && set(object, given, d->closure) == 0 ? Status::ok() : Status();
}

}  // namespace

Ref create_dynamic(Thread& t, Value spec);  // dynload.cpp
Status forget_dynamic(Thread& t, Value name, Value path);
Result<int> exec_dynamic(Thread& t, Value module);  // modsupport.cpp
Maybe read_terminal_line(Thread& t, Value prompt);  // pythonrun.cpp
void free_c_module(Thread& t, PyModuleObject* m);
void traverse_c_module(PyModuleObject* m, Visitor& v);
void clear_c_module(Thread& t, PyModuleObject* m);
const char* added_module(size_t i);  // inittab.cpp
Ref create_added(Thread& t, Value spec, Value name);
void show_flags(const Config& c);  // misc.cpp

void register_capi() {
    static const CHooks hooks = {call_c_method,     get_c_attribute, set_c_attribute,    create_dynamic,
                                 exec_dynamic,      forget_dynamic,  read_terminal_line, free_c_module,
                                 traverse_c_module, clear_c_module,  added_module,       create_added,
                                 show_flags};
    g_runtime.c_hooks = &hooks;
}

}  // namespace krait

using namespace krait;

// --- calling from C ---

CAPI PyObject* PyObject_Call(PyObject* f, PyObject* args, PyObject* kwargs) {
    Thread& t = here();
    if (!f || !is_tuple(args) || (kwargs && !is_dict(kwargs))) [[unlikely]]
        return out(bad_call("PyObject_Call"));
    return out(call_tuple_dict(t, f, args, kwargs));
}
CAPI PyObject* PyObject_CallObject(PyObject* f, PyObject* args) {
    if (args && !is_tuple(args)) return out(raise(here(), PyExc_TypeError, "argument list must be a tuple"));
    return out(call_tuple_dict(here(), f, args, nullptr));
}

namespace {
using VectorcallFn = PyObject* (*)(PyObject*, PyObject* const*, size_t, PyObject*);
// A function of C called by C needs no conversion, neither way. False: not such a function, or the flags or
// the number of arguments ask for the general way.
[[gnu::always_inline]] inline bool call_straight(Thread& t, P callable, const PyMethodDef* d, P self,
                                                 P const* args, size_t n, P* result) {
    P r;
    switch (d->ml_flags & kCallMask) {
        case kNoargs:
            if (n) return false;
            r = reinterpret_cast<PyCFunction>(d->ml_meth)(self, nullptr);
            break;
        case kO:
            if (n != 1) return false;
            r = reinterpret_cast<PyCFunction>(d->ml_meth)(self, args[0]);
            break;
        case kFastcall:
            r = reinterpret_cast<P (*)(P, P const*, Py_ssize_t)>(d->ml_meth)(self, args,
                                                                             static_cast<Py_ssize_t>(n));
            break;
        case kFastcall | kKeywords:
            r = reinterpret_cast<P (*)(P, P const*, Py_ssize_t, P)>(d->ml_meth)(
                self, args, static_cast<Py_ssize_t>(n), nullptr);
            break;
        default:
            return false;
    }
    if (!r || t.has_exception()) [[unlikely]]
        r = out(c_result(t, r, callable));
    *result = r;
    return true;
}
// The same of `f`, a builtin function.
inline bool call_function_of_c(Thread& t, P f, P const* args, size_t n, P* result) {
    auto* fn = reinterpret_cast<PyCFunctionObject*>(f);
    constexpr int kStatic = 0x20;
    // What m_self is has been exposed with the function, when that crossed to C.
    if ((fn->m_ml->ml_flags & (NativeDef::kNativeDefBit | kStatic)) || stack_is_low(t)) return false;
    return call_straight(t, f, fn->m_ml, fn->m_self.ptr(), args, n, result);
}
// An object of C that says how it is called (Cython's functions do).
inline bool call_vectorcall(Thread& t, P f, P const* args, size_t n, P kwnames, P* result) {
    PyTypeObject* type = f->ob_type;
    if (!ext(type)->is_c_type || type->tp_vectorcall_offset <= 0 || stack_is_low(t)) return false;
    auto vc = *reinterpret_cast<VectorcallFn*>(reinterpret_cast<char*>(f) + type->tp_vectorcall_offset);
    if (!vc) return false;
    P r = vc(f, args, n, kwnames);
    if (!r || t.has_exception()) [[unlikely]]
        r = out(c_result(t, r, f));
    *result = r;
    return true;
}
P call_from_c(P f, P const* args, size_t n, P kwnames) {
    Thread& t = here();
    P r;
    if (PyTypeObject* type = f->ob_type; type == &PyCFunction_Type) {
        if (!kwnames && call_function_of_c(t, f, args, n, &r)) return r;
    } else if (f == &PyType_Type.ob_base.ob_base && n == 1 && !kwnames) {
        return new_ref(&args[0]->ob_type->ob_base.ob_base);
    } else if ((type->tp_flags & kTpHaveVectorcall) && call_vectorcall(t, f, args, n, kwnames, &r)) {
        return r;
    }
    return out(call(t, f, values(args), n, kwnames));
}
}  // namespace
PyObject* krait::call_pointers(PyObject* f, PyObject* const* args, size_t n) {
    return call_from_c(f, args, n, nullptr);
}
CAPI PyObject* PyObject_CallNoArgs(PyObject* f) { return call_from_c(f, nullptr, 0, nullptr); }
CAPI PyObject* PyObject_CallOneArg(PyObject* f, PyObject* arg) { return call_from_c(f, &arg, 1, nullptr); }
CAPI PyObject* PyObject_Vectorcall(PyObject* f, PyObject* const* args, size_t nargsf, PyObject* kwnames) {
    return call_from_c(f, args, nargs_of(nargsf), kwnames);
}
CAPI PyObject* PyObject_VectorcallDict(PyObject* f, PyObject* const* args, size_t nargsf, PyObject* kwdict) {
    Thread& t = here();
    size_t n = nargs_of(nargsf);
    if (!kwdict || dict_size(kwdict) == 0) return out(call(t, f, values(args), n));
    Ref tuple = tuple_from(t, values(args), static_cast<int64_t>(n));
    if (!tuple) return nullptr;
    return out(call_tuple_dict(t, f, tuple.get().ptr(), kwdict));
}
namespace {
// `method`: what the class of args[0] has.
P call_found(Thread& t, Value method, P const* args, size_t n, P kwnames) {
    if (!kwnames && has_type(method, &PyMethodDescr_Type)) {
        auto* descr = method.as<PyMethodDescrObject>();
        P r;
        if (!(descr->d_method->ml_flags & NativeDef::kNativeDefBit) &&
            is_subtype(args[0]->ob_type, descr->d_common.d_type)) {
            RecursionGuard guard(t, " while calling a Python object");
            if (!guard) return nullptr;
            if (call_straight(t, method.ptr(), descr->d_method, args[0], args + 1, n - 1, &r)) return r;
        }
    }
    return out(call(t, method, values(args), n, kwnames));
}
}  // namespace
CAPI PyObject* PyObject_VectorcallMethod(PyObject* name, PyObject* const* args, size_t nargsf,
                                         PyObject* kwnames) {
    Thread& t = here();
    size_t n = nargs_of(nargsf);
    // The plain case: a function of the class, called with the instance in front.
    PyTypeObject* type = args[0]->ob_type;
    if (ext(type)->generic_getattr) {
        Value found = type_lookup(type, name);
        if (found && (type_of(found)->tp_flags & kTpMethodDescriptor)) {
            Ref keep = Ref::share(found);
            if (!type->tp_dictoffset) return call_found(t, found, args, n, kwnames);
            Maybe own = instance_get(t, args[0], name);
            if (!own) return nullptr;
            if (!own.has_value()) return call_found(t, found, args, n, kwnames);
            return out(call(t, own.take(), values(args) + 1, n - 1, kwnames));
        }
    }
    Ref method = get_attr(t, args[0], Value(name));
    if (!method) return nullptr;
    return out(call(t, method, values(args) + 1, n - 1, kwnames));
}
CAPI int PyCallable_Check(PyObject* o) { return o && is_callable(o); }

namespace {
// Objects of Krait's own types have no pointer of their own; what their flag promises is kept by this one.
PyObject* call_native(PyObject* f, PyObject* const* args, size_t nargsf, PyObject* kwnames) {
    return PyObject_Vectorcall(f, args, nargsf, kwnames);
}
VectorcallFn vectorcall_of(PyObject* f) {
    PyTypeObject* type = f->ob_type;
    VectorcallFn fn = nullptr;
    if (type->tp_vectorcall_offset > 0)
        fn = *reinterpret_cast<VectorcallFn*>(reinterpret_cast<char*>(f) + type->tp_vectorcall_offset);
    // Krait's own objects leave the place empty.
    bool native = !ext(type)->is_c_type && (type->tp_flags & kTpHaveVectorcall) && !is_type(f);
    return fn ? fn : native ? call_native : nullptr;
}
}  // namespace
CAPI Py_ssize_t PyVectorcall_NARGS(size_t n) { return static_cast<Py_ssize_t>(nargs_of(n)); }
CAPI VectorcallFn PyVectorcall_Function(PyObject* f) {
    return f->ob_type->tp_flags & kTpHaveVectorcall ? vectorcall_of(f) : nullptr;
}
CAPI PyObject* PyVectorcall_Call(PyObject* f, PyObject* args, PyObject* kwargs) {
    Thread& t = here();
    VectorcallFn fn = vectorcall_of(f);
    if (!fn)
        return out(
            raise(t, PyExc_TypeError, "'%.200s' object does not support vectorcall", f->ob_type->tp_name));
    Unpacked u(t, args, kwargs);
    if (!u) return nullptr;
    CArgs a(u.args(), u.nargs() + (u.names() ? tuple_size(u.names()) : 0));
    CArg names(u.names());
    return a.ok() && names.ok() ? fn(f, a.get(), u.nargs(), names) : nullptr;
}
CAPI PyObject* _PyObject_MakeTpCall(PyThreadState*, PyObject* f, PyObject* const* args, Py_ssize_t nargs,
                                    PyObject* keywords) {
    Thread& t = here();
    if (keywords && is_dict(keywords))
        return PyObject_VectorcallDict(f, args, static_cast<size_t>(nargs), keywords);
    return out(call(t, f, values(args), static_cast<size_t>(nargs), keywords));
}
CAPI PyObject* _Py_CheckFunctionResult(PyThreadState*, PyObject* callable, PyObject* result, const char*) {
    return out(checked(here(), result, callable));
}

// --- with arguments in C's own list ---

namespace {
P call_list(P callable, va_list va) {
    SmallVector<P, 16> args;
    while (PyObject* arg = va_arg(va, PyObject*)) args.push_back(arg);
    return call_from_c(callable, args.data(), args.size(), nullptr);
}
}  // namespace
CAPI PyObject* PyObject_CallFunctionObjArgs(PyObject* f, ...) {
    if (!f) return out(null_argument());
    va_list va;
    va_start(va, f);
    P r = call_list(f, va);
    va_end(va);
    return r;
}
CAPI PyObject* PyObject_CallMethodObjArgs(PyObject* o, PyObject* name, ...) {
    Thread& t = here();
    if (!o || !name) {
        if (t.has_exception()) return nullptr;
        return out(null_argument());
    }
    P method = out(get_attr(t, o, Value(name)));
    if (!method) return nullptr;
    va_list va;
    va_start(va, name);
    P r = call_list(method, va);
    va_end(va);
    decref(method);
    return r;
}
