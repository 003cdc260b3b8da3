"""dataclasses, enums, NamedTuple, functools caches: what programs declare data with."""

import enum
import functools
from dataclasses import dataclass, field, replace
from typing import NamedTuple


class Color(enum.Enum):
    RED = 1
    GREEN = 2
    BLUE = 3


class Access(enum.Flag):
    READ = enum.auto()
    WRITE = enum.auto()


@dataclass(order=True)
class Item:
    name: str
    price: float
    tags: list = field(default_factory=list)


@dataclass(frozen=True)
class Key:
    a: int
    b: int


class Row(NamedTuple):
    id: int
    color: Color


@functools.lru_cache(maxsize=None)
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def run():
    fib.cache_clear()
    total = fib(80) % 1000
    items = [Item("i%d" % (n % 50), n / 4) for n in range(400)]
    items.sort()
    total += int(items[10].price) + (items[0] == items[1])
    keys = {Key(n % 20, n % 7): n for n in range(500)}
    total += len(keys) + keys[Key(3, 3)]
    for n in range(400):
        row = Row(n, Color(n % 3 + 1))
        total += row.color is Color.RED
        total += row.id + row.color.value + len(Color["BLUE"].name)
    for n in range(100):
        total += (Access.READ | Access.WRITE) & Access.READ is Access.READ
        total += len(replace(items[n], name="new").name)
    return total


EXPECTED = 84006
