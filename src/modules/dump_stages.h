// -X dump: what the program becomes on its way through the stages, on standard error.
#pragma once

#include <string>

#include "runtime/hooks.h"

namespace krait {

// Writes the stages that `r.dump` names ("ast,bytecode" or "bytecode:Class.method"), those before execution.
// Sources that do not compile are shown as far as they come; never leaves an exception.
void dump_stages(Thread& t, const CompileRequest& r);

// For the stage "specialized", after the program ran: the instructions as they are by then.
void dump_specialized(Thread& t, Value code, const std::string& stages);

}  // namespace krait
