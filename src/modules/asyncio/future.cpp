// Futures.
#include <cstring>

#include "modules/asyncio/asyncio.h"
#include "modules/contextvars.h"

namespace krait::aio {

// --- callbacks ---

Status call_soon(Thread& t, Value loop, Value fn, Value arg, Value context) {
    // A task whose __init__ failed while it ran has neither.
    if (!loop || !context) return raise(t, PyExc_RuntimeError, "Future object is not initialized.");
    Ref method = TRY(get_attr(t, loop, g_module->names.call_soon));
    Value args[3] = {fn, arg, context};
    size_t n = 2;
    if (!arg) {
        args[1] = context;
        n = 1;
    }
    TRY_DISCARD(call(t, method, args, n, g_module->context_kwname));
    return Status::ok();
}

namespace {

Ref take(Value& place) {
    Value v = place;
    place = Value();
    return Ref::steal(v);
}

// The future is done: its callbacks go to the loop, and it has none any more.
Status schedule_callbacks(Thread& t, FutureObject* f) {
    if (is_task(value_of(f))) unlink_task(static_cast<TaskObject*>(f));
    Ref first = take(f->callback0), context = take(f->context0), others = take(f->callbacks);
    Ref loop = Ref::share(f->loop);
    if (first) TRY(call_soon(t, loop, first, value_of(f), context));
    if (!others) return Status::ok();
    for (int64_t i = 0; i < list_size(others); i++) {
        Ref pair = Ref::share(list_get(others, i));
        TRY(call_soon(t, loop, tuple_get(pair, 0), value_of(f), tuple_get(pair, 1)));
    }
    return Status::ok();
}

Status need_alive(Thread& t, FutureObject* f) {
    if (f->loop) return Status::ok();
    return raise(t, PyExc_RuntimeError, "Future object is not initialized.");
}
Status invalid_state(Thread& t, const char* message) {
    return raise(t, g_module->invalid_state.as<PyTypeObject>(), "%s", message);
}

}  // namespace

// --- what futures do ---

Status future_init(Thread& t, FutureObject* f, Value loop) {
    future_clear(f);
    f->state = kPending;
    f->log_tb = f->blocking = false;
    Ref chosen = loop && !is_none(loop) ? Ref::share(loop) : TRY(get_event_loop(t));
    put_owned(f->loop, chosen.share());
    Ref debug = TRY(call_method(t, chosen, g_module->names.get_debug));
    // At the end of the interpreter the modules that take tracebacks are gone.
    if (TRY(is_true(t, debug)) && !t.interp->finalizing)
        put_owned(f->source_tb, TRY(call(t, g_module->extract_stack)));
    return Status::ok();
}
Status future_set_result(Thread& t, FutureObject* f, Value v) {
    TRY(need_alive(t, f));
    if (f->state != kPending) return invalid_state(t, "invalid state");
    put_owned(f->result, Ref::share(v));
    f->state = kFinished;
    return schedule_callbacks(t, f);
}

namespace {
// A StopIteration would end the coroutine that waits.
Ref wrap_stop_iteration(Thread& t, Value exc) {
    Ref text =
        TRY(str_from(t, "StopIteration interacts badly with generators and cannot be raised into a Future"));
    Ref made = TRY(call(t, Value(PyExc_RuntimeError), {text}));
    auto* e = made.as<PyBaseExceptionObject>();
    put_owned(e->cause, Ref::share(exc));
    e->suppress_context = 1;
    put_owned(e->context, Ref::share(exc));
    return made;
}
}  // namespace

Status future_set_exception(Thread& t, FutureObject* f, Value exc) {
    if (f->state != kPending) return invalid_state(t, "invalid state");
    Ref instance;
    if (is_type(exc) && (exc.as<PyTypeObject>()->tp_flags & kTpBaseExcSubclass)) {
        instance = TRY(call(t, exc));
        if (f->state != kPending) return invalid_state(t, "invalid state");
    } else {
        instance = Ref::share(exc);
    }
    if (!is_exception(instance)) return raise(t, PyExc_TypeError, "invalid exception object");
    if (is_instance_exact_or_sub(instance, PyExc_StopIteration))
        instance = TRY(wrap_stop_iteration(t, instance));
    put_owned(f->exception_tb, Ref::share(instance.as<PyBaseExceptionObject>()->traceback));
    put_owned(f->exception, std::move(instance));
    f->state = kFinished;
    TRY(schedule_callbacks(t, f));
    f->log_tb = true;
    return Status::ok();
}
Result<bool> future_cancel(Thread& t, FutureObject* f, Value message) {
    f->log_tb = false;
    if (f->state != kPending) return false;
    f->state = kCancelled;
    put_owned(f->cancel_message, Ref::share(message));
    TRY(schedule_callbacks(t, f));
    return true;
}
Ref cancelled_error(Thread& t, FutureObject* f) {
    if (f->cancelled_exc) return take(f->cancelled_exc);
    Value message = f->cancel_message;
    if (!message || is_none(message)) return call(t, g_module->cancelled_error);
    Ref keep = Ref::share(message);
    return call(t, g_module->cancelled_error, {keep});
}

namespace {
Status raise_cancelled(Thread& t, FutureObject* f) {
    Ref exc = TRY(cancelled_error(t, f));
    return raise_object(t, exc);
}
}  // namespace

Ref future_take_exception(Thread&, FutureObject* f) {
    f->log_tb = false;
    if (!f->exception) return {};
    Ref exc = Ref::share(f->exception), tb = take(f->exception_tb);
    put_owned(exc.as<PyBaseExceptionObject>()->traceback, std::move(tb));
    return exc;
}
Ref future_result(Thread& t, FutureObject* f) {
    if (f->state == kCancelled) {
        TRY(raise_cancelled(t, f));
        return {};
    }
    if (f->state != kFinished) {
        TRY(invalid_state(t, "Result is not set."));
        return {};
    }
    Ref exc = future_take_exception(t, f);
    if (exc) return raise_object(t, exc);
    return Ref::share(f->result);
}

Status future_add_callback(Thread& t, FutureObject* f, Value fn, Value context) {
    if (!f->loop) return raise(t, PyExc_RuntimeError, "uninitialized Future object");
    if (f->state != kPending) {
        Ref loop = Ref::share(f->loop);
        return call_soon(t, loop, fn, value_of(f), context);
    }
    if (!f->callbacks && !f->callback0) {
        f->callback0 = Ref::share(fn).release();
        f->context0 = Ref::share(context).release();
        return Status::ok();
    }
    Ref pair = TRY(tuple_of(t, {fn, context}));
    if (!f->callbacks) f->callbacks = TRY(list_new(t)).release();
    return list_append(t, f->callbacks, pair);
}

// --- who waits for whom ---

Status awaited_by_add(Thread& t, Value future, Value waiter) {
    if (!is_any_future(future) || !is_any_future(waiter)) return Status::ok();
    FutureObject* f = as_future(future);
    if (!f->awaited_by) {
        f->awaited_by = Ref::share(waiter).release();
        return Status::ok();
    }
    if (!f->awaited_by_is_set) {
        Ref set = TRY(set_new(t));
        Ref first = Ref::share(f->awaited_by);
        TRY(set_add(t, set, first));
        put_owned(f->awaited_by, std::move(set));
        f->awaited_by_is_set = true;
    }
    Ref set = Ref::share(f->awaited_by);
    return set_add(t, set, waiter);
}
Status awaited_by_discard(Thread& t, Value future, Value waiter) {
    if (!is_any_future(future) || !is_any_future(waiter)) return Status::ok();
    FutureObject* f = as_future(future);
    if (!f->awaited_by) return Status::ok();
    if (!f->awaited_by_is_set) {
        if (f->awaited_by == waiter) Ref gone = take(f->awaited_by);
        return Status::ok();
    }
    Ref set = Ref::share(f->awaited_by);
    TRY_DISCARD(set_discard(t, set, waiter));
    return Status::ok();
}

// --- life ---

void future_clear(FutureObject* f) {
    Value FutureObject::* const places[] = {
        &FutureObject::loop,          &FutureObject::callback0, &FutureObject::context0,
        &FutureObject::callbacks,     &FutureObject::result,    &FutureObject::exception,
        &FutureObject::exception_tb,  &FutureObject::source_tb, &FutureObject::cancel_message,
        &FutureObject::cancelled_exc, &FutureObject::awaited_by};
    for (auto place : places) Ref gone = take(f->*place);
    f->awaited_by_is_set = false;
}
void future_visit(FutureObject* f, Visitor& v) {
    for (Value x : {f->loop, f->callback0, f->context0, f->callbacks, f->result, f->exception,
                    f->exception_tb, f->source_tb, f->cancel_message, f->cancelled_exc, f->awaited_by})
        v.visit(x);
    v.visit(f->dict);
}

namespace {
Value future_of(PyObject* o) { return Value(o); }
void future_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    weakrefs_clear(t, o);
    FutureObject* f = as_future(future_of(o));
    future_clear(f);
    if (f->dict) decref(f->dict);
    free_object(t, o);
}
void future_traverse(PyObject* o, Visitor& v) { future_visit(as_future(future_of(o)), v); }
void future_gc_clear(Thread&, PyObject* o) {
    FutureObject* f = as_future(future_of(o));
    future_clear(f);
    PyObject* dict = f->dict;
    f->dict = nullptr;
    if (dict) decref(dict);
}
}  // namespace

// Tells the loop's exception handler. Nothing is raised.
void report(Thread& t, FutureObject* f, const char* message, const char* key, Value exception) {
    if (!f->loop) return;
    auto fill = [&]() -> Ref {
        Ref context = TRY(dict_new(t)), text = TRY(str_from(t, message));
        TRY(dict_set_str(t, context, "message", text));
        if (exception) TRY(dict_set_str(t, context, "exception", exception));
        TRY(dict_set_str(t, context, key, value_of(f)));
        if (f->source_tb) TRY(dict_set_str(t, context, "source_traceback", f->source_tb));
        return context;
    };
    SavedError saved(t);
    Ref context = fill();
    Ref handler = context ? get_attr(t, f->loop, g_module->names.call_exception_handler) : Ref();
    if (!handler) {
        clear_error(t);
        return;
    }
    if (!call(t, handler, {context})) write_unraisable(t, nullptr, handler);
}
void future_finalize(Thread& t, PyObject* o) {
    FutureObject* f = as_future(future_of(o));
    if (!f->log_tb) return;
    f->log_tb = false;
    Ref exc = Ref::share(f->exception);
    SavedError saved(t);
    const char *full = o->ob_type->tp_name, *dot = strrchr(full, '.');
    Ref text = str_format(t, "%s exception was never retrieved", dot ? dot + 1 : full);
    if (!text) {
        clear_error(t);
        return;
    }
    report(t, f, str_utf8_or(text, "Future exception was never retrieved").data(), "future", exc);
}

namespace {

Status future_tp_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Value loop;
    Ref keep;
    TRY(bind_args(t, "Future", "(*, loop=None)", args, nargs, kwnames, &loop, keep));
    return future_init(t, as_future(self), loop);
}
Ref new_object(Thread& t, PyTypeObject* type, const Value*, size_t, Value) { return alloc(t, type); }

// --- methods ---

Ref result(Thread& t, Value self) {
    if (!as_future(self)->loop) {
        TRY(invalid_state(t, "Future object is not initialized."));
        return {};
    }
    return future_result(t, as_future(self));
}
Ref exception(Thread& t, Value self) {
    FutureObject* f = as_future(self);
    auto check = [&]() -> Status {
        if (!f->loop) return invalid_state(t, "Future object is not initialized.");
        if (f->state == kCancelled) return raise_cancelled(t, f);
        if (f->state != kFinished) return invalid_state(t, "Exception is not set.");
        return Status::ok();
    };
    TRY(check());
    if (!f->exception) return none_ref();
    f->log_tb = false;
    return Ref::share(f->exception);
}
Ref set_result(Thread& t, Value self, Value v) {
    TRY(future_set_result(t, as_future(self), v));
    return none_ref();
}
Ref set_exception(Thread& t, Value self, Value exc) {
    TRY(need_alive(t, as_future(self)));
    TRY(future_set_exception(t, as_future(self), exc));
    return none_ref();
}
Ref add_done_callback(Thread& t, Value self, const Value* a) {
    Ref context = a[1] ? Ref::share(a[1]) : TRY(context_copy_current(t));
    TRY(future_add_callback(t, as_future(self), a[0], context));
    return none_ref();
}
Ref remove_done_callback(Thread& t, Value self, Value fn) {
    FutureObject* f = as_future(self);
    TRY(need_alive(t, f));
    int64_t removed = 0;
    if (f->callback0) {
        Ref callback = Ref::share(f->callback0);
        if (TRY(equal(t, callback, fn))) {
            Ref a = take(f->callback0), b = take(f->context0);
            removed++;
        }
    }
    if (!f->callbacks) return int_from(t, removed);
    // Comparisons may change the list: it is gone through as it is, what stays comes into a new one.
    Ref list = Ref::share(f->callbacks), kept = TRY(list_new(t));
    int64_t before = list_size(list);
    for (int64_t i = 0; i < list_size(list); i++) {
        Ref pair = Ref::share(list_get(list, i));
        if (!TRY(equal(t, tuple_get(pair, 0), fn))) TRY(list_append(t, kept, pair));
    }
    int64_t left = list_size(kept);
    if (list_size(list) > before) before = list_size(list);
    if (f->callbacks == list) {
        if (left == 0)
            Ref gone = take(f->callbacks);
        else if (left != list_size(list))
            TRY(list_set_slice(t, list, 0, list_size(list), kept));
    }
    return int_from(t, removed + before - left);
}
Ref cancel(Thread& t, Value self, const Value* a) {
    TRY(need_alive(t, as_future(self)));
    return bool_ref(TRY(future_cancel(t, as_future(self), a[0] ? a[0] : none())));
}
Ref cancelled(Thread&, Value self) {
    return bool_ref(as_future(self)->loop && as_future(self)->state == kCancelled);
}
Ref done(Thread&, Value self) {
    return bool_ref(as_future(self)->loop && as_future(self)->state != kPending);
}
Ref get_loop(Thread& t, Value self) {
    TRY(need_alive(t, as_future(self)));
    return Ref::share(as_future(self)->loop);
}
Ref make_cancelled_error(Thread& t, Value self) { return cancelled_error(t, as_future(self)); }

// --- attributes ---

Ref or_none(Value v) { return v ? Ref::share(v) : none_ref(); }
template <Value FutureObject::* Place, bool Alive>
Ref get_place(Thread& t, Value self, void*) {
    if (Alive) TRY(need_alive(t, as_future(self)));
    return or_none(as_future(self)->*Place);
}
Ref get_state(Thread& t, Value self, void*) {
    TRY(need_alive(t, as_future(self)));
    static const char* const names[] = {"PENDING", "CANCELLED", "FINISHED"};
    return str_intern(t, names[as_future(self)->state]);
}
Ref get_blocking(Thread&, Value self, void*) {
    return bool_ref(as_future(self)->loop && as_future(self)->blocking);
}
Status no_delete(Thread& t, Value self, const char* name) {
    return raise(t, PyExc_AttributeError, "attribute '%s' of '%T' objects cannot be deleted", name, self);
}
Status set_blocking(Thread& t, Value self, Value v, void*) {
    TRY(need_alive(t, as_future(self)));
    if (!v) return no_delete(t, self, "_asyncio_future_blocking");
    as_future(self)->blocking = TRY(is_true(t, v));
    return Status::ok();
}
Ref get_log_traceback(Thread& t, Value self, void*) {
    TRY(need_alive(t, as_future(self)));
    return bool_ref(as_future(self)->log_tb);
}
Status set_log_traceback(Thread& t, Value self, Value v, void*) {
    if (!v) return no_delete(t, self, "_log_traceback");
    if (TRY(is_true(t, v))) return raise(t, PyExc_ValueError, "_log_traceback can only be set to False");
    as_future(self)->log_tb = false;
    return Status::ok();
}
Status set_cancel_message(Thread& t, Value self, Value v, void*) {
    if (!v) return no_delete(t, self, "_cancel_message");
    put_owned(as_future(self)->cancel_message, Ref::share(v));
    return Status::ok();
}
Ref get_callbacks(Thread& t, Value self, void*) {
    FutureObject* f = as_future(self);
    TRY(need_alive(t, f));
    if (!f->callback0 && !f->callbacks) return none_ref();
    Ref out = TRY(list_new(t));
    if (f->callback0) TRY(list_append_owned(t, out, tuple_of(t, {f->callback0, f->context0})));
    if (f->callbacks) TRY(list_extend(t, out, f->callbacks));
    return out;
}
Ref get_awaited_by(Thread& t, Value self, void*) {
    FutureObject* f = as_future(self);
    if (!f->awaited_by) return none_ref();
    if (f->awaited_by_is_set) return call(t, Value(&PyFrozenSet_Type), {f->awaited_by});
    Ref one = TRY(tuple_of(t, {f->awaited_by}));
    return call(t, Value(&PyFrozenSet_Type), {one});
}

const GetSetDef future_getset[] = {
    getset("_state", get_state, nullptr, nullptr),
    getset("_asyncio_future_blocking", get_blocking, set_blocking, nullptr),
    getset("_loop", get_place<&FutureObject::loop, false>, nullptr, nullptr),
    getset("_callbacks", get_callbacks, nullptr, nullptr),
    getset("_result", get_place<&FutureObject::result, true>, nullptr, nullptr),
    getset("_exception", get_place<&FutureObject::exception, true>, nullptr, nullptr),
    getset("_log_traceback", get_log_traceback, set_log_traceback, nullptr),
    getset("_source_traceback", get_place<&FutureObject::source_tb, false>, nullptr, nullptr),
    getset("_cancel_message", get_place<&FutureObject::cancel_message, false>, set_cancel_message, nullptr),
    getset("_asyncio_awaited_by", get_awaited_by, nullptr, nullptr),
    {}};

}  // namespace

#define DEFINE(name, text, signature, doc) \
    const NativeDef future_def_##name = def<name>(text, signature, doc);
FUTURE_METHODS(DEFINE)
#undef DEFINE

Ref future_repr(Thread& t, Value self) {
    TRY(need_alive(t, as_future(self)));
    return call(t, is_task(self) ? g_module->task_repr : g_module->future_repr, {self});
}
Ref loop_of(Thread& t, Value v) {
    if (is_future_exact(v)) {
        TRY(need_alive(t, as_future(v)));
        return Ref::share(as_future(v)->loop);
    }
    Ref method = TRY(lookup_attr(t, v, g_module->names.get_loop));
    if (method) return call(t, method);
    return get_attr(t, v, g_module->names._loop);
}

// --- the iterator of `await future` ---

namespace {

using Iter = Fields<1>;  // the future; empty when it is over
Value& future_in(Value it) { return it.as<Iter>()->f[0]; }

SendResult iter_send(Thread& t, Value self, Value, Ref& out) {
    Value future = future_in(self);
    if (!future) {
        out = none_ref();
        return SendResult::Return;
    }
    FutureObject* f = as_future(future);
    if (f->state == kPending) {
        if (f->blocking) return raise(t, PyExc_RuntimeError, "await wasn't used with future");
        f->blocking = true;
        out = Ref::share(future);
        return SendResult::Next;
    }
    Ref keep = take(future_in(self));
    out = result(t, keep);
    return out ? SendResult::Return : SendResult::Error;
}
Ref iter_next_(Thread& t, Value self) {
    Ref out;
    switch (iter_send(t, self, none(), out)) {
        case SendResult::Next:
            return out;
        case SendResult::Return:
            return raise_stop_iteration(t, out);
        case SendResult::Error:
            break;
    }
    return {};
}
Ref iter_send_method(Thread& t, Value self, Value) {
    Ref out = iter_next_(t, self);
    if (!out && !occurred(t)) return raise_none(t, PyExc_StopIteration);
    return out;
}
// The exception that throw(type, value, traceback) means.
Ref thrown(Thread& t, const Value* args, size_t nargs) {
    Value type = args[0], value = nargs > 1 ? args[1] : none(), tb = nargs > 2 ? args[2] : none();
    if (!is_none(tb) && !has_type(tb, &PyTraceBack_Type))
        return raise(t, PyExc_TypeError, "throw() third argument must be a traceback");
    Ref exc;
    if (is_type(type) && (type.as<PyTypeObject>()->tp_flags & kTpBaseExcSubclass)) {
        if (is_instance_exact_or_sub(value, type.as<PyTypeObject>()))
            exc = Ref::share(value);
        else if (is_none(value))
            exc = TRY(call(t, type));
        else if (is_tuple(value))
            exc = TRY(call_with(t, type, value, {}));
        else
            exc = TRY(call(t, type, {value}));
        if (!is_exception(exc)) return raise(t, PyExc_TypeError, "exceptions must derive from BaseException");
    } else if (is_exception(type)) {
        if (!is_none(value))
            return raise(t, PyExc_TypeError, "instance exception may not have a separate value");
        exc = Ref::share(type);
    } else {
        return raise(t, PyExc_TypeError,
                     "exceptions must be classes deriving BaseException or instances of such a class");
    }
    if (!is_none(tb)) put_owned(exc.as<PyBaseExceptionObject>()->traceback, Ref::share(tb));
    return exc;
}
Ref iter_throw(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(no_kwargs(t, "_asyncio.FutureIter.throw", kwnames));
    if (nargs < 1 || nargs > 3)
        return raise(t, PyExc_TypeError, "throw expected at %s %d argument%s, got %zu",
                     nargs < 1 ? "least" : "most", nargs < 1 ? 1 : 3, nargs < 1 ? "" : "s", nargs);
    if (nargs > 1)
        TRY(warn(t, PyExc_DeprecationWarning, 1,
                 "the (type, exc, tb) signature of throw() is deprecated, use the single-arg signature "
                 "instead."));
    Ref exc = TRY(thrown(t, args, nargs));
    Ref gone = take(future_in(self));
    // As it is, with its traceback: it is not raised here for the first time.
    restore_error(t, std::move(exc));
    return {};
}
Ref iter_close(Thread&, Value self) {
    Ref gone = take(future_in(self));
    return none_ref();
}
Ref iter_self(Thread&, Value self) { return Ref::share(self); }

const NativeDef iter_methods[] = {def<iter_send_method>("send", nullptr, nullptr),
                                  def<iter_throw>("throw", nullptr, nullptr),
                                  def<iter_close>("close", nullptr, nullptr),
                                  {}};

}  // namespace

Ref future_iter_of(Thread& t, Value future) {
    TRY(need_alive(t, as_future(future)));
    Ref it = TRY(alloc(t, g_module->future_iter));
    future_in(it) = Ref::share(future).release();
    return it;
}

Status add_future_types(Thread& t, Value module) {
#define ENTRY(name, ...) future_def_##name,
    static const NativeDef methods[] = {
        FUTURE_METHODS(ENTRY)
            def<set_result>("set_result", "(result, /)", "Ends the future with a result.", kMethMethod),
        def<set_exception>("set_exception", "(exception, /)", "Ends the future with an exception.",
                           kMethMethod),
        def<cancel>("cancel", "(msg=None)", "Cancels the future. False: it was done already.", kMethMethod),
        def<get_loop>("get_loop", "()", "The loop of the future.", kMethMethod),
        def<class_getitem>("__class_getitem__", "(object, /)", "See PEP 585", kMethClass),
        {}};
#undef ENTRY
    static const TypeDecl decl{
        .name = "_asyncio.Future",
        .basicsize = sizeof(FutureObject),
        .flags = kTpDefault | kTpBaseType | kTpHaveGC | kTpImmutableType,
        .slots = {.dealloc = future_dealloc,
                  .traverse = future_traverse,
                  .clear = future_gc_clear,
                  .finalize = future_finalize,
                  .repr = future_repr,
                  .iter = future_iter_of,
                  .init = future_tp_init,
                  .new_ = new_object,
                  .am_await = future_iter_of},
        .spec = {.methods = methods,
                 .getset = future_getset,
                 .doc = "A result that is not there yet.\n\nAlmost as "
                        "concurrent.futures.Future: but result() and exception() do not "
                        "wait, and the loop calls the callbacks.",
                 .text_signature = "(*, loop=None)"},
        .weaklistoffset = offsetof(FutureObject, weaklist),
        .dictoffset = offsetof(FutureObject, dict)};
    static const TypeDecl iter_decl{.name = "_asyncio.FutureIter",
                                    .basicsize = sizeof(Iter),
                                    .flags = kTpDefault | kTpHaveGC | kTpImmutableType,
                                    .slots = {.dealloc = Iter::dealloc,
                                              .traverse = Iter::traverse,
                                              .clear = Iter::clear,
                                              .iter = iter_self,
                                              .iternext = iter_next_,
                                              .am_send = iter_send},
                                    .spec = {.methods = iter_methods}};
    Module* m = g_module;
    m->future = TRY(new_native_heap_type(t, module, decl, {})).release().as<PyTypeObject>();
    m->future_iter = TRY(new_native_heap_type(t, module, iter_decl, {})).release().as<PyTypeObject>();
    return Status::ok();
}

}  // namespace krait::aio
