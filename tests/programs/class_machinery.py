"""Classes: creation, name lookup, slots of type, __init_subclass__, __set_name__, MRO, errors."""

def attempt(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except Exception as error:
        print(type(error).__name__, error, sep=": ")


class Base:
    registry = []

    def __init_subclass__(cls, /, *, tag=None, **kwargs):
        super().__init_subclass__(**kwargs)
        cls.registry.append((cls.__name__, tag))


class First(Base, tag="one"):
    pass


class Second(First):
    pass


print(Base.registry)
attempt(lambda: type("Third", (Base,), {}, tag=3).registry[-1])
attempt(lambda: type("Fourth", (Base,), {}, label=4))
attempt(lambda: type("Fifth", (), {}, label=4))


class Named:
    def __set_name__(self, owner, name):
        print("set_name", owner.__name__, name)
        self.name = name


class Holder:
    a = Named()
    b = Named()


def bad_set_name():
    class Bad:
        def __set_name__(self, owner, name):
            raise RuntimeError("no names today")
    class Broken:
        field = Bad()


try:
    bad_set_name()
except RuntimeError as error:
    print(error, error.__notes__)

# C3.
class A: pass
class B(A): pass
class C(A): pass
class D(B, C): pass
print([k.__name__ for k in D.__mro__], D.__base__.__name__, D.__bases__ == (B, C))
attempt(lambda: type("X", (A, B), {}))
attempt(lambda: type("X", (A, A), {}))
attempt(lambda: type("X", (int, str), {}))
attempt(lambda: type("X", (bool,), {}))
attempt(lambda: type("X", (type(None),), {}))
attempt(lambda: type("X", (1,), {}))
attempt(lambda: type("X", (A,), []))
attempt(lambda: type("X\0Y", (), {}))
attempt(type, 1, 2)
attempt(lambda: type())

print(sorted(A.__subclasses__(), key=lambda k: k.__name__))
D.__bases__ = (C, B)
print([k.__name__ for k in D.__mro__])
def set_bases(bases):
    D.__bases__ = bases
attempt(set_bases, ())
attempt(set_bases, (int,))
attempt(set_bases, (D,))
attempt(set_bases, 5)

# __mro_entries__ and __class_getitem__.
class Entry:
    def __mro_entries__(self, bases):
        print("entries for", len(bases))
        return (A,)
class Odd(Entry(), metaclass=type): pass
print(Odd.__mro__[1].__name__, len(Odd.__orig_bases__))
class Gen:
    def __class_getitem__(cls, key):
        return f"{cls.__name__}[{key!r}]"
print(Gen[1], Gen["x", 2])
attempt(lambda: A[1])

# Attributes of classes.
class Doc:
    """Words."""
    x: int = 1
print(Doc.__doc__, Doc.__module__, Doc.__qualname__, Doc.__annotations__)
Doc.__name__ = "Renamed"
Doc.__qualname__ = "Outer.Renamed"
print(Doc)
def setter(name, value):
    setattr(Doc, name, value)
attempt(setter, "__name__", 5)
attempt(setter, "__qualname__", 5)
attempt(setter, "__doc__", "fresh")
print(Doc.__doc__)
attempt(lambda: setattr(int, "spam", 1))
attempt(lambda: delattr(Doc, "nothing"))
attempt(lambda: Doc.nothing)
attempt(lambda: Doc().nothing)
attempt(lambda: object().x)
attempt(lambda: setattr(object(), "x", 1))

# __class__ assignment.
class P:
    def who(self): return "P"
class Q:
    def who(self): return "Q"
p = P()
p.v = 1
p.__class__ = Q
print(p.who(), p.v, type(p).__name__)
def set_class(o, k):
    o.__class__ = k
attempt(set_class, p, int)
attempt(set_class, 1, P)
attempt(set_class, p, 1)

# __new__ and __init__ arguments.
class Plain: pass
class WithInit:
    def __init__(self, x): self.x = x
class WithNew:
    def __new__(cls, *args): return super().__new__(cls)
attempt(Plain, 1)
attempt(WithInit)
attempt(WithInit, 1, 2)
attempt(lambda: type(WithNew(1)).__name__)
attempt(object, 1)
attempt(object.__new__)
attempt(object.__new__, int)
attempt(int.__new__, object)
attempt(int.__new__, 5)
class InitReturns:
    def __init__(self): return 5
attempt(InitReturns)

# Comparison and hashing defaults.
class Eq:
    def __eq__(self, other): return True
attempt(hash, Eq())
print(Eq.__hash__, Eq() == 1, Eq() != 1)
class Sub(Eq):
    __hash__ = object.__hash__
print(isinstance(hash(Sub()), int))
print(sorted(k for k in vars(Holder) if not k.startswith("__")), type(vars(Holder)).__name__)
attempt(lambda: vars(Holder).__setitem__("z", 1))
attempt(lambda: vars(1))
print(dir(Holder())[-2:], isinstance(Holder, type), issubclass(D, (int, A)))
attempt(issubclass, 1, A)
attempt(isinstance, 1, "int")
