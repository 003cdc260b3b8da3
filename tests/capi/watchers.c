/* Watchers of dicts, types, functions, code objects and contexts, the tracer of objects, functions called
   another way, and numbers when there is no memory. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

static PyObject* log_list; /* what was told, as text or tuples */
static int fail_next;      /* the next watcher raises */

static int note(PyObject* entry) {
    if (!entry) return -1;
    int r = PyList_Append(log_list, entry);
    Py_DECREF(entry);
    if (r == 0 && fail_next) {
        fail_next = 0;
        PyErr_SetString(PyExc_RuntimeError, "boom");
        return -1;
    }
    return r;
}

static const char* dict_events[] = {"added", "modified", "deleted", "cloned", "cleared", "deallocated"};
static int dict_watcher(PyDict_WatchEvent event, PyObject* dict, PyObject* key, PyObject* value) {
    if (event == PyDict_EVENT_CLONED)
        return note(Py_BuildValue("(sn)", dict_events[event], PyDict_Size(key)));
    if (!key) return note(Py_BuildValue("(sn)", dict_events[event], PyDict_Size(dict)));
    return note(Py_BuildValue("(sOO)", dict_events[event], key, value ? value : Py_Ellipsis));
}
static int type_watcher(PyTypeObject* type) { return note(PyUnicode_FromFormat("type %s", type->tp_name)); }
static const char* function_events[] = {"create", "destroy", "code", "defaults", "kwdefaults"};
static int function_watcher(PyFunction_WatchEvent event, PyFunctionObject* f, PyObject* value) {
    return note(Py_BuildValue("(sOO)", function_events[event], f->func_name, value ? value : Py_None));
}
static int code_watcher(PyCodeEvent event, PyCodeObject* co) {
    return note(Py_BuildValue("(sO)", event == PY_CODE_EVENT_CREATE ? "create" : "destroy", co->co_name));
}
static int context_watcher(PyContextEvent event, PyObject* context) {
    return note(Py_BuildValue("(iO)", event, context));
}

static PyObject* take_log(PyObject* self, PyObject* unused) {
    PyObject* r = log_list;
    log_list = PyList_New(0);
    return r;
}
static PyObject* add(PyObject* self, PyObject* arg) {
    const char* kind = PyUnicode_AsUTF8(arg);
    int id = !strcmp(kind, "dict")       ? PyDict_AddWatcher(dict_watcher)
             : !strcmp(kind, "type")     ? PyType_AddWatcher(type_watcher)
             : !strcmp(kind, "function") ? PyFunction_AddWatcher(function_watcher)
             : !strcmp(kind, "code")     ? PyCode_AddWatcher(code_watcher)
                                         : PyContext_AddWatcher(context_watcher);
    return id < 0 ? NULL : PyLong_FromLong(id);
}
static PyObject* clear(PyObject* self, PyObject* args) {
    const char* kind;
    int id;
    if (!PyArg_ParseTuple(args, "si", &kind, &id)) return NULL;
    int r = !strcmp(kind, "dict")       ? PyDict_ClearWatcher(id)
            : !strcmp(kind, "type")     ? PyType_ClearWatcher(id)
            : !strcmp(kind, "function") ? PyFunction_ClearWatcher(id)
            : !strcmp(kind, "code")     ? PyCode_ClearWatcher(id)
                                        : PyContext_ClearWatcher(id);
    return r < 0 ? NULL : Py_NewRef(Py_None);
}
static PyObject* watch(PyObject* self, PyObject* args) {
    PyObject* o;
    int id, on = 1;
    if (!PyArg_ParseTuple(args, "iO|p", &id, &o, &on)) return NULL;
    int r = PyType_Check(o) ? (on ? PyType_Watch(id, o) : PyType_Unwatch(id, o))
            : on            ? PyDict_Watch(id, o)
                            : PyDict_Unwatch(id, o);
    return r < 0 ? NULL : Py_NewRef(Py_None);
}
static PyObject* raise_next(PyObject* self, PyObject* unused) {
    fail_next = 1;
    Py_RETURN_NONE;
}

/* How many objects of one type are made and go while a function runs. */
typedef struct {
    PyTypeObject* type;
    long made, gone;
} Counts;
static int count_objects(PyObject* o, PyRefTracerEvent event, void* data) {
    Counts* c = data;
    if (Py_TYPE(o) == c->type) *(event == PyRefTracer_CREATE ? &c->made : &c->gone) += 1;
    return 0;
}
static PyObject* trace(PyObject* self, PyObject* args) {
    PyObject *type, *function;
    if (!PyArg_ParseTuple(args, "OO", &type, &function)) return NULL;
    Counts c = {(PyTypeObject*)type, 0, 0};
    void* data;
    if (PyRefTracer_SetTracer(count_objects, &c) < 0) return NULL;
    int same = PyRefTracer_GetTracer(&data) == count_objects && data == &c;
    PyObject* r = PyObject_CallNoArgs(function);
    Py_XDECREF(r);
    PyRefTracer_SetTracer(NULL, NULL);
    if (!r) return NULL;
    return Py_BuildValue("(lli)", c.made, c.gone, same);
}

static PyObject* replacement(PyObject* f, PyObject* const* args, size_t nargsf, PyObject* names) {
    return Py_BuildValue("(snn)", "replaced", PyVectorcall_NARGS(nargsf),
                         names ? PyTuple_GET_SIZE(names) : 0);
}
static PyObject* replace(PyObject* self, PyObject* f) {
    PyFunction_SetVectorcall((PyFunctionObject*)f, replacement);
    return Py_NewRef(f);
}

/* Numbers while every allocator of objects refuses. */
static void* no_malloc(void* ctx, size_t n) { return NULL; }
static void* no_calloc(void* ctx, size_t n, size_t size) { return NULL; }
static void* no_realloc(void* ctx, void* p, size_t n) { return NULL; }
static const char* outcome(PyObject* o) {
    if (o) {
        Py_DECREF(o);
        return "made";
    }
    if (!PyErr_Occurred()) return "null without an exception";
    const char* r = PyErr_ExceptionMatches(PyExc_MemoryError) ? "MemoryError" : "another exception";
    PyErr_Clear();
    return r;
}
static PyObject* without_memory(PyObject* self, PyObject* unused) {
    enum { kMost = 5000 };
    static PyObject* kept[kMost];
    PyMemAllocatorEx old, refusing;
    PyMem_GetAllocator(PYMEM_DOMAIN_OBJ, &old);
    refusing = old;
    refusing.malloc = no_malloc;
    refusing.calloc = no_calloc;
    refusing.realloc = no_realloc;
    const char *small, *large = "made", *real = "made", *huge;
    int n = 0;
    PyMem_SetAllocator(PYMEM_DOMAIN_OBJ, &refusing);
    small = outcome(PyLong_FromLong(7));
    /* Until what lies ready is used up. */
    while (n < kMost && (kept[n] = PyLong_FromLong(123456 + n))) n++;
    if (n < kMost) large = outcome(NULL);
    while (n < kMost && (kept[n] = PyFloat_FromDouble(n + 0.5))) n++;
    if (n < kMost) real = outcome(NULL);
    huge = outcome(PyLong_FromUnsignedLongLong(1ULL << 63));
    PyMem_SetAllocator(PYMEM_DOMAIN_OBJ, &old);
    while (n > 0) Py_DECREF(kept[--n]);
    return Py_BuildValue("(ssss)", small, large, real, huge);
}

static PyMethodDef functions[] = {
    {"take_log", take_log, METH_NOARGS, NULL},
    {"add", add, METH_O, NULL},
    {"clear", clear, METH_VARARGS, NULL},
    {"watch", watch, METH_VARARGS, NULL},
    {"raise_next", raise_next, METH_NOARGS, NULL},
    {"trace", trace, METH_VARARGS, NULL},
    {"replace", replace, METH_O, NULL},
    {"without_memory", without_memory, METH_NOARGS, NULL},
    {NULL},
};
static PyModuleDef module = {PyModuleDef_HEAD_INIT, .m_name = "watchers", .m_size = -1,
                             .m_methods = functions};
PyMODINIT_FUNC PyInit_watchers(void) {
    log_list = PyList_New(0);
    return log_list ? PyModule_Create(&module) : NULL;
}
