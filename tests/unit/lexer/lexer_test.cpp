#include "lexer/lexer.h"

#include <gtest/gtest.h>

#include "lexer/identifier.h"
#include "lexer/tokenize.h"

namespace krait {
namespace {

struct Sink : WarningSink {
    std::vector<std::string> seen;
    bool fatal = false;
    bool warn(const Diagnostic& warning) override {
        seen.push_back(warning.message);
        return !fatal;
    }
};

struct Lexed {
    SourceText source;
    Sink sink;
    std::string tokens;  // "NAME x" joined by ", "; operators by their text
    std::vector<Token> list;
    Diagnostic error;
    std::vector<std::string> expressions;

    explicit Lexed(std::string_view text, LexerOptions options = {}, bool add_newline = true,
                   bool fatal = false) {
        SourceOptions source_options;
        source_options.add_newline = add_newline;
        source_options.origin = SourceOrigin::kStr;
        Diagnostic failure;
        EXPECT_TRUE(source.load(text, source_options, failure));
        sink.fatal = fatal;
        options.warnings = &sink;
        Lexer lexer(source, options);
        Token token;
        while (lexer.next(token)) {
            list.push_back(token);
            if (token.expression) expressions.push_back(lexer.expression_text(token));
            if (token.kind == Tok::ENDMARKER) break;
            if (!tokens.empty()) tokens += ", ";
            if (token_text(token.kind).empty()) tokens += std::string(token_name(token.kind)) + " ";
            if (token.kind != Tok::NEWLINE && token.kind != Tok::NL) tokens += lexer.text(token);
        }
        if (lexer.failure() != Lexer::Failure::kNone) error = lexer.diagnostic();
    }
    std::string place() const {
        return std::to_string(error.line) + ":" + std::to_string(error.column) + "-" +
               std::to_string(error.end_line) + ":" + std::to_string(error.end_column);
    }
};

TEST(Lexer, Operators) {
    Lexed run("a<<=b//c**=d->e:=f...g..h!=i<>j!k");
    EXPECT_EQ(run.tokens,
              "NAME a, <<=, NAME b, //, NAME c, **=, NAME d, ->, NAME e, :=, NAME f, ..., NAME g, ., ., NAME "
              "h, !=, "
              "NAME i, <, >, NAME j, !, NAME k, NEWLINE ");
}

TEST(Lexer, Blocks) {
    Lexed run("if a:\n  b\n\n # c\n  if d:\n  \te\nf\n");
    EXPECT_EQ(run.tokens,
              "NAME if, NAME a, :, NEWLINE , INDENT , NAME b, NEWLINE , NAME if, NAME d, :, NEWLINE , INDENT "
              ", NAME e, "
              "NEWLINE , DEDENT , DEDENT , NAME f, NEWLINE ");
}

TEST(Lexer, Positions) {
    Lexed run("\xC3\xA9 = '''x\n\xC3\xA9''' + 1");
    const Token& string = run.list[2];
    EXPECT_EQ(string.kind, Tok::STRING);
    EXPECT_EQ(string.line, 1u);
    EXPECT_EQ(string.column, 5u);
    EXPECT_EQ(string.end_line, 2u);
    EXPECT_EQ(string.end_column, 5u);
    EXPECT_EQ(run.list[4].column, 8u);
    EXPECT_EQ(run.list.back().column, kNoColumn);
}

TEST(Lexer, Templates) {
    EXPECT_EQ(Lexed("f'a{{b}}{x!r:>{w}.2}c'").tokens,
              "FSTRING_START f', FSTRING_MIDDLE a{, FSTRING_MIDDLE b}, {, NAME x, !, NAME r, :, "
              "FSTRING_MIDDLE >, {, "
              "NAME w, }, FSTRING_MIDDLE .2, }, FSTRING_MIDDLE c, FSTRING_END ', NEWLINE ");
    EXPECT_EQ(Lexed("rt'\\N{x}' f'{f'{1}'}'").tokens,
              "TSTRING_START rt', TSTRING_MIDDLE \\N, {, NAME x, }, TSTRING_END ', FSTRING_START f', {, "
              "FSTRING_START "
              "f', {, NUMBER 1, }, FSTRING_END ', }, FSTRING_END ', NEWLINE ");
}

TEST(Lexer, Expressions) {
    using Strings = std::vector<std::string>;
    EXPECT_EQ(Lexed("f'{x = }'").expressions, Strings{"x = "});
    EXPECT_EQ(Lexed("t'{a!=b:x}'").expressions[0], "a!=b");
    EXPECT_EQ(Lexed("f'''{\"#\" + a # c\n=}'''").expressions, Strings{"\"#\" + a \n="});
    EXPECT_EQ(Lexed("f'{x}'").expressions, Strings{});
    EXPECT_EQ(Lexed("t'{ x }'").expressions, Strings{" x "});
}

TEST(Lexer, TypeComments) {
    LexerOptions options;
    options.type_comments = true;
    EXPECT_EQ(Lexed("x = 1  # type:  int\n# type: ignore[y]\n#type:z", options).tokens,
              "NAME x, =, NUMBER 1, TYPE_COMMENT int, NEWLINE , TYPE_IGNORE [y], TYPE_COMMENT z, NEWLINE ");
}

struct ErrorCase {
    const char* text;
    const char* message;
    const char* place;
};

class LexerErrors : public testing::TestWithParam<ErrorCase> {};

TEST_P(LexerErrors, AreThoseOfCPython) {
    Lexed run(GetParam().text);
    EXPECT_EQ(run.error.message, GetParam().message) << GetParam().text;
    EXPECT_EQ(run.place(), GetParam().place) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    All, LexerErrors,
    testing::ValuesIn(std::vector<ErrorCase>{
        {"1a", "invalid decimal literal", "1:1-1:1"},
        {"1__0", "invalid decimal literal", "1:2-1:2"},
        {"0xg", "invalid hexadecimal literal", "1:2-1:2"},
        {"0o18", "invalid digit '8' in octal literal", "1:4-1:4"},
        {"0b_", "invalid binary literal", "1:3-1:3"},
        {"1jx", "invalid imaginary literal", "1:2-1:2"},
        {"1e+", "invalid decimal literal", "1:3-1:3"},
        {"\xC3\xA9=0777",
         "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers",
         "1:3-1:4"},
        {"bf'x'", "'b' and 'f' prefixes are incompatible", "1:1-1:3"},
        {"'abc", "unterminated string literal (detected at line 1)", "1:1-1:1"},
        {"'a\\'", "unterminated string literal (detected at line 1); perhaps you escaped the end quote?",
         "1:1-1:1"},
        {"x='''abc\nd\n", "unterminated triple-quoted string literal (detected at line 2)", "1:3-1:3"},
        {"f'abc", "unterminated f-string literal (detected at line 1)", "1:1-1:1"},
        {"t'''{a:\n", "unterminated triple-quoted t-string literal (detected at line 1)", "1:1-1:1"},
        {"f'{'", "f-string: expecting '}'", "1:4-1:4"},
        {"f'{a}}'", "f-string: single '}' is not allowed", "1:6-1:6"},
        {"f'{)}'", "f-string: unmatched ')'", "1:4-1:4"},
        {"f'{a:{b:{c:{d}}}}'", "f-string: expressions nested too deeply", "1:11-1:11"},
        {"f'{x:\n}'", "f-string: newlines are not allowed in format specifiers for single quoted f-strings",
         "1:6-1:6"},
        {")", "unmatched ')'", "1:1-1:1"},
        {"(]", "closing parenthesis ']' does not match opening parenthesis '('", "1:2-1:2"},
        {"(\n]", "closing parenthesis ']' does not match opening parenthesis '(' on line 1", "2:1-2:1"},
        {"[\n(", "'(' was never closed", "2:1-2:0"},
        {"if x:\n  a\n b\n", "unindent does not match any outer indentation level", "3:3-3:-1"},
        {"if x:\n\ta\n        b\n", "inconsistent use of tabs and spaces in indentation", "3:1-3:0"},
        {"a\\ b", "unexpected character after line continuation character", "1:3-1:0"},
        {"x = \\\n a \\ b", "unexpected character after line continuation character", "2:8-2:0"},
        {"a \\", "unexpected EOF while parsing", "1:4-1:-1"},
        {"\xE2\x82\xAC", "invalid character '\xE2\x82\xAC' (U+20AC)", "1:1-1:1"},
        {"\xC3\xA9\xE2\x80\x8Bz", "invalid non-printable character U+200B", "1:2-1:2"},
        {"x\x7f", "invalid non-printable character U+007F", "1:2-1:2"},
    }));

TEST(Lexer, Limits) {
    EXPECT_EQ(Lexed(std::string(100000, '(')).error.message, "too many nested parentheses");
    std::string blocks;
    for (int i = 0; i < 101; i++) blocks += std::string(i, ' ') + "if 1:\n";
    EXPECT_EQ(Lexed(blocks).error.message, "too many levels of indentation");
    std::string templates;
    for (int i = 0; i < 200; i++) templates += "f'{";
    EXPECT_EQ(Lexed(templates).error.message, "too many nested f-strings or t-strings");
}

TEST(Lexer, Warnings) {
    using Strings = std::vector<std::string>;
    EXPECT_EQ(Lexed("1if 0x1if 2").sink.seen,
              (Strings{"invalid decimal literal", "invalid hexadecimal literal"}));
    EXPECT_EQ(Lexed("f'\\{x}'").sink.seen.size(), 1u);
    Lexed fatal("1if 2", {}, true, true);
    EXPECT_EQ(fatal.error.message, "invalid decimal literal");
    EXPECT_EQ(fatal.error.kind, Diagnostic::Kind::kSyntaxError);
}

struct Lines : LineReader {
    std::vector<std::string> lines;
    size_t at = 0;
    Result read(SourceText& text, bool) override {
        if (at == lines.size()) return Result::kEnd;
        text.append(lines[at++]);
        return Result::kLine;
    }
};

TEST(Lexer, InteractiveReadsNoFurtherThanNeeded) {
    Lines lines;
    lines.lines = {"if x:\n", "  '''a\n", "b'''\n", "\n", "y\n"};
    SourceText source;
    LexerOptions options;
    options.reader = &lines;
    options.interactive = true;
    Lexer lexer(source, options);
    std::string kinds;
    Token token;
    for (int i = 0; i < 9; i++) {
        ASSERT_TRUE(lexer.next(token));
        kinds += std::string(token_name(token.kind)) + " ";
    }
    EXPECT_EQ(kinds, "NAME NAME COLON NEWLINE INDENT STRING NEWLINE DEDENT NEWLINE ");
    EXPECT_EQ(lines.at, 4u);
}

TEST(Lexer, ExtraTokens) {
    LexerOptions options;
    options.extra_tokens = true;
    EXPECT_EQ(Lexed("# a\nx # b\n(\n)1z", options).tokens,
              "COMMENT # a, NL , NAME x, COMMENT # b, NEWLINE , (, NL , ), NUMBER 1, NAME z, NEWLINE ");
}

TEST(Identifier, Unicode16) {
    EXPECT_EQ(identifier_prefix("abc"), 3u);
    EXPECT_EQ(identifier_prefix("\xF0\x9D\x90\xB1y"), 5u);
    EXPECT_EQ(identifier_prefix("a\xE2\x82\xAC"), 1u);
    EXPECT_EQ(identifier_prefix("\xCC\x81"), 0u);          // a combining mark begins none
    EXPECT_EQ(identifier_prefix("a\xCC\x81"), 3u);         // but continues one
    EXPECT_EQ(identifier_prefix("\xF0\x90\x97\x80"), 4u);  // U+105C0, new in Unicode 16
    EXPECT_TRUE(is_printable(0x1FAE9));                    // new in Unicode 16
    EXPECT_FALSE(is_printable(0x200B));
    EXPECT_FALSE(is_printable(0x110000));
}

}  // namespace
}  // namespace krait
