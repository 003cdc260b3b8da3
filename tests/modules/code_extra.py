# What C extensions hang off code objects: PyUnstable_Code_SetExtra and its relatives.
import ctypes

api = ctypes.pythonapi
release_type = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
request = api.PyUnstable_Eval_RequestCodeExtraIndex
request.argtypes, request.restype = (release_type,), ctypes.c_ssize_t
put = api.PyUnstable_Code_SetExtra
put.argtypes = (ctypes.py_object, ctypes.c_ssize_t, ctypes.c_void_p)
get = api.PyUnstable_Code_GetExtra
get.argtypes = (ctypes.py_object, ctypes.c_ssize_t, ctypes.POINTER(ctypes.c_void_p))

freed = []
release = release_type(freed.append)
first = request(release)
second = request(release_type())
print(second - first)


def value(code, index):
    out = ctypes.c_void_p(1)
    print(get(code, index, out), out.value)


def attempt(function, *args):
    try:
        print(function(*args))
    except SystemError as e:
        print("SystemError", str(e).split(":")[-1])


def new():
    return compile("1", "f", "eval")


a, b = new(), new()
value(a, first)
print(put(a, first, 100), put(a, second, 200), put(b, second, 300))
for code in (a, b):
    value(code, first), value(code, second), value(code, second + 1)
print(put(a, first, 101), freed, put(a, second, 201), freed, put(a, first, None), freed)
put(a, first, 102)
del a, code
print(freed)
del b
print(freed)
for bad in (42, None, new):
    attempt(put, bad, first, 1)
    attempt(get, bad, first, ctypes.c_void_p())
attempt(put, new(), second + 100, 1)
attempt(put, new(), -1, 1)
