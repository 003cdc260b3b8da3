#include "compiler/codegen.h"
#include "compiler/constant-util.h"

// Code that is almost certainly a mistake: SyntaxWarnings.
namespace krait {

using namespace ast;

namespace {

// The type an expression has for certain; null when it can be anything.
const char* inferred_type(const ExprNode* node) {
    switch (node->kind) {
        case Kind::Tuple:
            return "tuple";
        case Kind::List:
        case Kind::ListComp:
            return "list";
        case Kind::Dict:
        case Kind::DictComp:
            return "dict";
        case Kind::Set:
        case Kind::SetComp:
            return "set";
        case Kind::GeneratorExp:
            return "generator";
        case Kind::Lambda:
            return "function";
        case Kind::TemplateStr:
            return "string.templatelib.Template";
        case Kind::Interpolation:
            return "string.templatelib.Interpolation";
        case Kind::JoinedStr:
        case Kind::FormattedValue:
            return "str";
        case Kind::Constant:
            return type_name(as<ast::Constant>(node)->value);
        default:
            return nullptr;
    }
}

// Comparing by identity makes sense.
bool has_identity(const ExprNode* node) {
    if (auto* tuple = try_as<Tuple>(node)) {
        for (const ExprNode* e : tuple->elts) {
            if (!is<ast::Constant>(e)) return true;
        }
        return false;
    }
    auto* constant = try_as<ast::Constant>(node);
    if (constant == nullptr) return true;
    switch (constant->value->kind) {
        case ConstantKind::kNone:
        case ConstantKind::kFalse:
        case ConstantKind::kTrue:
        case ConstantKind::kEllipsis:
            return true;
        default:
            return false;
    }
}

}  // namespace

bool CodeGenerator::check_caller(const ExprNode* function) {
    switch (function->kind) {
        case Kind::Constant:
        case Kind::Tuple:
        case Kind::List:
        case Kind::ListComp:
        case Kind::Dict:
        case Kind::DictComp:
        case Kind::Set:
        case Kind::SetComp:
        case Kind::GeneratorExp:
        case Kind::JoinedStr:
        case Kind::TemplateStr:
        case Kind::FormattedValue:
        case Kind::Interpolation:
            return warn(location_of(function), std::string("'") + inferred_type(function) +
                                                   "' object is not callable; perhaps you missed a comma?");
        default:
            return true;
    }
}

bool CodeGenerator::check_compare(const ast::Compare* node) {
    const ExprNode* left = node->left;
    for (size_t i = 0; i < node->ops.size(); i++) {
        const ExprNode* right = node->comparators[i];
        CompareOperator o = node->ops[i];
        if (o == CompareOperator::Is || o == CompareOperator::IsNot) {
            bool left_ok = has_identity(left);
            if (!left_ok || !has_identity(right)) {
                const char* type = inferred_type(left_ok ? right : left);
                bool is = o == CompareOperator::Is;
                return warn(location_of(node), std::string(is ? "\"is\" with '" : "\"is not\" with '") +
                                                   type + "' literal. Did you mean \"" + (is ? "==" : "!=") +
                                                   "\"?");
            }
        }
        left = right;
    }
    return true;
}

bool CodeGenerator::check_subscripter(const ExprNode* value) {
    switch (value->kind) {
        case Kind::Constant:
            switch (as<ast::Constant>(value)->value->kind) {
                case ConstantKind::kNone:
                case ConstantKind::kEllipsis:
                case ConstantKind::kFalse:
                case ConstantKind::kTrue:
                case ConstantKind::kInt:
                case ConstantKind::kBigInt:
                case ConstantKind::kFloat:
                case ConstantKind::kComplex:
                case ConstantKind::kFrozenSet:
                    break;
                default:
                    return true;
            }
            break;
        case Kind::Set:
        case Kind::SetComp:
        case Kind::GeneratorExp:
        case Kind::TemplateStr:
        case Kind::Interpolation:
        case Kind::Lambda:
            break;
        default:
            return true;
    }
    return warn(location_of(value), std::string("'") + inferred_type(value) +
                                        "' object is not subscriptable; perhaps you missed a comma?");
}

bool CodeGenerator::check_index(const ExprNode* value, const ExprNode* index) {
    const char* type = inferred_type(index);
    if (type == nullptr) return true;
    if (auto* constant = try_as<ast::Constant>(index)) {
        switch (constant->value->kind) {
            case ConstantKind::kInt:
            case ConstantKind::kBigInt:
            case ConstantKind::kFalse:
            case ConstantKind::kTrue:
            case ConstantKind::kSlice:
                return true;
            default:
                break;
        }
    }
    switch (value->kind) {
        case Kind::Constant:
            switch (as<ast::Constant>(value)->value->kind) {
                case ConstantKind::kStr:
                case ConstantKind::kBytes:
                case ConstantKind::kTuple:
                    break;
                default:
                    return true;
            }
            break;
        case Kind::Tuple:
        case Kind::List:
        case Kind::ListComp:
        case Kind::JoinedStr:
        case Kind::FormattedValue:
            break;
        default:
            return true;
    }
    return warn(location_of(value), std::string(inferred_type(value)) +
                                        " indices must be integers or slices, not " + type +
                                        "; perhaps you missed a comma?");
}

}  // namespace krait
