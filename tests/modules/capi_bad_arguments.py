"""Functions of the C API given null and things of other types: they raise."""
import ctypes
import re

api = ctypes.pythonapi
NULL = ctypes.c_void_p(0)
o = ctypes.py_object
number = ctypes.byref(ctypes.c_ssize_t(0))


def attempt(name, *args, result=ctypes.c_int):
    f = getattr(api, name)
    f.restype = result
    try:
        print(name, "gave", f(*args))
    except BaseException as e:
        print(name, type(e).__name__, re.sub(r"^\S+: (?=bad argument)", "", str(e)))


pointer = ctypes.c_void_p
attempt("PyCodec_KnownEncoding", NULL)
attempt("PyCodec_Register", NULL)
attempt("PyObject_RichCompareBool", NULL, NULL, 1)
attempt("PyObject_RichCompareBool", o("a"), NULL, 2)
attempt("PyObject_Type", NULL, result=pointer)
attempt("PyUnicode_Join", o("a"), NULL, result=pointer)
attempt("PyUnicode_DecodeUTF8", NULL, ctypes.c_ssize_t(-1), NULL, result=pointer)
attempt("PyFile_GetLine", NULL, 1, result=pointer)
attempt("PyObject_ClearWeakRefs", NULL)
for module in (5, "a", [1], None):
    attempt("PyModule_AddIntConstant", o(module), b"a", ctypes.c_long(1))
    attempt("PyModule_AddStringConstant", o(module), b"a", b"b")
    attempt("PyModule_AddType", o(module), o(int))
attempt("PyException_SetTraceback", o(ValueError()), NULL)
attempt("PyErr_NewExceptionWithDoc", b"a.b", b"x", o(int), o([]), result=pointer)
