// From a started process to a finished one: makes the core modules, runs a program, ends.
#pragma once

#include <string>
#include <vector>

#include "object/thread.h"

namespace krait {

struct Program {
    enum class Kind { File, Command, StdinScript } kind = Kind::StdinScript;
    std::string text;               // path or source
    std::vector<std::string> argv;  // sys.argv
};

// Makes sys with sys.modules, and builtins.
Status init_core_modules(Thread& t);
// Runs the program in __main__; an uncaught exception is printed. The process's exit code.
int run_program(Thread& t, const Program& program);
// All of it: init, run, finalize.
int program_main(const Program& program);

// What the system gets for an exception that ended the program: prints it, or takes SystemExit's code.
int exit_code_of_exception(Thread& t);

}  // namespace krait
