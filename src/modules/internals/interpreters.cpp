// Of _testinternalcapi: sub-interpreters as programs in C make, use and end them, and data between them.
#include "runtime/interpreters.h"

#include <semaphore.h>
#include <unistd.h>

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "interp/interp.h"
#include "modules/internals/internals.h"
#include "modules/interpreters/arguments.h"
#include "modules/interpreters/config.h"
#include "modules/interpreters/cross.h"
#include "object/boundary.h"
#include "object/names.h"
#include "object/protocol.h"
#include "runtime/hooks.h"
#include "runtime/init.h"
#include "runtime/lifecycle.h"

namespace krait::internals {
namespace {

using xi::bind_names, xi::flag, xi::Names;

// --- finding ---

Result<int64_t> number_of(Thread& t, Value v) {
    if (is_index(v)) {
        Ref plain = TRY(index(t, v));
        int64_t fits;
        if (!int_to_i64(plain, &fits)) return raise(t, PyExc_OverflowError, "int too big to convert");
    }
    return xi::id_number(t, v, "interpreter ID");
}

InterpreterRecord* find(Thread& t, Value v) {
    Result<int64_t> n = number_of(t, v);
    if (!n) return nullptr;
    InterpreterRecord* in = interpreter_find(n.value());
    PyTypeObject* error = in ? nullptr : xi::interpreter_not_found_error(t);
    if (error) raise(t, error, "unrecognized interpreter ID %lld", static_cast<long long>(n.value()));
    return in;
}

Ref next_id(Thread& t, Value) { return int_from(t, interpreter_next_id()); }
// No interpreter will ever get that far.
Ref unused_id(Thread& t, Value) { return int_from(t, INT64_MAX); }
Ref normalize_id(Thread& t, Value, Value v) { return int_from(t, TRY(number_of(t, v))); }
Ref exists(Thread& t, Value, Value v) {
    int64_t n = TRY(number_of(t, v));
    return bool_ref(interpreter_find(n) != nullptr);
}

Ref refcount(Thread& t, Value, Value v) {
    InterpreterRecord* in = find(t, v);
    return in ? int_from(t, in->id_references) : Ref();
}
Ref is_linked(Thread& t, Value, Value v) {
    InterpreterRecord* in = find(t, v);
    return in ? bool_ref(in->ends_with_references) : Ref();
}
template <bool Linked>
Ref set_linked(Thread& t, Value, Value v) {
    InterpreterRecord* in = find(t, v);
    if (!in) return {};
    in->ends_with_references = Linked;
    return none_ref();
}

// --- making, running, ending ---

Result<InterpreterConfig> config_of(Thread& t, Value v) {
    InterpreterConfig config{};
    if (is_str(v)) return raise(t, PyExc_TypeError, "bad config %R", v);
    TRY(xi::config_from(t, v, config));
    return config;
}

// An interpreter that nothing runs in yet; `t` is current again. Null: an exception is set.
InterpreterRecord* make(Thread& t, const InterpreterConfig& config, Whence whence) {
    PyTypeObject* error = xi::interpreter_error(t);
    if (!error) return nullptr;
    std::string why;
    Thread* made = xi::config_fault(config) ? nullptr : interpreter_new(t, config, whence, &why);
    if (!made) {
        raise(t, error, "sub-interpreter creation failed");
        return nullptr;
    }
    InterpreterRecord* in = &record(*made->interp);
    thread_clear(*made, *made);
    thread_switch(*made, t);
    thread_delete(made);
    return in;
}

Ref create(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    static constexpr Names names{"create_interpreter", {"config", "whence"}, 2, 0, 1};
    Value a[2];
    TRY(bind_names(t, names, args, nargs, kwnames, a));
    int number = TRY(xi::number(t, a[1], static_cast<int>(Whence::Xi)));
    auto whence = static_cast<Whence>(number);
    bool has_config = a[0] && !is_none(a[0]);
    InterpreterRecord* in = nullptr;
    switch (whence) {
        case Whence::Unknown:
        case Whence::LegacyCapi:
            if (has_config) return raise(t, PyExc_ValueError, "got unexpected config");
            if (whence == Whence::LegacyCapi) {
                in = make(t, kLegacyConfig, whence);
            } else {
                in = interpreter_new_bare();
                if (!in) return raise_no_memory(t);
            }
            break;
        case Whence::Capi:
        case Whence::Xi:
            in = make(t, has_config ? TRY(config_of(t, a[0])) : kIsolatedConfig, whence);
            break;
        default:
            return raise(t, PyExc_ValueError, "unsupported whence %d", number);
    }
    return in ? int_from(t, in->id) : Ref();
}

// `basic` is how C without the conveniences does it: the same.
Ref destroy(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    static constexpr Names names{"destroy_interpreter", {"id", "basic"}, 2, 1, 1};
    Value a[2];
    TRY(bind_names(t, names, args, nargs, kwnames, a));
    TRY_DISCARD(flag(t, a[1]));
    InterpreterRecord* in = find(t, a[0]);
    if (!in) return {};
    PyTypeObject* error = xi::interpreter_error(t);
    if (!error) return {};
    if (in == t.interp) return raise(t, error, "cannot destroy the current interpreter");
    if (in->running_main || in == g_runtime.main) return raise(t, error, "interpreter running");
    if (!in->ready)
        interpreter_delete_bare(*in);
    else if (!in->finalizing)
        interpreter_destroy(t, *in);
    return none_ref();
}

// As a program in C runs a text in __main__: 0, or -1 after the exception has been shown.
int run_text(Thread& t, std::string_view code) {
    Ref source = str_from(t, code), name = source ? str_from(t, "<string>") : Ref();
    Ref main = name ? import_module(t, "__main__") : Ref();
    if (main) {
        CompileRequest request;
        request.source = source;
        request.filename = name;
        request.flags = kSourceIsUtf8;
        Ref compiled = compile_source(t, request);
        if (compiled && eval_code(t, compiled, module_dict(main), module_dict(main))) return 0;
    }
    print_uncaught(t);
    return -1;
}

Result<std::string> code_text(Thread& t, const char* function, int place, Value v) {
    if (!is_str(v))
        return raise(t, PyExc_TypeError, "%s() argument %d must be str, not %K", function, place, v);
    return std::string(TRY(str_utf8(t, v)));
}

Ref exec(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    static constexpr Names names{"exec_interpreter", {"id", "code", "main"}, 3, 2, 1};
    Value a[3];
    TRY(bind_names(t, names, args, nargs, kwnames, a));
    std::string code = TRY(code_text(t, "exec_interpreter", 2, a[1]));
    bool main = TRY(flag(t, a[2]));
    InterpreterRecord* in = find(t, a[0]);
    PyTypeObject* error = in ? xi::interpreter_error(t) : nullptr;
    if (!error) return {};
    if (main && in->running_main) return raise(t, error, "interpreter already running");
    int status = -1;
    {
        InInterpreter inner(t, *in);
        if (!inner) return raise_no_memory(t);
        if (main) in->running_main = &inner.thread();
        status = run_text(inner.thread(), code);
        if (main) in->running_main = nullptr;
    }
    return Ref::from_int(status);
}

Ref run_with_config(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    static constexpr Names names{"run_in_subinterp_with_config", {"code", "config", "xi"}, 3, 2, 1};
    Value a[3];
    TRY(bind_names(t, names, args, nargs, kwnames, a));
    std::string code = TRY(code_text(t, "run_in_subinterp_with_config", 1, a[0]));
    bool data_too = TRY(flag(t, a[2]));
    InterpreterConfig config = TRY(config_of(t, a[1]));
    InterpreterRecord* in = make(t, config, data_too ? Whence::Xi : Whence::Capi);
    if (!in) return {};
    int status = -1;
    {
        InInterpreter inner(t, *in);
        if (inner) status = run_text(inner.thread(), code);
    }
    interpreter_destroy(t, *in);
    return Ref::from_int(status);
}

// The settings of an interpreter, the running one unless one is given: bits as CPython keeps them.
Ref settings(Thread& t, Value, const Value* args, size_t nargs) {
    InterpreterRecord* in = nargs ? find(t, args[0]) : &record(*t.interp);
    if (!in) return {};
    const InterpreterConfig& c = in->config;
    const struct {
        bool set;
        int64_t bit;
    } features[] = {{c.use_main_obmalloc != 0, 1 << 5}, {c.check_multi_interp_extensions != 0, 1 << 8},
                    {c.allow_threads != 0, 1 << 10},    {c.allow_daemon_threads != 0, 1 << 11},
                    {c.allow_fork != 0, 1 << 15},       {c.allow_exec != 0, 1 << 16}};
    int64_t flags = 0;
    for (auto& f : features) flags |= f.set ? f.bit : 0;
    constexpr int kOwnGil = 2;
    Ref dict = TRY(dict_new(t));
    TRY(dict_set(t, dict, TRY(str_from(t, "feature_flags")), Value::from_int(flags)));
    TRY(dict_set(t, dict, TRY(str_from(t, "own_gil")), boolean(c.gil == kOwnGil)));
    return dict;
}

// The number of the interpreter that makes a call which waits in the one with that number.
struct Identity {
    sem_t known;
    int64_t id;
};
int tell_identity(void* place) {
    auto* identity = static_cast<Identity*>(place);
    identity->id = current_thread().interp->id;
    sem_post(&identity->known);
    return 0;
}
Ref pending_identify(Thread& t, Value, Value v) {
    InterpreterRecord* in = find(t, v);
    if (!in) return {};
    Identity identity{};
    sem_init(&identity.known, 0, 0);
    {
        AllowThreads allow(t);
        while (!add_pending_call(*in, tell_identity, &identity)) usleep(1000);
        while (sem_wait(&identity.known)) {
        }
    }
    sem_destroy(&identity.known);
    return int_from(t, identity.id);
}

// --- data between interpreters ---

constexpr char kDataCapsule[] = "_testinternalcapi.data";

void free_capsule(PyObject* o) {
    auto* capsule = reinterpret_cast<Capsule*>(o);
    xi::free_data(current_thread(), static_cast<xi::Data*>(capsule->pointer));
}

Ref get_data(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    static constexpr Names names{"get_crossinterp_data", {"obj", "mode"}, 2, 1, 0};
    Value a[2];
    TRY(bind_names(t, names, args, nargs, kwnames, a));
    std::string mode = "xidata";
    if (a[1] && !is_none(a[1])) {
        if (!is_str(a[1])) return raise(t, PyExc_TypeError, "expected mode str, got %R", a[1]);
        mode = TRY(str_utf8(t, a[1]));
    }
    xi::Data* data = nullptr;
    if (mode == "xidata")
        data = xi::get_data(t, a[0], xi::Fallback::DataOnly);
    else if (mode == "fallback")
        data = xi::get_data(t, a[0], xi::Fallback::Full);
    else if (mode == "pickle")
        data = xi::get_pickled(t, a[0]);
    else if (mode == "marshal")
        data = xi::get_marshalled(t, a[0]);
    else if (mode == "code")
        data = xi::get_code(t, a[0]);
    else if (mode == "func")
        data = xi::get_function(t, a[0]);
    else if (mode == "script" || mode == "script-pure")
        data = xi::get_script(t, a[0], mode == "script-pure");
    else
        return raise(t, PyExc_ValueError, "unsupported mode %R", a[1]);
    if (!data) return {};
    Ref capsule = capsule_new(t, data, kDataCapsule);
    if (!capsule)
        xi::free_data(t, data);
    else
        capsule.as<Capsule>()->destructor = free_capsule;
    return capsule;
}

Ref restore_data(Thread& t, Value, Value v) {
    if (!has_type(v, &PyCapsule_Type) || v.as<Capsule>()->name != kDataCapsule)
        return raise(t, PyExc_ValueError, "PyCapsule_GetPointer called with invalid PyCapsule object");
    return xi::new_object(t, *static_cast<xi::Data*>(v.as<Capsule>()->pointer));
}

// --- extension modules ---

// Forgets that a single-phase module was loaded.
Ref clear_extension(Thread& t, Value, const Value* args, size_t) {
    if (!is_str(args[0]) || !is_str(args[1]))
        return raise(t, PyExc_TypeError, "bad argument type for built-in operation");
    if (g_runtime.c_hooks) TRY(g_runtime.c_hooks->forget_dynamic(t, args[0], args[1]));
    return none_ref();
}

}  // namespace

const NativeDef kInterpreterFunctions[] = {
    def<next_id>("next_interpreter_id", "()", nullptr),
    def<unused_id>("unused_interpreter_id", "()", nullptr),
    def<normalize_id>("normalize_interp_id", "(object, /)", nullptr),
    def<exists>("interpreter_exists", "(object, /)", nullptr),
    def<refcount>("get_interpreter_refcount", "(object, /)", nullptr),
    def<is_linked>("interpreter_refcount_linked", "(object, /)", nullptr),
    def<set_linked<true>>("link_interpreter_refcount", "(object, /)", nullptr),
    def<set_linked<false>>("unlink_interpreter_refcount", "(object, /)", nullptr),
    def<create>("create_interpreter", "", nullptr, kMethNoSignature),
    def<destroy>("destroy_interpreter", "", nullptr, kMethNoSignature),
    def<exec>("exec_interpreter", "", nullptr, kMethNoSignature),
    def<settings>("get_interp_settings", "(interpid=<unrepresentable>, /)", nullptr),
    def<pending_identify>("pending_identify", "(interpid, /)", nullptr),
    def<run_with_config>("run_in_subinterp_with_config", "", nullptr, kMethNoSignature),
    def<get_data>("get_crossinterp_data", "", nullptr, kMethNoSignature),
    def<restore_data>("restore_crossinterp_data", "(data, /)", nullptr, kMethNoSignature),
    def<clear_extension>("clear_extension", "(name, filename, /)", nullptr, kMethNoSignature),
    {},
};

}  // namespace krait::internals
