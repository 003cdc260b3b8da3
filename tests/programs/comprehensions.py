"""Comprehensions: scopes, nesting, conditions, walrus, class bodies, errors inside."""

def attempt(f, *args):
    try:
        print(repr(f(*args)))
    except Exception as error:
        print(type(error).__name__, error, sep=": ")


print(
    [x * y for x in range(1, 4) for y in range(x, 4)], {x % 3 for x in range(10)},
    {k: v for k, v in zip("abc", range(3))},
)
print([[i * j for j in range(3)] for i in range(3)], [x for row in [[1, 2], [3]] for x in row if x != 2 if x])
x = "outer"
squares = [x * x for x in range(3)]
print(x, squares)
print([y := 5, y ** 2], y)
print([total := total + v for v in range(5)] if (total := 0) is not None else None, total)
print([(a, b) for a, *b in ["abc", "d"]], [k for k, in [(1,), (2,)]], [f(3) for f in [lambda n: n + 1, str]])


def scopes(n):
    outer = [lambda: i + n for i in range(3)]
    inner = [[(lambda: (i, j))() for j in range(2)] for i in range(2)]
    return [f() for f in outer], inner, "i" in locals()
print(scopes(10))


class Body:
    base = 3
    values = [1, 2]
    direct = [v for v in values]
    try:
        uses = [v * base for v in values]
    except NameError as error:
        uses = str(error)
    through = [v * b for v, b in zip(values, [base] * 2)]
    names = [n for n in locals() if not n.startswith("_")]
print(Body.direct, Body.uses, Body.through, Body.names)


def order():
    log = []
    def note(v):
        log.append(v)
        return v
    {note("k1"): note("v1"), **{note("k2"): note("v2")}}
    [note(i) for i in (note("iter"), note("able")) if note("cond")]
    return log
print(order())


def local_names():
    a = 1
    return [sorted(locals()) for b in range(2)], sorted(locals())
print(local_names())


def restores():
    i = "kept"
    result = [i for i in range(3)]
    try:
        [1 / i for i in (2, 0)]
    except ZeroDivisionError:
        pass
    return i, result
print(restores())


def unbound():
    [q for _ in range(1)]
    q = 1
attempt(unbound)
attempt(lambda: [undefined for _ in [1]])
attempt(lambda: [i for i in 5])
attempt(lambda: {[]: 1 for _ in [1]})
attempt(lambda: {[] for _ in [1]})
attempt(lambda: [a for a, b in [(1, 2, 3)]])
attempt(lambda: [a for a, b in [1]])


def gen_in_comp():
    return [list(x for x in range(n)) for n in range(4)]
print(gen_in_comp())
def walrus_escape():
    if any((hit := n) > 5 for n in [1, 3, 7, 9]):
        return hit
print(walrus_escape())
for source in [
    "[(yield x) for x in y]", "[i := 0 for i in x]", "[[(i := 1) for j in y] for i in x]", "class A: [(z := 1) for _ in x]",
    "[x for x in (y := [1])]", "{**x for x in y}", "[*x for x in y]", "{a: b, c for a in d}", "(x for x in y, z)", "f(x for x in y, 1)",
    "[x, y for x in z]", "[for x in y]", "[x for x in]", "{x: for x in y}", "[x for 1 in y]", "[x for f() in y]", "(x := 1 for x in y)",
    "def f(): return [x async for x in y]", "[x if y for x in z]", "[x for x in y if z else w]",
]:
    try:
        compile(source, "<c>", "exec")
        print("fine:", source)
    except SyntaxError as error:
        print(f"{source}: {error.msg}")

matrix = [[1, 2, 3], [4, 5, 6]]
print(
    [[row[i] for row in matrix] for i in range(3)], sum(v for row in matrix for v in row),
    max((len(w), w) for w in ["aa", "b"]),
)
print({c: [w for w in ["apple", "bob", "avocado"] if w[0] == c] for c in "ab"})
primes = [n for n in range(2, 50) if all(n % d for d in range(2, int(n ** 0.5) + 1))]
print(primes)
print(
    [i for i in range(20) if i % 2 if i % 3], [(lambda v=v: v)() for v in "xy"], [*(c for c in "pq")], {*[1, 1]},
    (*range(2),),
)
print([(a, b, c) for a in range(1, 20) for b in range(a, 20) for c in range(b, 20) if a * a + b * b == c * c])
import sys
def depth_of_frames():
    return [sys._getframe().f_code.co_name for _ in range(1)], list(sys._getframe().f_code.co_name for _ in range(1))
print(depth_of_frames())

def fails(values):
    return {v: [10 // w
                for w in v if w > -1]
            for v in values}
fails([(1, 2), (0,)])
