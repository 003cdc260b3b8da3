#pragma once

#include <string>

#include "symtable/symtable.h"

namespace krait {

// Appends a block and those inside it, one name a line (sorted) with its flags and scope as a number: the
// form in which tools/compare/bytecode.py has the oracle's.
void dump_symbols(const SymbolBlock* block, std::string& out);

}  // namespace krait
