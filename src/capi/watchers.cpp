// Watchers of types, functions, code objects and contexts, and the tracer of objects: C code that wants to be
// told of every change. Krait tells nobody, so none is ever registered, as if all places were taken.
#include "capi/capi.h"

using namespace krait;

namespace {
int none_left(const char* kind) {
    return fail(raise(here(), PyExc_RuntimeError, "no more %s watcher IDs available", kind));
}
int no_such(const char* kind, int id) {
    if (id < 0 || id >= 8) return fail(raise(here(), PyExc_ValueError, "Invalid %s watcher ID %d", kind, id));
    return fail(raise(here(), PyExc_ValueError, "No %s watcher set for ID %d", kind, id));
}
}  // namespace

CAPI int PyType_AddWatcher(int (*)(PyTypeObject*)) { return none_left("type"); }
CAPI int PyType_ClearWatcher(int id) { return no_such("type", id); }
CAPI int PyType_Watch(int id, PyObject* type) {
    if (!is_type(type)) return fail(raise(here(), PyExc_ValueError, "Cannot watch non-type"));
    return no_such("type", id);
}
CAPI int PyType_Unwatch(int id, PyObject* type) {
    if (!is_type(type)) return fail(raise(here(), PyExc_ValueError, "Cannot watch non-type"));
    return no_such("type", id);
}
CAPI int PyCode_AddWatcher(int (*)(int, PyObject*)) { return none_left("code"); }
CAPI int PyCode_ClearWatcher(int id) { return no_such("code", id); }
CAPI int PyFunction_AddWatcher(int (*)(int, PyObject*, PyObject*)) { return none_left("func"); }
CAPI int PyFunction_ClearWatcher(int id) { return no_such("func", id); }
CAPI int PyContext_AddWatcher(int (*)(int, PyObject*)) { return none_left("context"); }
CAPI int PyContext_ClearWatcher(int id) { return no_such("context", id); }

CAPI int PyRefTracer_SetTracer(int (*tracer)(PyObject*, int, void*), void*) {
    if (!tracer) return 0;
    return fail(raise(here(), PyExc_RuntimeError, "the making of objects cannot be traced"));
}
CAPI void* PyRefTracer_GetTracer(void** data) {
    if (data) *data = nullptr;
    return nullptr;
}
