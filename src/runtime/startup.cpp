#include "runtime/startup.h"

#include <clocale>
#include <cstdlib>
#include <cstring>

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "interp/interp.h"
#include "modules/sys.h"
#include "object/names.h"
#include "object/protocol.h"
#include "runtime/config.h"
#include "runtime/import.h"

namespace krait {

namespace {

Ref native_module(Thread& t, const char* name) {
    Ref key = TRY(str_intern(t, name));
    Ref module = TRY(create_native_module(t, key, Value()));
    TRY(dict_set(t, t.interp->modules, key, module));
    return module;
}

Ref run_frozen(Thread& t, const char* name) {
    Ref key = TRY(str_intern(t, name));
    FrozenInfo info;
    if (!find_frozen_module(key, &info)) return raise(t, PyExc_ImportError, "no frozen module %R", key.get());
    Ref code = TRY(frozen_code(t, info));
    Ref module = TRY(module_new(t, name));
    TRY(dict_set(t, module_dict(module), ID(__builtins__), t.interp->builtins_module));
    // importlib describes the module by this when it takes over.
    Ref origin = TRY(str_from(t, info.origname));
    TRY(dict_set_str(t, module_dict(module), "__origname__", origin));
    TRY(dict_set(t, t.interp->modules, key, module));
    TRY_DISCARD(eval_code(t, code, module_dict(module), module_dict(module)));
    return module;
}

}  // namespace

Status start_core_modules(Thread& t) {
    TRY(make_sys_module(t));
    Ref builtins = TRY(native_module(t, "builtins"));
    t.interp->builtins_dict = Ref::share(module_dict(builtins)).release();
    t.interp->builtins_module = builtins.release();
    return configure_sys(t);
}

Status start_import_system(Thread& t) {
    Ref imp = TRY(native_module(t, "_imp"));
    t.interp->import_func = Ref::share(dict_get_str(t.interp->builtins_dict, "__import__")).release();
    Ref lib = TRY(run_frozen(t, "_frozen_importlib"));
    t.interp->importlib = lib.share().release();
    TRY_DISCARD(call_method(t, lib, "_install", {t.interp->sys_module, imp}));
    TRY_DISCARD(call_method(t, lib, "_install_external_importers"));
    // Archives on the path come before folders.
    Ref zip = import_attr(t, "zipimport", "zipimporter");
    if (!zip) {
        clear_error(t);
        return Status::ok();
    }
    Value hooks = sys_get(t, "path_hooks");
    return list_insert(t, hooks, 0, zip);
}

Status io_init_std_streams(Thread& t);  // modules/io

Status start_text(Thread& t) {
    TRY_DISCARD(import_module(t, "encodings"));
    Ref io = TRY(import_module(t, "_io"));
    Ref open = TRY(get_attr(t, io, "open"));
    TRY(dict_set_str(t, t.interp->builtins_dict, "open", open));
    return io_init_std_streams(t);
}

Status start_main_module(Thread& t) {
    Ref module = TRY(module_new(t, "__main__"));
    Value dict = module_dict(module);
    TRY(dict_set(t, dict, ID(__builtins__), t.interp->builtins_module));
    Ref loader = TRY(get_attr(t, t.interp->importlib, "BuiltinImporter"));
    TRY(dict_set(t, dict, ID(__loader__), loader));
    return dict_set_str(t, t.interp->modules, "__main__", module);
}

Status start_site(Thread& t) {
    if (g_runtime.config->no_site) return Status::ok();
    TRY_DISCARD(import_module(t, "site"));  // which does its work when it is imported
    return Status::ok();
}

// Takes over SIGINT: the module installs the handlers of start-up.
Status start_signals(Thread& t) {
    TRY_DISCARD(import_module(t, "_signal"));
    return Status::ok();
}

}  // namespace krait
