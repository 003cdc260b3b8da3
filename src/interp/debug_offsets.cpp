#include "interp/debug_offsets.h"

#include "interp/frame.h"
#include "interp/generator.h"
#include "interp/internal.h"
#include "runtime/config.h"
#include "runtime/init.h"
#include "runtime/interpreters.h"
#include "runtime/version.h"

namespace krait {

static_assert(sizeof(RemoteDebugger) <= sizeof(PyThreadState::remote_debugger_support));

[[gnu::section(".PyRuntime"), gnu::used]] constinit DebugTables g_debug_tables{
    {
        {'x', 'd', 'e', 'b', 'u', 'g', 'p', 'y'},
        version::kHex,
        0,
#define OFFSET(name, value) value,
#include "interp/debug_offsets.def"
    },
    {.cookie = {'k', 'r', 'a', 'i', 't', '3', '1', '4'},
     .thread_loop = offsetof(Thread, asyncio_loop),
     .thread_task = offsetof(Thread, asyncio_task)}};

int line_in_table(Value linetable, int first_line, int unit) {
    CodeLines lines(linetable, first_line);
    LocationEntry e;
    while (lines.next(e))
        if (unit < e.start + e.units) return e.pos.line;
    return -1;
}

void publish_debug_offsets() {
    DebugOffsets& o = g_debug_tables.offsets;
    InterpreterRecord& main = record(*g_runtime.main);
    main.main_thread = g_runtime.main_thread;
    main.remote_debug = g_runtime.config->remote_debug;
    auto from = [](const void* base, const void* field) {
        return reinterpret_cast<uintptr_t>(field) - reinterpret_cast<uintptr_t>(base);
    };
    o.runtime_interpreters_head = from(&g_debug_tables, &g_runtime.interpreters);
    o.interpreter_threads_main = from(&main, &main.main_thread);
    o.interpreter_gil_holder = from(&main, gil_holder_address());
    o.interpreter_remote_debug_enabled = from(&main, &main.remote_debug);
}

}  // namespace krait
