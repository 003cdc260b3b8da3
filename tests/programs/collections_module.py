"""collections: deque, Counter, OrderedDict, defaultdict, ChainMap, User*, abc; heapq, bisect, graphlib."""
import bisect
import collections
import collections.abc as abc
import copy
import graphlib
import heapq
from collections import ChainMap, Counter, OrderedDict, UserDict, UserList, UserString, defaultdict, deque

def attempt(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except Exception as error:
        print(type(error).__name__, error, sep=": ")


d = deque([1, 2, 3], maxlen=4)
d.append(4)
d.append(5)
d.appendleft(0)
d.extend("xy")
d.extendleft("ab")
print(
    d, d.maxlen, len(d), d[0], d[-1], d.rotate(1), d, d.rotate(-2), d, d.pop(), d.popleft(), d, d.count("b"),
    d.reverse(), d, d.copy() == d, "b" in d, list(reversed(d)),
)
d = deque(range(10))
d.rotate(3)
d[2] = "c"
del d[0]
d.insert(2, "i")
d.remove(5)
print(
    d, d.index("i"), d + deque([1]), d * 0, deque("ab") * 2, deque([1, 2]) < deque([1, 3]), deque() == deque(),
    deque([1]) == [1], deque([1], 5), copy.copy(d) is d, d.clear(), d,
)
for f, *args in [
    (deque().pop,), (deque().popleft,), (deque([1]).remove, 2), (deque([1]).index, 5), (lambda: deque()[0],),
    (lambda: deque([1])["a"],), (lambda: deque([1])[0:1],), (deque, 5), (deque, [], -1), (deque, [], "a"),
    (lambda: deque([1], 1).insert(0, 2),), (hash, deque()), (lambda: deque() + [1],), (deque().rotate, "x"),
    (deque, 1, 2, 3),
]:
    attempt(f, *args)
def mutate():
    q = deque([1, 2, 3])
    for x in q: q.append(x)
attempt(mutate)
e = deque([1])
e.append(e)
print(e)

c = Counter("abracadabra")
print(
    c, c["z"], c.most_common(2), sorted(c.elements()), c.total(), c + Counter(a=1, z=2), c - Counter(a=10),
    c & Counter("aabbb"), c | Counter("zz"), +Counter(a=-1, b=1), -Counter(a=-1), Counter(a=1) == Counter(a=1, b=0),
    Counter(a=1) <= Counter(a=2), c.update("aaa"), c["a"], c.subtract({"a": 100}), c["a"], Counter({"x": 1.5}),
    Counter([1, 1, 2]).most_common(), Counter(a=1, b=2).copy(), Counter(),
)
del c["nope"]
attempt(Counter, 5)
attempt(Counter.fromkeys, "a")
attempt(Counter, 1, 2)
dd = defaultdict(list, {"k": [1]})
dd["new"].append(2)
print(
    dd, dd.default_factory, dd.get("zz"), "zz" in dd, dd["zz"], dd | {"q": 1}, copy.copy(dd) == dd,
    defaultdict(int)["x"], defaultdict(lambda: "v")["a"],
)
attempt(lambda: defaultdict()["x"])
attempt(defaultdict, 5)
attempt(lambda: defaultdict(lambda: 1 / 0)["a"])
o = OrderedDict(a=1, b=2, c=3)
o.move_to_end("a")
o.move_to_end("c", last=False)
print(
    o, o.popitem(), o.popitem(last=False), o, OrderedDict(a=1, b=2) == OrderedDict(b=2, a=1),
    OrderedDict(a=1) == {"a": 1}, list(reversed(o)), o | {"z": 1}, OrderedDict.fromkeys("ab"), OrderedDict(),
)
attempt(o.move_to_end, "zz")
attempt(OrderedDict().popitem)
attempt(lambda: [o.update(n=1) or o.pop(k) for k in o])
m = ChainMap({"a": 1}, {"a": 2, "b": 3})
m["c"] = 4
print(m, m["a"], m["b"], len(m), sorted(m), m.maps[0], m.new_child({"a": 0})["a"], m.parents, dict(m), "zz" in m)
attempt(lambda: m["zz"])
attempt(m.__delitem__, "b")
attempt(m.pop, "b")
class Upper(UserDict):
    def __setitem__(self, k, v): super().__setitem__(k.upper(), v)
class L(UserList): pass
class S(UserString):
    def shout(self): return self.upper() + "!"
u = Upper(a=1)
u.update(b=2)
print(
    u, u["A"], L([1, 2]) + [3], type(L([1])[:]).__name__, S("x").shout(), S("a") + "b", L([2, 1]) == [2, 1],
    repr(S("q")),
)

class MySeq(abc.Sequence):
    def __getitem__(self, i): return "xyz"[i]
    def __len__(self): return 3
class MyMap(abc.MutableMapping):
    def __init__(self): self.d = {}
    def __getitem__(self, k): return self.d[k]
    def __setitem__(self, k, v): self.d[k] = v
    def __delitem__(self, k): del self.d[k]
    def __iter__(self): return iter(self.d)
    def __len__(self): return len(self.d)
class MySet(abc.Set):
    def __init__(self, v): self.v = list(v)
    def __contains__(self, x): return x in self.v
    def __iter__(self): return iter(self.v)
    def __len__(self): return len(self.v)
s, t, z = MySeq(), MyMap(), MySet([1, 2, 3])
t.update(a=1)
print(
    s.index("y"), s.count("z"), list(reversed(s)), "x" in s, t.setdefault("b", 2), t.pop("a"), list(t.items()),
    t == {"b": 2}, t.keys(), sorted(z & {2, 9}), sorted(z - {1}), z <= {1, 2, 3}, z.isdisjoint([7]),
    sorted(z | {4}), t.popitem(),
)
attempt(t.popitem)
attempt(s.index, "q")
attempt(abc.Sequence)
attempt(type("Half", (abc.Sized, abc.Iterable), {"__len__": len}))
for kind in (
    "Hashable", "Iterable", "Sized", "Container", "Sequence", "MutableSequence", "Mapping", "Set", "Callable",
    "Iterator", "Generator", "Reversible", "Collection", "Buffer", "Awaitable",
):
    k = getattr(abc, kind)
    print(
        kind,
        [isinstance(v, k) for v in (1, "s", [], (), {}, set(), range(1), iter([]), len, (i for i in ""), b"")],
        end="; ",
    )
print()
print(
    issubclass(dict, abc.MutableMapping), abc.Sequence.register(Counter) is Counter,
    issubclass(Counter, abc.Sequence), abc.Callable[[int], str], abc.Mapping[str, int],
)

h = [5, 1, 8, 3, 2]
heapq.heapify(h)
heapq.heappush(h, 0)
print(
    h, heapq.heappop(h), heapq.heappushpop(h, 9), heapq.heapreplace(h, 4),
    [heapq.heappop(h) for _ in range(len(h))], heapq.nlargest(2, [4, 9, 1]), heapq.nsmallest(2, "dcab", key=ord),
    list(heapq.merge([1, 4], [2, 3])), list(heapq.merge("db", "ca", reverse=True)),
)
attempt(heapq.heappop, [])
attempt(heapq.heapify, (1,))
attempt(heapq.heappush, [1], "a")
x = [3, 1, 2]
heapq.heapify_max(x)
print(x[0], heapq.heappop_max(x))
b = [1, 3, 3, 5]
print(
    bisect.bisect(b, 3), bisect.bisect_left(b, 3), bisect.bisect_right(b, 9), bisect.insort(b, 4), b,
    bisect.bisect(b, 3, 0, 2), bisect.bisect_left(["a", "bb", "ccc"], 2, key=len),
)
attempt(bisect.bisect, b, "x")
attempt(bisect.bisect, b, 1, -1)
attempt(bisect.bisect, 5, 1)
g = graphlib.TopologicalSorter({"d": {"b", "c"}, "b": {"a"}, "c": {"a"}})
order = list(g.static_order())
print(order[0], order[-1], sorted(order))
attempt(lambda: list(graphlib.TopologicalSorter({"a": ["b"], "b": ["a"]}).static_order()))
