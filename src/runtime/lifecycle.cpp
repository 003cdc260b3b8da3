#include "runtime/lifecycle.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "interp/debug_offsets.h"
#include "interp/interp.h"
#include "interp/perf.h"
#include "modules/faulthandler.h"
#include "modules/sys.h"
#include "object/boundary.h"
#include "object/names.h"
#include "object/protocol.h"
#include "runtime/config.h"
#include "runtime/fallback_stream.h"
#include "runtime/hooks.h"
#include "runtime/import.h"
#include "runtime/init.h"
#include "runtime/interpreters.h"
#include "runtime/marshal.h"
#include "runtime/startup.h"
#include "support/image.h"

namespace krait {
namespace {

// Before sys's own streams exist, or without them.
Status fallback_streams(Thread& t, Value sys) {
    static const struct {
        const char* name;
        int fd;
    } streams[] = {{"stdin", 0}, {"stdout", 1}, {"stderr", 2}};
    for (auto [name, fd] : streams) {
        if (dict_get_str(module_dict(sys), name)) continue;
        Ref stream = TRY(fallback_stream_new(t, fd));
        TRY(module_add(t, sys, name, std::move(stream)));
    }
    return Status::ok();
}

void wait_for_threads(Thread& t) {
    Value modules = t.interp->modules;
    Value threading = modules ? dict_get_str(modules, "threading") : Value();
    if (!threading) return;
    Ref keep = Ref::share(threading);
    if (!call_method(t, keep, "_shutdown"))
        write_unraisable(t, "Exception ignored on threading shutdown", keep);
}

// False: it could not be written out. A stream that the program closed has nothing to write.
bool flush_stream(Thread& t, const char* name, bool report) {
    Value stream = sys_get(t, name);
    if (!stream || is_none(stream)) return true;
    Ref keep = Ref::share(stream);
    if (Ref closed = get_attr(t, keep, "closed")) {
        if (Result<bool> r = is_true(t, closed); r && r.value()) return true;
    }
    if (occurred(t)) clear_error(t);
    if (call_method(t, keep, ID(flush))) return true;
    if (report)
        write_unraisable(t, (std::string("Exception ignored while flushing sys.") + name).c_str(), Value());
    else
        clear_error(t);
    return false;
}

bool flush_streams(Thread& t) {
    bool out = flush_stream(t, "stdout", true), err = flush_stream(t, "stderr", false);
    return out && err;
}

// Modules that options turn on before the program begins.
Status start_options(Thread& t) {
    const Config& c = *g_runtime.config;
    if (c.faulthandler || c.dev_mode) TRY(faulthandler_enable(t));
    if (c.tracemalloc_frames > 0) {
        Ref module = TRY(import_module(t, "_tracemalloc"));
        TRY_DISCARD(call_method(t, module, "start", {Value::from_int(c.tracemalloc_frames)}));
    }
    if (!c.warn_options.empty()) TRY_DISCARD(import_module(t, "warnings"));
    return Status::ok();
}

// The interpreter with its library, or with what can be had without it.
Status start(Thread& t) {
    if (g_runtime.c_hooks) g_runtime.c_hooks->config_changed(*g_runtime.config);
    TRY(start_core_modules(t));
    // Until there is a proper one: what start-up has to say goes to the process's.
    TRY(module_add(t, t.interp->sys_module, "stderr", fallback_stream_new(t, 2)));
    TRY(start_import_system(t));
    if (!start_text(t)) {
        // Without the module _io programs still get plain streams.
        if (!error_is(t, PyExc_ImportError)) return {};
        clear_error(t);
        TRY(fallback_streams(t, t.interp->sys_module));
        return start_main_module(t);
    }
    if (g_runtime.config->install_signal_handlers) TRY(start_signals(t));
    TRY(start_main_module(t));
    TRY(start_options(t));
    TRY(start_site(t));
    gc_started(t);
    drop_constant_pages();
    return Status::ok();
}

// The streams that start-up opened, with the buffers and files below them, have been flushed: what their
// finalizers would do is done. True: so has everything else that a program could see happen at its end.
bool may_leave_objects(Thread& t) {
#ifdef KRAIT_CHECKS
    return false;
#endif
    Interpreter& in = *t.interp;
    if (g_runtime.config->verbose || in.threads != &t || t.c.next) return false;
    std::vector<Value> streams;
    for (const char* name : {"__stdin__", "__stdout__", "__stderr__"}) {
        Ref stream = Ref::share(sys_get(t, name));
        for (const char* below : {"buffer", "raw"}) {
            if (!stream || strncmp(type_of(stream)->tp_name, "_io.", 4) != 0) break;
            streams.push_back(stream);
            stream = get_attr(t, stream, below);
        }
        if (!stream)
            clear_error(t);
        else
            streams.push_back(stream);
    }
    return gc_quiet_end(t, streams);
}

// Ends as a program without a handler for SIGINT ends, so that a shell stops its script, too.
int end_by_interrupt() {
    signal(SIGINT, SIG_DFL);
    kill(getpid(), SIGINT);
    return 128 + SIGINT;
}

}  // namespace

void run_atexit_callbacks(Thread& t);  // modules/atexit.cpp
Status init_monitoring(Thread& t);     // interp/monitoring.cpp

Status start_interpreter(Thread& t) {
    TRY(init_monitoring(t));
    TRY(start_core_modules(t));
    TRY(module_add(t, t.interp->sys_module, "stderr", fallback_stream_new(t, 2)));
    TRY(start_import_system(t));
    TRY(start_text(t));
    TRY(start_main_module(t));
    if (!g_runtime.config->warn_options.empty()) TRY_DISCARD(import_module(t, "warnings"));
    TRY(start_site(t));
    // The folder of the program, which the main interpreter found.
    const Config& config = *g_runtime.config;
    Value path = sys_get(t, "path");
    if (config.has_path0 && path && is_list(path)) {
        Ref folder = TRY(fs_decode(t, config.path0.data(), config.path0.size()));
        TRY(list_insert(t, path, 0, folder));
    }
    gc_started(t);
    return Status::ok();
}

Thread& program_begin(Config& config, bool* good) {
    g_runtime.config = &config;
    InitOptions options;
    options.use_environment = !config.ignore_environment;
    options.hash_seed = config.hash_seed.empty() ? nullptr : config.hash_seed.c_str();
    Thread& t = runtime_init(options);
    t.interp->int_max_str_digits = config.int_max_str_digits < 0 ? 4300 : config.int_max_str_digits;
    publish_debug_offsets();
    if (config.perf_profiling)
        perf_activate(config.perf_profiling == 1 ? PerfBackend::Map : PerfBackend::JitDump);
    *good = static_cast<bool>(start(t));
    return t;
}

int report_failed_begin(Thread& t) {
    if (error_is(t, PyExc_SystemExit)) return exit_code_of_exception(t);
    fputs("Fatal Python error: initialization failed\n", stderr);
    Ref exc = fetch_error(t);
    if (exc) display_exception(t, exc);
    return 1;
}

bool program_end(Thread& t) {
    wait_for_threads(t);
    if (!handle_pending(t)) print_uncaught(t);
    run_atexit_callbacks(t);
    interpreters_end_all(t);
    runtime_begin_finalize(t);
    bool written = flush_streams(t);
    if (!written || !may_leave_objects(t)) runtime_finalize(t);
    faulthandler_finish(t);
    interpreter_run_at_exit(*t.interp);
    return written;
}

int exit_status(bool written, int status) {
    if (g_runtime.config->interrupted) return end_by_interrupt();
    return written ? status : 120;
}

int program_main(const Program& program, Config& config) {
    bool good;
    Thread& t = program_begin(config, &good);
    int status = good ? run_program(t, program) : report_failed_begin(t);
    return exit_status(program_end(t), status);
}

}  // namespace krait
