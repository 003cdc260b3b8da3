#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "bytecode/constant.h"
#include "support/arena.h"

// Code objects as plain data: what the compiler produces, marshal reads and writes, and the runtime turns
// into Python code objects.
namespace krait {

// co_flags.
enum CodeFlag : int {
    kCodeOptimized = 0x1,
    kCodeNewLocals = 0x2,
    kCodeVarArgs = 0x4,
    kCodeVarKeywords = 0x8,
    kCodeNested = 0x10,
    kCodeGenerator = 0x20,
    kCodeCoroutine = 0x80,
    kCodeIterableCoroutine = 0x100,
    kCodeAsyncGenerator = 0x200,
    kCodeFutureDivision = 0x20000,
    kCodeFutureAbsoluteImport = 0x40000,
    kCodeFutureWithStatement = 0x80000,
    kCodeFuturePrintFunction = 0x100000,
    kCodeFutureUnicodeLiterals = 0x200000,
    kCodeFutureBarryAsBdfl = 0x400000,
    kCodeFutureGeneratorStop = 0x800000,
    kCodeFutureAnnotations = 0x1000000,
    kCodeNoMonitoringEvents = 0x2000000,
    kCodeHasDocstring = 0x4000000,
    kCodeMethod = 0x8000000,
};

// Bits of an entry of co_localspluskinds.
enum LocalKind : uint8_t {
    kLocalArgPositional = 0x02,  // can be given by position
    kLocalArgKeyword = 0x04,     // can be given by keyword
    kLocalArgVariable = 0x08,    // *args (with positional) or **kwargs (with keyword)
    kLocalHidden = 0x10,         // of an inlined comprehension: not in locals()
    kLocalPlain = 0x20,
    kLocalCell = 0x40,
    kLocalFree = 0x80,
};

// Lives in an arena together with all that it refers to and never changes once made. Names are UTF-8 (lone
// surrogates in three bytes).
struct CodeObject {
    int argcount = 0;  // of the next two fields only posonlyargcount is included
    int posonlyargcount = 0;
    int kwonlyargcount = 0;
    int stacksize = 0;
    int flags = 0;
    int firstlineno = 0;
    std::string_view code;  // the instructions, cache entries zero
    std::span<const Constant* const> consts;
    std::span<const std::string_view> names;
    std::span<const std::string_view> localsplusnames;
    std::string_view localspluskinds;  // one LocalKind byte for each name
    std::string_view filename;
    std::string_view name;
    std::string_view qualname;
    std::string_view linetable;
    std::string_view exceptiontable;

    // Locals (cells among them), cells, and free variables, as co_nlocals, len(co_cellvars),
    // len(co_freevars).
    int nlocals() const;
    int ncellvars() const;
    int nfreevars() const;
};

// As `==` of code objects decides, which is what merges equal ones in co_consts: everything but the file name
// and the qualified name.
bool same_code(const CodeObject* a, const CodeObject* b);
uint64_t hash_code(const CodeObject* code);

}  // namespace krait
