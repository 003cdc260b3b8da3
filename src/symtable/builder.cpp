#include "symtable/builder.h"

namespace krait {

using namespace ast;

void set_recursion_error(Diagnostic& failure) {
    failure = Diagnostic{};
    failure.kind = Diagnostic::Kind::kRecursionError;
    failure.has_location = false;
    failure.message =
        "Stack overflow (used " + std::to_string(StackGuard::most() / 1024) + " kB) during compilation";
}

SymbolTableBuilder::SymbolTableBuilder(SymbolTable& table, IdentifierTable& identifiers,
                                       const SymbolTableOptions& options, Diagnostic& failure)
    : table_(table), identifiers_(identifiers), options_(options), failure_(failure) {
    debug_ = identifiers.intern("__debug__");
    super_ = identifiers.intern("super");
    class_ = identifiers.intern("__class__");
    classdict_ = identifiers.intern("__classdict__");
    annotate_ = identifiers.intern("__annotate__");
    conditional_annotations_ = identifiers.intern("__conditional_annotations__");
    format_ = identifiers.intern(".format");
}

bool SymbolTableBuilder::fail(const Position& at, std::string message) {
    set_syntax_error(failure_, at, std::move(message));
    return false;
}

bool SymbolTableBuilder::too_deep() {
    if (!stack_.exhausted()) return false;
    set_recursion_error(failure_);
    return true;
}

bool SymbolTableBuilder::build(const ModNode* module) {
    enter_new(identifiers_.intern("top"), BlockType::kModule, module, Slot::kBody, Position{});
    table_.top_ = current_;
    bool ok = false;
    switch (module->kind) {
        case Kind::Module:
            ok = visit_all(as<Module>(module)->body);
            break;
        case Kind::Interactive:
            ok = visit_all(as<Interactive>(module)->body);
            break;
        case Kind::Expression:
            ok = visit(as<Expression>(module)->body);
            break;
        default:
            failure_ = Diagnostic{};
            failure_.kind = Diagnostic::Kind::kSyntaxError;
            failure_.has_location = false;
            failure_.message = "this compiler does not handle FunctionTypes";
            return false;
    }
    exit();
    return ok;
}

// ---- blocks ----

SymbolBlock* SymbolTableBuilder::new_block(const Identifier* name, BlockType type, uint64_t key,
                                           const Position& at) {
    auto block = std::make_unique<SymbolBlock>();
    block->id = key;
    block->name = name;
    block->type = type;
    block->position = at;
    if (current_ != nullptr) {
        block->nested = current_->nested || current_->is_function_like();
        block->method = current_->type == BlockType::kClass && type == BlockType::kFunction;
    }
    SymbolBlock* made = block.get();
    table_.by_node_[made->id] = made;
    table_.blocks_.push_back(std::move(block));
    return made;
}

bool SymbolTableBuilder::enter_new(const Identifier* name, BlockType type, const Node* node, Slot slot,
                                   const Position& at) {
    enter(new_block(name, type, key_of(node, slot), at), true);
    if (type == BlockType::kAnnotation || type == BlockType::kTypeVariable || type == BlockType::kTypeAlias) {
        // The functions of these blocks take the wanted format and check it.
        return add_def(format_, kDefParam, at) && add_def(format_, kUse, at);
    }
    return true;
}

void SymbolTableBuilder::enter(SymbolBlock* block, bool add_to_children) {
    SymbolBlock* outer = current_;
    if (outer != nullptr) {
        block->comp_iter_expr = outer->comp_iter_expr;
        if (outer->mangled_names != nullptr && block->type != BlockType::kClass) {
            block->mangled_names = outer->mangled_names;
        }
    }
    open_.push_back(block);
    current_ = block;
    if (block->type == BlockType::kModule) global_ = block;
    // Annotations that stay text have no effect on the scopes around them.
    if (block->type == BlockType::kAnnotation && options_.future.annotations()) return;
    if (add_to_children && outer != nullptr) outer->children.push_back(block);
}

void SymbolTableBuilder::exit() {
    open_.pop_back();
    current_ = open_.empty() ? nullptr : open_.back();
}

// ---- names ----

const Identifier* SymbolTableBuilder::mangled(const Identifier* name) {
    return maybe_mangle(identifiers_, private_, current_, name);
}

uint32_t SymbolTableBuilder::lookup(const Identifier* name) { return current_->symbol(mangled(name)); }

bool SymbolTableBuilder::check_name(const Identifier* name, const Position& at, ExprContext ctx) {
    if (name != debug_) return true;
    if (ctx == ExprContext::Store) return fail(at, "cannot assign to __debug__");
    if (ctx == ExprContext::Del) return fail(at, "cannot delete __debug__");
    return true;
}

bool SymbolTableBuilder::check_keywords(Seq<Keyword*> keywords) {
    for (const Keyword* k : keywords) {
        if (k->arg != nullptr && !check_name(k->arg, *k, ExprContext::Store)) return false;
    }
    return true;
}

bool SymbolTableBuilder::add_def(const Identifier* name, uint32_t flag, const Position& at) {
    return add_def(name, flag, at, flag == kUse ? ExprContext::Load : ExprContext::Store);
}

bool SymbolTableBuilder::add_def(const Identifier* name, uint32_t flag, const Position& at, ExprContext ctx) {
    if (!check_name(name, at, ctx)) return false;
    if ((flag & kDefTypeParam) != 0 && current_->mangled_names != nullptr) current_->mangled_names->add(name);
    return add_def_to(current_, name, flag, at);
}

bool SymbolTableBuilder::add_def_to(SymbolBlock* block, const Identifier* name, uint32_t flag,
                                    const Position& at) {
    name = mangled(name);
    uint32_t& symbol = block->symbols[name];
    if ((flag & symbol & kDefParam) != 0) {
        return fail(at, "duplicate argument '" + std::string(name->view()) + "' in function definition");
    }
    if ((flag & symbol & kDefTypeParam) != 0) {
        return fail(at, "duplicate type parameter '" + std::string(name->view()) + "'");
    }
    symbol |= flag;
    if (block->comp_iter_target) {
        if ((symbol & (kDefGlobal | kDefNonlocal)) != 0) {
            return fail(at, "comprehension inner loop cannot rebind assignment expression target '" +
                                std::string(name->view()) + "'");
        }
        symbol |= kDefCompIter;
    }
    if ((flag & kDefParam) != 0) {
        block->varnames.push_back(name);
    } else if ((flag & kDefGlobal) != 0) {
        global_->symbols[name] |= flag;
    }
    return true;
}

void SymbolTableBuilder::record_directive(const Identifier* name, const Position& at) {
    current_->directives.push_back({mangled(name), at});
}

// The current block is an annotation scope that finds the class's names first.
bool SymbolTableBuilder::see_class_scope(const Position& at) {
    current_->can_see_class_scope = true;
    return add_def(classdict_, kUse, at);
}

// ---- the finished table ----

SymbolBlock* SymbolTable::block_of(const Node* node, Slot slot) const {
    auto it = by_node_.find(reinterpret_cast<uintptr_t>(node) + slot);
    return it == by_node_.end() ? nullptr : it->second;
}

}  // namespace krait
