#pragma once

#include <string>
#include <string_view>

#include "ast/nodes.h"
#include "bytecode/code.h"
#include "source/diagnostic.h"
#include "support/arena.h"

// From an AST to a code object: future features, preprocessing, symbol table, code generation, and for each
// code object flow graph and assembly.
namespace krait {

struct CompileOptions {
    std::string_view filename;
    int future_flags = 0;  // kCodeFuture... flags inherited from the calling code
    bool allow_top_level_await = false;
    int optimize = 0;                 // 0: asserts stay; 1: -O; 2: -OO, docstrings go too
    WarningSink* warnings = nullptr;  // null: SyntaxWarnings are dropped
};

struct CompileResult {
    const CodeObject* code = nullptr;  // null: `failure` says why
    Diagnostic failure;
};

// Compiles a Module, Interactive or Expression. `identifiers` is the table that the tree's names are from;
// the code lives in `arena`, which must be the tree's or live as long. The tree is changed by preprocessing.
CompileResult compile(Arena& arena, IdentifierTable& identifiers, ast::ModNode* module,
                      const CompileOptions& options);

// A docstring as __doc__ has it: without the indentation of its lines.
std::string clean_docstring(std::string_view text);

struct PreprocessOptions {
    int optimize = 0;
    int future_flags = 0;
    bool syntax_check_only = false;  // only warn: for ast.parse without optimization
    WarningSink* warnings = nullptr;
    std::string_view filename;
};

// What CPython does to a tree before it looks at names: __debug__, docstrings at -OO, '%' formatting of
// constant formats, constants in patterns; warns of control flow that leaves a finally block. False:
// `failure` says why.
bool preprocess(Arena& arena, IdentifierTable& identifiers, ast::ModNode* module,
                const PreprocessOptions& options, Diagnostic& failure);

}  // namespace krait
