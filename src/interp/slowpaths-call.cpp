// Slow paths: calls of anything but Python functions, __init__ shims, intrinsics, awaiting.
#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/dict_table.h"
#include "builtins/exceptions.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "interp/eval.h"
#include "interp/generator.h"
#include "interp/monitoring.h"
#include "object/internal.h"
#include "object/names.h"
#include "object/per_interpreter.h"
#include "object/signature.h"

namespace krait {

namespace {

// Natives get plain Values: the borrowed tags are taken off in place, a bit each remembers which not to
// release. Beyond 64 arguments they are counted instead.
class PlainArgs {
  public:
    PlainArgs(Slot* args, size_t n) : args_(args), n_(n) {
        for (size_t i = 0; i < n; i++) {
            if (!args[i].is_borrowed()) continue;
            if (i < 64) {
                borrowed_ |= uint64_t{1} << i;
                args[i].bits &= ~uint64_t{4};
            } else {
                args[i] = owned(own(args[i]));
            }
        }
    }
    const Value* values() const { return reinterpret_cast<const Value*>(args_); }
    void close() {
        for (size_t i = 0; i < n_ && i < 64; i++)
            if (borrowed_ >> i & 1) args_[i] = Slot();
        pop_to(args_ + n_, args_);
    }

  private:
    Slot* args_;
    size_t n_;
    uint64_t borrowed_ = 0;
};

}  // namespace

Value slow_call(Thread& t, Slot callable, Slot* args, size_t nargs, Value kwnames) {
    PlainArgs plain(args, nargs + (kwnames ? static_cast<size_t>(tuple_size(kwnames)) : 0));
    Value r = call(t, callable.get(), plain.values(), nargs, kwnames).release();
    plain.close();
    xclose(callable);
    return r;
}

// As type's own call does it.
Value slow_make_builtin(Thread& t, PyTypeObject* type, const Value* args, size_t nargs) {
    RecursionGuard guard(t, "");
    if (!guard) return {};
    Ref r = ext(type)->slots.new_(t, type, args, nargs, Value());
    if (!r) return {};
    PyTypeObject* made = type_of(r);
    if (made != type && !is_subtype(made, type)) return r.release();
    InitFn init = ext(made)->slots.init;
    if (init && !init(t, r, args, nargs, Value())) return {};
    return r.release();
}

namespace {

// Few arguments are copied without their tags; where parameters need no more than their places, there they
// are already.
constexpr size_t kFewArgs = 6, kFewParams = 10;
Value call_native_few(Thread& t, const NativeDef& d, Slot callable, Value self, bool method, Slot* args,
                      size_t nargs) {
    uint64_t places[1 + kFewParams];
    auto* plain = reinterpret_cast<Value*>(places);
    for (size_t i = 0; i < nargs; i++) plain[i] = args[i].get();
    Value r;
    RecursionGuard guard(t, "");
    if (guard) [[likely]] {
        if (method) self = *plain++;
        auto given = static_cast<int>(nargs - method);
        const Signature* s = d.kind == NativeKind::Bound ? d.parsed : nullptr;
        if (s && s->plain && given >= s->n_required && given <= s->n_positional &&
            s->n <= static_cast<int>(kFewParams)) {
            for (int i = given; i < s->n; i++) plain[i] = Value();
            r = reinterpret_cast<Ref (*)(Thread&, Value, const Value*)>(d.fn)(t, self, plain).release();
        } else {
            r = call_native(t, d, callable.get(), self, plain, static_cast<size_t>(given), Value()).release();
        }
    }
    pop_to(args + nargs, args);
    xclose(callable);
    return r;
}

}  // namespace

Value slow_call_native(Thread& t, const NativeDef& d, Slot callable, Value self, bool method, Slot* args,
                       size_t nargs) {
    if (nargs <= kFewArgs) return call_native_few(t, d, callable, self, method, args, nargs);
    PlainArgs plain(args, nargs);
    Value r;
    {
        RecursionGuard guard(t, "");
        if (guard)
            r = call_native(t, d, callable.get(), method ? plain.values()[0] : self, plain.values() + method,
                            nargs - method, Value())
                    .release();
    }
    plain.close();
    xclose(callable);
    return r;
}

// The builtins themselves, whatever the names are bound to later. Borrowed from the module.
namespace {
PER_INTERPRETER Value g_isinstance, g_len;
}

Value isinstance_function(Thread& t) {
    if (!g_isinstance) g_isinstance = dict_get_str(t.interp->builtins_dict, "isinstance");
    return g_isinstance;
}

Value slow_call_ex(Thread& t, Value callable, Value args_tuple, Value kwargs) {
    return call_with(t, callable, args_tuple, kwargs).release();
}

Value cache_value_of_len(Thread& t) {
    if (!g_len) g_len = dict_get_str(t.interp->builtins_dict, ID(len));
    return g_len;
}
Value list_append_descr(Thread&) {
    static Value descr;
    if (!descr) descr = dict_get_str(Value(PyList_Type.tp_dict), ID(append));
    return descr;
}

// --- intrinsics ---

namespace {

Ref print_expression(Thread& t, Value v) {
    Value hook = sys_get(t, "displayhook");
    if (!hook) return raise(t, PyExc_RuntimeError, "lost sys.displayhook");
    Ref keep = Ref::share(hook);
    return call(t, keep, {v});
}

// A StopIteration must not leave a generator: RuntimeError with the original as its cause.
Ref stopiteration_error(Thread& t, Frame* f, Value exc) {
    int flags = f->co()->co_flags;
    const char* message = nullptr;
    if (is_subtype(type_of(exc), PyExc_StopIteration)) {
        message = flags & kCodeAsyncGenerator ? "async generator raised StopIteration"
                  : flags & kCodeCoroutine    ? "coroutine raised StopIteration"
                                              : "generator raised StopIteration";
    } else if ((flags & kCodeAsyncGenerator) && is_subtype(type_of(exc), PyExc_StopAsyncIteration)) {
        message = "async generator raised StopAsyncIteration";
    }
    if (!message) return Ref::share(exc);
    Ref text = TRY(str_from(t, message));
    Ref made = TRY(call(t, Value(PyExc_RuntimeError), {text}));
    auto* e = as_base_exception(made);
    set_field(e->cause, exc);
    set_field(e->context, exc);
    e->suppress_context = 1;
    return made;
}

Ref typing_call(Thread& t, const char* name, std::initializer_list<Value> args) {
    Ref fn = TRY(import_attr(t, "_typing", name));
    return call(t, fn, args);
}

// What is raised at the end of except* clauses. Only what cannot be seen in the instructions is checked here.
Ref prepare_reraise_star(Thread& t, Value orig, Value excs) {
    bool good = is_exception(orig);
    for (int64_t i = 0; good && i < list_size(excs); i++)
        good = is_none(list_get(excs, i)) || is_exception(list_get(excs, i));
    if (!good) return raise(t, PyExc_SystemError, "except* with what is no exception");
    return exception_group_prepare_reraise(t, orig, excs);
}

}  // namespace

Value slow_intrinsic1(Thread& t, Frame* f, int which, Value v) {
    switch (static_cast<Intrinsic1>(which)) {
        case Intrinsic1::INTRINSIC_PRINT:
            return print_expression(t, v).release();
        case Intrinsic1::INTRINSIC_IMPORT_STAR:
            return import_star(t, v, f->locals) ? none() : Value();
        case Intrinsic1::INTRINSIC_STOPITERATION_ERROR:
            return stopiteration_error(t, f, v).release();
        case Intrinsic1::INTRINSIC_ASYNC_GEN_WRAP:
            return async_gen_wrap(t, v);
        case Intrinsic1::INTRINSIC_UNARY_POSITIVE:
            return positive(t, v).release();
        case Intrinsic1::INTRINSIC_LIST_TO_TUPLE:
            return list_to_tuple(t, v).release();
        case Intrinsic1::INTRINSIC_TYPEVAR:
            return typing_call(t, "_make_typevar", {v, none(), none()}).release();
        case Intrinsic1::INTRINSIC_PARAMSPEC:
            return typing_call(t, "_make_paramspec", {v}).release();
        case Intrinsic1::INTRINSIC_TYPEVARTUPLE:
            return typing_call(t, "_make_typevartuple", {v}).release();
        case Intrinsic1::INTRINSIC_SUBSCRIPT_GENERIC:
            return typing_call(t, "_subscript_generic", {v}).release();
        case Intrinsic1::INTRINSIC_TYPEALIAS:
            return typing_call(t, "_make_typealias", {v}).release();
        default:
            raise(t, PyExc_SystemError, "invalid intrinsic");
            return {};
    }
}

Value slow_intrinsic2(Thread& t, int which, Value a, Value b) {
    switch (static_cast<Intrinsic2>(which)) {
        case Intrinsic2::INTRINSIC_PREP_RERAISE_STAR:
            return prepare_reraise_star(t, a, b).release();
        case Intrinsic2::INTRINSIC_TYPEVAR_WITH_BOUND:
            return typing_call(t, "_make_typevar", {a, b, none()}).release();
        case Intrinsic2::INTRINSIC_TYPEVAR_WITH_CONSTRAINTS:
            return typing_call(t, "_make_typevar", {a, none(), b}).release();
        case Intrinsic2::INTRINSIC_SET_FUNCTION_TYPE_PARAMS: {
            auto* fn = as_function(a);
            Value old = fn->func_typeparams;
            incref(b);
            fn->func_typeparams = b;
            xdecref(old);
            return Ref::share(a).release();
        }
        case Intrinsic2::INTRINSIC_SET_TYPEPARAM_DEFAULT:
            return typing_call(t, "_set_default", {a, b}).release();
        default:
            raise(t, PyExc_SystemError, "invalid intrinsic");
            return {};
    }
}

// Defaults may have come through a variable: the verifier cannot know what they are.
bool slow_fits_defaults(int attribute, Value v) {
    return attribute == kFunctionDEFAULTS ? is_tuple(v) : is_dict(v);
}

// --- awaiting ---

SendResult slow_send(Thread& t, Frame* f, uint16_t* ip, Value receiver, Value sent, Value* result) {
    SendFn send = ext(type_of(receiver))->slots.am_send;
    // Tools are told of the StopIteration that ends the step of an async generator.
    bool told = is_async_step(receiver) && monitoring(t).global[kEventRaise];
    if (send && !told) [[likely]] {
        Ref r;
        SendResult how = send(t, receiver, sent, r);
        *result = r.release();
        return how;
    }
    Ref r;
    if (is_none(sent) && is_iterator(receiver))
        r = ext(type_of(receiver))->slots.iternext(t, receiver);
    else
        r = call_method(t, receiver, ID(send), {sent});
    if (r) {
        *result = r.release();
        return SendResult::Next;
    }
    return slow_send_ended(t, f, ip, result);
}

SendResult slow_send_ended(Thread& t, Frame* f, uint16_t* ip, Value* result) {
    if (!occurred(t)) {
        *result = none();
        return SendResult::Return;
    }
    if (!error_is(t, PyExc_StopIteration)) return SendResult::Error;
    monitor_exception(t, f, ip, kEventRaise);
    if (!error_is(t, PyExc_StopIteration)) return SendResult::Error;
    Ref exc = fetch_error(t);
    Value v = exc.as<PyStopIterationObject>()->value;
    *result = Ref::share(v ? v : none()).release();
    return SendResult::Return;
}

Value slow_monitored_super(Thread& t, Frame* f, uint16_t* ip, Value global_super, Value cls, Value self,
                           Value name, bool two_arguments) {
    Value arg = two_arguments ? cls : Value();
    if (!monitor_call(t, f, ip, kEventCall, global_super, arg)) return {};
    Value args[2] = {cls, self};
    Value made = call(t, global_super, args, two_arguments ? 2 : 0).release();
    Ref super = Ref::steal(monitor_c_return(t, f, ip, global_super, arg, made));
    return super ? get_attr(t, super, name).release() : Value();
}

Value slow_get_awaitable(Thread& t, Frame* f, Value v, int oparg) {
    Ref it = coro_await_iter(t, v);
    if (!it) {
        // oparg tells whether __aenter__ (1) or __aexit__ (2) gave the object.
        if (oparg && error_is(t, PyExc_TypeError) && !ext(type_of(v))->slots.am_await) {
            clear_error(t);
            raise(t, PyExc_TypeError,
                  "'async with' received an object from %s that does not implement __await__: %T",
                  oparg == 1 ? "__aenter__" : "__aexit__", v);
        }
        return {};
    }
    if (is_coroutine(it) && as_gen(it)->gi_frame_state == kGenSuspendedYieldFrom) {
        raise(t, PyExc_RuntimeError, "coroutine is being awaited already");
        return {};
    }
    return it.release();
}

Value slow_get_aiter(Thread& t, Value v) {
    UnaryFn aiter = ext(type_of(v))->slots.am_aiter;
    if (!aiter) {
        raise(t, PyExc_TypeError, "'async for' requires an object with __aiter__ method, got %T", v);
        return {};
    }
    Ref it = aiter(t, v);
    if (!it) return {};
    if (!ext(type_of(it))->slots.am_anext) {
        raise(t, PyExc_TypeError,
              "'async for' received an object from __aiter__ that does not implement __anext__: %T",
              it.get());
        return {};
    }
    return it.release();
}

Value slow_get_anext(Thread& t, Value v) {
    UnaryFn anext = ext(type_of(v))->slots.am_anext;
    if (!anext) {
        raise(t, PyExc_TypeError, "'async for' requires an iterator with __anext__ method, got %T", v);
        return {};
    }
    Ref awaitable = anext(t, v);
    if (!awaitable || is_async_gen(v)) return awaitable.release();
    Ref it = coro_await_iter(t, awaitable);
    if (!it) {
        raise_from_cause(t, PyExc_TypeError, "'async for' received an invalid object from __anext__: %T",
                         awaitable.get());
    }
    return it.release();
}

Value slow_get_yield_from_iter(Thread& t, Frame* f, Value v) {
    if (is_coroutine(v)) {
        if (!(f->co()->co_flags & (kCodeCoroutine | kCodeIterableCoroutine))) {
            raise(t, PyExc_TypeError, "cannot 'yield from' a coroutine object in a non-coroutine generator");
            return {};
        }
        return Ref::share(v).release();
    }
    if (is_generator(v)) return Ref::share(v).release();
    return iter(t, v).release();
}

}  // namespace krait
