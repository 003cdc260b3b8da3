#include <charconv>

#include "compiler/cfg/const-ops.h"
#include "compiler/compiler.h"
#include "support/stack-guard.h"
#include "symtable/builder.h"
#include "symtable/docstring.h"

// A walk over the whole tree by its description, with a few kinds of node treated in their own way.
namespace krait {

using namespace ast;

namespace {

constexpr Position kNoPosition{-1, -1, -1, -1};

class Preprocessor {
  public:
    Preprocessor(Arena& arena, IdentifierTable& identifiers, const PreprocessOptions& options,
                 Diagnostic& failure)
        : arena_(arena), options_(options), failure_(failure), debug_(identifiers.intern("__debug__")) {}

    bool node(Node* n);
    bool node_inside(Node* n);

  private:
    // Where return, break and continue lead out of a finally block.
    struct Flow {
        bool in_finally = false;
        bool in_function = false;
        bool in_loop = false;
    };

    bool fields(Node* n);
    bool field(Node* n, const FieldInfo& f);
    bool slot(Node** at, bool is_expr);
    bool function(Node* n, Seq<StmtNode*>& body);
    template <typename T>
    bool loop(T* n);
    template <typename T>
    bool try_finally(T* n);
    bool statements(Seq<StmtNode*> body);
    bool leave(const StmtNode* n, const char* word);
    void drop_docstring(Seq<StmtNode*>& body);
    ExprNode* replacement(ExprNode* n);
    ExprNode* format(const BinOp* n);
    ExprNode* format_field(std::string_view text, size_t& at, ExprNode* argument);
    ExprNode* literal(std::string_view text, size_t& at);
    ExprNode* make_constant(const krait::Constant* value, const Position& at) {
        return arena_.make<ast::Constant>(at, value, nullptr);
    }
    void fold_pattern(ExprNode*& at);

    Arena& arena_;
    const PreprocessOptions& options_;
    Diagnostic& failure_;
    const Identifier* debug_;
    StackGuard stack_;
    StackBudget budget_;
    Flow flow_;
};

template <typename T>
T& at_offset(Node* n, size_t offset) {
    return *reinterpret_cast<T*>(reinterpret_cast<char*>(n) + offset);
}

// What CPython's preprocessing takes of the stack for a node.
bool Preprocessor::node(Node* n) {
    size_t cost = n->kind == Kind::Attribute ? 62 : 160;
    if (stack_.exhausted() || !budget_.enter(cost)) {
        set_recursion_error(failure_);
        return false;
    }
    bool good = node_inside(n);
    budget_.leave(cost);
    return good;
}

bool Preprocessor::node_inside(Node* n) {
    switch (n->kind) {
        case Kind::Module:
            drop_docstring(as<Module>(n)->body);
            return fields(n);
        case Kind::ClassDef:
            drop_docstring(as<ClassDef>(n)->body);
            return fields(n);
        case Kind::FunctionDef:
            return function(n, as<FunctionDef>(n)->body);
        case Kind::AsyncFunctionDef:
            return function(n, as<AsyncFunctionDef>(n)->body);
        case Kind::Return:
            return leave(as<Return>(n), "return") && fields(n);
        case Kind::Break:
            return leave(as<Break>(n), "break");
        case Kind::Continue:
            return leave(as<Continue>(n), "continue");
        case Kind::For:
            return loop(as<For>(n));
        case Kind::AsyncFor:
            return loop(as<AsyncFor>(n));
        case Kind::While: {
            auto* w = as<While>(n);
            if (!slot(reinterpret_cast<Node**>(&w->test), true)) return false;
            Flow before = std::exchange(flow_, {false, false, true});
            if (!statements(w->body)) return false;
            flow_ = before;
            return statements(w->orelse);
        }
        case Kind::Try:
            return try_finally(as<Try>(n));
        case Kind::TryStar:
            return try_finally(as<TryStar>(n));
        case Kind::MatchValue:
            fold_pattern(as<MatchValue>(n)->value);
            return true;
        case Kind::MatchMapping:
            for (ExprNode*& key : as<MatchMapping>(n)->keys) fold_pattern(key);
            return fields(n);
        default:
            return fields(n);
    }
}

bool Preprocessor::fields(Node* n) {
    for (const FieldInfo& f : info(n->kind).fields) {
        if (f.form == FieldForm::kNode && !field(n, f)) return false;
    }
    return true;
}

bool Preprocessor::field(Node* n, const FieldInfo& f) {
    // Annotations that stay text stay as they are.
    if ((options_.future_flags & 0x1000000) != 0) {
        std::string_view name = f.name;
        if (name == "annotation" || name == "returns") return true;
    }
    bool is_expr = f.type == Type::ExprNode;
    if (!f.sequence) return slot(&at_offset<Node*>(n, f.offset), is_expr);
    for (Node*& item : at_offset<Seq<Node*>>(n, f.offset)) {
        if (!slot(&item, is_expr)) return false;
    }
    return true;
}

bool Preprocessor::slot(Node** at, bool is_expr) {
    if (*at == nullptr) return true;
    if (!node(*at)) return false;
    if (is_expr && !options_.syntax_check_only) *at = replacement(static_cast<ExprNode*>(*at));
    return true;
}

bool Preprocessor::function(Node* n, Seq<StmtNode*>& body) {
    drop_docstring(body);
    Flow before = std::exchange(flow_, {false, true, false});
    if (!fields(n)) return false;
    flow_ = before;
    return true;
}

bool Preprocessor::statements(Seq<StmtNode*> body) {
    for (StmtNode* s : body) {
        if (!node(s)) return false;
    }
    return true;
}

template <typename T>
bool Preprocessor::loop(T* n) {
    if (!slot(reinterpret_cast<Node**>(&n->target), true) ||
        !slot(reinterpret_cast<Node**>(&n->iter), true)) {
        return false;
    }
    Flow before = std::exchange(flow_, {false, false, true});
    if (!statements(n->body)) return false;
    flow_ = before;
    return statements(n->orelse);
}

template <typename T>
bool Preprocessor::try_finally(T* n) {
    if (!statements(n->body)) return false;
    for (HandlerNode* h : n->handlers) {
        if (!node(h)) return false;
    }
    if (!statements(n->orelse)) return false;
    Flow before = std::exchange(flow_, {true, false, false});
    if (!statements(n->finalbody)) return false;
    flow_ = before;
    return true;
}

bool Preprocessor::leave(const StmtNode* n, const char* word) {
    bool is_return = n->kind == Kind::Return;
    if (!flow_.in_finally || flow_.in_function || (!is_return && flow_.in_loop)) return true;
    if (options_.warnings == nullptr) return true;
    Diagnostic warning;
    set_syntax_error(warning, *n, std::string("'") + word + "' in a 'finally' block");
    warning.message_only_args = false;
    warning.kind = Diagnostic::Kind::kSyntaxWarning;
    if (options_.warnings->warn(warning)) return true;
    failure_ = std::move(warning);
    failure_.kind =
        options_.warnings->external() ? Diagnostic::Kind::kExternal : Diagnostic::Kind::kSyntaxError;
    return false;
}

// -OO: the docstring goes; the next string must not become one.
void Preprocessor::drop_docstring(Seq<StmtNode*>& body) {
    if (options_.optimize < 2 || options_.syntax_check_only || docstring_of(body) == nullptr) return;
    if (body.size() == 1) {
        body[0] = arena_.make<Pass>(
            Position{body[0]->lineno, body[0]->col_offset, body[0]->lineno, body[0]->col_offset + 4});
        return;
    }
    body = Seq<StmtNode*>(body.data() + 1, body.size() - 1);
    if (docstring_of(body) == nullptr) return;
    auto* statement = as<Expr>(body[0]);
    std::span<ExprNode*> values = arena_.make_array<ExprNode*>(1);
    values[0] = statement->value;
    statement->value = arena_.make<JoinedStr>(*statement, Seq<ExprNode*>(values));
}

ExprNode* Preprocessor::replacement(ExprNode* n) {
    if (auto* name = try_as<Name>(n)) {
        if (name->id != debug_ || name->ctx != ExprContext::Load) return n;
        return make_constant(bool_constant(options_.optimize == 0), *n);
    }
    auto* operation = try_as<BinOp>(n);
    if (operation == nullptr || operation->op != BinaryOperator::Mod) return n;
    ExprNode* formatted = format(operation);
    return formatted != nullptr ? formatted : n;
}

// ---- "..." % (...) ----

// The formatted string that a constant format and a tuple display amount to; null when it needs more than
// %s, %r and %a.
ExprNode* Preprocessor::format(const BinOp* n) {
    auto* left = try_as<ast::Constant>(n->left);
    auto* right = try_as<Tuple>(n->right);
    if (left == nullptr || !left->value->is(ConstantKind::kStr) || right == nullptr) return nullptr;
    for (const ExprNode* e : right->elts) {
        if (is<Starred>(e)) return nullptr;
    }
    std::string_view text = left->value->text();
    std::vector<ExprNode*> values;
    size_t at = 0, used = 0;
    while (true) {
        if (ExprNode* l = literal(text, at)) values.push_back(l);
        if (at >= text.size()) break;
        if (used >= right->elts.size()) return nullptr;
        ExprNode* f = format_field(text, at, right->elts[used++]);
        if (f == nullptr) return nullptr;
        values.push_back(f);
    }
    if (used < right->elts.size()) return nullptr;
    return arena_.make<JoinedStr>(*n, Seq<ExprNode*>(arena_.copy(std::span<ExprNode* const>(values))));
}

// The text up to the next field, "%%" as "%".
ExprNode* Preprocessor::literal(std::string_view text, size_t& at) {
    std::string out;
    while (at < text.size()) {
        if (text[at] == '%') {
            if (at + 1 >= text.size() || text[at + 1] != '%') break;
            at++;
        }
        out += text[at++];
    }
    return out.empty() ? nullptr : make_constant(str_constant(arena_, out), kNoPosition);
}

ExprNode* Preprocessor::format_field(std::string_view text, size_t& at, ExprNode* argument) {
    at++;  // '%'
    auto peek = [&] { return at < text.size() ? text[at] : '\0'; };
    bool left = false;
    for (; peek() != '\0' && std::string_view("-+ #0").find(peek()) != std::string_view::npos; at++) {
        left |= peek() == '-';
    }
    constexpr int kMostDigits = 2;
    auto number = [&](int& value) {
        int digits = 0;
        for (; peek() >= '0' && peek() <= '9'; at++) {
            value = (value < 0 ? 0 : value) * 10 + (peek() - '0');
            if (++digits > kMostDigits) return false;
        }
        return true;
    };
    int width = -1, precision = -1;
    if (!number(width)) return nullptr;
    if (peek() == '.') {
        at++;
        precision = 0;
        if (!number(precision)) return nullptr;
    }
    char conversion = peek();
    if (conversion != 's' && conversion != 'r' && conversion != 'a') return nullptr;
    at++;
    std::string spec;
    if (!left && width > 0) spec += '>';
    if (width >= 0) spec += std::to_string(width);
    if (precision >= 0) spec += "." + std::to_string(precision);
    ExprNode* spec_node = spec.empty() ? nullptr : make_constant(str_constant(arena_, spec), kNoPosition);
    return arena_.make<FormattedValue>(*argument, argument, conversion, spec_node);
}

// ---- patterns ----

// -1 and 1+2j are numbers in a pattern.
void Preprocessor::fold_pattern(ExprNode*& at) {
    if (options_.syntax_check_only) return;
    const krait::Constant* value = nullptr;
    if (auto* unary = try_as<UnaryOp>(at)) {
        fold_pattern(unary->operand);
        auto* operand = try_as<ast::Constant>(unary->operand);
        if (unary->op == UnaryOperator::USub && operand != nullptr) {
            value = cfg::fold_negative(arena_, operand->value);
        }
    } else if (auto* binary = try_as<BinOp>(at)) {
        fold_pattern(binary->left);
        fold_pattern(binary->right);
        auto* left = try_as<ast::Constant>(binary->left);
        auto* right = try_as<ast::Constant>(binary->right);
        bool add = binary->op == BinaryOperator::Add, subtract = binary->op == BinaryOperator::Sub;
        if (left != nullptr && right != nullptr && (add || subtract)) {
            value = cfg::fold_binary(arena_, add ? BinaryOp::NB_ADD : BinaryOp::NB_SUBTRACT, left->value,
                                     right->value);
        }
    }
    if (value != nullptr) at = make_constant(value, *at);
}

}  // namespace

bool preprocess(Arena& arena, IdentifierTable& identifiers, ModNode* module, const PreprocessOptions& options,
                Diagnostic& failure) {
    return Preprocessor(arena, identifiers, options, failure).node(module);
}

}  // namespace krait
