"""Classes made by metaclasses, called every way; attributes that come and go; tuples of unknown length."""
import abc
import contextlib
import itertools


class Abstract(abc.ABC):
    @abc.abstractmethod
    def f(self): ...


class Concrete(Abstract):
    def __init__(self, *args, **kw):
        self.made = args, kw

    def f(self):
        return self.made


class Counting(type):
    def __call__(cls, *args, **kw):
        print("called", cls.__name__, args, kw)
        return super().__call__(*args, **kw)


class Counted(metaclass=Counting):
    def __init__(self, x=0):
        self.x = x


class Silent(type):
    pass


class Quiet(metaclass=Silent):
    def __init__(self, a, b=2):
        self.ab = a, b


for i in range(3):
    print(Concrete(1, 2).f(), Concrete(x=i).f(), Concrete(*[1], **{"y": 2}).f())
    print(Counted().x, Counted(1).x, Counted(x=2).x, Counted(*[3]).x, Counted(**{"x": 4}).x)
    print(Quiet(1).ab, Quiet(b=0, a=1).ab, Quiet(*"xy").ab, Quiet(**{"a": 5}).ab)
    for call in (Abstract, lambda: Abstract(), lambda: Abstract(x=1), lambda: Abstract(*[1]), lambda: Quiet(),
                 lambda: Quiet(1, c=2), lambda: Quiet(*[1, 2, 3]), lambda: type("T", (Abstract,), {})()):
        try:
            print(call())
        except TypeError as e:
            print(e)
Silent.__call__ = lambda cls, *args: ("replaced", args)
print(Quiet(1), Quiet(*[2]))
del Silent.__call__
print(Quiet(1).ab)
made = type("Made", (), {"__init__": lambda self, x: setattr(self, "x", x)})
print(made(1).x, made(x=2).x, made(*[3]).x)
Concrete.__abstractmethods__ = frozenset({"g"})
try:
    Concrete(1)
except TypeError as e:
    print(e)
Concrete.__abstractmethods__ = frozenset()
print(Concrete(1).f())


class Fields:
    def __init__(self):
        self.g = self.f = self.a = self.k = 1


for names in itertools.permutations("gfak"):
    o = Fields()
    for name in names[:3]:
        match name:
            case "g": del o.g
            case "f": del o.f
            case "a": del o.a
            case "k": del o.k
    o.z = 2
    o.a = 3
    print(list(o.__dict__.items()), end=" ")
    try:
        del o.nothing
    except AttributeError as e:
        print(e)


@contextlib.contextmanager
def manager(*args, **kw):
    try:
        yield args, kw
    except ValueError as e:
        print("handled", e)


with manager(1, x=2) as got:
    print(got)
with manager():
    raise ValueError("here")


class Hinted:
    def __init__(self, n, fail=False):
        self.n, self.fail = n, fail

    def __iter__(self):
        return self

    def __next__(self):
        self.n -= 1
        if self.n < 0:
            raise KeyError(self.n) if self.fail else StopIteration
        return self.n

    def __length_hint__(self):
        print("asked")
        return 3


class Subclass(tuple):
    pass


for n in (0, 1, 7, 8, 9, 31, 32, 33, 100):
    print(tuple(Hinted(n)) == tuple(range(n))[::-1], len(Subclass(Hinted(n))), len((lambda *a: a)(*Hinted(n))))
    try:
        tuple(Hinted(n, True))
    except KeyError as e:
        print(e)
print(list(itertools.starmap(pow, [(2, 3), (2, -1), (2.0, 3), (2, 3, 5), iter((3, 4)), (10, 30), (-7, 3)])))
print(pow(2, 3, None), pow(True, 3), pow(0, 0), pow(-2, 63), 2**64 == pow(2, 64))
