#include <gtest/gtest.h>

#include <sstream>

#include "bytecode/decode.h"

namespace krait {
namespace {

constexpr int kFunctionFlags = kCodeOptimized | kCodeNewLocals;

int opcode(const std::string& name) {
    for (unsigned op = 0; op < kOpCount; op++)
        if (kOpTable[op].name == name) return static_cast<int>(op);
    ADD_FAILURE() << name;
    return 0;
}

// "OPCODE argument; ..." as bytes, after RESUME.
std::string assemble(const std::string& text) {
    std::string bytes{static_cast<char>(Op::RESUME), 0};
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line, ';');) {
        std::istringstream words(line);
        std::string name;
        int arg = 0;
        words >> name >> arg;
        int op = opcode(name);
        bytes += static_cast<char>(op);
        bytes += static_cast<char>(arg);
        bytes.append(2 * cache_count(static_cast<Op>(op)), '\0');
    }
    return bytes;
}

// A function of a parameter `a`, local 0; `x` is local 1, the cell `c` local 2 and the free variable `f`
// local 3. Constants: 0 None, 1 ("k",), 2 code with the free variable `f`, 3 code without, 4 "text", 5
// (None,).
struct Sample {
    explicit Sample(const std::string& text, int flags = kFunctionFlags, std::string table = "")
        : bytes(assemble(text)), handlers(std::move(table)) {
        inner.code = plain.code = inner_bytes = assemble("LOAD_SMALL_INT 1; RETURN_VALUE");
        inner.stacksize = plain.stacksize = 1;
        inner.localsplusnames = std::span(names).subspan(3);
        inner.localspluskinds = std::string_view(kinds).substr(3);
        const Constant *text_item[] = {str_constant(arena, "k")}, *none[] = {&kNoneConstant};
        consts = {&kNoneConstant,
                  tuple_constant(arena, text_item),
                  code_constant(arena, &inner),
                  code_constant(arena, &plain),
                  str_constant(arena, "text"),
                  tuple_constant(arena, none)};
        code.argcount = 1;
        code.flags = flags;
        code.stacksize = 6;
        code.firstlineno = 1;
        code.qualname = "f";
        code.code = bytes;
        code.consts = consts;
        code.names = names;
        code.localsplusnames = names;
        code.localspluskinds = kinds;
        code.exceptiontable = handlers;
    }
    std::string problem() const { return verify_code(&code); }

    Arena arena;
    CodeObject code, inner, plain;
    std::string bytes, inner_bytes, handlers;
    std::vector<const Constant*> consts;
    std::vector<std::string_view> names{"a", "x", "c", "f"};
    std::string kinds{static_cast<char>(kLocalPlain | kLocalArgPositional | kLocalArgKeyword),
                      static_cast<char>(kLocalPlain), static_cast<char>(kLocalCell),
                      static_cast<char>(kLocalFree)};
};

// Units from, to and of the handler, what is kept of the stack, and whether the position is pushed.
std::string handler(int start, int end, int target, int depth, bool lasti) {
    return {static_cast<char>(0x80 | start), static_cast<char>(end - start), static_cast<char>(target),
            static_cast<char>(depth << 1 | lasti)};
}

std::string problem(const std::string& text, int flags = kFunctionFlags, const std::string& table = "") {
    std::string found = Sample(text, flags, table).problem();
    return found.starts_with("f: ") ? found.substr(3) : found;
}

TEST(VerifyStack, Operands) {
    EXPECT_EQ(problem("LOAD_FAST 0; RETURN_VALUE"), "");
    EXPECT_EQ(problem("PUSH_NULL; RETURN_VALUE"), "operand missing at offset 4");
    EXPECT_EQ(problem("PUSH_NULL; POP_TOP; LOAD_CONST 0; RETURN_VALUE"), "");
    EXPECT_EQ(problem("LOAD_FAST 0; PUSH_NULL; CALL 0; RETURN_VALUE"), "");
    EXPECT_EQ(problem("PUSH_NULL; LOAD_FAST 0; CALL 0; RETURN_VALUE"), "operand missing at offset 6");
    EXPECT_EQ(problem("LOAD_FAST 0; PUSH_NULL; PUSH_NULL; CALL 1; RETURN_VALUE"),
              "operand missing at offset 8");
    EXPECT_EQ(problem("LOAD_GLOBAL 1; CALL 0; RETURN_VALUE"), "");
    EXPECT_EQ(problem("LOAD_GLOBAL 1; BUILD_TUPLE 2; RETURN_VALUE"), "operand missing at offset 12");
    EXPECT_EQ(problem("LOAD_FAST 0; PUSH_NULL; LOAD_FAST 0; LOAD_CONST 1; CALL_KW 1; RETURN_VALUE"), "");
    EXPECT_EQ(problem("LOAD_FAST 0; PUSH_NULL; LOAD_CONST 1; CALL_KW 0; RETURN_VALUE"),
              "operand of the wrong kind at offset 8");
    EXPECT_EQ(problem("LOAD_FAST 0; PUSH_NULL; LOAD_FAST 0; LOAD_CONST 5; CALL_KW 1; RETURN_VALUE"),
              "operand of the wrong kind at offset 10");
    EXPECT_EQ(problem("BUILD_LIST 0; LOAD_FAST 0; LIST_APPEND 1; RETURN_VALUE"), "");
    EXPECT_EQ(problem("LOAD_FAST 0; LOAD_FAST 0; LIST_APPEND 1; RETURN_VALUE"),
              "operand of the wrong kind at offset 6");
    EXPECT_EQ(problem("LOAD_CONST 4; LOAD_FAST 0; FORMAT_SIMPLE; BUILD_STRING 2; RETURN_VALUE"), "");
    EXPECT_EQ(problem("LOAD_CONST 4; LOAD_FAST 0; BUILD_STRING 2; RETURN_VALUE"),
              "operand of the wrong kind at offset 6");
    EXPECT_EQ(problem("LOAD_FAST 0; END_FOR; LOAD_CONST 0; RETURN_VALUE"), "stack runs empty at offset 4");
    EXPECT_EQ(problem("LOAD_FAST 0; SWAP 2; RETURN_VALUE"), "stack runs empty at offset 4");
    EXPECT_EQ(problem("LOAD_FAST 0; LOAD_FAST 0; COPY 2; BUILD_TUPLE 3; RETURN_VALUE"), "");
    EXPECT_EQ(problem("LOAD_FAST 0; PUSH_EXC_INFO; RETURN_VALUE"), "operand of the wrong kind at offset 4");
    EXPECT_EQ(problem("LOAD_FAST 0; POP_EXCEPT; LOAD_CONST 0; RETURN_VALUE"),
              "operand of the wrong kind at offset 4");
    EXPECT_EQ(problem("LOAD_SMALL_INT 9; LOAD_FAST 0; RERAISE 1"), "operand of the wrong kind at offset 6");
}

TEST(VerifyLocals, Binding) {
    EXPECT_EQ(problem("LOAD_FAST 1; RETURN_VALUE"), "local may be unbound at offset 2");
    EXPECT_EQ(problem("LOAD_FAST_CHECK 1; POP_TOP; LOAD_FAST 1; RETURN_VALUE"), "");
    EXPECT_EQ(problem("LOAD_FAST 0; STORE_FAST 1; LOAD_FAST 1; RETURN_VALUE"), "");
    EXPECT_EQ(problem("DELETE_FAST 0; LOAD_FAST 0; RETURN_VALUE"), "local may be unbound at offset 4");
    // One of two ways binds x.
    EXPECT_EQ(
        problem("LOAD_FAST 0; POP_JUMP_IF_NONE 2; LOAD_FAST 0; STORE_FAST 1; LOAD_FAST 1; RETURN_VALUE"),
        "local may be unbound at offset 12");
    EXPECT_EQ(problem("LOAD_FAST_AND_CLEAR 1; STORE_FAST 1; LOAD_FAST 1; RETURN_VALUE"),
              "local may be unbound at offset 6");
    EXPECT_EQ(problem("LOAD_FAST_AND_CLEAR 0; STORE_FAST 0; LOAD_FAST 0; RETURN_VALUE"), "");
}

TEST(VerifyLocals, Cells) {
    EXPECT_EQ(problem("LOAD_DEREF 2; RETURN_VALUE"), "not a cell at offset 2");
    EXPECT_EQ(problem("MAKE_CELL 2; LOAD_DEREF 2; RETURN_VALUE"), "");
    EXPECT_EQ(problem("MAKE_CELL 2; LOAD_FAST 0; STORE_FAST 2; LOAD_DEREF 2; RETURN_VALUE"),
              "not a cell at offset 8");
    EXPECT_EQ(problem("LOAD_DEREF 3; RETURN_VALUE"), "not a cell at offset 2");
    // A plain local may be overwritten by who has the frame.
    EXPECT_EQ(problem("MAKE_CELL 1; LOAD_DEREF 1; RETURN_VALUE"), "not a cell at offset 2");
    EXPECT_EQ(problem("COPY_FREE_VARS 1; LOAD_DEREF 3; RETURN_VALUE"), "");
    EXPECT_EQ(problem("COPY_FREE_VARS 2; LOAD_DEREF 3; RETURN_VALUE"),
              "wrong number of free variables at offset 2");
}

TEST(VerifyLocals, Borrowing) {
    EXPECT_EQ(problem("LOAD_FAST_BORROW 0; RETURN_VALUE"), "");
    const std::string changes = "local changes while the stack borrows from it at offset ";
    EXPECT_EQ(problem("LOAD_FAST_BORROW 0; DELETE_FAST 0; RETURN_VALUE"), changes + "4");
    EXPECT_EQ(problem("LOAD_FAST_BORROW 0; COPY 1; STORE_FAST 0; RETURN_VALUE"), changes + "6");
    EXPECT_EQ(problem("LOAD_FAST_BORROW 0; LOAD_ATTR 1; LOAD_CONST 0; STORE_FAST 0; CALL 0; RETURN_VALUE"),
              changes + "26");
    EXPECT_EQ(problem("LOAD_FAST_BORROW 0; FORMAT_SIMPLE; DELETE_FAST 0; RETURN_VALUE"), changes + "6");
    EXPECT_EQ(problem("LOAD_FAST_BORROW 0; TO_BOOL; DELETE_FAST 0; RETURN_VALUE"), "");
    EXPECT_EQ(problem("LOAD_FAST_BORROW 0; STORE_FAST 0; LOAD_CONST 0; RETURN_VALUE"), "");
}

TEST(VerifyFunctions, Closures) {
    EXPECT_EQ(problem("LOAD_CONST 3; MAKE_FUNCTION; RETURN_VALUE"), "");
    EXPECT_EQ(problem("LOAD_FAST 0; MAKE_FUNCTION; RETURN_VALUE"), "operand of the wrong kind at offset 4");
    EXPECT_EQ(problem("LOAD_CONST 2; MAKE_FUNCTION; RETURN_VALUE"), "operand missing at offset 6");
    const std::string closed = "; LOAD_CONST 2; MAKE_FUNCTION; SET_FUNCTION_ATTRIBUTE 8; RETURN_VALUE";
    EXPECT_EQ(problem("MAKE_CELL 2; LOAD_FAST 2; BUILD_TUPLE 1" + closed), "");
    EXPECT_EQ(problem("LOAD_FAST 0; BUILD_TUPLE 1" + closed), "operand of the wrong kind at offset 10");
    EXPECT_EQ(problem("MAKE_CELL 2; LOAD_FAST 2; LOAD_FAST 2; BUILD_TUPLE 2" + closed),
              "operand of the wrong kind at offset 14");
    EXPECT_EQ(problem("MAKE_CELL 2; LOAD_FAST 2; BUILD_TUPLE 1; LOAD_CONST 3; MAKE_FUNCTION; "
                      "SET_FUNCTION_ATTRIBUTE 8; RETURN_VALUE"),
              "operand of the wrong kind at offset 12");
    EXPECT_EQ(problem("LOAD_FAST 0; LOAD_FAST 0; SET_FUNCTION_ATTRIBUTE 1; RETURN_VALUE"),
              "operand of the wrong kind at offset 6");
}

TEST(VerifyGenerators, Stages) {
    const std::string generator = "RETURN_GENERATOR; POP_TOP; LOAD_CONST 0; YIELD_VALUE; RETURN_VALUE";
    EXPECT_EQ(problem(generator, kFunctionFlags | kCodeGenerator), "");
    EXPECT_EQ(problem(generator), "cannot become a generator here at offset 2");
    EXPECT_EQ(problem("LOAD_CONST 0; YIELD_VALUE; RETURN_VALUE", kFunctionFlags | kCodeGenerator),
              "yields outside of a generator at offset 4");
    EXPECT_EQ(
        problem("RETURN_GENERATOR; POP_TOP; RETURN_GENERATOR; RETURN_VALUE", kFunctionFlags | kCodeGenerator),
        "cannot become a generator here at offset 6");
    EXPECT_EQ(problem("RETURN_GENERATOR; YIELD_VALUE 1; RETURN_VALUE", kFunctionFlags | kCodeGenerator),
              "stack runs empty at offset 4");
    EXPECT_EQ(problem(generator, kFunctionFlags | kCodeGenerator, handler(1, 2, 5, 0, false)),
              "bad exception table entry at offset 2");
}

TEST(VerifyPaths, JumpsAndEnds) {
    EXPECT_EQ(problem("LOAD_FAST 0"), "runs off the end at offset 2");
    EXPECT_EQ(problem("JUMP_FORWARD 9"), "jump into nowhere at offset 2");
    const std::string loop = "LOAD_FAST 0; FOR_ITER 3; POP_TOP; JUMP_BACKWARD 5; ",
                      after = "; POP_ITER; LOAD_CONST 0; RETURN_VALUE";
    EXPECT_EQ(problem(loop + "END_FOR" + after), "");
    EXPECT_EQ(problem(loop + "POP_TOP" + after), "loop without END_FOR at offset 4");
    EXPECT_EQ(problem("EXTENDED_ARG 0; EXTENDED_ARG 0"), "instruction cut off at offset 4");
    EXPECT_EQ(problem("LOAD_ATTR_SLOT 0; RETURN_VALUE"),
              "unknown opcode " + std::to_string(unsigned(Op::LOAD_ATTR_SLOT)) + " at offset 2");
    EXPECT_EQ(problem("RESERVED; RETURN_VALUE"), "unknown opcode 17 at offset 2");
    EXPECT_EQ(
        problem("LOAD_FAST 0; LOAD_FAST 0; LOAD_FAST 0; LOAD_FAST 0; LOAD_FAST 0; LOAD_FAST 0; LOAD_FAST 0"),
        "stack depth out of range at offset 14");
}

TEST(VerifyPaths, Handlers) {
    const std::string body = "LOAD_FAST 0; GET_ITER; RETURN_VALUE; ";
    EXPECT_EQ(problem(body + "PUSH_EXC_INFO; POP_TOP; POP_EXCEPT; LOAD_CONST 0; RETURN_VALUE", kFunctionFlags,
                      handler(1, 4, 4, 0, false)),
              "");
    EXPECT_EQ(problem(body + "PUSH_EXC_INFO; COPY 3; POP_EXCEPT; RERAISE 1", kFunctionFlags,
                      handler(1, 4, 4, 0, true)),
              "operand of the wrong kind at offset 12");
    // GET_ITER may have let go of its operand.
    EXPECT_EQ(problem(body + "RERAISE 0", kFunctionFlags, handler(2, 4, 4, 1, false)),
              "stack below its handler's at offset 4");
    EXPECT_EQ(problem(body + "RERAISE 0", kFunctionFlags, handler(1, 9, 4, 0, false)),
              "bad exception table entry at offset 2");
    EXPECT_EQ(
        problem(body + "RERAISE 0", kFunctionFlags, handler(1, 4, 4, 0, false) + handler(2, 4, 4, 0, false)),
        "bad exception table entry at offset 4");
    // x is bound only behind where the exception may come from.
    EXPECT_EQ(
        problem("LOAD_FAST 0; GET_ITER; STORE_FAST 1; LOAD_CONST 0; RETURN_VALUE; POP_TOP; LOAD_FAST 1; "
                "RETURN_VALUE",
                kFunctionFlags, handler(2, 4, 6, 0, false)),
        "local may be unbound at offset 14");
}

TEST(VerifyHead, Locals) {
    Sample sample("LOAD_CONST 0; RETURN_VALUE");
    sample.code.argcount = 3;
    EXPECT_EQ(sample.problem(), "f: more parameters than locals");
    sample.code.argcount = 2;
    EXPECT_EQ(sample.problem(), "");
    std::swap(sample.kinds[0], sample.kinds[3]);
    EXPECT_EQ(sample.problem(), "f: bad kinds of locals");
}

}  // namespace
}  // namespace krait
