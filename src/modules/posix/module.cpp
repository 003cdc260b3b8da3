// The module posix: its parts together.
#include "modules/posix/posix.h"

namespace krait {

namespace posix {

extern const NativeDef kConfigFunctions[];

static Status exec(Thread& t, Value module) {
    for (const NativeDef* table :
         {kPathFunctions, kStatFunctions, kDirFunctions, kFileFunctions, kProcessFunctions, kSpawnFunctions,
          kIdFunctions, kSystemFunctions, kConfigFunctions})
        TRY(module_add_functions(t, module, table));
    TRY(add_constants(t, module));
    TRY(add_stat_types(t, module));
    TRY(add_dir_types(t, module));
    TRY(add_process_types(t, module));
    return add_system_types(t, module);
}

}  // namespace posix

extern const ModuleSpec module_posix;
const ModuleSpec module_posix{.name = "posix",
                              .doc = "The system calls behind os; import os instead.",
                              .functions = nullptr,
                              .exec = posix::exec};

}  // namespace krait
