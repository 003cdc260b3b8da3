# Setting exceptions from C: what cannot be made says so, texts and formats that are wrong.
import types
from ctypes import c_char_p, c_int, c_long, c_void_p, c_wchar_p, py_object, pythonapi

import _testcapi
import _testlimitedcapi


def show(function, *args):
    try:
        print(function(*args))
    except BaseException as e:
        print(type(e).__name__, e.args, getattr(e, "__notes__", None))


class Strict(type):
    def __subclasscheck__(cls, sub):
        raise LookupError(sub.__name__)


class Checked(Exception, metaclass=Strict):
    pass


class Broken(Exception):
    def __init__(self, *args):
        raise ValueError("broken", len(args))


class NoText:
    def __repr__(self):
        raise TypeError


show(_testcapi.exc_set_object, Checked, Checked())
show(_testcapi.exc_set_object, Checked, 1)
show(_testcapi.exc_set_object, OSError, PermissionError(24))
for value in "abcd", (1, 2), (), None, 7, NoText(), KeyError(1):
    show(_testcapi.exc_set_object, Broken, value)
show(_testcapi.err_setstring, Broken, b"text")
for text in b"text", "\u0442\u0435\u043a\u0441\u0442".encode(), b"\xff":
    show(_testcapi.err_setstring, ZeroDivisionError, text)
pythonapi.PyErr_Format.argtypes, pythonapi.PyErr_Format.restype = (py_object, c_char_p), py_object
for text in b"%d", b"\xff", b"%2c", b"%k":
    show(pythonapi.PyErr_Format, ZeroDivisionError, text, c_int(1))
raised = ValueError(1)
for orig in ValueError(2), ExceptionGroup("eg", [ValueError(3)]), 42:
    show(_testcapi.unstable_exc_prep_reraise_star, orig, [TypeError(4)])

pythonapi.PyUnicode_FromFormat.argtypes, pythonapi.PyUnicode_FromFormat.restype = (c_char_p,), py_object
VALUES = {"c": [c_int(65)], "p": [c_void_p(4096)], "s": [b"abc"], "V": [py_object("v"), b"w"], "N": [py_object(int)], "%": []}
for conversion in "cpsSUVARTNdiuxXo%":
    for flags in "", "2", "-2", "02", ".2", "#", "l", "ll", "z", "j", "t", "-", "0", "2.2", "#2", "0-":
        args = VALUES.get(conversion, [c_long(7)] if conversion in "diuxXo" else [py_object("str")])
        if conversion == "s" and "l" in flags:
            args = [c_wchar_p("abc")]
        show(pythonapi.PyUnicode_FromFormat, f"<%{flags}{conversion}>".encode(), *args)

show(_testlimitedcapi.set_contains, {frozenset()}, set())


# A closure for code that takes nothing from it; code that would is not put there afterwards.
def plain():
    return 1


def outer():
    a, b = 1, 2
    return lambda: a + b


_testcapi.function_set_closure(plain, (1, 2))
print(plain.__closure__, plain())
