"""Operator overloading: reflected, in-place, comparison, conversion, containers, and the fall-backs."""

def attempt(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except Exception as error:
        print(type(error).__name__, error, sep=": ")


OPERATORS = {
    "add": "+", "sub": "-", "mul": "*", "matmul": "@", "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**",
    "lshift": "<<", "rshift": ">>", "and": "&", "or": "|", "xor": "^",
}


def make(name, kinds):
    body = {"__repr__": lambda self: name}
    for op in OPERATORS:
        for kind in kinds:
            def method(self, other, *mod, op=op, kind=kind):
                return f"{name}.{kind}{op}({other!r})"
            body[f"__{kind}{op}__"] = method
    return type(name, (), body)


Left, Right, Both, InPlace, Nothing = make("Left", [""]), make("Right", ["r"]), make("Both", ["", "r"]), make("InPlace", ["i"]), make("Nothing", [])
l, r, b, n = Left(), Right(), Both(), Nothing()
for op, sign in OPERATORS.items():
    print(
        eval(f"l {sign} n"), eval(f"n {sign} r"), eval(f"l {sign} r"), eval(f"5 {sign} b"), eval(f"b {sign} 'x'"),
        end=" ",
    )
    x = InPlace()
    exec(f"x {sign}= 1")
    y = Left()
    exec(f"y {sign}= 2")
    z = n
    print(x, y, end=" ")
    for expression in (f"n {sign} n", f"1 {sign} n", f"n {sign}= 1"):
        try: exec(expression)
        except TypeError as error: print(error, end="; ")
    print()
print(
    divmod(type("D", (), {"__divmod__": lambda s, o: ("divmod", o)})(), 3),
    divmod(3, type("D", (), {"__rdivmod__": lambda s, o: ("rdivmod", o)})()),
    pow(type("P", (), {"__pow__": lambda s, o, m=None: ("pow", o, m)})(), 2, 3),
    pow(2, type("P", (), {"__rpow__": lambda s, o, m=None: ("rpow", o, m)})(), 5),
)
attempt(divmod, n, 1)
attempt(pow, n, 2, 3)
attempt(lambda: n ** 2)

# A subclass's reflected method goes first; NotImplemented falls through.
class Base:
    def __add__(self, o): return "Base.add"
    def __radd__(self, o): return "Base.radd"
    def __eq__(self, o): return "Base.eq"
    def __lt__(self, o): return "Base.lt"
    def __gt__(self, o): return "Base.gt"
class Derived(Base):
    def __radd__(self, o): return "Derived.radd"
    def __gt__(self, o): return "Derived.gt"
class Same(Base): pass
print(
    Base() + Derived(), Base() + Same(), Derived() + Base(), Base() < Derived(), Base() < Same(),
    Base() == Derived(),
)
class Declines:
    def __add__(self, o):
        log.append("add")
        return NotImplemented
    def __radd__(self, o):
        log.append("radd")
        return NotImplemented
    def __iadd__(self, o):
        log.append("iadd")
        return NotImplemented
    def __eq__(self, o):
        log.append("eq")
        return NotImplemented
    def __lt__(self, o):
        log.append("lt")
        return NotImplemented
    def __contains__(self, o): return NotImplemented
log = []
d, e = Declines(), Declines()
attempt(lambda: d + 1)
attempt(lambda: 1 + d)
attempt(lambda: d + e)
attempt(lambda: d < 1)
print(d == e, d == d, d != e, log)
def iadd(x): x += 1
log.clear()
attempt(iadd, d)
print(log)
attempt(lambda: 1 in d)
attempt(lambda: not NotImplemented)

class Compare:
    def __init__(self, v): self.v = v
    def __lt__(self, o): return [self.v, "lt", o]
    def __le__(self, o): return []
    def __eq__(self, o): return "eq"
    def __ne__(self, o): return "ne"
c = Compare(1)
print(c < 5, c <= 5, c == 5, c != 5, 5 > c, 5 >= c, c < 2 < 3, c <= 2 < 3, (1 < 2) < 3, 1 < 3 > 2, not c == 1)
attempt(lambda: c > 5)
attempt(lambda: c >= 5)
attempt(hash, c)
attempt(lambda: object() < object())
attempt(lambda: None < None)
attempt(lambda: len < 5)
attempt(lambda: type < type)
class NoBool:
    def __bool__(self): return 1
class NegLen:
    def __len__(self): return -1
class StrLen:
    def __len__(self): return "x"
class LenOnly:
    def __len__(self): return 0
attempt(bool, NoBool())
attempt(bool, NegLen())
attempt(len, StrLen())
attempt(len, NegLen())
print(bool(LenOnly()), not LenOnly(), "yes" if LenOnly() else "no")

class Conv:
    def __init__(self, **kw): self.kw = kw
    def __int__(self): return self.kw["int"]
    def __float__(self): return self.kw["float"]
    def __complex__(self): return self.kw["complex"]
    def __index__(self): return self.kw["index"]
    def __str__(self): return self.kw["str"]
    def __repr__(self): return self.kw["repr"]
    def __hash__(self): return self.kw["hash"]
    def __round__(self, n=None): return ("round", n)
    def __trunc__(self): return "trunc"
    def __floor__(self): return "floor"
    def __ceil__(self): return "ceil"
    def __neg__(self): return "neg"
    def __pos__(self): return "pos"
    def __invert__(self): return "invert"
    def __abs__(self): return "abs"
    def __dir__(self): return self.kw["dir"]
    def __sizeof__(self): return 5
good = Conv(int=1, float=1.5, complex=1j, index=2, str="S", repr="R", hash=9, dir=["b", "a"])
bad = Conv(int="1", float=1, complex=1, index="2", str=5, repr=None, hash="h", dir=5)
import math
print(
    int(good), float(good), complex(good), hex(good), str(good), repr(good), hash(good), round(good),
    round(good, 2), math.trunc(good), math.floor(good), math.ceil(good), -good, +good, ~good, abs(good), f"{good}",
    f"{good!r}", [10, 20, 30][good], "abc"[:good], dir(good), range(good),
)
for f in (
    int, float, complex, hex, str, repr, hash, dir, lambda x: [1][x], lambda x: "%d" % x, lambda x: f"{x}",
    lambda x: "ab" * x, lambda x: {x: 1},
):
    attempt(f, bad)
attempt(lambda: -n)
attempt(lambda: ~n)
attempt(lambda: +n)
attempt(abs, n)
attempt(round, n)
attempt(int, n)
attempt(float, n)
attempt(complex, n)
attempt(math.floor, n)
attempt(lambda: not (lambda: 1))
attempt(lambda: -"a")
attempt(lambda: ~1.5)
attempt(lambda: +[])

class Box:
    def __getitem__(self, k): return ("get", k)
    def __setitem__(self, k, v): print("set", k, v)
    def __delitem__(self, k): print("del", k)
    def __contains__(self, x): return x == 5
    def __iter__(self): return iter("it")
    def __reversed__(self): return "rev"
    def __call__(self, *a, **k): return a, k
    def __len__(self): return 10
    def __missing__(self): pass
x = Box()
x[1] = 2
x[1:2, ...] = 3
del x[::2]
x["k"] += ("more",)
print(
    x[1], x[1:2], x[1, 2], x[...], x[:, None], 5 in x, 6 not in x, list(x), reversed(x), x(1, k=2), [*x], x[()],
    x[-1], x[lambda: 1 and 0] is not None,
)
attempt(lambda: n[0])
attempt(lambda: n.__setitem__)
attempt(exec, "n[0] = 1")
attempt(exec, "del n[0]")
attempt(lambda: 1 in n)
attempt(iter, n)
attempt(lambda: 5[0])
attempt(exec, "5[0] = 1")
attempt(lambda: len(5))
attempt(lambda: {}["k"]["j"])
attempt(lambda: (1)[1:2])
attempt(exec, "'a'[0] = 'b'")
attempt(exec, "(1,)[0] = 1")
attempt(lambda: len[0])
attempt(lambda: int["x"])
attempt(lambda: [1]["0"])
