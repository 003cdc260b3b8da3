// Tracebacks written straight to a file descriptor: for signal handlers and fatal errors. Nothing here
// allocates, takes locks or runs Python code.
#pragma once

#include <string_view>

#include "object/thread.h"

namespace krait {

// The state of the calling operating-system thread, whether or not it holds the GIL; null when it has none.
Thread* this_thread_state();

void fd_write(int fd, std::string_view text);
void fd_write_number(int fd, uint64_t v);           // decimal
void fd_write_hex(int fd, uint64_t v, int digits);  // with leading zeros
// "Stack (most recent call first):" and the frames of `t`.
void dump_traceback(int fd, Thread& t);
// All threads of `interp`; `current` (or null) is marked.
void dump_traceback_of_threads(int fd, Interpreter& interp, Thread* current);
void dump_c_stack(int fd);
// "Extension modules: ..." of the native modules that do not belong to the library, if there are any.
void dump_extension_modules(int fd, Interpreter& interp);

// "Fatal Python error: <where>: <message>", the traceback, and the end of the process.
[[noreturn]] void fatal_error(const char* where, const char* message);

}  // namespace krait
