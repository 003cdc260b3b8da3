// What a process tells debuggers about its structures, as CPython 3.14 does: a table in the section
// .PyRuntime of the program, which another process finds in the file and reads from memory. Its own remote
// debugging (modules/remote) goes by the table of the process that is looked into.
#pragma once

#include "object/thread.h"

namespace krait {

// What PyThreadState::remote_debugger_support holds: a script that another process asks to be run.
struct RemoteDebugger {
    int pending;  // 1: there is one
    char path[512];
};
inline RemoteDebugger& remote_debugger(Thread& t) {
    return *reinterpret_cast<RemoteDebugger*>(t.c.remote_debugger_support);
}

inline constexpr char kDebugSection[] = ".PyRuntime";
inline constexpr char kDebugCookie[] = "xdebugpy";  // 8 bytes, and the NUL that is not written
struct DebugOffsets {
    char cookie[8];
    uint64_t version, free_threaded;
#define OFFSET(name, value) uint64_t name;
#include "interp/debug_offsets.def"
};
static_assert(sizeof(DebugOffsets) == 8 * 95);

// Where the tasks of asyncio are: Krait's own, behind the table.
inline constexpr char kTaskCookie[] = "krait314";
struct TaskOffsets {
    char cookie[8];
    uint64_t thread_loop, thread_task;  // in the thread: what runs
    uint64_t state;       // address of a pointer to what the module keeps, 0: asyncio is not there
    uint64_t ring, type;  // in that: the head of the ring of tasks, their type
    uint64_t next, name, coro, loop, awaited_by, awaited_by_is_set;  // in the task
};

struct DebugTables {
    DebugOffsets offsets;
    TaskOffsets tasks;
};
extern DebugTables g_debug_tables;

// The line of a code unit by a table of lines, bytes. -1: none.
int line_in_table(Value linetable, int first_line, int unit);

// At start-up, once the main interpreter and its configuration are there.
void publish_debug_offsets();

}  // namespace krait
