// Tasks: the type. What they do is in task_step.cpp.
#include "modules/asyncio/asyncio.h"
#include "modules/contextvars.h"

namespace krait::aio {

// --- the ring of tasks that are not done ---

void link_task(TaskObject* task) {
    if (task->next) return;
    TaskObject* head = &g_module->tasks;
    task->previous = head->previous;
    task->next = head;
    head->previous->next = task;
    head->previous = task;
}
void unlink_task(TaskObject* task) {
    if (!task->next) return;
    task->previous->next = task->next;
    task->next->previous = task->previous;
    task->next = task->previous = nullptr;
}

namespace {

Value TaskObject::* const kPlaces[] = {&TaskObject::waiter, &TaskObject::coro, &TaskObject::name,
                                       &TaskObject::context};
void clear_fields(TaskObject* task) {
    future_clear(task);
    for (auto place : kPlaces) put_owned(task->*place, Ref());
}
void task_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    TaskObject* task = as_task(Value(o));
    unlink_task(task);
    weakrefs_clear(t, o);
    clear_fields(task);
    if (task->dict) decref(task->dict);
    free_object(t, o);
}
void task_traverse(PyObject* o, Visitor& v) {
    TaskObject* task = as_task(Value(o));
    future_visit(task, v);
    for (auto place : kPlaces) v.visit(task->*place);
}
void task_clear(Thread&, PyObject* o) {
    TaskObject* task = as_task(Value(o));
    clear_fields(task);
    PyObject* dict = task->dict;
    task->dict = nullptr;
    if (dict) decref(dict);
}
void task_finalize(Thread& t, PyObject* o) {
    TaskObject* task = as_task(Value(o));
    if (task->state == kPending && task->log_destroy_pending)
        report(t, task, "Task was destroyed but it is pending!", "task", {});
    future_finalize(t, o);
}

// --- making one ---

Ref task_new(Thread& t, PyTypeObject* type, const Value*, size_t, Value) { return alloc(t, type); }

Result<bool> is_coroutine_object(Thread& t, Value v) {
    if (has_type(v, &PyCoro_Type)) return true;
    Value type(type_of(v));
    if (TRY(set_contains(t, g_module->coroutine_types, type))) return true;
    Ref answer = TRY(call(t, g_module->is_coroutine, {v}));
    bool yes = TRY(is_true(t, answer));
    // Not without a bound: somebody may make a class for each coroutine.
    if (yes && TRY(length(t, g_module->coroutine_types)) < 100)
        TRY(set_add(t, g_module->coroutine_types, type));
    return yes;
}
Status start_at_once(Thread& t, TaskObject* task) {
    Value self = value_of(task);
    Ref loop = Ref::share(task->loop), context = Ref::share(task->context), before;
    Ref previous = TRY(swap_task(t, loop, self));
    // Done without a pause it leaves the ring again; otherwise it goes on as any other.
    link_task(task);
    bool ok = static_cast<bool>(context_enter(t, context, before));
    if (ok) {
        ok = static_cast<bool>(step_inside(t, task, {}));
        context_exit(t, context, std::move(before));
    }
    Ref error = ok ? Ref() : fetch_error(t);
    Ref current = swap_task(t, loop, previous);
    if (error) {
        if (!current) clear_error(t);
        restore_error(t, std::move(error));
        ok = false;
    } else if (!current) {
        ok = false;
    }
    if (task->state != kPending) put_owned(task->coro, Ref());
    return ok ? Status::ok() : Status();
}
Status task_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Value a[5];
    Ref keep;
    TRY(bind_args(t, "Task", "(coro, *, loop=None, name=None, context=None, eager_start=False)", args, nargs,
                  kwnames, a, keep));
    bool eager = a[4] ? TRY(is_true(t, a[4])) : false;
    TaskObject* task = as_task(self);
    TRY(future_init(t, task, a[1]));
    if (!TRY(is_coroutine_object(t, a[0]))) {
        task->log_destroy_pending = false;
        return raise(t, PyExc_TypeError, "a coroutine was expected, got %R", a[0]);
    }
    put_owned(task->context, a[3] && !is_none(a[3]) ? Ref::share(a[3]) : TRY(context_copy_current(t)));
    put_owned(task->waiter, Ref());
    task->must_cancel = false;
    task->log_destroy_pending = true;
    task->cancel_requests = 0;
    put_owned(task->coro, Ref::share(a[0]));
    if (!a[2] || is_none(a[2]))
        put_owned(task->name, TRY(int_from_u64(t, ++g_module->names_given)));
    else
        put_owned(task->name, is_str_exact(a[2]) ? Ref::share(a[2]) : TRY(str(t, a[2])));
    // What was called for the name may have made the task anew, and badly.
    if (!task->loop) return raise(t, PyExc_RuntimeError, "Future object is not initialized.");
    if (eager) {
        Ref running = TRY(call_method(t, task->loop, g_module->names.is_running));
        if (TRY(is_true(t, running))) return start_at_once(t, task);
    }
    TRY(step_soon(t, task, {}));
    link_task(task);
    return Status::ok();
}

// --- methods ---

Ref or_none(Value v) { return v ? Ref::share(v) : none_ref(); }

Ref cancel(Thread& t, Value self, const Value* a) {
    TaskObject* task = as_task(self);
    Value message = a[0] ? a[0] : none();
    task->log_tb = false;
    if (task->state != kPending) return bool_ref(false);
    task->cancel_requests++;
    if (task->waiter) {
        Ref waiter = Ref::share(task->waiter);
        Ref r = TRY(call_method(t, waiter, g_module->names.cancel, {message}));
        if (TRY(is_true(t, r))) return bool_ref(true);
    }
    task->must_cancel = true;
    put_owned(task->cancel_message, Ref::share(message));
    return bool_ref(true);
}
Ref cancelling(Thread&, Value self) { return Ref::from_int(as_task(self)->cancel_requests); }
Ref uncancel(Thread&, Value self) {
    TaskObject* task = as_task(self);
    if (task->cancel_requests > 0 && --task->cancel_requests == 0) task->must_cancel = false;
    return Ref::from_int(task->cancel_requests);
}
Ref get_stack(Thread& t, Value self, const Value* a) {
    return call(t, g_module->task_get_stack, {self, a[0] ? a[0] : none()});
}
Ref print_stack(Thread& t, Value self, const Value* a) {
    return call(t, g_module->task_print_stack, {self, a[0] ? a[0] : none(), a[1] ? a[1] : none()});
}
Ref set_result(Thread& t, Value, Value) {
    return raise(t, PyExc_RuntimeError, "Task does not support set_result operation");
}
Ref set_exception(Thread& t, Value, Value) {
    return raise(t, PyExc_RuntimeError, "Task does not support set_exception operation");
}
Ref get_coro(Thread&, Value self) { return or_none(as_task(self)->coro); }
Ref get_context(Thread&, Value self) { return or_none(as_task(self)->context); }
Ref get_name(Thread& t, Value self) {
    TaskObject* task = as_task(self);
    if (task->name && is_long(task->name)) put_owned(task->name, TRY(str_format(t, "Task-%S", task->name)));
    return or_none(task->name);
}
Ref set_name(Thread& t, Value self, Value v) {
    put_owned(as_task(self)->name, is_str_exact(v) ? Ref::share(v) : TRY(str(t, v)));
    return none_ref();
}

Ref get_log_destroy_pending(Thread&, Value self, void*) {
    return bool_ref(as_task(self)->log_destroy_pending);
}
Status set_log_destroy_pending(Thread& t, Value self, Value v, void*) {
    if (!v)
        return raise(t, PyExc_AttributeError,
                     "attribute '_log_destroy_pending' of '%T' objects cannot be deleted", self);
    as_task(self)->log_destroy_pending = TRY(is_true(t, v));
    return Status::ok();
}
Ref get_must_cancel(Thread&, Value self, void*) { return bool_ref(as_task(self)->must_cancel); }
Ref get_coro_attr(Thread&, Value self, void*) { return or_none(as_task(self)->coro); }
Ref get_waiter(Thread&, Value self, void*) { return or_none(as_task(self)->waiter); }

const GetSetDef getsets[] = {
    getset("_log_destroy_pending", get_log_destroy_pending, set_log_destroy_pending, nullptr),
    getset("_must_cancel", get_must_cancel, nullptr, nullptr),
    getset("_coro", get_coro_attr, nullptr, nullptr),
    getset("_fut_waiter", get_waiter, nullptr, nullptr),
    {}};

}  // namespace

Status add_task_types(Thread& t, Value module) {
#define ENTRY(name, ...) future_def_##name,
    static const NativeDef methods[] = {
        FUTURE_METHODS(ENTRY) def<set_result>("set_result", "(result, /)", nullptr),
        def<set_exception>("set_exception", "(exception, /)", nullptr),
        def<cancel>(
            "cancel", "(msg=None)",
            "Asks the task to end: CancelledError is raised in the coroutine, at the next turn of the "
            "loop.\n\nThe coroutine may do something else about it. False: the task was done already."),
        def<cancelling>("cancelling", "()", "How often cancel() was called and not taken back."),
        def<uncancel>("uncancel", "()", "Takes one cancel() back; how many are left."),
        def<get_stack>("get_stack", "(*, limit=None)",
                       "The frames where the task waits, or those of its traceback, from the oldest."),
        def<print_stack>("print_stack", "(*, limit=None, file=None)", "Prints what get_stack() gives."),
        def<get_name>("get_name", "()", nullptr),
        def<set_name>("set_name", "(value, /)", nullptr),
        def<get_coro>("get_coro", "()", nullptr),
        def<get_context>("get_context", "()", nullptr),
        def<class_getitem>("__class_getitem__", "(object, /)", "See PEP 585", kMethClass),
        {}};
#undef ENTRY
    static const TypeDecl decl{.name = "_asyncio.Task",
                               .basicsize = sizeof(TaskObject),
                               .flags = kTpDefault | kTpBaseType | kTpHaveGC | kTpImmutableType,
                               .slots = {.dealloc = task_dealloc,
                                         .traverse = task_traverse,
                                         .clear = task_clear,
                                         .finalize = task_finalize,
                                         .repr = future_repr,
                                         .iter = future_iter_of,
                                         .init = task_init,
                                         .new_ = task_new,
                                         .am_await = future_iter_of},
                               .spec = {.methods = methods,
                                        .getset = getsets,
                                        .doc = "A coroutine that a loop runs.",
                                        .text_signature = "(coro, *, loop=None, name=None, context=None, "
                                                          "eager_start=False)"},
                               .weaklistoffset = offsetof(FutureObject, weaklist),
                               .dictoffset = offsetof(FutureObject, dict)};
    Ref bases = TRY(tuple_of(t, {Value(g_module->future)}));
    g_module->task = TRY(new_native_heap_type(t, module, decl, bases)).release().as<PyTypeObject>();
    return Status::ok();
}

}  // namespace krait::aio
