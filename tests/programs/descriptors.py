"""Descriptors: data and non-data, lookup order, property, methods, slots, __getattr__ and friends."""

def attempt(f, *args):
    try:
        print(repr(f(*args)))
    except Exception as error:
        print(type(error).__name__, error, sep=": ")


class Data:
    def __set_name__(self, owner, name): self.name = name
    def __get__(self, obj, kind=None):
        return self if obj is None else f"data {self.name}"
    def __set__(self, obj, value): print("set", self.name, value)
    def __delete__(self, obj): print("delete", self.name)


class NonData:
    def __get__(self, obj, kind=None):
        return "from " + ("class" if obj is None else "instance")


class GetMissing:
    def __set__(self, obj, value): obj.__dict__["stored"] = value


class Host:
    d = Data()
    n = NonData()
    s = GetMissing()


h = Host()
print(h.d, h.n, Host.n, type(Host.d).__name__)
h.__dict__.update(d="shadow", n="shadow")
print(h.d, h.n)
h.d = 1
del h.d
del h.n
print(h.n)
h.s = 5
print(h.__dict__, type(h.s).__name__)
attempt(lambda: delattr(h, "s"))


class Temperature:
    def __init__(self, celsius): self._c = celsius
    @property
    def fahrenheit(self):
        "degrees"
        return self._c * 9 / 5 + 32
    @fahrenheit.setter
    def fahrenheit(self, value): self._c = (value - 32) * 5 / 9
    @property
    def celsius(self): return self._c
    write_only = property(None, lambda self, v: setattr(self, "_c", v))


t = Temperature(100)
print(t.fahrenheit, Temperature.fahrenheit.__doc__, Temperature.fahrenheit.__name__)
t.fahrenheit = 32
print(t.celsius)
attempt(lambda: setattr(t, "celsius", 1))
attempt(lambda: delattr(t, "celsius"))
attempt(lambda: t.write_only)
attempt(lambda: delattr(t, "fahrenheit"))
print(isinstance(Temperature.celsius, property), Temperature.celsius.fset)
attempt(lambda: property().__get__(1))
print(property().__get__(None, int).__class__.__name__)


# Functions, methods, staticmethod, classmethod.
class M:
    def plain(self, x=1): return ("plain", x)
    @classmethod
    def cls(cls, x=2): return (cls.__name__, x)
    @staticmethod
    def static(x=3): return ("static", x)


m = M()
bound = m.plain
print(bound(5), bound.__func__ is M.plain, bound.__self__ is m, bound == m.plain, bound is m.plain)
print(M.cls(), m.cls(7), M.static(), m.static(8), M.plain(m))
print(M.__dict__["cls"].__func__.__name__, M.__dict__["static"].__wrapped__.__name__)
print(M.__dict__["static"](9), callable(M.__dict__["cls"]))
attempt(M.plain)
attempt(m.plain, 1, 2)
attempt(lambda: setattr(bound, "x", 1))
print(bound.__name__, bound.__qualname__, hash(bound) == hash(m.plain))
import types
attempt(types.MethodType, 1, 2)
attempt(types.MethodType, len, None)
print(types.MethodType(len, [1, 2])())


# Built-in descriptors.
print(str.upper.__get__("abc")(), type(str.upper).__name__, type("".upper).__name__, type(str.__add__).__name__)
print(
    type(int.real).__name__, type(types.FunctionType.__code__).__name__,
    type(types.FunctionType.__closure__).__name__,
)
attempt(str.upper, 1)
attempt(str.upper)
attempt(int.real.__get__, "x")
attempt(lambda: str.__add__(1, "x"))
attempt(lambda: setattr(5, "real", 1))
print(dict.fromkeys.__self__ is dict, list.append.__objclass__ is list, str.join.__name__, "".join.__qualname__)


# Attribute hooks.
class Hooks:
    known = 1
    def __getattr__(self, name):
        if name.startswith("x"): return name * 2
        raise AttributeError(f"none of {name}")
    def __setattr__(self, name, value):
        if name == "bad": raise TypeError("bad name")
        object.__setattr__(self, name, value)
    def __delattr__(self, name):
        print("deleting", name)
        super().__delattr__(name)
    def __dir__(self): return ["c", "a", "b"]


k = Hooks()
print(k.known, k.xy, getattr(k, "q", "default"), hasattr(k, "q"), dir(k))
k.v = 3
attempt(lambda: k.q)
attempt(lambda: setattr(k, "bad", 1))
del k.v
attempt(lambda: delattr(k, "v"))


class Everything:
    def __getattribute__(self, name): return "<" + name + ">"
e = Everything()
print(e.anything, e.__class__, type(e).__name__)
attempt(lambda: e.__dict__["z"])


# A property that raises AttributeError falls through to __getattr__.
class Trap:
    @property
    def p(self): raise AttributeError("inner")
    def __getattr__(self, name): return "caught " + name
print(Trap().p)

# __get__ on the metaclass, and in getattr of the type.
class Meta(type):
    @property
    def label(cls): return "meta " + cls.__name__
class UsesMeta(metaclass=Meta): pass
print(UsesMeta.label)
attempt(lambda: UsesMeta().label)
attempt(getattr, 1, "x")
attempt(getattr, 1, 2)
attempt(setattr, 1, "x", 3)
