// groupby, tee, batched, pairwise, zip_longest.
#include "modules/itertools/itertools.h"
#include "object/convert.h"

namespace krait::itertools {
namespace {

Type groupby_type, grouper_type, tee_type, tee_link_type, batched_type, pairwise_type, longest_type;

// --- groupby: f[0] iterator, f[1] key function or None, f[2] current value, f[3] current key; indices
// unused; n[0] group number.
//     The key of the group being read is kept by the grouper: f[1] there. ---

Ref groupby_new(Thread& t, PyTypeObject* type, const Value* args, size_t n, Value kwnames) {
    Value p[2];
    Ref keep;
    TRY(bind_args(t, "groupby", "(iterable, key=None)", args, n, kwnames, p, keep));
    Ref source = TRY(iter(t, p[0]));
    Ref r = TRY(alloc(t, type));
    Iter* it = as_iter(r);
    it->f[0] = source.release();
    it->f[1] = p[1] ? Ref::share(p[1]).release() : none();
    return r;
}
// Reads the next value and its key. False with no exception: the end.
bool advance(Thread& t, Iter* g) {
    Ref value = next_of(t, g->f[0]);
    if (!value) return false;
    Ref key = is_none(g->f[1]) ? value.share() : call(t, g->f[1], {value});
    if (!key) return false;
    put(g->f[2], std::move(value));
    put(g->f[3], std::move(key));
    return true;
}
Ref groupby_next(Thread& t, Value self) {
    Iter* g = as_iter(self);
    // What is left of the last group is skipped: its key is in the tuple that `indices` cannot hold, so n[1]
    // tells there is one.
    g->n[0]++;
    for (;;) {
        if (!g->f[3]) {
            if (!advance(t, g)) return {};
            break;
        }
        if (!g->n[1]) break;
        Ref target = Ref::share(tuple_get(Value(reinterpret_cast<PyObject*>(g->n[2])), 0)),
            current = Ref::share(g->f[3]);
        bool same = TRY(equal(t, target, current));
        if (!same) break;
        if (!advance(t, g)) return {};
    }
    // The key of the group that starts now.
    Ref box = TRY(tuple_of(t, {g->f[3]}));
    Value old = g->n[1] ? Value(reinterpret_cast<PyObject*>(g->n[2])) : Value();
    Ref key = Ref::share(g->f[3]);
    g->n[2] = reinterpret_cast<int64_t>(box.release().ptr());
    g->n[1] = 1;
    xdecref(old);
    Ref group = TRY(alloc(t, &grouper_type));
    as_iter(group)->f[0] = Ref::share(self).release();
    as_iter(group)->f[1] = key.share().release();
    as_iter(group)->n[0] = g->n[0];
    return tuple_of(t, {key, group});
}
void groupby_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    auto* g = reinterpret_cast<Iter*>(o);
    if (g->n[1]) decref(reinterpret_cast<PyObject*>(g->n[2]));
    iter_dealloc(t, o);
}
void groupby_traverse(PyObject* o, Visitor& v) {
    iter_traverse(o, v);
    auto* g = reinterpret_cast<Iter*>(o);
    if (g->n[1]) v.visit(reinterpret_cast<PyObject*>(g->n[2]));
}
Ref grouper_next(Thread& t, Value self) {
    Iter* it = as_iter(self);
    if (!it->f[0]) return {};
    Iter* g = as_iter(it->f[0]);
    if (g->n[0] != it->n[0]) return {};
    if (!g->f[2]) {
        if (!advance(t, g)) return {};
    }
    Ref target = Ref::share(it->f[1]), current = Ref::share(g->f[3]);
    bool same = TRY(equal(t, target, current));
    if (!same || !g->f[2]) return {};
    Ref r = Ref::steal(g->f[2]);
    g->f[2] = Value();
    return r;
}

// --- tee: items are kept in a chain of links, each with one item; f[0] the link to read next ---
//     A link: f[0] its item (empty: not read yet), f[1] the next link, f[2] the source.

Ref new_link(Thread& t, Value source) {
    Ref link = TRY(alloc(t, &tee_link_type));
    as_iter(link)->f[2] = Ref::share(source).release();
    return link;
}
Ref tee_next(Thread& t, Value self) {
    Iter* it = as_iter(self);
    Ref link = Ref::share(it->f[0]);
    Iter* l = as_iter(link);
    if (!l->f[0]) {
        if (l->n[0]) return raise(t, PyExc_RuntimeError, "cannot re-enter the tee iterator");
        l->n[0] = 1;
        Ref item = next_of(t, l->f[2]);
        l->n[0] = 0;
        if (!item) return {};
        Ref next = TRY(new_link(t, l->f[2]));
        if (!l->f[0]) {
            l->f[0] = item.release();
            l->f[1] = next.release();
        }
    }
    put(it->f[0], Ref::share(l->f[1]));
    return Ref::share(l->f[0]);
}
// A chain of links is released without recursion.
void link_dealloc(Thread& t, PyObject* o) {
    auto* l = reinterpret_cast<Iter*>(o);
    Value next = l->f[1];
    l->f[1] = Value();
    while (next && next.ptr()->ob_refcnt == 1) {
        Value after = as_iter(next)->f[1];
        as_iter(next)->f[1] = Value();
        decref(next);
        next = after;
    }
    xdecref(next);
    iter_dealloc(t, o);
}
Ref tee_of_link(Thread& t, Value link) {
    Ref r = TRY(alloc(t, &tee_type));
    as_iter(r)->f[0] = Ref::share(link).release();
    return r;
}
Ref tee_copy(Thread& t, Value self) { return tee_of_link(t, as_iter(self)->f[0]); }
Ref tee_new(Thread& t, PyTypeObject*, const Value* args, size_t n, Value) {
    if (n != 1) return raise(t, PyExc_TypeError, "_tee expected 1 argument, got %zu", n);
    Ref source = TRY(iter(t, args[0]));
    if (has_type(source, &tee_type)) return tee_copy(t, source);
    Ref link = TRY(new_link(t, source));
    return tee_of_link(t, link);
}
const NativeDef tee_methods[] = {
    def<tee_copy>("__copy__", "()", "An independent iterator at the same place."), {}};

// --- batched: f[0] iterator; n[0] size, n[1] strict ---

Ref batched_new(Thread& t, PyTypeObject* type, const Value* args, size_t n, Value kwnames) {
    Value p[3];
    Ref keep;
    TRY(bind_args(t, "batched", "(iterable, n, *, strict=False)", args, n, kwnames, p, keep));
    int64_t size = TRY(as_ssize(t, p[1]));
    bool strict = p[2] ? TRY(is_true(t, p[2])) : false;
    if (size < 1) return raise(t, PyExc_ValueError, "n must be at least one");
    Ref source = TRY(iter(t, p[0]));
    Ref r = TRY(alloc(t, type));
    as_iter(r)->f[0] = source.release();
    as_iter(r)->n[0] = size;
    as_iter(r)->n[1] = strict;
    return r;
}
Ref batched_next(Thread& t, Value self) {
    Iter* it = as_iter(self);
    if (!it->f[0]) return {};
    constexpr int64_t kFew = 16;
    if (it->n[0] <= kFew) {
        Value items[kFew];
        int64_t n = 0;
        for (; n < it->n[0]; n++) {
            Ref item = it->f[0] ? next_of(t, it->f[0]) : Ref();
            if (!item) break;
            items[n] = item.release();
        }
        if (n == it->n[0]) return tuple_from_owned(t, items, n);
        bool failed = occurred(t) && !clear_if(t, PyExc_StopIteration);
        drop(it->f[0]);
        bool incomplete = !failed && n > 0 && it->n[1];
        if (!failed && n > 0 && !incomplete) return tuple_from_owned(t, items, n);
        for (int64_t i = 0; i < n; i++) decref(items[i]);
        if (incomplete) return raise(t, PyExc_ValueError, "batched(): incomplete batch");
        return {};
    }
    Ref items = TRY(list_new(t));
    for (int64_t i = 0; i < it->n[0]; i++) {
        Ref item = next_of(t, it->f[0]);
        if (!item) {
            bool failed = occurred(t) && !clear_if(t, PyExc_StopIteration);
            drop(it->f[0]);
            if (failed || i == 0) return {};
            if (it->n[1]) return raise(t, PyExc_ValueError, "batched(): incomplete batch");
            break;
        }
        TRY(list_append_owned(t, items, std::move(item)));
    }
    return list_to_tuple(t, items);
}

// --- pairwise: f[0] iterator, f[1] the previous item ---

Ref pairwise_new(Thread& t, PyTypeObject* type, const Value* args, size_t n, Value kwnames) {
    TRY(plain_kwargs(t, type, "pairwise", kwnames));
    if (n != 1) return raise(t, PyExc_TypeError, "pairwise expected 1 argument, got %zu", n);
    Ref source = TRY(iter(t, args[0]));
    Ref r = TRY(alloc(t, type));
    as_iter(r)->f[0] = source.release();
    return r;
}
Ref pairwise_next(Thread& t, Value self) {
    Iter* it = as_iter(self);
    if (!it->f[0]) return {};
    Ref source = Ref::share(it->f[0]);
    if (!it->f[1]) {
        Ref first = next_of(t, source);
        if (!first) {
            drop(it->f[0]);
            return {};
        }
        put(it->f[1], std::move(first));
        if (!it->f[0]) return {};
    }
    Ref old = Ref::share(it->f[1]);
    Ref item = next_of(t, source);
    if (!item) {
        drop(it->f[0]);
        drop(it->f[1]);
        return {};
    }
    put(it->f[1], item.share());
    Ref pair = TRY(tuple_of(t, {old, item}));
    if (!is_tracked(pair.get().ptr())) gc_track(t, pair.get().ptr());
    return pair;
}

// --- zip_longest: f[0] tuple of iterators (None: exhausted), f[1] fill value; n[0] how many are active ---

Ref longest_new(Thread& t, PyTypeObject* type, const Value* args, size_t n, Value kwnames) {
    Value fill = none();
    for (int64_t i = 0; kwnames && i < tuple_size(kwnames); i++) {
        if (!str_equal(tuple_get(kwnames, i), "fillvalue"))
            return raise(t, PyExc_TypeError, "zip_longest() got an unexpected keyword argument");
        fill = args[n + i];
    }
    Ref its = TRY(tuple_new(t, static_cast<int64_t>(n)));
    for (size_t i = 0; i < n; i++) tuple_items(its)[i] = TRY(iter(t, args[i])).release();
    Ref r = TRY(alloc(t, type));
    as_iter(r)->f[0] = its.release();
    as_iter(r)->f[1] = Ref::share(fill).release();
    as_iter(r)->n[0] = static_cast<int64_t>(n);
    return r;
}
Ref longest_next(Thread& t, Value self) {
    Iter* it = as_iter(self);
    Value its = it->f[0];
    int64_t n = tuple_size(its);
    if (n == 0 || it->n[0] == 0) return {};
    Ref row = TRY(tuple_new(t, n));
    for (int64_t i = 0; i < n; i++) {
        Value source = tuple_get(its, i);
        Ref item;
        if (!is_none(source)) {
            item = next_of(t, source);
            if (!item) {
                if (occurred(t) && !clear_if(t, PyExc_StopIteration)) {
                    it->n[0] = 0;
                    return {};
                }
                // Unless what it called used it up through this same object.
                if (tuple_get(its, i) == source) {
                    it->n[0]--;
                    tuple_items(its)[i] = none();
                    decref(source);
                }
                if (it->n[0] == 0) return {};
            }
        }
        if (!item) item = Ref::share(it->f[1]);
        tuple_items(row)[i] = item.release();
    }
    return row;
}

struct TeeObject {
    Iter it;
    PyObject* weaklist;
};
void tee_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    weakrefs_clear(t, o);
    iter_dealloc(t, o);
}

}  // namespace

Ref tee_function(Thread& t, Value iterable, int64_t n) {
    Ref r = TRY(tuple_new(t, n));
    if (n == 0) return r;
    Ref first = TRY(tee_new(t, &tee_type, &iterable, 1, Value()));
    for (int64_t i = 1; i < n; i++) tuple_items(r)[i] = TRY(tee_copy(t, first)).release();
    tuple_items(r)[0] = first.release();
    return r;
}

Status add_grouping(Thread& t, Value m) {
    static const TypeDecl groupby_decl = {
        .name = "itertools.groupby",
        .basicsize = sizeof(Iter),
        .flags = kTpDefault | kTpHaveGC | kTpBaseType,
        .slots = {.dealloc = groupby_dealloc,
                  .traverse = groupby_traverse,
                  .getattr = generic_get_attr,
                  .iter = iter_self,
                  .iternext = groupby_next,
                  .new_ = groupby_new},
        .spec = {.doc = "Pairs of a key and an iterator over the items that have it, one after the other.",
                 .text_signature = "(iterable, key=None)"},
    };
    TRY(add_static_type(t, m, groupby_type, groupby_decl));
    TRY(add_type(t, m, grouper_type, "itertools._grouper", nullptr, grouper_next, nullptr, nullptr));
    static const TypeDecl tee_decl = {.name = "itertools._tee",
                                      .basicsize = sizeof(TeeObject),
                                      .flags = kTpDefault | kTpHaveGC,
                                      .slots = {.dealloc = tee_dealloc,
                                                .traverse = iter_traverse,
                                                .iter = iter_self,
                                                .iternext = tee_next,
                                                .new_ = tee_new},
                                      .spec = {.methods = tee_methods,
                                               .doc = "An iterator that can be copied.",
                                               .text_signature = "(iterable, /)"},
                                      .weaklistoffset = offsetof(TeeObject, weaklist)};
    TRY(add_static_type(t, m, tee_type, tee_decl));
    static const TypeDecl link_decl = {
        .name = "itertools._tee_dataobject",
        .basicsize = sizeof(Iter),
        .flags = kTpDefault | kTpHaveGC | kTpDisallowInstantiation,
        .slots = {.dealloc = link_dealloc, .traverse = iter_traverse, .getattr = generic_get_attr},
    };
    TRY(add_static_type(t, m, tee_link_type, link_decl));
    TRY(add_type(t, m, batched_type, "itertools.batched", batched_new, batched_next, nullptr,
                 "Tuples of n items each."));
    TRY(add_type(t, m, pairwise_type, "itertools.pairwise", pairwise_new, pairwise_next, nullptr,
                 "Overlapping pairs."));
    return add_type(t, m, longest_type, "itertools.zip_longest", longest_new, longest_next, nullptr,
                    "As zip, until the longest iterable ends.");
}

}  // namespace krait::itertools
