// Tracking, and the collection of cycles: reference counts are copied to a scratch array, what the objects
// under collection hold of each other is subtracted, and whatever is not reached from the remainder is
// garbage.
#include <cstdio>
#include <cstring>
#include <ctime>
#include <utility>

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/marking.h"
#include "gc/memory.h"
#include "gc/state.h"
#include "object/errors.h"
#include "object/instance.h"
#include "object/names.h"
#include "object/protocol.h"
#include "support/panic.h"
#include "support/reserve.h"

namespace krait {

void gc_init(Interpreter& interp) {
    reserve_init();
    interp.gc = static_cast<GcState*>(mem_alloc_zeroed(sizeof(GcState)));
    if (!interp.gc) panic("out of memory");
    interp.gc->enabled = true;
    interp.gc->gens[0].threshold = 2000;
    interp.gc->gens[1].threshold = 10;
    interp.gc->gens[2].threshold = 10;
}

// --- the arrays ---

static void squeeze(Generation& g) {
    marking_cancel();
    uint32_t to = 0;
    for (uint32_t i = 0; i < g.size; i++) {
        PyObject* o = g.items[i];
        if (!o) continue;
        g.items[to] = o;
        preheader(o)->gc_index = to++;
    }
    g.size = to;
    g.holes = 0;
}

static bool make_capacity(Generation& g, size_t n) {
    if (n <= g.capacity) return true;
    auto* p = n > UINT32_MAX ? nullptr : static_cast<PyObject**>(mem_realloc(g.items, n * sizeof(PyObject*)));
    if (!p) return false;
    g.items = p;
    g.capacity = static_cast<uint32_t>(n);
    return true;
}

void gc_add(Generation& g, int gen, PyObject* o) {
    if (g.size == g.capacity) [[unlikely]] {
        if (g.capacity && g.live() < g.capacity / 2) {
            squeeze(g);
        } else {
            // Otherwise it stays untracked: it will not be collected when part of a cycle.
            if (!make_capacity(g, g.capacity ? size_t{g.capacity} * 2 : 1024)) return;
        }
    }
    PreHeader* h = preheader(o);
    h->gc_index = g.size;
    h->flags = static_cast<uint8_t>((h->flags & ~(kGcOld1 | kGcOld2)) | kGcTracked | (gen << 3));
    g.items[g.size++] = o;
}

void gc_track_slow(Thread& t, PyObject* o) {
    if (!has_preheader(o) || (preheader(o)->flags & kGcTracked)) return;
    GcState& gc = *t.gc;
    Generation& young = gc.gens[0];
    gc_add(young, 0, o);
    if (++young.count > young.threshold) [[unlikely]]
        if (young.threshold && gc.enabled && !gc.collecting) set_breaker(t, kGcScheduled);
}

static bool holds(const Generation& g, PyObject* o) {
    uint32_t i = preheader(o)->gc_index;
    return i < g.size && g.items[i] == o;
}
static void take_out(Generation& g, PyObject* o) {
    PreHeader* h = preheader(o);
    h->flags &= ~(kGcTracked | kGcOld1 | kGcOld2);
    if (h->gc_index + 1 == g.size) {
        g.size--;
    } else {
        g.items[h->gc_index] = nullptr;
        g.holes++;
    }
}
// An object that another interpreter made.
[[gnu::noinline]] static void untrack_elsewhere(PyObject* o) {
    int gen = generation_of(o);
    for (Interpreter* in = g_runtime.interpreters; in; in = in->next)
        if (in->gc && holds(in->gc->gens[gen], o)) return take_out(in->gc->gens[gen], o);
    preheader(o)->flags &= ~(kGcTracked | kGcOld1 | kGcOld2);
}

void gc_untrack(Thread& t, PyObject* o) {
    if (!has_preheader(o)) return;
    PreHeader* h = preheader(o);
    if (!(h->flags & kGcTracked)) return;
    Generation& g = t.gc->gens[generation_of(o)];
    if (holds(g, o)) [[likely]]
        take_out(g, o);
    else
        untrack_elsewhere(o);
}

bool gc_owns(Thread& t, PyObject* o) {
    return has_preheader(o) && (preheader(o)->flags & kGcTracked) && holds(t.gc->gens[generation_of(o)], o);
}

// The interpreter ends: what is left of its objects is nobody's, and dies when its count says so.
void gc_interpreter_end(Interpreter& in) {
    GcState* gc = in.gc;
    for (Generation& g : gc->gens) {
        for (uint32_t i = 0; i < g.size; i++)
            if (PyObject* o = g.items[i]) preheader(o)->flags &= ~(kGcTracked | kGcOld1 | kGcOld2);
        mem_free(g.items);
        g = Generation{};
    }
    // Threads that never run again may still point to it.
    if (in.threads && reinterpret_cast<Thread*>(in.threads)->c.next) return;
    in.gc = nullptr;
    mem_free(gc);
}

bool type_is_gc(const PyTypeObject* type) { return type->tp_flags & kTpHaveGC; }

void gc_freeze(Thread& t) {
    marking_cancel();
    GcState& gc = *t.gc;
    Generation& to = gc.gens[GcState::kPermanent];
    for (int i = 0; i < 3; i++) {
        Generation& g = gc.gens[i];
        for (uint32_t k = 0; k < g.size; k++)
            if (g.items[k]) gc_add(to, GcState::kPermanent, g.items[k]);
        g.size = g.holes = 0;
        g.count = 0;
    }
}

void gc_unfreeze(Thread& t) {
    GcState& gc = *t.gc;
    Generation& from = gc.gens[GcState::kPermanent];
    for (uint32_t k = 0; k < from.size; k++)
        if (from.items[k]) gc_add(gc.gens[2], 2, from.items[k]);
    from.size = from.holes = 0;
}

bool gc_is_enabled(Thread& t) { return t.gc->enabled; }

void gc_started(Thread& t) {
    GcState& gc = *t.gc;
    Generation &young = gc.gens[0], &old = gc.gens[2];
    for (uint32_t k = 0; k < young.size; k++)
        if (young.items[k]) gc_add(old, 2, young.items[k]);
    young.size = young.holes = 0;
    young.count = 0;
    gc.long_lived_total = old.live();
    gc.started = true;
}

// --- finding garbage ---

namespace {

struct Collection {
    Thread& t;
    GcState& gc;
    int generation;
    PodVector<PyObject*> objects;  // under collection; while `refs` is in use gc_index is the place here
    PodVector<int32_t> refs;
    PodVector<PyObject*> garbage;  // one count held of each
    int64_t uncollectable = 0;

    Collection(Thread& thread, int gen) : t(thread), gc(*thread.gc), generation(gen) {}
};

// The count of an object less what the collector holds, as the scratch array keeps it.
int32_t scratch_count(const PyObject* o, uint32_t held) {
    return is_immortal(o) ? INT32_MAX : static_cast<int32_t>(o->ob_refcnt - held);
}

struct SubtractVisitor : Visitor {
    int32_t* refs;
    Waiting waiting;

    void look_at(PyObject* o) {
        if (!o || !has_gc_header(o)) return;
        PreHeader* h = preheader(o);
        if (h->flags & kGcVisiting) refs[h->gc_index]--;
    }
    void finish() {
        for (size_t i = 0; i < kAhead; i++) look_at(waiting.exchange(nullptr));
    }
};

void subtract_ref(Visitor& v, PyObject* o) {
    fetch(o);
    auto& self = static_cast<SubtractVisitor&>(v);
    self.look_at(self.waiting.exchange(o));
}

struct MarkVisitor : Visitor {
    PodVector<PyObject*>* stack;
};

void mark_reachable(Visitor& v, PyObject* o) {
    if (!has_gc_header(o)) return;
    PreHeader* h = preheader(o);
    if (!(h->flags & kGcVisiting)) return;
    h->flags &= ~kGcVisiting;
    static_cast<MarkVisitor&>(v).stack->items[static_cast<MarkVisitor&>(v).stack->size++] = o;
}

// Marks what was found some time ago.
struct LaterMarkVisitor : MarkVisitor {
    Waiting waiting;
    // Whether anything came to the stack.
    bool finish() {
        for (size_t i = 0; i < kAhead; i++)
            if (PyObject* o = waiting.exchange(nullptr)) mark_reachable(*this, o);
        return stack->size != 0;
    }
};
void mark_later(Visitor& v, PyObject* o) {
    fetch(o);
    if (PyObject* first = static_cast<LaterMarkVisitor&>(v).waiting.exchange(o)) mark_reachable(v, first);
}

// Precondition: objects[i] have gc_index i and kGcVisiting; refs[i] hold their counts. Afterwards exactly
// those that nothing outside holds still have kGcVisiting. `stack` has room for all.
void separate(PodVector<PyObject*>& objects, PodVector<int32_t>& refs, PodVector<PyObject*>& stack) {
    SubtractVisitor sub;
    sub.fn = subtract_ref;
    sub.refs = refs.items;
    for (size_t i = 0; i < objects.size; i++) {
        if (i + kAhead < objects.size) fetch(objects[i + kAhead]);
        traverse_object(objects[i], sub);
    }
    sub.finish();
    LaterMarkVisitor mark;
    mark.fn = mark_later;
    mark.stack = &stack;
    for (size_t i = 0; i < objects.size; i++) {
        if (i + kAhead < objects.size) fetch(objects[i + kAhead]);
        if (refs[i] <= 0) continue;
        mark_reachable(mark, objects[i]);
        do {
            while (stack.size) traverse_object(stack[--stack.size], mark);
        } while (mark.finish());
    }
}

// A tuple whose items can never be part of a cycle need not be looked at again.
bool can_untrack_tuple(PyObject* o) {
    if (o->ob_type != &PyTuple_Type) return false;
    Value tuple(o);
    for (int64_t i = 0, n = tuple_size(tuple); i < n; i++) {
        Value v = tuple_items(tuple)[i];
        if (!v) return false;
        if (!v.is_ptr()) continue;
        PyObject* item = v.ptr();
        if (!type_is_gc(item->ob_type)) continue;
        // A static object's own references are reachable for ever; others count as soon as they are tracked.
        if (!has_preheader(item)) continue;
        if (item->ob_type != &PyTuple_Type && item->ob_type != &PyDict_Type) return false;
        if (is_tracked(item)) return false;
    }
    return true;
}

// Adds what a collection found dead; `room` becomes false when memory is out.
void add_garbage(Collection& c, PyObject* o, bool& room) {
    if (room && c.garbage.push(o))
        incref(o);
    else
        room = false;
}
// Without the memory for all of it nothing is garbage.
void drop_partial_garbage(Collection& c, bool room) {
    if (room) return;
    for (PyObject* o : c.garbage) o->ob_refcnt--;
    c.garbage.size = 0;
}

void take_up(Collection& c, PyObject* o) {
    PreHeader* h = preheader(o);
    h->gc_index = static_cast<uint32_t>(c.objects.size);
    h->flags |= kGcVisiting;
    c.objects.items[c.objects.size++] = o;
    c.refs.items[c.refs.size++] = scratch_count(o, 0);
}

// A whole collection after everything that can be reached was marked: only what is not is looked at, and
// stays where it lies. False: that is too much, or memory is out; nothing changed.
bool find_unmarked_garbage(Collection& c) {
    GcState& gc = c.gc;
    Generation& old = gc.gens[2];
    PodVector<uint32_t> places;
    PodVector<PyObject*> stack;
    for (uint32_t word = 0; word * 64 < old.size; word++)
        for (uint64_t rest = ~marking_of(word); rest; rest &= rest - 1) {
            uint32_t k = word * 64 + static_cast<uint32_t>(__builtin_ctzll(rest));
            if (k < old.size && old.items[k] && !places.push(k)) return false;
        }
    if (places.size > old.live() / 2) return false;
    size_t total = places.size + gc.gens[0].live() + gc.gens[1].live();
    if (!c.objects.reserve(total) || !c.refs.reserve(total) || !stack.reserve(total)) return false;
    if (!make_capacity(old, size_t{old.size} + gc.gens[0].live() + gc.gens[1].live())) return false;
    for (uint32_t k : places) take_up(c, old.items[k]);
    for (int i = 1; i >= 0; i--) {
        Generation& g = gc.gens[i];
        for (uint32_t k = 0; k < g.size; k++)
            if (g.items[k]) take_up(c, g.items[k]);
        g.size = g.holes = 0;
    }
    separate(c.objects, c.refs, stack);

    bool room = true;
    for (size_t i = 0; i < c.objects.size; i++) {
        PyObject* o = c.objects[i];
        PreHeader* h = preheader(o);
        bool dead = h->flags & kGcVisiting;
        h->flags &= ~kGcVisiting;
        if (i < places.size) {
            h->gc_index = places[i];
            if (!dead && can_untrack_tuple(o)) take_out(old, o);
        } else {
            h->flags &= ~kGcTracked;
            if (!dead && can_untrack_tuple(o)) continue;
            gc_add(old, 2, o);
        }
        if (dead) add_garbage(c, o, room);
    }
    drop_partial_garbage(c, room);
    gc.long_lived_pending = 0;
    gc.long_lived_total = old.live() - static_cast<int64_t>(c.garbage.size);
    return true;
}

// Takes the generations under collection apart: garbage to c.garbage (counted), everything to the next
// generation. False: out of memory, nothing changed.
bool find_garbage(Collection& c) {
    GcState& gc = c.gc;
    if (c.generation == 2) {
        bool found = marking_done() && find_unmarked_garbage(c);
        marking_cancel();
        if (found) return true;
        mem_free_scratch(std::exchange(c.objects.items, nullptr));
        c.objects.capacity = 0;
    }
    size_t total = 0;
    for (int i = 0; i <= c.generation; i++) total += gc.gens[i].live();
    PodVector<PyObject*> stack;
    // The oldest generation is taken apart where it lies: what is kept moves down in the same array.
    bool in_place = c.generation == 2;
    if (in_place ? !make_capacity(gc.gens[2], total) : !c.objects.reserve(total)) return false;
    if (!c.refs.reserve(total) || !stack.reserve(total)) return false;
    if (in_place) c.objects.items = gc.gens[2].items;
    for (int i = c.generation; i >= 0; i--) {
        Generation& g = gc.gens[i];
        for (uint32_t k = 0; k < g.size; k++) {
            PyObject* o = g.items[k];
            if (k + kAhead < g.size && g.items[k + kAhead]) fetch(g.items[k + kAhead]);
            if (!o) continue;
            take_up(c, o);
        }
        g.size = g.holes = 0;
    }
    separate(c.objects, c.refs, stack);

    int target = c.generation < 2 ? c.generation + 1 : 2;
    Generation& to = gc.gens[target];
    bool room = true;
    for (size_t i = 0; i < c.objects.size; i++) {
        if (i + kAhead < c.objects.size) fetch(c.objects[i + kAhead]);
        PyObject* o = c.objects[i];
        PreHeader* h = preheader(o);
        bool dead = h->flags & kGcVisiting;
        h->flags &= ~(kGcVisiting | kGcTracked);
        if (!dead && can_untrack_tuple(o)) continue;
        gc_add(to, target, o);
        if (dead) add_garbage(c, o, room);
    }
    drop_partial_garbage(c, room);
    if (c.generation == 1) gc.long_lived_pending += static_cast<int64_t>(c.objects.size - c.garbage.size);
    if (in_place) {
        c.objects.items = nullptr;
        c.objects.size = 0;
        gc.long_lived_pending = 0;
        gc.long_lived_total = to.live() - static_cast<int64_t>(c.garbage.size);
    }
    return true;
}

// --- disposing of it ---

bool in_garbage(PyObject* o) { return has_gc_header(o) && (preheader(o)->flags & kGcUnreachable); }

void run_weakref_callback(Thread& t, PyWeakReference* wr) {
    Ref callback = Ref::share(wr->wr_callback);
    Ref keep = Ref::share(Value(&wr->ob_base));
    Ref r = call(t, callback, {keep});
    if (!r) write_unraisable_in(t, "while calling weakref callback", callback);
}

void detach_weakref(PyWeakReference* wr, PyObject** list) {
    if (wr->wr_prev)
        wr->wr_prev->wr_next = wr->wr_next;
    else
        *list = reinterpret_cast<PyObject*>(wr->wr_next);
    if (wr->wr_next) wr->wr_next->wr_prev = wr->wr_prev;
    wr->wr_prev = wr->wr_next = nullptr;
    wr->wr_object = &_Py_NoneStruct;
}

// Clears weak references to garbage: finalizers do not see it through them. `with_callbacks`: the callbacks
// of references that are not garbage themselves run; later ones, made by finalizers, go without.
void handle_weakrefs(Collection& c, bool with_callbacks) {
    PodVector<PyWeakReference*> to_call;
    for (PyObject* o : c.garbage) {
        // A reference with a callback that is garbage itself is cleared, whatever it refers to: that may be
        // garbage which cannot be seen from here, and the callback would meet half-deleted objects.
        if (is_subtype(o->ob_type, &_PyWeakref_RefType)) {
            auto* wr = reinterpret_cast<PyWeakReference*>(o);
            PyObject** list =
                wr->wr_callback && !is_none(Value(wr->wr_object)) ? weaklist_slot(wr->wr_object) : nullptr;
            if (list && with_callbacks) detach_weakref(wr, list);
        }
        PyObject** list = weaklist_slot(o);
        if (!list) continue;
        PyWeakReference* next;
        for (auto* wr = reinterpret_cast<PyWeakReference*>(*list); wr; wr = next) {
            next = wr->wr_next;
            detach_weakref(wr, list);
            if (!wr->wr_callback || in_garbage(&wr->ob_base)) continue;
            if (with_callbacks && to_call.push(wr)) incref(&wr->ob_base);
        }
    }
    for (PyWeakReference* wr : to_call) {
        run_weakref_callback(c.t, wr);
        decref(&wr->ob_base);
    }
}

void finalize_one(Collection& c, PyObject* o, FinalizeFn fn) {
    PreHeader* h = preheader(o);
    if (!fn || (h->flags & kGcFinalized)) return;
    h->flags |= kGcFinalized;
    fn(c.t, o);
}
// In order of age; streams after everything that may still write to them, and the outer ones, which are
// younger, before those they write to: so nothing that is buffered gets lost.
void finalize_garbage(Collection& c) {
    FinalizeFn streams = c.t.gc->finalize_streams;
    size_t n = c.garbage.size, later = 0;
    for (size_t i = 0; i < n; i++) {
        PyObject* o = c.garbage[i];
        FinalizeFn fn = ext(o->ob_type)->slots.finalize;
        if (fn && fn == streams)
            later++;
        else
            finalize_one(c, o, fn);
    }
    for (size_t i = n; i-- > 0 && later > 0;) {
        PyObject* o = c.garbage[i];
        if (ext(o->ob_type)->slots.finalize != streams) continue;
        later--;
        finalize_one(c, o, streams);
    }
}

// After finalizers ran: what became reachable again, and all it reaches, leaves the garbage.
void drop_resurrected(Collection& c) {
    PodVector<uint32_t> places;
    PodVector<PyObject*> stack, objects;
    PodVector<int32_t> refs;
    size_t n = c.garbage.size;
    bool room = places.reserve(n) && stack.reserve(n) && objects.reserve(n) && refs.reserve(n);
    for (size_t i = 0; room && i < n; i++) {
        PyObject* o = c.garbage[i];
        if (!is_tracked(o)) continue;  // untracked meanwhile: leave to its count
        PreHeader* h = preheader(o);
        places.items[places.size++] = h->gc_index;
        h->gc_index = static_cast<uint32_t>(objects.size);
        h->flags |= kGcVisiting;
        objects.items[objects.size++] = o;
        refs.items[refs.size++] = scratch_count(o, 1);
    }
    if (room) separate(objects, refs, stack);
    for (size_t i = 0; i < objects.size; i++) preheader(objects[i])->gc_index = places[i];
    // What is alive gathers behind what is garbage still: no memory is needed for it.
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        PyObject* o = c.garbage[i];
        PreHeader* h = preheader(o);
        if (h->flags & kGcVisiting) {
            h->flags &= ~kGcVisiting;
            std::swap(c.garbage[kept++], c.garbage[i]);
        } else {
            h->flags &= ~kGcUnreachable;
        }
    }
    c.garbage.size = kept;
    for (size_t i = kept; i < n; i++) decref(c.garbage[i]);
}

void save_garbage(Collection& c, PyObject* o) {
    if (!c.gc.garbage) {
        Ref list = list_new(c.t);
        if (!list) {
            clear_error(c.t);
            return;
        }
        c.gc.garbage = list.release();
    }
    if (!list_append(c.t, c.gc.garbage, Value(o))) clear_error(c.t);
}

// Objects with the tp_del of old C types cannot be finalized in an order that is safe: they and all they
// reach leave the garbage, and gc.garbage gets them.
void set_aside_uncollectable(Collection& c) {
    bool any = false;
    for (PyObject* o : c.garbage) any = any || o->ob_type->tp_del;
    if (!any) return;
    PodVector<PyObject*> stack, kept;
    if (!stack.reserve(c.garbage.size) || !kept.reserve(c.garbage.size)) return;
    for (PyObject* o : c.garbage) preheader(o)->flags |= kGcVisiting;
    MarkVisitor mark;
    mark.fn = mark_reachable;
    mark.stack = &stack;
    for (PyObject* o : c.garbage)
        if (o->ob_type->tp_del) mark.visit(o);
    while (stack.size) traverse_object(stack.items[--stack.size], mark);
    size_t left = 0;
    for (PyObject* o : c.garbage) {
        if (preheader(o)->flags & kGcVisiting)
            c.garbage[left++] = o;
        else
            kept.items[kept.size++] = o;
        preheader(o)->flags &= ~kGcVisiting;
    }
    c.garbage.size = left;
    c.uncollectable = static_cast<int64_t>(kept.size);
    for (PyObject* o : kept) {
        preheader(o)->flags &= ~kGcUnreachable;
        if (c.gc.debug & kGcDebugUncollectable)
            fprintf(stderr, "gc: uncollectable <%s %p>\n", o->ob_type->tp_name, static_cast<void*>(o));
        if (o->ob_type->tp_del || (c.gc.debug & kGcDebugSaveall)) save_garbage(c, o);
    }
    for (PyObject* o : kept) decref(o);
}

void delete_garbage(Collection& c) {
    for (PyObject* o : c.garbage) preheader(o)->flags &= ~kGcUnreachable;
    if (c.gc.debug & kGcDebugSaveall) {
        for (PyObject* o : c.garbage) save_garbage(c, o);
    } else {
        for (PyObject* o : c.garbage) {
            // Held once, by the collector: dropping it below frees it.
            if (o->ob_refcnt == 1) continue;
            if (ClearFn clear = ext(o->ob_type)->slots.clear) clear(c.t, o);
            if (c.t.has_exception()) write_unraisable(c.t, "in tp_clear of", Value(o->ob_type));
        }
    }
    for (PyObject* o : c.garbage) decref(o);
}

void call_callbacks(Thread& t, const char* phase, int generation, int64_t collected, int64_t uncollectable) {
    Value callbacks = t.gc->callbacks;
    if (!callbacks || list_size(callbacks) == 0) return;
    Ref info = dict_new(t);
    if (!info || !dict_set_str(t, info, "generation", Value::from_int(generation)) ||
        !dict_set_str(t, info, "collected", Value::from_int(collected)) ||
        !dict_set_str(t, info, "uncollectable", Value::from_int(uncollectable))) {
        write_unraisable(t, nullptr, {});
        return;
    }
    Ref phase_str = str_from(t, phase);
    if (!phase_str) return write_unraisable(t, nullptr, {});
    for (int64_t i = 0; i < list_size(callbacks); i++) {
        Ref cb = Ref::share(list_get(callbacks, i));
        Ref r = call(t, cb, {phase_str, info});
        if (!r) write_unraisable_in(t, "while calling GC callback", cb);
    }
}

void debug_garbage(Collection& c) {
    if (!(c.gc.debug & kGcDebugCollectable)) return;
    for (PyObject* o : c.garbage)
        fprintf(stderr, "gc: collectable <%s %p>\n", o->ob_type->tp_name, static_cast<void*>(o));
}

double now() {
    timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return static_cast<double>(ts.tv_sec) + 1e-9 * static_cast<double>(ts.tv_nsec);
}

void debug_start(Thread& t, int generation) {
    GcState& gc = *t.gc;
    fprintf(stderr, "gc: collecting generation %d...\n", generation);
    fprintf(stderr, "gc: objects in each generation: %u %u %u\n", gc.gens[0].live(), gc.gens[1].live(),
            gc.gens[2].live());
    fprintf(stderr, "gc: objects in permanent generation: %u\n", gc.gens[3].live());
}

int64_t collect(Thread& t, int generation, int64_t& uncollectable) {
    GcState& gc = *t.gc;
    if (generation + 1 < 3) gc.gens[generation + 1].count++;
    for (int i = 0; i <= generation; i++) gc.gens[i].count = 0;
    double start = 0;
    if (gc.debug & kGcDebugStats) {
        debug_start(t, generation);
        start = now();
    }
    Collection c(t, generation);
    int64_t found = 0;
    if (find_garbage(c)) {
        for (PyObject* o : c.garbage) preheader(o)->flags |= kGcUnreachable;
        debug_garbage(c);
        set_aside_uncollectable(c);
        found = static_cast<int64_t>(c.garbage.size);
        if (found) {
            handle_weakrefs(c, true);
            finalize_garbage(c);
            drop_resurrected(c);
            handle_weakrefs(c, false);
            found = static_cast<int64_t>(c.garbage.size);
            delete_garbage(c);
        }
    }
    if (gc.debug & kGcDebugStats)
        fprintf(stderr, "gc: done, %lld unreachable, %lld uncollectable, %.4fs elapsed\n",
                static_cast<long long>(found), static_cast<long long>(c.uncollectable), now() - start);
    Generation& g = gc.gens[generation];
    g.collections++;
    g.collected += found;
    g.uncollectable += c.uncollectable;
    uncollectable = c.uncollectable;
    return found;
}

constexpr int64_t kManyGarbage = 1000;

}  // namespace

static int64_t collect_now(Thread& t, int generation) {
    GcState& gc = *t.gc;
    if (gc.collecting) return 0;
    gc.collecting = true;
    SavedError saved(t);
    bool ending = gc.modules_die;
    if (!ending) call_callbacks(t, "start", generation, 0, 0);
    int64_t uncollectable = 0, found = collect(t, generation, uncollectable);
    if (!ending) call_callbacks(t, "stop", generation, found, uncollectable);
    if (generation == 2 && found > kManyGarbage) mem_trim();
    gc.collecting = false;
    return found + uncollectable;
}

int64_t gc_collect(Thread& t, int generation) {
    if (generation == 2 && !t.gc->collecting) marking_cancel();  // who asks for all of it gets all of it
    return collect_now(t, generation);
}

void gc_run_scheduled(Thread& t) {
    clear_breaker(t, kGcScheduled);
    GcState& gc = *t.gc;
    if (!gc.started) gc.gens[0].count = 0;
    if (!gc.enabled || gc.collecting || gc.gens[0].count <= gc.gens[0].threshold) return;
    // The oldest generation that is due; a full collection only once enough new long-lived objects came
    // (a quarter of the old ones), so that its cost stays linear in the number of objects made.
    for (int i = 2; i >= 0; i--) {
        if (gc.gens[i].count <= gc.gens[i].threshold) continue;
        if (i == 2 && gc.long_lived_pending < gc.long_lived_total / 4) continue;
        // Of a large heap some is marked at each turn, until there is little left to look at.
        if (i == 2 && marking_pays(gc) && !marking_step(t)) continue;
        collect_now(t, i);
        return;
    }
}

void gc_finalize(Thread& t) {
    GcState& gc = *t.gc;
    gc.debug &= ~kGcDebugSaveall;
    Value garbage = gc.garbage, callbacks = gc.callbacks;
    gc.garbage = gc.callbacks = Value();
    xdecref(garbage);
    xdecref(callbacks);
}

}  // namespace krait
