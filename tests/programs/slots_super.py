"""super(), MRO walks, __slots__, inheritance from builtins, abstract classes, __init_subclass__ chains."""
import abc

def attempt(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except Exception as error:
        print(type(error).__name__, error, sep=": ")


class Root:
    def __init__(self, **kw):
        self.log = ["Root"]
        assert not kw, kw
    def who(self): return ["Root"]
class A(Root):
    def __init__(self, a=0, **kw):
        super().__init__(**kw)
        self.log.append("A")
    def who(self): return ["A"] + super().who()
class B(Root):
    def __init__(self, b=0, **kw):
        super().__init__(**kw)
        self.log.append("B")
    def who(self): return ["B"] + super().who()
class C(A, B):
    def __init__(self, **kw):
        super().__init__(**kw)
        self.log.append("C")
    def who(self): return ["C"] + super().who()
    @classmethod
    def make(cls): return super().__new__(cls)
    @staticmethod
    def stat(): return super().who
    @property
    def prop(self): return super().who()
c = C(a=1, b=2)
print(
    c.log, c.who(), c.prop, super(C, c).who(), super(A, c).who(), super(B, C).who(c), type(C.make()).__name__,
    [k.__name__ for k in C.mro()],
)
attempt(C.stat)
attempt(lambda: super(C, 5))
attempt(lambda: super(5))
attempt(lambda: super())
attempt(lambda: super(C).who)
attempt(lambda: super(C, c).nothing)
attempt(lambda: setattr(super(C, c), "x", 1))
print(
    repr(super(C, c)), repr(super(C)), super(C, c).__self__ is c, super(C, c).__thisclass__.__name__,
    super(C, c).__self_class__.__name__, super(C).__get__(c).who(),
)
class Lost:
    def f(self):
        del self
        return super()
    def g(): return super()
    def h(self): return [super().__repr__() is not None for _ in "x"]
    def i(self): return (lambda: super(Lost, self).__class__.__name__)()
attempt(Lost().f)
attempt(Lost.g)
print(Lost().h(), Lost().i())
class Attr:
    x = 1
    def __getattr__(self, n): return f"attr {n}"
class Sub(Attr):
    def get(self): return super().x, super().__getattr__("y")
    def miss(self): return super().zzz
    __class__ = property(lambda self: int)
print(Sub().get(), isinstance(Sub(), int))
attempt(Sub().miss)

class S:
    __slots__ = ("a", "_b", "__private")
    def __init__(self):
        self.a = 1
        self.__private = 2
class T(S): __slots__ = ("c",)
class D(S): pass
class WithDict: __slots__ = ("x", "__dict__")
class DictDoc: __slots__ = {"x": "doc of x", "y": None}
s, t = S(), T()
t.c = 3
print(
    s.a, s._S__private, T.__slots__, t.a, hasattr(s, "__dict__"), hasattr(D(), "__dict__"), S.a, DictDoc.x.__doc__,
    type(S.a).__name__, S.__dict__["a"].__objclass__.__name__,
)
w = WithDict()
w.x, w.z = 1, 2
print(w.__dict__)
attempt(lambda: s._b)
attempt(setattr, s, "zz", 1)
attempt(delattr, s, "_b")
del s.a
attempt(lambda: s.a)
attempt(lambda: S.a.__get__(5))
attempt(lambda: S.a.__set__(5, 1))
for body in [
    {"__slots__": ("a",), "a": 1}, {"__slots__": ("1x",)}, {"__slots__": (5,)},
    {"__slots__": ("__dict__", "__dict__")}, {"__slots__": 5}, {"__slots__": ("a", "a")}, {"__slots__": "single"},
    {"__slots__": ("__weakref__", "__weakref__")},
]:
    attempt(lambda: type("X", (), body).__slots__)
attempt(lambda: type("X", (int,), {"__slots__": ("a",)}))
attempt(lambda: type("X", (S, T), {}))
attempt(lambda: type("X", (T, S), {"__slots__": ()}).__mro__[1].__name__)
attempt(lambda: type("Y", (T, type("U", (), {"__slots__": ("q",)})), {}))
attempt(lambda: type("X", (tuple,), {"__slots__": ("a",)}))
print(type("E", (tuple,), {"__slots__": ()})((1, 2)))
def set_class(o, k): o.__class__ = k
attempt(set_class, T(), S)
attempt(set_class, D(), S)

class MyInt(int):
    def __add__(self, o): return "added"
    def __eq__(self, o): return True
    __hash__ = int.__hash__
class MyStr(str):
    def __len__(self): return 99
    def __getitem__(self, i): return "?"
class MyDict(dict):
    def __getitem__(self, k): return "got"
    def __setitem__(self, k, v): super().__setitem__(k, [v])
class MyList(list):
    def append(self, x): super().append(x * 2)
    def __len__(self): return 42
class MyTuple(tuple):
    def __iter__(self): return iter("overridden")
class MyFloat(float): pass
print(
    MyInt(1) + 1, 1 + MyInt(1), MyInt(5) == 6, {5: 1}.get(MyInt(5)), MyInt(3) * 2, len(MyStr("ab")), MyStr("ab")[0],
    MyStr("ab").upper(), "".join([MyStr("ab")]), MyDict(a=1), MyDict(a=1)["zz"], MyDict(a=1).get("a"),
)
d = MyDict()
d["k"] = 1
d.update(j=2)
d.setdefault("l", 3)
print(d, "{a}".format_map(MyDict()), "%(q)s" % MyDict(), {**d}, dict(d))
l = MyList()
l.append(2)
l.extend([3])
print(
    l, len(l), list(l), l == [4, 3], tuple(MyTuple((1,))), [*MyTuple((1,))],
    MyFloat(1.5).is_integer(), type(MyFloat(1) + 1).__name__, str(MyFloat(2)), isinstance(True, MyInt),
    MyInt.from_bytes(b"\x05"), type(MyInt.from_bytes(b"\x05")).__name__,
)

class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self): ...
    @property
    @abc.abstractmethod
    def name(self): ...
    @classmethod
    def __subclasshook__(cls, other): return True if "quack" in vars(other) else NotImplemented
class Half(Shape):
    def area(self): return 1
class Full(Half): name = "full"
class Duck: quack = 1
attempt(Shape)
attempt(Half)
print(
    Full().area(), Shape.__abstractmethods__ == {"area", "name"}, issubclass(Duck, Shape),
    isinstance(Duck(), Shape), issubclass(int, Shape), Shape.register(int), isinstance(5, Shape),
    abc.get_cache_token() is not None,
)
attempt(Shape.register, 5)
attempt(issubclass, 5, Shape)
class Cooperative:
    def __init_subclass__(cls, **kw):
        super().__init_subclass__()
        cls.kw = kw
class Impl(Cooperative, option=1, other="x"): pass
class Weird(Cooperative):
    def __init_subclass__(cls, *, required): super().__init_subclass__(r=required)
print(Impl.kw, type("Dyn", (Cooperative,), {}, z=3).kw)
attempt(lambda: type("No", (Weird,), {}))
print(type("Yes", (Weird,), {}, required=5).kw)
class Mangle:
    __x = 1
    def get(self): return self.__x, __class__.__name__
    def __dunder__(self): return "kept"
    def _Mangle__odd(self): return self.__odd
print(
    Mangle().get(), [k for k in vars(Mangle) if "x" in k or "odd" in k], Mangle().__dunder__(), Mangle()._Mangle__x,
)
attempt(lambda: Mangle().__x)
