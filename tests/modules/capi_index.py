# PyNumber_AsSsize_t with exceptions that are none.
import ctypes
f=ctypes.pythonapi.PyNumber_AsSsize_t
f.argtypes=[ctypes.py_object,ctypes.py_object]; f.restype=ctypes.c_ssize_t
for o in (5, 10**30, True, "x"):
    for e in (42, int, ValueError, "text"):
        try: print(o, e, f(o,e))
        except BaseException as x: print(o, e, type(x).__name__, x)
