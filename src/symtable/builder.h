#pragma once

#include <initializer_list>

#include "support/stack-guard.h"
#include "symtable/symtable.h"

namespace krait {

// The first walk: makes the blocks and records what they do with each name. Every visit returns false when
// the failure is set.
class SymbolTableBuilder {
  public:
    SymbolTableBuilder(SymbolTable& table, IdentifierTable& identifiers, const SymbolTableOptions& options,
                       Diagnostic& failure);

    bool build(const ast::ModNode* module);

  private:
    using Position = ast::Position;
    template <typename T>
    using Seq = ast::Seq<T>;
    using Slot = SymbolTable::Slot;

    // Restores a field of the current block when it goes.
    class ConditionalBlock;

    bool fail(const Position& at, std::string message);
    bool too_deep();

    // ---- blocks (builder.cpp) ----
    SymbolBlock* new_block(const Identifier* name, BlockType type, uint64_t key, const Position& at);
    static uint64_t key_of(const ast::Node* node, Slot slot = Slot::kBody) {
        return reinterpret_cast<uintptr_t>(node) + slot;
    }
    bool enter_new(const Identifier* name, BlockType type, const ast::Node* node, Slot slot,
                   const Position& at);
    void enter(SymbolBlock* block, bool add_to_children);
    void exit();

    // ---- names (builder.cpp) ----
    const Identifier* mangled(const Identifier* name);
    uint32_t lookup(const Identifier* name);
    bool check_name(const Identifier* name, const Position& at, ast::ExprContext ctx);
    bool check_keywords(Seq<ast::Keyword*> keywords);
    bool add_def(const Identifier* name, uint32_t flag, const Position& at);
    bool add_def(const Identifier* name, uint32_t flag, const Position& at, ast::ExprContext ctx);
    bool add_def_to(SymbolBlock* block, const Identifier* name, uint32_t flag, const Position& at);
    void record_directive(const Identifier* name, const Position& at);
    bool see_class_scope(const Position& at);

    // ---- statements (builder-stmt.cpp) ----
    bool visit(const ast::StmtNode* node);
    template <typename T>
    bool visit_all(Seq<T*> nodes);
    bool visit_statement(const ast::StmtNode* node);
    template <typename T>
    bool visit_function_def(const T* node, bool is_async);
    bool visit_class_def(const ast::ClassDef* node);
    bool visit_type_alias(const ast::TypeAlias* node);
    bool visit_ann_assign(const ast::AnnAssign* node);
    template <typename T>
    bool visit_for(const T* node);
    template <typename T>
    bool visit_with(const T* node);
    template <typename T>
    bool visit_try(const T* node);
    template <typename T>
    bool visit_declaration(const T* node, uint32_t flag, const char* word);
    bool visit_import_from(const ast::ImportFrom* node);
    bool visit(const ast::Alias* node);
    bool visit(const ast::HandlerNode* node);
    bool visit(const ast::WithItem* node);
    bool visit(const ast::MatchCase* node);
    bool visit(const ast::PatternNode* node);
    bool visit(const ast::TypeParamNode* node);
    bool visit_bound_or_default(const ast::ExprNode* node, const Identifier* name,
                                const ast::TypeParamNode* key, Slot slot, const char* scope_info);
    bool enter_type_params(const Identifier* name, const ast::StmtNode* node, bool has_defaults,
                           bool has_kwdefaults, bool of_class);
    bool visit_annotation(const ast::ExprNode* annotation);
    bool visit_annotations(const ast::StmtNode* def, const ast::Arguments* args, const ast::ExprNode* returns,
                           const SymbolBlock* function);
    bool visit_argument_annotations(Seq<ast::Arg*> args);
    bool check_async_statement(const ast::StmtNode* node, const char* what);
    bool visit(const ast::Arguments* args);
    bool visit_params(Seq<ast::Arg*> args);

    // ---- expressions (builder-expr.cpp) ----
    bool visit(const ast::ExprNode* node);
    bool visit_expression(const ast::ExprNode* node);
    bool visit_optional(const ast::ExprNode* node) { return node == nullptr || visit(node); }
    bool visit(const ast::Keyword* node) { return visit(node->value); }
    bool visit(const ast::Comprehension* node);
    bool visit_lambda(const ast::Lambda* node);
    bool visit_named(const ast::NamedExpr* node);
    bool visit_name(const ast::Name* node);
    bool visit_yield(const ast::ExprNode* node, const ast::ExprNode* value);
    bool visit_await(const ast::Await* node);
    bool visit_comprehension(const ast::ExprNode* node, const char* name, ComprehensionKind kind,
                             Seq<ast::Comprehension*> generators, const ast::ExprNode* elt,
                             const ast::ExprNode* value);
    bool extend_named_scope(const ast::Name* target);
    bool forbid_in_annotation_scopes(const char* what, const Position& at);

    bool allows_top_level_await() const {
        return options_.allow_top_level_await && current_->type == BlockType::kModule;
    }

    SymbolTable& table_;
    IdentifierTable& identifiers_;
    const SymbolTableOptions& options_;
    Diagnostic& failure_;
    StackGuard stack_;
    StackBudget budget_;
    SymbolBlock* current_ = nullptr;
    SymbolBlock* global_ = nullptr;
    std::vector<SymbolBlock*> open_;  // the blocks around the current one, it included
    const Identifier* private_ = nullptr;
    const Identifier *debug_, *super_, *class_, *classdict_, *annotate_, *conditional_annotations_, *format_;
};

// CPython's words for code nested beyond the limits.
void set_recursion_error(Diagnostic& failure);

}  // namespace krait
