"""Data nested deeply and recursion without end in threads of several stack sizes: as deep as the main thread goes."""
import functools
import pickle
import sys
import threading


def nested(n, kind=list):
    x = kind()
    for _ in range(n):
        x = kind((x,))
    return x


def iterators(n):
    x = iter([1])
    for _ in range(n):
        x = map(abs, x)
    return x


def endless(n):
    return endless(n + 1) + 1


class Endless:
    def __repr__(self):
        return f"<{self!r}>"

    def __eq__(self, other):
        return self == other

    def __getattr__(self, name):
        return getattr(self, name + "x")


def attempt(what, function):
    try:
        result = function()
    except RecursionError:
        result = "RecursionError"
    print(what, result if isinstance(result, (bool, str)) else type(result).__name__)


def endless_ones():
    attempt("calls", lambda: endless(0))
    attempt("repr", lambda: repr(Endless()))
    attempt("==", lambda: Endless() == 1)
    attempt("getattr", lambda: Endless().a)
    attempt("reduce", lambda: functools.reduce(lambda a, b: endless(0), [1, 2]))


def deep(n):
    lists, more = nested(n), nested(n)
    tuples = nested(n, tuple)
    attempt("repr", lambda: len(repr(lists)) == 2 * n + 2)
    attempt("==", lambda: lists == more)
    attempt("<", lambda: lists < more)
    attempt("hash", lambda: hash(tuples) == hash(nested(n, tuple)))
    attempt("pickle", lambda: len(pickle.dumps(lists)) > n)
    attempt("map", lambda: list(iterators(n)) == [1])


def in_thread(size, function, *args):
    old = threading.stack_size(size)
    thread = threading.Thread(target=function, args=args)
    thread.start()
    thread.join()
    threading.stack_size(old)


def named():
    """The compiler runs in a small stack, too."""
    from collections import namedtuple
    import dataclasses

    print(namedtuple("Point", "x y")(1, 2))
    print(dataclasses.make_dataclass("D", [("x", int), ("y", int, 3)])(1))
    print(eval("[" * 20 + "]" * 20) == nested(19))


for size, depth in (8 << 20, 30_000), (1 << 20, 3_000), (256 << 10, 800):
    print(size, depth)
    in_thread(size, endless_ones)
    in_thread(size, deep, depth)
    in_thread(size, named)
print(sys.getrecursionlimit(), threading.stack_size())
