# anext() with a default, of async generators and of iterators whose __anext__ is a coroutine.
import asyncio


class Numbers:
    def __init__(self):
        self.n = 0

    def __aiter__(self):
        return self

    async def __anext__(self):
        await asyncio.sleep(0)
        if self.n == 2:
            raise StopAsyncIteration
        self.n += 1
        return self.n


async def generator():
    yield 1
    await asyncio.sleep(0)
    yield 2


class Wrong:
    def __aiter__(self):
        return self

    def __anext__(self):
        return 3


async def main():
    for make in (Numbers, generator):
        it = make()
        print([await anext(it, "end") for _ in range(4)])
        it = make()
        print(await anext(it), await anext(it))
        try:
            await anext(it)
        except StopAsyncIteration as e:
            print(type(e).__name__, e.args)
        waiting = anext(make(), None)
        try:
            waiting.throw(KeyError("thrown"))
        except KeyError as e:
            print("KeyError", e)
        print(waiting.close())
    try:
        await anext(Wrong(), 1)
    except TypeError as e:
        print(e)


asyncio.run(main())
