#pragma once

#include <string>

#include "ast/nodes.h"

namespace krait::ast {

// Appends what `ast.dump(tree, include_attributes=True)` prints, constants and names as ascii() gives them.
void dump(const Node* node, std::string& out);

// The same without places, laid out for people as `ast.dump(tree, indent=2)` does.
std::string pretty(const Node* node);

}  // namespace krait::ast
