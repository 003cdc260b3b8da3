import gc, inspect, pickle
import built_swig as m


def show(*fs):
    for f in fs:
        try:
            print(repr(f()))
        except Exception as e:
            print(type(e).__name__, e)


class Square(m.Shape):
    def __init__(self, n):
        m.Shape.__init__(self)
        self.n = n

    def area(self):
        return self.n**2.0


class Broken(m.Shape):
    def area(self):
        return 1 / 0


p = m.Point(1, 2)
p.x = 5
p.extra = [1]
print(
    p,
    p + m.Point(2, 3),
    p[0],
    p[1],
    p.extra,
    m.Point.dimension(),
    p.scaled(2),
    p.scaled(2.5),
    m.make(3).x,
    m.RED,
    m.GREEN,
    m.LIMIT,
    m.cvar.counter,
)
m.cvar.counter = 9
print(
    m.cvar.counter,
    m.total([1, 2.5]),
    m.total(m.Doubles([1, 2])),
    list(m.halves(4)),
    m.halves(3)[1:],
    m.area_of(Square(3)),
    m.name_of(Square(1)),
    m.name_of(None),
    m.swap(5),
)
v = m.Doubles([3, 1, 2])
v.append(9)
v[0] = 7
del v[1]
print(
    list(v),
    len(v),
    v[-1],
    v == m.Doubles(v),
    list(reversed(list(v))),
    list(v[::2]),
    9.0 in v,
    v.pop(),
    v.size(),
    bool(v),
    [x for x in v],
    v.begin() != v.end(),
)
show(
    lambda: p[5],
    lambda: m.Point("x"),
    lambda: m.area_of(Broken()),
    lambda: m.area_of(None),
    lambda: m.total(["x"]),
    lambda: setattr(m.cvar, "nope", 1),
    lambda: v[10],
    lambda: m.Point(1, 2, 3),
    lambda: p.scaled("x"),
    lambda: setattr(p, "x", "s"),
    lambda: m.Doubles(-1),
)
print(
    m.__doc__,
    m.total.__doc__,
    m.Point.scaled.__doc__,
    p.thisown,
    p.this.own(),
    type(p.this).__name__,
    int(p.this) == int(p.this),
    p.this == p.this,
    p.this.next(),
)
p.thisown = False
print(p.thisown)
p.thisown = True
s = Square(2)
s.__disown__()
print(s.thisown)
del s
gc.collect()
print(
    isinstance(Square(2), m.Shape), m.Shape().area(), m.Shape.__mro__, m.Point.x.__doc__, type(m.Point.__dict__["x"]).__name__
)
