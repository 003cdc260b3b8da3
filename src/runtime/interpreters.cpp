#include "runtime/interpreters.h"

#include <cstring>
#include <new>

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/str.h"
#include "gc/state.h"
#include "interp/attr_cache.h"
#include "interp/monitoring.h"
#include "modules/_thread.h"
#include "object/errors.h"
#include "object/protocol.h"
#include "object/watchers.h"
#include "runtime/config.h"
#include "runtime/init.h"
#include "runtime/lifecycle.h"
#include "support/panic.h"

// The bounds of the sections of object/per_interpreter.h, from the linker.
extern "C" {
extern char __start_krait_interp[], __stop_krait_interp[];
extern char __start_krait_interp_refs[], __stop_krait_interp_refs[];
extern void (*const __start_krait_interp_end[])(krait::Thread&);
extern void (*const __stop_krait_interp_end[])(krait::Thread&);
}

namespace krait {

void gil_forget_interpreter(Interpreter& in);         // gil.cpp
__attribute__((weak)) void capi_finalize(Thread& t);  // capi/moduleobject.cpp, where there is one
void drop_monitoring(Thread& t);                      // interp/monitoring.cpp
void drop_import_state(Interpreter& in);              // import.cpp
void gc_interpreter_end(Interpreter& in);             // gc/collector.cpp

// --- the globals of native modules ---

namespace {

size_t plain_size() { return static_cast<size_t>(__stop_krait_interp - __start_krait_interp); }
size_t refs_size() { return static_cast<size_t>(__stop_krait_interp_refs - __start_krait_interp_refs); }

void save_globals(char* to) {
    memcpy(to, __start_krait_interp, plain_size());
    memcpy(to + plain_size(), __start_krait_interp_refs, refs_size());
}
void load_globals(const char* from) {
    memcpy(__start_krait_interp, from, plain_size());
    memcpy(__start_krait_interp_refs, from + plain_size(), refs_size());
}

// What new interpreters begin with; constant after the start.
const char* g_pristine;
int64_t g_next_id = 1;

InterpreterRecord* new_record() {
    auto* in = new (std::nothrow) InterpreterRecord;
    if (!in) return nullptr;
    in->globals = static_cast<char*>(mem_alloc(plain_size() + refs_size()));
    if (!in->globals) {
        delete in;
        return nullptr;
    }
    in->runtime = &g_runtime;
    return in;
}

}  // namespace

InterpreterRecord* main_interpreter_new() {
    InterpreterRecord* in = new_record();
    auto* pristine = static_cast<char*>(mem_alloc(plain_size() + refs_size()));
    if (!in || !pristine) panic("out of memory");
    save_globals(pristine);
    g_pristine = pristine;
    in->whence = Whence::Runtime;
    in->ready = true;
    return in;
}

void interpreter_globals_switch(Interpreter& from, Interpreter& to) {
    save_globals(record(from).globals);
    load_globals(record(to).globals);
}
void interpreter_globals_load(Interpreter& to) { load_globals(record(to).globals); }

// --- looking up ---

InterpreterRecord* interpreter_find(int64_t id) {
    for (Interpreter* in = g_runtime.interpreters; in; in = in->next)
        if (in->id == id) return &record(*in);
    return nullptr;
}
int64_t interpreter_next_id() { return g_next_id; }

void interpreter_incref(Interpreter& in) { record(in).id_references++; }
void interpreter_decref(Thread& t, Interpreter& in) {
    InterpreterRecord& r = record(in);
    if (r.id_references <= 0 || --r.id_references > 0 || !r.ends_with_references) return;
    // One that runs, or that drops the last reference to itself, is left to the end of the program.
    if (&in == t.interp || r.running_main || in.threads || in.finalizing) return;
    interpreter_destroy(t, in);
}

// --- threads ---

void thread_switch(Thread& from, Thread& to) {
    gil_release(from);
    gil_take(to);
}

void thread_clear(Thread& current, Thread& t) { thread_forget_state(current, t); }

InInterpreter::InInterpreter(Thread& t, Interpreter& in) : outer_(t), inner_(&t) {
    if (&in == t.interp) return;
    inner_ = thread_new(in);
    if (inner_) thread_switch(outer_, *inner_);
}
InInterpreter::~InInterpreter() {
    if (!inner_ || inner_ == &outer_) return;
    thread_clear(*inner_, *inner_);
    thread_switch(*inner_, outer_);
    thread_delete(inner_);
}

Value running_main_globals(Thread& t) {
    if (record(*t.interp).running_main != &t) return {};
    Value modules = t.interp->modules;
    Value main = modules && is_dict(modules) ? dict_get_str(modules, "__main__") : Value();
    return main && is_subtype(type_of(main), &PyModule_Type) ? module_dict(main) : Value();
}

// --- beginning ---

namespace {

void unlink_interpreter(InterpreterRecord* in) {
    for (Interpreter** p = &g_runtime.interpreters; *p; p = &(*p)->next)
        if (*p == in) {
            *p = in->next;
            return;
        }
}

// Why it did not start, as text: the exception is of no use elsewhere.
std::string describe_error(Thread& t) {
    Ref exc = fetch_error(t);
    if (!exc) return "unknown error";
    std::string text = type_of(exc)->tp_name;
    Ref s = str(t, exc);
    if (!s)
        clear_error(t);
    else
        text += ": " + std::string(str_utf8_or(s, "?"));
    return text;
}

}  // namespace

Thread* interpreter_new(Thread& t, const InterpreterConfig& config, Whence whence, std::string* error) {
    InterpreterRecord* in = interpreter_new_bare();
    if (!in) {
        *error = "out of memory";
        return nullptr;
    }
    in->config = config;
    in->whence = whence;
    in->int_max_str_digits =
        g_runtime.config->int_max_str_digits < 0 ? 4300 : g_runtime.config->int_max_str_digits;
    Thread* inner = thread_new(*in);
    if (!inner) {
        *error = "out of memory";
        interpreter_delete_bare(*in);
        return nullptr;
    }
    thread_switch(t, *inner);
    if (start_interpreter(*inner)) {
        in->ready = true;
        return inner;
    }
    *error = describe_error(*inner);
    interpreter_end(*inner);
    gil_take(t);
    return nullptr;
}

InterpreterRecord* interpreter_new_bare() {
    InterpreterRecord* in = new_record();
    if (!in) return nullptr;
    memcpy(in->globals, g_pristine, plain_size() + refs_size());
    in->id = g_next_id++;
    gc_init(*in);
    in->next = g_runtime.interpreters;
    g_runtime.interpreters = in;
    return in;
}
void interpreter_frees(Interpreter& in, void (*free)(void*), void* memory) {
    record(in).freed_last.emplace_back(free, memory);
}

void interpreter_delete_bare(InterpreterRecord& in) {
    if (in.ready || &in == g_runtime.main || in.threads) return;
    unlink_interpreter(&in);
    gc_interpreter_end(in);
    for (auto [free, memory] : in.freed_last) free(memory);
    mem_free(in.globals);
    delete in.watchers;
    delete &in;
}

bool interpreter_checks_extensions(Interpreter& in) {
    int forced = record(in).multi_check_override;
    if (&in == g_runtime.main || forced) return forced > 0;
    return record(in).config.check_multi_interp_extensions;
}

void interpreter_run_at_exit(Interpreter& in) {
    auto& all = record(in).at_exit;
    while (!all.empty()) {
        auto [fn, arg] = all.back();
        all.pop_back();
        fn(arg);
    }
}

// --- the end ---

namespace {

void drop(Value& place) {
    Value old = place;
    place = Value();
    xdecref(old);
}

// References of native modules. Objects that die now may look at the globals, which are empty then.
void drop_global_references(Thread& t) {
    for (auto* fn = __start_krait_interp_end; fn < __stop_krait_interp_end; fn++) (*fn)(t);
    auto* words = reinterpret_cast<Value*>(__start_krait_interp_refs);
    for (size_t i = 0; i < refs_size() / sizeof(Value); i++) drop(words[i]);
}

void drop_attr_cache(Interpreter& in) {
    auto* cache = static_cast<AttrCache*>(in.attr_cache);
    in.attr_cache = nullptr;
    if (!cache) return;
    for (AttrCacheEntry& e : cache->entries) drop(e.name);
    for (SuperCacheEntry& e : cache->super_entries) drop(e.name);
    mem_free(cache);
}

// The modules that went last hold each other: their names go one by one.
void drop_core_modules(Thread& t, Interpreter& in) {
    for (Value* dict : {&in.sys_dict, &in.builtins_dict})
        if (*dict) dict_clear(t, *dict);
    for (Value* v : {&in.importlib, &in.import_func, &in.sys_module, &in.sys_dict, &in.builtins_module,
                     &in.builtins_dict, &in.modules})
        drop(*v);
}

void drop_state(Thread& t, InterpreterRecord& in) {
    for (Value* v :
         {&in.codec_search_path, &in.codec_search_cache, &in.codec_error_registry, &in.warnings_filters,
          &in.warnings_once_registry, &in.warnings_default_action, &in.audit_hooks, &in.dict})
        drop(*v);
    if (auto* list = static_cast<PyObject*>(in.atexit)) {
        in.atexit = nullptr;
        decref(list);
    }
    if (capi_finalize) capi_finalize(t);
    drop_global_references(t);
    gc_collect(t, 2);
    thread_clear(t, t);
    drop_core_modules(t, in);
    gc_collect(t, 2);
    drop_attr_cache(in);
    drop_monitoring(t);
    drop_import_state(in);
    clear_error(t);
}

void wait_for_threads(Thread& t) {
    Value modules = t.interp->modules;
    Value threading = modules && is_dict(modules) ? dict_get_str(modules, "threading") : Value();
    if (!threading) return;
    Ref keep = Ref::share(threading);
    if (!call_method(t, keep, "_shutdown"))
        write_unraisable(t, "Exception ignored on threading shutdown", keep);
}

}  // namespace

void run_atexit_callbacks(Thread& t);  // modules/atexit.cpp

void interpreter_end(Thread& t) {
    InterpreterRecord& in = record(*t.interp);
    wait_for_threads(t);
    if (!handle_pending(t)) print_uncaught(t);
    run_atexit_callbacks(t);
    runtime_begin_finalize(t);
    runtime_finalize(t);
    in.ready = false;
    interpreter_run_at_exit(in);
    drop_state(t, in);
    in.ended = true;
    unlink_interpreter(&in);
    gc_interpreter_end(in);
    for (auto [free, memory] : in.freed_last) free(memory);
    gil_forget_interpreter(in);
    gil_release(t);
    thread_delete(&t);
    mem_free(in.globals);
    delete in.watchers;
    in.globals = nullptr;
    // Daemon threads that wait for the GIL still look at it: they find that it has ended.
    if (!in.threads) delete &in;
}

void interpreter_destroy(Thread& t, Interpreter& in) {
    Thread* inner = thread_new(in);
    if (!inner) return;
    thread_switch(t, *inner);
    interpreter_end(*inner);
    gil_take(t);
}

void interpreters_end_all(Thread& t) {
    if (!g_runtime.interpreters || (g_runtime.interpreters == g_runtime.main && !g_runtime.main->next))
        return;
    if (!warn(t, PyExc_RuntimeWarning, 0, "remaining subinterpreters; close them with Interpreter.close()"))
        write_unraisable(t, nullptr, Value());
    // Ending one may make others.
    for (;;) {
        Interpreter* in = g_runtime.interpreters;
        while (in && in == g_runtime.main) in = in->next;
        if (!in) return;
        interpreter_destroy(t, *in);
    }
}

}  // namespace krait
