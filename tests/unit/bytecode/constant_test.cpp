#include "bytecode/constant.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace krait {
namespace {

TEST(Constants, IntsAreAsSmallAsTheyCanBe) {
    Arena arena;
    uint64_t limbs[] = {0x8000000000000000u, 0, 0};
    EXPECT_EQ(int_constant(arena, true, limbs)->integer, std::numeric_limits<int64_t>::min());
    EXPECT_TRUE(int_constant(arena, false, limbs)->is(ConstantKind::kBigInt));
    EXPECT_EQ(decimal_text(int_constant(arena, false, limbs)), "9223372036854775808");
    limbs[2] = 1;
    EXPECT_EQ(decimal_text(int_constant(arena, true, limbs)), "-340282366920938463472597979468622987264");
    EXPECT_EQ(int_constant(arena, true, {})->integer, 0);
}

TEST(Constants, SameMeansTypeAndValue) {
    Arena arena;
    const Constant* one = int_constant(arena, 1);
    EXPECT_TRUE(same_constant(one, int_constant(arena, 1)));
    EXPECT_FALSE(same_constant(one, float_constant(arena, 1)));
    EXPECT_FALSE(same_constant(one, &kTrueConstant));
    EXPECT_FALSE(same_constant(float_constant(arena, 0.0), float_constant(arena, -0.0)));
    const Constant* nan = float_constant(arena, NAN);
    EXPECT_TRUE(same_constant(nan, nan));
    EXPECT_FALSE(same_constant(str_constant(arena, "a"), bytes_constant(arena, "a")));
    const Constant* ab[] = {one, str_constant(arena, "x")};
    const Constant* ba[] = {ab[1], ab[0]};
    EXPECT_FALSE(same_constant(tuple_constant(arena, ab), tuple_constant(arena, ba)));
    EXPECT_TRUE(same_constant(frozenset_constant(arena, ab), frozenset_constant(arena, ba)));
    EXPECT_EQ(hash_constant(frozenset_constant(arena, ab)), hash_constant(frozenset_constant(arena, ba)));
}

TEST(Constants, Text) {
    Arena arena;
    auto real = [&](double value) { return ascii_text(float_constant(arena, value)); };
    EXPECT_EQ(real(1), "1.0");
    EXPECT_EQ(real(1e16), "1e+16");
    EXPECT_EQ(real(1e15), "1000000000000000.0");
    EXPECT_EQ(real(0.0001), "0.0001");
    EXPECT_EQ(real(0.00001), "1e-05");
    EXPECT_EQ(real(-INFINITY), "-inf");
    EXPECT_EQ(ascii_text(complex_constant(arena, 0, -2)), "-2j");
    EXPECT_EQ(ascii_text(complex_constant(arena, -0.0, 1.5)), "(-0+1.5j)");
    EXPECT_EQ(ascii_text(str_constant(arena, "it's \xC3\xA9\n")), "\"it's \\xe9\\n\"");
    EXPECT_EQ(ascii_text(bytes_constant(arena, "\xFF'\"")), "b'\\xff\\'\"'");
    const Constant* items[] = {&kNoneConstant};
    EXPECT_EQ(ascii_text(tuple_constant(arena, items)), "(None,)");
    EXPECT_EQ(ascii_text(frozenset_constant(arena, {})), "frozenset()");
}

}  // namespace
}  // namespace krait
