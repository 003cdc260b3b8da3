#pragma once

#include "parser/state.h"

// The functions that the grammar's actions call. Nodes are made in p's arena; whatever is named `check`
// raises when the check fails.
namespace krait::parser {

// The generated entry functions: null when the text does not match.
ModNode* parse_fast(State& p, Mode mode);
ModNode* parse_exact(State& p, Mode mode);

// A rule whose value is of no interest.
template <typename T>
bool drop(State& p, bool (*rule)(State&, T&)) {
    T out{};
    return rule(p, out);
}

// ---- statements (actions.cpp) ----

ModNode* module_of(State& p, Seq<StmtNode*> body);
Seq<StmtNode*> flatten(State& p, Seq<Statements*> groups);
// A terminal's end of file between statements; fails on other texts.
std::nullptr_t interactive_end(State& p);
StmtNode* with_decorators(State& p, Seq<ExprNode*> decorators, StmtNode* definition);
int dots(Seq<Tk*> tokens);
// A bare `except A, B:` is newer than others.
void check_except(State& p, ExprNode* types);
void check_default(State& p, ExprNode* value);

inline Statements* statements_of(State& p, StmtNode* single) {
    return p.make<Statements>(Seq<StmtNode*>(), single);
}
inline Statements* statements_of(State& p, Seq<StmtNode*> items) {
    return p.make<Statements>(items, nullptr);
}

ast::Arguments* make_arguments(State& p, Seq<ast::Arg*> slash, SlashWithDefault* slash_with_default,
                               Seq<ast::Arg*> plain, Seq<NameDefault*> defaults, StarEtc* rest);
ast::Arguments* arguments_or_empty(State& p, ast::Arguments* arguments);
ast::Arg* with_comment(State& p, ast::Arg* arg, const Tk* comment);

// ---- expressions ----

// The expression, or the tuple that a comma makes of it.
ExprNode* tuple_unless_one(State& p, ExprNode* first, Seq<ExprNode*> rest, Tk* comma, uint32_t start);
// The same with another context, all the way into tuples, lists and starred expressions.
ExprNode* to_store(State& p, ExprNode* target);
Seq<CompareOperator> compare_operators(State& p, Seq<ComparePair*> pairs);
Seq<ExprNode*> compare_operands(State& p, Seq<ComparePair*> pairs);
Seq<ExprNode*> pair_keys(State& p, Seq<KeyValue*> pairs);
Seq<ExprNode*> pair_values(State& p, Seq<KeyValue*> pairs);
Seq<ExprNode*> pattern_keys(State& p, Seq<KeyPattern*> pairs);
Seq<PatternNode*> pattern_values(State& p, Seq<KeyPattern*> pairs);
Seq<const Identifier*> keyword_names(State& p, Seq<KeywordPattern*> pairs);
Seq<PatternNode*> keyword_patterns(State& p, Seq<KeywordPattern*> pairs);
// Under barry_as_FLUFL `<>` is written, and the lexer knows it only then.
Tk* check_not_equal(State& p, Tk* token);
ExprNode* ensure_real(State& p, ExprNode* number);
ExprNode* ensure_imaginary(State& p, ExprNode* number);

// Call arguments travel as a Call without a function.
ast::Call* collect_call(State& p, Seq<ExprNode*> positional, Seq<CallArgument*> rest, uint32_t start);
inline Seq<ExprNode*> call_args(ast::Call* call) { return call ? call->args : Seq<ExprNode*>(); }
inline Seq<ast::Keyword*> call_keywords(ast::Call* call) {
    return call ? call->keywords : Seq<ast::Keyword*>();
}

// ---- errors (invalid.cpp) ----

enum class Targets : uint8_t { kStar, kDelete, kFor };

// What messages call this kind of expression: "function call", "literal", ...
const char* expr_name(const ExprNode* expr);
// Raises for the first part of `expr` that cannot be a target; returns when there is none.
std::nullptr_t invalid_target(State& p, ExprNode* expr, Targets targets);
bool is_legacy_statement(const ExprNode* name);  // print, exec
ExprNode* last_item(const ast::Comprehension* clause);
std::nullptr_t unparenthesized_genexp(State& p, ast::Call* call, Seq<ast::Comprehension*> clauses);
std::nullptr_t positional_after_keyword(State& p, ast::Call* call);

// ---- strings (strings.cpp) ----

ExprNode* string_literal(State& p, Tk* token);
ExprNode* string_part(State& p, Tk* middle);
ExprNode* format_part(State& p, Tk* middle);
ExprNode* joined_string(State& p, Tk* start, Seq<ExprNode*> parts, Tk* end);
ExprNode* template_string(State& p, Tk* start, Seq<ExprNode*> parts, Tk* end);
ExprNode* formatted_value(State& p, ExprNode* value, Tk* debug, Conversion* conversion, FormatSpec* spec,
                          Tk* brace, uint32_t start);
ExprNode* interpolation(State& p, ExprNode* value, Tk* debug, Conversion* conversion, FormatSpec* spec,
                        Tk* brace, uint32_t start);
Conversion* check_conversion(State& p, Tk* mark, Tk* name);
FormatSpec* format_spec(State& p, Tk* colon, Seq<ExprNode*> parts, uint32_t start);
ExprNode* concatenate_strings(State& p, Seq<ExprNode*> strings, uint32_t start);
ExprNode* concatenate_templates(State& p, Seq<ExprNode*> strings, uint32_t start);

}  // namespace krait::parser
