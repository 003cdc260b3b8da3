// The module sys: functions. Its constants and structures are in sys_info.cpp.
#include "modules/sys.h"

#include <dlfcn.h>

#include <cerrno>

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/exceptions.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "builtins/type_flags.h"
#include "gc/gc.h"
#include "gc/memory.h"
#include "gc/memory_stats.h"
#include "interp/generator.h"
#include "interp/interp.h"
#include "interp/monitoring.h"
#include "interp/perf.h"
#include "modules/remote/exec.h"
#include "object/convert.h"
#include "object/file_names.h"
#include "object/names.h"
#include "object/protocol.h"
#include "runtime/config.h"
#include "runtime/init.h"
#include "runtime/interactive.h"

namespace krait {
namespace {

// --- hooks ---

Ref s_displayhook(Thread& t, Value, Value v) {
    if (is_none(v)) return none_ref();
    Value builtins = t.interp->builtins_module;
    static LazyName underscore("_");
    TRY(set_attr(t, builtins, underscore(t), none()));
    Value out = sys_get(t, "stdout");
    if (!out || is_none(out)) return raise(t, PyExc_RuntimeError, "lost sys.stdout");
    Ref keep = Ref::share(out);
    Ref text = TRY(repr(t, v));
    Ref written = call_method(t, keep, ID(write), {text});
    if (!written) {
        // What the stream's encoding lacks is shown in escapes.
        if (!error_is(t, PyExc_UnicodeEncodeError)) return {};
        clear_error(t);
        Ref encoding = TRY(get_attr(t, keep, ID(encoding)));
        std::string_view name = TRY(str_utf8(t, encoding));
        Ref bytes = TRY(encode(t, text, std::string(name).c_str(), "backslashreplace"));
        Ref plain = TRY(call_method(t, bytes, ID(decode), {encoding}));
        TRY_DISCARD(call_method(t, keep, ID(write), {plain}));
    }
    Ref newline = TRY(str_from_char(t, '\n'));
    TRY_DISCARD(call_method(t, keep, ID(write), {newline}));
    TRY(set_attr(t, builtins, underscore(t), v));
    return none_ref();
}

Ref s_excepthook(Thread& t, Value, const Value* a, size_t) {
    Value exc = a[1];
    if (is_exception(exc) && has_type(a[2], &PyTraceBack_Type) && !as_base_exception(exc)->traceback)
        set_field(as_base_exception(exc)->traceback, a[2]);
    display_exception(t, exc);
    return none_ref();
}

Ref s_unraisablehook(Thread& t, Value, Value args) {
    Value type = sys_get(t, "UnraisableHookArgs");
    if (!type || !has_type(args, type.as<PyTypeObject>()))
        return raise(t, PyExc_TypeError, "sys.unraisablehook argument type must be UnraisableHookArgs");
    Ref exc = TRY(get_attr(t, args, "exc_value"));
    Ref message = TRY(get_attr(t, args, "err_msg"));
    Ref object = TRY(get_attr(t, args, "object"));
    Value err = sys_get(t, "stderr");
    if (!err || is_none(err)) return none_ref();
    Ref file = Ref::share(err);
    Ref line;
    if (!is_none(object)) {
        Ref what = repr(t, object);
        if (!what) {
            clear_error(t);
            what = TRY(str_from(t, "<object repr() failed>"));
        }
        line = is_none(message) ? str_format(t, "Exception ignored in: %U\n", what.get())
                                : str_format(t, "%U: %U\n", message.get(), what.get());
    } else if (!is_none(message)) {
        line = str_format(t, "%U:\n", message.get());
    }
    if (line) TRY_DISCARD(call_method(t, file, ID(write), {line}));
    if (occurred(t)) return {};
    if (is_exception(exc)) display_exception_alone(t, exc);
    return none_ref();
}

Ref s_breakpointhook(Thread& t, Value, const Value* args, size_t n, Value kwnames) {
    Ref environ = TRY(import_attr(t, "os", "environ"));
    Ref key = TRY(str_from(t, "PYTHONBREAKPOINT")), fallback = TRY(str_from(t, "pdb.set_trace"));
    Ref name = TRY(call_method(t, environ, ID(get), {key, fallback}));
    if (!is_str(name) || str_length(name) == 0) name = std::move(fallback);
    if (str_equal(name, "0")) return none_ref();
    Ref dot = TRY(str_from_char(t, '.'));
    int64_t at = str_find(name, dot, 0, str_length(name), -1);
    if (at == 0) {
        TRY(warn(t, PyExc_RuntimeWarning, 0, "Ignoring unimportable $PYTHONBREAKPOINT: \"%U\"", name.get()));
        return none_ref();
    }
    Ref module = at < 0 ? str_from(t, "builtins") : str_substring(t, name, 0, at);
    Ref attr = TRY(str_substring(t, name, at + 1, str_length(name)));
    if (!module) return {};
    std::string_view m = TRY(str_utf8(t, module));
    Ref owner = import_module(t, std::string(m).c_str());
    Ref hook = owner ? get_attr(t, owner, attr) : Ref();
    if (!hook) {
        if (!error_is(t, PyExc_ImportError) && !error_is(t, PyExc_AttributeError)) return {};
        clear_error(t);
        TRY(warn(t, PyExc_RuntimeWarning, 0, "Ignoring unimportable $PYTHONBREAKPOINT: \"%U\"", name.get()));
        return none_ref();
    }
    return call(t, hook, args, n, kwnames);
}

// --- exceptions and frames ---

Ref s_exception(Thread& t, Value) { return Ref::share(handled_exception(t)); }
Ref s_exc_info(Thread& t, Value) {
    Value exc = handled_exception(t);
    if (is_none(exc)) return tuple_of(t, {none(), none(), none()});
    Value tb = as_base_exception(exc)->traceback;
    return tuple_of(t, {Value(type_of(exc)), exc, tb ? tb : none()});
}
Ref s_exit(Thread& t, Value, const Value* a, size_t n) {
    return raise_value(t, PyExc_SystemExit, n ? a[0] : none());
}

Ref s_getframe(Thread& t, Value, const Value* a, size_t n) {
    int64_t depth = n ? TRY(as_int32(t, a[0])) : 0;
    Frame* f = current_frame(t);
    for (; f && depth > 0; depth--) f = visible_frame(f->previous);
    if (!f) return raise(t, PyExc_ValueError, "call stack is not deep enough");
    PyFrameObject* o = frame_object(t, f);
    if (!o) return {};
    Ref frame = Ref::share(Value(reinterpret_cast<PyObject*>(o)));
    TRY(audit(t, "sys._getframe", {frame}));
    return frame;
}
Ref s_getframemodulename(Thread& t, Value, const Value* p) {
    int64_t depth = p[0] ? TRY(as_int32(t, p[0])) : 0;
    TRY(audit(t, "sys._getframemodulename", {Value::from_int(depth)}));
    Frame* f = current_frame(t);
    for (; f && depth > 0; depth--) f = visible_frame(f->previous);
    if (!f || !f->func) return none_ref();
    Ref module = get_attr(t, f->func, ID(__module__));
    if (!module) {
        clear_error(t);
        return none_ref();
    }
    return module;
}
Ref s_current_frames(Thread& t, Value) {
    TRY(audit(t, "sys._current_frames"));
    Ref d = TRY(dict_new(t));
    for (Thread* other = t.interp->threads; other; other = reinterpret_cast<Thread*>(other->c.next)) {
        Frame* f = other->c.current_frame ? visible_frame(other->c.current_frame) : nullptr;
        if (!f) continue;
        PyFrameObject* o = frame_object(t, f);
        if (!o) return {};
        Ref id = TRY(int_from_u64(t, other->c.thread_id));
        TRY(dict_set(t, d, id, Value(reinterpret_cast<PyObject*>(o))));
    }
    return d;
}
Ref s_current_exceptions(Thread& t, Value) {
    TRY(audit(t, "sys._current_exceptions"));
    Ref d = TRY(dict_new(t));
    for (Thread* other = t.interp->threads; other; other = reinterpret_cast<Thread*>(other->c.next)) {
        Ref id = TRY(int_from_u64(t, other->c.thread_id));
        TRY(dict_set(t, d, id, handled_exception(*other)));
    }
    return d;
}

// --- limits and sizes ---

Ref s_getrecursionlimit(Thread& t, Value) { return Ref::from_int(t.interp->recursion_limit); }
Ref s_setrecursionlimit(Thread& t, Value, Value v) {
    int limit = TRY(as_int32(t, v));
    if (limit < 1) return raise(t, PyExc_ValueError, "recursion limit must be greater or equal than 1");
    int depth = t.c.py_recursion_limit - t.c.py_recursion_remaining;
    if (depth >= limit)
        return raise(t, PyExc_RecursionError,
                     "cannot set the recursion limit to %i at the recursion depth %i: the limit is too low",
                     limit, depth);
    t.interp->recursion_limit = limit;
    for (Thread* other = t.interp->threads; other; other = reinterpret_cast<Thread*>(other->c.next)) {
        int used = other->c.py_recursion_limit - other->c.py_recursion_remaining;
        other->c.py_recursion_limit = limit;
        other->c.py_recursion_remaining = limit - used;
    }
    return none_ref();
}
Ref s_getswitchinterval(Thread& t, Value) { return float_from(t, gil_switch_interval()); }
Ref s_setswitchinterval(Thread& t, Value, Value v) {
    double d = TRY(as_double(t, v));
    if (d <= 0) return raise(t, PyExc_ValueError, "switch interval must be strictly positive");
    gil_set_switch_interval(d);
    return none_ref();
}
Ref s_get_int_max_str_digits(Thread& t, Value) { return Ref::from_int(t.interp->int_max_str_digits); }
Ref s_set_int_max_str_digits(Thread& t, Value, const Value* p) {
    int n = TRY(as_int32(t, p[0]));
    if (n != 0 && n < 640) return raise(t, PyExc_ValueError, "maxdigits must be >= 640 or 0 for unlimited");
    t.interp->int_max_str_digits = n;
    return none_ref();
}
Ref s_getrefcount(Thread&, Value, Value v) {
    if (!v.is_ptr()) return Ref::from_int(0xC0000000);
    return Ref::from_int(v.ptr()->ob_refcnt);
}
Ref s_getsizeof(Thread& t, Value, const Value* p) {
    Ref method = TRY(lookup_special(t, p[0], ID(__sizeof__)));
    Ref size;
    if (!method)
        raise(t, PyExc_TypeError, "Type %T doesn't define __sizeof__", p[0]);
    else
        size = call(t, method);
    int64_t n = -1;
    if (size && !is_long(size)) {
        raise(t, PyExc_TypeError, "an integer is required");
    } else if (size) {
        Result<int64_t> r = as_ssize(t, size);
        if (r && r.value() < 0) raise(t, PyExc_ValueError, "__sizeof__() should return >= 0");
        if (r) n = r.value();
    }
    if (n < 0) {
        if (!p[1] || !error_is(t, PyExc_TypeError)) return {};
        clear_error(t);
        return Ref::share(p[1]);
    }
    // What CPython keeps before the object: the collector's header, and dict and weakref words.
    PyTypeObject* type = type_of(p[0]);
    auto bytes = static_cast<uint64_t>(n);
    bool is_static = is_type(p[0]) && !(shown_type_flags(p[0].as<PyTypeObject>()) & kTpHeapType);
    if ((shown_type_flags(type) & kTpHaveGC) && !is_static) bytes += 16;
    if (type->tp_flags & (kTpManagedDict | kTpManagedWeakref)) bytes += 16;
    return int_from_u64(t, bytes);
}
Ref s_getallocatedblocks(Thread& t, Value) { return int_from(t, mem_allocated_blocks()); }
#ifdef KRAIT_CHECKS
Ref s_gettotalrefcount(Thread& t, Value) { return int_from(t, g_total_refs); }
Ref s_set_nomemory(Thread& t, Value, const Value* p) {
    int64_t first = INT64_MAX, end = INT64_MAX;
    if (p[0]) first = TRY(as_index(t, p[0], PyExc_OverflowError));
    if (p[1]) end = TRY(as_index(t, p[1], PyExc_OverflowError));
    Ref before = TRY(int_from(t, g_failing.count));
    g_failing = {0, first, end};
    return before;
}
#endif
Ref s_intern(Thread& t, Value, Value s) {
    if (!is_str(s)) return raise(t, PyExc_TypeError, "intern() argument must be str, not %K", s);
    if (!is_str_exact(s)) return raise(t, PyExc_TypeError, "can't intern %.400s", type_of(s)->tp_name);
    return str_intern(t, Ref::share(s));
}
Ref s_is_interned(Thread& t, Value, Value s) {
    if (!is_str(s)) return raise(t, PyExc_TypeError, "_is_interned() argument must be str, not %K", s);
    return bool_ref(str_is_interned(s));
}
Ref s_is_immortal(Thread&, Value, Value v) { return bool_ref(!v.is_ptr() || is_immortal(v.ptr())); }
Ref s_getunicodeinternedsize(Thread& t, Value, const Value*) { return int_from(t, str_interned_count()); }

// --- text settings ---

Ref s_getdefaultencoding(Thread& t, Value) { return str_from(t, "utf-8"); }
Ref s_getfilesystemencoding(Thread& t, Value) { return str_from(t, file_name_encoding()); }
Ref s_getfilesystemencodeerrors(Thread& t, Value) { return str_from(t, "surrogateescape"); }

// --- audit ---

Ref s_audit(Thread& t, Value, const Value* args, size_t n, Value kwnames) {
    TRY(no_kwargs(t, "sys.audit", kwnames));
    if (n == 0) return raise(t, PyExc_TypeError, "audit expected at least 1 argument, got 0");
    if (!is_str(args[0]))
        return raise(t, PyExc_TypeError, "audit() argument 1 must be str, not %s",
                     is_none(args[0]) ? "None" : type_of(args[0])->tp_name);
    if (!t.interp->audit_hooks) return none_ref();
    Ref rest = TRY(tuple_from(t, args + 1, static_cast<int64_t>(n) - 1));
    TRY(call_audit_hooks(t, args[0], rest));
    return none_ref();
}
Ref s_addaudithook(Thread& t, Value, const Value* p) {
    if (!audit(t, "sys.addaudithook")) {
        // An existing hook may refuse by raising; that is not an error here.
        if (!error_is(t, PyExc_Exception)) return {};
        clear_error(t);
        return none_ref();
    }
    if (!t.interp->audit_hooks) {
        t.interp->audit_hooks = TRY(list_new(t)).release();
        gc_untrack(t, t.interp->audit_hooks.ptr());  // not to be found by programs
    }
    TRY(list_append(t, t.interp->audit_hooks, p[0]));
    return none_ref();
}

// --- coroutines ---

Ref s_get_origin_depth(Thread& t, Value) { return Ref::from_int(t.c.coroutine_origin_tracking_depth); }
Ref s_set_origin_depth(Thread& t, Value, const Value* p) {
    int depth = TRY(as_int32(t, p[0]));
    if (depth < 0) return raise(t, PyExc_ValueError, "depth must be >= 0");
    t.c.coroutine_origin_tracking_depth = depth;
    return none_ref();
}
void replace_object(PyObject*& field, Value v) {
    PyObject* old = field;
    incref(v);
    field = is_none(v) ? nullptr : v.ptr();
    if (old) decref(old);
}
Ref s_set_asyncgen_hooks(Thread& t, Value, const Value* p) {
    for (auto [v, what] : {std::pair{p[0], "firstiter"}, std::pair{p[1], "finalizer"}})
        if (v && !is_none(v) && !is_callable(v))
            return raise(t, PyExc_TypeError, "callable %s expected, got %T", what, v);
    if (p[1]) {
        TRY(audit(t, "sys.set_asyncgen_hook_finalizer"));
        replace_object(t.c.async_gen_finalizer, p[1]);
    }
    if (p[0]) {
        TRY(audit(t, "sys.set_asyncgen_hook_firstiter"));
        replace_object(t.c.async_gen_firstiter, p[0]);
    }
    return none_ref();
}
Ref s_get_asyncgen_hooks(Thread& t, Value) {
    auto value = [](PyObject* o) { return o ? Value(o) : none(); };
    return asyncgen_hooks_new(t, value(t.c.async_gen_firstiter), value(t.c.async_gen_finalizer));
}

// --- tracing ---

Ref s_settrace(Thread& t, Value, Value v) {
    TRY(set_python_trace(t, t, v));
    return none_ref();
}
Ref s_setprofile(Thread& t, Value, Value v) {
    TRY(set_python_profile(t, t, v));
    return none_ref();
}
Ref for_all_threads(Thread& t, Value v, Status (*set)(Thread&, Thread&, Value)) {
    for (Thread* other = t.interp->threads; other; other = reinterpret_cast<Thread*>(other->c.next))
        if (!set(t, *other, v)) write_unraisable(t, nullptr, Value());
    return none_ref();
}
Ref s_settrace_all(Thread& t, Value, Value v) { return for_all_threads(t, v, set_python_trace); }
Ref s_setprofile_all(Thread& t, Value, Value v) { return for_all_threads(t, v, set_python_profile); }
Ref s_gettrace(Thread& t, Value) { return t.c.c_traceobj ? Ref::share(Value(t.c.c_traceobj)) : none_ref(); }
Ref s_getprofile(Thread& t, Value) {
    return t.c.c_profileobj ? Ref::share(Value(t.c.c_profileobj)) : none_ref();
}
// Within a trace function nothing is traced, but for what is called through this.
Ref s_call_tracing(Thread& t, Value, const Value* a, size_t) {
    if (!is_tuple(a[1]))
        return raise(t, PyExc_TypeError, "call_tracing() argument 2 must be tuple, not %K", a[1]);
    int tracing = t.c.tracing;
    t.c.tracing = 0;
    Ref r = call_with(t, a[0], a[1], Value());
    t.c.tracing = tracing;
    return r;
}

// --- miscellaneous ---

Ref s_is_finalizing(Thread& t, Value) { return bool_ref(t.interp->finalizing); }
Ref s_is_gil_enabled(Thread&, Value) { return bool_ref(true); }
Ref s_clear_caches(Thread&, Value) { return none_ref(); }
// For the library's remaking of classes: what would keep the old class alive goes from its dict.
Ref s_clear_type_descriptors(Thread& t, Value, Value v) {
    if (!is_type(v))
        return raise(t, PyExc_TypeError, "_clear_type_descriptors() argument must be type, not %K", v);
    auto* type = v.as<PyTypeObject>();
    if (type->tp_flags & kTpImmutableType) return raise(t, PyExc_TypeError, "argument is immutable");
    for (Value name : {ID(__dict__), ID(__weakref__)}) {
        Ref gone = TRY(dict_pop(t, Value(type->tp_dict), name));
        type_modified(type);
    }
    return none_ref();
}
Ref s_debugmallocstats(Thread&, Value) {
    memory_print_stats(stderr);
    return none_ref();
}
// How extension modules are loaded: of the process, as what is loaded is.
int g_dlopen_flags = RTLD_NOW;
Ref s_getdlopenflags(Thread&, Value) { return Ref::from_int(g_dlopen_flags); }
Ref s_setdlopenflags(Thread& t, Value, Value v) {
    g_dlopen_flags = TRY(as_int32(t, v));
    return none_ref();
}
Ref s_clear_type_cache(Thread& t, Value self) {
    TRY(warn(t, PyExc_DeprecationWarning, 1,
             "sys._clear_type_cache() is deprecated and scheduled for removal in a future version. Use "
             "sys._clear_internal_caches() instead."));
    return s_clear_caches(t, self);
}
Ref s_get_cpu_count_config(Thread&, Value) { return Ref::from_int(g_runtime.config->cpu_count); }
Ref s_dump_tracelets(Thread&, Value, const Value*) { return none_ref(); }
Ref s_activate_trampoline(Thread& t, Value, const Value* p) {
    if (!is_str(p[0]))
        return raise(t, PyExc_TypeError, "activate_stack_trampoline() argument must be str, not %s",
                     is_none(p[0]) ? "None" : type_of(p[0])->tp_name);
    bool map = str_equal(p[0], "perf");
    if (!map && !str_equal(p[0], "perf_jit")) return raise(t, PyExc_ValueError, "invalid backend: %U", p[0]);
    if (!perf_activate(map ? PerfBackend::Map : PerfBackend::JitDump)) return raise_errno(t, errno);
    return none_ref();
}
Ref s_deactivate_trampoline(Thread&, Value) {
    perf_deactivate();
    return none_ref();
}
Ref s_trampoline_active(Thread&, Value) { return bool_ref(perf_backend() != PerfBackend::None); }
Ref s_baserepl(Thread& t, Value) {
    if (!run_interactive_loop(t)) return {};
    return none_ref();
}

}  // namespace

const NativeDef sys_functions[] = {
    def<s_addaudithook>("addaudithook", "(hook)", "Add a function that is told of audit events."),
    def<s_audit>("audit", "(event, /, *args)", "Tell the audit hooks of an event."),
    def<s_breakpointhook>("breakpointhook", "(*args, **kwargs)", "What breakpoint() calls."),
    def<s_clear_caches>("_clear_internal_caches", "()", "Clear caches of the runtime."),
    def<s_clear_type_cache>("_clear_type_cache", "()", "Clear the cache of type look-ups."),
    def<s_clear_type_descriptors>("_clear_type_descriptors", "(type, /)", "Private."),
    def<s_current_frames>("_current_frames", "()", "The innermost frame of every thread."),
    def<s_current_exceptions>("_current_exceptions", "()", "The exception that every thread handles."),
    def<s_dump_tracelets>("_dump_tracelets", "(outpath)", "Private: there are no tracelets."),
    def<s_displayhook>("displayhook", "(object, /)", "Show the value of an expression statement."),
    def<s_exception>("exception", "()", "The exception being handled, or None."),
    def<s_exc_info>("exc_info", "()", "(type, value, traceback) of the exception being handled."),
    def<s_excepthook>("excepthook", "(exctype, value, traceback, /)",
                      "Show an exception that nobody caught."),
    def<s_exit>("exit", "(status=None, /)", "End the program by raising SystemExit."),
    def<s_getdefaultencoding>("getdefaultencoding", "()", "The encoding of str.encode()."),
    def<s_getdlopenflags>("getdlopenflags", "()", "Flags for dlopen()."),
    def<s_setdlopenflags>("setdlopenflags", "(flags, /)", "Set the flags for dlopen()."),
    def<s_getallocatedblocks>("getallocatedblocks", "()", "How many memory blocks are in use."),
#ifdef KRAIT_CHECKS
    def<s_gettotalrefcount>("gettotalrefcount", "()", "The sum of all reference counts."),
    def<s_set_nomemory>("_set_nomemory", "(first=<unrepresentable>, end=<unrepresentable>, /)",
                        "Let the allocations from number first on fail, up to end; without arguments none. "
                        "Returns how many there were since the last call."),
#endif
    def<s_getunicodeinternedsize>("getunicodeinternedsize", "(*, _only_immortal=False)",
                                  "How many strings are interned."),
    def<s_getfilesystemencoding>("getfilesystemencoding", "()", "The encoding of file names."),
    def<s_getfilesystemencodeerrors>("getfilesystemencodeerrors", "()", "The error handler for file names."),
    def<s_getrefcount>("getrefcount", "(object, /)", "The reference count of an object."),
    def<s_getrecursionlimit>("getrecursionlimit", "()", "How deep calls may be nested."),
    def<s_setrecursionlimit>("setrecursionlimit", "(limit, /)", "Set how deep calls may be nested."),
    def<s_getsizeof>("getsizeof", "(object, default=<unrepresentable>)",
                     "Size of an object in memory, in bytes.", kMethNoSignature),
    def<s_getframe>("_getframe", "(depth=0, /)", "A frame of the call stack."),
    def<s_getframemodulename>("_getframemodulename", "(depth=0)", "Name of the module of a frame."),
    def<s_getswitchinterval>("getswitchinterval", "()", "Seconds between thread switches."),
    def<s_setswitchinterval>("setswitchinterval", "(interval, /)",
                             "Set the seconds between thread switches."),
    def<s_get_int_max_str_digits>("get_int_max_str_digits", "()", "The limit on digits of int conversions."),
    def<s_set_int_max_str_digits>("set_int_max_str_digits", "(maxdigits)",
                                  "Set the limit on digits of int conversions."),
    def<s_intern>("intern", "(string, /)", "The one str object that stands for this text."),
    def<s_is_interned>("_is_interned", "(string, /)", "True if the str is interned."),
    def<s_is_immortal>("_is_immortal", "(op, /)", "True if the object is never freed."),
    def<s_is_finalizing>("is_finalizing", "()", "True while the runtime shuts down."),
    def<s_is_gil_enabled>("_is_gil_enabled", "()", "True if threads take turns."),
    def<s_settrace>("settrace", "(function, /)", "Set the trace function of this thread."),
    def<s_setprofile>("setprofile", "(function, /)", "Set the profile function of this thread."),
    def<s_settrace_all>("_settraceallthreads", "(function, /)", "Set the trace function of all threads."),
    def<s_setprofile_all>("_setprofileallthreads", "(function, /)",
                          "Set the profile function of all threads."),
    def<s_gettrace>("gettrace", "()", "The trace function."),
    def<s_getprofile>("getprofile", "()", "The profile function."),
    def<s_call_tracing>("call_tracing", "(func, args, /)", "Call a function while tracing."),
    def<s_debugmallocstats>("_debugmallocstats", "()", "Private."),
    def<s_get_origin_depth>("get_coroutine_origin_tracking_depth", "()",
                            "How many frames coroutines remember."),
    def<s_set_origin_depth>("set_coroutine_origin_tracking_depth", "(depth)",
                            "Set how many frames coroutines remember."),
    def<s_set_asyncgen_hooks>("set_asyncgen_hooks",
                              "(firstiter=<unrepresentable>, finalizer=<unrepresentable>)",
                              "Set the hooks of asynchronous generators.", kMethNoSignature),
    def<s_get_asyncgen_hooks>("get_asyncgen_hooks", "()", "The hooks of asynchronous generators."),
    def<s_unraisablehook>("unraisablehook", "(unraisable, /)", "Show an exception that cannot be raised."),
    def<s_get_cpu_count_config>("_get_cpu_count_config", "()", "Private."),
    def<remote::is_enabled>("is_remote_debug_enabled", "()", "True if a debugger may attach."),
    def<remote::exec_script>("remote_exec", "(pid, script)", "Run a script in another process."),
    def<s_activate_trampoline>("activate_stack_trampoline", "(backend, /)",
                               "Show Python frames to a profiler."),
    def<s_deactivate_trampoline>("deactivate_stack_trampoline", "()", "End that."),
    def<s_trampoline_active>("is_stack_trampoline_active", "()", "True if it is on."),
    def<s_baserepl>("_baserepl", "()", "Private."),
    {},
};

}  // namespace krait
