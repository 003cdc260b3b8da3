#include "runtime/init.h"

#include <pthread.h>
#include <sys/random.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/state.h"
#include "interp/frame.h"
#include "modules/sys.h"
#include "object/boundary.h"
#include "object/errors.h"
#include "object/internal.h"
#include "object/names.h"
#include "object/protocol.h"
#include "object/warnings.h"
#include "runtime/interpreters.h"
#include "support/panic.h"
#include "support/wide-stack.h"

// Where compilers of Python functions (numba) look for it.
extern "C" __attribute__((visibility("default"))) uint64_t _Py_HashSecret[3];
uint64_t _Py_HashSecret[3];

namespace krait {

Runtime g_runtime;
constinit thread_local Thread* t_current = nullptr;

#define INIT(file) Status init_builtin_##file(Thread& t);
#define INIT_LATER(file) __attribute__((weak)) Status init_builtin_##file(Thread& t);
#include "runtime/builtin_types.def"
Status init_interp(Thread& t);
Status init_slot_thunks(Thread& t);
void str_dealloc(Thread& t, PyObject* o);
void list_dealloc(Thread& t, PyObject* o);

namespace {

// --- before the first type is ready ---

// Enough of a type for its objects to be made: the first strings, tuples and dicts come before their types.
void prepare(Type& type, uint64_t flags = 0) {
    PyObject& head = type.ob_base.ob_base;
    head.ob_refcnt = kImmortalRefcnt;
    head.ob_upper = kStaticUpper;
    head.ob_type = &PyType_Type;
    type.tp_cache = &type.x;
    type.tp_flags = flags;
}

void prepare_types() {
    prepare(PyBaseObject_Type);
    prepare(PyType_Type, kTpTypeSubclass | kTpHaveGC);
    prepare(PyUnicode_Type, kTpUnicodeSubclass);
    prepare(PyBytes_Type, kTpBytesSubclass);
    prepare(PyTuple_Type, kTpTupleSubclass | kTpHaveGC);
    prepare(PyDict_Type, kTpDictSubclass | kTpHaveGC);
    prepare(PyList_Type, kTpListSubclass | kTpHaveGC);
    prepare(PyLong_Type, kTpLongSubclass);
    prepare(PyBool_Type, kTpLongSubclass);
    prepare(PyFloat_Type);
    for (Type* type :
         {&PyMethodDescr_Type, &PyClassMethodDescr_Type, &PyMemberDescr_Type, &PyGetSetDescr_Type,
          &PyWrapperDescr_Type, &_PyMethodWrapper_Type, &PyCFunction_Type, &PyStaticMethod_Type,
          &PyClassMethod_Type, &_PyNone_Type, &_PyNotImplemented_Type, &PyEllipsis_Type})
        prepare(*type, kTpHaveGC);
    // Of some nothing but a look-up remains before the type is made.
    PyUnicode_Type.x.slots.dealloc = str_dealloc;
    PyList_Type.x.slots.dealloc = list_dealloc;
    // The sizes that alloc() reads.
    PyMethodDescr_Type.tp_basicsize = PyClassMethodDescr_Type.tp_basicsize = sizeof(PyMethodDescrObject);
    PyMemberDescr_Type.tp_basicsize = sizeof(PyMemberDescrObject);
    PyGetSetDescr_Type.tp_basicsize = sizeof(PyGetSetDescrObject);
    PyWrapperDescr_Type.tp_basicsize = sizeof(PyWrapperDescrObject);
    PyCFunction_Type.tp_basicsize = sizeof(PyCFunctionObject);
    PyStaticMethod_Type.tp_basicsize = PyClassMethod_Type.tp_basicsize = 4 * sizeof(Value);
    PyDict_Type.tp_basicsize = sizeof(PyDictObject);
    PyList_Type.tp_basicsize = sizeof(PyListObject);
    PyTuple_Type.tp_basicsize = offsetof(PyTupleObject, ob_item);
    PyTuple_Type.tp_itemsize = sizeof(Value);
}

// --- the hash secret ---

void seed_from_number(uint32_t seed) {
    auto* out = reinterpret_cast<unsigned char*>(g_runtime.hash_secret);
    memset(out, 0, sizeof g_runtime.hash_secret);
    if (seed == 0) return;
    // The generator that CPython uses for PYTHONHASHSEED=n.
    uint32_t x = seed;
    for (size_t i = 0; i < 24; i++) {
        x = x * 214013 + 2531011;
        out[i] = static_cast<unsigned char>((x >> 16) & 0xff);
    }
}

void make_hash_secret(const InitOptions& options) {
    const char* text = options.hash_seed;
    if (!text && options.use_environment) text = getenv("PYTHONHASHSEED");
    if (text && *text && strcmp(text, "random") != 0) {
        char* end;
        unsigned long seed = strtoul(text, &end, 10);
        if (*end || seed > UINT32_MAX)
            panic("PYTHONHASHSEED must be \"random\" or an integer in range [0; 4294967295]");
        seed_from_number(static_cast<uint32_t>(seed));
        return;
    }
    if (getrandom(g_runtime.hash_secret, sizeof g_runtime.hash_secret, 0) !=
        static_cast<ssize_t>(sizeof g_runtime.hash_secret))
        panic("failed to get random numbers to initialize Python");
}
void init_hash_secret(const InitOptions& options) {
    make_hash_secret(options);
    memcpy(_Py_HashSecret, g_runtime.hash_secret, sizeof _Py_HashSecret);
}

struct Step {
    const char* name;
    Status (*fn)(Thread&);
};

void run(Thread& t, const Step& step) {
    if (!step.fn || step.fn(t)) return;
    fprintf(stderr, "Fatal Python error: init of %s failed", step.name);
    if (PyObject* exc = t.c.current_exception) {
        fprintf(stderr, ": %s", exc->ob_type->tp_name);
        auto* e = reinterpret_cast<PyBaseExceptionObject*>(exc);
        if (e->args && tuple_size(e->args) && is_str(tuple_get(e->args, 0)))
            fprintf(stderr, ": %s", str_utf8_or(tuple_get(e->args, 0), "?").data());
    }
    fputc('\n', stderr);
    abort();
}

void init_types(Thread& t) {
    static const Step steps[] = {
        {"names", init_names},
        {"slot wrappers", init_slot_wrappers},
#define INIT(file) {#file, init_builtin_##file},
#include "runtime/builtin_types.def"
        {"buffers of classes", init_slot_thunks},
        {"interpreter", init_interp},
        {"MemoryError", init_memory_errors},
    };
    for (const Step& s : steps) run(t, s);
}

}  // namespace

// --- threads ---

void thread_bind_stack(Thread& t) {
    StackBounds stack = stack_bounds();
    auto size = static_cast<size_t>(stack.high - stack.ordinary);
    constexpr size_t kMost = size_t{512} << 20, kUnknown = size_t{4} << 20;
    char* here = static_cast<char*>(__builtin_frame_address(0));
    if (!stack.low || size == 0 || size > kMost) {
        t.c_stack_limit = t.c_stack_end = here - kUnknown;
        return;
    }
    size_t margin = size > (size_t{1} << 20) ? kStackMargin : size / 4;
    t.c_stack_limit = stack.ordinary + margin;
    t.c_stack_end = stack.low + margin;
}

// Guards the lists of thread states: PyGILState_Ensure() makes one before it holds the GIL.
static std::mutex g_threads_mutex;
void thread_list_after_fork() { new (&g_threads_mutex) std::mutex; }
void threads_set_breaker(Interpreter& in, uint64_t bit) {
    std::lock_guard lock(g_threads_mutex);
    for (Thread* t = in.threads; t; t = reinterpret_cast<Thread*>(t->c.next)) set_breaker(*t, bit);
}

static uint64_t g_kept_breakers = 0;  // what new threads begin with
void threads_keep_breaker(uint64_t bit, bool on) {
    std::lock_guard lock(g_threads_mutex);
    g_kept_breakers = on ? g_kept_breakers | bit : g_kept_breakers & ~bit;
    for (Interpreter* in = g_runtime.interpreters; in; in = in->next)
        for (Thread* t = in->threads; t; t = reinterpret_cast<Thread*>(t->c.next))
            on ? set_breaker(*t, bit) : clear_breaker(*t, bit);
}

Thread* thread_new(Interpreter& interp) {
    auto* t = new (std::nothrow) Thread;
    if (!t) return nullptr;
    static uint64_t next_id = 1;
    t->interp = &interp;
    t->gc = interp.gc;
    t->c.interp = &interp;
    t->c.exc_info = &t->c.exc_state;
    t->c.gilstate_counter = 1;
    t->c.py_recursion_limit = t->c.py_recursion_remaining = interp.recursion_limit;
    t->c.what_event = -1;
    t->c.thread_id = pthread_self();
    t->c.native_thread_id = gettid();
    std::unique_lock lock(g_threads_mutex);
    t->c.id = next_id++;
    t->c.eval_breaker = g_kept_breakers;
    Thread* first = interp.threads;
    t->c.next = first ? &first->c : nullptr;
    if (first) first->c.prev = &t->c;
    interp.threads = t;
    lock.unlock();
    thread_bind_stack(*t);
    return t;
}

void thread_delete(Thread* t) {
    Interpreter& in = *t->interp;
    {
        std::lock_guard lock(g_threads_mutex);
        auto* prev = reinterpret_cast<Thread*>(t->c.prev);
        auto* next = reinterpret_cast<Thread*>(t->c.next);
        if (prev)
            prev->c.next = t->c.next;
        else if (in.threads == t)
            in.threads = next;
        if (next) next->c.prev = t->c.prev;
    }
    if (t_last_state == t) t_last_state = nullptr;
    mem_free(t->delete_later);
    delete static_cast<PodVector<uint64_t>*>(t->repr_stack);
    free_frame_memory(*t);
    drop_spare_boxes(*t);
    // Unless this operating-system thread goes on in another interpreter.
    if (t->c.thread_id == pthread_self() && !t_current) mem_thread_exit();
    delete t;
}

// --- start ---

Thread& runtime_init(const InitOptions& options) {
    if (g_runtime.initialized) return *g_runtime.main_thread;
    init_hash_secret(options);
    gil_init(g_runtime);
    Interpreter* interp = main_interpreter_new();
    g_runtime.main = g_runtime.interpreters = interp;
    gc_init(*interp);
    Thread* t = thread_new(*interp);
    if (!t) panic("out of memory");
    g_runtime.main_thread = t;
    gil_take(*t);
    prepare_types();
    fill_small_boxes();
    init_types(*t);
    g_runtime.initialized = true;
    return *t;
}

// --- end ---

namespace {

void drop_error(Thread& t, const char* what) {
    if (t.has_exception()) write_unraisable(t, what, {});
}

// Names with one leading underscore go first, then the rest but __builtins__, as programs expect of
// destructors that still use module globals.
void clear_module_dict(Thread& t, Value dict) {
    for (int pass = 0; pass < 2; pass++) {
        Ref keys = dict_keys_list(t, dict);
        if (!keys) return drop_error(t, nullptr);
        for (int64_t i = 0; i < list_size(keys); i++) {
            Value key = list_get(keys, i);
            if (!is_str(key)) continue;
            Value current = dict_get_str(dict, key);
            if (!current || is_none(current)) continue;
            bool underscore = str_length(key) > 0 && str_char(key, 0) == '_' &&
                              !(str_length(key) > 1 && str_char(key, 1) == '_');
            if (pass == 0 ? !underscore : str_equal(key, "__builtins__")) continue;
            Ref old = Ref::share(current);
            if (!dict_set(t, dict, key, none())) clear_error(t);
        }
    }
}

// Says at the end what the collector had to leave.
void report_uncollectable(Thread& t) {
    GcState& gc = *t.gc;
    if ((gc.debug & kGcDebugSaveall) || !gc.garbage || list_size(gc.garbage) == 0) return;
    bool listed = gc.debug & kGcDebugUncollectable;
    Ref text = str_format(t, "gc: %zd uncollectable objects at shutdown%s", list_size(gc.garbage),
                          listed ? "" : "; use gc.set_debug(gc.DEBUG_UNCOLLECTABLE) to list them");
    Ref name = str_from(t, "gc");
    Value category(PyExc_ResourceWarning);
    bool warned = text && name && (!g_warn_explicit || g_warn_explicit(t, category, text, name, 0, name));
    if (!warned) write_unraisable(t, nullptr, Value());
    if (!listed) return;
    Ref all = repr(t, gc.garbage);
    if (!all) return write_unraisable(t, nullptr, gc.garbage);
    write_error_text(t, "      " + std::string(str_utf8_or(all, "?")) + "\n");
}

// sys.modules is emptied; modules that something still holds have their names cleared, youngest first.
void finalize_modules(Thread& t) {
    Interpreter& in = *t.interp;
    if (!in.modules || !is_dict(in.modules)) return;
    static const char* const forgotten[] = {"path",       "argv",           "ps1",
                                            "ps2",        "last_exc",       "last_type",
                                            "last_value", "last_traceback", "path_importer_cache",
                                            "meta_path",  "path_hooks"};
    for (const char* name : forgotten)
        if (!sys_set(t, name, none())) clear_error(t);
    // What a program put in the place of a stream goes with its modules.
    static const char* const streams[][2] = {
        {"stdin", "__stdin__"}, {"stdout", "__stdout__"}, {"stderr", "__stderr__"}};
    for (const auto& [name, original] : streams) {
        Value stream = sys_get(t, original);
        if (!sys_set(t, name, stream ? stream : none())) clear_error(t);
    }
    Ref modules = Ref::share(in.modules);
    Ref weak = list_new(t), names = dict_keys_list(t, modules);
    if (!weak || !names) return drop_error(t, nullptr);
    // One after the other, oldest first: destructors of a program's globals still find the modules that it
    // imported.
    for (int64_t i = 0; i < list_size(names); i++) {
        Value name = list_get(names, i), m = is_str(name) ? dict_get_str(modules, name) : Value();
        if (!m || !m.is_ptr() || is_none(m)) continue;
        if (is_subtype(m.heap_type(), &PyModule_Type)) {
            Ref w = weakref_new(t, m, {});
            if (!w || !list_append(t, weak, w)) clear_error(t);
        }
        if (!dict_set(t, modules, name, none())) clear_error(t);
    }
    dict_clear(t, modules);
    gc_collect(t, 2);
    for (int64_t i = list_size(weak); i-- > 0;) {
        Value m = weakref_get(list_get(weak, i));
        if (is_none(m) || m == in.sys_module || m == in.builtins_module) continue;
        Ref keep = Ref::share(m);
        if (module_dict(m)) clear_module_dict(t, module_dict(m));
    }
    gc_collect(t, 2);
    report_uncollectable(t);
}

// What destructors printed meanwhile.
void flush_streams(Thread& t) {
    for (const char* name : {"stdout", "stderr", "__stdout__", "__stderr__"}) {
        Ref stream = Ref::share(sys_get(t, name));
        if (!stream || is_none(stream)) continue;
        Ref closed = get_attr(t, stream, ID(closed));
        Result<bool> is_closed = closed ? is_true(t, closed) : Result<bool>();
        if (!is_closed) clear_error(t);
        if (is_closed && is_closed.value()) continue;
        if (!call_method(t, stream, ID(flush))) clear_error(t);
    }
}

}  // namespace

void runtime_begin_finalize(Thread& t) {
    t.interp->finalizing = true;
    if (t.interp == g_runtime.main) gil_keep(t);
}

bool modules_are_dying(Thread& t) { return t.gc->modules_die; }

void runtime_finalize(Thread& t) {
    if (gc_is_enabled(t)) gc_collect(t, 2);
    t.gc->modules_die = true;
    finalize_modules(t);
    flush_streams(t);
    gc_finalize(t);
    drop_error(t, nullptr);
}

}  // namespace krait
