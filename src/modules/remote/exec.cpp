#include "modules/remote/exec.h"

#include <unistd.h>

#include <cerrno>
#include <string_view>

#include "builtins/bytes.h"
#include "builtins/number.h"
#include "modules/remote/process.h"
#include "object/protocol.h"
#include "runtime/config.h"

namespace krait::remote {
namespace {

Status check_script(Thread& t, const char* path) {
    if (access(path, F_OK | R_OK) == 0) return Status::ok();
    if (errno == ENOENT) return raise(t, PyExc_FileNotFoundError, "Script file does not exist");
    if (errno == EACCES) return raise(t, PyExc_PermissionError, "Script file cannot be read");
    return raise_errno(t, errno);
}

// The main interpreter, whichever began last.
Result<uint64_t> main_interpreter(Thread& t, const Process& process) {
    uint64_t at = TRY(process.interpreters(t));
    while (at && TRY(process.get<int64_t>(t, at + process.offsets().interpreter_id)) != 0)
        at = TRY(process.get<uint64_t>(t, at + process.offsets().interpreter_next));
    if (!at) return raise(t, PyExc_RuntimeError, "Can't find a running interpreter in the remote process");
    return at;
}

// The script's name goes first, then that there is one, then what makes the thread look.
Status ask(Thread& t, const Process& process, std::string_view path) {
    const DebugOffsets& o = process.offsets();
    uint64_t interpreter = TRY(main_interpreter(t, process));
    if (!TRY(process.get<int>(t, interpreter + o.interpreter_remote_debug_enabled)))
        return raise(t, PyExc_RuntimeError, "Remote debugging is not enabled in the remote process");
    uint64_t thread = TRY(process.get<uint64_t>(t, interpreter + o.interpreter_threads_main));
    if (!thread) return raise(t, PyExc_RuntimeError, "No thread state found in the remote process");
    uint64_t support = thread + o.thread_remote_debugger;
    int pending = 1;
    TRY(process.write(t, support + o.remote_debugger_path, path.data(), path.size() + 1));
    TRY(process.write(t, support + o.remote_debugger_pending, &pending, sizeof pending));
    uint64_t breaker = TRY(process.get<uint64_t>(t, thread + o.thread_eval_breaker));
    breaker |= kPleaseStop;
    return process.write(t, thread + o.thread_eval_breaker, &breaker, sizeof breaker);
}

Status check_version(Thread& t, const DebugOffsets& o) {
    if (o.free_threaded)
        return raise(t, PyExc_RuntimeError,
                     "Cannot attach from a non-free-threaded process to a process running on a free-threaded "
                     "version");
    constexpr auto minor = [](uint64_t hex) { return hex >> 16; };
    if (minor(o.version) != minor(g_debug_tables.offsets.version))
        return raise(t, PyExc_RuntimeError,
                     "Can't attach to a process running Python %d.%d from one running Python %d.%d",
                     static_cast<int>(o.version >> 24 & 255), static_cast<int>(o.version >> 16 & 255),
                     static_cast<int>(g_debug_tables.offsets.version >> 24),
                     static_cast<int>(g_debug_tables.offsets.version >> 16 & 255));
    return Status::ok();
}

}  // namespace

Ref is_enabled(Thread&, Value) { return bool_ref(g_runtime.config->remote_debug); }

Ref exec_script(Thread& t, Value, const Value* p) {
    int pid = TRY(as_int32(t, p[0]));
    Ref encoded = TRY(fs_encode(t, p[1]));
    TRY(audit(t, "sys.remote_exec", {p[0], p[1]}));
    std::string_view path = bytes_view(encoded);
    TRY(check_script(t, path.data()));
    if (!g_runtime.config->remote_debug)
        return raise(t, PyExc_RuntimeError, "Remote debugging is not enabled");
    Process process;
    if (!Process::attach(t, pid, process)) {
        if (!error_is(t, PyExc_RuntimeError)) return {};
        return raise_from_cause(t, PyExc_RuntimeError,
                                "PyRuntime address lookup failed during debug offsets initialization");
    }
    TRY(check_version(t, process.offsets()));
    if (path.size() >= process.offsets().remote_debugger_path_size)
        return raise(t, PyExc_ValueError, "Debugger script path is too long");
    TRY(ask(t, process, path));
    return none_ref();
}

}  // namespace krait::remote
