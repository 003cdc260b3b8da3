#include "interp/perf.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <vector>

#include "builtins/bytes.h"
#include "builtins/codec.h"
#include "interp/eval.h"
#include "interp/perf_jit.h"
#include "runtime/init.h"

namespace krait {
namespace {

// endbr64; push %rbp; mov %rsp, %rbp; call *%rcx; pop %rbp; ret: perf_jit.cpp tells how it is unwound.
constexpr unsigned char kStub[16] = {0xf3, 0x0f, 0x1e, 0xfa, 0x55, 0x48, 0x89, 0xe5,
                                     0xff, 0xd1, 0x5d, 0xc3, 0xcc, 0xcc, 0xcc, 0xcc};
using Continue = Value (*)(Thread*, Frame*, uint16_t*);
using Stub = Value (*)(Thread*, Frame*, uint16_t*, Continue);

constexpr size_t kArenaSize = size_t{64} << 10;
struct Arena {
    char *begin, *free;
    char* end() const { return begin + kArenaSize; }
};
// Under the GIL. Stubs are never freed: perf goes by their addresses.
struct State {
    PerfBackend backend = PerfBackend::None;
    bool persists = false;
    std::vector<Arena> arenas;  // of this process: what a fork left is not named here
};
State& state() {
    static auto* s = new State;  // never destroyed: threads may run until the process ends
    return *s;
}

bool add_arena(State& s) {
    void* p = mmap(nullptr, kArenaSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) return false;
    auto* begin = static_cast<char*>(p);
    for (size_t at = 0; at < kArenaSize; at += sizeof kStub) memcpy(begin + at, kStub, sizeof kStub);
    if (mprotect(p, kArenaSize, PROT_READ | PROT_EXEC) != 0) {
        munmap(p, kArenaSize);
        return false;
    }
    s.arenas.push_back({begin, begin});
    return true;
}

bool is_named(const State& s, const void* stub) {
    for (const Arena& a : s.arenas)
        if (stub >= a.begin && stub < a.free) return true;
    return false;
}

// What UTF-8 cannot hold is escaped.
std::string shown(Thread& t, Value text) {
    SavedError saved(t);
    Ref bytes = encode(t, text, "utf-8", "backslashreplace");
    if (bytes) return std::string(bytes_view(bytes));
    clear_error(t);
    return "?";
}

// The machine code of a function; null: it is run without.
void* stub_of(Thread& t, PyCodeObject* co) {
    State& s = state();
    if (co->co_executors && is_named(s, co->co_executors)) return co->co_executors;
    if ((s.arenas.empty() || s.arenas.back().free == s.arenas.back().end()) && !add_arena(s)) return nullptr;
    char* stub = s.arenas.back().free;
    std::string name = "py::" + shown(t, co->co_qualname) + ":" + shown(t, co->co_filename);
    bool good = s.backend == PerfBackend::JitDump ? jit_dump_write(stub, sizeof kStub, name.c_str())
                                                  : perf_map_write(stub, sizeof kStub, name.c_str());
    if (!good) return nullptr;
    s.arenas.back().free += sizeof kStub;
    return co->co_executors = stub;
}

Value go_on(Thread* t, Frame* f, uint16_t* ip) { return run_frame_at(*t, f, ip).release(); }

}  // namespace

PerfBackend perf_backend() { return state().backend; }

bool perf_activate(PerfBackend backend) {
    State& s = state();
    if (s.backend != backend) {
        perf_deactivate();
        s.arenas.clear();  // named elsewhere
    }
    if (backend == PerfBackend::JitDump ? !jit_dump_open() : !perf_map_open()) return false;
    s.backend = backend;
    threads_keep_breaker(kPerfTrampolines, true);
    return true;
}

void perf_deactivate() {
    State& s = state();
    threads_keep_breaker(kPerfTrampolines, false);
    if (s.backend == PerfBackend::Map) perf_map_close();
    if (s.backend == PerfBackend::JitDump) jit_dump_close();
    s.backend = PerfBackend::None;
}

void perf_persist_after_fork(bool on) { state().persists = on; }

void perf_after_fork() {
    State& s = state();
    if (s.backend == PerfBackend::None) return;
    if (s.persists && s.backend == PerfBackend::Map) {
        char parent[64];
        snprintf(parent, sizeof parent, "/tmp/perf-%d.map", static_cast<int>(getppid()));
        if (perf_map_copy(parent)) return;
    }
    s.arenas.clear();
    if (s.backend == PerfBackend::JitDump) {
        jit_dump_forget();
        if (!jit_dump_open()) perf_deactivate();
    } else if (!perf_map_open()) {
        perf_deactivate();
    }
}

bool perf_prepare(PyCodeObject* co) {
    return state().backend == PerfBackend::None || stub_of(current_thread(), co);
}

// UBSan looks for a function's type before its first byte, where the stubs' pages begin.
__attribute__((no_sanitize("function"))) Value perf_run(Thread& t, Frame* f, uint16_t* ip) {
    void* stub = stub_of(t, f->co());
    if (!stub) return go_on(&t, f, ip);
    return reinterpret_cast<Stub>(stub)(&t, f, ip, go_on);
}

}  // namespace krait
