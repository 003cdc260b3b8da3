from cffi import FFI

ffi = FFI()
ffi.cdef(
    'int triple(int); struct pair { int a; double b; }; double sum_pair(struct pair *); extern "Python" int twice(int); int call_twice(int);'
)
ffi.set_source(
    "built_cffi",
    """
    struct pair { int a; double b; };
    static int triple(int x) { return 3 * x; }
    static double sum_pair(struct pair *p) { return p->a + p->b; }
    static int twice(int);
    static int call_twice(int x) { return twice(x) + 1; }
    """,
)
