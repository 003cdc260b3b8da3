// Tracebacks.
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/str.h"
#include "gc/gc.h"
#include "interp/frame_object.h"
#include "interp/internal.h"
#include "object/protocol.h"

namespace krait {
namespace {

PyTracebackObject* as_traceback(Value v) { return v.as<PyTracebackObject>(); }
bool is_traceback(Value v) { return has_type(v, &PyTraceBack_Type); }

void traceback_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    auto* tb = reinterpret_cast<PyTracebackObject*>(o);
    PyTracebackObject* next = tb->tb_next;
    PyFrameObject* frame = tb->tb_frame;
    free_object(t, o);
    decref(&frame->ob_base);
    // Long chains die in a loop.
    while (next && next->ob_base.ob_refcnt == 1 && has_preheader(&next->ob_base)) {
        PyTracebackObject* after = next->tb_next;
        next->tb_next = nullptr;
        decref(&next->ob_base);
        next = after;
    }
    if (next) decref(&next->ob_base);
}
void traceback_traverse(PyObject* o, Visitor& v) {
    auto* tb = reinterpret_cast<PyTracebackObject*>(o);
    if (tb->tb_next) v.visit(&tb->tb_next->ob_base);
    v.visit(&tb->tb_frame->ob_base);
}
void traceback_clear(Thread& t, PyObject* o) {
    auto* tb = reinterpret_cast<PyTracebackObject*>(o);
    PyTracebackObject* next = tb->tb_next;
    tb->tb_next = nullptr;
    if (next) decref(&next->ob_base);
}

Ref get_next(Thread& t, Value self, void*) {
    PyTracebackObject* next = as_traceback(self)->tb_next;
    return next ? Ref::share(Value(&next->ob_base)) : none_ref();
}
Status set_next(Thread& t, Value self, Value v, void*) {
    if (!v) return raise(t, PyExc_TypeError, "can't delete tb_next attribute");
    PyTracebackObject* next = nullptr;
    if (!is_none(v)) {
        if (!is_traceback(v)) return raise(t, PyExc_TypeError, "expected traceback object, got '%T'", v);
        next = as_traceback(v);
    }
    for (PyTracebackObject* p = next; p; p = p->tb_next)
        if (p == as_traceback(self)) return raise(t, PyExc_ValueError, "traceback loop detected");
    if (next) incref(&next->ob_base);
    PyTracebackObject* old = as_traceback(self)->tb_next;
    as_traceback(self)->tb_next = next;
    if (old) decref(&old->ob_base);
    return Status::ok();
}
Ref get_frame(Thread& t, Value self, void*) {
    TRY(audit_getattr(t, self, "tb_frame"));
    return Ref::share(Value(&as_traceback(self)->tb_frame->ob_base));
}
Ref get_lineno(Thread& t, Value self, void*) {
    int line = traceback_line(as_traceback(self));
    return line < 0 ? none_ref() : Ref::from_int(line);
}

Ref traceback_dir(Thread& t, Value self) {
    Ref list = TRY(list_new(t));
    for (const char* name : {"tb_frame", "tb_next", "tb_lasti", "tb_lineno"}) {
        Ref s = TRY(str_intern(t, name));
        TRY(list_append(t, list, s));
    }
    return list;
}

Ref traceback_tp_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    Value a[4];
    Ref keep;
    TRY(bind_args(t, "traceback", "(tb_next, tb_frame, tb_lasti, tb_lineno)", args, nargs, kwnames, a, keep));
    if (!has_type(a[1], &PyFrame_Type))
        return raise(t, PyExc_TypeError, "traceback() argument 'tb_frame' must be frame, not %s",
                     is_none(a[1]) ? "None" : type_of(a[1])->tp_name);
    int lasti = TRY(as_int32(t, a[2]));
    int lineno = TRY(as_int32(t, a[3]));
    Value next = a[0];
    if (is_none(next))
        next = Value();
    else if (!is_traceback(next))
        return raise(t, PyExc_TypeError, "expected traceback object or None, got '%T'", next);
    return traceback_new(t, next, as_frame_object(a[1]), lasti, lineno);
}

const NativeDef traceback_methods[] = {def<traceback_dir>("__dir__", "()", nullptr), {}};
const GetSetDef traceback_getset[] = {
    getset("tb_frame", get_frame, nullptr, nullptr),
    getset("tb_next", get_next, set_next, nullptr),
    getset("tb_lineno", get_lineno, nullptr, nullptr),
    {},
};
const MemberDef traceback_members[] = {
    member("tb_lasti", MemberKind::Int, offsetof(PyTracebackObject, tb_lasti), kReadonly, nullptr),
    {},
};

}  // namespace

int traceback_line(PyTracebackObject* tb) {
    if (tb->tb_lineno != -1) return tb->tb_lineno;
    Frame* f = tb->tb_frame->frame;
    return f && f->code ? code_line(f->co(), tb->tb_lasti) : -1;
}

Ref traceback_new(Thread& t, Value next, PyFrameObject* frame, int lasti, int lineno) {
    PyObject* o = alloc_raw(t, &PyTraceBack_Type, sizeof(PyTracebackObject));
    if (!o) return {};
    auto* tb = reinterpret_cast<PyTracebackObject*>(o);
    xincref(next);
    tb->tb_next = next ? as_traceback(next) : nullptr;
    incref(&frame->ob_base);
    tb->tb_frame = frame;
    tb->tb_lasti = lasti;
    tb->tb_lineno = lineno;
    gc_track(t, o);
    return Ref::steal(Value(o));
}

void add_traceback(Thread& t, Frame* f) {
    PyObject* exc = t.c.current_exception;
    // Making the entry must not disturb the exception it is for.
    t.c.current_exception = nullptr;
    PyFrameObject* frame = frame_object(t, f);
    Ref tb;
    auto* e = reinterpret_cast<PyBaseExceptionObject*>(exc);
    Value next = e->traceback;
    if (frame) tb = traceback_new(t, next && !is_none(next) ? next : Value(), frame, f->lasti(), -1);
    if (!tb) {
        clear_error(t);
        t.c.current_exception = exc;
        return;
    }
    e->traceback = tb.release();
    t.c.current_exception = exc;
    xdecref(next);
}

// An entry for native code that called back: a frame of its own, which only says where.
void add_native_traceback(Thread& t, const char* function, const char* filename, int line) {
    Ref exc = fetch_error(t);
    if (!exc) return;
    auto entry = [&]() -> Ref {
        Ref code = TRY(code_new_empty(t, filename, function, line));
        Ref globals = TRY(dict_new(t));
        Ref fn = TRY(function_new(t, code, globals));
        Frame* f = new_frame(t, fn.release(), Value(), nullptr);
        if (!f) return {};
        PyFrameObject* object = frame_object(t, f);
        Value next = exc.as<PyBaseExceptionObject>()->traceback;
        Ref tb;
        if (object) tb = traceback_new(t, next && !is_none(next) ? next : Value(), object, 2, line);
        clear_frame(t, f);
        pop_frame_memory(t, f);
        return tb;
    };
    if (Ref tb = entry()) {
        auto* e = exc.as<PyBaseExceptionObject>();
        Value old = e->traceback;
        e->traceback = tb.release();
        xdecref(old);
    }
    if (occurred(t)) clear_error(t);
    restore_error(t, std::move(exc));
}

// For an exception that no frame has been left with: the one that runs.
void add_current_traceback(Thread& t) {
    if (Frame* f = current_frame(t)) add_traceback(t, f);
}

Status init_interp_traceback(Thread& t) {
    static const TypeDecl decl = {
        .name = "traceback",
        .basicsize = sizeof(PyTracebackObject),
        .flags = kTpDefault | kTpHaveGC,
        .slots = {.dealloc = traceback_dealloc,
                  .traverse = traceback_traverse,
                  .clear = traceback_clear,
                  .new_ = traceback_tp_new},
        .spec = {.methods = traceback_methods,
                 .getset = traceback_getset,
                 .members = traceback_members,
                 .doc = "Makes a traceback entry.",
                 .text_signature = "(tb_next, tb_frame, tb_lasti, tb_lineno)"},
    };
    init_static_type(PyTraceBack_Type, decl);
    return ready_type(t, &PyTraceBack_Type);
}

}  // namespace krait

krait::Type PyTraceBack_Type;
