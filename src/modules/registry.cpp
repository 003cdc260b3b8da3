// The table of native modules.
#include <algorithm>
#include <string_view>
#include <vector>

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "object/boundary.h"
#include "object/names.h"
#include "object/protocol.h"
#include "runtime/import.h"
#include "runtime/interpreters.h"

namespace krait {

#define MODULE(name) extern const ModuleSpec module_##name;
#include "modules/modules.def"

namespace {
const ModuleSpec* const specs[] = {
#define MODULE(name) &module_##name,
#include "modules/modules.def"
};
}  // namespace

const ModuleSpec* find_native_module(Value name) {
    for (const ModuleSpec* s : specs)
        if (str_equal(name, s->name)) return s;
    return nullptr;
}

Ref native_module_names(Thread& t) {
    constexpr int64_t own = sizeof specs / sizeof *specs;
    int64_t n = own;
    const CHooks* hooks = g_runtime.c_hooks;
    while (hooks && hooks->added_module(static_cast<size_t>(n - own))) n++;
    std::vector<std::string_view> all;
    for (int64_t i = 0; i < n; i++)
        all.push_back(i < own ? specs[i]->name : hooks->added_module(static_cast<size_t>(i - own)));
    if (n > own) std::sort(all.begin(), all.end());
    Ref names = TRY(tuple_new(t, n));
    for (int64_t i = 0; i < n; i++)
        tuple_items(names)[i] = TRY(str_intern(t, TRY(str_from(t, all[i])))).release();
    return names;
}

Ref create_native_module(Thread& t, Value name, Value spec) {
    const ModuleSpec* s = find_native_module(name);
    if (!s) return raise(t, PyExc_ImportError, "no built-in module named %R", name);
    // builtins and sys exist before anything is imported, and are made only once.
    if (str_equal(name, "sys") && t.interp->sys_module) return Ref::share(t.interp->sys_module);
    if (str_equal(name, "builtins") && t.interp->builtins_module)
        return Ref::share(t.interp->builtins_module);
    if (s->single && interpreter_checks_extensions(*t.interp))
        return raise(t, PyExc_ImportError, "module %s does not support loading in subinterpreters", s->name);
    Ref module = TRY(module_from_spec(t, *s));
    if (spec && !is_none(spec)) TRY(set_attr(t, module, ID(__spec__), spec));
    return module;
}

}  // namespace krait
