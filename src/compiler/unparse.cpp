#include "compiler/codegen.h"
#include "compiler/constant-util.h"

// Expressions back to source text, in the spelling that CPython stores for annotations that stay text.
namespace krait {

using namespace ast;

namespace {

enum Level {
    kTuple,
    kTest,  // if-else, lambda
    kOr,
    kAnd,
    kNot,
    kCompare,
    kBitOr,
    kBitXor,
    kBitAnd,
    kShift,
    kArith,
    kTerm,
    kFactor,
    kPower,
    kAwait,
    kAtom,
};
constexpr Level kExpr = kBitOr;

class Unparser {
  public:
    std::string out;

    void expr(const ExprNode* node, int level);

  private:
    // Parentheses around what is written while it lives, if wanted.
    class Parens {
      public:
        Parens(Unparser& u, bool wanted) : u_(u), wanted_(wanted) {
            if (wanted_) u_.out += '(';
        }
        ~Parens() {
            if (wanted_) u_.out += ')';
        }

      private:
        Unparser& u_;
        bool wanted_;
    };

    void list(Seq<ExprNode*> nodes, int level = kTest) {
        for (size_t i = 0; i < nodes.size(); i++) {
            if (i > 0) out += ", ";
            expr(nodes[i], level);
        }
    }
    void name(const Identifier* id) { out += id->view(); }
    void constant(const ast::Constant* node);
    void bool_op(const BoolOp* node, int level);
    void bin_op(const BinOp* node, int level);
    void unary_op(const UnaryOp* node, int level);
    void lambda(const Lambda* node, int level);
    void arguments(const Arguments* args);
    void dict(const Dict* node);
    void generators(Seq<Comprehension*> generators);
    void compare(const ast::Compare* node, int level);
    void call(const Call* node);
    void subscript(const Subscript* node);
    void slice(const Slice* node);
    void string_parts(char prefix, Seq<ExprNode*> values);
    void string_part(const ExprNode* node);
    void field(std::string text, int conversion, const ExprNode* format_spec);

    StackGuard stack_;
};

void Unparser::constant(const ast::Constant* node) {
    if (node->value->is(ConstantKind::kEllipsis)) {
        out += "...";
        return;
    }
    if (node->kind != nullptr) name(node->kind);
    std::string text = repr_text(node->value);
    if (node->value->is(ConstantKind::kFloat) || node->value->is(ConstantKind::kComplex)) {
        // "inf" is no literal; a number too large is.
        for (size_t at = 0; (at = text.find("inf", at)) != text.npos; at += 5) text.replace(at, 3, "1e309");
    }
    out += text;
}

void Unparser::bool_op(const BoolOp* node, int level) {
    bool is_and = node->op == BoolOperator::And;
    int own = is_and ? kAnd : kOr;
    Parens parens(*this, level > own);
    for (size_t i = 0; i < node->values.size(); i++) {
        if (i > 0) out += is_and ? " and " : " or ";
        expr(node->values[i], own + 1);
    }
}

void Unparser::bin_op(const BinOp* node, int level) {
    static constexpr struct {
        const char* text;
        int level;
    } kOps[] = {{" + ", kArith},  {" - ", kArith},  {" * ", kTerm},   {" @ ", kTerm},   {" / ", kTerm},
                {" % ", kTerm},   {" ** ", kPower}, {" << ", kShift}, {" >> ", kShift}, {" | ", kBitOr},
                {" ^ ", kBitXor}, {" & ", kBitAnd}, {" // ", kTerm}};
    auto& o = kOps[static_cast<int>(node->op)];
    bool right_first = node->op == BinaryOperator::Pow;
    Parens parens(*this, level > o.level);
    expr(node->left, o.level + right_first);
    out += o.text;
    expr(node->right, o.level + !right_first);
}

void Unparser::unary_op(const UnaryOp* node, int level) {
    static constexpr const char* kOps[] = {"~", "not ", "+", "-"};
    int own = node->op == UnaryOperator::Not ? kNot : kFactor;
    Parens parens(*this, level > own);
    out += kOps[static_cast<int>(node->op)];
    expr(node->operand, own);
}

void Unparser::arguments(const Arguments* args) {
    bool first = true;
    auto comma = [&] {
        if (!first) out += ", ";
        first = false;
    };
    size_t positional = args->posonlyargs.size() + args->args.size();
    for (size_t i = 0; i < positional; i++) {
        bool only = i < args->posonlyargs.size();
        const Arg* a = only ? args->posonlyargs[i] : args->args[i - args->posonlyargs.size()];
        comma();
        name(a->arg);
        size_t without_default = positional - args->defaults.size();
        if (i >= without_default) {
            out += '=';
            expr(args->defaults[i - without_default], kTest);
        }
        if (only && i + 1 == args->posonlyargs.size()) out += ", /";
    }
    if (args->vararg != nullptr || !args->kwonlyargs.empty()) {
        comma();
        out += '*';
        if (args->vararg != nullptr) name(args->vararg->arg);
    }
    for (size_t i = 0; i < args->kwonlyargs.size(); i++) {
        comma();
        name(args->kwonlyargs[i]->arg);
        if (args->kw_defaults[i] != nullptr) {
            out += '=';
            expr(args->kw_defaults[i], kTest);
        }
    }
    if (args->kwarg != nullptr) {
        comma();
        out += "**";
        name(args->kwarg->arg);
    }
}

void Unparser::lambda(const Lambda* node, int level) {
    Parens parens(*this, level > kTest);
    // No space before "*": that is how CPython spells it.
    out += node->args->posonlyargs.empty() && node->args->args.empty() ? "lambda" : "lambda ";
    arguments(node->args);
    out += ": ";
    expr(node->body, kTest);
}

void Unparser::dict(const Dict* node) {
    out += '{';
    for (size_t i = 0; i < node->values.size(); i++) {
        if (i > 0) out += ", ";
        if (node->keys[i] == nullptr) {
            out += "**";
            expr(node->values[i], kExpr);
        } else {
            expr(node->keys[i], kTest);
            out += ": ";
            expr(node->values[i], kTest);
        }
    }
    out += '}';
}

void Unparser::generators(Seq<Comprehension*> generators) {
    for (const Comprehension* g : generators) {
        out += g->is_async ? " async for " : " for ";
        expr(g->target, kTuple);
        out += " in ";
        expr(g->iter, kTest + 1);
        for (const ExprNode* condition : g->ifs) {
            out += " if ";
            expr(condition, kTest + 1);
        }
    }
}

void Unparser::compare(const ast::Compare* node, int level) {
    static constexpr const char* kOps[] = {" == ", " != ", " < ",      " <= ", " > ",
                                           " >= ", " is ", " is not ", " in ", " not in "};
    Parens parens(*this, level > kCompare);
    expr(node->left, kCompare + 1);
    for (size_t i = 0; i < node->ops.size(); i++) {
        out += kOps[static_cast<int>(node->ops[i])];
        expr(node->comparators[i], kCompare + 1);
    }
}

void Unparser::call(const Call* node) {
    expr(node->func, kAtom);
    if (node->args.size() == 1 && node->keywords.empty() && is<GeneratorExp>(node->args[0])) {
        expr(node->args[0], kAtom);  // its parentheses are the call's
        return;
    }
    out += '(';
    list(node->args);
    bool first = node->args.empty();
    for (const Keyword* k : node->keywords) {
        if (!first) out += ", ";
        first = false;
        if (k->arg == nullptr) {
            out += "**";
        } else {
            name(k->arg);
            out += '=';
        }
        expr(k->value, kTest);
    }
    out += ')';
}

void Unparser::subscript(const Subscript* node) {
    expr(node->value, kAtom);
    out += '[';
    expr(node->slice, kTuple);
    out += ']';
}

void Unparser::slice(const Slice* node) {
    if (node->lower != nullptr) expr(node->lower, kTest);
    out += ':';
    if (node->upper != nullptr) expr(node->upper, kTest);
    if (node->step != nullptr) {
        out += ':';
        expr(node->step, kTest);
    }
}

// ---- f-strings and t-strings ----

void Unparser::field(std::string text, int conversion, const ExprNode* format_spec) {
    out += '{';
    out += text;
    if (conversion > 0) {
        out += '!';
        out += static_cast<char>(conversion);
    }
    if (format_spec != nullptr) {
        out += ':';
        string_part(format_spec);
    }
    out += '}';
}

void Unparser::string_part(const ExprNode* node) {
    if (stack_.exhausted()) return;
    if (auto* c = try_as<ast::Constant>(node)) {
        for (char ch : c->value->text()) {
            out += ch;
            if (ch == '{' || ch == '}') out += ch;
        }
    } else if (auto* joined = try_as<JoinedStr>(node)) {
        for (const ExprNode* v : joined->values) string_part(v);
    } else if (auto* templ = try_as<TemplateStr>(node)) {
        for (const ExprNode* v : templ->values) string_part(v);
    } else if (auto* value = try_as<FormattedValue>(node)) {
        Unparser inner;
        inner.expr(value->value, kTest + 1);
        // "{{" would be a brace.
        if (inner.out.starts_with('{')) inner.out.insert(0, " ");
        field(std::move(inner.out), value->conversion, value->format_spec);
    } else if (auto* interpolation = try_as<Interpolation>(node)) {
        field(std::string(interpolation->str->text()), interpolation->conversion, interpolation->format_spec);
    }
}

void Unparser::string_parts(char prefix, Seq<ExprNode*> values) {
    Unparser body;
    for (const ExprNode* v : values) body.string_part(v);
    out += prefix;
    out += repr_of_str(body.out);
}

// ---- all of them ----

void Unparser::expr(const ExprNode* node, int level) {
    if (stack_.exhausted()) return;
    switch (node->kind) {
        case Kind::BoolOp:
            return bool_op(as<BoolOp>(node), level);
        case Kind::NamedExpr: {
            Parens parens(*this, level > kTuple);
            expr(as<NamedExpr>(node)->target, kAtom);
            out += " := ";
            return expr(as<NamedExpr>(node)->value, kAtom);
        }
        case Kind::BinOp:
            return bin_op(as<BinOp>(node), level);
        case Kind::UnaryOp:
            return unary_op(as<UnaryOp>(node), level);
        case Kind::Lambda:
            return lambda(as<Lambda>(node), level);
        case Kind::IfExp: {
            auto* n = as<IfExp>(node);
            Parens parens(*this, level > kTest);
            expr(n->body, kTest + 1);
            out += " if ";
            expr(n->test, kTest + 1);
            out += " else ";
            return expr(n->orelse, kTest);
        }
        case Kind::Dict:
            return dict(as<Dict>(node));
        case Kind::Set:
            out += '{';
            list(as<Set>(node)->elts);
            out += '}';
            return;
        case Kind::ListComp:
            out += '[';
            expr(as<ListComp>(node)->elt, kTest);
            generators(as<ListComp>(node)->generators);
            out += ']';
            return;
        case Kind::SetComp:
            out += '{';
            expr(as<SetComp>(node)->elt, kTest);
            generators(as<SetComp>(node)->generators);
            out += '}';
            return;
        case Kind::DictComp:
            out += '{';
            expr(as<DictComp>(node)->key, kTest);
            out += ": ";
            expr(as<DictComp>(node)->value, kTest);
            generators(as<DictComp>(node)->generators);
            out += '}';
            return;
        case Kind::GeneratorExp:
            out += '(';
            expr(as<GeneratorExp>(node)->elt, kTest);
            generators(as<GeneratorExp>(node)->generators);
            out += ')';
            return;
        case Kind::Yield:
            out += "(yield";
            if (as<Yield>(node)->value != nullptr) {
                out += ' ';
                expr(as<Yield>(node)->value, kTest);
            }
            out += ')';
            return;
        case Kind::YieldFrom:
            out += "(yield from ";
            expr(as<YieldFrom>(node)->value, kTest);
            out += ')';
            return;
        case Kind::Await: {
            Parens parens(*this, level > kAwait);
            out += "await ";
            return expr(as<Await>(node)->value, kAtom);
        }
        case Kind::Compare:
            return compare(as<ast::Compare>(node), level);
        case Kind::Call:
            return call(as<Call>(node));
        case Kind::Constant:
            return constant(as<ast::Constant>(node));
        case Kind::JoinedStr:
            return string_parts('f', as<JoinedStr>(node)->values);
        case Kind::TemplateStr:
            return string_parts('t', as<TemplateStr>(node)->values);
        case Kind::FormattedValue:
        case Kind::Interpolation:
            return string_part(node);
        case Kind::Attribute: {
            auto* n = as<Attribute>(node);
            expr(n->value, kAtom);
            // "1.real" would be a float.
            auto* number = try_as<ast::Constant>(n->value);
            out += number != nullptr && number->value->is_int() ? " ." : ".";
            return name(n->attr);
        }
        case Kind::Starred:
            out += '*';
            return expr(as<Starred>(node)->value, kExpr);
        case Kind::Name:
            return name(as<Name>(node)->id);
        case Kind::List:
            out += '[';
            list(as<List>(node)->elts);
            out += ']';
            return;
        case Kind::Tuple: {
            auto* n = as<Tuple>(node);
            if (n->elts.empty()) {
                out += "()";
                return;
            }
            Parens parens(*this, level > kTuple);
            list(n->elts);
            if (n->elts.size() == 1) out += ',';
            return;
        }
        case Kind::Subscript:
            return subscript(as<Subscript>(node));
        case Kind::Slice:
            return slice(as<Slice>(node));
        default:
            return;
    }
}

}  // namespace

std::string unparse(const ExprNode* node) {
    Unparser u;
    u.expr(node, kTest);
    return std::move(u.out);
}

}  // namespace krait
