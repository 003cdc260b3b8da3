#include "runtime/debugger_script.h"

#include <cstring>

#include "builtins/bytes.h"
#include "builtins/dict.h"
#include "builtins/str.h"
#include "interp/debug_offsets.h"
#include "interp/interp.h"
#include "modules/sys.h"
#include "object/names.h"
#include "object/protocol.h"
#include "runtime/config.h"
#include "runtime/hooks.h"
#include "runtime/init.h"

namespace krait {
namespace {

void report(Thread& t, const char* what, Value path) {
    std::string message = what + (" " + std::string(str_utf8_or(path, "?")));
    write_unraisable(t, message.c_str(), {});
}

Ref read_file(Thread& t, Value file) {
    Ref source = call_method(t, file, "read");
    SavedError failed(t);
    if (!call_method(t, file, "close")) clear_error(t);
    return source;
}

// As text of C is run: up to the first NUL.
Status run(Thread& t, Value source) {
    if (!is_bytes(source)) return raise(t, PyExc_TypeError, "expected bytes, %T found", source);
    Ref text = TRY(bytes_from(t, std::string_view(bytes_view(source).data())));
    CompileRequest request;
    request.source = text;
    Ref filename = TRY(str_from(t, "<string>")), ns = TRY(dict_new(t));
    request.filename = filename;
    Ref code = TRY(compile_source(t, request));
    TRY(dict_set(t, ns, ID(__builtins__), t.interp->builtins_module));
    TRY_DISCARD(eval_code(t, code, ns, ns));
    return Status::ok();
}

}  // namespace

void run_debugger_script(Thread& t) {
    RemoteDebugger& asked = remote_debugger(t);
    if (!g_runtime.config->remote_debug || asked.pending != 1) return;
    asked.pending = 0;
    // Another process writes there: it may do so again at any time.
    char path[sizeof asked.path];
    memcpy(path, asked.path, sizeof path);
    path[sizeof path - 1] = 0;
    if (!*path) return;
    SavedError keep(t);
    Ref name = fs_decode(t, path, strlen(path));
    if (!name) return clear_error(t);
    if (!audit(t, "cpython.remote_debugger_script", {name}))
        return report(t, "Audit hook failed for remote debugger script", name);
    Ref open = import_attr(t, "_io", "open_code");
    Ref file = open ? call(t, open, {name}) : Ref();
    if (!file) return report(t, "Can't open debugger script", name);
    Ref source = read_file(t, file);
    if (!source) return report(t, "Error reading debugger script", name);
    if (!run(t, source)) report(t, "Error executing debugger script", name);
}

}  // namespace krait
