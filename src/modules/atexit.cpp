// atexit: functions that run, last registered first, before the interpreter goes.
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/tuple.h"
#include "object/protocol.h"

namespace krait {
namespace {

// The callbacks of the interpreter: a list of (function, args, kwargs or None); empty until used.
Value callbacks(Thread& t) { return Value(static_cast<PyObject*>(t.interp->atexit)); }

Ref register_callback(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    if (nargs < 1) return raise(t, PyExc_TypeError, "register() takes at least 1 argument (0 given)");
    if (!is_callable(args[0])) return raise(t, PyExc_TypeError, "the first argument must be callable");
    size_t names = kwnames ? static_cast<size_t>(tuple_size(kwnames)) : 0;
    Ref values = TRY(tuple_from(t, args + 1, static_cast<int64_t>(nargs - 1 + names)));
    Ref entry = TRY(tuple_of(t, {args[0], values, names ? kwnames : none()}));
    if (!t.interp->atexit) t.interp->atexit = TRY(list_new(t)).release().ptr();
    TRY(list_append(t, callbacks(t), entry));
    return Ref::share(args[0]);
}

Ref call_entry(Thread& t, Value entry) {
    Value values = tuple_get(entry, 1), names = tuple_get(entry, 2);
    size_t n = static_cast<size_t>(tuple_size(values)), named = is_none(names) ? 0 : tuple_size(names);
    return call(t, tuple_get(entry, 0), tuple_items(values), n - named, named ? names : Value());
}
// Callbacks may register more: those run too.
Ref run_exitfuncs(Thread& t, Value) {
    while (callbacks(t) && list_size(callbacks(t))) {
        int64_t last = list_size(callbacks(t)) - 1;
        Ref entry = Ref::share(list_get(callbacks(t), last));
        TRY(list_set_slice(t, callbacks(t), last, last + 1, Value()));
        if (call_entry(t, entry)) continue;
        write_unraisable_in(t, "in atexit callback", tuple_get(entry, 0));
    }
    return none_ref();
}
Ref clear(Thread& t, Value) {
    if (callbacks(t)) TRY(list_set_slice(t, callbacks(t), 0, list_size(callbacks(t)), Value()));
    return none_ref();
}
Ref unregister(Thread& t, Value, Value function) {
    if (!callbacks(t)) return none_ref();
    for (int64_t i = list_size(callbacks(t)) - 1; i >= 0; i--) {
        if (i >= list_size(callbacks(t))) continue;  // comparing ran code that took some out
        Ref entry = Ref::share(list_get(callbacks(t), i));
        if (!TRY(equal(t, tuple_get(entry, 0), function))) continue;
        if (i < list_size(callbacks(t)) && list_get(callbacks(t), i) == entry)
            TRY(list_set_slice(t, callbacks(t), i, i + 1, Value()));
    }
    return none_ref();
}
Ref count(Thread& t, Value) { return int_from(t, callbacks(t) ? list_size(callbacks(t)) : 0); }

const NativeDef functions[] = {
    def<register_callback>("register", "(func, /, *args, **kwargs)",
                           "Register a function to be executed upon normal program termination."),
    def<clear>("_clear", "()", "Clear the list of previously registered exit functions."),
    def<unregister>("unregister", "(func, /)", "Unregister an exit function."),
    def<run_exitfuncs>("_run_exitfuncs", "()", "Run all registered exit functions."),
    def<count>("_ncallbacks", "()", "The number of registered exit functions."),
    {}};

}  // namespace

// For the end of the interpreter; the module may be gone from sys.modules by then.
void run_atexit_callbacks(Thread& t) {
    if (!run_exitfuncs(t, Value())) write_unraisable(t, "Exception ignored in atexit callback", Value());
}

extern const ModuleSpec module_atexit;
const ModuleSpec module_atexit{
    .name = "atexit", .doc = "Functions to run at exit.", .functions = functions, .exec = nullptr};

}  // namespace krait
