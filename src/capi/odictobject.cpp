// odictobject.h, picklebufobject.h.
#include "builtins/memoryview.h"
#include "capi/capi.h"
#include "modules/collections/collections.h"
#include "object/names.h"

using namespace krait;

namespace {
// The type is made by its module.
Ref odict_class(Thread& t) { return import_attr(t, "_collections", "OrderedDict"); }
}  // namespace

CAPI PyObject* PyODict_New() {
    Thread& t = here();
    Ref type = odict_class(t);
    return type ? out(call(t, type)) : nullptr;
}
CAPI int PyODict_SetItem(PyObject* o, PyObject* key, PyObject* v) {
    if (!o || !key || !v) return fail(bad_call("PyODict_SetItem"));
    return out(set_item(here(), o, key, v));
}
CAPI int PyODict_DelItem(PyObject* o, PyObject* key) {
    if (!o || !key) return fail(bad_call("PyODict_DelItem"));
    return out(set_item(here(), o, key, Value()));
}

CAPI PyObject* PyPickleBuffer_FromObject(PyObject* o) { return out(pickle_buffer_new(here(), o)); }
namespace {
bool need_pickle_buffer(Thread& t, PyObject* o) {
    if (is_pickle_buffer(o)) return true;
    raise(t, PyExc_TypeError, "expected PickleBuffer, %.200s found", o->ob_type->tp_name);
    return false;
}
}  // namespace
CAPI const Py_buffer* PyPickleBuffer_GetBuffer(PyObject* o) {
    Thread& t = here();
    if (!need_pickle_buffer(t, o)) return nullptr;
    auto view = pickle_buffer_view(t, o);
    return view ? view.value() : nullptr;
}
CAPI int PyPickleBuffer_Release(PyObject* o) {
    Thread& t = here();
    return need_pickle_buffer(t, o) && call_method(t, o, "release") ? 0 : -1;
}
