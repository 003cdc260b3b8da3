#include "compiler/codegen.h"

namespace krait {

using namespace ast;

bool CodeGenerator::visit_all(Seq<ExprNode*> nodes) {
    for (ExprNode* n : nodes) {
        if (n != nullptr && !visit(n)) return false;
    }
    return true;
}

// What CPython's code generator takes of the stack for an expression.
bool CodeGenerator::visit(const ExprNode* node) {
    size_t cost = node->kind == Kind::Subscript ? 156 : 306;
    if (too_deep(cost)) return false;
    bool good = visit_expression(node);
    budget_.leave(cost);
    return good;
}

bool CodeGenerator::visit_expression(const ExprNode* node) {
    Location at = location_of(node);
    switch (node->kind) {
        case Kind::NamedExpr:
            if (!visit(as<NamedExpr>(node)->value)) return false;
            op(at, Op::COPY, 1);
            return visit(as<NamedExpr>(node)->target);
        case Kind::BoolOp:
            return visit_bool_op(as<BoolOp>(node));
        case Kind::BinOp:
            if (!visit(as<BinOp>(node)->left) || !visit(as<BinOp>(node)->right)) return false;
            binary(at, as<BinOp>(node)->op);
            return true;
        case Kind::UnaryOp:
            return visit_unary(as<UnaryOp>(node));
        case Kind::Lambda:
            return visit_lambda(as<Lambda>(node));
        case Kind::IfExp:
            return visit_if_exp(as<IfExp>(node));
        case Kind::Dict:
            return visit_dict(as<Dict>(node));
        case Kind::Set:
            return star_unpack(at, as<Set>(node)->elts, nullptr, 0, Op::BUILD_SET, Op::SET_ADD,
                               Op::SET_UPDATE, false);
        case Kind::GeneratorExp: {
            auto* n = as<GeneratorExp>(node);
            return comprehension(n, "<genexpr>", {CompKind::kGenerator, n->generators, n->elt, nullptr});
        }
        case Kind::ListComp: {
            auto* n = as<ListComp>(node);
            return comprehension(n, "<listcomp>", {CompKind::kList, n->generators, n->elt, nullptr});
        }
        case Kind::SetComp: {
            auto* n = as<SetComp>(node);
            return comprehension(n, "<setcomp>", {CompKind::kSet, n->generators, n->elt, nullptr});
        }
        case Kind::DictComp: {
            auto* n = as<DictComp>(node);
            return comprehension(n, "<dictcomp>", {CompKind::kDict, n->generators, n->key, n->value});
        }
        case Kind::Yield:
            return visit_yield(as<Yield>(node));
        case Kind::YieldFrom:
            return visit_yield_from(as<YieldFrom>(node));
        case Kind::Await:
            return visit_await(as<Await>(node));
        case Kind::Compare:
            return visit_compare(as<ast::Compare>(node));
        case Kind::Call:
            return visit_call(as<Call>(node));
        case Kind::Constant:
            load_const(at, as<ast::Constant>(node)->value);
            return true;
        case Kind::JoinedStr:
            return visit_joined_str(as<JoinedStr>(node));
        case Kind::TemplateStr:
            return visit_template(as<TemplateStr>(node));
        case Kind::FormattedValue:
            return visit_formatted(as<FormattedValue>(node));
        case Kind::Interpolation:
            return visit_interpolation(as<Interpolation>(node));
        case Kind::Attribute:
            return visit_attribute(as<Attribute>(node));
        case Kind::Subscript:
            return visit_subscript(as<Subscript>(node));
        case Kind::Starred:
            return fail(at, as<Starred>(node)->ctx == ExprContext::Store
                                ? "starred assignment target must be in a list or tuple"
                                : "can't use starred expression here");
        case Kind::Slice:
            return visit_slice(as<Slice>(node));
        case Kind::Name:
            nameop(at, as<Name>(node)->id, as<Name>(node)->ctx);
            return true;
        case Kind::List:
            return visit_sequence(node, as<List>(node)->elts, as<List>(node)->ctx);
        case Kind::Tuple:
            return visit_sequence(node, as<Tuple>(node)->elts, as<Tuple>(node)->ctx);
        default:
            return fail_internal("unexpected expression");
    }
}

// ---- operators ----

bool CodeGenerator::visit_bool_op(const BoolOp* node) {
    Location at = location_of(node);
    Op jump_op = node->op == BoolOperator::And ? Op::JUMP_IF_FALSE : Op::JUMP_IF_TRUE;
    Label end = new_label();
    size_t last = node->values.size() - 1;
    for (size_t i = 0; i < last; i++) {
        if (!visit(node->values[i])) return false;
        jump(at, jump_op, end);
        op(at, Op::POP_TOP);
    }
    if (!visit(node->values[last])) return false;
    use(end);
    return true;
}

bool CodeGenerator::visit_unary(const UnaryOp* node) {
    Location at = location_of(node);
    if (!visit(node->operand)) return false;
    switch (node->op) {
        case UnaryOperator::Invert:
            op(at, Op::UNARY_INVERT);
            break;
        case UnaryOperator::Not:
            op(at, Op::TO_BOOL);
            op(at, Op::UNARY_NOT);
            break;
        case UnaryOperator::UAdd:
            op(at, Op::CALL_INTRINSIC_1, static_cast<int>(Intrinsic1::INTRINSIC_UNARY_POSITIVE));
            break;
        case UnaryOperator::USub:
            op(at, Op::UNARY_NEGATIVE);
            break;
    }
    return true;
}

bool CodeGenerator::visit_if_exp(const IfExp* node) {
    Label end = new_label(), next = new_label();
    if (!jump_if(location_of(node), node->test, next, false) || !visit(node->body)) return false;
    jump(kNoLocation, Op::JUMP_NO_INTERRUPT, end);
    use(next);
    if (!visit(node->orelse)) return false;
    use(end);
    return true;
}

bool CodeGenerator::visit_compare(const ast::Compare* node) {
    Location at = location_of(node);
    if (!check_compare(node) || !visit(node->left)) return false;
    size_t last = node->ops.size() - 1;
    if (last == 0) {
        if (!visit(node->comparators[0])) return false;
        compare(at, node->ops[0]);
        return true;
    }
    Label cleanup = new_label();
    for (size_t i = 0; i < last; i++) {
        if (!visit(node->comparators[i])) return false;
        op(at, Op::SWAP, 2);
        op(at, Op::COPY, 2);
        compare(at, node->ops[i]);
        op(at, Op::COPY, 1);
        op(at, Op::TO_BOOL);
        jump(at, Op::POP_JUMP_IF_FALSE, cleanup);
        op(at, Op::POP_TOP);
    }
    if (!visit(node->comparators[last])) return false;
    compare(at, node->ops[last]);
    Label end = new_label();
    jump(kNoLocation, Op::JUMP_NO_INTERRUPT, end);
    use(cleanup);
    op(at, Op::SWAP, 2);
    op(at, Op::POP_TOP);
    use(end);
    return true;
}

// ---- containers ----

bool CodeGenerator::visit_dict(const Dict* node) {
    Location at = location_of(node);
    size_t n = node->values.size();
    bool have_dict = false;
    size_t elements = 0;
    // The pairs since the last unpacking become a dict, merged into the one that is there.
    auto flush = [&](size_t begin, size_t end) {
        if (!subdict(node, begin, end)) return false;
        if (have_dict) op(at, Op::DICT_UPDATE, 1);
        have_dict = true;
        elements = 0;
        return true;
    };
    for (size_t i = 0; i < n; i++) {
        if (node->keys[i] == nullptr) {
            if (elements > 0 && !flush(i - elements, i)) return false;
            if (!have_dict) op(at, Op::BUILD_MAP, 0);
            have_dict = true;
            if (!visit(node->values[i])) return false;
            op(at, Op::DICT_UPDATE, 1);
        } else if (elements * 2 > kStackUseGuideline) {
            if (!flush(i - elements, i + 1)) return false;
        } else {
            elements++;
        }
    }
    if (elements > 0 && !flush(n - elements, n)) return false;
    if (!have_dict) op(at, Op::BUILD_MAP, 0);
    return true;
}

bool CodeGenerator::subdict(const Dict* node, size_t begin, size_t end) {
    Location at = location_of(node);
    bool big = (end - begin) * 2 > kStackUseGuideline;
    if (big) op(at, Op::BUILD_MAP, 0);
    for (size_t i = begin; i < end; i++) {
        if (!visit(node->keys[i]) || !visit(node->values[i])) return false;
        if (big) op(at, Op::MAP_ADD, 1);
    }
    if (!big) op(at, Op::BUILD_MAP, static_cast<int>(end - begin));
    return true;
}

bool CodeGenerator::visit_sequence(const ExprNode* node, Seq<ExprNode*> elts, ExprContext ctx) {
    Location at = location_of(node);
    if (ctx == ExprContext::Store) return unpack_targets(at, elts);
    if (ctx == ExprContext::Del) return visit_all(elts);
    return star_unpack(at, elts, nullptr, 0, Op::BUILD_LIST, Op::LIST_APPEND, Op::LIST_EXTEND,
                       is<Tuple>(node));
}

// Builds a sequence of `elts`, of `pushed` values that lie on the stack already, and of the name `injected`.
bool CodeGenerator::star_unpack(Location at, Seq<ExprNode*> elts, const Identifier* injected, int pushed,
                                Op build, Op add, Op extend, bool tuple) {
    int n = static_cast<int>(elts.size());
    bool big = n + pushed + (injected != nullptr ? 1 : 0) > kStackUseGuideline;
    bool star = false;
    for (const ExprNode* e : elts) star |= is<Starred>(e);
    if (!star && !big) {
        if (!visit_all(elts)) return false;
        if (injected != nullptr) {
            load(at, injected);
            n++;
        }
        op(at, tuple ? Op::BUILD_TUPLE : build, n + pushed);
        return true;
    }
    bool built = false;
    if (big) {
        op(at, build, pushed);
        built = true;
    }
    for (int i = 0; i < n; i++) {
        if (auto* s = try_as<Starred>(elts[i])) {
            if (!built) {
                op(at, build, i + pushed);
                built = true;
            }
            if (!visit(s->value)) return false;
            op(at, extend, 1);
        } else {
            if (!visit(elts[i])) return false;
            if (built) op(at, add, 1);
        }
    }
    if (injected != nullptr) {
        load(at, injected);
        op(at, add, 1);
    }
    if (tuple) op(at, Op::CALL_INTRINSIC_1, static_cast<int>(Intrinsic1::INTRINSIC_LIST_TO_TUPLE));
    return true;
}

bool CodeGenerator::unpack_targets(Location at, Seq<ExprNode*> elts) {
    size_t n = elts.size();
    bool star = false;
    for (size_t i = 0; i < n; i++) {
        if (!is<Starred>(elts[i])) continue;
        if (star) return fail(at, "multiple starred expressions in assignment");
        if (i >= (1 << 8) || n - i - 1 >= (INT32_MAX >> 8)) {
            return fail(at, "too many expressions in star-unpacking assignment");
        }
        op(at, Op::UNPACK_EX, static_cast<int>(i + ((n - i - 1) << 8)));
        star = true;
    }
    if (!star) op(at, Op::UNPACK_SEQUENCE, static_cast<int>(n));
    for (const ExprNode* e : elts) {
        auto* s = try_as<Starred>(e);
        if (!visit(s != nullptr ? s->value : e)) return false;
    }
    return true;
}

// ---- attributes and subscripts ----

bool CodeGenerator::visit_attribute(const Attribute* node) {
    Location at = location_of(node);
    if (can_optimize_super(node)) {
        auto* super_call = as<Call>(node->value);
        if (!load_super_args(super_call)) return false;
        name_op(at, Op::LOAD_SUPER_ATTR, node->attr, 2, super_call->args.empty() ? 0 : kSuperTwoArguments);
        op(attribute_location(at, node), Op::NOP);
        return true;
    }
    note_static_attribute(node);
    if (!visit(node->value)) return false;
    at = attribute_location(at, node);
    switch (node->ctx) {
        case ExprContext::Load:
            load_attr(at, node->attr);
            break;
        case ExprContext::Store:
            name_op(at, Op::STORE_ATTR, node->attr);
            break;
        case ExprContext::Del:
            name_op(at, Op::DELETE_ATTR, node->attr);
            break;
    }
    return true;
}

bool CodeGenerator::visit_subscript(const Subscript* node) {
    Location at = location_of(node);
    if (node->ctx == ExprContext::Load &&
        (!check_subscripter(node->value) || !check_index(node->value, node->slice))) {
        return false;
    }
    if (!visit(node->value)) return false;
    const Slice* slice = two_part_slice(node->slice);
    if (slice != nullptr && node->ctx != ExprContext::Del) {
        if (!slice_parts(slice)) return false;
        op(at, node->ctx == ExprContext::Load ? Op::BINARY_SLICE : Op::STORE_SLICE);
        return true;
    }
    if (!visit(node->slice)) return false;
    switch (node->ctx) {
        case ExprContext::Load:
            op(at, Op::BINARY_OP, static_cast<int>(BinaryOp::NB_SUBSCR));
            break;
        case ExprContext::Store:
            op(at, Op::STORE_SUBSCR);
            break;
        case ExprContext::Del:
            op(at, Op::DELETE_SUBSCR);
            break;
    }
    return true;
}

bool CodeGenerator::slice_parts(const Slice* node) {
    for (const ExprNode* part : {node->lower, node->upper}) {
        if (part == nullptr) {
            load_none(location_of(node));
        } else if (!visit(part)) {
            return false;
        }
    }
    return true;
}

bool CodeGenerator::visit_slice(const Slice* node) {
    Location at = location_of(node);
    auto constant = [](const ExprNode* e) -> const krait::Constant* {
        if (e == nullptr) return &kNoneConstant;
        auto* c = try_as<ast::Constant>(e);
        return c != nullptr ? c->value : nullptr;
    };
    const krait::Constant *lower = constant(node->lower), *upper = constant(node->upper),
                          *step = constant(node->step);
    if (lower != nullptr && upper != nullptr && step != nullptr) {
        load_const(at, slice_constant(arena_, lower, upper, step));
        return true;
    }
    if (!slice_parts(node)) return false;
    int n = 2;
    if (node->step != nullptr) {
        if (!visit(node->step)) return false;
        n = 3;
    }
    op(at, Op::BUILD_SLICE, n);
    return true;
}

// ---- strings ----

bool CodeGenerator::visit_joined_str(const JoinedStr* node) {
    Location at = location_of(node);
    size_t n = node->values.size();
    if (n > kStackUseGuideline) {
        load_str(at, "");
        load_attr(at, id("join"), true);
        op(at, Op::BUILD_LIST, 0);
        for (ExprNode* v : node->values) {
            if (!visit(v)) return false;
            op(at, Op::LIST_APPEND, 1);
        }
        op(at, Op::CALL, 1);
        return true;
    }
    if (!visit_all(node->values)) return false;
    if (n == 0) {
        load_str(at, "");
    } else if (n > 1) {
        op(at, Op::BUILD_STRING, static_cast<int>(n));
    }
    return true;
}

namespace {

// -1 (none) gives 0; an unknown conversion -1.
int conversion_number(int conversion) {
    switch (conversion) {
        case -1:
            return static_cast<int>(Conversion::NONE);
        case 's':
            return static_cast<int>(Conversion::STR);
        case 'r':
            return static_cast<int>(Conversion::REPR);
        case 'a':
            return static_cast<int>(Conversion::ASCII);
        default:
            return -1;
    }
}

}  // namespace

bool CodeGenerator::visit_formatted(const FormattedValue* node) {
    Location at = location_of(node);
    if (!visit(node->value)) return false;
    int conversion = conversion_number(node->conversion);
    if (conversion < 0) {
        return fail_internal("Unrecognized conversion character " + std::to_string(node->conversion));
    }
    if (conversion > 0) op(at, Op::CONVERT_VALUE, conversion);
    if (node->format_spec == nullptr) {
        op(at, Op::FORMAT_SIMPLE);
        return true;
    }
    if (!visit(node->format_spec)) return false;
    op(at, Op::FORMAT_WITH_SPEC);
    return true;
}

bool CodeGenerator::visit_interpolation(const Interpolation* node) {
    Location at = location_of(node);
    if (!visit(node->value)) return false;
    load_const(at, node->str);
    int conversion = conversion_number(node->conversion);
    if (conversion < 0) {
        return fail_internal("Unrecognized conversion character " + std::to_string(node->conversion));
    }
    int arg = 2 | conversion << 2;
    if (node->format_spec != nullptr) {
        arg |= 1;
        if (!visit(node->format_spec)) return false;
    }
    op(at, Op::BUILD_INTERPOLATION, arg);
    return true;
}

// A tuple of the strings (one more than interpolations), a tuple of the interpolations.
bool CodeGenerator::visit_template(const TemplateStr* node) {
    Location at = location_of(node);
    int strings = 0, interpolations = 0;
    bool after_string = false;
    for (const ExprNode* v : node->values) {
        if (is<Interpolation>(v)) {
            if (!after_string) {
                load_str(at, "");
                strings++;
            }
            after_string = false;
        } else {
            if (!visit(v)) return false;
            strings++;
            after_string = true;
        }
    }
    if (!after_string) {
        load_str(at, "");
        strings++;
    }
    op(at, Op::BUILD_TUPLE, strings);
    for (const ExprNode* v : node->values) {
        if (!is<Interpolation>(v)) continue;
        if (!visit(v)) return false;
        interpolations++;
    }
    op(at, Op::BUILD_TUPLE, interpolations);
    op(at, Op::BUILD_TEMPLATE);
    return true;
}

// ---- yield and await ----

bool CodeGenerator::visit_yield(const Yield* node) {
    Location at = location_of(node);
    if (!unit().block->is_function_like()) return fail(at, "'yield' outside function");
    if (node->value == nullptr) {
        load_none(at);
    } else if (!visit(node->value)) {
        return false;
    }
    yield_value(at);
    return true;
}

bool CodeGenerator::visit_yield_from(const YieldFrom* node) {
    Location at = location_of(node);
    if (!unit().block->is_function_like()) return fail(at, "'yield from' outside function");
    if (unit().kind == ScopeKind::kAsyncFunction) return fail(at, "'yield from' inside async function");
    if (!visit(node->value)) return false;
    op(at, Op::GET_YIELD_FROM_ITER);
    load_none(at);
    yield_from(at, new_label(), false);
    return true;
}

bool CodeGenerator::visit_await(const Await* node) {
    Location at = location_of(node);
    if (!visit(node->value)) return false;
    op(at, Op::GET_AWAITABLE, 0);
    load_none(at);
    yield_from(at, new_label(), true);
    return true;
}

}  // namespace krait
