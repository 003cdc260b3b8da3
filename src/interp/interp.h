// Running code: the entry points of the interpreter.
#pragma once

#include "interp/code.h"
#include "interp/frame.h"

namespace krait {

// Runs `f` (pushed by the caller, entry frame) to its return, yield or exception. Owned result; empty:
// exception.
Ref run_frame(Thread& t, Frame* f);
Ref run_frame_at(Thread& t, Frame* f, uint16_t* ip);  // goes on there
// Resumes a generator's frame with `sent` on its stack; or, when `throwing`, with the current exception
// raised at its suspension.
Ref resume_frame(Thread& t, Frame* f, bool throwing);
Ref resume_for_next(Thread& t, Frame* f);  // of a generator suspended by yield, with nothing sent

// Binds arguments (stolen: all nargs + names of kwnames) to a new frame for `func` (stolen). Null: exception
// set.
Frame* bind_frame(Thread& t, Value func_owned, Slot* args, size_t nargs, Value kwnames, Frame* previous);
// As exec(code, globals, locals): makes the function and runs it.
Ref eval_code(Thread& t, Value code, Value globals, Value locals, Value closure = {});

// Adds an entry for `f` to the traceback of the current exception.
void add_traceback(Thread& t, Frame* f);
// The same for native code that called back, of which users see no more than a place.
void add_native_traceback(Thread& t, const char* function, const char* filename, int line);
Ref traceback_new(Thread& t, Value next, PyFrameObject* frame, int lasti, int lineno);
int traceback_line(PyTracebackObject* tb);  // -1: none

// The frames' globals and builtins of the running Python code; empty outside of it. Borrowed.
Value current_globals(Thread& t);
Value current_builtins(Thread& t);
Frame* current_frame(Thread& t);  // innermost visible

Ref build_class(Thread& t, const Value* args, size_t nargs, Value kwnames);  // builtins.__build_class__
Ref import_name(Thread& t, Value builtins, Value globals, Value locals, Value name, Value fromlist,
                Value level);
Ref import_from(Thread& t, Value module, Value name);
Status import_star(Thread& t, Value module, Value locals);

Status init_interp(Thread& t);  // the types code, function, frame, traceback, generators

}  // namespace krait
