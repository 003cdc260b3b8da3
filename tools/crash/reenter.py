"""Iterators that are used again by the functions they call (CPython dies of it). usage: reenter.py SEED CASES"""
import asyncio
import itertools
import sys
import threading


class Again(int):
    """Added to, it advances the iterator that adds."""

    def __add__(self, other):
        if self < 3:
            try:
                next(it)
            except Exception:
                pass
        return Again(int(self) + 1)


def limited(iterator, n):
    found = []
    for _ in range(n):
        try:
            found.append(next(iterator))
        except Exception as e:
            found.append(type(e).__name__)
    return len(found)


it = itertools.count(Again(0), Again(0))
print(limited(it, 4))
it = itertools.accumulate([Again(0), Again(0), Again(1), Again(2)])
print(limited(it, 5))


def advance(*x):
    global left
    if left:
        left -= 1
        try:
            next(it)
        except Exception:
            pass
    return True


for outer in (
    lambda i: itertools.batched(i, 2), itertools.pairwise, lambda i: itertools.chain(i, [9]), lambda i: itertools.chain.from_iterable([i, [9]]),
    itertools.cycle, lambda i: itertools.islice(i, 2), lambda i: itertools.compress(i, [1] * 4), itertools.accumulate, itertools.groupby,
    lambda i: itertools.starmap(print, ([] for x in i)), lambda i: zip(i, i), enumerate, lambda i: map(str, i), lambda i: filter(None, i),
):
    for inner in (lambda: filter(advance, [1, 2, 3]), lambda: map(advance, [1, 2, 3]), lambda: itertools.takewhile(advance, [1, 2, 3])):
        left = 2
        it = outer(inner())
        limited(it, 5)


class BadSplit(ExceptionGroup):
    """Its parts are no exceptions: one of them would become the one that is handled."""

    def split(self, condition):
        return parts


for parts in ((1, 2), (None, "x"), (None, None), (ValueError(1), []), ((), ValueError(2)), (ValueError(3), ValueError(4))):
    try:
        try:
            raise BadSplit("x", [ValueError(1)])
        except* ValueError as e:
            raise
    except BaseException as e:
        print(type(e).__name__)
async def other():
    return 2


def again(t):
    """Where no loop runs: the task has none afterwards."""
    c = other()
    try:
        t.__init__(c)
    except RuntimeError:
        c.close()


def again_elsewhere(t):
    thread = threading.Thread(target=again, args=(t,))
    thread.start()
    thread.join()


async def uninitialized():
    async def body(inside):
        if inside:
            again_elsewhere(t)
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    for inside in (True, False):
        t = asyncio.Task(body(inside))
        await asyncio.sleep(0)
        if not inside:
            again_elsewhere(t)
        for f in (t.done, t.cancel, t.get_coro, t.get_context, t.get_stack, t.get_loop, t.__repr__, t.result, t.exception, t.uncancel, t.__iter__, lambda: t.add_done_callback(print), lambda: t.set_name("x")):
            try:
                f()
            except Exception as e:
                print(e)
        for _ in range(4):
            await asyncio.sleep(0)


loop = asyncio.new_event_loop()
loop.set_exception_handler(lambda loop, context: None)
loop.run_until_complete(uninitialized())
loop.close()


def callee():
    x = 1
    return x


def caller(a):
    with open(__file__) as f:
        with open(__file__) as g:
            a = [a, [a,
                callee()]]
        a = [a, [a, [callee(), [a, g]]], f]
    for i in a:
        a = [i, callee()]
    return a


def waiting():
    for i in range(9):
        with open(__file__):
            yield [i, (yield i)]


def jump(frame, event, arg):
    """Frames that wait for a call, or are suspended, are no place to jump in."""
    if event == "line" and frame.f_code is callee.__code__:
        for other in (frame.f_back, suspended.gi_frame):
            lines = [line for *_, line in other.f_code.co_lines() if line]
            try:
                other.f_lineno = lines[turn % len(lines)]
            except ValueError as e:
                refused.append(str(e))
    return jump


refused = []
for turn in range(40):
    suspended = waiting()
    next(suspended)
    sys.settrace(jump)
    caller(1)
    sys.settrace(None)
    list(suspended)
print(set(refused))
print("end", flush=True)
