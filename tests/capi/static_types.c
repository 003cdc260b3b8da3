/* Static types, members, getters, subclasses of list and dict, containers read and written by macros. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stddef.h>

typedef struct {
    PyObject_HEAD PyObject* payload;
    int number;
    double ratio;
    PyObject* weaklist;
    PyObject* dict;
} Box;

static PyTypeObject Box_Type;

static PyObject* box_new(PyTypeObject* type, PyObject* args, PyObject* kw) {
    static char* names[] = {"payload", "number", NULL};
    PyObject* payload = Py_None;
    int number = 7;
    if (!PyArg_ParseTupleAndKeywords(args, kw, "|Oi:Box", names, &payload, &number)) return NULL;
    Box* self = (Box*)type->tp_alloc(type, 0);
    if (!self) return NULL;
    self->payload = Py_NewRef(payload);
    self->number = number;
    self->ratio = number / 2.0;
    return (PyObject*)self;
}
static int box_traverse(Box* self, visitproc visit, void* arg) {
    Py_VISIT(self->payload);
    Py_VISIT(self->dict);
    return 0;
}
static int box_clear(Box* self) {
    Py_CLEAR(self->payload);
    Py_CLEAR(self->dict);
    return 0;
}
static void box_dealloc(Box* self) {
    PyObject_GC_UnTrack(self);
    if (self->weaklist) PyObject_ClearWeakRefs((PyObject*)self);
    box_clear(self);
    Py_TYPE(self)->tp_free((PyObject*)self);
}
static PyObject* box_repr(Box* self) {
    return PyUnicode_FromFormat("Box(%R, %d)", self->payload, self->number);
}
static PyObject* box_add(PyObject* a, PyObject* b) {
    if (!PyObject_TypeCheck(a, &Box_Type) || !PyLong_Check(b)) Py_RETURN_NOTIMPLEMENTED;
    return PyLong_FromLong(((Box*)a)->number + PyLong_AsLong(b));
}
static Py_ssize_t box_length(Box* self) { return self->number; }
static PyObject* box_item(Box* self, Py_ssize_t i) {
    if (i < 0 || i >= self->number) {
        PyErr_SetString(PyExc_IndexError, "box index out of range");
        return NULL;
    }
    return PyLong_FromSsize_t(i * i);
}
static Py_hash_t box_hash(Box* self) { return self->number; }
static PyObject* box_compare(PyObject* a, PyObject* b, int op) {
    if (!PyObject_TypeCheck(a, &Box_Type) || !PyObject_TypeCheck(b, &Box_Type)) Py_RETURN_NOTIMPLEMENTED;
    Py_RETURN_RICHCOMPARE(((Box*)a)->number, ((Box*)b)->number, op);
}
static PyObject* box_call(Box* self, PyObject* args, PyObject* kw) {
    return Py_BuildValue("(iOO)", self->number, args, kw ? kw : Py_None);
}
static PyObject* box_double(Box* self, void* closure) { return PyLong_FromLong(2 * self->number); }
static int box_set_double(Box* self, PyObject* value, void* closure) {
    if (!value) {
        PyErr_SetString(PyExc_TypeError, "cannot delete double");
        return -1;
    }
    long n = PyLong_AsLong(value);
    if (n == -1 && PyErr_Occurred()) return -1;
    self->number = (int)(n / 2);
    return 0;
}
static PyObject* box_swap(Box* self, PyObject* value) {
    PyObject* old = self->payload;
    self->payload = Py_NewRef(value);
    return old;
}
static PyObject* box_many(Box* self, PyObject* const* args, Py_ssize_t n, PyObject* names) {
    PyObject* r = PyTuple_New(n);
    for (Py_ssize_t i = 0; r && i < n; i++) PyTuple_SET_ITEM(r, i, Py_NewRef(args[i]));
    return r ? Py_BuildValue("(NO)", r, names ? names : Py_None) : NULL;
}
static PyObject* box_make(PyObject* cls, PyObject* arg) { return PyObject_CallOneArg(cls, arg); }
static PyObject* box_plain(PyObject* unused, PyObject* args) {
    return PyLong_FromSsize_t(PyTuple_GET_SIZE(args));
}
static PyMethodDef box_methods[] = {
    {"swap", (PyCFunction)box_swap, METH_O, "swap($self, value, /)\n--\n\nExchange the payload."},
    {"many", (PyCFunction)(void (*)(void))box_many, METH_FASTCALL | METH_KEYWORDS, "All arguments."},
    {"make", box_make, METH_O | METH_CLASS, "Another one."},
    {"plain", box_plain, METH_VARARGS | METH_STATIC, "Counts."},
    {NULL, NULL, 0, NULL}};
static PyMemberDef box_members[] = {{"payload", Py_T_OBJECT_EX, offsetof(Box, payload), 0, "What is in it."},
                                    {"number", Py_T_INT, offsetof(Box, number), 0, "A number."},
                                    {"ratio", Py_T_DOUBLE, offsetof(Box, ratio), Py_READONLY, "Half of it."},
                                    {NULL, 0, 0, 0, NULL}};
static PyGetSetDef box_getset[] = {
    {"double", (getter)box_double, (setter)box_set_double, "Twice the number.", NULL},
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL}};
static PyNumberMethods box_number = {.nb_add = box_add};
static PySequenceMethods box_sequence = {.sq_length = (lenfunc)box_length, .sq_item = (ssizeargfunc)box_item};
static PyTypeObject Box_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "static_types.Box",
    .tp_basicsize = sizeof(Box),
    .tp_dealloc = (destructor)box_dealloc,
    .tp_repr = (reprfunc)box_repr,
    .tp_as_number = &box_number,
    .tp_as_sequence = &box_sequence,
    .tp_hash = (hashfunc)box_hash,
    .tp_call = (ternaryfunc)box_call,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "Box(payload=None, number=7)\n--\n\nHolds something.",
    .tp_traverse = (traverseproc)box_traverse,
    .tp_clear = (inquiry)box_clear,
    .tp_richcompare = box_compare,
    .tp_weaklistoffset = offsetof(Box, weaklist),
    .tp_methods = box_methods,
    .tp_members = box_members,
    .tp_getset = box_getset,
    .tp_dictoffset = offsetof(Box, dict),
    .tp_new = box_new,
};

/* A list with a counter of appends made through the base's own slot functions. */
typedef struct {
    PyListObject list;
    int state;
} CountingList;
static PyObject* counting_bump(CountingList* self, PyObject* unused) {
    return PyLong_FromLong(++self->state);
}
static int counting_init(CountingList* self, PyObject* args, PyObject* kw) {
    if (PyList_Type.tp_init((PyObject*)self, args, kw) < 0) return -1;
    self->state = 100;
    return 0;
}
static PyMethodDef counting_methods[] = {{"bump", (PyCFunction)counting_bump, METH_NOARGS, NULL},
                                         {NULL, NULL, 0, NULL}};
static PyTypeObject CountingList_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "static_types.CountingList",
    .tp_basicsize = sizeof(CountingList),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_methods = counting_methods,
    .tp_init = (initproc)counting_init,
};

/* Reads items by macro and adds them up, however deep the lists and tuples nest. */
static double total(PyObject* o) {
    if (PyFloat_Check(o)) return PyFloat_AS_DOUBLE(o);
    if (PyLong_Check(o)) return PyLong_AsDouble(o);
    double sum = 0;
    if (PyList_Check(o))
        for (Py_ssize_t i = 0; i < PyList_GET_SIZE(o); i++) sum += total(PyList_GET_ITEM(o, i));
    else if (PyTuple_Check(o))
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(o); i++) sum += total(PyTuple_GET_ITEM(o, i));
    return sum;
}
static PyObject* deep_sum(PyObject* m, PyObject* o) { return PyFloat_FromDouble(total(o)); }
static PyObject* kept;
static PyObject* keep(PyObject* m, PyObject* o) {
    Py_XSETREF(kept, Py_NewRef(o));
    Py_RETURN_NONE;
}
static PyObject* kept_sum(PyObject* m, PyObject* unused) {
    return PyFloat_FromDouble(kept ? total(kept) : 0);
}
static PyObject* in_place(PyObject* m, PyObject* o) {
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(o); i++)
        if (PyList_SetItem(o, i, PyLong_FromSsize_t(i + 1000)) < 0) return NULL;
    return PyList_Append(o, Py_None) < 0 ? NULL : Py_NewRef(o);
}
static PyObject* dict_walk(PyObject* m, PyObject* d) {
    Py_ssize_t pos = 0;
    PyObject *key, *value, *r = PyList_New(0);
    while (r && PyDict_Next(d, &pos, &key, &value)) {
        PyObject* pair = PyTuple_Pack(2, key, value);
        if (!pair || PyList_Append(r, pair) < 0) return NULL;
        Py_DECREF(pair);
    }
    return r;
}
static PyObject* parse(PyObject* m, PyObject* args) {
    int i;
    double d;
    const char* s;
    Py_ssize_t n;
    PyObject* o = Py_None;
    if (!PyArg_ParseTuple(args, "ids#|O!:parse", &i, &d, &s, &n, &PyList_Type, &o)) return NULL;
    return Py_BuildValue("{s:i,s:d,s:s#,s:O,s:[ii]}", "i", i, "d", d, "s", s, n, "o", o, "pair", 1, 2);
}
static PyObject* format(PyObject* m, PyObject* o) {
    return PyUnicode_FromFormat("%d|%5d|%-5d|%05d|%x|%zd|%s|%.3s|%c|%%|%R|%S|%A|%U|%V|%T|%lld|%p", 1, 2, 3,
                                -4, 255, (Py_ssize_t)6, "text", "cut off", 'c', o, o, o,
                                PyUnicode_FromString("u"), NULL, "v", o, (long long)1 << 40, NULL);
}
static PyObject* fail(PyObject* m, PyObject* o) {
    PyErr_Format(PyExc_ValueError, "bad %s: %R", "value", o);
    return NULL;
}
static PyObject* catch (PyObject* m, PyObject* f) {
    PyObject* r = PyObject_CallNoArgs(f);
    if (r) return r;
    if (!PyErr_ExceptionMatches(PyExc_LookupError)) return NULL;
    PyObject* exc = PyErr_GetRaisedException();
    PyObject* text = PyUnicode_FromFormat("caught %T: %S", exc, exc);
    Py_DECREF(exc);
    return text;
}
/* --- objects in memory of our own, which has no room before it --- */

static void foreign_dealloc(PyObject* o) { free(o); }
static PyTypeObject Foreign_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "static_types.Foreign",
    .tp_basicsize = sizeof(PyObject) + 64,
    .tp_dealloc = foreign_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT,
};
static PyObject* foreign(PyObject* self, PyObject* arg) {
    Py_ssize_t n = PyLong_AsSsize_t(arg);
    PyObject* list = PyList_New(n);
    for (Py_ssize_t i = 0; list && i < n; i++) {
        char* memory = malloc(sizeof(PyObject) + 64);
        memset(memory, 0xff, sizeof(PyObject) + 64);
        PyList_SET_ITEM(list, i, PyObject_Init((PyObject*)memory, &Foreign_Type));
    }
    return list;
}
/* A block of ours given up and used again by hand, as free lists of extensions do it. */
static PyObject* reused(PyObject* self, PyObject* unused) {
    PyObject* o = PyObject_New(PyObject, &Foreign_Type);
    memset(o, 0, Foreign_Type.tp_basicsize);
    PyObject_Init(o, &Foreign_Type);
    int one = Py_REFCNT(o) == 1;
    PyObject_Free(o);
    void* memory = PyObject_Malloc(100);
    memory = PyObject_Realloc(memory, 300);
    PyObject_Init(memory, &Foreign_Type);
    one += Py_REFCNT((PyObject*)memory) == 1;
    PyObject_Free(memory);
    return PyLong_FromLong(one);
}

static PyMethodDef functions[] = {{"foreign", foreign, METH_O, NULL},
                                  {"reused", reused, METH_NOARGS, NULL},
                                  {"deep_sum", deep_sum, METH_O, "Adds up."},
                                  {"keep", keep, METH_O, NULL},
                                  {"kept_sum", kept_sum, METH_NOARGS, NULL},
                                  {"in_place", in_place, METH_O, NULL},
                                  {"dict_walk", dict_walk, METH_O, NULL},
                                  {"parse", parse, METH_VARARGS, NULL},
                                  {"format", format, METH_O, NULL},
                                  {"fail", fail, METH_O, NULL},
                                  {"catch", catch, METH_O, NULL},
                                  {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "static_types", "Static types.", -1, functions, NULL, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_static_types(void) {
    CountingList_Type.tp_base = &PyList_Type;
    if (PyType_Ready(&Box_Type) < 0 || PyType_Ready(&Foreign_Type) < 0 ||
        PyType_Ready(&CountingList_Type) < 0)
        return NULL;
    PyObject* m = PyModule_Create(&module);
    if (!m || PyModule_AddObjectRef(m, "Box", (PyObject*)&Box_Type) < 0 ||
        PyModule_AddObjectRef(m, "CountingList", (PyObject*)&CountingList_Type) < 0)
        return NULL;
    return m;
}
