// Sub-interpreters: making, switching to and ending them. All interpreters share the GIL, whatever their
// configuration asks for: one runs at a time, and each sees its own modules, classes, caches and
// globals of native modules (object/per_interpreter.h).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "object/per_interpreter.h"
#include "object/thread.h"
#include "runtime/pending_calls.h"

namespace krait {

// The fields of PyInterpreterConfig, in its order.
struct InterpreterConfig {
    int use_main_obmalloc = 0, allow_fork = 0, allow_exec = 0, allow_threads = 0, allow_daemon_threads = 0,
        check_multi_interp_extensions = 0;
    int gil = 0;  // 0: default, 1: shared, 2: own
};
inline constexpr InterpreterConfig kIsolatedConfig{0, 0, 0, 1, 0, 1, 2};
inline constexpr InterpreterConfig kLegacyConfig{1, 1, 1, 1, 1, 0, 1};
inline constexpr InterpreterConfig kMainConfig{1, 1, 1, 1, 1, 0, 2};

// Who made an interpreter, as _interpreters numbers them.
enum class Whence : int { Unknown, Runtime, LegacyCapi, Capi, Xi, Stdlib };

// What every Interpreter is made as: the part that the hot paths do not read.
struct InterpreterRecord : Interpreter {
    InterpreterConfig config = kMainConfig;
    Whence whence = Whence::Unknown;
    bool ready = false;
    bool ended = false;         // threads that come back find nothing to run in
    int64_t id_references = 0;  // of objects that stand for it
    bool ends_with_references = false;
    Thread* running_main = nullptr;                          // the thread that runs code in __main__
    Value dict;                                              // PyInterpreterState_GetDict; owned
    std::vector<std::pair<void (*)(void*), void*>> at_exit;  // of C, called last
    // What modules keep for the interpreter, and its objects may look at until they are gone.
    std::vector<std::pair<void (*)(void*), void*>> freed_last;
    PendingCalls pending_calls;
    int multi_check_override = 0;   // _imp._override_multi_interp_extensions_check
    Thread* main_thread = nullptr;  // for debuggers, as is the next: interp/debug_offsets.h
    int remote_debug = 0;
    char* globals = nullptr;  // contents of the sections while another interpreter runs
};
inline InterpreterRecord& record(Interpreter& in) { return static_cast<InterpreterRecord&>(in); }

// At the start of the process, before anything has changed a global.
InterpreterRecord* main_interpreter_new();
// Exchanges the globals: those in the sections are `from`'s. The caller holds the GIL.
void interpreter_globals_switch(Interpreter& from, Interpreter& to);
void interpreter_globals_load(Interpreter& to);  // those that are there are of no use any more

// The interpreter with that number, null if there is none (or no more).
InterpreterRecord* interpreter_find(int64_t id);
int64_t interpreter_next_id();  // the number that the next one gets

// Calls free(memory) when an interpreter other than the main one has ended and its objects are gone.
void interpreter_frees(Interpreter& in, void (*free)(void*), void* memory);

// Makes an interpreter with its library and __main__. The new thread state is current afterwards, `t` is not.
// Null, with the reason in `error` and `t` current, when that fails.
Thread* interpreter_new(Thread& t, const InterpreterConfig& config, Whence whence, std::string* error);
// One without a library, in which nothing can run, and its end. Null: out of memory.
InterpreterRecord* interpreter_new_bare();
void interpreter_delete_bare(InterpreterRecord& in);
// May extension modules that do not say that they can be there several times be loaded?
bool interpreter_checks_extensions(Interpreter& in);
void interpreter_run_at_exit(Interpreter& in);
// Ends the interpreter of `t`, which is current: its threads, callbacks, modules and objects. No thread is
// current afterwards, and `t` is gone.
void interpreter_end(Thread& t);
// From another interpreter: ends it on a thread state of its own.
void interpreter_destroy(Thread& t, Interpreter& in);
// At the end of the program: those that are left, with a warning.
void interpreters_end_all(Thread& t);

// This operating-system thread goes on with `to` instead of `from`.
void thread_switch(Thread& from, Thread& to);
// Drops what a thread state holds; it is current or will not run any more.
void thread_clear(Thread& current, Thread& t);

// Code of `in` runs on a thread state made for it while this lives (`t` itself if it is the same
// interpreter).
class InInterpreter {
  public:
    InInterpreter(Thread& t, Interpreter& in);
    ~InInterpreter();
    InInterpreter(const InInterpreter&) = delete;
    explicit operator bool() const { return inner_ != nullptr; }  // false: out of memory, nothing raised
    Thread& thread() const { return *inner_; }

  private:
    Thread& outer_;
    Thread* inner_;
};

// The names of __main__, where `t` runs code for an interpreter's user; empty otherwise. What functions that
// look at the running frame use where there is none.
Value running_main_globals(Thread& t);

// The reference counts of an interpreter's number. Dropping the last may end it.
void interpreter_incref(Interpreter& in);
void interpreter_decref(Thread& t, Interpreter& in);

}  // namespace krait
