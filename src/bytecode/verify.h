#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// Checks that instructions do no harm whoever wrote them: whatever the interpreter takes for granted of code
// that the compiler made. First each instruction by itself (opcode, argument, jump target), then all paths
// through them: how deep the stack is, what its entries and the locals may be, which of them are borrowed
// from which local.
//
// It refuses nothing that the compilers of Krait and CPython make. It does refuse code that would do no harm
// for reasons it cannot see.
namespace krait {

// What may be on the stack, in a constant: a set of these.
enum EntryKind : uint32_t {
    kNull = 1 << 0,        // no object
    kLacking = 1 << 1,     // a function that has to be given its `info` cells before anybody may see it
    kPlain = 1 << 2,       // an object of which nothing is known
    kCell = 1 << 3,        //
    kCells = 1 << 4,       // a tuple of `info` cells
    kTuple = 1 << 5,       //
    kNames = 1 << 6,       // a constant tuple of `info` strings
    kList = 1 << 7,        //
    kSet = 1 << 8,         //
    kDict = 1 << 9,        //
    kStr = 1 << 10,        //
    kException = 1 << 11,  //
    kPrevious = 1 << 12,   // the exception handled before, or None
    kLasti = 1 << 13,      // the position that an exception came from
    kCode = 1 << 14,       // a constant code object with `info` free variables
    kFunction = 1 << 15,   //
    kAnything = (1 << 16) - 1,
    kObject = kAnything & ~(kNull | kLacking),
    kTuples = kTuple | kNames | kCells,
};

struct Entry {
    uint32_t kinds = kPlain;
    uint16_t info = 0;
    uint16_t lender = 0;  // 1 + the local it is borrowed from; kAnyLender; 0: none
    bool operator==(const Entry&) const = default;
};
constexpr uint16_t kAnyLender = 0xFFFF;
constexpr uint16_t kUnknownCount = 0xFFFF;  // as `info`: fits nothing
constexpr uint16_t entry_count(int64_t n) {
    return n < kUnknownCount ? static_cast<uint16_t>(n) : kUnknownCount;
}

// A code object, whoever made it. Inline caches are not looked at.
struct CodeView {
    std::string_view code;
    std::string_view localspluskinds;
    std::string_view exceptiontable;
    int argcount, posonlyargcount, kwonlyargcount, stacksize, flags;
    int64_t nconsts, nnames, nlocals;  // the last counts cells and free variables, too
    const void* owner;
    Entry (*constant)(const void* owner, int64_t index);
};

// What a local may hold; a set.
enum LocalState : uint8_t { kUnbound = 1, kBound = 2, kHoldsCell = 4 };

// Returns "" or what is wrong, with the byte offset.
std::string verify(const CodeView& code);

// What the instruction at a code unit takes for granted, for who wants to go there out of turn. False:
// nothing leads there, or the code is wrong.
struct Landing {
    std::vector<Entry> stack;
    std::vector<uint8_t> locals;  // LocalStates
    bool generating = false;      // the frame is a generator's already
    bool reached = false;
};
bool find_landing(const CodeView& code, int64_t unit, Landing& landing);

}  // namespace krait
