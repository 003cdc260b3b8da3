import a.b, c.d as e
from m import n as o, q
v: int
w: int = 1


def outer(p, /, r, *s, t, **u):
    global g
    x = y = 1

    def inner():
        nonlocal x
        x = y + g + unknown
        return [i * y for i in range(x)], {k: (lambda: k) for k in p}, (j for j in r), super

    class Local:
        y = y
        z: str
        if y:
            z2: str = y
        _ = [y for y in y if __private]

        def method(self, __arg) -> z:
            return __class__, self.__attr, __arg

    if (walrus := 1) and [captured := i for i in p]:
        try:
            pass
        except E as exc:
            pass
        for f, (h, *l) in p:
            with p as a1, r as b1.c1:
                del x
        match p:
            case [m1, *m2] | {"k": m2, **m1}:
                pass
            case C(d=m3) as m4:
                pass
    import a2.b2
    return lambda a3, b3=walrus: a3 + b3 + x


class Generic[T: int, *Ts, **P = int](Base[T]):
    type Alias[T2: T] = T2 | T

    def generic[V](self, v: V = 1, *, w=2) -> T: ...

    annotated: T


async def coroutine(a):
    async with a as b:
        return [await c async for c in b]
