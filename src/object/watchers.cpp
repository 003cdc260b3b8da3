#include "object/watchers.h"

#include <string>

#include "builtins/str.h"
#include "gc/gc.h"
#include "object/boundary.h"
#include "object/errors.h"
#include "object/protocol.h"

namespace krait {

namespace {

// Calls those of `list` whose bits are set.
template <class Fn, class Call, class Report>
void tell(Thread& t, const WatcherList<Fn>& list, unsigned bits, Call call, Report report) {
    RecursionGuard guard(t, " while telling a watcher");  // of one that makes changes of its own
    if (!guard) return clear_error(t);
    SavedError saved(t);
    for (int id = 0; bits; id++, bits >>= 1)
        if ((bits & 1) && list.fn[id] && call(list.fn[id]) < 0) report(id);
}

// The text names the object: the hook for such errors is not to keep it alive.
void report(Thread& t, Ref text) {
    if (!text) return clear_error(t);
    write_unraisable(t, std::string(str_utf8_or(text, "watcher callback")).c_str(), Value());
}

}  // namespace

void track_again(Thread& t, PyObject* o) {
    if ((o->ob_type->tp_flags & kTpHaveGC) && !is_tracked(o)) gc_track(t, o);
}

void tell_dict_watchers(Thread& t, PyDictObject* d, DictEvent event, Value key, Value value) {
    static constexpr const char* kNames[] = {"ADDED",  "MODIFIED", "DELETED",
                                             "CLONED", "CLEARED",  "DEALLOCATED"};
    Watchers* w = t.interp->watchers;
    if (!w) return;
    auto ignore = [&](int) {
        Ref exc = fetch_error(t);
        Ref text = str_format(t, "Exception ignored in PyDict_EVENT_%s watcher callback for <dict at %p>",
                              kNames[static_cast<int>(event)], static_cast<void*>(d));
        restore_error(t, std::move(exc));
        report(t, std::move(text));
    };
    SavedError saved(t);
    Ref keep_key = Ref::share(key), keep_value = Ref::share(value);
    CArg c_key(key), c_value(value);
    if (!c_key.ok() || !c_value.ok()) return ignore(0);
    tell(
        t, w->dicts, static_cast<uint8_t>(d->ma_version),
        [&](auto* fn) { return fn(static_cast<int>(event), &d->ob_base, c_key, c_value); }, ignore);
}

void tell_type_watchers(PyTypeObject* type) {
    Thread& t = current_thread();
    Watchers* w = t.interp->watchers;
    if (!w) return;
    tell(
        t, w->types, type->tp_watched, [&](auto* fn) { return fn(type); },
        [&](int id) {
            Ref exc = fetch_error(t);
            Ref text =
                str_format(t, "Exception ignored in type watcher callback #%d for %R", id, Value(type));
            restore_error(t, std::move(exc));
            report(t, std::move(text));
        });
}

void tell_function_watchers(Thread& t, Value function, FunctionEvent event, Value value) {
    static constexpr const char* kNames[] = {"CREATE", "DESTROY", "MODIFY_CODE", "MODIFY_DEFAULTS",
                                             "MODIFY_KWDEFAULTS"};
    auto ignore = [&](int) {
        Ref exc = fetch_error(t);
        Ref text =
            str_format(t, "Exception ignored in PyFunction_EVENT_%s watcher callback for function %U at %p",
                       kNames[static_cast<int>(event)], function.as<PyFunctionObject>()->func_qualname,
                       static_cast<void*>(function.ptr()));
        restore_error(t, std::move(exc));
        report(t, std::move(text));
    };
    SavedError saved(t);
    CArg c_value(value);
    if (!c_value.ok()) return ignore(0);
    auto& list = t.interp->watchers->functions;
    tell(
        t, list, list.mask, [&](auto* fn) { return fn(static_cast<int>(event), function.ptr(), c_value); },
        ignore);
}

void tell_code_watchers(Thread& t, Value code, CodeEvent event) {
    auto& list = t.interp->watchers->codes;
    tell(
        t, list, list.mask, [&](auto* fn) { return fn(static_cast<int>(event), code.ptr()); },
        [&](int) {
            Ref exc = fetch_error(t);
            Ref text = str_format(t, "Exception ignored in PY_CODE_EVENT_%s watcher callback for %R",
                                  event == CodeEvent::Create ? "CREATE" : "DESTROY", code);
            restore_error(t, std::move(exc));
            report(t, std::move(text));
        });
}

void tell_context_watchers(Thread& t, Value context) {
    constexpr int kSwitched = 1;
    auto& list = t.interp->watchers->contexts;
    tell(
        t, list, list.mask, [&](auto* fn) { return fn(kSwitched, context.ptr()); },
        [&](int) {
            Ref exc = fetch_error(t);
            Ref text =
                str_format(t, "Exception ignored in Py_CONTEXT_SWITCHED watcher callback for %R", context);
            restore_error(t, std::move(exc));
            report(t, std::move(text));
        });
}

}  // namespace krait
