// Tasks: one step of the coroutine, and what becomes of what it yields.
#include "interp/generator.h"
#include "modules/asyncio/asyncio.h"

namespace krait::aio {

namespace {

// --- what the loop calls ---

using Step = Fields<2>;  // task, exception to throw (may be empty)

Ref step_call(Thread& t, Value self, const Value*, size_t nargs, Value kwnames) {
    if (kwnames && tuple_size(kwnames))
        return raise(t, PyExc_TypeError, "function takes no keyword arguments");
    if (nargs) return raise(t, PyExc_TypeError, "function takes no positional arguments");
    Value* f = self.as<Step>()->f;
    Ref task = Ref::share(f[0]), exc = Ref::share(f[1]);
    if (!task) return raise(t, PyExc_RuntimeError, "uninitialized Task object");
    return task_step(t, as_task(task), exc);
}
Ref step_self(Thread&, Value self, void*) {
    Value task = self.as<Step>()->f[0];
    return task ? Ref::share(task) : none_ref();
}
const GetSetDef step_getset[] = {getset("__self__", step_self, nullptr, nullptr), {}};

// The future that the task waits for is done.
Ref task_wakeup(Thread& t, Value self, Value future) {
    TRY(awaited_by_discard(t, future, self));
    TaskObject* task = as_task(self);
    Ref result = is_future_exact(future) ? future_result(t, as_future(future))
                                         : call_method(t, future, g_module->names.result);
    if (result) return task_step(t, task, {});
    Ref exc = fetch_error(t);
    return task_step(t, task, exc);
}
const NativeDef wakeup_def = def<task_wakeup>("task_wakeup", nullptr, nullptr);

// --- what the coroutine yields ---

template <class... A>
Ref error_soon(Thread& t, TaskObject* task, const char* format, A... args) {
    Ref text = TRY(str_format(t, format, args...));
    Ref exc = TRY(call(t, Value(PyExc_RuntimeError), {text}));
    TRY(step_soon(t, task, exc));
    return none_ref();
}

// A cancel() that came while the coroutine ran goes to what it waits for now.
Ref cancel_waiter(Thread& t, TaskObject* task, Value future) {
    if (!task->must_cancel) return none_ref();
    Ref message = task->cancel_message ? Ref::share(task->cancel_message) : none_ref();
    Ref r = TRY(call_method(t, future, g_module->names.cancel, {message}));
    if (TRY(is_true(t, r))) task->must_cancel = false;
    return none_ref();
}
Ref wait_for(Thread& t, TaskObject* task, Value future) {
    FutureObject* f = as_future(future);
    Value self = value_of(task);
    if (!(f->loop == task->loop))
        return error_soon(t, task, "Task %R got Future %R attached to a different loop", self, future);
    if (!f->blocking)
        return error_soon(t, task, "yield was used instead of yield from in task %R with %R", self, future);
    TRY(awaited_by_add(t, future, self));
    f->blocking = false;
    Ref wakeup = TRY(builtin_function_new(t, wakeup_def, self, {}));
    TRY(future_add_callback(t, f, wakeup, task->context));
    put_owned(task->waiter, Ref::share(future));
    return cancel_waiter(t, task, future);
}
// The same for what only looks like a future.
Ref wait_for_like(Thread& t, TaskObject* task, Value future, Value blocking_value) {
    Value self = value_of(task);
    bool blocking = TRY(is_true(t, blocking_value));
    Ref loop = TRY(loop_of(t, future));
    if (!(loop == task->loop))
        return error_soon(t, task, "Task %R got Future %R attached to a different loop", self, future);
    if (!blocking)
        return error_soon(t, task, "yield was used instead of yield from in task %R with %R", self, future);
    TRY(awaited_by_add(t, future, self));
    TRY(set_attr(t, future, g_module->names.blocking, boolean(false)));
    Ref wakeup = TRY(builtin_function_new(t, wakeup_def, self, {}));
    Ref add = TRY(get_attr(t, future, g_module->names.add_done_callback));
    Value args[2] = {wakeup, task->context};
    TRY_DISCARD(call(t, add, args, 1, g_module->context_kwname));
    put_owned(task->waiter, Ref::share(future));
    return cancel_waiter(t, task, future);
}
Ref take_yielded(Thread& t, TaskObject* task, Value v) {
    Value self = value_of(task);
    if (v == self) return error_soon(t, task, "Task cannot await on itself: %R", self);
    if (is_future_exact(v)) return wait_for(t, task, v);
    if (is_none(v)) {  // a bare yield: the others' turn
        TRY(step_soon(t, task, {}));
        return none_ref();
    }
    Ref blocking = TRY(lookup_attr(t, v, g_module->names.blocking));
    if (blocking && !is_none(blocking)) return wait_for_like(t, task, v, blocking);
    if (is_generator(v))
        return error_soon(t, task, "yield was used instead of yield from for generator in task %R with %R",
                          self, v);
    return error_soon(t, task, "Task got bad yield: %R", v);
}

// --- the step ---

SendResult from_stop_iteration(Thread& t, Ref& out) {
    if (!occurred(t)) {
        out = none_ref();
        return SendResult::Return;
    }
    if (!error_is(t, PyExc_StopIteration)) return SendResult::Error;
    Ref exc = fetch_error(t);
    Value v = exc.as<PyStopIterationObject>()->value;
    out = v ? Ref::share(v) : none_ref();
    return SendResult::Return;
}
SendResult resume(Thread& t, Value coro, Value exc, Ref& out) {
    if (!exc) {
        if (SendFn send = ext(type_of(coro))->slots.am_send) return send(t, coro, none(), out);
        UnaryFn next = ext(type_of(coro))->slots.iternext;
        out = next ? next(t, coro) : call_method(t, coro, g_module->names.send, {none()});
    } else {
        out = is_coroutine(coro) ? gen_throw(t, coro, exc)
                                 : call_method(t, coro, g_module->names.throw_, {exc});
    }
    if (out) return SendResult::Next;
    return from_stop_iteration(t, out);
}
// The coroutine ended with an exception, which becomes the task's.
Ref ended_badly(Thread& t, TaskObject* task) {
    Ref exc = fetch_error(t);
    if (is_instance_exact_or_sub(exc, g_module->cancelled_error.as<PyTypeObject>())) {
        put_owned(task->cancelled_exc, std::move(exc));
        TRY_DISCARD(future_cancel(t, task, {}));
        return none_ref();
    }
    TRY(future_set_exception(t, task, exc));
    if (is_instance_exact_or_sub(exc, PyExc_KeyboardInterrupt) ||
        is_instance_exact_or_sub(exc, PyExc_SystemExit)) {
        restore_error(t, std::move(exc));
        return {};
    }
    return none_ref();
}

}  // namespace

Status step_soon(Thread& t, TaskObject* task, Value exc) {
    Ref step = TRY(alloc(t, g_module->step));
    step.as<Step>()->f[0] = Ref::share(value_of(task)).release();
    step.as<Step>()->f[1] = Ref::share(exc).release();
    Ref loop = Ref::share(task->loop), context = Ref::share(task->context);
    return call_soon(t, loop, step, {}, context);
}

Ref step_inside(Thread& t, TaskObject* task, Value exc) {
    Ref self = Ref::share(value_of(task)), thrown = Ref::share(exc);
    if (task->state != kPending) {
        raise(t, g_module->invalid_state.as<PyTypeObject>(), "__step(): already done: %R %R", self.get(),
              exc ? exc : none());
        return {};
    }
    if (task->must_cancel) {
        bool is_cancel = thrown && TRY(is_instance(t, thrown, g_module->cancelled_error));
        if (!is_cancel) thrown = TRY(cancelled_error(t, task));
        task->must_cancel = false;
    }
    put_owned(task->waiter, Ref());
    Ref coro = Ref::share(task->coro), out;
    if (!coro) return raise(t, PyExc_RuntimeError, "uninitialized Task object");
    switch (resume(t, coro, thrown, out)) {
        case SendResult::Next:
            return take_yielded(t, task, out);
        case SendResult::Error:
            return ended_badly(t, task);
        case SendResult::Return:
            break;
    }
    if (task->must_cancel) {  // by itself, right before its end
        task->must_cancel = false;
        Ref message = Ref::share(task->cancel_message);
        TRY_DISCARD(future_cancel(t, task, message));
    } else {
        TRY(future_set_result(t, task, out));
    }
    return none_ref();
}

Ref task_step(Thread& t, TaskObject* task, Value exc) {
    Ref self = Ref::share(value_of(task)), loop = task->loop ? Ref::share(task->loop) : none_ref();
    TRY(enter_task(t, loop, self));
    Ref r = step_inside(t, task, exc);
    if (r) {
        TRY(leave_task(t, loop, self));
        return r;
    }
    Ref error = fetch_error(t);
    if (!leave_task(t, loop, self)) clear_error(t);
    restore_error(t, std::move(error));
    return {};
}

Status add_step_type(Thread& t, Value module) {
    static const TypeDecl decl{.name = "_asyncio.TaskStepMethWrapper",
                               .basicsize = sizeof(Step),
                               .flags = kTpDefault | kTpHaveGC | kTpImmutableType,
                               .slots = {.dealloc = Step::dealloc,
                                         .traverse = Step::traverse,
                                         .clear = Step::clear,
                                         .call = step_call},
                               .spec = {.getset = step_getset}};
    g_module->step = TRY(new_native_heap_type(t, module, decl, {})).release().as<PyTypeObject>();
    return Status::ok();
}

}  // namespace krait::aio
