import math

import llvmlite.binding as llvm
import numba
import numpy as np
from numba import njit, objmode, types, vectorize
from numba.typed import Dict, List

print(llvm.create_context() is not None)


@njit
def total(n):
    s = 0.0
    for i in range(n):
        s += i * 0.5
    return s


@njit
def sieve(n):
    flags = np.ones(n + 1, np.bool_)
    flags[:2] = False
    for i in range(2, int(math.sqrt(n)) + 1):
        if flags[i]:
            flags[i * i :: i] = False
    return flags.sum()


@njit
def checked(a, i):
    if i < 0:
        raise ValueError("negative index")
    return a[i]


@vectorize(["float64(float64, float64)"])
def hypotenuse(x, y):
    return math.sqrt(x * x + y * y)


@njit
def collections(words):
    counts = Dict.empty(types.unicode_type, types.int64)
    for w in words:
        counts[w] = counts.get(w, 0) + 1
    return counts


@njit
def calls_python(x):
    with objmode(y="float64"):
        y = float(str(x)) * 2
    return y


@njit
def closure_and_tuple(t):
    def twice(v):
        return v * 2

    a, b = t
    return twice(a), b + 1


print(total(10), total(1000), total.signatures)
print(sieve(1000), checked(np.arange(5), 2))
try:
    checked(np.arange(5), -1)
except ValueError as e:
    print(type(e).__name__, e)
print(hypotenuse(3.0, 4.0), hypotenuse(np.arange(3.0), np.arange(3.0)).tolist())
words = List()
for w in "a b a c a b".split():
    words.append(w)
print(sorted(collections(words).items()))
print(calls_python(1.25), closure_and_tuple((3, 4)), closure_and_tuple((1.5, 2)))
print(njit(lambda s: s.upper() + str(len(s)))("text"), njit(lambda s: hash(s) == hash(s))("x"))
try:
    njit(lambda x: x.missing)(1)
except numba.TypingError as e:
    print(type(e).__name__, "missing" in str(e))
print(len(total.inspect_asm()) == len(total.signatures), total.py_func(4))
