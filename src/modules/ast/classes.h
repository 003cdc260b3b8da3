// The classes of module _ast, shared by both directions of the conversion.
#pragma once

#include <vector>

#include "modules/ast/ast.h"

namespace krait::ast_classes {

// Classes by kind, by sum type, and by enumerator; owned, one set for the process. Empty until `ensure`.
extern PyTypeObject* base;  // AST, the base of all
extern Value kinds[ast::kKindCount], types[ast::kTypeCount];
extern std::vector<Value> members[ast::kTypeCount];         // the enumerators' classes
extern std::vector<Value> member_objects[ast::kTypeCount];  // and their one instance

// Makes the classes unless they are there; does not import _ast.
Status ensure(Thread& t);

inline constexpr const char* kPositionNames[] = {"lineno", "col_offset", "end_lineno", "end_col_offset"};

}  // namespace krait::ast_classes
