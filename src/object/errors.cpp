#include "object/errors.h"

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "builtins/exceptions.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/names.h"
#include "object/protocol.h"
#include "object/warnings.h"
#include "support/stack-guard.h"

namespace krait {
namespace {

PyBaseExceptionObject* as_exception(Value v) { return v.as<PyBaseExceptionObject>(); }

void store_context(Value exc, Value context) {
    incref(context);
    Value old = as_exception(exc)->context;
    as_exception(exc)->context = context;
    xdecref(old);
}

// Cuts `exc` out of the context chain that starts at `head`, so that chaining exc → head makes no cycle.
void break_context_cycle(Value exc, Value head) {
    Value slow = head, fast = head;
    bool step = false;
    for (;;) {
        Value next = as_exception(fast)->context;
        if (!next || is_none(next)) return;
        if (next == exc) {
            as_exception(fast)->context = Value();
            decref(next);
            return;
        }
        fast = next;
        // A cycle that does not contain exc was there before: leave it alone.
        if (step) slow = as_exception(slow)->context;
        step = !step;
        if (fast == slow) return;
    }
}

void chain_handled(Thread& t, Value exc) {
    Value handled = handled_exception(t);
    if (!handled || is_none(handled) || handled == exc) return;
    Ref keep = Ref::share(handled);
    break_context_cycle(exc, handled);
    store_context(exc, handled);
}

// type(arg), with CPython's rules: no arg, a tuple of args, or one.
Ref make_exception(Thread& t, PyTypeObject* type, Value arg) {
    bool none_given = !arg || is_none(arg);
    if (none_given || is_tuple_exact(arg) || is_str_exact(arg)) {
        Ref args = none_given      ? Ref::share(empty_tuple())
                   : is_tuple(arg) ? Ref::share(arg)
                                   : tuple_of(t, {arg});
        if (!args) return {};
        Maybe made = exception_from_args(t, type, args);
        if (!made) return {};
        if (made.has_value()) return made.take();
    }
    Ref exc;
    if (none_given)
        exc = call(t, Value(type));
    else if (is_tuple(arg))
        exc = call(t, Value(type), tuple_items(arg), tuple_size(arg));
    else
        exc = call(t, Value(type), {arg});
    if (!exc) return {};
    if (!is_exception(exc))
        return raise(t, PyExc_TypeError,
                     "calling %R should have returned an instance of BaseException, not %R", Value(type),
                     Value(type_of(exc)));
    return exc;
}

// The exception that came of making one of `type` says which that was to be.
void note_what_was_wanted(Thread& t, PyTypeObject* type, Value arg) {
    Ref exc = fetch_error(t);
    Ref text = arg ? repr(t, arg) : str_from(t, "<NULL>");
    if (!text) clear_error(t);
    Ref note = text ? str_format(t, "Normalization failed: type=%s args=%U", type->tp_name, text.get())
                    : str_format(t, "Normalization failed: type=%s args=<unknown>", type->tp_name);
    if (!note || !call_method(t, exc, "add_note", {note.get()})) clear_error(t);
    restore_error(t, std::move(exc));
}

Raised set_exception(Thread& t, PyTypeObject* type, Value arg) {
    // The constructor must not see a pending exception.
    clear_error(t);
    Ref exc = make_exception(t, type, arg);
    if (exc) {
        chain_handled(t, exc);
        restore_error(t, std::move(exc));
    } else if (!occurred(t)) {
        // Nothing could be allocated for the failure itself.
        raise_no_memory(t);
    } else if (!error_is(t, PyExc_MemoryError)) {
        note_what_was_wanted(t, type, arg);
    }
    return {};
}

}  // namespace

Value handled_exception(Thread& t) {
    ExcStackItem* item = t.c.exc_info;
    while (item && (!item->exc_value || is_none(item->exc_value)) && item->previous_item)
        item = item->previous_item;
    return item && item->exc_value ? item->exc_value : none();
}

Raised raise(Thread& t, PyTypeObject* type, const char* format, ...) {
    va_list args;
    va_start(args, format);
    // Building the text may run code (%R): it must not see the exception that is being replaced.
    clear_error(t);
    Ref message = str_vformat(t, format, args);
    va_end(args);
    if (!message) return {};
    return set_exception(t, type, message);
}

Raised raise_none(Thread& t, PyTypeObject* type) { return set_exception(t, type, Value()); }
Raised raise_value(Thread& t, PyTypeObject* type, Value arg) {
    Ref keep = Ref::share(arg);
    return set_exception(t, type, keep);
}

Raised raise_object(Thread& t, Value v) {
    Ref exc;
    if (is_exception(v)) {
        exc = Ref::share(v);
    } else if (is_type(v) && (v.as<PyTypeObject>()->tp_flags & kTpBaseExcSubclass)) {
        exc = make_exception(t, v.as<PyTypeObject>(), Value());
        if (!exc) return {};
    } else {
        return raise(t, PyExc_TypeError, "exceptions must derive from BaseException");
    }
    chain_handled(t, exc);
    restore_error(t, std::move(exc));
    return {};
}

// Made in advance, for when not even the exception can be allocated.
constexpr int kSpareMemoryErrors = 8;
static Value g_spare_memory_errors[kSpareMemoryErrors];

Status init_memory_errors(Thread& t) {
    for (Value& spare : g_spare_memory_errors) {
        Ref exc = TRY(call(t, Value(PyExc_MemoryError)));
        gc_untrack(t, exc.get().ptr());
        spare = exc.release();
    }
    return Status::ok();
}

// One that nobody has any more, as new; the last serves several at once.
static Ref spare_memory_error(Thread& t) {
    for (Value spare : g_spare_memory_errors) {
        if (!spare || spare.ptr()->ob_refcnt > 1) continue;
        auto* e = spare.as<PyBaseExceptionObject>();
        for (Value* field : {&e->dict, &e->notes, &e->traceback, &e->context, &e->cause}) {
            Value old = *field;
            *field = Value();
            xdecref(old);
        }
        if (!is_tracked(spare.ptr())) gc_track(t, spare.ptr());
        return Ref::share(spare);
    }
    return Ref::share(g_spare_memory_errors[kSpareMemoryErrors - 1]);
}

Raised raise_no_memory(Thread& t) {
    // Making the exception ends here again when there is no memory for it.
    static bool making;
    clear_error(t);
    Ref exc;
    if (!making) {
        making = true;
        exc = call(t, Value(PyExc_MemoryError));
        making = false;
    }
    if (!exc) exc = spare_memory_error(t);
    if (exc) restore_error(t, std::move(exc));
    return {};
}

Raised raise_type_error_operands(Thread& t, const char* op, Value a, Value b) {
    return raise(t, PyExc_TypeError, "unsupported operand type(s) for %s: '%.100s' and '%.100s'", op,
                 type_of(a)->tp_name, type_of(b)->tp_name);
}

Raised bad_internal_call(Thread& t, const char* where) {
    return raise(t, PyExc_SystemError, "%s: bad argument to internal function", where);
}

Raised raise_key_error(Thread& t, Value key) {
    Ref args = tuple_from(t, &key, 1);
    if (!args) return {};
    return set_exception(t, PyExc_KeyError, args);
}

Raised raise_stop_iteration(Thread& t, Value value) {
    if (!is_tuple(value) && !is_exception(value) && !is_none(value))
        return set_exception(t, PyExc_StopIteration, value);
    Ref args = tuple_from(t, &value, 1);
    if (!args) return {};
    return set_exception(t, PyExc_StopIteration, args);
}

Raised raise_from_cause(Thread& t, PyTypeObject* type, const char* format, ...) {
    Ref cause = fetch_error(t);
    va_list args;
    va_start(args, format);
    Ref message = str_vformat(t, format, args);
    va_end(args);
    if (!message) return {};
    Value one = message;
    Ref tuple = tuple_from(t, &one, 1);
    if (!tuple) return {};
    set_exception(t, type, tuple);
    if (!cause || !occurred(t)) return {};
    Value exc(t.c.current_exception);
    break_context_cycle(exc, cause);
    store_context(exc, cause);
    Value old = as_exception(exc)->cause;
    as_exception(exc)->cause = cause.release();
    as_exception(exc)->suppress_context = 1;
    xdecref(old);
    return {};
}

Raised raise_errno(Thread& t, int err, Value filename, Value filename2) {
    if (err == EINTR && !handle_pending(t)) return {};
    Ref text = decode(t, strerror(err), strlen(strerror(err)), "utf-8", "surrogateescape");
    if (!text) return {};
    Value args[5] = {Value::from_int(err), text, filename ? filename : none(), none(),
                     filename2 ? filename2 : none()};
    size_t n = filename2 ? 5 : filename ? 3 : 2;
    Ref exc = call(t, Value(PyExc_OSError), args, n);
    if (!exc) return {};
    chain_handled(t, exc);
    restore_error(t, std::move(exc));
    return {};
}

static bool matches_one(Value exc, Value type) {
    PyTypeObject* actual = is_exception(exc) ? type_of(exc) : is_type(exc) ? exc.as<PyTypeObject>() : nullptr;
    if (actual && (actual->tp_flags & kTpBaseExcSubclass) && is_type(type) &&
        (type.as<PyTypeObject>()->tp_flags & kTpBaseExcSubclass))
        return is_subtype(actual, type.as<PyTypeObject>());
    return exc == type;
}

// Tuples may be nested as deep as memory lets them; failure: too deep.
static Result<bool> matches_any(Thread& t, Value exc, Value types) {
    RecursionGuard guard(t, " while checking exception tuple");
    if (!guard) return {};
    for (int64_t i = 0; i < tuple_size(types); i++) {
        Value type = tuple_get(types, i);
        bool matches = is_tuple(type) ? TRY(matches_any(t, exc, type)) : matches_one(exc, type);
        if (matches) return true;
    }
    return false;
}

bool exception_matches(Thread& t, Value exc, Value type) {
    if (!exc || !type) return false;
    if (!is_tuple(type)) return matches_one(exc, type);
    Ref pending = fetch_error(t);
    Result<bool> r = matches_any(t, exc, type);
    if (!r) write_unraisable_in(t, "while checking exception tuple", Value());
    restore_error(t, std::move(pending));
    return r && r.value();
}

bool error_matches(Thread& t, Value type) {
    return t.c.current_exception && exception_matches(t, Value(t.c.current_exception), type);
}

void clear_error(Thread& t) {
    PyObject* old = t.c.current_exception;
    if (!old) return;
    t.c.current_exception = nullptr;
    decref(old);
}

Ref fetch_error(Thread& t) {
    PyObject* exc = t.c.current_exception;
    t.c.current_exception = nullptr;
    return Ref::steal(Value(exc));
}

void restore_error(Thread& t, Ref exc) {
    PyObject* old = t.c.current_exception;
    t.c.current_exception = exc.release().ptr();
    if (old) decref(old);
}

bool clear_if(Thread& t, PyTypeObject* type) {
    if (!error_is(t, type)) return false;
    clear_error(t);
    return true;
}

bool RecursionGuard::overflow(Thread& t, const char* where) {
    // Raising needs some stack itself: it gets a reserve below the limit, and a second overflow there is not
    // reported anew.
    constexpr int64_t kReserve = 64 * 1024;
    if (static_cast<char*>(__builtin_frame_address(0)) < t.c_stack_limit - kReserve / 2 && occurred(t))
        return false;
    char* limit = t.c_stack_limit;
    t.c_stack_limit = limit - kReserve;
    raise(t, PyExc_RecursionError, "Stack overflow (used %zd kB)%s",
          static_cast<int64_t>(StackGuard::most() / 1024), where);
    t.c_stack_limit = limit;
    return false;
}

void add_current_traceback(Thread& t);  // interp/traceback.cpp

void write_unraisable(Thread& t, const char* message, Value obj) {
    if (t.has_exception() && t.c.current_frame && !as_exception(Value(t.c.current_exception))->traceback)
        add_current_traceback(t);
    Ref exc = fetch_error(t);
    if (!exc) return;
    auto arguments = [&](Value error, const char* text, Value object) -> Ref {
        Value type = sys_get(t, "UnraisableHookArgs");
        if (!type || is_none(type)) return {};
        Ref keep = Ref::share(type);
        Ref msg = text ? str_from(t, text) : none_ref();
        if (!msg) return {};
        Value tb = as_exception(error)->traceback;
        Ref fields =
            TRY(tuple_of(t, {Value(type_of(error)), error, tb ? tb : none(), msg, object ? object : none()}));
        return call(t, keep, {fields});
    };
    auto plainly = [&](Value error) {
        Ref line = repr(t, error);
        clear_error(t);
        // The name of its type needs no memory.
        fprintf(stderr, "%s: %s\n", message ? message : "Exception ignored",
                line ? str_utf8_or(line, "<unprintable>").data() : type_of(error)->tp_name);
    };
    Ref hook = Ref::share(sys_get(t, "unraisablehook")), own = Ref::share(sys_get(t, "__unraisablehook__"));
    if (!hook || is_none(hook)) hook = own ? own.share() : Ref();
    Ref args = hook ? arguments(exc, message, obj) : Ref();
    if (!args) {
        clear_error(t);
        return plainly(exc);
    }
    if (audit(t, "sys.unraisablehook", {hook, args}) && call(t, hook, {args})) return;
    // The hook itself failed: that is what is shown.
    Ref second = fetch_error(t);
    if (!second || !own) return plainly(exc);
    Ref again = arguments(second, "Exception ignored in sys.unraisablehook", hook);
    if (!again || !call(t, own, {again})) {
        clear_error(t);
        plainly(second);
    }
}

WarnFn g_warn = nullptr;
WarnExplicitFn g_warn_explicit = nullptr;

static Status issue(Thread& t, Value category, Value message, int stacklevel, Value source) {
    if (!g_warn) {
        if (!t.interp->modules) return Status::ok();  // too early to warn anybody
        TRY_DISCARD(import_module(t, "_warnings"));
        if (!g_warn) return Status::ok();
    }
    return g_warn(t, category, message, stacklevel, source);
}

Status warn(Thread& t, PyTypeObject* category, int stacklevel, const char* format, ...) {
    va_list args;
    va_start(args, format);
    Ref message = str_vformat(t, format, args);
    va_end(args);
    return message ? issue(t, Value(category), message, stacklevel, none()) : Status();
}

Status warn_about(Thread& t, Value source, PyTypeObject* category, int stacklevel, const char* format, ...) {
    va_list args;
    va_start(args, format);
    Ref message = str_vformat(t, format, args);
    va_end(args);
    return message ? issue(t, Value(category), message, stacklevel, source) : Status();
}

}  // namespace krait
