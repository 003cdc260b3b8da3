// list.sort, by merge_sort.h. What is compared decides the comparison function once per sort: all immediates,
// all plain text, tuples, or anything.
#include <algorithm>
#include <cstring>
#include <utility>

#include "builtins/list.h"
#include "builtins/merge_sort.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/call_one.h"
#include "object/protocol.h"
#include "object/values.h"

namespace krait {
namespace {

// An element of a sort by keys: what is compared, and what it stands for. Without keys values are sorted.
struct Item {
    Value key, value;
};
inline Value key_of(const Item& i) { return i.key; }
inline Value key_of(Value v) { return v; }

// less(a, b): 1, 0, or -1 with an exception set.
struct Less {
    Thread& t;
    int (*fn)(Less&, Value, Value);
    int (*first)(Less&, Value, Value) = nullptr;  // for tuples: compares the first items
    PyTypeObject* type = nullptr;
    CompareFn slot = nullptr;
    template <class T>
    int operator()(const T& a, const T& b) {
        return fn(*this, key_of(a), key_of(b));
    }
};

int less_any(Less& l, Value a, Value b) {
    Result<bool> r = [&]() -> Result<bool> {
        Ref keep_a = Ref::share(a), keep_b = Ref::share(b);
        Ref v = compare(l.t, a, b, kLt);
        if (!v) return {};
        return is_true(l.t, v);
    }();
    return r ? r.value() : -1;
}
int less_int(Less&, Value a, Value b) { return static_cast<int64_t>(a.bits) < static_cast<int64_t>(b.bits); }
int less_float(Less&, Value a, Value b) { return a.as_float() < b.as_float(); }
int less_latin1(Less&, Value a, Value b) {
    int64_t n = str_length(a), m = str_length(b);
    int c = memcmp(str_data(a), str_data(b), n < m ? n : m);
    return c ? c < 0 : n < m;
}
// Both of one type whose comparison slot is known: saves the look-up of the slot and of a reflected one.
int less_same_type(Less& l, Value a, Value b) {
    // A comparison may have changed the class, or what it does.
    if (type_of(a) != l.type || type_of(b) != l.type || ext(l.type)->slots.richcompare != l.slot) [[unlikely]]
        return less_any(l, a, b);
    Ref v = l.slot(l.t, a, b, kLt);  // what is sorted keeps both operands
    if (!v) return -1;
    if (v == not_implemented()) return less_any(l, a, b);
    if (v == boolean(true)) return 1;
    if (v == boolean(false)) return 0;
    Result<bool> r = is_true(l.t, v);
    return r ? r.value() : -1;
}
int less_tuple(Less& l, Value a, Value b) {
    int64_t n = tuple_size(a), m = tuple_size(b);
    for (int64_t i = 0; i < n && i < m; i++) {
        Value x = tuple_get(a, i), y = tuple_get(b, i);
        if (x == y) continue;
        if (x.is_int() && y.is_int()) return less_int(l, x, y);
        Result<bool> same = equal(l.t, x, y);
        if (!same) return -1;
        if (same.value()) continue;
        return i == 0 ? l.first(l, x, y) : less_any(l, x, y);
    }
    return n < m;
}

bool is_latin1(Value v) { return is_str_exact(v) && str_kind(v) == kStr1; }

using LessFn = int (*)(Less&, Value, Value);

template <class T>
LessFn choose_scalar(Less& l, const T* items, int64_t n, Value (*what)(Value)) {
    Value head = what(key_of(items[0]));
    bool ints = head.is_int(), floats = head.is_float(), text = is_latin1(head), same = true;
    PyTypeObject* type = type_of(head);
    for (int64_t i = 0; i < n; i++) {
        Value v = what(key_of(items[i]));
        ints = ints && v.is_int();
        floats = floats && v.is_float();
        text = text && is_latin1(v);
        same = same && type_of(v) == type;
        if (!ints && !floats && !text && !same) return less_any;
    }
    if (ints) return less_int;
    if (floats) return less_float;
    if (text) return less_latin1;
    l.type = type;
    l.slot = ext(type)->slots.richcompare;
    return l.slot ? less_same_type : less_any;
}

template <class T>
LessFn choose(Less& l, const T* items, int64_t n) {
    bool tuples = true;
    for (int64_t i = 0; i < n && tuples; i++)
        tuples = is_tuple_exact(key_of(items[i])) && tuple_size(key_of(items[i])) > 0;
    if (!tuples) return choose_scalar(l, items, n, [](Value v) { return v; });
    l.first = choose_scalar(l, items, n, [](Value v) { return tuple_get(v, 0); });
    return less_tuple;
}

// The scalar comparisons, to be compiled into the sort itself.
template <LessFn Fn>
struct Inlined {
    Less& l;
    Thread& t = l.t;
    template <class T>
    int operator()(const T& a, const T& b) {
        return Fn(l, key_of(a), key_of(b));
    }
};

// How many characters all of these texts have in common at the beginning.
int64_t common_prefix(const Value* items, int64_t n) {
    auto* first = static_cast<const char*>(str_data(items[0]));
    int64_t common = str_length(items[0]);
    for (int64_t i = 1; i < n && common; i++) {
        int64_t length = str_length(items[i]);
        if (length < common) common = length;
        auto* text = static_cast<const char*>(str_data(items[i]));
        if (memcmp(first, text, static_cast<size_t>(common)) == 0) continue;
        int64_t same = 0;
        while (first[same] == text[same]) same++;
        common = same;
    }
    return common;
}

// Text that is its own key: `key` holds eight characters as a number, those behind what all have in common,
// which mostly decide.
struct ByPrefix {
    Less& l;
    Thread& t = l.t;
    static Value prefix(Value text, int64_t from = 0) {
        auto* p = static_cast<const char*>(str_data(text)) + from;
        int64_t n = str_length(text) - from;
        uint64_t head = n >= 8   ? load<uint64_t>(p)
                        : n >= 4 ? both_ends<uint32_t>(p, n)
                        : n >= 2 ? both_ends<uint16_t>(p, n)
                        : n == 1 ? load<uint8_t>(p)
                                 : 0;
        return Value(__builtin_bswap64(head));
    }
    template <class W>
    static uint64_t load(const char* p) {
        W w;
        memcpy(&w, p, sizeof w);
        return w;
    }
    // Fewer than two words' bytes: the words overlap.
    template <class W>
    static uint64_t both_ends(const char* p, int64_t n) {
        auto at = n - static_cast<int64_t>(sizeof(W));
        return load<W>(p) | load<W>(p + at) << (8 * at);
    }
    int operator()(const Item& a, const Item& b) {
        if (a.key.bits != b.key.bits) return a.key.bits < b.key.bits;
        return a.value != b.value && less_latin1(l, a.value, b.value);
    }
};

// `L` is Less, or an Inlined one; T: Item or Value.
template <class L, class T>
Status sort_by(L less, T* items, int64_t n) {
    return MergeSort<L, T>(less, items, n).sort();
}
template <class T>
Status sort_items(Less& less, T* items, int64_t n) {
    if (less.fn == less_int) return sort_by(Inlined<less_int>{less}, items, n);
    if (less.fn == less_float) return sort_by(Inlined<less_float>{less}, items, n);
    if (less.fn == less_latin1) return sort_by(Inlined<less_latin1>{less}, items, n);
    return MergeSort<Less, T>(less, items, n).sort();
}
void turn_round(Item* items, int64_t n) { std::reverse(items, items + n); }
void turn_round(Value* items, int64_t n) { reverse_values(items, n); }
// Sorting the reversed list and reversing it again keeps equal items in order.
template <class T>
Status sort_items(Less& less, T* items, int64_t n, bool reverse) {
    if (reverse) turn_round(items, n);
    Status ok = sort_items(less, items, n);
    if (reverse) turn_round(items, n);
    return ok;
}
// Fills the keys (owned when there is a key function).
Status compute_keys(Thread& t, Item* items, int64_t n, Value key) {
    for (int64_t i = 0; i < n; i++) {
        Ref k = call_one(t, key, items[i].value);
        if (!k) {
            for (int64_t j = 0; j < i; j++) decref(items[j].key);
            return {};
        }
        items[i].key = k.release();
    }
    return Status::ok();
}

// Is it in order but for a few places? Then it is compared so seldom that prefixes do not pay.
bool nearly_in_order(Less& l, const Value* text, int64_t n) {
    int64_t wrong = 0;
    for (int64_t i = 1; i < n && wrong <= n / 16; i++) wrong += less_latin1(l, text[i], text[i - 1]);
    return wrong <= n / 16;
}

// Text that is its own key.
Status sort_text(Less& less, Value* text, int64_t n, bool reverse) {
    auto* items = static_cast<Item*>(mem_alloc(static_cast<size_t>(n) * sizeof(Item)));
    if (!items) return raise_no_memory(less.t);
    int64_t common = common_prefix(text, n);
    for (int64_t i = 0; i < n; i++) items[i] = Item{ByPrefix::prefix(text[i], common), text[i]};
    if (reverse) turn_round(items, n);
    Status ok = sort_by(ByPrefix{less}, items, n);
    if (reverse) turn_round(items, n);
    for (int64_t i = 0; i < n; i++) text[i] = items[i].value;
    mem_free(items);
    return ok;
}

Status sort_values(Less& less, Value* values, int64_t n, bool reverse) {
    less.fn = choose(less, values, n);
    if (less.fn == less_latin1 && !nearly_in_order(less, values, n))
        return sort_text(less, values, n, reverse);
    return sort_items(less, values, n, reverse);
}

Status sort_by_keys(Less& less, Value* values, int64_t n, Value key, bool reverse) {
    if (n > INT64_MAX / static_cast<int64_t>(sizeof(Item))) return raise_no_memory(less.t);
    auto* items = static_cast<Item*>(mem_alloc(n ? static_cast<size_t>(n) * sizeof(Item) : 1));
    if (!items) return raise_no_memory(less.t);
    for (int64_t i = 0; i < n; i++) items[i].value = values[i];
    Status ok = compute_keys(less.t, items, n, key);
    bool owns_keys = static_cast<bool>(ok);
    if (ok && n > 1) {
        less.fn = choose(less, items, n);
        ok = sort_items(less, items, n, reverse);
    }
    for (int64_t i = 0; i < n; i++) values[i] = items[i].value;
    // While the list still counts as being sorted: what a key runs when it goes may change it, too.
    if (owns_keys)
        for (int64_t i = 0; i < n; i++) decref(items[i].key);
    mem_free(items);
    return ok;
}

enum class Order { Unknown, Right, Backwards };  // Backwards: no two are equal

// Of values that `is` accepts, all of them; before(i) says whether the i-th belongs before the one to its
// left.
template <class Is, class Before>
Order order_of(const Value* items, int64_t n, Is&& is, Before&& before) {
    if (!is(items[0]) || !is(items[1])) return Order::Unknown;
    bool backwards = before(1);
    for (int64_t i = 2; i < n; i++)
        if (!is(items[i]) || before(i) != backwards) return Order::Unknown;
    return backwards ? Order::Backwards : Order::Right;
}
Order order_of_text(Less& l, const Value* items, int64_t n, bool reverse) {
    if (!is_latin1(items[0])) return Order::Unknown;
    uint64_t left = ByPrefix::prefix(items[0]).bits;
    auto before = [&](int64_t i) {
        if (items[i] == items[i - 1]) return false;
        uint64_t x = ByPrefix::prefix(items[i]).bits, y = std::exchange(left, x);
        if (x != y) return (x < y) != reverse;
        return less_latin1(l, items[i - reverse], items[i - !reverse]) != 0;
    };
    return order_of(items, n, is_latin1, before);
}
// Numbers or text that need hardly any sorting; mostly the first few tell that they do.
Order order_at_once(Less& l, const Value* items, int64_t n, bool reverse) {
    auto by = [&](auto less) {
        return [&l, items, reverse, less](int64_t i) {
            return less(l, items[i - reverse], items[i - !reverse]) != 0;
        };
    };
    if (items[0].is_int()) return order_of(items, n, [](Value v) { return v.is_int(); }, by(less_int));
    if (items[0].is_float()) return order_of(items, n, [](Value v) { return v.is_float(); }, by(less_float));
    return order_of_text(l, items, n, reverse);
}

}  // namespace

Status list_sort(Thread& t, Value list, Value key, bool reverse) {
    auto* l = list.as<PyListObject>();
    bool has_key = key && !is_none(key);
    int64_t n = l->ob_base.ob_size, capacity = l->allocated;
    Value* storage = l->ob_item;
    if (n < 2 && !has_key) return Status::ok();
    Less less{t, nullptr};
    if (!has_key) {
        Order order = order_at_once(less, storage, n, reverse);
        if (order == Order::Backwards) reverse_values(storage, n);
        if (order != Order::Unknown) return Status::ok();
    }

    // Comparisons and keys may run code: meanwhile the list is empty, and a list that is not empty afterwards
    // was modified.
    l->ob_item = nullptr;
    l->ob_base.ob_size = 0;
    l->allocated = -1;
    Status ok =
        has_key ? sort_by_keys(less, storage, n, key, reverse) : sort_values(less, storage, n, reverse);

    Value* foreign = l->ob_item;
    int64_t foreign_n = l->ob_base.ob_size;
    bool modified = l->allocated != -1;
    l->ob_item = storage;
    l->ob_base.ob_size = n;
    l->allocated = capacity;
    if (modified) {
        for (int64_t i = 0; i < foreign_n; i++) xdecref(foreign[i]);
        mem_free(foreign);
    }
    if (ok && modified) return raise(t, PyExc_ValueError, "list modified during sort");
    return ok;
}

}  // namespace krait
