# Calls with wrong arguments: what is checked first, and in which words.
import _csv
import _operator
import _thread
import csv
import fcntl
import hmac
import io
import itertools
import lzma
import os
import time


def show(f, *args, **kwargs):
    try:
        result = f(*args, **kwargs)
    except Exception as e:
        result = f"{type(e).__module__}.{type(e).__name__}: {e}"
    print(getattr(f, "__qualname__", f), args, kwargs, "->", result)


show(_thread.lock, 1)
show(_thread.lock, a=1)
show(_thread.lock, 1, 2, a=1)
show(_thread._excepthook, 1)
show(_thread._ExceptHookArgs, 1, 2)
for args in [(1, 2), ((1,) * 9, 2), ((1,), 2), ((1,) * 20, 2), ((1,) * 9, {"tm_zone": "x", "b": 1})]:
    show(time.struct_time, *args)
for args in [("excel", 1), ("nothing", 1, 2), (1, 2), (csv.excel, 1), (None, ""), (None, ";"), tuple(range(11)),
             ("excel", ";", False, "!", "\n", "'", 0, True, True)]:
    show(lambda *a: vars(csv.Dialect) and [getattr(_csv.Dialect(*a), n) for n in "delimiter quotechar strict".split()], *args)
show(_csv.Dialect, "excel", ",", delimiter=",")
show(_csv.Dialect, "excel", nothing=",")
show(_csv.Error, a=1)
print(_csv.Error.__module__, _csv.Error.__mro__, _csv.Error(1, 2).args, repr(_csv.Error("x")))
for a in [1, b"a", "a", None, "\xe9", [], bytearray(b"a")]:
    for b in [1, b"a", "a", None, "\xe9", []]:
        show(hmac.compare_digest, a, b)
show(fcntl.lockf, 0, 1, [], {1})
show(fcntl.lockf, 0, "a", [], {1})
show(fcntl.lockf, 0, 1, 0, "s", {1})
show(io.BufferedRWPair, "a", 1, "b")
show(io.BufferedRWPair, "a", 1, 2**70)
show(io.BufferedRWPair, "a", 1)
show(lzma.LZMACompressor, lzma.FORMAT_XZ, -1, -1)
show(lzma.LZMADecompressor, lzma.FORMAT_XZ, -1)


class Path:
    def __init__(self, p):
        self.p = p

    def __fspath__(self):
        return self.p


class Derived(itertools.count):
    pass


for path in [Path(1), Path(None), io.BytesIO(), Derived(), time.gmtime(0), 1.5]:
    show(os.fspath, path) if not isinstance(path, (Path, io.BytesIO, Derived)) else show(lambda p=path: os.fspath(p))
    show(lambda p=path: os.fsencode(p))
    show(lambda p=path: os.open(p, 0))
    show(lambda p=path: os.memfd_create(p))
    show(lambda p=path: open(p))
    show(lambda p=path: os.stat(p))

import _ctypes

for f, args in [(_ctypes.PyObj_FromPtr, (0,)), (_ctypes.dlclose, (0,)), (_ctypes.dlsym, (0, "a")), (_ctypes.call_function, (0, ())),
                (_ctypes.call_cdeclfunction, (0, ())), (_ctypes.dlclose, ("a",)), (_ctypes.PyObj_FromPtr, (1.5,))]:
    show(f, *args)
show(_ctypes.dlclose, 0, a=1)

import _tokenize

show(_tokenize.TokenizerIter, None)
show(_tokenize.TokenizerIter, None, encoding="utf-8")
show(type(iter(__import__("collections").deque())), None)

import _lsprof
import sys

hook, sys.unraisablehook = sys.unraisablehook, lambda u: print("ignored:", repr(u.exc_value))
for v in [float("nan"), float("inf"), 10**30, "a", 9.25e9]:
    profiler = _lsprof.Profiler(timer=lambda: v)
    profiler.enable()
    profiler.disable()
sys.unraisablehook = hook
