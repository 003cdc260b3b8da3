#include "compiler/codegen.h"

namespace krait {

using namespace ast;

// ---- functions ----

bool CodeGenerator::visit_annexpr(const ExprNode* annotation) {
    if (!future_annotations()) return visit(annotation);
    load_str(location_of(annotation), unparse(annotation));
    return true;
}

bool CodeGenerator::argument_annotation(Location at, const Identifier* name, const ExprNode* annotation,
                                        int& count) {
    if (annotation == nullptr) return true;
    load_name_const(at, mangled(name));
    count++;
    auto* starred = try_as<Starred>(annotation);
    if (starred != nullptr && !future_annotations()) {
        // "*args: *Ts" stands for [value] = [*Ts].
        if (!visit(starred->value)) return false;
        op(at, Op::UNPACK_SEQUENCE, 1);
        return true;
    }
    return visit_annexpr(annotation);
}

bool CodeGenerator::argument_annotations(Location at, Seq<Arg*> args, int& count) {
    for (const Arg* a : args) {
        if (!argument_annotation(at, a->arg, a->annotation, count)) return false;
    }
    return true;
}

bool CodeGenerator::function_annotations(Location at, const Arguments* args, const ExprNode* returns,
                                         int& flags) {
    auto any = [](Seq<Arg*> list) {
        for (const Arg* a : list) {
            if (a->annotation != nullptr) return true;
        }
        return false;
    };
    auto annotated = [](const Arg* a) { return a != nullptr && a->annotation != nullptr; };
    if (returns == nullptr && !any(args->posonlyargs) && !any(args->args) && !any(args->kwonlyargs) &&
        !annotated(args->vararg) && !annotated(args->kwarg)) {
        return true;
    }
    if (!enter_annotations_scope(at, symbols_.block_of(args), id("__annotate__"))) return false;
    int count = 0;
    // In this order, positional-only ones second, as dicts of annotations show it.
    if (!argument_annotations(at, args->args, count) || !argument_annotations(at, args->posonlyargs, count)) {
        return false;
    }
    if (args->vararg != nullptr &&
        !argument_annotation(at, args->vararg->arg, args->vararg->annotation, count)) {
        return false;
    }
    if (!argument_annotations(at, args->kwonlyargs, count)) return false;
    if (args->kwarg != nullptr &&
        !argument_annotation(at, args->kwarg->arg, args->kwarg->annotation, count)) {
        return false;
    }
    if (!argument_annotation(at, id("return"), returns, count)) return false;
    op(at, Op::BUILD_MAP, count);
    flags |= kFunctionANNOTATE;
    return leave_annotations_scope(at);
}

// A function of the format that is wanted; it refuses all but VALUE and VALUE_WITH_FAKE_GLOBALS.
bool CodeGenerator::enter_annotations_scope(Location at, SymbolBlock* block, const Identifier* name) {
    if (!enter_scope(name, ScopeKind::kAnnotations, block, at.line, nullptr, {0, 1, 0})) return false;
    constexpr int kValueWithFakeGlobals = 2;
    Label supported = new_label();
    op(at, Op::LOAD_FAST, 0);
    load_int(at, kValueWithFakeGlobals);
    compare(at, CompareOperator::Gt);
    jump(at, Op::POP_JUMP_IF_FALSE, supported);
    op(at, Op::LOAD_COMMON_CONSTANT, static_cast<int>(CommonConstant::NotImplementedError));
    op(at, Op::RAISE_VARARGS, 1);
    use(supported);
    return true;
}

bool CodeGenerator::leave_annotations_scope(Location at) {
    op(at, Op::RETURN_VALUE);
    Closure closure = finish_scope(true);
    if (!closure) return false;
    make_closure(at, closure, 0);
    return true;
}

// ---- modules and classes ----

// __annotate__ from the annotations met in the body. A module's is made before its first statement, in place
// of the placeholder.
bool CodeGenerator::process_deferred_annotations(Location at) {
    if (unit().deferred_annotations.empty()) return true;
    Unit& outer = unit();
    bool of_class = outer.kind == ScopeKind::kClass;
    if (!enter_annotations_scope(at, outer.block->annotation_block, id("__annotate__"))) return false;
    const Identifier* met = id("__conditional_annotations__");
    op(at, Op::BUILD_MAP, 0);
    for (const Unit::DeferredAnnotation& deferred : outer.deferred_annotations) {
        const AnnAssign* statement = deferred.statement;
        Location place = location_of(statement);
        Label skip = new_label();
        if (deferred.conditional_index >= 0) {
            load_int(place, deferred.conditional_index);
            if (of_class) {
                op(place, Op::LOAD_DEREF, deref_index(met));
            } else {
                op(place, Op::LOAD_GLOBAL, index_in(unit().names, met) << 1);
            }
            op(place, Op::CONTAINS_OP, 0);
            jump(place, Op::POP_JUMP_IF_FALSE, skip);
        }
        if (!visit(statement->annotation)) return false;
        op(place, Op::COPY, 2);
        load_name_const(place, mangled(as<Name>(statement->target)->id));
        op(at, Op::STORE_SUBSCR);
        use(skip);
    }
    op(at, Op::RETURN_VALUE);
    Closure closure = finish_scope(true);
    if (!closure) return false;
    std::unique_ptr<InstrSequence> separate;
    if (!of_class) {
        separate = std::make_unique<InstrSequence>();
        seq_ = separate.get();
    }
    make_closure(at, closure, 0);
    store(at, id(of_class ? "__annotate_func__" : "__annotate__"));
    seq_ = &outer.code.instrs;
    if (separate != nullptr) seq_->set_annotations(std::move(separate));
    return true;
}

bool CodeGenerator::evaluate_and_pop(const ExprNode* node) {
    if (!visit(node)) return false;
    op(location_of(node), Op::POP_TOP);
    return true;
}

bool CodeGenerator::visit_ann_assign(const AnnAssign* node) {
    Location at = location_of(node);
    Unit& u = unit();
    if (node->value != nullptr && (!visit(node->value) || !visit(node->target))) return false;
    switch (node->target->kind) {
        case Kind::Name: {
            bool of_class = u.kind == ScopeKind::kClass;
            if (!node->simple || (!of_class && u.kind != ScopeKind::kModule)) return true;
            const Identifier* name = as<Name>(node->target)->id;
            if (future_annotations()) {
                if (!visit_annexpr(node->annotation)) return false;
                name_op(at, Op::LOAD_NAME, id("__annotations__"));
                load_name_const(at, mangled(name));
                op(at, Op::STORE_SUBSCR);
                return true;
            }
            int index = -1;
            if (!of_class || u.in_conditional_block) index = u.next_conditional_index++;
            u.deferred_annotations.push_back({node, index});
            if (index < 0) return true;
            const Identifier* met = id("__conditional_annotations__");
            if (of_class) {
                op(at, Op::LOAD_DEREF, cell_index(met));
            } else {
                name_op(at, Op::LOAD_NAME, met);
            }
            load_int(at, index);
            op(at, Op::SET_ADD, 1);
            op(at, Op::POP_TOP);
            return true;
        }
        case Kind::Attribute:
            return node->value != nullptr || evaluate_and_pop(as<Attribute>(node->target)->value);
        case Kind::Subscript: {
            if (node->value != nullptr) return true;
            auto* target = as<Subscript>(node->target);
            if (!evaluate_and_pop(target->value)) return false;
            auto part = [this](const ExprNode* e) {
                auto* s = try_as<Slice>(e);
                if (s == nullptr) return evaluate_and_pop(e);
                return (s->lower == nullptr || evaluate_and_pop(s->lower)) &&
                       (s->upper == nullptr || evaluate_and_pop(s->upper)) &&
                       (s->step == nullptr || evaluate_and_pop(s->step));
            };
            auto* tuple = try_as<Tuple>(target->slice);
            if (tuple == nullptr) return part(target->slice);
            for (ExprNode* e : tuple->elts) {
                if (!part(e)) return false;
            }
            return true;
        }
        default:
            return fail_internal("invalid node type for annotated assignment");
    }
}

// ---- type parameters and aliases ----

bool CodeGenerator::type_param_value(const ExprNode* value, const Identifier* name, const TypeParamNode* key,
                                     Slot slot, bool allow_starred) {
    Location at = location_of(value);
    const krait::Constant* one = int_constant(arena_, 1);
    load_const(at, tuple_constant(arena_, {&one, 1}));
    if (!enter_annotations_scope(at, symbols_.block_of(key, slot), name)) return false;
    auto* starred = try_as<Starred>(value);
    if (allow_starred && starred != nullptr) {
        if (!visit(starred->value)) return false;
        op(at, Op::UNPACK_SEQUENCE, 1);
    } else if (!visit(value)) {
        return false;
    }
    op(at, Op::RETURN_VALUE);
    Closure closure = finish_scope(true);
    if (!closure) return false;
    make_closure(at, closure, kFunctionDEFAULTS);
    return true;
}

bool CodeGenerator::type_param(const TypeParamNode* node, bool& seen_default) {
    Location at = location_of(node);
    const Identifier* name;
    const ExprNode* bound = nullptr;
    const ExprNode* default_value;
    Intrinsic1 make;
    if (auto* n = try_as<TypeVar>(node)) {
        name = n->name, bound = n->bound, default_value = n->default_value;
        make = Intrinsic1::INTRINSIC_TYPEVAR;
    } else if (auto* n = try_as<TypeVarTuple>(node)) {
        name = n->name, default_value = n->default_value;
        make = Intrinsic1::INTRINSIC_TYPEVARTUPLE;
    } else {
        auto* spec = as<ParamSpec>(node);
        name = spec->name, default_value = spec->default_value;
        make = Intrinsic1::INTRINSIC_PARAMSPEC;
    }
    load_name_const(at, name);
    if (bound != nullptr) {
        if (!type_param_value(bound, name, node, Slot::kBody, false)) return false;
        op(at, Op::CALL_INTRINSIC_2,
           static_cast<int>(is<Tuple>(bound) ? Intrinsic2::INTRINSIC_TYPEVAR_WITH_CONSTRAINTS
                                             : Intrinsic2::INTRINSIC_TYPEVAR_WITH_BOUND));
    } else {
        op(at, Op::CALL_INTRINSIC_1, static_cast<int>(make));
    }
    if (default_value != nullptr) {
        seen_default = true;
        if (!type_param_value(default_value, name, node, Slot::kDefault, is<TypeVarTuple>(node)))
            return false;
        op(at, Op::CALL_INTRINSIC_2, static_cast<int>(Intrinsic2::INTRINSIC_SET_TYPEPARAM_DEFAULT));
    } else if (seen_default) {
        return fail(at, "non-default type parameter '" + std::string(name->view()) +
                            "' follows default type parameter");
    }
    op(at, Op::COPY, 1);
    store(at, name);
    return true;
}

bool CodeGenerator::type_params(Seq<TypeParamNode*> params) {
    bool seen_default = false;
    for (const TypeParamNode* p : params) {
        if (!type_param(p, seen_default)) return false;
    }
    op(location_of(params[0]), Op::BUILD_TUPLE, static_cast<int>(params.size()));
    return true;
}

bool CodeGenerator::visit_type_alias(const TypeAlias* node) {
    Location at = location_of(node);
    const Identifier* name = as<Name>(node->name)->id;
    bool generic = !node->type_params.empty();
    if (generic) {
        std::string scope_name = "<generic parameters of " + std::string(name->view()) + ">";
        if (!enter_scope(id(scope_name), ScopeKind::kTypeParams, symbols_.block_of(node, Slot::kTypeParams),
                         at.line, nullptr)) {
            return false;
        }
        load_name_const(at, name);
        if (!type_params(node->type_params)) return false;
    } else {
        load_name_const(at, name);
        load_none(at);
    }
    const krait::Constant* one = int_constant(arena_, 1);
    load_const(at, tuple_constant(arena_, {&one, 1}));
    if (!enter_annotations_scope(at, symbols_.block_of(node), name) || !visit(node->value)) return false;
    op(at, Op::RETURN_VALUE);
    Closure closure = finish_scope(false);
    if (!closure) return false;
    make_closure(at, closure, kFunctionDEFAULTS);
    op(at, Op::BUILD_TUPLE, 3);
    op(at, Op::CALL_INTRINSIC_1, static_cast<int>(Intrinsic1::INTRINSIC_TYPEALIAS));
    if (generic) {
        Closure outer = finish_scope(false);
        if (!outer) return false;
        make_closure(at, outer, 0);
        op(at, Op::PUSH_NULL);
        op(at, Op::CALL, 0);
    }
    store(at, name);
    return true;
}

}  // namespace krait
