#pragma once

#include <string>

#include "bytecode/code.h"

namespace krait {

// Appends every field of the code object and of those among its constants: the form in which
// tools/compare/bytecode.py has the oracle's.
void dump_fields(const CodeObject* code, std::string& out);

}  // namespace krait
