"""Each operator on each pair of kinds, at a place that has got used to that pair, and then on others at the same
place: what specialized instructions do is what the general ones do."""

import itertools

VALUES = [
    0, 1, -1, 7, 61, 62, 64, 2**53 + 1, -(2**61), 2**62 - 1, -(2**62), 2**62, 2**70,
    0.0, -0.0, 1.5, -2.25, 1e76, 1e300, 1e-300, float("inf"), float("nan"),
    True, False, 1j, 2 - 3j, b"ab", b"", bytearray(b"xy"), "ab", "%s", "%d|%s",
    (1, 2), (), [1, 2], [], {1, 2}, frozenset({1}), {1: 2}, None,
]
OPERATORS = "+ - * / // % << >> & | ^ **".split()
BIG = 100


class Plain:
    pass


class Index:
    def __index__(self):
        return 2


class Text(str):
    def __rmod__(self, other):
        return "reflected " + other


def fresh(v):
    return type(v)(v) if isinstance(v, (list, set, dict, bytearray)) else v


def shown(v):
    return sorted(v) if isinstance(v, (set, frozenset)) else v


def too_much(op, x, y):
    if op in ("<<", "**"):
        return (isinstance(y, int) and y > BIG) or (isinstance(x, int) and abs(x) > BIG and op == "**")
    sequences = (str, bytes, bytearray, tuple, list)
    return op == "*" and any(
        isinstance(a, sequences) and isinstance(b, int) and b > BIG for a, b in ((x, y), (y, x))
    )


def attempt(f, x, y):
    try:
        return repr(shown(f(fresh(x), fresh(y))))
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def site(text):
    namespace = {}
    exec(text, namespace)
    return namespace["f"]


def digest(lines):
    h = 0
    for line in lines:
        for c in line:
            h = (h * 1000003 ^ ord(c)) & 0xFFFFFFFFFFFF
    return f"{h:012x}"


def sites(op):
    if op == "[]":
        return ["def f(a, b):\n    return a[b]"]
    return [f"def f(a, b):\n    return a {op} b", f"def f(a, b):\n    a {op}= b\n    return a"]


for op in OPERATORS + ["[]"]:
    for text in sites(op):
        for x in VALUES:
            lines = []
            for y in VALUES:
                f = site(text)
                for a, b in [(x, y)] * 3 + [(y, x), (1, 2), (1.5, 2.5), ("a", "b"), (3, 0.5), (True, 2), (x, y)]:
                    if not too_much(op, a, b):
                        lines.append(f"{a!r} {b!r} {attempt(f, a, b)}" if a.__class__ not in (set, frozenset) else attempt(f, a, b))
            print(op, len(text), repr(shown(x)), len(lines), digest(lines))

# Classes that answer themselves.
f = site("def f(a, b):\n    return a % b")
print([f("<%s>", x) for x in ["a", "b", "c", Text("d"), "e"]])
f = site("def f(a, b):\n    a *= b\n    return a")
for a, b in itertools.product([{1}, {1: 2}, Plain(), Index(), 2], [b"ab", "ab", (1,), [1], bytearray(b"x")]):
    print(type(a).__name__, type(b).__name__, attempt(f, a, b).replace("__main__.", ""))

# Loops that take pairs apart: what is in the pairs, how many, and what happens when they are something else.
def pairs(iterables):
    for iterable in iterables:
        try:
            for a, b in iterable:
                print(a, b, end="; ")
            print()
        except Exception as error:
            print(type(error).__name__, error)


pairs([enumerate("abc"), zip("ab", "cd", strict=True), {1: 2, 3: 4}.items(), zip("abc"), zip("ab", "cd", "ef"),
       [(1, 2), [3, 4], "56"], enumerate([], 5), zip(), {1: 2}.items(), zip("ab", "c", strict=True), [1]])
