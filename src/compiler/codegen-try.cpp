#include "compiler/codegen.h"
#include "compiler/conditional-block.h"

namespace krait {

using namespace ast;

// ---- unwinding ----

bool CodeGenerator::push_block(FrameBlockKind kind, Location at, Label block, Label exit) {
    constexpr size_t kMostBlocks = 21;
    if (unit().frame_blocks.size() >= kMostBlocks) return fail(at, "too many statically nested blocks");
    unit().frame_blocks.push_back({kind, block, exit, at, {}, nullptr});
    return true;
}

// Cleans up for every block from the innermost outwards. With `loop`, stops at the first loop and returns it.
bool CodeGenerator::unwind_all(Location& at, bool preserve_top, FrameBlock* loop, bool& found) {
    std::vector<FrameBlock>& blocks = unit().frame_blocks;
    found = false;
    if (blocks.empty()) return true;
    if (too_deep()) return false;
    FrameBlock top = blocks.back();
    if (top.kind == FrameBlockKind::kExceptionGroupHandler) {
        return fail(at, "'break', 'continue' and 'return' cannot appear in an except* block");
    }
    bool is_loop = top.kind == FrameBlockKind::kWhileLoop || top.kind == FrameBlockKind::kForLoop ||
                   top.kind == FrameBlockKind::kAsyncForLoop;
    if (loop != nullptr && is_loop) {
        *loop = top;
        found = true;
        return true;
    }
    // A block's clean-up code is outside of the block.
    blocks.pop_back();
    if (!unwind(at, top, preserve_top) || !unwind_all(at, preserve_top, loop, found)) return false;
    unit().frame_blocks.push_back(top);
    return true;
}

bool CodeGenerator::unwind(Location& at, const FrameBlock& block, bool preserve_top) {
    auto swap_if_preserved = [&] {
        if (preserve_top) op(at, Op::SWAP, 2);
    };
    switch (block.kind) {
        case FrameBlockKind::kWhileLoop:
        case FrameBlockKind::kExceptionHandler:
        case FrameBlockKind::kExceptionGroupHandler:
        case FrameBlockKind::kAsyncComprehensionGenerator:
        case FrameBlockKind::kStopIteration:
            return true;
        case FrameBlockKind::kForLoop:
        case FrameBlockKind::kAsyncForLoop:
        case FrameBlockKind::kPopValue:
            swap_if_preserved();
            op(at, Op::POP_TOP);
            return true;
        case FrameBlockKind::kTryExcept:
            op(at, Op::POP_BLOCK);
            return true;
        case FrameBlockKind::kFinallyTry:
            op(at, Op::POP_BLOCK);
            if (preserve_top && !push_block(FrameBlockKind::kPopValue, at, {})) return false;
            if (!visit_all(block.finally_body)) return false;
            if (preserve_top) pop_block();
            // What follows seems to run after the finally block, at no place.
            at = kNoLocation;
            return true;
        case FrameBlockKind::kFinallyEnd:
            swap_if_preserved();
            op(at, Op::POP_TOP);
            swap_if_preserved();
            op(at, Op::POP_BLOCK);
            op(at, Op::POP_EXCEPT);
            return true;
        case FrameBlockKind::kWith:
        case FrameBlockKind::kAsyncWith:
            at = block.location;
            op(at, Op::POP_BLOCK);
            if (preserve_top) {
                op(at, Op::SWAP, 3);
                op(at, Op::SWAP, 2);
            }
            call_exit_with_nones(at);
            if (block.kind == FrameBlockKind::kAsyncWith) {
                op(at, Op::GET_AWAITABLE, 2);
                load_none(at);
                yield_from(at, new_label(), true);
            }
            op(at, Op::POP_TOP);
            // The exit is artificial, it must not show as the line of the with.
            at = kNoLocation;
            return true;
        case FrameBlockKind::kHandlerCleanup:
            if (block.handler_name != nullptr) op(at, Op::POP_BLOCK);
            swap_if_preserved();
            op(at, Op::POP_BLOCK);
            op(at, Op::POP_EXCEPT);
            if (block.handler_name != nullptr) {
                load_none(at);
                store(at, block.handler_name);
                del(at, block.handler_name);
            }
            return true;
    }
    return true;
}

// ---- try ----

bool CodeGenerator::visit_try(const StmtNode* node) {
    ConditionalBlock conditional(unit());
    switch (node->kind) {
        case Kind::Try: {
            auto* n = as<Try>(node);
            return n->finalbody.empty() ? try_except(n) : try_finally(n);
        }
        case Kind::TryStar: {
            auto* n = as<TryStar>(node);
            return n->finalbody.empty() ? try_star_except(n) : try_finally(n);
        }
        case Kind::With:
            return visit_with(as<With>(node), 0, false);
        default:
            return visit_with(as<AsyncWith>(node), 0, true);
    }
}

template <typename T>
bool CodeGenerator::try_finally(const T* node) {
    Location at = location_of(node);
    Label body = new_label(), end = new_label(), exit = new_label(), cleanup = new_label();
    jump(at, Op::SETUP_FINALLY, end);
    use(body);
    if (!push_block(FrameBlockKind::kFinallyTry, at, body, end)) return false;
    unit().frame_blocks.back().finally_body = node->finalbody;
    if (node->handlers.empty()) {
        if (!visit_all(node->body)) return false;
    } else if (!try_inner(node)) {
        return false;
    }
    op(kNoLocation, Op::POP_BLOCK);
    pop_block();
    if (!visit_all(node->finalbody)) return false;
    jump(kNoLocation, Op::JUMP_NO_INTERRUPT, exit);

    use(end);
    if (!push_block(FrameBlockKind::kFinallyEnd, at, end)) return false;
    jump(kNoLocation, Op::SETUP_CLEANUP, cleanup);
    op(kNoLocation, Op::PUSH_EXC_INFO);
    warnings_off_++;  // the same code once more
    if (!visit_all(node->finalbody)) return false;
    warnings_off_--;
    pop_block();
    op(kNoLocation, Op::RERAISE, 0);
    use(cleanup);
    pop_except_and_reraise(kNoLocation);
    use(exit);
    return true;
}

// name = None; del name: an exception's name does not outlive its handler.
void CodeGenerator::clear_name(const Identifier* name) {
    load_none(kNoLocation);
    store(kNoLocation, name);
    del(kNoLocation, name);
}

bool CodeGenerator::try_except(const Try* node) {
    Location at = location_of(node);
    Label body = new_label(), except = new_label(), end = new_label(), cleanup = new_label();
    jump(at, Op::SETUP_FINALLY, except);
    use(body);
    if (!push_block(FrameBlockKind::kTryExcept, at, body)) return false;
    if (!visit_all(node->body)) return false;
    pop_block();
    op(kNoLocation, Op::POP_BLOCK);
    if (!visit_all(node->orelse)) return false;
    jump(kNoLocation, Op::JUMP_NO_INTERRUPT, end);
    use(except);
    jump(kNoLocation, Op::SETUP_CLEANUP, cleanup);
    op(kNoLocation, Op::PUSH_EXC_INFO);
    if (!push_block(FrameBlockKind::kExceptionHandler, at, {})) return false;
    for (size_t i = 0; i < node->handlers.size(); i++) {
        auto* h = as<ExceptHandler>(node->handlers[i]);
        at = location_of(h);
        if (h->type == nullptr && i + 1 < node->handlers.size()) {
            return fail(at, "default 'except:' must be last");
        }
        Label next = new_label();
        if (h->type != nullptr) {
            if (!visit(h->type)) return false;
            op(at, Op::CHECK_EXC_MATCH);
            jump(at, Op::POP_JUMP_IF_FALSE, next);
        }
        Label cleanup_body = new_label();
        if (h->name != nullptr) {
            Label cleanup_end = new_label();
            store(at, h->name);
            jump(at, Op::SETUP_CLEANUP, cleanup_end);
            use(cleanup_body);
            if (!push_block(FrameBlockKind::kHandlerCleanup, at, cleanup_body)) return false;
            unit().frame_blocks.back().handler_name = h->name;
            if (!visit_all(h->body)) return false;
            pop_block();
            op(kNoLocation, Op::POP_BLOCK);
            op(kNoLocation, Op::POP_BLOCK);
            op(kNoLocation, Op::POP_EXCEPT);
            clear_name(h->name);
            jump(kNoLocation, Op::JUMP_NO_INTERRUPT, end);
            use(cleanup_end);
            clear_name(h->name);
            op(kNoLocation, Op::RERAISE, 1);
        } else {
            op(at, Op::POP_TOP);
            use(cleanup_body);
            if (!push_block(FrameBlockKind::kHandlerCleanup, at, cleanup_body)) return false;
            if (!visit_all(h->body)) return false;
            pop_block();
            op(kNoLocation, Op::POP_BLOCK);
            op(kNoLocation, Op::POP_EXCEPT);
            jump(kNoLocation, Op::JUMP_NO_INTERRUPT, end);
        }
        use(next);
    }
    op(kNoLocation, Op::RERAISE, 0);
    pop_block();
    use(cleanup);
    pop_except_and_reraise(kNoLocation);
    use(end);
    return true;
}

// While the handlers run, a list of the exceptions they raise lies under the part of the group that is not
// handled yet; the end puts both together.
bool CodeGenerator::try_star_except(const TryStar* node) {
    Location at = location_of(node);
    Label body = new_label(), except = new_label(), orelse = new_label(), end = new_label();
    Label cleanup = new_label(), reraise_star = new_label();
    jump(at, Op::SETUP_FINALLY, except);
    use(body);
    if (!push_block(FrameBlockKind::kTryExcept, at, body)) return false;
    if (!visit_all(node->body)) return false;
    pop_block();
    op(kNoLocation, Op::POP_BLOCK);
    jump(kNoLocation, Op::JUMP_NO_INTERRUPT, orelse);
    use(except);
    jump(kNoLocation, Op::SETUP_CLEANUP, cleanup);
    op(kNoLocation, Op::PUSH_EXC_INFO);
    if (!push_block(FrameBlockKind::kExceptionGroupHandler, at, {})) return false;
    for (size_t i = 0; i < node->handlers.size(); i++) {
        auto* h = as<ExceptHandler>(node->handlers[i]);
        at = location_of(h);
        Label next = new_label(), next_with_error = new_label(), no_match = new_label();
        if (i == 0) {
            op(at, Op::BUILD_LIST, 0);
            op(at, Op::COPY, 2);
        }
        if (h->type != nullptr) {
            if (!visit(h->type)) return false;
            op(at, Op::CHECK_EG_MATCH);
            op(at, Op::COPY, 1);
            jump(at, Op::POP_JUMP_IF_NONE, no_match);
        }
        Label cleanup_end = new_label(), cleanup_body = new_label();
        if (h->name != nullptr) {
            store(at, h->name);
        } else {
            op(at, Op::POP_TOP);
        }
        jump(at, Op::SETUP_CLEANUP, cleanup_end);
        use(cleanup_body);
        if (!push_block(FrameBlockKind::kHandlerCleanup, at, cleanup_body)) return false;
        unit().frame_blocks.back().handler_name = h->name;
        if (!visit_all(h->body)) return false;
        pop_block();
        op(kNoLocation, Op::POP_BLOCK);
        if (h->name != nullptr) clear_name(h->name);
        jump(kNoLocation, Op::JUMP_NO_INTERRUPT, next);

        use(cleanup_end);
        if (h->name != nullptr) clear_name(h->name);
        op(kNoLocation, Op::LIST_APPEND, 3);
        op(kNoLocation, Op::POP_TOP);  // the last instruction
        jump(kNoLocation, Op::JUMP_NO_INTERRUPT, next_with_error);

        use(next);
        op(kNoLocation, Op::NOP);  // bears a place
        jump(kNoLocation, Op::JUMP_NO_INTERRUPT, next_with_error);
        use(no_match);
        op(at, Op::POP_TOP);
        use(next_with_error);
        if (i + 1 == node->handlers.size()) {
            op(kNoLocation, Op::LIST_APPEND, 1);  // what nobody handled, or None
            jump(kNoLocation, Op::JUMP_NO_INTERRUPT, reraise_star);
        }
    }
    pop_block();
    Label reraise = new_label();
    use(reraise_star);
    op(kNoLocation, Op::CALL_INTRINSIC_2, static_cast<int>(Intrinsic2::INTRINSIC_PREP_RERAISE_STAR));
    op(kNoLocation, Op::COPY, 1);
    jump(kNoLocation, Op::POP_JUMP_IF_NOT_NONE, reraise);
    op(kNoLocation, Op::POP_TOP);
    op(kNoLocation, Op::POP_BLOCK);
    op(kNoLocation, Op::POP_EXCEPT);
    jump(kNoLocation, Op::JUMP_NO_INTERRUPT, end);
    use(reraise);
    op(kNoLocation, Op::POP_BLOCK);
    op(kNoLocation, Op::SWAP, 2);
    op(kNoLocation, Op::POP_EXCEPT);
    op(kNoLocation, Op::RERAISE, 0);
    use(cleanup);
    pop_except_and_reraise(kNoLocation);
    use(orelse);
    if (!visit_all(node->orelse)) return false;
    use(end);
    return true;
}

// ---- with ----

void CodeGenerator::call_exit_with_nones(Location at) {
    for (int i = 0; i < 3; i++) load_none(at);
    op(at, Op::CALL, 3);
}

template <typename T>
bool CodeGenerator::visit_with(const T* node, size_t index, bool is_async) {
    if (too_deep()) return false;
    const WithItem* item = node->items[index];
    Label block = new_label(), final = new_label(), exit = new_label(), cleanup = new_label();
    if (!visit(item->context_expr)) return false;
    Location at = location_of(item->context_expr);
    auto await = [&](int kind) {
        op(at, Op::GET_AWAITABLE, kind);
        load_none(at);
        yield_from(at, new_label(), true);
    };
    op(at, Op::COPY, 1);
    op(at, Op::LOAD_SPECIAL, static_cast<int>(is_async ? SpecialMethod::AEXIT : SpecialMethod::EXIT));
    op(at, Op::SWAP, 2);
    op(at, Op::SWAP, 3);
    op(at, Op::LOAD_SPECIAL, static_cast<int>(is_async ? SpecialMethod::AENTER : SpecialMethod::ENTER));
    op(at, Op::CALL, 0);
    if (is_async) await(1);
    jump(at, Op::SETUP_WITH, final);
    use(block);
    if (!push_block(is_async ? FrameBlockKind::kAsyncWith : FrameBlockKind::kWith, at, block, final))
        return false;
    if (item->optional_vars != nullptr) {
        if (!visit(item->optional_vars)) return false;
    } else {
        op(at, Op::POP_TOP);
    }
    if (index + 1 == node->items.size()) {
        if (!visit_all(node->body)) return false;
    } else if (!visit_with(node, index + 1, is_async)) {
        return false;
    }
    pop_block();
    op(is_async ? at : kNoLocation, Op::POP_BLOCK);
    call_exit_with_nones(at);
    if (is_async) await(2);
    op(at, Op::POP_TOP);
    jump(at, Op::JUMP, exit);

    use(final);
    jump(at, Op::SETUP_CLEANUP, cleanup);
    op(at, Op::PUSH_EXC_INFO);
    op(at, Op::WITH_EXCEPT_START);
    if (is_async) await(2);
    with_except_finish(cleanup);
    use(exit);
    return true;
}

void CodeGenerator::with_except_finish(Label cleanup) {
    Label suppress = new_label(), exit = new_label();
    op(kNoLocation, Op::TO_BOOL);
    jump(kNoLocation, Op::POP_JUMP_IF_TRUE, suppress);
    op(kNoLocation, Op::RERAISE, 2);
    use(suppress);
    op(kNoLocation, Op::POP_TOP);
    op(kNoLocation, Op::POP_BLOCK);
    op(kNoLocation, Op::POP_EXCEPT);
    for (int i = 0; i < 3; i++) op(kNoLocation, Op::POP_TOP);
    jump(kNoLocation, Op::JUMP_NO_INTERRUPT, exit);
    use(cleanup);
    pop_except_and_reraise(kNoLocation);
    use(exit);
}

}  // namespace krait
