import array, copy, gc, pickle, weakref
import built_nanobind as m


def show(*fs):
    for f in fs:
        try:
            print(repr(f()))
        except Exception as e:
            print(type(e).__name__, e)


class Square(m.Shape):
    def __init__(self, n):
        super().__init__()
        self.n = n

    def area(self):
        return self.n**2


class Named(Square):
    def name(self):
        return "named " + super().name()


print(m.total([Square(2), Named(3)]), m.named(Square(1)), m.named(Named(1)))
p = m.Point(1, 2)
p.extra = [1]
print(
    p + m.Point(x=3),
    -p,
    p == m.Point(1, 2),
    p != p,
    p.norm2,
    p.both,
    p.extra,
    list(p),
    m.Point.origin(),
    pickle.loads(pickle.dumps(p)),
    copy.copy(p).both,
)
p.both = (5, 6)
p.x = 7
print(p, m.Point.__doc__, m.Point.x.__doc__, m.Point.kind, p.kind)
m.Point.made = 100
print(m.Point.made, p.made)


class Sub(m.Point):
    pass


print(Sub.kind, Sub(1).kind, Sub(1) + p, type(Sub(1) + p).__name__, isinstance(Sub(2), m.Point))
Sub.made = 5
print(m.Point.made >= 5)
n = m.Node()
n.payload = n
r = weakref.ref(n)
del n
gc.collect()
print(r())
a, b = m.Node(), m.Node()
a.next = b
a.payload = [1]
print(a.next is b, a.payload, b.next)
print(
    m.Kind.Round,
    int(m.Kind.Square),
    m.Round is m.Kind.Round,
    m.Kind(2),
    m.Kind.Round + 1,
    list(m.Kind),
    m.Flags.A | m.Flags.C,
    m.Flags(3),
    m.Kind.Round.__doc__,
)
print(
    m.apply(lambda x: x + 1, 41),
    m.adder(3)(4),
    m.words({"a": 1}),
    [m.which(v) for v in (1, "x", [1.5])],
    m.maybe(),
    m.maybe(3),
    m.over(1),
    m.over(1.5),
    m.over("s"),
)
show(
    lambda: m.fail(0),
    lambda: m.fail(1),
    lambda: m.fail(2),
    lambda: m.fail(3),
    lambda: m.fail(4),
    lambda: m.fail("x"),
    lambda: m.fail(),
    lambda: m.Point("x"),
    lambda: m.Shape().area(),
    lambda: m.over([]),
    lambda: setattr(p, "norm2", 1),
    lambda: m.apply(lambda x: 1 / 0, 1),
    lambda: m.apply(5, 1),
    lambda: m.total([1]),
    lambda: m.Kind(9),
    lambda: m.Point.nope,
    lambda: m.only(1, 2),
    lambda: m.Point.__new__(m.Point).x,
)
print(m.catch_(lambda: {}["k"])[1], m.catch_(lambda: 1 / 0)[0].splitlines()[-1], m.catch_(lambda: 5))
print(m.Failure.__mro__[1:3])
print(
    m.sum(array.array("d", [1, 2.5])),
    m.view(4).tolist(),
    m.args(1, 2, k=3),
    m.only(5, b=2),
    m.without_gil(),
    m.items({"a": 1, 2: "b"}),
    m.constant,
    m.sub.f(b"abc"),
    m.__doc__,
    m.sub.__doc__,
    m.sub.__name__,
)
show(lambda: m.sum(bytearray(8)), lambda: m.sum([1.0]))
print(
    m.fail.__doc__,
    m.over.__doc__,
    m.only.__doc__,
    m.Point.__init__.__doc__,
    type(m.fail).__name__,
    m.fail.__name__,
    m.fail.__module__,
    m.Point.origin.__qualname__ if hasattr(m.Point.origin, "__qualname__") else "",
    type(m.Point).__name__,
    m.Point.__add__.__nb_signature__,
    sep="\n",
)
try:

    class Bad(m.Kind):
        pass

except TypeError as e:
    print(e)
try:

    class Two(m.Point, m.Shape):
        pass

except TypeError as e:
    print(e)
