// Heap types from specs, multi-phase initialization, module state, buffers, vectorcall, a metaclass,
// exceptions.
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <frameobject.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <thread>
#include <vector>

namespace {

struct State {
    PyObject *vector_type, *caller_type, *error;
};
State* state_of(PyObject* m) { return static_cast<State*>(PyModule_GetState(m)); }

struct Vector {
    PyObject_HEAD std::vector<double>* data;
    Py_ssize_t shape;
    int exports;
};
Vector* as_vector(PyObject* o) { return reinterpret_cast<Vector*>(o); }

PyObject* vector_new(PyTypeObject* type, PyObject* args, PyObject*) {
    PyObject* items = nullptr;
    if (!PyArg_ParseTuple(args, "|O", &items)) return nullptr;
    PyObject* self = type->tp_alloc(type, 0);
    if (!self) return nullptr;
    as_vector(self)->data = new std::vector<double>;
    if (!items) return self;
    PyObject* it = PyObject_GetIter(items);
    while (PyObject* item = it ? PyIter_Next(it) : nullptr) {
        as_vector(self)->data->push_back(PyFloat_AsDouble(item));
        Py_DECREF(item);
        if (PyErr_Occurred()) break;
    }
    Py_XDECREF(it);
    if (PyErr_Occurred()) Py_CLEAR(self);
    return self;
}
void vector_dealloc(PyObject* self) {
    PyTypeObject* type = Py_TYPE(self);
    delete as_vector(self)->data;
    type->tp_free(self);
    Py_DECREF(type);
}
PyObject* vector_repr(PyObject* self) {
    PyObject* list = PyList_New(0);
    for (double d : *as_vector(self)->data) {
        PyObject* f = PyFloat_FromDouble(d);
        PyList_Append(list, f);
        Py_DECREF(f);
    }
    PyObject* r = PyUnicode_FromFormat("%s(%R)", Py_TYPE(self)->tp_name, list);
    Py_DECREF(list);
    return r;
}
Py_ssize_t vector_length(PyObject* self) { return static_cast<Py_ssize_t>(as_vector(self)->data->size()); }
PyObject* vector_subscript(PyObject* self, PyObject* key) {
    auto& v = *as_vector(self)->data;
    if (PySlice_Check(key)) {
        Py_ssize_t start, stop, step;
        if (PySlice_Unpack(key, &start, &stop, &step) < 0) return nullptr;
        Py_ssize_t n = PySlice_AdjustIndices(static_cast<Py_ssize_t>(v.size()), &start, &stop, step);
        PyObject* list = PyList_New(n);
        for (Py_ssize_t i = 0; i < n; i++, start += step)
            PyList_SET_ITEM(list, i, PyFloat_FromDouble(v[static_cast<size_t>(start)]));
        return list;
    }
    Py_ssize_t i = PyNumber_AsSsize_t(key, PyExc_IndexError);
    if (i == -1 && PyErr_Occurred()) return nullptr;
    if (i < 0) i += static_cast<Py_ssize_t>(v.size());
    if (i < 0 || static_cast<size_t>(i) >= v.size()) return PyErr_Format(PyExc_IndexError, "no item %zd", i);
    return PyFloat_FromDouble(v[static_cast<size_t>(i)]);
}
int vector_getbuffer(PyObject* self, Py_buffer* view, int flags) {
    auto* v = as_vector(self);
    v->shape = static_cast<Py_ssize_t>(v->data->size());
    if (PyBuffer_FillInfo(view, self, v->data->data(), v->shape * 8, 0, flags) < 0) return -1;
    view->itemsize = 8;
    view->format = flags & PyBUF_FORMAT ? const_cast<char*>("d") : nullptr;
    if (view->shape) view->shape = &v->shape;
    if (view->strides) view->strides = &view->itemsize;
    v->exports++;
    return 0;
}
void vector_releasebuffer(PyObject* self, Py_buffer*) { as_vector(self)->exports--; }
PyObject* vector_exports(PyObject* self, PyObject*) { return PyLong_FromLong(as_vector(self)->exports); }
PyObject* vector_module_error(PyObject* self, PyTypeObject* cls, PyObject* const* args, Py_ssize_t n,
                              PyObject*) {
    State* s = static_cast<State*>(PyType_GetModuleState(cls));
    if (!s) return nullptr;
    PyErr_SetObject(s->error, n ? args[0] : Py_None);
    return nullptr;
}
PyMethodDef vector_methods[] = {
    {"exports", vector_exports, METH_NOARGS, "Buffers given out."},
    {"module_error", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(vector_module_error)),
     METH_METHOD | METH_FASTCALL | METH_KEYWORDS, "Raises the module's error."},
    {nullptr, nullptr, 0, nullptr}};
PyType_Slot vector_slots[] = {{Py_tp_new, reinterpret_cast<void*>(vector_new)},
                              {Py_tp_dealloc, reinterpret_cast<void*>(vector_dealloc)},
                              {Py_tp_repr, reinterpret_cast<void*>(vector_repr)},
                              {Py_mp_length, reinterpret_cast<void*>(vector_length)},
                              {Py_mp_subscript, reinterpret_cast<void*>(vector_subscript)},
                              {Py_bf_getbuffer, reinterpret_cast<void*>(vector_getbuffer)},
                              {Py_bf_releasebuffer, reinterpret_cast<void*>(vector_releasebuffer)},
                              {Py_tp_methods, vector_methods},
                              {Py_tp_doc, const_cast<char*>("Numbers side by side.")},
                              {0, nullptr}};
PyType_Spec vector_spec = {"heap_types.Vector", sizeof(Vector), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
                           vector_slots};

struct Caller {
    PyObject_HEAD vectorcallfunc call;
    PyObject* target;
};
PyObject* caller_call(PyObject* self, PyObject* const* args, size_t n, PyObject* names) {
    PyObject* r = PyObject_Vectorcall(reinterpret_cast<Caller*>(self)->target, args, n, names);
    return r ? Py_BuildValue("(sN)", "called", r) : nullptr;
}
PyObject* caller_new(PyTypeObject* type, PyObject* args, PyObject*) {
    PyObject* target;
    if (!PyArg_ParseTuple(args, "O", &target)) return nullptr;
    PyObject* self = type->tp_alloc(type, 0);
    if (!self) return nullptr;
    reinterpret_cast<Caller*>(self)->call = caller_call;
    reinterpret_cast<Caller*>(self)->target = Py_NewRef(target);
    return self;
}
int caller_traverse(PyObject* self, visitproc visit, void* arg) {
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(reinterpret_cast<Caller*>(self)->target);
    return 0;
}
int caller_clear(PyObject* self) {
    Py_CLEAR(reinterpret_cast<Caller*>(self)->target);
    return 0;
}
void caller_dealloc(PyObject* self) {
    PyTypeObject* type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    caller_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}
PyMemberDef caller_members[] = {
    {"__vectorcalloffset__", Py_T_PYSSIZET, offsetof(Caller, call), Py_READONLY, nullptr},
    {"target", Py_T_OBJECT_EX, offsetof(Caller, target), 0, nullptr},
    {nullptr, 0, 0, 0, nullptr}};
PyType_Slot caller_slots[] = {{Py_tp_new, reinterpret_cast<void*>(caller_new)},
                              {Py_tp_dealloc, reinterpret_cast<void*>(caller_dealloc)},
                              {Py_tp_traverse, reinterpret_cast<void*>(caller_traverse)},
                              {Py_tp_clear, reinterpret_cast<void*>(caller_clear)},
                              {Py_tp_call, reinterpret_cast<void*>(PyVectorcall_Call)},
                              {Py_tp_members, caller_members},
                              {0, nullptr}};
PyType_Spec caller_spec = {
    "heap_types.Caller", sizeof(Caller), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_BASETYPE, caller_slots};

PyObject* threads(PyObject*, PyObject* f) {
    // Without the lock and with it again, as other threads would.
    PyThreadState* save = PyEval_SaveThread();
    PyGILState_STATE s = PyGILState_Ensure();
    PyObject* r = PyObject_CallNoArgs(f);
    PyGILState_Release(s);
    PyEval_RestoreThread(save);
    return r;
}
PyObject* writer(PyObject*, PyObject* o) {
    PyUnicodeWriter* w = PyUnicodeWriter_Create(0);
    if (!w || PyUnicodeWriter_WriteUTF8(w, "<\xe2\x82\xac ", -1) < 0 || PyUnicodeWriter_WriteRepr(w, o) < 0 ||
        PyUnicodeWriter_WriteChar(w, 0x1f600) < 0 || PyUnicodeWriter_Format(w, "%d>", 5) < 0) {
        PyUnicodeWriter_Discard(w);
        return nullptr;
    }
    return PyUnicodeWriter_Finish(w);
}
PyObject* big(PyObject*, PyObject* o) {
    unsigned char bytes[16];
    Py_ssize_t n = PyLong_AsNativeBytes(o, bytes, sizeof bytes, Py_ASNATIVEBYTES_LITTLE_ENDIAN);
    if (n < 0) return nullptr;
    return Py_BuildValue("(nNy#)", n,
                         PyLong_FromNativeBytes(bytes, sizeof bytes, Py_ASNATIVEBYTES_LITTLE_ENDIAN), bytes,
                         static_cast<Py_ssize_t>(2));
}
PyObject* deeper(PyObject*, PyObject*) {
    PyObject* code = reinterpret_cast<PyObject*>(PyCode_NewEmpty("made.c", "made", 42));
    PyObject* globals = PyDict_New();
    PyFrameObject* f =
        PyFrame_New(PyThreadState_Get(), reinterpret_cast<PyCodeObject*>(code), globals, nullptr);
    PyErr_SetString(PyExc_RuntimeError, "from a made frame");
    PyTraceBack_Here(f);
    Py_DECREF(f);
    Py_DECREF(globals);
    Py_DECREF(code);
    return nullptr;
}
// What C++ keeps for a thread ends late, and join() waits for it.
std::atomic<int> ended{0};
struct Late {
    int touched = 0;
    ~Late() {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        ended++;
    }
};
thread_local Late late;
PyObject* keep_for_thread(PyObject*, PyObject*) { return PyLong_FromLong(++late.touched); }
PyObject* kept_for_threads(PyObject*, PyObject*) { return PyLong_FromLong(ended); }
PyMethodDef functions[] = {{"threads", threads, METH_O, nullptr},
                           {"writer", writer, METH_O, nullptr},
                           {"big", big, METH_O, nullptr},
                           {"deeper", deeper, METH_NOARGS, nullptr},
                           {"keep_for_thread", keep_for_thread, METH_NOARGS, nullptr},
                           {"kept_for_threads", kept_for_threads, METH_NOARGS, nullptr},
                           {nullptr, nullptr, 0, nullptr}};

int exec(PyObject* m) {
    State* s = state_of(m);
    s->vector_type = PyType_FromModuleAndSpec(m, &vector_spec, nullptr);
    s->caller_type = PyType_FromModuleAndSpec(m, &caller_spec, nullptr);
    s->error = PyErr_NewExceptionWithDoc("heap_types.Error", "Went wrong.", PyExc_ValueError, nullptr);
    if (!s->vector_type || !s->caller_type || !s->error) return -1;
    if (PyModule_AddType(m, reinterpret_cast<PyTypeObject*>(s->vector_type)) < 0 ||
        PyModule_AddType(m, reinterpret_cast<PyTypeObject*>(s->caller_type)) < 0)
        return -1;
    return PyModule_AddObjectRef(m, "Error", s->error);
}
int traverse(PyObject* m, visitproc visit, void* arg) {
    State* s = state_of(m);
    Py_VISIT(s->vector_type);
    Py_VISIT(s->caller_type);
    Py_VISIT(s->error);
    return 0;
}
int clear(PyObject* m) {
    State* s = state_of(m);
    Py_CLEAR(s->vector_type);
    Py_CLEAR(s->caller_type);
    Py_CLEAR(s->error);
    return 0;
}
PyModuleDef_Slot slots[] = {{Py_mod_exec, reinterpret_cast<void*>(exec)},
                            {Py_mod_multiple_interpreters, Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED},
                            {0, nullptr}};
PyModuleDef module = {PyModuleDef_HEAD_INIT,
                      "heap_types",
                      "Heap types.",
                      sizeof(State),
                      functions,
                      slots,
                      traverse,
                      clear,
                      [](void* m) { clear(static_cast<PyObject*>(m)); }};

}  // namespace

PyMODINIT_FUNC PyInit_heap_types(void) { return PyModuleDef_Init(&module); }
