// The module _sysconfig: what sysconfig cannot know from files.
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/str.h"
#include "object/protocol.h"

namespace krait {
namespace {

Ref config_vars(Thread& t, Value) {
    Ref vars = TRY(dict_new(t));
    TRY(dict_set_str(t, vars, "Py_GIL_DISABLED", Value::from_int(0)));
    TRY(dict_set_str(t, vars, "Py_DEBUG", Value::from_int(0)));
    return vars;
}

const NativeDef functions[] = {
    def<config_vars>("config_vars", "()", "A dict of build variables that are known to the program itself."),
    {},
};

}  // namespace

extern const ModuleSpec module__sysconfig;
const ModuleSpec module__sysconfig = {"_sysconfig", "A helper for the sysconfig module.", functions};

}  // namespace krait
