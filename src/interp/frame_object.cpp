// Frame objects.
#include "interp/frame_object.h"

#include <cstring>

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "interp/frame_locals.h"
#include "interp/generator.h"
#include "interp/internal.h"
#include "interp/monitoring.h"
#include "object/protocol.h"

namespace krait {
namespace {

PyObject* object_of(PyFrameObject* o) { return &o->ob_base; }

// A frame that has contents: false once it was cleared.
bool has_frame(const PyFrameObject* o) { return o->frame && o->frame->code; }

void drop_owned_frame(PyFrameObject* o) {
    if (!o->frame || o->frame->owner != kOwnedByFrameObject) return;
    Frame* f = o->frame;
    clear_frame_contents(f);
    for (Value* v : {&f->locals, &f->func}) {
        Value old = *v;
        *v = Value();
        xdecref(old);
    }
}

void frame_object_dealloc(Thread& t, PyObject* self) {
    auto* o = reinterpret_cast<PyFrameObject*>(self);
    gc_untrack(t, self);
    Value code;
    if (o->frame && o->frame->owner == kOwnedByFrameObject) {
        drop_owned_frame(o);
        code = o->frame->code;
    }
    for (Value* v : {&o->trace, &o->extra_locals, &o->locals_cache, &o->overwritten_locals}) {
        Value old = *v;
        *v = Value();
        xdecref(old);
    }
    if (o->back) decref(object_of(o->back));
    xdecref(code);
    free_object(t, self);
}

void frame_object_traverse(PyObject* self, Visitor& v) {
    auto* o = reinterpret_cast<PyFrameObject*>(self);
    if (o->back) v.visit(object_of(o->back));
    v.visit(o->trace);
    v.visit(o->extra_locals);
    v.visit(o->locals_cache);
    v.visit(o->overwritten_locals);
    if (o->frame && o->frame->owner == kOwnedByFrameObject) visit_frame(o->frame, v);
}

void frame_object_clear_refs(Thread& t, PyObject* self) {
    auto* o = reinterpret_cast<PyFrameObject*>(self);
    for (Value* v : {&o->trace, &o->extra_locals, &o->locals_cache, &o->overwritten_locals}) {
        Value old = *v;
        *v = Value();
        xdecref(old);
    }
    if (!o->frame || o->frame->owner != kOwnedByFrameObject) return;
    clear_frame_contents(o->frame);
    Value locals = o->frame->locals;
    o->frame->locals = Value();
    xdecref(locals);
}

int line_of(PyFrameObject* o) {
    if (o->lineno) return o->lineno;
    return frame_line(o->frame);
}

Ref frame_object_repr(Thread& t, Value self) {
    PyFrameObject* o = as_frame_object(self);
    PyCodeObject* co = o->frame->co();
    return str_format(t, "<frame at %p, file %R, line %d, code %U>", o, co->co_filename, line_of(o),
                      co->co_name);
}

// --- attributes ---
Ref get_back(Thread& t, Value self, void*) {
    bool failed = false;
    PyFrameObject* back = frame_object_back(t, as_frame_object(self), &failed);
    if (failed) return {};
    return back ? Ref::share(Value(object_of(back))) : none_ref();
}
Ref get_code(Thread& t, Value self, void*) {
    TRY(audit_getattr(t, self, "f_code"));
    return Ref::share(as_frame_object(self)->frame->code);
}
Ref get_builtins(Thread& t, Value self, void*) {
    Value v = as_frame_object(self)->frame->builtins;
    return v ? Ref::share(v) : none_ref();
}
Ref get_globals(Thread& t, Value self, void*) {
    Value v = as_frame_object(self)->frame->globals;
    return v ? Ref::share(v) : none_ref();
}
Ref get_lasti(Thread& t, Value self, void*) {
    int i = as_frame_object(self)->frame->lasti();
    return Ref::from_int(i < 0 ? -1 : i);
}
Ref get_lineno(Thread& t, Value self, void*) {
    int line = line_of(as_frame_object(self));
    return line < 0 ? none_ref() : Ref::from_int(line);
}
Status set_lineno(Thread& t, Value self, Value v, void*) {
    if (!v)
        return raise(t, PyExc_AttributeError, "attribute 'f_lineno' of 'frame' objects cannot be deleted");
    return frame_set_line(t, as_frame_object(self), v);
}
Ref get_locals(Thread& t, Value self, void*) {
    PyFrameObject* o = as_frame_object(self);
    return frame_locals(t, o->frame);
}
Ref get_trace(Thread& t, Value self, void*) {
    Value v = as_frame_object(self)->trace;
    return v ? Ref::share(v) : none_ref();
}
Status set_trace(Thread& t, Value self, Value v, void*) {
    PyFrameObject* o = as_frame_object(self);
    if (v && is_none(v)) v = Value();
    xincref(v);
    Value old = o->trace;
    o->trace = v;
    xdecref(old);
    return Status::ok();
}
Ref get_trace_opcodes(Thread& t, Value self, void*) { return bool_ref(as_frame_object(self)->trace_opcodes); }
Status set_trace_opcodes(Thread& t, Value self, Value v, void*) {
    if (!v)
        return raise(t, PyExc_AttributeError,
                     "attribute 'f_trace_opcodes' of 'frame' objects cannot be deleted");
    if (!is_bool(v)) return raise(t, PyExc_TypeError, "attribute value type must be bool");
    PyFrameObject* o = as_frame_object(self);
    o->trace_opcodes = v == boolean(true);
    return o->trace_opcodes ? set_opcode_trace(t, o, true) : Status::ok();
}
Ref get_generator(Thread& t, Value self, void*) {
    Frame* f = as_frame_object(self)->frame;
    if (f->owner != kOwnedByGenerator) return none_ref();
    return Ref::share(Value(&gen_of_frame(f)->ob_base));
}

Ref frame_clear(Thread& t, Value self) {
    PyFrameObject* o = as_frame_object(self);
    Frame* f = o->frame;
    if (f->owner == kOwnedByGenerator) {
        GenObject* g = gen_of_frame(f);
        if (g->gi_frame_state == kGenExecuting)
            return raise(t, PyExc_RuntimeError, "cannot clear an executing frame");
        if (g->gi_frame_state == kGenSuspended || g->gi_frame_state == kGenSuspendedYieldFrom)
            return raise(t, PyExc_RuntimeError, "cannot clear a suspended frame");
        Ref keep = Ref::share(Value(&g->ob_base));
        gen_finalize(t, &g->ob_base);
    } else if (f->owner == kOwnedByThread) {
        return raise(t, PyExc_RuntimeError, "cannot clear an executing frame");
    } else {
        frame_object_clear_refs(t, object_of(o));
    }
    return none_ref();
}

Ref frame_sizeof(Thread& t, Value self) {
    // As CPython counts: its frames begin with a word less.
    Frame* f = as_frame_object(self)->frame;
    int64_t words = f ? static_cast<int64_t>(frame_bytes(f->co())) - 8 : 0;
    return Ref::from_int(static_cast<int64_t>(offsetof(PyFrameObject, data)) + words);
}

const NativeDef frame_methods[] = {
    def<frame_clear>("clear", "()", "Drops everything that the frame refers to."),
    def<frame_sizeof>("__sizeof__", "()", "Size of the frame in memory, in bytes."),
    {},
};
const GetSetDef frame_getset[] = {
    getset("f_back", get_back, nullptr, nullptr),
    getset("f_locals", get_locals, nullptr, "The mapping in which the frame finds its local variables."),
    getset("f_lineno", get_lineno, set_lineno, "The line that the frame is at."),
    getset("f_trace", get_trace, set_trace, "The frame's trace function, or None."),
    getset("f_lasti", get_lasti, nullptr, "Offset of the instruction that was begun last."),
    getset("f_globals", get_globals, nullptr, "The dict of the global variables."),
    getset("f_builtins", get_builtins, nullptr, "The dict of the built-in names."),
    getset("f_code", get_code, nullptr, "The code object that the frame runs."),
    getset("f_trace_opcodes", get_trace_opcodes, set_trace_opcodes, "Whether each instruction is traced."),
    getset("f_generator", get_generator, nullptr,
           "The generator or coroutine that the frame is of, or None."),
    {},
};
const MemberDef frame_members[] = {
    member("f_trace_lines", MemberKind::Bool, offsetof(PyFrameObject, trace_lines), 0, nullptr),
    {},
};

}  // namespace

PyFrameObject* frame_object(Thread& t, Frame* f) {
    if (f->frame_obj) return f->frame_obj;
    SavedError saved(t);
    size_t size = offsetof(PyFrameObject, data) + frame_bytes(f->co());
    PyObject* made = alloc_raw(t, &PyFrame_Type, size);
    if (!made) return nullptr;
    memset(reinterpret_cast<char*>(made) + sizeof(PyObject), 0,
           offsetof(PyFrameObject, data) - sizeof(PyObject));
    auto* o = reinterpret_cast<PyFrameObject*>(made);
    o->trace_lines = 1;
    o->frame = f;
    f->frame_obj = o;
    return o;
}

Ref frame_object_ref(Thread& t, Frame* f) {
    PyFrameObject* o = frame_object(t, f);
    return o ? Ref::share(Value(object_of(o))) : Ref();
}

void take_over_frame(Thread& t, Frame* f) {
    PyFrameObject* o = f->frame_obj;
    auto* copy = reinterpret_cast<Frame*>(o->data);
    size_t live = static_cast<size_t>(reinterpret_cast<char*>(f->sp) - reinterpret_cast<char*>(f));
    memcpy(static_cast<void*>(copy), f, live);
    copy->sp = reinterpret_cast<Slot*>(reinterpret_cast<char*>(copy) + live);
    copy->frame_obj = o;  // not counted: it lies in the object
    copy->owner = kOwnedByFrameObject;
    copy->previous = nullptr;
    o->frame = copy;
    f->frame_obj = nullptr;
    // Globals and builtins stay valid as long as the function: it moved along.
    Frame* previous = visible_frame(f->previous);
    if (previous && !o->back) {
        SavedError saved(t);  // the exception that the frame is left with
        PyFrameObject* back = frame_object(t, previous);
        if (back) {
            incref(object_of(back));
            o->back = back;
        } else {
            clear_error(t);
        }
    }
    if (!is_tracked(object_of(o))) gc_track(t, object_of(o));
}

bool release_frame_object(Thread& t, Frame* f) {
    PyFrameObject* o = f->frame_obj;
    if (o->ob_base.ob_refcnt > 1) {
        take_over_frame(t, f);
        decref(object_of(o));
        return true;
    }
    f->frame_obj = nullptr;
    decref(object_of(o));
    return false;
}

PyFrameObject* frame_object_back(Thread& t, PyFrameObject* o, bool* failed) {
    *failed = false;
    if (o->back) return o->back;
    Frame* previous = o->frame ? visible_frame(o->frame->previous) : nullptr;
    if (!previous) return nullptr;
    PyFrameObject* back = frame_object(t, previous);
    *failed = !back;
    return back;
}

Frame* frame_of_object(PyFrameObject* o) { return has_frame(o) ? o->frame : nullptr; }

Status init_interp_frame(Thread& t) {
    static const TypeDecl decl = {
        .name = "frame",
        .basicsize = offsetof(PyFrameObject, data),
        .itemsize = 8,
        .flags = kTpDefault | kTpHaveGC | kTpDisallowInstantiation,
        .slots = {.dealloc = frame_object_dealloc,
                  .traverse = frame_object_traverse,
                  .clear = frame_object_clear_refs,
                  .repr = frame_object_repr},
        .spec = {.methods = frame_methods, .getset = frame_getset, .members = frame_members},
    };
    init_static_type(PyFrame_Type, decl);
    TRY(ready_type(t, &PyFrame_Type));
    return init_frame_locals_proxy(t);
}

}  // namespace krait

krait::Type PyFrame_Type;
