"""Abstract classes, isinstance with registration, containers by protocol, iterators, contexts, descriptors."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence, Sized


class Shape(ABC):
    @abstractmethod
    def area(self): ...

    @property
    def double(self):
        return self.area() * 2


class Square(Shape):
    def __init__(self, side):
        self.side = side

    def area(self):
        return self.side**2


class Row(Sequence):
    def __init__(self, items):
        self.items = items

    def __getitem__(self, i):
        return self.items[i]

    def __len__(self):
        return len(self.items)


class Countdown:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return self

    def __next__(self):
        if self.n == 0:
            raise StopIteration
        self.n -= 1
        return self.n


class Guard:
    depth = 0

    def __enter__(self):
        Guard.depth += 1
        return self

    def __exit__(self, *details):
        Guard.depth -= 1


class Positive:
    def __set_name__(self, owner, name):
        self.name = "_" + name

    def __get__(self, instance, owner):
        return getattr(instance, self.name)

    def __set__(self, instance, value):
        setattr(instance, self.name, max(0, value))


class Account:
    balance = Positive()

    def __init__(self, balance):
        self.balance = balance


def run():
    total = 0
    values = [Square(2), Row([1, 2, 3]), {}, [], "text", 5, Countdown(2)]
    for _ in range(150):
        for v in values:
            total += isinstance(v, Sized) + isinstance(v, Iterable) * 2 + isinstance(v, (Mapping, Sequence)) * 4 + isinstance(v, Shape) * 8
    row = Row(list(range(40)))
    for _ in range(40):
        total += sum(row) + row[3] + (17 in row) + len(row)
        total += sum(Countdown(30))
        with Guard() as g, Guard():
            total += g.depth
    for n in range(600):
        account = Account(n)
        account.balance -= 300
        total += account.balance + Square(n).double
    return total


EXPECTED = 143741190
