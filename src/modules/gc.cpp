// The module gc.
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/tuple.h"
#include "gc/memory.h"
#include "gc/state.h"
#include "object/errors.h"
#include "object/protocol.h"

namespace krait {

namespace {

Ref gc_enable(Thread& t, Value) {
    t.gc->enabled = true;
    return none_ref();
}
Ref gc_disable(Thread& t, Value) {
    t.gc->enabled = false;
    return none_ref();
}
Ref gc_isenabled(Thread& t, Value) { return bool_ref(t.gc->enabled); }

Ref gc_collect_fn(Thread& t, Value, const Value* a) {
    int gen = a[0] ? TRY(as_int32(t, a[0])) : 2;
    if (gen < 0 || gen > 2) return raise(t, PyExc_ValueError, "invalid generation");
    int64_t found = gc_collect(t, gen);
    if (gen == 2) mem_trim();  // who asks for it wants memory back
    return int_from(t, found);
}

Ref three(Thread& t, int64_t a, int64_t b, int64_t c) {
    return tuple_of(t, {Value::from_int(a), Value::from_int(b), Value::from_int(c)});
}
Ref gc_get_count(Thread& t, Value) {
    auto& g = t.gc->gens;
    return three(t, g[0].count, g[1].count, g[2].count);
}
Ref gc_get_threshold(Thread& t, Value) {
    auto& g = t.gc->gens;
    return three(t, g[0].threshold, g[1].threshold, g[2].threshold);
}
Ref gc_set_threshold(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    if (kwnames && tuple_size(kwnames))
        return raise(t, PyExc_TypeError, "gc.set_threshold() takes no keyword arguments");
    if (nargs < 1 || nargs > 3)
        return raise(t, PyExc_TypeError, "gc.set_threshold requires 1 to 3 arguments");
    int values[3];
    for (size_t i = 0; i < nargs; i++) {
        TRY_DISCARD(as_int64(t, args[i]));
        values[i] = TRY(as_int32(t, args[i]));
    }
    for (size_t i = 0; i < nargs; i++) t.gc->gens[i].threshold = values[i];
    return none_ref();
}

Ref gc_get_debug(Thread& t, Value) { return int_from(t, t.gc->debug); }
Ref gc_set_debug(Thread& t, Value, Value flags) {
    t.gc->debug = TRY(as_int32(t, flags));
    return none_ref();
}

Ref gc_get_stats(Thread& t, Value) {
    Ref list = TRY(list_new(t));
    for (int i = 0; i < 3; i++) {
        const Generation& g = t.gc->gens[i];
        Ref d = TRY(dict_new(t));
        TRY(dict_set_str(t, d, "collections", TRY(int_from(t, g.collections))));
        TRY(dict_set_str(t, d, "collected", TRY(int_from(t, g.collected))));
        TRY(dict_set_str(t, d, "uncollectable", TRY(int_from(t, g.uncollectable))));
        TRY(list_append(t, list, d));
    }
    return list;
}

Ref gc_get_objects(Thread& t, Value, const Value* a) {
    int only = -1;
    if (a[0] && !is_none(a[0])) {
        if (!is_index(a[0]))
            return raise(t, PyExc_TypeError, "argument should be integer or None, not '%.200s'",
                         type_of(a[0])->tp_name);
        int64_t n = TRY(as_index(t, a[0], PyExc_OverflowError));
        if (n >= 3)
            return raise(t, PyExc_ValueError,
                         "generation parameter must be less than the number of available generations (3)");
        if (n < 0) return raise(t, PyExc_ValueError, "generation parameter cannot be negative");
        only = static_cast<int>(n);
    }
    TRY(audit(t, "gc.get_objects", {Value::from_int(only)}));
    Ref list = TRY(list_new(t));
    for (int gen = 0; gen < 3; gen++) {
        if (only >= 0 && gen != only) continue;
        for (uint32_t i = 0; i < t.gc->gens[gen].size; i++) {
            PyObject* o = t.gc->gens[gen].items[i];
            if (o && o != list.get().ptr() && !(preheader(o)->flags & kGcUnreachable))
                TRY(list_append(t, list, Value(o)));
        }
    }
    return list;
}

struct FindVisitor : Visitor {
    const Value* wanted;
    int64_t n;
    bool found = false;
};

Ref gc_get_referrers(Thread& t, Value, const Value* args, size_t nargs, Value) {
    Ref objs = TRY(tuple_from(t, args, static_cast<int64_t>(nargs)));
    TRY(audit(t, "gc.get_referrers", {objs}));
    Ref list = TRY(list_new(t));
    FindVisitor v;
    v.fn = [](Visitor& base, PyObject* o) {
        auto& f = static_cast<FindVisitor&>(base);
        for (int64_t i = 0; i < f.n; i++)
            if (f.wanted[i] == Value(o)) f.found = true;
    };
    v.wanted = args;
    v.n = static_cast<int64_t>(nargs);
    for (int gen = 0; gen < 3; gen++) {
        Generation& g = t.gc->gens[gen];
        for (uint32_t i = 0; i < g.size; i++) {
            PyObject* o = g.items[i];
            if (!o || o == list.get().ptr() || o == objs.get().ptr() ||
                (preheader(o)->flags & kGcUnreachable))
                continue;
            v.found = false;
            if (TraverseFn fn = ext(o->ob_type)->slots.traverse) fn(o, v);
            if (o->ob_type->tp_flags & kTpHeapType) v.visit(Value(o->ob_type));
            if (v.found) TRY(list_append(t, list, Value(o)));
        }
    }
    return list;
}

struct CollectVisitor : Visitor {
    Thread* t;
    Value list;
    bool failed = false;
};

Ref gc_get_referents(Thread& t, Value, const Value* args, size_t nargs, Value) {
    Ref objs = TRY(tuple_from(t, args, static_cast<int64_t>(nargs)));
    TRY(audit(t, "gc.get_referents", {objs}));
    Ref list = TRY(list_new(t));
    CollectVisitor v;
    v.fn = [](Visitor& base, PyObject* o) {
        auto& c = static_cast<CollectVisitor&>(base);
        if (!c.failed && !list_append(*c.t, c.list, Value(o))) c.failed = true;
    };
    v.immediate_fn = [](Visitor& base, Value value) {
        auto& c = static_cast<CollectVisitor&>(base);
        if (!c.failed && !list_append(*c.t, c.list, value)) c.failed = true;
    };
    v.t = &t;
    v.list = list;
    for (size_t i = 0; i < nargs; i++) {
        if (!args[i].is_ptr()) continue;
        PyObject* o = args[i].ptr();
        if (TraverseFn fn = ext(o->ob_type)->slots.traverse) fn(o, v);
        if ((o->ob_type->tp_flags & kTpHeapType) && type_is_gc(o->ob_type)) v.visit(Value(o->ob_type));
        if (v.failed) return {};
    }
    return list;
}

Ref gc_is_tracked(Thread&, Value, Value v) {
    if (!v.is_ptr()) return bool_ref(false);
    // Static types are never tracked here; programs know them as tracked.
    if (is_type(v) && !has_preheader(v.ptr())) return bool_ref(false);
    return bool_ref(is_tracked(v.ptr()));
}
Ref gc_is_finalized(Thread&, Value, Value v) {
    if (!v.is_ptr() || !has_preheader(v.ptr())) return bool_ref(false);
    return bool_ref(preheader(v.ptr())->flags & kGcFinalized);
}
Ref gc_freeze_fn(Thread& t, Value) {
    gc_freeze(t);
    return none_ref();
}
Ref gc_unfreeze_fn(Thread& t, Value) {
    gc_unfreeze(t);
    return none_ref();
}
Ref gc_get_freeze_count(Thread& t, Value) { return int_from(t, t.gc->gens[GcState::kPermanent].live()); }

const NativeDef functions[] = {
    def<gc_enable>("enable", "()", "Turns automatic collection on."),
    def<gc_disable>("disable", "()", "Turns automatic collection off."),
    def<gc_isenabled>("isenabled", "()", "Is automatic collection on?"),
    def<gc_set_debug>("set_debug", "(flags, /)", "Sets the debugging flags (DEBUG_*)."),
    def<gc_get_debug>("get_debug", "()", "The debugging flags."),
    def<gc_get_count>("get_count", "()", "The counters of the three generations."),
    def<gc_set_threshold>("set_threshold", nullptr,
                          "set_threshold(threshold0, [threshold1, [threshold2]])\n"
                          "Sets the thresholds. With threshold0 zero there is no automatic collection."),
    def<gc_get_threshold>("get_threshold", "()", "The thresholds of the three generations."),
    def<gc_collect_fn>("collect", "(generation=2)",
                       "Collects a generation and the younger ones; the number of unreachable objects."),
    def<gc_get_objects>("get_objects", "(generation=None)", "The objects the collector tracks."),
    def<gc_get_stats>("get_stats", "()", "A dict of statistics for each generation."),
    def<gc_is_tracked>("is_tracked", "(obj, /)", "Does the collector track the object?"),
    def<gc_get_referrers>("get_referrers", "(*objs)", "The objects that directly refer to any of objs."),
    def<gc_get_referents>("get_referents", "(*objs)", "The objects that any of objs directly refers to."),
    def<gc_is_finalized>("is_finalized", "(obj, /)", "Did the object's finalizer run?"),
    def<gc_freeze_fn>("freeze", "()", "Excludes all objects there are from future collections."),
    def<gc_unfreeze_fn>("unfreeze", "()", "Puts the frozen objects into the oldest generation."),
    def<gc_get_freeze_count>("get_freeze_count", "()", "The number of frozen objects."),
    {}};

Status exec(Thread& t, Value module) {
    GcState& gc = *t.gc;
    if (!gc.garbage) gc.garbage = TRY(list_new(t)).release();
    if (!gc.callbacks) gc.callbacks = TRY(list_new(t)).release();
    TRY(module_add(t, module, "garbage", Ref::share(gc.garbage)));
    TRY(module_add(t, module, "callbacks", Ref::share(gc.callbacks)));
    TRY(module_add_int(t, module, "DEBUG_STATS", kGcDebugStats));
    TRY(module_add_int(t, module, "DEBUG_COLLECTABLE", kGcDebugCollectable));
    TRY(module_add_int(t, module, "DEBUG_UNCOLLECTABLE", kGcDebugUncollectable));
    TRY(module_add_int(t, module, "DEBUG_SAVEALL", kGcDebugSaveall));
    return module_add_int(t, module, "DEBUG_LEAK",
                          kGcDebugCollectable | kGcDebugUncollectable | kGcDebugSaveall);
}

}  // namespace

extern const ModuleSpec module_gc;
const ModuleSpec module_gc{
    .name = "gc", .doc = "The collector of reference cycles.", .functions = functions, .exec = exec};

}  // namespace krait
