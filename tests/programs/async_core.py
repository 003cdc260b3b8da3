"""Coroutines without a loop: await, protocols, async for/with, async generators, warnings and errors."""
import inspect
import types
import warnings

def attempt(f, *args):
    try:
        print(repr(f(*args)))
    except BaseException as error:
        print(type(error).__name__, error, sep=": ")


class Pause:
    def __init__(self, value): self.value = value
    def __await__(self):
        got = yield self.value
        return got


def run(coroutine):
    """Answers every pause with its value doubled."""
    trace, answer = [], None
    try:
        while True:
            pause = coroutine.send(answer)
            trace.append(pause)
            answer = pause * 2
    except StopIteration as stop:
        return stop.value, trace


async def add(a, b):
    return await Pause(a) + await Pause(b)
async def nested():
    total = 0
    for i in range(3):
        total += await add(i, i + 1)
    return total


print(run(add(1, 2)), run(nested()))
c = add(1, 2)
print(
    inspect.getcoroutinestate(c), c.cr_await, c.cr_frame is not None, c.__name__, inspect.iscoroutine(c),
    inspect.iscoroutinefunction(add),
)
print(c.send(None), inspect.getcoroutinestate(c), type(c.cr_await).__name__)
attempt(c.throw, ValueError("into"))
print(inspect.getcoroutinestate(c))
attempt(c.send, None)
attempt(lambda: iter(add(1, 1).__await__()).send(1))
fresh = add(0, 0)
attempt(lambda: iter(fresh))
attempt(lambda: list(fresh))
attempt(fresh.send, 1)
fresh.close()


async def await_it(thing):
    return await thing
attempt(run, await_it(5))
class BadAwait:
    def __await__(self): return 5
class CoroAwait:
    def __await__(self): return self._c()
    async def _c(self): pass
attempt(run, await_it(BadAwait()))
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    attempt(run, await_it(CoroAwait()))
    add(1, 2)
    print([str(w.message) for w in caught])


@types.coroutine
def old_style(x):
    got = yield x
    return got + 1
print(run(await_it(old_style(20))))


class Countdown:
    def __init__(self, n): self.n = n
    def __aiter__(self): return self
    async def __anext__(self):
        if self.n <= 0: raise StopAsyncIteration
        self.n -= 1
        return await Pause(self.n) // 2


async def loop():
    seen = []
    async for x in Countdown(4):
        if x == 2: continue
        seen.append(x)
    else:
        seen.append("else")
    return seen, [x async for x in Countdown(3)], {x: await Pause(x) async for x in Countdown(2)}
print(run(loop()))


class Manager:
    async def __aenter__(self):
        print("aenter", await Pause(1))
        return "value"
    async def __aexit__(self, kind, value, tb):
        print("aexit", kind and kind.__name__)
        await Pause(2)
        return kind is KeyError
async def managed(error):
    async with Manager() as value, Manager():
        if error: raise error
        return value
    return "suppressed"
print(run(managed(None)))
print(run(managed(KeyError("x"))))
attempt(run, managed(OSError("y")))


async def agen(n):
    try:
        for i in range(n):
            got = yield await Pause(i)
            if got: print("got", got)
    except ValueError as error:
        yield f"caught {error}"
    finally:
        print("agen finally")
async def drive():
    out = [x async for x in agen(3)]
    g = agen(5)
    out += [await g.__anext__(), await g.asend("hi"), await g.athrow(ValueError("v"))]
    try:
        await g.__anext__()
    except StopAsyncIteration as stop:
        out.append(repr(stop))
    g = agen(2)
    await anext(g)
    await g.aclose()
    out.append(await anext(g, "default"))
    return out
print(run(drive()))
g = agen(1)
print(
    inspect.isasyncgen(g), g.ag_running, g.ag_frame is not None, type(g.asend(None)).__name__,
    type(g.aclose()).__name__,
)
attempt(run, await_it(g.asend(1)))
async def async_genexp():
    gen = (x * await Pause(1) async for x in Countdown(3))
    return type(gen).__name__, [x async for x in gen]
print(run(async_genexp()))
async def leak():
    raise StopIteration("x")
attempt(run, leak())
async def leak_async():
    if False: yield
    raise StopAsyncIteration("y")
async def over():
    async for _ in leak_async(): pass
attempt(run, over())
async def wrong_for():
    async for _ in [1]: pass
attempt(run, wrong_for())
async def wrong_with():
    async with Manager.__aenter__: pass
attempt(run, wrong_with())
class AiterBad:
    def __aiter__(self): return 5
class AnextBad:
    def __aiter__(self): return self
    def __anext__(self): return 5
async def each(x):
    async for _ in x: pass
attempt(run, each(AiterBad()))
attempt(run, each(AnextBad()))
attempt(aiter, [1])
attempt(anext, iter([1]))
for source in ["await x", "def f(): await x", "async def f(): yield from x", "async def f():\n yield 1\n return 2",
               "def f(): [x async for x in y]", "async with x: pass", "def f():\n async for x in y: pass"]:
    try:
        compile(source, "<s>", "exec")
    except SyntaxError as error:
        print(error)
