// Frames: memory, making, clearing.
#include "interp/frame.h"

#include "gc/gc.h"
#include "interp/frame_object.h"
#include "interp/internal.h"
#include "object/errors.h"

namespace krait {

__attribute__((preserve_most)) void dealloc_aside(PyObject* o) { dealloc(o); }

// --- data stack ---
namespace {

using Chunk = DataStackChunk;
constexpr size_t kChunkSize = 64 * 1024;
static_assert(offsetof(Chunk, data) % 16 == 0);

Chunk* chunk(Thread& t) { return static_cast<Chunk*>(t.c.datastack_chunk); }
void enter_chunk(Thread& t, Chunk* c, char* top) {
    t.c.datastack_chunk = c;
    t.c.datastack_top = top;
    t.c.datastack_limit = reinterpret_cast<char*>(c) + c->size;
}

}  // namespace

Frame* push_frame_memory_slow(Thread& t, size_t bytes) {
    auto* c = static_cast<Chunk*>(t.c.datastack_cached_chunk);
    if (c && c->size - sizeof(Chunk) >= bytes) {
        t.c.datastack_cached_chunk = nullptr;
    } else {
        size_t size = kChunkSize;
        while (size - sizeof(Chunk) < bytes) size *= 2;
        c = static_cast<Chunk*>(mem_alloc(size));
        if (!c) {
            raise_no_memory(t);
            return nullptr;
        }
        c->size = size;
    }
    c->previous = chunk(t);
    c->saved_top = static_cast<char*>(t.c.datastack_top);
    enter_chunk(t, c, c->data + bytes);
    return reinterpret_cast<Frame*>(c->data);
}

void pop_frame_memory_slow(Thread& t) {
    Chunk* c = chunk(t);
    enter_chunk(t, c->previous, c->saved_top);
    if (!t.c.datastack_cached_chunk)
        t.c.datastack_cached_chunk = c;
    else
        mem_free(c);
}

void free_frame_memory(Thread& t) {
    if (t.c.current_frame) return;
    mem_free(t.c.datastack_cached_chunk);
    for (Chunk *c = chunk(t), *next; c; c = next) {
        next = c->previous;
        mem_free(c);
    }
    t.c.datastack_cached_chunk = t.c.datastack_chunk = nullptr;
    t.c.datastack_top = t.c.datastack_limit = nullptr;
}

__attribute__((preserve_most)) void return_chunk_aside(Thread& t) {
    Chunk* c = chunk(t);
    if (c->previous)
        pop_frame_memory_slow(t);
    else
        t.c.datastack_top = c->data;
}

// --- frames ---

Frame* new_frame_failed(Thread& t, Value func, Value locals) {
    decref(func);
    xdecref(locals);
    raise(t, PyExc_RecursionError, "maximum recursion depth exceeded");
    return nullptr;
}

Frame* new_frame(Thread& t, Value func, Value locals, Frame* previous) {
    Frame* f = new_call_frame(t, func, 0, previous);
    if (!f) [[unlikely]] {
        xdecref(locals);
        return nullptr;
    }
    f->locals = locals;
    f->return_offset = 0;
    f->visited = 0;
    return f;
}

void clear_frame_contents(Frame* f) {
    // Everything is taken out before it is released: destructors may look at the frame.
    Slot* end = f->sp;
    Slot* p = f->localsplus;
    while (end > p) {
        Slot s = *--end;
        *end = Slot();
        if (end >= f->stack_base()) f->sp = end;
        xclose(s);
    }
}

void release_frame(Thread& t, Frame* f) {
    // Destructors that run from here see the caller as the running frame.
    if (t.c.current_frame == f) t.c.current_frame = f->previous;
    if (f->frame_obj) [[unlikely]] {
        if (release_frame_object(t, f)) return;
    }
    // From the last to the first, as CPython's go; borrowed stack entries are dropped with them.
    for (Slot* p = f->sp; p-- > f->localsplus;) xclose(*p);
    if (f->locals) decref(f->locals);
    if (f->func) decref(f->func.ptr());
    decref(f->code.ptr());
}

void clear_frame(Thread& t, Frame* f) {
    t.c.py_recursion_remaining++;
    release_frame(t, f);
}

Frame* visible_frame(Frame* f) {
    while (f && frame_is_incomplete(f)) f = f->previous;
    return f;
}

bool frame_is_incomplete(const Frame* f) {
    if (f->owner >= kOwnedByFrameObject + 1) return true;
    return f->owner != kOwnedByGenerator && f->instr < f->code_start() + f->co()->_co_firsttraceable;
}

int frame_line(Frame* f) { return code_line(f->co(), f->lasti()); }

Frame* current_frame(Thread& t) { return visible_frame(t.c.current_frame); }
Value current_globals(Thread& t) {
    Frame* f = current_frame(t);
    return f ? f->globals : Value();
}
Value current_builtins(Thread& t) {
    Frame* f = current_frame(t);
    return f ? f->builtins : t.interp->builtins_dict;
}

void visit_frame(Frame* f, Visitor& v) {
    v.visit(f->code);
    v.visit(f->func);
    v.visit(f->locals);
    if (f->frame_obj && f->owner != kOwnedByFrameObject)
        v.visit(Value(reinterpret_cast<PyObject*>(f->frame_obj)));
    if (!f->code) return;
    for (Slot* p = f->localsplus; p < f->sp; p++)
        if ((p->bits & 7) == 0 && p->bits) v.visit(Value(p->bits));
}

}  // namespace krait
