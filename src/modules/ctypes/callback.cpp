// Python functions as C functions.
#include <dlfcn.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "modules/ctypes/ctypes.h"
#include "runtime/init.h"

namespace krait::ctypes {

Type thunk_type;

namespace {

struct Thunk {
    PyObject ob_base;
    Value callable, types, restype;  // owned
    int flags;
    ffi_closure* closure;
    void* code;
    ffi_cif cif;
    ffi_type** ffi_types;
};

void thunk_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    auto* k = reinterpret_cast<Thunk*>(o);
    if (k->closure) ffi_closure_free(k->closure);
    mem_free(k->ffi_types);
    xdecref(k->callable);
    xdecref(k->types);
    xdecref(k->restype);
    free_object(t, o);
}
void thunk_traverse(PyObject* o, Visitor& v) {
    auto* k = reinterpret_cast<Thunk*>(o);
    v.visit(k->callable);
    v.visit(k->types);
    v.visit(k->restype);
}
void thunk_clear(Thread&, PyObject* o) {
    auto* k = reinterpret_cast<Thunk*>(o);
    for (Value* v : {&k->callable, &k->types, &k->restype}) {
        Value old = *v;
        *v = Value();
        xdecref(old);
    }
}

// One argument that C gave.
Ref argument(Thread& t, Value type, void* p) {
    Info* info = info_of_class(type);
    if (!info) return raise(t, PyExc_SystemError, "cannot build parameter");
    if (info->get && !is_simple_subclass(type)) return info->get(t, static_cast<char*>(p), info->size, 0);
    // Arrays arrive as pointers to their first item.
    auto* data = info->kind == Kind::Array ? *static_cast<char**>(p) : static_cast<char*>(p);
    if (!data) return raise(t, PyExc_ValueError, "NULL pointer access");
    return data_from_base(t, type.as<PyTypeObject>(), Value(), 0, data);
}
Status store_result(Thread& t, Thunk* k, Value callable, Value v, void* result) {
    Info* info = k->restype ? info_of_class(k->restype) : nullptr;
    if (!info) return Status::ok();
    if (!info->set) return raise(t, PyExc_TypeError, "invalid result type for callback function");
    Ref keep = TRY(info->set(t, static_cast<char*>(result), v, info->size, 0));
    if (info->code->code == 'O')
        (void)keep.release();  // the caller's reference
    else if (!is_none(keep) && !warn(t, reinterpret_cast<PyTypeObject*>(PyExc_RuntimeWarning), 1,
                                     "memory leak in callback function."))
        write_unraisable(t, nullptr, callable);
    return Status::ok();
}
void invoke(Thread& t, Thunk* k, void* result, void** args) {
    // What is called may let go of the function itself.
    Ref alive = Ref::share(Value(&k->ob_base)), callable = Ref::share(k->callable);
    if (!callable) return;
    int64_t n = tuple_size(k->types);
    Ref values = tuple_new(t, n);
    bool ok = static_cast<bool>(values);
    for (int64_t i = 0; ok && i < n; i++) {
        Ref v = argument(t, tuple_get(k->types, i), args[i]);
        ok = static_cast<bool>(v);
        if (ok) tuple_items(values)[i] = v.release();
    }
    if (!ok) {
        write_unraisable_in(t, "on creating argument of ctypes callback function", callable);
        return;
    }
    if (k->flags & kUseErrno) std::swap(errno, own_errno());
    Ref r = call_with(t, callable, values, Value());
    if (k->flags & kUseErrno) std::swap(errno, own_errno());
    if (!r) {
        write_unraisable_in(t, "while calling ctypes callback function", callable);
        return;
    }
    if (!store_result(t, k, callable, r, result))
        write_unraisable_in(t, "while converting result of ctypes callback function", callable);
}
// Called by C, with or without the lock, on any thread.
void entry(ffi_cif* cif, void* result, void** args, void* user) {
    // The C API's functions for this are in the program; this library is below them.
    using Ensure = int (*)();
    using Release = void (*)(int);
    static const auto ensure = reinterpret_cast<Ensure>(dlsym(RTLD_DEFAULT, "PyGILState_Ensure"));
    static const auto release = reinterpret_cast<Release>(dlsym(RTLD_DEFAULT, "PyGILState_Release"));
    if (!ensure || !release) return;
    size_t size = cif->rtype->size > sizeof(ffi_arg) ? cif->rtype->size : sizeof(ffi_arg);
    if (cif->rtype->type != FFI_TYPE_VOID) memset(result, 0, size);
    auto go = [&](Thread& t) {
        Ref pending = fetch_error(t);  // of a function of Python's API that calls back
        invoke(t, static_cast<Thunk*>(user), result, args);
        if (pending) restore_error(t, std::move(pending));
    };
    if (t_current) {
        go(*t_current);
    } else if (Thread* t = std::exchange(calling_thread(), nullptr)) {
        gil_take(*t);
        go(*t);
        gil_release(*t);
        calling_thread() = t;
    } else {
        int state = ensure();
        go(current_thread());
        release(state);
    }
}

}  // namespace

Ref thunk_new(Thread& t, Value callable, Value types, Value restype, int flags) {
    int64_t n = tuple_size(types);
    Ref self = TRY(alloc(t, &thunk_type));
    auto* k = self.as<Thunk>();
    k->callable = Ref::share(callable).release();
    k->types = Ref::share(types).release();
    k->restype = Ref::share(restype).release();
    k->flags = flags;
    ffi_type* result_type = &ffi_type_void;
    if (restype && !is_none(restype)) {
        Info* info = info_of_class(restype);
        if (!info || !info->set)
            return raise(t, PyExc_TypeError, "invalid result type for callback function");
        result_type = ffi_of(info);
    }
    k->ffi_types = static_cast<ffi_type**>(mem_alloc(static_cast<size_t>(n + 1) * sizeof(ffi_type*)));
    if (!k->ffi_types) return raise_no_memory(t);
    for (int64_t i = 0; i < n; i++) {
        Info* info = info_of_class(tuple_get(types, i));
        k->ffi_types[i] = info ? ffi_of(info) : &ffi_type_sint;
    }
    k->closure = static_cast<ffi_closure*>(ffi_closure_alloc(sizeof(ffi_closure), &k->code));
    if (!k->closure) return raise_no_memory(t);
    int status = ffi_prep_cif(&k->cif, FFI_DEFAULT_ABI, static_cast<unsigned>(n), result_type, k->ffi_types);
    if (status != FFI_OK) return raise(t, PyExc_RuntimeError, "ffi_prep_cif failed with %d", status);
    status = ffi_prep_closure_loc(k->closure, &k->cif, entry, k, k->code);
    if (status != FFI_OK) return raise(t, PyExc_RuntimeError, "ffi_prep_closure failed with %d", status);
    return self;
}
void* thunk_address(Value thunk) { return thunk.as<Thunk>()->code; }

Status add_thunk(Thread& t) {
    static const TypeDecl thunk{
        .name = "_ctypes.CThunkObject",
        .basicsize = sizeof(Thunk),
        .flags = kTpDefault | kTpHaveGC | kTpImmutableType | kTpDisallowInstantiation,
        .slots = {.dealloc = thunk_dealloc, .traverse = thunk_traverse, .clear = thunk_clear},
        .spec = {.doc = "CThunkObject"}};
    return add_static_type(t, Value(), thunk_type, thunk);
}

}  // namespace krait::ctypes
