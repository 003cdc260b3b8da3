// Interpreter frames. A frame lies on its thread's data stack, or inside a generator object that owns it.
#pragma once

#include "interp/slot.h"
#include "object/thread.h"

namespace krait {

enum FrameOwner : uint8_t {
    kOwnedByThread = 0,
    kOwnedByGenerator = 1,
    kOwnedByFrameObject = 2,
    kOwnedByInterpreter = 3 /* init shims: never visible */
};

// Laid out as CPython's _PyInterpreterFrame (greenlet and profilers know the offsets).
struct Frame {
    Value code;  // PyCodeObject, owned
    Frame* previous;
    Value func;                // PyFunctionObject, owned
    Value globals, builtins;   // borrowed from func
    Value locals;              // owned mapping for module and class bodies; empty in functions
    PyFrameObject* frame_obj;  // owned; null until asked for
    uint16_t* instr;           // the instruction being executed (or, suspended, the one that yielded)
    Slot* sp;                  // valid whenever other code can run
    uint16_t return_offset;    // code units from `instr` to where the caller goes on
    FrameOwner owner;
    uint8_t is_entry;  // returning from it leaves run()
    uint8_t visited;
    Slot localsplus[1];  // locals, cells, free variables, then the value stack

    PyCodeObject* co() const { return code.as<PyCodeObject>(); }
    uint16_t* code_start() const { return co()->co_code_adaptive; }
    Slot* stack_base() { return localsplus + co()->co_nlocalsplus; }
    int lasti() const { return static_cast<int>(instr - code_start()) * 2; }  // byte offset
};
static_assert(offsetof(Frame, instr) == 56 && offsetof(Frame, sp) == 64 && offsetof(Frame, localsplus) == 80);

inline int64_t frame_slots(const PyCodeObject* co) { return co->co_nlocalsplus + co->co_stacksize; }
// co_framesize counts the frame's head, too, and is even: frames lie 16-byte aligned.
inline size_t frame_bytes(const PyCodeObject* co) {
    return size_t{8} * static_cast<size_t>(co->co_framesize);
}

// --- data stack ---
// Chunked, last in first out. `bytes` is a multiple of 16. Null: MemoryError is set.
struct DataStackChunk {
    DataStackChunk* previous;
    size_t size;
    char* saved_top;  // of the previous chunk, while this one is in use
    size_t padding;
    char data[];
};
Frame* push_frame_memory_slow(Thread& t, size_t bytes);
void free_frame_memory(Thread& t);  // a thread ends
void pop_frame_memory_slow(Thread& t);
inline Frame* push_frame_memory(Thread& t, size_t bytes) {
    auto* p = static_cast<char*>(t.c.datastack_top);
    if (bytes > static_cast<size_t>(static_cast<char*>(t.c.datastack_limit) - p)) [[unlikely]]
        return push_frame_memory_slow(t, bytes);
    t.c.datastack_top = p + bytes;
    return reinterpret_cast<Frame*>(p);
}
inline void pop_frame_memory(Thread& t, Frame* f) {
    auto* c = static_cast<DataStackChunk*>(t.c.datastack_chunk);
    // The first frame of a chunk gives the chunk back; the bottom chunk stays.
    if (reinterpret_cast<char*>(f) == c->data && c->previous) [[unlikely]]
        return pop_frame_memory_slow(t);
    t.c.datastack_top = f;
}

// pop_frame_memory of a chunk's first frame, for handlers: keeps their registers.
__attribute__((preserve_most)) void return_chunk_aside(Thread& t);

// A frame on the thread's data stack for calling `func` (stolen); locals empty. Null with an exception set
// (func released).
Frame* new_frame(Thread& t, Value func_owned, Value locals_owned, Frame* previous);
Frame* new_frame_failed(Thread& t, Value func_owned, Value locals_owned);  // RecursionError
// The same for functions, with only the locals from `filled` on made empty: the caller stores the first ones
// at once. In two steps for who wants the rare cases elsewhere: whether depth and chunk allow for the frame,
// then the frame, which cannot fail.
inline bool call_frame_is_plain(Thread& t, const PyCodeObject* co) {
    auto* top = static_cast<char*>(t.c.datastack_top);
    return t.c.py_recursion_remaining > 0 &&
           frame_bytes(co) <= static_cast<size_t>(static_cast<char*>(t.c.datastack_limit) - top);
}
inline void init_call_frame(Thread& t, Frame* f, Value func_owned, int64_t filled, Frame* previous) {
    auto* fn = func_owned.as<PyFunctionObject>();
    auto* co = fn->func_code.as<PyCodeObject>();
    t.c.py_recursion_remaining--;
    incref(&co->ob_base.ob_base);
    f->code = Value(&co->ob_base.ob_base);
    f->previous = previous;
    f->func = func_owned;
    f->globals = fn->func_globals;
    f->builtins = fn->func_builtins;
    f->locals = Value();
    f->frame_obj = nullptr;
    f->instr = co->co_code_adaptive;
    f->owner = kOwnedByThread;
    f->is_entry = 0;
    Slot* end = f->localsplus + co->co_nlocalsplus;
    f->sp = end;
    for (Slot* p = f->localsplus + filled; p < end; p++) {
        *p = Slot();
        asm volatile("");  // few: a call of memset would cost more
    }
}
inline Frame* new_plain_call_frame(Thread& t, Value func_owned, int64_t filled, Frame* previous) {
    auto* f = static_cast<Frame*>(t.c.datastack_top);
    auto* fn = func_owned.as<PyFunctionObject>();
    t.c.datastack_top = reinterpret_cast<char*>(f) + frame_bytes(fn->func_code.as<PyCodeObject>());
    init_call_frame(t, f, func_owned, filled, previous);
    return f;
}
inline Frame* new_call_frame(Thread& t, Value func_owned, int64_t filled, Frame* previous) {
    auto* fn = func_owned.as<PyFunctionObject>();
    auto* co = fn->func_code.as<PyCodeObject>();
    if (t.c.py_recursion_remaining <= 0) [[unlikely]]
        return new_frame_failed(t, func_owned, Value());
    Frame* f = push_frame_memory(t, frame_bytes(co));
    if (!f) [[unlikely]] {
        decref(func_owned.ptr());
        return nullptr;
    }
    init_call_frame(t, f, func_owned, filled, previous);
    return f;
}
// Releases everything a frame holds (a frame object takes the contents over when somebody else keeps it) but
// not its memory.
void clear_frame(Thread& t, Frame* f);

int frame_line(Frame* f);                          // current line, -1: none
PyFrameObject* frame_object(Thread& t, Frame* f);  // borrowed from f, made on demand; null: exception
// The innermost frame that users may see (complete: past its prologue).
Frame* visible_frame(Frame* f);
bool frame_is_incomplete(const Frame* f);

// Frame objects.
struct PyFrameObjectHead;
Ref frame_locals(Thread& t, Frame* f);           // locals(): a mapping (proxy, dict or the namespace)
Ref frame_locals_snapshot(Thread& t, Frame* f);  // the builtin locals(): a fresh dict in functions
Frame* frame_of_object(PyFrameObject* o);        // null after clear()
void take_over_frame(Thread& t, Frame* f);       // moves f's contents into its frame object

}  // namespace krait
