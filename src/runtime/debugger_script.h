// Scripts that another process asks to be run in this one (sys.remote_exec).
#pragma once

#include "object/thread.h"

namespace krait {

// Runs the script that waits in `t`, if there is one, in a namespace of its own. What goes wrong is reported
// and does not concern the program.
void run_debugger_script(Thread& t);

}  // namespace krait
