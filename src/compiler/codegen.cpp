#include "compiler/codegen.h"

#include <algorithm>

#include "compiler/constant-util.h"
#include "symtable/builder.h"

namespace krait {

using namespace ast;

CodeGenerator::CodeGenerator(Arena& arena, IdentifierTable& identifiers, SymbolTable& symbols, UnitSink& sink,
                             const CompileOptions& options, Diagnostic& failure)
    : arena_(arena),
      identifiers_(identifiers),
      symbols_(symbols),
      sink_(sink),
      options_(options),
      failure_(failure),
      future_flags_(options.future_flags | symbols.future().flags) {}

CodeGenerator::~CodeGenerator() = default;

// ---- errors ----

bool CodeGenerator::fail(const Location& at, std::string message) {
    Position p{at.line, at.col, at.end_line, at.end_col};
    set_syntax_error(failure_, p, std::move(message));
    failure_.message_only_args = false;
    return false;
}

bool CodeGenerator::fail_internal(std::string message) {
    failure_ = Diagnostic{};
    failure_.kind = Diagnostic::Kind::kSystemError;
    failure_.has_location = false;
    failure_.message = std::move(message);
    return false;
}

bool CodeGenerator::warn(const Location& at, std::string message) {
    if (warnings_off_ > 0 || options_.warnings == nullptr) return true;
    Diagnostic warning;
    set_syntax_error(warning, {at.line, at.col, at.end_line, at.end_col}, std::move(message));
    warning.message_only_args = false;
    warning.kind = Diagnostic::Kind::kSyntaxWarning;
    if (options_.warnings->warn(warning)) return true;
    failure_ = std::move(warning);
    failure_.kind =
        options_.warnings->external() ? Diagnostic::Kind::kExternal : Diagnostic::Kind::kSyntaxError;
    return false;
}

bool CodeGenerator::too_deep(size_t cost) {
    if (!stack_.exhausted() && budget_.enter(cost)) return false;
    set_recursion_error(failure_);
    return true;
}

// ---- units ----

namespace {

// Cells and free variables are numbered in the order of their names.
void number_sorted(const SymbolBlock* block, NameScope scope, uint32_t flag, IdentifierMap<int>& to) {
    std::vector<const Identifier*> names;
    for (auto& e : block->symbols) {
        if (scope_of(e.value) == scope || (e.value & flag) != 0) names.push_back(e.name);
    }
    std::sort(names.begin(), names.end(),
              [](const Identifier* a, const Identifier* b) { return a->view() < b->view(); });
    for (const Identifier* name : names) to.append(name, static_cast<int>(to.size()));
}

bool is_function_scope(ScopeKind kind) {
    return kind == ScopeKind::kFunction || kind == ScopeKind::kAsyncFunction;
}

}  // namespace

bool CodeGenerator::enter_scope(const Identifier* name, ScopeKind kind, SymbolBlock* block, int firstlineno,
                                const Identifier* private_name, ArgumentCounts counts) {
    KRAIT_ASSERT(block != nullptr);
    sink_.begin();
    auto made = std::make_unique<Unit>();
    Unit& u = *made;
    u.block = block;
    u.kind = kind;
    u.code.name = name->view();
    u.code.firstlineno = firstlineno;
    u.code.argcount = counts.positional + counts.positional_only;
    u.code.posonlyargcount = counts.positional_only;
    u.code.kwonlyargcount = counts.keyword_only;
    u.code.parameter_count = u.code.argcount + counts.keyword_only + block->varargs + block->varkeywords;
    for (const Identifier* v : block->varnames) index_in(u.varnames, v);
    number_sorted(block, NameScope::kCell, kDefCompCell, u.cellvars);
    if (block->needs_class_closure) index_in(u.cellvars, id("__class__"));
    if (block->needs_classdict) index_in(u.cellvars, id("__classdict__"));
    if (block->has_conditional_annotations) index_in(u.cellvars, id("__conditional_annotations__"));
    number_sorted(block, NameScope::kFree, kDefFreeClass, u.freevars);
    u.private_name = private_name != nullptr || units_.empty() ? private_name : unit().private_name;
    set_qualname(u);
    units_.push_back(std::move(made));
    seq_ = &unit().code.instrs;
    Location at{firstlineno, firstlineno, 0, 0};
    if (kind == ScopeKind::kModule) at.line = 0;
    op(at, Op::RESUME, kAtFunctionStart);
    if (kind == ScopeKind::kModule) op(at, Op::ANNOTATIONS_PLACEHOLDER);
    return true;
}

void CodeGenerator::set_qualname(Unit& u) {
    u.qualname = u.code.name;
    // Annotation and type parameter scopes are left out, but only one. The module is units_[0].
    size_t at = units_.size();
    if (at > 1 &&
        (units_[at - 1]->kind == ScopeKind::kTypeParams || units_[at - 1]->kind == ScopeKind::kAnnotations)) {
        at--;
    }
    if (at > 1) {
        Unit& parent = *units_[at - 1];
        bool force_global = false;
        if (is_function_scope(u.kind) || u.kind == ScopeKind::kClass) {
            const Identifier* name = mangle(identifiers_, parent.private_name, id(u.code.name));
            force_global = parent.block->scope(name) == NameScope::kGlobalExplicit;
        }
        if (!force_global) {
            std::string name(parent.qualname);
            if (is_function_scope(parent.kind) || parent.kind == ScopeKind::kLambda) name += ".<locals>";
            name += '.';
            name += u.code.name;
            u.qualname = arena_.copy(std::string_view(name));
        }
    }
    u.code.qualname = u.qualname;
}

int CodeGenerator::code_flags() const {
    const SymbolBlock* b = unit().block;
    int flags = future_flags_;
    if (b->is_function_like()) {
        flags |= kCodeNewLocals | kCodeOptimized;
        if (b->nested) flags |= kCodeNested;
        if (b->generator && !b->coroutine) flags |= kCodeGenerator;
        if (b->generator && b->coroutine) flags |= kCodeAsyncGenerator;
        if (!b->generator && b->coroutine) flags |= kCodeCoroutine;
        if (b->varargs) flags |= kCodeVarArgs;
        if (b->varkeywords) flags |= kCodeVarKeywords;
        if (b->has_docstring) flags |= kCodeHasDocstring;
        if (b->method) flags |= kCodeMethod;
    }
    if (options_.allow_top_level_await && b->type == BlockType::kModule && b->coroutine && !b->generator) {
        flags |= kCodeCoroutine;
    }
    return flags;
}

CodeGenerator::Closure CodeGenerator::finish_scope(bool add_none) {
    Unit& u = unit();
    if (add_none) load_none(kNoLocation);
    op(kNoLocation, Op::RETURN_VALUE);
    u.code.flags = code_flags();
    auto fill = [](const IdentifierMap<int>& from, std::vector<std::string_view>& to) {
        to.reserve(from.size());
        for (auto& e : from) to.push_back(e.name->view());
    };
    fill(u.names, u.code.names);
    fill(u.varnames, u.code.varnames);
    fill(u.cellvars, u.code.cellvars);
    fill(u.freevars, u.code.freevars);
    for (auto& e : u.fast_hidden) u.code.hidden.push_back(e.name->view());
    // __annotate__ functions show their parameter under a name that a call can use.
    if (u.block->type == BlockType::kAnnotation && !u.code.varnames.empty() &&
        u.code.varnames[0] == ".format") {
        u.code.varnames[0] = "format";
    }
    Closure result;
    result.name = u.code.name;
    for (auto& e : u.freevars) result.freevars.push_back(e.name);
    if (!failure_) result.code = sink_.finish(u.code, failure_);
    units_.pop_back();
    seq_ = units_.empty() ? nullptr : &unit().code.instrs;
    return result;
}

const CodeObject* CodeGenerator::generate(const ModNode* module) {
    if (!enter_scope(id("<module>"), ScopeKind::kModule, symbols_.top(), 1, nullptr)) return nullptr;
    auto start = [](Seq<StmtNode*> statements) {
        return statements.empty() ? Location{1, 1, 0, 0} : location_of(statements.front());
    };
    bool ok;
    bool add_none = true;
    if (auto* m = try_as<Module>(module)) {
        ok = body(start(m->body), m->body);
    } else if (auto* i = try_as<Interactive>(module)) {
        interactive_ = true;
        ok = body(start(i->body), i->body);
    } else {
        ok = visit(as<Expression>(module)->body);
        add_none = false;
    }
    if (!ok) return nullptr;
    return finish_scope(add_none).code;
}

// ---- emitting ----

void CodeGenerator::load_const(Location at, const krait::Constant* value) {
    op(at, Op::LOAD_CONST, unit().code.consts.add(value));
}

int CodeGenerator::index_in(IdentifierMap<int>& map, const Identifier* name, int offset) {
    if (const int* at = map.find(name)) return *at;
    int index = static_cast<int>(map.size()) + offset;
    map.append(name, index);
    return index;
}

void CodeGenerator::name_op(Location at, Op o, const Identifier* name, int shift, int bits) {
    op(at, o, index_in(unit().names, mangled(name)) << shift | bits);
}

void CodeGenerator::load_attr(Location at, const Identifier* name, bool method) {
    name_op(at, Op::LOAD_ATTR, name, 1, method ? 1 : 0);
}

void CodeGenerator::local_op(Location at, Op o, const Identifier* name) {
    op(at, o, index_in(unit().varnames, name));
}

int CodeGenerator::free_index(const Identifier* name) {
    return index_in(unit().freevars, name) + static_cast<int>(unit().cellvars.size());
}

int CodeGenerator::deref_index(const Identifier* name) {
    int cell = cell_index(name);
    return cell >= 0 ? cell : free_index(name);
}

int CodeGenerator::closure_index(const Identifier* name) {
    // A class's own cells are no symbols of it.
    bool class_cell =
        unit().block->type == BlockType::kClass &&
        (name == id("__class__") || name == id("__classdict__") || name == id("__conditional_annotations__"));
    if (class_cell) return cell_index(name);
    // An inlined comprehension may have a cell of the same name as a free variable of the block.
    return unit().block->scope(name) == NameScope::kFree ? free_index(name) : deref_index(name);
}

// A class binds the name of one of its cells itself. The unit is given up when it ends.
void CodeGenerator::fail_closure(const Closure& closure, const Identifier* name) {
    std::string names;
    for (const Identifier* n : closure.freevars)
        names += (names.empty() ? "" : " ") + repr_of_str(n->view()) + ",";
    if (closure.freevars.size() > 1) names.pop_back();
    fail_internal("compiler_lookup_arg(name=" + repr_of_str(name->view()) +
                  ") with reftype=" + std::to_string(static_cast<int>(NameScope::kCell)) + " failed in " +
                  std::string(unit().code.name) + "; freevars of code " + std::string(closure.name) + ": (" +
                  names + ")");
}

const Identifier* CodeGenerator::mangled(const Identifier* name) {
    return maybe_mangle(identifiers_, unit().private_name, unit().block, name);
}

void CodeGenerator::nameop(Location at, const Identifier* plain, ExprContext ctx) {
    const Identifier* name = mangled(plain);
    Unit& u = unit();
    auto pick = [ctx](Op load, Op store, Op del) {
        return ctx == ExprContext::Load ? load : ctx == ExprContext::Store ? store : del;
    };
    bool is_load = ctx == ExprContext::Load;
    NameScope scope = u.block->scope(name);
    bool deref = scope == NameScope::kFree || scope == NameScope::kCell;
    // A class's own cell is found among its names first, so is the class's name from an annotation scope.
    auto load_classdict = [&] { op(at, Op::LOAD_DEREF, deref_index(id("__classdict__"))); };
    if (deref) {
        Op o = pick(Op::LOAD_DEREF, Op::STORE_DEREF, Op::DELETE_DEREF);
        int index = scope == NameScope::kCell ? index_in(u.cellvars, name) : free_index(name);
        if (is_load && u.block->type == BlockType::kClass && u.in_inlined_comp == 0) {
            o = Op::LOAD_FROM_DICT_OR_DEREF;
            op(at, Op::LOAD_LOCALS);
        } else if (is_load && u.block->can_see_class_scope) {
            o = Op::LOAD_FROM_DICT_OR_DEREF;
            load_classdict();
        }
        op(at, o, index);
        return;
    }
    if (scope == NameScope::kLocal && (u.block->is_function_like() || u.fast_hidden.get(name, false))) {
        local_op(at, pick(Op::LOAD_FAST, Op::STORE_FAST, Op::DELETE_FAST), name);
        return;
    }
    bool global = scope == NameScope::kGlobalExplicit ||
                  (scope == NameScope::kGlobalImplicit && u.block->is_function_like());
    if (global && is_load) {
        if (u.block->can_see_class_scope && scope == NameScope::kGlobalImplicit) {
            load_classdict();
            op(at, Op::LOAD_FROM_DICT_OR_GLOBALS, index_in(u.names, name));
        } else {
            op(at, Op::LOAD_GLOBAL, index_in(u.names, name) << 1);
        }
        return;
    }
    if (global) {
        op(at, pick(Op::LOAD_GLOBAL, Op::STORE_GLOBAL, Op::DELETE_GLOBAL), index_in(u.names, name));
        return;
    }
    if (is_load && u.block->type == BlockType::kClass && u.in_inlined_comp > 0) {
        op(at, Op::LOAD_GLOBAL, index_in(u.names, name) << 1);
        return;
    }
    op(at, pick(Op::LOAD_NAME, Op::STORE_NAME, Op::DELETE_NAME), index_in(u.names, name));
}

void CodeGenerator::compare(Location at, CompareOperator o) {
    switch (o) {
        case CompareOperator::Eq:
            return op(at, Op::COMPARE_OP, compare_arg(krait::Compare::EQ));
        case CompareOperator::NotEq:
            return op(at, Op::COMPARE_OP, compare_arg(krait::Compare::NE));
        case CompareOperator::Lt:
            return op(at, Op::COMPARE_OP, compare_arg(krait::Compare::LT));
        case CompareOperator::LtE:
            return op(at, Op::COMPARE_OP, compare_arg(krait::Compare::LE));
        case CompareOperator::Gt:
            return op(at, Op::COMPARE_OP, compare_arg(krait::Compare::GT));
        case CompareOperator::GtE:
            return op(at, Op::COMPARE_OP, compare_arg(krait::Compare::GE));
        case CompareOperator::Is:
            return op(at, Op::IS_OP, 0);
        case CompareOperator::IsNot:
            return op(at, Op::IS_OP, 1);
        case CompareOperator::In:
            return op(at, Op::CONTAINS_OP, 0);
        case CompareOperator::NotIn:
            return op(at, Op::CONTAINS_OP, 1);
    }
}

void CodeGenerator::binary(Location at, BinaryOperator o, bool inplace) {
    static constexpr BinaryOp kOps[] = {
        BinaryOp::NB_ADD,          BinaryOp::NB_SUBTRACT,
        BinaryOp::NB_MULTIPLY,     BinaryOp::NB_MATRIX_MULTIPLY,
        BinaryOp::NB_TRUE_DIVIDE,  BinaryOp::NB_REMAINDER,
        BinaryOp::NB_POWER,        BinaryOp::NB_LSHIFT,
        BinaryOp::NB_RSHIFT,       BinaryOp::NB_OR,
        BinaryOp::NB_XOR,          BinaryOp::NB_AND,
        BinaryOp::NB_FLOOR_DIVIDE,
    };
    int arg = static_cast<int>(kOps[static_cast<int>(o)]);
    op(at, Op::BINARY_OP, inplace ? arg + kFirstInplace : arg);
}

void CodeGenerator::make_closure(Location at, const Closure& closure, int flags) {
    if (!closure.freevars.empty()) {
        for (const Identifier* name : closure.freevars) {
            int index = closure_index(name);
            if (index < 0) fail_closure(closure, name);
            op(at, Op::LOAD_CLOSURE, index);
        }
        flags |= kFunctionCLOSURE;
        op(at, Op::BUILD_TUPLE, static_cast<int>(closure.freevars.size()));
    }
    load_const(at, code_constant(arena_, closure.code));
    op(at, Op::MAKE_FUNCTION);
    // In the order in which they lie on the stack.
    for (int bit : {kFunctionCLOSURE, kFunctionANNOTATIONS, kFunctionANNOTATE, kFunctionKWDEFAULTS,
                    kFunctionDEFAULTS}) {
        if ((flags & bit) != 0) op(at, Op::SET_FUNCTION_ATTRIBUTE, bit);
    }
}

void CodeGenerator::pop_except_and_reraise(Location at) {
    op(at, Op::COPY, 3);
    op(at, Op::POP_EXCEPT);
    op(at, Op::RERAISE, 1);
}

void CodeGenerator::yield_from(Location at, Label send, bool await) {
    Label fail = new_label(), exit = new_label();
    use(send);
    jump(at, Op::SEND, exit);
    // For a StopIteration raised while close() or throw() is passed on.
    jump(at, Op::SETUP_FINALLY, fail);
    op(at, Op::YIELD_VALUE, 1);
    op(kNoLocation, Op::POP_BLOCK);
    op(at, Op::RESUME, await ? kAfterAwait : kAfterYieldFrom);
    jump(at, Op::JUMP_NO_INTERRUPT, send);
    use(fail);
    op(at, Op::CLEANUP_THROW);
    use(exit);
    op(at, Op::END_SEND);
}

void CodeGenerator::yield_value(Location at) {
    if (unit().block->generator && unit().block->coroutine) {
        op(at, Op::CALL_INTRINSIC_1, static_cast<int>(Intrinsic1::INTRINSIC_ASYNC_GEN_WRAP));
    }
    op(at, Op::YIELD_VALUE, 0);
    op(at, Op::RESUME, kAfterYield);
}

// A StopIteration that leaves a generator's body becomes a RuntimeError.
void CodeGenerator::wrap_in_stopiteration_handler() {
    Label handler = new_label();
    seq().insert(0, Op::SETUP_CLEANUP, handler.id, kNoLocation);
    load_none(kNoLocation);
    op(kNoLocation, Op::RETURN_VALUE);
    use(handler);
    op(kNoLocation, Op::CALL_INTRINSIC_1, static_cast<int>(Intrinsic1::INTRINSIC_STOPITERATION_ERROR));
    op(kNoLocation, Op::RERAISE, 1);
}

Location attribute_location(Location at, const Attribute* node) {
    if (at.line == node->end_lineno) return at;
    at.line = node->end_lineno;
    size_t length = 0;
    for (char c : node->attr->view()) length += (c & 0xC0) != 0x80;
    if (static_cast<int64_t>(length) <= node->end_col_offset) {
        at.col = node->end_col_offset - static_cast<int>(length);
    } else {
        // An AST made by hand; no column is better than a wrong one.
        at.col = at.end_col = -1;
    }
    return at;
}

}  // namespace krait
