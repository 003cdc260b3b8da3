// Code objects and functions.
#pragma once

#include <span>
#include <string_view>

#include "bytecode/code.h"
#include "bytecode/opcodes.h"
#include "object/thread.h"

namespace krait {

// What a code object is made of; Values are borrowed. `code` is instructions with zeroed caches.
struct CodeParts {
    int argcount, posonlyargcount, kwonlyargcount, stacksize, flags, firstlineno;
    std::string_view code;
    Value consts, names, localsplusnames, localspluskinds, filename, name, qualname, linetable,
        exceptiontable;
};
// Checks sizes and types (ValueError as the oracle's code constructor). Instructions that are not `trusted`
// are checked when they are to run first.
Ref code_new(Thread& t, const CodeParts& parts, bool trusted);
Ref code_from_plain(Thread& t, const CodeObject& plain);  // from the compiler's output, nested ones too
Ref constant_to_object(Thread& t, const Constant* c);
Ref code_new_empty(Thread& t, const char* filename, const char* name, int firstlineno);

// What a C extension hangs off a code object (PyUnstable_Code_SetExtra): what co_extra points to begins so.
struct CodeExtra {
    void (*release)(Thread& t, CodeExtra* extra);
};

inline PyCodeObject* as_code(Value v) { return v.as<PyCodeObject>(); }
Ref code_bytes(Thread& t, PyCodeObject* co);       // co_code: specializations and caches undone
int code_line(PyCodeObject* co, int byte_offset);  // -1: none
struct CodePosition {
    int line, end_line, column, end_column;  // -1: unknown
};
CodePosition code_position(PyCodeObject* co, int byte_offset);
// Handler for an exception at `byte_offset`: false when none. Depth counts stack entries to keep.
bool code_find_handler(PyCodeObject* co, int byte_offset, int* handler, int* depth, bool* push_lasti);
// Zeros lie behind the code, so that running off its end meets an opcode that is none.
inline constexpr int kCodePadding = 8;
// Instructions from outside (marshal, the constructor, replace()) may be anything. Until somebody has looked
// at them RESERVED, which is never run otherwise, stands in place of the first opcode; its handler calls
// check_code(). The compiler's own and the frozen modules' are trusted: that handler only prepares them,
// because most functions of a module are never called.
inline bool code_is_unchecked(const PyCodeObject* co) {
    return static_cast<uint8_t>(co->co_code_adaptive[0]) == static_cast<uint8_t>(Op::RESERVED);
}
uint8_t unchecked_first_opcode(const PyCodeObject* co);
void mark_unchecked(PyCodeObject* co, bool trusted = false);
void prepare_caches(PyCodeObject* co);
// SystemError where the instructions could do harm; then they stay unchecked.
Status check_code(Thread& t, PyCodeObject* co);
// De-instrumented, de-specialized opcode at index.
uint8_t code_base_opcode(PyCodeObject* co, int index);

Ref function_new(Thread& t, Value code, Value globals);  // qualname from the code
inline PyFunctionObject* as_function(Value v) { return v.as<PyFunctionObject>(); }
inline bool is_function(Value v) { return has_type(v, &PyFunction_Type); }
// One that runs its code, unlike one that C has given another way to be called (PyFunction_SetVectorcall).
inline bool runs_its_code(Value v) { return is_function(v) && !v.as<PyFunctionObject>()->vectorcall; }
uint32_t function_version(Thread& t, PyFunctionObject* f);  // nonzero, or 0 when none can be given

Status init_interp_code(Thread& t);
Status init_interp_function(Thread& t);

}  // namespace krait
