import array, asyncio, copy, gc, inspect, pickle, traceback, weakref
import built_typed as m


def show(*fs):
    for f in fs:
        try:
            print(repr(f()))
        except Exception as e:
            print(type(e).__name__, e)


print(m.twice(3), m.twice(1.5), m.twice("ab"), m.twice["double"](2), sorted(m.twice.__signatures__), m.__doc__)
show(
    lambda: m.total(array.array("i", [1, 2])),
    lambda: m.total(array.array("d", [1.5])),
    lambda: m.total(array.array("b", [1])),
    lambda: m.total([1]),
    lambda: m.total(memoryview(b"abcd").cast("i")),
)
show(
    lambda: m.transpose(memoryview(array.array("d", range(6))).cast("B").cast("d", (2, 3))),
    lambda: m.transpose(array.array("d", [1])),
)
show(*(lambda n=n: m.catching(n) for n in range(5)), lambda: m.thrown_as(1))
print(
    m.containers(["b", "aa", "b"]),
    m.with_callback(lambda n: n * n, 4),
    m.Colour.RED,
    m.Colour.GREEN.value,
    m.Colour.RED + 1,
    list(m.Colour),
)
b = m.Buffer(4)
b.extra = 1
r = weakref.ref(b)
with memoryview(b) as v:
    print(v.tolist(), v.format, b.open)
    v[1] = 9
b[0] = 7
print(b[:3], len(b), 9 in b, b.open, b.extra, m.Buffer.open.__doc__)
show(
    lambda: b[10],
    lambda: b.nope,
    lambda: setattr(b, "n", 1),
    lambda: m.Buffer("x"),
    lambda: b.__delitem__(0),
    lambda: pickle.dumps(b),
)
with b:
    raise KeyError
del b
gc.collect()
print(r())
x = [m.Buffer(i) for i in range(8)]
del x
a = m.Money(5, "n")
print(
    a + 3,
    3 + a,
    a < m.Money(9),
    a >= m.Money(5),
    a == m.Money(5),
    a != 5,
    hash(a),
    a**2,
    pow(a, 2, 7),
    -a,
    bool(m.Money()),
    int(a),
    [1] * m.Money(2),
    a(1, k=2),
    m.Money.zero(),
    m.Money.name(),
)
a += 5
print(a, pickle.loads(pickle.dumps(a)), copy.copy(a))
show(
    lambda: a + "x",
    lambda: a < 3,
    lambda: m.Money("x"),
    lambda: m.Money(1, 2, 3),
    lambda: m.Money(cent=1),
    lambda: m.Money(2**40),
)


class Sub(m.Money):
    def __add__(self, other):
        return ("sub", super().__add__(other))


print(Sub(1) + 2, sum([m.Money(1), m.Money(2)], m.Money()), Sub.zero(), pickle.loads(pickle.dumps(Sub(4))))
n = m.Node()
n.next = n
del n
gc.collect()
show(lambda: type("N", (m.Node,), {}))
g = m.echo()
print(next(g), g.send("a"), g.throw(ValueError("thrown")), g.gi_running, g.__name__)
g.close()
show(lambda: g.send(1))


def run(g):
    out = []
    while True:
        try:
            out.append(next(g))
        except StopIteration as e:
            return out, e.value


print(run(m.delegate(3)))


class Manager:
    async def __aenter__(self):
        await asyncio.sleep(0)
        return "m"

    async def __aexit__(self, *args):
        await asyncio.sleep(0)


print(asyncio.run(m.consume(Manager())))
show(lambda: asyncio.run(m.consume(5)))


async def part():
    g = m.agen(5)
    print(await anext(g), await g.asend(None))
    await g.aclose()
    return await asyncio.gather(m.later(1), m.later(2)), inspect.isawaitable(c := m.later(3)), await c


print(asyncio.run(part()))
add, get = m.closure(10)
print(add(1), add(1, k=5), get(), add.__doc__, add.__annotations__, add.__kwdefaults__, add.__qualname__)
print(
    m.signature(1, "y", 3, c=4, e=5),
    inspect.signature(m.signature),
    m.signature.__doc__,
    m.signature.__defaults__,
    m.Money.zero.__doc__,
)
show(
    lambda: m.signature(1),
    lambda: m.signature(1, 2, c=1),
    lambda: m.signature("x", c=1),
    lambda: m.signature(1, a=2, c=3),
    lambda: m.signature(),
)
print(m.formatted("x"), m.matching({"a": 1}), m.deep(200))
show(
    lambda: m.formatted(None),
    lambda: m.big(2**64 - 1, -128),
    lambda: m.big(2**64, 0),
    lambda: m.big(-1, 0),
    lambda: m.big(0, 200),
    lambda: m.big(1.5, 0),
)
for f in (m.reraise, m.many, lambda: m.matching(None)):
    try:
        f()
    except Exception as e:
        print(
            "".join(traceback.format_exception(e, colorize=False)[-1:]).strip(),
            repr(e.__context__),
            [(t.name, t.lineno) for t in traceback.extract_tb(e.__traceback__)][1:],
        )
