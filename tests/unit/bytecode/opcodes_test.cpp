#include "bytecode/opcodes.h"

#include <gtest/gtest.h>

#include <set>

namespace krait {
namespace {

TEST(Opcodes, NumbersAreUniqueAndNamed) {
    std::set<std::string_view> names;
    int count = 0;
    for (unsigned i = 0; i < kAnyOpCount; i++) {
        if (!op_has(Op(i), opflag::kDefined)) continue;
        count++;
        EXPECT_TRUE(names.insert(kOpTable[i].name).second) << kOpTable[i].name;
    }
    int rows = 0;
#define OP(...) rows++;
#define SPECIALIZED(...) rows++;
#define OWN(...) rows++;
#define FUSED(...) rows++;
#define INSTRUMENTED(...) rows++;
#define PSEUDO(...) rows++;
#include "bytecode/opcodes.def"
    EXPECT_EQ(count, rows);
}

TEST(Opcodes, ArgumentsFollowTheNumber) {
#define OP(name, number, ...)                                                                   \
    if (Op::name != Op::RESUME && Op::name != Op::ENTER_EXECUTOR) {                             \
        EXPECT_EQ(op_has(Op::name, opflag::kArg), unsigned(Op::name) > kHaveArgument) << #name; \
    }
#include "bytecode/opcodes.def"
#define INSTRUMENTED(name, number, base) EXPECT_GE(number, int(kMinInstrumented)) << #name;
#include "bytecode/opcodes.def"
}

TEST(Opcodes, SpecializationsAreLikeTheirBase) {
#define SPECIALIZED(name, number, base)                               \
    EXPECT_EQ(cache_count(Op::name), cache_count(Op::base)) << #name; \
    EXPECT_EQ(stack_effect(Op::name, 3, false), stack_effect(Op::base, 3, false)) << #name;
#define OWN(name, number, base, shown)                                \
    EXPECT_EQ(cache_count(Op::name), cache_count(Op::base)) << #name; \
    EXPECT_EQ(base_op(Op::shown), Op::base) << #name;
#define FUSED(name, number, base, shown, second) OWN(name, number, base, shown)
#include "bytecode/opcodes.def"
    EXPECT_EQ(base_op(Op::LOAD_ATTR_SLOT), Op::LOAD_ATTR);
    EXPECT_EQ(base_op(Op::INSTRUMENTED_CALL), Op::CALL);
    EXPECT_EQ(base_op(Op::CALL), Op::CALL);
}

TEST(Opcodes, StackEffects) {
    EXPECT_EQ(stack_effect(Op::CALL, 2, false), -3);
    EXPECT_EQ(stack_effect(Op::LOAD_GLOBAL, 1, false), 2);
    EXPECT_EQ(stack_effect(Op::UNPACK_EX, 2 | 3 << 8, false), 5);
    EXPECT_EQ(stack_effect(Op::SETUP_FINALLY, 0, false), 0);
    EXPECT_EQ(stack_effect(Op::SETUP_CLEANUP, 0, true), 2);
    EXPECT_EQ(stack_effect(Op::FOR_ITER, 9, true), 1);
    EXPECT_EQ(stack_effect(Op::BUILD_MAP, 4, false), -7);
}

TEST(Opcodes, CompareArgument) {
    EXPECT_EQ(compare_arg(Compare::LT), 2);
    EXPECT_EQ(compare_arg(Compare::NE), 103);
    EXPECT_EQ(compare_arg(Compare::GE) | kCompareToBool, 188);
    EXPECT_EQ(compare_text(5), ">=");
    EXPECT_EQ(binary_op_text(26), "[]");
    EXPECT_EQ(binary_op_text(27), "?");
}

}  // namespace
}  // namespace krait
