// Types, slots, attributes and calls as C++ code sees them; what Python code sees is in tests/programs.
#include <gtest/gtest.h>

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "object/instance.h"
#include "object/protocol.h"
#include "object/type.h"
#include "runtime/init.h"

namespace krait {
namespace {

class ObjectTest : public testing::Test {
  protected:
    Thread& t = runtime_init();
    void TearDown() override { EXPECT_FALSE(t.has_exception()); }
    Ref name(const char* s) { return str_intern(t, s); }
    Ref make_class(const char* s, Value bases = empty_tuple()) {
        Ref n = name(s), ns = dict_new(t);
        return new_class(t, n, bases, ns);
    }
    std::string error() {
        Ref e = fetch_error(t);
        if (!e) return "";
        Ref s = str(t, e);
        return std::string(type_of(e)->tp_name) + ": " + std::string(str_utf8_or(s, "?"));
    }
};

TEST_F(ObjectTest, ValueRoundTrips) {
    for (int64_t n : {int64_t{0}, int64_t{-1}, Value::kIntMax, Value::kIntMin})
        EXPECT_EQ(Value::from_int(n).as_int(), n);
    for (double d : {0.0, 1.0, -1.5, 1e70, -1e-70}) {
        ASSERT_TRUE(Value::float_fits(d));
        EXPECT_EQ(Value::from_float(d).as_float(), d);
    }
    EXPECT_FALSE(Value::float_fits(1e300));
    EXPECT_FALSE(Value::float_fits(-0.0));
}

TEST_F(ObjectTest, InlineAttributesKeepInsertionOrder) {
    Ref cls = make_class("A");
    Ref a = call(t, cls), b = call(t, cls);
    ASSERT_TRUE(set_attr(t, a, "x", Value::from_int(1)));
    ASSERT_TRUE(set_attr(t, a, "y", Value::from_int(2)));
    EXPECT_FALSE(instance_dict_if_made(a));
    // The other order cannot be kept in the slots.
    ASSERT_TRUE(set_attr(t, b, "y", Value::from_int(2)));
    ASSERT_TRUE(set_attr(t, b, "x", Value::from_int(1)));
    Ref text = repr(t, instance_dict(t, b));
    EXPECT_TRUE(str_equal(text, "{'y': 2, 'x': 1}"));
}

TEST_F(ObjectTest, ManyAttributesMoveToADict) {
    Ref cls = make_class("A");
    Ref a = call(t, cls);
    for (int i = 0; i < 100; i++) {
        std::string n = "attr" + std::to_string(i);
        ASSERT_TRUE(set_attr(t, a, n.c_str(), Value::from_int(i)));
    }
    for (int i = 0; i < 100; i++) {
        Ref v = get_attr(t, a, ("attr" + std::to_string(i)).c_str());
        ASSERT_TRUE(v);
        EXPECT_EQ(v.get(), Value::from_int(i));
    }
    EXPECT_EQ(dict_size(instance_dict_if_made(a)), 100);
}

TEST_F(ObjectTest, LookupCacheSeesChangesOfBases) {
    Ref base = make_class("Base");
    Ref bases = tuple_of(t, {base});
    Ref sub = make_class("Sub", bases);
    Ref n = name("late");
    EXPECT_FALSE(type_lookup(sub.as<PyTypeObject>(), n));
    uint32_t before = type_version(sub.as<PyTypeObject>());
    ASSERT_TRUE(set_attr(t, base, n.get(), Value::from_int(7)));
    EXPECT_NE(type_version(sub.as<PyTypeObject>()), before);
    EXPECT_EQ(type_lookup(sub.as<PyTypeObject>(), n), Value::from_int(7));
    ASSERT_TRUE(set_attr(t, base, n.get(), Value()));
    EXPECT_FALSE(type_lookup(sub.as<PyTypeObject>(), n));
}

TEST_F(ObjectTest, SubclassOfBuiltinUsesItsSlotsDirectly) {
    Ref bases = tuple_of(t, {Value(&PyList_Type)});
    Ref cls = make_class("L", bases);
    const Slots &own = ext(cls.as<PyTypeObject>())->slots, &list = ext(&PyList_Type)->slots;
    EXPECT_EQ(own.sq_length, list.sq_length);
    EXPECT_EQ(own.mp_subscript, list.mp_subscript);
    EXPECT_EQ(own.richcompare, list.richcompare);
    EXPECT_EQ(own.sq_concat, list.sq_concat);
    EXPECT_EQ(own.nb_add, nullptr);
    EXPECT_TRUE(ext(cls.as<PyTypeObject>())->generic_getattr);
}

TEST_F(ObjectTest, SettingADunderFillsTheSlotOfSubclasses) {
    Ref base = make_class("Base");
    Ref bases = tuple_of(t, {base});
    Ref sub = make_class("Sub", bases);
    Ref obj = call(t, sub);
    EXPECT_FALSE(call(t, obj));
    EXPECT_EQ(error(), "TypeError: 'Sub' object is not callable");
    ASSERT_TRUE(set_attr(t, base, "__call__", Value(&PyList_Type)));
    Ref r = call(t, obj);
    EXPECT_TRUE(is_list_exact(r));
    ASSERT_TRUE(set_attr(t, base, "__call__", Value()));
    EXPECT_FALSE(is_callable(obj));
}

TEST_F(ObjectTest, SignatureErrors) {
    struct Case {
        const char* signature;
        size_t nargs;
        const char* keyword;
        const char* message;
    };
    const Case cases[] = {
        {"(a, /)", 0, nullptr, "TypeError: f expected 1 argument, got 0"},
        {"(a, b=1, /)", 3, nullptr, "TypeError: f expected at most 2 arguments, got 3"},
        {"(a, b=1)", 0, nullptr, "TypeError: f() missing required argument 'a' (pos 1)"},
        {"(a, b=1)", 1, "a", "TypeError: argument for f() given by name ('a') and position (1)"},
        {"(a, bytes=1)", 1, "byte",
         "TypeError: f() got an unexpected keyword argument 'byte'. Did you mean 'bytes'?"},
        {"(a, *, k)", 1, nullptr, "TypeError: f() missing required argument 'k' (pos 2)"},
        {"(*, k=1)", 1, nullptr, "TypeError: f() takes no positional arguments"},
        {"(a, /)", 1, "a", "TypeError: f() takes no keyword arguments"},
    };
    for (const Case& c : cases) {
        Value args[4] = {Value::from_int(1), Value::from_int(2), Value::from_int(3), Value::from_int(4)};
        Value out[8];
        Ref keep, kwnames;
        if (c.keyword) {
            Ref k = name(c.keyword);
            kwnames = tuple_of(t, {k});
        }
        EXPECT_FALSE(bind_args(t, "f", c.signature, args, c.nargs, kwnames, out, keep)) << c.signature;
        EXPECT_EQ(error(), c.message);
    }
}

TEST_F(ObjectTest, VarargsStandAtTheirPlace) {
    Value args[] = {Value::from_int(1), Value::from_int(2), Value::from_int(3), Value::from_int(4)};
    Ref k = name("k");
    Ref kwnames = tuple_of(t, {k});
    Value out[4];
    Ref keep;
    ASSERT_TRUE(bind_args(t, "f", "(a, *rest, k=0, **kw)", args, 3, kwnames, out, keep));
    EXPECT_EQ(out[0], Value::from_int(1));
    EXPECT_EQ(tuple_size(out[1]), 2);
    EXPECT_EQ(out[2], Value::from_int(4));
    EXPECT_EQ(dict_size(out[3]), 0);
}

TEST_F(ObjectTest, ImmediateAndBoxedNumbersAreTheSameObject) {
    Ref box = int_box(t, Value::from_int(5));
    EXPECT_TRUE(is_same(box, Value::from_int(5)));
    EXPECT_FALSE(is_same(box, Value::from_int(6)));
    Ref f = float_box(t, 1.5);
    EXPECT_TRUE(is_same(Value::from_float(1.5), f));
}

}  // namespace
}  // namespace krait
