/* Functions of the C API that no other test and no package at hand calls, by header. Each function of the
   module returns a list of (what, result); a failure is the exception's text. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <frameobject.h>
#include <marshal.h>
#include <signal.h>
#include <structmember.h>

static PyObject* list;

/* Takes over `result`; null: what exception is set. */
static void note(const char* what, PyObject* result) {
    if (!result) {
        PyObject* exc = PyErr_GetRaisedException();
        result = exc ? PyUnicode_FromFormat("%s: %S", Py_TYPE(exc)->tp_name, exc)
                     : PyUnicode_FromString("nothing");
        Py_XDECREF(exc);
    }
    PyObject* pair = Py_BuildValue("(sN)", what, result);
    PyList_Append(list, pair);
    Py_DECREF(pair);
}
static void number(const char* what, long long n) {
    note(what, PyErr_Occurred() ? NULL : PyLong_FromLongLong(n));
}
static void text(const char* what, const char* s) { note(what, s ? PyUnicode_FromString(s) : NULL); }
static void borrowed(const char* what, PyObject* o) { note(what, Py_XNewRef(o)); }
#define N(call) number(#call, (long long)(call))
#define O(call) note(#call, (PyObject*)(call))
#define B(call) borrowed(#call, (PyObject*)(call))
#define S(call) text(#call, (call))

static PyObject* eval(const char* source) {
    PyObject* space = PyDict_New();
    PyDict_SetItemString(space, "__builtins__", PyEval_GetBuiltins());
    PyObject* r = PyRun_String(source, Py_eval_input, space, space);
    Py_DECREF(space);
    return r;
}

static void cells_and_methods(PyObject* arg) {
    PyObject* cell = PyCell_New(arg);
    O(PyCell_Get(cell));
    N(PyCell_Set(cell, NULL));
    note("empty", PyCell_Get(cell));
    N(PyCell_Set(cell, Py_Ellipsis));
    O(PyCell_Get(cell));
    O(PyCell_Get(arg));
    N(PyCell_Set(arg, NULL));
    Py_DECREF(cell);
    PyObject* upper = PyObject_GetAttrString(arg, "upper");
    N(PyCFunction_GetFlags(upper) & METH_KEYWORDS);
    B(PyCFunction_GetSelf(upper));
    O(PyCFunction_GetSelf(arg));
    PyObject* lambda = eval("lambda *a: a");
    PyObject* method = PyMethod_New(lambda, arg);
    N(PyMethod_Function(method) == lambda);
    B(PyMethod_Self(method));
    O(PyMethod_New(lambda, NULL));
    PyObject* im = PyInstanceMethod_New(lambda);
    N(PyInstanceMethod_Function(im) == lambda);
    N(PyVectorcall_Function(lambda) != NULL);
    N(PyVectorcall_Function(arg) == NULL);
    N(PyVectorcall_NARGS(3 | PY_VECTORCALL_ARGUMENTS_OFFSET));
    O(PyCallIter_New(lambda, arg));
    N(PyDescr_IsData(lambda));
    PyObject* prop = eval("property()");
    N(PyDescr_IsData(prop));
    PyObject* repr = PyObject_GetAttrString((PyObject*)&PyLong_Type, "__repr__");
    PyObject* five = PyLong_FromLong(5);
    PyObject* wrapper = PyWrapper_New(repr, five);
    O(PyObject_CallNoArgs(wrapper));
    N(PyAIter_Check(lambda));
    O(PyObject_GetAIter(lambda));
    N(PyObject_IS_GC(lambda));
    N(PyObject_IS_GC(arg));
    Py_DECREF(upper), Py_DECREF(lambda), Py_DECREF(method), Py_DECREF(im), Py_DECREF(prop), Py_DECREF(repr);
    Py_DECREF(five), Py_DECREF(wrapper);
}

static void exceptions(PyObject* arg) {
    PyObject* e = eval("ValueError(1, 'two')");
    B(PyExceptionClass_Name(PyExc_ValueError)[0] == 'V' ? Py_True : Py_False);
    O(PyException_GetContext(e));
    PyException_SetContext(e, eval("KeyError('k')"));
    O(PyException_GetContext(e));
    PyObject* args = Py_BuildValue("(s)", "new");
    PyException_SetArgs(e, args);
    note("args", PyObject_Str(e));
    PyErr_BadInternalCall();
    note("bad internal call", NULL);
    errno = ENOENT;
    O(PyErr_SetFromErrnoWithFilenameObjects(PyExc_OSError, arg, arg));
    PyObject *name = PyUnicode_FromString("mod"), *path = PyUnicode_FromString("/p");
    O(PyErr_SetImportErrorSubclass(PyExc_ModuleNotFoundError, arg, name, path));
    O(PyErr_SetImportErrorSubclass(PyExc_ValueError, arg, name, path));
    PyErr_SetString(PyExc_SyntaxError, "odd");
    PyErr_SyntaxLocationEx("/nonexistent.py", 3, 4);
    PyObject* exc = PyErr_GetRaisedException();
    for (const char** a =
             (const char*[]){"lineno", "offset", "end_lineno", "end_offset", "filename", "text", NULL};
         *a; a++)
        note(*a, PyObject_GetAttrString(exc, *a));
    Py_DECREF(exc);
    PyErr_SetString(PyExc_SyntaxError, "odd");
    PyErr_RangedSyntaxLocationObject(path, 1, 2, 3, 4);
    exc = PyErr_GetRaisedException();
    for (const char** a =
             (const char*[]){"lineno", "offset", "end_lineno", "end_offset", "filename", "text", NULL};
         *a; a++)
        note(*a, PyObject_GetAttrString(exc, *a));
    Py_DECREF(exc);
    O(PyErr_ProgramText("/nonexistent.py", 1));
    O(PyErr_ProgramTextObject(path, 1));
    PyObject* d = eval("UnicodeDecodeError('ascii', b'abc', 1, 2, 'why')");
    O(PyUnicodeDecodeError_GetEncoding(d));
    O(PyUnicodeDecodeError_GetObject(d));
    O(PyUnicodeDecodeError_GetReason(d));
    PyObject* n = eval("UnicodeEncodeError('ascii', 'abc', 1, 2, 'why')");
    O(PyUnicodeEncodeError_GetEncoding(n));
    O(PyUnicodeEncodeError_GetObject(n));
    O(PyUnicodeEncodeError_GetReason(n));
    PyObject* t = eval("UnicodeTranslateError('abc', 1, 2, 'why')");
    O(PyUnicodeTranslateError_GetObject(t));
    O(PyUnicodeTranslateError_GetReason(t));
    N(PyUnicodeTranslateError_SetReason(t, "other"));
    O(PyUnicodeTranslateError_GetReason(t));
    N(PyErr_WarnExplicitObject(PyExc_UserWarning, arg, path, 7, name, NULL));
    N(PyErr_WarnExplicit(PyExc_UserWarning, "text", "file.py", 8, "mod", NULL));
    N(PyErr_WarnExplicitFormat(PyExc_UserWarning, "file.py", 9, "mod", NULL, "%d %s", 5, "x"));
    for (PyObject** p = (PyObject*[]){PyExc_BytesWarning, PyExc_ChildProcessError, PyExc_ConnectionError,
                                      PyExc_EncodingWarning, PyExc_EnvironmentError, PyExc_IndentationError,
                                      PyExc_PendingDeprecationWarning, PyExc_PythonFinalizationError,
                                      PyExc_ResourceWarning, PyExc_SyntaxWarning, PyExc_TabError,
                                      PyExc_UnicodeTranslateError, PyExc_UnicodeWarning, NULL};
         *p; p++)
        borrowed("type", *p);
    Py_DECREF(e), Py_DECREF(args), Py_DECREF(name), Py_DECREF(path), Py_DECREF(d), Py_DECREF(n), Py_DECREF(t);
}

static void strings(PyObject* arg) {
    O(PyUnicode_AsDecodedObject(arg, "rot13", NULL));
    PyErr_Clear();
    PyObject* bytes = NULL;
    N(PyUnicode_FSDecoder(arg, &bytes));
    note("decoded", bytes);
    N(PyUnicode_CHECK_INTERNED(arg) >= 0);
    N(PyUnicode_KIND(arg));
    O(PyUnicode_AsEncodedUnicode(arg, "utf-8", NULL));
    PyErr_Clear();
    char* e = Py_EncodeLocale(L"caf\u00e9", NULL);
    N(e != NULL);
    PyMem_Free(e);
    S(Py_hexdigits);
    N(Py_UTF8Mode >= 0);
    O(PyLong_GetInfo());
    N(PyMapping_Length(Py_None));
    N(PyObject_Length(arg));
    N(PySequence_Length(arg));
    N(PySequence_In(arg, arg));
    N(Py_IsNone(Py_None) + Py_IsTrue(Py_True) + Py_IsFalse(Py_False));
    PyObject *five = PyLong_FromLong(5), *big = eval("10**30");
    N(PyUnstable_Long_IsCompact((PyLongObject*)five));
    N(PyUnstable_Long_CompactValue((PyLongObject*)five));
    N(PyUnstable_Long_IsCompact((PyLongObject*)big));
    void* digits;
    PyLongWriter* w = PyLongWriter_Create(0, 3, &digits);
    N(w != NULL);
    PyLongWriter_Discard(w);
    Py_DECREF(five), Py_DECREF(big);
}

static void buffers(PyObject* arg) {
    PyObject *source = eval("memoryview(bytes(range(6)))"), *target = eval("memoryview(bytearray(6))");
    N(PyObject_CopyData(target, source));
    O(PyObject_Bytes(target));
    Py_ssize_t shape[2] = {2, 3}, strides[2] = {0, 0};
    PyBuffer_FillContiguousStrides(2, shape, strides, 4, 'F');
    note("strides", Py_BuildValue("(nn)", strides[0], strides[1]));
    PyObject* m = PyMarshal_WriteObjectToString(arg, Py_MARSHAL_VERSION);
    O(PyMarshal_ReadObjectFromString(PyBytes_AS_STRING(m), PyBytes_GET_SIZE(m)));
    O(PyMarshal_ReadObjectFromString("?", 1));
    PyObject* pickled = PyPickleBuffer_FromObject(source);
    const Py_buffer* view = PyPickleBuffer_GetBuffer(pickled);
    number("length", view ? view->len : -1);
    N(PyPickleBuffer_Release(pickled));
    N(PyPickleBuffer_GetBuffer(pickled) != NULL);
    N(PyPickleBuffer_Release(arg));
    O(PyPickleBuffer_FromObject(arg));
    N(Py_IS_TYPE(pickled, &PyPickleBuffer_Type));
    Py_DECREF(source), Py_DECREF(target), Py_DECREF(m), Py_DECREF(pickled);
}

static void ordered_dicts(PyObject* arg) {
    PyObject* d = PyODict_New();
    N(PyODict_CheckExact(d));
    N(PyODict_SetItem(d, arg, Py_None));
    N(PyODict_SetItem(d, Py_None, arg));
    N(PyODict_DelItem(d, arg));
    N(PyODict_DelItem(d, arg));
    O(PyObject_Repr(d));
    N(PyODict_Contains(d, Py_None));
    N(PyODict_Size(d));
    Py_DECREF(d);
    PyObject *c = PyContext_New(), *var = PyContextVar_New("v", NULL), *value = NULL;
    N(PyContext_CheckExact(c) + PyContextVar_CheckExact(var));
    N(PyContext_Enter(c));
    N(PyContext_Enter(c));
    PyObject* token = PyContextVar_Set(var, arg);
    N(PyContextToken_CheckExact(token));
    N(PyContextVar_Get(var, NULL, &value));
    note("value", value);
    PyObject* copy = PyContext_Copy(c);
    N(PyContextVar_Reset(var, token));
    N(PyContextVar_Reset(var, token));
    N(PyContextVar_Get(var, Py_Ellipsis, &value));
    note("value", value);
    value = arg;
    N(PyContextVar_Get(var, NULL, &value));
    note("value", value);
    N(PyContextVar_Get(arg, var, &value));
    N(PyContextVar_Reset(var, arg));
    N(PyContextVar_Reset(arg, token));
    O(PyContextVar_Set(arg, token));
    O(PyContext_Copy(arg));
    PyObject *big = PyLong_FromLong(123456), *other = PyContextVar_New("w", big);
    N(PyContextVar_Get(other, NULL, &value));
    note("value", value);
    N(PyContextVar_Get(other, Py_Ellipsis, &value));
    note("value", value);
    Py_DECREF(big), Py_DECREF(other);
    N(PyContext_Exit(c));
    N(PyContext_Exit(c));
    N(PyObject_Size(copy));
    Py_DECREF(c), Py_DECREF(var), Py_DECREF(token), Py_DECREF(copy);
}

static PyStructSequence_Field fields[] = {{"x", "first"}, {"y", NULL}, {"hidden", NULL}, {NULL}};
static PyStructSequence_Desc desc = {"rest.Point", "A point", fields, 2};
static PyTypeObject Point;

static void struct_sequences(PyObject* arg) {
    N(PyStructSequence_InitType2(&Point, &desc));
    PyObject* p = PyStructSequence_New(&Point);
    for (int i = 0; i < 3; i++) PyStructSequence_SetItem(p, i, PyLong_FromLong(1000 + i));
    O(PyObject_Repr(p));
    B(PyStructSequence_GetItem(p, 2));
    O(PyObject_GetAttrString(p, "hidden"));
    N(PyObject_Size(p));
    B(Point.tp_mro);
    O(PyObject_GetAttrString((PyObject*)&Point, "__match_args__"));
    O(PyObject_CallFunction((PyObject*)&Point, "((ii))", 1, 2));
    O(PyObject_CallFunction((PyObject*)&Point, "((i))", 1));
    Py_DECREF(p);
}

static int hook(const char* event, PyObject* args, void* data) {
    if (strncmp(event, "rest.", 5) != 0) return 0;
    note(event, Py_NewRef(args));
    if (strcmp(event, "rest.refused") == 0) {
        PyErr_SetString(PyExc_PermissionError, (const char*)data);
        return -1;
    }
    return 0;
}
static void audits(PyObject* arg) {
    N(PySys_AddAuditHook(hook, "not allowed"));
    N(PySys_Audit("rest.event", NULL));
    N(PySys_Audit("rest.event", "iO", 5, arg));
    N(PySys_Audit("rest.event", "(s)", "one"));
    N(PySys_AuditTuple("rest.tuple", NULL));
    N(PySys_AuditTuple("rest.tuple", arg));
    N(PySys_Audit("rest.refused", "O", Py_None));
    PyObject* sys = PyImport_ImportModule("sys");
    O(PyObject_CallMethod(sys, "audit", "ss", "rest.python", "x"));
    Py_DECREF(sys);
}

static void system_things(PyObject* arg) {
    PySys_WriteStdout("%s %d\n", "to stdout", 5);
    PySys_WriteStderr("%s %d\n", "to stderr", 6);
    PySys_FormatStdout("%S %R\n", arg, arg);
    PySys_FormatStderr("%S %R\n", arg, arg);
    N(PyGILState_Check());
    N(PyThreadState_Next(PyThreadState_Get()) == NULL);
    N(PyInterpreterState_ThreadHead(PyInterpreterState_Get()) == PyThreadState_Get());
    N(PyOS_InterruptOccurred());
    N(PyErr_SetInterruptEx(12345));
    PyOS_sighandler_t old = PyOS_getsig(SIGUSR2);
    N(old == SIG_DFL);
    N(PyThread_get_thread_native_id() == (unsigned long)getpid());
    Py_tss_t key = Py_tss_NEEDS_INIT;
    N(PyThread_tss_create(&key));
    N(PyThread_tss_set(&key, arg));
    N(PyThread_tss_get(&key) == arg);
    PyThread_tss_delete(&key);
    PyMutex m = {0};
    PyMutex_Lock(&m);
    N(PyMutex_IsLocked(&m));
    PyMutex_Unlock(&m);
    N(PyMutex_IsLocked(&m));
    Py_BEGIN_CRITICAL_SECTION(arg);
    N(1);
    Py_END_CRITICAL_SECTION();
    PyThread_type_lock lock = PyThread_allocate_lock();
    N(PyThread_acquire_lock_timed(lock, 0, 0));
    N(PyThread_acquire_lock_timed(lock, 1000, 0));
    PyThread_release_lock(lock);
    PyThread_free_lock(lock);
    N(Py_FdIsInteractive(stdin, "x"));
    N(PyType_SUPPORTS_WEAKREFS(&PyLong_Type));
    N(PyType_SUPPORTS_WEAKREFS(&PyType_Type));
    N(PyCompile_OpcodeStackEffect(100000, 0) == PY_INVALID_STACK_EFFECT);
    O(PyImport_GetImporter(arg));
    PyObject* m2 = PyImport_ImportModule("colorsys");
    O(PyModule_SetDocString(m2, "doc") == 0 ? PyObject_GetAttrString(m2, "__doc__") : NULL);
    PyObject* again = PyImport_ReloadModule(m2);
    N(again == m2);
    Py_XDECREF(again), Py_DECREF(m2);
}

static void code_and_frames(PyObject* arg) {
    PyObject* f = eval("lambda x, y=1: (x, y)");
    PyObject* code = PyFunction_GetCode(f);
    PyObject* g = PyFunction_New(code, PyFunction_GetGlobals(f));
    O(PyObject_CallFunction(g, "ii", 1, 2));
    PyObject* named = PyFunction_NewWithQualName(code, PyFunction_GetGlobals(f), arg);
    O(PyObject_GetAttrString(named, "__qualname__"));
    PyObject* notes = eval("{'x': int}");
    N(PyFunction_SetAnnotations(named, notes));
    B(PyFunction_GetAnnotations(named));
    N(PyFunction_SetAnnotations(named, arg));
    N(PyCode_GetNumFree((PyCodeObject*)code));
    N(PyUnstable_Code_GetFirstFree((PyCodeObject*)code));
    int a, b, c, d;
    N(PyCode_Addr2Location((PyCodeObject*)code, 2, &a, &b, &c, &d));
    note("place", Py_BuildValue("(ii)", a, c));
    PyFrameObject* frame = PyEval_GetFrame();
    N(frame != NULL);
    N(PyFrame_FastToLocalsWithError(frame));
    PyFrame_LocalsToFast(frame, 0);
    PyObject* locals = PyFrame_GetLocals(frame);
    N(Py_IS_TYPE(locals, &PyFrameLocalsProxy_Type) || PyDict_Check(locals));
    Py_DECREF(f), Py_DECREF(g), Py_DECREF(named), Py_DECREF(notes), Py_DECREF(locals);
}

#define TEN arg, arg, arg, arg, arg, arg, arg, arg, arg, arg
static void calls(PyObject* arg) {
    PyObject* counts = eval("lambda *args: (len(args), args[:3])");
    O(PyObject_CallFunction(counts, "iOd", 5, arg, 2.5));
    O(PyObject_CallFunction(counts, "nOl", (Py_ssize_t)1 << 40, arg, -7L));
    O(PyObject_CallFunction(counts, "iiiiiii", 1, 2, 3, 4, 5, 6, 7));
    O(PyObject_CallFunction(counts, "is", 5, "text"));
    O(PyObject_CallFunction(counts, "iO", 5, NULL));
    O(PyObject_CallFunction(counts, "O", arg));
    O(PyObject_CallFunction(counts, "i?", 5));
    O(PyObject_CallFunction(counts, ""));
    O(PyObject_CallFunction(counts, NULL));
    O(PyObject_CallFunctionObjArgs(counts, TEN, TEN, TEN, TEN, TEN, NULL));
    PyObject* pair = Py_BuildValue("(ii)", 1, 2);
    O(PyObject_CallFunction(counts, "O", pair));
    O(PyObject_CallFunction(counts, "OO", pair, pair));
    PyObject* named = eval("__import__('types').SimpleNamespace(number=5, text='t')");
    O(PyObject_CallMethod(named, "number", "i", 1));
    O(PyObject_CallMethod(named, "number", NULL));
    O(PyObject_CallMethod(named, "text", "s", "x"));
    O(PyObject_CallMethod(named, "missing", "i", 1));
    O(PyObject_CallMethod(NULL, "missing", "i", 1));
    O(PyObject_CallFunction(NULL, "i", 1));
    PyObject* name = PyUnicode_FromString("number");
    O(PyObject_CallMethodObjArgs(named, name, TEN, TEN, TEN, TEN, NULL));
    O(PyObject_CallMethodOneArg(named, name, arg));
    Py_DECREF(counts), Py_DECREF(pair), Py_DECREF(named), Py_DECREF(name);
}
/* What came, kept until the next call. */
static PyObject* kept;
static PyObject* by_dict(PyObject* self, PyObject* args, PyObject* kw) {
    Py_XSETREF(kept, Py_BuildValue("(OO)", args, kw ? kw : Py_None));
    return Py_NewRef(kept);
}
static PyObject* by_names(PyObject* self, PyObject* const* args, Py_ssize_t n, PyObject* names) {
    PyObject* all = PyList_New(0);
    for (Py_ssize_t i = 0; i < n + (names ? PyTuple_GET_SIZE(names) : 0); i++) PyList_Append(all, args[i]);
    Py_XSETREF(kept, Py_BuildValue("(NO)", all, names ? names : Py_None));
    return Py_NewRef(kept);
}
static PyObject* by_place(PyObject* self, PyObject* const* args, Py_ssize_t n) {
    return by_names(self, args, n, NULL);
}

#define GROUPS(G)        \
    G(cells_and_methods) \
    G(calls)             \
    G(exceptions)        \
    G(strings) G(buffers) G(ordered_dicts) G(struct_sequences) G(audits) G(system_things) G(code_and_frames)
#define DEFINE(name)                                         \
    static PyObject* py_##name(PyObject* m, PyObject* arg) { \
        list = PyList_New(0);                                \
        name(arg);                                           \
        return list;                                         \
    }
GROUPS(DEFINE)
#define ENTRY(name) {#name, py_##name, METH_O, NULL},
static PyMethodDef methods[] = {GROUPS(ENTRY)  //
                                {"by_dict", (PyCFunction)by_dict, METH_VARARGS | METH_KEYWORDS, NULL},
                                {"by_names", (PyCFunction)by_names, METH_FASTCALL | METH_KEYWORDS, NULL},
                                {"by_place", (PyCFunction)by_place, METH_FASTCALL, NULL},
                                {NULL}};
static PyModuleDef module = {PyModuleDef_HEAD_INIT, .m_name = "rest", .m_size = -1, .m_methods = methods};
PyMODINIT_FUNC PyInit_rest(void) { return PyModule_Create(&module); }
