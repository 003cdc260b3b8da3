// Parts of the module sys.
#pragma once

#include <string>

#include "object/thread.h"

namespace krait {

extern const NativeDef sys_functions[];
Ref make_monitoring_module(Thread& t);  // sys.monitoring
Ref asyncgen_hooks_new(Thread& t, Value firstiter, Value finalizer);

// Shows `exc` with its traceback on sys.stderr as an uncaught exception is shown; never leaves an exception.
void display_exception(Thread& t, Value exc);
// The same without its causes and contexts and without marks, as exceptions in destructors are shown.
void display_exception_alone(Thread& t, Value exc);
// A traceback with its heading and plain source lines.
std::string traceback_text(Thread& t, Value tb);
// Writes to sys.stderr, or to the process's where there is none; never leaves an exception.
void write_error_text(Thread& t, const std::string& text);

// Makes the module sys and puts it, its dict and sys.modules into the interpreter. First module of all.
Status make_sys_module(Thread& t);
// Adds what depends on the configuration: flags, argv, path, prefixes. `g_runtime.config` must be set.
Status configure_sys(Thread& t);
Status renew_sys_flags(Thread& t);  // sys.flags anew, after a change of the configuration

}  // namespace krait
