#include "runtime/startup.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
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
    Ref lib = TRY(run_frozen(t, "_frozen_importlib"));
    t.interp->importlib = lib.share().release();
    t.interp->import_func = Ref::share(dict_get_str(t.interp->builtins_dict, "__import__")).release();
    TRY_DISCARD(call_method(t, lib, "_install", {t.interp->sys_module, imp}));
    TRY_DISCARD(call_method(t, lib, "_install_external"));
    // Archives on the path come before folders.
    Ref zip = import_attr(t, "zipimport", "zipimporter");
    if (!zip) {
        clear_error(t);
        return Status::ok();
    }
    Value hooks = sys_get(t, "path_hooks");
    return list_insert(t, hooks, 0, zip);
}

// --- standard streams ---

namespace {

bool is_open(int fd) { return dup2(fd, fd) >= 0 || errno != EBADF; }

// TextIOWrapper over file descriptor `fd`, as sys.stdin and the like are.
Ref make_stream(Thread& t, int fd, const char* name, bool writing, const char* errors) {
    if (!is_open(fd)) return none_ref();
    const Config& c = *g_runtime.config;
    Ref io = TRY(import_module(t, "io"));
    Ref mode = TRY(str_from(t, writing ? "wb" : "rb"));
    int buffering = writing && !c.buffered_stdio ? 0 : -1;
    Ref raw_open = TRY(get_attr(t, io, "open"));
    Ref no_close = TRY(str_intern(t, "closefd"));
    Ref kw = TRY(tuple_of(t, {no_close}));
    Value open_args[4] = {Value::from_int(fd), mode, Value::from_int(buffering), boolean(false)};
    Ref binary = TRY(call(t, raw_open, open_args, 3, kw));
    Ref raw = buffering == 0 ? binary.share() : get_attr(t, binary, "raw");
    if (!raw) return {};
    Ref shown = TRY(str_from(t, name));
    TRY(set_attr(t, raw, "name", shown));
    bool terminal = isatty(fd) || c.interactive;
    std::string_view encoding_name = c.stdio_encoding.empty() ? std::string_view("utf-8") : c.stdio_encoding;
    const char* errors_name = fd != 2 && !c.stdio_errors.empty() ? c.stdio_errors.c_str() : errors;
    Ref encoding = TRY(str_from(t, encoding_name)), error_text = TRY(str_from(t, errors_name));
    Ref newline = TRY(str_from(t, "\n"));
    Ref wrapper = TRY(get_attr(t, io, "TextIOWrapper"));
    bool line_buffered = writing && (terminal || fd == 2);
    Value args[6] = {binary,
                     encoding,
                     error_text,
                     writing ? newline.get() : none(),
                     boolean(line_buffered && c.buffered_stdio),
                     boolean(writing && !c.buffered_stdio)};
    Ref stream = TRY(call(t, wrapper, args, 6));
    Ref text_mode = TRY(str_from(t, writing ? "w" : "r"));
    TRY(set_attr(t, stream, "mode", text_mode));
    return stream;
}

Status add_streams(Thread& t) {
    const char* errors = "strict";
    // In the C and POSIX locales bytes that are no text pass through.
    const char* locale = getenv("LC_ALL");
    if (!locale || !*locale) locale = getenv("LC_CTYPE");
    if (!locale || !*locale) locale = getenv("LANG");
    if (!locale || !*locale || !strcmp(locale, "C") || !strcmp(locale, "POSIX") ||
        g_runtime.config->utf8_mode)
        errors = "surrogateescape";
    static const struct {
        const char *name, *shown;
        int fd;
    } streams[] = {{"stdin", "<stdin>", 0}, {"stdout", "<stdout>", 1}, {"stderr", "<stderr>", 2}};
    for (auto [name, shown, fd] : streams) {
        Ref stream = TRY(make_stream(t, fd, shown, fd != 0, fd == 2 ? "backslashreplace" : errors));
        TRY(sys_set(t, name, stream));
        Ref original = TRY(str_format(t, "__%s__", name));
        TRY(dict_set(t, t.interp->sys_dict, original, stream));
    }
    return Status::ok();
}

}  // namespace

Status start_text(Thread& t) {
    TRY_DISCARD(import_module(t, "encodings"));
    Ref io = TRY(import_module(t, "io"));
    Ref open = TRY(get_attr(t, io, "open"));
    TRY(dict_set_str(t, t.interp->builtins_dict, "open", open));
    return add_streams(t);
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
    Ref site = TRY(import_module(t, "site"));
    TRY_DISCARD(call_method(t, site, "main"));
    return Status::ok();
}

Status start_all(Thread& t) {
    TRY(start_core_modules(t));
    TRY(start_import_system(t));
    TRY(start_text(t));
    TRY(start_main_module(t));
    if (!g_runtime.config->warn_options.empty()) TRY_DISCARD(import_module(t, "warnings"));
    return start_site(t);
}

}  // namespace krait
