// Runtime, Interpreter and Thread: all mutable state of the process hangs off these three.
#pragma once

#include "object/type.h"

namespace krait {

struct GcState;      // gc/gc.h
struct ImportState;  // runtime/import.h
struct InternTable;  // builtins/str.h
struct Interpreter;
struct Runtime;
struct GilState;
struct CodeHooks;
struct CHooks;    // object/boundary.h
struct Watchers;  // object/watchers.h

// Reasons to leave the straight path, in the low byte of PyThreadState::eval_breaker (CPython's numbers; the
// bits above are the instrumentation version).
enum EvalBreaker : uint64_t {
    kGilDropRequest = 1,
    kSignalsPending = 2,
    kCallsToDo = 4,
    kAsyncException = 8,
    kGcScheduled = 16,
    kPleaseStop = 32,
};
inline void set_breaker(Thread& t, uint64_t bit);
inline void clear_breaker(Thread& t, uint64_t bit);

inline constexpr unsigned kSpareBoxes = 4;

// One per operating-system thread that runs Python code.
struct Thread {
    PyThreadState c{};  // stays first: C extensions hold a Thread* as PyThreadState*

    Interpreter* interp = nullptr;
    int c_depth = 0;                // nesting of C++ calls that may recurse; see enter_recursive
    char* c_stack_limit = nullptr;  // address below which the C++ stack must not grow
    char* c_stack_end = nullptr;    // how far a StackExtension may move the limit
    int dealloc_depth = 0;          // nesting of dealloc(); beyond a bound objects queue in delete_later
    PyObject** delete_later = nullptr;
    size_t delete_later_size = 0, delete_later_capacity = 0;
    void* repr_stack = nullptr;                // objects whose repr is in progress (protocol.cpp)
    GcState* gc = nullptr;                     // the interpreter's under the GIL
    Value context;                             // current contextvars Context, empty until used; owned
    Value asyncio_loop, asyncio_task;          // what runs here, empty: nothing; owned
    PyObject* spare_ints[kSpareBoxes] = {};    // for arguments of C functions; null: none (boundary.h)
    PyObject* spare_floats[kSpareBoxes] = {};  // likewise

    bool has_exception() const { return c.current_exception != nullptr; }
};
inline void set_breaker(Thread& t, uint64_t bit) {
    __atomic_fetch_or(&t.c.eval_breaker, bit, __ATOMIC_RELAXED);
}
inline void clear_breaker(Thread& t, uint64_t bit) {
    __atomic_fetch_and(&t.c.eval_breaker, ~bit, __ATOMIC_RELAXED);
}

// Per (sub-)interpreter.
struct Interpreter {
    Runtime* runtime = nullptr;
    Interpreter* next = nullptr;
    Thread* threads = nullptr;
    int64_t id = 0;
    Value modules, sys_module, sys_dict, builtins_module, builtins_dict;  // owned
    Value importlib, import_func;                                         // owned
    Value codec_search_path, codec_search_cache, codec_error_registry;    // owned
    GcState* gc = nullptr;
    ImportState* import = nullptr;
    int recursion_limit = 1000;
    int int_max_str_digits = 4300;
    bool finalizing = false;
    bool character_names_ready = false;  // unicodedata, which has them, was there once
    uint32_t next_func_version = 1;
    uint32_t next_type_version = 1;
    uint32_t next_dict_version = 1;
    void* monitoring = nullptr;                                               // sys.monitoring state (interp)
    Value warnings_filters, warnings_once_registry, warnings_default_action;  // owned
    int64_t warnings_filters_version = 0;
    Value audit_hooks;  // owned list or empty
    void* module_states = nullptr;
    void* atexit = nullptr;
    void* attr_cache = nullptr;  // interp/attr_cache.h
    Watchers* watchers = nullptr;
};

// The process. `config` mirrors PyConfig's fields that sys.flags and start-up need (runtime/config.h).
struct Config;
struct Runtime {
    Interpreter* interpreters = nullptr;
    Interpreter* main = nullptr;
    Thread* main_thread = nullptr;
    GilState* gil = nullptr;
    Config* config = nullptr;
    InternTable* interned = nullptr;
    const CodeHooks* hooks = nullptr;              // the compiler, registered at start-up
    const CHooks* c_hooks = nullptr;               // extension modules, likewise
    int64_t last_module_index = 0;                 // of PyModuleDef, in the order of their first use
    void (*sync_c_type)(PyTypeObject*) = nullptr;  // set while C-visible slots are kept: see src/capi/slots.h
    uint64_t hash_secret[4] = {};
    bool initialized = false;
    // Of C: told of every object that is made (0) and that goes (1).
    int (*ref_tracer)(PyObject* o, int event, void* data) = nullptr;
    void* ref_tracer_data = nullptr;
    Status (*run_signal_handlers)(Thread&) = nullptr;  // set by the module that installs handlers
};
extern Runtime g_runtime;

// TLS look-up: for the C API's edge and for destructors only. Everything else is handed its Thread.
extern constinit thread_local Thread* t_current;
inline Thread& current_thread() { return *t_current; }

// The stack pointer itself is looked at: asking for the frame's address would make every user keep a frame
// pointer.
inline bool stack_is_low(Thread& t) {
    bool low;
    asm("cmpq %1, %%rsp" : "=@ccb"(low) : "m"(t.c_stack_limit));
    return __builtin_expect(low, false);
}

// Guards every C++ function that can recurse through Python-visible structure (repr, compare, calls, marshal,
// ...):
//     RecursionGuard guard(t, " while getting the repr of an object"); if (!guard) return {};
// Fails with RecursionError "maximum recursion depth exceeded<where>" when the C++ stack nears its end.
class RecursionGuard {
  public:
    RecursionGuard(Thread& t, const char* where) : ok_(enter(t, where)) {}
    RecursionGuard(const RecursionGuard&) = delete;
    explicit operator bool() const { return ok_; }

  private:
    static bool enter(Thread& t, const char* where) { return stack_is_low(t) ? overflow(t, where) : true; }
    friend class StackExtension;
    static bool overflow(Thread& t, const char* where);  // errors.cpp
    bool ok_;
};

// Recursion through data alone (comparing, hashing, tuples of classes) may go on below the limit, where the
// thread has a wide stack (support/wide-stack.h), and so may whatever it calls there:
//     if (stack_is_low(t)) return with_more_stack<compare>(t, " in comparison", a, b, op);
class StackExtension {
  public:
    // Of what there is more, `share` is the part that may be used.
    StackExtension(Thread& t, const char* where, int share)
        : t_(t), limit_(t.c_stack_limit), end_(t.c_stack_end) {
        ok_ = end_ < limit_ || RecursionGuard::overflow(t, where);
        t.c_stack_limit = t.c_stack_end = limit_ - (limit_ - end_) / share;
    }
    StackExtension(const StackExtension&) = delete;
    ~StackExtension() {
        t_.c_stack_limit = limit_;
        t_.c_stack_end = end_;
    }
    explicit operator bool() const { return ok_; }

  private:
    Thread& t_;
    char *limit_, *end_;
    bool ok_;
};
template <auto fn, int share = 1, class... Args>
[[gnu::noinline]] auto with_more_stack(Thread& t, const char* where, Args... args)
    -> decltype(fn(t, args...)) {
    StackExtension more(t, where, share);
    if (!more) return {};
    return fn(t, args...);
}
// For what takes less of it than comparisons do: repr(), pickling and the like end where CPython's stack
// ends, not at twice that depth.
constexpr int kSomeMoreStack = 4;

// Blocking calls release the GIL around the wait:  { AllowThreads allow(t); n = read(...); }
class AllowThreads {
  public:
    explicit AllowThreads(Thread& t);
    ~AllowThreads();
    AllowThreads(const AllowThreads&) = delete;

  private:
    Thread& t_;
};

// Runs pending signal handlers (main thread), async exceptions, scheduled gc and GIL requests; failure: an
// exception was raised.
Status handle_pending(Thread& t);

}  // namespace krait
