"""match: every kind of pattern, guards, binding, class patterns, errors of the compiler."""
from dataclasses import dataclass
from enum import Enum
import collections


class Color(Enum):
    RED = 1
    GREEN = 2


@dataclass
class Point:
    x: float
    y: float


class Slots:
    __match_args__ = ("first", "second")
    def __init__(self, first, second): self.first, self.second = first, second


def describe(value):
    match value:
        case None: return "none"
        case True | False: return f"bool {value}"
        case 0: return "zero"
        case -1: return "minus one"
        case 1.5 | 2.5j: return "special number"
        case 1 + 2j: return "complex"
        case "": return "empty text"
        case "a" "b": return "joined ab"
        case b"raw": return "raw bytes"
        case Color.RED: return "red"
        case Color(): return "some colour"
        case int(n) if n > 100: return f"big {n}"
        case int() | float(): return f"number {value}"
        case str(text) if text.isupper(): return f"shout {text}"
        case str(): return f"text {value}"
        case []: return "empty sequence"
        case [one]: return f"just {one!r}"
        case [1, *rest]: return f"one then {rest}"
        case [first, second]: return f"pair {first!r} {second!r}"
        case (first, *middle, last) if first == last: return f"ring {first!r} {middle}"
        case [[a, b], *_, {"k": c}]: return f"deep {a} {b} {c}"
        case [_, _, *others]: return f"{len(others)} more than two"
        case {"kind": "move", "by": Point(x, y)}: return f"move {x} {y}"
        case {"kind": str(kind), **rest}: return f"{kind} with {sorted(rest)}"
        case {}: return f"mapping of {len(value)}"
        case Point(0, 0): return "origin"
        case Point(x=0, y=y): return f"on the y axis at {y}"
        case Point(x, 0): return f"on the x axis at {x}"
        case Point() as p if p.x == p.y: return f"diagonal {p.x}"
        case Slots(1, second=s): return f"slots one {s}"
        case Slots(a, b): return f"slots {a} {b}"
        case set() | frozenset() as s: return f"set of {len(s)}"
        case type(): return f"class {value.__name__}"
        case _: return f"other {type(value).__name__}"


values = [None, True, 0, False, -1, 1.5, 2.5j, 1 + 2j, "", "ab", b"raw", b"x", Color.RED, Color.GREEN, 500, 7, 2.25, "LOUD", "quiet",
          [], (), [5], [1, 2, 3], (1,), [3, 4], "xy", [7, 8, 7], [[1, 2], "z", {"k": 9}], [4, 5, 6, 7], range(3),
          collections.deque([1, 2]), {"kind": "move", "by": Point(1, 2)}, {"kind": "stop", "b": 1, "a": 2}, {"kind": 5}, {},
          collections.Counter("aab"), Point(0, 0), Point(0, 5), Point(5, 0), Point(3, 3), Point(1, 2), Slots(1, 2), Slots(3, 4),
          {1, 2}, frozenset(), int, iter([]), bytearray(b"ab")]
for value in values:
    print(describe(value))

# Bindings persist, also after a failed guard; the subject is evaluated once.
def bindings(subject):
    match subject:
        case [x, y] if x > y: result = "descending"
        case [x, _]: result = "other"
    return result, x, "y" in locals() and y
print(bindings([2, 1]), bindings([1, 2]))
calls = []
def subject():
    calls.append(1)
    return 3
match subject():
    case 1 | 2: print("small")
    case 3: print("three", len(calls))
match 1, 2:
    case a, b: print(a, b)
match [*"abc"],:
    case ([x, *_],): print(x)

# Order of look-ups in mapping and class patterns.
class Loud(dict):
    def get(self, key, default=None):
        print("get", key)
        return super().get(key, default)
    def keys(self):
        print("keys")
        return super().keys()
match Loud(a=1, b=2):
    case {"a": 1, "c": _}: print("no")
    case {"a": x, **rest}: print(x, rest)
class Eq:
    def __eq__(self, other):
        print("eq", other)
        return other == 2
match Eq():
    case 1: pass
    case 2: print("equal to two")

def attempt(f, *args):
    try:
        print(repr(f(*args)))
    except Exception as error:
        print(type(error).__name__, error, sep=": ")
def too_many(value):
    match value:
        case Point(1, 2, 3): pass
def no_args(value):
    match value:
        case int(1, 2): pass
def not_class(value):
    match value:
        case describe(): pass
def bad_match_args(value):
    class Bad: __match_args__ = ["x"]
    class Odd: __match_args__ = (5,)
    match Bad() if value else Odd():
        case Bad(1): pass
        case Odd(1): pass
def double(value):
    match value:
        case Slots(1, first=2): pass
class Plain: pass
def plain(value):
    match value:
        case Plain(1): pass
attempt(too_many, Point(1, 2))
attempt(no_args, 1)
attempt(not_class, 1)
attempt(bad_match_args, True)
attempt(bad_match_args, False)
attempt(double, Slots(1, 2))
attempt(plain, Plain())

for case in ["x", "_ | 1", "a | b", "[a, a]", "{**rest, 'a': 1}", "{'a': 1, 'a': 2}", "[*a, *b]", "f(x=1, x=2)", "1 as _", "f(x=1, 2)",
             "{**_}", "-x", "1 + 1", "a.b as c.d", "f'x'", "(x, y) | z"]:
    try:
        compile(f"match v:\n case {case}: pass\n case 0: pass", "<m>", "exec")
        print("fine:", case)
    except SyntaxError as error:
        print(f"{case}: {error}")
match = {"match": 1}
case = match
type = case
print(match["match"], case, type)
