#include "parser/state.h"

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "parser/rules.h"
#include "source/encoding.h"
#include "support/panic.h"
#include "support/unicode.h"
#include "support/utf8.h"

namespace krait::parser {

namespace {

LexerOptions lexer_options(const ParseOptions& options) {
    LexerOptions result;
    result.type_comments = options.type_comments;
    result.interactive = options.interactive;
    result.lines = options.mode == Mode::kExec ? options.lines : nullptr;
    result.reader = options.reader;
    result.warnings = options.warnings;
    return result;
}

void* reallocate(void* block, size_t bytes) {
    block = std::realloc(block, bytes);
    if (block == nullptr) out_of_memory();
    return block;
}

// Frames of the rules are a few hundred bytes; what is left below the limit is for the actions.
char* stack_limit(size_t size) { return static_cast<char*>(__builtin_frame_address(0)) - size; }

}  // namespace

State::State(Arena& memory, IdentifierTable& identifiers, SourceText& source, const ParseOptions& options)
    : arena(&memory),
      barry(options.barry),
      identifiers_(identifiers),
      options_(options),
      source_(source),
      lexer_(source, lexer_options(options)),
      stack_limit_(stack_limit(options.stack_size)) {
    lexer_.set_angle_not_equal(barry);
    uint8_t kind = kFirstKeyword;
    for (const char* word : kKeywords) identifiers.tag(word, kind++);
    kind = kFirstSoft;
    for (const char* word : kSoftKeywords) identifiers.tag(word, kind++);
    grow_tokens();
}

State::~State() {
    for (uint32_t i = 0; i * kPage < capacity_; i++) std::free(pages_[i]);
    std::free(pages_);
    std::free(kinds_);
    std::free(scratch_);
}

// ---- tokens ----

// Pages, since the rules keep pointers to tokens; one byte more of kinds for the end's sentinel.
void State::grow_tokens() {
    uint32_t pages = capacity_ / kPage, more = pages < 4 ? 4 : pages / 2;
    pages_ = static_cast<Tk**>(reallocate(pages_, (pages + more) * sizeof(Tk*)));
    for (uint32_t i = pages; i < pages + more; i++) {
        pages_[i] = static_cast<Tk*>(reallocate(nullptr, kPage * sizeof(Tk)));
    }
    capacity_ = (pages + more) * kPage;
    kinds_ = static_cast<uint8_t*>(reallocate(kinds_, capacity_ + 1));
    kinds_[fill_] = kUnfilled;
}

void State::grow_scratch() {
    scratch_capacity_ = scratch_capacity_ ? scratch_capacity_ * 2 : 1024;
    scratch_ = static_cast<void**>(reallocate(scratch_, scratch_capacity_ * sizeof(void*)));
}

// f- and t-strings open and close; what is inside knows which.
void State::note_template(Tk& token) {
    if (token.kind == FSTRING_START || token.kind == TSTRING_START) {
        std::string_view prefix = text(token);
        bool raw = prefix.find_first_of("rR") != prefix.npos;
        templates_ += static_cast<char>(token.kind == FSTRING_START ? (raw ? 'F' : 'f') : (raw ? 'T' : 't'));
    }
    if (!templates_.empty()) {
        token.raw = templates_.back() < 'a';
        token.prefix = static_cast<char>(templates_.back() | 0x20);
    }
    if ((token.kind == FSTRING_END || token.kind == TSTRING_END) && !templates_.empty())
        templates_.pop_back();
}

void State::classify(Tk& token) {
    token.kind = static_cast<uint8_t>(token.Token::kind);
    token.identifier = nullptr;
    if (!templates_.empty() || token.kind == FSTRING_START || token.kind == TSTRING_START)
        note_template(token);
    if (token.kind != NAME) return;
    std::string_view name = text(token);
    if (utf8::is_ascii(name)) {
        token.identifier = identifiers_.intern(name);
        if (token.identifier->tag) token.kind = token.identifier->tag;
        return;
    }
    token.identifier = normalized(name);
    for (const char* word : {"None", "True", "False"})
        if (token.identifier->view() == word) token.kind = forbidden_name;
}

const Identifier* State::normalized(std::string_view name) {
    if (!options_.names) return identifiers_.intern(unicode::nfkc(name));
    {
        std::string out;
        if (options_.names->normalize(name, out)) return identifiers_.intern(out);
    }
    fail_outside();
}

// What a hook has set goes through, whatever other passes would find.
void State::fail_outside() {
    error_ = Diagnostic();
    error_.kind = Diagnostic::Kind::kExternal;
    final_ = true;
    leave();
}

void State::check_comment(std::string_view text) {
    if (utf8::valid(text)) return;
    error_ = Diagnostic();
    error_.kind = Diagnostic::Kind::kUndecodable;
    error_.text = text;
    final_ = true;
    leave();
}

void State::check_text_slow(Tk* token, std::string_view body) {
    const char* why;
    {
        std::string message, text;
        if (decode_native(NativeEncoding::kUtf8, body, text, message)) return;
        why = format("(unicode error) %s", message.c_str());
    }
    raise_at(token, why);
}

uint8_t State::fill() {
    if (fill_ == capacity_) grow_tokens();
    Tk& token = this->token(fill_);
    for (;;) {
        if (!lexer_.next(token)) {
            error_ = lexer_.diagnostic();
            leave();
        }
        if (token.Token::kind != Tok::TYPE_IGNORE) break;
        std::string_view tag = text(token);
        if (options_.type_comments) ignores_ = make<Ignore>(token.line, intern(tag), ignores_);
    }
    token.warned = token.raw = false;
    token.prefix = 0;
    token.memo = nullptr;
    classify(token);
    if (options_.mode == Mode::kSingle && started_ && token.kind == ENDMARKER) {
        // A statement needs its line end, and open blocks their dedents.
        token.kind = NEWLINE;
        started_ = false;
        if (options_.imply_dedent && lexer_.indentation() > 0) lexer_.imply_dedents();
    } else {
        started_ = true;
    }
    kinds_[fill_] = token.kind;
    kinds_[++fill_] = kUnfilled;
    return token.kind;
}

Seq<ast::TypeIgnoreNode*> State::type_ignores() {
    uint32_t count = 0;
    for (Ignore* at = ignores_; at; at = at->next) count++;
    Seq<ast::TypeIgnoreNode*> result = array<ast::TypeIgnoreNode*>(count);
    for (Ignore* at = ignores_; at; at = at->next) {
        result[--count] = make<ast::TypeIgnore>(int(at->line), at->tag);
    }
    return result;
}

Tk* State::force(uint8_t kind, const char* text) {
    if (Tk* found = take(kind)) return found;
    if (!exact_) return nullptr;
    return raise_at(&token(mark), format("expected '%s'", text));
}

// ---- passes ----

template <typename Pass>
ModNode* State::guarded(Pass pass) {
    if (setjmp(escape_) != 0) return nullptr;
    return pass(*this, options_.mode);
}

void State::restart() {
    mark = 0;
    level = 0;
    scratch_used_ = 0;
    barry = options_.barry;
    error_ = Diagnostic();
    for (uint32_t i = 0; i < fill_; i++) token(i).memo = nullptr;
}

// Anything but space and comments behind the one statement.
bool State::more_statements() {
    const char* at = source_.data() + lexer_.cursor();
    for (;; at++) {
        if (*at == '#') {
            while (*at != 0 && *at != '\n') at++;
        }
        if (*at == 0) return false;
        if (*at != ' ' && *at != '\t' && *at != '\n' && *at != '\f') return true;
    }
}

bool State::at_end_of_source() { return lexer_.at_end(); }

ParseResult State::run() {
    ParseResult result;
    result.module = guarded(parse_fast);
    if (result.module == nullptr && !final_) {
        // The fast pass may have looked less far or in another order, so its failure says nothing yet.
        restart();
        exact_ = true;
        result.module = guarded(parse_exact);
    }
    if (result.module == nullptr && !final_) {
        if (options_.allow_incomplete && at_end_of_source()) {
            error_ = Diagnostic();
            if (lexer_.failure() != Lexer::Failure::kNone) {
                // The last token is the one that never ended: it stands where the lexer does.
                int64_t column = static_cast<int64_t>(lexer_.cursor_column()) - 1;
                error_ = lexer_.error_at(Diagnostic::Kind::kIncompleteInput, "incomplete input",
                                         lexer_.line(), column, lexer_.line(), Diagnostic::kUnset);
            } else {
                guarded([](State& p, Mode) -> ModNode* {
                    p.raise_token(Diagnostic::Kind::kIncompleteInput, "incomplete input", p.last_token());
                });
            }
        } else {
            bool wordless = !error_;
            Tk last = fill_ > 0 ? last_token() : Tk();
            if (wordless) {
                restart();
                invalid = true;
                guarded(parse_exact);
            }
            word_error(last);
        }
    }
    if (result.module == nullptr) {
        error_.has_metadata = error_.kind != Diagnostic::Kind::kIncompleteInput;
        error_.metadata_line = last_statement_.lineno;
        error_.metadata_column = last_statement_.col_offset;
    }
    if (result.module != nullptr && options_.mode == Mode::kSingle && more_statements()) {
        result.module = nullptr;
        guarded([](State& p, Mode) -> ModNode* {
            p.raise_last("multiple statements found while compiling a single statement");
            return nullptr;
        });
    }
    if (result.module == nullptr) result.error = std::move(error_);
    result.end_of_input = ended_;
    return result;
}

// Says what is wrong when no rule has, at the last token of the pass without invalid_ rules: the other looks
// further ahead.
void State::word_error(const Tk& last) {
    using Kind = Diagnostic::Kind;
    if (error_) {
        bool syntax = error_.kind == Kind::kSyntaxError || error_.kind == Kind::kIndentationError;
        if (syntax && lexer_.failure() == Lexer::Failure::kNone) prefer_lexical_error();
        return;
    }
    guarded([&last](State& p, Mode) -> ModNode* {
        if (p.fill_ == 0)
            p.raise(Kind::kSyntaxError, "error at start before reading any input", {0, -1, 0, -1});
        if (last.kind == INDENT) p.raise_token(Kind::kIndentationError, "unexpected indent", p.last_token());
        if (last.kind == DEDENT)
            p.raise_token(Kind::kIndentationError, "unexpected unindent", p.last_token());
        p.raise(Kind::kSyntaxError, "invalid syntax", place(&last));
    });
    if (last.kind != INDENT && last.kind != DEDENT) prefer_lexical_error();
}

// An error of the lexer further down explains more than a syntax error here.
void State::prefer_lexical_error() {
    if (options_.interactive || lexer_.failure() != Lexer::Failure::kNone) return;
    uint32_t line = fill_ > 0 ? last_token().line : 1;
    Token token;
    while (lexer_.next(token)) {
        if (token.kind == Tok::ENDMARKER) return;
    }
    // What is wrong inside of f-strings further down does not count.
    if (lexer_.in_template()) return;
    if (lexer_.failure() == Lexer::Failure::kError) {
        error_ = lexer_.diagnostic();
    } else if (lexer_.level() > 0 && line > lexer_.bracket(lexer_.level() - 1).line) {
        error_ = lexer_.unclosed_bracket();
    }
}

// ---- errors ----

const char* State::format(const char* pattern, ...) {
    va_list arguments, again;
    va_start(arguments, pattern);
    va_copy(again, arguments);
    int size = std::vsnprintf(nullptr, 0, pattern, arguments);
    va_end(arguments);
    auto text = static_cast<char*>(arena->allocate(static_cast<size_t>(size) + 1, 1));
    std::vsnprintf(text, static_cast<size_t>(size) + 1, pattern, again);
    va_end(again);
    return text;
}

void State::raise(Diagnostic&& diagnostic) {
    error_ = std::move(diagnostic);
    leave();
}

void State::raise(Diagnostic::Kind kind, const char* message, Position at) {
    error_ = lexer_.error_at(kind, message, static_cast<uint32_t>(at.lineno), at.col_offset,
                             static_cast<uint32_t>(at.end_lineno), at.end_col_offset);
    if (at.end_col_offset < 0) error_.end_column = 0;
    leave();
}

void State::raise_token(Diagnostic::Kind kind, const char* message, Tk& token) {
    Position at = place(&token);
    // A token without a column is where the lexer stands; that column counts from 0.
    if (at.col_offset < 0) at.col_offset = static_cast<int>(lexer_.cursor_column()) - 1;
    error_ = lexer_.error_at(kind, message, token.line, at.col_offset, token.end_line, at.end_col_offset);
    leave();
}

void State::raise_to_lexer(Position at, const char* message) {
    auto column = static_cast<int64_t>(lexer_.cursor_column());
    error_ = lexer_.error_at(Diagnostic::Kind::kSyntaxError, message, static_cast<uint32_t>(at.lineno),
                             at.col_offset, lexer_.line(), column - 1);
    if (column == 0) error_.end_column = 0;
    leave();
}

std::nullptr_t State::raise_no_block(Tk* keyword, const char* what) {
    return raise_indentation(
        format("expected an indented block after %s on line %u", what, unsigned(keyword->line)));
}

std::nullptr_t State::raise_after_key(ExprNode* key) {
    error_ = lexer_.error_at(Diagnostic::Kind::kSyntaxError, "':' expected after dictionary key",
                             static_cast<uint32_t>(key->lineno), key->end_col_offset - 1,
                             static_cast<uint32_t>(key->end_lineno), Diagnostic::kUnset);
    error_.end_column = 0;
    leave();
}

void State::raise_forbidden_name() {
    error_ = Diagnostic();
    error_.kind = Diagnostic::Kind::kValueError;
    error_.has_location = false;
    error_.message = format("identifier field can't represent '%s' constant", token(mark).identifier->text);
    final_ = exact_;  // the other pass tries names where this one need not
    leave();
}

void State::too_deep() {
    error_ = Diagnostic();
    error_.kind = Diagnostic::Kind::kMemoryError;
    error_.has_location = false;
    error_.message = "Parser stack overflowed - Python source too complex to parse";
    final_ = true;
    leave();
}

void State::end_of_input() {
    ended_ = final_ = true;
    leave();
}

void State::need(int minor, const char* what) {
    if (options_.feature_version >= minor) return;
    raise_last(format("%s only supported in Python 3.%d and greater", what, minor));
}

// False: the error is set. (Not raised here: the jump would leave the strings behind.)
bool State::warn(Tk& token, std::string_view escape, uint32_t line, int64_t column, bool octal) {
    if (invalid || token.warned || options_.warnings == nullptr) return true;
    token.warned = true;
    const char* what = octal ? "octal escape sequence" : "escape sequence";
    std::string quoted = "\"\\" + std::string(escape) + "\" is an invalid " + what + ". ";
    std::string advice = "Did you mean \"\\\\" + std::string(escape) + "\"? A raw string is also an option.";
    Diagnostic warning;
    warning.kind = options_.feature_version >= 12 ? Diagnostic::Kind::kSyntaxWarning
                                                  : Diagnostic::Kind::kDeprecationWarning;
    warning.message = quoted + "Such sequences will not work in the future. " + advice;
    warning.line = warning.end_line = line;
    if (options_.warnings->warn(warning)) return true;
    final_ = true;
    if (options_.warnings->external()) {
        error_ = Diagnostic();
        error_.kind = Diagnostic::Kind::kExternal;
    } else {
        error_ =
            lexer_.error_at(Diagnostic::Kind::kSyntaxError, quoted + advice, line, column, line, column + 2);
    }
    return false;
}

}  // namespace krait::parser

namespace krait {

ParseResult parse(Arena& arena, IdentifierTable& identifiers, SourceText& source,
                  const ParseOptions& options) {
    return parser::State(arena, identifiers, source, options).run();
}

}  // namespace krait
