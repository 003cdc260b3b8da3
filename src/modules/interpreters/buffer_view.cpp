// memoryview objects: both interpreters see the same memory. The view is given back where it was taken.
#include "modules/interpreters/buffer_view.h"

#include <new>

#include "builtins/callable.h"
#include "builtins/memoryview.h"
#include "gc/gc.h"
#include "modules/interpreters/cross.h"
#include "object/protocol.h"
#include "runtime/interpreters.h"

namespace krait::xi {
namespace {

// The memory, as long as somebody sees it.
struct SharedView {
    Py_buffer view{};
    int64_t interp = 0;
    int references = 1;
};

// If the interpreter has ended meanwhile, what was exported belongs to nobody and goes here.
void let_go(Thread& t, SharedView* s) {
    if (--s->references > 0) return;
    InterpreterRecord* home = interpreter_find(s->interp);
    SavedError saved(t);
    if (home && home != t.interp) {
        InInterpreter in(t, *home);
        if (in) release_buffer(in.thread(), &s->view);
    } else {
        release_buffer(t, &s->view);
    }
    delete s;
}

struct ViewObject {
    PyObject ob_base;
    SharedView* shared;
};
PER_INTERPRETER_REFS PyTypeObject* g_view_type;

void view_dealloc(Thread& t, PyObject* o) {
    SharedView* s = reinterpret_cast<ViewObject*>(o)->shared;
    free_object(t, o);
    if (s) let_go(t, s);
}
Status view_get_buffer(Thread& t, Value self, Py_buffer* out, int flags) {
    SharedView* s = self.as<ViewObject>()->shared;
    if (!s) return raise(t, PyExc_BufferError, "no memory");
    if ((flags & kBufWritable) && s->view.readonly)
        return raise(t, PyExc_BufferError, "Object is not writable.");
    *out = s->view;
    out->obj = Ref::share(self).release().ptr();
    out->internal = nullptr;
    return Status::ok();
}

Ref make_view(Thread& t, const Data& d) {
    TRY_DISCARD(import_module(t, "_interpreters"));
    if (!g_view_type) return raise(t, PyExc_RuntimeError, "_interpreters module not imported yet");
    Ref o = TRY(alloc(t, g_view_type));
    auto* s = static_cast<SharedView*>(d.pointer);
    s->references++;
    o.as<ViewObject>()->shared = s;
    return memoryview_new(t, o);
}
void release_view(Thread& t, Data& d) { let_go(t, static_cast<SharedView*>(d.pointer)); }

}  // namespace

Data* get_memory(Thread& t, Value v) {
    Data* d = data_new(t, make_view);
    auto* s = d ? new (std::nothrow) SharedView : nullptr;
    if (!s) {
        free_data(t, d);
        return nullptr;
    }
    s->interp = t.interp->id;
    if (!get_buffer(t, v, &s->view, kBufFullRo)) {
        delete s;
        free_data(t, d);
        return nullptr;
    }
    d->pointer = s;
    d->release = release_view;
    return d;
}

Status add_buffer_view(Thread& t, Value module) {
    static const TypeDecl decl{
        .name = "_interpreters.CrossInterpreterBufferView",
        .basicsize = sizeof(ViewObject),
        .flags = kTpDefault | kTpBaseType | kTpDisallowInstantiation | kTpImmutableType,
        .slots = {.dealloc = view_dealloc, .getbuffer = view_get_buffer},
    };
    if (!g_view_type)
        g_view_type = TRY(new_native_heap_type(t, module, decl, {})).release().as<PyTypeObject>();
    return module_add(t, module, "CrossInterpreterBufferView", Ref::share(Value(g_view_type)));
}

}  // namespace krait::xi
