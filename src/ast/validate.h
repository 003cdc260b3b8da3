#pragma once

#include <string>

#include "ast/nodes.h"

namespace krait::ast {

// What is wrong with a tree that was not made by the parser, in CPython's words.
struct Fault {
    enum class Kind : uint8_t { kNone, kValueError, kTypeError, kRecursionError };
    Kind kind = Kind::kNone;
    std::string message;

    explicit operator bool() const { return kind != Kind::kNone; }
};

// The first thing that no source could have led to: empty bodies, wrong contexts, places that run backwards,
// ... Required fields must be there already. Uses at most `stack_size` bytes of the C++ stack.
Fault validate(const ModNode* tree, size_t stack_size = 2 * 1024 * 1024);

}  // namespace krait::ast
