"""Sorting asks the same questions in the same order: comparisons are written down, contradict themselves or fail."""
import hashlib
import random

nan = float("nan")
rng = random.Random(7)
log = []


class Item:
    __slots__ = ("value", "number", "fails")

    def __init__(self, value, number):
        self.value = value
        self.number = number

    def __lt__(self, other):
        log.append((self.number, other.number))
        if len(log) == limit:
            raise ZeroDivisionError
        return self.value < other.value


def runs(n):
    """Stretches that rise, fall or stay the same."""
    data = []
    while len(data) < n:
        step, start, slow = rng.choice((-1, 0, 1)), rng.randrange(100), rng.choice((1, 2, 3))
        data += [start + step * i // slow for i in range(rng.randrange(1, 60))]
    return data[:n]


def swapped(n):
    data = list(range(n))
    for _ in range(rng.randrange(5)):
        if n:
            i, j = rng.randrange(n), rng.randrange(n)
            data[i], data[j] = data[j], data[i]
    return data


KINDS = {
    "random": lambda n: [rng.random() for _ in range(n)],
    "few": lambda n: [rng.randrange(5) for _ in range(n)],
    "backwards": lambda n: list(range(n))[::-1],
    "swapped": swapped,
    "runs": runs,
    "nan": lambda n: [rng.choice((nan, 1.0, 2.0, rng.random())) for _ in range(n)],
    "some nan": lambda n: [nan if rng.random() < 0.1 else rng.choice((0.5, rng.random())) for _ in range(n)],
    "two": lambda n: sorted(rng.randrange(n + 1) for _ in range(n // 2)) + sorted(rng.randrange(n + 1) for _ in range(n)),
    "up, down": lambda n: [*range(n // 2), *range(n // 2)[::-1], *range(0, n, 2)],
}


def digest(x):
    return hashlib.md5(repr(x).encode()).hexdigest()[:10]


for kind, make in KINDS.items():
    for n in (0, 1, 2, 3, 5, 8, 31, 63, 64, 65, 130, 500, 1500):
        for reverse in (False, True):
            data = make(n)
            limit = 0
            log.clear()
            items = [Item(v, i) for i, v in enumerate(data)]
            items.sort(reverse=reverse)
            questions = len(log)
            order = [i.number for i in items]
            plain = sorted(data, reverse=reverse)
            pairs = [p[1] for p in sorted([(v, i) for i, v in enumerate(data)], reverse=reverse)]
            keyed = sorted(range(len(data)), key=data.__getitem__, reverse=reverse)
            print(kind, n, reverse, questions, digest(log), digest(order), digest(plain), digest(pairs), digest(keyed))
            # One of the comparisons fails: where everything is then.
            limit = rng.randrange(1, questions + 2)
            log.clear()
            items = [Item(v, i) for i, v in enumerate(data)]
            try:
                items.sort(reverse=reverse)
            except ZeroDivisionError:
                print("failed at", limit, digest([i.number for i in items]))

for data in [nan, 1.0, 2.0], [2.0, 1.0, nan], [1.0, nan, 0.0], [3, nan, 2, nan, 1]:
    print(sorted(data), sorted(data, reverse=True), min(data), max(data))
