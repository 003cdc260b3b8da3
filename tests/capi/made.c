/* Objects that other runtimes leave to the interpreter: generators and their like with a frame that C made,
   and slot wrappers of C. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <frameobject.h>

PyAPI_FUNC(PyFrameObject*) PyFrame_New(PyThreadState*, PyCodeObject*, PyObject*, PyObject*);

/* kind, code, globals[, locals[, name, qualname]] */
static PyObject* from_frame(PyObject* self, PyObject* args) {
    const char* kind;
    PyObject *code, *globals, *locals = NULL, *name = NULL, *qualname = NULL;
    if (!PyArg_ParseTuple(args, "sO!O!|OOO", &kind, &PyCode_Type, &code, &PyDict_Type, &globals, &locals,
                          &name, &qualname))
        return NULL;
    PyFrameObject* frame =
        PyFrame_New(PyThreadState_Get(), (PyCodeObject*)code, globals, locals == Py_None ? NULL : locals);
    if (!frame) return NULL;
    if (strcmp(kind, "plain") == 0) return PyGen_New(frame);
    if (strcmp(kind, "generator") == 0) return PyGen_NewWithQualName(frame, name, qualname);
    if (strcmp(kind, "coroutine") == 0) return PyCoro_New(frame, name, qualname);
    return PyAsyncGen_New(frame, name, qualname);
}

static PyObject* wrap_positional(PyObject* self, PyObject* args, void* wrapped) {
    return Py_BuildValue("(sOO)", (const char*)wrapped, (PyObject*)Py_TYPE(self), args);
}
static PyObject* wrap_keywords(PyObject* self, PyObject* args, void* wrapped, PyObject* kw) {
    return Py_BuildValue("(sOOO)", (const char*)wrapped, (PyObject*)Py_TYPE(self), args,
                         kw && PyDict_GET_SIZE(kw) ? kw : Py_None);
}
static PyObject* wrap_failing(PyObject* self, PyObject* args, void* wrapped) {
    return PyErr_Format(PyExc_LookupError, "no %s", (const char*)wrapped);
}
#define WRAPPER(name, function, doc, flags) \
    {name, 0, NULL, (wrapperfunc)(void (*)(void))function, doc, flags, NULL}
static struct wrapperbase wrappers[] = {
    WRAPPER("positional", wrap_positional, "positional($self, /, *args)\n--\n\nWhat it was given.", 0),
    WRAPPER("keywords", wrap_keywords, "No signature here.", PyWrapperFlag_KEYWORDS),
    WRAPPER("failing", wrap_failing, NULL, 0),
};

/* The wrapper of that number, for a type. */
static PyObject* wrapper(PyObject* self, PyObject* args) {
    PyObject* type;
    int i;
    if (!PyArg_ParseTuple(args, "O!i", &PyType_Type, &type, &i)) return NULL;
    return PyDescr_NewWrapper((PyTypeObject*)type, &wrappers[i], (void*)"wrapped");
}

static PyMethodDef functions[] = {
    {"from_frame", from_frame, METH_VARARGS, NULL}, {"wrapper", wrapper, METH_VARARGS, NULL}, {NULL}};
static PyModuleDef module = {PyModuleDef_HEAD_INIT, .m_name = "made", .m_size = -1, .m_methods = functions};
PyMODINIT_FUNC PyInit_made(void) { return PyModule_Create(&module); }
