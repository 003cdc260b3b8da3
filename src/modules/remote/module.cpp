// The module _remote_debugging: the stacks of another process's threads, and what its tasks of asyncio wait
// for. Threads are those of any process with CPython 3.14's table (interp/debug_offsets.h); tasks are told of
// processes of Krait, whose table goes on with theirs.
#include <cstring>
#include <new>
#include <unordered_set>

#include "builtins/callable.h"
#include "builtins/exceptions.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "modules/args.h"
#include "modules/remote/objects.h"

namespace krait::remote {
namespace {

constexpr int64_t kLongestTaskName = 255;
constexpr size_t kMostWaiters = size_t{1} << 14;

enum Structure { kFrame, kCoro, kTask, kThread, kAwaited, kStructures };
const StructSeqField frame_fields[] = {
    {"filename", "source file"}, {"lineno", "line"}, {"funcname", "function"}};
const StructSeqField coro_fields[] = {{"call_stack", "frames"}, {"task_name", "address of the task"}};
const StructSeqField task_fields[] = {{"task_id", "address of the task"},
                                      {"task_name", "its name"},
                                      {"coroutine_stack", "its coroutines"},
                                      {"awaited_by", "the tasks that wait for it"}};
const StructSeqField thread_fields[] = {{"thread_id", "of the system"}, {"frame_info", "frames"}};
const StructSeqField awaited_fields[] = {{"thread_id", "of the system"}, {"awaited_by", "tasks"}};
const StructSeqDesc structures[kStructures] = {
    {"_remote_debugging.FrameInfo", "A frame.", frame_fields, 3, 3},
    {"_remote_debugging.CoroInfo", "A coroutine.", coro_fields, 2, 2},
    {"_remote_debugging.TaskInfo", "A task of asyncio.", task_fields, 4, 4},
    {"_remote_debugging.ThreadInfo", "A thread.", thread_fields, 2, 2},
    {"_remote_debugging.AwaitedInfo", "What a thread waits for.", awaited_fields, 2, 2},
};
const char* short_name(const StructSeqDesc& d) { return strrchr(d.name, '.') + 1; }

struct Unwinder {
    PyObject ob_base;
    Process* process;  // null until __init__ has succeeded
    bool all_threads, only_active_thread;
    Value types[kStructures];  // owned; none before __init__
};
Unwinder* as_unwinder(Value v) { return v.as<Unwinder>(); }

// One look at the process.
class Look {
  public:
    Look(Thread& t, Unwinder& u) : t_(t), u_(u), p_(*u.process), o_(p_.offsets()) {}
    Status begin();
    Ref threads();        // get_stack_trace()
    Ref running_tasks();  // get_async_stack_trace()
    Ref all_tasks();      // get_all_awaited_by()

  private:
    struct ThreadAt {
        uint64_t address, native_id, frame;
    };
    enum class Which { Main, All, Active };
    Result<std::vector<ThreadAt>> find_threads(Which which);
    Status find_tasks();  // where they are: RuntimeError if asyncio is not there
    Result<std::vector<uint64_t>> pending();
    Result<std::vector<uint64_t>> waiters(uint64_t task);
    Result<bool> is_task(uint64_t object);
    Ref task_name(uint64_t task);
    Ref coro_info(Ref stack, uint64_t task);
    Ref stack_of(uint64_t task);
    // `stack`: that of the task's coroutines.
    Ref task_info(uint64_t task, Ref stack, const std::vector<uint64_t>& waiters);
    Ref task_and_waiters(const ThreadAt& thread, uint64_t task);
    Ref make(Structure s, std::initializer_list<Ref*> fields);
    Ref number(uint64_t v) { return int_from_u64(t_, v); }

    Thread& t_;
    Unwinder& u_;
    const Process& p_;
    const DebugOffsets& o_;
    const TaskOffsets* at_ = nullptr;
    uint64_t interpreter_ = 0, state_ = 0, task_type_ = 0;
    Objects objects() { return Objects(t_, p_, u_.types[kFrame].as<PyTypeObject>()); }
};

Status Look::begin() {
    interpreter_ = TRY(p_.interpreters(t_));
    return Status::ok();
}

Ref Look::make(Structure s, std::initializer_list<Ref*> fields) {
    Value values[4];
    int n = 0;
    for (Ref* f : fields) {
        if (!*f) {
            while (n) xdecref(values[--n]);
            return {};
        }
        values[n++] = f->release();
    }
    return structseq_new(t_, u_.types[s].as<PyTypeObject>(), values);
}

Result<std::vector<Look::ThreadAt>> Look::find_threads(Which which) {
    std::vector<ThreadAt> found;
    auto add = [&](uint64_t address) -> Result<uint64_t> {
        auto id = TRY(p_.get<uint64_t>(t_, address + o_.thread_native_id));
        auto frame = TRY(p_.get<uint64_t>(t_, address + o_.thread_current_frame));
        found.push_back({address, id, frame});
        return p_.get<uint64_t>(t_, address + o_.thread_next);
    };
    if (which == Which::Active) {
        auto holder = TRY(p_.get<uint64_t>(t_, interpreter_ + o_.interpreter_gil_holder));
        if (holder) TRY_DISCARD(add(holder));
    } else if (which == Which::Main) {
        auto main = TRY(p_.get<uint64_t>(t_, interpreter_ + o_.interpreter_threads_main));
        if (main) TRY_DISCARD(add(main));
    } else {
        auto at = TRY(p_.get<uint64_t>(t_, interpreter_ + o_.interpreter_threads_head));
        while (at) at = TRY(add(at));
    }
    return found;
}

Ref Look::threads() {
    Which which = u_.all_threads ? Which::All : u_.only_active_thread ? Which::Active : Which::Main;
    Ref list = TRY(list_new(t_));
    for (const ThreadAt& thread : TRY(find_threads(which))) {
        Ref id = number(thread.native_id),
            frames = TRY(objects().stack(thread.frame, 0, "Too many stack frames"));
        TRY(list_append_owned(t_, list, make(kThread, {&id, &frames})));
    }
    return list;
}

// --- tasks ---

Status Look::find_tasks() {
    at_ = p_.tasks();
    if (!at_) return raise(t_, PyExc_RuntimeError, "Only the tasks of a process of Krait can be looked at");
    if (at_->state) state_ = TRY(p_.get<uint64_t>(t_, at_->state));
    if (!state_) return raise(t_, PyExc_RuntimeError, "AsyncioDebug section not available");
    task_type_ = TRY(p_.get<uint64_t>(t_, state_ + at_->type));
    return Status::ok();
}

Result<bool> Look::is_task(uint64_t object) {
    auto type = TRY(p_.get<uint64_t>(t_, object + o_.object_type));
    for (int depth = 0; type && depth < 32; depth++) {
        if (type == task_type_) return true;
        type = TRY(p_.get<uint64_t>(t_, type + offsetof(PyTypeObject, tp_base)));
    }
    return false;
}

Result<std::vector<uint64_t>> Look::pending() {
    std::vector<uint64_t> found;
    uint64_t head = state_ + at_->ring;
    auto task = TRY(p_.get<uint64_t>(t_, head + at_->next));
    // The ring may change while it is walked: a task that is done leads nowhere.
    for (; task && task != head; task = TRY(p_.get<uint64_t>(t_, task + at_->next))) found.push_back(task);
    return found;
}

Result<std::vector<uint64_t>> Look::waiters(uint64_t task) {
    std::vector<uint64_t> found;
    auto add = [&](uint64_t waiter) -> Status {
        if (TRY(is_task(waiter))) found.push_back(waiter);
        return Status::ok();
    };
    auto waiter = TRY(p_.get<uint64_t>(t_, task + at_->awaited_by));
    if (!waiter) return found;
    if (!TRY(p_.get<bool>(t_, task + at_->awaited_by_is_set))) {
        TRY(add(waiter));
        return found;
    }
    auto table = TRY(p_.get<uint64_t>(t_, waiter + o_.set_table));
    auto last = TRY(p_.get<int64_t>(t_, waiter + o_.set_mask));
    auto used = TRY(p_.get<int64_t>(t_, waiter + o_.set_used));
    if (last < 0 || last > (int64_t{1} << 20) || used < 0)
        return raise(t_, PyExc_RuntimeError, "Invalid set in the remote process");
    std::vector<SetEntry> entries(static_cast<size_t>(last) + 1);
    TRY(p_.read(t_, table, entries.data(), entries.size() * sizeof(SetEntry)));
    for (const SetEntry& e : entries)
        if (e.key && e.key.is_ptr() && e.hash != -1) TRY(add(e.key.bits));
    return found;
}

Ref Look::task_name(uint64_t task) {
    Value name(TRY(p_.get<uint64_t>(t_, task + at_->name)));
    if (name.is_int()) return str_format(t_, "Task-%lld", static_cast<long long>(name.as_int()));
    if (!name || !name.is_ptr()) return str_from(t_, "");
    return objects().text(name.bits, kLongestTaskName);
}

Ref Look::stack_of(uint64_t task) {
    auto coro = TRY(p_.get<uint64_t>(t_, task + at_->coro));
    return objects().coroutine_stack(coro);
}

Ref Look::coro_info(Ref stack, uint64_t task) {
    Ref id = number(task);
    return make(kCoro, {&stack, &id});
}

Ref Look::task_info(uint64_t task, Ref stack, const std::vector<uint64_t>& waiters) {
    Ref id = number(task), name = TRY(task_name(task)), coroutines = TRY(list_new(t_)),
        waiting = TRY(list_new(t_));
    TRY(list_append_owned(t_, coroutines, coro_info(std::move(stack), task)));
    for (uint64_t w : waiters) TRY(list_append_owned(t_, waiting, coro_info(stack_of(w), w)));
    return make(kTask, {&id, &name, &coroutines, &waiting});
}

Ref Look::task_and_waiters(const ThreadAt& thread, uint64_t task) {
    Ref list = TRY(list_new(t_));
    std::vector<uint64_t> todo{task};
    std::unordered_set<uint64_t> seen{task};
    for (size_t i = 0; i < todo.size(); i++) {
        if (i > kMostWaiters) return raise(t_, PyExc_RuntimeError, "Too many task waiters");
        Ref stack;
        if (i == 0) {
            auto coro = TRY(p_.get<uint64_t>(t_, task + at_->coro));
            auto last = TRY(objects().frame_of(coro));
            stack = objects().stack(thread.frame, last, "Too many async stack frames");
        } else {
            stack = stack_of(todo[i]);
        }
        if (!stack) return {};
        std::vector<uint64_t> above = TRY(waiters(todo[i]));
        for (uint64_t w : above)
            if (seen.insert(w).second) todo.push_back(w);
        TRY(list_append_owned(t_, list, task_info(todo[i], std::move(stack), above)));
    }
    return list;
}

Ref Look::running_tasks() {
    TRY(find_tasks());
    Ref list = TRY(list_new(t_));
    for (const ThreadAt& thread : TRY(find_threads(Which::All))) {
        auto task = TRY(p_.get<uint64_t>(t_, thread.address + at_->thread_task));
        if (!task) continue;
        Ref id = number(thread.native_id), tasks = TRY(task_and_waiters(thread, task));
        TRY(list_append_owned(t_, list, make(kAwaited, {&id, &tasks})));
    }
    return list;
}

// By the threads that run their loops; in the end, under 0, those of loops that do not run.
Ref Look::all_tasks() {
    TRY(find_tasks());
    std::vector<ThreadAt> threads = TRY(find_threads(Which::All));
    threads.push_back({0, 0, 0});
    std::vector<Ref> lists;
    std::vector<uint64_t> loops;
    for (const ThreadAt& thread : threads) {
        lists.push_back(TRY(list_new(t_)));
        loops.push_back(thread.address ? TRY(p_.get<uint64_t>(t_, thread.address + at_->thread_loop)) : 0);
    }
    for (uint64_t task : TRY(pending())) {
        auto loop = TRY(p_.get<uint64_t>(t_, task + at_->loop));
        size_t i = 0;
        while (i + 1 < threads.size() && loops[i] != loop) i++;
        TRY(list_append_owned(t_, lists[i], task_info(task, TRY(stack_of(task)), TRY(waiters(task)))));
    }
    Ref list = TRY(list_new(t_));
    for (size_t i = 0; i < threads.size(); i++) {
        if (threads[i].address && !list_size(lists[i])) continue;
        Ref id = number(threads[i].native_id);
        TRY(list_append_owned(t_, list, make(kAwaited, {&id, &lists[i]})));
    }
    return list;
}

// --- RemoteUnwinder ---

template <Ref (Look::*what)()>
Ref look(Thread& t, Value self) {
    Unwinder& u = *as_unwinder(self);
    if (!u.process) return raise(t, PyExc_RuntimeError, "the unwinder is not attached to a process");
    Look look(t, u);
    TRY(look.begin());
    return (look.*what)();
}
const NativeDef methods[] = {
    def<look<&Look::all_tasks>>("get_all_awaited_by", "()", "What every task of the process waits for."),
    def<look<&Look::running_tasks>>("get_async_stack_trace", "()",
                                    "The stack of the task that runs, and of those that wait for it."),
    def<look<&Look::threads>>("get_stack_trace", "()", "The stacks of the process's threads."),
    {}};

Status unwinder_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Value p[4];
    Ref keep;
    TRY(bind_args(t, "RemoteUnwinder", "(pid, *, all_threads=False, only_active_thread=False, debug=False)",
                  args, nargs, kwnames, p, keep));
    int pid;
    TRY(parse_args(t, "i", &p[0], 1, &pid));
    bool flags[3] = {};
    for (int i = 1; i < 4; i++)
        if (p[i]) flags[i - 1] = TRY(is_true(t, p[i]));
    if (flags[0] && flags[1])
        return raise(t, PyExc_ValueError, "all_threads and only_active_thread cannot both be True");
    Process process;
    if (!Process::attach(t, pid, process)) {
        if (!flags[2] || !error_is(t, PyExc_RuntimeError)) return {};
        return raise_from_cause(t, PyExc_RuntimeError, "Failed to get Python runtime address");
    }
    Unwinder& u = *as_unwinder(self);
    for (int i = 0; i < kStructures; i++) {
        Ref type = TRY(import_attr(t, "_remote_debugging", short_name(structures[i])));
        set_field(u.types[i], type);
    }
    delete u.process;
    u.process = new (std::nothrow) Process(process);
    if (!u.process) return raise_no_memory(t);
    u.all_threads = flags[0];
    u.only_active_thread = flags[1];
    return Status::ok();
}
void unwinder_dealloc(Thread& t, PyObject* o) {
    auto* u = reinterpret_cast<Unwinder*>(o);
    delete u->process;
    for (Value type : u->types) xdecref(type);
    free_object(t, o);
}

Status exec(Thread& t, Value module) {
    static const TypeDecl decl{.name = "_remote_debugging.RemoteUnwinder",
                               .basicsize = sizeof(Unwinder),
                               .flags = kTpDefault,
                               .slots = {.dealloc = unwinder_dealloc, .init = unwinder_init},
                               .spec = {.methods = methods, .doc = "Reads the stacks of another process."}};
    TRY(module_add(t, module, "RemoteUnwinder", new_native_heap_type(t, module, decl, {})));
    for (const StructSeqDesc& d : structures)
        TRY(module_add(t, module, short_name(d), structseq_type_new(t, d)));
    return module_add(t, module, "PROCESS_VM_READV_SUPPORTED", Ref::from_int(1));
}

}  // namespace
}  // namespace krait::remote

namespace krait {
extern const ModuleSpec module__remote_debugging;
const ModuleSpec module__remote_debugging{
    .name = "_remote_debugging", .doc = nullptr, .functions = nullptr, .exec = remote::exec};
}  // namespace krait
