// Cells, capsules, and the singletons None, NotImplemented and Ellipsis.
#include "builtins/callable.h"
#include "builtins/dict_table.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/alloc.h"
#include "object/errors.h"
#include "object/internal.h"
#include "object/protocol.h"

namespace krait {

namespace {

// --- cell ---

PyCellObject* as_cell(Value v) { return v.as<PyCellObject>(); }

void cell_traverse(PyObject* o, Visitor& v) { v.visit(as_cell(Value(o))->ob_ref); }
void cell_clear(Thread&, PyObject* o) {
    Value v = as_cell(Value(o))->ob_ref;
    as_cell(Value(o))->ob_ref = Value();
    xdecref(v);
}
void cell_dealloc(Thread& t, PyObject* o) {
    Value v = as_cell(Value(o))->ob_ref;
    free_plain(t, o, &PyCell_Type, true);
    xdecref(v);
}
Ref cell_repr(Thread& t, Value self) {
    Value v = as_cell(self)->ob_ref;
    if (!v) return str_format(t, "<cell at %p: empty>", self.ptr());
    return str_format(t, "<cell at %p: %.80s object at %p>", self.ptr(), type_of(v)->tp_name,
                      reinterpret_cast<void*>(v.bits));
}
Ref cell_compare(Thread& t, Value a, Value b, CompareOp op) {
    if (!has_type(a, &PyCell_Type) || !has_type(b, &PyCell_Type)) return not_implemented_ref();
    Ref x = Ref::share(as_cell(a)->ob_ref), y = Ref::share(as_cell(b)->ob_ref);
    if (x && y) return compare(t, x, y, op);
    // An empty cell comes before any other.
    return compare(t, Value::from_int(!y), Value::from_int(!x), op);
}
Ref cell_make(Thread& t, PyTypeObject*, const Value* args, size_t nargs, Value kwnames) {
    Value a[1];
    Ref keep;
    TRY(bind_args(t, "cell", "(contents=None, /)", args, nargs, kwnames, a, keep));
    return cell_new(t, a[0]);
}
Ref get_contents(Thread& t, Value self, void*) {
    Value v = as_cell(self)->ob_ref;
    return v ? Ref::share(v) : Ref(raise(t, PyExc_ValueError, "Cell is empty"));
}
Status set_contents(Thread&, Value self, Value value, void*) {
    Value old = as_cell(self)->ob_ref;
    xincref(value);
    as_cell(self)->ob_ref = value;
    xdecref(old);
    return Status::ok();
}
const GetSetDef cell_getset[] = {getset("cell_contents", get_contents, set_contents, nullptr), {}};

// --- capsule ---

void capsule_traverse(PyObject* o, Visitor& v) {
    auto* c = Value(o).as<Capsule>();
    if (!c->traverse) return;
    auto visit = [](PyObject* member, void* visitor) {
        static_cast<Visitor*>(visitor)->visit(member);
        return 0;
    };
    c->traverse(o, visit, &v);
}
void capsule_clear(Thread&, PyObject* o) {
    auto* c = Value(o).as<Capsule>();
    if (c->clear) c->clear(o);
}
void capsule_dealloc(Thread& t, PyObject* o) {
    auto* c = Value(o).as<Capsule>();
    if (c->destructor) c->destructor(o);
    free_object(t, o);
}
Ref capsule_repr(Thread& t, Value self) {
    auto* c = self.as<Capsule>();
    if (c->name) return str_format(t, "<capsule object \"%s\" at %p>", c->name, self.ptr());
    return str_format(t, "<capsule object NULL at %p>", self.ptr());
}

// --- singletons ---

Ref none_repr(Thread& t, Value) { return str_from(t, "None"); }
Ref not_implemented_repr(Thread& t, Value) { return str_from(t, "NotImplemented"); }
Ref ellipsis_repr(Thread& t, Value) { return str_from(t, "Ellipsis"); }
Result<bool> none_bool(Thread&, Value) { return false; }
Result<bool> not_implemented_bool(Thread& t, Value) {
    return raise(t, PyExc_TypeError, "NotImplemented should not be used in a boolean context");
}
Result<int64_t> none_hash(Thread&, Value) { return kNoneHash; }
Ref not_implemented_reduce(Thread& t, Value) { return str_from(t, "NotImplemented"); }
Ref ellipsis_reduce(Thread& t, Value) { return str_from(t, "Ellipsis"); }

Ref singleton_new(Thread& t, PyTypeObject* type, PyObject* object, size_t nargs, Value kwnames) {
    if (nargs || (kwnames && tuple_size(kwnames)))
        return raise(t, PyExc_TypeError, "%s takes no arguments", type->tp_name);
    return Ref::share(Value(object));
}
Ref none_new(Thread& t, PyTypeObject* type, const Value*, size_t nargs, Value kw) {
    return singleton_new(t, type, &_Py_NoneStruct, nargs, kw);
}
Ref not_implemented_new(Thread& t, PyTypeObject* type, const Value*, size_t nargs, Value kw) {
    return singleton_new(t, type, &_Py_NotImplementedStruct, nargs, kw);
}
Ref ellipsis_new(Thread& t, PyTypeObject* type, const Value*, size_t nargs, Value kw) {
    if (nargs || (kw && tuple_size(kw))) return raise(t, PyExc_TypeError, "EllipsisType takes no arguments");
    return Ref::share(Value(&_Py_EllipsisObject));
}
const NativeDef not_implemented_methods[] = {def<not_implemented_reduce>("__reduce__", "()", nullptr), {}};
const NativeDef ellipsis_methods[] = {def<ellipsis_reduce>("__reduce__", "()", nullptr), {}};

}  // namespace

Ref cell_new(Thread& t, Value content) {
    PyObject* o = alloc_plain(t, &PyCell_Type, sizeof(PyCellObject));
    if (!o) return {};
    xincref(content);
    reinterpret_cast<PyCellObject*>(o)->ob_ref = content;
    gc_track_new(t, o);
    return Ref::steal(Value(o));
}

Ref capsule_new(Thread& t, void* pointer, const char* name) {
    if (!pointer) return raise(t, PyExc_ValueError, "PyCapsule_New called with null pointer");
    PyObject* o = alloc_raw(t, &PyCapsule_Type, sizeof(Capsule));
    if (!o) return {};
    // Without objects of its own it need not be tracked.
    *reinterpret_cast<Capsule*>(o) = {.ob_base = *o, .pointer = pointer, .name = name};
    return Ref::steal(Value(o));
}
void capsule_set_traverse(Thread& t, Capsule* c, int (*traverse)(PyObject*, int (*)(PyObject*, void*), void*),
                          int (*clear)(PyObject*)) {
    c->traverse = traverse;
    c->clear = clear;
    if (!is_tracked(&c->ob_base)) gc_track(t, &c->ob_base);
}

Status init_builtin_cell(Thread& t) {
    static const TypeDecl cell{
        .name = "cell",
        .basicsize = sizeof(PyCellObject),
        .flags = kTpDefault | kTpHaveGC,
        .slots = {.dealloc = cell_dealloc,
                  .traverse = cell_traverse,
                  .clear = cell_clear,
                  .repr = cell_repr,
                  .hash = hash_not_implemented,
                  .richcompare = cell_compare,
                  .new_ = cell_make},
        .spec = {.getset = cell_getset,
                 .doc = "Holds a variable that an inner function shares with an outer one.\n"
                        "Without contents the cell is empty.",
                 .text_signature = "([contents])"}};
    static const TypeDecl capsule{.name = "PyCapsule",
                                  .basicsize = sizeof(Capsule),
                                  .flags = kTpDefault | kTpHaveGC | kTpDisallowInstantiation,
                                  .slots = {.dealloc = capsule_dealloc,
                                            .traverse = capsule_traverse,
                                            .clear = capsule_clear,
                                            .repr = capsule_repr},
                                  .spec = {.doc = "A pointer that one extension module hands to another."}};
    static const TypeDecl none_type{
        .name = "NoneType",
        .basicsize = sizeof(PyObject),
        .slots = {.repr = none_repr, .hash = none_hash, .new_ = none_new, .nb_bool = none_bool},
        .spec = {.doc = "The type of the None singleton.", .text_signature = "()"}};
    static const TypeDecl not_implemented_type{
        .name = "NotImplementedType",
        .basicsize = sizeof(PyObject),
        .slots = {.repr = not_implemented_repr, .new_ = not_implemented_new, .nb_bool = not_implemented_bool},
        .spec = {.methods = not_implemented_methods,
                 .doc = "The type of the NotImplemented singleton.",
                 .text_signature = "()"}};
    static const TypeDecl ellipsis_type{.name = "ellipsis",
                                        .basicsize = sizeof(PyObject),
                                        .slots = {.repr = ellipsis_repr, .new_ = ellipsis_new},
                                        .spec = {.methods = ellipsis_methods,
                                                 .doc = "The type of the Ellipsis singleton.",
                                                 .text_signature = "()"}};
    init_static_type(PyCell_Type, cell);
    init_static_type(PyCapsule_Type, capsule);
    init_static_type(_PyNone_Type, none_type);
    _PyNone_Type.x.slots.richcompare = PyBaseObject_Type.x.slots.richcompare;  // shown as its own
    init_static_type(_PyNotImplemented_Type, not_implemented_type);
    init_static_type(PyEllipsis_Type, ellipsis_type);
    for (Type* type :
         {&PyCell_Type, &PyCapsule_Type, &_PyNone_Type, &_PyNotImplemented_Type, &PyEllipsis_Type})
        TRY(ready_type(t, type));
    return Status::ok();
}

}  // namespace krait

krait::Type PyCell_Type, PyCapsule_Type, _PyNone_Type, _PyNotImplemented_Type, PyEllipsis_Type;
PyObject _Py_NoneStruct = {krait::kImmortalRefcnt, krait::kStaticUpper, &_PyNone_Type};
PyObject _Py_NotImplementedStruct = {krait::kImmortalRefcnt, krait::kStaticUpper, &_PyNotImplemented_Type};
PyObject _Py_EllipsisObject = {krait::kImmortalRefcnt, krait::kStaticUpper, &PyEllipsis_Type};
