"""list and tuple: slicing, mutation, sorting hooks, comparison, mutation while iterating, errors."""

def attempt(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except Exception as error:
        print(type(error).__name__, error, sep=": ")


a = list(range(10))
print(a[2:5], a[::-1], a[::3], a[-3:], a[:-20], a[100:], a[5:2], a[-1:0:-2], a[slice(None, 4)], a[True])
a[2:4] = "xyz"
a[-1:] = []
a[0:0] = [99]
a[1::4] = [0, 0, 0]
print(a, len(a))
del a[::2]
print(a)
del a[0], a[-1]
print(a)
a += (1, 2)
a *= 2
a.append([])
a.extend(x for x in "pq")
a.insert(-1, "mid")
a.insert(-100, "first")
a.insert(100, "last")
print(a, a.pop(), a.pop(0), a.pop(-2), a.index(1), a.index(1, 5), a.count(2), a.remove("p"), a)
a.reverse()
print(a, a.copy() == a, a.clear(), a)
def assign(index, value):
    x = [1, 2, 3, 4]
    x[index] = value
    return x
def delete(index):
    x = [1, 2, 3, 4]
    del x[index]
    return x
attempt(assign, 9, 1)
attempt(assign, "a", 1)
attempt(assign, slice(0, 4, 2), [1])
attempt(assign, slice(None, None, 2), 5)
attempt(assign, slice(1, 2), 5)
attempt(assign, slice(0, 2, 0), [])
attempt(assign, slice(3, 1), "ab")
attempt(assign, slice(None, None, -1), "wxyz")
attempt(delete, 9)
attempt(delete, slice(None, None, -2))
attempt(delete, 1.5)
for f, *args in [
    ([].pop,), ([1].pop, 3), ([].remove, 1), ([].index, 1), ([1, 2].index, 2, 0, 1), ([].append,),
    ([].append, 1, 2), ([].extend, 5), ([].insert, "a", 1), ([].insert, 1), (list, 5), (list, 1, 2),
    (lambda: [] + (),), (lambda: [1] * "a",), (lambda: [1] * 1.5,), (lambda: [1] * (1 << 62),), (lambda: [] < (),),
    (lambda: [1][2],), (lambda: (1,)[5],), (lambda: ()["x"],), (lambda: () + [],), (hash, []), (hash, ([],)),
    (lambda: [1, "a"] < [1, 2],), (lambda: list(x=1),), (tuple, 5), (lambda: (1,).index(2),),
    (lambda: setattr([], "x", 1),),
]:
    attempt(f, *args)
print(
    [1, 2] < [1, 3], [1] < [1, 0], [] < [0], [1, 2] == [1, 2.0], (1, "a") > (1, "A"), [1] != (1,),
    [[1], 2] == [[1], 2], (1, 2) + (3,), (0,) * 3, 2 in (1, 2), (1, 2, 3)[::-1], hash((1, 2)) == hash((1.0, 2.0)),
    tuple("ab"), tuple([1]), (), (1,), ((),),
)

# Sorting.
words = ["pear", "Fig", "apple", "fig", "Banana", "date"]
print(
    sorted(words), sorted(words, key=str.lower), sorted(words, key=len, reverse=True),
    sorted([3, 1, 2], reverse=True), sorted("hello"), sorted({3: 1, 1: 2}), sorted([(1, "b"), (1, "a"), (0, "z")]),
)
print(
    sorted([2.5, 1, 3, float("-inf")]), sorted([True, False, 2, -1]), sorted([[2], [1, 5], []]),
    sorted(["b", "a", "é", "Z"]), sorted([10 ** 20, 5, -10 ** 20]), sorted([(), (1,), (0, 5)]),
)
records = [("b", 2), ("a", 2), ("c", 1)]
records.sort(key=lambda r: r[1])
print(records)
records.sort(key=lambda r: r[1], reverse=True)
print(records)
attempt(sorted, [1, "a"])
attempt(sorted, [1, None, 2])
attempt(sorted, [1j, 2j])
attempt([3, 1].sort, 5)
attempt([3, 1].sort, key=5)
attempt(sorted, [1], cmp=1)
attempt(sorted)
def failing_key(x):
    if x == 2: raise ValueError("key of two")
    return x
broken = [3, 2, 1]
attempt(broken.sort, key=failing_key)
print(broken)
class Evil:
    def __lt__(self, other):
        victim.append(1)
        return False
victim = [Evil(), Evil(), Evil()]
attempt(victim.sort)
print(len(victim))
class Rev:
    def __init__(self, v): self.v = v
    def __lt__(self, other): return self.v > other.v
    def __repr__(self): return f"R{self.v}"
print(sorted(map(Rev, [2, 3, 1])), min(map(Rev, [2, 3, 1])), sorted(range(50), key=lambda n: (n * 37) % 50)[:8])

# Mutation while iterating; self containment; equality with side effects.
x = [1, 2, 3]
for v in x:
    if len(x) < 8: x.append(v * 10)
print(x)
x = list(range(6))
for v in x: x.remove(v)
print(x)
x = [1, 2]
x.append(x)
print(x, x[2] is x, repr((x,)))
attempt(lambda: x == [1, 2, x] )
y = [1, 2]
y.append(y)
try:
    x == y
except RecursionError as error:
    print(type(error).__name__)  # its text says how much stack was used
class Clears:
    def __eq__(self, other):
        z.clear()
        return False
z = [Clears(), Clears(), 1]
attempt(z.index, 5)
z = [Clears(), 2]
print(z.count(9), 7 in [Clears()] , [Clears(), 1] == [1, 1])
it = iter([1, 2, 3])
next(it)
print(it.__length_hint__(), list(it), list(it), next(it, "done"), list(reversed([1, 2, 3])), [*iter([1])])
it = iter(q := [1, 2])
q.clear()
print(list(it))
q.extend([5, 6])
print(list(it))

first, *rest = "hello"
print(first, rest)
*init, last = (1, 2, 3)
a, (b, *c), d = 1, "xyz", 2
print(init, last, a, b, c, d, [*range(2), *"ab", *()], (*[1], 2))
def unpack(n, value):
    if n == 1: a, b = value
    elif n == 2: a, *b, c = value
    else: (a, b), c = value
    return a, b
attempt(unpack, 1, [1])
attempt(unpack, 1, (1, 2, 3))
attempt(unpack, 1, {1: 2, 3: 4, 5: 6})
attempt(unpack, 1, iter([1, 2, 3]))
attempt(unpack, 1, None)
attempt(unpack, 2, [1])
attempt(unpack, 3, ["x", 1])
attempt(unpack, 1, "ab")
class L(list):
    def __getitem__(self, i): return "item" if isinstance(i, int) else super().__getitem__(i)
    def __repr__(self): return "L" + super().__repr__()
l = L([1, 2])
print(l, l[0], l[:], list(l), l + [3], type(l * 2).__name__, l == [1, 2], sorted(l), [*l])
import copy
print(l.copy(), copy.copy(l), type(copy.copy(l)).__name__, list.__class_getitem__(int), tuple[int, ...])
class T(tuple):
    def __new__(cls, *items): return super().__new__(cls, items)
print(T(1, 2), T(1) + T(2), type(T(1)[:]).__name__, T() == (), T(1, 2).__getnewargs__())
