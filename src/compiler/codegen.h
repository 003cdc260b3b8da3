#pragma once

#include <string>
#include <vector>

#include "compiler/compiler.h"
#include "compiler/instr_sequence.h"
#include "support/stack-guard.h"
#include "symtable/symtable.h"

// The code generator: a walk over the AST that appends instructions to the sequence of the current unit. What
// it emits is, instruction for instruction and place for place, what CPython 3.14's emits before its flow
// graph passes; tools/compare/codegen.py checks that. Functions that may fail return false with `failure_`
// set.
namespace krait {

// What to do with a finished unit: assemble it, or look at it first (tests, dumps).
class UnitSink {
  public:
    virtual void begin() {}
    virtual const CodeObject* finish(CodeUnit& unit, Diagnostic& failure) = 0;

  protected:
    ~UnitSink() = default;
};

enum class ScopeKind : uint8_t {
    kModule,
    kClass,
    kFunction,
    kAsyncFunction,
    kLambda,
    kComprehension,
    kAnnotations,
    kTypeParams,
};

// A statement that `return`, `break` and `continue` must clean up when they leave it.
enum class FrameBlockKind : uint8_t {
    kWhileLoop,
    kForLoop,
    kAsyncForLoop,
    kTryExcept,
    kFinallyTry,
    kFinallyEnd,
    kWith,
    kAsyncWith,
    kHandlerCleanup,
    kPopValue,
    kExceptionHandler,
    kExceptionGroupHandler,
    kAsyncComprehensionGenerator,
    kStopIteration,
};

struct FrameBlock {
    FrameBlockKind kind;
    Label block;  // where `continue` goes
    Label exit;   // where `break` goes
    Location location;
    ast::Seq<ast::StmtNode*> finally_body;     // of kFinallyTry
    const Identifier* handler_name = nullptr;  // of kHandlerCleanup
};

// A code object in the making.
struct Unit {
    CodeUnit code;
    SymbolBlock* block = nullptr;
    ScopeKind kind = ScopeKind::kModule;
    const Identifier* private_name = nullptr;
    std::string_view qualname;
    IdentifierMap<int> names, varnames, cellvars, freevars;
    // Names of inlined comprehensions that are fast locals of a class or module; true while inside.
    IdentifierMap<bool> fast_hidden;
    IdentifierSet static_attributes;  // of a class: X in self.X = ...
    std::vector<FrameBlock> frame_blocks;
    struct DeferredAnnotation {
        const ast::AnnAssign* statement;
        int conditional_index;  // -1: not conditional
    };
    std::vector<DeferredAnnotation> deferred_annotations;
    int next_conditional_index = 0;
    bool in_conditional_block = false;
    int in_inlined_comp = 0;
};

struct ArgumentCounts {
    int positional = 0;  // positional-only ones not included
    int positional_only = 0;
    int keyword_only = 0;
};

class CodeGenerator {
  public:
    CodeGenerator(Arena& arena, IdentifierTable& identifiers, SymbolTable& symbols, UnitSink& sink,
                  const CompileOptions& options, Diagnostic& failure);
    ~CodeGenerator();

    const CodeObject* generate(const ast::ModNode* module);

  private:
    template <typename T>
    using Seq = ast::Seq<T>;
    using Slot = SymbolTable::Slot;
    struct Closure {
        const CodeObject* code = nullptr;
        std::string_view name;
        std::vector<const Identifier*> freevars;
        explicit operator bool() const { return code != nullptr; }
    };
    struct PatternContext;
    struct InlinedComprehension;
    class ConditionalBlock;

    // ---- units (codegen.cpp) ----
    bool enter_scope(const Identifier* name, ScopeKind kind, SymbolBlock* block, int firstlineno,
                     const Identifier* private_name, ArgumentCounts counts = {});
    void set_qualname(Unit& unit);
    int code_flags() const;
    // Ends the current unit with a return, with `add_none` of None, else of what lies on the stack.
    Closure finish_scope(bool add_none);
    bool fail(const Location& at, std::string message);
    bool fail_internal(std::string message);
    bool warn(const Location& at, std::string message);
    bool too_deep(size_t cost = 0);

    // ---- emitting (codegen.cpp) ----
    InstrSequence& seq() { return *seq_; }
    Label new_label() { return seq_->new_label(); }
    void use(Label label) { seq_->use_label(label); }
    void op(Location at, Op o) { seq_->add(o, at); }
    void op(Location at, Op o, int arg) { seq_->add(o, arg, at); }
    void jump(Location at, Op o, Label to) { seq_->add_jump(o, to, at); }
    void load_const(Location at, const Constant* value);
    void load_none(Location at) { load_const(at, &kNoneConstant); }
    void load_int(Location at, int64_t value) { load_const(at, int_constant(arena_, value)); }
    void load_str(Location at, std::string_view text) { load_const(at, str_constant(arena_, text)); }
    void load_name_const(Location at, const Identifier* name) { load_str(at, name->view()); }
    static int index_in(IdentifierMap<int>& map, const Identifier* name, int offset = 0);
    // An instruction on an entry of co_names; `shift` and `bits` as the opcode packs them.
    void name_op(Location at, Op o, const Identifier* name, int shift = 0, int bits = 0);
    void load_attr(Location at, const Identifier* name, bool method = false);
    void local_op(Location at, Op o, const Identifier* mangled);
    int cell_index(const Identifier* name) { return unit().cellvars.get(name, -1); }
    int free_index(const Identifier* name);
    // The index among cells and free variables.
    int deref_index(const Identifier* name);
    int closure_index(const Identifier* name);
    void fail_closure(const Closure& closure, const Identifier* name);
    const Identifier* mangled(const Identifier* name);
    void nameop(Location at, const Identifier* name, ast::ExprContext ctx);
    void load(Location at, const Identifier* name) { nameop(at, name, ast::ExprContext::Load); }
    void store(Location at, const Identifier* name) { nameop(at, name, ast::ExprContext::Store); }
    void del(Location at, const Identifier* name) { nameop(at, name, ast::ExprContext::Del); }
    void compare(Location at, ast::CompareOperator o);
    void binary(Location at, ast::BinaryOperator o, bool inplace = false);
    void make_closure(Location at, const Closure& closure, int flags);
    void pop_except_and_reraise(Location at);
    void yield_from(Location at, Label send, bool await);
    void yield_value(Location at);
    void wrap_in_stopiteration_handler();

    Unit& unit() { return *units_.back(); }
    const Unit& unit() const { return *units_.back(); }
    bool future_annotations() const { return (future_flags_ & kCodeFutureAnnotations) != 0; }
    const Identifier* id(std::string_view text) { return identifiers_.intern(text); }

    // ---- bodies, functions, classes (codegen-def.cpp) ----
    bool body(Location at, Seq<ast::StmtNode*> statements);
    bool visit_function(const ast::StmtNode* node, bool is_async);
    template <typename T>
    bool visit_function_def(const T* node, bool is_async);
    template <typename T>
    bool function_body(const T* node, bool is_async, int flags, int firstlineno);
    bool visit_class(const ast::ClassDef* node);
    bool class_body(const ast::ClassDef* node, int firstlineno, Closure& closure);
    bool visit_lambda(const ast::Lambda* node);
    bool visit_decorators(Seq<ast::ExprNode*> decorators);
    void apply_decorators(Seq<ast::ExprNode*> decorators);
    bool default_arguments(Location at, const ast::Arguments* args, int& flags);
    void fail_surrogates(std::string_view text);
    const Constant* docstring_constant(const ast::Constant* docstring);
    const Constant* static_attributes();
    void note_static_attribute(const ast::Attribute* node);

    // ---- annotations and type parameters (codegen-annotations.cpp) ----
    bool function_annotations(Location at, const ast::Arguments* args, const ast::ExprNode* returns,
                              int& flags);
    bool argument_annotation(Location at, const Identifier* name, const ast::ExprNode* annotation,
                             int& count);
    bool argument_annotations(Location at, Seq<ast::Arg*> args, int& count);
    bool visit_annexpr(const ast::ExprNode* annotation);
    bool enter_annotations_scope(Location at, SymbolBlock* block, const Identifier* name);
    bool leave_annotations_scope(Location at);
    bool process_deferred_annotations(Location at);
    bool visit_ann_assign(const ast::AnnAssign* node);
    bool evaluate_and_pop(const ast::ExprNode* node);
    bool visit_type_alias(const ast::TypeAlias* node);
    bool type_params(Seq<ast::TypeParamNode*> params);
    bool type_param(const ast::TypeParamNode* node, bool& seen_default);
    bool type_param_value(const ast::ExprNode* value, const Identifier* name, const ast::TypeParamNode* key,
                          Slot slot, bool allow_starred);

    // ---- statements (codegen-stmt.cpp) ----
    bool visit(const ast::StmtNode* node);
    bool visit_all(Seq<ast::StmtNode*> nodes);
    bool visit_statement(const ast::StmtNode* node);
    bool visit_return(const ast::Return* node);
    bool visit_assign(const ast::Assign* node);
    bool visit_aug_assign(const ast::AugAssign* node);
    bool visit_if(const ast::If* node);
    bool visit_for(const ast::For* node);
    bool visit_async_for(const ast::AsyncFor* node);
    bool visit_while(const ast::While* node);
    bool visit_break(const ast::Break* node);
    bool visit_continue(const ast::Continue* node);
    bool visit_raise(const ast::Raise* node);
    bool visit_assert(const ast::Assert* node);
    bool visit_import(const ast::Import* node);
    bool visit_import_from(const ast::ImportFrom* node);
    bool visit_expr_statement(const ast::Expr* node);
    bool jump_if(Location at, const ast::ExprNode* test, Label to, bool condition);
    bool jump_if_chain(const ast::Compare* node, Label to, bool condition);

    // ---- try and with (codegen-try.cpp) ----
    bool push_block(FrameBlockKind kind, Location at, Label block, Label exit = {});
    void pop_block() { unit().frame_blocks.pop_back(); }
    bool unwind_all(Location& at, bool preserve_top, FrameBlock* loop, bool& found);
    bool unwind(Location& at, const FrameBlock& block, bool preserve_top);
    void call_exit_with_nones(Location at);
    bool visit_try(const ast::StmtNode* node);
    template <typename T>
    bool try_finally(const T* node);
    bool try_except(const ast::Try* node);
    bool try_star_except(const ast::TryStar* node);
    bool try_inner(const ast::Try* node) { return try_except(node); }
    bool try_inner(const ast::TryStar* node) { return try_star_except(node); }
    void clear_name(const Identifier* name);
    template <typename T>
    bool visit_with(const T* node, size_t at_item, bool is_async);
    void with_except_finish(Label cleanup);

    // ---- match (codegen-match.cpp) ----
    bool visit_match(const ast::Match* node);
    bool pattern(const ast::PatternNode* node, PatternContext& pc);
    bool subpattern(const ast::PatternNode* node, PatternContext& pc);
    bool pattern_value(const ast::MatchValue* node, PatternContext& pc);
    bool pattern_sequence(const ast::MatchSequence* node, PatternContext& pc);
    bool pattern_unpack(Location at, Seq<ast::PatternNode*> patterns, PatternContext& pc);
    bool pattern_subscript(Location at, Seq<ast::PatternNode*> patterns, size_t star, PatternContext& pc);
    bool pattern_mapping(const ast::MatchMapping* node, PatternContext& pc);
    bool pattern_class(const ast::MatchClass* node, PatternContext& pc);
    bool pattern_as(const ast::MatchAs* node, PatternContext& pc);
    bool pattern_or(const ast::MatchOr* node, PatternContext& pc);
    bool pattern_store(Location at, const Identifier* name, PatternContext& pc);
    bool fail_duplicate_store(Location at, const Identifier* name);
    void rotate(Location at, size_t count);
    void ensure_fail_pop(PatternContext& pc, size_t n);
    void jump_to_fail_pop(Location at, PatternContext& pc, Op o);
    void emit_fail_pop(Location at, PatternContext& pc);

    // ---- expressions (codegen-expr.cpp) ----
    bool visit(const ast::ExprNode* node);
    bool visit_all(Seq<ast::ExprNode*> nodes);
    bool visit_expression(const ast::ExprNode* node);
    bool visit_bool_op(const ast::BoolOp* node);
    bool visit_unary(const ast::UnaryOp* node);
    bool visit_if_exp(const ast::IfExp* node);
    bool visit_dict(const ast::Dict* node);
    bool subdict(const ast::Dict* node, size_t begin, size_t end);
    bool visit_compare(const ast::Compare* node);
    bool visit_attribute(const ast::Attribute* node);
    bool visit_subscript(const ast::Subscript* node);
    bool visit_slice(const ast::Slice* node);
    bool slice_parts(const ast::Slice* node);
    bool visit_sequence(const ast::ExprNode* node, Seq<ast::ExprNode*> elts, ast::ExprContext ctx);
    bool star_unpack(Location at, Seq<ast::ExprNode*> elts, const Identifier* injected, int pushed, Op build,
                     Op add, Op extend, bool tuple);
    bool unpack_targets(Location at, Seq<ast::ExprNode*> elts);
    bool visit_joined_str(const ast::JoinedStr* node);
    bool visit_formatted(const ast::FormattedValue* node);
    bool visit_interpolation(const ast::Interpolation* node);
    bool visit_template(const ast::TemplateStr* node);
    bool visit_yield(const ast::Yield* node);
    bool visit_yield_from(const ast::YieldFrom* node);
    bool visit_await(const ast::Await* node);

    // ---- calls (codegen-call.cpp) ----
    bool visit_call(const ast::Call* node);
    bool can_call_method(const ast::Call* node) const;
    bool method_call(const ast::Call* node);
    bool builtin_over_generator(const ast::Call* node, Label end, bool& done);
    bool can_optimize_super(const ast::Attribute* node) const;
    bool load_super_args(const ast::Call* super_call);
    bool check_keywords(Seq<ast::Keyword*> keywords);
    bool call_arguments(Location at, int pushed, Seq<ast::ExprNode*> args, const Identifier* injected,
                        Seq<ast::Keyword*> keywords);
    bool call_unpacked(Location at, int pushed, Seq<ast::ExprNode*> args, const Identifier* injected,
                       Seq<ast::Keyword*> keywords);
    bool keyword_dict(Location at, Seq<ast::Keyword*> keywords, size_t begin, size_t end);
    void call_kw(Location names_at, Location at, Seq<ast::Keyword*> keywords, int argc);

    // ---- comprehensions (codegen-comp.cpp) ----
    enum class CompKind : uint8_t { kGenerator, kList, kSet, kDict };
    struct CompParts {
        CompKind kind;
        Seq<ast::Comprehension*> generators;
        const ast::ExprNode* elt;
        const ast::ExprNode* value;  // of a dict
    };
    bool comprehension(const ast::ExprNode* node, const char* name, const CompParts& parts);
    bool comprehension_loop(Location at, const CompParts& parts, size_t index, int depth, bool on_stack);
    bool comprehension_sync(Location at, const CompParts& parts, size_t index, int depth, bool on_stack);
    bool comprehension_async(Location at, const CompParts& parts, size_t index, int depth, bool on_stack);
    bool comprehension_body(Location at, const CompParts& parts, size_t index, int depth, Location& elt_at);
    bool push_inlined(Location at, SymbolBlock* comp, InlinedComprehension& state);
    void pop_inlined(Location at, InlinedComprehension& state);
    void restore_inlined_locals(Location at, InlinedComprehension& state);

    // ---- checks that only warn (codegen-warn.cpp) ----
    bool check_caller(const ast::ExprNode* function);
    bool check_compare(const ast::Compare* node);
    bool check_subscripter(const ast::ExprNode* value);
    bool check_index(const ast::ExprNode* value, const ast::ExprNode* index);

    Arena& arena_;
    IdentifierTable& identifiers_;
    SymbolTable& symbols_;
    UnitSink& sink_;
    const CompileOptions& options_;
    Diagnostic& failure_;
    StackGuard stack_;
    StackBudget budget_;
    int future_flags_;
    bool interactive_ = false;
    int warnings_off_ = 0;  // while code is generated a second time
    std::vector<std::unique_ptr<Unit>> units_;
    InstrSequence* seq_ = nullptr;  // of the current unit, or its annotation code
};

// As compile(), with what becomes of the units left to `sink`.
CompileResult compile(Arena& arena, IdentifierTable& identifiers, ast::ModNode* module,
                      const CompileOptions& options, UnitSink& sink);

inline Location location_of(const ast::Position& p) {
    return {p.lineno, p.end_lineno, p.col_offset, p.end_col_offset};
}
inline Location location_of(const ast::PositionedNode* node) { return location_of(node->position()); }

// The place of an attribute access that spans lines: the line of the attribute's name.
Location attribute_location(Location at, const ast::Attribute* node);

// The index if it is x[a:b] with bounds that are not all constants, which has instructions of its own; else
// null.
const ast::Slice* two_part_slice(const ast::ExprNode* index);

// The source text of an expression as CPython writes it back (for annotations that stay text).
std::string unparse(const ast::ExprNode* node);

constexpr int kStackUseGuideline = 30;

}  // namespace krait
