#include "parser/parser.h"

#include <gtest/gtest.h>

#include "ast/dump.h"

namespace krait {
namespace {

struct Sink : WarningSink {
    std::vector<std::string> seen;
    bool fatal = false;
    bool outside = false;
    bool warn(const Diagnostic& warning) override {
        seen.push_back(std::to_string(warning.line) + ": " + warning.message);
        return !fatal;
    }
    bool external() const override { return outside; }
};

// A parsed text with all that its tree needs.
struct Parsed {
    Arena arena;
    IdentifierTable identifiers{arena};
    SourceText source;
    Sink sink;
    ParseResult result;

    explicit Parsed(std::string_view text, ParseOptions options = {}, bool fatal = false,
                    bool outside = false) {
        SourceOptions source_options;
        source_options.add_newline = options.mode == ParseMode::kExec;
        Diagnostic failure;
        EXPECT_TRUE(source.load(text, source_options, failure));
        sink.fatal = fatal;
        sink.outside = outside;
        options.warnings = &sink;
        result = parse(arena, identifiers, source, options);
    }

    // The tree without places, to keep expectations readable.
    std::string tree() const {
        if (result.module == nullptr) return "error: " + result.error.message;
        std::string full, out;
        ast::dump(result.module, full);
        for (size_t i = 0; i < full.size(); i++) {
            if (full.compare(i, 7, "lineno=") == 0) {
                if (out.ends_with(", ")) out.resize(out.size() - 2);
                i = full.find(')', i);
            }
            out += full[i];
        }
        return out;
    }

    std::string error() const {
        const Diagnostic& e = result.error;
        return std::to_string(e.line) + ":" + std::to_string(e.column) + "-" + std::to_string(e.end_line) +
               ":" + std::to_string(e.end_column) + " " + e.message;
    }
};

std::string expression(std::string_view text) {
    ParseOptions options;
    options.mode = ParseMode::kEval;
    std::string tree = Parsed(text, options).tree();
    std::string_view begin = "Expression(body=";
    return tree.starts_with(begin) ? tree.substr(begin.size(), tree.size() - begin.size() - 1) : tree;
}

std::string error(std::string_view text, ParseOptions options = {}) { return Parsed(text, options).error(); }

TEST(Parser, Precedence) {
    EXPECT_EQ(expression("1 + 2 * 3"),
              "BinOp(left=Constant(value=1), op=Add(), right=BinOp(left=Constant(value=2), op=Mult(), "
              "right=Constant(value=3)))");
    EXPECT_EQ(expression("-2 ** -1"),
              "UnaryOp(op=USub(), operand=BinOp(left=Constant(value=2), op=Pow(), "
              "right=UnaryOp(op=USub(), operand=Constant(value=1))))");
    EXPECT_EQ(expression("not a < b is not c"),
              "UnaryOp(op=Not(), operand=Compare(left=Name(id='a', ctx=Load()), ops=[Lt(), IsNot()], "
              "comparators=[Name(id='b', ctx=Load()), Name(id='c', ctx=Load())]))");
}

TEST(Parser, Places) {
    Parsed parsed("if x:\n    é = (y)\n");
    auto module = ast::as<ast::Module>(parsed.result.module);
    auto branch = ast::as<ast::If>(module->body[0]);
    EXPECT_EQ(branch->position(), (ast::Position{1, 0, 2, 12}));  // columns are bytes
    auto assign = ast::as<ast::Assign>(branch->body[0]);
    EXPECT_EQ(assign->value->position(), (ast::Position{2, 10, 2, 11}));
}

TEST(Parser, NamesAreInternedAndNormal) {
    Parsed parsed("ﬁ = fi\n");
    auto assign = ast::as<ast::Assign>(ast::as<ast::Module>(parsed.result.module)->body[0]);
    EXPECT_EQ(ast::as<ast::Name>(assign->targets[0])->id, ast::as<ast::Name>(assign->value)->id);
    EXPECT_EQ(ast::as<ast::Name>(assign->value)->id, parsed.identifiers.intern("fi"));
}

TEST(Parser, SoftKeywords) {
    EXPECT_EQ(Parsed("match = type = case = _\n").tree(),
              "Module(body=[Assign(targets=[Name(id='match', ctx=Store()), Name(id='type', ctx=Store()), "
              "Name(id='case', ctx=Store())], value=Name(id='_', ctx=Load()))])");
    EXPECT_EQ(Parsed("type X = int\n").tree(),
              "Module(body=[TypeAlias(name=Name(id='X', ctx=Store()), value=Name(id='int', ctx=Load()))])");
    EXPECT_EQ(Parsed("match x:\n case _: pass\n").tree(),
              "Module(body=[Match(subject=Name(id='x', ctx=Load()), cases=[match_case(pattern=MatchAs(), "
              "body=[Pass()])])])");
}

TEST(Parser, Numbers) {
    EXPECT_EQ(expression("0xFFFFFFFFFFFFFFFFFF"), "Constant(value=4722366482869645213695)");
    EXPECT_EQ(expression("9223372036854775807"), "Constant(value=9223372036854775807)");
    EXPECT_EQ(expression("9223372036854775808"), "Constant(value=9223372036854775808)");
    EXPECT_EQ(expression("0o777_777"), "Constant(value=262143)");
    EXPECT_EQ(expression("1e400"), "Constant(value=inf)");
    EXPECT_EQ(expression("1e-400"), "Constant(value=0.0)");
    EXPECT_EQ(expression("0.1_5E1j"), "Constant(value=1.5j)");
    EXPECT_EQ(expression("5e-324"), "Constant(value=5e-324)");
    EXPECT_EQ(expression("000"), "Constant(value=0)");
    ParseOptions options;
    options.max_int_digits = 640;
    EXPECT_EQ(
        error(std::string(641, '1'), options),
        "1:0-1:0 Exceeds the limit (640 digits) for integer string conversion: value has 641 digits; use "
        "sys.set_int_max_str_digits() to increase the limit - Consider hexadecimal for huge integer literals "
        "to avoid decimal conversion limits.");
}

TEST(Parser, Strings) {
    EXPECT_EQ(expression(R"('a\x41\N{DIGIT ONE}\101\
b' "c")"),
              "Constant(value='aA1Abc')");
    EXPECT_EQ(expression(R"(u'\ud800')"), "Constant(value='\\ud800', kind='u')");
    EXPECT_EQ(expression(R"(rb'\x' b"\x00")"), "Constant(value=b'\\\\x\\x00')");
    EXPECT_EQ(
        error("'\\x4'"),
        "1:1-1:6 (unicode error) 'unicodeescape' codec can't decode bytes in position 0-2: truncated \\xXX "
        "escape");
    EXPECT_EQ(error("'é\\N{no such}'"),
              "1:1-1:15 (unicode error) 'unicodeescape' codec can't decode bytes in position 10-20: unknown "
              "Unicode "
              "character name");
    EXPECT_EQ(error("b'a' 'b'"), "1:9-1:10 cannot mix bytes and nonbytes literals");
}

TEST(Parser, TemplateStrings) {
    EXPECT_EQ(
        expression("f'a{x!r:>{w}}' 'b'"),
        "JoinedStr(values=[Constant(value='a'), FormattedValue(value=Name(id='x', ctx=Load()), "
        "conversion=114, "
        "format_spec=JoinedStr(values=[Constant(value='>'), FormattedValue(value=Name(id='w', ctx=Load()), "
        "conversion=-1)])), Constant(value='b')])");
    EXPECT_EQ(expression("f'{x = }'"),
              "JoinedStr(values=[Constant(value='x = '), FormattedValue(value=Name(id='x', ctx=Load()), "
              "conversion=114)])");
    EXPECT_EQ(
        expression("t'{ x }'"),
        "TemplateStr(values=[Interpolation(value=Name(id='x', ctx=Load()), str=' x ', conversion=-1)])");
    EXPECT_EQ(error("f'{}'"), "1:4-1:5 f-string: valid expression required before '}'");
    EXPECT_EQ(error("f'{a!x}'"),
              "1:6-1:7 f-string: invalid conversion character 'x': expected 's', 'r', or 'a'");
    EXPECT_EQ(error("'a' t'b'"), "1:1-1:9 cannot mix t-string literals with string or bytes literals");
}

TEST(Parser, Warnings) {
    Parsed once("x = '\\d'\ny = (z\n");  // all three passes see the string
    EXPECT_EQ(once.sink.seen.size(), 1u);
    EXPECT_EQ(
        once.sink.seen[0],
        "1: \"\\d\" is an invalid escape sequence. Such sequences will not work in the future. Did you mean "
        "\"\\\\d\"? A raw string is also an option.");
    Parsed fatal("x = '\\d'\n", {}, true);
    EXPECT_EQ(
        fatal.error(),
        "1:6-1:8 \"\\d\" is an invalid escape sequence. Did you mean \"\\\\d\"? A raw string is also an "
        "option.");
    Parsed outside("x = '\\d'\n", {}, true, true);
    EXPECT_EQ(outside.result.error.kind, Diagnostic::Kind::kExternal);
}

TEST(Parser, Errors) {
    EXPECT_EQ(error("f(a b)"), "1:3-1:6 invalid syntax. Perhaps you forgot a comma?");
    EXPECT_EQ(error("x = 1 +"), "1:8-1:9 invalid syntax");
    EXPECT_EQ(error("f() = 1"),
              "1:1-1:4 cannot assign to function call here. Maybe you meant '==' instead of '='?");
    EXPECT_EQ(error("if x:\npass"), "2:1-2:5 expected an indented block after 'if' statement on line 1");
    EXPECT_EQ(error("  x"), "1:2-1:-1 unexpected indent");
    EXPECT_EQ(error("a b\n'c"), "2:1-2:1 unterminated string literal (detected at line 2)");
    EXPECT_EQ(error("(a\nb c"), "1:1-1:0 '(' was never closed");
    EXPECT_EQ(error("1 <> 2"), "1:3-1:5 invalid syntax.  Maybe you meant '!=' instead of '<>'?");
}

TEST(Parser, Modes) {
    ParseOptions single;
    single.mode = ParseMode::kSingle;
    EXPECT_EQ(Parsed("x", single).tree(), "Interactive(body=[Expr(value=Name(id='x', ctx=Load()))])");
    EXPECT_EQ(Parsed("if x:\n  y", single).tree().substr(0, 24), "Interactive(body=[If(tes");
    EXPECT_EQ(error("x\ny", single), "1:2-1:3 multiple statements found while compiling a single statement");
    ParseOptions type;
    type.mode = ParseMode::kFuncType;
    EXPECT_EQ(Parsed("(int, *str) -> None", type).tree(),
              "FunctionType(argtypes=[Name(id='int', ctx=Load()), Name(id='str', ctx=Load())], "
              "returns=Constant(value=None))");
    ParseOptions incomplete;
    incomplete.allow_incomplete = true;
    EXPECT_EQ(Parsed("if x:", incomplete).result.error.kind, Diagnostic::Kind::kIncompleteInput);
    EXPECT_EQ(Parsed("x y", incomplete).result.error.kind, Diagnostic::Kind::kSyntaxError);
}

TEST(Parser, TypeComments) {
    ParseOptions options;
    options.type_comments = true;
    EXPECT_EQ(Parsed("x = 1  # type: int\ny = 2  # type: ignore[z]\n", options).tree(),
              "Module(body=[Assign(targets=[Name(id='x', ctx=Store())], value=Constant(value=1), "
              "type_comment='int'), Assign(targets=[Name(id='y', ctx=Store())], value=Constant(value=2))], "
              "type_ignores=[TypeIgnore()])");
}

TEST(Parser, FeatureVersion) {
    ParseOptions old;
    old.feature_version = 7;
    EXPECT_EQ(error("(x := 1)", old),
              "1:8-1:9 Assignment expressions are only supported in Python 3.8 and greater");
    old.feature_version = 4;
    EXPECT_EQ(error("a @ b", old), "1:6-1:7 The '@' operator is only supported in Python 3.5 and greater");
}

TEST(Parser, Barry) {
    EXPECT_NE(Parsed("from __future__ import barry_as_FLUFL\n1 <> 2\n").result.module, nullptr);
    EXPECT_EQ(error("from __future__ import barry_as_FLUFL\n1 != 2\n"),
              "2:3-2:5 with Barry as BDFL, use '<>' instead of '!='");
}

std::string repeat(std::string_view text, int count) {
    std::string out;
    for (int i = 0; i < count; i++) out += text;
    return out;
}

TEST(Parser, DeepTextsAreRefused) {
    for (const char* piece :
         {"-", "not ", "lambda:", "x if y else ", "x ** ", "[", "(", "{0:", "f(", "x[", "f'{"}) {
        Parsed deep(repeat(piece, 100000) + "x");
        EXPECT_EQ(deep.result.module, nullptr) << piece;
        EXPECT_TRUE(deep.result.error.is_error()) << piece;
    }
    EXPECT_EQ(Parsed(repeat("-", 100000) + "x").result.error.kind, Diagnostic::Kind::kMemoryError);
    EXPECT_NE(Parsed(repeat("-", 3500) + "x").result.module, nullptr);
    EXPECT_NE(Parsed(repeat("(", 190) + "x" + repeat(")", 190)).result.module, nullptr);
    EXPECT_NE(Parsed("if a: pass\n" + repeat("elif b: pass\n", 3000)).result.module, nullptr);
}

TEST(Parser, NestedErrorsTakeLinearTime) {
    std::string text, indent;
    for (int i = 0; i < 90; i++, indent += ' ') text += indent + (i % 2 ? "try:\n" : "with (a, b):\n");
    EXPECT_EQ(error(text + indent + "x y\n"), "91:93-91:94 invalid syntax");
}

// A terminal: statements come one at a time, and no line is asked for too early.
class Lines : public LineReader {
  public:
    explicit Lines(std::vector<std::string> lines) : lines_(std::move(lines)) {}
    Result read(SourceText& text, bool) override {
        if (next_ == lines_.size()) return Result::kEnd;
        text.append(lines_[next_++]);
        return Result::kLine;
    }
    size_t taken() const { return next_; }

  private:
    std::vector<std::string> lines_;
    size_t next_ = 0;
};

TEST(Parser, Interactive) {
    Lines lines({"x = 1\n", "if x:\n", "  y\n", "\n", "z\n"});
    ParseOptions options;
    options.mode = ParseMode::kSingle;
    options.interactive = true;
    options.reader = &lines;
    std::vector<std::string> trees;
    for (int i = 0; i < 3; i++) {
        Parsed one("", options);
        trees.push_back(one.tree());
    }
    EXPECT_EQ(trees[0],
              "Interactive(body=[Assign(targets=[Name(id='x', ctx=Store())], value=Constant(value=1))])");
    EXPECT_EQ(
        trees[1],
        "Interactive(body=[If(test=Name(id='x', ctx=Load()), body=[Expr(value=Name(id='y', ctx=Load()))])])");
    EXPECT_EQ(trees[2], "Interactive(body=[Expr(value=Name(id='z', ctx=Load()))])");
    EXPECT_TRUE(Parsed("", options).result.end_of_input);
}

}  // namespace
}  // namespace krait
