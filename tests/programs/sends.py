"""What SEND sends to: generators, iterators without send(), steps of async generators; and what tools are told."""
import dis
import sys
import types


class Next:
    def __init__(self, n, end=StopIteration):
        self.n, self.end = n, end

    def __iter__(self):
        return self

    def __next__(self):
        self.n -= 1
        if self.n < 0:
            raise self.end
        return self.n


def stops(x):
    if x > 1:
        raise StopIteration("from the function", x)
    return x


def delegates(it):
    result = yield from it
    yield ("result", result)


def show(make):
    try:
        print(list(delegates(make())))
    except Exception as e:
        print(type(e).__name__, e)


for make in (
    lambda: range(3),
    lambda: [1, 2],
    lambda: "ab",
    lambda: {1: 2}.items(),
    lambda: map(stops, range(5)),
    lambda: filter(stops, range(5)),
    lambda: zip(range(2), "ab"),
    lambda: Next(2),
    lambda: Next(2, StopIteration("value")),
    lambda: Next(1, KeyError("k")),
    lambda: iter(lambda: 1, 1),
    lambda: map(lambda x: 1 // x, [1, 0]),
    lambda: delegates(range(2)),
):
    show(make)

g = delegates(iter([1, 2, 3]))
next(g)
try:
    g.send("something")
except AttributeError as e:
    print(e)
g = delegates(Next(3))
next(g)
try:
    g.send("something")
except AttributeError as e:
    print(e)


async def numbers(n):
    for i in range(n):
        got = yield i
        if got:
            print("got", got)


@types.coroutine
def pause(x):
    return (yield x)


async def pauses():
    x = await pause("p")
    yield x
    y = await pause("q")
    yield y


async def fails():
    yield 1
    raise KeyError("inside")


async def stop_inside(exc):
    yield 1
    raise exc


def run(coro, *sent):
    sent = iter(sent)
    out, value = [], None
    try:
        while True:
            out.append(coro.send(value))
            value = next(sent, None)
    except StopIteration as e:
        return out, e.value
    except BaseException as e:
        return out, type(e).__name__, str(e), type(e.__cause__).__name__, type(e.__context__).__name__


async def collect(agen):
    return [x async for x in agen]


print(run(collect(numbers(3))), run(collect(pauses()), 1, 2), run(collect(fails())))
print(run(collect(stop_inside(StopIteration(1)))), run(collect(stop_inside(StopAsyncIteration(2)))))
print(run(collect(stop_inside(GeneratorExit()))))


async def by_hand():
    agen = numbers(4)
    print(await agen.asend(None), await agen.asend("hello"), await anext(agen), await agen.__anext__())
    try:
        await anext(agen)
    except StopAsyncIteration as e:
        print("over", e.args)
    step = numbers(1).asend(None)
    print(await step)
    try:
        await step
    except RuntimeError as e:
        print(e)
    agen = pauses()
    first, second = agen.asend(None), agen.asend(None)
    print(first.send(None), agen.ag_running)
    for call in (second.send, second.throw):
        try:
            call(None) if call == second.send else call(KeyError)
        except RuntimeError as e:
            print(e)
    try:
        first.send("x")
    except StopIteration as e:
        print("value", e.value, agen.ag_running)
    await agen.aclose()
    return await numbers(1).asend(None)


print(run(by_hand()))

step = numbers(2).asend(None)
try:
    next(step)
except StopIteration as e:
    print("next", e.value)
try:
    (None for _ in ()).throw(ValueError)
except ValueError:
    pass


async def none_yielded():
    yield
    yield (1, 2)
    yield StopIteration(3)


print(run(collect(none_yielded())))
step = none_yielded().__anext__()
try:
    step.send(None)
except StopIteration as e:
    print(e.args, e.value)

events = []


def trace(frame, event, arg):
    if frame.f_code.co_filename == __file__:
        events.append((frame.f_code.co_name, event, frame.f_lineno - frame.f_code.co_firstlineno,
                       arg[0].__name__ if event == "exception" else type(arg).__name__))
    return trace


sys.settrace(trace)
run(collect(numbers(2)))
run(collect(pauses()), 5)
list(delegates(map(stops, range(5))))
list(delegates(Next(1)))
sys.settrace(None)
for event in events:
    print(*event)

seen = []
mon = sys.monitoring
mon.use_tool_id(3, "test")
for event in (mon.events.RAISE, mon.events.STOP_ITERATION, mon.events.PY_YIELD, mon.events.PY_RESUME, mon.events.PY_THROW):
    mon.register_callback(3, event, lambda code, offset, *rest, event=event: seen.append((event, code.co_name, offset, [type(r).__name__ for r in rest])))
mon.set_events(3, mon.events.RAISE | mon.events.STOP_ITERATION | mon.events.PY_YIELD | mon.events.PY_RESUME | mon.events.PY_THROW)
run(collect(numbers(2)))
run(collect(fails()))
list(delegates(range(2)))
list(delegates(Next(1, StopIteration(7))))
mon.set_events(3, 0)
mon.free_tool_id(3)
for item in seen:
    print(*item)


def depth(n):
    if n:
        yield from depth(n - 1)
    yield n


try:
    print(sum(1 for _ in depth(400)))
    print(sum(1 for _ in depth(5000)))
except RecursionError as e:
    print(e)


async def deep(n):
    if n:
        return await deep(n - 1)
    return "bottom"


print(run(deep(400)), run(deep(5000))[1:3])


async def deep_steps(n):
    if n:
        async for x in deep_steps(n - 1):
            yield x
    yield n


print(len(run(collect(deep_steps(100)))[1]), run(collect(deep_steps(100000)))[1:3])


async def nothing():
    return
    yield


for end in (anext(nothing(), None), iter(anext(nothing(), None).__await__())):
    try:
        next(end) if hasattr(end, "__next__") else end.send(None)
    except StopIteration as e:
        print(e.args)

import asyncio

loop = asyncio.new_event_loop()
future = loop.create_future()
it = future.__await__()
next(it)
future.set_result(None)
try:
    next(it)
except StopIteration as e:
    print(e.args)
loop.close()
