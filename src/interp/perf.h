// Frames that the profiler perf can tell apart (sys.activate_stack_trampoline, -X perf): each function of
// Python is run through a piece of machine code of its own, whose address a file gives a name.
#pragma once

#include "interp/frame.h"

namespace krait {

enum class PerfBackend { None, Map, JitDump };  // a map of addresses, or with the code and how to unwind it

PerfBackend perf_backend();
// False: errno tells why not. What runs already goes on as it is.
bool perf_activate(PerfBackend backend);
void perf_deactivate();
void perf_after_fork();  // in the child, which is another process to perf: it has to name its functions
                         // itself
void perf_persist_after_fork(bool on);  // the child begins with the parent's map

// This bit of PyThreadState::eval_breaker takes every RESUME aside while a backend is active.
inline constexpr uint64_t kPerfTrampolines = 128;
inline bool perf_is_active(const Thread& t) { return t.c.eval_breaker & kPerfTrampolines; }
// Goes on with `f` at `ip` in a run of its own, below the machine code of its function; owned, empty on
// exceptions.
Value perf_run(Thread& t, Frame* f, uint16_t* ip);
// Makes the machine code of a function that was not run yet. False: there is no memory, or no file.
bool perf_prepare(PyCodeObject* co);

// The map, for C: lines "address size name" in /tmp/perf-PID.map. False: errno.
bool perf_map_open();
void perf_map_close();
bool perf_map_write(const void* code, unsigned size, const char* name);
bool perf_map_copy(const char* parent);

}  // namespace krait
