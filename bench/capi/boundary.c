/* What bench/capi/run.py measures: functions and a type to be called from Python, and loops over the API that
   run in C. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>

/* --- functions --- */

static PyObject* f_noargs(PyObject* self, PyObject* unused) { Py_RETURN_NONE; }
static PyObject* f_one(PyObject* self, PyObject* arg) { return Py_NewRef(arg); }
static PyObject* f_long(PyObject* self, PyObject* arg) {
    long n = PyLong_AsLong(arg);
    return n == -1 && PyErr_Occurred() ? NULL : PyLong_FromLong(n + 1);
}
static PyObject* f_double(PyObject* self, PyObject* arg) {
    double d = PyFloat_AsDouble(arg);
    return d == -1.0 && PyErr_Occurred() ? NULL : PyFloat_FromDouble(d + 1.0);
}
static PyObject* f_fast(PyObject* self, PyObject* const* args, Py_ssize_t n) { Py_RETURN_NONE; }
static PyObject* f_fast_kw(PyObject* self, PyObject* const* args, Py_ssize_t n, PyObject* names) {
    Py_RETURN_NONE;
}
static PyObject* f_varargs(PyObject* self, PyObject* args) {
    PyObject *a, *b, *c;
    return PyArg_ParseTuple(args, "OOO", &a, &b, &c) ? Py_NewRef(Py_None) : NULL;
}
static PyObject* f_keywords(PyObject* self, PyObject* args, PyObject* kw) {
    static char* names[] = {"a", "b", "c", NULL};
    PyObject *a, *b, *c = NULL;
    return PyArg_ParseTupleAndKeywords(args, kw, "OO|O", names, &a, &b, &c) ? Py_NewRef(Py_None) : NULL;
}
static PyObject* f_raises(PyObject* self, PyObject* unused) {
    PyErr_SetString(PyExc_ValueError, "no");
    return NULL;
}

/* --- a type --- */

typedef struct {
    PyObject_HEAD int number;
    double real;
    PyObject* object;
    PyObject* dict;
    Py_ssize_t at;
} Thing;
static PyTypeObject Thing_Type;

static PyObject* thing_new(PyTypeObject* type, PyObject* args, PyObject* kw) {
    Thing* t = (Thing*)type->tp_alloc(type, 0);
    if (t) t->object = Py_NewRef(Py_None);
    return (PyObject*)t;
}
static void thing_dealloc(PyObject* o) {
    Py_CLEAR(((Thing*)o)->object);
    Py_CLEAR(((Thing*)o)->dict);
    Py_TYPE(o)->tp_free(o);
}
static PyObject* thing_get(PyObject* o, void* unused) { return PyLong_FromLong(((Thing*)o)->number); }
static int thing_set(PyObject* o, PyObject* v, void* unused) {
    long n = PyLong_AsLong(v);
    if (n == -1 && PyErr_Occurred()) return -1;
    ((Thing*)o)->number = (int)n;
    return 0;
}
static PyObject* thing_call(PyObject* o, PyObject* args, PyObject* kw) { return Py_NewRef(Py_None); }
static PyObject* thing_add(PyObject* a, PyObject* b) { return Py_NewRef(a); }
static Py_ssize_t thing_len(PyObject* o) { return 1000; }
static PyObject* thing_item(PyObject* o, Py_ssize_t i) { return Py_NewRef(Py_None); }
static PyObject* thing_subscript(PyObject* o, PyObject* key) { return Py_NewRef(Py_None); }
static int thing_store(PyObject* o, PyObject* key, PyObject* v) { return 0; }
static int thing_contains(PyObject* o, PyObject* key) { return 1; }
static PyObject* thing_compare(PyObject* a, PyObject* b, int op) { Py_RETURN_TRUE; }
static Py_hash_t thing_hash(PyObject* o) { return 42; }
static int thing_bool(PyObject* o) { return 1; }
static PyObject* thing_iter(PyObject* o) {
    ((Thing*)o)->at = 0;
    return Py_NewRef(o);
}
static PyObject* thing_next(PyObject* o) { return ((Thing*)o)->at++ < 1000 ? Py_NewRef(Py_None) : NULL; }
static PyMethodDef thing_methods[] = {
    {"noargs", f_noargs, METH_NOARGS, NULL},
    {"one", f_one, METH_O, NULL},
    {"fast", (PyCFunction)(void (*)(void))f_fast, METH_FASTCALL, NULL},
    {"keywords", (PyCFunction)(void (*)(void))f_keywords, METH_VARARGS | METH_KEYWORDS, NULL},
    {NULL},
};
static PyMemberDef thing_members[] = {
    {"number", Py_T_INT, offsetof(Thing, number), 0, NULL},
    {"real", Py_T_DOUBLE, offsetof(Thing, real), 0, NULL},
    {"object", Py_T_OBJECT_EX, offsetof(Thing, object), 0, NULL},
    {NULL},
};
static PyGetSetDef thing_getset[] = {{"computed", thing_get, thing_set, NULL, NULL}, {NULL}};
static PyNumberMethods thing_number = {.nb_add = thing_add, .nb_bool = thing_bool};
static PySequenceMethods thing_sequence = {
    .sq_length = thing_len, .sq_item = thing_item, .sq_contains = thing_contains};
static PyMappingMethods thing_mapping = {
    .mp_length = thing_len, .mp_subscript = thing_subscript, .mp_ass_subscript = thing_store};
static PyTypeObject Thing_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "boundary.Thing",
    .tp_basicsize = sizeof(Thing),
    .tp_dealloc = thing_dealloc,
    .tp_as_number = &thing_number,
    .tp_as_sequence = &thing_sequence,
    .tp_as_mapping = &thing_mapping,
    .tp_hash = thing_hash,
    .tp_call = thing_call,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_richcompare = thing_compare,
    .tp_iter = thing_iter,
    .tp_iternext = thing_next,
    .tp_methods = thing_methods,
    .tp_members = thing_members,
    .tp_getset = thing_getset,
    .tp_dictoffset = offsetof(Thing, dict),
    .tp_new = thing_new,
};
static PySequenceMethods row_sequence = {.sq_length = thing_len, .sq_item = thing_item};
static PyTypeObject Row_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "boundary.Row",
    .tp_basicsize = sizeof(PyObject),
    .tp_as_sequence = &row_sequence,
    .tp_flags = Py_TPFLAGS_DEFAULT,
};

/* --- loops over the API: each takes (n, argument) and does n times the same --- */

/* clang-format off */
#define LOOP(name)                                       \
    static int loop_##name(Py_ssize_t n, PyObject *arg) { \
        for (Py_ssize_t i = 0; i < n; i++) {
#define END \
    }       \
    return 0; }

LOOP(list_get_item) if (!PyList_GetItem(arg, i % 100)) return -1; END
LOOP(list_get_item_ref) PyObject *o = PyList_GetItemRef(arg, i % 100); if (!o) return -1; Py_DECREF(o); END
LOOP(list_set_item) if (PyList_SetItem(arg, i % 100, Py_NewRef(Py_None)) < 0) return -1; END
static int loop_list_append(Py_ssize_t n, PyObject *arg) {
    for (Py_ssize_t i = 0; i < n; i += 100) {
        PyObject *l = PyList_New(0);
        if (!l) return -1;
        for (int k = 0; k < 100; k++)
            if (PyList_Append(l, arg) < 0) return -1;
        Py_DECREF(l);
    }
    return 0;
}
static int loop_list_of_ints(Py_ssize_t n, PyObject *arg) {
    for (Py_ssize_t i = 0; i < n; i += 100) {
        PyObject *l = PyList_New(100);
        if (!l) return -1;
        for (int k = 0; k < 100; k++) PyList_SET_ITEM(l, k, PyLong_FromLong(1000 + k));
        Py_DECREF(l);
    }
    return 0;
}
LOOP(dict_get_item) if (!PyDict_GetItem(arg, Py_None)) return -1; END
LOOP(dict_get_item_with_error) if (!PyDict_GetItemWithError(arg, Py_None)) return -1; END
LOOP(dict_get_item_ref)
    PyObject *o;
    if (PyDict_GetItemRef(arg, Py_None, &o) < 0) return -1;
    Py_XDECREF(o);
END
LOOP(dict_get_item_string) if (!PyDict_GetItemString(arg, "name")) return -1; END
LOOP(dict_set_item) if (PyDict_SetItem(arg, Py_None, Py_True) < 0) return -1; END
LOOP(dict_set_item_string) if (PyDict_SetItemString(arg, "name", Py_True) < 0) return -1; END
LOOP(dict_contains) if (PyDict_Contains(arg, Py_None) < 0) return -1; END
static int loop_dict_next(Py_ssize_t n, PyObject *arg) {
    PyObject *k, *v;
    while (n > 0) {
        Py_ssize_t pos = 0;
        while (PyDict_Next(arg, &pos, &k, &v)) n--;
    }
    return 0;
}
static int loop_dict_new(Py_ssize_t n, PyObject *arg) {
    PyObject *items = PyDict_Items(arg);
    if (!items) return -1;
    for (Py_ssize_t i = 0; i < n;) {
        PyObject *d = PyDict_New();
        if (!d) return -1;
        for (Py_ssize_t k = 0; k < PyList_GET_SIZE(items); k++, i++) {
            PyObject *pair = PyList_GET_ITEM(items, k);
            if (PyDict_SetItem(d, PyTuple_GET_ITEM(pair, 0), PyTuple_GET_ITEM(pair, 1)) < 0) return -1;
        }
        Py_DECREF(d);
    }
    Py_DECREF(items);
    return 0;
}
LOOP(tuple_new) PyObject *t = PyTuple_New(3); if (!t) return -1;
    for (int k = 0; k < 3; k++) PyTuple_SET_ITEM(t, k, Py_NewRef(arg));
    Py_DECREF(t); END
LOOP(tuple_pack) PyObject *t = PyTuple_Pack(3, arg, arg, arg); if (!t) return -1; Py_DECREF(t); END
LOOP(tuple_get_item) if (!PyTuple_GetItem(arg, i % 10)) return -1; END
LOOP(long_from_small) PyObject *o = PyLong_FromLong(i & 63); if (!o) return -1; Py_DECREF(o); END
LOOP(long_from_long) PyObject *o = PyLong_FromLong(100000 + i); if (!o) return -1; Py_DECREF(o); END
LOOP(long_as_long) if (PyLong_AsLong(arg) == -1 && PyErr_Occurred()) return -1; END
LOOP(long_as_ssize_t) if (PyLong_AsSsize_t(arg) == -1 && PyErr_Occurred()) return -1; END
LOOP(number_add) PyObject *o = PyNumber_Add(arg, arg); if (!o) return -1; Py_DECREF(o); END
LOOP(float_from_double) PyObject *o = PyFloat_FromDouble(i * 0.5); if (!o) return -1; Py_DECREF(o); END
LOOP(float_as_double) if (PyFloat_AsDouble(arg) == -1.0 && PyErr_Occurred()) return -1; END
LOOP(str_from_string) PyObject *o = PyUnicode_FromString("a short text"); if (!o) return -1; Py_DECREF(o); END
LOOP(str_as_utf8) if (!PyUnicode_AsUTF8(arg)) return -1; END
LOOP(str_intern) PyObject *o = PyUnicode_InternFromString("append"); if (!o) return -1; Py_DECREF(o); END
LOOP(str_compare) if (PyUnicode_CompareWithASCIIString(arg, "some text") > 5) return -1; END
LOOP(str_concat) PyObject *o = PyUnicode_Concat(arg, arg); if (!o) return -1; Py_DECREF(o); END
LOOP(str_format) PyObject *o = PyUnicode_FromFormat("%s %d", "item", 17); if (!o) return -1; Py_DECREF(o); END
LOOP(bytes_from_string) PyObject *o = PyBytes_FromStringAndSize("some bytes", 10); if (!o) return -1; Py_DECREF(o); END
static PyObject *name_upper;
LOOP(get_attr_named) PyObject *o = PyObject_GetAttr(arg, name_upper); if (!o) return -1; Py_DECREF(o); END
LOOP(get_attr_string) PyObject *o = PyObject_GetAttrString(arg, "number"); if (!o) return -1; Py_DECREF(o); END
LOOP(set_attr_named) if (PyObject_SetAttr(arg, name_upper, Py_None) < 0) return -1; END
LOOP(call_no_args) PyObject *o = PyObject_CallNoArgs(arg); if (!o) return -1; Py_DECREF(o); END
LOOP(call_one_arg) PyObject *o = PyObject_CallOneArg(arg, Py_None); if (!o) return -1; Py_DECREF(o); END
LOOP(vectorcall) PyObject *a[] = {NULL, Py_None, Py_None};
    PyObject *o = PyObject_Vectorcall(arg, a + 1, 2 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
    if (!o) return -1;
    Py_DECREF(o); END
LOOP(call_tuple) PyObject *o = PyObject_CallFunctionObjArgs(arg, Py_None, Py_None, NULL); if (!o) return -1; Py_DECREF(o); END
LOOP(call_function) PyObject *o = PyObject_CallFunction(arg, "ii", 1, 2); if (!o) return -1; Py_DECREF(o); END
static int loop_call_object(Py_ssize_t n, PyObject *arg) {
    PyObject *args = PyTuple_Pack(2, Py_None, Py_None);
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *o = PyObject_Call(arg, args, NULL);
        if (!o) return -1;
        Py_DECREF(o);
    }
    Py_DECREF(args);
    return 0;
}
LOOP(call_method) PyObject *o = PyObject_CallMethodNoArgs(arg, name_upper); if (!o) return -1; Py_DECREF(o); END
LOOP(err_set_clear) PyErr_SetString(PyExc_ValueError, "no"); PyErr_Clear(); END
LOOP(err_set_object) PyErr_SetObject(PyExc_KeyError, arg); PyErr_Clear(); END
LOOP(err_occurred) if (PyErr_Occurred()) return -1; END
LOOP(err_format) PyErr_Format(PyExc_ValueError, "bad %s: %d", "thing", 3); PyErr_Clear(); END
LOOP(count) Py_INCREF(arg); Py_DECREF(arg); END
LOOP(is_instance) if (PyObject_IsInstance(arg, (PyObject *)&Thing_Type) < 0) return -1; END
LOOP(rich_compare) if (PyObject_RichCompareBool(arg, Py_None, Py_EQ) < 0) return -1; END
LOOP(hash) if (PyObject_Hash(arg) == -1) return -1; END
LOOP(is_true) if (PyObject_IsTrue(arg) < 0) return -1; END
LOOP(size) if (PyObject_Size(arg) < 0) return -1; END
LOOP(get_item) PyObject *o = PyObject_GetItem(arg, Py_None); if (!o) return -1; Py_DECREF(o); END
LOOP(build_value) PyObject *o = Py_BuildValue("(iis)", 1, 2, "text"); if (!o) return -1; Py_DECREF(o); END
LOOP(object_new) PyObject *o = Thing_Type.tp_alloc(&Thing_Type, 0); if (!o) return -1; Py_DECREF(o); END
LOOP(mem) void *p = PyMem_Malloc(64); if (!p) return -1; PyMem_Free(p); END
LOOP(gil) PyThreadState *s = PyEval_SaveThread(); PyEval_RestoreThread(s); END
LOOP(gilstate) PyGILState_STATE s = PyGILState_Ensure(); PyGILState_Release(s); END
LOOP(set_add) if (PySet_Add(arg, Py_None) < 0) return -1; END
LOOP(get_buffer) Py_buffer b; if (PyObject_GetBuffer(arg, &b, PyBUF_SIMPLE) < 0) return -1; PyBuffer_Release(&b); END
static int loop_iterate(Py_ssize_t n, PyObject *arg) {
    while (n > 0) {
        PyObject *it = PyObject_GetIter(arg), *o;
        if (!it) return -1;
        while ((o = PyIter_Next(it))) {
            Py_DECREF(o);
            n--;
        }
        Py_DECREF(it);
        if (PyErr_Occurred()) return -1;
    }
    return 0;
}

static const struct {
    const char *name;
    int (*run)(Py_ssize_t, PyObject *);
} loops[] = {
#define L(name) {#name, loop_##name},
    L(list_get_item) L(list_get_item_ref) L(list_set_item) L(list_append) L(list_of_ints) L(dict_get_item)
    L(dict_get_item_with_error) L(dict_get_item_ref) L(dict_get_item_string) L(dict_set_item)
    L(dict_set_item_string) L(dict_contains) L(dict_next) L(dict_new) L(tuple_new) L(tuple_pack)
    L(tuple_get_item) L(long_from_small) L(long_from_long) L(long_as_long) L(long_as_ssize_t) L(number_add)
    L(float_from_double) L(float_as_double) L(str_from_string) L(str_as_utf8) L(str_intern) L(str_compare)
    L(str_concat) L(str_format) L(bytes_from_string) L(get_attr_named) L(get_attr_string) L(set_attr_named)
    L(call_no_args) L(call_one_arg) L(vectorcall) L(call_tuple) L(call_function) L(call_object) L(call_method)
    L(err_set_clear) L(err_set_object) L(err_occurred) L(err_format) L(count) L(is_instance) L(rich_compare)
    L(hash) L(is_true) L(size) L(get_item) L(build_value) L(object_new) L(mem) L(gil) L(gilstate) L(set_add)
    L(get_buffer) L(iterate)
};

/* clang-format on */

static PyObject* f_loop(PyObject* self, PyObject* args) {
    const char *name, *attribute;
    Py_ssize_t n;
    PyObject* arg;
    if (!PyArg_ParseTuple(args, "snOs", &name, &n, &arg, &attribute)) return NULL;
    Py_XSETREF(name_upper, PyUnicode_InternFromString(attribute));
    for (size_t i = 0; i < Py_ARRAY_LENGTH(loops); i++)
        if (strcmp(loops[i].name, name) == 0) return loops[i].run(n, arg) < 0 ? NULL : Py_NewRef(Py_None);
    return PyErr_Format(PyExc_LookupError, "no loop %s", name);
}

static PyMethodDef functions[] = {
    {"noargs", f_noargs, METH_NOARGS, NULL},
    {"one", f_one, METH_O, NULL},
    {"long", f_long, METH_O, NULL},
    {"double", f_double, METH_O, NULL},
    {"fast", (PyCFunction)(void (*)(void))f_fast, METH_FASTCALL, NULL},
    {"fast_kw", (PyCFunction)(void (*)(void))f_fast_kw, METH_FASTCALL | METH_KEYWORDS, NULL},
    {"varargs", f_varargs, METH_VARARGS, NULL},
    {"keywords", (PyCFunction)(void (*)(void))f_keywords, METH_VARARGS | METH_KEYWORDS, NULL},
    {"raises", f_raises, METH_NOARGS, NULL},
    {"loop", f_loop, METH_VARARGS, NULL},
    {NULL},
};
static PyModuleDef module = {PyModuleDef_HEAD_INIT, .m_name = "boundary", .m_size = -1,
                             .m_methods = functions};
PyMODINIT_FUNC PyInit_boundary(void) {
    PyObject* m = PyModule_Create(&module);
    Row_Type.tp_new = PyType_GenericNew;
    return m && PyModule_AddType(m, &Thing_Type) == 0 && PyModule_AddType(m, &Row_Type) == 0 ? m : NULL;
}
