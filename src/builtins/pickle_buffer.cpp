// pickle.PickleBuffer: holds the buffer of another object, so that a pickler can leave it out of its stream.
#include <cstring>

#include "builtins/callable.h"
#include "builtins/memoryview.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/protocol.h"

namespace krait {

Status init_builtin_pickle_buffer(Thread& t);

namespace {

struct PickleBufferObject {
    PyObject ob_base;
    Py_buffer view;  // without an owner once released
    PyObject* weaklist;
};
PickleBufferObject* as_buffer(Value v) { return v.as<PickleBufferObject>(); }

// The owner is taken out first: releasing may run code that comes back here.
void release_view(Thread& t, PickleBufferObject* b) {
    Py_buffer view = b->view;
    b->view.obj = nullptr;
    if (view.obj) release_buffer(t, &view);
}

Ref new_(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    if (size_t all = nargs + (kwnames ? tuple_size(kwnames) : 0); all > 1)
        return raise(t, PyExc_TypeError, "PickleBuffer() takes at most 1 argument (%zu given)", all);
    if (nargs != 1)
        return raise(t, PyExc_TypeError, "PickleBuffer() takes exactly 1 positional argument (0 given)");
    Ref self = TRY(alloc(t, type));
    Status held = get_buffer(t, args[0], &as_buffer(self)->view, kBufFullRo);
    if (!held) {
        as_buffer(self)->view.obj = nullptr;
        return {};
    }
    return self;
}
void dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    weakrefs_clear(t, o);
    release_view(t, reinterpret_cast<PickleBufferObject*>(o));
    free_object(t, o);
}
void traverse(PyObject* o, Visitor& v) { v.visit(reinterpret_cast<PickleBufferObject*>(o)->view.obj); }
void clear(Thread& t, PyObject* o) { release_view(t, reinterpret_cast<PickleBufferObject*>(o)); }

// Every export is one of the object below: it keeps count, and this one may be released meanwhile.
Status get_buffer_slot(Thread& t, Value self, Py_buffer* out, int flags) {
    const Py_buffer* view = TRY(pickle_buffer_view(t, self));
    return get_buffer(t, Value(view->obj), out, flags);
}

Ref raw(Thread& t, Value self) {
    const Py_buffer* view = TRY(pickle_buffer_view(t, self));
    if (!buffer_is_contiguous(*view))
        return raise(t, PyExc_BufferError, "cannot extract raw buffer from non-contiguous buffer");
    return memoryview_raw(t, self);
}
Ref release(Thread& t, Value self) {
    release_view(t, as_buffer(self));
    return none_ref();
}

const NativeDef methods[] = {
    def<raw>(
        "raw", "()",
        "The memory as a one-dimensional view of unsigned bytes. BufferError when it is not contiguous."),
    def<release>("release", "()", "Give the buffer back; nothing but this may be done with the object then."),
    {},
};

}  // namespace

Ref pickle_buffer_new(Thread& t, Value obj) { return call(t, Value(&PyPickleBuffer_Type), {obj}); }

Result<const Py_buffer*> pickle_buffer_view(Thread& t, Value self) {
    const Py_buffer* view = &as_buffer(self)->view;
    if (!view->obj) return raise(t, PyExc_ValueError, "operation forbidden on released PickleBuffer object");
    return view;
}

Status init_builtin_pickle_buffer(Thread& t) {
    static const TypeDecl decl = {
        .name = "pickle.PickleBuffer",
        .basicsize = sizeof(PickleBufferObject),
        .flags = kTpDefault | kTpHaveGC,
        .slots = {.dealloc = dealloc,
                  .traverse = traverse,
                  .clear = clear,
                  .new_ = new_,
                  .getbuffer = get_buffer_slot,
                  // Never asked: a buffer handed out belongs to the object below. It is what gives the type
                  // the method __release_buffer__.
                  .releasebuffer = [](Thread&, Value, Py_buffer*) {}},
        .spec = {.methods = methods, .doc = "Wrapper for a buffer that may travel outside of a pickle."},
        .weaklistoffset = offsetof(PickleBufferObject, weaklist)};
    init_static_type(PyPickleBuffer_Type, decl);
    return ready_type(t, &PyPickleBuffer_Type);
}

}  // namespace krait

krait::Type PyPickleBuffer_Type;
