// The module _asyncio: loops, running tasks, and the set of all tasks.
#include "interp/debug_offsets.h"
#include "modules/asyncio/asyncio.h"
#include "object/per_interpreter.h"
#include "runtime/interpreters.h"

namespace krait {
namespace aio {

PER_INTERPRETER Module* g_module;

// At the end of an interpreter. The structure stays a while: a future that still lives compares its class.
static void release_objects(Module& m) {
    auto* end = reinterpret_cast<Value*>(&m.future);  // what is before are objects
    for (auto* v = reinterpret_cast<Value*>(&m); v < end; v++) put_owned(*v, Ref());
}
static void release_module(Thread&) {
    if (!g_module) return;
    release_objects(*g_module);
    for (PyTypeObject* type : {g_module->future, g_module->task, g_module->future_iter, g_module->step})
        if (type) decref(Value(type));
}
AT_INTERPRETER_END(release_module)

// --- the running loop and its task ---

namespace {
Status check_loop(Thread& t, Value loop) {
    if (t.asyncio_loop == loop) return Status::ok();
    return raise(t, PyExc_RuntimeError, "loop %R is not the running loop", loop);
}
Ref running_loop(Thread& t) {
    if (!t.asyncio_loop) return raise(t, PyExc_RuntimeError, "no running event loop");
    return Ref::share(t.asyncio_loop);
}
}  // namespace

Status enter_task(Thread& t, Value loop, Value task) {
    TRY(check_loop(t, loop));
    if (t.asyncio_task)
        return raise(t, PyExc_RuntimeError,
                     "Cannot enter into task %R while another task %R is being executed.", task,
                     t.asyncio_task);
    t.asyncio_task = Ref::share(task).release();
    return Status::ok();
}
Status leave_task(Thread& t, Value loop, Value task) {
    TRY(check_loop(t, loop));
    if (!(t.asyncio_task == task))
        return raise(t, PyExc_RuntimeError, "Invalid attempt to leave task %R while task %R is entered.",
                     task, t.asyncio_task ? t.asyncio_task : none());
    put_owned(t.asyncio_task, Ref());
    return Status::ok();
}
Ref swap_task(Thread& t, Value loop, Value task) {
    TRY(check_loop(t, loop));
    Ref previous = t.asyncio_task ? Ref::steal(t.asyncio_task) : none_ref();
    t.asyncio_task = is_none(task) ? Value() : Ref::share(task).release();
    return previous;
}
Ref get_event_loop(Thread& t) {
    if (t.asyncio_loop) return Ref::share(t.asyncio_loop);
    Ref policy = TRY(call(t, g_module->get_policy));
    return call_method(t, policy, g_module->names.get_event_loop);
}

namespace {

Ref get_event_loop_(Thread& t, Value) { return get_event_loop(t); }
Ref get_running_loop_(Thread& t, Value) { return running_loop(t); }
Ref get_running_loop_or_none(Thread& t, Value) {
    return t.asyncio_loop ? Ref::share(t.asyncio_loop) : none_ref();
}
Ref set_running_loop(Thread& t, Value, Value loop) {
    put_owned(t.asyncio_loop, is_none(loop) ? Ref() : Ref::share(loop));
    return none_ref();
}

Ref enter_(Thread& t, Value, const Value* a) {
    TRY(enter_task(t, a[0], a[1]));
    return none_ref();
}
Ref leave_(Thread& t, Value, const Value* a) {
    TRY(leave_task(t, a[0], a[1]));
    return none_ref();
}
Ref swap_(Thread& t, Value, const Value* a) { return swap_task(t, a[0], a[1]); }

Ref current_task(Thread& t, Value, const Value* a) {
    Ref loop = a[0] && !is_none(a[0]) ? Ref::share(a[0]) : TRY(running_loop(t));
    if (loop == t.asyncio_loop) return t.asyncio_task ? Ref::share(t.asyncio_task) : none_ref();
    // It may run in another thread.
    for (PyThreadState* s = &t.interp->threads->c; s; s = s->next) {
        auto* other = reinterpret_cast<Thread*>(s);
        if (loop == other->asyncio_loop)
            return other->asyncio_task ? Ref::share(other->asyncio_task) : none_ref();
    }
    return none_ref();
}

// --- all tasks ---

Ref register_task(Thread& t, Value, const Value* a) {
    if (is_task(a[0])) {
        link_task(as_task(a[0]));
        return none_ref();
    }
    TRY_DISCARD(call_method(t, g_module->other_tasks, g_module->names.add, {a[0]}));
    return none_ref();
}
Ref unregister_task(Thread& t, Value, const Value* a) {
    if (is_task(a[0])) {
        unlink_task(as_task(a[0]));
        return none_ref();
    }
    TRY_DISCARD(call_method(t, g_module->other_tasks, g_module->names.discard, {a[0]}));
    return none_ref();
}
Ref register_eager_task(Thread& t, Value, const Value* a) {
    TRY(set_add(t, g_module->eager_tasks, a[0]));
    return none_ref();
}
Ref unregister_eager_task(Thread& t, Value, const Value* a) {
    TRY_DISCARD(set_discard(t, g_module->eager_tasks, a[0]));
    return none_ref();
}

Status add_if_pending(Thread& t, Value out, Value task, Value loop) {
    Ref done = TRY(call_method(t, task, g_module->names.done));
    if (TRY(is_true(t, done))) return Status::ok();
    Ref its_loop = TRY(loop_of(t, task));
    return its_loop == loop ? set_add(t, out, task) : Status::ok();
}
Ref all_tasks(Thread& t, Value, const Value* a) {
    Ref loop = a[0] && !is_none(a[0]) ? Ref::share(a[0]) : TRY(running_loop(t)), out = TRY(set_new(t));
    Ref list = TRY(to_list(t, g_module->eager_tasks));
    // The ring is copied at once: nothing may run while it is gone through.
    for (TaskObject* task = g_module->tasks.next; task != &g_module->tasks; task = task->next)
        if (task->state == kPending && task->loop == loop) TRY(list_append(t, list, value_of(task)));
    Ref others = TRY(to_list(t, g_module->other_tasks));
    TRY(list_extend(t, list, others));
    for (int64_t i = 0; i < list_size(list); i++) {
        Ref task = Ref::share(list_get(list, i));
        TRY(add_if_pending(t, out, task, loop));
    }
    return out;
}

Ref add_awaited_by(Thread& t, Value, const Value* a, size_t) {
    TRY(awaited_by_add(t, a[0], a[1]));
    return none_ref();
}
Ref discard_awaited_by(Thread& t, Value, const Value* a, size_t) {
    TRY(awaited_by_discard(t, a[0], a[1]));
    return none_ref();
}

const NativeDef functions[] = {
    def<current_task>("current_task", "(loop=None)", "The task that runs in this loop, or None."),
    def<get_event_loop_>("get_event_loop", "()",
                         "The running loop, or the one that the policy gives when there is none."),
    def<get_running_loop_>("get_running_loop", "()",
                           "The loop that runs in this thread; RuntimeError: none."),
    def<get_running_loop_or_none>("_get_running_loop", "()", "The loop that runs in this thread, or None."),
    def<set_running_loop>("_set_running_loop", "(loop, /)", "Says which loop runs in this thread."),
    def<register_task>("_register_task", "(task)", "Adds a task to those all_tasks() knows."),
    def<register_eager_task>("_register_eager_task", "(task)", "Adds a task that is just being started."),
    def<unregister_task>("_unregister_task", "(task)", "The task is done."),
    def<unregister_eager_task>("_unregister_eager_task", "(task)", "The task was started."),
    def<enter_>("_enter_task", "(loop, task)", "The task begins to run."),
    def<leave_>("_leave_task", "(loop, task)", "The task pauses or ends."),
    def<swap_>("_swap_current_task", "(loop, task)", "Another task runs, or none: the one before."),
    def<all_tasks>("all_tasks", "(loop=None)", "The set of tasks of a loop that are not done."),
    def<add_awaited_by>("future_add_to_awaited_by", "(fut, waiter, /)", "Notes that waiter waits for fut."),
    def<discard_awaited_by>("future_discard_from_awaited_by", "(fut, waiter, /)", nullptr),
    {}};

// --- start ---

Status look_up(Thread& t, Module& m) {
    const struct {
        const char* text;
        Value* place;
    } names[] = {{"call_soon", &m.names.call_soon},
                 {"context", &m.names.context},
                 {"get_debug", &m.names.get_debug},
                 {"cancel", &m.names.cancel},
                 {"add_done_callback", &m.names.add_done_callback},
                 {"throw", &m.names.throw_},
                 {"send", &m.names.send},
                 {"get_loop", &m.names.get_loop},
                 {"_loop", &m.names._loop},
                 {"done", &m.names.done},
                 {"result", &m.names.result},
                 {"_asyncio_future_blocking", &m.names.blocking},
                 {"is_running", &m.names.is_running},
                 {"call_exception_handler", &m.names.call_exception_handler},
                 {"get_event_loop", &m.names.get_event_loop},
                 {"add", &m.names.add},
                 {"discard", &m.names.discard}};
    for (auto& n : names) *n.place = TRY(str_intern(t, n.text)).release();
    m.context_kwname = TRY(tuple_of(t, {m.names.context})).release();
    struct {
        const char *module, *name;
        Value* place;
    } const wanted[] = {
        {"asyncio.events", "_get_event_loop_policy", &m.get_policy},
        {"asyncio.base_futures", "_future_repr", &m.future_repr},
        {"asyncio.exceptions", "InvalidStateError", &m.invalid_state},
        {"asyncio.exceptions", "CancelledError", &m.cancelled_error},
        {"asyncio.base_tasks", "_task_repr", &m.task_repr},
        {"asyncio.base_tasks", "_task_get_stack", &m.task_get_stack},
        {"asyncio.base_tasks", "_task_print_stack", &m.task_print_stack},
        {"asyncio.coroutines", "iscoroutine", &m.is_coroutine},
        {"traceback", "extract_stack", &m.extract_stack},
        {"weakref", "WeakSet", &m.other_tasks},
    };
    for (auto& w : wanted) *w.place = TRY(import_attr(t, w.module, w.name)).release();
    for (Value cls : {m.invalid_state, m.cancelled_error})
        if (!is_type(cls)) return raise(t, PyExc_TypeError, "an exception class was expected, got %R", cls);
    put_owned(m.other_tasks, TRY(call(t, m.other_tasks)));
    m.eager_tasks = TRY(set_new(t)).release();
    m.coroutine_types = TRY(set_new(t)).release();
    return Status::ok();
}
// Where debuggers find the tasks.
void publish_tasks() {
    TaskObject& task = g_module->tasks;
    auto from = [](const void* base, const void* field) {
        return reinterpret_cast<uintptr_t>(field) - reinterpret_cast<uintptr_t>(base);
    };
    TaskOffsets& o = g_debug_tables.tasks;
    o.ring = from(g_module, &g_module->tasks);
    o.type = from(g_module, &g_module->task);
    o.next = from(&task, &task.next);
    o.name = from(&task, &task.name);
    o.coro = from(&task, &task.coro);
    o.loop = from(&task, &task.loop);
    o.awaited_by = from(&task, &task.awaited_by);
    o.awaited_by_is_set = from(&task, &task.awaited_by_is_set);
    o.state = reinterpret_cast<uintptr_t>(&g_module);
}

Status exec(Thread& t, Value module) {
    // The types live as long as the process: a second module has those of the first.
    if (!g_module) {
        auto* m = static_cast<Module*>(mem_alloc_zeroed(sizeof(Module)));
        if (!m) return raise_no_memory(t);
        m->tasks.next = m->tasks.previous = &m->tasks;
        if (!look_up(t, *m)) return {};
        // What is looked up may itself have imported this module.
        if (g_module) {
            release_objects(*m);
            mem_free(m);
            return exec(t, module);
        }
        g_module = m;
        publish_tasks();
        interpreter_frees(*t.interp, mem_free, m);
        TRY(add_future_types(t, module));
        TRY(add_task_types(t, module));
        TRY(add_step_type(t, module));
    }
    TRY(module_add(t, module, "Future", Ref::share(Value(g_module->future))));
    return module_add(t, module, "Task", Ref::share(Value(g_module->task)));
}

}  // namespace
}  // namespace aio

extern const ModuleSpec module__asyncio;
const ModuleSpec module__asyncio{.name = "_asyncio",
                                 .doc = "Futures and tasks of the package asyncio.",
                                 .functions = aio::functions,
                                 .exec = aio::exec};

}  // namespace krait
