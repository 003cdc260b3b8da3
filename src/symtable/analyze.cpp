#include "bytecode/code.h"
#include "support/stack-guard.h"
#include "symtable/builder.h"

// The second walk: where does each name live? A block is told which names enclosing functions bind and which
// are declared global around it, decides its own names, hands what it binds to its children, and learns from
// them which names they use free: those of its own become cells.
namespace krait {

class SymbolAnalyzer {
  public:
    SymbolAnalyzer(IdentifierTable& identifiers, Diagnostic& failure)
        : failure_(failure),
          class_(identifiers.intern("__class__")),
          classdict_(identifiers.intern("__classdict__")),
          conditional_annotations_(identifiers.intern("__conditional_annotations__")) {}

    // What enclosing blocks say.
    struct Outer {
        IdentifierSet bound;   // bound in an enclosing function
        IdentifierSet global;  // declared global in an enclosing block
        IdentifierSet type_params;
    };

    // `free` receives the names that the block takes from enclosing functions. `class_block`: the class whose
    // names this annotation scope sees first, or null. `has_outer` is false for the module.
    bool analyze(SymbolBlock* block, const Outer& outer, bool has_outer, const SymbolBlock* class_block,
                 IdentifierSet& free);

  private:
    using Scopes = IdentifierMap<NameScope>;

    // What the names of one block come to.
    struct Own {
        Scopes scopes;
        IdentifierSet local;
        IdentifierSet global;  // declared so
        IdentifierSet type_params;
    };

    // Cells that a class makes for what is inside it.
    bool is_class_cell(const Identifier* name) const {
        return name == class_ || name == classdict_ || name == conditional_annotations_;
    }

    bool decide(SymbolBlock* block, const Identifier* name, uint32_t symbol, const Outer& outer,
                bool has_outer, const SymbolBlock* class_block, Own& own, IdentifierSet& free);
    Outer for_children(const SymbolBlock* block, const Outer& outer, const Own& own) const;
    bool fail_at_directive(const SymbolBlock* block, const Identifier* name, std::string message);
    void inline_comprehension(SymbolBlock* block, SymbolBlock* comp, Scopes& scopes, IdentifierSet& comp_free,
                              IdentifierSet& inlined_cells);
    void splice_children(SymbolBlock* block);
    void make_cells(Scopes& scopes, IdentifierSet& free, const IdentifierSet& inlined_cells);
    void drop_class_names(SymbolBlock* block, IdentifierSet& free);
    void store(SymbolBlock* block, const Own& own, const Outer& outer, bool has_outer,
               const IdentifierSet& free, const IdentifierSet& inlined_cells);

    Diagnostic& failure_;
    StackGuard stack_;
    const Identifier *class_, *classdict_, *conditional_annotations_;
};

bool SymbolAnalyzer::fail_at_directive(const SymbolBlock* block, const Identifier* name,
                                       std::string message) {
    ast::Position at;
    for (const Directive& d : block->directives) {
        if (d.name == name) {
            at = d.position;
            break;
        }
    }
    set_syntax_error(failure_, at, std::move(message));
    return false;
}

bool SymbolAnalyzer::decide(SymbolBlock* block, const Identifier* name, uint32_t symbol, const Outer& outer,
                            bool has_outer, const SymbolBlock* class_block, Own& own, IdentifierSet& free) {
    Scopes& scopes = own.scopes;
    auto quoted = [&] { return "'" + std::string(name->view()) + "'"; };
    if ((symbol & kDefGlobal) != 0) {
        if ((symbol & kDefNonlocal) != 0) {
            return fail_at_directive(block, name, "name " + quoted() + " is nonlocal and global");
        }
        scopes.append(name, NameScope::kGlobalExplicit);
        own.global.add(name);
        return true;
    }
    if ((symbol & kDefNonlocal) != 0) {
        if (!has_outer) {
            return fail_at_directive(block, name, "nonlocal declaration not allowed at module level");
        }
        if (!outer.bound.contains(name)) {
            return fail_at_directive(block, name, "no binding for nonlocal " + quoted() + " found");
        }
        if (outer.type_params.contains(name)) {
            return fail_at_directive(block, name,
                                     "nonlocal binding not allowed for type parameter " + quoted());
        }
        scopes.append(name, NameScope::kFree);
        free.add(name);
        return true;
    }
    if ((symbol & kDefBound) != 0) {
        scopes.append(name, NameScope::kLocal);
        own.local.add(name);
        if ((symbol & kDefTypeParam) != 0) own.type_params.add(name);
        return true;
    }
    NameScope scope = NameScope::kGlobalImplicit;
    if (class_block != nullptr) {
        uint32_t in_class = class_block->symbol(name);
        if ((in_class & kDefGlobal) != 0) {
            scopes.append(name, NameScope::kGlobalExplicit);
            return true;
        }
        if ((in_class & kDefBound) != 0 && (in_class & kDefNonlocal) == 0) {
            scopes.append(name, NameScope::kGlobalImplicit);
            return true;
        }
    }
    if (outer.bound.contains(name)) {
        scope = NameScope::kFree;
        free.add(name);
    }
    scopes.append(name, scope);
    return true;
}

// What the block's children are told. Methods do not see the names of their class, nor what it declares.
SymbolAnalyzer::Outer SymbolAnalyzer::for_children(const SymbolBlock* block, const Outer& outer,
                                                   const Own& own) const {
    Outer inner = outer;
    own.local.each([&](const Identifier* name) { inner.type_params.discard(name); });
    inner.type_params.add_all(own.type_params);
    if (block->type == BlockType::kClass) {
        for (const Identifier* name : {class_, classdict_, conditional_annotations_}) inner.bound.add(name);
        return inner;
    }
    own.global.each([&](const Identifier* name) {
        inner.bound.discard(name);
        inner.global.add(name);
    });
    own.local.each([&](const Identifier* name) { inner.global.discard(name); });
    if (block->is_function_like()) inner.bound.add_all(own.local);
    return inner;
}

bool SymbolAnalyzer::analyze(SymbolBlock* block, const Outer& outer, bool has_outer,
                             const SymbolBlock* class_block, IdentifierSet& free) {
    if (stack_.exhausted()) {
        set_recursion_error(failure_);
        return false;
    }
    bool is_class = block->type == BlockType::kClass;
    Own own;
    IdentifierSet child_free, inlined_cells;
    for (auto& e : block->symbols) {
        if (!decide(block, e.name, e.value, outer, has_outer, class_block, own, free)) return false;
    }
    // Most blocks have no children, and making this is all that costs more than the block's own names.
    Outer inner;
    if (!block->children.empty()) inner = for_children(block, outer, own);

    for (SymbolBlock* child : block->children) {
        const SymbolBlock* seen_class = nullptr;
        if (child->can_see_class_scope) seen_class = is_class ? block : class_block;
        bool inlined = child->comprehension != ComprehensionKind::kNone &&
                       child->comprehension != ComprehensionKind::kGenerator && !block->can_see_class_scope;
        IdentifierSet used;
        if (!analyze(child, inner, true, seen_class, used)) return false;
        if (inlined) {
            inline_comprehension(block, child, own.scopes, used, inlined_cells);
            child->comp_inlined = true;
        }
        child_free.add_all(used);
    }
    splice_children(block);

    if (block->is_function_like()) {
        make_cells(own.scopes, child_free, inlined_cells);
    } else if (is_class) {
        drop_class_names(block, child_free);
    }
    store(block, own, outer, has_outer, child_free, inlined_cells);
    free.add_all(child_free);
    return true;
}

// The names of a comprehension that runs in its parent's frame become the parent's.
void SymbolAnalyzer::inline_comprehension(SymbolBlock* block, SymbolBlock* comp, Scopes& scopes,
                                          IdentifierSet& comp_free, IdentifierSet& inlined_cells) {
    auto is_free_in_child = [comp](const Identifier* name) {
        for (SymbolBlock* child : comp->children) {
            if (child->scope(name) == NameScope::kFree) return true;
        }
        return false;
    };
    IdentifierSet dropped;
    for (auto& e : comp->symbols) {
        uint32_t flags = e.value & ((1u << kScopeShift) - 1);
        if ((flags & kDefParam) != 0) continue;  // .0
        NameScope scope = scope_of(e.value);
        if (scope == NameScope::kCell || (flags & kDefCompCell) != 0) inlined_cells.add(e.name);
        if (scope == NameScope::kFree && block->type == BlockType::kClass && is_class_cell(e.name)) {
            // In the class body itself these are ordinary global names.
            scope = NameScope::kGlobalImplicit;
            if (!is_free_in_child(e.name)) {
                comp_free.discard(e.name);
                dropped.add(e.name);
            }
        }
        uint32_t* existing = block->symbols.find(e.name);
        if (existing == nullptr) {
            block->symbols.append(e.name, flags);
            scopes[e.name] = scope;
            continue;
        }
        if (scope == NameScope::kFree && block->type != BlockType::kClass) *existing |= flags & kUse;
        if ((*existing & kDefBound) != 0 && block->type != BlockType::kClass && !is_free_in_child(e.name)) {
            // Free in the comprehension and bound here: now simply a local of this block.
            comp_free.discard(e.name);
        }
    }
    if (!dropped.untouched()) comp->symbols.filter([&](auto& e) { return !dropped.contains(e.name); });
}

// The children of an inlined comprehension take its place.
void SymbolAnalyzer::splice_children(SymbolBlock* block) {
    bool any = false;
    for (SymbolBlock* child : block->children) any |= child->comp_inlined;
    if (!any) return;
    std::vector<SymbolBlock*> children;
    for (SymbolBlock* child : block->children) {
        if (child->comp_inlined) {
            children.insert(children.end(), child->children.begin(), child->children.end());
        } else {
            children.push_back(child);
        }
    }
    block->children = std::move(children);
}

void SymbolAnalyzer::make_cells(Scopes& scopes, IdentifierSet& free, const IdentifierSet& inlined_cells) {
    for (auto& e : scopes) {
        if (e.value != NameScope::kLocal) continue;
        if (!free.contains(e.name) && !inlined_cells.contains(e.name)) continue;
        e.value = NameScope::kCell;
        free.discard(e.name);
    }
}

// Implicit cells of a class are not looked for further out.
void SymbolAnalyzer::drop_class_names(SymbolBlock* block, IdentifierSet& free) {
    if (free.discard(class_)) block->needs_class_closure = true;
    if (free.discard(classdict_)) block->needs_classdict = true;
    if (free.discard(conditional_annotations_)) block->has_conditional_annotations = true;
}

void SymbolAnalyzer::store(SymbolBlock* block, const Own& own, const Outer& outer, bool has_outer,
                           const IdentifierSet& free, const IdentifierSet& inlined_cells) {
    for (auto& e : block->symbols) {
        if (inlined_cells.contains(e.name)) e.value |= kDefCompCell;
        e.value |= static_cast<uint32_t>(own.scopes.get(e.name, NameScope::kUnknown)) << kScopeShift;
    }
    bool class_like = block->type == BlockType::kClass || block->can_see_class_scope;
    free.each([&](const Identifier* name) {
        if (uint32_t* symbol = block->symbols.find(name)) {
            // Bound in the class, and free in one of its methods.
            if (class_like) *symbol |= kDefFreeClass;
            return;
        }
        // Not bound further out: global.
        if (has_outer && (!outer.bound.contains(name) || own.global.contains(name))) return;
        block->symbols.append(name, static_cast<uint32_t>(NameScope::kFree) << kScopeShift);
    });
}

std::unique_ptr<SymbolTable> build_symbol_table(const ast::ModNode* module, IdentifierTable& identifiers,
                                                const SymbolTableOptions& options, Diagnostic& failure) {
    auto table = std::make_unique<SymbolTable>();
    table->future_ = options.future;
    if (!SymbolTableBuilder(*table, identifiers, options, failure).build(module)) return nullptr;
    IdentifierSet free;
    SymbolAnalyzer analyzer(identifiers, failure);
    if (!analyzer.analyze(table->top(), {}, false, nullptr, free)) return nullptr;
    return table;
}

}  // namespace krait
