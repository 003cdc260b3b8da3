# cython: language_level=3, embedsignature=True, binding=True
"""Fused types, memoryviews, C++ containers and exceptions, generators of all kinds, buffers."""
cimport cython
from cpython.buffer cimport PyBUF_FORMAT, PyBUF_ND
from libc.stdlib cimport free, malloc
from libcpp.map cimport map as cppmap
from libcpp.string cimport string
from libcpp.vector cimport vector

import cython as pure
import enum

cdef extern from *:
    """
    #include <stdexcept>
    static int throws(int n) {
        if (n == 1) throw std::out_of_range("far");
        if (n == 2) throw std::bad_alloc();
        if (n == 3) throw std::invalid_argument("wrong");
        if (n == 4) throw 5;
        return n;
    }
    typedef int (*callback)(int, void*);
    static int call_back(callback f, int n, void* data) { int s = 0; for (int i = 0; i < n; i++) s += f(i, data); return s; }
    """
    int throws(int) except +
    int throws_as "throws"(int) except +KeyError
    ctypedef int (*callback)(int, void*)
    int call_back(callback f, int n, void* data) noexcept nogil

cpdef enum Colour:
    RED = 1
    GREEN = 5

ctypedef fused number:
    int
    double
    object

def twice(number x):
    return x + x, number is int, number is double

def total(number[:] xs):
    cdef number s = 0
    cdef Py_ssize_t i
    for i in range(xs.shape[0]):
        s = s + xs[i]
    return s

def transpose(double[:, ::1] a):
    cdef double[:, :] b = a.T
    b[0, 0] += 1
    return [list(row) for row in b], b.shape[0], b.strides[1], a.is_c_contig(), b.copy().is_f_contig(), b[::-1, :1][0, 0]

def catching(int n):
    try:
        return throws(n)
    except IndexError as e:
        return "caught", str(e)

def thrown_as(int n):
    return throws_as(n)

def containers(words):
    cdef cppmap[string, int] counts
    cdef vector[int] lengths
    for w in words:
        counts[w.encode()] += 1
        lengths.push_back(len(w))
    return counts, lengths, sorted(lengths)

cdef int on_number(int n, void* data) noexcept with gil:
    return (<object>data)(n)

def with_callback(f, int n):
    cdef int r
    cdef void* data = <void*>f
    with nogil:
        r = call_back(on_number, n, data)
    return r

@cython.freelist(4)
cdef class Buffer:
    cdef double* data
    cdef readonly Py_ssize_t n
    cdef Py_ssize_t shape[1]
    cdef Py_ssize_t strides[1]
    cdef int views
    cdef object __weakref__
    cdef dict __dict__

    def __cinit__(self, Py_ssize_t n, *args, **kwargs):
        self.data = <double*>malloc(n * sizeof(double))
        if self.data == NULL:
            raise MemoryError()
        self.n = n
        for i in range(n):
            self.data[i] = i

    def __dealloc__(self):
        free(self.data)

    def __getbuffer__(self, Py_buffer* view, int flags):
        self.shape[0] = self.n
        self.strides[0] = sizeof(double)
        view.buf, view.obj, view.len, view.itemsize = self.data, self, self.n * sizeof(double), sizeof(double)
        view.format, view.ndim, view.readonly = "d", 1, 0
        view.shape, view.strides, view.suboffsets, view.internal = self.shape, self.strides, <Py_ssize_t*>NULL, NULL
        self.views += 1

    def __releasebuffer__(self, Py_buffer* view):
        self.views -= 1

    @property
    def open(self):
        "How many views there are."
        return self.views

    def __len__(self): return self.n
    def __getitem__(self, i):
        if isinstance(i, slice):
            return [self[k] for k in range(*i.indices(self.n))]
        if not 0 <= i < self.n: raise IndexError(i)
        return self.data[i]
    def __setitem__(self, Py_ssize_t i, double v): self.data[i] = v
    def __delitem__(self, i): raise TypeError("no deletion")
    def __contains__(self, x): return any(v == x for v in self)
    def __getattr__(self, name): raise AttributeError(f"nothing like {name}")
    def __enter__(self): return self
    def __exit__(self, *args): return args[0] is KeyError

@cython.total_ordering
cdef class Money:
    cdef public int cents
    cdef object note
    def __init__(self, int cents=0, note=None): self.cents, self.note = cents, note
    def __eq__(self, other): return isinstance(other, Money) and self.cents == (<Money>other).cents
    def __lt__(self, other): return self.cents < (<Money?>other).cents
    def __hash__(self): return self.cents
    def __add__(self, other): return Money(self.cents + (other.cents if isinstance(other, Money) else other))
    def __radd__(self, other): return Money(other + self.cents)
    def __iadd__(self, other): self.cents += other; return self
    def __pow__(self, n, mod): return (self.cents ** n, mod)
    def __neg__(self): return Money(-self.cents)
    def __bool__(self): return self.cents != 0
    def __int__(self): return self.cents
    def __index__(self): return self.cents
    def __repr__(self): return f"Money({self.cents}, {self.note!r})"
    def __call__(self, *args, **kwargs): return args, kwargs
    @classmethod
    def zero(cls): return cls(0)
    @staticmethod
    def name(): return "money"

@cython.final
cdef class Node:
    cdef public object next
    def __del__(self): print("node gone")

def echo():
    got = []
    try:
        while True:
            try:
                got.append((yield len(got)))
            except ValueError as e:
                got.append(str(e))
    finally:
        print("closed", got)

def delegate(n):
    x = yield from range(n)
    y = yield from inner()
    return x, y

def inner():
    yield "in"
    return "out"

async def agen(n):
    for i in range(n):
        yield i * i

async def consume(manager):
    out = []
    async with manager as m:
        async for x in agen(4):
            out.append(x)
    return out, [y async for y in agen(3) if y], await later(5), m

async def later(x): return x * 2

def closure(n):
    def add(x, *, k: int = 2) -> int:
        "Adds."
        nonlocal n
        n += x * k
        return n
    return add, lambda: n

def signature(int a, b: str = "x", /, *args, c, d=None, **kw) -> tuple:
    "All kinds."
    return a, b, args, c, d, kw

def formatted(x): return f"{x!r:>8}|{x:^8}|{x}"
def matching(d): return {**d, "z": 1}, [*d, 2], d.get("a") if "a" in d else None, 1 < len(d) <= 3
def deep(n): return 0 if n == 0 else 1 + deep(n - 1)
def reraise():
    try:
        raise KeyError("first")
    except KeyError:
        raise RuntimeError("second")
def many():
    raise ExceptionGroup("several", [ValueError(1), TypeError(2)])
def big(unsigned long long x, signed char y): return x, y
