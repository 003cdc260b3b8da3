// Memory, destruction and the collection of cycles.
#include <gtest/gtest.h>

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/state.h"
#include "object/protocol.h"
#include "runtime/init.h"

namespace krait {
namespace {

class GcTest : public testing::Test {
  protected:
    Thread& t = runtime_init();
    void SetUp() override {
        t.gc->enabled = false;
        gc_collect(t, 2);
    }
    void TearDown() override { EXPECT_FALSE(t.has_exception()); }
    Ref instance() {
        Ref n = str_intern(t, "Node"), ns = dict_new(t);
        Ref cls = new_class(t, n, empty_tuple(), ns);
        return call(t, cls);
    }
};

TEST_F(GcTest, BlocksOfAllSizes) {
    std::vector<char*> blocks;
    for (size_t n = 0; n < 2000; n += 7) {
        auto* p = static_cast<char*>(mem_alloc(n));
        ASSERT_TRUE(p);
        EXPECT_EQ(reinterpret_cast<uintptr_t>(p) % 16, 0u);
        EXPECT_GE(mem_usable_size(p), n);
        memset(p, static_cast<int>(n & 0xff), n);
        blocks.push_back(p);
    }
    size_t n = 0;
    for (char*& p : blocks) {
        p = static_cast<char*>(mem_realloc(p, n * 2 + 1));
        for (size_t i = 0; i < n; i++) ASSERT_EQ(p[i], static_cast<char>(n & 0xff));
        n += 7;
    }
    for (char* p : blocks) mem_free(p);
}

TEST_F(GcTest, CyclesAreFoundAndCounted) {
    Ref list = list_new(t);
    ASSERT_TRUE(list_append(t, list, list));
    Ref other = list_new(t);
    ASSERT_TRUE(list_append(t, other, list));
    list.reset();
    EXPECT_EQ(gc_collect(t, 2), 0);  // still held from outside
    other.reset();
    EXPECT_EQ(gc_collect(t, 0), 0);  // survivors are older now
    EXPECT_EQ(gc_collect(t, 2), 1);
}

TEST_F(GcTest, WeakReferencesOfGarbageDie) {
    Ref a = instance();
    ASSERT_TRUE(set_attr(t, a, "self", a));
    Ref w = weakref_new(t, a, {});
    a.reset();
    EXPECT_FALSE(is_none(weakref_get(w)));
    EXPECT_GT(gc_collect(t, 2), 0);
    EXPECT_TRUE(is_none(weakref_get(w)));
}

TEST_F(GcTest, DeepStructuresAreFreedWithoutRecursion) {
    Ref head = none_ref();
    for (int i = 0; i < 300000; i++) {
        Ref next = tuple_of(t, {head});
        head = std::move(next);
    }
    head.reset();
    EXPECT_EQ(t.dealloc_depth, 0);
    EXPECT_EQ(t.delete_later_size, 0u);
}

TEST_F(GcTest, TuplesOfPlainValuesAreNotFollowed) {
    Ref s = str_from(t, "x");
    Ref tuple = tuple_of(t, {s, Value::from_int(3)});
    gc_collect(t, 2);
    EXPECT_FALSE(is_tracked(tuple.get().ptr()));
    Ref list = list_new(t);
    Ref holder = tuple_of(t, {list});
    gc_collect(t, 2);
    EXPECT_TRUE(is_tracked(holder.get().ptr()));
}

TEST_F(GcTest, TrackingKeepsTheGenerationsConsistent) {
    std::vector<Ref> kept;
    for (int i = 0; i < 20000; i++) {
        Ref l = list_new(t);
        if (i % 3 == 0) kept.push_back(std::move(l));
        if (i % 5000 == 0) gc_collect(t, i / 5000 % 3);
    }
    for (Generation& g : t.gc->gens) {
        uint32_t live = 0;
        for (uint32_t i = 0; i < g.size; i++) {
            if (!g.items[i]) continue;
            live++;
            ASSERT_EQ(preheader(g.items[i])->gc_index, i);
            ASSERT_EQ(&t.gc->gens[generation_of(g.items[i])], &g);
        }
        EXPECT_EQ(live, g.live());
    }
}

TEST_F(GcTest, FreezingHidesObjects) {
    Ref list = list_new(t);
    ASSERT_TRUE(list_append(t, list, list));
    gc_freeze(t);
    list.reset();
    EXPECT_EQ(gc_collect(t, 2), 0);
    gc_unfreeze(t);
    EXPECT_EQ(gc_collect(t, 2), 1);
}

}  // namespace
}  // namespace krait
