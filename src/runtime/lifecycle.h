// From a started process to a finished one: makes the core modules, runs a program, ends.
#pragma once

#include <string>
#include <vector>

#include "object/thread.h"
#include "runtime/config.h"

namespace krait {

struct Program {
    enum class Kind { File, Command, Module, StdinScript } kind = Kind::StdinScript;
    std::string text;               // path, source or module name
    std::vector<std::string> argv;  // sys.argv
};

// Runs the program in __main__; an uncaught exception is printed. The process's exit code.
int run_program(Thread& t, const Program& program);
// The library of a new sub-interpreter, and its __main__.
Status start_interpreter(Thread& t);
// The steps of program_main. The runtime with its library; *good is false when an exception is set.
Thread& program_begin(Config& config, bool* good);
int report_failed_begin(Thread& t);  // the exit code
// Ends threads, callbacks, modules. False: the streams could not be written out.
bool program_end(Thread& t);
int exit_status(bool written, int status);  // what the process ends with
// All of it: init, run, finalize. `config` must live for ever.
int program_main(const Program& program, Config& config);

// What the system gets for an exception that ended the program: prints it, or takes SystemExit's code.
int exit_code_of_exception(Thread& t);
// Shows the current exception as uncaught and clears it; the program goes on.
void print_uncaught(Thread& t);
// Runs a source or .pyc file in __main__, which says meanwhile that it comes from there.
Ref run_file_in_main(Thread& t, const std::string& path);
// After running code of the program: was it a KeyboardInterrupt that ended it?
void note_interrupt(Thread& t, bool good);

}  // namespace krait
