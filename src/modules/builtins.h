// Parts of the module builtins that live in builtins_exec.cpp.
#pragma once

#include "object/thread.h"

namespace krait {

Ref builtin_import(Thread& t, Value module, const Value* params);
Ref builtin_compile(Thread& t, Value module, const Value* params);
Ref builtin_eval(Thread& t, Value module, const Value* params);
Ref builtin_exec(Thread& t, Value module, const Value* params);
Ref anext_awaitable_new(Thread& t, Value awaitable, Value fallback);
int optimization_level(Thread& t);  // 0, 1 or 2: -O

// Future features and the like of the code that called us.
int inherited_compiler_flags(Thread& t);
// str and bytes pass; anything with a buffer becomes bytes. Not text at all: TypeError naming `fname`.
Ref compilable_text(Thread& t, Value source, const char* fname, const char* expected);
// The audit event "compile"; hooks get the text as bytes.
Status audit_source(Thread& t, Value source, Value filename);

}  // namespace krait
