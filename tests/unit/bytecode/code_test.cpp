#include <gtest/gtest.h>

#include "bytecode/decode.h"
#include "bytecode/marshal.h"

namespace krait {
namespace {

constexpr char b(Op op) { return static_cast<char>(op); }

// A function that returns its argument's attribute "x", built by hand.
struct Sample {
    Arena arena;
    CodeObject code;
    std::string bytes;
    std::vector<const Constant*> consts;
    std::vector<std::string_view> names{"x"}, locals{"a"};
    std::string kinds{char(kLocalPlain | kLocalArgPositional | kLocalArgKeyword)};

    Sample() {
        consts.push_back(&kNoneConstant);
        emit(Op::RESUME, 0);
        emit(Op::LOAD_FAST_BORROW, 0);
        emit(Op::LOAD_ATTR, 0);
        emit(Op::RETURN_VALUE, 0);
        code.argcount = 1;
        code.stacksize = 1;
        code.firstlineno = 1;
        code.filename = "f.py";
        code.name = code.qualname = "f";
    }
    void emit(Op op, int arg) {
        bytes += b(op);
        bytes += static_cast<char>(arg);
        bytes.append(2 * cache_count(op), '\0');
    }
    const CodeObject* made() {
        code.code = bytes;
        code.consts = consts;
        code.names = names;
        code.localsplusnames = locals;
        code.localspluskinds = kinds;
        return &code;
    }
    std::string verify() { return verify_code(made()); }
};

TEST(Decode, JoinsExtendedArguments) {
    std::string bytes{b(Op::EXTENDED_ARG), 1, b(Op::LOAD_CONST), 2, b(Op::RETURN_VALUE), 0};
    InstrReader reader(bytes);
    DecodedInstr instr;
    ASSERT_TRUE(reader.next(instr));
    EXPECT_EQ(instr.op, Op::LOAD_CONST);
    EXPECT_EQ(instr.arg, 0x102u);
    EXPECT_EQ(instr.start, 0);
    EXPECT_EQ(instr.offset, 2);
    ASSERT_TRUE(reader.next(instr));
    EXPECT_EQ(instr.op, Op::RETURN_VALUE);
    EXPECT_FALSE(reader.next(instr));
}

TEST(Decode, StopsWhereCutOff) {
    std::string bytes{b(Op::LOAD_ATTR), 0, 0, 0};
    InstrReader reader(bytes);
    DecodedInstr instr;
    EXPECT_FALSE(reader.next(instr));
    LocationReader locations("\xF0", 1);
    CodeRange range;
    EXPECT_FALSE(locations.next(range));
    EXPECT_TRUE(locations.bad());
    HandlerReader handlers("\xC0");
    HandlerRange handler;
    EXPECT_FALSE(handlers.next(handler));
    EXPECT_TRUE(handlers.bad());
}

TEST(Verify, AcceptsWhatIsRight) { EXPECT_EQ(Sample().verify(), ""); }

TEST(Verify, RejectsWhatIsNot) {
    auto with = [](auto&& change) {
        Sample sample;
        change(sample);
        return sample.verify();
    };
    EXPECT_EQ(with([](Sample& s) { s.bytes[2] = b(Op::LOAD_ATTR_SLOT); }),
              "f: unknown opcode 188 at offset 2");
    EXPECT_EQ(with([](Sample& s) { s.bytes[3] = 1; }), "f: argument out of range at offset 2");
    EXPECT_EQ(with([](Sample& s) { s.code.stacksize = 0; }), "f: stack depth out of range at offset 2");
    EXPECT_EQ(with([](Sample& s) { s.bytes.resize(s.bytes.size() - 2); }), "f: runs off the end at offset 4");
    EXPECT_EQ(with([](Sample& s) { s.bytes.resize(8); }), "f: instruction cut off at offset 4");
    EXPECT_EQ(with([](Sample& s) { s.kinds.clear(); }), "f: locals' names and kinds differ in number");
    EXPECT_EQ(with([](Sample& s) { s.bytes[2] = b(Op::POP_TOP); }), "f: stack runs empty at offset 2");
    EXPECT_EQ(with([](Sample& s) { s.bytes[2] = b(Op::LOAD_DEREF); }), "f: not a cell at offset 2");
    EXPECT_EQ(with([](Sample& s) { s.bytes.insert(4, {b(Op::JUMP_BACKWARD), 9, 0, 0}); }),
              "f: jump into nowhere at offset 4");
    EXPECT_EQ(with([](Sample& s) { s.bytes.insert(4, {b(Op::JUMP_BACKWARD), 3, 0, 0}); }),
              "f: stack depth depends on the path at offset 4");
    EXPECT_EQ(with([](Sample& s) { s.code.exceptiontable = std::string_view("\x81\x01\x09\x00", 4); }),
              "f: bad exception table entry at offset 2");
}

TEST(Marshal, KeepsEverything) {
    Sample sample;
    Arena& arena = sample.arena;
    uint64_t limbs[] = {0x123456789ABCDEF0, 0xFEDCBA9876543210, 7};
    const Constant* items[] = {int_constant(arena, 1), float_constant(arena, -0.0),
                               str_constant(arena, "\xC3\xA9 x")};
    for (const Constant* constant :
         {int_constant(arena, -5), int_constant(arena, INT64_MIN), int_constant(arena, true, limbs),
          complex_constant(arena, 1.5, -2), bytes_constant(arena, std::string_view("a\0b", 3)),
          tuple_constant(arena, items), frozenset_constant(arena, items), &kEllipsisConstant, &kTrueConstant,
          slice_constant(arena, items[0], &kNoneConstant, items[0]), str_constant(arena, "\xED\xA0\x80"),
          str_constant(arena, std::string(300, 'y'))}) {
        sample.consts.push_back(constant);
    }
    Sample outer;
    outer.consts.push_back(code_constant(arena, sample.made()));
    outer.consts.push_back(code_constant(arena, sample.made()));
    std::string data = marshal_code(outer.made());
    Arena other;
    const char* error = nullptr;
    const CodeObject* read = unmarshal_code(other, data, &error);
    ASSERT_NE(read, nullptr) << error;
    EXPECT_TRUE(same_code(read, outer.made()));
    EXPECT_EQ(read->consts[1]->code, read->consts[2]->code);
    EXPECT_EQ(marshal_code(read), data);
    EXPECT_EQ(verify_code(read), "");
}

TEST(Marshal, SurvivesAnyCut) {
    Sample sample;
    std::string data = marshal_code(sample.made());
    for (size_t size = 0; size < data.size(); size++) {
        Arena arena;
        const char* error = nullptr;
        EXPECT_EQ(unmarshal_code(arena, std::string_view(data).substr(0, size), &error), nullptr);
        ASSERT_NE(error, nullptr);
    }
    for (size_t at = 0; at < data.size(); at++) {
        for (int bit = 0; bit < 8; bit++) {
            std::string damaged = data;
            damaged[at] = static_cast<char>(damaged[at] ^ 1 << bit);
            Arena arena;
            const char* error = nullptr;
            if (const CodeObject* code = unmarshal_code(arena, damaged, &error)) {
                verify_code(code);
                dump_code(code);
            }
        }
    }
}

TEST(Marshal, NestingIsLimited) {
    std::string data;
    for (int i = 0; i < 100000; i++) data += ")\x01";
    Arena arena;
    const char* error = nullptr;
    EXPECT_EQ(unmarshal_code(arena, data, &error), nullptr);
    EXPECT_STREQ(error, "recursion limit exceeded");
    EXPECT_EQ(unmarshal_code(arena, "N", &error), nullptr);
    EXPECT_EQ(unmarshal_code(arena, std::string_view("\xA9\x01r\0\0\0\0", 7), &error), nullptr);
    EXPECT_STREQ(error, "bad marshal data (invalid reference)");
}

TEST(Dump, NamesArguments) {
    std::string text = dump_code(Sample().made());
    EXPECT_NE(text.find("LOAD_ATTR"), text.npos);
    EXPECT_NE(text.find("(x)"), text.npos);
    EXPECT_NE(text.find("(a)"), text.npos);
}

}  // namespace
}  // namespace krait
