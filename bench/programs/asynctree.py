"""asyncio: a tree of tasks that gather their children, a queue between producer and consumer."""

import asyncio


async def tree(depth):
    if depth == 0:
        await asyncio.sleep(0)
        return 1
    return 1 + sum(await asyncio.gather(*(tree(depth - 1) for _ in range(4))))


async def produce(queue, n):
    for i in range(n):
        await queue.put(i)
    await queue.put(None)


async def main():
    queue = asyncio.Queue(5)
    producer = asyncio.create_task(produce(queue, 200))
    total = 0
    while (item := await queue.get()) is not None:
        total += item
    await producer
    return await tree(4), total


def run():
    return asyncio.run(main())


EXPECTED = (341, 19900)
