/* Objects whose slots, methods and attributes are C functions, used from Python: what each is given, and what
   becomes of results, NotImplemented and failures. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>

typedef struct {
    PyObject_HEAD vectorcallfunc vectorcall;
    PyObject* object;
    int left;
} Op;
static PyTypeObject Op_Type, Vector_Type;

/* "boom" raises, None is declined, anything else is shown. */
static PyObject* answer(const char* what, PyObject* a, PyObject* b) {
    if (b == Py_None || a == Py_None) Py_RETURN_NOTIMPLEMENTED;
    for (int i = 0; i < 2; i++)
        if (PyUnicode_Check(i ? a : b) && PyUnicode_CompareWithASCIIString(i ? a : b, "boom") == 0)
            return PyErr_Format(PyExc_LookupError, "%s fails", what);
    if (PyLong_Check(b) && !PyBool_Check(b)) {
        long n = PyLong_AsLong(b);
        return n == -1 && PyErr_Occurred() ? NULL : PyLong_FromLong(n * 2);
    }
    if (PyFloat_Check(b)) return PyFloat_FromDouble(PyFloat_AS_DOUBLE(b) * 2);
    return PyUnicode_FromFormat("%s(%s, %s)", what, Py_TYPE(a)->tp_name, Py_TYPE(b)->tp_name);
}
static PyObject* op_add(PyObject* a, PyObject* b) { return answer("add", a, b); }
static PyObject* op_xor(PyObject* a, PyObject* b) { return answer("xor", a, b); }
static PyObject* op_iadd(PyObject* a, PyObject* b) { return answer("iadd", a, b); }
static PyObject* op_power(PyObject* a, PyObject* b, PyObject* c) { return answer("power", a, b); }
static PyObject* op_subscript(PyObject* a, PyObject* b) { return answer("subscript", a, b); }
static PyObject* op_compare(PyObject* a, PyObject* b, int op) {
    if (PyUnicode_Check(b) && PyUnicode_CompareWithASCIIString(b, "list") == 0)
        return PyList_New(op == Py_LT);
    return answer("compare", a, b);
}
static int is_boom(PyObject* o) {
    if (!PyUnicode_Check(o) || PyUnicode_CompareWithASCIIString(o, "boom")) return 0;
    PyErr_SetString(PyExc_LookupError, "boom");
    return 1;
}
static int op_contains(PyObject* a, PyObject* b) { return is_boom(b) ? -1 : PyLong_Check(b); }
static int op_store(PyObject* a, PyObject* key, PyObject* value) {
    if (is_boom(key) || (value && is_boom(value))) return -1;
    Py_INCREF(value ? value : key);
    Py_XSETREF(((Op*)a)->object, value ? value : key);
    return 0;
}
static int op_bool(PyObject* a) {
    PyObject* o = ((Op*)a)->object;
    return o && is_boom(o) ? -1 : o != NULL;
}
static PyObject* op_iter(PyObject* a) { return Py_NewRef(a); }
static PyObject* op_next(PyObject* a) {
    Op* o = (Op*)a;
    if (o->left == 0) return NULL;
    if (o->left == -1) return PyErr_Format(PyExc_LookupError, "next fails");
    return PyLong_FromLong(100000 + o->left--);
}
static PyObject* shown(PyObject* args, PyObject* kw) {
    return PyUnicode_FromFormat("%R %R", args, kw ? kw : Py_None);
}
static PyObject* op_call(PyObject* o, PyObject* args, PyObject* kw) {
    if (PyTuple_GET_SIZE(args) && is_boom(PyTuple_GET_ITEM(args, 0))) return NULL;
    return shown(args, kw);
}
static PyObject* from_array(PyObject* const* args, Py_ssize_t n, PyObject* names) {
    PyObject* list = PyList_New(0);
    Py_ssize_t total = n + (names ? PyTuple_GET_SIZE(names) : 0);
    if (n && is_boom(args[0])) return Py_DECREF(list), NULL;
    for (Py_ssize_t i = 0; i < total; i++) PyList_Append(list, args[i]);
    PyObject* text = shown(list, names);
    Py_DECREF(list);
    return text;
}
static PyObject* op_vectorcall(PyObject* o, PyObject* const* args, size_t n, PyObject* names) {
    return from_array(args, PyVectorcall_NARGS(n), names);
}
static PyObject* op_new(PyTypeObject* type, PyObject* args, PyObject* kw) {
    Op* o = (Op*)type->tp_alloc(type, 0);
    if (o && PyTuple_GET_SIZE(args)) o->left = PyLong_AsInt(PyTuple_GET_ITEM(args, 0));
    if (o && PyType_IsSubtype(type, &Vector_Type)) o->vectorcall = op_vectorcall;
    return (PyObject*)o;
}
static int op_traverse(PyObject* o, visitproc visit, void* arg) {
    Py_VISIT(((Op*)o)->object);
    return 0;
}
static int op_clear(PyObject* o) {
    Py_CLEAR(((Op*)o)->object);
    return 0;
}
static void op_dealloc(PyObject* o) {
    PyObject_GC_UnTrack(o);
    op_clear(o);
    Py_TYPE(o)->tp_free(o);
}
static PyObject* get(PyObject* o, void* closure) {
    Op* self = (Op*)o;
    if (self->object && is_boom(self->object)) return NULL;
    return self->object ? Py_NewRef(self->object) : PyLong_FromLong(123456789);
}
static PyObject* get_nothing(PyObject* o, void* closure) {
    return PyErr_Format(PyExc_AttributeError, "not here");
}
static int set(PyObject* o, PyObject* v, void* closure) { return op_store(o, Py_None, v); }

static PyObject* noargs(PyObject* self, PyObject* unused) {
    return PyUnicode_FromFormat("noargs %s", Py_TYPE(self)->tp_name);
}
static PyObject* one(PyObject* self, PyObject* arg) {
    return is_boom(arg) ? NULL : PyUnicode_FromFormat("one %s %R", Py_TYPE(arg)->tp_name, arg);
}
static PyObject* same(PyObject* self, PyObject* arg) { return Py_NewRef(arg); }
static PyObject* fast(PyObject* self, PyObject* const* args, Py_ssize_t n) {
    return from_array(args, n, NULL);
}
static PyObject* fast_kw(PyObject* self, PyObject* const* args, Py_ssize_t n, PyObject* names) {
    return from_array(args, n, names);
}
static PyObject* varargs(PyObject* self, PyObject* args) { return shown(args, NULL); }
static PyObject* varargs_kw(PyObject* self, PyObject* args, PyObject* kw) { return shown(args, kw); }
/* Numbers that C keeps beyond the call that gave them; both functions give the first of those kept so far. */
static PyObject* shelf;
static PyObject* shelve(PyObject* self, PyObject* arg) {
    if (!shelf && !(shelf = PyList_New(0))) return NULL;
    return PyList_Append(shelf, arg) < 0 ? NULL : Py_NewRef(PyList_GET_ITEM(shelf, 0));
}
static PyObject* shelve_fast(PyObject* self, PyObject* const* args, Py_ssize_t n) {
    PyObject* r = NULL;
    for (Py_ssize_t i = 0; i < n; i++) Py_XSETREF(r, shelve(self, args[i]));
    return r ? r : Py_NewRef(Py_None);
}
static PyObject* unshelve(PyObject* self, PyObject* unused) {
    PyObject* r = shelf ? shelf : Py_NewRef(Py_None);
    shelf = NULL;
    return r;
}
/* The first argument, and what calling the second gave meanwhile. */
static PyObject* first_then(PyObject* self, PyObject* const* args, Py_ssize_t n) {
    PyObject* r = n == 2 ? PyObject_CallNoArgs(args[1]) : Py_NewRef(Py_None);
    PyObject* pair = r ? PyTuple_Pack(2, args[0], r) : NULL;
    Py_XDECREF(r);
    return pair;
}
static PyObject* silent(PyObject* self, PyObject* unused) { return NULL; }
static PyObject* parsed(PyObject* self, PyObject* args, PyObject* kw) {
    static char* names[] = {"", "b", "c", "d", NULL};
    PyObject *a, *c = NULL, *d = NULL;
    int b = -1;
    if (!PyArg_ParseTupleAndKeywords(args, kw, "Oi|O$O:parsed", names, &a, &b, &c, &d)) return NULL;
    return Py_BuildValue("OiOO", a, b, c ? c : Py_None, d ? d : Py_None);
}
static PyObject* unfilled(PyObject* self, PyObject* unused) {
    PyObject *list = PyList_New(2), *tuple = PyTuple_New(2);
    PyList_SET_ITEM(list, 1, tuple);
    return list;
}
#define METHODS                                                                                      \
    {"noargs", noargs, METH_NOARGS, NULL}, {"one", one, METH_O, NULL}, {"same", same, METH_O, NULL}, \
        {"fast", (PyCFunction)(void (*)(void))fast, METH_FASTCALL, NULL},                            \
        {"fast_kw", (PyCFunction)(void (*)(void))fast_kw, METH_FASTCALL | METH_KEYWORDS, NULL},      \
        {"varargs", varargs, METH_VARARGS, NULL},                                                    \
        {"varargs_kw", (PyCFunction)(void (*)(void))varargs_kw, METH_VARARGS | METH_KEYWORDS, NULL}, \
        {"parsed", (PyCFunction)(void (*)(void))parsed, METH_VARARGS | METH_KEYWORDS, NULL}, {       \
        "silent", silent, METH_NOARGS, NULL                                                          \
    }
static PyMethodDef op_methods[] = {METHODS,
                                   {"static", one, METH_O | METH_STATIC, NULL},
                                   {"of_class", one, METH_O | METH_CLASS, NULL},
                                   {NULL}};
static PyGetSetDef op_getset[] = {
    {"computed", get, set, NULL, NULL}, {"nothing", get_nothing, NULL, NULL, NULL}, {NULL}};
static PyMemberDef op_members[] = {{"object", Py_T_OBJECT_EX, offsetof(Op, object), 0, NULL}, {NULL}};
static PyNumberMethods op_number = {
    .nb_add = op_add, .nb_xor = op_xor, .nb_inplace_add = op_iadd, .nb_power = op_power, .nb_bool = op_bool};
static PySequenceMethods op_sequence = {.sq_contains = op_contains};
static PyMappingMethods op_mapping = {.mp_subscript = op_subscript, .mp_ass_subscript = op_store};
#define OP_TYPE(type_name, call)                                                                             \
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = type_name, .tp_basicsize = sizeof(Op),                          \
                                .tp_dealloc = op_dealloc, .tp_traverse = op_traverse, .tp_clear = op_clear,  \
                                .tp_as_number = &op_number, .tp_as_sequence = &op_sequence,                  \
                                .tp_as_mapping = &op_mapping, .tp_call = call, .tp_richcompare = op_compare, \
                                .tp_hash = PyObject_GenericHash, .tp_iter = op_iter, .tp_iternext = op_next, \
                                .tp_methods = op_methods, .tp_members = op_members, .tp_getset = op_getset,  \
                                .tp_new = op_new
static PyTypeObject Op_Type = {OP_TYPE("operators.Op", op_call),
                               .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC};
static PyTypeObject Vector_Type = {
    OP_TYPE("operators.Vector", PyVectorcall_Call), .tp_vectorcall_offset = offsetof(Op, vectorcall),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL};
static PyTypeObject Int_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "operators.Int",
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
};
/* A str that derives from a type with numbers as well, and has no tables of its own: it shares those of str.
 */
static PyNumberMethods adder_number = {.nb_add = op_add, .nb_multiply = op_add, .nb_xor = op_xor};
static PySequenceMethods adder_sequence = {.sq_concat = op_xor};
static PyTypeObject Adder_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "operators.Adder",
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_basicsize = sizeof(PyObject),
    .tp_as_number = &adder_number,
    .tp_as_sequence = &adder_sequence,
    .tp_new = PyType_GenericNew,
};
static PyTypeObject Text_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "operators.Text",
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_base = &PyUnicode_Type,
};

/* A sequence that is no mapping, with an initializer. */
typedef struct {
    PyObject_HEAD long size;
} Row;
static PyObject* row_item(PyObject* o, Py_ssize_t i) {
    if (i < 0 || i >= ((Row*)o)->size) return PyErr_Format(PyExc_IndexError, "no item %zd", i);
    return i == 1 ? PyLong_FromSsize_t(123456) : PyUnicode_FromFormat("item %zd", i);
}
static Py_ssize_t row_length(PyObject* o) { return ((Row*)o)->size; }
static int row_init(PyObject* o, PyObject* args, PyObject* kw) {
    return PyArg_ParseTuple(args, "l:Row", &((Row*)o)->size) ? 0 : -1;
}
static PyObject* row_new(PyTypeObject* type, PyObject* args, PyObject* kw) {
    if (PyTuple_GET_SIZE(args) && PyTuple_GET_ITEM(args, 0) == Py_None) return PyUnicode_FromString("no row");
    return type->tp_alloc(type, 0);
}
static PySequenceMethods row_sequence = {.sq_item = row_item, .sq_length = row_length};
static PyTypeObject Row_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "operators.Row",
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_basicsize = sizeof(Row),
    .tp_as_sequence = &row_sequence,
    .tp_init = row_init,
    .tp_new = row_new,
};

/* Slots that are written when the type is ready already: when the module is made, or later, which is said. */
static PyObject* late_new(PyTypeObject* type, PyObject* args, PyObject* kw) {
    if (PyTuple_GET_SIZE(args) == 1) return type->tp_alloc(type, 0);
    return PyUnicode_FromFormat("late %zd", PyTuple_GET_SIZE(args));
}
static PyObject* late_repr(PyObject* o) { return PyUnicode_FromString("late repr"); }
static PyObject* late_add(PyObject* a, PyObject* b) { return PyUnicode_FromString("late add"); }
static PyObject* late_item(PyObject* a, PyObject* key) { return Py_NewRef(key); }
static PyNumberMethods late_number = {.nb_add = op_add};
static PyMappingMethods late_mapping = {.mp_subscript = op_subscript};
static PyTypeObject Late_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "operators.Late",
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_basicsize = sizeof(PyObject),
    .tp_as_number = &late_number,
    .tp_as_mapping = &late_mapping,
    .tp_new = row_new,
};
static PyObject* change_late(PyObject* self, PyObject* unused) {
    Late_Type.tp_new = PyType_GenericNew;
    Late_Type.tp_repr = late_repr;
    late_mapping.mp_subscript = NULL;
    PyType_Modified(&Late_Type);
    Py_RETURN_NONE;
}

/* A function that is bound to an exception and reads its fields: they change between the calls. */
static PyObject* last_of_args(PyObject* self, PyObject* unused) {
    PyObject* args = ((PyBaseExceptionObject*)self)->args;
    return Py_NewRef(PyTuple_GET_ITEM(args, PyTuple_GET_SIZE(args) - 1));
}
static PyMethodDef last_of_args_def = {"last_of_args", last_of_args, METH_NOARGS, NULL};
static PyObject* bind(PyObject* self, PyObject* o) { return PyCFunction_New(&last_of_args_def, o); }

static PyMethodDef functions[] = {
    METHODS,
    {"change_late", change_late, METH_NOARGS, NULL},
    {"unfilled", unfilled, METH_NOARGS, NULL},
    {"shelve", shelve, METH_O, NULL},
    {"shelve_fast", (PyCFunction)(void (*)(void))shelve_fast, METH_FASTCALL, NULL},
    {"unshelve", unshelve, METH_NOARGS, NULL},
    {"first_then", (PyCFunction)(void (*)(void))first_then, METH_FASTCALL, NULL},
    {"bind", bind, METH_O, NULL},
    {NULL}};
static PyModuleDef module = {PyModuleDef_HEAD_INIT, .m_name = "operators", .m_size = -1,
                             .m_methods = functions};
PyMODINIT_FUNC PyInit_operators(void) {
    Int_Type.tp_base = &PyLong_Type;
    PyObject* m = PyModule_Create(&module);
    Adder_Type.tp_new = PyType_GenericNew;
    if (PyType_Ready(&Adder_Type) < 0) return NULL;
    Text_Type.tp_bases = PyTuple_Pack(2, &PyUnicode_Type, &Adder_Type);
    if (PyType_Ready(&Late_Type) < 0) return NULL;
    Late_Type.tp_new = late_new;
    late_number.nb_add = late_add;
    late_mapping.mp_subscript = late_item;
    return m && PyModule_AddType(m, &Late_Type) == 0 && PyModule_AddType(m, &Row_Type) == 0 &&
                   PyModule_AddType(m, &Text_Type) == 0 && PyModule_AddType(m, &Adder_Type) == 0 &&
                   PyModule_AddType(m, &Op_Type) == 0 && PyModule_AddType(m, &Vector_Type) == 0 &&
                   PyModule_AddType(m, &Int_Type) == 0
               ? m
               : NULL;
}
