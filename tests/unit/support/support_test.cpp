#include <gtest/gtest.h>

#include <cstring>

#include "support/arena.h"
#include "support/small-vector.h"
#include "support/utf8.h"

namespace krait {
namespace {

TEST(Arena, AlignsAndKeeps) {
    Arena arena(64);
    for (size_t align = 1; align <= 64; align *= 2) {
        auto* at = static_cast<char*>(arena.allocate(3, align));
        EXPECT_EQ(reinterpret_cast<uintptr_t>(at) % align, 0u);
        std::memset(at, 1, 3);
    }
    std::string_view text = arena.copy("abc");
    auto numbers = arena.make_array<int>(100000);
    EXPECT_EQ(text, "abc");
    EXPECT_EQ(text.data()[3], 0);
    EXPECT_EQ(numbers[99999], 0);
    EXPECT_TRUE(arena.make_array<int>(0).empty());
}

TEST(Arena, LargeOnesDoNotEndTheChunk) {
    Arena arena(1024);
    auto* a = static_cast<char*>(arena.allocate(8, 8));
    arena.allocate(1 << 20, 8);
    auto* b = static_cast<char*>(arena.allocate(8, 8));
    EXPECT_EQ(b, a + 8);
    arena.reset();
    EXPECT_NE(arena.allocate(8, 8), nullptr);
}

TEST(Arena, Moves) {
    Arena a;
    std::string_view text = a.copy("kept");
    Arena b(std::move(a));
    EXPECT_EQ(text, "kept");
    EXPECT_GT(b.footprint(), 0u);
}

TEST(SmallVector, GrowsFromInline) {
    SmallVector<int, 2> v;
    for (int i = 0; i < 1000; i++) v.push_back(i);
    v.push_back(v[0]);
    EXPECT_EQ(v.size(), 1001u);
    EXPECT_EQ(v[999], 999);
    EXPECT_EQ(v.back(), 0);
    v.truncate(1);
    EXPECT_EQ(v.back(), 0);
}

TEST(Utf8, FindsFaults) {
    struct Case {
        std::string_view text;
        utf8::Fault::Kind kind;
        size_t begin, end;
    };
    using Kind = utf8::Fault::Kind;
    const Case cases[] = {
        {"a\xC3\xA9\xE2\x82\xAC\xF0\x9D\x90\xB1", Kind::kNone, 0, 0},
        {"a\xFF", Kind::kInvalidStart, 1, 2},
        {"\xC0\x80", Kind::kInvalidStart, 0, 1},
        {"\xE0\x80\x80", Kind::kInvalidContinuation, 0, 1},
        {"\xED\xA0\x80", Kind::kInvalidContinuation, 0, 1},
        {"\xF4\x90\x80\x80", Kind::kInvalidContinuation, 0, 1},
        {"\xE2\x82", Kind::kUnexpectedEnd, 0, 2},
        {"\xF0\x9D\x90'", Kind::kInvalidContinuation, 0, 3},
    };
    for (const Case& c : cases) {
        utf8::Fault fault = utf8::find_fault(c.text);
        EXPECT_EQ(fault.kind, c.kind);
        EXPECT_EQ(fault.begin, c.begin);
        EXPECT_EQ(fault.end, c.end);
    }
}

TEST(Utf8, ReadsAndWrites) {
    for (char32_t c : {U'a', U'\u00e9', U'\u20ac', U'\U0001d431', char32_t(0xD800)}) {
        std::string text;
        utf8::append(text, c);
        const char* at = text.data();
        EXPECT_EQ(utf8::next(at), c);
        EXPECT_EQ(at, text.data() + text.size());
    }
    EXPECT_EQ(utf8::length("a\xC3\xA9\xE2\x82\xAC"), 3u);
    EXPECT_EQ(utf8::ascii_prefix("0123456789012345678901234567890123456789\xC3\xA9"), 40u);
}

}  // namespace
}  // namespace krait
