"""dataclasses, enum, namedtuple, SimpleNamespace."""
import collections
import copy
import dataclasses
import enum
import typing
from dataclasses import dataclass, field, KW_ONLY, InitVar
from types import SimpleNamespace

def attempt(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except Exception as error:
        print(type(error).__name__, error, sep=": ")


@dataclass
class Item:
    name: str
    price: float = 1.0
    tags: list = field(default_factory=list, compare=False)
    _: KW_ONLY
    hidden: int = field(default=5, repr=False)
    extra: InitVar[int] = 0
    count: typing.ClassVar[int] = 3
    def __post_init__(self, extra): self.price += extra


i = Item("a", 2, hidden=6, extra=10)
print(
    i, i == Item("a", 12, ["x"], hidden=6), i != 5, dataclasses.asdict(i), dataclasses.astuple(i),
    [f.name for f in dataclasses.fields(Item)], dataclasses.replace(i, name="b", extra=0),
    dataclasses.is_dataclass(Item), Item.__match_args__, Item.__doc__,
)
attempt(Item)
attempt(Item, "a", 1, [], 9)
attempt(Item, "a", nothing=1)
attempt(hash, i)
attempt(lambda: i < i)
attempt(dataclasses.replace, i, nope=1)
attempt(dataclasses.fields, 5)
attempt(dataclasses.asdict, Item)


@dataclass(frozen=True, order=True, slots=True)
class Version:
    major: int
    minor: int = 0
    label: str = field(default="", compare=False)
v = Version(1, 2)
print(
    v, v < Version(1, 3), sorted([Version(2), Version(1, 5), v]), hash(v) == hash(Version(1, 2, "x")),
    Version.__slots__, {v: 1}[Version(1, 2)], copy.copy(v) == v, hasattr(v, "__dict__"),
)
attempt(setattr, v, "major", 5)
attempt(delattr, v, "major")
attempt(lambda: v < (1, 2))
attempt(lambda: setattr(Version(1), "zzz", 1))

@dataclass(eq=False, repr=False)
class Base:
    x: int
    y: int = 0
@dataclass(kw_only=True)
class Child(Base):
    z: int
    y: int = 9
print(
    Child(1, z=2), repr(Base(1)).startswith("<__main__.Base object"),
    [f.kw_only for f in dataclasses.fields(Child)],
    dataclasses.make_dataclass("Made", [("a", int), ("b", str, "d"), "c"], kw_only=True)(a=1, c=2),
)
def order():
    @dataclass
    class Wrong:
        a: int = 1
        b: int
def mutable():
    @dataclass
    class Wrong:
        a: list = []
def both():
    @dataclass(order=True, eq=False)
    class Wrong: pass
def inherit():
    @dataclass
    class Wrong(Version): pass
def double():
    @dataclass
    class Wrong:
        a: int = field(default=1, default_factory=int)
def overwrite():
    @dataclass(order=True)
    class Wrong:
        def __lt__(self, o): pass
for f in (order, mutable, both, inherit, double, overwrite):
    attempt(f)


class Color(enum.Enum):
    RED = 1
    GREEN = "g"
    CRIMSON = 1
    def shout(self): return self.name + "!"
    @classmethod
    def first(cls): return next(iter(cls))
    @property
    def low(self): return self.name.lower()
print(
    Color.RED, repr(Color.GREEN), Color("g"), Color["RED"], list(Color), Color.CRIMSON is Color.RED,
    Color.RED.shout(), Color.first(), Color.RED.low, len(Color), Color.RED in Color, 1 in Color, "zz" in Color,
    Color.__members__.keys(), Color.RED == 1, Color.RED.name, Color.RED.value, hash(Color.RED) == hash("RED"),
    {Color.RED: 1}, f"{Color.RED}", Color.RED is copy.deepcopy(Color.RED), type(Color).__name__,
    isinstance(Color.RED, Color), dir(Color.RED)[-4:],
)
for f, *args in [
    (Color, 99), (Color.__getitem__, "X"), (lambda: Color.NOPE,), (setattr, Color, "RED", 5),
    (delattr, Color, "RED"), (setattr, Color.RED, "value", 5), (lambda: Color.RED < Color.GREEN,),
    (lambda: type("Sub", (Color,), {}),), (lambda: Color.RED.GREEN.name,), (lambda: Color(),),
    (lambda: enum.Enum("E", "A A"),),
]:
    attempt(f, *args)
class Number(enum.IntEnum):
    ONE = 1
    TWO = enum.auto()
    TEN = 10
    NEXT = enum.auto()
class Perm(enum.Flag):
    R = 4
    W = 2
    X = 1
    RW = R | W
class Strict(enum.Flag, boundary=enum.STRICT):
    A = 1
class Text(enum.StrEnum):
    HELLO = enum.auto()
    OTHER = "o"
print(
    Number.ONE + 1, Number.NEXT, repr(Number.TEN), Number.ONE < Number.TWO, Number(2), f"{Number.ONE}",
    "%d" % Number.TEN, [1, 2, 3][Number.ONE], Number.TEN == 10, list(Number), Text.HELLO, Text.HELLO + "!",
    repr(Text.OTHER), Text("o"), f"{Text.HELLO:>7}",
)
print(
    Perm.R | Perm.X, Perm.RW, repr(Perm.RW), ~Perm.R, Perm.R in Perm.RW, Perm(7), Perm(0), bool(Perm(0)),
    list(Perm.RW), Perm.RW & Perm.W, Perm.RW ^ Perm.R, len(Perm(7)), Perm.R | Perm.W is Perm.RW, Perm["RW"],
    Perm.R.name, (Perm.R | Perm.X).name,
)
attempt(Perm, 99)
attempt(Strict, 8)
attempt(lambda: Perm.R | 1)
attempt(Perm, "x")
@enum.unique
class Unique(enum.Enum):
    A = 1
def not_unique():
    @enum.unique
    class U(enum.Enum):
        A = 1
        B = 1
attempt(not_unique)
class Planet(enum.Enum):
    EARTH = (5.97, 6.37)
    MARS = (0.64, 3.39)
    def __init__(self, mass, radius): self.mass, self.radius = mass, radius
    @classmethod
    def _missing_(cls, value): return cls.EARTH if value == "home" else None
class Auto(enum.Enum):
    @staticmethod
    def _generate_next_value_(name, start, count, last): return f"{name}-{count}"
    A = enum.auto()
    B = enum.auto()
    @enum.nonmember
    class Inner: pass
    C = enum.member(5)
print(
    Planet.MARS.radius, Planet("home"), Planet((0.64, 3.39)), Auto.B.value, Auto.Inner.__name__, Auto.C,
    enum.Enum("Dyn", {"P": 1, "Q": 2}).Q, list(enum.Enum("Dyn2", "A B C", start=0)), Planet.EARTH._value_,
)

P = collections.namedtuple("P", "x y z", defaults=[0])
p = P(1, y=2)
print(
    p, p._asdict(), p._replace(x=5), P._fields, P._field_defaults, P._make([7, 8, 9]), p == (1, 2, 0), p[0], p.y,
    tuple(p), hash(p) == hash((1, 2, 0)), P.__doc__, P.x.__doc__, p.__getnewargs__(),
    collections.namedtuple("Q", "a class a", rename=True)._fields,
)
attempt(P)
attempt(P, 1, 2, 3, 4)
attempt(collections.namedtuple, "B", "a a")
attempt(collections.namedtuple, "B", "class")
attempt(collections.namedtuple, "B", "_x")
attempt(collections.namedtuple, "1B", "x")
attempt(p._replace, q=1)
attempt(setattr, p, "x", 1)
attempt(P._make, [1])
class T(typing.NamedTuple):
    a: int
    b: str = "d"
    def both(self): return f"{self.a}{self.b}"
print(T(1).both(), T.__annotations__, T(1))
s = SimpleNamespace(a=1, b=[2])
s.c = s
print(s, s == SimpleNamespace(a=1), SimpleNamespace({"k": 1}, z=2))
attempt(SimpleNamespace, 1)
attempt(lambda: s.nope)
attempt(copy.replace, SimpleNamespace(a=1), a=2)
