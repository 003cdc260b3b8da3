/* What packages of PyPI do with types beside the usual: a static type that nobody makes ready (BTrees), the
   members of a builtin type repeated in a subtype from a spec (nanobind), a builtin type's slot replaced
   (PySide). */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* --- a static type that is never made ready --- */

static PyObject* late_number(PyObject* self, PyObject* unused) { return PyLong_FromLong(7); }
static PyMethodDef late_methods[] = {{"number", late_number, METH_NOARGS, "Seven."}, {NULL}};
static PyTypeObject Late_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0).tp_name = "liberties.Late",
    .tp_basicsize = sizeof(PyObject),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_methods = late_methods,
    .tp_new = PyType_GenericNew,
};

/* --- a property that its class answers for, too --- */

static PyObject* static_get(PyObject* self, PyObject* object, PyObject* cls) {
    PyObject* get = PyObject_GetAttrString(self, "fget");
    PyObject* r = get ? PyObject_CallOneArg(get, cls) : NULL;
    Py_XDECREF(get);
    return r;
}
static PyObject* make_static_property(void) {
    PyType_Slot slots[] = {{Py_tp_base, &PyProperty_Type},
                           {Py_tp_descr_get, static_get},
                           {Py_tp_members, PyProperty_Type.tp_members},
                           {0, NULL}};
    PyType_Spec spec = {.name = "liberties.static_property", .flags = Py_TPFLAGS_DEFAULT, .slots = slots};
    return PyType_FromSpec(&spec);
}
static PyObject* member_names(PyObject* self, PyObject* type) {
    PyObject* names = PyList_New(0);
    for (PyMemberDef* d = ((PyTypeObject*)type)->tp_members; names && d && d->name; d++) {
        PyObject* name = Py_BuildValue("(sii)", d->name, d->type, d->flags);
        if (!name || PyList_Append(names, name) < 0) Py_CLEAR(names);
        Py_XDECREF(name);
    }
    return names;
}

/* --- another look-up of attributes for all modules --- */

static getattrofunc usual_getattro;
static PyObject* maker;
static PyObject* lazy_getattro(PyObject* module, PyObject* name) {
    PyObject* found = usual_getattro(module, name);
    if (found || !maker || !PyErr_ExceptionMatches(PyExc_AttributeError)) return found;
    PyObject* error = PyErr_GetRaisedException();
    found = PyObject_CallFunctionObjArgs(maker, module, name, NULL);
    if (found != Py_None) {
        Py_DECREF(error);
        return found;
    }
    Py_DECREF(found);
    PyErr_SetRaisedException(error);
    return NULL;
}
static PyObject* hook_modules(PyObject* self, PyObject* f) {
    if (!usual_getattro) usual_getattro = PyModule_Type.tp_getattro;
    Py_XSETREF(maker, f == Py_None ? NULL : Py_NewRef(f));
    PyModule_Type.tp_getattro = maker ? lazy_getattro : usual_getattro;
    PyType_Modified(&PyModule_Type);
    Py_RETURN_NONE;
}

/* --- numbers that C is asked for --- */

typedef struct {
    PyObject_HEAD PyObject* given;
} Indexed;
static PyObject* indexed_index(PyObject* self) {
    PyObject* given = ((Indexed*)self)->given;
    if (!PyType_Check(given)) return Py_NewRef(given);
    PyErr_SetString(given, "no index");
    return NULL;
}
static PyObject* indexed_new(PyTypeObject* type, PyObject* args, PyObject* kwargs) {
    PyObject* given;
    if (!PyArg_ParseTuple(args, "O", &given)) return NULL;
    PyObject* self = type->tp_alloc(type, 0);
    if (self) ((Indexed*)self)->given = Py_NewRef(given);
    return self;
}
static void indexed_dealloc(PyObject* self) {
    Py_XDECREF(((Indexed*)self)->given);
    Py_TYPE(self)->tp_free(self);
}
static PyNumberMethods indexed_number = {.nb_index = indexed_index};
static PyTypeObject Indexed_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "liberties.Indexed",
    .tp_basicsize = sizeof(Indexed),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_as_number = &indexed_number,
    .tp_new = indexed_new,
    .tp_dealloc = indexed_dealloc,
};
static PyObject* number_index(PyObject* self, PyObject* o) { return PyNumber_Index(o); }
static PyObject* compare_bool(PyObject* self, PyObject* args) {
    PyObject *a, *b;
    if (!PyArg_ParseTuple(args, "OO", &a, &b)) return NULL;
    PyObject* results = PyList_New(0);
    for (int op = Py_LT; results && op <= Py_GE; op++) {
        int r = PyObject_RichCompareBool(a, b, op);
        PyObject* number = r < 0 ? NULL : PyLong_FromLong(r);
        if (!number || PyList_Append(results, number) < 0) Py_CLEAR(results);
        Py_XDECREF(number);
    }
    return results;
}

/* --- stores that say 1 when they fail (SWIG) --- */

static int refuse(const char* what) {
    PyErr_Format(PyExc_LookupError, "no %s", what);
    return 1;
}
static int stubborn_setattr(PyObject* self, char* name, PyObject* v) { return refuse(name); }
static int stubborn_set_item(PyObject* self, PyObject* key, PyObject* v) {
    return refuse(v ? "item" : "deletion");
}
static int stubborn_set(PyObject* self, PyObject* v, void* unused) { return refuse("value"); }
static PyMappingMethods stubborn_mapping = {.mp_ass_subscript = stubborn_set_item};
static PyTypeObject Stubborn_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "liberties.Stubborn",
    .tp_basicsize = sizeof(PyObject),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_setattr = stubborn_setattr,
    .tp_as_mapping = &stubborn_mapping,
    .tp_new = PyType_GenericNew,
};
static int stubborn_set_index(PyObject* self, Py_ssize_t i, PyObject* v) { return refuse("place"); }
static Py_ssize_t stubborn_length(PyObject* self) { return 3; }
static PySequenceMethods stubborn_sequence = {.sq_length = stubborn_length,
                                              .sq_ass_item = stubborn_set_index};
static PyGetSetDef stubborn_getset[] = {{"value", NULL, stubborn_set, NULL, NULL}, {NULL}};
static PyTypeObject StubbornList_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "liberties.StubbornList",
    .tp_basicsize = sizeof(PyObject),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_as_sequence = &stubborn_sequence,
    .tp_getset = stubborn_getset,
    .tp_new = PyType_GenericNew,
};

/* CPython exports it for profilers of memory (memray). */
extern const char* _PyMem_GetCurrentAllocatorName(void);
static PyObject* allocator_has_name(PyObject* self, PyObject* unused) {
    const char* name = _PyMem_GetCurrentAllocatorName();
    return PyBool_FromLong(name && *name);
}

static PyMethodDef functions[] = {{"member_names", member_names, METH_O, NULL},
                                  {"hook_modules", hook_modules, METH_O, NULL},
                                  {"number_index", number_index, METH_O, NULL},
                                  {"compare_bool", compare_bool, METH_VARARGS, NULL},
                                  {"allocator_has_name", allocator_has_name, METH_NOARGS, NULL},
                                  {NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, .m_name = "liberties", .m_size = -1,
                                    .m_methods = functions};
PyMODINIT_FUNC PyInit_liberties(void) {
    if (PyType_Ready(&Indexed_Type) < 0 || PyType_Ready(&Stubborn_Type) < 0 ||
        PyType_Ready(&StubbornList_Type) < 0)
        return NULL;
    PyObject* m = PyModule_Create(&module);
    PyObject* property = m ? make_static_property() : NULL;
    if (!property || PyModule_AddObjectRef(m, "static_property", property) < 0 ||
        PyModule_AddObjectRef(m, "Late", (PyObject*)&Late_Type) < 0 ||
        PyModule_AddObjectRef(m, "Stubborn", (PyObject*)&Stubborn_Type) < 0 ||
        PyModule_AddObjectRef(m, "StubbornList", (PyObject*)&StubbornList_Type) < 0 ||
        PyModule_AddObjectRef(m, "Indexed", (PyObject*)&Indexed_Type) < 0)
        Py_CLEAR(m);
    Py_XDECREF(property);
    return m;
}
