// Async generators and the awaitables that their methods give.
#include "builtins/callable.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/alloc.h"
#include "gc/gc.h"
#include "interp/internal.h"
#include "object/names.h"
#include "object/protocol.h"
#include "object/warnings.h"

namespace krait {

Status raise_stop_async(Thread& t) { return raise_none(t, PyExc_StopAsyncIteration); }

namespace {

// What a `yield` in an async generator hands out, so that it differs from what `await` passes through.
struct WrappedValue {
    PyObject ob_base;
    Value value;  // owned
};
Type wrapped_type, asend_type, athrow_type;

enum class Stage : uint8_t { Init, Iterating, Closed };

// Both awaitables: `sent` is what asend() sends, or athrow()'s exception (aclose(): empty).
struct Step {
    PyObject ob_base;
    GenObject* gen;  // owned
    Value payload;   // owned
    Stage stage;
    bool is_close;
};
Step* as_step(Value v) { return v.as<Step>(); }
bool is_wrapped(Value v) { return has_type(v, &wrapped_type); }
Value gen_value(Step* s) { return Value(&s->gen->ob_base); }

void wrapped_dealloc(Thread& t, PyObject* o) {
    decref(reinterpret_cast<WrappedValue*>(o)->value);
    free_plain(t, o, &wrapped_type, true);
}
void wrapped_traverse(PyObject* o, Visitor& v) { v.visit(reinterpret_cast<WrappedValue*>(o)->value); }

void step_dealloc(Thread& t, PyObject* o) {
    auto* s = reinterpret_cast<Step*>(o);
    decref(&s->gen->ob_base);
    xdecref(s->payload);
    free_plain(t, o, o->ob_type, true);  // neither type has subclasses
}
void step_traverse(PyObject* o, Visitor& v) {
    auto* s = reinterpret_cast<Step*>(o);
    v.visit(&s->gen->ob_base);
    v.visit(s->payload);
}

// Never iterated: somebody forgot the `await`.
void step_finalize(Thread& t, PyObject* o) {
    auto* s = reinterpret_cast<Step*>(o);
    if (s->stage != Stage::Init) return;
    SavedError saved(t);
    const char* method = o->ob_type == &asend_type ? "asend" : s->is_close ? "aclose" : "athrow";
    if (!warn_about(t, Value(&s->gen->ob_base), PyExc_RuntimeWarning, 1,
                    "coroutine method '%s' of '%S' was never awaited", method, s->gen->gi_qualname))
        write_unraisable(t, nullptr, Value(o));
}

bool step_was_begun(const PyObject* o) { return reinterpret_cast<const Step*>(o)->stage != Stage::Init; }

Ref make_step(Thread& t, Type& type, Value gen, Value payload, bool is_close) {
    PyObject* o = alloc_plain(t, &type, sizeof(Step));
    if (!o) return {};
    auto* s = reinterpret_cast<Step*>(o);
    incref(gen);
    s->gen = as_gen(gen);
    xincref(payload);
    s->payload = payload;
    s->stage = Stage::Init;
    s->is_close = is_close;
    gc_track_new(t, o);
    return Ref::steal(Value(o));
}

// sys.set_asyncgen_hooks: the first iteration is announced, the finalizer kept.
Status init_hooks(Thread& t, Value self) {
    GenObject* g = as_gen(self);
    if (g->gi_hooks_inited) return Status::ok();
    g->gi_hooks_inited = 1;
    if (PyObject* finalizer = t.c.async_gen_finalizer) {
        incref(finalizer);
        g->gi_origin_or_finalizer = Value(finalizer);
    }
    if (PyObject* first = t.c.async_gen_firstiter) {
        Ref keep = Ref::share(Value(first));
        TRY_DISCARD(call(t, keep, {self}));
    }
    return Status::ok();
}

bool ended(Thread& t) { return error_is(t, PyExc_StopAsyncIteration) || error_is(t, PyExc_GeneratorExit); }

void step_ended(Thread& t, Step* s) {
    if (ended(t)) s->gen->gi_closed = 1;
    s->gen->gi_running_async = 0;
    s->stage = Stage::Closed;
}

Ref agen_send(Thread& t, Value gen, Value arg) {
    Ref result;
    if (gen_send(t, gen, arg, result) == SendResult::Return) return raise_none(t, PyExc_StopAsyncIteration);
    return result;
}

// A value that an `await` inside passes out stays; one that `yield` gave ends this step with StopIteration.
Ref unwrap(Thread& t, GenObject* g, Ref result) {
    if (!result) {
        if (!occurred(t)) raise_none(t, PyExc_StopAsyncIteration);
        if (ended(t)) g->gi_closed = 1;
        g->gi_running_async = 0;
        return {};
    }
    if (is_wrapped(result)) {
        Ref value = Ref::share(result.as<WrappedValue>()->value);
        g->gi_running_async = 0;
        return raise_stop_iteration(t, value);
    }
    return result;
}

// --- asend() and __anext__() ---
Raised reused_asend(Thread& t) {
    return raise(t, PyExc_RuntimeError, "cannot reuse already awaited __anext__()/asend()");
}
Raised running_error(Thread& t, Step* s, const char* what) {
    s->stage = Stage::Closed;
    return raise(t, PyExc_RuntimeError, "%s(): asynchronous generator is already running", what);
}

Status begin_asend(Thread& t, Step* s, Value& arg) {
    if (s->stage == Stage::Closed) return reused_asend(t);
    if (s->stage == Stage::Init) {
        if (s->gen->gi_running_async) return running_error(t, s, "anext");
        if (!arg || is_none(arg)) arg = s->payload;
        s->stage = Stage::Iterating;
    }
    s->gen->gi_running_async = 1;
    return Status::ok();
}
// am_send: what the generator yields is what the step returns, without a StopIteration to carry it.
SendResult asend_step(Thread& t, Value self, Value arg, Ref& result) {
    Step* s = as_step(self);
    if (!begin_asend(t, s, arg)) return SendResult::Error;
    Ref keep = Ref::share(self);
    SendResult how = gen_send(t, gen_value(s), arg, result);
    if (how == SendResult::Next && !is_wrapped(result)) return how;
    if (how == SendResult::Next) {
        result = Ref::share(result.as<WrappedValue>()->value);
        s->gen->gi_running_async = 0;
        s->stage = Stage::Closed;
        return SendResult::Return;
    }
    if (how == SendResult::Return) {
        result = Ref();
        raise_none(t, PyExc_StopAsyncIteration);
    }
    step_ended(t, s);
    return SendResult::Error;
}
Ref asend_send(Thread& t, Value self, Value arg) {
    Ref result;
    SendResult how = asend_step(t, self, arg, result);
    return how == SendResult::Return ? Ref(raise_stop_iteration(t, result)) : std::move(result);
}
Ref asend_next(Thread& t, Value self) { return asend_send(t, self, none()); }

Ref asend_throw_exc(Thread& t, Value self, Value exc) {
    Step* s = as_step(self);
    if (s->stage == Stage::Closed) return reused_asend(t);
    if (s->stage == Stage::Init) {
        if (s->gen->gi_running_async) return running_error(t, s, "anext");
        s->stage = Stage::Iterating;
        s->gen->gi_running_async = 1;
    }
    Ref result = unwrap(t, s->gen, gen_throw(t, gen_value(s), exc));
    if (!result) s->stage = Stage::Closed;
    return result;
}
Ref asend_throw(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    if (as_step(self)->stage == Stage::Closed) return reused_asend(t);
    Ref exc = TRY(gen_throw_argument(t, args, nargs, kwnames));
    return asend_throw_exc(t, self, exc);
}

Ref finish_close(Thread& t, Ref result) {
    if (result) return raise(t, PyExc_RuntimeError, "coroutine ignored GeneratorExit");
    if (clear_if(t, PyExc_StopIteration) || clear_if(t, PyExc_StopAsyncIteration) ||
        clear_if(t, PyExc_GeneratorExit))
        return none_ref();
    return {};
}
Ref asend_close(Thread& t, Value self) {
    if (as_step(self)->stage == Stage::Closed) return none_ref();
    Ref exc = TRY(call(t, Value(PyExc_GeneratorExit)));
    return finish_close(t, asend_throw_exc(t, self, exc));
}

// --- athrow() and aclose() ---
Ref reused_athrow(Thread& t) {
    return raise(t, PyExc_RuntimeError, "cannot reuse already awaited aclose()/athrow()");
}
Ref ignored_exit(Thread& t, Step* s) {
    s->gen->gi_running_async = 0;
    s->stage = Stage::Closed;
    return raise(t, PyExc_RuntimeError, "async generator ignored GeneratorExit");
}
// The end of the generator is what aclose() was for.
Ref athrow_failed(Thread& t, Step* s) {
    s->gen->gi_running_async = 0;
    s->stage = Stage::Closed;
    if (s->is_close && ended(t)) {
        clear_error(t);
        return raise_none(t, PyExc_StopIteration);
    }
    return {};
}

Ref athrow_start(Thread& t, Step* s, Value arg) {
    GenObject* g = s->gen;
    if (g->gi_running_async) return running_error(t, s, s->is_close ? "aclose" : "athrow");
    if (g->gi_closed) {
        s->stage = Stage::Closed;
        return raise_none(t, PyExc_StopAsyncIteration);
    }
    if (arg && !is_none(arg))
        return raise(t, PyExc_RuntimeError, "can't send non-None value to a just-started async generator");
    s->stage = Stage::Iterating;
    g->gi_running_async = 1;
    if (s->is_close) {
        g->gi_closed = 1;
        Ref exc = TRY(call(t, Value(PyExc_GeneratorExit)));
        Ref result = gen_throw_full(t, gen_value(s), exc, false);
        if (!result) return athrow_failed(t, s);
        if (is_wrapped(result)) return ignored_exit(t, s);
        return result;
    }
    Ref given = Ref::share(s->payload);
    Ref exc = gen_throw_argument(t, tuple_items(given), static_cast<size_t>(tuple_size(given)), Value());
    Ref result = exc ? unwrap(t, g, gen_throw_full(t, gen_value(s), exc, false)) : Ref();
    if (!result) return athrow_failed(t, s);
    return result;
}

Ref athrow_send(Thread& t, Value self, Value arg) {
    Step* s = as_step(self);
    GenObject* g = s->gen;
    if (s->stage == Stage::Closed) return reused_athrow(t);
    if (g->gi_frame_state >= kGenCompleted) {
        s->stage = Stage::Closed;
        return raise_none(t, PyExc_StopIteration);
    }
    Ref keep = Ref::share(self);
    if (s->stage == Stage::Init) return athrow_start(t, s, arg);
    Ref result = agen_send(t, gen_value(s), arg);
    if (!s->is_close) {
        result = unwrap(t, g, std::move(result));
        if (!result) s->stage = Stage::Closed;
        return result;
    }
    if (!result) return athrow_failed(t, s);
    if (is_wrapped(result)) return ignored_exit(t, s);
    return result;
}
Ref athrow_next(Thread& t, Value self) { return athrow_send(t, self, none()); }

Ref athrow_throw_exc(Thread& t, Value self, Value exc) {
    Step* s = as_step(self);
    GenObject* g = s->gen;
    if (s->stage == Stage::Closed) return reused_athrow(t);
    if (s->stage == Stage::Init) {
        if (g->gi_running_async) return running_error(t, s, s->is_close ? "aclose" : "athrow");
        s->stage = Stage::Iterating;
        g->gi_running_async = 1;
    }
    Ref keep = Ref::share(self);
    Ref result = gen_throw(t, gen_value(s), exc);
    if (!s->is_close) {
        result = unwrap(t, g, std::move(result));
        if (!result) s->stage = Stage::Closed;
        return result;
    }
    if (result && is_wrapped(result)) return ignored_exit(t, s);
    if (!result) return athrow_failed(t, s);
    return result;
}
Ref athrow_throw(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    if (as_step(self)->stage == Stage::Closed) return reused_athrow(t);
    Ref exc = TRY(gen_throw_argument(t, args, nargs, kwnames));
    return athrow_throw_exc(t, self, exc);
}
Ref athrow_close(Thread& t, Value self) {
    if (as_step(self)->stage == Stage::Closed) return none_ref();
    Ref exc = TRY(call(t, Value(PyExc_GeneratorExit)));
    return finish_close(t, athrow_throw_exc(t, self, exc));
}

// --- methods of the generator ---
Ref agen_anext(Thread& t, Value self) {
    TRY(init_hooks(t, self));
    return make_step(t, asend_type, self, none(), false);
}
Ref agen_asend(Thread& t, Value self, Value arg) {
    TRY(init_hooks(t, self));
    return make_step(t, asend_type, self, arg, false);
}
Ref agen_aclose(Thread& t, Value self) {
    TRY(init_hooks(t, self));
    return make_step(t, athrow_type, self, Value(), true);
}
Ref agen_athrow(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    if (nargs > 1)
        TRY(warn(t, PyExc_DeprecationWarning, 1,
                 "the (type, exc, tb) signature of athrow() is deprecated, use the single-arg signature "
                 "instead."));
    TRY(init_hooks(t, self));
    // What it is given is looked at when it is thrown in.
    if (nargs == 0 || (kwnames && tuple_size(kwnames)))
        TRY_DISCARD(gen_throw_argument(t, args, nargs, kwnames));
    Ref given = TRY(tuple_from(t, args, static_cast<int64_t>(nargs)));
    return make_step(t, athrow_type, self, given, false);
}
Ref self_iter(Thread& t, Value self) { return Ref::share(self); }

const NativeDef agen_methods[] = {
    def<agen_asend>("asend", "(object, /)", "Sends a value in; an awaitable of the next value."),
    def<agen_athrow>("athrow", nullptr,
                     "athrow(value)\nathrow(type[,value[,tb]])\n\nRaises an exception where the generator "
                     "waits. The form with three\narguments is deprecated.",
                     kMethNoSignature),
    def<agen_aclose>("aclose", "()", "Raises GeneratorExit where the generator waits."),
    def<gen_sizeof>("__sizeof__", "()", "Size in memory, in bytes."),
    def<class_getitem>("__class_getitem__", "(object, /)",
                       "Async generators are generic over the types they yield and take.", kMethClass),
    {},
};
const GetSetDef agen_getset[] = {
    getset("__name__", gen_get_name, gen_set_name, "name of the async generator"),
    getset("__qualname__", gen_get_qualname, gen_set_qualname, "qualified name of the async generator"),
    getset("ag_await", gen_get_yieldfrom, nullptr, "object that is awaited, or None"),
    getset("ag_frame", gen_get_frame, nullptr, nullptr),
    getset("ag_code", gen_get_code, nullptr, nullptr),
    getset("ag_suspended", gen_get_suspended, nullptr, nullptr),
    {},
};
const MemberDef agen_members[] = {
    member("ag_running", MemberKind::Bool, offsetof(GenObject, gi_running_async), kReadonly, nullptr),
    {},
};

const char kSendDoc[] = "Sends a value in; the next yielded value or StopIteration.";
const char kThrowDoc[] =
    "throw(value)\nthrow(type[,value[,tb]])\n\nRaises an exception where the generator waits; the next "
    "yielded "
    "value or\nStopIteration. The form with three arguments is deprecated.";
const char kCloseDoc[] = "Raises GeneratorExit where the generator waits.";

const NativeDef asend_methods[] = {
    def<asend_send>("send", "(object, /)", kSendDoc),
    def<asend_throw>("throw", nullptr, kThrowDoc, kMethNoSignature),
    def<asend_close>("close", "()", kCloseDoc),
    {},
};
const NativeDef athrow_methods[] = {
    def<athrow_send>("send", "(object, /)", kSendDoc),
    def<athrow_throw>("throw", nullptr, kThrowDoc, kMethNoSignature),
    def<athrow_close>("close", "()", kCloseDoc),
    {},
};

}  // namespace

bool is_async_step(Value v) { return has_type(v, &asend_type); }

Value async_gen_wrap(Thread& t, Value v) {
    PyObject* o = alloc_plain(t, &wrapped_type, sizeof(WrappedValue));
    if (!o) return {};
    incref(v);
    reinterpret_cast<WrappedValue*>(o)->value = v;
    gc_track_new(t, o);
    return Value(o);
}

static Status init_steps(Thread& t) {
    static const TypeDecl asend_decl = {
        .name = "async_generator_asend",
        .basicsize = sizeof(Step),
        .flags = kTpDefault | kTpHaveGC | kTpDisallowInstantiation,
        .slots = {.dealloc = step_dealloc,
                  .traverse = step_traverse,
                  .finalize = step_finalize,
                  .iter = self_iter,
                  .iternext = asend_next,
                  .am_await = self_iter,
                  .am_send = asend_step},
        .spec = {.methods = asend_methods},
    };
    static const TypeDecl athrow_decl = {
        .name = "async_generator_athrow",
        .basicsize = sizeof(Step),
        .flags = kTpDefault | kTpHaveGC | kTpDisallowInstantiation,
        .slots = {.dealloc = step_dealloc,
                  .traverse = step_traverse,
                  .finalize = step_finalize,
                  .iter = self_iter,
                  .iternext = athrow_next,
                  .am_await = self_iter},
        .spec = {.methods = athrow_methods},
    };
    static const TypeDecl wrapped_decl = {
        .name = "async_generator_wrapped_value",
        .basicsize = sizeof(WrappedValue),
        .flags = kTpDefault | kTpHaveGC | kTpDisallowInstantiation,
        .slots = {.dealloc = wrapped_dealloc, .traverse = wrapped_traverse},
    };
    init_static_type(asend_type, asend_decl);
    asend_type.x.finalizer_is_idle = step_was_begun;
    TRY(ready_type(t, &asend_type));
    init_static_type(athrow_type, athrow_decl);
    athrow_type.x.finalizer_is_idle = step_was_begun;
    TRY(ready_type(t, &athrow_type));
    init_static_type(wrapped_type, wrapped_decl);
    return ready_type(t, &wrapped_type);
}

Status init_interp_async_generators(Thread& t) {
    static const TypeDecl decl = {
        .name = "async_generator",
        .basicsize = offsetof(GenObject, gi_iframe) + offsetof(Frame, localsplus),
        .itemsize = 8,
        .flags = kTpDefault | kTpHaveGC | kTpDisallowInstantiation,
        .slots = {.dealloc = gen_dealloc,
                  .traverse = gen_traverse,
                  .clear = gen_clear_refs,
                  .finalize = gen_finalize,
                  .repr = gen_repr,
                  .am_aiter = self_iter,
                  .am_anext = agen_anext},
        .spec = {.methods = agen_methods, .getset = agen_getset, .members = agen_members},
        .weaklistoffset = offsetof(GenObject, gi_weakreflist),
    };
    init_static_type(PyAsyncGen_Type, decl);
    PyAsyncGen_Type.x.finalizer_is_idle = gen_is_over;
    TRY(ready_type(t, &PyAsyncGen_Type));
    return init_steps(t);
}

}  // namespace krait

krait::Type PyAsyncGen_Type;
