// How the runtime reaches the compiler: a table of functions that the program registers at start-up
// (Runtime::hooks), so that the runtime links without a compiler.
#pragma once

#include <string>

#include "object/thread.h"

namespace krait {

enum class CompileMode { Exec, Eval, Single, FuncType };

// compile() flags beyond the CO_FUTURE_* bits.
enum CompileFlag : int {
    kSourceIsUtf8 = 0x100,
    kDontImplyDedent = 0x200,
    kOnlyAst = 0x400,
    kIgnoreCookie = 0x800,
    kTypeComments = 0x1000,
    kAllowTopLevelAwait = 0x2000,
    kAllowIncompleteInput = 0x4000,
    kOptimizedAst = 0x8000 | kOnlyAst,
    kCompileFlagMask = 0xff00,
    kFutureMask = 0x1fe0000,
};

struct CompileRequest {
    Value source;    // str, bytes (or anything with a buffer that bytes() was made of), or an AST node
    Value filename;  // str
    CompileMode mode = CompileMode::Exec;
    int flags = 0;      // CompileFlag and CO_FUTURE_* bits, inheritance already done
    int optimize = -1;  // -1: as the interpreter was started
    int feature_version = -1;
    bool from_file = false;                 // the bytes of a script: faults in them are placed by line
    const char* function_name = "compile";  // for messages about the source's type
    std::string dump;                       // of the main program: what -X dump asks for
    Value module;                           // name for warnings' registry, may be empty
};

struct CodeHooks {
    // A code object, or an AST node for kOnlyAst. SyntaxError and warnings as CPython issues them.
    Ref (*compile)(Thread& t, const CompileRequest& request);
    // After the main program: its code as specialized by then, where `dump` asks for it.
    void (*dump_specialized)(Thread& t, Value code, const std::string& dump);
};
// Calls the registered compiler; SystemError when there is none.
Ref compile_source(Thread& t, const CompileRequest& request);

}  // namespace krait
