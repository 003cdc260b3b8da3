"""Generators: send, throw, close, return values, yield from, exceptions, state, finalisation."""
import inspect
import types

def attempt(f, *args):
    try:
        print(repr(f(*args)))
    except BaseException as error:
        print(type(error).__name__, error, sep=": ")


def echo():
    received = []
    try:
        while True:
            try:
                got = yield len(received)
            except ValueError as error:
                got = f"caught {error}"
            received.append(got)
            if got == "stop":
                return received
    finally:
        print("finally", received)


g = echo()
attempt(g.send, "too early")
print(next(g), g.send("a"), g.throw(ValueError("oops")), g.send(None))
try:
    g.send("stop")
except StopIteration as stop:
    print("value", stop.value)
attempt(next, g)
attempt(g.send, 1)
attempt(g.throw, KeyError("late"))
print(g.close())

g = echo()
attempt(g.throw, ZeroDivisionError("before start"))
attempt(next, g)

g = echo()
next(g)
print(inspect.getgeneratorstate(g), g.gi_running, g.gi_suspended, g.gi_frame.f_lineno, g.gi_yieldfrom)
print(g.close(), inspect.getgeneratorstate(g), g.gi_frame)


def stubborn():
    try:
        yield 1
    except GeneratorExit:
        yield 2
s = stubborn()
next(s)
attempt(s.close)


def returns_on_close():
    try:
        yield 1
    except GeneratorExit:
        return "closed value"
r = returns_on_close()
next(r)
attempt(r.close)
attempt(returns_on_close().close)


def inner():
    x = yield "inner 1"
    print("inner got", x)
    try:
        yield "inner 2"
    except LookupError as error:
        print("inner caught", repr(error))
        yield "recovered"
    return "inner result"


def outer():
    result = yield from inner()
    print("outer got", result)
    yield from "ab"
    yield from [1, 2]
    return (yield from range(2))


o = outer()
print(next(o), o.send("hello"), o.gi_yieldfrom.__name__, o.throw(IndexError("deep")))
print(list(o))


def delegate_to_plain():
    yield from [10, 20]
d = delegate_to_plain()
next(d)
attempt(d.send, "x")
d = delegate_to_plain()
next(d)
attempt(d.throw, KeyError("k"))
attempt(next, (x for x in (yield_ for yield_ in ())))


def leaking():
    raise StopIteration("leak")
    yield
attempt(next, leaking())
def leak_inner():
    yield next(iter([]))
attempt(next, leak_inner())


def reentrant():
    yield next(me)
me = reentrant()
attempt(next, me)

attempt(lambda: [x for x in echo.__code__ if x])
attempt(lambda: list(1 for x in None))
attempt(types.GeneratorType)

# Expressions, and generators as pipelines.
squares = (n * n for n in range(10))
odd = (n for n in squares if n % 2)
print(sum(odd), list(squares))
pairs = ((a, b) for a in range(3) for b in "xy" if a != 1)
print(list(pairs), type(pairs).__name__, pairs.__name__)


def fib():
    a, b = 0, 1
    while True:
        yield a
        a, b = b, a + b
import itertools
print(list(itertools.islice(fib(), 15)), all(x < 100 for x in itertools.islice(fib(), 10)))


def tree(depth):
    if depth:
        yield from tree(depth - 1)
        yield depth
        yield from tree(depth - 1)
print(list(tree(4)))


def long_chain(n):
    if n:
        yield from long_chain(n - 1)
    yield n
print(sum(long_chain(200)))

# Dropping the last reference closes it.
def watched():
    try:
        yield 1
    finally:
        print("closed by collection")
w = watched()
next(w)
del w


# Exceptions and context inside generators.
def context():
    try:
        yield
    except Exception as error:
        raise RuntimeError("second") from error
c = context()
next(c)
try:
    c.throw(ValueError("first"))
except RuntimeError as error:
    print(repr(error), repr(error.__cause__), error.__cause__ is error.__context__)
attempt(context().throw, "not an exception")
attempt(context().throw, int)
print(echo.__code__.co_flags & inspect.CO_GENERATOR != 0, inspect.isgeneratorfunction(echo), g.__qualname__)
