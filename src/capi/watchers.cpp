// Watchers of dicts, types, functions, code objects and contexts, and the tracer of objects: C code that is
// told of changes (object/watchers.h).
#include "object/watchers.h"

#include <new>

#include "capi/capi.h"
#include "gc/memory.h"

using namespace krait;

namespace {
// How messages name a kind of watchers, and the first id that is handed out: CPython keeps those before.
struct Kind {
    const char* name;
    int first;
    bool low;  // its messages about ids start with small letters
};
constexpr Kind kDicts{"dict", 2, false}, kTypes{"type", 1, false}, kCodes{"code", 0, false};
constexpr Kind kFunctions{"func", 0, true}, kContexts{"context", 0, false};

Watchers* watchers() {
    Interpreter& in = *here().interp;
    if (!in.watchers) in.watchers = new (std::nothrow) Watchers;
    return in.watchers;
}
template <class Fn>
int add(WatcherList<Fn> Watchers::* list, const Kind& kind, Fn fn) {
    Watchers* w = watchers();
    if (!w) return fail(raise_no_memory(here()));
    WatcherList<Fn>& l = w->*list;
    for (int id = kind.first; id < l.kMax; id++) {
        if (l.fn[id]) continue;
        l.fn[id] = fn;
        l.mask |= static_cast<uint8_t>(1 << id);
        return id;
    }
    return fail(raise(here(), PyExc_RuntimeError, "no more %s watcher IDs available", kind.name));
}
// False with ValueError.
template <class Fn>
bool is_id(WatcherList<Fn> Watchers::* list, const Kind& kind, int id) {
    Watchers* w = here().interp->watchers;
    if (id < 0 || id >= WatcherList<Fn>::kMax) {
        raise(here(), PyExc_ValueError, kind.low ? "invalid %s watcher ID %d" : "Invalid %s watcher ID %d",
              kind.name, id);
        return false;
    }
    if (w && (w->*list).fn[id]) return true;
    raise(here(), PyExc_ValueError, kind.low ? "no %s watcher set for ID %d" : "No %s watcher set for ID %d",
          kind.name, id);
    return false;
}
template <class Fn>
int clear(WatcherList<Fn> Watchers::* list, const Kind& kind, int id) {
    if (!is_id(list, kind, id)) return -1;
    WatcherList<Fn>& l = here().interp->watchers->*list;
    l.fn[id] = nullptr;
    l.mask &= static_cast<uint8_t>(~(1 << id));
    return 0;
}
}  // namespace

CAPI int PyDict_AddWatcher(int (*fn)(int, PyObject*, PyObject*, PyObject*)) {
    return add(&Watchers::dicts, kDicts, fn);
}
CAPI int PyDict_ClearWatcher(int id) { return clear(&Watchers::dicts, kDicts, id); }
CAPI int PyDict_Watch(int id, PyObject* o) {
    if (!is_dict(o)) return fail(raise(here(), PyExc_ValueError, "Cannot watch non-dictionary"));
    if (!is_id(&Watchers::dicts, kDicts, id)) return -1;
    reinterpret_cast<PyDictObject*>(o)->ma_version |= uint64_t{1} << id;
    return 0;
}
CAPI int PyDict_Unwatch(int id, PyObject* o) {
    if (!is_dict(o)) return fail(raise(here(), PyExc_ValueError, "Cannot watch non-dictionary"));
    if (!is_id(&Watchers::dicts, kDicts, id)) return -1;
    reinterpret_cast<PyDictObject*>(o)->ma_version &= ~(uint64_t{1} << id);
    return 0;
}

CAPI int PyType_AddWatcher(int (*fn)(PyTypeObject*)) { return add(&Watchers::types, kTypes, fn); }
CAPI int PyType_ClearWatcher(int id) { return clear(&Watchers::types, kTypes, id); }
CAPI int PyType_Watch(int id, PyObject* o) {
    if (!is_type(o)) return fail(raise(here(), PyExc_ValueError, "Cannot watch non-type"));
    if (!is_id(&Watchers::types, kTypes, id)) return -1;
    auto* type = reinterpret_cast<PyTypeObject*>(o);
    type_version(type);  // the next change is to be one
    type->tp_watched |= static_cast<uint8_t>(1 << id);
    return 0;
}
CAPI int PyType_Unwatch(int id, PyObject* o) {
    if (!is_type(o)) return fail(raise(here(), PyExc_ValueError, "Cannot watch non-type"));
    if (!is_id(&Watchers::types, kTypes, id)) return -1;
    reinterpret_cast<PyTypeObject*>(o)->tp_watched &= static_cast<uint8_t>(~(1 << id));
    return 0;
}

CAPI int PyCode_AddWatcher(int (*fn)(int, PyObject*)) { return add(&Watchers::codes, kCodes, fn); }
CAPI int PyCode_ClearWatcher(int id) { return clear(&Watchers::codes, kCodes, id); }
CAPI int PyFunction_AddWatcher(int (*fn)(int, PyObject*, PyObject*)) {
    return add(&Watchers::functions, kFunctions, fn);
}
CAPI int PyFunction_ClearWatcher(int id) { return clear(&Watchers::functions, kFunctions, id); }
CAPI int PyContext_AddWatcher(int (*fn)(int, PyObject*)) { return add(&Watchers::contexts, kContexts, fn); }
CAPI int PyContext_ClearWatcher(int id) { return clear(&Watchers::contexts, kContexts, id); }

CAPI int PyRefTracer_SetTracer(int (*tracer)(PyObject*, int, void*), void* data) {
    g_runtime.ref_tracer = tracer;
    g_runtime.ref_tracer_data = data;
    mem_set_slow(tracer);
    return 0;
}
CAPI void* PyRefTracer_GetTracer(void** data) {
    if (data) *data = g_runtime.ref_tracer_data;
    return reinterpret_cast<void*>(g_runtime.ref_tracer);
}
