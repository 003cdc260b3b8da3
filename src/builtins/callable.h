// Builtin functions, bound methods, descriptors, property, cells, modules, weak references, mapping proxies,
// namespaces, capsules.
#pragma once
#include "object/thread.h"
namespace krait {
// d lives for ever. `defining`: the class, for methods of C that ask for it.
Ref builtin_function_new(Thread& t, const PyMethodDef* d, Value self, Value module_name,
                         PyTypeObject* defining = nullptr);
Ref builtin_function_new(Thread& t, const NativeDef& d, Value self, Value module_name);
Ref method_new(Thread& t, Value func, Value self);  // bound method
Ref cell_new(Thread& t, Value content_or_empty);
Ref staticmethod_new(Thread& t, Value callable);
Ref classmethod_new(Thread& t, Value callable);
Ref property_new(Thread& t, Value fget, Value fset, Value fdel, Value doc);
Value property_getter(Value property);  // fget, borrowed; empty when None
Ref dict_proxy_new(Thread& t, Value mapping);
Ref namespace_new(Thread& t, Value dict_or_empty);  // types.SimpleNamespace
Ref method_descr_new(Thread& t, PyTypeObject* type,
                     const NativeDef& d);  // method, classmethod or staticmethod per flags
Ref getset_descr_new(Thread& t, PyTypeObject* type, const GetSetDef& d);
Ref method_descr_new(Thread& t, PyTypeObject* type, const PyMethodDef* d);  // of C: kept by pointer
Ref getset_descr_new(Thread& t, PyTypeObject* type, const PyGetSetDef* d);
// Docstrings of C start with "name(signature)\n--\n\n" where there is a signature.
Ref c_doc_text(Thread& t, const char* name, const char* doc);       // what follows; None without a docstring
Ref c_doc_signature(Thread& t, const char* name, const char* doc);  // "(signature)", or None
Ref member_descr_new(Thread& t, PyTypeObject* type, const PyMemberDef& d);
struct Capsule {
    PyObject ob_base;
    void* pointer;
    const char* name;
    void* context;
    void (*destructor)(PyObject*);
    // What the collector asks once capsule_set_traverse() was called; as C code has them.
    int (*traverse)(PyObject*, int (*visit)(PyObject*, void*), void*);
    int (*clear)(PyObject*);
};
Ref capsule_new(Thread& t, void* pointer, const char* name);
// The capsule owns objects: the collector knows it from now on.
void capsule_set_traverse(Thread& t, Capsule* c, int (*traverse)(PyObject*, int (*)(PyObject*, void*), void*),
                          int (*clear)(PyObject*));
Ref generic_alias_new(Thread& t, Value origin, Value args);
Ref class_getitem(Thread& t, Value cls,
                  Value item);  // for `__class_getitem__` tables: def<class_getitem>(..., kMethClass)
Ref union_new(Thread& t, Value a, Value b);  // X | Y of types

Ref module_new(Thread& t, const char* name);
Ref module_from_spec(Thread& t, const ModuleSpec& spec);  // makes the module, adds functions, runs exec
Status module_add_functions(Thread& t, Value module, const NativeDef* table);
// Does `origin`, a module's file, lie where start-up put sys.path[0], so that it may hide a library's module?
bool module_may_shadow(Thread& t, Value origin);
inline Value module_dict(Value m) { return m.as<PyModuleObject>()->md_dict; }
Status module_add(Thread& t, Value module, const char* name,
                  Ref value);  // steals; a failed (empty) value passes the failure on
Status module_add_int(Thread& t, Value module, const char* name, int64_t v);
Status module_add_str(Thread& t, Value module, const char* name, const char* v);

Ref weakref_new(Thread& t, Value obj, Value callback);  // callback empty: none; shares the canonical one
Value weakref_get(Value ref);                           // the object, borrowed; None when dead
void weakrefs_clear(Thread& t, PyObject* o);  // in dealloc: clears references to o and calls the callbacks

// Sequence iterator types for natives.
Ref seq_iter_new(Thread& t, Value sequence);
Ref call_iter_new(Thread& t, Value callable, Value sentinel);
// Struct sequences (os.stat_result, time.struct_time ...).
struct StructSeqField {
    const char* name;  // null name: unnamed field
    const char* doc;
};
struct StructSeqDesc {
    const char* name;  // "module.type"
    const char* doc;
    const StructSeqField* fields;
    int n_fields;       // all
    int n_in_sequence;  // visible by index
};
Ref structseq_type_new(Thread& t, const StructSeqDesc& desc);
Ref structseq_new(Thread& t, PyTypeObject* type, Value* owned_values);  // steals n_fields values
}  // namespace krait
