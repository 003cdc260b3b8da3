#include "compiler/codegen.h"
#include "compiler/conditional-block.h"

namespace krait {

using namespace ast;

bool CodeGenerator::visit_all(Seq<StmtNode*> nodes) {
    for (StmtNode* n : nodes) {
        if (!visit(n)) return false;
    }
    return true;
}

bool CodeGenerator::visit(const StmtNode* node) { return !too_deep() && visit_statement(node); }

bool CodeGenerator::visit_statement(const StmtNode* node) {
    switch (node->kind) {
        case Kind::FunctionDef:
            return visit_function(node, false);
        case Kind::AsyncFunctionDef:
            return visit_function(node, true);
        case Kind::ClassDef:
            return visit_class(as<ClassDef>(node));
        case Kind::TypeAlias:
            return visit_type_alias(as<TypeAlias>(node));
        case Kind::Return:
            return visit_return(as<Return>(node));
        case Kind::Delete:
            return visit_all(as<Delete>(node)->targets);
        case Kind::Assign:
            return visit_assign(as<Assign>(node));
        case Kind::AugAssign:
            return visit_aug_assign(as<AugAssign>(node));
        case Kind::AnnAssign:
            return visit_ann_assign(as<AnnAssign>(node));
        case Kind::For:
            return visit_for(as<For>(node));
        case Kind::AsyncFor:
            return visit_async_for(as<AsyncFor>(node));
        case Kind::While:
            return visit_while(as<While>(node));
        case Kind::If:
            return visit_if(as<If>(node));
        case Kind::Match:
            return visit_match(as<Match>(node));
        case Kind::Raise:
            return visit_raise(as<Raise>(node));
        case Kind::Try:
        case Kind::TryStar:
        case Kind::With:
        case Kind::AsyncWith:
            return visit_try(node);
        case Kind::Assert:
            return visit_assert(as<Assert>(node));
        case Kind::Import:
            return visit_import(as<Import>(node));
        case Kind::ImportFrom:
            return visit_import_from(as<ImportFrom>(node));
        case Kind::Global:
        case Kind::Nonlocal:
            return true;
        case Kind::Expr:
            return visit_expr_statement(as<Expr>(node));
        case Kind::Pass:
            op(location_of(node), Op::NOP);
            return true;
        case Kind::Break:
            return visit_break(as<Break>(node));
        case Kind::Continue:
            return visit_continue(as<Continue>(node));
        default:
            return fail_internal("unexpected statement");
    }
}

bool CodeGenerator::visit_return(const Return* node) {
    Location at = location_of(node);
    const ExprNode* value = node->value;
    bool preserve = value != nullptr && !is<ast::Constant>(value);
    const SymbolBlock* block = unit().block;
    if (!block->is_function_like()) return fail(at, "'return' outside function");
    if (value != nullptr && block->coroutine && block->generator) {
        return fail(at, "'return' with value in async generator");
    }
    if (preserve) {
        if (!visit(value)) return false;
    } else if (value != nullptr) {
        at = location_of(value);
        op(at, Op::NOP);
    }
    if (value == nullptr || value->lineno != node->lineno) {
        at = location_of(node);
        op(at, Op::NOP);
    }
    bool found;
    if (!unwind_all(at, preserve, nullptr, found)) return false;
    if (value == nullptr) {
        load_none(at);
    } else if (!preserve) {
        load_const(at, as<ast::Constant>(value)->value);
    }
    op(at, Op::RETURN_VALUE);
    return true;
}

bool CodeGenerator::visit_assign(const Assign* node) {
    if (!visit(node->value)) return false;
    for (size_t i = 0; i < node->targets.size(); i++) {
        if (i + 1 < node->targets.size()) op(location_of(node), Op::COPY, 1);
        if (!visit(node->targets[i])) return false;
    }
    return true;
}

namespace {

bool is_constant_slice(const Slice* s) {
    auto constant = [](const ExprNode* e) { return e == nullptr || is<ast::Constant>(e); };
    return constant(s->lower) && constant(s->upper) && constant(s->step);
}

}  // namespace

const Slice* two_part_slice(const ExprNode* index) {
    auto* s = try_as<Slice>(index);
    return s != nullptr && s->step == nullptr && !is_constant_slice(s) ? s : nullptr;
}

bool CodeGenerator::visit_aug_assign(const AugAssign* node) {
    const ExprNode* target = node->target;
    Location at = location_of(target);
    auto* attribute = try_as<Attribute>(target);
    auto* subscript = try_as<Subscript>(target);
    const Slice* slice = subscript != nullptr ? two_part_slice(subscript->slice) : nullptr;
    if (attribute != nullptr) {
        if (!visit(attribute->value)) return false;
        op(at, Op::COPY, 1);
        at = attribute_location(at, attribute);
        load_attr(at, attribute->attr);
    } else if (subscript != nullptr) {
        if (!visit(subscript->value)) return false;
        if (slice != nullptr) {
            if (!slice_parts(slice)) return false;
            for (int i = 0; i < 3; i++) op(at, Op::COPY, 3);
            op(at, Op::BINARY_SLICE);
        } else {
            if (!visit(subscript->slice)) return false;
            op(at, Op::COPY, 2);
            op(at, Op::COPY, 2);
            op(at, Op::BINARY_OP, static_cast<int>(BinaryOp::NB_SUBSCR));
        }
    } else if (is<Name>(target)) {
        load(at, as<Name>(target)->id);
    } else {
        return fail_internal("invalid node type for augmented assignment");
    }
    if (!visit(node->value)) return false;
    binary(location_of(node), node->op, true);
    at = location_of(target);
    if (attribute != nullptr) {
        at = attribute_location(at, attribute);
        op(at, Op::SWAP, 2);
        name_op(at, Op::STORE_ATTR, attribute->attr);
    } else if (slice != nullptr) {
        for (int i = 4; i >= 2; i--) op(at, Op::SWAP, i);
        op(at, Op::STORE_SLICE);
    } else if (subscript != nullptr) {
        op(at, Op::SWAP, 3);
        op(at, Op::SWAP, 2);
        op(at, Op::STORE_SUBSCR);
    } else {
        store(at, as<Name>(target)->id);
    }
    return true;
}

// ---- branches ----

bool CodeGenerator::visit_if(const If* node) {
    Label end = new_label();
    Label next = node->orelse.empty() ? end : new_label();
    if (!jump_if(location_of(node), node->test, next, false)) return false;
    ConditionalBlock conditional(unit());
    if (!visit_all(node->body)) return false;
    if (!node->orelse.empty()) {
        jump(kNoLocation, Op::JUMP_NO_INTERRUPT, end);
        use(next);
        if (!visit_all(node->orelse)) return false;
    }
    use(end);
    return true;
}

bool CodeGenerator::jump_if(Location at, const ExprNode* test, Label to, bool condition) {
    if (too_deep()) return false;
    switch (test->kind) {
        case Kind::UnaryOp:
            if (as<UnaryOp>(test)->op != UnaryOperator::Not) break;
            return jump_if(at, as<UnaryOp>(test)->operand, to, !condition);
        case Kind::BoolOp: {
            auto* n = as<BoolOp>(test);
            bool condition2 = n->op == BoolOperator::Or;
            Label next = condition2 != condition ? new_label() : to;
            size_t last = n->values.size() - 1;
            for (size_t i = 0; i < last; i++) {
                if (!jump_if(at, n->values[i], next, condition2)) return false;
            }
            if (!jump_if(at, n->values[last], to, condition)) return false;
            if (!(next == to)) use(next);
            return true;
        }
        case Kind::IfExp: {
            auto* n = as<IfExp>(test);
            Label end = new_label(), next = new_label();
            if (!jump_if(at, n->test, next, false) || !jump_if(at, n->body, to, condition)) return false;
            jump(kNoLocation, Op::JUMP_NO_INTERRUPT, end);
            use(next);
            if (!jump_if(at, n->orelse, to, condition)) return false;
            use(end);
            return true;
        }
        case Kind::Compare:
            if (as<ast::Compare>(test)->ops.size() > 1)
                return jump_if_chain(as<ast::Compare>(test), to, condition);
            break;
        default:
            break;
    }
    if (!visit(test)) return false;
    Location test_at = location_of(test);
    op(test_at, Op::TO_BOOL);
    jump(test_at, condition ? Op::POP_JUMP_IF_TRUE : Op::POP_JUMP_IF_FALSE, to);
    return true;
}

bool CodeGenerator::jump_if_chain(const ast::Compare* node, Label to, bool condition) {
    Location at = location_of(node);
    if (!check_compare(node) || !visit(node->left)) return false;
    Label cleanup = new_label();
    size_t last = node->ops.size() - 1;
    for (size_t i = 0; i < last; i++) {
        if (!visit(node->comparators[i])) return false;
        op(at, Op::SWAP, 2);
        op(at, Op::COPY, 2);
        compare(at, node->ops[i]);
        op(at, Op::TO_BOOL);
        jump(at, Op::POP_JUMP_IF_FALSE, cleanup);
    }
    if (!visit(node->comparators[last])) return false;
    compare(at, node->ops[last]);
    op(at, Op::TO_BOOL);
    jump(at, condition ? Op::POP_JUMP_IF_TRUE : Op::POP_JUMP_IF_FALSE, to);
    Label end = new_label();
    jump(kNoLocation, Op::JUMP_NO_INTERRUPT, end);
    use(cleanup);
    op(at, Op::POP_TOP);
    if (!condition) jump(kNoLocation, Op::JUMP_NO_INTERRUPT, to);
    use(end);
    return true;
}

// ---- loops ----

bool CodeGenerator::visit_for(const For* node) {
    Location at = location_of(node->iter);
    Label start = new_label(), body = new_label(), cleanup = new_label(), end = new_label();
    if (!push_block(FrameBlockKind::kForLoop, location_of(node), start, end)) return false;
    if (!visit(node->iter)) return false;
    ConditionalBlock conditional(unit());
    op(at, Op::GET_ITER);
    use(start);
    jump(at, Op::FOR_ITER, cleanup);
    // Gives a target on a line of its own its line event; dropped later where it is not needed.
    op(location_of(node->target), Op::NOP);
    use(body);
    if (!visit(node->target) || !visit_all(node->body)) return false;
    jump(kNoLocation, Op::JUMP, start);
    use(cleanup);
    op(kNoLocation, Op::END_FOR);
    op(kNoLocation, Op::POP_ITER);
    pop_block();
    if (!visit_all(node->orelse)) return false;
    use(end);
    return true;
}

bool CodeGenerator::visit_async_for(const AsyncFor* node) {
    Location at = location_of(node);
    Label start = new_label(), send = new_label(), except = new_label(), end = new_label();
    if (!visit(node->iter)) return false;
    ConditionalBlock conditional(unit());
    op(location_of(node->iter), Op::GET_AITER);
    use(start);
    if (!push_block(FrameBlockKind::kAsyncForLoop, at, start, end)) return false;
    jump(at, Op::SETUP_FINALLY, except);
    op(at, Op::GET_ANEXT);
    load_none(at);
    yield_from(at, send, true);
    op(at, Op::POP_BLOCK);
    op(at, Op::NOT_TAKEN);
    if (!visit(node->target) || !visit_all(node->body)) return false;
    jump(kNoLocation, Op::JUMP, start);
    pop_block();
    use(except);
    jump(location_of(node->iter), Op::END_ASYNC_FOR, send);
    if (!visit_all(node->orelse)) return false;
    use(end);
    return true;
}

bool CodeGenerator::visit_while(const While* node) {
    Label loop = new_label(), end = new_label(), anchor = new_label();
    use(loop);
    if (!push_block(FrameBlockKind::kWhileLoop, location_of(node), loop, end)) return false;
    if (!jump_if(location_of(node), node->test, anchor, false)) return false;
    ConditionalBlock conditional(unit());
    if (!visit_all(node->body)) return false;
    jump(kNoLocation, Op::JUMP, loop);
    pop_block();
    use(anchor);
    if (!visit_all(node->orelse)) return false;
    use(end);
    return true;
}

bool CodeGenerator::visit_break(const Break* node) {
    Location at = location_of(node);
    op(at, Op::NOP);
    FrameBlock loop{};
    bool found = false;
    if (!unwind_all(at, false, &loop, found)) return false;
    if (!found) return fail(location_of(node), "'break' outside loop");
    if (!unwind(at, loop, false)) return false;
    jump(at, Op::JUMP, loop.exit);
    return true;
}

bool CodeGenerator::visit_continue(const Continue* node) {
    Location at = location_of(node);
    op(at, Op::NOP);
    FrameBlock loop{};
    bool found = false;
    if (!unwind_all(at, false, &loop, found)) return false;
    if (!found) return fail(location_of(node), "'continue' not properly in loop");
    jump(at, Op::JUMP, loop.block);
    return true;
}

// ---- simple statements ----

bool CodeGenerator::visit_raise(const Raise* node) {
    int count = 0;
    if (node->exc != nullptr) {
        if (!visit(node->exc)) return false;
        count++;
        if (node->cause != nullptr) {
            if (!visit(node->cause)) return false;
            count++;
        }
    }
    op(location_of(node), Op::RAISE_VARARGS, count);
    return true;
}

bool CodeGenerator::visit_assert(const Assert* node) {
    Location at = location_of(node);
    auto* tuple = try_as<Tuple>(node->test);
    auto* constant = try_as<ast::Constant>(node->test);
    bool always = (tuple != nullptr && !tuple->elts.empty()) ||
                  (constant != nullptr && constant->value->is(ConstantKind::kTuple) &&
                   !constant->value->items().empty());
    if (always && !warn(at, "assertion is always true, perhaps remove parentheses?")) return false;
    if (options_.optimize > 0) return true;
    Label end = new_label();
    if (!jump_if(at, node->test, end, true)) return false;
    op(at, Op::LOAD_COMMON_CONSTANT, static_cast<int>(CommonConstant::AssertionError));
    if (node->msg != nullptr) {
        if (!visit(node->msg)) return false;
        op(at, Op::CALL, 0);
    }
    op(location_of(node->test), Op::RAISE_VARARGS, 1);
    use(end);
    return true;
}

bool CodeGenerator::visit_import(const Import* node) {
    Location at = location_of(node);
    for (const Alias* alias : node->names) {
        load_int(at, 0);
        load_none(at);
        name_op(at, Op::IMPORT_NAME, alias->name);
        std::string_view name = alias->name->view();
        size_t dot = name.find('.');
        if (alias->asname == nullptr) {
            store(at, dot == name.npos ? alias->name : id(name.substr(0, dot)));
            continue;
        }
        // "import a.b.c as d" binds c, found from a.
        bool dotted = dot != name.npos;
        while (dot != name.npos) {
            size_t begin = dot + 1;
            dot = name.find('.', begin);
            op(at, Op::IMPORT_FROM,
               index_in(unit().names, id(name.substr(begin, dot == name.npos ? dot : dot - begin))));
            if (dot == name.npos) break;
            op(at, Op::SWAP, 2);
            op(at, Op::POP_TOP);
        }
        store(at, alias->asname);
        if (dotted) op(at, Op::POP_TOP);
    }
    return true;
}

bool CodeGenerator::visit_import_from(const ImportFrom* node) {
    Location at = location_of(node);
    load_int(at, node->level);
    std::vector<const krait::Constant*> names;
    for (const Alias* alias : node->names) names.push_back(str_constant(arena_, alias->name->view()));
    load_const(at, tuple_constant(arena_, names));
    name_op(at, Op::IMPORT_NAME, node->module != nullptr ? node->module : id(""));
    for (size_t i = 0; i < node->names.size(); i++) {
        const Alias* alias = node->names[i];
        if (i == 0 && alias->name->view() == "*") {
            op(at, Op::CALL_INTRINSIC_1, static_cast<int>(Intrinsic1::INTRINSIC_IMPORT_STAR));
            op(kNoLocation, Op::POP_TOP);
            return true;
        }
        name_op(at, Op::IMPORT_FROM, alias->name);
        store(at, alias->asname != nullptr ? alias->asname : alias->name);
    }
    op(at, Op::POP_TOP);
    return true;
}

bool CodeGenerator::visit_expr_statement(const Expr* node) {
    Location at = location_of(node);
    if (interactive_ && units_.size() <= 1) {
        if (!visit(node->value)) return false;
        op(at, Op::CALL_INTRINSIC_1, static_cast<int>(Intrinsic1::INTRINSIC_PRINT));
        op(kNoLocation, Op::POP_TOP);
        return true;
    }
    if (is<ast::Constant>(node->value)) {
        op(at, Op::NOP);
        return true;
    }
    if (!visit(node->value)) return false;
    op(kNoLocation, Op::POP_TOP);
    return true;
}

}  // namespace krait
