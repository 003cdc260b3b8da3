// product, permutations, combinations, combinations_with_replacement. f[0] pools (or the pool), f[1] the last
// result; `indices` the position; n[0] number of pools or items chosen, n[1] state (0 fresh, 1 running, 2
// done).
#include <cstring>

#include "builtins/type_flags.h"
#include "modules/itertools/itertools.h"
#include "object/convert.h"

namespace krait::itertools {
namespace {

Type product_type, permutations_type, combinations_type, replacement_type;

Status make_indices(Thread& t, Iter* it, int64_t n) {
    if (n > int64_t{1} << 40) return raise_no_memory(t);
    it->indices = static_cast<int64_t*>(mem_alloc_zeroed(static_cast<size_t>(n ? n : 1) * 8));
    return it->indices ? Status::ok() : raise_no_memory(t);
}

// With the positions, which are kept apart: of product and combinations one for each chosen item, of
// permutations one more for each of the pool's.
Ref bytes_in_memory(Thread& t, Value self) {
    Iter* it = as_iter(self);
    int64_t positions = it->n[0];
    if (is_instance_exact_or_sub(self, &permutations_type)) positions += tuple_size(it->f[0]);
    return int_from(t, shown_basicsize(type_of(self)) + positions * 8);
}
const NativeDef methods[] = {def<bytes_in_memory>("__sizeof__", "()", "Bytes in memory."), {}};

// The result tuple chosen by `pick(i)`, n items.
template <class F>
Ref choose(Thread& t, int64_t n, F&& pick) {
    constexpr int64_t kFew = 8;
    if (n <= kFew) {
        Value picked[kFew];
        for (int64_t i = 0; i < n; i++) picked[i] = pick(i);
        return tuple_from(t, picked, n);
    }
    Ref r = TRY(tuple_new(t, n));
    for (int64_t i = 0; i < n; i++) tuple_items(r)[i] = Ref::share(pick(i)).release();
    return r;
}

// --- product ---

Ref product_new(Thread& t, PyTypeObject* type, const Value* args, size_t n, Value kwnames) {
    int64_t repeat = 1;
    Value given;
    Ref keep;
    TRY(bind_args(t, "product", "(*, repeat=1)", args + n, 0, kwnames, &given, keep));
    if (given) {
        Ref number = TRY(index(t, given));
        if (!int_to_i64(number, &repeat))
            return raise(t, PyExc_OverflowError, "Python int too large to convert to C ssize_t");
        if (repeat < 0) return raise(t, PyExc_ValueError, "repeat argument cannot be negative");
    }
    auto own = static_cast<int64_t>(n);
    if (own && repeat > (int64_t{1} << 32) / own)
        return raise(t, PyExc_OverflowError, "repeat argument too large");
    int64_t total = own * repeat;
    Ref pools = TRY(tuple_new(t, total));
    bool empty = false;
    for (int64_t i = 0; i < total; i++) {
        Ref pool = i < own ? to_tuple(t, args[i]) : Ref::share(tuple_get(pools, i - own));
        if (!pool) return {};
        empty = empty || tuple_size(pool) == 0;
        tuple_items(pools)[i] = pool.release();
    }
    Ref r = TRY(alloc(t, type));
    Iter* it = as_iter(r);
    TRY(make_indices(t, it, total));
    it->f[0] = pools.release();
    it->n[0] = total;
    it->n[1] = empty ? 2 : 0;
    return r;
}
Ref product_next(Thread& t, Value self) {
    Iter* it = as_iter(self);
    Value pools = it->f[0];
    int64_t n = it->n[0];
    if (it->n[1] == 2) return {};
    if (it->n[1] == 0) {
        it->n[1] = 1;
    } else {
        int64_t i = n - 1;
        for (; i >= 0; i--) {
            if (++it->indices[i] < tuple_size(tuple_get(pools, i))) break;
            it->indices[i] = 0;
        }
        if (i < 0) {
            it->n[1] = 2;
            return {};
        }
    }
    return choose(t, n, [&](int64_t i) { return tuple_get(tuple_get(pools, i), it->indices[i]); });
}

// --- permutations: indices[0..size) then cycles[0..r) ---

Ref permutations_new(Thread& t, PyTypeObject* type, const Value* args, size_t n, Value kwnames) {
    Value p[2];
    Ref keep;
    TRY(bind_args(t, "permutations", "(iterable, r=None)", args, n, kwnames, p, keep));
    Ref pool = TRY(to_tuple(t, p[0]));
    int64_t size = tuple_size(pool), r = size;
    if (p[1] && !is_none(p[1])) {
        if (!is_long(p[1])) return raise(t, PyExc_TypeError, "Expected int as r");
        r = TRY(as_ssize(t, p[1]));
        if (r < 0) return raise(t, PyExc_ValueError, "r must be non-negative");
    }
    Ref o = TRY(alloc(t, type));
    Iter* it = as_iter(o);
    if (r <= size) {
        TRY(make_indices(t, it, size + r));
        for (int64_t i = 0; i < size; i++) it->indices[i] = i;
        for (int64_t i = 0; i < r; i++) it->indices[size + i] = size - i;
    }
    it->f[0] = pool.release();
    it->n[0] = r;
    it->n[1] = r > size ? 2 : 0;
    return o;
}
Ref permutations_next(Thread& t, Value self) {
    Iter* it = as_iter(self);
    Value pool = it->f[0];
    int64_t size = tuple_size(pool), r = it->n[0];
    if (it->n[1] == 2) return {};
    int64_t *indices = it->indices, *cycles = indices + size;
    if (it->n[1] == 0) {
        it->n[1] = 1;
    } else {
        int64_t i = r - 1;
        for (; i >= 0; i--) {
            if (--cycles[i] == 0) {
                int64_t first = indices[i];
                memmove(indices + i, indices + i + 1, static_cast<size_t>(size - i - 1) * 8);
                indices[size - 1] = first;
                cycles[i] = size - i;
            } else {
                std::swap(indices[i], indices[size - cycles[i]]);
                break;
            }
        }
        if (i < 0) {
            it->n[1] = 2;
            return {};
        }
    }
    return choose(t, r, [&](int64_t i) { return tuple_get(pool, indices[i]); });
}

// --- combinations ---

Ref combinations_start(Thread& t, PyTypeObject* type, const char* name, const Value* args, size_t n,
                       Value kwnames, bool replacement) {
    Value p[2];
    Ref keep;
    TRY(bind_args(t, name, "(iterable, r)", args, n, kwnames, p, keep));
    Ref pool = TRY(to_tuple(t, p[0]));
    int64_t r = TRY(as_ssize(t, p[1]));
    if (r < 0) return raise(t, PyExc_ValueError, "r must be non-negative");
    int64_t size = tuple_size(pool);
    Ref o = TRY(alloc(t, type));
    Iter* it = as_iter(o);
    bool none_at_all = replacement ? size == 0 && r > 0 : r > size;
    if (!none_at_all) {
        TRY(make_indices(t, it, r));
        for (int64_t i = 0; i < r && !replacement; i++) it->indices[i] = i;
    }
    it->f[0] = pool.release();
    it->n[0] = r;
    it->n[1] = none_at_all ? 2 : 0;
    return o;
}
Ref combinations_new(Thread& t, PyTypeObject* type, const Value* args, size_t n, Value kwnames) {
    return combinations_start(t, type, "combinations", args, n, kwnames, false);
}
Ref replacement_new(Thread& t, PyTypeObject* type, const Value* args, size_t n, Value kwnames) {
    return combinations_start(t, type, "combinations_with_replacement", args, n, kwnames, true);
}
Ref combinations_next(Thread& t, Value self) {
    Iter* it = as_iter(self);
    Value pool = it->f[0];
    int64_t size = tuple_size(pool), r = it->n[0];
    if (it->n[1] == 2) return {};
    if (it->n[1] == 0) {
        it->n[1] = 1;
    } else {
        int64_t i = r - 1;
        while (i >= 0 && it->indices[i] == i + size - r) i--;
        if (i < 0) {
            it->n[1] = 2;
            return {};
        }
        it->indices[i]++;
        for (int64_t j = i + 1; j < r; j++) it->indices[j] = it->indices[j - 1] + 1;
    }
    return choose(t, r, [&](int64_t i) { return tuple_get(pool, it->indices[i]); });
}
Ref replacement_next(Thread& t, Value self) {
    Iter* it = as_iter(self);
    Value pool = it->f[0];
    int64_t size = tuple_size(pool), r = it->n[0];
    if (it->n[1] == 2) return {};
    if (it->n[1] == 0) {
        it->n[1] = 1;
    } else {
        int64_t i = r - 1;
        while (i >= 0 && it->indices[i] == size - 1) i--;
        if (i < 0) {
            it->n[1] = 2;
            return {};
        }
        int64_t index = it->indices[i] + 1;
        for (; i < r; i++) it->indices[i] = index;
    }
    return choose(t, r, [&](int64_t i) { return tuple_get(pool, it->indices[i]); });
}

}  // namespace

Status add_combinatoric(Thread& t, Value m) {
    TRY(add_type(t, m, product_type, "itertools.product", product_new, product_next, methods,
                 "Every choice of one item each."));
    TRY(add_type(t, m, permutations_type, "itertools.permutations", permutations_new, permutations_next,
                 methods, "Every order of r items."));
    TRY(add_type(t, m, combinations_type, "itertools.combinations", combinations_new, combinations_next,
                 methods, "Every choice of r items."));
    return add_type(t, m, replacement_type, "itertools.combinations_with_replacement", replacement_new,
                    replacement_next, methods, "Every choice of r items that may repeat.");
}

}  // namespace krait::itertools
