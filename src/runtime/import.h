// The C++ side of the import system: everything else is importlib's Python code.
#pragma once

#include "bytecode/frozen.h"
#include "object/thread.h"

namespace krait {

// builtins.__import__(name, globals, locals, fromlist, level). globals and fromlist may be empty or None.
Ref import_module_level(Thread& t, Value name, Value globals, Value locals, Value fromlist, int level);

// Native modules compiled into the program (modules/modules.def): borrowed spec or null.
const ModuleSpec* find_native_module(Value name);
Ref native_module_names(Thread& t);  // tuple of str, sorted
// Makes the native module (once per interpreter) with `spec` as its __spec__; the object is not put into
// sys.modules.
Ref create_native_module(Thread& t, Value name, Value spec);

// Frozen modules: marshalled code compiled into the program (bytecode/frozen.h; the table is generated).
struct FrozenInfo {
    const FrozenModule* module;
    // The module it was made from; null: not from the library. Differs from the name where that is an alias.
    const char* origname;
    bool is_package;
};
bool find_frozen_module(Value name, FrozenInfo* out);
Ref frozen_module_names(Thread& t);                  // list of str
Ref frozen_code(Thread& t, const FrozenInfo& info);  // a code object

}  // namespace krait
