"""Classes derived from typing.Generic, in both spellings."""
from typing import Generic, IO, NamedTuple, Protocol, TypedDict, TypeVar, get_args, get_origin

T = TypeVar("T")


class Box(Generic[T]):
    def __init__(self, item: T):
        self.item = item

    def get(self) -> T:
        return self.item


class Empty(Generic[T]):
    pass


class Slotted[K, V]:
    __slots__ = ("k", "v")

    def __init__(self, k: K, v: V):
        self.k, self.v = k, v


class Null(IO[str]):
    def read(self, n=-1):
        return ""


class Sized(Protocol[T]):
    def size(self) -> T: ...


class Pair(NamedTuple, Generic[T]):
    a: T
    b: T


class Options(TypedDict, Generic[T], total=False):
    x: T


print(Box(3).get(), Box[int](4).get(), type(Box[int](4)) is Box, Box[int](4).__orig_class__)
print(type(Empty()).__name__, Empty[str]().__orig_class__, type(Null()).__mro__[1:3])
print(Slotted(1, 2).v, Slotted[int, str].__args__, Slotted.__orig_bases__, Slotted.__type_params__)
print(Pair(1, 2), Pair[int](3, 4), Options(x=1), Options[int].__args__)
print(get_origin(Box[int]), get_args(Box[int]), Box.__parameters__, hex(Generic.__flags__))
print(sorted(vars(Generic)), type(Generic()).__name__)
for make in (lambda: Box(), lambda: Empty(1), lambda: Sized(), lambda: Generic[int], lambda: Box[int, str], lambda: Generic[T]()):
    try:
        print(make())
    except TypeError as e:
        print("TypeError:", e)
