// Globals of native modules that belong to one interpreter.
//
//     PER_INTERPRETER_REFS Value g_error;
//     PER_INTERPRETER int64_t g_limit = 128;
//
// In the first kind every word is an owned reference (Value or PyTypeObject*) or empty; the second is plain
// data, copied bit by bit.
//
// They lie together in two sections of the program. What is there is of the interpreter that has the GIL:
// taking it for another one exchanges the contents (runtime/interpreters.cpp). So they cost what globals
// cost, and a new interpreter begins with the values of the program's start. Touch them only with the GIL
// held. References are dropped when the interpreter ends; for anything else that has to be freed there is
// AT_INTERPRETER_END.
#pragma once

#include "object/thread.h"

#define PER_INTERPRETER [[gnu::section("krait_interp"), gnu::used]]
#define PER_INTERPRETER_REFS [[gnu::section("krait_interp_refs"), gnu::used]]

// In a source file, at namespace level: `void fn(Thread&)` runs when an interpreter other than the main one
// ends, after its modules are gone and before the references above are dropped.
#define AT_INTERPRETER_END(fn) \
    [[gnu::section("krait_interp_end"), gnu::used]] static void (*const fn##_at_end)(Thread&) = fn;
