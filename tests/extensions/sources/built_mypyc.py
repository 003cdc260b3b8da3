"""Compiled by mypyc: native classes, traits, generics, generators, async, closures, ints of all sizes."""

from __future__ import annotations
import asyncio
from abc import abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar, Final, Generator, Generic, TypeVar
from mypy_extensions import i64, i32, u8, trait, mypyc_attr

T = TypeVar("T")
LIMIT: Final = 10


class Colour(Enum):
    RED = 1
    GREEN = 2


@trait
class Named:
    @abstractmethod
    def name(self) -> str: ...
    def shout(self) -> str:
        return self.name().upper()


class Animal:
    count: ClassVar[int] = 0

    def __init__(self, legs: int, weight: float = 1.5) -> None:
        self.legs = legs
        self.weight = weight
        Animal.count += 1

    def speak(self) -> str:
        return "..."

    @property
    def heavy(self) -> bool:
        return self.weight > 10

    @heavy.setter
    def heavy(self, value: bool) -> None:
        self.weight = 20.0 if value else 1.0

    @classmethod
    def make(cls, legs: int) -> "Animal":
        return cls(legs)

    @staticmethod
    def kingdom() -> str:
        return "animalia"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Animal) and self.legs == other.legs

    def __hash__(self) -> int:
        return self.legs

    def __add__(self, other: int) -> int:
        return self.legs + other

    def __len__(self) -> int:
        return self.legs

    def __getitem__(self, i: int) -> int:
        return i * self.legs

    def __contains__(self, i: object) -> bool:
        return i == self.legs

    def __lt__(self, other: "Animal") -> bool:
        return self.legs < other.legs

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.legs}, {self.weight:.1f})"


class Dog(Animal, Named):
    def speak(self) -> str:
        return super().speak() + "woof"

    def name(self) -> str:
        return "rex"


@mypyc_attr(allow_interpreted_subclasses=True)
class Open:
    def hook(self) -> int:
        return 1

    def run(self) -> int:
        return self.hook() * 10


class Pair(Generic[T]):
    def __init__(self, a: T, b: list[T]) -> None:
        self.a = a
        self.b = b


@dataclass
class Plain:
    a: int
    b: str = "x"


class Vec:
    def __init__(self, n: i64) -> None:
        self.n: i64 = n
        self.data: list[i64] = []

    def fill(self) -> i64:
        s: i64 = 0
        i: i64 = 0
        while i < self.n:
            self.data.append(i * i)
            s += i * i
            i += 1
        return s


def small(x: i32, y: u8) -> i32:
    return x * 2 + i32(y)


def big(n: int) -> int:
    r = 1
    for i in range(1, n):
        r *= i
    return r


def gen(n: int) -> Generator[int, int | None, None]:
    try:
        for i in range(n):
            got = yield i
            if got:
                yield got * 100
    finally:
        print("gen done")


def chained(n: int) -> Iterator[int]:
    yield from gen(n)
    yield from [7, 8]


async def later(x: int) -> int:
    await asyncio.sleep(0)
    return x + 1


async def collect() -> list[int]:
    out = [await later(x) for x in range(3)]
    out.extend(await asyncio.gather(*[later(1), later(2)]))
    return out


def counter() -> Callable[[], int]:
    n = 0

    def inc() -> int:
        nonlocal n
        n += 1
        return n

    return inc


def errors(which: int) -> str:
    try:
        if which == 0:
            return [1, 2][5].__str__()
        if which == 1:
            return {"a": "b"}["c"]
        if which == 2:
            raise ValueError("mine")
        if which == 3:
            return str(1 // (which - 3))
        if which == 4:
            x: Any = "s"
            y: int = x
            return str(y)
        return "none"
    except KeyError as e:
        raise RuntimeError("wrapped") from e
    finally:
        print("finally", which)


def shapes(x: object) -> str:
    match x:
        case int():
            return "int"
        case [a, b]:
            return f"two {a} {b}"
        case {"k": v}:
            return f"key {v}"
        case Animal(legs=4):
            return "four"
        case _:
            return "other"


def kinds(a: int, b: str = "b", *, c: float = 1.0) -> tuple[int, str, float]:
    return a, b, c


def text(s: str) -> str:
    return "|".join(sorted({c for c in s if c.isalpha()})) + s[1:3] + s[-1] + f"{len(s):>4}"


def dicts(d: dict[str, int]) -> list[tuple[str, int]]:
    return [(k, v * LIMIT) for k, v in sorted(d.items()) if v]
