"""Short ways through the interpreter and what must not take them."""

import copy
import gc
import types

# Functions take their builtins and module from globals that may change between two `def`s.
code = compile("def f(): return len('abc')\nmade = f", "<made>", "exec")
space = {"__name__": "one"}
exec(code, space)
first = space["made"]
for i in range(3):
    exec(code, space)
    assert space["made"].__module__ == "one" and space["made"]() == 3
space["__name__"] = "two"
exec(code, space)
print(first.__module__, space["made"].__module__)
space["__builtins__"] = {"len": lambda s: "other"}
exec(code, space)
print(first(), space["made"](), type(space["made"].__builtins__))
module = types.ModuleType("b")
module.len = lambda s: "module's"
space["__builtins__"] = module
exec(code, space)
print(space["made"](), type(space["made"].__builtins__))
del space["__name__"]
exec(code, space)
print(space["made"].__module__)


def factory(n):
    def inner(x: int = n, *, y: str = "y") -> list:
        "doc"
        return x, y, n

    inner.extra = [n]
    return inner


for i in range(4):
    made = factory(i)
    print(made(), made.__annotations__, made.__kwdefaults__, made.extra)
    made.__doc__ = i
    del made


# Generators: started by next() and for, closed before and after, kept by their frames.
def numbers(n):
    try:
        for i in range(n):
            got = yield i
            if got:
                print("got", got)
    finally:
        print("over", n)


print(list(numbers(2)), sum(numbers(3)), [x for x in numbers(1)])
g = numbers(3)
frame = g.gi_frame
print(next(g), frame.f_locals["n"], g.send("x"))
del g
gc.collect()
print(frame.f_locals)
g = numbers(1)
try:
    g.send(1)
except TypeError as e:
    print(e)
print(next(g))
try:
    next(g)
except StopIteration:
    print(g.gi_frame, gc.is_finalized(g))


def recursive():
    yield next(me)


me = recursive()
try:
    next(me)
except ValueError as e:
    print(e)

# Types that are called.
print(list(range(3)), range(True), list(range(-2, 3, 2)), len(range(2**61, 2**61 + 2**60)), list(range(2**61, 2**61 + 2)))
for make in (
    lambda: range(),
    lambda: range(1, 2, 3, 4),
    lambda: range(1.5),
    lambda: range("a"),
    lambda: type(iter([]))(),
    lambda: type(numbers(1))(),
    lambda: bool(1, 2),
    lambda: tuple(1),
    lambda: list(1, 2),
    lambda: types.FunctionType(1),
    lambda: dict(1),
    lambda: object(1),
    lambda: range(1, 2, 0),
):
    for _ in range(3):
        try:
            print(make())
        except (TypeError, ValueError) as e:
            print(type(e).__name__, e)


def iterate(v):
    return [x for x in v]


for v in ([1], (2,), {3}, {4: 5}, "6", range(7, 8), b"8", iter([9]), (x for x in [10]), map(str, [11]), frozenset([12])):
    print(iterate(v))
for v in (1, None, 1.5, len, numbers, iterate):
    try:
        iterate(v)
    except TypeError as e:
        print(e)

# Keys of several parts.
table = {((x, y), s): (x, y, s) for x in range(5) for y in range(5) for s in "ab"}
print(all(table[(x, y), s] == (x, y, s) for x in range(5) for y in range(5) for s in "ab"), ((1, 2), "c") in table)


class Same:
    def __init__(self, n):
        self.n = n

    def __hash__(self):
        return 7

    def __eq__(self, other):
        print("asked", self.n, other.n)
        return self.n == other.n


deep = {(((1, Same(1)), 2), 3): "x"}
print(deep[((1, Same(1)), 2), 3], deep.get((((1, Same(2)), 2), 3)))
print({(((((1,),),),),): 1}[((((((1,),),),),))], (1, (2.0, True)) in {(1, (2, 1)): 0})


# What copying asks for.
class Plain:
    def __init__(self):
        self.x = [1]


class OnInstance(Plain):
    def __init__(self):
        super().__init__()
        self.__reduce__ = lambda: print("never")


class OnClass(Plain):
    def __reduce__(self):
        print("reduced")
        return OnClass, ()


class Asked(Plain):
    def __getattr__(self, name):
        if name.startswith("__"):
            print("asked for", name)
        raise AttributeError(name)


class Hidden(Plain):
    def __getattribute__(self, name):
        if name == "__reduce__":
            print("hidden")
        return super().__getattribute__(name)


class State(Plain):
    def __getstate__(self):
        print("state")
        return self.__dict__.copy()


for cls in (Plain, OnInstance, OnClass, Asked, Hidden, State):
    print(cls.__name__, sorted(vars(copy.copy(cls()))), cls().__reduce_ex__(4)[0].__name__)


# Attributes that are deleted, in their slots and where something stands before them.
class Holder:
    hidden = "class"

    def __init__(self):
        self.a, self.b, self.c = 1, [2], "3"

    @property
    def p(self):
        return 1

    @p.deleter
    def p(self):
        print("p deleted")


class Counted:
    def __init__(self, owner):
        self.owner = owner

    def __del__(self):
        print("gone", sorted(vars(self.owner)))


def remove(o, name):
    try:
        if name == "a":
            del o.a
        elif name == "b":
            del o.b
        elif name == "c":
            del o.c
        elif name == "hidden":
            del o.hidden
        else:
            del o.p
        print("deleted", name, list(vars(o)))
    except AttributeError as e:
        print(type(e).__name__, e)


for order in ("abc", "cba", "bac", "aab"):
    o = Holder()
    for name in order:
        remove(o, name)
    o.a = o.b = 7
    print(vars(o), o.a)
    remove(o, "b")
    remove(o, "hidden")
    o.hidden = 1
    remove(o, "hidden")
    print(o.hidden)
    remove(o, "p")
o = Holder()
o.b = Counted(o)
remove(o, "b")


class Frozen(Holder):
    def __delattr__(self, name):
        print("kept", name)


remove(Frozen(), "a")
for v in (1, None, Holder, "text"):
    remove(v, "a")


# Attributes of classes that are asked for without an error in the end.
class Meta(type):
    loud = property(lambda cls: print("loud") or 1 / 0)
    quiet = property(lambda cls: getattr(cls, "no such"))

    def __getattr__(cls, name):
        if name == "made":
            return "made up"
        raise AttributeError(f"{cls.__name__} lacks {name}", name="other", obj=None)


class Made(metaclass=Meta):
    x = 1
    f = lambda self: 1


class Raises:
    def __get__(self, instance, owner):
        raise AttributeError("descriptor")


class Plain2:
    r = Raises()


for cls in (Made, Plain2, int, type, Meta):
    for name in ("x", "f", "made", "absent", "r", "mro", "__doc__", "quiet"):
        print(cls.__name__, name, hasattr(cls, name), type(getattr(cls, name, None)).__name__)
try:
    hasattr(Made, "loud")
except ZeroDivisionError as e:
    print(e)
try:
    Plain2.absent
except AttributeError as e:
    print(e, e.name, e.obj)
for name in (1, None):
    try:
        hasattr(Plain2, name)
    except TypeError as e:
        print(e)

# Classes and tuples as keys.
kinds = {int: "int", str: "str", Made: "made", (1, (2, "a")): "tuple", Meta: "meta"}
print([kinds.get(k) for k in (int, str, Made, Meta, float, (1, (2, "a")), (1, (2, "b")))])
print([k in set(kinds) for k in (int, str, Made, Meta, float, (1, (2, "a")), (1, (2, "b")))])


class HashedMeta(type):
    def __hash__(cls):
        return 5

    def __eq__(cls, other):
        print("compared")
        return True


class Hashed(metaclass=HashedMeta):
    pass


print({Hashed: 1}.get(Hashed), 5 in {Hashed: 1}, {5: 1}.get(Hashed))


# isinstance() that asks a metaclass.
import abc
import sys
import traceback


class Asking(type):
    answer = None

    def __instancecheck__(cls, instance):
        if callable(cls.answer):
            return cls.answer(instance)
        return cls.answer


class Question(metaclass=Asking):
    pass


def ask(v, cls):
    return isinstance(v, cls)


def divides(v):
    return 1 // v


def deeper(v):
    return isinstance(v, Question)


for answer in (True, False, None, 1, 0, [], [1], NotImplemented, lambda v: v, divides, deeper, lambda v: sys._getframe(1).f_code.co_name):
    Question.answer = answer
    for v in (0, 1, Question()):
        try:
            print(ask(v, Question), end=" ")
        except RecursionError:
            print("too deep", end=" ")
        except Exception as e:
            print(type(e).__name__, e, [x.name for x in traceback.extract_tb(e.__traceback__)], end=" ")
    print()
Question.answer = True
print(ask(1, (str, Question)), ask(1, int | Question), ask(Question(), object))


class Odd(type):
    def __instancecheck__(cls, instance):
        yield 1


class Static(type):
    __instancecheck__ = staticmethod(lambda instance: instance == 3)


class Native(type):
    __instancecheck__ = len


class OddClass(metaclass=Odd): ...


class StaticClass(metaclass=Static): ...


class NativeClass(metaclass=Native): ...


class Claims:
    @property
    def __class__(self):
        return int


for cls in (OddClass, StaticClass, NativeClass, 1, "x", Claims()):
    for v in (3, "s", Claims()):
        try:
            print(ask(v, cls), end=" ")
        except TypeError as e:
            print(e, end=" ")
    print()


class Unhashed(abc.ABCMeta):
    __hash__ = None


class Equal(abc.ABCMeta):
    def __eq__(cls, other):
        return True

    def __hash__(cls):
        return 1


class Base(abc.ABC): ...


def make(meta):
    class Member(metaclass=meta): ...

    return Member


for meta in (type, abc.ABCMeta, Equal):
    one, two = make(meta), make(meta)
    Base.register(one)
    print(meta.__name__, [ask(c(), Base) for c in (one, two, one, two)], issubclass(one, Base))
del one, two
try:
    ask(make(Unhashed)(), Base)
except TypeError as e:
    print(e)
seen = []
sys.setprofile(lambda frame, event, arg: seen.append((event, frame.f_code.co_name, getattr(arg, "__name__", arg))))
ask(1, Question)
sys.setprofile(None)
print(seen[:-1])


# Text in text.
class Text(str):
    def __contains__(self, part):
        return "asked"


def within(part, text):
    return part in text, part not in text, 1 if part in text else 0


for text in ("", "a", "abc" * 30, "é", "aé", "€a", "\U0001f600a", "a\0b", Text("q")):
    for part in ("", "a", "c", "\0", "é", "€", "\U0001f600", "ca", Text("a"), "\ud800"):
        print(*(int(x) for x in within(part, text)), end=" ")
    print()
for part in (1, None, b"a"):
    try:
        within(part, "abc")
    except TypeError as e:
        print(e)


# Attributes of modules that may be missing.
plain = types.ModuleType("plain")
hooked = types.ModuleType("hooked")
hooked.__getattr__ = lambda name: "made " + name if name != "gone" else divides(0)
picky = types.ModuleType("picky")


def refuse(name):
    raise AttributeError("refused " + name)


picky.__getattr__ = refuse


class SubModule(types.ModuleType):
    @property
    def prop(self):
        raise AttributeError("prop")


for m in (plain, hooked, picky, SubModule("sub")):
    for name in ("a", "__path__", "prop", "__name__", "gone"):
        try:
            print(getattr(m, name, "default"), hasattr(m, name), end=" ")
        except ZeroDivisionError as e:
            print(e, end=" ")
        try:
            print(getattr(m, name))
        except (AttributeError, ZeroDivisionError) as e:
            print(e)
sys.modules.update(plain=plain, hooked=hooked, picky=picky)
plain.there = 1
for statement in ("from plain import there", "from plain import missing", "from hooked import there", "from picky import there", "import hooked.gone"):
    for _ in range(2):
        try:
            exec(statement)
            print(statement)
        except Exception as e:
            print(type(e).__name__, e)
