// What few ask for: maps for the profiler perf, allocators of arenas, questions about weak references, sizes
// of the stack.
#include <unistd.h>

#include <climits>
#include <cstdlib>
#include <mutex>

#include "builtins/callable.h"
#include "builtins/number.h"
#include "bytecode/opcodes.h"
#include "capi/capi.h"
#include "object/instance.h"
#include "object/internal.h"

using namespace krait;

// --- perf maps: lines "address size name" in /tmp/perf-PID.map ---

namespace {
struct PerfMap {
    std::mutex mutex;
    FILE* file = nullptr;
};
PerfMap& perf_map() {
    static auto* map = new PerfMap;
    return *map;
}
}  // namespace
CAPI int PyUnstable_PerfMapState_Init() {
    PerfMap& map = perf_map();
    std::lock_guard lock(map.mutex);
    if (map.file) return 0;
    char path[64];
    snprintf(path, sizeof path, "/tmp/perf-%d.map", static_cast<int>(getpid()));
    map.file = fopen(path, "ae");
    return map.file ? 0 : -1;
}
CAPI int PyUnstable_WritePerfMapEntry(const void* code, unsigned size, const char* name) {
    PerfMap& map = perf_map();
    if (!map.file && PyUnstable_PerfMapState_Init() != 0) return -1;
    std::lock_guard lock(map.mutex);
    fprintf(map.file, "%lx %x %s\n", reinterpret_cast<unsigned long>(code), size, name);
    fflush(map.file);
    return 0;
}
CAPI void PyUnstable_PerfMapState_Fini() {
    PerfMap& map = perf_map();
    std::lock_guard lock(map.mutex);
    if (map.file) fclose(map.file);
    map.file = nullptr;
}
CAPI int PyUnstable_CopyPerfMapFile(const char* parent) {
    PerfMap& map = perf_map();
    if (!map.file && PyUnstable_PerfMapState_Init() != 0) return -1;
    FILE* from = fopen(parent, "re");
    if (!from) return -1;
    std::lock_guard lock(map.mutex);
    char buffer[4096];
    bool good = true;
    while (size_t n = fread(buffer, 1, sizeof buffer, from))
        good = good && fwrite(buffer, 1, n, map.file) == n;
    fclose(from);
    fflush(map.file);
    return good ? 0 : -1;
}
// There are no trampolines: frames of Python are not frames of C.
CAPI int PyUnstable_PerfTrampoline_CompileCode(PyCodeObject*) { return 0; }
CAPI int PyUnstable_PerfTrampoline_SetPersistAfterFork(int) { return 0; }

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
