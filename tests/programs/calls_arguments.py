"""Calling: every kind of parameter, unpacking, defaults, decorators, error messages, evaluation order."""
import functools

def attempt(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except Exception as error:
        print(type(error).__name__, error, sep=": ")


def full(a, b=2, /, c=3, *args, d, e=5, **kw):
    return a, b, c, args, d, e, kw
print(full(1, d=4), full(1, 2, 3, 4, 5, d=6, f=7), full(*[1, 2], **{"d": 3}), full(0, c=1, d=2, a=9, b=8))
for args, kw in [
    ((), {}), ((1,), {}), ((), {"a": 1, "d": 2}), ((1, 2, 3), {"c": 4, "d": 5}), ((1,), {"d": 1, "d2": 2}),
]:
    attempt(full, *args, **kw)
def none(): pass
def one(a): pass
def two(a, b): pass
def three(a, b, c): pass
def defaults(a, b=1, c=2): return a, b, c
def only_kw(*, a, b): pass
def kw_default(*, a=1): pass
def pos_only(a, b, /): pass
def varargs(*args): return args
for f, args, kw in [
    (none, (1,), {}), (none, (1, 2), {}), (none, (), {"x": 1}), (one, (), {}), (one, (1, 2), {}),
    (one, (1,), {"a": 2}), (one, (), {"b": 1}), (two, (), {}), (two, (1,), {}), (three, (), {}),
    (three, (1, 2, 3, 4), {}), (defaults, (), {}), (defaults, (1, 2, 3, 4), {}), (only_kw, (), {}),
    (only_kw, (1,), {}), (only_kw, (), {"a": 1}), (only_kw, (1, 2), {"a": 1, "b": 2}), (kw_default, (1,), {}),
    (pos_only, (), {"a": 1, "b": 2}), (pos_only, (1,), {"b": 2}), (pos_only, (1,), {}), (varargs, (), {"x": 1}),
    (defaults, (1,), {"bb": 2}), (lambda x: x, (), {}), (lambda *, k: k, (5,), {}),
]:
    attempt(f, *args, **kw)
attempt(lambda: one(*5))
attempt(lambda: one(**5))
attempt(lambda: one(**{1: 2}))
attempt(lambda: varargs(*None))
attempt(lambda: full(**{"d": 1}, **{"d": 2}))
attempt(lambda: dict(a=1, **{"a": 2}))
attempt(lambda: 5())
attempt(lambda: "x"(1))
attempt(lambda: None(x=1))
attempt(lambda: one(*[1], *[2]))
attempt(lambda: (lambda: None)(1))
attempt(lambda: print(1, foo=2))
attempt(lambda: len())
attempt(lambda: len(1, 2))
attempt(lambda: [].append(x=1))
attempt(lambda: int(x=1))
attempt(lambda: sorted([1], None))
attempt(lambda: isinstance(1))
attempt(lambda: "".split(seperator=1))
attempt(lambda: dict.get({}))
attempt(lambda: list.append())
attempt(lambda: list.append(5, 1))
attempt(lambda: open())
attempt(lambda: max(key=len))
attempt(lambda: type(1, 2))
attempt(lambda: super().x)

log = []
def note(x):
    log.append(x)
    return x
full(note(1), *[note(2)], note(3), d=note(4), **{note("k"): note(5)}, e=note(6))
print(log)
log.clear()
note([0])[note(0)] = note("value")
note({}).setdefault(note("a"), note("b"))
print(log)
log.clear()
def dflt(x, acc=[]):
    acc.append(x)
    return acc
print(
    dflt(1), dflt(2), dflt.__defaults__, full.__kwdefaults__, full.__defaults__, full.__code__.co_varnames,
    full.__code__.co_argcount, full.__code__.co_posonlyargcount, full.__code__.co_kwonlyargcount,
)
full.__defaults__ = (20, 30)
full.__kwdefaults__ = {"d": 40, "e": 5}
print(full(1))
full.__defaults__ = None
attempt(full)
one.__code__ = two.__code__
attempt(one, 1)
attempt(setattr, one, "__code__", 5)
attempt(setattr, one, "__defaults__", [1])
attempt(setattr, one, "__name__", 5)
attempt(setattr, one, "__kwdefaults__", 5)
attempt(delattr, one, "__code__")

def trace(label):
    print("decorator made", label)
    def decorate(f):
        print("decorating", f.__name__, label)
        @functools.wraps(f)
        def wrapper(*args, **kw):
            print(">", label, args, kw)
            return f(*args, **kw)
        return wrapper
    return decorate
@trace("outer")
@trace("inner")
def target(x, *, y=1):
    "doc"
    return x + y
print(target(1, y=2), target.__name__, target.__doc__, target.__wrapped__.__wrapped__(5))
@lambda cls: setattr(cls, "added", 1) or cls
class Decorated: pass
@(table := {"k": lambda f: f.__name__})["k"]
def renamed(): pass
print(Decorated.added, renamed)
class CountCalls:
    def __init__(self, f): self.f, self.n = f, 0
    def __call__(self, *a):
        self.n += 1
        return self.f(*a)
    def __get__(self, obj, kind=None): return self if obj is None else functools.partial(self, obj)
class Uses:
    @CountCalls
    def method(self, x): return x * 2
u = Uses()
print(u.method(4), u.method(5), Uses.method.n)

def recursive(n, *args, **kw): return (args, kw) if n == 0 else recursive(n - 1, n, *args, **{f"k{n}": n}, **kw)
print(recursive(3))
print(
    (lambda *a, **k: (a, k))(*"ab", *(1,), **{"x": 1}, y=2), (lambda a, b=lambda: 5: b())(1),
    [f(2) for f in (lambda x: x, lambda x, y=3: x * y)],
)
class Callable:
    def __call__(self, /, *args, self_=1, **kw): return args, kw
print(Callable()(1, self=2), callable(Callable()), callable(5), Callable().__call__(3))
c = Callable()
c.__call__ = lambda: "instance"
print(c())
class_call = type("C", (), {"__call__": staticmethod(lambda *a: a)})
print(class_call()(1))
import sys
def deep(n): return 0 if n == 0 else 1 + deep(n - 1)
print(deep(900))
limit = sys.getrecursionlimit()
def forever(): return forever()
attempt(forever)
sys.setrecursionlimit(200)
attempt(deep, 500)
sys.setrecursionlimit(limit)
print(limit, deep(500))
attempt(sys.setrecursionlimit, 0)
print(
    full, one.__qualname__, (lambda: 1).__name__, repr(len), repr([].append).split(" at")[0], repr(str.join),
    note.__module__, note.__annotations__, hasattr(note, "custom"),
)
note.custom = 1
print(note.__dict__)

def with_locals(first, second):
    third = first
    del second
    return sorted(locals())
print(with_locals(1, 2))
def missing_keyword(alpha, *, beta, gamma):
    return alpha
missing_keyword(1)
