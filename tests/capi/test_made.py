import gc
import inspect
import sys
import traceback
import weakref

import made

GLOBALS = {"__builtins__": __builtins__, "print": print, "one": 1}


def show(label, function, *args):
    try:
        print(label, "->", function(*args))
    except BaseException as e:
        print(label, "raises", type(e).__name__, e.args, [n for n in traceback.extract_tb(e.__traceback__)][-1].name)


# What is sent first lies below everything else on CPython's stack, which has no place for it: the functions here
# ask for more than they use.
def function():
    if not one: print(1, 2, 3, 4, 5, 6, 7, 8, 9)
    return one + 4


def numbers():
    if not one: print(1, 2, 3, 4, 5, 6, 7, 8, 9)
    got = yield one
    print("got", got)
    try:
        got = yield 2
    except LookupError as e:
        print("caught", repr(e), sys.exc_info()[0])
        yield 3
    finally:
        print("finally")
    return "end"


def delegating():
    if not one: print(1, 2, 3, 4, 5, 6, 7, 8, 9)
    got = yield from iter([1, 2])
    return got


def failing():
    if not one: print(1, 2, 3, 4, 5, 6, 7, 8, 9)
    yield 1
    None.attribute


def with_cell():
    value = 7
    inner = lambda: value
    yield inner()
    value = 8
    yield inner()


async def waits():
    if not one: print(1, 2, 3, 4, 5, 6, 7, 8, 9)
    return 5


async def several():
    if not one: print(1, 2, 3, 4, 5, 6, 7, 8, 9)
    yield 1
    yield 2


def drive(o, kind, code):
    print("---", kind, code.co_name, type(o).__name__, o.__name__, o.__qualname__)
    prefix = {"coroutine": "cr", "async": "ag"}.get(kind, "gi")
    frame = getattr(o, prefix + "_frame")
    print(frame.f_code is code, frame.f_lineno - code.co_firstlineno, frame.f_lasti >= 0, getattr(o, prefix + "_running"),
          getattr(o, prefix + "_code") is code, frame.f_globals is GLOBALS, frame.f_back)
    return frame


for code in (function.__code__, numbers.__code__, delegating.__code__, failing.__code__):
    o = made.from_frame("plain", code, GLOBALS)
    drive(o, "plain", code)
    for i in range(4):
        show("next", next, o)
    o = made.from_frame("generator", code, GLOBALS, None, "name", "qual.name")
    frame = drive(o, "generator", code)
    show("send 5", o.send, 5)
    show("send None", o.send, None)
    show("throw", o.throw, KeyError("k"))
    show("close", o.close)
    print(o.gi_frame, frame.f_code is code)

for code in (numbers.__code__, waits.__code__):
    o = made.from_frame("coroutine", code, GLOBALS, None, "name", "qual.name")
    drive(o, "coroutine", code)
    print(inspect.iscoroutine(o), o.cr_origin, o.cr_await)
    show("send", o.send, None)
    show("send", o.send, None)
    o.close()
o = made.from_frame("async", several.__code__, GLOBALS, None, "name", "qual.name")
drive(o, "async", several.__code__)
for i in range(4):
    def step():
        return o.asend(None).send(None)
    show("asend", step)

# CPython makes no cells for such a frame, and crashes.
if sys.implementation.name != "cpython":
    assert list(made.from_frame("plain", with_cell.__code__, GLOBALS)) == [7, 8]

# A module's code, with a namespace of its own.
space = {}
o = made.from_frame("plain", compile("here = 1\nprint('running', here)", "text", "exec"), GLOBALS, space)
show("next", next, o)
print(space)

# In a for loop and in yield from, dropped before it began, and in a cycle.
print(list(made.from_frame("plain", numbers.__code__, GLOBALS)))


def outer(o):
    return (yield from o)


print(list(outer(made.from_frame("plain", numbers.__code__, GLOBALS))))
o = made.from_frame("plain", numbers.__code__, GLOBALS)
frame = o.gi_frame
gone = weakref.ref(o)
del o
print(gone(), frame.f_code.co_name)
o = made.from_frame("plain", numbers.__code__, GLOBALS)
o.close()
show("next after close", next, o)
cycle = [made.from_frame("plain", numbers.__code__, {"one": None, "print": print})]
next(cycle[0])
cycle[0].gi_frame.f_globals["cycle"] = cycle
gone = weakref.ref(cycle[0])
del cycle
gc.collect()
print(gone())
for n in range(3):
    sys.set_coroutine_origin_tracking_depth(n)
    o = made.from_frame("coroutine", waits.__code__, GLOBALS)
    print(o.cr_origin and [line[2] for line in o.cr_origin], o.__name__, o.__qualname__)
    o.close()
sys.set_coroutine_origin_tracking_depth(0)


# --- slot wrappers of C ---

class Class:
    pass


class Derived(Class):
    pass


for i in range(3):
    w = made.wrapper(Class, i)
    print(type(w), repr(w), w.__name__, w.__qualname__, w.__objclass__, repr(w.__doc__), w.__text_signature__)
    setattr(Class, w.__name__, w)
    bound = getattr(Derived(), w.__name__)
    print(type(bound), bound.__name__, bound.__qualname__, repr(bound.__doc__), bound.__text_signature__, bound == bound)
    for args, kw in [((), {}), ((1, 2.5), {}), ((1,), {"a": [2]})]:
        show(f"{args} {kw}", lambda: bound(*args, **kw))
        show(f"descriptor {args} {kw}", lambda: w(Derived(), *args, **kw))
    show("another's", lambda: w(5))
    show("nothing", lambda: w())
    try:
        print(inspect.signature(bound), inspect.signature(w))
    except ValueError as e:
        print(str(e).split(" at ")[0])
