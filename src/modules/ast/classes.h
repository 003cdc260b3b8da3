// The classes of module _ast, shared by both directions of the conversion.
#pragma once

#include <vector>

#include "modules/ast/ast.h"

namespace krait::ast_classes {

extern Type base;  // AST, the base of all
// Classes by kind, by sum type, and by enumerator; owned, one set for the process. Empty until _ast is
// imported.
extern Value kinds[ast::kKindCount], types[ast::kTypeCount];
extern std::vector<Value> members[ast::kTypeCount];         // the enumerators' classes
extern std::vector<Value> member_objects[ast::kTypeCount];  // and their one instance

inline constexpr const char* kPositionNames[] = {"lineno", "col_offset", "end_lineno", "end_col_offset"};

}  // namespace krait::ast_classes
