// The settings of an interpreter as Python sees them.
#pragma once

#include "runtime/interpreters.h"

namespace krait::xi {
Status config_by_name(Thread& t, Value name, InterpreterConfig& config);
// From a dict of fields; `complete`: all have to be there.
Status config_update(Thread& t, Value dict, bool complete, InterpreterConfig& config);
Status config_from(Thread& t, Value v, InterpreterConfig& config);  // a name, or an object with the fields
Ref config_object(Thread& t, const InterpreterConfig& config);      // types.SimpleNamespace
const char* config_fault(const InterpreterConfig& config);          // what contradicts itself; null: nothing
}  // namespace krait::xi
