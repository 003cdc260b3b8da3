/* The limited API of 3.10: everything through functions. */
#define Py_LIMITED_API 0x030A0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>

typedef struct {
    PyObject_HEAD PyObject* value;
} Holder;
static PyObject* holder_get(PyObject* self, void* closure) {
    PyObject* v = ((Holder*)self)->value;
    if (!v) v = Py_None;
    Py_INCREF(v);
    return v;
}
static int holder_set(PyObject* self, PyObject* value, void* closure) {
    PyObject* old = ((Holder*)self)->value;
    Py_XINCREF(value);
    ((Holder*)self)->value = value;
    Py_XDECREF(old);
    return 0;
}
static void holder_dealloc(PyObject* self) {
    PyTypeObject* type = Py_TYPE(self);
    Py_XDECREF(((Holder*)self)->value);
    freefunc f = (freefunc)PyType_GetSlot(type, Py_tp_free);
    f(self);
    Py_DECREF(type);
}
static PyObject* holder_iter(PyObject* self) {
    PyObject *v = holder_get(self, NULL), *it = PyObject_GetIter(v);
    Py_DECREF(v);
    return it;
}
static PyGetSetDef holder_getset[] = {{"value", holder_get, holder_set, "The value.", NULL},
                                      {NULL, NULL, NULL, NULL, NULL}};
static PyType_Slot holder_slots[] = {{Py_tp_getset, holder_getset},
                                     {Py_tp_dealloc, (void*)holder_dealloc},
                                     {Py_tp_iter, (void*)holder_iter},
                                     {0, NULL}};
static PyType_Spec holder_spec = {"limited.Holder", sizeof(Holder), 0,
                                  Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, holder_slots};

static PyObject* mix(PyObject* m, PyObject* args) {
    PyObject *list = PyList_New(0), *d = PyDict_New();
    for (Py_ssize_t i = 0; i < PyTuple_Size(args); i++) {
        PyObject *o = PyTuple_GetItem(args, i), *key = PyObject_Repr(o);
        PyList_Append(list, o);
        PyDict_SetItem(d, key, PyTuple_GetItem(args, i));
        Py_DECREF(key);
    }
    PyList_Sort(list);
    if (PyErr_Occurred()) PyErr_Clear();
    return Py_BuildValue("(NNn)", list, d, PyObject_Size(args));
}
static PyObject* text(PyObject* m, PyObject* s) {
    Py_ssize_t n;
    const char* p = PyUnicode_AsUTF8AndSize(s, &n);
    if (!p) return NULL;
    return PyBytes_FromStringAndSize(p, n);
}
static PyObject* numbers(PyObject* m, PyObject* o) {
    int overflow;
    long long v = PyLong_AsLongLongAndOverflow(o, &overflow);
    if (v == -1 && PyErr_Occurred()) return NULL;
    return Py_BuildValue("(Lid)", v, overflow, PyFloat_AsDouble(o));
}
static PyMethodDef functions[] = {{"mix", mix, METH_VARARGS, NULL},
                                  {"text", text, METH_O, NULL},
                                  {"numbers", numbers, METH_O, NULL},
                                  {NULL, NULL, 0, NULL}};
static int exec_module(PyObject* m) { return PyModule_AddObject(m, "Holder", PyType_FromSpec(&holder_spec)); }
static PyModuleDef_Slot slots[] = {{Py_mod_exec, (void*)exec_module}, {0, NULL}};
static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "limited", NULL, 0, functions, slots, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_limited(void) { return PyModuleDef_Init(&module); }
