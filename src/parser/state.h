#pragma once

#include <csetjmp>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "parser/kinds.h"
#include "parser/parser.h"

// What the generated parsers (gen/parser/rules-*.cpp) work on: the tokens read so far, the place in them,
// what rules matched where, and the builders that actions call.
//
// An error leaves all rules at once (longjmp to the driver): nothing on the way owns anything, since nodes
// live in the arena, and no rule need ask whether an error is pending. An action must therefore hold no
// std::string when it raises; texts are formatted into the arena.
namespace krait::parser {

using ast::BinaryOperator;
using ast::BoolOperator;
using ast::CompareOperator;
using ast::ExprContext;
using ast::ExprNode;
using ast::HandlerNode;
using ast::ModNode;
using ast::Node;
using ast::PatternNode;
using ast::Position;
using ast::PositionedNode;
using ast::Seq;
using ast::StmtNode;
using ast::TypeParamNode;
using ast::UnaryOperator;
using Mode = ParseMode;

struct Memo {
    Memo* next;
    uint32_t end;
    uint16_t rule;
    void* result;
};

struct Tk : Token {
    uint8_t kind;                  // a K
    bool warned = false;           // about an escape in this string
    bool raw;                      // inside an f-string or t-string that is raw
    char prefix;                   // inside one: 'f' or 't'
    const Identifier* identifier;  // of names and keywords
    Memo* memo;
};

// The type of a rule that never matches: it raises or fails.
struct Never;

// ---- what rules yield beside nodes ----

struct Statements {
    Seq<StmtNode*> items;
    StmtNode* single;  // when not null, the only item
};

struct Dotted {  // a.b.c
    Position position;
    const Identifier* identifier;

    Position place() const { return position; }
    const Identifier* dotted() const { return identifier; }
};

struct KeyValue {
    ExprNode* key;  // null for **value
    ExprNode* value;
};

struct ComparePair {
    CompareOperator op;
    ExprNode* operand;
};

struct NameDefault {
    ast::Arg* arg;
    ExprNode* value;  // may be null
};

struct SlashWithDefault {
    Seq<ast::Arg*> plain;
    Seq<NameDefault*> defaults;
};

struct StarEtc {
    ast::Arg* vararg;
    Seq<NameDefault*> kwonly;
    ast::Arg* kwarg;
};

struct CallArgument {  // one of the two
    ast::Keyword* keyword;
    ExprNode* positional;
};

struct KeyPattern {
    ExprNode* key;
    PatternNode* pattern;
};

struct KeywordPattern {
    Tk* name;
    PatternNode* pattern;
};

struct Conversion {  // !r
    Tk* mark;
    Tk* name;
};

struct FormatSpec {
    Tk* colon;
    ExprNode* spec;
};

// What actions write as {}: no list, no node.
struct Nothing {
    template <typename T>
    operator Seq<T>() const {
        return {};
    }
    template <typename T>
    operator T*() const {
        return nullptr;
    }
};
constexpr Nothing kNothing;

// A set of token kinds.
struct KindSet {
    uint64_t words[2];
    bool has(uint8_t kind) const { return words[kind >> 6] >> (kind & 63) & 1; }
};

constexpr bool is_name_kind(uint8_t kind) {
    return kind == NAME || (kind >= kFirstSoft && kind < forbidden_name);
}

class State {
  public:
    State(Arena& arena, IdentifierTable& identifiers, SourceText& source, const ParseOptions& options);
    ~State();
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    // All three passes.
    ParseResult run();

    // ---- matching ----

    uint32_t mark = 0;
    // The rules that word errors count.
    bool invalid = false;
    uint32_t level = 0;  // see Level

    // For the exception's _metadata: where the last compound statement began that was complete.
    StmtNode* note_statement(StmtNode* statement) {
        if (invalid && statement->kind != ast::Kind::FunctionDef &&
            statement->kind != ast::Kind::AsyncFunctionDef && statement->lineno >= last_statement_.lineno)
            last_statement_ = statement->position();
        return statement;
    }
    [[noreturn]] void too_deep();

    uint8_t peek() {
        uint8_t kind = kinds_[mark];
        return __builtin_expect(kind == kUnfilled, 0) ? fill() : kind;
    }
    uint8_t peek_second() {
        if (peek() == ENDMARKER) return ENDMARKER;
        uint8_t kind = kinds_[mark + 1];
        return __builtin_expect(kind == kUnfilled, 0) ? fill() : kind;
    }
    bool at(const KindSet& set) { return set.has(peek()); }
    bool eat(uint8_t kind) {
        if (peek() != kind) return false;
        mark++;
        return true;
    }
    bool eat(const KindSet& set) {
        if (!at(set)) return false;
        mark++;
        return true;
    }
    bool eat_name() {
        if (!is_name_kind(peek())) return no_name();
        mark++;
        return true;
    }
    Tk* take(uint8_t kind) { return peek() == kind ? &token(mark++) : nullptr; }
    Tk* take(const KindSet& set) { return at(set) ? &token(mark++) : nullptr; }
    Tk* take_name() {
        if (is_name_kind(peek())) return &token(mark++);
        no_name();
        return nullptr;
    }
    // A name was looked for and is not there: false, but for a name that none may have.
    bool no_name() {
        if (kinds_[mark] == forbidden_name) [[unlikely]]
            raise_forbidden_name();
        return false;
    }
    [[noreturn]] void raise_forbidden_name();
    // The token, or the error "expected '...'".
    Tk* force(uint8_t kind, const char* text);

    Tk& token(uint32_t index) { return pages_[index / kPage][index % kPage]; }
    Tk& last_token() { return token(fill_ - 1); }  // the last one that was read
    int last_level() { return token(mark - 1).level; }

    // From the token at `start` to the last one matched, line ends aside.
    Position span(uint32_t start) {
        const Tk& first = token(start);
        uint32_t end = mark;
        uint8_t kind;
        do {
            kind = kinds_[--end];
        } while (end > 0 && (kind == ENDMARKER || (kind >= NEWLINE && kind <= DEDENT)));
        const Tk& last = token(end);
        return {int(first.line), int(first.column), int(last.end_line), int(last.end_column)};
    }

    void check_depth() {
        if (__builtin_expect(static_cast<char*>(__builtin_frame_address(0)) < stack_limit_, 0)) too_deep();
    }

    bool recall(uint16_t rule, void*& result) {
        peek();
        for (Memo* memo = token(mark).memo; memo != nullptr; memo = memo->next) {
            if (memo->rule != rule) continue;
            mark = memo->end;
            result = memo->result;
            return true;
        }
        return false;
    }
    void remember(uint32_t start, uint16_t rule, void* result) {
        Tk& at = token(start);
        at.memo = arena->make<Memo>(at.memo, mark, rule, result);
    }

    // ---- building ----

    Arena* arena;

    template <typename T, typename... Args>
    T* make(Args&&... args) {
        return new (arena->allocate(sizeof(T), alignof(T))) T(std::forward<Args>(args)...);
    }
    template <typename T>
    Seq<T> array(size_t count) {
        return {static_cast<T*>(arena->allocate(count * sizeof(T), alignof(T))), count};
    }
    template <typename T>
    Seq<T> one(T item) {
        Seq<T> seq = array<T>(1);
        seq[0] = item;
        return seq;
    }
    template <typename T>
    Seq<T> prepend(T first, Seq<T> rest) {
        Seq<T> seq = array<T>(rest.size() + 1);
        seq[0] = first;
        std::copy(rest.begin(), rest.end(), seq.begin() + 1);
        return seq;
    }
    template <typename T>
    Seq<T> append(Seq<T> front, T last) {
        Seq<T> seq = array<T>(front.size() + 1);
        std::copy(front.begin(), front.end(), seq.begin());
        seq[front.size()] = last;
        return seq;
    }
    template <typename T>
    Seq<T> join(Seq<T> a, Seq<T> b) {
        if (b.empty()) return a;
        Seq<T> seq = array<T>(a.size() + b.size());
        std::copy(b.begin(), b.end(), std::copy(a.begin(), a.end(), seq.begin()));
        return seq;
    }
    template <typename T>
    Seq<T>* box(Seq<T> seq) {
        return make<Seq<T>>(seq);
    }

    // A stack for lists whose length is not known yet.
    size_t scratch_size() const { return scratch_used_; }
    void push(void* item) {
        if (__builtin_expect(scratch_used_ == scratch_capacity_, 0)) grow_scratch();
        scratch_[scratch_used_++] = item;
    }
    template <typename T>
    void pop(size_t base, Seq<T>& out) {
        out = array<T>(scratch_used_ - base);
        for (size_t i = base; i < scratch_used_; i++) out[i - base] = static_cast<T>(scratch_[i]);
        scratch_used_ = base;
    }

    const Identifier* intern(std::string_view text) { return identifiers_.intern(text); }
    const Identifier* identifier(const Tk* name) { return name->identifier; }
    const Identifier* identifier_or_null(const Tk* name) { return name ? name->identifier : nullptr; }
    Seq<const Identifier*> identifiers(Seq<Tk*> names);
    const Identifier* comment(const Tk* token) {
        if (token && options_.unchecked_text) check_comment(text(*token));
        return token ? intern(text(*token)) : nullptr;
    }
    // What is to be the content of a literal must be UTF-8.
    void check_text(Tk* token, std::string_view body) {
        if (options_.unchecked_text) check_text_slow(token, body);
    }
    std::string_view text(const Token& token) const { return lexer_.text(token); }
    const char* text(const Tk* token) { return token->identifier->text; }

    ExprNode* number(Tk* token);
    Dotted* dotted(Tk* name) { return make<Dotted>(place(name), name->identifier); }
    Dotted* dotted(Dotted* front, Tk* name);
    KeyValue* key_value(ExprNode* key, ExprNode* value) { return make<KeyValue>(key, value); }
    ComparePair* compare_pair(CompareOperator op, ExprNode* operand) {
        return make<ComparePair>(op, operand);
    }
    KeyPattern* key_pattern(ExprNode* key, PatternNode* value) { return make<KeyPattern>(key, value); }
    KeywordPattern* keyword_pattern(Tk* name, PatternNode* value) {
        return make<KeywordPattern>(name, value);
    }
    CallArgument* call_keyword(ast::Keyword* keyword) { return make<CallArgument>(keyword, nullptr); }
    CallArgument* call_starred(ExprNode* starred) { return make<CallArgument>(nullptr, starred); }
    SlashWithDefault* slash(Seq<ast::Arg*> plain, Seq<NameDefault*> defaults) {
        return make<SlashWithDefault>(plain, defaults);
    }
    StarEtc* star(ast::Arg* vararg, Seq<NameDefault*> kwonly, ast::Arg* kwarg) {
        return make<StarEtc>(vararg, kwonly, kwarg);
    }
    NameDefault* with_default(ast::Arg* arg, ExprNode* value, const Tk* type_comment);

    static Position place(const Tk* token) {
        return {int(token->line), int(token->column), int(token->end_line), int(token->end_column)};
    }
    static Position place(const PositionedNode* node) { return *node; }
    static Position place(const Dotted* name) { return name->position; }

    // ---- errors: none of these returns ----

    // The text may use what came with Python 3.`minor`, or the error "... only supported in ...".
    void need(int minor, const char* what);
    // In the arena.
    const char* format(const char* pattern, ...) __attribute__((format(printf, 2, 3)));

    template <typename T>
    std::nullptr_t raise_at(T* what, const char* message) {
        Position at = place(what);
        raise(Diagnostic::Kind::kSyntaxError, message, at);
    }
    template <typename A, typename B>
    std::nullptr_t raise_range(A* from, B* to, const char* message) {
        Position a = place(from), b = place(to);
        raise(Diagnostic::Kind::kSyntaxError, message,
              {a.lineno, a.col_offset, b.end_lineno, b.end_col_offset});
    }
    // From there to where the lexer stands.
    template <typename T>
    std::nullptr_t raise_from(T* what, const char* message) {
        raise_to_lexer(place(what), message);
    }
    // At the last token read, or at the next one.
    [[noreturn]] void raise_token(Diagnostic::Kind kind, const char* message, Tk& token);
    std::nullptr_t raise_last(const char* message) {
        raise_token(Diagnostic::Kind::kSyntaxError, message, last_token());
    }
    std::nullptr_t raise_next(const char* message) {
        peek();
        raise_token(Diagnostic::Kind::kSyntaxError, message, token(mark));
    }
    std::nullptr_t raise_indentation(const char* message) {
        raise_token(Diagnostic::Kind::kIndentationError, message, last_token());
    }
    std::nullptr_t raise_no_block(Tk* keyword, const char* what);
    std::nullptr_t raise_after_key(ExprNode* key);
    [[noreturn]] void raise(Diagnostic::Kind kind, const char* message, Position at);
    [[noreturn]] void raise_to_lexer(Position at, const char* message);
    // A ready-made one; the diagnostic is taken.
    [[noreturn]] void raise(Diagnostic&& diagnostic);

    // ---- what actions ask ----

    const ParseOptions& options() const { return options_; }
    Lexer& lexer() { return lexer_; }
    bool barry = false;
    Seq<ast::TypeIgnoreNode*> type_ignores();
    void check_future(const Dotted* module, Seq<ast::Alias*> names, int level);
    // About an invalid escape in a string. May leave as an error.
    void warn_escape(Tk& token, std::string_view escape, uint32_t line, int64_t column, bool octal) {
        if (!warn(token, escape, line, column, octal)) leave();
    }
    [[noreturn]] void end_of_input();

  private:
    static constexpr uint32_t kPage = 256;

    uint8_t fill();
    bool warn(Tk& token, std::string_view escape, uint32_t line, int64_t column, bool octal);
    void classify(Tk& token);
    const Identifier* normalized(std::string_view name);
    void check_comment(std::string_view text);
    void check_text_slow(Tk* token, std::string_view body);
    void note_template(Tk& token);
    void grow_scratch();
    void grow_tokens();
    [[noreturn]] void leave() { std::longjmp(escape_, 1); }
    [[noreturn]] void fail_outside();

    template <typename Pass>
    ModNode* guarded(Pass pass);
    void restart();
    void word_error(const Tk& last);
    void prefer_lexical_error();
    bool at_end_of_source();
    bool more_statements();

    IdentifierTable& identifiers_;
    const ParseOptions& options_;
    SourceText& source_;
    Lexer lexer_;
    Diagnostic error_;
    bool final_ = false;  // the error stands, whatever other passes would find
    Position last_statement_;
    bool exact_ = false;  // the pass with all of the grammar runs
    bool ended_ = false;
    bool started_ = false;
    uint8_t* kinds_ = nullptr;
    uint32_t fill_ = 0;
    uint32_t capacity_ = 0;
    Tk** pages_ = nullptr;
    char* stack_limit_ = nullptr;
    void** scratch_ = nullptr;
    size_t scratch_used_ = 0;
    size_t scratch_capacity_ = 0;
    struct Ignore {
        uint32_t line;
        const Identifier* tag;
        Ignore* next;
    };
    Ignore* ignores_ = nullptr;
    std::string templates_;  // f-strings and t-strings open: prefix, upper case for a raw one
    std::jmp_buf escape_;
};

// While alive the invalid_ rules do not count. (An error that leaves it behind ends the pass anyway.)
// One more nesting of a rule that may recurse without brackets; CPython's parser allows so many.
struct Level {
    static constexpr uint32_t kLimit = 5972;  // its 6,000 without the rules around an expression
    State& p;
    explicit Level(State& state) : p(state) {
        if (++p.level > kLimit) [[unlikely]]
            p.too_deep();
    }
    ~Level() { p.level--; }
};

struct WithoutInvalid {
    State& p;
    bool before;
    explicit WithoutInvalid(State& state) : p(state), before(state.invalid) { p.invalid = false; }
    ~WithoutInvalid() { p.invalid = before; }
};

}  // namespace krait::parser
