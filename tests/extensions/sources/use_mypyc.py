import asyncio, gc, inspect, pickle, copy
import built_mypyc as m

print(m.__file__[-3:], m.LIMIT, m.Colour.RED)


def show(*fs):
    for f in fs:
        try:
            print(repr(f()))
        except Exception as e:
            print(type(e).__name__, e)


d = m.Dog(4)
print(
    d,
    d.speak(),
    d.shout(),
    d.heavy,
    m.Animal.count,
    m.Dog.make(2),
    d.kingdom(),
    d == m.Animal(4),
    hash(d),
    d + 3,
    len(d),
    d[5],
    4 in d,
    sorted([m.Animal(3), m.Animal(1)]),
    m.Dog.__mro__,
    isinstance(d, m.Named),
)
d.heavy = True
print(d.weight)
show(
    lambda: setattr(d, "legs", "x"),
    lambda: setattr(d, "nope", 1),
    lambda: m.Dog("x"),
    lambda: m.Animal(),
    lambda: d + "x",
    lambda: delattr(d, "legs"),
    lambda: d.nope,
    lambda: m.Named(),
    lambda: m.Animal.heavy.__get__(3),
)


class Sub(m.Open):
    def hook(self):
        return 7


class SubBad(m.Open):
    def hook(self):
        return "x"


print(Sub().run(), m.Open().run())
show(lambda: SubBad().run())
p = m.Pair(1, [])
p.b.append(2)
print(p.b, m.Plain(1), m.Plain(1) == m.Plain(1, "x"), copy.copy(m.Plain(3)), m.Pair[int], m.Plain.__match_args__)
show(lambda: m.Pair())
v = m.Vec(10)
print(v.fill(), v.data, v.n, m.small(5, 200), m.big(30))
show(
    lambda: m.small(2**40, 1), lambda: m.small(1, 300), lambda: setattr(v, "n", 2**70), lambda: m.Vec(2**80), lambda: m.big(1.5)
)
g = m.gen(4)
print(next(g), g.send(5), next(g))
g.close()
print(list(m.chained(2)), type(g).__name__, inspect.isgenerator(g))
show(lambda: next(g), lambda: m.gen(2).throw(ValueError("in")))
print(asyncio.run(m.collect()))
c = m.counter()
c()
print(c(), [m.shapes(x) for x in (1, [1, 2], {"k": 3}, m.Animal(4), None)], m.text("hello"), m.dicts({"b": 2, "a": 0, "c": 1}))
show(*(lambda n=n: m.errors(n) for n in range(6)))
print(m.kinds(1), m.kinds(1, "x", c=2.0))
show(
    lambda: m.kinds(),
    lambda: m.kinds("x"),
    lambda: m.kinds(1, 2),
    lambda: m.kinds(1, z=1),
    lambda: m.kinds(a=1),
    lambda: m.text(5),
    lambda: m.dicts({1: 2}),
    lambda: m.dicts([]),
)
print(inspect.signature(m.kinds), m.kinds.__doc__, m.__doc__, m.Animal.speak, m.errors.__name__, m.Animal.__module__)
gc.collect()
