#pragma once

#include "ast/nodes.h"

namespace krait {

// The string that opens a body, null when there is none.
inline const ast::Constant* docstring_of(ast::Seq<ast::StmtNode*> body) {
    if (body.empty()) return nullptr;
    auto* statement = ast::try_as<ast::Expr>(body.front());
    if (statement == nullptr) return nullptr;
    auto* constant = ast::try_as<ast::Constant>(statement->value);
    return constant != nullptr && constant->value->is(ConstantKind::kStr) ? constant : nullptr;
}

}  // namespace krait
