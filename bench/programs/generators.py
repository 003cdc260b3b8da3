"""Generators: pipelines, yield from, send."""


def count(n):
    i = 0
    while i < n:
        yield i
        i += 1


def evens(source):
    for n in source:
        if n % 2 == 0:
            yield n


def tree(depth):
    if depth:
        yield from tree(depth - 1)
        yield depth
        yield from tree(depth - 1)


def averager():
    total = n = 0
    while True:
        total += yield total
        n += 1


def run():
    pipeline = sum(n * n for n in evens(count(60000)))
    walk = sum(tree(12))
    average = averager()
    next(average)
    for n in range(20000):
        last = average.send(n)
    return pipeline, walk, last


EXPECTED = (35998200020000, 8178, 199990000)
