#include "compiler/codegen.h"

namespace krait {

using namespace ast;

// What the block around an inlined comprehension (PEP 709) gets back when the comprehension is done.
struct CodeGenerator::InlinedComprehension {
    std::vector<std::pair<const Identifier*, uint32_t>> outer_symbols;
    std::vector<const Identifier*> pushed;  // locals whose outer values lie on the stack
    std::vector<const Identifier*> hidden;  // names made fast locals of a class or module
    Label cleanup;
};

bool CodeGenerator::comprehension(const ExprNode* node, const char* name, const CompParts& parts) {
    Location at = location_of(node);
    SymbolBlock* block = symbols_.block_of(node);
    bool inlined = block->comp_inlined;
    bool is_generator = parts.kind == CompKind::kGenerator;
    bool is_async = block->coroutine;
    const Comprehension* outermost = parts.generators[0];
    InlinedComprehension state;
    if (inlined) {
        if (!visit(outermost->iter)) return false;
        op(location_of(outermost->iter), outermost->is_async ? Op::GET_AITER : Op::GET_ITER);
        if (!push_inlined(at, block, state)) return false;
    } else if (!enter_scope(id(name), ScopeKind::kComprehension, block, node->lineno, nullptr, {1})) {
        return false;
    }
    if (!is_generator) {
        op(at,
           parts.kind == CompKind::kList  ? Op::BUILD_LIST
           : parts.kind == CompKind::kSet ? Op::BUILD_SET
                                          : Op::BUILD_MAP,
           0);
        if (inlined) op(at, Op::SWAP, 2);
    }
    if (!comprehension_loop(at, parts, 0, 0, inlined)) return false;
    if (inlined) {
        pop_inlined(at, state);
        return true;
    }
    if (is_generator) {
        wrap_in_stopiteration_handler();
    } else {
        op(at, Op::RETURN_VALUE);
    }
    Closure closure = finish_scope(true);
    if (!closure) return false;
    make_closure(at, closure, 0);
    if (!visit(outermost->iter)) return false;
    op(location_of(outermost->iter), outermost->is_async ? Op::GET_AITER : Op::GET_ITER);
    op(at, Op::CALL, 0);
    if (is_async && !is_generator) {
        op(at, Op::GET_AWAITABLE, 0);
        load_none(at);
        yield_from(at, new_label(), true);
    }
    return true;
}

bool CodeGenerator::comprehension_loop(Location at, const CompParts& parts, size_t index, int depth,
                                       bool on_stack) {
    if (too_deep()) return false;
    return parts.generators[index]->is_async ? comprehension_async(at, parts, index, depth, on_stack)
                                             : comprehension_sync(at, parts, index, depth, on_stack);
}

bool CodeGenerator::comprehension_sync(Location at, const CompParts& parts, size_t index, int depth,
                                       bool on_stack) {
    const Comprehension* gen = parts.generators[index];
    Location iter_at = location_of(gen->iter);
    Label start = new_label(), anchor = new_label();
    bool loop = true;
    if (index == 0) {
        if (!on_stack) op(at, Op::LOAD_FAST, 0);
    } else {
        // "for y in [f(x)]" is an assignment: no loop.
        auto* list = try_as<List>(gen->iter);
        auto* tuple = try_as<Tuple>(gen->iter);
        Seq<ExprNode*> elts = list != nullptr    ? list->elts
                              : tuple != nullptr ? tuple->elts
                                                 : Seq<ExprNode*>();
        if (elts.size() == 1 && !is<Starred>(elts[0])) {
            if (!visit(elts[0])) return false;
            loop = false;
        } else {
            if (!visit(gen->iter)) return false;
            op(iter_at, Op::GET_ITER);
        }
    }
    if (loop) {
        depth++;
        use(start);
        jump(iter_at, Op::FOR_ITER, anchor);
    }
    if (!visit(gen->target)) return false;
    Label if_cleanup = new_label();
    for (const ExprNode* condition : gen->ifs) {
        if (!jump_if(at, condition, if_cleanup, false)) return false;
    }
    Location elt_at;
    if (!comprehension_body(at, parts, index, depth, elt_at)) return false;
    use(if_cleanup);
    if (loop) {
        jump(elt_at, Op::JUMP, start);
        use(anchor);
        op(kNoLocation, Op::END_FOR);
        op(kNoLocation, Op::POP_ITER);
    }
    return true;
}

bool CodeGenerator::comprehension_async(Location at, const CompParts& parts, size_t index, int depth,
                                        bool on_stack) {
    const Comprehension* gen = parts.generators[index];
    Label start = new_label(), send = new_label(), except = new_label(), if_cleanup = new_label();
    if (index == 0) {
        if (!on_stack) op(at, Op::LOAD_FAST, 0);
    } else {
        if (!visit(gen->iter)) return false;
        op(location_of(gen->iter), Op::GET_AITER);
    }
    use(start);
    if (!push_block(FrameBlockKind::kAsyncComprehensionGenerator, at, start)) return false;
    jump(at, Op::SETUP_FINALLY, except);
    op(at, Op::GET_ANEXT);
    load_none(at);
    yield_from(at, send, true);
    op(at, Op::POP_BLOCK);
    if (!visit(gen->target)) return false;
    for (const ExprNode* condition : gen->ifs) {
        if (!jump_if(at, condition, if_cleanup, false)) return false;
    }
    Location elt_at;
    if (!comprehension_body(at, parts, index, depth + 1, elt_at)) return false;
    use(if_cleanup);
    jump(elt_at, Op::JUMP, start);
    pop_block();
    use(except);
    jump(at, Op::END_ASYNC_FOR, send);
    return true;
}

// The loops further in, or behind the last one the element.
bool CodeGenerator::comprehension_body(Location at, const CompParts& parts, size_t index, int depth,
                                       Location& elt_at) {
    elt_at = location_of(parts.elt);
    if (index + 1 < parts.generators.size()) return comprehension_loop(at, parts, index + 1, depth, false);
    if (!visit(parts.elt)) return false;
    switch (parts.kind) {
        case CompKind::kGenerator:
            yield_value(elt_at);
            op(elt_at, Op::POP_TOP);
            break;
        case CompKind::kList:
            op(elt_at, Op::LIST_APPEND, depth + 1);
            break;
        case CompKind::kSet:
            op(elt_at, Op::SET_ADD, depth + 1);
            break;
        case CompKind::kDict:
            if (!visit(parts.value)) return false;
            elt_at.end_line = parts.value->end_lineno;
            elt_at.end_col = parts.value->end_col_offset;
            op(elt_at, Op::MAP_ADD, depth + 1);
            break;
    }
    return true;
}

// ---- inlining ----

bool CodeGenerator::push_inlined(Location at, SymbolBlock* comp, InlinedComprehension& state) {
    Unit& u = unit();
    bool in_class = u.block->type == BlockType::kClass && u.in_inlined_comp == 0;
    u.in_inlined_comp++;
    for (auto& e : comp->symbols) {
        const Identifier* name = e.name;
        bool bound = (e.value & kDefLocal) != 0 && (e.value & kDefNonlocal) == 0;
        // Give the name the comprehension's scope until its end.
        uint32_t outer = u.block->symbol(name);
        NameScope scope = scope_of(e.value), outer_scope = scope_of(outer);
        bool kept = scope == outer_scope || scope == NameScope::kFree ||
                    (scope == NameScope::kCell && outer_scope == NameScope::kFree);
        if (!kept || in_class) {
            state.outer_symbols.emplace_back(name, outer);
            u.block->symbols[name] = e.value;
        }
        if (!bound) continue;
        if (!u.block->is_function_like() && !u.fast_hidden.get(name, false)) {
            u.fast_hidden[name] = true;
            state.hidden.push_back(name);
        }
        // Save the outer value, or the outer cell: the comprehension gets one of its own.
        state.pushed.push_back(name);
        local_op(at, Op::LOAD_FAST_AND_CLEAR, name);
        if (scope == NameScope::kCell) {
            op(at, Op::MAKE_CELL,
               outer_scope == NameScope::kFree ? free_index(name) : index_in(u.cellvars, name));
        }
    }
    if (state.pushed.empty()) return true;
    op(at, Op::SWAP, static_cast<int>(state.pushed.size()) + 1);
    state.cleanup = new_label();
    if (!push_block(FrameBlockKind::kStopIteration, at, state.cleanup)) return false;
    jump(at, Op::SETUP_FINALLY, state.cleanup);
    return true;
}

void CodeGenerator::restore_inlined_locals(Location at, InlinedComprehension& state) {
    op(at, Op::SWAP, static_cast<int>(state.pushed.size()) + 1);
    for (size_t i = state.pushed.size(); i-- > 0;) {
        local_op(at, Op::STORE_FAST_MAYBE_NULL, state.pushed[i]);
    }
}

void CodeGenerator::pop_inlined(Location at, InlinedComprehension& state) {
    Unit& u = unit();
    u.in_inlined_comp--;
    if (!state.pushed.empty()) {
        pop_block();
        op(kNoLocation, Op::POP_BLOCK);
        Label end = new_label();
        jump(kNoLocation, Op::JUMP_NO_INTERRUPT, end);
        use(state.cleanup);
        // The unfinished result goes.
        op(kNoLocation, Op::SWAP, 2);
        op(kNoLocation, Op::POP_TOP);
        restore_inlined_locals(at, state);
        op(kNoLocation, Op::RERAISE, 0);
        use(end);
        restore_inlined_locals(at, state);
    }
    for (auto& [name, symbol] : state.outer_symbols) u.block->symbols[name] = symbol;
    for (const Identifier* name : state.hidden) u.fast_hidden[name] = false;
}

}  // namespace krait
