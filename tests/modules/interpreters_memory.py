# What an interpreter leaves behind after it imported native modules: nothing, run after run.
import gc
import sys

import _interpreters


def once(code):
    interpreter = _interpreters.create()
    _interpreters.exec(interpreter, code)
    _interpreters.destroy(interpreter)


def growth(code):
    counts = []
    for _ in range(4):
        for _ in range(4):
            once(code)
        gc.collect()
        counts.append(sys.getallocatedblocks())
    return min(b - a for a, b in zip(counts, counts[1:])) / 4


for modules in (
    "_sre", "itertools, _functools, _operator, _collections", "_struct, _json, _csv, array, binascii", "_pickle, _datetime",
    "_io, _codecs, unicodedata", "math, cmath, _random, _bisect, _heapq, _statistics", "_abc, _weakref, _thread, atexit",
    "zlib, _hashlib, _socket, select", "_asyncio, _contextvars, _queue", "_string, _symtable, _tokenize, _ast, _typing",
):
    leaked = growth("import " + modules)
    print(modules, "ok" if leaked < 1 else leaked)
