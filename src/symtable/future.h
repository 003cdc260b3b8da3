#pragma once

#include "ast/nodes.h"
#include "source/diagnostic.h"

namespace krait {

// What `from __future__ import` statements at the head of a module asked for.
struct FutureFeatures {
    int flags = 0;           // kCodeFuture... bits of co_flags
    ast::Position position;  // of the last of the statements
    bool annotations() const { return (flags & 0x1000000) != 0; }
};

// False: `failure` says which feature is unknown.
bool find_future_features(const ast::ModNode* module, FutureFeatures& features, Diagnostic& failure);

// A SyntaxError at a place of the AST.
void set_syntax_error(Diagnostic& failure, const ast::Position& at, std::string message);

}  // namespace krait
