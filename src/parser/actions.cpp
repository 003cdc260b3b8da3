// Builders that the grammar's actions call: statements, parameters, calls, expressions.
#include "parser/rules.h"

namespace krait::parser {

// ---- statements ----

ModNode* module_of(State& p, Seq<StmtNode*> body) { return p.make<ast::Module>(body, p.type_ignores()); }

Seq<StmtNode*> flatten(State& p, Seq<Statements*> groups) {
    size_t count = 0;
    for (Statements* group : groups) count += group->single ? 1 : group->items.size();
    Seq<StmtNode*> result = p.array<StmtNode*>(count);
    StmtNode** to = result.data();
    for (Statements* group : groups) {
        if (group->single) {
            *to++ = group->single;
        } else {
            to = std::copy(group->items.begin(), group->items.end(), to);
        }
    }
    return result;
}

std::nullptr_t interactive_end(State& p) {
    if (p.options().interactive) p.end_of_input();
    return nullptr;
}

StmtNode* with_decorators(State& p, Seq<ExprNode*> decorators, StmtNode* definition) {
    if (auto function = ast::try_as<ast::FunctionDef>(definition)) {
        function->decorator_list = decorators;
    } else if (auto async = ast::try_as<ast::AsyncFunctionDef>(definition)) {
        async->decorator_list = decorators;
    } else {
        ast::as<ast::ClassDef>(definition)->decorator_list = decorators;
    }
    return definition;
}

int dots(Seq<Tk*> tokens) {
    int count = 0;
    for (Tk* token : tokens) count += token->kind == ELLIPSIS ? 3 : 1;
    return count;
}

void check_except(State& p, ExprNode* types) {
    if (ast::is<ast::Tuple>(types)) {
        auto tuple = ast::as<ast::Tuple>(types);
        // A parenthesized tuple begins before its first element.
        if (!tuple->elts.empty() && tuple->elts[0]->lineno == tuple->lineno &&
            tuple->elts[0]->col_offset == tuple->col_offset) {
            p.need(14, "except expressions without parentheses are");
        }
    }
}

void check_default(State& p, ExprNode* value) {
    if (value != nullptr) p.need(13, "Type parameter defaults are");
}

void State::check_future(const Dotted* module, Seq<ast::Alias*> names, int level) {
    if (level > 0 || module->identifier->view() != "__future__") return;
    for (ast::Alias* alias : names) {
        if (alias->name->view() != "barry_as_FLUFL") continue;
        barry = true;
        lexer_.set_angle_not_equal(true);
    }
}

Seq<const Identifier*> State::identifiers(Seq<Tk*> names) {
    Seq<const Identifier*> result = array<const Identifier*>(names.size());
    for (size_t i = 0; i < names.size(); i++) result[i] = names[i]->identifier;
    return result;
}

Dotted* State::dotted(Dotted* front, Tk* name) {
    std::string_view a = front->identifier->view(), b = name->identifier->view();
    auto text = static_cast<char*>(arena->allocate(a.size() + 1 + b.size(), 1));
    std::copy(a.begin(), a.end(), text);
    text[a.size()] = '.';
    std::copy(b.begin(), b.end(), text + a.size() + 1);
    Position at = front->position;
    at.end_lineno = int(name->end_line);
    at.end_col_offset = int(name->end_column);
    return make<Dotted>(at, intern({text, a.size() + 1 + b.size()}));
}

// ---- parameters ----

NameDefault* State::with_default(ast::Arg* arg, ExprNode* value, const Tk* type_comment) {
    return make<NameDefault>(with_comment(*this, arg, type_comment), value);
}

ast::Arg* with_comment(State& p, ast::Arg* arg, const Tk* comment) {
    if (comment == nullptr) return arg;
    return p.make<ast::Arg>(*arg, arg->arg, arg->annotation, p.comment(comment));
}

namespace {

// Parameters after those given, and the defaults of both.
void add_defaults(State& p, Seq<ast::Arg*>& args, Seq<ExprNode*>& values, Seq<NameDefault*> more) {
    if (more.empty()) return;
    Seq<ast::Arg*> all = p.array<ast::Arg*>(args.size() + more.size());
    Seq<ExprNode*> defaults = p.array<ExprNode*>(values.size() + more.size());
    std::copy(args.begin(), args.end(), all.begin());
    std::copy(values.begin(), values.end(), defaults.begin());
    for (size_t i = 0; i < more.size(); i++) {
        all[args.size() + i] = more[i]->arg;
        defaults[values.size() + i] = more[i]->value;
    }
    args = all;
    values = defaults;
}

}  // namespace

ast::Arguments* make_arguments(State& p, Seq<ast::Arg*> slash, SlashWithDefault* slash_with_default,
                               Seq<ast::Arg*> plain, Seq<NameDefault*> defaults, StarEtc* rest) {
    Seq<ast::Arg*> positional_only = slash, args = plain, keyword_only;
    Seq<ExprNode*> values, keyword_values;
    if (slash_with_default) {
        positional_only = slash_with_default->plain;
        add_defaults(p, positional_only, values, slash_with_default->defaults);
    }
    add_defaults(p, args, values, defaults);
    if (rest) add_defaults(p, keyword_only, keyword_values, rest->kwonly);
    return p.make<ast::Arguments>(positional_only, args, rest ? rest->vararg : nullptr, keyword_only,
                                  keyword_values, rest ? rest->kwarg : nullptr, values);
}

ast::Arguments* arguments_or_empty(State& p, ast::Arguments* arguments) {
    if (arguments != nullptr) return arguments;
    return make_arguments(p, {}, nullptr, {}, {}, nullptr);
}

// ---- expressions ----

ExprNode* tuple_unless_one(State& p, ExprNode* first, Seq<ExprNode*> rest, Tk* comma, uint32_t start) {
    if (rest.empty() && comma == nullptr) return first;
    return p.make<ast::Tuple>(p.span(start), p.prepend(first, rest), ExprContext::Load);
}

namespace {

Seq<ExprNode*> to_store(State& p, Seq<ExprNode*> targets) {
    Seq<ExprNode*> result = p.array<ExprNode*>(targets.size());
    for (size_t i = 0; i < targets.size(); i++) result[i] = krait::parser::to_store(p, targets[i]);
    return result;
}

}  // namespace

ExprNode* to_store(State& p, ExprNode* target) {
    constexpr ExprContext store = ExprContext::Store;
    p.check_depth();
    if (auto name = ast::try_as<ast::Name>(target)) return p.make<ast::Name>(*name, name->id, store);
    if (auto tuple = ast::try_as<ast::Tuple>(target)) {
        return p.make<ast::Tuple>(*tuple, to_store(p, tuple->elts), store);
    }
    if (auto list = ast::try_as<ast::List>(target)) {
        return p.make<ast::List>(*list, to_store(p, list->elts), store);
    }
    if (auto item = ast::try_as<ast::Subscript>(target)) {
        return p.make<ast::Subscript>(*item, item->value, item->slice, store);
    }
    if (auto attribute = ast::try_as<ast::Attribute>(target)) {
        return p.make<ast::Attribute>(*attribute, attribute->value, attribute->attr, store);
    }
    if (auto starred = ast::try_as<ast::Starred>(target)) {
        return p.make<ast::Starred>(*starred, to_store(p, starred->value), store);
    }
    return target;
}

namespace {

// One member of each of the pairs.
template <typename T, typename Pair>
Seq<T> pluck(State& p, Seq<Pair*> pairs, T Pair::* member) {
    Seq<T> result = p.array<T>(pairs.size());
    for (size_t i = 0; i < pairs.size(); i++) result[i] = pairs[i]->*member;
    return result;
}

}  // namespace

Seq<CompareOperator> compare_operators(State& p, Seq<ComparePair*> pairs) {
    return pluck(p, pairs, &ComparePair::op);
}
Seq<ExprNode*> compare_operands(State& p, Seq<ComparePair*> pairs) {
    return pluck(p, pairs, &ComparePair::operand);
}
Seq<ExprNode*> pair_keys(State& p, Seq<KeyValue*> pairs) { return pluck(p, pairs, &KeyValue::key); }
Seq<ExprNode*> pair_values(State& p, Seq<KeyValue*> pairs) { return pluck(p, pairs, &KeyValue::value); }
Seq<ExprNode*> pattern_keys(State& p, Seq<KeyPattern*> pairs) { return pluck(p, pairs, &KeyPattern::key); }
Seq<PatternNode*> pattern_values(State& p, Seq<KeyPattern*> pairs) {
    return pluck(p, pairs, &KeyPattern::pattern);
}
Seq<PatternNode*> keyword_patterns(State& p, Seq<KeywordPattern*> pairs) {
    return pluck(p, pairs, &KeywordPattern::pattern);
}
Seq<const Identifier*> keyword_names(State& p, Seq<KeywordPattern*> pairs) {
    return p.identifiers(pluck(p, pairs, &KeywordPattern::name));
}

Tk* check_not_equal(State& p, Tk* token) {
    bool angles = p.text(static_cast<const Token&>(*token)) == "<>";
    if (p.barry && !angles) p.raise_last("with Barry as BDFL, use '<>' instead of '!='");
    return token;
}

ExprNode* ensure_real(State& p, ExprNode* number) {
    if (ast::as<ast::Constant>(number)->value->is(ConstantKind::kComplex)) {
        p.raise_at(number, "real number required in complex literal");
    }
    return number;
}

ExprNode* ensure_imaginary(State& p, ExprNode* number) {
    if (!ast::as<ast::Constant>(number)->value->is(ConstantKind::kComplex)) {
        p.raise_at(number, "imaginary number required in complex literal");
    }
    return number;
}

// Starred arguments count as positional, wherever they stand.
ast::Call* collect_call(State& p, Seq<ExprNode*> positional, Seq<CallArgument*> rest, uint32_t start) {
    size_t keywords = 0;
    for (CallArgument* argument : rest) keywords += argument->keyword != nullptr;
    if (rest.empty()) return p.make<ast::Call>(p.span(start), nullptr, positional, Seq<ast::Keyword*>());
    Seq<ExprNode*> args = p.array<ExprNode*>(positional.size() + rest.size() - keywords);
    Seq<ast::Keyword*> named = p.array<ast::Keyword*>(keywords);
    ExprNode** to = std::copy(positional.begin(), positional.end(), args.begin());
    ast::Keyword** to_named = named.begin();
    for (CallArgument* argument : rest) {
        if (argument->keyword) {
            *to_named++ = argument->keyword;
        } else {
            *to++ = argument->positional;
        }
    }
    return p.make<ast::Call>(p.span(start), nullptr, args, named);
}

}  // namespace krait::parser
