# cython: language_level=3
from libc.math cimport sqrt

cdef class Counter:
    cdef public long n
    cdef dict seen

    def __init__(self, long n=0):
        self.n = n
        self.seen = {}

    def add(self, key, *, long by=1):
        self.seen[key] = self.seen.get(key, 0) + by
        self.n += by
        return self.seen[key]

    def __iter__(self):
        for k, v in sorted(self.seen.items()):
            yield k, v

    def __richcmp__(self, other, int op):
        return self.n == other.n if op == 2 else NotImplemented

cpdef double norm(list xs) except -1:
    cdef double s = 0
    for x in xs:
        s += x * x
    return sqrt(s)

def primes(int n):
    cdef int i, k
    return [i for i in range(2, n) if all(i % k for k in range(2, i))]

async def later(x):
    return x * 2

def fails():
    try:
        {}["missing"]
    except KeyError as e:
        raise ValueError("from cython") from e

class Plain(Counter):
    @property
    def double(self):
        return self.n * 2
