"""Calls with * and **: what the callee gets is its own, whatever the caller kept, and in the caller's order."""
import gc
import sys


def everything(*args, **kw):
    return args, kw


def some(a, b=2, *rest, c=3, **kw):
    return a, b, rest, c, kw


def only_rest(*rest):
    return rest


def first(a, /, **kw):
    return a, kw


def spoils(*args, **kw):
    kw["spoiled"] = args
    return kw


args, named, empty = (1, [2]), {"x": 1, "y": 2}, {}
got = everything(*args, **named)
print(got, got[0] is args, got[1] is named)
got = everything(*args)
print(got, got[0] is args)
print(everything(0, *args, z=0, **named), everything(**empty), everything(*(), **{}))
print(spoils(*args, **named), named, spoils(**empty), empty)
print(only_rest(*args) is args, only_rest(*[1, 2]), only_rest(0, *args), only_rest(*()) == ())
print(some(1, **named), some(*args, c=0, **named), some(**{"a": 1, "c": 2, "d": 3, "b": 4}))
print(first(1, **{"a": 2, "b": 3}))
print(some(1, 2, 3, 4, d=1, c=2, e=3), some(1, z=1, b=0, y=2))


class Name(str):
    def __hash__(self):
        return hash(str(self))

    def __eq__(self, other):
        print("compared", str(self), other)
        return str(self) == other


class Mapping:
    def keys(self):
        return ["k", "l"]

    def __getitem__(self, key):
        return key * 2


print(everything(**Mapping()), some(0, **Mapping()))
for keywords in ({Name("a"): 1, "q": 2}, {"a b": 1, "": 2}, {"".join(["p", "q"]): 1, "b": 9}):
    try:
        print(everything(**keywords), some(0, **keywords))
    except TypeError as e:
        print(e)

for call in (
    lambda: some(**named),
    lambda: some(1, a=2),
    lambda: some(1, **{"a": 2}),
    lambda: some(1, 2, b=3),
    lambda: everything(**{1: 2}),
    lambda: everything(x=1, **named),
    lambda: everything(**named, **named),
    lambda: everything(*1),
    lambda: everything(**1),
    lambda: only_rest(x=1),
    lambda: only_rest(**named),
    lambda: first(**{"a": 1}),
    lambda: (lambda *, k: k)(**named),
    lambda: (lambda a, b: a)(**{"a": 1, "c": 2}),
):
    try:
        print(call())
    except TypeError as e:
        print(type(e).__name__, e)


class Base:
    def __init__(self, *args, **kw):
        self.args, self.kw = args, kw


class Derived(Base):
    def __init__(self, *args, **kw):
        super().__init__(*args, **kw)
        kw.clear()


made = Derived(1, 2, z=3)
print(made.args, made.kw)
made = Derived(*args, **named)
print(made.args, made.kw, named)


class Callable:
    def __call__(self, *args, **kw):
        return args, kw


class Fixed:
    def __init__(self, x, y=2):
        self.both = x, y

    def __call__(self, z):
        return self.both + (z,)


print(Callable()(*args, **named), Fixed(*args).both, Fixed(**{"y": 1, "x": 0}).both, Fixed(1)(*[5]))
for call in (lambda: Fixed(*args, 3), lambda: Fixed(1)(*args), lambda: Fixed(**{"z": 1})):
    try:
        print(call())
    except TypeError as e:
        print(type(e).__name__, e)


class BadInit:
    def __init__(self, *args):
        return args


try:
    BadInit(*args)
except TypeError as e:
    print(e)


def generator(*args, **kw):
    yield args
    yield kw


print(list(generator(*args, **named)))


def depth(*args, **kw):
    return depth(*args, **kw)


try:
    depth(*args, **named)
except RecursionError as e:
    print(e)


class Deep:
    def __init__(self, *args):
        Deep(*args)


try:
    Deep(1)
except RecursionError as e:
    print(e)


def kept(*args, **kw):
    return sys._getframe().f_locals, args, kw


scope, a, k = kept(*[object()], **{"n": 1})
print(scope["args"] is a, scope["kw"] is k, len(gc.get_referrers(a[0])) > 0)


def fails(*args, **kw):
    raise ValueError(args, kw)


def outer(*args, **kw):
    return fails(*args, **kw)


try:
    outer(*args, **named)
except ValueError as e:
    tb = e.__traceback__
    while tb:
        print(tb.tb_frame.f_code.co_name, tb.tb_lineno - tb.tb_frame.f_code.co_firstlineno)
        tb = tb.tb_next
