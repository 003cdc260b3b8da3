// Coroutines: their type, `await`, where they came from, and the warning when nobody awaited them.
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "interp/internal.h"
#include "object/names.h"
#include "object/protocol.h"
#include "object/warnings.h"

namespace krait {
namespace {

struct WrapperObject {
    PyObject ob_base;
    Value coro;  // owned
};

Ref coro_await(Thread& t, Value self) {
    PyObject* o = alloc_raw(t, &_PyCoroWrapper_Type, sizeof(WrapperObject));
    if (!o) return {};
    incref(self);
    reinterpret_cast<WrapperObject*>(o)->coro = self;
    gc_track(t, o);
    return Ref::steal(Value(o));
}

void wrapper_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    decref(reinterpret_cast<WrapperObject*>(o)->coro);
    free_object(t, o);
}
void wrapper_traverse(PyObject* o, Visitor& v) { v.visit(reinterpret_cast<WrapperObject*>(o)->coro); }
Value coro_of(Value wrapper) { return wrapper.as<WrapperObject>()->coro; }
Ref wrapper_send(Thread& t, Value self, Value arg) { return gen_send_method(t, coro_of(self), arg); }
Ref wrapper_next(Thread& t, Value self) { return gen_send_method(t, coro_of(self), none()); }
Ref wrapper_throw(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    return gen_throw_method(t, coro_of(self), args, nargs, kwnames);
}
Ref wrapper_close(Thread& t, Value self) { return gen_close_method(t, coro_of(self)); }
Ref self_iter(Thread& t, Value self) { return Ref::share(self); }

const char kSendDoc[] = "Sends a value into coroutine code; the next value that comes out, or StopIteration.";
const char kThrowDoc[] =
    "throw(value)\nthrow(type[,value[,traceback]])\n\nRaises an exception in coroutine code, where it waits; "
    "the "
    "next "
    "value that comes out\nor StopIteration. The form with three arguments is deprecated.";
const char kCloseDoc[] = "Raises GeneratorExit inside coroutine code, where it waits.";

const NativeDef coro_methods[] = {
    def<gen_send_method>("send", "(object, /)", kSendDoc),
    def<gen_throw_method>("throw", nullptr, kThrowDoc, kMethNoSignature),
    def<gen_close_method>("close", "()", kCloseDoc),
    def<gen_sizeof>("__sizeof__", "()", "Size in memory, in bytes."),
    def<class_getitem>("__class_getitem__", "(object, /)",
                       "Coroutines are generic over the types they yield, take and return.", kMethClass),
    {},
};
const GetSetDef coro_getset[] = {
    getset("__name__", gen_get_name, gen_set_name, "name of the coroutine"),
    getset("__qualname__", gen_get_qualname, gen_set_qualname, "qualified name of the coroutine"),
    getset("cr_await", gen_get_yieldfrom, nullptr, "object that is awaited, or None"),
    getset("cr_running", gen_get_running, nullptr, nullptr),
    getset("cr_frame", gen_get_frame, nullptr, nullptr),
    getset("cr_code", gen_get_code, nullptr, nullptr),
    getset("cr_suspended", gen_get_suspended, nullptr, nullptr),
    {},
};
const MemberDef coro_members[] = {
    member("cr_origin", MemberKind::Object, offsetof(GenObject, gi_origin_or_finalizer), kReadonly, nullptr),
    {},
};
const NativeDef wrapper_methods[] = {
    def<wrapper_send>("send", "(object, /)", kSendDoc),
    def<wrapper_throw>("throw", nullptr, kThrowDoc, kMethNoSignature),
    def<wrapper_close>("close", "()", kCloseDoc),
    {},
};

bool is_iterable_coroutine(Value v) {
    return is_generator(v) && (as_gen(v)->gi_iframe.co()->co_flags & kCodeIterableCoroutine);
}

}  // namespace

Ref coro_await_iter(Thread& t, Value v) {
    if (is_coroutine(v) || is_iterable_coroutine(v)) return Ref::share(v);
    UnaryFn await = ext(type_of(v))->slots.am_await;
    if (!await) return raise(t, PyExc_TypeError, "'%T' object can't be awaited", v);
    Ref it = TRY(await(t, v));
    if (is_coroutine(it) || is_iterable_coroutine(it))
        return raise(t, PyExc_TypeError, "__await__() returned a coroutine");
    if (!is_iterator(it))
        return raise(t, PyExc_TypeError, "__await__() returned non-iterator of type '%T'", it.get());
    return it;
}

Ref coroutine_origin(Thread& t, Frame* f) {
    int depth = t.c.coroutine_origin_tracking_depth;
    int n = 0;
    for (Frame* p = visible_frame(f); p && n < depth; p = visible_frame(p->previous)) n++;
    Ref origin = TRY(tuple_new(t, n));
    Frame* p = visible_frame(f);
    for (int i = 0; i < n; i++, p = visible_frame(p->previous)) {
        int line = frame_line(p);
        tuple_items(origin)[i] =
            TRY(tuple_of(t, {p->co()->co_filename, Value::from_int(line < 0 ? 0 : line), p->co()->co_name}))
                .release();
    }
    return origin;
}

void warn_unawaited_coroutine(Thread& t, Value coro) {
    auto hook = [&]() -> Maybe {
        Value modules = t.interp->modules;
        Ref warnings = TRY(modules ? lookup_modules(t, "warnings") : Maybe::absent());
        return warnings ? lookup_attr(t, warnings, "_warn_unawaited_coroutine") : Maybe::absent();
    };
    bool warned = false;
    if (Maybe fn = hook(); fn && fn.has_value()) {
        Ref callable = fn.take();
        warned = call(t, callable, {coro}) || error_is(t, PyExc_RuntimeWarning);
    }
    if (t.has_exception()) write_unraisable_in(t, "while finalizing coroutine", coro);
    // The module is broken, or gone: say it without.
    if (!warned && !warn_about(t, coro, PyExc_RuntimeWarning, 1, "coroutine '%S' was never awaited",
                               as_gen(coro)->gi_qualname))
        write_unraisable_in(t, "while finalizing coroutine", coro);
}

Maybe lookup_modules(Thread& t, const char* name) {
    Ref key = TRY(str_intern(t, name));
    Value modules = t.interp->modules;
    if (!modules) return Maybe::absent();
    if (is_dict_exact(modules)) {
        Value v = dict_get_str(modules, key);
        return v ? Maybe::found(Ref::share(v)) : Maybe::absent();
    }
    Ref v = get_item(t, modules, key);
    if (v) return Maybe::found(std::move(v));
    if (clear_if(t, PyExc_KeyError)) return Maybe::absent();
    return {};
}

Status init_interp_coroutines(Thread& t) {
    static const TypeDecl decl = {
        .name = "coroutine",
        .basicsize = offsetof(GenObject, gi_iframe) + offsetof(Frame, localsplus),
        .itemsize = 8,
        .flags = kTpDefault | kTpHaveGC | kTpDisallowInstantiation,
        .slots = {.dealloc = gen_dealloc,
                  .traverse = gen_traverse,
                  .clear = gen_clear_refs,
                  .finalize = gen_finalize,
                  .repr = gen_repr,
                  .am_await = coro_await,
                  .am_send = gen_send},
        .spec = {.methods = coro_methods, .getset = coro_getset, .members = coro_members},
        .weaklistoffset = offsetof(GenObject, gi_weakreflist),
    };
    init_static_type(PyCoro_Type, decl);
    PyCoro_Type.x.finalizer_is_idle = gen_is_over;
    TRY(ready_type(t, &PyCoro_Type));
    static const TypeDecl wrapper_decl = {
        .name = "coroutine_wrapper",
        .basicsize = sizeof(WrapperObject),
        .flags = kTpDefault | kTpHaveGC | kTpDisallowInstantiation,
        .slots = {.dealloc = wrapper_dealloc,
                  .traverse = wrapper_traverse,
                  .iter = self_iter,
                  .iternext = wrapper_next},
        .spec = {.methods = wrapper_methods, .doc = "What a coroutine's __await__() gives."},
    };
    init_static_type(_PyCoroWrapper_Type, wrapper_decl);
    return ready_type(t, &_PyCoroWrapper_Type);
}

}  // namespace krait

krait::Type PyCoro_Type, _PyCoroWrapper_Type;
