// structseq.h.
#include "builtins/callable.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "capi/slots.h"
#include "gc/gc.h"

namespace krait {
// builtins/structseq.cpp: fills and readies a static type of C, whose fields are all zero.
Status structseq_init_c_type(Thread& t, PyTypeObject* type, const StructSeqDesc& desc);
}  // namespace krait

using namespace krait;

struct PyStructSequence_Field {
    const char *name, *doc;
};
struct PyStructSequence_Desc {
    const char *name, *doc;
    PyStructSequence_Field* fields;
    int n_in_sequence;
};
CAPI const char* const PyStructSequence_UnnamedField = "unnamed field";

namespace {
// A copy of the description, which the type keeps for ever as in CPython; null with MemoryError.
const StructSeqDesc* keep_description(Thread& t, const PyStructSequence_Desc* d) {
    int n = 0;
    while (d->fields[n].name) n++;
    auto* fields = static_cast<StructSeqField*>(mem_alloc_zeroed((n + 1) * sizeof(StructSeqField)));
    auto* copy = static_cast<StructSeqDesc*>(mem_alloc_zeroed(sizeof(StructSeqDesc)));
    if (!fields || !copy) {
        raise_no_memory(t);
        return nullptr;
    }
    for (int i = 0; i < n; i++) {
        bool unnamed = d->fields[i].name == PyStructSequence_UnnamedField;
        fields[i] = {unnamed ? nullptr : d->fields[i].name, d->fields[i].doc};
    }
    *copy = {d->name, d->doc, fields, n, d->n_in_sequence};
    return copy;
}
}  // namespace
CAPI PyTypeObject* PyStructSequence_NewType(PyStructSequence_Desc* d) {
    Thread& t = here();
    const StructSeqDesc* desc = keep_description(t, d);
    return desc ? reinterpret_cast<PyTypeObject*>(out(structseq_type_new(t, *desc))) : nullptr;
}
CAPI int PyStructSequence_InitType2(PyTypeObject* type, PyStructSequence_Desc* d) {
    Thread& t = here();
    if (type->tp_flags & kTpReady) return 0;
    const StructSeqDesc* desc = keep_description(t, d);
    return desc ? out(structseq_init_c_type(t, type, *desc)) : -1;
}
CAPI void PyStructSequence_InitType(PyTypeObject* type, PyStructSequence_Desc* d) {
    (void)PyStructSequence_InitType2(type, d);
}
CAPI PyTypeObject* _PyStructSequence_NewType(PyStructSequence_Desc* d, unsigned long) {
    return PyStructSequence_NewType(d);
}
CAPI PyObject* PyStructSequence_New(PyTypeObject* type) {
    Thread& t = here();
    Ref n = get_attr(t, Value(type), "n_fields");
    int64_t count;
    if (!n || !int_to_i64(n, &count)) return nullptr;
    Value items[128];
    if (count > 128) return out(raise(t, PyExc_SystemError, "too many fields"));
    for (int64_t i = 0; i < count; i++) items[i] = Value();
    Ref r = structseq_new(t, type, items);
    if (r) mark_exposed(r.get().ptr());
    return r.release().ptr();
}
CAPI void PyStructSequence_SetItem(PyObject* o, Py_ssize_t i, PyObject* v) { tuple_items(o)[i] = Value(v); }
CAPI PyObject* PyStructSequence_GetItem(PyObject* o, Py_ssize_t i) {
    Value& v = tuple_items(o)[i];
    return !v || make_fit(v) ? v.ptr() : nullptr;
}
