import _cffi_backend

import cffi

ffi = cffi.FFI()
ffi.cdef("int abs(int); size_t strlen(const char*); double sqrt(double); typedef struct { int x; double y; char name[8]; } point; int printf(const char*, ...);"
         "void qsort(void *base, size_t n, size_t size, int (*compare)(const void*, const void*));")
c, m = ffi.dlopen(None), ffi.dlopen("libm.so.6")
print(c.abs(-5), c.strlen(b"hello"), m.sqrt(2.0), ffi.sizeof("point"), ffi.offsetof("point", "y"))
p = ffi.new("point*", {"x": 3, "y": 1.5, "name": b"abc"})
p.x += 4
print(p.x, p.y, ffi.string(p.name), p[0], ffi.typeof(p), ffi.new("int[]", [1, 2, 3])[2])
a = ffi.new("int[5]", [5, 3, 9, 1, 7])


@ffi.callback("int(const void*, const void*)")
def compare(x, y):
    return ffi.cast("int*", x)[0] - ffi.cast("int*", y)[0]


c.qsort(a, 5, 4, compare)
print(list(a), bytes(ffi.buffer(a))[:8], ffi.from_buffer(b"xyz")[1], ffi.cast("unsigned char", 300), _cffi_backend.__version__ == cffi.__version__)
for bad in (lambda: c.abs("x"), lambda: a[9], lambda: ffi.new("nothing*"), lambda: p.z, lambda: c.abs(2**40), lambda: c.abs()):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__, str(e).splitlines()[0])
