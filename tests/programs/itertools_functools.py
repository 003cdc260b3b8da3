"""itertools, functools, operator, and the iterator builtins."""
import copy
import functools
import itertools as it
import operator as op

def attempt(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except Exception as error:
        print(type(error).__name__, error, sep=": ")


def take(n, iterable): return list(it.islice(iterable, n))
print(
    take(4, it.count(5)), take(4, it.count(1, -2)), take(3, it.count(0.5, 0.25)), take(7, it.cycle("abc")),
    list(it.repeat("x", 3)), take(2, it.repeat(1)), it.count(3), it.count(1, 2), it.repeat(5), it.repeat(5, 2),
)
print(
    list(it.accumulate([1, 2, 3, 4])), list(it.accumulate([3, 1, 2], max)), list(it.accumulate([1, 2], initial=10)),
    list(it.accumulate("abc", op.add)), list(it.chain("ab", [1], ())), list(it.chain.from_iterable(["ab", "cd"])),
    list(it.compress("abcd", [1, 0, True, ""])), list(it.dropwhile(lambda n: n < 3, [1, 3, 2])),
    list(it.takewhile(lambda n: n < 3, [1, 3, 2])), list(it.filterfalse(None, [0, 1, "", 2])),
    list(it.starmap(pow, [(2, 3), (3, 2)])), list(it.pairwise("abcd")),
    list(it.zip_longest("abc", [1], fillvalue="-")), list(it.batched("abcdefg", 3)),
    list(it.islice("abcdefg", 1, 6, 2)),
)
print(
    [(k, list(g)) for k, g in it.groupby("aaBbc", str.lower)], [k for k, g in it.groupby([1, 1, 2, 1])],
    list(it.product("ab", [1, 2])), list(it.product([0, 1], repeat=2)), list(it.permutations("abc", 2)),
    list(it.combinations("abcd", 3)), list(it.combinations_with_replacement("ab", 2)), list(it.product()),
    list(it.permutations([], 0)), list(it.combinations([1], 2)), sum(1 for _ in it.permutations(range(6))),
)
a, b, c = it.tee([1, 2, 3], 3)
print(next(a), list(b), list(a), next(c), list(copy.copy(c)), list(c), it.tee([], 0))
g = it.groupby("aab")
first = next(g)
second = next(g)
print(list(first[1]), list(second[1]), first[0])
for f, *args in [
    (it.islice, [1], -1), (it.islice, [1], 0, 5, 0), (it.islice, [1], "x"), (it.islice, [1]), (it.count, "x"),
    (it.repeat, 1, "x"), (it.combinations, "ab", -1), (it.permutations, "ab", -1), (it.product, 5), (it.chain, 5),
    (lambda: list(it.chain(5)),), (it.batched, "ab", 0), (lambda: list(it.batched("abc", 2, strict=True)),),
    (it.tee, [], -1), (it.cycle, 5), (lambda: list(it.starmap(pow, [1])),), (it.accumulate,),
    (it.zip_longest, [1], 5), (it.groupby,), (it.pairwise, 1), (it.product, [1], 2, 3),
    (lambda: it.product([1], repeat=-1),), (lambda: it.zip_longest([1], fill=2),),
    (lambda: take(2, it.filterfalse(5, [1])),),
]:
    attempt(f, *args)

print(
    list(zip("ab", [1, 2, 3])), list(zip()), list(map(op.add, [1, 2], [3, 4])), list(filter(None, [0, 1])),
    list(enumerate("ab", start=5)), list(reversed(range(3))), sum([[1], [2]], []), min([3, 1], key=lambda n: -n),
    max("a", "b"), min([], default="d"), any([]), all([]), sorted("ba"), next(iter([]), "x"),
    list(iter(iter([1, 2, 0, 3]).__next__, 0)), [*range(5, 0, -2)], list(zip([1], [2], strict=True)),
    list(map(lambda a, b: a, [1], [2], strict=True)),
)
for f, *args in [
    (zip, 5), (lambda: list(zip([1], [1, 2], strict=True)),), (lambda: list(zip([1, 2], [1], strict=True)),),
    (lambda: list(zip([1], [1], [], strict=True)),), (map, 5), (lambda: list(map(5, [1])),), (filter, None),
    (enumerate, 5), (lambda: list(enumerate([], "x")),), (reversed, {1}), (reversed, iter([])), (sum, ["a"]),
    (sum, ["a"], ""), (sum, 5), (min, []), (max, 1), (max, [1, "a"]), (min,), (iter, 5), (iter, 5, 1), (next, 5),
    (next, iter([])), (sorted, 5), (range, 1.5), (range, 1, 2, 0), (range,), (lambda: range(5)[10],),
    (range(5).index, 9), (lambda: max([1], [2], default=0),), (any, 5),
]:
    attempt(f, *args)
r = range(10, 0, -3)
print(
    r, len(r), r[1], r[-1], r[1:], 7 in r, 6 in r, r.index(4), r.count(1), r == range(10, -1, -3),
    hash(range(0)) == hash(range(5, 5)), range(3).start, list(r[::-1]), range(0, 10 ** 30, 10 ** 29)[5],
    len(range(0)), bool(range(0)), 5.0 in range(6), reversed(range(4)),
)
attempt(len, range(10 ** 30))
class Seq:
    def __getitem__(self, i):
        if i > 3: raise IndexError
        return i * i
    def __len__(self): return 4
print(
    list(Seq()), 9 in Seq(), list(reversed(Seq())), max(Seq()), op.indexOf(Seq(), 4), op.length_hint(Seq()),
    op.countOf(Seq(), 1),
)
class BadIter:
    def __iter__(self): return 5
class Hint:
    def __iter__(self): return iter([1, 2])
    def __length_hint__(self): return -1
attempt(iter, BadIter())
attempt(list, Hint())
attempt(lambda: 5 in 5)

@functools.lru_cache(maxsize=2)
def square(n, *, plus=0):
    calls.append(n)
    return n * n + plus
calls = []
square(1)
square(1)
square(2)
square(3)
square(1)
square(1, plus=1)
print(
    calls, square.cache_info(), square.cache_parameters(), square.__wrapped__.__name__, square.cache_clear(),
    square.cache_info(),
)
attempt(square, [])
attempt(functools.lru_cache, "x")
print(functools.lru_cache(typed=True)(lambda x: type(x).__name__)(1.0))
fib = functools.cache(lambda n: n if n < 2 else fib(n - 1) + fib(n - 2))
print(fib(80))
p = functools.partial(int, base=2)
q = functools.partial(print, "a", sep="-")
print(p("101"), p, q.func is print, q.args, q.keywords, functools.partial(q, "b").args)
q("c", end="!\n")
print(functools.partial(pow, functools.Placeholder, 2)(5))
attempt(functools.partial)
attempt(functools.partial, 5)
attempt(p)
print(
    functools.reduce(op.mul, [1, 2, 3, 4]), functools.reduce(op.add, [], "init"),
    functools.cmp_to_key(lambda a, b: b - a)(1) < functools.cmp_to_key(lambda a, b: b - a)(0),
    sorted([1, 3, 2], key=functools.cmp_to_key(lambda a, b: b - a)),
)
attempt(functools.reduce, op.add, [])
@functools.singledispatch
def show(x): return "object"
@show.register
def _(x: int): return "int"
@show.register(list)
@show.register(tuple)
def _(x): return "sequence"
print(
    show(1), show([]), show(()), show("s"), show(True), show.dispatch(bool).__name__,
    sorted(k.__name__ for k in show.registry),
)
attempt(show)
attempt(show.register, 5)
class Lazy:
    @functools.cached_property
    def value(self):
        print("computed")
        return 7
    @functools.singledispatchmethod
    def m(self, x): return "base"
    @m.register
    def _(self, x: str): return "str"
    def base(self, a, b): return a, b
    part = functools.partialmethod(base, 1)
l = Lazy()
print(l.value, l.value, vars(l), l.m(1), l.m("x"), l.part(2))
@functools.total_ordering
class V:
    def __init__(self, n): self.n = n
    def __eq__(self, o): return self.n == o.n
    def __lt__(self, o): return self.n < o.n
print(V(1) <= V(1), V(2) > V(1), V(1) >= V(2), functools.wraps(show)(lambda: 1).__name__)
print(
    op.itemgetter(1, -1)("abc"), op.attrgetter("real", "imag")(3), op.attrgetter("__class__.__name__")(5),
    op.methodcaller("split", ",")("a,b"), op.concat([1], [2]), op.truth([]), op.not_(1), op.index(True),
    op.contains("ab", "a"), op.itemgetter(slice(1))("ab"), op.iadd([1], [2]), op.is_not(1, None),
    op.call(max, 1, 2), repr(op.itemgetter(1)), repr(op.methodcaller("f", 1, k=2)),
)
attempt(op.itemgetter)
attempt(op.attrgetter, 5)
attempt(op.add, 1)
attempt(op.itemgetter(5), "a")
attempt(op.index, 1.5)
