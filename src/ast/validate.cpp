#include "ast/validate.h"

#include <cstdarg>
#include <cstdio>
#include <string>

#include "support/stack-guard.h"

namespace krait::ast {

namespace {

// Every check returns true when all is well; else the fault is set, and everyone returns at once.
class Validator {
  public:
    explicit Validator(size_t stack_size)
        : stack_limit_(static_cast<char*>(__builtin_frame_address(0)) - stack_size) {}

    Fault fault;

    bool module(const ModNode* tree) {
        switch (tree->kind) {
            case Kind::Module:
                return stmts(as<Module>(tree)->body);
            case Kind::Interactive:
                return stmts(as<Interactive>(tree)->body);
            case Kind::Expression:
                return expr(as<Expression>(tree)->body);
            default:
                return exprs(as<FunctionType>(tree)->argtypes) && expr(as<FunctionType>(tree)->returns);
        }
    }

  private:
    using Context = ExprContext;

    bool fail(const char* pattern, ...) __attribute__((format(printf, 2, 3))) {
        char text[400];
        va_list arguments;
        va_start(arguments, pattern);
        std::vsnprintf(text, sizeof text, pattern, arguments);
        va_end(arguments);
        fault = {Fault::Kind::kValueError, text};
        return false;
    }
    bool fail_type(const char* message) {
        fault = {Fault::Kind::kTypeError, message};
        return false;
    }
    // CPython takes about as much of the stack for an expression; the compiler may need less or none.
    static constexpr size_t kExpressionCost = 100;
    bool depth() {
        if (static_cast<char*>(__builtin_frame_address(0)) > stack_limit_) return true;
        return too_deep();
    }
    bool too_deep() {
        fault = {
            Fault::Kind::kRecursionError,
            "Stack overflow (used " + std::to_string(StackGuard::most() / 1024) + " kB) during compilation"};
        return false;
    }

    bool place(const Position& p) {
        if (p.lineno > p.end_lineno) {
            return fail("AST node line range (%d, %d) is not valid", p.lineno, p.end_lineno);
        }
        if ((p.lineno < 0 && p.end_lineno != p.lineno) ||
            (p.col_offset < 0 && p.col_offset != p.end_col_offset)) {
            return fail("AST node column range (%d, %d) for line range (%d, %d) is not valid", p.col_offset,
                        p.end_col_offset, p.lineno, p.end_lineno);
        }
        if (p.lineno == p.end_lineno && p.col_offset > p.end_col_offset) {
            return fail("line %d, column %d-%d is not a valid range", p.lineno, p.col_offset,
                        p.end_col_offset);
        }
        return true;
    }

    bool name(const Identifier* id) {
        for (const char* word : {"None", "True", "False"}) {
            if (id->view() == word) return fail("identifier field can't represent '%s' constant", word);
        }
        return true;
    }

    template <typename T>
    bool nonempty(Seq<T> items, const char* what, const char* owner) {
        return !items.empty() || fail("empty %s on %s", what, owner);
    }

    // ---- expressions ----

    bool exprs(Seq<ExprNode*> items, Context context = Context::Load, bool holes = false) {
        for (const ExprNode* item : items) {
            if (item == nullptr && !holes) return fail("None disallowed in expression list");
            if (item != nullptr && !expr(item, context)) return false;
        }
        return true;
    }
    bool optional(const ExprNode* item) { return item == nullptr || expr(item); }

    static const char* context_name(Context context) {
        return context == Context::Load ? "Load" : context == Context::Store ? "Store" : "Del";
    }

    // The context of an expression that can be a target.
    static bool context_of(const ExprNode* node, Context& context) {
        switch (node->kind) {
            case Kind::Attribute:
                context = as<Attribute>(node)->ctx;
                return true;
            case Kind::Subscript:
                context = as<Subscript>(node)->ctx;
                return true;
            case Kind::Starred:
                context = as<Starred>(node)->ctx;
                return true;
            case Kind::Name:
                context = as<Name>(node)->ctx;
                return true;
            case Kind::List:
                context = as<List>(node)->ctx;
                return true;
            case Kind::Tuple:
                context = as<Tuple>(node)->ctx;
                return true;
            default:
                return false;
        }
    }

    bool expr(const ExprNode* node, Context context = Context::Load) {
        if (!place(*node) || !depth()) return false;
        Context actual;
        if (node->kind == Kind::Name && !name(as<Name>(node)->id)) return false;
        if (!context_of(node, actual)) {
            if (context != Context::Load) {
                return fail("expression which can't be assigned to in %s context", context_name(context));
            }
        } else if (actual != context) {
            return fail("expression must have %s context but has %s instead", context_name(context),
                        context_name(actual));
        }
        if (!budget_.enter(kExpressionCost)) return too_deep();
        bool good = inside(node, context);
        budget_.leave(kExpressionCost);
        return good;
    }

    bool inside(const ExprNode* node, Context context) {
        switch (node->kind) {
            case Kind::BoolOp:
                if (as<BoolOp>(node)->values.size() < 2) return fail("BoolOp with less than 2 values");
                return exprs(as<BoolOp>(node)->values);
            case Kind::BinOp:
                return expr(as<BinOp>(node)->left) && expr(as<BinOp>(node)->right);
            case Kind::UnaryOp:
                return expr(as<UnaryOp>(node)->operand);
            case Kind::Lambda:
                return arguments(as<Lambda>(node)->args) && expr(as<Lambda>(node)->body);
            case Kind::IfExp: {
                auto choice = as<IfExp>(node);
                return expr(choice->test) && expr(choice->body) && expr(choice->orelse);
            }
            case Kind::Dict:
                return dict(as<Dict>(node));
            case Kind::Set:
                return exprs(as<Set>(node)->elts);
            case Kind::ListComp:
                return generators(as<ListComp>(node)->generators) && expr(as<ListComp>(node)->elt);
            case Kind::SetComp:
                return generators(as<SetComp>(node)->generators) && expr(as<SetComp>(node)->elt);
            case Kind::GeneratorExp:
                return generators(as<GeneratorExp>(node)->generators) && expr(as<GeneratorExp>(node)->elt);
            case Kind::DictComp: {
                auto made = as<DictComp>(node);
                return generators(made->generators) && expr(made->key) && expr(made->value);
            }
            case Kind::Yield:
                return optional(as<Yield>(node)->value);
            case Kind::YieldFrom:
                return expr(as<YieldFrom>(node)->value);
            case Kind::Await:
                return expr(as<Await>(node)->value);
            case Kind::Compare:
                return compare(as<Compare>(node));
            case Kind::Call: {
                auto call = as<Call>(node);
                return expr(call->func) && exprs(call->args) && keywords(call->keywords);
            }
            case Kind::JoinedStr:
                return exprs(as<JoinedStr>(node)->values);
            case Kind::TemplateStr:
                return exprs(as<TemplateStr>(node)->values);
            case Kind::FormattedValue:
                return expr(as<FormattedValue>(node)->value) &&
                       optional(as<FormattedValue>(node)->format_spec);
            case Kind::Interpolation:
                return constant(as<Interpolation>(node)->str) && expr(as<Interpolation>(node)->value) &&
                       optional(as<Interpolation>(node)->format_spec);
            case Kind::Attribute:
                return expr(as<Attribute>(node)->value);
            case Kind::Subscript:
                return expr(as<Subscript>(node)->slice) && expr(as<Subscript>(node)->value);
            case Kind::Starred:
                return expr(as<Starred>(node)->value, context);
            case Kind::List:
                return exprs(as<List>(node)->elts, context);
            case Kind::Tuple:
                return exprs(as<Tuple>(node)->elts, context);
            case Kind::NamedExpr:
                if (as<NamedExpr>(node)->target->kind != Kind::Name) {
                    return fail_type("NamedExpr target must be a Name");
                }
                return expr(as<NamedExpr>(node)->value);
            case Kind::Slice: {
                auto slice = as<Slice>(node);
                return optional(slice->lower) && optional(slice->upper) && optional(slice->step);
            }
            case Kind::Constant:
                return constant(as<Constant>(node)->value);
            default:
                return true;  // Name
        }
    }

    bool constant(const krait::Constant* value) {
        if (!value->is(ConstantKind::kInvalid)) return true;
        std::string type(value->text());
        return fail_type(("got an invalid type in Constant: " + type).c_str());
    }

    bool dict(const Dict* node) {
        if (node->keys.size() != node->values.size()) {
            return fail("Dict doesn't have the same number of keys as values");
        }
        return exprs(node->keys, Context::Load, true) && exprs(node->values);
    }

    bool compare(const Compare* node) {
        if (node->comparators.empty()) return fail("Compare with no comparators");
        if (node->comparators.size() != node->ops.size()) {
            return fail("Compare has a different number of comparators and operands");
        }
        return exprs(node->comparators) && expr(node->left);
    }

    bool generators(Seq<Comprehension*> clauses) {
        if (clauses.empty()) return fail("comprehension with no generators");
        for (const Comprehension* clause : clauses) {
            if (!expr(clause->target, Context::Store) || !expr(clause->iter) || !exprs(clause->ifs))
                return false;
        }
        return true;
    }

    bool keywords(Seq<Keyword*> items) {
        for (const Keyword* item : items) {
            if (!expr(item->value)) return false;
        }
        return true;
    }

    bool arg(const Arg* node) { return node == nullptr || (place(*node) && optional(node->annotation)); }
    bool args(Seq<Arg*> items) {
        for (const Arg* item : items) {
            if (!arg(item)) return false;
        }
        return true;
    }

    bool annotation(const Arg* node) { return node == nullptr || optional(node->annotation); }

    bool arguments(const Arguments* node) {
        if (!args(node->posonlyargs) || !args(node->args)) return false;
        if (!annotation(node->vararg) || !args(node->kwonlyargs) || !annotation(node->kwarg)) return false;
        if (node->defaults.size() > node->posonlyargs.size() + node->args.size()) {
            return fail("more positional defaults than args on arguments");
        }
        if (node->kw_defaults.size() != node->kwonlyargs.size()) {
            return fail("length of kwonlyargs is not the same as kw_defaults on arguments");
        }
        return exprs(node->defaults) && exprs(node->kw_defaults, Context::Load, true);
    }

    // ---- statements ----

    bool stmts(Seq<StmtNode*> body) {
        for (const StmtNode* item : body) {
            if (item == nullptr) return fail("None disallowed in statement list");
            if (!stmt(item)) return false;
        }
        return true;
    }
    bool body(Seq<StmtNode*> items, const char* owner) {
        return nonempty(items, "body", owner) && stmts(items);
    }
    bool targets(Seq<ExprNode*> items, Context context) {
        return nonempty(items, "targets", context == Context::Del ? "Delete" : "Assign") &&
               exprs(items, context);
    }

    template <typename T>
    bool function(const T* node, const char* owner) {
        return body(node->body, owner) && name(node->name) && type_params(node->type_params) &&
               arguments(node->args) && exprs(node->decorator_list) && optional(node->returns);
    }
    template <typename T>
    bool loop(const T* node, const char* owner) {
        return expr(node->target, Context::Store) && expr(node->iter) && body(node->body, owner) &&
               stmts(node->orelse);
    }
    template <typename T>
    bool branch(const T* node, const char* owner) {
        return expr(node->test) && body(node->body, owner) && stmts(node->orelse);
    }
    template <typename T>
    bool with(const T* node, const char* owner) {
        if (!nonempty(node->items, "items", owner)) return false;
        for (const WithItem* item : node->items) {
            if (!expr(item->context_expr)) return false;
            if (item->optional_vars && !expr(item->optional_vars, Context::Store)) return false;
        }
        return body(node->body, owner);
    }
    template <typename T>
    bool attempt(const T* node, const char* owner) {
        if (!body(node->body, owner)) return false;
        if (node->handlers.empty() && node->finalbody.empty()) {
            return fail("%s has neither except handlers nor finalbody", owner);
        }
        if (node->handlers.empty() && !node->orelse.empty()) {
            return fail("%s has orelse but no except handlers", owner);
        }
        for (const HandlerNode* handler : node->handlers) {
            auto clause = as<ExceptHandler>(handler);
            // CPython looks at place and name of `except` alone, not of `except*`.
            bool plain = T::kKind == Kind::Try;
            if (plain && !place(*handler)) return false;
            if (!optional(clause->type)) return false;
            if (plain && clause->name && !name(clause->name)) return false;
            if (!body(clause->body, "ExceptHandler")) return false;
        }
        return stmts(node->finalbody) && stmts(node->orelse);
    }

    bool stmt(const StmtNode* node) {
        if (!place(*node) || !depth()) return false;
        switch (node->kind) {
            case Kind::FunctionDef:
                return function(as<FunctionDef>(node), "FunctionDef");
            case Kind::AsyncFunctionDef:
                return function(as<AsyncFunctionDef>(node), "AsyncFunctionDef");
            case Kind::ClassDef:
                return class_def(as<ClassDef>(node));
            case Kind::Return:
                return optional(as<Return>(node)->value);
            case Kind::Delete:
                return targets(as<Delete>(node)->targets, Context::Del);
            case Kind::Assign:
                return targets(as<Assign>(node)->targets, Context::Store) && expr(as<Assign>(node)->value);
            case Kind::AugAssign:
                return expr(as<AugAssign>(node)->target, Context::Store) && expr(as<AugAssign>(node)->value);
            case Kind::AnnAssign:
                return ann_assign(as<AnnAssign>(node));
            case Kind::TypeAlias:
                return type_alias(as<TypeAlias>(node));
            case Kind::For:
                return loop(as<For>(node), "For");
            case Kind::AsyncFor:
                return loop(as<AsyncFor>(node), "AsyncFor");
            case Kind::While:
                return branch(as<While>(node), "While");
            case Kind::If:
                return branch(as<If>(node), "If");
            case Kind::With:
                return with(as<With>(node), "With");
            case Kind::AsyncWith:
                return with(as<AsyncWith>(node), "AsyncWith");
            case Kind::Match:
                return match(as<Match>(node));
            case Kind::Raise:
                if (as<Raise>(node)->exc)
                    return expr(as<Raise>(node)->exc) && optional(as<Raise>(node)->cause);
                return as<Raise>(node)->cause == nullptr || fail("Raise with cause but no exception");
            case Kind::Try:
                return attempt(as<Try>(node), "Try");
            case Kind::TryStar:
                return attempt(as<TryStar>(node), "TryStar");
            case Kind::Assert:
                return expr(as<Assert>(node)->test) && optional(as<Assert>(node)->msg);
            case Kind::Import:
                return aliases(as<Import>(node)->names, "Import");
            case Kind::ImportFrom:
                if (as<ImportFrom>(node)->level < 0) return fail("Negative ImportFrom level");
                return aliases(as<ImportFrom>(node)->names, "ImportFrom");
            case Kind::Global:
                return nonempty(as<Global>(node)->names, "names", "Global");
            case Kind::Nonlocal:
                return nonempty(as<Nonlocal>(node)->names, "names", "Nonlocal");
            case Kind::Expr:
                return expr(as<Expr>(node)->value);
            default:
                return true;  // Pass, Break, Continue
        }
    }

    bool aliases(Seq<Alias*> names, const char* owner) {
        if (!nonempty(names, "names", owner)) return false;
        for (const Alias* alias : names) {
            if (!name(alias->name) || (alias->asname && !name(alias->asname))) return false;
        }
        return true;
    }

    bool class_def(const ClassDef* node) {
        return body(node->body, "ClassDef") && name(node->name) && type_params(node->type_params) &&
               exprs(node->bases) && keywords(node->keywords) && exprs(node->decorator_list);
    }

    bool ann_assign(const AnnAssign* node) {
        if (node->simple && node->target->kind != Kind::Name) {
            return fail_type("AnnAssign with simple non-Name target");
        }
        return expr(node->target, Context::Store) && optional(node->value) && expr(node->annotation);
    }

    bool type_alias(const TypeAlias* node) {
        if (node->name->kind != Kind::Name) return fail_type("TypeAlias with non-Name name");
        return expr(node->name, Context::Store) && type_params(node->type_params) && expr(node->value);
    }

    bool type_params(Seq<TypeParamNode*> items) {
        for (const TypeParamNode* item : items) {
            if (!type_param(item)) return false;
        }
        return true;
    }

    bool type_param(const TypeParamNode* node) {
        if (!place(*node)) return false;
        if (auto var = try_as<TypeVar>(node)) {
            return name(var->name) && optional(var->bound) && optional(var->default_value);
        }
        if (auto spec = try_as<ParamSpec>(node)) return name(spec->name) && optional(spec->default_value);
        auto tuple = as<TypeVarTuple>(node);
        return name(tuple->name) && optional(tuple->default_value);
    }

    // ---- patterns ----

    bool match(const Match* node) {
        if (!expr(node->subject) || !nonempty(node->cases, "cases", "Match")) return false;
        for (const MatchCase* choice : node->cases) {
            if (!pattern(choice->pattern, false) || !optional(choice->guard)) return false;
            if (!body(choice->body, "match_case")) return false;
        }
        return true;
    }

    bool patterns(Seq<PatternNode*> items, bool star) {
        for (const PatternNode* item : items) {
            if (!pattern(item, star)) return false;
        }
        return true;
    }

    bool capture(const Identifier* id) {
        if (id->view() == "_") return fail("can't capture name '_' in patterns");
        return name(id);
    }

    static bool is_number(const ExprNode* node, bool real, bool imaginary) {
        auto constant = try_as<Constant>(node);
        if (constant == nullptr) return false;
        if (constant->value->is_int() || constant->value->is(ConstantKind::kFloat)) return real;
        return imaginary && constant->value->is(ConstantKind::kComplex);
    }
    static bool is_negative(const ExprNode* node, bool imaginary) {
        auto unary = try_as<UnaryOp>(node);
        return unary && unary->op == UnaryOperator::USub && is_number(unary->operand, true, imaginary);
    }
    static bool is_complex(const BinOp* node) {
        if (node->op != BinaryOperator::Add && node->op != BinaryOperator::Sub) return false;
        return (is_number(node->left, true, false) || is_negative(node->left, false)) &&
               is_number(node->right, false, true);
    }

    bool match_value(const ExprNode* value) {
        if (!expr(value)) return false;
        if (auto constant = try_as<Constant>(value)) {
            switch (constant->value->kind) {
                case ConstantKind::kInt:
                case ConstantKind::kBigInt:
                case ConstantKind::kFloat:
                case ConstantKind::kComplex:
                case ConstantKind::kStr:
                case ConstantKind::kBytes:
                    return true;
                default:
                    return fail("unexpected constant inside of a literal pattern");
            }
        }
        if (value->kind == Kind::Attribute || value->kind == Kind::JoinedStr) return true;
        if (value->kind == Kind::TemplateStr) return true;
        if (is_negative(value, true)) return true;
        if (value->kind == Kind::BinOp && is_complex(as<BinOp>(value))) return true;
        return fail("patterns may only match literals and attribute lookups");
    }

    bool match_mapping(const MatchMapping* node) {
        if (node->keys.size() != node->patterns.size()) {
            return fail("MatchMapping doesn't have the same number of keys as patterns");
        }
        if (node->rest && !capture(node->rest)) return false;
        for (const ExprNode* key : node->keys) {
            auto constant = try_as<Constant>(key);
            if (constant && constant->value->kind <= ConstantKind::kTrue) continue;  // None, False, True
            if (!match_value(key)) return false;
        }
        return patterns(node->patterns, false);
    }

    bool match_class(const MatchClass* node) {
        if (node->kwd_attrs.size() != node->kwd_patterns.size()) {
            return fail("MatchClass doesn't have the same number of keyword attributes as patterns");
        }
        if (!expr(node->cls)) return false;
        const ExprNode* cls = node->cls;
        while (cls->kind == Kind::Attribute) cls = as<Attribute>(cls)->value;
        if (cls->kind != Kind::Name) {
            return fail("MatchClass cls field can only contain Name or Attribute nodes.");
        }
        for (const Identifier* attribute : node->kwd_attrs) {
            if (!name(attribute)) return false;
        }
        return patterns(node->patterns, false) && patterns(node->kwd_patterns, false);
    }

    bool pattern(const PatternNode* node, bool star) {
        if (!place(*node) || !depth()) return false;
        switch (node->kind) {
            case Kind::MatchValue:
                return match_value(as<MatchValue>(node)->value);
            case Kind::MatchSingleton:
                return as<MatchSingleton>(node)->value->kind <= ConstantKind::kTrue ||
                       fail("MatchSingleton can only contain True, False and None");
            case Kind::MatchSequence:
                return patterns(as<MatchSequence>(node)->patterns, true);
            case Kind::MatchMapping:
                return match_mapping(as<MatchMapping>(node));
            case Kind::MatchClass:
                return match_class(as<MatchClass>(node));
            case Kind::MatchStar:
                if (!star) return fail("can't use MatchStar here");
                return as<MatchStar>(node)->name == nullptr || capture(as<MatchStar>(node)->name);
            case Kind::MatchAs: {
                auto bind = as<MatchAs>(node);
                if (bind->name && !capture(bind->name)) return false;
                if (bind->pattern == nullptr) return true;
                if (bind->name == nullptr) {
                    return fail("MatchAs must specify a target name if a pattern is given");
                }
                return pattern(bind->pattern, false);
            }
            default:
                if (as<MatchOr>(node)->patterns.size() < 2)
                    return fail("MatchOr requires at least 2 patterns");
                return patterns(as<MatchOr>(node)->patterns, false);
        }
    }

    char* stack_limit_;
    StackBudget budget_;
};

}  // namespace

Fault validate(const ModNode* tree, size_t stack_size) {
    Validator validator(stack_size);
    validator.module(tree);
    return std::move(validator.fault);
}

}  // namespace krait::ast
