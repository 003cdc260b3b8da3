#include "symtable/builder.h"

namespace krait {

using namespace ast;

// What CPython's symbol table takes of the stack for an expression; chains of attributes are a loop there.
bool SymbolTableBuilder::visit(const ExprNode* node) {
    size_t cost = node->kind == Kind::Attribute ? 0 : 112;
    if (too_deep()) return false;
    if (!budget_.enter(cost)) {
        set_recursion_error(failure_);
        return false;
    }
    bool good = visit_expression(node);
    budget_.leave(cost);
    return good;
}

bool SymbolTableBuilder::visit_expression(const ExprNode* node) {
    auto all = [&](Seq<ExprNode*> nodes) {
        for (ExprNode* n : nodes) {
            if (n != nullptr && !visit(n)) return false;
        }
        return true;
    };
    switch (node->kind) {
        case Kind::BoolOp:
            return all(as<BoolOp>(node)->values);
        case Kind::NamedExpr:
            return visit_named(as<NamedExpr>(node));
        case Kind::BinOp:
            return visit(as<BinOp>(node)->left) && visit(as<BinOp>(node)->right);
        case Kind::UnaryOp:
            return visit(as<UnaryOp>(node)->operand);
        case Kind::Lambda:
            return visit_lambda(as<Lambda>(node));
        case Kind::IfExp: {
            auto* n = as<IfExp>(node);
            return visit(n->test) && visit(n->body) && visit(n->orelse);
        }
        case Kind::Dict:
            return all(as<Dict>(node)->keys) && all(as<Dict>(node)->values);
        case Kind::Set:
            return all(as<Set>(node)->elts);
        case Kind::ListComp: {
            auto* n = as<ListComp>(node);
            return visit_comprehension(n, "listcomp", ComprehensionKind::kList, n->generators, n->elt,
                                       nullptr);
        }
        case Kind::SetComp: {
            auto* n = as<SetComp>(node);
            return visit_comprehension(n, "setcomp", ComprehensionKind::kSet, n->generators, n->elt, nullptr);
        }
        case Kind::DictComp: {
            auto* n = as<DictComp>(node);
            return visit_comprehension(n, "dictcomp", ComprehensionKind::kDict, n->generators, n->key,
                                       n->value);
        }
        case Kind::GeneratorExp: {
            auto* n = as<GeneratorExp>(node);
            return visit_comprehension(n, "genexpr", ComprehensionKind::kGenerator, n->generators, n->elt,
                                       nullptr);
        }
        case Kind::Await:
            return visit_await(as<Await>(node));
        case Kind::Yield:
            return visit_yield(node, as<Yield>(node)->value);
        case Kind::YieldFrom:
            return visit_yield(node, as<YieldFrom>(node)->value);
        case Kind::Compare:
            return visit(as<Compare>(node)->left) && all(as<Compare>(node)->comparators);
        case Kind::Call: {
            auto* n = as<Call>(node);
            if (!visit(n->func) || !all(n->args) || !check_keywords(n->keywords)) return false;
            for (Keyword* k : n->keywords) {
                if (!visit(k)) return false;
            }
            return true;
        }
        case Kind::FormattedValue:
            return visit(as<FormattedValue>(node)->value) &&
                   visit_optional(as<FormattedValue>(node)->format_spec);
        case Kind::Interpolation:
            return visit(as<Interpolation>(node)->value) &&
                   visit_optional(as<Interpolation>(node)->format_spec);
        case Kind::JoinedStr:
            return all(as<JoinedStr>(node)->values);
        case Kind::TemplateStr:
            return all(as<TemplateStr>(node)->values);
        case Kind::Attribute: {
            auto* n = as<Attribute>(node);
            return check_name(n->attr, *n, n->ctx) && visit(n->value);
        }
        case Kind::Subscript:
            return visit(as<Subscript>(node)->value) && visit(as<Subscript>(node)->slice);
        case Kind::Starred:
            return visit(as<Starred>(node)->value);
        case Kind::Name:
            return visit_name(as<Name>(node));
        case Kind::List:
            return all(as<List>(node)->elts);
        case Kind::Tuple:
            return all(as<Tuple>(node)->elts);
        case Kind::Slice: {
            auto* n = as<Slice>(node);
            return visit_optional(n->lower) && visit_optional(n->upper) && visit_optional(n->step);
        }
        default:  // a constant
            return true;
    }
}

bool SymbolTableBuilder::visit_lambda(const Lambda* node) {
    const Arguments* args = node->args;
    if (!visit_all(args->defaults) || !visit_all(args->kw_defaults)) return false;
    enter_new(identifiers_.intern("lambda"), BlockType::kFunction, node, Slot::kBody, *node);
    if (!visit(args) || !visit(node->body)) return false;
    exit();
    return true;
}

bool SymbolTableBuilder::visit_name(const Name* node) {
    if (current_->in_unevaluated_annotation) return true;
    bool load = node->ctx == ExprContext::Load;
    if (!add_def(node->id, load ? kUse : kDefLocal, *node, node->ctx)) return false;
    // super() without arguments looks into __class__.
    if (load && current_->is_function_like() && node->id == super_) return add_def(class_, kUse, *node);
    return true;
}

bool SymbolTableBuilder::visit_yield(const ExprNode* node, const ExprNode* value) {
    if (!forbid_in_annotation_scopes("yield expression", *node) || !visit_optional(value)) return false;
    current_->generator = true;
    switch (current_->comprehension) {
        case ComprehensionKind::kNone:
            return true;
        case ComprehensionKind::kList:
            return fail(*node, "'yield' inside list comprehension");
        case ComprehensionKind::kSet:
            return fail(*node, "'yield' inside set comprehension");
        case ComprehensionKind::kDict:
            return fail(*node, "'yield' inside dict comprehension");
        case ComprehensionKind::kGenerator:
            break;
    }
    return fail(*node, "'yield' inside generator expression");
}

bool SymbolTableBuilder::visit_await(const Await* node) {
    if (!forbid_in_annotation_scopes("await expression", *node)) return false;
    if (!allows_top_level_await()) {
        if (!current_->is_function_like()) return fail(*node, "'await' outside function");
        if (!current_->is_async_def && current_->comprehension == ComprehensionKind::kNone) {
            return fail(*node, "'await' outside async function");
        }
    }
    if (!visit(node->value)) return false;
    current_->coroutine = true;
    return true;
}

bool SymbolTableBuilder::forbid_in_annotation_scopes(const char* what, const Position& at) {
    std::string text = std::string(what) + " cannot be used within ";
    switch (current_->type) {
        case BlockType::kAnnotation:
            return fail(at, text + "an annotation");
        case BlockType::kTypeVariable:
            return fail(at,
                        text + (current_->scope_info != nullptr ? current_->scope_info : "a TypeVar bound"));
        case BlockType::kTypeAlias:
            return fail(at, text + "a type alias");
        case BlockType::kTypeParameters:
            return fail(at, text + "the definition of a generic");
        default:
            return true;
    }
}

// ---- assignment expressions ----

bool SymbolTableBuilder::visit_named(const NamedExpr* node) {
    if (!forbid_in_annotation_scopes("named expression", *node)) return false;
    if (current_->comp_iter_expr > 0) {
        return fail(*node, "assignment expression cannot be used in a comprehension iterable expression");
    }
    if (current_->comprehension != ComprehensionKind::kNone && !extend_named_scope(as<Name>(node->target))) {
        return false;
    }
    return visit(node->value) && visit(node->target);
}

// In a comprehension the target belongs to the block around all comprehensions (PEP 572).
bool SymbolTableBuilder::extend_named_scope(const Name* target) {
    for (size_t i = open_.size(); i-- > 0;) {
        SymbolBlock* block = open_[i];
        uint32_t symbol = block->symbol(mangled(target->id));
        if (block->comprehension != ComprehensionKind::kNone) {
            if ((symbol & kDefCompIter) != 0 && (symbol & (kDefLocal | kDefGlobal)) != 0) {
                return fail(*target,
                            "assignment expression cannot rebind comprehension iteration variable '" +
                                std::string(target->id->view()) + "'");
            }
            continue;
        }
        switch (block->type) {
            case BlockType::kFunction:
                if (!add_def(target->id, (symbol & kDefGlobal) != 0 ? kDefGlobal : kDefNonlocal, *target)) {
                    return false;
                }
                record_directive(target->id, *target);
                return add_def_to(block, target->id, kDefLocal, *target);
            case BlockType::kModule:
                if (!add_def(target->id, kDefGlobal, *target)) return false;
                record_directive(target->id, *target);
                return add_def_to(block, target->id, kDefGlobal, *target);
            case BlockType::kClass:
                return fail(*target,
                            "assignment expression within a comprehension cannot be used in a class body");
            case BlockType::kTypeParameters:
                return fail(*target,
                            "assignment expression within a comprehension cannot be used within the "
                            "definition of a generic");
            case BlockType::kTypeAlias:
                return fail(*target,
                            "assignment expression within a comprehension cannot be used in a type alias");
            case BlockType::kTypeVariable:
                return fail(*target,
                            "assignment expression within a comprehension cannot be used in a TypeVar bound");
            case BlockType::kAnnotation:
                break;
        }
    }
    return true;
}

// ---- comprehensions ----

bool SymbolTableBuilder::visit(const Comprehension* node) {
    current_->comp_iter_target = true;
    if (!visit(node->target)) return false;
    current_->comp_iter_target = false;
    current_->comp_iter_expr++;
    if (!visit(node->iter)) return false;
    current_->comp_iter_expr--;
    if (!visit_all(node->ifs)) return false;
    if (node->is_async) current_->coroutine = true;
    return true;
}

bool SymbolTableBuilder::visit_comprehension(const ExprNode* node, const char* name, ComprehensionKind kind,
                                             Seq<Comprehension*> generators, const ExprNode* elt,
                                             const ExprNode* value) {
    bool is_generator = kind == ComprehensionKind::kGenerator;
    const Comprehension* outermost = generators.front();
    // The first iterable is evaluated outside and handed in.
    current_->comp_iter_expr++;
    if (!visit(outermost->iter)) return false;
    current_->comp_iter_expr--;
    enter_new(identifiers_.intern(name), BlockType::kFunction, node, Slot::kBody, *node);
    current_->comprehension = kind;
    if (outermost->is_async) current_->coroutine = true;
    if (!add_def(identifiers_.intern(".0"), kDefParam, *node)) return false;
    current_->comp_iter_target = true;
    if (!visit(outermost->target)) return false;
    current_->comp_iter_target = false;
    if (!visit_all(outermost->ifs)) return false;
    for (size_t i = 1; i < generators.size(); i++) {
        if (!visit(generators[i])) return false;
    }
    if (!visit_optional(value) || !visit(elt)) return false;
    current_->generator = is_generator;
    bool is_async = current_->coroutine && !is_generator;
    exit();
    if (!is_async) return true;
    if (!current_->is_async_def && current_->comprehension == ComprehensionKind::kNone &&
        !allows_top_level_await()) {
        return fail(*node, "asynchronous comprehension outside of an asynchronous function");
    }
    current_->coroutine = true;
    return true;
}

}  // namespace krait
