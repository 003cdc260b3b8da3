// The module _interpqueues: queues that all interpreters of the process see.
#include <deque>
#include <map>
#include <vector>

#include "builtins/callable.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/tuple.h"
#include "modules/interpreters/arguments.h"
#include "modules/interpreters/cross.h"
#include "object/protocol.h"
#include "runtime/interpreters.h"

namespace krait::xi {
namespace {

struct Item {
    int64_t interp;
    Data* data;  // null: its interpreter has ended
    int unbound;
};
struct Queue {
    int64_t max_size = 0, references = 0;
    int unbound = kUnboundReplace, fallback = 1;
    std::deque<Item> items;

    bool is_full() const { return max_size > 0 && static_cast<int64_t>(items.size()) >= max_size; }
};

// Of the process, like the numbers; guarded by the GIL.
std::map<int64_t, Queue>& queues() {
    static auto* all = new std::map<int64_t, Queue>;
    return *all;
}
int64_t g_next_queue = 1;

PER_INTERPRETER_REFS Value g_queue_error, g_not_found_error, g_queue_type, g_empty_error, g_full_error;

const char* const kHome = "concurrent.interpreters";

// --- errors ---

Status load_python_part(Thread& t) {
    TRY_DISCARD(import_module(t, "concurrent.interpreters._queues"));
    if (g_queue_type) return Status::ok();
    return raise(t, PyExc_RuntimeError, "concurrent.interpreters._queues has not registered its types");
}
Raised queue_error(Thread& t, Value& type, int64_t id, const char* what) {
    if ((&type == &g_empty_error || &type == &g_full_error) && !type && !load_python_part(t)) return {};
    Ref text = str_format(t, "queue %lld %s", static_cast<long long>(id), what);
    if (!text) return {};
    Ref exc = call(t, type, {text});
    return exc ? raise_object(t, exc) : Raised{};
}

Queue* find(Thread& t, int64_t id) {
    auto found = queues().find(id);
    if (found != queues().end()) return &found->second;
    queue_error(t, g_not_found_error, id, "not found");
    return nullptr;
}

void remove_queue(Thread& t, int64_t id) {
    auto found = queues().find(id);
    if (found == queues().end()) return;
    std::deque<Item> items = std::move(found->second.items);
    queues().erase(found);  // releasing data may come back here
    for (Item& item : items) free_data(t, item.data);
}

// False: no such queue; nothing is raised.
bool add_reference(int64_t id) {
    auto found = queues().find(id);
    if (found == queues().end()) return false;
    found->second.references++;
    return true;
}
void drop_reference(Thread& t, int64_t id) {
    auto found = queues().find(id);
    if (found == queues().end() || found->second.references == 0) return;
    if (--found->second.references == 0) remove_queue(t, id);
}

// --- functions ---

Result<int64_t> queue_id(Thread& t, Value v) { return id_number(t, v, "queue ID"); }

// The only argument of a function: a queue's number.
Queue* only_queue(Thread& t, const char* function, const Value* args, size_t nargs, Value kwnames,
                  int64_t* id) {
    Names names{function, {"qid"}, 1, 1, 0};
    Value a[1];
    if (!bind_names(t, names, args, nargs, kwnames, a)) return nullptr;
    Result<int64_t> n = queue_id(t, a[0]);
    if (!n) return nullptr;
    *id = n.value();
    return find(t, *id);
}

Ref m_create(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    static constexpr Names names{"create", {"maxsize", "unboundop", "fallback"}, 3, 1, 0};
    Value a[3];
    TRY(bind_names(t, names, args, nargs, kwnames, a));
    Queue q;
    q.max_size = TRY(as_index(t, a[0], PyExc_OverflowError));
    q.unbound = TRY(unbound_op(t, a[1], kUnboundReplace));
    q.fallback = TRY(fallback_number(t, a[2], 1));
    int64_t id = g_next_queue++;
    queues().emplace(id, std::move(q));
    return int_from(t, id);
}
Ref m_destroy(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    int64_t id;
    if (!only_queue(t, "destroy", args, nargs, kwnames, &id)) return {};
    remove_queue(t, id);
    return none_ref();
}
Ref m_list_all(Thread& t, Value) {
    Ref list = TRY(list_new(t));
    for (auto it = queues().rbegin(); it != queues().rend(); ++it) {
        Ref item = TRY(tuple_of(t, {Value::from_int(it->first), Value::from_int(it->second.unbound),
                                    Value::from_int(it->second.fallback)}));
        TRY(list_append(t, list, item));
    }
    return list;
}
Ref m_put(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    static constexpr Names names{"put", {"qid", "obj", "unboundop", "fallback"}, 4, 1, 0};
    Value a[4];
    TRY(bind_names(t, names, args, nargs, kwnames, a));
    int64_t id = TRY(queue_id(t, a[0]));
    if (!a[1]) return raise(t, PyExc_TypeError, "put() missing required argument 'obj' (pos 2)");
    Queue* q = find(t, id);
    if (!q) return {};
    int unbound = TRY(unbound_op(t, a[2], q->unbound)), fallback = TRY(fallback_number(t, a[3], q->fallback));
    Data* data = get_data(t, a[1], static_cast<Fallback>(fallback));
    if (!data) return {};
    q = find(t, id);  // pickling may have run anything
    if (!q || q->is_full()) {
        free_data(t, data);
        return q ? queue_error(t, g_full_error, id, "is full") : Raised{};
    }
    q->items.push_back({t.interp->id, data, unbound});
    return none_ref();
}
Ref m_get(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    int64_t id;
    Queue* q = only_queue(t, "get", args, nargs, kwnames, &id);
    if (!q) return {};
    if (q->items.empty()) return queue_error(t, g_empty_error, id, "is empty");
    Item item = q->items.front();
    q->items.pop_front();
    if (!item.data) return tuple_of(t, {none(), Value::from_int(item.unbound)});
    Ref v = new_object(t, *item.data);
    free_data(t, item.data);
    if (!v) return {};
    return tuple_of(t, {v, none()});
}
Ref m_bind(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    int64_t id;
    Queue* q = only_queue(t, "bind", args, nargs, kwnames, &id);
    if (!q) return {};
    q->references++;
    return none_ref();
}
Ref m_release(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    int64_t id;
    Queue* q = only_queue(t, "release", args, nargs, kwnames, &id);
    if (!q) return {};
    if (q->references == 0) return queue_error(t, g_queue_error, id, "never bound");
    drop_reference(t, id);
    return none_ref();
}
Ref m_get_maxsize(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    int64_t id;
    Queue* q = only_queue(t, "get_maxsize", args, nargs, kwnames, &id);
    return q ? int_from(t, q->max_size) : Ref();
}
Ref m_get_queue_defaults(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    int64_t id;
    Queue* q = only_queue(t, "get_queue_defaults", args, nargs, kwnames, &id);
    return q ? tuple_of(t, {Value::from_int(q->unbound), Value::from_int(q->fallback)}) : Ref();
}
Ref m_is_full(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    int64_t id;
    Queue* q = only_queue(t, "is_full", args, nargs, kwnames, &id);
    return q ? bool_ref(q->is_full()) : Ref();
}
Ref m_get_count(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    int64_t id;
    Queue* q = only_queue(t, "get_count", args, nargs, kwnames, &id);
    return q ? int_from(t, static_cast<int64_t>(q->items.size())) : Ref();
}

// --- Queue objects on their way ---

Ref make_queue(Thread& t, const Data& d) {
    TRY_DISCARD(import_module(t, "_interpqueues"));
    if (!g_queue_type) TRY(load_python_part(t));
    Ref id = TRY(int_from(t, d.number)), type = Ref::share(g_queue_type);
    return call(t, type, {id});
}
void release_queue(Thread& t, Data& d) { drop_reference(t, d.number); }
Data* get_queue(Thread& t, Value v) {
    Ref id = get_attr(t, v, "_id");
    Result<int64_t> n = id ? queue_id(t, id) : Result<int64_t>();
    if (!n) return nullptr;
    if (!add_reference(n.value())) {
        queue_error(t, g_not_found_error, n.value(), "not found");
        return nullptr;
    }
    Data* d = data_new(t, make_queue);
    if (!d) {
        drop_reference(t, n.value());
        return nullptr;
    }
    d->number = n.value();
    d->release = release_queue;
    return d;
}

bool is_exception_class(Value v) {
    return is_type(v) && is_subtype(v.as<PyTypeObject>(), PyExc_BaseException);
}
void put(Value& place, Value v) {
    Value old = place;
    place = Ref::share(v).release();
    xdecref(old);
}
Ref m_register(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    static constexpr Names names{"_register_heap_types", {"queuetype", "emptyerror", "fullerror"}, 3, 3, 0};
    Value a[3];
    TRY(bind_names(t, names, args, nargs, kwnames, a));
    if (!is_type(a[0])) return raise(t, PyExc_TypeError, "expected a type for 'queuetype'");
    if (!is_exception_class(a[1]))
        return raise(t, PyExc_TypeError, "expected an exception type for 'emptyerror'");
    if (!is_exception_class(a[2]))
        return raise(t, PyExc_TypeError, "expected an exception type for 'fullerror'");
    if (g_queue_type) unregister_class(g_queue_type);
    TRY(register_class(t, a[0], get_queue));
    put(g_queue_type, a[0]);
    put(g_empty_error, a[1]);
    put(g_full_error, a[2]);
    return none_ref();
}

constexpr uint8_t kPlain = kMethNoSignature;
const NativeDef functions[] = {
    def<m_create>("create", "",
                  "create(maxsize, unboundop, fallback) -> qid\n\nMake a queue; its number. It lives until "
                  "destroy(), or until release() has undone\nevery bind().",
                  kPlain),
    def<m_destroy>("destroy", "", "destroy(qid)\n\nEnd the queue and throw away what is in it.", kPlain),
    def<m_list_all>("list_all", "()",
                    "list_all() -> [(qid, unboundop, fallback)]\n\nAll queues with their defaults."),
    def<m_put>("put", "", "put(qid, obj)\n\nSend the object to the end of the queue.", kPlain),
    def<m_get>("get", "",
               "get(qid) -> (obj, unboundop)\n\nTake what is first: the object and None, or None and what to "
               "do where the\ninterpreter that sent it has ended. QueueEmpty when there is nothing.",
               kPlain),
    def<m_bind>("bind", "", "bind(qid)\n\nCount one more user of the queue.", kPlain),
    def<m_release>("release", "", "release(qid)\n\nCount one user less; the queue ends with the last.",
                   kPlain),
    def<m_get_maxsize>("get_maxsize", "", "get_maxsize(qid)\n\nHow much fits into the queue; 0: anything.",
                       kPlain),
    def<m_get_queue_defaults>("get_queue_defaults", "",
                              "get_queue_defaults(qid)\n\nThe two defaults of create().", kPlain),
    def<m_is_full>("is_full", "", "is_full(qid)\n\nIs there no room any more?", kPlain),
    def<m_get_count>("get_count", "", "get_count(qid)\n\nHow much is in the queue.", kPlain),
    def<m_register>("_register_heap_types", "", nullptr, kPlain),
    {}};

Status exec(Thread& t, Value module) {
    TRY(make_error_class(t, "QueueError", kHome, "Something is wrong with a queue.",
                         Value(PyExc_RuntimeError), g_queue_error));
    TRY(make_error_class(t, "QueueNotFoundError", kHome, nullptr, g_queue_error, g_not_found_error));
    TRY(module_add(t, module, "QueueError", Ref::share(g_queue_error)));
    return module_add(t, module, "QueueNotFoundError", Ref::share(g_not_found_error));
}

// Items that the interpreter sent.
void forget_items(Thread& t) {
    std::vector<Data*> gone;
    for (auto& [id, q] : queues())
        for (auto it = q.items.begin(); it != q.items.end();) {
            bool own = it->interp == t.interp->id && it->data;
            if (own) gone.push_back(it->data);
            if (own) it->data = nullptr;
            it = own && it->unbound == kUnboundRemove ? q.items.erase(it) : it + 1;
        }
    for (Data* d : gone) free_data(t, d);
}
AT_INTERPRETER_END(forget_items)

}  // namespace
}  // namespace krait::xi

namespace krait {
extern const ModuleSpec module__interpqueues;
const ModuleSpec module__interpqueues{.name = "_interpqueues",
                                      .doc = "Queues between interpreters.",
                                      .functions = xi::functions,
                                      .exec = xi::exec};
}  // namespace krait
