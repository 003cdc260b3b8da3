"""Loops over everything: enumerate, zip, items, reversed, map, filter, itertools, unpacking, any and all."""

import itertools


def run():
    numbers, names = list(range(600)), ["n%d" % i for i in range(600)]
    table, total = dict(zip(names, numbers)), 0
    for _ in range(6):
        for i, name in enumerate(names):
            total += i + len(name)
        for a, b in zip(numbers, reversed(numbers)):
            total += a - b
        for key, value in table.items():
            total += value
        for value in table.values():
            total += value
        for key in table:
            total += len(key)
        total += sum(map(abs, numbers)) + sum(filter(None, numbers)) + sum(n for n in numbers if n & 1)
        total += any(n == 590 for n in numbers) + all(n >= 0 for n in numbers) + max(numbers) + min(numbers)
        for first, *rest in zip(numbers, numbers, numbers):
            total += len(rest)
        for (a, b), c in zip(zip(numbers, numbers), numbers):
            total += a + b + c
        total += sum(itertools.islice(itertools.chain(numbers, numbers), 900))
        total += sum(len(list(group)) for _, group in itertools.groupby(numbers, lambda n: n // 10))
        total += sum(a * b for a, b in itertools.product(range(20), repeat=2))
        total += len(list(itertools.combinations(range(14), 3))) + sum(itertools.accumulate(numbers))
    return total


EXPECTED = 226772970
