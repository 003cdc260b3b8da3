#include <algorithm>
#include <unordered_map>

#include "compiler/codegen.h"
#include "compiler/constant-util.h"

namespace krait {

using namespace ast;

// While a pattern is matched, the names it captures lie on the stack under what is still to be looked at;
// `fail_pop[n]` is where to go on failure with n values to pop.
struct CodeGenerator::PatternContext {
    std::vector<const Identifier*> stores;
    std::vector<Label> fail_pop;
    size_t on_top = 0;  // values above the captures that belong to the match
    bool allow_irrefutable = false;
};

namespace {

bool is_wildcard(const PatternNode* p) {
    auto* n = try_as<MatchAs>(p);
    return n != nullptr && n->name == nullptr && n->pattern == nullptr;
}

bool is_wildcard_star(const PatternNode* p) {
    auto* n = try_as<MatchStar>(p);
    return n != nullptr && n->name == nullptr;
}

std::string quoted(const Identifier* name) { return repr_of_str(name->view()); }

}  // namespace

// ---- helpers ----

void CodeGenerator::ensure_fail_pop(PatternContext& pc, size_t n) {
    while (pc.fail_pop.size() <= n) pc.fail_pop.push_back(new_label());
}

void CodeGenerator::jump_to_fail_pop(Location at, PatternContext& pc, Op o) {
    size_t pops = pc.on_top + pc.stores.size();
    ensure_fail_pop(pc, pops);
    jump(at, o, pc.fail_pop[pops]);
}

void CodeGenerator::emit_fail_pop(Location at, PatternContext& pc) {
    if (pc.fail_pop.empty()) return;
    for (size_t i = pc.fail_pop.size(); i-- > 1;) {
        use(pc.fail_pop[i]);
        op(at, Op::POP_TOP);
    }
    use(pc.fail_pop[0]);
    pc.fail_pop.clear();
}

// Moves the top of the stack down by count - 1.
void CodeGenerator::rotate(Location at, size_t count) {
    while (count > 1) op(at, Op::SWAP, static_cast<int>(count--));
}

bool CodeGenerator::fail_duplicate_store(Location at, const Identifier* name) {
    return fail(at, "multiple assignments to name " + quoted(name) + " in pattern");
}

bool CodeGenerator::pattern_store(Location at, const Identifier* name, PatternContext& pc) {
    if (name == nullptr) {
        op(at, Op::POP_TOP);
        return true;
    }
    if (std::find(pc.stores.begin(), pc.stores.end(), name) != pc.stores.end()) {
        return fail_duplicate_store(at, name);
    }
    rotate(at, pc.on_top + pc.stores.size() + 1);
    pc.stores.push_back(name);
    return true;
}

// ---- the statement ----

bool CodeGenerator::visit_match(const Match* node) {
    if (!visit(node->subject)) return false;
    bool before = unit().in_conditional_block;
    unit().in_conditional_block = true;
    Label end = new_label();
    size_t cases = node->cases.size();
    bool has_default = cases > 1 && is_wildcard(node->cases[cases - 1]->pattern);
    PatternContext pc;
    for (size_t i = 0; i < cases - has_default; i++) {
        const MatchCase* m = node->cases[i];
        Location at = location_of(m->pattern);
        bool last = i + 1 == cases - has_default;
        if (!last) op(at, Op::COPY, 1);
        pc = {};
        pc.allow_irrefutable = m->guard != nullptr || i + 1 == cases;
        if (!pattern(m->pattern, pc)) return false;
        for (const Identifier* name : pc.stores) store(at, name);
        if (m->guard != nullptr) {
            ensure_fail_pop(pc, 0);
            if (!jump_if(at, m->guard, pc.fail_pop[0], false)) return false;
        }
        if (!last) op(kNextLocation, Op::POP_TOP);
        if (!visit_all(m->body)) return false;
        jump(kNoLocation, Op::JUMP, end);
        emit_fail_pop(at, pc);
    }
    if (has_default) {
        // "case _:" tests nothing.
        const MatchCase* m = node->cases[cases - 1];
        Location at = location_of(m->pattern);
        op(at, Op::NOP);
        if (m->guard != nullptr && !jump_if(at, m->guard, end, false)) return false;
        if (!visit_all(m->body)) return false;
    }
    use(end);
    unit().in_conditional_block = before;
    return true;
}

bool CodeGenerator::pattern(const PatternNode* node, PatternContext& pc) {
    if (too_deep()) return false;
    Location at = location_of(node);
    switch (node->kind) {
        case Kind::MatchValue:
            return pattern_value(as<MatchValue>(node), pc);
        case Kind::MatchSingleton:
            load_const(at, as<MatchSingleton>(node)->value);
            compare(at, CompareOperator::Is);
            jump_to_fail_pop(at, pc, Op::POP_JUMP_IF_FALSE);
            return true;
        case Kind::MatchSequence:
            return pattern_sequence(as<MatchSequence>(node), pc);
        case Kind::MatchMapping:
            return pattern_mapping(as<MatchMapping>(node), pc);
        case Kind::MatchClass:
            return pattern_class(as<MatchClass>(node), pc);
        case Kind::MatchStar:
            return pattern_store(at, as<MatchStar>(node)->name, pc);
        case Kind::MatchAs:
            return pattern_as(as<MatchAs>(node), pc);
        case Kind::MatchOr:
            return pattern_or(as<MatchOr>(node), pc);
        default:
            return fail_internal("invalid match pattern node in AST");
    }
}

bool CodeGenerator::subpattern(const PatternNode* node, PatternContext& pc) {
    bool before = pc.allow_irrefutable;
    pc.allow_irrefutable = true;
    if (!pattern(node, pc)) return false;
    pc.allow_irrefutable = before;
    return true;
}

bool CodeGenerator::pattern_value(const MatchValue* node, PatternContext& pc) {
    Location at = location_of(node);
    if (!is<ast::Constant>(node->value) && !is<Attribute>(node->value)) {
        return fail(at, "patterns may only match literals and attribute lookups");
    }
    if (!visit(node->value)) return false;
    compare(at, CompareOperator::Eq);
    op(at, Op::TO_BOOL);
    jump_to_fail_pop(at, pc, Op::POP_JUMP_IF_FALSE);
    return true;
}

bool CodeGenerator::pattern_as(const MatchAs* node, PatternContext& pc) {
    Location at = location_of(node);
    if (node->pattern == nullptr) {
        if (!pc.allow_irrefutable) {
            if (node->name == nullptr) return fail(at, "wildcard makes remaining patterns unreachable");
            return fail(at, "name capture " + quoted(node->name) + " makes remaining patterns unreachable");
        }
        return pattern_store(at, node->name, pc);
    }
    pc.on_top++;
    op(at, Op::COPY, 1);
    if (!pattern(node->pattern, pc)) return false;
    pc.on_top--;
    return pattern_store(at, node->name, pc);
}

// ---- sequences ----

bool CodeGenerator::pattern_sequence(const MatchSequence* node, PatternContext& pc) {
    Location at = location_of(node);
    size_t size = node->patterns.size();
    size_t star = size;
    bool only_wildcards = true, star_wildcard = false;
    for (size_t i = 0; i < size; i++) {
        const PatternNode* p = node->patterns[i];
        if (is<MatchStar>(p)) {
            if (star != size) return fail(at, "multiple starred names in sequence pattern");
            star = i;
            star_wildcard = is_wildcard_star(p);
            only_wildcards &= star_wildcard;
        } else {
            only_wildcards &= is_wildcard(p);
        }
    }
    bool starred = star != size;
    pc.on_top++;
    op(at, Op::MATCH_SEQUENCE);
    jump_to_fail_pop(at, pc, Op::POP_JUMP_IF_FALSE);
    if (!starred) {
        op(at, Op::GET_LEN);
        load_int(at, static_cast<int64_t>(size));
        compare(at, CompareOperator::Eq);
        jump_to_fail_pop(at, pc, Op::POP_JUMP_IF_FALSE);
    } else if (size > 1) {
        op(at, Op::GET_LEN);
        load_int(at, static_cast<int64_t>(size) - 1);
        compare(at, CompareOperator::GtE);
        jump_to_fail_pop(at, pc, Op::POP_JUMP_IF_FALSE);
    }
    pc.on_top--;
    if (only_wildcards) {
        op(at, Op::POP_TOP);
        return true;
    }
    return star_wildcard ? pattern_subscript(at, node->patterns, star, pc)
                         : pattern_unpack(at, node->patterns, pc);
}

bool CodeGenerator::pattern_unpack(Location at, Seq<PatternNode*> patterns, PatternContext& pc) {
    size_t n = patterns.size();
    bool star = false;
    for (size_t i = 0; i < n; i++) {
        if (!is<MatchStar>(patterns[i])) continue;
        if (i >= (1 << 8) || n - i - 1 >= (INT32_MAX >> 8)) {
            return fail(at, "too many expressions in star-unpacking sequence pattern");
        }
        op(at, Op::UNPACK_EX, static_cast<int>(i + ((n - i - 1) << 8)));
        star = true;
    }
    if (!star) op(at, Op::UNPACK_SEQUENCE, static_cast<int>(n));
    pc.on_top += n;
    for (const PatternNode* p : patterns) {
        pc.on_top--;
        if (!subpattern(p, pc)) return false;
    }
    return true;
}

// With "*_" the middle is never built: each item is fetched by its index.
bool CodeGenerator::pattern_subscript(Location at, Seq<PatternNode*> patterns, size_t star,
                                      PatternContext& pc) {
    pc.on_top++;
    size_t size = patterns.size();
    for (size_t i = 0; i < size; i++) {
        const PatternNode* p = patterns[i];
        if (is_wildcard(p) || i == star) continue;
        op(at, Op::COPY, 1);
        if (i < star) {
            load_int(at, static_cast<int64_t>(i));
        } else {
            op(at, Op::GET_LEN);
            load_int(at, static_cast<int64_t>(size - i));
            op(at, Op::BINARY_OP, static_cast<int>(BinaryOp::NB_SUBTRACT));
        }
        op(at, Op::BINARY_OP, static_cast<int>(BinaryOp::NB_SUBSCR));
        if (!subpattern(p, pc)) return false;
    }
    pc.on_top--;
    op(at, Op::POP_TOP);
    return true;
}

// ---- mappings and classes ----

bool CodeGenerator::pattern_mapping(const MatchMapping* node, PatternContext& pc) {
    Location at = location_of(node);
    size_t size = node->keys.size();
    if (size != node->patterns.size()) {
        return fail(at, "keys (" + std::to_string(size) + ") / patterns (" +
                            std::to_string(node->patterns.size()) + ") length mismatch in mapping pattern");
    }
    pc.on_top++;
    op(at, Op::MATCH_MAPPING);
    jump_to_fail_pop(at, pc, Op::POP_JUMP_IF_FALSE);
    if (size == 0 && node->rest == nullptr) {
        pc.on_top--;
        op(at, Op::POP_TOP);
        return true;
    }
    if (size > 0) {
        op(at, Op::GET_LEN);
        load_int(at, static_cast<int64_t>(size));
        compare(at, CompareOperator::GtE);
        jump_to_fail_pop(at, pc, Op::POP_JUMP_IF_FALSE);
    }
    std::unordered_multimap<uint64_t, const krait::Constant*> seen;
    for (const ExprNode* key : node->keys) {
        if (auto* constant = try_as<ast::Constant>(key)) {
            auto [first, last] = seen.equal_range(hash_key(constant->value));
            for (; first != last; ++first) {
                if (!equal_keys(first->second, constant->value)) continue;
                return fail(at, "mapping pattern checks duplicate key (" + repr_text(constant->value) + ")");
            }
            seen.emplace(hash_key(constant->value), constant->value);
        } else if (!is<Attribute>(key)) {
            return fail(at, "mapping pattern keys may only match literals and attribute lookups");
        }
        if (!visit(key)) return false;
    }
    op(at, Op::BUILD_TUPLE, static_cast<int>(size));
    op(at, Op::MATCH_KEYS);
    pc.on_top += 2;
    op(at, Op::COPY, 1);
    load_none(at);
    op(at, Op::IS_OP, 1);
    jump_to_fail_pop(at, pc, Op::POP_JUMP_IF_FALSE);
    op(at, Op::UNPACK_SEQUENCE, static_cast<int>(size));
    pc.on_top += size;
    pc.on_top--;
    for (const PatternNode* p : node->patterns) {
        pc.on_top--;
        if (!subpattern(p, pc)) return false;
    }
    pc.on_top -= 2;
    if (node->rest != nullptr) {
        // What is left of the subject: a copy without the keys.
        op(at, Op::BUILD_MAP, 0);
        op(at, Op::SWAP, 3);
        op(at, Op::DICT_UPDATE, 2);
        op(at, Op::UNPACK_SEQUENCE, static_cast<int>(size));
        for (size_t i = size; i > 0; i--) {
            op(at, Op::COPY, 1 + static_cast<int>(i));
            op(at, Op::SWAP, 2);
            op(at, Op::DELETE_SUBSCR);
        }
        return pattern_store(at, node->rest, pc);
    }
    op(at, Op::POP_TOP);
    op(at, Op::POP_TOP);
    return true;
}

bool CodeGenerator::pattern_class(const MatchClass* node, PatternContext& pc) {
    Location at = location_of(node);
    size_t positional = node->patterns.size(), named = node->kwd_attrs.size();
    if (named != node->kwd_patterns.size()) {
        return fail(at, "kwd_attrs (" + std::to_string(named) + ") / kwd_patterns (" +
                            std::to_string(node->kwd_patterns.size()) + ") length mismatch in class pattern");
    }
    for (size_t i = 0; i < named; i++) {
        for (size_t j = i + 1; j < named; j++) {
            if (node->kwd_attrs[i] != node->kwd_attrs[j]) continue;
            return fail(location_of(node->kwd_patterns[j]), "attribute name repeated in class pattern: " +
                                                                std::string(node->kwd_attrs[j]->view()));
        }
    }
    if (!visit(node->cls)) return false;
    std::vector<const krait::Constant*> names;
    for (const Identifier* name : node->kwd_attrs) names.push_back(str_constant(arena_, name->view()));
    load_const(at, tuple_constant(arena_, names));
    op(at, Op::MATCH_CLASS, static_cast<int>(positional));
    op(at, Op::COPY, 1);
    load_none(at);
    op(at, Op::IS_OP, 1);
    pc.on_top++;
    jump_to_fail_pop(at, pc, Op::POP_JUMP_IF_FALSE);
    op(at, Op::UNPACK_SEQUENCE, static_cast<int>(positional + named));
    pc.on_top += positional + named;
    pc.on_top--;
    for (size_t i = 0; i < positional + named; i++) {
        pc.on_top--;
        const PatternNode* p = i < positional ? node->patterns[i] : node->kwd_patterns[i - positional];
        if (is_wildcard(p)) {
            op(at, Op::POP_TOP);
        } else if (!subpattern(p, pc)) {
            return false;
        }
    }
    return true;
}

// ---- alternatives ----

bool CodeGenerator::pattern_or(const MatchOr* node, PatternContext& pc) {
    Location at = location_of(node);
    Label end = new_label();
    size_t size = node->patterns.size();
    PatternContext outer = std::move(pc);
    std::vector<const Identifier*> control;  // what the first alternative captures
    for (size_t a = 0; a < size; a++) {
        const PatternNode* alt = node->patterns[a];
        Location alt_at = location_of(alt);
        pc = {};
        pc.allow_irrefutable = a + 1 == size && outer.allow_irrefutable;
        op(alt_at, Op::COPY, 1);
        if (!pattern(alt, pc)) return false;
        size_t n = pc.stores.size();
        if (a == 0) {
            control = pc.stores;
        } else if (n != control.size()) {
            return fail(at, "alternative patterns bind different names");
        } else {
            // Bring the captures into the order of the first alternative's.
            for (size_t c = n; c-- > 0;) {
                auto it = std::find(pc.stores.begin(), pc.stores.end(), control[c]);
                if (it == pc.stores.end()) return fail(at, "alternative patterns bind different names");
                size_t s = static_cast<size_t>(it - pc.stores.begin());
                if (c == s) continue;
                size_t rotations = s + 1;
                std::vector<const Identifier*> rotated(pc.stores.begin(), pc.stores.begin() + rotations);
                pc.stores.erase(pc.stores.begin(), pc.stores.begin() + rotations);
                pc.stores.insert(pc.stores.begin() + (c - s), rotated.begin(), rotated.end());
                while (rotations-- > 0) rotate(alt_at, c + 1);
            }
        }
        jump(alt_at, Op::JUMP, end);
        emit_fail_pop(alt_at, pc);
    }
    pc = std::move(outer);
    op(at, Op::POP_TOP);
    jump_to_fail_pop(at, pc, Op::JUMP);
    use(end);
    // Put the captures below what must stay on top of them.
    size_t rotations = control.size() + 1 + pc.on_top + pc.stores.size();
    for (const Identifier* name : control) {
        rotate(at, rotations);
        if (std::find(pc.stores.begin(), pc.stores.end(), name) != pc.stores.end()) {
            return fail_duplicate_store(at, name);
        }
        pc.stores.push_back(name);
    }
    op(at, Op::POP_TOP);
    return true;
}

}  // namespace krait
