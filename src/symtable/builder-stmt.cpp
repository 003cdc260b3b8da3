#include "symtable/builder.h"
#include "symtable/docstring.h"

namespace krait {

using namespace ast;

// Marks the code until its end as run only sometimes.
class SymbolTableBuilder::ConditionalBlock {
  public:
    explicit ConditionalBlock(SymbolBlock* block) : block_(block), before_(block->in_conditional_block) {
        block->in_conditional_block = true;
    }
    ~ConditionalBlock() { block_->in_conditional_block = before_; }

  private:
    SymbolBlock* block_;
    bool before_;
};

template <typename T>
bool SymbolTableBuilder::visit_all(Seq<T*> nodes) {
    for (T* node : nodes) {
        if (node != nullptr && !visit(node)) return false;
    }
    return true;
}
template bool SymbolTableBuilder::visit_all(Seq<StmtNode*>);
template bool SymbolTableBuilder::visit_all(Seq<ExprNode*>);
template bool SymbolTableBuilder::visit_all(Seq<Keyword*>);

bool SymbolTableBuilder::visit(const StmtNode* node) { return !too_deep() && visit_statement(node); }

bool SymbolTableBuilder::visit_statement(const StmtNode* node) {
    switch (node->kind) {
        case Kind::FunctionDef:
            return visit_function_def(as<FunctionDef>(node), false);
        case Kind::AsyncFunctionDef:
            return visit_function_def(as<AsyncFunctionDef>(node), true);
        case Kind::ClassDef:
            return visit_class_def(as<ClassDef>(node));
        case Kind::Return: {
            auto* n = as<Return>(node);
            if (n->value != nullptr) {
                if (!visit(n->value)) return false;
                current_->returns_value = true;
            }
            return true;
        }
        case Kind::Delete:
            return visit_all(as<Delete>(node)->targets);
        case Kind::Assign:
            return visit_all(as<Assign>(node)->targets) && visit(as<Assign>(node)->value);
        case Kind::TypeAlias:
            return visit_type_alias(as<TypeAlias>(node));
        case Kind::AugAssign:
            return visit(as<AugAssign>(node)->target) && visit(as<AugAssign>(node)->value);
        case Kind::AnnAssign:
            return visit_ann_assign(as<AnnAssign>(node));
        case Kind::For:
            return visit_for(as<For>(node));
        case Kind::AsyncFor:
            return check_async_statement(node, "'async for' outside async function") &&
                   visit_for(as<AsyncFor>(node));
        case Kind::While: {
            auto* n = as<While>(node);
            if (!visit(n->test)) return false;
            ConditionalBlock conditional(current_);
            return visit_all(n->body) && visit_all(n->orelse);
        }
        case Kind::If: {
            auto* n = as<If>(node);
            if (!visit(n->test)) return false;
            ConditionalBlock conditional(current_);
            return visit_all(n->body) && visit_all(n->orelse);
        }
        case Kind::With:
            return visit_with(as<With>(node));
        case Kind::AsyncWith:
            return check_async_statement(node, "'async with' outside async function") &&
                   visit_with(as<AsyncWith>(node));
        case Kind::Match: {
            auto* n = as<Match>(node);
            if (!visit(n->subject)) return false;
            ConditionalBlock conditional(current_);
            for (MatchCase* c : n->cases) {
                if (!visit(c)) return false;
            }
            return true;
        }
        case Kind::Raise:
            return visit_optional(as<Raise>(node)->exc) && visit_optional(as<Raise>(node)->cause);
        case Kind::Try:
            return visit_try(as<Try>(node));
        case Kind::TryStar:
            return visit_try(as<TryStar>(node));
        case Kind::Assert:
            return visit(as<Assert>(node)->test) && visit_optional(as<Assert>(node)->msg);
        case Kind::Import:
            for (Alias* a : as<Import>(node)->names) {
                if (!visit(a)) return false;
            }
            return true;
        case Kind::ImportFrom:
            return visit_import_from(as<ImportFrom>(node));
        case Kind::Global:
            return visit_declaration(as<Global>(node), kDefGlobal, "global");
        case Kind::Nonlocal:
            return visit_declaration(as<Nonlocal>(node), kDefNonlocal, "nonlocal");
        case Kind::Expr:
            return visit(as<Expr>(node)->value);
        default:  // pass, break, continue
            return true;
    }
}

template <typename T>
bool SymbolTableBuilder::visit_function_def(const T* node, bool is_async) {
    if (!add_def(node->name, kDefLocal, *node)) return false;
    const Arguments* args = node->args;
    if (!visit_all(args->defaults) || !visit_all(args->kw_defaults)) return false;
    if (!visit_all(node->decorator_list)) return false;
    bool generic = !node->type_params.empty();
    if (generic) {
        bool has_kwdefaults = false;
        for (ExprNode* d : args->kw_defaults) has_kwdefaults |= d != nullptr;
        if (!enter_type_params(node->name, node, true, has_kwdefaults, false)) return false;
        for (TypeParamNode* p : node->type_params) {
            if (!visit(p)) return false;
        }
    }
    SymbolBlock* function = new_block(node->name, BlockType::kFunction, key_of(node), *node);
    function->has_docstring = docstring_of(node->body) != nullptr;
    function->coroutine = function->is_async_def = is_async;
    if (!visit_annotations(node, args, node->returns, function)) return false;
    enter(function, true);
    if (!visit(args) || !visit_all(node->body)) return false;
    exit();
    if (generic) exit();
    return true;
}

bool SymbolTableBuilder::visit_class_def(const ClassDef* node) {
    if (!add_def(node->name, kDefLocal, *node) || !visit_all(node->decorator_list)) return false;
    bool generic = !node->type_params.empty();
    const Identifier* outer_private = private_;
    if (generic) {
        if (!enter_type_params(node->name, node, false, false, true)) return false;
        // Only the type parameters are the class's own names here; bases are not inside the class.
        private_ = node->name;
        current_->mangled_names = std::make_shared<IdentifierSet>();
        for (TypeParamNode* p : node->type_params) {
            if (!visit(p)) return false;
        }
    }
    if (!visit_all(node->bases) || !check_keywords(node->keywords) || !visit_all(node->keywords))
        return false;
    enter_new(node->name, BlockType::kClass, node, Slot::kBody, *node);
    private_ = node->name;
    if (generic) {
        if (!add_def(identifiers_.intern("__type_params__"), kDefLocal, *node) ||
            !add_def(identifiers_.intern(".type_params"), kUse, *node)) {
            return false;
        }
    }
    current_->has_docstring = docstring_of(node->body) != nullptr;
    if (!visit_all(node->body)) return false;
    exit();
    if (generic) exit();
    private_ = outer_private;
    return true;
}

bool SymbolTableBuilder::visit_type_alias(const TypeAlias* node) {
    if (!visit(node->name)) return false;
    const Identifier* name = as<Name>(node->name)->id;
    bool in_class = current_->type == BlockType::kClass;
    bool generic = !node->type_params.empty();
    if (generic) {
        if (!enter_type_params(name, node, false, false, false)) return false;
        for (TypeParamNode* p : node->type_params) {
            if (!visit(p)) return false;
        }
    }
    if (!enter_new(name, BlockType::kTypeAlias, node, Slot::kBody, *node)) return false;
    if (in_class && !see_class_scope(*node->value)) return false;
    if (!visit(node->value)) return false;
    exit();
    if (generic) exit();
    return true;
}

bool SymbolTableBuilder::visit_ann_assign(const AnnAssign* node) {
    current_->annotations_used = true;
    if (auto* target = try_as<Name>(node->target)) {
        uint32_t symbol = lookup(target->id);
        if ((symbol & (kDefGlobal | kDefNonlocal)) != 0 && current_ != global_ && node->simple) {
            return fail(*node, "annotated name '" + std::string(target->id->view()) + "' can't be " +
                                   ((symbol & kDefGlobal) != 0 ? "global" : "nonlocal"));
        }
        if (node->simple) {
            if (!add_def(target->id, kDefAnnot | kDefLocal, *target)) return false;
        } else if (node->value != nullptr && !add_def(target->id, kDefLocal, *target)) {
            return false;
        }
    } else if (!visit(node->target)) {
        return false;
    }
    return visit_annotation(node->annotation) && visit_optional(node->value);
}

template <typename T>
bool SymbolTableBuilder::visit_for(const T* node) {
    if (!visit(node->target) || !visit(node->iter)) return false;
    ConditionalBlock conditional(current_);
    return visit_all(node->body) && visit_all(node->orelse);
}

template <typename T>
bool SymbolTableBuilder::visit_with(const T* node) {
    ConditionalBlock conditional(current_);
    for (WithItem* item : node->items) {
        if (!visit(item)) return false;
    }
    return visit_all(node->body);
}

template <typename T>
bool SymbolTableBuilder::visit_try(const T* node) {
    ConditionalBlock conditional(current_);
    if (!visit_all(node->body)) return false;
    for (HandlerNode* h : node->handlers) {
        if (!visit(h)) return false;
    }
    return visit_all(node->orelse) && visit_all(node->finalbody);
}

template <typename T>
bool SymbolTableBuilder::visit_declaration(const T* node, uint32_t flag, const char* word) {
    for (const Identifier* name : node->names) {
        uint32_t symbol = lookup(name);
        if ((symbol & (kDefParam | kDefLocal | kUse | kDefAnnot)) != 0) {
            std::string quoted = "name '" + std::string(name->view()) + "' is ";
            if ((symbol & kDefParam) != 0) return fail(*node, quoted + "parameter and " + word);
            if ((symbol & kUse) != 0) {
                return fail(*node, quoted + "used prior to " + word + " declaration");
            }
            if ((symbol & kDefAnnot) != 0) {
                return fail(*node, "annotated name '" + std::string(name->view()) + "' can't be " + word);
            }
            return fail(*node, quoted + "assigned to before " + word + " declaration");
        }
        // Not add_def: the declaration itself may name __debug__.
        if (!add_def(name, flag, *node, ExprContext::Load)) return false;
        record_directive(name, *node);
    }
    return true;
}

bool SymbolTableBuilder::visit_import_from(const ImportFrom* node) {
    if (node->level == 0 && node->module != nullptr && node->module->view() == "__future__") {
        const Position& head = options_.future.position;
        bool late = node->lineno > head.lineno ||
                    (node->lineno == head.end_lineno && node->col_offset > head.col_offset);
        if (late) return fail(*node, "from __future__ imports must occur at the beginning of the file");
    }
    for (Alias* a : node->names) {
        if (!visit(a)) return false;
    }
    return true;
}

bool SymbolTableBuilder::visit(const Alias* node) {
    std::string_view text = node->name->view();
    if (node->asname == nullptr && text == "*") {
        if (current_->type != BlockType::kModule) {
            return fail(*node, "import * only allowed at module level");
        }
        return true;
    }
    const Identifier* name = node->asname;
    if (name == nullptr) {
        size_t dot = text.find('.');
        name = dot == text.npos ? node->name : identifiers_.intern(text.substr(0, dot));
    }
    return add_def(name, kDefImport, *node);
}

bool SymbolTableBuilder::visit(const HandlerNode* node) {
    auto* h = as<ExceptHandler>(node);
    if (!visit_optional(h->type)) return false;
    if (h->name != nullptr && !add_def(h->name, kDefLocal, *h)) return false;
    return visit_all(h->body);
}

bool SymbolTableBuilder::visit(const WithItem* node) {
    return visit(node->context_expr) && visit_optional(node->optional_vars);
}

bool SymbolTableBuilder::visit(const MatchCase* node) {
    return visit(node->pattern) && visit_optional(node->guard) && visit_all(node->body);
}

bool SymbolTableBuilder::visit(const PatternNode* node) {
    if (too_deep()) return false;
    auto all = [&](Seq<PatternNode*> patterns) {
        for (PatternNode* p : patterns) {
            if (!visit(p)) return false;
        }
        return true;
    };
    switch (node->kind) {
        case Kind::MatchValue:
            return visit(as<MatchValue>(node)->value);
        case Kind::MatchSequence:
            return all(as<MatchSequence>(node)->patterns);
        case Kind::MatchStar: {
            auto* n = as<MatchStar>(node);
            return n->name == nullptr || add_def(n->name, kDefLocal, *n);
        }
        case Kind::MatchMapping: {
            auto* n = as<MatchMapping>(node);
            return visit_all(n->keys) && all(n->patterns) &&
                   (n->rest == nullptr || add_def(n->rest, kDefLocal, *n));
        }
        case Kind::MatchClass: {
            auto* n = as<MatchClass>(node);
            if (!visit(n->cls) || !all(n->patterns)) return false;
            for (size_t i = 0; i < n->kwd_attrs.size(); i++) {
                if (!check_name(n->kwd_attrs[i], *n->kwd_patterns[i], ExprContext::Store)) return false;
            }
            return all(n->kwd_patterns);
        }
        case Kind::MatchAs: {
            auto* n = as<MatchAs>(node);
            return (n->pattern == nullptr || visit(n->pattern)) &&
                   (n->name == nullptr || add_def(n->name, kDefLocal, *n));
        }
        case Kind::MatchOr:
            return all(as<MatchOr>(node)->patterns);
        default:  // a singleton
            return true;
    }
}

// ---- type parameters ----

bool SymbolTableBuilder::enter_type_params(const Identifier* name, const StmtNode* node, bool has_defaults,
                                           bool has_kwdefaults, bool of_class) {
    bool in_class = current_->type == BlockType::kClass;
    enter_new(name, BlockType::kTypeParameters, node, Slot::kTypeParams, *node);
    if (in_class && !see_class_scope(*node)) return false;
    auto add = [&](const char* text, uint32_t flag) {
        return add_def(identifiers_.intern(text), flag, *node);
    };
    if (of_class && !(add(".type_params", kDefLocal) && add(".type_params", kUse) &&
                      add(".generic_base", kDefLocal) && add(".generic_base", kUse))) {
        return false;
    }
    return (!has_defaults || add(".defaults", kDefParam)) &&
           (!has_kwdefaults || add(".kwdefaults", kDefParam));
}

bool SymbolTableBuilder::visit(const TypeParamNode* node) {
    switch (node->kind) {
        case Kind::TypeVar: {
            auto* n = as<TypeVar>(node);
            const char* what =
                n->bound != nullptr && is<Tuple>(n->bound) ? "a TypeVar constraint" : "a TypeVar bound";
            return add_def(n->name, kDefTypeParam | kDefLocal, *n) &&
                   visit_bound_or_default(n->bound, n->name, n, Slot::kBody, what) &&
                   visit_bound_or_default(n->default_value, n->name, n, Slot::kDefault, "a TypeVar default");
        }
        case Kind::ParamSpec: {
            auto* n = as<ParamSpec>(node);
            return add_def(n->name, kDefTypeParam | kDefLocal, *n) &&
                   visit_bound_or_default(n->default_value, n->name, n, Slot::kDefault,
                                          "a ParamSpec default");
        }
        default: {
            auto* n = as<TypeVarTuple>(node);
            return add_def(n->name, kDefTypeParam | kDefLocal, *n) &&
                   visit_bound_or_default(n->default_value, n->name, n, Slot::kDefault,
                                          "a TypeVarTuple default");
        }
    }
}

bool SymbolTableBuilder::visit_bound_or_default(const ExprNode* node, const Identifier* name,
                                                const TypeParamNode* key, Slot slot, const char* scope_info) {
    if (name == classdict_) {
        return fail(*key,
                    "reserved name '" + std::string(name->view()) + "' cannot be used for type parameter");
    }
    if (node == nullptr) return true;
    bool in_class = current_->can_see_class_scope;
    if (!enter_new(name, BlockType::kTypeVariable, key, slot, *node)) return false;
    if (in_class && !see_class_scope(*node)) return false;
    current_->scope_info = scope_info;
    if (!visit(node)) return false;
    exit();
    return true;
}

// ---- annotations ----

// Annotation of a variable in a module, class or function body. All of one body share a block.
bool SymbolTableBuilder::visit_annotation(const ExprNode* annotation) {
    SymbolBlock* body = current_;
    bool unevaluated = body->type == BlockType::kFunction;
    // A module counts as run conditionally as a whole: it may fail half way.
    bool conditional =
        body->type == BlockType::kModule || (body->type == BlockType::kClass && body->in_conditional_block);
    if (conditional && !body->has_conditional_annotations) {
        body->has_conditional_annotations = true;
        if (!add_def(conditional_annotations_, kUse, *annotation)) return false;
    }
    if (body->annotation_block == nullptr) {
        // Keyed by the block: the node of the body has blocks of its own.
        SymbolBlock* block =
            new_block(annotate_, BlockType::kAnnotation, reinterpret_cast<uintptr_t>(body), *annotation);
        body->annotation_block = block;
        enter(block, true);
        if (!add_def(format_, kDefParam, *annotation) || !add_def(format_, kUse, *annotation)) return false;
        if (body->type == BlockType::kClass) {
            if (!see_class_scope(*annotation)) return false;
            if (!options_.future.annotations()) body->needs_classdict = true;
        }
    } else {
        enter(body->annotation_block, false);
    }
    if (unevaluated) current_->in_unevaluated_annotation = true;
    if (!visit(annotation)) return false;
    current_->in_unevaluated_annotation = false;
    exit();
    return true;
}

// The annotations of a function's parameters and result.
bool SymbolTableBuilder::visit_annotations(const StmtNode* def, const Arguments* args,
                                           const ExprNode* returns, const SymbolBlock* function) {
    bool in_class = current_->can_see_class_scope || current_->type == BlockType::kClass;
    if (!enter_new(annotate_, BlockType::kAnnotation, args, Slot::kBody, *def)) return false;
    current_->function_name = function->name;
    if (in_class && !see_class_scope(*def)) return false;
    if (!visit_argument_annotations(args->posonlyargs) || !visit_argument_annotations(args->args))
        return false;
    if (args->vararg != nullptr && !visit_optional(args->vararg->annotation)) return false;
    if (args->kwarg != nullptr && !visit_optional(args->kwarg->annotation)) return false;
    if (!visit_argument_annotations(args->kwonlyargs) || !visit_optional(returns)) return false;
    exit();
    return true;
}

bool SymbolTableBuilder::visit_argument_annotations(Seq<Arg*> args) {
    for (const Arg* a : args) {
        if (!visit_optional(a->annotation)) return false;
    }
    return true;
}

bool SymbolTableBuilder::visit(const Arguments* args) {
    if (!visit_params(args->posonlyargs) || !visit_params(args->args) || !visit_params(args->kwonlyargs)) {
        return false;
    }
    if (args->vararg != nullptr) {
        if (!add_def(args->vararg->arg, kDefParam, *args->vararg)) return false;
        current_->varargs = true;
    }
    if (args->kwarg != nullptr) {
        if (!add_def(args->kwarg->arg, kDefParam, *args->kwarg)) return false;
        current_->varkeywords = true;
    }
    return true;
}

bool SymbolTableBuilder::visit_params(Seq<Arg*> args) {
    for (const Arg* a : args) {
        if (!add_def(a->arg, kDefParam, *a)) return false;
    }
    return true;
}

bool SymbolTableBuilder::check_async_statement(const StmtNode* node, const char* what) {
    if (allows_top_level_await()) {
        current_->coroutine = true;
        return true;
    }
    if (!current_->is_async_def) return fail(*node, what);
    return true;
}

}  // namespace krait
