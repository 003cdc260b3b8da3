#include "compiler/assemble.h"

#include <gtest/gtest.h>

#include "bytecode/decode.h"
#include "compiler/cfg/const-ops.h"

namespace krait {
namespace {

Location at(int line) { return {line, line, 0, 1}; }

struct Built {
    Arena arena;
    CodeUnit unit;
    const char* error = nullptr;

    Built() {
        unit.name = unit.qualname = "f";
        unit.flags = kCodeOptimized | kCodeNewLocals;
        unit.instrs.add(Op::RESUME, at(1));
    }
    int constant(const Constant* c) { return unit.consts.add(c); }
    void add(Op op, int arg = 0, int line = 1) { unit.instrs.add(op, arg, at(line)); }
    void load(const Constant* c) { add(Op::LOAD_CONST, constant(c)); }
    const CodeObject* assemble() { return krait::assemble(arena, unit, "f.py", &error); }
    // The instructions, one name (and argument) each, and what the verifier says.
    std::string text() {
        const CodeObject* code = assemble();
        if (code == nullptr) return std::string("error: ") + error;
        std::string out = verify_code(code);
        InstrReader reader(code->code);
        DecodedInstr instr;
        while (reader.next(instr)) {
            if (!out.empty()) out += "; ";
            out += op_info(instr.op).name;
            if (op_has(instr.op, opflag::kArg)) out += " " + std::to_string(instr.arg);
        }
        return out;
    }
};

TEST(Assemble, FoldsAndDropsUnusedConstants) {
    Built b;
    b.load(&kNoneConstant);
    b.add(Op::POP_TOP);
    b.load(int_constant(b.arena, 1000));
    b.load(int_constant(b.arena, 2000));
    b.add(Op::BINARY_OP, int(BinaryOp::NB_ADD));
    b.add(Op::RETURN_VALUE);
    EXPECT_EQ(b.text(), "RESUME 0; LOAD_CONST 1; RETURN_VALUE");
    ASSERT_EQ(b.unit.consts.size(), 2);
    EXPECT_EQ(b.unit.consts[1]->integer, 3000);
}

TEST(Assemble, ChecksAndBorrowsLocals) {
    Built b;
    b.unit.varnames = {"a", "b"};
    b.unit.argcount = b.unit.parameter_count = 1;
    b.add(Op::LOAD_FAST, 0);
    b.add(Op::LOAD_FAST, 1);
    b.add(Op::BINARY_OP, 0);
    b.add(Op::STORE_FAST, 1);
    b.add(Op::LOAD_FAST, 1);
    b.add(Op::RETURN_VALUE);
    EXPECT_EQ(b.text(),
              "RESUME 0; LOAD_FAST_BORROW 0; LOAD_FAST_CHECK 1; BINARY_OP 0; STORE_FAST_LOAD_FAST 17; "
              "RETURN_VALUE");
}

TEST(Assemble, JumpsGrowExtendedArguments) {
    Built b;
    b.unit.names = {"n"};
    Label end = b.unit.instrs.new_label();
    b.add(Op::LOAD_NAME, 0);
    b.add(Op::TO_BOOL);
    b.unit.instrs.add_jump(Op::POP_JUMP_IF_FALSE, end, at(1));
    for (int i = 0; i < 300; i++) {
        b.add(Op::LOAD_NAME, 0, 2);
        b.add(Op::POP_TOP, 0, 2);
    }
    b.unit.instrs.use_label(end);
    b.load(&kNoneConstant);
    b.add(Op::RETURN_VALUE);
    EXPECT_NE(b.text().find("POP_JUMP_IF_FALSE 601; NOT_TAKEN"), std::string::npos);
}

TEST(Assemble, HandlersBecomeTheExceptionTable) {
    Built b;
    b.unit.names = {"n"};
    Label handler = b.unit.instrs.new_label();
    b.unit.instrs.add_jump(Op::SETUP_FINALLY, handler, at(1));
    b.add(Op::LOAD_NAME, 0, 2);
    b.add(Op::POP_BLOCK, 0, 2);
    b.add(Op::RETURN_VALUE, 0, 2);
    b.unit.instrs.use_label(handler);
    b.unit.instrs.add(Op::PUSH_EXC_INFO, kNoLocation);
    b.add(Op::RERAISE, 0, 3);
    const CodeObject* code = b.assemble();
    ASSERT_NE(code, nullptr);
    EXPECT_EQ(verify_code(code), "");
    HandlerReader reader(code->exceptiontable);
    HandlerRange range;
    ASSERT_TRUE(reader.next(range));
    EXPECT_EQ(range.start, 2);
    EXPECT_EQ(range.end, 4);
    EXPECT_EQ(range.target, 6);
    EXPECT_EQ(range.depth, 0);
    EXPECT_FALSE(reader.next(range));
}

TEST(Assemble, CellsThatAreParametersShareTheirPlace) {
    Built b;
    b.unit.varnames = {"a", "b"};
    b.unit.cellvars = {"b", "c"};
    b.unit.freevars = {"d"};
    b.unit.argcount = b.unit.parameter_count = 2;
    b.add(Op::LOAD_DEREF, 2);
    b.add(Op::STORE_DEREF, 0);
    b.add(Op::LOAD_DEREF, 1);
    b.add(Op::RETURN_VALUE);
    EXPECT_EQ(
        b.text(),
        "COPY_FREE_VARS 1; MAKE_CELL 1; MAKE_CELL 2; RESUME 0; LOAD_DEREF 3; STORE_DEREF 1; LOAD_DEREF 2; "
        "RETURN_VALUE");
}

TEST(Assemble, SaysWhatMakesNoSense) {
    Built lost;
    lost.unit.instrs.add_jump(Op::JUMP, lost.unit.instrs.new_label(), at(1));
    EXPECT_EQ(lost.text(), "error: jump to a label without a place");
    Built empty;
    empty.add(Op::POP_TOP);
    empty.add(Op::RETURN_VALUE);
    EXPECT_EQ(empty.text(), "error: inconsistent stack depth");
}

TEST(ConstOps, LimitsAndErrorsAreLeftToRunTime) {
    Arena arena;
    auto integer = [&](int64_t value) { return int_constant(arena, value); };
    auto fold = [&](BinaryOp op, const Constant* x, const Constant* y) {
        const Constant* result = cfg::fold_binary(arena, op, x, y);
        return result != nullptr ? ascii_text(result) : "-";
    };
    EXPECT_EQ(fold(BinaryOp::NB_POWER, integer(2), integer(64)), "18446744073709551616");
    EXPECT_EQ(fold(BinaryOp::NB_POWER, integer(2), integer(65)), "-");
    EXPECT_EQ(fold(BinaryOp::NB_FLOOR_DIVIDE, integer(-7), integer(2)), "-4");
    EXPECT_EQ(fold(BinaryOp::NB_REMAINDER, integer(-7), integer(2)), "1");
    EXPECT_EQ(fold(BinaryOp::NB_TRUE_DIVIDE, integer(1), integer(0)), "-");
    EXPECT_EQ(fold(BinaryOp::NB_TRUE_DIVIDE, integer(1), integer(3)), "0.3333333333333333");
    EXPECT_EQ(fold(BinaryOp::NB_MULTIPLY, str_constant(arena, "ab"), integer(3)), "'ababab'");
    EXPECT_EQ(fold(BinaryOp::NB_MULTIPLY, str_constant(arena, "ab"), integer(3000)), "-");
    EXPECT_EQ(fold(BinaryOp::NB_SUBSCR, str_constant(arena, "a\xC3\xA9z"), integer(-2)), "'\\xe9'");
    EXPECT_EQ(fold(BinaryOp::NB_ADD, str_constant(arena, "a"), integer(1)), "-");
    EXPECT_TRUE(cfg::python_equal(integer(1), &kTrueConstant));
    EXPECT_TRUE(cfg::python_equal(integer(1), float_constant(arena, 1.0)));
    EXPECT_FALSE(same_constant(integer(1), float_constant(arena, 1.0)));
}

TEST(ConstantTable, MergesEqualOfOneType) {
    Arena arena;
    ConstantTable table;
    EXPECT_EQ(table.add(int_constant(arena, 1)), 0);
    EXPECT_EQ(table.add(&kTrueConstant), 1);
    EXPECT_EQ(table.add(float_constant(arena, 0.0)), 2);
    EXPECT_EQ(table.add(float_constant(arena, -0.0)), 3);
    EXPECT_EQ(table.add(int_constant(arena, 1)), 0);
    for (int i = 100; i < 200; i++) table.add(int_constant(arena, i));
    EXPECT_EQ(table.add(int_constant(arena, 150)), 54);
    std::vector<bool> keep(table.size(), false);
    keep[0] = keep[54] = true;
    std::vector<int> renumbered;
    table.compact(keep, renumbered);
    EXPECT_EQ(renumbered[54], 1);
    EXPECT_EQ(table.add(int_constant(arena, 150)), 1);
    EXPECT_EQ(table.add(int_constant(arena, 151)), 2);
}

}  // namespace
}  // namespace krait
