// Generators, and what coroutines and async generators share with them.
#include "interp/generator.h"

#include <cstring>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "bytecode/code.h"
#include "bytecode/opcodes.h"
#include "gc/alloc.h"
#include "interp/code.h"
#include "interp/eval.h"
#include "interp/frame_object.h"
#include "interp/internal.h"
#include "interp/monitoring.h"
#include "object/names.h"

namespace krait {

namespace {

bool is_finished(const GenObject* g) { return g->gi_frame_state >= kGenCompleted; }

const char* kind_name(Value gen) {
    return is_coroutine(gen) ? "coroutine" : is_async_gen(gen) ? "async generator" : "generator";
}

// Gives up the frame's contents but for the code object, which gi_code shows to the end.
void drop_contents(Thread& t, GenObject* g) {
    Frame* f = &g->gi_iframe;
    incref(f->code.ptr());
    Value code = f->code;
    f->sp = f->sp ? f->sp : f->stack_base();
    release_frame(t, f);
    f->code = code;
    f->func = f->locals = Value();
    f->frame_obj = nullptr;
    f->previous = nullptr;
    f->sp = f->localsplus;
}

Raised raise_running(Thread& t, Value gen) {
    return raise(t, PyExc_ValueError, "%s already executing", kind_name(gen));
}

// Runs the frame of a suspended generator with `arg` (shared) sent, or with the current exception thrown in.
SendResult resume(Thread& t, Value gen, Value arg, bool throwing, Ref& result) {
    GenObject* g = as_gen(gen);
    if (t.c.py_recursion_remaining <= 0) {
        if (throwing) clear_error(t);
        return raise(t, PyExc_RecursionError, "maximum recursion depth exceeded");
    }
    Ref keep = Ref::share(gen);
    Frame* f = &g->gi_iframe;
    incref(arg);
    *f->sp++ = owned(arg);
    gen_enter(t, g);
    // An exception that is thrown in follows the one that the generator is just handling.
    Value handling = g->gi_exc_state.exc_value;
    if (throwing && handling && !is_none(handling)) {
        Ref exc = fetch_error(t);
        raise_object(t, exc);
    }
    f->previous = t.c.current_frame;
    t.c.py_recursion_remaining--;
    result = resume_frame(t, f, throwing);
    t.c.py_recursion_remaining++;
    if (!result) return SendResult::Error;
    return gen_is_suspended(g) ? SendResult::Next : SendResult::Return;
}

SendResult send(Thread& t, Value gen, Value arg, bool throwing, bool closing, Ref& result) {
    GenObject* g = as_gen(gen);
    if (g->gi_frame_state == kGenCreated && arg && !is_none(arg))
        return raise(t, PyExc_TypeError, "can't send non-None value to a just-started %s", kind_name(gen));
    if (g->gi_frame_state == kGenExecuting) {
        if (throwing) clear_error(t);
        return raise_running(t, gen);
    }
    if (is_finished(g)) {
        if (is_coroutine(gen) && !closing) {
            if (throwing) clear_error(t);
            return raise(t, PyExc_RuntimeError, "cannot reuse already awaited coroutine");
        }
        if (throwing) return SendResult::Error;
        result = none_ref();
        return SendResult::Return;
    }
    return resume(t, gen, arg ? arg : none(), throwing, result);
}

// The outcome as a method shows it: what was returned becomes StopIteration.
Ref outcome(Thread& t, Value gen, SendResult how, Ref result) {
    if (how != SendResult::Return) return result;
    if (is_async_gen(gen)) return raise_none(t, PyExc_StopAsyncIteration);
    if (is_none(result)) return raise_none(t, PyExc_StopIteration);
    return raise_stop_iteration(t, result);
}

// Closes what a generator delegates to.
Status close_inner(Thread& t, Value inner) {
    if (is_generator(inner) || is_coroutine(inner)) return gen_close(t, inner);
    Maybe method = lookup_attr(t, inner, ID(close));
    if (!method) {
        write_unraisable(t, nullptr, inner);
        return Status::ok();
    }
    if (!method.has_value()) return Status::ok();
    Ref fn = method.take();
    TRY_DISCARD(call(t, fn));
    return Status::ok();
}

// While code of the inner iterator runs on the generator's behalf, the generator counts as running.
class MarkedRunning {
  public:
    MarkedRunning(Thread& t, GenObject* g)
        : t_(t), g_(g), state_(g->gi_frame_state), frame_(t.c.current_frame) {
        g->gi_frame_state = kGenExecuting;
        g->gi_iframe.previous = frame_;
        t.c.current_frame = &g->gi_iframe;
    }
    ~MarkedRunning() {
        t_.c.current_frame = frame_;
        g_->gi_iframe.previous = nullptr;
        g_->gi_frame_state = state_;
    }

  private:
    Thread& t_;
    GenObject* g_;
    int8_t state_;
    Frame* frame_;
};

Ref throw_here(Thread& t, Value gen, Value exc) {
    restore_error(t, Ref::share(exc));
    Ref result;
    SendResult how = send(t, gen, none(), true, false, result);
    return outcome(t, gen, how, std::move(result));
}

// Delegated throw failed or ended the inner iterator: its exception continues in the generator.
Ref throw_pending(Thread& t, Value gen) {
    Ref result;
    SendResult how = send(t, gen, none(), true, false, result);
    return outcome(t, gen, how, std::move(result));
}

}  // namespace

Value gen_yield_from(GenObject* g) {
    if (g->gi_frame_state != kGenSuspendedYieldFrom) return {};
    return g->gi_iframe.sp[-1].get();
}

SendResult gen_send(Thread& t, Value gen, Value arg, Ref& result) {
    return send(t, gen, arg, false, false, result);
}

void gen_finish_frame(Thread& t, Frame* f) {
    GenObject* g = gen_of_frame(f);
    g->gi_frame_state = kGenCleared;
    gen_leave(t, g);
    if (t.c.current_frame == f) t.c.current_frame = f->previous;
    f->previous = nullptr;  // for its object, if somebody keeps that
    if (f->frame_obj || f->locals) [[unlikely]] {
        drop_contents(t, g);
    } else {
        // The same, but the code object stays where it is.
        for (Slot* p = f->sp; p-- > f->localsplus;) xclose(*p);
        f->sp = f->localsplus;
        Value func = f->func;
        f->func = Value();
        decref(func.ptr());
    }
    Value exc = g->gi_exc_state.exc_value;
    g->gi_exc_state.exc_value = Value();
    xdecref(exc);
}

namespace {
// A generator that is still to have its frame. `origin`: a coroutine's, owned.
GenObject* alloc_generator(Thread& t, PyTypeObject* type, size_t frame_size, Value name, Value qualname,
                           Value origin) {
    PyObject* o = alloc_plain(t, type, offsetof(GenObject, gi_iframe) + frame_size);
    if (!o) return nullptr;
    auto* g = reinterpret_cast<GenObject*>(o);
    g->gi_weakreflist = nullptr;
    incref(name);
    g->gi_name = name;
    incref(qualname);
    g->gi_qualname = qualname;
    g->gi_exc_state = {};
    g->gi_origin_or_finalizer = origin;
    g->gi_hooks_inited = g->gi_closed = g->gi_running_async = 0;
    g->gi_frame_state = kGenCreated;
    return g;
}
void move_frame(Frame* to, Frame* from) {
    // The head, which has a fixed size, then the few slots: neither is worth a call.
    memcpy(static_cast<void*>(to), from, offsetof(Frame, localsplus));
    Slot* end = to->localsplus;
    for (Slot* p = from->localsplus; p < from->sp;) {
        *end++ = *p++;
        asm volatile("");
    }
    to->sp = end;
    to->previous = nullptr;
    to->owner = kOwnedByGenerator;
    to->is_entry = 0;
    if (to->frame_obj) to->frame_obj->frame = to;
}
}  // namespace

Value make_generator(Thread& t, Frame* f) {
    PyCodeObject* co = f->co();
    int flags = co->co_flags;
    PyTypeObject* type = flags & kCodeCoroutine        ? &PyCoro_Type
                         : flags & kCodeAsyncGenerator ? &PyAsyncGen_Type
                                                       : &PyGen_Type;
    Ref origin;
    if (type == &PyCoro_Type && t.c.coroutine_origin_tracking_depth > 0) [[unlikely]] {
        origin = coroutine_origin(t, f->previous);
        if (!origin) return {};
    }
    auto* fn = f->func.as<PyFunctionObject>();
    GenObject* g = alloc_generator(t, type, frame_bytes(co), fn->func_name, fn->func_qualname, origin.get());
    if (!g) return {};
    (void)origin.release();
    move_frame(&g->gi_iframe, f);
    t.c.py_recursion_remaining++;
    gc_track_new(t, &g->ob_base);
    return Value(&g->ob_base);
}

Ref generator_of_frame(Thread& t, PyTypeObject* type, Ref frame_object, Value name, Value qualname) {
    Frame* f = frame_of_object(as_frame_object(frame_object));
    if (!f || f->owner != kOwnedByFrameObject || f->instr != instruction_of_fresh_frame(f->co()))
        return bad_internal_call(t, "generator_of_frame");
    // Nobody has run the prologue, which has the code checked and makes the cells.
    PyCodeObject* co = f->co();
    if (code_is_unchecked(co)) TRY(check_code(t, co));
    const char* kinds = bytes_data(co->co_localspluskinds);
    for (int i = 0; i < co->co_nlocalsplus; i++) {
        Slot& place = f->localsplus[i];
        if (!(kinds[i] & (kLocalCell | kLocalFree)) || has_type(place.get(), &PyCell_Type)) continue;
        Value cell = TRY(cell_new(t, place.get())).release();
        xclose(place);
        place = owned(cell);
    }
    Ref origin;
    if (type == &PyCoro_Type && t.c.coroutine_origin_tracking_depth > 0)
        origin = TRY(coroutine_origin(t, t.c.current_frame));
    GenObject* g = alloc_generator(t, type, frame_bytes(co) + kRoomForSent, name ? name : co->co_name,
                                   qualname ? qualname : co->co_qualname, origin.get());
    if (!g) return {};
    (void)origin.release();
    move_frame(&g->gi_iframe, f);
    (void)frame_object.release();  // the frame's from now on
    gc_track(t, &g->ob_base);
    return Ref::steal(Value(&g->ob_base));
}

Ref gen_throw_full(Thread& t, Value gen, Value exc, bool close_inner_first) {
    GenObject* g = as_gen(gen);
    Value inner_value = gen_yield_from(g);
    if (!inner_value) return throw_here(t, gen, exc);
    RecursionGuard guard(t, "");
    if (!guard) return {};
    Ref keep = Ref::share(gen), inner = Ref::share(inner_value);
    if (close_inner_first && is_subtype(type_of(exc), PyExc_GeneratorExit)) {
        Status closed;
        {
            MarkedRunning running(t, g);
            closed = close_inner(t, inner);
        }
        if (!closed) return throw_pending(t, gen);
        return throw_here(t, gen, exc);
    }
    Ref result;
    if (is_generator(inner) || is_coroutine(inner)) {
        MarkedRunning running(t, g);
        result = gen_throw_full(t, inner, exc, close_inner_first);
    } else {
        Maybe method = lookup_attr(t, inner, ID(throw));
        if (!method) return {};
        if (!method.has_value()) return throw_here(t, gen, exc);
        Ref fn = method.take();
        MarkedRunning running(t, g);
        result = call(t, fn, {exc});
    }
    if (result) return result;
    if (!occurred(t)) raise_none(t, PyExc_StopIteration);
    return throw_pending(t, gen);
}

Ref gen_throw(Thread& t, Value gen, Value exc) { return gen_throw_full(t, gen, exc, true); }

Ref gen_close_result(Thread& t, Value gen) {
    GenObject* g = as_gen(gen);
    if (g->gi_frame_state == kGenCreated) {
        g->gi_frame_state = kGenCleared;
        drop_contents(t, g);
        return none_ref();
    }
    if (is_finished(g)) return none_ref();
    if (g->gi_frame_state == kGenExecuting) return raise_running(t, gen);
    RecursionGuard guard(t, "");
    if (!guard) return {};
    Ref keep = Ref::share(gen);
    Value inner_value = gen_yield_from(g);
    Status ok = Status::ok();
    if (inner_value) {
        Ref inner = Ref::share(inner_value);
        MarkedRunning running(t, g);
        ok = close_inner(t, inner);
    } else {
        // Suspended outside of every try block: nobody could see the GeneratorExit.
        Frame* f = &g->gi_iframe;
        uint8_t op = code_base_opcode(f->co(), f->lasti() / 2);
        if (static_cast<Op>(op) == Op::RESUME && (*f->instr >> 8 & kResumeDepth1) &&
            !monitoring(t).global[kEventPyUnwind]) {
            g->gi_frame_state = kGenCleared;
            drop_contents(t, g);
            return none_ref();
        }
    }
    if (ok) raise_none(t, PyExc_GeneratorExit);
    Ref result;
    switch (send(t, gen, none(), true, true, result)) {
        case SendResult::Next:
            return raise(t, PyExc_RuntimeError, "%s ignored GeneratorExit", kind_name(gen));
        case SendResult::Return:
            return result;
        case SendResult::Error:
            break;
    }
    if (clear_if(t, PyExc_GeneratorExit)) return none_ref();
    if (error_is(t, PyExc_StopIteration)) {
        Ref exc = fetch_error(t);
        Value v = exc.as<PyStopIterationObject>()->value;
        return v ? Ref::share(v) : none_ref();
    }
    return {};
}

Status gen_close(Thread& t, Value gen) {
    TRY_DISCARD(gen_close_result(t, gen));
    return Status::ok();
}

Ref gen_throw_argument(Thread& t, const Value* args, size_t nargs, Value kwnames) {
    TRY(no_kwargs(t, "throw", kwnames));
    if (nargs < 1) return raise(t, PyExc_TypeError, "throw expected at least 1 argument, got 0");
    if (nargs > 3) return raise(t, PyExc_TypeError, "throw expected at most 3 arguments, got %zu", nargs);
    if (nargs > 1)
        TRY(warn(t, PyExc_DeprecationWarning, 1,
                 "the (type, exc, tb) signature of throw() is deprecated, use the single-arg signature "
                 "instead."));
    Value type = args[0], value = nargs > 1 ? args[1] : Value(), tb = nargs > 2 ? args[2] : Value();
    if (tb && is_none(tb)) tb = Value();
    if (tb && !has_type(tb, &PyTraceBack_Type))
        return raise(t, PyExc_TypeError, "throw() third argument must be a traceback object");
    Ref exc;
    if (is_type(type) && (type.as<PyTypeObject>()->tp_flags & kTpBaseExcSubclass)) {
        if (value && is_exception(value) && is_subtype(type_of(value), type.as<PyTypeObject>()))
            exc = Ref::share(value);
        else if (!value || is_none(value))
            exc = call(t, type);
        else if (is_tuple(value))
            exc = call(t, type, tuple_items(value), static_cast<size_t>(tuple_size(value)));
        else
            exc = call(t, type, {value});
        if (exc && !is_exception(exc)) {
            raise(t, PyExc_TypeError, "calling %R should have returned an instance of BaseException, not %s",
                  type, type_of(exc)->tp_name);
            exc = Ref();
        }
        // What goes wrong in making it is thrown instead.
        if (!exc) exc = fetch_error(t);
    } else if (is_exception(type)) {
        if (value && !is_none(value))
            return raise(t, PyExc_TypeError, "instance exception may not have a separate value");
        exc = Ref::share(type);
    } else {
        return raise(t, PyExc_TypeError,
                     "exceptions must be classes or instances deriving from BaseException, not %T", type);
    }
    if (tb) {
        auto* e = exc.as<PyBaseExceptionObject>();
        incref(tb);
        Value old = e->traceback;
        e->traceback = tb;
        xdecref(old);
    }
    return exc;
}

// --- type slots ---

void gen_finalize(Thread& t, PyObject* o) {
    auto* g = reinterpret_cast<GenObject*>(o);
    Value gen(o);
    if (is_finished(g)) return;
    if (is_async_gen(gen) && g->gi_origin_or_finalizer && !g->gi_closed) {
        SavedError saved(t);
        Ref finalizer = Ref::share(g->gi_origin_or_finalizer);
        if (!call(t, finalizer, {gen})) write_unraisable(t, nullptr, gen);
        return;
    }
    SavedError saved(t);
    if (is_coroutine(gen) && g->gi_frame_state == kGenCreated) {
        warn_unawaited_coroutine(t, gen);
        return;
    }
    Status closed = gen_close(t, gen);
    if (!closed && occurred(t)) {
        Ref exc = fetch_error(t);
        Ref text = str_format(t, "Exception ignored while closing generator %R", gen);
        if (!text) clear_error(t);
        restore_error(t, std::move(exc));
        write_unraisable(t, text ? str_utf8_or(text, "Exception ignored").data() : nullptr, Value());
    }
}

void gen_dealloc(Thread& t, PyObject* o) {
    auto* g = reinterpret_cast<GenObject*>(o);
    if (g->gi_weakreflist) weakrefs_clear(t, o);
    if (!is_finished(g)) {
        g->gi_frame_state = kGenCleared;
        drop_contents(t, g);
    }
    decref(g->gi_iframe.code.ptr());
    if (g->gi_exc_state.exc_value) decref(g->gi_exc_state.exc_value);
    if (g->gi_origin_or_finalizer) decref(g->gi_origin_or_finalizer);
    decref(g->gi_name.ptr());
    decref(g->gi_qualname.ptr());
    free_plain(t, o, o->ob_type, true);  // none of the types has subclasses
}
bool gen_is_over(const PyObject* o) { return is_finished(reinterpret_cast<const GenObject*>(o)); }

void gen_traverse(PyObject* o, Visitor& v) {
    auto* g = reinterpret_cast<GenObject*>(o);
    v.visit(g->gi_name);
    v.visit(g->gi_qualname);
    v.visit(g->gi_origin_or_finalizer);
    v.visit(g->gi_exc_state.exc_value);
    if (is_finished(g))
        v.visit(g->gi_iframe.code);
    else
        visit_frame(&g->gi_iframe, v);
}

void gen_clear_refs(Thread& t, PyObject* o) {
    auto* g = reinterpret_cast<GenObject*>(o);
    if (!is_finished(g) && g->gi_frame_state != kGenExecuting) {
        g->gi_frame_state = kGenCleared;
        drop_contents(t, g);
    }
}

Ref gen_repr(Thread& t, Value self) {
    const char* kind = is_coroutine(self)   ? "coroutine"
                       : is_async_gen(self) ? "async_generator"
                                            : "generator";
    return str_format(t, "<%s object %U at %p>", kind, as_gen(self)->gi_qualname, self.ptr());
}

// next() has nothing to send, and its caller keeps the generator.
static Ref gen_iternext(Thread& t, Value self) {
    GenObject* g = as_gen(self);
    Ref result;
    SendResult how;
    bool waits = g->gi_frame_state == kGenSuspended || g->gi_frame_state == kGenCreated;
    if (waits && t.c.py_recursion_remaining > 0) [[likely]] {
        Frame* f = &g->gi_iframe;
        gen_enter(t, g);
        f->previous = t.c.current_frame;
        t.c.py_recursion_remaining--;
        result = resume_for_next(t, f);
        t.c.py_recursion_remaining++;
        if (!result || g->gi_frame_state < kGenExecuting) [[likely]]
            return result;
        how = SendResult::Return;
    } else {
        how = gen_send(t, self, Value(), result);
    }
    if (how == SendResult::Return) {
        // Exhausted without an exception, where nothing was returned.
        if (is_none(result)) return {};
        return raise_stop_iteration(t, result);
    }
    return result;
}

Ref gen_send_method(Thread& t, Value self, Value arg) {
    Ref result;
    SendResult how = gen_send(t, self, arg, result);
    return outcome(t, self, how, std::move(result));
}
Ref gen_throw_method(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Ref exc = TRY(gen_throw_argument(t, args, nargs, kwnames));
    return gen_throw(t, self, exc);
}
Ref gen_close_method(Thread& t, Value self) { return gen_close_result(t, self); }
Ref gen_sizeof(Thread& t, Value self) {
    return Ref::from_int(
        static_cast<int64_t>(offsetof(GenObject, gi_iframe) + frame_bytes(as_gen(self)->gi_iframe.co())));
}

// --- attributes ---
Ref gen_get_name(Thread& t, Value self, void*) { return Ref::share(as_gen(self)->gi_name); }
Ref gen_get_qualname(Thread& t, Value self, void*) { return Ref::share(as_gen(self)->gi_qualname); }
static Status set_text(Thread& t, Value& field, Value v, const char* message) {
    if (!v || !is_str(v)) return raise(t, PyExc_TypeError, message);
    incref(v);
    Value old = field;
    field = v;
    decref(old);
    return Status::ok();
}
Status gen_set_name(Thread& t, Value self, Value v, void*) {
    return set_text(t, as_gen(self)->gi_name, v, "__name__ must be set to a string object");
}
Status gen_set_qualname(Thread& t, Value self, Value v, void*) {
    return set_text(t, as_gen(self)->gi_qualname, v, "__qualname__ must be set to a string object");
}
Ref gen_get_yieldfrom(Thread& t, Value self, void*) {
    Value v = gen_yield_from(as_gen(self));
    return v ? Ref::share(v) : none_ref();
}
Ref gen_get_running(Thread& t, Value self, void*) {
    return bool_ref(as_gen(self)->gi_frame_state == kGenExecuting);
}
Ref gen_get_suspended(Thread& t, Value self, void*) {
    int8_t s = as_gen(self)->gi_frame_state;
    return bool_ref(s == kGenSuspended || s == kGenSuspendedYieldFrom);
}
Status audit_getattr(Thread& t, Value self, const char* name) {
    if (!t.interp->audit_hooks) return Status::ok();
    Ref text = TRY(str_intern(t, name));
    return audit(t, "object.__getattr__", {self, text});
}
Ref gen_get_frame(Thread& t, Value self, void*) {
    TRY(audit_getattr(t, self,
                      is_coroutine(self)   ? "cr_frame"
                      : is_async_gen(self) ? "ag_frame"
                                           : "gi_frame"));
    if (is_finished(as_gen(self))) return none_ref();
    return frame_object_ref(t, &as_gen(self)->gi_iframe);
}
Ref gen_get_code(Thread& t, Value self, void*) {
    TRY(audit_getattr(t, self, is_coroutine(self) ? "cr_code" : is_async_gen(self) ? "ag_code" : "gi_code"));
    return Ref::share(as_gen(self)->gi_iframe.code);
}

namespace {

Ref self_iter(Thread& t, Value self) { return Ref::share(self); }

const NativeDef gen_methods[] = {
    def<gen_send_method>("send", "(object, /)", "Sends a value in; the next yielded value or StopIteration."),
    def<gen_throw_method>("throw", nullptr,
                          "throw(value)\nthrow(type[,value[,tb]])\n\nRaises an exception where the generator "
                          "waits; the next yielded value\nor StopIteration. The form with three arguments is "
                          "deprecated.",
                          kMethNoSignature),
    def<gen_close_method>("close", "()", "Raises GeneratorExit where the generator waits."),
    def<gen_sizeof>("__sizeof__", "()", "Size in memory, in bytes."),
    def<class_getitem>("__class_getitem__", "(object, /)",
                       "Generators are generic over the types they yield, take and return.", kMethClass),
    {},
};
const GetSetDef gen_getset[] = {
    getset("__name__", gen_get_name, gen_set_name, "name of the generator"),
    getset("__qualname__", gen_get_qualname, gen_set_qualname, "qualified name of the generator"),
    getset("gi_yieldfrom", gen_get_yieldfrom, nullptr, "object that yield from iterates over, or None"),
    getset("gi_running", gen_get_running, nullptr, nullptr),
    getset("gi_frame", gen_get_frame, nullptr, nullptr),
    getset("gi_suspended", gen_get_suspended, nullptr, nullptr),
    getset("gi_code", gen_get_code, nullptr, nullptr),
    {},
};

}  // namespace

Status init_interp_generators(Thread& t) {
    static const TypeDecl decl = {
        .name = "generator",
        .basicsize = offsetof(GenObject, gi_iframe) + offsetof(Frame, localsplus),
        .itemsize = 8,
        .flags = kTpDefault | kTpHaveGC | kTpDisallowInstantiation,
        .slots = {.dealloc = gen_dealloc,
                  .traverse = gen_traverse,
                  .clear = gen_clear_refs,
                  .finalize = gen_finalize,
                  .repr = gen_repr,
                  .iter = self_iter,
                  .iternext = gen_iternext,
                  .am_send = gen_send},
        .spec = {.methods = gen_methods, .getset = gen_getset},
        .weaklistoffset = offsetof(GenObject, gi_weakreflist),
    };
    init_static_type(PyGen_Type, decl);
    PyGen_Type.x.finalizer_is_idle = gen_is_over;
    TRY(ready_type(t, &PyGen_Type));
    TRY(init_interp_coroutines(t));
    return init_interp_async_generators(t);
}

}  // namespace krait

krait::Type PyGen_Type;
