// What anext(aiterator, default) returns: an awaitable whose StopAsyncIteration becomes the default.
#include "builtins/iterators.h"
#include "gc/gc.h"
#include "interp/generator.h"
#include "modules/builtins.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait {
namespace {

Type anext_awaitable_type;

struct AnextAwaitable {
    PyObject ob_base;
    Value wrapped, fallback;
};

void dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    auto* a = reinterpret_cast<AnextAwaitable*>(o);
    decref(a->wrapped);
    decref(a->fallback);
    free_object(t, o);
}
void traverse(PyObject* o, Visitor& v) {
    auto* a = reinterpret_cast<AnextAwaitable*>(o);
    v.visit(a->wrapped);
    v.visit(a->fallback);
}

// StopAsyncIteration of the wrapped awaitable ends this one with the default as its value.
Ref translate(Thread& t, Value self, Ref result) {
    if (result || !clear_if(t, PyExc_StopAsyncIteration)) return result;
    return raise_stop_iteration(t, self.as<AnextAwaitable>()->fallback);
}
Ref inner(Thread& t, Value self) {
    Ref it = TRY(coro_await_iter(t, self.as<AnextAwaitable>()->wrapped));
    if (ext(type_of(it))->slots.iternext) return it;
    // Only coroutines are no iterators themselves.
    it = TRY(ext(type_of(it))->slots.am_await(t, it));
    if (!ext(type_of(it))->slots.iternext)
        return raise(t, PyExc_TypeError, "__await__ must return an iterable");
    return it;
}
Ref next(Thread& t, Value self) {
    Ref it = TRY(inner(t, self));
    Ref r = ext(type_of(it))->slots.iternext(t, it);
    if (!r && !occurred(t)) return {};
    return translate(t, self, std::move(r));
}
Ref forward(Thread& t, Value self, const char* method, const Value* args, size_t n) {
    Ref it = TRY(inner(t, self));
    Ref fn = TRY(get_attr(t, it, method));
    return translate(t, self, call(t, fn, args, n));
}
Ref method_send(Thread& t, Value self, Value v) { return forward(t, self, "send", &v, 1); }
Ref method_throw(Thread& t, Value self, const Value* args, size_t n) {
    return forward(t, self, "throw", args, n);
}
Ref method_close(Thread& t, Value self) { return forward(t, self, "close", nullptr, 0); }

const NativeDef methods[] = {
    def<method_send>("send", "(value, /)", "Resume with a value."),
    def<method_throw>("throw", "(typ, val=None, tb=None, /)", "Raise an exception inside."),
    def<method_close>("close", "()", "End it."),
    {},
};

}  // namespace

Ref anext_awaitable_new(Thread& t, Value awaitable, Value fallback) {
    if (!anext_awaitable_type.tp_cache) {
        static const TypeDecl decl = {
            .name = "anext_awaitable",
            .basicsize = sizeof(AnextAwaitable),
            .flags = kTpDefault | kTpHaveGC | kTpDisallowInstantiation,
            .slots = {.dealloc = dealloc,
                      .traverse = traverse,
                      .iter = iter_self,
                      .iternext = next,
                      .am_await = iter_self},
            .spec = {.methods = methods},
        };
        init_static_type(anext_awaitable_type, decl);
        TRY(ready_type(t, &anext_awaitable_type));
    }
    PyObject* o = alloc_raw(t, &anext_awaitable_type, sizeof(AnextAwaitable));
    if (!o) return {};
    auto* a = reinterpret_cast<AnextAwaitable*>(o);
    a->wrapped = Ref::share(awaitable).release();
    a->fallback = Ref::share(fallback).release();
    gc_track(t, o);
    return Ref::steal(Value(o));
}

}  // namespace krait
