# Memory from PyObject_Malloc() may hold anything, the address of a type where an object has its own included.
import ctypes

api = ctypes.pythonapi
api.PyObject_Malloc.restype = api.PyObject_Realloc.restype = ctypes.c_void_p
api.PyObject_Malloc.argtypes = [ctypes.c_size_t]
api.PyObject_Realloc.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
api.PyObject_Free.argtypes = [ctypes.c_void_p]


def table(types, n):
    memory = api.PyObject_Malloc(8 * n)
    words = (ctypes.c_void_p * n).from_address(memory)
    for i in range(n):
        words[i] = id(types[i % len(types)])
    return memory, words


for kind in str, int, bytes, object:
    held = [table([kind], n) for n in (2, 3, 8, 40, 300) for _ in range(200)]
    others = [bytearray(8 * n) for n in (2, 3, 8, 40, 300) for _ in range(200)]
    for memory, words in held[::2]:
        api.PyObject_Free(memory)
    fresh = [str(i) * (i % 40) for i in range(5000)]
    fine = all(value == id(kind) for _, words in held[1::2] for value in words)
    fine &= all(value == str(i) * (i % 40) for i, value in enumerate(fresh)) and not any(map(any, others))
    for memory, words in held[1::2]:
        api.PyObject_Free(memory)
    print(kind.__name__, fine)

memory, words = table([str], 4)
memory = api.PyObject_Realloc(memory, 8000)
print([value == id(str) for value in (ctypes.c_void_p * 4).from_address(memory)])
api.PyObject_Free(memory)
nothing = api.PyObject_Malloc(0)
print(bool(nothing))
api.PyObject_Free(nothing)
