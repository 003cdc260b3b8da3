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
inline size_t frame_bytes(const PyCodeObject* co) {
    return offsetof(Frame, localsplus) + 8 * frame_slots(co);
}

// --- data stack ---
// Chunked, last in first out. Null: MemoryError is set.
Frame* push_frame_memory(Thread& t, size_t bytes);
Frame* push_frame_memory_slow(Thread& t, size_t bytes);
void pop_frame_memory(Thread& t, Frame* f);

// A frame on the thread's data stack for calling `func` (stolen); locals empty. Null with an exception set
// (func released).
Frame* new_frame(Thread& t, Value func_owned, Value locals_owned, Frame* previous);
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
