"""Statements: loops with else, unpacking, chained comparison, short circuits, assert, conditional imports, walrus."""
import sys


def attempt(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except BaseException as error:
        print(type(error).__name__, error, sep=": ")


def find(n, values):
    for v in values:
        if v == n:
            break
    else:
        return "not found"
    return "found"


print(find(2, [1, 2]), find(3, [1, 2]), find(1, []))
count = 0
while count < 5:
    count += 1
    if count == 2:
        continue
    if count == 4:
        break
else:
    count = "never"
print(count)
while (line := [3, 2, 1, 0][count - 4]) > 2:
    count += 1
print(line, count)


def nested_breaks():
    out = []
    for i in range(4):
        for j in range(4):
            if j == 2:
                break
            if (i + j) % 2:
                continue
            out.append((i, j))
        else:
            out.append("no break")
        if i == 2:
            break
    return out


print(nested_breaks())

log = []
def value(name, result):
    log.append(name)
    return result


print(
    value("a", 0) and value("b", 1), value("c", 1) or value("d", 2), not value("e", []),
    value("f", 1) if value("g", 0) else value("h", 2),
)
print(log)
log.clear()
print(
    value("x", 1) < value("y", 3) < value("z", 2) < value("never", 9), 1 < 2 == 2 != 3 in [3] is not None,
    (1 < 2) == True,
)
print(log)
print(0 or "" or [] or None, 1 and "x" and [0], None or 0, "" and 1, not not "a", 5 if [] else 6 if {} else 7)

a = b = [1]
b.append(2)
print(a, a is b)
a, b = b, 3
(c, [d, *e]), f = (1, "xyz"), 2
[g, h] = range(2)
x, = [9]
first, (*middle,), last = 1, [2, 3], 4
print(a, b, c, d, e, f, g, h, x, middle)
d = {}
d["k"], d["j"] = d, 5
i, seq = 0, [0, 0, 0]
i, seq[i] = 1, "after"
print(d["j"], seq)
seq[0], seq[1:] = seq[2], [7, 8, 9]
print(seq)
for k, (l, *m) in [(1, (2, 3, 4)), (5, "ab")]:
    print(k, l, m)
for d["loop"] in range(3):
    pass
for seq[0] in "ab":
    pass
print(d["loop"], seq)
n = 5
n += n
n -= 1
n *= 2
n //= 4
n **= 3
n %= 50
n <<= 2
n |= 3
n &= 0xFF
n ^= 1
n >>= 1
n /= 4
print(n)
t = ([1], 2)
try:
    t[0] += [5]
except TypeError as error:
    print(error, t)


def asserts(v):
    assert v, f"value was {v!r}"
    assert isinstance(v, int), (v, "tuple message")
    return "fine"


attempt(asserts, 1)
attempt(asserts, 0)
attempt(asserts, "s")
attempt(lambda: exec("assert 0"))


def many_returns(n):
    if n < 0:
        return
    elif n == 0:
        return "zero"
    else:
        for i in range(n):
            while True:
                try:
                    if i == 2:
                        return "two", i
                    break
                finally:
                    n += 1
    return "end"


print(many_returns(-1), many_returns(0), many_returns(2), many_returns(5))


def finally_overrides():
    while True:
        try:
            raise ValueError
        except ValueError:
            try:
                continue_flag = True
            finally:
                break
    for _ in range(2):
        try:
            return "lost"
        finally:
            return "kept"


print(finally_overrides())
def try_else(n):
    out = []
    try:
        out.append("try")
        if n == 1:
            raise KeyError("k")
        if n == 2:
            return out
    except KeyError:
        out.append("except")
    else:
        out.append("else")
    finally:
        out.append("finally")
    return out


print(try_else(0), try_else(1), try_else(2))
pass
...
"expression statement"
5
if True:
    one_line = 1
    two = 2
print(one_line, two)
class Empty: ...
def stub(): ...
print(stub(), Empty.__name__, 1 if True else 1 / 0)
print([*range(3), *"ab"], {**{"a": 1}, "b": 2, **{"a": 3}}, (*[], 1), {*[1], *[1, 2]}, [*{}, *()])
print(1_000 + 0b11 + 0o7 + 0xF, 1e3, .5, 5., 1_0.0_1e1_0, 3j, 'a' "b" """c""" r'\d', b'x' rb'\y', "\
joined", """multi
line""".split())
if (z := 10) > 5 and (w := z * 2): print(z, w)
print([y := 1, y ** 2], (q := 5) + q, {(k := "key"): k})
print(sys.version_info >= (3, 14), __name__ == "__main__", __debug__)
type = match = case = _ = 3
print(type, match, case, _)
lambda_list = [
    (lambda x, *a, y=2, **k: (x, a, y, k))(1, 2, y=3, z=4), (lambda: (yield))().__class__.__name__,
    (lambda *, a: a)(a=1),
]
print(lambda_list)
def outer():
    def recurse(n): return 1 if n <= 1 else n * recurse(n - 1)
    return recurse(20)
print(outer())
def shadow(print): return print * 2
print(shadow(4))
try:
    for v in iter(lambda: (_ for _ in ()).throw(StopIteration("not swallowed")), None): pass
except StopIteration as error:
    print("stop", error)
sys.exit("last words")
