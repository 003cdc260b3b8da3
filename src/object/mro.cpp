// Method resolution order (C3), the best base, and which layouts go together.
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/state.h"
#include "object/errors.h"
#include "object/internal.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait {

namespace {

// One list being merged: the classes from `next` on are still to be placed.
struct MergeList {
    const Value* items;
    int64_t size, next;
};

bool in_tail(const MergeList& l, Value c) {
    for (int64_t i = l.next + 1; i < l.size; i++)
        if (l.items[i] == c) return true;
    return false;
}

Ref mro_error(Thread& t, PodVector<MergeList>& lists) {
    // The classes still waiting at the heads, each once, in order.
    Ref heads = TRY(list_new(t));
    for (MergeList& l : lists) {
        if (l.next >= l.size) continue;
        Value head = l.items[l.next];
        bool seen = false;
        for (int64_t i = 0; i < list_size(heads); i++) seen |= list_get(heads, i) == head;
        if (!seen) TRY(list_append(t, heads, head));
    }
    StrBuilder text(t);
    for (int64_t i = 0; i < list_size(heads); i++) {
        if (i) TRY(text.ascii(", "));
        Maybe name = lookup_attr(t, list_get(heads, i), ID(__name__));
        if (!name) return {};
        Ref s = name.take();
        if (s) s = str(t, s);
        if (!s) return {};
        TRY(text.append(s));
    }
    Ref names = TRY(text.finish());
    return raise(t, PyExc_TypeError, "Cannot create a consistent method resolution order (MRO) for bases %U",
                 names.get());
}

Ref merge(Thread& t, PyTypeObject* type, PodVector<MergeList>& lists) {
    Ref result = TRY(list_new(t));
    TRY(list_append(t, result, Value(type)));
    size_t empty = 0, i = 0;
    while (i < lists.size) {
        MergeList& l = lists[i];
        if (l.next >= l.size) {
            i++;
            empty++;
            continue;
        }
        Value candidate = l.items[l.next];
        bool blocked = false;
        for (size_t k = 0; k < lists.size && !blocked; k++) blocked = in_tail(lists[k], candidate);
        if (blocked) {
            i++;
            continue;
        }
        TRY(list_append(t, result, candidate));
        for (MergeList& other : lists)
            if (other.next < other.size && other.items[other.next] == candidate) other.next++;
        i = empty = 0;
    }
    if (empty == lists.size) return list_to_tuple(t, result);
    return mro_error(t, lists);
}

Status check_duplicate_bases(Thread& t, Value bases) {
    for (int64_t i = 0, n = tuple_size(bases); i < n; i++)
        for (int64_t k = i + 1; k < n; k++)
            if (tuple_get(bases, i) == tuple_get(bases, k)) {
                Maybe name = lookup_attr(t, tuple_get(bases, i), ID(__name__));
                if (!name) return {};
                Ref text = name.take();
                if (text) return raise(t, PyExc_TypeError, "duplicate base class %S", text.get());
                return raise(t, PyExc_TypeError, "duplicate base class");
            }
    return Status::ok();
}

}  // namespace

Ref mro_of(Thread& t, PyTypeObject* type) {
    Value bases(type->tp_bases);
    int64_t n = tuple_size(bases);
    for (int64_t i = 0; i < n; i++) {
        PyTypeObject* base = as_type(tuple_get(bases, i));
        if (!base->tp_mro)
            return raise(t, PyExc_TypeError, "Cannot extend an incomplete type '%.100s'", base->tp_name);
    }
    if (n == 1) {
        // One base: its order with the new class in front.
        Value base_mro(as_type(tuple_get(bases, 0))->tp_mro);
        Ref r = TRY(tuple_new(t, tuple_size(base_mro) + 1));
        tuple_items(r)[0] = Ref::share(Value(type)).release();
        for (int64_t i = 0; i < tuple_size(base_mro); i++)
            tuple_items(r)[i + 1] = Ref::share(tuple_get(base_mro, i)).release();
        return r;
    }
    TRY(check_duplicate_bases(t, bases));
    PodVector<MergeList> lists;
    if (!lists.reserve(n + 1)) return raise_no_memory(t);
    for (int64_t i = 0; i < n; i++) {
        Value m(as_type(tuple_get(bases, i))->tp_mro);
        lists.push({tuple_items(m), tuple_size(m), 0});
    }
    lists.push({tuple_items(bases), n, 0});
    return merge(t, type, lists);
}

static Status check_custom_mro(Thread& t, PyTypeObject* type, Value mro) {
    if (tuple_size(mro) == 0) return raise(t, PyExc_TypeError, "type MRO must not be empty");
    PyTypeObject* solid = solid_base(type);
    for (int64_t i = 0, n = tuple_size(mro); i < n; i++) {
        Value v = tuple_get(mro, i);
        if (!is_type(v)) return raise(t, PyExc_TypeError, "mro() returned a non-class ('%T')", v);
        if (!is_subtype(solid, solid_base(as_type(v))))
            return raise(t, PyExc_TypeError, "mro() returned base with unsuitable layout ('%.500s')",
                         as_type(v)->tp_name);
    }
    return Status::ok();
}

Status compute_mro(Thread& t, PyTypeObject* type) {
    PyTypeObject* meta = type->ob_base.ob_base.ob_type;
    bool custom = meta != &PyType_Type && (meta->tp_flags & kTpReady) &&
                  type_lookup(meta, ID(mro)) != dict_get_str(Value(PyType_Type.tp_dict), ID(mro));
    Ref result;
    if (custom) {
        Ref keep = Ref::share(Value(type));
        PyObject* before = type->tp_mro;
        Ref got = TRY(call_method(t, Value(type), ID(mro)));
        result = TRY(to_tuple(t, got));
        TRY(check_custom_mro(t, type, result));
        // mro() may have changed the bases of this very class; that change stands.
        if (type->tp_mro != before) return Status::ok();
        // Such an order may leave out bases, whose changes would then not reach this type's caches.
        type->tp_versions_used = kMaxVersionsPerType;
    } else {
        result = TRY(mro_of(t, type));
    }
    PyObject* old = type->tp_mro;
    type->tp_mro = result.release().ptr();
    if (old) decref(old);
    type_modified(type);
    return Status::ok();
}

// --- layouts ---

// True when instances of `type` have fields that those of `base` have not, apart from a dict and weak
// references that a Python class adds.
static bool extra_fields(const PyTypeObject* type, const PyTypeObject* base) {
    return type->tp_basicsize != base->tp_basicsize || type->tp_itemsize != base->tp_itemsize;
}

PyTypeObject* solid_base(PyTypeObject* type) {
    PyTypeObject* base = type->tp_base ? solid_base(type->tp_base) : &PyBaseObject_Type;
    return extra_fields(type, base) ? type : base;
}

PyTypeObject* best_base(Thread& t, Value bases) {
    PyTypeObject *winner = nullptr, *best = nullptr;
    for (int64_t i = 0, n = tuple_size(bases); i < n; i++) {
        Value v = tuple_get(bases, i);
        if (!is_type(v)) {
            (void)static_cast<Status>(raise(t, PyExc_TypeError, "bases must be types"));
            return nullptr;
        }
        PyTypeObject* base = as_type(v);
        if (!(base->tp_flags & kTpReady) && !ready_type(t, base)) return nullptr;
        if (!(base->tp_flags & kTpBaseType)) {
            (void)static_cast<Status>(
                raise(t, PyExc_TypeError, "type '%.100s' is not an acceptable base type", base->tp_name));
            return nullptr;
        }
        PyTypeObject* candidate = solid_base(base);
        if (!winner) {
            winner = candidate;
            best = base;
        } else if (is_subtype(winner, candidate)) {
        } else if (is_subtype(candidate, winner)) {
            winner = candidate;
            best = base;
        } else {
            (void)static_cast<Status>(
                raise(t, PyExc_TypeError, "multiple bases have instance lay-out conflict"));
            return nullptr;
        }
    }
    return best;
}

}  // namespace krait
