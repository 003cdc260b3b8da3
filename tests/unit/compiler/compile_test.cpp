#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "ast/nodes.h"
#include "compiler/compiler.h"
#include "compiler/dump.h"
#include "parser/parser.h"

namespace krait {
namespace {

std::string read_data(const std::string& name) {
    std::ifstream file(std::string(KRAIT_TEST_DATA) + "/" + name, std::ios::binary);
    EXPECT_TRUE(file.good()) << name;
    std::stringstream out;
    out << file.rdbuf();
    return out.str();
}

std::string in_quotes(std::string_view text) {
    std::string out = "\"";
    for (char c : text) {
        if (c == '\\' || c == '"') out += '\\';
        out += c == '\n' ? std::string("\\n") : std::string(1, c);
    }
    return out + '"';
}

// Keeps warnings; makes an error of each when `fatal`.
struct Sink : WarningSink {
    std::string out;
    bool fatal = false;
    bool outside = false;
    bool warn(const Diagnostic& d) override {
        bool syntax = d.kind == Diagnostic::Kind::kSyntaxWarning;
        out += std::string(syntax ? "SyntaxWarning " : "DeprecationWarning ") + std::to_string(d.line) + " " +
               in_quotes(d.message) + "\n";
        return !fatal;
    }
    bool external() const override { return outside; }
};

// A text compiled in every stage, with all that the code needs.
struct Compiled {
    Arena arena;
    IdentifierTable identifiers{arena};
    SourceText source;
    Sink sink;
    Diagnostic failure;
    const CodeObject* code = nullptr;

    explicit Compiled(std::string_view text, CompileOptions options = {}, bool fatal = false,
                      bool outside = false) {
        sink.fatal = fatal;
        sink.outside = outside;
        if (!source.load(text, {}, failure)) return;
        ParseOptions parse_options;
        parse_options.warnings = &sink;
        ParseResult parsed = parse(arena, identifiers, source, parse_options);
        failure = parsed.error;
        if (parsed.module == nullptr) return;
        options.warnings = &sink;
        if (options.filename.empty()) options.filename = "f";
        CompileResult result = compile(arena, identifiers, parsed.module, options);
        failure = result.failure;
        code = result.code;
    }

    // As tests/unit/compiler/data/errors.txt has it.
    std::string answer() const {
        if (code != nullptr) return sink.out + "ok";
        const char* kind =
            failure.kind == Diagnostic::Kind::kIndentationError ? "IndentationError" : "SyntaxError";
        std::string out = sink.out + kind;
        for (int64_t n : {failure.line, failure.column, failure.end_line, failure.end_column}) {
            out += " " + std::to_string(n);
        }
        out += failure.message_only_args ? " 1 " : " 2 ";
        return out + in_quotes(failure.message);
    }
};

TEST(Compile, MakesTheOraclesCode) {
    CompileOptions options;
    options.filename = "features.py";
    Compiled c(read_data("features.py"), options);
    ASSERT_NE(c.code, nullptr) << c.failure.message;
    std::string out;
    dump_fields(c.code, out);
    EXPECT_EQ(out, read_data("features.expected"));
}

TEST(Compile, ErrorsAndWarningsAreTheOracles) {
    std::string data = read_data("errors.txt");
    int count = 0;
    for (size_t at = 0; at < data.size(); count++) {
        size_t split = data.find("\n=>\n", at), end = data.find("\n\n", split);
        ASSERT_NE(end, data.npos);
        std::string text = data.substr(at, split - at);
        EXPECT_EQ(Compiled(text).answer(), data.substr(split + 4, end - split - 4)) << text;
        at = end + 2;
    }
    EXPECT_GT(count, 200);
}

TEST(Compile, OptimizationDropsAssertsAndDocstrings) {
    std::string_view text = "def f():\n 'doc'\n assert x\n return __debug__\n";
    auto function = [](const CodeObject* module) {
        for (const Constant* c : module->consts) {
            if (c->is(ConstantKind::kCode)) return c->code;
        }
        return static_cast<const CodeObject*>(nullptr);
    };
    for (int level : {0, 1, 2}) {
        CompileOptions options;
        options.optimize = level;
        Compiled c(text, options);
        ASSERT_NE(c.code, nullptr);
        const CodeObject* f = function(c.code);
        ASSERT_NE(f, nullptr);
        EXPECT_EQ((f->flags & kCodeHasDocstring) != 0, level < 2);
        EXPECT_EQ(f->names.empty(), level > 0);
    }
}

TEST(Compile, TopLevelAwaitMakesACoroutine) {
    CompileOptions options;
    EXPECT_EQ(Compiled("await x", options).code, nullptr);
    options.allow_top_level_await = true;
    Compiled c("await x\nasync for i in y: [await i async for j in z]", options);
    ASSERT_NE(c.code, nullptr);
    EXPECT_TRUE((c.code->flags & kCodeCoroutine) != 0);
}

TEST(Compile, InheritedFutureFlags) {
    CompileOptions options;
    options.future_flags = kCodeFutureAnnotations;
    Compiled c("x: a + b", options);
    ASSERT_NE(c.code, nullptr);
    bool found = false;
    for (const Constant* k : c.code->consts) found |= k->is(ConstantKind::kStr) && k->text() == "a + b";
    EXPECT_TRUE(found);
    EXPECT_TRUE((c.code->flags & kCodeFutureAnnotations) != 0);
}

TEST(Compile, FatalWarnings) {
    Compiled c("x is 1", {}, true);
    EXPECT_EQ(c.code, nullptr);
    EXPECT_EQ(c.failure.kind, Diagnostic::Kind::kSyntaxError);
    EXPECT_EQ(c.failure.column, 1);
    Compiled outside("x is 1", {}, true, true);
    EXPECT_EQ(outside.failure.kind, Diagnostic::Kind::kExternal);
}

TEST(Compile, DeepNestingFailsCleanly) {
    for (const char* piece : {".a", "()", "+1", "[0]"}) {
        std::string text = "x";
        for (int i = 0; i < 200000; i++) text += piece;
        Compiled c(text);
        EXPECT_EQ(c.code, nullptr);
        EXPECT_EQ(c.failure.kind, Diagnostic::Kind::kRecursionError) << piece;
        EXPECT_TRUE(c.failure.message.starts_with("Stack overflow (used ")) << c.failure.message;
    }
}

TEST(Compile, DocstringWithSurrogates) {
    Compiled c("def f():\n '\\t\\ud800\\udfff'\n");
    EXPECT_EQ(c.failure.kind, Diagnostic::Kind::kUnicodeError);
    EXPECT_EQ(c.failure.column, 8);
    EXPECT_EQ(c.failure.end_column, 10);
}

}  // namespace
}  // namespace krait
