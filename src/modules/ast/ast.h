// Syntax trees as Python objects.
#pragma once

#include "ast/nodes.h"
#include "object/thread.h"
#include "runtime/hooks.h"

namespace krait {

// The tree as objects of the classes of module _ast.
Ref ast_to_objects(Thread& t, const ast::Node* node);
// Audits "compile"; TypeError when the object is not the kind of root that the mode wants.
Status check_ast_root(Thread& t, Value object, CompileMode mode);
// Objects as a tree, not validated yet; null: an exception is set, TypeError or ValueError for what does not
// fit the node table.
ast::ModNode* ast_from_objects(Thread& t, Value object, Arena& arena, IdentifierTable& identifiers);
// An object that may stand in a code object's constants; kInvalid for any other. Null: an exception is set.
const Constant* constant_from_object(Thread& t, Value object, Arena& arena);
bool is_ast_object(Thread& t, Value v);

}  // namespace krait
