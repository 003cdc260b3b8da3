"""Coroutines driven by hand: await chains, a scheduler that sends values in."""


class Switch:
    def __init__(self, value):
        self.value = value

    def __await__(self):
        return (yield self.value)


async def leaf(n):
    return await Switch(n) + 1


async def middle(n):
    return await leaf(n) + await leaf(n + 1)


async def job(start, rounds):
    total = 0
    for n in range(rounds):
        total += await middle(start + n)
    return total


def run():
    ready = [(job(i, 40), None) for i in range(25)]
    results = []
    while ready:
        later = []
        for coroutine, value in ready:
            try:
                asked = coroutine.send(value)
            except StopIteration as stop:
                results.append(stop.value)
            else:
                later.append((coroutine, asked * 2))
        ready = later
    return sum(results)


EXPECTED = 130000
