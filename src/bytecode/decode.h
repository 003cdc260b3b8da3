#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bytecode/code.h"
#include "bytecode/opcodes.h"

// Reading code objects: instructions, positions, exception ranges. All readers take any bytes and stop at the
// end.
namespace krait {

struct DecodedInstr {
    int32_t start;   // byte offset of the first EXTENDED_ARG, or of the instruction itself
    int32_t offset;  // byte offset of the instruction
    int32_t end;     // behind its caches
    Op op;
    uint32_t arg;
};

// Reads the instruction at `at` and moves `at` behind it and its caches; false at the end or when cut off.
class InstrReader {
  public:
    explicit InstrReader(std::string_view code) : code_(code) {}
    bool next(DecodedInstr& instr);

  private:
    std::string_view code_;
    size_t at_ = 0;
};

// Byte offset that a jump leads to; -1 for instructions that do not jump (END_ASYNC_FOR among them). May lie
// outside.
int64_t jump_target(const DecodedInstr& instr);

// Where code comes from; -1 for what is not known.
struct CodeRange {
    int32_t start, end;  // byte offsets
    int32_t line, end_line, col, end_col;
};

class LocationReader {
  public:
    LocationReader(std::string_view table, int firstlineno) : table_(table), line_(firstlineno) {}
    // False at the end, or when the table is cut off or wrong (then bad() is true).
    bool next(CodeRange& range);
    bool bad() const { return bad_; }

  private:
    unsigned byte() {
        if (at_ < table_.size()) return static_cast<unsigned char>(table_[at_++]);
        bad_ = true;
        return 0;
    }
    uint32_t varint();
    int32_t signed_varint();

    std::string_view table_;
    size_t at_ = 0;
    int32_t offset_ = 0;
    int32_t line_;
    bool bad_ = false;
};

struct HandlerRange {
    int32_t start, end, target;  // byte offsets
    int32_t depth;
    bool lasti;
};

class HandlerReader {
  public:
    explicit HandlerReader(std::string_view table) : table_(table) {}
    bool next(HandlerRange& range);
    bool bad() const { return bad_; }

  private:
    uint32_t varint();

    std::string_view table_;
    size_t at_ = 0;
    bool bad_ = false;
};

// The code object and those among its constants, one instruction a line, for people.
std::string dump_code(const CodeObject* code);
// What the argument of an instruction means: "x", "'text'", "+", "to 24"; "" when it has none.
std::string describe_arg(const CodeObject* code, const DecodedInstr& instr);

// Checks what an interpreter takes for granted: opcodes, argument ranges, jumps to instructions, a stack
// depth that is the same on all paths and within co_stacksize, well-formed tables. Recursive over code
// constants. Returns "" or what is wrong, with the offset. It can not know whether the values on the stack
// are what instructions expect.
std::string verify_code(const CodeObject* code);

}  // namespace krait
