// _thread: starting and joining threads.
#include "modules/_thread.h"

#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstring>
#include <new>
#include <string>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "interp/monitoring.h"
#include "modules/_thread_internal.h"
#include "modules/contextvars.h"
#include "object/convert.h"
#include "object/names.h"
#include "object/per_interpreter.h"
#include "object/protocol.h"
#include "runtime/init.h"
#include "runtime/interpreters.h"
#include "runtime/timestamp.h"
#include "support/wide-stack.h"

namespace krait {

void simulate_signal(int signum);  // _signal.cpp

Ref thread_dict(Thread& t) {
    if (!t.c.dict) t.c.dict = TRY(dict_new(t)).release().ptr();
    return Ref::share(Value(t.c.dict));
}

void forget_thread_local(Thread& t, Value key) {
    SavedError saved(t);
    for (Thread* other = t.interp->threads; other; other = reinterpret_cast<Thread*>(other->c.next)) {
        if (!other->c.dict) continue;
        Maybe gone = dict_pop(t, Value(other->c.dict), key);
        if (!gone) clear_error(t);
    }
}

namespace {

// What the new thread and its handle share; freed by the last of the two. The handle of a thread that was not
// started here (the main thread's) has one to itself, without a Thread: who knows of the end says so.
struct Bootstrap {
    OsLock done;  // held until the thread has ended
    uint64_t ident = 0;
    pthread_t pthread{};
    int references = 2;
    bool finished = false, daemon = true;
    bool to_join = false;  // by the system, too: what C++ keeps for a thread ends after what Python does
    Value callable, args, kwargs;  // owned until the thread runs
    Thread* thread = nullptr;
    Bootstrap* next = nullptr;  // list of the threads that have not ended
};

PER_INTERPRETER Bootstrap* g_live = nullptr;
PER_INTERPRETER int64_t g_running = 0;
size_t g_stack_size = 0;

void unreference(Bootstrap* b) {
    if (--b->references) return;
    if (b->to_join) pthread_detach(b->pthread);
    delete b;
}

void forget_live(Bootstrap* b) {
    for (Bootstrap** p = &g_live; *p; p = &(*p)->next)
        if (*p == b) {
            *p = b->next;
            return;
        }
}

void* thread_main(void* arg) {
    auto* b = static_cast<Bootstrap*>(arg);
    Thread& t = *b->thread;
    t.c.thread_id = pthread_self();
    t.c.native_thread_id = gettid();
    thread_bind_stack(t);
    gil_take(t);
    {
        Ref fn = Ref::steal(b->callable), args = Ref::steal(b->args), kwargs = Ref::steal(b->kwargs);
        b->callable = b->args = b->kwargs = Value();
        Ref r = call_with(t, fn, args, kwargs);
        if (!r && !clear_if(t, PyExc_SystemExit)) {
            Ref text = str_format(t, "Exception ignored in thread started by %R", fn.get());
            write_unraisable(t, text ? str_utf8_or(text, "?").data() : "Exception ignored in thread",
                             Value());
        }
    }
    thread_forget_state(t, t);
    g_running--;
    forget_live(b);
    b->finished = true;
    b->done.release();
    unreference(b);
    gil_release(t);
    thread_delete(&t);
    return nullptr;
}

}  // namespace

void thread_forget_state(Thread& current, Thread& t) {
    drop_thread_locals(current, t);
    if (t.c.dict) {
        PyObject* d = t.c.dict;
        t.c.dict = nullptr;
        decref(d);
    }
    for (Value* place : {&thread_context(t), &t.asyncio_task, &t.asyncio_loop}) {
        Value old = *place;
        *place = Value();
        xdecref(old);
    }
    for (PyObject** place : {&t.c.async_gen_firstiter, &t.c.async_gen_finalizer, &t.c.async_exc}) {
        PyObject* old = *place;
        *place = nullptr;
        if (old) decref(old);
    }
    forget_thread_tracing(t);
    clear_error(t);
}

// In a forked process only this thread lives: the others have ended, whatever they were doing.
void threads_after_fork(Thread& t) {
    Bootstrap* all = g_live;
    g_live = nullptr;
    g_running = 0;
    while (all) {
        Bootstrap* b = all;
        all = b->next;
        if (b->thread ? b->thread == &t : b->ident == t.c.thread_id) {
            b->next = g_live;
            g_live = b;
            if (b->thread) g_running = 1;
            continue;
        }
        b->finished = true;
        b->to_join = false;
        b->done.reinit();
        if (b->thread) unreference(b);
    }
    // What their frames hold is lost with them; what they kept in _local objects is not.
    PyThreadState* others = t.interp->threads ? &t.interp->threads->c : nullptr;
    PyThreadState* after = t.c.next;
    t.interp->threads = &t;
    t.c.prev = t.c.next = nullptr;
    for (PyThreadState *s = others, *next; s; s = next) {
        next = s == &t.c ? after : s->next;
        if (s != &t.c) drop_thread_locals(t, *reinterpret_cast<Thread*>(s));
    }
}

namespace {

// Starts the thread; `b` is shared with it. Steals nothing; on failure b is gone.
Status launch(Thread& t, Bootstrap* b, Value fn, Value args, Value kwargs) {
    if (!record(*t.interp).config.allow_threads) {
        delete b;
        return raise(t, PyExc_RuntimeError, "thread is not supported for isolated subinterpreters");
    }
    b->thread = thread_new(*t.interp);
    if (!b->thread) {
        delete b;
        return raise_no_memory(t);
    }
    b->callable = Ref::share(fn).release();
    b->args = Ref::share(args).release();
    b->kwargs = kwargs ? Ref::share(kwargs).release() : Value();
    b->done.try_acquire();
    g_running++;
    pthread_t handle;
    int rc = start_wide_thread(&handle, g_stack_size, thread_main, b);
    if (rc != 0) {
        g_running--;
        xdecref(b->callable);
        xdecref(b->args);
        xdecref(b->kwargs);
        thread_delete(b->thread);
        delete b;
        return raise(t, PyExc_RuntimeError, "can't start new thread");
    }
    b->next = g_live;
    g_live = b;
    b->pthread = handle;
    b->ident = static_cast<uint64_t>(handle);
    b->to_join = true;
    return Status::ok();
}

// --- handles ---

Type handle_type;
struct HandleObject {
    PyObject ob_base;
    Bootstrap* b;  // null: never started
    uint64_t ident;
};
HandleObject* as_handle(Value v) { return v.as<HandleObject>(); }

void handle_dealloc(Thread& t, PyObject* o) {
    weakrefs_clear(t, o);
    if (Bootstrap* b = reinterpret_cast<HandleObject*>(o)->b) {
        if (!b->thread) forget_live(b);
        unreference(b);
    }
    free_object(t, o);
}
Ref handle_new(Thread& t, PyTypeObject*, const Value*, size_t, Value) { return alloc(t, &handle_type); }
bool handle_is_done(HandleObject* h) { return h->b && h->b->finished; }
// Waits for the end of a thread; false: not within the time, or an exception. Somebody refers to `b`
// meanwhile.
Result<bool> wait_for_end(Thread& t, Bootstrap* b, int64_t us) {
    bool got = TRY(b->done.acquire(t, us));
    if (!got) return false;
    if (b->to_join) {
        b->to_join = false;
        AllowThreads allow(t);
        pthread_join(b->pthread, nullptr);
    }
    b->done.release();  // others may wait, too
    return true;
}
Ref handle_join(Thread& t, Value self, const Value* a, size_t n) {
    auto* h = as_handle(self);
    int64_t us = -1;
    if (n && !is_none(a[0])) {
        us = divided(TRY(ns_from_number(t, a[0], kTimeoutRounding)), kNsPerMicrosecond, kTimeoutRounding);
        if (us < 0) us = -1;
    }
    if (!h->b) return raise(t, PyExc_RuntimeError, "thread not started");
    bool done = handle_is_done(h);
    if (done && !h->b->to_join) return none_ref();
    if (!done && h->ident == t.c.thread_id) return raise(t, PyExc_RuntimeError, "Cannot join current thread");
    if (!done && t.interp->finalizing)
        return raise(t, PyExc_PythonFinalizationError, "cannot join thread at interpreter shutdown");
    Ref keep = Ref::share(self);
    TRY_DISCARD(wait_for_end(t, h->b, us));
    return none_ref();
}
Ref handle_done_method(Thread&, Value self) { return bool_ref(handle_is_done(as_handle(self))); }
Ref handle_set_done(Thread& t, Value self) {
    Bootstrap* b = as_handle(self)->b;
    if (!b) return raise(t, PyExc_RuntimeError, "thread not started");
    if (b->finished) return none_ref();
    b->finished = true;
    if (b->to_join) pthread_detach(b->pthread);
    b->to_join = false;
    // A thread that was started here lets go of the lock itself.
    if (!b->thread) b->done.release();
    return none_ref();
}
Ref handle_repr(Thread& t, Value self) {
    return str_format(t, "<%T object: ident=%zu>", self, static_cast<size_t>(as_handle(self)->ident));
}
Ref handle_ident(Thread& t, Value self, void*) { return int_from_u64(t, as_handle(self)->ident); }

const NativeDef handle_methods[] = {
    def<handle_join>("join", "(timeout=None, /)", nullptr, kMethNoSignature),
    def<handle_set_done>("_set_done", "()", nullptr),
    def<handle_done_method>("is_done", "()", nullptr),
    {},
};
const GetSetDef handle_getset[] = {getset("ident", handle_ident, nullptr, nullptr), {}};

// --- functions ---

Status check_start_args(Thread& t, Value fn, Value args, Value kwargs) {
    if (!is_callable(fn)) return raise(t, PyExc_TypeError, "first arg must be callable");
    if (!is_tuple(args)) return raise(t, PyExc_TypeError, "2nd arg must be a tuple");
    if (kwargs && !is_dict(kwargs)) return raise(t, PyExc_TypeError, "optional 3rd arg must be a dictionary");
    if (t.interp->finalizing)
        return raise(t, PyExc_PythonFinalizationError, "can't create new thread at interpreter shutdown");
    return Status::ok();
}
Ref start_new_thread(Thread& t, Value, const Value* a, size_t n) {
    TRY(check_start_args(t, a[0], a[1], n > 2 ? a[2] : Value()));
    TRY(audit(t, "_thread.start_new_thread", {a[0], a[1], n > 2 ? a[2] : none()}));
    auto* b = new (std::nothrow) Bootstrap;
    if (!b) return raise_no_memory(t);
    TRY(launch(t, b, a[0], a[1], n > 2 ? a[2] : Value()));
    uint64_t ident = b->ident;
    unreference(b);
    return int_from_u64(t, ident);
}
Ref start_joinable_thread(Thread& t, Value, const Value* p) {
    Value fn = p[0], handle = p[1];
    bool daemon = p[2] ? TRY(is_true(t, p[2])) : true;
    if (!is_callable(fn)) return raise(t, PyExc_TypeError, "thread function must be callable");
    if (handle && !is_none(handle) && !has_type(handle, &handle_type))
        return raise(t, PyExc_TypeError, "'handle' must be a _ThreadHandle");
    if (t.interp->finalizing)
        return raise(t, PyExc_PythonFinalizationError, "can't create new thread at interpreter shutdown");
    TRY(audit(t, "_thread.start_joinable_thread", {fn, Value::from_int(daemon), handle ? handle : none()}));
    Ref h = handle && !is_none(handle) ? Ref::share(handle) : alloc(t, &handle_type);
    if (!h) return {};
    if (as_handle(h)->b) return raise(t, PyExc_RuntimeError, "thread already started");
    auto* b = new (std::nothrow) Bootstrap;
    if (!b) return raise_no_memory(t);
    b->daemon = daemon;
    TRY(launch(t, b, fn, empty_tuple(), Value()));
    as_handle(h)->b = b;
    as_handle(h)->ident = b->ident;
    return h;
}
Ref daemon_threads_allowed(Thread& t, Value) {
    return bool_ref(record(*t.interp).config.allow_daemon_threads);
}
Ref get_ident(Thread& t, Value) { return int_from_u64(t, t.c.thread_id); }
Ref get_native_id(Thread& t, Value) { return int_from_u64(t, static_cast<uint64_t>(gettid())); }
Ref count(Thread& t, Value) { return int_from(t, g_running); }
Ref thread_exit(Thread& t, Value) { return raise_none(t, PyExc_SystemExit); }
Ref allocate_lock(Thread& t, Value) { return lock_new(t); }
Ref interrupt_main(Thread& t, Value, const Value* a, size_t n) {
    int signum = n ? TRY(as_int32(t, a[0])) : SIGINT;
    if (signum < 1 || signum >= NSIG) return raise(t, PyExc_ValueError, "signal number out of range");
    simulate_signal(signum);
    return none_ref();
}
Ref stack_size(Thread& t, Value, const Value* a, size_t n) {
    auto old = static_cast<int64_t>(g_stack_size);
    if (n) {
        int64_t size = TRY(as_ssize(t, a[0]));
        constexpr int64_t kLeast = 53248;
        if (size && size < kLeast)
            return raise(t, PyExc_ValueError, "size must be at least %zd bytes", kLeast);
        g_stack_size = static_cast<size_t>(size);
    }
    return int_from(t, old);
}
Ref main_ident(Thread& t, Value) { return int_from_u64(t, g_runtime.main_thread->c.thread_id); }
Ref is_main_interpreter(Thread& t, Value) { return bool_ref(t.interp == g_runtime.main); }
Ref make_thread_handle(Thread& t, Value, Value ident) {
    uint64_t id = TRY(as_uint64(t, ident));
    Ref h = TRY(alloc(t, &handle_type));
    auto* b = new (std::nothrow) Bootstrap;
    if (!b) return raise_no_memory(t);
    b->references = 1;
    b->ident = as_handle(h)->ident = id;
    b->done.try_acquire();
    b->next = g_live;
    g_live = b;
    as_handle(h)->b = b;
    return h;
}
Ref shutdown(Thread& t, Value) {
    for (;;) {
        Bootstrap* b = g_live;
        while (b && (b->daemon || b->thread == &t)) b = b->next;  // after a fork this may be one of them
        if (!b) break;
        b->references++;
        Result<bool> got = wait_for_end(t, b, -1);
        unreference(b);
        if (!got) return {};
    }
    return none_ref();
}
Ref set_name(Thread& t, Value, const Value* p) {
    if (!is_str(p[0]))
        return raise(t, PyExc_TypeError, "set_name() argument 'name' must be str, not %K", p[0]);
    Ref name = TRY(encode(t, p[0], "utf-8", "replace"));
    std::string cut(bytes_view(name).substr(0, 15));  // what the system has room for
    pthread_setname_np(pthread_self(), cut.c_str());
    return none_ref();
}
Ref get_name(Thread& t, Value) {
    char name[32] = "";
    pthread_getname_np(pthread_self(), name, sizeof name);
    return fs_decode(t, name, strlen(name));  // the system may have cut a character
}
PER_INTERPRETER_REFS PyTypeObject* g_hook_args;

Ref excepthook(Thread& t, Value, Value args) {
    if (type_of(args) != g_hook_args)
        return raise(t, PyExc_TypeError, "_thread.excepthook argument type must be ExceptHookArgs");
    Ref type = TRY(get_attr(t, args, "exc_type"));
    if (type == Value(PyExc_SystemExit)) return none_ref();
    Ref exc = TRY(get_attr(t, args, "exc_value")), tb = TRY(get_attr(t, args, "exc_traceback"));
    Ref thread = TRY(get_attr(t, args, "thread"));
    Value err = sys_get(t, "stderr");
    Ref file = err && !is_none(err) ? Ref::share(err) : Ref();
    // Where sys.stderr is gone serves the file that it was when the thread was made.
    if (!file && !is_none(thread)) {
        Maybe kept = lookup_attr(t, thread, "_stderr");
        if (!kept) return {};
        file = kept.take();
    }
    if (!file || is_none(file)) return none_ref();
    Ref name;
    if (!is_none(thread)) name = TRY(lookup_attr(t, thread, "_name"));
    Ref line = name ? str_format(t, "Exception in thread %S:\n", name.get())
                    : str_format(t, "Exception in thread %zu:\n", static_cast<size_t>(t.c.thread_id));
    if (!line) return {};
    TRY_DISCARD(call_method(t, file, ID(write), {line}));
    Ref print = TRY(import_attr(t, "traceback", "print_exception"));
    TRY_DISCARD(call(t, print, {type, exc, tb, none(), file}));
    TRY_DISCARD(call_method(t, file, ID(flush)));
    return none_ref();
}

const NativeDef functions[] = {
    def<start_new_thread>("start_new_thread", "(function, args, kwargs={}, /)",
                          "Start a thread; its number."),
    def<start_new_thread>("start_new", "(function, args, kwargs={}, /)",
                          "Obsolete name of start_new_thread()."),
    def<start_joinable_thread>("start_joinable_thread", "(function, handle=None, daemon=True)",
                               "Start a thread; its handle."),
    def<daemon_threads_allowed>("daemon_threads_allowed", "()", "True, but in isolated interpreters."),
    def<allocate_lock>("allocate_lock", "()", "A new lock."),
    def<allocate_lock>("allocate", "()", "Obsolete name of allocate_lock()."),
    def<thread_exit>("exit_thread", "()", "Obsolete name of exit()."),
    def<thread_exit>("exit", "()", "End the thread by raising SystemExit."),
    def<interrupt_main>("interrupt_main", "(signum=signal.SIGINT, /)",
                        "Let a signal arrive in the main thread."),
    def<get_ident>("get_ident", "()", "The number of this thread."),
    def<get_native_id>("get_native_id", "()", "The operating system's number of this thread."),
    def<count>("_count", "()", "How many threads run that this module started."),
    def<stack_size>("stack_size", "(size=0, /)", "The stack size of new threads; sets it if given."),
    def<main_ident>("_get_main_thread_ident", "()", "The number of the main thread."),
    def<is_main_interpreter>("_is_main_interpreter", "()", "True in the main interpreter."),
    def<make_thread_handle>("_make_thread_handle", "(ident, /)", "For threading, after a fork."),
    def<shutdown>("_shutdown", "()", "Wait for all threads that are not daemons."),
    def<set_name>("set_name", "(name)", "Name this thread for the operating system."),
    def<get_name>("_get_name", "()", "This thread's name for the operating system."),
    def<excepthook>("_excepthook", "(args, /)", "Show an exception of a thread."),
    {},
};

const StructSeqField hook_fields[] = {{"exc_type", "Exception type"},
                                      {"exc_value", "Exception value"},
                                      {"exc_traceback", "Exception traceback"},
                                      {"thread", "Thread"}};
const StructSeqDesc hook_desc = {"_thread._ExceptHookArgs", "What threading.excepthook is given.",
                                 hook_fields, 4, 4};

Status exec(Thread& t, Value module) {
    TRY(add_thread_locks(t, module));
    static const TypeDecl handle_decl = {
        .name = "_thread._ThreadHandle",
        .basicsize = sizeof(HandleObject),
        .flags = kTpDefault | kTpManagedWeakref,
        .slots = {.dealloc = handle_dealloc, .repr = handle_repr, .new_ = handle_new},
        .spec = {.methods = handle_methods, .getset = handle_getset},
    };
    TRY(add_static_type(t, module, handle_type, handle_decl));
    TRY(module_add(t, module, "error", Ref::share(Value(PyExc_RuntimeError))));
    TRY(module_add(t, module, "TIMEOUT_MAX", float_from(t, kTimeoutMax)));
    TRY(module_add_int(t, module, "_NAME_MAXLEN", 15));
    Ref hook_args = TRY(structseq_type_new(t, hook_desc));
    g_hook_args = Ref::share(hook_args).release().as<PyTypeObject>();
    return module_add(t, module, "_ExceptHookArgs", std::move(hook_args));
}

}  // namespace

extern const ModuleSpec module__thread = {"_thread", "Threads and locks on which threading is built.",
                                          functions, exec};

}  // namespace krait
