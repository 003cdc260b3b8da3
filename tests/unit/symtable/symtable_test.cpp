#include "symtable/symtable.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "parser/parser.h"
#include "symtable/dump.h"

namespace krait {
namespace {

struct Built {
    Arena arena;
    IdentifierTable identifiers{arena};
    SourceText source;
    Diagnostic failure;
    std::unique_ptr<SymbolTable> table;

    explicit Built(std::string_view text, bool top_level_await = false) {
        EXPECT_TRUE(source.load(text, {}, failure));
        ParseResult parsed = parse(arena, identifiers, source, {});
        if (parsed.module == nullptr) return;
        SymbolTableOptions options;
        options.allow_top_level_await = top_level_await;
        if (!find_future_features(parsed.module, options.future, failure)) return;
        table = build_symbol_table(parsed.module, identifiers, options, failure);
    }

    const Identifier* id(const char* name) { return identifiers.intern(name); }
};

std::string read_data(const std::string& name) {
    std::ifstream file(std::string(KRAIT_TEST_DATA) + "/" + name, std::ios::binary);
    EXPECT_TRUE(file.good()) << name;
    std::stringstream out;
    out << file.rdbuf();
    return out.str();
}

TEST(Symtable, ScopesAreTheOracles) {
    Built b(read_data("scopes.py"));
    ASSERT_NE(b.table, nullptr) << b.failure.message;
    std::string out;
    dump_symbols(b.table->top(), out);
    EXPECT_EQ(out, read_data("scopes.expected"));
}

TEST(Symtable, CellsAndFreeVariables) {
    Built b("def f(a):\n x = 1\n def g(): return x, a, y\n");
    ASSERT_NE(b.table, nullptr);
    SymbolBlock* f = b.table->top()->children.back();
    SymbolBlock* g = f->children.back();
    EXPECT_EQ(f->scope(b.id("x")), NameScope::kCell);
    EXPECT_EQ(f->scope(b.id("a")), NameScope::kCell);
    EXPECT_EQ(g->scope(b.id("x")), NameScope::kFree);
    EXPECT_EQ(g->scope(b.id("y")), NameScope::kGlobalImplicit);
    EXPECT_TRUE(g->nested);
    EXPECT_FALSE(f->nested);
}

TEST(Symtable, Mangling) {
    Arena arena;
    IdentifierTable ids(arena);
    auto mangled = [&](const char* owner, const char* name) {
        return std::string(mangle(ids, ids.intern(owner), ids.intern(name))->view());
    };
    EXPECT_EQ(mangled("A", "__x"), "_A__x");
    EXPECT_EQ(mangled("__A", "__x"), "_A__x");
    EXPECT_EQ(mangled("___", "__x"), "__x");
    EXPECT_EQ(mangled("A", "__x__"), "__x__");
    EXPECT_EQ(mangled("A", "__"), "__");
    EXPECT_EQ(mangled("A", "_x"), "_x");
    EXPECT_EQ(mangled("A", "__x.y"), "__x.y");
    EXPECT_EQ(mangle(ids, nullptr, ids.intern("__x")), ids.intern("__x"));
}

TEST(Symtable, ManyNamesInOneScope) {
    std::string text = "def f():\n";
    for (int i = 0; i < 5000; i++) text += " v" + std::to_string(i) + " = v" + std::to_string(i / 2) + "\n";
    Built b(text);
    ASSERT_NE(b.table, nullptr);
    SymbolBlock* f = b.table->top()->children.back();
    EXPECT_EQ(f->symbols.size(), 5000u);
    EXPECT_EQ(f->symbol(b.id("v4999")), kDefLocal | 1u << kScopeShift);
    EXPECT_EQ(f->symbol(b.id("v5000")), 0u);
}

TEST(Symtable, IdentifierSet) {
    Arena arena;
    IdentifierTable ids(arena);
    IdentifierSet set, other;
    for (int i = 0; i < 100; i++) set.add(ids.intern("n" + std::to_string(i)));
    EXPECT_TRUE(set.discard(ids.intern("n7")));
    EXPECT_FALSE(set.discard(ids.intern("n7")));
    EXPECT_FALSE(set.contains(ids.intern("n7")));
    other.add_all(set);
    int count = 0;
    other.each([&](const Identifier*) { count++; });
    EXPECT_EQ(count, 99);
    set.add(ids.intern("n7"));
    EXPECT_TRUE(set.contains(ids.intern("n7")));
}

}  // namespace
}  // namespace krait
