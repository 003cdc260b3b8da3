"""with: order, suppression, errors, contextlib's helpers."""
import contextlib
import io
import os

def attempt(f, *args):
    try:
        print(repr(f(*args)))
    except BaseException as error:
        print(type(error).__name__, error, sep=": ")


class Noisy:
    def __init__(self, name, swallow=False):
        self.name, self.swallow = name, swallow
    def __enter__(self):
        print("enter", self.name)
        return self.name.upper()
    def __exit__(self, kind, value, tb):
        print("exit", self.name, kind and kind.__name__, value, tb is not None)
        return self.swallow


with Noisy("a") as a, Noisy("b") as b:
    print("body", a, b)
with (
    Noisy("c") as c,
    Noisy("d", swallow=True),
):
    raise ValueError("swallowed by d")
try:
    with Noisy("outer"), Noisy("inner"):
        1 / 0
except ZeroDivisionError as error:
    print("came out:", error)


def returns():
    with Noisy("r"):
        return "result"
    return "unreachable"
print(returns())


def loops():
    for i in range(3):
        with Noisy(f"loop{i}"):
            if i == 0: continue
            if i == 1: break
loops()


class EnterFails:
    def __enter__(self): raise RuntimeError("no entry")
    def __exit__(self, *args): print("never")
def enter_fails():
    with Noisy("before"), EnterFails():
        pass
attempt(enter_fails)

class ExitFails:
    def __enter__(self): return self
    def __exit__(self, *args): raise KeyError("exit failed")
def exit_fails():
    with ExitFails():
        raise ValueError("body failed")
try:
    exit_fails()
except KeyError as error:
    print(repr(error), repr(error.__context__))

def with_(thing):
    with thing:
        pass
attempt(with_, 5)
class OnlyEnter:
    def __enter__(self): pass
class OnlyExit:
    def __exit__(self, *a): pass
class AsyncOnly:
    async def __aenter__(self): pass
    async def __aexit__(self, *a): pass
attempt(with_, OnlyEnter())
attempt(with_, OnlyExit())
attempt(with_, AsyncOnly())
class BoolFails:
    def __bool__(self): raise OverflowError("truth")
class ReturnsOdd(ExitFails):
    def __exit__(self, *args): return BoolFails()
def odd():
    with ReturnsOdd():
        raise ValueError
attempt(odd)


@contextlib.contextmanager
def tag(name):
    print(f"<{name}>")
    try:
        yield name
    except LookupError as error:
        print("handled", repr(error))
    finally:
        print(f"</{name}>")


with tag("p") as name, tag("b"):
    print(name)
with tag("i"):
    raise KeyError("k")
@tag("decorated")
def decorated(x):
    return x * 2
print(decorated(4), decorated.__name__)

@contextlib.contextmanager
def twice():
    yield 1
    yield 2
attempt(with_, twice())
@contextlib.contextmanager
def never():
    if False: yield
attempt(with_, never())
@contextlib.contextmanager
def replaces():
    try:
        yield
    except ValueError as error:
        raise TypeError("replaced") from error
def replaced():
    with replaces():
        raise ValueError("original")
attempt(replaced)
def stop_iteration():
    with tag("s"):
        raise StopIteration("passes")
attempt(stop_iteration)

with contextlib.suppress(ZeroDivisionError, KeyError):
    1 / 0
with contextlib.suppress(ValueError) as nothing:
    print(nothing)
out = io.StringIO()
with contextlib.redirect_stdout(out):
    print("captured")
print(repr(out.getvalue()))
with contextlib.closing(io.StringIO("x")) as stream:
    pass
print(stream.closed)
with contextlib.nullcontext(5) as five:
    print(five)

with contextlib.ExitStack() as stack:
    print(stack.enter_context(Noisy("s1")))
    stack.callback(print, "callback", 1, sep="-")
    stack.push(lambda *exc: print("pushed", exc[0]) or True)
    stack.enter_context(Noisy("s2"))
    raise IndexError("into the stack")
with contextlib.ExitStack() as stack:
    stack.callback(print, "kept")
    moved = stack.pop_all()
print("moved")
moved.close()
attempt(contextlib.ExitStack().enter_context, 5)

class Both(contextlib.ContextDecorator):
    def __enter__(self):
        print("start")
        return self
    def __exit__(self, *exc): print("end", exc[0])
@Both()
def work(): raise ValueError("in work")
attempt(work)
print(isinstance(Noisy("x"), contextlib.AbstractContextManager), isinstance(5, contextlib.AbstractContextManager))
with contextlib.chdir("/"):
    print(os.getcwd())


class Outer:
    class Inner:
        pass


# A class is named with what it lies in, and its module where that is neither __main__ nor builtins.
Elsewhere = type("Elsewhere", (), {"__module__": "some.where"})
for subject in Outer.Inner(), Elsewhere():
    try:
        with subject:
            pass
    except TypeError as error:
        print("TypeError:", error)
