#include "compiler/codegen.h"

namespace krait {

using namespace ast;

bool CodeGenerator::visit_call(const Call* node) {
    if (!check_keywords(node->keywords)) return false;
    if (can_call_method(node)) return method_call(node);
    if (!check_caller(node->func) || !visit(node->func)) return false;
    Label end = new_label();
    bool handled = false;
    if (!builtin_over_generator(node, end, handled)) return false;
    op(location_of(node->func), Op::PUSH_NULL);
    if (!call_arguments(location_of(node), 0, node->args, nullptr, node->keywords)) return false;
    use(end);
    return true;
}

bool CodeGenerator::check_keywords(Seq<Keyword*> keywords) {
    IdentifierMap<int> uses;
    bool many = keywords.size() > 8;
    for (const Keyword* k : keywords)
        if (many && k->arg != nullptr) uses[k->arg]++;
    // The first name that comes again is the one to report, where it comes again first.
    for (size_t i = 0; i < keywords.size(); i++) {
        const Identifier* name = keywords[i]->arg;
        if (name == nullptr || (many && uses[name] == 1)) continue;
        for (size_t j = i + 1; j < keywords.size(); j++) {
            if (keywords[j]->arg != name) continue;
            return fail(location_of(keywords[j]), "keyword argument repeated: " + std::string(name->view()));
        }
    }
    return true;
}

// ---- methods ----

// x.name(...) loads the method without binding it, unless x is a module that this module imports: there the
// attribute is a plain function.
bool CodeGenerator::can_call_method(const Call* node) const {
    auto* method = try_as<Attribute>(node->func);
    if (method == nullptr || method->ctx != ExprContext::Load) return false;
    if (auto* name = try_as<Name>(method->value)) {
        if ((symbols_.top()->symbol(name->id) & kDefImport) != 0) return false;
    }
    size_t args = node->args.size(), keywords = node->keywords.size();
    if (args + keywords + (keywords != 0) >= kStackUseGuideline) return false;
    for (const ExprNode* a : node->args) {
        if (is<Starred>(a)) return false;
    }
    for (const Keyword* k : node->keywords) {
        if (k->arg == nullptr) return false;
    }
    return true;
}

bool CodeGenerator::method_call(const Call* node) {
    auto* method = as<Attribute>(node->func);
    Location at = location_of(method);
    if (can_optimize_super(method)) {
        auto* super_call = as<Call>(method->value);
        if (!load_super_args(super_call)) return false;
        name_op(at, Op::LOAD_SUPER_ATTR, method->attr, 2,
                1 | (super_call->args.empty() ? 0 : kSuperTwoArguments));
        op(attribute_location(at, method), Op::NOP);
    } else {
        if (!visit(method->value)) return false;
        load_attr(attribute_location(at, method), method->attr, true);
    }
    if (!visit_all(node->args)) return false;
    int argc = static_cast<int>(node->args.size() + node->keywords.size());
    if (node->keywords.empty()) {
        op(attribute_location(location_of(node), method), Op::CALL, argc);
        return true;
    }
    for (const Keyword* k : node->keywords) {
        if (!visit(k->value)) return false;
    }
    call_kw(attribute_location(at, method), attribute_location(location_of(node), method), node->keywords,
            argc);
    return true;
}

// super() and super(a, b) are called without making the super object when "super" can only be the builtin.
bool CodeGenerator::can_optimize_super(const Attribute* node) const {
    if (node->ctx != ExprContext::Load) return false;
    auto* call = try_as<Call>(node->value);
    if (call == nullptr || !call->keywords.empty()) return false;
    auto* function = try_as<Name>(call->func);
    if (function == nullptr || function->id->view() != "super" || node->attr->view() == "__class__") {
        return false;
    }
    const Unit& u = unit();
    if (u.block->scope(function->id) != NameScope::kGlobalImplicit) return false;
    if (symbols_.top()->scope(function->id) != NameScope::kUnknown) return false;
    if (call->args.size() == 2) return !is<Starred>(call->args[0]) && !is<Starred>(call->args[1]);
    if (!call->args.empty()) return false;
    // Without arguments: needs a first parameter and the __class__ cell.
    if (u.code.argcount == 0) return false;
    return u.block->scope(identifiers_.intern("__class__")) == NameScope::kFree;
}

bool CodeGenerator::load_super_args(const Call* super_call) {
    Location at = location_of(super_call);
    load(location_of(super_call->func), as<Name>(super_call->func)->id);
    if (!super_call->args.empty()) return visit_all(super_call->args);
    load(at, id("__class__"));
    load(at, unit().varnames.entry(0).name);
    return true;
}

// ---- all(), any() and tuple() of a generator expression ----

// Runs the loop here when the name still means the builtin.
bool CodeGenerator::builtin_over_generator(const Call* node, Label end, bool& handled) {
    auto* function = try_as<Name>(node->func);
    if (function == nullptr || node->args.size() != 1 || !node->keywords.empty() ||
        !is<GeneratorExp>(node->args[0]) || symbols_.block_of(node->args[0])->coroutine) {
        return true;
    }
    std::string_view name = function->id->view();
    bool all = name == "all", any = name == "any", tuple = name == "tuple";
    if (!all && !any && !tuple) return true;
    handled = true;
    Location at = location_of(node->func);
    Label loop = new_label(), cleanup = new_label(), ordinary = new_label();
    CommonConstant builtin = all ? CommonConstant::all : any ? CommonConstant::any : CommonConstant::tuple;
    op(at, Op::COPY, 1);
    op(at, Op::LOAD_COMMON_CONSTANT, static_cast<int>(builtin));
    compare(at, CompareOperator::Is);
    jump(at, Op::POP_JUMP_IF_FALSE, ordinary);
    op(at, Op::POP_TOP);
    if (tuple) op(at, Op::BUILD_LIST, 0);
    if (!visit(node->args[0])) return false;
    use(loop);
    jump(at, Op::FOR_ITER, cleanup);
    if (tuple) {
        op(at, Op::LIST_APPEND, 2);
        jump(at, Op::JUMP, loop);
    } else {
        op(at, Op::TO_BOOL);
        jump(at, all ? Op::POP_JUMP_IF_TRUE : Op::POP_JUMP_IF_FALSE, loop);
    }
    op(kNoLocation, Op::POP_ITER);
    if (!tuple) load_const(at, bool_constant(any));
    jump(at, Op::JUMP, end);
    use(cleanup);
    op(kNoLocation, Op::END_FOR);
    op(kNoLocation, Op::POP_ITER);
    if (tuple) {
        op(at, Op::CALL_INTRINSIC_1, static_cast<int>(Intrinsic1::INTRINSIC_LIST_TO_TUPLE));
    } else {
        load_const(at, bool_constant(all));
    }
    jump(at, Op::JUMP, end);
    use(ordinary);
    return true;
}

// ---- arguments ----

// Calls what lies below `pushed` positional arguments on the stack. `injected`: a name to load behind the
// positional arguments.
bool CodeGenerator::call_arguments(Location at, int pushed, Seq<ExprNode*> args, const Identifier* injected,
                                   Seq<Keyword*> keywords) {
    if (!check_keywords(keywords)) return false;
    bool unpacked = args.size() + keywords.size() * 2 > kStackUseGuideline;
    for (const ExprNode* a : args) unpacked |= is<Starred>(a);
    for (const Keyword* k : keywords) unpacked |= k->arg == nullptr;
    if (unpacked) return call_unpacked(at, pushed, args, injected, keywords);
    if (!visit_all(args)) return false;
    int argc = pushed + static_cast<int>(args.size() + keywords.size());
    if (injected != nullptr) {
        load(at, injected);
        argc++;
    }
    if (keywords.empty()) {
        op(at, Op::CALL, argc);
        return true;
    }
    for (const Keyword* k : keywords) {
        if (!visit(k->value)) return false;
    }
    call_kw(at, at, keywords, argc);
    return true;
}

void CodeGenerator::call_kw(Location names_at, Location at, Seq<Keyword*> keywords, int argc) {
    std::vector<const krait::Constant*> names;
    for (const Keyword* k : keywords) names.push_back(str_constant(arena_, k->arg->view()));
    load_const(names_at, tuple_constant(arena_, names));
    op(at, Op::CALL_KW, argc);
}

bool CodeGenerator::call_unpacked(Location at, int pushed, Seq<ExprNode*> args, const Identifier* injected,
                                  Seq<Keyword*> keywords) {
    if (pushed == 0 && injected == nullptr && args.size() == 1 && is<Starred>(args[0])) {
        if (!visit(as<Starred>(args[0])->value)) return false;
    } else if (!star_unpack(at, args, injected, pushed, Op::BUILD_LIST, Op::LIST_APPEND, Op::LIST_EXTEND,
                            true)) {
        return false;
    }
    if (keywords.empty()) {
        op(at, Op::PUSH_NULL);
        op(at, Op::CALL_FUNCTION_EX);
        return true;
    }
    bool have_dict = false;
    size_t named = 0;
    auto flush = [&](size_t end) {
        if (!keyword_dict(at, keywords, end - named, end)) return false;
        if (have_dict) op(at, Op::DICT_MERGE, 1);
        have_dict = true;
        named = 0;
        return true;
    };
    for (size_t i = 0; i < keywords.size(); i++) {
        if (keywords[i]->arg != nullptr) {
            named++;
            continue;
        }
        if (named > 0 && !flush(i)) return false;
        if (!have_dict) op(at, Op::BUILD_MAP, 0);
        have_dict = true;
        if (!visit(keywords[i]->value)) return false;
        op(at, Op::DICT_MERGE, 1);
    }
    if (named > 0 && !flush(keywords.size())) return false;
    op(at, Op::CALL_FUNCTION_EX);
    return true;
}

bool CodeGenerator::keyword_dict(Location at, Seq<Keyword*> keywords, size_t begin, size_t end) {
    bool big = (end - begin) * 2 > kStackUseGuideline;
    if (big) op(kNoLocation, Op::BUILD_MAP, 0);
    for (size_t i = begin; i < end; i++) {
        load_name_const(at, keywords[i]->arg);
        if (!visit(keywords[i]->value)) return false;
        if (big) op(kNoLocation, Op::MAP_ADD, 1);
    }
    if (!big) op(at, Op::BUILD_MAP, static_cast<int>(end - begin));
    return true;
}

}  // namespace krait
