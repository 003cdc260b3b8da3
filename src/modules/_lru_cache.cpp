// functools._lru_cache_wrapper: memoization by arguments, unbounded or of the calls used last.
//
// The bounded form keeps its entries as nodes of an array that a doubly linked list runs through, the longest
// unused first; the dict maps a key to the number of its node, which is an immediate. Comparing keys may run
// code that calls this very object: numbers stay valid when the array grows, and clearing the cache replaces
// dict and array, which the code below notices by the identity of the dict.
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "modules/_functools.h"
#include "modules/fields.h"
#include "object/instance.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait {
namespace {

Type lru_type;

struct Node {
    Value key, result;  // owned; empty in free nodes
    int64_t hash;
    int32_t prev, next;  // in a free node `next` is the next free one
};
constexpr int32_t kNoNode = -1;

struct LruObject {
    PyObject ob_base;
    Ref (*wrapper)(Thread&, LruObject*, const Value*, size_t, Value);
    Value fn, cache, info_type, dict;
    PyObject* weaklist;
    Node* nodes;
    int64_t maxsize;  // -1: none
    int64_t hits, misses;
    int32_t first, last, free;  // nodes: used longest ago, used last, first free one
    int32_t capacity, filled;   // nodes from `filled` on were never used
    bool typed;
    char reserved[32];  // the size that sys.getsizeof shows is that of CPython
};
static_assert(sizeof(LruObject) == 152);
LruObject* as_lru(Value v) { return v.as<LruObject>(); }

Value g_keyword_mark;  // between the positional and the keyword arguments of a key; immortal

// --- keys ---

// The hashable form of a call. One argument that is an exact int or str stands for itself.
Ref make_key(Thread& t, const Value* args, size_t nargs, Value kwnames, bool typed) {
    int64_t n = static_cast<int64_t>(nargs), nkw = kwnames ? tuple_size(kwnames) : 0;
    if (!typed && nkw == 0 && n == 1 && (is_str_exact(args[0]) || is_long_exact(args[0])))
        return Ref::share(args[0]);
    int64_t size = n + (nkw ? 1 + 2 * nkw : 0) + (typed ? n + nkw : 0);
    Ref key = TRY(tuple_new(t, size));
    Value* out = tuple_items(key);
    for (int64_t i = 0; i < n; i++) *out++ = Ref::share(args[i]).release();
    if (nkw) {
        *out++ = g_keyword_mark;
        for (int64_t i = 0; i < nkw; i++) {
            *out++ = Ref::share(tuple_get(kwnames, i)).release();
            *out++ = Ref::share(args[n + i]).release();
        }
    }
    if (typed)
        for (int64_t i = 0; i < n + nkw; i++) *out++ = Ref::share(Value(type_of(args[i]))).release();
    return key;
}

// --- nodes ---

void unlink(LruObject* c, int32_t i) {
    Node& node = c->nodes[i];
    (node.prev == kNoNode ? c->first : c->nodes[node.prev].next) = node.next;
    (node.next == kNoNode ? c->last : c->nodes[node.next].prev) = node.prev;
}
void link_last(LruObject* c, int32_t i) {
    Node& node = c->nodes[i];
    node.prev = c->last;
    node.next = kNoNode;
    (c->last == kNoNode ? c->first : c->nodes[c->last].next) = i;
    c->last = i;
}
// A node to fill; kNoNode with MemoryError.
int32_t take_node(Thread& t, LruObject* c) {
    if (c->free != kNoNode) {
        int32_t i = c->free;
        c->free = c->nodes[i].next;
        return i;
    }
    if (c->filled == c->capacity) {
        int32_t capacity = c->capacity ? c->capacity * 2 : 16;
        auto* nodes =
            capacity < 0
                ? nullptr
                : static_cast<Node*>(mem_realloc(c->nodes, static_cast<size_t>(capacity) * sizeof(Node)));
        if (!nodes) {
            raise_no_memory(t);
            return kNoNode;
        }
        c->nodes = nodes;
        c->capacity = capacity;
    }
    return c->filled++;
}
// Takes the node out of use; what it held is the caller's.
struct Content {
    Ref key, result;
};
Content give_node(LruObject* c, int32_t i) {
    Node& node = c->nodes[i];
    Content content{Ref::steal(node.key), Ref::steal(node.result)};
    node.key = node.result = Value();
    node.next = c->free;
    c->free = i;
    return content;
}
// Empties the cache; the new dict is made first, so failing changes nothing.
Status clear_cache(Thread& t, LruObject* c) {
    Ref fresh = TRY(dict_new(t));
    Ref old = Ref::steal(c->cache);
    c->cache = fresh.release();
    Node* nodes = c->nodes;
    int32_t filled = c->filled;
    c->nodes = nullptr;
    c->capacity = c->filled = 0;
    c->first = c->last = c->free = kNoNode;
    for (int32_t i = 0; i < filled; i++) {
        xdecref(nodes[i].key);
        xdecref(nodes[i].result);
    }
    mem_free(nodes);
    return Status::ok();
}

// --- the three ways to call ---

Ref call_uncached(Thread& t, LruObject* c, const Value* args, size_t nargs, Value kwnames) {
    c->misses++;
    return call(t, c->fn, args, nargs, kwnames);
}

Ref call_unbounded(Thread& t, LruObject* c, const Value* args, size_t nargs, Value kwnames) {
    Ref key = TRY(make_key(t, args, nargs, kwnames, c->typed));
    int64_t h = TRY(hash(t, key));
    Ref cache = Ref::share(c->cache);
    Ref known = TRY(dict_get_hash(t, cache, key, h));
    if (known) {
        c->hits++;
        return known;
    }
    c->misses++;
    Ref result = TRY(call(t, c->fn, args, nargs, kwnames));
    TRY(dict_set_hash(t, c->cache, key, h, result));
    return result;
}

// Takes the entry that was used longest ago out. Yields false when the cache changed under us: then the
// result is not kept.
Result<bool> drop_oldest(Thread& t, LruObject* c, Value cache) {
    int32_t oldest = c->first;
    if (oldest == kNoNode) return false;
    Ref key = Ref::share(c->nodes[oldest].key);
    Ref number = TRY(dict_pop(t, cache, key));
    if (c->cache != cache) return false;
    if (!number) {
        // The key no longer equals itself, or a comparison removed it: the node goes, nothing is added.
        if (c->first == oldest && c->nodes[oldest].key == key.get()) {
            unlink(c, oldest);
            Content gone = give_node(c, oldest);
        }
        return false;
    }
    auto i = static_cast<int32_t>(number.get().as_int());
    unlink(c, i);
    Content gone = give_node(c, i);
    return c->cache == cache;
}

Ref call_bounded(Thread& t, LruObject* c, const Value* args, size_t nargs, Value kwnames) {
    Ref key = TRY(make_key(t, args, nargs, kwnames, c->typed));
    int64_t h = TRY(hash(t, key));
    Ref cache = Ref::share(c->cache);
    Ref number = TRY(dict_get_hash(t, cache, key, h));
    if (number && c->cache == cache.get()) {
        auto i = static_cast<int32_t>(number.get().as_int());
        if (c->last != i) {
            unlink(c, i);
            link_last(c, i);
        }
        c->hits++;
        return Ref::share(c->nodes[i].result);
    }
    c->misses++;
    Ref result = TRY(call(t, c->fn, args, nargs, kwnames));
    cache = Ref::share(c->cache);
    number = TRY(dict_get_hash(t, cache, key, h));
    if (number || c->cache != cache.get()) return result;  // a call inside was the same one
    if (dict_size(cache) >= c->maxsize) {
        bool dropped = TRY(drop_oldest(t, c, cache));
        if (!dropped) return result;
    }
    int32_t i = take_node(t, c);
    if (i == kNoNode) return {};
    c->nodes[i] = {key.share().release(), result.share().release(), h, kNoNode, kNoNode};
    // Linked before the dict knows it: whatever the store runs then finds a whole list.
    link_last(c, i);
    Status stored = dict_set_hash(t, cache, key, h, Value::from_int(i));
    if (!stored && c->cache == cache.get() && c->nodes[i].key == key.get()) {
        unlink(c, i);
        Content gone = give_node(c, i);
    }
    if (!stored) return {};
    return result;
}

// --- the type ---

Ref lru_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    Value p[4];
    Ref keep;
    TRY(bind_args(t, "lru_cache", "(user_function, maxsize, typed, cache_info_type)", args, nargs, kwnames, p,
                  keep));
    if (!is_callable(p[0])) return raise(t, PyExc_TypeError, "the first argument must be callable");
    auto* wrapper = call_bounded;
    int64_t maxsize = -1;
    if (is_none(p[1])) {
        wrapper = call_unbounded;
    } else if (is_index(p[1])) {
        maxsize = TRY(as_index(t, p[1], PyExc_OverflowError));
        if (maxsize < 0) maxsize = 0;
        if (maxsize == 0) wrapper = call_uncached;
    } else {
        return raise(t, PyExc_TypeError, "maxsize should be integer or None");
    }
    bool typed = TRY(is_true(t, p[2]));
    Ref cache = TRY(dict_new(t));
    Ref self = TRY(alloc(t, type));
    auto* c = as_lru(self);
    c->wrapper = wrapper;
    c->fn = Ref::share(p[0]).release();
    c->cache = cache.release();
    c->info_type = Ref::share(p[3]).release();
    c->maxsize = maxsize;
    c->first = c->last = c->free = kNoNode;
    c->typed = typed;
    return self;
}

void lru_clear(Thread&, PyObject* o) {
    auto* c = reinterpret_cast<LruObject*>(o);
    Node* nodes = c->nodes;
    int32_t filled = c->filled;
    c->nodes = nullptr;
    c->capacity = c->filled = 0;
    c->first = c->last = c->free = kNoNode;
    for (Value* place : {&c->cache, &c->fn, &c->info_type, &c->dict}) put_owned(*place, Ref());
    for (int32_t i = 0; i < filled; i++) {
        xdecref(nodes[i].key);
        xdecref(nodes[i].result);
    }
    mem_free(nodes);
}
void lru_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    weakrefs_clear(t, o);
    lru_clear(t, o);
    free_object(t, o);
}
void lru_traverse(PyObject* o, Visitor& v) {
    auto* c = reinterpret_cast<LruObject*>(o);
    for (Value x : {c->fn, c->cache, c->info_type, c->dict}) v.visit(x);
    for (int32_t i = 0; i < c->filled; i++) {
        v.visit(c->nodes[i].key);
        v.visit(c->nodes[i].result);
    }
}

Ref lru_call(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    return as_lru(self)->wrapper(t, as_lru(self), args, nargs, kwnames);
}
Ref lru_descr_get(Thread& t, Value self, Value obj, Value) {
    if (!obj || is_none(obj)) return Ref::share(self);
    return method_new(t, self, obj);
}

Ref cache_info(Thread& t, Value self) {
    auto* c = as_lru(self);
    Ref hits = TRY(int_from(t, c->hits)), misses = TRY(int_from(t, c->misses));
    Ref maxsize = c->maxsize < 0 ? none_ref() : TRY(int_from(t, c->maxsize));
    Ref size = TRY(int_from(t, dict_size(c->cache)));
    Ref type = Ref::share(c->info_type);
    return call(t, type, {hits, misses, maxsize, size});
}
Ref cache_clear(Thread& t, Value self) {
    auto* c = as_lru(self);
    c->hits = c->misses = 0;
    TRY(clear_cache(t, c));
    return none_ref();
}
Ref lru_reduce(Thread& t, Value self) { return get_attr(t, self, ID(__qualname__)); }
Ref lru_copy(Thread&, Value self) { return Ref::share(self); }
Ref lru_deepcopy(Thread&, Value self, Value) { return Ref::share(self); }
Ref get_dict(Thread& t, Value self, void*) { return instance_dict(t, self); }
Status set_dict(Thread& t, Value self, Value v, void*) {
    if (!v) return raise(t, PyExc_TypeError, "cannot delete __dict__");
    return instance_set_dict(t, self, v);
}

const NativeDef lru_methods[] = {
    def<cache_info>("cache_info", "()", "Hits, misses, greatest and current size."),
    def<cache_clear>("cache_clear", "()", "Forgets all results and the statistics."),
    def<lru_reduce>("__reduce__", "()", nullptr),
    def<lru_copy>("__copy__", "()", nullptr, kMethNoSignature),
    def<lru_deepcopy>("__deepcopy__", "(memo, /)", nullptr, kMethNoSignature),
    {}};
const GetSetDef lru_getset[] = {getset("__dict__", get_dict, set_dict, nullptr), {}};

}  // namespace

Status add_lru_cache(Thread& t, Value module) {
    static const TypeDecl decl{.name = "functools._lru_cache_wrapper",
                               .basicsize = sizeof(LruObject),
                               .flags = kTpDefault | kTpHaveGC | kTpMethodDescriptor | kTpImmutableType,
                               .slots = {.dealloc = lru_dealloc,
                                         .traverse = lru_traverse,
                                         .clear = lru_clear,
                                         .call = lru_call,
                                         .descr_get = lru_descr_get,
                                         .new_ = lru_new},
                               .spec = {.methods = lru_methods,
                                        .getset = lru_getset,
                                        .doc = "A function that remembers its results."},
                               .weaklistoffset = offsetof(LruObject, weaklist),
                               .dictoffset = offsetof(LruObject, dict)};
    if (!g_keyword_mark) {
        g_keyword_mark = TRY(alloc(t, &PyBaseObject_Type)).release();
        make_immortal(g_keyword_mark.ptr());
    }
    return add_static_type(t, module, lru_type, decl);
}

}  // namespace krait
