// What the invalid_ rules ask and do.
#include "parser/rules.h"

namespace krait::parser {

const char* expr_name(const ExprNode* expr) {
    using ast::Kind;
    switch (expr->kind) {
        case Kind::Attribute:
            return "attribute";
        case Kind::Subscript:
            return "subscript";
        case Kind::Starred:
            return "starred";
        case Kind::Name:
            return "name";
        case Kind::List:
            return "list";
        case Kind::Tuple:
            return "tuple";
        case Kind::Lambda:
            return "lambda";
        case Kind::Call:
            return "function call";
        case Kind::BoolOp:
        case Kind::BinOp:
        case Kind::UnaryOp:
            return "expression";
        case Kind::GeneratorExp:
            return "generator expression";
        case Kind::Yield:
        case Kind::YieldFrom:
            return "yield expression";
        case Kind::Await:
            return "await expression";
        case Kind::ListComp:
            return "list comprehension";
        case Kind::SetComp:
            return "set comprehension";
        case Kind::DictComp:
            return "dict comprehension";
        case Kind::Dict:
            return "dict literal";
        case Kind::Set:
            return "set display";
        case Kind::JoinedStr:
        case Kind::FormattedValue:
            return "f-string expression";
        case Kind::TemplateStr:
        case Kind::Interpolation:
            return "t-string expression";
        case Kind::Compare:
            return "comparison";
        case Kind::IfExp:
            return "conditional expression";
        case Kind::NamedExpr:
            return "named expression";
        case Kind::Constant:
            switch (ast::as<ast::Constant>(expr)->value->kind) {
                case ConstantKind::kNone:
                    return "None";
                case ConstantKind::kFalse:
                    return "False";
                case ConstantKind::kTrue:
                    return "True";
                case ConstantKind::kEllipsis:
                    return "ellipsis";
                default:
                    return "literal";
            }
        default:
            return "expression";
    }
}

namespace {

// The first part that cannot be assigned to (deleted), or null.
ExprNode* find_invalid(State& p, ExprNode* expr, Targets targets) {
    p.check_depth();
    auto among = [&](Seq<ExprNode*> items) -> ExprNode* {
        for (ExprNode* item : items) {
            if (ExprNode* found = find_invalid(p, item, targets)) return found;
        }
        return nullptr;
    };
    switch (expr->kind) {
        case ast::Kind::List:
            return among(ast::as<ast::List>(expr)->elts);
        case ast::Kind::Tuple:
            return among(ast::as<ast::Tuple>(expr)->elts);
        case ast::Kind::Starred:
            if (targets == Targets::kDelete) return expr;
            return find_invalid(p, ast::as<ast::Starred>(expr)->value, targets);
        case ast::Kind::Compare: {
            // `for a in b` has been read as a comparison; its left side is the target.
            auto compare = ast::as<ast::Compare>(expr);
            if (targets != Targets::kFor) return expr;
            if (compare->ops[0] == CompareOperator::In) return find_invalid(p, compare->left, targets);
            return nullptr;
        }
        case ast::Kind::Name:
        case ast::Kind::Subscript:
        case ast::Kind::Attribute:
            return nullptr;
        default:
            return expr;
    }
}

}  // namespace

std::nullptr_t invalid_target(State& p, ExprNode* expr, Targets targets) {
    ExprNode* found = find_invalid(p, expr, targets);
    if (found == nullptr) return nullptr;
    const char* verb = targets == Targets::kDelete ? "delete" : "assign to";
    return p.raise_at(found, p.format("cannot %s %s", verb, expr_name(found)));
}

bool is_legacy_statement(const ExprNode* name) {
    auto node = ast::try_as<ast::Name>(name);
    return node != nullptr && (node->id->view() == "print" || node->id->view() == "exec");
}

ExprNode* last_item(const ast::Comprehension* clause) {
    return clause->ifs.empty() ? clause->iter : clause->ifs.back();
}

std::nullptr_t unparenthesized_genexp(State& p, ast::Call* call, Seq<ast::Comprehension*> clauses) {
    // A lone `f(x for x in y)` is fine.
    if (call->args.size() <= 1) return nullptr;
    return p.raise_range(call->args.back(), last_item(clauses.back()),
                         "Generator expression must be parenthesized");
}

std::nullptr_t positional_after_keyword(State& p, ast::Call* call) {
    for (ast::Keyword* keyword : call->keywords) {
        if (keyword->arg == nullptr) {
            return p.raise_last("positional argument follows keyword argument unpacking");
        }
    }
    return p.raise_last("positional argument follows keyword argument");
}

}  // namespace krait::parser
