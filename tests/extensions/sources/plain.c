#include <Python.h>

static PyObject* add(PyObject* module, PyObject* args) {
    int x, y;
    return PyArg_ParseTuple(args, "ii", &x, &y) ? PyLong_FromLong(x + y) : NULL;
}
static PyMethodDef methods[] = {{"add", add, METH_VARARGS, "Adds."}, {NULL}};
static PyModuleDef module = {PyModuleDef_HEAD_INIT, "built_c", NULL, 0, methods};
PyMODINIT_FUNC PyInit_built_c(void) { return PyModuleDef_Init(&module); }
