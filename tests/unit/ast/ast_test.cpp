#include <gtest/gtest.h>

#include "ast/dump.h"
#include "ast/identifier.h"
#include "ast/nodes.h"
#include "ast/validate.h"

namespace krait {
namespace {

TEST(Identifiers, EqualTextsAreOne) {
    Arena arena;
    IdentifierTable table(arena);
    std::vector<const Identifier*> made;
    for (int i = 0; i < 5000; i++) made.push_back(table.intern("name" + std::to_string(i)));
    EXPECT_EQ(table.size(), 5000u);
    for (int i = 0; i < 5000; i++) EXPECT_EQ(table.intern("name" + std::to_string(i)), made[i]);
    EXPECT_NE(table.intern(""), table.intern(std::string_view("\0", 1)));
    EXPECT_STREQ(table.intern("abc")->text, "abc");
}

TEST(Nodes, MetadataDescribesEveryKind) {
    for (int kind = 0; kind < ast::kKindCount; kind++) {
        const ast::NodeInfo& info = ast::kNodeInfo[kind];
        const ast::TypeInfo& type = ast::info(info.type);
        EXPECT_FALSE(type.is_enum);
        EXPECT_GE(kind, type.first);
        EXPECT_LT(kind, type.first + type.count);
        EXPECT_EQ(info.positioned, type.positioned);
        for (const ast::FieldInfo& field : info.fields) {
            EXPECT_LT(field.offset, info.size);
            if (field.form == ast::FieldForm::kEnum) {
                EXPECT_TRUE(ast::info(field.type).is_enum);
            }
        }
    }
    EXPECT_STREQ(ast::info(ast::Kind::MatchCase).name, "match_case");
    EXPECT_STREQ(ast::info(ast::Type::BinaryOperator).members[12], "FloorDiv");
}

TEST(Nodes, Dump) {
    Arena arena;
    IdentifierTable names(arena);
    auto name = arena.make<ast::Name>(ast::Position{1, 2, 3, 4}, names.intern("x"), ast::ExprContext::Load);
    std::string out;
    ast::dump(name, out);
    EXPECT_EQ(out, "Name(id='x', ctx=Load(), lineno=1, col_offset=2, end_lineno=3, end_col_offset=4)");
    EXPECT_TRUE(ast::is<ast::Name>(name));
    EXPECT_EQ(ast::try_as<ast::Call>(static_cast<ast::Node*>(name)), nullptr);
}

// Trees by hand, all in one place of the source.
struct Maker {
    Arena arena;
    IdentifierTable names{arena};
    ast::Position at{1, 0, 1, 1};

    template <typename T>
    ast::Seq<T> seq(std::initializer_list<T> items) {
        return arena.copy(std::span<const T>(items.begin(), items.size()));
    }
    ast::ExprNode* name(std::string_view text, ast::ExprContext context = ast::ExprContext::Load) {
        return arena.make<ast::Name>(at, names.intern(text), context);
    }
    std::string fault(ast::StmtNode* stmt) {
        return ast::validate(
                   arena.make<ast::Module>(seq<ast::StmtNode*>({stmt}), ast::Seq<ast::TypeIgnoreNode*>()))
            .message;
    }
    std::string fault(ast::ExprNode* expr) { return fault(arena.make<ast::Expr>(at, expr)); }
};

TEST(Validator, SaysWhatIsWrong) {
    Maker m;
    EXPECT_EQ(m.fault(m.name("x")), "");
    EXPECT_EQ(m.fault(m.name("None")), "identifier field can't represent 'None' constant");
    EXPECT_EQ(m.fault(m.name("x", ast::ExprContext::Store)),
              "expression must have Load context but has Store instead");
    EXPECT_EQ(m.fault(m.arena.make<ast::BoolOp>(m.at, ast::BoolOperator::And,
                                                m.seq<ast::ExprNode*>({m.name("x")}))),
              "BoolOp with less than 2 values");
    EXPECT_EQ(m.fault(m.arena.make<ast::Set>(m.at, m.seq<ast::ExprNode*>({nullptr}))),
              "None disallowed in expression list");
    EXPECT_EQ(m.fault(m.arena.make<ast::Delete>(m.at, ast::Seq<ast::ExprNode*>())),
              "empty targets on Delete");
    m.at.lineno = 2;
    EXPECT_EQ(m.fault(m.name("x")), "AST node line range (2, 1) is not valid");
}

TEST(Validator, DeepTrees) {
    Maker m;
    ast::ExprNode* deep = m.name("x");
    for (int i = 0; i < 1000000; i++) deep = m.arena.make<ast::Await>(m.at, deep);
    std::string fault = m.fault(deep);
    EXPECT_TRUE(fault.starts_with("Stack overflow (used ") && fault.ends_with(" kB) during compilation"))
        << fault;
}

}  // namespace
}  // namespace krait
