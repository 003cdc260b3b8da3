// The functions of sys about scripts that run in another process.
#pragma once

#include "object/thread.h"

namespace krait::remote {
Ref is_enabled(Thread& t, Value);                   // sys.is_remote_debug_enabled()
Ref exec_script(Thread& t, Value, const Value* p);  // sys.remote_exec(pid, script)
}  // namespace krait::remote
