// The module _heapq: binary heaps in lists, with the least or (the _max functions) the greatest item first.
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/tuple.h"
#include "object/protocol.h"

namespace krait {
namespace {

enum Order { kMin, kMax };

// Whether `a` belongs above `b`. Both are held, because a comparison may change the list.
template <Order O>
inline Result<bool> above(Thread& t, Value a, Value b) {
    if constexpr (O == kMax) std::swap(a, b);
    if (a.is_int() && b.is_int()) return a.as_int() < b.as_int();
    if (a.is_float() && b.is_float()) return a.as_float() < b.as_float();
    if (is_tuple_exact(a) && is_tuple_exact(b)) {
        // (priority, ...): mostly the first numbers decide.
        int64_t n = std::min(tuple_size(a), tuple_size(b));
        for (int64_t i = 0; i < n; i++) {
            Value x = tuple_get(a, i), y = tuple_get(b, i);
            if (x == y) continue;
            if (x.is_int() && y.is_int()) return x.as_int() < y.as_int();
            if (x.is_float() && y.is_float()) return x.as_float() < y.as_float();
            break;
        }
    }
    Ref held_a = Ref::share(a), held_b = Ref::share(b);
    return compare_bool(t, a, b, kLt);
}

Status size_changed(Thread& t) { return raise(t, PyExc_RuntimeError, "list changed size during iteration"); }

// Moves the item at `pos` up until its parent is above it.
template <Order O>
Status sift_down(Thread& t, Value heap, int64_t start, int64_t pos) {
    int64_t size = list_size(heap);
    if (pos >= size) return raise(t, PyExc_IndexError, "index out of range");
    while (pos > start) {
        int64_t parent = (pos - 1) >> 1;
        bool move = TRY(above<O>(t, list_get(heap, pos), list_get(heap, parent)));
        if (list_size(heap) != size) return size_changed(t);
        if (!move) break;
        std::swap(list_items(heap)[pos], list_items(heap)[parent]);
        pos = parent;
    }
    return Status::ok();
}

// Moves the item at `pos` down to a leaf, the better child up each time, then up to its place: it mostly
// belongs near the bottom, so this takes fewer comparisons than stopping early.
template <Order O>
Status sift_up(Thread& t, Value heap, int64_t pos) {
    int64_t start = pos, size = list_size(heap);
    if (pos >= size) return raise(t, PyExc_IndexError, "index out of range");
    while (pos < size >> 1) {
        int64_t child = 2 * pos + 1;
        if (child + 1 < size) {
            Value left = list_get(heap, child), right = list_get(heap, child + 1);
            if constexpr (O == kMin)
                child += !TRY(above<kMin>(t, left, right));
            else
                child += !TRY(above<kMax>(t, left, right));
            if (list_size(heap) != size) return size_changed(t);
        }
        std::swap(list_items(heap)[pos], list_items(heap)[child]);
        pos = child;
    }
    return sift_down<O>(t, heap, start, pos);
}

Status need_list(Thread& t, Value v, const char* fname, bool only) {
    if (is_list(v)) return Status::ok();
    return raise(t, PyExc_TypeError,
                 only ? "%s() argument must be list, not %K" : "%s() argument 1 must be list, not %K", fname,
                 v);
}

template <Order O>
Ref heappush(Thread& t, Value, const Value* a, size_t) {
    TRY(need_list(t, a[0], O == kMin ? "heappush" : "heappush_max", false));
    TRY(list_append(t, a[0], a[1]));
    TRY(sift_down<O>(t, a[0], 0, list_size(a[0]) - 1));
    return none_ref();
}

template <Order O>
Ref heappop(Thread& t, Value, Value heap) {
    TRY(need_list(t, heap, O == kMin ? "heappop" : "heappop_max", true));
    int64_t n = list_size(heap);
    if (n == 0) return raise(t, PyExc_IndexError, "index out of range");
    Ref last = Ref::share(list_get(heap, n - 1));
    TRY(list_set_slice(t, heap, n - 1, n, Value()));
    if (n == 1) return last;
    Ref top = Ref::steal(list_items(heap)[0]);
    list_items(heap)[0] = last.release();
    TRY(sift_up<O>(t, heap, 0));
    return top;
}

// Puts `item` in the place of the first one, which is returned.
template <Order O>
Ref replace_top(Thread& t, Value heap, Value item) {
    Ref top = Ref::share(list_get(heap, 0));
    TRY(list_set(t, heap, 0, Ref::share(item)));
    TRY(sift_up<O>(t, heap, 0));
    return top;
}
template <Order O>
Ref heapreplace(Thread& t, Value, const Value* a, size_t) {
    TRY(need_list(t, a[0], O == kMin ? "heapreplace" : "heapreplace_max", false));
    if (list_size(a[0]) == 0) return raise(t, PyExc_IndexError, "index out of range");
    return replace_top<O>(t, a[0], a[1]);
}
template <Order O>
Ref heappushpop(Thread& t, Value, const Value* a, size_t) {
    TRY(need_list(t, a[0], O == kMin ? "heappushpop" : "heappushpop_max", false));
    if (list_size(a[0]) == 0) return Ref::share(a[1]);
    bool replace = TRY(above<O>(t, list_get(a[0], 0), a[1]));
    if (!replace) return Ref::share(a[1]);
    if (list_size(a[0]) == 0) return raise(t, PyExc_IndexError, "index out of range");
    return replace_top<O>(t, a[0], a[1]);
}

template <Order O>
Ref heapify(Thread& t, Value, Value heap) {
    TRY(need_list(t, heap, O == kMin ? "heapify" : "heapify_max", true));
    for (int64_t i = (list_size(heap) >> 1) - 1; i >= 0; i--) TRY(sift_up<O>(t, heap, i));
    return none_ref();
}

const NativeDef functions[] = {
    def<heappush<kMin>>("heappush", "(heap, item, /)", "Adds an item."),
    def<heappushpop<kMin>>("heappushpop", "(heap, item, /)", "Adds an item, then takes the least one out."),
    def<heappop<kMin>>("heappop", "(heap, /)", "Takes the least item out."),
    def<heapreplace<kMin>>("heapreplace", "(heap, item, /)", "Takes the least item out, then adds one."),
    def<heapify<kMin>>("heapify", "(heap, /)", "Makes a heap of any list, in linear time."),
    def<heappush<kMax>>("heappush_max", "(heap, item, /)", "Adds an item to a max heap."),
    def<heappop<kMax>>("heappop_max", "(heap, /)", "Takes the greatest item out."),
    def<heappushpop<kMax>>("heappushpop_max", "(heap, item, /)",
                           "Adds an item, then takes the greatest one out."),
    def<heapreplace<kMax>>("heapreplace_max", "(heap, item, /)",
                           "Takes the greatest item out, then adds one."),
    def<heapify<kMax>>("heapify_max", "(heap, /)", "Makes a max heap of any list, in linear time."),
    {}};

}  // namespace

extern const ModuleSpec module__heapq;
const ModuleSpec module__heapq{.name = "_heapq", .doc = "Priority queues in lists.", .functions = functions};

}  // namespace krait
