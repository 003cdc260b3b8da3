// The basic prompt: statements read from standard input one at a time and run in __main__.
#pragma once

#include <cstdio>

#include "object/thread.h"

namespace krait {

// Does somebody (or something that plays the part: -i) sit at standard input?
bool stdin_is_interactive();
// Reads and runs until the end of the input. Exceptions are shown and the loop goes on; false only for a
// SystemExit that is to end the program, which is then the current exception.
bool run_interactive_loop(Thread& t);
// The same for another file than standard input, whose statements are said to come from `filename`; and one
// statement of it: false at the end of the file.
bool run_interactive_file(Thread& t, FILE* in, Value filename);
Result<bool> run_interactive_statement(Thread& t, FILE* in, Value filename);
// The library's prompt where the terminal can do it, else the basic one. `startup`: PYTHONSTARTUP is run
// first. False: as above.
bool run_prompt(Thread& t, bool startup);
// What stdin_is_interactive() programs begin with: PYTHONSTARTUP, then sys.__interactivehook__. Same result.
bool run_interactive_start(Thread& t);
bool run_interactive_hook(Thread& t);

}  // namespace krait
