"""Metaclasses: __prepare__, conflicts, __call__, __instancecheck__, enumerating namespaces."""

def attempt(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except Exception as error:
        print(type(error).__name__, error, sep=": ")


class Tracing(dict):
    def __setitem__(self, key, value):
        print("  bind", key)
        super().__setitem__(key, value)
    def __missing__(self, key):
        if key.startswith("auto_"):
            return key[5:]
        raise KeyError(key)


class Meta(type):
    @classmethod
    def __prepare__(mcs, name, bases, **kw):
        print("prepare", name, [b.__name__ for b in bases], kw)
        return Tracing()
    def __new__(mcs, name, bases, ns, **kw):
        print("new", name, sorted(k for k in ns if not k.startswith("__")))
        return super().__new__(mcs, name, bases, dict(ns))
    def __init__(cls, name, bases, ns, **kw):
        print("init", name, kw)
        super().__init__(name, bases, ns)
    def __call__(cls, *args, **kw):
        print("call", cls.__name__, args, kw)
        return super().__call__(*args, **kw)
    def __instancecheck__(cls, obj): return obj == "magic"
    def __subclasscheck__(cls, sub): return sub is int
    def __iter__(cls): return iter([cls.__name__, 1, 2])
    def __len__(cls): return 42
    def __getitem__(cls, key): return ("item", key)
    def __contains__(cls, x): return x == 7
    def __repr__(cls): return f"<Meta {cls.__name__}>"
    def __add__(cls, other): return "sum"
    def __bool__(cls): return False


class Model(metaclass=Meta, option=1):
    x = auto_value
    def method(self): return self.x


obj = Model()
print(obj.method(), repr(Model), list(Model), len(Model), Model[3], 7 in Model, Model + 1, bool(Model))
print(
    isinstance("magic", Model), isinstance(1, Model), isinstance(obj, Model), issubclass(int, Model),
    issubclass(str, Model),
)


class Child(Model):
    y = 2


def conflict():
    class Other(type): pass
    class Bad(Model, metaclass=Other): pass
attempt(conflict)


# The most derived metaclass wins.
class Deeper(Meta): pass
class D1(metaclass=Deeper): pass
class D2(Model, D1): pass
print(type(D2).__name__)


# A function as metaclass; a bad __prepare__; a metaclass returning something else.
def factory(name, bases, ns, **kw):
    return (name, bases, sorted(k for k in ns if k[0] != "_"), kw)
class Made(int, metaclass=factory, extra=True):
    a = b = 1
print(Made)

def bad_prepare():
    class P(type):
        def __prepare__(name, bases): return 5
    class X(metaclass=P): pass
attempt(bad_prepare)

class Weird(type):
    def __new__(mcs, *args): return "not a class"
class Strange(metaclass=Weird): pass
print(Strange)


# Singleton through __call__; instances made without __init__.
class Single(type):
    _made = {}
    def __call__(cls, *args):
        if cls not in cls._made:
            cls._made[cls] = super().__call__(*args)
        return cls._made[cls]
class Config(metaclass=Single):
    def __init__(self, v=0): self.v = v
print(Config(1) is Config(2), Config().v)


# Dunder lookup skips the instance, and goes to the metaclass for classes.
class L:
    pass
l = L()
l.__len__ = lambda: 3
attempt(len, l)
L.__len__ = lambda self: 4
print(len(l))
attempt(len, L)

# mro() override.
class Custom(type):
    def mro(cls): return [cls, Extra, object]
class Extra:
    def hello(self): return "from Extra"
class Grafted(metaclass=Custom): pass
print(Grafted().hello(), [k.__name__ for k in Grafted.__mro__])

def bad_mro():
    class M(type):
        def mro(cls): return [cls, 1]
    class X(metaclass=M): pass
attempt(bad_mro)

# type(name, bases, dict) and types.new_class.
import types
T = types.new_class("T", (Model,), {"option": 2}, lambda ns: ns.__setitem__("z", 1))
print(T.z, types.resolve_bases((int, str)), types.prepare_class("N", (int,))[0])
print(type.__call__(type, 5), type(5) is int, type(type) is type)
attempt(lambda: type.__call__(int, "12"))
attempt(lambda: type.__new__(type, "A"))
attempt(lambda: type.__new__(int, "A", (), {}))
print(Meta.__mro__, type.mro(int))
