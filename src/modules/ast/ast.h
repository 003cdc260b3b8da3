// Syntax trees as Python objects.
#pragma once

#include "ast/nodes.h"
#include "object/thread.h"

namespace krait {

// The tree as objects of the classes of module _ast.
Ref ast_to_objects(Thread& t, const ast::Node* node);
// Objects as a tree; TypeError / ValueError as compile() reports malformed ones. `expected` is the class name
// ("Module").
ast::Node* ast_from_objects(Thread& t, Value object, Arena& arena, IdentifierTable& identifiers);
bool is_ast_object(Thread& t, Value v);

}  // namespace krait
