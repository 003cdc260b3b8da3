"""PyUnicode_FromFormat: widths and precisions from arguments, wide text, text that is no UTF-8, full names of types."""
import ctypes
from ctypes import c_char_p, c_int, c_size_t, c_wchar_p, py_object

f = ctypes.pythonapi.PyUnicode_FromFormat
f.restype = py_object


class Local:
    class Inner:
        pass


def show(fmt, *args):
    try:
        print(fmt, ascii(f(fmt, *args)))
    except Exception as e:
        print(fmt, type(e).__name__, e)


show(b"%d %5d %-5d| %05d %.3d", c_int(1), c_int(-2), c_int(3), c_int(-4), c_int(5))
show(b"%u %x %X %o", c_int(-1), c_int(255), c_int(-255), c_int(8))
show(b"%zd %zu", c_size_t(2**64 - 1), c_size_t(2**64 - 1))
show(b"%s %10s|%-10s|%.2s", c_char_p(b"abc"), c_char_p(b"abc"), c_char_p(b"abc"), c_char_p(b"abc"))
show(b"%*s|%-*s|%.*s|%*.*s", c_int(5), c_char_p(b"abc"), c_int(5), c_char_p(b"abc"), c_int(2), c_char_p(b"abc"), c_int(-5), c_int(1), c_char_p(b"abc"))
show(b"%s|%6s", c_char_p(b"x\xff\xe2\x82y"), c_char_p("\u20ac".encode()))
show(b"%.6s|", c_char_p(b"abc[\xe2\x82\xac]"))
show(b"%ls|%.2ls|%5ls", c_wchar_p("a\u20ac\U0001f600"), c_wchar_p("a\u20ac\U0001f600"), c_wchar_p("a\u20ac"))
show(b"%c%c", c_int(0x41), c_int(0x1f600))
show(b"%c", c_int(0x110000))
show(b"%U %S %R %A", py_object("\xe9"), py_object("\xe9"), py_object("\xe9"), py_object("\xe9"))
show(b"%T %N %#T %.3T", py_object("abc"), py_object(str), py_object(1), py_object(b""))
show(b"%T %#N", py_object(Local.Inner()), py_object(Local.Inner))
show(b"%N", py_object(1))
show(b"%%")
for bad in (b"%0%", b"%1%", b"%.%", b"%lls", b"%zs", b"100%\xe9", b"%y"):
    show(bad, c_char_p(b"abc"))
