"""A module with
    every construct
	of the language."""
import os, os.path as p, a.b.c as d
from . import x as y, z
from os import *

count: int = 0
if count:
    late: "str"


@deco(1)
@other
def positional(a, b=1, /, c: int = 2, *rest: str, key, opt=None, **kw) -> None:
    """Doc."""
    global count
    local = a.b.c
    count += local[1:2] + local[a:b] - local[::2, b]
    del a.b, local[b], c
    return


def closures(n):
    total = 0

    def inner(step=1):
        nonlocal total
        total += step
        return lambda k, *, j=n: (k, j, total)

    return inner, [inner() for i in range(n) if i % 2 if i], {i: (lambda: i) for i in (n,)}


class Base(object, metaclass=type):
    """Class doc."""
    __slots__ = ()
    attr: int
    if attr:
        maybe: float = 1.5
    squares = [__secret * s for s in (1, 2)]

    def __init__(self, value):
        super().__init__()
        self.value = value
        self.__hidden, self.other = value

    @property
    def method(self):
        return super(Base, self).method(key=1) or __class__


class Generic[T: int, *Ts = *tuple[int], **P = [int]](Base):
    type Alias[U] = list[U] | T

    def generic[V: (int, str)](self, x: V = 1, *, y: T = 2) -> Alias: ...


type Plain = int


def flow(items, flag):
    for i, (j, *k) in items:
        if i and not j or k:
            continue
        elif i < j <= k != 3:
            break
        while flag:
            flag -= 1
        else:
            yield from items
    else:
        assert items, f"{items!r:>{flag}} {{}}"
    x = yield i if j else k
    try:
        return x
    except (A, B) as e:
        raise E from e
    except C:
        pass
    except:
        raise
    else:
        return 1
    finally:
        x.close()


def groups():
    try:
        f()
    except* A as e:
        g(e)
    except* B:
        h()


def managers(a):
    with a as b, c():
        with d as (e, f):
            return e
    for x in a:
        with x:
            break


async def coroutine(a):
    async with a as b, c:
        await b
    async for i in a:
        yield i
    else:
        pass
    return_ = [await j async for j in a]
    g = (j async for j in a if await j)


def match_all(s):
    match s:
        case 1 | -2 | "x" | None:
            pass
        case [1, *rest] if rest:
            return rest
        case [a, _, *_, b]:
            return a, b
        case {"k": v, -1: [w], **others}:
            return v, w, others
        case Point(x=0, y=(1 | 2) as yy):
            return yy
        case {}:
            pass
        case m.c:
            pass
        case (p, q) | [q, p]:
            return p
        case _:
            return 0


def calls(f, *args, **kw):
    f(1, *args, 2, a=3, **kw, b=4)
    f(*args)
    f.m(1, key=2)
    os.getcwd()
    any(x for x in args), all(not x for x in args), tuple(x for x in args)
    return [*args, 1], {*args}, {**kw, "a": 1}, "%s-%5r%%" % (f, args), (w := f)


big = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
       30, x]
template = t"a{count!r:>5}{big}b" t"{x=}"
constants = (1, (2.0, -0.0, 1j), b"b", ..., True, None, 10**5, not 0, -(3), ~1, +2), x in {1, 2}, x in [1, 2]
print(__debug__, f"", f"{x}", lambda: (yield))
