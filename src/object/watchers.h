// C code that is told of changes (PyDict_AddWatcher and its like). Where nobody watches nothing is paid but a
// look: dicts and types carry bits that say who watches them, and functions, code objects and contexts ask
// Interpreter::watchers, which is null until somebody has registered.
#pragma once

#include "object/thread.h"

namespace krait {

// CPython's numbers.
enum class DictEvent { Added, Modified, Deleted, Cloned, Cleared, Deallocated };
enum class FunctionEvent { Create, Destroy, ModifyCode, ModifyDefaults, ModifyKwdefaults };
enum class CodeEvent { Create, Destroy };

// Up to eight functions of one kind, by the ids that were given to C.
template <class Fn>
struct WatcherList {
    static constexpr int kMax = 8;
    Fn fn[kMax] = {};
    uint8_t mask = 0;  // which are there
};
struct Watchers {
    WatcherList<int (*)(int, PyObject*, PyObject*, PyObject*)> dicts;
    WatcherList<int (*)(PyTypeObject*)> types;
    WatcherList<int (*)(int, PyObject*, PyObject*)> functions;
    WatcherList<int (*)(int, PyObject*)> codes, contexts;
};

// Before the change. They may run any code; exceptions of theirs are reported, the pending one is kept.
void tell_dict_watchers(Thread& t, PyDictObject* d, DictEvent event, Value key, Value value);
void tell_type_watchers(PyTypeObject* type);
void tell_function_watchers(Thread& t, Value function, FunctionEvent event, Value value);
void tell_code_watchers(Thread& t, Value code, CodeEvent event);
void tell_context_watchers(Thread& t, Value context_or_none);

inline bool watches_functions(Thread& t) { return t.interp->watchers && t.interp->watchers->functions.mask; }
inline bool watches_codes(Thread& t) { return t.interp->watchers && t.interp->watchers->codes.mask; }
inline bool watches_contexts(Thread& t) { return t.interp->watchers && t.interp->watchers->contexts.mask; }
// The low byte says who; PyDict_Watch sets its bits.
inline bool is_watched(const PyDictObject* d) { return d->ma_version != 0; }

void track_again(Thread& t, PyObject* o);
// Tells of an object that has no references any more. True: it has got some.
template <class Tell>
bool survives_telling(Thread& t, PyObject* o, Tell tell) {
    o->ob_refcnt = 1;
    KRAIT_COUNT_REFS(1);
    tell();
    KRAIT_COUNT_REFS(-1);
    if (--o->ob_refcnt == 0) return false;
    track_again(t, o);
    return true;
}

}  // namespace krait
