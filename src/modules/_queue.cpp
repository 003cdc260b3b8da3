// The module _queue: SimpleQueue, an unbounded queue that may be used from everywhere, also from destructors.
#include <semaphore.h>

#include <cerrno>
#include <ctime>

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/per_interpreter.h"
#include "object/protocol.h"
#include "runtime/timestamp.h"

namespace krait {
namespace {

PER_INTERPRETER_REFS PyTypeObject *g_queue, *g_empty;

struct QueueObject {
    PyObject ob_base;
    Value* items;  // a ring of `capacity` places, a power of two
    int64_t capacity, head, size;
    sem_t wake;  // posted for a waiting thread; a wake-up may be for nothing, then it waits again
    int64_t waiting;
    PyObject* weaklist;
};
QueueObject* as_queue(Value v) { return v.as<QueueObject>(); }

Status push(Thread& t, QueueObject* q, Value v) {
    if (q->size == q->capacity) {
        int64_t capacity = q->capacity ? q->capacity * 2 : 8;
        auto* items = static_cast<Value*>(mem_alloc(static_cast<size_t>(capacity) * sizeof(Value)));
        if (!items) return raise_no_memory(t);
        for (int64_t i = 0; i < q->size; i++) items[i] = q->items[(q->head + i) & (q->capacity - 1)];
        mem_free(q->items);
        q->items = items;
        q->capacity = capacity;
        q->head = 0;
    }
    incref(v);
    q->items[(q->head + q->size++) & (q->capacity - 1)] = v;
    if (q->waiting) sem_post(&q->wake);
    return Status::ok();
}
Ref pop(QueueObject* q) {
    Value v = q->items[q->head];
    q->head = (q->head + 1) & (q->capacity - 1);
    q->size--;
    return Ref::steal(v);
}

Result<int64_t> timeout_arg(Thread& t, Value v) {
    int64_t ns = TRY(ns_from_number(t, v, Rounding::Ceiling));
    if (ns < 0) return raise(t, PyExc_ValueError, "'timeout' must be a non-negative number");
    return ns;
}

// Until somebody put something, or `until` (0: for ever) is over. False: it is over.
Result<bool> wait_for_item(Thread& t, QueueObject* q, int64_t until) {
    int rc, error;
    q->waiting++;
    {
        AllowThreads allow(t);
        if (until) {
            timespec ts = timespec_from_ns(until);
            rc = sem_clockwait(&q->wake, CLOCK_MONOTONIC, &ts);
        } else {
            rc = sem_wait(&q->wake);
        }
        error = errno;
    }
    q->waiting--;
    if (rc == 0) return true;
    if (error == ETIMEDOUT) return false;
    TRY(handle_pending(t));
    return true;
}
Ref get_item_of(Thread& t, QueueObject* q, bool block, int64_t ns) {
    int64_t until = 0;
    if (ns >= 0) until = monotonic_ns_after(ns);
    while (!q->size) {
        if (!block) return raise_none(t, g_empty);
        bool more = TRY(wait_for_item(t, q, until));
        if (!more && !q->size) return raise_none(t, g_empty);
    }
    return pop(q);
}

Ref put(Thread& t, Value self, const Value* a) {
    TRY(push(t, as_queue(self), a[0]));
    return none_ref();
}
Ref put_nowait(Thread& t, Value self, const Value* a) { return put(t, self, a); }
Ref get(Thread& t, Value self, const Value* a) {
    bool block = a[0] ? TRY(is_true(t, a[0])) : true;
    int64_t ns = -1;
    if (block && a[1] && !is_none(a[1])) ns = TRY(timeout_arg(t, a[1]));
    return get_item_of(t, as_queue(self), block, ns);
}
Ref get_nowait(Thread& t, Value self, const Value*, size_t n, Value kwnames) {
    if (n || (kwnames && tuple_size(kwnames)))
        return raise(t, PyExc_TypeError, "get_nowait() takes no arguments");
    return get_item_of(t, as_queue(self), false, -1);
}
Ref empty(Thread&, Value self) { return bool_ref(as_queue(self)->size == 0); }
Ref qsize(Thread& t, Value self) { return int_from(t, as_queue(self)->size); }

Ref queue_new(Thread& t, PyTypeObject* type, const Value*, size_t n, Value kwnames) {
    if (type == g_queue) {
        if (n) return raise(t, PyExc_TypeError, "SimpleQueue() takes no positional arguments");
        if (kwnames && tuple_size(kwnames))
            return raise(t, PyExc_TypeError, "SimpleQueue() takes no keyword arguments");
    }
    Ref self = TRY(alloc(t, type));
    sem_init(&as_queue(self)->wake, 0, 0);
    return self;
}
void queue_clear(Thread&, PyObject* o) {
    auto* q = as_queue(Value(o));
    while (q->size) Ref gone = pop(q);
}
void queue_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    weakrefs_clear(t, o);
    queue_clear(t, o);
    mem_free(as_queue(Value(o))->items);
    sem_destroy(&as_queue(Value(o))->wake);
    free_object(t, o);
}
void queue_traverse(PyObject* o, Visitor& v) {
    auto* q = as_queue(Value(o));
    for (int64_t i = 0; i < q->size; i++) v.visit(q->items[(q->head + i) & (q->capacity - 1)]);
}

const NativeDef methods[] = {
    def<class_getitem>("__class_getitem__", "(object, /)", "See PEP 585", kMethClass),
    def<empty>("empty", "()", "Whether the queue is empty, at the moment."),
    def<get>(
        "get", "(block=True, timeout=None)",
        "Takes the oldest item. Waits for one if need be: for ever, or so many seconds, or not at all.\n\n"
        "Raises Empty when there was none.",
        kMethMethod),
    def<get_nowait>("get_nowait", "()", "Takes the oldest item, or raises Empty.", kMethMethod),
    def<put>("put", "(item, block=True, timeout=None)",
             "Adds an item. Never waits: block and timeout are there because other queues have them."),
    def<put_nowait>("put_nowait", "(item)", "Adds an item."),
    def<qsize>("qsize", "()", "How many items there are, at the moment."),
    {}};

Status exec(Thread& t, Value module) {
    static const TypeDecl decl{
        .name = "_queue.SimpleQueue",
        .basicsize = sizeof(QueueObject),
        .flags = kTpDefault | kTpBaseType | kTpHaveGC | kTpImmutableType,
        .slots = {.dealloc = queue_dealloc,
                  .traverse = queue_traverse,
                  .clear = queue_clear,
                  .new_ = queue_new},
        .spec = {.methods = methods, .doc = "An unbounded first-in first-out queue.", .text_signature = "()"},
        .weaklistoffset = offsetof(QueueObject, weaklist)};
    if (!g_queue) {
        Ref ns = TRY(dict_new(t)), name = TRY(str_from(t, "Empty")), owner = TRY(str_from(t, "_queue"));
        Ref doc = TRY(str_from(t, "What get(block=0) and get_nowait() raise when there is nothing."));
        TRY(dict_set_str(t, ns, "__module__", owner));
        TRY(dict_set_str(t, ns, "__doc__", doc));
        Ref bases = TRY(tuple_of(t, {Value(PyExc_Exception)}));
        g_empty = TRY(new_class(t, name, bases, ns)).release().as<PyTypeObject>();
        g_queue = TRY(new_native_heap_type(t, module, decl, {})).release().as<PyTypeObject>();
    }
    TRY(module_add(t, module, "Empty", Ref::share(Value(g_empty))));
    return module_add(t, module, "SimpleQueue", Ref::share(Value(g_queue)));
}

}  // namespace

extern const ModuleSpec module__queue;
const ModuleSpec module__queue{.name = "_queue",
                               .doc = "The queue that needs no locks of Python's own.",
                               .functions = nullptr,
                               .exec = exec};

}  // namespace krait
