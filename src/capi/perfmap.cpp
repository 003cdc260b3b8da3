// What few ask for: maps for the profiler perf, allocators of arenas, questions about weak references, sizes
// of the stack.
#include <climits>
#include <cstdlib>

#include "builtins/callable.h"
#include "builtins/number.h"
#include "bytecode/opcodes.h"
#include "capi/capi.h"
#include "interp/perf.h"
#include "object/instance.h"
#include "object/internal.h"

using namespace krait;

// --- perf maps ---

CAPI int PyUnstable_PerfMapState_Init() { return perf_map_open() ? 0 : -1; }
CAPI int PyUnstable_WritePerfMapEntry(const void* code, unsigned size, const char* name) {
    return perf_map_write(code, size, name) ? 0 : -1;
}
CAPI void PyUnstable_PerfMapState_Fini() { perf_map_close(); }
CAPI int PyUnstable_CopyPerfMapFile(const char* parent) { return perf_map_copy(parent) ? 0 : -1; }
CAPI int PyUnstable_PerfTrampoline_CompileCode(PyCodeObject* co) { return perf_prepare(co) ? 0 : -1; }
CAPI int PyUnstable_PerfTrampoline_SetPersistAfterFork(int on) {
    perf_persist_after_fork(on);
    return on;
}

// --- memory ---

namespace {
// PyObjectArenaAllocator. Krait's blocks come from elsewhere; what is set here is kept for who asks.
struct ArenaAllocator {
    void* ctx;
    void* (*alloc)(void*, size_t);
    void (*free)(void*, void*, size_t);
};
ArenaAllocator g_arenas = {nullptr, [](void*, size_t n) { return malloc(n); },
                           [](void*, void* p, size_t) { free(p); }};
}  // namespace
CAPI void PyObject_GetArenaAllocator(ArenaAllocator* a) { *a = g_arenas; }
CAPI void PyObject_SetArenaAllocator(const ArenaAllocator* a) { g_arenas = *a; }
// Checks of blocks are compiled into the builds with checks; a release has none to install.
CAPI void PyMem_SetupDebugHooks() {}

CAPI int PyType_SUPPORTS_WEAKREFS(PyTypeObject* type) { return type->tp_weaklistoffset != 0; }
CAPI PyObject** PyObject_GET_WEAKREFS_LISTPTR(PyObject* o) { return weaklist_slot(o); }

// --- the rest ---

// There is no table of C for frozen modules, so no frozen program either.
CAPI int Py_FrozenMain(int, char**) {
    fputs("Py_FrozenMain: no frozen __main__\n", stderr);
    return 1;
}
CAPI const char* Py_GETENV(const char* name) {
    Value flags = sys_get(here(), "flags");
    Ref ignore = flags ? get_attr(here(), flags, "ignore_environment") : Ref();
    if (!ignore) {
        clear_error(here());
        return getenv(name);
    }
    return ignore.get() == Value::from_int(0) ? getenv(name) : nullptr;
}
CAPI int PyCompile_OpcodeStackEffectWithJump(int op, int arg, int jump) {
    if (op < 0 || op >= static_cast<int>(kAnyOpCount) || !(kOpTable[op].flags & opflag::kDefined) ||
        kOpTable[op].flags & opflag::kSpecialized)
        return INT_MAX;
    int without = stack_effect(static_cast<Op>(op), arg, false),
        with = stack_effect(static_cast<Op>(op), arg, true);
    return jump == 0 ? without : jump == 1 ? with : without > with ? without : with;
}
CAPI int PyCompile_OpcodeStackEffect(int op, int arg) {
    return PyCompile_OpcodeStackEffectWithJump(op, arg, -1);
}
// The compiler has done it already.
CAPI PyObject* PyCode_Optimize(PyObject* code, PyObject*, PyObject*, PyObject*) { return new_ref(code); }
CAPI int PySignal_SetWakeupFd(int fd) {
    Thread& t = here();
    Ref set = import_attr(t, "_signal", "set_wakeup_fd");
    Ref old = set ? call(t, set, {Value::from_int(fd)}) : Ref();
    int64_t n;
    return old && int_to_i64(old, &n) ? static_cast<int>(n) : -1;
}
extern "C" {
#pragma GCC visibility push(default)
// By kind of frame: none, a function of Python, a builtin function, a method descriptor.
extern const PyTypeObject* const PyUnstable_ExecutableKinds[6];
const PyTypeObject* const PyUnstable_ExecutableKinds[6] = {&_PyNone_Type,       &PyCode_Type, &PyMethod_Type,
                                                           &PyMethodDescr_Type, nullptr,      nullptr};
#pragma GCC visibility pop
}
