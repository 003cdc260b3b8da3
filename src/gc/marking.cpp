#include "gc/marking.h"

#include "object/per_interpreter.h"

namespace krait {

RootsFn g_gc_roots;

namespace {

constexpr uint32_t kLarge = 50000;    // tracked objects from which on it pays
constexpr size_t kLeastStep = 20000;  // objects looked at in a step, or, of a large heap,
constexpr size_t kSteps = 64;         // this part of it
constexpr size_t kStack = size_t{1} << 16;

// Both bits of a place: seen, and looked into. What is seen only waits to be looked into.
struct Marks {
    uint64_t *seen, *done;
    size_t words;
    size_t cursor;  // where the search for what waits goes on
    bool anything;  // something was found since it began at the first word
    bool complete;
};
PER_INTERPRETER Marks g_marks;

void marking_end(Thread&) { marking_cancel(); }
AT_INTERPRETER_END(marking_end)

struct Marker : Visitor {
    Generation& old;
    PodVector<PyObject*> stack;
    Waiting waiting;

    explicit Marker(Generation& g) : old(g) { fn = find; }

    static void find(Visitor& v, PyObject* o) {
        fetch(o);
        auto& self = static_cast<Marker&>(v);
        if (PyObject* first = self.waiting.exchange(o)) self.see(first);
    }
    void see(PyObject* o) {
        if (!has_gc_header(o)) return;
        PreHeader* h = preheader(o);
        uint32_t i = h->gc_index;
        if (!(h->flags & kGcTracked) || generation_of(o) != 2 || i / 64 >= g_marks.words) return;
        uint64_t bit = uint64_t{1} << (i % 64);
        if (g_marks.seen[i / 64] & bit || i >= old.size || old.items[i] != o) return;
        g_marks.seen[i / 64] |= bit;
        if (stack.size < stack.capacity) stack.items[stack.size++] = o;  // else the search finds it
    }
    bool flush() {
        for (size_t i = 0; i < kAhead; i++)
            if (PyObject* o = waiting.exchange(nullptr)) see(o);
        return stack.size != 0;
    }
    void look_into(PyObject* o) {
        uint32_t i = preheader(o)->gc_index;
        g_marks.done[i / 64] |= uint64_t{1} << (i % 64);
        traverse_object(o, *this);
    }
    // Everything on the stack and what comes to it, as long as the budget lasts.
    void drain(size_t& budget) {
        do {
            while (stack.size && budget) {
                budget--;
                look_into(stack.items[--stack.size]);
            }
        } while (flush() && budget);
        stack.size = 0;  // the rest is seen, and will be found
    }
    // Looks for what was seen only. False: there is nothing.
    bool search(size_t& budget) {
        Marks& m = g_marks;
        while (budget) {
            if (m.cursor == m.words) {
                if (!m.anything) return false;
                m.cursor = 0;
                m.anything = false;
            }
            uint64_t waits = m.seen[m.cursor] & ~m.done[m.cursor];
            if (!waits) {
                m.cursor++;
                continue;
            }
            m.anything = true;
            size_t i = m.cursor * 64 + static_cast<size_t>(__builtin_ctzll(waits));
            m.done[m.cursor] |= waits & -waits;
            PyObject* o = i < old.size ? old.items[i] : nullptr;
            if (!o) continue;
            budget--;
            look_into(o);
            flush();
            drain(budget);
        }
        return true;
    }
};

bool begin(Thread& t) {
    Marks& m = g_marks;
    m.words = t.gc->gens[2].size / 64;
    m.seen = static_cast<uint64_t*>(mem_alloc_zeroed(m.words * 2 * sizeof(uint64_t)));
    if (!m.seen) return false;
    m.done = m.seen + m.words;
    m.cursor = 0;
    m.anything = m.complete = false;
    Marker roots(t.gc->gens[2]);
    for (Value v : {t.interp->modules, t.interp->sys_module, t.interp->builtins_module}) {
        if (!v || !v.is_ptr()) continue;
        roots.visit(v);
        traverse_object(v.ptr(), roots);
    }
    if (g_gc_roots) g_gc_roots(t, roots);
    roots.flush();
    return true;
}

}  // namespace

bool marking_pays(const GcState& gc) {
    return gc.gens[2].live() >= kLarge && gc.gens[GcState::kPermanent].size == 0;
}

bool marking_done() { return g_marks.complete; }
uint64_t marking_of(uint32_t word) { return word < g_marks.words ? g_marks.seen[word] : 0; }

void marking_cancel() {
    if (!g_marks.seen) return;
    mem_free(g_marks.seen);
    g_marks = Marks{};
}

bool marking_step(Thread& t) {
    if (g_marks.complete) return true;
    if (!g_marks.seen) return !begin(t);  // without memory it goes without marks
    Marker marker(t.gc->gens[2]);
    if (!marker.stack.reserve(kStack)) return true;
    size_t budget = t.gc->gens[2].live() / kSteps;
    if (budget < kLeastStep) budget = kLeastStep;
    g_marks.complete = !marker.search(budget);
    return g_marks.complete;
}

}  // namespace krait
