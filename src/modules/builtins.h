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

}  // namespace krait
