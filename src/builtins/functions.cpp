// Builtin functions and bound methods.
#include <cstring>

#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/alloc.h"
#include "object/boundary.h"
#include "object/errors.h"
#include "object/internal.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait {

Ref c_method_signature(Thread& t, const PyMethodDef& d);  // below, for descriptors.cpp too

namespace {

// --- builtin_function_or_method ---

PyCFunctionObject* as_cfunction(Value v) { return v.as<PyCFunctionObject>(); }

const NativeDef* native_of(Value v) {
    PyMethodDef* ml = as_cfunction(v)->m_ml;
    return ml->ml_flags & NativeDef::kNativeDefBit ? reinterpret_cast<const NativeDef*>(ml) : nullptr;
}

bool is_static(Value v) { return as_cfunction(v)->m_ml->ml_flags & 0x20; }

// What Python sees as __self__: static methods have none.
Value visible_self(Value v) { return is_static(v) ? Value() : as_cfunction(v)->m_self; }

Ref builtin_call(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    const NativeDef* d = native_of(self);
    if (!d) {
        auto* f = as_cfunction(self);
        bool with_class = has_type(self, &PyCMethod_Type);
        PyTypeObject* defining = with_class ? self.as<PyCMethodObject>()->mm_class : nullptr;
        return g_runtime.c_hooks->call_method(t, f->m_ml, self, is_static(self) ? Value() : f->m_self,
                                              defining, args, nargs, kwnames);
    }
    // The function may outlive its last reference only if the caller holds it: callers do.
    return call_native(t, *d, self, d->flags & kMethStatic ? Value() : as_cfunction(self)->m_self, args,
                       nargs, kwnames);
}

void builtin_dealloc(Thread& t, PyObject* o) {
    auto* f = as_cfunction(Value(o));
    Value self = f->m_self, module = f->m_module;
    if (o->ob_type == &PyCMethod_Type) xdecref(Value(Value(o).as<PyCMethodObject>()->mm_class));
    free_plain(t, o, o->ob_type, true);
    xdecref(self);
    xdecref(module);
}
void builtin_traverse(PyObject* o, Visitor& v) {
    v.visit(as_cfunction(Value(o))->m_self);
    v.visit(as_cfunction(Value(o))->m_module);
    if (o->ob_type == &PyCMethod_Type) v.visit(Value(Value(o).as<PyCMethodObject>()->mm_class));
}

Ref builtin_repr(Thread& t, Value v) {
    Value self = visible_self(v);
    const char* name = as_cfunction(v)->m_ml->ml_name;
    if (is_static(v)) self = as_cfunction(v)->m_self;  // "of type object", as for __new__
    if (!self || has_type(self, &PyModule_Type) ||
        (self.is_ptr() && is_subtype(self.heap_type(), &PyModule_Type)))
        return str_format(t, "<built-in function %s>", name);
    return str_format(t, "<built-in method %s of %s object at %p>", name, type_of(self)->tp_name,
                      reinterpret_cast<void*>(self.bits));
}

Result<int64_t> builtin_hash(Thread&, Value v) {
    auto* f = as_cfunction(v);
    int64_t h = hash_pointer(reinterpret_cast<void*>(f->m_self.bits)) ^ hash_pointer(f->m_ml);
    return h == -1 ? -2 : h;
}

Ref builtin_compare(Thread&, Value a, Value b, CompareOp op) {
    if ((op != kEq && op != kNe) || !is_instance_exact_or_sub(a, &PyCFunction_Type) ||
        !is_instance_exact_or_sub(b, &PyCFunction_Type))
        return not_implemented_ref();
    auto *fa = as_cfunction(a), *fb = as_cfunction(b);
    bool same = fa->m_ml == fb->m_ml &&
                (fa->m_self == fb->m_self || (fa->m_self && fb->m_self && is_same(fa->m_self, fb->m_self)));
    return bool_ref(same == (op == kEq));
}

Ref get_doc(Thread& t, Value v, void*) {
    const char* doc = as_cfunction(v)->m_ml->ml_doc;
    if (!native_of(v)) return c_doc_text(t, as_cfunction(v)->m_ml->ml_name, doc);
    return doc ? str_from(t, doc) : none_ref();
}
Ref get_name(Thread& t, Value v, void*) { return str_from(t, as_cfunction(v)->m_ml->ml_name); }
Ref get_self(Thread&, Value v, void*) {
    Value self = as_cfunction(v)->m_self;  // of a static method: the class, for its name's sake
    return self && !is_static(v) ? Ref::share(self) : none_ref();
}
Ref get_qualname(Thread& t, Value v, void*) {
    Value self = as_cfunction(v)->m_self;
    const char* name = as_cfunction(v)->m_ml->ml_name;
    if (!self || (self.is_ptr() && is_subtype(self.heap_type(), &PyModule_Type))) return str_from(t, name);
    Value type = is_type(self) ? self : Value(type_of(self));
    Ref q = TRY(get_attr(t, type, ID(__qualname__)));
    if (!is_str(q))
        return raise(t, PyExc_TypeError, "<method>.__class__.__qualname__ is not a unicode object");
    return str_format(t, "%U.%s", q.get(), name);
}
Ref get_signature(Thread& t, Value v, void*) {
    const NativeDef* d = native_of(v);
    const PyMethodDef* ml = as_cfunction(v)->m_ml;
    if (!d) return c_method_signature(t, *ml);
    Value self = as_cfunction(v)->m_self;
    if (is_static(v) || !self) return text_signature_of(t, *d, nullptr);
    if (self.is_ptr() && is_subtype(self.heap_type(), &PyModule_Type))
        return text_signature_of(t, *d, "module");
    if (!strcmp(d->c.ml_name, "__new__")) return str_from(t, "($type, *args, **kwargs)");
    return text_signature_of(t, *d, (d->flags & kMethClass) ? "type" : "self");
}
Ref get_module(Thread&, Value v, void*) {
    Value m = as_cfunction(v)->m_module;
    return m ? Ref::share(m) : none_ref();
}
Status set_module(Thread&, Value v, Value value, void*) {
    auto* f = as_cfunction(v);
    Value old = f->m_module;
    xincref(value);
    f->m_module = value;
    xdecref(old);
    return Status::ok();
}

Ref builtin_reduce(Thread& t, Value v) {
    Value self = as_cfunction(v)->m_self;
    Ref name = TRY(str_from(t, as_cfunction(v)->m_ml->ml_name));
    if (!self || (self.is_ptr() && is_subtype(self.heap_type(), &PyModule_Type))) return name;
    Value fn = dict_get_str(t.interp->builtins_dict, ID(getattr));
    if (!fn) return raise(t, PyExc_AttributeError, "getattr");
    Ref args = TRY(tuple_of(t, {self, name}));
    return tuple_of(t, {fn, args});
}

const NativeDef builtin_methods[] = {def<builtin_reduce>("__reduce__", "()", nullptr), {}};
const GetSetDef builtin_getset[] = {getset("__doc__", get_doc, nullptr, nullptr),
                                    getset("__name__", get_name, nullptr, nullptr),
                                    getset("__qualname__", get_qualname, nullptr, nullptr),
                                    getset("__self__", get_self, nullptr, nullptr),
                                    getset("__text_signature__", get_signature, nullptr, nullptr),
                                    getset("__module__", get_module, set_module, nullptr),
                                    {}};

// --- the `__new__` of builtin types ---

Ref tp_new_wrapper(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    PyTypeObject* type = as_type(self);
    if (nargs == 0) return raise(t, PyExc_TypeError, "%s.__new__(): not enough arguments", type->tp_name);
    if (!is_type(args[0]))
        return raise(t, PyExc_TypeError, "%s.__new__(X): X is not a type object (%s)", type->tp_name,
                     type_of(args[0])->tp_name);
    PyTypeObject* wanted = as_type(args[0]);
    if (!is_subtype(wanted, type))
        return raise(t, PyExc_TypeError, "%s.__new__(%s): %s is not a subtype of %s", type->tp_name,
                     wanted->tp_name, wanted->tp_name, type->tp_name);
    // The closest builtin ancestor must have this very constructor, or its fields would stay unset.
    PyTypeObject* builtin = wanted;
    while (builtin && ext(builtin)->slots.new_ == kPythonSlots.new_) builtin = builtin->tp_base;
    while (builtin && builtin != type && is_heap_type(builtin) && ext(builtin)->slots.dealloc == heap_dealloc)
        builtin = builtin->tp_base;
    if (builtin && !ext(builtin)->slots.new_)
        return raise(t, PyExc_TypeError, "cannot create '%s' instances", wanted->tp_name);
    if (builtin && ext(builtin)->slots.new_ != ext(type)->slots.new_)
        return raise(t, PyExc_TypeError, "%s.__new__(%s) is not safe, use %s.__new__()", type->tp_name,
                     wanted->tp_name, builtin->tp_name);
    return ext(type)->slots.new_(t, wanted, args + 1, nargs - 1, kwnames);
}
NativeDef new_def = def<tp_new_wrapper>(
    "__new__", "(*args, **kwargs)", "Create and return a new object.  The class says with which arguments.");

// --- bound methods ---

PyMethodObject* as_method(Value v) { return v.as<PyMethodObject>(); }

Ref method_call(Thread& t, Value v, const Value* args, size_t nargs, Value kwnames) {
    auto* m = as_method(v);
    size_t total = nargs + (kwnames ? tuple_size(kwnames) : 0);
    Value small[9];
    Value* all = small;
    if (total > 8) {
        all = static_cast<Value*>(mem_alloc((total + 1) * sizeof(Value)));
        if (!all) return raise_no_memory(t);
    }
    all[0] = m->im_self;
    for (size_t i = 0; i < total; i++) all[i + 1] = args[i];
    Ref r = call(t, m->im_func, all, nargs + 1, kwnames);
    if (all != small) mem_free(all);
    return r;
}

void method_dealloc(Thread& t, PyObject* o) {
    auto* m = as_method(Value(o));
    Value f = m->im_func, s = m->im_self;
    free_plain(t, o, &PyMethod_Type, true);
    xdecref(f);
    xdecref(s);
}
void method_traverse(PyObject* o, Visitor& v) {
    v.visit(as_method(Value(o))->im_func);
    v.visit(as_method(Value(o))->im_self);
}

Ref method_repr(Thread& t, Value v) {
    auto* m = as_method(v);
    Ref name = TRY(lookup_attr(t, m->im_func, ID(__qualname__)));
    if (!name || !is_str(name)) name = TRY(lookup_attr(t, m->im_func, ID(__name__)));
    if (!name || !is_str(name)) return str_format(t, "<bound method ? of %R>", m->im_self);
    return str_format(t, "<bound method %U of %R>", name.get(), m->im_self);
}

Result<int64_t> method_hash(Thread& t, Value v) {
    auto* m = as_method(v);
    int64_t y = TRY(hash(t, m->im_func));
    int64_t h = hash_pointer(reinterpret_cast<void*>(m->im_self.bits)) ^ y;
    return h == -1 ? -2 : h;
}

Ref method_compare(Thread& t, Value a, Value b, CompareOp op) {
    if ((op != kEq && op != kNe) || !has_type(a, &PyMethod_Type) || !has_type(b, &PyMethod_Type))
        return not_implemented_ref();
    bool same = TRY(equal(t, as_method(a)->im_func, as_method(b)->im_func));
    same = same && is_same(as_method(a)->im_self, as_method(b)->im_self);
    return bool_ref(same == (op == kEq));
}

// What the method does not have comes from its function.
Ref method_getattr(Thread& t, Value v, Value name) {
    if (is_str(name)) {
        if (Value d = type_lookup(type_of(v), name)) {
            Ref keep = Ref::share(d);
            if (DescrGetFn get = ext(type_of(d))->slots.descr_get) return get(t, keep, v, Value(type_of(v)));
            return keep;
        }
    }
    return get_attr(t, as_method(v)->im_func, name);
}

Ref method_descr_get(Thread&, Value v, Value, Value) { return Ref::share(v); }  // already bound

Ref method_make(Thread& t, PyTypeObject*, const Value* args, size_t nargs, Value kwnames) {
    Value a[2];
    Ref keep;
    TRY(bind_args(t, "method", "(function, instance, /)", args, nargs, kwnames, a, keep));
    if (!is_callable(a[0])) return raise(t, PyExc_TypeError, "first argument must be callable");
    if (is_none(a[1])) return raise(t, PyExc_TypeError, "instance must not be None");
    return method_new(t, a[0], a[1]);
}

Ref method_reduce(Thread& t, Value v) {
    auto* m = as_method(v);
    Ref name = TRY(get_attr(t, m->im_func, ID(__name__)));
    Value fn = dict_get_str(t.interp->builtins_dict, ID(getattr));
    if (!fn) return raise(t, PyExc_AttributeError, "getattr");
    Ref args = TRY(tuple_of(t, {m->im_self, name}));
    return tuple_of(t, {fn, args});
}

Ref method_doc(Thread& t, Value v, void*) {
    Ref doc = TRY(lookup_attr(t, as_method(v)->im_func, ID(__doc__)));
    return doc ? std::move(doc) : none_ref();
}

const NativeDef method_methods[] = {def<method_reduce>("__reduce__", "()", nullptr), {}};
const MemberDef method_members[] = {member("__func__", MemberKind::Object, offsetof(PyMethodObject, im_func),
                                           kReadonly, "The function that is bound."),
                                    member("__self__", MemberKind::Object, offsetof(PyMethodObject, im_self),
                                           kReadonly, "The instance it is bound to."),
                                    {}};
const GetSetDef method_getset[] = {getset("__doc__", method_doc, nullptr, nullptr), {}};

// --- instancemethod: what C code uses to put builtin functions into classes ---

struct InstanceMethod {
    PyObject ob_base;
    Value func;
};
InstanceMethod* as_im(Value v) { return v.as<InstanceMethod>(); }
void im_dealloc(Thread& t, PyObject* o) {
    Value f = as_im(Value(o))->func;
    free_object(t, o);
    xdecref(f);
}
void im_traverse(PyObject* o, Visitor& v) { v.visit(as_im(Value(o))->func); }
Ref im_getattr(Thread& t, Value v, Value name) {
    if (is_str(name)) {
        if (Value d = type_lookup(type_of(v), name)) {
            Ref keep = Ref::share(d);
            if (DescrGetFn get = ext(type_of(d))->slots.descr_get) return get(t, keep, v, Value(type_of(v)));
            return keep;
        }
    }
    return get_attr(t, as_im(v)->func, name);
}
Ref im_call(Thread& t, Value v, const Value* args, size_t nargs, Value kwnames) {
    return call(t, as_im(v)->func, args, nargs, kwnames);
}
Ref im_get(Thread& t, Value v, Value obj, Value) {
    return obj ? method_new(t, as_im(v)->func, obj) : Ref::share(as_im(v)->func);
}
Ref im_repr(Thread& t, Value v) {
    Ref name = TRY(lookup_attr(t, as_im(v)->func, ID(__name__)));
    if (!name || !is_str(name)) return str_format(t, "<instancemethod ? at %p>", v.ptr());
    return str_format(t, "<instancemethod %U at %p>", name.get(), v.ptr());
}
Ref im_new(Thread& t, PyTypeObject*, const Value* args, size_t nargs, Value kwnames) {
    Value a[1];
    Ref keep;
    TRY(bind_args(t, "instancemethod", "(func, /)", args, nargs, kwnames, a, keep));
    if (!is_callable(a[0])) return raise(t, PyExc_TypeError, "first argument must be callable");
    Ref r = TRY(alloc(t, &PyInstanceMethod_Type));
    as_im(r)->func = Ref::share(a[0]).release();
    return r;
}
const MemberDef im_members[] = {
    member("__func__", MemberKind::Object, offsetof(InstanceMethod, func), kReadonly, nullptr), {}};

}  // namespace

// The signature part of a docstring: from the parenthesis to the marker after it; null when there is none.
static const char* find_signature(const char* name, const char* doc, const char** end) {
    if (!doc) return nullptr;
    if (const char* dot = strrchr(name, '.')) name = dot + 1;
    size_t n = strlen(name);
    if (strncmp(doc, name, n) != 0 || doc[n] != '(') return nullptr;
    const char* start = doc + n;
    const char* marker = strstr(start, ")\n--\n\n");
    const char* paragraph = strstr(start, "\n\n");
    if (!marker || (paragraph && paragraph < marker)) return nullptr;
    *end = marker;
    return start;
}
Ref c_doc_text(Thread& t, const char* name, const char* doc) {
    const char* end;
    if (find_signature(name, doc, &end)) doc = end + 6;
    return doc && *doc ? str_from(t, doc) : none_ref();
}
Ref c_doc_signature(Thread& t, const char* name, const char* doc) {
    const char* end;
    const char* start = find_signature(name, doc, &end);
    return start ? str_from(t, start, end + 1 - start) : none_ref();
}

Ref c_method_signature(Thread& t, const PyMethodDef& d) {
    Ref written = TRY(c_doc_signature(t, d.ml_name, d.ml_doc));
    if (!is_none(written)) return written;
    // Where nobody wrote a signature the number of arguments still gives one.
    const char* self = d.ml_flags & 0x20 ? nullptr : d.ml_flags & 0x10 ? "type" : "self";
    if (d.ml_flags & 4) return self ? str_format(t, "($%s, /)", self) : str_from(t, "()");
    if (d.ml_flags & 8) return self ? str_format(t, "($%s, object, /)", self) : str_from(t, "(object, /)");
    return written;
}

namespace {
void fill_function(PyCFunctionObject* f, const PyMethodDef* d, Value self, Value module_name) {
    f->m_ml = const_cast<PyMethodDef*>(d);
    f->m_self = Ref::share(self).release();
    f->m_module = Ref::share(module_name).release();
    f->m_weakreflist = nullptr;
    f->vectorcall = nullptr;
}
// METH_METHOD: the function knows the class that defines it.
[[gnu::noinline]] Ref c_method_new(Thread& t, const PyMethodDef* d, Value self, Value module_name,
                                   PyTypeObject* defining) {
    PyObject* o = alloc_plain(t, &PyCMethod_Type, sizeof(PyCMethodObject));
    if (!o) return {};
    fill_function(as_cfunction(Value(o)), d, self, module_name);
    incref(&defining->ob_base.ob_base);
    Value(o).as<PyCMethodObject>()->mm_class = defining;
    gc_track_new(t, o);
    return Ref::steal(Value(o));
}
}  // namespace

Ref builtin_function_new(Thread& t, const PyMethodDef* d, Value self, Value module_name,
                         PyTypeObject* defining) {
    if ((d->ml_flags & 0x200) && defining) [[unlikely]]
        return c_method_new(t, d, self, module_name, defining);
    PyObject* o = alloc_plain(t, &PyCFunction_Type, sizeof(PyCFunctionObject));
    if (!o) return {};
    fill_function(as_cfunction(Value(o)), d, self, module_name);
    gc_track_new(t, o);
    return Ref::steal(Value(o));
}

Ref builtin_function_new(Thread& t, const NativeDef& d, Value self, Value module_name) {
    return builtin_function_new(t, &d.c, self, module_name);
}

Ref new_wrapper_function(Thread& t, PyTypeObject* type) {
    return builtin_function_new(t, new_def, Value(type), {});
}
bool is_new_wrapper(Value v) { return has_type(v, &PyCFunction_Type) && as_cfunction(v)->m_ml == &new_def.c; }

Ref method_new(Thread& t, Value func, Value self) {
    PyObject* o = alloc_plain(t, &PyMethod_Type, sizeof(PyMethodObject));
    if (!o) return {};
    auto* m = reinterpret_cast<PyMethodObject*>(o);
    incref(func);
    incref(self);
    m->im_func = func;
    m->im_self = self;
    m->im_weakreflist = nullptr;
    m->vectorcall = nullptr;
    gc_track_new(t, o);
    return Ref::steal(Value(o));
}

Status init_builtin_functions(Thread& t) {
    static const TypeDecl builtin{
        .name = "builtin_function_or_method",
        .basicsize = sizeof(PyCFunctionObject),
        .flags = kTpDefault | kTpHaveVectorcall | kTpHaveGC | kTpDisallowInstantiation,
        .slots = {.dealloc = builtin_dealloc,
                  .traverse = builtin_traverse,
                  .repr = builtin_repr,
                  .hash = builtin_hash,
                  .richcompare = builtin_compare,
                  .call = builtin_call},
        .spec = {.methods = builtin_methods, .getset = builtin_getset},
        .weaklistoffset = offsetof(PyCFunctionObject, m_weakreflist),
    };
    static const TypeDecl c_method{
        .name = "builtin_method",
        .basicsize = sizeof(PyCMethodObject),
        .flags = kTpDefault | kTpHaveVectorcall | kTpHaveGC | kTpDisallowInstantiation,
        .base = &PyCFunction_Type};
    static const TypeDecl method{
        .name = "method",
        .basicsize = sizeof(PyMethodObject),
        .flags = kTpDefault | kTpHaveVectorcall | kTpHaveGC,
        .slots = {.dealloc = method_dealloc,
                  .traverse = method_traverse,
                  .repr = method_repr,
                  .hash = method_hash,
                  .richcompare = method_compare,
                  .call = method_call,
                  .getattr = method_getattr,
                  .descr_get = method_descr_get,
                  .new_ = method_make},
        .spec = {.methods = method_methods,
                 .getset = method_getset,
                 .members = method_members,
                 .doc = "A function together with the instance that becomes its first argument.",
                 .text_signature = "(function, instance, /)"},
        .weaklistoffset = offsetof(PyMethodObject, im_weakreflist),
    };
    static const TypeDecl instance_method{
        .name = "instancemethod",
        .basicsize = sizeof(InstanceMethod),
        .flags = kTpDefault | kTpHaveGC,
        .slots = {.dealloc = im_dealloc,
                  .traverse = im_traverse,
                  .repr = im_repr,
                  .call = im_call,
                  .getattr = im_getattr,
                  .descr_get = im_get,
                  .new_ = im_new},
        .spec = {.members = im_members, .doc = "Binds any callable to instances."}};
    init_static_type(PyCFunction_Type, builtin);
    init_static_type(PyCMethod_Type, c_method);
    init_static_type(PyMethod_Type, method);
    init_static_type(PyInstanceMethod_Type, instance_method);
    for (Type* type : {&PyCFunction_Type, &PyCMethod_Type, &PyMethod_Type, &PyInstanceMethod_Type})
        TRY(ready_type(t, type));
    return Status::ok();
}

}  // namespace krait

krait::Type PyCFunction_Type, PyCMethod_Type, PyMethod_Type, PyInstanceMethod_Type;
