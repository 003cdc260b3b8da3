// count, cycle, repeat, chain, starmap, takewhile, dropwhile, filterfalse, compress, accumulate, islice.
#include "bytecode/opcodes.h"
#include "modules/itertools/itertools.h"
#include "object/convert.h"

namespace krait::itertools {
namespace {

Type count_type, cycle_type, repeat_type, chain_type, starmap_type, takewhile_type, dropwhile_type,
    filterfalse_type, compress_type, accumulate_type, islice_type;

// --- count: f[0] the next number, f[1] the step ---

bool is_number(Value v) {
    const Slots& s = ext(type_of(v))->slots;
    return s.nb_index || s.nb_int || s.nb_float || has_type(v, &PyComplex_Type);
}
Ref count_new(Thread& t, PyTypeObject* type, const Value* args, size_t n, Value kwnames) {
    Value p[2];
    Ref keep;
    TRY(bind_args(t, "count", "(start=0, step=1)", args, n, kwnames, p, keep));
    if ((p[0] && !is_number(p[0])) || (p[1] && !is_number(p[1])))
        return raise(t, PyExc_TypeError, "a number is required");
    Ref r = TRY(alloc(t, type));
    as_iter(r)->f[0] = p[0] ? Ref::share(p[0]).release() : Value::from_int(0);
    as_iter(r)->f[1] = p[1] ? Ref::share(p[1]).release() : Value::from_int(1);
    return r;
}
Ref count_next(Thread& t, Value self) {
    Iter* it = as_iter(self);
    Ref current = Ref::share(it->f[0]);  // the addition may count on
    Ref next = TRY(binary_op(t, current, it->f[1], BinaryOp::NB_ADD));
    Ref r = Ref::steal(it->f[0]);
    it->f[0] = next.release();
    return r;
}
Ref count_repr(Thread& t, Value self) {
    Iter* it = as_iter(self);
    if (it->f[1] == Value::from_int(1)) return str_format(t, "%s(%R)", "count", it->f[0]);
    return str_format(t, "%s(%R, %R)", "count", it->f[0], it->f[1]);
}

// --- cycle: f[0] iterator or empty, f[1] list of saved items; n[0] index ---

Ref cycle_new(Thread& t, PyTypeObject* type, const Value* args, size_t n, Value kwnames) {
    TRY(plain_kwargs(t, type, "cycle", kwnames));
    if (n != 1) return raise(t, PyExc_TypeError, "cycle expected 1 argument, got %zu", n);
    Ref source = TRY(iter(t, args[0])), saved = TRY(list_new(t));
    Ref r = TRY(alloc(t, type));
    as_iter(r)->f[0] = source.release();
    as_iter(r)->f[1] = saved.release();
    return r;
}
Ref cycle_next(Thread& t, Value self) {
    Iter* it = as_iter(self);
    if (it->f[0]) {
        Ref item = next_of(t, it->f[0]);
        if (item) {
            TRY(list_append(t, it->f[1], item));
            return item;
        }
        if (occurred(t) && !clear_if(t, PyExc_StopIteration)) return {};
        drop(it->f[0]);
    }
    int64_t n = list_size(it->f[1]);
    if (n == 0) return {};
    if (it->n[0] >= n) it->n[0] = 0;
    return Ref::share(list_get(it->f[1], it->n[0]++));
}

// --- repeat: f[0] object; n[0] how often, -1 for ever ---

Ref repeat_new(Thread& t, PyTypeObject* type, const Value* args, size_t n, Value kwnames) {
    Value p[2];
    Ref keep;
    TRY(bind_args(t, "repeat", "(object, times=<unrepresentable>)", args, n, kwnames, p, keep));
    int64_t times = -1;
    if (p[1]) {
        times = TRY(as_ssize(t, p[1]));
        if (times < 0) times = 0;
    }
    Ref r = TRY(alloc(t, type));
    as_iter(r)->f[0] = Ref::share(p[0]).release();
    as_iter(r)->n[0] = times;
    return r;
}
Ref repeat_next(Thread&, Value self) {
    Iter* it = as_iter(self);
    if (it->n[0] == 0) return {};
    if (it->n[0] > 0) it->n[0]--;
    return Ref::share(it->f[0]);
}
Ref repeat_hint(Thread& t, Value self) {
    if (as_iter(self)->n[0] < 0) return raise(t, PyExc_TypeError, "len() of unsized object");
    return int_from(t, as_iter(self)->n[0]);
}
Ref repeat_repr(Thread& t, Value self) {
    Iter* it = as_iter(self);
    if (it->n[0] < 0) return str_format(t, "repeat(%R)", it->f[0]);
    return str_format(t, "repeat(%R, %zd)", it->f[0], it->n[0]);
}
const NativeDef repeat_methods[] = {def<repeat_hint>("__length_hint__", "()", "How many are left."), {}};

// --- chain: f[0] iterator over the iterables, f[1] the current one ---

Ref chain_from(Thread& t, PyTypeObject* type, Value iterables) {
    Ref source = TRY(iter(t, iterables));
    Ref r = TRY(alloc(t, type));
    as_iter(r)->f[0] = source.release();
    return r;
}
Ref chain_new(Thread& t, PyTypeObject* type, const Value* args, size_t n, Value kwnames) {
    TRY(plain_kwargs(t, type, "chain", kwnames));
    Ref all = TRY(tuple_from(t, args, static_cast<int64_t>(n)));
    return chain_from(t, type, all);
}
Ref chain_from_iterable(Thread& t, Value cls, Value iterables) {
    return chain_from(t, cls.as<PyTypeObject>(), iterables);
}
Ref chain_next(Thread& t, Value self) {
    Iter* it = as_iter(self);
    while (it->f[0]) {
        if (!it->f[1]) {
            Ref iterable = next_of(t, it->f[0]);
            if (!iterable) {
                drop(it->f[0]);
                return {};
            }
            Ref inner = iter(t, iterable);
            if (!inner) {
                drop(it->f[0]);
                return {};
            }
            put(it->f[1], std::move(inner));
        }
        Ref item = next_of(t, it->f[1]);
        if (item) return item;
        if (occurred(t) && !clear_if(t, PyExc_StopIteration)) return {};
        drop(it->f[1]);
    }
    return {};
}
const NativeDef chain_methods[] = {
    def<chain_from_iterable>("from_iterable", "(iterable, /)", "Chain the iterables that an iterable yields.",
                             kMethClass),
    def<class_getitem>("__class_getitem__", "(object, /)", "See PEP 585.", kMethClass),
    {},
};

// --- two-argument types: f[0] function, f[1] iterator; n[0] state ---

Ref function_and_iterator(Thread& t, PyTypeObject* type, const char* name, const Value* args, size_t n,
                          Value kwnames) {
    TRY(plain_kwargs(t, type, name, kwnames));
    if (n != 2) return raise(t, PyExc_TypeError, "%s expected 2 arguments, got %zu", name, n);
    Ref source = TRY(iter(t, args[1]));
    Ref r = TRY(alloc(t, type));
    as_iter(r)->f[0] = Ref::share(args[0]).release();
    as_iter(r)->f[1] = source.release();
    return r;
}
#define TWO_ARGUMENTS(fn, name)                                                         \
    Ref fn(Thread& t, PyTypeObject* type, const Value* args, size_t n, Value kwnames) { \
        return function_and_iterator(t, type, name, args, n, kwnames);                  \
    }
TWO_ARGUMENTS(starmap_new, "starmap")
TWO_ARGUMENTS(takewhile_new, "takewhile")
TWO_ARGUMENTS(dropwhile_new, "dropwhile")
TWO_ARGUMENTS(filterfalse_new, "filterfalse")

Ref starmap_next(Thread& t, Value self) {
    Iter* it = as_iter(self);
    Ref args = next_of(t, it->f[1]);
    if (!args) return {};
    Ref tuple = TRY(to_tuple(t, args));
    Ref fn = Ref::share(it->f[0]);
    if (ext(type_of(fn))->is_c_type) return call_with(t, fn, tuple, Value());
    return call(t, fn, tuple_items(tuple), static_cast<size_t>(tuple_size(tuple)));
}
Result<bool> test(Thread& t, Value fn, Value item) {
    if (is_none(fn) || fn == Value(&PyBool_Type)) return is_true(t, item);
    Ref r = TRY(call(t, fn, {item}));
    return is_true(t, r);
}
Ref takewhile_next(Thread& t, Value self) {
    Iter* it = as_iter(self);
    if (it->n[0]) return {};
    Ref item = next_of(t, it->f[1]);
    if (!item) return {};
    Ref verdict = TRY(call(t, it->f[0], {item}));
    bool ok = TRY(is_true(t, verdict));
    if (ok) return item;
    it->n[0] = 1;
    return {};
}
Ref dropwhile_next(Thread& t, Value self) {
    Iter* it = as_iter(self);
    for (;;) {
        Ref item = next_of(t, it->f[1]);
        if (!item || it->n[0]) return item;
        Ref verdict = TRY(call(t, it->f[0], {item}));
        bool drop_it = TRY(is_true(t, verdict));
        if (drop_it) continue;
        it->n[0] = 1;
        return item;
    }
}
Ref filterfalse_next(Thread& t, Value self) {
    Iter* it = as_iter(self);
    for (;;) {
        Ref item = next_of(t, it->f[1]);
        if (!item) return {};
        bool truth = TRY(test(t, it->f[0], item));
        if (!truth) return item;
    }
}

Ref compress_new(Thread& t, PyTypeObject* type, const Value* args, size_t n, Value kwnames) {
    Value p[2];
    Ref keep;
    TRY(bind_args(t, "compress", "(data, selectors)", args, n, kwnames, p, keep));
    Ref data = TRY(iter(t, p[0])), selectors = TRY(iter(t, p[1]));
    Ref r = TRY(alloc(t, type));
    as_iter(r)->f[0] = data.release();
    as_iter(r)->f[1] = selectors.release();
    return r;
}
Ref compress_next(Thread& t, Value self) {
    Iter* it = as_iter(self);
    for (;;) {
        Ref item = next_of(t, it->f[0]);
        if (!item) return {};
        Ref selector = next_of(t, it->f[1]);
        if (!selector) return {};
        bool truth = TRY(is_true(t, selector));
        if (truth) return item;
    }
}

// --- accumulate: f[0] iterator, f[1] function or empty, f[2] total or empty, f[3] initial or empty ---

Ref accumulate_new(Thread& t, PyTypeObject* type, const Value* args, size_t n, Value kwnames) {
    Value p[3];
    Ref keep;
    TRY(bind_args(t, "accumulate", "(iterable, func=None, *, initial=None)", args, n, kwnames, p, keep));
    Ref source = TRY(iter(t, p[0]));
    Ref r = TRY(alloc(t, type));
    Iter* it = as_iter(r);
    it->f[0] = source.release();
    if (p[1] && !is_none(p[1])) it->f[1] = Ref::share(p[1]).release();
    if (p[2] && !is_none(p[2])) it->f[3] = Ref::share(p[2]).release();
    return r;
}
Ref accumulate_next(Thread& t, Value self) {
    Iter* it = as_iter(self);
    if (it->f[3]) {
        it->f[2] = it->f[3];
        it->f[3] = Value();
        return Ref::share(it->f[2]);
    }
    Ref item = next_of(t, it->f[0]);
    if (!item) return {};
    if (!it->f[2]) {
        it->f[2] = item.share().release();
        return item;
    }
    Ref before = Ref::share(it->f[2]);
    Ref total = it->f[1] ? call(t, it->f[1], {before, item}) : binary_op(t, before, item, BinaryOp::NB_ADD);
    if (!total) return {};
    put(it->f[2], total.share());
    return total;
}

// --- islice: f[0] iterator; n[0] next, n[1] stop or -1, n[2] step, n[3] count ---

// A bound, or -1 for what is none: islice's errors all say the same.
int64_t islice_bound(Thread& t, Value v, int64_t when_none) {
    if (is_none(v)) return when_none;
    if (!is_index(v)) return -1;
    Result<int64_t> r = as_ssize(t, v);
    if (!r) clear_error(t);
    return r ? r.value() : -1;
}
Ref islice_new(Thread& t, PyTypeObject* type, const Value* args, size_t n, Value kwnames) {
    TRY(plain_kwargs(t, type, "islice", kwnames));
    if (n < 2) return raise(t, PyExc_TypeError, "islice expected at least 2 arguments, got %zu", n);
    if (n > 4) return raise(t, PyExc_TypeError, "islice expected at most 4 arguments, got %zu", n);
    int64_t start = n > 2 ? islice_bound(t, args[1], 0) : 0;
    Value end = args[n > 2 ? 2 : 1];
    int64_t stop = islice_bound(t, end, -1), step = 1;
    // Only a stop of -1 is told from the other bad indices.
    if (stop == -1 ? !is_none(end) : n == 2 && stop < 0)
        return raise(t, PyExc_ValueError,
                     "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.");
    if (start < 0 || stop < -1)
        return raise(t, PyExc_ValueError,
                     "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.");
    if (n == 4 && !is_none(args[3])) {
        Result<int64_t> s = is_index(args[3]) ? as_ssize(t, args[3]) : Result<int64_t>();
        if (!s || s.value() < 1) {
            clear_error(t);
            return raise(t, PyExc_ValueError, "Step for islice() must be a positive integer or None.");
        }
        step = s.value();
    }
    Ref source = TRY(iter(t, args[0]));
    Ref r = TRY(alloc(t, type));
    Iter* it = as_iter(r);
    it->f[0] = source.release();
    it->n[0] = start;
    it->n[1] = stop;
    it->n[2] = step;
    return r;
}
Ref islice_next(Thread& t, Value self) {
    Iter* it = as_iter(self);
    if (!it->f[0]) return {};
    int64_t stop = it->n[1];
    while (it->n[3] < it->n[0]) {
        Ref skipped = next_of(t, it->f[0]);
        if (!skipped) {
            drop(it->f[0]);
            return {};
        }
        it->n[3]++;
    }
    if (stop >= 0 && it->n[3] >= stop) {
        drop(it->f[0]);
        return {};
    }
    Ref item = next_of(t, it->f[0]);
    if (!item) {
        drop(it->f[0]);
        return {};
    }
    it->n[3]++;
    int64_t next = it->n[0];
    if (__builtin_add_overflow(next, it->n[2], &next) || (stop >= 0 && next > stop))
        next = stop >= 0 ? stop : INT64_MAX;
    it->n[0] = next;
    return item;
}

}  // namespace

Status add_simple(Thread& t, Value m) {
    TRY(add_type(t, m, count_type, "itertools.count", count_new, count_next, nullptr,
                 "Numbers from start on, by step.", count_repr));
    TRY(add_type(t, m, cycle_type, "itertools.cycle", cycle_new, cycle_next, nullptr,
                 "The items again and again."));
    TRY(add_type(t, m, repeat_type, "itertools.repeat", repeat_new, repeat_next, repeat_methods,
                 "One object many times.", repeat_repr));
    TRY(add_type(t, m, chain_type, "itertools.chain", chain_new, chain_next, chain_methods,
                 "One iterable after the other."));
    TRY(add_type(t, m, starmap_type, "itertools.starmap", starmap_new, starmap_next, nullptr,
                 "function(*item) for the items."));
    TRY(add_type(t, m, takewhile_type, "itertools.takewhile", takewhile_new, takewhile_next, nullptr,
                 "The items before the first that fails a test."));
    TRY(add_type(t, m, dropwhile_type, "itertools.dropwhile", dropwhile_new, dropwhile_next, nullptr,
                 "The items from the first that fails a test on."));
    TRY(add_type(t, m, filterfalse_type, "itertools.filterfalse", filterfalse_new, filterfalse_next, nullptr,
                 "The items that fail a test."));
    TRY(add_type(t, m, compress_type, "itertools.compress", compress_new, compress_next, nullptr,
                 "The items whose selectors are true."));
    TRY(add_type(t, m, accumulate_type, "itertools.accumulate", accumulate_new, accumulate_next, nullptr,
                 "Running totals."));
    return add_type(t, m, islice_type, "itertools.islice", islice_new, islice_next, nullptr,
                    "A slice of an iterator.");
}

}  // namespace krait::itertools
