# Loops longer than 65,535 code units: jumps with three bytes of argument.
import asyncio

BODY = "    total = total + x * 2\n" * 14000
names = {}
exec(f"def plain(items):\n  total = 0\n  for x in items:\n{BODY}  return total\n"
     f"async def waiting(items):\n  total = 0\n  async for x in items:\n{BODY}  return total\n", names)


def generator():
    yield 1
    yield 2


async def async_generator():
    yield 1
    yield 2


class Steps:
    def __init__(self):
        self.left = 2

    def __iter__(self):
        return self

    def __next__(self):
        self.left -= 1
        if self.left < 0:
            raise StopIteration
        return self.left


for _ in range(4):
    print([names["plain"](items) for items in (generator(), [1, 2], (1, 2), range(3), Steps(), {1: 2})])
print([asyncio.run(names["waiting"](async_generator())) for _ in range(3)])
