// The module _remote_debugging: reading the stacks of another process's interpreter. CPython finds them
// through a section of its program, PyRuntime, and reads its own structures there. A process of Krait has no
// such section, and those of CPython's are not known here: no process can be looked into, which is reported
// as CPython reports it of programs that are no Python. The types are there for `asyncio` as a program, which
// imports them, and for what is raised.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "builtins/callable.h"
#include "modules/args.h"
#include "object/errors.h"
#include "object/protocol.h"

namespace krait {
namespace {

struct Unwinder {
    PyObject ob_base;
};

Status unwinder_init(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
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
        return raise(t, PyExc_ValueError, "all_threads and only_active_thread are mutually exclusive");
    std::string maps = "/proc/" + std::to_string(pid) + "/maps";
    int fd = open(maps.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0 && (errno == EACCES || errno == EPERM)) return raise_errno(t, errno);
    if (fd >= 0) close(fd);
    return raise(t, PyExc_RuntimeError,
                 "Failed to find the PyRuntime section in process %d on Linux platform", pid);
}
// Only an instance whose __init__ failed, or never ran, can come here.
Ref not_attached(Thread& t, Value) {
    return raise(t, PyExc_RuntimeError, "the unwinder is not attached to a process");
}
const NativeDef methods[] = {
    def<not_attached>("get_all_awaited_by", "()", "What every task of the process waits for."),
    def<not_attached>("get_async_stack_trace", "()", "The stack of the task that runs, over what it awaits."),
    def<not_attached>("get_stack_trace", "()", "The stacks of the process's threads."),
    {}};

const StructSeqField frame_fields[] = {
    {"filename", "source file"}, {"lineno", "line"}, {"funcname", "function"}};
const StructSeqField coro_fields[] = {{"call_stack", "frames"}, {"task_name", "name of the task"}};
const StructSeqField task_fields[] = {{"task_id", "address of the task"},
                                      {"task_name", "its name"},
                                      {"coroutine_stack", "its coroutines"},
                                      {"awaited_by", "the tasks that wait for it"}};
const StructSeqField thread_fields[] = {{"thread_id", "of the system"}, {"frame_info", "frames"}};
const StructSeqField awaited_fields[] = {{"thread_id", "of the system"}, {"awaited_by", "tasks"}};
const StructSeqDesc structures[] = {
    {"_remote_debugging.FrameInfo", "A frame.", frame_fields, 3, 3},
    {"_remote_debugging.CoroInfo", "A coroutine.", coro_fields, 2, 2},
    {"_remote_debugging.TaskInfo", "A task of asyncio.", task_fields, 4, 4},
    {"_remote_debugging.ThreadInfo", "A thread.", thread_fields, 2, 2},
    {"_remote_debugging.AwaitedInfo", "What a thread waits for.", awaited_fields, 2, 2},
};

Status exec(Thread& t, Value module) {
    static const TypeDecl decl{.name = "_remote_debugging.RemoteUnwinder",
                               .basicsize = sizeof(Unwinder),
                               .flags = kTpDefault,
                               .slots = {.dealloc = free_object, .init = unwinder_init},
                               .spec = {.methods = methods, .doc = "Reads the stacks of another process."}};
    TRY(module_add(t, module, "RemoteUnwinder", new_native_heap_type(t, module, decl, {})));
    for (const StructSeqDesc& d : structures)
        TRY(module_add(t, module, strrchr(d.name, '.') + 1, structseq_type_new(t, d)));
    return module_add(t, module, "PROCESS_VM_READV_SUPPORTED", Ref::from_int(1));
}

}  // namespace

extern const ModuleSpec module__remote_debugging;
const ModuleSpec module__remote_debugging{
    .name = "_remote_debugging", .doc = nullptr, .functions = nullptr, .exec = exec};

}  // namespace krait
