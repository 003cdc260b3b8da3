// list.sort: a stable merge sort over natural runs, merged by powersort's rule (Munro and Wild,
// "Nearly-Optimal Mergesorts", 2018). What is compared decides the comparison function once per sort: all
// immediates, all plain text, tuples, or anything.
#include <cstring>

#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/protocol.h"

namespace krait {
namespace {

// An element: what is compared, and what it stands for (the same without a key function).
struct Item {
    Value key, value;
};

// less(a, b): 1, 0, or -1 with an exception set.
struct Less {
    Thread& t;
    int (*fn)(Less&, Value, Value);
    int (*first)(Less&, Value, Value) = nullptr;  // for tuples: compares the first items
    PyTypeObject* type = nullptr;
    CompareFn slot = nullptr;
    int operator()(const Item& a, const Item& b) { return fn(*this, a.key, b.key); }
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
    Ref keep_a = Ref::share(a), keep_b = Ref::share(b);
    Ref v = l.slot(l.t, a, b, kLt);
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

LessFn choose_scalar(Less& l, const Item* items, int64_t n, Value (*what)(const Item&)) {
    Value head = what(items[0]);
    bool ints = head.is_int(), floats = head.is_float(), text = is_latin1(head), same = true;
    PyTypeObject* type = type_of(head);
    for (int64_t i = 0; i < n; i++) {
        Value v = what(items[i]);
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

Value whole(const Item& i) { return i.key; }
Value first_of(const Item& i) { return tuple_get(i.key, 0); }

LessFn choose(Less& l, const Item* items, int64_t n) {
    bool tuples = true;
    for (int64_t i = 0; i < n && tuples; i++)
        tuples = is_tuple_exact(items[i].key) && tuple_size(items[i].key) > 0;
    if (!tuples) return choose_scalar(l, items, n, whole);
    l.first = choose_scalar(l, items, n, first_of);
    return less_tuple;
}

// The scalar comparisons, to be compiled into the sort itself.
template <LessFn Fn>
struct Inlined {
    Less& l;
    Thread& t = l.t;
    int operator()(const Item& a, const Item& b) { return Fn(l, a.key, b.key); }
};

// Text that is its own key: `key` holds its first eight characters as a number, which mostly decide.
struct ByPrefix {
    Less& l;
    Thread& t = l.t;
    static Value prefix(Value text) {
        uint64_t head = 0;
        int64_t n = str_length(text);
        memcpy(&head, str_data(text), static_cast<size_t>(n < 8 ? n : 8));
        return Value(__builtin_bswap64(head));
    }
    int operator()(const Item& a, const Item& b) {
        if (a.key.bits != b.key.bits) return a.key.bits < b.key.bits;
        return a.value != b.value && less_latin1(l, a.value, b.value);
    }
};

// `L` is Less, or an Inlined one.
template <class L>
class Sorter {
  public:
    Sorter(L& less, Item* items, int64_t n) : less_(less), a_(items), n_(n) {}
    ~Sorter() { mem_free(buffer_); }

    Status sort() {
        int64_t minrun = compute_minrun(n_);
        for (int64_t start = 0; start < n_;) {
            int64_t len = count_run(start);
            if (len < 0) return {};
            if (len < minrun) {
                int64_t forced = n_ - start < minrun ? n_ - start : minrun;
                TRY(insertion_sort(start, start + forced, start + len));
                len = forced;
            }
            TRY(push(start, len));
            start += len;
        }
        while (depth_ > 1) TRY(merge_top());
        return Status::ok();
    }

  private:
    struct Run {
        int64_t start, length;
        int power;
    };

    static int64_t compute_minrun(int64_t n) {
        int64_t odd = 0;
        while (n >= 64) {
            odd |= n & 1;
            n >>= 1;
        }
        return n + odd;
    }

    // Length of the run at `start`; a strictly descending one is reversed. -1: error.
    int64_t count_run(int64_t start) {
        if (start + 1 >= n_) return n_ - start;
        int64_t i = start + 1;
        int less = less_(a_[i], a_[start]);
        if (less < 0) return -1;
        bool descending = less;
        for (i++; i < n_; i++) {
            less = less_(a_[i], a_[i - 1]);
            if (less < 0) return -1;
            if ((less != 0) != descending) break;
        }
        if (descending)
            for (int64_t x = start, y = i - 1; x < y; x++, y--) std::swap(a_[x], a_[y]);
        return i - start;
    }

    // Binary insertion of items [from, end) into the sorted [begin, from).
    Status insertion_sort(int64_t begin, int64_t end, int64_t from) {
        for (int64_t i = from; i < end; i++) {
            Item pivot = a_[i];
            int64_t lo = begin, hi = i;
            while (lo < hi) {
                int64_t mid = lo + ((hi - lo) >> 1);
                int less = less_(pivot, a_[mid]);
                if (less < 0) return {};
                if (less)
                    hi = mid;
                else
                    lo = mid + 1;
            }
            memmove(a_ + lo + 1, a_ + lo, (i - lo) * sizeof(Item));
            a_[lo] = pivot;
        }
        return Status::ok();
    }

    // The first bit in which the run midpoints, as fractions of n, differ.
    int power_between(int64_t s1, int64_t n1, int64_t n2) const {
        __uint128_t a = static_cast<__uint128_t>(2 * s1 + n1), b = a + n1 + n2;
        int power = 0;
        uint64_t n = n_;
        for (;;) {
            power++;
            if (a >= n) {
                a -= n;
                b -= n;
            } else if (b >= n) {
                return power;
            }
            a <<= 1;
            b <<= 1;
        }
    }

    Status push(int64_t start, int64_t length) {
        if (depth_ > 0) {
            Run& top = runs_[depth_ - 1];
            int power = power_between(top.start, top.length, length);
            while (depth_ > 1 && runs_[depth_ - 2].power > power) TRY(merge_top());
            runs_[depth_ - 1].power = power;
        }
        runs_[depth_++] = Run{start, length, 0};
        return Status::ok();
    }

    Status merge_top() {
        Run right = runs_[--depth_];
        Run& left = runs_[depth_ - 1];
        TRY(merge(left.start, left.length, right.length));
        left.length += right.length;
        return Status::ok();
    }

    // Where `item` goes in the sorted [lo, hi): after its equals (right) or before them. Gallops from one
    // end. -1: error.
    int64_t position(const Item& item, int64_t lo, int64_t hi, bool right, bool from_end) {
        auto before = [&](int64_t i) {  // is a_[i] before the wanted place?
            if (right) {
                int less = less_(item, a_[i]);
                return less < 0 ? -1 : !less;
            }
            return less_(a_[i], item);
        };
        int64_t step = 1;
        if (from_end) {
            while (hi - step >= lo) {
                int b = before(hi - step);
                if (b < 0) return -1;
                if (b) {
                    lo = hi - step + 1;
                    break;
                }
                hi -= step;
                step <<= 1;
            }
        } else {
            while (lo + step - 1 < hi) {
                int b = before(lo + step - 1);
                if (b < 0) return -1;
                if (!b) {
                    hi = lo + step - 1;
                    break;
                }
                lo += step;
                step <<= 1;
            }
        }
        while (lo < hi) {
            int64_t mid = lo + ((hi - lo) >> 1);
            int b = before(mid);
            if (b < 0) return -1;
            if (b)
                lo = mid + 1;
            else
                hi = mid;
        }
        return lo;
    }

    Status need_buffer(int64_t n) {
        if (n <= buffer_size_) return Status::ok();
        mem_free(buffer_);
        buffer_size_ = 0;
        buffer_ = static_cast<Item*>(mem_alloc(n * sizeof(Item)));
        if (!buffer_) return raise_no_memory(less_.t);
        buffer_size_ = n;
        return Status::ok();
    }

    // Merges the neighbours [start, start+n1) and the n2 items after it. Whatever fails, all items stay in
    // the array.
    Status merge(int64_t start, int64_t n1, int64_t n2) {
        int64_t middle = start + n1, end = middle + n2;
        start = position(a_[middle], start, middle, true, false);
        if (start < 0) return {};
        if (start == middle) return Status::ok();
        end = position(a_[middle - 1], middle, end, false, true);
        if (end < 0) return {};
        if (end == middle) return Status::ok();
        return middle - start <= end - middle ? merge_low(start, middle, end)
                                              : merge_high(start, middle, end);
    }

    Status merge_low(int64_t start, int64_t middle, int64_t end) {
        int64_t n = middle - start;
        TRY(need_buffer(n));
        memcpy(buffer_, a_ + start, n * sizeof(Item));
        int64_t i = 0, j = middle, out = start;
        bool ok = true;
        while (i < n && j < end) {
            int less = less_(a_[j], buffer_[i]);
            if (less < 0) {
                ok = false;
                break;
            }
            a_[out++] = less ? a_[j++] : buffer_[i++];
        }
        memcpy(a_ + out, buffer_ + i, (n - i) * sizeof(Item));
        return ok ? Status::ok() : Status();
    }

    Status merge_high(int64_t start, int64_t middle, int64_t end) {
        int64_t n = end - middle;
        TRY(need_buffer(n));
        memcpy(buffer_, a_ + middle, n * sizeof(Item));
        int64_t i = n - 1, j = middle - 1, out = end - 1;
        bool ok = true;
        while (i >= 0 && j >= start) {
            int less = less_(buffer_[i], a_[j]);
            if (less < 0) {
                ok = false;
                break;
            }
            a_[out--] = less ? a_[j--] : buffer_[i--];
        }
        memcpy(a_ + out - i, buffer_, (i + 1) * sizeof(Item));
        return ok ? Status::ok() : Status();
    }

    L& less_;
    Item* a_;
    int64_t n_;
    Item* buffer_ = nullptr;
    int64_t buffer_size_ = 0;
    Run runs_[96];
    int depth_ = 0;
};

template <LessFn Fn>
Status sort_inlined(Less& less, Item* items, int64_t n) {
    Inlined<Fn> inlined{less};
    return Sorter<Inlined<Fn>>(inlined, items, n).sort();
}
// `own_keys`: key and value are the same thing.
Status sort_items(Less& less, Item* items, int64_t n, bool own_keys) {
    if (less.fn == less_int) return sort_inlined<less_int>(less, items, n);
    if (less.fn == less_float) return sort_inlined<less_float>(less, items, n);
    if (less.fn == less_latin1 && own_keys) {
        for (int64_t i = 0; i < n; i++) items[i].key = ByPrefix::prefix(items[i].value);
        ByPrefix by_prefix{less};
        return Sorter<ByPrefix>(by_prefix, items, n).sort();
    }
    if (less.fn == less_latin1) return sort_inlined<less_latin1>(less, items, n);
    return Sorter<Less>(less, items, n).sort();
}

void reverse_items(Item* items, int64_t n) {
    for (int64_t i = 0, j = n - 1; i < j; i++, j--) std::swap(items[i], items[j]);
}

// Fills the keys (owned when there is a key function).
Status compute_keys(Thread& t, Item* items, int64_t n, Value key) {
    for (int64_t i = 0; i < n; i++) {
        Ref k = call(t, key, {items[i].value});
        if (!k) {
            for (int64_t j = 0; j < i; j++) decref(items[j].key);
            return {};
        }
        items[i].key = k.release();
    }
    return Status::ok();
}

}  // namespace

Status list_sort(Thread& t, Value list, Value key, bool reverse) {
    auto* l = list.as<PyListObject>();
    bool has_key = key && !is_none(key);
    int64_t n = l->ob_base.ob_size, capacity = l->allocated;
    Value* storage = l->ob_item;
    if (n < 2 && !has_key) return Status::ok();
    if (n > INT64_MAX / static_cast<int64_t>(sizeof(Item))) return raise_no_memory(t);
    auto* items = static_cast<Item*>(mem_alloc(n ? n * sizeof(Item) : 1));
    if (!items) return raise_no_memory(t);
    for (int64_t i = 0; i < n; i++) items[i] = Item{storage[i], storage[i]};

    // Comparisons and keys may run code: meanwhile the list is empty, and a list that is not empty afterwards
    // was modified.
    l->ob_item = nullptr;
    l->ob_base.ob_size = 0;
    l->allocated = -1;
    Status ok = has_key ? compute_keys(t, items, n, key) : Status::ok();
    bool owns_keys = has_key && ok;
    if (ok && n > 1) {
        Less less{t, nullptr};
        less.fn = choose(less, items, n);
        // Sorting the reversed list and reversing it again keeps equal items in order.
        if (reverse) reverse_items(items, n);
        ok = sort_items(less, items, n, !has_key);
        if (reverse) reverse_items(items, n);
    }
    for (int64_t i = 0; i < n; i++) storage[i] = items[i].value;
    // While the list still counts as being sorted: what a key runs when it goes may change it, too.
    if (owns_keys)
        for (int64_t i = 0; i < n; i++) decref(items[i].key);

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
    mem_free(items);
    if (ok && modified) return raise(t, PyExc_ValueError, "list modified during sort");
    return ok;
}

}  // namespace krait
