// Frames: memory, making, clearing.
#include "interp/frame.h"

#include "gc/gc.h"
#include "interp/frame_object.h"
#include "interp/internal.h"
#include "object/errors.h"

namespace krait {

// --- data stack ---
namespace {

struct Chunk {
    Chunk* previous;
    size_t size;
    char* saved_top;  // of the previous chunk, while this one is in use
    char data[];
};
constexpr size_t kChunkSize = 64 * 1024;

char*& top(Thread& t) { return reinterpret_cast<char*&>(t.c.datastack_top); }
char*& limit(Thread& t) { return reinterpret_cast<char*&>(t.c.datastack_limit); }
Chunk*& chunk(Thread& t) { return reinterpret_cast<Chunk*&>(t.c.datastack_chunk); }
Chunk*& cached(Thread& t) { return reinterpret_cast<Chunk*&>(t.c.datastack_cached_chunk); }

// Frames lie 16-byte aligned.
constexpr size_t rounded(size_t bytes) { return (bytes + 15) & ~size_t{15}; }

}  // namespace

Frame* push_frame_memory(Thread& t, size_t bytes) {
    bytes = rounded(bytes);
    char* p = top(t);
    if (p && bytes <= static_cast<size_t>(limit(t) - p)) [[likely]] {
        top(t) = p + bytes;
        return reinterpret_cast<Frame*>(p);
    }
    return push_frame_memory_slow(t, bytes);
}

Frame* push_frame_memory_slow(Thread& t, size_t bytes) {
    bytes = rounded(bytes);
    Chunk* c = cached(t);
    if (c && c->size - sizeof(Chunk) >= bytes) {
        cached(t) = nullptr;
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
    static_assert(offsetof(Chunk, data) % 8 == 0);
    c->previous = chunk(t);
    c->saved_top = top(t);
    chunk(t) = c;
    char* start = reinterpret_cast<char*>(rounded(reinterpret_cast<size_t>(c->data)));
    if (start + bytes > reinterpret_cast<char*>(c) + c->size) start = c->data;
    top(t) = start + bytes;
    limit(t) = reinterpret_cast<char*>(c) + c->size;
    return reinterpret_cast<Frame*>(start);
}

void pop_frame_memory(Thread& t, Frame* f) {
    char* p = reinterpret_cast<char*>(f);
    Chunk* c = chunk(t);
    // The first frame of a chunk gives the chunk back; the bottom chunk stays.
    if (p < c->data + 16 && c->previous) [[unlikely]] {
        chunk(t) = c->previous;
        top(t) = c->saved_top;
        limit(t) = reinterpret_cast<char*>(c->previous) + c->previous->size;
        if (!cached(t))
            cached(t) = c;
        else
            mem_free(c);
        return;
    }
    top(t) = p;
}

// --- frames ---

Frame* new_frame(Thread& t, Value func, Value locals, Frame* previous) {
    if (t.c.py_recursion_remaining <= 0) [[unlikely]] {
        decref(func);
        xdecref(locals);
        raise(t, PyExc_RecursionError, "maximum recursion depth exceeded");
        return nullptr;
    }
    auto* fn = func.as<PyFunctionObject>();
    Value code = fn->func_code;
    auto* co = code.as<PyCodeObject>();
    Frame* f = push_frame_memory(t, frame_bytes(co));
    if (!f) [[unlikely]] {
        decref(func);
        xdecref(locals);
        return nullptr;
    }
    t.c.py_recursion_remaining--;
    incref(code.ptr());
    f->code = code;
    f->previous = previous;
    f->func = func;
    f->globals = fn->func_globals;
    f->builtins = fn->func_builtins;
    f->locals = locals;
    f->frame_obj = nullptr;
    f->instr = co->co_code_adaptive;
    f->return_offset = 0;
    f->owner = kOwnedByThread;
    f->is_entry = 0;
    f->visited = 0;
    Slot* p = f->localsplus;
    Slot* end = p + co->co_nlocalsplus;
    f->sp = end;
    while (p < end) *p++ = Slot();
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
    if (t.frame == f) t.frame = f->previous;
    if (f->frame_obj) [[unlikely]] {
        if (release_frame_object(t, f)) return;
    }
    // Locals go in order, as CPython's do; borrowed stack entries are dropped with them.
    Slot* end = f->sp;
    for (Slot* p = f->localsplus; p < end; p++) {
        Slot s = *p;
        if ((s.bits & 7) == 0 && s.bits) decref(reinterpret_cast<PyObject*>(s.bits));
    }
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

Frame* current_frame(Thread& t) { return visible_frame(t.frame); }
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
    if (f->frame_obj) v.visit(Value(reinterpret_cast<PyObject*>(f->frame_obj)));
    if (!f->code) return;
    for (Slot* p = f->localsplus; p < f->sp; p++)
        if ((p->bits & 7) == 0 && p->bits) v.visit(Value(p->bits));
}

}  // namespace krait
