// The module errno.
#include <cerrno>

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/str.h"
#include "object/protocol.h"

namespace krait {

namespace {

const struct {
    const char* name;
    int value;
} codes[] = {
#define E(name) {#name, name},
#include "modules/errno.def"
    {"EFTYPE", 134},  // the headers have no such name: a number it does not use otherwise
};

Status exec(Thread& t, Value module) {
    Ref names = TRY(dict_new(t));
    for (auto& c : codes) {
        Ref name = TRY(str_from(t, c.name));
        TRY(dict_set(t, names, Value::from_int(c.value), name));
        TRY(module_add_int(t, module, c.name, c.value));
    }
    return module_add(t, module, "errorcode", std::move(names));
}

}  // namespace

extern const ModuleSpec module_errno;
const ModuleSpec module_errno{
    .name = "errno",
    .doc = "The error numbers of the system by name, and their names by number in errorcode.",
    .functions = nullptr,
    .exec = exec};

}  // namespace krait
