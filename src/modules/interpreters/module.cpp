// The module _interpreters: what concurrent.interpreters is built on.
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/exceptions.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "interp/interp.h"
#include "modules/interpreters/arguments.h"
#include "modules/interpreters/buffer_view.h"
#include "modules/interpreters/config.h"
#include "modules/interpreters/cross.h"
#include "modules/interpreters/session.h"
#include "object/names.h"
#include "object/protocol.h"
#include "runtime/init.h"
#include "runtime/interpreters.h"

namespace krait::xi {
namespace {

// --- finding interpreters ---

InterpreterRecord* find(Thread& t, Value id) {
    if (is_index(id)) {
        Ref plain = index(t, id);
        int64_t fits;
        if (plain && !int_to_i64(plain, &fits)) raise(t, PyExc_OverflowError, "int too big to convert");
        if (t.has_exception()) return nullptr;
    }
    Result<int64_t> number = id_number(t, id, "interpreter ID");
    if (!number) return nullptr;
    int64_t n = number.value();
    InterpreterRecord* in = interpreter_find(n);
    PyTypeObject* error = in ? nullptr : interpreter_not_found_error(t);
    if (error) raise(t, error, "unrecognized interpreter ID %lld", static_cast<long long>(n));
    return in;
}

InterpreterRecord* resolve(Thread& t, Value id, bool restricted, bool ready, const char* action) {
    InterpreterRecord* in = id ? find(t, id) : &record(*t.interp);
    if (!in) return nullptr;
    const char* why = ready && !in->ready                          ? "not ready"
                      : restricted && in->whence != Whence::Stdlib ? "unrecognized"
                                                                   : nullptr;
    if (!why) return in;
    PyTypeObject* error = interpreter_error(t);
    if (!error) return nullptr;
    bool unready = why[0] == 'n';
    if (!id)
        raise(t, error,
              unready ? "cannot %s current interpreter (not ready)"
                      : "cannot %s unrecognized current interpreter",
              action);
    else
        raise(t, error,
              unready ? "cannot %s interpreter %R (not ready)" : "cannot %s unrecognized interpreter %R",
              action, id);
    return nullptr;
}

bool runs_main(InterpreterRecord& in) { return in.running_main || &in == g_runtime.main; }

Ref summary(Thread& t, InterpreterRecord& in) {
    return tuple_of(t, {Value::from_int(in.id), Value::from_int(static_cast<int>(in.whence))});
}

// --- making and ending ---

Ref m_new_config(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    if (nargs > 1)
        return raise(t, PyExc_TypeError, "_interpreters.new_config() takes at most 1 argument (%zu given)",
                     nargs);
    InterpreterConfig config = kIsolatedConfig;
    if (nargs) {
        if (!is_str(args[0]))
            return raise(t, PyExc_TypeError, "_interpreters.new_config() argument 1 must be str, not %K",
                         args[0]);
        TRY(config_by_name(t, args[0], config));
    }
    if (kwnames && tuple_size(kwnames)) {
        Ref changes = TRY(dict_new(t));
        for (int64_t i = 0; i < tuple_size(kwnames); i++)
            TRY(dict_set(t, changes, tuple_get(kwnames, i), args[nargs + static_cast<size_t>(i)]));
        TRY(config_update(t, changes, false, config));
    }
    return config_object(t, config);
}

Ref m_create(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    static constexpr Names names{"create", {"config", "reqrefs"}, 2, 0, 1};
    Value a[2];
    TRY(bind_names(t, names, args, nargs, kwnames, a));
    bool references = TRY(flag(t, a[1]));
    InterpreterConfig config = kIsolatedConfig;
    if (a[0] && !is_none(a[0])) TRY(config_from(t, a[0], config));
    PyTypeObject* error = interpreter_error(t);
    if (!error) return {};
    const char* wrong = config_fault(config);
    std::string why;
    Thread* made = wrong ? nullptr : interpreter_new(t, config, Whence::Stdlib, &why);
    if (!made) {
        raise(t, PyExc_RuntimeError, "%s", wrong ? wrong : why.c_str());
        Ref first = fetch_error(t);
        raise(t, error, "sub-interpreter creation failed");
        Ref second = fetch_error(t);
        set_field(as_base_exception(second)->context, first);
        raise(t, error, "interpreter creation failed");
        Ref third = fetch_error(t);
        set_field(as_base_exception(third)->context, second);
        restore_error(t, std::move(third));
        return {};
    }
    InterpreterRecord& in = record(*made->interp);
    thread_clear(*made, *made);
    thread_switch(*made, t);
    thread_delete(made);
    in.ends_with_references = references;
    return int_from(t, in.id);
}

Ref m_destroy(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    static constexpr Names names{"destroy", {"id", "restrict"}, 2, 1, 1};
    Value a[2];
    TRY(bind_names(t, names, args, nargs, kwnames, a));
    InterpreterRecord* in = resolve(t, a[0], TRY(flag(t, a[1])), false, "destroy");
    PyTypeObject* error = in ? interpreter_error(t) : nullptr;
    if (!error) return {};
    if (in == t.interp) return raise(t, error, "cannot destroy the current interpreter");
    if (runs_main(*in)) return raise(t, error, "interpreter running");
    if (in->finalizing) return none_ref();  // another thread is at it
    interpreter_destroy(t, *in);
    return none_ref();
}

Ref m_list_all(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    static constexpr Names names{"_interpreters.list_all", {"require_ready"}, 1, 0, 1};
    Value a[1];
    TRY(bind_names(t, names, args, nargs, kwnames, a));
    bool ready = TRY(flag(t, a[0]));
    Ref list = TRY(list_new(t));
    for (Interpreter* in = g_runtime.interpreters; in; in = in->next) {
        if (ready && !record(*in).ready) continue;
        Ref item = TRY(summary(t, record(*in)));
        TRY(list_insert(t, list, 0, item));
    }
    return list;
}

Ref m_get_current(Thread& t, Value) { return summary(t, record(*t.interp)); }
Ref m_get_main(Thread& t, Value) { return summary(t, record(*g_runtime.main)); }

Ref m_get_config(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    static constexpr Names names{"get_config", {"id", "restrict"}, 2, 1, 1};
    Value a[2];
    TRY(bind_names(t, names, args, nargs, kwnames, a));
    Value id = is_none(a[0]) ? Value() : a[0];
    InterpreterRecord* in = resolve(t, id, TRY(flag(t, a[1])), false, "get the config of");
    return in ? config_object(t, in->config) : Ref();
}

Ref m_is_running(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    static constexpr Names names{"is_running", {"id", "restrict"}, 2, 1, 1};
    Value a[2];
    TRY(bind_names(t, names, args, nargs, kwnames, a));
    InterpreterRecord* in = resolve(t, a[0], TRY(flag(t, a[1])), true, "check if running for");
    return in ? bool_ref(runs_main(*in)) : Ref();
}

Ref m_whence(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    static constexpr Names names{"whence", {"id"}, 1, 1, 0};
    Value a[1];
    TRY(bind_names(t, names, args, nargs, kwnames, a));
    InterpreterRecord* in = find(t, a[0]);
    return in ? Ref::from_int(static_cast<int>(in->whence)) : Ref();
}

Ref m_incref(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    static constexpr Names names{"incref", {"id", "implieslink", "restrict"}, 3, 1, 2};
    Value a[3];
    TRY(bind_names(t, names, args, nargs, kwnames, a));
    bool link = TRY(flag(t, a[1]));
    InterpreterRecord* in = resolve(t, a[0], TRY(flag(t, a[2])), true, "incref");
    if (!in) return {};
    if (link) in->ends_with_references = true;
    interpreter_incref(*in);
    return none_ref();
}

Ref m_decref(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    static constexpr Names names{"decref", {"id", "restrict"}, 2, 1, 1};
    Value a[2];
    TRY(bind_names(t, names, args, nargs, kwnames, a));
    InterpreterRecord* in = resolve(t, a[0], TRY(flag(t, a[1])), true, "decref");
    if (!in) return {};
    interpreter_decref(t, *in);
    return none_ref();
}

// --- running code ---

Status check_shared(Thread& t, const char* function, Value shared) {
    if (!shared || is_dict(shared)) return Status::ok();
    return raise(t, PyExc_TypeError, "%s() argument 3 must be dict, not %K", function, shared);
}

// None, or the snapshot of the exception that ended it.
Ref run_script(Thread& t, InterpreterRecord& in, Value script, Value shared) {
    Data* code = get_script(t, script, false);
    if (!code) {
        unwrap_not_shareable(t, nullptr);
        return {};
    }
    Session session(t);
    Status entered = session.enter(in, shared && is_dict(shared) ? shared : Value());
    if (entered) {
        Thread& inner = session.thread();
        Ref object = new_object(inner, *code), ns = object ? session.main_namespace() : Ref();
        Ref r = ns ? eval_code(inner, object, ns, ns) : Ref();
        object.reset();
        ns.reset();
        r.reset();
        session.exit();
    }
    free_data(t, code);
    Ref info = session.take_excinfo();
    if (info) return info;
    return t.has_exception() ? Ref() : none_ref();
}

Ref m_exec(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    static constexpr Names names{"_interpreters.exec", {"id", "code", "shared", "restrict"}, 4, 2, 1};
    Value a[4];
    TRY(bind_names(t, names, args, nargs, kwnames, a));
    TRY(check_shared(t, "_interpreters.exec", a[2]));
    InterpreterRecord* in = resolve(t, a[0], TRY(flag(t, a[3])), true, "exec code for");
    return in ? run_script(t, *in, a[1], a[2]) : Ref();
}

Ref m_run_string(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    static constexpr Names names{"_interpreters.run_string", {"id", "script", "shared", "restrict"}, 4, 2, 1};
    Value a[4];
    TRY(bind_names(t, names, args, nargs, kwnames, a));
    if (!is_str(a[1]))
        return raise(t, PyExc_TypeError, "_interpreters.run_string() argument 2 must be str, not %K", a[1]);
    TRY(check_shared(t, "_interpreters.run_string", a[2]));
    InterpreterRecord* in = resolve(t, a[0], TRY(flag(t, a[3])), true, "run a string in");
    return in ? run_script(t, *in, a[1], a[2]) : Ref();
}

Ref m_run_func(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    static constexpr Names names{"_interpreters.run_func", {"id", "func", "shared", "restrict"}, 4, 2, 1};
    Value a[4];
    TRY(bind_names(t, names, args, nargs, kwnames, a));
    TRY(check_shared(t, "_interpreters.run_func", a[2]));
    InterpreterRecord* in = resolve(t, a[0], TRY(flag(t, a[3])), true, "run a function in");
    if (!in) return {};
    if (!has_type(a[1], &PyFunction_Type) && !has_type(a[1], &PyCode_Type))
        return raise(t, PyExc_TypeError, "_interpreters.run_func() argument 2 must be a function, not %K",
                     a[1]);
    return run_script(t, *in, a[1], a[2]);
}

// A call on its way: the function and its arguments.
struct Call {
    Thread& t;
    Data *function = nullptr, *args = nullptr, *kwargs = nullptr;

    explicit Call(Thread& thread) : t(thread) {}
    Call(const Call&) = delete;
    ~Call() {
        for (Data* d : {function, args, kwargs}) free_data(t, d);
    }
    Status pack(Value fn, Value positional, Value named) {
        if (!is_callable(fn)) return raise(t, PyExc_TypeError, "expected a callable, got %R", fn);
        function = get_function(t, fn);
        if (!function) {
            Ref error = fetch_error(t);
            function = get_pickled(t, fn);
            if (!function) {
                restore_error(t, std::move(error));
                return {};
            }
        }
        if (positional && tuple_size(positional) > 0 && !(args = get_data(t, positional, Fallback::Full)))
            return {};
        if (named && dict_size(named) > 0 && !(kwargs = get_data(t, named, Fallback::Full))) return {};
        return Status::ok();
    }
};

// In the other interpreter. What could not be received counts as not shareable.
Ref make_call(Session& session, const Call& c) {
    Thread& t = session.thread();
    Ref fn = new_object(t, *c.function), args, kwargs;
    if (fn) args = c.args ? new_object(t, *c.args) : tuple_new(t, 0);
    if (args && c.kwargs) kwargs = new_object(t, *c.kwargs);
    if (!fn || !args || (c.kwargs && !kwargs)) {
        PyTypeObject* error = not_shareable_error(t);
        const char* what = !fn ? "func not shareable" : !args ? "args not shareable" : "kwargs not shareable";
        if (error && error_is(t, error)) session.fail_not_shareable(what);
        return {};
    }
    if (!is_tuple(args) || (kwargs && !is_dict(kwargs)))
        return raise(t, PyExc_TypeError, "arguments must be a tuple and a dict");
    return call_with(t, fn, args, kwargs);
}

Ref m_call(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    static constexpr Names names{
        "_interpreters.call", {"id", "callable", "args", "kwargs", "restrict"}, 5, 2, 1};
    Value a[5];
    TRY(bind_names(t, names, args, nargs, kwnames, a));
    for (int i : {2, 3}) {
        if (!a[i] || (i == 2 ? is_tuple(a[i]) : is_dict(a[i]))) continue;
        return raise(t, PyExc_TypeError, "_interpreters.call() argument %d must be %s, not %K", i + 1,
                     i == 2 ? "tuple" : "dict", a[i]);
    }
    InterpreterRecord* in = resolve(t, a[0], TRY(flag(t, a[4])), true, "make a call in");
    if (!in) return {};
    Call c(t);
    TRY(c.pack(a[1], a[2], a[3]));
    Session session(t);
    if (session.enter(*in, Value())) {
        {
            Ref r = make_call(session, c);
            if (r) session.preserve(r);
        }
        session.exit();
    }
    Ref info = session.take_excinfo();
    if (!info && t.has_exception()) return {};
    Ref result = info ? none_ref() : session.take_preserved();
    if (!result) return {};
    return tuple_of(t, {result, info ? info.get() : none()});
}

Ref m_set_main_attrs(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    static constexpr Names names{"_interpreters.set___main___attrs", {"id", "updates", "restrict"}, 3, 2, 1};
    Value a[3];
    TRY(bind_names(t, names, args, nargs, kwnames, a));
    if (!is_dict(a[1]))
        return raise(t, PyExc_TypeError, "_interpreters.set___main___attrs() argument 2 must be dict, not %K",
                     a[1]);
    InterpreterRecord* in = resolve(t, a[0], TRY(flag(t, a[2])), true, "update __main__ for");
    if (!in) return {};
    if (dict_size(a[1]) == 0) return raise(t, PyExc_ValueError, "arg 2 must be a non-empty dict");
    Session session(t);
    if (session.enter(*in, a[1])) session.exit();
    if (t.has_exception()) return {};
    return none_ref();
}

// --- the rest ---

Ref m_is_shareable(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    static constexpr Names names{"is_shareable", {"obj"}, 1, 1, 0};
    Value a[1];
    TRY(bind_names(t, names, args, nargs, kwnames, a));
    return bool_ref(is_shareable(t, a[0]));
}

Ref m_capture_exception(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    static constexpr Names names{"capture_exception", {"exc"}, 1, 0, 0};
    Value a[1];
    TRY(bind_names(t, names, args, nargs, kwnames, a));
    if (!a[0] || is_none(a[0])) return none_ref();
    if (!is_instance_exact_or_sub(a[0], PyExc_BaseException))
        return raise(t, PyExc_TypeError, "expected exception, got %R", a[0]);
    ExcInfo info;
    if (const char* failure = excinfo_from(t, a[0], info)) {
        Ref cause = fetch_error(t);
        raise(t, PyExc_Exception, "%s", failure);
        Ref exc = fetch_error(t);
        set_field(as_base_exception(exc)->cause, cause);
        restore_error(t, std::move(exc));
        return {};
    }
    return excinfo_object(t, info);
}

constexpr uint8_t kPlain = kMethNoSignature;
const NativeDef functions[] = {
    def<m_new_config>(
        "new_config", "",
        "new_config(name='isolated', /, **overrides) -> type.SimpleNamespace\n\nThe settings for a new "
        "interpreter: those of that name ('isolated', the\ndefault, 'legacy' or 'empty'), with changes.",
        kPlain),
    def<m_create>("create", "",
                  "create([config], *, reqrefs=False) -> ID\n\nMake an interpreter; its number. It lives "
                  "until destroy(), or with reqrefs until\ndecref() has undone every incref().",
                  kPlain),
    def<m_destroy>("destroy", "",
                   "destroy(id, *, restrict=False)\n\nEnd the interpreter, which must not be running and is "
                   "not the current one.",
                   kPlain),
    def<m_list_all>("list_all", "()", "list_all() -> [(ID, whence)]\n\nAll interpreters.", kPlain),
    def<m_get_current>("get_current", "()",
                       "get_current() -> (ID, whence)\n\nThe interpreter that runs this."),
    def<m_get_main>("get_main", "()", "get_main() -> (ID, whence)\n\nThe main interpreter."),
    def<m_is_running>(
        "is_running", "",
        "is_running(id, *, restrict=False) -> bool\n\nDoes code run in the interpreter's __main__?", kPlain),
    def<m_get_config>("get_config", "",
                      "get_config(id, *, restrict=False) -> types.SimpleNamespace\n\nThe settings that the "
                      "interpreter was made with.",
                      kPlain),
    def<m_whence>("whence", "", "whence(id) -> int\n\nWho made the interpreter: one of the WHENCE_ numbers.",
                  kPlain),
    def<m_exec>("exec", "",
                "exec(id, code, shared=None, *, restrict=False)\n\nRun source text, or the code of a "
                "function without arguments, in the __main__ of\nthe interpreter, to which the shared values "
                "are added first. The result is None,\nor a description of the exception that ended it.",
                kPlain),
    def<m_call>(
        "call", "",
        "call(id, callable, args=None, kwargs=None, *, restrict=False)\n\nCall it in the interpreter. The "
        "result is a pair: what it returned, and None or a\ndescription of the exception that it raised.",
        kPlain),
    def<m_run_string>("run_string", "",
                      "run_string(id, script, shared=None, *, restrict=False)\n\nexec() for source text.",
                      kPlain),
    def<m_run_func>(
        "run_func", "",
        "run_func(id, func, shared=None, *, restrict=False)\n\nexec() for functions and code objects.",
        kPlain),
    def<m_set_main_attrs>(
        "set___main___attrs", "",
        "set___main___attrs(id, ns, *, restrict=False)\n\nAdd names to the __main__ of the interpreter.",
        kPlain),
    def<m_incref>("incref", "", nullptr, kPlain),
    def<m_decref>("decref", "", nullptr, kPlain),
    def<m_is_shareable>("is_shareable", "",
                        "is_shareable(obj) -> bool\n\nCan it be sent to another interpreter as it is?",
                        kPlain),
    def<m_capture_exception>("capture_exception", "",
                             "capture_exception(exc=None) -> types.SimpleNamespace\n\nA description of the "
                             "exception, as exec() returns it.",
                             kPlain),
    {}};

Status exec(Thread& t, Value module) {
    static constexpr struct {
        const char* name;
        Whence value;
    } kWhence[] = {{"WHENCE_UNKNOWN", Whence::Unknown},
                   {"WHENCE_RUNTIME", Whence::Runtime},
                   {"WHENCE_LEGACY_CAPI", Whence::LegacyCapi},
                   {"WHENCE_CAPI", Whence::Capi},
                   {"WHENCE_XI", Whence::Xi},
                   {"WHENCE_STDLIB", Whence::Stdlib}};
    for (auto& w : kWhence) TRY(module_add_int(t, module, w.name, static_cast<int>(w.value)));
    PyTypeObject* types[] = {interpreter_error(t), interpreter_not_found_error(t), not_shareable_error(t)};
    const char* const type_names[] = {"InterpreterError", "InterpreterNotFoundError", "NotShareableError"};
    for (int i = 0; i < 3; i++) {
        if (!types[i]) return {};
        TRY(module_add(t, module, type_names[i], Ref::share(Value(types[i]))));
    }
    return add_buffer_view(t, module);
}

}  // namespace
}  // namespace krait::xi

namespace krait {
extern const ModuleSpec module__interpreters;
const ModuleSpec module__interpreters{.name = "_interpreters",
                                      .doc =
                                          "Making interpreters and running code in them. The package "
                                          "concurrent.interpreters is the face of it.",
                                      .functions = xi::functions,
                                      .exec = xi::exec};
}  // namespace krait
